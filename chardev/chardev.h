/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Character devices: what a UART, a console or a monitor (the front end) says
 * goes to a terminal, socket, file... (the back end), and the other way.
 *
 * A back end is described as QEMU does, "socket,id=x,path=/tmp/s,server=on" or
 * in the short forms of -serial ("unix:/tmp/s,server,nowait").  A front end
 * gets its handle from chardev_attach, so that several can share a mux.
 *
 * Thread: every function is called on the event loop's thread or with the
 * loop's lock (the machine's device lock) held; handlers are called so too.
 * Where a handle is only used, NULL stands for a device with nothing attached.
 */
#ifndef CHARDEV_CHARDEV_H
#define CHARDEV_CHARDEV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct chardev;
struct event_loop;

enum chardev_event {
    CHARDEV_OPENED,   /* somebody is at the other end now */
    CHARDEV_CLOSED,   /* nobody is; what is written meanwhile is lost */
    CHARDEV_BREAK,    /* a serial break was received */
    CHARDEV_WRITABLE, /* after a short chardev_write: there is room again */
    CHARDEV_MUX_IN,   /* this front end of a mux has the keyboard now */
    CHARDEV_MUX_OUT,  /* it has not any more */
};

/* How many bytes the front end can take now. */
typedef int (*chardev_can_read_fn)(void *opaque);
/* Takes len bytes, never more than can_read said. */
typedef void (*chardev_read_fn)(void *opaque, const uint8_t *buf, size_t len);
typedef void (*chardev_event_fn)(void *opaque, enum chardev_event event);

/* ---- for front ends ---- */

/* Connects a front end.  Any function may be NULL: without can_read or read
 * no input is taken.  CHARDEV_OPENED comes at once if the back end is open.
 * All NULL disconnects. */
void chardev_set_handlers(struct chardev *c, chardev_can_read_fn can_read,
                          chardev_read_fn read, chardev_event_fn event,
                          void *opaque);

/* Sends; never waits.  Returns how many bytes were taken; fewer than len when
 * the other end is slow and 64 KiB wait already: then CHARDEV_WRITABLE comes
 * when there is room.  With nobody at the other end everything is taken (and
 * lost). */
size_t chardev_write(struct chardev *c, const void *buf, size_t len);

/* The front end has room again after can_read gave 0. */
void chardev_accept_input(struct chardev *c);

bool chardev_is_open(const struct chardev *c);

/* Does this front end get the keyboard's input? Only a mux's can be without. */
bool chardev_has_input(const struct chardev *c);

/* The id of -chardev, or "serial0" and so on. */
const char *chardev_label(const struct chardev *c);

/* ---- for those who set a machine up ---- */

/* Makes a back end from a description; NULL with an error that says what is
 * wrong with it.  A socket with server=on,wait=on waits for its client here.
 * The caller owns it. */
struct chardev *chardev_new(const char *spec, struct event_loop *loop,
                            GError **err);

/* Sends what waits if that is possible at once, closes, and gives the terminal
 * back.  Frees a mux's handles too; takes NULL. */
void chardev_free(struct chardev *c);

/* The handle for one front end: of a mux a new one each time, else c itself,
 * once.  Borrowed.  NULL and an error if c has its front end already. */
struct chardev *chardev_attach(struct chardev *c, GError **err);

/* Prints the kinds of back ends and their options (-chardev help). */
void chardev_help(FILE *out);

/* What a mux's keys do outside of it; entries may be NULL.  Without `quit`,
 * Ctrl-A x ends the event loop with code 0. */
struct chardev_mux_hooks {
    void (*quit)(void *opaque);
    void (*save)(void *opaque); /* Ctrl-A s: write snapshot=on disks back */
    void *opaque;
};

/* ---- all of a machine's ---- */

struct chardev_registry;

struct chardev_registry *chardev_registry_new(struct event_loop *loop);

/* Frees every chardev in it. */
void chardev_registry_free(struct chardev_registry *r);

/* For muxes that are added later.  The hooks are copied. */
void chardev_registry_set_hooks(struct chardev_registry *r,
                                const struct chardev_mux_hooks *hooks);

/* -chardev: adds a back end under its id=.  false with an error: no id, the id
 * is taken, or what chardev_new says. */
bool chardev_registry_add(struct chardev_registry *r, const char *spec,
                          GError **err);

/* The back end with this id, or NULL.  Borrowed. */
struct chardev *chardev_registry_find(struct chardev_registry *r,
                                      const char *id);

/* The i-th back end's id and kind ("pty", "mux"...), in the order they were
 * made; NULL after the last.  Borrowed. */
const char *chardev_registry_label(const struct chardev_registry *r,
                                   unsigned i, const char **kind);

/* A device's chardev=ID: chardev_attach of the back end with this id. */
struct chardev *chardev_registry_attach(struct chardev_registry *r,
                                        const char *id, GError **err);

/* -serial and the like: makes the back end that `spec` describes, under the id
 * `label` ("serial0"), or takes an existing one for "chardev:ID", and puts the
 * front end's handle into *out: NULL for "none". */
bool chardev_registry_serial(struct chardev_registry *r, const char *spec,
                             const char *label, struct chardev **out,
                             GError **err);

/* Contents of a ringbuf back end, oldest first, which it then forgets: up to
 * len bytes; returns how many.  0 for other kinds. */
size_t chardev_ringbuf_read(struct chardev *c, void *buf, size_t len);

#endif
