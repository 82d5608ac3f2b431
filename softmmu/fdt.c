/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees (Devicetree Specification 0.4) through libfdt: calls that run out of room are repeated in a larger buffer. */
#include "config.h"
#include <libfdt.h>
#include <string.h>
#include "softmmu/fdt.h"

#define FIRST_PHANDLE 0x8000u
#define START_SIZE 4096
#define MAX_SIZE (2 << 20)

struct fdt {
    void *buf;
    int size;                /* of the buffer */
    uint32_t next_phandle;
};

static void grow(struct fdt *f)
{
    int size = f->size * 2;
    void *buf = g_malloc(size);
    int ret = fdt_open_into(f->buf, buf, size);

    g_assert(ret == 0 && size <= 2 * MAX_SIZE);
    g_free(f->buf);
    f->buf = buf;
    f->size = size;
}

struct fdt *fdt_new(void)
{
    struct fdt *f = g_new0(struct fdt, 1);
    int ret;

    f->size = START_SIZE;
    f->buf = g_malloc(f->size);
    f->next_phandle = FIRST_PHANDLE;
    ret = fdt_create_empty_tree(f->buf, f->size);
    g_assert(ret == 0);
    return f;
}

static struct fdt *bad_blob(GError **err, int code)
{
    g_set_error(err, g_quark_from_static_string("fdt"), 0, "not a valid device tree blob (%s)", fdt_strerror(code));
    return NULL;
}

struct fdt *fdt_from_blob(const void *blob, size_t len, GError **err)
{
    struct fdt *f;
    uint32_t max = 0;
    int ret;

    if (len > MAX_SIZE)
        return bad_blob(err, -FDT_ERR_NOSPACE);
    ret = fdt_check_full(blob, len);
    if (ret)
        return bad_blob(err, ret);
    f = g_new0(struct fdt, 1);
    f->size = (int)len + START_SIZE;
    f->buf = g_malloc(f->size);
    ret = fdt_open_into(blob, f->buf, f->size);
    if (ret) {
        fdt_free(f);
        return bad_blob(err, ret);
    }
    if (fdt_find_max_phandle(f->buf, &max) || max < FIRST_PHANDLE)
        max = FIRST_PHANDLE;
    f->next_phandle = max + 1;
    return f;
}

void fdt_free(struct fdt *f)
{
    if (!f)
        return;
    g_free(f->buf);
    g_free(f);
}

static int node_of(const struct fdt *f, const char *path)
{
    int node = fdt_path_offset(f->buf, path);

    if (node < 0)
        g_error("fdt: no node %s: %s", path, fdt_strerror(node));
    return node;
}

void fdt_add_node(struct fdt *f, const char *path)
{
    const char *name = strrchr(path, '/');
    g_autofree char *parent = g_strndup(path, name == path ? 1 : (gsize)(name - path));
    int ret;

    while ((ret = fdt_add_subnode(f->buf, node_of(f, parent), name + 1)) == -FDT_ERR_NOSPACE)
        grow(f);
    if (ret < 0)
        g_error("fdt: node %s: %s", path, fdt_strerror(ret));
}

bool fdt_has_node(struct fdt *f, const char *path)
{
    return fdt_path_offset(f->buf, path) >= 0;
}

void fdt_set_bytes(struct fdt *f, const char *path, const char *prop, const void *data, size_t len)
{
    int ret;

    while ((ret = fdt_setprop(f->buf, node_of(f, path), prop, data, (int)len)) == -FDT_ERR_NOSPACE)
        grow(f);
    if (ret)
        g_error("fdt: property %s of %s: %s", prop, path, fdt_strerror(ret));
}

void fdt_set_cells(struct fdt *f, const char *path, const char *prop, int n, const uint32_t *cells)
{
    g_autofree uint32_t *be = g_new(uint32_t, n);

    for (int i = 0; i < n; i++)
        be[i] = GUINT32_TO_BE(cells[i]);
    fdt_set_bytes(f, path, prop, be, 4 * (size_t)n);
}

void fdt_set_u32(struct fdt *f, const char *path, const char *prop, uint32_t v)
{
    fdt_set_cells(f, path, prop, 1, &v);
}

void fdt_set_u64(struct fdt *f, const char *path, const char *prop, uint64_t v)
{
    v = GUINT64_TO_BE(v);
    fdt_set_bytes(f, path, prop, &v, sizeof(v));
}

void fdt_set_string(struct fdt *f, const char *path, const char *prop, const char *s)
{
    fdt_set_bytes(f, path, prop, s, strlen(s) + 1);
}

uint32_t fdt_new_phandle(struct fdt *f)
{
    return f->next_phandle++;
}

uint32_t fdt_get_u32(struct fdt *f, const char *path, const char *prop, uint32_t def)
{
    int node = fdt_path_offset(f->buf, path), len;
    const void *p = node < 0 ? NULL : fdt_getprop(f->buf, node, prop, &len);

    return p && len >= 4 ? fdt32_ld(p) : def;
}

void fdt_del_type(struct fdt *f, const char *type)
{
    int node = fdt_first_subnode(f->buf, 0), len;

    while (node >= 0) {
        const char *is = fdt_getprop(f->buf, node, "device_type", &len);

        if (is && len == (int)strlen(type) + 1 && !memcmp(is, type, (size_t)len)) {
            fdt_del_node(f->buf, node);
            node = fdt_first_subnode(f->buf, 0);
        } else {
            node = fdt_next_subnode(f->buf, node);
        }
    }
}

const void *fdt_blob(struct fdt *f, size_t *len)
{
    int ret = fdt_pack(f->buf);

    g_assert(ret == 0);
    *len = fdt_totalsize(f->buf);
    return f->buf;
}

const void *fdt_blob_roomy(struct fdt *f, size_t total, size_t *len)
{
    int ret;

    fdt_blob(f, len);
    if (*len >= total)
        return f->buf;
    while ((size_t)f->size < total)
        grow(f);
    ret = fdt_open_into(f->buf, f->buf, (int)total);
    g_assert(ret == 0);
    memset((uint8_t *)f->buf + *len, 0, total - *len);
    *len = total;
    return f->buf;
}
