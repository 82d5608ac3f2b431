/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A front end that records what it gets, for the tests of chardev/. */
#ifndef TESTS_CHARDEV_FRONT_H
#define TESTS_CHARDEV_FRONT_H

#include <glib.h>
#include <stdbool.h>

#include "chardev/chardev.h"
#include "util/event-loop.h"

struct front {
    struct chardev *c;
    int room;        /* bytes it still takes */
    GString *input;  /* what came */
    GString *events; /* one letter each: o c b w i u (open, close, break,
                        writable, mux in, mux out) */
};

/* Connects a front end with `room` to c. */
struct front *front_new(struct chardev *c, int room);
void front_free(struct front *f);

/* Gives it more room. */
void front_add_room(struct front *f, int more);

/* Run the loop until the text has come; fail the test after 5 s. */
void front_expect_input(struct event_loop *loop, struct front *f,
                        const char *text);
void front_expect_events(struct event_loop *loop, struct front *f,
                         const char *letters);

/* Runs the loop for a while. */
void run_for_ms(struct event_loop *loop, int ms);

/* Makes a chardev or fails the test; and the other way: the error must hold
 * each of the texts (NULL ends them). */
struct chardev *must_make(struct event_loop *loop, const char *spec);
void must_fail(struct event_loop *loop, const char *spec, ...)
    __attribute__((sentinel));

/* Appends to *got what fd gives until `text` has come; fails after 5 s. */
void fd_expect(struct event_loop *loop, int fd, GString *got, const char *text);

#endif
