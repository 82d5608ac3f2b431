/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back end "user": a network behind address translation, by libslirp. It has a DHCP, a DNS and a TFTP server, connects out with the
 * host's sockets, and lets the host in through hostfwd=.
 *
 * libslirp asks to poll its sockets before each wait. Here they are in an epoll instance of its own, which is one descriptor of the event
 * loop: `resync` asks libslirp again after everything that happened to it, and changes only what differs. While the card has no room (its
 * frames wait) libslirp is not polled at all: what the host sends stays in the host's socket buffers.
 *
 * The TCP segments that libslirp sends in one go are joined on their way to the card (net/gro.h), and it takes the guest's large packets
 * as they are, so that few packets cross in either direction.
 */
#include "config.h"
#include <errno.h>
#include <libslirp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "chardev/chardev.h"
#include "net/defrag.h"
#include "net/gro.h"
#include "net/internal.h"
#include "net/slirp-options.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/log.h"
#include "util/timer.h"

#define MAX_EVENTS 64
#define MAX_ETHERNET 1518u           /* with a VLAN tag */

/* One of libslirp's sockets, by its number. SLIRP_POLL_* bits. */
struct watch {
    uint8_t set;                     /* in the epoll instance */
    uint8_t want;                    /* by the last resync */
    uint8_t ready;
    bool listed;                     /* in user.listed */
};

/* A guestfwd= to a character device. */
struct forward {
    struct user *u;
    struct in_addr server;
    int port;
    struct chardev *chr;
};

/* Owner: the device lock. */
struct user {
    struct netdev *nd;
    struct user_options options;
    struct event_loop *loop;
    struct clock *clock;
    Slirp *slirp;
    int epoll_fd;
    unsigned watch_id;
    GArray *watches;                 /* struct watch, indexed by descriptor */
    GArray *listed;                  /* int: descriptors with set or want */
    struct timer *timeout;
    GPtrArray *forwards;             /* struct forward * */
    bool full;                       /* the card has no room */
    bool touched;                    /* libslirp did something since the last resync */
    bool sent;                       /* frames since the last net_flush */
    uint8_t *frame;                  /* NET_MAX_FRAME: a frame in one piece */
    struct net_gro *gro;             /* towards the card */
    struct net_defrag *defrag;       /* from it */
};

/* ---- sockets ----------------------------------------------------------------------------------- */

static struct watch *watch_of(struct user *u, int fd)
{
    if ((guint)fd >= u->watches->len)
        g_array_set_size(u->watches, (guint)fd + 1);
    return &g_array_index(u->watches, struct watch, fd);
}

static uint32_t to_epoll(int events)
{
    return (events & SLIRP_POLL_IN ? EPOLLIN : 0u) | (events & SLIRP_POLL_OUT ? EPOLLOUT : 0u) |
           (events & SLIRP_POLL_PRI ? EPOLLPRI : 0u);
}

static uint8_t from_epoll(uint32_t events)
{
    return (uint8_t)((events & EPOLLIN ? SLIRP_POLL_IN : 0) | (events & EPOLLOUT ? SLIRP_POLL_OUT : 0) |
                     (events & EPOLLPRI ? SLIRP_POLL_PRI : 0) | (events & EPOLLERR ? SLIRP_POLL_ERR : 0) |
                     (events & EPOLLHUP ? SLIRP_POLL_HUP : 0));
}

static void apply(struct user *u, int fd, struct watch *w)
{
    struct epoll_event ev = { .events = to_epoll(w->want), .data.fd = fd };

    if (w->want == w->set)
        return;
    if (!w->want)
        epoll_ctl(u->epoll_fd, EPOLL_CTL_DEL, fd, &ev);
    else if (!w->set)
        epoll_ctl(u->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
    else
        epoll_ctl(u->epoll_fd, EPOLL_CTL_MOD, fd, &ev);
    w->set = w->want;
}

static int add_poll(int fd, int events, void *opaque)
{
    struct user *u = opaque;
    struct watch *w;

    if (fd < 0)
        return -1;
    w = watch_of(u, fd);
    w->want |= (uint8_t)events;
    if (!w->listed) {
        w->listed = true;
        g_array_append_val(u->listed, fd);
    }
    return fd;
}

static int get_revents(int fd, void *opaque)
{
    return fd < 0 ? 0 : watch_of(opaque, fd)->ready;
}

/* fd -1: a connection to a guestfwd= has no socket. */
static void unregister_fd(int fd, void *opaque)
{
    struct watch *w;

    if (fd < 0)
        return;
    w = watch_of(opaque, fd);
    w->want = w->ready = 0;
    apply(opaque, fd, w);
}

static void register_fd(int fd, void *opaque)
{
    unregister_fd(fd, opaque);
}

/* Wait for what libslirp wants now: for nothing when the card is full. */
static void resync(struct user *u)
{
    uint32_t timeout = UINT32_MAX;
    guint kept = 0;

    u->touched = false;
    for (guint i = 0; i < u->listed->len; i++)
        watch_of(u, g_array_index(u->listed, int, i))->want = 0;
    if (!u->full)
        slirp_pollfds_fill(u->slirp, &timeout, add_poll, u);
    for (guint i = 0; i < u->listed->len; i++) {
        int fd = g_array_index(u->listed, int, i);
        struct watch *w = watch_of(u, fd);

        apply(u, fd, w);
        w->listed = w->set;
        if (w->listed)
            g_array_index(u->listed, int, kept++) = fd;
    }
    g_array_set_size(u->listed, kept);
    if (timeout != UINT32_MAX) {
        int64_t deadline = clock_ns(u->clock) + (int64_t)timeout * NS_PER_MS;

        if (deadline < timer_deadline(u->timeout))       /* INT64_MAX when not armed; early does no harm */
            timer_arm(u->timeout, deadline);
    }
}

/* After every call into libslirp that may have sent or changed something. */
static void finish(struct user *u)
{
    if (u->sent) {
        u->sent = false;
        net_gro_flush(u->gro);
        net_flush(&u->nd->back);
    }
    for (guint i = 0; i < u->forwards->len; i++)
        chardev_accept_input(((struct forward *)g_ptr_array_index(u->forwards, i))->chr);
    resync(u);
}

static void sockets_ready(void *opaque, int fd, GIOCondition ready)
{
    struct user *u = opaque;
    struct epoll_event ev[MAX_EVENTS];
    int n = epoll_wait(fd, ev, MAX_EVENTS, 0);

    (void)ready;
    for (int i = 0; i < n; i++)
        watch_of(u, ev[i].data.fd)->ready = from_epoll(ev[i].events);
    slirp_pollfds_poll(u->slirp, 0, get_revents, u);
    for (int i = 0; i < n; i++)
        watch_of(u, ev[i].data.fd)->ready = 0;
    finish(u);
}

/* libslirp's own clock work: retransmissions, delayed acknowledgements. */
static void timed_out(void *opaque)
{
    struct user *u = opaque;

    if (u->full)
        return;
    slirp_pollfds_poll(u->slirp, 0, get_revents, u);
    finish(u);
}

/* ---- libslirp's callbacks ---------------------------------------------------------------------- */

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
    struct user *u = opaque;

    u->sent = true;
    net_gro_add(u->gro, buf, len, u->nd->card.accepts);
    return (ssize_t)len;
}

static bool send_joined(void *opaque, const struct net_frame *f)
{
    struct user *u = opaque;
    bool taken = net_send(&u->nd->back, f);

    u->full |= !taken;
    return taken;
}

static void guest_error(const char *msg, void *opaque)
{
    (void)opaque;
    log_guest_error("user network: %s", msg);
}

static int64_t get_ns(void *opaque)
{
    return clock_ns(((struct user *)opaque)->clock);
}

struct slirp_timer {
    struct user *u;
    struct timer *timer;
    SlirpTimerId id;
    void *cb_opaque;
};

static void slirp_timer_due(void *opaque)
{
    struct slirp_timer *t = opaque;

    slirp_handle_timer(t->u->slirp, t->id, t->cb_opaque);
    finish(t->u);
}

static void *timer_new_opaque(SlirpTimerId id, void *cb_opaque, void *opaque)
{
    struct slirp_timer *t = g_new0(struct slirp_timer, 1);

    t->u = opaque;
    t->id = id;
    t->cb_opaque = cb_opaque;
    t->timer = timer_new(t->u->loop, t->u->clock, slirp_timer_due, t);
    return t;
}

static void free_timer(void *timer, void *opaque)
{
    (void)opaque;
    timer_free(((struct slirp_timer *)timer)->timer);
    g_free(timer);
}

static void mod_timer(void *timer, int64_t expire_ms, void *opaque)
{
    (void)opaque;
    timer_arm(((struct slirp_timer *)timer)->timer, expire_ms * NS_PER_MS);
}

static void notify(void *opaque)
{
    ((struct user *)opaque)->touched = true;
}

static const SlirpCb callbacks = {
    .send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = get_ns, .timer_free = free_timer,
    .timer_mod = mod_timer, .register_poll_fd = register_fd, .unregister_poll_fd = unregister_fd, .notify = notify,
    .timer_new_opaque = timer_new_opaque,
};

/* ---- frames from the guest --------------------------------------------------------------------- */

/* libslirp sees no fragments (net/defrag.h), and frames that are longer than the network's for TCP alone. */
static bool receive(void *opaque, const struct net_frame *f)
{
    struct user *u = opaque;
    struct net_headers h;
    const uint8_t *frame;
    size_t len = f->len;

    net_frame_copy(f, u->frame, NET_MAX_FRAME);      /* what is looked at must not change */
    if (len > MAX_ETHERNET && (!net_parse(u->frame, len, &h) || h.protocol != NET_TCP)) {
        log_guest_error("user network: a frame of %zu bytes that is not TCP", len);
        return true;
    }
    frame = net_defrag_add(u->defrag, u->frame, &len, clock_ns(u->clock));
    if (!frame)
        return true;
    u->touched = true;
    slirp_input(u->slirp, frame, (int)len);
    return true;
}

static void flush(void *opaque)
{
    struct user *u = opaque;

    if (u->touched || u->sent)
        finish(u);
}

static void writable(void *opaque)
{
    struct user *u = opaque;

    u->full = false;
    resync(u);
}

static const struct net_port_ops user_ops = { .receive = receive, .flush = flush, .writable = writable };

/* ---- guestfwd= --------------------------------------------------------------------------------- */

static int forward_room(void *opaque)
{
    struct forward *f = opaque;

    return (int)MIN(slirp_socket_can_recv(f->u->slirp, f->server, f->port), 64u << 10);
}

static void forward_input(void *opaque, const uint8_t *buf, size_t len)
{
    struct forward *f = opaque;

    slirp_socket_recv(f->u->slirp, f->server, f->port, buf, (int)len);
    flush(f->u);
}

/* What does not fit is lost, as the interface has no way to take it back. */
static ssize_t forward_output(const void *buf, size_t len, void *opaque)
{
    struct forward *f = opaque;

    return (ssize_t)chardev_write(f->chr, buf, len);
}

static bool add_guestfwd(struct user *u, const struct user_guestfwd *g, GError **err)
{
    g_autofree char *label = g_strdup_printf("guestfwd-%s-%u", u->nd->id, g->port);
    struct in_addr server = g->server;
    struct forward *f;
    int failed;

    if (g->command) {
        failed = slirp_add_exec(u->slirp, g->target, &server, g->port);
    } else {
        f = g_new0(struct forward, 1);
        g_ptr_array_add(u->forwards, f);
        *f = (struct forward){ u, server, g->port, NULL };
        if (!netdev_chardevs(u->nd) ||
            !chardev_registry_serial(netdev_chardevs(u->nd), g->target, label, &f->chr, err))
            return false;
        failed = slirp_add_guestfwd(u->slirp, forward_output, f, &f->server, g->port);
        if (!failed)
            chardev_set_handlers(f->chr, forward_room, forward_input, NULL, f);
    }
    return !failed || netdev_fail(u->nd, err, "guestfwd= to port %u: the address is not in the guest's network, or is the "
                                  "guest's, the host's or the name server's, or is taken", g->port);
}

static bool add_hostfwd(struct user *u, const struct user_hostfwd *h, GError **err)
{
    int failed, saved;

    failed = slirp_add_hostfwd(u->slirp, h->udp, h->host, h->host_port, h->guest, h->guest_port);
    saved = errno;
    return !failed || netdev_fail(u->nd, err, "hostfwd=: cannot listen on %s port %u of the host: %s", h->udp ? "UDP" : "TCP",
                                  h->host_port, g_strerror(saved));
}

/* ---- life -------------------------------------------------------------------------------------- */

static void user_close(struct netdev *nd)
{
    struct user *u = nd->backend;

    for (guint i = 0; i < u->forwards->len; i++)
        chardev_set_handlers(((struct forward *)g_ptr_array_index(u->forwards, i))->chr, NULL, NULL, NULL, NULL);
    if (u->slirp)
        slirp_cleanup(u->slirp);
    if (u->watch_id)
        event_loop_remove(u->loop, u->watch_id);
    if (u->epoll_fd >= 0)
        close(u->epoll_fd);
    timer_free(u->timeout);
    g_array_unref(u->watches);
    g_array_unref(u->listed);
    g_ptr_array_unref(u->forwards);
    user_options_fini(&u->options);
    net_gro_free(u->gro);
    net_defrag_free(u->defrag);
    g_free(u->frame);
    g_free(u);
}

static bool start(struct user *u, GError **err)
{
    const struct user_options *o = &u->options;
    SlirpConfig config = {
        .version = 4, .restricted = o->restricted, .in_enabled = o->ipv4, .vnetwork = o->net, .vnetmask = o->mask,
        .vhost = o->host, .in6_enabled = o->ipv6, .vprefix_addr6 = o->prefix6, .vprefix_len = o->prefix6_len,
        .vhost6 = o->host6, .vhostname = o->hostname, .tftp_server_name = o->tftp_server, .tftp_path = o->tftp,
        .bootfile = o->bootfile, .vdhcp_start = o->dhcp, .vnameserver = o->dns, .vnameserver6 = o->dns6,
        .vdnssearch = o->dnssearch->len > 1 ? (const char **)o->dnssearch->pdata : NULL, .vdomainname = o->domain,
    };

    u->slirp = slirp_new(&config, &callbacks, u);
    if (!u->slirp)
        return netdev_fail(u->nd, err, "libslirp does not take these options");
    for (guint i = 0; i < o->hostfwd->len; i++)
        if (!add_hostfwd(u, &g_array_index(o->hostfwd, struct user_hostfwd, i), err))
            return false;
    for (guint i = 0; i < o->guestfwd->len; i++)
        if (!add_guestfwd(u, &g_array_index(o->guestfwd, struct user_guestfwd, i), err))
            return false;
    return true;
}

static bool user_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    struct user *u = nd->backend = g_new0(struct user, 1);
    g_autoptr(GError) why = NULL;
    bool parsed;

    nd->close = user_close;
    u->nd = nd;
    u->loop = netdev_loop(nd);
    u->clock = netdev_clock(nd);
    u->watches = g_array_new(FALSE, TRUE, sizeof(struct watch));
    u->listed = g_array_new(FALSE, FALSE, sizeof(int));
    u->forwards = g_ptr_array_new_with_free_func(g_free);
    u->timeout = timer_new(u->loop, u->clock, timed_out, u);
    u->frame = g_malloc(NET_MAX_FRAME);
    u->defrag = net_defrag_new();
    u->gro = net_gro_new(send_joined, u);
    u->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    parsed = user_options_parse(&u->options, kv, &why);
    if (!parsed)
        return netdev_fail(nd, err, "%s", why->message);
    if (u->epoll_fd < 0)
        return netdev_fail(nd, err, "cannot watch sockets: %s", g_strerror(errno));
    net_port_init(&nd->back, &user_ops, u);
    nd->back.accepts = NET_ACCEPT_TSO4 | NET_ACCEPT_TSO6 | NET_ACCEPT_ECN;   /* its TCP takes packets of any size */
    nd->delivers = NET_ACCEPT_CSUM | NET_ACCEPT_TSO4 | NET_ACCEPT_TSO6;
    if (!start(u, err))
        return false;
    u->watch_id = event_loop_add_fd(u->loop, u->epoll_fd, G_IO_IN, sockets_ready, u);
    resync(u);
    return true;
}

const struct netdev_kind net_kind_user = {
    .name = "user", .help = "the host's connections, by address translation: needs no rights", .options = user_option_names,
    .make = user_make,
};
