/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the x87 handlers (gen-x87.c) and their helpers (helper-fpu*.c) share. */
#ifndef TARGET_X86_FPU_H
#define TARGET_X86_FPU_H

#include "target-x86/x86.h"
#include "util/x87float.h"

#define HELPER_INC "target-x86/helpers-fpu.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

/* The helpers' last argument: */
enum fpu_what {
    FPU_OP = 0xff,           /* enum fpu_arith, fpu_value, fpu_unary; a /digit */
    FPU_ST_SHIFT = 8,        /* number of a stack register, 3 bits */
    FPU_POP = 1 << 11,
    FPU_POP2 = 1 << 12,
    FPU_TO_ST = 1 << 13,     /* arithmetic: the result goes to ST(i) */
    FPU_MEM = 1 << 14,       /* has a memory operand: its offset is in fpu_ea */
    FPU_QUIET = 1 << 15,     /* comparisons: quiet NaNs raise nothing */
    FPU_FOP_SHIFT = 16,      /* 11 bits of the opcode (SDM 1, 8.1.9) */
    FPU_SEG_SHIFT = 27,      /* enum x86_segment of the memory operand */
};

/* As ModRM.reg of D8 has them */
enum fpu_arith { FPU_ADD, FPU_MUL, FPU_COM, FPU_COMP, FPU_SUB, FPU_SUBR, FPU_DIV, FPU_DIVR };

/* Formats in memory, and where loads come from */
enum fpu_value { FPU_F32, FPU_F64, FPU_I16, FPU_I32, FPU_I64, FPU_T16, FPU_T32, FPU_T64 /* truncating stores */, FPU_F80, FPU_BCD };

enum fpu_unary {
    FPU_CHS, FPU_ABS, FPU_TST, FPU_XAM, FPU_SQRT, FPU_RNDINT, FPU_SCALE, FPU_XTRACT, FPU_PREM, FPU_PREM1,
    FPU_DECSTP, FPU_INCSTP, FPU_FREE, FPU_XCH, FPU_LD_ST, FPU_ST_ST, FPU_STPNCE, FPU_CLEX, FPU_INIT, FPU_NOP,
    FPU_CONST,               /* + 0..6: 1, log2 10, log2 e, pi, log10 2, ln 2, 0 */
    FPU_FUNCTION = FPU_CONST + 7     /* + enum x87_function */
};

enum fpu_sw { FPU_SW_ES = 0x80, FPU_SW_B = 0x8000, FPU_SW_ERROR = 0x8080 };

static inline struct x87_reg *fpu_st(struct x86_cpu *c, unsigned i)
{
    return &c->fpr[(c->ftop + i) & 7];
}

struct x86_ctx;
/* gen-x87.c: a pending exception of an earlier instruction comes now (SDM 1, 8.7). */
void x86_fpu_check_pending(struct x86_ctx *s);

/* ---- helper-fpu.c ---- */

/* The exception summary of the status word follows flags and masks; FERR# with it. */
void x86_fpu_update_error(struct x86_cpu *c);
/* FNINIT, and the state after RESET is the same but for the tags' registers. */
void x86_fpu_init(struct x86_cpu *c);
void x86_fpu_set_fcw(struct x86_cpu *c, uint16_t v);

/* ---- helper-fpu-env.c: parts of the image that FXSAVE and XSAVE share, at linear address la; may raise. ---- */

/* Bits of MXCSR that exist (SDM 1, 11.6.6): DAZ came with SSE2. */
static inline uint32_t x86_mxcsr_mask(const struct x86_cpu *c)
{
    return x86_has(c, X86_F_SSE2) ? 0xffff : 0xffbf;
}

/* #AC, where it is enabled */
void x86_fpu_check_alignment(struct x86_cpu *c, uint64_t la, unsigned align);
void x86_fxsave_x87(struct x86_cpu *c, uint64_t la, bool rex_w);
void x86_fxsave_mxcsr(struct x86_cpu *c, uint64_t la);
void x86_fxsave_xmm(struct x86_cpu *c, uint64_t la);
void x86_fxrstor_x87(struct x86_cpu *c, uint64_t la, bool rex_w);
/* #GP for reserved bits; the caller loads it. */
uint32_t x86_fxrstor_mxcsr(struct x86_cpu *c, uint64_t la);
void x86_fxrstor_xmm(struct x86_cpu *c, uint64_t la);

#endif
