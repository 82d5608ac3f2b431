/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the event loop and its timers share; for util/ only. */
#ifndef UTIL_INTERNAL_H
#define UTIL_INTERNAL_H

#include "util/event-loop.h"

struct timer_queue;

/* A queue on a new timerfd, and its end. */
struct timer_queue *timer_queue_new(struct event_loop *loop);
void timer_queue_free(struct timer_queue *q);

/* The loop's queue. */
struct timer_queue *event_loop_timers(struct event_loop *loop);

#endif
