/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPSR and banked registers, exception entry (DDI 0406C B1.8, B1.9), interrupts, translation mode. */
#include "config.h"
#include <string.h>
#include "target-arm/system.h"
#include "util/log.h"

/* ---- CPSR ----------------------------------------------------------------------------------- */

static enum arm_bank bank_of(uint32_t mode)
{
    switch (mode & PSR_M_MASK) {
    case PSR_SVC: return BANK_SVC;
    case PSR_ABT: return BANK_ABT;
    case PSR_UND: return BANK_UND;
    case PSR_IRQ: return BANK_IRQ;
    case PSR_FIQ: return BANK_FIQ;
    case PSR_HYP: return BANK_HYP;
    case PSR_MON: return BANK_MON;
    default: return BANK_USR;
    }
}

/* Hyp mode has User mode's LR (B1.3.2). */
static enum arm_bank lr_bank_of(uint32_t mode)
{
    enum arm_bank bank = bank_of(mode);

    return bank == BANK_HYP ? BANK_USR : bank;
}

uint32_t arm_nzcv_of_flags(uint32_t flags)
{
    return (flags & FLAG_S ? PSR_N : 0) | (flags & FLAG_Z ? PSR_Z : 0) |
           (flags & FLAG_C ? PSR_C : 0) | (flags & FLAG_O ? PSR_V : 0);
}

uint32_t arm_flags_of_nzcv(uint32_t nzcv)
{
    return (nzcv & PSR_N ? FLAG_S : 0) | (nzcv & PSR_Z ? FLAG_Z : 0) |
           (nzcv & PSR_C ? FLAG_C : 0) | (nzcv & PSR_V ? FLAG_O : 0);
}

static uint32_t it_bits(uint32_t it)
{
    return (it & 3) << 25 | (it >> 2 & 0x3f) << 10;
}

uint32_t arm_cpsr_read(const struct arm_cpu *a)
{
    uint32_t ge = 0;

    for (int i = 0; i < 4; i++)
        ge |= (a->ge >> (8 * i) & 1) << (16 + i);
    return a->cpsr | arm_nzcv_of_flags(a->flags) | (a->q ? PSR_Q : 0) | ge |
           it_bits(a->cpu.env.aux) | (a->cpu.env.pc & ARM_PC_THUMB ? PSR_T : 0);
}

static void swap_r8_12(uint32_t *r, uint32_t *save, const uint32_t *load)
{
    memcpy(save, r, 5 * sizeof(*r));
    memcpy(r, load, 5 * sizeof(*r));
}

static void switch_mode(struct arm_cpu *a, uint32_t mode)
{
    enum arm_bank from = bank_of(a->cpsr), to = bank_of(mode);

    if (from == to)
        return;
    a->bank_sp[from] = a->r[ARM_SP];
    a->bank_lr[lr_bank_of(a->cpsr)] = a->r[ARM_LR];
    if (from == BANK_FIQ)
        swap_r8_12(&a->r[8], a->fiq_r8_12, a->usr_r8_12);
    if (to == BANK_FIQ)
        swap_r8_12(&a->r[8], a->usr_r8_12, a->fiq_r8_12);
    a->r[ARM_SP] = a->bank_sp[to];
    a->r[ARM_LR] = a->bank_lr[lr_bank_of(mode)];
}

void arm_cpsr_write(struct arm_cpu *a, uint32_t val, uint32_t mask)
{
    const uint32_t kept = PSR_M_MASK | PSR_F | PSR_I | PSR_A | PSR_E;

    if (mask & PSR_NZCV) {
        uint32_t old = arm_nzcv_of_flags(a->flags);

        a->flags = arm_flags_of_nzcv((old & ~mask) | (val & mask));
    }
    if (mask & PSR_Q)
        a->q = !!(val & PSR_Q);
    for (int i = 0; i < 4; i++)
        if (mask & (1u << (16 + i))) {
            a->ge &= ~(0xffu << (8 * i));
            a->ge |= val >> (16 + i) & 1 ? 0xffu << (8 * i) : 0;
        }
    if (mask & PSR_T) {
        a->cpu.env.pc &= ~(uint64_t)ARM_PC_THUMB;
        a->cpu.env.pc |= val & PSR_T ? ARM_PC_THUMB : 0;
    }
    if (mask & PSR_IT_7_2)
        a->cpu.env.aux = (a->cpu.env.aux & 3) | (val >> 10 & 0x3f) << 2;
    if (mask & PSR_IT_1_0)
        a->cpu.env.aux = (a->cpu.env.aux & 0xfc) | (val >> 25 & 3);
    if (mask & PSR_M_MASK)
        switch_mode(a, val & PSR_M_MASK);
    a->cpsr = (a->cpsr & ~(mask & kept)) | (val & mask & kept);
    a->cpu.mode_changed = true;
}

/* ---- translation mode ----------------------------------------------------------------------- */

unsigned arm_fp_trap(const struct arm_cpu *a)
{
    unsigned cp10 = a->cp15.cpacr >> 20 & 3;
    bool secure = arm_in_secure(a), hyp = arm_in_mode(a, PSR_HYP);

    if (!hyp && cp10 != 3 && !(cp10 == 1 && !arm_in_mode(a, PSR_USR)))
        return 1;
    if (arm_has_monitor(a) && !secure && !(a->cp15.nsacr & 1 << 10))
        return 1;
    return arm_has_hyp(a) && !secure && a->cp15.hcptr & 1 << 10 ? 2 : 0;
}

/* CPACR.ASEDIS and NSACR.NSASEDIS: Advanced SIMD is UNDEFINED. */
static bool simd_off(const struct arm_cpu *a)
{
    if (!arm_in_mode(a, PSR_HYP) && a->cp15.cpacr & 1u << 31)
        return true;
    return arm_has_monitor(a) && !arm_in_secure(a) && a->cp15.nsacr & 1 << 15;
}

static bool simd_allowed(const struct arm_cpu *a)
{
    return !simd_off(a) && !(arm_has_hyp(a) && !arm_in_secure(a) && a->cp15.hcptr & 1 << 15);
}

uint32_t arm_mode(const struct cpu *cpu)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t m = a->cpsr & PSR_M_MASK, mode = 0;
    bool priv = m != PSR_USR;

    if (priv)
        mode |= ARM_MODE_PRIV;
    if (a->cpsr & PSR_E)
        mode |= ARM_MODE_BE;
    if (m == PSR_USR || m == PSR_SYS)
        mode |= ARM_MODE_USRSYS;
    if (m == PSR_HYP)
        mode |= ARM_MODE_HYP;
    if (m == PSR_MON)
        mode |= ARM_MODE_MON;
    if (arm_in_secure(a))
        mode |= ARM_MODE_SECURE;
    if (!arm_fp_trap(a)) {
        mode |= ARM_MODE_CP10;
        if (a->fpexc & 1u << 30)
            mode |= ARM_MODE_FP | (simd_allowed(a) ? ARM_MODE_NEON : 0);
    }
    if ((m == PSR_HYP ? a->cp15.hsctlr : arm_bank(a)->sctlr) & SCTLR_A)
        mode |= ARM_MODE_STRICT;
    if (arm_has_traps(a))
        mode |= ARM_MODE_TRAPS;
    if (a->fpscr & 0x00370000)
        mode |= ARM_MODE_VECLEN;
    if (a->fpscr & 1 << 24)
        mode |= ARM_MODE_FZ;
    return mode | cpu->env.aux << ARM_MODE_IT_SHIFT;
}

/* ---- exception entry ------------------------------------------------------------------------ */

struct entry {
    uint32_t mode, offset;
    uint32_t mask;           /* CPSR bits that are set */
    uint8_t lr_arm, lr_thumb;      /* LR is the preferred return address plus this */
    bool next;               /* which is the next instruction */
};

static const struct entry entries[] = {
    [ARM_EXC_UNDEF] = { PSR_UND, 0x04, PSR_I, 4, 2, false },
    [ARM_EXC_SVC] = { PSR_SVC, 0x08, PSR_I, 0, 0, true },
    [ARM_EXC_PREFETCH_ABORT] = { PSR_ABT, 0x0c, PSR_I | PSR_A, 4, 4, false },
    [ARM_EXC_BKPT] = { PSR_ABT, 0x0c, PSR_I | PSR_A, 4, 4, false },
    [ARM_EXC_DATA_ABORT] = { PSR_ABT, 0x10, PSR_I | PSR_A, 8, 8, false },
    [ARM_EXC_IRQ] = { PSR_IRQ, 0x18, PSR_I | PSR_A, 4, 4, false },
    [ARM_EXC_FIQ] = { PSR_FIQ, 0x1c, PSR_I | PSR_A | PSR_F, 4, 4, false },
};

static const char *const exception_name[] = {
    "reset", "undefined", "svc", "prefetch abort", "data abort", "irq", "fiq",
    "hvc", "smc", "bkpt", "pc alignment", "hyp", "illegal", "sp alignment", "fp off"
};

/* SVC in Thumb is two bytes, HVC and SMC four */
void arm_step_over(struct arm_cpu *a, unsigned thumb_size)
{
    struct tcg_env *env = &a->cpu.env;
    uint32_t it = env->aux;
    bool thumb = env->pc & ARM_PC_THUMB;

    env->pc = (uint32_t)(env->pc + (thumb ? thumb_size : 4));
    if (it)
        env->aux = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
}

/* The part of exception entry that all modes have in common. sctlr: has EE and TE. */
static void go_to(struct arm_cpu *a, uint32_t mode, uint32_t vector, uint32_t mask, uint32_t sctlr)
{
    struct tcg_env *env = &a->cpu.env;
    uint32_t spsr = arm_cpsr_read(a);

    arm_cpsr_write(a, mode, PSR_M_MASK);
    a->bank_spsr[bank_of(mode)] = spsr;
    a->cpsr |= mask;
    a->cpsr &= ~(uint32_t)PSR_E;
    if (sctlr & SCTLR_EE)
        a->cpsr |= PSR_E;
    env->aux = 0;
    env->pc = vector | (sctlr & SCTLR_TE ? ARM_PC_THUMB : 0);
    a->cpu.mode_changed = true;
}

static void enter(struct arm_cpu *a, const struct entry *e)
{
    uint32_t sctlr = arm_bank(a)->sctlr, pc = (uint32_t)a->cpu.env.pc & ~1u;
    uint32_t base = sctlr & SCTLR_V ? 0xffff0000u : arm_bank(a)->vbar;
    bool thumb = a->cpu.env.pc & ARM_PC_THUMB;

    if (arm_in_mode(a, PSR_MON))     /* what Monitor mode takes in other modes finds Secure state (B1.8.10) */
        arm_scr_write(a, a->cp15.scr & ~(uint32_t)SCR_NS);
    go_to(a, e->mode, base + e->offset, e->mask, sctlr);
    a->r[ARM_LR] = pc + (thumb ? e->lr_thumb : e->lr_arm);
}

/* EnterMonitorMode (B1.8.10) */
static void enter_monitor(struct arm_cpu *a, const struct entry *e)
{
    uint32_t pc = (uint32_t)a->cpu.env.pc & ~1u;
    bool thumb = a->cpu.env.pc & ARM_PC_THUMB;

    if (arm_in_mode(a, PSR_MON))
        arm_scr_write(a, a->cp15.scr & ~(uint32_t)SCR_NS);
    go_to(a, PSR_MON, a->cp15.mvbar + e->offset, PSR_I | PSR_A | PSR_F, (a->cp15.scr & SCR_NS ? &a->cp15.other : &a->cp15.bank)->sctlr);
    a->r[ARM_LR] = pc + (thumb ? e->lr_thumb : e->lr_arm);
}

/* EnterHypMode (B1.8.11): what Monitor mode is to take stays unmasked. */
static void enter_hyp(struct arm_cpu *a, uint32_t offset)
{
    uint64_t scr = arm_has_monitor(a) ? a->cp15.scr : 0;
    uint32_t mask = (scr & SCR_EA ? 0 : PSR_A) | (scr & SCR_IRQ ? 0 : PSR_I) | (scr & SCR_FIQ ? 0 : PSR_F);
    uint32_t pc = (uint32_t)a->cpu.env.pc & ~1u;

    go_to(a, PSR_HYP, a->cp15.hvbar + offset, mask, a->cp15.hsctlr);
    a->elr_hyp = pc;
}

#define HYP_TRAP 0x14

/* HSR.IL where it says nothing: 0 in ARMv7 (B3.13.6), 1 in ARMv8. */
static uint32_t with_il(const struct arm_cpu *a, uint32_t hsr)
{
    unsigned ec = hsr >> ESR_EC_SHIFT;
    bool idle = ec == EC_UNKNOWN || ec == EC_IABT_LOWER || ec == EC_IABT || ((ec == EC_DABT_LOWER || ec == EC_DABT) && !(hsr & ISS_ISV));

    if (!idle)
        return hsr;
    return arm_has(a, ARM_V8) ? hsr | ESR_IL : hsr & ~(uint32_t)ESR_IL;
}

/* A synchronous exception to Hyp mode. own: the offset where it comes from Hyp mode itself. */
static void to_hyp(struct arm_cpu *a, uint32_t hsr, uint32_t own)
{
    a->cp15.hsr = with_il(a, hsr);
    enter_hyp(a, arm_in_mode(a, PSR_HYP) ? own : HYP_TRAP);
}

/* ---- the Virtualization Extensions' controls ------------------------------------------------ */

uint32_t arm_hcr32(const struct arm_cpu *a)
{
    uint32_t hcr = a->cp15.hcr;

    if (!arm_has_hyp(a) || arm_in_secure(a) || arm_in_mode(a, PSR_HYP))
        return 0;
    if (hcr & HCR_TGE)
        hcr = (hcr | HCR_FMO | HCR_IMO | HCR_AMO) & ~(uint32_t)(HCR_VF | HCR_VI | HCR_VSE);
    return hcr;
}

uint32_t arm_lines(const struct arm_cpu *a)
{
    uint32_t lines = __atomic_load_n(&a->cpu.irq_lines, __ATOMIC_SEQ_CST), hcr = arm_hcr32(a);

    return lines | (hcr & HCR_VI ? 1u << ARM_VIRQ : 0) | (hcr & HCR_VF ? 1u << ARM_VFIQ : 0);
}

void arm_raise_hyp(struct arm_cpu *a, uint32_t hsr, uint32_t addr)
{
    cpu_raise(&a->cpu, ARM_EXC_SYNC, hsr, addr);
}

/* Is the exception of a Non-secure mode that Hyp mode takes: its own, or with HCR.TGE User mode's? */
static bool is_hyps(const struct arm_cpu *a)
{
    return arm_in_mode(a, PSR_HYP) || (arm_in_mode(a, PSR_USR) && arm_hcr32(a) & HCR_TGE);
}

/* With the syndrome ready: traps, and the aborts that Hyp mode takes. */
static void hyp_synchronous(struct arm_cpu *a, uint32_t hsr, uint32_t addr)
{
    bool own = arm_in_mode(a, PSR_HYP);
    unsigned ec = hsr >> ESR_EC_SHIFT;

    if (ec == EC_IABT_LOWER)
        a->cp15.hifar = addr;
    if (ec == EC_DABT_LOWER)
        a->cp15.hdfar = addr;
    if (own && (ec == EC_IABT_LOWER || ec == EC_DABT_LOWER))
        hsr += 1u << ESR_EC_SHIFT;
    to_hyp(a, hsr, ec == EC_IABT_LOWER ? 0x0c : ec == EC_DABT_LOWER ? 0x10 : 0x04);
}

static void undefined(struct arm_cpu *a)
{
    if (is_hyps(a))
        to_hyp(a, 0, 0x04);
    else
        enter(a, &entries[ARM_EXC_UNDEF]);
}

static void fp_off(struct arm_cpu *a)
{
    unsigned trap = arm_fp_trap(a);
    bool simd = trap == 0 && arm_has_hyp(a) && !arm_in_secure(a) && a->fpexc & 1u << 30 && a->cp15.hcptr & 1 << 15 && !simd_off(a);

    if (trap == 2 || simd)
        to_hyp(a, ESR_SYNDROME(EC_FP, simd ? 0x1e00020 : 0x1e0000a), 0x04);
    else
        undefined(a);
}

static void hvc(struct arm_cpu *a, uint32_t imm)
{
    bool on = arm_has_hyp(a) && !arm_in_secure(a) && (!arm_has_monitor(a) || a->cp15.scr & SCR_HCE);

    if (a->psci_conduit == 1 && arm_psci_call(a)) {
        arm_step_over(a, 4);
    } else if (on) {
        arm_step_over(a, 4);
        to_hyp(a, ESR_SYNDROME(EC_HVC32, imm), 0x08);
    } else {
        undefined(a);
    }
}

static void smc(struct arm_cpu *a)
{
    static const struct entry call = { PSR_MON, 0x08, 0, 0, 0, true };

    if (arm_hcr32(a) & HCR_TSC) {
        to_hyp(a, ESR_SYNDROME(EC_SMC32, 0), 0x04);
    } else if (a->psci_conduit == 2 && arm_psci_call(a)) {
        arm_step_over(a, 4);
    } else if (arm_has_monitor(a) && !(a->cp15.scr & SCR_SCD && !arm_in_secure(a))) {
        arm_step_over(a, 4);
        enter_monitor(a, &call);
    } else {
        undefined(a);
    }
}

static void svc(struct arm_cpu *a, uint32_t imm)
{
    uint32_t il = a->cpu.env.pc & ARM_PC_THUMB ? 0 : ESR_IL;

    arm_step_over(a, 2);
    if (is_hyps(a))
        to_hyp(a, (uint32_t)EC_SVC32 << ESR_EC_SHIFT | il | (imm & 0xffff), 0x08);
    else
        enter(a, &entries[ARM_EXC_SVC]);
}

static void set_fault_regs(struct arm_cpu *a, int exc, struct arm_cp15_bank *c)
{
    uint32_t fsr = a->cpu.exception_syndrome, addr = (uint32_t)a->cpu.exception_addr;

    if (exc == ARM_EXC_DATA_ABORT) {
        c->dfsr = fsr;
        c->dfar = addr;
    } else if (exc == ARM_EXC_PREFETCH_ABORT) {
        /* The short format has no domain and WnR here (B4.1.96). */
        c->ifsr = fsr & FSR_LPAE ? fsr : fsr & ~(uint32_t)(FSR_WNR | 0xf0);
        c->ifar = addr;
    } else if (exc == ARM_EXC_BKPT) {
        c->ifsr = arm_fsr(a, FAULT_DEBUG, 1, 0, false);
    }
}

/* A BKPT is a Prefetch Abort of kind "debug"; HDCR.TDE and TGE give it to Hyp mode. */
static void breakpoint(struct arm_cpu *a)
{
    uint32_t il = a->cpu.env.pc & ARM_PC_THUMB ? 0 : ESR_IL;
    bool hyp = arm_has_hyp(a) && !arm_in_secure(a) && (a->cp15.hdcr & MDCR_TDE || a->cp15.hcr & HCR_TGE || arm_in_mode(a, PSR_HYP));

    if (hyp) {
        hyp_synchronous(a, (uint32_t)EC_IABT_LOWER << ESR_EC_SHIFT | il | 0x22, (uint32_t)a->cpu.env.pc & ~1u);
        return;
    }
    set_fault_regs(a, ARM_EXC_BKPT, arm_bank(a));
    enter(a, &entries[ARM_EXC_BKPT]);
}

/* Aborts that are not Hyp mode's; monitor: SCR.EA gives external ones to Monitor mode. */
static void fault(struct arm_cpu *a, int exc, bool monitor)
{
    if (monitor) {
        set_fault_regs(a, exc, a->cp15.scr & SCR_NS ? &a->cp15.other : &a->cp15.bank);
        enter_monitor(a, &entries[exc]);
        return;
    }
    set_fault_regs(a, exc, arm_bank(a));
    enter(a, &entries[exc]);
}

void arm_take_exception(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    int exc = cpu->exception;
    uint32_t syndrome = cpu->exception_syndrome;
    uint64_t extra = cpu->exception_extra;

    log_text(LOG_INT, "cpu %d: %s at 0x%08llx cpsr 0x%08x syndrome 0x%x address 0x%llx\n",
             cpu->index, exception_name[exc], (unsigned long long)cpu->env.pc,
             arm_cpsr_read(a), syndrome, (unsigned long long)cpu->exception_addr);
    cpu->exception_extra = 0;
    if (exc == ARM_EXC_SYNC && extra & ARM_EXTRA_HPFAR)
        a->cp15.hpfar = (uint32_t)extra & ~0xfu;
    switch (exc) {
    case ARM_EXC_SYNC: hyp_synchronous(a, syndrome, (uint32_t)cpu->exception_addr); break;
    case ARM_EXC_SVC: svc(a, syndrome); break;
    case ARM_EXC_HVC: hvc(a, syndrome); break;
    case ARM_EXC_SMC: smc(a); break;
    case ARM_EXC_BKPT: breakpoint(a); break;
    case ARM_EXC_FP_OFF: fp_off(a); break;
    case ARM_EXC_DATA_ABORT: case ARM_EXC_PREFETCH_ABORT: fault(a, exc, extra & ARM_EXTRA_MONITOR); break;
    default: undefined(a); break;
    }
    cpu->mode_changed = true;
}

/* ---- interrupts ----------------------------------------------------------------------------- */

/* CPSR masks interrupts within the state that takes them: Monitor mode's in Secure state, Hyp mode's in Hyp mode (table B1-24). */
static bool take_physical(struct arm_cpu *a, int exc, uint32_t mask, uint64_t scr_bit, uint32_t hcr_bit)
{
    bool monitor = arm_has_monitor(a) && a->cp15.scr & scr_bit, masked = a->cpsr & mask;

    if (monitor) {
        if (masked && arm_in_secure(a))
            return false;
        enter_monitor(a, &entries[exc]);
        return true;
    }
    if (arm_hcr32(a) & hcr_bit) {
        enter_hyp(a, entries[exc].offset);
        return true;
    }
    if (masked)
        return false;
    if (arm_in_mode(a, PSR_HYP))
        enter_hyp(a, entries[exc].offset);
    else
        enter(a, &entries[exc]);
    return true;
}

/* HCR_bit: the routing bit that turns virtual ones on. */
static bool take_virtual(struct arm_cpu *a, int exc, uint32_t mask, uint32_t hcr_bit)
{
    uint32_t hcr = arm_hcr32(a);

    if (!(hcr & hcr_bit) || hcr & HCR_TGE || a->cpsr & mask)
        return false;
    enter(a, &entries[exc]);
    return true;
}

static bool virtual_abort(const struct arm_cpu *a)
{
    return (arm_hcr32(a) & (HCR_VSE | HCR_AMO | HCR_TGE)) == (HCR_VSE | HCR_AMO);
}

/* A virtual asynchronous abort: DFSR says external, asynchronous; HCR.VA ends with it (B1.8.11). */
static bool take_virtual_abort(struct arm_cpu *a)
{
    if (!virtual_abort(a) || a->cpsr & PSR_A)
        return false;
    arm_hcr_write(a, a->cp15.hcr & ~(uint32_t)HCR_VSE);
    a->cp15.dfsr = a->cp15.ttbcr & SCTLR_EAE ? FSR_LPAE | 0x11 : FSR_FS4 | 0x6;
    enter(a, &entries[ARM_EXC_DATA_ABORT]);
    return true;
}

bool arm_take_interrupt(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t lines = arm_lines(a);
    uint64_t pc = cpu->env.pc;
    bool taken = (lines & 1u << ARM_FIQ && take_physical(a, ARM_EXC_FIQ, PSR_F, SCR_FIQ, HCR_FMO)) ||
                 (lines & 1u << ARM_IRQ && take_physical(a, ARM_EXC_IRQ, PSR_I, SCR_IRQ, HCR_IMO)) ||
                 (lines & 1u << ARM_VFIQ && take_virtual(a, ARM_EXC_FIQ, PSR_F, HCR_FMO)) ||
                 (lines & 1u << ARM_VIRQ && take_virtual(a, ARM_EXC_IRQ, PSR_I, HCR_IMO)) || take_virtual_abort(a);

    if (taken)
        log_text(LOG_INT, "cpu %d: interrupt at 0x%08llx, now cpsr 0x%08x\n", cpu->index, (unsigned long long)pc, arm_cpsr_read(a));
    return taken;
}

/* WFI ends for a pending interrupt even when it is masked (B1.8.14); a virtual one counts where it could be taken. */
bool arm_has_work(const struct cpu *cpu)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t lines = arm_lines(a), hcr = arm_hcr32(a);

    return lines & (1u << ARM_IRQ | 1u << ARM_FIQ) || virtual_abort(a) ||
           (lines & 1u << ARM_VIRQ && hcr & HCR_IMO) || (lines & 1u << ARM_VFIQ && hcr & HCR_FMO);
}
