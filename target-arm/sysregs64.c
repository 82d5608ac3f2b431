/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64 system registers: the table of sysregs64.inc and what reads and writes do beyond storage (DDI 0487 D17). Who may
 * access what is sysregs64-access.c's.
 */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-arm/cpus.h"
#include "target-arm/mmu64.h"
#include "target-arm/sysregs64.h"
#include "target-arm/system.h"

/* ---- identification ------------------------------------------------------------------------- */

#define FIELD(shift) ((uint64_t)15 << (shift))

/* EL1 of a virtual machine sees what its hypervisor chose (D17.2.155). */
static bool virtual_id(const struct arm_cpu *a)
{
    return a->sys64.el == 1 && arm_has(a, ARM_EL2) && !arm64_is_secure(a);
}

static uint64_t midr_read(struct arm_cpu *a)
{
    return virtual_id(a) ? a->sys64.vpidr : a->model->midr;
}

static uint64_t mpidr64_read(struct arm_cpu *a)
{
    return virtual_id(a) ? a->sys64.vmpidr : arm64_mpidr(a);
}

uint64_t arm64_mpidr(const struct arm_cpu *a)
{
    return a->cpu.affinity | 0x80000000u;
}

static uint64_t id_pfr1_read(struct arm_cpu *a)
{
    return a->model->id_pfr1 | (a->cpu.icc ? 1u << 28 : 0);
}

static uint64_t id_aa64pfr0_read(struct arm_cpu *a)
{
    uint64_t v = a->model->id_aa64pfr0 & ~FIELD(24);

    if (!arm_has(a, ARM_EL2))
        v &= ~FIELD(8);
    if (!arm_has(a, ARM_EL3))
        v &= ~FIELD(12);
    return v | (uint64_t)!!a->cpu.icc << 24;
}

/* pauth=off takes the fields away, pauth-impdef=off says 1 in those of QARMA5. */
static uint64_t id_aa64isar1_read(struct arm_cpu *a)
{
    uint64_t v = a->model->id_aa64isar1, none = v & ~(FIELD(4) | FIELD(8) | FIELD(24) | FIELD(28));

    if (!arm_has(a, ARM_PAUTH))
        return none;
    return a->pauth_qarma ? none | 1u << 4 | 1u << 24 : v;
}

static uint64_t id_aa64mmfr1_read(struct arm_cpu *a)
{
    uint64_t v = a->model->id_aa64mmfr1;

    return arm_has(a, ARM_EL2) ? v : v & ~FIELD(8);
}

static uint64_t ccsidr64_read(struct arm_cpu *a)
{
    uint64_t sel = a->sys64.csselr;

    return sel <= 2 ? a->model->ccsidr[sel] : 0;
}

static void csselr64_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.csselr = val & 0xf;
}

/* DZP, bit 4: DC ZVA is prohibited (D17.2.36) */
static uint64_t dczid_read(struct arm_cpu *a)
{
    unsigned el = arm64_regime_el(arm64_regime(a));
    bool off = a->sys64.el == 0 && !(a->sys64.sctlr[el] & SCTLR64_DZE);

    return a->model->dczid | (off || (a->sys64.el < 2 && arm64_hcr(a) & HCR_TDZ) ? 16u : 0);
}

/* ---- control and translation ---------------------------------------------------------------- */

static void sctlr_write(struct arm_cpu *a, unsigned el, uint64_t val)
{
    const uint64_t walks = SCTLR64_M | SCTLR64_EE | SCTLR64_WXN;
    uint64_t changed = a->sys64.sctlr[el] ^ val;

    a->sys64.sctlr[el] = val;
    a->cpu.mode_changed = true;
    if (changed & walks)
        arm64_translation_changed(a, el == 1 ? REGIME_EL10 : el == 3 ? REGIME_EL3 : REGIME_EL2);
}

static void sctlr_el1_write(struct arm_cpu *a, uint64_t val)
{
    sctlr_write(a, 1, val);
}

static void sctlr_el2_write(struct arm_cpu *a, uint64_t val)
{
    sctlr_write(a, 2, val);
}

static void sctlr_el3_write(struct arm_cpu *a, uint64_t val)
{
    sctlr_write(a, 3, val);
}

static void cpacr64_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.cpacr = val & 0x10300000u;      /* TTA, FPEN */
    a->cpu.mode_changed = true;
}

/* RES1 bits read as one while E2H is clear; then bits 31, 20, 10 trap CPACR, trace, FP. */
static void cptr_el2_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.cptr[2] = a->sys64.hcr & HCR_E2H ? val & 0x90300000u : (val & 0x80100400u) | 0x33ff;
    a->cpu.mode_changed = true;
}

static void cptr_el3_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.cptr[3] = val & 0x80100400u;
    a->cpu.mode_changed = true;
}

void arm64_update_pending(struct arm_cpu *a)
{
    uint32_t bit = 1u << ARM_HCR_PENDING;

    if (a->sys64.hcr & (HCR_VI | HCR_VF | HCR_VSE))
        __atomic_fetch_or(&a->cpu.irq_lines, bit, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&a->cpu.irq_lines, ~bit, __ATOMIC_SEQ_CST);
}

/* RW is 1: no level above EL0 has AArch32. What translation depends on is in the TLB contexts' keys: switching between host and guest flushes
 * nothing. */
static void hcr_write(struct arm_cpu *a, uint64_t val)
{
    uint64_t can = 0x7ffffffffull;

    if (!arm_has(a, ARM_VHE))
        can &= ~HCR_E2H;
    if (arm_has(a, ARM_LOR))
        can |= HCR_TLOR;
    if (a->model->id_aa64pfr0 >> 28 & 15)
        can |= HCR_TERR | HCR_TEA;
    if (arm_has(a, ARM_PAUTH))
        can |= HCR_API | HCR_APK;
    a->sys64.hcr = (val & can) | HCR_RW;
    arm64_update_pending(a);
    a->cpu.mode_changed = true;
}

static void scr_write(struct arm_cpu *a, uint64_t val)
{
    uint64_t can = 0x3f8f;

    if (arm_has(a, ARM_PAUTH))
        can |= SCR_API | SCR_APK;
    a->sys64.scr = (val & can) | SCR_RW | 0x30;
    a->cpu.mode_changed = true;
}

/* New tables or tags are another context, no flush. */
#define TTBR_WRITE(name, field)                                  \
    static void name##_write(struct arm_cpu *a, uint64_t val)    \
    {                                                            \
        a->sys64.field = val;                                    \
        a->cpu.mode_changed = true;                              \
    }
TTBR_WRITE(ttbr0_el1, ttbr0[1])
TTBR_WRITE(ttbr1_el1, ttbr1[1])
TTBR_WRITE(ttbr0_el2, ttbr0[2])
TTBR_WRITE(ttbr1_el2, ttbr1[2])
TTBR_WRITE(ttbr0_el3, ttbr0[3])
TTBR_WRITE(vttbr, vttbr)

static void tcr_write(struct arm_cpu *a, uint64_t *field, enum arm64_regime regime, uint64_t val)
{
    bool changed = *field != val;

    *field = val;
    a->cpu.mode_changed = true;
    if (changed)
        arm64_translation_changed(a, regime);
}

static void tcr_el1_write(struct arm_cpu *a, uint64_t val)
{
    tcr_write(a, &a->sys64.tcr[1], REGIME_EL10, val);
}

static void tcr_el2_write(struct arm_cpu *a, uint64_t val)
{
    tcr_write(a, &a->sys64.tcr[2], REGIME_EL2, val);
}

static void tcr_el3_write(struct arm_cpu *a, uint64_t val)
{
    tcr_write(a, &a->sys64.tcr[3], REGIME_EL3, val);
}

static void vtcr_write(struct arm_cpu *a, uint64_t val)
{
    tcr_write(a, &a->sys64.vtcr, REGIME_EL10, val);
}

/* ---- PSTATE (C5.2) -------------------------------------------------------------------------- */

static uint64_t spsel_read(struct arm_cpu *a)
{
    return a->sys64.pstate & PSTATE_SP;
}

static void spsel_write(struct arm_cpu *a, uint64_t val)
{
    arm64_set_spsel(a, val & 1);
}

static uint64_t currentel_read(struct arm_cpu *a)
{
    return (uint64_t)a->sys64.el << PSTATE_EL_SHIFT;
}

#define PSTATE_REG(name, bits)                                                     \
    static uint64_t name##_read(struct arm_cpu *a)                                 \
    {                                                                              \
        return a->sys64.pstate & (bits);                                           \
    }                                                                              \
    static void name##_write(struct arm_cpu *a, uint64_t val)                      \
    {                                                                              \
        a->sys64.pstate = (a->sys64.pstate & ~(uint32_t)(bits)) | (val & (bits));  \
        a->cpu.mode_changed = true;                                                \
    }
PSTATE_REG(pan, PSTATE_PAN)
PSTATE_REG(uao, PSTATE_UAO)
PSTATE_REG(daif, PSTATE_DAIF)
PSTATE_REG(dit, PSTATE_DIT)
PSTATE_REG(ssbs, PSTATE_SSBS)

#define BANKED_SPSR(name, bank)                                    \
    static uint64_t spsr_##name##_read(struct arm_cpu *a)          \
    {                                                              \
        return a->bank_spsr[bank];                                 \
    }                                                              \
    static void spsr_##name##_write(struct arm_cpu *a, uint64_t v) \
    {                                                              \
        a->bank_spsr[bank] = (uint32_t)v;                          \
    }
BANKED_SPSR(irq, BANK_IRQ)
BANKED_SPSR(abt, BANK_ABT)
BANKED_SPSR(und, BANK_UND)
BANKED_SPSR(fiq, BANK_FIQ)

/* Bits 10:0 are RES0. */
#define VBAR_WRITE(n)                                                  \
    static void vbar_el##n##_write(struct arm_cpu *a, uint64_t val)    \
    {                                                                  \
        a->sys64.vbar[n] = val & ~(uint64_t)0x7ff;                     \
    }
VBAR_WRITE(1)
VBAR_WRITE(2)
VBAR_WRITE(3)

/* D17.2.61: what is pending at this level, masked or not; virtual ones for EL1 under a hypervisor that takes the physical ones. */
static uint64_t isr64_read(struct arm_cpu *a)
{
    uint32_t lines = arm64_lines(a);
    uint64_t hcr = a->sys64.el == 1 ? arm64_hcr(a) : 0;
    bool irq = lines & 1u << (hcr & HCR_IMO ? ARM_VIRQ : ARM_IRQ);
    bool fiq = lines & 1u << (hcr & HCR_FMO ? ARM_VFIQ : ARM_FIQ);
    bool serror = hcr & HCR_AMO && hcr & HCR_VSE;

    return (irq ? (uint64_t)PSTATE_I : 0) | (fiq ? (uint64_t)PSTATE_F : 0) | (serror ? (uint64_t)PSTATE_A : 0);
}

/* D17.2.35: EL1 of a virtual machine has the deferred SError of its own. */
static uint64_t *disr_of(struct arm_cpu *a)
{
    return a->sys64.el == 1 && arm64_hcr(a) & HCR_AMO ? &a->sys64.vdisr : &a->sys64.disr;
}

static uint64_t disr_read(struct arm_cpu *a)
{
    return *disr_of(a);
}

static void disr_write(struct arm_cpu *a, uint64_t val)
{
    *disr_of(a) = val;
}

/* ---- timers, debug -------------------------------------------------------------------------- */

static uint64_t cntvoff_read(struct arm_cpu *a)
{
    return a->cp15.cntvoff;
}

static void cntvoff_write(struct arm_cpu *a, uint64_t val)
{
    machine_lock(a->cpu.machine);        /* the timer's expiry looks at it */
    a->cp15.cntvoff = val;
    machine_unlock(a->cpu.machine);
    arm_timer_update(a, ARM_TIMER_VIRT);
}

static void mdscr_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.mdscr = val;
    a->cpu.mode_changed = true;
}

static void oslar_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.oslk = val & 1;
    a->cpu.mode_changed = true;
}

/* OSLM 0b10: the lock is there */
static uint64_t oslsr_read(struct arm_cpu *a)
{
    return 8 | a->sys64.oslk << 1;
}

static uint64_t dbgclaimset_read(struct arm_cpu *a)
{
    (void)a;
    return 0xff;
}

static void dbgclaimset_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.dbgclaim |= val & 0xff;
}

static void dbgclaimclr_write(struct arm_cpu *a, uint64_t val)
{
    a->sys64.dbgclaim &= ~(val & 0xff);
}

/* ---- the table ------------------------------------------------------------------------------ */

#define RW0  0, 0, false
#define RW0E 0, 0, true
#define RO0  0, SYS64_NEVER, false
#define WO0  SYS64_NEVER, 0, false
#define R0W1 0, 1, false
#define RW1  1, 1, false
#define RW1E 1, 1, true
#define RO1  1, SYS64_NEVER, false
#define WO1  SYS64_NEVER, 1, false
#define RW2  2, 2, false
#define RW2E 2, 2, true
#define RO2  2, SYS64_NEVER, false
#define RW3  3, 3, false
#define RW3E 3, 3, true
#define RO3  3, SYS64_NEVER, false
#define S(field) SYS64_FIELD, offsetof(struct arm_sys64, field)
#define W(field) SYS64_FIELD32, offsetof(struct arm_sys64, field)
#define P(field) SYS64_CP15, offsetof(struct arm_cp15, field)
#define C(value) SYS64_CONST, value
#define M(field) SYS64_MODEL, offsetof(struct arm_model, field)
#define M64(field) SYS64_MODEL64, offsetof(struct arm_model, field)
#define N SYS64_NONE, 0
/* ROW takes the expanded lists */
#define ROW(name, number, read_el, write_el, ends, trap, store, value, rd, wr) \
    { name, number, read_el, write_el, ends, trap, store, value, rd, wr },
#define EXPAND(row) row
#define SYS(name, op0, op1, crn, crm, op2, access, trap, store, rd, wr) \
    EXPAND(ROW(#name, CPU_SYSREG(op0, op1, crn, crm, op2), access, TRAP_##trap, store, rd, wr))
static const struct sys64_reg table[] = {
#include "target-arm/sysregs64.inc"
};

const struct sys64_reg *sys64_find(unsigned number)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
        if (table[i].number == number)
            return &table[i];
    return NULL;
}

const struct sys64_reg *sys64_row(unsigned index)
{
    return &table[index];
}

unsigned sys64_index(const struct sys64_reg *r)
{
    return (unsigned)(r - table);
}

static uint64_t load(const void *base, uint32_t offset, size_t size)
{
    uint64_t v = 0;

    memcpy(&v, (const uint8_t *)base + offset, size);
    return v;
}

uint64_t sys64_read(struct arm_cpu *a, const struct sys64_reg *r)
{
    if (r->read)
        return r->read(a);
    switch (r->storage) {
    case SYS64_FIELD: return load(&a->sys64, r->value, 8);
    case SYS64_FIELD32: return load(&a->sys64, r->value, 4);
    case SYS64_CP15: return load(&a->cp15, r->value, 4);
    case SYS64_MODEL: return load(a->model, r->value, 4);
    case SYS64_MODEL64: return load(a->model, r->value, 8);
    case SYS64_CONST: return r->value;
    default: return 0;
    }
}

void sys64_write(struct arm_cpu *a, const struct sys64_reg *r, uint64_t val)
{
    if (r->write) {
        r->write(a, val);
        return;
    }
    switch (r->storage) {
    case SYS64_FIELD: memcpy((uint8_t *)&a->sys64 + r->value, &val, 8); break;
    case SYS64_FIELD32: memcpy((uint8_t *)&a->sys64 + r->value, &val, 4); break;
    case SYS64_CP15: memcpy((uint8_t *)&a->cp15 + r->value, &val, 4); break;
    default: break;
    }
}

void arm64_sysregs_reset(struct arm_cpu *a)
{
    struct arm_sys64 *s = &a->sys64;

    memset(&a->cp15, 0, sizeof(a->cp15));
    memset(s, 0, sizeof(*s));
    a->cp15.cntfrq = ARM_TIMER_HZ;
    for (int el = 1; el <= 3; el++)
        s->sctlr[el] = a->model->sctlr;
    s->vpidr = a->model->midr;
    s->vmpidr = arm64_mpidr(a);
    s->cptr[2] = 0x33ff;
    s->hcr = HCR_RW;
    arm64_update_pending(a);
    s->scr = SCR_RW | 0x30;
    s->cnthctl = 3;          /* EL1PCTEN, EL1PCEN: firmware's choice, which there may be none to make */
    s->pstate = PSTATE_DAIF | PSTATE_SP;
    s->step_pc = 1;
}
