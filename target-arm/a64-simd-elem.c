/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A64 Advanced SIMD: a vector, or a scalar, and an element of a register (DDI 0487 C4.1.96, C7.2). */
#include "config.h"

#include "target-arm/a64-simd.h"

/* The element of Vm in all lanes; for a scalar in the lowest one */
static struct ir_val element(struct a64_ctx *s, const struct args_v_elem *a, bool q)
{
    struct ir_val m;

    if (!a->scalar) {
        return a64_v_dup(s, a64_vtype(q), a->rm, a->size, a->index);
    }
    m = a64_v_dup(s, V64, a->rm, a->size, a->index);
    return simd_op2(s->ir, IR_vand, m, ir_const(s->ir, V64, (1ull << simd_bits(a->size)) - 1), 0);
}

static struct ir_val operand(struct a64_ctx *s, const struct args_v_elem *a, unsigned n)
{
    return a64_v_operand(s, a->scalar, a->q, a->size, n);
}

/* n * m, with op added to Vd; IR_mov: that alone */
static bool product(struct a64_ctx *s, const struct args_v_elem *a, enum ir_opc op)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = simd_op2(s->ir, IR_vmul, operand(s, a, a->rn), element(s, a, a->q), a->size);
    if (op != IR_mov) {
        v = simd_op2(s->ir, op, a64_v(s, a->q, a->rd), v, a->size);
    }
    return a64_set_v(s, a->rd, v);
}

/* MUL, MLA, MLS <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>] */
bool a64_trans_MUL_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return product(s, a, IR_mov);
}

bool a64_trans_MLA_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return product(s, a, IR_vadd);
}

bool a64_trans_MLS_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return product(s, a, IR_vsub);
}

static bool mull(struct a64_ctx *s, const struct args_v_elem *a, bool doubling, enum a64_mull_acc acc)
{
    struct a64_mull k = { a->u, doubling, acc, a->size };
    struct ir_val old = IR_NONE, p;

    if (a64_fp_off(s)) {
        return true;
    }
    if (acc != A64_MULL_ONLY) {
        old = a64_wide(s, a->scalar, a->size, a->rd);
    }
    if (a->scalar) {
        p = ir_v2(s->ir, IR_vmull_s, V128, a64_v_scalar(s, a->size, a->rn), element(s, a, false), a->size, 0);
    } else {
        p = simd_mull(s->ir, a64_v(s, true, a->rn), element(s, a, true), a->size, a->u, a->q);
    }
    return a64_set_wide(s, a->scalar, a->rd, a64_v_mull(s, &k, old, p));
}

/* SMULL{2}, UMULL{2}, ..., SQDMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>] */
#define MULL(name, doubling, acc)                                                \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_elem *a)        \
    {                                                                            \
        return mull(s, a, doubling, acc);                                        \
    }

MULL(MULL_e, false, A64_MULL_ONLY)
MULL(MLAL_e, false, A64_MULL_ADD)
MULL(MLSL_e, false, A64_MULL_SUB)
MULL(SQDMULL_e, true, A64_MULL_ONLY)
MULL(SQDMLAL_e, true, A64_MULL_ADD)
MULL(SQDMLSL_e, true, A64_MULL_SUB)

static bool doubling_high(struct a64_ctx *s, const struct args_v_elem *a, bool round)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_qdmulh(s->ir, operand(s, a, a->rn), element(s, a, a->q), a->size, round));
}

/* SQDMULH, SQRDMULH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>] */
bool a64_trans_SQDMULH_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return doubling_high(s, a, false);
}

bool a64_trans_SQRDMULH_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return doubling_high(s, a, true);
}

static bool rdm(struct a64_ctx *s, const struct args_v_elem *a, bool subtract)
{
    struct ir_val acc;

    if (a64_fp_off(s)) {
        return true;
    }
    acc = operand(s, a, a->rd);
    return a64_set_v(s, a->rd, a64_v_rdm(s, acc, operand(s, a, a->rn), element(s, a, a->q), a->size, subtract));
}

/* SQRDMLAH, SQRDMLSH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>] */
bool a64_trans_SQRDMLAH_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return rdm(s, a, false);
}

bool a64_trans_SQRDMLSH_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    return rdm(s, a, true);
}

/* SDOT, UDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.4B[<index>] */
bool a64_trans_DOT_e(struct a64_ctx *s, const struct args_v_elem *a)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, a64_v_dot(s, a64_v(s, a->q, a->rd), a64_v(s, a->q, a->rn), element(s, a, a->q), a->u));
}
