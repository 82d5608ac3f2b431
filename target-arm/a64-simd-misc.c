/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD: two registers, across lanes, copies, modified immediates, permutations, EXT and table lookups (DDI 0487
 * C4.1.96, C7.2).
 */
#include "config.h"

#include "target-arm/a64-simd.h"

/* ---- Two registers ---- */

typedef struct ir_val fn2(struct a64_ctx *s, const struct args_v_rr *a, struct ir_val n);

static bool two(struct a64_ctx *s, const struct args_v_rr *a, unsigned sizes, fn2 *fn)
{
    if (!a64_size_ok(a->scalar, a->q, a->size, sizes)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, fn(s, a, a64_v_operand(s, a->scalar, a->q, a->size, a->rn)));
}

/* A row whose result is `value`, of n, ir, a and size */
#define TWO(name, sizes, value)                                                                       \
    static struct ir_val do_##name(struct a64_ctx *s, const struct args_v_rr *a, struct ir_val n)     \
    {                                                                                                 \
        struct ir *ir = s->ir;                                                                        \
        unsigned size = a->size;                                                                      \
                                                                                                      \
        (void)size;                                                                                   \
        return value;                                                                                 \
    }                                                                                                 \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_rr *a)                               \
    {                                                                                                 \
        return two(s, a, sizes, do_##name);                                                           \
    }

static struct ir_val zero(struct ir *ir, struct ir_val like)
{
    return simd_splat(ir, ir_typeof(ir, like), 3, 0);
}

static struct ir_val old(struct a64_ctx *s, const struct args_v_rr *a)
{
    return a64_v_operand(s, a->scalar, a->q, a->size, a->rd);
}

/* Bits of each byte in reverse: of its nibbles by tables, each in the other's place */
static struct ir_val rbit(struct ir *ir, struct ir_val n)
{
    enum ir_type t = ir_typeof(ir, n);
    struct ir_val up = ir_const_v128(ir, 0xe060a020c0408000, 0xf070b030d0509010);
    struct ir_val down = ir_const_v128(ir, 0x0e060a020c040800, 0x0f070b030d050901);
    struct ir_val low = simd_op2(ir, IR_vand, n, simd_splat(ir, t, 0, 0x0f), 0);

    up = ir_v2(ir, IR_vtbl, t, up, low, 0, 0);
    down = ir_v2(ir, IR_vtbl, t, down, simd_op1(ir, IR_vshri_u, n, 0, 4), 0, 0);
    return simd_op2(ir, IR_vor, up, down, 0);
}

/* m op 0, or 0 op m; or the opposite of that */
static struct ir_val compare_zero(struct ir *ir, struct ir_val n, unsigned size, bool swap, bool invert)
{
    struct ir_val z = zero(ir, n), r = simd_op2(ir, IR_vcmpgt_s, swap ? z : n, swap ? n : z, size);

    return invert ? simd_not(ir, r) : r;
}

/* REV64, REV32, REV16 <Vd>.<T>, <Vn>.<T>, and so all others */
TWO(REV64, SIMD_BHS, simd_op1(ir, IR_vrev, n, size, 3))
TWO(REV32_v, SIMD_B | SIMD_H, simd_op1(ir, IR_vrev, n, size, 2))
TWO(REV16_v, SIMD_B, simd_op1(ir, IR_vrev, n, size, 1))
/* SADDLP, UADDLP; SADALP, UADALP */
TWO(ADDLP, SIMD_BHS, simd_pair_sums(ir, n, size, a->u))
TWO(ADALP, SIMD_BHS, simd_op2(ir, IR_vadd, a64_v(s, a->q, a->rd), simd_pair_sums(ir, n, size, a->u), size + 1))
TWO(CLS_v, SIMD_BHS, simd_cls(ir, n, size))
TWO(CLZ_v, SIMD_BHS, simd_op1(ir, IR_vclz, n, size, 0))
TWO(CNT, SIMD_B, simd_op1(ir, IR_vcnt, n, 0, 0))
TWO(NOT, SIMD_B, simd_not(ir, n))
TWO(RBIT_v, SIMD_B, rbit(ir, n))
TWO(SQABS, SIMD_ALL, simd_qabs(ir, n, size))
TWO(SQNEG, SIMD_ALL, simd_qadd(ir, IR_vqsub_s, zero(ir, n), n, size))
TWO(CMGT_z, SIMD_ALL, compare_zero(ir, n, size, false, false))
TWO(CMGE_z, SIMD_ALL, compare_zero(ir, n, size, true, true))
TWO(CMLE_z, SIMD_ALL, compare_zero(ir, n, size, false, true))
TWO(CMLT_z, SIMD_ALL, compare_zero(ir, n, size, true, false))
TWO(CMEQ_z, SIMD_ALL, simd_op2(ir, IR_vcmpeq, n, zero(ir, n), size))
TWO(ABS_v, SIMD_ALL, simd_op1(ir, IR_vabs, n, size, 0))
TWO(NEG_v, SIMD_ALL, simd_op1(ir, IR_vneg, n, size, 0))

/*
 * SUQADD: signed d plus unsigned n. d - MIN is its unsigned place in the range; the sum saturates up there only, and comes
 * back.
 */
static struct ir_val suqadd(struct a64_ctx *s, const struct args_v_rr *a, struct ir_val n)
{
    struct ir *ir = s->ir;
    struct ir_val min = simd_splat(ir, ir_typeof(ir, n), a->size, 1ull << (simd_bits(a->size) - 1)), d = old(s, a);

    if (a->scalar) {
        min = ir_const(ir, V64, 1ull << (simd_bits(a->size) - 1));
    }
    d = simd_qadd(ir, IR_vqadd_u, simd_op2(ir, IR_vxor, d, min, 0), n, a->size);
    return simd_op2(ir, IR_vxor, d, min, 0);
}

/* USQADD: unsigned d plus signed n: a sum for n >= 0, a difference for n < 0, both saturating */
static struct ir_val usqadd(struct a64_ctx *s, const struct args_v_rr *a, struct ir_val n)
{
    struct ir *ir = s->ir;
    unsigned size = a->size;
    struct ir_val neg = simd_op1(ir, IR_vshri_s, n, size, simd_bits(size) - 1), d = old(s, a), sum, less;

    sum = simd_op2(ir, IR_vqadd_u, d, simd_op2(ir, IR_vandc, n, neg, 0), size);
    less = simd_op2(ir, IR_vqsub_u, d, simd_op1(ir, IR_vneg, n, size, 0), size);
    sum = simd_bsl(ir, neg, less, sum);
    simd_qc(ir, sum, simd_op2(ir, IR_vadd, d, n, size));
    return sum;
}

bool a64_trans_SUQADD(struct a64_ctx *s, const struct args_v_rr *a)
{
    return two(s, a, SIMD_ALL, suqadd);
}

bool a64_trans_USQADD(struct a64_ctx *s, const struct args_v_rr *a)
{
    return two(s, a, SIMD_ALL, usqadd);
}

/* URECPE, URSQRTE */
TWO(URECPE, SIMD_S, simd_call(ir, &helper_desc_arm_neon_recpe_u, &n, 1, 0))
TWO(URSQRTE, SIMD_S, simd_call(ir, &helper_desc_arm_neon_rsqrte_u, &n, 1, 0))

/* ---- Narrowing and widening ---- */

static bool narrow(struct a64_ctx *s, const struct args_v_rr *a, bool from_unsigned, bool to_unsigned)
{
    struct ir_val v;

    if (!a64_size_ok(false, a->q, a->size, SIMD_BHS)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_wide(s, a->scalar, a->size, a->rn);
    return a64_set_narrow(s, a->q, a->rd, simd_qmovn(s->ir, v, a->size, from_unsigned, to_unsigned));
}

/* SQXTUN{2}; SQXTN{2}, UQXTN{2} <Vd>.<Tb>, <Vn>.<Ta> */
bool a64_trans_SQXTUN(struct a64_ctx *s, const struct args_v_rr *a)
{
    return narrow(s, a, false, true);
}

bool a64_trans_QXTN(struct a64_ctx *s, const struct args_v_rr *a)
{
    return narrow(s, a, a->u, a->u);
}

/* XTN{2} <Vd>.<Tb>, <Vn>.<Ta> */
bool a64_trans_XTN(struct a64_ctx *s, const struct args_v_rr *a)
{
    if (a->size == 3) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_narrow(s, a->q, a->rd, ir_v1(s->ir, IR_vnarrow, V64, a64_v(s, true, a->rn), a->size + 1, 0));
}

/* SHLL{2} <Vd>.<Ta>, <Vn>.<Tb>, #<bits> */
bool a64_trans_SHLL(struct a64_ctx *s, const struct args_v_rr *a)
{
    struct ir_val v;

    if (a->size == 3) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = ir_v1(s->ir, IR_vwiden_u, V128, a64_v_half(s, a->q, a->rn), a->size, 0);
    return a64_set_v(s, a->rd, simd_op1(s->ir, IR_vshli, v, a->size + 1, simd_bits(a->size)));
}

/* ---- Across lanes ---- */

/* op of all elements in the lowest one: of upper and lower halves, over and over. The rest of the result is anything. */
static struct ir_val fold(struct ir *ir, enum ir_opc op, struct ir_val v, unsigned size)
{
    if (ir_typeof(ir, v) == V128) {
        v = simd_op2(ir, op, simd_low(ir, v), simd_high(ir, v), size);
    }
    for (unsigned wide = 3; wide > size; wide--) {
        v = simd_op2(ir, op, v, simd_op1(ir, IR_vshri_u, v, wide, simd_bits(wide - 1)), size);
    }
    return v;
}

/* The lowest element of v (a V64), zero above it */
static bool set_element(struct a64_ctx *s, unsigned rd, struct ir_val v, unsigned size)
{
    if (size < 3) {
        v = simd_op2(s->ir, IR_vand, v, ir_const(s->ir, V64, (1ull << simd_bits(size)) - 1), 0);
    }
    return a64_set_v(s, rd, v);
}

static bool across_ok(const struct args_v_rr *a)
{
    return a->size < 2 || (a->size == 2 && a->q);
}

static bool across(struct a64_ctx *s, const struct args_v_rr *a, enum ir_opc op)
{
    if (!across_ok(a)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return set_element(s, a->rd, fold(s->ir, op, a64_v(s, a->q, a->rn), a->size), a->size);
}

/* SMAXV, UMAXV; SMINV, UMINV; ADDV <V><d>, <Vn>.<T> */
bool a64_trans_MAXV(struct a64_ctx *s, const struct args_v_rr *a)
{
    return across(s, a, a->u ? IR_vmax_u : IR_vmax_s);
}

bool a64_trans_MINV(struct a64_ctx *s, const struct args_v_rr *a)
{
    return across(s, a, a->u ? IR_vmin_u : IR_vmin_s);
}

/* The sum of unsigned bytes, in the lowest 64 bits */
static struct ir_val sum_bytes(struct ir *ir, struct ir_val v)
{
    return fold(ir, IR_vadd, simd_op1(ir, IR_vsum, v, 0, 0), 3);
}

bool a64_trans_ADDV(struct a64_ctx *s, const struct args_v_rr *a)
{
    if (a->size == 0) {
        return a64_fp_off(s) || set_element(s, a->rd, sum_bytes(s->ir, a64_v(s, a->q, a->rn)), 0);
    }
    return across(s, a, IR_vadd);
}

/* SADDLV, UADDLV <V><d>, <Vn>.<T> */
bool a64_trans_ADDLV(struct a64_ctx *s, const struct args_v_rr *a)
{
    struct ir_val v;

    if (!across_ok(a)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_v(s, a->q, a->rn);
    if (a->size == 0 && a->u) {
        return a64_set_v(s, a->rd, sum_bytes(s->ir, v));
    }
    v = simd_pair_sums(s->ir, v, a->size, a->u);
    return set_element(s, a->rd, fold(s->ir, IR_vadd, v, a->size + 1), a->size + 1);
}

/* ADDP <Dd>, <Vn>.2D */
bool a64_trans_ADDP_s(struct a64_ctx *s, const struct args_v_rr *a)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, fold(s->ir, IR_vadd, a64_v(s, true, a->rn), 3));
}

/* ---- Copies ---- */

/* imm5: the lowest bit set gives the size, the bits above it the element. False: reserved. */
static bool element(unsigned imm5, unsigned *size, unsigned *index)
{
    if (!(imm5 & 15)) {
        return false;
    }
    *size = (unsigned)__builtin_ctz(imm5);
    *index = imm5 >> (*size + 1);
    return true;
}

/* DUP <Vd>.<T>, <Vn>.<Ts>[<index>]; DUP <V><d>, <Vn>.<T>[<index>] */
bool a64_trans_DUP_elem(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;

    if (!element(a->imm5, &size, &index) || !a64_size_ok(a->scalar, a->q, size, SIMD_ALL)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (!a->scalar) {
        return a64_set_v(s, a->rd, a64_v_dup(s, a64_vtype(a->q), a->rn, size, index));
    }
    return set_element(s, a->rd, a64_v_dup(s, V64, a->rn, size, index), size);
}

/* DUP <Vd>.<T>, <R><n> */
bool a64_trans_DUP_gen(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;

    if (!element(a->imm5, &size, &index) || !a64_size_ok(false, a->q, size, SIMD_ALL)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, ir_v1(s->ir, IR_vdup, a64_vtype(a->q), a64_reg(s, a->rn, size == 3), size, 0));
}

/* SMOV <Wd|Xd>, <Vn>.<Ts>[<index>] */
bool a64_trans_SMOV(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;

    if (!element(a->imm5, &size, &index) || size > (a->q ? 2 : 1)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    a64_set_reg(s, a->rd, ir_v1(s->ir, IR_vget_s, a64_type(a->q), a64_v(s, true, a->rn), size, index));
    return true;
}

/* UMOV <Wd|Xd>, <Vn>.<Ts>[<index>] */
bool a64_trans_UMOV(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;

    if (!element(a->imm5, &size, &index) || (size == 3) != a->q) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    a64_set_reg(s, a->rd, ir_v1(s->ir, IR_vget_u, a64_type(a->q), a64_v(s, true, a->rn), size, index));
    return true;
}

static bool insert(struct a64_ctx *s, unsigned rd, struct ir_val v, unsigned size, unsigned index)
{
    return a64_set_v(s, rd, ir_v2(s->ir, IR_vset, V128, a64_v(s, true, rd), v, size, index));
}

/* INS <Vd>.<Ts>[<index>], <R><n> */
bool a64_trans_INS_gen(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;

    if (!element(a->imm5, &size, &index)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return insert(s, a->rd, a64_reg(s, a->rn, size == 3), size, index);
}

/* Doubleword `from` of n takes the place of doubleword `to` of d. */
static struct ir_val insert_double(struct ir *ir, struct ir_val d, unsigned to, struct ir_val n, unsigned from)
{
    if (to && from) {
        return simd_concat(ir, simd_low(ir, d), simd_high(ir, n));
    }
    if (to) {
        return simd_op2(ir, IR_vzip_lo, d, n, 3);
    }
    return from ? simd_op2(ir, IR_vzip_hi, n, d, 3) : simd_concat(ir, simd_low(ir, n), simd_high(ir, d));
}

/* INS <Vd>.<Ts>[<index1>], <Vn>.<Ts>[<index2>] */
bool a64_trans_INS_elem(struct a64_ctx *s, const struct args_v_copy *a)
{
    unsigned size, index;
    struct ir_val v;

    if (!element(a->imm5, &size, &index)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (size == 3) {
        return a64_set_v(s, a->rd, insert_double(s->ir, a64_v(s, true, a->rd), index, a64_v(s, true, a->rn), a->imm4 >> 3));
    }
    v = ir_v1(s->ir, IR_vget_u, I32, a64_v(s, true, a->rn), size, a->imm4 >> size);
    return insert(s, a->rd, v, size, index);
}

/* MOVI, MVNI, ORR, BIC, FMOV <Vd>.<T>, #<imm> */
bool a64_trans_MOVI(struct a64_ctx *s, const struct args_v_imm *a)
{
    bool logic = a->cmode < 12 && (a->cmode & 1);
    struct ir_val imm;
    uint64_t v;

    if (a->cmode == 15 && a->op && !a->q) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = simd_expand_imm(a->cmode, a->op, a->imm);
    if (!logic) {
        v = a->op && a->cmode < 14 ? ~v : v;
        return a64_set_v(s, a->rd, simd_splat(s->ir, a64_vtype(a->q), 3, v));
    }
    imm = simd_splat(s->ir, a64_vtype(a->q), 3, v);
    return a64_set_v(s, a->rd, simd_op2(s->ir, a->op ? IR_vandc : IR_vor, a64_v(s, a->q, a->rd), imm, 0));
}

/* ---- Permutations ---- */

static bool permute(struct a64_ctx *s, const struct args_v_rrr *a, enum ir_opc op)
{
    if (!a64_size_ok(false, a->q, a->size, SIMD_ALL)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_op2(s->ir, op, a64_v(s, a->q, a->rn), a64_v(s, a->q, a->rm), a->size));
}

static bool unzip(struct a64_ctx *s, const struct args_v_rrr *a, bool odd)
{
    if (!a64_size_ok(false, a->q, a->size, SIMD_ALL)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_uzp(s->ir, a64_v(s, a->q, a->rn), a64_v(s, a->q, a->rm), a->size, odd));
}

/* UZP1, UZP2 <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_UZP1(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return unzip(s, a, false);
}

bool a64_trans_UZP2(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return unzip(s, a, true);
}

/* TRN1, ZIP1, TRN2, ZIP2 <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define PERMUTE(name, op)                                                        \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_rrr *a)         \
    {                                                                            \
        return permute(s, a, op);                                                \
    }

PERMUTE(TRN1, IR_vtrn_even)
PERMUTE(ZIP1, IR_vzip_lo)
PERMUTE(TRN2, IR_vtrn_odd)
PERMUTE(ZIP2, IR_vzip_hi)

/* EXT <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<index> */
bool a64_trans_EXT(struct a64_ctx *s, const struct args_v_ext *a)
{
    if (!a->q && a->imm > 7) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_op2(s->ir, IR_vext, a64_v(s, a->q, a->rn), a64_v(s, a->q, a->rm), a->imm));
}

/* The lookup in len + 1 registers from Vn on (wrapping to V0). IR's vtbl gives 0 for indices over 15; each further register
 * is looked up with indices less 16, which wrap to large ones below it. */
static struct ir_val lookup(struct a64_ctx *s, const struct args_v_tbl *a, struct ir_val index)
{
    struct ir *ir = s->ir;
    struct ir_val r = IR_NONE, part;

    for (unsigned i = 0; i <= a->len; i++) {
        part = i ? simd_op2(ir, IR_vsub, index, simd_splat(ir, a64_vtype(a->q), 0, 16 * i), 0) : index;
        part = ir_v2(ir, IR_vtbl, a64_vtype(a->q), a64_v(s, true, (a->rn + i) % 32), part, 0, 0);
        r = i ? simd_op2(ir, IR_vor, r, part, 0) : part;
    }
    return r;
}

/* TBL <Vd>.<Ta>, { <Vn>.16B, ... }, <Vm>.<Ta> */
bool a64_trans_TBL(struct a64_ctx *s, const struct args_v_tbl *a)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, lookup(s, a, a64_v(s, a->q, a->rm)));
}

/* TBX <Vd>.<Ta>, { <Vn>.16B, ... }, <Vm>.<Ta>: indices out of range leave Vd's byte */
bool a64_trans_TBX(struct a64_ctx *s, const struct args_v_tbl *a)
{
    struct ir_val index, inside, r;

    if (a64_fp_off(s)) {
        return true;
    }
    index = a64_v(s, a->q, a->rm);
    r = lookup(s, a, index);
    inside = simd_splat(s->ir, a64_vtype(a->q), 0, 16 * (a->len + 1));
    inside = simd_op2(s->ir, IR_vcmpgt_u, inside, index, 0);
    return a64_set_v(s, a->rd, simd_bsl(s->ir, inside, r, a64_v(s, a->q, a->rd)));
}
