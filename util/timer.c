/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers.  A loop has one queue: a binary heap per clock, ordered by deadline,
 * and one timerfd that is set for the earliest of them.
 *
 * Locks: the loop's lock (if any) is taken before queue->lock, never inside.
 * A callback runs under the first and outside the second, and a timer leaves
 * the heap only after the first has been taken: so whoever cancels under the
 * loop's lock has either prevented the callback or comes after it.
 */
#include "config.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/internal.h"
#include "util/timer.h"

enum {
    NOT_QUEUED = -1,
    /* The wall clock can be set forward, and no timerfd on the monotonic clock
     * would tell: look at such deadlines at least this often. */
    HOST_CLOCK_LOOK_NS = NS_PER_S,
};

struct heap {
    struct clock *clock;
    GPtrArray *timers; /* of struct timer; the first is the earliest */
    unsigned users;    /* timers on this clock, armed or not */
};

struct timer_queue {
    struct event_loop *loop;
    int fd; /* timerfd on CLOCK_MONOTONIC */
    unsigned watch;
    pthread_mutex_t lock; /* guards what follows, and each timer's state */
    GPtrArray *heaps;     /* of struct heap, one per clock that has been used */
    struct clock *mono;
    int64_t set_for; /* monotonic time the fd is set to; INT64_MAX: off */
};

/* The queue's lock guards deadline and pos. */
struct timer {
    struct timer_queue *queue;
    struct heap *heap;
    timer_fn cb;
    void *opaque;
    int64_t deadline;
    int pos; /* in the heap, or NOT_QUEUED */
};

/* ---- heap ---- */

static struct timer *heap_at(const struct heap *h, int pos)
{
    return g_ptr_array_index(h->timers, (guint)pos);
}

static void heap_put(struct heap *h, int pos, struct timer *t)
{
    h->timers->pdata[pos] = t;
    t->pos = pos;
}

static void heap_up(struct heap *h, int pos)
{
    struct timer *t = heap_at(h, pos);

    while (pos > 0 && heap_at(h, (pos - 1) / 2)->deadline > t->deadline) {
        heap_put(h, pos, heap_at(h, (pos - 1) / 2));
        pos = (pos - 1) / 2;
    }
    heap_put(h, pos, t);
}

static void heap_down(struct heap *h, int pos)
{
    struct timer *t = heap_at(h, pos);
    int n = (int)h->timers->len;

    for (;;) {
        int child = 2 * pos + 1;

        if (child + 1 < n &&
            heap_at(h, child + 1)->deadline < heap_at(h, child)->deadline)
            child++;
        if (child >= n || heap_at(h, child)->deadline >= t->deadline)
            break;
        heap_put(h, pos, heap_at(h, child));
        pos = child;
    }
    heap_put(h, pos, t);
}

static void heap_insert(struct heap *h, struct timer *t)
{
    g_ptr_array_add(h->timers, t);
    heap_up(h, (int)h->timers->len - 1);
}

static void heap_remove(struct heap *h, struct timer *t)
{
    int pos = t->pos, last = (int)h->timers->len - 1;

    if (pos != last) {
        struct timer *moved = heap_at(h, last);

        heap_put(h, pos, moved);
        g_ptr_array_set_size(h->timers, last);
        heap_up(h, pos);
        heap_down(h, moved->pos);
    } else {
        g_ptr_array_set_size(h->timers, last);
    }
    t->pos = NOT_QUEUED;
}

/* ---- queue ---- */

/* Sets the timerfd for the monotonic time `when`, INT64_MAX for never. */
static void set_fd_locked(struct timer_queue *q, int64_t when)
{
    struct itimerspec spec = {{0, 0}, {0, 0}};

    if (when == q->set_for)
        return;
    q->set_for = when;
    if (when != INT64_MAX) {
        spec.it_value.tv_sec = when / NS_PER_S;
        spec.it_value.tv_nsec = when % NS_PER_S;
        if (when <= 0)
            spec.it_value.tv_nsec = 1; /* all zero would switch it off */
    }
    timerfd_settime(q->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* The monotonic time at which this heap's first timer is due. */
static int64_t heap_due(const struct timer_queue *q, const struct heap *h)
{
    int64_t wait;

    if (!h->timers->len)
        return INT64_MAX;
    wait = clock_wait_ns(h->clock, heap_at(h, 0)->deadline);
    if (wait < 0)
        return INT64_MAX;
    if (clock_kind(h->clock) == CLK_HOST)
        wait = MIN(wait, HOST_CLOCK_LOOK_NS);
    if (wait > INT64_MAX / 2)
        return INT64_MAX;
    return clock_ns(q->mono) + wait;
}

/* Sets the fd for the earliest timer of all. */
static void update_fd_locked(struct timer_queue *q)
{
    int64_t when = INT64_MAX;

    for (guint i = 0; i < q->heaps->len; i++)
        when = MIN(when, heap_due(q, g_ptr_array_index(q->heaps, i)));
    set_fd_locked(q, when);
}

/* A clock was paused, resumed or set. */
static void clock_moved(void *opaque)
{
    struct timer_queue *q = opaque;

    pthread_mutex_lock(&q->lock);
    update_fd_locked(q);
    pthread_mutex_unlock(&q->lock);
}

/* Takes one timer that is due out of its heap; NULL when there is none. */
static struct timer *pop_due(struct timer_queue *q)
{
    struct timer *due = NULL;

    pthread_mutex_lock(&q->lock);
    for (guint i = 0; i < q->heaps->len && !due; i++) {
        struct heap *h = g_ptr_array_index(q->heaps, i);

        if (h->timers->len &&
            clock_wait_ns(h->clock, heap_at(h, 0)->deadline) == 0) {
            due = heap_at(h, 0);
            heap_remove(h, due);
        }
    }
    if (!due)
        update_fd_locked(q);
    pthread_mutex_unlock(&q->lock);
    return due;
}

/* The timerfd is due; the event loop has taken its lock. */
static void queue_ready(void *opaque, int fd, GIOCondition ready)
{
    struct timer_queue *q = opaque;
    struct timer *t;
    uint64_t count;

    (void)ready;
    pthread_mutex_lock(&q->lock);
    if (read(fd, &count, sizeof(count)) == sizeof(count))
        q->set_for = INT64_MAX; /* it fired, and is off now */
    pthread_mutex_unlock(&q->lock);
    /* A callback may arm its timer for a time that has passed: not more than
     * so many at once, other sources want their turn. */
    for (int i = 0; i < 64; i++) {
        t = pop_due(q);
        if (!t)
            return;
        t->cb(t->opaque);
    }
    clock_moved(q);
}

struct timer_queue *timer_queue_new(struct event_loop *loop)
{
    struct timer_queue *q = g_new0(struct timer_queue, 1);

    q->loop = loop;
    q->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (q->fd < 0)
        g_error("timerfd_create: %s", g_strerror(errno));
    q->heaps = g_ptr_array_new();
    q->mono = clock_new(CLK_REALTIME);
    q->set_for = INT64_MAX;
    pthread_mutex_init(&q->lock, NULL);
    q->watch = event_loop_add_fd(loop, q->fd, G_IO_IN, queue_ready, q);
    return q;
}

void timer_queue_free(struct timer_queue *q)
{
    event_loop_remove(q->loop, q->watch);
    g_assert(q->heaps->len == 0); /* a timer was not freed */
    g_ptr_array_unref(q->heaps);
    clock_free(q->mono);
    pthread_mutex_destroy(&q->lock);
    close(q->fd);
    g_free(q);
}

/* ---- timers ---- */

/* The heap for a clock, with one user more; *made says whether it is new. */
static struct heap *heap_get(struct timer_queue *q, struct clock *clock,
                             bool *made)
{
    struct heap *h = NULL;

    pthread_mutex_lock(&q->lock);
    for (guint i = 0; i < q->heaps->len && !h; i++) {
        struct heap *other = g_ptr_array_index(q->heaps, i);

        if (other->clock == clock)
            h = other;
    }
    *made = !h;
    if (!h) {
        h = g_new0(struct heap, 1);
        h->clock = clock;
        h->timers = g_ptr_array_new();
        g_ptr_array_add(q->heaps, h);
    }
    h->users++;
    pthread_mutex_unlock(&q->lock);
    return h;
}

static void heap_put_back(struct timer_queue *q, struct heap *h)
{
    bool last;

    pthread_mutex_lock(&q->lock);
    last = --h->users == 0;
    if (last)
        g_ptr_array_remove(q->heaps, h);
    pthread_mutex_unlock(&q->lock);
    if (!last)
        return;
    clock_remove_notify(h->clock, clock_moved, q);
    g_ptr_array_unref(h->timers);
    g_free(h);
}

struct timer *timer_new(struct event_loop *loop, struct clock *clock,
                        timer_fn cb, void *opaque)
{
    struct timer *t = g_new0(struct timer, 1);
    bool made;

    t->queue = event_loop_timers(loop);
    t->cb = cb;
    t->opaque = opaque;
    t->pos = NOT_QUEUED;
    t->heap = heap_get(t->queue, clock, &made);
    /* Outside queue->lock: the clock calls clock_moved under its own. */
    if (made)
        clock_add_notify(clock, clock_moved, t->queue);
    return t;
}

void timer_free(struct timer *t)
{
    if (!t)
        return;
    timer_cancel(t);
    heap_put_back(t->queue, t->heap);
    g_free(t);
}

void timer_arm(struct timer *t, int64_t deadline_ns)
{
    struct timer_queue *q = t->queue;

    pthread_mutex_lock(&q->lock);
    if (t->pos != NOT_QUEUED)
        heap_remove(t->heap, t);
    t->deadline = deadline_ns;
    heap_insert(t->heap, t);
    /* When the earliest deadline moves back, the fd stays: it then wakes the
     * loop once for nothing, which is cheaper than a system call each time. */
    if (t->pos == 0) {
        int64_t due = heap_due(q, t->heap);

        if (due < q->set_for)
            set_fd_locked(q, due);
    }
    pthread_mutex_unlock(&q->lock);
}

void timer_cancel(struct timer *t)
{
    pthread_mutex_lock(&t->queue->lock);
    if (t->pos != NOT_QUEUED)
        heap_remove(t->heap, t);
    pthread_mutex_unlock(&t->queue->lock);
}

bool timer_pending(const struct timer *t)
{
    bool pending;

    pthread_mutex_lock(&t->queue->lock);
    pending = t->pos != NOT_QUEUED;
    pthread_mutex_unlock(&t->queue->lock);
    return pending;
}

int64_t timer_deadline(const struct timer *t)
{
    int64_t deadline;

    pthread_mutex_lock(&t->queue->lock);
    deadline = t->pos != NOT_QUEUED ? t->deadline : INT64_MAX;
    pthread_mutex_unlock(&t->queue->lock);
    return deadline;
}
