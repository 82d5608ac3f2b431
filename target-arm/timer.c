/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic timer (DDI 0406C B8): a 62.5 MHz system counter, and per CPU a physical and a virtual timer. Registers are written by
 * the vCPU, expiry comes on the main loop: both under the device lock.
 */
#include "config.h"
#include "softmmu/machine.h"
#include "target-arm/system.h"
#include "util/clock.h"
#include "util/timer.h"

#define NS_PER_COUNT (1000000000u / ARM_TIMER_HZ)

enum timer_ctl { CTL_ENABLE = 1, CTL_IMASK = 2, CTL_ISTATUS = 4 };

static const uint8_t output[ARM_NTIMERS] = {
    [ARM_TIMER_PHYS] = ARM_OUT_CNTP_NS, [ARM_TIMER_VIRT] = ARM_OUT_CNTV };

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

void arm_timer_init(struct arm_cpu *a)
{
    struct machine *m = a->cpu.machine;

    a->timer[ARM_TIMER_PHYS] = timer_new(m->loop, m->clock, expired_phys, a);
    a->timer[ARM_TIMER_VIRT] = timer_new(m->loop, m->clock, expired_virt, a);
}

void arm_timer_fini(struct arm_cpu *a)
{
    for (int i = 0; i < ARM_NTIMERS; i++)
        if (a->timer[i])
            timer_free(a->timer[i]);
}
