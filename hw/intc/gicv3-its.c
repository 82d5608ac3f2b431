/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv3 Interrupt Translation Service (IHI 0069, chapter 5.2 and 12.18, 12.19): a message of a device becomes an LPI of a redistributor by
 * tables in guest memory, which commands in a queue in guest memory change. mmio 0: control frame, and the frame with GITS_TRANSLATER.
 *
 * The format of tables is ours to choose; each entry has 8 bytes, little-endian:
 *     device      valid [63], address of its interrupt translation table [51:8], bits of event IDs - 1 [4:0]
 *     translation valid [63], LPI [47:16], collection [15:0]
 *     collection  valid [63], number of the redistributor's CPU [15:0]
 * The guest can write to them as to all of its memory, so they are checked whenever they are read. A command that makes no sense is
 * ignored (5.2.1 permits it). A queue can hold 32768 commands: ITS_BATCH of them are done at once (fewer of those that look through the LPIs of
 * every CPU), the rest from the main loop.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"
#include "softmmu/dma.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"

enum gits_reg {
    GITS_CTLR    = 0x0000,
    GITS_IIDR    = 0x0004,
    GITS_TYPER   = 0x0008,       /* from here on 8 bytes each */
    GITS_CBASER  = 0x0080,
    GITS_CWRITER = 0x0088,
    GITS_CREADR  = 0x0090,
    GITS_BASER   = 0x0100,       /* eight of them */
    GITS_BASER_END = 0x0140,
    GITS_ID      = 0xffd0,
};

#define CTLR_ENABLED 1u
#define CTLR_QUIESCENT (1u << 31)
/* TYPER: physical LPIs, ITT entries of 8 bytes, 16 bits of events, of devices and of collections. */
#define TYPER_VALUE (1ull | 7 << 4 | 15 << 8 | 15 << 13 | 15ull << 32 | 1ull << 36)
#define VALID (1ull << 63)
#define CBASER_MASK 0xb8effffffffffcffull
#define CBASER_ADDR 0x000ffffffffff000ull
#define OFFSET_MASK 0xfffe0u     /* CWRITER, CREADR */
/* BASER<n>: valid, indirect, type [58:56], entry size - 1 [52:48], address [47:12], page size [9:8], pages - 1 [7:0]. */
#define BASER_INDIRECT (1ull << 62)
#define BASER_MASK 0xf8e0ffffffffffffull
#define BASER_ENTRY (7ull << 48)
#define BASER_TYPE(t) ((uint64_t)(t) << 56)
enum its_table { ITS_DEVICES, ITS_COLLECTIONS, ITS_NTABLES };
enum its_table_type { TYPE_DEVICES = 1, TYPE_COLLECTIONS = 4 };

enum its_command {
    ITS_MOVI = 0x01, ITS_INT = 0x03, ITS_CLEAR = 0x04, ITS_SYNC = 0x05, ITS_MAPD = 0x08, ITS_MAPC = 0x09, ITS_MAPTI = 0x0a,
    ITS_MAPI = 0x0b, ITS_INV = 0x0c, ITS_INVALL = 0x0d, ITS_MOVALL = 0x0e, ITS_DISCARD = 0x0f,
};
#define ITS_COMMAND_SIZE 32u
#define ITS_BATCH 256
#define ITT_ADDR 0x000fffffffffff00ull
#define MAX_EVENT_BITS 16

struct gicv3_its {
    struct device dev;
    struct gicv3 *gic;

    uint32_t ctlr;
    uint64_t cbaser, cwriter, creadr;
    uint64_t baser[ITS_NTABLES];
    uint64_t messages;           /* how many came */
    bool goes_on;                /* work() is due again */
};

/* ---- tables ------------------------------------------------------------------------------------ */

static bool get(struct gicv3_its *s, uint64_t addr, uint64_t *v)
{
    return dma_read64(device_bus(&s->dev), addr, v);
}

static bool put(struct gicv3_its *s, uint64_t addr, uint64_t v)
{
    uint8_t bytes[8];

    st64_le(bytes, v);
    return dma_write(device_bus(&s->dev), addr, bytes, sizeof(bytes));
}

/* Where entry id of a table is, through the first level if it has two (5.2.3). */
static bool find_entry(struct gicv3_its *s, enum its_table table, uint32_t id, uint64_t *addr)
{
    uint64_t base = s->baser[table], at = base & 0x0000fffffffff000ull, entry;
    unsigned size_code = (unsigned)(base >> 8 & 3);
    uint64_t page = 4096ull << (2 * MIN(size_code, 2)), entries = ((base & 0xff) + 1) * page / 8;

    if (!(base & VALID))
        return false;
    if (size_code >= 2)          /* 64 KiB pages: address bits [51:48] are in [15:12] */
        at = (at & ~0xffffull) | (at >> 12 & 15) << 48;
    if (!(base & BASER_INDIRECT)) {
        *addr = at + 8ull * id;
        return id < entries;
    }
    if (id / (page / 8) >= entries || !get(s, at + id / (page / 8) * 8, &entry) || !(entry & VALID))
        return false;
    *addr = (entry & 0x000ffffffffff000ull & ~(page - 1)) + id % (page / 8) * 8;
    return true;
}

static bool read_entry(struct gicv3_its *s, enum its_table table, uint32_t id, uint64_t *v)
{
    uint64_t addr;

    return id < 1u << 16 && find_entry(s, table, id, &addr) && get(s, addr, v) && *v & VALID;
}

static bool write_entry(struct gicv3_its *s, enum its_table table, uint32_t id, uint64_t v)
{
    uint64_t addr;

    return id < 1u << 16 && find_entry(s, table, id, &addr) && put(s, addr, v);
}

static struct gicv3_cpu *collection_cpu(struct gicv3_its *s, uint32_t collection)
{
    uint64_t entry;

    if (!read_entry(s, ITS_COLLECTIONS, collection, &entry) || (entry & 0xffff) >= s->gic->num_cpu)
        return NULL;
    return s->gic->cpu[entry & 0xffff];
}

/* Where the translation of an event of a device is. */
static bool find_translation(struct gicv3_its *s, uint32_t device, uint32_t event, uint64_t *addr)
{
    uint64_t entry;

    if (!read_entry(s, ITS_DEVICES, device, &entry) || (entry & 31) >= MAX_EVENT_BITS || event >> ((entry & 31) + 1))
        return false;
    *addr = (entry & ITT_ADDR) + 8ull * event;
    return true;
}

/* An event, looked up. */
struct translation {
    uint64_t addr;               /* of its entry */
    uint32_t lpi, collection;
    struct gicv3_cpu *cpu;
};

static bool translate(struct gicv3_its *s, uint32_t device, uint32_t event, struct translation *t)
{
    uint64_t entry;

    if (!find_translation(s, device, event, &t->addr) || !get(s, t->addr, &entry) || !(entry & VALID))
        return false;
    t->lpi = (uint32_t)(entry >> 16);
    t->collection = entry & 0xffff;
    t->cpu = collection_cpu(s, t->collection);
    return t->cpu && t->lpi >= GICV3_FIRST_LPI && t->lpi < GICV3_IDS;
}

/* ---- commands ---------------------------------------------------------------------------------- */

/* Fields that several commands have (5.3). */
struct command {
    uint64_t w[4];
    uint32_t device, event, collection;
};

static bool do_map_device(struct gicv3_its *s, const struct command *c)
{
    uint64_t bits = c->w[1] & 31;

    if (!(c->w[2] & VALID))
        return write_entry(s, ITS_DEVICES, c->device, 0);
    return bits < MAX_EVENT_BITS && write_entry(s, ITS_DEVICES, c->device, VALID | (c->w[2] & ITT_ADDR) | bits);
}

static bool do_map_collection(struct gicv3_its *s, const struct command *c)
{
    uint64_t cpu = c->w[2] >> 16 & 0xffff;

    if (!(c->w[2] & VALID))
        return write_entry(s, ITS_COLLECTIONS, c->collection, 0);
    return cpu < s->gic->num_cpu && write_entry(s, ITS_COLLECTIONS, c->collection, VALID | cpu);
}

static bool do_map_event(struct gicv3_its *s, const struct command *c, uint32_t lpi)
{
    uint64_t addr;

    return lpi >= GICV3_FIRST_LPI && lpi < GICV3_IDS && find_translation(s, c->device, c->event, &addr) &&
           put(s, addr, VALID | (uint64_t)lpi << 16 | c->collection);
}

static bool do_move(struct gicv3_its *s, const struct command *c)
{
    struct gicv3_cpu *to = collection_cpu(s, c->collection);
    struct translation t;

    if (!to || !translate(s, c->device, c->event, &t))
        return false;
    if (to != t.cpu && gicv3_lpi_pending(t.cpu, t.lpi)) {
        gicv3_lpi_set(t.cpu, t.lpi, false);
        gicv3_lpi_set(to, t.lpi, true);
    }
    return put(s, t.addr, VALID | (uint64_t)t.lpi << 16 | c->collection);
}

static bool do_move_all(struct gicv3_its *s, const struct command *c)
{
    uint64_t from = c->w[2] >> 16 & 0xffff, to = c->w[3] >> 16 & 0xffff;

    if (from >= s->gic->num_cpu || to >= s->gic->num_cpu)
        return false;
    gicv3_lpi_move_all(s->gic->cpu[from], s->gic->cpu[to]);
    return true;
}

static bool do_event(struct gicv3_its *s, const struct command *c, unsigned what)
{
    struct translation t;

    if (!translate(s, c->device, c->event, &t))
        return false;
    if (what == ITS_INV)
        gicv3_lpi_reload(s->gic, t.lpi);
    else
        gicv3_lpi_set(t.cpu, t.lpi, what == ITS_INT);
    return what != ITS_DISCARD || put(s, t.addr, 0);
}

static bool do_command(struct gicv3_its *s, const struct command *c)
{
    struct gicv3_cpu *cpu;

    switch (c->w[0] & 0xff) {
    case ITS_MAPD:
        return do_map_device(s, c);
    case ITS_MAPC:
        return do_map_collection(s, c);
    case ITS_MAPTI:
        return do_map_event(s, c, (uint32_t)(c->w[1] >> 32));
    case ITS_MAPI:
        return do_map_event(s, c, c->event);
    case ITS_MOVI:
        return do_move(s, c);
    case ITS_MOVALL:
        return do_move_all(s, c);
    case ITS_INT:
    case ITS_CLEAR:
    case ITS_INV:
    case ITS_DISCARD:
        return do_event(s, c, c->w[0] & 0xff);
    case ITS_INVALL:
        cpu = collection_cpu(s, c->collection);
        if (cpu)
            gicv3_lpi_reload_all(cpu);
        return cpu;
    case ITS_SYNC:               /* everything is done in order and at once */
        return true;
    default:
        return false;
    }
}

static uint64_t queue_size(const struct gicv3_its *s)
{
    return ((s->cbaser & 0xff) + 1) * 4096;
}

static bool has_commands(const struct gicv3_its *s)
{
    return s->ctlr & CTLR_ENABLED && s->cbaser & VALID && s->creadr != s->cwriter && s->cwriter < queue_size(s);
}

static void work(struct gicv3_its *s);
static void work_on(void *opaque)
{
    ((struct gicv3_its *)opaque)->goes_on = false;
    work(opaque);
}

/* In commands of the usual kind: these read tables and look for the best LPI of all CPUs. */
static unsigned cost(const struct command *c)
{
    unsigned what = c->w[0] & 0xff;

    return what == ITS_INV || what == ITS_INVALL || what == ITS_MOVALL ? ITS_BATCH / 8 : 1;
}

static void work(struct gicv3_its *s)
{
    struct command c = { 0 };

    for (unsigned spent = 0; spent < ITS_BATCH && has_commands(s); spent += cost(&c)) {
        bool ok = dma_read(device_bus(&s->dev), (s->cbaser & CBASER_ADDR) + s->creadr, c.w, sizeof(c.w));

        for (unsigned n = 0; n < 4; n++)
            c.w[n] = ld64_le(&c.w[n]);
        c.device = (uint32_t)(c.w[0] >> 32);
        c.event = (uint32_t)c.w[1];
        c.collection = c.w[2] & 0xffff;
        if (!ok || !do_command(s, &c))
            log_guest_error("gicv3-its: command 0x%x at 0x%x of the queue is not possible", ok ? (unsigned)c.w[0] & 0xff : 0,
                            (unsigned)s->creadr);
        s->creadr = (s->creadr + ITS_COMMAND_SIZE) % queue_size(s);
    }
    if (has_commands(s) && !s->goes_on) {
        s->goes_on = true;
        event_loop_bh(device_loop(&s->dev), work_on, s);
    }
}

void gicv3_its_message(struct device *its, uint32_t device_id, uint32_t event_id)
{
    struct gicv3_its *s = (struct gicv3_its *)its;
    struct translation t;

    s->messages++;
    if (s->ctlr & CTLR_ENABLED && translate(s, device_id, event_id, &t))
        gicv3_lpi_set(t.cpu, t.lpi, true);
    else
        log_guest_error("gicv3-its: event %u of device 0x%x leads nowhere", event_id, device_id);
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint64_t read_baser(const struct gicv3_its *s, unsigned n)
{
    static const uint64_t fixed[ITS_NTABLES] = { BASER_TYPE(TYPE_DEVICES) | BASER_ENTRY, BASER_TYPE(TYPE_COLLECTIONS) | BASER_ENTRY };

    return n < ITS_NTABLES ? s->baser[n] | fixed[n] : 0;
}

/* The doubleword that holds offset off. */
static uint64_t read_wide(struct gicv3_its *s, unsigned off)
{
    switch (off & ~7u) {
    case GITS_CTLR:
        return (s->ctlr | (has_commands(s) ? 0 : CTLR_QUIESCENT)) | (uint64_t)GICV3_IIDR << 32;
    case GITS_TYPER:
        return TYPER_VALUE;
    case GITS_CBASER:
        return s->cbaser;
    case GITS_CWRITER:
        return s->cwriter;
    case GITS_CREADR:
        return s->creadr;
    case GITS_BASER ... GITS_BASER_END - 1:
        return read_baser(s, (off - GITS_BASER) / 8);
    default:
        log_guest_error("gicv3-its: read of offset 0x%x", off);
        return 0;
    }
}

static uint64_t its_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    if (off >= GITS_ID && off < 0x10000)
        return gicv3_id((unsigned)off, 0x94);
    return read_wide(opaque, (unsigned)off) >> (off & 4 ? 32 : 0);
}

/* Base registers hold still while the ITS is enabled. */
static void write_base(struct gicv3_its *s, uint64_t *base, uint64_t v)
{
    if (s->ctlr & CTLR_ENABLED)
        log_guest_error("gicv3-its: write of a base register while it is enabled");
    else
        *base = v;
}

static void write_wide(struct gicv3_its *s, unsigned off, uint64_t v, uint64_t mask)
{
    unsigned n = (off - GITS_BASER) / 8;

    switch (off & ~7u) {
    case GITS_CTLR:
        s->ctlr = ((s->ctlr & ~mask) | (v & mask)) & CTLR_ENABLED;
        break;
    case GITS_TYPER:
        return;
    case GITS_CBASER:
        write_base(s, &s->cbaser, ((s->cbaser & ~mask) | (v & mask)) & CBASER_MASK);
        if (!(s->ctlr & CTLR_ENABLED))
            s->creadr = 0;
        return;
    case GITS_CWRITER:
        s->cwriter = ((s->cwriter & ~mask) | (v & mask)) & OFFSET_MASK;
        if (s->cwriter >= queue_size(s))
            log_guest_error("gicv3-its: GITS_CWRITER 0x%x is behind the queue's end", (unsigned)s->cwriter);
        break;
    case GITS_CREADR:
        return;
    case GITS_BASER ... GITS_BASER_END - 1:
        if (n < ITS_NTABLES)
            write_base(s, &s->baser[n], ((s->baser[n] & ~mask) | (v & mask)) & BASER_MASK);
        return;
    default:
        log_guest_error("gicv3-its: write of offset 0x%x", off);
        return;
    }
    work(s);
}

static void its_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    unsigned shift = off & 4 ? 32 : 0;

    write_wide(opaque, (unsigned)off, val << shift, size == 8 ? UINT64_MAX : (uint64_t)UINT32_MAX << shift);
}

static const struct mmio_ops its_ops = { .read = its_read, .write = its_write, .min_size = 4, .max_size = 8 };

/* ---- the device -------------------------------------------------------------------------------- */

void gicv3_its_set_gic(struct device *its, struct device *gic)
{
    ((struct gicv3_its *)its)->gic = (struct gicv3 *)gic;
}

static void its_reset(struct device *dev)
{
    struct gicv3_its *s = (struct gicv3_its *)dev;

    s->ctlr = 0;
    s->cbaser = s->cwriter = s->creadr = 0;
    memset(s->baser, 0, sizeof(s->baser));
}

static bool its_realize(struct device *dev, GError **err)
{
    (void)err;
    g_assert(((struct gicv3_its *)dev)->gic);
    device_init_mmio(dev, 0, "gicv3-its", &its_ops, dev, 0x20000);
    return true;
}

static void its_unrealize(struct device *dev)
{
    event_loop_bh_cancel(device_loop(dev), work_on, dev);
}

static bool its_post_load(struct device *dev, GError **err)
{
    struct gicv3_its *s = (struct gicv3_its *)dev;

    (void)err;
    s->ctlr &= CTLR_ENABLED;
    s->cwriter &= OFFSET_MASK;
    s->creadr &= OFFSET_MASK;
    work(s);
    return true;
}

static const struct device_prop its_props[] = { PROP_END };

static const struct state_field its_state[] = {
    STATE(struct gicv3_its, ctlr), STATE(struct gicv3_its, cbaser), STATE(struct gicv3_its, cwriter), STATE(struct gicv3_its, creadr),
    STATE_ARRAY(struct gicv3_its, baser), STATE(struct gicv3_its, messages), STATE_END
};

static const struct device_type its_type = {
    .name = "arm-gicv3-its", .desc = "ARM GICv3 Interrupt Translation Service", .size = sizeof(struct gicv3_its),
    .props = its_props, .state = its_state, .realize = its_realize, .reset = its_reset, .unrealize = its_unrealize,
    .post_load = its_post_load,
};
DEVICE_REGISTER(its_type)
