/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A32/T32 branches, table branches, IT (DDI 0406C A8.8). */
#include "config.h"

#include "target-arm/a32-trans.h"

static uint32_t pc_value(const struct a32_ctx *s)
{
    return (uint32_t)s->pc + (s->thumb ? 4 : 8);
}

/* The return address, tagged, in LR and on the return stack */
static void set_link(struct a32_ctx *s)
{
    uint32_t ret = (uint32_t)s->next_pc | (s->thumb ? ARM_PC_THUMB : 0);

    a32_set_reg(s, ARM_LR, a32_imm(s, ret));
    ir_ret_push(s->ir, ret);
}

/* B<c> <label> */
bool a32_trans_B(struct a32_ctx *s, const struct args_branch *a)
{
    a32_jump(s, pc_value(s) + (uint32_t)a->imm, s->thumb);
    return true;
}

/* B<c> <label> of Thumb, with its own condition */
bool a32_trans_B_cond(struct a32_ctx *s, const struct args_cbranch *a)
{
    if (a->cond >= 14 || s->skip_open) {
        return false;
    }
    a32_open_skip(s, a->cond);
    a32_jump(s, pc_value(s) + (uint32_t)a->imm, true);
    return true;
}

/* BL<c> <label> */
bool a32_trans_BL(struct a32_ctx *s, const struct args_branch *a)
{
    set_link(s);
    a32_jump(s, pc_value(s) + (uint32_t)a->imm, s->thumb);
    return true;
}

/* BLX <label>: to the other instruction set */
bool a32_trans_BLX_imm(struct a32_ctx *s, const struct args_branch *a)
{
    uint32_t base = pc_value(s) & ~3u;

    set_link(s);
    a32_jump(s, base + (uint32_t)a->imm, !s->thumb);
    return true;
}

/* BX<c> <Rm> */
bool a32_trans_BX(struct a32_ctx *s, const struct args_reg *a)
{
    a32_bx(s, a32_reg(s, a->rm),
           a->rm == ARM_LR ? JUMP_RETURN : JUMP_PLAIN);
    return true;
}

/* BXJ<c> <Rm>: with the trivial Jazelle implementation a BX (A8.8.28) */
bool a32_trans_BXJ(struct a32_ctx *s, const struct args_reg *a)
{
    return a32_trans_BX(s, a);
}

/* BLX<c> <Rm> */
bool a32_trans_BLX_reg(struct a32_ctx *s, const struct args_reg *a)
{
    struct ir_val target = a32_reg(s, a->rm);

    set_link(s);
    a32_bx(s, target, JUMP_CALL);
    return true;
}

/* CB{N}Z <Rn>, <label> */
bool a32_trans_CBZ(struct a32_ctx *s, const struct args_cbz *a)
{
    unsigned stay = ir_label_new(s->ir);

    ir_br_cmp(s->ir, a->nonzero ? CC_EQ : CC_NE, a32_reg(s, a->rn),
              a32_imm(s, 0), stay);
    a32_jump(s, pc_value(s) + (uint32_t)a->imm, true);
    a32_resume(s, stay);
    return true;
}

/* TBB<c> [<Rn>, <Rm>]; TBH<c> [<Rn>, <Rm>, LSL #1] */
bool a32_trans_TB(struct a32_ctx *s, const struct args_tb *a)
{
    struct ir *ir = s->ir;
    struct ir_val at = a32_reg(s, a->rm), v;

    if (a->half) {
        at = ir_shli(ir, at, 1);
    }
    at = ir_add(ir, a32_reg(s, a->rn), at);
    v = ir_guest_ld(ir, I32, at, a32_memop(s, a->half ? MO_16 : MO_8),
                    ARM_VIEW_CURRENT);
    v = ir_addi(ir, ir_shli(ir, v, 1), pc_value(s));
    a32_branch_reg(s, v, JUMP_PLAIN);
    return true;
}

/* IT{<x>{<y>{<z>}}} <firstcond> */
bool a32_trans_IT(struct a32_ctx *s, const struct args_it *a)
{
    s->next_it = (uint8_t)(a->cond << 4 | a->mask);
    return true;
}
