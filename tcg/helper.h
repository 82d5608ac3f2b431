/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers: C functions that generated code calls. A target lists its own in a table
 *
 *     HELPER(name, flags, ret, args...)       e.g.  HELPER(arm_sdiv, PURE, I32, I32, I32)
 *
 * flags  HF_* without the prefix, or-ed (NONE, PURE, READS, WRITES, FAULTS, NORETURN, EFFECT);  ret  VOID I32 I64 F32 F64 V64;  args  ENV or the same types and V128, at
 * most 6. ENV is the struct tcg_env pointer, passed by the backend, not an IR value. In C: I32 F32 uint32_t, I64 F64 V64
 * uint64_t (FP and V64 as bits), V128 const struct v128 *. Including tcg/helper-decl.h with
 * HELPER_INC defined as the table's path declares helper_<name>() and helper_desc_<name>; exactly one .c file includes
 * tcg/helper-def.h the same way to define the descriptors.
 */
#ifndef TCG_HELPER_H
#define TCG_HELPER_H

#include <stdint.h>

struct tcg_env;

struct v128 {
    uint64_t d[2];           /* least significant first */
};

enum helper_flag {
    HF_PURE = 1 << 0,        /* result depends on arguments only; may be removed or merged */
    HF_READS = 1 << 1,       /* reads guest state slots */
    HF_WRITES = 1 << 2,      /* writes guest state slots */
    HF_FAULTS = 1 << 3,      /* may leave by a guest exception: env->pc and all state are in place */
    HF_NORETURN = 1 << 4,    /* never comes back */
    HF_EFFECT = 1 << 5,      /* other side effects (devices, sticky flags) */
};

#define HELPER_MAX_ARGS 6

enum helper_type {
    HT_VOID, HT_I32, HT_I64, HT_F32, HT_F64, HT_V64, HT_V128, HT_ENV
};

struct helper {
    const char *name;
    void *fn;
    uint16_t flags;
    uint8_t ret;             /* enum helper_type */
    uint8_t nargs;           /* with ENV */
    uint8_t args[HELPER_MAX_ARGS];
};

/* Call through libffi: args are pointers to 8-byte value slots, V128 args point at struct v128; env fills ENV
 * arguments. Returns the result's bits (0 for VOID). Keeps one prepared cif per signature. */
uint64_t helper_call(const struct helper *h, struct tcg_env *env, const struct v128 *values);

#endif
