/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back ends without a partner that answers: "file" (output only), "null", and
 * "ringbuf", which keeps the last bytes in memory.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chardev/internal.h"
#include "util/bits.h"

/* ---- file ---- */

struct file_chardev {
    struct chardev base;
    int fd;
};

static size_t file_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct file_chardev *f = (struct file_chardev *)c;
    size_t done = 0;

    while (done < len) {
        ssize_t n = write(f->fd, buf + done, len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return len; /* a full disk: the guest goes on, the text is lost */
        done += (size_t)n;
    }
    return len;
}

static void file_close(struct chardev *c)
{
    close(((struct file_chardev *)c)->fd);
}

static const struct chardev_ops file_ops = {
    .write = file_write,
    .close = file_close,
};

struct chardev *file_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err)
{
    const char *path = keyval_get(kv, "path");
    bool append = false;
    struct chardev *c;
    int fd;

    if (!path || !*path) {
        chardev_error(err, label, "file needs path=");
        return NULL;
    }
    if (!keyval_get_bool(kv, "append", &append, err))
        return NULL;
    fd = open(path,
              O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC),
              0666);
    if (fd < 0) {
        chardev_error_errno(err, label, path);
        return NULL;
    }
    c = chardev_alloc(sizeof(struct file_chardev), &file_ops, loop, label);
    ((struct file_chardev *)c)->fd = fd;
    c->open = true;
    return c;
}

/* ---- null ---- */

static size_t null_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    (void)c;
    (void)buf;
    return len;
}

static void null_close(struct chardev *c)
{
    (void)c;
}

static const struct chardev_ops null_ops = {
    .write = null_write,
    .close = null_close,
};

struct chardev *null_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err)
{
    struct chardev *c;

    (void)kv;
    (void)err;
    c = chardev_alloc(sizeof(*c), &null_ops, loop, label);
    c->open = true;
    return c;
}

/* ---- ringbuf ---- */

struct ringbuf {
    struct chardev base;
    uint8_t *data;
    size_t size;               /* a power of two */
    size_t produced, consumed; /* totals; their difference is at most size */
};

static size_t ringbuf_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct ringbuf *r = (struct ringbuf *)c;

    for (size_t i = 0; i < len; i++)
        r->data[r->produced++ & (r->size - 1)] = buf[i];
    if (r->produced - r->consumed > r->size)
        r->consumed = r->produced - r->size;
    return len;
}

static void ringbuf_close(struct chardev *c)
{
    g_free(((struct ringbuf *)c)->data);
}

static const struct chardev_ops ringbuf_ops = {
    .write = ringbuf_write,
    .close = ringbuf_close,
};

size_t chardev_ringbuf_read(struct chardev *c, void *buf, size_t len)
{
    struct ringbuf *r = (struct ringbuf *)c;
    uint8_t *out = buf;
    size_t n = 0;

    if (c->ops != &ringbuf_ops)
        return 0;
    while (n < len && r->consumed != r->produced)
        out[n++] = r->data[r->consumed++ & (r->size - 1)];
    return n;
}

struct chardev *ringbuf_make(struct event_loop *loop, const char *label,
                             struct keyval *kv, GError **err)
{
    const char *text = keyval_get(kv, "size");
    uint64_t size = 65536;
    struct ringbuf *r;

    if (text && (!keyval_parse_size(text, 1, &size) || !is_pow2(size) ||
                 size > (1u << 30))) {
        chardev_error(err, label,
                      "ringbuf size=%s: must be a power of two up to 1G", text);
        return NULL;
    }
    r = (struct ringbuf *)chardev_alloc(sizeof(*r), &ringbuf_ops, loop, label);
    r->size = size;
    r->data = g_malloc(size);
    r->base.open = true;
    return &r->base;
}
