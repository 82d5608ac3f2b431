/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storage of the AArch32 system registers (DDI 0406C B4, B6; names are the manual's). Rows of sysregs.inc point in here. */
#ifndef TARGET_ARM_CP15_H
#define TARGET_ARM_CP15_H

#include <stdint.h>

struct arm_timer_regs {
    uint64_t cval;           /* in counts */
    uint32_t ctl;            /* ENABLE, IMASK; ISTATUS is computed */
};

enum { ARM_TIMER_PHYS, ARM_TIMER_VIRT, ARM_TIMER_HYP, ARM_TIMER_SEC, ARM_TIMER_HYPVIRT, ARM_NTIMERS };

#define ARM_NDEBUG 16

struct arm_cp15 {
    uint32_t csselr, sctlr, actlr, cpacr;
    uint64_t ttbr0, ttbr1, par;
    uint32_t ttbcr, dacr;
    uint32_t dfsr, ifsr, adfsr, aifsr, dfar, ifar;
    uint32_t mair0, mair1, amair0, amair1;      /* PRRR and NMRR too */
    uint32_t vbar, fcseidr, contextidr;
    uint32_t tpidrurw, tpidruro, tpidrprw;
    uint32_t teecr, teehbr, jmcr, joscr;
    uint32_t l2ctlr_unused, l2ectlr, cbar;
    uint32_t cntkctl, cntfrq;
    uint64_t cntvoff;
    struct arm_timer_regs timer[ARM_NTIMERS];
    uint32_t pmcr, pmcnten, pmovsr, pmselr, pmuserenr, pminten;
    uint64_t pmccntr_base;   /* PMCCNTR = clock - this */
    uint32_t pmxevtyper[32], pmxevcntr[32];
    uint32_t dbgdscr, dbgvcr, dbgprcr, dbgosdlr, dbgoslk, dbgdtr, dbgclaim;
    uint32_t dbgbvr[ARM_NDEBUG], dbgbcr[ARM_NDEBUG], dbgwvr[ARM_NDEBUG], dbgwcr[ARM_NDEBUG];
};

#endif
