/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of nodes that -drive and -blockdev share. Keys of a nested node have its name and a dot in front: prefix "file.". */
#ifndef BLOCK_NODE_OPTIONS_H
#define BLOCK_NODE_OPTIONS_H

#include "block/block.h"
#include "util/keyval.h"

/* The value of PREFIXkey, borrowed from kv, or NULL; marked taken. */
const char *node_get(struct keyval *kv, const char *prefix, const char *key);
/* One of the words, by its number; *out stays as it is when the key is not there. false and err otherwise. */
bool node_get_word(struct keyval *kv, const char *prefix, const char *key, const char *const *words, unsigned *out, GError **err);
bool node_get_bool(struct keyval *kv, const char *prefix, const char *key, bool *out, GError **err);
/* Bytes, with a suffix or not. */
bool node_get_size(struct keyval *kv, const char *prefix, const char *key, uint64_t *out, GError **err);
/* read-only, auto-read-only, cache.direct, cache.no-flush, discard, detect-zeroes, and for files aio and locking. What is not there
 * stays as it is. */
bool node_get_options(struct keyval *kv, const char *prefix, struct block_options *o, GError **err);
#define NODE_OPTIONS "read-only, auto-read-only, cache.direct, cache.no-flush, discard, detect-zeroes, aio, locking"
/* Letters, digits, '-', '.', '_', a letter first, at most 31: what ids and node-names are made of. */
bool node_check_name(const char *what, const char *name, GError **err);

#endif
