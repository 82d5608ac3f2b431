/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 crypto instructions (DDI 0487 C4.1.96, C7.2): AES, SHA-1 and SHA-256 by IR ops for their rounds, SHA-512 and SHA-3 by
 * plain ones, SM3 and SM4 by helpers.
 */
#include "config.h"

#include "target-arm/a64-simd.h"

#define HELPER_INC "target-arm/helpers-crypto.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

static struct ir_val v128(struct a64_ctx *s, unsigned n)
{
    return a64_v(s, true, n);
}

static struct ir_val zero(struct a64_ctx *s)
{
    return ir_const_v128(s->ir, 0, 0);
}

/* A row with a body that gives the V128 for Vd */
#define CRYPTO(name, set, value)                                                 \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_##set *a)         \
    {                                                                            \
        struct ir *ir = s->ir;                                                   \
                                                                                 \
        (void)ir;                                                                \
        return a64_fp_off(s) || a64_set_v(s, a->rd, value);                      \
    }

/* ---- AES ---- */

/* AESE, AESD <Vd>.16B, <Vn>.16B: the round key is added first. */
CRYPTO(AESE, crypto2, simd_op1(ir, IR_vaes_sub, simd_op2(ir, IR_vxor, v128(s, a->rd), v128(s, a->rn), 0), 0, 0))
CRYPTO(AESD, crypto2, simd_op1(ir, IR_vaes_sub, simd_op2(ir, IR_vxor, v128(s, a->rd), v128(s, a->rn), 0), 1, 0))
/* AESMC, AESIMC <Vd>.16B, <Vn>.16B */
CRYPTO(AESMC, crypto2, simd_op1(ir, IR_vaes_mix, v128(s, a->rn), 0, 0))
CRYPTO(AESIMC, crypto2, simd_op1(ir, IR_vaes_mix, v128(s, a->rn), 1, 0))

/* ---- SHA-1 ---- */

static struct ir_val sha1(struct a64_ctx *s, const struct args_crypto3 *a, unsigned function)
{
    return ir_v3(s->ir, IR_vsha1_rounds, V128, v128(s, a->rd), v128(s, a->rn), v128(s, a->rm), function, 0, 0);
}

/* SHA1C, SHA1P, SHA1M <Qd>, <Sn>, <Vm>.4S */
CRYPTO(SHA1C, crypto3, sha1(s, a, 0))
CRYPTO(SHA1P, crypto3, sha1(s, a, 1))
CRYPTO(SHA1M, crypto3, sha1(s, a, 2))

/* n << count or >> (size - count), element by element */
static struct ir_val rotate(struct ir *ir, struct ir_val v, unsigned size, unsigned left)
{
    return simd_op2(ir, IR_vor, simd_op1(ir, IR_vshli, v, size, left),
                    simd_op1(ir, IR_vshri_u, v, size, simd_bits(size) - left), 0);
}

/* SHA1H <Sd>, <Sn> */
CRYPTO(SHA1H, crypto2, rotate(ir, a64_v_scalar(s, 2, a->rn), 2, 30))

/* SHA1SU0 <Vd>.4S, <Vn>.4S, <Vm>.4S: words xor those two further on xor Vm */
static struct ir_val sha1su0(struct a64_ctx *s, const struct args_crypto3 *a)
{
    struct ir_val d = v128(s, a->rd), v = simd_op2(s->ir, IR_vext, d, v128(s, a->rn), 8);

    return simd_op2(s->ir, IR_vxor, simd_op2(s->ir, IR_vxor, v, d, 0), v128(s, a->rm), 0);
}

CRYPTO(SHA1SU0, crypto3, sha1su0(s, a))

/* SHA1SU1 <Vd>.4S, <Vn>.4S: t rotated by one; the last word depends on the first result. */
static struct ir_val sha1su1(struct a64_ctx *s, const struct args_crypto2 *a)
{
    struct ir *ir = s->ir;
    struct ir_val t = simd_op2(ir, IR_vxor, v128(s, a->rd), simd_op2(ir, IR_vext, v128(s, a->rn), zero(s), 4), 0);
    struct ir_val last = simd_op2(ir, IR_vext, zero(s), t, 4);

    return simd_op2(ir, IR_vxor, rotate(ir, t, 2, 1), rotate(ir, last, 2, 2), 0);
}

CRYPTO(SHA1SU1, crypto2, sha1su1(s, a))

/* ---- SHA-256 ---- */

/*
 * Four rounds on x = a b c d and y = e f g h, from lane 0 up: as f e b a and h g d c, which IR's op for two rounds wants. The
 * zips and swaps of one row undo those of the row before, and of SHA256H and SHA256H2 on the same values one is left.
 */
static struct ir_val sha256(struct a64_ctx *s, struct ir_val x, struct ir_val y, struct ir_val w, bool second)
{
    struct ir *ir = s->ir;
    struct ir_val xr = simd_op1(ir, IR_vrev, x, 2, 3), yr = simd_op1(ir, IR_vrev, y, 2, 3);
    struct ir_val abef = simd_op2(ir, IR_vzip_lo, yr, xr, 3), cdgh = simd_op2(ir, IR_vzip_hi, yr, xr, 3), mid, last;

    mid = ir_v3(ir, IR_vsha256_rounds, V128, cdgh, abef, w, 0, 0, 0);
    w = simd_op2(ir, IR_vext, w, zero(s), 8);
    last = ir_v3(ir, IR_vsha256_rounds, V128, abef, mid, w, 0, 0, 0);
    return simd_op1(ir, IR_vrev, simd_op2(ir, second ? IR_vzip_lo : IR_vzip_hi, last, mid, 3), 2, 3);
}

/* SHA256H <Qd>, <Qn>, <Vm>.4S; SHA256H2, whose Qd is the second half */
CRYPTO(SHA256H, crypto3, sha256(s, v128(s, a->rd), v128(s, a->rn), v128(s, a->rm), false))
CRYPTO(SHA256H2, crypto3, sha256(s, v128(s, a->rn), v128(s, a->rd), v128(s, a->rm), true))
/* SHA256SU0 <Vd>.4S, <Vn>.4S */
CRYPTO(SHA256SU0, crypto2, simd_op2(ir, IR_vsha256_msg1, v128(s, a->rd), v128(s, a->rn), 0))

/* SHA256SU1 <Vd>.4S, <Vn>.4S, <Vm>.4S */
static struct ir_val sha256su1(struct a64_ctx *s, const struct args_crypto3 *a)
{
    struct ir *ir = s->ir;
    struct ir_val m = v128(s, a->rm), seven = simd_op2(ir, IR_vext, v128(s, a->rn), m, 4);

    return simd_op2(ir, IR_vsha256_msg2, simd_op2(ir, IR_vadd, v128(s, a->rd), seven, 2), m, 0);
}

CRYPTO(SHA256SU1, crypto3, sha256su1(s, a))

/* ---- SHA-512, as I64s ---- */

/* v rotated to the right by three counts, xor-ed */
static struct ir_val sum_of_rotates(struct ir *ir, struct ir_val v, unsigned a, unsigned b, unsigned c)
{
    return ir_xor(ir, ir_xor(ir, ir_rori(ir, v, a), ir_rori(ir, v, b)), ir_rori(ir, v, c));
}

static struct ir_val half(struct a64_ctx *s, unsigned n, unsigned i)
{
    return ir_state_ld(s->ir, I64, ARM_OFF_Q(n) + 8 * i);
}

static struct ir_val join(struct ir *ir, struct ir_val lo, struct ir_val hi)
{
    return simd_concat(ir, ir_bitcast(ir, V64, lo), ir_bitcast(ir, V64, hi));
}

/* One step of SHA512H: Ch(e, f, g) + Sigma1(e) + h */
static struct ir_val choose_step(struct ir *ir, struct ir_val e, struct ir_val f, struct ir_val g, struct ir_val h)
{
    struct ir_val ch = ir_xor(ir, ir_and(ir, e, f), ir_andc(ir, g, e));

    return ir_add(ir, ir_add(ir, ch, sum_of_rotates(ir, e, 14, 18, 41)), h);
}

/* SHA512H <Qd>, <Qn>, <Vm>.2D */
static struct ir_val sha512h(struct a64_ctx *s, const struct args_crypto3 *a)
{
    struct ir *ir = s->ir;
    struct ir_val x0 = half(s, a->rn, 0), y0 = half(s, a->rm, 0), y1 = half(s, a->rm, 1), hi, lo;

    hi = choose_step(ir, y1, x0, half(s, a->rn, 1), half(s, a->rd, 1));
    lo = choose_step(ir, ir_add(ir, hi, y0), y1, x0, half(s, a->rd, 0));
    return join(ir, lo, hi);
}

CRYPTO(SHA512H, crypto3, sha512h(s, a))

/* One step of SHA512H2: Maj(a, b, c) + Sigma0(a) + t */
static struct ir_val majority_step(struct ir *ir, struct ir_val a, struct ir_val b, struct ir_val c, struct ir_val t)
{
    struct ir_val maj = ir_or(ir, ir_and(ir, a, b), ir_and(ir, c, ir_or(ir, a, b)));

    return ir_add(ir, ir_add(ir, maj, sum_of_rotates(ir, a, 28, 34, 39)), t);
}

/* SHA512H2 <Qd>, <Qn>, <Vm>.2D */
static struct ir_val sha512h2(struct a64_ctx *s, const struct args_crypto3 *a)
{
    struct ir *ir = s->ir;
    struct ir_val y0 = half(s, a->rm, 0), y1 = half(s, a->rm, 1), hi;

    hi = majority_step(ir, y0, y1, half(s, a->rn, 0), half(s, a->rd, 1));
    return join(ir, majority_step(ir, hi, y0, y1, half(s, a->rd, 0)), hi);
}

CRYPTO(SHA512H2, crypto3, sha512h2(s, a))

/* Doublewords: v rotated to the right by a and b and shifted by c, xor-ed */
static struct ir_val sigma(struct ir *ir, struct ir_val v, unsigned a, unsigned b, unsigned c)
{
    struct ir_val r = simd_op2(ir, IR_vxor, rotate(ir, v, 3, 64 - a), rotate(ir, v, 3, 64 - b), 0);

    return simd_op2(ir, IR_vxor, r, simd_op1(ir, IR_vshri_u, v, 3, c), 0);
}

/* SHA512SU0 <Vd>.2D, <Vn>.2D */
CRYPTO(SHA512SU0, crypto2,
       simd_op2(ir, IR_vadd, v128(s, a->rd), sigma(ir, simd_op2(ir, IR_vext, v128(s, a->rd), v128(s, a->rn), 8), 1, 8, 7), 3))
/* SHA512SU1 <Vd>.2D, <Vn>.2D, <Vm>.2D */
CRYPTO(SHA512SU1, crypto3,
       simd_op2(ir, IR_vadd, simd_op2(ir, IR_vadd, v128(s, a->rd), v128(s, a->rm), 3), sigma(ir, v128(s, a->rn), 19, 61, 6), 3))

/* ---- SHA-3 ---- */

/* EOR3, BCAX <Vd>.16B, <Vn>.16B, <Vm>.16B, <Va>.16B */
CRYPTO(EOR3, crypto4,
       simd_op2(ir, IR_vxor, v128(s, a->rn), simd_op2(ir, IR_vxor, v128(s, a->rm), v128(s, a->ra), 0), 0))
CRYPTO(BCAX, crypto4,
       simd_op2(ir, IR_vxor, v128(s, a->rn), simd_op2(ir, IR_vandc, v128(s, a->rm), v128(s, a->ra), 0), 0))
/* RAX1 <Vd>.2D, <Vn>.2D, <Vm>.2D */
CRYPTO(RAX1, crypto3, simd_op2(ir, IR_vxor, v128(s, a->rn), rotate(ir, v128(s, a->rm), 3, 1), 0))

/* XAR <Vd>.2D, <Vn>.2D, <Vm>.2D, #<imm6> */
static struct ir_val xar(struct a64_ctx *s, const struct args_crypto3i *a)
{
    struct ir_val v = simd_op2(s->ir, IR_vxor, v128(s, a->rn), v128(s, a->rm), 0);

    return a->imm ? rotate(s->ir, v, 3, 64 - a->imm) : v;
}

CRYPTO(XAR, crypto3i, xar(s, a))

/* ---- SM3, SM4 ---- */

#define HELPED(name, set, helper, m, last)                                                                    \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_##set *a)                                      \
    {                                                                                                         \
        if (!a64_fp_off(s)) {                                                                                 \
            ir_call(s->ir, helper, a64_imm(s, false, a->rd | a->rn << 8 | (m) << 16 | (last) << 24));         \
        }                                                                                                     \
        return true;                                                                                          \
    }

HELPED(SM3SS1, crypto4, arm_sm3ss1, a->rm, a->ra)
HELPED(SM3TT1A, crypto3i, arm_sm3tt1a, a->rm, a->imm)
HELPED(SM3TT1B, crypto3i, arm_sm3tt1b, a->rm, a->imm)
HELPED(SM3TT2A, crypto3i, arm_sm3tt2a, a->rm, a->imm)
HELPED(SM3TT2B, crypto3i, arm_sm3tt2b, a->rm, a->imm)
HELPED(SM3PARTW1, crypto3, arm_sm3partw1, a->rm, 0)
HELPED(SM3PARTW2, crypto3, arm_sm3partw2, a->rm, 0)
HELPED(SM4E, crypto2, arm_sm4e, 0, 0)
HELPED(SM4EKEY, crypto3, arm_sm4ekey, a->rm, 0)
