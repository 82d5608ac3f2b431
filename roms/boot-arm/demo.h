/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The demo guest: a bare program for machine "virt" that shows what an operating system needs of it. Every part is one
 * file; main.c uses them all. One CPU runs it, so there are no locks.
 */
#ifndef ROMS_BOOT_ARM_DEMO_H
#define ROMS_BOOT_ARM_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Device registers and memory that interrupt handlers share. */
static inline uint32_t read32(uintptr_t addr)
{
    return *(volatile uint32_t *)addr;
}

static inline void write32(uintptr_t addr, uint32_t v)
{
    *(volatile uint32_t *)addr = v;
}

/* start.S */
uint32_t psci_call(uint32_t function, uint32_t a, uint32_t b, uint32_t c);
/* Load a word; a data abort leaves the register as it is and is counted in probe_faults. */
uint32_t probe(uint32_t addr, uint32_t otherwise);
/* Where another CPU starts; its context argument is the address of a word that it sets to 1 before it turns itself off. */
void secondary_entry(void);

/* console.c: the PL011 */
void console_init(void);
void console_interrupt(void);
void put_char(char c);
void put(const char *text);
void put_number(uint32_t v);
void put_hex(uint32_t v);
/* The next character typed, or -1. */
int get_char(void);

/* irq.c: GICv2 and the virtual timer */
#define TICKS_PER_SECOND 100
void irq_init(void);
/* Called from the vector with interrupts off. */
void irq_handle(void);
uint32_t ticks(void);
void wait_for_interrupt(void);

/* mmu.c */
void mmu_init(void);
/* An address that maps to the same word as the RAM address p. */
uint32_t mmu_alias(const void *p);
/* An address that is not mapped. */
#define UNMAPPED 0x80001230u
extern volatile uint32_t probe_faults, fault_address, fault_status;
/* Called from the vector: the address to go on at. */
uint32_t data_abort(uint32_t pc);
void unexpected(uint32_t vector, uint32_t pc) __attribute__((noreturn));

/* fdt.c */
void fdt_init(const void *blob);
/* A property of the root ("") or of one of its children; names are compared up to '@'. NULL if it is not there. */
const void *fdt_prop(const char *node, const char *name, uint32_t *len);
uint32_t fdt_u32(const void *p);
/* Number of children of /cpus called cpu@... */
uint32_t fdt_cpus(void);

/* sha256.c */
struct sha256 {
    uint32_t h[8];
    uint8_t block[64];
    uint32_t used;
    uint64_t bytes;
};
void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_end(struct sha256 *s, uint8_t digest[32]);

/* main.c */
void power_off(void) __attribute__((noreturn));

#endif
