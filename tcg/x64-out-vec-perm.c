/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector ops on x86-64 that move lanes: between halves, lanes and general
 * registers, and permutations.  Most are one PSHUFB by a constant.
 */
#include "config.h"

#include <string.h>

#include "tcg/x64-vec.h"

enum { ZERO = 0x80 };       /* a PSHUFB index that gives 0 */

static unsigned elem(const struct ir_op *op)
{
    return op->c[0];
}

/* Fill idx from byte `from` on with zeros. */
static void zero_from(uint8_t idx[16], unsigned from)
{
    for (unsigned i = from; i < 16; i++)
        idx[i] = ZERO;
}

static bool out_shuffle(struct x64 *c, const struct ir_op *op,
                        const uint8_t idx[16])
{
    int a;

    if (!xv_has(c, NEED_SSSE3))
        return false;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    xv_shuffle(c, xv_def(c, op, 0), a, idx);
    return true;
}

static bool out_pshufd(struct x64 *c, const struct ir_op *op, int imm)
{
    int a = xv_use(c, op, 0);

    ra_inputs_done(c->ra);
    x64_op2(c, X_PSHUFD, xv_def(c, op, 0), a, imm);
    return true;
}

/* --- halves ------------------------------------------------------------ */

/* A half of a value that is in env is there, too. */
static bool alias_half(struct x64 *c, const struct ir_op *op, int32_t at)
{
    uint16_t v = ir_ins(op)[0];
    bool in_frame;
    int32_t off;

    if (!ra_in_memory(c->ra, v, &in_frame, &off) || in_frame)
        return false;
    ra_inputs_done(c->ra);
    ra_def_home(c->ra, ir_outs(op)[0], off + at);
    return true;
}

static bool out_vlow(struct x64 *c, const struct ir_op *op)
{
    int a;

    if (alias_half(c, op, 0))
        return true;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    xv_low(c, xv_def(c, op, 0), a);
    return true;
}

static bool out_vhigh(struct x64 *c, const struct ir_op *op)
{
    int a;

    if (alias_half(c, op, 8))
        return true;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    xv_shift(c, X_PSRLDQ_I, xv_def(c, op, 0), a, 8);
    return true;
}

/* d = a op b in one instruction. */
static bool out_two(struct x64 *c, const struct ir_op *op, enum x64_sse x,
                    int imm)
{
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1);

    ra_inputs_done(c->ra);
    x64_op3_imm(c, x, xv_def(c, op, xv_avx(c) ? 0 : xv_bit(b)), a, b, imm);
    return true;
}

/*
 * Is the register of a scalar zero above it? Loads and moves from general registers make it so; arithmetic takes what is above its first
 * operand, and so do the ops made of it. Softfloat's results are loads.
 */
static bool zero_above(const struct x64 *c, uint16_t v)
{
    for (unsigned depth = 0; depth < 24; depth++) {
        const struct ir_value *value = ir_value(c->ir, v);
        const struct ir_op *def = &c->ir->ops[value->def];

        if (value->is_const)
            return false;
        switch (def->opc) {
        case IR_guest_ld: case IR_state_ld: case IR_fcvt_from_s: case IR_fcvt_from_u:
            return true;
        case IR_bitcast:
            return xv_in_type(c, def, 0) == I32 || xv_in_type(c, def, 0) == I64;
        case IR_fcvt:
            if (def->type == F32)       /* of the double's own upper half */
                return false;
            break;
        case IR_fadd: case IR_fsub: case IR_fmul: case IR_fdiv: case IR_fsqrt: case IR_fmuladd: case IR_fneg: case IR_fabs:
        case IR_frint:
            break;
        default:
            return false;
        }
        v = ir_ins(def)[0];
    }
    return false;
}

/* A scalar that is only extended to be stored, by the next op: its register is stored as it is. */
static bool store_extended(struct x64 *c, const struct ir_op *op)
{
    const struct ra_val *wide = &c->ra->val[ir_outs(op)[0]];
    uint32_t i = c->pos + 1;
    int32_t off;
    int s;

    while (i < c->ir->nops && c->ir->ops[i].dead)
        i++;
    if (i == c->ir->nops || c->ir->ops[i].opc != IR_state_st || wide->next != i || wide->last != i ||
        !zero_above(c, ir_ins(op)[0]))
        return false;
    off = (int32_t)c->ir->ops[i].c[0];
    s = xv_use(c, op, 0);
    ra_home_write(c->ra, off, 16);
    x64_store_reg(&c->b, V128, s, x64_m(ENV, off));
    ra_set_home(c->ra, ir_ins(op)[0], off);
    ra_inputs_done(c->ra);
    ra_inputs_early(c->ra, i);
    c->done[i] = 1;
    return true;
}

static bool out_vzext(struct x64 *c, const struct ir_op *op)
{
    enum ir_type t = xv_in_type(c, op, 0);
    int a, d;

    if (t != V64 && store_extended(c, op))
        return true;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (t != F32) {
        xv_low(c, d, a);
    } else if (xv_has(c, NEED_SSE41)) {
        x64_op3_imm(c, X_INSERTPS, d, a, a, 0x0e);
    } else {
        xv_shift(c, X_PSLLDQ_I, d, a, 12);
        xv_shift(c, X_PSRLDQ_I, d, d, 12);
    }
    return true;
}

static bool out_vconcat(struct x64 *c, const struct ir_op *op)
{
    return out_two(c, op, X_PUNPCKLQDQ, 0);
}

static bool out_vnarrow(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), half = 1u << (e - 1);
    uint8_t idx[16];

    for (unsigned i = 0; i < 8; i++)
        idx[i] = (i / half << e) + i % half;
    zero_from(idx, 8);
    return out_shuffle(c, op, idx);
}

/* --- lanes and general registers ---------------------------------------- */

/* One lane to all of them. */
static void lane_index(const struct ir_op *op, unsigned lane, uint8_t idx[16])
{
    unsigned size = 1u << elem(op);

    for (unsigned i = 0; i < 16; i++)
        idx[i] = lane * size + i % size;
    if (op->type == V64)
        zero_from(idx, 8);
}

static bool out_vdup(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t broadcast[] = { X_PBROADCASTB, X_PBROADCASTW,
                                          X_PBROADCASTD, X_PBROADCASTQ };
    unsigned e = elem(op);
    uint8_t idx[16];
    int a, d;

    if (e < 2 && !xv_has(c, NEED_SSSE3))
        return false;
    a = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_sse_rr(&c->b, e == 3 ? X_MOVQ_G : X_MOVD, xnum(d), a, 0);
    lane_index(op, 0, idx);
    if (op->type == V128 && xv_has(c, NEED_AVX2))
        x64_op2(c, broadcast[e], d, d, 0);
    else if (e < 2)
        xv_shuffle(c, d, d, idx);
    else if (op->type == V128)
        x64_op2(c, X_PSHUFD, d, d, e == 2 ? 0x00 : 0x44);
    else if (e == 2)
        x64_op2(c, X_PSHUFD, d, d, 0x50);    /* upper ones are zero */
    return true;
}

static bool out_vdup_lane(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), lane = op->c[1];
    uint8_t idx[16];

    if (e == 2 && op->type == V128)
        return out_pshufd(c, op, lane * 0x55);
    if (e == 3 && op->type == V128)
        return out_pshufd(c, op, lane ? 0xee : 0x44);
    lane_index(op, lane, idx);
    return out_shuffle(c, op, idx);
}

/* Straight from memory when the vector is in no register. */
static void get_from_memory(struct x64 *c, const struct ir_op *op,
                            struct x64_mem m)
{
    unsigned e = elem(op);
    bool is_signed = op->opc == IR_vget_s;
    int sz = op->type == I64 ? S64 : S32, d;

    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    m.disp += op->c[1] << e;
    if (e == 3 || (e == 2 && !(is_signed && sz == S64)))
        x64_mov_rm(&c->b, e, d, m);
    else if (is_signed)
        x64_movsx_rm(&c->b, sz, e, d, m);
    else
        x64_movzx_rm(&c->b, e, d, m);
}

static void get_lane(struct x64 *c, unsigned e, unsigned lane, int d, int s)
{
    int x = xnum(s);

    switch (e) {
    case 0:
        x64_sse_rr(&c->b, X_PEXTRB, x, d, lane);
        break;
    case 1:
        x64_sse_rr(&c->b, X_PEXTRW, d, x, lane);
        break;
    case 2:
        if (lane)
            x64_sse_rr(&c->b, X_PEXTRD, x, d, lane);
        else
            x64_sse_rr(&c->b, X_MOVD_ST, x, d, 0);
        break;
    default:
        if (lane)
            x64_sse_rr(&c->b, X_PEXTRQ, x, d, lane);
        else
            x64_sse_rr(&c->b, X_MOVQ_G_ST, x, d, 0);
        break;
    }
}

static bool out_vget(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), lane = op->c[1];
    int sz = op->type == I64 ? S64 : S32, a, d;
    bool in_frame;
    int32_t off;

    if (ra_in_memory(c->ra, ir_ins(op)[0], &in_frame, &off)) {
        get_from_memory(c, op, x64_slot_mem(in_frame, off));
        return true;
    }
    if (e != 1 && !(e > 1 && lane == 0) && !xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    get_lane(c, e, lane, d, a);
    if (op->opc == IR_vget_s && (e < 2 || (e == 2 && sz == S64)))
        x64_movsx_rr(&c->b, sz, e, d, d);
    return true;
}

static bool out_vset(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t insert[] = { X_PINSRB, X_PINSRW, X_PINSRD,
                                       X_PINSRQ };
    unsigned e = elem(op);
    int a, b, d;

    if (e != 1 && !xv_has(c, NEED_SSE41))
        return false;
    b = ra_use(c->ra, ir_ins(op)[1]);
    if (e == 3 && op->type == V64) {
        ra_inputs_done(c->ra);
        x64_sse_rr(&c->b, X_MOVQ_G, xnum(xv_def(c, op, 0)), b, 0);
        return true;
    }
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (xv_avx(c)) {
        x64_vex_rr(&c->b, insert[e], 0, xnum(d), xnum(a), b, op->c[1]);
    } else {
        xv_mov(c, d, a);
        x64_sse_rr(&c->b, insert[e], xnum(d), b, op->c[1]);
    }
    return true;
}

/* --- two vectors ------------------------------------------------------- */

/* 64-bit vectors: both in one register, then a shuffle. */
static bool shuffle_pair(struct x64 *c, const struct ir_op *op,
                         uint8_t idx[16])
{
    int a, b, d;

    if (!xv_has(c, NEED_SSSE3))
        return false;
    zero_from(idx, 8);
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_avx(c) ? 0 : xv_bit(b));
    x64_op3(c, X_PUNPCKLQDQ, d, a, b);
    xv_shuffle(c, d, d, idx);
    return true;
}

static bool out_vext(struct x64 *c, const struct ir_op *op)
{
    unsigned n = op->c[0];
    uint8_t idx[16];
    int a, b;

    if (op->type == V64) {
        for (unsigned i = 0; i < 8; i++)
            idx[i] = i + n;
        return shuffle_pair(c, op, idx);
    }
    if (!xv_has(c, NEED_SSSE3))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    x64_op3_imm(c, X_PALIGNR, xv_def(c, op, xv_avx(c) ? 0 : xv_bit(a)), b, a, n);
    return true;
}

/* Byte indices of table ops: out of range and upper half give 0. */
static struct x64_mem table_index(struct x64 *c, const struct ir_op *op,
                                  const struct ir_value *k)
{
    uint64_t word[2] = { k->lo, op->type == V128 ? k->hi : 0 };
    uint8_t idx[16];

    memcpy(idx, word, 16);
    for (unsigned i = 0; i < 16; i++)
        if (idx[i] > 15)
            idx[i] = ZERO;
    if (op->type == V64)
        zero_from(idx, 8);
    memcpy(word, idx, 16);
    return x64_const_mem(c, word[0], word[1]);
}

/* PADDUSB 0x70 sets bit 7 of what is above 15. */
static bool out_vtbl(struct x64 *c, const struct ir_op *op)
{
    const struct ir_value *k = ir_value(c->ir, ir_ins(op)[1]);
    struct x64_mem bias;
    int table, t, d;

    if (!xv_has(c, NEED_SSSE3))
        return false;
    table = xv_use(c, op, 0);
    if (k->is_const) {
        ra_inputs_done(c->ra);
        x64_op3_mem(c, X_PSHUFB, xv_def(c, op, 0), table, table_index(c, op, k));
        return true;
    }
    t = xv_temp(c);
    bias = x64_const_mem(c, 0x7070707070707070,
                         op->type == V128 ? 0x7070707070707070 : ~0ull);
    x64_op3_mem(c, X_PADDUSB, t, xv_use(c, op, 1), bias);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_op3(c, X_PSHUFB, d, table, t);
    return true;
}

static const uint16_t unpack[2][4] = {
    { X_PUNPCKLBW, X_PUNPCKLWD, X_PUNPCKLDQ, X_PUNPCKLQDQ },
    { X_PUNPCKHBW, X_PUNPCKHWD, X_PUNPCKHDQ, X_PUNPCKHQDQ } };

static bool out_vzip(struct x64 *c, const struct ir_op *op)
{
    bool high = op->opc == IR_vzip_hi;
    unsigned e = elem(op);
    int a, b, d;

    if (op->type == V128)
        return out_two(c, op, unpack[high][e], 0);
    if (e == 3)
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_avx(c) ? 0 : xv_bit(b));
    x64_op3(c, unpack[0][e], d, a, b);
    if (high)
        xv_shift(c, X_PSRLDQ_I, d, d, 8);
    else
        xv_low(c, d, d);
    return true;
}

/* Every other lane of a and of b, the odd ones or the even ones. */
static bool out_vuzp(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), size = 1u << e, odd = op->opc == IR_vuzp_odd;
    uint8_t idx[16];
    int a, b, t, d;

    if (e == 2 && op->type == V128)
        return out_two(c, op, X_SHUFPS, odd ? 0xdd : 0x88);
    if (e == 3)
        return op->type == V128 && out_two(c, op, unpack[odd][3], 0);
    for (unsigned i = 0; i < 8; i++)
        idx[i] = (2 * (i / size) + odd) * size + i % size;
    if (op->type == V64)
        return shuffle_pair(c, op, idx);
    if (!xv_has(c, NEED_SSSE3))
        return false;
    zero_from(idx, 8);
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    t = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    xv_shuffle(c, d, a, idx);
    xv_shuffle(c, t, b, idx);
    x64_op3(c, X_PUNPCKLQDQ, d, d, t);
    return true;
}

/* d = even lanes of a, odd lanes of b. */
static void blend_odd(struct x64 *c, unsigned e, int d, int a, int b)
{
    x64_op3_imm(c, X_PBLENDW, d, a, b, e == 1 ? 0xaa : 0xcc);
}

static void trn_bytes(struct x64 *c, const struct ir_op *op, bool odd)
{
    struct x64_mem keep = xv_all(c, 1, odd ? 0xff00 : 0x00ff);
    int a = xv_use(c, op, 0), b = xv_use(c, op, 1), t = xv_temp(c), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (odd) {
        xv_shift(c, X_PSRLW_I, t, a, 8);
        x64_op3_mem(c, X_PAND, d, b, keep);
    } else {
        xv_shift(c, X_PSLLW_I, t, b, 8);
        x64_op3_mem(c, X_PAND, d, a, keep);
    }
    x64_op3(c, X_POR, d, d, t);
}

static bool out_vtrn(struct x64 *c, const struct ir_op *op)
{
    bool odd = op->opc == IR_vtrn_odd;
    unsigned e = elem(op);
    int a, b, t, d;

    if (e == 3)
        return op->type == V128 && out_two(c, op, unpack[odd][3], 0);
    if (e == 0) {
        trn_bytes(c, op, odd);
        return true;
    }
    if (!xv_has(c, NEED_SSE41))
        return false;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    t = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_avx(c) ? 0 : odd ? xv_bit(b) : 0);
    if (odd) {
        xv_shift(c, e == 1 ? X_PSRLD_I : X_PSRLQ_I, t, a, 8 << e);
        blend_odd(c, e, d, t, b);
    } else {
        xv_shift(c, e == 1 ? X_PSLLD_I : X_PSLLQ_I, t, b, 8 << e);
        blend_odd(c, e, d, a, t);
    }
    return true;
}

static bool out_vrev(struct x64 *c, const struct ir_op *op)
{
    unsigned e = elem(op), flip = (1u << op->c[1]) - (1u << e);
    uint8_t idx[16];

    if (e == 2 && op->type == V128)
        return out_pshufd(c, op, 0xb1);
    for (unsigned i = 0; i < 16; i++)
        idx[i] = i ^ flip;
    if (op->type == V64)
        zero_from(idx, 8);
    return out_shuffle(c, op, idx);
}

const x64_emit_fn x64_perm_emit[IR_NOPS] = {
    [IR_vlow] = out_vlow, [IR_vhigh] = out_vhigh, [IR_vconcat] = out_vconcat, [IR_vzext] = out_vzext,
   
    [IR_vnarrow] = out_vnarrow, [IR_vdup] = out_vdup,
    [IR_vdup_lane] = out_vdup_lane, [IR_vget_u] = out_vget,
    [IR_vget_s] = out_vget, [IR_vset] = out_vset, [IR_vext] = out_vext,
    [IR_vtbl] = out_vtbl, [IR_vzip_lo] = out_vzip, [IR_vzip_hi] = out_vzip,
    [IR_vuzp_even] = out_vuzp, [IR_vuzp_odd] = out_vuzp,
    [IR_vtrn_even] = out_vtrn, [IR_vtrn_odd] = out_vtrn,
    [IR_vrev] = out_vrev,
};
