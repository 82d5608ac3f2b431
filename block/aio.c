/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How requests reach the host: through io_uring where there is one, else, and for what it has no call for, on a pool of threads.
 *
 * A ring is filled and emptied with the event loop's lock held. Requests between plug and unplug go to the kernel in one system
 * call; those whose data is in the page cache are done when it returns, and unplug calls their callbacks. What is done later makes
 * the ring readable for the event loop. More than the ring has room for wait in a list.
 *
 *   aio_submit -> waiting -> ring -> reap -> done
 *                    \-> pool -> io() on a thread -> ready -> reap -> done
 */
#include "config.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#ifdef CONFIG_LIBURING
#include <liburing.h>
#endif
#include "block/internal.h"
#include "util/event-loop.h"

#define THREADS 16
#define RING 256
#define INLINE_BYTES (4u << 20)      /* of one batch may be copied while the caller waits, under its lock; more is done aside */
#define MAX_BUFFERS 1024u            /* IOV_MAX of Linux */
#define MAX_TRANSFER (1u << 30)      /* bytes of one system call; Linux does a little less than 2 GiB */

struct list {
    struct block_request *first, **last;
};

struct aio {
    struct event_loop *loop;
    void (*batch_end)(void *);
    void *batch_opaque;
    unsigned plugged;
    bool closing;            /* callbacks are dropped */
    unsigned under_way;      /* submitted, done not called */
    struct list waiting;     /* for unplug, or for room in the ring */

    pthread_mutex_t lock;    /* for what follows */
    struct list ready;       /* done callbacks are to be called */
    bool bh;                 /* and the event loop knows */
    pthread_cond_t is_ready;
    struct list todo;        /* for the pool */
    pthread_cond_t is_todo;
    unsigned queued;         /* in todo */
    unsigned nthreads, idle;
    bool stop;
    pthread_t thread[THREADS];       /* made when they are needed */

#ifdef CONFIG_LIBURING
    bool uring;
    struct io_uring ring;
    unsigned in_ring;
    unsigned watch;
#endif
};

static void list_init(struct list *l)
{
    l->first = NULL;
    l->last = &l->first;
}

static void list_add(struct list *l, struct block_request *r)
{
    r->next = NULL;
    *l->last = r;
    l->last = &r->next;
}

static struct block_request *list_take(struct list *l)
{
    struct block_request *r = l->first;

    if (r) {
        l->first = r->next;
        if (!l->first)
            l->last = &l->first;
    }
    return r;
}

/* ---- requests that are done ---------------------------------------------------------------------- */

static void reap_bh(void *opaque);

/* Have the event loop look after things, and r be done (NULL: nothing is). Any thread. */
static void make_ready(struct aio *a, struct block_request *r)
{
    bool tell;

    pthread_mutex_lock(&a->lock);
    tell = !a->bh;
    a->bh = true;
    if (r)
        list_add(&a->ready, r);
    pthread_cond_signal(&a->is_ready);
    pthread_mutex_unlock(&a->lock);
    if (tell)
        event_loop_bh(a->loop, reap_bh, a);
}

static void call_done(struct aio *a, struct block_request *r)
{
    a->under_way--;
    if (!a->closing)
        r->done(r->opaque, r->error);
    g_free(r->rest);
    g_free(r);
}

static bool reap_ready(struct aio *a)
{
    bool any = false;

    for (;;) {
        struct block_request *r;

        pthread_mutex_lock(&a->lock);
        r = list_take(&a->ready);
        pthread_mutex_unlock(&a->lock);
        if (!r)
            return any;
        call_done(a, r);
        any = true;
    }
}

/* ---- threads ------------------------------------------------------------------------------------- */

static void *worker(void *opaque)
{
    struct aio *a = opaque;

    pthread_mutex_lock(&a->lock);
    for (;;) {
        struct block_request *r = list_take(&a->todo);

        if (!r && a->stop)
            break;
        if (!r) {
            a->idle++;
            pthread_cond_wait(&a->is_todo, &a->lock);
            a->idle--;
            continue;
        }
        a->queued--;
        pthread_mutex_unlock(&a->lock);
        r->error = r->b->drv->io(r->b, r);
        make_ready(a, r);
        pthread_mutex_lock(&a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

/* A host that has no thread left for us gets the work done on this one. */
static void to_pool(struct aio *a, struct block_request *r)
{
    bool more, have;

    pthread_mutex_lock(&a->lock);
    more = a->queued >= a->idle && a->nthreads < THREADS;
    if (more && !pthread_create(&a->thread[a->nthreads], NULL, worker, a))
        a->nthreads++;
    have = a->nthreads;
    if (have) {
        list_add(&a->todo, r);
        a->queued++;
        pthread_cond_signal(&a->is_todo);
    }
    pthread_mutex_unlock(&a->lock);
    if (have)
        return;
    r->error = r->b->drv->io(r->b, r);
    make_ready(a, r);
}

static void stop_threads(struct aio *a)
{
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_broadcast(&a->is_todo);
    pthread_mutex_unlock(&a->lock);
    for (unsigned i = 0; i < a->nthreads; i++)
        pthread_join(a->thread[i], NULL);
}

/* ---- io_uring ------------------------------------------------------------------------------------ */

#ifdef CONFIG_LIBURING
/* The buffers that are left, after what earlier calls moved. */
static const struct iovec *buffers(struct block_request *r, unsigned *n)
{
    *n = r->niov;
    if (!r->moved)
        return r->iov;
    g_free(r->rest);
    r->rest = iov_part(r->iov, r->niov, r->moved, r->len, n);
    return r->rest;
}

/* Into the ring, or to the pool when it is nothing for a ring. false: the ring is full. */
static bool to_ring(struct aio *a, struct block_request *r, uint64_t *batch)
{
    int fd = r->len - r->moved > MAX_TRANSFER ? -1 : r->b->drv->fd(r->b, r);
    struct io_uring_sqe *sqe;
    unsigned n;

    if (fd < 0 || r->op > BLOCK_FLUSH) {
        to_pool(a, r);
        return true;
    }
    sqe = a->in_ring < RING ? io_uring_get_sqe(&a->ring) : NULL;
    if (!sqe)
        return false;
    if (r->op == BLOCK_FLUSH) {
        io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
    } else {
        const struct iovec *iov = buffers(r, &n);

        n = MIN(n, MAX_BUFFERS);
        if (r->op == BLOCK_READ)
            io_uring_prep_readv(sqe, fd, iov, n, r->offset + r->moved);
        else
            io_uring_prep_writev2(sqe, fd, iov, n, r->offset + r->moved, r->flags & BLOCK_FUA ? RWF_DSYNC : 0);
        *batch += r->len - r->moved;
        if (*batch > INLINE_BYTES)
            sqe->flags |= IOSQE_ASYNC;
    }
    io_uring_sqe_set_data(sqe, r);
    a->in_ring++;
    return true;
}

/* The kernel's answer for one request: it is done, or the rest of it waits again. */
static bool answer(struct aio *a, struct block_request *r, int res)
{
    a->in_ring--;
    if (res == -EINTR || res == -EAGAIN) {
        list_add(&a->waiting, r);
        return false;
    }
    if (res >= 0 && r->op != BLOCK_FLUSH) {
        r->moved += (uint64_t)res;
        if (res > 0 && r->moved < r->len) {
            list_add(&a->waiting, r);
            return false;
        }
        if (r->moved < r->len)
            res = -EIO;      /* the file became shorter */
    }
    r->error = res < 0 ? -res : 0;
    call_done(a, r);
    return true;
}

static bool reap_ring(struct aio *a)
{
    struct io_uring_cqe *cqe;
    bool any = false;

    while (a->uring && io_uring_peek_cqe(&a->ring, &cqe) == 0) {
        struct block_request *r = io_uring_cqe_get_data(cqe);
        int res = cqe->res;

        io_uring_cqe_seen(&a->ring, cqe);
        any |= answer(a, r, res);
    }
    return any;
}

/* The kernel takes fewer when it is short of memory, or has answers that it wants to be rid of first: those stay in the ring. */
static void flush_ring(struct aio *a)
{
    while (io_uring_sq_ready(&a->ring)) {
        int n = io_uring_submit(&a->ring);

        if (n > 0 || n == -EINTR)
            continue;
        if (n == -EBUSY || n == -EAGAIN) {
            make_ready(a, NULL);
            return;
        }
        g_error("io_uring_enter: %s", g_strerror(-n));
    }
}
#endif

static void send_waiting(struct aio *a)
{
    struct block_request *r;
#ifdef CONFIG_LIBURING
    uint64_t batch = 0;

    if (a->uring) {
        while ((r = a->waiting.first)) {
            struct list rest;

            list_take(&a->waiting);
            if (to_ring(a, r, &batch))
                continue;
            rest = a->waiting;       /* back to the front */
            list_init(&a->waiting);
            list_add(&a->waiting, r);
            if (rest.first) {
                *a->waiting.last = rest.first;
                a->waiting.last = rest.last;
            }
            break;
        }
        flush_ring(a);
        return;
    }
#endif
    while ((r = list_take(&a->waiting)))
        to_pool(a, r);
}

/* Call everything that is done, send what that set free. Not recursive: a callback that submits has a->plugged. */
static void reap(struct aio *a)
{
    bool any = false, more;

    a->plugged++;
    do {
        more = reap_ready(a);
#ifdef CONFIG_LIBURING
        more |= reap_ring(a);
#endif
        any |= more;
    } while (more);
    a->plugged--;
    if (!a->plugged)
        send_waiting(a);
    if (any && a->batch_end && !a->closing)
        a->batch_end(a->batch_opaque);
}

static void reap_bh(void *opaque)
{
    struct aio *a = opaque;

    pthread_mutex_lock(&a->lock);
    a->bh = false;
    pthread_mutex_unlock(&a->lock);
    reap(a);
}

#ifdef CONFIG_LIBURING
static void ring_readable(void *opaque, int fd, GIOCondition ready)
{
    (void)fd;
    (void)ready;
    reap(opaque);
}

static bool open_ring(struct aio *a, bool must, GError **err)
{
    int error = -io_uring_queue_init(RING, &a->ring, 0);

    if (error) {
        if (must)
            g_set_error(err, g_quark_from_static_string("block"), error,
                        "aio=io_uring: the host refuses it (%s); use aio=threads", g_strerror(error));
        return !must;
    }
    a->uring = true;
    a->watch = event_loop_add_fd(a->loop, a->ring.ring_fd, G_IO_IN, ring_readable, a);
    return true;
}
#else
static bool open_ring(struct aio *a, bool must, GError **err)
{
    (void)a;
    if (must)
        g_set_error(err, g_quark_from_static_string("block"), ENOSYS,
                    "aio=io_uring: this program was built without liburing; use aio=threads");
    return !must;
}
#endif

/* ---- public --------------------------------------------------------------------------------------- */

struct aio *aio_new(struct event_loop *loop, enum block_aio kind, bool can_uring, GError **err)
{
    struct aio *a = g_new0(struct aio, 1);

    a->loop = loop;
    list_init(&a->waiting);
    list_init(&a->ready);
    list_init(&a->todo);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->is_ready, NULL);
    pthread_cond_init(&a->is_todo, NULL);
    if (can_uring && kind != BLOCK_AIO_THREADS && !open_ring(a, kind == BLOCK_AIO_URING, err)) {
        aio_free(a);
        return NULL;
    }
    return a;
}

void aio_free(struct aio *a)
{
    if (!a)
        return;
    a->closing = true;
    aio_drain(a);
    stop_threads(a);                                 /* one may be about to tell the event loop of what is done by now */
    event_loop_bh_cancel(a->loop, reap_bh, a);
#ifdef CONFIG_LIBURING
    if (a->uring) {
        event_loop_remove(a->loop, a->watch);
        io_uring_queue_exit(&a->ring);
    }
#endif
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->is_ready);
    pthread_cond_destroy(&a->is_todo);
    g_free(a);
}

void aio_submit(struct aio *a, struct block_request *r)
{
    a->under_way++;
    if (r->error) {
        make_ready(a, r);
        return;
    }
    list_add(&a->waiting, r);
    if (!a->plugged)
        send_waiting(a);
}

void aio_plug(struct aio *a)
{
    a->plugged++;
}

void aio_unplug(struct aio *a)
{
    g_assert(a->plugged);
    if (--a->plugged)
        return;
    send_waiting(a);
    reap(a);
}

/* One of the requests under way makes progress. */
static void wait_one(struct aio *a)
{
#ifdef CONFIG_LIBURING
    struct io_uring_cqe *cqe;

    if (a->uring && a->in_ring) {
        if (io_uring_peek_cqe(&a->ring, &cqe))
            io_uring_submit_and_wait(&a->ring, 1);
        return;
    }
#endif
    pthread_mutex_lock(&a->lock);
    while (!a->ready.first)
        pthread_cond_wait(&a->is_ready, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

void aio_drain(struct aio *a)
{
    g_assert(!a->plugged);
    send_waiting(a);
    while (a->under_way) {
        wait_one(a);
        reap(a);
    }
}

void aio_set_batch_end(struct aio *a, void (*batch_end)(void *), void *opaque)
{
    a->batch_end = batch_end;
    a->batch_opaque = opaque;
}

bool aio_is_uring(const struct aio *a)
{
#ifdef CONFIG_LIBURING
    return a->uring;
#else
    (void)a;
    return false;
#endif
}
