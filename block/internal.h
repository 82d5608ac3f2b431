/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of block/ share: nodes, their drivers, requests, and the two ways to have system calls made. */
#ifndef BLOCK_INTERNAL_H
#define BLOCK_INTERNAL_H

#include "block/block.h"

struct aio;
struct block_request;

struct block_driver {
    const char *name;
    /* Do the request now: 0 or an errno. Any thread, several at once, no lock held. */
    int (*io)(struct block *b, const struct block_request *r);
    /* The file descriptor of which reads, writes and flushes may be left to io_uring; -1: this request needs io. NULL: all do. */
    int (*fd)(struct block *b, const struct block_request *r);
    void (*close)(struct block *b);
};

struct block {
    const struct block_driver *drv;
    char *name, *file;
    struct block *child;     /* borrowed; NULL: none */
    bool readonly, writethrough, no_flush, discard;
    enum block_detect_zeroes detect_zeroes;
    uint64_t size;
    struct event_loop *loop;
    struct aio *aio;         /* NULL: the child does the requests */
    uint64_t start;          /* raw: first byte in the child */
    enum block_on_error on_read, on_write;
    bool stopped;            /* its error has been reported */
    void *state;             /* driver's own */
};

/* Owned by aio.c from aio_submit to done. */
struct block_request {
    struct block *b;
    enum block_op op;
    unsigned flags;
    uint64_t offset, len;
    const struct iovec *iov;
    unsigned niov;
    block_done_fn done;
    void *opaque;
    int error;
    struct iovec one;        /* for callers with one buffer */
    /* aio.c: */
    uint64_t moved;          /* bytes done by earlier system calls */
    struct iovec *rest;      /* what is left then */
    struct block_request *next;
};

/* A node of driver drv, to be filled in further. */
struct block *block_new(const struct block_driver *drv, const char *name, const char *file, struct event_loop *loop);
/* A blocking request: 0 or an errno. Any thread. */
int block_io(struct block *b, enum block_op op, uint64_t offset, const struct iovec *iov, unsigned niov, uint64_t len);
/* "image 'FILE': WHY"; returns false. */
bool block_fail(GError **err, const char *file, const char *why);

/* ---- aio.c ---- */

/* NULL and err only for BLOCK_AIO_URING where the host refuses it. can_uring: the driver has fd. */
struct aio *aio_new(struct event_loop *loop, enum block_aio kind, bool can_uring, GError **err);
/* Waits; drops callbacks. */
void aio_free(struct aio *a);
/* r from g_new; r->error already set: done is called with it. */
void aio_submit(struct aio *a, struct block_request *r);
void aio_plug(struct aio *a);
void aio_unplug(struct aio *a);
void aio_drain(struct aio *a);
void aio_set_batch_end(struct aio *a, void (*batch_end)(void *opaque), void *opaque);
bool aio_is_uring(const struct aio *a);

/* ---- file.c ---- */

/* Copy of the buffers from byte `skip` on, at most len bytes; *n: how many. g_free. */
struct iovec *iov_part(const struct iovec *iov, unsigned niov, uint64_t skip, uint64_t len, unsigned *n);
/* pread and pwrite for all of the buffers, at byte `at` of fd: 0 or an errno; EIO when the file ends before. dsync: O_DSYNC for this write. */
int fd_transfer(int fd, bool write, bool dsync, const struct iovec *iov, unsigned niov, uint64_t at, uint64_t len);
int fd_write_zeroes(int fd, uint64_t at, uint64_t len, bool unmap);

/* Another descriptor of a file that was opened read-only, to write to it: the shared lock becomes an exclusive one until
 * file_close_writable. -1 and err when somebody else reads it. */
int file_open_writable(struct block *b, GError **err);
void file_close_writable(struct block *b, int fd);

/* ---- overlay.c ---- */

/* Writes go to a temporary file that nobody else sees; reads take them from there and the rest from base (borrowed, opened
 * read-only). */
struct block *block_open_overlay(const char *name, struct block *base, struct event_loop *loop, GError **err);

#endif
