/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mux: several front ends on one back end.  All write to it; the one that has
 * the focus gets the input.  Ctrl-A begins a command (see help_text).
 *
 * Input is read at once, whatever the front end can take, and waits in the
 * port's queue: so the commands work when the guest has stopped reading.
 */
#include "config.h"

#include <string.h>

#include "chardev/internal.h"
#include "util/clock.h"

enum {
    ESCAPE = 1, /* Ctrl-A */
    INPUT_MAX = 64 * 1024,
};

struct mux;

/* What one front end holds. */
struct port {
    struct chardev base;
    struct mux *mux;
    GByteArray *input; /* what the front end has not taken yet */
};

struct mux {
    struct chardev base;
    struct chardev *backend; /* owned */
    GPtrArray *ports;        /* of struct port, owned */
    guint focus;
    bool escaped; /* Ctrl-A was the last key */
    bool timestamps, line_start;
    struct clock *clock;
    int64_t start;
    struct chardev_mux_hooks hooks;
};

static const char help_text[] =
    "\r\n"
    "C-a h    this help\r\n"
    "C-a x    end the emulator\r\n"
    "C-a s    write the disks of snapshot=on back to their files\r\n"
    "C-a t    time stamps on or off\r\n"
    "C-a b    send a break\r\n"
    "C-a c    switch between the console and the monitor\r\n"
    "C-a C-a  send C-a\r\n";

static struct port *focused(struct mux *m)
{
    return m->ports->len ? g_ptr_array_index(m->ports, m->focus) : NULL;
}

/* ---- output ---- */

static void say(struct mux *m, const char *text)
{
    chardev_write(m->backend, text, strlen(text));
}

static void write_stamp(struct mux *m)
{
    int64_t ms = (clock_ns(m->clock) - m->start) / NS_PER_MS;
    g_autofree char *text = g_strdup_printf(
        "[%02d:%02d:%02d.%03d] ", (int)(ms / 3600000), (int)(ms / 60000 % 60),
        (int)(ms / 1000 % 60), (int)(ms % 1000));

    say(m, text);
}

/* Line by line, with a stamp before each. */
static size_t write_stamped(struct mux *m, const uint8_t *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const uint8_t *newline = memchr(buf + done, '\n', len - done);
        size_t part = newline ? (size_t)(newline - buf) + 1 - done : len - done;
        size_t taken;

        if (m->line_start)
            write_stamp(m);
        taken = chardev_write(m->backend, buf + done, part);
        m->line_start = newline && taken == part;
        done += taken;
        if (taken < part)
            break;
    }
    return done;
}

static size_t port_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct mux *m = ((struct port *)c)->mux;

    if (m->timestamps)
        return write_stamped(m, buf, len);
    return chardev_write(m->backend, buf, len);
}

/* ---- input ---- */

/* Hands the front end as much of its queue as it can take. */
static void port_pump(struct port *p)
{
    size_t n;

    while (p->input->len && (n = chardev_room(&p->base)) > 0) {
        uint8_t chunk[256];

        n = MIN(MIN(n, p->input->len), sizeof(chunk));
        memcpy(chunk, p->input->data, n);
        g_byte_array_remove_range(p->input, 0, (guint)n);
        chardev_deliver(&p->base, chunk, n);
    }
}

static void port_accept_input(struct chardev *c)
{
    port_pump((struct port *)c);
}

static void next_focus(struct mux *m)
{
    struct port *from = focused(m);

    if (m->ports->len < 2) {
        say(m, "\r\n[nothing else is connected to this terminal]\r\n");
        return;
    }
    port_pump(from); /* what was typed before comes before */
    m->focus = (m->focus + 1) % m->ports->len;
    from->base.aside = true;
    focused(m)->base.aside = false;
    chardev_send_event(&from->base, CHARDEV_MUX_OUT);
    chardev_send_event(&focused(m)->base, CHARDEV_MUX_IN);
}

static void save_disks(struct mux *m)
{
    if (m->hooks.save)
        m->hooks.save(m->hooks.opaque);
    else
        say(m, "\r\n[there are no snapshot=on disks]\r\n");
}

static void quit(struct mux *m)
{
    say(m, "\r\nTinamou: terminated\r\n");
    if (m->hooks.quit)
        m->hooks.quit(m->hooks.opaque);
    else
        event_loop_quit(m->base.loop, 0);
}

static void input_byte(struct mux *m, uint8_t byte)
{
    struct port *p = focused(m);

    if (p && p->input->len < INPUT_MAX)
        g_byte_array_append(p->input, &byte, 1);
}

/* The key after Ctrl-A; unknown ones are dropped. */
static void command(struct mux *m, uint8_t key)
{
    switch (key) {
    case ESCAPE:
        input_byte(m, ESCAPE);
        break;
    case 'b':
        if (focused(m))
            chardev_send_event(&focused(m)->base, CHARDEV_BREAK);
        break;
    case 'c':
        next_focus(m);
        break;
    case 'h':
    case '?':
        say(m, help_text);
        break;
    case 's':
        save_disks(m);
        break;
    case 't':
        m->timestamps = !m->timestamps;
        m->line_start = false;
        break;
    case 'x':
        quit(m);
        break;
    }
}

static int mux_can_read(void *opaque)
{
    (void)opaque;
    return 4096;
}

static void mux_read(void *opaque, const uint8_t *buf, size_t len)
{
    struct mux *m = opaque;

    for (size_t i = 0; i < len; i++) {
        if (m->escaped) {
            m->escaped = false;
            command(m, buf[i]);
        } else if (buf[i] == ESCAPE) {
            m->escaped = true;
        } else {
            input_byte(m, buf[i]);
        }
    }
    for (guint i = 0; i < m->ports->len; i++)
        port_pump(g_ptr_array_index(m->ports, i));
}

static void mux_event(void *opaque, enum chardev_event event)
{
    struct mux *m = opaque;

    if (event == CHARDEV_BREAK) {
        if (focused(m))
            chardev_send_event(&focused(m)->base, event);
        return;
    }
    for (guint i = 0; i < m->ports->len; i++) {
        struct port *p = g_ptr_array_index(m->ports, i);

        if (event == CHARDEV_OPENED || event == CHARDEV_CLOSED)
            chardev_set_open(&p->base, event == CHARDEV_OPENED);
        else
            chardev_send_event(&p->base, event);
    }
}

/* ---- ports and the mux itself ---- */

static void port_close(struct chardev *c)
{
    g_byte_array_unref(((struct port *)c)->input);
}

static const struct chardev_ops port_ops = {
    .write = port_write,
    .accept_input = port_accept_input,
    .close = port_close,
};

static struct chardev *mux_attach(struct chardev *c)
{
    struct mux *m = (struct mux *)c;
    struct port *p =
        (struct port *)chardev_alloc(sizeof(*p), &port_ops, c->loop, c->label);

    p->mux = m;
    p->input = g_byte_array_new();
    p->base.open = m->backend->open;
    p->base.attached = true;
    p->base.aside = m->ports->len > 0;
    g_ptr_array_add(m->ports, p);
    return &p->base;
}

static size_t mux_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    return chardev_write(((struct mux *)c)->backend, buf, len);
}

static void free_port(gpointer p)
{
    chardev_free(p);
}

static void mux_close(struct chardev *c)
{
    struct mux *m = (struct mux *)c;

    chardev_set_handlers(m->backend, NULL, NULL, NULL, NULL);
    chardev_free(m->backend);
    g_ptr_array_unref(m->ports);
    clock_free(m->clock);
}

static const struct chardev_ops mux_ops = {
    .write = mux_write,
    .close = mux_close,
    .attach = mux_attach,
};

void chardev_mux_set_hooks(struct chardev *c,
                           const struct chardev_mux_hooks *hooks)
{
    if (c->ops == &mux_ops)
        ((struct mux *)c)->hooks = *hooks;
}

struct chardev *chardev_mux_new(struct chardev *backend)
{
    struct mux *m = (struct mux *)chardev_alloc(sizeof(*m), &mux_ops,
                                                backend->loop, backend->label);

    m->base.kind = "mux";
    m->backend = backend;
    m->ports = g_ptr_array_new_with_free_func(free_port);
    m->clock = clock_new(CLK_REALTIME);
    m->start = clock_ns(m->clock);
    m->base.open = true;
    backend->attached = true;
    chardev_set_handlers(backend, mux_can_read, mux_read, mux_event, m);
    return &m->base;
}
