/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD on integers: entry of the decoder, and three registers of the same or of different lengths (DDI 0487
 * C4.1.96, C7.2). Everything is IR ops.
 */
#include "config.h"

#include "target-arm/a64-simd.h"

/* ---- Functions of the decode table ---- */

/* H:L:M or H:L, the number of an element of this size */
static uint32_t a64_index(struct a64_ctx *s, uint32_t high, uint32_t low, uint32_t size)
{
    (void)s;
    return high << (3 - size) | low;
}

/* Elements of the structure of a single-structure load or store */
static uint32_t a64_structure(struct a64_ctx *s, uint32_t triple, uint32_t pair)
{
    (void)s;
    return 1 + pair + 2 * triple;
}

static bool need_rdm(struct a64_ctx *s)
{
    return a64_has(s, ARM_RDM);
}

static bool need_dotprod(struct a64_ctx *s)
{
    return a64_has(s, ARM_DOTPROD);
}

static bool need_pmull(struct a64_ctx *s)
{
    return a64_has(s, ARM_PMULL);
}

static bool need_aes(struct a64_ctx *s)
{
    return a64_has(s, ARM_AES);
}

static bool need_sha1(struct a64_ctx *s)
{
    return a64_has(s, ARM_SHA1);
}

static bool need_sha256(struct a64_ctx *s)
{
    return a64_has(s, ARM_SHA256);
}

static bool need_sha512(struct a64_ctx *s)
{
    return a64_has(s, ARM_SHA512);
}

static bool need_sha3(struct a64_ctx *s)
{
    return a64_has(s, ARM_SHA3);
}

static bool need_sm3(struct a64_ctx *s)
{
    return a64_has(s, ARM_SM3);
}

static bool need_sm4(struct a64_ctx *s)
{
    return a64_has(s, ARM_SM4);
}

#include "target-arm/a64-simd.decode.inc"

bool a64_decode_simd(struct a64_ctx *s, uint32_t insn)
{
    return decode_a64_simd(s, insn);
}

/* ---- Operands ---- */

struct ir_val a64_v_scalar(struct a64_ctx *s, unsigned size, unsigned n)
{
    struct ir_val v = a64_v(s, false, n);

    return size < 3 ? simd_op2(s->ir, IR_vand, v, ir_const(s->ir, V64, (1ull << simd_bits(size)) - 1), 0) : v;
}

struct ir_val a64_v_operand(struct a64_ctx *s, bool scalar, bool q, unsigned size, unsigned n)
{
    return scalar ? a64_v_scalar(s, size, n) : a64_v(s, q, n);
}

static struct ir_val operand(struct a64_ctx *s, const struct args_v_rrr *a, unsigned n)
{
    return a64_v_operand(s, a->scalar, a->q, a->size, n);
}

/* ---- Three registers of the same length ---- */

/* What a row computes from Vn and Vm */
typedef struct ir_val fn3(struct a64_ctx *s, const struct args_v_rrr *a, struct ir_val n, struct ir_val m);

static bool three(struct a64_ctx *s, const struct args_v_rrr *a, unsigned sizes, fn3 *fn)
{
    if (!a64_size_ok(a->scalar, a->q, a->size, sizes)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, fn(s, a, operand(s, a, a->rn), operand(s, a, a->rm)));
}

/* A row whose result is `value`, of n, m, ir, a and size */
#define THREE(name, sizes, value)                                                                           \
    static struct ir_val do_##name(struct a64_ctx *s, const struct args_v_rrr *a, struct ir_val n, struct ir_val m) \
    {                                                                                                       \
        struct ir *ir = s->ir;                                                                              \
        unsigned size = a->size;                                                                            \
                                                                                                            \
        (void)size;                                                                                         \
        return value;                                                                                       \
    }                                                                                                       \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_rrr *a)                                    \
    {                                                                                                       \
        return three(s, a, sizes, do_##name);                                                               \
    }

#define BY_SIGN(op) (a->u ? op##_u : op##_s)

/* SHADD, UHADD; SRHADD, URHADD; SHSUB, UHSUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, and so all others */
THREE(HADD, SIMD_BHS, simd_op2(ir, BY_SIGN(IR_vhadd), n, m, size))
THREE(RHADD, SIMD_BHS, simd_op2(ir, BY_SIGN(IR_vrhadd), n, m, size))
THREE(HSUB, SIMD_BHS, simd_hsub(ir, n, m, size, a->u))
/* SQADD, UQADD; SQSUB, UQSUB */
THREE(QADD, SIMD_ALL, simd_qadd(ir, BY_SIGN(IR_vqadd), n, m, size))
THREE(QSUB, SIMD_ALL, simd_qadd(ir, BY_SIGN(IR_vqsub), n, m, size))
/* CMGT, CMHI; CMGE, CMHS: not m > n */
THREE(CMGT_r, SIMD_ALL, simd_op2(ir, BY_SIGN(IR_vcmpgt), n, m, size))
THREE(CMGE_r, SIMD_ALL,
      a->u && size < 3 ? simd_op2(ir, IR_vcmpeq, simd_op2(ir, IR_vmax_u, n, m, size), n, size)
                       : simd_not(ir, simd_op2(ir, BY_SIGN(IR_vcmpgt), m, n, size)))
THREE(CMEQ_r, SIMD_ALL, simd_op2(ir, IR_vcmpeq, n, m, size))
THREE(CMTST, SIMD_ALL,
      simd_not(ir, simd_op2(ir, IR_vcmpeq, simd_op2(ir, IR_vand, n, m, 0), simd_splat(ir, ir_typeof(ir, n), 3, 0), size)))
/* SMAX, UMAX; SMIN, UMIN; SABD, UABD; SABA, UABA */
THREE(MAX_v, SIMD_BHS, simd_op2(ir, BY_SIGN(IR_vmax), n, m, size))
THREE(MIN_v, SIMD_BHS, simd_op2(ir, BY_SIGN(IR_vmin), n, m, size))
THREE(ABD_v, SIMD_BHS, simd_abd(ir, n, m, size, a->u))
THREE(ABA_v, SIMD_BHS, simd_op2(ir, IR_vadd, a64_v(s, a->q, a->rd), simd_abd(ir, n, m, size, a->u), size))
THREE(ADD_v, SIMD_ALL, simd_op2(ir, IR_vadd, n, m, size))
THREE(SUB_v, SIMD_ALL, simd_op2(ir, IR_vsub, n, m, size))
THREE(MUL_v, SIMD_BHS, simd_op2(ir, IR_vmul, n, m, size))
THREE(MLA_v, SIMD_BHS, simd_op2(ir, IR_vadd, a64_v(s, a->q, a->rd), simd_op2(ir, IR_vmul, n, m, size), size))
THREE(MLS_v, SIMD_BHS, simd_op2(ir, IR_vsub, a64_v(s, a->q, a->rd), simd_op2(ir, IR_vmul, n, m, size), size))
THREE(SQDMULH, SIMD_HS, simd_qdmulh(ir, n, m, size, false))
THREE(SQRDMULH, SIMD_HS, simd_qdmulh(ir, n, m, size, true))

THREE(PMUL, SIMD_B, simd_op2(ir, IR_vpmul, n, m, 0))

/* SSHL, USHL; SQSHL, UQSHL; SRSHL, URSHL; SQRSHL, UQRSHL */
THREE(SHL_r, SIMD_ALL, simd_op2(ir, BY_SIGN(IR_vshl), n, m, size))
THREE(QSHL_r, SIMD_ALL, simd_qshl_reg(ir, n, m, size, a->u, false))
THREE(RSHL_r, SIMD_ALL, simd_rshl_reg(ir, n, m, size, a->u))
THREE(QRSHL_r, SIMD_ALL, simd_qshl_reg(ir, n, m, size, a->u, true))

/* Of adjacent pairs of n, then of m: op of each element and the next one, and the even ones of that */
static struct ir_val pairwise(struct ir *ir, enum ir_opc op, struct ir_val n, struct ir_val m, unsigned size)
{
    unsigned bits = simd_bits(size);

    n = simd_op2(ir, op, n, simd_op1(ir, IR_vshri_u, n, size + 1, bits), size);
    m = simd_op2(ir, op, m, simd_op1(ir, IR_vshri_u, m, size + 1, bits), size);
    return simd_uzp(ir, n, m, size, false);
}

/* SMAXP, UMAXP; SMINP, UMINP; ADDP */
THREE(MAXP, SIMD_BHS, pairwise(ir, BY_SIGN(IR_vmax), n, m, size))
THREE(MINP, SIMD_BHS, pairwise(ir, BY_SIGN(IR_vmin), n, m, size))
THREE(ADDP_v, SIMD_ALL, simd_op2(ir, IR_vpadd, n, m, size))

/* Sums of pairs of bytes' products, as words */
static struct ir_val dot_half(struct ir *ir, struct ir_val n, struct ir_val m, bool u)
{
    enum ir_opc widen = u ? IR_vwiden_u : IR_vwiden_s;

    return simd_op2(ir, IR_vmadd, ir_v1(ir, widen, V128, n, 0, 0), ir_v1(ir, widen, V128, m, 0, 0), 1);
}

struct ir_val a64_v_dot(struct a64_ctx *s, struct ir_val acc, struct ir_val n, struct ir_val m, bool u)
{
    struct ir *ir = s->ir;
    struct ir_val v;

    if (ir_typeof(ir, n) == V64) {
        v = dot_half(ir, n, m, u);
        v = simd_op2(ir, IR_vpadd, simd_low(ir, v), simd_high(ir, v), 2);
    } else {
        v = dot_half(ir, simd_low(ir, n), simd_low(ir, m), u);
        v = simd_op2(ir, IR_vpadd, v, dot_half(ir, simd_high(ir, n), simd_high(ir, m), u), 2);
    }
    return simd_op2(ir, IR_vadd, acc, v, 2);
}

/* SDOT, UDOT: of four bytes each */
static struct ir_val dot(struct a64_ctx *s, const struct args_v_rrr *a, struct ir_val n, struct ir_val m)
{
    return a64_v_dot(s, a64_v(s, a->q, a->rd), n, m, a->u);
}

bool a64_trans_DOT_v(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return three(s, a, SIMD_S, dot);
}

/* (acc << bits - 1) + n * m + half an ulp fits elements of twice the width, whatever the operands are. */
static struct ir_val rdm64(struct ir *ir, struct ir_val acc, struct ir_val n, struct ir_val m, unsigned size, bool subtract)
{
    unsigned wide = size + 1, bits = simd_bits(size);
    struct ir_val v = simd_op1(ir, IR_vshli, ir_v1(ir, IR_vwiden_s, V128, acc, size, 0), wide, bits - 1);

    v = simd_op2(ir, subtract ? IR_vsub : IR_vadd, v, ir_v2(ir, IR_vmull_s, V128, n, m, size, 0), wide);
    v = simd_op2(ir, IR_vadd, v, simd_splat(ir, V128, wide, 1ull << (bits - 2)), wide);
    return simd_qmovn(ir, simd_op1(ir, IR_vshri_s, v, wide, bits - 1), size, false, false);
}

struct ir_val a64_v_rdm(struct a64_ctx *s, struct ir_val acc, struct ir_val n, struct ir_val m, unsigned size, bool subtract)
{
    struct ir *ir = s->ir;
    struct ir_val lo;

    if (ir_typeof(ir, n) == V64) {
        return rdm64(ir, acc, n, m, size, subtract);
    }
    lo = rdm64(ir, simd_low(ir, acc), simd_low(ir, n), simd_low(ir, m), size, subtract);
    return simd_concat(ir, lo, rdm64(ir, simd_high(ir, acc), simd_high(ir, n), simd_high(ir, m), size, subtract));
}

static bool rdm(struct a64_ctx *s, const struct args_v_rrr *a, bool subtract)
{
    struct ir_val acc;

    if (!a64_size_ok(a->scalar, a->q, a->size, SIMD_HS)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    acc = operand(s, a, a->rd);
    return a64_set_v(s, a->rd, a64_v_rdm(s, acc, operand(s, a, a->rn), operand(s, a, a->rm), a->size, subtract));
}

/* SQRDMLAH, SQRDMLSH <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_SQRDMLAH(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return rdm(s, a, false);
}

bool a64_trans_SQRDMLSH(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return rdm(s, a, true);
}

/* ---- Bitwise ---- */

static bool logic(struct a64_ctx *s, const struct args_v_logic *a, enum ir_opc op, bool invert)
{
    struct ir_val n, m;

    if (a64_fp_off(s)) {
        return true;
    }
    n = a64_v(s, a->q, a->rn);
    m = a64_v(s, a->q, a->rm);
    if (a->rn == a->rm && op == IR_vor && !invert) {    /* MOV */
        return a64_set_v(s, a->rd, n);
    }
    return a64_set_v(s, a->rd, simd_op2(s->ir, op, n, invert ? simd_not(s->ir, m) : m, 0));
}

/* AND, BIC, ORR, ORN, EOR <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define LOGIC(name, op, invert)                                                  \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_logic *a)       \
    {                                                                            \
        return logic(s, a, op, invert);                                          \
    }

LOGIC(AND_v, IR_vand, false)
LOGIC(BIC_v, IR_vandc, false)
LOGIC(ORR_v, IR_vor, false)
LOGIC(ORN_v, IR_vor, true)
LOGIC(EOR_v, IR_vxor, false)

/* Bits of register `yes` where `mask` has ones, else of `no` */
static bool bit_select(struct a64_ctx *s, const struct args_v_logic *a, unsigned mask, unsigned yes, unsigned no)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_bsl(s->ir, a64_v(s, a->q, mask), a64_v(s, a->q, yes), a64_v(s, a->q, no)));
}

/* BSL, BIT, BIF <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_BSL_v(struct a64_ctx *s, const struct args_v_logic *a)
{
    return bit_select(s, a, a->rd, a->rn, a->rm);
}

bool a64_trans_BIT_v(struct a64_ctx *s, const struct args_v_logic *a)
{
    return bit_select(s, a, a->rm, a->rn, a->rd);
}

bool a64_trans_BIF_v(struct a64_ctx *s, const struct args_v_logic *a)
{
    return bit_select(s, a, a->rm, a->rd, a->rn);
}

/* ---- Three registers of different lengths ---- */

/* The half of Vn that q selects; a scalar's element */
static struct ir_val narrow(struct a64_ctx *s, const struct args_v_rrr *a, unsigned n)
{
    return a->scalar ? a64_v_scalar(s, a->size, n) : a64_v_half(s, a->q, n);
}

static struct ir_val widen(struct a64_ctx *s, const struct args_v_rrr *a, struct ir_val v)
{
    return ir_v1(s->ir, a->u ? IR_vwiden_u : IR_vwiden_s, V128, v, a->size, 0);
}

/* Write elements of size + 1; the result of a scalar is one of them. */
bool a64_set_wide(struct a64_ctx *s, bool scalar, unsigned rd, struct ir_val v)
{
    return a64_set_v(s, rd, scalar ? simd_low(s->ir, v) : v);
}

/* Vd as elements of size + 1 */
struct ir_val a64_wide(struct a64_ctx *s, bool scalar, unsigned size, unsigned n)
{
    if (!scalar) {
        return a64_v(s, true, n);
    }
    return simd_zext(s->ir, a64_v_scalar(s, size + 1, n));
}

static bool different_ok(struct a64_ctx *s, const struct args_v_rrr *a, unsigned sizes, bool *ok)
{
    *ok = sizes >> a->size & 1;
    return *ok && !a64_fp_off(s);
}

/* n and m widened, or (wide) m alone */
static bool sum_long(struct a64_ctx *s, const struct args_v_rrr *a, enum ir_opc op, bool wide)
{
    struct ir_val n, m;
    bool ok;

    if (!different_ok(s, a, SIMD_BHS, &ok)) {
        return ok;
    }
    n = wide ? a64_v(s, true, a->rn) : widen(s, a, narrow(s, a, a->rn));
    m = widen(s, a, narrow(s, a, a->rm));
    return a64_set_v(s, a->rd, simd_op2(s->ir, op, n, m, a->size + 1));
}

/* SADDL{2}, UADDL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>, SADDW{2}, ... */
#define SUM_LONG(name, op, wide)                                                 \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_rrr *a)         \
    {                                                                            \
        return sum_long(s, a, op, wide);                                         \
    }

SUM_LONG(ADDL, IR_vadd, false)
SUM_LONG(ADDW, IR_vadd, true)
SUM_LONG(SUBL, IR_vsub, false)
SUM_LONG(SUBW, IR_vsub, true)

/* The V64 v is the lower half of Vd, zeroing the rest, or (second) its upper half. */
bool a64_set_narrow(struct a64_ctx *s, bool second, unsigned rd, struct ir_val v)
{
    if (!second) {
        return a64_set_v(s, rd, v);
    }
    return a64_set_v(s, rd, simd_concat(s->ir, a64_v(s, false, rd), v));
}

/* High halves of sums */
static bool sum_high(struct a64_ctx *s, const struct args_v_rrr *a, enum ir_opc op)
{
    unsigned wide = a->size + 1, bits = simd_bits(a->size);
    struct ir *ir = s->ir;
    struct ir_val v;
    bool ok;

    if (!different_ok(s, a, SIMD_BHS, &ok)) {
        return ok;
    }
    v = simd_op2(ir, op, a64_v(s, true, a->rn), a64_v(s, true, a->rm), wide);
    if (a->u) {                  /* rounded */
        v = simd_op2(ir, IR_vadd, v, simd_splat(ir, V128, wide, 1ull << (bits - 1)), wide);
    }
    v = simd_op1(ir, IR_vshri_u, v, wide, bits);
    return a64_set_narrow(s, a->q, a->rd, ir_v1(ir, IR_vnarrow, V64, v, wide, 0));
}

/* ADDHN{2}, RADDHN{2}; SUBHN{2}, RSUBHN{2} <Vd>.<Tb>, <Vn>.<Ta>, <Vm>.<Ta> */
bool a64_trans_ADDHN(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return sum_high(s, a, IR_vadd);
}

bool a64_trans_SUBHN(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return sum_high(s, a, IR_vsub);
}

/* The difference's magnitude fits the narrow element. */
static bool abd_long(struct a64_ctx *s, const struct args_v_rrr *a, bool accumulate)
{
    struct ir_val v;
    bool ok;

    if (!different_ok(s, a, SIMD_BHS, &ok)) {
        return ok;
    }
    v = simd_abd(s->ir, narrow(s, a, a->rn), narrow(s, a, a->rm), a->size, a->u);
    v = ir_v1(s->ir, IR_vwiden_u, V128, v, a->size, 0);
    if (accumulate) {
        v = simd_op2(s->ir, IR_vadd, a64_v(s, true, a->rd), v, a->size + 1);
    }
    return a64_set_v(s, a->rd, v);
}

/* SABDL{2}, UABDL{2}; SABAL{2}, UABAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb> */
bool a64_trans_ABDL(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return abd_long(s, a, false);
}

bool a64_trans_ABAL(struct a64_ctx *s, const struct args_v_rrr *a)
{
    return abd_long(s, a, true);
}

struct ir_val a64_v_mull(struct a64_ctx *s, const struct a64_mull *k, struct ir_val old, struct ir_val p)
{
    struct ir *ir = s->ir;

    if (k->doubling) {
        p = simd_qadd(ir, IR_vqadd_s, p, p, k->size + 1);
    }
    if (k->acc == A64_MULL_ONLY) {
        return p;
    }
    if (k->doubling) {
        return simd_qadd(ir, k->acc == A64_MULL_ADD ? IR_vqadd_s : IR_vqsub_s, old, p, k->size + 1);
    }
    return simd_op2(ir, k->acc == A64_MULL_ADD ? IR_vadd : IR_vsub, old, p, k->size + 1);
}

static bool mull(struct a64_ctx *s, const struct args_v_rrr *a, bool doubling, enum a64_mull_acc acc)
{
    struct a64_mull k = { a->u, doubling, acc, a->size };
    struct ir_val old = IR_NONE, p;
    bool ok;

    if (!different_ok(s, a, doubling ? SIMD_HS : SIMD_BHS, &ok)) {
        return ok;
    }
    if (acc != A64_MULL_ONLY) {
        old = a64_wide(s, a->scalar, a->size, a->rd);
    }
    if (a->scalar) {
        p = ir_v2(s->ir, IR_vmull_s, V128, narrow(s, a, a->rn), narrow(s, a, a->rm), a->size, 0);
    } else {
        p = simd_mull(s->ir, a64_v(s, true, a->rn), a64_v(s, true, a->rm), a->size, a->u, a->q);
    }
    return a64_set_wide(s, a->scalar, a->rd, a64_v_mull(s, &k, old, p));
}

/* SMULL{2}, UMULL{2}; SMLAL{2}, UMLAL{2}; SMLSL{2}, UMLSL{2}; SQDMULL{2}; SQDMLAL{2}; SQDMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb> */
#define MULL(name, doubling, acc)                                                \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_rrr *a)         \
    {                                                                            \
        return mull(s, a, doubling, acc);                                        \
    }

MULL(MULL_v, false, A64_MULL_ONLY)
MULL(MLAL_v, false, A64_MULL_ADD)
MULL(MLSL_v, false, A64_MULL_SUB)
MULL(SQDMULL, true, A64_MULL_ONLY)
MULL(SQDMLAL, true, A64_MULL_ADD)
MULL(SQDMLSL, true, A64_MULL_SUB)

/* PMULL{2} <Vd>.1Q, <Vn>.<Tb>, <Vm>.<Tb> */
bool a64_trans_PMULL_64(struct a64_ctx *s, const struct args_v_rrr *a)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, simd_op2(s->ir, IR_vclmul, a64_v(s, true, a->rn), a64_v(s, true, a->rm), a->q));
}

/* PMULL{2} <Vd>.8H, <Vn>.<Tb>, <Vm>.<Tb> */
bool a64_trans_PMULL(struct a64_ctx *s, const struct args_v_rrr *a)
{
    if (a64_fp_off(s)) {
        return true;
    }
    return a64_set_v(s, a->rd, ir_v2(s->ir, IR_vpmull, V128, narrow(s, a, a->rn), narrow(s, a, a->rm), 0, 0));
}
