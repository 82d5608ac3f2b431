/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back ends on special files: "pty", a pseudo terminal whose name is printed,
 * and "pipe", one fifo pair PATH.in and PATH.out or a single PATH.
 *
 * A pty's master reads as hung up once a reader has come and gone, and nothing
 * reports the next one: while it is hung up a timer looks.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include "chardev/internal.h"
#include "util/clock.h"
#include "util/timer.h"

enum { LOOK_NS = 100 * NS_PER_MS };

struct pty {
    struct chardev base;
    struct fd_io io;
    struct clock *clock;
    struct timer *look;
    int master;
};

static void pty_look_later(struct pty *p)
{
    timer_arm(p->look, clock_ns(p->clock) + LOOK_NS);
}

static bool pty_has_reader(const struct pty *p)
{
    struct pollfd fd = {p->master, POLLOUT, 0};

    return poll(&fd, 1, 0) >= 0 && !(fd.revents & POLLHUP);
}

static void pty_hung_up(struct chardev *c)
{
    chardev_set_open(c, false);
    pty_look_later((struct pty *)c);
}

static void pty_look(void *opaque)
{
    struct pty *p = opaque;

    if (!pty_has_reader(p)) {
        pty_look_later(p);
        return;
    }
    fd_io_start(&p->io, &p->base, p->master, p->master, pty_hung_up);
    chardev_set_open(&p->base, true);
    fd_io_accept_input(&p->io);
}

static size_t pty_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct pty *p = (struct pty *)c;

    /* Nobody watches input while the front end has no room, so that a reader
     * may have gone unnoticed. */
    if (!pty_has_reader(p)) {
        fd_io_stop(&p->io);
        pty_hung_up(c);
        return len;
    }
    return fd_io_write(&p->io, buf, len);
}

static void pty_accept_input(struct chardev *c)
{
    fd_io_accept_input(&((struct pty *)c)->io);
}

static void pty_close(struct chardev *c)
{
    struct pty *p = (struct pty *)c;

    fd_io_stop(&p->io);
    timer_free(p->look);
    clock_free(p->clock);
    close(p->master);
}

static const struct chardev_ops pty_ops = {
    .write = pty_write,
    .accept_input = pty_accept_input,
    .close = pty_close,
};

struct chardev *pty_make(struct event_loop *loop, const char *label,
                         struct keyval *kv, GError **err)
{
    struct termios raw;
    struct pty *p;
    int master, slave;
    char name[128];

    (void)kv;
    if (openpty(&master, &slave, name, NULL, NULL) < 0) {
        chardev_error_errno(err, label, "cannot open a pty");
        return NULL;
    }
    if (tcgetattr(slave, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(slave, TCSANOW, &raw);
    }
    close(slave);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(master, F_SETFL, O_NONBLOCK);
    p = (struct pty *)chardev_alloc(sizeof(*p), &pty_ops, loop, label);
    p->master = master;
    p->clock = clock_new(CLK_REALTIME);
    p->look = timer_new(loop, p->clock, pty_look, p);
    timer_arm(p->look, 0);
    fprintf(stderr, "char device redirected to %s (label %s)\n", name, label);
    return &p->base;
}

/* ---- pipe ---- */

struct pipe {
    struct chardev base;
    struct fd_io io;
    int in, out;
};

static void pipe_hung_up(struct chardev *c)
{
    chardev_set_open(c, false);
}

static size_t pipe_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    return fd_io_write(&((struct pipe *)c)->io, buf, len);
}

static void pipe_accept_input(struct chardev *c)
{
    fd_io_accept_input(&((struct pipe *)c)->io);
}

static void pipe_close(struct chardev *c)
{
    struct pipe *p = (struct pipe *)c;

    fd_io_stop(&p->io);
    close(p->in);
    if (p->out != p->in)
        close(p->out);
}

static const struct chardev_ops pipe_ops = {
    .write = pipe_write,
    .accept_input = pipe_accept_input,
    .close = pipe_close,
};

/* Read-write, so that a fifo opens without a partner and outlives it. */
static int open_fifo(const char *path, const char *suffix)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);

    return open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

struct chardev *pipe_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err)
{
    const char *path = keyval_get(kv, "path");
    struct pipe *p;
    int in, out;

    if (!path || !*path) {
        chardev_error(err, label, "pipe needs path=");
        return NULL;
    }
    in = open_fifo(path, ".in");
    out = open_fifo(path, ".out");
    if (in < 0 || out < 0) {
        if (in >= 0)
            close(in);
        if (out >= 0)
            close(out);
        in = out = open_fifo(path, "");
    }
    if (in < 0) {
        chardev_error(err, label,
                      "neither %s.in and %s.out nor %s can be opened: %s", path,
                      path, path, g_strerror(errno));
        return NULL;
    }
    p = (struct pipe *)chardev_alloc(sizeof(*p), &pipe_ops, loop, label);
    p->in = in;
    p->out = out;
    fd_io_start(&p->io, &p->base, in, out, pipe_hung_up);
    p->base.open = true;
    return &p->base;
}
