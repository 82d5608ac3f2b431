/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System helpers: exceptions, PSRs, banked registers, waits, FPSCR. Called from generated code and the interpreter. */
#include "config.h"
#include <sched.h>
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-arm/system.h"
#include "tcg/compile.h"
#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-def.h"

static void undef(struct arm_cpu *a) __attribute__((noreturn));
static void undef(struct arm_cpu *a)
{
    cpu_raise(&a->cpu, ARM_EXC_UNDEF, 0, 0);
}

void helper_arm_raise(struct tcg_env *env, uint32_t exception, uint32_t syndrome)
{
    cpu_raise(&ARM_ENV(env)->cpu, (int)exception, syndrome, env->pc & ~(uint64_t)ARM_PC_THUMB);
}

/* ---- PSRs ----------------------------------------------------------------------------------- */

uint32_t helper_arm_cpsr_read(struct tcg_env *env)
{
    /* B9.3.8: MRS reads the execution state bits IT, J and T as zero. */
    return arm_cpsr_read(ARM_ENV(env)) & ~(uint32_t)(PSR_IT_7_2 | PSR_IT_1_0 | PSR_J | PSR_T);
}

/* ret: by an exception return, not by MSR or CPS, which enter and leave Hyp mode never (B9.3.11). */
static bool valid_mode(const struct arm_cpu *a, uint32_t mode, bool ret)
{
    bool hyp = arm_in_mode(a, PSR_HYP), to_hyp = (mode & PSR_M_MASK) == PSR_HYP;

    if (!ret && arm_has_hyp(a) && hyp != to_hyp)
        return false;
    switch (mode & PSR_M_MASK) {
    case PSR_USR: case PSR_FIQ: case PSR_IRQ: case PSR_SVC: case PSR_ABT: case PSR_UND: case PSR_SYS:
        return true;
    case PSR_HYP:
        return arm_has_hyp(a) && (hyp || (arm_in_mode(a, PSR_MON) && a->cp15.scr & SCR_NS));
    case PSR_MON:
        return arm_in_secure(a);
    default:
        return false;
    }
}

/* B1.3.3 CPSRWriteByInstr: User mode changes only the condition flags, Q, GE and E. A write of a mode that does not exist leaves M alone. */
void helper_arm_cpsr_write(struct tcg_env *env, uint32_t val, uint32_t mask)
{
    struct arm_cpu *a = ARM_ENV(env);
    uint32_t can = PSR_NZCV | PSR_Q | PSR_GE | PSR_E;

    if ((a->cpsr & PSR_M_MASK) != PSR_USR)
        can |= PSR_A | PSR_I | PSR_F | PSR_M_MASK;
    mask &= can;
    if (mask & PSR_M_MASK && !valid_mode(a, val, false))
        mask &= ~(uint32_t)PSR_M_MASK;
    arm_cpsr_write(a, val, mask);
}

static uint32_t *spsr(struct arm_cpu *a)
{
    static const uint8_t bank[32] = {
        [PSR_SVC] = BANK_SVC, [PSR_ABT] = BANK_ABT, [PSR_UND] = BANK_UND,
        [PSR_IRQ] = BANK_IRQ, [PSR_FIQ] = BANK_FIQ, [PSR_HYP] = BANK_HYP,
        [PSR_MON] = BANK_MON };

    return &a->bank_spsr[bank[a->cpsr & PSR_M_MASK]];
}

uint32_t helper_arm_spsr_read(struct tcg_env *env)
{
    return *spsr(ARM_ENV(env));
}

void helper_arm_spsr_write(struct tcg_env *env, uint32_t val, uint32_t mask)
{
    uint32_t *p = spsr(ARM_ENV(env));

    *p = (*p & ~mask) | (val & mask);
}

void helper_arm_exc_return(struct tcg_env *env, uint32_t pc, uint32_t psr)
{
    struct arm_cpu *a = ARM_ENV(env);

    if (!valid_mode(a, psr, true)) {
        /* Illegal change of mode is UNPREDICTABLE (B1.9.1): stay in the mode. */
        psr = (psr & ~(uint32_t)PSR_M_MASK) | (a->cpsr & PSR_M_MASK);
    }
    if (!(psr & PSR_T))      /* A32 has no IT state */
        psr &= ~(uint32_t)(PSR_IT_7_2 | PSR_IT_1_0);
    arm_cpsr_write(a, psr, UINT32_MAX);
    env->pc = psr & PSR_T ? pc | ARM_PC_THUMB : pc & ~3u;
    a->excl_addr = UINT64_MAX;
}

/* ---- banked registers ----------------------------------------------------------------------- */

static bool fiq_bank(const struct arm_cpu *a)
{
    return (a->cpsr & PSR_M_MASK) == PSR_FIQ;
}

static bool user_bank(const struct arm_cpu *a)
{
    uint32_t m = a->cpsr & PSR_M_MASK;

    return m == PSR_USR || m == PSR_SYS;
}

/* Where register n of User mode is now. */
static uint32_t *user_reg(struct arm_cpu *a, unsigned n)
{
    if (n >= 8 && n <= 12 && fiq_bank(a))
        return &a->usr_r8_12[n - 8];
    if (n == ARM_SP && !user_bank(a))
        return &a->bank_sp[BANK_USR];
    if (n == ARM_LR && !user_bank(a) && !arm_in_mode(a, PSR_HYP))
        return &a->bank_lr[BANK_USR];
    return &a->r[n];
}

uint32_t helper_arm_user_reg_read(struct tcg_env *env, uint32_t n)
{
    return *user_reg(ARM_ENV(env), n);
}

void helper_arm_user_reg_write(struct tcg_env *env, uint32_t n, uint32_t val)
{
    *user_reg(ARM_ENV(env), n) = val;
}

/* Those of Monitor and Hyp mode: of Monitor mode from Secure state, of Hyp mode from Monitor mode, its ELR from itself, too. */
static uint32_t *banked_high(struct arm_cpu *a, unsigned m, bool r)
{
    bool mon = arm_in_mode(a, PSR_MON), hyp = mon && arm_has_hyp(a);

    if (!mon && arm_in_secure(a) && (m == 28 || (m == 29 && !r)))
        return r ? &a->bank_spsr[BANK_MON] : m == 29 ? &a->bank_sp[BANK_MON] : &a->bank_lr[BANK_MON];
    if (m == 30 && !r)
        return hyp || arm_in_mode(a, PSR_HYP) ? &a->elr_hyp : NULL;
    if (!hyp || (m != 30 && m != 31) || (r && m == 31))
        return NULL;
    return r ? &a->bank_spsr[BANK_HYP] : &a->bank_sp[BANK_HYP];
}

/* Register that MRS/MSR (banked) with this SYSm and R names (B9.2.3), or NULL: UNPREDICTABLE there, UNDEFINED here. */
static uint32_t *banked(struct arm_cpu *a, uint32_t sysm)
{
    static const struct { uint8_t mode, bank; } of[] = {
        { PSR_IRQ, BANK_IRQ }, { PSR_SVC, BANK_SVC }, { PSR_ABT, BANK_ABT }, { PSR_UND, BANK_UND } };
    unsigned m = sysm & 31, mode = a->cpsr & PSR_M_MASK;
    bool r = sysm & 32;

    if (!r && m <= 6)
        return user_bank(a) && m < 5 ? NULL : user_reg(a, 8 + m);
    if (!r && m >= 8 && m <= 14) {
        if (fiq_bank(a))
            return NULL;
        if (m <= 12)
            return &a->fiq_r8_12[m - 8];
        return m == 13 ? &a->bank_sp[BANK_FIQ] : &a->bank_lr[BANK_FIQ];
    }
    if (r && m == 14)
        return fiq_bank(a) ? NULL : &a->bank_spsr[BANK_FIQ];
    if (m >= 16 && m <= 23) {
        unsigned i = (m - 16) / 2, bank = of[i].bank;

        if (mode == of[i].mode || (r && m & 1))
            return NULL;
        if (r)
            return &a->bank_spsr[bank];
        return m & 1 ? &a->bank_sp[bank] : &a->bank_lr[bank];
    }
    return banked_high(a, m, r);
}

uint32_t helper_arm_banked_read(struct tcg_env *env, uint32_t sysm)
{
    uint32_t *p = banked(ARM_ENV(env), sysm);

    if (!p)
        undef(ARM_ENV(env));
    return *p;
}

void helper_arm_banked_write(struct tcg_env *env, uint32_t sysm, uint32_t val)
{
    uint32_t *p = banked(ARM_ENV(env), sysm);

    if (!p)
        undef(ARM_ENV(env));
    *p = val;
}

static uint32_t *mode_sp(struct arm_cpu *a, uint32_t mode)
{
    static const uint8_t bank[32] = {
        [PSR_SVC] = BANK_SVC, [PSR_ABT] = BANK_ABT, [PSR_UND] = BANK_UND,
        [PSR_IRQ] = BANK_IRQ, [PSR_FIQ] = BANK_FIQ, [PSR_MON] = BANK_MON };
    unsigned m = mode & PSR_M_MASK;

    if (m == PSR_HYP || !valid_mode(a, m, true))
        undef(a);
    if (bank[m] == BANK_USR)
        return user_reg(a, ARM_SP);
    return (a->cpsr & PSR_M_MASK) == m ? &a->r[ARM_SP] : &a->bank_sp[bank[m]];
}

uint32_t helper_arm_srs_sp(struct tcg_env *env, uint32_t mode)
{
    return *mode_sp(ARM_ENV(env), mode);
}

void helper_arm_srs_set_sp(struct tcg_env *env, uint32_t mode, uint32_t val)
{
    *mode_sp(ARM_ENV(env), mode) = val;
}

/* ---- waits ---------------------------------------------------------------------------------- */

/* HCR.TWI and TWE: Hyp mode does the waiting (B1.14.2). */
static void wait_trap(struct arm_cpu *a, bool wfe)
{
    uint32_t insn, il;

    if (!(arm_hcr32(a) & (wfe ? HCR_TWE : HCR_TWI)))
        return;
    il = arm_read_insn(a, &insn) == 2 ? 0 : ESR_IL;
    arm_raise_hyp(a, (uint32_t)EC_WFX << ESR_EC_SHIFT | il | 0x1e00000 | wfe, 0);
}

void helper_arm_wfi(struct tcg_env *env)
{
    struct cpu *cpu = &ARM_ENV(env)->cpu;

    if (arm_has_work(cpu))
        return;
    wait_trap(ARM_CPU(cpu), false);
    cpu->halted = true;
}

/* The guest waits for another of its CPUs: let that run. */
static void give_way(struct arm_cpu *a)
{
    const struct machine *m = a->cpu.machine;

    if (m->ncpus == 1)
        return;
    if (m->config.thread_single)
        __atomic_store_n(&a->cpu.env.exit_request, 1, __ATOMIC_SEQ_CST);
    else
        sched_yield();
}

/* B1.8.13: an event or not, going on at once is allowed; give the host's core to whom the guest waits for. */
void helper_arm_wfe(struct tcg_env *env)
{
    struct arm_cpu *a = ARM_ENV(env);

    if (__atomic_exchange_n(&a->event, 0, __ATOMIC_SEQ_CST))
        return;
    wait_trap(a, true);
    give_way(a);
}

void helper_arm_sev(struct tcg_env *env)
{
    struct machine *m = ARM_ENV(env)->cpu.machine;

    for (int i = 0; i < m->ncpus; i++)
        __atomic_store_n(&ARM_CPU(m->cpus[i])->event, 1, __ATOMIC_SEQ_CST);
}

void helper_arm_yield(struct tcg_env *env)
{
    give_way(ARM_ENV(env));
}

/* SCTLR.SED: where EL1 is AArch64 it can forbid it */
void helper_arm_setend(struct tcg_env *env, uint32_t big)
{
    struct arm_cpu *a = ARM_ENV(env);

    if (arm_has(a, ARM_A64) && a->sys64.sctlr[1] & SCTLR64_SED)
        undef(a);
    arm_cpsr_write(ARM_ENV(env), big ? PSR_E : 0, PSR_E);
}

/* ---- FPSCR ---------------------------------------------------------------------------------- */

enum fpscr {
    FPSCR_STICKY = 0x9f,     /* IDC IXC UFC OFC DZC IOC */
    FPSCR_RMODE = 3 << 22, FPSCR_FZ = 1 << 24, FPSCR_DN = 1 << 25, FPSCR_AHP = 1 << 26,
    FPSCR_QC = 1 << 27, FPSCR_FZ16 = 1 << 19 /* with half precision arithmetic, else RES0 */,
    /* trap enables and the vector fields of VFPv2: RAZ/WI on these cores but LEN and STRIDE, kept for UNDEF */
    FPSCR_KEPT = FPSCR_RMODE | FPSCR_FZ | FPSCR_DN | FPSCR_AHP | 0x00370000,
};

static uint32_t sticky_of(uint8_t f)
{
    return (f & FP_INVALID ? 1u : 0) | (f & FP_DIVBYZERO ? 2u : 0) | (f & FP_OVERFLOW ? 4u : 0) |
           (f & FP_UNDERFLOW ? 8u : 0) | (f & FP_INEXACT ? 16u : 0) |
           (f & FP_INPUT_DENORMAL ? 128u : 0);
}

uint32_t arm_fpscr_read(struct arm_cpu *a)
{
    return a->fpscr | arm_nzcv_of_flags(a->fp_flags) | (a->fpscr_qc[0] | a->fpscr_qc[1] ? (uint32_t)FPSCR_QC : 0) |
           sticky_of(a->cpu.env.fp[0].flags | a->cpu.env.fp[1].flags);
}

void arm_fpscr_write(struct arm_cpu *a, uint32_t val)
{
    struct fp_env *e = &a->cpu.env.fp[0];
    uint8_t flags = (uint8_t)(val & 0x1f) | (val & 128 ? FP_INPUT_DENORMAL : 0);

    val &= ~(arm_has(a, ARM_FP16_ARITH) ? 0u : (uint32_t)FPSCR_FZ16);
    a->fpscr = val & (FPSCR_KEPT | FPSCR_FZ16);
    a->fpscr_qc[0] = !!(val & FPSCR_QC);
    a->fpscr_qc[1] = 0;
    a->fp_flags = arm_flags_of_nzcv(val);
    *e = (struct fp_env){
        .rounding = (uint8_t)((val & FPSCR_RMODE) >> 22), .flush_inputs = !!(val & FPSCR_FZ),
        .flush_outputs = !!(val & FPSCR_FZ), .flush_half = !!(val & FPSCR_FZ16),
        .half_alternative = !!(val & FPSCR_AHP), .default_nan = !!(val & FPSCR_DN),
        .tiny_before = 1, .flags = flags };
    a->cpu.env.fp[1] = (struct fp_env){
        .rounding = FP_ROUND_NEAREST_EVEN, .flush_inputs = 1, .flush_outputs = 1, .flush_half = !!(val & FPSCR_FZ16),
        .half_alternative = !!(val & FPSCR_AHP), .default_nan = 1, .tiny_before = 1 };
    a->cpu.mode_changed = true;
}

uint32_t helper_arm_fpscr_read(struct tcg_env *env)
{
    tcg_fp_from_live(env);
    return arm_fpscr_read(ARM_ENV(env));
}

void helper_arm_fpscr_write(struct tcg_env *env, uint32_t val)
{
    arm_fpscr_write(ARM_ENV(env), val);
    tcg_fp_to_live(env);
}

void helper_a64_cas128(struct tcg_env *env, uint64_t addr, uint64_t first, uint64_t second, uint32_t oi)
{
    struct arm_cpu *a = ARM_ENV(env);
    const uint64_t v[2] = { first, second };

    cpu_cas128(&a->cpu, addr, a->pair, v, oi);
}
