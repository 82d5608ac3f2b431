/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Throw-away writes (-snapshot, -drive snapshot=on): they go to a temporary file without a name, as large as the image and sparse. One bit for
 * each sector says that the file has it; the other sectors are the image's. The bits are memory that the host gives when it is touched.
 *
 * Requests run on threads, several at once. A sector's bit is set after its data is in the file. Only requests that start or end within
 * a sector need its other bytes copied first; `lock` makes that happen once.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "block/internal.h"

#define COMMIT_SECTORS 2048

struct overlay {
    int fd;
    uint64_t *bits;
    size_t bits_len;         /* bytes */
    pthread_mutex_t lock;
};

static bool has(const struct overlay *o, uint64_t sector)
{
    return __atomic_load_n(&o->bits[sector / 64], __ATOMIC_ACQUIRE) >> (sector % 64) & 1;
}

static void set_bits(struct overlay *o, uint64_t first, uint64_t end)
{
    while (first < end) {
        unsigned bit = first % 64;
        unsigned n = (unsigned)MIN(end - first, 64u - bit);
        uint64_t mask = n == 64 ? UINT64_MAX : (((uint64_t)1 << n) - 1) << bit;

        __atomic_fetch_or(&o->bits[first / 64], mask, __ATOMIC_RELEASE);
        first += n;
    }
}

static int read_part(struct block *b, const struct block_request *r, uint64_t at, uint64_t len, bool own)
{
    struct overlay *o = b->state;
    g_autofree struct iovec *part = NULL;
    unsigned n;

    part = iov_part(r->iov, r->niov, at - r->offset, len, &n);
    return own ? fd_transfer(o->fd, false, false, part, n, at, len) : block_io(b->child, BLOCK_READ, at, part, n, len);
}

static int read_merged(struct block *b, const struct block_request *r)
{
    struct overlay *o = b->state;
    uint64_t end = r->offset + r->len;

    for (uint64_t at = r->offset, next; at < end; at = next) {
        bool own = has(o, at / BLOCK_SECTOR);
        int error;

        next = (at / BLOCK_SECTOR + 1) * BLOCK_SECTOR;
        while (next < end && has(o, next / BLOCK_SECTOR) == own)
            next += BLOCK_SECTOR;
        next = MIN(next, end);
        error = read_part(b, r, at, next - at, own);
        if (error)
            return error;
    }
    return 0;
}

/* A sector that is written in part: give the file all of it first. */
static int complete_sector(struct block *b, uint64_t sector)
{
    struct overlay *o = b->state;
    uint8_t data[BLOCK_SECTOR];
    struct iovec iov = { data, sizeof(data) };
    int error = 0;

    pthread_mutex_lock(&o->lock);
    if (!has(o, sector)) {
        error = block_io(b->child, BLOCK_READ, sector * BLOCK_SECTOR, &iov, 1, sizeof(data));
        if (!error)
            error = fd_transfer(o->fd, true, false, &iov, 1, sector * BLOCK_SECTOR, sizeof(data));
        if (!error)
            set_bits(o, sector, sector + 1);
    }
    pthread_mutex_unlock(&o->lock);
    return error;
}

static int write_own(struct block *b, const struct block_request *r)
{
    struct overlay *o = b->state;
    uint64_t end = r->offset + r->len;
    int error = 0;

    if (r->offset % BLOCK_SECTOR)
        error = complete_sector(b, r->offset / BLOCK_SECTOR);
    if (!error && end % BLOCK_SECTOR)
        error = complete_sector(b, end / BLOCK_SECTOR);
    if (error)
        return error;
    if (r->op == BLOCK_WRITE)
        error = fd_transfer(o->fd, true, false, r->iov, r->niov, r->offset, r->len);
    else
        error = fd_write_zeroes(o->fd, r->offset, r->len, true);
    if (!error)
        set_bits(o, r->offset / BLOCK_SECTOR, (end + BLOCK_SECTOR - 1) / BLOCK_SECTOR);
    return error;
}

/* Nothing outlives the run, so there is nothing to flush; discarded sectors may keep what they have. */
static int overlay_io(struct block *b, const struct block_request *r)
{
    switch (r->op) {
    case BLOCK_READ:
        return read_merged(b, r);
    case BLOCK_WRITE:
    case BLOCK_WRITE_ZEROES:
        return r->len ? write_own(b, r) : 0;
    case BLOCK_FLUSH:
    case BLOCK_DISCARD:
        return 0;
    }
    return EINVAL;
}

static void overlay_close(struct block *b)
{
    struct overlay *o = b->state;

    if (o->fd >= 0)
        close(o->fd);
    if (o->bits)
        munmap(o->bits, o->bits_len);
    pthread_mutex_destroy(&o->lock);
    g_free(o);
}

static const struct block_driver overlay_driver = { .name = "snapshot", .io = overlay_io, .close = overlay_close };

/* ---- writing it back ---------------------------------------------------------------------------------- */

/* Sectors from `at` on that the file has, at most max; *at moves to the first of them. 0: there are no more. */
static uint64_t next_run(const struct overlay *o, uint64_t *at, uint64_t sectors, uint64_t max)
{
    uint64_t n = 0;

    while (*at < sectors && !has(o, *at))
        *at += *at % 64 || o->bits[*at / 64] ? 1 : 64;
    while (*at + n < sectors && n < max && has(o, *at + n))
        n++;
    return n;
}

static int write_back(struct block *b, int to)
{
    struct overlay *o = b->state;
    g_autofree uint8_t *data = g_malloc(COMMIT_SECTORS * BLOCK_SECTOR);
    uint64_t n;

    for (uint64_t at = 0; (n = next_run(o, &at, b->size / BLOCK_SECTOR, COMMIT_SECTORS)); at += n) {
        struct iovec iov = { data, n * BLOCK_SECTOR };
        int error = fd_transfer(o->fd, false, false, &iov, 1, at * BLOCK_SECTOR, iov.iov_len);

        if (!error)
            error = fd_transfer(to, true, false, &iov, 1, at * BLOCK_SECTOR, iov.iov_len);
        if (error)
            return error;
    }
    return fdatasync(to) ? errno : 0;
}

/* The image has it all now. What cannot be made empty is kept: it is the same as in the image. */
static void make_empty(struct block *b)
{
    struct overlay *o = b->state;

    if (ftruncate(o->fd, 0) || ftruncate(o->fd, (off_t)b->size))
        return;
    if (madvise(o->bits, o->bits_len, MADV_DONTNEED))
        memset(o->bits, 0, o->bits_len);
}

bool block_commit(struct block *b, GError **err)
{
    int fd, error;

    if (b->drv != &overlay_driver)
        return block_fail(err, b->file, "has no snapshot to write back: it was opened without snapshot=on");
    block_drain(b);
    fd = file_open_writable(b->child, err);
    if (fd < 0)
        return false;
    error = write_back(b, fd);
    file_close_writable(b->child, fd);
    if (error)
        return block_fail(err, b->child->file, g_strerror(error));
    make_empty(b);
    return true;
}

/* -1 and errno; some file systems have no files without a name. */
static int temporary_file(const char *dir)
{
    g_autofree char *name = g_strdup_printf("%s/tinamou-XXXXXX", dir);
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0)
        return fd;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

struct block *block_open_overlay(const char *name, struct block *base, struct event_loop *loop, GError **err)
{
    const char *dir = g_getenv("TMPDIR") ? g_getenv("TMPDIR") : "/var/tmp";
    g_autofree char *file = g_strdup_printf("%s (its snapshot in %s)", base->file, dir);
    struct block *b = block_new(&overlay_driver, name, file, loop);
    struct overlay *o = g_new0(struct overlay, 1);

    b->state = o;
    b->child = base;
    b->size = base->size;
    b->detect_zeroes = base->detect_zeroes;
    pthread_mutex_init(&o->lock, NULL);
    o->bits_len = (base->size / BLOCK_SECTOR + 63) / 64 * 8;
    o->bits = mmap(NULL, o->bits_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (o->bits == MAP_FAILED)
        o->bits = NULL;
    o->fd = temporary_file(dir);
    if (o->bits && o->fd >= 0 && !ftruncate(o->fd, (off_t)base->size)) {
        b->aio = aio_new(loop, BLOCK_AIO_THREADS, false, NULL);
        return b;
    }
    g_set_error(err, g_quark_from_static_string("block"), errno, "snapshot of '%s': cannot make a temporary file in %s: %s; "
                "set TMPDIR to another folder", base->file, dir, g_strerror(errno));
    block_free(b);
    return NULL;
}
