/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Virtualization Extensions' controls trap to Hyp mode (DDI 0406C B1.14): accesses of coprocessor registers by HCR, HSTR, HDCR,
 * HCPTR and CNTHCTL; and what HSR tells of a data access that stage 2 refused (B3.13.6).
 */
#include "config.h"
#include "target-arm/system.h"
#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-decl.h"

#define HCR_TRAPS (HCR_TID0 | HCR_TID1 | HCR_TID2 | HCR_TID3 | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_TPCP | HCR_TPU | HCR_TTLB | \
                   HCR_TVM | HCR_TRVM)
#define HSTR_TTEE (1u << 16)
#define HSTR_TJDBX (1u << 17)
#define HCPTR_TCPAC (1u << 31)
#define CNTHCTL_PL1PCTEN 1u
#define CNTHCTL_PL1PCEN 2u
#define CV_AL 0x1e00000u     /* condition: always */

bool arm_has_traps(const struct arm_cpu *a)
{
    if (!arm_has_hyp(a) || arm_in_secure(a) || arm_in_mode(a, PSR_HYP))
        return false;
    return a->cp15.hcr & HCR_TRAPS || a->cp15.hstr || a->cp15.hdcr & MDCR_EL2_TRAPS || a->cp15.hcptr & HCPTR_TCPAC ||
           (a->cp15.cnthctl & 3) != 3;
}

/* ---- cp15 ----------------------------------------------------------------------------------- */

/* HCR.TVM and TRVM: c1 (SCTLR), c2, c3, c5, c6, c10, c13 (CONTEXTIDR), as far as virtual memory is concerned (B1.14.3) */
static bool is_memory_control(const struct arm_coproc_insn *ci)
{
    if (ci->is64)
        return ci->crm == 2 && ci->opc1 <= 1;
    if (ci->opc1)
        return false;
    switch (ci->crn) {
    case 1: return ci->crm == 0 && ci->opc2 == 0;
    case 2: case 3: case 5: case 6: return true;
    case 10: return ci->crm == 2 || ci->crm == 3;
    case 13: return ci->crm == 0 && ci->opc2 == 1;
    default: return false;
    }
}

/* HCR.TPU, TPC and TSW: c7 */
static uint64_t cache_bit(const struct arm_coproc_insn *ci)
{
    switch (ci->crm << 4 | ci->opc2) {
    case 0x10: case 0x50: case 0x51: case 0xb1: return HCR_TPU;
    case 0x61: case 0xa1: case 0xe1: return HCR_TPCP;
    case 0x62: case 0xa2: case 0xe2: return HCR_TSW;
    default: return 0;
    }
}

/* HCR.TID1, TID2 and TID3: c0 */
static uint64_t id_bit(const struct arm_coproc_insn *ci)
{
    if (ci->opc1 == 0 && ci->crm == 0)
        return ci->opc2 == 1 ? HCR_TID2 : ci->opc2 == 2 || ci->opc2 == 3 || ci->opc2 == 6 ? HCR_TID1 : 0;
    if (ci->opc1 == 0)
        return HCR_TID3;
    if (ci->opc1 == 1 && ci->crm == 0)
        return ci->opc2 == 7 ? HCR_TID1 : HCR_TID2;
    return ci->opc1 == 2 ? HCR_TID2 : 0;
}

/* HCR.TIDCP: implementation defined parts of c9, c10 and c11 */
static bool is_lockdown(const struct arm_coproc_insn *ci)
{
    const uint32_t c9 = 0x1e7, c10 = 0x113, c11 = 0x81ff;

    return (ci->crn == 9 && c9 >> ci->crm & 1) || (ci->crn == 10 && c10 >> ci->crm & 1) || (ci->crn == 11 && c11 >> ci->crm & 1);
}

/* The bit of HCR that traps this at PL1, 0: none. */
static uint64_t hcr_bit(const struct arm_coproc_insn *ci)
{
    if (is_memory_control(ci))
        return ci->read ? HCR_TRVM : HCR_TVM;
    if (ci->is64)
        return 0;
    switch (ci->crn) {
    case 0: return id_bit(ci);
    case 1: return ci->opc1 == 0 && ci->crm == 0 && ci->opc2 == 1 ? HCR_TACR : 0;
    case 7: return ci->opc1 == 0 ? cache_bit(ci) : 0;
    case 8: return HCR_TTLB;
    default: return is_lockdown(ci) ? HCR_TIDCP : 0;
    }
}

static bool hdcr_traps(uint32_t hdcr, const struct arm_coproc_insn *ci)
{
    bool pmu = !ci->is64 && ci->crn == 9 && ci->crm >= 12 && ci->crm <= 14;

    return pmu && (hdcr & MDCR_TPM || (hdcr & MDCR_TPMCR && ci->crm == 12 && ci->opc2 == 0));
}

/* CNTHCTL: the physical counter, and its timer */
static bool timer_traps(uint32_t cnthctl, const struct arm_coproc_insn *ci)
{
    if (ci->is64 && ci->crm == 14)
        return (ci->opc1 == 0 && !(cnthctl & CNTHCTL_PL1PCTEN)) || (ci->opc1 == 2 && !(cnthctl & CNTHCTL_PL1PCEN));
    return !ci->is64 && ci->crn == 14 && ci->crm == 2 && ci->opc1 == 0 && !(cnthctl & CNTHCTL_PL1PCEN);
}

static bool cp15_traps(const struct arm_cpu *a, const struct arm_coproc_insn *ci)
{
    unsigned group = ci->is64 ? ci->crm : ci->crn;
    bool pl1 = !arm_in_mode(a, PSR_USR);

    if (group != 4 && group != 14 && a->cp15.hstr >> group & 1)
        return true;
    if (pl1 && a->cp15.hcr & hcr_bit(ci))
        return true;
    if (pl1 && a->cp15.hcptr & HCPTR_TCPAC && !ci->is64 && ci->crn == 1 && ci->crm == 0 && ci->opc2 == 2 && ci->opc1 == 0)
        return true;
    return hdcr_traps(a->cp15.hdcr, ci) || timer_traps(a->cp15.cnthctl, ci);
}

/* ---- cp14 ----------------------------------------------------------------------------------- */

static bool is_os_lock(const struct arm_coproc_insn *ci)
{
    return !ci->is64 && ci->crn == 1 && ci->opc2 == 4;
}

static bool is_rom_address(const struct arm_coproc_insn *ci)
{
    return ci->is64 ? ci->crm <= 2 : (ci->crn == 1 || ci->crn == 2) && ci->crm == 0 && ci->opc2 == 0;
}

static bool cp14_traps(const struct arm_cpu *a, const struct arm_coproc_insn *ci)
{
    uint32_t hdcr = a->cp15.hdcr;

    if (ci->opc1 == 6 && !ci->is64)
        return a->cp15.hstr & HSTR_TTEE;
    if (ci->opc1 == 7 && !ci->is64)
        return a->cp15.hstr & HSTR_TJDBX || (ci->crn == 0 && a->cp15.hcr & HCR_TID0);
    if (is_os_lock(ci))
        return hdcr & (MDCR_TDOSA | MDCR_TDE);
    if (is_rom_address(ci))
        return hdcr & (MDCR_TDRA | MDCR_TDE);
    return hdcr & (MDCR_TDA | MDCR_TDE);
}

/* ---- raising -------------------------------------------------------------------------------- */

static uint32_t syndrome(const struct arm_coproc_insn *ci)
{
    uint32_t iss = CV_AL | (uint32_t)ci->rt << 5 | (uint32_t)ci->crm << 1 | ci->read;

    if (ci->is64)
        return ESR_SYNDROME(ci->cp == 15 ? EC_CP15_64 : EC_CP14_64, iss | (uint32_t)ci->opc1 << 16 | (uint32_t)ci->rt2 << 10);
    iss |= (uint32_t)ci->opc2 << 17 | (uint32_t)ci->opc1 << 14 | (uint32_t)ci->crn << 10;
    return ESR_SYNDROME(ci->cp == 15 ? EC_CP15_32 : EC_CP14_32, iss);
}

void arm_coproc_trap(struct arm_cpu *a, const struct arm_coproc_insn *ci)
{
    if (arm_has_traps(a) && (ci->cp == 15 ? cp15_traps(a, ci) : cp14_traps(a, ci)))
        arm_raise_hyp(a, syndrome(ci), 0);
}

void helper_arm_coproc_check(struct tcg_env *env, uint32_t what)
{
    struct arm_coproc_insn ci = arm_coproc_unpack(what);

    arm_coproc_trap(ARM_ENV(env), &ci);
}

/* VMRS of FPSID (TID0), MVFR0 to MVFR2 (TID3): EC 0x08 */
void helper_arm_vmrs_check(struct tcg_env *env, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);
    unsigned reg = what & 15, rt = what >> 8 & 15;
    uint64_t bit = reg == 0 ? HCR_TID0 : reg >= 5 && reg <= 7 ? HCR_TID3 : 0;

    if (arm_hcr32(a) & bit)
        arm_raise_hyp(a, ESR_SYNDROME(0x08, CV_AL | 7 << 14 | (uint32_t)reg << 10 | rt << 5 | 1), 0);
}

/* ---- data aborts of stage 2: one general register, no writeback --------------------------------- */

enum { ISS_SRT_SHIFT = 16, ISS_SSE = 1 << 21, ISS_SAS_SHIFT = 22 };

static uint32_t access_of(unsigned size, bool sign, unsigned rt)
{
    return rt == ARM_PC ? 0 : ISS_ISV | size << ISS_SAS_SHIFT | (sign ? (uint32_t)ISS_SSE : 0) | rt << ISS_SRT_SHIFT;
}

static uint32_t of_a32(uint32_t insn)
{
    unsigned op = insn >> 25 & 7, rt = insn >> 12 & 15, sh = insn >> 5 & 3;
    bool p = insn >> 24 & 1, w = insn >> 21 & 1, load = insn >> 20 & 1, writeback = !p || w;

    if (insn >> 28 == 15 || writeback)
        return 0;
    if (op == 2 || (op == 3 && !(insn & 1 << 4)))                      /* LDR, STR, LDRB, STRB */
        return access_of(insn & 1 << 22 ? 0 : 2, false, rt);
    if (op == 0 && (insn & 0x90) == 0x90 && sh && (load || sh == 1))   /* halfwords, signed bytes */
        return access_of(sh != 2, load && sh >= 2, rt);
    return 0;
}

/* Formats with Rt in bits 2:0 */
static uint32_t of_t16(uint32_t insn)
{
    static const uint8_t size[8] = { 2, 1, 0, 0, 2, 1, 0, 1 };         /* STR STRH STRB LDRSB LDR LDRH LDRB LDRSH */
    unsigned op = insn >> 9 & 7, rt = insn & 7;

    switch (insn >> 12) {
    case 5: return access_of(size[op], op == 3 || op == 7, rt);
    case 6: return access_of(2, false, rt);
    case 7: return access_of(0, false, rt);
    case 8: return access_of(1, false, rt);
    case 9: return access_of(2, false, insn >> 8 & 7);
    default: return insn >> 11 == 9 ? access_of(2, false, insn >> 8 & 7) : 0;
    }
}

static uint32_t of_t32(uint32_t insn)
{
    unsigned size = insn >> 21 & 3, rt = insn >> 12 & 15, rn = insn >> 16 & 15;
    bool sign = insn & 1 << 24, imm12 = insn & 1 << 23 || rn == ARM_PC;

    if (insn >> 25 != 0x7c || size == 3)
        return 0;
    if (!imm12 && insn & 1 << 11 && (insn & 1 << 8 || !(insn & 1 << 10)))      /* post-indexed, writeback */
        return 0;
    return access_of(size, sign, rt);
}

uint32_t arm_access_syndrome(struct arm_cpu *a, uint32_t *il)
{
    uint32_t insn;
    unsigned len = arm_read_insn(a, &insn);

    *il = len == 2 ? 0 : ESR_IL;
    if (!len)
        return 0;
    return len == 2 ? of_t16(insn) : a->cpu.env.pc & ARM_PC_THUMB ? of_t32(insn) : of_a32(insn);
}
