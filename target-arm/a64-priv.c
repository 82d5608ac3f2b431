/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A64 instructions whose meaning lies in the system side (DDI 0487 C5.1, C6): exception return, PSTATE, traps of waits and of FP. */
#include "config.h"
#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"

static unsigned mode_el(const struct a64_ctx *s)
{
    return s->mode >> ARM_MODE_EL_SHIFT & 3;
}

bool arm64_trans_eret(struct a64_ctx *s)
{
    if (mode_el(s) == 0)
        return false;
    ir_call(s->ir, a64_eret);
    ir_exit_main(s->ir);
    s->done = true;
    return true;
}

bool arm64_trans_ereta(struct a64_ctx *s, bool key_b)
{
    if (mode_el(s) == 0)
        return false;
    ir_call(s->ir, a64_ereta, a64_imm(s, false, key_b));
    ir_exit_main(s->ir);
    s->done = true;
    return true;
}

void arm64_trans_fp_trap(struct a64_ctx *s)
{
    ir_call(s->ir, a64_fp_trap);
    s->done = true;
}

/* ARM_MODE_SP_ODD tells translations whether it is aligned: other ones go on when that changes. */
void arm64_trans_sp_written(struct a64_ctx *s, bool odd)
{
    unsigned same = 0;

    if (!odd) {
        same = ir_label_new(s->ir);
        ir_br_cmp(s->ir, CC_EQ, ir_andi(s->ir, a64_reg_sp(s, A64_ZR, true), 15), a64_imm(s, true, 0), same);
    }
    ir_call(s->ir, a64_mode_changed);
    a64_exit_main(s);
    if (!odd)
        a64_resume(s, same);
}

/* Which values of BTYPE an instruction takes (D8.4.6, BTypeCompatible), as bits; bit 4: 3 too, unless SCTLR_ELx.BT forbids it */
static unsigned accepted_btypes(uint32_t insn)
{
    switch (insn) {
    case 0xd503245f: return 0x7;             /* BTI c */
    case 0xd503249f: return 0xb;             /* BTI j */
    case 0xd50324df: return 0xf;             /* BTI jc */
    case 0xd503233f: case 0xd503237f: return 0x17;       /* PACIASP, PACIBSP */
    }
    if ((insn & 0xffe0001f) == 0xd4200000 || (insn & 0xffe0001f) == 0xd4400000)      /* BRK, HLT */
        return 0xf;
    return 1;
}

void arm64_trans_step(struct a64_ctx *s)
{
    ir_call(s->ir, a64_step);
}

void arm64_trans_bti(struct a64_ctx *s, uint32_t insn)
{
    struct ir_val btype = ir_state_ld(s->ir, I32, ARM_OFF(btype));
    unsigned accepts = accepted_btypes(insn), none = ir_label_new(s->ir);

    ir_br_cmp(s->ir, CC_EQ, btype, a64_imm(s, false, 0), none);
    ir_call(s->ir, a64_bti_check, a64_imm(s, false, accepts));
    ir_label(s->ir, none);
}

void arm64_trans_wait_check(struct a64_ctx *s, bool wfe)
{
    if (mode_el(s) < 3)
        ir_call(s->ir, a64_wait_check, a64_imm(s, false, wfe));
}

/* DAIFSet and DAIFClr: after the latter an interrupt may be waiting. */
static bool trans_daif(struct a64_ctx *s, unsigned op2, unsigned imm)
{
    struct ir *ir = s->ir;
    uint32_t bits = imm << 6;
    struct ir_val p;

    if (mode_el(s) == 0) {
        ir_call(ir, a64_daif_el0, a64_imm(s, false, bits), a64_imm(s, false, op2));
    } else {
        p = ir_state_ld(ir, I32, ARM_OFF(sys64.pstate));
        p = op2 == 6 ? ir_or(ir, p, a64_imm(s, false, bits)) : ir_andi(ir, p, ~(uint64_t)bits & 0xffffffffu);
        ir_state_st(ir, p, ARM_OFF(sys64.pstate));
    }
    if (op2 == 7)
        a64_exit_main(s);
    return true;
}

/* The other bits of PSTATE that MSR (immediate) names, by op1 and op2, with the least level (C5.1.3) */
static const struct pstate_imm {
    uint8_t op, el, feature;
    uint32_t bit;
} pstate_imms[] = {
    { 0 << 3 | 3, 1, ARM_UAO, PSTATE_UAO }, { 0 << 3 | 4, 1, ARM_PAN, PSTATE_PAN }, { 0 << 3 | 5, 1, ARM_A64, PSTATE_SP },
    { 3 << 3 | 1, 0, ARM_SSBS, PSTATE_SSBS }, { 3 << 3 | 2, 0, ARM_DIT, PSTATE_DIT },
};

bool arm64_trans_pstate(struct a64_ctx *s, unsigned op1, unsigned op2, unsigned imm)
{
    unsigned op = op1 << 3 | op2;

    if (op == (3 << 3 | 6) || op == (3 << 3 | 7))
        return trans_daif(s, op2, imm);
    for (unsigned i = 0; i < G_N_ELEMENTS(pstate_imms); i++) {
        const struct pstate_imm *p = &pstate_imms[i];

        if (p->op != op)
            continue;
        if (mode_el(s) < p->el || !a64_has(s, p->feature))
            return false;
        ir_call(s->ir, a64_set_pstate, a64_imm(s, false, p->bit), a64_imm(s, false, imm & 1));
        a64_exit_main(s);
        return true;
    }
    return false;
}
