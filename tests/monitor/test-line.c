/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of monitor/line.c: the screen is a model of one terminal line. */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include "monitor/line.h"
#include "tests/suite.h"

static struct line *line;
static GString *screen, *done;
static size_t column;

/* What the editor uses of a terminal: characters, \r, \n, ESC [ n D, ESC [ K; a screen that is cleared is a new line here. */
static void echo(void *opaque, const char *text, size_t len)
{
    const char *end = text + len;

    (void)opaque;
    while (text < end) {
        if (*text == '\r' || *text == '\n') {
            column = 0;
            g_string_truncate(screen, 0);
        } else if (!strncmp(text, "\x1b[2J\x1b[H", 7)) {
            column = 0;
            g_string_truncate(screen, 0);
            text += 6;
        } else if (!strncmp(text, "\x1b[K", 3)) {
            g_string_truncate(screen, column);
            text += 2;
        } else if (*text == 0x1b) {
            char *after;
            size_t n = strtoul(text + 2, &after, 10);

            ck_assert_int_eq(*after, 'D');
            ck_assert_uint_le(n, column);
            column -= n;
            text = after;
        } else if (column < screen->len) {
            screen->str[column++] = *text;
        } else {
            g_string_append_c(screen, *text);
            column++;
        }
        text++;
    }
}

static void take(void *opaque, const char *text)
{
    (void)opaque;
    g_string_append_printf(done, "<%s>", text);
}

static char *complete(void *opaque, const char *head)
{
    (void)opaque;
    return strcmp(head, "in") ? NULL : g_strdup("fo");
}

static void setup(void)
{
    screen = g_string_new(NULL);
    done = g_string_new(NULL);
    column = 0;
    line = line_new("> ", echo, take, complete, NULL);
    line_show(line);
}

static void teardown(void)
{
    line_free(line);
    g_string_free(screen, TRUE);
    g_string_free(done, TRUE);
}

static void keys(const char *text)
{
    for (; *text; text++)
        line_key(line, (uint8_t)*text);
}

/* The screen after these keys, and the line they make. */
static void check(const char *text, const char *shown, size_t col, const char *result)
{
    keys(text);
    ck_assert_str_eq(screen->str, shown);
    ck_assert_uint_eq(column, col);
    keys("\r");
    ck_assert_str_eq(done->str, result);
    g_string_truncate(done, 0);
    line_show(line);
}

START_TEST(keys_make_a_line)
{
    check("info status", "> info status", 13, "<info status>");
    check("", "> ", 2, "<>");
    check("a\x80\xff\x01" "b", "> ba", 3, "<ba>");
}
END_TEST

START_TEST(editing_shows_what_the_line_is)
{
    check("stpo\x7f\x7fop", "> stop", 6, "<stop>");
    check("\x7f\x08x", "> x", 3, "<x>");
    check("help\x1b[D\x1b[D!", "> he!lp", 5, "<he!lp>");
    check("help\x1bOD\x1b[D\x1b[C\x04", "> hel", 5, "<hel>");
    check("abc\x1b[H\x1b[3~", "> bc", 2, "<bc>");
    check("abc\x1b[1~x\x1b[4~y", "> xabcy", 7, "<xabcy>");
    check("abc\x15" "d", "> d", 3, "<d>");
    check("one two  \x17three", "> one three", 11, "<one three>");
    check("one two\x02\x02\x0b", "> one t", 7, "<one t>");
    check("x\x1b[99;5~y\x1b[Zz\x1bq", "> xyz", 5, "<xyz>");
    check("gone\x03" "b", "> b", 3, "<b>");
    check("kept\x0c", "> kept", 6, "<kept>");
}
END_TEST

START_TEST(tab_completes)
{
    check("in\t", "> info", 6, "<info>");
    check("out\t", "> out", 5, "<out>");
}
END_TEST

START_TEST(history_goes_back_and_forth)
{
    check("one", "> one", 5, "<one>");
    check("two", "> two", 5, "<two>");
    check("two", "> two", 5, "<two>");
    check("thr\x1b[A\x1b[A", "> one", 5, "<one>");
    check("thr\x1b[A\x1b[A\x1b[A\x1b[A\x1b[B", "> two", 5, "<two>");
    check("thr\x1b[A\x1b[B\x1b[B" "ee", "> three", 7, "<three>");
    for (int i = 0; i < 3 * LINE_HISTORY; i++) {
        char text[16];

        snprintf(text, sizeof(text), "n%d\r", i);
        keys(text);
    }
    g_string_truncate(done, 0);
    line_show(line);
    for (int i = 0; i < 2 * LINE_HISTORY; i++)
        keys("\x10");
    check("", "> n128", 6, "<n128>");
}
END_TEST

START_TEST(a_line_has_an_end)
{
    for (int i = 0; i < 3 * LINE_MAX_LEN; i++)
        keys("x");
    keys("\r");
    ck_assert_uint_eq(done->len, LINE_MAX_LEN + 2);
}
END_TEST

START_TEST(any_bytes_are_survived)
{
    unsigned seed = 1;

    for (int i = 0; i < 200000; i++) {
        seed = seed * 1103515245 + 12345;
        line_key(line, (uint8_t)(seed >> 16));
    }
}
END_TEST

static Suite *suite_line(void)
{
    Suite *s = suite_create("monitor-line");
    TCase *tc = tcase_create("line");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, keys_make_a_line);
    tcase_add_test(tc, editing_shows_what_the_line_is);
    tcase_add_test(tc, tab_completes);
    tcase_add_test(tc, history_goes_back_and_forth);
    tcase_add_test(tc, a_line_has_an_end);
    tcase_add_test(tc, any_bytes_are_survived);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_line)
