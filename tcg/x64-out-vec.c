/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer vector ops on x86-64, with SSE4.1 as the least (hosts without it
 * evaluate vectors in C).  A V64 value is the low half of its register; what
 * stands in the upper half is not known, and no op here lets it matter.
 * Vector floating point is in x64-out-vfp.c.
 */
#include "config.h"

#include "tcg/x64-internal.h"

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

/* c[0] of lane-wise ops: log2 of the element's bytes. */
static inline unsigned elem_of(const struct ir_op *op)
{
    return op->c[0] & 3;
}

/* Constant with the same element in every lane. */
static struct x64_mem splat(struct x64 *c, unsigned e, uint64_t v)
{
    unsigned w = 8u << e;

    if (w < 64)
        v &= (1ull << w) - 1;
    for (; w < 64; w *= 2)
        v |= v << w;
    return x64_const_mem(c, v, v);
}

/*
 * Registers of an op: inputs, output apart from all inputs (so that sequences
 * may write it early), scratch.
 */
struct vregs {
    int in[3], d, t[3];
};

static struct vregs vec_regs(struct x64 *c, const struct ir_op *op,
                             unsigned ntemp)
{
    struct vregs r;
    uint32_t used = 0;

    for (unsigned i = 0; i < op->nin && i < 3; i++) {
        r.in[i] = ra_use(c->ra, ir_ins(op)[i]);
        used |= bit(r.in[i]);
    }
    for (unsigned i = 0; i < ntemp; i++)
        r.t[i] = ra_temp(c->ra, RA_VECTOR, 0);
    ra_inputs_done(c->ra);
    r.d = ra_def_not(c->ra, ir_outs(op)[0], used);
    return r;
}

/* Shift every lane by an immediate. */
static void shift_imm(struct x64 *c, enum x64_sse op, int d, int s,
                      unsigned n)
{
    if (c->b.vex) {
        x64_vex_rr(&c->b, op, 0, xnum(d), 0, xnum(s), n);
        /* the destination of this group is in vvvv: see x64_vex_rr */
        return;
    }
    if (d != s)
        x64_sse_rr(&c->b, X_MOVAPS, xnum(d), xnum(s), 0);
    x64_sse_rr(&c->b, op, 0, xnum(d), n);
}

/* --- ops with an instruction of their own ----------------------------------- */

enum { NONE = X64_N_SSE };  /* no such form */

struct direct {
    uint16_t op[4];         /* by element */
    bool swap;
};

#define D4(a, b, c, d) { { X_##a, X_##b, X_##c, X_##d }, false }
#define D3(a, b, c) { { X_##a, X_##b, X_##c, NONE }, false }
#define D2(a, b) { { X_##a, X_##b, NONE, NONE }, false }
static const struct direct direct[IR_NOPS] = {
    [IR_vadd] = D4(PADDB, PADDW, PADDD, PADDQ),
    [IR_vsub] = D4(PSUBB, PSUBW, PSUBD, PSUBQ),
    [IR_vand] = D4(PAND, PAND, PAND, PAND),
    [IR_vor] = D4(POR, POR, POR, POR),
    [IR_vxor] = D4(PXOR, PXOR, PXOR, PXOR),
    [IR_vandc] = { { X_PANDN, X_PANDN, X_PANDN, X_PANDN }, true },
    [IR_vcmpeq] = D4(PCMPEQB, PCMPEQW, PCMPEQD, PCMPEQQ),
    [IR_vmin_s] = D3(PMINSB, PMINSW, PMINSD),
    [IR_vmin_u] = D3(PMINUB, PMINUW, PMINUD),
    [IR_vmax_s] = D3(PMAXSB, PMAXSW, PMAXSD),
    [IR_vmax_u] = D3(PMAXUB, PMAXUW, PMAXUD),
    [IR_vqadd_s] = D2(PADDSB, PADDSW), [IR_vqadd_u] = D2(PADDUSB, PADDUSW),
    [IR_vqsub_s] = D2(PSUBSB, PSUBSW), [IR_vqsub_u] = D2(PSUBUSB, PSUBUSW),
    [IR_vrhadd_u] = D2(PAVGB, PAVGW),
};

static bool out_direct(struct x64 *c, const struct ir_op *op)
{
    const struct direct *k = &direct[op->opc];
    unsigned e = ir_op_info[op->opc].nconst ? elem_of(op) : 0;
    struct vregs r;

    if (k->op[e] == NONE || !c->be->cpu.sse41)
        return false;
    r = vec_regs(c, op, 0);
    x64_op3(c, k->op[e], r.d, r.in[k->swap], r.in[!k->swap]);
    return true;
}

static bool out_vmul(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    struct vregs r;

    if (e == 3 || !c->be->cpu.sse41)
        return false;
    r = vec_regs(c, op, e ? 0 : 2);
    if (e) {
        x64_op3(c, e == 1 ? X_PMULLW : X_PMULLD, r.d, r.in[0], r.in[1]);
        return true;
    }
    /* bytes: even and odd ones as words */
    x64_op3(c, X_PMULLW, r.d, r.in[0], r.in[1]);
    x64_op3_mem(c, X_PAND, r.d, r.d, splat(c, 1, 0xff));
    shift_imm(c, X_PSRLW_I, r.t[0], r.in[0], 8);
    shift_imm(c, X_PSRLW_I, r.t[1], r.in[1], 8);
    x64_op3(c, X_PMULLW, r.t[0], r.t[0], r.t[1]);
    shift_imm(c, X_PSLLW_I, r.t[0], r.t[0], 8);
    x64_op3(c, X_POR, r.d, r.d, r.t[0]);
    return true;
}

static bool out_vnot(struct x64 *c, const struct ir_op *op)
{
    struct vregs r = vec_regs(c, op, 0);

    x64_op3(c, X_PCMPEQD, r.d, r.d, r.d);
    x64_op3(c, X_PXOR, r.d, r.d, r.in[0]);
    return true;
}

/* ((b ^ c) & a) ^ c */
static bool out_vbsl(struct x64 *c, const struct ir_op *op)
{
    struct vregs r = vec_regs(c, op, 0);

    x64_op3(c, X_PXOR, r.d, r.in[1], r.in[2]);
    x64_op3(c, X_PAND, r.d, r.d, r.in[0]);
    x64_op3(c, X_PXOR, r.d, r.d, r.in[2]);
    return true;
}

static bool out_vneg(struct x64 *c, const struct ir_op *op)
{
    struct vregs r = vec_regs(c, op, 0);

    x64_op3(c, X_PXOR, r.d, r.d, r.d);
    x64_op3(c, direct[IR_vsub].op[elem_of(op)], r.d, r.d, r.in[0]);
    return true;
}

/* All ones where the lane is negative; d is not s. */
static void sign_fill(struct x64 *c, unsigned e, int d, int s)
{
    static const uint16_t gt[] = { X_PCMPGTB, X_PCMPGTW, X_PCMPGTD,
                                   X_PCMPGTQ };

    if (e == 1 || e == 2) {
        shift_imm(c, e == 1 ? X_PSRAW_I : X_PSRAD_I, d, s, (8u << e) - 1);
        return;
    }
    x64_op3(c, X_PXOR, d, d, d);
    x64_op3(c, gt[e], d, d, s);
}

static bool out_vabs(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[] = { X_PABSB, X_PABSW, X_PABSD };
    unsigned e = elem_of(op);
    struct vregs r;

    if (!c->be->cpu.sse42)
        return false;
    r = vec_regs(c, op, e == 3);
    if (e < 3) {
        x64_op2(c, row[e], r.d, r.in[0], 0);
        return true;
    }
    sign_fill(c, 3, r.t[0], r.in[0]);
    x64_op3(c, X_PXOR, r.d, r.in[0], r.t[0]);
    x64_op3(c, X_PSUBQ, r.d, r.d, r.t[0]);
    return true;
}

/* --- compares ---------------------------------------------------------------- */

static bool out_vcmpgt_s(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[] = { X_PCMPGTB, X_PCMPGTW, X_PCMPGTD,
                                    X_PCMPGTQ };
    struct vregs r;

    if (!c->be->cpu.sse42)
        return false;
    r = vec_regs(c, op, 0);
    x64_op3(c, row[elem_of(op)], r.d, r.in[0], r.in[1]);
    return true;
}

/* 64-bit d = a > b, unsigned: compare with the sign bits flipped. */
static void above_q(struct x64 *c, int d, int a, int b, int t)
{
    struct x64_mem sign = splat(c, 3, 1ull << 63);

    x64_op3_mem(c, X_PXOR, d, a, sign);
    x64_op3_mem(c, X_PXOR, t, b, sign);
    x64_op3(c, X_PCMPGTQ, d, d, t);
}

/* a > b unless min(a, b) is a. */
static bool out_vcmpgt_u(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    struct vregs r;

    if (!c->be->cpu.sse42)
        return false;
    r = vec_regs(c, op, 1);
    if (e == 3) {
        above_q(c, r.d, r.in[0], r.in[1], r.t[0]);
        return true;
    }
    x64_op3(c, direct[IR_vmin_u].op[e], r.d, r.in[0], r.in[1]);
    x64_op3(c, direct[IR_vcmpeq].op[e], r.d, r.d, r.in[0]);
    x64_op3(c, X_PCMPEQD, r.t[0], r.t[0], r.t[0]);
    x64_op3(c, X_PXOR, r.d, r.d, r.t[0]);
    return true;
}

/* --- saturation, halving ------------------------------------------------------ */

static void qadd_u(struct x64 *c, unsigned e, const struct vregs *r)
{
    if (e == 2) {       /* min(a, ~b) + b */
        x64_op3(c, X_PCMPEQD, r->d, r->d, r->d);
        x64_op3(c, X_PXOR, r->d, r->d, r->in[1]);
        x64_op3(c, X_PMINUD, r->d, r->d, r->in[0]);
        x64_op3(c, X_PADDD, r->d, r->d, r->in[1]);
        return;
    }
    x64_op3(c, X_PADDQ, r->t[0], r->in[0], r->in[1]);
    above_q(c, r->d, r->in[0], r->t[0], r->t[1]);
    x64_op3(c, X_POR, r->d, r->d, r->t[0]);
}

static void qsub_u(struct x64 *c, unsigned e, const struct vregs *r)
{
    if (e == 2) {       /* max(a, b) - b */
        x64_op3(c, X_PMAXUD, r->d, r->in[0], r->in[1]);
        x64_op3(c, X_PSUBD, r->d, r->d, r->in[1]);
        return;
    }
    x64_op3(c, X_PSUBQ, r->t[0], r->in[0], r->in[1]);
    above_q(c, r->d, r->in[1], r->in[0], r->t[1]);
    x64_op3(c, X_PANDN, r->d, r->d, r->t[0]);
}

/*
 * Signed: r = a +- b; it overflowed where a ^ r has its sign set, and a ^ b
 * (for a difference) or its complement (for a sum).  There the result is the
 * largest number, complemented if a is negative.
 */
static void q_signed(struct x64 *c, unsigned e, const struct vregs *r,
                     bool sub)
{
    int *t = (int *)r->t, a = r->in[0], b = r->in[1];

    x64_op3(c, direct[sub ? IR_vsub : IR_vadd].op[e], r->d, a, b);
    x64_op3(c, X_PXOR, t[0], a, b);
    x64_op3(c, X_PXOR, t[1], a, r->d);
    x64_op3(c, sub ? X_PAND : X_PANDN, t[0], t[0], t[1]);
    sign_fill(c, e, t[1], t[0]);            /* overflowed */
    sign_fill(c, e, t[0], a);
    x64_op3_mem(c, X_PXOR, t[0], t[0], splat(c, e, (UINT64_MAX >> 1) >>
                                                   (64 - (8u << e))));
    x64_op3(c, X_PAND, t[0], t[0], t[1]);
    x64_op3(c, X_PANDN, t[1], t[1], r->d);
    x64_op3(c, X_POR, r->d, t[0], t[1]);
}

static bool out_saturating(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    struct vregs r;

    if (e < 2)
        return out_direct(c, op);
    if (!c->be->cpu.sse42)
        return false;
    r = vec_regs(c, op, 2);
    if (op->opc == IR_vqadd_u)
        qadd_u(c, e, &r);
    else if (op->opc == IR_vqsub_u)
        qsub_u(c, e, &r);
    else
        q_signed(c, e, &r, op->opc == IR_vqsub_s);
    return true;
}

/* (a & b) + ((a ^ b) >> 1), rounding up: (a | b) - ((a ^ b) >> 1). */
static void halve(struct x64 *c, const struct vregs *r, unsigned e,
                  bool is_signed, bool up)
{
    static const uint16_t row[2][3] = { { 0, X_PSRLW_I, X_PSRLD_I },
                                        { 0, X_PSRAW_I, X_PSRAD_I } };

    x64_op3(c, X_PXOR, r->d, r->in[0], r->in[1]);
    shift_imm(c, row[is_signed][e], r->d, r->d, 1);
    x64_op3(c, up ? X_POR : X_PAND, r->t[0], r->in[0], r->in[1]);
    x64_op3(c, direct[up ? IR_vsub : IR_vadd].op[e], r->t[0], r->t[0], r->d);
    x64_op2(c, X_MOVAPS, r->d, r->t[0], 0);
}

/* Bytes: PAVGB rounds up; take away what it added.  Signed ones with the
 * sign bits flipped. */
static void halve_bytes(struct x64 *c, const struct vregs *r, bool is_signed,
                        bool up)
{
    struct x64_mem flip = splat(c, 0, 0x80);
    int a = r->in[0], b = r->in[1];

    if (is_signed) {
        x64_op3_mem(c, X_PXOR, r->t[0], a, flip);
        x64_op3_mem(c, X_PXOR, r->t[1], b, flip);
        a = r->t[0];
        b = r->t[1];
    }
    x64_op3(c, X_PAVGB, r->d, a, b);
    if (!up) {
        x64_op3(c, X_PXOR, r->t[0], a, b);
        x64_op3_mem(c, X_PAND, r->t[0], r->t[0], splat(c, 0, 1));
        x64_op3(c, X_PSUBB, r->d, r->d, r->t[0]);
    }
    if (is_signed)
        x64_op3_mem(c, X_PXOR, r->d, r->d, flip);
}

static bool out_halving(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vhadd_s || op->opc == IR_vrhadd_s;
    bool up = op->opc == IR_vrhadd_s || op->opc == IR_vrhadd_u;
    unsigned e = elem_of(op);
    struct vregs r;

    if (e == 3)
        return false;
    r = vec_regs(c, op, 2);
    if (e == 0)
        halve_bytes(c, &r, is_signed, up);
    else
        halve(c, &r, e, is_signed, up);
    return true;
}

/* --- shifts -------------------------------------------------------------------- */

static bool out_vshli(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[] = { X_PSLLW_I, X_PSLLW_I, X_PSLLD_I,
                                    X_PSLLQ_I };
    unsigned e = elem_of(op), n = op->c[1];
    struct vregs r = vec_regs(c, op, 0);

    shift_imm(c, row[e], r.d, r.in[0], n);
    if (e == 0)
        x64_op3_mem(c, X_PAND, r.d, r.d, splat(c, 0, 0xffu << n));
    return true;
}

static bool out_vshri_u(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[] = { X_PSRLW_I, X_PSRLW_I, X_PSRLD_I,
                                    X_PSRLQ_I };
    unsigned e = elem_of(op), n = op->c[1];
    struct vregs r = vec_regs(c, op, 0);

    shift_imm(c, row[e], r.d, r.in[0], n);
    if (e == 0)
        x64_op3_mem(c, X_PAND, r.d, r.d, splat(c, 0, 0xffu >> n));
    return true;
}

/* Bytes and quads: shift logically, then extend the sign from where it
 * went. */
static bool out_vshri_s(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op), n = op->c[1];
    struct vregs r = vec_regs(c, op, 0);
    struct x64_mem sign;

    if (e == 1 || e == 2) {
        shift_imm(c, e == 1 ? X_PSRAW_I : X_PSRAD_I, r.d, r.in[0], n);
        return true;
    }
    sign = splat(c, e, (e ? 1ull << 63 : 0x80) >> n);
    shift_imm(c, e ? X_PSRLQ_I : X_PSRLW_I, r.d, r.in[0], n);
    if (e == 0)
        x64_op3_mem(c, X_PAND, r.d, r.d, splat(c, 0, 0xffu >> n));
    x64_op3_mem(c, X_PXOR, r.d, r.d, sign);
    x64_op3_mem(c, e ? X_PSUBQ : X_PSUBB, r.d, r.d, sign);
    return true;
}

/* Words by AVX2's variable shifts: counts that do not fit give zero or the
 * sign, and a negative count is a large one. */
static bool out_vshl(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vshl_s;
    struct vregs r;

    if (elem_of(op) != 2 || !c->be->cpu.avx2)
        return false;
    r = vec_regs(c, op, 2);
    shift_imm(c, X_PSLLD_I, r.t[0], r.in[1], 24);
    shift_imm(c, X_PSRAD_I, r.t[0], r.t[0], 24);    /* count */
    x64_op3(c, X_PSLLVD, r.d, r.in[0], r.t[0]);
    x64_op3(c, X_PXOR, r.t[1], r.t[1], r.t[1]);
    x64_op3(c, X_PSUBD, r.t[1], r.t[1], r.t[0]);
    if (!is_signed) {
        x64_op3(c, X_PSRLVD, r.t[1], r.in[0], r.t[1]);
        x64_op3(c, X_POR, r.d, r.d, r.t[1]);
        return true;
    }
    x64_op3(c, X_PSRAVD, r.t[1], r.in[0], r.t[1]);
    x64_op3_imm(c, X_BLENDVPS, r.d, r.d, r.t[1], xnum(r.t[0]));
    return true;
}

/* --- wider and narrower ---------------------------------------------------------- */

static bool out_vwiden(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][3] = {
        { X_PMOVZXBW, X_PMOVZXWD, X_PMOVZXDQ },
        { X_PMOVSXBW, X_PMOVSXWD, X_PMOVSXDQ } };
    struct vregs r;

    if (!c->be->cpu.sse41 || elem_of(op) == 3)
        return false;
    r = vec_regs(c, op, 0);
    x64_op2(c, row[op->opc == IR_vwiden_s][elem_of(op)], r.d, r.in[0], 0);
    return true;
}

static bool out_vnarrow(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    struct vregs r;

    if (!c->be->cpu.sse41 || e == 0)
        return false;
    r = vec_regs(c, op, 0);
    if (e == 3) {
        x64_op2(c, X_PSHUFD, r.d, r.in[0], 0x08);
        return true;
    }
    x64_op3_mem(c, X_PAND, r.d, r.in[0], splat(c, e, e == 1 ? 0xff : 0xffff));
    x64_op3(c, e == 1 ? X_PACKUSWB : X_PACKUSDW, r.d, r.d, r.d);
    return true;
}

static bool out_vmull(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t wide[2][3] = {
        { X_PMOVZXBW, X_PMOVZXWD, X_PMOVZXDQ },
        { X_PMOVSXBW, X_PMOVSXWD, X_PMOVSXDQ } };
    static const uint16_t mul[2][3] = {
        { X_PMULLW, X_PMULLD, X_PMULUDQ }, { X_PMULLW, X_PMULLD, X_PMULDQ } };
    bool is_signed = op->opc == IR_vmull_s;
    unsigned e = elem_of(op);
    struct vregs r;

    if (!c->be->cpu.sse41 || e == 3)
        return false;
    r = vec_regs(c, op, 1);
    x64_op2(c, wide[is_signed][e], r.d, r.in[0], 0);
    x64_op2(c, wide[is_signed][e], r.t[0], r.in[1], 0);
    x64_op3(c, mul[is_signed][e], r.d, r.d, r.t[0]);
    return true;
}

/* --- lanes ------------------------------------------------------------------------ */

static void insert(struct x64 *c, unsigned e, int d, int a, int gpr,
                   unsigned lane)
{
    static const uint16_t row[] = { X_PINSRB, X_PINSRW, X_PINSRD, X_PINSRQ };

    if (c->b.vex) {
        x64_vex_rr(&c->b, row[e], 0, xnum(d), xnum(a), gpr, lane);
        return;
    }
    if (d != a)
        x64_sse_rr(&c->b, X_MOVAPS, xnum(d), xnum(a), 0);
    x64_sse_rr(&c->b, row[e], xnum(d), gpr, lane);
}

/* Every lane of d is lane `lane` of s. */
static void spread(struct x64 *c, unsigned e, int d, int s, unsigned lane)
{
    uint8_t mask[16];
    uint64_t w[2] = { 0, 0 };

    if (e == 2) {
        x64_op2(c, X_PSHUFD, d, s, lane * 0x55);
        return;
    }
    if (e == 3) {
        x64_op2(c, X_PSHUFD, d, s, lane ? 0xee : 0x44);
        return;
    }
    for (unsigned i = 0; i < 16; i++) {
        mask[i] = (lane << e) + (i & ((1u << e) - 1));
        w[i / 8] |= (uint64_t)mask[i] << (i % 8 * 8);
    }
    x64_op3_mem(c, X_PSHUFB, d, s, x64_const_mem(c, w[0], w[1]));
}

static bool out_vdup(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    int s, d;

    if (!c->be->cpu.ssse3)
        return false;
    s = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_op2(c, e == 3 ? X_MOVQ_G : X_MOVD, d, s, 0);
    spread(c, e, d, d, 0);
    return true;
}

static bool out_vdup_lane(struct x64 *c, const struct ir_op *op)
{
    struct vregs r;

    if (!c->be->cpu.ssse3)
        return false;
    r = vec_regs(c, op, 0);
    spread(c, elem_of(op), r.d, r.in[0], op->c[1]);
    return true;
}

static bool out_vget(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[] = { X_PEXTRB, X_PEXTRW, X_PEXTRD, X_PEXTRQ };
    unsigned e = elem_of(op), lane = op->c[1];
    int s, d;

    if (!c->be->cpu.sse41)
        return false;
    s = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (e >= 2 && lane == 0) {
        x64_move_reg(&c->b, e == 3 ? I64 : I32, d, s);
    } else if (e == 1) {    /* the old form: destination in reg */
        if (c->b.vex)
            x64_vex_rr(&c->b, X_PEXTRW, 0, d, 0, xnum(s), lane);
        else
            x64_sse_rr(&c->b, X_PEXTRW, d, xnum(s), lane);
    } else if (c->b.vex) {
        x64_vex_rr(&c->b, row[e], 0, xnum(s), 0, d, lane);
    } else {
        x64_sse_rr(&c->b, row[e], xnum(s), d, lane);
    }
    if (op->opc == IR_vget_s && e < 2)
        x64_movsx_rr(&c->b, S32, e, d, d);
    return true;
}

static bool out_vset(struct x64 *c, const struct ir_op *op)
{
    int a, g, d;

    if (!c->be->cpu.sse41)
        return false;
    a = ra_use(c->ra, ir_ins(op)[0]);
    g = ra_use(c->ra, ir_ins(op)[1]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    insert(c, elem_of(op), d, a, g, op->c[1]);
    return true;
}

static bool out_vlow(struct x64 *c, const struct ir_op *op)
{
    int s = ra_use(c->ra, ir_ins(op)[0]);

    ra_inputs_done(c->ra);
    x64_move_reg(&c->b, V128, ra_def(c->ra, ir_outs(op)[0]), s);
    return true;
}

static bool out_vhigh(struct x64 *c, const struct ir_op *op)
{
    struct vregs r = vec_regs(c, op, 0);

    x64_op2(c, X_PSHUFD, r.d, r.in[0], 0xee);
    return true;
}

static bool out_vconcat(struct x64 *c, const struct ir_op *op)
{
    struct vregs r = vec_regs(c, op, 0);

    x64_op3(c, X_PUNPCKLQDQ, r.d, r.in[0], r.in[1]);
    return true;
}

static bool out_vext(struct x64 *c, const struct ir_op *op)
{
    struct vregs r;

    if (!c->be->cpu.ssse3)
        return false;
    r = vec_regs(c, op, 0);
    if (op->type == V128) {
        x64_op3_imm(c, X_PALIGNR, r.d, r.in[1], r.in[0], op->c[0]);
        return true;
    }
    x64_op3(c, X_PUNPCKLQDQ, r.d, r.in[0], r.in[1]);
    shift_imm(c, X_PSRLDQ_I, r.d, r.d, op->c[0]);
    return true;
}

/* --- permutations -------------------------------------------------------------------- */

static bool out_vzip(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t row[2][4] = {
        { X_PUNPCKLBW, X_PUNPCKLWD, X_PUNPCKLDQ, X_PUNPCKLQDQ },
        { X_PUNPCKHBW, X_PUNPCKHWD, X_PUNPCKHDQ, X_PUNPCKHQDQ } };
    bool hi = op->opc == IR_vzip_hi, half = op->type == V64;
    struct vregs r = vec_regs(c, op, 0);

    x64_op3(c, row[hi && !half][elem_of(op)], r.d, r.in[0], r.in[1]);
    if (hi && half)     /* both halves of the result are in one register */
        x64_op2(c, X_PSHUFD, r.d, r.d, 0xee);
    return true;
}

/* Even or odd elements of a and b, each narrowed into half of the result. */
static void unzip(struct x64 *c, unsigned e, int d, int a, int b, int t,
                  bool odd)
{
    static const uint16_t shift[] = { X_PSRLW_I, X_PSRLD_I };

    if (odd) {
        shift_imm(c, shift[e], d, a, 8u << e);
        shift_imm(c, shift[e], t, b, 8u << e);
    } else {
        struct x64_mem low = splat(c, e + 1, e ? 0xffff : 0xff);

        x64_op3_mem(c, X_PAND, d, a, low);
        x64_op3_mem(c, X_PAND, t, b, low);
    }
    x64_op3(c, e ? X_PACKUSDW : X_PACKUSWB, d, d, t);
}

static bool out_vuzp(struct x64 *c, const struct ir_op *op)
{
    bool odd = op->opc == IR_vuzp_odd;
    unsigned e = elem_of(op);
    struct vregs r;

    if (!c->be->cpu.sse41 || e == 3)
        return false;
    r = vec_regs(c, op, 2);
    if (op->type == V64) {
        x64_op3(c, X_PUNPCKLQDQ, r.t[1], r.in[0], r.in[1]);
        if (e == 2)
            x64_op2(c, X_PSHUFD, r.d, r.t[1], odd ? 0x0d : 0x08);
        else
            unzip(c, e, r.d, r.t[1], r.t[1], r.t[0], odd);
        return true;
    }
    if (e == 2)
        x64_op3_imm(c, X_SHUFPS, r.d, r.in[0], r.in[1], odd ? 0xdd : 0x88);
    else
        unzip(c, e, r.d, r.in[0], r.in[1], r.t[0], odd);
    return true;
}

/* even: a's even elements with b's moved above them; odd: b's odd elements
 * with a's moved below them. */
static bool out_vtrn(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t up[] = { X_PSLLW_I, X_PSLLD_I, X_PSLLQ_I };
    static const uint16_t down[] = { X_PSRLW_I, X_PSRLD_I, X_PSRLQ_I };
    bool odd = op->opc == IR_vtrn_odd;
    unsigned e = elem_of(op), w = 8u << e;
    uint64_t low = (1ull << w) - 1;
    struct vregs r;

    if (e == 3)
        return false;
    r = vec_regs(c, op, 1);
    if (odd) {
        shift_imm(c, down[e], r.d, r.in[0], w);
        x64_op3_mem(c, X_PAND, r.t[0], r.in[1], splat(c, e + 1, low << w));
    } else {
        x64_op3_mem(c, X_PAND, r.d, r.in[0], splat(c, e + 1, low));
        shift_imm(c, up[e], r.t[0], r.in[1], w);
    }
    x64_op3(c, X_POR, r.d, r.d, r.t[0]);
    return true;
}

static bool out_vrev(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op), group = op->c[1], flip;
    uint64_t w[2] = { 0, 0 };
    struct vregs r;

    if (!c->be->cpu.ssse3)
        return false;
    r = vec_regs(c, op, 0);
    flip = ((1u << group) - 1) & ~((1u << e) - 1);
    for (unsigned i = 0; i < 16; i++)
        w[i / 8] |= (uint64_t)(i ^ flip) << (i % 8 * 8);
    x64_op3_mem(c, X_PSHUFB, r.d, r.in[0], x64_const_mem(c, w[0], w[1]));
    return true;
}

/* Sums of adjacent bytes: low bytes of word sums, packed. */
static void pair_bytes(struct x64 *c, int d, int s)
{
    shift_imm(c, X_PSRLW_I, d, s, 8);
    x64_op3(c, X_PADDB, d, d, s);
    x64_op3_mem(c, X_PAND, d, d, splat(c, 1, 0xff));
}

static bool out_vpadd(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem_of(op);
    bool half = op->type == V64;
    enum x64_sse hadd = e == 1 ? X_PHADDW : X_PHADDD;
    struct vregs r;

    if (!c->be->cpu.ssse3 || e == 3)
        return false;
    r = vec_regs(c, op, 2);
    if (half)
        x64_op3(c, X_PUNPCKLQDQ, r.t[1], r.in[0], r.in[1]);
    if (e) {
        x64_op3(c, hadd, r.d, half ? r.t[1] : r.in[0],
                half ? r.t[1] : r.in[1]);
        return true;
    }
    pair_bytes(c, r.d, half ? r.t[1] : r.in[0]);
    if (half) {
        x64_op3(c, X_PACKUSWB, r.d, r.d, r.d);
        return true;
    }
    pair_bytes(c, r.t[0], r.in[1]);
    x64_op3(c, X_PACKUSWB, r.d, r.d, r.t[0]);
    return true;
}

/* --- per nibble tables ---------------------------------------------------------------- */

/* d = table[low nibble], t = table[high nibble] of each byte of s; t1 gets
 * the high nibbles. */
static void look_up(struct x64 *c, int d, int t, int t1, int s,
                    struct x64_mem table)
{
    struct x64_mem low = splat(c, 0, 0x0f);

    shift_imm(c, X_PSRLW_I, t1, s, 4);
    x64_op3_mem(c, X_PAND, t1, t1, low);
    x64_op3_mem(c, X_PAND, t, s, low);
    x64_load_reg(&c->b, V128, d, table);
    x64_op3(c, X_PSHUFB, d, d, t);
    x64_load_reg(&c->b, V128, t, table);
    x64_op3(c, X_PSHUFB, t, t, t1);
}

static bool out_vcnt(struct x64 *c, const struct ir_op *op)
{
    struct vregs r;

    if (!c->be->cpu.ssse3)
        return false;
    r = vec_regs(c, op, 2);
    look_up(c, r.d, r.t[0], r.t[1], r.in[0],
            x64_const_mem(c, 0x0302020102010100, 0x0403030203020201));
    x64_op3(c, X_PADDB, r.d, r.d, r.t[0]);
    return true;
}

/* Bytes: the high nibble's count, and the low one's where the high one is
 * zero. */
static bool out_vclz(struct x64 *c, const struct ir_op *op)
{
    struct vregs r;

    if (!c->be->cpu.ssse3 || elem_of(op))
        return false;
    r = vec_regs(c, op, 3);
    look_up(c, r.d, r.t[0], r.t[1], r.in[0],
            x64_const_mem(c, 0x0101010102020304, 0));
    x64_op3(c, X_PXOR, r.t[2], r.t[2], r.t[2]);
    x64_op3(c, X_PCMPEQB, r.t[1], r.t[1], r.t[2]);
    x64_op3(c, X_PAND, r.d, r.d, r.t[1]);
    x64_op3(c, X_PADDB, r.d, r.d, r.t[0]);
    return true;
}

/* An index above 15 gets its top bit set: PSHUFB gives 0 for that. */
static bool out_vtbl(struct x64 *c, const struct ir_op *op)
{
    struct vregs r;

    if (!c->be->cpu.ssse3)
        return false;
    r = vec_regs(c, op, 1);
    x64_op3_mem(c, X_PADDUSB, r.t[0], r.in[1], splat(c, 0, 0x70));
    x64_op3(c, X_PSHUFB, r.d, r.in[0], r.t[0]);
    return true;
}

const x64_emit_fn x64_vec_emit[IR_NOPS] = {
    [IR_vadd] = out_direct, [IR_vsub] = out_direct, [IR_vmul] = out_vmul,
    [IR_vand] = out_direct, [IR_vor] = out_direct, [IR_vxor] = out_direct,
    [IR_vandc] = out_direct, [IR_vnot] = out_vnot, [IR_vbsl] = out_vbsl,
    [IR_vneg] = out_vneg, [IR_vabs] = out_vabs, [IR_vcmpeq] = out_direct,
    [IR_vcmpgt_s] = out_vcmpgt_s, [IR_vcmpgt_u] = out_vcmpgt_u,
    [IR_vmin_s] = out_direct, [IR_vmin_u] = out_direct,
    [IR_vmax_s] = out_direct, [IR_vmax_u] = out_direct,
    [IR_vqadd_s] = out_saturating, [IR_vqadd_u] = out_saturating,
    [IR_vqsub_s] = out_saturating, [IR_vqsub_u] = out_saturating,
    [IR_vhadd_s] = out_halving, [IR_vhadd_u] = out_halving,
    [IR_vrhadd_s] = out_halving, [IR_vrhadd_u] = out_halving,
    [IR_vshli] = out_vshli, [IR_vshri_s] = out_vshri_s,
    [IR_vshri_u] = out_vshri_u, [IR_vshl_s] = out_vshl,
    [IR_vshl_u] = out_vshl, [IR_vpadd] = out_vpadd,
    [IR_vwiden_s] = out_vwiden, [IR_vwiden_u] = out_vwiden,
    [IR_vnarrow] = out_vnarrow, [IR_vmull_s] = out_vmull,
    [IR_vmull_u] = out_vmull, [IR_vdup] = out_vdup,
    [IR_vget_u] = out_vget, [IR_vget_s] = out_vget, [IR_vset] = out_vset,
    [IR_vdup_lane] = out_vdup_lane, [IR_vlow] = out_vlow,
    [IR_vhigh] = out_vhigh, [IR_vconcat] = out_vconcat, [IR_vext] = out_vext,
    [IR_vzip_lo] = out_vzip, [IR_vzip_hi] = out_vzip,
    [IR_vuzp_even] = out_vuzp, [IR_vuzp_odd] = out_vuzp,
    [IR_vtrn_even] = out_vtrn, [IR_vtrn_odd] = out_vtrn,
    [IR_vrev] = out_vrev, [IR_vcnt] = out_vcnt, [IR_vclz] = out_vclz,
    [IR_vtbl] = out_vtbl,
};
