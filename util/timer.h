/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One-shot timers on a clock, precise to the host's timer (a timerfd, not
 * milliseconds).  Callbacks run on the event loop's thread, inside its lock.
 */
#ifndef UTIL_TIMER_H
#define UTIL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct event_loop;
struct timer;

typedef void (*timer_fn)(void *opaque);

/* Not armed.  The loop and the clock outlive the timer. */
struct timer *timer_new(struct event_loop *loop, struct clock *clock,
                        timer_fn cb, void *opaque);

/* Cancels and frees; under the loop's lock or on its thread. */
void timer_free(struct timer *t);

/* Calls cb once, when the clock shows deadline_ns or more; a deadline that has
 * passed counts, and the callback still comes from the loop.  A timer that is
 * armed already moves.  Any thread. */
void timer_arm(struct timer *t, int64_t deadline_ns);

/* Under the loop's lock or on its thread, cb does not run afterwards.  From
 * elsewhere it may be about to run.  Any thread. */
void timer_cancel(struct timer *t);

/* Armed, and not fired yet.  Any thread. */
bool timer_pending(const struct timer *t);

/* The deadline of a pending timer, INT64_MAX of another. */
int64_t timer_deadline(const struct timer *t);

#endif
