/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constant folding and algebra on single ops.
 *
 * Called by the builders for each new op and by opt-copy.c for ops whose inputs became known. For whoever adds a rule:
 *  1. The result is the id of an existing value of the op's type, or of a new constant; or the op is rewritten in place.
 *  2. FP arithmetic is never folded: its sticky flags are a result too.
 *  3. Constants of commuting ops are moved to in[1] first, so rules look for them there only.
 */
#include "config.h"
#include "tcg/internal.h"
#include "tcg/interp.h"
#include "tcg/ir-build.h"

static bool is_fp(unsigned opc)
{
    return (opc >= IR_fadd && opc <= IR_fcvt_from_u) ||
           opc >= IR_vfadd || opc == IR_flags_fcmp;
}

static bool const_in(const struct ir *ir, const struct ir_op *op, unsigned n,
                     uint64_t *v)
{
    const struct ir_value *x = &ir->values[op->v[op->nout + n]];

    if (!x->is_const)
        return false;
    *v = x->lo;
    return true;
}

/* All inputs constant: evaluate. */
static uint16_t fold_all_const(struct ir *ir, struct ir_op *op)
{
    struct v128 in[4], out;
    uint8_t type[4];

    for (unsigned i = 0; i < op->nin; i++) {
        const struct ir_value *x = &ir->values[ir_ins(op)[i]];

        if (!x->is_const)
            return 0;
        in[i].d[0] = x->lo;
        in[i].d[1] = x->hi;
        type[i] = x->type;
    }
    interp_eval(NULL, op, type, &out, in);
    if (op->type == V128)
        return ir_const_v128(ir, out.d[0], out.d[1]).id;
    return ir_const(ir, op->type, out.d[0]).id;
}

static uint64_t ones(const struct ir_op *op)
{
    return op->type == I32 ? UINT32_MAX : UINT64_MAX;
}

/* Rules with a constant second operand. */
static uint16_t fold_right_const(struct ir *ir, struct ir_op *op, uint64_t k)
{
    uint16_t a = ir_ins(op)[0];

    switch (op->opc) {
    case IR_add:             /* x + 0, x - 0, x | 0, x ^ 0 => x */
    case IR_sub:
    case IR_or:
    case IR_xor:
    case IR_shl:             /* x << 0 => x */
    case IR_shr:
    case IR_sar:
    case IR_ror:
        if (op->opc == IR_or && k == ones(op))
            return ir_const(ir, op->type, k).id;     /* x | ~0 => ~0 */
        return k == 0 ? a : 0;
    case IR_and:             /* x & 0 => 0; x & ~0 => x */
        if (k == 0)
            return ir_const(ir, op->type, 0).id;
        return k == ones(op) ? a : 0;
    case IR_andc:            /* x & ~0 => x; x & ~~0 => 0 */
        if (k == ones(op))
            return ir_const(ir, op->type, 0).id;
        return k == 0 ? a : 0;
    case IR_mul:             /* x * 0 => 0; x * 1 => x */
        if (k == 0)
            return ir_const(ir, op->type, 0).id;
        return k == 1 ? a : 0;
    }
    return 0;
}

/* Rules with equal operands. */
static uint16_t fold_same(struct ir *ir, struct ir_op *op)
{
    switch (op->opc) {
    case IR_and:             /* x & x, x | x => x */
    case IR_or:
    case IR_vand:
    case IR_vor:
        return ir_ins(op)[0];
    case IR_xor:             /* x ^ x, x - x, x & ~x => 0 */
    case IR_sub:
    case IR_andc:
        return ir_const(ir, op->type, 0).id;
    case IR_vxor:
        if (op->type == V128)
            return ir_const_v128(ir, 0, 0).id;
        return ir_const(ir, op->type, 0).id;
    }
    return 0;
}

static uint16_t fold_select(struct ir *ir, struct ir_op *op)
{
    unsigned yes = op->opc == IR_select ? 1 : 2;
    uint16_t y = ir_ins(op)[yes], n = ir_ins(op)[yes + 1];

    (void)ir;
    if (y == n || op->c[0] == CC_ALWAYS)
        return y;
    if (op->c[0] == CC_NEVER)
        return n;
    return 0;
}

/* Whole-width extracts and conversions that undo each other. */
static uint16_t fold_unary(struct ir *ir, struct ir_op *op)
{
    const struct ir_value *x = &ir->values[ir_ins(op)[0]];
    const struct ir_op *def = x->is_const ? NULL : &ir->ops[x->def];

    switch (op->opc) {
    case IR_extract:
    case IR_sextract:
        if (op->c[0] == 0 && op->c[1] == 8 * ir_type_size(op->type))
            return ir_ins(op)[0];
        break;
    case IR_trunc:           /* trunc(zext(x)), trunc(sext(x)) => x */
        if (def && (def->opc == IR_zext || def->opc == IR_sext))
            return ir_ins(def)[0];
        break;
    case IR_bitcast:         /* bitcast(bitcast(x)) of x's own type => x */
        if (x->type == op->type)
            return ir_ins(op)[0];
        if (def && def->opc == IR_bitcast &&
            ir->values[ir_ins(def)[0]].type == op->type)
            return ir_ins(def)[0];
        break;
    case IR_flags_from_bits:
        if (def && def->opc == IR_flags_to_bits)
            return ir_ins(def)[0];
        break;
    case IR_mov:
        return ir_ins(op)[0];
    case IR_vrev:            /* vrev(vrev(x)) => x */
        if (def && def->opc == IR_vrev && def->c[0] == op->c[0] && def->c[1] == op->c[1] && def->type == op->type)
            return ir_ins(def)[0];
        break;
    case IR_vget_u:          /* vget_u(vzext(x)) => bits of x; its lanes above are zero */
        if (!def || def->opc != IR_vzext)
            break;
        if (op->c[1] << op->c[0] >= ir_type_size(ir->values[ir_ins(def)[0]].type))
            return ir_const(ir, op->type, 0).id;
        if (ir_type_size(op->type) == ir_type_size(ir->values[ir_ins(def)[0]].type) && ir_type_size(op->type) == 1u << op->c[0]) {
            op->opc = IR_bitcast;
            op->c[0] = op->c[1] = 0;
            ir_ins(op)[0] = ir_ins(def)[0];
        }
        break;
    case IR_vdup:            /* vdup(vget_u(x)) => vdup_lane(x) */
        if (def && def->opc == IR_vget_u && def->c[0] == op->c[0]) {
            op->opc = IR_vdup_lane;
            op->c[1] = def->c[1];
            ir_ins(op)[0] = ir_ins(def)[0];
        }
        break;
    case IR_vlow:            /* a half of vconcat(x, y) => x, y */
    case IR_vhigh:
        if (def && def->opc == IR_vconcat)
            return ir_ins(def)[op->opc == IR_vhigh];
        if (def && def->opc == IR_vzext && op->opc == IR_vhigh)
            return ir_const(ir, V64, 0).id;
        if (def && def->opc == IR_vzext && ir->values[ir_ins(def)[0]].type == V64)
            return ir_ins(def)[0];
        break;
    case IR_vaes_mix:        /* vaes_mix(vaes_sub(x)) => vaes_round(x) */
        if (def && def->opc == IR_vaes_sub && def->c[0] == op->c[0]) {
            op->opc = IR_vaes_round;
            ir_ins(op)[0] = ir_ins(def)[0];
        }
        break;
    }
    return 0;
}

/* Halves of x and y put together and taken apart again: vzip(vzip_lo(x, y), vzip_hi(x, y)) of 64-bit lanes => x, y */
static uint16_t fold_zip(const struct ir *ir, const struct ir_op *op)
{
    const struct ir_value *a = &ir->values[ir_ins(op)[0]], *b = &ir->values[ir_ins(op)[1]];
    const struct ir_op *lo, *hi;

    if (a->is_const || b->is_const || op->c[0] != 3)
        return 0;
    lo = &ir->ops[a->def];
    hi = &ir->ops[b->def];
    if (lo->opc != IR_vzip_lo || hi->opc != IR_vzip_hi || lo->c[0] != 3 || hi->c[0] != 3 ||
        ir_ins(lo)[0] != ir_ins(hi)[0] || ir_ins(lo)[1] != ir_ins(hi)[1])
        return 0;
    return ir_ins(lo)[op->opc == IR_vzip_hi];
}

/* Bits of each element that are zero after a shift by a constant */
static uint64_t shifted_out(const struct ir *ir, uint16_t id)
{
    const struct ir_value *x = &ir->values[id];
    const struct ir_op *def = x->is_const ? NULL : &ir->ops[x->def];
    uint64_t zeros;

    if (!def || (def->opc != IR_vshli && def->opc != IR_vshri_u))
        return 0;
    zeros = def->opc == IR_vshli ? ((uint64_t)1 << def->c[1]) - 1
                                 : ~(UINT64_MAX >> (64 - (8u << def->c[0])) >> def->c[1]) & UINT64_MAX >> (64 - (8u << def->c[0]));
    for (unsigned w = 8u << def->c[0]; w < 64; w *= 2)
        zeros |= zeros << w;
    return zeros;
}

/* Vectors: x | 0, x ^ 0, x + 0, x - 0, x & ~0 => x; also x & ~k where x has zeros anyway */
static uint16_t fold_vector(const struct ir *ir, const struct ir_op *op)
{
    const struct ir_value *k = &ir->values[ir_ins(op)[1]];
    uint64_t same = op->opc == IR_vand ? UINT64_MAX : 0;

    switch (op->opc) {
    case IR_vzip_lo:
    case IR_vzip_hi:
        return fold_zip(ir, op);
    case IR_vandc:
        if (k->is_const && !((k->lo | (op->type == V128 ? k->hi : 0)) & ~shifted_out(ir, ir_ins(op)[0])))
            return ir_ins(op)[0];
        break;
    case IR_vor: case IR_vxor: case IR_vadd: case IR_vsub: case IR_vand:
        if (k->is_const && k->lo == same && (op->type == V64 || k->hi == same))
            return ir_ins(op)[0];
        break;
    }
    return 0;
}

uint16_t opt_fold(struct ir *ir, uint32_t index)
{
    struct ir_op *op = &ir->ops[index];
    unsigned flags = ir_op_info[op->opc].flags;
    uint16_t *in = ir_ins(op), r;
    uint64_t k;

    if (!(flags & IRF_PURE) || is_fp(op->opc))
        return 0;
    r = fold_all_const(ir, op);
    if (r)
        return r;
    if ((flags & IRF_COMMUTES) && const_in(ir, op, 0, &k)) {
        uint16_t t = in[0];

        in[0] = in[1];
        in[1] = t;
    }
    if (op->opc == IR_select || op->opc == IR_select_cmp)
        return fold_select(ir, op);
    if (op->nin == 1)
        return fold_unary(ir, op);
    if (op->nin != 2)
        return 0;
    if (const_in(ir, op, 1, &k) && (op->type == I32 || op->type == I64))
        return fold_right_const(ir, op, k);
    if (in[0] == in[1] && (r = fold_same(ir, op)))
        return r;
    return op->type == V64 || op->type == V128 ? fold_vector(ir, op) : 0;
}
