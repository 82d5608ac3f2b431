/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back end "socket": a unix or TCP socket, as a server (one client at a time)
 * or as a client, which can connect again by itself.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chardev/internal.h"
#include "util/clock.h"
#include "util/timer.h"

struct address {
    struct sockaddr_storage sa;
    socklen_t len;
};

struct sock {
    struct chardev base;
    struct fd_io io;
    GArray *addresses;  /* of struct address: what the name means */
    guint next_address; /* the one to connect to next */
    char *name;         /* "unix:/tmp/s", "tcp:host:port" for messages */
    char *unlink_path;  /* a unix server's socket, removed at the end */
    bool nodelay;
    int listen_fd, fd; /* -1: none */
    unsigned listen_watch, connect_watch;
    int64_t reconnect_ns; /* 0: never */
    struct clock *clock;
    struct timer *retry;
};

struct sock_options {
    const char *path, *host, *port;
    bool server, wait, delay;
    uint64_t reconnect;
};

/* ---- connections ---- */

static void try_connect(void *opaque);

static void accept_client(void *opaque, int fd, GIOCondition ready);

static void listen_again(struct sock *s)
{
    if (s->listen_fd >= 0 && !s->listen_watch)
        s->listen_watch = event_loop_add_fd(s->base.loop, s->listen_fd, G_IO_IN,
                                            accept_client, s);
}

static void connect_later(struct sock *s)
{
    if (s->reconnect_ns)
        timer_arm(s->retry, clock_ns(s->clock) + s->reconnect_ns);
}

static void hung_up(struct chardev *c)
{
    struct sock *s = (struct sock *)c;

    close(s->fd);
    s->fd = -1;
    listen_again(s);
    connect_later(s);
    chardev_set_open(c, false);
}

/* fd has a partner now. */
static void connected(struct sock *s, int fd)
{
    int on = 1;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (s->nodelay)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    s->fd = fd;
    s->io.is_socket = true;
    fd_io_start(&s->io, &s->base, fd, fd, hung_up);
    chardev_set_open(&s->base, true);
    fd_io_accept_input(&s->io);
}

static void accept_client(void *opaque, int fd, GIOCondition ready)
{
    struct sock *s = opaque;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    (void)ready;
    if (client < 0)
        return;
    event_loop_remove(s->base.loop, s->listen_watch);
    s->listen_watch = 0;
    connected(s, client);
}

static void connect_done(void *opaque, int fd, GIOCondition ready)
{
    struct sock *s = opaque;
    int error = 0;
    socklen_t len = sizeof(error);

    (void)ready;
    event_loop_remove(s->base.loop, s->connect_watch);
    s->connect_watch = 0;
    s->fd = -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
        close(fd);
        connect_later(s);
        return;
    }
    connected(s, fd);
}

/* Starts to connect without waiting; for reconnect=. */
static void try_connect(void *opaque)
{
    struct sock *s = opaque;
    struct address *a =
        &g_array_index(s->addresses, struct address, s->next_address);
    int fd =
        socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    s->next_address = (s->next_address + 1) % s->addresses->len;
    if (fd < 0) {
        connect_later(s);
        return;
    }
    if (connect(fd, (struct sockaddr *)&a->sa, a->len) == 0) {
        connected(s, fd);
    } else if (errno == EINPROGRESS) {
        s->fd = fd;
        s->connect_watch =
            event_loop_add_fd(s->base.loop, fd, G_IO_OUT, connect_done, s);
    } else {
        close(fd);
        connect_later(s);
    }
}

/* ---- set-up ---- */

static bool resolve_unix(struct sock *s, const char *path, GError **err)
{
    struct address a = {.len = sizeof(struct sockaddr_un)};
    struct sockaddr_un *sun = (struct sockaddr_un *)&a.sa;

    if (strlen(path) >= sizeof(sun->sun_path)) {
        chardev_error(err, s->base.label,
                      "the socket's path is longer than %zu bytes: %s",
                      sizeof(sun->sun_path) - 1, path);
        return false;
    }
    sun->sun_family = AF_UNIX;
    strcpy(sun->sun_path, path);
    g_array_append_val(s->addresses, a);
    return true;
}

static bool resolve_tcp(struct sock *s, const struct sock_options *o,
                        GError **err)
{
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = o->server ? AI_PASSIVE : 0,
    };
    struct addrinfo *list;
    const char *host = o->host && *o->host ? o->host : NULL;
    int error = getaddrinfo(host, o->port, &hints, &list);

    if (error) {
        chardev_error(err, s->base.label, "%s: %s", s->name,
                      gai_strerror(error));
        return false;
    }
    for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        struct address a = {.len = ai->ai_addrlen};

        memcpy(&a.sa, ai->ai_addr, ai->ai_addrlen);
        g_array_append_val(s->addresses, a);
    }
    freeaddrinfo(list);
    return true;
}

/* A unix socket that nobody listens on is left over from a process that was
 * killed: remove it.  A live one, or another kind of file, stays. */
static void remove_stale(const struct address *a)
{
    const struct sockaddr_un *sun = (const struct sockaddr_un *)&a->sa;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0 &&
        errno == ECONNREFUSED)
        unlink(sun->sun_path);
    close(fd);
}

/* Binds and listens on one address: the socket or -1. */
static int listen_on(const struct address *a)
{
    int fd =
        socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, saved;

    if (fd < 0)
        return -1;
    if (a->sa.ss_family == AF_UNIX)
        remove_stale(a);
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&a->sa, a->len) == 0 &&
        listen(fd, 1) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int connect_to(const struct address *a)
{
    int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int saved;

    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* The first address on which `open_one` succeeds; -1 with errno of the last. */
static int first_of(struct sock *s, int (*open_one)(const struct address *))
{
    int fd = -1;

    for (guint i = 0; i < s->addresses->len && fd < 0; i++)
        fd = open_one(&g_array_index(s->addresses, struct address, i));
    return fd;
}

/* With port=0 the host chooses: tell which. */
static void print_port(const struct sock *s)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof(sa);
    char port[16];

    if (getsockname(s->listen_fd, (struct sockaddr *)&sa, &len) == 0 &&
        getnameinfo((struct sockaddr *)&sa, len, NULL, 0, port, sizeof(port),
                    NI_NUMERICSERV) == 0)
        fprintf(stderr, "char device listening on port %s (label %s)\n", port,
                s->base.label);
}

static bool start_server(struct sock *s, const struct sock_options *o,
                         GError **err)
{
    struct pollfd p = {-1, POLLIN, 0};

    s->listen_fd = first_of(s, listen_on);
    if (s->listen_fd < 0) {
        g_autofree char *what = g_strdup_printf("cannot listen on %s", s->name);

        chardev_error_errno(err, s->base.label, what);
        return false;
    }
    if (o->path)
        s->unlink_path = g_strdup(o->path);
    else if (strcmp(o->port, "0") == 0)
        print_port(s);
    listen_again(s);
    if (!o->wait)
        return true;
    fprintf(stderr, "waiting for a connection on %s (label %s)\n", s->name,
            s->base.label);
    p.fd = s->listen_fd;
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
    accept_client(s, s->listen_fd, G_IO_IN);
    return true;
}

static bool start_client(struct sock *s, const struct sock_options *o,
                         GError **err)
{
    int fd;

    if (o->reconnect) {
        s->reconnect_ns = (int64_t)o->reconnect * NS_PER_S;
        try_connect(s);
        return true;
    }
    fd = first_of(s, connect_to);
    if (fd < 0) {
        g_autofree char *what =
            g_strdup_printf("cannot connect to %s", s->name);

        chardev_error_errno(err, s->base.label, what);
        return false;
    }
    connected(s, fd);
    return true;
}

/* ---- the back end ---- */

static size_t sock_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    return fd_io_write(&((struct sock *)c)->io, buf, len);
}

static void sock_accept_input(struct chardev *c)
{
    fd_io_accept_input(&((struct sock *)c)->io);
}

static void sock_close(struct chardev *c)
{
    struct sock *s = (struct sock *)c;

    fd_io_stop(&s->io);
    if (s->listen_watch)
        event_loop_remove(c->loop, s->listen_watch);
    if (s->connect_watch)
        event_loop_remove(c->loop, s->connect_watch);
    if (s->fd >= 0)
        close(s->fd);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    if (s->unlink_path)
        unlink(s->unlink_path);
    timer_free(s->retry);
    clock_free(s->clock);
    g_array_unref(s->addresses);
    g_free(s->unlink_path);
    g_free(s->name);
}

static const struct chardev_ops sock_ops = {
    .write = sock_write,
    .accept_input = sock_accept_input,
    .close = sock_close,
};

static bool parse_options(struct sock_options *o, const char *label,
                          struct keyval *kv, GError **err)
{
    bool nodelay = false;

    o->path = keyval_get(kv, "path");
    o->host = keyval_get(kv, "host");
    o->port = keyval_get(kv, "port");
    if (!keyval_get_bool(kv, "server", &o->server, err))
        return false;
    o->wait = o->server;
    /* "nodelay" alone is how one writes delay=off. */
    if (!keyval_get_bool(kv, "nodelay", &nodelay, err))
        return false;
    o->delay = !nodelay;
    if (!keyval_get_bool(kv, "wait", &o->wait, err) ||
        !keyval_get_bool(kv, "delay", &o->delay, err) ||
        !keyval_get_uint(kv, "reconnect", 0, 86400, &o->reconnect, err))
        return false;
    if (o->path ? o->host || o->port : !o->port) {
        chardev_error(err, label, "socket needs path=, or host= and port=");
        return false;
    }
    if (o->port && g_ascii_strtoull(o->port, NULL, 10) > UINT16_MAX) {
        chardev_error(err, label, "port %s: there are ports 0 to 65535",
                      o->port);
        return false;
    }
    if (o->server && o->reconnect) {
        chardev_error(err, label, "reconnect= is for clients (server=off)");
        return false;
    }
    if (o->wait && !o->server) {
        chardev_error(err, label, "wait=on is for servers (server=on)");
        return false;
    }
    return true;
}

struct chardev *socket_make(struct event_loop *loop, const char *label,
                            struct keyval *kv, GError **err)
{
    struct sock_options o = {0};
    struct sock *s;
    bool ok;

    if (!parse_options(&o, label, kv, err))
        return NULL;
    s = (struct sock *)chardev_alloc(sizeof(*s), &sock_ops, loop, label);
    s->addresses = g_array_new(FALSE, FALSE, sizeof(struct address));
    s->name = o.path
                  ? g_strdup_printf("unix:%s", o.path)
                  : g_strdup_printf("tcp:%s:%s", o.host ? o.host : "", o.port);
    s->nodelay = !o.delay && !o.path;
    s->listen_fd = s->fd = -1;
    s->clock = clock_new(CLK_REALTIME);
    s->retry = timer_new(loop, s->clock, try_connect, s);
    ok = (o.path ? resolve_unix(s, o.path, err) : resolve_tcp(s, &o, err)) &&
         (o.server ? start_server(s, &o, err) : start_client(s, &o, err));
    if (!ok) {
        chardev_free(&s->base);
        return NULL;
    }
    return &s->base;
}
