/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions on flags that the host no longer has become compares.
 *
 * A host's flags live until the next addition.  A condition that comes later would make the backend save all flags and bring them back, for
 * one branch or selection; comparing the operands again is one instruction.  Rules:
 *  1. The flags must be those of a subtraction or of a logical result, of values: then each condition of theirs is a compare of the
 *     same operands (the table below).
 *  2. A condition right behind, with only moves between, stays: there the flags are still the host's. So do those that a label joins
 *     nothing into.
 *  3. The flags themselves stay where something else looks at them; opt-dead removes those that nothing uses any more.
 */
#include "config.h"
#include <string.h>
#include "tcg/internal.h"
#include "tcg/ir-build.h"
#include "util/arena.h"

/* Ops that leave the host's flags as they are. */
static bool keeps_flags(const struct ir_op *op)
{
    switch (op->opc) {
    case IR_insn_start: case IR_state_ld: case IR_state_st: case IR_mov: case IR_trunc: case IR_zext: case IR_sext:
    case IR_select: case IR_setcond: case IR_br_cond: case IR_ret_push:
        return true;
    default:
        return false;
    }
}

static bool makes_flags(const struct ir_op *op)
{
    return op->nout && (op->opc == IR_flags_add || op->opc == IR_flags_sub || op->opc == IR_flags_adc ||
                        op->opc == IR_flags_sbc || op->opc == IR_flags_logic);
}

/* The compare of a and b that says what cc says of flags_sub a, b; CC_NEVER: there is none. */
static enum ir_cc of_difference(enum ir_cc cc, enum ir_carry carry)
{
    bool arm = carry == CARRY_NOT_BORROW;

    switch (cc) {
    case CC_EQ: case CC_NE: case CC_GE: case CC_LT: case CC_GT: case CC_LE:
        return cc;
    case CC_CS:
        return arm ? CC_GEU : CC_LTU;
    case CC_CC:
        return arm ? CC_LTU : CC_GEU;
    case CC_HI_ARM:
        return arm ? CC_GTU : CC_NEVER;
    case CC_LS_ARM:
        return arm ? CC_LEU : CC_NEVER;
    case CC_HI_X86:
        return arm ? CC_NEVER : CC_GTU;
    case CC_LS_X86:
        return arm ? CC_NEVER : CC_LEU;
    default:
        return CC_NEVER;
    }
}

/* The same of flags_logic v and a compare with 0: C and V are 0. */
static enum ir_cc of_logic(enum ir_cc cc)
{
    switch (cc) {
    case CC_EQ: case CC_NE: case CC_GE: case CC_LT: case CC_GT: case CC_LE:
        return cc;
    default:
        return CC_NEVER;
    }
}

/* in: a, b, then what op had behind its flags. */
static void rewrite(struct ir *ir, struct ir_op *op, unsigned opc, enum ir_cc cc, uint16_t a, uint16_t b)
{
    uint16_t *v = arena_alloc(ir->arena, (op->nout + op->nin + 1) * sizeof(*v));
    const uint16_t *in = ir_ins(op);

    memcpy(v, op->v, op->nout * sizeof(*v));
    v[op->nout] = a;
    v[op->nout + 1] = b;
    memcpy(v + op->nout + 2, in + 1, (op->nin - 1) * sizeof(*v));
    op->v = v;
    op->nin++;
    op->opc = opc;
    op->c[0] = cc;
    if (opc == IR_br_cmp)
        op->type = ir_value(ir, a)->type;
}

static void convert(struct ir *ir, uint32_t i)
{
    struct ir_op *op = &ir->ops[i];
    const struct ir_op *def = &ir->ops[ir_value(ir, ir_ins(op)[0])->def];
    unsigned opc = op->opc == IR_select ? IR_select_cmp : op->opc == IR_setcond ? IR_setcmp : IR_br_cmp;
    enum ir_cc cc = CC_NEVER;
    uint16_t a, b;

    if (ir_value(ir, ir_ins(op)[0])->is_const)
        return;
    a = b = ir_ins(def)[0];
    if (def->opc == IR_flags_sub) {
        cc = of_difference(op->c[0], def->c[0]);
        b = ir_ins(def)[1];
    } else if (def->opc == IR_flags_logic) {
        cc = of_logic(op->c[0]);
        b = ir_const(ir, ir_value(ir, a)->type, 0).id;
    }
    if (cc != CC_NEVER)
        rewrite(ir, &ir->ops[i], opc, cc, a, b);
}

void opt_cond(struct ir *ir)
{
    uint16_t live = 0;       /* the flags that the host has */

    for (uint32_t i = 0; i < ir->nops; i++) {
        const struct ir_op *op = &ir->ops[i];

        if (op->dead)
            continue;
        if ((op->opc == IR_select || op->opc == IR_setcond || op->opc == IR_br_cond) && ir_ins(op)[0] != live)
            convert(ir, i);
        op = &ir->ops[i];
        if (makes_flags(op))
            live = ir_outs(op)[0];
        else if (!keeps_flags(op))
            live = 0;
    }
}
