/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storage of the AArch64 system registers and PSTATE (DDI 0487 C5, D17; names are the manual's), and what the files of the 64-bit
 * system side share: registers (sysregs64.c), exceptions (except64.c), translation (mmu64.c). Rows of sysregs64.inc point in here.
 *
 * Owner: the vCPU's thread.
 */
#ifndef TARGET_ARM_SYS64_H
#define TARGET_ARM_SYS64_H

#include <stdbool.h>
#include <stdint.h>
#include "softmmu/cpu.h"

/* PSTATE fields as SPSR_ELx has them (C5.2.18). NZCV is in arm_cpu.flags, BTYPE in arm_cpu.btype; the rest is in sys64.pstate. */
enum arm64_pstate {
    PSTATE_SP = 1 << 0,      /* SPSel */
    PSTATE_EL_SHIFT = 2, PSTATE_EL = 3 << 2,
    PSTATE_NRW = 1 << 4,     /* AArch32 */
    PSTATE_F = 1 << 6, PSTATE_I = 1 << 7, PSTATE_A = 1 << 8, PSTATE_D = 1 << 9,
    PSTATE_DAIF = 0xf << 6,
    PSTATE_BTYPE_SHIFT = 10, PSTATE_BTYPE = 3 << 10,
    PSTATE_SSBS = 1 << 12, PSTATE_IL = 1 << 20, PSTATE_SS = 1 << 21, PSTATE_PAN = 1 << 22, PSTATE_UAO = 1 << 23,
    PSTATE_DIT = 1 << 24,
};

/* SCTLR_ELx (D17.2.118) */
#define SCTLR64_M       ((uint64_t)1 << 0)
#define SCTLR64_A       ((uint64_t)1 << 1)
#define SCTLR64_C       ((uint64_t)1 << 2)
#define SCTLR64_SA      ((uint64_t)1 << 3)
#define SCTLR64_SA0     ((uint64_t)1 << 4)
#define SCTLR64_CP15BEN ((uint64_t)1 << 5)
#define SCTLR64_ITD     ((uint64_t)1 << 7)
#define SCTLR64_SED     ((uint64_t)1 << 8)
#define SCTLR64_UMA     ((uint64_t)1 << 9)
#define SCTLR64_I       ((uint64_t)1 << 12)
#define SCTLR64_ENDB    ((uint64_t)1 << 13)
#define SCTLR64_DZE     ((uint64_t)1 << 14)
#define SCTLR64_UCT     ((uint64_t)1 << 15)
#define SCTLR64_NTWI    ((uint64_t)1 << 16)
#define SCTLR64_NTWE    ((uint64_t)1 << 18)
#define SCTLR64_WXN     ((uint64_t)1 << 19)
#define SCTLR64_SPAN    ((uint64_t)1 << 23)
#define SCTLR64_E0E     ((uint64_t)1 << 24)
#define SCTLR64_EE      ((uint64_t)1 << 25)
#define SCTLR64_UCI     ((uint64_t)1 << 26)
#define SCTLR64_ENDA    ((uint64_t)1 << 27)
#define SCTLR64_ENIB    ((uint64_t)1 << 30)
#define SCTLR64_ENIA    ((uint64_t)1 << 31)
#define SCTLR64_BT0     ((uint64_t)1 << 35)
#define SCTLR64_BT1     ((uint64_t)1 << 36)
#define SCTLR64_DSSBS   ((uint64_t)1 << 44)

/* HCR_EL2 (D17.2.48) */
#define HCR_VM    ((uint64_t)1 << 0)
#define HCR_SWIO  ((uint64_t)1 << 1)
#define HCR_PTW   ((uint64_t)1 << 2)
#define HCR_FMO   ((uint64_t)1 << 3)
#define HCR_IMO   ((uint64_t)1 << 4)
#define HCR_AMO   ((uint64_t)1 << 5)
#define HCR_VF    ((uint64_t)1 << 6)
#define HCR_VI    ((uint64_t)1 << 7)
#define HCR_VSE   ((uint64_t)1 << 8)
#define HCR_FB    ((uint64_t)1 << 9)
#define HCR_DC    ((uint64_t)1 << 12)
#define HCR_TWI   ((uint64_t)1 << 13)
#define HCR_TWE   ((uint64_t)1 << 14)
#define HCR_TID0  ((uint64_t)1 << 15)
#define HCR_TID1  ((uint64_t)1 << 16)
#define HCR_TID2  ((uint64_t)1 << 17)
#define HCR_TID3  ((uint64_t)1 << 18)
#define HCR_TSC   ((uint64_t)1 << 19)
#define HCR_TIDCP ((uint64_t)1 << 20)
#define HCR_TACR  ((uint64_t)1 << 21)
#define HCR_TSW   ((uint64_t)1 << 22)
#define HCR_TPCP  ((uint64_t)1 << 23)
#define HCR_TPU   ((uint64_t)1 << 24)
#define HCR_TTLB  ((uint64_t)1 << 25)
#define HCR_TVM   ((uint64_t)1 << 26)
#define HCR_TGE   ((uint64_t)1 << 27)
#define HCR_TDZ   ((uint64_t)1 << 28)
#define HCR_HCD   ((uint64_t)1 << 29)
#define HCR_TRVM  ((uint64_t)1 << 30)
#define HCR_RW    ((uint64_t)1 << 31)
#define HCR_CD    ((uint64_t)1 << 32)
#define HCR_ID    ((uint64_t)1 << 33)
#define HCR_E2H   ((uint64_t)1 << 34)
#define HCR_TLOR  ((uint64_t)1 << 35)
#define HCR_TERR  ((uint64_t)1 << 36)
#define HCR_TEA   ((uint64_t)1 << 37)
#define HCR_APK   ((uint64_t)1 << 40)
#define HCR_API   ((uint64_t)1 << 41)

/* SCR_EL3 (D17.2.117) */
#define SCR_NS    ((uint64_t)1 << 0)
#define SCR_IRQ   ((uint64_t)1 << 1)
#define SCR_FIQ   ((uint64_t)1 << 2)
#define SCR_EA    ((uint64_t)1 << 3)
#define SCR_SMD   ((uint64_t)1 << 7)
#define SCR_HCE   ((uint64_t)1 << 8)
#define SCR_SIF   ((uint64_t)1 << 9)
#define SCR_RW    ((uint64_t)1 << 10)
#define SCR_ST    ((uint64_t)1 << 11)
#define SCR_TWI   ((uint64_t)1 << 12)
#define SCR_TWE   ((uint64_t)1 << 13)
#define SCR_APK   ((uint64_t)1 << 16)
#define SCR_API   ((uint64_t)1 << 17)

/* MDCR_EL2, MDCR_EL3 (D17.3.16, D17.3.17): controls that trap system registers. EL3 has TDOSA, TDA, TPM. */
#define MDCR_TPMCR (1u << 5)
#define MDCR_TPM   (1u << 6)
#define MDCR_TDE   (1u << 8)
#define MDCR_TDA   (1u << 9)
#define MDCR_TDOSA (1u << 10)
#define MDCR_TDRA  (1u << 11)
#define MDCR_EL3_TRAPS (MDCR_TDOSA | MDCR_TDA | MDCR_TPM)
#define MDCR_EL2_TRAPS (MDCR_TDRA | MDCR_TDOSA | MDCR_TDA | MDCR_TDE | MDCR_TPM | MDCR_TPMCR)

/* PAuth keys: low and high half each. */
enum arm64_apkey { APKEY_IA, APKEY_IB, APKEY_DA, APKEY_DB, APKEY_GA, ARM64_APKEYS };

/* Indices [n] are exception levels; the rows that an array has for levels without the register stay 0. */
struct arm_sys64 {
    uint8_t el;              /* current; 0 while AArch32 runs at EL0 */
    bool aarch32;            /* EL0 is in AArch32 state */
    uint32_t pstate;         /* enum arm64_pstate, without EL, NRW, NZCV, BTYPE */
    uint64_t sp_el[4];       /* SP_ELx but for the one in use, which is arm_cpu.sp */
    uint64_t elr[4];
    uint32_t spsr[4];
    uint64_t esr[4], far[4], hpfar;
    uint64_t sctlr[4], actlr[4], tcr[4], ttbr0[4], ttbr1[4], mair[4], amair[4], vbar[4], afsr0[4], afsr1[4];
    uint64_t contextidr[4], tpidr[4];        /* tpidr[0] is arm_cpu.tpidr_el0 */
    uint64_t cpacr, cptr[4], zcr[4];
    uint64_t hcr, hstr, hacr, mdcr[4], scr, vttbr, vtcr, vpidr, vmpidr;
    uint64_t par, csselr, disr, vdisr, vsesr, rgsr;
    uint32_t ifsr32, dacr32, fpexc32, sder32;
    uint64_t apkey[ARM64_APKEYS][2];
    uint32_t cntkctl, cnthctl;
    uint64_t step_pc;        /* of the instruction that is stepped, until an exception is taken; odd: none */
    uint64_t mdscr, mdccint, osdtrrx, osdtrtx, oslk, osdlr, dbgclaim;
    uint64_t dbgbvr[16], dbgbcr[16], dbgwvr[16], dbgwcr[16];
};

struct arm_cpu;

/* cpu.exception_extra of a synchronous exception: the least level that takes it, and for stage 2 faults what HPFAR_EL2 shall hold (which has its
 * low bits clear). State does not change before the exception is taken. */
#define EXTRA_LEVEL 3
#define EXTRA_HPFAR 4

/* ---- translation regimes (D8.1) ---- */

enum arm64_regime { REGIME_EL10, REGIME_EL2, REGIME_EL20 /* EL2&0, HCR_EL2.E2H */, REGIME_EL3 };

/* tlb_key.outer: what maintenance of a regime matches whole. */
#define ARM64_OUTER_REGIME(r)  ((uint64_t)(r) + 1)
#define ARM64_OUTER_SECURE     ((uint64_t)1 << 8)
#define ARM64_OUTER_STAGE2     ((uint64_t)1 << 9)
#define ARM64_OUTER_VMID_SHIFT 16
/* tlb_key.space: ASID in the high half word, the table of TTBR0 below. */
#define ARM64_SPACE_ASID_SHIFT 48

/* ---- syndromes (ESR_ELx, D17.2.37) ---- */

enum arm64_ec {
    EC_UNKNOWN = 0x00, EC_WFX = 0x01, EC_CP15_32 = 0x03, EC_CP15_64 = 0x04, EC_CP14_32 = 0x05, EC_FP = 0x07, EC_CP14_64 = 0x0c,
    EC_PAC = 0x09, EC_BTI = 0x0d, EC_ILLEGAL = 0x0e, EC_SVC32 = 0x11, EC_HVC32 = 0x12, EC_SMC32 = 0x13,
    EC_SVC64 = 0x15, EC_HVC64 = 0x16, EC_SMC64 = 0x17, EC_SYS64 = 0x18, EC_SVE = 0x19, EC_ERET = 0x1a, EC_FPAC = 0x1c,
    EC_IABT_LOWER = 0x20, EC_IABT = 0x21, EC_PC_ALIGN = 0x22, EC_DABT_LOWER = 0x24, EC_DABT = 0x25, EC_SP_ALIGN = 0x26,
    EC_FP32 = 0x28, EC_FP64 = 0x2c, EC_SERROR = 0x2f, EC_BKPT_LOWER = 0x30, EC_STEP_LOWER = 0x32, EC_WATCH_LOWER = 0x34,
    EC_BKPT32 = 0x38, EC_VECTOR32 = 0x3a, EC_BRK = 0x3c,
};
#define ESR_EC_SHIFT 26
#define ESR_IL (1u << 25)
#define ESR_SYNDROME(ec, iss) ((uint32_t)(ec) << ESR_EC_SHIFT | ESR_IL | (iss))

/* Instruction specific syndrome of aborts: FnV, WnR, S1PTW, CM as the manual has them; the low bits are the fault status code. */
enum arm64_iss {
    ISS_WNR = 1 << 6, ISS_S1PTW = 1 << 7, ISS_CM = 1 << 8, ISS_EA = 1 << 9, ISS_FNV = 1 << 10, ISS_ISV = 1 << 24,
};

/* Raise a synchronous exception in AArch64 style at the instruction in env.pc: esr is what ESR_ELx shall hold (EC of aborts: the form "from a
 * lower level"; entry turns it into the other), far its FAR. The level it goes to is found at entry (except64.c); at least min_el. */
void arm64_raise(struct arm_cpu *a, uint32_t esr, uint64_t far, unsigned min_el) __attribute__((noreturn));

/* ---- mmu64.c ---- */

bool arm64_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key);
bool arm64_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r);
void arm64_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view) __attribute__((noreturn));
void arm64_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view);
/* The regime of accesses from the current state. */
enum arm64_regime arm64_regime(const struct arm_cpu *a);
/* An executed TLBI or AT: op is op1:CRm:op2 as op1 << 7 | crm << 3 | op2 (AT: CRm is 8 or 9); xt its register. Access was checked; the encoding may be
 * unknown: false. */
bool arm64_tlbi(struct arm_cpu *a, unsigned op, uint64_t xt);
bool arm64_at(struct arm_cpu *a, unsigned op, uint64_t xt);
/* The pc that a branch to va goes to (AArch64.BranchAddr, D1: top bytes ignored by TBI are replaced). */
uint64_t arm64_branch_addr(const struct arm_cpu *a, uint64_t va);
/* A control register that contexts' keys leave out (TCR, MAIR, VTCR) has changed: forget the regime's entries on this CPU. */
void arm64_translation_changed(struct arm_cpu *a, enum arm64_regime regime);

/* ---- pointer authentication (pauth.c): D8.8's AddPAC, Auth, Strip with the current level's layout of pointers. data: by a data key ---- */

uint64_t arm64_pac(const struct arm_cpu *a, uint64_t data, uint64_t modifier, const uint64_t key[2]);
uint64_t arm64_pac_add(const struct arm_cpu *a, uint64_t ptr, uint64_t modifier, const uint64_t key[2], bool data);
uint64_t arm64_pac_auth(const struct arm_cpu *a, uint64_t ptr, uint64_t modifier, const uint64_t key[2], bool data, bool key_b);
uint64_t arm64_pac_strip(const struct arm_cpu *a, uint64_t ptr, bool data);

/* ---- state that several files look at ---- */

/* Registers to their reset values; cpus.c's model is set. PSTATE masks everything; the level is the caller's. */
void arm64_sysregs_reset(struct arm_cpu *a);
/* MPIDR_EL1 as the hardware has it. */
uint64_t arm64_mpidr(const struct arm_cpu *a);
/* PSTATE.SP: which stack pointer is in use. */
void arm64_set_spsel(struct arm_cpu *a, bool spx);
/* Has HCR_EL2 a virtual interrupt or SError pending by itself? The CPU's loop then looks at interrupts as if a line were high. */
#define ARM_HCR_PENDING 31
void arm64_update_pending(struct arm_cpu *a);
/* Interrupt lines as enum arm_input bits, with HCR_EL2.VI and VF or-ed into the virtual ones. */
uint32_t arm64_lines(const struct arm_cpu *a);
/* May FP and Advanced SIMD be used now? 0, or the level that an access traps to (CPACR_EL1, CPTR_EL2, CPTR_EL3). */
unsigned arm64_fp_trap(const struct arm_cpu *a);

/* Secure state: EL3 exists and the current level is EL3 or SCR_EL3.NS is 0. */
bool arm64_is_secure(const struct arm_cpu *a);
/* HCR_EL2 as it acts now: 0 in Secure state (no Secure EL2 here) and without EL2; TGE makes FMO, IMO, AMO read as set (D17.2.48). */
uint64_t arm64_hcr(const struct arm_cpu *a);

#endif
