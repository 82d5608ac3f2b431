/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes: checks that all requests go through, the raw format, and what happens to errors. See block.h. */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "block/internal.h"
#include "util/event-loop.h"

#define DETECT_MAX (4u << 20)        /* bytes that detect-zeroes looks at */

struct block *block_new(const struct block_driver *drv, const char *name, const char *file, struct event_loop *loop)
{
    struct block *b = g_new0(struct block, 1);

    b->drv = drv;
    b->name = g_strdup(name);
    b->file = g_strdup(file);
    b->loop = loop;
    return b;
}

bool block_fail(GError **err, const char *file, const char *why)
{
    g_set_error(err, g_quark_from_static_string("block"), 0, "image '%s': %s", file, why);
    return false;
}

void block_free(struct block *b)
{
    if (!b)
        return;
    aio_free(b->aio);
    if (b->drv->close)
        b->drv->close(b);
    g_free(b->name);
    g_free(b->file);
    g_free(b);
}

const char *block_name(const struct block *b)
{
    return b->name;
}

const char *block_file(const struct block *b)
{
    return b->file;
}

uint64_t block_size(const struct block *b)
{
    return b->size;
}

bool block_readonly(const struct block *b)
{
    return b->readonly;
}

bool block_writethrough(const struct block *b)
{
    return b->writethrough;
}

/* The node whose threads or ring do the requests of b. */
static struct aio *aio_of(const struct block *b)
{
    while (!b->aio)
        b = b->child;
    return b->aio;
}

bool block_uring(const struct block *b)
{
    return aio_is_uring(aio_of(b));
}

/* ---- requests ------------------------------------------------------------------------------------- */

static bool all_zero(const struct iovec *iov, unsigned niov)
{
    for (unsigned i = 0; i < niov; i++) {
        const uint8_t *p = iov[i].iov_base;

        if (iov[i].iov_len && (p[0] || memcmp(p, p + 1, iov[i].iov_len - 1)))
            return false;
    }
    return true;
}

static void detect_zeroes(const struct block *b, struct block_request *r)
{
    if (!b->detect_zeroes || r->op != BLOCK_WRITE || r->len > DETECT_MAX || !all_zero(r->iov, r->niov))
        return;
    r->op = BLOCK_WRITE_ZEROES;
    if (b->detect_zeroes == BLOCK_DETECT_UNMAP)
        r->flags |= BLOCK_UNMAP;
}

/* 0, or why the request cannot be. */
static int check(const struct block *b, enum block_op op, uint64_t offset, uint64_t len)
{
    if (op != BLOCK_FLUSH && (offset > b->size || len > b->size - offset))
        return EINVAL;
    return b->readonly && op != BLOCK_READ && op != BLOCK_FLUSH ? EROFS : 0;
}

/* Down to the node that does it, each on the way having its say. */
static void descend(struct block_request *r)
{
    struct block *b = r->b;

    for (;; b = b->child) {
        if (!r->error)
            r->error = check(b, r->op, r->offset, r->len);
        detect_zeroes(b, r);
        r->b = b;
        if (b->writethrough)
            r->flags |= BLOCK_FUA;
        if (b->no_flush)
            r->flags &= ~(unsigned)BLOCK_FUA;
        if (b->aio)
            return;
        r->offset += b->start;
    }
}

static void send(struct block_request *r)
{
    descend(r);
    aio_submit(r->b->aio, r);
}

void block_submitv(struct block *b, enum block_op op, unsigned flags, uint64_t offset, const struct iovec *iov, unsigned niov,
                   uint64_t len, block_done_fn done, void *opaque)
{
    struct block_request *r = g_new0(struct block_request, 1);

    *r = (struct block_request){ .b = b, .op = op, .flags = flags, .offset = offset, .len = len, .iov = iov, .niov = niov,
                                 .done = done, .opaque = opaque };
    send(r);
}

void block_submit(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len, block_done_fn done,
                  void *opaque)
{
    struct block_request *r = g_new0(struct block_request, 1);

    *r = (struct block_request){ .b = b, .op = op, .offset = offset, .len = len, .one = { buf, len }, .niov = 1,
                                 .done = done, .opaque = opaque };
    r->iov = &r->one;
    send(r);
}

int block_io(struct block *b, enum block_op op, uint64_t offset, const struct iovec *iov, unsigned niov, uint64_t len)
{
    struct block_request r = { .b = b, .op = op, .offset = offset, .len = len, .iov = iov, .niov = niov };

    descend(&r);
    return r.error ? r.error : r.b->drv->io(r.b, &r);
}

static int blocking(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len)
{
    struct iovec iov = { buf, len };

    return block_io(b, op, offset, &iov, 1, len);
}

int block_read(struct block *b, uint64_t offset, void *buf, uint64_t len)
{
    return blocking(b, BLOCK_READ, offset, buf, len);
}

int block_write(struct block *b, uint64_t offset, const void *buf, uint64_t len)
{
    return blocking(b, BLOCK_WRITE, offset, (void *)buf, len);
}

void block_plug(struct block *b)
{
    aio_plug(aio_of(b));
}

void block_unplug(struct block *b)
{
    aio_unplug(aio_of(b));
}

void block_set_batch_end(struct block *b, void (*batch_end)(void *), void *opaque)
{
    aio_set_batch_end(aio_of(b), batch_end, opaque);
}

void block_drain(struct block *b)
{
    aio_drain(aio_of(b));
}

/* ---- errors --------------------------------------------------------------------------------------- */

bool block_parse_on_error(const char *text, bool reading, enum block_on_error *out)
{
    static const char *const names[] = { "auto", "report", "ignore", "enospc", "stop" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (!strcmp(text, names[i]) && !(reading && i == BLOCK_ON_ENOSPC)) {
            *out = (enum block_on_error)i;
            return true;
        }
    return false;
}

void block_set_on_error(struct block *b, enum block_on_error reading, enum block_on_error writing)
{
    b->on_read = reading;
    b->on_write = writing;
}

static enum block_action choose(enum block_on_error on, int error)
{
    switch (on) {
    case BLOCK_ON_IGNORE:
        return BLOCK_DO_IGNORE;
    case BLOCK_ON_STOP:
        return BLOCK_DO_STOP;
    case BLOCK_ON_ENOSPC:
        return error == ENOSPC || error == EDQUOT ? BLOCK_DO_STOP : BLOCK_DO_REPORT;
    default:
        return BLOCK_DO_REPORT;
    }
}

enum block_action block_error(struct block *b, bool reading, int error, enum block_on_error own)
{
    enum block_on_error on = own != BLOCK_ON_AUTO ? own : reading ? b->on_read : b->on_write;
    enum block_action action;

    if (on == BLOCK_ON_AUTO && !reading)
        on = BLOCK_ON_ENOSPC;
    action = choose(on, error);
    if (action == BLOCK_DO_STOP && !b->stopped) {
        b->stopped = true;
        fprintf(stderr, "drive '%s': cannot %s '%s': %s; the guest is paused: %s, then type cont in the monitor\n", b->name,
                reading ? "read" : "write", b->file, g_strerror(error),
                choose(BLOCK_ON_ENOSPC, error) == BLOCK_DO_STOP ? "make room" : "remedy it");
    }
    return action;
}

void block_resumed(struct block *b)
{
    b->stopped = false;
}

/* ---- raw: the child's bytes, or a part of them ------------------------------------------------------ */

static const struct block_driver raw_driver = { .name = "raw" };

struct block *block_open_raw(const char *name, struct block *file, uint64_t offset, uint64_t size, struct event_loop *loop, GError **err)
{
    struct block *b;

    if (offset % BLOCK_SECTOR || size % BLOCK_SECTOR || offset >= file->size || size > file->size - offset) {
        block_fail(err, file->file, "offset= and size= are not whole sectors inside it");
        return NULL;
    }
    b = block_new(&raw_driver, name, file->file, loop);
    b->child = file;
    b->start = offset;
    b->size = size ? size : file->size - offset;
    b->readonly = file->readonly;
    b->writethrough = file->writethrough;
    return b;
}
