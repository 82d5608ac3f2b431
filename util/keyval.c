/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of the form "value,key=value,flag,noflag". */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "util/keyval.h"

struct pair {
    char *key, *value;
    bool taken;
};

struct keyval {
    GArray *pairs; /* of struct pair */
};

static void pair_clear(gpointer p)
{
    struct pair *pair = p;

    g_free(pair->key);
    g_free(pair->value);
}

/* One part up to a single comma, with ",," made ","; moves *p past it. */
static char *next_part(const char **p)
{
    GString *part = g_string_new(NULL);
    const char *s = *p;

    for (; *s; s++) {
        if (*s == ',' && *++s != ',')
            break;
        g_string_append_c(part, *s);
    }
    *p = s;
    return g_string_free(part, FALSE);
}

void keyval_add(struct keyval *kv, const char *key, const char *value)
{
    struct pair pair = {g_strdup(key), g_strdup(value), false};

    g_array_append_val(kv->pairs, pair);
}

/* A part without '=': the implied key's value, or a flag. */
static void add_word(struct keyval *kv, const char *word, const char *implied)
{
    if (implied)
        keyval_add(kv, implied, word);
    else if (g_str_has_prefix(word, "no") && word[2])
        keyval_add(kv, word + 2, "off");
    else
        keyval_add(kv, word, "on");
}

struct keyval *keyval_new(void)
{
    struct keyval *kv = g_new0(struct keyval, 1);

    kv->pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
    g_array_set_clear_func(kv->pairs, pair_clear);
    return kv;
}

struct keyval *keyval_parse(const char *text, const char *implied, GError **err)
{
    struct keyval *kv = keyval_new();
    const char *p = text;

    while (*p) {
        g_autofree char *part = next_part(&p);
        char *eq = strchr(part, '=');

        if (eq == part || (!*part && !implied)) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "'%s': an option without a name", text);
            keyval_free(kv);
            return NULL;
        }
        if (eq) {
            *eq = '\0';
            keyval_add(kv, part, eq + 1);
        } else {
            add_word(kv, part, implied);
        }
        implied = NULL;
    }
    return kv;
}

void keyval_free(struct keyval *kv)
{
    if (!kv)
        return;
    g_array_unref(kv->pairs);
    g_free(kv);
}

const char *keyval_get(struct keyval *kv, const char *key)
{
    const char *value = NULL;

    for (guint i = 0; i < kv->pairs->len; i++) {
        struct pair *pair = &g_array_index(kv->pairs, struct pair, i);

        if (strcmp(pair->key, key) == 0) {
            pair->taken = true;
            value = pair->value;
        }
    }
    return value;
}

bool keyval_parse_bool(const char *text, bool *out)
{
    static const char *const on[] = {"on", "yes", "true", "y", NULL};
    static const char *const off[] = {"off", "no", "false", "n", NULL};
    bool yes = g_strv_contains(on, text);

    if (!yes && !g_strv_contains(off, text))
        return false;
    *out = yes;
    return true;
}

bool keyval_parse_number(const char *text, uint64_t *out)
{
    char *end;
    uint64_t n;

    errno = 0;
    n = strtoull(text, &end, 0);
    if (!g_ascii_isdigit(text[0]) || *end || errno)
        return false;
    *out = n;
    return true;
}

bool keyval_get_bool(struct keyval *kv, const char *key, bool *out,
                     GError **err)
{
    const char *value = keyval_get(kv, key);

    if (!value || keyval_parse_bool(value, out))
        return true;
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                "%s=%s: must be on or off", key, value);
    return false;
}

bool keyval_get_uint(struct keyval *kv, const char *key, uint64_t min,
                     uint64_t max, uint64_t *out, GError **err)
{
    const char *value = keyval_get(kv, key);
    uint64_t n;

    if (!value)
        return true;
    if (!keyval_parse_number(value, &n) || n < min || n > max) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "%s=%s: must be a number from %" G_GUINT64_FORMAT
                    " to %" G_GUINT64_FORMAT,
                    key, value, min, max);
        return false;
    }
    *out = n;
    return true;
}

const char *keyval_at(const struct keyval *kv, unsigned i, const char **value)
{
    struct pair *pair;

    if (i >= kv->pairs->len)
        return NULL;
    pair = &g_array_index(kv->pairs, struct pair, i);
    *value = pair->value;
    return pair->key;
}

bool keyval_finish(const struct keyval *kv, const char *what, const char *known,
                   GError **err)
{
    for (guint i = 0; i < kv->pairs->len; i++) {
        struct pair *pair = &g_array_index(kv->pairs, struct pair, i);

        if (pair->taken)
            continue;
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "%s: no option '%s'%s%s%s", what, pair->key,
                    known ? " (it has: " : "", known ? known : "",
                    known ? ")" : "");
        return false;
    }
    return true;
}

/* The factor of a suffix, 0 for none that we know. */
static uint64_t suffix_factor(const char *suffix, uint64_t unit)
{
    static const char letters[] = "bkmgt";
    const char *at;

    if (!*suffix)
        return unit;
    at = strchr(letters, g_ascii_tolower(*suffix));
    if (!at || suffix[1])
        return 0;
    return UINT64_C(1) << (10 * (at - letters));
}

bool keyval_parse_size(const char *text, uint64_t unit, uint64_t *bytes)
{
    char *end;
    uint64_t whole, factor;
    double fraction = 0;

    if (!g_ascii_isdigit(text[0]))
        return false;
    errno = 0;
    whole = strtoull(text, &end, 0);
    if (errno)
        return false;
    if (*end == '.')
        fraction = g_ascii_strtod(end, &end);
    factor = suffix_factor(end, unit);
    if (!factor || whole > UINT64_MAX / factor)
        return false;
    *bytes = whole * factor + (uint64_t)(fraction * (double)factor);
    return true;
}
