/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The human session: keys to lines, lines to commands, answers to the chardev.
 *
 * On a mux the session is silent until Ctrl-A c gives it the keyboard, and says where it is then. Somebody who comes to its socket
 * is greeted.
 */
#include "config.h"
#include <string.h>
#include "chardev/chardev.h"
#include "monitor/internal.h"
#include "monitor/line.h"

/* Owner: the device lock. */
struct monitor {
    struct monitor_env env;
    struct chardev *c;
    struct line *line;
    GString *pending;        /* output that c did not take yet */
    bool greeted, over;
};

static void flush(struct monitor *mon)
{
    size_t n = chardev_write(mon->c, mon->pending->str, mon->pending->len);

    g_string_erase(mon->pending, 0, (gssize)n);
}

static void echo(void *opaque, const char *text, size_t len)
{
    g_string_append_len(((struct monitor *)opaque)->pending, text, (gssize)len);
}

/* Lines end in \n here, in \r\n outside. */
static void print(struct monitor *mon, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            g_string_append_c(mon->pending, '\r');
        g_string_append_c(mon->pending, *text);
    }
}

static void run(void *opaque, const char *text)
{
    struct monitor *mon = opaque;
    g_autoptr(GString) out = g_string_new(NULL);

    flush(mon);
    mon->over = !monitor_run_line(&mon->env, text, out);
    print(mon, out->str);
    if (!mon->over)
        line_show(mon->line);
}

static char *complete(void *opaque, const char *head)
{
    (void)opaque;
    return monitor_complete(head);
}

/* The keyboard is ours. */
static void enter(struct monitor *mon)
{
    if (!mon->greeted)
        print(mon, "Tinamou " CONFIG_VERSION " monitor - type 'help' for more information\n");
    mon->greeted = true;
    line_show(mon->line);
    flush(mon);
}

/* One at a time: a command that answers much makes the next ones wait. */
static int can_read(void *opaque)
{
    const struct monitor *mon = opaque;

    return !mon->over && mon->pending->len == 0;
}

static void take(void *opaque, const uint8_t *buf, size_t len)
{
    struct monitor *mon = opaque;

    for (size_t i = 0; i < len && !mon->over; i++)
        line_key(mon->line, buf[i]);
    flush(mon);
}

static void event(void *opaque, enum chardev_event e)
{
    struct monitor *mon = opaque;

    switch (e) {
    case CHARDEV_OPENED:
        mon->greeted = false;
        line_reset(mon->line);
        g_string_truncate(mon->pending, 0);
        if (chardev_has_input(mon->c))
            enter(mon);
        break;
    case CHARDEV_MUX_IN:
        enter(mon);
        break;
    case CHARDEV_MUX_OUT:
        print(mon, "\n");
        flush(mon);
        break;
    case CHARDEV_WRITABLE:
        flush(mon);
        chardev_accept_input(mon->c);
        break;
    case CHARDEV_CLOSED:
    case CHARDEV_BREAK:
        break;
    }
}

struct monitor *monitor_new(const struct monitor_env *env, struct chardev *c)
{
    struct monitor *mon = g_new0(struct monitor, 1);

    mon->env = *env;
    mon->c = c;
    mon->pending = g_string_new(NULL);
    mon->line = line_new("(qemu) ", echo, run, complete, mon);
    chardev_set_handlers(c, can_read, take, event, mon);
    return mon;
}

void monitor_free(struct monitor *mon)
{
    if (!mon)
        return;
    chardev_set_handlers(mon->c, NULL, NULL, NULL, NULL);
    line_free(mon->line);
    g_string_free(mon->pending, TRUE);
    g_free(mon);
}
