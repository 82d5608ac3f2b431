/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of an x86 CPU, its translation mode, its features. SDM: Intel 64 and IA-32 Architectures Software Developer's Manual.
 *
 * env.pc is the linear address of the instruction (CS base + RIP; 32 bits wide outside 64-bit mode). Owner: the vCPU's thread.
 */
#ifndef TARGET_X86_X86_H
#define TARGET_X86_X86_H

#include "softmmu/cpu.h"
#include "tcg/helper.h"

/* Numbers as in ModRM and REX. */
enum x86_reg {
    X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
    X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15, X86_NREGS
};

/* Numbers as in MOV Sreg; then the system segments. */
enum x86_segment { X86_ES, X86_CS, X86_SS, X86_DS, X86_FS, X86_GS, X86_LDTR, X86_TR, X86_NSEGS };

/* Segment register with its hidden part (SDM 3.4.3). */
struct x86_seg {
    uint64_t base;
    /* Offsets below these need no further check to be read, written: limit + 1 of what is usable, expands up and allows it, else 0. seg.c
     * keeps them; x86_seg_check decides the rest. */
    uint64_t fast_read, fast_write;
    uint32_t limit;          /* bytes, granularity applied */
    uint32_t attr;           /* bits 8..23 of the descriptor's second doubleword, in place: X86_DESC_* */
    uint16_t selector;
    bool unusable;           /* null selector in protected mode */
};

enum x86_inhibit { X86_INHIBIT_NONE, X86_INHIBIT_INTR /* after STI */, X86_INHIBIT_ALL /* after MOV SS: traps, too */ };

enum x86_desc {
    X86_DESC_TYPE = 0xf00, X86_DESC_ACCESSED = 1 << 8, X86_DESC_WRITE = 1 << 9 /* data; code: readable */, X86_DESC_DOWN = 1 << 10 /* data; code: conforming */,
    X86_DESC_CODE = 1 << 11, X86_DESC_S = 1 << 12, X86_DESC_DPL_SHIFT = 13, X86_DESC_P = 1 << 15, X86_DESC_L = 1 << 21,
    X86_DESC_DB = 1 << 22, X86_DESC_G = 1 << 23,
};

struct x86_table {           /* GDTR, IDTR */
    uint64_t base;
    uint32_t limit;
};

/* A register of the x87 stack by its physical number; MMX registers are the significands. */
struct x87_reg {
    uint64_t significand;
    uint16_t sign_exponent;
    uint16_t reserved[3];
};

struct x86_model;

struct x86_cpu {
    struct cpu cpu;

    /* ---- state slots (x86.c names them) ---- */
    uint64_t r[X86_NREGS];
    uint32_t flags;          /* FLAGS value: CF PF AF ZF SF OF (tcg/env.h, enum ir_flag_bit); C is x86's carry */
    uint32_t df;             /* EFLAGS.DF: 0 or 1 */
    uint32_t eflags;         /* the other bits of EFLAGS, in place: TF IF IOPL NT RF VM AC VIF VIP ID */
    uint32_t inhibit;        /* interrupts wait for the end of the next instruction: X86_INHIBIT_*; in the mode */
    struct x86_seg seg[X86_NSEGS];
    struct x86_table gdtr, idtr;

    /* ---- x87 and MMX (SDM 8.1) ---- */
    struct x87_reg fpr[8];   /* physical registers */
    uint32_t ftop;           /* TOP, 0..7 */
    uint32_t fsw;            /* status word without TOP */
    uint32_t fcw;
    uint32_t fempty;         /* bit n: physical register n is empty */
    uint32_t fop;
    uint64_t fip, fdp;
    uint16_t fcs, fds;
    uint64_t fpu_ea;         /* offset of the x87 instruction's memory operand */
    uint32_t fpu_store;      /* between the helpers of a store (gen-x87.c) */
    /* ---- SSE, AVX ---- */
    struct v128 xmm[X86_NREGS] __attribute__((aligned(16)));
    struct v128 ymmh[X86_NREGS] __attribute__((aligned(16)));       /* upper halves */
    struct v128 vtmp[8] __attribute__((aligned(16)));               /* operands and results of helpers */
    uint8_t vfx_flags;       /* FP_* of the first half of an operation on 256 bits */
    uint32_t mxcsr;          /* modes and masks; its sticky flags are in env.fp[0].flags: x86_mxcsr() */

    /* ---- system ---- */
    uint64_t cr0, cr2, cr3, cr4, xcr0, efer;
    uint64_t dr[8];
    uint32_t db_pending;     /* DR6 bits of data and I/O breakpoints that the current instruction has met */
    uint64_t pdpte[4];       /* PAE: loaded with CR3 (SDM 4.4.1) */
    uint64_t star, lstar, cstar, sfmask, kernel_gs_base, tsc_aux;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t pat, misc_enable, tsc_adjust, tsc_offset, mtrr_def, mtrr_fixed[11], mtrr_var[16];
    uint64_t mcg_status, mcg_cap, mc_bank[32 * 4], xss, pkru, feature_control, spec_ctrl, smbase, debugctl, bios_sign;
    uint64_t a20_mask;       /* and-ed with physical addresses */
    bool smm, nmi_before_smm;        /* in system management mode; NMIs were blocked when it began */
    bool nmi_blocked, nmi_pending, smi_pending, init_pending;
    bool wait_sipi;          /* after INIT: halted until SIPI */
    bool is_bsp;
    struct bus *normal_bus, *smm_bus;      /* what cpu.bus is outside and inside SMM; equal where the board has no SMRAM */

    /* ---- exceptions under way ---- */
    int delivering;          /* vector of the exception or interrupt that is being delivered, -1: none; for #DF (SDM 6.15) */
    uint64_t int_next;       /* far transfers: RIP behind the instruction */

    const struct x86_model *model;
    uint32_t features[16];   /* enum x86_feature >> 5 */
    uint64_t tsc_hz;         /* property tsc-frequency */
    bool no_kvmclock;
    uint64_t kvm_clock, amd_hwcr, amd_syscfg, misc_feature;        /* MSRs (msr.c) */
    void *sys;               /* private to x86-ops.c */
};

static inline struct x86_cpu *X86_CPU(const struct cpu *cpu)
{
    return (struct x86_cpu *)cpu;
}
static inline struct x86_cpu *X86_ENV(struct tcg_env *env)
{
    return (struct x86_cpu *)env;
}
#define X86_OFF(field) ((unsigned)offsetof(struct x86_cpu, field))
#define X86_OFF_R(n) (X86_OFF(r) + 8 * (unsigned)(n))
#define X86_OFF_PC ((unsigned)offsetof(struct tcg_env, pc))

/* EFLAGS (SDM 3.4.3) */
enum x86_eflags {
    X86_FL_CF = 1 << 0, X86_FL_1 = 1 << 1, X86_FL_PF = 1 << 2, X86_FL_AF = 1 << 4, X86_FL_ZF = 1 << 6, X86_FL_SF = 1 << 7, X86_FL_TF = 1 << 8,
    X86_FL_IF = 1 << 9, X86_FL_DF = 1 << 10, X86_FL_OF = 1 << 11, X86_FL_IOPL = 3 << 12, X86_FL_NT = 1 << 14, X86_FL_RF = 1 << 16,
    X86_FL_VM = 1 << 17, X86_FL_AC = 1 << 18, X86_FL_VIF = 1 << 19, X86_FL_VIP = 1 << 20, X86_FL_ID = 1 << 21,
};
#define X86_FL_IOPL_SHIFT 12
#define X86_FL_ARITH (X86_FL_CF | X86_FL_PF | X86_FL_AF | X86_FL_ZF | X86_FL_SF | X86_FL_OF)

enum x86_cr0 {
    X86_CR0_PE = 1 << 0, X86_CR0_MP = 1 << 1, X86_CR0_EM = 1 << 2, X86_CR0_TS = 1 << 3, X86_CR0_ET = 1 << 4, X86_CR0_NE = 1 << 5, X86_CR0_WP = 1 << 16,
    X86_CR0_AM = 1 << 18, X86_CR0_NW = 1 << 29, X86_CR0_CD = 1 << 30,
};
#define X86_CR0_PG (1ull << 31)

enum x86_cr4 {
    X86_CR4_VME = 1 << 0, X86_CR4_PVI = 1 << 1, X86_CR4_TSD = 1 << 2, X86_CR4_DE = 1 << 3, X86_CR4_PSE = 1 << 4, X86_CR4_PAE = 1 << 5,
    X86_CR4_MCE = 1 << 6, X86_CR4_PGE = 1 << 7, X86_CR4_PCE = 1 << 8, X86_CR4_OSFXSR = 1 << 9, X86_CR4_OSXMMEXCPT = 1 << 10, X86_CR4_UMIP = 1 << 11,
    X86_CR4_LA57 = 1 << 12, X86_CR4_VMXE = 1 << 13, X86_CR4_FSGSBASE = 1 << 16, X86_CR4_PCIDE = 1 << 17, X86_CR4_OSXSAVE = 1 << 18,
    X86_CR4_SMEP = 1 << 20, X86_CR4_SMAP = 1 << 21, X86_CR4_PKE = 1 << 22,
};

enum x86_efer { X86_EFER_SCE = 1 << 0, X86_EFER_LME = 1 << 8, X86_EFER_LMA = 1 << 10, X86_EFER_NXE = 1 << 11 };

/* Exceptions (SDM 6.3.1): cpu->exception. */
enum x86_vector {
    X86_DE, X86_DB, X86_NMI_VECTOR, X86_BP, X86_OF, X86_BR, X86_UD, X86_NM, X86_DF, X86_TS = 10, X86_NP, X86_SS_FAULT, X86_GP, X86_PF,
    X86_MF = 16, X86_AC, X86_MC, X86_XM,
};

/*
 * The translation mode: what beside the pc a region's code depends on (x86_mode() in x86-ops.c computes it).
 */
enum x86_mode {
    X86_MODE_CPL    = 3,         /* current privilege level; 3 in virtual 8086 mode, 0 in real mode */
    X86_MODE_PE     = 1 << 2,    /* CR0.PE */
    X86_MODE_VM     = 1 << 3,    /* EFLAGS.VM */
    X86_MODE_LMA    = 1 << 4,    /* IA-32e mode */
    X86_MODE_64     = 1 << 5,    /* LMA and CS.L */
    X86_MODE_CS32   = 1 << 6,    /* CS.D: 32-bit operands and addresses by default (0 with MODE_64) */
    X86_MODE_SS32   = 1 << 7,    /* SS.B (0 with MODE_64) */
    X86_MODE_FLAT_CS   = 1 << 8, /* CS base 0, limit 4 GiB, or MODE_64 */
    X86_MODE_FLAT_DATA = 1 << 9, /* ES, SS, DS: base 0, limit 4 GiB, readable and writable, or MODE_64: no checks, nothing to add */
    X86_MODE_TF     = 1 << 10,   /* EFLAGS.TF: trap after the instruction */
    X86_MODE_INHIBIT = 1 << 11,  /* interrupts are held off: one instruction, then look */
    X86_MODE_TS     = 1 << 12,   /* CR0.TS */
    X86_MODE_EM     = 1 << 13,   /* CR0.EM */
    X86_MODE_MP     = 1 << 14,   /* CR0.MP */
    X86_MODE_OSFXSR = 1 << 15,   /* CR4.OSFXSR */
    X86_MODE_AVX    = 1 << 16,   /* CR4.OSXSAVE, XCR0 has SSE and AVX */
    X86_MODE_SSE_EXC = 1 << 17,  /* MXCSR has unmasked exceptions: arithmetic by helpers that raise #XM */
    X86_MODE_AC     = 1 << 18,   /* alignment is checked: CR0.AM, EFLAGS.AC, CPL 3 */
    X86_MODE_DR     = 1 << 19,   /* DR7 enables breakpoints: one instruction at a time */
    X86_MODE_IO     = 1 << 20,   /* CPL <= IOPL: CLI, STI, IN, OUT need no look at VIF or the TSS; in real mode too */
    X86_MODE_LA57   = 1 << 22,   /* 57 bits of a linear address: CR4.LA57 */
    X86_MODE_WORD   = 1 << 21,   /* REP string instructions may not be done in blocks (debug) */
};
/* Of which many regions do not depend (cpu_ops->mode_optional) */
#define X86_MODE_FP_BITS \
    (X86_MODE_TS | X86_MODE_EM | X86_MODE_MP | X86_MODE_OSFXSR | X86_MODE_AVX | X86_MODE_SSE_EXC)

/* MMU indices of guest accesses: */
enum x86_view {
    X86_VIEW_CPL,            /* at the current privilege */
    X86_VIEW_SYSTEM,         /* implicit supervisor accesses: descriptor tables, TSS, privileged stacks (SDM 4.6.1) */
};

/* insn_start's aux */
enum x86_aux {
    X86_AUX_STACK = 1,       /* the instruction's memory operand is in SS: a limit or canonical violation is #SS */
    X86_AUX_VECTOR = 2,      /* it is 16 bytes or more: misaligned is #GP(0) */
};

/* CPUID feature bits: word * 32 + bit */
enum x86_feature_word {
    X86_FW_1_EDX, X86_FW_1_ECX, X86_FW_7_EBX, X86_FW_7_ECX, X86_FW_7_EDX, X86_FW_8_EDX /* 80000001h */, X86_FW_8_ECX, X86_FW_D1_EAX, X86_FW_6_EAX,
    X86_FW_807_EDX, X86_FW_808_EBX,
};
#define X86_F(word, bit) (X86_FW_##word * 32 + (bit))
enum x86_feature {
    X86_F_FPU = X86_F(1_EDX, 0), X86_F_VME = X86_F(1_EDX, 1), X86_F_DE = X86_F(1_EDX, 2), X86_F_PSE = X86_F(1_EDX, 3), X86_F_TSC = X86_F(1_EDX, 4),
    X86_F_MSR = X86_F(1_EDX, 5), X86_F_PAE = X86_F(1_EDX, 6), X86_F_MCE = X86_F(1_EDX, 7), X86_F_CX8 = X86_F(1_EDX, 8), X86_F_APIC = X86_F(1_EDX, 9),
    X86_F_SEP = X86_F(1_EDX, 11), X86_F_MTRR = X86_F(1_EDX, 12), X86_F_PGE = X86_F(1_EDX, 13), X86_F_MCA = X86_F(1_EDX, 14), X86_F_CMOV = X86_F(1_EDX, 15),
    X86_F_PAT = X86_F(1_EDX, 16), X86_F_PSE36 = X86_F(1_EDX, 17), X86_F_CLFSH = X86_F(1_EDX, 19), X86_F_ACPI = X86_F(1_EDX, 22), X86_F_MMX = X86_F(1_EDX, 23),
    X86_F_FXSR = X86_F(1_EDX, 24), X86_F_SSE = X86_F(1_EDX, 25), X86_F_SSE2 = X86_F(1_EDX, 26), X86_F_SS = X86_F(1_EDX, 27), X86_F_HTT = X86_F(1_EDX, 28),
    X86_F_SSE3 = X86_F(1_ECX, 0), X86_F_PCLMUL = X86_F(1_ECX, 1), X86_F_MONITOR = X86_F(1_ECX, 3), X86_F_SSSE3 = X86_F(1_ECX, 9), X86_F_FMA = X86_F(1_ECX, 12),
    X86_F_CX16 = X86_F(1_ECX, 13), X86_F_PCID = X86_F(1_ECX, 17), X86_F_SSE41 = X86_F(1_ECX, 19), X86_F_SSE42 = X86_F(1_ECX, 20), X86_F_X2APIC = X86_F(1_ECX, 21),
    X86_F_MOVBE = X86_F(1_ECX, 22), X86_F_POPCNT = X86_F(1_ECX, 23), X86_F_TSC_DEADLINE = X86_F(1_ECX, 24), X86_F_AES = X86_F(1_ECX, 25),
    X86_F_XSAVE = X86_F(1_ECX, 26), X86_F_AVX = X86_F(1_ECX, 28), X86_F_F16C = X86_F(1_ECX, 29), X86_F_RDRAND = X86_F(1_ECX, 30), X86_F_HYPERVISOR = X86_F(1_ECX, 31),
    X86_F_FSGSBASE = X86_F(7_EBX, 0), X86_F_TSC_ADJUST = X86_F(7_EBX, 1), X86_F_BMI1 = X86_F(7_EBX, 3), X86_F_AVX2 = X86_F(7_EBX, 5), X86_F_FDP_EXCPTN_ONLY = X86_F(7_EBX, 6), X86_F_SMEP = X86_F(7_EBX, 7),
    X86_F_BMI2 = X86_F(7_EBX, 8), X86_F_ERMS = X86_F(7_EBX, 9), X86_F_INVPCID = X86_F(7_EBX, 10), X86_F_ZERO_FCS_FDS = X86_F(7_EBX, 13), X86_F_RDSEED = X86_F(7_EBX, 18), X86_F_ADX = X86_F(7_EBX, 19),
    X86_F_SMAP = X86_F(7_EBX, 20), X86_F_CLFLUSHOPT = X86_F(7_EBX, 23), X86_F_CLWB = X86_F(7_EBX, 24), X86_F_SHA = X86_F(7_EBX, 29),
    X86_F_UMIP = X86_F(7_ECX, 2), X86_F_PKU = X86_F(7_ECX, 3), X86_F_LA57 = X86_F(7_ECX, 16), X86_F_RDPID = X86_F(7_ECX, 22), X86_F_FSRM = X86_F(7_EDX, 4),
    X86_F_SYSCALL = X86_F(8_EDX, 11), X86_F_NX = X86_F(8_EDX, 20), X86_F_PDPE1GB = X86_F(8_EDX, 26), X86_F_RDTSCP = X86_F(8_EDX, 27), X86_F_LM = X86_F(8_EDX, 29),
    X86_F_LAHF64 = X86_F(8_ECX, 0), X86_F_LZCNT = X86_F(8_ECX, 5), X86_F_PREFETCHW = X86_F(8_ECX, 8),
    X86_F_XSAVEOPT = X86_F(D1_EAX, 0), X86_F_XSAVEC = X86_F(D1_EAX, 1), X86_F_XGETBV1 = X86_F(D1_EAX, 2), X86_F_XSAVES = X86_F(D1_EAX, 3),
    X86_F_ARAT = X86_F(6_EAX, 2), X86_F_INVTSC = X86_F(807_EDX, 8),
    X86_F_NONE = 0xffff,     /* rows that every CPU has */
};
static inline bool x86_has(const struct x86_cpu *c, enum x86_feature f)
{
    return c->features[f >> 5] >> (f & 31) & 1;
}

static inline unsigned x86_cpl(const struct x86_cpu *c)
{
    return c->eflags & X86_FL_VM ? 3 : c->cr0 & X86_CR0_PE ? c->seg[X86_SS].attr >> X86_DESC_DPL_SHIFT & 3 : 0;
}

/* ---- flags.c ---- */

/* All of EFLAGS, assembled from flags, df and eflags; and back (only the bits of mask change). */
uint32_t x86_eflags(const struct x86_cpu *c);
void x86_set_eflags(struct x86_cpu *c, uint32_t val, uint32_t mask);

/* ---- except.c: faults of C code; the vCPU's thread, in helpers and memory call-backs. Do not return. ---- */

/* Exception with or without an error code, as the vector has one. env.pc is the instruction's. #PF: x86_raise_pf. */
void x86_raise(struct x86_cpu *c, enum x86_vector vector, uint32_t error_code) __attribute__((noreturn));
void x86_raise_pf(struct x86_cpu *c, uint64_t va, uint32_t error_code) __attribute__((noreturn));

/* ---- seg.c ---- */

/* The access of size bytes at off in the segment: returns when it is allowed, raises #GP(0) or #SS(0) when not. Not 64-bit mode. */
void x86_seg_check(struct x86_cpu *c, enum x86_segment seg, uint64_t off, unsigned size, bool write);
/* Recompute fast_read and fast_write after base, limit or attr changed. */
void x86_seg_update(struct x86_cpu *c, enum x86_segment seg);

/* ---- helper-fpu.c, helper-sse.c ---- */

/* MXCSR with its sticky flags; and set it (modes go to env.fp[0]): outside generated code and in helpers (live). */
uint32_t x86_mxcsr(struct x86_cpu *c, bool live);
void x86_set_mxcsr(struct x86_cpu *c, uint32_t val, bool live);
/* x87 status word with TOP. */
uint16_t x86_fsw(const struct x86_cpu *c);

/* ---- memory for C code: the linear address la, with X86_VIEW_*; may raise ---- */
uint64_t x86_ld(struct x86_cpu *c, uint64_t la, unsigned memop, unsigned view);
void x86_st(struct x86_cpu *c, uint64_t la, uint64_t val, unsigned memop, unsigned view);

/* ---- x86-ops.c ---- */
uint32_t x86_mode(const struct cpu *cpu);
extern const struct cpu_ops x86_cpu_ops, x86_64_cpu_ops;
/* ---- x86.c ---- */
extern const struct ir_target x86_ir_target;
void x86_translate(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res);

#endif
