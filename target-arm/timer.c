/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic timer (DDI 0406C B8, DDI 0487 D12): a 62.5 MHz system counter, and per CPU a timer of each kind. Registers are written by
 * the vCPU, expiry comes on the main loop: both under the device lock.
 */
#include "config.h"
#include "softmmu/machine.h"
#include "target-arm/sysregs.h"
#include "target-arm/system.h"
#include "util/clock.h"
#include "util/timer.h"

#define NS_PER_COUNT (1000000000u / ARM_TIMER_HZ)

enum timer_ctl { CTL_ENABLE = 1, CTL_IMASK = 2, CTL_ISTATUS = 4 };

static const uint8_t output[ARM_NTIMERS] = {
    [ARM_TIMER_PHYS] = ARM_OUT_CNTP_NS, [ARM_TIMER_VIRT] = ARM_OUT_CNTV, [ARM_TIMER_HYP] = ARM_OUT_CNTHP,
    [ARM_TIMER_SEC] = ARM_OUT_CNTP_S, [ARM_TIMER_HYPVIRT] = ARM_OUT_CNTHV };

static uint64_t offset_of(const struct arm_cpu *a, int timer)
{
    return timer == ARM_TIMER_VIRT ? a->cp15.cntvoff : 0;
}

uint64_t arm_count(const struct arm_cpu *a, int timer)
{
    return (uint64_t)clock_ns(a->cpu.machine->clock) / NS_PER_COUNT - offset_of(a, timer);
}

/* The CPU's thread writes them and then has the timer looked at; the main loop may be looking meanwhile. */
static uint32_t ctl_of(const struct arm_timer_regs *t)
{
    return __atomic_load_n(&t->ctl, __ATOMIC_RELAXED);
}

static uint64_t cval_of(const struct arm_timer_regs *t)
{
    return __atomic_load_n(&t->cval, __ATOMIC_RELAXED);
}

bool arm_timer_istatus(const struct arm_cpu *a, int timer)
{
    const struct arm_timer_regs *t = &a->cp15.timer[timer];

    return ctl_of(t) & CTL_ENABLE && arm_count(a, timer) >= cval_of(t);
}

/* Device lock held. */
static void update_locked(struct arm_cpu *a, int timer)
{
    const struct arm_timer_regs *t = &a->cp15.timer[timer];
    bool fired = arm_timer_istatus(a, timer);
    uint64_t count = cval_of(t) + offset_of(a, timer);

    irq_set(a->cpu.out[output[timer]], fired && !(ctl_of(t) & CTL_IMASK));
    if (!(ctl_of(t) & CTL_ENABLE) || fired || count > INT64_MAX / NS_PER_COUNT)
        timer_cancel(a->timer[timer]);
    else
        timer_arm(a->timer[timer], (int64_t)(count * NS_PER_COUNT));
}

void arm_timer_update(struct arm_cpu *a, int timer)
{
    machine_lock(a->cpu.machine);
    update_locked(a, timer);
    machine_unlock(a->cpu.machine);
}

static void expired_phys(void *opaque)
{
    update_locked(opaque, ARM_TIMER_PHYS);
}

static void expired_virt(void *opaque)
{
    update_locked(opaque, ARM_TIMER_VIRT);
}

static void expired_hyp(void *opaque)
{
    update_locked(opaque, ARM_TIMER_HYP);
}

static void expired_sec(void *opaque)
{
    update_locked(opaque, ARM_TIMER_SEC);
}

static void expired_hypvirt(void *opaque)
{
    update_locked(opaque, ARM_TIMER_HYPVIRT);
}

void arm_timer_init(struct arm_cpu *a)
{
    static void (*const expired[ARM_NTIMERS])(void *) = { expired_phys, expired_virt, expired_hyp, expired_sec, expired_hypvirt };
    struct machine *m = a->cpu.machine;

    for (int i = 0; i < ARM_NTIMERS; i++)
        a->timer[i] = timer_new(m->loop, m->clock, expired[i], a);
}

void arm_timer_fini(struct arm_cpu *a)
{
    for (int i = 0; i < ARM_NTIMERS; i++)
        if (a->timer[i])
            timer_free(a->timer[i]);
}

/* ---- registers -------------------------------------------------------------------------------- */

static uint64_t timer_ctl_read(struct arm_cpu *a, int t)
{
    return a->cp15.timer[t].ctl | (arm_timer_istatus(a, t) ? 4 : 0);
}

static void timer_ctl_write(struct arm_cpu *a, int t, uint64_t val)
{
    __atomic_store_n(&a->cp15.timer[t].ctl, val & 3, __ATOMIC_RELAXED);
    arm_timer_update(a, t);
}

static void timer_cval_write(struct arm_cpu *a, int t, uint64_t val)
{
    __atomic_store_n(&a->cp15.timer[t].cval, val, __ATOMIC_RELAXED);
    arm_timer_update(a, t);
}

static uint64_t timer_tval_read(struct arm_cpu *a, int t)
{
    return (uint32_t)(a->cp15.timer[t].cval - arm_count(a, t));
}

static void timer_tval_write(struct arm_cpu *a, int t, uint64_t val)
{
    timer_cval_write(a, t, arm_count(a, t) + (uint64_t)(int64_t)(int32_t)val);
}

#define TIMER_REGS(prefix, t)                                        \
    uint64_t arm_##prefix##_ctl_read(struct arm_cpu *a)             \
    {                                                                \
        return timer_ctl_read(a, t);                                 \
    }                                                                \
    void arm_##prefix##_ctl_write(struct arm_cpu *a, uint64_t val)  \
    {                                                                \
        timer_ctl_write(a, t, val);                                  \
    }                                                                \
    uint64_t arm_##prefix##_tval_read(struct arm_cpu *a)            \
    {                                                                \
        return timer_tval_read(a, t);                                \
    }                                                                \
    void arm_##prefix##_tval_write(struct arm_cpu *a, uint64_t val) \
    {                                                                \
        timer_tval_write(a, t, val);                                 \
    }                                                                \
    uint64_t arm_##prefix##_cval_read(struct arm_cpu *a)            \
    {                                                                \
        return a->cp15.timer[t].cval;                                \
    }                                                                \
    void arm_##prefix##_cval_write(struct arm_cpu *a, uint64_t val) \
    {                                                                \
        timer_cval_write(a, t, val);                                 \
    }
TIMER_REGS(cntp, ARM_TIMER_PHYS)
TIMER_REGS(cntv, ARM_TIMER_VIRT)
TIMER_REGS(cnthp, ARM_TIMER_HYP)
TIMER_REGS(cnthv, ARM_TIMER_HYPVIRT)
TIMER_REGS(cntps, ARM_TIMER_SEC)

uint64_t arm_cntpct_read(struct arm_cpu *a)
{
    return arm_count(a, ARM_TIMER_PHYS);
}

/* Where EL2 is the host, it and its EL0 see no offset (D17.11.21). */
uint64_t arm_cntvct_read(struct arm_cpu *a)
{
    uint64_t hcr = arm_has(a, ARM_EL2) && arm_has(a, ARM_A64) ? arm64_hcr(a) : 0;
    bool host = hcr & HCR_E2H && (a->sys64.el == 2 || (a->sys64.el == 0 && hcr & HCR_TGE));

    return arm_count(a, host ? ARM_TIMER_PHYS : ARM_TIMER_VIRT);
}
