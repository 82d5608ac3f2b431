/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer instructions on XMM and YMM registers: SSE2 to SSE4.2, AES, PCLMULQDQ, and their VEX forms, which do the same to each half.
 * Most are one IR op.
 */
#include "config.h"
#include "target-x86/gen-sse.h"
#include "target-x86/helpers-sse.h"

struct ir_val x86_xmm(struct x86_ctx *s, unsigned n, unsigned half)
{
    return ir_state_ld(s->ir, V128, (half ? X86_OFF(ymmh) : X86_OFF(xmm)) + 16 * n);
}

void x86_set_xmm(struct x86_ctx *s, unsigned n, unsigned half, struct ir_val v)
{
    ir_state_st(s->ir, v, (half ? X86_OFF(ymmh) : X86_OFF(xmm)) + 16 * n);
}

void x86_vresult(struct x86_ctx *s, struct x86_insn *i, const struct ir_val *r)
{
    for (unsigned h = 0; h < x86_halves(i); h++)
        x86_vwrite(s, i, 0, h, r[h]);
    if (i->vex && !i->vex_l && i->op[0].kind == XK_XMM)
        x86_vzero_upper(s, i->op[0].reg);
}

/* Memory is read whole before the first half is computed: its sticky flags must not be there when the second half faults. */
void x86_vread_all(struct x86_ctx *s, struct x86_insn *i, unsigned op, struct ir_val v[2])
{
    for (unsigned h = 0; h < x86_halves(i); h++)
        v[h] = x86_vread(s, i, op, h);
}

bool x86_vbinary(struct x86_ctx *s, struct x86_insn *i, x86_vfn fn, unsigned arg)
{
    struct ir_val r[2], b[2];

    x86_vread_all(s, i, x86_src2(i), b);
    for (unsigned h = 0; h < x86_halves(i); h++) {
        s->more_halves = h + 1 < x86_halves(i);
        r[h] = fn(s, x86_vread(s, i, x86_src1(i), h), b[h], arg, x86_imm8(i));
    }
    x86_vresult(s, i, r);
    return true;
}

bool x86_vunary(struct x86_ctx *s, struct x86_insn *i, x86_vfn fn, unsigned arg)
{
    struct ir_val r[2], v[2];

    x86_vread_all(s, i, 1, v);
    for (unsigned h = 0; h < x86_halves(i); h++) {
        s->more_halves = h + 1 < x86_halves(i);
        r[h] = fn(s, v[h], v[h], arg, x86_imm8(i));
    }
    x86_vresult(s, i, r);
    return true;
}

/* ---- by one op -------------------------------------------------------------------------------- */

#define IR(op, e) (IR_##op << 4 | (e))

static struct ir_val by_ir(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    (void)imm;
    return ir_v2(s->ir, (enum ir_opc)(arg >> 4), V128, a, b, arg & 15, 0);
}

static struct ir_val by_ir1(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    (void)b;
    (void)imm;
    return ir_v1(s->ir, (enum ir_opc)(arg >> 4), V128, a, arg & 15, 0);
}

static struct ir_val by_vx(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    return ir_vx(s->ir, false, arg, a, b, imm);
}

#define IR2(name, op, e) \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vbinary(s, i, by_ir, IR(op, e)); }
#define IR1(name, op, e) \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, by_ir1, IR(op, e)); }
#define VX2(name, op) \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vbinary(s, i, by_vx, VX_##op); }
#define VX1(name, op) \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, by_vx, VX_##op); }

IR2(PADDB, vadd, 0) IR2(PADDW, vadd, 1) IR2(PADDD, vadd, 2) IR2(PADDQ, vadd, 3)
IR2(PSUBB, vsub, 0) IR2(PSUBW, vsub, 1) IR2(PSUBD, vsub, 2) IR2(PSUBQ, vsub, 3)
IR2(PADDSB, vqadd_s, 0) IR2(PADDSW, vqadd_s, 1) IR2(PADDUSB, vqadd_u, 0) IR2(PADDUSW, vqadd_u, 1)
IR2(PSUBSB, vqsub_s, 0) IR2(PSUBSW, vqsub_s, 1) IR2(PSUBUSB, vqsub_u, 0) IR2(PSUBUSW, vqsub_u, 1)
IR2(PMULLW, vmul, 1) IR2(PMULLD, vmul, 2) IR2(PMULHW, vmulh_s, 1) IR2(PMULHUW, vmulh_u, 1) IR2(PMULHRSW, vmulhr_s, 1) IR2(PMADDWD, vmadd, 1)
IR2(PCMPEQB, vcmpeq, 0) IR2(PCMPEQW, vcmpeq, 1) IR2(PCMPEQD, vcmpeq, 2) IR2(PCMPEQQ, vcmpeq, 3)
IR2(PCMPGTB, vcmpgt_s, 0) IR2(PCMPGTW, vcmpgt_s, 1) IR2(PCMPGTD, vcmpgt_s, 2) IR2(PCMPGTQ, vcmpgt_s, 3)
IR2(PMINSB, vmin_s, 0) IR2(PMINSW, vmin_s, 1) IR2(PMINSD, vmin_s, 2) IR2(PMINUB, vmin_u, 0) IR2(PMINUW, vmin_u, 1) IR2(PMINUD, vmin_u, 2)
IR2(PMAXSB, vmax_s, 0) IR2(PMAXSW, vmax_s, 1) IR2(PMAXSD, vmax_s, 2) IR2(PMAXUB, vmax_u, 0) IR2(PMAXUW, vmax_u, 1) IR2(PMAXUD, vmax_u, 2)
IR2(PAVGB, vrhadd_u, 0) IR2(PAVGW, vrhadd_u, 1)
IR2(PAND, vand, 0) IR2(POR, vor, 0) IR2(PXOR, vxor, 0)
IR2(PUNPCKLBW, vzip_lo, 0) IR2(PUNPCKLWD, vzip_lo, 1) IR2(PUNPCKLDQ, vzip_lo, 2) IR2(PUNPCKLQDQ, vzip_lo, 3)
IR2(PUNPCKHBW, vzip_hi, 0) IR2(PUNPCKHWD, vzip_hi, 1) IR2(PUNPCKHDQ, vzip_hi, 2) IR2(PUNPCKHQDQ, vzip_hi, 3)
IR2(UNPCKLPS, vzip_lo, 2) IR2(UNPCKLPD, vzip_lo, 3) IR2(UNPCKHPS, vzip_hi, 2) IR2(UNPCKHPD, vzip_hi, 3)
IR2(PHADDW, vpadd, 1) IR2(PHADDD, vpadd, 2)
IR1(PABSB, vabs, 0) IR1(PABSW, vabs, 1) IR1(PABSD, vabs, 2)

VX2(PHADDSW, phaddsw) VX2(PHSUBW, phsubw) VX2(PHSUBD, phsubd) VX2(PHSUBSW, phsubsw) VX2(PMADDUBSW, pmaddubsw)
VX2(PSIGNB, psignb) VX2(PSIGNW, psignw) VX2(PSIGND, psignd) VX2(PSHUFB, pshufb)
VX2(PACKSSWB, packsswb) VX2(PACKUSWB, packuswb) VX2(PACKSSDW, packssdw) VX2(PACKUSDW, packusdw)
VX2(PMULUDQ, pmuludq) VX2(PMULDQ, pmuldq) VX2(PSADBW, psadbw)
VX2(SHUFPS, shufps) VX2(PBLENDW, pblendw)
VX1(PSHUFD, pshufd) VX1(PSHUFHW, pshufhw) VX1(PSHUFLW, pshuflw) VX1(PHMINPOSUW, phminposuw)
VX1(AESKEYGENASSIST, aeskeygenassist) VX2(AESENC, aesenc) VX2(AESENCLAST, aesenclast) VX2(AESDEC, aesdec) VX2(AESDECLAST, aesdeclast)
VX2(PCLMULQDQ, pclmulqdq) IR1(AESIMC, vaes_mix, 1)
VX2(VPSRLVD, psrlvd) VX2(VPSRLVQ, psrlvq) VX2(VPSLLVD, psllvd) VX2(VPSLLVQ, psllvq) VX2(VPSRAVD, psravd)
VX2(VPERMILPS, permilps) VX2(VPERMILPD, permilpd)

static struct ir_val and_not(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    (void)arg;
    (void)imm;
    return ir_v2(s->ir, IR_vandc, V128, b, a, 0, 0);
}

bool gen_PANDN(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_vbinary(s, i, and_not, 0);
}

/* ---- where the immediate is shared by the halves in parts --------------------------------------- */

/* bits: of the immediate for each half */
static bool parted(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned bits)
{
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++) {
        struct ir_val b = x86_vread(s, i, x86_src2(i), h);

        r[h] = ir_vx(s->ir, false, op, x86_vread(s, i, x86_src1(i), h), b, x86_imm8(i) >> (bits * h) & ((1u << bits) - 1));
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_SHUFPD(struct x86_ctx *s, struct x86_insn *i) { return parted(s, i, VX_shufpd, 2); }
bool gen_MPSADBW(struct x86_ctx *s, struct x86_insn *i) { return parted(s, i, VX_mpsadbw, 3); }
bool gen_BLENDPS(struct x86_ctx *s, struct x86_insn *i) { return parted(s, i, VX_blendps, 4); }
bool gen_BLENDPD(struct x86_ctx *s, struct x86_insn *i) { return parted(s, i, VX_blendpd, 2); }

/* Bytes from imm on of the first source above the second; beyond them zeros */
static struct ir_val align_right(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    struct ir_val zero = ir_const_v128(s->ir, 0, 0);

    (void)arg;
    if (imm < 16)
        return imm ? ir_v2(s->ir, IR_vext, V128, b, a, imm, 0) : b;
    if (imm < 32)
        return imm > 16 ? ir_v2(s->ir, IR_vext, V128, a, zero, imm - 16, 0) : a;
    return zero;
}

bool gen_PALIGNR(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_vbinary(s, i, align_right, 0);
}

/* ---- shifts ------------------------------------------------------------------------------------ */

/* By the low 64 bits of an XMM register or 16 bytes of memory, in both halves */
static bool shift(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir_val r[2], n = x86_vread(s, i, x86_src2(i), 0);

    for (unsigned h = 0; h < x86_halves(i); h++)
        r[h] = ir_vx(s->ir, false, op, x86_vread(s, i, x86_src1(i), h), n, 0);
    x86_vresult(s, i, r);
    return true;
}

bool gen_PSLLW(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psllw); }
bool gen_PSLLD(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_pslld); }
bool gen_PSLLQ(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psllq); }
bool gen_PSRLW(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psrlw); }
bool gen_PSRLD(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psrld); }
bool gen_PSRLQ(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psrlq); }
bool gen_PSRAW(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psraw); }
bool gen_PSRAD(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, VX_psrad); }

/* By the immediate. arg: IR op and element; counts beyond the element give 0, or the sign. */
static struct ir_val shift_imm(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm)
{
    unsigned op = arg >> 4, e = arg & 15, bits = 8u << e;

    (void)b;
    if (imm >= bits) {
        if (op != IR_vshri_s)
            return ir_const_v128(s->ir, 0, 0);
        imm = bits - 1;
    }
    return ir_v1(s->ir, (enum ir_opc)op, V128, a, e, imm);
}

static struct ir_val shift_bytes(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned left, unsigned imm)
{
    struct ir_val zero = ir_const_v128(s->ir, 0, 0);

    (void)b;
    if (imm > 15)
        return zero;
    if (!imm)
        return a;
    return left ? ir_v2(s->ir, IR_vext, V128, zero, a, 16 - imm, 0) : ir_v2(s->ir, IR_vext, V128, a, zero, imm, 0);
}

/* Legacy: the operand is destination and source. */
static bool by_imm(struct x86_ctx *s, struct x86_insn *i, x86_vfn fn, unsigned arg)
{
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++)
        r[h] = fn(s, x86_vread(s, i, x86_src1(i), h), IR_NONE, arg, x86_imm8(i));
    x86_vresult(s, i, r);
    return true;
}

#define SHIFT_IMM(name, op, e) \
    bool gen_##name##_i(struct x86_ctx *s, struct x86_insn *i) { return by_imm(s, i, shift_imm, IR(op, e)); }
SHIFT_IMM(PSLLW, vshli, 1) SHIFT_IMM(PSLLD, vshli, 2) SHIFT_IMM(PSLLQ, vshli, 3)
SHIFT_IMM(PSRLW, vshri_u, 1) SHIFT_IMM(PSRLD, vshri_u, 2) SHIFT_IMM(PSRLQ, vshri_u, 3)
SHIFT_IMM(PSRAW, vshri_s, 1) SHIFT_IMM(PSRAD, vshri_s, 2)
bool gen_PSRLDQ_i(struct x86_ctx *s, struct x86_insn *i) { return by_imm(s, i, shift_bytes, 0); }
bool gen_PSLLDQ_i(struct x86_ctx *s, struct x86_insn *i) { return by_imm(s, i, shift_bytes, 1); }

/* ---- blends by a mask -------------------------------------------------------------------------- */

/* Where the sign of the mask's element is set the second source, else the first. Legacy: the mask is XMM0. */
static bool blend_by_sign(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    struct ir *ir = s->ir;
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++) {
        struct ir_val b = x86_vread(s, i, x86_src2(i), h), mask = i->vex ? x86_vread(s, i, 3, h) : x86_xmm(s, 0, 0);

        if (e == 3)
            mask = ir_v2(ir, IR_vcmpgt_s, V128, ir_const_v128(ir, 0, 0), mask, 3, 0);
        else
            mask = ir_v1(ir, IR_vshri_s, V128, mask, e, (8u << e) - 1);
        r[h] = ir_v3(ir, IR_vbsl, V128, mask, b, x86_vread(s, i, x86_src1(i), h), 0, 0, 0);
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_PBLENDVB(struct x86_ctx *s, struct x86_insn *i) { return blend_by_sign(s, i, 0); }
bool gen_BLENDVPS(struct x86_ctx *s, struct x86_insn *i) { return blend_by_sign(s, i, 2); }
bool gen_BLENDVPD(struct x86_ctx *s, struct x86_insn *i) { return blend_by_sign(s, i, 3); }

/* ---- extensions -------------------------------------------------------------------------------- */

/* Elements of 1 << from bytes to 1 << to, by doublings; of the low part of the source (of its halves' parts with VEX.L) */
static bool extend(struct x86_ctx *s, struct x86_insn *i, unsigned from, unsigned to, bool is_signed)
{
    struct ir *ir = s->ir;
    enum ir_opc op = is_signed ? IR_vwiden_s : IR_vwiden_u;
    struct ir_val r[2], src = x86_vread(s, i, 1, 0);

    for (unsigned h = 0; h < x86_halves(i); h++) {
        struct ir_val v = src;

        if (h)       /* the part behind the one that the first half took */
            v = ir_v2(ir, IR_vext, V128, v, ir_const_v128(ir, 0, 0), 16u >> (to - from), 0);
        for (unsigned e = from; e < to; e++)
            v = ir_v1(ir, op, V128, ir_v1(ir, IR_vlow, V64, v, 0, 0), e, 0);
        r[h] = v;
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_PMOVSXBW(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 1, true); }
bool gen_PMOVSXBD(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 2, true); }
bool gen_PMOVSXBQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 3, true); }
bool gen_PMOVSXWD(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 1, 2, true); }
bool gen_PMOVSXWQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 1, 3, true); }
bool gen_PMOVSXDQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 2, 3, true); }
bool gen_PMOVZXBW(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 1, false); }
bool gen_PMOVZXBD(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 2, false); }
bool gen_PMOVZXBQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 0, 3, false); }
bool gen_PMOVZXWD(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 1, 2, false); }
bool gen_PMOVZXWQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 1, 3, false); }
bool gen_PMOVZXDQ(struct x86_ctx *s, struct x86_insn *i) { return extend(s, i, 2, 3, false); }

/* ---- masks, tests, strings ---------------------------------------------------------------------- */

/* The elements' signs as bits; of the upper half above them */
static bool signs(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned elements)
{
    struct ir *ir = s->ir;
    struct ir_val r = ir_vfx_get(ir, I32, op, x86_vread(s, i, 1, 0));

    if (x86_halves(i) == 2)
        r = ir_or(ir, r, ir_shli(ir, ir_vfx_get(ir, I32, op, x86_vread(s, i, 1, 1)), elements));
    x86_write(s, i, 0, r);
    return true;
}

bool gen_PMOVMSKB(struct x86_ctx *s, struct x86_insn *i) { return signs(s, i, VX_pmovmskb, 16); }
bool gen_MOVMSKPS(struct x86_ctx *s, struct x86_insn *i) { return signs(s, i, VX_movmskps, 4); }
bool gen_MOVMSKPD(struct x86_ctx *s, struct x86_insn *i) { return signs(s, i, VX_movmskpd, 2); }

/* ZF and CF; 256 bits: both halves must say so. */
static bool test(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir *ir = s->ir;
    struct ir_val b = x86_vread(s, i, 1, 0), f = ir_vfx_cmp(ir, op, x86_vread(s, i, 0, 0), b), g;

    if (x86_halves(i) == 2) {
        b = x86_vread(s, i, 1, 1);
        g = ir_vfx_cmp(ir, op, x86_vread(s, i, 0, 1), b);
        f = ir_flags_from_bits(ir, ir_and(ir, ir_flags_to_bits(ir, f), ir_flags_to_bits(ir, g)));
    }
    x86_set_flags(s, f);
    return true;
}

bool gen_PTEST(struct x86_ctx *s, struct x86_insn *i) { return test(s, i, VX_ptest); }
bool gen_VTESTPS(struct x86_ctx *s, struct x86_insn *i) { return test(s, i, VX_vtestps); }
bool gen_VTESTPD(struct x86_ctx *s, struct x86_insn *i) { return test(s, i, VX_vtestpd); }

/* PCMPxSTRx: operands to vtmp, C does it. kind: bit 0 index (ECX) instead of mask (XMM0), bit 1 implicit lengths */
static bool compare_strings(struct x86_ctx *s, struct x86_insn *i, unsigned kind)
{
    struct ir *ir = s->ir;

    ir_state_st(ir, x86_vread(s, i, 1, 0), X86_OFF(vtmp[1]));
    ir_state_st(ir, x86_vread(s, i, 0, 0), X86_OFF(vtmp[0]));
    ir_call(ir, x86_pcmpstr, ir_const(ir, I32, x86_imm8(i) | kind << 8 | (unsigned)(i->rex_w && i->is64) << 10));
    if (i->vex && !(kind & 1))
        x86_vzero_upper(s, 0);
    return true;
}

bool gen_PCMPESTRM(struct x86_ctx *s, struct x86_insn *i) { return compare_strings(s, i, 0); }
bool gen_PCMPESTRI(struct x86_ctx *s, struct x86_insn *i) { return compare_strings(s, i, 1); }
bool gen_PCMPISTRM(struct x86_ctx *s, struct x86_insn *i) { return compare_strings(s, i, 2); }
bool gen_PCMPISTRI(struct x86_ctx *s, struct x86_insn *i) { return compare_strings(s, i, 3); }
