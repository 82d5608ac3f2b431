/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of helpers through libffi, for the interpreter. One prepared cif per signature. */
#include "config.h"
#include <ffi.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>
#include "tcg/helper.h"
#include "tcg/internal.h"

struct cif_entry {
    ffi_cif cif;
    ffi_type *types[HELPER_MAX_ARGS];
};

static ffi_type *ffi_type_of(enum helper_type t)
{
    switch (t) {
    case HT_VOID:
        return &ffi_type_void;
    case HT_I32:
    case HT_F32:
        return &ffi_type_uint32;
    case HT_I64:
    case HT_F64:
    case HT_V64:
        return &ffi_type_uint64;
    default:
        return &ffi_type_pointer;
    }
}

static uint64_t signature(const struct helper *h)
{
    uint64_t key = (uint64_t)h->ret | (uint64_t)h->nargs << 4;

    for (unsigned i = 0; i < h->nargs; i++)
        key |= (uint64_t)h->args[i] << (8 + 4 * i);
    return key;
}

/* Cifs are made once and never freed; the lock guards the table only. */
static struct cif_entry *cif_for(const struct helper *h)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static GHashTable *table;
    uint64_t key = signature(h);
    struct cif_entry *e;

    pthread_mutex_lock(&lock);
    if (!table)
        table = g_hash_table_new(g_int64_hash, g_int64_equal);
    e = g_hash_table_lookup(table, &key);
    if (!e) {
        e = g_new0(struct cif_entry, 1);
        for (unsigned i = 0; i < h->nargs; i++)
            e->types[i] = ffi_type_of(h->args[i]);
        if (ffi_prep_cif(&e->cif, FFI_DEFAULT_ABI, h->nargs,
                         ffi_type_of(h->ret), e->types) != FFI_OK)
            ir_assert(false, "libffi: %s", h->name);
        g_hash_table_insert(table, g_memdup2(&key, sizeof(key)), e);
    }
    pthread_mutex_unlock(&lock);
    return e;
}

uint64_t helper_call(const struct helper *h, struct tcg_env *env,
                     const struct v128 *values)
{
    struct cif_entry *e = cif_for(h);
    uint64_t slot[HELPER_MAX_ARGS];
    void *args[HELPER_MAX_ARGS];
    ffi_arg ret = 0;
    uint64_t ret64 = 0;

    for (unsigned i = 0; i < h->nargs; i++) {
        if (h->args[i] == HT_ENV)
            slot[i] = (uintptr_t)env;
        else if (h->args[i] == HT_V128)
            slot[i] = (uintptr_t)values++;
        else
            slot[i] = (values++)->d[0];
        args[i] = &slot[i];
    }
    if (h->ret == HT_I32 || h->ret == HT_F32) {
        ffi_call(&e->cif, FFI_FN(h->fn), &ret, args);
        return (uint32_t)ret;
    }
    ffi_call(&e->cif, FFI_FN(h->fn), &ret64, args);
    return h->ret == HT_VOID ? 0 : ret64;
}
