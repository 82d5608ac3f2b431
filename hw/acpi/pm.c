/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI's fixed hardware: see pm.h. */
#include "config.h"
#include "hw/acpi/pm.h"
#include "softmmu/device.h"
#include "util/clock.h"
#include "util/int128.h"
#include "util/timer.h"

#define TIMER_HZ 3579545u        /* 4.8.3.3 */
#define TIMER_MASK 0xffffffu
#define TIMER_HALF 0x800000u     /* the status bit is set whenever the top bit changes */
#define EVENTS (PM1_TMR | PM1_GBL | PM1_PWRBTN | PM1_RTC)
#define CONTROL_STORED (PM1_SCI_EN | PM1_SLP_TYP)

static uint64_t ticks(const struct acpi_pm *p)
{
    return muldiv_u64((uint64_t)clock_ns(device_clock(p->dev)), TIMER_HZ, NS_PER_S);
}

uint32_t acpi_pm_timer(struct acpi_pm *p)
{
    return ticks(p) & TIMER_MASK;
}

static void next_overflow(struct acpi_pm *p)
{
    uint64_t at = (ticks(p) / TIMER_HALF + 1) * TIMER_HALF;

    p->overflow = (int64_t)muldiv_u64(at, NS_PER_S, TIMER_HZ) + 1;
}

static void look_at_timer(struct acpi_pm *p)
{
    if (clock_ns(device_clock(p->dev)) < p->overflow)
        return;
    p->sts |= PM1_TMR;
    next_overflow(p);
}

void acpi_pm_update(struct acpi_pm *p)
{
    bool event;

    look_at_timer(p);
    event = p->sts & p->en & EVENTS || p->gpe_sts & p->gpe_en;
    irq_set(*p->sci, event && p->cnt & PM1_SCI_EN);
    if (p->en & PM1_TMR && !(p->sts & PM1_TMR))
        timer_arm(p->timer, p->overflow);
    else
        timer_cancel(p->timer);
}

static void timer_fired(void *opaque)
{
    acpi_pm_update(opaque);
}

void acpi_pm_init(struct acpi_pm *p, struct device *dev, struct irq **sci, struct irq **smi)
{
    p->dev = dev;
    p->sci = sci;
    p->smi = smi;
    p->timer = timer_new(device_loop(dev), device_clock(dev), timer_fired, p);
}

void acpi_pm_fini(struct acpi_pm *p)
{
    timer_free(p->timer);
}

void acpi_pm_reset(struct acpi_pm *p)
{
    p->sts = p->en = p->cnt = 0;
    p->gpe_sts = p->gpe_en = 0;
    p->apm[0] = p->apm[1] = 0;
    next_overflow(p);
    acpi_pm_update(p);
}

void acpi_pm_press_power(struct acpi_pm *p)
{
    p->sts |= PM1_PWRBTN;
    acpi_pm_update(p);
}

uint8_t acpi_pm_read(struct acpi_pm *p, unsigned off)
{
    uint16_t pm1[] = { 0, p->en, p->cnt, 0 };

    look_at_timer(p);
    pm1[0] = p->sts;
    if (off < 8)
        return (uint8_t)(pm1[off / 2] >> (off & 1 ? 8 : 0));
    return (uint8_t)(acpi_pm_timer(p) >> 8 * (off - 8));
}

/* 4.8.3.2.1: to sleep, which is to be off. The bit itself reads 0. */
static void write_control(struct acpi_pm *p, uint16_t val)
{
    p->cnt = val & CONTROL_STORED;
    if (val & PM1_SLP_EN && !(val & PM1_SLP_TYP))
        device_request(p->dev, MACHINE_POWEROFF);
}

static void write_byte(struct acpi_pm *p, unsigned off, uint8_t val)
{
    unsigned shift = off & 1 ? 8 : 0;
    uint16_t keep = (uint16_t)~(0xffu << shift), bits = (uint16_t)(val << shift);

    switch (off / 2) {
    case 0:
        p->sts &= (uint16_t)~bits;
        break;
    case 1:
        p->en = (p->en & keep) | (bits & EVENTS);
        break;
    case 2:
        write_control(p, (p->cnt & keep) | bits);
        break;
    default:
        break;
    }
}

void acpi_pm_write(struct acpi_pm *p, unsigned off, unsigned size, uint32_t val)
{
    look_at_timer(p);
    for (unsigned i = 0; i < size; i++)
        write_byte(p, off + i, (uint8_t)(val >> (8 * i)));
    acpi_pm_update(p);
}

void acpi_pm_clear_gpe(struct acpi_pm *p, uint32_t ones)
{
    p->gpe_sts &= ~ones;
    acpi_pm_update(p);
}

void acpi_pm_enable_gpe(struct acpi_pm *p, uint32_t en)
{
    p->gpe_en = en;
    acpi_pm_update(p);
}

uint8_t acpi_pm_apm_read(struct acpi_pm *p, unsigned off)
{
    return p->apm[off & 1];
}

void acpi_pm_apm_write(struct acpi_pm *p, unsigned off, uint8_t val)
{
    p->apm[off & 1] = val;
    if (off & 1)
        return;
    if (val == p->acpi_on || val == p->acpi_off) {
        p->cnt = (uint16_t)((p->cnt & ~PM1_SCI_EN) | (val == p->acpi_on ? PM1_SCI_EN : 0));
        acpi_pm_update(p);
    }
    if (p->smi_by_apm)
        irq_set(*p->smi, true);
}
