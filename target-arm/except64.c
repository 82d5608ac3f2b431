/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PSTATE, exception entry and return, interrupts and the translation mode of CPUs with AArch64 (DDI 0487 D1). AArch32 runs at
 * EL0 alone; what it raises is taken in AArch64 state.
 */
#include "config.h"
#include "target-arm/cpus.h"
#include "target-arm/system.h"
#include "util/log.h"

/* ---- state ---------------------------------------------------------------------------------- */

uint32_t arm64_lines(const struct arm_cpu *a)
{
    uint32_t lines = __atomic_load_n(&a->cpu.irq_lines, __ATOMIC_SEQ_CST);
    uint64_t hcr = arm64_hcr(a);

    return lines | (hcr & HCR_VI ? 1u << ARM_VIRQ : 0) | (hcr & HCR_VF ? 1u << ARM_VFIQ : 0);
}

/* EL0 belongs to EL2 (HCR_EL2.E2H and TGE). */
static bool is_host(const struct arm_cpu *a)
{
    return (arm64_hcr(a) & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
}

static uint64_t *sp_slot(struct arm_cpu *a)
{
    return &a->sys64.sp_el[a->sys64.pstate & PSTATE_SP ? a->sys64.el : 0];
}

/* The current stack pointer to its home and back, round a change of level or SPSel. */
static void put_sp(struct arm_cpu *a)
{
    *sp_slot(a) = a->sp;
}

static void get_sp(struct arm_cpu *a)
{
    a->sp = *sp_slot(a);
}

void arm64_set_spsel(struct arm_cpu *a, bool spx)
{
    put_sp(a);
    a->sys64.pstate = (a->sys64.pstate & ~(uint32_t)PSTATE_SP) | spx;
    get_sp(a);
    a->cpu.mode_changed = true;
}

/* PSTATE as SPSR_ELx takes it (C5.2.18). */
static uint32_t to_spsr(const struct arm_cpu *a)
{
    const struct arm_sys64 *s = &a->sys64;

    if (s->aarch32) {
        return arm_cpsr_read(a) | (s->pstate & (PSTATE_PAN | PSTATE_IL)) | (s->pstate & PSTATE_SSBS) << 11;
    }
    return s->pstate | (uint32_t)s->el << PSTATE_EL_SHIFT | arm_nzcv_of_flags(a->flags) |
           (a->btype & 3) << PSTATE_BTYPE_SHIFT;
}

unsigned arm64_fp_trap(const struct arm_cpu *a)
{
    const struct arm_sys64 *s = &a->sys64;
    bool el2 = arm_has(a, ARM_EL2) && !arm64_is_secure(a);
    uint64_t hcr = arm64_hcr(a);
    bool el20 = (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
    unsigned fpen = s->cpacr >> 20 & 3, fpen2 = s->cptr[2] >> 20 & 3;

    if (s->el <= 1 && !el20 && (!(fpen & 1) || (fpen == 1 && s->el == 0)))
        return s->el == 0 && hcr & HCR_TGE ? 2 : 1;
    if (s->el <= 2 && el2) {
        if (s->hcr & HCR_E2H) {
            if (!(fpen2 & 1) || (fpen2 == 1 && s->el == 0 && hcr & HCR_TGE))
                return 2;
        } else if (s->cptr[2] >> 10 & 1) {
            return 2;
        }
    }
    return arm_has(a, ARM_EL3) && s->cptr[3] >> 10 & 1 ? 3 : 0;
}

/* ---- translation mode ----------------------------------------------------------------------- */

/* Does a control of another level stand between this one and some system register or instruction? */
static bool has_traps(const struct arm_cpu *a)
{
    const struct arm_sys64 *s = &a->sys64;
    const uint64_t user = SCTLR64_UCI | SCTLR64_UCT | SCTLR64_DZE;
    const uint64_t traps = HCR_TID1 | HCR_TID2 | HCR_TID3 | HCR_TSW | HCR_TPCP | HCR_TPU | HCR_TACR | HCR_TVM | HCR_TRVM | HCR_TDZ |
                           HCR_TIDCP | HCR_TLOR;
    uint64_t hcr = arm64_hcr(a);
    bool el2 = arm_has(a, ARM_EL2) && !arm64_is_secure(a);

    if (s->el == 3)
        return false;
    if (arm_has(a, ARM_EL3) && (s->cptr[3] >> 31 || s->mdcr[3] & MDCR_EL3_TRAPS || (arm_has(a, ARM_PAUTH) && !(s->scr & SCR_APK))))
        return true;
    if (s->el == 2)
        return false;
    if (s->el == 0 && (s->sctlr[hcr & HCR_TGE && hcr & HCR_E2H ? 2 : 1] & user) != user)
        return true;
    return el2 && (hcr & traps || s->mdcr[2] & MDCR_EL2_TRAPS || s->cptr[2] >> 31 || (s->cnthctl & 3) != 3 ||
                   (arm_has(a, ARM_PAUTH) && !(hcr & HCR_APK)));
}

/* Which SCTLR_ELx rules here. */
static uint64_t sctlr_of(const struct arm_cpu *a)
{
    return a->sys64.sctlr[a->sys64.el ? a->sys64.el : is_host(a) ? 2 : 1];
}

static uint32_t fp_mode(const struct arm_cpu *a)
{
    uint32_t mode = a->fpscr & 1 << 24 ? ARM_MODE_FZ : 0;

    return arm64_fp_trap(a) ? mode : mode | ARM_MODE_FP | ARM_MODE_NEON | ARM_MODE_CP10;
}

/* AArch32 at EL0 looks at what arm_mode gives a 32-bit CPU in User mode. */
static uint32_t mode32(const struct arm_cpu *a)
{
    return fp_mode(a) | ARM_MODE_USRSYS | (a->cpsr & PSR_E ? ARM_MODE_BE : 0) | (sctlr_of(a) & SCTLR64_A ? ARM_MODE_STRICT : 0) |
           (a->fpscr & 0x00370000 ? ARM_MODE_VECLEN : 0) | a->cpu.env.aux << ARM_MODE_IT_SHIFT;
}

/* D2.12: MDSCR_EL1.SS, where debug exceptions are enabled: below the level that takes them, or at it with KDE and PSTATE.D clear. */
static unsigned step_el(const struct arm_cpu *a)
{
    bool el2 = arm_has(a, ARM_EL2) && !arm64_is_secure(a);

    return el2 && (a->sys64.mdcr[2] & MDCR_TDE || arm64_hcr(a) & HCR_TGE) ? 2 : 1;
}

static uint32_t step_mode(const struct arm_cpu *a)
{
    const struct arm_sys64 *s = &a->sys64;
    unsigned to;

    if (!(s->mdscr & 1) || s->oslk)
        return 0;
    to = step_el(a);
    if (s->el > to || (s->el == to && (!(s->mdscr >> 13 & 1) || s->pstate & PSTATE_D)))
        return 0;
    return s->pstate & PSTATE_SS ? ARM_MODE_STEP : ARM_MODE_STEP_PENDING;
}

uint32_t arm64_mode(const struct cpu *cpu)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    const struct arm_sys64 *s = &a->sys64;
    uint64_t sctlr = sctlr_of(a);
    uint32_t mode;

    if (s->aarch32)
        return mode32(a);
    mode = ARM_MODE_A64 | (uint32_t)s->el << ARM_MODE_EL_SHIFT | fp_mode(a);
    if (s->el)
        mode |= ARM_MODE_PRIV;
    if (sctlr & (s->el ? SCTLR64_EE : SCTLR64_E0E))
        mode |= ARM_MODE_BE;
    if (sctlr & SCTLR64_A)
        mode |= ARM_MODE_STRICT;
    if (sctlr & (s->el ? SCTLR64_SA : SCTLR64_SA0))
        mode |= ARM_MODE_SA | (a->sp & 15 ? ARM_MODE_SP_ODD : 0);
    if (s->el && !(s->pstate & PSTATE_SP))
        mode |= ARM_MODE_SP0;
    if (s->pstate & PSTATE_IL)
        mode |= ARM_MODE_IL;
    if (!(s->pstate & PSTATE_UAO) && (s->el == 1 || (s->el == 2 && arm64_regime(a) == REGIME_EL20 && arm64_hcr(a) & HCR_TGE)))
        mode |= ARM_MODE_UNPRIV;
    mode |= step_mode(a);
    if (has_traps(a))
        mode |= ARM_MODE_TRAPS;
    if (s->hcr & HCR_E2H && (s->el < 3 || s->scr & SCR_NS))
        mode |= ARM_MODE_E2H;
    return mode;
}

/* ---- exception entry (D1.3) ------------------------------------------------------------------- */

enum vector { VECTOR_SYNC = 0, VECTOR_IRQ = 0x80, VECTOR_FIQ = 0x100, VECTOR_SERROR = 0x180 };

void arm64_raise(struct arm_cpu *a, uint32_t esr, uint64_t far, unsigned min_el)
{
    a->cpu.exception_extra = (a->cpu.exception_extra & ~(uint64_t)EXTRA_LEVEL) | min_el;
    cpu_raise(&a->cpu, ARM_EXC_SYNC, esr, far);
}

static uint64_t vector_base(const struct arm_cpu *a, unsigned el)
{
    const struct arm_sys64 *s = &a->sys64;
    uint64_t base = s->vbar[el];

    if (s->el < el)                  /* the level below el decides: EL0 only for EL1 and a host's EL2 */
        return base + (s->aarch32 && (el == 1 || is_host(a)) ? 0x600 : 0x400);
    return base + (s->pstate & PSTATE_SP ? 0x200 : 0);
}

/* PSTATE in the handler: masked, its own stack; PAN is set where SPAN says so (D1.3.6), SSBS as DSSBS says. */
static uint32_t entry_pstate(const struct arm_cpu *a, unsigned el)
{
    const struct arm_sys64 *s = &a->sys64;
    uint32_t p = PSTATE_DAIF | PSTATE_SP | (s->pstate & (PSTATE_PAN | PSTATE_DIT));
    bool el20 = el == 2 && s->hcr & HCR_E2H && s->hcr & HCR_TGE;

    if (arm_has(a, ARM_PAN) && (el == 1 || el20) && !(s->sctlr[el] & SCTLR64_SPAN))
        p |= PSTATE_PAN;
    if (arm_has(a, ARM_SSBS) && s->sctlr[el] & SCTLR64_DSSBS)
        p |= PSTATE_SSBS;
    return p;
}

/* To el, with env.pc as the preferred return address. */
static void enter(struct arm_cpu *a, unsigned el, enum vector vector)
{
    struct arm_sys64 *s = &a->sys64;
    struct tcg_env *env = &a->cpu.env;
    uint64_t to = vector_base(a, el) + vector;
    uint32_t spsr = to_spsr(a), pstate = entry_pstate(a, el);

    if (!s->aarch32)
        put_sp(a);
    if (s->step_pc == env->pc)           /* it was not executed: it is still to be stepped */
        spsr |= PSTATE_SS;
    s->step_pc = 1;
    s->spsr[el] = spsr;
    s->elr[el] = s->aarch32 ? (uint32_t)env->pc & ~1u : env->pc;
    s->el = (uint8_t)el;
    s->aarch32 = false;
    s->pstate = pstate;
    get_sp(a);
    env->aux = 0;
    a->btype = 0;
    env->pc = to;
    a->cpu.mode_changed = true;
}

/* The level that takes a synchronous exception of the current one. */
static unsigned route(const struct arm_cpu *a, unsigned least)
{
    unsigned el = a->sys64.el;

    if (el == 0)
        el = arm64_hcr(a) & HCR_TGE ? 2 : 1;
    return el > least ? el : least;
}

/* EC as the syndrome shows it: aborts and debug exceptions from the level itself have the next code. */
static uint32_t esr_at(const struct arm_cpu *a, uint32_t esr, unsigned el)
{
    unsigned ec = esr >> ESR_EC_SHIFT;
    bool pair = ec == EC_IABT_LOWER || ec == EC_DABT_LOWER || ec == EC_BKPT_LOWER || ec == EC_STEP_LOWER || ec == EC_WATCH_LOWER;

    return pair && a->sys64.el == el ? esr + (1u << ESR_EC_SHIFT) : esr;
}

static bool has_far(uint32_t esr)
{
    unsigned ec = esr >> ESR_EC_SHIFT;

    return ec == EC_IABT_LOWER || ec == EC_DABT_LOWER || ec == EC_PC_ALIGN || ec == EC_WATCH_LOWER;
}

static void synchronous(struct arm_cpu *a, uint32_t esr, uint64_t far, unsigned least)
{
    struct arm_sys64 *s = &a->sys64;
    unsigned el = route(a, least);

    s->esr[el] = esr_at(a, esr, el);
    if (has_far(esr))
        s->far[el] = far;
    enter(a, el, VECTOR_SYNC);
}

/* ISS: CV, COND always. A trap of CPACR_EL1 that HCR_EL2.TGE sends on to EL2 has no syndrome of its own (AArch64.AdvSIMDFPAccessTrap). */
static void fp_trap(struct arm_cpu *a, unsigned el)
{
    bool sent_on = el == 2 && a->sys64.el == 0 && arm64_hcr(a) & HCR_TGE && !is_host(a);

    synchronous(a, sent_on ? ESR_SYNDROME(EC_UNKNOWN, 0) : ESR_SYNDROME(EC_FP, 0x1e00000), 0, el);
}

/* BKPT, BRK: MDCR_EL2.TDE takes them from EL1 and EL0. */
static void breakpoint(struct arm_cpu *a, uint32_t imm)
{
    bool el2 = a->sys64.el <= 1 && arm_has(a, ARM_EL2) && !arm64_is_secure(a) && a->sys64.mdcr[2] & MDCR_TDE;

    synchronous(a, ESR_SYNDROME(a->sys64.aarch32 ? EC_BKPT32 : EC_BRK, imm), 0, el2 ? 2 : 1);
}

static void undefined(struct arm_cpu *a)
{
    synchronous(a, ESR_SYNDROME(EC_UNKNOWN, 0), 0, 1);
}

/* Past a call, whose preferred return address is behind it. */
static void step_over(struct arm_cpu *a, unsigned thumb_size)
{
    if (a->sys64.aarch32)
        arm_step_over(a, thumb_size);
    else
        a->cpu.env.pc += 4;
}

static void hvc(struct arm_cpu *a, uint32_t imm)
{
    unsigned el = a->sys64.el;
    bool off;

    if (el && a->psci_conduit == 1 && arm_psci_call(a)) {
        step_over(a, 4);
        return;
    }
    off = arm_has(a, ARM_EL3) ? !(a->sys64.scr & SCR_HCE) : a->sys64.hcr & HCR_HCD;
    if (!el || !arm_has(a, ARM_EL2) || off || (arm64_is_secure(a) && el < 3)) {
        undefined(a);
        return;
    }
    step_over(a, 4);
    synchronous(a, ESR_SYNDROME(EC_HVC64, imm), 0, 2);
}

static void smc(struct arm_cpu *a, uint32_t imm)
{
    unsigned el = a->sys64.el;

    if (el == 1 && arm64_hcr(a) & HCR_TSC) {
        synchronous(a, ESR_SYNDROME(EC_SMC64, imm), 0, 2);
        return;
    }
    if (el && a->psci_conduit == 2 && arm_psci_call(a)) {
        step_over(a, 4);
        return;
    }
    if (!el || !arm_has(a, ARM_EL3) || a->sys64.scr & SCR_SMD) {
        undefined(a);
        return;
    }
    step_over(a, 4);
    synchronous(a, ESR_SYNDROME(EC_SMC64, imm), 0, 3);
}

static void svc(struct arm_cpu *a, uint32_t imm)
{
    unsigned ec = a->sys64.aarch32 ? EC_SVC32 : EC_SVC64;

    step_over(a, 2);
    synchronous(a, ESR_SYNDROME(ec, imm), 0, 1);
}

/* What arm64_raise raised. */
static void raised(struct arm_cpu *a, uint32_t syndrome)
{
    uint64_t extra = a->cpu.exception_extra;

    if (extra & EXTRA_HPFAR)
        a->sys64.hpfar = extra & ~(uint64_t)0xf;
    a->cpu.exception_extra = 0;
    synchronous(a, syndrome, a->cpu.exception_addr, extra & EXTRA_LEVEL);
}

void arm64_take_exception(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t syndrome = cpu->exception_syndrome;

    log_text(LOG_INT, "cpu %d: exception %d from EL%u at 0x%llx syndrome 0x%x address 0x%llx\n", cpu->index, cpu->exception,
             a->sys64.el, (unsigned long long)cpu->env.pc, syndrome, (unsigned long long)cpu->exception_addr);
    switch (cpu->exception) {
    case ARM_EXC_SYNC: raised(a, syndrome); break;
    case ARM_EXC_SVC: svc(a, syndrome); break;
    case ARM_EXC_HVC: hvc(a, syndrome); break;
    case ARM_EXC_SMC: smc(a, syndrome); break;
    case ARM_EXC_BKPT: breakpoint(a, syndrome); break;
    case ARM_EXC_PC_ALIGN: synchronous(a, ESR_SYNDROME(EC_PC_ALIGN, 0), cpu->env.pc, 1); break;
    case ARM_EXC_STEP:
        a->sys64.step_pc = 1;
        synchronous(a, ESR_SYNDROME(EC_STEP_LOWER, ISS_ISV | 0x22), 0, step_el(a));
        break;
    case ARM_EXC_SP_ALIGN: synchronous(a, ESR_SYNDROME(EC_SP_ALIGN, 0), 0, 1); break;
    case ARM_EXC_FP_OFF: fp_trap(a, arm64_fp_trap(a)); break;
    case ARM_EXC_ILLEGAL: synchronous(a, ESR_SYNDROME(EC_ILLEGAL, 0), 0, 1); break;
    default: undefined(a); break;
    }
    cpu->mode_changed = true;
    log_text(LOG_INT, "cpu %d: in EL%u at 0x%llx\n", cpu->index, a->sys64.el, (unsigned long long)cpu->env.pc);
}

/* ---- exception return (D1.4) ------------------------------------------------------------------ */

static bool is_legal(const struct arm_cpu *a, uint32_t spsr)
{
    unsigned el = spsr >> PSTATE_EL_SHIFT & 3;
    bool ns = !arm_has(a, ARM_EL3) || a->sys64.scr & SCR_NS;

    if (spsr & PSTATE_NRW)
        return (spsr & PSR_M_MASK) == PSR_USR;
    if (spsr & 2 || (el == 0 && spsr & PSTATE_SP) || el > a->sys64.el)
        return false;
    if (el == 2 && (!arm_has(a, ARM_EL2) || !ns))
        return false;
    if (el == 3 && !arm_has(a, ARM_EL3))
        return false;
    return !(el == 1 && ns && arm_has(a, ARM_EL2) && a->sys64.hcr & HCR_TGE);
}

/* Bits of SPSR that PSTATE has on this CPU. */
static uint32_t kept_bits(const struct arm_cpu *a)
{
    return PSTATE_DAIF | PSTATE_IL | PSTATE_SS | (arm_has(a, ARM_PAN) ? PSTATE_PAN : 0) | (arm_has(a, ARM_UAO) ? PSTATE_UAO : 0) |
           (arm_has(a, ARM_DIT) ? PSTATE_DIT : 0) | (arm_has(a, ARM_SSBS) ? PSTATE_SSBS : 0);
}

static void return_to_32(struct arm_cpu *a, uint32_t spsr, uint64_t elr)
{
    struct arm_sys64 *s = &a->sys64;

    s->el = 0;
    s->aarch32 = true;
    s->pstate = ((spsr & PSTATE_PAN) | (spsr >> 11 & PSTATE_SSBS)) & kept_bits(a);
    a->cpu.env.pc = spsr & PSR_T ? (uint32_t)elr & ~1u : (uint32_t)elr & ~3u;
    if (!(spsr & PSR_T))
        spsr &= ~(uint32_t)(PSR_IT_7_2 | PSR_IT_1_0);
    arm_cpsr_write(a, spsr, UINT32_MAX);
}

void arm64_exception_return(struct arm_cpu *a)
{
    struct arm_sys64 *s = &a->sys64;
    uint32_t spsr = s->spsr[s->el], keep = kept_bits(a);
    uint64_t elr = s->elr[s->el];

    a->excl_addr = UINT64_MAX;
    a->cpu.mode_changed = true;
    if (!is_legal(a, spsr)) {            /* D1.4.3: the level stays, IL is set */
        keep &= PSTATE_DAIF | PSTATE_PAN;
        s->pstate = (s->pstate & ~keep) | (spsr & keep) | PSTATE_IL;
        a->flags = arm_flags_of_nzcv(spsr);
        a->cpu.env.pc = elr;
        return;
    }
    put_sp(a);
    if (spsr & PSTATE_NRW) {
        return_to_32(a, spsr, elr);
        return;
    }
    s->el = spsr >> PSTATE_EL_SHIFT & 3;
    s->pstate = (spsr & keep) | (s->el ? spsr & PSTATE_SP : 0);
    if (!(s->mdscr & 1))                 /* DebugExceptionReturnSS */
        s->pstate &= ~(uint32_t)PSTATE_SS;
    a->flags = arm_flags_of_nzcv(spsr);
    a->cpu.env.aux = 0;
    a->btype = arm_has(a, ARM_BTI) ? spsr >> PSTATE_BTYPE_SHIFT & 3 : 0;
    get_sp(a);
    a->cpu.env.pc = arm64_branch_addr(a, elr);
}

/* ---- interrupts (D1.3.5) ---------------------------------------------------------------------- */

/* The level that a physical interrupt goes to, by the routing bits of SCR_EL3 and HCR_EL2. */
static unsigned physical_el(const struct arm_cpu *a, uint64_t scr_bit, uint64_t hcr_bit)
{
    if (arm_has(a, ARM_EL3) && a->sys64.scr & scr_bit)
        return 3;
    return arm64_hcr(a) & hcr_bit ? 2 : 1;
}

/* A level above the current one is not masked (EL2 is by its own EL0), one below never interrupted. */
static bool can_take(const struct arm_cpu *a, unsigned el, uint32_t mask)
{
    const struct arm_sys64 *s = &a->sys64;
    uint32_t bits = s->aarch32 ? a->cpsr : s->pstate;

    if (el < s->el)
        return false;
    return (el > s->el && (el == 3 || (el == 2 && !is_host(a)))) || !(bits & mask);
}

static bool take_line(struct arm_cpu *a, uint32_t lines, bool fiq)
{
    uint32_t mask = fiq ? PSTATE_F : PSTATE_I;
    uint64_t hcr = arm64_hcr(a), route_bit = fiq ? HCR_FMO : HCR_IMO;
    unsigned el;

    if (lines & 1u << (fiq ? ARM_FIQ : ARM_IRQ)) {
        el = physical_el(a, fiq ? SCR_FIQ : SCR_IRQ, route_bit);
        if (can_take(a, el, mask)) {
            enter(a, el, fiq ? VECTOR_FIQ : VECTOR_IRQ);
            return true;
        }
    }
    if (lines & 1u << (fiq ? ARM_VFIQ : ARM_VIRQ) && hcr & route_bit && !(hcr & HCR_TGE) && a->sys64.el <= 1 && can_take(a, 1, mask)) {
        enter(a, 1, fiq ? VECTOR_FIQ : VECTOR_IRQ);
        return true;
    }
    return false;
}

/* A virtual SError of HCR_EL2.VSE is for EL1 and EL0; it is pending until it is taken (D1.3.5, D17.2.48). */
static bool virtual_serror(const struct arm_cpu *a)
{
    uint64_t hcr = arm64_hcr(a);

    return a->sys64.el <= 1 && (hcr & (HCR_VSE | HCR_AMO | HCR_TGE)) == (HCR_VSE | HCR_AMO);
}

static bool take_serror(struct arm_cpu *a)
{
    struct arm_sys64 *s = &a->sys64;

    if (!virtual_serror(a) || !can_take(a, 1, PSTATE_A))
        return false;
    s->hcr &= ~HCR_VSE;
    arm64_update_pending(a);
    s->esr[1] = ESR_SYNDROME(EC_SERROR, s->vsesr & 0x1ffffff);       /* IDS and ISS, of a CPU with RAS */
    enter(a, 1, VECTOR_SERROR);
    return true;
}

bool arm64_take_interrupt(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t lines = arm64_lines(a);
    uint64_t pc = cpu->env.pc;

    if (!take_line(a, lines, true) && !take_line(a, lines, false) && !take_serror(a))
        return false;
    log_text(LOG_INT, "cpu %d: interrupt at 0x%llx, in EL%u\n", cpu->index, (unsigned long long)pc, a->sys64.el);
    return true;
}

/* WFI ends for a pending interrupt even when it is masked (D1.6.2); a virtual one counts where it could be taken. */
bool arm64_has_work(const struct cpu *cpu)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t lines = arm64_lines(a);
    uint64_t hcr = arm64_hcr(a);

    if (lines & (1u << ARM_IRQ | 1u << ARM_FIQ) || virtual_serror(a))
        return true;
    return a->sys64.el <= 1 && ((lines & 1u << ARM_VIRQ && hcr & HCR_IMO) || (lines & 1u << ARM_VFIQ && hcr & HCR_FMO));
}
