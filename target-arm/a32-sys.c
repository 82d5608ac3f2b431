/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A32/T32 system instructions: status registers, exceptions and returns,
 * hints, barriers, coprocessor access (DDI 0406C A8.8, B9.3).
 */
#include "config.h"

#include "target-arm/a32-trans.h"
#include "target-arm/helpers-arm.h"

/* MRS reads the execution state bits IT, J and T as 0 (B9.3.8). */
#define MRS_MASK (~(uint32_t)(PSR_IT_7_2 | PSR_IT_1_0 | PSR_J | PSR_T))

static bool has_spsr(const struct a32_ctx *s)
{
    return !(s->mode & ARM_MODE_USRSYS);
}

/* ---- Status registers ---- */

/* MRS<c> <Rd>, CPSR or SPSR */
bool a32_trans_MRS(struct a32_ctx *s, const struct args_mrs *a)
{
    struct ir_val v;

    if (a->rd == ARM_PC || (a->r && !has_spsr(s))) {
        return false;
    }
    if (a->r) {
        v = ir_call(s->ir, arm_spsr_read);
    } else {
        v = ir_andi(s->ir, ir_call(s->ir, arm_cpsr_read), MRS_MASK);
    }
    a32_set_reg(s, a->rd, v);
    return true;
}

/* Bits that the fields c, x, s, f of an MSR select. Of the CPSR only those
 * that an MSR can write (B1.3.3); the helper looks at the privilege. */
static uint32_t msr_bits(uint32_t fields, bool spsr)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (fields >> i & 1) {
            mask |= 0xffu << 8 * i;
        }
    }
    return spsr ? mask : mask & (PSR_NZCV | PSR_Q | PSR_GE | PSR_E | PSR_A |
                                 PSR_I | PSR_F | PSR_M_MASK);
}

static bool msr(struct a32_ctx *s, bool spsr, uint32_t fields, struct ir_val v)
{
    struct ir_val mask = a32_imm(s, msr_bits(fields, spsr));

    if (spsr) {
        if (!has_spsr(s)) {
            return false;
        }
        ir_call(s->ir, arm_spsr_write, v, mask);
        return true;
    }
    ir_call(s->ir, arm_cpsr_write, v, mask);
    s->flags_changed = true;
    if (fields & 3) {
        a32_exit_main(s);
    }
    return true;
}

/* MSR<c> <spec_reg>, #<const> */
bool a32_trans_MSR_imm(struct a32_ctx *s, const struct args_msr_imm *a)
{
    return msr(s, a->r, a->mask, a32_imm(s, a->imm));
}

/* MSR<c> <spec_reg>, <Rn> */
bool a32_trans_MSR_reg(struct a32_ctx *s, const struct args_msr_reg *a)
{
    return msr(s, a->r, a->mask, a32_reg(s, a->rn));
}

static bool has_banked_access(const struct a32_ctx *s)
{
    return a32_priv(s) && (a32_has(s, ARM_EL2) || a32_has(s, ARM_LPAE));
}

/* MRS<c> <Rd>, <banked_reg> */
bool a32_trans_MRS_bank(struct a32_ctx *s, const struct args_mrs_bank *a)
{
    if (!has_banked_access(s) || a->rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, a->rd, ir_call(s->ir, arm_banked_read,
                                  a32_imm(s, a->sysm | a->r << 5)));
    return true;
}

/* MSR<c> <banked_reg>, <Rn> */
bool a32_trans_MSR_bank(struct a32_ctx *s, const struct args_msr_bank *a)
{
    if (!has_banked_access(s) || a->rn == ARM_PC) {
        return false;
    }
    ir_call(s->ir, arm_banked_write, a32_imm(s, a->sysm | a->r << 5),
            a32_reg(s, a->rn));
    return true;
}

/* CPS{IE,ID} <iflags>{, #<mode>}: nothing in User mode. Masking alone needs no
 * exit; unmasking and a new mode do. */
bool a32_trans_CPS(struct a32_ctx *s, const struct args_cps *a)
{
    uint32_t bits = (a->imod & 2 ? a->aif << 6 : 0), mask = bits, val = 0;
    struct ir_val old;

    if (!a32_priv(s)) {
        return true;
    }
    if (a->imod == 3 && !a->change_mode) {
        old = ir_state_ld(s->ir, I32, ARM_OFF(cpsr));
        ir_state_st(s->ir, ir_or(s->ir, old, a32_imm(s, bits)),
                    ARM_OFF(cpsr));
        return true;
    }
    if (a->imod == 3) {
        val = bits;
    }
    if (a->change_mode) {
        mask |= PSR_M_MASK;
        val |= a->mode;
    }
    ir_call(s->ir, arm_cpsr_write, a32_imm(s, val), a32_imm(s, mask));
    a32_exit_main(s);
    return true;
}

/* SETEND <endian_specifier> */
bool a32_trans_SETEND(struct a32_ctx *s, const struct args_setend *a)
{
    ir_call(s->ir, arm_setend, a32_imm(s, a->e));
    a32_exit_main(s);
    return true;
}

/* ---- Exceptions ---- */

/* SVC<c> #<imm> */
bool a32_trans_SVC(struct a32_ctx *s, const struct args_imm *a)
{
    a32_raise(s, ARM_EXC_SVC, a->imm);
    return true;
}

/* BKPT #<imm> */
bool a32_trans_BKPT(struct a32_ctx *s, const struct args_imm *a)
{
    a32_raise(s, ARM_EXC_BKPT, a->imm);
    return true;
}

/* HVC #<imm>: Virtualization Extensions, or PSCI's conduit */
bool a32_trans_HVC(struct a32_ctx *s, const struct args_imm *a)
{
    if (!a32_priv(s) ||
        (!a32_has(s, ARM_EL2) && s->cpu->psci_conduit != 1)) {
        return false;
    }
    a32_raise(s, ARM_EXC_HVC, a->imm);
    return true;
}

/* SMC<c> #<imm>: Security Extensions, or PSCI's conduit */
bool a32_trans_SMC(struct a32_ctx *s, const struct args_imm *a)
{
    if (!a32_priv(s) ||
        (!a32_has(s, ARM_EL3) && s->cpu->psci_conduit != 2)) {
        return false;
    }
    a32_raise(s, ARM_EXC_SMC, a->imm);
    return true;
}

/* UDF<c> #<imm> */
bool a32_trans_UDF(struct a32_ctx *s, const struct args_imm *a)
{
    (void)s;
    (void)a;
    return false;
}

/* ERET<c>: to LR, in Hyp mode to ELR_hyp (B9.3.3) */
bool a32_trans_ERET(struct a32_ctx *s, const struct args_none *a)
{
    bool hyp = s->mode & ARM_MODE_HYP;
    struct ir_val pc;

    (void)a;
    if (!has_spsr(s)) {
        return false;
    }
    pc = hyp ? ir_state_ld(s->ir, I32, ARM_OFF(elr_hyp))
             : a32_reg(s, ARM_LR);
    a32_exc_return(s, pc, ir_call(s->ir, arm_spsr_read));
    return true;
}

/* Two words at base: the lower one 4 above it when that is where the mode
 * (pre, add as in LDM) begins */
static struct ir_val pair_address(struct a32_ctx *s, struct ir_val base,
                                  bool pre, bool add)
{
    return ir_addi(s->ir, base, (add ? 0 : -8) + (pre == add ? 4 : 0));
}

/* RFE{<mode>} <Rn>{!} */
bool a32_trans_RFE(struct a32_ctx *s, const struct args_rfe *a)
{
    struct ir_val base, v[2];

    if (!a32_priv(s) || s->mode & ARM_MODE_HYP || a->rn == ARM_PC) {
        return false;
    }
    base = a32_reg(s, a->rn);
    ir_guest_ldm(s->ir, I32, pair_address(s, base, a->pre, a->add), 2, v,
                 a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
    if (a->wback) {
        a32_set_reg(s, a->rn, ir_addi(s->ir, base, a->add ? 8 : -8));
    }
    a32_exc_return(s, v[0], v[1]);
    return true;
}

/* SRS{<mode>} SP{!}, #<mode> */
bool a32_trans_SRS(struct a32_ctx *s, const struct args_srs *a)
{
    struct ir_val base, v[2], mode = a32_imm(s, a->mode);

    if (!a32_priv(s) || s->mode & ARM_MODE_HYP || !has_spsr(s)) {
        return false;
    }
    base = ir_call(s->ir, arm_srs_sp, mode);
    v[0] = a32_reg(s, ARM_LR);
    v[1] = ir_call(s->ir, arm_spsr_read);
    ir_guest_stm(s->ir, pair_address(s, base, a->pre, a->add), 2, v,
                 a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
    if (a->wback) {
        ir_call(s->ir, arm_srs_set_sp, mode,
                ir_addi(s->ir, base, a->add ? 8 : -8));
    }
    return true;
}

/* ---- Hints and barriers ---- */

/*
 * NOP<c>, DBG<c>, PLD, PLDW, PLI: no effect here. But a barrier with several NOPs behind it is how waiting loops give
 * the core's bus a rest (Linux's cpu_relax on ARMv7): to us it is a YIELD. Where vCPUs outnumber the host's cores, whom the
 * loop waits for does not run otherwise: Debian's kernel with four CPUs on two cores takes 8 to 34 s to boot, not 3 to 5.
 */
#define PAUSE_NOPS 4
bool a32_trans_NOP(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    if (s->pc != s->after_pause)
        return true;
    s->after_pause = s->next_pc;
    if (++s->nops == PAUSE_NOPS)
        ir_call(s->ir, arm_yield);
    return true;
}

bool a32_trans_DBG(struct a32_ctx *s, const struct args_none *a)
{
    return a32_trans_NOP(s, a);
}

bool a32_trans_PLD(struct a32_ctx *s, const struct args_none *a)
{
    return a32_trans_NOP(s, a);
}

bool a32_trans_PLI(struct a32_ctx *s, const struct args_none *a)
{
    return a32_trans_NOP(s, a);
}

/* YIELD<c> */
bool a32_trans_YIELD(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_yield);
    return true;
}

/* SEV<c> */
bool a32_trans_SEV(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_sev);
    return true;
}

/* WFI<c>: the helper halts the CPU, the main loop then waits */
bool a32_trans_WFI(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_wfi);
    a32_exit_main(s);
    return true;
}

/* WFE<c> */
bool a32_trans_WFE(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_wfe);
    a32_exit_main(s);
    return true;
}

/* DMB <option>: all options are treated as the strongest */
bool a32_trans_DMB(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_mb(s->ir, MB_ALL);
    s->after_pause = s->next_pc;
    s->nops = 0;
    return true;
}

/* DSB <option> */
bool a32_trans_DSB(struct a32_ctx *s, const struct args_none *a)
{
    return a32_trans_DMB(s, a);
}

/* ISB <option>: what follows is fetched again. System register writes that
 * change the translation leave by themselves. */
bool a32_trans_ISB(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    if (s->next_it) {
        a32_exit_main(s);
    } else {
        a32_jump(s, (uint32_t)s->next_pc, s->thumb);
    }
    return true;
}

/* ---- Coprocessors: 14 and 15; 10 and 11 are decoded elsewhere ---- */

static bool move_coproc(struct a32_ctx *s, const struct args_mcr *a, bool read)
{
    struct arm_coproc_insn ci = {
        .cp = (uint8_t)a->cp, .opc1 = (uint8_t)a->opc1,
        .crn = (uint8_t)a->crn, .crm = (uint8_t)a->crm,
        .opc2 = (uint8_t)a->opc2, .rt = (uint8_t)a->rt, .read = read,
    };

    if (a->cp < 14 || (!read && a->rt == ARM_PC)) {
        return false;
    }
    return arm_trans_coproc(s, &ci);
}

static bool move_coproc64(struct a32_ctx *s, const struct args_mcrr *a,
                          bool read)
{
    struct arm_coproc_insn ci = {
        .cp = (uint8_t)a->cp, .opc1 = (uint8_t)a->opc1,
        .crm = (uint8_t)a->crm, .rt = (uint8_t)a->rt, .rt2 = (uint8_t)a->rt2,
        .is64 = true, .read = read,
    };

    if (a->cp < 14 || a->rt == ARM_PC || a->rt2 == ARM_PC) {
        return false;
    }
    return arm_trans_coproc(s, &ci);
}

/* MCR<c> <coproc>, <opc1>, <Rt>, <CRn>, <CRm>{, <opc2>} */
bool a32_trans_MCR(struct a32_ctx *s, const struct args_mcr *a)
{
    return move_coproc(s, a, false);
}

/* MRC<c> <coproc>, <opc1>, <Rt>, <CRn>, <CRm>{, <opc2>} */
bool a32_trans_MRC(struct a32_ctx *s, const struct args_mcr *a)
{
    return move_coproc(s, a, true);
}

/* MCRR<c> <coproc>, <opc1>, <Rt>, <Rt2>, <CRm> */
bool a32_trans_MCRR(struct a32_ctx *s, const struct args_mcrr *a)
{
    return move_coproc64(s, a, false);
}

/* MRRC<c> <coproc>, <opc1>, <Rt>, <Rt2>, <CRm> */
bool a32_trans_MRRC(struct a32_ctx *s, const struct args_mcrr *a)
{
    return move_coproc64(s, a, true);
}

/* CDP, LDC, STC: no coprocessor of these CPUs accepts them. */
bool a32_trans_CDP(struct a32_ctx *s, const struct args_cdp *a)
{
    (void)s;
    (void)a;
    return false;
}

bool a32_trans_LDC(struct a32_ctx *s, const struct args_ldc *a)
{
    (void)s;
    (void)a;
    return false;
}

bool a32_trans_STC(struct a32_ctx *s, const struct args_ldc *a)
{
    return a32_trans_LDC(s, a);
}
