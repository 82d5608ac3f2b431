/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Performance monitors (DDI 0406C C12, DDI 0487 D11), registers of both states: the cycle counter counts nanoseconds of virtual time,
 * events do not count (PMCR.N is 0).
 */
#include "config.h"
#include "softmmu/machine.h"
#include "target-arm/cpus.h"
#include "target-arm/sysregs.h"
#include "util/clock.h"

enum pmcr { PMCR_E = 1, PMCR_C = 4, PMCR_KEPT = 0x39, PMCR_IMP_ARM = 0x41 << 24 };

static uint64_t cycles(const struct arm_cpu *a)
{
    return (uint64_t)clock_ns(a->cpu.machine->clock);
}

uint64_t arm_pmcr_read(struct arm_cpu *a)
{
    return a->cp15.pmcr | PMCR_IMP_ARM | (a->model->midr & 0xff0) << 12;
}

void arm_pmcr_write(struct arm_cpu *a, uint64_t val)
{
    if (val & PMCR_C)
        a->cp15.pmccntr_base = cycles(a);
    a->cp15.pmcr = val & PMCR_KEPT;
}

uint64_t arm_pmccntr64_read(struct arm_cpu *a)
{
    return cycles(a) - a->cp15.pmccntr_base;
}

uint64_t arm_pmccntr_read(struct arm_cpu *a)
{
    return (uint32_t)arm_pmccntr64_read(a);
}

void arm_pmccntr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.pmccntr_base = cycles(a) - val;
}

#define SET_CLEAR(reg, field)                                        \
    void arm_##reg##set_write(struct arm_cpu *a, uint64_t val)      \
    {                                                                \
        a->cp15.field |= (uint32_t)val;                              \
    }                                                                \
    void arm_##reg##clr_write(struct arm_cpu *a, uint64_t val)      \
    {                                                                \
        a->cp15.field &= ~(uint32_t)val;                             \
    }
SET_CLEAR(pmcnten, pmcnten)
SET_CLEAR(pminten, pminten)

void arm_pmovsclr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.pmovsr &= ~(uint32_t)val;
}

void arm_pmovsset_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.pmovsr |= (uint32_t)val;
}

uint64_t arm_pmxevtyper_read(struct arm_cpu *a)
{
    return a->cp15.pmxevtyper[a->cp15.pmselr & 31];
}

void arm_pmxevtyper_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.pmxevtyper[a->cp15.pmselr & 31] = (uint32_t)val;
}

uint64_t arm_pmxevcntr_read(struct arm_cpu *a)
{
    return a->cp15.pmxevcntr[a->cp15.pmselr & 31];
}

void arm_pmxevcntr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.pmxevcntr[a->cp15.pmselr & 31] = (uint32_t)val;
}
