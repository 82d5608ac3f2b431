/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical address spaces: a sorted array of regions; RAM is host memory, MMIO goes to the device under its lock. */
#include "config.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "softmmu/bus.h"
#include "softmmu/dma.h"

struct region {
    const char *name;
    uint64_t start, size;
    uint8_t *ram;            /* NULL: MMIO */
    bool readonly;
    bool direct;             /* ROM devices: they have ram and ops, and this says which is read. Atomic */
    const struct mmio_ops *ops;
    void *opaque;
};

struct bus {
    struct region *regions;  /* sorted by start, no overlap */
    unsigned n;
    void (*lock)(void *), (*unlock)(void *);
    void *lock_opaque;
    void (*written)(void *, uint64_t, uint64_t);
    void *written_opaque;
};

struct bus *bus_new(void (*lock)(void *), void (*unlock)(void *), void *opaque)
{
    struct bus *bus = g_new0(struct bus, 1);

    bus->lock = lock;
    bus->unlock = unlock;
    bus->lock_opaque = opaque;
    return bus;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    for (unsigned i = 0; i < bus->n; i++)
        if (bus->regions[i].ram && !bus->regions[i].ops)
            munmap(bus->regions[i].ram, bus->regions[i].size);
    g_free(bus->regions);
    g_free(bus);
}

static void add_region(struct bus *bus, const struct region *r)
{
    unsigned at = bus->n;

    for (unsigned i = 0; i < bus->n; i++) {
        const struct region *o = &bus->regions[i];

        if (o->start < r->start + r->size && r->start < o->start + o->size)
            g_error("bus: '%s' overlaps '%s'", r->name, o->name);
    }
    while (at > 0 && bus->regions[at - 1].start > r->start)
        at--;
    bus->regions = g_renew(struct region, bus->regions, bus->n + 1);
    memmove(&bus->regions[at + 1], &bus->regions[at],
            (bus->n - at) * sizeof(*r));
    bus->regions[at] = *r;
    bus->n++;
}

void *bus_add_ram(struct bus *bus, const char *name, uint64_t paddr,
                  uint64_t size, bool readonly, GError **err)
{
    void *ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (ram == MAP_FAILED) {
        g_set_error(err, g_quark_from_static_string("bus"), errno,
                    "cannot get %" G_GUINT64_FORMAT
                    " MiB of host memory for '%s': %s; try a smaller -m",
                    size >> 20, name, g_strerror(errno));
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    madvise(ram, size, MADV_HUGEPAGE);
#endif
    add_region(bus, &(struct region){ .name = name, .start = paddr,
                                      .size = size, .ram = ram,
                                      .readonly = readonly });
    return ram;
}

void bus_add_mmio(struct bus *bus, const char *name, uint64_t paddr,
                  uint64_t size, const struct mmio_ops *ops, void *opaque)
{
    add_region(bus, &(struct region){ .name = name, .start = paddr,
                                      .size = size, .ops = ops,
                                      .opaque = opaque });
}

void bus_add_rom_device(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, void *mem,
                        const struct mmio_ops *ops, void *opaque)
{
    add_region(bus, &(struct region){ .name = name, .start = paddr, .size = size, .ram = mem, .readonly = true,
                                      .direct = true, .ops = ops, .opaque = opaque });
}

static struct region *find(const struct bus *bus, uint64_t paddr)
{
    unsigned lo = 0, hi = bus->n;

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;

        if (paddr < bus->regions[mid].start)
            hi = mid;
        else if (paddr - bus->regions[mid].start >= bus->regions[mid].size)
            lo = mid + 1;
        else
            return &bus->regions[mid];
    }
    return NULL;
}

void *bus_ram(struct bus *bus, uint64_t paddr, uint64_t *room, bool *readonly)
{
    const struct region *r = find(bus, paddr);

    if (!r || !r->ram)
        return NULL;
    if (room)
        *room = r->size - (paddr - r->start);
    if (readonly)
        *readonly = r->readonly;
    return r->ram + (paddr - r->start);
}

/* ---- ROM devices ---------------------------------------------------------------------------- */

static bool is_direct(const struct region *r)
{
    return __atomic_load_n(&r->direct, __ATOMIC_SEQ_CST);
}

bool bus_is_direct(struct bus *bus, uint64_t paddr)
{
    const struct region *r = find(bus, paddr);

    return !r || !r->ram || !r->ops || is_direct(r);
}

void bus_set_direct(struct bus *bus, uint64_t paddr, bool on, uint64_t *start, uint64_t *size)
{
    struct region *r = find(bus, paddr);

    g_assert(r && r->ram && r->ops);
    __atomic_store_n(&r->direct, on, __ATOMIC_SEQ_CST);
    *start = r->start;
    *size = r->size;
}

void bus_changed(struct bus *bus, uint64_t paddr, uint64_t len)
{
    if (bus->written)
        bus->written(bus->written_opaque, paddr, len);
}

/* Who accesses: set by each vCPU's thread for itself. */
static __thread int current_cpu;

int bus_current_cpu(void)
{
    return current_cpu;
}

void bus_set_current_cpu(int index)
{
    current_cpu = index;
}

/* ---- MMIO ----------------------------------------------------------------------------------- */

static uint64_t swap_size(uint64_t v, unsigned size)
{
    return __builtin_bswap64(v) >> (64 - 8 * size);
}

static unsigned ops_min(const struct mmio_ops *ops)
{
    return ops->min_size ? ops->min_size : 1;
}

static unsigned ops_max(const struct mmio_ops *ops)
{
    return ops->max_size ? ops->max_size : 4;
}

/* Width of one device access for a guest access of size at off. */
static unsigned device_size(const struct mmio_ops *ops, uint64_t off,
                            unsigned size)
{
    unsigned n = size;

    if (n < ops_min(ops))
        n = ops_min(ops);
    if (n > ops_max(ops))
        n = ops_max(ops);
    while (n > ops_min(ops) && off & (n - 1))
        n >>= 1;
    return n;
}

uint64_t mmio_ops_read(const struct mmio_ops *ops, void *opaque, uint64_t off, unsigned size)
{
    uint64_t v = 0;
    unsigned done = 0;

    while (done < size) {
        unsigned n = device_size(ops, off + done, size - done);
        uint64_t at = (off + done) & ~(uint64_t)(n - 1);
        unsigned skip = (unsigned)(off + done - at);
        uint64_t x = ops->read(opaque, at, n);

        if (ops->big_endian)
            x = swap_size(x, n);
        v |= (x >> (8 * skip)) << (8 * done);
        done += n - skip;
    }
    return size == 8 ? v : v & (((uint64_t)1 << (8 * size)) - 1);
}

void mmio_ops_write(const struct mmio_ops *ops, void *opaque, uint64_t off, unsigned size, uint64_t val)
{
    unsigned done = 0;

    while (done < size) {
        unsigned n = device_size(ops, off + done, size - done);
        uint64_t at = (off + done) & ~(uint64_t)(n - 1);
        unsigned skip = (unsigned)(off + done - at);
        uint64_t x = val >> (8 * done);

        if (n < 8)
            x &= ((uint64_t)1 << (8 * n)) - 1;
        x <<= 8 * skip;
        if (ops->big_endian)
            x = swap_size(x, n);
        ops->write(opaque, at, x, n);
        done += n - skip;
    }
}

static enum bus_result split(struct bus *bus, uint64_t paddr, unsigned size,
                             uint64_t *val, bool write)
{
    enum bus_result result = BUS_OK;
    uint64_t v = 0, byte;

    for (unsigned i = 0; i < size && result == BUS_OK; i++) {
        byte = write ? *val >> (8 * i) & 0xff : 0;
        result = write ? bus_write(bus, paddr + i, 1, byte)
                       : bus_read(bus, paddr + i, 1, &byte);
        if (!write && result == BUS_SWITCH)
            result = BUS_OK;
        v |= byte << (8 * i);
    }
    if (!write)
        *val = v;
    return result;
}

enum bus_result bus_read(struct bus *bus, uint64_t paddr, unsigned size,
                         uint64_t *val)
{
    const struct region *r = find(bus, paddr);
    uint64_t off;

    *val = 0;
    if (!r)
        return BUS_NO_DEVICE;
    off = paddr - r->start;
    if (r->size - off < size)
        return split(bus, paddr, size, val, false);
    if (r->ram && (!r->ops || is_direct(r))) {
        memcpy(val, r->ram + off, size);
        return r->ops ? BUS_SWITCH : BUS_OK;
    }
    bus->lock(bus->lock_opaque);
    *val = mmio_ops_read(r->ops, r->opaque, off, size);
    bus->unlock(bus->lock_opaque);
    return BUS_OK;
}

enum bus_result bus_write(struct bus *bus, uint64_t paddr, unsigned size,
                          uint64_t val)
{
    const struct region *r = find(bus, paddr);
    uint64_t off;

    if (!r)
        return BUS_NO_DEVICE;
    off = paddr - r->start;
    if (r->size - off < size)
        return split(bus, paddr, size, &val, true);
    if (r->ram && !r->ops) {
        if (!r->readonly)
            memcpy(r->ram + off, &val, size);
        return BUS_OK;
    }
    if (r->ram && is_direct(r))
        return BUS_SWITCH;
    bus->lock(bus->lock_opaque);
    mmio_ops_write(r->ops, r->opaque, off, size, val);
    bus->unlock(bus->lock_opaque);
    return BUS_OK;
}

void bus_set_write_hook(struct bus *bus,
                        void (*written)(void *, uint64_t, uint64_t),
                        void *opaque)
{
    bus->written = written;
    bus->written_opaque = opaque;
}

void bus_foreach(struct bus *bus,
                 bool (*cb)(const char *, uint64_t, uint64_t, bool, void *),
                 void *opaque)
{
    for (unsigned i = 0; i < bus->n; i++) {
        const struct region *r = &bus->regions[i];

        if (!cb(r->name, r->start, r->size, r->ram != NULL, opaque))
            return;
    }
}

/* ---- DMA ------------------------------------------------------------------------------------ */

static bool copy(struct bus *bus, uint64_t paddr, uint8_t *buf, uint64_t len,
                 bool write)
{
    while (len) {
        uint64_t room;
        bool readonly;
        uint8_t *p = bus_ram(bus, paddr, &room, &readonly);

        if (!p || (write && readonly))
            return false;
        if (room > len)
            room = len;
        if (write)
            memcpy(p, buf, room);
        else
            memcpy(buf, p, room);
        if (write && bus->written)
            bus->written(bus->written_opaque, paddr, room);
        paddr += room;
        buf += room;
        len -= room;
    }
    return true;
}

bool dma_read(struct bus *bus, uint64_t paddr, void *buf, uint64_t len)
{
    return copy(bus, paddr, buf, len, false);
}

bool dma_write(struct bus *bus, uint64_t paddr, const void *buf, uint64_t len)
{
    return copy(bus, paddr, (uint8_t *)buf, len, true);
}

/* RAM at an aligned address is read and written at once: CPUs look at it meanwhile. */
#define DMA_READ(bits)                                                                               \
    bool dma_read##bits(struct bus *bus, uint64_t paddr, uint##bits##_t *val)                        \
    {                                                                                                \
        uint64_t room = 0;                                                                           \
        const uint8_t *p = paddr % sizeof(*val) ? NULL : bus_ram(bus, paddr, &room, NULL);           \
                                                                                                     \
        *val = 0;                                                                                    \
        if (p && room >= sizeof(*val))                                                               \
            *val = __atomic_load_n((const uint##bits##_t *)p, __ATOMIC_RELAXED);                     \
        else if (!dma_read(bus, paddr, val, sizeof(*val)))                                           \
            return false;                                                                            \
        *val = GUINT##bits##_FROM_LE(*val);                                                          \
        return true;                                                                                 \
    }

#define DMA_WRITE(bits)                                                                              \
    bool dma_write##bits(struct bus *bus, uint64_t paddr, uint##bits##_t val)                        \
    {                                                                                                \
        uint64_t room = 0;                                                                           \
        bool readonly;                                                                               \
        uint8_t *p = paddr % sizeof(val) ? NULL : bus_ram(bus, paddr, &room, &readonly);             \
                                                                                                     \
        val = GUINT##bits##_TO_LE(val);                                                              \
        if (!p || readonly || room < sizeof(val))                                                    \
            return dma_write(bus, paddr, &val, sizeof(val));                                         \
        __atomic_store_n((uint##bits##_t *)p, val, __ATOMIC_RELAXED);                                \
        bus_changed(bus, paddr, sizeof(val));                                                        \
        return true;                                                                                 \
    }
DMA_READ(16)
DMA_READ(32)
DMA_READ(64)
DMA_WRITE(16)
DMA_WRITE(32)

void *dma_map(struct bus *bus, uint64_t paddr, uint64_t *len, bool write)
{
    uint64_t room;
    bool readonly;
    void *p = bus_ram(bus, paddr, &room, &readonly);

    if (!p || (write && readonly))
        return NULL;
    *len = MIN(*len, room);
    return p;
}

bool dma_discard(struct bus *bus, uint64_t paddr, uint64_t len)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first, end;
    uint64_t n = len;
    uint8_t *p = dma_map(bus, paddr, &n, true);

    if (!p || n != len)
        return false;
    first = ((uintptr_t)p + page - 1) & ~(page - 1);
    end = ((uintptr_t)p + len) & ~(page - 1);
    if (first >= end)
        return true;
    /* SAFETY: whole pages inside one RAM block, which is private and anonymous: the mapping stays, so that TLB entries and requests of
     * devices that hold its address go on with zeroes. */
    madvise((void *)first, end - first, MADV_DONTNEED);
    bus_changed(bus, paddr + (first - (uintptr_t)p), end - first);
    return true;
}
