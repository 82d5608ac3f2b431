/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line editor without a terminal of its own: bytes from the keyboard go in, what the screen should show comes out.
 * It understands what ANSI terminals send for arrows, Home, End and Delete, and Ctrl with A B C D E F H K L N P U W.
 */
#ifndef MONITOR_LINE_H
#define MONITOR_LINE_H

#include <stddef.h>
#include <stdint.h>

/* Longest line in bytes; what is typed beyond it is dropped. */
#define LINE_MAX_LEN 4095
#define LINE_HISTORY 64

struct line;

/* What to show; text is not terminated. */
typedef void (*line_echo_fn)(void *opaque, const char *text, size_t len);
/* A whole line, without its end. The editor is ready for the next one already; the caller shows the prompt when it wants that. */
typedef void (*line_done_fn)(void *opaque, const char *text);
/* What the word before the cursor can go on with ("" for nothing), g_malloc'ed; head is the line up to the cursor. */
typedef char *(*line_complete_fn)(void *opaque, const char *head);

struct line *line_new(const char *prompt, line_echo_fn echo, line_done_fn done, line_complete_fn complete, void *opaque);
void line_free(struct line *l);
/* One byte of input. */
void line_key(struct line *l, uint8_t key);
/* Show the prompt and what has been typed after it. */
void line_show(struct line *l);
/* Forget what has been typed; the history stays. */
void line_reset(struct line *l);

#endif
