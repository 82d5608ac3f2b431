/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A64 branches and exception generation (DDI 0487 C4.1.93, C6.2). */
#include "config.h"

#include "target-arm/a64-trans.h"

static uint64_t target_of(const struct a64_ctx *s, int32_t imm)
{
    return s->pc + (uint64_t)((int64_t)imm * 4);
}

/* The return address, in LR and on the return stack */
static void set_link(struct a64_ctx *s)
{
    a64_set_reg(s, A64_LR, a64_imm(s, true, s->next_pc));
    ir_ret_push(s->ir, s->next_pc);
}

/* B <label> */
bool a64_trans_B(struct a64_ctx *s, const struct args_branch *a)
{
    uint64_t target = target_of(s, a->imm);

    if (a64_again(s, target)) {
        s->next_pc = target;
    } else {
        a64_jump(s, target);
    }
    return true;
}

/* BL <label> */
bool a64_trans_BL(struct a64_ctx *s, const struct args_branch *a)
{
    set_link(s);
    a64_jump(s, target_of(s, a->imm));
    return true;
}

/* After a branch to label: the exit, to the target or, if translation goes on there, to the next instruction; then the label. */
static void leave_or_go_on(struct a64_ctx *s, uint64_t target, bool again, unsigned label)
{
    a64_jump(s, again ? s->next_pc : target);
    a64_resume(s, label);
    if (again) {
        s->next_pc = target;
    }
}

/* B.<cond> <label> */
bool a64_trans_B_cond(struct a64_ctx *s, const struct args_bcond *a)
{
    enum ir_cc cc = a64_cc(a->cond);
    uint64_t target = target_of(s, a->imm);
    bool again;
    unsigned label;

    if (cc == CC_ALWAYS) {
        a64_jump(s, target);
        return true;
    }
    again = a64_again(s, target);
    label = ir_label_new(s->ir);
    ir_br_cond(s->ir, a64_flags(s), again ? cc : cc ^ 1, label);
    leave_or_go_on(s, target, again, label);
    return true;
}

/* Go to imm unless the comparison sends it to the next instruction. */
static void compare_branch(struct a64_ctx *s, enum ir_cc stay_if, struct ir_val x, struct ir_val y, int32_t imm)
{
    uint64_t target = target_of(s, imm);
    bool again = a64_again(s, target);
    unsigned label = ir_label_new(s->ir);

    ir_br_cmp(s->ir, again ? stay_if ^ 1 : stay_if, x, y, label);
    leave_or_go_on(s, target, again, label);
}

/* CBZ <Rt>, <label> */
bool a64_trans_CBZ(struct a64_ctx *s, const struct args_cbz *a)
{
    compare_branch(s, CC_NE, a64_reg(s, a->rt, a->sf), a64_imm(s, a->sf, 0), a->imm);
    return true;
}

/* CBNZ <Rt>, <label> */
bool a64_trans_CBNZ(struct a64_ctx *s, const struct args_cbz *a)
{
    compare_branch(s, CC_EQ, a64_reg(s, a->rt, a->sf), a64_imm(s, a->sf, 0), a->imm);
    return true;
}

/* b5:b40 of the encoding: bit 5 also chooses the width of the register. */
static void test_branch(struct a64_ctx *s, enum ir_cc stay_if, const struct args_tbz *a)
{
    bool sf = a->bit >= 32;

    compare_branch(s, stay_if, a64_reg(s, a->rt, sf), a64_imm(s, sf, (uint64_t)1 << a->bit), a->imm);
}

/* TBZ <Rt>, #<imm>, <label> */
bool a64_trans_TBZ(struct a64_ctx *s, const struct args_tbz *a)
{
    test_branch(s, CC_TSTNE, a);
    return true;
}

/* TBNZ <Rt>, #<imm>, <label> */
bool a64_trans_TBNZ(struct a64_ctx *s, const struct args_tbz *a)
{
    test_branch(s, CC_TSTEQ, a);
    return true;
}

/* BR <Xn> */
bool a64_trans_BR(struct a64_ctx *s, const struct args_reg *a)
{
    a64_branch_reg(s, a64_reg(s, a->rn, true), JUMP_PLAIN, a->rn);
    return true;
}

/* BLR <Xn> */
bool a64_trans_BLR(struct a64_ctx *s, const struct args_reg *a)
{
    struct ir_val target = a64_reg(s, a->rn, true);

    set_link(s);
    a64_branch_reg(s, target, JUMP_CALL, a->rn);
    return true;
}

/* RET {<Xn>} */
bool a64_trans_RET(struct a64_ctx *s, const struct args_reg *a)
{
    a64_jump_reg(s, a64_reg(s, a->rn, true), JUMP_RETURN);
    return true;
}

/* SVC #<imm> */
bool a64_trans_SVC(struct a64_ctx *s, const struct args_imm *a)
{
    a64_raise(s, ARM_EXC_SVC, a->imm);
    return true;
}

/* BRK #<imm> */
bool a64_trans_BRK(struct a64_ctx *s, const struct args_imm *a)
{
    a64_raise(s, ARM_EXC_BKPT, a->imm);
    return true;
}
