/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register allocation: see regalloc.h for the places of a value and the order
 * of calls.
 *
 * ra_begin walks the region backwards once and notes for each operand where
 * its value is used next; the forward walk then evicts the value whose next
 * use is furthest away.  Values are stored when they are evicted, never
 * before.  Control flow is forward only, so a value's life is an interval of
 * op indices, and the state at a label is the intersection of the states on
 * the edges into it: an edge that lacks a place gets moves, out of line.
 *
 * A value that is about to be stored to a pinned slot is computed in the
 * slot's register (want_pin) when nothing between its definition and the
 * store can see the slot's old value: no read of the slot, no op that may
 * fault, call, branch or leave.
 */
#include "config.h"

#include <string.h>

#include "tcg/regalloc.h"
#include "tcg/internal.h"
#include "util/arena.h"

enum ra_class ra_class_of(enum ir_type type)
{
    return type == I32 || type == I64 || type == FLAGS ? RA_GENERAL
                                                       : RA_VECTOR;
}

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

static inline bool is_const(const struct ra *ra, uint16_t v)
{
    return ra->ir->values[v].is_const;
}

/* --- the backward walk ------------------------------------------------- */

/* Stores to pins that values above may be computed into. */
struct pin_want {
    uint32_t active;            /* pins with v[pin] != 0 */
    uint16_t v[RA_NPINS];
};

static bool shows_state(const struct ir_op *op)
{
    return ir_op_info[op->opc].flags & (IRF_MAY_FAULT | IRF_BRANCH |
                                        IRF_LABEL | IRF_EXIT | IRF_CALL);
}

static void want_none(struct pin_want *want, int pin)
{
    want->active &= ~bit(pin);
}

static void want_store(struct ra *ra, const struct ir_op *op,
                       struct pin_want *want)
{
    int pin = ra_find_pin(ra, op->c[0]);

    if (pin < 0)
        return;
    want_none(want, pin);
    if (op->type != ra->pin_type[pin] || is_const(ra, ir_ins(op)[0]))
        return;
    want->v[pin] = ir_ins(op)[0];
    want->active |= bit(pin);
}

static void want_scan(struct ra *ra, const struct ir_op *op,
                      struct pin_want *want)
{
    if (op->opc == IR_state_st) {
        want_store(ra, op, want);
        return;
    }
    if (!want->active)
        return;
    for (unsigned i = 0; i < op->nout; i++)
        for (uint32_t m = want->active; m; m &= m - 1) {
            int pin = __builtin_ctz(m);

            if (want->v[pin] == op->v[i]) {
                ra->val[op->v[i]].want_pin = pin;
                /* The low half is computed there, too: it has zeros above it. */
                if (op->opc == IR_zext && !is_const(ra, ir_ins(op)[0]))
                    want->v[pin] = ir_ins(op)[0];
                else
                    want_none(want, pin);
            }
        }
    if (op->opc == IR_state_ld) {
        int pin = ra_find_pin(ra, op->c[0]);

        if (pin >= 0)
            want_none(want, pin);
    } else if (shows_state(op)) {
        want->active = 0;
    }
}

static uint32_t count_operands(struct ra *ra)
{
    struct ir *ir = ra->ir;
    uint32_t n = 0;

    for (uint32_t i = 0; i < ir->nops; i++) {
        const struct ir_op *op = &ir->ops[i];

        if (op->dead)
            continue;
        n += op->nin;
        if (op->opc == IR_label)
            ra->label_pos[op->c[0]] = i;
        else if (op->opc == IR_br_cond || op->opc == IR_br_cmp)
            ra->label_refs[op->c[1]]++;
    }
    return n;
}

static void find_uses(struct ra *ra)
{
    struct ir *ir = ra->ir;
    struct pin_want want = { 0 };
    uint32_t k = count_operands(ra);

    ra->operand_next = arena_alloc(ir->arena, (k + 1) * sizeof(uint32_t));
    for (uint32_t i = ir->nops; i-- > 0;) {
        const struct ir_op *op = &ir->ops[i];
        const uint16_t *in = ir_ins(op);

        if (op->dead)
            continue;
        k -= op->nin;
        want_scan(ra, op, &want);
        for (unsigned j = op->nin; j-- > 0;) {
            struct ra_val *val = &ra->val[in[j]];

            ra->operand_next[k + j] = val->next;
            if (val->next == RA_NEVER)
                val->last = i;
            val->next = i;
        }
    }
}

void ra_begin(struct ra *ra, struct ir *ir)
{
    static const struct ra_val fresh = {
        .next = RA_NEVER, .home = -1, .slot = -1, .reg = -1, .pin = -1,
        .want_pin = -1 };

    ra->ir = ir;
    ra->val = arena_alloc(ir->arena, ir->nvalues * sizeof(*ra->val));
    for (uint32_t i = 0; i < ir->nvalues; i++) {
        ra->val[i] = fresh;
        ra->val[i].type = ir->values[i].type;
    }
    ra->label_pos = arena_array(ir->arena, uint32_t, ir->nlabels + 1);
    ra->label_refs = arena_array(ir->arena, uint16_t, ir->nlabels + 1);
    ra->edges = arena_array(ir->arena, struct ra_edge *, ir->nlabels + 1);
    find_uses(ra);
    memset(ra->reg_val, 0, sizeof(ra->reg_val));
    memset(ra->pin_head, 0, sizeof(ra->pin_head));
    memset(ra->slot_used, 0, sizeof(ra->slot_used));
    memset(ra->slot_dying, 0, sizeof(ra->slot_dying));
    ra->cursor = 0;
    ra->nlive = 0;
    ra->pin_clean = 0;
    ra->flags_val = 0;
    ra->locked = ra->scratch = 0;
    ra->reachable = true;
}

/* --- life -------------------------------------------------------------- */

static void add_live(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];

    if (val->live)
        return;
    ir_assert(ra->nlive < RA_MAX_LIVE, "%u live values", ra->nlive);
    val->live = true;
    val->where = ra->nlive;
    ra->live[ra->nlive++] = v;
}

static void remove_live(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];
    uint16_t moved = ra->live[--ra->nlive];

    ra->live[val->where] = moved;
    ra->val[moved].where = val->where;
    val->live = false;
}

static void unlink_pin(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];
    uint16_t *at;

    if (val->pin < 0)
        return;
    for (at = &ra->pin_head[val->pin]; *at != v; at = &ra->val[*at].pin_next)
        ;
    *at = val->pin_next;
    val->pin = -1;
}

static void link_pin(struct ra *ra, uint16_t v, int pin)
{
    struct ra_val *val = &ra->val[v];

    unlink_pin(ra, v);
    val->pin = pin;
    val->pin_next = ra->pin_head[pin];
    ra->pin_head[pin] = v;
}

static inline unsigned slots_of(const struct ra_val *val)
{
    return val->type == V128 ? 2 : 1;
}

static void free_slot(struct ra *ra, struct ra_val *val)
{
    if (val->slot < 0)
        return;
    /* Not before the end of the op: it may still read it. */
    for (unsigned i = 0; i < slots_of(val); i++)
        ra->slot_dying[(val->slot + i) / 64] |=
            1ull << ((val->slot + i) % 64);
    val->slot = -1;
    val->spilled = false;
}

static int32_t slot_offset(struct ra *ra, struct ra_val *val)
{
    if (val->slot >= 0)
        return val->slot * 8;
    for (unsigned s = 0; s < RA_NSLOTS; s += slots_of(val)) {
        uint64_t need = (slots_of(val) == 2 ? 3ull : 1ull) << (s % 64);

        if (ra->slot_used[s / 64] & need)
            continue;
        ra->slot_used[s / 64] |= need;
        val->slot = s;
        return s * 8;
    }
    ir_assert(false, "out of spill slots");
    return 0;
}

static void drop_reg(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];

    if (val->reg < 0)
        return;
    ra->reg_val[val->reg] = 0;
    ra->locked &= ~(bit(val->reg) & ~ra->scratch);
    val->reg = -1;
}

static void kill(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];

    if (val->reg >= 0)
        ra->died |= bit(val->reg);
    drop_reg(ra, v);
    unlink_pin(ra, v);
    free_slot(ra, val);
    val->home = -1;
    if (ra->flags_val == v)
        ra->flags_val = 0;
    if (val->live)
        remove_live(ra, v);
}

bool ra_dead(const struct ra *ra, uint16_t v)
{
    return ra->val[v].next == RA_NEVER;
}

/* --- eviction ---------------------------------------------------------- */

static void spill_from_reg(struct ra *ra, uint16_t v, int reg)
{
    struct ra_val *val = &ra->val[v];

    ra->host->store(ra->opaque, val->type, reg, true, slot_offset(ra, val));
    val->spilled = true;
}

/* Is v somewhere that needs no register of the pool? */
static bool safe_outside(const struct ra *ra, uint16_t v)
{
    const struct ra_val *val = &ra->val[v];

    return val->pin >= 0 || val->spilled || val->home >= 0 ||
           is_const(ra, v) || val->next == RA_NEVER;
}

static void evict(struct ra *ra, int reg)
{
    uint16_t v = ra->reg_val[reg];

    if (!v)
        return;
    if (!safe_outside(ra, v))
        spill_from_reg(ra, v, reg);
    drop_reg(ra, v);
}

/* Smaller is better to evict.  Values in memory already cost nothing now. */
static uint32_t keep_score(const struct ra *ra, int reg)
{
    uint16_t v = ra->reg_val[reg];
    uint32_t next = ra->val[v].next;

    if (next == RA_NEVER)
        return 0;
    next = UINT32_MAX - next;
    return safe_outside(ra, v) ? next - (next > 4 ? 4 : next) : next;
}

static int random_reg(struct ra *ra, uint32_t mask)
{
    unsigned n = rng_below(&ra->rng, __builtin_popcount(mask));

    while (n--)
        mask &= mask - 1;
    return __builtin_ctz(mask);
}

static int pick_victim(struct ra *ra, uint32_t mask)
{
    int best = -1;
    uint32_t best_score = 0;

    if (ra->randomise)
        return random_reg(ra, mask);
    for (; mask; mask &= mask - 1) {
        int reg = __builtin_ctz(mask);
        uint32_t score = keep_score(ra, reg);

        if (best < 0 || score < best_score) {
            best = reg;
            best_score = score;
        }
    }
    return best;
}

static int alloc(struct ra *ra, enum ra_class cls, uint32_t prefer,
                 uint32_t avoid)
{
    uint32_t mask = ra->pool[cls] & ~ra->locked & ~avoid, can = 0;
    int reg;

    ir_assert(mask, "no register: locked %x avoid %x", ra->locked, avoid);
    for (uint32_t m = mask; m; m &= m - 1)
        if (!ra->reg_val[__builtin_ctz(m)])
            can |= m & -m;
    if (ra->randomise && rng_below(&ra->rng, 4))
        return can ? random_reg(ra, can) : (evict(ra, reg = random_reg(ra, mask)), reg);
    if (can & prefer)
        return __builtin_ctz(can & prefer);
    if (can)
        return __builtin_ctz(can);
    reg = pick_victim(ra, mask);
    evict(ra, reg);
    return reg;
}

static void put_in(struct ra *ra, uint16_t v, int reg)
{
    ra->reg_val[reg] = v;
    ra->val[v].reg = reg;
    ra->locked |= bit(reg);
}

/* --- one op ------------------------------------------------------------ */

void ra_op_begin(struct ra *ra, uint32_t pos)
{
    ra->pos = pos;
    ra->died = 0;
}

void ra_op_end(struct ra *ra)
{
    ra->locked = ra->scratch = 0;
    for (unsigned i = 0; i < RA_NSLOTS / 64; i++) {
        ra->slot_used[i] &= ~ra->slot_dying[i];
        ra->slot_dying[i] = 0;
    }
}

static void load_value(struct ra *ra, uint16_t v, int reg)
{
    struct ra_val *val = &ra->val[v];
    const struct ir_value *value = ir_value(ra->ir, v);

    if (value->is_const)
        ra->host->load_const(ra->opaque, val->type, reg, value->lo,
                             value->hi);
    else if (val->pin >= 0)
        ra->host->move(ra->opaque, val->type, reg, ra->pin_reg[val->pin]);
    else if (val->spilled)
        ra->host->load(ra->opaque, val->type, reg, true,
                       slot_offset(ra, val));
    else if (val->home >= 0)
        ra->host->load(ra->opaque, val->type, reg, false, val->home);
    else
        ir_assert(false, "value v%u is nowhere at op %u", v, ra->pos);
}

int ra_where(const struct ra *ra, uint16_t v)
{
    const struct ra_val *val = &ra->val[v];

    if (val->reg >= 0)
        return val->reg;
    return val->pin >= 0 ? ra->pin_reg[val->pin] : -1;
}

bool ra_in_memory(const struct ra *ra, uint16_t v, bool *in_frame,
                  int32_t *offset)
{
    const struct ra_val *val = &ra->val[v];

    if (ra_where(ra, v) >= 0 || is_const(ra, v))
        return false;
    *in_frame = val->spilled;
    *offset = val->spilled ? val->slot * 8 : val->home;
    return val->spilled || val->home >= 0;
}

int ra_use_not(struct ra *ra, uint16_t v, uint32_t avoid)
{
    struct ra_val *val = &ra->val[v];
    int reg = ra_where(ra, v), from = reg;

    if (val->type == FLAGS && reg < 0 && ra->flags_val == v &&
        !safe_outside(ra, v)) {
        ra->host->save_flags(ra->opaque);
        reg = from = ra_where(ra, v);
    }
    if (reg >= 0 && !(bit(reg) & avoid)) {
        if (val->reg == reg)
            ra->locked |= bit(reg);
        return reg;
    }
    reg = alloc(ra, ra_class_of(val->type), 0, avoid);
    if (from >= 0)
        ra->host->move(ra->opaque, val->type, reg, from);
    else
        load_value(ra, v, reg);
    if (val->reg >= 0) {    /* the old register becomes scratch of the op */
        ra->scratch |= bit(val->reg);
        ra->reg_val[val->reg] = 0;
    }
    put_in(ra, v, reg);
    return reg;
}

int ra_use(struct ra *ra, uint16_t v)
{
    return ra_use_not(ra, v, 0);
}

void ra_fixed(struct ra *ra, int reg)
{
    uint16_t v = ra->reg_val[reg];

    if (v && ra->val[v].next != RA_NEVER && !safe_outside(ra, v)) {
        uint32_t can = ra->pool[reg >= 16] & ~ra->locked & ~bit(reg);

        /* Move to a free register rather than to memory. */
        for (; can; can &= can - 1) {
            int to = __builtin_ctz(can);

            if (ra->reg_val[to])
                continue;
            ra->host->move(ra->opaque, ra->val[v].type, to, reg);
            ra->reg_val[reg] = 0;
            ra->reg_val[to] = v;
            ra->val[v].reg = to;
            break;
        }
    }
    ir_assert(!(ra->locked & bit(reg)), "fixed register %d is in use", reg);
    evict(ra, reg);
    ra->locked |= bit(reg);
    ra->scratch |= bit(reg);
}

/* Is this op's one operand v its last? */
static bool only_use(const struct ra *ra, uint16_t v)
{
    const struct ir_op *op = &ra->ir->ops[ra->pos];
    unsigned n = 0;

    for (unsigned j = 0; j < op->nin; j++)
        n += ir_ins(op)[j] == v;
    return n == 1 && ra->val[v].last == ra->pos;
}

void ra_use_in(struct ra *ra, uint16_t v, int reg)
{
    int from;

    if (ra->val[v].reg == reg) {
        if (only_use(ra, v))
            drop_reg(ra, v);
        ra->locked &= ~bit(reg);
        ra_fixed(ra, reg);      /* a move or a store: reg keeps the bits */
        return;
    }
    ra_fixed(ra, reg);
    from = ra_where(ra, v);
    if (from < 0 && ra->flags_val == v && !safe_outside(ra, v)) {
        ra->host->save_flags(ra->opaque);
        from = ra_where(ra, v);
    }
    if (from >= 0)
        ra->host->move(ra->opaque, ra->val[v].type, reg, from);
    else
        load_value(ra, v, reg);
}

bool ra_dies(const struct ra *ra, uint16_t v)
{
    return ra->val[v].last == ra->pos;
}

int ra_temp(struct ra *ra, enum ra_class cls, uint32_t avoid)
{
    int reg = alloc(ra, cls, 0, avoid);

    ra->locked |= bit(reg);
    ra->scratch |= bit(reg);
    return reg;
}

void ra_release(struct ra *ra, int reg)
{
    ra->locked &= ~bit(reg);
    ra->scratch &= ~bit(reg);
}

void ra_inputs_done(struct ra *ra)
{
    const struct ir_op *op = &ra->ir->ops[ra->pos];

    for (unsigned j = 0; j < op->nin; j++)
        ra->val[ir_ins(op)[j]].next = ra->operand_next[ra->cursor++];
    for (unsigned j = 0; j < op->nin; j++)
        if (ra->val[ir_ins(op)[j]].next == RA_NEVER)
            kill(ra, ir_ins(op)[j]);
}

/* Uses at index become past ones; those between here and there stay. */
static void pass_uses(struct ra *ra, uint32_t index, uint32_t cursor)
{
    const struct ir_op *op = &ra->ir->ops[index];

    for (unsigned j = 0; j < op->nin; j++) {
        struct ra_val *val = &ra->val[ir_ins(op)[j]];

        if (val->next == index)
            val->next = ra->operand_next[cursor + j];
    }
    for (unsigned j = 0; j < op->nin; j++)
        if (ra->val[ir_ins(op)[j]].next == RA_NEVER)
            kill(ra, ir_ins(op)[j]);
}

void ra_inputs_early(struct ra *ra, uint32_t index)
{
    uint32_t cursor = ra->cursor;

    for (uint32_t i = ra->pos + 1; i < index; i++)
        if (!ra->ir->ops[i].dead)
            cursor += ra->ir->ops[i].nin;
    pass_uses(ra, index, cursor);
}

void ra_inputs_skip(struct ra *ra)
{
    pass_uses(ra, ra->pos, ra->cursor);
    ra->cursor += ra->ir->ops[ra->pos].nin;
}

/* --- outputs ----------------------------------------------------------- */

bool ra_has_free(const struct ra *ra, enum ra_class cls)
{
    for (uint32_t m = ra->pool[cls] & ~ra->locked; m; m &= m - 1)
        if (!ra->reg_val[__builtin_ctz(m)])
            return true;
    return false;
}

static bool wants_pin(struct ra *ra, struct ra_val *val, uint32_t avoid)
{
    if (val->want_pin < 0 || (bit(ra->pin_reg[val->want_pin]) & avoid))
        return false;
    return !ra->randomise || rng_below(&ra->rng, 4);
}

int ra_def_not(struct ra *ra, uint16_t v, uint32_t avoid)
{
    struct ra_val *val = &ra->val[v];
    int reg;

    if (wants_pin(ra, val, avoid)) {
        int pin = val->want_pin;

        ra_pin_write(ra, pin);
        add_live(ra, v);
        link_pin(ra, v, pin);
        return ra->pin_reg[pin];
    }
    reg = alloc(ra, ra_class_of(val->type), ra->died, avoid);
    put_in(ra, v, reg);
    if (val->next != RA_NEVER)
        add_live(ra, v);
    return reg;
}

int ra_def(struct ra *ra, uint16_t v)
{
    return ra_def_not(ra, v, 0);
}

void ra_def_in(struct ra *ra, uint16_t v, int reg)
{
    struct ra_val *val = &ra->val[v];

    if (wants_pin(ra, val, 0)) {
        int pin = val->want_pin;

        ra_pin_write(ra, pin);
        add_live(ra, v);
        link_pin(ra, v, pin);
        ra->host->move(ra->opaque, val->type, ra->pin_reg[pin], reg);
        return;
    }
    evict(ra, reg);
    ra->scratch &= ~bit(reg);
    if (val->next == RA_NEVER)
        return;
    put_in(ra, v, reg);
    add_live(ra, v);
}

int32_t ra_def_spilled(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];
    int32_t offset = slot_offset(ra, val);

    val->spilled = true;
    if (val->next == RA_NEVER)
        free_slot(ra, val);
    else
        add_live(ra, v);
    return offset;
}

bool ra_def_alias(struct ra *ra, uint16_t v, uint16_t src)
{
    int want = ra->val[v].want_pin;

    if (ra->val[src].pin < 0 || (want >= 0 && want != ra->val[src].pin))
        return false;
    ra_def_pin(ra, v, ra->val[src].pin);
    return true;
}

void ra_def_flags(struct ra *ra, uint16_t v, bool inv)
{
    if (ra->val[v].next == RA_NEVER)
        return;
    add_live(ra, v);
    ra->flags_val = v;
    ra->flags_inv = inv;
    ra->flags_partial = false;
}

void ra_def_flags_home(struct ra *ra, uint16_t v, int32_t offset)
{
    if (ra->val[v].next == RA_NEVER)
        return;
    ra_def_flags(ra, v, false);
    ra->val[v].home = offset;
    ra->flags_partial = true;
}

bool ra_flags_needed(const struct ra *ra)
{
    uint16_t v = ra->flags_val;

    return v && ra->val[v].reg < 0 && !safe_outside(ra, v);
}

void ra_flags_saved(struct ra *ra, int reg)
{
    ra_release(ra, reg);
    ra->reg_val[reg] = ra->flags_val;
    ra->val[ra->flags_val].reg = reg;
    ra->flags_inv = false;
}

void ra_clobber_flags(struct ra *ra)
{
    if (ra_flags_needed(ra))
        ra->host->save_flags(ra->opaque);
    ra->flags_val = 0;
}

/* --- state ------------------------------------------------------------- */

int ra_find_pin(const struct ra *ra, uint32_t offset)
{
    for (unsigned p = 0; p < ra->npins; p++)
        if (offset - ra->pin_offset[p] < (ra->pin_type[p] == I64 ? 8u : 4u))
            return p;
    return -1;
}

void ra_def_home(struct ra *ra, uint16_t v, int32_t offset)
{
    if (ra->val[v].next == RA_NEVER)
        return;
    add_live(ra, v);
    ra->val[v].home = offset;
}

void ra_def_pin(struct ra *ra, uint16_t v, int pin)
{
    if (ra->val[v].next == RA_NEVER)
        return;
    add_live(ra, v);
    link_pin(ra, v, pin);
}

void ra_set_home(struct ra *ra, uint16_t v, int32_t offset)
{
    if (!is_const(ra, v))       /* those are not live: nothing would end it */
        ra->val[v].home = offset;
}

void ra_pin_write(struct ra *ra, int pin)
{
    int from = ra->pin_reg[pin];
    uint16_t v;

    while ((v = ra->pin_head[pin])) {
        struct ra_val *val = &ra->val[v];

        unlink_pin(ra, v);
        if (val->reg < 0 && !safe_outside(ra, v)) {
            /* Inputs that died are still to be read by this op. */
            uint32_t can = ra->pool[RA_GENERAL] & ~ra->locked & ~ra->died;

            if (can) {
                int to = alloc(ra, RA_GENERAL, 0, ra->died);

                ra->host->move(ra->opaque, val->type, to, from);
                ra->reg_val[to] = v;
                val->reg = to;
            } else {
                spill_from_reg(ra, v, from);
            }
        }
        if (val->next == RA_NEVER)
            kill(ra, v);
    }
    ra->pin_clean &= ~bit(pin);
}

void ra_pin_is(struct ra *ra, int pin, uint16_t v)
{
    if (ra->val[v].next != RA_NEVER && !is_const(ra, v))
        link_pin(ra, v, pin);
}

/* v loses its home (and pin); keep it somewhere. */
static void leave_memory(struct ra *ra, uint16_t v)
{
    struct ra_val *val = &ra->val[v];
    int32_t home = val->home;

    val->home = -1;
    if (val->reg >= 0 || safe_outside(ra, v))
        return;
    for (uint32_t m = ra->pool[ra_class_of(val->type)] & ~ra->locked &
                      ~ra->died; m; m &= m - 1) {
        int reg = __builtin_ctz(m);

        if (ra->reg_val[reg])
            continue;
        ra->host->load(ra->opaque, val->type, reg, false, home);
        ra->reg_val[reg] = v;
        val->reg = reg;
        return;
    }
    ra->host->copy(ra->opaque, val->type, slot_offset(ra, val), home);
    val->spilled = true;
}

void ra_home_write(struct ra *ra, int32_t offset, uint32_t size)
{
    for (unsigned i = 0; i < ra->nlive; i++) {
        struct ra_val *val = &ra->val[ra->live[i]];

        if (val->home < 0 || val->home >= offset + (int32_t)size ||
            offset >= val->home + (int32_t)ir_type_size(val->type))
            continue;
        leave_memory(ra, ra->live[i]);
    }
}

void ra_save_regs(struct ra *ra, uint32_t mask)
{
    for (mask &= ra->pool[0] | ra->pool[1]; mask; mask &= mask - 1) {
        int reg = __builtin_ctz(mask);

        if (!(ra->locked & bit(reg)))
            evict(ra, reg);
    }
}

void ra_forget_state(struct ra *ra)
{
    for (unsigned i = 0; i < ra->nlive; i++)
        if (ra->val[ra->live[i]].home >= 0)
            leave_memory(ra, ra->live[i]);
    for (unsigned p = 0; p < ra->npins; p++) {
        uint16_t v;

        while ((v = ra->pin_head[p])) {
            unlink_pin(ra, v);
            if (ra->val[v].reg < 0 && !safe_outside(ra, v))
                spill_from_reg(ra, v, ra->pin_reg[p]);
        }
    }
}

uint32_t ra_live_regs(const struct ra *ra, uint32_t mask)
{
    uint32_t live = 0;

    for (mask &= ra->pool[0] | ra->pool[1]; mask; mask &= mask - 1) {
        int reg = __builtin_ctz(mask);
        uint16_t v = ra->reg_val[reg];

        if (v && ra->val[v].next != RA_NEVER)
            live |= bit(reg);
    }
    return live;
}

/* --- control flow ------------------------------------------------------ */

struct ra_edge *ra_branch(struct ra *ra, uint32_t label)
{
    struct arena *arena = ra->ir->arena;
    struct ra_edge *e = arena_new(arena, struct ra_edge);
    uint32_t end = ra->label_pos[label];
    uint16_t f = ra->flags_val;

    if (f && ra->val[f].last > end && ra->val[f].reg < 0 &&
        !safe_outside(ra, f))
        ra->host->save_flags(ra->opaque);
    e->loc = arena_alloc(arena, ra->nlive * sizeof(*e->loc) + 1);
    for (unsigned i = 0; i < ra->nlive; i++) {
        const struct ra_val *val = &ra->val[ra->live[i]];

        if (val->last <= end)
            continue;
        e->loc[e->nloc++] = (struct ra_loc){
            ra->live[i], val->reg, val->pin, val->spilled, val->home };
    }
    e->pin_clean = ra->pin_clean;
    e->flags_val = ra->flags_partial ? 0 : ra->flags_val;
    e->flags_inv = ra->flags_inv;
    e->next = ra->edges[label];
    ra->edges[label] = e;
    return e;
}

void ra_exit(struct ra *ra)
{
    ra->reachable = false;
}

/* Forget where everything is (registers, pins, flags). */
static void clear_places(struct ra *ra)
{
    for (unsigned r = 0; r < RA_NREGS; r++)     /* constants are not live */
        ra->val[ra->reg_val[r]].reg = -1;
    memset(ra->reg_val, 0, sizeof(ra->reg_val));
    for (unsigned i = 0; i < ra->nlive; i++) {
        struct ra_val *val = &ra->val[ra->live[i]];

        val->reg = val->pin = -1;
        val->home = -1;
        val->spilled = false;
    }
    memset(ra->pin_head, 0, sizeof(ra->pin_head));
    ra->flags_val = 0;
    ra->pin_clean = 0;
}

/* Continue with the state of an edge. */
static void adopt(struct ra *ra, const struct ra_edge *e)
{
    clear_places(ra);
    for (unsigned i = 0; i < e->nloc; i++) {
        const struct ra_loc *loc = &e->loc[i];
        struct ra_val *val = &ra->val[loc->id];

        if (!val->live)
            continue;
        if (loc->reg >= 0) {
            val->reg = loc->reg;
            ra->reg_val[loc->reg] = loc->id;
        }
        if (loc->pin >= 0)
            link_pin(ra, loc->id, loc->pin);
        val->spilled = loc->spilled;
        val->home = loc->home;
    }
    ra->pin_clean = e->pin_clean;
    ra->flags_val = e->flags_val && ra->val[e->flags_val].live ? e->flags_val
                                                               : 0;
    ra->flags_inv = e->flags_inv;
    ra->flags_partial = false;
}

static void add_move(struct ra_edge *e, const struct ra *ra,
                     const struct ra_loc *from, int dst_reg, int32_t dst)
{
    struct ra_move *m = &e->move[e->nmove++];
    const struct ra_val *val = &ra->val[from->id];

    *m = (struct ra_move){ .type = val->type, .id = from->id,
                           .dst_reg = dst_reg, .dst = dst, .src_reg = -1 };
    if (from->reg >= 0)
        m->src_reg = from->reg;
    else if (from->pin >= 0)
        m->src_reg = ra->pin_reg[from->pin];
    m->src_in_frame = from->spilled;
    m->src = from->spilled ? val->slot * 8 : from->home;
}

static const struct ra_loc *find_loc(const struct ra_edge *e, unsigned hint,
                                     uint16_t v)
{
    if (hint < e->nloc && e->loc[hint].id == v)
        return &e->loc[hint];
    for (unsigned i = 0; i < e->nloc; i++)
        if (e->loc[i].id == v)
            return &e->loc[i];
    ir_assert(false, "v%u lives across a label but not on its branch", v);
    return NULL;
}

/*
 * Make value v's places at a label the intersection over all edges.  base is
 * the edge whose register assignment is kept.
 */
static void merge_value(struct ra *ra, struct ra_edge *edges,
                        struct ra_edge *base, unsigned index)
{
    const struct ra_loc *b = &base->loc[index];
    struct ra_val *val = &ra->val[b->id];
    struct ra_loc all = *b;
    bool none;

    for (struct ra_edge *e = edges; e; e = e->next) {
        const struct ra_loc *loc = find_loc(e, index, b->id);

        all.reg = loc->reg == all.reg ? all.reg : -1;
        all.pin = loc->pin == all.pin ? all.pin : -1;
        all.spilled &= loc->spilled;
        all.home = loc->home == all.home ? all.home : -1;
    }
    none = all.reg < 0 && all.pin < 0 && !all.spilled && all.home < 0;
    if (none && b->reg >= 0)
        all.reg = b->reg;
    else if (none)
        all.spilled = true;
    if (none)
        slot_offset(ra, val);
    for (struct ra_edge *e = edges; e && none; e = e->next) {
        const struct ra_loc *loc = find_loc(e, index, b->id);

        if (all.reg >= 0 && loc->reg != all.reg)
            add_move(e, ra, loc, all.reg, 0);
        else if (all.spilled && !loc->spilled)
            add_move(e, ra, loc, -1, val->slot * 8);
    }
    if (all.reg < 0)
        drop_reg(ra, b->id);
    if (all.pin < 0)
        unlink_pin(ra, b->id);
    val->spilled = all.spilled;
    val->home = all.home;
}

static bool is_free(const struct ra_move *m, unsigned n, unsigned self)
{
    for (unsigned i = 0; i < n; i++)
        if (i != self && m[i].src_reg == m[self].dst_reg)
            return false;
    return true;
}

/* Register to register moves that happen at once; destroys the list. */
static void parallel_moves(struct ra *ra, struct ra_move *m, unsigned n)
{
    while (n) {
        unsigned i;

        for (i = 0; i < n; i++)
            if (m[i].dst_reg == m[i].src_reg || is_free(m, n, i))
                break;
        if (i < n) {
            if (m[i].dst_reg != m[i].src_reg)
                ra->host->move(ra->opaque, m[i].type, m[i].dst_reg,
                               m[i].src_reg);
        } else {            /* only cycles are left */
            int a = m[0].dst_reg, s = m[0].src_reg;

            i = 0;
            ra->host->swap(ra->opaque, a, s);
            for (unsigned j = 1; j < n; j++)
                if (m[j].src_reg == a)
                    m[j].src_reg = s;
        }
        m[i] = m[--n];
    }
}

void ra_edge_emit(struct ra *ra, const struct ra_edge *e)
{
    struct ra_move regs[RA_NREGS];
    unsigned n = 0;

    for (unsigned i = 0; i < e->nmove; i++) {
        const struct ra_move *m = &e->move[i];

        if (m->dst_reg >= 0 && m->src_reg >= 0)
            regs[n++] = *m;
        else if (m->dst_reg < 0 && m->src_reg >= 0)
            ra->host->store(ra->opaque, m->type, m->src_reg, true, m->dst);
        else if (m->dst_reg < 0)
            ra->host->copy(ra->opaque, m->type, m->dst, m->src);
    }
    parallel_moves(ra, regs, n);
    for (unsigned i = 0; i < e->nmove; i++) {
        const struct ra_move *m = &e->move[i];

        if (m->dst_reg >= 0 && m->src_reg < 0)
            ra->host->load(ra->opaque, m->type, m->dst_reg, m->src_in_frame,
                           m->src);
    }
}

struct ra_edge *ra_label(struct ra *ra, uint32_t label)
{
    struct ra_edge *edges = ra->edges[label], *fall = NULL, *base;
    uint32_t clean = UINT32_MAX;
    bool same_flags = true;

    ra->locked = ra->scratch = 0;
    if (!edges)
        return NULL;
    if (ra->reachable) {    /* falling through is one more edge */
        fall = ra_branch(ra, label);
        edges = fall;
    }
    base = edges;
    adopt(ra, base);
    for (struct ra_edge *e = edges; e; e = e->next) {
        e->move = arena_alloc(ra->ir->arena,
                              (base->nloc + 1) * sizeof(*e->move));
        clean &= e->pin_clean;
        same_flags &= e->flags_val == base->flags_val &&
                      e->flags_inv == base->flags_inv;
    }
    for (unsigned i = 0; i < base->nloc; i++)
        merge_value(ra, edges, base, i);
    ra->pin_clean = clean;
    if (!same_flags)
        ra->flags_val = 0;
    if (fall)
        ra_edge_emit(ra, fall);
    ra->reachable = true;
    return fall ? fall->next : edges;
}
