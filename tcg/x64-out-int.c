/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer ops on x86-64.  I32 values have zeros in the upper half of their
 * register; every 32-bit instruction keeps that.  Each emitter follows the
 * order of calls in regalloc.h.
 */
#include "config.h"

#include "tcg/x64-internal.h"

static inline int size_of(enum ir_type type)
{
    return type == I64 ? S64 : S32;
}

static inline unsigned width_of(enum ir_type type)
{
    return type == I64 ? 64 : 32;
}

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

/* --- two-operand forms -------------------------------------------------- */

/* The second operand of an instruction. */
struct rhs {
    enum { RHS_REG, RHS_IMM, RHS_MEM } kind;
    int reg;
    int32_t imm;
    struct x64_mem mem;
};

static struct rhs use_rhs(struct x64 *c, uint16_t v, enum ir_type type)
{
    struct rhs r = { .kind = RHS_IMM, .reg = -1 };
    bool in_frame;
    int32_t off;

    if (x64_imm32(c, v, type, &r.imm))
        return r;
    if (ra_dies(c->ra, v) && ra_in_memory(c->ra, v, &in_frame, &off)) {
        r.kind = RHS_MEM;
        r.mem = x64_slot_mem(in_frame, off);
        return r;
    }
    r.kind = RHS_REG;
    r.reg = ra_use(c->ra, v);
    return r;
}

static void alu(struct x64 *c, enum x64_alu op, int sz, int d,
                const struct rhs *r)
{
    if (r->kind == RHS_IMM)
        x64_alu_ri(&c->b, op, sz, d, r->imm);
    else if (r->kind == RHS_MEM)
        x64_alu_rm(&c->b, op, sz, d, r->mem);
    else
        x64_alu_rr(&c->b, op, sz, d, r->reg);
}

/* Put the operand whose register can become the result's first. */
static bool should_swap(const struct x64 *c, uint16_t a, uint16_t b)
{
    const struct ra *ra = c->ra;

    if (ir_value(c->ir, b)->is_const)
        return false;
    if (ir_value(c->ir, a)->is_const)
        return true;
    return (ra_where(ra, a) < 0 && ra_where(ra, b) >= 0) ||
           (ra_dies(ra, b) && !ra_dies(ra, a));
}

static uint32_t next_op(const struct x64 *c)
{
    uint32_t i = c->pos + 1;

    while (i < c->ir->nops && c->ir->ops[i].dead)
        i++;
    return i;
}

/* AND whose result is only wanted for its flags. */
static bool only_test(struct x64 *c, const struct ir_op *op, uint16_t a,
                      uint16_t b)
{
    uint16_t out = ir_outs(op)[0];
    const struct ra_val *val = &c->ra->val[out];
    uint32_t j = next_op(c);
    struct rhs r;
    int ra;

    if (j >= c->ir->nops || c->ir->ops[j].opc != IR_flags_logic ||
        val->next != j || val->last != j)
        return false;
    x64_clobber(c);
    ra = ra_use(c->ra, a);
    r = use_rhs(c, b, op->type);
    if (r.kind == RHS_IMM)
        x64_test_ri(&c->b, size_of(op->type), ra, r.imm);
    else
        x64_test_rr(&c->b, size_of(op->type), ra,
                    r.kind == RHS_MEM ? ra_use(c->ra, b) : r.reg);
    ra_inputs_done(c->ra);
    c->logic_val = out;
    return true;
}

/* d = a op b for a commutative op. */
static void commutative(struct x64 *c, const struct ir_op *op,
                        enum x64_alu aop)
{
    uint16_t a = ir_ins(op)[0], b = ir_ins(op)[1], t;
    int sz = size_of(op->type), ra, d;
    struct rhs r;

    x64_clobber(c);
    if (should_swap(c, a, b)) {
        t = a;
        a = b;
        b = t;
    }
    ra = ra_use(c->ra, a);
    r = use_rhs(c, b, op->type);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (r.kind == RHS_REG && d == r.reg) {
        x64_alu_rr(&c->b, aop, sz, d, ra);
    } else {
        x64_move_reg(&c->b, op->type, d, ra);
        alu(c, aop, sz, d, &r);
    }
    c->logic_val = ir_outs(op)[0];
}

static bool out_and(struct x64 *c, const struct ir_op *op)
{
    uint64_t k;

    if (only_test(c, op, ir_ins(op)[0], ir_ins(op)[1]))
        return true;
    /* The zero-extended low parts have moves. */
    if (x64_const_val(c, ir_ins(op)[1], &k) &&
        (k == 0xff || k == 0xffff || (k == UINT32_MAX && op->type == I64))) {
        int s = ra_use(c->ra, ir_ins(op)[0]), d;

        ra_inputs_done(c->ra);
        d = ra_def(c->ra, ir_outs(op)[0]);
        x64_movzx_rr(&c->b, k == 0xff ? S8 : k == 0xffff ? S16 : S32, d, s);
        return true;
    }
    commutative(c, op, A_AND);
    return true;
}

static bool out_or(struct x64 *c, const struct ir_op *op)
{
    commutative(c, op, A_OR);
    return true;
}

static bool out_xor(struct x64 *c, const struct ir_op *op)
{
    commutative(c, op, A_XOR);
    return true;
}

/* --- add, sub and their flags ------------------------------------------- */

static bool same_value(const struct x64 *c, uint16_t a, uint16_t b)
{
    const struct ir_value *x = ir_value(c->ir, a), *y = ir_value(c->ir, b);

    return a == b || (x->is_const && y->is_const && x->type == y->type &&
                      x->lo == y->lo);
}

static bool same_operation(const struct x64 *c, const struct ir_op *x,
                           const struct ir_op *y)
{
    for (unsigned i = 0; i < x->nin; i++)
        if (!same_value(c, ir_ins(x)[i], ir_ins(y)[i]))
            return false;
    /* The carry sense of sbc; flags_sub has one, sub has none. */
    return x->opc == IR_sub || y->opc == IR_sub || x->c[0] == y->c[0] ||
           x->opc == IR_add || y->opc == IR_add;
}

uint32_t x64_partner(const struct x64 *c, const struct ir_op *op,
                     unsigned opc)
{
    uint32_t i = c->pos + 1;

    for (unsigned steps = 0; i < c->ir->nops && steps < 6; i++) {
        const struct ir_op *next = &c->ir->ops[i];

        if (next->dead)
            continue;
        if (next->opc == opc && next->nin == op->nin && !c->done[i] &&
            same_operation(c, op, next))
            return i;
        /* Only what cannot see the difference may lie between. */
        if (next->opc != IR_state_st && next->opc != IR_mov)
            return 0;
        steps++;
    }
    return 0;
}

/* a + b without touching the flags. */
static void lea_add(struct x64 *c, int sz, int d, int a, const struct rhs *r)
{
    if (r->kind == RHS_IMM)
        x64_lea(&c->b, sz, d, x64_m(a, r->imm));
    else
        x64_lea(&c->b, sz, d, x64_mi(a, r->reg, 0, 0));
}

struct arith {
    enum x64_alu op;
    bool commutes, carry, carry_inv, flags_inv;
};

static struct arith arith_of(const struct ir_op *op)
{
    bool not_borrow = op->c[0] == CARRY_NOT_BORROW;

    switch (op->opc) {
    case IR_add: case IR_flags_add:
        return (struct arith){ A_ADD, true, false, false, false };
    case IR_adc: case IR_flags_adc:
        return (struct arith){ A_ADC, true, true, false, false };
    case IR_sub: case IR_flags_sub:
        return (struct arith){ A_SUB, false, false, false, not_borrow };
    default:
        return (struct arith){ A_SBB, false, true, not_borrow, not_borrow };
    }
}

/* The instruction itself, once operands and destination are chosen. */
static void arith_insn(struct x64 *c, const struct arith *k, int sz, int d,
                       int a, const struct rhs *r)
{
    if (r->kind == RHS_REG && d == r->reg && d != a) {
        ir_assert(k->commutes, "sub into its second operand");
        x64_alu_rr(&c->b, k->op, sz, d, a);
        return;
    }
    x64_move_reg(&c->b, sz == S64 ? I64 : I32, d, a);
    alu(c, k->op, sz, d, r);
}

/*
 * Operands are those of the value op, or of the flags op when the value is
 * not wanted (the result goes to scratch then).
 */
bool x64_out_arith(struct x64 *c, const struct ir_op *value,
                   const struct ir_op *flags)
{
    const struct ir_op *now = &c->ir->ops[c->pos], *op = flags ? flags : value;
    const uint16_t *in = ir_ins(now);
    enum ir_type type = ir_value(c->ir, in[0])->type;
    struct arith k = arith_of(op);
    uint16_t a = in[0], b = in[1];
    int sz = size_of(type), ra, d;
    uint32_t other;
    struct rhs r;

    other = value && flags ? (now == value ? flags : value) - c->ir->ops
                           : c->pos;
    if (k.carry)
        x64_prepare_carry(c, in[2], k.carry_inv,
                          ra_next_use(c->ra, 2) == other ? other : c->pos);
    else
        x64_clobber(c);
    if (k.commutes && should_swap(c, a, b)) {
        a = in[1];
        b = in[0];
    }
    ra = ra_use(c->ra, a);
    r = use_rhs(c, b, type);
    d = value ? 0 : ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    if (value && flags)
        ra_inputs_early(c->ra, other);
    if (k.carry)
        c->ra->flags_val = 0;
    if (value)
        d = ra_def_not(c->ra, ir_outs(value)[0],
                       !k.commutes && r.kind == RHS_REG && r.reg != ra
                           ? bit(r.reg) : 0);
    arith_insn(c, &k, sz, d, ra, &r);
    if (flags)
        ra_def_flags(c->ra, ir_outs(flags)[0], k.flags_inv);
    c->logic_val = 0;
    return true;
}

/* d = a + b or a - imm by LEA, when that saves a move or the flags. */
static bool by_lea(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    uint16_t a = in[0], b = in[1];
    struct rhs r = { .kind = RHS_REG };
    int ra, d;

    if (ir_value(c->ir, a)->is_const && op->opc == IR_add) {
        a = in[1];
        b = in[0];
    }
    if (ir_value(c->ir, a)->is_const)
        return false;
    if (x64_imm32(c, b, op->type, &r.imm)) {
        if (op->opc == IR_sub && r.imm == INT32_MIN)
            return false;
        r.kind = RHS_IMM;
        r.imm = op->opc == IR_sub ? -r.imm : r.imm;
    } else if (op->opc == IR_sub) {
        return false;
    }
    ra = ra_use(c->ra, a);
    if (r.kind == RHS_REG)
        r.reg = ra_use(c->ra, b);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (d == ra && !ra_flags_needed(c->ra)) {
        x64_clobber(c);
        alu(c, A_ADD, size_of(op->type), d, &r);
    } else {
        lea_add(c, size_of(op->type), d, ra, &r);
    }
    return true;
}

static bool out_add(struct x64 *c, const struct ir_op *op)
{
    uint32_t j = x64_partner(c, op, IR_flags_add);

    if (j) {
        c->done[j] = 1;
        return x64_out_arith(c, op, &c->ir->ops[j]);
    }
    return by_lea(c, op) || x64_out_arith(c, op, NULL);
}

static bool out_sub(struct x64 *c, const struct ir_op *op)
{
    uint32_t j = x64_partner(c, op, IR_flags_sub);

    if (j) {
        c->done[j] = 1;
        return x64_out_arith(c, op, &c->ir->ops[j]);
    }
    return by_lea(c, op) || x64_out_arith(c, op, NULL);
}

static bool out_adc(struct x64 *c, const struct ir_op *op)
{
    uint32_t j = x64_partner(c, op, IR_flags_adc);

    if (j)
        c->done[j] = 1;
    return x64_out_arith(c, op, j ? &c->ir->ops[j] : NULL);
}

static bool out_sbc(struct x64 *c, const struct ir_op *op)
{
    uint32_t j = x64_partner(c, op, IR_flags_sbc);

    if (j)
        c->done[j] = 1;
    return x64_out_arith(c, op, j ? &c->ir->ops[j] : NULL);
}

/* --- one-operand forms -------------------------------------------------- */

/* Input and output registers of a one-operand op. */
static void unary_regs(struct x64 *c, const struct ir_op *op, int *d, int *s)
{
    *s = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    *d = ra_def(c->ra, ir_outs(op)[0]);
}

static bool out_mov(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    if (ra_def_alias(c->ra, ir_outs(op)[0], ir_ins(op)[0])) {
        ra_inputs_done(c->ra);
        return true;
    }
    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, op->type, d, s);
    return true;
}

static bool out_zext(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    if (ra_def_alias(c->ra, ir_outs(op)[0], ir_ins(op)[0])) {
        ra_inputs_done(c->ra);
        return true;
    }
    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, I32, d, s);
    return true;
}

static bool out_sext(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    unary_regs(c, op, &d, &s);
    x64_movsx_rr(&c->b, S64, S32, d, s);
    return true;
}

static bool out_trunc(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    unary_regs(c, op, &d, &s);
    x64_mov_rr(&c->b, S32, d, s);
    return true;
}

static bool out_not(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, op->type, d, s);
    x64_unary_r(&c->b, U_NOT, size_of(op->type), d);
    return true;
}

static bool out_neg(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    x64_clobber(c);
    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, op->type, d, s);
    x64_unary_r(&c->b, U_NEG, size_of(op->type), d);
    return true;
}

static bool out_bswap(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, op->type, d, s);
    x64_bswap(&c->b, size_of(op->type), d);
    return true;
}

/* Swap all bytes, then the order of the halves back. */
static bool out_bswap16(struct x64 *c, const struct ir_op *op)
{
    int d, s, t;

    x64_clobber(c);
    if (op->type == I32) {
        unary_regs(c, op, &d, &s);
        x64_move_reg(&c->b, I32, d, s);
        x64_bswap(&c->b, S32, d);
        x64_shift_i(&c->b, SH_ROL, S32, d, 16);
        return true;
    }
    s = ra_use(c->ra, ir_ins(op)[0]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(t));
    x64_mov_ri(&c->b, t, 0x00ff00ff00ff00ff);
    x64_move_reg(&c->b, I64, d, s);
    x64_alu_rr(&c->b, A_AND, S64, t, d);    /* low bytes */
    x64_alu_rr(&c->b, A_XOR, S64, d, t);    /* high bytes */
    x64_shift_i(&c->b, SH_SHL, S64, t, 8);
    x64_shift_i(&c->b, SH_SHR, S64, d, 8);
    x64_alu_rr(&c->b, A_OR, S64, d, t);
    return true;
}

static bool out_clz(struct x64 *c, const struct ir_op *op)
{
    int d, s, t, sz = size_of(op->type);

    x64_clobber(c);
    if (c->be->cpu.lzcnt) {
        unary_regs(c, op, &d, &s);
        x64_lzcnt(&c->b, sz, d, s);
        return true;
    }
    s = ra_use(c->ra, ir_ins(op)[0]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(t));
    x64_mov_ri(&c->b, t, 2 * width_of(op->type) - 1);
    x64_bsr(&c->b, sz, d, s);
    x64_cmov_rr(&c->b, XC_E, sz, d, t);
    x64_alu_ri(&c->b, A_XOR, sz, d, width_of(op->type) - 1);
    return true;
}

static bool out_ctz(struct x64 *c, const struct ir_op *op)
{
    int d, s, t, sz = size_of(op->type);

    x64_clobber(c);
    if (c->be->cpu.bmi1) {
        unary_regs(c, op, &d, &s);
        x64_tzcnt(&c->b, sz, d, s);
        return true;
    }
    s = ra_use(c->ra, ir_ins(op)[0]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(t));
    x64_mov_ri(&c->b, t, width_of(op->type));
    x64_bsf(&c->b, sz, d, s);
    x64_cmov_rr(&c->b, XC_E, sz, d, t);
    return true;
}

/* --- and-not, min and max ------------------------------------------------ */

static bool out_andc(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int sz = size_of(op->type), a, b, d, t;

    x64_clobber(c);
    a = ra_use(c->ra, in[0]);
    b = ra_use(c->ra, in[1]);
    if (c->be->cpu.bmi1) {
        ra_inputs_done(c->ra);
        d = ra_def(c->ra, ir_outs(op)[0]);
        x64_vgpr(&c->b, V_ANDN, sz, d, a, b);  /* PF is undefined */
        return true;
    }
    t = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(t));
    x64_move_reg(&c->b, op->type, t, b);
    x64_unary_r(&c->b, U_NOT, sz, t);
    x64_move_reg(&c->b, op->type, d, a);
    x64_alu_rr(&c->b, A_AND, sz, d, t);
    c->logic_val = ir_outs(op)[0];
    return true;
}

static void min_max(struct x64 *c, const struct ir_op *op, enum x64_cc take_b)
{
    const uint16_t *in = ir_ins(op);
    int sz = size_of(op->type), a, b, d;

    x64_clobber(c);
    a = ra_use(c->ra, in[0]);
    b = ra_use(c->ra, in[1]);
    x64_alu_rr(&c->b, A_CMP, sz, a, b);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (d == b) {
        x64_cmov_rr(&c->b, take_b ^ 1, sz, d, a);
        return;
    }
    x64_move_reg(&c->b, op->type, d, a);
    x64_cmov_rr(&c->b, take_b, sz, d, b);
}

static bool out_minmax(struct x64 *c, const struct ir_op *op)
{
    static const uint8_t take_b[IR_NOPS] = {
        [IR_smin] = XC_G, [IR_smax] = XC_L, [IR_umin] = XC_A,
        [IR_umax] = XC_B };

    min_max(c, op, take_b[op->opc]);
    return true;
}

/* --- multiplies and divides ---------------------------------------------- */

static bool out_mul(struct x64 *c, const struct ir_op *op)
{
    uint16_t a = ir_ins(op)[0], b = ir_ins(op)[1];
    int sz = size_of(op->type), ra, d;
    struct rhs r;

    x64_clobber(c);
    if (should_swap(c, a, b)) {
        a = ir_ins(op)[1];
        b = ir_ins(op)[0];
    }
    ra = ra_use(c->ra, a);
    r = use_rhs(c, b, op->type);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (r.kind == RHS_IMM) {
        x64_imul_rri(&c->b, sz, d, ra, r.imm);
    } else if (r.kind == RHS_REG && d == r.reg) {
        x64_imul_rr(&c->b, sz, d, ra);
    } else {
        x64_move_reg(&c->b, op->type, d, ra);
        if (r.kind == RHS_MEM)
            x64_imul_rm(&c->b, sz, d, r.mem);
        else
            x64_imul_rr(&c->b, sz, d, r.reg);
    }
    return true;
}

/* High half of 32 x 32: a 64-bit product. */
static void mulh32(struct x64 *c, const struct ir_op *op, bool is_signed)
{
    const uint16_t *in = ir_ins(op);
    int a, b, d, t;

    a = ra_use(c->ra, in[0]);
    b = ra_use(c->ra, in[1]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(t) | (a == b ? 0 : bit(b)));
    if (is_signed) {
        x64_movsx_rr(&c->b, S64, S32, t, b);
        x64_movsx_rr(&c->b, S64, S32, d, a);
    } else {
        x64_mov_rr(&c->b, S32, t, b);
        x64_move_reg(&c->b, I32, d, a);
    }
    x64_imul_rr(&c->b, S64, d, t);
    x64_shift_i(&c->b, SH_SHR, S64, d, 32);
}

static bool out_mulh(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int b;

    x64_clobber(c);
    if (op->type == I32) {
        mulh32(c, op, op->opc == IR_smulh);
        return true;
    }
    ra_use_in(c->ra, in[0], RAX);
    ra_fixed(c->ra, RDX);
    b = ra_use_not(c->ra, in[1], bit(RAX) | bit(RDX));
    ra_inputs_done(c->ra);
    x64_unary_r(&c->b, op->opc == IR_smulh ? U_IMUL : U_MUL, S64, b);
    ra_def_in(c->ra, ir_outs(op)[0], RDX);
    return true;
}

/* x / 0 = 0. */
static void emit_udiv(struct x64_buf *b, int sz, int divisor)
{
    uint8_t *nonzero, *end;

    x64_alu_rr(b, A_XOR, S32, RDX, RDX);
    x64_test_rr(b, sz, divisor, divisor);
    nonzero = x64_jcc8(b, XC_NE);
    x64_mov_rr(b, S32, RAX, RDX);
    end = x64_jmp8(b);
    x64_patch8(b, nonzero);
    x64_unary_r(b, U_DIV, sz, divisor);
    x64_patch8(b, end);
}

/* x / 0 = 0, MIN / -1 = MIN: both are -x & divisor. */
static void emit_sdiv(struct x64_buf *b, int sz, int divisor)
{
    uint8_t *usual, *end;

    x64_lea(b, sz, RDX, x64_m(divisor, 1));
    x64_alu_ri(b, A_CMP, sz, RDX, 1);
    usual = x64_jcc8(b, XC_A);
    x64_unary_r(b, U_NEG, sz, RAX);
    x64_alu_rr(b, A_AND, sz, RAX, divisor);
    end = x64_jmp8(b);
    x64_patch8(b, usual);
    x64_cdq(b, sz);
    x64_unary_r(b, U_IDIV, sz, divisor);
    x64_patch8(b, end);
}

static bool out_div(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int sz = size_of(op->type), b;

    x64_clobber(c);
    ra_use_in(c->ra, in[0], RAX);
    ra_fixed(c->ra, RDX);
    b = ra_use_not(c->ra, in[1], bit(RAX) | bit(RDX));
    ra_inputs_done(c->ra);
    if (op->opc == IR_udiv)
        emit_udiv(&c->b, sz, b);
    else
        emit_sdiv(&c->b, sz, b);
    ra_def_in(c->ra, ir_outs(op)[0], RAX);
    return true;
}

/* --- shifts --------------------------------------------------------------- */

static const uint8_t shift_op[IR_NOPS] = {
    [IR_shl] = SH_SHL, [IR_shr] = SH_SHR, [IR_sar] = SH_SAR,
    [IR_ror] = SH_ROR };

static void shift_imm(struct x64 *c, const struct ir_op *op, unsigned n)
{
    int sz = size_of(op->type), d, s;

    x64_clobber(c);
    unary_regs(c, op, &d, &s);
    if (op->opc == IR_ror && n && d != s && c->be->cpu.bmi2) {
        x64_rorx(&c->b, sz, d, s, n);
        return;
    }
    x64_move_reg(&c->b, op->type, d, s);
    if (n)
        x64_shift_i(&c->b, shift_op[op->opc], sz, d, n);
}

static void shift_by_cl(struct x64 *c, const struct ir_op *op)
{
    int d, a;

    x64_clobber(c);
    ra_use_in(c->ra, ir_ins(op)[1], RCX);
    a = ra_use_not(c->ra, ir_ins(op)[0], bit(RCX));
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(RCX));
    x64_move_reg(&c->b, op->type, d, a);
    x64_shift_cl(&c->b, shift_op[op->opc], size_of(op->type), d);
}

/* The add right after this shift that is the only user of its result. */
static const struct ir_op *scaled_add(struct x64 *c, const struct ir_op *op,
                                      uint64_t n)
{
    uint16_t out = ir_outs(op)[0];
    uint32_t j = next_op(c);
    const struct ir_op *add = &c->ir->ops[j];

    if (op->opc != IR_shl || n < 1 || n > 3 || j >= c->ir->nops ||
        add->opc != IR_add || c->ra->val[out].next != j ||
        c->ra->val[out].last != j ||
        (ir_ins(add)[0] == out) == (ir_ins(add)[1] == out))
        return NULL;
    c->pos = j;     /* flags of the sum? */
    j = x64_partner(c, add, IR_flags_add);
    c->pos = op - c->ir->ops;
    return j ? NULL : add;
}

/* a + (b << n) by LEA. */
static void shift_add(struct x64 *c, const struct ir_op *op,
                      const struct ir_op *add, unsigned n)
{
    uint32_t j = add - c->ir->ops;
    uint16_t out = ir_outs(op)[0];
    uint16_t other = ir_ins(add)[ir_ins(add)[0] == out];
    int s = ra_use(c->ra, ir_ins(op)[0]), a = X64_NOREG, d;
    int32_t imm;

    if (!x64_imm32(c, other, op->type, &imm)) {
        imm = 0;
        a = ra_use(c->ra, other);
    }
    ra_inputs_done(c->ra);
    ra_inputs_early(c->ra, j);
    d = ra_def(c->ra, ir_outs(add)[0]);
    x64_lea(&c->b, size_of(op->type), d, x64_mi(a, s, n, imm));
    c->done[j] = 1;
}

static bool out_shift(struct x64 *c, const struct ir_op *op)
{
    const struct ir_op *add;
    static const uint8_t vex[IR_NOPS] = {
        [IR_shl] = V_SHLX, [IR_shr] = V_SHRX, [IR_sar] = V_SARX };
    uint64_t n;
    int a, b, d;

    if (x64_const_val(c, ir_ins(op)[1], &n)) {
        n &= width_of(op->type) - 1;
        if ((add = scaled_add(c, op, n)))
            shift_add(c, op, add, n);
        else
            shift_imm(c, op, n);
        return true;
    }
    if (op->opc == IR_ror || !c->be->cpu.bmi2) {
        shift_by_cl(c, op);
        return true;
    }
    a = ra_use(c->ra, ir_ins(op)[0]);
    b = ra_use(c->ra, ir_ins(op)[1]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_vgpr(&c->b, vex[op->opc], size_of(op->type), d, a, b);
    return true;
}

/* --- bit fields ------------------------------------------------------------ */

/* Whole bytes at bit 0 have moves; false if not one of these. */
static bool low_part(unsigned pos, unsigned len, int *from)
{
    *from = len == 8 ? S8 : len == 16 ? S16 : S32;
    return pos == 0 && (len == 8 || len == 16 || len == 32);
}

static bool out_extract(struct x64 *c, const struct ir_op *op)
{
    unsigned pos = op->c[0], len = op->c[1], width = width_of(op->type);
    int sz = size_of(op->type), d, s, from;

    if (low_part(pos, len, &from)) {
        unary_regs(c, op, &d, &s);
        x64_movzx_rr(&c->b, from, d, s);
        return true;
    }
    x64_clobber(c);
    unary_regs(c, op, &d, &s);
    if (pos + len <= 32)        /* fits the low half: shorter code */
        sz = S32;
    x64_move_reg(&c->b, sz == S64 ? I64 : I32, d, s);
    if (len < 32) {
        if (pos)
            x64_shift_i(&c->b, SH_SHR, sz, d, pos);
        if (pos + len < (sz == S64 ? 64u : 32u))
            x64_alu_ri(&c->b, A_AND, S32, d, (1u << len) - 1);
        return true;
    }
    if (pos + len < width)
        x64_shift_i(&c->b, SH_SHL, S64, d, width - pos - len);
    if (len < width)
        x64_shift_i(&c->b, SH_SHR, S64, d, width - len);
    return true;
}

static bool out_sextract(struct x64 *c, const struct ir_op *op)
{
    unsigned pos = op->c[0], len = op->c[1], width = width_of(op->type);
    int sz = size_of(op->type), d, s, from;

    if (low_part(pos, len, &from)) {
        unary_regs(c, op, &d, &s);
        x64_movsx_rr(&c->b, sz, from, d, s);
        return true;
    }
    x64_clobber(c);
    unary_regs(c, op, &d, &s);
    x64_move_reg(&c->b, op->type, d, s);
    if (pos + len < width)
        x64_shift_i(&c->b, SH_SHL, sz, d, width - pos - len);
    if (len < width)
        x64_shift_i(&c->b, SH_SAR, sz, d, width - len);
    return true;
}

/* Rotate the field to the bottom, shift it out while the new one comes in at
 * the top, rotate back. */
static bool out_deposit(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    unsigned pos = op->c[0], len = op->c[1], width = width_of(op->type);
    int sz = size_of(op->type), a, f, d;

    x64_clobber(c);
    a = ra_use(c->ra, in[0]);
    f = ra_use(c->ra, in[1]);
    ra_inputs_done(c->ra);
    if (len == width) {
        x64_move_reg(&c->b, op->type, ra_def(c->ra, ir_outs(op)[0]), f);
        return true;
    }
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(f));
    x64_move_reg(&c->b, op->type, d, a);
    if (pos)
        x64_shift_i(&c->b, SH_ROR, sz, d, pos);
    x64_shrd_i(&c->b, sz, d, f, len);
    if ((pos + len) % width)
        x64_shift_i(&c->b, SH_ROL, sz, d, (pos + len) % width);
    return true;
}

static bool out_concat32(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int lo, hi, d;

    x64_clobber(c);
    lo = ra_use(c->ra, in[0]);
    hi = ra_use(c->ra, in[1]);
    if (lo == hi) {
        int t = ra_temp(c->ra, RA_GENERAL, 0);

        x64_mov_rr(&c->b, S32, t, lo);
        lo = t;
    }
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], bit(lo));
    x64_move_reg(&c->b, I32, d, hi);
    x64_shift_i(&c->b, SH_SHL, S64, d, 32);
    x64_alu_rr(&c->b, A_OR, S64, d, lo);
    return true;
}

/* --- bits between classes -------------------------------------------------- */

static bool out_bitcast(struct x64 *c, const struct ir_op *op)
{
    int d, s;

    unary_regs(c, op, &d, &s);
    if (op->type == V64 && s >= XMM0)   /* their upper half is zero */
        x64_op2(c, X_MOVQ, d, s, 0);
    else
        x64_move_reg(&c->b, op->type, d, s);
    return true;
}

const x64_emit_fn x64_int_emit[IR_NOPS] = {
    [IR_mov] = out_mov, [IR_add] = out_add, [IR_sub] = out_sub,
    [IR_mul] = out_mul, [IR_umulh] = out_mulh, [IR_smulh] = out_mulh,
    [IR_udiv] = out_div, [IR_sdiv] = out_div, [IR_and] = out_and,
    [IR_or] = out_or, [IR_xor] = out_xor, [IR_andc] = out_andc,
    [IR_not] = out_not, [IR_neg] = out_neg, [IR_shl] = out_shift,
    [IR_shr] = out_shift, [IR_sar] = out_shift, [IR_ror] = out_shift,
    [IR_clz] = out_clz, [IR_ctz] = out_ctz, [IR_bswap] = out_bswap,
    [IR_bswap16] = out_bswap16, [IR_extract] = out_extract,
    [IR_sextract] = out_sextract, [IR_deposit] = out_deposit,
    [IR_concat32] = out_concat32, [IR_zext] = out_zext, [IR_sext] = out_sext,
    [IR_trunc] = out_trunc, [IR_smin] = out_minmax, [IR_smax] = out_minmax,
    [IR_umin] = out_minmax, [IR_umax] = out_minmax, [IR_adc] = out_adc,
    [IR_sbc] = out_sbc, [IR_bitcast] = out_bitcast,
};
