/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is where on a bus: regions with priorities, and the flat list that accesses look at. The list is made anew at every change; a bus with
 * views has them make theirs, too. The old and the new list say for which memory others must be told.
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

struct bus *bus_new(void (*lock)(void *), void (*unlock)(void *), void *opaque)
{
    struct bus *bus = g_new0(struct bus, 1);

    bus->views = g_ptr_array_new();
    bus->regions = g_ptr_array_new_with_free_func(g_free);
    bus->blocks = g_array_new(FALSE, FALSE, sizeof(struct bus_block));
    bus->lock = lock;
    bus->unlock = unlock;
    bus->lock_opaque = opaque;
    return bus;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    while (bus->views->len)
        bus_free(g_ptr_array_index(bus->views, 0));
    if (bus->of)
        g_ptr_array_remove(bus->of->views, bus);
    for (guint i = 0; i < bus->blocks->len; i++) {
        struct bus_block *b = &g_array_index(bus->blocks, struct bus_block, i);

        munmap(b->mem, b->size);
    }
    g_array_free(bus->blocks, TRUE);
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
}

/* The range of a list that holds paddr, or the first behind it; n: none. */
static unsigned search(const struct bus_range *list, unsigned n, uint64_t paddr)
{
    unsigned lo = 0;

    while (lo < n) {
        unsigned mid = (lo + n) / 2;

        if (list[mid].last < paddr)
            lo = mid + 1;
        else
            n = mid;
    }
    return lo;
}

bool bus_find(const struct bus *bus, uint64_t paddr, struct bus_range *r)
{
    const struct bus_view *v = &bus->view;
    unsigned seq, n, i;
    bool found;

    do {
        seq = __atomic_load_n(&v->seq, __ATOMIC_ACQUIRE);
        n = __atomic_load_n(&v->n[seq & 1], __ATOMIC_RELAXED);
        i = search(v->list[seq & 1], n, paddr);
        found = i < n && v->list[seq & 1][i].start <= paddr;
        if (found)
            *r = v->list[seq & 1][i];
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

/* From paddr on, which is in the range a of memory: how many bytes are shown alike, or not, by the list. Gives which. */
static uint64_t compare(const struct bus_range *a, uint64_t paddr, const struct bus_range *list, unsigned n, bool *same)
{
    unsigned i = search(list, n, paddr);
    const struct bus_range *b = &list[i];
    uint64_t last = a->last;

    *same = i < n && b->start <= paddr && b->ram && b->ram + (paddr - b->start) == a->ram + (paddr - a->start) &&
            b->readonly == a->readonly && b->region->ops == a->region->ops;
    if (i < n && b->start <= paddr)
        last = MIN(last, b->last);
    else if (i < n)
        last = MIN(last, b->start - 1);
    return last - paddr + 1;
}

/* Memory of list a that list b shows otherwise or not at all: were there any? With tell, what was made of it is dropped. */
static bool differs(const struct bus_range *a, unsigned na, const struct bus_range *b, unsigned nb, struct bus *tell)
{
    bool any = false, same;
    uint64_t len;

    for (unsigned i = 0; i < na; i++)
        for (uint64_t at = a[i].start; a[i].ram && at - a[i].start <= a[i].last - a[i].start; at += len) {
            len = compare(&a[i], at, b, nb, &same);
            if (!same && tell)
                bus_changed(tell, at, len);
            any |= !same;
            if (at + len < at)   /* the end of all addresses */
                break;
        }
    return any;
}

/* The hooks are the machine's, on the bus that all see. Gives whether memory has changed. */
static bool renew(struct bus *bus)
{
    struct bus *root = bus->of ? bus->of : bus;
    struct bus_view *v = &bus->view;
    unsigned now, old;
    bool any;

    publish(bus);
    now = v->seq & 1;
    old = !now;
    any = differs(v->list[old], v->n[old], v->list[now], v->n[now], root) |
          differs(v->list[now], v->n[now], v->list[old], v->n[old], NULL);
    for (guint i = 0; i < bus->views->len; i++)
        any |= renew(g_ptr_array_index(bus->views, i));
    return any;
}

void bus_commit(struct bus *bus)
{
    struct bus *root = bus->of ? bus->of : bus;

    g_assert(bus->changing);
    if (--bus->changing || !bus->changed)
        return;
    bus->changed = false;
    if (renew(bus) && root->remapped)
        root->remapped(root->remapped_opaque);
}

void bus_region_set(struct bus_region *r, bool on, uint64_t paddr)
{
    if (r->enabled == on && (!on || r->start == paddr))
        return;
    bus_begin(r->bus);
    r->enabled = on;
    r->start = on ? paddr : 0;
    r->bus->changed = true;
    bus_commit(r->bus);
}

void bus_region_resize(struct bus_region *r, uint64_t size)
{
    g_assert(!r->enabled && size);
    r->size = size;
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
    r->bus->changed |= r->enabled;
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
    bus_begin(bus);
    add_region(bus, r)->enabled = true;
    bus->changed = true;
    bus_commit(bus);
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
