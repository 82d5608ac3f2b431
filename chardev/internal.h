/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What back ends share; for chardev/ only.
 *
 * A back end is a struct whose first member is a struct chardev and a row in
 * chardev.c's table of kinds.  It calls chardev_deliver with input when
 * chardev_room allows, and chardev_set_open when somebody comes or goes.
 */
#ifndef CHARDEV_INTERNAL_H
#define CHARDEV_INTERNAL_H

#include "chardev/chardev.h"
#include "util/event-loop.h"
#include "util/keyval.h"

enum { CHARDEV_QUEUE_MAX = 64 * 1024 };

struct chardev_ops {
    /* Takes up to len bytes; only called while open. */
    size_t (*write)(struct chardev *c, const uint8_t *buf, size_t len);
    /* The front end can take input again; may be NULL. */
    void (*accept_input)(struct chardev *c);
    /* Releases what the back end holds, not the struct itself. */
    void (*close)(struct chardev *c);
    /* A mux makes a new handle here; NULL for the others. */
    struct chardev *(*attach)(struct chardev *c);
};

struct chardev {
    const struct chardev_ops *ops;
    struct event_loop *loop;
    char *label;
    const char *kind; /* name of its kind, "mux", or NULL: a mux's handle */
    int log_fd;    /* logfile=, or -1 */
    bool open;     /* somebody is at the other end */
    bool attached; /* a front end has it (never set for a mux) */
    bool aside;    /* a mux's handle: another one has the keyboard */
    chardev_can_read_fn can_read;
    chardev_read_fn read;
    chardev_event_fn event;
    void *opaque;
};

/* One kind of back end.  make() gets a description whose common options have
 * been taken; it returns a g_malloc'ed struct with `ops` set, or an error. */
struct chardev_kind {
    const char *name;
    const char *options; /* for help and errors */
    struct chardev *(*make)(struct event_loop *loop, const char *label,
                            struct keyval *kv, GError **err);
};

/* A zeroed struct of `size` bytes with the common part filled in. */
struct chardev *chardev_alloc(size_t size, const struct chardev_ops *ops,
                              struct event_loop *loop, const char *label);

/* How much the front end takes now. */
size_t chardev_room(struct chardev *c);
void chardev_deliver(struct chardev *c, const uint8_t *buf, size_t len);
void chardev_send_event(struct chardev *c, enum chardev_event event);
void chardev_set_open(struct chardev *c, bool open);

/* "chardev LABEL: WHAT: errno's text" */
void chardev_error_errno(GError **err, const char *label, const char *what);
void chardev_error(GError **err, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Wraps a back end in a mux, which then owns it. */
struct chardev *chardev_mux_new(struct chardev *backend);
/* Does nothing for other kinds. */
void chardev_mux_set_hooks(struct chardev *c,
                           const struct chardev_mux_hooks *hooks);

/* ---- file descriptors: the part that stdio, pty, pipes and sockets share */

struct fd_io {
    struct chardev *c;
    void (*hung_up)(struct chardev *c); /* end of file or an error */
    int in, out;    /* -1: none.  Non-blocking, except `careful` */
    bool careful;   /* out may block: ask poll, write little at once */
    bool is_socket; /* use send, which raises no SIGPIPE */
    bool apart;     /* in and out end each for itself, silently */
    unsigned in_watch, out_watch;
    GByteArray *queue; /* output that waits */
    bool refused;      /* a write was cut short: tell when there is room */
};

/* Starts on these descriptors, which stay the caller's. */
void fd_io_start(struct fd_io *io, struct chardev *c, int in, int out,
                 void (*hung_up)(struct chardev *c));
/* Sends what can be sent at once, drops the rest.  May be called twice. */
void fd_io_stop(struct fd_io *io);
size_t fd_io_write(struct fd_io *io, const uint8_t *buf, size_t len);
void fd_io_accept_input(struct fd_io *io);

/* The kinds, one function per file. */
struct chardev *stdio_make(struct event_loop *loop, const char *label,
                           struct keyval *kv, GError **err);
struct chardev *pty_make(struct event_loop *loop, const char *label,
                         struct keyval *kv, GError **err);
struct chardev *socket_make(struct event_loop *loop, const char *label,
                            struct keyval *kv, GError **err);
struct chardev *file_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err);
struct chardev *pipe_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err);
struct chardev *null_make(struct event_loop *loop, const char *label,
                          struct keyval *kv, GError **err);
struct chardev *ringbuf_make(struct event_loop *loop, const char *label,
                             struct keyval *kv, GError **err);

#endif
