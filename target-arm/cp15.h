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

/* What the Security Extensions bank (B3.15.3). MAIR0 and MAIR1 are PRRR and NMRR, too. */
#define ARM_CP15_BANKED                              \
    uint32_t csselr, sctlr, actlr, fcseidr;          \
    uint64_t ttbr0, ttbr1, par;                      \
    uint32_t ttbcr, dacr;                            \
    uint32_t dfsr, ifsr, adfsr, aifsr, dfar, ifar;   \
    uint32_t mair0, mair1, amair0, amair1;           \
    uint32_t vbar, contextidr;                       \
    uint32_t tpidrurw, tpidruro, tpidrprw;
struct arm_cp15_bank {
    ARM_CP15_BANKED
};

struct arm_cp15 {
    /* The bank that SCR.NS selects for MCR and MRC, and the one of the other security state. Monitor mode runs with the Secure
     * one whatever NS is: arm_bank. */
    union {
        struct arm_cp15_bank bank;
        struct {
            ARM_CP15_BANKED
        };
    };
    struct arm_cp15_bank other;
    uint32_t cpacr;
    /* Security Extensions */
    uint32_t scr, sder, nsacr, mvbar;
    /* Virtualization Extensions (B4.1, names as there) */
    uint32_t vpidr, vmpidr, hsctlr, hactlr, hcr, hdcr, hcptr, hstr, hacr, htcr, vtcr, hadfsr, haifsr, hsr, hdfar, hifar, hpfar;
    uint32_t hmair0, hmair1, hamair0, hamair1, hvbar, htpidr, cnthctl;
    uint64_t httbr, vttbr;
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
