/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 integer data processing, immediate and register (DDI 0487 C4.1.92, C4.1.95, C6.2).
 */
#include "config.h"

#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"

static unsigned width(bool sf)
{
    return sf ? 64 : 32;
}

/* ---- Addition and subtraction ---- */

/* Two's complement add or subtract with optional flags; sp: 31 as destination is SP (never with flags). */
static void add_sub(struct a64_ctx *s, bool sub, bool set_flags, bool sp, unsigned rd, struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;
    struct ir_val v = sub ? ir_sub(ir, a, b) : ir_add(ir, a, b);

    if (set_flags) {
        a64_set_flags(s, sub ? ir_flags_sub(ir, a, b, CARRY_NOT_BORROW) : ir_flags_add(ir, a, b));
    }
    if (sp && !set_flags) {
        a64_set_reg_sp(s, rd, v);
    } else {
        a64_set_reg(s, rd, v);
    }
}

static bool add_sub_imm(struct a64_ctx *s, const struct args_ri *a, bool sub)
{
    add_sub(s, sub, a->set_flags, true, a->rd, a64_reg_sp(s, a->rn, a->sf), a64_imm(s, a->sf, a->imm));
    return true;
}

/* ADD{S} <Rd|SP>, <Rn|SP>, #<imm>{, <shift>} */
bool a64_trans_ADD_imm(struct a64_ctx *s, const struct args_ri *a)
{
    return add_sub_imm(s, a, false);
}

/* SUB{S} <Rd|SP>, <Rn|SP>, #<imm>{, <shift>} */
bool a64_trans_SUB_imm(struct a64_ctx *s, const struct args_ri *a)
{
    return add_sub_imm(s, a, true);
}

/* ADR <Xd>, <label> */
bool a64_trans_ADR(struct a64_ctx *s, const struct args_pc_rel *a)
{
    a64_set_reg(s, a->rd, a64_imm(s, true, s->pc + (uint64_t)(int64_t)a->imm));
    return true;
}

/* ADRP <Xd>, <label> */
bool a64_trans_ADRP(struct a64_ctx *s, const struct args_pc_rel *a)
{
    a64_set_reg(s, a->rd, a64_imm(s, true, (s->pc & ~0xfffull) + (uint64_t)((int64_t)a->imm * 4096)));
    return true;
}

/* ---- Shifted and extended operands ---- */

/* Shift by 0 to width - 1: LSL, LSR, ASR, ROR */
static struct ir_val shift_imm(struct a64_ctx *s, struct ir_val v, unsigned type, unsigned n)
{
    if (n == 0) {
        return v;
    }
    switch (type) {
    case 0:
        return ir_shli(s->ir, v, n);
    case 1:
        return ir_shri(s->ir, v, n);
    case 2:
        return ir_sari(s->ir, v, n);
    default:
        return ir_rori(s->ir, v, n);
    }
}

/* False: a shift that does not exist in 32 bits. */
static bool shifted_operand(struct a64_ctx *s, const struct args_shifted *a, struct ir_val *v)
{
    if (a->amount >= width(a->sf)) {
        return false;
    }
    *v = shift_imm(s, a64_reg(s, a->rm, a->sf), a->type, a->amount);
    return true;
}

static bool add_sub_shifted(struct a64_ctx *s, const struct args_shifted *a, bool sub)
{
    struct ir_val b;

    if (a->type == 3 || !shifted_operand(s, a, &b)) {
        return false;
    }
    add_sub(s, sub, a->set_flags, false, a->rd, a64_reg(s, a->rn, a->sf), b);
    return true;
}

/* ADD{S} <Rd>, <Rn>, <Rm>{, <shift> #<amount>} */
bool a64_trans_ADD_reg(struct a64_ctx *s, const struct args_shifted *a)
{
    return add_sub_shifted(s, a, false);
}

/* SUB{S} <Rd>, <Rn>, <Rm>{, <shift> #<amount>} */
bool a64_trans_SUB_reg(struct a64_ctx *s, const struct args_shifted *a)
{
    return add_sub_shifted(s, a, true);
}

static bool add_sub_extended(struct a64_ctx *s, const struct args_extended *a, bool sub)
{
    if (a->amount > 4) {
        return false;
    }
    add_sub(s, sub, a->set_flags, true, a->rd, a64_reg_sp(s, a->rn, a->sf),
            a64_extend(s, a->rm, a->sf, a->option, a->amount));
    return true;
}

/* ADD{S} <Rd|SP>, <Rn|SP>, <Rm>{, <extend> {#<amount>}} */
bool a64_trans_ADD_ext(struct a64_ctx *s, const struct args_extended *a)
{
    return add_sub_extended(s, a, false);
}

/* SUB{S} <Rd|SP>, <Rn|SP>, <Rm>{, <extend> {#<amount>}} */
bool a64_trans_SUB_ext(struct a64_ctx *s, const struct args_extended *a)
{
    return add_sub_extended(s, a, true);
}

/* ADC{S} <Rd>, <Rn>, <Rm> */
bool a64_trans_ADC(struct a64_ctx *s, const struct args_rrr *a)
{
    struct ir_val n = a64_reg(s, a->rn, a->sf), m = a64_reg(s, a->rm, a->sf), f = a64_flags(s);

    if (a->set_flags) {
        a64_set_flags(s, ir_flags_adc(s->ir, n, m, f));
    }
    a64_set_reg(s, a->rd, ir_adc(s->ir, n, m, f));
    return true;
}

/* SBC{S} <Rd>, <Rn>, <Rm> */
bool a64_trans_SBC(struct a64_ctx *s, const struct args_rrr *a)
{
    struct ir_val n = a64_reg(s, a->rn, a->sf), m = a64_reg(s, a->rm, a->sf), f = a64_flags(s);

    if (a->set_flags) {
        a64_set_flags(s, ir_flags_sbc(s->ir, n, m, f, CARRY_NOT_BORROW));
    }
    a64_set_reg(s, a->rd, ir_sbc(s->ir, n, m, f, CARRY_NOT_BORROW));
    return true;
}

/* ---- Logic ---- */

enum logic { L_AND, L_ORR, L_EOR };

static struct ir_val logic(struct a64_ctx *s, enum logic op, struct ir_val a, struct ir_val b)
{
    switch (op) {
    case L_AND:
        return ir_and(s->ir, a, b);
    case L_ORR:
        return ir_or(s->ir, a, b);
    default:
        return ir_xor(s->ir, a, b);
    }
}

static uint64_t ones(unsigned n)
{
    return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

/* A run of ones inside elements of 2 to 64 bits, rotated, all over the register (shared function DecodeBitMasks). False: a
 * reserved encoding. */
static bool bit_mask(const struct args_logic_imm *a, uint64_t *mask)
{
    unsigned size = 64, n, r;
    uint32_t low = ~a->imms & 0x3f;
    uint64_t v;

    if (!a->sf && a->n) {
        return false;
    }
    if (!a->n) {
        for (size = 32; size > 1 && !(low & size); size /= 2) {
        }
        if (size < 2) {
            return false;
        }
    }
    n = (a->imms & (size - 1)) + 1;
    r = a->immr & (size - 1);
    if (n == size) {
        return false;
    }
    v = ones(n);
    if (r) {
        v = (v >> r | v << (size - r)) & ones(size);
    }
    for (unsigned i = size; i < 64; i *= 2) {
        v |= v << i;
    }
    *mask = v;
    return true;
}

static bool logic_imm(struct a64_ctx *s, const struct args_logic_imm *a, enum logic op, bool set_flags)
{
    struct ir_val v;
    uint64_t mask;

    if (!bit_mask(a, &mask)) {
        return false;
    }
    v = logic(s, op, a64_reg(s, a->rn, a->sf), a64_imm(s, a->sf, mask));
    if (set_flags) {
        a64_set_flags(s, ir_flags_logic(s->ir, v));
        a64_set_reg(s, a->rd, v);
    } else {
        a64_set_reg_sp(s, a->rd, v);
    }
    return true;
}

static bool logic_reg(struct a64_ctx *s, const struct args_shifted *a, enum logic op)
{
    struct ir_val n, m, v;

    if (!shifted_operand(s, a, &m)) {
        return false;
    }
    if (op == L_ORR && a->rn == A64_ZR) {   /* MOV, MVN */
        v = a->invert ? ir_not(s->ir, m) : m;
    } else {
        n = a64_reg(s, a->rn, a->sf);
        v = op == L_AND && a->invert ? ir_andc(s->ir, n, m) : logic(s, op, n, a->invert ? ir_not(s->ir, m) : m);
    }
    if (a->set_flags) {
        a64_set_flags(s, ir_flags_logic(s->ir, v));
    }
    a64_set_reg(s, a->rd, v);
    return true;
}

/* <op> <Rd|SP>, <Rn>, #<imm> and <op> <Rd>, <Rn>, <Rm>{, <shift> #<amount>}, BIC, ORN, EON and BICS too */
#define LOGIC(name, op, set_flags)                                                \
    bool a64_trans_##name##_imm(struct a64_ctx *s, const struct args_logic_imm *a) \
    {                                                                             \
        return logic_imm(s, a, op, set_flags);                                    \
    }                                                                             \
    bool a64_trans_##name##_reg(struct a64_ctx *s, const struct args_shifted *a)  \
    {                                                                             \
        return logic_reg(s, a, op);                                               \
    }

LOGIC(AND, L_AND, false)
LOGIC(ORR, L_ORR, false)
LOGIC(EOR, L_EOR, false)
LOGIC(ANDS, L_AND, true)

/* ---- Moves and bit fields ---- */

static bool move_wide(struct a64_ctx *s, const struct args_movw *a, bool invert)
{
    uint64_t v = (uint64_t)a->imm << 16 * a->hw;

    if (!a->sf && a->hw >= 2) {
        return false;
    }
    a64_set_reg(s, a->rd, a64_imm(s, a->sf, invert ? ~v : v));
    return true;
}

/* MOVN <Rd>, #<imm>{, LSL #<shift>} */
bool a64_trans_MOVN(struct a64_ctx *s, const struct args_movw *a)
{
    return move_wide(s, a, true);
}

/* MOVZ <Rd>, #<imm>{, LSL #<shift>} */
bool a64_trans_MOVZ(struct a64_ctx *s, const struct args_movw *a)
{
    return move_wide(s, a, false);
}

/* MOVK <Rd>, #<imm>{, LSL #<shift>} */
bool a64_trans_MOVK(struct a64_ctx *s, const struct args_movw *a)
{
    if (!a->sf && a->hw >= 2) {
        return false;
    }
    a64_set_reg(s, a->rd, ir_deposit(s->ir, a64_reg(s, a->rd, a->sf), a64_imm(s, a->sf, a->imm), 16 * a->hw, 16));
    return true;
}

static bool bitfield_valid(const struct args_bitfield *a)
{
    return a->n == a->sf && a->immr < width(a->sf) && a->imms < width(a->sf);
}

/* With imms >= immr bits imms:immr come to the bottom, else bits imms:0 to width - immr. */
static bool bitfield_extract(struct a64_ctx *s, const struct args_bitfield *a, bool is_signed)
{
    struct ir *ir = s->ir;
    unsigned w = width(a->sf), len = a->imms + 1;
    struct ir_val v;

    if (!bitfield_valid(a)) {
        return false;
    }
    v = a64_reg(s, a->rn, a->sf);
    if (a->imms >= a->immr) {
        len -= a->immr;
        v = is_signed ? ir_sextract(ir, v, a->immr, len) : ir_extract(ir, v, a->immr, len);
    } else {
        /* LSL needs no field: what it shifts out are the bits above it */
        if (is_signed || len + (w - a->immr) != w) {
            v = is_signed ? ir_sextract(ir, v, 0, len) : ir_extract(ir, v, 0, len);
        }
        v = ir_shli(ir, v, w - a->immr);
    }
    a64_set_reg(s, a->rd, v);
    return true;
}

/* SBFM <Rd>, <Rn>, #<immr>, #<imms> */
bool a64_trans_SBFM(struct a64_ctx *s, const struct args_bitfield *a)
{
    return bitfield_extract(s, a, true);
}

/* UBFM <Rd>, <Rn>, #<immr>, #<imms> */
bool a64_trans_UBFM(struct a64_ctx *s, const struct args_bitfield *a)
{
    return bitfield_extract(s, a, false);
}

/* BFM <Rd>, <Rn>, #<immr>, #<imms> */
bool a64_trans_BFM(struct a64_ctx *s, const struct args_bitfield *a)
{
    struct ir *ir = s->ir;
    struct ir_val v;
    unsigned pos = 0, len = a->imms + 1;

    if (!bitfield_valid(a)) {
        return false;
    }
    v = a64_reg(s, a->rn, a->sf);
    if (a->imms >= a->immr) {
        len -= a->immr;
        v = a->immr ? ir_shri(ir, v, a->immr) : v;
    } else {
        pos = width(a->sf) - a->immr;
    }
    a64_set_reg(s, a->rd, ir_deposit(ir, a64_reg(s, a->rd, a->sf), v, pos, len));
    return true;
}

/* EXTR <Rd>, <Rn>, <Rm>, #<lsb> */
bool a64_trans_EXTR(struct a64_ctx *s, const struct args_extr *a)
{
    struct ir *ir = s->ir;
    unsigned w = width(a->sf);
    struct ir_val lo;

    if (a->n != a->sf || a->imms >= w) {
        return false;
    }
    lo = a64_reg(s, a->rm, a->sf);
    if (a->imms == 0) {
        a64_set_reg(s, a->rd, lo);
    } else if (a->rn == a->rm) {
        a64_set_reg(s, a->rd, ir_rori(ir, lo, a->imms));
    } else {
        a64_set_reg(s, a->rd, ir_or(ir, ir_shri(ir, lo, a->imms), ir_shli(ir, a64_reg(s, a->rn, a->sf), w - a->imms)));
    }
    return true;
}

/* ---- Conditional ---- */

/* The compare's flags where the condition holds, else nzcv */
static bool cond_compare(struct a64_ctx *s, const struct args_ccmp *a, struct ir_val b, bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val n = a64_reg(s, a->rn, a->sf);
    enum ir_cc cc = a64_cc(a->cond);
    unsigned end = ir_label_new(ir), other = ir_label_new(ir);
    struct ir_val holds;

    if (cc == CC_ALWAYS) {
        a64_set_flags(s, sub ? ir_flags_sub(ir, n, b, CARRY_NOT_BORROW) : ir_flags_add(ir, n, b));
        return true;
    }
    holds = ir_setcond(ir, a64_flags(s), cc);
    ir_br_cmp(ir, CC_EQ, holds, a64_imm(s, false, 0), other);
    a64_set_flags(s, sub ? ir_flags_sub(ir, n, b, CARRY_NOT_BORROW) : ir_flags_add(ir, n, b));
    ir_label(ir, other);
    ir_br_cmp(ir, CC_NE, holds, a64_imm(s, false, 0), end);
    a64_set_flags(s, a64_const_flags(s, a->nzcv));
    ir_label(ir, end);
    return true;
}

/* CCMN <Rn>, <Rm>, #<nzcv>, <cond> */
bool a64_trans_CCMN_reg(struct a64_ctx *s, const struct args_ccmp *a)
{
    return cond_compare(s, a, a64_reg(s, a->rm, a->sf), false);
}

/* CCMP <Rn>, <Rm>, #<nzcv>, <cond> */
bool a64_trans_CCMP_reg(struct a64_ctx *s, const struct args_ccmp *a)
{
    return cond_compare(s, a, a64_reg(s, a->rm, a->sf), true);
}

/* CCMN <Rn>, #<imm>, #<nzcv>, <cond> */
bool a64_trans_CCMN_imm(struct a64_ctx *s, const struct args_ccmp *a)
{
    return cond_compare(s, a, a64_imm(s, a->sf, a->rm), false);
}

/* CCMP <Rn>, #<imm>, #<nzcv>, <cond> */
bool a64_trans_CCMP_imm(struct a64_ctx *s, const struct args_ccmp *a)
{
    return cond_compare(s, a, a64_imm(s, a->sf, a->rm), true);
}

/* Rn where the condition holds, else other */
static bool cond_select(struct a64_ctx *s, const struct args_csel *a, struct ir_val other)
{
    enum ir_cc cc = a64_cc(a->cond);
    struct ir_val n = a64_reg(s, a->rn, a->sf);

    a64_set_reg(s, a->rd, cc == CC_ALWAYS ? n : ir_select(s->ir, a64_flags(s), cc, n, other));
    return true;
}

/* CSEL <Rd>, <Rn>, <Rm>, <cond> */
bool a64_trans_CSEL(struct a64_ctx *s, const struct args_csel *a)
{
    return cond_select(s, a, a64_reg(s, a->rm, a->sf));
}

/* CSINC <Rd>, <Rn>, <Rm>, <cond> */
bool a64_trans_CSINC(struct a64_ctx *s, const struct args_csel *a)
{
    return cond_select(s, a, ir_addi(s->ir, a64_reg(s, a->rm, a->sf), 1));
}

/* CSINV <Rd>, <Rn>, <Rm>, <cond> */
bool a64_trans_CSINV(struct a64_ctx *s, const struct args_csel *a)
{
    return cond_select(s, a, ir_not(s->ir, a64_reg(s, a->rm, a->sf)));
}

/* CSNEG <Rd>, <Rn>, <Rm>, <cond> */
bool a64_trans_CSNEG(struct a64_ctx *s, const struct args_csel *a)
{
    return cond_select(s, a, ir_neg(s->ir, a64_reg(s, a->rm, a->sf)));
}

/* ---- Flag manipulation ---- */

/* RMIF <Xn>, #<shift>, #<mask>: NZCV bits of mask from bits 3:0 of Xn rotated right */
bool a64_trans_RMIF(struct a64_ctx *s, const struct args_rmif *a)
{
    static const struct { unsigned bit, flag; } part[] = { { 3, 15 }, { 2, 14 }, { 1, 8 }, { 0, 0 } };
    struct ir *ir = s->ir;
    struct ir_val v = ir_trunc(ir, ir_rori(ir, a64_reg(s, a->rn, true), a->imm)), bits = a64_imm(s, false, 0);
    unsigned mask = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (a->mask >> part[i].bit & 1) {
            mask |= 1u << part[i].flag;
            bits = ir_or(ir, bits, ir_shli(ir, ir_extract(ir, v, part[i].bit, 1), part[i].flag));
        }
    }
    a64_set_flags(s, ir_flags_merge(ir, a64_flags(s), ir_flags_from_bits(ir, bits), mask));
    return true;
}

/* N, Z of the low 8 or 16 bits; V where bits 8 and 7 (16 and 15) differ; C stays */
static bool set_flags_of(struct a64_ctx *s, unsigned rn, unsigned len)
{
    struct ir *ir = s->ir;
    struct ir_val v = a64_reg(s, rn, false), bits = ir_xor(ir, ir_extract(ir, v, len, 1), ir_extract(ir, v, len - 1, 1));
    struct ir_val zero = ir_setcmp(ir, CC_EQ, ir_extract(ir, v, 0, len), a64_imm(s, false, 0));

    bits = ir_or(ir, bits, ir_shli(ir, ir_extract(ir, v, len - 1, 1), 15));
    bits = ir_or(ir, bits, ir_shli(ir, zero, 14));
    a64_set_flags(s, ir_flags_merge(ir, a64_flags(s), ir_flags_from_bits(ir, bits), FLAG_S | FLAG_Z | FLAG_O));
    return true;
}

/* SETF8 <Wn> */
bool a64_trans_SETF8(struct a64_ctx *s, const struct args_reg *a)
{
    return set_flags_of(s, a->rn, 8);
}

/* SETF16 <Wn> */
bool a64_trans_SETF16(struct a64_ctx *s, const struct args_reg *a)
{
    return set_flags_of(s, a->rn, 16);
}

/* ---- Two sources ---- */

typedef struct ir_val binary_fn(struct ir *ir, struct ir_val a, struct ir_val b);

static bool binary(struct a64_ctx *s, const struct args_rrr *a, binary_fn *fn)
{
    a64_set_reg(s, a->rd, fn(s->ir, a64_reg(s, a->rn, a->sf), a64_reg(s, a->rm, a->sf)));
    return true;
}

static bool shift_reg(struct a64_ctx *s, const struct args_rrr *a, binary_fn *fn)
{
    struct ir_val n = ir_andi(s->ir, a64_reg(s, a->rm, a->sf), width(a->sf) - 1);

    a64_set_reg(s, a->rd, fn(s->ir, a64_reg(s, a->rn, a->sf), n));
    return true;
}

/* <op> <Rd>, <Rn>, <Rm> */
#define BINARY(name, how, fn)                                            \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_rrr *a)   \
    {                                                                    \
        return how(s, a, fn);                                            \
    }

BINARY(UDIV, binary, ir_udiv)
BINARY(SDIV, binary, ir_sdiv)
BINARY(LSLV, shift_reg, ir_shl)
BINARY(LSRV, shift_reg, ir_shr)
BINARY(ASRV, shift_reg, ir_sar)
BINARY(RORV, shift_reg, ir_ror)

/* CRC32{C}{B,H,W,X} <Wd>, <Wn>, <Rm> */
bool a64_trans_CRC32(struct a64_ctx *s, const struct args_crc *a)
{
    struct ir *ir = s->ir;
    struct ir_val crc = a64_reg(s, a->rn, false), low, bytes;
    unsigned n = 1u << a->size;

    if (a->sf != (a->size == 3)) {
        return false;
    }
    low = a64_reg(s, a->rm, false);
    bytes = a64_imm(s, false, n > 4 ? 4 : n);
    crc = a->castagnoli ? ir_call(ir, arm_crc32c, crc, low, bytes) : ir_call(ir, arm_crc32, crc, low, bytes);
    if (n == 8) {
        struct ir_val high = ir_trunc(ir, ir_shri(ir, a64_reg(s, a->rm, true), 32));

        crc = a->castagnoli ? ir_call(ir, arm_crc32c, crc, high, bytes) : ir_call(ir, arm_crc32, crc, high, bytes);
    }
    a64_set_reg(s, a->rd, crc);
    return true;
}

/* ---- One source ---- */

/* RBIT <Rd>, <Rn>: the bits of each byte by three swaps, then the bytes */
bool a64_trans_RBIT(struct a64_ctx *s, const struct args_rr *a)
{
    static const uint64_t mask[3] = { 0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f };
    struct ir *ir = s->ir;
    struct ir_val v = a64_reg(s, a->rn, a->sf);

    for (unsigned i = 0; i < 3; i++) {
        struct ir_val m = a64_imm(s, a->sf, mask[i]);

        v = ir_or(ir, ir_shli(ir, ir_and(ir, v, m), 1u << i), ir_and(ir, ir_shri(ir, v, 1u << i), m));
    }
    a64_set_reg(s, a->rd, ir_bswap(ir, v));
    return true;
}

/* REV16 <Rd>, <Rn> */
bool a64_trans_REV16(struct a64_ctx *s, const struct args_rr *a)
{
    a64_set_reg(s, a->rd, ir_bswap16(s->ir, a64_reg(s, a->rn, a->sf)));
    return true;
}

/* REV32 <Xd>, <Xn>: both words */
bool a64_trans_REV32(struct a64_ctx *s, const struct args_rr *a)
{
    a64_set_reg(s, a->rd, ir_rori(s->ir, ir_bswap(s->ir, a64_reg(s, a->rn, true)), 32));
    return true;
}

/* REV <Rd>, <Rn> */
bool a64_trans_REV(struct a64_ctx *s, const struct args_rr *a)
{
    a64_set_reg(s, a->rd, ir_bswap(s->ir, a64_reg(s, a->rn, a->sf)));
    return true;
}

/* CLZ <Rd>, <Rn> */
bool a64_trans_CLZ(struct a64_ctx *s, const struct args_rr *a)
{
    a64_set_reg(s, a->rd, ir_clz(s->ir, a64_reg(s, a->rn, a->sf)));
    return true;
}

/* CLS <Rd>, <Rn>: leading zeros where each bit says whether it differs from the one above it, from bit width - 2 on */
bool a64_trans_CLS(struct a64_ctx *s, const struct args_rr *a)
{
    struct ir *ir = s->ir;
    struct ir_val v = a64_reg(s, a->rn, a->sf);
    struct ir_val differs = ir_xor(ir, v, ir_sari(ir, v, 1));

    a64_set_reg(s, a->rd, ir_addi(ir, ir_clz(ir, differs), -1));
    return true;
}

/* ---- Multiply ---- */

static bool multiply_add(struct a64_ctx *s, const struct args_mul *a, bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val p = ir_mul(ir, a64_reg(s, a->rn, a->sf), a64_reg(s, a->rm, a->sf)), sum = a64_reg(s, a->ra, a->sf);

    a64_set_reg(s, a->rd, sub ? ir_sub(ir, sum, p) : ir_add(ir, sum, p));
    return true;
}

/* MADD <Rd>, <Rn>, <Rm>, <Ra> */
bool a64_trans_MADD(struct a64_ctx *s, const struct args_mul *a)
{
    return multiply_add(s, a, false);
}

/* MSUB <Rd>, <Rn>, <Rm>, <Ra> */
bool a64_trans_MSUB(struct a64_ctx *s, const struct args_mul *a)
{
    return multiply_add(s, a, true);
}

static bool multiply_long(struct a64_ctx *s, const struct args_mul *a, bool is_signed, bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val n = a64_reg(s, a->rn, false), m = a64_reg(s, a->rm, false), sum = a64_reg(s, a->ra, true), p;

    p = is_signed ? ir_mul(ir, ir_sext(ir, n), ir_sext(ir, m)) : ir_mul(ir, ir_zext(ir, n), ir_zext(ir, m));
    a64_set_reg(s, a->rd, sub ? ir_sub(ir, sum, p) : ir_add(ir, sum, p));
    return true;
}

/* <op> <Xd>, <Wn>, <Wm>, <Xa> */
#define MULTIPLY_LONG(name, is_signed, sub)                              \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_mul *a)   \
    {                                                                    \
        return multiply_long(s, a, is_signed, sub);                      \
    }

MULTIPLY_LONG(SMADDL, true, false)
MULTIPLY_LONG(SMSUBL, true, true)
MULTIPLY_LONG(UMADDL, false, false)
MULTIPLY_LONG(UMSUBL, false, true)

/* SMULH <Xd>, <Xn>, <Xm> */
bool a64_trans_SMULH(struct a64_ctx *s, const struct args_mul *a)
{
    a64_set_reg(s, a->rd, ir_smulh(s->ir, a64_reg(s, a->rn, true), a64_reg(s, a->rm, true)));
    return true;
}

/* UMULH <Xd>, <Xn>, <Xm> */
bool a64_trans_UMULH(struct a64_ctx *s, const struct args_mul *a)
{
    a64_set_reg(s, a->rd, ir_umulh(s->ir, a64_reg(s, a->rn, true), a64_reg(s, a->rm, true)));
    return true;
}
