/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A64 translator: the context that handlers of decode rows share, and what
 * they build on. Handlers are in a64-*.c.
 *
 * Owner: the translating thread; a context lives for one region.
 */
#ifndef TARGET_ARM_A64_H
#define TARGET_ARM_A64_H

#include "target-arm/arm.h"
#include "tcg/ir-build.h"

/* Register number 31: XZR or SP, as the instruction says. */
enum { A64_ZR = 31, A64_LR = 30 };

struct a64_ctx {
    struct ir *ir;
    struct arm_cpu *cpu;     /* features only: registers are not known here */
    uint32_t mode;           /* enum arm_mode_bit */
    uint64_t pc, next_pc;    /* this instruction and the next */
    uint64_t page;           /* of the region, for direct links */
    bool sp_written;         /* by this instruction */
    bool uses_fp;            /* the region depends on ARM_MODE_FP_BITS */
    bool done;               /* the region (or this conditional path) ended */
    unsigned nlinks;         /* direct exits so far */
    /* Loops of hot code are unrolled: the region's first pc, instructions so far and at most, and of both instructions and exits
     * how many there were when this round began. */
    uint64_t entry;
    unsigned ninsns, max_insns, round_insns, round_links;
};

/* As cpu_ops->translate, for AArch64 state. */
void a64_translate(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res);

static inline bool a64_has(const struct a64_ctx *s, enum arm_feature f)
{
    return arm_has(s->cpu, f);
}

/* I64 when sf, else I32. */
static inline enum ir_type a64_type(bool sf)
{
    return sf ? I64 : I32;
}

struct ir_val a64_imm(struct a64_ctx *s, bool sf, uint64_t v);
/* Xn, or with !sf Wn as an I32; 31 reads as zero. */
struct ir_val a64_reg(struct a64_ctx *s, unsigned n, bool sf);
/* The same, but 31 is SP. */
struct ir_val a64_reg_sp(struct a64_ctx *s, unsigned n, bool sf);
/* Write Xn; an I32 is zero-extended (a write of Wn). 31 is thrown away. */
void a64_set_reg(struct a64_ctx *s, unsigned n, struct ir_val v);
/* The same, but 31 is SP. */
void a64_set_reg_sp(struct a64_ctx *s, unsigned n, struct ir_val v);

/* ExtendReg (DDI 0487 J1): Rm extended as option says (UXTB to SXTX), to an I64 or, with !sf, an I32, shifted left by n. */
struct ir_val a64_extend(struct a64_ctx *s, unsigned rm, bool sf, unsigned option, unsigned n);

/* True: FP is off (CPACR); the instruction traps, and there is nothing more to do. */
bool a64_fp_off(struct a64_ctx *s);

struct ir_val a64_flags(struct a64_ctx *s);
void a64_set_flags(struct a64_ctx *s, struct ir_val flags);
/* The flags N, Z, C, V from bits 3:0. */
struct ir_val a64_const_flags(struct a64_ctx *s, unsigned nzcv);

/* memop of a data access: adds the byte order, and SCTLR.A's alignment. */
unsigned a64_memop(const struct a64_ctx *s, unsigned memop);

/* Condition 0-15 as enum ir_cc: 14 and 15 are always. */
static inline enum ir_cc a64_cc(unsigned cond)
{
    return cond >= 14 ? CC_ALWAYS : (enum ir_cc)cond;
}

/* ---- Ends of the region. Each sets done. ---- */

/* A branch to target is one to the region's entry and there is room for another round: translation goes on there. */
bool a64_again(struct a64_ctx *s, uint64_t target);

/* Go to a constant address. */
void a64_jump(struct a64_ctx *s, uint64_t pc);
/* Go to an address in a register. */
void a64_jump_reg(struct a64_ctx *s, struct ir_val addr, enum ir_jump kind);
/* The same for BR, BLR and their like (JUMP_PLAIN, JUMP_CALL) by Xn: sets PSTATE.BTYPE (D8.4.6). */
void a64_branch_reg(struct a64_ctx *s, struct ir_val addr, enum ir_jump kind, unsigned rn);
/* Leave to the main loop, which goes on at the next instruction. */
void a64_exit_main(struct a64_ctx *s);
/* Raise an exception at this instruction. */
void a64_raise(struct a64_ctx *s, enum arm_exception e, uint32_t syndrome);
/* End a conditional path (done) at label: translation goes on. */
void a64_resume(struct a64_ctx *s, unsigned label);

/* ---- The system side (a64-priv.c). False: UNDEFINED at this level. ---- */

bool arm64_trans_eret(struct a64_ctx *s);
/* ERETAA, ERETAB */
bool arm64_trans_ereta(struct a64_ctx *s, bool key_b);
/* MSR (immediate) */
bool arm64_trans_pstate(struct a64_ctx *s, unsigned op1, unsigned op2, unsigned imm);
/* End the region with the trap of an FP instruction. */
void arm64_trans_fp_trap(struct a64_ctx *s);
/* The stack pointer was written where its alignment matters and is not known to be as it was; odd: it was not aligned. */
void arm64_trans_sp_written(struct a64_ctx *s, bool odd);
/* Before an instruction that is stepped. */
void arm64_trans_step(struct a64_ctx *s);
/* At the start of a region in a guarded page: may PSTATE.BTYPE go on with this instruction? */
void arm64_trans_bti(struct a64_ctx *s, uint32_t insn);
/* Before WFI and WFE: a level above may want to know. */
void arm64_trans_wait_check(struct a64_ctx *s, bool wfe);

#endif
