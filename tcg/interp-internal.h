/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of the interpreter. */
#ifndef TCG_INTERP_INTERNAL_H
#define TCG_INTERP_INTERNAL_H

#include <string.h>
#include "tcg/interp.h"

/* Conditions on packed flags, and on two operands of w bits. */
bool interp_cond(uint32_t flags, enum ir_cc cc);
bool interp_cmp(uint64_t a, uint64_t b, enum ir_cc cc, unsigned w);
/* FP and vector ops. */
void interp_eval_vec(struct tcg_env *env, const struct ir_op *op, const uint8_t *in_type, struct v128 *out,
                     const struct v128 *in);
/* Crypto ops; false: it is none. out is not in. */
bool interp_eval_crypto(const struct ir_op *op, struct v128 *out, const struct v128 *in);

/* The ops of vx.inc; false: it is none. out is not in. */
bool interp_eval_vx(struct tcg_env *env, const struct ir_op *op, const uint8_t *in_type, struct v128 *out, const struct v128 *in);

/* A vector seen as lanes of 1 << e bytes. */
static inline uint64_t lane(const struct v128 *v, unsigned e, unsigned i)
{
    const uint8_t *p = (const uint8_t *)v + (i << e);
    uint64_t r = 0;

    switch (e) {        /* sizes that the compiler knows */
    case 0: return *p;
    case 1: memcpy(&r, p, 2); return r;
    case 2: memcpy(&r, p, 4); return r;
    default: memcpy(&r, p, 8); return r;
    }
}

static inline void set_lane(struct v128 *v, unsigned e, unsigned i, uint64_t x)
{
    uint8_t *p = (uint8_t *)v + (i << e);

    switch (e) {
    case 0: *p = (uint8_t)x; break;
    case 1: memcpy(p, &x, 2); break;
    case 2: memcpy(p, &x, 4); break;
    default: memcpy(p, &x, 8); break;
    }
}

static inline int64_t sx(uint64_t v, unsigned e)
{
    unsigned sh = 64 - (8u << e);

    return (int64_t)(v << sh) >> sh;
}

static inline uint64_t zx(uint64_t v, unsigned e)
{
    unsigned sh = 64 - (8u << e);

    return v << sh >> sh;
}

#endif
