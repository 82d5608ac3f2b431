/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer vector ops on x86-64: logic, arithmetic, compares, shifts, counts.
 * SSE2 has most of them for some lane sizes only; the others are put together
 * from a few instructions as the comment above each function says.  Forms
 * that the host has no good code for go to the C fallback.
 */
#include "config.h"

#include "tcg/x64-vec.h"

/* --- one instruction --------------------------------------------------- */

/* By opcode and log2 of the lane's bytes; an empty row (ADDPS) is none. */
static const struct vec_row {
    uint16_t x;
    uint8_t need;
} rows[IR_NOPS][4] = {
    [IR_vadd] = { { X_PADDB, 0 }, { X_PADDW, 0 }, { X_PADDD, 0 }, { X_PADDQ, 0 } },
    [IR_vsub] = { { X_PSUBB, 0 }, { X_PSUBW, 0 }, { X_PSUBD, 0 }, { X_PSUBQ, 0 } },
    [IR_vmul] = { { 0 }, { X_PMULLW, 0 }, { X_PMULLD, NEED_SSE41 } },
    [IR_vand] = { { X_PAND, 0 }, { X_PAND, 0 }, { X_PAND, 0 }, { X_PAND, 0 } },
    [IR_vor] = { { X_POR, 0 }, { X_POR, 0 }, { X_POR, 0 }, { X_POR, 0 } },
    [IR_vxor] = { { X_PXOR, 0 }, { X_PXOR, 0 }, { X_PXOR, 0 }, { X_PXOR, 0 } },
    [IR_vcmpeq] = { { X_PCMPEQB, 0 }, { X_PCMPEQW, 0 }, { X_PCMPEQD, 0 },
                    { X_PCMPEQQ, NEED_SSE41 } },
    [IR_vcmpgt_s] = { { X_PCMPGTB, 0 }, { X_PCMPGTW, 0 }, { X_PCMPGTD, 0 },
                      { X_PCMPGTQ, NEED_SSE42 } },
    [IR_vmin_s] = { { X_PMINSB, NEED_SSE41 }, { X_PMINSW, 0 },
                    { X_PMINSD, NEED_SSE41 } },
    [IR_vmin_u] = { { X_PMINUB, 0 }, { X_PMINUW, NEED_SSE41 },
                    { X_PMINUD, NEED_SSE41 } },
    [IR_vmax_s] = { { X_PMAXSB, NEED_SSE41 }, { X_PMAXSW, 0 },
                    { X_PMAXSD, NEED_SSE41 } },
    [IR_vmax_u] = { { X_PMAXUB, 0 }, { X_PMAXUW, NEED_SSE41 },
                    { X_PMAXUD, NEED_SSE41 } },
    [IR_vqadd_s] = { { X_PADDSB, 0 }, { X_PADDSW, 0 } },
    [IR_vqadd_u] = { { X_PADDUSB, 0 }, { X_PADDUSW, 0 } },
    [IR_vqsub_s] = { { X_PSUBSB, 0 }, { X_PSUBSW, 0 } },
    [IR_vqsub_u] = { { X_PSUBUSB, 0 }, { X_PSUBUSW, 0 } },
    [IR_vrhadd_u] = { { X_PAVGB, 0 }, { X_PAVGW, 0 } },
    [IR_vmulh_s] = { { 0 }, { X_PMULHW, 0 } },
    [IR_vmulh_u] = { { 0 }, { X_PMULHUW, 0 } },
    [IR_vmulhr_s] = { { 0 }, { X_PMULHRSW, NEED_SSSE3 } },
    [IR_vmadd] = { { 0 }, { X_PMADDWD, 0 } },
};

static unsigned elem(const struct ir_op *op)
{
    return op->c[0];
}

/* Which operand the instruction takes from its first source: for a
 * commutative op not the one that can stay in memory. */
static unsigned first_source(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);

    if (!(ir_op_info[op->opc].flags & IRF_COMMUTES))
        return 0;
    return ra_where(c->ra, in[0]) < 0 && ra_where(c->ra, in[1]) >= 0;
}

static bool out_row(struct x64 *c, const struct ir_op *op)
{
    const struct vec_row *r = &rows[op->opc][elem(op) & 3];
    bool commutes = ir_op_info[op->opc].flags & IRF_COMMUTES;
    unsigned first = first_source(c, op);
    struct xv_src b;
    int a, d;

    if (!r->x || !xv_has(c, r->need))
        return false;
    a = xv_use(c, op, first);
    b = xv_use_any(c, op, !first);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_avx(c) || commutes ? 0 : xv_src_bit(&b));
    if (b.is_mem)
        x64_op3_mem(c, r->x, d, a, b.mem);
    else if (commutes)
        xv_op_comm(c, r->x, d, a, b.reg);
    else
        x64_op3(c, r->x, d, a, b.reg);
    if (op->opc == IR_vcmpeq && op->type == V64)
        xv_low(c, d, d);
    return true;
}

/* --- logic ------------------------------------------------------------- */

/* PANDN inverts its first source. */
static bool out_vandc(struct x64 *c, const struct ir_op *op)
{
    struct xv_src a = xv_use_any(c, op, 0);
    int b = xv_use(c, op, 1), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_src_bit(&a));
    xv_op_any(c, X_PANDN, d, b, &a);
    return true;
}

static bool out_vnot(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0);

    ra_inputs_done(c->ra);
    x64_op3_mem(c, X_PXOR, xv_def(c, op, 0), a, xv_lanes(c, op->type, 0, 0xff));
    return true;
}

static bool out_vbsl(struct x64 *c, const struct ir_op *op)
{
    int mask = xv_use(c, op, 0), yes = xv_use(c, op, 1);
    int no = xv_use(c, op, 2), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(no));
    x64_op3(c, X_PAND, t, yes, mask);
    x64_op3(c, X_PANDN, d, mask, no);
    x64_op3(c, X_POR, d, d, t);
    return true;
}

/* --- signs ------------------------------------------------------------- */

/* d = the sign of each lane in all its bits.  d is not s if e is 0. */
static void sign_mask(struct x64 *c, unsigned e, int d, int s)
{
    switch (e) {
    case 0:
        xv_zero(c, d);
        x64_op3(c, X_PCMPGTB, d, d, s);
        break;
    case 1:
        xv_shift(c, X_PSRAW_I, d, s, 15);
        break;
    case 2:
        xv_shift(c, X_PSRAD_I, d, s, 31);
        break;
    default:
        xv_shift(c, X_PSRAD_I, d, s, 31);
        x64_op2(c, X_PSHUFD, d, d, 0xf5);    /* upper dwords to both */
        break;
    }
}

static uint64_t sign_bit(unsigned e)
{
    return 1ull << ((8u << e) - 1);
}

static bool out_vneg(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    xv_zero(c, d);
    x64_op3(c, rows[IR_vsub][elem(op)].x, d, d, a);
    return true;
}

/* Without an instruction: (a ^ sign) - sign. */
static bool out_vabs(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t abs_op[] = { X_PABSB, X_PABSW, X_PABSD };
    unsigned e = elem(op);
    int a = xv_use(c, op, 0), t, d;

    if (e < 3 && xv_has(c, NEED_SSSE3)) {
        ra_inputs_done(c->ra);
        x64_op2(c, abs_op[e], xv_def(c, op, 0), a, 0);
        return true;
    }
    t = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    sign_mask(c, e, t, a);
    x64_op3(c, X_PXOR, d, a, t);
    x64_op3(c, rows[IR_vsub][e].x, d, d, t);
    return true;
}

/* --- compares ---------------------------------------------------------- */

/* t = a > b unsigned: signed, after both signs are inverted.  u is scratch;
 * t may be a. */
static void above(struct x64 *c, unsigned e, int t, int u, int a, int b)
{
    struct x64_mem sign = xv_all(c, e, sign_bit(e));

    x64_op3_mem(c, X_PXOR, u, b, sign);
    x64_op3_mem(c, X_PXOR, t, a, sign);
    x64_op3(c, rows[IR_vcmpgt_s][e].x, t, t, u);
}

static bool out_vcmpgt_u(struct x64 *c, const struct ir_op *op)
{
    int a, b, u;

    if (!xv_has(c, rows[IR_vcmpgt_s][elem(op)].need))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    u = xv_temp(c);
    ra_inputs_done(c->ra);
    above(c, elem(op), xv_def(c, op, 0), u, a, b);
    return true;
}

/* 64-bit lanes: compare and select. */
static bool out_minmax(struct x64 *c, const struct ir_op *op)
{
    bool is_min = op->opc == IR_vmin_s || op->opc == IR_vmin_u;
    int a, b, t, u, d;

    if (elem(op) != 3)
        return out_row(c, op);
    if (!xv_has(c, NEED_SSE42))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    t = xv_temp(c);
    u = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, is_min ? xv_bit(a) : xv_bit(b));
    if (op->opc == IR_vmin_u || op->opc == IR_vmax_u)
        above(c, 3, t, u, a, b);
    else
        x64_op3(c, X_PCMPGTQ, t, a, b);
    xv_select(c, d, t, is_min ? b : a, is_min ? a : b);
    return true;
}

/* --- saturating sums --------------------------------------------------- */

/*
 * 32- and 64-bit lanes.  A sum overflows if its sign differs from those of
 * both operands, a difference if a's sign differs from b's and its own.  The
 * result is then the limit on a's side.
 */
static void saturate_signed(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op);
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int t = xv_temp(c), u = xv_temp(c), sum = xv_temp(c), d;
    bool add = op->opc == IR_vqadd_s;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    x64_op3(c, rows[add ? IR_vadd : IR_vsub][e].x, sum, a, b);
    x64_op3(c, X_PXOR, t, a, b);
    x64_op3(c, X_PXOR, u, sum, a);
    x64_op3(c, add ? X_PANDN : X_PAND, t, t, u);
    sign_mask(c, e, u, a);
    x64_op3_mem(c, X_PXOR, u, u, xv_all(c, e, sign_bit(e) - 1));
    sign_mask(c, e, t, t);
    xv_select(c, d, t, u, sum);
}

/* a + b = min(a, ~b) + b, a - b = max(a, b) - b: these do not overflow. */
static void saturate_u32(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    if (op->opc == IR_vqadd_u) {
        d = xv_def(c, op, 0);
        x64_op3_mem(c, X_PXOR, t, b, xv_all(c, 0, 0xff));
        x64_op3(c, X_PMINUD, t, t, a);
        xv_op_comm(c, X_PADDD, d, t, b);
    } else {
        d = xv_def(c, op, xv_bit(b));
        x64_op3(c, X_PMAXUD, t, a, b);
        x64_op3(c, X_PSUBD, d, t, b);
    }
}

static void saturate_u64(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int t = xv_temp(c), u = xv_temp(c), sum = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (op->opc == IR_vqadd_u) {
        x64_op3(c, X_PADDQ, sum, a, b);
        above(c, 3, t, u, a, sum);
        x64_op3(c, X_POR, d, sum, t);
    } else {
        x64_op3(c, X_PSUBQ, sum, a, b);
        above(c, 3, t, u, b, a);
        x64_op3(c, X_PANDN, d, t, sum);
    }
}

static bool out_saturate(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op);

    if (e < 2)
        return out_row(c, op);
    if (op->opc == IR_vqadd_s || op->opc == IR_vqsub_s)
        saturate_signed(c, op);
    else if (e == 2 && xv_has(c, NEED_SSE41))
        saturate_u32(c, op);
    else if (e == 3 && xv_has(c, NEED_SSE42))
        saturate_u64(c, op);
    else
        return false;
    return true;
}

/* --- shifts by an immediate -------------------------------------------- */

static void shift_right_u(struct x64 *c, unsigned e, int d, int s, unsigned n)
{
    static const uint16_t op[] = { X_PSRLW_I, X_PSRLW_I, X_PSRLD_I,
                                   X_PSRLQ_I };

    xv_shift(c, op[e], d, s, n);
    if (e == 0)
        x64_op3_mem(c, X_PAND, d, d, xv_all(c, 0, 0xff >> n));
}

/* Bytes and 64-bit lanes: logical shift, then extend the sign from where it
 * came to: (x ^ m) - m. */
static void shift_right_s(struct x64 *c, unsigned e, int d, int s, unsigned n)
{
    struct x64_mem m;

    if (e == 1 || e == 2) {
        xv_shift(c, e == 1 ? X_PSRAW_I : X_PSRAD_I, d, s, n);
        return;
    }
    shift_right_u(c, e, d, s, n);
    m = xv_all(c, e, sign_bit(e) >> n);
    x64_op3_mem(c, X_PXOR, d, d, m);
    x64_op3_mem(c, rows[IR_vsub][e].x, d, d, m);
}

static void shift_left(struct x64 *c, unsigned e, int d, int s, unsigned n)
{
    static const uint16_t op[] = { X_PSLLW_I, X_PSLLW_I, X_PSLLD_I,
                                   X_PSLLQ_I };

    xv_shift(c, op[e], d, s, n);
    if (e == 0)
        x64_op3_mem(c, X_PAND, d, d, xv_all(c, 0, 0xff << n & 0xff));
}

static bool out_shift_imm(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), n = op->c[1];
    int a = xv_use(c, op, 0), d;

    if (op->opc == IR_vshri_s && n == (8u << e) - 1 && e != 1 && e != 2) {
        ra_inputs_done(c->ra);
        sign_mask(c, e, xv_def(c, op, xv_bit(a)), a);
        return true;
    }
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (n == 0)
        xv_mov(c, d, a);
    else if (op->opc == IR_vshli && n == 1)
        x64_op3(c, rows[IR_vadd][e].x, d, a, a);
    else if (op->opc == IR_vshli)
        shift_left(c, e, d, a, n);
    else if (op->opc == IR_vshri_u)
        shift_right_u(c, e, d, a, n);
    else
        shift_right_s(c, e, d, a, n);
    return true;
}

/* --- halving sums ------------------------------------------------------ */

/* PAVG rounds up: subtract the bit that it rounded. */
static void half_average(struct x64 *c, unsigned e, bool round, int d, int t,
                         int a, int b)
{
    if (!round) {
        x64_op3(c, X_PXOR, t, a, b);
        x64_op3_mem(c, X_PAND, t, t, xv_all(c, e, 1));
    }
    xv_op_comm(c, rows[IR_vrhadd_u][e].x, d, a, b);
    if (!round)
        x64_op3(c, rows[IR_vsub][e].x, d, d, t);
}

/* Bytes and words; signed ones as unsigned, moved by half the range. */
static void half_small(struct x64 *c, const struct ir_op *op, bool is_signed,
                       bool round)
{
    unsigned e = elem(op);
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), u, w;
    struct x64_mem bias;

    if (!is_signed) {
        ra_inputs_done(c->ra);
        half_average(c, e, round, xv_def(c, op, 0), t, a, b);
        return;
    }
    u = xv_temp(c);
    w = xv_temp(c);
    ra_inputs_done(c->ra);
    bias = xv_all(c, e, sign_bit(e));
    x64_op3_mem(c, X_PXOR, u, a, bias);
    x64_op3_mem(c, X_PXOR, w, b, bias);
    half_average(c, e, round, u, t, u, w);
    x64_op3_mem(c, X_PXOR, xv_def(c, op, 0), u, bias);
}

/* (a & b) + ((a ^ b) >> 1), rounding (a | b) - ((a ^ b) >> 1). */
static void half_large(struct x64 *c, const struct ir_op *op, bool is_signed,
                       bool round)
{
    unsigned e = elem(op);
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int t = xv_temp(c), u = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_op3(c, X_PXOR, t, a, b);
    x64_op3(c, round ? X_POR : X_PAND, u, a, b);
    if (is_signed)
        shift_right_s(c, e, t, t, 1);
    else
        shift_right_u(c, e, t, t, 1);
    x64_op3(c, rows[round ? IR_vsub : IR_vadd][e].x, d, u, t);
}

static bool out_half(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vhadd_s || op->opc == IR_vrhadd_s;
    bool round = op->opc == IR_vrhadd_s || op->opc == IR_vrhadd_u;

    if (elem(op) > 1)
        half_large(c, op, is_signed, round);
    else if (op->opc == IR_vrhadd_u)
        return out_row(c, op);
    else
        half_small(c, op, is_signed, round);
    return true;
}

/* --- products ---------------------------------------------------------- */

/* Odd bytes: (a & ff00) * (b >> 8) has their product in the upper byte. */
static bool mul_bytes(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int t = xv_temp(c), u = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    xv_shift(c, X_PSRLW_I, t, b, 8);
    x64_op3_mem(c, X_PAND, u, a, xv_all(c, 1, 0xff00));
    x64_op3(c, X_PMULLW, t, t, u);
    xv_op_comm(c, X_PMULLW, d, a, b);
    x64_op3_mem(c, X_PAND, d, d, xv_all(c, 1, 0x00ff));
    x64_op3(c, X_POR, d, d, t);
    return true;
}

/* lo * lo + ((lo * hi + hi * lo) << 32) */
static bool mul_quads(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int t = xv_temp(c), u = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    xv_shift(c, X_PSRLQ_I, t, a, 32);
    x64_op3(c, X_PMULUDQ, t, t, b);
    xv_shift(c, X_PSRLQ_I, u, b, 32);
    x64_op3(c, X_PMULUDQ, u, u, a);
    x64_op3(c, X_PADDQ, t, t, u);
    xv_shift(c, X_PSLLQ_I, t, t, 32);
    xv_op_comm(c, X_PMULUDQ, d, a, b);
    x64_op3(c, X_PADDQ, d, d, t);
    return true;
}

static bool out_vmul(struct x64 *c, const struct ir_op *op)
{
    if (elem(op) == 0)
        return mul_bytes(c, op);
    return elem(op) == 3 ? mul_quads(c, op) : out_row(c, op);
}

static bool mull_bytes(struct x64 *c, const struct ir_op *op)
{
    enum x64_sse ext = op->opc == IR_vmull_s ? X_PMOVSXBW : X_PMOVZXBW;
    int a, b, t, d;

    if (!xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    t = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    x64_op2(c, ext, d, a, 0);
    x64_op2(c, ext, t, b, 0);
    x64_op3(c, X_PMULLW, d, d, t);
    return true;
}

static bool mull_words(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_op3(c, op->opc == IR_vmull_s ? X_PMULHW : X_PMULHUW, t, a, b);
    xv_op_comm(c, X_PMULLW, d, a, b);
    x64_op3(c, X_PUNPCKLWD, d, d, t);
    return true;
}

/* Lanes 0 and 1 to dwords 0 and 2. */
static bool mull_dwords(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vmull_s;
    int a, b, t, d;

    if (is_signed && !xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    t = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    x64_op2(c, X_PSHUFD, d, a, 0x50);
    x64_op2(c, X_PSHUFD, t, b, 0x50);
    x64_op3(c, is_signed ? X_PMULDQ : X_PMULUDQ, d, d, t);
    return true;
}

static bool out_vmull(struct x64 *c, const struct ir_op *op)
{
    switch (elem(op)) {
    case 0: return mull_bytes(c, op);
    case 1: return mull_words(c, op);
    case 2: return mull_dwords(c, op);
    default: return false;
    }
}

/*
 * Carry-less products of bytes, in lanes of bytes or of words whose upper
 * bytes start with a's: bit by bit from the highest, b is added to twice the
 * result where the lane's sign is set.
 */
static bool out_vpmul(struct x64 *c, const struct ir_op *op)
{
    unsigned e = op->opc == IR_vpmull;
    enum x64_sse add = rows[IR_vadd][e].x;
    int a, b, bits, r, m, d;

    if (e && !xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    bits = xv_temp(c);
    r = xv_temp(c);
    m = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a) | xv_bit(b));
    if (e) {
        x64_op2(c, X_PMOVZXBW, bits, a, 0);
        xv_shift(c, X_PSLLW_I, bits, bits, 8);
        x64_op2(c, X_PMOVZXBW, d, b, 0);
    } else {
        xv_mov(c, bits, a);
        xv_mov(c, d, b);
    }
    for (unsigned i = 0; i < 8; i++) {
        sign_mask(c, e, m, bits);
        x64_op3(c, X_PAND, m, m, d);
        if (i == 0) {
            xv_mov(c, r, m);
        } else {
            x64_op3(c, add, r, r, r);
            x64_op3(c, X_PXOR, r, r, m);
        }
        if (i < 7)
            x64_op3(c, add, bits, bits, bits);
    }
    xv_mov(c, d, r);
    return true;
}

/* --- shifts by a register ---------------------------------------------- */

/* PSHUFB on these gives 2^i in the low or the high byte of a word for index
 * i in 0-15.  An index is made by paddusb 0x70: 16 and more (and what was
 * negative) get bit 7, which gives zero. */
static const uint8_t pow2_lo[16] = { 1, 2, 4, 8, 16, 32, 64, 128 };
static const uint8_t pow2_hi[16] = { 0, 0, 0, 0, 0, 0, 0, 0,
                                     1, 2, 4, 8, 16, 32, 64, 128 };

/*
 * Bytes: widened to words, times 2^(8 + count), and the upper byte of the low
 * word is the result for counts from -8 to 7.
 */
static void shift_bytes(struct x64 *c, const struct ir_op *op, bool is_signed)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int idx = xv_temp(c), lo = xv_temp(c), hi = xv_temp(c), w = xv_temp(c), d;
    bool both = op->type == V128;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    if (is_signed)      /* -8 already leaves the sign alone */
        x64_op3_mem(c, X_PMAXSB, idx, b, xv_all(c, 0, 0xf8));
    x64_op3_mem(c, X_PADDB, idx, is_signed ? idx : b, xv_all(c, 0, 8));
    x64_op3_mem(c, X_PADDUSB, idx, idx, xv_all(c, 0, 0x70));
    xv_load(c, lo, x64_data_mem(c, pow2_lo, 16));
    xv_load(c, hi, x64_data_mem(c, pow2_hi, 16));
    x64_op3(c, X_PSHUFB, lo, lo, idx);
    x64_op3(c, X_PSHUFB, hi, hi, idx);
    if (is_signed)
        sign_mask(c, 0, w, a);
    else
        xv_zero(c, w);
    x64_op3(c, X_PUNPCKLBW, idx, lo, hi);         /* multipliers */
    x64_op3(c, X_PUNPCKLBW, d, a, w);
    x64_op3(c, X_PMULLW, d, d, idx);
    xv_shift(c, X_PSRLW_I, d, d, 8);
    if (both) {
        x64_op3(c, X_PUNPCKHBW, lo, lo, hi);
        x64_op3(c, X_PUNPCKHBW, hi, a, w);
        x64_op3(c, X_PMULLW, hi, hi, lo);
        xv_shift(c, X_PSRLW_I, hi, hi, 8);
    } else {
        xv_zero(c, hi);
    }
    x64_op3(c, X_PACKUSWB, d, d, hi);
}

/* Word of multipliers 2^(count + first) from the count in both bytes. */
static void word_powers(struct x64 *c, int d, int idx, int count,
                        unsigned first)
{
    uint64_t add = (first & 0xff) | (uint64_t)((first - 8) & 0xff) << 8;

    x64_op3_mem(c, X_PADDB, idx, count, xv_all(c, 1, add));
    x64_op3_mem(c, X_PADDUSB, idx, idx, xv_all(c, 0, 0x70));
    xv_load(c, d, x64_data_mem(c, pow2_lo, 16));
    x64_op3(c, X_PSHUFB, d, d, idx);
}

/*
 * Words: the middle of a * 2^(16 + count), that is the high half of a times
 * the multiplier's low half plus the low half of a times its high half, one
 * of which is zero.  A negative a needs the usual correction of the unsigned
 * high half.
 */
static void shift_words(struct x64 *c, const struct ir_op *op, bool is_signed)
{
    static const uint8_t low_twice[16] = { 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10,
                                           10, 12, 12, 14, 14 };
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int n = xv_temp(c), idx = xv_temp(c), lo = xv_temp(c), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    xv_shuffle(c, n, b, low_twice);
    if (is_signed)
        x64_op3_mem(c, X_PMAXSB, n, n, xv_all(c, 0, 0xf0));
    word_powers(c, lo, idx, n, 16);
    word_powers(c, t, idx, n, 0);
    x64_op3(c, X_PMULHUW, d, lo, a);
    x64_op3(c, X_PMULLW, t, t, a);
    x64_op3(c, X_PADDW, d, d, t);
    if (is_signed) {
        sign_mask(c, 1, t, a);
        x64_op3(c, X_PAND, t, t, lo);
        x64_op3(c, X_PSUBW, d, d, t);
    }
}

/* AVX2 shifts by more than the width give 0 or the sign.  n and minus n as
 * bytes: the one that is negative is a large count. */
static void shift_avx2(struct x64 *c, const struct ir_op *op, bool is_signed)
{
    unsigned e = elem(op);
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);
    int left = xv_temp(c), right = xv_temp(c), s = xv_temp(c), d;
    struct x64_mem low = xv_all(c, e, 0xff);

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a) | xv_bit(b));
    xv_zero(c, right);
    x64_op3(c, X_PSUBB, right, right, b);
    x64_op3_mem(c, X_PAND, left, b, low);
    x64_op3_mem(c, X_PAND, right, right, low);
    x64_op3(c, e == 2 ? X_PSLLVD : X_PSLLVQ, left, a, left);
    if (!is_signed) {
        x64_op3(c, e == 2 ? X_PSRLVD : X_PSRLVQ, right, a, right);
        x64_op3(c, X_POR, d, left, right);
        return;
    }
    if (e == 2) {
        x64_op3(c, X_PSRAVD, right, a, right);
    } else {
        sign_mask(c, 3, s, a);
        x64_op3(c, X_PXOR, d, a, s);
        x64_op3(c, X_PSRLVQ, right, d, right);
        x64_op3(c, X_PXOR, right, right, s);
    }
    xv_shift(c, e == 2 ? X_PSLLD_I : X_PSLLQ_I, s, b, e == 2 ? 24 : 56);
    x64_vex_rr(&c->b, e == 2 ? X_BLENDVPS : X_BLENDVPD, 0, xnum(d),
               xnum(left), xnum(right), xnum(s));
}

static bool out_shift_reg(struct x64 *c, const struct ir_op *op)
{
    bool is_signed = op->opc == IR_vshl_s;

    if (!xv_has(c, elem(op) < 2 ? NEED_SSE41 : NEED_AVX2))
        return false;
    if (elem(op) == 0)
        shift_bytes(c, op, is_signed);
    else if (elem(op) == 1)
        shift_words(c, op, is_signed);
    else
        shift_avx2(c, op, is_signed);
    return true;
}

/* --- pairs and widths -------------------------------------------------- */

/* Sums of neighbouring bytes as words, cut to bytes. */
static void padd_bytes(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;
    struct x64_mem ones = xv_all(c, 0, 1), low = xv_all(c, 1, 0xff);

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a) | xv_bit(b));
    if (op->type == V64) {
        x64_op3(c, X_PUNPCKLQDQ, d, a, b);
        xv_zero(c, t);
    } else if (a == b) {
        x64_op3_mem(c, X_PMADDUBSW, d, a, ones);
        x64_op3_mem(c, X_PAND, d, d, low);
        x64_op3(c, X_PACKUSWB, d, d, d);
        return;
    } else {
        x64_op3_mem(c, X_PMADDUBSW, t, b, ones);
        x64_op3_mem(c, X_PAND, t, t, low);
        xv_mov(c, d, a);
    }
    x64_op3_mem(c, X_PMADDUBSW, d, d, ones);
    x64_op3_mem(c, X_PAND, d, d, low);
    x64_op3(c, X_PACKUSWB, d, d, t);
}

static void padd_larger(struct x64 *c, const struct ir_op *op)
{
    enum x64_sse x = elem(op) == 1 ? X_PHADDW : X_PHADDD;
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    if (op->type == V128) {
        x64_op3(c, x, d, a, b);
        return;
    }
    xv_zero(c, t);
    x64_op3(c, X_PUNPCKLQDQ, d, a, b);
    x64_op3(c, x, d, d, t);
}

static void padd_quads(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    x64_op3(c, X_PUNPCKHQDQ, t, a, b);
    x64_op3(c, X_PUNPCKLQDQ, d, a, b);
    x64_op3(c, X_PADDQ, d, d, t);
}

static bool out_vpadd(struct x64 *c, const struct ir_op *op)
{
    if (elem(op) == 3 && op->type == V64)
        return false;
    if (elem(op) < 3 && !xv_has(c, NEED_SSSE3))
        return false;
    if (elem(op) == 0)
        padd_bytes(c, op);
    else if (elem(op) < 3)
        padd_larger(c, op);
    else
        padd_quads(c, op);
    return true;
}

static bool out_vsum(struct x64 *c, const struct ir_op *op)
{
    int a = xv_use(c, op, 0), t = xv_temp(c);

    ra_inputs_done(c->ra);
    xv_zero(c, t);
    x64_op3(c, X_PSADBW, xv_def(c, op, 0), a, t);
    return true;
}

static bool out_vwiden(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t ext[2][3] = {
        { X_PMOVZXBW, X_PMOVZXWD, X_PMOVZXDQ },
        { X_PMOVSXBW, X_PMOVSXWD, X_PMOVSXDQ } };
    int a;

    if (elem(op) > 2 || !xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    x64_op2(c, ext[op->opc == IR_vwiden_s][elem(op)], xv_def(c, op, 0), a, 0);
    return true;
}

/* --- counts ------------------------------------------------------------ */

/* d = T[low nibble of s], t = T[high nibble of s]; s may be t. */
static void nibbles(struct x64 *c, int d, int t, int u, int s,
                    const uint8_t *low_table, const uint8_t *high_table)
{
    struct x64_mem mask = xv_all(c, 0, 0x0f);

    x64_op3_mem(c, X_PAND, u, s, mask);
    xv_shift(c, X_PSRLW_I, t, s, 4);
    xv_load(c, d, x64_data_mem(c, low_table, 16));
    x64_op3(c, X_PSHUFB, d, d, u);
    x64_op3_mem(c, X_PAND, u, t, mask);
    xv_load(c, t, x64_data_mem(c, high_table, 16));
    x64_op3(c, X_PSHUFB, t, t, u);
}

static bool out_vcnt(struct x64 *c, const struct ir_op *op)
{
    static const uint8_t bits[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2,
                                      3, 3, 4 };
    int a, t, u, d;

    if (!xv_has(c, NEED_SSSE3))
        return false;
    a = xv_use(c, op, 0);
    t = xv_temp(c);
    u = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    nibbles(c, d, t, u, a, bits, bits);
    x64_op3(c, X_PADDB, d, d, t);
    return true;
}

/*
 * Zeros above each nibble, counted within its byte; the smaller one counts.
 * Then from counts of lanes to those of lanes twice as wide: the upper one,
 * plus the lower one if the upper lane is all zeros.
 */
static bool out_vclz(struct x64 *c, const struct ir_op *op)
{
    static const uint8_t low[16] = { 8, 7, 6, 6, 5, 5, 5, 5, 4, 4, 4, 4, 4,
                                     4, 4, 4 };
    static const uint8_t high[16] = { 8, 3, 2, 2, 1, 1, 1, 1 };
    static const uint16_t shift[] = { 0, X_PSRLW_I, X_PSRLD_I, X_PSRLQ_I };
    unsigned e = elem(op);
    int a, t, u, d;

    if (!xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    t = xv_temp(c);
    u = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(a));
    nibbles(c, d, t, u, a, low, high);
    x64_op3(c, X_PMINUB, d, d, t);
    for (unsigned i = 1; i <= e; i++) {
        unsigned half = 4u << i;

        xv_shift(c, shift[i], t, d, half);
        x64_op3_mem(c, X_PAND, u, d, xv_all(c, i, (1ull << half) - 1));
        x64_op3_mem(c, rows[IR_vcmpeq][i].x, d, t, xv_all(c, i, half));
        x64_op3(c, X_PAND, u, u, d);
        x64_op3(c, rows[IR_vadd][i].x, d, t, u);
    }
    if (op->type == V64)
        xv_low(c, d, d);
    return true;
}

const x64_emit_fn x64_vec_emit[IR_NOPS] = {
    [IR_vadd] = out_row, [IR_vsub] = out_row, [IR_vand] = out_row,
    [IR_vor] = out_row, [IR_vxor] = out_row, [IR_vandc] = out_vandc,
    [IR_vnot] = out_vnot, [IR_vbsl] = out_vbsl, [IR_vneg] = out_vneg,
    [IR_vabs] = out_vabs, [IR_vcmpeq] = out_row, [IR_vcmpgt_s] = out_row,
    [IR_vcmpgt_u] = out_vcmpgt_u, [IR_vmin_s] = out_minmax,
    [IR_vmin_u] = out_minmax, [IR_vmax_s] = out_minmax,
    [IR_vmax_u] = out_minmax, [IR_vqadd_s] = out_saturate,
    [IR_vqadd_u] = out_saturate, [IR_vqsub_s] = out_saturate,
    [IR_vqsub_u] = out_saturate, [IR_vhadd_s] = out_half,
    [IR_vhadd_u] = out_half, [IR_vrhadd_s] = out_half,
    [IR_vrhadd_u] = out_half, [IR_vshli] = out_shift_imm,
    [IR_vshri_s] = out_shift_imm, [IR_vshri_u] = out_shift_imm,
    [IR_vshl_s] = out_shift_reg, [IR_vshl_u] = out_shift_reg,
    [IR_vmul] = out_vmul, [IR_vmull_s] = out_vmull, [IR_vmull_u] = out_vmull,
    [IR_vpadd] = out_vpadd, [IR_vwiden_s] = out_vwiden,
    [IR_vwiden_u] = out_vwiden, [IR_vmulh_s] = out_row, [IR_vmulh_u] = out_row,
    [IR_vmulhr_s] = out_row, [IR_vmadd] = out_row, [IR_vsum] = out_vsum,
    [IR_vpmul] = out_vpmul, [IR_vpmull] = out_vpmul, [IR_vcnt] = out_vcnt, [IR_vclz] = out_vclz,
};
