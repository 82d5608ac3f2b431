/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: file descriptors, timers (util/timer.h) and bottom halves
 * whose callbacks all run on one thread, that of event_loop_run.  It has a
 * GLib main context of its own.
 */
#ifndef UTIL_EVENT_LOOP_H
#define UTIL_EVENT_LOOP_H

#include <glib.h>
#include <stdbool.h>

struct event_loop;

struct event_loop *event_loop_new(void);

/* After every timer and fd of the loop has been freed or removed. */
void event_loop_free(struct event_loop *loop);

/* Runs callbacks until event_loop_quit; returns its code.  A quit from before
 * the call counts. */
int event_loop_run(struct event_loop *loop);

/* Ends event_loop_run soon.  The first code wins.  Any thread. */
void event_loop_quit(struct event_loop *loop, int code);

/* Runs what is due once; with `block`, waits for something to be.  false if
 * nothing ran.  For tests and nested waits on the loop's thread. */
bool event_loop_poll(struct event_loop *loop, bool block);

/* Functions called around every callback, on the loop's thread: a machine
 * gives its device lock here.  Set before anything runs; NULL for none. */
void event_loop_set_lock(struct event_loop *loop, void (*lock)(void *),
                         void (*unlock)(void *), void *opaque);

typedef void (*event_loop_fd_fn)(void *opaque, int fd, GIOCondition ready);

/* Calls cb when fd is ready for one of `events` (G_IO_IN, G_IO_OUT; errors and
 * hang-ups are always reported), until event_loop_remove(id).  The caller
 * keeps the fd open.  Any thread; the id is never 0. */
unsigned event_loop_add_fd(struct event_loop *loop, int fd, GIOCondition events,
                           event_loop_fd_fn cb, void *opaque);

/* From the loop's thread, or holding its lock, cb does not run afterwards. */
void event_loop_remove(struct event_loop *loop, unsigned id);

typedef void (*event_loop_bh_fn)(void *opaque);

/* A bottom half: runs cb once, soon, on the loop's thread, in the order of the
 * calls.  Any thread, also one that holds the loop's lock. */
void event_loop_bh(struct event_loop *loop, event_loop_bh_fn cb, void *opaque);

/* Drops the bottom halves of cb and opaque that have not started. */
void event_loop_bh_cancel(struct event_loop *loop, event_loop_bh_fn cb,
                          void *opaque);

/* The GLib context, for libraries that attach sources of their own (those run
 * without the lock). */
GMainContext *event_loop_context(struct event_loop *loop);

#endif
