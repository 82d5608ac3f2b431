/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 loads and stores of V registers as scalars of 1 to 16 bytes, single and in pairs (DDI 0487 C4.1.94, C7.2). A load zeroes the
 * rest of its register.
 */
#include "config.h"

#include "target-arm/a64-trans.h"

/* Type that an access of 1 << size bytes has in the IR */
static enum ir_type type_of(unsigned size)
{
    static const uint8_t type[] = { I32, I32, F32, V64, V128 };

    return (enum ir_type)type[size];
}

static struct ir_val read_v(struct a64_ctx *s, unsigned n, unsigned size)
{
    return ir_state_ld(s->ir, type_of(size), ARM_OFF_Q(n));
}

static void write_v(struct a64_ctx *s, unsigned n, unsigned size, struct ir_val v)
{
    struct ir *ir = s->ir;

    if (size < MO_32) {
        v = ir_bitcast(ir, F32, v);
    }
    if (size < MO_128) {         /* one store, which a load of any size can be served from */
        v = ir_v1(ir, IR_vzext, V128, v, 0, 0);
    }
    ir_state_st(ir, v, ARM_OFF_Q(n));
}

/* False: go on. True: ok is what the handler returns: false where there is no such size, true when FP is off. */
static bool refused(struct a64_ctx *s, unsigned size, bool *ok)
{
    *ok = size <= MO_128;
    return !*ok || a64_fp_off(s);
}

static void access_v(struct a64_ctx *s, bool is_load, unsigned rt, unsigned size, struct ir_val at)
{
    unsigned memop = a64_memop(s, size);

    if (is_load) {
        write_v(s, rt, size, ir_guest_ld(s->ir, type_of(size), at, memop, ARM_VIEW_CURRENT));
    } else {
        ir_guest_st(s->ir, at, read_v(s, rt, size), memop, ARM_VIEW_CURRENT);
    }
}

static bool ldst_imm(struct a64_ctx *s, const struct args_ldst_fp *a, bool is_load)
{
    struct ir_val base, moved;
    bool ok;

    if (refused(s, a->size, &ok)) {
        return ok;
    }
    base = a64_reg_sp(s, a->rn, true);
    moved = ir_addi(s->ir, base, a->imm);
    access_v(s, is_load, a->rt, a->size, a->pre ? moved : base);
    if (a->wback) {
        a64_set_reg_sp(s, a->rn, moved);
    }
    return true;
}

static bool ldst_reg(struct a64_ctx *s, const struct args_ldst_fp_reg *a, bool is_load)
{
    struct ir_val off;
    bool ok;

    if (!(a->option & 2)) {
        return false;
    }
    if (refused(s, a->size, &ok)) {
        return ok;
    }
    off = a64_extend(s, a->rm, true, a->option, a->scaled ? a->size : 0);
    access_v(s, is_load, a->rt, a->size, ir_add(s->ir, a64_reg_sp(s, a->rn, true), off));
    return true;
}

/* <op> <Bt|Ht|St|Dt|Qt>, [<Xn|SP>{, #<imm>}]{!}, with a register offset, and unscaled */
#define LDST(op, unscaled, is_load)                                                     \
    bool a64_trans_##op##_fp_imm(struct a64_ctx *s, const struct args_ldst_fp *a)       \
    {                                                                                   \
        return ldst_imm(s, a, is_load);                                                 \
    }                                                                                   \
    bool a64_trans_##unscaled##_fp(struct a64_ctx *s, const struct args_ldst_fp *a)     \
    {                                                                                   \
        return ldst_imm(s, a, is_load);                                                 \
    }                                                                                   \
    bool a64_trans_##op##_fp_reg(struct a64_ctx *s, const struct args_ldst_fp_reg *a)   \
    {                                                                                   \
        return ldst_reg(s, a, is_load);                                                 \
    }

LDST(STR, STUR, false)
LDST(LDR, LDUR, true)

/* LDR <St|Dt|Qt>, <label> */
bool a64_trans_LDR_fp_lit(struct a64_ctx *s, const struct args_literal_fp *a)
{
    bool ok;

    if (refused(s, a->size, &ok)) {
        return ok;
    }
    access_v(s, true, a->rt, a->size, a64_imm(s, true, s->pc + (uint64_t)(int64_t)a->imm));
    return true;
}

static bool pair(struct a64_ctx *s, const struct args_pair_fp *a, bool is_load)
{
    struct ir_val base, moved, at, v[2];
    unsigned memop = a64_memop(s, a->size);
    bool ok;

    if (refused(s, a->size, &ok)) {
        return ok;
    }
    base = a64_reg_sp(s, a->rn, true);
    moved = ir_addi(s->ir, base, a->imm);
    at = a->pre ? moved : base;
    if (is_load) {
        ir_guest_ldm(s->ir, type_of(a->size), at, 2, v, memop, ARM_VIEW_CURRENT);
        write_v(s, a->rt, a->size, v[0]);
        write_v(s, a->rt2, a->size, v[1]);
    } else {
        v[0] = read_v(s, a->rt, a->size);
        v[1] = read_v(s, a->rt2, a->size);
        ir_guest_stm(s->ir, at, 2, v, memop, ARM_VIEW_CURRENT);
    }
    if (a->wback) {
        a64_set_reg_sp(s, a->rn, moved);
    }
    return true;
}

/* LDP, LDNP, STP, STNP <St1|Dt1|Qt1>, <..2>, [<Xn|SP>{, #<imm>}]{!} or ..., [<Xn|SP>], #<imm> */
#define PAIR(op, is_load)                                                            \
    bool a64_trans_##op##_fp(struct a64_ctx *s, const struct args_pair_fp *a)        \
    {                                                                                \
        return pair(s, a, is_load);                                                  \
    }

PAIR(STP, false)
PAIR(STNP, false)
PAIR(LDP, true)
PAIR(LDNP, true)
