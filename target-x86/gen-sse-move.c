/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves between XMM registers, memory and general registers; inserts and extracts. */
#include "config.h"
#include "target-x86/gen-sse.h"
#include "target-x86/helpers-sse.h"

/* Whole registers, aligned memory (the row says it) or not */
static bool move(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val r[2];

    for (unsigned h = 0; h < x86_halves(i); h++)
        r[h] = x86_vread(s, i, 1, h);
    if (i->op[0].kind == XK_MEM && i->op[0].size == 5)       /* one access: a fault leaves nothing of it */
        ir_guest_stm(s->ir, x86_ea(s, i, 32, true), 2, r, MO_128 | (i->aligned ? MO_ALIGN_32 : 0), X86_VIEW_CPL);
    else
        x86_vresult(s, i, r);
    return true;
}

/* VEX: aligned moves of memory check, too. */
bool gen_MOVA(struct x86_ctx *s, struct x86_insn *i)
{
    i->aligned = true;
    return move(s, i);
}

bool gen_MOVU(struct x86_ctx *s, struct x86_insn *i)
{
    return move(s, i);
}

/* ---- scalars ------------------------------------------------------------------------------------ */

/* Memory: a load clears the rest of the register, a store takes the low element. Registers: the low element alone, the rest from the first
 * source (VEX) or the destination. */
static bool move_scalar(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned src, unsigned merge)
{
    struct ir_val v = x86_vread(s, i, src, 0);

    i->vex_l = false;
    if (i->op[0].kind == XK_XMM && i->op[src].kind == XK_XMM)
        v = ir_vx(s->ir, false, op, x86_vread(s, i, merge, 0), v, 0);
    if (i->op[0].kind == XK_MEM)
        x86_vwrite(s, i, 0, 0, v);
    else
        x86_vresult(s, i, &v);
    return true;
}

bool gen_MOVSS(struct x86_ctx *s, struct x86_insn *i)
{
    return i->op[2].kind == XK_XMM ? move_scalar(s, i, VX_movss, 2, 1) : move_scalar(s, i, VX_movss, 1, 0);
}

bool gen_MOVSD(struct x86_ctx *s, struct x86_insn *i)
{
    return i->op[2].kind == XK_XMM ? move_scalar(s, i, VX_movsd, 2, 1) : move_scalar(s, i, VX_movsd, 1, 0);
}

/* The stores' opcodes with registers */
bool gen_MOVSS_rev(struct x86_ctx *s, struct x86_insn *i) { return move_scalar(s, i, VX_movss, 2, 1); }
bool gen_MOVSD_rev(struct x86_ctx *s, struct x86_insn *i) { return move_scalar(s, i, VX_movsd, 2, 1); }

/* MOVD, MOVQ with general registers or memory */
bool gen_MOVD_to(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val v = x86_read(s, i, 1), r;

    v = i->op[1].size == 3 ? ir_bitcast(ir, V64, v) : ir_bitcast(ir, F32, v);
    r = ir_v1(ir, IR_vzext, V128, v, 0, 0);
    x86_vresult(s, i, &r);
    return true;
}

bool gen_MOVD_from(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->op[0].size;

    x86_write(s, i, 0, ir_v1(s->ir, IR_vget_u, x86_type(size), x86_vread(s, i, 1, 0), size, 0));
    return true;
}

/* The low quadword; registers: the rest is cleared */
bool gen_MOVQ(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val v = x86_vread(s, i, 1, 0);

    if (i->op[0].kind == XK_MEM) {
        x86_vwrite(s, i, 0, 0, v);
        return true;
    }
    v = ir_v1(ir, IR_vzext, V128, ir_v1(ir, IR_vlow, V64, v, 0, 0), 0, 0);
    x86_vresult(s, i, &v);
    return true;
}

/* ---- quadwords ---------------------------------------------------------------------------------- */

/* Low and high quadword of a result */
static bool put_pair(struct x86_ctx *s, struct x86_insn *i, struct ir_val low, struct ir_val high)
{
    struct ir_val v = ir_v2(s->ir, IR_vconcat, V128, low, high, 0, 0);

    x86_vresult(s, i, &v);
    return true;
}

static struct ir_val low_of(struct x86_ctx *s, struct ir_val v)
{
    return ir_v1(s->ir, IR_vlow, V64, v, 0, 0);
}

static struct ir_val high_of(struct x86_ctx *s, struct ir_val v)
{
    return ir_v1(s->ir, IR_vhigh, V64, v, 0, 0);
}

static struct ir_val load_quad(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_load(s, V64, x86_ea(s, i, 8, false), MO_64);
}

bool gen_MOVLP(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val q = load_quad(s, i);

    return put_pair(s, i, q, high_of(s, x86_vread(s, i, x86_src1(i), 0)));
}

bool gen_MOVHP(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val q = load_quad(s, i);

    return put_pair(s, i, low_of(s, x86_vread(s, i, x86_src1(i), 0)), q);
}

bool gen_MOVHLPS(struct x86_ctx *s, struct x86_insn *i)
{
    return put_pair(s, i, high_of(s, x86_vread(s, i, x86_src2(i), 0)), high_of(s, x86_vread(s, i, x86_src1(i), 0)));
}

bool gen_MOVLHPS(struct x86_ctx *s, struct x86_insn *i)
{
    return put_pair(s, i, low_of(s, x86_vread(s, i, x86_src1(i), 0)), low_of(s, x86_vread(s, i, x86_src2(i), 0)));
}

bool gen_MOVLP_st(struct x86_ctx *s, struct x86_insn *i)
{
    x86_store(s, x86_ea(s, i, 8, true), low_of(s, x86_vread(s, i, 1, 0)), MO_64);
    return true;
}

bool gen_MOVHP_st(struct x86_ctx *s, struct x86_insn *i)
{
    x86_store(s, x86_ea(s, i, 8, true), high_of(s, x86_vread(s, i, 1, 0)), MO_64);
    return true;
}

static struct ir_val shuffle_same(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned imm, unsigned unused)
{
    (void)unused;
    return ir_vx(s->ir, false, VX_shufps, a, b, imm);
}

bool gen_MOVSLDUP(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, shuffle_same, 0xa0); }
bool gen_MOVSHDUP(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, shuffle_same, 0xf5); }
bool gen_MOVDDUP(struct x86_ctx *s, struct x86_insn *i) { return x86_vunary(s, i, shuffle_same, 0x44); }

/* ---- inserts and extracts ------------------------------------------------------------------------ */

/* An element from a general register or memory; e: log2 of its bytes */
static bool insert(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    struct ir *ir = s->ir;
    struct ir_val v = x86_read(s, i, x86_src2(i)), r;
    unsigned lane = x86_imm8(i) & ((16u >> e) - 1);

    r = ir_v2(ir, IR_vset, V128, x86_vread(s, i, x86_src1(i), 0), v, e, lane);
    x86_vresult(s, i, &r);
    return true;
}

bool gen_PINSRB(struct x86_ctx *s, struct x86_insn *i) { return insert(s, i, 0); }
bool gen_PINSRW(struct x86_ctx *s, struct x86_insn *i) { return insert(s, i, 1); }
bool gen_PINSRD(struct x86_ctx *s, struct x86_insn *i) { return insert(s, i, i->op[x86_src2(i)].size); }

/* To a general register, zero-extended, or memory of the element's size */
static bool extract(struct x86_ctx *s, struct x86_insn *i, unsigned e)
{
    struct ir *ir = s->ir;
    unsigned lane = x86_imm8(i) & ((16u >> e) - 1);
    struct ir_val v = ir_v1(ir, IR_vget_u, x86_type(e), x86_vread(s, i, 1, 0), e, lane);

    if (i->op[0].kind == XK_MEM)
        x86_write(s, i, 0, v);
    else
        x86_set_reg(s, i->op[0].reg, MAX(e, 2), v);
    return true;
}

bool gen_PEXTRB(struct x86_ctx *s, struct x86_insn *i) { return extract(s, i, 0); }
bool gen_PEXTRW(struct x86_ctx *s, struct x86_insn *i) { return extract(s, i, 1); }
bool gen_PEXTRD(struct x86_ctx *s, struct x86_insn *i) { return extract(s, i, i->op[0].size); }
bool gen_EXTRACTPS(struct x86_ctx *s, struct x86_insn *i) { return extract(s, i, 2); }

/* From memory the source is the one element. */
bool gen_INSERTPS(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_vread(s, i, x86_src2(i), 0), r;
    unsigned imm = i->op[x86_src2(i)].kind == XK_MEM ? x86_imm8(i) & 0x3f : x86_imm8(i);

    r = ir_vx(s->ir, false, VX_insertps, x86_vread(s, i, x86_src1(i), 0), v, imm);
    x86_vresult(s, i, &r);
    return true;
}

bool gen_MOVNTI(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, x86_read(s, i, 1));
    return true;
}

/* Bytes whose mask has its sign set, to DS:[rDI] */
bool gen_MASKMOVDQU(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val off = x86_reg(s, X86_RDI, i->asize);

    if (x86_is64(s) && i->asize == 2)
        off = ir_zext(ir, off);
    ir_state_st(ir, x86_vread(s, i, 0, 0), X86_OFF(vtmp[0]));
    ir_state_st(ir, x86_vread(s, i, 1, 0), X86_OFF(vtmp[1]));
    off = x86_is64(s) ? off : ir_zext(ir, off);
    ir_call(ir, x86_maskmov, off, ir_const(ir, I32, i->seg_prefix >= 0 ? (unsigned)i->seg_prefix : X86_DS));
    return true;
}
