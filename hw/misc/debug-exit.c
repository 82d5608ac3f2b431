/* SPDX-License-Identifier: GPL-2.0-or-later */
/* isa-debug-exit: a write of v to its port ends the emulator with exit status v * 2 + 1. mmio 0: iosize bytes. */
#include "config.h"
#include "hw/misc/isa.h"

/* Owner: the device lock. */
struct debug_exit {
    struct isa_device isa;
    uint32_t iosize;         /* property */
};

static uint64_t debug_exit_read(void *opaque, uint64_t off, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)size;
    return 0;
}

static void debug_exit_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)off;
    (void)size;
    device_exit(opaque, (int)(val << 1 | 1) & 0xff);
}

static const struct mmio_ops debug_exit_ops = { .read = debug_exit_read, .write = debug_exit_write, .min_size = 1, .max_size = 4 };

static bool debug_exit_realize(struct device *dev, GError **err)
{
    struct debug_exit *s = (struct debug_exit *)dev;

    if (s->iosize != 1 && s->iosize != 2 && s->iosize != 4) {
        g_set_error(err, g_quark_from_static_string("debug-exit"), 0, "iosize=%u is not possible; use 1, 2 or 4", s->iosize);
        return false;
    }
    device_init_mmio(dev, 0, "debug-exit", &debug_exit_ops, dev, s->iosize);
    return true;
}

static const struct device_prop debug_exit_props[] = {
    ISA_PROP_IOBASE("iobase", 0x501),
    PROP(struct debug_exit, iosize, "iosize", PROP_U32, 2, "ports that it takes: 1, 2 or 4"),
    PROP_END
};

static const struct state_field debug_exit_state[] = { STATE_END };      /* it keeps nothing */

static const struct device_type debug_exit_type = {
    .name = "isa-debug-exit", .desc = "lets the guest end the emulator", .size = sizeof(struct debug_exit), .user_creatable = true,
    .bus = "ISA", .props = debug_exit_props, .state = debug_exit_state, .realize = debug_exit_realize,
};
DEVICE_REGISTER(debug_exit_type)
