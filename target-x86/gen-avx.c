/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVX and AVX2 instructions that have no legacy form: broadcasts, permutations over both halves, masked moves, gathers. */
#include "config.h"
#include "target-x86/gen-sse.h"
#include "target-x86/helpers-sse.h"

bool gen_VZEROUPPER(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    for (unsigned n = 0; n < (x86_is64(s) ? 16 : 8); n++)
        x86_vzero_upper(s, n);
    return true;
}

bool gen_VZEROALL(struct x86_ctx *s, struct x86_insn *i)
{
    for (unsigned n = 0; n < (x86_is64(s) ? 16 : 8); n++)
        x86_set_xmm(s, n, 0, ir_const_v128(s->ir, 0, 0));
    return gen_VZEROUPPER(s, i);
}

/* ---- broadcasts --------------------------------------------------------------------------------- */

static bool broadcast(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    struct ir_val r[2], v;

    if (i->op[1].kind == XK_MEM)
        v = ir_v1(s->ir, IR_vdup, V128, x86_load(s, x86_type(e), x86_ea(s, i, 1u << e, false), e), e, 0);
    else
        v = ir_v1(s->ir, IR_vdup_lane, V128, x86_vread(s, i, 1, 0), e, 0);
    r[0] = r[1] = v;
    x86_vresult(s, i, r);
    return true;
}

bool gen_VBROADCASTB(struct x86_ctx *s, struct x86_insn *i) { return broadcast(s, i, 0); }
bool gen_VBROADCASTW(struct x86_ctx *s, struct x86_insn *i) { return broadcast(s, i, 1); }
bool gen_VBROADCASTD(struct x86_ctx *s, struct x86_insn *i) { return broadcast(s, i, 2); }
bool gen_VBROADCASTQ(struct x86_ctx *s, struct x86_insn *i) { return broadcast(s, i, 3); }

bool gen_VBROADCAST128(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val r[2];

    r[0] = r[1] = x86_vread(s, i, 1, 0);
    x86_vresult(s, i, r);
    return true;
}

/* ---- halves ------------------------------------------------------------------------------------- */

bool gen_VINSERT128(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val part = x86_vread(s, i, 2, 0), r[2];
    unsigned at = x86_imm8(i) & 1;

    r[at] = part;
    r[!at] = x86_vread(s, i, 1, !at);
    x86_vresult(s, i, r);
    return true;
}

bool gen_VEXTRACT128(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_vread(s, i, 1, x86_imm8(i) & 1);

    i->vex_l = false;
    x86_vresult(s, i, &v);
    return true;
}

/* Each half: one of the four of both sources, or zero */
bool gen_VPERM2X128(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val r[2], b[2] = { x86_vread(s, i, 2, 0), x86_vread(s, i, 2, 1) };

    for (unsigned h = 0; h < 2; h++) {
        unsigned c = x86_imm8(i) >> (4 * h) & 15;

        r[h] = c & 8 ? ir_const_v128(s->ir, 0, 0) : c & 2 ? b[c & 1] : x86_vread(s, i, 1, c & 1);
    }
    x86_vresult(s, i, r);
    return true;
}

/* Quadwords of the source by two bits each */
bool gen_VPERMQ(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val src[2] = { x86_vread(s, i, 1, 0), x86_vread(s, i, 1, 1) }, r[2], q[2];

    for (unsigned h = 0; h < 2; h++) {
        for (unsigned k = 0; k < 2; k++) {
            unsigned c = x86_imm8(i) >> (4 * h + 2 * k) & 3;

            q[k] = ir_v1(ir, c & 1 ? IR_vhigh : IR_vlow, V64, src[c >> 1], 0, 0);
        }
        r[h] = ir_v2(ir, IR_vconcat, V128, q[0], q[1], 0, 0);
    }
    x86_vresult(s, i, r);
    return true;
}

/* VPERMD, VPERMPS: doublewords of the second source by the first's indices. From each half by the indices' low bits, bit 2 chooses. */
bool gen_VPERMD(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val src[2] = { x86_vread(s, i, 2, 0), x86_vread(s, i, 2, 1) }, r[2];

    for (unsigned h = 0; h < 2; h++) {
        struct ir_val index = x86_vread(s, i, 1, h), low, high, mask;

        low = ir_vx(ir, false, VX_permilps, src[0], index, 0);
        high = ir_vx(ir, false, VX_permilps, src[1], index, 0);
        mask = ir_v1(ir, IR_vshri_s, V128, ir_v1(ir, IR_vshli, V128, index, 2, 29), 2, 31);
        r[h] = ir_v3(ir, IR_vbsl, V128, mask, high, low, 0, 0, 0);
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_VPERMILPS_i(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++) {
        struct ir_val v = x86_vread(s, i, 1, h);

        r[h] = ir_vx(s->ir, false, VX_shufps, v, v, x86_imm8(i));
    }
    x86_vresult(s, i, r);
    return true;
}

bool gen_VPERMILPD_i(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++) {
        struct ir_val v = x86_vread(s, i, 1, h);

        r[h] = ir_vx(s->ir, false, VX_shufpd, v, v, x86_imm8(i) >> (2 * h) & 3);
    }
    x86_vresult(s, i, r);
    return true;
}

/* ---- masked moves, gathers: by C ------------------------------------------------------------------ */

static void to_temp(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned at)
{
    for (unsigned h = 0; h < x86_halves(i); h++)
        ir_state_st(s->ir, x86_vread(s, i, op, h), X86_OFF(vtmp) + 16 * (at + h));
}

/* The offset as I64, and the segment: the elements that the mask leaves out are not looked at. */
static struct ir_val wide_offset(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val off = x86_offset(s, i);

    return x86_is64(s) ? off : ir_zext(s->ir, off);
}

static bool mask_load(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    struct ir_val r[2];

    to_temp(s, i, 1, 0);
    ir_call(s->ir, x86_vmaskload, wide_offset(s, i), ir_const(s->ir, I32, i->seg | e << 4 | x86_halves(i) << 8));
    r[0] = ir_state_ld(s->ir, V128, X86_OFF(vtmp[2]));
    r[1] = ir_state_ld(s->ir, V128, X86_OFF(vtmp[3]));
    x86_vresult(s, i, r);
    return true;
}

static bool mask_store(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    to_temp(s, i, 1, 0);
    to_temp(s, i, 2, 2);
    ir_call(s->ir, x86_vmaskstore, wide_offset(s, i), ir_const(s->ir, I32, i->seg | e << 4 | x86_halves(i) << 8));
    return true;
}

bool gen_VMASKMOVD(struct x86_ctx *s, struct x86_insn *i) { return mask_load(s, i, 2); }
bool gen_VMASKMOVQ(struct x86_ctx *s, struct x86_insn *i) { return mask_load(s, i, 3); }
bool gen_VMASKMOVD_st(struct x86_ctx *s, struct x86_insn *i) { return mask_store(s, i, 2); }
bool gen_VMASKMOVQ_st(struct x86_ctx *s, struct x86_insn *i) { return mask_store(s, i, 3); }

/* Index size by the opcode's bit 0, element size by W. Destination, mask and index must differ, else #UD. */
bool gen_VGATHER(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned dst = i->op[0].reg, mask = i->op[2].reg, index = (unsigned)i->index;
    struct ir_val base = ir_const(ir, I64, (uint64_t)i->disp);

    if (dst == mask || dst == index || mask == index || i->asize == 1 || (i->modrm & 7) != 4)
        return false;
    if (i->base >= 0)
        base = ir_addi(ir, i->asize == 3 ? x86_reg(s, (unsigned)i->base, 3) : ir_zext(ir, x86_reg(s, (unsigned)i->base, 2)), i->disp);
    ir_call(ir, x86_vgather, base, ir_const(ir, I32, dst | mask << 4 | index << 8 | (unsigned)i->scale << 12 | (unsigned)i->rex_w << 14 |
                                                     (i->opcode & 1u) << 15 | (unsigned)i->vex_l << 16 | (unsigned)i->asize << 17 | (unsigned)i->seg << 20));
    return true;
}
