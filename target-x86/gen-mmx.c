/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MMX (SDM 1, chapter 9; volume 2 has each instruction): the registers are the significands of the x87's physical ones. An
 * instruction sets TOP to 0 and marks all registers valid (EMMS: empty), and a write sets the register's exponent to ones (9.2.1,
 * 9.5.2). Processors do that after a load that may fault; TOP is set before a store that may (MASKMOVQ: and
 * the tags).
 */
#include "config.h"

#include "target-x86/decode.h"
#include "target-x86/fpu.h"
#include "target-x86/gen-sse.h"
#include "tcg/vx.h"

/* ---- registers -------------------------------------------------------------------------------- */

static unsigned reg_off(unsigned n)
{
    return X86_OFF(fpr) + (unsigned)sizeof(struct x87_reg) * n;
}

/* A register or memory operand, V64; of 32 bits zero-extended */
static struct ir_val mmx_read(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    const struct x86_operand *o = &i->op[op];
    struct ir *ir = s->ir;
    struct ir_val la;

    if (o->kind == XK_MMX)
        return ir_state_ld(ir, V64, reg_off(o->reg));
    la = x86_ea(s, i, 1u << o->size, false);
    if (o->size == 3)
        return x86_load(s, V64, la, MO_64);
    return ir_bitcast(ir, V64, ir_zext(ir, x86_load(s, I32, la, MO_32)));
}

static void clear_top(struct x86_ctx *s)
{
    ir_state_st(s->ir, ir_const(s->ir, I32, 0), X86_OFF(ftop));
}

/* Leaves x87's stack as MMX instructions do. */
static void finish(struct x86_ctx *s)
{
    clear_top(s);
    ir_state_st(s->ir, ir_const(s->ir, I32, 0), X86_OFF(fempty));
}

static bool finish_write(struct x86_ctx *s, struct x86_insn *i, struct ir_val v)
{
    unsigned off = reg_off(i->op[0].reg);

    ir_state_st(s->ir, v, off);
    ir_state_st(s->ir, ir_const(s->ir, I32, 0xffff), off + (unsigned)offsetof(struct x87_reg, sign_exponent));
    finish(s);
    return true;
}

static struct ir_val wide(struct x86_ctx *s, struct ir_val v)
{
    return ir_v1(s->ir, IR_vzext, V128, v, 0, 0);
}

static struct ir_val low(struct x86_ctx *s, struct ir_val v)
{
    return ir_v1(s->ir, IR_vlow, V64, v, 0, 0);
}

static struct ir_val bits(struct x86_ctx *s, uint64_t v)
{
    return ir_bitcast(s->ir, V64, ir_const(s->ir, I64, v));
}

/* ---- two operands ----------------------------------------------------------------------------- */

/* The IR's vector op on V64; swapped: with the operands the other way round */
static bool op64(struct x86_ctx *s, struct x86_insn *i, enum ir_opc opc, unsigned element, bool swapped)
{
    struct ir_val a, b;

    x86_fpu_check_pending(s);
    b = mmx_read(s, i, 1);
    a = mmx_read(s, i, 0);
    return finish_write(s, i, swapped ? ir_v2(s->ir, opc, V64, b, a, element, 0) : ir_v2(s->ir, opc, V64, a, b, element, 0));
}

#define MMX(name, opc, element)                                \
    bool gen_##name##_mmx(struct x86_ctx *s, struct x86_insn *i) \
    {                                                          \
        return op64(s, i, IR_##opc, element, false);           \
    }

MMX(PADDB, vadd, 0) MMX(PADDW, vadd, 1) MMX(PADDD, vadd, 2) MMX(PADDQ, vadd, 3)
MMX(PSUBB, vsub, 0) MMX(PSUBW, vsub, 1) MMX(PSUBD, vsub, 2) MMX(PSUBQ, vsub, 3)
MMX(PADDSB, vqadd_s, 0) MMX(PADDSW, vqadd_s, 1) MMX(PADDUSB, vqadd_u, 0) MMX(PADDUSW, vqadd_u, 1)
MMX(PSUBSB, vqsub_s, 0) MMX(PSUBSW, vqsub_s, 1) MMX(PSUBUSB, vqsub_u, 0) MMX(PSUBUSW, vqsub_u, 1)
MMX(PCMPEQB, vcmpeq, 0) MMX(PCMPEQW, vcmpeq, 1) MMX(PCMPEQD, vcmpeq, 2)
MMX(PCMPGTB, vcmpgt_s, 0) MMX(PCMPGTW, vcmpgt_s, 1) MMX(PCMPGTD, vcmpgt_s, 2)
MMX(PMINUB, vmin_u, 0) MMX(PMAXUB, vmax_u, 0) MMX(PMINSW, vmin_s, 1) MMX(PMAXSW, vmax_s, 1)
MMX(PAVGB, vrhadd_u, 0) MMX(PAVGW, vrhadd_u, 1)
MMX(PMULLW, vmul, 1) MMX(PMULHW, vmulh_s, 1) MMX(PMULHUW, vmulh_u, 1) MMX(PMULHRSW, vmulhr_s, 1) MMX(PMADDWD, vmadd, 1)
MMX(PUNPCKLBW, vzip_lo, 0) MMX(PUNPCKLWD, vzip_lo, 1) MMX(PUNPCKLDQ, vzip_lo, 2)
MMX(PUNPCKHBW, vzip_hi, 0) MMX(PUNPCKHWD, vzip_hi, 1) MMX(PUNPCKHDQ, vzip_hi, 2)
MMX(PAND, vand, 0) MMX(POR, vor, 0) MMX(PXOR, vxor, 0)
MMX(PHADDW, vpadd, 1) MMX(PHADDD, vpadd, 2)

/* ~a & b */
bool gen_PANDN_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    return op64(s, i, IR_vandc, 0, true);
}

/* The operation on 128 bits, of which the upper halves are zeros */
static bool op128(struct x86_ctx *s, struct x86_insn *i, unsigned vx)
{
    struct ir_val a, b;

    x86_fpu_check_pending(s);
    b = wide(s, mmx_read(s, i, 1));
    a = wide(s, mmx_read(s, i, 0));
    return finish_write(s, i, low(s, ir_vx(s->ir, false, vx, a, b, 0)));
}

#define MMX_WIDE(name, vx)                                     \
    bool gen_##name##_mmx(struct x86_ctx *s, struct x86_insn *i) \
    {                                                          \
        return op128(s, i, VX_##vx);                           \
    }

MMX_WIDE(PSLLW, psllw) MMX_WIDE(PSLLD, pslld) MMX_WIDE(PSLLQ, psllq) MMX_WIDE(PSRLW, psrlw) MMX_WIDE(PSRLD, psrld)
MMX_WIDE(PSRLQ, psrlq) MMX_WIDE(PSRAW, psraw) MMX_WIDE(PSRAD, psrad)
MMX_WIDE(PMULUDQ, pmuludq) MMX_WIDE(PSADBW, psadbw) MMX_WIDE(PMADDUBSW, pmaddubsw)
MMX_WIDE(PSIGNB, psignb) MMX_WIDE(PSIGNW, psignw) MMX_WIDE(PSIGND, psignd)

/* The operation on both operands side by side: what it makes of the first comes below what it makes of the second. */
static bool op_joined(struct x86_ctx *s, struct x86_insn *i, unsigned vx)
{
    struct ir_val a, b, both;

    x86_fpu_check_pending(s);
    b = mmx_read(s, i, 1);
    a = mmx_read(s, i, 0);
    both = ir_v2(s->ir, IR_vconcat, V128, a, b, 0, 0);
    return finish_write(s, i, low(s, ir_vx(s->ir, false, vx, both, both, 0)));
}

#define MMX_JOINED(name, vx)                                   \
    bool gen_##name##_mmx(struct x86_ctx *s, struct x86_insn *i) \
    {                                                          \
        return op_joined(s, i, VX_##vx);                       \
    }

MMX_JOINED(PACKSSWB, packsswb) MMX_JOINED(PACKUSWB, packuswb) MMX_JOINED(PACKSSDW, packssdw)
MMX_JOINED(PHADDSW, phaddsw) MMX_JOINED(PHSUBW, phsubw) MMX_JOINED(PHSUBD, phsubd) MMX_JOINED(PHSUBSW, phsubsw)

/* Bit 7 of an index byte: zero; bits 2:0: the byte */
bool gen_PSHUFB_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val index;

    x86_fpu_check_pending(s);
    index = ir_v2(ir, IR_vand, V64, mmx_read(s, i, 1), bits(s, UINT64_C(0x8787878787878787)), 0, 0);
    return finish_write(s, i, low(s, ir_vx(ir, false, VX_pshufb, wide(s, mmx_read(s, i, 0)), wide(s, index), 0)));
}

static bool absolute(struct x86_ctx *s, struct x86_insn *i, unsigned element)
{
    x86_fpu_check_pending(s);
    return finish_write(s, i, ir_v1(s->ir, IR_vabs, V64, mmx_read(s, i, 1), element, 0));
}

bool gen_PABSB_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    return absolute(s, i, 0);
}

bool gen_PABSW_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    return absolute(s, i, 1);
}

bool gen_PABSD_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    return absolute(s, i, 2);
}

/* ---- with an immediate ------------------------------------------------------------------------ */

/* Logical shifts by the width and more give 0, arithmetic ones all signs. */
static bool shift(struct x86_ctx *s, struct x86_insn *i, enum ir_opc opc, unsigned element)
{
    unsigned n = (unsigned)i->op[1].imm, width = 8u << element;
    struct ir_val a;

    x86_fpu_check_pending(s);
    a = mmx_read(s, i, 0);
    if (n >= width && opc != IR_vshri_s)
        return finish_write(s, i, bits(s, 0));
    return finish_write(s, i, n ? ir_v1(s->ir, opc, V64, a, element, MIN(n, width - 1)) : a);
}

#define MMX_SHIFT(name, opc, element)                              \
    bool gen_##name##_imm_mmx(struct x86_ctx *s, struct x86_insn *i) \
    {                                                              \
        return shift(s, i, IR_##opc, element);                     \
    }

MMX_SHIFT(PSLLW, vshli, 1) MMX_SHIFT(PSLLD, vshli, 2) MMX_SHIFT(PSLLQ, vshli, 3) MMX_SHIFT(PSRLW, vshri_u, 1)
MMX_SHIFT(PSRLD, vshri_u, 2) MMX_SHIFT(PSRLQ, vshri_u, 3) MMX_SHIFT(PSRAW, vshri_s, 1) MMX_SHIFT(PSRAD, vshri_s, 2)

bool gen_PSHUFW_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val b;

    x86_fpu_check_pending(s);
    b = wide(s, mmx_read(s, i, 1));
    return finish_write(s, i, low(s, ir_vx(s->ir, false, VX_pshuflw, b, b, (uint8_t)i->imm)));
}

/* The operands side by side, the first above, and bytes from the immediate's on */
bool gen_PALIGNR_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned n = (uint8_t)i->imm;
    struct ir_val a, b, both;

    x86_fpu_check_pending(s);
    b = mmx_read(s, i, 1);
    a = mmx_read(s, i, 0);
    if (n == 0 || n == 8)
        return finish_write(s, i, n ? a : b);
    if (n >= 16)
        return finish_write(s, i, bits(s, 0));
    both = ir_v2(ir, IR_vconcat, V128, b, a, 0, 0);
    return finish_write(s, i, low(s, ir_v2(ir, IR_vext, V128, both, ir_const_v128(ir, 0, 0), n, 0)));
}

bool gen_PINSRW_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = x86_read(s, i, 1);
    return finish_write(s, i, ir_v2(s->ir, IR_vset, V64, mmx_read(s, i, 0), v, 1, i->imm & 3));
}

/* ---- to general registers --------------------------------------------------------------------- */

bool gen_PEXTRW_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = ir_v1(s->ir, IR_vget_u, I32, mmx_read(s, i, 1), 1, i->imm & 3);
    x86_write(s, i, 0, v);
    finish(s);
    return true;
}

bool gen_PMOVMSKB_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = ir_vfx_get(s->ir, I32, VX_pmovmskb, wide(s, mmx_read(s, i, 1)));
    x86_write(s, i, 0, v);
    finish(s);
    return true;
}

/* ---- moves ------------------------------------------------------------------------------------ */

bool gen_MOVD_to_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = x86_read(s, i, 1);
    v = ir_typeof(s->ir, v) == I32 ? ir_zext(s->ir, v) : v;
    return finish_write(s, i, ir_bitcast(s->ir, V64, v));
}

bool gen_MOVD_from_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = ir_state_ld(s->ir, x86_type(i->op[0].size), reg_off(i->op[1].reg));
    clear_top(s);
    x86_write(s, i, 0, v);
    finish(s);
    return true;
}

/* MOVQ, MOVNTQ */
bool gen_MOVQ_mmx(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = mmx_read(s, i, 1);
    if (i->op[0].kind == XK_MMX)
        return finish_write(s, i, v);
    clear_top(s);
    x86_store(s, x86_ea(s, i, 8, true), v, MO_64);
    finish(s);
    return true;
}

/* Bytes of the first operand whose mask's top bit is set, to DS:rDI */
bool gen_MASKMOVQ(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val off, la;

    x86_fpu_check_pending(s);
    off = x86_reg(s, X86_RDI, i->asize);
    off = x86_is64(s) && i->asize == 2 ? ir_zext(ir, off) : off;
    la = x86_linear(s, i->seg_prefix >= 0 ? (enum x86_segment)i->seg_prefix : X86_DS, off, 8, true);
    la = ir_typeof(ir, la) == I32 ? ir_zext(ir, la) : la;
    finish(s);
    ir_call(ir, x86_mmx_maskmov, la, ir_state_ld(ir, I64, reg_off(i->op[0].reg)), ir_state_ld(ir, I64, reg_off(i->op[1].reg)));
    return true;
}

bool gen_EMMS(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    x86_fpu_check_pending(s);
    ir_state_st(s->ir, ir_const(s->ir, I32, 0), X86_OFF(ftop));
    ir_state_st(s->ir, ir_const(s->ir, I32, 0xff), X86_OFF(fempty));
    return true;
}

/* ---- between MMX and XMM registers ------------------------------------------------------------ */

/* MOVQ2DQ */
bool gen_MOVQ2DQ(struct x86_ctx *s, struct x86_insn *i)
{
    x86_fpu_check_pending(s);
    x86_vwrite(s, i, 0, 0, wide(s, mmx_read(s, i, 1)));
    finish(s);
    return true;
}

/* MOVDQ2Q */
bool gen_MOVDQ2Q(struct x86_ctx *s, struct x86_insn *i)
{
    x86_fpu_check_pending(s);
    return finish_write(s, i, low(s, x86_vread(s, i, 1, 0)));
}

/* Two integers; memory operands leave the x87 unit alone. */
static struct ir_val integers(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    if (i->op[1].kind != XK_MMX)
        return wide(s, mmx_read(s, i, 1));
    x86_fpu_check_pending(s);
    v = wide(s, mmx_read(s, i, 1));
    finish(s);
    return v;
}

/* To the low half of the register */
bool gen_CVTPI2PS(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = integers(s, i);

    v = x86_vfx(s, v, v, VX_cvtdq2ps, 0);
    x86_vwrite(s, i, 0, 0, ir_vx(s->ir, false, VX_movsd, x86_vread(s, i, 0, 0), v, 0));
    return true;
}

bool gen_CVTPI2PD(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = integers(s, i);

    x86_vwrite(s, i, 0, 0, x86_vfx(s, v, v, VX_cvtdq2pd, 0));
    return true;
}

/* To two integers. The low half alone counts of singles. */
static bool to_integers(struct x86_ctx *s, struct x86_insn *i, unsigned vx, bool singles)
{
    struct ir_val v;

    x86_fpu_check_pending(s);
    v = x86_vread(s, i, 1, 0);
    v = singles ? wide(s, low(s, v)) : v;
    finish(s);
    return finish_write(s, i, low(s, x86_vfx(s, v, v, vx, 0)));
}

bool gen_CVTPS2PI(struct x86_ctx *s, struct x86_insn *i)
{
    return to_integers(s, i, VX_cvtps2dq, true);
}

bool gen_CVTTPS2PI(struct x86_ctx *s, struct x86_insn *i)
{
    return to_integers(s, i, VX_cvttps2dq, true);
}

bool gen_CVTPD2PI(struct x86_ctx *s, struct x86_insn *i)
{
    return to_integers(s, i, VX_cvtpd2dq, false);
}

bool gen_CVTTPD2PI(struct x86_ctx *s, struct x86_insn *i)
{
    return to_integers(s, i, VX_cvttpd2dq, false);
}
