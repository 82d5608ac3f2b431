/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between bus.c (accesses) and bus-view.c (regions, and the flat list of what answers where). */
#ifndef SOFTMMU_BUS_VIEW_H
#define SOFTMMU_BUS_VIEW_H

#include "softmmu/bus.h"

struct bus_region {
    const char *name;
    struct bus *bus;
    uint64_t start, size;
    uint8_t *ram;            /* NULL: MMIO */
    uint8_t *under;          /* where writes go; NULL: nowhere, or to ram */
    bool readonly, enabled;
    bool direct;             /* ROM devices: they have ram and ops, and this says which is read. Atomic */
    const struct mmio_ops *ops;
    void *opaque;
    int priority;
};

/* A part of a region that is seen. ram and under are those of its first byte; off: where it begins in the region. */
struct bus_range {
    uint64_t start, last, off;
    uint8_t *ram, *under;
    bool readonly;
    struct bus_region *region;
};

/*
 * Two lists take turns. The writer (device lock) fills the one that is not current and then advances seq, whose low bit says which is
 * current. A reader copies what it found and looks at seq again: had it advanced, the list might have been in the writer's hands by then.
 */
struct bus_view {
    unsigned seq;            /* atomic */
    unsigned n[2], room;
    struct bus_range *list[2];       /* sorted, no overlap; room entries each */
};

struct bus {
    struct bus *of;          /* bus_new_view's, else NULL */
    GPtrArray *views;        /* struct bus *, of this bus */
    GPtrArray *regions;      /* struct bus_region *, owned, in order of addition */
    GArray *blocks;          /* struct bus_block, memory that is owned */
    unsigned changing;       /* bus_begin without bus_commit */
    bool changed;            /* meanwhile */
    bool open;
    struct bus_view view;
    void (*lock)(void *), (*unlock)(void *);
    void *lock_opaque;
    void (*written)(void *, uint64_t, uint64_t);
    void *written_opaque;
    void (*remapped)(void *);
    void *remapped_opaque;
};

/* What answers at paddr, copied to r; false: nothing does. Any thread. */
bool bus_find(const struct bus *bus, uint64_t paddr, struct bus_range *r);

#endif
