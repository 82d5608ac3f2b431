/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VFP instructions of A32 and T32 (vfp.decode, vfp-v8.decode; DDI 0406C A8.8,
 * for ARMv8 DDI 0487 F6.1).  Arithmetic is IR ops under fp env 0, which holds
 * FPSCR's modes; FPSCR.NZCV is a flags slot of its own, so that VCMP and VMRS
 * APSR_nzcv are a compare and a copy.
 *
 * Short vectors (FPSCR.LEN, STRIDE) do not exist on the CPUs modelled: data
 * processing is UNDEFINED while those fields are not zero.
 */
#include "config.h"

#define HELPER_INC "target-arm/helpers-fp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC
#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-decl.h"

#include "target-arm/a32.h"
#include "target-arm/a32-fp.h"
#include "target-arm/arm.h"
#include "tcg/ir-build.h"
#include "util/softfloat.h"

static bool need_v8(struct a32_ctx *s)
{
    return a32_has(s, ARM_V8_FP);
}

#include "target-arm/vfp.decode.inc"
#include "target-arm/vfp-v8.decode.inc"

/* ---- registers ---- */

static enum ir_type fp_type(bool dp)
{
    return dp ? F64 : F32;
}

static struct ir_val ld_reg(struct a32_ctx *s, bool dp, unsigned n)
{
    if (dp)
        return ir_state_ld(s->ir, F64, ARM_OFF_D(n));
    return ir_state_ld(s->ir, F32, ARM_OFF_S(n));
}

static bool st_reg(struct a32_ctx *s, bool dp, unsigned n, struct ir_val v)
{
    ir_state_st(s->ir, v, dp ? ARM_OFF_D(n) : ARM_OFF_S(n));
    return true;
}

/* An integer in a single register */
static struct ir_val ld_int(struct a32_ctx *s, unsigned n)
{
    return ir_state_ld(s->ir, I32, ARM_OFF_S(n));
}

static bool st_int(struct a32_ctx *s, unsigned n, struct ir_val v)
{
    ir_state_st(s->ir, v, ARM_OFF_S(n));
    return true;
}

static struct ir_val i32(struct a32_ctx *s, uint32_t v)
{
    return ir_const(s->ir, I32, v);
}

static struct ir_val env_fp(struct a32_ctx *s)
{
    return i32(s, FP_ENV_VFP);
}

static bool short_vectors(const struct a32_ctx *s)
{
    return s->mode & ARM_MODE_VECLEN;
}

/* ---- three registers ---- */

typedef struct ir_val binary_fn(struct ir *ir, struct ir_val a,
                                struct ir_val b, unsigned env);

static bool arith(struct a32_ctx *s, const struct args_vfp3 *a, binary_fn *op)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d, op(s->ir, ld_reg(s, a->dp, a->n),
                                     ld_reg(s, a->dp, a->m), FP_ENV_VFP));
}

/* VADD<c>.F <d>, <n>, <m> */
static bool trans_VADD(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return arith(s, a, ir_fadd);
}

/* VSUB<c>.F <d>, <n>, <m> */
static bool trans_VSUB(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return arith(s, a, ir_fsub);
}

/* VMUL<c>.F <d>, <n>, <m> */
static bool trans_VMUL(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return arith(s, a, ir_fmul);
}

/* VDIV<c>.F <d>, <n>, <m> */
static bool trans_VDIV(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return arith(s, a, ir_fdiv);
}

/* VNMUL<c>.F <d>, <n>, <m>: the sign changes even where the result is a NaN */
static bool trans_VNMUL(struct a32_ctx *s, const struct args_vfp3 *a)
{
    struct ir_val p;

    if (short_vectors(s))
        return false;
    p = ir_fmul(s->ir, ld_reg(s, a->dp, a->n), ld_reg(s, a->dp, a->m),
                FP_ENV_VFP);
    return st_reg(s, a->dp, a->d, ir_fneg(s->ir, p));
}

/* d = (-)d + (-)(n * m), rounded twice */
static bool mul_add(struct a32_ctx *s, const struct args_vfp3 *a,
                    bool neg_addend, bool neg_product)
{
    struct ir_val d, p;

    if (short_vectors(s))
        return false;
    d = ld_reg(s, a->dp, a->d);
    p = ir_fmul(s->ir, ld_reg(s, a->dp, a->n), ld_reg(s, a->dp, a->m),
                FP_ENV_VFP);
    if (neg_addend)
        d = ir_fneg(s->ir, d);
    if (neg_product)
        p = ir_fneg(s->ir, p);
    return st_reg(s, a->dp, a->d, ir_fadd(s->ir, d, p, FP_ENV_VFP));
}

/* VMLA<c>.F <d>, <n>, <m> */
static bool trans_VMLA(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return mul_add(s, a, false, false);
}

/* VMLS<c>.F <d>, <n>, <m> */
static bool trans_VMLS(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return mul_add(s, a, false, true);
}

/* VNMLA<c>.F <d>, <n>, <m> */
static bool trans_VNMLA(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return mul_add(s, a, true, true);
}

/* VNMLS<c>.F <d>, <n>, <m> */
static bool trans_VNMLS(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return mul_add(s, a, true, false);
}

/* d = (-)d + (-)n * m, rounded once */
static bool fused(struct a32_ctx *s, const struct args_vfp3 *a, unsigned neg)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d,
                  ir_fmuladd(s->ir, ld_reg(s, a->dp, a->n),
                             ld_reg(s, a->dp, a->m), ld_reg(s, a->dp, a->d),
                             FP_ENV_VFP, neg));
}

/* VFMA<c>.F <d>, <n>, <m> */
static bool trans_VFMA(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return fused(s, a, 0);
}

/* VFMS<c>.F <d>, <n>, <m> */
static bool trans_VFMS(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return fused(s, a, FMA_NEG_PRODUCT);
}

/* VFNMA<c>.F <d>, <n>, <m> */
static bool trans_VFNMA(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return fused(s, a, FMA_NEG_PRODUCT | FMA_NEG_ADDEND);
}

/* VFNMS<c>.F <d>, <n>, <m> */
static bool trans_VFNMS(struct a32_ctx *s, const struct args_vfp3 *a)
{
    return fused(s, a, FMA_NEG_ADDEND);
}

/* ---- one operand ---- */

/* VFPExpandImm(), A7.5.1 */
static uint64_t expand_imm(bool dp, uint32_t imm8)
{
    uint64_t sign = imm8 >> 7, b = imm8 >> 6 & 1, low = imm8 & 0x3f;

    if (dp)
        return sign << 63 | (b ? 0xffull << 54 : 1ull << 62) | low << 48;
    return sign << 31 | (b ? 0x1full << 25 : 1ull << 30) | low << 19;
}

/* VMOV<c>.F <d>, #<imm> */
static bool trans_VMOV_imm(struct a32_ctx *s, const struct args_vfp_imm *a)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d,
                  ir_const(s->ir, fp_type(a->dp), expand_imm(a->dp, a->imm)));
}

/* VMOV<c>.F <d>, <m> */
static bool trans_VMOV_reg(struct a32_ctx *s, const struct args_vfp2 *a)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d, ld_reg(s, a->dp, a->m));
}

/* VABS<c>.F <d>, <m> */
static bool trans_VABS(struct a32_ctx *s, const struct args_vfp2 *a)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d, ir_fabs(s->ir, ld_reg(s, a->dp, a->m)));
}

/* VNEG<c>.F <d>, <m> */
static bool trans_VNEG(struct a32_ctx *s, const struct args_vfp2 *a)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d, ir_fneg(s->ir, ld_reg(s, a->dp, a->m)));
}

/* VSQRT<c>.F <d>, <m> */
static bool trans_VSQRT(struct a32_ctx *s, const struct args_vfp2 *a)
{
    if (short_vectors(s))
        return false;
    return st_reg(s, a->dp, a->d,
                  ir_fsqrt(s->ir, ld_reg(s, a->dp, a->m), FP_ENV_VFP));
}

static bool round_int(struct a32_ctx *s, bool dp, unsigned d, unsigned m,
                      unsigned rounding, bool exact)
{
    struct ir_val v = ld_reg(s, dp, m), r = i32(s, rounding);
    struct ir_val x = i32(s, exact);

    if (dp)
        v = ir_call(s->ir, arm_f64_rint, v, r, x, env_fp(s));
    else
        v = ir_call(s->ir, arm_f32_rint, v, r, x, env_fp(s));
    return st_reg(s, dp, d, v);
}

/* VRINTR<c>.F <d>, <m> */
static bool trans_VRINTR(struct a32_ctx *s, const struct args_vfp2 *a)
{
    return round_int(s, a->dp, a->d, a->m, FP_ROUND_ENV, false);
}

/* VRINTZ<c>.F <d>, <m> */
static bool trans_VRINTZ(struct a32_ctx *s, const struct args_vfp2 *a)
{
    return round_int(s, a->dp, a->d, a->m, FP_ROUND_ZERO, false);
}

/* VRINTX<c>.F <d>, <m> */
static bool trans_VRINTX(struct a32_ctx *s, const struct args_vfp2 *a)
{
    return round_int(s, a->dp, a->d, a->m, FP_ROUND_ENV, true);
}

/* ---- comparison ---- */

static bool compare(struct a32_ctx *s, const struct args_vfp_cmp *a,
                    struct ir_val m)
{
    struct ir_val fl = ir_flags_fcmp(s->ir, ld_reg(s, a->dp, a->d), m,
                                     FP_ENV_VFP, a->e);

    ir_state_st(s->ir, fl, ARM_OFF(fp_flags));
    return true;
}

/* VCMP{E}<c>.F <d>, <m> */
static bool trans_VCMP(struct a32_ctx *s, const struct args_vfp_cmp *a)
{
    return compare(s, a, ld_reg(s, a->dp, a->m));
}

/* VCMP{E}<c>.F <d>, #0.0 */
static bool trans_VCMP_zero(struct a32_ctx *s, const struct args_vfp_cmp *a)
{
    return compare(s, a, ir_const(s->ir, fp_type(a->dp), 0));
}

/* ---- conversion ---- */

/* VCVT{B,T}<c>.F.F16 <d>, <Sm> */
static bool trans_VCVT_from_half(struct a32_ctx *s,
                                 const struct args_vfp_half *a)
{
    struct ir_val h = ir_extract(s->ir, ld_int(s, a->m), 16 * a->top, 16), v;

    if (a->dp)
        v = ir_call(s->ir, arm_f16_to_f64, h, env_fp(s));
    else
        v = ir_call(s->ir, arm_f16_to_f32, h, env_fp(s));
    return st_reg(s, a->dp, a->d, v);
}

/* VCVT{B,T}<c>.F16.F <Sd>, <m> */
static bool trans_VCVT_to_half(struct a32_ctx *s,
                               const struct args_vfp_half *a)
{
    struct ir_val v = ld_reg(s, a->dp, a->m), h;

    if (a->dp)
        h = ir_call(s->ir, arm_f64_to_f16, v, env_fp(s));
    else
        h = ir_call(s->ir, arm_f32_to_f16, v, env_fp(s));
    return st_int(s, a->d,
                  ir_deposit(s->ir, ld_int(s, a->d), h, 16 * a->top, 16));
}

/* VCVT<c>.F64.F32 <Dd>, <Sm> */
static bool trans_VCVT_to_double(struct a32_ctx *s, const struct args_vfp2 *a)
{
    return st_reg(s, true, a->d,
                  ir_fcvt(s->ir, F64, ld_reg(s, false, a->m), FP_ENV_VFP));
}

/* VCVT<c>.F32.F64 <Sd>, <Dm> */
static bool trans_VCVT_to_single(struct a32_ctx *s, const struct args_vfp2 *a)
{
    return st_reg(s, false, a->d,
                  ir_fcvt(s->ir, F32, ld_reg(s, true, a->m), FP_ENV_VFP));
}

/* VCVT<c>.F.{S,U}32 <d>, <Sm> */
static bool trans_VCVT_from_int(struct a32_ctx *s,
                                const struct args_vfp_from_int *a)
{
    struct ir_val v = ld_int(s, a->m);
    enum ir_type t = fp_type(a->dp);

    v = a->is_signed ? ir_fcvt_from_s(s->ir, t, v, FP_ENV_VFP)
                     : ir_fcvt_from_u(s->ir, t, v, FP_ENV_VFP);
    return st_reg(s, a->dp, a->d, v);
}

/* VCVT{R}<c>.{S,U}32.F <Sd>, <m> */
static bool trans_VCVT_to_int(struct a32_ctx *s,
                              const struct args_vfp_to_int *a)
{
    struct ir_val v = ld_reg(s, a->dp, a->m);

    v = a->is_signed ? ir_fcvt_s(s->ir, I32, v, FP_ENV_VFP, a->to_zero)
                     : ir_fcvt_u(s->ir, I32, v, FP_ENV_VFP, a->to_zero);
    return st_int(s, a->d, v);
}

/* 2^-n as an image of the type */
static struct ir_val power_of_half(struct a32_ctx *s, bool dp, unsigned n)
{
    return ir_const(s->ir, fp_type(dp), dp ? (uint64_t)(1023 - n) << 52
                                           : (uint64_t)(127 - n) << 23);
}

/*
 * VCVT<c>.F.{S,U}{16,32} <d>, <d>, #<fbits>.  It always rounds to nearest, as
 * the standard env does; the scaling is exact.
 */
static bool trans_VCVT_from_fixed(struct a32_ctx *s,
                                  const struct args_vfp_fixed *a)
{
    unsigned size = a->wide ? 32 : 16;
    enum ir_type t = fp_type(a->dp);
    struct ir_val v;

    if (a->imm > size)
        return false;            /* UNPREDICTABLE: negative fraction bits */
    v = ir_state_ld(s->ir, I32, a->dp ? ARM_OFF_D(a->d) : ARM_OFF_S(a->d));
    if (!a->wide)
        v = a->u ? ir_extract(s->ir, v, 0, 16) : ir_sextract(s->ir, v, 0, 16);
    v = a->u ? ir_fcvt_from_u(s->ir, t, v, FP_ENV_NEON)
             : ir_fcvt_from_s(s->ir, t, v, FP_ENV_NEON);
    if (a->imm != size)
        v = ir_fmul(s->ir, v, power_of_half(s, a->dp, size - a->imm),
                    FP_ENV_NEON);
    return st_reg(s, a->dp, a->d, v);
}

/* VCVT<c>.{S,U}{16,32}.F <d>, <d>, #<fbits>: the whole register is written */
static bool trans_VCVT_to_fixed(struct a32_ctx *s,
                                const struct args_vfp_fixed *a)
{
    unsigned size = a->wide ? 32 : 16;
    struct ir_val v, format;

    if (a->imm > size)
        return false;            /* UNPREDICTABLE: negative fraction bits */
    format = i32(s, FP_FIXED(size, size - a->imm, !a->u));
    v = ld_reg(s, a->dp, a->d);
    if (!a->dp)
        return st_int(s, a->d, ir_call(s->ir, arm_f32_to_fixed, v, format,
                                       env_fp(s)));
    v = ir_call(s->ir, arm_f64_to_fixed, v, format, env_fp(s));
    v = a->u ? ir_zext(s->ir, v) : ir_sext(s->ir, v);
    ir_state_st(s->ir, v, ARM_OFF_D(a->d));
    return true;
}

/* ---- between core and extension registers ---- */

/* VMOV<c> <Sn>, <Rt> */
static bool trans_VMOV_to_single(struct a32_ctx *s,
                                 const struct args_vfp_single *a)
{
    if (a->rt == ARM_PC)
        return false;
    return st_int(s, a->n, a32_reg(s, a->rt));
}

/* VMOV<c> <Rt>, <Sn> */
static bool trans_VMOV_from_single(struct a32_ctx *s,
                                   const struct args_vfp_single *a)
{
    if (a->rt == ARM_PC)
        return false;
    a32_set_reg(s, a->rt, ld_int(s, a->n));
    return true;
}

/* Single register that holds the element, and the element's first bit in it */
static unsigned scalar_word(const struct args_vfp_scalar *a)
{
    return 2 * a->n + (a->index << a->size >> 2);
}

static unsigned scalar_bit(const struct args_vfp_scalar *a)
{
    return (a->index << a->size & 3) * 8;
}

/* VMOV<c>.<size> <Dd[x]>, <Rt> */
static bool trans_VMOV_to_scalar(struct a32_ctx *s,
                                 const struct args_vfp_scalar *a)
{
    unsigned word = scalar_word(a);
    struct ir_val v;

    if (a->rt == ARM_PC)
        return false;
    v = a32_reg(s, a->rt);
    if (a->size < 2)
        v = ir_deposit(s->ir, ld_int(s, word), v, scalar_bit(a), 8 << a->size);
    return st_int(s, word, v);
}

/* VMOV<c>.<dt> <Rt>, <Dn[x]> */
static bool trans_VMOV_from_scalar(struct a32_ctx *s,
                                   const struct args_vfp_scalar *a)
{
    unsigned pos = scalar_bit(a), len = 8 << a->size;
    struct ir_val v;

    if (a->rt == ARM_PC)
        return false;
    v = ld_int(s, scalar_word(a));
    if (a->size < 2)
        v = a->u ? ir_extract(s->ir, v, pos, len)
                 : ir_sextract(s->ir, v, pos, len);
    a32_set_reg(s, a->rt, v);
    return true;
}

/* VDUP<c>.<size> <Qd or Dd>, <Rt> */
static bool trans_VDUP_core(struct a32_ctx *s, const struct args_vfp_dup *a)
{
    struct ir_val v;

    if (a->rt == ARM_PC || (a->q && a->n & 1))
        return false;
    v = ir_v1(s->ir, IR_vdup, a->q ? V128 : V64, a32_reg(s, a->rt), a->size, 0);
    ir_state_st(s->ir, v, ARM_OFF_D(a->n));
    return true;
}

/* VMOV<c> <Sm>, <Sm1>, <Rt>, <Rt2> */
static bool trans_VMOV_to_2single(struct a32_ctx *s,
                                  const struct args_vfp_pair *a)
{
    if (a->m == 31 || a->rt == ARM_PC || a->rt2 == ARM_PC)
        return false;
    st_int(s, a->m, a32_reg(s, a->rt));
    return st_int(s, a->m + 1, a32_reg(s, a->rt2));
}

/* VMOV<c> <Rt>, <Rt2>, <Sm>, <Sm1> */
static bool trans_VMOV_from_2single(struct a32_ctx *s,
                                    const struct args_vfp_pair *a)
{
    if (a->m == 31 || a->rt == ARM_PC || a->rt2 == ARM_PC)
        return false;
    a32_set_reg(s, a->rt, ld_int(s, a->m));
    a32_set_reg(s, a->rt2, ld_int(s, a->m + 1));
    return true;
}

/* VMOV<c> <Dm>, <Rt>, <Rt2>: one 64-bit value, so that what reads Dm gets it */
static bool trans_VMOV_to_double(struct a32_ctx *s,
                                 const struct args_vfp_pair *a)
{
    if (a->rt == ARM_PC || a->rt2 == ARM_PC)
        return false;
    ir_state_st(s->ir, ir_concat32(s->ir, a32_reg(s, a->rt),
                                   a32_reg(s, a->rt2)), ARM_OFF_D(a->m));
    return true;
}

/* VMOV<c> <Rt>, <Rt2>, <Dm> */
static bool trans_VMOV_from_double(struct a32_ctx *s,
                                   const struct args_vfp_pair *a)
{
    struct ir_val v;

    if (a->rt == ARM_PC || a->rt2 == ARM_PC)
        return false;
    v = ir_state_ld(s->ir, I64, ARM_OFF_D(a->m));
    a32_set_reg(s, a->rt, ir_trunc(s->ir, v));
    a32_set_reg(s, a->rt2, ir_trunc(s->ir, ir_shri(s->ir, v, 32)));
    return true;
}

/* ---- system registers ---- */

/* FPSCR at any level when enabled; the others at PL1, FPEXC, FPSID and MVFRn
 * also while FPEXC.EN is 0 (B1.11.2) */
static bool sys_reg_allowed(const struct a32_ctx *s, unsigned reg)
{
    switch (reg) {
    case FP_REG_FPSCR:
        return s->mode & ARM_MODE_FP;
    case FP_REG_MVFR2:
        if (!a32_has(s, ARM_V8))
            return false;
        break;
    case FP_REG_FPSID:
    case FP_REG_MVFR0:
    case FP_REG_MVFR1:
    case FP_REG_FPEXC:
        break;
    default:
        return false;
    }
    return (s->mode & ARM_MODE_CP10) && (s->mode & ARM_MODE_PRIV);
}

/* VMRS<c> <Rt>, <spec_reg>; Rt 15 is APSR_nzcv */
static bool trans_VMRS(struct a32_ctx *s, const struct args_vfp_sys *a)
{
    struct ir_val v;

    if (!sys_reg_allowed(s, a->reg))
        return false;
    if (a->rt == ARM_PC) {
        if (a->reg != FP_REG_FPSCR)
            return false;
        a32_set_flags(s, ir_state_ld(s->ir, FLAGS, ARM_OFF(fp_flags)));
        return true;
    }
    if (a->reg != FP_REG_FPSCR && s->mode & ARM_MODE_TRAPS)
        ir_call(s->ir, arm_vmrs_check, i32(s, a->reg | a->rt << 8));
    if (a->reg == FP_REG_FPSCR)
        v = ir_call(s->ir, arm_fpscr_read);
    else
        v = ir_call(s->ir, arm_fpsys_read, i32(s, a->reg));
    a32_set_reg(s, a->rt, v);
    return true;
}

/* VMSR<c> <spec_reg>, <Rt> */
static bool trans_VMSR(struct a32_ctx *s, const struct args_vfp_sys *a)
{
    if (!sys_reg_allowed(s, a->reg) || a->rt == ARM_PC)
        return false;
    switch (a->reg) {
    case FP_REG_FPSCR:
        ir_call(s->ir, arm_fpscr_write, a32_reg(s, a->rt));
        break;
    case FP_REG_FPEXC:
        ir_call(s->ir, arm_fpexc_write, a32_reg(s, a->rt));
        break;
    case FP_REG_FPSID:
        return true;             /* writes are ignored */
    default:
        return false;
    }
    a32_exit_main(s);
    return true;
}

/* ---- loads and stores ---- */

/* A register at a word-aligned address; doubles need no more (A3.2.1) */
static unsigned memop(struct a32_ctx *s, bool dp)
{
    return a32_memop(s, (dp ? MO_64 : MO_32) | MO_ALIGN_4);
}

static struct ir_val offset_addr(struct a32_ctx *s,
                                 const struct args_vfp_ldst *a)
{
    return ir_addi(s->ir, a32_base(s, a->rn),
                   a->u ? (int64_t)a->imm * 4 : -(int64_t)a->imm * 4);
}

/* VLDR<c> <d>, [<Rn>, #+/-<imm>] */
static bool trans_VLDR(struct a32_ctx *s, const struct args_vfp_ldst *a)
{
    return st_reg(s, a->dp, a->d,
                  ir_guest_ld(s->ir, fp_type(a->dp), offset_addr(s, a),
                              memop(s, a->dp), ARM_VIEW_CURRENT));
}

/* VSTR<c> <d>, [<Rn>, #+/-<imm>] */
static bool trans_VSTR(struct a32_ctx *s, const struct args_vfp_ldst *a)
{
    ir_guest_st(s->ir, offset_addr(s, a), ld_reg(s, a->dp, a->d),
                memop(s, a->dp), ARM_VIEW_CURRENT);
    return true;
}

/* Number of registers moved, 0 where the encoding is UNPREDICTABLE */
static unsigned block_count(const struct args_vfp_ldm *a)
{
    unsigned n = a->dp ? a->imm / 2 : a->imm;

    if (a->d + n > 32 || (a->dp && n > 16) || (a->rn == ARM_PC && a->w))
        return 0;
    return n;
}

static struct ir_val block_addr(struct a32_ctx *s,
                                const struct args_vfp_ldm *a)
{
    return ir_addi(s->ir, a32_base(s, a->rn), a->up ? 0 : -(int64_t)a->imm * 4);
}

static void block_writeback(struct a32_ctx *s, const struct args_vfp_ldm *a)
{
    int64_t bytes = (int64_t)a->imm * 4;

    if (a->w)
        a32_set_reg(s, a->rn, ir_addi(s->ir, a32_reg(s, a->rn),
                                      a->up ? bytes : -bytes));
}

/* VLDM{mode}<c> <Rn>{!}, <list>; VPOP */
static bool trans_VLDM(struct a32_ctx *s, const struct args_vfp_ldm *a)
{
    unsigned n = block_count(a);
    struct ir_val v[32];

    if (!n)
        return false;
    ir_guest_ldm(s->ir, fp_type(a->dp), block_addr(s, a), n, v,
                 memop(s, a->dp), ARM_VIEW_CURRENT);
    block_writeback(s, a);
    for (unsigned i = 0; i < n; i++)
        st_reg(s, a->dp, a->d + i, v[i]);
    return true;
}

/* VSTM{mode}<c> <Rn>{!}, <list>; VPUSH */
static bool trans_VSTM(struct a32_ctx *s, const struct args_vfp_ldm *a)
{
    unsigned n = block_count(a);
    struct ir_val v[32];

    if (!n)
        return false;
    for (unsigned i = 0; i < n; i++)
        v[i] = ld_reg(s, a->dp, a->d + i);
    ir_guest_stm(s->ir, block_addr(s, a), n, v, memop(s, a->dp),
                 ARM_VIEW_CURRENT);
    block_writeback(s, a);
    return true;
}

/* ---- ARMv8, unconditional ---- */

/* VSEL<cond>.F <d>, <n>, <m> */
static bool trans_VSEL(struct a32_ctx *s, const struct args_vfp_sel *a)
{
    static const uint8_t cc[4] = { CC_EQ, CC_VS, CC_GE, CC_GT };
    struct ir_val fl = a32_flags(s), v;

    if (a->dp)
        v = ir_select(s->ir, fl, cc[a->cond],
                      ir_state_ld(s->ir, I64, ARM_OFF_D(a->n)),
                      ir_state_ld(s->ir, I64, ARM_OFF_D(a->m)));
    else
        v = ir_select(s->ir, fl, cc[a->cond], ld_int(s, a->n),
                      ld_int(s, a->m));
    return st_reg(s, a->dp, a->d, v);
}

/* VMAXNM.F <d>, <n>, <m> */
static bool trans_VMAXNM(struct a32_ctx *s, const struct args_vfp3 *a)
{
    struct ir_val n = ld_reg(s, a->dp, a->n), m = ld_reg(s, a->dp, a->m);

    return st_reg(s, a->dp, a->d,
                  a->dp ? ir_call(s->ir, arm_f64_maxnum, n, m, env_fp(s))
                        : ir_call(s->ir, arm_f32_maxnum, n, m, env_fp(s)));
}

/* VMINNM.F <d>, <n>, <m> */
static bool trans_VMINNM(struct a32_ctx *s, const struct args_vfp3 *a)
{
    struct ir_val n = ld_reg(s, a->dp, a->n), m = ld_reg(s, a->dp, a->m);

    return st_reg(s, a->dp, a->d,
                  a->dp ? ir_call(s->ir, arm_f64_minnum, n, m, env_fp(s))
                        : ir_call(s->ir, arm_f32_minnum, n, m, env_fp(s)));
}

static const uint8_t v8_rounding[4] = {
    FP_ROUND_NEAREST_AWAY, FP_ROUND_NEAREST_EVEN, FP_ROUND_UP, FP_ROUND_DOWN,
};

/* VRINT{A,N,P,M}.F <d>, <m> */
static bool trans_VRINT(struct a32_ctx *s, const struct args_vfp_rint *a)
{
    return round_int(s, a->dp, a->d, a->m, v8_rounding[a->rm], false);
}

/* VCVT{A,N,P,M}.{S,U}32.F <Sd>, <m> */
static bool trans_VCVT_rm(struct a32_ctx *s, const struct args_vfp_cvt_rm *a)
{
    struct ir_val v = ld_reg(s, a->dp, a->m), r = i32(s, v8_rounding[a->rm]);
    struct ir_val sign = i32(s, a->is_signed);

    if (a->dp)
        v = ir_call(s->ir, arm_f64_to_int, v, r, sign, env_fp(s));
    else
        v = ir_call(s->ir, arm_f32_to_int, v, r, sign, env_fp(s));
    return st_int(s, a->d, v);
}

/* VMRS and VMSR look at the enable bits themselves. */
static bool is_sys_transfer(uint32_t insn)
{
    return (insn & 0x0fe00f10) == 0x0ee00a10;
}

bool a32_decode_vfp(struct a32_ctx *s, uint32_t insn)
{
    s->uses_fp = true;
    if (!(s->mode & ARM_MODE_FP) && (a32_has(s, ARM_A64) || !(s->mode & ARM_MODE_CP10) || !is_sys_transfer(insn)))
        return a32_fp_off(s);
    if (insn >> 28 == 15)
        return decode_vfp_v8(s, insn);
    return decode_vfp(s, insn);
}
