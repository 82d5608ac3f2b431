/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options written "virt,gic-version=2,dumpdtb=x": the syntax of -machine,
 * -device, -chardev and so on.
 *
 *   key=value    a comma in the value is written ",,"
 *   key, nokey   short for key=on, key=off
 *   value        first only, and only where an implied key is given
 *
 * Readers take keys out one by one; keyval_finish then names the first key
 * that nobody took.
 */
#ifndef UTIL_KEYVAL_H
#define UTIL_KEYVAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct keyval;

/* Parses text.  `implied` is the key of a first part without '=' ("driver"),
 * or NULL.  NULL and an error for an empty key. */
struct keyval *keyval_parse(const char *text, const char *implied,
                            GError **err);
/* The same from a JSON object: keys of objects inside it are written
 * "outer.inner".  true and false become on and off. */
struct keyval *keyval_parse_json(const char *text, GError **err);
/* From JSON when text begins with '{', else as keyval_parse. */
struct keyval *keyval_parse_any(const char *text, const char *implied, GError **err);
/* An empty one, and one pair more. */
struct keyval *keyval_new(void);
void keyval_add(struct keyval *kv, const char *key, const char *value);
void keyval_free(struct keyval *kv);

/* The last value given for key, and marks it taken; NULL if there is none.
 * Borrowed from kv. */
const char *keyval_get(struct keyval *kv, const char *key);

/* The same for on/off (also yes/no, true/false); *out stays as it is when the
 * key is not there.  false with an error for other values. */
bool keyval_get_bool(struct keyval *kv, const char *key, bool *out,
                     GError **err);

/* The same for a number from min to max, decimal or 0x. */
bool keyval_get_uint(struct keyval *kv, const char *key, uint64_t min,
                     uint64_t max, uint64_t *out, GError **err);

/* Walks all pairs in order, for readers with a table of their own: the i-th
 * key, or NULL after the last; *value is borrowed.  Marks nothing. */
const char *keyval_at(const struct keyval *kv, unsigned i, const char **value);

/* false with an error "WHAT: no option 'KEY' (it has: KNOWN)" when a key was
 * not taken.  `known` may be NULL. */
bool keyval_finish(const struct keyval *kv, const char *what, const char *known,
                   GError **err);

/* "512", "512M", "4k", "1.5G", "0x1000": bytes (suffixes k, M, G, T, each 1024
 * times the one before, in either case; `unit` multiplies a bare number).
 * false if text is not such a size. */
bool keyval_parse_size(const char *text, uint64_t unit, uint64_t *bytes);

/* on/off, yes/no, true/false; decimal, 0x hexadecimal or 0 octal. false, and
 * *out stays as it is, if the whole text is not that. */
bool keyval_parse_bool(const char *text, bool *out);
bool keyval_parse_number(const char *text, uint64_t *out);

#endif
