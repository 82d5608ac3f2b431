/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shifts, rotates, double shifts; and of BMI1, BMI2 and ADX. Counts are masked to 5 bits (6 for 64-bit operands) whatever the operand's
 * size (SDM: SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR); a masked count of 0 changes no flag.
 */
#include "config.h"
#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers.h"

/* The masked count: a constant's goes to *n and true is returned. */
static bool count_of(struct x86_ctx *s, struct x86_insn *i, unsigned op, struct ir_val *count, uint64_t *n)
{
    unsigned mask = i->op[0].size == 3 ? 63 : 31;

    if (i->op[op].kind == XK_IMM) {
        *n = i->op[op].imm & mask;
        *count = ir_const(s->ir, I32, *n);
        return true;
    }
    *count = ir_andi(s->ir, x86_reg(s, X86_RCX, 2), mask);
    return false;
}

static struct ir_val wide_count(struct x86_ctx *s, unsigned size, struct ir_val count)
{
    return size == 3 ? ir_zext(s->ir, count) : count;
}

/* The value of a shift of an operand, zero-extended if it is narrow, by 0..31 or 0..63. */
static struct ir_val shifted(struct x86_ctx *s, enum ir_shift kind, unsigned size, struct ir_val a, struct ir_val count)
{
    struct ir *ir = s->ir;
    struct ir_val n = wide_count(s, size, count);

    switch (kind) {
    case SHIFT_SHL: return ir_shl(ir, a, n);
    case SHIFT_SHR: return ir_shr(ir, a, n);
    case SHIFT_SAR: return ir_sar(ir, size < 2 ? ir_sextract(ir, a, 0, 8u << size) : a, n);
    case SHIFT_ROR: case SHIFT_ROL: break;
    }
    if (size >= 2)
        return ir_ror(ir, a, kind == SHIFT_ROR ? n : ir_andi(ir, ir_neg(ir, n), size == 3 ? 63 : 31));
    /* Narrow: the operand twice (or four times) in a row, so that a rotate of 32 bits brings the right ones down. */
    a = size == 0 ? ir_or(ir, a, ir_shli(ir, a, 8)) : a;
    a = ir_or(ir, a, ir_shli(ir, a, 16));
    return ir_ror(ir, a, kind == SHIFT_ROR ? n : ir_andi(ir, ir_neg(ir, n), 31));
}

static bool shift(struct x86_ctx *s, struct x86_insn *i, enum ir_shift kind)
{
    unsigned size = i->op[0].size;
    struct ir_val count, a, r, fl;
    uint64_t n = 1;
    bool constant = count_of(s, i, 1, &count, &n);

    a = x86_read_rmw(s, i, 0);
    if (constant && n == 0) {
        x86_write(s, i, 0, a);
        return true;
    }
    r = shifted(s, kind, size, a, count);
    fl = ir_flags_shift(s->ir, kind, 8u << size, x86_flags(s), a, count);
    x86_write(s, i, 0, r);
    x86_set_flags(s, fl);
    return true;
}

bool gen_SHL(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, SHIFT_SHL); }
bool gen_SHR(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, SHIFT_SHR); }
bool gen_SAR(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, SHIFT_SAR); }
bool gen_ROL(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, SHIFT_ROL); }
bool gen_ROR(struct x86_ctx *s, struct x86_insn *i) { return shift(s, i, SHIFT_ROR); }

/* Through the carry, by the masked count modulo the width + 1 (8 and 16 bits; the others' counts are below it). */
static bool rotate_carry(struct x86_ctx *s, struct x86_insn *i, bool right)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val count, a, wide, what = ir_const(ir, I32, size | (unsigned)right << 8), bits = ir_flags_to_bits(ir, x86_flags(s)), r;
    uint64_t n;

    count_of(s, i, 1, &count, &n);
    a = x86_read_rmw(s, i, 0);
    wide = size == 3 ? a : ir_zext(ir, a);
    r = ir_call(ir, x86_rotate_carry, wide, count, bits, what);
    x86_write(s, i, 0, size == 3 ? r : ir_trunc(ir, r));
    x86_set_flags(s, ir_flags_from_bits(ir, ir_call(ir, x86_rotate_carry_flags, wide, count, bits, what)));
    return true;
}

bool gen_RCL(struct x86_ctx *s, struct x86_insn *i) { return rotate_carry(s, i, false); }
bool gen_RCR(struct x86_ctx *s, struct x86_insn *i) { return rotate_carry(s, i, true); }

/* SHLD, SHRD: 32 and 64 bits inline. Of 16 bits with counts above 16 the result is undefined; the C function does what processors do. */
static bool shift_double(struct x86_ctx *s, struct x86_insn *i, bool right)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val count, a, b = x86_read(s, i, 1), wa, wb, what = ir_const(ir, I32, size | (unsigned)right << 8), old = x86_flags(s), r, fl;
    struct ir_val zero = ir_const(ir, I32, 0);
    uint64_t n = 1;
    bool constant = count_of(s, i, 2, &count, &n);

    a = x86_read_rmw(s, i, 0);
    if (constant && !n) {
        x86_write(s, i, 0, a);
        return true;
    }
    wa = size == 3 ? a : ir_zext(ir, a);
    wb = size == 3 ? b : ir_zext(ir, b);
    if (constant && size >= 2) {
        unsigned width = 8u << size, left = right ? width - (unsigned)n : (unsigned)n;

        r = ir_or(ir, ir_shli(ir, right ? b : a, left), ir_shri(ir, right ? a : b, width - left));
    } else {
        r = ir_call(ir, x86_shift_double, wa, wb, count, what);
        r = size == 3 ? r : ir_trunc(ir, r);
    }
    fl = ir_call(ir, x86_shift_double_flags, wa, wb, count, what);
    if (!constant)
        fl = ir_select_cmp(ir, CC_EQ, count, zero, ir_flags_to_bits(ir, old), fl);
    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_from_bits(ir, fl));
    return true;
}

bool gen_SHLD(struct x86_ctx *s, struct x86_insn *i) { return shift_double(s, i, false); }
bool gen_SHRD(struct x86_ctx *s, struct x86_insn *i) { return shift_double(s, i, true); }

/* ---- BMI2: without flags ---------------------------------------------------------------------- */

static bool shift_x(struct x86_ctx *s, struct x86_insn *i, enum ir_shift kind)
{
    unsigned size = i->op[0].size;
    struct ir_val a = x86_read(s, i, 1), n = ir_andi(s->ir, x86_reg(s, i->op[2].reg, 2), size == 3 ? 63 : 31);

    x86_write(s, i, 0, shifted(s, kind, size, a, n));
    return true;
}

bool gen_SHLX(struct x86_ctx *s, struct x86_insn *i) { return shift_x(s, i, SHIFT_SHL); }
bool gen_SHRX(struct x86_ctx *s, struct x86_insn *i) { return shift_x(s, i, SHIFT_SHR); }
bool gen_SARX(struct x86_ctx *s, struct x86_insn *i) { return shift_x(s, i, SHIFT_SAR); }

bool gen_RORX(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = i->op[0].size;

    x86_write(s, i, 0, ir_rori(s->ir, x86_read(s, i, 1), i->op[2].imm & (size == 3 ? 63 : 31)));
    return true;
}

/* RDX times r/m: high half to the first, low half to the second destination */
bool gen_MULX(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val a = x86_reg(s, X86_RDX, size), b = x86_read(s, i, 2), p, hi;

    if (size == 3) {
        p = ir_mul(ir, a, b);
        hi = ir_umulh(ir, a, b);
        x86_write(s, i, 1, p);
        x86_write(s, i, 0, hi);
        return true;
    }
    p = ir_mul(ir, ir_zext(ir, a), ir_zext(ir, b));
    x86_write(s, i, 1, ir_trunc(ir, p));
    x86_write(s, i, 0, ir_trunc(ir, ir_shri(ir, p, 32)));
    return true;
}

static struct ir_val widened(struct x86_ctx *s, unsigned size, struct ir_val v)
{
    return size == 3 ? v : ir_zext(s->ir, v);
}

static bool deposit_bits(struct x86_ctx *s, struct x86_insn *i, bool extract)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val a = widened(s, size, x86_read(s, i, 1)), mask = widened(s, size, x86_read(s, i, 2));

    x86_write(s, i, 0, extract ? ir_call(ir, x86_pext, a, mask) : ir_call(ir, x86_pdep, a, mask));
    return true;
}

bool gen_PDEP(struct x86_ctx *s, struct x86_insn *i) { return deposit_bits(s, i, false); }
bool gen_PEXT(struct x86_ctx *s, struct x86_insn *i) { return deposit_bits(s, i, true); }

/* SF and ZF of the result; the others are 0 (PF and AF are undefined). */
static struct ir_val sign_zero(struct x86_ctx *s, unsigned size, struct ir_val r)
{
    return ir_flags_merge(s->ir, ir_const(s->ir, FLAGS, 0), x86_flags_logic(s, size, r), FLAG_S | FLAG_Z);
}

/* Bits from the index on are cleared; CF: the index is beyond the operand. */
bool gen_BZHI(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size, width = 8u << size;
    struct ir_val a = x86_read(s, i, 1), n = ir_andi(ir, x86_reg(s, i->op[2].reg, 2), 0xff), w = ir_const(ir, I32, width), cut, r, over;

    over = ir_setcmp(ir, CC_GEU, n, w);
    cut = ir_andc(ir, a, ir_shl(ir, x86_imm(s, size, UINT64_MAX), wide_count(s, size, ir_andi(ir, n, width - 1))));
    r = ir_select_cmp(ir, CC_NE, over, ir_const(ir, I32, 0), a, cut);
    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_set_c(ir, sign_zero(s, size, r), over));
    return true;
}

/* ---- BMI1 ------------------------------------------------------------------------------------- */

bool gen_ANDN(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val a = x86_read(s, i, 1), r = ir_andc(s->ir, x86_read(s, i, 2), a);

    x86_write(s, i, 0, r);
    x86_set_flags(s, sign_zero(s, i->op[0].size, r));
    return true;
}

/* op: 1 BLSR, 2 BLSMSK, 3 BLSI (the encodings' /digit) */
static bool lowest_bit(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size;
    struct ir_val a = x86_read(s, i, 1), r, carry, zero = x86_imm(s, size, 0);

    r = op == 3 ? ir_and(ir, a, ir_neg(ir, a)) : op == 1 ? ir_and(ir, a, ir_addi(ir, a, -1)) : ir_xor(ir, a, ir_addi(ir, a, -1));
    carry = ir_setcmp(ir, op == 3 ? CC_NE : CC_EQ, a, zero);
    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_set_c(ir, sign_zero(s, size, r), carry));
    return true;
}

bool gen_BLSR(struct x86_ctx *s, struct x86_insn *i) { return lowest_bit(s, i, 1); }
bool gen_BLSMSK(struct x86_ctx *s, struct x86_insn *i) { return lowest_bit(s, i, 2); }
bool gen_BLSI(struct x86_ctx *s, struct x86_insn *i) { return lowest_bit(s, i, 3); }

/* Start in bits 7:0 of the control, length in 15:8; either may be beyond the operand. */
bool gen_BEXTR(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->op[0].size, width = 8u << size;
    struct ir_val a = x86_read(s, i, 1), c = x86_reg(s, i->op[2].reg, 2), start = ir_andi(ir, c, 0xff), len = ir_extract(ir, c, 8, 8);
    struct ir_val w = ir_const(ir, I32, width), zero = x86_imm(s, size, 0), r, mask;

    r = ir_shr(ir, a, wide_count(s, size, ir_andi(ir, start, width - 1)));
    r = ir_select_cmp(ir, CC_GEU, start, w, zero, r);
    mask = ir_shl(ir, x86_imm(s, size, UINT64_MAX), wide_count(s, size, ir_andi(ir, len, width - 1)));
    r = ir_select_cmp(ir, CC_GEU, len, w, r, ir_andc(ir, r, mask));
    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_merge(ir, ir_const(ir, FLAGS, 0), x86_flags_logic(s, size, r), FLAG_Z));
    return true;
}

/* ---- ADX: a carry chain of its own each ------------------------------------------------------- */

static bool add_carry(struct x86_ctx *s, struct x86_insn *i, unsigned bit, enum ir_cc cc)
{
    struct ir *ir = s->ir;
    struct ir_val a = x86_read(s, i, 0), b = x86_read(s, i, 1), old = x86_flags(s), in = ir_setcond(ir, old, cc), c1, c2, r, sum;
    unsigned size = i->op[0].size;

    sum = ir_add(ir, a, b);
    r = ir_add(ir, sum, wide_count(s, size, in));
    c1 = ir_setcmp(ir, CC_LTU, sum, a);
    c2 = ir_setcmp(ir, CC_LTU, r, sum);
    x86_write(s, i, 0, r);
    x86_set_flags(s, ir_flags_merge(ir, old, ir_flags_from_bits(ir, ir_shli(ir, ir_or(ir, c1, c2), bit == FLAG_C ? 8 : 0)), bit));
    return true;
}

bool gen_ADCX(struct x86_ctx *s, struct x86_insn *i) { return add_carry(s, i, FLAG_C, CC_CS); }
bool gen_ADOX(struct x86_ctx *s, struct x86_insn *i) { return add_carry(s, i, FLAG_O, CC_VS); }
