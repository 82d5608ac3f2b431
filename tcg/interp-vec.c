/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interpreter of the FP and vector ops: lanes one by one, FP by softfloat. */
#include "config.h"
#include <string.h>
#include "tcg/internal.h"
#include "tcg/interp-internal.h"
#include "util/softfloat.h"

/* ---- scalar FP ------------------------------------------------------------------------------ */

/* An operation of softfloat by the lane's size, log2 of bytes */
#define FP_BY_SIZE(size, op, ...)                                        \
    ((size) == 1 ? (uint64_t)f16_##op(__VA_ARGS__) :                     \
     (size) == 2 ? (uint64_t)f32_##op(__VA_ARGS__) : (uint64_t)f64_##op(__VA_ARGS__))
#define FP2(op)                                                          \
    static uint64_t fp_##op(unsigned size, uint64_t a, uint64_t b,       \
                            struct fp_env *e)                            \
    {                                                                    \
        return FP_BY_SIZE(size, op, a, b, e);                            \
    }
FP2(add)
FP2(sub)
FP2(mul)
FP2(div)
FP2(min)
FP2(max)
FP2(minnum)
FP2(mulx)
FP2(recip_step)
FP2(rsqrt_step)
FP2(maxnum)

static uint64_t fp_muladd(unsigned size, const uint64_t *x, unsigned neg,
                          struct fp_env *e)
{
    return FP_BY_SIZE(size, muladd, x[0], x[1], x[2], neg, e);
}

static uint64_t fp_sqrt(unsigned size, uint64_t a, struct fp_env *e)
{
    return FP_BY_SIZE(size, sqrt, a, e);
}

static enum fp_round rounding(unsigned r, const struct fp_env *e)
{
    static const uint8_t mode[] = {
        [IR_ROUND_ZERO] = FP_ROUND_ZERO, [IR_ROUND_EVEN] = FP_ROUND_NEAREST_EVEN, [IR_ROUND_UP] = FP_ROUND_UP,
        [IR_ROUND_DOWN] = FP_ROUND_DOWN, [IR_ROUND_AWAY] = FP_ROUND_NEAREST_AWAY,
    };

    return (enum fp_round)(r == IR_ROUND_ENV ? e->rounding : mode[r]);
}

static uint64_t fp_rint(unsigned size, uint64_t a, unsigned round, bool exact, struct fp_env *e)
{
    return FP_BY_SIZE(size, round_to_int, a, rounding(round, e), exact, e);
}

static uint64_t fp_to_int(unsigned size, uint64_t a, unsigned round, unsigned bits,
                          bool is_signed, struct fp_env *e)
{
    return FP_BY_SIZE(size, to_int, a, rounding(round, e), 0, bits, is_signed, e);
}

static uint64_t fp_from_int(unsigned size, uint64_t a, bool is_signed,
                            struct fp_env *e)
{
    return FP_BY_SIZE(size, from_int, a, e->rounding, 0, is_signed, e);
}

static enum fp_relation fp_compare(unsigned size, uint64_t a, uint64_t b,
                                   bool signalling, struct fp_env *e)
{
    return (enum fp_relation)FP_BY_SIZE(size, compare, a, b, signalling, e);
}

static uint32_t fcmp_flags(enum fp_relation r)
{
    switch (r) {
    case FP_REL_LESS:
        return FLAG_S;
    case FP_REL_EQUAL:
        return FLAG_Z | FLAG_C;
    case FP_REL_GREATER:
        return FLAG_C;
    default:
        return FLAG_C | FLAG_O;
    }
}

static bool eval_scalar(struct fp_env *e, const struct ir_op *op,
                        const uint8_t *type, const uint64_t *x, uint64_t *r)
{
    bool dbl = op->type == F64;
    unsigned size = dbl ? 3 : 2, in_size = type[0] == F64 ? 3 : 2;
    uint64_t top = (uint64_t)1 << (dbl ? 63 : 31);

    switch (op->opc) {
    case IR_fadd: *r = fp_add(size, x[0], x[1], e); return true;
    case IR_fsub: *r = fp_sub(size, x[0], x[1], e); return true;
    case IR_fmul: *r = fp_mul(size, x[0], x[1], e); return true;
    case IR_fdiv: *r = fp_div(size, x[0], x[1], e); return true;
    case IR_fmin: *r = fp_min(size, x[0], x[1], e); return true;
    case IR_fmax: *r = fp_max(size, x[0], x[1], e); return true;
    case IR_fminnum: *r = fp_minnum(size, x[0], x[1], e); return true;
    case IR_fmaxnum: *r = fp_maxnum(size, x[0], x[1], e); return true;
    case IR_frint: *r = fp_rint(size, x[0], op->c[1], op->c[2], e); return true;
    case IR_fsqrt: *r = fp_sqrt(size, x[0], e); return true;
    case IR_fmuladd: *r = fp_muladd(size, x, op->c[1], e); return true;
    case IR_fneg: *r = x[0] ^ top; return true;
    case IR_fabs: *r = x[0] & ~top; return true;
    case IR_fcvt:
        *r = dbl ? f32_to_f64((uint32_t)x[0], e) : f64_to_f32(x[0], e);
        return true;
    case IR_fcvt_s:
    case IR_fcvt_u:
        *r = fp_to_int(in_size, x[0], op->c[1], 8 * ir_type_size(op->type),
                       op->opc == IR_fcvt_s, e);
        return true;
    case IR_fcvt_from_s:
        *r = fp_from_int(size, type[0] == I32 ? (uint64_t)(int32_t)x[0] : x[0],
                         true, e);
        return true;
    case IR_fcvt_from_u:
        *r = fp_from_int(size, x[0], false, e);
        return true;
    case IR_flags_fcmp:
        *r = fcmp_flags(fp_compare(in_size, x[0], x[1], op->c[1], e));
        return true;
    }
    return false;
}

/* ---- lane-wise integers --------------------------------------------------------------------- */

static uint64_t sat_s(__int128 v, unsigned e)
{
    __int128 max = ((__int128)1 << ((8u << e) - 1)) - 1, min = -max - 1;

    return (uint64_t)(v > max ? max : v < min ? min : v);
}

static uint64_t sat_u(__int128 v, unsigned e)
{
    __int128 max = ((__int128)1 << (8u << e)) - 1;

    return (uint64_t)(v > max ? max : v < 0 ? 0 : v);
}

/* Shift by the signed low byte of n: left when positive. */
static uint64_t shift_reg(uint64_t a, uint64_t n, unsigned e, bool is_signed)
{
    int count = (int8_t)n, bits = 8 << e;

    if (count >= bits)
        return 0;
    if (count >= 0)
        return a << count;
    if (count <= -bits)
        return is_signed && sx(a, e) < 0 ? UINT64_MAX : 0;
    return is_signed ? (uint64_t)(sx(a, e) >> -count) : zx(a, e) >> -count;
}

/* a, b zero extended lanes. */
static bool lane2(enum ir_opc opc, uint64_t a, uint64_t b, unsigned e,
                  uint64_t *r)
{
    __int128 sa = sx(a, e), sb = sx(b, e), ua = a, ub = b;

    switch (opc) {
    case IR_vadd: *r = a + b; return true;
    case IR_vsub: *r = a - b; return true;
    case IR_vmul: *r = a * b; return true;
    case IR_vcmpeq: *r = a == b ? UINT64_MAX : 0; return true;
    case IR_vcmpgt_s: *r = sa > sb ? UINT64_MAX : 0; return true;
    case IR_vcmpgt_u: *r = a > b ? UINT64_MAX : 0; return true;
    case IR_vmin_s: *r = sa < sb ? a : b; return true;
    case IR_vmin_u: *r = a < b ? a : b; return true;
    case IR_vmax_s: *r = sa > sb ? a : b; return true;
    case IR_vmax_u: *r = a > b ? a : b; return true;
    case IR_vqadd_s: *r = sat_s(sa + sb, e); return true;
    case IR_vqadd_u: *r = sat_u(ua + ub, e); return true;
    case IR_vqsub_s: *r = sat_s(sa - sb, e); return true;
    case IR_vqsub_u: *r = sat_u(ua - ub, e); return true;
    case IR_vhadd_s: *r = (uint64_t)((sa + sb) >> 1); return true;
    case IR_vhadd_u: *r = (uint64_t)((ua + ub) >> 1); return true;
    case IR_vrhadd_s: *r = (uint64_t)((sa + sb + 1) >> 1); return true;
    case IR_vrhadd_u: *r = (uint64_t)((ua + ub + 1) >> 1); return true;
    case IR_vmulh_s: *r = (uint64_t)(sa * sb >> 16); return true;
    case IR_vmulh_u: *r = (uint64_t)(ua * ub >> 16); return true;
    case IR_vmulhr_s: *r = (uint64_t)((sa * sb + 0x4000) >> 15); return true;
    case IR_vshl_s: *r = shift_reg(a, b, e, true); return true;
    case IR_vshl_u: *r = shift_reg(a, b, e, false); return true;
    default: return false;
    }
}

static bool lane1(const struct ir_op *op, uint64_t a, uint64_t *r)
{
    unsigned e = (unsigned)op->c[0], bits = 8u << e;

    switch (op->opc) {
    case IR_vneg: *r = 0 - a; return true;
    case IR_vabs: *r = sx(a, e) < 0 ? 0 - a : a; return true;
    case IR_vshli: *r = a << op->c[1]; return true;
    case IR_vshri_s: *r = (uint64_t)(sx(a, e) >> op->c[1]); return true;
    case IR_vshri_u: *r = a >> op->c[1]; return true;
    case IR_vclz:
        *r = a ? (unsigned)__builtin_clzll(a) - (64 - bits) : bits;
        return true;
    default: return false;
    }
}

static bool eval_lanes(const struct ir_op *op, struct v128 *out,
                       const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = ir_type_size(op->type) >> e;
    uint64_t r;

    if (op->opc >= IR_vfadd || e > 3)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (op->nin == 2) {
            if (!lane2(op->opc, lane(&in[0], e, i), lane(&in[1], e, i), e, &r))
                return false;
        } else if (!lane1(op, lane(&in[0], e, i), &r)) {
            return false;
        }
        set_lane(out, e, i, r);
    }
    return true;
}

/* ---- whole-vector bit operations and moves -------------------------------------------------- */

static bool eval_bitwise(const struct ir_op *op, struct v128 *out,
                         const struct v128 *in)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t a = in[0].d[i], b = op->nin > 1 ? in[1].d[i] : 0;

        switch (op->opc) {
        case IR_vand: out->d[i] = a & b; break;
        case IR_vor: out->d[i] = a | b; break;
        case IR_vxor: out->d[i] = a ^ b; break;
        case IR_vandc: out->d[i] = a & ~b; break;
        case IR_vnot: out->d[i] = ~a; break;
        case IR_vbsl: out->d[i] = (a & b) | (~a & in[2].d[i]); break;
        default: return false;
        }
    }
    return true;
}

static void eval_vext(const struct ir_op *op, struct v128 *out,
                      const struct v128 *in)
{
    unsigned size = ir_type_size(op->type);
    uint8_t both[32];

    memcpy(both, &in[0], size);
    memcpy(both + size, &in[1], size);
    memcpy(out, both + op->c[0], size);
}

static void eval_tbl(const struct ir_op *op, struct v128 *out,
                     const struct v128 *in)
{
    for (unsigned i = 0; i < ir_type_size(op->type); i++) {
        uint64_t k = lane(&in[1], 0, i);

        set_lane(out, 0, i, k < 16 ? lane(&in[0], 0, (unsigned)k) : 0);
    }
}

static void eval_rev(const struct ir_op *op, struct v128 *out,
                     const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = ir_type_size(op->type) >> e;
    unsigned flip = (1u << (op->c[1] - e)) - 1;

    for (unsigned i = 0; i < n; i++)
        set_lane(out, e, i, lane(&in[0], e, i ^ flip));
}

/* Lane i of zip/uzp/trn: index into a (0..n-1) or b (n..2n-1). */
static unsigned permute_index(enum ir_opc opc, unsigned i, unsigned n)
{
    switch (opc) {
    case IR_vzip_lo:
        return i / 2 + (i & 1 ? n : 0);
    case IR_vzip_hi:
        return n / 2 + i / 2 + (i & 1 ? n : 0);
    case IR_vuzp_even:
        return 2 * i;
    case IR_vuzp_odd:
        return 2 * i + 1;
    case IR_vtrn_even:
        return (i & ~1u) + (i & 1 ? n : 0);
    default:
        return (i | 1u) + (i & 1 ? n : 0);
    }
}

static void eval_permute(const struct ir_op *op, struct v128 *out,
                         const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = ir_type_size(op->type) >> e;

    for (unsigned i = 0; i < n; i++) {
        unsigned k = permute_index(op->opc, i, n);

        set_lane(out, e, i, lane(&in[k >= n], e, k % n));
    }
}

static void eval_padd(const struct ir_op *op, struct v128 *out,
                      const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = ir_type_size(op->type) >> e;

    for (unsigned i = 0; i < n; i++) {
        const struct v128 *s = &in[2 * i >= n];
        unsigned k = 2 * i % n;

        set_lane(out, e, i, lane(s, e, k) + lane(s, e, k + 1));
    }
}

static void eval_width(const struct ir_op *op, struct v128 *out,
                       const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = 8u >> e;

    for (unsigned i = 0; i < n; i++) {
        uint64_t a = lane(&in[0], e, i);

        if (op->opc == IR_vwiden_s)
            set_lane(out, e + 1, i, (uint64_t)sx(a, e));
        else if (op->opc == IR_vwiden_u)
            set_lane(out, e + 1, i, a);
        else if (op->opc == IR_vmull_s)
            set_lane(out, e + 1, i,
                     (uint64_t)(sx(a, e) * sx(lane(&in[1], e, i), e)));
        else
            set_lane(out, e + 1, i, a * lane(&in[1], e, i));
    }
}

static void eval_sums(const struct ir_op *op, struct v128 *out,
                      const struct v128 *in)
{
    for (unsigned i = 0; i < ir_type_size(op->type) / (op->opc == IR_vsum ? 8 : 4); i++) {
        uint64_t sum = 0;

        for (unsigned k = 0; op->opc == IR_vsum && k < 8; k++)
            sum += lane(&in[0], 0, 8 * i + k);
        for (unsigned k = 2 * i; op->opc == IR_vmadd && k < 2 * i + 2; k++)
            sum += (uint64_t)(sx(lane(&in[0], 1, k), 1) * sx(lane(&in[1], 1, k), 1));
        set_lane(out, op->opc == IR_vsum ? 3 : 2, i, sum);
    }
}

static void eval_pmul(const struct ir_op *op, struct v128 *out,
                      const struct v128 *in)
{
    bool whole = op->opc == IR_vpmull;

    for (unsigned i = 0; i < ir_type_size(op->type) >> whole; i++) {
        uint64_t a = lane(&in[0], 0, i), b = lane(&in[1], 0, i), r = 0;

        for (unsigned k = 0; k < 8; k++)
            r ^= (a >> k & 1 ? b : 0) << k;
        set_lane(out, whole, i, r);
    }
}

static void eval_dup(const struct ir_op *op, struct v128 *out,
                     const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0], n = ir_type_size(op->type) >> e;
    uint64_t x = in[0].d[0];

    if (op->opc == IR_vdup_lane)
        x = lane(&in[0], e, (unsigned)op->c[1]);
    for (unsigned i = 0; i < n; i++)
        set_lane(out, e, i, x);
}

static bool eval_move(const struct ir_op *op, struct v128 *out,
                      const struct v128 *in)
{
    unsigned e = (unsigned)op->c[0];
    uint64_t x;

    switch (op->opc) {
    case IR_vext: eval_vext(op, out, in); return true;
    case IR_vtbl: eval_tbl(op, out, in); return true;
    case IR_vrev: eval_rev(op, out, in); return true;
    case IR_vpadd: eval_padd(op, out, in); return true;
    case IR_vzip_lo: case IR_vzip_hi: case IR_vuzp_even: case IR_vuzp_odd:
    case IR_vtrn_even: case IR_vtrn_odd:
        eval_permute(op, out, in);
        return true;
    case IR_vwiden_s: case IR_vwiden_u: case IR_vmull_s: case IR_vmull_u:
        eval_width(op, out, in);
        return true;
    case IR_vnarrow:
        for (unsigned i = 0; i < 16u >> e; i++)
            set_lane(out, e - 1, i, lane(&in[0], e, i));
        return true;
    case IR_vdup: case IR_vdup_lane:
        eval_dup(op, out, in);
        return true;
    case IR_vget_u: case IR_vget_s:
        x = lane(&in[0], e, (unsigned)op->c[1]);
        out->d[0] = op->opc == IR_vget_s ? (uint64_t)sx(x, e) : x;
        if (op->type == I32)
            out->d[0] = (uint32_t)out->d[0];
        return true;
    case IR_vset:
        *out = in[0];
        set_lane(out, e, (unsigned)op->c[1], in[1].d[0]);
        return true;
    case IR_vlow: out->d[0] = in[0].d[0]; return true;
    case IR_vhigh: out->d[0] = in[0].d[1]; return true;
    case IR_vzext: out->d[0] = in[0].d[0]; return true;
    case IR_vpmul: case IR_vpmull:
        eval_pmul(op, out, in);
        return true;
    case IR_vsum: case IR_vmadd:
        eval_sums(op, out, in);
        return true;
    case IR_vconcat:
        out->d[0] = in[0].d[0];
        out->d[1] = in[1].d[0];
        return true;
    case IR_vcnt:
        for (unsigned i = 0; i < 16; i++)
            set_lane(out, 0, i, (unsigned)__builtin_popcountll(
                                    lane(&in[0], 0, i)));
        return true;
    }
    return false;
}

/* ---- vector FP ------------------------------------------------------------------------------ */

static uint64_t fp_lane(struct fp_env *e, const struct ir_op *op, unsigned size,
                        const uint64_t *x)
{
    unsigned bits = 8u << size;
    uint64_t top = (uint64_t)1 << (bits - 1);
    enum fp_relation rel;

    switch (op->opc) {
    case IR_vfadd: return fp_add(size, x[0], x[1], e);
    case IR_vfsub: return fp_sub(size, x[0], x[1], e);
    case IR_vfmul: return fp_mul(size, x[0], x[1], e);
    case IR_vfmin: return fp_min(size, x[0], x[1], e);
    case IR_vfmax: return fp_max(size, x[0], x[1], e);
    case IR_vfminnum: return fp_minnum(size, x[0], x[1], e);
    case IR_vfmaxnum: return fp_maxnum(size, x[0], x[1], e);
    case IR_vfdiv: return fp_div(size, x[0], x[1], e);
    case IR_vfsqrt: return fp_sqrt(size, x[0], e);
    case IR_vfrint: return fp_rint(size, x[0], op->c[2] & 7, op->c[2] & VFRINT_EXACT, e);
    case IR_vfmulx: return fp_mulx(size, x[0], x[1], e);
    case IR_vfrecps: return fp_recip_step(size, x[0], x[1], e);
    case IR_vfrsqrts: return fp_rsqrt_step(size, x[0], x[1], e);
    case IR_vfmuladd: return fp_muladd(size, x, op->c[2], e);
    case IR_vfneg: return x[0] ^ top;
    case IR_vfabs: return x[0] & ~top;
    case IR_vfcvt_s: return fp_to_int(size, x[0], op->c[2], bits, true, e);
    case IR_vfcvt_u: return fp_to_int(size, x[0], op->c[2], bits, false, e);
    case IR_vfcvt_from_s:
        return fp_from_int(size, (uint64_t)sx(x[0], size), true, e);
    case IR_vfcvt_from_u: return fp_from_int(size, x[0], false, e);
    }
    rel = fp_compare(size, x[0], x[1], op->opc != IR_vfcmpeq, e);
    switch (op->opc) {
    case IR_vfcmpeq: return rel == FP_REL_EQUAL ? UINT64_MAX : 0;
    case IR_vfcmpge:
        return rel == FP_REL_EQUAL || rel == FP_REL_GREATER ? UINT64_MAX : 0;
    case IR_vfcmpgt: return rel == FP_REL_GREATER ? UINT64_MAX : 0;
    }
    ir_assert(false, "no interpreter for op %s", ir_op_info[op->opc].name);
}

/* Between lanes of size and size + 1 */
static uint64_t fp_resize_lane(struct fp_env *e, const struct ir_op *op, bool widen, unsigned size, uint64_t x)
{
    if (widen && op->c[2] == VFWIDEN_EXACT && size == 1)
        return f16_bits_to_f32(f16_flush_input((uint16_t)x, e));
    if (size == 2)
        return widen ? f32_to_f64((uint32_t)x, e) : f64_to_f32(x, e);
    return widen ? f16_to_f32((uint16_t)x, e->half_alternative, e) : f32_to_f16((uint32_t)x, e->half_alternative, e);
}

static void fp_resize(struct fp_env *e, const struct ir_op *op, struct v128 *out, const struct v128 *in)
{
    bool widen = op->opc == IR_vfwiden;
    unsigned size = (unsigned)op->c[0] - !widen;

    for (unsigned i = 0; i < 8u >> size; i++)
        set_lane(out, size + widen, i, fp_resize_lane(e, op, widen, size, lane(&in[0], size + !widen, i)));
}

void interp_eval_vec(struct tcg_env *env, const struct ir_op *op,
                     const uint8_t *in_type, struct v128 *out,
                     const struct v128 *in)
{
    uint64_t x[4] = { 0 };
    struct v128 r = { { 0, 0 } };
    unsigned e, n;

    for (unsigned i = 0; i < op->nin; i++)
        x[i] = in[i].d[0];
    if (op->opc == IR_vx || op->opc >= IR_vfx) {
        if (!interp_eval_vx(env, op, in_type, &r, in))
            ir_assert(false, "no interpreter for %s %u", ir_op_info[op->opc].name, (unsigned)op->c[0]);
    } else if (op->opc < IR_vadd || op->opc == IR_flags_fcmp) {
        if (!eval_scalar(&env->fp[op->c[0]], op, in_type, x, &r.d[0]))
            ir_assert(false, "no interpreter for %s", ir_op_info[op->opc].name);
    } else if (op->opc < IR_vfadd) {
        if (!eval_bitwise(op, &r, in) && !eval_move(op, &r, in) &&
            !interp_eval_crypto(op, &r, in) && !eval_lanes(op, &r, in))
            ir_assert(false, "no interpreter for %s", ir_op_info[op->opc].name);
    } else if (op->opc == IR_vfwiden || op->opc == IR_vfnarrow) {
        fp_resize(&env->fp[op->c[1]], op, &r, in);
    } else {
        e = (unsigned)op->c[0];
        n = ir_type_size(op->type) >> e;
        for (unsigned i = 0; i < n; i++) {
            for (unsigned k = 0; k < op->nin; k++)
                x[k] = lane(&in[k], e, i);
            set_lane(&r, e, i,
                     fp_lane(env ? &env->fp[op->c[1]] : NULL, op, e, x));
        }
    }
    if (ir_type_size(op->type) <= 8)
        r.d[1] = 0;
    if (ir_type_size(op->type) <= 4)
        r.d[0] = (uint32_t)r.d[0];
    *out = r;
}
