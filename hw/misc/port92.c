/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port 92h of a PC (82371AB, "port 92"): bit 0 resets the machine when it rises, bit 1 is a fast way to A20. mmio 0: the port. Output 0:
 * A20M, high when address bit 20 is to be masked; it speaks when bit 1 changes, as the keyboard controller does, and who spoke last counts.
 */
#include "config.h"
#include "softmmu/device.h"

enum port92_bit { PORT92_RESET = 1, PORT92_A20 = 2 };

/* Owner: the device lock. */
struct port92 {
    struct device dev;
    uint8_t value;
};

static uint64_t port92_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct port92 *)opaque)->value;
}

static void port92_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct port92 *s = opaque;
    uint8_t rises = (uint8_t)val & (uint8_t)~s->value, changed = (uint8_t)val ^ s->value;

    (void)off;
    (void)size;
    s->value = (uint8_t)val;
    if (changed & PORT92_A20)
        irq_set(s->dev.out[0], !(val & PORT92_A20));
    if (rises & PORT92_RESET)
        device_request(&s->dev, MACHINE_RESET);
}

static void port92_reset(struct device *dev)
{
    ((struct port92 *)dev)->value = 0;
    irq_set(dev->out[0], false);
}

static const struct mmio_ops port92_ops = { .read = port92_read, .write = port92_write, .min_size = 1, .max_size = 1 };

static bool port92_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "port92", &port92_ops, dev, 1);
    device_init_out(dev, 1);
    return true;
}

static const struct state_field port92_state[] = { STATE(struct port92, value), STATE_END };

static const struct device_type port92_type = {
    .name = "port92", .desc = "fast A20 and reset of a PC", .size = sizeof(struct port92),
    .state = port92_state, .realize = port92_realize, .reset = port92_reset,
};
DEVICE_REGISTER(port92_type)
