/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of netdevs: sending, queues of frames that were refused, flow control, filters. The contract is in net.h. */
#include "config.h"
#include <string.h>
#include "net/internal.h"
#include "net/offload.h"

#define MAX_WAITING 1024             /* frames */
#define MAX_WAITING_BYTES (4u << 20)

struct queued {
    struct net_offload off;
    size_t len;
    uint8_t data[];
};

size_t net_frame_copy(const struct net_frame *f, void *buf, size_t len)
{
    size_t done = 0;

    for (unsigned i = 0; i < f->niov && done < len; i++) {
        size_t n = MIN(f->iov[i].iov_len, len - done);

        memcpy((uint8_t *)buf + done, f->iov[i].iov_base, n);
        done += n;
    }
    return done;
}

/* ---- queues ------------------------------------------------------------------------------------ */

static void enqueue(struct net_port *to, const struct net_frame *f)
{
    struct queued *q;

    to->stopped = true;
    if (to->waiting.length >= MAX_WAITING || f->len > MAX_WAITING_BYTES - to->waiting_bytes) {
        to->lost++;
        return;
    }
    q = g_try_malloc(sizeof(*q) + f->len);
    if (!q) {
        to->lost++;
        return;
    }
    q->off = f->off;
    q->len = net_frame_copy(f, q->data, f->len);
    to->waiting_bytes += q->len;
    g_queue_push_tail(&to->waiting, q);
}

static bool receive(struct net_port *to, const struct net_frame *f)
{
    bool taken;

    to->delivering = true;
    taken = to->ops->receive(to->opaque, f);
    to->delivering = false;
    return taken;
}

static bool deliver(void *opaque, const struct net_frame *f)
{
    struct net_port *to = opaque;

    if (!to->ops)
        return true;
    if (!to->delivering && !to->waiting.length && receive(to, f))
        return true;
    enqueue(to, f);
    return false;
}

void net_purge(struct net_port *port)
{
    g_queue_clear_full(&port->waiting, g_free);
    port->waiting_bytes = 0;
}

/* Frames that waited; false when the receiver is full again. */
static bool drain(struct net_port *port)
{
    struct queued *q;

    while (port->ops && (q = g_queue_peek_head(&port->waiting))) {
        struct iovec iov = { q->data, q->len };
        struct net_frame f = { &iov, 1, q->len, q->off };

        if (!receive(port, &f))
            return false;
        if (g_queue_peek_head(&port->waiting) != q)      /* receive reset the port */
            continue;
        g_queue_pop_head(&port->waiting);
        port->waiting_bytes -= q->len;
        g_free(q);
    }
    return true;
}

void net_ready(struct net_port *port)
{
    bool had = port->waiting.length;

    if (port->delivering || !port->stopped || !drain(port))
        return;
    if (had && port->ops && port->ops->flush)
        port->ops->flush(port->opaque);
    port->stopped = false;
    if (port->peer->ops && port->peer->ops->writable)
        port->peer->ops->writable(port->peer->opaque);
}

bool net_pending(const struct net_port *port)
{
    return port->waiting.length;
}

/* ---- sending ----------------------------------------------------------------------------------- */

bool net_send(struct net_port *port, const struct net_frame *f)
{
    struct net_port *to = port->peer;
    const GPtrArray *filters = port->nd->filters;
    size_t len;

    if (f->len > NET_MAX_FRAME)
        return true;
    for (guint i = 0; i < filters->len; i++) {
        struct net_filter *filter = g_ptr_array_index(filters, i);

        filter->frame(filter, f);
    }
    if (!to->ops || !net_offload_needed(&f->off, to->accepts))
        return deliver(to, f);
    if (!port->scratch)
        port->scratch = g_malloc(NET_MAX_FRAME);
    len = net_frame_copy(f, port->scratch, NET_MAX_FRAME);
    return net_offload(port->scratch, len, &f->off, to->accepts, deliver, to);
}

bool net_send_buf(struct net_port *port, const void *buf, size_t len)
{
    struct iovec iov = { (void *)buf, len };
    struct net_frame f = { .iov = &iov, .niov = 1, .len = len };

    return net_send(port, &f);
}

void net_flush(struct net_port *port)
{
    if (port->peer->ops && port->peer->ops->flush)
        port->peer->ops->flush(port->peer->opaque);
}

void net_set_accepts(struct net_port *port, uint32_t accepts)
{
    port->accepts = accepts;
    if (port->peer->ops && port->peer->ops->peer_accepts)
        port->peer->ops->peer_accepts(port->peer->opaque, accepts);
}

/* ---- life -------------------------------------------------------------------------------------- */

void net_port_init(struct net_port *port, const struct net_port_ops *ops, void *opaque)
{
    port->ops = ops;
    port->opaque = opaque;
}

void net_port_fini(struct net_port *port)
{
    port->ops = NULL;
    port->accepts = 0;
    net_purge(port);
    g_clear_pointer(&port->scratch, g_free);
}

struct net_port *netdev_plug(struct netdev *nd, const struct net_port_ops *ops, void *opaque)
{
    net_port_init(&nd->card, ops, opaque);
    return &nd->card;
}

void netdev_unplug(struct net_port *port)
{
    if (port)
        net_port_fini(port);
}

uint32_t netdev_delivers(const struct netdev *nd)
{
    return nd->delivers;
}
