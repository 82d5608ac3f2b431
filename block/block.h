/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk images: nodes that devices read and write without blocking the guest.
 *
 * A node is a file on the host (file.c), a format on top of it (raw, in block.c), or an overlay that keeps writes for itself (overlay.c).
 * drives.h makes nodes from the command line; a device gets the topmost one.
 *
 * Unless said otherwise, functions and callbacks run with the event loop's lock (the machine's device lock) held. Requests may finish in
 * any order; a flush covers the writes that were done when it was submitted.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define BLOCK_SECTOR 512

struct block;
struct event_loop;

enum block_op {
    BLOCK_READ,              /* the buffers receive len bytes */
    BLOCK_WRITE,
    BLOCK_FLUSH,             /* what was written is on stable storage afterwards */
    BLOCK_DISCARD,           /* contents of the range no longer matter */
    BLOCK_WRITE_ZEROES,
};

enum block_flag {
    BLOCK_FUA = 1,           /* a write is on stable storage when it is done */
    BLOCK_UNMAP = 2,         /* zeroes may give the space back to the host */
};

/* How the system calls are made. */
enum block_aio { BLOCK_AIO_AUTO, BLOCK_AIO_THREADS, BLOCK_AIO_URING };

/* What to do when a request fails (werror=, rerror=). */
enum block_on_error { BLOCK_ON_AUTO, BLOCK_ON_REPORT, BLOCK_ON_IGNORE, BLOCK_ON_ENOSPC, BLOCK_ON_STOP };
enum block_action { BLOCK_DO_REPORT, BLOCK_DO_IGNORE, BLOCK_DO_STOP };

enum block_detect_zeroes { BLOCK_DETECT_OFF, BLOCK_DETECT_ON, BLOCK_DETECT_UNMAP };

/* How to open a file. All zero: read and write through the host's page cache, locked. */
struct block_options {
    bool readonly;
    bool auto_readonly;      /* open read-only when writing is not permitted */
    bool direct;             /* past the host's page cache */
    bool writethrough;       /* every write is on stable storage when it is done */
    bool no_flush;           /* ignore flushes */
    bool no_lock;
    bool discard;            /* BLOCK_DISCARD gives space back; otherwise it does nothing */
    enum block_aio aio;
    enum block_detect_zeroes detect_zeroes;
};

/* error: 0 or an errno. */
typedef void (*block_done_fn)(void *opaque, int error);

/* Open a raw image and lock it against other emulators (shared when readonly). name is for messages. Errors name the file, the reason and
 * what to do. */
struct block *block_open(const char *name, const char *file, const struct block_options *o, struct event_loop *loop, GError **err);
/* Raw format on top of file, which is borrowed and outlives it; only bytes offset to offset + size of it (size 0: to its end). */
struct block *block_open_raw(const char *name, struct block *file, uint64_t offset, uint64_t size, struct event_loop *loop, GError **err);
/* Waits for what is under way; callbacks that were not called yet are not. */
void block_free(struct block *b);

const char *block_name(const struct block *b);   /* node-name or id */
const char *block_file(const struct block *b);   /* the host's file */
uint64_t block_size(const struct block *b);      /* bytes, a multiple of BLOCK_SECTOR */
bool block_readonly(const struct block *b);
bool block_writethrough(const struct block *b);  /* cache=writethrough, directsync */
bool block_uring(const struct block *b);         /* its requests go through io_uring, not threads */

/* offset and len in bytes inside the image (EINVAL otherwise). buf belongs to the request until done is called: later, not by
 * this function, with the lock held. flags: enum block_flag. */
void block_submit(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len, block_done_fn done,
                  void *opaque);
/* The same with len bytes in niov buffers; the array too belongs to the request. */
void block_submitv(struct block *b, enum block_op op, unsigned flags, uint64_t offset, const struct iovec *iov, unsigned niov,
                   uint64_t len, block_done_fn done, void *opaque);
/* Requests between the two go to the host together, and block_unplug calls done for those that are ready at once. */
void block_plug(struct block *b);
void block_unplug(struct block *b);
/* Called after each round of done callbacks: the place to interrupt the guest once for all of them. NULL for none. */
void block_set_batch_end(struct block *b, void (*batch_end)(void *opaque), void *opaque);
/* Wait until nothing is under way; calls done. Requests that done submits are waited for too. */
void block_drain(struct block *b);

/* Blocking: 0 or an errno. For start-up and small writes; any thread. */
int block_read(struct block *b, uint64_t offset, void *buf, uint64_t len);
int block_write(struct block *b, uint64_t offset, const void *buf, uint64_t len);

/* snapshot=on: write what is in the temporary file into the image, and empty the file. Blocks until it is on stable storage. false and err when
 * b has no such file, or the image cannot be written. */
bool block_commit(struct block *b, GError **err);

/* The drive's error policy; BLOCK_ON_AUTO: report reading errors, stop when the host's disk is full. A device may have its own. */
void block_set_on_error(struct block *b, enum block_on_error reading, enum block_on_error writing);
/* What the device is to do about a request's error. A stop is reported on stderr, once until block_resumed. */
enum block_action block_error(struct block *b, bool reading, int error, enum block_on_error own);
void block_resumed(struct block *b);
/* "report", "ignore", "enospc", "stop", "auto". */
bool block_parse_on_error(const char *text, bool reading, enum block_on_error *out);

#endif
