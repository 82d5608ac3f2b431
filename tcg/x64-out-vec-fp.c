/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector floating point on x86-64.
 *
 * The op runs inline on all lanes under env 0's MXCSR, as scalar ops do
 * (x64-out-fp.c), and the host's own flags say whether softfloat must do it
 * again:
 *   - Denormal operands raise DE (DAZ is off for guests that count flushed
 *     inputs).  A denormal result raises it in the compare of the result with
 *     itself that looks for NaNs.  Tiny results that were rounded raise UE.  So
 *     in an environment that flushes, DE or UE after the op mean: out of line.
 *   - SSE detects tininess after rounding, ARM before it: products that were
 *     rounded to the smallest normal are looked for by an integer compare.
 *     Sums that are tiny are exact.
 *   - Env 1 rounds to nearest: any other mode in MXCSR means out of line.
 * MXCSR from before the op is kept (usually it is what was stored after the op
 * before) and put back by the tail, so that the host's flags of the try are
 * forgotten.  STMXCSR costs a third of a nanosecond while the flags stay the
 * same; looking for denormals in the operands with integers takes 10
 * instructions.
 *
 * The tail calls x64_redo through a thunk that saves all registers.  NaNs in
 * sums and products of env 1 only need its default NaN there.
 *
 * The upper half of a V64 is zero and raises nothing.
 */
#include "config.h"

#include <stddef.h>

#include "tcg/x64-vec.h"
#include "util/arena.h"

enum {
    /* Copies of MXCSR lie where addresses are short; see struct x64_redo. */
    SLOT_A = offsetof(struct tcg_env, mxcsr[0]),
    SLOT_B = offsetof(struct tcg_env, mxcsr_copy),
};
enum { CMP_EQ, CMP_LT, CMP_LE, CMP_UNORD };
enum { ROUND_QUIET = 8 };       /* ROUNDPS raises no inexact */

/* One op being emitted. */
struct vfp {
    const struct ir_op *op;
    unsigned e, env;            /* log2 of the lane's bytes, fp env */
    bool flush;                 /* the env may flush; env 1 does */
    bool undo;                  /* softfloat starts from MXCSR before the op */
    int in[3], d, t, u;         /* t, u: scratch */
    int32_t before, after;      /* where MXCSR is, offsets in env */
    struct x64_tail *soft;      /* x64_redo */
    struct x64_redo *redo;      /* its data */
};

/* By the lane's size: single, double. */
struct vfp_row {
    uint16_t ps, pd;
};

static enum x64_sse pick(const struct vfp *f, struct vfp_row r)
{
    return f->e == 2 ? r.ps : r.pd;
}

static const struct vfp_row row_cmp = { X_CMPPS, X_CMPPD };

static struct x64_mem lanes(struct x64 *c, unsigned e, uint32_t single,
                            uint64_t dbl)
{
    return xv_all(c, e, e == 2 ? single : dbl);
}

/* --- MXCSR ------------------------------------------------------------- */

static bool changes_mxcsr(const struct ir_op *op)
{
    return !op->dead && ((op->opc >= IR_fadd && op->opc <= IR_fcvt_from_u) ||
                         op->opc == IR_flags_fcmp || op->opc == IR_call ||
                         op->opc == IR_label);
}

/* The slot that holds the live MXCSR, 0 if none is known to. */
static int32_t known_slot(const struct x64 *c)
{
    enum { FAR = 64 };

    if (!c->mxcsr_slot || c->pos - c->mxcsr_pos > FAR)
        return 0;
    for (uint32_t i = c->mxcsr_pos + 1; i < c->pos; i++)
        if (changes_mxcsr(&c->ir->ops[i]))
            return 0;
    return c->mxcsr_slot;
}

static void mxcsr_begin(struct x64 *c, struct vfp *f)
{
    f->before = known_slot(c);
    if (!f->before) {
        f->before = SLOT_A;
        x64_stmxcsr(&c->b, x64_m(ENV, SLOT_A));
    }
    f->after = f->before == SLOT_A ? SLOT_B : SLOT_A;
}

/* After the op: out of line if MXCSR has one of these bits. */
static void mxcsr_check(struct x64 *c, const struct vfp *f, uint32_t bits)
{
    x64_stmxcsr(&c->b, x64_m(ENV, f->after));
    x64_test_mi(&c->b, bits > 0xff ? S32 : S8, x64_m(ENV, f->after), bits);
    x64_jcc(&c->b, XC_NE, &f->soft->entry);
    c->mxcsr_slot = f->after;
    c->mxcsr_pos = c->pos;
}

/* t = lanes of s that are the smallest normal. */
static void least_normal(struct x64 *c, const struct vfp *f, int s, int t)
{
    x64_op3_mem(c, X_PAND, t, s,
                lanes(c, f->e, 0x7fffffff, 0x7fffffffffffffff));
    x64_op3_mem(c, f->e == 2 ? X_PCMPEQD : X_PCMPEQQ, t, t,
                lanes(c, f->e, 0x00800000, 0x0010000000000000));
}

/* --- the frame of an op ------------------------------------------------ */

static void tail_redo(struct x64 *c, struct x64_tail *t)
{
    const void *redo = (const void *)(uintptr_t)t->arg[0];
    bool near;

    x64_push(&c->b, RAX);
    x64_lea(&c->b, S64, RAX, x64_data_mem(c, redo, sizeof(struct x64_redo)));
    near = x64_call_abs(&c->b, c->be->thunk[T_REDO]);
    ir_assert(near, "thunk out of reach");
    x64_pop(&c->b, RAX);
    x64_jmp(&c->b, &t->back);
}

static void make_tail(struct x64 *c, struct vfp *f)
{
    struct x64_redo *r = arena_new(c->ir->arena, struct x64_redo);

    _Static_assert(sizeof(*r) == 16, "shared when equal");
    r->opc = f->op->opc;
    r->type = f->op->type;
    r->nin = f->op->nin;
    for (unsigned i = 0; i < 3; i++)
        r->c[i] = f->op->c[i];
    for (unsigned i = 0; i < r->nin; i++)
        r->in[i] = xnum(f->in[i]);
    r->out = xnum(f->d);
    r->undo = f->undo;
    r->swapped = f->before == SLOT_B;
    f->redo = r;
    f->soft = x64_tail_new(c, f->op, tail_redo);
    f->soft->arg[0] = (uintptr_t)r;
}

/* Inputs, output apart from them, the tail. */
static struct vfp vfp_begin(struct x64 *c, const struct ir_op *op, bool undo)
{
    struct vfp f = { .op = op, .e = op->c[0], .env = op->c[1] };
    uint32_t used = 0;

    f.flush = f.e > 1 && (f.env || (c->ir->fp_flush & 1));
    f.undo = f.flush || undo;
    x64_clobber(c);
    for (unsigned i = 0; i < op->nin; i++) {
        f.in[i] = xv_use(c, op, i);
        used |= xv_bit(f.in[i]);
    }
    f.t = xv_temp(c);
    f.u = xv_temp(c);
    ra_inputs_done(c->ra);
    f.d = xv_def(c, op, used);
    if (f.undo)
        mxcsr_begin(c, &f);
    c->mxcsr_slot = 0;      /* until mxcsr_check */
    make_tail(c, &f);
    return f;
}

static void vfp_end(struct x64 *c, const struct vfp *f)
{
    x64_bind(&c->b, &f->soft->back);
}

/* Out of line if any bit of register t is set. */
static void leave_if_any(struct x64 *c, const struct vfp *f, int t)
{
    x64_op2(c, X_PTEST, t, t, 0);
    x64_jcc(&c->b, XC_NE, &f->soft->entry);
}

/* Emitted by out_half* below */
static bool is_half(const struct ir_op *op)
{
    return op->c[0] == 1;
}

static bool usable(const struct x64 *c, const struct ir_op *op)
{
    return (op->c[0] == 2 || op->c[0] == 3) && xv_has(c, NEED_SSE41);
}

/* --- arithmetic -------------------------------------------------------- */

static void check_result(struct x64 *c, const struct vfp *f, bool product)
{
    f->redo->patch_nan = f->env && (f->op->opc == IR_vfadd || f->op->opc == IR_vfsub || f->op->opc == IR_vfmul);
    x64_op3_imm(c, pick(f, row_cmp), f->t, f->d, f->d, CMP_UNORD);
    if (f->flush)
        mxcsr_check(c, f, MX_DE | MX_UE | (f->op->opc == IR_vfdiv ? MX_ZE : 0) | (f->env ? MX_RC : 0));
    if (product) {
        least_normal(c, f, f->d, f->u);
        x64_op3(c, X_POR, f->t, f->t, f->u);
    }
    leave_if_any(c, f, f->t);
}

/* --- half precision ------------------------------------------------------ */

/*
 * Four halves become singles, and the result becomes halves. A single has more than twice a half's bits and two more, so that rounding
 * twice gives what rounding once does, and the range is large enough for all intermediate results; only a fused product and sum may
 * be rounded to the middle between two halves (middle_is_exact). What may be tiny leaves, too: the host's idea of tininess is another, and the
 * conversion does not flush. So does everything while the env flushes halves, which MXCSR knows nothing of. Flags that the host has
 * raised until then are among those that softfloat raises.
 */
static bool half_usable(const struct x64 *c, const struct ir_op *op)
{
    return op->type == V64 && op->c[1] == 0 && c->be->cpu.f16c;
}

static struct vfp half_begin(struct x64 *c, const struct ir_op *op, bool undo)
{
    struct vfp f = vfp_begin(c, op, undo);

    x64_alu_mi(&c->b, A_CMP, S8, x64_m(ENV, offsetof(struct tcg_env, fp[0].flush_half)), 0);
    x64_jcc(&c->b, XC_NE, &f.soft->entry);
    f.e = 2;
    return f;
}

static void widen_half(struct x64 *c, int d, int s)
{
    x64_op2(c, X_CVTPH2PS, d, s, 0);
}

/* u = lanes where 0 < |s| <= 2^-14, the least normal half: those that the sum moves to the end of the signed numbers. */
static void tiny_half(struct x64 *c, const struct vfp *f, int s)
{
    const uint32_t k = 0x7fffffff - 0x38800000;

    x64_op3_mem(c, X_PAND, f->u, s, xv_all(c, 2, 0x7fffffff));
    x64_op3_mem(c, X_PADDD, f->u, f->u, xv_all(c, 2, k));
    x64_op3_mem(c, X_PCMPGTD, f->u, f->u, xv_all(c, 2, k));
}

/* The singles in d become the result, unless one is a NaN or (product) may be tiny. f->t and f->u are lost. */
static void half_end(struct x64 *c, const struct vfp *f, bool product)
{
    enum { RC_OF_MXCSR = 4 };

    x64_op3_imm(c, X_CMPPS, f->t, f->d, f->d, CMP_UNORD);
    if (product) {
        tiny_half(c, f, f->d);
        x64_op3(c, X_POR, f->t, f->t, f->u);
    }
    leave_if_any(c, f, f->t);
    x64_op2(c, X_CVTPS2PH, f->d, f->d, RC_OF_MXCSR);
    vfp_end(c, f);
}

static bool out_half2(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[IR_NOPS] = {
        [IR_vfadd] = X_ADDPS, [IR_vfsub] = X_SUBPS, [IR_vfmul] = X_MULPS, [IR_vfdiv] = X_DIVPS };
    struct vfp f;

    if (!half_usable(c, op))
        return false;
    f = half_begin(c, op, false);
    widen_half(c, f.t, f.in[0]);
    widen_half(c, f.u, f.in[1]);
    x64_op3(c, row[op->opc], f.d, f.t, f.u);
    half_end(c, &f, op->opc == IR_vfmul || op->opc == IR_vfdiv);
    return true;
}

static bool out_half1(struct x64 *c, const struct ir_op *op)
{
    unsigned round = op->c[2] & 7;
    struct vfp f;

    if (!half_usable(c, op) || (op->opc == IR_vfrint && round == IR_ROUND_AWAY))
        return false;
    f = half_begin(c, op, false);
    widen_half(c, f.t, f.in[0]);
    if (op->opc == IR_vfsqrt)
        x64_op2(c, X_SQRTPS, f.d, f.t, 0);
    else
        x64_op2(c, X_ROUNDPS, f.d, f.t, x64_round_imm[round] | (op->c[2] & VFRINT_EXACT ? 0 : ROUND_QUIET));
    half_end(c, &f, false);
    return true;
}

/* s = its halves as singles, the sign changed if neg says so */
static void widen_signed(struct x64 *c, int d, int s, bool neg)
{
    widen_half(c, d, s);
    if (neg)
        x64_op3_mem(c, X_PXOR, d, d, xv_all(c, 2, 0x80000000));
}

/*
 * The sum d of the product f->t (exact) and the addend has been rounded to a single. Where that is the middle between two halves it
 * must be exact: leave unless taking away one operand gives the other, for both (for the larger one the difference is exact). The sum
 * is finite. u, x, y are scratch.
 */
static void middle_is_exact(struct x64 *c, const struct vfp *f, bool neg_addend, int x, int y)
{
    enum { CMP_NEQ = 4 };
    uint8_t *none;

    x64_op3_mem(c, X_PAND, f->u, f->d, xv_all(c, 2, 0x1fff));
    x64_op3_mem(c, X_PCMPEQD, f->u, f->u, xv_all(c, 2, 0x1000));
    x64_op2(c, X_PTEST, f->u, f->u, 0);
    none = x64_jcc8(&c->b, XC_E);
    widen_signed(c, x, f->in[2], neg_addend);
    x64_op3(c, X_SUBPS, y, f->d, x);
    x64_op3_imm(c, X_CMPPS, y, y, f->t, CMP_NEQ);
    x64_op3(c, X_SUBPS, f->t, f->d, f->t);
    x64_op3_imm(c, X_CMPPS, f->t, f->t, x, CMP_NEQ);
    x64_op3(c, X_POR, y, y, f->t);
    x64_op3(c, X_PAND, y, y, f->u);
    leave_if_any(c, f, y);
    x64_patch8(&c->b, none);
}

static bool out_half_muladd(struct x64 *c, const struct ir_op *op)
{
    bool neg_addend = op->c[2] & FMA_NEG_ADDEND;
    struct vfp f;
    int x, y;

    if (!half_usable(c, op))
        return false;
    x64_clobber(c);
    x = xv_temp(c);
    y = xv_temp(c);
    f = half_begin(c, op, false);
    widen_signed(c, f.t, f.in[0], op->c[2] & FMA_NEG_PRODUCT);
    widen_half(c, f.u, f.in[1]);
    x64_op3(c, X_MULPS, f.t, f.t, f.u);
    widen_signed(c, f.d, f.in[2], neg_addend);
    x64_op3(c, X_ADDPS, f.d, f.d, f.t);
    x64_op3_mem(c, X_PAND, f.u, f.d, xv_all(c, 2, 0x7fffffff));     /* infinities and NaNs leave */
    x64_op3_mem(c, X_PCMPGTD, f.u, f.u, xv_all(c, 2, 0x7f7fffff));
    leave_if_any(c, &f, f.u);
    middle_is_exact(c, &f, neg_addend, x, y);
    half_end(c, &f, true);
    return true;
}

static bool out_half_minmax(struct x64 *c, const struct ir_op *op)
{
    bool min = op->opc == IR_vfmin || op->opc == IR_vfminnum;
    enum x64_sse x = min ? X_MINPS : X_MAXPS;
    struct vfp f;

    if (!half_usable(c, op))
        return false;
    f = half_begin(c, op, false);
    widen_half(c, f.t, f.in[0]);
    widen_half(c, f.u, f.in[1]);
    x64_op3_imm(c, X_CMPPS, f.d, f.t, f.u, CMP_UNORD);
    leave_if_any(c, &f, f.d);
    x64_op3(c, x, f.d, f.t, f.u);
    x64_op3(c, x, f.t, f.u, f.t);
    x64_op3(c, min ? X_POR : X_PAND, f.d, f.d, f.t);
    half_end(c, &f, false);
    return true;
}

static bool out_half_cmp(struct x64 *c, const struct ir_op *op)
{
    bool eq = op->opc == IR_vfcmpeq;
    struct vfp f;

    if (!half_usable(c, op))
        return false;
    f = half_begin(c, op, false);
    widen_half(c, f.t, f.in[!eq]);
    widen_half(c, f.u, f.in[eq]);
    x64_op3_imm(c, X_CMPPS, f.d, f.t, f.u, eq ? CMP_EQ : op->opc == IR_vfcmpgt ? CMP_LT : CMP_LE);
    x64_op3(c, X_PACKSSDW, f.d, f.d, f.d);
    xv_low(c, f.d, f.d);
    vfp_end(c, &f);
    return true;
}

/* Conversions do not flush halves, but the alternative format has other values. */
static void leave_if_alternative(struct x64 *c, const struct vfp *f)
{
    x64_alu_mi(&c->b, A_CMP, S8, x64_m(ENV, offsetof(struct tcg_env, fp[0].half_alternative)), 0);
    x64_jcc(&c->b, XC_NE, &f->soft->entry);
}

static bool out_widen_half(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (op->c[1] || !c->be->cpu.f16c)
        return false;
    if (op->c[2] == VFWIDEN_EXACT) {        /* NaNs leave to stay as they are, and have raised nothing */
        f = half_begin(c, op, true);
    } else {
        f = vfp_begin(c, op, false);
        leave_if_alternative(c, &f);
    }
    widen_half(c, f.d, f.in[0]);
    f.e = 2;
    check_result(c, &f, false);
    vfp_end(c, &f);
    return true;
}

/* A denormal single is tiny as a half: it leaves before its flag would have to be looked for. */
static bool out_narrow_half(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (!half_usable(c, op))
        return false;
    f = vfp_begin(c, op, false);
    leave_if_alternative(c, &f);
    xv_mov(c, f.d, f.in[0]);
    half_end(c, &f, true);
    return true;
}

/*
 * The sum that comes next and is all that a product is for (ARM's VMLA, VMLS)
 * is emitted with it, so that one look at the flags does for both.  The
 * product's own NaNs make the sum one, and a denormal product is a denormal
 * operand of the sum.  0: there is no such sum.
 */
static uint32_t sum_of_product(const struct x64 *c, const struct ir_op *op)
{
    const struct ra_val *product = &c->ra->val[ir_outs(op)[0]];
    uint32_t i = c->pos + 1;
    const struct ir_op *sum;

    while (i < c->ir->nops && c->ir->ops[i].dead)
        i++;
    sum = &c->ir->ops[i];
    if (i == c->ir->nops || (sum->opc != IR_vfadd && sum->opc != IR_vfsub) ||
        op->c[1] != 1 || sum->c[1] != 1 || sum->c[0] != op->c[0] ||
        sum->type != op->type || ir_ins(sum)[0] == ir_ins(sum)[1])
        return 0;
    return product->next == i && product->last == i ? i : 0;
}

static void out_product_sum(struct x64 *c, const struct ir_op *op, uint32_t i)
{
    static const struct vfp_row mul = { X_MULPS, X_MULPD },
        add = { X_ADDPS, X_ADDPD }, sub = { X_SUBPS, X_SUBPD };
    const struct ir_op *sum = &c->ir->ops[i];
    unsigned at = ir_ins(sum)[1] == ir_outs(op)[0];     /* the product's */
    struct vfp f = { .op = op, .e = op->c[0], .env = 1, .flush = true,
                     .undo = true };
    int p;

    x64_clobber(c);
    f.in[0] = xv_use(c, op, 0);
    f.in[1] = xv_use(c, op, 1);
    f.in[2] = xv_use(c, sum, !at);
    f.t = xv_temp(c);
    f.u = xv_temp(c);
    p = xv_temp(c);
    ra_inputs_done(c->ra);
    ra_inputs_early(c->ra, i);
    c->done[i] = 1;
    f.d = xv_def(c, sum, xv_bit(f.in[0]) | xv_bit(f.in[1]) |
                         xv_bit(f.in[2]));
    mxcsr_begin(c, &f);
    make_tail(c, &f);
    f.redo->patch_nan = true;
    f.redo->in[2] = xnum(f.in[2]);
    f.redo->sum = sum->opc;
    f.redo->product_first = at == 0;
    f.redo->product = xnum(p);
    x64_op3(c, pick(&f, mul), p, f.in[0], f.in[1]);
    x64_op3(c, pick(&f, sum->opc == IR_vfadd ? add : sub), f.d,
            at ? f.in[2] : p, at ? p : f.in[2]);
    x64_op3_imm(c, pick(&f, row_cmp), f.t, f.d, f.d, CMP_UNORD);
    mxcsr_check(c, &f, MX_DE | MX_UE | MX_RC);
    least_normal(c, &f, p, f.u);
    x64_op3(c, X_POR, f.t, f.t, f.u);
    leave_if_any(c, &f, f.t);
    vfp_end(c, &f);
}

/* The upper half of a V64 is no 0 / 0. */
static int divisor(struct x64 *c, const struct vfp *f)
{
    uint64_t one = f->e == 2 ? 0x3f8000003f800000 : 0x3ff0000000000000;

    if (f->op->type != V64)
        return f->in[1];
    x64_op3_mem(c, X_POR, f->t, f->in[1], x64_const_mem(c, 0, one));
    return f->t;
}

/* Of a denormal divided by zero the host only says the latter. */
static bool out_vfdiv(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row = { X_DIVPS, X_DIVPD };
    struct vfp f;

    if (is_half(op))
        return out_half2(c, op);
    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op, false);
    x64_op3(c, pick(&f, row), f.d, f.in[0], divisor(c, &f));
    check_result(c, &f, true);
    vfp_end(c, &f);
    return true;
}

/* Infinity times zero raises invalid here: softfloat starts from MXCSR before it. */
static bool out_vfmulx(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row = { X_MULPS, X_MULPD };
    struct vfp f;

    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op, true);
    x64_op3(c, pick(&f, row), f.d, f.in[0], f.in[1]);
    check_result(c, &f, true);
    vfp_end(c, &f);
    return true;
}

/*
 * Newton steps: no result is tiny, since the product has too few bits for that beside the constant. The second one is halved after it
 * has been rounded: what is near the end of the range leaves before it (and NaNs).
 */
static bool out_vfstep(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row fnmadd = { X_FNMADD231PS, X_FNMADD231PD }, mul = { X_MULPS, X_MULPD };
    bool half = op->opc == IR_vfrsqrts;
    struct vfp f;

    if (!usable(c, op) || !c->be->cpu.fma || (half && op->c[0] == 3 && !xv_has(c, NEED_SSE42)))
        return false;
    f = vfp_begin(c, op, true);
    xv_load(c, f.d, half ? lanes(c, f.e, 0x40400000, 0x4008000000000000) : lanes(c, f.e, 0x40000000, 0x4000000000000000));
    x64_vex_rr(&c->b, pick(&f, fnmadd), 0, xnum(f.d), xnum(f.in[0]), xnum(f.in[1]), 0);
    if (half) {
        x64_op3_mem(c, X_PAND, f.t, f.d, lanes(c, f.e, 0x7fffffff, 0x7fffffffffffffff));
        x64_op3_mem(c, f.e == 2 ? X_PCMPGTD : X_PCMPGTQ, f.t, f.t, lanes(c, f.e, 0x7effffff, 0x7fdfffffffffffff));
        leave_if_any(c, &f, f.t);
        x64_op3_mem(c, pick(&f, mul), f.d, f.d, lanes(c, f.e, 0x3f000000, 0x3fe0000000000000));
    }
    if (op->type == V64)
        xv_low(c, f.d, f.d);
    check_result(c, &f, false);
    vfp_end(c, &f);
    return true;
}

static bool out_vfsqrt(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row = { X_SQRTPS, X_SQRTPD };
    struct vfp f;

    if (is_half(op))
        return out_half1(c, op);
    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op, false);
    x64_op2(c, pick(&f, row), f.d, f.in[0], 0);
    check_result(c, &f, false);
    vfp_end(c, &f);
    return true;
}

static bool out_arith(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row[IR_NOPS] = {
        [IR_vfadd] = { X_ADDPS, X_ADDPD }, [IR_vfsub] = { X_SUBPS, X_SUBPD },
        [IR_vfmul] = { X_MULPS, X_MULPD } };
    uint32_t sum;
    struct vfp f;

    if (is_half(op))
        return out_half2(c, op);
    if (!usable(c, op))
        return false;
    sum = op->opc == IR_vfmul ? sum_of_product(c, op) : 0;
    if (sum) {
        out_product_sum(c, op, sum);
        return true;
    }
    f = vfp_begin(c, op, false);
    x64_op3(c, pick(&f, row[op->opc]), f.d, f.in[0], f.in[1]);
    check_result(c, &f, op->opc == IR_vfmul);
    vfp_end(c, &f);
    return true;
}

/* FMA3 231: d = in0 * in1 + d. */
static bool out_vfmuladd(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row[4] = {
        { X_FMADD231PS, X_FMADD231PD }, { X_FNMADD231PS, X_FNMADD231PD },
        { X_FMSUB231PS, X_FMSUB231PD }, { X_FNMSUB231PS, X_FNMSUB231PD } };
    struct vfp f;

    if (is_half(op))
        return out_half_muladd(c, op);
    if (!usable(c, op) || !c->be->cpu.fma)
        return false;
    f = vfp_begin(c, op, false);
    xv_mov(c, f.d, f.in[2]);
    x64_vex_rr(&c->b, pick(&f, row[op->c[2] & 3]), 0, xnum(f.d),
               xnum(f.in[0]), xnum(f.in[1]), 0);
    if (op->type == V64 && op->c[2] == 3)
        xv_low(c, f.d, f.d);              /* -(0 * 0) - 0 */
    check_result(c, &f, true);
    vfp_end(c, &f);
    return true;
}

static bool out_vfsign(struct x64 *c, const struct ir_op *op)
{
    bool neg = op->opc == IR_vfneg;
    uint64_t sign = 1ull << ((8u << op->c[0]) - 1);
    int s = xv_use(c, op, 0), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_op3_mem(c, neg ? X_PXOR : X_PAND, d, s,
                xv_lanes(c, op->type, op->c[0], neg ? sign : sign - 1));
    return true;
}

/*
 * MINPS gives the second operand for equal ones: both orders, or-ed, give the
 * negative one of two zeros; and-ed the positive one for MAXPS.  NaNs leave
 * before it: it would raise invalid for quiet ones (and a number may win).
 */
static bool out_vfminmax(struct x64 *c, const struct ir_op *op)
{
    static const struct vfp_row row[] = { { X_MAXPS, X_MAXPD },
                                          { X_MINPS, X_MINPD } };
    bool min = op->opc == IR_vfmin || op->opc == IR_vfminnum;
    enum x64_sse x;
    struct vfp f;

    if (is_half(op))
        return out_half_minmax(c, op);
    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op, false);
    x = pick(&f, row[min]);
    x64_op3_imm(c, pick(&f, row_cmp), f.t, f.in[0], f.in[1], CMP_UNORD);
    leave_if_any(c, &f, f.t);
    x64_op3(c, x, f.d, f.in[0], f.in[1]);
    x64_op3(c, x, f.t, f.in[1], f.in[0]);
    x64_op3(c, min ? X_POR : X_PAND, f.d, f.d, f.t);
    if (f.flush)
        mxcsr_check(c, &f, MX_DE);
    vfp_end(c, &f);
    return true;
}

/* LE and LT raise invalid for quiet NaNs as the ops want it, EQ does not. */
static bool out_vfcmp(struct x64 *c, const struct ir_op *op)
{
    bool eq = op->opc == IR_vfcmpeq;
    struct vfp f;

    if (is_half(op))
        return out_half_cmp(c, op);
    if (!usable(c, op))
        return false;
    f = vfp_begin(c, op, false);
    x64_op3_imm(c, pick(&f, row_cmp), f.d, f.in[!eq], f.in[eq],
                eq ? CMP_EQ : op->opc == IR_vfcmpgt ? CMP_LT : CMP_LE);
    if (op->type == V64)
        xv_low(c, f.d, f.d);
    if (f.flush) {     /* beside a NaN a denormal raises nothing */
        x64_op3_imm(c, pick(&f, row_cmp), f.t, f.in[0], f.in[1], CMP_UNORD);
        mxcsr_check(c, &f, MX_DE);
        leave_if_any(c, &f, f.t);
    }
    vfp_end(c, &f);
    return true;
}

/* --- to integral values ------------------------------------------------ */

static void round_lanes(struct x64 *c, const struct vfp *f, int d, int imm)
{
    static const struct vfp_row row = { X_ROUNDPS, X_ROUNDPD };

    x64_op2(c, pick(f, row), d, f->in[0], imm);
}

/*
 * As round_away() of x64-out-fp.c: d = the lanes rounded, half away from zero, without inexact. f->t and f->u are scratch. Lanes of
 * numbers that have no fraction for their size, and NaNs, leave.
 */
static void round_away(struct x64 *c, const struct vfp *f, int d)
{
    static const struct vfp_row sub = { X_SUBPS, X_SUBPD }, add = { X_ADDPS, X_ADDPD };
    uint64_t abs = f->e == 2 ? 0x7fffffff : 0x7fffffffffffffff;
    struct x64_mem mask = lanes(c, f->e, (uint32_t)abs, abs);

    x64_op3_mem(c, X_PAND, f->t, f->in[0], mask);
    x64_op3_mem(c, f->e == 2 ? X_PCMPGTD : X_PCMPGTQ, f->t, f->t, lanes(c, f->e, 0x4affffff, 0x432fffffffffffff));
    leave_if_any(c, f, f->t);
    round_lanes(c, f, d, x64_round_imm[IR_ROUND_ZERO] | ROUND_QUIET);
    x64_op3(c, pick(f, sub), f->t, f->in[0], d);
    x64_op3_mem(c, X_PAND, f->t, f->t, mask);
    xv_load(c, f->u, lanes(c, f->e, 0x3f000000, 0x3fe0000000000000));
    x64_op3_imm(c, pick(f, row_cmp), f->u, f->u, f->t, CMP_LE);
    x64_op3_mem(c, X_PAND, f->u, f->u, lanes(c, f->e, 0x3f800000, 0x3ff0000000000000));
    x64_op3_mem(c, X_PAND, f->t, f->in[0], lanes(c, f->e, 0x80000000, ~abs));
    x64_op3(c, X_POR, f->u, f->u, f->t);
    x64_op3(c, pick(f, add), d, d, f->u);
}

static bool can_round(const struct x64 *c, const struct ir_op *op, unsigned round)
{
    return round != IR_ROUND_AWAY || op->c[0] == 2 || xv_has(c, NEED_SSE42);
}

/* The lanes rounded as op says, into d: no flags but invalid. */
static void pre_round(struct x64 *c, const struct vfp *f, unsigned round, int d)
{
    if (round == IR_ROUND_AWAY)
        round_away(c, f, d);
    else
        round_lanes(c, f, d, x64_round_imm[round] | ROUND_QUIET);
}

/* ROUNDPS does not look for denormals, the compare that looks for NaNs does. */
static bool out_vfrint(struct x64 *c, const struct ir_op *op)
{
    unsigned round = op->c[2] & 7;
    bool exact = op->c[2] & VFRINT_EXACT;
    struct vfp f;

    if (is_half(op))
        return out_half1(c, op);
    if (!usable(c, op) || !can_round(c, op, round) || (exact && round == IR_ROUND_AWAY))
        return false;
    f = vfp_begin(c, op, false);
    if (exact)
        round_lanes(c, &f, f.d, x64_round_imm[round]);
    else
        pre_round(c, &f, round, f.d);
    x64_op3_imm(c, pick(&f, row_cmp), f.t, f.in[0], f.in[0], CMP_UNORD);
    if (f.flush)
        mxcsr_check(c, &f, MX_DE | (f.env ? MX_RC : 0));
    leave_if_any(c, &f, f.t);
    vfp_end(c, &f);
    return true;
}

/* --- between single and double ------------------------------------------ */

static bool out_vfwiden(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (is_half(op))
        return out_widen_half(c, op);
    if (!xv_has(c, NEED_SSE41))
        return false;
    f = vfp_begin(c, op, false);
    x64_op2(c, X_CVTPS2PD, f.d, f.in[0], 0);
    f.e = 3;
    check_result(c, &f, false);
    vfp_end(c, &f);
    return true;
}

static bool out_vfnarrow(struct x64 *c, const struct ir_op *op)
{
    struct vfp f;

    if (op->c[0] == 2)
        return out_narrow_half(c, op);
    if (!xv_has(c, NEED_SSE41))
        return false;
    f = vfp_begin(c, op, false);
    x64_op2(c, X_CVTPD2PS, f.d, f.in[0], 0);
    f.e = 2;
    check_result(c, &f, true);
    vfp_end(c, &f);
    return true;
}

/* --- to integers -------------------------------------------------------- */

/* What a conversion does after the lanes are known to be in range (or out of it without a fraction): inexact of a rounding, and
 * denormal operands, which ROUNDPS and CVTTSD2SI do not look for. */
static void after_rounding(struct x64 *c, const struct vfp *f, unsigned round)
{
    if (round != IR_ROUND_ZERO)
        round_lanes(c, f, f->u, x64_round_imm[round]);
    if (f->flush) {
        x64_op3_imm(c, pick(f, row_cmp), f->u, f->in[0], f->in[0], CMP_UNORD);
        mxcsr_check(c, f, MX_DE | (f->env ? MX_RC : 0));
    }
}

/*
 * What is too large, and NaNs, give 0x80000000 and raise invalid.  Inverted
 * that is the limit for positive numbers; NaNs give 0. a: the lanes, rounded if not towards zero.
 */
static void cvt_signed(struct x64 *c, const struct vfp *f, int a, unsigned round)
{
    x64_op2(c, X_CVTTPS2DQ, f->d, a, 0);
    xv_load(c, f->u, xv_all(c, 2, 0x4f000000));         /* 2^31 */
    x64_op3_imm(c, X_CMPPS, f->u, f->u, a, CMP_LE);
    x64_op3_imm(c, X_CMPPS, f->t, f->in[0], f->in[0], CMP_UNORD);
    x64_op3(c, X_PXOR, f->d, f->d, f->u);
    x64_op3(c, X_PANDN, f->t, f->t, f->d);
    xv_mov(c, f->d, f->t);
    after_rounding(c, f, round);
}

/* 2^31 and more, less 2^31; what is then negative is out of range or a
 * negative number: there the subtraction may have been inexact. */
static void cvt_unsigned(struct x64 *c, const struct vfp *f, int a, unsigned round)
{
    xv_load(c, f->u, xv_all(c, 2, 0x4f000000));
    x64_op3_imm(c, X_CMPPS, f->t, f->u, a, CMP_LE);
    x64_op3(c, X_PAND, f->u, f->u, f->t);
    x64_op3(c, X_SUBPS, f->d, a, f->u);
    x64_op2(c, X_CVTTPS2DQ, f->d, f->d, 0);
    xv_shift(c, X_PSLLD_I, f->t, f->t, 31);
    if (round != IR_ROUND_ZERO)
        after_rounding(c, f, round);
    else if (f->flush)
        mxcsr_check(c, f, MX_DE | MX_UE);
    xv_load(c, f->u, xv_all(c, 2, 0x80000000));
    x64_op2(c, X_PTEST, f->d, f->u, 0);
    x64_jcc(&c->b, XC_NE, &f->soft->entry);
    x64_op3(c, X_PXOR, f->d, f->d, f->t);
}

/* Doubles one by one through general registers g. What has no integer, and unsigned what is negative or 2^63 and more, leaves. */
static void cvt_doubles(struct x64 *c, const struct vfp *f, int a, const int g[2], bool is_signed, unsigned round)
{
    x64_op3(c, X_UNPCKHPD, f->t, a, a);
    for (int i = 0; i < 2; i++) {
        x64_op2(c, X_CVTTSD2SI_Q, g[i], i ? f->t : a, 0);
        if (is_signed)
            x64_alu_ri(&c->b, A_CMP, S64, g[i], 1);
        else
            x64_test_rr(&c->b, S64, g[i], g[i]);
        x64_jcc(&c->b, is_signed ? XC_O : XC_S, &f->soft->entry);
    }
    after_rounding(c, f, round);
    x64_op2(c, X_MOVQ_G, f->d, g[0], 0);
    x64_op2(c, X_MOVQ_G, f->t, g[1], 0);
    x64_op3(c, X_PUNPCKLQDQ, f->d, f->d, f->t);
}

static bool out_vfcvt_to(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vfcvt_s, doubles = op->c[0] == 3;
    unsigned round = (unsigned)op->c[2];
    int a, rounded = -1, g[2];
    struct vfp f;

    if (!usable(c, op) || !can_round(c, op, round))
        return false;
    x64_clobber(c);
    for (int i = 0; i < 2 && doubles; i++)
        g[i] = ra_temp(c->ra, RA_GENERAL, 0);
    if (round != IR_ROUND_ZERO)
        rounded = xv_temp(c);
    f = vfp_begin(c, op, !is_signed);
    a = f.in[0];
    if (round != IR_ROUND_ZERO) {
        pre_round(c, &f, round, rounded);
        a = rounded;
    }
    if (doubles)
        cvt_doubles(c, &f, a, g, is_signed, round);
    else if (is_signed)
        cvt_signed(c, &f, a, round);
    else
        cvt_unsigned(c, &f, a, round);
    vfp_end(c, &f);
    return true;
}

/* --- from integers ------------------------------------------------------ */

/* Doubles one by one; unsigned of 2^63 and more leave. */
static void doubles_from(struct x64 *c, const struct vfp *f, const int g[2], bool is_signed)
{
    const int to[2] = { f->d, f->t };

    x64_op2(c, X_MOVQ_G_ST, f->in[0], g[0], 0);
    x64_op2(c, X_PSHUFD, f->t, f->in[0], 0xee);
    x64_op2(c, X_MOVQ_G_ST, f->t, g[1], 0);
    for (int i = 0; i < 2; i++) {
        if (!is_signed) {
            x64_test_rr(&c->b, S64, g[i], g[i]);
            x64_jcc(&c->b, XC_S, &f->soft->entry);
        }
        xv_zero(c, to[i]);      /* no wait for the old contents */
        if (c->b.vex)
            x64_vex_rr(&c->b, X_CVTSI2SD_Q, 0, xnum(to[i]), xnum(to[i]), g[i], 0);
        else
            x64_sse_rr(&c->b, X_CVTSI2SD_Q, xnum(to[i]), g[i], 0);
    }
    x64_op3(c, X_UNPCKLPD, f->d, f->d, f->t);
}

/* Unsigned: both halves, the upper one times 2^16, are exact; one rounding. */
static void singles_from(struct x64 *c, const struct vfp *f, bool is_signed)
{
    int a = f->in[0];

    if (is_signed) {
        x64_op2(c, X_CVTDQ2PS, f->d, a, 0);
        return;
    }
    xv_shift(c, X_PSRLD_I, f->t, a, 16);
    x64_op3_mem(c, X_PAND, f->d, a, xv_all(c, 2, 0xffff));
    x64_op2(c, X_CVTDQ2PS, f->t, f->t, 0);
    x64_op2(c, X_CVTDQ2PS, f->d, f->d, 0);
    x64_op3_mem(c, X_MULPS, f->t, f->t, xv_all(c, 2, 0x47800000));
    x64_op3(c, X_ADDPS, f->d, f->d, f->t);
}

static bool out_vfcvt_from(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vfcvt_from_s, doubles = op->c[0] == 3;
    struct vfp f;
    int g[2];

    if (!usable(c, op))
        return false;
    x64_clobber(c);
    for (int i = 0; i < 2 && doubles; i++)
        g[i] = ra_temp(c->ra, RA_GENERAL, 0);
    f = vfp_begin(c, op, false);
    if (doubles)
        doubles_from(c, &f, g, is_signed);
    else
        singles_from(c, &f, is_signed);
    if (f.env)
        mxcsr_check(c, &f, MX_RC);
    vfp_end(c, &f);
    return true;
}

const x64_emit_fn x64_vfp_emit[IR_NOPS] = {
    [IR_vfadd] = out_arith, [IR_vfsub] = out_arith, [IR_vfmul] = out_arith,
    [IR_vfmuladd] = out_vfmuladd, [IR_vfneg] = out_vfsign,
    [IR_vfabs] = out_vfsign, [IR_vfmin] = out_vfminmax,
    [IR_vfmax] = out_vfminmax, [IR_vfminnum] = out_vfminmax,
    [IR_vfmaxnum] = out_vfminmax, [IR_vfdiv] = out_vfdiv,
    [IR_vfmulx] = out_vfmulx, [IR_vfrecps] = out_vfstep,
    [IR_vfrsqrts] = out_vfstep, [IR_vfsqrt] = out_vfsqrt, [IR_vfrint] = out_vfrint,
    [IR_vfwiden] = out_vfwiden, [IR_vfnarrow] = out_vfnarrow,
    [IR_vfcmpeq] = out_vfcmp,
    [IR_vfcmpge] = out_vfcmp, [IR_vfcmpgt] = out_vfcmp,
    [IR_vfcvt_s] = out_vfcvt_to, [IR_vfcvt_u] = out_vfcvt_to,
    [IR_vfcvt_from_s] = out_vfcvt_from, [IR_vfcvt_from_u] = out_vfcvt_from,
};
