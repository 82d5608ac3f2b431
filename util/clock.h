/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks: every time that a guest sees comes from one of these.
 *
 *   CLK_VIRTUAL    starts at 0, stands still while paused: guest timers
 *   CLK_HOST       wall clock, nanoseconds since 1970: guest calendars
 *   CLK_REALTIME   host's monotonic clock: screen refresh, time-outs
 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum clock_kind {
    CLK_VIRTUAL,
    CLK_HOST,
    CLK_REALTIME,
};

enum {
    NS_PER_US = 1000,
    NS_PER_MS = 1000 * 1000,
    NS_PER_S = 1000 * 1000 * 1000,
};

struct clock;

/* A virtual clock starts running. */
struct clock *clock_new(enum clock_kind kind);
void clock_free(struct clock *c);
enum clock_kind clock_kind(const struct clock *c);

/* Nanoseconds.  Any thread, without a lock. */
int64_t clock_ns(const struct clock *c);

/* Stop and go on; only CLK_VIRTUAL takes part, the others run always.  Both
 * may be repeated without harm.  Callers agree who pauses: one at a time. */
void clock_pause(struct clock *c);
void clock_resume(struct clock *c);
bool clock_paused(const struct clock *c);

/* Sets a paused virtual clock, for tests and for snapshots. */
void clock_set(struct clock *c, int64_t ns);

/* How long the host must wait until the clock shows `deadline`: 0 when it
 * already does, -1 when the clock is paused and never will. */
int64_t clock_wait_ns(const struct clock *c, int64_t deadline);

/* Called after every pause, resume and set, on the caller's thread. */
typedef void (*clock_notify_fn)(void *opaque);
void clock_add_notify(struct clock *c, clock_notify_fn fn, void *opaque);
void clock_remove_notify(struct clock *c, clock_notify_fn fn, void *opaque);

#endif
