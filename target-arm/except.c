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
    a->bank_lr[from] = a->r[ARM_LR];
    if (from == BANK_FIQ)
        swap_r8_12(&a->r[8], a->fiq_r8_12, a->usr_r8_12);
    if (to == BANK_FIQ)
        swap_r8_12(&a->r[8], a->usr_r8_12, a->fiq_r8_12);
    a->r[ARM_SP] = a->bank_sp[to];
    a->r[ARM_LR] = a->bank_lr[to];
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

static bool fp_allowed(const struct arm_cpu *a, bool priv)
{
    unsigned cp10 = a->cp15.cpacr >> 20 & 3;

    return cp10 == 3 || (cp10 == 1 && priv);
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
    if (fp_allowed(a, priv)) {
        mode |= ARM_MODE_CP10;
        if (a->fpexc & 1u << 30)
            mode |= ARM_MODE_FP | (a->cp15.cpacr & 1u << 31 ? 0 : ARM_MODE_NEON);
    }
    if (a->cp15.sctlr & SCTLR_A)
        mode |= ARM_MODE_STRICT;
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
    "hvc", "smc", "bkpt", "pc alignment"
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

static void enter(struct arm_cpu *a, const struct entry *e)
{
    struct tcg_env *env = &a->cpu.env;
    uint32_t spsr = arm_cpsr_read(a), sctlr = a->cp15.sctlr;
    uint32_t base = sctlr & SCTLR_V ? 0xffff0000u : a->cp15.vbar;
    uint32_t pc = (uint32_t)env->pc & ~1u;
    bool thumb = env->pc & ARM_PC_THUMB;

    arm_cpsr_write(a, e->mode, PSR_M_MASK);
    a->bank_spsr[bank_of(e->mode)] = spsr;
    a->r[ARM_LR] = pc + (thumb ? e->lr_thumb : e->lr_arm);
    a->cpsr |= e->mask;
    a->cpsr &= ~(uint32_t)PSR_E;
    if (sctlr & SCTLR_EE)
        a->cpsr |= PSR_E;
    env->aux = 0;
    env->pc = (base + e->offset) | (sctlr & SCTLR_TE ? ARM_PC_THUMB : 0);
    a->cpu.mode_changed = true;
}

static void set_fault_regs(struct arm_cpu *a, int exc)
{
    uint32_t fsr = a->cpu.exception_syndrome, addr = (uint32_t)a->cpu.exception_addr;

    if (exc == ARM_EXC_DATA_ABORT) {
        a->cp15.dfsr = fsr;
        a->cp15.dfar = addr;
    } else if (exc == ARM_EXC_PREFETCH_ABORT) {
        /* The short format has no domain and WnR here (B4.1.96). */
        a->cp15.ifsr = fsr & FSR_LPAE ? fsr : fsr & ~(uint32_t)(FSR_WNR | 0xf0);
        a->cp15.ifar = addr;
    } else if (exc == ARM_EXC_BKPT) {
        a->cp15.ifsr = arm_fsr(a, FAULT_DEBUG, 1, 0, false);
    }
}

void arm_take_exception(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    int exc = cpu->exception;

    log_text(LOG_INT, "cpu %d: %s at 0x%08llx cpsr 0x%08x syndrome 0x%x address 0x%llx\n",
             cpu->index, exception_name[exc], (unsigned long long)cpu->env.pc,
             arm_cpsr_read(a), cpu->exception_syndrome,
             (unsigned long long)cpu->exception_addr);
    if (exc == ARM_EXC_HVC || exc == ARM_EXC_SMC) {
        /* The conduit of PSCI; the models have no EL2 and EL3, so anything else is UNDEFINED. */
        if (a->psci_conduit == (exc == ARM_EXC_HVC ? 1 : 2) && arm_psci_call(a)) {
            arm_step_over(a, 4);
            cpu->mode_changed = true;
            return;
        }
        exc = ARM_EXC_UNDEF;
    }
    if (entries[exc].next)
        arm_step_over(a, 2);
    set_fault_regs(a, exc);
    enter(a, &entries[exc]);
}

/* ---- interrupts ----------------------------------------------------------------------------- */

bool arm_take_interrupt(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    uint32_t lines = __atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST);
    int exc;

    if (lines & 1 << ARM_FIQ && !(a->cpsr & PSR_F))
        exc = ARM_EXC_FIQ;
    else if (lines & 1 << ARM_IRQ && !(a->cpsr & PSR_I))
        exc = ARM_EXC_IRQ;
    else
        return false;
    log_text(LOG_INT, "cpu %d: %s at 0x%08llx\n", cpu->index, exception_name[exc],
             (unsigned long long)cpu->env.pc);
    enter(a, &entries[exc]);
    return true;
}

/* WFI ends for a pending interrupt even when it is masked (B1.8.14). */
bool arm_has_work(const struct cpu *cpu)
{
    return __atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST) & (1 << ARM_IRQ | 1 << ARM_FIQ);
}
