/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the x64-*.c files: the backend, one emission, the frame. */
#ifndef TCG_X64_INTERNAL_H
#define TCG_X64_INTERNAL_H

#include "tcg/backend.h"
#include "tcg/env.h"
#include "tcg/internal.h"
#include "tcg/regalloc.h"
#include "tcg/x64-asm.h"
#include "util/jitmem.h"

/*
 * The frame, from rsp up.  Everything is 16-byte aligned.
 *
 *   F_SPILL   spill slots of the allocator
 *   F_VAL     value argument and result of slow paths (two words)
 *   F_MXCSR   MXCSR before an FP op whose flags may have to be undone
 *   F_BLOCK   block buffer of slow paths; operands of C fallbacks
 *   F_XSAVE   vector registers across slow paths
 */
enum {
    F_SPILL = 0,
    F_VAL = F_SPILL + RA_NSLOTS * 8,
    F_MXCSR = F_VAL + 16,   /* before the FP op that is being done */
    F_BLOCK = F_MXCSR + 16,
    F_XSAVE = F_BLOCK + 256 + 16,   /* the last element's store is wide */
    F_END = F_XSAVE + 256,
    F_SIZE = F_END + 8,     /* six pushes and the return address below it */
};

enum { ENV = RBP, XMM0 = 16 };

struct x64;

/* Allocator's register number to encoding. */
static inline int xnum(int reg)
{
    return reg & 15;
}

/* Where a value is, as a stub needs to know. */
enum x64_place_kind { PL_NONE, PL_REG, PL_FRAME, PL_ENV, PL_CONST };
struct x64_place {
    uint8_t kind, type;
    int8_t reg;
    int32_t offset;
    uint64_t lo, hi;
};

enum x64_thunk {
    T_ENTER, T_EXIT, T_EXIT_PC, T_EXIT_LINK, T_LOOK_OLDER, T_EXIT_MAIN,
    T_LD, T_ST, T_LD_BLOCK, T_ST_BLOCK, T_CAS, T_RMW, T_EVAL, T_REDO,
    T_LOOK_UP,          /* one for each kind of x64_look_up_kind */
    T_NTHUNKS = T_LOOK_UP + 2 * TLB_VIEWS
};

enum { X64_TAIL_REGS = 8, X64_TAIL_ARGS = 4 };

struct backend {
    unsigned next_site[2];      /* struct tlb_site: loads, stores */
    int32_t sp_offset;          /* of the state slot named sp, or -1 */
    struct x64_features cpu;
    struct tcg_config config;
    struct jitmem *mem;
    const uint8_t *thunk[T_NTHUNKS];
    size_t code_start;
    struct ra ra;
    int8_t save_reg[16];        /* general pool registers that C clobbers */
    unsigned nsave;
};

/* An access that missed: code after the region's own. */
struct x64_slow {
    struct x64_slow *next;
    struct x64_label entry, back;
    uint8_t thunk;
    int8_t addr, scratch;       /* registers */
    int8_t zero;                /* to be zero afterwards, -1: none */
    uint32_t oi, aux;
    uint64_t pc;
    uint32_t live_vec;
    uint64_t sink;              /* IR_SINK of the op, 0 none */
    struct x64_place x, y;      /* its inputs */
    unsigned n, elem;           /* elements of a block, their size in bytes */
    unsigned nval, nres;
    struct x64_place *val;      /* arguments */
    struct x64_place *res;      /* results; kind PL_NONE: not wanted */
};

/* What x64-share.c found out about an access.  Offsets are from its own
 * address. */
struct x64_share {
    bool first;                 /* checks, and its last output is H; else the
                                 * last input is */
    int32_t lo, hi;             /* span to check */
    int32_t delta;              /* its bytes are at H + delta */
    bool aligned;               /* as it requires, if the first one is */
    int32_t off;                /* its address is in[0] + off */
};

/* Other code after the region's own. */
struct x64_tail {
    struct x64_tail *next;
    struct x64_label entry, back;
    void (*emit)(struct x64 *c, struct x64_tail *t);
    const struct ir_op *op;
    uint64_t arg[X64_TAIL_ARGS];
    int8_t reg[X64_TAIL_REGS];
    uint32_t live_vec;
    unsigned nval;
    struct x64_place *val;
};

/* What interp_eval needs to know of an op; lies in the region's data. */
struct x64_eval {
    struct ir_op op;
    uint8_t in_type[8];
};
enum { EVAL_MAX = 4, EVAL_OUT = F_BLOCK + 16 * EVAL_MAX };

/* A vector FP op that x64_redo does again: from and into the registers that
 * T_REDO saved.  16 bytes, so that equal ones are shared. */
struct x64_redo {
    uint8_t opc, type, nin, c[3];
    uint8_t in[3], out;         /* of xmm0-15 */
    bool undo;                  /* MXCSR becomes what it was before the op */
    bool patch_nan;             /* unless it is only NaN results */
    bool swapped;               /* the copy from before the op is mxcsr_copy,
                                 * else mxcsr[0]; the other from after it */
    /* After vfmul: the vfadd or vfsub of its product with in[2], else 0. */
    uint8_t sum;
    bool product_first;         /* the sum's first operand, else its second */
    uint8_t product;            /* where the try left the product */
};

/* Data after the code, reached from rip. */
struct x64_const {
    struct x64_const *next;
    struct x64_label at;
    const void *data;
    unsigned size;              /* a multiple of 8; aligned to 8 or 16 */
};

/* The emission of one region. */
struct x64 {
    struct x64_buf b;
    struct backend *be;
    struct ra *ra;
    struct ir *ir;
    struct tcg_code *out;
    uint32_t pos;               /* op being emitted */
    uint8_t *done;              /* per op: emitted with an earlier one */
    uint64_t pc;                /* of the last insn_start */
    uint32_t aux;
    uint16_t logic_val;         /* host flags are as after TEST of this value, or (FLAGS) as COMISD left them that made this one */
    uint32_t mxcsr_pos;         /* op after which the live MXCSR was ... */
    int32_t mxcsr_slot;         /* ... stored at this offset of env, 0: none */
    struct x64_share **share;   /* per op, may be NULL */
    struct x64_slow *slow, **slow_end;
    struct x64_tail *tail, **tail_end;
    struct x64_const *consts;
};

#define C_POOL_CALLER ((1u << RAX) | (1u << RCX) | (1u << RDX) | (1u << RSI) \
                       | (1u << RDI) | (1u << R8) | (1u << R9) | (1u << R10) \
                       | (1u << R11))
#define C_POOL_VEC 0xffff0000u

/* x64-mem.c: T_LOOK_UP. */
static inline unsigned x64_look_up_kind(unsigned view, bool write)
{
    return 2 * view + write;
}
void x64_emit_look_up(struct backend *be, struct x64_buf *b, unsigned view,
                      bool write);

/* x64-frame.c: thunks, exits, calls. */
bool x64_emit_thunks(struct backend *be, struct x64_buf *b);
void x64_call_c(struct x64_buf *b, const void *fn);
void x64_jmp_thunk(struct x64 *c, enum x64_thunk t);
void x64_out_exit_link(struct x64 *c, const struct ir_op *op);
void x64_out_exit_far(struct x64 *c, const struct ir_op *op);
void x64_out_exit_ind(struct x64 *c, const struct ir_op *op);
void x64_out_exit_main(struct x64 *c, const struct ir_op *op);
void x64_out_call(struct x64 *c, const struct ir_op *op);
void x64_out_entry(struct x64 *c);
/* jcc straight to a link of the region; false: no link free. */
bool x64_jcc_link(struct x64 *c, enum x64_cc cc, uint64_t pc);
/* C code is about to run: the pins that it clobbers go to env memory. */
void x64_pins_store(struct x64 *c, uint32_t mask);
void x64_pins_load(struct x64 *c, uint32_t mask);
uint32_t x64_pins_caller_saved(const struct x64 *c);
void x64_env_pc(struct x64 *c);

/* x64-out.c: the op loop, moves, integer ops. */
extern const struct ra_host x64_ra_host;
struct x64_mem x64_slot_mem(bool in_frame, int32_t offset);
struct x64_place x64_place_of(struct x64 *c, uint16_t v);
void x64_load_place(struct x64 *c, int reg, const struct x64_place *p);
/* All 16 bytes, zero extended, to the frame; touches no register. */
void x64_place_to_mem(struct x64 *c, const struct x64_place *p,
                      int32_t frame);
void x64_move_reg(struct x64_buf *b, enum ir_type type, int dst, int src);
void x64_load_reg(struct x64_buf *b, enum ir_type type, int dst,
                  struct x64_mem m);
void x64_store_reg(struct x64_buf *b, enum ir_type type, int src,
                   struct x64_mem m);
/* Constant data of the region; equal pieces of 16 bytes are shared. */
struct x64_mem x64_data_mem(struct x64 *c, const void *data, unsigned size);
struct x64_mem x64_const_mem(struct x64 *c, uint64_t lo, uint64_t hi);
struct x64_tail *x64_tail_new(struct x64 *c, const struct ir_op *op,
                              void (*emit)(struct x64 *, struct x64_tail *));
bool x64_const_val(const struct x64 *c, uint16_t v, uint64_t *k);
/* Fits a sign-extended 32-bit immediate of an op of this type. */
bool x64_imm32(const struct x64 *c, uint16_t v, enum ir_type type,
               int32_t *imm);

/* The place that a branch to the IR label jumps to.  After everything that
 * the branch itself needs, right before the jump. */
struct x64_label *x64_branch_to(struct x64 *c, uint32_t label);
/* Run an op through interp_eval. */
void x64_out_fallback(struct x64 *c, const struct ir_op *op);
struct x64_mem x64_eval_data(struct x64 *c, const struct ir_op *op);
/* The same out of line: a tail that evaluates the op from its inputs, which
 * are in the registers that places name, into register d.  Preserves the rest.
 * After outputs are defined. */
struct x64_tail *x64_tail_eval(struct x64 *c, const struct ir_op *op, int d,
                               void (*emit)(struct x64 *, struct x64_tail *));
/* The body of such a tail, up to the jump back. */
void x64_emit_eval(struct x64 *c, struct x64_tail *t);

/* One op each; false: no emitter for this form, use the C fallback. */
typedef bool (*x64_emit_fn)(struct x64 *c, const struct ir_op *op);
extern const x64_emit_fn x64_int_emit[IR_NOPS];
extern const x64_emit_fn x64_flag_emit[IR_NOPS];
extern const x64_emit_fn x64_mem_emit[IR_NOPS];
extern const x64_emit_fn x64_fp_emit[IR_NOPS];
/* ROUNDSD's immediate by enum ir_round; away from zero: the first step's */
extern const uint8_t x64_round_imm[];
extern const x64_emit_fn x64_vec_emit[IR_NOPS];
extern const x64_emit_fn x64_perm_emit[IR_NOPS];
extern const x64_emit_fn x64_vfp_emit[IR_NOPS];
extern const x64_emit_fn x64_crypto_emit[IR_NOPS];
extern const x64_emit_fn x64_vx_emit[IR_NOPS];

/* x64-out-flags.c */
/* Values that the emitter needs are safe from what changes the flags. */
void x64_clobber(struct x64 *c);
/* x64-out-int.c: add, sub, adc or sbc, and the flags of it in the same
 * instruction; either op may be NULL. */
bool x64_out_arith(struct x64 *c, const struct ir_op *value,
                   const struct ir_op *flags);
/* Index of a later op of this opcode with the same operands that may be
 * emitted now, 0 if there is none. */
uint32_t x64_partner(const struct x64 *c, const struct ir_op *op,
                     unsigned opc);
/* CF = carry of the flags value, or its opposite; the value is not used after
 * the op at end, as far as the caller is concerned. */
void x64_prepare_carry(struct x64 *c, uint16_t flags, bool inv, uint32_t end);
void x64_save_flags(void *opaque);
enum x64_cc x64_prepare_cond(struct x64 *c, uint16_t flags, enum ir_cc cc);
enum x64_cc x64_compare(struct x64 *c, enum ir_type type, uint16_t a,
                        uint16_t b, enum ir_cc cc);

/* x64-out-fp.c */
/* d = a op b; with legacy encodings d is not b unless it is a. */
void x64_op3(struct x64 *c, enum x64_sse op, int d, int a, int b);
void x64_op3_imm(struct x64 *c, enum x64_sse op, int d, int a, int b,
                 int imm);
/* The same with a memory operand, aligned to 16. */
void x64_op3_mem(struct x64 *c, enum x64_sse op, int d, int a,
                 struct x64_mem m);
/* One-input ops (moves, shuffles, conversions). */
void x64_op2(struct x64 *c, enum x64_sse op, int d, int s, int imm);
void x64_op2_mem(struct x64 *c, enum x64_sse op, int d, struct x64_mem m);

/* x64-share.c: rewrites ir; per op what the emitter needs, or NULL. */
struct x64_share **x64_share_checks(struct ir *ir);
/* v = root + *off; root is 0 for a constant (then *off is its place in its
 * page). */
uint16_t x64_address_root(const struct ir *ir, uint16_t v, int32_t *off);

/* x64-vec.c: called by T_REDO. */
void x64_redo(struct tcg_env *env, const struct x64_redo *r,
              struct v128 *xmm);

/* x64-mem.c */
void x64_save_vectors(struct x64 *c, uint32_t mask, bool load);
void x64_emit_slow(struct x64 *c, struct x64_slow *s);

#endif
