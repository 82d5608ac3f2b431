/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between an x86 CPU and what interrupts it: the local APIC, or, on boards without one, the 8259A pair.
 */
#ifndef SOFTMMU_APIC_LINK_H
#define SOFTMMU_APIC_LINK_H

#include <stdbool.h>
#include <stdint.h>

/* Inputs of an x86 CPU (cpu_in). NMI, INIT and SIPI are events: whoever raises the line lowers it when the CPU calls acknowledge
 * for it. INTR, SMI are levels that acknowledge may lower, too. A20M: high masks address bit 20 (port 92h, keyboard controller). */
enum x86_line { X86_INTR, X86_NMI, X86_SMI, X86_INIT, X86_SIPI, X86_A20M, X86_NLINES };

/* Outputs of an x86 CPU (cpu_connect): FERR# of the x87 unit, for IRQ 13 where CR0.NE is 0. */
enum x86_out { X86_OUT_FERR, X86_NOUT };

/* Set by the board in cpu->apic and cpu->apic_opaque before the first reset. Called on the CPU's own thread with the device
 * lock held. */
struct cpu_apic_ops {
    /* The CPU takes what the line announces. INTR: the vector, 0..255, or -1 when there is nothing any more; SIPI: the vector
     * (start page); others: any value. */
    int (*acknowledge)(void *opaque, enum x86_line line);
    /* CR8: the task priority register's class, 0..15. NULL where there is no APIC (reads 0, writes are ignored), as are the rest. */
    unsigned (*tpr)(void *opaque);
    void (*set_tpr)(void *opaque, unsigned tpr_class);
    /* IA32_APIC_BASE, 0x800..0x8ff (x2APIC), IA32_TSC_DEADLINE (in ns of the virtual clock, not
     * in counts of the TSC): false: #GP. The APIC's part of the checks is its own. */
    bool (*read_msr)(void *opaque, uint32_t index, uint64_t *val);
    bool (*write_msr)(void *opaque, uint32_t index, uint64_t val);
    /* The CPU was reset by INIT (the APIC keeps its ID and base). */
    void (*init)(void *opaque);
};

#endif
