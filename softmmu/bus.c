/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses to physical address spaces: RAM is host memory, MMIO goes to the device under its lock. What is where: bus-view.c. */
#include "config.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "softmmu/bus-view.h"
#include "softmmu/dma.h"

/* Bytes of the range from paddr on; all 64 bits' worth is cut by one. */
static uint64_t room_at(const struct bus_range *r, uint64_t paddr)
{
    uint64_t room = r->last - paddr;

    return room == UINT64_MAX ? room : room + 1;
}

void *bus_ram(struct bus *bus, uint64_t paddr, uint64_t *room, bool *readonly)
{
    struct bus_range r;

    if (!bus_find(bus, paddr, &r) || !r.ram)
        return NULL;
    if (room)
        *room = room_at(&r, paddr);
    if (readonly)
        *readonly = r.readonly;
    return r.ram + (paddr - r.start);
}

/* ---- ROM devices ---------------------------------------------------------------------------- */

static bool is_rom_device(const struct bus_range *r)
{
    return r->ram && r->region->ops;
}

static bool is_direct(const struct bus_range *r)
{
    return __atomic_load_n(&r->region->direct, __ATOMIC_SEQ_CST);
}

bool bus_is_direct(struct bus *bus, uint64_t paddr)
{
    struct bus_range r;

    return !bus_find(bus, paddr, &r) || !is_rom_device(&r) || is_direct(&r);
}

void bus_set_direct(struct bus *bus, uint64_t paddr, bool on, uint64_t *start, uint64_t *size)
{
    struct bus_range r;
    bool found = bus_find(bus, paddr, &r);

    g_assert(found && is_rom_device(&r));
    __atomic_store_n(&r.region->direct, on, __ATOMIC_SEQ_CST);
    *start = r.region->start;
    *size = r.region->size;
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

static enum bus_result nothing_there(const struct bus *bus, unsigned size, uint64_t *val)
{
    if (bus->open && val)
        *val = UINT64_MAX >> (64 - 8 * size);
    return bus->open ? BUS_OK : BUS_NO_DEVICE;
}

enum bus_result bus_read(struct bus *bus, uint64_t paddr, unsigned size,
                         uint64_t *val)
{
    struct bus_range r;

    *val = 0;
    if (!bus_find(bus, paddr, &r))
        return nothing_there(bus, size, val);
    if (room_at(&r, paddr) < size)
        return split(bus, paddr, size, val, false);
    if (r.ram && (!r.region->ops || is_direct(&r))) {
        memcpy(val, r.ram + (paddr - r.start), size);
        return r.region->ops ? BUS_SWITCH : BUS_OK;
    }
    bus->lock(bus->lock_opaque);
    *val = mmio_ops_read(r.region->ops, r.region->opaque, paddr - r.start + r.off, size);
    bus->unlock(bus->lock_opaque);
    return BUS_OK;
}

/* Memory that is not a ROM device. */
static void write_ram(const struct bus_range *r, uint64_t paddr, unsigned size, uint64_t val)
{
    if (!r->readonly)
        memcpy(r->ram + (paddr - r->start), &val, size);
    else if (r->under)
        memcpy(r->under + (paddr - r->start), &val, size);
}

enum bus_result bus_write(struct bus *bus, uint64_t paddr, unsigned size,
                          uint64_t val)
{
    struct bus_range r;

    if (!bus_find(bus, paddr, &r))
        return nothing_there(bus, size, NULL);
    if (room_at(&r, paddr) < size)
        return split(bus, paddr, size, &val, true);
    if (r.ram && !r.region->ops) {
        write_ram(&r, paddr, size, val);
        return BUS_OK;
    }
    if (r.ram && is_direct(&r))
        return BUS_SWITCH;
    bus->lock(bus->lock_opaque);
    mmio_ops_write(r.region->ops, r.region->opaque, paddr - r.start + r.off, size, val);
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

/* ---- DMA ------------------------------------------------------------------------------------ */

/* Where a read finds, or a write leaves, the byte at paddr; NULL: not in memory. */
static uint8_t *dma_place(struct bus *bus, uint64_t paddr, uint64_t *room, bool write)
{
    struct bus_range r;
    uint8_t *base;

    if (!bus_find(bus, paddr, &r))
        return NULL;
    base = write && r.readonly ? r.under : r.ram;
    *room = room_at(&r, paddr);
    return base ? base + (paddr - r.start) : NULL;
}

static bool copy(struct bus *bus, uint64_t paddr, uint8_t *buf, uint64_t len,
                 bool write)
{
    while (len) {
        uint64_t room;
        uint8_t *p = dma_place(bus, paddr, &room, write);

        if (!p)
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
