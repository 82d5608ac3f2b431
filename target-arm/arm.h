/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State and features of an ARM CPU, A profile (DDI 0406C: ARMv7-A/R; DDI 0487: ARMv8-A).
 *
 * Owner: the vCPU's thread, as struct cpu.
 */
#ifndef TARGET_ARM_ARM_H
#define TARGET_ARM_ARM_H

#include <stddef.h>
#include <stdint.h>
#include "softmmu/cpu.h"
#include "target-arm/cp15.h"
#include "target-arm/sys64.h"
#include "tcg/ir.h"

struct timer;

/* Tagged pc: bit 0 set in Thumb state. env.pc is always tagged; there is no other copy of the T bit. */
#define ARM_PC_THUMB 1u

enum arm_reg { ARM_SP = 13, ARM_LR = 14, ARM_PC = 15 };

/* CPSR (B1.3.3). cpsr in the state keeps only M, F, I, A and E; NZCV are in flags, Q in q, GE in ge, IT in env.aux, T in
 * env.pc, J is always 0. */
enum arm_psr {
    PSR_M_MASK = 0x1f,
    PSR_USR = 0x10, PSR_FIQ = 0x11, PSR_IRQ = 0x12, PSR_SVC = 0x13,
    PSR_MON = 0x16, PSR_ABT = 0x17, PSR_HYP = 0x1a, PSR_UND = 0x1b,
    PSR_SYS = 0x1f,
    PSR_T = 1 << 5, PSR_F = 1 << 6, PSR_I = 1 << 7, PSR_A = 1 << 8,
    PSR_E = 1 << 9, PSR_IT_7_2 = 0x3f << 10, PSR_GE = 0xf << 16,
    PSR_J = 1 << 24, PSR_IT_1_0 = 3 << 25, PSR_Q = 1 << 27,
    PSR_V = 1 << 28, PSR_C = 1 << 29, PSR_Z = 1 << 30,
};
#define PSR_N (1u << 31)
#define PSR_NZCV 0xf0000000u

enum arm_bank { BANK_USR, BANK_SVC, BANK_ABT, BANK_UND, BANK_IRQ, BANK_FIQ, BANK_HYP, BANK_MON, ARM_BANKS };

enum arm_exception {
    ARM_EXC_RESET, ARM_EXC_UNDEF, ARM_EXC_SVC, ARM_EXC_PREFETCH_ABORT, ARM_EXC_DATA_ABORT, ARM_EXC_IRQ, ARM_EXC_FIQ,
    ARM_EXC_HVC, ARM_EXC_SMC, ARM_EXC_BKPT, ARM_EXC_PC_ALIGN /* A64 */,
    ARM_EXC_SYNC,            /* the syndrome is what ESR_ELx shall hold (a CPU with AArch64), or HSR: to Hyp mode */
    ARM_EXC_ILLEGAL,         /* AArch64: Illegal Execution state */
    ARM_EXC_SP_ALIGN,        /* AArch64: a misaligned stack pointer is used */
    ARM_EXC_STEP,            /* AArch64: software step */
    ARM_EXC_FP_OFF,          /* AArch32: FP is off, and that may be a trap */
};

/* Input lines of the CPU (cpu_set_irq) and outputs (cpu_connect). */
enum arm_input { ARM_IRQ, ARM_FIQ, ARM_VIRQ, ARM_VFIQ, ARM_NINPUTS };
enum arm_output {
    ARM_OUT_CNTP_NS,         /* non-secure physical timer: PPI 30 on virt */
    ARM_OUT_CNTV,            /* virtual timer: PPI 27 */
    ARM_OUT_CNTHP,           /* hypervisor timer: PPI 26 */
    ARM_OUT_CNTP_S,          /* secure physical timer: PPI 29 */
    ARM_OUT_CNTHV,           /* virtual timer of EL2 (VHE): PPI 28 */
    ARM_NOUTPUTS
};

/* Architecture features; a model is a set of them with ID registers (cpus.c). */
enum arm_feature {
    ARM_V6, ARM_V6K, ARM_V7, ARM_THUMB2, ARM_DIV_ARM, ARM_DIV_THUMB,
    ARM_VFP2, ARM_VFP3, ARM_VFP4, ARM_D32, ARM_NEON, ARM_NEON_FMA, ARM_FP16,
    ARM_LPAE, ARM_GENERIC_TIMER, ARM_MP_EXT, ARM_EL2, ARM_EL3,
    ARM_V8, ARM_CRC32, ARM_V8_FP,
    ARM_LSE, ARM_LRCPC, ARM_LRCPC2, ARM_FLAGM, ARM_FLAGM2, ARM_SB, ARM_LOR,
    /* AArch64 (DDI 0487 A2.2, named FEAT_x there); A64: the CPU has AArch64 state. ARM_FP16 above is conversions only, FP16_ARITH FEAT_FP16. */
    ARM_A64, ARM_AES, ARM_PMULL, ARM_SHA1, ARM_SHA256, ARM_SHA512, ARM_SHA3, ARM_SM3, ARM_SM4,
    ARM_RDM, ARM_DOTPROD, ARM_FP16_ARITH, ARM_FHM, ARM_JSCVT, ARM_FCMA, ARM_FRINTTS,
    ARM_BTI, ARM_PAUTH, ARM_PAN, ARM_PAN2, ARM_UAO, ARM_VHE, ARM_RNG, ARM_DPB, ARM_DPB2, ARM_HAF, ARM_HAFDBS,
    ARM_TTST, ARM_XNX, ARM_LSE2, ARM_E0PD, ARM_SSBS, ARM_DIT, ARM_IDST, ARM_VMID16, ARM_TLBIOS, ARM_TLBIRANGE,
    ARM_HPDS, ARM_NFEATURES
};
#define ARM_FEATURE_WORDS 2

/* Translation mode (cpu_ops->mode): what a translation depends on beside the tagged pc. */
enum arm_mode_bit {
    ARM_MODE_PRIV   = 1 << 0,     /* not User mode */
    ARM_MODE_BE     = 1 << 1,     /* CPSR.E: big-endian data */
    ARM_MODE_FP     = 1 << 2,     /* VFP usable: CPACR allows it and FPEXC.EN */
    ARM_MODE_NEON   = 1 << 3,     /* Advanced SIMD usable as well (not ASEDIS) */
    ARM_MODE_CP10   = 1 << 4,     /* CPACR allows cp10/11 (VMRS FPEXC when !EN) */
    ARM_MODE_STRICT = 1 << 5,     /* SCTLR.A: every access must be aligned */
    ARM_MODE_VECLEN = 1 << 6,     /* FPSCR.LEN or STRIDE not 0: VFP short vectors (UNDEF, as the models lack them) */
    ARM_MODE_HYP    = 1 << 7,     /* Hyp mode */
    ARM_MODE_MON    = 1 << 8,
    ARM_MODE_USRSYS = 1 << 9,     /* User or System mode: no SPSR */
    ARM_MODE_FZ     = 1 << 10,    /* FPSCR.FZ */
    ARM_MODE_SECURE = 1 << 11,    /* AArch32: Secure state of a CPU that has it */
    ARM_MODE_FP_BITS = ARM_MODE_FP | ARM_MODE_NEON | ARM_MODE_CP10 | ARM_MODE_VECLEN | ARM_MODE_FZ,
    ARM_MODE_IT_SHIFT = 16,       /* AArch32: IT state of the first instruction, 8 bits */
    ARM_MODE_SP0    = 1 << 18,    /* AArch64 above EL0: PSTATE.SP is 0 */
    ARM_MODE_IL     = 1 << 19,    /* AArch64: PSTATE.IL */
    ARM_MODE_GUARDED = 1 << 21,   /* AArch64: of code in a guarded page (cpu_ops->mode_guarded) */
    ARM_MODE_SP_ODD = 1 << 20,    /* AArch64: ARM_MODE_SA, and the stack pointer is not aligned */
    ARM_MODE_STEP   = 1 << 22,    /* AArch64: software step, one instruction to go (PSTATE.SS) */
    ARM_MODE_STEP_PENDING = 1 << 23,      /* and none: its exception */
    ARM_MODE_A64    = 1 << 24,    /* AArch64 state */
    ARM_MODE_EL_SHIFT = 25,       /* exception level, two bits (AArch64) */
    ARM_MODE_SA     = 1 << 27,    /* SCTLR_ELx.SA, or SA0 at EL0: the stack pointer must be aligned */
    ARM_MODE_UNPRIV = 1 << 28,    /* LDTR and friends act as EL0 */
    ARM_MODE_TRAPS  = 1 << 29,    /* a control of a higher level traps some system instructions: ask before each */
    ARM_MODE_E2H    = 1 << 30,    /* at EL2 with HCR_EL2.E2H: names of EL1's registers mean EL2's */
};

/* MMU indices of guest accesses (view of memory ops). */
enum arm_view { ARM_VIEW_CURRENT = 0, ARM_VIEW_USER = 1 /* LDRT and friends */ };


struct arm_cpu {
    struct cpu cpu;

    /* AArch64 state: X0-X30 and the current stack pointer. XZR is no slot. */
    uint64_t x[31];
    uint64_t sp;
    uint64_t tpidr_el0, tpidrro_el0;
    uint32_t btype;          /* PSTATE.BTYPE, which only code in guarded pages looks at: may be left over elsewhere */
    uint64_t pair[2];        /* operands of a 128-bit compare-and-swap: what is expected, then what was there */

    uint32_t r[16];          /* AArch32 state; r[15] unused: the pc is env.pc */
    uint32_t flags;          /* NZCV as enum ir_flag_bit, FLAGS slot */
    uint32_t q;              /* CPSR.Q: 0 or 1 */
    uint32_t ge;             /* CPSR.GE as a byte mask: 0xff in byte n when GE[n] is set */
    uint32_t cpsr;           /* M F I A E only */

    uint32_t bank_sp[ARM_BANKS], bank_lr[ARM_BANKS], bank_spsr[ARM_BANKS];
    uint32_t usr_r8_12[5], fiq_r8_12[5];     /* r8-r12 of the bank not in use */
    uint32_t elr_hyp;

    /* Local exclusive monitor: address and value of the last load-exclusive. UINT64_MAX: open. */
    uint64_t excl_addr;
    uint64_t excl_val;       /* up to 8 bytes, as loaded (guest byte order resolved) */
    uint64_t excl_val2;      /* the second doubleword of a pair (A64 LDXP) */

    /* V0-V31; AArch32 S0.. and Q0-Q15 are parts and pairs of the first 32 doublewords */
    uint64_t d[64] __attribute__((aligned(16)));
    uint32_t fpscr;          /* FPSCR without sticky flags and NZCV; sticky ones are in env.fp[] and MXCSR */
    uint64_t fpscr_qc[2] __attribute__((aligned(16)));     /* FPSCR.QC: set when not all zero; SIMD code ors vectors into it */
    uint32_t fp_flags;       /* FPSCR.NZCV as enum ir_flag_bit, FLAGS slot */
    uint32_t fpexc;

    uint64_t features[ARM_FEATURE_WORDS];     /* bit per enum arm_feature */
    const struct arm_model *model;
    struct arm_cp15 cp15;    /* system registers; with AArch64 only what both states have (timers, PMU, cntfrq) */
    struct arm_sys64 sys64;
    struct timer *timer[ARM_NTIMERS];
    uint32_t event;          /* WFE event register; any CPU sets it, atomic */
    bool pauth_qarma;        /* pointer authentication by QARMA5 */
    uint8_t psci_conduit;    /* 0 none, 1 HVC, 2 SMC */
    bool start_powered_off;
};

#define ARM_CPU(c) ((struct arm_cpu *)(c))
#define ARM_ENV(env) ((struct arm_cpu *)(void *)(env))

static inline bool arm_has(const struct arm_cpu *a, enum arm_feature f)
{
    return a->features[f / 64] >> f % 64 & 1;
}

static inline void arm_set_feature(struct arm_cpu *a, enum arm_feature f, bool on)
{
    a->features[f / 64] &= ~((uint64_t)1 << f % 64);
    a->features[f / 64] |= (uint64_t)on << f % 64;
}

/* Offsets from env for state_ld/state_st. S register n is half n & 1 of d[n / 2] (little-endian host). */
#define ARM_OFF_R(n) ((unsigned)(offsetof(struct arm_cpu, r) + 4 * (n)))
#define ARM_OFF_S(n) ((unsigned)(offsetof(struct arm_cpu, d) + 4 * (n)))
#define ARM_OFF_D(n) ((unsigned)(offsetof(struct arm_cpu, d) + 8 * (n)))
#define ARM_OFF_X(n) ((unsigned)(offsetof(struct arm_cpu, x) + 8 * (n)))
#define ARM_OFF_Q(n) ((unsigned)(offsetof(struct arm_cpu, d) + 16 * (n)))
#define ARM_OFF(field) ((unsigned)offsetof(struct arm_cpu, field))
#define ARM_OFF_PC ((unsigned)offsetof(struct tcg_env, pc))

extern const struct ir_target arm_ir_target;
/* AArch64 state (a64.c): 64-bit addresses. */
extern const struct ir_target arm64_ir_target;

/* ---- system side, called by helpers and by the translator (except.c, sysregs.c, arm-ops.c) ---- */

/* Whole CPSR with NZCV, Q, GE, IT, T; write parts of it by mask, switching banks when M changes. No checks. */
uint32_t arm_cpsr_read(const struct arm_cpu *a);
void arm_cpsr_write(struct arm_cpu *a, uint32_t val, uint32_t mask);
uint32_t arm_fpscr_read(struct arm_cpu *a);
void arm_fpscr_write(struct arm_cpu *a, uint32_t val);

/* One MRC/MCR/MRRC/MCRR (cp 14 or 15). rt2 is used by the 64-bit forms. */
struct arm_coproc_insn {
    uint8_t cp, opc1, crn, crm, opc2, rt, rt2;
    bool is64, read;
};
struct a32_ctx;
struct a64_ctx;
/* Translate it: false means UNDEFINED (no such register or no right to it). Uses a32_reg(), a32_set_reg() and a32_exit_main()
 * of a32.h. */
bool arm_trans_coproc(struct a32_ctx *s, const struct arm_coproc_insn *ci);

/* A64 (sysregs64-access.c). MRS, MSR (register) with number CPU_SYSREG and Rt; SYS and SYSL of op1 0, 4, 6: IC, DC, TLBI, AT. False means UNDEFINED. */
bool arm64_trans_sysreg(struct a64_ctx *s, unsigned number, unsigned rt, bool read);
bool arm64_trans_sys(struct a64_ctx *s, unsigned number, unsigned rt);
/* Before a DC or IC that EL0 has: the controls that can forbid it. */
void arm64_trans_cache_check(struct a64_ctx *s, unsigned number, unsigned rt);

/* Syndromes of cpu_raise: HSR-like class is derived at entry; SVC/HVC/SMC/BKPT carry the immediate. For aborts the syndrome is
 * the fault status (mmu.c), bit 31: write. */

#endif
