/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is where on a bus: regions with priorities, and the flat list that accesses look at. The list is made anew at every change; a bus with
 * views has them make theirs, too.
 */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "softmmu/bus-view.h"

struct bus_block {
    void *mem;
    uint64_t size;
};

struct bus_extent {
    uint64_t start, size;
};

struct bus *bus_new(void (*lock)(void *), void (*unlock)(void *), void *opaque)
{
    struct bus *bus = g_new0(struct bus, 1);

    bus->views = g_ptr_array_new();
    bus->regions = g_ptr_array_new_with_free_func(g_free);
    bus->blocks = g_array_new(FALSE, FALSE, sizeof(struct bus_block));
    bus->dirty = g_array_new(FALSE, FALSE, sizeof(struct bus_extent));
    bus->lock = lock;
    bus->unlock = unlock;
    bus->lock_opaque = opaque;
    return bus;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    if (bus->of)
        g_ptr_array_remove(bus->of->views, bus);
    for (guint i = 0; i < bus->blocks->len; i++) {
        struct bus_block *b = &g_array_index(bus->blocks, struct bus_block, i);

        munmap(b->mem, b->size);
    }
    g_array_free(bus->blocks, TRUE);
    g_array_free(bus->dirty, TRUE);
    g_ptr_array_free(bus->regions, TRUE);
    g_ptr_array_free(bus->views, TRUE);
    g_free(bus->view.list[0]);
    g_free(bus->view.list[1]);
    g_free(bus);
}

void bus_set_open(struct bus *bus)
{
    bus->open = true;
}

/* ---- the flat list -------------------------------------------------------------------------- */

static uint64_t last_of(const struct bus_region *r)
{
    uint64_t last = r->start + (r->size - 1);

    return last < r->start ? UINT64_MAX : last;
}

static bool covers(const struct bus_region *r, uint64_t paddr)
{
    return r->enabled && paddr >= r->start && paddr <= last_of(r);
}

/* Of equals the first wins; a view's own come before those of the bus that it shows. */
static struct bus_region *top_at(const struct bus *bus, uint64_t paddr)
{
    struct bus_region *top = NULL;

    for (; bus; bus = bus->of)
        for (guint i = 0; i < bus->regions->len; i++) {
            struct bus_region *r = g_ptr_array_index(bus->regions, i);

            if (covers(r, paddr) && (!top || r->priority > top->priority))
                top = r;
        }
    return top;
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Where something may begin or end: sorted, maybe with doubles. */
static GArray *edges(const struct bus *bus)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(uint64_t));

    for (; bus; bus = bus->of)
        for (guint i = 0; i < bus->regions->len; i++) {
            const struct bus_region *r = g_ptr_array_index(bus->regions, i);
            uint64_t end = last_of(r) + 1;

            if (!r->enabled)
                continue;
            g_array_append_val(list, r->start);
            if (end)
                g_array_append_val(list, end);
        }
    g_array_sort(list, compare_u64);
    return list;
}

static bool same_region(const struct bus_range *prev, const struct bus_region *r, uint64_t start)
{
    return prev->region == r && prev->last + 1 == start;
}

/* Fill list; it has room. */
static unsigned flatten(const struct bus *bus, struct bus_range *list)
{
    GArray *edge = edges(bus);
    unsigned n = 0;

    for (guint i = 0; i < edge->len; i++) {
        uint64_t start = g_array_index(edge, uint64_t, i);
        uint64_t last = i + 1 < edge->len ? g_array_index(edge, uint64_t, i + 1) - 1 : UINT64_MAX;
        struct bus_region *r = last + 1 == start ? NULL : top_at(bus, start);

        if (!r)
            continue;
        if (n && same_region(&list[n - 1], r, start)) {
            list[n - 1].last = last;
            continue;
        }
        list[n++] = (struct bus_range){
            .start = start, .last = last, .off = start - r->start, .region = r, .readonly = r->readonly,
            .ram = r->ram ? r->ram + (start - r->start) : NULL, .under = r->under ? r->under + (start - r->start) : NULL };
    }
    g_array_free(edge, TRUE);
    return n;
}

static void publish(struct bus *bus)
{
    struct bus_view *v = &bus->view;
    unsigned next = v->seq + 1;

    v->n[next & 1] = flatten(bus, v->list[next & 1]);
    __atomic_store_n(&v->seq, next, __ATOMIC_SEQ_CST);
    for (guint i = 0; i < bus->views->len; i++)
        publish(g_ptr_array_index(bus->views, i));
}

bool bus_find(const struct bus *bus, uint64_t paddr, struct bus_range *r)
{
    const struct bus_view *v = &bus->view;
    unsigned seq, lo, hi, n;
    bool found;

    do {
        const struct bus_range *list;

        seq = __atomic_load_n(&v->seq, __ATOMIC_ACQUIRE);
        list = v->list[seq & 1];
        lo = 0;
        hi = n = __atomic_load_n(&v->n[seq & 1], __ATOMIC_RELAXED);
        while (lo < hi) {        /* the first that does not end before */
            unsigned mid = (lo + hi) / 2;

            if (list[mid].last < paddr)
                lo = mid + 1;
            else
                hi = mid;
        }
        found = lo < n && list[lo].start <= paddr;
        if (found)
            *r = list[lo];
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (__atomic_load_n(&v->seq, __ATOMIC_RELAXED) != seq);
    return found;
}

/* ---- changes -------------------------------------------------------------------------------- */

static void grow(struct bus *bus)
{
    guint n = 0;

    for (const struct bus *b = bus; b; b = b->of)
        n += b->regions->len;
    bus->view.room = 2 * n + 1;
    for (int i = 0; i < 2; i++)
        bus->view.list[i] = g_renew(struct bus_range, bus->view.list[i], bus->view.room);
    for (guint i = 0; i < bus->views->len; i++)
        grow(g_ptr_array_index(bus->views, i));
}

void bus_begin(struct bus *bus)
{
    bus->changing++;
}

/* The hooks are the machine's, on the bus that all see. */
static void tell(struct bus *bus)
{
    struct bus *root = bus->of ? bus->of : bus;

    for (guint i = 0; i < bus->dirty->len; i++) {
        const struct bus_extent *e = &g_array_index(bus->dirty, struct bus_extent, i);

        bus_changed(root, e->start, e->size);
    }
    if (bus->dirty->len && root->remapped)
        root->remapped(root->remapped_opaque);
    g_array_set_size(bus->dirty, 0);
}

void bus_commit(struct bus *bus)
{
    g_assert(bus->changing);
    if (--bus->changing || !bus->changed)
        return;
    bus->changed = false;
    publish(bus);
    tell(bus);
}

/* The region is about to change, or has: what was made of the memory that it is, or hides, is stale. */
static void note(struct bus_region *r)
{
    struct bus_extent e = { r->start, last_of(r) - r->start + 1 };

    r->bus->changed = true;
    if (r->enabled)
        g_array_append_val(r->bus->dirty, e);
}

void bus_region_set(struct bus_region *r, bool on, uint64_t paddr)
{
    if (r->enabled == on && (!on || r->start == paddr))
        return;
    bus_begin(r->bus);
    note(r);
    r->enabled = on;
    r->start = on ? paddr : 0;
    note(r);
    bus_commit(r->bus);
}

void bus_region_set_memory(struct bus_region *r, void *mem, bool readonly, void *under)
{
    g_assert(r->ram && !r->ops);
    if (r->ram == mem && r->readonly == readonly && r->under == under)
        return;
    bus_begin(r->bus);
    r->ram = mem;
    r->readonly = readonly;
    r->under = under;
    note(r);
    bus_commit(r->bus);
}

void bus_set_remap_hook(struct bus *bus, void (*remapped)(void *), void *opaque)
{
    bus->remapped = remapped;
    bus->remapped_opaque = opaque;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static struct bus_region *add_region(struct bus *bus, const struct bus_region *r)
{
    struct bus_region *copy = g_memdup2(r, sizeof(*r));

    g_assert(r->size);
    copy->bus = bus;
    g_ptr_array_add(bus->regions, copy);
    grow(bus);
    return copy;
}

/* One that has its place for good. */
static void add_fixed(struct bus *bus, const struct bus_region *r)
{
    for (guint i = 0; i < bus->regions->len; i++) {
        const struct bus_region *o = g_ptr_array_index(bus->regions, i);

        if (o->enabled && o->priority == r->priority && o->start <= last_of(r) && r->start <= last_of(o))
            g_error("bus: '%s' overlaps '%s'", r->name, o->name);
    }
    add_region(bus, r)->enabled = true;
    publish(bus);
}

void *bus_new_ram(struct bus *bus, const char *name, uint64_t size, GError **err)
{
    void *ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct bus_block block = { ram, size };

    if (ram == MAP_FAILED) {
        g_set_error(err, g_quark_from_static_string("bus"), errno,
                    "cannot get %" G_GUINT64_FORMAT " MiB of host memory for '%s': %s; try a smaller -m", size >> 20, name,
                    g_strerror(errno));
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    madvise(ram, size, MADV_HUGEPAGE);
#endif
    g_array_append_val(bus->blocks, block);
    return ram;
}

void *bus_add_ram(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, bool readonly, GError **err)
{
    void *ram = bus_new_ram(bus, name, size, err);

    if (ram)
        add_fixed(bus, &(struct bus_region){ .name = name, .start = paddr, .size = size, .ram = ram, .readonly = readonly });
    return ram;
}

void bus_add_mmio(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, const struct mmio_ops *ops, void *opaque)
{
    add_fixed(bus, &(struct bus_region){ .name = name, .start = paddr, .size = size, .ops = ops, .opaque = opaque });
}

void bus_add_rom_device(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, void *mem,
                        const struct mmio_ops *ops, void *opaque)
{
    add_fixed(bus, &(struct bus_region){ .name = name, .start = paddr, .size = size, .ram = mem, .readonly = true,
                                         .direct = true, .ops = ops, .opaque = opaque });
}

struct bus_region *bus_overlay_ram(struct bus *bus, const char *name, uint64_t size, void *mem, bool readonly, int priority)
{
    return add_region(bus, &(struct bus_region){ .name = name, .size = size, .ram = mem, .readonly = readonly, .priority = priority });
}

struct bus_region *bus_overlay_mmio(struct bus *bus, const char *name, uint64_t size, const struct mmio_ops *ops, void *opaque,
                                    int priority)
{
    return add_region(bus, &(struct bus_region){ .name = name, .size = size, .ops = ops, .opaque = opaque, .priority = priority });
}

struct bus *bus_new_view(struct bus *of)
{
    struct bus *bus = bus_new(of->lock, of->unlock, of->lock_opaque);

    bus->of = of;
    bus->open = of->open;
    g_ptr_array_add(of->views, bus);
    grow(bus);
    publish(bus);
    return bus;
}

void bus_foreach(struct bus *bus, bool (*cb)(const char *, uint64_t, uint64_t, bool, void *), void *opaque)
{
    const struct bus_view *v = &bus->view;

    for (unsigned i = 0; i < v->n[v->seq & 1]; i++) {
        const struct bus_range *r = &v->list[v->seq & 1][i];

        if (!cb(r->region->name, r->start, r->last - r->start + 1, r->ram != NULL, opaque))
            return;
    }
}
