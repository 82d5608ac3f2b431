/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82371SB (PIIX3) ISA bridge, function 0 (data sheet 290550): the router of PCI interrupts. in 0..3: PIRQA# to PIRQD#; out 0..15: ISA
 * interrupts that they drive. The other registers are stored; reset control is with the host (hw/pci/conf1.h).
 *
 * Not modelled: DMA, distributed DMA, USB legacy support, SMI sources of its own.
 */
#include "config.h"
#include "hw/isa/pirq.h"
#include "hw/pci/pci.h"

enum piix3_reg {
    IORT = 0x4c,             /* 2.2.10: ISA recovery */
    XBCS = 0x4e,             /* 2.2.11: X-bus chip select, 2 bytes */
    PIRQRC = 0x60,           /* 2.2.12: four */
    TOM = 0x69,              /* 2.2.13: top of memory for ISA */
    MSTAT = 0x6a,
    MBIRQ = 0x70,            /* 2.2.15: motherboard devices, 2 */
    MBDMA = 0x76,            /* 2.2.17: 2 */
    PCSC = 0x78,             /* 2.2.18: 2 */
    APICBASE = 0x80,         /* 2.2.19 */
    DLC = 0x82,
    SMICNTL = 0xa0,          /* 2.2.21 and on */
    FTMR = 0xa8,
    CTHTMR = 0xae,
};

struct piix3 {
    struct pci_device pci;   /* first */
    struct pirq pirq;
};

static void update_routes(struct piix3 *s)
{
    for (int n = 0; n < PCI_PINS; n++)
        pirq_route(&s->pirq, n, s->pci.config[PIRQRC + n]);
}

static void piix3_written(struct pci_device *pci, unsigned off, unsigned len)
{
    if (off < PIRQRC + PCI_PINS && off + len > PIRQRC)
        update_routes((struct piix3 *)pci);
}

static void piix3_input(void *opaque, int n, bool level)
{
    pirq_set(&((struct piix3 *)opaque)->pirq, n, level);
}

static bool piix3_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x7000, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x060100 };
    static const struct { uint8_t reg, val; } defaults[] = {
        { IORT, 0x4d }, { XBCS, 0x03 }, { PIRQRC, 0x80 }, { PIRQRC + 1, 0x80 }, { PIRQRC + 2, 0x80 }, { PIRQRC + 3, 0x80 }, { TOM, 0x02 },
        { MBIRQ, 0x80 }, { MBIRQ + 1, 0x80 }, { MBDMA, 0x0c }, { MBDMA + 1, 0x0c }, { PCSC, 0x02 }, { SMICNTL, 0x08 }, { FTMR, 0x0f },
    };
    struct piix3 *s = (struct piix3 *)dev;

    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    for (unsigned i = 0; i < G_N_ELEMENTS(defaults); i++)
        s->pci.config[defaults[i].reg] = defaults[i].val;
    for (unsigned reg = IORT; reg <= CTHTMR; reg++)
        s->pci.wmask[reg] = 0xff;
    for (unsigned n = 0; n < PCI_PINS; n++)
        s->pci.wmask[PIRQRC + n] = 0x8f;
    s->pci.wmask[PCI_COMMAND] = 0x08;    /* memory, I/O and mastering are always on */
    s->pci.wmask[PCI_COMMAND + 1] = 0x01;
    s->pci.config[PCI_COMMAND] = 0x07;
    s->pci.config_written = piix3_written;
    device_init_in(dev, piix3_input, PCI_PINS);
    device_init_out(dev, PIRQ_ISA);
    s->pirq.out = dev->out;
    return true;
}

static void piix3_reset(struct device *dev)
{
    pci_device_reset((struct pci_device *)dev);
    update_routes((struct piix3 *)dev);
}

static void piix3_unrealize(struct device *dev)
{
    pci_device_fini((struct pci_device *)dev);
}

static bool piix3_post_load(struct device *dev, GError **err)
{
    bool ok = pci_device_post_load((struct pci_device *)dev, err);

    update_routes((struct piix3 *)dev);
    return ok;
}

static const struct device_prop piix3_props[] = { PCI_PROPS(struct pci_device), PROP_END };
static const struct state_field piix3_state[] = { PCI_STATE, STATE_ARRAY(struct piix3, pirq.level), STATE_END };

static const struct device_type piix3_type = {
    .name = "PIIX3", .desc = "Intel 82371SB ISA bridge", .size = sizeof(struct piix3), .bus = "PCI", .props = piix3_props,
    .state = piix3_state, .realize = piix3_realize, .reset = piix3_reset, .unrealize = piix3_unrealize, .post_load = piix3_post_load,
};
DEVICE_REGISTER(piix3_type)
