/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver that does everything wrong: rings anywhere and of any size, chains that loop, leave memory or go on for ever, indirect tables in
 * indirect tables, indices that jump, features, status and configuration in any order, resets in the middle of requests, and now and
 * then something that is right.
 *
 * After a round the device, reset by a well-behaved driver, must work; so must another device beside it; read-only memory must be as it was.
 */
#include "config.h"
#include <string.h>
#include "tests/fuzz/virtio.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define ROM 0x30000000u
#define ROM_SIZE 0x10000u
#define ROM_BYTE 0xa5
#define NEIGHBOUR (VMMIO + 0x1000)
#define NEIGHBOUR_RINGS (HARNESS_RAM + 0x3e0000)
#define NEIGHBOUR_DATA (HARNESS_RAM + 0x3f0000)
#define RAM_END ((uint64_t)HARNESS_RAM + HARNESS_RAM_SIZE)

uint8_t *fuzz_ram(struct fuzz_virtio *f, uint64_t paddr)
{
    return f->d.ram + (paddr - HARNESS_RAM);
}

/* Guest memory for len bytes at paddr, or NULL. */
static uint8_t *ram_at(struct fuzz_virtio *f, uint64_t paddr, uint64_t len)
{
    return paddr >= HARNESS_RAM && paddr <= RAM_END && len <= RAM_END - paddr ? fuzz_ram(f, paddr) : NULL;
}

void fuzz_wait_used(struct virtio_driver *d, unsigned q, unsigned n)
{
    for (int i = 0; (uint16_t)vq_used_idx(d, q) != (uint16_t)n; i++) {
        fuzz_check(i < 100000, "queue %u has used %u buffers of %u", q, vq_used_idx(d, q), n);
        if (!event_loop_poll(d->h->loop, false))
            g_usleep(50);
    }
}

/* ---- choices ----------------------------------------------------------------------------------- */

/* Something that is wrong n times of a hundred, in the wildest rounds. A device breaks at the first mistake that it finds, so others must
 * have few of them. */
static bool wrong(struct fuzz_virtio *f, unsigned n)
{
    return rng_below(f->r, 10000) < n * f->wild;
}

static uint64_t any_addr(struct fuzz_virtio *f)
{
    struct rng *r = f->r;

    switch (wrong(f, 50) ? rng_below(r, 7) : 7) {
    case 0:
        return RAM_END - rng_below(r, 4096);
    case 1:
        return HARNESS_RAM - rng_below(r, 64);
    case 2:
        return ROM + rng_below(r, ROM_SIZE);
    case 3:
        return VMMIO + rng_below(r, 0x200);
    case 4:
        return fuzz_number(r);
    case 5:
        return f->q[rng_below(r, FUZZ_QUEUES)].desc + rng_below(r, 4096);
    case 6:
        return HARNESS_RAM + rng_below(r, HARNESS_RAM_SIZE);
    default:
        return VQ_DATA + rng_below(r, 0x800) * 512;
    }
}

static uint32_t any_len(struct fuzz_virtio *f)
{
    static const uint32_t usual[] = { 0, 1, 4, 8, 10, 12, 16, 20, 64, 512, 1024, 1514, 4096, 65536, 1 << 20 };

    return !wrong(f, 20) ? usual[rng_below(f->r, G_N_ELEMENTS(usual))] : (uint32_t)fuzz_number(f->r);
}

static uint32_t any_register(struct fuzz_virtio *f)
{
    return rng_below(f->r, 0x200 / 4) * 4;
}

/* ---- rings ------------------------------------------------------------------------------------- */

/* Where they belong, mostly. */
static void choose_queue(struct fuzz_virtio *f, unsigned n)
{
    struct fuzz_queue *q = &f->q[n];
    uint32_t max;

    vd_write(&f->d, V_QSEL, n);
    max = vd_read(&f->d, V_QMAX);
    q->size = !wrong(f, 10) && max ? max >> rng_below(f->r, (uint32_t)__builtin_ctz(max) + 1) : (uint32_t)fuzz_number(f->r);
    q->desc = VQ_BASE + n * VQ_STRIDE;
    q->avail = q->desc + 0x4000;
    q->used = q->desc + 0x5000;
    q->idx = 0;
    if (wrong(f, 10))
        q->desc = any_addr(f);
    if (wrong(f, 10))
        q->avail = any_addr(f);
    if (wrong(f, 10))
        q->used = any_addr(f);
}

static void tell_queue(struct fuzz_virtio *f, unsigned n)
{
    const struct fuzz_queue *q = &f->q[n];
    struct virtio_driver *d = &f->d;

    vd_write(d, V_QSEL, n);
    vd_write(d, V_QNUM, q->size);
    if (d->legacy) {
        uint32_t align = !wrong(f, 10) ? 4096 : (uint32_t)fuzz_number(f->r);

        vd_write(d, V_QALIGN, align);
        vd_write(d, V_PFN, (uint32_t)(q->desc / 4096));
        f->q[n].avail = q->desc + 16 * (uint64_t)q->size;
        f->q[n].used = (q->avail + 6 + 2 * (uint64_t)q->size + 4095) & ~(uint64_t)4095;
        return;
    }
    vd_write(d, V_DESC, (uint32_t)q->desc);
    vd_write(d, V_DESC + 4, (uint32_t)(q->desc >> 32));
    vd_write(d, V_AVAIL, (uint32_t)q->avail);
    vd_write(d, V_AVAIL + 4, (uint32_t)(q->avail >> 32));
    vd_write(d, V_USED, (uint32_t)q->used);
    vd_write(d, V_USED + 4, (uint32_t)(q->used >> 32));
    vd_write(d, V_READY, !wrong(f, 10));
}

static uint32_t offered(struct virtio_driver *d, unsigned half)
{
    vd_write(d, V_DEVSEL, half);
    return vd_read(d, V_DEVFEAT);
}

/* Reset, features, queues, go; a step may be missing. */
static void bring_up(struct fuzz_virtio *f)
{
    struct virtio_driver *d = &f->d;
    uint32_t low = offered(d, 0) & (fuzz_percent(f->r, 50) ? UINT32_MAX : rng_u32(f->r));

    if (wrong(f, 10))
        low |= rng_u32(f->r);
    if (!wrong(f, 10))
        vd_write(d, V_STATUS, 0);
    vd_write(d, V_STATUS, 3);
    vd_write(d, V_DRVSEL, 0);
    vd_write(d, V_DRVFEAT, low);
    if (d->legacy) {
        vd_write(d, V_PAGE, !wrong(f, 10) ? 4096 : (uint32_t)fuzz_number(f->r));
    } else {
        vd_write(d, V_DRVSEL, 1);
        vd_write(d, V_DRVFEAT, !wrong(f, 10) ? offered(d, 1) : rng_u32(f->r));
        vd_write(d, V_STATUS, 11);
    }
    for (unsigned n = 0; n < FUZZ_QUEUES; n++) {
        choose_queue(f, n);
        if (!wrong(f, 10))
            tell_queue(f, n);
        if (!wrong(f, 50) && ram_at(f, f->q[n].desc, 0x8000))
            memset(ram_at(f, f->q[n].desc, 0x8000), 0, 0x8000);
    }
    vd_write(d, V_STATUS, d->legacy ? 7 : 15);
}

static void put_desc(struct fuzz_virtio *f, uint64_t table, uint32_t i, uint64_t addr, uint32_t len, unsigned flags, uint32_t next)
{
    uint8_t *p = ram_at(f, table + 16 * (uint64_t)i, 16);

    if (!p)
        return;
    st64_le(p, addr);
    st32_le(p + 8, len);
    st16_le(p + 12, (uint16_t)flags);
    st16_le(p + 14, (uint16_t)next);
}

/* n descriptors in a table of size entries, from `first` on: parts to read, then parts to write, as it should be, mostly. */
static void put_chain(struct fuzz_virtio *f, unsigned queue, uint64_t table, uint32_t size, uint32_t first, uint32_t n, bool indirect)
{
    struct rng *r = f->r;
    uint32_t at = first, reads = rng_below(r, n + 1);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t next = !wrong(f, 10) ? (at + 1) % MAX(size, 1u) : (uint32_t)fuzz_number(r);
        unsigned flags = (i >= reads ? VQ_WRITE : 0u) | (i + 1 < n ? VQ_NEXT : 0u);
        uint64_t addr = any_addr(f);
        uint32_t len = any_len(f);
        uint8_t *p = ram_at(f, addr, MIN(len, 4096));

        if (wrong(f, 10))
            flags ^= VQ_WRITE;
        if (wrong(f, 5))
            flags |= VQ_NEXT;            /* the last one too: a loop, or what lies behind */
        if (indirect && wrong(f, 5))
            flags |= VQ_INDIRECT;
        if (p && i < 2 && !(flags & VQ_WRITE) && f->device->payload && fuzz_percent(r, 85))
            f->device->payload(f, queue, p, MIN(len, 4096));
        put_desc(f, table, at, addr, len, flags, next);
        at = next;
    }
}

static uint32_t chain_length(struct fuzz_virtio *f)
{
    if (fuzz_percent(f->r, 97))
        return 1 + rng_below(f->r, 5);
    return fuzz_percent(f->r, 50) ? 1021 + rng_below(f->r, 6) : 1 + rng_below(f->r, 1200);       /* about the limit */
}

/* From head on; now and then behind a descriptor of the ring itself, which counts too. */
static void put_indirect(struct fuzz_virtio *f, unsigned queue, uint32_t head, uint32_t size)
{
    uint32_t n = chain_length(f), len = n * 16;
    uint64_t table = any_addr(f), ring = f->q[queue].desc;

    put_chain(f, queue, table, n, 0, n, true);
    if (wrong(f, 20))
        len = any_len(f);
    if (fuzz_percent(f->r, 20)) {
        put_desc(f, ring, head, any_addr(f), any_len(f), VQ_NEXT, (head + 1) % size);
        head = (head + 1) % size;
    }
    put_desc(f, ring, head, table, len, VQ_INDIRECT | (wrong(f, 10) ? VQ_NEXT : 0u), 0);
}

/* A buffer into the available ring, which may jump. */
static void offer(struct fuzz_virtio *f, unsigned n)
{
    struct fuzz_queue *q = &f->q[n];
    uint32_t size = q->size && q->size <= 1024 ? q->size : 8, head = rng_below(f->r, size);
    uint8_t *a = ram_at(f, q->avail, 4 + 2 * size);

    if (fuzz_percent(f->r, 25))
        put_indirect(f, n, head, size);
    else
        put_chain(f, n, q->desc, size, head, chain_length(f), false);
    if (!a)
        return;
    if (wrong(f, 10))
        head = (uint32_t)fuzz_number(f->r);
    st16_le(a + 4 + 2 * (q->idx % size), (uint16_t)head);
    q->idx += !wrong(f, 10) ? 1 : (uint16_t)fuzz_number(f->r);
    st16_le(a + 2, q->idx);
}

static unsigned any_queue(struct fuzz_virtio *f)
{
    unsigned n = f->device->nqueues;

    return !wrong(f, 10) ? rng_below(f->r, MIN(n, FUZZ_QUEUES)) : rng_below(f->r, FUZZ_QUEUES);
}

static void kick(struct fuzz_virtio *f, unsigned n)
{
    vd_write(&f->d, V_NOTIFY, !wrong(f, 10) ? n : (uint32_t)fuzz_number(f->r));
}

/* ---- steps ------------------------------------------------------------------------------------- */

/* Noise where the device looks: rings, their flags, events. */
static void scribble(struct fuzz_virtio *f)
{
    const struct fuzz_queue *q = &f->q[any_queue(f)];
    const uint64_t where[] = { q->desc, q->avail, q->used, VQ_DATA };
    uint32_t len = 1 + rng_below(f->r, 64);
    uint8_t *p = ram_at(f, where[rng_below(f->r, 4)] + rng_below(f->r, 256), len);

    if (p)
        rng_bytes(f->r, p, len);
}

static void registers(struct fuzz_virtio *f)
{
    static const uint8_t usual[] = { V_STATUS, V_QSEL, V_QNUM, V_READY, V_NOTIFY, V_ACK, V_DRVSEL, V_DRVFEAT, V_PFN };
    unsigned size = 1u << rng_below(f->r, 4);
    uint64_t at = VMMIO + rng_below(f->r, 0x200 - 8);

    switch (rng_below(f->r, 5)) {
    case 0:
        vd_write(&f->d, usual[rng_below(f->r, G_N_ELEMENTS(usual))], (uint32_t)fuzz_number(f->r));
        break;
    case 1:
        vd_write(&f->d, any_register(f), (uint32_t)fuzz_number(f->r));
        break;
    case 2:
        vd_read(&f->d, any_register(f));
        break;
    case 3:
        dev_write(f->h, at, size, fuzz_number(f->r));
        break;
    default:
        dev_read(f->h, at, size);
    }
}

static void configuration(struct fuzz_virtio *f)
{
    unsigned size = 1u << rng_below(f->r, 3);
    uint64_t at = VMMIO + V_CONFIG + rng_below(f->r, 64);

    if (fuzz_percent(f->r, 50))
        dev_write(f->h, at, size, fuzz_number(f->r));
    else
        dev_read(f->h, at, size);
}

static void step(struct fuzz_virtio *f)
{
    uint32_t what = rng_below(f->r, 100);
    unsigned n = any_queue(f);

    if (what < 3 && wrong(f, 100)) {
        registers(f);
    } else if (what < 6) {
        configuration(f);
    } else if (what < 10) {
        bring_up(f);
    } else if (what < 11) {
        vd_write(&f->d, V_STATUS, fuzz_percent(f->r, 80) ? 0 : rng_u32(f->r) & 0xff);
    } else if (what < 15 && wrong(f, 100)) {
        scribble(f);
    } else if (what < 25) {
        if (f->device->event)
            f->device->event(f);
    } else if (what < 35) {
        harness_settle(f->h);
    } else if (what < 38) {
        clock_step(f->h, rng_below(f->r, 2000) * 1000000);
    } else {
        for (uint32_t i = 1 + rng_below(f->r, 4); i; i--)
            offer(f, n);
        if (fuzz_percent(f->r, 80))
            kick(f, n);
    }
}

/* ---- a round ----------------------------------------------------------------------------------- */

static void neighbour_works(struct fuzz_virtio *f)
{
    struct virtio_driver *d = &f->neighbour;
    uint8_t *p = fuzz_ram(f, NEIGHBOUR_DATA);
    unsigned zeros = 0;

    memset(p, 0, 64);
    vd_start(d, 0, 1);
    vq_set_desc(d, 0, 0, NEIGHBOUR_DATA, 64, VQ_WRITE, 0);
    vq_offer(d, 0, 0);
    fuzz_wait_used(d, 0, 1);
    for (int i = 0; i < 64; i++)
        zeros += !p[i];
    fuzz_check(zeros < 16, "the entropy device beside it gives zeros");
}

static void rom_is_whole(struct fuzz_virtio *f)
{
    const uint8_t *rom = bus_ram(f->h->m->bus, ROM, NULL, NULL);

    for (uint32_t i = 0; i < ROM_SIZE; i++)
        fuzz_check(rom[i] == ROM_BYTE, "read-only memory has changed at 0x%x", i);
}

static void make(struct fuzz_virtio *f)
{
    f->h = harness_new();
    memset(bus_add_ram(f->h->m->bus, "rom", ROM, ROM_SIZE, true, NULL), ROM_BYTE, ROM_SIZE);
    vd_init_at(&f->neighbour, f->h, "virtio-rng-device", false, NEIGHBOUR, NEIGHBOUR_RINGS, 1);
    vd_plug(&f->neighbour);
    vd_init(&f->d, f->h, f->device->type, fuzz_percent(f->r, 30));
    if (f->device->prepare)
        f->device->prepare(f);
    vd_plug(&f->d);
    if (f->device->plugged)
        f->device->plugged(f);
}

void fuzz_virtio_round(const struct fuzz_target *t, struct rng *r)
{
    static const uint8_t wild[] = { 0, 1, 5, 20, 100 };
    struct fuzz_virtio f = { .r = r, .device = t->data, .wild = wild[rng_below(r, G_N_ELEMENTS(wild))] };
    unsigned steps = 50 + rng_below(r, 400);

    make(&f);
    bring_up(&f);
    while (steps--)
        step(&f);
    harness_settle(f.h);
    neighbour_works(&f);
    vd_write(&f.d, V_STATUS, 0);
    fuzz_check(vd_read(&f.d, V_STATUS) == 0, "status 0x%x after a reset", vd_read(&f.d, V_STATUS));
    vd_start(&f.d, f.device->features & offered(&f.d, 0), f.device->nqueues);
    f.device->works(&f);
    rom_is_whole(&f);
    harness_free(f.h);
    if (f.device->gone)
        f.device->gone(&f);
}
