/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A32/T32 translator: the context that handlers of decode rows share, and
 * what they build on. Integer handlers are in a32-*.c, VFP and Advanced SIMD in
 * a32-vfp.c and a32-neon.c, system registers in sysregs.c.
 *
 * Owner: the translating thread; a context lives for one region.
 */
#ifndef TARGET_ARM_A32_H
#define TARGET_ARM_A32_H

#include "target-arm/arm.h"
#include "tcg/ir-build.h"

struct a32_ctx {
    struct ir *ir;
    struct arm_cpu *cpu;     /* features only: registers are not known here */
    uint32_t mode;           /* enum arm_mode_bit */
    uint64_t pc, next_pc;    /* this instruction and the next, untagged */
    uint64_t page;           /* of the region, for direct links */
    bool thumb;
    uint8_t it, next_it;     /* IT state of this instruction and of the next */
    bool uses_fp;            /* the region depends on ARM_MODE_FP_BITS */
    bool done;               /* the region (or this conditional path) ended */

    uint8_t cond;            /* of this instruction, 14: always */
    bool select;             /* it only writes one register: by selection */
    bool skip_open;          /* ops are skipped unless skip_cond holds */
    uint8_t skip_cond;
    unsigned skip_label;
    bool flags_changed;      /* since the skip's branch */
    bool aux_set;            /* some insn_start had an IT state */
    unsigned nlinks;         /* direct exits so far */
    uint64_t after_pause;    /* where the barrier and NOPs that came last end */
    unsigned nops;           /* how many NOPs these are */
};

/* cpu_ops->translate */
void a32_translate(struct cpu *cpu, struct ir *ir,
                   const struct region_limits *lim, struct region_result *res);

/* VFP and Advanced SIMD rows (a32-vfp.c, a32-neon.c), A32 form: T32 encodings
 * come with cond 1110 or in the A32 position. False: UNDEFINED. */
bool a32_decode_vfp(struct a32_ctx *s, uint32_t insn);
bool a32_decode_neon(struct a32_ctx *s, uint32_t insn);

static inline bool a32_has(const struct a32_ctx *s, enum arm_feature f)
{
    return arm_has(s->cpu, f);
}

static inline bool a32_priv(const struct a32_ctx *s)
{
    return s->mode & ARM_MODE_PRIV;
}

/* Register n; 15 reads as the instruction's address + 8 (Thumb: + 4). */
struct ir_val a32_reg(struct a32_ctx *s, unsigned n);
/* The same, but 15 is rounded down to a word: Align(PC, 4) of literals. */
struct ir_val a32_base(struct a32_ctx *s, unsigned n);
/* Write register n, not 15. */
void a32_set_reg(struct a32_ctx *s, unsigned n, struct ir_val v);
struct ir_val a32_imm(struct a32_ctx *s, uint32_t v);

struct ir_val a32_flags(struct a32_ctx *s);
void a32_set_flags(struct a32_ctx *s, struct ir_val flags);
/* N and Z of v; C and V stay. */
void a32_set_nz(struct a32_ctx *s, struct ir_val v);

/* memop of a data access: adds the byte order, and SCTLR.A's alignment. */
unsigned a32_memop(const struct a32_ctx *s, unsigned memop);

/* ---- Ends of the region. Each sets done. ---- */

/* Go to a constant address (untagged) in the given instruction set. */
void a32_jump(struct a32_ctx *s, uint32_t pc, bool thumb);
/* BXWritePC: bit 0 selects Thumb. */
void a32_bx(struct a32_ctx *s, struct ir_val addr, enum ir_jump kind);
/* BranchWritePC: stays in this instruction set. */
void a32_branch_reg(struct a32_ctx *s, struct ir_val addr, enum ir_jump kind);
/* Leave to the main loop, which goes on at the next instruction. */
void a32_exit_main(struct a32_ctx *s);
/* Raise an exception at this instruction. */
void a32_raise(struct a32_ctx *s, enum arm_exception e, uint32_t syndrome);
void a32_undef(struct a32_ctx *s);
/* An FP instruction that the mode forbids: false where that is UNDEFINED, else it traps. */
bool a32_fp_off(struct a32_ctx *s);
/* Exception return to pc with CPSR from psr (B1.9.1, B9.1). */
void a32_exc_return(struct a32_ctx *s, struct ir_val pc, struct ir_val psr);

/* ---- Conditional parts ---- */

/* Ops from here to a32_close_skip happen only if cond (0-13) holds. */
void a32_open_skip(struct a32_ctx *s, unsigned cond);
void a32_close_skip(struct a32_ctx *s);
/* Stop a conditional path's end (done) at label: translation goes on. */
void a32_resume(struct a32_ctx *s, unsigned label);

/* Fallthrough checks shared by handlers: T32 has no such base (Rn = 1111). */
static inline bool a32_t32_pc_base(const struct a32_ctx *s, unsigned rn)
{
    return s->thumb && rn == ARM_PC;
}

#endif
