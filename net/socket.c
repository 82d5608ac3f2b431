/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back ends "socket", "stream" and "dgram": the network card's cable as a connection to another program (another emulator, QEMU, passt),
 * or as datagrams, also to a multicast group that is then a hub for many. On a stream each frame is behind its length, 4 bytes,
 * big-endian; a datagram is a frame. The three differ in their options: "socket" is the old spelling.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "net/internal.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define LENGTH 4u
#define MAX_READS 64                 /* of frames or of a full buffer, in one callback */
#define MAX_PARTS 256

struct address {
    struct sockaddr_storage sa;
    socklen_t len;                   /* 0: none */
};

/* Owner: the device lock. */
struct sock {
    struct netdev *nd;
    struct event_loop *loop;
    int listen_fd, fd;               /* -1: none */
    unsigned listen_watch, in_watch, out_watch;
    bool stream;
    struct address to;               /* of datagrams, when the socket is not connected */
    char *unlink_path;               /* a unix socket of ours, removed at the end */
    bool full;                       /* the card has no room */

    uint8_t in[LENGTH + NET_MAX_FRAME];
    size_t in_len;
    uint8_t out[LENGTH + NET_MAX_FRAME];     /* the rest of a frame that went in part */
    size_t out_pos, out_len;
};

static const char *const sock_options[] = { "listen", "connect", "mcast", "udp", "localaddr", "fd", NULL };
static const char *const stream_options[] = { "server", "addr.type", "addr.host", "addr.port", "addr.path", "addr.str", NULL };
static const char *const dgram_options[] = { "local.type", "local.host", "local.port", "local.path", "local.str",
                                             "remote.type", "remote.host", "remote.port", "remote.path", NULL };

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
    if (s->to.len) {
        msg.msg_name = &s->to.sa;
        msg.msg_namelen = s->to.len;
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

/* ---- addresses --------------------------------------------------------------------------------- */

/* what: the options that said so, for errors. An empty host is any address, or for connecting this host. */
static bool resolve(struct sock *s, const char *what, int family, const char *host, const char *port, bool passive,
                    struct address *out, GError **err)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0 }, *list;
    uint64_t number;
    int error;

    if (!port || !keyval_parse_number(port, &number) || number > UINT16_MAX)
        return netdev_fail(s->nd, err, "%s: '%s' is not a port", what, port ? port : "");
    error = getaddrinfo(host && *host ? host : NULL, port, &hints, &list);
    if (error)
        return netdev_fail(s->nd, err, "%s: %s", what, gai_strerror(error));
    memcpy(&out->sa, list->ai_addr, list->ai_addrlen);
    out->len = list->ai_addrlen;
    freeaddrinfo(list);
    return true;
}

/* HOST:PORT */
static bool resolve_pair(struct sock *s, const char *key, const char *text, bool passive, struct address *out, GError **err)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon ? g_strndup(text, (size_t)(colon - text)) : NULL;
    g_autofree char *what = g_strdup_printf("%s=%s", key, text);

    if (!colon)
        return netdev_fail(s->nd, err, "%s: write it as HOST:PORT", what);
    return resolve(s, what, AF_INET, host, colon + 1, passive, out, err);
}

static bool unix_address(struct sock *s, const char *key, const char *path, struct address *out, GError **err)
{
    struct sockaddr_un *sun = (struct sockaddr_un *)&out->sa;

    if (!path || strlen(path) >= sizeof(sun->sun_path))
        return netdev_fail(s->nd, err, "%s=%s: a path of 1 to %zu bytes is needed", key, path ? path : "", sizeof(sun->sun_path) - 1);
    sun->sun_family = AF_UNIX;
    strcpy(sun->sun_path, path);
    out->len = sizeof(*sun);
    return true;
}

/* PREFIX.type= and what goes with it, for inet and unix. */
static bool typed_address(struct sock *s, struct keyval *kv, const char *prefix, bool passive, struct address *out, GError **err)
{
    g_autofree char *type_key = g_strconcat(prefix, ".type", NULL), *host_key = g_strconcat(prefix, ".host", NULL),
                    *port_key = g_strconcat(prefix, ".port", NULL), *path_key = g_strconcat(prefix, ".path", NULL);
    const char *type = keyval_get(kv, type_key), *host = keyval_get(kv, host_key);
    g_autofree char *what = g_strdup_printf("%s=%s,%s", host_key, host ? host : "", port_key);

    if (!g_strcmp0(type, "unix"))
        return unix_address(s, path_key, keyval_get(kv, path_key), out, err);
    if (!g_strcmp0(type, "inet"))
        return resolve(s, what, AF_UNSPEC, host, keyval_get(kv, port_key), passive, out, err);
    return netdev_fail(s->nd, err, "%s=%s: it is inet, unix or fd", type_key, type ? type : "");
}

/* ---- set-up ------------------------------------------------------------------------------------ */

static bool fail_errno(struct sock *s, const char *what, const char *why, GError **err)
{
    return netdev_fail(s->nd, err, "%s: %s: %s", what, why, g_strerror(errno));
}

/* A unix socket that nobody listens on is left over from a process that was killed. */
static void remove_stale(struct sock *s, const struct address *a)
{
    const struct sockaddr_un *sun = (const struct sockaddr_un *)&a->sa;
    int fd = socket(AF_UNIX, (s->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);

    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0 && errno == ECONNREFUSED)
        unlink(sun->sun_path);
    close(fd);
}

static bool bind_to(struct sock *s, int fd, const struct address *a)
{
    const struct sockaddr_un *sun = (const struct sockaddr_un *)&a->sa;
    int on = 1;

    if (a->sa.ss_family == AF_UNIX)
        remove_stale(s, a);
    else if (s->stream)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&a->sa, a->len) < 0)
        return false;
    if (a->sa.ss_family == AF_UNIX)
        s->unlink_path = g_strdup(sun->sun_path);
    return true;
}

static bool start_listen(struct sock *s, const char *what, const struct address *a, GError **err)
{
    s->stream = true;
    s->listen_fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!bind_to(s, s->listen_fd, a) || listen(s->listen_fd, 1) < 0)
        return fail_errno(s, what, "cannot listen there", err);
    s->listen_watch = event_loop_add_fd(s->loop, s->listen_fd, G_IO_IN, accept_other, s);
    return true;
}

static bool start_connect(struct sock *s, const char *what, const struct address *a, GError **err)
{
    int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    s->stream = true;
    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0) {
        fail_errno(s, what, "cannot connect", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

/* local: the interface's address, or NULL. */
static bool start_mcast(struct sock *s, const char *what, const struct address *local, GError **err)
{
    const struct sockaddr_in *to = (const struct sockaddr_in *)&s->to.sa;
    struct ip_mreq group = { .imr_multiaddr = to->sin_addr };
    int fd, on = 1;

    if (to->sin_family != AF_INET || !IN_MULTICAST(ntohl(to->sin_addr.s_addr)))
        return netdev_fail(s->nd, err, "%s: not a multicast address (224.0.0.0 to 239.255.255.255)", what);
    if (local)
        group.imr_interface = ((const struct sockaddr_in *)&local->sa)->sin_addr;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof(on));      /* for others on this host */
    if (bind(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
        (local && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group.imr_interface, sizeof(struct in_addr)) < 0)) {
        fail_errno(s, what, "cannot join the group", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

/* Datagrams from local to s->to. */
static bool start_dgram(struct sock *s, const char *what, const struct address *local, GError **err)
{
    int fd;

    if (s->to.len && s->to.sa.ss_family != local->sa.ss_family)
        return netdev_fail(s->nd, err, "%s: the two addresses are of different kinds", what);
    fd = socket(local->sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (!bind_to(s, fd, local)) {
        fail_errno(s, what, "cannot receive there", err);
        close(fd);
        return false;
    }
    connected(s, fd);
    return true;
}

static bool start_fd(struct sock *s, const char *key, const char *text, GError **err)
{
    socklen_t len = sizeof(int);
    uint64_t fd;
    int type;

    if (!text || !keyval_parse_number(text, &fd) || fd > INT_MAX || getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
        return netdev_fail(s->nd, err, "%s=%s: not the number of an open socket", key, text ? text : "");
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
    if (s->unlink_path)
        unlink(s->unlink_path);
    g_free(s->unlink_path);
    g_free(s);
}

static struct sock *sock_new(struct netdev *nd)
{
    struct sock *s = nd->backend = g_new0(struct sock, 1);

    nd->close = sock_close;
    s->nd = nd;
    s->loop = netdev_loop(nd);
    s->fd = s->listen_fd = -1;
    net_port_init(&nd->back, &sock_ops, s);
    return s;
}

/* ---- -netdev socket ---------------------------------------------------------------------------- */

static bool socket_mcast(struct sock *s, const char *text, const char *local, GError **err)
{
    g_autofree char *what = g_strdup_printf("mcast=%s", text);
    struct address from = { .len = 0 };

    if (!resolve_pair(s, "mcast", text, false, &s->to, err))
        return false;
    if (local && !resolve(s, "localaddr=", AF_INET, local, "0", false, &from, err))
        return false;
    return start_mcast(s, what, local ? &from : NULL, err);
}

static bool socket_udp(struct sock *s, const char *text, const char *local, GError **err)
{
    g_autofree char *what = g_strdup_printf("localaddr=%s", local ? local : "");
    struct address from = { .len = 0 };

    if (!local)
        return netdev_fail(s->nd, err, "udp=%s: it needs localaddr=HOST:PORT too", text);
    return resolve_pair(s, "udp", text, false, &s->to, err) && resolve_pair(s, "localaddr", local, true, &from, err) &&
           start_dgram(s, what, &from, err);
}

static bool socket_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    static const char *const ways[] = { "listen", "connect", "mcast", "udp", "fd" };
    const char *local = keyval_get(kv, "localaddr"), *way[G_N_ELEMENTS(ways)];
    struct sock *s = sock_new(nd);
    struct address a = { .len = 0 };
    g_autofree char *what = NULL;
    int given = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        given += (way[i] = keyval_get(kv, ways[i])) != NULL;
    if (given != 1)
        return netdev_fail(nd, err, "it needs one of listen=, connect=, mcast=, udp= and fd=");
    if (local && !way[2] && !way[3])
        return netdev_fail(nd, err, "localaddr= goes with mcast= and udp=");
    if (way[0]) {
        what = g_strdup_printf("listen=%s", way[0]);
        return resolve_pair(s, "listen", way[0], true, &a, err) && start_listen(s, what, &a, err);
    }
    if (way[1]) {
        what = g_strdup_printf("connect=%s", way[1]);
        return resolve_pair(s, "connect", way[1], false, &a, err) && start_connect(s, what, &a, err);
    }
    if (way[2])
        return socket_mcast(s, way[2], local, err);
    return way[3] ? socket_udp(s, way[3], local, err) : start_fd(s, "fd", way[4], err);
}

const struct netdev_kind net_kind_socket = {
    .name = "socket", .help = "a cable to another emulator: TCP (listen=, connect=) or UDP (udp=, mcast=)",
    .options = sock_options, .make = socket_make,
};

/* ---- -netdev stream, -netdev dgram ------------------------------------------------------------- */

static bool stream_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    struct sock *s = sock_new(nd);
    struct address a = { .len = 0 };
    g_autoptr(GError) why = NULL;
    bool server = false;

    if (!keyval_get_bool(kv, "server", &server, &why))
        return netdev_fail(nd, err, "%s", why->message);
    if (!g_strcmp0(keyval_get(kv, "addr.type"), "fd"))
        return start_fd(s, "addr.str", keyval_get(kv, "addr.str"), err);
    if (!typed_address(s, kv, "addr", server, &a, err))
        return false;
    return server ? start_listen(s, "addr", &a, err) : start_connect(s, "addr", &a, err);
}

const struct netdev_kind net_kind_stream = {
    .name = "stream", .help = "a cable to another program: a stream socket (addr.type=inet, unix or fd)",
    .options = stream_options, .make = stream_make,
};

static bool dgram_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    bool has_local = keyval_get(kv, "local.type"), has_remote = keyval_get(kv, "remote.type");
    struct sock *s = sock_new(nd);
    struct address local = { .len = 0 };
    const struct sockaddr_in *to = (const struct sockaddr_in *)&s->to.sa;

    if (!g_strcmp0(keyval_get(kv, "local.type"), "fd"))
        return start_fd(s, "local.str", keyval_get(kv, "local.str"), err);
    if (has_remote && !typed_address(s, kv, "remote", false, &s->to, err))
        return false;
    if (has_remote && to->sin_family == AF_INET && IN_MULTICAST(ntohl(to->sin_addr.s_addr))) {
        const char *host = keyval_get(kv, "local.host");

        if (host && !resolve(s, "local.host=", AF_INET, host, "0", false, &local, err))
            return false;
        return start_mcast(s, "remote", host ? &local : NULL, err);
    }
    if (!has_local)
        return netdev_fail(nd, err, "it needs local.type= with an address, or a multicast group as remote");
    return typed_address(s, kv, "local", true, &local, err) && start_dgram(s, "local", &local, err);
}

const struct netdev_kind net_kind_dgram = {
    .name = "dgram", .help = "a cable to another program: datagrams (local.type=, remote.type= inet, unix or fd)",
    .options = dgram_options, .make = dgram_make,
};
