/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link between front and back ends, descriptions of back ends, and the
 * registry.  Back ends are in files of their own; see internal.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "chardev/internal.h"

static const struct chardev_kind kinds[] = {
    {"file", "path, append", file_make},
    {"null", "", null_make},
    {"pipe", "path", pipe_make},
    {"pty", "", pty_make},
    {"ringbuf", "size", ringbuf_make},
    {"socket", "path, host, port, server, wait, reconnect, nodelay",
     socket_make},
    {"stdio", "signal", stdio_make},
};

static const char common_options[] = "id, mux, logfile, logappend";

/* ---- errors ---- */

void chardev_error(GError **err, const char *label, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, fmt);
    text = g_strdup_vprintf(fmt, args);
    va_end(args);
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "chardev %s: %s", label,
                text);
}

void chardev_error_errno(GError **err, const char *label, const char *what)
{
    chardev_error(err, label, "%s: %s", what, g_strerror(errno));
}

/* ---- front ends ---- */

bool chardev_is_open(const struct chardev *c)
{
    return c && c->open;
}

bool chardev_has_input(const struct chardev *c)
{
    return c && !c->aside;
}

const char *chardev_label(const struct chardev *c)
{
    return c ? c->label : "none";
}

void chardev_accept_input(struct chardev *c)
{
    if (c && c->open && c->ops->accept_input)
        c->ops->accept_input(c);
}

void chardev_set_handlers(struct chardev *c, chardev_can_read_fn can_read,
                          chardev_read_fn read, chardev_event_fn event,
                          void *opaque)
{
    if (!c)
        return;
    c->can_read = can_read;
    c->read = read;
    c->event = event;
    c->opaque = opaque;
    if (c->open)
        chardev_send_event(c, CHARDEV_OPENED);
    chardev_accept_input(c);
}

static void log_output(struct chardev *c, const uint8_t *buf, size_t len)
{
    while (len) {
        ssize_t n = write(c->log_fd, buf, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* a full disk must not stop the guest */
        buf += n;
        len -= (size_t)n;
    }
}

size_t chardev_write(struct chardev *c, const void *buf, size_t len)
{
    size_t taken = len;

    if (!c)
        return len;
    if (c->open)
        taken = c->ops->write(c, buf, len);
    if (c->log_fd >= 0)
        log_output(c, buf, taken);
    return taken;
}

/* ---- for back ends ---- */

struct chardev *chardev_alloc(size_t size, const struct chardev_ops *ops,
                              struct event_loop *loop, const char *label)
{
    struct chardev *c = g_malloc0(size);

    c->ops = ops;
    c->loop = loop;
    c->label = g_strdup(label);
    c->log_fd = -1;
    return c;
}

size_t chardev_room(struct chardev *c)
{
    int n = c->can_read && c->read ? c->can_read(c->opaque) : 0;

    return n > 0 ? (size_t)n : 0;
}

void chardev_deliver(struct chardev *c, const uint8_t *buf, size_t len)
{
    if (c->read)
        c->read(c->opaque, buf, len);
}

void chardev_send_event(struct chardev *c, enum chardev_event event)
{
    if (c->event)
        c->event(c->opaque, event);
}

void chardev_set_open(struct chardev *c, bool open)
{
    if (c->open == open)
        return;
    c->open = open;
    chardev_send_event(c, open ? CHARDEV_OPENED : CHARDEV_CLOSED);
}

/* ---- descriptions ---- */

static const struct chardev_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

void chardev_help(FILE *out)
{
    fprintf(out, "Kinds of -chardev KIND,id=ID[,OPTION=...] and options:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        fprintf(out, "  %-8s  %s\n", kinds[i].name, kinds[i].options);
    fprintf(out, "  each      %s\n", common_options);
    fprintf(out, "Short forms of -serial: stdio, mon:stdio, pty, null, none, "
                 "\n  unix:PATH[,server][,nowait], "
                 "tcp:HOST:PORT[,server][,nowait],\n  file:PATH, pipe:PATH, "
                 "chardev:ID\n");
}

/* ",," for each comma. */
static char *escape_commas(const char *s)
{
    g_auto(GStrv) parts = g_strsplit(s, ",", -1);

    return g_strjoinv(",,", parts);
}

/* "host:port", "[::1]:port" or ":port" and what follows, in long form. */
static char *expand_tcp(const char *address, const char *rest, GError **err)
{
    const char *colon = strrchr(address, ':');
    g_autofree char *host = NULL;

    if (!colon || !colon[1]) {
        chardev_error(err, address, "tcp needs HOST:PORT");
        return NULL;
    }
    host = g_strndup(address, (gsize)(colon - address));
    if (host[0] == '[' && g_str_has_suffix(host, "]")) {
        host[strlen(host) - 1] = '\0';
        memmove(host, host + 1, strlen(host));
    }
    return g_strdup_printf("socket,host=%s,port=%s%s", host, colon + 1, rest);
}

/* A short form in long form; NULL without an error when spec is long already,
 * or with one when it is wrong. */
static char *expand_short(const char *spec, GError **err)
{
    g_autofree char *copy = g_strdup(spec);
    g_autofree char *address = NULL;
    char *colon = strchr(copy, ':');
    const char *rest;

    if (!colon || colon > copy + strcspn(copy, ",="))
        return NULL;
    *colon = '\0';
    if (strcmp(copy, "file") == 0 || strcmp(copy, "pipe") == 0) {
        address = escape_commas(colon + 1);
        return g_strdup_printf("%s,path=%s", copy, address);
    }
    rest = colon + 1 + strcspn(colon + 1, ",");
    address = g_strndup(colon + 1, (gsize)(rest - colon - 1));
    if (strcmp(copy, "unix") == 0)
        return g_strdup_printf("socket,path=%s%s", address, rest);
    if (strcmp(copy, "tcp") == 0)
        return expand_tcp(address, rest, err);
    chardev_error(err, spec,
                  "unknown form '%s:'; there are unix:, tcp:, file:, pipe:, "
                  "mon: and chardev:",
                  copy);
    return NULL;
}

static bool open_log(struct chardev *c, const char *path, bool append,
                     GError **err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC);

    c->log_fd = open(path, flags, 0666);
    if (c->log_fd < 0)
        chardev_error_errno(err, c->label, path);
    return c->log_fd >= 0;
}

/* Makes the back end of a kind and applies the options that all have. */
static struct chardev *make_kind(const struct chardev_kind *kind,
                                 struct event_loop *loop, const char *label,
                                 struct keyval *kv, GError **err)
{
    g_autofree char *what =
        g_strdup_printf("chardev %s: %s", label, kind->name);
    g_autofree char *known = g_strjoin(*kind->options ? ", " : "",
                                       kind->options, common_options, NULL);
    const char *logfile = keyval_get(kv, "logfile");
    bool mux = false, append = false;
    struct chardev *c;

    if (!keyval_get_bool(kv, "mux", &mux, err) ||
        !keyval_get_bool(kv, "logappend", &append, err))
        return NULL;
    c = kind->make(loop, label, kv, err);
    if (!c)
        return NULL;
    if ((logfile && !open_log(c, logfile, append, err)) ||
        !keyval_finish(kv, what, known, err)) {
        chardev_free(c);
        return NULL;
    }
    c->kind = kind->name;
    return mux ? chardev_mux_new(c) : c;
}

static struct chardev *make_long(const char *spec, const char *label,
                                 struct event_loop *loop, GError **err)
{
    struct keyval *kv = keyval_parse(spec, "backend", err);
    const struct chardev_kind *kind;
    struct chardev *c = NULL;
    const char *id, *name;

    if (!kv)
        return NULL;
    id = keyval_get(kv, "id");
    name = keyval_get(kv, "backend");
    if (!label)
        label = id ? id : name ? name : "";
    kind = name ? find_kind(name) : NULL;
    if (kind)
        c = make_kind(kind, loop, label, kv, err);
    else
        chardev_error(err, label,
                      "no kind '%s' (file, null, pipe, pty, ringbuf, socket, "
                      "stdio)",
                      name ? name : "");
    keyval_free(kv);
    return c;
}

static struct chardev *make_labelled(const char *spec, const char *label,
                                     struct event_loop *loop, GError **err)
{
    bool monitor = g_str_has_prefix(spec, "mon:");
    g_autofree char *expanded = NULL;
    g_autofree char *muxed = NULL;
    GError *local = NULL;

    /* Writing to a reader that has gone is an error here, not a death. */
    signal(SIGPIPE, SIG_IGN);
    if (monitor)
        spec += strlen("mon:");
    expanded = expand_short(spec, &local);
    if (local) {
        g_propagate_error(err, local);
        return NULL;
    }
    if (expanded)
        spec = expanded;
    if (strcmp(spec, "none") == 0)
        spec = "null";
    if (monitor) {
        bool is_stdio = strcmp(spec, "stdio") == 0;

        muxed =
            g_strdup_printf("%s,mux=on%s", spec, is_stdio ? ",signal=off" : "");
        spec = muxed;
    }
    return make_long(spec, label, loop, err);
}

struct chardev *chardev_new(const char *spec, struct event_loop *loop,
                            GError **err)
{
    return make_labelled(spec, NULL, loop, err);
}

void chardev_free(struct chardev *c)
{
    if (!c)
        return;
    c->ops->close(c);
    if (c->log_fd >= 0)
        close(c->log_fd);
    g_free(c->label);
    g_free(c);
}

struct chardev *chardev_attach(struct chardev *c, GError **err)
{
    if (c->ops->attach)
        return c->ops->attach(c);
    if (c->attached) {
        chardev_error(err, c->label, "used twice; give it mux=on to share it");
        return NULL;
    }
    c->attached = true;
    return c;
}

/* ---- registry ---- */

struct chardev_registry {
    struct event_loop *loop;
    struct chardev_mux_hooks hooks;
    GPtrArray *all; /* of struct chardev, owned */
};

static void free_one(gpointer c)
{
    chardev_free(c);
}

struct chardev_registry *chardev_registry_new(struct event_loop *loop)
{
    struct chardev_registry *r = g_new0(struct chardev_registry, 1);

    r->loop = loop;
    r->all = g_ptr_array_new_with_free_func(free_one);
    return r;
}

void chardev_registry_free(struct chardev_registry *r)
{
    if (!r)
        return;
    g_ptr_array_unref(r->all);
    g_free(r);
}

void chardev_registry_set_hooks(struct chardev_registry *r,
                                const struct chardev_mux_hooks *hooks)
{
    r->hooks = *hooks;
}

struct chardev *chardev_registry_find(struct chardev_registry *r,
                                      const char *id)
{
    for (guint i = 0; i < r->all->len; i++) {
        struct chardev *c = g_ptr_array_index(r->all, i);

        if (strcmp(c->label, id) == 0)
            return c;
    }
    return NULL;
}

const char *chardev_registry_label(const struct chardev_registry *r,
                                   unsigned i, const char **kind)
{
    const struct chardev *c;

    if (i >= r->all->len)
        return NULL;
    c = g_ptr_array_index(r->all, i);
    *kind = c->kind;
    return c->label;
}

/* Makes a back end and keeps it; NULL with an error.  The label NULL means
 * the description's id=. */
static struct chardev *registry_make(struct chardev_registry *r,
                                     const char *spec, const char *label,
                                     GError **err)
{
    struct chardev *c;

    if (label && chardev_registry_find(r, label)) {
        chardev_error(err, label, "this id is taken");
        return NULL;
    }
    c = make_labelled(spec, label, r->loop, err);
    if (c) {
        chardev_mux_set_hooks(c, &r->hooks);
        g_ptr_array_add(r->all, c);
    }
    return c;
}

bool chardev_registry_add(struct chardev_registry *r, const char *spec,
                          GError **err)
{
    struct keyval *kv = keyval_parse(spec, "backend", err);
    g_autofree char *id = NULL;

    if (!kv)
        return false;
    id = g_strdup(keyval_get(kv, "id"));
    keyval_free(kv);
    if (!id || !*id) {
        chardev_error(err, spec, "needs id=");
        return false;
    }
    return registry_make(r, spec, id, err) != NULL;
}

struct chardev *chardev_registry_attach(struct chardev_registry *r,
                                        const char *id, GError **err)
{
    struct chardev *c = chardev_registry_find(r, id);

    if (!c) {
        chardev_error(err, id, "there is no -chardev with this id");
        return NULL;
    }
    return chardev_attach(c, err);
}

bool chardev_registry_serial(struct chardev_registry *r, const char *spec,
                             const char *label, struct chardev **out,
                             GError **err)
{
    struct chardev *c;

    *out = NULL;
    if (strcmp(spec, "none") == 0)
        return true;
    if (g_str_has_prefix(spec, "chardev:")) {
        *out = chardev_registry_attach(r, spec + strlen("chardev:"), err);
    } else {
        c = registry_make(r, spec, label, err);
        if (c)
            *out = chardev_attach(c, err);
    }
    return *out != NULL;
}
