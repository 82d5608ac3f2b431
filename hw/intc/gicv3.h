/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boards need to know to wire an arm-gicv3: its lines, frames, and the registers that it answers for the CPUs. */
#ifndef HW_INTC_GICV3_H
#define HW_INTC_GICV3_H

#include <stdbool.h>
#include <stdint.h>

struct device;

#define GICV3_INTERNAL 32        /* SGIs 0-15 and PPIs 16-31, one set per CPU */
#define GICV3_REDIST_SIZE 0x20000

/* Inputs: SPI n (interrupt ID 32 + n) is input n; then 32 per CPU, of which 16-31 are its PPIs. */
#define GICV3_IN_PPI(num_irq, cpu, id) ((num_irq) - GICV3_INTERNAL + (cpu) * GICV3_INTERNAL + (id))
/* Outputs of each CPU: IRQ, FIQ, and for its virtual machine VIRQ, VFIQ and the maintenance interrupt (a PPI, by custom 25). */
enum gicv3_line { GICV3_IRQ, GICV3_FIQ, GICV3_VIRQ, GICV3_VFIQ, GICV3_MAINTENANCE, GICV3_LINES };
#define GICV3_OUT(cpu, line) (GICV3_LINES * (cpu) + (line))

/* After realize: the redistributors' frames, GICV3_REDIST_SIZE each, from paddr on in the order of CPUs. */
void gicv3_map_redistributors(struct device *gic, uint64_t paddr);
/* A CPU's place, as in struct cpu; before the first reset. */
void gicv3_set_affinity(struct device *gic, unsigned cpu, uint64_t affinity);

/* struct cpu_sysreg_ops, with the arm-gicv3 as opaque. They take the device lock. */
bool gicv3_sysreg_has(void *gic, unsigned reg, bool write);
uint64_t gicv3_sysreg_read(void *gic, unsigned cpu, unsigned reg);
void gicv3_sysreg_write(void *gic, unsigned cpu, unsigned reg, uint64_t val);

/* The ITS (arm-gicv3-its; mmio 0 is both its frames): which arm-gicv3 it belongs to, before realize. */
void gicv3_its_set_gic(struct device *its, struct device *gic);
/* A message of a device with this ID: what arrives at GITS_TRANSLATER. Device lock held. */
void gicv3_its_message(struct device *its, uint32_t device_id, uint32_t event_id);
/* Offset of GITS_TRANSLATER in mmio 0. */
#define GICV3_ITS_TRANSLATER 0x10040

#endif
