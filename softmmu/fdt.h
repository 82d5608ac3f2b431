/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees under construction, a thin layer on libfdt that grows its buffer and asserts on our own mistakes. */
#ifndef SOFTMMU_FDT_H
#define SOFTMMU_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

struct fdt;

struct fdt *fdt_new(void);                        /* empty tree with a root node */
/* Take a blob given by the user; checks it whole. */
struct fdt *fdt_from_blob(const void *blob, size_t len, GError **err);
void fdt_free(struct fdt *f);

/* path: "/a/b@1"; parents must exist. New nodes and properties go before those that are there, so a tree is written from its
 * end. */
void fdt_add_node(struct fdt *f, const char *path);
bool fdt_has_node(struct fdt *f, const char *path);
void fdt_set_u32(struct fdt *f, const char *path, const char *prop, uint32_t v);
void fdt_set_u64(struct fdt *f, const char *path, const char *prop, uint64_t v);
void fdt_set_cells(struct fdt *f, const char *path, const char *prop, int n, const uint32_t *cells);
void fdt_set_string(struct fdt *f, const char *path, const char *prop, const char *s);
void fdt_set_bytes(struct fdt *f, const char *path, const char *prop, const void *data, size_t len);   /* len 0: empty */
/* Convenience: a list of cells. */
#define FDT_CELLS(f, path, prop, ...)                                       \
    fdt_set_cells(f, path, prop,                                            \
                  (int)(sizeof((uint32_t[]){ __VA_ARGS__ }) / 4),           \
                  (const uint32_t[]){ __VA_ARGS__ })
uint32_t fdt_new_phandle(struct fdt *f);
/* First cell of a property, def when there is none. */
uint32_t fdt_get_u32(struct fdt *f, const char *path, const char *prop, uint32_t def);
/* Delete the nodes directly below the root whose device_type is type. */
void fdt_del_type(struct fdt *f, const char *type);
/* Packed blob; owned by f until the next change. */
const void *fdt_blob(struct fdt *f, size_t *len);
/* The same with free room at its end, up to `total` bytes: firmware edits the tree in place. */
const void *fdt_blob_roomy(struct fdt *f, size_t total, size_t *len);

#endif
