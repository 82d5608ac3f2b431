/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bump allocator: many small allocations that all end together, at
 * arena_reset.  The IR of a translation block lives in one.  Chunks are kept
 * over a reset, so that a warm arena calls malloc no more.
 *
 * An arena belongs to one thread at a time.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *first; /* all chunks, in the order of use */
    struct arena_chunk *cur;   /* the one that allocations come from */
    char *next, *end;          /* free bytes of cur */
};

/* Allocates nothing yet. */
void arena_init(struct arena *a);

/* Frees everything. */
void arena_fini(struct arena *a);

/* Ends every allocation and keeps the memory for later ones. */
void arena_reset(struct arena *a);

/* Bytes handed out since the last reset, rounded up to the alignment. */
size_t arena_used(const struct arena *a);

/* arena_alloc's slow path. */
void *arena_grow(struct arena *a, size_t size);

enum { ARENA_ALIGN = 16 };

/* size bytes, aligned to 16, NOT zeroed; lives until arena_reset.  Never
 * NULL: running out of host memory ends the process, as with g_malloc. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
    char *p = a->next;

    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (__builtin_expect((size_t)(a->end - p) < size, 0))
        return arena_grow(a, size);
    a->next = p + size;
    return p;
}

/* The same, zeroed. */
void *arena_alloc0(struct arena *a, size_t size);

#define arena_new(a, type) ((type *)arena_alloc0(a, sizeof(type)))
#define arena_array(a, type, n)                                                \
    ((type *)arena_alloc0(a, sizeof(type) * (size_t)(n)))

/* Formatted text in the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
