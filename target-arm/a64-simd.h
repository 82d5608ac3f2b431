/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the translators of A64 Advanced SIMD share. Element sizes are log2 of bytes. A write of less than 128 bits zeroes the
 * rest of the V register.
 */
#ifndef TARGET_ARM_A64_SIMD_H
#define TARGET_ARM_A64_SIMD_H

#include "target-arm/a64.h"
#include "target-arm/simd-ir.h"

#ifndef DECODE_ARGS
#define DECODE_ARGS
#include "target-arm/a64-simd.decode.inc"
#undef DECODE_ARGS
#endif

#define HELPER_INC "target-arm/helpers-simd.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

/* Sets of element sizes */
enum { SIMD_B = 1, SIMD_H = 2, SIMD_S = 4, SIMD_D = 8, SIMD_BHS = 7, SIMD_HS = 6, SIMD_ALL = 15 };

static inline enum ir_type a64_vtype(bool q)
{
    return q ? V128 : V64;
}

/* Vn, or its lower half */
static inline struct ir_val a64_v(struct a64_ctx *s, bool q, unsigned n)
{
    return ir_state_ld(s->ir, a64_vtype(q), ARM_OFF_Q(n));
}

/* The upper half of Vn when high, else the lower */
static inline struct ir_val a64_v_half(struct a64_ctx *s, bool high, unsigned n)
{
    return ir_state_ld(s->ir, V64, ARM_OFF_Q(n) + (high ? 8 : 0));
}

/* Write a V64 (the upper half becomes zero) or a V128. Always true, for handlers to return. */
static inline bool a64_set_v(struct a64_ctx *s, unsigned n, struct ir_val v)
{
    if (ir_typeof(s->ir, v) == V64) {
        v = simd_zext(s->ir, v);
    }
    ir_state_st(s->ir, v, ARM_OFF_Q(n));
    return true;
}

/* All elements of the type equal to element `index` of Vn. Words and doublewords are loaded alone: a load of all of a register
 * that was written as a scalar would have to wait for several stores. */
static inline struct ir_val a64_v_dup(struct a64_ctx *s, enum ir_type type, unsigned n, unsigned size, unsigned index)
{
    if (size < 2) {
        return ir_v1(s->ir, IR_vdup_lane, type, a64_v(s, true, n), size, index);
    }
    return ir_v1(s->ir, IR_vdup, type, ir_state_ld(s->ir, a64_type(size == 3), ARM_OFF_Q(n) + (index << size)), size, 0);
}

/* The element of Vn that a scalar operation takes: a V64, zero above it */
struct ir_val a64_v_scalar(struct a64_ctx *s, unsigned size, unsigned n);
/* A register operand: all of it, its lower half, or its lowest element */
struct ir_val a64_v_operand(struct a64_ctx *s, bool scalar, bool q, unsigned size, unsigned n);

/* Is the size one of the set, and are there two elements, or one in a scalar? */
static inline bool a64_size_ok(bool scalar, bool q, unsigned size, unsigned set)
{
    return (set >> size & 1) && (size < 3 || q || scalar);
}

/* Elements of size + 1 in and for Vn: all of it, or the one of a scalar */
struct ir_val a64_wide(struct a64_ctx *s, bool scalar, unsigned size, unsigned n);
bool a64_set_wide(struct a64_ctx *s, bool scalar, unsigned rd, struct ir_val v);
/* The V64 v is the lower half of Vd, zeroing the rest, or (second) its upper half. */
bool a64_set_narrow(struct a64_ctx *s, bool second, unsigned rd, struct ir_val v);

enum a64_mull_acc { A64_MULL_ONLY, A64_MULL_ADD, A64_MULL_SUB };
struct a64_mull {
    bool u, doubling;            /* doubling saturates, with QC */
    enum a64_mull_acc acc;
    unsigned size;               /* of the factors' elements */
};
/* Products p of twice the width (simd_mull), added to or subtracted from old */
struct ir_val a64_v_mull(struct a64_ctx *s, const struct a64_mull *k, struct ir_val old, struct ir_val p);
/* acc + or - the high half of 2 * n * m, rounded, saturated with QC (SQRDMLAH, SQRDMLSH) */
struct ir_val a64_v_rdm(struct a64_ctx *s, struct ir_val acc, struct ir_val n, struct ir_val m, unsigned size, bool subtract);
/* Words: acc + the sum of the products of four bytes */
struct ir_val a64_v_dot(struct a64_ctx *s, struct ir_val acc, struct ir_val n, struct ir_val m, bool u);

/* Translate an instruction of a64-simd.decode; false: it is of another table, or unallocated. */
bool a64_decode_simd(struct a64_ctx *s, uint32_t insn);

#endif
