/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: two registers, miscellaneous (DDI 0406C A7.4.5; its FP rows
 * are in a32-neon-fp.c), modified immediate (A7.4.6), extraction, table lookup
 * and duplication.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

static bool two_ok(const struct args_neon2 *a)
{
    return !neon_odd(a->q, a->d | a->m);
}

static struct ir_val zero(struct a32_ctx *s, const struct args_neon2 *a)
{
    return neon_splat(s, neon_type(a->q), 3, 0);
}

static bool two(struct a32_ctx *s, const struct args_neon2 *a, enum ir_opc op,
                unsigned c1)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, neon_op1(s, op, neon_ld(s, a->q, a->m), a->size,
                                     c1));
}

/* VREV64.<size> <d>, <m> */
bool a32_trans_VREV64(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vrev, 3);
}

/* VREV32.<size> <d>, <m> */
bool a32_trans_VREV32(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vrev, 2);
}

/* VREV16.<size> <d>, <m> */
bool a32_trans_VREV16(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vrev, 1);
}

/* VPADDL.<dt> <d>, <m> */
bool a32_trans_VPADDL(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_ok(a) && neon_st(s, a->d, simd_pair_sums(s->ir, neon_ld(s, a->q, a->m), a->size, a->u));
}

/* VPADAL.<dt> <d>, <m> */
bool a32_trans_VPADAL(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, IR_vadd, neon_ld(s, a->q, a->d),
                                     simd_pair_sums(s->ir, neon_ld(s, a->q, a->m), a->size, a->u),
                                     a->size + 1));
}

/* VCLS.<dt> <d>, <m> */
bool a32_trans_VCLS(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_ok(a) && neon_st(s, a->d, simd_cls(s->ir, neon_ld(s, a->q, a->m), a->size));
}

/* VCLZ.<dt> <d>, <m> */
bool a32_trans_VCLZ(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vclz, 0);
}

/* VCNT.8 <d>, <m> */
bool a32_trans_VCNT(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vcnt, 0);
}

/* VMVN <d>, <m> */
bool a32_trans_VMVN(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vnot, 0);
}

/* VABS.<dt> <d>, <m> */
bool a32_trans_VABS(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vabs, 0);
}

/* VNEG.<dt> <d>, <m> */
bool a32_trans_VNEG(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two(s, a, IR_vneg, 0);
}

/* VQABS.<dt> <d>, <m> */
bool a32_trans_VQABS(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_ok(a) && neon_st(s, a->d, simd_qabs(s->ir, neon_ld(s, a->q, a->m), a->size));
}

/* VQNEG.<dt> <d>, <m> */
bool a32_trans_VQNEG(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, neon_qadd(s, IR_vqsub_s, zero(s, a),
                                      neon_ld(s, a->q, a->m), a->size));
}

/* ---- comparison with zero ---- */

/* m op 0, or 0 op m; or the opposite of that */
static bool compare_zero(struct a32_ctx *s, const struct args_neon2 *a,
                         enum ir_opc op, bool swap, bool invert)
{
    struct ir_val m, z, r;

    if (!two_ok(a))
        return false;
    m = neon_ld(s, a->q, a->m);
    z = zero(s, a);
    r = neon_op2(s, op, swap ? z : m, swap ? m : z, a->size);
    return neon_st(s, a->d, invert ? neon_op1(s, IR_vnot, r, 0, 0) : r);
}

/* VCGT.<dt> <d>, <m>, #0 */
bool a32_trans_VCGT0(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vcmpgt_s, false, false);
}

/* VCGE.<dt> <d>, <m>, #0 */
bool a32_trans_VCGE0(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vcmpgt_s, true, true);
}

/* VCEQ.<dt> <d>, <m>, #0 */
bool a32_trans_VCEQ0(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vcmpeq, false, false);
}

/* VCLE.<dt> <d>, <m>, #0 */
bool a32_trans_VCLE0(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vcmpgt_s, false, true);
}

/* VCLT.<dt> <d>, <m>, #0 */
bool a32_trans_VCLT0(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vcmpgt_s, true, false);
}

/* ---- permutations of two registers ---- */

static bool permute(struct a32_ctx *s, const struct args_neon2 *a,
                    enum ir_opc for_d, enum ir_opc for_m)
{
    struct ir_val d, m, new_d, new_m;

    if (!two_ok(a))
        return false;
    d = neon_ld(s, a->q, a->d);
    m = neon_ld(s, a->q, a->m);
    new_d = neon_op2(s, for_d, d, m, a->size);
    new_m = neon_op2(s, for_m, d, m, a->size);
    neon_st(s, a->d, new_d);
    return neon_st(s, a->m, new_m);
}

/* VSWP <d>, <m> */
bool a32_trans_VSWP(struct a32_ctx *s, const struct args_neon2 *a)
{
    struct ir_val d, m;

    if (!two_ok(a))
        return false;
    d = neon_ld(s, a->q, a->d);
    m = neon_ld(s, a->q, a->m);
    neon_st(s, a->d, m);
    return neon_st(s, a->m, d);
}

/* VTRN.<size> <d>, <m> */
bool a32_trans_VTRN(struct a32_ctx *s, const struct args_neon2 *a)
{
    return permute(s, a, IR_vtrn_even, IR_vtrn_odd);
}

/* Two 32-bit elements: the encoding is VTRN's job. */
static bool too_short(const struct args_neon2 *a)
{
    return !a->q && a->size == 2;
}

/* VUZP.<size> <d>, <m> */
bool a32_trans_VUZP(struct a32_ctx *s, const struct args_neon2 *a)
{
    return !too_short(a) && permute(s, a, IR_vuzp_even, IR_vuzp_odd);
}

/* VZIP.<size> <d>, <m> */
bool a32_trans_VZIP(struct a32_ctx *s, const struct args_neon2 *a)
{
    return !too_short(a) && permute(s, a, IR_vzip_lo, IR_vzip_hi);
}

/* ---- narrowing and widening ---- */

/* VMOVN.I<size> <Dd>, <Qm> */
bool a32_trans_VMOVN(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, ir_v1(s->ir, IR_vnarrow, V64,
                                  neon_ld(s, true, a->m), a->size + 1, 0));
}

/* VQMOVN.<type><size> <Dd>, <Qm> */
bool a32_trans_VQMOVN(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, neon_ld(s, true, a->m), a->size,
                                       a->u, a->u));
}

/* VQMOVUN.S<size> <Dd>, <Qm> */
bool a32_trans_VQMOVUN(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, neon_ld(s, true, a->m), a->size,
                                       false, true));
}

/* VSHLL.I<size> <Qd>, <Dm>, #<size> */
bool a32_trans_VSHLL_max(struct a32_ctx *s, const struct args_neon2 *a)
{
    struct ir_val v;

    if (a->d & 1)
        return false;
    v = ir_v1(s->ir, IR_vwiden_u, V128, neon_ld(s, false, a->m), a->size, 0);
    return neon_st(s, a->d, neon_op1(s, IR_vshli, v, a->size + 1,
                                     neon_bits(a->size)));
}

/* ---- modified immediate ---- */

/* VMOV, VMVN, VORR, VBIC.<dt> <d>, #<imm> */
bool a32_trans_VMOV_imm(struct a32_ctx *s, const struct args_neon_imm *a)
{
    bool logic = a->cmode < 12 && (a->cmode & 1);
    struct ir_val imm;
    uint64_t v;

    if (neon_odd(a->q, a->d) || (a->cmode == 15 && a->op))
        return false;
    v = simd_expand_imm(a->cmode, a->op, a->imm);
    if (!logic) {
        if (a->op && a->cmode != 14)
            v = ~v;
        return neon_st(s, a->d, neon_splat(s, neon_type(a->q), 3, v));
    }
    imm = neon_splat(s, neon_type(a->q), 3, v);
    return neon_st(s, a->d, neon_op2(s, a->op ? IR_vandc : IR_vor,
                                     neon_ld(s, a->q, a->d), imm, 0));
}

/* ---- extraction, table lookup, duplication ---- */

/* VEXT.8 <d>, <n>, <m>, #<imm> */
bool a32_trans_VEXT(struct a32_ctx *s, const struct args_neon_ext *a)
{
    if (neon_odd(a->q, a->d | a->n | a->m) || (!a->q && a->imm > 7))
        return false;
    return neon_st(s, a->d, neon_op2(s, IR_vext, neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m), a->imm));
}

/* Doubles n and n + 1, the second zero if beyond the table */
static struct ir_val table_part(struct a32_ctx *s, unsigned n, bool both)
{
    struct ir_val hi = both ? neon_ld(s, false, n + 1)
                            : ir_const(s->ir, V64, 0);

    return ir_v2(s->ir, IR_vconcat, V128, neon_ld(s, false, n), hi, 0, 0);
}

/*
 * VTBL, VTBX.8 <Dd>, <list>, <Dm>.  IR's vtbl gives 0 for indices over 15;
 * the second pair of registers is looked up with indices less 16, which wrap
 * to large ones below it.
 */
bool a32_trans_VTBL(struct a32_ctx *s, const struct args_neon_tbl *a)
{
    unsigned regs = a->len + 1;
    struct ir_val index, r, more, inside;

    if (a->n + regs > 32)
        return false;            /* UNPREDICTABLE */
    index = neon_ld(s, false, a->m);
    r = ir_v2(s->ir, IR_vtbl, V64, table_part(s, a->n, regs > 1), index, 0, 0);
    if (regs > 2) {
        more = neon_op2(s, IR_vsub, index, neon_splat(s, V64, 0, 16), 0);
        more = ir_v2(s->ir, IR_vtbl, V64,
                     table_part(s, a->n + 2, regs > 3), more, 0, 0);
        r = neon_op2(s, IR_vor, r, more, 0);
    }
    if (a->op) {
        inside = neon_op2(s, IR_vcmpgt_u, neon_splat(s, V64, 0, 8 * regs),
                          index, 0);
        r = ir_v3(s->ir, IR_vbsl, V64, inside, r, neon_ld(s, false, a->d), 0,
                  0, 0);
    }
    return neon_st(s, a->d, r);
}

/* VDUP.<size> <d>, <Dm[x]> */
bool a32_trans_VDUP_sc(struct a32_ctx *s, const struct args_neon_dup *a)
{
    if (neon_odd(a->q, a->d))
        return false;
    return neon_st(s, a->d, neon_lane(s, neon_type(a->q), a->m, a->size,
                                      a->index));
}
