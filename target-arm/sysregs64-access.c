/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses to AArch64 system registers and system instructions: who may do what (DDI 0487 D17, C5.3 to C5.6: the access
 * pseudocode of each), their translation, and the helpers that they call.
 *
 * What depends on the exception level alone is decided at translation; what depends on control registers is decided by the helper,
 * which is only called where it must be: ARM_MODE_TRAPS tells whether any control of a higher level is in the way.
 */
#include "config.h"
#include "softmmu/machine.h"
#include "target-arm/a64-trans.h"
#include "target-arm/cpus.h"
#include "target-arm/sysregs64.h"
#include "target-arm/system.h"
#include "tcg/compile.h"
#include "util/rng.h"
#define HELPER_INC "target-arm/helpers-sys64.inc"
#include "tcg/helper-def.h"
#undef HELPER_INC

/* Who takes the trap of an access: a level, or */
enum { ACCESS_OK = 0, ACCESS_UNDEF = 4 };

/* Helpers get a register's table index or its number with the Rt of the instruction above, for the syndrome. */
#define WHAT_RT_SHIFT 16

/* ---- who may ---------------------------------------------------------------------------------- */

static bool el2_enabled(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL2) && !arm64_is_secure(a);
}

/* A trap that EL1 takes goes to EL2 when that has taken EL0 over. */
static unsigned to_el1(const struct arm_cpu *a)
{
    return arm64_hcr(a) & HCR_TGE ? 2 : 1;
}

static bool el20(uint64_t hcr)
{
    return (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
}

static unsigned check_hcr(const struct arm_cpu *a, uint64_t bit)
{
    return a->sys64.el == 1 && arm64_hcr(a) & bit ? 2 : ACCESS_OK;
}

static unsigned check_feature(const struct arm_cpu *a, enum arm_feature f)
{
    return arm_has(a, f) ? ACCESS_OK : ACCESS_UNDEF;
}

/* CNTKCTL_EL1, or with EL2&0 CNTHCTL_EL2, lets EL0 at counters and timers; CNTHCTL_EL2 lets EL1 (D12). */
static unsigned check_timer(const struct arm_cpu *a, uint32_t el0_bits, uint32_t el1_bit)
{
    const struct arm_sys64 *s = &a->sys64;
    uint64_t hcr = arm64_hcr(a);
    bool vhe = hcr & HCR_E2H;

    if (s->el == 0 && el20(hcr))
        return s->cnthctl & el0_bits ? ACCESS_OK : 2;
    if (s->el == 0 && !(s->cntkctl & el0_bits))
        return to_el1(a);
    if (s->el <= 1 && el1_bit && el2_enabled(a) && !(s->cnthctl & (vhe ? el1_bit << 10 : el1_bit)))
        return 2;
    return ACCESS_OK;
}

/* Controls of MDCR_EL2 and MDCR_EL3 that trap a register. */
static unsigned check_mdcr(const struct arm_cpu *a, uint64_t el2, uint64_t el3)
{
    const struct arm_sys64 *s = &a->sys64;

    if (s->el <= 1 && el2_enabled(a) && s->mdcr[2] & el2)
        return 2;
    return s->el <= 2 && arm_has(a, ARM_EL3) && s->mdcr[3] & el3 ? 3 : ACCESS_OK;
}

/* Debug registers: TDE, and TGE, stand for all bits that trap them (D17.3.16). */
static unsigned check_debug(const struct arm_cpu *a, uint64_t el2, uint64_t el3)
{
    if (a->sys64.el <= 1 && el2_enabled(a) && arm64_hcr(a) & HCR_TGE)
        return 2;
    return check_mdcr(a, el2 | MDCR_TDE, el3);
}

static unsigned check_pmu(const struct arm_cpu *a, uint64_t more)
{
    if (a->sys64.el == 0 && !(a->cp15.pmuserenr & 1))
        return to_el1(a);
    return check_mdcr(a, MDCR_TPM | more, MDCR_TPM);
}

/* FEAT_LOR: not there in Secure state */
static unsigned check_lor(const struct arm_cpu *a)
{
    if (!arm_has(a, ARM_LOR) || (arm64_is_secure(a) && a->sys64.el < 3))
        return ACCESS_UNDEF;
    return check_hcr(a, HCR_TLOR);
}

static unsigned check_ras(const struct arm_cpu *a)
{
    return a->model->id_aa64pfr0 >> 28 & 15 ? ACCESS_OK : ACCESS_UNDEF;
}

static unsigned check_apk(const struct arm_cpu *a)
{
    if (!arm_has(a, ARM_PAUTH))
        return ACCESS_UNDEF;
    if (a->sys64.el == 1 && el2_enabled(a) && !(a->sys64.hcr & HCR_APK))
        return 2;
    return a->sys64.el < 3 && arm_has(a, ARM_EL3) && !(a->sys64.scr & SCR_APK) ? 3 : ACCESS_OK;
}

static unsigned check_cntps(const struct arm_cpu *a)
{
    if (a->sys64.el == 3)
        return ACCESS_OK;
    if (a->sys64.el != 1 || !arm64_is_secure(a))
        return ACCESS_UNDEF;
    return a->sys64.scr & SCR_ST ? ACCESS_OK : 3;
}

static unsigned check_ctr(const struct arm_cpu *a)
{
    uint64_t hcr = arm64_hcr(a), sctlr = a->sys64.sctlr[el20(hcr) ? 2 : 1];

    if (a->sys64.el == 0 && !(sctlr & SCTLR64_UCT))
        return to_el1(a);
    return a->sys64.el <= 1 && hcr & HCR_TID2 && !el20(hcr) ? 2 : ACCESS_OK;
}

static unsigned check_cpacr(const struct arm_cpu *a)
{
    if (a->sys64.el == 1 && el2_enabled(a) && a->sys64.cptr[2] >> 31 & 1)
        return 2;
    return a->sys64.el <= 2 && arm_has(a, ARM_EL3) && a->sys64.cptr[3] >> 31 & 1 ? 3 : ACCESS_OK;
}

static unsigned highest_el(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL3) ? 3 : arm_has(a, ARM_EL2) ? 2 : 1;
}

static unsigned check_cntfrq(const struct arm_cpu *a, bool read)
{
    if (!read)
        return a->sys64.el == highest_el(a) ? ACCESS_OK : ACCESS_UNDEF;
    return check_timer(a, 3, 0);
}

static unsigned check_trap(const struct arm_cpu *a, const struct sys64_reg *r, bool read)
{
    switch ((enum sys64_trap)r->trap) {
    case TRAP_NONE: return ACCESS_OK;
    case TRAP_NEVER: return ACCESS_UNDEF;
    case TRAP_TID1: return check_hcr(a, HCR_TID1);
    case TRAP_TID2: return check_hcr(a, HCR_TID2);
    case TRAP_TID3: return check_hcr(a, HCR_TID3);
    case TRAP_TVM: return check_hcr(a, read ? HCR_TRVM : HCR_TVM);
    case TRAP_TACR: return check_hcr(a, HCR_TACR);
    case TRAP_CPACR: return check_cpacr(a);
    case TRAP_CPTR2: return a->sys64.el == 2 ? check_cpacr(a) : ACCESS_OK;
    case TRAP_CTR: return check_ctr(a);
    case TRAP_SP_EL0: return a->sys64.pstate & PSTATE_SP ? ACCESS_OK : ACCESS_UNDEF;
    case TRAP_PAN: return check_feature(a, ARM_PAN);
    case TRAP_UAO: return check_feature(a, ARM_UAO);
    case TRAP_DIT: return check_feature(a, ARM_DIT);
    case TRAP_SSBS: return check_feature(a, ARM_SSBS);
    case TRAP_DAIF: return a->sys64.el || a->sys64.sctlr[to_el1(a)] & SCTLR64_UMA ? ACCESS_OK : to_el1(a);
    case TRAP_RAS: return check_ras(a);
    case TRAP_RVBAR1: return highest_el(a) == 1 ? ACCESS_OK : ACCESS_UNDEF;
    case TRAP_RVBAR2: return highest_el(a) == 2 ? ACCESS_OK : ACCESS_UNDEF;
    case TRAP_VHE: return check_feature(a, ARM_VHE);
    case TRAP_LOR: return check_lor(a);
    case TRAP_APK: return check_apk(a);
    case TRAP_PMU: return check_pmu(a, 0);
    case TRAP_PMCR: return check_pmu(a, MDCR_TPMCR);
    case TRAP_PMUSER: return check_mdcr(a, MDCR_TPM, MDCR_TPM);
    case TRAP_CNTFRQ: return check_cntfrq(a, read);
    case TRAP_CNTPCT: return check_timer(a, 1, 1);
    case TRAP_CNTVCT: return check_timer(a, 2, 0);
    case TRAP_CNTP: return check_timer(a, 1 << 9, 2);
    case TRAP_CNTV: return check_timer(a, 1 << 8, 0);
    case TRAP_CNTPS: return check_cntps(a);
    case TRAP_DEBUG: return check_debug(a, MDCR_TDA, MDCR_TDA);
    case TRAP_OSDEBUG: return check_debug(a, MDCR_TDOSA, MDCR_TDOSA);
    case TRAP_DEBUGROM: return check_debug(a, MDCR_TDRA, MDCR_TDA);
    case TRAP_DCC: return a->sys64.el == 0 && a->sys64.mdscr & 1 << 12 ? to_el1(a) : check_debug(a, MDCR_TDA, MDCR_TDA);
    }
    return ACCESS_UNDEF;
}

/* ---- raising ---------------------------------------------------------------------------------- */

/* ISS of EC_SYS64: the instruction's fields (D17.2.37). */
static uint32_t sys_iss(unsigned number, unsigned rt, bool read)
{
    return (number >> 14 & 3) << 20 | (number & 7) << 17 | (number >> 11 & 7) << 14 | (number >> 7 & 15) << 10 | rt << 5 |
           (number >> 3 & 15) << 1 | read;
}

static void refuse(struct arm_cpu *a, unsigned to, unsigned number, unsigned rt, bool read)
{
    if (to == ACCESS_OK)
        return;
    if (to == ACCESS_UNDEF)
        arm64_raise(a, ESR_SYNDROME(EC_UNKNOWN, 0), 0, 1);
    arm64_raise(a, ESR_SYNDROME(EC_SYS64, sys_iss(number, rt, read)), 0, to);
}

static const struct sys64_reg *checked(struct arm_cpu *a, uint32_t what, bool read)
{
    const struct sys64_reg *r = sys64_row(what & 0xffff);

    refuse(a, check_trap(a, r, read), r->number, what >> WHAT_RT_SHIFT, read);
    return r;
}

uint64_t helper_a64_sysreg_read(struct tcg_env *env, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);

    return sys64_read(a, checked(a, what, true));
}

void helper_a64_sysreg_write(struct tcg_env *env, uint32_t what, uint64_t val)
{
    struct arm_cpu *a = ARM_ENV(env);

    sys64_write(a, checked(a, what, false), val);
}

/* A register that is storage: only the check */
void helper_a64_sysreg_check(struct tcg_env *env, uint32_t what, uint32_t read)
{
    checked(ARM_ENV(env), what, read);
}

/* ---- the interrupt controller's registers ------------------------------------------------------- */

/* ICC_* that belong to one group (its number's last digit), to both, or generate SGIs (IHI 0069 12.1): which HCR_EL2 bits make them the
 * virtual machine's, or trap. */
static uint64_t icc_hcr_bits(unsigned number)
{
    switch (number) {
    case CPU_SYSREG(3, 0, 12, 8, 0): case CPU_SYSREG(3, 0, 12, 8, 1): case CPU_SYSREG(3, 0, 12, 8, 2): case CPU_SYSREG(3, 0, 12, 8, 3):
    case CPU_SYSREG(3, 0, 12, 8, 4): case CPU_SYSREG(3, 0, 12, 8, 5): case CPU_SYSREG(3, 0, 12, 8, 6): case CPU_SYSREG(3, 0, 12, 8, 7):
    case CPU_SYSREG(3, 0, 12, 12, 6):
        return HCR_FMO;
    case CPU_SYSREG(3, 0, 12, 9, 0): case CPU_SYSREG(3, 0, 12, 9, 1): case CPU_SYSREG(3, 0, 12, 9, 2): case CPU_SYSREG(3, 0, 12, 9, 3):
    case CPU_SYSREG(3, 0, 12, 12, 0): case CPU_SYSREG(3, 0, 12, 12, 1): case CPU_SYSREG(3, 0, 12, 12, 2): case CPU_SYSREG(3, 0, 12, 12, 3):
    case CPU_SYSREG(3, 0, 12, 12, 7):
        return HCR_IMO;
    default:
        return HCR_FMO | HCR_IMO;
    }
}

static bool icc_is_sgi(unsigned number)
{
    return (number >> 3 & 15) == 11 && (number & 7) >= 5;
}

#define ICC_DIR CPU_SYSREG(3, 0, 12, 11, 1)
#define ICC_SRE CPU_SYSREG(3, 0, 12, 12, 5)
#define ICH_HCR CPU_SYSREG(3, 4, 12, 11, 0)
enum ich_hcr_traps { ICH_HCR_TC = 1 << 10, ICH_HCR_TALL0 = 1 << 11, ICH_HCR_TALL1 = 1 << 12, ICH_HCR_TDIR = 1 << 14 };

/* What EL1 does under a hypervisor: traps of ICH_HCR_EL2 (IHI 0069 12.4.9), and SGIs, that EL2 takes. */
static bool ich_traps(struct arm_cpu *a, unsigned number)
{
    uint64_t bits = icc_hcr_bits(number), ich;

    if (!a->cpu.icc->has(a->cpu.icc_opaque, ICH_HCR, false))
        return false;
    if (icc_is_sgi(number) && arm64_hcr(a) & (HCR_FMO | HCR_IMO))
        return true;
    ich = a->cpu.icc->read(a->cpu.icc_opaque, (unsigned)a->cpu.index, ICH_HCR);
    if (number == ICC_DIR && ich & ICH_HCR_TDIR)
        return true;
    return ich & (bits == HCR_FMO ? ICH_HCR_TALL0 : bits == HCR_IMO ? ICH_HCR_TALL1 : ICH_HCR_TC);
}

/* EL3 takes what belongs to interrupts that go there: one group's registers, or where both groups' interrupts do, the common ones. */
static bool scr_traps(const struct arm_cpu *a, unsigned number)
{
    uint64_t bits = icc_hcr_bits(number), need = (bits & HCR_FMO ? SCR_FIQ : 0) | (bits & HCR_IMO ? SCR_IRQ : 0);

    return a->sys64.el < 3 && arm_has(a, ARM_EL3) && (a->sys64.scr & need) == need;
}

/* Number with the flags of the present state. SRE and ICH_* are not trapped: Enable reads as one everywhere. */
static unsigned icc_number(struct arm_cpu *a, uint32_t what, bool read)
{
    unsigned number = what & 0xffff, el = a->sys64.el;
    bool plain = (number >> 11 & 7) == 0 && number != ICC_SRE;

    if (plain && el == 1 && el2_enabled(a) && ich_traps(a, number))
        refuse(a, 2, number, what >> WHAT_RT_SHIFT, read);
    if (plain && el == 1 && arm64_hcr(a) & icc_hcr_bits(number))
        number |= CPU_SYSREG_VIRTUAL;
    else if (plain && scr_traps(a, number))
        refuse(a, 3, number, what >> WHAT_RT_SHIFT, read);
    if (arm_has(a, ARM_EL3) && !(a->sys64.scr & SCR_NS))
        number |= CPU_SYSREG_SECURE;
    return el == 3 ? number | CPU_SYSREG_EL3 : number;
}

uint64_t helper_a64_icc_read(struct tcg_env *env, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);

    return a->cpu.icc->read(a->cpu.icc_opaque, (unsigned)a->cpu.index, icc_number(a, what, true));
}

void helper_a64_icc_write(struct tcg_env *env, uint32_t what, uint64_t val)
{
    struct arm_cpu *a = ARM_ENV(env);

    a->cpu.icc->write(a->cpu.icc_opaque, (unsigned)a->cpu.index, icc_number(a, what, false), val);
}

/* ---- system instructions ------------------------------------------------------------------------ */

/* SCTLR_ELx.{UCI,DZE} at EL0; HCR_EL2's traps below EL2. */
static unsigned check_cache(const struct arm_cpu *a, unsigned number)
{
    uint64_t hcr = arm64_hcr(a), sctlr = a->sys64.sctlr[el20(hcr) ? 2 : 1], bit = HCR_TPCP, need = SCTLR64_UCI;
    unsigned crm = number >> 3 & 15, op2 = number & 7;

    if (crm == 4) {
        bit = HCR_TDZ;
        need = SCTLR64_DZE;
    } else if (crm == 1 || crm == 5 || crm == 11) {
        bit = HCR_TPU;
    } else if (op2 == 2) {
        bit = HCR_TSW;
    }
    if (a->sys64.el == 0 && !(sctlr & need))
        return to_el1(a);
    return a->sys64.el <= 1 && hcr & bit && !el20(hcr) ? 2 : ACCESS_OK;
}

void helper_a64_cache_check(struct tcg_env *env, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);

    refuse(a, check_cache(a, what & 0xffff), what & 0xffff, what >> WHAT_RT_SHIFT, false);
}

static unsigned translation_op(unsigned number)
{
    return (number >> 11 & 7) << 7 | (number >> 3 & 15) << 3 | (number & 7);
}

/* TLBI or AT */
void helper_a64_translation_op(struct tcg_env *env, uint32_t what, uint64_t xt)
{
    struct arm_cpu *a = ARM_ENV(env);
    unsigned number = what & 0xffff, op = translation_op(number);
    bool tlbi = (number >> 7 & 15) == 8;

    refuse(a, tlbi ? check_hcr(a, HCR_TTLB) : ACCESS_OK, number, what >> WHAT_RT_SHIFT, false);
    if (!(tlbi ? arm64_tlbi(a, op, xt) : arm64_at(a, op, xt)))
        refuse(a, ACCESS_UNDEF, number, 0, false);
}

/* RNDR, RNDRRS: never without entropy (C5.2.14) */
uint64_t helper_a64_rndr(struct tcg_env *env)
{
    struct machine *m = ARM_ENV(env)->cpu.machine;
    uint64_t v;

    if (!m->rng) {
        rng_host_bytes(&v, sizeof(v));
        return v;
    }
    machine_lock(m);
    v = rng_u64(m->rng);
    machine_unlock(m);
    return v;
}

/* ---- translation ---------------------------------------------------------------------------------- */

static unsigned mode_el(const struct a64_ctx *s)
{
    return s->mode >> ARM_MODE_EL_SHIFT & 3;
}

/* At EL2 with E2H the names of EL1's registers mean EL2's (redirect), and names _EL12 and _EL02 EL1's, which EL3 may use, too (D8.10.2). */
static unsigned vhe_number(unsigned number, bool redirect)
{
    static const uint16_t el1[] = {
        CPU_SYSREG(3, 0, 1, 0, 0), CPU_SYSREG(3, 0, 1, 0, 2), CPU_SYSREG(3, 0, 2, 0, 0), CPU_SYSREG(3, 0, 2, 0, 1),
        CPU_SYSREG(3, 0, 2, 0, 2), CPU_SYSREG(3, 0, 4, 0, 0), CPU_SYSREG(3, 0, 4, 0, 1), CPU_SYSREG(3, 0, 5, 1, 0),
        CPU_SYSREG(3, 0, 5, 1, 1), CPU_SYSREG(3, 0, 5, 2, 0), CPU_SYSREG(3, 0, 6, 0, 0), CPU_SYSREG(3, 0, 10, 2, 0),
        CPU_SYSREG(3, 0, 10, 3, 0), CPU_SYSREG(3, 0, 12, 0, 0), CPU_SYSREG(3, 0, 13, 0, 1), CPU_SYSREG(3, 0, 14, 1, 0),
        CPU_SYSREG(3, 3, 14, 2, 0), CPU_SYSREG(3, 3, 14, 2, 1), CPU_SYSREG(3, 3, 14, 2, 2), CPU_SYSREG(3, 3, 14, 3, 0),
        CPU_SYSREG(3, 3, 14, 3, 1), CPU_SYSREG(3, 3, 14, 3, 2) };
    unsigned op1 = 7 << 11, op1_is_5 = number >> 11 == CPU_SYSREG(3, 5, 0, 0, 0) >> 11;

    for (unsigned i = 0; i < G_N_ELEMENTS(el1); i++) {
        unsigned n = el1[i];

        if (n == number && redirect)
            return n == CPU_SYSREG(3, 0, 1, 0, 2) ? CPU_SYSREG(3, 4, 1, 1, 2) : (n & ~op1) | 4 << 11;
        if (op1_is_5 && (n & ~op1) == (number & ~op1))
            return n;
    }
    return number;
}

/* Could the check refuse in this translation mode? What read and write functions need is checked with them. */
static bool may_trap(const struct a64_ctx *s, const struct sys64_reg *r)
{
    return r->trap != TRAP_NONE && (mode_el(s) == 0 || s->mode & ARM_MODE_TRAPS);
}

/* Does the CPU lack it, or is it another state's, whatever controls say? */
static bool never(const struct a64_ctx *s, const struct sys64_reg *r)
{
    const struct arm_cpu *a = s->cpu;

    switch (r->trap) {
    case TRAP_PAN: return !arm_has(a, ARM_PAN);
    case TRAP_UAO: return !arm_has(a, ARM_UAO);
    case TRAP_DIT: return !arm_has(a, ARM_DIT);
    case TRAP_SSBS: return !arm_has(a, ARM_SSBS);
    case TRAP_VHE: return !arm_has(a, ARM_VHE);
    case TRAP_LOR: return !arm_has(a, ARM_LOR);
    case TRAP_APK: return !arm_has(a, ARM_PAUTH);
    case TRAP_SP_EL0: return s->mode & ARM_MODE_SP0;
    case TRAP_RAS: case TRAP_RVBAR1: case TRAP_RVBAR2: return check_trap(a, r, true) == ACCESS_UNDEF;
    case TRAP_NEVER: return true;
    default: return false;
    }
}

static struct ir_val what_of(struct a64_ctx *s, unsigned n, unsigned rt)
{
    return a64_imm(s, false, n | rt << WHAT_RT_SHIFT);
}

static unsigned state_offset(const struct sys64_reg *r)
{
    return (unsigned)(r->storage == SYS64_CP15 ? offsetof(struct arm_cpu, cp15) : offsetof(struct arm_cpu, sys64)) + r->value;
}

static bool trans_read(struct a64_ctx *s, const struct sys64_reg *r, unsigned rt)
{
    struct ir *ir = s->ir;
    struct ir_val v, what = what_of(s, sys64_index(r), rt);

    if (r->read || r->storage == SYS64_MODEL || r->storage == SYS64_MODEL64) {
        v = ir_call(ir, a64_sysreg_read, what);
    } else {
        if (may_trap(s, r))
            ir_call(ir, a64_sysreg_check, what, a64_imm(s, false, 1));
        if (r->storage == SYS64_CONST)
            v = a64_imm(s, true, r->value);
        else
            v = ir_state_ld(ir, r->storage == SYS64_FIELD ? I64 : I32, state_offset(r));
    }
    a64_set_reg(s, rt, v);
    return true;
}

static bool trans_write(struct a64_ctx *s, const struct sys64_reg *r, unsigned rt)
{
    struct ir *ir = s->ir;
    struct ir_val what = what_of(s, sys64_index(r), rt);

    if (r->write) {
        ir_call(ir, a64_sysreg_write, what, a64_reg(s, rt, true));
    } else {
        if (may_trap(s, r))
            ir_call(ir, a64_sysreg_check, what, a64_imm(s, false, 0));
        if (r->storage == SYS64_FIELD)
            ir_state_st(ir, a64_reg(s, rt, true), state_offset(r));
        else if (r->storage == SYS64_FIELD32 || r->storage == SYS64_CP15)
            ir_state_st(ir, a64_reg(s, rt, false), state_offset(r));
    }
    if (r->ends)
        a64_exit_main(s);
    return true;
}

static bool is_icc(unsigned number)
{
    unsigned op0 = number >> 14, crn = number >> 7 & 15, crm = number >> 3 & 15;

    return op0 == 3 && ((crn == 12 && crm >= 8) || (crn == 4 && crm == 6));
}

/* op1 tells the level: 0 EL1, 4 EL2, 6 EL3 */
static bool trans_icc(struct a64_ctx *s, unsigned number, unsigned rt, bool read)
{
    const struct cpu *cpu = &s->cpu->cpu;
    unsigned op1 = number >> 11 & 7, el = mode_el(s);

    if (!cpu->icc || el < (op1 == 0 ? 1u : op1 == 4 ? 2u : 3u) || !cpu->icc->has(cpu->icc_opaque, number, !read))
        return false;
    if (read) {
        a64_set_reg(s, rt, ir_call(s->ir, a64_icc_read, what_of(s, number, rt)));
        return true;
    }
    ir_call(s->ir, a64_icc_write, what_of(s, number, rt), a64_reg(s, rt, true));
    a64_exit_main(s);
    return true;
}

static bool is_rndr(unsigned number)
{
    return number == CPU_SYSREG(3, 3, 2, 4, 0) || number == CPU_SYSREG(3, 3, 2, 4, 1);
}

/* Registers that are the implementation's (D17.3.2): there are none, but HCR_EL2.TIDCP hides that from EL1. */
static bool is_imp_def(unsigned number)
{
    unsigned op0 = number >> 14, crn = number >> 7 & 15;

    return (op0 == 3 || op0 == 1) && (crn == 11 || crn == 15);
}

void helper_a64_imp_def(struct tcg_env *env, uint32_t what, uint32_t read)
{
    struct arm_cpu *a = ARM_ENV(env);

    refuse(a, a->sys64.el == 1 && arm64_hcr(a) & HCR_TIDCP ? 2 : ACCESS_UNDEF, what & 0xffff, what >> WHAT_RT_SHIFT, read);
}

static bool trans_imp_def(struct a64_ctx *s, unsigned number, unsigned rt, bool read)
{
    ir_call(s->ir, a64_imp_def, what_of(s, number, rt), a64_imm(s, false, read));
    s->done = true;
    return true;
}

/* ID registers from EL0 trap instead of being UNDEFINED where FEAT_IDST is there (D17.1.1). */
static bool trans_refused(struct a64_ctx *s, unsigned number, unsigned rt, bool read)
{
    bool id_space = read && (number >> 14) == 3 && !(number >> 7 & 15) && (number >> 11 & 7) != 3;

    if (mode_el(s) || !id_space || !arm_has(s->cpu, ARM_IDST))
        return false;
    ir_call(s->ir, a64_raise_sync, a64_imm(s, false, ESR_SYNDROME(EC_SYS64, sys_iss(number, rt, read))), a64_imm(s, false, 1));
    s->done = true;
    return true;
}

bool arm64_trans_sysreg(struct a64_ctx *s, unsigned number, unsigned rt, bool read)
{
    const struct sys64_reg *r;
    unsigned el = mode_el(s);

    if (is_icc(number))
        return trans_icc(s, number, rt, read);
    if (is_imp_def(number) && el == 1 && s->mode & ARM_MODE_TRAPS)
        return trans_imp_def(s, number, rt, read);
    if (is_rndr(number) && read && arm_has(s->cpu, ARM_RNG)) {
        a64_set_reg(s, rt, ir_call(s->ir, a64_rndr));
        a64_set_flags(s, a64_const_flags(s, 0));
        return true;
    }
    if (s->mode & ARM_MODE_E2H && el >= 2)
        number = vhe_number(number, el == 2);
    r = sys64_find(number);
    if (!r || never(s, r) || el < (read ? r->read_el : r->write_el))
        return trans_refused(s, number, rt, read);
    return read ? trans_read(s, r, rt) : trans_write(s, r, rt);
}

/* IC and DC: nothing to do but what a64-sys.c does; privileged ones are known by op1 */
static bool trans_cache(struct a64_ctx *s, unsigned number, unsigned rt)
{
    switch (number) {
    case CPU_SYSREG(1, 0, 7, 1, 0): case CPU_SYSREG(1, 0, 7, 5, 0):            /* IC IALLUIS, IALLU */
    case CPU_SYSREG(1, 0, 7, 6, 1): case CPU_SYSREG(1, 0, 7, 6, 2):            /* DC IVAC, ISW */
    case CPU_SYSREG(1, 0, 7, 10, 2): case CPU_SYSREG(1, 0, 7, 14, 2):          /* DC CSW, CISW */
        break;
    default:
        return false;
    }
    if (s->mode & ARM_MODE_TRAPS)
        ir_call(s->ir, a64_cache_check, what_of(s, number, rt));
    return true;
}

bool arm64_trans_sys(struct a64_ctx *s, unsigned number, unsigned rt)
{
    unsigned crn = number >> 7 & 15, crm = number >> 3 & 15, op1 = number >> 11 & 7, el = mode_el(s);

    if (is_imp_def(number) && el == 1 && s->mode & ARM_MODE_TRAPS)
        return trans_imp_def(s, number, rt, false);
    if (number >> 14 != 1 || el < (op1 == 0 ? 1u : op1 == 4 ? 2u : op1 == 6 ? 3u : 4u))
        return false;
    if (crn == 7 && crm != 8 && crm != 9)
        return trans_cache(s, number, rt);
    if (crn != 7 && crn != 8)
        return false;
    ir_call(s->ir, a64_translation_op, what_of(s, number, rt), a64_reg(s, rt, true));
    a64_exit_main(s);
    return true;
}

void arm64_trans_cache_check(struct a64_ctx *s, unsigned number, unsigned rt)
{
    if (s->mode & ARM_MODE_TRAPS)
        ir_call(s->ir, a64_cache_check, what_of(s, number, rt));
}
