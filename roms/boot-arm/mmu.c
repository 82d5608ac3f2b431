/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address translation: short descriptors, sections of 1 MiB (ARM DDI 0406C B3.5). Devices and RAM at their own addresses,
 * the first megabyte of RAM once more at ALIAS, nothing elsewhere. And what happens at a data abort.
 */
#include "roms/boot-arm/demo.h"

#define RAM 0x40000000u
#define RAM_SECTIONS 1024u
#define DEVICES 0x08000000u
#define DEVICE_SECTIONS 64u
#define ALIAS 0x90000000u

enum section { SECTION = 2, SECTION_B = 1 << 2, SECTION_C = 1 << 3, SECTION_XN = 1 << 4, SECTION_FULL_ACCESS = 3 << 10,
               SECTION_TEX1 = 1 << 12, SECTION_S = 1 << 16 };
#define NORMAL (SECTION | SECTION_TEX1 | SECTION_C | SECTION_B | SECTION_S | SECTION_FULL_ACCESS)
#define DEVICE (SECTION | SECTION_B | SECTION_XN | SECTION_FULL_ACCESS)

extern uint32_t translation_table[4096];
extern char probe_load[];
volatile uint32_t probe_faults, fault_address, fault_status;

static void map(uint32_t va, uint32_t pa, uint32_t sections, uint32_t attributes)
{
    for (uint32_t i = 0; i < sections; i++)
        translation_table[(va >> 20) + i] = (pa + (i << 20)) | attributes;
}

void mmu_init(void)
{
    uint32_t v;

    for (uint32_t i = 0; i < 4096; i++)
        translation_table[i] = 0;
    map(DEVICES, DEVICES, DEVICE_SECTIONS, DEVICE);
    map(RAM, RAM, RAM_SECTIONS, NORMAL);
    map(ALIAS, RAM, 1, NORMAL);
    __asm__ volatile("dsb\n\t"
                     "mcr p15, 0, %0, c2, c0, 2\n\t"        /* TTBCR: short descriptors, all by TTBR0 */
                     "mcr p15, 0, %1, c2, c0, 0\n\t"        /* TTBR0 */
                     "mcr p15, 0, %2, c3, c0, 0\n\t"        /* DACR: domain 0 client */
                     "mcr p15, 0, %0, c8, c7, 0\n\t"        /* TLBIALL */
                     "dsb\n\tisb"
                     : : "r"(0), "r"(translation_table), "r"(1) : "memory");
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(v));
    v |= 1 << 0 | 1 << 2 | 1 << 11 | 1 << 12;                 /* M, C, Z, I */
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 0; isb" : : "r"(v) : "memory");
}

uint32_t mmu_alias(const void *p)
{
    return (uint32_t)p - RAM + ALIAS;
}

uint32_t data_abort(uint32_t pc)
{
    uint32_t address, status;

    __asm__("mrc p15, 0, %0, c6, c0, 0" : "=r"(address));     /* DFAR */
    __asm__("mrc p15, 0, %0, c5, c0, 0" : "=r"(status));      /* DFSR */
    fault_address = address;
    fault_status = status;
    if (pc != (uint32_t)probe_load)
        unexpected(4, pc);
    probe_faults++;
    return pc + 4;
}

void unexpected(uint32_t vector, uint32_t pc)
{
    put("\nDEMO-FAILED: unexpected exception, vector ");
    put_number(vector);
    put(" at ");
    put_hex(pc);
    if (vector == 4) {
        put(", address ");
        put_hex(fault_address);
    }
    put("\n");
    power_off();
}
