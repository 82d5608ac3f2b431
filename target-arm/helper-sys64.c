/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System helpers of AArch64 beside those of registers (sysregs64-access.c): traps, exception return, PSTATE. */
#include "config.h"
#include "target-arm/system.h"
#include "target-arm/helpers-arm.h"

void helper_a64_raise_sync(struct tcg_env *env, uint32_t esr, uint32_t least_el)
{
    arm64_raise(ARM_ENV(env), esr, env->pc, least_el);
}

void helper_a64_fp_trap(struct tcg_env *env)
{
    cpu_raise(&ARM_ENV(env)->cpu, ARM_EXC_FP_OFF, 0, 0);
}

void helper_a64_eret(struct tcg_env *env)
{
    arm64_exception_return(ARM_ENV(env));
}

/* ELR authenticated by SP; a level above may trap it, as any use of a key */
void helper_a64_ereta(struct tcg_env *env, uint32_t key_b)
{
    struct arm_cpu *a = ARM_ENV(env);
    uint64_t *elr = &a->sys64.elr[a->sys64.el];

    *elr = helper_a64_pauth(env, *elr, a->sp, (key_b ? APKEY_IB : APKEY_IA) | 4);
    arm64_exception_return(a);
}

/* C5.1.3: at EL0 SCTLR_EL1.UMA decides */
void helper_a64_daif_el0(struct tcg_env *env, uint32_t bits, uint32_t op2)
{
    struct arm_cpu *a = ARM_ENV(env);
    uint64_t hcr = arm64_hcr(a);
    unsigned el = hcr & HCR_TGE ? 2 : 1;

    if (!(a->sys64.sctlr[el] & SCTLR64_UMA))     /* op0 0, op1 3, CRn 4, CRm the immediate, Rt 31 */
        arm64_raise(a, ESR_SYNDROME(EC_SYS64, op2 << 17 | 3 << 14 | 4 << 10 | 31 << 5 | bits >> 6 << 1), 0, el);
    if (op2 == 6)
        a->sys64.pstate |= bits;
    else
        a->sys64.pstate &= ~bits;
}

void helper_a64_set_pstate(struct tcg_env *env, uint32_t bit, uint32_t on)
{
    struct arm_cpu *a = ARM_ENV(env);

    if (bit == PSTATE_SP) {
        arm64_set_spsel(a, on);
        return;
    }
    a->sys64.pstate = (a->sys64.pstate & ~bit) | (on ? bit : 0);
    a->cpu.mode_changed = true;
}

/* D1.6.1, D1.6.2: SCTLR_ELx.nTWI and nTWE, HCR_EL2 and SCR_EL3 TWI and TWE; only when it would wait */
void helper_a64_wait_check(struct tcg_env *env, uint32_t wfe)
{
    struct arm_cpu *a = ARM_ENV(env);
    const struct arm_sys64 *s = &a->sys64;
    uint64_t hcr = arm64_hcr(a), sctlr = s->sctlr[(hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE) ? 2 : 1];
    unsigned el = 0;

    if (wfe ? __atomic_load_n(&a->event, __ATOMIC_SEQ_CST) : arm64_has_work(&a->cpu))
        return;
    if (s->el == 0 && !(sctlr & (wfe ? SCTLR64_NTWE : SCTLR64_NTWI)))
        el = hcr & HCR_TGE ? 2 : 1;
    else if (s->el <= 1 && hcr & (wfe ? HCR_TWE : HCR_TWI))
        el = 2;
    else if (s->el <= 2 && arm_has(a, ARM_EL3) && s->scr & (wfe ? SCR_TWE : SCR_TWI))
        el = 3;
    if (el)
        arm64_raise(a, ESR_SYNDROME(EC_WFX, 0x1e00000 | wfe), 0, el);
}

void helper_a64_mode_changed(struct tcg_env *env)
{
    ARM_ENV(env)->cpu.mode_changed = true;
}

void helper_a64_bti_check(struct tcg_env *env, uint32_t accepts)
{
    struct arm_cpu *a = ARM_ENV(env);
    uint64_t hcr = arm64_hcr(a);
    unsigned el = a->sys64.el, btype = a->btype & 3;
    bool host = el == 0 && (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
    uint64_t sctlr = a->sys64.sctlr[host ? 2 : el ? el : 1];

    if (accepts & 0x10 && !(sctlr & (el ? SCTLR64_BT1 : SCTLR64_BT0)))
        accepts |= 8;
    if (!(accepts >> btype & 1))
        arm64_raise(a, ESR_SYNDROME(EC_BTI, btype), 0, 1);
    a->btype = 0;
}

/* D2.12.4: the step exception is pending from here on, unless the instruction faults */
void helper_a64_step(struct tcg_env *env)
{
    struct arm_cpu *a = ARM_ENV(env);

    a->sys64.pstate &= ~(uint32_t)PSTATE_SS;
    a->sys64.step_pc = env->pc;
    a->cpu.mode_changed = true;
}
