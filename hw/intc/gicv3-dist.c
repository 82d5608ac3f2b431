/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv3 distributor (IHI 0069, chapter 12.9): SPIs and their routes. Affinity routing is always on and there is one Security state
 * (GICD_CTLR.ARE and .DS read as one), so what GICv2 had for the first 32 interrupts, for targets and SGIs reads as zero.
 * Not modelled: extended SPI ranges, message-based SPIs.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"
#include "util/log.h"

enum gicd_reg {
    GICD_CTLR       = 0x0000,
    GICD_TYPER      = 0x0004,
    GICD_IIDR       = 0x0008,
    GICD_TYPER2     = 0x000c,
    GICD_STATUSR    = 0x0010,
    GICD_IGROUPR    = 0x0080,
    GICD_ISENABLER  = 0x0100,
    GICD_ICENABLER  = 0x0180,
    GICD_ISPENDR    = 0x0200,
    GICD_ICPENDR    = 0x0280,
    GICD_ISACTIVER  = 0x0300,
    GICD_ICACTIVER  = 0x0380,
    GICD_IPRIORITYR = 0x0400,
    GICD_ITARGETSR  = 0x0800,    /* RES0 with affinity routing */
    GICD_ICFGR      = 0x0c00,
    GICD_IGRPMODR   = 0x0d00,    /* RES0 with one Security state, as NSACR */
    GICD_NSACR      = 0x0e00,
    GICD_SGIR       = 0x0f00,    /* RES0 with affinity routing, as the pending bits behind it */
    GICD_SGI_END    = 0x0f30,
    GICD_IROUTER    = 0x6000,    /* 8 bytes for each ID; those below 32 are RES0 */
    GICD_IROUTER_END = 0x6000 + 8 * GICV3_MAX_IRQS,
    GICD_ID         = 0xffd0,
};

/* GICD_TYPER: IDbits - 1 [23:19], A3V [24]. */
#define TYPER_LPIS (1u << 17)
#define TYPER_IDBITS ((GICV3_ID_BITS - 1) << 19)
#define TYPER_A3V (1u << 24)
#define ROUTER_ANY (1ull << 31)
#define ROUTER_MASK 0xff80ffffffull

/* ---- words that distributor and redistributors have alike -------------------------------------- */

uint32_t gicv3_read_word(const struct gicv3_word *w, unsigned off)
{
    switch (off & ~0x7fu) {
    case GICD_IGROUPR:
        return *w->group;
    case GICD_ISENABLER:
    case GICD_ICENABLER:
        return *w->enabled;
    case GICD_ISPENDR:
    case GICD_ICPENDR:
        return *w->pending | (w->level & ~*w->edge);
    default:
        return *w->active;
    }
}

void gicv3_write_word(const struct gicv3_word *w, unsigned off, uint32_t v, uint32_t mask)
{
    v &= mask;
    switch (off & ~0x7fu) {
    case GICD_IGROUPR:
        *w->group = (*w->group & ~mask) | v;
        break;
    case GICD_ISENABLER:
        *w->enabled |= v;
        break;
    case GICD_ICENABLER:
        *w->enabled &= ~v;
        break;
    case GICD_ISPENDR:
        *w->pending |= v;
        break;
    case GICD_ICPENDR:
        *w->pending &= ~v;
        break;
    case GICD_ISACTIVER:
        *w->active |= v;
        break;
    default:
        *w->active &= ~v;
        break;
    }
}

uint32_t gicv3_read_config(uint32_t bits)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 16; i++)
        if (bits >> i & 1)
            v |= 2u << (2 * i);
    return v;
}

uint32_t gicv3_config_bits(uint32_t v)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < 16; i++)
        bits |= (v >> (2 * i + 1) & 1) << i;
    return bits;
}

/* 12.1.3: PIDR4 to 7, 0 to 3, CIDR. ArchRev in PIDR2 is 3. */
uint32_t gicv3_id(unsigned off, uint8_t part)
{
    const uint8_t id[12] = { 0x44, 0, 0, 0, part, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

    return id[(off - GICD_ID) / 4 % G_N_ELEMENTS(id)];
}

/* ---- routes ------------------------------------------------------------------------------------ */

struct gicv3_cpu *gicv3_find_cpu(struct gicv3 *s, uint64_t affinity)
{
    for (unsigned i = 0; i < s->num_cpu; i++)
        if (s->cpu[i]->affinity == affinity)
            return s->cpu[i];
    return NULL;
}

/* Does it take part in "1 of N" (3.2.4): awake, its group enabled, not excluded by GICR_CTLR.DPGx? */
static bool participates(const struct gicv3_cpu *c, bool group1)
{
    return !(c->waker & WAKER_ASLEEP) && c->grpen[group1] && !(c->ctlr & (group1 ? GICR_CTLR_DPG1NS : GICR_CTLR_DPG0));
}

static unsigned find_route(struct gicv3 *s, unsigned irq)
{
    bool group1 = s->group[irq / 32] >> (irq % 32) & 1;
    const struct gicv3_cpu *c;

    if (!(s->router[irq] & ROUTER_ANY)) {
        c = gicv3_find_cpu(s, s->router[irq]);
        return c ? c->index : GICV3_NO_CPU;
    }
    for (unsigned i = 0; i < s->num_cpu; i++)        /* spread by ID */
        if (participates(s->cpu[(irq + i) % s->num_cpu], group1))
            return (irq + i) % s->num_cpu;
    return GICV3_NO_CPU;
}

static void set_route(struct gicv3 *s, unsigned irq)
{
    unsigned to = find_route(s, irq), from = s->route[irq];

    if (to == from)
        return;
    if (from != GICV3_NO_CPU)
        s->cpu[from]->targeted[irq / 32] &= ~(1u << (irq % 32));
    if (to != GICV3_NO_CPU)
        s->cpu[to]->targeted[irq / 32] |= 1u << (irq % 32);
    s->route[irq] = (uint16_t)to;
    if (from != GICV3_NO_CPU)
        gicv3_update_cpu(s->cpu[from]);
}

void gicv3_route_all(struct gicv3 *s)
{
    for (unsigned irq = GICV3_INTERNAL; irq < s->num_irq; irq++)
        s->route[irq] = GICV3_NO_CPU;
    for (unsigned i = 0; i < s->num_cpu; i++)
        memset(s->cpu[i]->targeted, 0, sizeof(s->cpu[i]->targeted));
    for (unsigned irq = GICV3_INTERNAL; irq < s->num_irq; irq++)
        set_route(s, irq);
}

void gicv3_route_any(struct gicv3 *s)
{
    for (unsigned irq = GICV3_INTERNAL; irq < s->num_irq; irq++)
        if (s->router[irq] & ROUTER_ANY) {
            set_route(s, irq);
            gicv3_update_spi(s, irq);
        }
}

/* ---- registers --------------------------------------------------------------------------------- */

static struct gicv3_word spi_word(struct gicv3 *s, unsigned n)
{
    return (struct gicv3_word){ &s->group[n], &s->enabled[n], &s->pending[n], &s->active[n], &s->edge[n], s->level[n] };
}

static uint32_t typer(const struct gicv3 *s)
{
    return (s->num_irq / 32 - 1) | TYPER_IDBITS | TYPER_A3V | (s->has_lpis ? TYPER_LPIS : 0);
}

/* Word n of an array whose words hold `per` interrupts each: is it there, and not of the first 32? */
static bool is_spi(const struct gicv3 *s, unsigned n, unsigned per)
{
    return n * per >= GICV3_INTERNAL && n * per < s->num_irq;
}

static uint32_t read_priorities(const struct gicv3 *s, unsigned irq)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)s->prio[irq + i] << (8 * i);
    return v;
}

static void write_priorities(struct gicv3 *s, unsigned irq, uint32_t v, uint32_t mask)
{
    for (unsigned i = 0; i < 4; i++)
        if (mask >> (8 * i) & 0xff)
            s->prio[irq + i] = (uint8_t)(v >> (8 * i) & GICV3_PRIO_MASK);
    for (unsigned i = 0; i < 4; i++)
        gicv3_update_spi(s, irq + i);
}

static void write_router(struct gicv3 *s, unsigned off, uint32_t v, uint32_t mask)
{
    unsigned irq = (off - GICD_IROUTER) / 8, shift = off & 4 ? 32 : 0;

    if (irq < GICV3_INTERNAL || irq >= s->num_irq)
        return;
    s->router[irq] = ((s->router[irq] & ~((uint64_t)mask << shift)) | (uint64_t)(v & mask) << shift) & ROUTER_MASK;
    set_route(s, irq);
    gicv3_update_spi(s, irq);
}

static uint32_t read_router(const struct gicv3 *s, unsigned off)
{
    unsigned irq = (off - GICD_IROUTER) / 8;

    if (irq < GICV3_INTERNAL || irq >= s->num_irq)
        return 0;
    return (uint32_t)(s->router[irq] >> (off & 4 ? 32 : 0));
}

static uint32_t read_word(struct gicv3 *s, unsigned off)
{
    struct gicv3_word w;

    switch (off) {
    case GICD_CTLR:
        return s->ctlr | GICD_CTLR_ARE | GICD_CTLR_DS;
    case GICD_TYPER:
        return typer(s);
    case GICD_IIDR:
        return GICV3_IIDR;
    case GICD_TYPER2:
    case GICD_STATUSR:
        return 0;
    case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
        w = spi_word(s, off % 0x80 / 4);
        return is_spi(s, off % 0x80 / 4, 32) ? gicv3_read_word(&w, off) : 0;
    case GICD_IPRIORITYR ... GICD_ITARGETSR - 1:
        return is_spi(s, off % 0x400 / 4, 4) ? read_priorities(s, off % 0x400) : 0;
    case GICD_ICFGR ... GICD_IGRPMODR - 1:
        if (!is_spi(s, off % 0x100 / 4, 16))
            return 0;
        return gicv3_read_config(s->edge[off % 0x100 / 8] >> (off & 4 ? 16 : 0));
    case GICD_ITARGETSR ... GICD_ICFGR - 1:
    case GICD_IGRPMODR ... GICD_SGI_END - 1:
        return 0;
    case GICD_IROUTER ... GICD_IROUTER_END - 1:
        return read_router(s, off);
    case GICD_ID ... 0xffff:
        return gicv3_id(off, 0x92);
    default:
        log_guest_error("gicv3: read of distributor offset 0x%x", off);
        return 0;
    }
}

static void write_config(struct gicv3 *s, unsigned off, uint32_t v, uint32_t mask)
{
    unsigned shift = off & 4 ? 16 : 0;
    uint32_t bits = gicv3_config_bits(mask) << shift, *edge = &s->edge[off % 0x100 / 8];

    *edge = (*edge & ~bits) | (gicv3_config_bits(v) << shift & bits);
}

static void write_word(struct gicv3 *s, unsigned off, uint32_t v, uint32_t mask)
{
    struct gicv3_word w;

    switch (off) {
    case GICD_CTLR:
        s->ctlr = ((s->ctlr & ~mask) | (v & mask)) & (GICD_CTLR_GRP0 | GICD_CTLR_GRP1);
        break;
    case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
        if (!is_spi(s, off % 0x80 / 4, 32))
            return;
        w = spi_word(s, off % 0x80 / 4);
        gicv3_write_word(&w, off, v, mask);
        if (off < GICD_ISENABLER)
            gicv3_route_any(s);
        break;
    case GICD_IPRIORITYR ... GICD_ITARGETSR - 1:
        if (is_spi(s, off % 0x400 / 4, 4))
            write_priorities(s, off % 0x400, v, mask);
        return;
    case GICD_ICFGR ... GICD_IGRPMODR - 1:
        if (!is_spi(s, off % 0x100 / 4, 16))
            return;
        write_config(s, off, v, mask);
        break;
    case GICD_STATUSR:
    case GICD_ITARGETSR ... GICD_ICFGR - 1:
    case GICD_IGRPMODR ... GICD_SGI_END - 1:
        return;
    case GICD_IROUTER ... GICD_IROUTER_END - 1:
        write_router(s, off, v, mask);
        return;
    default:
        log_guest_error("gicv3: write of distributor offset 0x%x", off);
        return;
    }
    gicv3_update(s);
}

/* Priorities may be accessed as bytes and routes as doublewords (12.1.3); other sizes work alike. */
static uint64_t dist_read(void *opaque, uint64_t off, unsigned size)
{
    if (size == 8)
        return read_word(opaque, (unsigned)off) | (uint64_t)read_word(opaque, (unsigned)off + 4) << 32;
    return read_word(opaque, (unsigned)off & ~3u) >> (8 * (off & 3));
}

static void dist_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    unsigned shift = 8 * (off & 3);

    write_word(opaque, (unsigned)off & ~3u, (uint32_t)val << shift, size >= 4 ? ~0u : ((1u << (8 * size)) - 1) << shift);
    if (size == 8)
        write_word(opaque, (unsigned)off + 4, (uint32_t)(val >> 32), ~0u);
}

const struct mmio_ops gicv3_dist_ops = { .read = dist_read, .write = dist_write, .min_size = 1, .max_size = 8 };

void gicv3_dist_reset(struct gicv3 *s)
{
    s->ctlr = 0;
    memset(s->enabled, 0, sizeof(s->enabled));
    memset(s->pending, 0, sizeof(s->pending));
    memset(s->active, 0, sizeof(s->active));
    memset(s->group, 0, sizeof(s->group));
    memset(s->edge, 0, sizeof(s->edge));
    memset(s->prio, 0, sizeof(s->prio));
    memset(s->router, 0, sizeof(s->router));
    gicv3_route_all(s);
}
