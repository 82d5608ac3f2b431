/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD: shifts by an immediate (DDI 0487 C4.1.96, C7.2). The field `imm` lacks the bit that gave the size: a right
 * shift is by bits - imm, a left shift by imm.
 */
#include "config.h"

#include "target-arm/a64-simd.h"

static unsigned right_count(const struct args_v_shift *a)
{
    return simd_bits(a->size) - a->imm;
}

static struct ir_val operand(struct a64_ctx *s, const struct args_v_shift *a, unsigned n)
{
    return a64_v_operand(s, a->scalar, a->q, a->size, n);
}

/* False: reserved, or FP is off; ok is what the handler returns. */
static bool start(struct a64_ctx *s, const struct args_v_shift *a, bool *ok)
{
    *ok = a64_size_ok(a->scalar, a->q, a->size, SIMD_ALL);
    return *ok && !a64_fp_off(s);
}

static bool right(struct a64_ctx *s, const struct args_v_shift *a, bool round, bool accumulate)
{
    struct ir_val v;
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    v = operand(s, a, a->rn);
    v = (round ? simd_rounding_shr : simd_shr)(s->ir, v, a->size, right_count(a), a->u);
    if (accumulate) {
        v = simd_op2(s->ir, IR_vadd, operand(s, a, a->rd), v, a->size);
    }
    return a64_set_v(s, a->rd, v);
}

/* SSHR, USHR; SSRA, USRA; SRSHR, URSHR; SRSRA, URSRA <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_SHR_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    return right(s, a, false, false);
}

bool a64_trans_SRA_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    return right(s, a, false, true);
}

bool a64_trans_RSHR_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    return right(s, a, true, false);
}

bool a64_trans_RSRA_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    return right(s, a, true, true);
}

/* Bits of v where mask has ones in each element, else of Vd */
static bool insert(struct a64_ctx *s, const struct args_v_shift *a, struct ir_val v, uint64_t mask)
{
    struct ir_val m = simd_splat(s->ir, ir_typeof(s->ir, v), a->size, mask);

    return a64_set_v(s, a->rd, simd_bsl(s->ir, m, v, operand(s, a, a->rd)));
}

/* SRI <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_SRI(struct a64_ctx *s, const struct args_v_shift *a)
{
    unsigned n = right_count(a), bits = simd_bits(a->size);
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    return insert(s, a, simd_shr(s->ir, operand(s, a, a->rn), a->size, n, true), n == bits ? 0 : ~0ull >> (64 - bits) >> n);
}

/* SLI <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_SLI(struct a64_ctx *s, const struct args_v_shift *a)
{
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    return insert(s, a, simd_op1(s->ir, IR_vshli, operand(s, a, a->rn), a->size, a->imm), ~0ull << a->imm);
}

/* SHL <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_SHL_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    return a64_set_v(s, a->rd, simd_op1(s->ir, IR_vshli, operand(s, a, a->rn), a->size, a->imm));
}

/* SQSHL, UQSHL <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_QSHL_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    return a64_set_v(s, a->rd, simd_qshl(s->ir, operand(s, a, a->rn), a->size, a->imm, a->u));
}

/* SQSHLU <Vd>.<T>, <Vn>.<T>, #<shift> */
bool a64_trans_SQSHLU(struct a64_ctx *s, const struct args_v_shift *a)
{
    bool ok;

    if (!start(s, a, &ok)) {
        return ok;
    }
    return a64_set_v(s, a->rd, simd_qshlu(s->ir, operand(s, a, a->rn), a->size, a->imm));
}

/* ---- Narrowing: size is the result's ---- */

static struct ir_val narrow_shift(struct a64_ctx *s, const struct args_v_shift *a, bool round, bool u)
{
    struct ir_val v = a64_wide(s, a->scalar, a->size, a->rn);

    return (round ? simd_rounding_shr : simd_shr)(s->ir, v, a->size + 1, right_count(a), u);
}

static bool narrow(struct a64_ctx *s, const struct args_v_shift *a, bool round)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_narrow(s, a->q, a->rd, ir_v1(s->ir, IR_vnarrow, V64, narrow_shift(s, a, round, true), a->size + 1, 0));
}

/* SHRN{2}, RSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift> */
bool a64_trans_SHRN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow(s, a, false);
}

bool a64_trans_RSHRN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow(s, a, true);
}

static bool narrow_saturating(struct a64_ctx *s, const struct args_v_shift *a, bool round, bool from_unsigned, bool to_unsigned)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = simd_qmovn(s->ir, narrow_shift(s, a, round, from_unsigned), a->size, from_unsigned, to_unsigned);
    return a64_set_narrow(s, a->q, a->rd, v);
}

/* SQSHRN{2}, UQSHRN{2}; SQRSHRN{2}, UQRSHRN{2}; SQSHRUN{2}; SQRSHRUN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift> */
bool a64_trans_QSHRN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow_saturating(s, a, false, a->u, a->u);
}

bool a64_trans_QRSHRN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow_saturating(s, a, true, a->u, a->u);
}

bool a64_trans_SQSHRUN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow_saturating(s, a, false, false, true);
}

bool a64_trans_SQRSHRUN(struct a64_ctx *s, const struct args_v_shift *a)
{
    return narrow_saturating(s, a, true, false, true);
}

/* ---- Widening: size is the source's ---- */

/* SSHLL{2}, USHLL{2} <Vd>.<Ta>, <Vn>.<Tb>, #<shift>; SXTL, UXTL when that is 0 */
bool a64_trans_SHLL_i(struct a64_ctx *s, const struct args_v_shift *a)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = ir_v1(s->ir, a->u ? IR_vwiden_u : IR_vwiden_s, V128, a64_v_half(s, a->q, a->rn), a->size, 0);
    return a64_set_v(s, a->rd, a->imm ? simd_op1(s->ir, IR_vshli, v, a->size + 1, a->imm) : v);
}
