/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IR to x86-64: the walk over a region, moves and constants for the
 * allocator, guest state, and the C fallback.  The emitters of the other ops
 * are in x64-out-int.c, x64-out-flags.c, x64-out-fp.c, x64-out-vec.c,
 * x64-out-vfp.c and x64-mem.c, as tables by opcode.
 *
 * An emitter returns false, having done nothing, when it has no code for a
 * form; the op is then evaluated by interp_eval through a C call.
 */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "tcg/interp.h"
#include "tcg/x64-internal.h"
#include "util/arena.h"

/* --- moves ------------------------------------------------------------- */

struct x64_mem x64_slot_mem(bool in_frame, int32_t offset)
{
    return in_frame ? x64_m(RSP, F_SPILL + offset) : x64_m(ENV, offset);
}

void x64_move_reg(struct x64_buf *b, enum ir_type type, int dst, int src)
{
    if (dst == src)
        return;
    if (dst < XMM0 && src < XMM0)
        x64_mov_rr(b, type == I64 ? S64 : S32, dst, src);
    else if (dst >= XMM0 && src >= XMM0)
        x64_sse_rr(b, X_MOVAPS, xnum(dst), xnum(src), 0);
    else if (dst >= XMM0)
        x64_sse_rr(b, type == F32 || type == I32 ? X_MOVD : X_MOVQ_G,
                   xnum(dst), src, 0);
    else
        x64_sse_rr(b, type == F32 || type == I32 ? X_MOVD_ST : X_MOVQ_G_ST,
                   xnum(src), dst, 0);
}

void x64_load_reg(struct x64_buf *b, enum ir_type type, int dst,
                  struct x64_mem m)
{
    static const uint8_t op[IR_NTYPES] = {
        [F32] = X_MOVSS, [F64] = X_MOVSD, [V64] = X_MOVSD, [V128] = X_MOVUPS };

    if (dst < XMM0)
        x64_mov_rm(b, ir_type_size(type) == 8 ? S64 : S32, dst, m);
    else
        x64_sse_rm(b, op[type], xnum(dst), m, 0);
}

void x64_store_reg(struct x64_buf *b, enum ir_type type, int src,
                   struct x64_mem m)
{
    static const uint8_t op[IR_NTYPES] = {
        [F32] = X_MOVSS_ST, [F64] = X_MOVSD_ST, [V64] = X_MOVSD_ST,
        [V128] = X_MOVUPS_ST };

    if (src < XMM0)
        x64_mov_mr(b, ir_type_size(type) == 8 ? S64 : S32, m, src);
    else
        x64_sse_rm(b, op[type], xnum(src), m, 0);
}

static void hook_move(void *h, enum ir_type type, int dst, int src)
{
    struct x64 *c = h;

    x64_move_reg(&c->b, type, dst, src);
}

static void hook_load(void *h, enum ir_type type, int dst, bool in_frame,
                      int32_t offset)
{
    struct x64 *c = h;

    x64_load_reg(&c->b, type, dst, x64_slot_mem(in_frame, offset));
}

static void hook_store(void *h, enum ir_type type, int src, bool in_frame,
                       int32_t offset)
{
    struct x64 *c = h;

    x64_store_reg(&c->b, type, src, x64_slot_mem(in_frame, offset));
}

static void hook_const(void *h, enum ir_type type, int dst, uint64_t lo,
                       uint64_t hi)
{
    struct x64 *c = h;

    if (dst < XMM0)
        x64_mov_ri(&c->b, dst, lo);
    else if (lo == 0 && hi == 0)
        x64_sse_rr(&c->b, X_XORPS, xnum(dst), xnum(dst), 0);
    else
        x64_load_reg(&c->b, type, dst, x64_const_mem(c, lo, hi));
}

/* PUSH and POP with rsp as base: the address is formed before the one and
 * after the other changes rsp (SDM volume 2), so both use the same offset. */
static void copy_words(struct x64_buf *b, unsigned bytes, struct x64_mem dst,
                       struct x64_mem src)
{
    for (unsigned i = 0; i < bytes; i += 8) {
        x64_push_m(b, src);
        x64_pop_m(b, dst);
        src.disp += 8;
        dst.disp += 8;
    }
}

static void hook_copy(void *h, enum ir_type type, int32_t slot,
                      int32_t offset)
{
    struct x64 *c = h;

    copy_words(&c->b, ir_type_size(type), x64_slot_mem(true, slot),
               x64_slot_mem(false, offset));
}

static void hook_swap(void *h, int a, int d)
{
    struct x64 *c = h;

    if (a < XMM0) {
        x64_xchg_rr(&c->b, S64, a, d);
        return;
    }
    x64_sse_rr(&c->b, X_XORPS, xnum(a), xnum(d), 0);
    x64_sse_rr(&c->b, X_XORPS, xnum(d), xnum(a), 0);
    x64_sse_rr(&c->b, X_XORPS, xnum(a), xnum(d), 0);
}

const struct ra_host x64_ra_host = {
    .move = hook_move, .load = hook_load, .store = hook_store,
    .load_const = hook_const, .copy = hook_copy, .swap = hook_swap,
    .save_flags = x64_save_flags,
};

/* --- places, constants, tails ------------------------------------------ */

struct x64_place x64_place_of(struct x64 *c, uint16_t v)
{
    const struct ir_value *value = ir_value(c->ir, v);
    struct x64_place p = { .type = value->type, .lo = value->lo,
                           .hi = value->hi };
    int reg = ra_where(c->ra, v);
    bool in_frame;

    p.reg = reg;
    if (reg >= 0) {
        p.kind = PL_REG;
    } else if (value->is_const) {
        p.kind = PL_CONST;
    } else {
        bool found = ra_in_memory(c->ra, v, &in_frame, &p.offset);

        ir_assert(found, "v%u is in no place", v);
        p.kind = in_frame ? PL_FRAME : PL_ENV;
    }
    return p;
}

void x64_load_place(struct x64 *c, int reg, const struct x64_place *p)
{
    if (p->kind == PL_REG)
        x64_move_reg(&c->b, p->type, reg, p->reg);
    else if (p->kind == PL_CONST)
        hook_const(c, p->type, reg, p->lo, p->hi);
    else if (reg < XMM0 && p->type == F32)
        x64_mov_rm(&c->b, S32, reg,
                   x64_slot_mem(p->kind == PL_FRAME, p->offset));
    else
        x64_load_reg(&c->b, p->type, reg,
                     x64_slot_mem(p->kind == PL_FRAME, p->offset));
}

static void store_const(struct x64_buf *b, struct x64_mem m, uint64_t k)
{
    if ((int64_t)k == (int32_t)k) {
        x64_mov_mi(b, S64, m, k);
        return;
    }
    x64_mov_mi(b, S32, m, k);
    m.disp += 4;
    x64_mov_mi(b, S32, m, k >> 32);
}

void x64_place_to_mem(struct x64 *c, const struct x64_place *p,
                      int32_t frame)
{
    unsigned size = ir_type_size(p->type);
    struct x64_mem m = x64_m(RSP, frame), hi = x64_m(RSP, frame + 8);

    if (p->kind == PL_CONST) {
        store_const(&c->b, m, p->lo);
        store_const(&c->b, hi, p->hi);
        return;
    }
    if (p->kind == PL_REG && p->reg < XMM0) {
        x64_mov_mr(&c->b, S64, m, p->reg);
    } else if (p->kind == PL_REG) {
        if (size == 4)
            x64_mov_mi(&c->b, S64, m, 0);
        x64_store_reg(&c->b, p->type, p->reg, m);
    } else {
        copy_words(&c->b, size, m,
                   x64_slot_mem(p->kind == PL_FRAME, p->offset));
        if (size == 4)
            x64_mov_mi(&c->b, S32, x64_m(RSP, frame + 4), 0);
    }
    if (size < 16)
        x64_mov_mi(&c->b, S64, hi, 0);
}

struct x64_mem x64_data_mem(struct x64 *c, const void *data, unsigned size)
{
    struct x64_const *k;

    for (k = c->consts; k; k = k->next)
        if (size == 16 && k->size == 16 && memcmp(k->data, data, 16) == 0)
            return x64_rip(&k->at);
    k = arena_new(c->ir->arena, struct x64_const);
    x64_label_init(&k->at);
    k->data = data;
    k->size = size;
    k->next = c->consts;
    c->consts = k;
    return x64_rip(&k->at);
}

struct x64_mem x64_const_mem(struct x64 *c, uint64_t lo, uint64_t hi)
{
    uint64_t *data = arena_alloc(c->ir->arena, 16);

    data[0] = lo;
    data[1] = hi;
    return x64_data_mem(c, data, 16);
}

struct x64_tail *x64_tail_new(struct x64 *c, const struct ir_op *op,
                              void (*emit)(struct x64 *, struct x64_tail *))
{
    struct x64_tail *t = arena_new(c->ir->arena, struct x64_tail);

    x64_label_init(&t->entry);
    x64_label_init(&t->back);
    t->emit = emit;
    t->op = op;
    *c->tail_end = t;
    c->tail_end = &t->next;
    return t;
}

bool x64_const_val(const struct x64 *c, uint16_t v, uint64_t *k)
{
    const struct ir_value *value = ir_value(c->ir, v);

    *k = value->lo;
    return value->is_const;
}

bool x64_imm32(const struct x64 *c, uint16_t v, enum ir_type type,
               int32_t *imm)
{
    uint64_t k;

    if (!x64_const_val(c, v, &k))
        return false;
    *imm = k;
    return type == I32 || (int64_t)k == *imm;
}

/* --- guest state ------------------------------------------------------- */

static bool out_state_ld(struct x64 *c, const struct ir_op *op)
{
    uint16_t v = ir_outs(op)[0];
    int32_t off = op->c[0];
    int pin = ra_find_pin(c->ra, off);

    ra_inputs_done(c->ra);
    if (pin < 0) {
        ra_def_home(c->ra, v, off);
    } else if (c->ra->pin_type[pin] == op->type) {
        ra_def_pin(c->ra, v, pin);
    } else {
        ir_assert(op->type == I32, "part of pinned slot at %d", off);
        x64_mov_rr(&c->b, S32, ra_def(c->ra, v), c->ra->pin_reg[pin]);
    }
    return true;
}

static void set_pin(struct x64 *c, int pin, uint16_t v)
{
    struct x64_place p;

    if (c->ra->val[v].pin == pin) {
        ra_inputs_done(c->ra);
        return;
    }
    p = x64_place_of(c, v);
    if (p.kind == PL_REG)
        ra_use(c->ra, v);   /* it stays there */
    ra_inputs_done(c->ra);
    ra_pin_write(c->ra, pin);
    x64_load_place(c, c->ra->pin_reg[pin], &p);
    ra_pin_is(c->ra, pin, v);
}

/* The low half of a 64-bit pinned slot. */
static void set_pin_low(struct x64 *c, int pin, uint16_t v)
{
    int reg = c->ra->pin_reg[pin], src;

    x64_clobber(c);
    src = ra_use(c->ra, v);
    ra_inputs_done(c->ra);
    ra_pin_write(c->ra, pin);
    if (src == reg)     /* an alias: the low half is there already */
        return;
    x64_shift_i(&c->b, SH_SHR, S64, reg, 32);
    x64_shift_i(&c->b, SH_SHL, S64, reg, 32);
    x64_alu_rr(&c->b, A_OR, S64, reg, src);
}

static bool store_imm(struct x64 *c, const struct ir_op *op, uint16_t v)
{
    uint64_t k;
    int32_t off = op->c[0];
    unsigned size = ir_type_size(op->type);

    if (!x64_const_val(c, v, &k) || size > 8)
        return false;
    ra_home_write(c->ra, off, size);
    if (size == 8)
        store_const(&c->b, x64_m(ENV, off), k);
    else
        x64_mov_mi(&c->b, S32, x64_m(ENV, off), k);
    ra_inputs_done(c->ra);
    return true;
}

static bool out_state_st(struct x64 *c, const struct ir_op *op)
{
    uint16_t v = ir_ins(op)[0];
    int32_t off = op->c[0];
    int pin = ra_find_pin(c->ra, off), reg;

    if (pin >= 0 && c->ra->pin_type[pin] == op->type) {
        set_pin(c, pin, v);
        return true;
    }
    if (pin >= 0) {
        set_pin_low(c, pin, v);
        return true;
    }
    if (store_imm(c, op, v))
        return true;
    if (c->ra->val[v].home == off) {    /* stored where it was made */
        ra_inputs_done(c->ra);
        return true;
    }
    reg = ra_use(c->ra, v);
    ra_home_write(c->ra, off, ir_type_size(op->type));
    x64_store_reg(&c->b, op->type, reg, x64_m(ENV, off));
    ra_set_home(c->ra, v, off);
    ra_inputs_done(c->ra);
    return true;
}

/* --- C fallback -------------------------------------------------------- */

struct x64_mem x64_eval_data(struct x64 *c, const struct ir_op *op)
{
    struct x64_eval *d = arena_new(c->ir->arena, struct x64_eval);

    d->op = *op;
    d->op.v = NULL;
    for (unsigned i = 0; i < op->nin; i++)
        d->in_type[i] = ir_value(c->ir, ir_ins(op)[i])->type;
    return x64_data_mem(c, d, sizeof(*d));
}

struct x64_tail *x64_tail_eval(struct x64 *c, const struct ir_op *op, int d,
                               void (*emit)(struct x64 *, struct x64_tail *))
{
    struct x64_tail *t = x64_tail_new(c, op, emit);

    t->reg[0] = d;
    t->live_vec = ra_live_regs(c->ra, C_POOL_VEC & ~(1u << d));
    t->nval = op->nin;
    t->val = arena_array(c->ir->arena, struct x64_place, op->nin);
    return t;
}

void x64_emit_eval(struct x64 *c, struct x64_tail *t)
{
    struct x64_mem data = x64_eval_data(c, t->op);
    bool near;

    x64_save_vectors(c, t->live_vec, false);
    for (unsigned i = 0; i < t->nval; i++)
        x64_place_to_mem(c, &t->val[i], F_BLOCK + 16 * i);
    x64_push(&c->b, RAX);
    x64_lea(&c->b, S64, RAX, data);
    x64_xchg_mr(&c->b, S64, x64_m(RSP, 0), RAX);
    near = x64_call_abs(&c->b, c->be->thunk[T_EVAL]);
    ir_assert(near, "thunk out of reach");
    x64_lea(&c->b, S64, RSP, x64_m(RSP, 8));
    x64_save_vectors(c, t->live_vec, true);
    x64_load_reg(&c->b, t->op->type, t->reg[0], x64_m(RSP, EVAL_OUT));
}

void x64_out_fallback(struct x64 *c, const struct ir_op *op)
{
    struct x64_place in[EVAL_MAX];
    struct x64_mem data = x64_eval_data(c, op);
    uint32_t pins = x64_pins_caller_saved(c);

    ir_assert((ir_op_info[op->opc].flags & IRF_PURE) && op->nin <= EVAL_MAX,
              "no x86-64 code for op %s", ir_op_info[op->opc].name);
    x64_clobber(c);
    for (unsigned i = 0; i < op->nin; i++) {
        if (ir_value(c->ir, ir_ins(op)[i])->type == FLAGS)
            ra_use(c->ra, ir_ins(op)[i]);
        in[i] = x64_place_of(c, ir_ins(op)[i]);
    }
    ra_inputs_done(c->ra);
    c->ra->locked = 0;
    ra_save_regs(c->ra, C_POOL_CALLER | C_POOL_VEC);
    x64_pins_store(c, pins);
    for (unsigned i = 0; i < op->nin; i++)
        x64_place_to_mem(c, &in[i], F_BLOCK + 16 * i);
    x64_mov_rr(&c->b, S64, RDI, ENV);
    x64_lea(&c->b, S64, RSI, data);
    x64_lea(&c->b, S64, RDX, x64_m(RSI, offsetof(struct x64_eval, in_type)));
    x64_lea(&c->b, S64, RCX, x64_m(RSP, EVAL_OUT));
    x64_lea(&c->b, S64, R8, x64_m(RSP, F_BLOCK));
    x64_call_c(&c->b, (const void *)interp_eval);
    x64_pins_load(c, pins);
    x64_load_reg(&c->b, op->type, ra_def(c->ra, ir_outs(op)[0]),
                 x64_m(RSP, EVAL_OUT));
}

/* --- the walk ---------------------------------------------------------- */

static void tail_edge(struct x64 *c, struct x64_tail *t)
{
    const struct ra_edge *e = (const void *)(uintptr_t)t->arg[0];

    ra_edge_emit(c->ra, e);
    x64_jmp(&c->b, &t->back);
}

/* An edge's host data: its tail, whose entry is where the branch jumps and
 * whose back is the label itself. */
struct x64_label *x64_branch_to(struct x64 *c, uint32_t label)
{
    struct ra_edge *e = ra_branch(c->ra, label);
    struct x64_tail *t = arena_new(c->ir->arena, struct x64_tail);

    x64_label_init(&t->entry);
    x64_label_init(&t->back);
    t->emit = tail_edge;
    t->arg[0] = (uintptr_t)e;
    e->host = t;
    return &t->entry;
}

static bool out_label(struct x64 *c, const struct ir_op *op)
{
    struct ra_edge *e;

    c->logic_val = 0;
    for (e = ra_label(c->ra, op->c[0]); e; e = e->next) {
        struct x64_tail *t = e->host;

        x64_bind(&c->b, &t->back);
        if (!e->nmove) {
            x64_bind(&c->b, &t->entry);
            continue;
        }
        *c->tail_end = t;
        c->tail_end = &t->next;
    }
    return true;
}

static bool out_insn_start(struct x64 *c, const struct ir_op *op)
{
    c->pc = op->c[0];
    c->aux = op->c[1];
    ra_inputs_done(c->ra);
    return true;
}

static bool out_exit(struct x64 *c, const struct ir_op *op)
{
    switch (op->opc) {
    case IR_exit_link:
        x64_out_exit_link(c, op);
        break;
    case IR_exit_far:
        x64_out_exit_far(c, op);
        break;
    case IR_exit_ind:
        x64_out_exit_ind(c, op);
        break;
    default:
        x64_out_exit_main(c, op);
        break;
    }
    ra_inputs_done(c->ra);
    ra_exit(c->ra);
    return true;
}

static bool out_call(struct x64 *c, const struct ir_op *op)
{
    x64_clobber(c);
    x64_out_call(c, op);
    return true;
}

static bool out_ret_push(struct x64 *c, const struct ir_op *op)
{
    (void)op;
    ra_inputs_done(c->ra);
    return true;
}

static const x64_emit_fn basic_emit[IR_NOPS] = {
    [IR_state_ld] = out_state_ld, [IR_state_st] = out_state_st,
    [IR_insn_start] = out_insn_start, [IR_label] = out_label,
    [IR_exit_link] = out_exit, [IR_exit_far] = out_exit,
    [IR_exit_ind] = out_exit, [IR_exit_main] = out_exit,
    [IR_call] = out_call, [IR_ret_push] = out_ret_push,
};

static x64_emit_fn emitter(unsigned opc)
{
    static const x64_emit_fn *const tables[] = {
        basic_emit, x64_int_emit, x64_flag_emit, x64_mem_emit, x64_fp_emit,
        x64_vec_emit, x64_perm_emit, x64_vfp_emit, x64_crypto_emit, x64_vx_emit };

    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (tables[i][opc])
            return tables[i][opc];
    return NULL;
}

static void emit_op(struct x64 *c, uint32_t pos)
{
    const struct ir_op *op = &c->ir->ops[pos];
    x64_emit_fn emit = emitter(op->opc);

    c->pos = pos;
    ra_op_begin(c->ra, pos);
    if ((!c->ra->reachable && op->opc != IR_label) || c->done[pos])
        ra_inputs_skip(c->ra);
    else if (!emit || !emit(c, op))
        x64_out_fallback(c, op);
    ra_op_end(c->ra);
}

static void emit_data(struct x64 *c)
{
    for (struct x64_const *k = c->consts; k; k = k->next) {
        x64_align(&c->b, 16);
        x64_bind(&c->b, &k->at);
        x64_data(&c->b, k->data, k->size);
    }
}

size_t backend_emit(struct backend *be, struct ir *ir, uint8_t *rw,
                    size_t max, struct tcg_code *out)
{
    struct x64 c = { .be = be, .ra = &be->ra, .ir = ir, .out = out };

    x64_buf_init(&c.b, rw, max, be->mem->rx - be->mem->rw);
    c.b.vex = be->cpu.avx;
    c.slow_end = &c.slow;
    c.tail_end = &c.tail;
    c.pc = ir->entry_pc;
    c.done = arena_alloc0(ir->arena, ir->nops + 1);
    out->nlinks = 0;
    be->ra.opaque = &c;
    c.share = x64_share_checks(ir);
    ra_begin(&be->ra, ir);
    x64_out_entry(&c);
    for (uint32_t i = 0; i < ir->nops && !c.b.overflow; i++)
        if (!ir->ops[i].dead)
            emit_op(&c, i);
    out->main_size = x64_exec(&c.b) - (uint8_t *)out->entry;
    for (struct x64_slow *s = c.slow; s; s = s->next)
        x64_emit_slow(&c, s);
    for (struct x64_tail *t = c.tail; t; t = t->next) {
        x64_bind(&c.b, &t->entry);
        t->emit(&c, t);
    }
    emit_data(&c);
    return c.b.overflow ? 0 : x64_used(&c.b);
}
