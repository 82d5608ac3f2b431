/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI's fixed hardware where no firmware is there to place it: device "acpi-pm". io 0: PM1 status, enable, control, timer (12 ports); 1: a reset
 * register, as the byte at port 0xcf9 of chipsets. out 0: system control interrupt. It is in ACPI mode always.
 */
#include "config.h"
#include "hw/acpi/pm.h"
#include "hw/acpi/pm-fixed.h"
#include "softmmu/device.h"

enum { PM_SIZE = 12, RESET_BIT = 4 };

struct pm_fixed {
    struct device dev;
    struct acpi_pm pm;
    struct irq *no_smi;
    uint8_t reset_control;
};

static uint64_t pm_read(void *opaque, uint64_t off, unsigned size)
{
    struct pm_fixed *s = opaque;
    uint64_t v = 0;

    if (off == 8 && size == 4)
        return acpi_pm_timer(&s->pm);
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)acpi_pm_read(&s->pm, (unsigned)off + i) << (8 * i);
    return v;
}

static void pm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pm_fixed *s = opaque;

    acpi_pm_write(&s->pm, (unsigned)off, size, (uint32_t)val);
    s->pm.cnt |= PM1_SCI_EN;
    acpi_pm_update(&s->pm);
}

static uint64_t reset_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct pm_fixed *)opaque)->reset_control;
}

static void reset_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pm_fixed *s = opaque;

    (void)off;
    (void)size;
    if (~s->reset_control & val & RESET_BIT)
        device_request(&s->dev, MACHINE_RESET);
    s->reset_control = (uint8_t)val;
}

static const struct mmio_ops pm_ops = { .read = pm_read, .write = pm_write, .min_size = 1, .max_size = 4 };
static const struct mmio_ops reset_ops = { .read = reset_read, .write = reset_write, .min_size = 1, .max_size = 1 };

void pm_fixed_press_power(struct device *dev)
{
    acpi_pm_press_power(&((struct pm_fixed *)dev)->pm);
}

static bool pm_realize(struct device *dev, GError **err)
{
    struct pm_fixed *s = (struct pm_fixed *)dev;

    (void)err;
    device_init_mmio(dev, 0, "acpi-pm", &pm_ops, s, PM_SIZE);
    device_init_mmio(dev, 1, "acpi-reset", &reset_ops, s, 1);
    device_init_out(dev, 1);
    acpi_pm_init(&s->pm, dev, &dev->out[0], &s->no_smi);
    return true;
}

static void pm_reset(struct device *dev)
{
    struct pm_fixed *s = (struct pm_fixed *)dev;

    s->reset_control = 0;
    acpi_pm_reset(&s->pm);
    s->pm.cnt = PM1_SCI_EN;
}

static void pm_unrealize(struct device *dev)
{
    acpi_pm_fini(&((struct pm_fixed *)dev)->pm);
}

static bool pm_post_load(struct device *dev, GError **err)
{
    (void)err;
    acpi_pm_update(&((struct pm_fixed *)dev)->pm);
    return true;
}

static const struct state_field pm_state[] = {
    ACPI_PM_STATE(struct pm_fixed, pm), STATE(struct pm_fixed, reset_control), STATE_END
};

static const struct device_type pm_type = {
    .name = "acpi-pm", .desc = "ACPI fixed hardware of machines without firmware", .size = sizeof(struct pm_fixed), .state = pm_state,
    .realize = pm_realize, .reset = pm_reset, .unrealize = pm_unrealize, .post_load = pm_post_load,
};
DEVICE_REGISTER(pm_type)
