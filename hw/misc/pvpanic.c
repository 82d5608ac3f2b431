/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pvpanic: the guest tells that it has panicked (bit 0) or that it is about to load its crash kernel (bit 1). mmio 0: the port, which reads
 * as the events it takes. A panic powers the machine off.
 */
#include "config.h"
#include "hw/misc/isa.h"
#include "util/log.h"

enum pvpanic_event { PVPANIC_PANICKED = 1, PVPANIC_CRASH_LOADED = 2, PVPANIC_EVENTS = 3 };

/* Owner: the device lock. */
struct pvpanic {
    struct isa_device isa;
    uint32_t events;         /* property */
};

static uint64_t pvpanic_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct pvpanic *)opaque)->events & PVPANIC_EVENTS;
}

static void pvpanic_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pvpanic *s = opaque;

    (void)off;
    (void)size;
    if (val & ~(uint64_t)PVPANIC_EVENTS)
        log_guest_error("pvpanic: unknown events 0x%x", (unsigned)val);
    if (val & s->events & PVPANIC_PANICKED) {
        log_guest_error("pvpanic: the guest has panicked");
        device_request(&s->isa.dev, MACHINE_POWEROFF);
    }
}

static const struct mmio_ops pvpanic_ops = { .read = pvpanic_read, .write = pvpanic_write, .min_size = 1, .max_size = 1 };

static bool pvpanic_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "pvpanic", &pvpanic_ops, dev, 1);
    return true;
}

static const struct device_prop pvpanic_props[] = {
    ISA_PROP_IOBASE("ioport", 0x505),
    PROP(struct pvpanic, events, "events", PROP_U32, PVPANIC_EVENTS, "events that it takes: 1 a panic, 2 a crash kernel"),
    PROP_END
};

static const struct state_field pvpanic_state[] = { STATE_END };         /* it keeps nothing */

static const struct device_type pvpanic_type = {
    .name = "pvpanic", .desc = "lets the guest tell that it has panicked", .size = sizeof(struct pvpanic), .user_creatable = true,
    .bus = "ISA", .props = pvpanic_props, .state = pvpanic_state, .realize = pvpanic_realize,
};
DEVICE_REGISTER(pvpanic_type)
