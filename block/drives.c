/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -drive and -blockdev: which images there are, under which names, and who has them. */
#include "config.h"
#include <string.h>
#include "block/drives.h"
#include "block/internal.h"
#include "block/node-options.h"

#define DRIVE_KEYS "file, if, index, unit, id, node-name, format, media, snapshot, cache, werror, rerror, readonly, " NODE_OPTIONS
#define NODE_KEYS "driver, node-name, filename, file, offset, size, " NODE_OPTIONS

enum interface { IF_VIRTIO, IF_IDE, IF_FLOPPY, IF_NONE, IF_PFLASH };
static const char *const interfaces[] = { "virtio", "ide", "floppy", "none", "pflash", NULL };
#define IDE_UNITS 2              /* of a bus */

/* A -drive, or a node of -blockdev that has a name. */
struct drive {
    char *id;                /* NULL: a node of -blockdev */
    char *node_name;         /* or NULL */
    unsigned interface;      /* enum interface */
    uint64_t index;          /* order of virtio and IDE, unit of floppy and pflash */
    bool cdrom;
    bool taken, snapshot;
    struct block *image;
};

struct drives {
    struct event_loop *loop;
    unsigned default_if;     /* enum interface */
    bool snapshot;
    GPtrArray *list;         /* struct drive * */
    GPtrArray *blocks;       /* struct block *, all, each after those that it stands on */
};

/* What one -drive says, while it is being read. */
struct reader {
    struct drives *d;
    struct keyval *kv;
    struct block_options o;
    struct drive *x;
    bool snapshot;
    enum block_on_error on_read, on_write;
};

static void drive_free(gpointer p)
{
    struct drive *x = p;

    g_free(x->id);
    g_free(x->node_name);
    g_free(x);
}

struct drives *drives_new(struct event_loop *loop)
{
    struct drives *d = g_new0(struct drives, 1);

    d->loop = loop;
    d->list = g_ptr_array_new_with_free_func(drive_free);
    d->blocks = g_ptr_array_new();
    return d;
}

void drives_free(struct drives *d)
{
    if (!d)
        return;
    for (guint i = d->blocks->len; i-- > 0;)
        block_free(g_ptr_array_index(d->blocks, i));
    g_ptr_array_free(d->blocks, TRUE);
    g_ptr_array_free(d->list, TRUE);
    g_free(d);
}

void drives_snapshot(struct drives *d)
{
    d->snapshot = true;
}

/* Ids and node-names are one set of names. */
static struct drive *find(const struct drives *d, const char *name)
{
    for (guint i = 0; i < d->list->len; i++) {
        struct drive *x = g_ptr_array_index(d->list, i);

        if (!g_strcmp0(x->id, name) || !g_strcmp0(x->node_name, name))
            return x;
    }
    return NULL;
}

static bool find_place(const struct drives *d, unsigned interface, uint64_t index)
{
    for (guint i = 0; i < d->list->len; i++) {
        const struct drive *x = g_ptr_array_index(d->list, i);

        if (x->id && x->interface == interface && x->index == index)
            return true;
    }
    return false;
}

static bool fail(GError **err, const char *why)
{
    g_set_error_literal(err, g_quark_from_static_string("drive"), 0, why);
    return false;
}

static bool check_new_name(const struct drives *d, const char *what, const char *name, GError **err)
{
    if (!node_check_name(what, name, err))
        return false;
    if (!find(d, name))
        return true;
    g_set_error(err, g_quark_from_static_string("drive"), 0, "%s=%s: the name is taken by another drive or node", what, name);
    return false;
}

/* Later nodes may stand on b. */
static struct block *keep(struct drives *d, struct block *b)
{
    if (b)
        g_ptr_array_add(d->blocks, b);
    return b;
}

/* ---- -drive ------------------------------------------------------------------------------------------- */

/* Options that have one supported value, which is also what happens without them. */
static bool only(struct keyval *kv, const char *key, const char *value, GError **err)
{
    const char *v = keyval_get(kv, key);

    if (!v || !strcmp(v, value))
        return true;
    g_set_error(err, g_quark_from_static_string("drive"), 0, "%s=%s is not supported; the nearest is %s=%s", key, v, key, value);
    return false;
}

/* unit= and index= are the same but for IDE, which has buses of two. */
static bool read_index(struct reader *r, GError **err)
{
    struct drive *x = r->x;
    uint64_t bus = 0, unit = 0;
    bool ide = x->interface == IF_IDE, given = keyval_get(r->kv, "unit") || (ide && keyval_get(r->kv, "bus"));

    if (ide && keyval_get(r->kv, "index") && given)
        return fail(err, "index= goes without bus= and unit=");
    if (!keyval_get_uint(r->kv, "unit", 0, ide ? IDE_UNITS - 1 : 255, &unit, err) ||
        !(ide ? keyval_get_uint(r->kv, "bus", 0, 127, &bus, err) : only(r->kv, "bus", "0", err)))
        return false;
    if (given)
        x->index = bus * (ide ? IDE_UNITS : 0) + unit;
    return keyval_get_uint(r->kv, "index", 0, 255, &x->index, err);
}

static char *make_id(const struct drive *x)
{
    unsigned i = (unsigned)x->index;

    if (x->interface == IF_IDE)
        return g_strdup_printf("ide%u-%s%u", i / IDE_UNITS, x->cdrom ? "cd" : "hd", i % IDE_UNITS);
    return g_strdup_printf("%s%u", interfaces[x->interface], i);
}

/* if=, index= or unit=, id= or one made from them, as QEMU makes it. */
static bool read_place(struct reader *r, GError **err)
{
    struct drive *x = r->x;
    const char *id = keyval_get(r->kv, "id"), *node = keyval_get(r->kv, "node-name");

    x->interface = r->d->default_if;
    if (!node_get_word(r->kv, "", "if", interfaces, &x->interface, err))
        return false;
    while (find_place(r->d, x->interface, x->index))
        x->index++;
    if (!read_index(r, err))
        return false;
    if (x->interface != IF_NONE && find_place(r->d, x->interface, x->index))
        return fail(err, "another drive with the same if= has this index or unit");
    if ((id && !check_new_name(r->d, "id", id, err)) || (node && !check_new_name(r->d, "node-name", node, err)))
        return false;
    x->id = id ? g_strdup(id) : make_id(x);
    x->node_name = g_strdup(node);
    return id || !find(r->d, x->id) || fail(err, "the id that it would get is taken; give it another with id=ID");
}

static bool read_cache(struct reader *r, GError **err)
{
    static const char *const modes[] = { "writeback", "writethrough", "none", "directsync", "unsafe", NULL };
    enum { WRITEBACK, WRITETHROUGH, NONE, DIRECTSYNC, UNSAFE };
    unsigned mode = WRITEBACK;
    bool writeback;

    if (!node_get_word(r->kv, "", "cache", modes, &mode, err))
        return false;
    r->o.direct = mode == NONE || mode == DIRECTSYNC;
    r->o.no_flush = mode == UNSAFE;
    writeback = mode != WRITETHROUGH && mode != DIRECTSYNC;
    if (!node_get_bool(r->kv, "", "cache.writeback", &writeback, err))
        return false;
    r->o.writethrough = !writeback;
    return true;
}

static bool read_on_error(struct reader *r, const char *key, bool reading, enum block_on_error *out, GError **err)
{
    const char *v = keyval_get(r->kv, key);

    if (!v || block_parse_on_error(v, reading, out))
        return true;
    g_set_error(err, g_quark_from_static_string("drive"), 0, "%s=%s: must be report, ignore%s or stop", key, v,
                reading ? "" : ", enospc");
    return false;
}

static bool read_drive(struct reader *r, GError **err)
{
    static const char *const medias[] = { "disk", "cdrom", NULL };
    unsigned media = 0;

    r->snapshot = r->d->snapshot;
    r->x->cdrom = !g_strcmp0(keyval_get(r->kv, "media"), "cdrom");
    if (!read_place(r, err) || !only(r->kv, "format", "raw", err) || !only(r->kv, "driver", "raw", err) ||
        !only(r->kv, "file.driver", "file", err) || !only(r->kv, "copy-on-read", "off", err) || !read_cache(r, err) ||
        !node_get_word(r->kv, "", "media", medias, &media, err) ||
        !node_get_bool(r->kv, "", "snapshot", &r->snapshot, err) ||
        !read_on_error(r, "rerror", true, &r->on_read, err) || !read_on_error(r, "werror", false, &r->on_write, err))
        return false;
    r->o.readonly = media == 1;
    return node_get_bool(r->kv, "", "readonly", &r->o.readonly, err) && node_get_options(r->kv, "", &r->o, err) &&
           node_get_options(r->kv, "file.", &r->o, err);
}

static bool open_drive(struct reader *r, GError **err)
{
    const char *file = keyval_get(r->kv, "file"), *filename = keyval_get(r->kv, "file.filename");
    bool overlay = r->snapshot && !r->o.readonly;
    struct block *b;

    if (!file)
        file = filename;
    if (!file)
        return fail(err, "it needs file=FILE");
    if (!keyval_finish(r->kv, "-drive", DRIVE_KEYS, err))
        return false;
    r->o.readonly |= overlay;
    b = keep(r->d, block_open(r->x->id, file, &r->o, r->d->loop, err));
    if (b && overlay)
        b = keep(r->d, block_open_overlay(r->x->id, b, r->d->loop, err));
    if (!b)
        return false;
    r->x->snapshot = overlay;
    block_set_on_error(b, r->on_read, r->on_write);
    r->x->image = b;
    return true;
}

static bool is_open_error(const GError *err)
{
    return err && err->domain == g_quark_from_static_string("block");
}

bool drives_add(struct drives *d, const char *spec, GError **err)
{
    struct reader r = { .d = d, .x = g_new0(struct drive, 1), .kv = keyval_parse(spec, "file", err) };
    bool ok = r.kv && read_drive(&r, err) && open_drive(&r, err);

    keyval_free(r.kv);
    if (ok) {
        g_ptr_array_add(d->list, r.x);
        return true;
    }
    drive_free(r.x);
    if (err && !is_open_error(*err))
        g_prefix_error(err, "-drive %s: ", spec);
    return false;
}

/* ---- -blockdev ---------------------------------------------------------------------------------------- */

static struct block *open_file_node(struct drives *d, struct keyval *kv, const char *prefix, const char *name,
                                    struct block_options *o, GError **err)
{
    const char *filename = node_get(kv, prefix, "filename");

    if (!filename) {
        g_set_error(err, g_quark_from_static_string("drive"), 0, "it needs %sfilename=FILE", prefix);
        return NULL;
    }
    if (!node_get_options(kv, prefix, o, err) || !keyval_finish(kv, "-blockdev", NODE_KEYS, err))
        return NULL;
    return keep(d, block_open(name, filename, o, d->loop, err));
}

/* The node that a raw one stands on: described inside of it, or by its name. */
static struct block *raw_child(struct drives *d, struct keyval *kv, const char *name, struct block_options *o, GError **err)
{
    const char *ref = keyval_get(kv, "file"), *driver = keyval_get(kv, "file.driver");
    struct drive *x;

    if (!node_get_options(kv, "", o, err))
        return NULL;
    if (!ref) {
        if (!only(kv, "file.driver", "file", err) || (!driver && !fail(err, "it needs file=NODE, or file.driver=file and file.filename=FILE")))
            return NULL;
        keyval_get(kv, "file.node-name");
        return open_file_node(d, kv, "file.", name, o, err);
    }
    x = find(d, ref);
    if (!x || x->id || x->taken) {
        g_set_error(err, g_quark_from_static_string("drive"), 0, "file=%s: %s", ref,
                    x ? "this node is in use" : "there is no -blockdev with this node-name before it");
        return NULL;
    }
    if (!keyval_finish(kv, "-blockdev", NODE_KEYS, err))
        return NULL;
    x->taken = true;
    return x->image;
}

static struct block *open_node(struct drives *d, struct keyval *kv, const char *name, GError **err)
{
    static const char *const drivers[] = { "raw", "file", "host_device", NULL };
    struct block_options o = { 0 };
    uint64_t offset = 0, size = 0;
    unsigned driver = 0;
    struct block *child;

    if (!keyval_get(kv, "driver")) {
        fail(err, "it needs driver=raw or driver=file");
        return NULL;
    }
    if (!node_get_word(kv, "", "driver", drivers, &driver, err))
        return NULL;
    if (driver)
        return open_file_node(d, kv, "", name, &o, err);
    if (!node_get_size(kv, "", "offset", &offset, err) || !node_get_size(kv, "", "size", &size, err))
        return NULL;
    child = raw_child(d, kv, name, &o, err);
    return child ? keep(d, block_open_raw(name, child, offset, size, d->loop, err)) : NULL;
}

bool drives_add_node(struct drives *d, const char *spec, GError **err)
{
    struct keyval *kv = keyval_parse_any(spec, "driver", err);
    const char *name = kv ? keyval_get(kv, "node-name") : NULL;
    struct block *b = NULL;

    if (kv && !name)
        fail(err, "it needs node-name=NAME");
    else if (kv && check_new_name(d, "node-name", name, err))
        b = open_node(d, kv, name, err);
    if (b) {
        struct drive *x = g_new0(struct drive, 1);

        x->node_name = g_strdup(name);
        x->interface = IF_NONE;
        x->image = b;
        g_ptr_array_add(d->list, x);
    } else if (err && !is_open_error(*err)) {
        g_prefix_error(err, "-blockdev %s: ", spec);
    }
    keyval_free(kv);
    return b != NULL;
}

/* ---- who has them -------------------------------------------------------------------------------------- */

struct block *drives_attach(struct drives *d, const char *id, GError **err)
{
    struct drive *x = find(d, id);

    if (!x || x->taken) {
        g_set_error(err, g_quark_from_static_string("drive"), 0, "drive=%s: %s", id,
                    x ? "another device has it" : "there is no -drive with this id and no -blockdev with this node-name");
        return NULL;
    }
    x->taken = true;
    return x->image;
}

struct block *drives_pflash(struct drives *d, unsigned unit)
{
    for (guint i = 0; i < d->list->len; i++) {
        struct drive *x = g_ptr_array_index(d->list, i);

        if (x->interface == IF_PFLASH && x->index == unit) {
            x->taken = true;
            return x->image;
        }
    }
    return NULL;
}

bool drives_set_default_interface(struct drives *d, const char *name)
{
    for (unsigned i = 0; interfaces[i]; i++)
        if (!strcmp(interfaces[i], name)) {
            d->default_if = i;
            return true;
        }
    return false;
}

const char *drives_next(const struct drives *d, const char *interface, unsigned i, unsigned *index, bool *cdrom)
{
    const struct drive *next = NULL;
    uint64_t from = 0;

    for (unsigned k = 0; k <= i; k++) {
        next = NULL;
        for (guint n = 0; n < d->list->len; n++) {
            const struct drive *x = g_ptr_array_index(d->list, n);

            if (x->id && !strcmp(interfaces[x->interface], interface) && x->index >= from && (!next || x->index < next->index))
                next = x;
        }
        if (!next)
            return NULL;
        from = next->index + 1;
    }
    *index = (unsigned)next->index;
    *cdrom = next->cdrom;
    return next->id;
}

bool drives_commit(struct drives *d, const char *id, GError **err)
{
    struct drive *x = find(d, id);

    if (x)
        return block_commit(x->image, err);
    if (strcmp(id, "all")) {
        g_set_error(err, g_quark_from_static_string("drive"), 0, "there is no drive '%s'", id);
        return false;
    }
    for (guint i = 0; i < d->list->len; i++) {
        x = g_ptr_array_index(d->list, i);
        if (x->snapshot && !block_commit(x->image, err))
            return false;
    }
    return true;
}

bool drives_info(const struct drives *d, unsigned i, struct drive_info *info)
{
    const struct drive *x;

    if (i >= d->list->len)
        return false;
    x = g_ptr_array_index(d->list, i);
    *info = (struct drive_info){ x->id, x->node_name, x->snapshot, x->image };
    return true;
}
