/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back end "socket": the network card's cable as a TCP connection to another emulator, or as UDP datagrams, also to a multicast group that
 * is then a hub for many. On TCP each frame is behind its length, 4 bytes, big-endian; a datagram is a frame. The other end may be QEMU.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "net/internal.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define LENGTH 4u
#define MAX_READS 64                 /* of frames or of a full buffer, in one callback */
#define MAX_PARTS 256

/* Owner: the device lock. */
struct sock {
    struct netdev *nd;
    struct event_loop *loop;
    int listen_fd, fd;               /* -1: none */
    unsigned listen_watch, in_watch, out_watch;
    bool stream;
    struct sockaddr_in to;           /* of datagrams, when the socket is not connected */
    bool has_to;
    bool full;                       /* the card has no room */

    uint8_t in[LENGTH + NET_MAX_FRAME];
    size_t in_len;
    uint8_t out[LENGTH + NET_MAX_FRAME];     /* the rest of a frame that went in part */
    size_t out_pos, out_len;
};

static const char *const sock_options[] = { "listen", "connect", "mcast", "udp", "localaddr", "fd", NULL };

static void readable(void *opaque, int fd, GIOCondition ready);
static void accept_other(void *opaque, int fd, GIOCondition ready);

/* ---- the connection ---------------------------------------------------------------------------- */

static void unwatch(struct sock *s, unsigned *watch)
{
    if (*watch)
        event_loop_remove(s->loop, *watch);
    *watch = 0;
}

static void read_on(void *opaque)
{
    struct sock *s = opaque;

    s->full = false;
    if (s->fd >= 0 && !s->in_watch)
        s->in_watch = event_loop_add_fd(s->loop, s->fd, G_IO_IN, readable, s);
}

static void connected(struct sock *s, int fd)
{
    int on = 1;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (s->stream)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    s->fd = fd;
    s->in_len = s->out_pos = s->out_len = 0;
    if (!s->full)
        read_on(s);
}

/* A server waits for the next one; a client has nobody then. */
static void hang_up(struct sock *s)
{
    unwatch(s, &s->in_watch);
    unwatch(s, &s->out_watch);
    close(s->fd);
    s->fd = -1;
    s->out_pos = s->out_len = 0;
    if (s->listen_fd >= 0)
        s->listen_watch = event_loop_add_fd(s->loop, s->listen_fd, G_IO_IN, accept_other, s);
    net_ready(&s->nd->back);
}

static void accept_other(void *opaque, int fd, GIOCondition ready)
{
    struct sock *s = opaque;
    int other = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    (void)ready;
    if (other < 0)
        return;
    unwatch(s, &s->listen_watch);
    connected(s, other);
}

/* ---- to the guest ------------------------------------------------------------------------------ */

/* Whole frames at the buffer's start. False: the card is full, or the stream is broken (fd is -1 then). */
static bool take_frames(struct sock *s)
{
    size_t at = 0;

    while (!s->full && s->in_len - at >= LENGTH) {
        uint32_t len = ld32_be(s->in + at);

        if (!len || len > NET_MAX_FRAME) {
            hang_up(s);
            return false;
        }
        if (s->in_len - at < LENGTH + len)
            break;
        s->full = !net_send_buf(&s->nd->back, s->in + at + LENGTH, len);
        at += LENGTH + len;
    }
    s->in_len -= at;
    memmove(s->in, s->in + at, s->in_len);
    return !s->full;
}

/* False: no more now. */
static bool read_stream(struct sock *s)
{
    ssize_t n = read(s->fd, s->in + s->in_len, sizeof(s->in) - s->in_len);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        hang_up(s);
        return false;
    }
    s->in_len += (size_t)n;
    return take_frames(s);
}

static bool read_datagram(struct sock *s)
{
    ssize_t n = recv(s->fd, s->in, sizeof(s->in), 0);

    if (n < 0)                       /* also ECONNREFUSED: the other one is not there yet */
        return false;
    s->full = n > 0 && !net_send_buf(&s->nd->back, s->in, (size_t)n);
    return !s->full;
}

static void readable(void *opaque, int fd, GIOCondition ready)
{
    struct sock *s = opaque;

    (void)fd;
    (void)ready;
    for (int i = 0; i < MAX_READS && s->fd >= 0; i++)
        if (!(s->stream ? read_stream(s) : read_datagram(s)))
            break;
    net_flush(&s->nd->back);
    if (s->full)
        unwatch(s, &s->in_watch);
}

/* What was read before the card was full comes first. */
static void writable(void *opaque)
{
    struct sock *s = opaque;

    s->full = false;
    if (s->fd < 0 || (s->stream && !take_frames(s)))
        return;
    read_on(s);
}

/* ---- from the guest ---------------------------------------------------------------------------- */

static void send_rest(void *opaque, int fd, GIOCondition ready)
{
    struct sock *s = opaque;
    ssize_t n = s->out_len ? send(fd, s->out + s->out_pos, s->out_len, MSG_NOSIGNAL) : 0;

    (void)ready;
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        hang_up(s);
        return;
    }
    s->out_pos += (size_t)MAX(n, 0);
    s->out_len -= (size_t)MAX(n, 0);
    if (s->out_len)
        return;
    s->out_pos = 0;
    unwatch(s, &s->out_watch);
    net_ready(&s->nd->back);
}

static void wait_for_room(struct sock *s)
{
    if (!s->out_watch)
        s->out_watch = event_loop_add_fd(s->loop, s->fd, G_IO_OUT, send_rest, s);
}

/* The frame is taken; what does not go now waits in `out`. */
static bool keep_rest(struct sock *s, const struct net_frame *f, const uint8_t *length, size_t sent)
{
    memcpy(s->out, length, LENGTH);
    s->out_pos = sent;
    s->out_len = LENGTH + net_frame_copy(f, s->out + LENGTH, NET_MAX_FRAME) - sent;
    wait_for_room(s);
    return true;
}

static bool receive(void *opaque, const struct net_frame *f)
{
    struct sock *s = opaque;
    uint8_t length[LENGTH];
    struct iovec iov[MAX_PARTS + 1] = { { length, LENGTH } };
    struct msghdr msg = { .msg_iov = iov + (s->stream ? 0 : 1) };
    ssize_t n;

    if (s->fd < 0 || f->niov > MAX_PARTS)
        return true;
    if (s->out_len)
        return false;
    st32_be(length, (uint32_t)f->len);
    memcpy(iov + 1, f->iov, f->niov * sizeof(*iov));
    msg.msg_iovlen = f->niov + (s->stream ? 1 : 0);
    if (s->has_to) {
        msg.msg_name = &s->to;
        msg.msg_namelen = sizeof(s->to);
    }
    n = sendmsg(s->fd, &msg, MSG_NOSIGNAL);
    if (s->stream && n < (ssize_t)(LENGTH + f->len) && (n >= 0 || errno == EAGAIN))
        return keep_rest(s, f, length, (size_t)MAX(n, 0));
    if (n >= 0 || errno != EAGAIN)
        return true;                 /* an error on TCP is seen by reading, too; a lost datagram is lost */
    wait_for_room(s);
    return false;
}

static const struct net_port_ops sock_ops = { .receive = receive, .writable = writable };

/* ---- set-up ------------------------------------------------------------------------------------ */

/* HOST:PORT; an empty host is any address, or for connecting this host. */
static bool resolve(struct sock *s, const char *key, const char *text, bool passive, struct sockaddr_in *out, GError **err)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0 }, *list;
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon ? g_strndup(text, (size_t)(colon - text)) : NULL;
    uint64_t port;
    int error;

    if (!colon || !keyval_parse_number(colon + 1, &port) || port > UINT16_MAX)
        return netdev_fail(s->nd, err, "%s=%s: write it as HOST:PORT", key, text);
    error = getaddrinfo(*host ? host : NULL, colon + 1, &hints, &list);
    if (error)
        return netdev_fail(s->nd, err, "%s=%s: %s", key, text, gai_strerror(error));
    memcpy(out, list->ai_addr, sizeof(*out));
    freeaddrinfo(list);
    return true;
}

static bool fail_errno(struct sock *s, const char *key, const char *text, const char *what, GError **err)
{
    return netdev_fail(s->nd, err, "%s=%s: %s: %s", key, text, what, g_strerror(errno));
}

static bool start_listen(struct sock *s, const char *text, GError **err)
{
    struct sockaddr_in a;
    int on = 1;

    if (!resolve(s, "listen", text, true, &a, err))
        return false;
    s->stream = true;
    s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(s->listen_fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s->listen_fd, 1) < 0)
        return fail_errno(s, "listen", text, "cannot listen there", err);
    s->listen_watch = event_loop_add_fd(s->loop, s->listen_fd, G_IO_IN, accept_other, s);
    return true;
}

static bool start_connect(struct sock *s, const char *text, GError **err)
{
    struct sockaddr_in a;
    int fd;

    if (!resolve(s, "connect", text, false, &a, err))
        return false;
    s->stream = true;
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        fail_errno(s, "connect", text, "cannot connect", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

static bool start_mcast(struct sock *s, const char *text, const char *local, GError **err)
{
    struct ip_mreq group = { 0 };
    struct sockaddr_in from;
    int fd, on = 1;

    if (!resolve(s, "mcast", text, false, &s->to, err))
        return false;
    if (!IN_MULTICAST(ntohl(s->to.sin_addr.s_addr)))
        return netdev_fail(s->nd, err, "mcast=%s: not a multicast address (224.0.0.0 to 239.255.255.255)", text);
    s->has_to = true;
    group.imr_multiaddr = s->to.sin_addr;
    if (local) {
        g_autofree char *with_port = g_strdup_printf("%s:0", local);

        if (!resolve(s, "localaddr", with_port, false, &from, err))
            return false;
        group.imr_interface = from.sin_addr;
    }
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof(on));      /* for others on this host */
    if (bind(fd, (struct sockaddr *)&s->to, sizeof(s->to)) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
        (local && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group.imr_interface, sizeof(struct in_addr)) < 0)) {
        fail_errno(s, "mcast", text, "cannot join the group", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

static bool start_udp(struct sock *s, const char *text, const char *local, GError **err)
{
    struct sockaddr_in from;
    int fd;

    if (!local)
        return netdev_fail(s->nd, err, "udp=%s: it needs localaddr=HOST:PORT too", text);
    if (!resolve(s, "udp", text, false, &s->to, err) || !resolve(s, "localaddr", local, true, &from, err))
        return false;
    s->has_to = true;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0) {
        fail_errno(s, "localaddr", local, "cannot receive there", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

static bool start_fd(struct sock *s, const char *text, GError **err)
{
    socklen_t len = sizeof(int);
    uint64_t fd;
    int type;

    if (!keyval_parse_number(text, &fd) || fd > INT_MAX || getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
        return netdev_fail(s->nd, err, "fd=%s: not the number of an open socket", text);
    s->stream = type == SOCK_STREAM;
    connected(s, (int)fd);
    return true;
}

static void sock_close(struct netdev *nd)
{
    struct sock *s = nd->backend;

    unwatch(s, &s->listen_watch);
    unwatch(s, &s->in_watch);
    unwatch(s, &s->out_watch);
    if (s->fd >= 0)
        close(s->fd);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    g_free(s);
}

static bool sock_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    struct sock *s = nd->backend = g_new0(struct sock, 1);
    const char *local = keyval_get(kv, "localaddr"), *way[5] = { NULL };
    int ways = 0;

    nd->close = sock_close;
    s->nd = nd;
    s->loop = netdev_loop(nd);
    s->fd = s->listen_fd = -1;
    for (int i = 0; i < 4; i++)
        ways += (way[i] = keyval_get(kv, sock_options[i])) != NULL;
    ways += (way[4] = keyval_get(kv, "fd")) != NULL;
    if (ways != 1)
        return netdev_fail(nd, err, "it needs one of listen=, connect=, mcast=, udp= and fd=");
    if (local && !way[2] && !way[3])
        return netdev_fail(nd, err, "localaddr= goes with mcast= and udp=");
    net_port_init(&nd->back, &sock_ops, s);
    if (way[0])
        return start_listen(s, way[0], err);
    if (way[1])
        return start_connect(s, way[1], err);
    if (way[2])
        return start_mcast(s, way[2], local, err);
    return way[3] ? start_udp(s, way[3], local, err) : start_fd(s, way[4], err);
}

const struct netdev_kind net_kind_socket = {
    .name = "socket", .help = "a cable to another emulator: TCP (listen=, connect=) or UDP (udp=, mcast=)",
    .options = sock_options, .make = sock_make,
};
