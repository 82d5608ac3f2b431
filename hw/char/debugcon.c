/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debug console: a port whose writes go to a character device; it reads as its own number's low byte, by which firmware finds it (SeaBIOS
 * and OVMF expect e9h at port 402h and E9h). mmio 0: the port.
 */
#include "config.h"
#include "chardev/chardev.h"
#include "hw/misc/isa.h"

/* Owner: the device lock. */
struct debugcon {
    struct isa_device isa;
    struct chardev *chr;     /* properties */
    uint32_t readback;
};

static uint64_t debugcon_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct debugcon *)opaque)->readback & 0xff;
}

/* What the other end does not take is lost: the guest has no way to wait. */
static void debugcon_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct debugcon *s = opaque;
    uint8_t ch = (uint8_t)val;

    (void)off;
    (void)size;
    if (s->chr)
        chardev_write(s->chr, &ch, 1);
}

static const struct mmio_ops debugcon_ops = { .read = debugcon_read, .write = debugcon_write, .min_size = 1, .max_size = 1 };

static bool debugcon_realize(struct device *dev, GError **err)
{
    struct debugcon *s = (struct debugcon *)dev;

    (void)err;
    device_init_mmio(dev, 0, "debugcon", &debugcon_ops, s, 1);
    if (s->chr)
        chardev_set_handlers(s->chr, NULL, NULL, NULL, NULL);
    return true;
}

static const struct device_prop debugcon_props[] = {
    PROP(struct debugcon, chr, "chardev", PROP_CHARDEV, 0, "where its bytes go"),
    ISA_PROP_IOBASE("iobase", 0xe9),
    PROP(struct debugcon, readback, "readback", PROP_U32, 0xe9, "what the port reads as"),
    PROP_END
};

static const struct state_field debugcon_state[] = { STATE_END };     /* it keeps nothing */

static const struct device_type debugcon_type = {
    .name = "isa-debugcon", .desc = "debug console port", .size = sizeof(struct debugcon), .user_creatable = true, .bus = "ISA",
    .props = debugcon_props, .state = debugcon_state, .realize = debugcon_realize,
};
DEVICE_REGISTER(debugcon_type)
