/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flags, conditions and branches on x86-64.
 *
 * A FLAGS value stays in the host's flags as long as nothing else needs them
 * (ra->flags_val; ra->flags_inv says that CF is the opposite of C, as after a
 * host CMP for a guest whose C is "not borrow").  In a register or in memory
 * it has the layout of LAHF and SETO AL (enum ir_flag_bit); SHL AL, 7, ADD AL, AL
 * and SAHF bring it back.
 */
#include "config.h"

#include "tcg/x64-internal.h"

void x64_clobber(struct x64 *c)
{
    ra_clobber_flags(c->ra);
    c->logic_val = 0;
}

void x64_save_flags(void *opaque)
{
    struct x64 *c = opaque;

    ra_fixed(c->ra, RAX);
    if (c->ra->flags_inv)
        x64_cmc(&c->b);
    x64_lahf(&c->b);
    x64_setcc_r(&c->b, XC_O, RAX);
    ra_flags_saved(c->ra, RAX);
}

/* --- conditions on flags ----------------------------------------------- */

/* The one bit that decides a condition, 0 if there are several. */
static unsigned deciding_bit(enum ir_cc cc)
{
    switch (cc) {
    case CC_EQ: case CC_NE:
        return FLAG_Z;
    case CC_CS: case CC_CC:
        return FLAG_C;
    case CC_MI: case CC_PL:
        return FLAG_S;
    case CC_VS: case CC_VC:
        return FLAG_O;
    case CC_PE: case CC_PO:
        return FLAG_P;
    default:
        return 0;
    }
}

/* All these pairs begin with "bit is set". */
static enum x64_cc test_bit(struct x64 *c, uint16_t f, enum ir_cc cc,
                            unsigned bit)
{
    bool in_frame;
    int32_t off;

    x64_clobber(c);
    if (ra_in_memory(c->ra, f, &in_frame, &off)) {
        struct x64_mem m = x64_slot_mem(in_frame, off);

        if (bit > 0xff) {
            m.disp++;
            bit >>= 8;
        }
        x64_test_mi(&c->b, S8, m, bit);
    } else {
        x64_test_ri(&c->b, S32, ra_use(c->ra, f), bit);
    }
    return cc & 1 ? XC_E : XC_NE;
}

static void restore_flags(struct x64 *c, uint16_t f)
{
    x64_clobber(c);
    ra_use_in(c->ra, f, RAX);
    x64_shift_i(&c->b, SH_SHL, S8, RAX, 7);     /* O = bit 0; drop others */
    x64_alu_rr(&c->b, A_ADD, S8, RAX, RAX);
    x64_sahf(&c->b);
    ra_release(c->ra, RAX);
    if (!ir_value(c->ir, f)->is_const)
        ra_def_flags(c->ra, f, false);
    else
        c->ra->flags_inv = false;
}

static void want_carry(struct x64 *c, bool inv)
{
    if (c->ra->flags_inv == inv)
        return;
    x64_cmc(&c->b);
    c->ra->flags_inv = inv;
    c->logic_val = 0;
}

/* The host condition for cc on the live flags. */
static enum x64_cc map_cond(struct x64 *c, enum ir_cc cc)
{
    static const uint8_t simple[] = {
        [CC_EQ] = XC_E, [CC_NE] = XC_NE, [CC_MI] = XC_S, [CC_PL] = XC_NS,
        [CC_VS] = XC_O, [CC_VC] = XC_NO, [CC_GE] = XC_GE, [CC_LT] = XC_L,
        [CC_GT] = XC_G, [CC_LE] = XC_LE, [CC_PE] = XC_P, [CC_PO] = XC_NP,
    };
    bool odd = cc & 1;

    switch (cc) {
    case CC_CS: case CC_CC:
        return c->ra->flags_inv == odd ? XC_B : XC_AE;
    case CC_HI_ARM: case CC_LS_ARM:
        want_carry(c, true);
        return odd ? XC_BE : XC_A;
    case CC_HI_X86: case CC_LS_X86:
        want_carry(c, false);
        return odd ? XC_BE : XC_A;
    default:
        return simple[cc];
    }
}

/* The conditions on the result of an FP compare that one of the host's says after COMISD, which sets ZF for equal and unordered
 * operands and CF for less and unordered ones. False: there is none. */
static bool fcmp_cond(enum ir_cc cc, enum x64_cc *host)
{
    static const int8_t map[CC_ALWAYS] = {
        [CC_GE] = XC_AE, [CC_LT] = XC_B, [CC_GT] = XC_A, [CC_LE] = XC_BE, [CC_VS] = XC_P, [CC_VC] = XC_NP,
    };

    if (cc >= CC_ALWAYS || !map[cc])    /* XC_O, 0, is none of them */
        return false;
    *host = (enum x64_cc)map[cc];
    return true;
}

enum x64_cc x64_prepare_cond(struct x64 *c, uint16_t f, enum ir_cc cc)
{
    unsigned bit = deciding_bit(cc);
    enum x64_cc host;

    if (c->logic_val == f && fcmp_cond(cc, &host))
        return host;
    if (cc == CC_ALWAYS || cc == CC_NEVER) {
        x64_clobber(c);
        x64_test_rr(&c->b, S64, RSP, RSP);
        return cc == CC_ALWAYS ? XC_NE : XC_E;
    }
    if (c->ra->flags_val != f ||
        (c->ra->flags_partial && (!bit || bit == FLAG_O))) {
        if (bit)
            return test_bit(c, f, cc, bit);
        restore_flags(c, f);
    }
    return map_cond(c, cc);
}

void x64_prepare_carry(struct x64 *c, uint16_t f, bool inv, uint32_t end)
{
    bool in_frame;
    int32_t off;

    if (c->ra->flags_val == f) {
        /* What comes next destroys them. */
        if (ra_flags_needed(c->ra) && c->ra->val[f].last > end)
            x64_save_flags(c);
        want_carry(c, inv);
        c->logic_val = 0;
        return;
    }
    x64_clobber(c);
    if (ra_in_memory(c->ra, f, &in_frame, &off))
        x64_bit_mi(&c->b, B_BT, S32, x64_slot_mem(in_frame, off), 8);
    else
        x64_bit_ri(&c->b, B_BT, S32, ra_use(c->ra, f), 8);
    if (inv)
        x64_cmc(&c->b);
}

/* --- compares ---------------------------------------------------------- */

static enum x64_cc compare_cc(enum ir_cc cc)
{
    static const uint8_t map[] = {
        [CC_EQ] = XC_E, [CC_NE] = XC_NE, [CC_GE] = XC_GE, [CC_LT] = XC_L,
        [CC_GT] = XC_G, [CC_LE] = XC_LE, [CC_GEU] = XC_AE, [CC_LTU] = XC_B,
        [CC_GTU] = XC_A, [CC_LEU] = XC_BE, [CC_TSTNE] = XC_NE,
        [CC_TSTEQ] = XC_E, [CC_MI] = XC_S, [CC_PL] = XC_NS,
    };

    return map[cc];
}

static bool is_test(enum ir_cc cc)
{
    return cc == CC_TSTNE || cc == CC_TSTEQ;
}

/* CMP or TEST a, b. */
static void compare(struct x64 *c, enum ir_type type, uint16_t a, uint16_t b,
                    bool test)
{
    int sz = type == I64 ? S64 : S32, ra, rb;
    bool in_frame;
    int32_t imm, off;

    x64_clobber(c);
    if (x64_imm32(c, b, type, &imm)) {
        if (ra_dies(c->ra, a) && ra_in_memory(c->ra, a, &in_frame, &off)) {
            struct x64_mem m = x64_slot_mem(in_frame, off);

            if (test)
                x64_test_mi(&c->b, sz, m, imm);
            else
                x64_alu_mi(&c->b, A_CMP, sz, m, imm);
            return;
        }
        ra = ra_use(c->ra, a);
        if (test)
            x64_test_ri(&c->b, sz, ra, imm);
        else if (imm == 0)
            x64_test_rr(&c->b, sz, ra, ra);
        else
            x64_alu_ri(&c->b, A_CMP, sz, ra, imm);
        return;
    }
    ra = ra_use(c->ra, a);
    rb = ra_use(c->ra, b);
    if (test)
        x64_test_rr(&c->b, sz, ra, rb);
    else
        x64_alu_rr(&c->b, A_CMP, sz, ra, rb);
}

enum x64_cc x64_compare(struct x64 *c, enum ir_type type, uint16_t a,
                        uint16_t b, enum ir_cc cc)
{
    compare(c, type, a, b, is_test(cc));
    return compare_cc(cc);
}

/* --- making flags ------------------------------------------------------ */

static enum ir_type operand_type(struct x64 *c, const struct ir_op *op,
                                 unsigned i)
{
    return ir_value(c->ir, ir_ins(op)[i])->type;
}

static bool out_flags_sub(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    uint32_t j = x64_partner(c, op, IR_sub);

    if (j) {
        c->done[j] = 1;
        return x64_out_arith(c, &c->ir->ops[j], op);
    }
    compare(c, operand_type(c, op, 0), in[0], in[1], false);
    ra_inputs_done(c->ra);
    ra_def_flags(c->ra, ir_outs(op)[0], op->c[0] == CARRY_NOT_BORROW);
    return true;
}

static bool with_partner(struct x64 *c, const struct ir_op *op, unsigned opc)
{
    uint32_t j = x64_partner(c, op, opc);

    if (j)
        c->done[j] = 1;
    return x64_out_arith(c, j ? &c->ir->ops[j] : NULL, op);
}

static bool out_flags_add(struct x64 *c, const struct ir_op *op)
{
    return with_partner(c, op, IR_add);
}

static bool out_flags_adc(struct x64 *c, const struct ir_op *op)
{
    return with_partner(c, op, IR_adc);
}

static bool out_flags_sbc(struct x64 *c, const struct ir_op *op)
{
    return with_partner(c, op, IR_sbc);
}

/*
 * What ARM's logical instructions make: N and Z from a result, C kept or from
 * the shifter, V kept, all in the slot that old came from.
 *     new = flags_logic v
 *     m = flags_merge old, new, S | Z
 *     m2 = flags_set_c m, bit             (perhaps)
 *     state_st m or m2, slot
 * becomes LAHF and a store of AH, with C put into CF first by a rotate, which
 * changes no flag but CF (and OF).  V stays in its byte of the slot.
 */
struct nz_update {
    uint32_t merge, set_c, store;   /* op indices; set_c 0: none */
    int32_t slot;
    uint16_t bit;                   /* of set_c */
    uint16_t result;
};

/* The next op that is not dead and not one that may lie between. */
static uint32_t after_moves(const struct x64 *c, uint32_t i)
{
    for (i++; i < c->ir->nops; i++) {
        const struct ir_op *op = &c->ir->ops[i];

        if (!op->dead && op->opc != IR_state_ld && op->opc != IR_mov)
            break;
    }
    return i;
}

/* The store of v that follows i, with other stores between. */
static uint32_t store_after(const struct x64 *c, uint32_t i, uint16_t v)
{
    for (i++; i < c->ir->nops; i++) {
        const struct ir_op *op = &c->ir->ops[i];

        if (op->dead)
            continue;
        if (op->opc != IR_state_st)
            return 0;
        if (ir_ins(op)[0] == v)
            return ra_find_pin(c->ra, op->c[0]) < 0 ? i : 0;
    }
    return 0;
}

/* Is v only used by the op at index? */
static bool only_for(const struct x64 *c, uint16_t v, uint32_t index)
{
    return c->ra->val[v].next == index && c->ra->val[v].last == index;
}

/* Does old stand in the slot now? */
static bool is_in_slot(const struct x64 *c, uint16_t old, uint32_t merge,
                       int32_t slot)
{
    const struct ir_op *def = &c->ir->ops[ir_value(c->ir, old)->def];

    if (c->ra->val[old].live)
        return c->ra->val[old].home == slot;
    return only_for(c, old, merge) && def->opc == IR_state_ld &&
           (int32_t)def->c[0] == slot &&
           ir_value(c->ir, old)->def > c->pos;
}

static bool match_nz(const struct x64 *c, const struct ir_op *op,
                     struct nz_update *u)
{
    const struct ir_op *m, *s;
    uint32_t last;

    *u = (struct nz_update){ .merge = after_moves(c, c->pos) };
    if (u->merge >= c->ir->nops)
        return false;
    m = &c->ir->ops[u->merge];
    if (m->opc != IR_flags_merge || m->c[0] != (FLAG_S | FLAG_Z) ||
        ir_ins(m)[1] != ir_outs(op)[0] ||
        !only_for(c, ir_outs(op)[0], u->merge))
        return false;
    last = u->merge;
    u->result = ir_outs(m)[0];
    s = &c->ir->ops[after_moves(c, last) % c->ir->nops];
    if (s->opc == IR_flags_set_c && ir_ins(s)[0] == u->result &&
        only_for(c, u->result, s - c->ir->ops)) {
        last = u->set_c = s - c->ir->ops;
        u->bit = ir_ins(s)[1];
        u->result = ir_outs(s)[0];
        if (!c->ra->val[u->bit].live && !ir_value(c->ir, u->bit)->is_const)
            return false;
    }
    u->store = store_after(c, last, u->result);
    if (!u->store || ir_value(c->ir, ir_ins(m)[0])->is_const)
        return false;
    u->slot = c->ir->ops[u->store].c[0];
    return is_in_slot(c, ir_ins(m)[0], u->merge, u->slot);
}

static void put_carry(struct x64 *c, const struct nz_update *u)
{
    struct x64_place p = { .kind = PL_ENV, .type = I32, .offset = u->slot };
    uint64_t k;
    int t;

    if (u->set_c && x64_const_val(c, u->bit, &k)) {
        if (k & 1)
            x64_stc(&c->b);
        else
            x64_clc(&c->b);
        return;
    }
    t = ra_temp(c->ra, RA_GENERAL, 0);
    if (u->set_c)
        p = x64_place_of(c, u->bit);
    x64_load_place(c, t, &p);
    x64_shift_i(&c->b, SH_ROR, S32, t, u->set_c ? 1 : 9);   /* bit 8 is C */
    ra_release(c->ra, t);
}

static void emit_nz(struct x64 *c, const struct nz_update *u)
{
    c->ra->locked = 0;      /* v was tested and may move now */
    put_carry(c, u);
    ra_fixed(c->ra, RAX);
    x64_lahf(&c->b);
    ra_home_write(c->ra, u->slot, 4);
    x64_mov_m_ah(&c->b, x64_m(ENV, u->slot + 1));
    ra_inputs_done(c->ra);
    ra_def_flags_home(c->ra, u->result, u->slot);
    c->logic_val = 0;
    c->done[u->merge] = c->done[u->store] = 1;
    if (u->set_c)
        c->done[u->set_c] = 1;
}

static bool out_flags_logic(struct x64 *c, const struct ir_op *op)
{
    uint16_t v = ir_ins(op)[0];
    int sz = operand_type(c, op, 0) == I64 ? S64 : S32, r;
    struct nz_update u;

    if (c->logic_val != v) {
        x64_clobber(c);
        r = ra_use(c->ra, v);
        x64_test_rr(&c->b, sz, r, r);
    } else if (c->ra->flags_val) {      /* the same flags by another name */
        ra_clobber_flags(c->ra);
    }
    c->logic_val = v;
    if (match_nz(c, op, &u)) {
        emit_nz(c, &u);
        return true;
    }
    ra_inputs_done(c->ra);
    ra_def_flags(c->ra, ir_outs(op)[0], false);
    return true;
}

/* Operations of 8 and 16 bits: the host's of that size, on a copy where there is a result. */
static bool out_flags_narrow(struct x64 *c, const struct ir_op *op)
{
    static const uint8_t alu[] = {
        [NARROW_ADD] = A_ADD, [NARROW_SUB] = A_CMP, [NARROW_ADC] = A_ADC, [NARROW_SBB] = A_SBB };
    const uint16_t *in = ir_ins(op);
    int sz = op->c[0] == 8 ? S8 : S16, a, b, t;
    enum ir_narrow kind = op->c[1];
    bool carry = kind == NARROW_ADC || kind == NARROW_SBB;

    if (carry)
        x64_prepare_carry(c, in[2], false, c->pos);
    else
        x64_clobber(c);
    a = ra_use(c->ra, in[0]);
    b = ra_use(c->ra, in[1]);
    t = kind == NARROW_SUB || kind == NARROW_TEST ? a : ra_temp(c->ra, RA_GENERAL, 0);
    if (t != a)
        x64_mov_rr(&c->b, S32, t, a);
    if (carry)
        c->ra->flags_val = 0;
    if (kind == NARROW_TEST)
        x64_test_rr(&c->b, sz, a, b);
    else
        x64_alu_rr(&c->b, alu[kind], sz, t, b);
    ra_inputs_done(c->ra);
    ra_def_flags(c->ra, ir_outs(op)[0], false);
    c->logic_val = 0;
    return true;
}

/* The host's shift on a copy. Where flags may stay (a count that may be 0, rotates), the old ones are put into the host's before. */
static bool out_flags_shift(struct x64 *c, const struct ir_op *op)
{
    static const uint8_t shift[] = {
        [SHIFT_SHL] = SH_SHL, [SHIFT_SHR] = SH_SHR, [SHIFT_SAR] = SH_SAR, [SHIFT_ROL] = SH_ROL, [SHIFT_ROR] = SH_ROR };
    const uint16_t *in = ir_ins(op);
    int sz = op->c[0] == 8 ? S8 : op->c[0] == 16 ? S16 : op->c[0] == 32 ? S32 : S64, a, t;
    enum ir_shift kind = op->c[1];
    uint64_t n;
    /* a count of 0 keeps the flags; rotates of a register by an immediate leave O on some processors, those by CL do not */
    bool constant = x64_const_val(c, in[2], &n) && n && (kind <= SHIFT_SAR || n == 1);

    x64_clobber(c);
    if (!constant)
        ra_use_in(c->ra, in[2], RCX);
    a = ra_use_not(c->ra, in[1], 1u << RAX);
    t = ra_temp(c->ra, RA_GENERAL, 1u << RAX);
    x64_mov_rr(&c->b, sz == S64 ? S64 : S32, t, a);
    if (!constant || kind > SHIFT_SAR) {
        restore_flags(c, in[0]);
        c->ra->flags_val = 0;
    }
    if (constant)
        x64_shift_i(&c->b, shift[kind], sz, t, n);
    else
        x64_shift_cl(&c->b, shift[kind], sz, t);
    ra_inputs_done(c->ra);
    ra_def_flags(c->ra, ir_outs(op)[0], false);
    c->logic_val = 0;
    return true;
}

/* d = (old & ~mask) | (new & mask) */
static bool out_flags_merge(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    uint32_t mask = op->c[0];
    int t, n, d;
    struct x64_place old;

    x64_clobber(c);
    ra_use(c->ra, in[0]);
    n = ra_use(c->ra, in[1]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    old = x64_place_of(c, in[0]);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], 1u << t);
    x64_load_place(c, t, &old);
    x64_alu_ri(&c->b, A_AND, S32, t, ~mask & 0xffff);
    x64_move_reg(&c->b, I32, d, n);
    x64_alu_ri(&c->b, A_AND, S32, d, mask);
    x64_alu_rr(&c->b, A_OR, S32, d, t);
    return true;
}

static bool out_flags_set_c(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    uint64_t k;
    int f, t, d;
    struct x64_place bit;

    x64_clobber(c);
    f = ra_use(c->ra, in[0]);
    if (x64_const_val(c, in[1], &k)) {
        ra_inputs_done(c->ra);
        d = ra_def(c->ra, ir_outs(op)[0]);
        x64_move_reg(&c->b, I32, d, f);
        x64_alu_ri(&c->b, k & 1 ? A_OR : A_AND, S32, d,
                   k & 1 ? FLAG_C : ~FLAG_C);
        return true;
    }
    ra_use(c->ra, in[1]);
    t = ra_temp(c->ra, RA_GENERAL, 0);
    bit = x64_place_of(c, in[1]);
    ra_inputs_done(c->ra);
    d = ra_def_not(c->ra, ir_outs(op)[0], 1u << t);
    x64_load_place(c, t, &bit);
    x64_alu_ri(&c->b, A_AND, S32, t, 1);
    x64_shift_i(&c->b, SH_SHL, S32, t, 8);
    x64_move_reg(&c->b, I32, d, f);
    x64_alu_ri(&c->b, A_AND, S32, d, ~FLAG_C);
    x64_alu_rr(&c->b, A_OR, S32, d, t);
    return true;
}

static bool out_flags_from_bits(struct x64 *c, const struct ir_op *op)
{
    int s = ra_use(c->ra, ir_ins(op)[0]);

    ra_inputs_done(c->ra);
    x64_move_reg(&c->b, I32, ra_def(c->ra, ir_outs(op)[0]), s);
    return true;
}

static bool out_flags_to_bits(struct x64 *c, const struct ir_op *op)
{
    int s, d;

    x64_clobber(c);
    s = ra_use(c->ra, ir_ins(op)[0]);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_move_reg(&c->b, I32, d, s);
    x64_alu_ri(&c->b, A_AND, S32, d, FLAG_ALL);
    return true;
}

/* --- using conditions --------------------------------------------------- */

static void set_from_cond(struct x64 *c, const struct ir_op *op,
                          enum x64_cc cc)
{
    int d;

    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    x64_setcc_r(&c->b, cc, d);
    x64_movzx_rr(&c->b, S8, d, d);
}

static bool out_setcond(struct x64 *c, const struct ir_op *op)
{
    set_from_cond(c, op, x64_prepare_cond(c, ir_ins(op)[0], op->c[0]));
    return true;
}

static bool out_setcmp(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);

    if (ra_class_of(operand_type(c, op, 0)) != RA_GENERAL)
        return false;
    set_from_cond(c, op, x64_compare(c, operand_type(c, op, 0), in[0], in[1],
                                     op->c[0]));
    return true;
}

static void cmov(struct x64 *c, const struct ir_op *op, enum x64_cc cc,
                 uint16_t yes, uint16_t no)
{
    int sz = op->type == I64 ? S64 : S32;
    int y = ra_use(c->ra, yes), n, d;
    struct x64_place p;

    if (ir_value(c->ir, no)->is_const && ra_where(c->ra, no) < 0) {
        p = x64_place_of(c, no);    /* straight into the result */
        ra_inputs_done(c->ra);
        d = ra_def_not(c->ra, ir_outs(op)[0], 1u << y);
        x64_load_place(c, d, &p);
        x64_cmov_rr(&c->b, cc, sz, d, y);
        return;
    }
    n = ra_use(c->ra, no);
    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    if (d == y) {
        x64_cmov_rr(&c->b, cc ^ 1, sz, d, n);
        return;
    }
    x64_move_reg(&c->b, op->type, d, n);
    x64_cmov_rr(&c->b, cc, sz, d, y);
}

static bool out_select(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    enum x64_cc cc;

    if (op->type != I32 && op->type != I64)
        return false;
    cc = x64_prepare_cond(c, in[0], op->c[0]);
    cmov(c, op, cc, in[1], in[2]);
    return true;
}

static bool out_select_cmp(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    enum x64_cc cc;

    if (op->type != I32 && op->type != I64)
        return false;
    cc = x64_compare(c, operand_type(c, op, 0), in[0], in[1], op->c[0]);
    c->ra->locked &= c->ra->scratch;    /* compared: may move now */
    cmov(c, op, cc, in[2], in[3]);
    return true;
}

/* --- branches ---------------------------------------------------------- */

static uint32_t next_op(const struct x64 *c, uint32_t i)
{
    while (++i < c->ir->nops && c->ir->ops[i].dead)
        ;
    return i;
}

/* br L; exit_link without poll; L: and nothing else comes to L: a jcc that is
 * the link. */
static bool branch_is_link(struct x64 *c, const struct ir_op *op,
                           enum x64_cc cc)
{
    uint32_t j = next_op(c, c->pos), k = next_op(c, j);
    const struct ir_op *exit = &c->ir->ops[j], *label = &c->ir->ops[k];

    if (k >= c->ir->nops || exit->opc != IR_exit_link || exit->c[1] ||
        label->opc != IR_label || label->c[0] != op->c[1] ||
        c->ra->label_refs[label->c[0]] != 1)
        return false;
    if (!x64_jcc_link(c, cc ^ 1, exit->c[0]))
        return false;
    c->done[j] = c->done[k] = 1;
    return true;
}

static void branch(struct x64 *c, const struct ir_op *op, enum x64_cc cc)
{
    ra_inputs_done(c->ra);
    if (!branch_is_link(c, op, cc))
        x64_jcc(&c->b, cc, x64_branch_to(c, op->c[1]));
}

static bool out_br_cond(struct x64 *c, const struct ir_op *op)
{
    uint16_t f = ir_ins(op)[0];

    /* ra_branch would have to save them after the condition is chosen. */
    if (c->ra->flags_val == f && ra_flags_needed(c->ra) &&
        c->ra->val[f].last > c->ra->label_pos[op->c[1]])
        x64_save_flags(c);
    branch(c, op, x64_prepare_cond(c, f, op->c[0]));
    return true;
}

static bool out_br_cmp(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);

    branch(c, op, x64_compare(c, operand_type(c, op, 0), in[0], in[1],
                              op->c[0]));
    return true;
}

const x64_emit_fn x64_flag_emit[IR_NOPS] = {
    [IR_flags_add] = out_flags_add, [IR_flags_sub] = out_flags_sub,
    [IR_flags_adc] = out_flags_adc, [IR_flags_sbc] = out_flags_sbc,
    [IR_flags_logic] = out_flags_logic, [IR_flags_merge] = out_flags_merge,
    [IR_flags_set_c] = out_flags_set_c,
    [IR_flags_narrow] = out_flags_narrow, [IR_flags_shift] = out_flags_shift,
    [IR_flags_from_bits] = out_flags_from_bits,
    [IR_flags_to_bits] = out_flags_to_bits, [IR_setcond] = out_setcond,
    [IR_setcmp] = out_setcmp, [IR_select] = out_select,
    [IR_select_cmp] = out_select_cmp, [IR_br_cond] = out_br_cond,
    [IR_br_cmp] = out_br_cmp,
};
