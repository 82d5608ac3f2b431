/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line editor of the human monitor. Only ASCII is printed: bytes above 0x7e are dropped. */
#include "config.h"
#include <string.h>
#include <glib.h>
#include "monitor/line.h"

#define CTRL(letter) ((letter) & 0x1f)
#define ESC 0x1b
#define DEL 0x7f

struct line {
    char *prompt;
    line_echo_fn echo;
    line_done_fn done;
    line_complete_fn complete;
    void *opaque;
    GString *text;
    size_t cursor;           /* in text */
    GPtrArray *history;      /* char *, oldest first */
    guint at;                /* which of them is shown; history->len: none */
    char *typed;             /* what was there before the history was looked at */
    enum { PLAIN, ESCAPED, SEQUENCE } state;
    unsigned number;         /* of an escape sequence: ESC [ number ~ */
};

struct line *line_new(const char *prompt, line_echo_fn echo, line_done_fn done, line_complete_fn complete, void *opaque)
{
    struct line *l = g_new0(struct line, 1);

    l->prompt = g_strdup(prompt);
    l->echo = echo;
    l->done = done;
    l->complete = complete;
    l->opaque = opaque;
    l->text = g_string_new(NULL);
    l->history = g_ptr_array_new_with_free_func(g_free);
    return l;
}

void line_free(struct line *l)
{
    g_free(l->prompt);
    g_free(l->typed);
    g_string_free(l->text, TRUE);
    g_ptr_array_free(l->history, TRUE);
    g_free(l);
}

/* ---- the screen ----------------------------------------------------------------------------- */

static void echo(struct line *l, const char *text)
{
    l->echo(l->opaque, text, strlen(text));
}

/* Cursor n places to the left. */
static void echo_back(struct line *l, size_t n)
{
    g_autofree char *text = g_strdup_printf("\x1b[%zuD", n);

    if (n)
        echo(l, text);
}

/* The rest of the line from byte `from`, where the screen's cursor is, and the cursor back to its place. */
static void redraw(struct line *l, size_t from)
{
    echo(l, l->text->str + from);
    echo(l, "\x1b[K");
    echo_back(l, l->text->len - l->cursor);
}

static void move(struct line *l, size_t to)
{
    if (to < l->cursor)
        echo_back(l, l->cursor - to);
    else
        l->echo(l->opaque, l->text->str + l->cursor, to - l->cursor);
    l->cursor = to;
}

void line_show(struct line *l)
{
    echo(l, l->prompt);
    echo(l, l->text->str);
    echo_back(l, l->text->len - l->cursor);
}

/* ---- editing -------------------------------------------------------------------------------- */

void line_reset(struct line *l)
{
    g_string_truncate(l->text, 0);
    l->cursor = 0;
    l->at = l->history->len;
    l->state = PLAIN;
    g_clear_pointer(&l->typed, g_free);
}

static void insert(struct line *l, const char *text)
{
    size_t from = l->cursor;

    if (l->text->len + strlen(text) > LINE_MAX_LEN)
        return;
    g_string_insert(l->text, (gssize)l->cursor, text);
    l->cursor += strlen(text);
    if (l->cursor == l->text->len)
        echo(l, text);
    else
        redraw(l, from);
}

/* Delete the n bytes from `from` on; the cursor goes there. */
static void erase(struct line *l, size_t from, size_t n)
{
    if (!n)
        return;
    move(l, from);
    g_string_erase(l->text, (gssize)from, (gssize)n);
    redraw(l, from);
}

static void replace(struct line *l, const char *text)
{
    move(l, 0);
    g_string_assign(l->text, text);
    l->cursor = l->text->len;
    redraw(l, 0);
}

static size_t word_start(const struct line *l)
{
    size_t i = l->cursor;

    while (i && l->text->str[i - 1] == ' ')
        i--;
    while (i && l->text->str[i - 1] != ' ')
        i--;
    return i;
}

/* Show the line `step` further on in the history, the one being typed after the last. */
static void browse(struct line *l, int step)
{
    if ((step < 0 && !l->at) || (step > 0 && l->at == l->history->len))
        return;
    if (l->at == l->history->len) {
        g_free(l->typed);
        l->typed = g_strdup(l->text->str);
    }
    l->at += (guint)step;
    replace(l, l->at < l->history->len ? g_ptr_array_index(l->history, l->at) : l->typed);
}

static void remember(struct line *l, const char *text)
{
    guint n = l->history->len;

    if (!*text || (n && !strcmp(g_ptr_array_index(l->history, n - 1), text)))
        return;
    if (n == LINE_HISTORY)
        g_ptr_array_remove_index(l->history, 0);
    g_ptr_array_add(l->history, g_strdup(text));
}

static void enter(struct line *l)
{
    g_autofree char *text = g_strdup(l->text->str);

    echo(l, "\r\n");
    remember(l, text);
    line_reset(l);
    l->done(l->opaque, text);
}

static void complete(struct line *l)
{
    g_autofree char *head = g_strndup(l->text->str, l->cursor);
    g_autofree char *more = l->complete ? l->complete(l->opaque, head) : NULL;

    if (more)
        insert(l, more);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void plain_key(struct line *l, uint8_t key)
{
    const char text[2] = { (char)key, 0 };

    switch (key) {
    case '\r':
    case '\n':
        enter(l);
        break;
    case '\t':
        complete(l);
        break;
    case ESC:
        l->state = ESCAPED;
        break;
    case DEL:
    case CTRL('H'):
        erase(l, l->cursor - (l->cursor > 0), l->cursor > 0);
        break;
    case CTRL('A'):
        move(l, 0);
        break;
    case CTRL('B'):
        move(l, l->cursor - (l->cursor > 0));
        break;
    case CTRL('C'):
        echo(l, "\r\n");
        line_reset(l);
        line_show(l);
        break;
    case CTRL('D'):
        erase(l, l->cursor, l->cursor < l->text->len);
        break;
    case CTRL('E'):
        move(l, l->text->len);
        break;
    case CTRL('F'):
        move(l, l->cursor + (l->cursor < l->text->len));
        break;
    case CTRL('K'):
        erase(l, l->cursor, l->text->len - l->cursor);
        break;
    case CTRL('L'):
        echo(l, "\x1b[2J\x1b[H");
        line_show(l);
        break;
    case CTRL('N'):
        browse(l, 1);
        break;
    case CTRL('P'):
        browse(l, -1);
        break;
    case CTRL('U'):
        erase(l, 0, l->cursor);
        break;
    case CTRL('W'):
        erase(l, word_start(l), l->cursor - word_start(l));
        break;
    default:
        if (key >= ' ' && key < DEL)
            insert(l, text);
    }
}

/* ECMA-48 5.4: parameter bytes are digits here; the final byte says which key it was. Others are dropped. */
static void sequence_key(struct line *l, uint8_t key)
{
    static const struct { uint8_t final; unsigned number; uint8_t as; } keys[] = {
        { 'A', 0, CTRL('P') }, { 'B', 0, CTRL('N') }, { 'C', 0, CTRL('F') }, { 'D', 0, CTRL('B') },
        { 'H', 0, CTRL('A') }, { 'F', 0, CTRL('E') }, { '~', 1, CTRL('A') }, { '~', 4, CTRL('E') },
        { '~', 7, CTRL('A') }, { '~', 8, CTRL('E') }, { '~', 3, CTRL('D') },
    };

    if (g_ascii_isdigit(key)) {
        l->number = (l->number * 10 + (key - '0')) % 1000;
        return;
    }
    if (key >= 0x20 && key < 0x40)
        return;
    l->state = PLAIN;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].final == key && keys[i].number == l->number)
            plain_key(l, keys[i].as);
}

void line_key(struct line *l, uint8_t key)
{
    switch (l->state) {
    case PLAIN:
        plain_key(l, key);
        break;
    case ESCAPED:
        l->number = 0;
        l->state = key == '[' || key == 'O' ? SEQUENCE : PLAIN;
        break;
    case SEQUENCE:
        sequence_key(l, key);
        break;
    }
}
