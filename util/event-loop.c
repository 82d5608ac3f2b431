/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event loop over a GLib main context.  Each fd is one GSource; all bottom
 * halves share one source and a queue; timers share one timerfd (timer.c).
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include "util/internal.h"

struct bh {
    event_loop_bh_fn cb;
    void *opaque;
};

struct event_loop {
    GMainContext *context;
    void (*lock)(void *);
    void (*unlock)(void *);
    void *lock_opaque;
    struct timer_queue *timers;

    GSource *bh_source;
    pthread_mutex_t bh_lock; /* guards bhs */
    GQueue bhs;              /* of struct bh */

    atomic_bool quit;
    atomic_int code;
};

/* A GSource with our callback's arguments. */
struct fd_source {
    GSource base;
    struct event_loop *loop;
    event_loop_fd_fn cb;
    void *opaque;
    int fd;
    void *tag;
};

struct bh_source {
    GSource base;
    struct event_loop *loop;
};

static void enter(struct event_loop *loop)
{
    if (loop->lock)
        loop->lock(loop->lock_opaque);
}

static void leave(struct event_loop *loop)
{
    if (loop->unlock)
        loop->unlock(loop->lock_opaque);
}

/* ---- file descriptors ---- */

static gboolean fd_dispatch(GSource *base, GSourceFunc fn, gpointer data)
{
    struct fd_source *s = (struct fd_source *)base;
    struct event_loop *loop = s->loop;
    GIOCondition ready = g_source_query_unix_fd(base, s->tag);

    (void)fn;
    (void)data;
    enter(loop);
    /* Another thread may have removed it while we waited for the lock. */
    if (ready && !g_source_is_destroyed(base))
        s->cb(s->opaque, s->fd, ready);
    leave(loop);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs fd_funcs = {.dispatch = fd_dispatch};

unsigned event_loop_add_fd(struct event_loop *loop, int fd, GIOCondition events,
                           event_loop_fd_fn cb, void *opaque)
{
    GSource *base = g_source_new(&fd_funcs, sizeof(struct fd_source));
    struct fd_source *s = (struct fd_source *)base;
    unsigned id;

    s->loop = loop;
    s->cb = cb;
    s->opaque = opaque;
    s->fd = fd;
    s->tag = g_source_add_unix_fd(base, fd, events | G_IO_ERR | G_IO_HUP);
    id = g_source_attach(base, loop->context);
    g_source_unref(base);
    return id;
}

void event_loop_remove(struct event_loop *loop, unsigned id)
{
    GSource *source = g_main_context_find_source_by_id(loop->context, id);

    if (source)
        g_source_destroy(source);
}

/* ---- bottom halves ---- */

static bool bh_pending(struct event_loop *loop)
{
    bool pending;

    pthread_mutex_lock(&loop->bh_lock);
    pending = !g_queue_is_empty(&loop->bhs);
    pthread_mutex_unlock(&loop->bh_lock);
    return pending;
}

static gboolean bh_prepare(GSource *base, gint *timeout)
{
    *timeout = -1;
    return bh_pending(((struct bh_source *)base)->loop);
}

static gboolean bh_check(GSource *base)
{
    return bh_pending(((struct bh_source *)base)->loop);
}

static struct bh *bh_pop(struct event_loop *loop)
{
    struct bh *bh;

    pthread_mutex_lock(&loop->bh_lock);
    bh = g_queue_pop_head(&loop->bhs);
    pthread_mutex_unlock(&loop->bh_lock);
    return bh;
}

static gboolean bh_dispatch(GSource *base, GSourceFunc fn, gpointer data)
{
    struct event_loop *loop = ((struct bh_source *)base)->loop;
    guint n;

    (void)fn;
    (void)data;
    /* Only as many as there are now: one that queues itself again must not
     * starve the file descriptors.  Popped under the lock, for cancel. */
    pthread_mutex_lock(&loop->bh_lock);
    n = g_queue_get_length(&loop->bhs);
    pthread_mutex_unlock(&loop->bh_lock);
    while (n--) {
        struct bh *bh;

        enter(loop);
        bh = bh_pop(loop);
        if (bh)
            bh->cb(bh->opaque);
        leave(loop);
        g_free(bh);
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs bh_funcs = {
    .prepare = bh_prepare,
    .check = bh_check,
    .dispatch = bh_dispatch,
};

void event_loop_bh(struct event_loop *loop, event_loop_bh_fn cb, void *opaque)
{
    struct bh *bh = g_new(struct bh, 1);

    bh->cb = cb;
    bh->opaque = opaque;
    pthread_mutex_lock(&loop->bh_lock);
    g_queue_push_tail(&loop->bhs, bh);
    pthread_mutex_unlock(&loop->bh_lock);
    g_main_context_wakeup(loop->context);
}

void event_loop_bh_cancel(struct event_loop *loop, event_loop_bh_fn cb,
                          void *opaque)
{
    GList *next;

    pthread_mutex_lock(&loop->bh_lock);
    for (GList *l = loop->bhs.head; l; l = next) {
        struct bh *bh = l->data;

        next = l->next;
        if (bh->cb == cb && bh->opaque == opaque) {
            g_queue_delete_link(&loop->bhs, l);
            g_free(bh);
        }
    }
    pthread_mutex_unlock(&loop->bh_lock);
}

/* ---- the loop ---- */

struct event_loop *event_loop_new(void)
{
    struct event_loop *loop = g_new0(struct event_loop, 1);

    loop->context = g_main_context_new();
    pthread_mutex_init(&loop->bh_lock, NULL);
    g_queue_init(&loop->bhs);
    loop->bh_source = g_source_new(&bh_funcs, sizeof(struct bh_source));
    ((struct bh_source *)loop->bh_source)->loop = loop;
    g_source_attach(loop->bh_source, loop->context);
    loop->timers = timer_queue_new(loop);
    return loop;
}

void event_loop_free(struct event_loop *loop)
{
    if (!loop)
        return;
    timer_queue_free(loop->timers);
    g_source_destroy(loop->bh_source);
    g_source_unref(loop->bh_source);
    g_queue_clear_full(&loop->bhs, g_free);
    pthread_mutex_destroy(&loop->bh_lock);
    g_main_context_unref(loop->context);
    g_free(loop);
}

int event_loop_run(struct event_loop *loop)
{
    int code;

    while (!atomic_load(&loop->quit))
        g_main_context_iteration(loop->context, TRUE);
    code = atomic_load(&loop->code);
    atomic_store(&loop->quit, false);
    return code;
}

void event_loop_quit(struct event_loop *loop, int code)
{
    bool no = false;

    if (!atomic_load(&loop->quit))
        atomic_store(&loop->code, code);
    atomic_compare_exchange_strong(&loop->quit, &no, true);
    g_main_context_wakeup(loop->context);
}

bool event_loop_poll(struct event_loop *loop, bool block)
{
    return g_main_context_iteration(loop->context, block);
}

void event_loop_set_lock(struct event_loop *loop, void (*lock)(void *),
                         void (*unlock)(void *), void *opaque)
{
    loop->lock = lock;
    loop->unlock = unlock;
    loop->lock_opaque = opaque;
}

GMainContext *event_loop_context(struct event_loop *loop)
{
    return loop->context;
}

struct timer_queue *event_loop_timers(struct event_loop *loop)
{
    return loop->timers;
}
