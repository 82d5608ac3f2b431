/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus master IDE controller of the 82371SB (PIIX3) and 82371AB (PIIX4), function 1 (data sheets 290550 and 290562, Programming Interface for
 * Bus Master IDE Controller 1.0). piix-ide.h says what its regions and lines are.
 *
 * The timing registers are stored; the ports answer whether the channel's decoding is on or not.
 */
#include "config.h"
#include "hw/block/ide.h"
#include "hw/block/piix-ide.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/log.h"

#define PIIX_CHANNELS 2

enum bm_reg { BM_COMMAND = 0, BM_STATUS = 2, BM_TABLE = 4 };
enum bm_command { BM_START = 1, BM_READ = 8 };
enum bm_status { BM_ACTIVE = 1, BM_ERROR = 2, BM_INTERRUPT = 4, BM_CAPABLE = 0x60 };

struct piix_channel {
    struct ide_channel ide;
    uint8_t command, status;
    uint32_t table;          /* where the PRD table is */
    uint32_t next;           /* the next entry */
    uint32_t addr, len;      /* what is left of the current one */
    uint8_t last;            /* it is the table's last */
};

/* Owner: the device lock. */
struct piix_ide {
    struct pci_device pci;
    struct piix_channel channel[PIIX_CHANNELS];
};

static struct piix_channel *piix_of(struct ide_channel *c)
{
    return container_of(c, struct piix_channel, ide);
}

static void piix_set_irq(struct ide_channel *c, bool level)
{
    if (level)
        piix_of(c)->status |= BM_INTERRUPT;
    irq_set(c->bus.controller->out[c->bus.n], level);
}

/* ---- bus master -------------------------------------------------------------------------------- */

static uint32_t piix_piece(struct ide_channel *c, uint32_t want, uint64_t *addr)
{
    struct piix_channel *p = piix_of(c);
    struct bus *bus = device_bus(c->bus.controller);
    uint32_t n;

    if (!(p->command & BM_START))
        return 0;
    if (!p->len) {
        uint32_t count;

        if (p->last || !dma_read32(bus, p->next, &p->addr) || !dma_read32(bus, p->next + 4, &count))
            return 0;
        p->next += 8;
        p->addr &= ~1u;
        p->len = count & 0xfffe ? count & 0xfffe : 0x10000;
        p->last = count >> 31;
    }
    n = MIN_OF(want, p->len);
    *addr = p->addr;
    p->addr += n;
    p->len -= n;
    return n;
}

static void piix_dma_ready(struct ide_channel *c)
{
    if (piix_of(c)->command & BM_START)
        ata_dma_start(ide_dma_drive(c));
}

/* Active stays when the table is longer than the transfer. */
static void piix_over(struct ide_channel *c)
{
    struct piix_channel *p = piix_of(c);

    if (p->last && !p->len)
        p->status &= (uint8_t)~BM_ACTIVE;
}

static void write_bm_command(struct piix_channel *p, uint8_t v)
{
    bool was = p->command & BM_START;
    struct ata_drive *d;

    p->command = v & (BM_START | BM_READ);
    if (was && !(v & BM_START)) {
        d = ide_selected(&p->ide);
        if (p->status & BM_ACTIVE && d && d->phase == ATA_WORKING)
            ata_abandon(d);
        p->status &= (uint8_t)~BM_ACTIVE;
    } else if (!was && v & BM_START) {
        p->status |= BM_ACTIVE;
        p->next = p->table;
        p->len = 0;
        p->last = 0;
        d = ide_dma_drive(&p->ide);
        if (d)
            ata_dma_start(d);
    }
}

static uint64_t bm_read(void *opaque, uint64_t off, unsigned size)
{
    const struct piix_channel *p = &((struct piix_ide *)opaque)->channel[off >> 3];

    (void)size;
    switch (off & 7) {
    case BM_COMMAND:
        return p->command;
    case BM_STATUS:
        return p->status;
    case BM_TABLE ... BM_TABLE + 3:
        return p->table >> 8 * (off & 3) & 0xff;
    default:
        return 0;
    }
}

static void bm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct piix_channel *p = &((struct piix_ide *)opaque)->channel[off >> 3];
    uint8_t v = (uint8_t)val;

    (void)size;
    switch (off & 7) {
    case BM_COMMAND:
        write_bm_command(p, v);
        break;
    case BM_STATUS:
        p->status = (uint8_t)((p->status & ~(v & (BM_ERROR | BM_INTERRUPT)) & ~BM_CAPABLE) | (v & BM_CAPABLE));
        break;
    case BM_TABLE ... BM_TABLE + 3:
        p->table = deposit32(p->table, 8 * (off & 3), 8, v) & ~3u;
        break;
    default:
        log_guest_error("piix-ide: write of bus master register %u", (unsigned)off);
    }
}

static const struct mmio_ops bm_ops = { .read = bm_read, .write = bm_write, .min_size = 1, .max_size = 1 };

/* ---- the device -------------------------------------------------------------------------------- */

static void piix_reset(struct device *dev)
{
    struct piix_ide *s = (struct piix_ide *)dev;

    pci_device_reset(&s->pci);
    for (int i = 0; i < PIIX_CHANNELS; i++) {
        struct piix_channel *p = &s->channel[i];

        p->command = p->status = p->last = 0;
        p->table = p->next = p->addr = p->len = 0;
        ide_channel_reset(&p->ide);
    }
}

static bool piix_realize(struct device *dev, GError **err)
{
    static const char *const names[PIIX_CHANNELS][2] = { { "ide0", "ide0-control" }, { "ide1", "ide1-control" } };
    struct piix_ide *s = (struct piix_ide *)dev;
    struct pci_ids ids = { .vendor = 0x8086, .device = 0x7010, .class_code = 0x010180 };

    if (dev->type->name[4] == '4')
        ids.device = 0x7111;
    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    for (unsigned i = 0x40; i < 0x4c; i++)       /* timing; not 47h and 49h, which are reserved */
        s->pci.wmask[i] = i == 0x47 || i == 0x49 ? 0 : 0xff;
    pci_add_bar(&s->pci, 4, PCI_BAR_IO, 16, &bm_ops, s);
    device_init_out(dev, PIIX_CHANNELS);
    for (unsigned i = 0; i < PIIX_CHANNELS; i++) {
        struct ide_channel *c = &s->channel[i].ide;

        ide_channel_init(c, dev, i);
        c->set_irq = piix_set_irq;
        c->dma_ready = piix_dma_ready;
        c->piece = piix_piece;
        c->over = piix_over;
        device_init_mmio(dev, (int)(2 * i), names[i][0], &ide_command_ops, c, 8);
        device_init_mmio(dev, (int)(2 * i) + 1, names[i][1], &ide_control_ops, c, 1);
    }
    return true;
}

static void piix_unrealize(struct device *dev)
{
    pci_device_fini((struct pci_device *)dev);
}

static bool piix_post_load(struct device *dev, GError **err)
{
    struct piix_ide *s = (struct piix_ide *)dev;

    for (int i = 0; i < PIIX_CHANNELS; i++) {
        struct piix_channel *p = &s->channel[i];

        p->len = MIN_OF(p->len, 0x10000);
        p->command &= BM_START | BM_READ;
        irq_set(dev->out[i], p->ide.irq && !(p->ide.control & 2));
    }
    return pci_device_post_load(&s->pci, err);
}

static struct ata_bus *piix_bus(struct device *dev, unsigned n)
{
    return n < PIIX_CHANNELS ? &((struct piix_ide *)dev)->channel[n].ide.bus : NULL;
}

static const struct ata_controller_ops piix_controller = { .bus = piix_bus };

static const struct device_prop piix_props[] = { PCI_PROPS(struct piix_ide), PROP_END };

#define CHANNEL_STATE(i)                                                                                                       \
    IDE_CHANNEL_STATE(struct piix_ide, channel[i].ide), STATE(struct piix_ide, channel[i].command),                            \
    STATE(struct piix_ide, channel[i].status), STATE(struct piix_ide, channel[i].table), STATE(struct piix_ide, channel[i].next), \
    STATE(struct piix_ide, channel[i].addr), STATE(struct piix_ide, channel[i].len), STATE(struct piix_ide, channel[i].last)

static const struct state_field piix_state[] = { PCI_STATE, CHANNEL_STATE(0), CHANNEL_STATE(1), STATE_END };

static const struct device_type piix3_type = {
    .name = "piix3-ide", .desc = "IDE controller of the PIIX3", .size = sizeof(struct piix_ide), .bus = "PCI",
    .props = piix_props, .state = piix_state, .class_data = &piix_controller,
    .realize = piix_realize, .reset = piix_reset, .unrealize = piix_unrealize, .post_load = piix_post_load,
};
DEVICE_REGISTER(piix3_type)

static const struct device_type piix4_type = {
    .name = "piix4-ide", .desc = "IDE controller of the PIIX4", .size = sizeof(struct piix_ide), .bus = "PCI",
    .props = piix_props, .state = piix_state, .class_data = &piix_controller,
    .realize = piix_realize, .reset = piix_reset, .unrealize = piix_unrealize, .post_load = piix_post_load,
};
DEVICE_REGISTER(piix4_type)
