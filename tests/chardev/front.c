/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The recording front end of the chardev tests. */
#include "config.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/chardev/front.h"
#include "tests/suite.h"

enum { LIMIT_US = 5 * 1000 * 1000 };

static int can_read(void *opaque)
{
    return ((struct front *)opaque)->room;
}

static void take(void *opaque, const uint8_t *buf, size_t len)
{
    struct front *f = opaque;

    ck_assert_uint_le(len, (size_t)f->room);
    f->room -= (int)len;
    g_string_append_len(f->input, (const char *)buf, (gssize)len);
}

static void event(void *opaque, enum chardev_event e)
{
    g_string_append_c(((struct front *)opaque)->events, "ocbwiu"[e]);
}

struct front *front_new(struct chardev *c, int room)
{
    struct front *f = g_new0(struct front, 1);

    f->c = c;
    f->room = room;
    f->input = g_string_new("");
    f->events = g_string_new("");
    chardev_set_handlers(c, can_read, take, event, f);
    return f;
}

void front_free(struct front *f)
{
    g_string_free(f->input, TRUE);
    g_string_free(f->events, TRUE);
    g_free(f);
}

void front_add_room(struct front *f, int more)
{
    f->room += more;
    chardev_accept_input(f->c);
}

static void expect(struct event_loop *loop, GString *got, const char *text)
{
    gint64 end = g_get_monotonic_time() + LIMIT_US;

    while (!strstr(got->str, text)) {
        ck_assert_msg(g_get_monotonic_time() < end, "'%s' lacks '%s'", got->str,
                      text);
        if (!event_loop_poll(loop, false))
            usleep(500);
    }
}

void front_expect_input(struct event_loop *loop, struct front *f,
                        const char *text)
{
    expect(loop, f->input, text);
}

void front_expect_events(struct event_loop *loop, struct front *f,
                         const char *letters)
{
    expect(loop, f->events, letters);
}

void run_for_ms(struct event_loop *loop, int ms)
{
    gint64 end = g_get_monotonic_time() + ms * 1000;

    while (g_get_monotonic_time() < end) {
        if (!event_loop_poll(loop, false))
            usleep(500);
    }
}

struct chardev *must_make(struct event_loop *loop, const char *spec)
{
    GError *err = NULL;
    struct chardev *c = chardev_new(spec, loop, &err);

    ck_assert_msg(c != NULL, "%s: %s", spec, err ? err->message : "");
    return c;
}

void must_fail(struct event_loop *loop, const char *spec, ...)
{
    GError *err = NULL;
    struct chardev *c = chardev_new(spec, loop, &err);
    const char *text;
    va_list args;

    ck_assert_msg(c == NULL, "%s: made", spec);
    ck_assert_ptr_nonnull(err);
    va_start(args, spec);
    while ((text = va_arg(args, const char *)))
        ck_assert_msg(strstr(err->message, text), "'%s' lacks '%s'",
                      err->message, text);
    va_end(args);
    ck_assert_ptr_null(strchr(err->message, '\n'));
    g_error_free(err);
}

void fd_expect(struct event_loop *loop, int fd, GString *got, const char *text)
{
    gint64 end = g_get_monotonic_time() + LIMIT_US;

    while (!strstr(got->str, text)) {
        struct pollfd p = {fd, POLLIN, 0};
        char buf[4096];

        ck_assert_msg(g_get_monotonic_time() < end, "'%s' lacks '%s'", got->str,
                      text);
        while (event_loop_poll(loop, false))
            ;
        if (poll(&p, 1, 1) == 1 && (p.revents & POLLIN)) {
            ssize_t n = read(fd, buf, sizeof(buf));

            if (n > 0)
                g_string_append_len(got, buf, n);
        }
    }
}
