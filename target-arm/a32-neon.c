/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: entry of the decoder, what its translators share, and the
 * integer operations on three registers of the same length (DDI 0406C A7.4.1).
 * Everything is IR ops; only polynomial products and shifts by register that
 * round or saturate are helpers.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

static bool need_v8(struct a32_ctx *s)
{
    return a32_has(s, ARM_V8_FP);
}

#include "target-arm/neon.decode.inc"

bool a32_decode_neon(struct a32_ctx *s, uint32_t insn)
{
    const uint32_t needed = ARM_MODE_FP | ARM_MODE_NEON;

    s->uses_fp = true;
    if ((s->mode & needed) != needed)
        return a32_fp_off(s);
    return decode_neon(s, insn);
}

/* ---- shared ---- */

uint64_t neon_splat64(unsigned size, uint64_t v)
{
    if (size < 3)
        v &= (1ull << neon_bits(size)) - 1;
    for (unsigned i = size; i < 3; i++)
        v |= v << neon_bits(i);
    return v;
}

struct ir_val neon_splat(struct a32_ctx *s, enum ir_type type, unsigned size,
                         uint64_t v)
{
    uint64_t w = neon_splat64(size, v);

    if (type == V128)
        return ir_const_v128(s->ir, w, w);
    return ir_const(s->ir, V64, w);
}

void neon_qc(struct a32_ctx *s, struct ir_val saturated, struct ir_val exact)
{
    struct ir *ir = s->ir;
    struct ir_val x = neon_op2(s, IR_vxor, saturated, exact, 0), bits;

    if (ir_typeof(ir, x) == V128)
        x = ir_v2(ir, IR_vor, V64, ir_v1(ir, IR_vlow, V64, x, 0, 0),
                  ir_v1(ir, IR_vhigh, V64, x, 0, 0), 0, 0);
    x = ir_bitcast(ir, I64, x);
    bits = ir_or(ir, ir_trunc(ir, x), ir_trunc(ir, ir_shri(ir, x, 32)));
    ir_state_st(ir, ir_or(ir, bits,
                          ir_state_ld(ir, I32, ARM_OFF(fpscr_qc))),
                ARM_OFF(fpscr_qc));
}

struct ir_val neon_qadd(struct a32_ctx *s, enum ir_opc opc, struct ir_val a,
                        struct ir_val b, unsigned size)
{
    bool subtract = opc == IR_vqsub_s || opc == IR_vqsub_u;
    struct ir_val sum = neon_op2(s, opc, a, b, size);

    neon_qc(s, sum, neon_op2(s, subtract ? IR_vsub : IR_vadd, a, b, size));
    return sum;
}

static struct ir_val call_half(struct a32_ctx *s, const struct helper *h,
                               const struct ir_val *v, unsigned nv,
                               uint32_t constant)
{
    unsigned nargs = h->nargs - (h->args[0] == HT_ENV);
    struct ir_val args[3];

    for (unsigned i = 0; i < nv; i++)
        args[i] = v[i];
    if (nargs > nv)
        args[nv] = ir_const(s->ir, I32, constant);
    return ir_call_n(s->ir, h, args, nargs);
}

struct ir_val neon_call(struct a32_ctx *s, const struct helper *h,
                        const struct ir_val *v, unsigned nv, uint32_t constant)
{
    struct ir_val half[2][2], r[2];

    if (ir_typeof(s->ir, v[0]) == V64)
        return call_half(s, h, v, nv, constant);
    for (unsigned i = 0; i < nv; i++) {
        half[0][i] = ir_v1(s->ir, IR_vlow, V64, v[i], 0, 0);
        half[1][i] = ir_v1(s->ir, IR_vhigh, V64, v[i], 0, 0);
    }
    for (int i = 0; i < 2; i++)
        r[i] = call_half(s, h, half[i], nv, constant);
    return ir_v2(s->ir, IR_vconcat, V128, r[0], r[1], 0, 0);
}

struct ir_val neon_lane(struct a32_ctx *s, enum ir_type type, unsigned m,
                        unsigned size, unsigned index)
{
    return ir_v1(s->ir, IR_vdup_lane, type, neon_ld(s, false, m), size, index);
}

struct ir_val neon_abd(struct a32_ctx *s, struct ir_val a, struct ir_val b,
                       unsigned size, bool u)
{
    struct ir_val hi = neon_op2(s, u ? IR_vmax_u : IR_vmax_s, a, b, size);
    struct ir_val lo = neon_op2(s, u ? IR_vmin_u : IR_vmin_s, a, b, size);

    return neon_op2(s, IR_vsub, hi, lo, size);
}

/*
 * Of V64s.  Doubling saturates only for MIN * MIN, and adding half an ulp to
 * any other doubled product cannot overflow, so QC comes from the doubling.
 */
static struct ir_val qdmulh64(struct a32_ctx *s, struct ir_val n,
                              struct ir_val m, unsigned size, bool round)
{
    struct ir_val p = ir_v2(s->ir, IR_vmull_s, V128, n, m, size, 0);

    p = neon_qadd(s, IR_vqadd_s, p, p, size + 1);
    if (round)
        p = neon_op2(s, IR_vqadd_s, p,
                     neon_splat(s, V128, size + 1,
                                1ull << (neon_bits(size) - 1)), size + 1);
    p = neon_op1(s, IR_vshri_u, p, size + 1, neon_bits(size));
    return ir_v1(s->ir, IR_vnarrow, V64, p, size + 1, 0);
}

struct ir_val neon_qdmulh(struct a32_ctx *s, struct ir_val n, struct ir_val m,
                          unsigned size, bool round)
{
    struct ir *ir = s->ir;
    struct ir_val lo;

    if (ir_typeof(ir, n) == V64)
        return qdmulh64(s, n, m, size, round);
    lo = qdmulh64(s, ir_v1(ir, IR_vlow, V64, n, 0, 0),
                  ir_v1(ir, IR_vlow, V64, m, 0, 0), size, round);
    return ir_v2(ir, IR_vconcat, V128, lo,
                 qdmulh64(s, ir_v1(ir, IR_vhigh, V64, n, 0, 0),
                          ir_v1(ir, IR_vhigh, V64, m, 0, 0), size, round),
                 0, 0);
}

/* ---- three registers of the same length ---- */

static bool same_ok(const struct args_neon3 *a)
{
    return !neon_odd(a->q, a->d | a->n | a->m);
}

/* d = n op m, op one of two by signedness */
static bool same(struct a32_ctx *s, const struct args_neon3 *a,
                 enum ir_opc op_s, enum ir_opc op_u)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, a->u ? op_u : op_s,
                                     neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m), a->size));
}

/* V{H,RH}ADD.<dt> <d>, <n>, <m> */
bool a32_trans_VHADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vhadd_s, IR_vhadd_u);
}

bool a32_trans_VRHADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vrhadd_s, IR_vrhadd_u);
}

/* VHSUB.<dt> <d>, <n>, <m>: halves are subtracted, less a borrow where only m
 * is odd */
bool a32_trans_VHSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    enum ir_opc shr = a->u ? IR_vshri_u : IR_vshri_s;
    struct ir_val n, m, borrow, diff;

    if (!same_ok(a))
        return false;
    n = neon_ld(s, a->q, a->n);
    m = neon_ld(s, a->q, a->m);
    borrow = neon_op2(s, IR_vand, neon_op2(s, IR_vandc, m, n, 0),
                      neon_splat(s, neon_type(a->q), a->size, 1), 0);
    diff = neon_op2(s, IR_vsub, neon_op1(s, shr, n, a->size, 1),
                    neon_op1(s, shr, m, a->size, 1), a->size);
    return neon_st(s, a->d, neon_op2(s, IR_vsub, diff, borrow, a->size));
}

static bool same_saturating(struct a32_ctx *s, const struct args_neon3 *a,
                            enum ir_opc op_s, enum ir_opc op_u)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_qadd(s, a->u ? op_u : op_s,
                                      neon_ld(s, a->q, a->n),
                                      neon_ld(s, a->q, a->m), a->size));
}

/* VQADD.<dt> <d>, <n>, <m> */
bool a32_trans_VQADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_saturating(s, a, IR_vqadd_s, IR_vqadd_u);
}

/* VQSUB.<dt> <d>, <n>, <m> */
bool a32_trans_VQSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_saturating(s, a, IR_vqsub_s, IR_vqsub_u);
}

/* VAND <d>, <n>, <m> */
bool a32_trans_VAND(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vand, IR_vand);
}

/* VBIC <d>, <n>, <m> */
bool a32_trans_VBIC(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vandc, IR_vandc);
}

/* VORR <d>, <n>, <m>; VMOV <d>, <m> */
bool a32_trans_VORR(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (a->n == a->m && same_ok(a))
        return neon_st(s, a->d, neon_ld(s, a->q, a->m));
    return same(s, a, IR_vor, IR_vor);
}

/* VORN <d>, <n>, <m> */
bool a32_trans_VORN(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val not_m;

    if (!same_ok(a))
        return false;
    not_m = neon_op1(s, IR_vnot, neon_ld(s, a->q, a->m), 0, 0);
    return neon_st(s, a->d, neon_op2(s, IR_vor, neon_ld(s, a->q, a->n), not_m,
                                     0));
}

/* VEOR <d>, <n>, <m> */
bool a32_trans_VEOR(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vxor, IR_vxor);
}

/* Bits of registers `yes` where `mask` has ones, else of `no` */
static bool bitwise_select(struct a32_ctx *s, const struct args_neon3 *a,
                           unsigned mask, unsigned yes, unsigned no)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, ir_v3(s->ir, IR_vbsl, neon_type(a->q),
                                  neon_ld(s, a->q, mask),
                                  neon_ld(s, a->q, yes),
                                  neon_ld(s, a->q, no), 0, 0, 0));
}

/* VBSL <d>, <n>, <m> */
bool a32_trans_VBSL(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->d, a->n, a->m);
}

/* VBIT <d>, <n>, <m> */
bool a32_trans_VBIT(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->m, a->n, a->d);
}

/* VBIF <d>, <n>, <m> */
bool a32_trans_VBIF(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->m, a->d, a->n);
}

/* VCGT.<dt> <d>, <n>, <m> */
bool a32_trans_VCGT(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vcmpgt_s, IR_vcmpgt_u);
}

/* VCGE.<dt> <d>, <n>, <m>: not m > n */
bool a32_trans_VCGE(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val lt;

    if (!same_ok(a))
        return false;
    lt = neon_op2(s, a->u ? IR_vcmpgt_u : IR_vcmpgt_s,
                  neon_ld(s, a->q, a->m), neon_ld(s, a->q, a->n), a->size);
    return neon_st(s, a->d, neon_op1(s, IR_vnot, lt, 0, 0));
}

/* VCEQ.<dt> <d>, <n>, <m> */
bool a32_trans_VCEQ(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vcmpeq, IR_vcmpeq);
}

/* VTST.<size> <d>, <n>, <m> */
bool a32_trans_VTST(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val v;

    if (!same_ok(a))
        return false;
    v = neon_op2(s, IR_vand, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m),
                 0);
    v = neon_op2(s, IR_vcmpeq, v, neon_splat(s, neon_type(a->q), 3, 0),
                 a->size);
    return neon_st(s, a->d, neon_op1(s, IR_vnot, v, 0, 0));
}

/* VSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, a->u ? IR_vshl_u : IR_vshl_s,
                                     neon_ld(s, a->q, a->m),
                                     neon_ld(s, a->q, a->n), a->size));
}

/* Shifts by register that round or saturate: helper(value, counts, format) */
static bool shift_call(struct a32_ctx *s, const struct args_neon3 *a,
                       const struct helper *h)
{
    struct ir_val v[2];

    if (!same_ok(a))
        return false;
    v[0] = neon_ld(s, a->q, a->m);
    v[1] = neon_ld(s, a->q, a->n);
    return neon_st(s, a->d, neon_call(s, h, v, 2, a->size | a->u << 2));
}

/* VQSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VQSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    return shift_call(s, a, &helper_desc_arm_neon_qshl);
}

/* VRSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VRSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    return shift_call(s, a, &helper_desc_arm_neon_rshl);
}

/* VQRSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VQRSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    return shift_call(s, a, &helper_desc_arm_neon_qrshl);
}

/* VMAX.<dt> <d>, <n>, <m> */
bool a32_trans_VMAX(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmax_s, IR_vmax_u);
}

/* VMIN.<dt> <d>, <n>, <m> */
bool a32_trans_VMIN(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmin_s, IR_vmin_u);
}

/* VABD.<dt> <d>, <n>, <m> */
bool a32_trans_VABD(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_abd(s, neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m), a->size, a->u));
}

/* VABA.<dt> <d>, <n>, <m> */
bool a32_trans_VABA(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val v;

    if (!same_ok(a))
        return false;
    v = neon_abd(s, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m), a->size,
                 a->u);
    return neon_st(s, a->d, neon_op2(s, IR_vadd, neon_ld(s, a->q, a->d), v,
                                     a->size));
}

/* VADD.<dt> <d>, <n>, <m> */
bool a32_trans_VADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vadd, IR_vadd);
}

/* VSUB.<dt> <d>, <n>, <m> */
bool a32_trans_VSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vsub, IR_vsub);
}

/* VMUL.<dt> <d>, <n>, <m> */
bool a32_trans_VMUL(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmul, IR_vmul);
}

static bool multiply_add(struct a32_ctx *s, const struct args_neon3 *a,
                         enum ir_opc add)
{
    struct ir_val p;

    if (!same_ok(a))
        return false;
    p = neon_op2(s, IR_vmul, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m),
                 a->size);
    return neon_st(s, a->d, neon_op2(s, add, neon_ld(s, a->q, a->d), p,
                                     a->size));
}

/* VMLA.<dt> <d>, <n>, <m> */
bool a32_trans_VMLA(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vadd);
}

/* VMLS.<dt> <d>, <n>, <m> */
bool a32_trans_VMLS(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vsub);
}

/* VMUL.P8 <d>, <n>, <m> */
bool a32_trans_VMUL_poly(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val v[2];

    if (!same_ok(a))
        return false;
    v[0] = neon_ld(s, a->q, a->n);
    v[1] = neon_ld(s, a->q, a->m);
    return neon_st(s, a->d, neon_call(s, &helper_desc_arm_neon_pmul, v, 2, 0));
}

/* d = op of adjacent pairs of n, then of m */
static bool pairwise(struct a32_ctx *s, const struct args_neon3 *a,
                     enum ir_opc op)
{
    struct ir_val n = neon_ld(s, false, a->n), m = neon_ld(s, false, a->m);
    struct ir_val even = neon_op2(s, IR_vuzp_even, n, m, a->size);
    struct ir_val odd = neon_op2(s, IR_vuzp_odd, n, m, a->size);

    return neon_st(s, a->d, neon_op2(s, op, even, odd, a->size));
}

/* VPMAX.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMAX(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, a->u ? IR_vmax_u : IR_vmax_s);
}

/* VPMIN.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMIN(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, a->u ? IR_vmin_u : IR_vmin_s);
}

/* VPADD.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vpadd, IR_vpadd);
}

static bool doubling_high(struct a32_ctx *s, const struct args_neon3 *a,
                          bool round)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_qdmulh(s, neon_ld(s, a->q, a->n),
                                        neon_ld(s, a->q, a->m), a->size,
                                        round));
}

/* VQDMULH.<dt> <d>, <n>, <m> */
bool a32_trans_VQDMULH(struct a32_ctx *s, const struct args_neon3 *a)
{
    return doubling_high(s, a, false);
}

/* VQRDMULH.<dt> <d>, <n>, <m> */
bool a32_trans_VQRDMULH(struct a32_ctx *s, const struct args_neon3 *a)
{
    return doubling_high(s, a, true);
}
