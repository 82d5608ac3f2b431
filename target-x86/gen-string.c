/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String instructions. One without a repeat prefix is inline; repeated ones go to C, which does as many elements as lie in one page at
 * once, keeps registers current at each fault, and comes back for the rest, so that interrupts are taken in between.
 */
#include "config.h"
#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers.h"
#include "target-x86/string.h"

static enum x86_segment source_segment(const struct x86_insn *i)
{
    return i->seg_prefix >= 0 ? (enum x86_segment)i->seg_prefix : X86_DS;
}

/* RSI, RDI of the address size, as addresses have it */
static struct ir_val pointer(struct x86_ctx *s, struct x86_insn *i, unsigned reg)
{
    struct ir_val v = x86_reg(s, reg, i->asize);

    return x86_is64(s) && i->asize == 2 ? ir_zext(s->ir, v) : v;
}

static void advance(struct x86_ctx *s, struct x86_insn *i, unsigned reg, unsigned size)
{
    struct ir *ir = s->ir;
    struct ir_val v = x86_reg(s, reg, i->asize), df = ir_state_ld(ir, I32, X86_OFF(df)), step;

    /* 1 << size, or its negative */
    step = ir_sub(ir, ir_const(ir, I32, 1u << size), ir_shli(ir, df, size + 1));
    x86_set_reg(s, reg, i->asize, ir_add(ir, v, i->asize == 3 ? ir_sext(ir, step) : step));
}

static bool repeated(struct x86_ctx *s, struct x86_insn *i, enum x86_string_op op, unsigned size)
{
    struct ir *ir = s->ir;
    unsigned done = ir_label_new(ir), what;
    struct ir_val more;

    what = (unsigned)op | size << 4 | (unsigned)i->asize << 8 | (unsigned)source_segment(i) << 12 | (unsigned)i->repz << 16 |
           (s->mode & (X86_MODE_TF | X86_MODE_DR) ? X86_STRING_ONE : 0);
    more = ir_call(ir, x86_rep, ir_const(ir, I32, what));
    ir_br_cmp(ir, CC_EQ, more, ir_const(ir, I32, 0), done);
    x86_jump_self(s, i);
    x86_resume(s, done);
    return true;
}

static struct ir_val load_source(struct x86_ctx *s, struct x86_insn *i, unsigned size)
{
    struct ir_val la = x86_linear(s, source_segment(i), pointer(s, i, X86_RSI), 1u << size, false);

    return x86_load(s, x86_type(size), la, size);
}

static struct ir_val dest_address(struct x86_ctx *s, struct x86_insn *i, unsigned size, bool write)
{
    return x86_linear(s, X86_ES, pointer(s, i, X86_RDI), 1u << size, write);
}

static unsigned size_of(const struct x86_insn *i)
{
    return i->opcode & 1 ? i->osize : 0;
}

bool gen_MOVS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = size_of(i);
    struct ir_val v;

    if (i->repz || i->repnz)
        return repeated(s, i, X86_STRING_MOVS, size);
    v = load_source(s, i, size);
    x86_store(s, dest_address(s, i, size, true), v, size);
    advance(s, i, X86_RSI, size);
    advance(s, i, X86_RDI, size);
    return true;
}

bool gen_STOS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = size_of(i);

    if (i->repz || i->repnz)
        return repeated(s, i, X86_STRING_STOS, size);
    x86_store(s, dest_address(s, i, size, true), x86_reg(s, X86_RAX, size), size);
    advance(s, i, X86_RDI, size);
    return true;
}

bool gen_LODS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = size_of(i);

    if (i->repz || i->repnz)
        return repeated(s, i, X86_STRING_LODS, size);
    x86_set_reg(s, X86_RAX, size, load_source(s, i, size));
    advance(s, i, X86_RSI, size);
    return true;
}

bool gen_CMPS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = size_of(i);
    struct ir_val a, b;

    if (i->repz || i->repnz)
        return repeated(s, i, X86_STRING_CMPS, size);
    b = x86_load(s, x86_type(size), dest_address(s, i, size, false), size);      /* first, as processors do */
    a = load_source(s, i, size);
    advance(s, i, X86_RSI, size);
    advance(s, i, X86_RDI, size);
    x86_set_flags(s, x86_flags_of(s, NARROW_SUB, size, a, b));
    return true;
}

bool gen_SCAS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = size_of(i);
    struct ir_val b;

    if (i->repz || i->repnz)
        return repeated(s, i, X86_STRING_SCAS, size);
    b = x86_load(s, x86_type(size), dest_address(s, i, size, false), size);
    advance(s, i, X86_RDI, size);
    x86_set_flags(s, x86_flags_of(s, NARROW_SUB, size, x86_reg(s, X86_RAX, size), b));
    return true;
}

/* AL = byte at DS:[rBX + AL] */
bool gen_XLAT(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->asize == 1 ? 2 : i->asize;
    struct ir_val off = ir_state_ld(ir, x86_type(size), X86_OFF_R(X86_RBX)), al = x86_reg(s, X86_RAX, 0);

    off = ir_add(ir, off, size == 3 ? ir_zext(ir, al) : al);
    off = i->asize == 1 ? ir_extract(ir, off, 0, 16) : off;
    off = x86_is64(s) && size == 2 ? ir_zext(ir, off) : off;
    x86_set_reg(s, X86_RAX, 0, x86_load(s, I32, x86_linear(s, source_segment(i), off, 1, false), MO_8));
    return true;
}
