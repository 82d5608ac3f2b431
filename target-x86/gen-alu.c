/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer arithmetic, logic, moves, multiplies, divides, bit tests. Handlers of the rows of that name; SDM volume 2 has each.
 */
#include "config.h"
#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers.h"

#define FLAG_NOT_C (FLAG_ALL & ~FLAG_C)

/* ---- flags of results ------------------------------------------------------------------------- */

static bool is_narrow(unsigned size)
{
    return size < 2;
}

struct ir_val x86_flags_of(struct x86_ctx *s, enum ir_narrow kind, unsigned size, struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;

    if (is_narrow(size))
        return ir_flags_narrow(ir, kind, 8u << size, a, b, kind == NARROW_ADC || kind == NARROW_SBB ? x86_flags(s) : IR_NONE);
    switch (kind) {
    case NARROW_ADD: return ir_flags_add(ir, a, b);
    case NARROW_SUB: return ir_flags_sub(ir, a, b, CARRY_BORROW);
    case NARROW_ADC: return ir_flags_adc(ir, a, b, x86_flags(s));
    case NARROW_SBB: return ir_flags_sbc(ir, a, b, x86_flags(s), CARRY_BORROW);
    case NARROW_TEST: return ir_flags_logic(ir, a.id == b.id ? a : ir_and(ir, a, b));
    }
    return IR_NONE;
}

/* Of a logical operation's result */
struct ir_val x86_flags_logic(struct x86_ctx *s, unsigned size, struct ir_val v)
{
    return x86_flags_of(s, NARROW_TEST, size, v, v);
}

/* ---- locked read-modify-write ----------------------------------------------------------------- */

/* Start the instruction again unless what was in memory when new was put there is what it was made from. */
static void retry_unless(struct x86_ctx *s, struct x86_insn *i, struct ir_val old, struct ir_val seen)
{
    unsigned ok = ir_label_new(s->ir);

    ir_br_cmp(s->ir, CC_EQ, old, seen, ok);
    x86_jump_self(s, i);
    x86_resume(s, ok);
}

static struct ir_val lock_rmw(struct x86_ctx *s, struct x86_insn *i, enum ir_rmw rmw, struct ir_val v)
{
    unsigned size = i->op[0].size;

    return ir_guest_rmw(s->ir, rmw, x86_ea(s, i, 1u << size, true), v, x86_lock_memop(s, size), X86_VIEW_CPL);
}

/* v to memory if old is there still. */
static void lock_store(struct x86_ctx *s, struct x86_insn *i, struct ir_val old, struct ir_val v)
{
    unsigned size = i->op[0].size;
    struct ir_val seen;

    if (is_narrow(size))
        v = ir_extract(s->ir, v, 0, 8u << size);
    seen = ir_guest_cas(s->ir, x86_ea(s, i, 1u << size, true), old, v, x86_lock_memop(s, size), X86_VIEW_CPL);
    retry_unless(s, i, old, seen);
}

/* ---- ADD OR ADC SBB AND SUB XOR CMP TEST ------------------------------------------------------ */

enum alu { ADD, OR, ADC, SBB, AND, SUB, XOR };

static struct ir_val alu_value(struct x86_ctx *s, enum alu op, struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;

    switch (op) {
    case ADD: return ir_add(ir, a, b);
    case OR: return ir_or(ir, a, b);
    case ADC: return ir_adc(ir, a, b, x86_flags(s));
    case SBB: return ir_sbc(ir, a, b, x86_flags(s), CARRY_BORROW);
    case AND: return ir_and(ir, a, b);
    case SUB: return ir_sub(ir, a, b);
    case XOR: return ir_xor(ir, a, b);
    }
    return IR_NONE;
}

static struct ir_val alu_flags(struct x86_ctx *s, enum alu op, unsigned size, struct ir_val a, struct ir_val b, struct ir_val r)
{
    static const uint8_t kind[] = {
        [ADD] = NARROW_ADD, [ADC] = NARROW_ADC, [SBB] = NARROW_SBB, [SUB] = NARROW_SUB,
        [OR] = NARROW_TEST, [AND] = NARROW_TEST, [XOR] = NARROW_TEST,
    };

    if (kind[op] == NARROW_TEST)
        return x86_flags_logic(s, size, r);
    return x86_flags_of(s, (enum ir_narrow)kind[op], size, a, b);
}

/* LOCK: in one step where the IR has it. */
static struct ir_val locked(struct x86_ctx *s, struct x86_insn *i, enum alu op, struct ir_val b, struct ir_val *r)
{
    static const int8_t rmw[] = { [ADD] = RMW_ADD, [OR] = RMW_OR, [ADC] = -1, [SBB] = -1, [AND] = RMW_AND, [SUB] = RMW_ADD, [XOR] = RMW_XOR };
    struct ir_val a;

    if (rmw[op] >= 0) {
        a = lock_rmw(s, i, (enum ir_rmw)rmw[op], op == SUB ? ir_neg(s->ir, b) : b);
        *r = alu_value(s, op, a, b);
        return a;
    }
    a = x86_read_rmw(s, i, 0);
    *r = alu_value(s, op, a, b);
    lock_store(s, i, a, *r);
    return a;
}

static bool alu(struct x86_ctx *s, struct x86_insn *i, enum alu op)
{
    unsigned size = i->op[0].size;
    struct ir_val a, b = x86_read(s, i, 1), r, flags;

    if (i->lock) {
        a = locked(s, i, op, b, &r);
        flags = alu_flags(s, op, size, a, b, r);
    } else {
        a = x86_read_rmw(s, i, 0);
        r = alu_value(s, op, a, b);
        flags = alu_flags(s, op, size, a, b, r);
        x86_write(s, i, 0, r);
    }
    x86_set_flags(s, flags);
    return true;
}

/* ADD r/m, r */
bool gen_ADD(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, ADD); }
bool gen_OR(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, OR); }
bool gen_ADC(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, ADC); }
bool gen_SBB(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, SBB); }
bool gen_AND(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, AND); }
bool gen_SUB(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, SUB); }
bool gen_XOR(struct x86_ctx *s, struct x86_insn *i) { return alu(s, i, XOR); }

bool gen_CMP(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val a = x86_read(s, i, 0), b = x86_read(s, i, 1);

    x86_set_flags(s, x86_flags_of(s, NARROW_SUB, i->op[0].size, a, b));
    return true;
}

bool gen_TEST(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val a = x86_read(s, i, 0), b = x86_read(s, i, 1);

    x86_set_flags(s, x86_flags_of(s, NARROW_TEST, i->op[0].size, a, b));
    return true;
}

/* ---- INC DEC NEG NOT -------------------------------------------------------------------------- */

/* CF stays. */
static bool inc_dec(struct x86_ctx *s, struct x86_insn *i, int n)
{
    unsigned size = i->op[0].size;
    struct ir_val one = x86_imm(s, size, 1), a, r, fl, old = x86_flags(s);

    a = i->lock ? lock_rmw(s, i, RMW_ADD, x86_imm(s, size, (uint64_t)(int64_t)n)) : x86_read_rmw(s, i, 0);
    r = n > 0 ? ir_add(s->ir, a, one) : ir_sub(s->ir, a, one);
    fl = x86_flags_of(s, n > 0 ? NARROW_ADD : NARROW_SUB, size, a, one);
    if (!i->lock)
        x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_merge(s->ir, old, fl, FLAG_NOT_C));
    return true;
}

bool gen_INC(struct x86_ctx *s, struct x86_insn *i) { return inc_dec(s, i, 1); }
bool gen_DEC(struct x86_ctx *s, struct x86_insn *i) { return inc_dec(s, i, -1); }

bool gen_NEG(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->op[0].size;
    struct ir_val zero = x86_imm(s, size, 0), a = x86_read_rmw(s, i, 0), fl = x86_flags_of(s, NARROW_SUB, size, zero, a);
    struct ir_val r = ir_neg(s->ir, a);

    if (i->lock)
        lock_store(s, i, a, r);
    else
        x86_write(s, i, 0, r);
    x86_set_flags(s, fl);
    return true;
}

bool gen_NOT(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->lock)
        lock_rmw(s, i, RMW_XOR, x86_imm(s, i->op[0].size, UINT64_MAX));
    else
        x86_write(s, i, 0, ir_not(s->ir, x86_read_rmw(s, i, 0)));
    return true;
}

/* ---- moves ------------------------------------------------------------------------------------ */

bool gen_MOV(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, x86_read(s, i, 1));
    return true;
}

bool gen_MOVZX(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_read(s, i, 1);

    x86_write(s, i, 0, i->op[0].size == 3 ? ir_zext(s->ir, v) : v);
    return true;
}

static struct ir_val sign_extend(struct x86_ctx *s, struct ir_val v, unsigned from, unsigned to)
{
    if (from < 2)
        v = ir_sextract(s->ir, v, 0, 8u << from);
    return to == 3 && from < 3 ? ir_sext(s->ir, v) : v;
}

bool gen_MOVSX(struct x86_ctx *s, struct x86_insn *i)
{
    struct x86_operand *o = &i->op[1];
    struct ir_val v;

    o->size = MIN(o->size, i->op[0].size);       /* MOVSXD with a 16-bit operand size */
    if (o->kind == XK_MEM && o->size < i->op[0].size) {
        enum ir_type t = x86_type(i->op[0].size);

        v = x86_load(s, t, x86_ea(s, i, 1u << o->size, false), o->size | MO_SIGN);
        x86_write(s, i, 0, v);
        return true;
    }
    v = x86_read(s, i, 1);
    x86_write(s, i, 0, sign_extend(s, v, MIN(o->size, i->op[0].size), i->op[0].size));
    return true;
}

bool gen_LEA(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, x86_offset(s, i));
    return true;
}

/* XCHG with memory is locked. 90h with the same register changes nothing, not even upper halves. */
bool gen_XCHG(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val a, b;

    if (i->op[0].kind == XK_MEM) {
        b = x86_read(s, i, 1);
        a = lock_rmw(s, i, RMW_XCHG, b);
        x86_write(s, i, 1, a);
        return true;
    }
    if (i->op[0].reg == i->op[1].reg && i->op[0].high == i->op[1].high && (i->opcode & 0xf8) == 0x90)
        return true;
    a = x86_read(s, i, 0);
    b = x86_read(s, i, 1);
    x86_write(s, i, 0, b);
    x86_write(s, i, 1, a);
    return true;
}

bool gen_BSWAP(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_read(s, i, 0);

    /* 16 bits: undefined; processors give 0 */
    x86_write(s, i, 0, i->op[0].size == 1 ? x86_imm(s, 1, 0) : ir_bswap(s->ir, v));
    return true;
}

bool gen_MOVBE(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->op[0].size;
    struct ir_val v;

    if (i->op[1].kind == XK_MEM) {
        v = x86_load(s, x86_type(size), x86_ea(s, i, 1u << size, false), size | MO_BE);
        x86_write(s, i, 0, v);
    } else {
        v = x86_read(s, i, 1);
        x86_store(s, x86_ea(s, i, 1u << size, true), v, size | MO_BE);
    }
    return true;
}

/* CBW, CWDE, CDQE: the lower half of the accumulator sign-extended */
bool gen_CBW(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->osize;

    x86_set_reg(s, X86_RAX, size, sign_extend(s, x86_reg(s, X86_RAX, size - 1), size - 1, size));
    return true;
}

/* CWD, CDQ, CQO: the accumulator's sign */
bool gen_CWD(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->osize;
    struct ir_val v = x86_reg(s, X86_RAX, size);

    v = size == 1 ? ir_sextract(s->ir, v, 15, 1) : ir_sari(s->ir, v, size == 3 ? 63 : 31);
    x86_set_reg(s, X86_RDX, size, v);
    return true;
}

/* ---- conditions ------------------------------------------------------------------------------- */

bool gen_SETcc(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, ir_setcond(s->ir, x86_flags(s), x86_cc(i->opcode & 15)));
    return true;
}

/* The source is read whatever the condition; 32 bits zero-extend even if it does not hold. */
bool gen_CMOVcc(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_read(s, i, 1), old = x86_read(s, i, 0);

    x86_write(s, i, 0, ir_select(s->ir, x86_flags(s), x86_cc(i->opcode & 15), v, old));
    return true;
}

bool gen_XADD(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->op[0].size;
    struct ir_val b = x86_read(s, i, 1), a = i->lock ? lock_rmw(s, i, RMW_ADD, b) : x86_read_rmw(s, i, 0);
    struct ir_val r = ir_add(s->ir, a, b), fl = x86_flags_of(s, NARROW_ADD, size, a, b);

    if (!i->lock && i->op[0].kind == XK_MEM) {
        x86_write(s, i, 0, r);
        x86_write(s, i, 1, a);
    } else {
        x86_write(s, i, 1, a);
        if (!i->lock)
            x86_write(s, i, 0, r);       /* the same register twice: the sum stays */
    }
    x86_set_flags(s, fl);
    return true;
}

/* Memory is written in any case (SDM: CMPXCHG): as a locked one does, but for the page's rights. */
bool gen_CMPXCHG(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val acc = x86_reg(s, X86_RAX, size), b = x86_read(s, i, 1), old, eq, fl;

    if (i->lock)
        old = ir_guest_cas(ir, x86_ea(s, i, 1u << size, true), acc, b, x86_lock_memop(s, size), X86_VIEW_CPL);
    else
        old = x86_read_rmw(s, i, 0);
    fl = x86_flags_of(s, NARROW_SUB, size, acc, old);
    eq = ir_setcmp(ir, CC_EQ, acc, old);
    if (!i->lock && size == 2 && i->op[0].kind == XK_GPR)      /* nothing is written when they differ */
        x86_set_reg(s, i->op[0].reg, 3, ir_select_cmp(ir, CC_NE, eq, ir_const(ir, I32, 0), ir_zext(ir, b), x86_reg(s, i->op[0].reg, 3)));
    else if (!i->lock)
        x86_write(s, i, 0, ir_select_cmp(ir, CC_NE, eq, ir_const(ir, I32, 0), b, old));
    /* A 32-bit accumulator is zero-extended only when it is written. */
    if (size == 2) {
        struct ir_val whole = x86_reg(s, X86_RAX, 3), dest;
        bool same = i->op[0].kind == XK_GPR && i->op[0].reg == X86_RAX;

        dest = same ? ir_zext(ir, b) : whole;
        x86_set_reg(s, X86_RAX, 3, ir_select_cmp(ir, CC_NE, eq, ir_const(ir, I32, 0), dest, ir_zext(ir, old)));
    } else if (!(i->op[0].kind == XK_GPR && i->op[0].reg == X86_RAX && !i->op[0].high)) {
        x86_set_reg(s, X86_RAX, size, ir_select_cmp(ir, CC_NE, eq, ir_const(ir, I32, 0), acc, old));
    }
    x86_set_flags(s, fl);
    return true;
}

/* Only ZF changes. */
static void set_zf(struct x86_ctx *s, struct ir_val yes)
{
    struct ir *ir = s->ir;
    struct ir_val bits = ir_shli(ir, yes, 14);       /* FLAG_Z */

    x86_set_flags(s, ir_flags_merge(ir, x86_flags(s), ir_flags_from_bits(ir, bits), FLAG_Z));
}

bool gen_CMPXCHG8B(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val want, put, old, la, eq;

    if (i->rex_w) {
        if (!x86_has(s->cpu, X86_F_CX16))
            return false;
        la = x86_ea(s, i, 16, true);
        ir_call(ir, x86_cmpxchg16b, la);
        return true;
    }
    want = ir_concat32(ir, x86_reg(s, X86_RAX, 2), x86_reg(s, X86_RDX, 2));
    put = ir_concat32(ir, x86_reg(s, X86_RBX, 2), x86_reg(s, X86_RCX, 2));
    la = x86_ea(s, i, 8, true);
    if (i->lock) {
        old = ir_guest_cas(ir, la, want, put, x86_lock_memop(s, MO_64), X86_VIEW_CPL);
    } else {
        old = x86_load(s, I64, la, MO_64 | MO_WRITE);
        x86_store(s, la, ir_select_cmp(ir, CC_EQ, old, want, put, old), MO_64);
    }
    eq = ir_setcmp(ir, CC_EQ, old, want);
    /* Both are as they were when it was equal, but for upper halves. */
    x86_set_reg(s, X86_RAX, 3, ir_select_cmp(ir, CC_EQ, old, want, x86_reg(s, X86_RAX, 3), ir_zext(ir, ir_trunc(ir, old))));
    x86_set_reg(s, X86_RDX, 3, ir_select_cmp(ir, CC_EQ, old, want, x86_reg(s, X86_RDX, 3), ir_shri(ir, old, 32)));
    set_zf(s, eq);
    return true;
}

/* ---- multiplies ------------------------------------------------------------------------------- */

/* low: the lower half, of the operand's type; over: I32, not 0 when the upper half says something */
static void set_mul_flags(struct x86_ctx *s, unsigned size, struct ir_val low, struct ir_val over)
{
    struct ir *ir = s->ir;
    struct ir_val v = size == 3 ? low : ir_zext(ir, low);

    x86_set_flags(s, ir_flags_from_bits(ir, ir_call(ir, x86_mul_flags, v, over, ir_const(ir, I32, size))));
}

/* Of 8, 16 and 32 bits in one product of twice the size */
static void mul_small(struct x86_ctx *s, unsigned size, bool is_signed, struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;
    unsigned bits = 8u << size;
    struct ir_val p, low, over;

    if (size == 2) {
        a = is_signed ? ir_sext(ir, a) : ir_zext(ir, a);
        b = is_signed ? ir_sext(ir, b) : ir_zext(ir, b);
    } else if (is_signed) {
        a = ir_sextract(ir, a, 0, bits);
        b = ir_sextract(ir, b, 0, bits);
    }
    p = ir_mul(ir, a, b);
    if (size == 2)
        over = ir_setcmp(ir, CC_NE, p, is_signed ? ir_sextract(ir, p, 0, 32) : ir_extract(ir, p, 0, 32));
    else
        over = ir_setcmp(ir, CC_NE, p, is_signed ? ir_sextract(ir, p, 0, bits) : ir_extract(ir, p, 0, bits));
    low = size == 2 ? ir_trunc(ir, p) : ir_extract(ir, p, 0, bits);
    if (size == 0) {
        x86_set_reg(s, X86_RAX, 1, p);
    } else {
        x86_set_reg(s, X86_RAX, size, low);
        x86_set_reg(s, X86_RDX, size, size == 2 ? ir_trunc(ir, ir_shri(ir, p, 32)) : ir_extract(ir, p, 16, 16));
    }
    set_mul_flags(s, size, low, over);
}

static bool mul_wide(struct x86_ctx *s, struct x86_insn *i, bool is_signed)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val b = x86_read(s, i, 0), a = x86_reg(s, X86_RAX, size), low, high, over;

    if (size < 3) {
        mul_small(s, size, is_signed, a, b);
        return true;
    }
    low = ir_mul(ir, a, b);
    high = is_signed ? ir_smulh(ir, a, b) : ir_umulh(ir, a, b);
    over = ir_setcmp(ir, CC_NE, high, is_signed ? ir_sari(ir, low, 63) : ir_const(ir, I64, 0));
    x86_set_reg(s, X86_RAX, 3, low);
    x86_set_reg(s, X86_RDX, 3, high);
    set_mul_flags(s, size, low, over);
    return true;
}

bool gen_MUL(struct x86_ctx *s, struct x86_insn *i) { return mul_wide(s, i, false); }
bool gen_IMUL1(struct x86_ctx *s, struct x86_insn *i) { return mul_wide(s, i, true); }

/* IMUL r, r/m [, imm]: the product cut to the operand size */
bool gen_IMUL(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size, first = i->op[2].kind == XK_NONE ? 0 : 1;
    struct ir_val a = x86_read(s, i, first), b = x86_read(s, i, first + 1), r, over, p;

    if (size == 3) {
        r = ir_mul(ir, a, b);
        over = ir_setcmp(ir, CC_NE, ir_smulh(ir, a, b), ir_sari(ir, r, 63));
    } else if (size == 2) {
        p = ir_mul(ir, ir_sext(ir, a), ir_sext(ir, b));
        r = ir_mul(ir, a, b);
        over = ir_setcmp(ir, CC_NE, p, ir_sext(ir, r));
    } else {
        p = ir_mul(ir, ir_sextract(ir, a, 0, 16), ir_sextract(ir, b, 0, 16));
        r = ir_extract(ir, p, 0, 16);
        over = ir_setcmp(ir, CC_NE, p, ir_sextract(ir, p, 0, 16));
    }
    x86_write(s, i, 0, r);
    set_mul_flags(s, size, r, over);
    return true;
}

/* ---- divides ---------------------------------------------------------------------------------- */

static void div_helper(struct x86_ctx *s, unsigned size, bool is_signed, struct ir_val d)
{
    struct ir *ir = s->ir;

    ir_call(ir, x86_div, size == 3 ? d : ir_zext(ir, d), ir_const(ir, I32, size | (unsigned)is_signed << 8));
}

/* EDX:EAX by 32 bits, unsigned: a 64-bit division, whose quotient must fit. */
static void div_32(struct x86_ctx *s, struct ir_val d)
{
    struct ir *ir = s->ir;
    unsigned ok = ir_label_new(ir);
    struct ir_val hi = x86_reg(s, X86_RDX, 2), n, q;

    /* The quotient fits if and only if the upper half is below the divisor, which then is not 0. */
    ir_br_cmp(ir, CC_LTU, hi, d, ok);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_DE), ir_const(ir, I32, 0));
    ir_label(ir, ok);
    n = ir_concat32(ir, x86_reg(s, X86_RAX, 2), hi);
    d = ir_zext(ir, d);
    q = ir_udiv(ir, n, d);
    x86_set_reg(s, X86_RAX, 2, ir_trunc(ir, q));
    x86_set_reg(s, X86_RDX, 2, ir_trunc(ir, ir_sub(ir, n, ir_mul(ir, q, d))));
}

/* EDX:EAX by 32 bits, signed. */
static void idiv_32(struct x86_ctx *s, struct ir_val d)
{
    struct ir *ir = s->ir;
    unsigned divisible = ir_label_new(ir), fits = ir_label_new(ir);
    struct ir_val n, q;

    ir_br_cmp(ir, CC_NE, d, ir_const(ir, I32, 0), divisible);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_DE), ir_const(ir, I32, 0));
    ir_label(ir, divisible);
    n = ir_concat32(ir, x86_reg(s, X86_RAX, 2), x86_reg(s, X86_RDX, 2));
    d = ir_sext(ir, d);
    q = ir_sdiv(ir, n, d);
    ir_br_cmp(ir, CC_EQ, q, ir_sextract(ir, q, 0, 32), fits);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_DE), ir_const(ir, I32, 0));
    ir_label(ir, fits);
    x86_set_reg(s, X86_RAX, 2, ir_trunc(ir, q));
    x86_set_reg(s, X86_RDX, 2, ir_trunc(ir, ir_sub(ir, n, ir_mul(ir, q, d))));
}

/* What compilers make of 64 bits by 64 bits: RDX is the extension of RAX. The rest is C's. */
static void div_64(struct x86_ctx *s, struct x86_insn *i, bool is_signed, struct ir_val d)
{
    struct ir *ir = s->ir;
    unsigned simple = ir_label_new(ir);
    struct ir_val zero = ir_const(ir, I64, 0), n = x86_reg(s, X86_RAX, 3), hi = x86_reg(s, X86_RDX, 3), odd, q;

    if (is_signed)       /* by 0 or -1? */
        odd = ir_or(ir, ir_xor(ir, hi, ir_sari(ir, n, 63)), ir_zext(ir, ir_setcmp(ir, CC_LEU, ir_addi(ir, d, 1), ir_const(ir, I64, 1))));
    else
        odd = ir_or(ir, hi, ir_zext(ir, ir_setcmp(ir, CC_EQ, d, zero)));
    ir_br_cmp(ir, CC_EQ, odd, zero, simple);
    div_helper(s, 3, is_signed, d);
    x86_jump_next(s, i);
    x86_resume(s, simple);
    n = x86_reg(s, X86_RAX, 3);
    q = is_signed ? ir_sdiv(ir, n, d) : ir_udiv(ir, n, d);
    x86_set_reg(s, X86_RDX, 3, ir_sub(ir, n, ir_mul(ir, q, d)));
    x86_set_reg(s, X86_RAX, 3, q);
}

static bool divide(struct x86_ctx *s, struct x86_insn *i, bool is_signed)
{
    unsigned size = i->op[0].size;
    struct ir_val d = x86_read(s, i, 0);

    if (size == 3)
        div_64(s, i, is_signed, d);
    else if (size < 2)
        div_helper(s, size, is_signed, d);
    else if (is_signed)
        idiv_32(s, d);
    else
        div_32(s, d);
    return true;
}

bool gen_DIV(struct x86_ctx *s, struct x86_insn *i) { return divide(s, i, false); }
bool gen_IDIV(struct x86_ctx *s, struct x86_insn *i) { return divide(s, i, true); }

/* ---- bit tests -------------------------------------------------------------------------------- */

enum bit_op { BT, BTS, BTR, BTC };

/* A bit offset in a register reaches beyond the operand in memory: its address moves by whole operands. */
static void bit_address(struct x86_ctx *s, struct x86_insn *i, struct ir_val off)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val at = x86_offset(s, i), units;

    if (size == 1)
        off = ir_sextract(ir, off, 0, 16);
    units = ir_shli(ir, ir_sari(ir, off, 3 + size), size);
    if (ir_typeof(ir, at) == I64 && size < 3)
        units = ir_sext(ir, units);
    else if (ir_typeof(ir, at) == I32 && size == 3)
        units = ir_trunc(ir, units);
    at = ir_add(ir, at, units);
    if (i->asize == 1)
        at = ir_extract(ir, at, 0, 16);
    else if (x86_is64(s) && i->asize == 2)
        at = ir_zext(ir, ir_trunc(ir, at));
    s->offset = at;
    s->ea = x86_linear(s, (enum x86_segment)i->seg, at, 1u << size, i->opcode != 0xa3);
    s->has_ea = true;
    s->checked = 1u << size | 1u << 31;
}

static bool bit_test(struct x86_ctx *s, struct x86_insn *i, enum bit_op op)
{
    static const uint8_t rmw[] = { [BTS] = RMW_OR, [BTR] = RMW_AND, [BTC] = RMW_XOR };
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val off = i->op[1].kind == XK_IMM ? x86_imm(s, size, i->op[1].imm) : x86_read(s, i, 1), a, mask, bit;

    if (i->op[0].kind == XK_MEM && i->op[1].kind == XK_GPR)
        bit_address(s, i, off);
    off = ir_andi(ir, off, (8u << size) - 1);
    mask = ir_shl(ir, x86_imm(s, size, 1), off);
    if (i->lock)
        a = lock_rmw(s, i, (enum ir_rmw)rmw[op], op == BTR ? ir_not(ir, mask) : mask);
    else
        a = op == BT ? x86_read(s, i, 0) : x86_read_rmw(s, i, 0);
    bit = ir_shr(ir, a, off);
    if (!i->lock && op != BT)
        x86_write(s, i, 0, op == BTS ? ir_or(ir, a, mask) : op == BTR ? ir_andc(ir, a, mask) : ir_xor(ir, a, mask));
    x86_set_flags(s, ir_flags_set_c(ir, x86_flags(s), size == 3 ? ir_trunc(ir, bit) : bit));
    return true;
}

bool gen_BT(struct x86_ctx *s, struct x86_insn *i) { return bit_test(s, i, BT); }
bool gen_BTS(struct x86_ctx *s, struct x86_insn *i) { return bit_test(s, i, BTS); }
bool gen_BTR(struct x86_ctx *s, struct x86_insn *i) { return bit_test(s, i, BTR); }
bool gen_BTC(struct x86_ctx *s, struct x86_insn *i) { return bit_test(s, i, BTC); }

/* ---- bit scans and counts --------------------------------------------------------------------- */

/* Number of the lowest (forward) or highest bit of v, which is not 0 */
static struct ir_val scan(struct x86_ctx *s, unsigned size, struct ir_val v, bool forward)
{
    struct ir *ir = s->ir;

    return forward ? ir_ctz(ir, v) : ir_xor(ir, ir_clz(ir, v), x86_imm(s, size, size == 3 ? 63 : 31));
}

/* BSF, BSR: of 0 the destination stays (as processors do; the SDM leaves it undefined, AMD's manual says so) and ZF is set. */
static bool bit_scan(struct x86_ctx *s, struct x86_insn *i, bool forward)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val v = x86_read(s, i, 1), r = scan(s, size, v, forward), zero = x86_imm(s, size, 0), z, p;

    if (size == 2)       /* not even the upper half changes */
        x86_set_reg(s, i->op[0].reg, 3, ir_select_cmp(ir, CC_EQ, v, zero, x86_reg(s, i->op[0].reg, 3), ir_zext(ir, r)));
    else
        x86_write(s, i, 0, ir_select_cmp(ir, CC_EQ, v, zero, x86_read(s, i, 0), r));
    /* ZF is the source's; the others are undefined: PF as the result's, the rest 0 is what processors do. */
    z = ir_select_cmp(ir, CC_EQ, v, zero, ir_const(ir, I32, FLAG_Z | FLAG_P), ir_const(ir, I32, 0));
    p = ir_flags_narrow(ir, NARROW_TEST, 8, size == 3 ? ir_trunc(ir, r) : r, size == 3 ? ir_trunc(ir, r) : r, IR_NONE);
    x86_set_flags(s, ir_flags_from_bits(ir, ir_or(ir, z, ir_select_cmp(ir, CC_EQ, v, zero, ir_const(ir, I32, 0),
                                                                      ir_andi(ir, ir_flags_to_bits(ir, p), FLAG_P)))));
    return true;
}

bool gen_BSF(struct x86_ctx *s, struct x86_insn *i) { return bit_scan(s, i, true); }
bool gen_BSR(struct x86_ctx *s, struct x86_insn *i) { return bit_scan(s, i, false); }

/* LZCNT, TZCNT: of 0 the width; CF says so, ZF is that of the result. */
static bool count_zeros(struct x86_ctx *s, struct x86_insn *i, bool leading)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val v = x86_read(s, i, 1), r, z, c;

    if (leading)
        r = size == 1 ? ir_addi(ir, ir_clz(ir, v), -16) : ir_clz(ir, v);
    else
        r = ir_ctz(ir, size == 1 ? ir_or(ir, v, ir_const(ir, I32, 0x10000)) : v);
    x86_write(s, i, 0, r);
    z = ir_shli(ir, ir_setcmp(ir, CC_EQ, r, x86_imm(s, size, 0)), 14);         /* FLAG_Z */
    c = ir_shli(ir, ir_setcmp(ir, CC_EQ, v, x86_imm(s, size, 0)), 8);          /* FLAG_C */
    x86_set_flags(s, ir_flags_from_bits(ir, ir_or(ir, z, c)));
    return true;
}

/* On CPUs without them the prefix means nothing. */
bool gen_LZCNT(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_has(s->cpu, X86_F_LZCNT) ? count_zeros(s, i, true) : gen_BSR(s, i);
}

bool gen_TZCNT(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_has(s->cpu, X86_F_BMI1) ? count_zeros(s, i, false) : gen_BSF(s, i);
}

bool gen_POPCNT(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val v = x86_read(s, i, 1), r = ir_call(ir, x86_popcnt, size == 3 ? v : ir_zext(ir, v));
    struct ir_val z = ir_setcmp(ir, CC_EQ, v, x86_imm(s, size, 0));

    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_from_bits(ir, ir_shli(ir, z, 14)));
    return true;
}

bool gen_CRC32(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[1].size;
    struct ir_val v = x86_read(s, i, 1), r;

    r = ir_call(ir, x86_crc32, x86_reg(s, i->op[0].reg, 2), size == 3 ? v : ir_zext(ir, v), ir_const(ir, I32, 1u << size));
    x86_set_reg(s, i->op[0].reg, 2, r);
    return true;
}

/* ---- flags and decimal ------------------------------------------------------------------------ */

static bool set_carry(struct x86_ctx *s, struct ir_val bit)
{
    x86_set_flags(s, ir_flags_set_c(s->ir, x86_flags(s), bit));
    return true;
}

bool gen_CLC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    return set_carry(s, ir_const(s->ir, I32, 0));
}

bool gen_STC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    return set_carry(s, ir_const(s->ir, I32, 1));
}

bool gen_CMC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    return set_carry(s, ir_setcond(s->ir, x86_flags(s), CC_CC));
}

static bool set_df(struct x86_ctx *s, unsigned df)
{
    ir_state_st(s->ir, ir_const(s->ir, I32, df), X86_OFF(df));
    return true;
}

bool gen_CLD(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    return set_df(s, 0);
}

bool gen_STD(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    return set_df(s, 1);
}

/* AH: SF ZF 0 AF 0 PF 1 CF. It is bits 15:8 of a FLAGS value. */
bool gen_LAHF(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val bits;

    (void)i;
    if (x86_is64(s) && !x86_has(s->cpu, X86_F_LAHF64))
        return false;
    bits = ir_or(ir, ir_extract(ir, ir_flags_to_bits(ir, x86_flags(s)), 8, 8), ir_const(ir, I32, 2));
    ir_state_st(ir, ir_deposit(ir, x86_reg(s, X86_RAX, 3), ir_zext(ir, bits), 8, 8), X86_OFF_R(X86_RAX));
    return true;
}

bool gen_SAHF(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val bits;

    (void)i;
    if (x86_is64(s) && !x86_has(s->cpu, X86_F_LAHF64))
        return false;
    bits = ir_andi(ir, x86_reg(s, X86_RAX, 2), FLAG_S | FLAG_Z | FLAG_A | FLAG_P | FLAG_C);
    x86_set_flags(s, ir_flags_merge(ir, x86_flags(s), ir_flags_from_bits(ir, bits), FLAG_ALL & ~FLAG_O));
    return true;
}

/* AL: all ones or 0 from CF (an instruction that only appendix A's map has, as reserved) */
bool gen_SALC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    x86_set_reg(s, X86_RAX, 0, ir_neg(s->ir, ir_setcond(s->ir, x86_flags(s), CC_CS)));
    return true;
}

static bool decimal(struct x86_ctx *s, unsigned kind, uint64_t imm)
{
    ir_call(s->ir, x86_decimal, ir_const(s->ir, I32, kind), ir_const(s->ir, I32, imm));
    return true;
}

bool gen_DAA(struct x86_ctx *s, struct x86_insn *i) { (void)i; return decimal(s, 0, 0); }
bool gen_DAS(struct x86_ctx *s, struct x86_insn *i) { (void)i; return decimal(s, 1, 0); }
bool gen_AAA(struct x86_ctx *s, struct x86_insn *i) { (void)i; return decimal(s, 2, 0); }
bool gen_AAS(struct x86_ctx *s, struct x86_insn *i) { (void)i; return decimal(s, 3, 0); }
bool gen_AAM(struct x86_ctx *s, struct x86_insn *i) { return decimal(s, 4, i->op[0].imm); }
bool gen_AAD(struct x86_ctx *s, struct x86_insn *i) { return decimal(s, 5, i->op[0].imm); }

bool gen_NOP(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return true;
}
