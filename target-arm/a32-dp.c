/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A32/T32 data processing: arithmetic, logic, shifts, moves, multiplies and
 * divides (DDI 0406C A5.2, A6.3, A8.8).
 */
#include "config.h"

#include "target-arm/a32-dp.h"
#include "target-arm/a32-trans.h"
#include "target-arm/helpers-arm.h"

enum dp_op {
    DP_AND, DP_BIC, DP_EOR, DP_MOV, DP_MVN, DP_ORN, DP_ORR, DP_TEQ, DP_TST,
    DP_ADC, DP_ADD, DP_CMN, DP_CMP, DP_RSB, DP_RSC, DP_SBC, DP_SUB,
};

/* The second operand, and the shifter's carry: an I32 0 or 1, or IR_NONE
 * when C stays as it is. */
struct shifted {
    struct ir_val val, carry;
};

static bool is_logic(enum dp_op op)
{
    return op < DP_ADC;
}

static bool is_compare(enum dp_op op)
{
    return op == DP_TEQ || op == DP_TST || op == DP_CMN || op == DP_CMP;
}

static bool uses_rn(enum dp_op op)
{
    return op != DP_MOV && op != DP_MVN;
}

static bool has_carry(struct ir_val carry)
{
    return carry.id != 0;
}

/* ---- Shifts ---- */

static struct ir_val bit(struct a32_ctx *s, struct ir_val v, unsigned n)
{
    return ir_extract(s->ir, v, n, 1);
}

static struct ir_val carry_in(struct a32_ctx *s)
{
    return ir_setcond(s->ir, a32_flags(s), CC_CS);
}

/* RRX: C becomes bit 31 */
static struct ir_val rrx(struct a32_ctx *s, struct ir_val v)
{
    return ir_or(s->ir, ir_shri(s->ir, v, 1),
                 ir_shli(s->ir, carry_in(s), 31));
}

struct ir_val a32_shift_imm(struct a32_ctx *s, struct ir_val v, unsigned type,
                            unsigned n)
{
    struct ir *ir = s->ir;

    if (n == 0) {
        return v;
    }
    switch (type) {
    case 0:
        return ir_shli(ir, v, n);
    case 1:
        return n == 32 ? a32_imm(s, 0) : ir_shri(ir, v, n);
    case 2:
        return ir_sari(ir, v, n == 32 ? 31 : n);
    case 3:
        return ir_rori(ir, v, n);
    default:
        return rrx(s, v);
    }
}

/* Carry out of a32_shift_imm */
static struct ir_val carry_imm(struct a32_ctx *s, struct ir_val v,
                               unsigned type, unsigned n)
{
    if (n == 0) {
        return IR_NONE;
    }
    return bit(s, v, type == 4 ? 0 : type == 0 ? 32 - n : n - 1);
}

/* Value only; n is the low byte of a register, 0-255 */
static struct ir_val shift_by_reg(struct a32_ctx *s, struct ir_val v,
                                  unsigned type, struct ir_val n)
{
    struct ir *ir = s->ir;
    struct ir_val zero = a32_imm(s, 0), width = a32_imm(s, 32);

    switch (type) {
    case 0:
        return ir_select_cmp(ir, CC_LTU, n, width, ir_shl(ir, v, n), zero);
    case 1:
        return ir_select_cmp(ir, CC_LTU, n, width, ir_shr(ir, v, n), zero);
    case 2:
        return ir_sar(ir, v, ir_umin(ir, n, a32_imm(s, 31)));
    default:
        return ir_ror(ir, v, ir_andi(ir, n, 31));
    }
}

/*
 * Value and carry in 64 bits. LSL: the carry is bit 32 of v << n. LSR, ASR:
 * of v with a zero bit below, shifted, bit 0 is the carry. 33 places give
 * what all larger counts do. With a count of 0 C stays.
 */
static struct shifted shift_carry(struct a32_ctx *s, struct ir_val v,
                                  unsigned type, struct ir_val n)
{
    struct ir *ir = s->ir;
    struct ir_val n64 = ir_zext(ir, ir_umin(ir, n, a32_imm(s, 33)));
    struct ir_val wide, carry, val;

    switch (type) {
    case 0:
        wide = ir_shl(ir, ir_zext(ir, v), n64);
        val = ir_trunc(ir, wide);
        carry = ir_trunc(ir, ir_extract(ir, wide, 32, 1));
        break;
    case 1:
    case 2:
        wide = ir_shli(ir, type == 1 ? ir_zext(ir, v) : ir_sext(ir, v), 1);
        wide = type == 1 ? ir_shr(ir, wide, n64) : ir_sar(ir, wide, n64);
        val = ir_trunc(ir, ir_shri(ir, wide, 1));
        carry = ir_andi(ir, ir_trunc(ir, wide), 1);
        break;
    default:
        val = shift_by_reg(s, v, type, n);
        carry = bit(s, val, 31);
        break;
    }
    carry = ir_select_cmp(ir, CC_EQ, n, a32_imm(s, 0), carry_in(s), carry);
    return (struct shifted) { val, carry };
}

/* ---- The operations ---- */

static struct ir_val logic_value(struct a32_ctx *s, enum dp_op op,
                                 struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;

    switch (op) {
    case DP_AND:
    case DP_TST:
        return ir_and(ir, a, b);
    case DP_EOR:
    case DP_TEQ:
        return ir_xor(ir, a, b);
    case DP_ORR:
        return ir_or(ir, a, b);
    case DP_BIC:
        return ir_andc(ir, a, b);
    case DP_ORN:
        return ir_or(ir, a, ir_not(ir, b));
    case DP_MVN:
        return ir_not(ir, b);
    default:
        return b;
    }
}

static struct ir_val arith_value(struct a32_ctx *s, enum dp_op op,
                                 struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;

    switch (op) {
    case DP_ADD:
        return ir_add(ir, a, b);
    case DP_ADC:
        return ir_adc(ir, a, b, a32_flags(s));
    case DP_SUB:
        return ir_sub(ir, a, b);
    case DP_RSB:
        return ir_sub(ir, b, a);
    case DP_SBC:
        return ir_sbc(ir, a, b, a32_flags(s), CARRY_NOT_BORROW);
    default:
        return ir_sbc(ir, b, a, a32_flags(s), CARRY_NOT_BORROW);
    }
}

static struct ir_val arith_flags(struct a32_ctx *s, enum dp_op op,
                                 struct ir_val a, struct ir_val b)
{
    struct ir *ir = s->ir;

    switch (op) {
    case DP_ADD:
    case DP_CMN:
        return ir_flags_add(ir, a, b);
    case DP_ADC:
        return ir_flags_adc(ir, a, b, a32_flags(s));
    case DP_SUB:
    case DP_CMP:
        return ir_flags_sub(ir, a, b, CARRY_NOT_BORROW);
    case DP_RSB:
        return ir_flags_sub(ir, b, a, CARRY_NOT_BORROW);
    case DP_SBC:
        return ir_flags_sbc(ir, a, b, a32_flags(s), CARRY_NOT_BORROW);
    default:
        return ir_flags_sbc(ir, b, a, a32_flags(s), CARRY_NOT_BORROW);
    }
}

/* N and Z of v, C from the shifter, V stays */
static struct ir_val logic_flags(struct a32_ctx *s, struct ir_val v,
                                 struct ir_val carry)
{
    struct ir_val f = ir_flags_merge(s->ir, a32_flags(s),
                                     ir_flags_logic(s->ir, v),
                                     FLAG_S | FLAG_Z);

    return has_carry(carry) ? ir_flags_set_c(s->ir, f, carry) : f;
}

/* SUBS PC, LR and related instructions (B9.3.20): CPSR from SPSR. Not in
 * User and System mode, which have none, and not in Hyp mode. */
static bool write_pc_from_spsr(struct a32_ctx *s, struct ir_val v)
{
    if (s->mode & (ARM_MODE_USRSYS | ARM_MODE_HYP)) {
        return false;
    }
    a32_exc_return(s, v, ir_call(s->ir, arm_spsr_read));
    return true;
}

/* ALUWritePC (A2.3.1); MOV PC, LR is a return. */
static void write_pc(struct a32_ctx *s, struct ir_val v, enum ir_jump kind)
{
    if (s->thumb) {
        a32_branch_reg(s, v, kind);
    } else {
        a32_bx(s, v, kind);
    }
}

struct dp {
    enum dp_op op;
    bool set_flags;
    unsigned rd, rn;
    enum ir_jump kind;       /* when rd is 15 */
};

static bool data_processing(struct a32_ctx *s, const struct dp *d,
                            struct shifted b)
{
    struct ir_val a = uses_rn(d->op) ? a32_reg(s, d->rn) : IR_NONE;
    struct ir_val v = IR_NONE, flags = IR_NONE;

    if (is_logic(d->op)) {
        v = logic_value(s, d->op, a, b.val);
    } else if (!is_compare(d->op)) {
        v = arith_value(s, d->op, a, b.val);
    }
    if (d->set_flags && d->rd == ARM_PC && !is_compare(d->op)) {
        return write_pc_from_spsr(s, v);
    }
    if (d->set_flags) {
        flags = is_logic(d->op) ? logic_flags(s, v, b.carry)
                                : arith_flags(s, d->op, a, b.val);
    }
    if (!is_compare(d->op) && d->rd != ARM_PC) {
        a32_set_reg(s, d->rd, v);
    }
    if (d->set_flags) {
        a32_set_flags(s, flags);
    }
    if (!is_compare(d->op) && d->rd == ARM_PC) {
        write_pc(s, v, d->kind);
    }
    return true;
}

static bool dp_imm(struct a32_ctx *s, enum dp_op op,
                   const struct args_dp_imm *a)
{
    struct dp d = { op, a->set_flags, a->rd, a->rn, JUMP_PLAIN };
    struct shifted b = { .val = a32_imm(s, a->imm) };

    if (a->rotated) {
        b.carry = a32_imm(s, a->imm >> 31);
    }
    return data_processing(s, &d, b);
}

static bool dp_reg(struct a32_ctx *s, enum dp_op op,
                   const struct args_dp_reg *a)
{
    bool ret = op == DP_MOV && a->rm == ARM_LR && a->amount == 0;
    struct dp d = {
        op, a->set_flags, a->rd, a->rn, ret ? JUMP_RETURN : JUMP_PLAIN,
    };
    struct ir_val rm = a32_reg(s, a->rm);
    struct shifted b = { .val = a32_shift_imm(s, rm, a->type, a->amount) };

    if (a->set_flags && is_logic(op)) {
        b.carry = carry_imm(s, rm, a->type, a->amount);
    }
    return data_processing(s, &d, b);
}

static bool dp_rsr(struct a32_ctx *s, enum dp_op op,
                   const struct args_dp_rsr *a)
{
    struct dp d = { op, a->set_flags, a->rd, a->rn, JUMP_PLAIN };
    struct ir_val rm = a32_reg(s, a->rm);
    struct ir_val n = ir_andi(s->ir, a32_reg(s, a->rs), 0xff);
    struct shifted b;

    if (a->set_flags && is_logic(op)) {
        b = shift_carry(s, rm, a->type, n);
    } else {
        b = (struct shifted) { .val = shift_by_reg(s, rm, a->type, n) };
    }
    return data_processing(s, &d, b);
}

/* <op>{S}<c> <Rd>, <Rn>, #<const> */
#define DP_IMM(op)                                                           \
    bool a32_trans_##op##_imm(struct a32_ctx *s, const struct args_dp_imm *a) \
    {                                                                        \
        return dp_imm(s, DP_##op, a);                                        \
    }
/* <op>{S}<c> <Rd>, <Rn>, <Rm>{, <shift>} */
#define DP_REG(op)                                                           \
    bool a32_trans_##op##_reg(struct a32_ctx *s, const struct args_dp_reg *a) \
    {                                                                        \
        return dp_reg(s, DP_##op, a);                                        \
    }
/* <op>{S}<c> <Rd>, <Rn>, <Rm>, <type> <Rs> */
#define DP_RSR(op)                                                           \
    bool a32_trans_##op##_rsr(struct a32_ctx *s, const struct args_dp_rsr *a) \
    {                                                                        \
        return dp_rsr(s, DP_##op, a);                                        \
    }
#define DP_ALL(op) DP_IMM(op) DP_REG(op) DP_RSR(op)

DP_ALL(AND)
DP_ALL(EOR)
DP_ALL(SUB)
DP_ALL(RSB)
DP_ALL(ADD)
DP_ALL(ADC)
DP_ALL(SBC)
DP_ALL(RSC)
DP_ALL(TST)
DP_ALL(TEQ)
DP_ALL(CMP)
DP_ALL(CMN)
DP_ALL(ORR)
DP_ALL(MOV)
DP_ALL(BIC)
DP_ALL(MVN)
DP_IMM(ORN)
DP_REG(ORN)

/* ADR<c> <Rd>, <label> */
bool a32_trans_ADR(struct a32_ctx *s, const struct args_adr *a)
{
    a32_set_reg(s, a->rd, ir_addi(s->ir, a32_base(s, ARM_PC), a->imm));
    return true;
}

/* MOVW<c> <Rd>, #<imm16> */
bool a32_trans_MOVW(struct a32_ctx *s, const struct args_ri *a)
{
    if (a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, a32_imm(s, a->imm));
    return true;
}

/* MOVT<c> <Rd>, #<imm16> */
bool a32_trans_MOVT(struct a32_ctx *s, const struct args_ri *a)
{
    if (a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, ir_deposit(s->ir, a32_reg(s, a->rd),
                                     a32_imm(s, a->imm), 16, 16));
    return true;
}

/* ---- Multiply ---- */

static bool mul_result(struct a32_ctx *s, const struct args_mul *a,
                       struct ir_val v)
{
    if (a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, v);
    if (a->set_flags) {
        a32_set_nz(s, v);
    }
    return true;
}

static struct ir_val product(struct a32_ctx *s, unsigned rn, unsigned rm)
{
    return ir_mul(s->ir, a32_reg(s, rn), a32_reg(s, rm));
}

/* MUL{S}<c> <Rd>, <Rn>, <Rm> */
bool a32_trans_MUL(struct a32_ctx *s, const struct args_mul *a)
{
    return mul_result(s, a, product(s, a->rn, a->rm));
}

/* MLA{S}<c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_MLA(struct a32_ctx *s, const struct args_mul *a)
{
    return mul_result(s, a, ir_add(s->ir, product(s, a->rn, a->rm),
                                   a32_reg(s, a->ra)));
}

/* MLS<c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_MLS(struct a32_ctx *s, const struct args_mul *a)
{
    return mul_result(s, a, ir_sub(s->ir, a32_reg(s, a->ra),
                                   product(s, a->rn, a->rm)));
}

struct ir_val a32_reg64(struct a32_ctx *s, unsigned lo, unsigned hi)
{
    return ir_concat32(s->ir, a32_reg(s, lo), a32_reg(s, hi));
}

bool a32_set_reg64(struct a32_ctx *s, unsigned lo, unsigned hi,
                   struct ir_val v)
{
    if (lo == ARM_PC || hi == ARM_PC) {
        return false;
    }
    a32_set_reg(s, lo, ir_trunc(s->ir, v));
    a32_set_reg(s, hi, ir_trunc(s->ir, ir_shri(s->ir, v, 32)));
    return true;
}

static bool mull(struct a32_ctx *s, const struct args_mull *a, bool sign,
                 bool accumulate)
{
    struct ir *ir = s->ir;
    struct ir_val n = a32_reg(s, a->rn), m = a32_reg(s, a->rm), v;

    v = sign ? ir_mul(ir, ir_sext(ir, n), ir_sext(ir, m))
             : ir_mul(ir, ir_zext(ir, n), ir_zext(ir, m));
    if (accumulate) {
        v = ir_add(ir, v, a32_reg64(s, a->rdlo, a->rdhi));
    }
    if (!a32_set_reg64(s, a->rdlo, a->rdhi, v)) {
        return false;
    }
    if (a->set_flags) {
        a32_set_nz(s, v);
    }
    return true;
}

/* UMULL{S}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_UMULL(struct a32_ctx *s, const struct args_mull *a)
{
    return mull(s, a, false, false);
}

/* UMLAL{S}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_UMLAL(struct a32_ctx *s, const struct args_mull *a)
{
    return mull(s, a, false, true);
}

/* SMULL{S}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_SMULL(struct a32_ctx *s, const struct args_mull *a)
{
    return mull(s, a, true, false);
}

/* SMLAL{S}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_SMLAL(struct a32_ctx *s, const struct args_mull *a)
{
    return mull(s, a, true, true);
}

/* UMAAL<c> <RdLo>, <RdHi>, <Rn>, <Rm>: cannot overflow 64 bits */
bool a32_trans_UMAAL(struct a32_ctx *s, const struct args_mull *a)
{
    struct ir *ir = s->ir;
    struct ir_val v = ir_mul(ir, ir_zext(ir, a32_reg(s, a->rn)),
                             ir_zext(ir, a32_reg(s, a->rm)));

    v = ir_add(ir, v, ir_zext(ir, a32_reg(s, a->rdlo)));
    v = ir_add(ir, v, ir_zext(ir, a32_reg(s, a->rdhi)));
    return a32_set_reg64(s, a->rdlo, a->rdhi, v);
}

/* SDIV<c> <Rd>, <Rn>, <Rm> */
bool a32_trans_SDIV(struct a32_ctx *s, const struct args_rrr *a)
{
    if (a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, ir_sdiv(s->ir, a32_reg(s, a->rn),
                                  a32_reg(s, a->rm)));
    return true;
}

/* UDIV<c> <Rd>, <Rn>, <Rm> */
bool a32_trans_UDIV(struct a32_ctx *s, const struct args_rrr *a)
{
    if (a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, ir_udiv(s->ir, a32_reg(s, a->rn),
                                  a32_reg(s, a->rm)));
    return true;
}

/* ---- Halfword multiplies (A4.4.3); Q is set on overflow of the sum ---- */

struct ir_val a32_half(struct a32_ctx *s, struct ir_val v, bool high)
{
    return ir_sextract(s->ir, v, high ? 16 : 0, 16);
}

void a32_or_q(struct a32_ctx *s, struct ir_val bit0)
{
    struct ir_val q = ir_state_ld(s->ir, I32, ARM_OFF(q));

    ir_state_st(s->ir, ir_or(s->ir, q, bit0), ARM_OFF(q));
}

/* v + Ra; ra 15: v */
static bool accumulate_q(struct a32_ctx *s, unsigned rd, unsigned ra,
                         struct ir_val v)
{
    struct ir_val acc;

    if (rd == ARM_PC) {
        return false;
    }
    if (ra != ARM_PC) {
        acc = a32_reg(s, ra);
        a32_or_q(s, ir_setcond(s->ir, ir_flags_add(s->ir, v, acc), CC_VS));
        v = ir_add(s->ir, v, acc);
    }
    a32_set_reg(s, rd, v);
    return true;
}

/* SMLA<x><y><c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_SMLAxy(struct a32_ctx *s, const struct args_mulh *a)
{
    struct ir_val n = a32_half(s, a32_reg(s, a->rn), a->nh);
    struct ir_val m = a32_half(s, a32_reg(s, a->rm), a->mh);

    return accumulate_q(s, a->rd, a->ra, ir_mul(s->ir, n, m));
}

/* SMUL<x><y><c> <Rd>, <Rn>, <Rm> */
bool a32_trans_SMULxy(struct a32_ctx *s, const struct args_mulh *a)
{
    return a32_trans_SMLAxy(s, a);
}

/* SMLAW<y><c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_SMLAWy(struct a32_ctx *s, const struct args_mulh *a)
{
    struct ir *ir = s->ir;
    struct ir_val m = a32_half(s, a32_reg(s, a->rm), a->mh);
    struct ir_val v = ir_mul(ir, ir_sext(ir, a32_reg(s, a->rn)),
                             ir_sext(ir, m));

    return accumulate_q(s, a->rd, a->ra, ir_trunc(ir, ir_shri(ir, v, 16)));
}

/* SMULW<y><c> <Rd>, <Rn>, <Rm> */
bool a32_trans_SMULWy(struct a32_ctx *s, const struct args_mulh *a)
{
    return a32_trans_SMLAWy(s, a);
}

/* SMLAL<x><y><c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_SMLALxy(struct a32_ctx *s, const struct args_mulhl *a)
{
    struct ir *ir = s->ir;
    struct ir_val n = a32_half(s, a32_reg(s, a->rn), a->nh);
    struct ir_val m = a32_half(s, a32_reg(s, a->rm), a->mh);
    struct ir_val v = ir_sext(ir, ir_mul(ir, n, m));

    return a32_set_reg64(s, a->rdlo, a->rdhi,
                         ir_add(ir, v, a32_reg64(s, a->rdlo, a->rdhi)));
}
