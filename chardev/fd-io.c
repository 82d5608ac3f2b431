/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input and output on file descriptors.  Input is watched only while the
 * front end has room; output goes out at once and waits in a queue when the
 * descriptor takes no more.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chardev/internal.h"

enum {
    CAREFUL_CHUNK = 256, /* what a writable terminal takes without blocking */
    READ_CHUNK = 4096,
};

static void unwatch(struct fd_io *io, unsigned *id)
{
    if (*id)
        event_loop_remove(io->c->loop, *id);
    *id = 0;
}

/* The whole connection is gone; or one direction of it, if they are apart. */
static void hang_up(struct fd_io *io, int *direction, unsigned *watch)
{
    if (!io->apart) {
        fd_io_stop(io);
        io->hung_up(io->c);
        return;
    }
    unwatch(io, watch);
    *direction = -1;
    if (direction == &io->out)
        g_byte_array_set_size(io->queue, 0);
}

/* One attempt: bytes written, 0 if it would block, -1 on an error. */
static ssize_t try_write(struct fd_io *io, const uint8_t *buf, size_t len)
{
    ssize_t n;

    if (io->careful) {
        struct pollfd p = {io->out, POLLOUT, 0};

        if (poll(&p, 1, 0) != 1)
            return 0;
        len = MIN(len, CAREFUL_CHUNK);
    }
    do {
        n = io->is_socket ? send(io->out, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT)
                          : write(io->out, buf, len);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    return n;
}

/* Writes as much as goes at once; false when the other end is gone. */
static bool write_now(struct fd_io *io, const uint8_t *buf, size_t len,
                      size_t *done)
{
    *done = 0;
    while (*done < len) {
        ssize_t n = try_write(io, buf + *done, len - *done);

        if (n < 0)
            return false;
        if (n == 0)
            break;
        *done += (size_t)n;
    }
    return true;
}

static void out_ready(void *opaque, int fd, GIOCondition ready)
{
    struct fd_io *io = opaque;
    size_t done;

    (void)fd;
    (void)ready;
    if (!write_now(io, io->queue->data, io->queue->len, &done)) {
        hang_up(io, &io->out, &io->out_watch);
        return;
    }
    g_byte_array_remove_range(io->queue, 0, (guint)done);
    if (io->queue->len == 0)
        unwatch(io, &io->out_watch);
    if (io->refused && io->queue->len <= CHARDEV_QUEUE_MAX / 2) {
        io->refused = false;
        chardev_send_event(io->c, CHARDEV_WRITABLE);
    }
}

size_t fd_io_write(struct fd_io *io, const uint8_t *buf, size_t len)
{
    size_t done = 0, rest;

    if (io->out < 0)
        return len;
    if (io->queue->len == 0 && !write_now(io, buf, len, &done)) {
        hang_up(io, &io->out, &io->out_watch);
        return len;
    }
    rest = MIN(len - done, CHARDEV_QUEUE_MAX - io->queue->len);
    if (rest) {
        g_byte_array_append(io->queue, buf + done, (guint)rest);
        if (!io->out_watch)
            io->out_watch = event_loop_add_fd(io->c->loop, io->out, G_IO_OUT,
                                              out_ready, io);
    }
    io->refused |= done + rest < len;
    return done + rest;
}

static void in_ready(void *opaque, int fd, GIOCondition ready)
{
    struct fd_io *io = opaque;
    uint8_t buf[READ_CHUNK];
    size_t room = chardev_room(io->c);
    ssize_t n;

    (void)ready;
    if (room == 0) {
        unwatch(io, &io->in_watch);
        return;
    }
    n = read(fd, buf, MIN(room, sizeof(buf)));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(io, &io->in, &io->in_watch);
        return;
    }
    chardev_deliver(io->c, buf, (size_t)n);
    if (io->in_watch && chardev_room(io->c) == 0)
        unwatch(io, &io->in_watch);
}

void fd_io_accept_input(struct fd_io *io)
{
    if (io->in >= 0 && !io->in_watch && chardev_room(io->c) > 0)
        io->in_watch =
            event_loop_add_fd(io->c->loop, io->in, G_IO_IN, in_ready, io);
}

void fd_io_start(struct fd_io *io, struct chardev *c, int in, int out,
                 void (*hung_up)(struct chardev *c))
{
    io->c = c;
    io->in = in;
    io->out = out;
    io->hung_up = hung_up;
    io->refused = false;
    if (!io->queue)
        io->queue = g_byte_array_new();
    fd_io_accept_input(io);
}

void fd_io_stop(struct fd_io *io)
{
    size_t done;

    if (!io->queue)
        return;
    if (io->out >= 0 && io->queue->len)
        write_now(io, io->queue->data, io->queue->len, &done);
    unwatch(io, &io->in_watch);
    unwatch(io, &io->out_watch);
    g_byte_array_unref(io->queue);
    io->queue = NULL;
    io->in = io->out = -1;
}
