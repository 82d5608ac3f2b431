/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register allocation over a region, in one forward walk that the backend
 * drives while it emits.  Host neutral: moves, loads and stores are emitted
 * by the host's hooks.
 *
 * A value is in any number of these places at once:
 *   reg     a register of the temporary pool
 *   pin     the fixed register of a pinned state slot (never evicted; lost
 *           when the slot is written)
 *   spill   its slot in the frame
 *   home    a place in env with the same bits (loaded from or stored there;
 *           lost when that memory is written)
 *   flags   the host's flags register (one FLAGS value at most)
 *   constant
 *
 * The order of calls for one op (rules for emitters):
 *  1. ra_use, ra_use_in, ra_fixed, ra_temp: inputs and scratch.  What they
 *     return stays put until the op ends.
 *  2. ra_inputs_done: inputs used for the last time die, their registers
 *     (except scratch) become free.
 *  3. ra_def...: outputs.  The register may be that of an input, dead or not
 *     if it is a pin: emit so that inputs are read before it is written, or
 *     pass the registers to avoid.
 *  4. ra_op_end.
 * Code emitted between 1 and 4 must not jump over code that 1-3 emit.
 */
#ifndef TCG_REGALLOC_H
#define TCG_REGALLOC_H

#include <stdbool.h>
#include <stdint.h>

#include "tcg/ir.h"
#include "util/rng.h"

enum {
    RA_NREGS = 32,
    RA_NPINS = 16,
    RA_NSLOTS = 256,            /* 8-byte spill slots in the frame */
    RA_MAX_LIVE = 512,
};
#define RA_NEVER UINT32_MAX

enum ra_class { RA_GENERAL, RA_VECTOR };

/* Hooks.  Registers are the host's numbers, below RA_NREGS.  None of them may
 * change the host's flags. */
struct ra_host {
    void (*move)(void *h, enum ir_type type, int dst, int src);
    /* in_frame: offset of a spill slot in bytes; else an offset from env */
    void (*load)(void *h, enum ir_type type, int dst, bool in_frame,
                 int32_t offset);
    void (*store)(void *h, enum ir_type type, int src, bool in_frame,
                  int32_t offset);
    void (*load_const)(void *h, enum ir_type type, int dst, uint64_t lo,
                       uint64_t hi);
    /* env memory to spill slot without a register */
    void (*copy)(void *h, enum ir_type type, int32_t slot, int32_t offset);
    void (*swap)(void *h, int a, int b);    /* whole registers, one class */
    /* put the flags in the host's register into a general register, as
     * FLAGS values are stored; ra->flags stays as it is or changes sense */
    void (*save_flags)(void *h);
};

struct ra_val {
    uint32_t next;              /* op of the next use, RA_NEVER: dead */
    uint32_t last;              /* op of the last use */
    int32_t home;               /* env offset, -1 */
    int16_t slot;               /* spill slot, -1: none yet */
    int8_t reg, pin, want_pin;  /* -1: none */
    uint8_t type;
    bool spilled;               /* the spill slot is valid */
    bool live;
    uint16_t pin_next;          /* next value in the same pin */
    uint16_t where;             /* index in ra->live */
};

/* Places of one value at a branch. */
struct ra_loc {
    uint16_t id;
    int8_t reg, pin;
    bool spilled;
    int32_t home;
};

struct ra_move {
    uint8_t type;
    int8_t dst_reg, src_reg;    /* -1: memory */
    bool src_in_frame, is_const;
    uint16_t id;
    int32_t dst, src;           /* offsets when memory */
};

/* The state on one branch to a label. */
struct ra_edge {
    struct ra_edge *next;
    struct ra_loc *loc;
    unsigned nloc;
    uint32_t pin_clean;
    uint16_t flags_val;
    bool flags_inv;
    struct ra_move *move;       /* filled by ra_label */
    unsigned nmove;
    void *host;                 /* the backend's own data */
};

struct ra {
    const struct ra_host *host;
    void *opaque;               /* first argument of the hooks */
    struct ir *ir;
    struct ra_val *val;
    uint32_t *operand_next;     /* next use after each operand */
    uint32_t cursor;            /* first operand of the op being emitted */
    uint32_t pos;
    uint16_t reg_val[RA_NREGS];
    uint32_t locked, scratch;
    uint32_t pool[2];           /* registers of each class */
    uint32_t died;              /* registers freed by this op's inputs */
    uint16_t live[RA_MAX_LIVE];
    unsigned nlive;
    unsigned npins;
    int8_t pin_reg[RA_NPINS];
    uint32_t pin_offset[RA_NPINS];
    uint8_t pin_type[RA_NPINS];
    uint16_t pin_head[RA_NPINS];
    uint32_t pin_clean;         /* pins whose env memory is current */
    uint64_t slot_used[RA_NSLOTS / 64], slot_dying[RA_NSLOTS / 64];
    uint16_t flags_val;         /* value in the host's flags, 0 none */
    bool flags_inv;             /* the host's carry is the opposite */
    bool flags_partial;         /* not all bits are right; it has a home */
    uint32_t *label_pos;        /* op index of each label */
    uint16_t *label_refs;       /* branches to each label */
    struct ra_edge **edges;     /* per label */
    bool reachable;
    bool randomise;
    struct rng rng;
};

/* Set once per translator: host, opaque, pool, pins, randomise. */
/* Start on ir: uses are counted, labels found. */
void ra_begin(struct ra *ra, struct ir *ir);
/* The op at pos comes next. */
void ra_op_begin(struct ra *ra, uint32_t pos);
void ra_op_end(struct ra *ra);

/* A register that holds v.  avoid: registers it must not be in. */
int ra_use(struct ra *ra, uint16_t v);
int ra_use_not(struct ra *ra, uint16_t v, uint32_t avoid);
/* Copy v to a given register of the pool, as scratch that may be changed. */
void ra_use_in(struct ra *ra, uint16_t v, int reg);
/* Where v is now without emitting anything: a register, or -1. */
int ra_where(const struct ra *ra, uint16_t v);
/* v in memory: true and its place if it is there and in no register. */
bool ra_in_memory(const struct ra *ra, uint16_t v, bool *in_frame,
                  int32_t *offset);
/* Is this op the last that uses v? */
bool ra_dies(const struct ra *ra, uint16_t v);

/* The use of the op's input after this one; before ra_inputs_done. */
static inline uint32_t ra_next_use(const struct ra *ra, unsigned input)
{
    return ra->operand_next[ra->cursor + input];
}

int ra_temp(struct ra *ra, enum ra_class cls, uint32_t avoid);
/* Free a given register and take it as scratch. */
void ra_fixed(struct ra *ra, int reg);
/* A scratch register is needed no more. */
void ra_release(struct ra *ra, int reg);

void ra_inputs_done(struct ra *ra);

/* The later op at index is emitted now, with this one, which has the same
 * inputs; ra_inputs_skip when its turn comes. */
void ra_inputs_early(struct ra *ra, uint32_t index);
void ra_inputs_skip(struct ra *ra);

/* Is there a register of the class that can be had without a store? */
bool ra_has_free(const struct ra *ra, enum ra_class cls);
/* A register for the output v. */
int ra_def(struct ra *ra, uint16_t v);
int ra_def_not(struct ra *ra, uint16_t v, uint32_t avoid);
/* v was produced in this scratch or free register of the pool. */
void ra_def_in(struct ra *ra, uint16_t v, int reg);
/* v was stored at its spill slot: the slot's offset for the host to store
 * to, without using a register. */
int32_t ra_def_spilled(struct ra *ra, uint16_t v);
/* v is the value that src has: true if it can share src's pin, and then it is
 * defined.  Before ra_inputs_done. */
bool ra_def_alias(struct ra *ra, uint16_t v, uint16_t src);
/* v is what the host's flags hold. */
void ra_def_flags(struct ra *ra, uint16_t v, bool inv);
/* v is in env at offset, and some of its bits in the host's flags: those that
 * the host does not hold, it must not use from there. */
void ra_def_flags_home(struct ra *ra, uint16_t v, int32_t offset);
bool ra_dead(const struct ra *ra, uint16_t v);

/* The flags were saved in this scratch register, with their true carry. */
void ra_flags_saved(struct ra *ra, int reg);
/* Do the host's flags hold something that is nowhere else? */
bool ra_flags_needed(const struct ra *ra);
/* The host's flags are about to change: save what is needed of them. */
void ra_clobber_flags(struct ra *ra);

/* v is what stands in env at offset, or in the pin: no code. */
void ra_def_home(struct ra *ra, uint16_t v, int32_t offset);
void ra_def_pin(struct ra *ra, uint16_t v, int pin);
/* v was stored at offset. */
void ra_set_home(struct ra *ra, uint16_t v, int32_t offset);
/* Pin to be written: values that need its old contents leave it. */
void ra_pin_write(struct ra *ra, int pin);
/* The pin now holds v. */
void ra_pin_is(struct ra *ra, int pin, uint16_t v);
/* Memory [offset, offset + size) of env is about to be written. */
void ra_home_write(struct ra *ra, int32_t offset, uint32_t size);
int ra_find_pin(const struct ra *ra, uint32_t offset);

/* Calls: save what lives in registers of mask; forget all homes and pins
 * (after saving values that need them). */
void ra_save_regs(struct ra *ra, uint32_t mask);
void ra_forget_state(struct ra *ra);
/* Registers of mask that hold a value used after this op. */
uint32_t ra_live_regs(const struct ra *ra, uint32_t mask);

/* Control flow.  ra_branch before the jump is emitted. */
struct ra_edge *ra_branch(struct ra *ra, uint32_t label);
/* Path ends. */
void ra_exit(struct ra *ra);
/* At a label: emits what the fall-through path needs; edges that need moves
 * have nmove != 0. Returns the label's edges. */
struct ra_edge *ra_label(struct ra *ra, uint32_t label);
/* The moves of an edge. */
void ra_edge_emit(struct ra *ra, const struct ra_edge *e);

enum ra_class ra_class_of(enum ir_type type);

#endif
