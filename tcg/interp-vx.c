/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interpreter of the ops of vx.inc: x86's vector instructions on 128 bits as the SDM's volume 2 has them, floating point by softfloat
 * under fp env 0.
 */
#include "config.h"
#include "tcg/internal.h"
#include "tcg/interp-internal.h"
#include "tcg/vx.h"
#include "util/softfloat.h"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/* ---- integers --------------------------------------------------------------------------------- */

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static uint64_t shifted(uint64_t v, unsigned e, uint64_t n, enum ir_vx kind)
{
    unsigned bits = 8u << e;

    switch (kind) {
    case VX_psllw: case VX_pslld: case VX_psllq: case VX_psllvd: case VX_psllvq:
        return n < bits ? v << n : 0;
    case VX_psraw: case VX_psrad: case VX_psravd:
        return (uint64_t)(sx(v, e) >> (n < bits ? n : bits - 1));
    default:
        return n < bits ? v >> n : 0;
    }
}

/* All lanes by the low 64 bits of b, or each by its own lane */
static bool eval_shift(enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    bool each = k >= VX_psllvd && k <= VX_psravd;
    unsigned e;

    if (k > VX_psravd)
        return false;
    e = k == VX_psllw || k == VX_psrlw || k == VX_psraw ? 1 :
        k == VX_psllq || k == VX_psrlq || k == VX_psllvq || k == VX_psrlvq ? 3 : 2;
    for (unsigned i = 0; i < 16u >> e; i++)
        set_lane(r, e, i, shifted(lane(a, e, i), e, each ? lane(b, e, i) : b->d[0], k));
    return true;
}

/* Pairs of adjacent lanes: of a for the lower half of the result, of b for the upper */
static void horizontal(struct v128 *r, unsigned e, const struct v128 *a, const struct v128 *b, bool sub, bool saturate)
{
    unsigned n = 16u >> e;

    for (unsigned i = 0; i < n; i++) {
        const struct v128 *s = i < n / 2 ? a : b;
        int64_t x = sx(lane(s, e, 2 * i % n), e), y = sx(lane(s, e, 2 * i % n + 1), e), v = sub ? x - y : x + y;

        set_lane(r, e, i, (uint64_t)(saturate ? clamp(v, INT16_MIN, INT16_MAX) : v));
    }
}

static void sign(struct v128 *r, unsigned e, const struct v128 *a, const struct v128 *b)
{
    for (unsigned i = 0; i < 16u >> e; i++) {
        int64_t s = sx(lane(b, e, i), e);

        set_lane(r, e, i, s < 0 ? 0 - lane(a, e, i) : s ? lane(a, e, i) : 0);
    }
}

/* From lanes of twice the size 1 << e bytes, signed, to lanes of that size */
static void pack(struct v128 *r, unsigned e, const struct v128 *a, const struct v128 *b, bool is_signed)
{
    unsigned n = 16u >> e, bits = 8u << e;
    int64_t high = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1, low = is_signed ? -high - 1 : 0;

    for (unsigned i = 0; i < n; i++)
        set_lane(r, e, i, (uint64_t)clamp(sx(lane(i < n / 2 ? a : b, e + 1, i % (n / 2)), e + 1), low, high));
}

/* Sums of differences of bytes */
static void psadbw(struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    for (unsigned q = 0; q < 2; q++) {
        uint64_t sum = 0;

        for (unsigned i = 8 * q; i < 8 * q + 8; i++)
            sum += (uint64_t)llabs((int64_t)lane(a, 0, i) - (int64_t)lane(b, 0, i));
        r->d[q] = sum;
    }
}

static void mpsadbw(struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    unsigned from = imm & 4, block = 4 * (imm & 3);

    for (unsigned i = 0; i < 8; i++) {
        uint64_t sum = 0;

        for (unsigned k = 0; k < 4; k++)
            sum += (uint64_t)llabs((int64_t)lane(a, 0, from + i + k) - (int64_t)lane(b, 0, block + k));
        set_lane(r, 1, i, sum);
    }
}

/* Unsigned bytes of a by signed ones of b, adjacent products added with saturation */
static void pmaddubsw(struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    for (unsigned i = 0; i < 8; i++) {
        int64_t v = 0;

        for (unsigned k = 2 * i; k < 2 * i + 2; k++)
            v += (int64_t)lane(a, 0, k) * sx(lane(b, 0, k), 0);
        set_lane(r, 1, i, (uint64_t)clamp(v, INT16_MIN, INT16_MAX));
    }
}

static void phminposuw(struct v128 *r, const struct v128 *b)
{
    unsigned at = 0;

    for (unsigned i = 1; i < 8; i++)
        if (lane(b, 1, i) < lane(b, 1, at))
            at = i;
    r->d[0] = lane(b, 1, at) | (uint64_t)at << 16;
    r->d[1] = 0;
}

static bool eval_arith(enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    switch (k) {
    case VX_pmuludq:
        for (unsigned i = 0; i < 2; i++)
            r->d[i] = (uint64_t)(uint32_t)a->d[i] * (uint32_t)b->d[i];
        return true;
    case VX_pmuldq:
        for (unsigned i = 0; i < 2; i++)
            r->d[i] = (uint64_t)((int64_t)(int32_t)a->d[i] * (int32_t)b->d[i]);
        return true;
    case VX_psadbw: psadbw(r, a, b); return true;
    case VX_mpsadbw: mpsadbw(r, a, b, imm); return true;
    case VX_pmaddubsw: pmaddubsw(r, a, b); return true;
    case VX_phaddsw: horizontal(r, 1, a, b, false, true); return true;
    case VX_phsubw: horizontal(r, 1, a, b, true, false); return true;
    case VX_phsubd: horizontal(r, 2, a, b, true, false); return true;
    case VX_phsubsw: horizontal(r, 1, a, b, true, true); return true;
    case VX_psignb: sign(r, 0, a, b); return true;
    case VX_psignw: sign(r, 1, a, b); return true;
    case VX_psignd: sign(r, 2, a, b); return true;
    case VX_packsswb: pack(r, 0, a, b, true); return true;
    case VX_packuswb: pack(r, 0, a, b, false); return true;
    case VX_packssdw: pack(r, 1, a, b, true); return true;
    case VX_packusdw: pack(r, 1, a, b, false); return true;
    case VX_phminposuw: phminposuw(r, b); return true;
    default: return false;
    }
}

/* ---- moves of lanes --------------------------------------------------------------------------- */

static void blend(struct v128 *r, unsigned e, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    for (unsigned i = 0; i < 16u >> e; i++)
        set_lane(r, e, i, lane(imm >> i & 1 ? b : a, e, i));
}

/* Four words of two bits each of imm, into lanes from `first` of 1 << e bytes; the others stay */
static void shuffle4(struct v128 *r, unsigned e, unsigned first, const struct v128 *b, unsigned imm)
{
    *r = *b;
    for (unsigned i = 0; i < 4; i++)
        set_lane(r, e, first + i, lane(b, e, first + (imm >> (2 * i) & 3)));
}

static void insertps(struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    *r = *a;
    set_lane(r, 2, imm >> 4 & 3, lane(b, 2, imm >> 6 & 3));
    for (unsigned i = 0; i < 4; i++)
        if (imm >> i & 1)
            set_lane(r, 2, i, 0);
}

static bool eval_moves(enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    switch (k) {
    case VX_pshufb:
        for (unsigned i = 0; i < 16; i++)
            set_lane(r, 0, i, lane(b, 0, i) & 0x80 ? 0 : lane(a, 0, lane(b, 0, i) & 15));
        return true;
    case VX_pshufd: shuffle4(r, 2, 0, b, imm); return true;
    case VX_pshufhw: shuffle4(r, 1, 4, b, imm); return true;
    case VX_pshuflw: shuffle4(r, 1, 0, b, imm); return true;
    case VX_shufps:
        for (unsigned i = 0; i < 4; i++)
            set_lane(r, 2, i, lane(i < 2 ? a : b, 2, imm >> (2 * i) & 3));
        return true;
    case VX_shufpd:
        r->d[0] = a->d[imm & 1];
        r->d[1] = b->d[imm >> 1 & 1];
        return true;
    case VX_blendps: blend(r, 2, a, b, imm); return true;
    case VX_blendpd: blend(r, 3, a, b, imm); return true;
    case VX_pblendw: blend(r, 1, a, b, imm); return true;
    case VX_insertps: insertps(r, a, b, imm); return true;
    case VX_permilps:
        for (unsigned i = 0; i < 4; i++)
            set_lane(r, 2, i, lane(a, 2, lane(b, 2, i) & 3));
        return true;
    case VX_permilpd:
        for (unsigned i = 0; i < 2; i++)
            r->d[i] = a->d[b->d[i] >> 1 & 1];
        return true;
    case VX_movss:
        *r = *a;
        set_lane(r, 2, 0, lane(b, 2, 0));
        return true;
    case VX_movsd:
        r->d[0] = b->d[0];
        r->d[1] = a->d[1];
        return true;
    default:
        return false;
    }
}

/* ---- AES and carry-less products, of the IR's own ops ------------------------------------------ */

static void by_op(unsigned opc, uint64_t c0, struct v128 *r, const struct v128 *in)
{
    const struct ir_op op = { .opc = (uint8_t)opc, .type = V128, .nout = 1, .nin = 1, .c = { c0 } };

    interp_eval_crypto(&op, r, in);
}

static void xor_into(struct v128 *r, const struct v128 *b)
{
    r->d[0] ^= b->d[0];
    r->d[1] ^= b->d[1];
}

/* SubWord of the odd words, rotated and with the round constant for the upper ones of each pair */
static void keygen_assist(struct v128 *r, const struct v128 *b, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++) {
        struct v128 w = { { 0, 0 } }, s;
        uint32_t v = (uint32_t)lane(b, 2, 2 * i + 1), sub;

        for (unsigned k = 0; k < 4; k++)     /* ShiftRows moves nothing when all columns are equal */
            set_lane(&w, 2, k, v);
        by_op(IR_vaes_sub, 0, &s, &w);
        sub = (uint32_t)lane(&s, 2, 0);
        set_lane(r, 2, 2 * i, sub);
        set_lane(r, 2, 2 * i + 1, (sub >> 8 | sub << 24) ^ (imm & 0xff));
    }
}

static bool eval_crypto(enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    struct v128 x[2];

    switch (k) {
    case VX_aeskeygenassist:
        keygen_assist(r, b, imm);
        return true;
    case VX_aesenc: case VX_aesdec:
        by_op(IR_vaes_round, k == VX_aesdec, r, a);
        xor_into(r, b);
        return true;
    case VX_aesenclast: case VX_aesdeclast:
        by_op(IR_vaes_sub, k == VX_aesdeclast, r, a);
        xor_into(r, b);
        return true;
    case VX_pclmulqdq:
        x[0] = (struct v128){ { a->d[imm & 1], 0 } };
        x[1] = (struct v128){ { b->d[imm >> 4 & 1], 0 } };
        by_op(IR_vclmul, 0, r, x);
        return true;
    default:
        return false;
    }
}

/* ---- floating point --------------------------------------------------------------------------- */

#define SIZED(size, op, ...) ((size) == 2 ? (uint64_t)f32_##op(__VA_ARGS__) : (uint64_t)f64_##op(__VA_ARGS__))

static bool is_nan(unsigned e, uint64_t v)
{
    return e == 2 ? f32_is_nan((uint32_t)v) : f64_is_nan(v);
}

static bool is_denormal(unsigned e, uint64_t v)
{
    return e == 2 ? !(v & 0x7f800000) && v & 0x7fffff : !(v & 0x7ffull << 52) && v & ((1ull << 52) - 1);
}

/* DE: a denormal operand that is not flushed, unless a NaN operand, an invalid operation or a division by zero comes before it (SDM
 * 4.9.2). */
static void note_denormals(struct fp_env *env, unsigned e, unsigned before, const uint64_t *x, unsigned n)
{
    bool any = false;

    for (unsigned i = 0; i < n; i++) {
        if (is_nan(e, x[i]))
            return;
        any |= is_denormal(e, x[i]);
    }
    if (any && !env->flush_inputs && !(env->flags & ~before & (FP_INVALID | FP_DIVBYZERO)))
        env->flags |= FP_INPUT_DENORMAL;
}

enum fp2 { ADD, SUB, MUL, DIV, MIN, MAX, SQRT };

/* MIN and MAX: the second operand unless the first is less, greater; so of NaNs and of zeros */
static uint64_t min_max(struct fp_env *env, unsigned e, bool max, uint64_t a, uint64_t b)
{
    enum fp_relation r = (enum fp_relation)SIZED(e, compare, a, b, true, env);

    a = SIZED(e, flush_input, a, env);
    b = SIZED(e, flush_input, b, env);
    return r == (max ? FP_REL_GREATER : FP_REL_LESS) ? a : b;
}

static uint64_t fp2(struct fp_env *env, unsigned e, enum fp2 op, uint64_t a, uint64_t b)
{
    uint64_t x[2] = { a, b }, r = 0;
    unsigned before = env->flags;

    env->flags = 0;
    switch (op) {
    case ADD: r = SIZED(e, add, a, b, env); break;
    case SUB: r = SIZED(e, sub, a, b, env); break;
    case MUL: r = SIZED(e, mul, a, b, env); break;
    case DIV: r = SIZED(e, div, a, b, env); break;
    case MIN: case MAX: r = min_max(env, e, op == MAX, a, b); break;
    case SQRT: r = SIZED(e, sqrt, b, env); break;
    }
    env->flags &= ~FP_INPUT_DENORMAL;
    note_denormals(env, e, 0, op == SQRT ? x + 1 : x, op == SQRT ? 1 : 2);
    env->flags |= before;
    return r;
}

/* Rows come in fours: PS, PD, SS, SD. */
static bool eval_fp2(struct fp_env *env, enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    unsigned n = k - VX_addps, e = n & 1 ? 3 : 2, lanes = n & 2 ? 1 : 16u >> e;

    if (k < VX_addps || k > VX_sqrtsd)
        return false;
    *r = *a;
    for (unsigned i = 0; i < lanes; i++)
        set_lane(r, e, i, fp2(env, e, (enum fp2)(n >> 2), lane(a, e, i), lane(b, e, i)));
    return true;
}

/* The 32 predicates of VCMP: SDM, CMPPD, table 3-1 */
static bool predicate(enum fp_relation rel, unsigned imm)
{
    /* by relation: less, equal, greater, unordered */
    static const uint8_t true_for[16] = {    /* bit 0 less, 1 equal, 2 greater, 3 unordered */
        2, 1, 3, 8, 13, 14, 12, 7, 10, 9, 11, 0, 5, 6, 4, 15,
    };

    return true_for[imm & 15] >> (rel == FP_REL_LESS ? 0 : rel == FP_REL_EQUAL ? 1 : rel == FP_REL_GREATER ? 2 : 3) & 1;
}

static bool eval_cmp(struct fp_env *env, enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    unsigned n = k - VX_cmpps, e = n & 1 ? 3 : 2, lanes = n & 2 ? 1 : 16u >> e;
    bool signalling = (0x66u >> (imm & 7) & 1) != (imm >> 4 & 1);

    if (k < VX_cmpps || k > VX_cmpsd)
        return false;
    *r = *a;
    for (unsigned i = 0; i < lanes; i++) {
        uint64_t x[2] = { lane(a, e, i), lane(b, e, i) };
        unsigned before = env->flags;
        enum fp_relation rel;

        env->flags = 0;
        rel = (enum fp_relation)SIZED(e, compare, x[0], x[1], signalling, env);
        env->flags &= ~FP_INPUT_DENORMAL;
        note_denormals(env, e, 0, x, 2);
        env->flags |= before;
        set_lane(r, e, i, predicate(rel, imm) ? UINT64_MAX : 0);
    }
    return true;
}

static void horizontal_fp(struct fp_env *env, unsigned e, bool sub, struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    unsigned n = 16u >> e;

    for (unsigned i = 0; i < n; i++) {
        const struct v128 *s = i < n / 2 ? a : b;

        set_lane(r, e, i, fp2(env, e, sub ? SUB : ADD, lane(s, e, 2 * i % n), lane(s, e, 2 * i % n + 1)));
    }
}

/* Products of the chosen lanes, summed in pairs, to the chosen lanes; which product a lane's sum begins with shows when both are NaNs. */
static void dot(struct fp_env *env, unsigned e, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    unsigned n = 16u >> e;
    uint64_t p[4] = { 0 }, sum[4];

    for (unsigned i = 0; i < n; i++)
        if (imm >> (4 + i) & 1)
            p[i] = fp2(env, e, MUL, lane(a, e, i), lane(b, e, i));
    for (unsigned i = 0; i < n; i++)
        sum[i] = n == 4 ? fp2(env, e, ADD, p[i ^ 1], p[i]) : fp2(env, e, ADD, p[i], p[i ^ 1]);
    for (unsigned i = 0; i < n; i++)
        set_lane(r, e, i, !(imm >> i & 1) ? 0 : n == 4 ? fp2(env, e, ADD, sum[i], sum[i ^ 2]) : sum[i]);
}

static enum fp_round rounding(const struct fp_env *env, unsigned imm)
{
    static const uint8_t mode[] = { FP_ROUND_NEAREST_EVEN, FP_ROUND_DOWN, FP_ROUND_UP, FP_ROUND_ZERO };

    return (enum fp_round)(imm & 4 ? env->rounding : mode[imm & 3]);
}

static bool eval_round(struct fp_env *env, enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    unsigned n = k - VX_roundps, e = n & 1 ? 3 : 2, lanes = n & 2 ? 1 : 16u >> e, before = env->flags;

    if (k < VX_roundps || k > VX_roundsd)
        return false;
    *r = *a;
    env->flags = 0;
    for (unsigned i = 0; i < lanes; i++)
        set_lane(r, e, i, SIZED(e, round_to_int, lane(b, e, i), rounding(env, imm), !(imm & 8), env));
    env->flags = (uint8_t)(before | (env->flags & ~FP_INPUT_DENORMAL));
    return true;
}

/* Approximations: the host's own; elsewhere exact to 12 bits. No flags. */
static uint32_t approximate(uint32_t v, bool root)
{
#if defined(__x86_64__)
    union { uint32_t u; float f; } x = { .u = v };
    __m128 m = _mm_set_ss(x.f);

    x.f = _mm_cvtss_f32(root ? _mm_rsqrt_ss(m) : _mm_rcp_ss(m));
    return x.u;
#else
    struct fp_env env = { .nan_rule = FP_NAN_FIRST, .nan_negative = 1 };
    uint32_t one = 0x3f800000;

    v = v & 0x7f800000 ? v : v & 0x80000000;
    v = f32_div(one, root ? f32_sqrt(v, &env) : v, &env);
    return f32_is_nan(v) || (v & 0x7f800000) == 0x7f800000 ? v : v & 0xfffff000;
#endif
}

static bool eval_approximate(enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b)
{
    bool scalar = k == VX_rcpss || k == VX_rsqrtss;

    if (k < VX_rcpps || k > VX_rsqrtss)
        return false;
    *r = *a;
    for (unsigned i = 0; i < (scalar ? 1 : 4); i++)
        set_lane(r, 2, i, approximate((uint32_t)lane(b, 2, i), k >= VX_rsqrtps));
    return true;
}

/* ---- conversions ------------------------------------------------------------------------------ */

static uint64_t between(struct fp_env *env, unsigned from, uint64_t v)
{
    unsigned before = env->flags;
    uint64_t r;

    env->flags = 0;
    r = from == 2 ? f32_to_f64((uint32_t)v, env) : f64_to_f32(v, env);
    env->flags &= ~FP_INPUT_DENORMAL;
    note_denormals(env, from, 0, &v, 1);
    env->flags |= before;
    return r;
}

/* Denormal operands raise nothing here. */
static uint64_t to_int(struct fp_env *env, unsigned e, uint64_t v, unsigned bits, bool truncate)
{
    unsigned before = env->flags;
    uint64_t r;

    env->flags = 0;
    r = SIZED(e, to_int, v, truncate ? FP_ROUND_ZERO : (enum fp_round)env->rounding, 0, bits, true, env);
    env->flags = (uint8_t)(before | (env->flags & ~FP_INPUT_DENORMAL));
    return r;
}

static uint64_t from_int(struct fp_env *env, unsigned e, int64_t v)
{
    return SIZED(e, from_int, (uint64_t)v, (enum fp_round)env->rounding, 0, true, env);
}

static void to_half(struct fp_env *env, struct v128 *r, const struct v128 *b, unsigned imm)
{
    struct fp_env e = *env;

    e.rounding = (uint8_t)rounding(env, imm);
    e.flush_outputs = 0;         /* FTZ does not count */
    e.unmasked &= FP_UNDERFLOW;     /* inexact is of what is stored, but tiny results count also when they are exact */
    e.flags = 0;
    *r = (struct v128){ { 0, 0 } };
    for (unsigned i = 0; i < 4; i++) {
        uint64_t v = lane(b, 2, i);

        set_lane(r, 1, i, f32_to_f16((uint32_t)v, false, &e));
        e.flags &= ~FP_INPUT_DENORMAL;
    }
    for (unsigned i = 0; i < 4; i++) {
        uint64_t v = lane(b, 2, i);

        note_denormals(&e, 2, e.flags, &v, 1);
    }
    env->flags |= e.flags;
}

static bool eval_convert(struct fp_env *env, enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    *r = (struct v128){ { 0, 0 } };
    switch (k) {
    case VX_cvtss2sd:
        *r = *a;
        r->d[0] = between(env, 2, lane(b, 2, 0));
        return true;
    case VX_cvtsd2ss:
        *r = *a;
        set_lane(r, 2, 0, between(env, 3, b->d[0]));
        return true;
    case VX_cvtps2pd:
        for (unsigned i = 0; i < 2; i++)
            r->d[i] = between(env, 2, lane(b, 2, i));
        return true;
    case VX_cvtpd2ps:
        for (unsigned i = 0; i < 2; i++)
            set_lane(r, 2, i, between(env, 3, b->d[i]));
        return true;
    case VX_cvtdq2ps:
        for (unsigned i = 0; i < 4; i++)
            set_lane(r, 2, i, from_int(env, 2, sx(lane(b, 2, i), 2)));
        return true;
    case VX_cvtdq2pd:
        for (unsigned i = 0; i < 2; i++)
            r->d[i] = from_int(env, 3, sx(lane(b, 2, i), 2));
        return true;
    case VX_cvtps2dq: case VX_cvttps2dq:
        for (unsigned i = 0; i < 4; i++)
            set_lane(r, 2, i, to_int(env, 2, lane(b, 2, i), 32, k == VX_cvttps2dq));
        return true;
    case VX_cvtpd2dq: case VX_cvttpd2dq:
        for (unsigned i = 0; i < 2; i++)
            set_lane(r, 2, i, to_int(env, 3, b->d[i], 32, k == VX_cvttpd2dq));
        return true;
    case VX_cvtph2ps:
        for (unsigned i = 0; i < 4; i++) {
            struct fp_env e = *env;

            e.flags = 0;
            e.flush_half = 0;
            set_lane(r, 2, i, f16_to_f32((uint16_t)lane(b, 1, i), false, &e));
            env->flags |= e.flags & FP_INVALID;
        }
        return true;
    case VX_cvtps2ph:
        to_half(env, r, b, imm);
        return true;
    default:
        return false;
    }
}

static bool eval_vfx(struct fp_env *env, enum ir_vx k, struct v128 *r, const struct v128 *a, const struct v128 *b, unsigned imm)
{
    if (eval_fp2(env, k, r, a, b) || eval_cmp(env, k, r, a, b, imm) || eval_round(env, k, r, a, b, imm) ||
        eval_approximate(k, r, a, b))
        return true;
    switch (k) {
    case VX_haddps: horizontal_fp(env, 2, false, r, a, b); return true;
    case VX_haddpd: horizontal_fp(env, 3, false, r, a, b); return true;
    case VX_hsubps: horizontal_fp(env, 2, true, r, a, b); return true;
    case VX_hsubpd: horizontal_fp(env, 3, true, r, a, b); return true;
    case VX_addsubps:
    case VX_addsubpd: {
        unsigned e = k == VX_addsubps ? 2 : 3;

        for (unsigned i = 0; i < 16u >> e; i++)
            set_lane(r, e, i, fp2(env, e, i & 1 ? ADD : SUB, lane(a, e, i), lane(b, e, i)));
        return true;
    }
    case VX_dpps: dot(env, 2, r, a, b, imm); return true;
    case VX_dppd: dot(env, 3, r, a, b, imm); return true;
    default: return eval_convert(env, k, r, a, b, imm);
    }
}

/* ---- fused multiply-add ----------------------------------------------------------------------- */

static bool is_signalling(unsigned e, uint64_t v)
{
    return e == 2 ? f32_is_snan((uint32_t)v) : f64_is_snan(v);
}

/* x: operands 1, 2, 3; the NaN that wins is the first of the multiplied ones, then the added one, in the form's order. */
static uint64_t fused(struct fp_env *env, unsigned e, unsigned k, const uint64_t *x, bool odd)
{
    static const uint8_t order[3][3] = { { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 } };
    const uint8_t *o = order[(k & FMA_FORM) >> 3];
    unsigned kind = k & FMA_KIND, neg = 0, before = env->flags;
    uint64_t v[3] = { x[o[0]], x[o[1]], x[o[2]] }, r;

    if (kind == FMA_NADD || kind == FMA_NSUB)
        neg |= FP_MULADD_NEG_PRODUCT;
    if (kind == FMA_SUB || kind == FMA_NSUB || (kind == FMA_ADDSUB && !odd) || (kind == FMA_SUBADD && odd))
        neg |= FP_MULADD_NEG_ADDEND;
    env->flags = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (!is_nan(e, v[i]))
            continue;
        r = v[i] | (e == 2 ? 1u << 22 : 1ull << 51);
        env->flags = (uint8_t)(before | (is_signalling(e, v[0]) || is_signalling(e, v[1]) || is_signalling(e, v[2]) ? FP_INVALID : 0));
        return r;
    }
    r = SIZED(e, muladd, v[0], v[1], v[2], neg, env);
    env->flags &= ~FP_INPUT_DENORMAL;
    note_denormals(env, e, 0, v, 3);
    env->flags |= before;
    return r;
}

static void eval_fma(struct fp_env *env, unsigned k, struct v128 *r, const struct v128 *in)
{
    unsigned size = (k & FMA_LANES) >> 5, e = size & 1 ? 3 : 2, lanes = size & 2 ? 1 : 16u >> e;

    *r = in[0];
    for (unsigned i = 0; i < lanes; i++) {
        uint64_t x[3] = { lane(&in[0], e, i), lane(&in[1], e, i), lane(&in[2], e, i) };

        set_lane(r, e, i, fused(env, e, k, x, i & 1));
    }
}

/* ---- general registers and flags --------------------------------------------------------------- */

static uint64_t sign_mask(const struct v128 *v, unsigned e)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16u >> e; i++)
        r |= (uint64_t)(sx(lane(v, e, i), e) < 0) << i;
    return r;
}

static uint64_t get(struct fp_env *env, enum ir_vx k, unsigned bits, const struct v128 *a)
{
    switch (k) {
    case VX_cvtss2si: case VX_cvttss2si: return to_int(env, 2, lane(a, 2, 0), bits, k == VX_cvttss2si);
    case VX_cvtsd2si: case VX_cvttsd2si: return to_int(env, 3, a->d[0], bits, k == VX_cvttsd2si);
    case VX_movmskps: return sign_mask(a, 2);
    case VX_movmskpd: return sign_mask(a, 3);
    default: return sign_mask(a, 0);
    }
}

/* ZF: nothing in common; CF: nothing of b outside a */
static uint32_t test_flags(const struct v128 *a, const struct v128 *b, uint64_t mask)
{
    bool z = !((a->d[0] & b->d[0] & mask) | (a->d[1] & b->d[1] & mask)), c = !((~a->d[0] & b->d[0] & mask) | (~a->d[1] & b->d[1] & mask));

    return (z ? FLAG_Z : 0) | (c ? FLAG_C : 0);
}

static uint32_t compare(struct fp_env *env, enum ir_vx k, const struct v128 *a, const struct v128 *b)
{
    unsigned e = k == VX_comiss || k == VX_ucomiss ? 2 : 3, before = env->flags;
    uint64_t x[2] = { lane(a, e, 0), lane(b, e, 0) };
    enum fp_relation rel;

    if (k == VX_ptest)
        return test_flags(a, b, UINT64_MAX);
    if (k >= VX_vtestps)
        return test_flags(a, b, k == VX_vtestps ? 0x8000000080000000 : 1ull << 63);
    env->flags = 0;
    rel = (enum fp_relation)SIZED(e, compare, x[0], x[1], k == VX_comiss || k == VX_comisd, env);
    env->flags &= ~FP_INPUT_DENORMAL;
    note_denormals(env, e, 0, x, 2);
    env->flags |= before;
    return rel == FP_REL_LESS ? FLAG_C : rel == FP_REL_EQUAL ? FLAG_Z : rel == FP_REL_UNORDERED ? FLAG_C | FLAG_Z | FLAG_P : 0;
}

bool interp_eval_vx(struct tcg_env *env, const struct ir_op *op, const uint8_t *in_type, struct v128 *r, const struct v128 *in)
{
    struct fp_env *fp = env ? &env->fp[0] : NULL;
    enum ir_vx k = (enum ir_vx)op->c[0];

    switch (op->opc) {
    case IR_vx:
        return eval_shift(k, r, &in[0], &in[1]) || eval_arith(k, r, &in[0], &in[1], (unsigned)op->c[1]) ||
               eval_moves(k, r, &in[0], &in[1], (unsigned)op->c[1]) || eval_crypto(k, r, &in[0], &in[1], (unsigned)op->c[1]);
    case IR_vfx:
        return eval_vfx(fp, k, r, &in[0], &in[1], (unsigned)op->c[1]);
    case IR_vfx3:
        eval_fma(fp, (unsigned)op->c[0], r, in);
        return true;
    case IR_vfx_get:
        r->d[0] = get(fp, k, op->type == I64 ? 64 : 32, &in[0]);
        return true;
    case IR_vfx_put: {
        unsigned e = k == VX_cvtsi2ss ? 2 : 3;

        *r = in[0];
        set_lane(r, e, 0, from_int(fp, e, in_type[1] == I64 ? (int64_t)in[1].d[0] : (int32_t)in[1].d[0]));
        return true;
    }
    case IR_vfx_cmp:
        r->d[0] = compare(fp, k, &in[0], &in[1]);
        return true;
    default:
        return false;
    }
}
