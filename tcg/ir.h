/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The intermediate representation of one region of guest code.
 *
 * A region is a linear list of ops with one entry. Values are typed and
 * defined once (SSA). Control flow inside it is forward only: br_* jumps to a label further down; a
 * value defined between a branch and its label must not be used after the label. Whatever must survive
 * a label goes through state slots. tcg/README has the rules and every op.
 *
 * Owner: the thread that translates. Everything lives in the ir's arena until ir_reset.
 */
#ifndef TCG_IR_H
#define TCG_IR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct helper;

enum ir_type {
    IR_VOID, I32, I64, F32, F64, V64, V128, FLAGS, IR_NTYPES
};

enum ir_opc {
#define IR_OP(name, outs, ins, consts, flags) IR_##name,
#include "tcg/ir-ops.inc"
#undef IR_OP
    IR_NOPS
};

enum ir_op_flag {
    IRF_PURE         = 1 << 0,   /* no effect but its outputs (sticky FP flags aside) */
    IRF_COMMUTES     = 1 << 1,   /* in[0] and in[1] may be swapped */
    IRF_READS_STATE  = 1 << 2,
    IRF_WRITES_STATE = 1 << 3,
    IRF_MAY_FAULT    = 1 << 4,   /* guest exception possible: all state must be in place before it */
    IRF_EFFECT       = 1 << 5,   /* must stay, in order */
    IRF_BRANCH       = 1 << 6,
    IRF_LABEL        = 1 << 7,
    IRF_EXIT         = 1 << 8,   /* ends this path */
    IRF_CALL         = 1 << 9,   /* flags come from op->helper */
};

/* Conditions on FLAGS (setcond, select, br_cond) and on compares (setcmp, select_cmp, br_cmp). Pairs differ in
 * bit 0, so cc ^ 1 is the opposite. On flags: EQ Z; CS C; MI S; VS O; GE S==O; GT !Z && S==O;
 * HI_ARM C && !Z (ARM HI, C is not-borrow); HI_X86 !C && !Z (C is borrow). On compares: the EQ..LE
 * names signed, LTU..GTU unsigned, TSTNE/TSTEQ (a & b) != 0 / == 0. */
enum ir_cc {
    CC_EQ, CC_NE, CC_CS, CC_CC, CC_MI, CC_PL, CC_VS, CC_VC,
    CC_HI_ARM, CC_LS_ARM, CC_GE, CC_LT, CC_GT, CC_LE,
    CC_ALWAYS, CC_NEVER,
    CC_HI_X86, CC_LS_X86, CC_PE, CC_PO,
    CC_GEU, CC_LTU, CC_GTU, CC_LEU, CC_TSTNE, CC_TSTEQ,
};

/*
 * c[2] of guest_ld and guest_st, not 0: a slow path stores flags to the slot first, of the last one or two inputs x, y (before the shared
 * address that the backend may add). opt-sink.c makes it, only backends see it.
 */
enum ir_sink_kind {
    SINK_ADD = 1, SINK_SUB, SINK_TEST,           /* x + y, x - y, x & y */
    SINK_ADD_RESULT, SINK_SUB_RESULT,            /* of a + y, a - y, where x is the result */
    SINK_SHL, SINK_SHR, SINK_SAR,                /* of x by n */
};
#define IR_SINK(kind, bits, n, not_borrow, inputs, slot) \
    ((uint64_t)(kind) | (uint64_t)(bits) << 8 | (uint64_t)(n) << 16 | (uint64_t)(not_borrow) << 24 | (uint64_t)(inputs) << 28 | (uint64_t)(slot) << 32)
#define IR_SINK_KIND(c) ((unsigned)(c) & 0xff)
#define IR_SINK_BITS(c) ((unsigned)(c) >> 8 & 0xff)
#define IR_SINK_N(c) ((unsigned)(c) >> 16 & 0xff)
#define IR_SINK_NOT_BORROW(c) ((unsigned)(c) >> 24 & 1)
#define IR_SINK_INPUTS(c) ((unsigned)(c) >> 28)
#define IR_SINK_SLOT(c) ((uint32_t)((c) >> 32))

/* Meaning of C after a subtraction. */
enum ir_carry { CARRY_NOT_BORROW /* ARM */, CARRY_BORROW /* x86 */ };

/* memop: size, sign, byte order, alignment of a guest access (c[0] of memory ops). For
 * guest_ldm/stm it describes one element; alignment is that of the whole block's address. */
enum ir_memop {
    MO_8 = 0, MO_16 = 1, MO_32 = 2, MO_64 = 3, MO_128 = 4,
    MO_SIZE  = 7,            /* mask: log2 of bytes */
    MO_SIGN  = 1 << 3,       /* sign extend to the op's type */
    MO_BE    = 1 << 4,       /* big-endian data */
    MO_ALIGN_SHIFT = 5,      /* log2 of the required alignment, 0 = none */
    MO_ALIGN_MASK  = 7 << 5,
    MO_ALIGN_2 = 1 << 5, MO_ALIGN_4 = 2 << 5, MO_ALIGN_8 = 3 << 5,
    MO_ALIGN_16 = 4 << 5, MO_ALIGN_32 = 5 << 5,
    MO_ATOMIC = 1 << 8,      /* single-copy atomic as a whole (naturally aligned) */
    MO_SPLIT = 1 << 10,      /* of atomics: any alignment will do; across a page boundary it is not atomic */
    MO_WRITE = 1 << 9,       /* of loads: the place is written next; a fault is one of a store */
};

enum ir_rmw {                /* guest_rmw gives the old value */
    RMW_XCHG, RMW_ADD, RMW_AND, RMW_OR, RMW_XOR,
    RMW_SMIN, RMW_SMAX, RMW_UMIN, RMW_UMAX,
};

/* Operations of flags_narrow, on operands of 8 and 16 bits; TEST: of a & b. Carry is x86's. */
enum ir_narrow { NARROW_ADD, NARROW_SUB, NARROW_ADC, NARROW_SBB, NARROW_TEST };
/* Operations of flags_shift. */
enum ir_shift { SHIFT_SHL, SHIFT_SHR, SHIFT_SAR, SHIFT_ROL, SHIFT_ROR };

enum ir_barrier {            /* mb: which pairs of earlier/later accesses stay in order */
    MB_LD_LD = 1, MB_LD_ST = 2, MB_ST_ST = 4, MB_ST_LD = 8, MB_ALL = 15,
};

enum ir_jump { JUMP_PLAIN, JUMP_CALL, JUMP_RETURN };

enum { FMA_NEG_PRODUCT = 1, FMA_NEG_ADDEND = 2 };

/* Rounding of conversions to integers and of frint: the fp env's mode, or a fixed one. */
enum ir_round { IR_ROUND_ENV, IR_ROUND_ZERO, IR_ROUND_EVEN, IR_ROUND_UP, IR_ROUND_DOWN, IR_ROUND_AWAY };
/* With vfrint's: raise inexact. */
enum { VFRINT_EXACT = 8 };
/* vfwiden of halves as operands of something else: NaNs stay as they are, flush_half counts, half_alternative does not. */
enum { VFWIDEN_EXACT = 1 };

/* A value's number in its region; 0 is no value. */
struct ir_val {
    uint16_t id;
};
#define IR_NONE ((struct ir_val){0})

struct ir_value {
    uint8_t type;            /* enum ir_type */
    bool is_const;           /* then lo/hi hold it, and def is 0 */
    uint16_t uses;           /* filled by ir_count_uses */
    uint32_t def;            /* index of the op that defines it */
    uint64_t lo, hi;         /* constant bits, zero extended; hi only for V128 */
};

struct ir_op {
    uint8_t opc;             /* enum ir_opc */
    uint8_t type;            /* enum ir_type */
    uint8_t nout, nin;
    bool dead;               /* removed by a pass; skip it */
    uint16_t *v;             /* nout outputs, then nin inputs: value ids */
    uint64_t c[3];
    const struct helper *helper;   /* call only */
};

struct ir_op_info {
    const char *name;
    int8_t nout, nin, nconst;      /* -1: variable */
    uint16_t flags;                /* enum ir_op_flag */
};
extern const struct ir_op_info ir_op_info[IR_NOPS];

/* A named guest state slot: registers in dumps, and candidates for host registers. */
struct ir_slot {
    const char *name;
    uint32_t offset;         /* bytes from env */
    uint8_t type;            /* enum ir_type */
    int8_t pin;              /* rank for a fixed host register, 0 first; -1 none */
};

/* What the IR needs to know of a target. Constant, one per target. */
struct ir_target {
    const char *name;
    const struct ir_slot *slots;
    unsigned nslots;
    uint8_t addr_type;       /* I32: 32-bit guest virtual addresses; I64 */
    bool aux_for_faults;     /* env->aux is about an instruction that faults; between regions it means nothing */
};

#define IR_MAX_VALUES 60000
#define IR_MAX_LABELS 4096

struct ir {
    struct arena *arena;
    const struct ir_target *target;
    struct ir_op *ops;
    uint32_t nops, ops_cap;
    struct ir_value *values; /* [0] unused */
    uint32_t nvalues, values_cap;
    uint32_t nlabels;
    uint64_t entry_pc;       /* tagged pc of the region */
    uint32_t ninsns;         /* guest instructions */
    bool hot;                /* it runs often: larger, faster code is worth its time; false after ir_reset */
    uint8_t fp_flush;        /* bit i: fp env i may flush denormals; 3 after ir_reset, cleared by front ends that know */
};

static inline uint16_t *ir_outs(const struct ir_op *op)
{
    return op->v;
}
static inline uint16_t *ir_ins(const struct ir_op *op)
{
    return op->v + op->nout;
}
static inline struct ir_value *ir_value(const struct ir *ir, uint16_t id)
{
    return &ir->values[id];
}

/* Bytes that a value of the type takes in state; FLAGS takes 4. */
unsigned ir_type_size(enum ir_type type);
/* Flags of an op, for calls those of its helper. */
unsigned ir_op_flags(const struct ir_op *op);

/* A new IR builder; arena is borrowed and reset by ir_reset. */
struct ir *ir_new(struct arena *arena, const struct ir_target *target);
void ir_free(struct ir *ir);
/* Forget everything and start a region at tagged pc entry_pc. */
void ir_reset(struct ir *ir, uint64_t entry_pc);
void ir_count_uses(struct ir *ir);
/* Print the region, one op a line. */
void ir_dump(const struct ir *ir, FILE *f);
/* Check types, single definition before use, labels, terminators. On an error prints it and the region to stderr
 * and aborts (own bug); after is the name of the pass that ran. */
void ir_verify(const struct ir *ir, const char *after);

#endif
