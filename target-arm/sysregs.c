/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch32 system registers: the table of sysregs.inc, its access rules, and what reads and writes do beyond storage.
 */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-arm/a32.h"
#include "target-arm/cpus.h"
#include "target-arm/sysregs.h"
#include "target-arm/system.h"
#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-decl.h"

/* Who may do what. Registers whose User access depends on a control register are checked by the helper. */
enum access {
    RO, WO, RW,
    RW_END,                  /* a write ends the region: the mode may have changed */
    U_RO, U_RW, U_WO, U_WO_END,
    U_RO_PL1_RW,
    PMU,                     /* PL0 when PMUSERENR.EN */
    TIMER_CNTFRQ, TIMER_P, TIMER_V, TIMER_PCT, TIMER_VCT,    /* PL0 as CNTKCTL says */
    HYP, HYP_RO, HYP_WO,     /* Hyp mode, and Monitor mode with SCR.NS; a write ends the region */
    HYP_SEC_WO,              /* Hyp mode, and Secure PL1 */
    SECURE,                  /* Secure PL1; a write ends the region */
    SECURE_RO_PL1,           /* the same, and Non-secure PL1 and Hyp mode may read */
};

enum storage { STORE_NONE, STORE_FIELD, STORE_CONST, STORE_MODEL };

struct sysreg {
    const char *name;
    uint8_t cp, opc1, crn, crm, opc2;
    bool is64;
    uint8_t access, storage;
    uint32_t value;          /* offset into arm_cp15 or arm_model, or the constant */
    sysreg_read_fn read;
    sysreg_write_fn write;
};

/* ---- identification ------------------------------------------------------------------------- */

static uint32_t mpidr(const struct arm_cpu *a)
{
    return 0x80000000u | (uint32_t)a->cpu.index;
}

/* Non-secure PL1 sees what Hyp mode says. */
static bool is_guest(const struct arm_cpu *a)
{
    return arm_has_hyp(a) && !arm_in_secure(a) && !arm_in_mode(a, PSR_HYP);
}

static uint64_t midr_read(struct arm_cpu *a)
{
    return is_guest(a) ? a->cp15.vpidr : a->model->midr;
}

static uint64_t mpidr_read(struct arm_cpu *a)
{
    return is_guest(a) ? a->cp15.vmpidr : mpidr(a);
}

static uint64_t id_pfr1_read(struct arm_cpu *a)
{
    return a->model->id_pfr1 | (arm_has_monitor(a) ? 1u << 4 : 0) | (arm_has_hyp(a) ? 1u << 12 : 0);
}

static uint64_t ccsidr_read(struct arm_cpu *a)
{
    uint32_t sel = a->cp15.csselr;

    if (sel == 0 || sel == 1)
        return a->model->ccsidr[sel];
    return sel == 2 ? a->model->ccsidr[2] : 0;
}

static void csselr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.csselr = val & 0xf;
}

/* ---- control and translation ---------------------------------------------------------------- */

static void sctlr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.sctlr = (uint32_t)val;
    a->cpu.mode_changed = true;
}

static void cpacr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.cpacr = val & 0xc0f00000u;
    a->cpu.mode_changed = true;
}

static uint64_t ttbr0_read(struct arm_cpu *a)
{
    return (uint32_t)a->cp15.ttbr0;
}

static uint64_t ttbr1_read(struct arm_cpu *a)
{
    return (uint32_t)a->cp15.ttbr1;
}

/* A new address space: a switch of contexts, no flush. */
static void ttbr0_64_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.ttbr0 = val;
    tlb_refresh(&a->cpu);
}

static void ttbr0_write(struct arm_cpu *a, uint64_t val)
{
    ttbr0_64_write(a, (a->cp15.ttbr0 & 0xffffffff00000000u) | (uint32_t)val);
}

/* TTBR1 and TTBCR are set up once: they are not in the contexts' keys. */
static void ttbr1_64_write(struct arm_cpu *a, uint64_t val)
{
    bool changed = a->cp15.ttbr1 != val;

    a->cp15.ttbr1 = val;
    if (changed)
        tlb_flush_all(&a->cpu);
    tlb_refresh(&a->cpu);
}

static void ttbr1_write(struct arm_cpu *a, uint64_t val)
{
    ttbr1_64_write(a, (a->cp15.ttbr1 & 0xffffffff00000000u) | (uint32_t)val);
}

static void ttbcr_write(struct arm_cpu *a, uint64_t val)
{
    bool changed = a->cp15.ttbcr != (uint32_t)val;

    a->cp15.ttbcr = (uint32_t)val;
    if (changed)
        tlb_flush_all(&a->cpu);
    tlb_refresh(&a->cpu);
}

static void dacr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.dacr = (uint32_t)val;
    tlb_refresh(&a->cpu);
}

static void contextidr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.contextidr = (uint32_t)val;
    tlb_refresh(&a->cpu);
}

static void vbar_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.vbar = (uint32_t)val & ~0x1fu;
}

/* ---- c7 ------------------------------------------------------------------------------------- */

static uint64_t par_read(struct arm_cpu *a)
{
    return (uint32_t)a->cp15.par;
}

static void par_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.par = (uint32_t)val;
}

/* SCTLR.CP15BEN: where EL1 is AArch64 it can forbid them */
static void barrier_write(struct arm_cpu *a, uint64_t val)
{
    (void)val;
    if (arm_has(a, ARM_A64) && !(a->sys64.sctlr[1] & SCTLR64_CP15BEN))
        cpu_raise(&a->cpu, ARM_EXC_UNDEF, 0, 0);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* In Hyp mode it is Non-secure PL1&0's stage 1. */
static void translate_current(struct arm_cpu *a, uint64_t val, enum access_type type, bool priv)
{
    arm_address_translate(a, arm_in_secure(a) ? ARM_REGIME_SECURE : ARM_REGIME_NS, (uint32_t)val, type, priv, false);
}

static void ats1cpr_write(struct arm_cpu *a, uint64_t val)
{
    translate_current(a, val, ACCESS_LOAD, true);
}

static void ats1cpw_write(struct arm_cpu *a, uint64_t val)
{
    translate_current(a, val, ACCESS_STORE, true);
}

static void ats1cur_write(struct arm_cpu *a, uint64_t val)
{
    translate_current(a, val, ACCESS_LOAD, false);
}

static void ats1cuw_write(struct arm_cpu *a, uint64_t val)
{
    translate_current(a, val, ACCESS_STORE, false);
}

/* ATS12NSO**: both stages of Non-secure PL1&0; ATS1H*: Hyp mode's. */
#define TRANSLATE(name, regime, type, priv, both)                                          \
    static void name##_write(struct arm_cpu *a, uint64_t val)                              \
    {                                                                                      \
        arm_address_translate(a, regime, (uint32_t)val, type, priv, both);                 \
    }
TRANSLATE(ats12nsopr, ARM_REGIME_NS, ACCESS_LOAD, true, true)
TRANSLATE(ats12nsopw, ARM_REGIME_NS, ACCESS_STORE, true, true)
TRANSLATE(ats12nsour, ARM_REGIME_NS, ACCESS_LOAD, false, true)
TRANSLATE(ats12nsouw, ARM_REGIME_NS, ACCESS_STORE, false, true)
TRANSLATE(ats1hr, ARM_REGIME_HYP, ACCESS_LOAD, true, false)
TRANSLATE(ats1hw, ARM_REGIME_HYP, ACCESS_STORE, true, false)

/* ---- TLB maintenance ------------------------------------------------------------------------ */

static void flush_all_work(struct cpu *cpu, const void *data)
{
    (void)data;
    tlb_flush_all(cpu);
}

#define KEY_ASID ((uint64_t)0xff << ARM_KEY_ASID_SHIFT)

/* data: address and, in bits 7:0, ASID. */
static void flush_page_work(struct cpu *cpu, const void *data)
{
    uint32_t val = *(const uint32_t *)data;

    tlb_flush_page(cpu, val & ~0xfffu, &(struct tlb_scope){ (uint64_t)val << ARM_KEY_ASID_SHIFT, KEY_ASID, 0, 0 });
}

static void flush_page_all_work(struct cpu *cpu, const void *data)
{
    tlb_flush_page(cpu, *(const uint32_t *)data & ~0xfffu, &(struct tlb_scope){ 0, 0, 0, 0 });
}

static void flush_asid_work(struct cpu *cpu, const void *data)
{
    uint64_t asid = *(const uint32_t *)data;

    tlb_flush_scope(cpu, &(struct tlb_scope){ asid << ARM_KEY_ASID_SHIFT, KEY_ASID, 0, 0 }, true);
}

static void everywhere(struct arm_cpu *a, cpu_work_fn fn, uint32_t arg)
{
    cpu_broadcast(a->cpu.machine, &a->cpu, fn, &arg, sizeof(arg));
}

static void tlbiall_write(struct arm_cpu *a, uint64_t val)
{
    (void)val;
    tlb_flush_all(&a->cpu);
}

static void tlbimva_write(struct arm_cpu *a, uint64_t val)
{
    uint32_t arg = (uint32_t)val;

    flush_page_work(&a->cpu, &arg);
}

static void tlbimvaa_write(struct arm_cpu *a, uint64_t val)
{
    uint32_t arg = (uint32_t)val;

    flush_page_all_work(&a->cpu, &arg);
}

static void tlbiasid_write(struct arm_cpu *a, uint64_t val)
{
    uint32_t asid = val & 0xff;

    flush_asid_work(&a->cpu, &asid);
}

static void tlbiall_is_write(struct arm_cpu *a, uint64_t val)
{
    (void)val;
    everywhere(a, flush_all_work, 0);
}

static void tlbimva_is_write(struct arm_cpu *a, uint64_t val)
{
    everywhere(a, flush_page_work, (uint32_t)val);
}

static void tlbimvaa_is_write(struct arm_cpu *a, uint64_t val)
{
    everywhere(a, flush_page_all_work, (uint32_t)val);
}

static void tlbiasid_is_write(struct arm_cpu *a, uint64_t val)
{
    everywhere(a, flush_asid_work, val & 0xff);
}

/* Hyp mode's, and all of Non-secure PL1&0's. */
static void flush_regime_work(struct cpu *cpu, const void *data)
{
    uint64_t regime = *(const uint32_t *)data;

    tlb_flush_scope(cpu, &(struct tlb_scope){ .outer = regime, .outer_mask = ARM_OUTER_REGIME_MASK }, false);
}

static void flush_hyp_page_work(struct cpu *cpu, const void *data)
{
    tlb_flush_page(cpu, *(const uint32_t *)data & ~0xfffu,
                   &(struct tlb_scope){ .outer = ARM_REGIME_HYP, .outer_mask = ARM_OUTER_REGIME_MASK });
}

#define TLB_MAINTENANCE(name, work, arg)                                     \
    static void name##_write(struct arm_cpu *a, uint64_t val)                \
    {                                                                        \
        uint32_t v = (arg);                                                  \
                                                                             \
        (void)val;                                                           \
        work(&a->cpu, &v);                                                   \
    }                                                                        \
    static void name##_is_write(struct arm_cpu *a, uint64_t val)             \
    {                                                                        \
        (void)val;                                                           \
        everywhere(a, work, (arg));                                          \
    }
TLB_MAINTENANCE(tlbiallh, flush_regime_work, ARM_REGIME_HYP)
TLB_MAINTENANCE(tlbiallnsnh, flush_regime_work, ARM_REGIME_NS)
TLB_MAINTENANCE(tlbimvah, flush_hyp_page_work, (uint32_t)val)

/* ---- Virtualization and Security Extensions -------------------------------------------------- */

static void update_pending(struct arm_cpu *a)
{
    uint32_t bit = 1u << ARM_HCR_PENDING;

    if (a->cp15.hcr & (HCR_VI | HCR_VF | HCR_VSE))
        __atomic_fetch_or(&a->cpu.irq_lines, bit, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&a->cpu.irq_lines, ~bit, __ATOMIC_SEQ_CST);
}

void arm_hcr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.hcr = (uint32_t)val & 0x4fffffffu;
    update_pending(a);
    a->cpu.mode_changed = true;
}

/* The banked registers change places with NS. */
void arm_scr_write(struct arm_cpu *a, uint64_t val)
{
    bool swap = (a->cp15.scr ^ val) & SCR_NS;

    a->cp15.scr = (uint32_t)val & (arm_has_hyp(a) ? 0x3ff : 0x7f);
    if (swap) {
        struct arm_cp15_bank b = a->cp15.bank;

        a->cp15.bank = a->cp15.other;
        a->cp15.other = b;
    }
    a->cpu.mode_changed = true;
}

/* What changes the mode or the TLB's keys, without more. */
#define MODE_WRITE(name, mask)                                       \
    static void name##_write(struct arm_cpu *a, uint64_t val)        \
    {                                                                \
        a->cp15.name = (uint32_t)val & (mask);                       \
        a->cpu.mode_changed = true;                                  \
    }
MODE_WRITE(hsctlr, 0x73e83bffu)
MODE_WRITE(hcptr, 0x8010bfffu)
MODE_WRITE(hstr, 0x3bfefu)
MODE_WRITE(hdcr, 0xfffu)
MODE_WRITE(nsacr, 0x7bcffu)
MODE_WRITE(cnthctl, 0xffu)

static void httbr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.httbr = val & 0xffffffffffull;
    tlb_refresh(&a->cpu);
}

static void vttbr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.vttbr = val & 0x00ff00ffffffffffull;
    tlb_refresh(&a->cpu);
}

static void htcr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.htcr = (uint32_t)val;
    flush_regime_work(&a->cpu, &(uint32_t){ ARM_REGIME_HYP });
    tlb_refresh(&a->cpu);
}

static void vtcr_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.vtcr = (uint32_t)val;
    flush_regime_work(&a->cpu, &(uint32_t){ ARM_REGIME_NS });
    tlb_refresh(&a->cpu);
}

static void hvbar_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.hvbar = (uint32_t)val & ~0x1fu;
}

static void mvbar_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.mvbar = (uint32_t)val & ~0x1fu;
}

static void cntvoff_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.cntvoff = val;
    arm_timer_update(a, ARM_TIMER_VIRT);
}

/* CNTP_* are banked: Secure ones are another timer (B8.1.5). */
#define BANKED_TIMER(reg)                                                    \
    static uint64_t cntp_##reg##_read(struct arm_cpu *a)                     \
    {                                                                        \
        return secure_bank(a) ? arm_cntps_##reg##_read(a) : arm_cntp_##reg##_read(a);      \
    }                                                                        \
    static void cntp_##reg##_write(struct arm_cpu *a, uint64_t val)          \
    {                                                                        \
        (secure_bank(a) ? arm_cntps_##reg##_write : arm_cntp_##reg##_write)(a, val);       \
    }
static bool secure_bank(const struct arm_cpu *a)
{
    return arm_has_monitor(a) && !(a->cp15.scr & SCR_NS);
}
BANKED_TIMER(tval)
BANKED_TIMER(ctl)
BANKED_TIMER(cval)

/* ---- L2 control ------------------------------------------------------------------------------ */

static uint64_t l2ctlr_read(struct arm_cpu *a)
{
    return (uint64_t)MIN(a->cpu.machine->ncpus - 1, 3) << 24;      /* two bits: clusters have up to 4 */
}

static void ignore_write(struct arm_cpu *a, uint64_t val)
{
    (void)a;
    (void)val;
}

/* B4.1.93: I and F show the lines, masked or not; to a guest the virtual ones. */
static uint64_t isr_read(struct arm_cpu *a)
{
    uint32_t lines = arm_lines(a), hcr = arm_hcr32(a);

    if (hcr & HCR_IMO)
        lines = (lines & ~(1u << ARM_IRQ)) | (lines & 1u << ARM_VIRQ ? 1u << ARM_IRQ : 0);
    if (hcr & HCR_FMO)
        lines = (lines & ~(1u << ARM_FIQ)) | (lines & 1u << ARM_VFIQ ? 1u << ARM_FIQ : 0);
    return (hcr & HCR_AMO && hcr & HCR_VSE ? PSR_A : 0) | (lines & 1 << ARM_IRQ ? PSR_I : 0) | (lines & 1 << ARM_FIQ ? PSR_F : 0);
}

/* ---- debug ---------------------------------------------------------------------------------- */

#define OS_LOCK_KEY 0xc5acce55u

static void dbgoslar_write(struct arm_cpu *a, uint64_t val)
{
    a->cp15.dbgoslk = val == OS_LOCK_KEY;
}

static uint64_t dbgoslsr_read(struct arm_cpu *a)
{
    return 8 | a->cp15.dbgoslk << 1;     /* OSLM: the lock is there */
}

/* ---- the table ------------------------------------------------------------------------------ */

#define F(field) STORE_FIELD, offsetof(struct arm_cp15, field)
#define C(value) STORE_CONST, value
#define M(field) STORE_MODEL, offsetof(struct arm_model, field)
#define N STORE_NONE, 0
#define REG(name, cp, opc1, crn, crm, opc2, access, store, rd, wr) \
    { #name, cp, opc1, crn, crm, opc2, false, access, store, rd, wr },
#define REG64(name, cp, opc1, crm, access, store, rd, wr) \
    { #name, cp, opc1, 0, crm, 0, true, access, store, rd, wr },
static const struct sysreg table[] = {
#include "target-arm/sysregs.inc"
};
#undef F
#undef C
#undef M
#undef N

static const struct sysreg *find(const struct arm_coproc_insn *ci)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        const struct sysreg *r = &table[i];

        if (r->cp == ci->cp && r->is64 == ci->is64 && r->opc1 == ci->opc1 && r->crm == ci->crm &&
            (r->is64 || (r->crn == ci->crn && r->opc2 == ci->opc2)))
            return r;
    }
    return NULL;
}

static bool is_dynamic(const struct sysreg *r)
{
    return r->access >= PMU;
}

/* Of the extensions, which mode has them: see dynamic_ok. */
static bool extension_ok(const struct arm_cpu *a, const struct sysreg *r, bool read, bool priv)
{
    bool hyp = r->access <= HYP_SEC_WO;

    if (!priv || (hyp ? !arm_has_hyp(a) : !arm_has_monitor(a)))
        return false;
    return r->access == HYP_RO ? read : r->access == HYP_WO || r->access == HYP_SEC_WO ? !read : true;
}

static bool access_ok(const struct arm_cpu *a, const struct sysreg *r, bool read, bool priv)
{
    if (r->access >= HYP)
        return extension_ok(a, r, read, priv);
    switch (r->access) {
    case RO: return priv && read;
    case WO: return priv && !read;
    case RW: case RW_END: return priv;
    case U_RO: return read;
    case U_WO: case U_WO_END: return !read;
    case U_RO_PL1_RW: return priv || read;
    case TIMER_PCT: case TIMER_VCT: return read;
    case TIMER_CNTFRQ: return read || priv;
    default: return true;
    }
}

/* CNTKCTL and PMUSERENR at PL0 (B8.1.2, C12.8). */
static bool dynamic_ok(const struct arm_cpu *a, const struct sysreg *r, bool read)
{
    uint32_t k = arm_has(a, ARM_A64) ? a->sys64.cntkctl : a->cp15.cntkctl;
    bool mon_ns = arm_in_mode(a, PSR_MON) && a->cp15.scr & SCR_NS;

    switch (r->access) {
    case HYP: case HYP_RO: case HYP_WO: return arm_in_mode(a, PSR_HYP) || mon_ns;
    case HYP_SEC_WO: return arm_in_mode(a, PSR_HYP) || arm_in_secure(a);
    case SECURE: return arm_in_secure(a);
    case SECURE_RO_PL1: return read || arm_in_secure(a);
    }
    if ((a->cpsr & PSR_M_MASK) != PSR_USR)
        return true;
    switch (r->access) {
    case PMU: return a->cp15.pmuserenr & 1;
    case TIMER_CNTFRQ: return k & 3;
    case TIMER_P: return k & 1 << 9;
    case TIMER_V: return k & 1 << 8;
    case TIMER_PCT: return k & 1;
    case TIMER_VCT: return k & 2;
    default: return true;
    }
}

static uint64_t stored(const struct arm_cpu *a, const struct sysreg *r)
{
    uint64_t v = 0;

    switch (r->storage) {
    case STORE_FIELD:
        memcpy(&v, (const uint8_t *)&a->cp15 + r->value, r->is64 ? 8 : 4);
        return v;
    case STORE_MODEL:
        memcpy(&v, (const uint8_t *)a->model + r->value, 4);
        return v;
    case STORE_CONST:
        return r->value;
    }
    return 0;
}

/* What helpers are told: the row, and Rt and Rt2 for the syndrome of a trap. */
#define WHAT_ROW 0xffffu
#define WHAT_RT_SHIFT 16
#define WHAT_RT2_SHIFT 20

/* Refused at EL0: UNDEFINED, or where EL1 is AArch64 a trap with the instruction's fields (DDI 0487 D17.2.37). */
static void refuse(struct arm_cpu *a, const struct sysreg *r, uint32_t what, bool read) __attribute__((noreturn));
static void refuse(struct arm_cpu *a, const struct sysreg *r, uint32_t what, bool read)
{
    uint32_t rt = what >> WHAT_RT_SHIFT & 15, rt2 = what >> WHAT_RT2_SHIFT & 15, iss = 0x1e00000 | rt << 5 | (uint32_t)r->crm << 1 | read;

    if (!arm_has(a, ARM_A64))
        cpu_raise(&a->cpu, ARM_EXC_UNDEF, 0, 0);
    if (r->is64)
        arm64_raise(a, ESR_SYNDROME(r->cp == 15 ? EC_CP15_64 : EC_CP14_64, iss | (uint32_t)r->opc1 << 16 | rt2 << 10), 0, 1);
    iss |= (uint32_t)r->opc2 << 17 | (uint32_t)r->opc1 << 14 | (uint32_t)r->crn << 10;
    arm64_raise(a, ESR_SYNDROME(r->cp == 15 ? EC_CP15_32 : EC_CP14_32, iss), 0, 1);
}

static uint64_t do_read(struct tcg_env *env, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);
    const struct sysreg *r = &table[what & WHAT_ROW];

    if (!dynamic_ok(a, r, true))
        refuse(a, r, what, true);
    return r->read ? r->read(a) : stored(a, r);
}

static void do_write(struct tcg_env *env, uint32_t what, uint64_t val)
{
    struct arm_cpu *a = ARM_ENV(env);
    const struct sysreg *r = &table[what & WHAT_ROW];

    if (!dynamic_ok(a, r, false))
        refuse(a, r, what, false);
    if (r->write)
        r->write(a, val);
    else if (r->storage == STORE_FIELD)
        memcpy((uint8_t *)&a->cp15 + r->value, &val, r->is64 ? 8 : 4);
}

uint32_t helper_arm_sysreg_read(struct tcg_env *env, uint32_t index)
{
    return (uint32_t)do_read(env, index);
}

void helper_arm_sysreg_write(struct tcg_env *env, uint32_t index, uint32_t val)
{
    do_write(env, index, val);
}

uint64_t helper_arm_sysreg_read64(struct tcg_env *env, uint32_t index)
{
    return do_read(env, index);
}

void helper_arm_sysreg_write64(struct tcg_env *env, uint32_t index, uint64_t val)
{
    do_write(env, index, val);
}

/* ---- translation ---------------------------------------------------------------------------- */

static void write_rt(struct a32_ctx *s, unsigned rt, struct ir_val v)
{
    struct ir *ir = s->ir;
    struct ir_val nz, c;

    if (rt != ARM_PC) {
        a32_set_reg(s, rt, v);
        return;
    }
    /* MRC to APSR_nzcv: bits 31:28 (A8.8.107) */
    nz = ir_andi(ir, ir_shri(ir, v, 16), FLAG_S | FLAG_Z);
    c = ir_andi(ir, ir_shri(ir, v, 21), FLAG_C);
    v = ir_or(ir, ir_or(ir, nz, c), ir_andi(ir, ir_shri(ir, v, 28), FLAG_O));
    a32_set_flags(s, ir_flags_from_bits(ir, v));
}

static struct ir_val what_of(struct a32_ctx *s, const struct sysreg *r, const struct arm_coproc_insn *ci)
{
    return a32_imm(s, (uint32_t)(r - table) | (uint32_t)ci->rt << WHAT_RT_SHIFT | (uint32_t)ci->rt2 << WHAT_RT2_SHIFT);
}

/* Where plain storage is: the thread registers of User mode are AArch64's there (DDI 0487 G1.16). */
static unsigned state_offset(const struct a32_ctx *s, const struct sysreg *r)
{
    if (a32_has(s, ARM_A64) && r->value == offsetof(struct arm_cp15, tpidrurw))
        return ARM_OFF(tpidr_el0);
    if (a32_has(s, ARM_A64) && r->value == offsetof(struct arm_cp15, tpidruro))
        return ARM_OFF(tpidrro_el0);
    return (unsigned)offsetof(struct arm_cpu, cp15) + r->value;
}

static void trans_read(struct a32_ctx *s, const struct sysreg *r, const struct arm_coproc_insn *ci)
{
    struct ir *ir = s->ir;
    struct ir_val index = what_of(s, r, ci), v;
    enum ir_type type = r->is64 ? I64 : I32;

    if (r->read || is_dynamic(r))
        v = r->is64 ? ir_call(ir, arm_sysreg_read64, index) : ir_call(ir, arm_sysreg_read, index);
    else if (r->storage == STORE_FIELD)
        v = ir_state_ld(ir, type, state_offset(s, r));
    else
        v = ir_const(ir, type, stored(s->cpu, r));
    if (!r->is64) {
        write_rt(s, ci->rt, v);
        return;
    }
    a32_set_reg(s, ci->rt, ir_trunc(ir, v));
    a32_set_reg(s, ci->rt2, ir_trunc(ir, ir_shri(ir, v, 32)));
}

static void trans_write(struct a32_ctx *s, const struct sysreg *r, const struct arm_coproc_insn *ci)
{
    struct ir *ir = s->ir;
    struct ir_val index = what_of(s, r, ci);
    struct ir_val v = a32_reg(s, ci->rt);

    if (r->is64)
        v = ir_concat32(ir, v, a32_reg(s, ci->rt2));
    if (r->write || is_dynamic(r)) {
        if (r->is64)
            ir_call(ir, arm_sysreg_write64, index, v);
        else
            ir_call(ir, arm_sysreg_write, index, v);
    } else if (r->storage == STORE_FIELD) {
        ir_state_st(ir, v, state_offset(s, r));
    }
    if (r->access == RW_END || r->access == U_WO_END || r->access >= HYP)
        a32_exit_main(s);
}

bool arm_trans_coproc(struct a32_ctx *s, const struct arm_coproc_insn *ci)
{
    const struct sysreg *r = find(ci);

    if (!r || !access_ok(s->cpu, r, ci->read, a32_priv(s)))
        return false;
    if (ci->rt == ARM_PC && (!ci->read || ci->is64))
        return false;        /* UNPREDICTABLE */
    if (s->mode & ARM_MODE_TRAPS)
        ir_call(s->ir, arm_coproc_check, a32_imm(s, arm_coproc_pack(ci)));
    if (ci->read)
        trans_read(s, r, ci);
    else
        trans_write(s, r, ci);
    return true;
}

void arm_sysregs_reset(struct arm_cpu *a)
{
    uint32_t cbar = a->cp15.cbar;

    memset(&a->cp15, 0, sizeof(a->cp15));
    a->cp15.cbar = cbar;
    a->cp15.sctlr = a->cp15.other.sctlr = a->model->sctlr;
    a->cp15.cntfrq = ARM_TIMER_HZ;
    a->cp15.vpidr = a->model->midr;
    a->cp15.vmpidr = mpidr(a);
    a->cp15.hsctlr = 0x30c50878;
    a->cp15.hcptr = 0x33ff;
    a->cp15.cnthctl = 3;     /* as firmware would leave it */
    if (arm_has_hyp(a))
        update_pending(a);
}
