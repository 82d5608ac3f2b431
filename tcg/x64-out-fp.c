/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scalar floating point on x86-64.
 *
 * SSE gives the exact result and flags for what is usual: normal operands and
 * results.  What differs goes out of line to softfloat (interp_eval), which
 * has the last word:
 *   - NaN results: which NaN, default NaN, its sign.
 *   - Tiny results: SSE decides "tiny" after rounding, ARM before it; a result
 *     of the smallest normal's magnitude or less may have been tiny.  Sums are
 *     exact when they are tiny, so add and sub need no look.
 *   - Environments that flush (ir->fp_flush): denormal operands raise a flag
 *     that DAZ does not raise, tiny results become zero without "inexact".
 *     MXCSR is stored before the operation and put back before softfloat, so
 *     that the host's flags of the try are forgotten.
 * Env 1 has a fixed mode: to nearest, flushing.  Its ops run under env 0's
 * MXCSR if that rounds to nearest, else out of line; so MXCSR is never
 * switched (a store and a load of it cost 20 ns), and sticky flags of env 1's
 * inline ops are collected in env 0's MXCSR.
 */
#include "config.h"

#include <stddef.h>

#include "tcg/x64-internal.h"
#include "util/arena.h"

enum { MXCSR_RC = 0x6000 };

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

/* --- forms ------------------------------------------------------------- */

void x64_op3_imm(struct x64 *c, enum x64_sse op, int d, int a, int b,
                 int imm)
{
    if (c->b.vex) {
        x64_vex_rr(&c->b, op, 0, xnum(d), xnum(a), xnum(b), imm);
        return;
    }
    ir_assert(d == a || d != b, "%s into its second operand",
              x64_sse_text(op));
    if (d != a)
        x64_sse_rr(&c->b, X_MOVAPS, xnum(d), xnum(a), 0);
    x64_sse_rr(&c->b, op, xnum(d), xnum(b), imm);
}

void x64_op3(struct x64 *c, enum x64_sse op, int d, int a, int b)
{
    x64_op3_imm(c, op, d, a, b, 0);
}

void x64_op3_mem(struct x64 *c, enum x64_sse op, int d, int a,
                 struct x64_mem m)
{
    if (c->b.vex) {
        x64_vex_rm(&c->b, op, 0, xnum(d), xnum(a), m, 0);
        return;
    }
    if (d != a)
        x64_sse_rr(&c->b, X_MOVAPS, xnum(d), xnum(a), 0);
    x64_sse_rm(&c->b, op, xnum(d), m, 0);
}

void x64_op2(struct x64 *c, enum x64_sse op, int d, int s, int imm)
{
    if (c->b.vex)
        x64_vex_rr(&c->b, op, 0, xnum(d), 0, xnum(s), imm);
    else
        x64_sse_rr(&c->b, op, xnum(d), xnum(s), imm);
}

void x64_op2_mem(struct x64 *c, enum x64_sse op, int d, struct x64_mem m)
{
    if (c->b.vex)
        x64_vex_rm(&c->b, op, 0, xnum(d), 0, m, 0);
    else
        x64_sse_rm(&c->b, op, xnum(d), m, 0);
}

static bool is_f32(enum ir_type type)
{
    return type == F32;
}

static enum ir_type in_type(const struct x64 *c, const struct ir_op *op)
{
    return ir_value(c->ir, ir_ins(op)[0])->type;
}

static struct x64_mem abs_mask(struct x64 *c, enum ir_type type)
{
    uint64_t m = is_f32(type) ? 0x7fffffff7fffffff : INT64_MAX;

    return x64_const_mem(c, m, m);
}

static struct x64_mem sign_mask(struct x64 *c, enum ir_type type)
{
    return x64_const_mem(c, is_f32(type) ? 1ull << 31 : 1ull << 63, 0);
}

static struct x64_mem min_normal(struct x64 *c, enum ir_type type)
{
    uint64_t m = is_f32(type) ? 0x0080000000800000 : 1ull << 52;

    return x64_const_mem(c, m, m);
}

/* --- one operation ------------------------------------------------------ */

/* Registers and the way out of an FP op. */
struct fp_op {
    const struct ir_op *op;
    enum ir_type type;          /* of the operands */
    bool flush;
    unsigned n;                 /* operands */
    int in[3], d, x, g;         /* x: vector scratch; g: general scratch or -1 */
    struct x64_tail *t;
};

static void tail_softfloat(struct x64 *c, struct x64_tail *t)
{
    if (t->arg[0])      /* flushing: forget the try */
        x64_ldmxcsr(&c->b, x64_m(RSP, F_MXCSR));
    x64_emit_eval(c, t);
    x64_jmp(&c->b, &t->back);
}

/*
 * Inputs in registers, output defined apart from them, a tail made.  What
 * differs from the calm case is checked here: the rounding mode of env 1 and
 * denormal operands.
 */
static struct fp_op fp_begin(struct x64 *c, const struct ir_op *op,
                             void (*tail)(struct x64 *, struct x64_tail *))
{
    struct fp_op f = { .op = op, .type = in_type(c, op), .n = op->nin,
                       .g = -1 };
    uint32_t used = 0;

    f.flush = c->ir->fp_flush >> op->c[0] & 1;
    x64_clobber(c);
    for (unsigned i = 0; i < f.n; i++) {
        f.in[i] = ra_use(c->ra, ir_ins(op)[i]);
        used |= bit(f.in[i]);
    }
    f.x = ra_temp(c->ra, RA_VECTOR, 0);
    if (f.flush)
        f.g = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    f.d = ra_def_not(c->ra, ir_outs(op)[0],
                     used | bit(f.x) | (f.g < 0 ? 0 : bit(f.g)));
    f.t = x64_tail_eval(c, op, f.d, tail);
    f.t->arg[0] = f.flush;
    f.t->reg[1] = f.x;
    for (unsigned i = 0; i < f.n; i++)
        f.t->val[i] = (struct x64_place){
            .kind = PL_REG, .type = ir_value(c->ir, ir_ins(op)[i])->type,
            .reg = f.in[i] };
    return f;
}

/* 0 < |in| < smallest normal, as integers: 2 * in - 1 below a limit. */
static void check_denormal(struct x64 *c, const struct fp_op *f, int in)
{
    int sz = is_f32(f->type) ? S32 : S64;

    x64_move_reg(&c->b, f->type, f->g, in);
    x64_alu_rr(&c->b, A_ADD, sz, f->g, f->g);
    x64_alu_ri(&c->b, A_SUB, sz, f->g, 1);
    if (is_f32(f->type))
        x64_alu_ri(&c->b, A_CMP, S32, f->g, 0x00fffffe);
    else
        x64_alu_rm(&c->b, A_CMP, S64, f->g,
                   x64_const_mem(c, 0x001ffffffffffffe, 0));
    x64_jcc(&c->b, XC_BE, &f->t->entry);
}

static void fp_check_env(struct x64 *c, const struct fp_op *f)
{
    if (!f->flush)
        return;
    x64_stmxcsr(&c->b, x64_m(RSP, F_MXCSR));
    if (f->op->c[0]) {
        x64_test_mi(&c->b, S32, x64_m(RSP, F_MXCSR), MXCSR_RC);
        x64_jcc(&c->b, XC_NE, &f->t->entry);
    }
    for (unsigned i = 0; i < f->n; i++)
        check_denormal(c, f, f->in[i]);
}

static void check_nan(struct x64 *c, const struct fp_op *f,
                      enum ir_type type)
{
    x64_op2(c, is_f32(type) ? X_UCOMISS : X_UCOMISD, f->d, f->d, 0);
    x64_jcc(&c->b, XC_P, &f->t->entry);
}

/* Out of line unless |d| is above the smallest normal (infinity is). */
static void check_tiny(struct x64 *c, const struct fp_op *f,
                       enum ir_type type)
{
    x64_op3_mem(c, X_ANDPS, f->x, f->d, abs_mask(c, type));
    x64_op2_mem(c, is_f32(type) ? X_UCOMISS : X_UCOMISD, f->x,
                min_normal(c, type));
    x64_jcc(&c->b, XC_BE, &f->t->entry);
}

static void fp_end(struct x64 *c, const struct fp_op *f)
{
    x64_bind(&c->b, &f->t->back);
}

/* --- arithmetic ----------------------------------------------------------- */

/* A zero result is exact if an operand is zero: the usual reason to come
 * here.  Not when flushing: there the tail does all. */
static void tail_product(struct x64 *c, struct x64_tail *t)
{
    enum ir_type type = t->op->type;
    enum x64_sse cmp = is_f32(type) ? X_UCOMISS : X_UCOMISD;
    uint8_t *nonzero, *nan;

    if (!t->arg[0]) {
        x64_op3(c, X_XORPS, t->reg[1], t->reg[1], t->reg[1]);
        x64_op2(c, cmp, t->reg[0], t->reg[1], 0);
        nan = x64_jcc8(&c->b, XC_P);
        nonzero = x64_jcc8(&c->b, XC_NE);
        cmp = is_f32(t->val[0].type) ? X_UCOMISS : X_UCOMISD;
        x64_op2(c, cmp, t->val[0].reg, t->reg[1], 0);
        x64_jcc(&c->b, XC_E, &t->back);
        if (t->op->opc == IR_fmul) {
            x64_op2(c, cmp, t->val[1].reg, t->reg[1], 0);
            x64_jcc(&c->b, XC_E, &t->back);
        }
        x64_patch8(&c->b, nan);
        x64_patch8(&c->b, nonzero);
    }
    tail_softfloat(c, t);
}

static bool out_arith(struct x64 *c, const struct ir_op *op)
{
    static const struct {
        uint16_t f32, f64;
        bool sum;
    } row[IR_NOPS] = {
        [IR_fadd] = { X_ADDSS, X_ADDSD, true },
        [IR_fsub] = { X_SUBSS, X_SUBSD, true },
        [IR_fmul] = { X_MULSS, X_MULSD, false },
        [IR_fdiv] = { X_DIVSS, X_DIVSD, false },
    };
    bool sum = row[op->opc].sum;
    struct fp_op f = fp_begin(c, op, sum ? tail_softfloat : tail_product);

    fp_check_env(c, &f);
    x64_op3(c, is_f32(f.type) ? row[op->opc].f32 : row[op->opc].f64, f.d,
            f.in[0], f.in[1]);
    if (sum && !f.flush)
        check_nan(c, &f, f.type);
    else
        check_tiny(c, &f, f.type);
    fp_end(c, &f);
    return true;
}

static bool out_fsqrt(struct x64 *c, const struct ir_op *op)
{
    struct fp_op f = fp_begin(c, op, tail_softfloat);

    fp_check_env(c, &f);
    x64_op3(c, is_f32(f.type) ? X_SQRTSS : X_SQRTSD, f.d, f.in[0], f.in[0]);
    check_nan(c, &f, f.type);
    fp_end(c, &f);
    return true;
}

/* FMA3 213: d = in1 * d + in2. */
static bool out_fmuladd(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][4] = {
        { X_FMADD213SS, X_FNMADD213SS, X_FMSUB213SS, X_FNMSUB213SS },
        { X_FMADD213SD, X_FNMADD213SD, X_FMSUB213SD, X_FNMSUB213SD },
    };
    struct fp_op f;

    if (!c->be->cpu.fma)
        return false;
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    x64_move_reg(&c->b, V128, f.d, f.in[0]);
    x64_vex_rr(&c->b, row[!is_f32(f.type)][op->c[1] & 3], 0, xnum(f.d),
               xnum(f.in[1]), xnum(f.in[2]), 0);
    check_tiny(c, &f, f.type);
    fp_end(c, &f);
    return true;
}

static bool out_sign(struct x64 *c, const struct ir_op *op)
{
    bool neg = op->opc == IR_fneg;
    int s = ra_use(c->ra, ir_ins(op)[0]), d;

    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_op3_mem(c, neg ? X_XORPS : X_ANDPS, d, s,
                neg ? sign_mask(c, op->type) : abs_mask(c, op->type));
    return true;
}

static bool is_min(const struct ir_op *op)
{
    return op->opc == IR_fmin || op->opc == IR_fminnum;
}

/* Equal operands: of zeros min wants the negative one, max the positive one;
 * others have the same bits. */
static void tail_min_max(struct x64 *c, struct x64_tail *t)
{
    uint8_t *nan = x64_jcc8(&c->b, XC_P), *odd = NULL;

    if (t->arg[0])      /* flushing: not only equal operands come here */
        odd = x64_jmp8(&c->b);
    x64_op3(c, is_min(t->op) ? X_ORPS : X_ANDPS, t->reg[0],
            t->val[0].reg, t->val[1].reg);
    x64_jmp(&c->b, &t->back);
    x64_patch8(&c->b, nan);
    if (odd)
        x64_patch8(&c->b, odd);
    tail_softfloat(c, t);
}

/* The compare first: MINSS would raise invalid for quiet NaNs. */
static bool out_min_max(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][2] = { { X_MAXSS, X_MAXSD },
                                        { X_MINSS, X_MINSD } };
    struct fp_op f = fp_begin(c, op, tail_min_max);
    bool f32 = is_f32(f.type);

    fp_check_env(c, &f);
    x64_op2(c, f32 ? X_UCOMISS : X_UCOMISD, f.in[0], f.in[1], 0);
    x64_jcc(&c->b, XC_E, &f.t->entry);      /* equal or a NaN */
    x64_op3(c, row[is_min(op)][!f32], f.d, f.in[0], f.in[1]);
    fp_end(c, &f);
    return true;
}

/* --- to integral values ---------------------------------------------------- */

/* Immediates of ROUNDSD: enum ir_round, away from zero in two steps; QUIET raises no inexact. */
enum { ROUND_QUIET = 8 };
const uint8_t x64_round_imm[] = {
    [IR_ROUND_ENV] = 4, [IR_ROUND_ZERO] = 3, [IR_ROUND_EVEN] = 0, [IR_ROUND_UP] = 2, [IR_ROUND_DOWN] = 1, [IR_ROUND_AWAY] = 3,
};

static void round_scalar(struct x64 *c, const struct fp_op *f, int d, int imm)
{
    x64_op3_imm(c, is_f32(f->type) ? X_ROUNDSS : X_ROUNDSD, d, f->in[0], f->in[0], imm);
}

/*
 * d = the operand rounded, half away from zero, without inexact; y is scratch beside f->x. The fraction is exact, and so is what is
 * added to the integer towards zero. Numbers that have no fraction for their size leave, and NaNs.
 */
static void round_away(struct x64 *c, const struct fp_op *f, int d, int y)
{
    bool f32 = is_f32(f->type);
    enum x64_sse cmp = f32 ? X_UCOMISS : X_UCOMISD;

    x64_op3_mem(c, X_ANDPS, f->x, f->in[0], abs_mask(c, f->type));
    x64_load_reg(&c->b, f->type, y, x64_const_mem(c, f32 ? 0x4b000000 : 0x4330000000000000, 0));
    x64_op2(c, cmp, y, f->x, 0);
    x64_jcc(&c->b, XC_BE, &f->t->entry);
    round_scalar(c, f, d, x64_round_imm[IR_ROUND_ZERO] | ROUND_QUIET);
    x64_op3(c, f32 ? X_SUBSS : X_SUBSD, f->x, f->in[0], d);
    x64_op3_mem(c, X_ANDPS, f->x, f->x, abs_mask(c, f->type));
    x64_load_reg(&c->b, f->type, y, x64_const_mem(c, f32 ? 0x3f000000 : 0x3fe0000000000000, 0));
    x64_op3_imm(c, f32 ? X_CMPSS : X_CMPSD, y, y, f->x, 2 /* not greater */);
    x64_op3_mem(c, X_ANDPS, y, y, x64_const_mem(c, f32 ? 0x3f800000 : 0x3ff0000000000000, 0));
    x64_op3_mem(c, X_ANDPS, f->x, f->in[0], sign_mask(c, f->type));
    x64_op3(c, X_ORPS, y, y, f->x);
    x64_op3(c, f32 ? X_ADDSS : X_ADDSD, d, d, y);
}

static bool out_frint(struct x64 *c, const struct ir_op *op)
{
    bool away = op->c[1] == IR_ROUND_AWAY;
    int y = -1;
    struct fp_op f;

    if (!c->be->cpu.sse41 || (away && op->c[2]))
        return false;
    x64_clobber(c);
    if (away)
        y = ra_temp(c->ra, RA_VECTOR, 0);
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    if (away)
        round_away(c, &f, f.d, y);
    else
        round_scalar(c, &f, f.d, x64_round_imm[op->c[1]] | (op->c[2] ? 0 : ROUND_QUIET));
    check_nan(c, &f, f.type);
    fp_end(c, &f);
    return true;
}

/* --- conversions ----------------------------------------------------------- */

static bool out_fcvt(struct x64 *c, const struct ir_op *op)
{
    bool widen = op->type == F64;
    struct fp_op f = fp_begin(c, op, widen ? tail_softfloat : tail_product);

    fp_check_env(c, &f);
    x64_op3(c, widen ? X_CVTSS2SD : X_CVTSD2SS, f.d, f.in[0], f.in[0]);
    if (widen)
        check_nan(c, &f, op->type);
    else
        check_tiny(c, &f, op->type);
    fp_end(c, &f);
    return true;
}

/* The operand rounded into r, without flags but invalid; s is scratch. */
static void pre_round(struct x64 *c, const struct fp_op *f, int r, int s)
{
    unsigned round = f->op->c[1];

    if (round == IR_ROUND_AWAY)
        round_away(c, f, r, s);
    else
        round_scalar(c, f, r, x64_round_imm[round] | ROUND_QUIET);
}

/* Inexact, now that the operand is known to be in range. */
static void raise_inexact(struct x64 *c, const struct fp_op *f)
{
    round_scalar(c, f, f->x, x64_round_imm[f->op->c[1]]);
}

static bool out_fcvt_s_rounded(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][2] = { { X_CVTTSS2SI, X_CVTTSS2SI_Q }, { X_CVTTSD2SI, X_CVTTSD2SI_Q } };
    bool wide = op->type == I64;
    struct fp_op f;
    int r, s;

    if (!c->be->cpu.sse41)
        return false;
    x64_clobber(c);
    r = ra_temp(c->ra, RA_VECTOR, 0);
    s = ra_temp(c->ra, RA_VECTOR, 0);
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    pre_round(c, &f, r, s);
    x64_op2(c, row[!is_f32(f.type)][wide], f.d, r, 0);
    x64_alu_ri(&c->b, A_CMP, wide ? S64 : S32, f.d, 1);
    x64_jcc(&c->b, XC_O, &f.t->entry);
    raise_inexact(c, &f);
    fp_end(c, &f);
    return true;
}

/* The integer that stands for "out of range" sends to softfloat, which knows
 * whether it is meant. */
static bool out_fcvt_s(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][2][2] = {  /* truncating, F64, I64 */
        { { X_CVTSS2SI, X_CVTSS2SI_Q }, { X_CVTSD2SI, X_CVTSD2SI_Q } },
        { { X_CVTTSS2SI, X_CVTTSS2SI_Q }, { X_CVTTSD2SI, X_CVTTSD2SI_Q } },
    };
    struct fp_op f;
    bool wide = op->type == I64;

    if (op->c[1] > IR_ROUND_ZERO)
        return out_fcvt_s_rounded(c, op);
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    x64_op2(c, row[op->c[1] & 1][!is_f32(f.type)][wide], f.d, f.in[0], 0);
    x64_alu_ri(&c->b, A_CMP, wide ? S64 : S32, f.d, 1);
    x64_jcc(&c->b, XC_O, &f.t->entry);      /* d is the smallest integer */
    fp_end(c, &f);
    return true;
}

/*
 * Unsigned, through 64 signed bits. The range, of 32 bits or less than 2^63, is checked first: the host would raise inexact for
 * values that only fit the wider type.
 */
static bool out_fcvt_u(struct x64 *c, const struct ir_op *op)
{
    bool f32 = is_f32(in_type(c, op)), wide = op->type == I64, to_zero = op->c[1] == IR_ROUND_ZERO;
    enum x64_sse cmp = f32 ? X_UCOMISS : X_UCOMISD;
    uint64_t limit = wide ? (f32 ? 0x5f000000 : 0x43e0000000000000) : (f32 ? 0x4f800000 : 0x41f0000000000000);
    struct fp_op f;
    int r = -1, s = -1;

    if (!to_zero && !c->be->cpu.sse41)
        return false;
    x64_clobber(c);
    if (!to_zero) {
        r = ra_temp(c->ra, RA_VECTOR, 0);
        s = ra_temp(c->ra, RA_VECTOR, 0);
    }
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    if (to_zero)
        r = f.in[0];
    else
        pre_round(c, &f, r, s);
    x64_load_reg(&c->b, f.type, f.x, x64_const_mem(c, limit, 0));
    x64_op2(c, cmp, f.x, r, 0);
    x64_jcc(&c->b, XC_BE, &f.t->entry);
    x64_op3(c, X_XORPS, f.x, f.x, f.x);
    x64_op2(c, cmp, r, f.x, 0);
    x64_jcc(&c->b, XC_B, &f.t->entry);
    x64_op2(c, f32 ? X_CVTTSS2SI_Q : X_CVTTSD2SI_Q, f.d, r, 0);
    if (!to_zero)
        raise_inexact(c, &f);
    fp_end(c, &f);
    return true;
}

/* An unsigned operand of 2^63 or more: half of it, with what the shift lost in the last bit for the rounding, and doubled. */
static void tail_from_u64(struct x64 *c, struct x64_tail *t)
{
    bool dbl = t->op->type == F64;
    int d = t->reg[0], s = t->reg[1], g = t->reg[2];
    enum x64_sse cvt = dbl ? X_CVTSI2SD_Q : X_CVTSI2SS_Q;
    uint8_t *even;

    x64_mov_rr(&c->b, S64, g, s);
    x64_shift_i(&c->b, SH_SHR, S64, g, 1);
    x64_test_ri(&c->b, S32, s, 1);
    even = x64_jcc8(&c->b, XC_E);
    x64_alu_ri(&c->b, A_OR, S64, g, 1);
    x64_patch8(&c->b, even);
    if (c->b.vex)
        x64_vex_rr(&c->b, cvt, 0, xnum(d), xnum(d), g, 0);
    else
        x64_sse_rr(&c->b, cvt, xnum(d), g, 0);
    x64_op3(c, dbl ? X_ADDSD : X_ADDSS, d, d, d);
    x64_jmp(&c->b, &t->back);
}

static bool out_from_u64(struct x64 *c, const struct ir_op *op)
{
    bool dbl = op->type == F64;
    enum x64_sse cvt = dbl ? X_CVTSI2SD_Q : X_CVTSI2SS_Q;
    struct x64_tail *t;
    int s, g, d;

    x64_clobber(c);
    s = ra_use(c->ra, ir_ins(op)[0]);
    g = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    t = x64_tail_new(c, op, tail_from_u64);
    t->reg[0] = d;
    t->reg[1] = s;
    t->reg[2] = g;
    x64_op3(c, X_XORPS, d, d, d);
    x64_test_rr(&c->b, S64, s, s);
    x64_jcc(&c->b, XC_S, &t->entry);
    if (c->b.vex)
        x64_vex_rr(&c->b, cvt, 0, xnum(d), xnum(d), s, 0);
    else
        x64_sse_rr(&c->b, cvt, xnum(d), s, 0);
    x64_bind(&c->b, &t->back);
    return true;
}

/* Integers give no NaN and nothing tiny; only env 1's rounding may differ. */
static bool out_from_int(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][2] = { { X_CVTSI2SS, X_CVTSI2SS_Q },
                                        { X_CVTSI2SD, X_CVTSI2SD_Q } };
    bool wide = in_type(c, op) == I64, is_signed = op->opc == IR_fcvt_from_s;
    int s, d;

    if (op->c[0])
        return false;
    if (wide && !is_signed)
        return out_from_u64(c, op);
    s = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_op3(c, X_XORPS, d, d, d);   /* no wait for the old contents */
    wide |= !is_signed;             /* unsigned 32 bits as signed 64 */
    if (c->b.vex)
        x64_vex_rr(&c->b, row[op->type == F64][wide], 0, xnum(d), xnum(d),
                   s, 0);
    else
        x64_sse_rr(&c->b, row[op->type == F64][wide], xnum(d), s, 0);
    return true;
}

/* --- compares ---------------------------------------------------------------- */

/* greater C, equal Z and C, less S, unordered C and O: from the host's flags
 * by moves, which do not change them. */
static bool out_fcmp(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][2] = { { X_UCOMISS, X_COMISS },
                                        { X_UCOMISD, X_COMISD } };
    struct x64_buf *b = &c->b;
    struct fp_op f;
    int t;

    x64_clobber(c);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    f = fp_begin(c, op, tail_softfloat);
    fp_check_env(c, &f);
    x64_op2(c, row[!is_f32(f.type)][op->c[1] & 1], f.in[0], f.in[1], 0);
    x64_mov_ri(b, f.d, FLAG_C);
    x64_mov_ri(b, t, FLAG_Z | FLAG_C);
    x64_cmov_rr(b, XC_E, S32, f.d, t);
    x64_mov_ri(b, t, FLAG_S);
    x64_cmov_rr(b, XC_B, S32, f.d, t);
    x64_mov_ri(b, t, FLAG_C | FLAG_O);
    x64_cmov_rr(b, XC_P, S32, f.d, t);
    fp_end(c, &f);
    if (!f.flush)       /* else softfloat's way joins here */
        c->logic_val = ir_outs(op)[0];
    return true;
}

const x64_emit_fn x64_fp_emit[IR_NOPS] = {
    [IR_fadd] = out_arith, [IR_fsub] = out_arith, [IR_fmul] = out_arith,
    [IR_fdiv] = out_arith, [IR_fsqrt] = out_fsqrt,
    [IR_fmuladd] = out_fmuladd, [IR_fneg] = out_sign, [IR_fabs] = out_sign,
    [IR_fmin] = out_min_max, [IR_fmax] = out_min_max,
    [IR_fminnum] = out_min_max, [IR_fmaxnum] = out_min_max,
    [IR_frint] = out_frint, [IR_fcvt] = out_fcvt,
    [IR_fcvt_s] = out_fcvt_s, [IR_fcvt_u] = out_fcvt_u,
    [IR_fcvt_from_s] = out_from_int, [IR_fcvt_from_u] = out_from_int,
    [IR_flags_fcmp] = out_fcmp,
};
