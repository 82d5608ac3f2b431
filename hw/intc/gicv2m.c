/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv2m: message-signalled interrupts for a GICv2 (DEN 0029, Server Base System Architecture, appendix E). mmio 0: the frame.
 * out 0..: the SPIs base-spi.., which it pulses.
 */
#include "config.h"
#include "softmmu/device.h"
#include "util/log.h"

enum gicv2m_reg {
    V2M_TYPER      = 0x008,  /* E.2: base SPI [25:16], number [9:0] */
    V2M_SETSPI_NS  = 0x040,
    V2M_IIDR       = 0xfcc,
    V2M_ID         = 0xfd0,
};

#define V2M_MAX_SPIS 1004

struct gicv2m {
    struct device dev;
    uint32_t base_spi, num_spi;      /* properties; interrupt IDs, so from 32 */
    uint64_t messages;       /* how many came */
};

static uint64_t gicv2m_read(void *opaque, uint64_t off, unsigned size)
{
    struct gicv2m *s = opaque;

    (void)size;
    switch (off) {
    case V2M_TYPER:
        return s->base_spi << 16 | s->num_spi;
    case V2M_SETSPI_NS:      /* write only */
        return 0;
    case V2M_IIDR:
        return 0x43b;        /* implementer: ARM */
    case V2M_ID ... 0xfff:   /* ICPIDR2: ArchRev 0 */
        return 0;
    default:
        log_guest_error("gicv2m: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void gicv2m_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct gicv2m *s = opaque;
    uint32_t spi = (uint32_t)val & 0x3ff;

    (void)size;
    if (off != V2M_SETSPI_NS) {
        log_guest_error("gicv2m: write of offset 0x%x", (unsigned)off);
        return;
    }
    if (spi < s->base_spi || spi - s->base_spi >= s->num_spi) {
        log_guest_error("gicv2m: message for SPI %u, which is not of this frame", spi);
        return;
    }
    s->messages++;
    irq_pulse(s->dev.out[spi - s->base_spi]);
}

static const struct mmio_ops gicv2m_ops = { .read = gicv2m_read, .write = gicv2m_write, .min_size = 4,
                                            .max_size = 4 };

static bool gicv2m_realize(struct device *dev, GError **err)
{
    struct gicv2m *s = (struct gicv2m *)dev;

    if (s->base_spi < 32 || !s->num_spi || s->num_spi > V2M_MAX_SPIS || s->base_spi + s->num_spi > 1020) {
        g_set_error(err, g_quark_from_static_string("gicv2m"), 0, "base-spi and num-spi leave the range 32 to 1019");
        return false;
    }
    device_init_mmio(dev, 0, "gicv2m", &gicv2m_ops, s, 0x1000);
    device_init_out(dev, (int)s->num_spi);
    return true;
}

static const struct device_prop gicv2m_props[] = {
    PROP(struct gicv2m, base_spi, "base-spi", PROP_U32, 80, "first interrupt ID"),
    PROP(struct gicv2m, num_spi, "num-spi", PROP_U32, 64, "how many"),
    PROP_END
};

static const struct state_field gicv2m_state[] = { STATE(struct gicv2m, messages), STATE_END };

static const struct device_type gicv2m_type = {
    .name = "arm-gicv2m", .desc = "message-signalled interrupts for GICv2", .size = sizeof(struct gicv2m),
    .props = gicv2m_props, .state = gicv2m_state, .realize = gicv2m_realize,
};
DEVICE_REGISTER(gicv2m_type)
