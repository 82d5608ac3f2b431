/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector floating point on x86-64, single precision.  As in x64-out-fp.c the
 * unusual goes to softfloat, which then does all lanes: a NaN, a denormal
 * operand, a result that is tiny or may be, in any lane.  The look at the
 * lanes is done with integers: with u = (x & 0x7fffffff) - 1, unsigned,
 *     u <= 0x007fffff            0 < |x| <= the smallest normal
 *     u == 0xffffffff            zero
 * The upper half of a V64 operand is made zero first.
 */
#include "config.h"

#include "tcg/x64-internal.h"

enum { MXCSR_RC = 0x6000, TINY = 0x007fffff, NTEMP = 4 };

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

static struct x64_mem splat(struct x64 *c, uint32_t v)
{
    uint64_t w = (uint64_t)v << 32 | v;

    return x64_const_mem(c, w, w);
}

struct vfp {
    const struct ir_op *op;
    unsigned n;
    int in[3];                  /* operands, upper half zero */
    int d, t[NTEMP], g;
    uint32_t env;
    struct x64_tail *t_soft;
};

static void tail_softfloat(struct x64 *c, struct x64_tail *t)
{
    x64_ldmxcsr(&c->b, x64_m(RSP, F_MXCSR));
    x64_emit_eval(c, t);
    x64_jmp(&c->b, &t->back);
}

static bool usable(const struct x64 *c, const struct ir_op *op)
{
    return op->c[0] == 2 && c->be->cpu.sse41;
}

/* V64 operands move to scratch of their own. */
static int whole_operand(struct x64 *c, uint16_t v)
{
    int s = ra_use(c->ra, v), t;

    if (ir_value(c->ir, v)->type != V64)
        return s;
    t = ra_temp(c->ra, RA_VECTOR, 0);
    x64_op2(c, X_MOVQ, t, s, 0);
    return t;
}

static struct vfp vfp_begin(struct x64 *c, const struct ir_op *op)
{
    struct vfp f = { .op = op, .n = op->nin, .env = op->c[1] };
    uint32_t used = 0;

    x64_clobber(c);
    for (unsigned i = 0; i < f.n; i++) {
        f.in[i] = whole_operand(c, ir_ins(op)[i]);
        used |= bit(f.in[i]);
    }
    for (unsigned i = 0; i < NTEMP; i++)
        f.t[i] = ra_temp(c->ra, RA_VECTOR, 0);
    f.g = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    f.d = ra_def_not(c->ra, ir_outs(op)[0], used);
    f.t_soft = x64_tail_eval(c, op, f.d, tail_softfloat);
    for (unsigned i = 0; i < f.n; i++)
        f.t_soft->val[i] = (struct x64_place){
            .kind = PL_REG, .type = V128, .reg = f.in[i] };
    x64_stmxcsr(&c->b, x64_m(RSP, F_MXCSR));
    if (f.env) {
        x64_test_mi(&c->b, S32, x64_m(RSP, F_MXCSR), MXCSR_RC);
        x64_jcc(&c->b, XC_NE, &f.t_soft->entry);
    }
    return f;
}

/* Leave if any lane of t is all ones. */
static void leave_if_any(struct x64 *c, const struct vfp *f, int t)
{
    x64_op2(c, X_MOVMSKPS, f->g, t, 0);
    x64_test_rr(&c->b, S32, f->g, f->g);
    x64_jcc(&c->b, XC_NE, &f->t_soft->entry);
}

/* t = u of x; -1 is in register ones. */
static void magnitude(struct x64 *c, int t, int x, int ones)
{
    x64_op3_mem(c, X_PAND, t, x, splat(c, 0x7fffffff));
    x64_op3(c, X_PADDD, t, t, ones);
}

/* t[0] = the smallest u of all operands; t[3] = -1. */
static void operand_magnitude(struct x64 *c, const struct vfp *f)
{
    x64_op3(c, X_PCMPEQD, f->t[3], f->t[3], f->t[3]);
    magnitude(c, f->t[0], f->in[0], f->t[3]);
    for (unsigned i = 1; i < f->n; i++) {
        magnitude(c, f->t[1], f->in[i], f->t[3]);
        x64_op3(c, X_PMINUD, f->t[0], f->t[0], f->t[1]);
    }
}

/* t = ones where u (destroyed: also in t) is tiny. */
static void is_tiny(struct x64 *c, const struct vfp *f, int t, int spare)
{
    (void)f;
    x64_op3_mem(c, X_PMINUD, spare, t, splat(c, TINY));
    x64_op3(c, X_PCMPEQD, t, t, spare);
}

static void vfp_end(struct x64 *c, const struct vfp *f)
{
    x64_bind(&c->b, &f->t_soft->back);
}

/* --- arithmetic -------------------------------------------------------------- */

/* Zero products of operands that are not zero: an underflow.  t[1] has the
 * result's u.  Adds to the bad lanes in t[0]; uses t[1], t[2]. */
static void bad_zero_product(struct x64 *c, const struct vfp *f)
{
    int z = f->t[2];

    /* a lane is innocent if an operand is zero: its u is the greatest */
    magnitude(c, z, f->in[0], f->t[3]);
    x64_op3(c, X_PCMPEQD, f->t[1], f->t[1], f->t[3]);
    x64_op3(c, X_PCMPEQD, z, z, f->t[3]);
    x64_op3(c, X_PANDN, z, z, f->t[1]);     /* zero, a is not */
    magnitude(c, f->t[1], f->in[1], f->t[3]);
    x64_op3(c, X_PCMPEQD, f->t[1], f->t[1], f->t[3]);
    x64_op3(c, X_PANDN, f->t[1], f->t[1], z);
    x64_op3(c, X_POR, f->t[0], f->t[0], f->t[1]);
}

enum zero_rule { ZERO_EXACT, ZERO_PRODUCT, ZERO_UNKNOWN };

/* Out of line if a lane of the operands or of the result is unusual. */
static void check_arith(struct x64 *c, const struct vfp *f,
                        enum zero_rule rule)
{
    operand_magnitude(c, f);
    magnitude(c, f->t[1], f->d, f->t[3]);
    x64_op3(c, X_PMINUD, f->t[0], f->t[0], f->t[1]);
    is_tiny(c, f, f->t[0], f->t[2]);
    if (rule == ZERO_PRODUCT) {
        bad_zero_product(c, f);
    } else if (rule == ZERO_UNKNOWN) {
        x64_op3(c, X_PCMPEQD, f->t[1], f->t[1], f->t[3]);
        x64_op3(c, X_POR, f->t[0], f->t[0], f->t[1]);
    }
    x64_op3_imm(c, X_CMPPS, f->t[1], f->d, f->d, 3);    /* unordered */
    x64_op3(c, X_POR, f->t[0], f->t[0], f->t[1]);
    leave_if_any(c, f, f->t[0]);
}

static bool out_arith(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[IR_NOPS] = {
        [IR_vfadd] = X_ADDPS, [IR_vfsub] = X_SUBPS, [IR_vfmul] = X_MULPS };
    struct vfp f;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op);
    x64_op3(c, row[op->opc], f.d, f.in[0], f.in[1]);
    check_arith(c, &f, op->opc == IR_vfmul ? ZERO_PRODUCT : ZERO_EXACT);
    vfp_end(c, &f);
    return true;
}

/* In a V64 the upper lanes give 0 * 0 + 0 = 0, which is no reason to leave:
 * they are made one. */
static bool out_vfmuladd(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[4] = { X_FMADD213PS, X_FNMADD213PS,
                                     X_FMSUB213PS, X_FNMSUB213PS };
    struct vfp f;

    if (!usable(c, op) || !c->be->cpu.fma)
        return false;
    f = vfp_begin(c, op);
    x64_move_reg(&c->b, V128, f.d, f.in[0]);
    x64_vex_rr(&c->b, row[op->c[2] & 3], 0, xnum(f.d), xnum(f.in[1]),
               xnum(f.in[2]), 0);
    if (op->type == V64)
        x64_op3_mem(c, X_POR, f.d, f.d,
                    x64_const_mem(c, 0, 0x3f8000003f800000));
    check_arith(c, &f, ZERO_UNKNOWN);
    vfp_end(c, &f);
    return true;
}

static bool out_vfsign(struct x64 *c, const struct ir_op *op)
{
    bool neg = op->opc == IR_vfneg;
    uint64_t m = op->c[0] == 2 ? 0x8000000080000000 : 1ull << 63;
    int s = ra_use(c->ra, ir_ins(op)[0]), d;

    if (!neg)
        m = ~m;
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_op3_mem(c, neg ? X_PXOR : X_PAND, d, s, x64_const_mem(c, m, m));
    return true;
}

/* Operands must be calm; NaNs too if nan. */
static void check_operands(struct x64 *c, const struct vfp *f, bool nan)
{
    operand_magnitude(c, f);
    is_tiny(c, f, f->t[0], f->t[1]);
    if (nan) {
        x64_op3_imm(c, X_CMPPS, f->t[1], f->in[0], f->in[f->n - 1], 3);
        x64_op3(c, X_POR, f->t[0], f->t[0], f->t[1]);
    }
    leave_if_any(c, f, f->t[0]);
}

/* MINPS gives the second operand for equal ones: both orders, or-ed, give the
 * negative of two zeros; and-ed the positive for MAXPS. */
static bool out_vfminmax(struct x64 *c, const struct ir_op *op)
{
    bool min = op->opc == IR_vfmin;
    enum x64_sse insn = min ? X_MINPS : X_MAXPS;
    struct vfp f;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op);
    check_operands(c, &f, true);
    x64_op3(c, insn, f.d, f.in[0], f.in[1]);
    x64_op3(c, insn, f.t[0], f.in[1], f.in[0]);
    x64_op3(c, min ? X_ORPS : X_ANDPS, f.d, f.d, f.t[0]);
    vfp_end(c, &f);
    return true;
}

/* CMPPS with LE and LT raises invalid for quiet NaNs as the ops say, with EQ
 * it does not. */
static bool out_vfcmp(struct x64 *c, const struct ir_op *op)
{
    enum { EQ, LT, LE };
    struct vfp f;
    int a, b;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op);
    check_operands(c, &f, false);
    a = f.in[op->opc != IR_vfcmpeq];    /* a > b is b < a */
    b = f.in[op->opc == IR_vfcmpeq];
    x64_op3_imm(c, X_CMPPS, f.d, a, b,
                op->opc == IR_vfcmpeq ? EQ : op->opc == IR_vfcmpgt ? LT : LE);
    vfp_end(c, &f);
    return true;
}

/* --- conversions -------------------------------------------------------------- */

/* The integer that stands for "out of range" (for unsigned: any negative
 * one) sends to softfloat. */
static bool out_vfcvt_int(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op);
    check_operands(c, &f, false);
    x64_op2(c, X_CVTTPS2DQ, f.d, f.in[0], 0);
    if (op->opc == IR_vfcvt_u) {
        leave_if_any(c, &f, f.d);
    } else {
        x64_op3_mem(c, X_PCMPEQD, f.t[0], f.d, splat(c, 0x80000000));
        leave_if_any(c, &f, f.t[0]);
    }
    vfp_end(c, &f);
    return true;
}

static bool out_vfcvt_from(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op);
    if (op->opc == IR_vfcvt_from_u)
        leave_if_any(c, &f, f.in[0]);
    x64_op2(c, X_CVTDQ2PS, f.d, f.in[0], 0);
    vfp_end(c, &f);
    return true;
}

const x64_emit_fn x64_vfp_emit[IR_NOPS] = {
    [IR_vfadd] = out_arith, [IR_vfsub] = out_arith, [IR_vfmul] = out_arith,
    [IR_vfmuladd] = out_vfmuladd, [IR_vfneg] = out_vfsign,
    [IR_vfabs] = out_vfsign, [IR_vfmin] = out_vfminmax,
    [IR_vfmax] = out_vfminmax, [IR_vfcmpeq] = out_vfcmp,
    [IR_vfcmpge] = out_vfcmp, [IR_vfcmpgt] = out_vfcmp,
    [IR_vfcvt_s] = out_vfcvt_int, [IR_vfcvt_u] = out_vfcvt_int,
    [IR_vfcvt_from_s] = out_vfcvt_from, [IR_vfcvt_from_u] = out_vfcvt_from,
};
