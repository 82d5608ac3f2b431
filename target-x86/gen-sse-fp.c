/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating point of SSE, AVX and FMA. Each operation is one IR op of tcg/vx.inc under the guest's MXCSR; while an exception is unmasked,
 * it goes to C, which raises #XM before anything is written (SDM 11.5).
 */
#include "config.h"
#include "target-x86/gen-sse.h"
#include "target-x86/helpers-sse.h"

/* ---- masked or not ------------------------------------------------------------------------------ */

static bool unmasked(const struct x86_ctx *s)
{
    return s->mode & X86_MODE_SSE_EXC;
}

/* Operands to vtmp[0..], the op's name and constants: result in vtmp[3], a general register's or flags' value is returned. */
static struct ir_val in_c(struct x86_ctx *s, enum ir_opc opc, enum ir_type type, unsigned op, unsigned imm, const struct ir_val *v, unsigned n)
{
    struct ir *ir = s->ir;

    for (unsigned k = 0; k < n; k++)
        ir_state_st(ir, v[k], X86_OFF(vtmp) + 16 * k);
    imm |= s->more_halves ? X86_VFX_MORE : 0;
    s->more_halves = false;
    return ir_call(ir, x86_vfx, ir_const(ir, I32, (unsigned)opc | (unsigned)type << 8 | (unsigned)ir_typeof(ir, v[n - 1]) << 16),
                   ir_const(ir, I32, op), ir_const(ir, I32, imm));
}

static struct ir_val result(struct x86_ctx *s)
{
    return ir_state_ld(s->ir, V128, X86_OFF(vtmp[3]));
}

struct ir_val x86_vfx(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned op, unsigned imm)
{
    const struct ir_val v[2] = { a, b };

    if (!unmasked(s))
        return ir_vx(s->ir, true, op, a, b, imm);
    in_c(s, IR_vfx, V128, op, imm, v, 2);
    return result(s);
}

struct ir_val x86_vfx3(struct x86_ctx *s, unsigned op, const struct ir_val v[3])
{
    if (!unmasked(s))
        return ir_vfx3(s->ir, op, v[0], v[1], v[2]);
    in_c(s, IR_vfx3, V128, op, 0, v, 3);
    return result(s);
}

struct ir_val x86_vfx_get(struct x86_ctx *s, enum ir_type type, unsigned op, struct ir_val a)
{
    struct ir_val r;

    if (!unmasked(s))
        return ir_vfx_get(s->ir, type, op, a);
    r = in_c(s, IR_vfx_get, type, op, 0, &a, 1);
    return type == I64 ? r : ir_trunc(s->ir, r);
}

struct ir_val x86_vfx_put(struct x86_ctx *s, unsigned op, struct ir_val a, struct ir_val v)
{
    const struct ir_val x[2] = { a, v };

    if (!unmasked(s))
        return ir_vfx_put(s->ir, op, a, v);
    in_c(s, IR_vfx_put, V128, op, 0, x, 2);
    return result(s);
}

struct ir_val x86_vfx_cmp(struct x86_ctx *s, unsigned op, struct ir_val a, struct ir_val b)
{
    const struct ir_val v[2] = { a, b };

    if (!unmasked(s))
        return ir_vfx_cmp(s->ir, op, a, b);
    return ir_flags_from_bits(s->ir, ir_trunc(s->ir, in_c(s, IR_vfx_cmp, FLAGS, op, 0, v, 2)));
}

/* ---- arithmetic --------------------------------------------------------------------------------- */

/* Scalar forms have one half whatever VEX.L is. */
static bool scalar(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    i->vex_l = false;
    return x86_vbinary(s, i, x86_vfx, op);
}

#define PACKED2(name, op) bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vbinary(s, i, x86_vfx, VX_##op); }
#define PACKED1(name, op) bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, x86_vfx, VX_##op); }
#define SCALAR(name, op) bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return scalar(s, i, VX_##op); }
#define FOUR(NAME, name) PACKED2(NAME##PS, name##ps) PACKED2(NAME##PD, name##pd) SCALAR(NAME##SS, name##ss) SCALAR(NAME##SD, name##sd)

FOUR(ADD, add) FOUR(SUB, sub) FOUR(MUL, mul) FOUR(DIV, div) FOUR(MIN, min) FOUR(MAX, max)
PACKED1(SQRTPS, sqrtps) PACKED1(SQRTPD, sqrtpd) SCALAR(SQRTSS, sqrtss) SCALAR(SQRTSD, sqrtsd)
PACKED1(RCPPS, rcpps) SCALAR(RCPSS, rcpss) PACKED1(RSQRTPS, rsqrtps) SCALAR(RSQRTSS, rsqrtss)
PACKED2(HADDPS, haddps) PACKED2(HADDPD, haddpd) PACKED2(HSUBPS, hsubps) PACKED2(HSUBPD, hsubpd)
PACKED2(ADDSUBPS, addsubps) PACKED2(ADDSUBPD, addsubpd) PACKED2(DPPS, dpps) PACKED2(DPPD, dppd)
PACKED1(ROUNDPS, roundps) PACKED1(ROUNDPD, roundpd) SCALAR(ROUNDSS, roundss) SCALAR(ROUNDSD, roundsd)
SCALAR(CVTSS2SD, cvtss2sd) SCALAR(CVTSD2SS, cvtsd2ss)
PACKED1(CVTDQ2PS, cvtdq2ps) PACKED1(CVTPS2DQ, cvtps2dq) PACKED1(CVTTPS2DQ, cvttps2dq)

/* Legacy encodings have eight predicates, VEX ones 32. */
static struct ir_val compare_by(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned op, unsigned imm)
{
    return x86_vfx(s, a, b, op, imm);
}

static bool compare(struct x86_ctx *s, struct x86_insn *i, unsigned op, bool is_scalar)
{
    i->imm &= i->vex ? 31 : 7;
    if (is_scalar)
        i->vex_l = false;
    return x86_vbinary(s, i, compare_by, op);
}

bool gen_CMPPS(struct x86_ctx *s, struct x86_insn *i) { return compare(s, i, VX_cmpps, false); }
bool gen_CMPPD(struct x86_ctx *s, struct x86_insn *i) { return compare(s, i, VX_cmppd, false); }
bool gen_CMPSS(struct x86_ctx *s, struct x86_insn *i) { return compare(s, i, VX_cmpss, true); }
bool gen_CMPSD(struct x86_ctx *s, struct x86_insn *i) { return compare(s, i, VX_cmpsd, true); }

static bool compare_flags(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir_val b = x86_vread(s, i, 1, 0);

    x86_set_flags(s, x86_vfx_cmp(s, op, x86_vread(s, i, 0, 0), b));
    return true;
}

bool gen_COMISS(struct x86_ctx *s, struct x86_insn *i) { return compare_flags(s, i, VX_comiss); }
bool gen_COMISD(struct x86_ctx *s, struct x86_insn *i) { return compare_flags(s, i, VX_comisd); }
bool gen_UCOMISS(struct x86_ctx *s, struct x86_insn *i) { return compare_flags(s, i, VX_ucomiss); }
bool gen_UCOMISD(struct x86_ctx *s, struct x86_insn *i) { return compare_flags(s, i, VX_ucomisd); }

/* ---- conversions -------------------------------------------------------------------------------- */

static bool to_gpr(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    x86_write(s, i, 0, x86_vfx_get(s, x86_type(i->op[0].size), op, x86_vread(s, i, 1, 0)));
    return true;
}

bool gen_CVTSS2SI(struct x86_ctx *s, struct x86_insn *i) { return to_gpr(s, i, VX_cvtss2si); }
bool gen_CVTTSS2SI(struct x86_ctx *s, struct x86_insn *i) { return to_gpr(s, i, VX_cvttss2si); }
bool gen_CVTSD2SI(struct x86_ctx *s, struct x86_insn *i) { return to_gpr(s, i, VX_cvtsd2si); }
bool gen_CVTTSD2SI(struct x86_ctx *s, struct x86_insn *i) { return to_gpr(s, i, VX_cvttsd2si); }

static bool from_gpr(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir_val v = x86_read(s, i, x86_src2(i)), r;

    i->vex_l = false;
    r = x86_vfx_put(s, op, x86_vread(s, i, x86_src1(i), 0), v);
    x86_vresult(s, i, &r);
    return true;
}

bool gen_CVTSI2SS(struct x86_ctx *s, struct x86_insn *i) { return from_gpr(s, i, VX_cvtsi2ss); }
bool gen_CVTSI2SD(struct x86_ctx *s, struct x86_insn *i) { return from_gpr(s, i, VX_cvtsi2sd); }

/* From 64 bits to 128; with VEX.L from both halves of 128 bits */
static bool widen(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir *ir = s->ir;
    struct ir_val r[2], src = x86_vread(s, i, 1, 0), high;

    s->more_halves = x86_halves(i) == 2;
    r[0] = x86_vfx(s, src, src, op, 0);
    if (x86_halves(i) == 2) {
        high = ir_v2(ir, IR_vzip_hi, V128, src, src, 3, 0);
        r[1] = x86_vfx(s, high, high, op, 0);
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_CVTPS2PD(struct x86_ctx *s, struct x86_insn *i) { return widen(s, i, VX_cvtps2pd); }
bool gen_CVTDQ2PD(struct x86_ctx *s, struct x86_insn *i) { return widen(s, i, VX_cvtdq2pd); }

/* Their 8 bytes in memory are never checked for alignment. */
static bool unchecked(struct x86_ctx *s, struct x86_insn *i, bool (*fn)(struct x86_ctx *s, struct x86_insn *i, unsigned op), unsigned op)
{
    uint32_t mode = s->mode;

    s->mode &= ~(uint32_t)X86_MODE_AC;
    fn(s, i, op);
    s->mode = mode;
    return true;
}

bool gen_VCVTPH2PS(struct x86_ctx *s, struct x86_insn *i) { return unchecked(s, i, widen, VX_cvtph2ps); }

/* From 128 bits to 64; with VEX.L from 256 to 128 */
static bool narrow(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir *ir = s->ir;
    struct ir_val src[2], r, high;

    x86_vread_all(s, i, 1, src);
    s->more_halves = x86_halves(i) == 2;
    r = x86_vfx(s, src[0], src[0], op, x86_imm8(i));
    if (x86_halves(i) == 2) {
        high = x86_vfx(s, src[1], src[1], op, x86_imm8(i));
        r = ir_v2(ir, IR_vzip_lo, V128, r, high, 3, 0);
    }
    i->vex_l = false;
    x86_vresult(s, i, &r);
    return true;
}

bool gen_CVTPD2PS(struct x86_ctx *s, struct x86_insn *i) { return narrow(s, i, VX_cvtpd2ps); }
bool gen_CVTPD2DQ(struct x86_ctx *s, struct x86_insn *i) { return narrow(s, i, VX_cvtpd2dq); }
bool gen_CVTTPD2DQ(struct x86_ctx *s, struct x86_insn *i) { return narrow(s, i, VX_cvttpd2dq); }
bool gen_VCVTPS2PH(struct x86_ctx *s, struct x86_insn *i) { return unchecked(s, i, narrow, VX_cvtps2ph); }

/* ---- fused multiply-add -------------------------------------------------------------------------- */

/* The opcode's upper nibble is the form, VEX.W the size of elements. */
static unsigned fma_op(const struct x86_insn *i, unsigned kind, bool is_scalar)
{
    unsigned form = i->opcode >> 4 == 9 ? FMA_132 : i->opcode >> 4 == 0xa ? FMA_213 : FMA_231;

    return kind | form | (is_scalar ? i->rex_w ? FMA_SD : FMA_SS : i->rex_w ? FMA_PD : FMA_PS);
}

static bool fused(struct x86_ctx *s, struct x86_insn *i, unsigned kind, bool is_scalar)
{
    struct ir_val r[2], c[2];

    if (is_scalar)
        i->vex_l = false;
    x86_vread_all(s, i, 2, c);
    for (unsigned h = 0; h < x86_halves(i); h++) {
        const struct ir_val v[3] = { x86_vread(s, i, 0, h), x86_vread(s, i, 1, h), c[h] };

        s->more_halves = h + 1 < x86_halves(i);
        r[h] = x86_vfx3(s, fma_op(i, kind, is_scalar), v);
    }
    x86_vresult(s, i, r);
    return true;
}

#define FMA(name, kind)                                                                                \
    bool gen_V##name(struct x86_ctx *s, struct x86_insn *i) { return fused(s, i, kind, false); }          \
    bool gen_V##name##_s(struct x86_ctx *s, struct x86_insn *i) { return fused(s, i, kind, true); }
FMA(FMADD, FMA_ADD) FMA(FMSUB, FMA_SUB) FMA(FNMADD, FMA_NADD) FMA(FNMSUB, FMA_NSUB)
bool gen_VFMADDSUB(struct x86_ctx *s, struct x86_insn *i) { return fused(s, i, FMA_ADDSUB, false); }
bool gen_VFMSUBADD(struct x86_ctx *s, struct x86_insn *i) { return fused(s, i, FMA_SUBADD, false); }

/* ---- MXCSR --------------------------------------------------------------------------------------- */

bool gen_LDMXCSR(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_ldmxcsr, x86_read(s, i, 0));
    return true;
}

bool gen_STMXCSR(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, ir_call(s->ir, x86_stmxcsr));
    return true;
}
