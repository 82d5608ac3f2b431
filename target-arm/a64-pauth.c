/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A64 pointer authentication instructions (DDI 0487 C6): on CPUs without it the hints among them do nothing, the others are UNDEFINED. */
#include "config.h"
#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"

enum { LR_MODIFIER = 16, LR_POINTER = 17, AUTH = 4 };

/* what: enum arm64_apkey, AUTH */
static struct ir_val pauth(struct a64_ctx *s, struct ir_val ptr, struct ir_val modifier, unsigned what)
{
    return ir_call(s->ir, a64_pauth, ptr, modifier, a64_imm(s, false, what));
}

/* PACIA1716, PACIB1716, AUTIA1716, AUTIB1716: X17 by X16 */
static bool code_1716(struct a64_ctx *s, const struct args_pac_hint *a)
{
    if (a64_has(s, ARM_PAUTH)) {
        a64_set_reg(s, LR_POINTER, pauth(s, a64_reg(s, LR_POINTER, true), a64_reg(s, LR_MODIFIER, true),
                                         (a->key_b ? APKEY_IB : APKEY_IA) | (a->aut ? AUTH : 0)));
    }
    return true;
}

/* PACIASP, PACIAZ, ... AUTIBZ: LR by SP or 0 */
static bool code_lr(struct a64_ctx *s, const struct args_pac_hint *a)
{
    if (a64_has(s, ARM_PAUTH)) {
        struct ir_val modifier = a->sp ? a64_reg_sp(s, A64_ZR, true) : a64_imm(s, true, 0);

        a64_set_reg(s, A64_LR, pauth(s, a64_reg(s, A64_LR, true), modifier, (a->key_b ? APKEY_IB : APKEY_IA) | (a->aut ? AUTH : 0)));
    }
    return true;
}

/* XPACLRI */
bool a64_trans_XPACLRI(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    if (a64_has(s, ARM_PAUTH)) {
        a64_set_reg(s, A64_LR, ir_call(s->ir, a64_xpac, a64_reg(s, A64_LR, true), a64_imm(s, false, 0)));
    }
    return true;
}

/* PACIA <Xd>, <Xn|SP>, and with B keys, data keys, AUT */
static bool code_reg(struct a64_ctx *s, const struct args_pac *a)
{
    a64_set_reg(s, a->rd, pauth(s, a64_reg(s, a->rd, true), a64_reg_sp(s, a->rn, true),
                                (unsigned)(a->data << 1 | a->key_b | (a->aut ? AUTH : 0))));
    return true;
}

/* PACIZA <Xd> */
static bool code_reg_zero(struct a64_ctx *s, const struct args_pac *a)
{
    a64_set_reg(s, a->rd, pauth(s, a64_reg(s, a->rd, true), a64_imm(s, true, 0),
                                (unsigned)(a->data << 1 | a->key_b | (a->aut ? AUTH : 0))));
    return true;
}

/* XPACI, XPACD <Xd> */
bool a64_trans_XPAC(struct a64_ctx *s, const struct args_pac *a)
{
    a64_set_reg(s, a->rd, ir_call(s->ir, a64_xpac, a64_reg(s, a->rd, true), a64_imm(s, false, a->data)));
    return true;
}

/* PACGA <Xd>, <Xn>, <Xm|SP> */
bool a64_trans_PACGA(struct a64_ctx *s, const struct args_pacga *a)
{
    a64_set_reg(s, a->rd, ir_call(s->ir, a64_pacga, a64_reg(s, a->rn, true), a64_reg_sp(s, a->rm, true)));
    return true;
}

static struct ir_val authenticated(struct a64_ctx *s, unsigned rn, struct ir_val modifier, bool key_b)
{
    return pauth(s, a64_reg(s, rn, true), modifier, (key_b ? APKEY_IB : APKEY_IA) | AUTH);
}

static void jump(struct a64_ctx *s, const struct args_bra *a, struct ir_val modifier)
{
    struct ir_val target = authenticated(s, a->rn, modifier, a->key_b);

    if (a->link) {
        a64_set_reg(s, A64_LR, a64_imm(s, true, s->next_pc));
    }
    a64_branch_reg(s, target, a->link ? JUMP_CALL : JUMP_PLAIN, a->rn);
}

/* BRAA, BRAB, BLRAA, BLRAB <Xn>, <Xm|SP> */
static bool branch_by_reg(struct a64_ctx *s, const struct args_bra *a)
{
    jump(s, a, a64_reg_sp(s, a->rm, true));
    return true;
}

/* BRAAZ, BRABZ, BLRAAZ, BLRABZ <Xn> */
static bool branch_by_zero(struct a64_ctx *s, const struct args_bra *a)
{
    jump(s, a, a64_imm(s, true, 0));
    return true;
}

/* RETAA, RETAB */
bool a64_trans_RETA(struct a64_ctx *s, const struct args_bra *a)
{
    a64_jump_reg(s, authenticated(s, A64_LR, a64_reg_sp(s, A64_ZR, true), a->key_b), JUMP_RETURN);
    return true;
}

/* ERETAA, ERETAB: ELR_ELx by SP */
bool a64_trans_ERETA(struct a64_ctx *s, const struct args_bra *a)
{
    return arm64_trans_ereta(s, a->key_b);
}

/* LDRAA, LDRAB <Xt>, [<Xn|SP>{, #<simm>}]{!} */
bool a64_trans_LDRA(struct a64_ctx *s, const struct args_ldra *a)
{
    struct ir_val zero = a64_imm(s, true, 0), base = a64_reg_sp(s, a->rn, true), at;
    struct ir_val v;

    base = pauth(s, base, zero, (a->key_b ? APKEY_DB : APKEY_DA) | AUTH);
    at = ir_addi(s->ir, base, (int64_t)a->imm * 8);
    v = ir_guest_ld(s->ir, I64, at, a64_memop(s, MO_64), ARM_VIEW_CURRENT);
    if (a->wback) {
        a64_set_reg_sp(s, a->rn, at);
    }
    a64_set_reg(s, a->rt, v);
    return true;
}

#define SAME(name, body, args)                                             \
    bool a64_trans_##name(struct a64_ctx *s, const struct args *a)         \
    {                                                                      \
        return body(s, a);                                                 \
    }

SAME(PAC_1716, code_1716, args_pac_hint)
SAME(AUT_1716, code_1716, args_pac_hint)
SAME(PAC_LR, code_lr, args_pac_hint)
SAME(AUT_LR, code_lr, args_pac_hint)
SAME(PAC, code_reg, args_pac)
SAME(AUT, code_reg, args_pac)
SAME(PAC_z, code_reg_zero, args_pac)
SAME(AUT_z, code_reg_zero, args_pac)
SAME(BRA, branch_by_reg, args_bra)
SAME(BLRA, branch_by_reg, args_bra)
SAME(BRA_z, branch_by_zero, args_bra)
SAME(BLRA_z, branch_by_zero, args_bra)
