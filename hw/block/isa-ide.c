/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IDE channel on the ISA bus. mmio 0: command block (8 ports), 1: control block (1 port). Output 0: its interrupt. */
#include "config.h"
#include "hw/block/ide.h"
#include "hw/misc/isa.h"
#include "util/bits.h"

/* Owner: the device lock. */
struct isa_ide {
    struct isa_device isa;
    uint32_t iobase2;        /* property */
    struct ide_channel channel;
};

static void isa_ide_set_irq(struct ide_channel *c, bool level)
{
    irq_set(c->bus.controller->out[0], level);
}

static void isa_ide_reset(struct device *dev)
{
    ide_channel_reset(&((struct isa_ide *)dev)->channel);
}

static bool isa_ide_realize(struct device *dev, GError **err)
{
    struct isa_ide *s = (struct isa_ide *)dev;

    (void)err;
    device_init_mmio(dev, 0, "ide", &ide_command_ops, &s->channel, 8);
    device_init_mmio(dev, 1, "ide-control", &ide_control_ops, &s->channel, 1);
    device_init_out(dev, 1);
    ide_channel_init(&s->channel, dev, 0);
    s->channel.set_irq = isa_ide_set_irq;
    return true;
}

static bool isa_ide_post_load(struct device *dev, GError **err)
{
    struct isa_ide *s = (struct isa_ide *)dev;

    (void)err;
    irq_set(dev->out[0], s->channel.irq && !(s->channel.control & 2));
    return true;
}

static struct ata_bus *isa_ide_bus(struct device *dev, unsigned n)
{
    return n ? NULL : &((struct isa_ide *)dev)->channel.bus;
}

static const struct ata_controller_ops isa_ide_controller = { .bus = isa_ide_bus };

static const struct device_prop isa_ide_props[] = {
    ISA_PROP_IOBASE("iobase", 0x1f0),
    PROP(struct isa_ide, iobase2, "iobase2", PROP_U32, 0x3f6, "its control port"),
    ISA_PROP_IRQ(14),
    PROP_END
};

static const struct state_field isa_ide_state[] = { IDE_CHANNEL_STATE(struct isa_ide, channel), STATE_END };

static const struct device_type isa_ide_type = {
    .name = "isa-ide", .desc = "IDE channel on the ISA bus", .size = sizeof(struct isa_ide), .bus = "ISA",
    .props = isa_ide_props, .state = isa_ide_state, .class_data = &isa_ide_controller,
    .realize = isa_ide_realize, .reset = isa_ide_reset, .post_load = isa_ide_post_load,
};
DEVICE_REGISTER(isa_ide_type)
