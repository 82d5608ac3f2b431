/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk images: a file on the host, read and written without blocking the guest.
 *
 * block_submit and the callbacks run with the event loop's lock (the machine's device lock) held; the work itself runs on threads of the
 * image's own. Requests may finish in any order; a flush covers the writes that were done when it was submitted.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SECTOR 512

struct block;
struct event_loop;

enum block_op {
    BLOCK_READ,              /* buf receives len bytes */
    BLOCK_WRITE,
    BLOCK_FLUSH,             /* what was written is on stable storage afterwards */
    BLOCK_DISCARD,           /* contents of the range no longer matter */
    BLOCK_WRITE_ZEROES,
};

/* error: 0 or an errno. */
typedef void (*block_done_fn)(void *opaque, int error);

/* Open a raw image and lock it against other emulators (shared when readonly). Errors name the file, the reason and what to do. */
struct block *block_open(const char *file, bool readonly, struct event_loop *loop, GError **err);
/* Waits for what is under way; callbacks that were not called yet are not. */
void block_free(struct block *b);
uint64_t block_size(const struct block *b);      /* bytes, a multiple of BLOCK_SECTOR */
bool block_readonly(const struct block *b);
/* offset and len in bytes inside the image (EINVAL otherwise). buf belongs to the request until done is called on the loop's thread. */
void block_submit(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len, block_done_fn done,
                  void *opaque);
/* The same, blocking: 0 or an errno. For start-up and small writes; any thread. */
int block_read(struct block *b, uint64_t offset, void *buf, uint64_t len);
int block_write(struct block *b, uint64_t offset, const void *buf, uint64_t len);

#endif
