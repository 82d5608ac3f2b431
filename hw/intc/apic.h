/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APICs: an "apic-bus", which all of them and the I/O APICs talk through, and an "apic" for each CPU, whose parent_bus it is.
 *
 * apic-bus: mmio 0: 0xfee00000, 1 MiB; each CPU finds its own APIC's registers there. apic: properties cpu (index), id, x2apic. Inputs 0, 1:
 * LINT0 (the 8259A pair's INTR), LINT1 (NMI). Outputs: by enum x86_line up to X86_SIPI, to the CPU's inputs. The board puts apic_cpu_ops and
 * the apic into cpu->apic and cpu->apic_opaque.
 *
 * Everything runs with the device lock held.
 */
#ifndef HW_INTC_APIC_H
#define HW_INTC_APIC_H

#include <stdbool.h>
#include <stdint.h>
#include "softmmu/apic-link.h"

struct device;

#define APIC_BASE 0xfee00000u
#define APIC_SIZE 0x100000u
#define APIC_NOUT (X86_SIPI + 1)

enum apic_mode {
    APIC_FIXED = 0, APIC_LOWEST = 1, APIC_SMI = 2, APIC_NMI = 4, APIC_INIT = 5, APIC_SIPI = 6, APIC_EXTINT = 7,
};

/* What goes over the bus. */
struct apic_message {
    uint32_t dest;           /* an ID, or with logical a set; all: 0xff, or with wide 0xffffffff */
    bool logical, wide;      /* wide: 32 bits, from an x2APIC */
    uint8_t mode, vector;    /* enum apic_mode */
    bool level;              /* level-triggered: its EOI is told to the I/O APICs */
};

extern const struct cpu_apic_ops apic_cpu_ops;

/* The controllers that answer when an APIC acknowledges ExtINT; an i8259. */
void apic_set_pic(struct device *bus, struct device *pic);
/* Who wants to hear of the end of level-triggered interrupts; at most 8. */
void apic_add_eoi(struct device *bus, void (*eoi)(struct device *to, uint8_t vector), struct device *to);
/* False: nobody took it. */
bool apic_deliver(struct device *bus, const struct apic_message *msg);
/* A message-signalled interrupt: a write of data to 0xfeexxxxx. bus: the apic-bus. The type suits pci_host_set_msi_write. */
void apic_msi(void *bus, uint64_t addr, uint32_t data);

#endif
