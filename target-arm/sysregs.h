/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reads and writes of system registers do beyond storage, where AArch32 and AArch64 have it in common. */
#ifndef TARGET_ARM_SYSREGS_H
#define TARGET_ARM_SYSREGS_H

#include "target-arm/arm.h"

/* On the CPU's own thread; access was checked. A write takes the whole register, of which it keeps what can be written. */
typedef uint64_t (*sysreg_read_fn)(struct arm_cpu *a);
typedef void (*sysreg_write_fn)(struct arm_cpu *a, uint64_t val);

/* Performance monitors (pmu.c) */
uint64_t arm_pmcr_read(struct arm_cpu *a);
void arm_pmcr_write(struct arm_cpu *a, uint64_t val);
uint64_t arm_pmccntr_read(struct arm_cpu *a);        /* 32 bits */
uint64_t arm_pmccntr64_read(struct arm_cpu *a);
void arm_pmccntr_write(struct arm_cpu *a, uint64_t val);
void arm_pmcntenset_write(struct arm_cpu *a, uint64_t val);
void arm_pmcntenclr_write(struct arm_cpu *a, uint64_t val);
void arm_pmintenset_write(struct arm_cpu *a, uint64_t val);
void arm_pmintenclr_write(struct arm_cpu *a, uint64_t val);
void arm_pmovsclr_write(struct arm_cpu *a, uint64_t val);
void arm_pmovsset_write(struct arm_cpu *a, uint64_t val);
uint64_t arm_pmxevtyper_read(struct arm_cpu *a);
void arm_pmxevtyper_write(struct arm_cpu *a, uint64_t val);
uint64_t arm_pmxevcntr_read(struct arm_cpu *a);
void arm_pmxevcntr_write(struct arm_cpu *a, uint64_t val);

/* Generic timer (timer.c) */
#define ARM_TIMER_DECL(prefix)                                       \
    uint64_t arm_##prefix##_ctl_read(struct arm_cpu *a);             \
    void arm_##prefix##_ctl_write(struct arm_cpu *a, uint64_t val);  \
    uint64_t arm_##prefix##_tval_read(struct arm_cpu *a);            \
    void arm_##prefix##_tval_write(struct arm_cpu *a, uint64_t val); \
    uint64_t arm_##prefix##_cval_read(struct arm_cpu *a);            \
    void arm_##prefix##_cval_write(struct arm_cpu *a, uint64_t val);
ARM_TIMER_DECL(cntp)
ARM_TIMER_DECL(cntv)
ARM_TIMER_DECL(cnthp)
ARM_TIMER_DECL(cnthv)
ARM_TIMER_DECL(cntps)
#undef ARM_TIMER_DECL
uint64_t arm_cntpct_read(struct arm_cpu *a);
uint64_t arm_cntvct_read(struct arm_cpu *a);

#endif
