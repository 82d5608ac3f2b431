/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -drive: options, images by id. */
#include "config.h"
#include <string.h>
#include "block/block.h"
#include "block/drives.h"
#include "util/keyval.h"

struct drive {
    char *id;
    bool virtio, pflash, taken;
    unsigned unit;           /* of pflash */
    struct block *image;
};

struct drives {
    struct event_loop *loop;
    GPtrArray *list;         /* struct drive * */
};

static void drive_free(gpointer p)
{
    struct drive *d = p;

    block_free(d->image);
    g_free(d->id);
    g_free(d);
}

struct drives *drives_new(struct event_loop *loop)
{
    struct drives *d = g_new0(struct drives, 1);

    d->loop = loop;
    d->list = g_ptr_array_new_with_free_func(drive_free);
    return d;
}

void drives_free(struct drives *d)
{
    if (!d)
        return;
    g_ptr_array_free(d->list, TRUE);
    g_free(d);
}

static struct drive *find(const struct drives *d, const char *id)
{
    for (guint i = 0; i < d->list->len; i++) {
        struct drive *x = g_ptr_array_index(d->list, i);

        if (!strcmp(x->id, id))
            return x;
    }
    return NULL;
}

static struct drive *find_pflash(const struct drives *d, unsigned unit)
{
    for (guint i = 0; i < d->list->len; i++) {
        struct drive *x = g_ptr_array_index(d->list, i);

        if (x->pflash && x->unit == unit)
            return x;
    }
    return NULL;
}

static bool fail(GError **err, const char *spec, const char *why)
{
    g_set_error(err, g_quark_from_static_string("drive"), 0, "-drive %s: %s", spec, why);
    return false;
}

/* Options that have one supported value, which is also what happens without them. */
static bool only(struct keyval *kv, const char *key, const char *value, const char *spec, GError **err)
{
    const char *v = keyval_get(kv, key);
    g_autofree char *why = NULL;

    if (!v || !strcmp(v, value))
        return true;
    why = g_strdup_printf("%s=%s is not supported; the nearest is %s=%s", key, v, key, value);
    return fail(err, spec, why);
}

/* if=, and for pflash its unit: the first that is free without unit=. */
static bool read_interface(struct drives *d, struct drive *x, struct keyval *kv, const char *spec, GError **err)
{
    const char *interface = keyval_get(kv, "if");
    uint64_t unit = 0;

    x->virtio = !interface || !strcmp(interface, "virtio");
    x->pflash = interface && !strcmp(interface, "pflash");
    if (!x->virtio && !x->pflash && strcmp(interface, "none"))
        return fail(err, spec, "if= is virtio, pflash or none");
    if (!x->pflash)
        return true;
    while (find_pflash(d, (unsigned)unit))
        unit++;
    if (!keyval_get_uint(kv, "unit", 0, 255, &unit, err) || !keyval_get_uint(kv, "index", 0, 255, &unit, err))
        return false;
    x->unit = (unsigned)unit;
    return !find_pflash(d, x->unit) || fail(err, spec, "another -drive if=pflash has this unit");
}

static bool read_options(struct drives *d, struct drive *x, struct keyval *kv, const char *spec, GError **err)
{
    const char *file = keyval_get(kv, "file"), *id = keyval_get(kv, "id");
    bool readonly = false;

    if (!file)
        return fail(err, spec, "it needs file=FILE");
    if (!read_interface(d, x, kv, spec, err))
        return false;
    x->id = id ? g_strdup(id) : g_strdup_printf("drive%u", d->list->len);
    if (find(d, x->id))
        return fail(err, spec, "the id is taken by another -drive");
    if (!x->virtio && !x->pflash && !id)
        return fail(err, spec, "if=none needs an id=ID for -device virtio-blk-device,drive=ID");
    if (!only(kv, "format", "raw", spec, err) || !only(kv, "media", "disk", spec, err) ||
        !only(kv, "cache", "writeback", spec, err) || !only(kv, "snapshot", "off", spec, err) ||
        !keyval_get_bool(kv, "readonly", &readonly, err) || !keyval_get_bool(kv, "read-only", &readonly, err) ||
        !keyval_finish(kv, "-drive", "file, if, unit, id, format, readonly", err))
        return false;
    x->image = block_open(file, readonly, d->loop, err);
    return x->image != NULL;
}

bool drives_add(struct drives *d, const char *spec, GError **err)
{
    struct keyval *kv = keyval_parse(spec, "file", err);
    struct drive *x;
    bool ok;

    if (!kv)
        return false;
    x = g_new0(struct drive, 1);
    ok = read_options(d, x, kv, spec, err);
    keyval_free(kv);
    if (ok)
        g_ptr_array_add(d->list, x);
    else
        drive_free(x);
    return ok;
}

struct block *drives_attach(struct drives *d, const char *id, GError **err)
{
    struct drive *x = find(d, id);

    if (!x || x->taken) {
        g_set_error(err, g_quark_from_static_string("drive"), 0, "drive=%s: %s", id,
                    x ? "another device has it" : "there is no -drive with this id");
        return NULL;
    }
    x->taken = true;
    return x->image;
}

struct block *drives_pflash(struct drives *d, unsigned unit)
{
    struct drive *x = find_pflash(d, unit);

    if (!x)
        return NULL;
    x->taken = true;
    return x->image;
}

const char *drives_virtio(const struct drives *d, unsigned i)
{
    for (guint n = 0; n < d->list->len; n++) {
        const struct drive *x = g_ptr_array_index(d->list, n);

        if (x->virtio && i-- == 0)
            return x->id;
    }
    return NULL;
}
