/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv3 redistributors (IHI 0069, 12.10 and 12.11): a frame for the redistributor with its tables of LPIs, and one for SGIs and PPIs.
 *
 * LPIs: the configuration table in guest memory is read when LPIs are enabled and at the ITS's INV and INVALL, as 5.1.1 permits; the
 * pending table is ours while LPIs are enabled and goes back to memory when they are disabled (5.1.2).
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"
#include "softmmu/dma.h"
#include "util/endian.h"
#include "util/log.h"

enum gicr_reg {
    GICR_CTLR      = 0x0000,
    GICR_IIDR      = 0x0004,
    GICR_TYPER     = 0x0008,     /* 8 bytes */
    GICR_STATUSR   = 0x0010,
    GICR_WAKER     = 0x0014,
    GICR_PROPBASER = 0x0070,     /* 8 bytes */
    GICR_PENDBASER = 0x0078,     /* 8 bytes */
    GICR_ID        = 0xffd0,
    /* The second frame. */
    GICR_SGI       = 0x10000,
    GICR_IGROUPR0  = 0x10080,
    GICR_ISENABLER0 = 0x10100, GICR_ICENABLER0 = 0x10180, GICR_ISPENDR0 = 0x10200, GICR_ICPENDR0 = 0x10280,
    GICR_ISACTIVER0 = 0x10300, GICR_ICACTIVER0 = 0x10380,
    GICR_IPRIORITYR = 0x10400,
    GICR_IPRIORITYR_END = 0x10420,
    GICR_ICFGR0    = 0x10c00,    /* SGIs: edge-triggered, read only */
    GICR_ICFGR1    = 0x10c04,
    GICR_IGRPMODR0 = 0x10d00,    /* RES0 with one Security state, as NSACR */
    GICR_NSACR     = 0x10e00,
};

#define TYPER_PLPIS 1u
#define TYPER_LAST (1u << 4)
#define TYPER_DPGS (1u << 5)
/* PROPBASER: address [51:12], ID bits - 1 [4:0], cache and share attributes, which are kept. PENDBASER: address [51:16]; PTZ [62] says that
 * the table is zero, and reads as zero. */
#define PROPBASER_MASK 0x070fffffffffff9full
#define PROPBASER_ADDR 0x000ffffffffff000ull
#define PENDBASER_MASK 0x070fffffffff0f80ull
#define PENDBASER_ADDR 0x000fffffffff0000ull
#define PENDBASER_PTZ (1ull << 62)

/* ---- LPIs -------------------------------------------------------------------------------------- */

/* One past the highest LPI that the tables have room for. */
static uint32_t lpi_end(const struct gicv3_cpu *c)
{
    unsigned bits = (unsigned)(c->propbaser & 0x1f) + 1;

    return bits >= GICV3_ID_BITS ? GICV3_IDS : 1u << bits;
}

static bool lpi_exists(const struct gicv3_cpu *c, uint32_t lpi)
{
    return c->ctlr & GICR_CTLR_LPIS && lpi >= GICV3_FIRST_LPI && lpi < lpi_end(c);
}

/* Is a better than b (0: none)? */
static bool lpi_better(const struct gicv3 *s, unsigned a, unsigned b)
{
    unsigned pa = s->lpi_config[a] & GICV3_PRIO_MASK, pb = s->lpi_config[b] & GICV3_PRIO_MASK;

    return s->lpi_config[a] & 1 && (!b || pa < pb || (pa == pb && a < b));
}

void gicv3_lpi_find(struct gicv3_cpu *c)
{
    c->lpi_best = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->lpi_words); i++) {
        c->lpi_words[i] = 0;
        for (unsigned n = 0; n < 64; n++)
            if (c->lpi_pending[i * 64 + n])
                c->lpi_words[i] |= (uint64_t)1 << n;
    }
    if (!(c->ctlr & GICR_CTLR_LPIS))
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->lpi_words); i++)
        for (uint64_t words = c->lpi_words[i]; words; words &= words - 1) {
            unsigned n = i * 64 + (unsigned)__builtin_ctzll(words);

            for (uint64_t w = c->lpi_pending[n]; w; w &= w - 1) {
                unsigned lpi = n * 64 + (unsigned)__builtin_ctzll(w);

                if (lpi >= GICV3_FIRST_LPI && lpi_better(c->gic, lpi, c->lpi_best))
                    c->lpi_best = lpi;
            }
        }
}

/* The next one, after the best has gone: among the words that are not 0. */
static void find_next(struct gicv3_cpu *c)
{
    c->lpi_best = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->lpi_words); i++)
        for (uint64_t words = c->lpi_words[i]; words; words &= words - 1) {
            unsigned n = i * 64 + (unsigned)__builtin_ctzll(words);

            for (uint64_t w = c->lpi_pending[n]; w; w &= w - 1)
                if (lpi_better(c->gic, n * 64 + (unsigned)__builtin_ctzll(w), c->lpi_best))
                    c->lpi_best = n * 64 + (unsigned)__builtin_ctzll(w);
        }
}

bool gicv3_lpi_pending(const struct gicv3_cpu *c, uint32_t lpi)
{
    return lpi_exists(c, lpi) && c->lpi_pending[lpi / 64] >> (lpi % 64) & 1;
}

void gicv3_lpi_set(struct gicv3_cpu *c, uint32_t lpi, bool pending)
{
    uint64_t *w, bit = (uint64_t)1 << (lpi % 64);

    if (!lpi_exists(c, lpi))
        return;
    w = &c->lpi_pending[lpi / 64];
    *w = pending ? *w | bit : *w & ~bit;
    bit = (uint64_t)1 << (lpi / 64 % 64);
    if (*w)
        c->lpi_words[lpi / 64 / 64] |= bit;
    else
        c->lpi_words[lpi / 64 / 64] &= ~bit;
    if (pending && lpi_better(c->gic, lpi, c->lpi_best))
        c->lpi_best = lpi;
    else if (!pending && lpi == c->lpi_best)
        find_next(c);
    gicv3_update_cpu(c);
}

/* The configuration table is common to all redistributors (GICR_TYPER.CommonLPIAff 0): any that has LPIs enabled knows it. */
void gicv3_lpi_reload(struct gicv3 *s, uint32_t lpi)
{
    for (unsigned i = 0; i < s->num_cpu; i++)
        if (lpi_exists(s->cpu[i], lpi)) {
            if (!dma_read(device_bus(&s->dev), (s->cpu[i]->propbaser & PROPBASER_ADDR) + lpi - GICV3_FIRST_LPI, &s->lpi_config[lpi], 1))
                s->lpi_config[lpi] = 0;
            break;
        }
    for (unsigned i = 0; i < s->num_cpu; i++)
        if (gicv3_lpi_pending(s->cpu[i], lpi)) {
            find_next(s->cpu[i]);
            gicv3_update_cpu(s->cpu[i]);
        }
}

static void read_config(struct gicv3_cpu *c)
{
    struct gicv3 *s = c->gic;
    uint32_t end = lpi_end(c);

    memset(s->lpi_config, 0, sizeof(s->lpi_config));
    if (end > GICV3_FIRST_LPI && !dma_read(device_bus(&s->dev), c->propbaser & PROPBASER_ADDR, &s->lpi_config[GICV3_FIRST_LPI],
                                           end - GICV3_FIRST_LPI)) {
        log_guest_error("gicv3: the LPI configuration table at 0x%llx is not memory",
                        (unsigned long long)(c->propbaser & PROPBASER_ADDR));
        memset(s->lpi_config, 0, sizeof(s->lpi_config));
    }
}

void gicv3_lpi_reload_all(struct gicv3_cpu *c)
{
    struct gicv3 *s = c->gic;

    if (!(c->ctlr & GICR_CTLR_LPIS))
        return;
    read_config(c);
    for (unsigned i = 0; i < s->num_cpu; i++) {
        find_next(s->cpu[i]);
        gicv3_update_cpu(s->cpu[i]);
    }
}

void gicv3_lpi_move_all(struct gicv3_cpu *from, struct gicv3_cpu *to)
{
    if (from == to || !(to->ctlr & GICR_CTLR_LPIS))
        return;
    for (unsigned n = 0; n < G_N_ELEMENTS(from->lpi_pending); n++) {
        to->lpi_pending[n] |= from->lpi_pending[n];
        from->lpi_pending[n] = 0;
    }
    gicv3_lpi_find(from);
    gicv3_lpi_find(to);
    gicv3_update_cpu(from);
    gicv3_update_cpu(to);
}

/* The pending table has a bit for every ID, the first 1 KiB (IDs that are no LPIs) is not used. */
#define PENDING_SKIP (GICV3_FIRST_LPI / 8)

static void enable_lpis(struct gicv3_cpu *c, bool zero)
{
    uint32_t len = lpi_end(c) / 8;

    memset(c->lpi_pending, 0, sizeof(c->lpi_pending));
    read_config(c);
    if (!zero && len > PENDING_SKIP && !dma_read(device_bus(&c->dev), (c->pendbaser & PENDBASER_ADDR) + PENDING_SKIP,
                                                 (uint8_t *)c->lpi_pending + PENDING_SKIP, len - PENDING_SKIP))
        log_guest_error("gicv3: the LPI pending table at 0x%llx is not memory", (unsigned long long)(c->pendbaser & PENDBASER_ADDR));
    for (unsigned n = 0; n < G_N_ELEMENTS(c->lpi_pending); n++)
        c->lpi_pending[n] = ld64_le(&c->lpi_pending[n]);
    for (unsigned i = 0; i < c->gic->num_cpu; i++)
        gicv3_lpi_find(c->gic->cpu[i]);
}

static void disable_lpis(struct gicv3_cpu *c)
{
    uint32_t len = lpi_end(c) / 8;

    for (unsigned n = 0; n < G_N_ELEMENTS(c->lpi_pending); n++)
        st64_le(&c->lpi_pending[n], c->lpi_pending[n]);
    if (len > PENDING_SKIP && !dma_write(device_bus(&c->dev), (c->pendbaser & PENDBASER_ADDR) + PENDING_SKIP,
                                         (uint8_t *)c->lpi_pending + PENDING_SKIP, len - PENDING_SKIP))
        log_guest_error("gicv3: the LPI pending table at 0x%llx is not memory", (unsigned long long)(c->pendbaser & PENDBASER_ADDR));
    memset(c->lpi_pending, 0, sizeof(c->lpi_pending));
    gicv3_lpi_find(c);
}

/* ---- registers --------------------------------------------------------------------------------- */

static struct gicv3_word internal_word(struct gicv3_cpu *c)
{
    return (struct gicv3_word){ &c->group, &c->enabled, &c->pending, &c->active, &c->edge, c->level };
}

/* Affinity [63:32] as Aff3.Aff2.Aff1.Aff0, processor number [23:8]. */
static uint64_t typer(const struct gicv3_cpu *c)
{
    const struct gicv3 *s = c->gic;
    uint64_t affinity = (c->affinity >> 32 & 0xff) << 24 | (c->affinity & 0xffffff);

    return affinity << 32 | (uint64_t)c->index << 8 | TYPER_DPGS | (c->index == s->num_cpu - 1 ? TYPER_LAST : 0) |
           (s->has_lpis ? TYPER_PLPIS : 0);
}

static uint32_t half(uint64_t v, unsigned off)
{
    return (uint32_t)(off & 4 ? v >> 32 : v);
}

static uint32_t read_word(struct gicv3_cpu *c, unsigned off)
{
    struct gicv3_word w = internal_word(c);
    uint32_t v;

    switch (off) {
    case GICR_CTLR:
        return c->ctlr | (c->gic->has_lpis ? GICR_CTLR_CES : 0);
    case GICR_IIDR:
        return GICV3_IIDR;
    case GICR_TYPER ... GICR_TYPER + 7:
        return half(typer(c), off);
    case GICR_WAKER:
        return c->waker;
    case GICR_PROPBASER ... GICR_PROPBASER + 7:
        return half(c->propbaser, off);
    case GICR_PENDBASER ... GICR_PENDBASER + 7:
        return half(c->pendbaser & ~PENDBASER_PTZ, off);
    case GICR_ID ... 0xffff:
        return gicv3_id(off, 0x93);
    case GICR_IGROUPR0: case GICR_ISENABLER0: case GICR_ICENABLER0: case GICR_ISPENDR0: case GICR_ICPENDR0:
    case GICR_ISACTIVER0: case GICR_ICACTIVER0:
        return gicv3_read_word(&w, off - GICR_SGI);
    case GICR_IPRIORITYR ... GICR_IPRIORITYR_END - 1:
        memcpy(&v, &c->prio[off - GICR_IPRIORITYR], 4);
        return ld32_le(&v);
    case GICR_ICFGR0:
    case GICR_ICFGR1:
        return gicv3_read_config(c->edge >> (off & 4 ? 16 : 0));
    case GICR_STATUSR:
    case GICR_IGRPMODR0:
    case GICR_NSACR:
        return 0;
    default:
        log_guest_error("gicv3: read of redistributor offset 0x%x", off);
        return 0;
    }
}

static void write_ctlr(struct gicv3_cpu *c, uint32_t v)
{
    uint32_t old = c->ctlr;
    bool zero = c->pendbaser & PENDBASER_PTZ;

    c->ctlr = v & (GICR_CTLR_DPG0 | GICR_CTLR_DPG1NS | (c->gic->has_lpis ? GICR_CTLR_LPIS : 0));
    if ((old ^ c->ctlr) & GICR_CTLR_LPIS) {
        if (c->ctlr & GICR_CTLR_LPIS)
            enable_lpis(c, zero);
        else
            disable_lpis(c);
    }
    gicv3_route_any(c->gic);
}

/* A half of a base register; they cannot change while LPIs are enabled. */
static void write_base(struct gicv3_cpu *c, uint64_t *base, unsigned off, uint32_t v, uint64_t mask)
{
    unsigned shift = off & 4 ? 32 : 0;

    if (c->ctlr & GICR_CTLR_LPIS || !c->gic->has_lpis) {
        log_guest_error("gicv3: write of redistributor offset 0x%x while LPIs are %s", off, c->gic->has_lpis ? "enabled" : "absent");
        return;
    }
    *base = ((*base & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)v << shift) & mask;
}

static void write_priorities(struct gicv3_cpu *c, unsigned off, uint32_t v, uint32_t mask)
{
    for (unsigned i = 0; i < 4; i++)
        if (mask >> (8 * i) & 0xff)
            c->prio[off - GICR_IPRIORITYR + i] = (uint8_t)(v >> (8 * i) & GICV3_PRIO_MASK);
}

static void write_word(struct gicv3_cpu *c, unsigned off, uint32_t v, uint32_t mask)
{
    struct gicv3_word w = internal_word(c);
    uint32_t bits;

    switch (off) {
    case GICR_CTLR:
        write_ctlr(c, (c->ctlr & ~mask) | (v & mask));
        break;
    case GICR_WAKER:             /* it sleeps and wakes at once */
        c->waker = v & mask & WAKER_SLEEP ? WAKER_SLEEP | WAKER_ASLEEP : 0;
        gicv3_route_any(c->gic);
        break;
    case GICR_PROPBASER ... GICR_PROPBASER + 7:
        write_base(c, &c->propbaser, off, v, PROPBASER_MASK);
        return;
    case GICR_PENDBASER ... GICR_PENDBASER + 7:
        write_base(c, &c->pendbaser, off, v, PENDBASER_MASK | PENDBASER_PTZ);
        return;
    case GICR_IGROUPR0: case GICR_ISENABLER0: case GICR_ICENABLER0: case GICR_ISPENDR0: case GICR_ICPENDR0:
    case GICR_ISACTIVER0: case GICR_ICACTIVER0:
        gicv3_write_word(&w, off - GICR_SGI, v, mask);
        break;
    case GICR_IPRIORITYR ... GICR_IPRIORITYR_END - 1:
        write_priorities(c, off, v, mask);
        break;
    case GICR_ICFGR1:
        bits = gicv3_config_bits(mask) << 16;
        c->edge = (c->edge & ~bits) | (gicv3_config_bits(v) << 16 & bits);
        break;
    case GICR_STATUSR:
    case GICR_ICFGR0:
    case GICR_IGRPMODR0:
    case GICR_NSACR:
        return;
    default:
        log_guest_error("gicv3: write of redistributor offset 0x%x", off);
        return;
    }
    gicv3_update_cpu(c);
}

static uint64_t redist_read(void *opaque, uint64_t off, unsigned size)
{
    if (size == 8)
        return read_word(opaque, (unsigned)off) | (uint64_t)read_word(opaque, (unsigned)off + 4) << 32;
    return read_word(opaque, (unsigned)off & ~3u) >> (8 * (off & 3));
}

static void redist_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    unsigned shift = 8 * (off & 3);

    write_word(opaque, (unsigned)off & ~3u, (uint32_t)val << shift, size >= 4 ? ~0u : ((1u << (8 * size)) - 1) << shift);
    if (size == 8)
        write_word(opaque, (unsigned)off + 4, (uint32_t)(val >> 32), ~0u);
}

const struct mmio_ops gicv3_redist_ops = { .read = redist_read, .write = redist_write, .min_size = 1, .max_size = 8 };

void gicv3_redist_reset(struct gicv3_cpu *c)
{
    c->ctlr = 0;
    /* They come up asleep (12.11.38), and a secure monitor's firmware wakes them. Where there is none we do, as for KVM's guests: UEFI
     * takes it for granted. */
    c->waker = c->gic->has_el3 ? WAKER_SLEEP | WAKER_ASLEEP : 0;
    c->propbaser = c->pendbaser = 0;
    c->enabled = c->pending = c->active = c->group = 0;
    c->edge = 0xffff;
    memset(c->prio, 0, sizeof(c->prio));
    memset(c->lpi_pending, 0, sizeof(c->lpi_pending));
    gicv3_lpi_find(c);
}
