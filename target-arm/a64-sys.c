/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 hints, barriers and system instructions (DDI 0487 C4.1.93, C5), and the registers that EL0 has. What lies in the system
 * side is a64-priv.c's and sysregs64-access.c's.
 */
#include "config.h"

#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"

/* DDI 0487 D17.2 and C5.3 to C5.6 */
enum sysreg {
    SYS_NZCV        = CPU_SYSREG(3, 3, 4, 2, 0),
    SYS_FPCR        = CPU_SYSREG(3, 3, 4, 4, 0),
    SYS_FPSR        = CPU_SYSREG(3, 3, 4, 4, 1),
    SYS_TPIDR_EL0   = CPU_SYSREG(3, 3, 13, 0, 2),
    SYS_TPIDRRO_EL0 = CPU_SYSREG(3, 3, 13, 0, 3),
    SYS_IC_IVAU     = CPU_SYSREG(1, 3, 7, 5, 1),
    SYS_DC_ZVA      = CPU_SYSREG(1, 3, 7, 4, 1),
    SYS_DC_CVAC     = CPU_SYSREG(1, 3, 7, 10, 1),
    SYS_DC_CVAU     = CPU_SYSREG(1, 3, 7, 11, 1),
    SYS_DC_CVAP     = CPU_SYSREG(1, 3, 7, 12, 1),
    SYS_DC_CVADP    = CPU_SYSREG(1, 3, 7, 13, 1),
    SYS_DC_CIVAC    = CPU_SYSREG(1, 3, 7, 14, 1),
};

/* DC ZVA works on 64 bytes (DCZID_EL0). */
enum { ZVA_BYTES = 64 };

/* FPSCR bits that FPCR (AHP, DN, FZ, RMode, FZ16) and FPSR (NZCV, QC, sticky flags) show */
#define FPCR_MASK 0x07c80000u
#define FPSR_MASK 0xf800009fu

/* ERET */
bool a64_trans_ERET(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    return arm64_trans_eret(s);
}

static bool call(struct a64_ctx *s, enum arm_exception e, uint32_t imm)
{
    if (!(s->mode & ARM_MODE_PRIV)) {
        return false;
    }
    a64_raise(s, e, imm);
    return true;
}

/* HVC #<imm> */
bool a64_trans_HVC(struct a64_ctx *s, const struct args_imm *a)
{
    return call(s, ARM_EXC_HVC, a->imm);
}

/* SMC #<imm> */
bool a64_trans_SMC(struct a64_ctx *s, const struct args_imm *a)
{
    return call(s, ARM_EXC_SMC, a->imm);
}

/* There is no halting debug: UNDEFINED (C6.2, H6.4). */
#define NO_DEBUG_STATE(name, args)                                         \
    bool a64_trans_##name(struct a64_ctx *s, const struct args *a)         \
    {                                                                      \
        (void)s;                                                           \
        (void)a;                                                           \
        return false;                                                      \
    }

NO_DEBUG_STATE(DRPS, args_none)
NO_DEBUG_STATE(HLT, args_imm)
NO_DEBUG_STATE(DCPS1, args_imm)
NO_DEBUG_STATE(DCPS2, args_imm)
NO_DEBUG_STATE(DCPS3, args_imm)

/* MSR <pstatefield>, #<imm> */
bool a64_trans_MSR_imm(struct a64_ctx *s, const struct args_pstate *a)
{
    return arm64_trans_pstate(s, a->op1, a->op2, a->crm);
}

/* SYSL: nothing returns a result */
bool a64_trans_SYSL(struct a64_ctx *s, const struct args_sysreg *a)
{
    (void)s;
    (void)a;
    return false;
}

/* ---- Hints ---- */

/* HINT #<imm>: those that the architecture leaves free; CSDB, PSB, TSB and DGH, for which there is nothing to do; BTI, which arm64_trans_bti looks
 * at; ESB, since no error is deferred here */
bool a64_trans_HINT(struct a64_ctx *s, const struct args_none *a)
{
    (void)s;
    (void)a;
    return true;
}

/* WFI: the helper halts the CPU, the main loop then waits */
bool a64_trans_WFI(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    arm64_trans_wait_check(s, false);
    ir_call(s->ir, arm_wfi);
    a64_exit_main(s);
    return true;
}

/* WFE */
bool a64_trans_WFE(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    arm64_trans_wait_check(s, true);
    ir_call(s->ir, arm_wfe);
    a64_exit_main(s);
    return true;
}

/* SEV, SEVL: the latter for this CPU alone, which an event for all includes */
bool a64_trans_SEV(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_sev);
    return true;
}

bool a64_trans_SEVL(struct a64_ctx *s, const struct args_none *a)
{
    return a64_trans_SEV(s, a);
}

/* YIELD */
bool a64_trans_YIELD(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_call(s->ir, arm_yield);
    return true;
}

/* ---- Barriers ---- */

/* CRm[1:0]: 1 loads before everything, 2 stores before stores, else all (C6.2.94) */
static bool barrier(struct a64_ctx *s, uint32_t crm)
{
    static const uint8_t kind[4] = { MB_ALL, MB_LD_LD | MB_LD_ST, MB_ST_ST, MB_ALL };

    ir_mb(s->ir, kind[crm & 3]);
    return true;
}

/* DMB <option> */
bool a64_trans_DMB(struct a64_ctx *s, const struct args_barrier *a)
{
    return barrier(s, a->crm);
}

/* DSB <option>; CRm 0 and 4 are SSBB and PSSBB, for which a full barrier is enough */
bool a64_trans_DSB(struct a64_ctx *s, const struct args_barrier *a)
{
    return barrier(s, a->crm);
}

/* ISB: translations are dropped when code changes, so only what waits outside (interrupts, mode changes) must be seen. */
bool a64_trans_ISB(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    a64_exit_main(s);
    return true;
}

/* SB: no speculation here */
bool a64_trans_SB(struct a64_ctx *s, const struct args_none *a)
{
    (void)s;
    (void)a;
    return true;
}

/* ---- Flags ---- */

/* CFINV */
bool a64_trans_CFINV(struct a64_ctx *s, const struct args_none *a)
{
    struct ir_val f = a64_flags(s);

    (void)a;
    a64_set_flags(s, ir_flags_set_c(s->ir, f, ir_setcond(s->ir, f, CC_CC)));
    return true;
}

/* NZCV from four I32 of 0 or 1 */
static void set_nzcv(struct a64_ctx *s, struct ir_val n, struct ir_val z, struct ir_val c, struct ir_val v)
{
    struct ir *ir = s->ir;
    struct ir_val bits = ir_or(ir, ir_shli(ir, n, 15), ir_shli(ir, z, 14));

    bits = ir_or(ir, bits, ir_or(ir, ir_shli(ir, c, 8), v));
    a64_set_flags(s, ir_flags_from_bits(ir, bits));
}

/* XAFLAG (C6.2.403): N = !C && !Z, Z = Z && C, C = C || Z, V = !C && Z */
bool a64_trans_XAFLAG(struct a64_ctx *s, const struct args_none *a)
{
    struct ir *ir = s->ir;
    struct ir_val f = a64_flags(s), z = ir_setcond(ir, f, CC_EQ), c = ir_setcond(ir, f, CC_CS);
    struct ir_val any = ir_or(ir, c, z);

    (void)a;
    set_nzcv(s, ir_xor(ir, any, a64_imm(s, false, 1)), ir_and(ir, z, c), any, ir_andc(ir, z, c));
    return true;
}

/* AXFLAG (C6.2.25): N = 0, Z = Z || V, C = C && !V, V = 0 */
bool a64_trans_AXFLAG(struct a64_ctx *s, const struct args_none *a)
{
    struct ir *ir = s->ir;
    struct ir_val f = a64_flags(s), v = ir_setcond(ir, f, CC_VS), zero = a64_imm(s, false, 0);

    (void)a;
    set_nzcv(s, zero, ir_or(ir, ir_setcond(ir, f, CC_EQ), v), ir_andc(ir, ir_setcond(ir, f, CC_CS), v), zero);
    return true;
}

/* ---- System registers ---- */

static unsigned number(const struct args_sysreg *a)
{
    return CPU_SYSREG(a->op0, a->op1, a->crn, a->crm, a->op2);
}

static bool is_fp(unsigned number)
{
    return number == SYS_FPCR || number == SYS_FPSR;
}

static struct ir_val read_nzcv(struct a64_ctx *s)
{
    struct ir *ir = s->ir;
    struct ir_val f = a64_flags(s);
    struct ir_val nz = ir_or(ir, ir_shli(ir, ir_setcond(ir, f, CC_MI), 31), ir_shli(ir, ir_setcond(ir, f, CC_EQ), 30));

    return ir_or(ir, nz, ir_or(ir, ir_shli(ir, ir_setcond(ir, f, CC_CS), 29), ir_shli(ir, ir_setcond(ir, f, CC_VS), 28)));
}

static void write_nzcv(struct a64_ctx *s, struct ir_val v)
{
    struct ir *ir = s->ir;

    set_nzcv(s, ir_extract(ir, v, 31, 1), ir_extract(ir, v, 30, 1), ir_extract(ir, v, 29, 1), ir_extract(ir, v, 28, 1));
}

/* FPCR and FPSR are parts of what AArch32 has as FPSCR. */
static void write_fpscr(struct a64_ctx *s, struct ir_val v, uint32_t mask)
{
    struct ir *ir = s->ir;
    struct ir_val old = ir_andi(ir, ir_call(ir, arm_fpscr_read), ~mask);

    ir_call(ir, arm_fpscr_write, ir_or(ir, old, ir_andi(ir, v, mask)));
}

/* MRS <Xt>, <systemreg> */
bool a64_trans_MRS(struct a64_ctx *s, const struct args_sysreg *a)
{
    struct ir *ir = s->ir;
    struct ir_val v;

    if (is_fp(number(a)) && a64_fp_off(s)) {
        return true;
    }
    switch (number(a)) {
    case SYS_NZCV:
        v = read_nzcv(s);
        break;
    case SYS_FPCR:
        v = ir_andi(ir, ir_call(ir, arm_fpscr_read), FPCR_MASK);
        break;
    case SYS_FPSR:
        v = ir_andi(ir, ir_call(ir, arm_fpscr_read), FPSR_MASK);
        break;
    case SYS_TPIDR_EL0:
        v = ir_state_ld(ir, I64, ARM_OFF(tpidr_el0));
        break;
    case SYS_TPIDRRO_EL0:
        v = ir_state_ld(ir, I64, ARM_OFF(tpidrro_el0));
        break;
    default:
        return arm64_trans_sysreg(s, number(a), a->rt, true);
    }
    a64_set_reg(s, a->rt, v);
    return true;
}

/* MSR <systemreg>, <Xt> */
bool a64_trans_MSR_reg(struct a64_ctx *s, const struct args_sysreg *a)
{
    struct ir_val w = a64_reg(s, a->rt, false);

    if (is_fp(number(a)) && a64_fp_off(s)) {
        return true;
    }
    switch (number(a)) {
    case SYS_NZCV:
        write_nzcv(s, w);
        return true;
    case SYS_FPCR:
        write_fpscr(s, w, FPCR_MASK);
        a64_exit_main(s);           /* flushing is part of the translation mode */
        return true;
    case SYS_FPSR:
        write_fpscr(s, w, FPSR_MASK);
        return true;
    case SYS_TPIDR_EL0:
        ir_state_st(s->ir, a64_reg(s, a->rt, true), ARM_OFF(tpidr_el0));
        return true;
    case SYS_TPIDRRO_EL0:
        if (!(s->mode & ARM_MODE_PRIV)) {
            return false;
        }
        ir_state_st(s->ir, a64_reg(s, a->rt, true), ARM_OFF(tpidrro_el0));
        return true;
    default:
        return arm64_trans_sysreg(s, number(a), a->rt, false);
    }
}

/* DC ZVA, <Xt>: zero the aligned block. One access, so that a fault leaves all of it. */
static bool zero_block(struct a64_ctx *s, unsigned rt)
{
    struct ir_val zero[ZVA_BYTES / 8], at = ir_andi(s->ir, a64_reg(s, rt, true), ~(uint64_t)(ZVA_BYTES - 1));

    for (unsigned i = 0; i < ZVA_BYTES / 8; i++) {
        zero[i] = a64_imm(s, true, 0);
    }
    ir_guest_stm(s->ir, at, ZVA_BYTES / 8, zero, MO_64, ARM_VIEW_CURRENT);
    return true;
}

/* Cache maintenance by address needs a readable address, as a load does (D7.5.9); caches are not modelled. */
static bool touch(struct a64_ctx *s, unsigned rt)
{
    ir_guest_ld(s->ir, I32, a64_reg(s, rt, true), MO_8, ARM_VIEW_CURRENT);
    return true;
}

/* SYS #<op1>, <Cn>, <Cm>, #<op2>{, <Xt>}: DC, IC, TLBI, AT */
bool a64_trans_SYS(struct a64_ctx *s, const struct args_sysreg *a)
{
    unsigned n = number(a);

    switch (n) {
    case SYS_DC_ZVA:
        arm64_trans_cache_check(s, n, a->rt);
        return zero_block(s, a->rt);
    case SYS_DC_CVAP:
        if (!a64_has(s, ARM_DPB)) {
            return false;
        }
        break;
    case SYS_DC_CVADP:
        if (!a64_has(s, ARM_DPB2)) {
            return false;
        }
        break;
    case SYS_DC_CVAC:
    case SYS_DC_CVAU:
    case SYS_DC_CIVAC:
        break;
    case SYS_IC_IVAU:
        arm64_trans_cache_check(s, n, a->rt);
        return true;
    default:
        return arm64_trans_sys(s, n, a->rt);
    }
    arm64_trans_cache_check(s, n, a->rt);
    return touch(s, a->rt);
}

/* CLREX */
bool a64_trans_CLREX(struct a64_ctx *s, const struct args_none *a)
{
    (void)a;
    ir_state_st(s->ir, ir_const(s->ir, I64, UINT64_MAX), ARM_OFF(excl_addr));
    return true;
}
