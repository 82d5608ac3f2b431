/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bump allocator over a list of chunks.  Chunks before `cur` are full, chunks
 * after it are empty and wait for reuse.
 */
#include "config.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"

enum { CHUNK_SIZE = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    _Alignas(ARENA_ALIGN) char data[];
};

void arena_init(struct arena *a)
{
    memset(a, 0, sizeof(*a));
}

void arena_fini(struct arena *a)
{
    struct arena_chunk *next;

    for (struct arena_chunk *c = a->first; c; c = next) {
        next = c->next;
        g_free(c);
    }
    arena_init(a);
}

static void use_chunk(struct arena *a, struct arena_chunk *c)
{
    a->cur = c;
    a->next = c ? c->data : NULL;
    a->end = c ? c->data + c->size : NULL;
}

void arena_reset(struct arena *a)
{
    use_chunk(a, a->first);
}

size_t arena_used(const struct arena *a)
{
    size_t used = 0;

    for (struct arena_chunk *c = a->first; c && c != a->cur; c = c->next)
        used += c->size;
    return used + (a->cur ? (size_t)(a->next - a->cur->data) : 0);
}

void *arena_grow(struct arena *a, size_t size)
{
    struct arena_chunk *c = a->cur ? a->cur->next : NULL;

    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (!c || c->size < size) {
        size_t room = MAX(size, CHUNK_SIZE);

        c = g_malloc(sizeof(*c) + room);
        c->size = room;
        if (a->cur) {
            c->next = a->cur->next;
            a->cur->next = c;
        } else {
            c->next = NULL;
            a->first = c;
        }
    }
    use_chunk(a, c);
    a->next += size;
    return c->data;
}

void *arena_alloc0(struct arena *a, size_t size)
{
    void *p = arena_alloc(a, size);

    if (size)
        memset(p, 0, size);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    char *text;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    text = arena_alloc(a, (size_t)len + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    return text;
}
