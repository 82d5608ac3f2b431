/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for generated code, mapped twice: one view can be written, the other
 * executed, and no page is ever both.  The two views have the same contents at
 * different addresses.
 */
#ifndef UTIL_JITMEM_H
#define UTIL_JITMEM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jitmem {
    uint8_t *rw; /* the view to write */
    uint8_t *rx; /* the view to execute */
    size_t size;
};

/* Maps `size` bytes (rounded up to whole pages), near the program's own code
 * if there is room, so that calls can be relative (see jitmem_near).  NULL
 * and an error when the host refuses. */
struct jitmem *jitmem_new(size_t size, GError **err);
void jitmem_free(struct jitmem *j);

/* Where the byte at a place in the writable view will execute, and back. */
static inline void *jitmem_exec_ptr(const struct jitmem *j, const void *rw)
{
    return j->rx + ((const uint8_t *)rw - j->rw);
}

static inline void *jitmem_write_ptr(const struct jitmem *j, const void *rx)
{
    return j->rw + ((const uint8_t *)rx - j->rx);
}

/* Is a host pc in the executable view? */
static inline bool jitmem_contains(const struct jitmem *j, uintptr_t pc)
{
    return pc - (uintptr_t)j->rx < j->size;
}

/* Can every place of the executable view reach p with a signed 32-bit
 * displacement? */
bool jitmem_near(const struct jitmem *j, const void *p);

/* Gives back the host's page table entries of bytes [0, end) of the writable
 * view, whole pages only: the contents stay, and writing there again brings
 * them back. Any thread, also while others write. */
void jitmem_unmap_written(const struct jitmem *j, size_t end);

/* Makes code written to the writable view visible to instruction fetch; rx is
 * its place in the executable view.  Nothing to do on x86-64. */
void jitmem_flush(const struct jitmem *j, const void *rx, size_t len);

#endif
