/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks.  The virtual one is the host's monotonic clock plus an offset while
 * it runs, and a fixed value while it is paused.  The pair (paused, value)
 * changes under a sequence count, so that readers need no lock.
 */
#include "config.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "util/clock.h"

struct notify {
    clock_notify_fn fn;
    void *opaque;
};

struct clock {
    enum clock_kind kind;
    atomic_uint seq; /* odd while the two below change */
    atomic_bool paused;
    atomic_int_least64_t value; /* paused: the time; running: the offset */
    pthread_mutex_t lock;       /* writers, and the list */
    GArray *notify;             /* of struct notify */
};

static int64_t host_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

struct clock *clock_new(enum clock_kind kind)
{
    struct clock *c = g_new0(struct clock, 1);

    c->kind = kind;
    c->notify = g_array_new(FALSE, FALSE, sizeof(struct notify));
    pthread_mutex_init(&c->lock, NULL);
    if (kind == CLK_VIRTUAL)
        atomic_store(&c->value, -host_ns(CLOCK_MONOTONIC));
    return c;
}

void clock_free(struct clock *c)
{
    if (!c)
        return;
    g_array_unref(c->notify);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

enum clock_kind clock_kind(const struct clock *c)
{
    return c->kind;
}

/* The pair, taken between two equal even sequence counts. */
static int64_t read_state(const struct clock *c, bool *paused)
{
    unsigned seq;
    int64_t value;

    do {
        seq = atomic_load(&c->seq);
        *paused = atomic_load(&c->paused);
        value = atomic_load(&c->value);
    } while ((seq & 1) || atomic_load(&c->seq) != seq);
    return value;
}

static void write_state(struct clock *c, bool paused, int64_t value)
{
    atomic_fetch_add(&c->seq, 1);
    atomic_store(&c->paused, paused);
    atomic_store(&c->value, value);
    atomic_fetch_add(&c->seq, 1);
}

int64_t clock_ns(const struct clock *c)
{
    bool paused;
    int64_t value;

    switch (c->kind) {
    case CLK_HOST:
        return host_ns(CLOCK_REALTIME);
    case CLK_REALTIME:
        return host_ns(CLOCK_MONOTONIC);
    case CLK_VIRTUAL:
        break;
    }
    value = read_state(c, &paused);
    return paused ? value : host_ns(CLOCK_MONOTONIC) + value;
}

bool clock_paused(const struct clock *c)
{
    return atomic_load(&c->paused);
}

static void notify_all(struct clock *c)
{
    for (guint i = 0; i < c->notify->len; i++) {
        struct notify *n = &g_array_index(c->notify, struct notify, i);

        n->fn(n->opaque);
    }
}

void clock_pause(struct clock *c)
{
    pthread_mutex_lock(&c->lock);
    if (c->kind == CLK_VIRTUAL && !clock_paused(c)) {
        write_state(c, true, clock_ns(c));
        notify_all(c);
    }
    pthread_mutex_unlock(&c->lock);
}

void clock_resume(struct clock *c)
{
    pthread_mutex_lock(&c->lock);
    if (clock_paused(c)) {
        write_state(c, false, clock_ns(c) - host_ns(CLOCK_MONOTONIC));
        notify_all(c);
    }
    pthread_mutex_unlock(&c->lock);
}

void clock_set(struct clock *c, int64_t ns)
{
    pthread_mutex_lock(&c->lock);
    if (clock_paused(c)) {
        write_state(c, true, ns);
        notify_all(c);
    }
    pthread_mutex_unlock(&c->lock);
}

int64_t clock_wait_ns(const struct clock *c, int64_t deadline)
{
    int64_t now = clock_ns(c);

    if (deadline <= now)
        return 0;
    if (clock_paused(c))
        return -1;
    /* now may be negative only after clock_set; the difference fits then. */
    return now < 0 && deadline > INT64_MAX + now ? INT64_MAX : deadline - now;
}

void clock_add_notify(struct clock *c, clock_notify_fn fn, void *opaque)
{
    struct notify n = {fn, opaque};

    pthread_mutex_lock(&c->lock);
    g_array_append_val(c->notify, n);
    pthread_mutex_unlock(&c->lock);
}

void clock_remove_notify(struct clock *c, clock_notify_fn fn, void *opaque)
{
    pthread_mutex_lock(&c->lock);
    for (guint i = 0; i < c->notify->len; i++) {
        struct notify *n = &g_array_index(c->notify, struct notify, i);

        if (n->fn == fn && n->opaque == opaque) {
            g_array_remove_index(c->notify, i);
            break;
        }
    }
    pthread_mutex_unlock(&c->lock);
}
