/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and block devices of the host.
 *
 * Past the host's page cache (cache=none), the kernel wants buffers, lengths and offsets aligned, and the guest need not align its own so
 * far. Requests that are not go through a second, ordinary descriptor of the same file: the kernel keeps the two coherent.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include "block/internal.h"

#define ZERO_CHUNK (64 * 1024)
#define MAX_BUFFERS 1024
#define DIRECT_ALIGN 4096            /* enough for every disk and file system */

struct file {
    int fd;                  /* through the page cache; has the lock */
    int direct;              /* -1: none */
    bool device;             /* a block device */
};

/* ---- plain transfers, on any thread ----------------------------------------------------------------- */

struct iovec *iov_part(const struct iovec *iov, unsigned niov, uint64_t skip, uint64_t len, unsigned *n)
{
    struct iovec *part = g_new(struct iovec, MAX(niov, 1));

    *n = 0;
    for (unsigned i = 0; i < niov && len; i++) {
        size_t drop = (size_t)MIN(skip, (uint64_t)iov[i].iov_len);
        size_t take = (size_t)MIN(len, (uint64_t)(iov[i].iov_len - drop));

        skip -= drop;
        len -= take;
        if (take)
            part[(*n)++] = (struct iovec){ (uint8_t *)iov[i].iov_base + drop, take };
    }
    return part;
}

int fd_transfer(int fd, bool write, bool dsync, const struct iovec *iov, unsigned niov, uint64_t at, uint64_t len)
{
    g_autofree struct iovec *rest = NULL;
    uint64_t done = 0;

    while (done < len) {
        int count = (int)MIN(niov, MAX_BUFFERS);
        ssize_t n = write ? pwritev2(fd, iov, count, (off_t)(at + done), dsync ? RWF_DSYNC : 0)
                          : preadv(fd, iov, count, (off_t)(at + done));
        struct iovec *next;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            return EIO;      /* the file became shorter */
        done += (uint64_t)n;
        if (done == len)
            return 0;
        next = iov_part(iov, niov, (uint64_t)n, len, &niov);
        g_free(rest);
        iov = rest = next;
    }
    return 0;
}

static bool unsupported(int error)
{
    return error == EOPNOTSUPP || error == ENOSYS || error == ENOTTY || error == EINVAL;
}

/* tmpfs gives up for a signal that a thread gets meanwhile. */
static int allocate(int fd, int mode, uint64_t at, uint64_t len)
{
    int failed;

    do
        failed = fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)len);
    while (failed && errno == EINTR);
    return failed;
}

int fd_write_zeroes(int fd, uint64_t at, uint64_t len, bool unmap)
{
    static const uint8_t zeroes[ZERO_CHUNK];

    if (unmap && !allocate(fd, FALLOC_FL_PUNCH_HOLE, at, len))
        return 0;
    if (!allocate(fd, FALLOC_FL_ZERO_RANGE, at, len))
        return 0;
    if (!unsupported(errno))
        return errno;
    for (uint64_t end = at + len; at < end; at += MIN(end - at, (uint64_t)ZERO_CHUNK)) {
        struct iovec iov = { (void *)zeroes, (size_t)MIN(end - at, (uint64_t)ZERO_CHUNK) };
        int error = fd_transfer(fd, true, false, &iov, 1, at, iov.iov_len);

        if (error)
            return error;
    }
    return 0;
}

/* ---- the driver --------------------------------------------------------------------------------------- */

static bool aligned(const struct block_request *r)
{
    uint64_t all = r->offset | r->len;

    for (unsigned i = 0; i < r->niov; i++)
        all |= (uintptr_t)r->iov[i].iov_base | r->iov[i].iov_len;
    return !(all & (DIRECT_ALIGN - 1)) && !r->moved;
}

static int file_fd(struct block *b, const struct block_request *r)
{
    const struct file *f = b->state;

    if (r->op == BLOCK_FLUSH && b->no_flush)
        return -1;
    return f->direct >= 0 && r->op <= BLOCK_WRITE && aligned(r) ? f->direct : f->fd;
}

/* A host that cannot give the space back keeps the contents: allowed. */
static int discard(const struct block *b, const struct block_request *r)
{
    const struct file *f = b->state;
    uint64_t range[2] = { r->offset, r->len };
    int failed;

    if (!b->discard)
        return 0;
    if (f->device)
        failed = ioctl(f->fd, BLKDISCARD, range);
    else
        failed = allocate(f->fd, FALLOC_FL_PUNCH_HOLE, r->offset, r->len);
    return failed && !unsupported(errno) ? errno : 0;
}

static int file_io(struct block *b, const struct block_request *r)
{
    const struct file *f = b->state;
    bool dsync = r->flags & BLOCK_FUA;
    int error;

    if (r->op != BLOCK_FLUSH && !r->len)
        return 0;
    switch (r->op) {
    case BLOCK_READ:
    case BLOCK_WRITE:
        return fd_transfer(file_fd(b, r), r->op == BLOCK_WRITE, dsync, r->iov, r->niov, r->offset, r->len);
    case BLOCK_FLUSH:
        return !b->no_flush && fdatasync(f->fd) ? errno : 0;
    case BLOCK_DISCARD:
        return discard(b, r);
    case BLOCK_WRITE_ZEROES:
        error = fd_write_zeroes(f->fd, r->offset, r->len, r->flags & BLOCK_UNMAP && b->discard);
        return !error && dsync && fdatasync(f->fd) ? errno : error;
    }
    return EINVAL;
}

static void file_close(struct block *b)
{
    struct file *f = b->state;

    if (!f)
        return;
    if (f->direct >= 0)
        close(f->direct);
    if (f->fd >= 0)
        close(f->fd);
    g_free(f);
}

static const struct block_driver file_driver = { .name = "file", .io = file_io, .fd = file_fd, .close = file_close };

/* ---- open --------------------------------------------------------------------------------------------- */

#define A_DIRECTORY "is a directory; give the file of a disk image"

static bool find_size(struct block *b, GError **err)
{
    struct file *f = b->state;
    struct stat st;

    if (fstat(f->fd, &st))
        return block_fail(err, b->file, g_strerror(errno));
    if (S_ISDIR(st.st_mode))
        return block_fail(err, b->file, A_DIRECTORY);
    if (S_ISBLK(st.st_mode)) {
        f->device = true;
        if (ioctl(f->fd, BLKGETSIZE64, &b->size))
            return block_fail(err, b->file, g_strerror(errno));
    } else if (S_ISREG(st.st_mode)) {
        b->size = (uint64_t)st.st_size;
    } else {
        return block_fail(err, b->file, "is neither a file nor a block device");
    }
    if (b->size == 0)
        return block_fail(err, b->file, "is empty; make it with truncate -s SIZE");
    if (b->size % BLOCK_SECTOR)
        return block_fail(err, b->file,
                          "is not a whole number of 512-byte sectors; it may be cut short: extend it with truncate -s %512");
    return true;
}

static bool take_lock(struct block *b, GError **err)
{
    struct flock l = { .l_type = b->readonly ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

    if (!fcntl(((struct file *)b->state)->fd, F_OFD_SETLK, &l))
        return true;
    if (errno == EAGAIN || errno == EACCES)
        return block_fail(err, b->file, "is in use by another drive or process; stop that, or open it readonly=on in both");
    return true;             /* a file system without locks */
}

int file_open_writable(struct block *b, GError **err)
{
    const struct file *f = b->state;
    struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET }, ours = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(b->file, O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        block_fail(err, b->file, g_strerror(errno));
        return -1;
    }
    fcntl(f->fd, F_OFD_SETLK, &none);
    if (!fcntl(fd, F_OFD_SETLK, &ours) || (errno != EAGAIN && errno != EACCES))
        return fd;
    file_close_writable(b, fd);
    block_fail(err, b->file, "cannot be written: another drive or process uses it, too");
    return -1;
}

void file_close_writable(struct block *b, int fd)
{
    const struct file *f = b->state;
    struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

    close(fd);
    fcntl(f->fd, F_OFD_SETLK, &shared);
}

static bool open_fd(struct block *b, const struct block_options *o, GError **err)
{
    struct file *f = b->state;

    f->fd = open(b->file, (b->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (f->fd < 0 && o->auto_readonly && !b->readonly && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        b->readonly = true;
        f->fd = open(b->file, O_RDONLY | O_CLOEXEC);
    }
    if (f->fd >= 0)
        return true;
    return block_fail(err, b->file, errno == EISDIR ? A_DIRECTORY : g_strerror(errno));
}

static bool open_direct(struct block *b, const struct block_options *o, GError **err)
{
    struct file *f = b->state;

    if (!o->direct)
        return true;
    f->direct = open(b->file, (b->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_DIRECT);
    return f->direct >= 0 ||
           block_fail(err, b->file, "its file system cannot go past the page cache (O_DIRECT); use cache=writeback");
}

struct block *block_open(const char *name, const char *file, const struct block_options *o, struct event_loop *loop, GError **err)
{
    struct block *b = block_new(&file_driver, name, file, loop);
    struct file *f = g_new(struct file, 1);

    *f = (struct file){ -1, -1, false };
    b->state = f;
    b->readonly = o->readonly;
    b->writethrough = o->writethrough;
    b->no_flush = o->no_flush;
    b->discard = o->discard;
    b->detect_zeroes = o->detect_zeroes;
    if (open_fd(b, o, err) && find_size(b, err) && (o->no_lock || take_lock(b, err)) && open_direct(b, o, err)) {
        b->aio = aio_new(loop, o->aio, true, err);
        if (b->aio)
            return b;
        g_prefix_error(err, "image '%s': ", file);
    }
    block_free(b);
    return NULL;
}
