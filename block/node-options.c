/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of nodes that -drive and -blockdev share. */
#include "config.h"
#include <string.h>
#include "block/node-options.h"

#define MAX_NAME 31

static bool fail(GError **err, const char *prefix, const char *key, const char *value, const char *want)
{
    g_set_error(err, g_quark_from_static_string("drive"), 0, "%s%s=%s: must be %s", prefix, key, value, want);
    return false;
}

const char *node_get(struct keyval *kv, const char *prefix, const char *key)
{
    g_autofree char *name = g_strconcat(prefix, key, NULL);

    return keyval_get(kv, name);
}

bool node_get_word(struct keyval *kv, const char *prefix, const char *key, const char *const *words, unsigned *out, GError **err)
{
    const char *value = node_get(kv, prefix, key);
    g_autofree char *all = NULL;

    if (!value)
        return true;
    for (unsigned i = 0; words[i]; i++)
        if (!strcmp(words[i], value)) {
            *out = i;
            return true;
        }
    all = g_strjoinv(" or ", (char **)words);
    return fail(err, prefix, key, value, all);
}

bool node_get_bool(struct keyval *kv, const char *prefix, const char *key, bool *out, GError **err)
{
    const char *value = node_get(kv, prefix, key);

    return !value || keyval_parse_bool(value, out) || fail(err, prefix, key, value, "on or off");
}

bool node_get_size(struct keyval *kv, const char *prefix, const char *key, uint64_t *out, GError **err)
{
    const char *value = node_get(kv, prefix, key);

    return !value || keyval_parse_size(value, 1, out) || fail(err, prefix, key, value, "a size");
}

static bool get_aio(struct keyval *kv, const char *prefix, struct block_options *o, GError **err)
{
    static const char *const words[] = { "threads", "io_uring", "native", NULL };
    static const enum block_aio kinds[] = { BLOCK_AIO_THREADS, BLOCK_AIO_URING, BLOCK_AIO_AUTO };
    unsigned i = G_N_ELEMENTS(kinds);

    if (!node_get_word(kv, prefix, "aio", words, &i, err))
        return false;
    if (i < G_N_ELEMENTS(kinds))
        o->aio = kinds[i];
    return true;
}

bool node_get_options(struct keyval *kv, const char *prefix, struct block_options *o, GError **err)
{
    static const char *const discards[] = { "ignore", "off", "unmap", "on", NULL };
    static const char *const detects[] = { "off", "on", "unmap", NULL };
    static const char *const lockings[] = { "on", "auto", "off", NULL };
    unsigned discard = o->discard ? 2 : 0, detect = o->detect_zeroes, locking = o->no_lock ? 2 : 0;

    if (!node_get_bool(kv, prefix, "read-only", &o->readonly, err) ||
        !node_get_bool(kv, prefix, "auto-read-only", &o->auto_readonly, err) ||
        !node_get_bool(kv, prefix, "cache.direct", &o->direct, err) ||
        !node_get_bool(kv, prefix, "cache.no-flush", &o->no_flush, err) ||
        !node_get_word(kv, prefix, "discard", discards, &discard, err) ||
        !node_get_word(kv, prefix, "detect-zeroes", detects, &detect, err) ||
        !node_get_word(kv, prefix, "locking", lockings, &locking, err) || !get_aio(kv, prefix, o, err))
        return false;
    o->discard = discard >= 2;
    o->detect_zeroes = (enum block_detect_zeroes)detect;
    o->no_lock = locking == 2;
    return o->detect_zeroes != BLOCK_DETECT_UNMAP || o->discard ||
           fail(err, prefix, "detect-zeroes", "unmap", "with discard=unmap");
}

bool node_check_name(const char *what, const char *name, GError **err)
{
    bool ok = g_ascii_isalpha(name[0]) && strlen(name) <= MAX_NAME;

    for (const char *p = name; ok && *p; p++)
        ok = g_ascii_isalnum(*p) || strchr("-._", *p);
    return ok || fail(err, "", what, name, "letters, digits, '-', '.', '_', a letter first, at most 31");
}
