/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw images in files and block devices: a pool of threads does the system calls, completions come back on the event loop. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include "block/block.h"
#include "util/event-loop.h"

#define THREADS 4
#define ZERO_CHUNK (64 * 1024)

struct block {
    char *file;
    int fd;
    bool readonly;
    uint64_t size;
    struct event_loop *loop;
    GThreadPool *pool;
};

struct request {
    struct block *b;
    enum block_op op;
    uint64_t offset, len;
    void *buf;
    block_done_fn done;
    void *opaque;
    int error;
};

/* ---- the work, on a thread of the pool ------------------------------------------------------- */

static int transfer(const struct request *r)
{
    uint8_t *p = r->buf;
    uint64_t left = r->len;
    off_t at = (off_t)r->offset;

    while (left) {
        ssize_t n = r->op == BLOCK_READ ? pread(r->b->fd, p, left, at) : pwrite(r->b->fd, p, left, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            return EIO;      /* the file became shorter */
        p += n;
        at += n;
        left -= (uint64_t)n;
    }
    return 0;
}

static int write_zeroes(const struct request *r)
{
    static const uint8_t zeroes[ZERO_CHUNK];
    struct request part = *r;

    if (!fallocate(r->b->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, (off_t)r->offset, (off_t)r->len))
        return 0;
    part.op = BLOCK_WRITE;
    part.buf = (void *)zeroes;
    for (uint64_t left = r->len; left; left -= part.len) {
        int error;

        part.len = MIN(left, (uint64_t)ZERO_CHUNK);
        error = transfer(&part);
        if (error)
            return error;
        part.offset += part.len;
    }
    return 0;
}

/* A host that cannot give the space back keeps the contents: allowed. */
static int discard(const struct request *r)
{
    if (!fallocate(r->b->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)r->offset, (off_t)r->len) ||
        errno == EOPNOTSUPP || errno == ENOSYS)
        return 0;
    return errno;
}

static void finish(void *opaque)
{
    struct request *r = opaque;

    r->done(r->opaque, r->error);
    g_free(r);
}

static void work(gpointer data, gpointer unused)
{
    struct request *r = data;

    (void)unused;
    switch (r->op) {
    case BLOCK_READ:
    case BLOCK_WRITE:
        r->error = transfer(r);
        break;
    case BLOCK_FLUSH:
        r->error = fdatasync(r->b->fd) ? errno : 0;
        break;
    case BLOCK_DISCARD:
        r->error = discard(r);
        break;
    case BLOCK_WRITE_ZEROES:
        r->error = write_zeroes(r);
        break;
    }
    event_loop_bh(r->b->loop, finish, r);
}

/* 0, or why the request cannot be. */
static int check(const struct block *b, enum block_op op, uint64_t offset, uint64_t len)
{
    if (op != BLOCK_FLUSH && (offset > b->size || len > b->size - offset))
        return EINVAL;
    return b->readonly && op != BLOCK_READ && op != BLOCK_FLUSH ? EROFS : 0;
}

void block_submit(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len, block_done_fn done,
                  void *opaque)
{
    struct request *r = g_new0(struct request, 1);

    *r = (struct request){ b, op, offset, len, buf, done, opaque, check(b, op, offset, len) };
    if (r->error)
        event_loop_bh(b->loop, finish, r);
    else
        g_thread_pool_push(b->pool, r, NULL);
}

static int blocking(struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len)
{
    const struct request r = { b, op, offset, len, buf, NULL, NULL, check(b, op, offset, len) };

    return r.error ? r.error : transfer(&r);
}

int block_read(struct block *b, uint64_t offset, void *buf, uint64_t len)
{
    return blocking(b, BLOCK_READ, offset, buf, len);
}

int block_write(struct block *b, uint64_t offset, const void *buf, uint64_t len)
{
    return blocking(b, BLOCK_WRITE, offset, (void *)buf, len);
}

/* ---- open ------------------------------------------------------------------------------------ */

static bool fail(GError **err, const char *file, const char *why)
{
    g_set_error(err, g_quark_from_static_string("block"), 0, "image '%s': %s", file, why);
    return false;
}

static bool find_size(struct block *b, GError **err)
{
    struct stat st;

    if (fstat(b->fd, &st))
        return fail(err, b->file, g_strerror(errno));
    if (S_ISDIR(st.st_mode))
        return fail(err, b->file, "is a directory; give the file of a disk image");
    if (S_ISBLK(st.st_mode)) {
        if (ioctl(b->fd, BLKGETSIZE64, &b->size))
            return fail(err, b->file, g_strerror(errno));
    } else if (S_ISREG(st.st_mode)) {
        b->size = (uint64_t)st.st_size;
    } else {
        return fail(err, b->file, "is neither a file nor a block device");
    }
    if (b->size == 0)
        return fail(err, b->file, "is empty; make it with truncate -s SIZE");
    if (b->size % BLOCK_SECTOR)
        return fail(err, b->file, "is not a whole number of 512-byte sectors; it may be cut short: extend it with truncate -s %512");
    return true;
}

static bool take_lock(struct block *b, GError **err)
{
    struct flock l = { .l_type = b->readonly ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

    if (!fcntl(b->fd, F_OFD_SETLK, &l))
        return true;
    if (errno == EAGAIN || errno == EACCES)
        return fail(err, b->file, "is in use by another process; stop that, or open it readonly=on in both");
    return true;             /* a file system without locks */
}

struct block *block_open(const char *file, bool readonly, struct event_loop *loop, GError **err)
{
    struct block *b = g_new0(struct block, 1);

    b->file = g_strdup(file);
    b->readonly = readonly;
    b->loop = loop;
    b->fd = open(file, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (b->fd < 0) {
        fail(err, file, errno == EISDIR ? "is a directory; give the file of a disk image" : g_strerror(errno));
        block_free(b);
        return NULL;
    }
    if (!find_size(b, err) || !take_lock(b, err)) {
        block_free(b);
        return NULL;
    }
    b->pool = g_thread_pool_new(work, NULL, THREADS, FALSE, NULL);
    return b;
}

void block_free(struct block *b)
{
    if (!b)
        return;
    if (b->pool)
        g_thread_pool_free(b->pool, FALSE, TRUE);
    if (b->fd >= 0)
        close(b->fd);
    g_free(b->file);
    g_free(b);
}

uint64_t block_size(const struct block *b)
{
    return b->size;
}

bool block_readonly(const struct block *b)
{
    return b->readonly;
}
