/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory on x86-64: the inline TLB check, the access itself, and the
 * stubs that go to C when the check fails.
 *
 * The check reads no more than one entry and compares once (tcg/env.h); a
 * block access of several registers is checked once for the whole block.
 * Outputs are written only after the check, so a fault finds every register
 * as it was.  Everything the allocator emits for an op comes before its
 * check: a stub jumps back behind it.
 */
#include "config.h"

#include <stddef.h>

#include "tcg/x64-internal.h"
#include "util/arena.h"

enum { MAX_ELEMS = 32 };

static inline uint32_t bit(int reg)
{
    return 1u << reg;
}

/* One op's access, as the emitters below share it. */
struct access {
    uint32_t memop;
    unsigned view;
    unsigned bytes;             /* of the whole access */
    bool write;
    int addr, t0, t1;           /* registers; t0 becomes the host - guest
                                 * difference, or the host address */
    const struct x64_share *share;
};

static unsigned alignment(uint32_t memop)
{
    return 1u << ((memop & MO_ALIGN_MASK) >> MO_ALIGN_SHIFT);
}

/* --- the check --------------------------------------------------------- */

/* d = s shifted right, with rubbish in the top n bits. */
static void shift_down(struct x64 *c, int sz, int d, int s, unsigned n)
{
    if (c->be->cpu.bmi2) {
        x64_rorx(&c->b, sz, d, s, n);
        return;
    }
    x64_mov_rr(&c->b, sz, d, s);
    x64_shift_i(&c->b, SH_SHR, sz, d, n);
}

/* t0 = the page's entry.  Of the sum's operands one has rubbish below the
 * index, the other zeros: no carry comes from there; and rubbish at the top,
 * which the mask removes. */
static void tlb_entry(struct x64 *c, const struct access *a, int from, int sz)
{
    enum { ENTRY_SHIFT = 5 };
    int32_t view = offsetof(struct tcg_env, tlb) +
                   a->view * sizeof(struct tlb_view);

    _Static_assert(sizeof(struct tlb_entry) == 1 << ENTRY_SHIFT, "shift");
    shift_down(c, sz, a->t1, from, TLB_HASH_SHIFT - ENTRY_SHIFT);
    shift_down(c, sz, a->t0, from, TLB_PAGE_BITS - ENTRY_SHIFT);
    x64_alu_ri(&c->b, A_AND, S32, a->t1, -(1 << ENTRY_SHIFT));
    x64_alu_rr(&c->b, A_ADD, S32, a->t0, a->t1);
    x64_alu_rm(&c->b, A_AND, S32, a->t0,
               x64_m(ENV, view + offsetof(struct tlb_view, mask_bytes)));
    x64_alu_rm(&c->b, A_ADD, S64, a->t0,
               x64_m(ENV, view + offsetof(struct tlb_view, table)));
}

static bool is_first(const struct access *a)
{
    return a->share && a->share->first;
}

/*
 * t0 = the page's entry, or jumps to miss.  What is compared is the page of the last byte; with an alignment, the page of the
 * last aligned unit, and the low bits, which must be zero.  The entry is that
 * of the first byte's page.
 */
static void table_compare(struct x64 *c, const struct access *a,
                          struct x64_label *miss)
{
    unsigned align = alignment(a->memop);
    int32_t last = (is_first(a) ? a->share->hi : (int32_t)a->bytes) - 1;
    int sz = c->ir->target->addr_type == I64 ? S64 : S32;
    struct x64_buf *b = &c->b;

    if (is_first(a) && a->share->lo) {
        x64_lea(b, sz, a->t0, x64_m(a->addr, a->share->lo));
        tlb_entry(c, a, a->t0, sz);
    } else {
        tlb_entry(c, a, a->addr, sz);
    }
    if (align > 1)
        last &= ~(align - 1);
    if (last)
        x64_lea(b, sz, a->t1, x64_m(a->addr, last));
    else
        x64_mov_rr(b, sz, a->t1, a->addr);
    x64_alu_ri(b, A_AND, sz, a->t1, (int32_t)TLB_PAGE_MASK | (align - 1));
    x64_alu_rm(b, A_CMP, sz, a->t1,
               x64_m(a->t0, a->write ? offsetof(struct tlb_entry, write)
                                     : offsetof(struct tlb_entry, read)));
    x64_jcc(b, XC_NE, miss);
}

static void load_addend(struct x64 *c, const struct access *a)
{
    x64_mov_rm(&c->b, S64, a->t0,
               x64_m(a->t0, offsetof(struct tlb_entry, addend)));
}

/* --- what the place found last time (tcg/env.h) -------------------------- */

enum { SITE_STACK_SLOTS = 8, SITE_STACK_SHIFT = 6 };

struct site {
    struct access a;            /* as the slot's kind is: of the stack, a write */
    bool load;                  /* of a page that may not be written: by the table */
    bool wide;                  /* 64-bit addresses */
    int32_t slot;               /* offset in env */
    struct x64_label *miss;
};

/*
 * Which slot: all accesses by the stack pointer share a few, by distance (a
 * frame may lie on two pages), since they are many and find the same page;
 * the others have their own.  Only hot code looks there: what runs a few times
 * in each process would mostly find what it left in another one.
 */
static int32_t site_slot(struct x64 *c, const struct ir_op *op,
                         const struct access *a, bool *stack)
{
    int32_t off, base = offsetof(struct tcg_env, site);
    uint16_t root = x64_address_root(c->ir, ir_ins(op)[0], &off);
    const struct ir_op *def = &c->ir->ops[ir_value(c->ir, root)->def];
    bool write = a->write;
    unsigned n;

    *stack = root && def->opc == IR_state_ld &&
             (int64_t)def->c[0] == c->be->sp_offset;
    if (*stack) {
        write = true;
        n = (unsigned)off >> SITE_STACK_SHIFT & (SITE_STACK_SLOTS - 1);
    } else {
        n = SITE_STACK_SLOTS + c->be->next_site[write]++ %
                                   (TLB_SITES - SITE_STACK_SLOTS);
    }
    return base + (write * TLB_SITES + n) * sizeof(struct tlb_site);
}

static struct x64_mem site_mem(const struct site *s, size_t field)
{
    return x64_m(ENV, s->slot + (int32_t)field);
}

static int32_t site_lo(const struct access *a)
{
    return is_first(a) ? a->share->lo : 0;
}

/* t1 = the page of the access' first byte. */
static void site_page(struct x64 *c, const struct site *s)
{
    int sz = s->wide ? S64 : S32;

    if (site_lo(&s->a))
        x64_lea(&c->b, sz, s->a.t1, x64_m(s->a.addr, site_lo(&s->a)));
    else
        x64_mov_rr(&c->b, sz, s->a.t1, s->a.addr);
    x64_alu_ri(&c->b, A_AND, sz, s->a.t1, (int32_t)TLB_PAGE_MASK);
}

/* The slot knows another page, or of another time. */
static void tail_site(struct x64 *c, struct x64_tail *t)
{
    struct site *s = (void *)(uintptr_t)t->arg[0];
    struct x64_buf *b = &c->b;
    struct x64_label readonly;
    int t1 = s->a.t1;

    x64_label_init(&readonly);
    table_compare(c, &s->a, s->load ? &readonly : s->miss);
    x64_test_mi(b, S8, x64_m(s->a.t0, offsetof(struct tlb_entry, exec)),
                TLB_LOCAL);
    load_addend(c, &s->a);      /* keeps the flags */
    x64_jcc(b, XC_NE, &t->back);
    site_page(c, s);
    if (s->wide) {
        x64_mov_mr(b, S64, site_mem(s, offsetof(struct tlb_site, page)), t1);
        x64_mov_rm(b, S64, t1, x64_m(ENV, offsetof(struct tcg_env, site_tag)));
    } else {
        x64_alu_rm(b, A_OR, S64, t1, x64_m(ENV, offsetof(struct tcg_env,
                                                         site_tag)));
    }
    x64_mov_mr(b, S64, site_mem(s, offsetof(struct tlb_site, tag)), t1);
    x64_mov_mr(b, S64, site_mem(s, offsetof(struct tlb_site, addend)),
               s->a.t0);
    x64_jmp(b, &t->back);
    if (!s->load)
        return;
    x64_bind(b, &readonly);
    s->a.write = false;
    table_compare(c, &s->a, s->miss);
    load_addend(c, &s->a);
    x64_jmp(b, &t->back);
}

/*
 * Two forms of "the bytes lie in the slot's page": when the access is one
 * aligned unit, its page and low bits are compared; else the distance from the
 * page's start is, which leaves room for the bytes, and an alignment has a
 * test of its own.
 */
static void site_compare(struct x64 *c, const struct site *s,
                         struct x64_label *other)
{
    const struct access *a = &s->a;
    unsigned align = alignment(a->memop);
    int32_t lo = site_lo(a), span = is_first(a) ? a->share->hi - lo
                                                : (int32_t)a->bytes;
    struct x64_mem tag = site_mem(s, offsetof(struct tlb_site, tag));
    struct x64_mem now = x64_m(ENV, offsetof(struct tcg_env, site_tag));
    struct x64_buf *b = &c->b;
    int sz = s->wide ? S64 : S32;

    if (s->wide) {
        x64_mov_rm(b, S64, a->t1, now);
        x64_alu_rm(b, A_CMP, S64, a->t1, tag);
        x64_jcc(b, XC_NE, other);
        tag = site_mem(s, offsetof(struct tlb_site, page));
    }
    if (span <= (int32_t)align && !lo) {
        x64_mov_rr(b, sz, a->t1, a->addr);
        x64_alu_ri(b, A_AND, sz, a->t1,
                   (int32_t)TLB_PAGE_MASK | (align - 1));
        if (!s->wide)
            x64_alu_rm(b, A_OR, S64, a->t1, now);
        x64_alu_rm(b, A_CMP, S64, a->t1, tag);
        x64_jcc(b, XC_NE, other);
        return;
    }
    if (align > 1) {
        x64_test_ri(b, S8, a->addr, align - 1);
        x64_jcc(b, XC_NE, other);
    }
    if (s->wide) {
        x64_lea(b, S64, a->t1, x64_m(a->addr, lo));
    } else {
        x64_mov_rm(b, S64, a->t1, now);
        if (lo)
            x64_lea(b, S64, a->t1, x64_mi(a->t1, a->addr, 0, lo));
        else
            x64_alu_rr(b, A_ADD, S64, a->t1, a->addr);
    }
    x64_alu_rm(b, A_SUB, S64, a->t1, tag);
    x64_alu_ri(b, A_CMP, S64, a->t1, (int32_t)TLB_PAGE_SIZE - span);
    x64_jcc(b, XC_A, other);
}

/* False: not by a slot. */
static bool site_check(struct x64 *c, const struct ir_op *op,
                       const struct access *a, struct x64_label *miss)
{
    struct x64_tail *t;
    struct site *s;
    int32_t slot;
    bool stack;

    if (!c->ir->hot || a->view != 0)
        return false;
    slot = site_slot(c, op, a, &stack);
    t = x64_tail_new(c, op, tail_site);
    s = arena_new(c->ir->arena, struct site);
    *s = (struct site){
        *a, stack && !a->write, c->ir->target->addr_type == I64, slot, miss };
    s->a.write |= stack;
    t->arg[0] = (uintptr_t)s;
    site_compare(c, s, &t->entry);
    x64_mov_rm(&c->b, S64, a->t0,
               site_mem(s, offsetof(struct tlb_site, addend)));
    x64_bind(&c->b, &t->back);
    return true;
}

/* Leaves t0 = host - guest address (for the first of a group: the host
 * address), or jumps to miss. */
static void tlb_check(struct x64 *c, const struct ir_op *op,
                      const struct access *a, struct x64_label *miss)
{
    if (!site_check(c, op, a, miss)) {
        table_compare(c, a, miss);
        load_addend(c, a);
    }
    if (is_first(a))
        x64_alu_rr(&c->b, A_ADD, S64, a->t0, a->addr);
}

static struct x64_slow *new_slow(struct x64 *c, const struct access *a,
                                 enum x64_thunk thunk, unsigned nval,
                                 unsigned nres)
{
    struct x64_slow *s = arena_new(c->ir->arena, struct x64_slow);

    x64_label_init(&s->entry);
    x64_label_init(&s->back);
    s->thunk = thunk;
    s->addr = a->addr;
    s->scratch = a->t1;
    s->zero = -1;
    s->oi = TCG_OI(a->memop, a->view);
    s->pc = c->pc;
    s->aux = c->aux;
    s->nval = nval;
    s->nres = nres;
    s->val = arena_array(c->ir->arena, struct x64_place, nval + 1);
    s->res = arena_array(c->ir->arena, struct x64_place, nres + 1);
    *c->slow_end = s;
    c->slow_end = &s->next;
    return s;
}

/* Before the inputs die: the places of those that the slow path makes flags of. own: the op's other inputs */
static void note_sink(struct x64 *c, const struct ir_op *op, struct x64_slow *s, unsigned own)
{
    s->sink = op->c[2];
    if (!s->sink)
        return;
    ra_home_write(c->ra, (int32_t)IR_SINK_SLOT(s->sink), 4);     /* by the slow path: no value may count on it */
    s->x = x64_place_of(c, ir_ins(op)[own]);
    if (IR_SINK_INPUTS(s->sink) > 1)
        s->y = x64_place_of(c, ir_ins(op)[own + 1]);
}

/* After outputs are defined: vector registers that the stub must keep. */
static void note_live(struct x64 *c, struct x64_slow *s)
{
    s->live_vec = ra_live_regs(c->ra, C_POOL_VEC);
}

/* --- stubs ------------------------------------------------------------- */

void x64_save_vectors(struct x64 *c, uint32_t mask, bool load)
{
    for (; mask; mask &= mask - 1) {
        int reg = __builtin_ctz(mask);
        struct x64_mem m = x64_m(RSP, F_XSAVE + 16 * xnum(reg));

        if (load)
            x64_load_reg(&c->b, V128, reg, m);
        else
            x64_store_reg(&c->b, V128, reg, m);
    }
}

static bool is_block(const struct x64_slow *s)
{
    return s->thunk == T_LD_BLOCK || s->thunk == T_ST_BLOCK;
}

static void slow_call(struct x64 *c, const struct x64_slow *s)
{
    struct x64_buf *b = &c->b;
    bool near;

    if (c->ir->target->addr_type == I64) {
        int32_t pc = offsetof(struct tcg_env, pc);

        x64_mov_mi(b, S32, x64_m(ENV, pc), s->pc);
        x64_mov_mi(b, S32, x64_m(ENV, pc + 4), s->pc >> 32);
    }
    x64_push_i(b, s->pc);
    x64_push_i(b, s->aux);
    x64_push_i(b, s->oi);
    x64_push(b, s->addr);
    near = x64_call_abs(b, c->be->thunk[s->thunk]);
    ir_assert(near, "thunk out of reach");
    x64_alu_ri(b, A_ADD, S64, RSP, 32);
}

/* Result at frame offset `from` to its place. */
static void slow_result(struct x64 *c, const struct x64_slow *s,
                        const struct x64_place *p, int32_t from)
{
    unsigned size = ir_type_size(p->type);
    struct x64_mem dst;

    if (p->kind == PL_NONE)
        return;
    if (p->kind == PL_REG) {
        x64_load_reg(&c->b, p->type, p->reg, x64_m(RSP, from));
        return;
    }
    dst = x64_slot_mem(p->kind == PL_FRAME, p->offset);
    for (unsigned i = 0; i < size; i += 8) {
        int sz = size == 4 ? S32 : S64;

        x64_mov_rm(&c->b, sz, s->scratch, x64_m(RSP, from + i));
        x64_mov_mr(&c->b, sz, dst, s->scratch);
        dst.disp += 8;
    }
}

/* Where the operand of a sink is, with what was in rax now in t1 (unless t1 is rax). */
static struct x64_place moved(struct x64_place p, int t1)
{
    if (p.kind == PL_REG && p.reg == RAX)
        p.reg = t1;
    return p;
}

static void alu_place(struct x64 *c, enum x64_alu op, int sz, int d, const struct x64_place *p)
{
    if (p->kind == PL_CONST)
        x64_alu_ri(&c->b, op, sz, d, (int32_t)p->lo);
    else if (p->kind == PL_REG)
        x64_alu_rr(&c->b, op, sz, d, p->reg);
    else
        x64_alu_rm(&c->b, op, sz, d, x64_slot_mem(p->kind == PL_FRAME, p->offset));
}

/* The operation again, for its flags. rax is the operand. */
static void sink_operation(struct x64 *c, const struct x64_slow *s, const struct x64_place *y, int sz)
{
    static const uint8_t shift[] = { [SINK_SHL] = SH_SHL, [SINK_SHR] = SH_SHR, [SINK_SAR] = SH_SAR };
    unsigned kind = IR_SINK_KIND(s->sink);

    switch (kind) {
    case SINK_ADD_RESULT:
        alu_place(c, A_SUB, sz, RAX, y);
        alu_place(c, A_ADD, sz, RAX, y);
        break;
    case SINK_ADD:
        alu_place(c, A_ADD, sz, RAX, y);
        break;
    case SINK_SUB_RESULT:
        alu_place(c, A_ADD, sz, RAX, y);
        alu_place(c, A_CMP, sz, RAX, y);
        break;
    case SINK_SUB:
        alu_place(c, A_CMP, sz, RAX, y);
        break;
    case SINK_TEST:
        alu_place(c, A_AND, sz, RAX, y);
        break;
    default:
        x64_shift_i(&c->b, shift[kind], sz, RAX, IR_SINK_N(s->sink));
        break;
    }
}

/* The flags that nobody has stored (opt-sink.c). No register but t1 changes. */
static void emit_sink(struct x64 *c, const struct x64_slow *s)
{
    unsigned bits = IR_SINK_BITS(s->sink);
    int sz = bits == 8 ? S8 : bits == 16 ? S16 : bits == 32 ? S32 : S64, t1 = s->scratch;
    struct x64_place x = moved(s->x, t1), y = moved(s->y, t1);

    if (t1 != RAX)
        x64_mov_rr(&c->b, S64, t1, RAX);
    x64_load_place(c, RAX, &x);
    sink_operation(c, s, &y, sz);
    if (IR_SINK_NOT_BORROW(s->sink))
        x64_cmc(&c->b);
    x64_lahf(&c->b);
    x64_setcc_r(&c->b, XC_O, RAX);
    x64_mov_mr(&c->b, S32, x64_m(ENV, (int32_t)IR_SINK_SLOT(s->sink)), RAX);
    if (t1 != RAX)
        x64_mov_rr(&c->b, S64, RAX, t1);
}

void x64_emit_slow(struct x64 *c, struct x64_slow *s)
{
    bool block = is_block(s);
    unsigned step = block ? s->elem : 8;
    int32_t area = block ? F_BLOCK : F_VAL;

    x64_bind(&c->b, &s->entry);
    if (s->sink)
        emit_sink(c, s);
    x64_save_vectors(c, s->live_vec, false);
    for (unsigned i = 0; i < s->nval; i++)
        x64_place_to_mem(c, &s->val[i], area + step * i);
    if (block)
        x64_mov_mi(&c->b, S32, x64_m(RSP, F_VAL), s->n);
    slow_call(c, s);
    x64_save_vectors(c, s->live_vec, true);
    for (unsigned i = 0; i < s->nres; i++)
        slow_result(c, s, &s->res[i], area + step * i);
    if (s->zero >= 0)
        x64_alu_rr(&c->b, A_XOR, S32, s->zero, s->zero);
    x64_jmp(&c->b, &s->back);
}

/* --- the accesses ------------------------------------------------------- */

static void swap_in_reg(struct x64 *c, int sz, int reg)
{
    if (sz == S16)
        x64_shift_i(&c->b, SH_ROL, S16, reg, 8);
    else if (sz >= S32)
        x64_bswap(&c->b, sz, reg);
}

/* A general register from memory, extended to type. */
static void load_general(struct x64 *c, uint32_t memop, enum ir_type type,
                         int d, struct x64_mem m)
{
    int sz = memop & MO_SIZE, to = type == I64 ? S64 : S32;
    bool sign = (memop & MO_SIGN) && sz < to;

    if (!(memop & MO_BE) || sz == S8) {
        if (sign)
            x64_movsx_rm(&c->b, to, sz, d, m);
        else
            x64_movzx_rm(&c->b, sz, d, m);
        return;
    }
    if (sz >= S32 && c->be->cpu.movbe) {
        x64_movbe_rm(&c->b, sz, d, m);
    } else {
        x64_movzx_rm(&c->b, sz, d, m);
        swap_in_reg(c, sz, d);
    }
    if (sign)
        x64_movsx_rr(&c->b, to, sz, d, d);
}

/* 16 big-endian bytes: the halves change places. */
static void load_v128_be(struct x64 *c, int d, int t, struct x64_mem m)
{
    load_general(c, MO_64 | MO_BE, I64, t, m);
    x64_mov_mr(&c->b, S64, x64_m(RSP, F_VAL + 8), t);
    m.disp += 8;
    load_general(c, MO_64 | MO_BE, I64, t, m);
    x64_mov_mr(&c->b, S64, x64_m(RSP, F_VAL), t);
    x64_load_reg(&c->b, V128, d, x64_m(RSP, F_VAL));
}

static void load_any(struct x64 *c, uint32_t memop, enum ir_type type, int d,
                     int t, struct x64_mem m)
{
    if (d < XMM0) {
        load_general(c, memop, type, d, m);
    } else if (!(memop & MO_BE)) {
        x64_load_reg(&c->b, type, d, m);
    } else if (type == V128) {
        load_v128_be(c, d, t, m);
    } else {
        load_general(c, memop, type == F32 ? I32 : I64, t, m);
        x64_move_reg(&c->b, type, d, t);
    }
}

static void store_general(struct x64 *c, uint32_t memop, int s, int t,
                          struct x64_mem m)
{
    int sz = memop & MO_SIZE;

    if (!(memop & MO_BE) || sz == S8) {
        x64_mov_mr(&c->b, sz, m, s);
    } else if (c->be->cpu.movbe) {
        x64_movbe_mr(&c->b, sz, m, s);
    } else {
        x64_mov_rr(&c->b, sz == S64 ? S64 : S32, t, s);
        swap_in_reg(c, sz, t);
        x64_mov_mr(&c->b, sz, m, t);
    }
}

static void store_v128_be(struct x64 *c, int s, int t, struct x64_mem m)
{
    x64_store_reg(&c->b, V128, s, x64_m(RSP, F_VAL));
    x64_mov_rm(&c->b, S64, t, x64_m(RSP, F_VAL + 8));
    store_general(c, MO_64 | MO_BE, t, t, m);
    m.disp += 8;
    x64_mov_rm(&c->b, S64, t, x64_m(RSP, F_VAL));
    store_general(c, MO_64 | MO_BE, t, t, m);
}

/* Store what is in register s; t is scratch. */
static void store_any(struct x64 *c, uint32_t memop, enum ir_type type, int s,
                      int t, struct x64_mem m)
{
    if (s < XMM0) {
        store_general(c, memop, s, t, m);
    } else if (!(memop & MO_BE)) {
        x64_store_reg(&c->b, type, s, m);
    } else if (type == V128) {
        store_v128_be(c, s, t, m);
    } else {
        x64_move_reg(&c->b, type, t, s);
        store_general(c, memop, t, t, m);
    }
}

/* Emits the access itself, from or to host memory at m. */
typedef void (*access_fn)(struct x64 *c, const struct access *a,
                          const struct x64_slow *s, struct x64_mem m);
static bool follow(struct x64 *c, const struct ir_op *op, unsigned n,
                   access_fn fn);

/* --- the check out of line -------------------------------------------------- */

/*
 * T_LOOK_UP: the check as a subroutine that changes no register.  On the
 * stack, above the return address: distance of the last aligned unit (16
 * bits) and alignment - 1 (16 bits); the guest address, which becomes the
 * host address, or zero.
 */
void x64_emit_look_up(struct backend *be, struct x64_buf *b, unsigned view,
                      bool write)
{
    enum { SAVED = 3, AT_LAST = 8 * (SAVED + 1), AT_ADDR = AT_LAST + 8 };
    static const int saved[SAVED] = { RAX, RCX, RDX };
    const struct access a = { .view = view, .write = write, .addr = RDX,
                              .t0 = RAX, .t1 = RCX };
    int sz = be->config.target->addr_type == I64 ? S64 : S32;
    struct x64 c = { .be = be, .b = *b };
    struct x64_label miss;

    be->thunk[T_LOOK_UP + x64_look_up_kind(view, write)] = x64_exec(b);
    x64_label_init(&miss);
    for (int i = 0; i < SAVED; i++)
        x64_push(&c.b, saved[i]);
    x64_mov_rm(&c.b, S64, RDX, x64_m(RSP, AT_ADDR));
    tlb_entry(&c, &a, RDX, sz);
    x64_movzx_rm(&c.b, S16, RCX, x64_m(RSP, AT_LAST));
    x64_alu_rr(&c.b, A_ADD, sz, RDX, RCX);
    x64_movzx_rm(&c.b, S16, RCX, x64_m(RSP, AT_LAST + 2));
    x64_alu_ri(&c.b, A_OR, S64, RCX, (int32_t)TLB_PAGE_MASK);
    x64_alu_rr(&c.b, A_AND, sz, RDX, RCX);
    x64_alu_rm(&c.b, A_CMP, sz, RDX,
               x64_m(RAX, write ? offsetof(struct tlb_entry, write)
                                : offsetof(struct tlb_entry, read)));
    x64_mov_rm(&c.b, S64, RAX, x64_m(RAX, offsetof(struct tlb_entry, addend)));
    x64_jcc(&c.b, XC_NE, &miss);
    x64_alu_mr(&c.b, A_ADD, S64, x64_m(RSP, AT_ADDR), RAX);
    for (int i = SAVED; i-- > 0;)
        x64_pop(&c.b, saved[i]);
    x64_ret(&c.b);
    x64_bind(&c.b, &miss);
    x64_mov_mi(&c.b, S64, x64_m(RSP, AT_ADDR), 0);
    for (int i = SAVED; i-- > 0;)
        x64_pop(&c.b, saved[i]);
    x64_ret(&c.b);
    *b = c.b;
}

/* reg = host address of this access alone, by T_LOOK_UP; or to miss with reg
 * zero. reg may be a->addr. */
static void look_up(struct x64 *c, const struct access *a, int reg,
                    struct x64_label *miss)
{
    unsigned align = alignment(a->memop), last = a->bytes - 1;
    struct x64_buf *b = &c->b;
    bool near;

    if (align > 1)
        last &= ~(align - 1);
    x64_push(b, a->addr);
    x64_push_i(b, last | (align - 1) << 16);
    near = x64_call_abs(b, c->be->thunk[T_LOOK_UP +
                                        x64_look_up_kind(a->view, a->write)]);
    ir_assert(near, "thunk out of reach");
    x64_alu_ri(b, A_ADD, S64, RSP, 8);
    x64_pop(b, reg);
    x64_test_rr(b, S64, reg, reg);
    x64_jcc(b, XC_E, miss);
}

struct lone {
    struct access a;
    struct x64_slow *s;
    access_fn fn;
};

/* The group's span leaves the page, or the page is not there: this access by
 * itself.  H stays zero. */
static void tail_lone(struct x64 *c, struct x64_tail *t)
{
    struct lone *l = (void *)(uintptr_t)t->arg[0];

    look_up(c, &l->a, l->a.t0, &l->s->entry);
    l->fn(c, &l->a, l->s, x64_m(l->a.t0, 0));
    x64_alu_rr(&c->b, A_XOR, S32, l->a.t0, l->a.t0);
    x64_jmp(&c->b, &l->s->back);
}

/* Where a failed check goes. */
static struct x64_label *miss_of(struct x64 *c, const struct ir_op *op,
                                 const struct access *a, struct x64_slow *s,
                                 access_fn fn)
{
    struct x64_tail *t;
    struct lone *l;

    if (!is_first(a))
        return &s->entry;
    t = x64_tail_new(c, op, tail_lone);
    l = arena_new(c->ir->arena, struct lone);
    *l = (struct lone){ *a, s, fn };
    t->arg[0] = (uintptr_t)l;
    return &t->entry;
}

/* --- one element -------------------------------------------------------- */

static struct access use_address(struct x64 *c, const struct ir_op *op,
                                 unsigned n, bool write)
{
    struct access a = { .memop = op->c[0], .view = op->c[1],
                        .write = write, .share = c->share[c->pos] };

    a.bytes = n << (a.memop & MO_SIZE);
    a.addr = ra_use(c->ra, ir_ins(op)[0]);
    return a;
}

static void use_temps(struct x64 *c, struct access *a)
{
    a->t0 = ra_temp(c->ra, RA_GENERAL, 0);
    a->t1 = ra_temp(c->ra, RA_GENERAL, 0);
}

static struct x64_mem host_mem(const struct access *a)
{
    return is_first(a) ? x64_m(a->t0, 0) : x64_mi(a->t0, a->addr, 0, 0);
}

/* The first of a group: its last output is t0.  With the other outputs. */
static void define_h(struct x64 *c, const struct ir_op *op,
                     const struct access *a, struct x64_slow *s)
{
    if (!is_first(a))
        return;
    ra_def_in(c->ra, ir_outs(op)[op->nout - 1], a->t0);
    s->zero = a->t0;
}

static struct x64_place reg_place(enum ir_type type, int reg)
{
    return (struct x64_place){ .kind = PL_REG, .type = type, .reg = reg };
}

static void store_value(struct x64 *c, const struct access *a,
                        const struct x64_place *p, struct x64_mem m)
{
    int sz = a->memop & MO_SIZE, reg = p->reg;

    if (p->kind == PL_CONST && !(a->memop & MO_BE) && sz <= S64 &&
        (sz < S64 || (int64_t)p->lo == (int32_t)p->lo)) {
        x64_mov_mi(&c->b, sz, m, p->lo);
        return;
    }
    if (p->kind != PL_REG)
        x64_load_place(c, reg = a->t1, p);
    store_any(c, a->memop, p->type, reg, a->t1, m);
}

static void ld_access(struct x64 *c, const struct access *a,
                      const struct x64_slow *s, struct x64_mem m)
{
    load_any(c, a->memop, s->res[0].type, s->res[0].reg, a->t1, m);
}

static void st_access(struct x64 *c, const struct access *a,
                      const struct x64_slow *s, struct x64_mem m)
{
    store_value(c, a, &s->val[0], m);
}

static bool is_follower(const struct x64 *c)
{
    return c->share[c->pos] && !c->share[c->pos]->first;
}

static bool out_guest_ld(struct x64 *c, const struct ir_op *op)
{
    bool block = op->type == V128;
    struct x64_slow *s;
    struct access a;
    int d;

    x64_clobber(c);
    if (is_follower(c))
        return follow(c, op, 1, ld_access);
    a = use_address(c, op, 1, false);
    use_temps(c, &a);
    s = new_slow(c, &a, block ? T_LD_BLOCK : T_LD, 0, 1);
    note_sink(c, op, s, 1);
    ra_inputs_done(c->ra);
    c->ra->locked |= is_first(&a) ? bit(a.addr) : 0;    /* read after t0 */
    d = ra_def(c->ra, ir_outs(op)[0]);
    s->n = 1;
    s->elem = 16;
    s->res[0] = reg_place(op->type, d);
    define_h(c, op, &a, s);
    note_live(c, s);
    tlb_check(c, op, &a, miss_of(c, op, &a, s, ld_access));
    ld_access(c, &a, s, host_mem(&a));
    x64_bind(&c->b, &s->back);
    return true;
}

static bool out_guest_st(struct x64 *c, const struct ir_op *op)
{
    uint16_t v = ir_ins(op)[1];
    bool block = ir_value(c->ir, v)->type == V128;
    struct x64_slow *s;
    struct access a;

    x64_clobber(c);
    if (is_follower(c))
        return follow(c, op, 1, st_access);
    a = use_address(c, op, 1, true);
    if (!ir_value(c->ir, v)->is_const || block)
        ra_use(c->ra, v);
    use_temps(c, &a);
    s = new_slow(c, &a, block ? T_ST_BLOCK : T_ST, 1, 0);
    s->n = 1;
    s->elem = 16;
    s->val[0] = x64_place_of(c, v);
    note_sink(c, op, s, 2);
    ra_inputs_done(c->ra);
    define_h(c, op, &a, s);
    note_live(c, s);
    tlb_check(c, op, &a, miss_of(c, op, &a, s, st_access));
    st_access(c, &a, s, host_mem(&a));
    x64_bind(&c->b, &s->back);
    return true;
}

/* --- blocks ------------------------------------------------------------- */

/* The state slot that the ops right after this one store v to whole, or -1:
 * then the block load writes it at once. */
static int32_t stored_to(struct x64 *c, uint16_t v)
{
    for (uint32_t i = c->pos + 1; i < c->ir->nops; i++) {
        const struct ir_op *op = &c->ir->ops[i];

        if (op->dead)
            continue;
        if (op->opc != IR_state_st)
            return -1;
        if (ir_ins(op)[0] == v && ra_find_pin(c->ra, op->c[0]) < 0)
            return op->c[0];
    }
    return -1;
}

static struct x64_place define_element(struct x64 *c, uint16_t v)
{
    struct x64_place p = { .type = ir_value(c->ir, v)->type };
    int32_t home;

    if (ra_dead(c->ra, v))
        return p;
    home = c->ra->val[v].want_pin < 0 ? stored_to(c, v) : -1;
    /* By way of memory a V128 would go in halves, and a load of the whole soon after would wait for both stores. */
    if (p.type == V128 && ra_has_free(c->ra, ra_class_of(V128)))
        home = -1;
    if (home >= 0) {
        ra_home_write(c->ra, home, ir_type_size(p.type));
        ra_def_home(c->ra, v, home);
        p.kind = PL_ENV;
        p.offset = home;
    } else if ((c->ra->val[v].want_pin >= 0 && !c->ra->randomise) ||
               ra_has_free(c->ra, ra_class_of(p.type))) {
        p.kind = PL_REG;
        p.reg = ra_def(c->ra, v);
    } else {
        p.kind = PL_FRAME;
        p.offset = ra_def_spilled(c->ra, v);
    }
    return p;
}

static void load_element(struct x64 *c, const struct access *a,
                         const struct x64_place *p, struct x64_mem m)
{
    struct x64_mem dst;

    if (p->kind == PL_NONE)
        return;
    if (p->kind == PL_REG) {
        load_any(c, a->memop, p->type, p->reg, a->t1, m);
        return;
    }
    dst = x64_slot_mem(p->kind == PL_FRAME, p->offset);
    if (p->type == V128) {      /* through general registers, by halves */
        bool be = a->memop & MO_BE;

        for (int i = 0; i < 2; i++) {
            load_general(c, MO_64 | (a->memop & MO_BE), I64, a->t1, m);
            x64_mov_mr(&c->b, S64, x64_m(dst.base, dst.disp + 8 * (i ^ be)),
                       a->t1);
            m.disp += 8;
        }
        return;
    }
    load_general(c, a->memop, ir_type_size(p->type) == 8 ? I64 : I32, a->t1,
                 m);
    x64_mov_mr(&c->b, ir_type_size(p->type) == 8 ? S64 : S32, dst, a->t1);
}

/* t1 (32 bits) to a place of type I32. */
static void put_t1(struct x64 *c, const struct access *a,
                   const struct x64_place *p)
{
    if (p->kind == PL_REG)
        x64_mov_rr(&c->b, S32, p->reg, a->t1);
    else if (p->kind != PL_NONE)
        x64_mov_mr(&c->b, S32, x64_slot_mem(p->kind == PL_FRAME, p->offset),
                   a->t1);
}

static bool atomic_pair(const struct access *a, unsigned n, enum ir_type type)
{
    return (a->memop & MO_ATOMIC) && (a->memop & MO_SIZE) == MO_32 &&
           n == 2 && type == I32;
}

/* Two words by one load. */
static void load_pair(struct x64 *c, const struct access *a,
                      const struct x64_place *p, struct x64_mem m)
{
    bool be = a->memop & MO_BE;

    load_general(c, MO_64 | (a->memop & MO_BE), I64, a->t1, m);
    put_t1(c, a, &p[be]);
    x64_shift_i(&c->b, SH_SHR, S64, a->t1, 32);
    put_t1(c, a, &p[!be]);
}

static void ldm_access(struct x64 *c, const struct access *a,
                       const struct x64_slow *s, struct x64_mem m)
{
    if (atomic_pair(a, s->n, s->res[0].type)) {
        load_pair(c, a, s->res, m);
        return;
    }
    for (unsigned i = 0; i < s->n; i++, m.disp += s->elem)
        load_element(c, a, &s->res[i], m);
}

static bool out_guest_ldm(struct x64 *c, const struct ir_op *op)
{
    const struct x64_share *share = c->share[c->pos];
    unsigned n = op->nout - (share && share->first);
    struct x64_slow *s;
    struct access a;

    ir_assert(n <= MAX_ELEMS, "ldm of %u", n);
    x64_clobber(c);
    if (is_follower(c))
        return follow(c, op, n, ldm_access);
    a = use_address(c, op, n, false);
    use_temps(c, &a);
    ra_inputs_done(c->ra);
    c->ra->locked |= bit(a.addr);   /* used until the end */
    s = new_slow(c, &a, T_LD_BLOCK, 0, n);
    s->n = n;
    s->elem = 1u << (op->c[0] & MO_SIZE);
    for (unsigned i = 0; i < n; i++)
        s->res[i] = define_element(c, ir_outs(op)[i]);
    define_h(c, op, &a, s);
    note_live(c, s);
    tlb_check(c, op, &a, miss_of(c, op, &a, s, ldm_access));
    if (!is_first(&a))
        x64_alu_rr(&c->b, A_ADD, S64, a.t0, a.addr);
    ldm_access(c, &a, s, x64_m(a.t0, 0));
    x64_bind(&c->b, &s->back);
    return true;
}

/* Two words by one store; t2 is one more scratch register. */
static void store_pair(struct x64 *c, const struct access *a, int t2,
                       const struct x64_place *p, struct x64_mem m)
{
    bool be = a->memop & MO_BE;

    x64_load_place(c, t2, &p[be]);
    x64_load_place(c, a->t1, &p[!be]);
    x64_shift_i(&c->b, SH_SHL, S64, a->t1, 32);
    x64_alu_rr(&c->b, A_OR, S64, a->t1, t2);
    store_general(c, MO_64 | (a->memop & MO_BE), a->t1, t2, m);
}

static void stm_access(struct x64 *c, const struct access *a,
                       const struct x64_slow *s, struct x64_mem m)
{
    if (atomic_pair(a, s->n, s->val[0].type)) {
        store_pair(c, a, s->res[0].reg, s->val, m);
        return;
    }
    for (unsigned i = 0; i < s->n; i++, m.disp += s->elem)
        store_value(c, a, &s->val[i], m);
}

/* Places of what an stm stores.  A pair needs one more scratch register,
 * which res[0] names (there are no results). */
static void stm_values(struct x64 *c, const struct ir_op *op,
                       const struct access *a, struct x64_slow *s)
{
    const uint16_t *v = ir_ins(op) + 1;

    if (atomic_pair(a, s->n, ir_value(c->ir, v[0])->type))
        s->res[0].reg = ra_temp(c->ra, RA_GENERAL, 0);
    for (unsigned i = 0; i < s->n; i++) {
        if (ir_value(c->ir, v[i])->type == V128)
            ra_use(c->ra, v[i]);
        s->val[i] = x64_place_of(c, v[i]);
    }
}

static bool out_guest_stm(struct x64 *c, const struct ir_op *op)
{
    unsigned n = op->nin - 1 - is_follower(c);
    struct x64_slow *s;
    struct access a;

    ir_assert(n <= MAX_ELEMS, "stm of %u", n);
    x64_clobber(c);
    if (is_follower(c))
        return follow(c, op, n, stm_access);
    a = use_address(c, op, n, true);
    use_temps(c, &a);
    s = new_slow(c, &a, T_ST_BLOCK, n, 0);
    s->n = n;
    s->elem = 1u << (op->c[0] & MO_SIZE);
    stm_values(c, op, &a, s);
    ra_inputs_done(c->ra);
    define_h(c, op, &a, s);
    note_live(c, s);
    tlb_check(c, op, &a, miss_of(c, op, &a, s, stm_access));
    if (!is_first(&a))
        x64_alu_rr(&c->b, A_ADD, S64, a.t0, a.addr);
    stm_access(c, &a, s, x64_m(a.t0, 0));
    x64_bind(&c->b, &s->back);
    return true;
}

/* --- accesses that use another's check ----------------------------------- */

/* Out of line when H is zero or the address is misaligned. */
struct retry {
    struct access a;
    struct x64_place base;
    struct x64_slow *s;
    access_fn fn;
};

static void tail_retry(struct x64 *c, struct x64_tail *t)
{
    struct retry *r = (void *)(uintptr_t)t->arg[0];
    int sz = c->ir->target->addr_type == I64 ? S64 : S32, h = r->a.addr;
    struct x64_buf *b = &c->b;
    struct x64_label miss;

    x64_label_init(&miss);
    x64_load_place(c, h, &r->base);
    if (t->arg[1])
        x64_lea(b, sz, h, x64_m(h, (int32_t)t->arg[1]));
    look_up(c, &r->a, h, &miss);
    r->fn(c, &r->a, r->s, x64_m(h, 0));
    if (r->s->zero >= 0)
        x64_alu_rr(b, A_XOR, S32, r->s->zero, r->s->zero);
    x64_jmp(b, &r->s->back);
    x64_bind(b, &miss);
    x64_load_place(c, h, &r->base);
    if (t->arg[1])
        x64_lea(b, sz, h, x64_m(h, (int32_t)t->arg[1]));
    x64_jmp(b, &r->s->entry);
}

/* H, and the stub for when it does not do; before inputs are done. */
static struct retry *new_retry(struct x64 *c, const struct ir_op *op,
                               unsigned n, access_fn fn)
{
    bool store = op->opc == IR_guest_st || op->opc == IR_guest_stm;
    bool many = op->opc == IR_guest_ldm || op->opc == IR_guest_stm;
    uint16_t h = ir_ins(op)[op->nin - 1];
    struct retry *r = arena_new(c->ir->arena, struct retry);
    enum x64_thunk thunk;

    r->fn = fn;
    r->a = (struct access){ .memop = op->c[0], .view = op->c[1],
                            .bytes = n << (op->c[0] & MO_SIZE),
                            .write = store };
    r->a.addr = ra_use(c->ra, h);
    r->a.t1 = ra_temp(c->ra, RA_GENERAL, 0);
    if (store)
        many |= ir_value(c->ir, ir_ins(op)[1])->type == V128;
    else
        many |= op->type == V128;
    thunk = store ? (many ? T_ST_BLOCK : T_ST) : many ? T_LD_BLOCK : T_LD;
    r->s = new_slow(c, &r->a, thunk, store ? n : 0, store ? 0 : n);
    r->s->n = n;
    r->s->elem = many ? 1u << (op->c[0] & MO_SIZE) : 8;
    r->s->res[0].reg = -1;
    return r;
}

static void follow_operands(struct x64 *c, const struct ir_op *op,
                            struct retry *r)
{
    uint16_t v = ir_ins(op)[1];

    if (op->opc == IR_guest_stm) {
        stm_values(c, op, &r->a, r->s);
    } else if (op->opc == IR_guest_st) {
        if (!ir_value(c->ir, v)->is_const ||
            ir_value(c->ir, v)->type == V128)
            ra_use(c->ra, v);
        r->s->val[0] = x64_place_of(c, v);
    }
    if (ra_where(c->ra, ir_ins(op)[0]) >= 0)
        ra_use(c->ra, ir_ins(op)[0]);   /* stays there for the stub */
    r->base = x64_place_of(c, ir_ins(op)[0]);
    if (op->opc == IR_guest_ld || op->opc == IR_guest_st)
        note_sink(c, op, r->s, op->opc == IR_guest_st ? 2 : 1);
    ra_inputs_done(c->ra);
    c->ra->locked |= bit(r->a.addr);    /* read until the end */
    if (op->opc == IR_guest_ld)
        r->s->res[0] = reg_place(op->type, ra_def(c->ra, ir_outs(op)[0]));
    for (unsigned i = 0; op->opc == IR_guest_ldm && i < r->s->n; i++)
        r->s->res[i] = define_element(c, ir_outs(op)[i]);
    if (!ra_dead(c->ra, ir_ins(op)[op->nin - 1]))
        r->s->zero = r->a.addr;
    note_live(c, r->s);
}

/*
 * test H; jump out if zero; access at H + delta.  r->a.addr is H's register,
 * which holds the guest address in the stub and is zero again afterwards.
 */
static bool follow(struct x64 *c, const struct ir_op *op, unsigned n,
                   access_fn fn)
{
    const struct x64_share *share = c->share[c->pos];
    struct retry *r = new_retry(c, op, n, fn);
    struct x64_tail *t = x64_tail_new(c, op, tail_retry);
    unsigned align = alignment(r->a.memop);
    struct x64_buf *b = &c->b;
    int h = r->a.addr;

    t->arg[0] = (uintptr_t)r;
    t->arg[1] = (uint64_t)(int64_t)share->off;
    follow_operands(c, op, r);
    if (align > 1 && !share->aligned) {
        int low = h;

        if (share->delta & (align - 1))
            x64_lea(b, S32, low = r->a.t1, x64_m(h, share->delta));
        x64_test_ri(b, S8, low, align - 1);
        x64_jcc(b, XC_NE, &t->entry);
    }
    x64_test_rr(b, S64, h, h);
    x64_jcc(b, XC_E, &t->entry);
    fn(c, &r->a, r->s, x64_m(h, share->delta));
    x64_bind(b, &r->s->back);
    return true;
}

/* --- atomics -------------------------------------------------------------- */

/* The memop of an atomic access: naturally aligned, or as it says. The host's locked instructions take any address. */
static uint32_t atomic_memop(uint32_t memop)
{
    if (memop & MO_SPLIT)
        return memop | MO_ATOMIC;
    return (memop & ~MO_ALIGN_MASK) | MO_ATOMIC |
           (memop & MO_SIZE) << MO_ALIGN_SHIFT;
}

/* The old value in rax, as the type and memop want it. */
static void finish_old(struct x64 *c, const struct ir_op *op, uint32_t memop)
{
    int sz = memop & MO_SIZE, to = op->type == I64 ? S64 : S32;

    if (memop & MO_BE)
        swap_in_reg(c, sz, RAX);
    if ((memop & MO_SIGN) && sz < to)
        x64_movsx_rr(&c->b, to, sz, RAX, RAX);
    else
        x64_movzx_rr(&c->b, sz, RAX, RAX);
}

static bool out_guest_cas(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int sz = op->c[0] & MO_SIZE, n;
    struct x64_slow *s;
    struct access a;

    x64_clobber(c);
    ra_use_in(c->ra, in[1], RAX);
    a = use_address(c, op, 1, true);
    a.memop = atomic_memop(a.memop);
    n = ra_use(c->ra, in[2]);
    use_temps(c, &a);
    s = new_slow(c, &a, T_CAS, 2, 1);
    s->val[0] = reg_place(I64, RAX);
    s->val[1] = reg_place(I64, n);
    s->res[0] = reg_place(op->type, RAX);
    ra_inputs_done(c->ra);
    note_live(c, s);
    tlb_check(c, op, &a, &s->entry);
    if (a.memop & MO_BE) {
        swap_in_reg(c, sz, RAX);
        x64_mov_rr(&c->b, S64, a.t1, n);
        swap_in_reg(c, sz, a.t1);
        n = a.t1;
    }
    x64_lock_cmpxchg(&c->b, sz, host_mem(&a), n);
    finish_old(c, op, a.memop);
    x64_bind(&c->b, &s->back);
    ra_def_in(c->ra, ir_outs(op)[0], RAX);
    return true;
}

static const struct {
    uint8_t alu, take;      /* take: condition for the operand in min, max */
    bool minmax;
} rmw_op[] = {
    [RMW_ADD] = { A_ADD, 0, false }, [RMW_AND] = { A_AND, 0, false },
    [RMW_OR] = { A_OR, 0, false }, [RMW_XOR] = { A_XOR, 0, false },
    [RMW_SMIN] = { 0, XC_G, true }, [RMW_SMAX] = { 0, XC_L, true },
    [RMW_UMIN] = { 0, XC_A, true }, [RMW_UMAX] = { 0, XC_B, true },
};

/* rax = old, memory = f(old, v), by compare and exchange. */
static void rmw_loop(struct x64 *c, const struct access *a, unsigned rmw,
                     int v)
{
    int sz = a->memop & MO_SIZE, wide = sz == S64 ? S64 : S32;
    struct x64_label again;

    x64_label_init(&again);
    x64_movzx_rm(&c->b, sz, RAX, host_mem(a));
    x64_bind(&c->b, &again);
    x64_mov_rr(&c->b, wide, a->t1, RAX);
    if (a->memop & MO_BE)
        swap_in_reg(c, sz, a->t1);
    if (rmw_op[rmw].minmax) {
        x64_alu_rr(&c->b, A_CMP, sz, a->t1, v);
        x64_cmov_rr(&c->b, rmw_op[rmw].take, wide, a->t1, v);
    } else {
        x64_alu_rr(&c->b, rmw_op[rmw].alu, wide, a->t1, v);
    }
    if (a->memop & MO_BE)
        swap_in_reg(c, sz, a->t1);
    x64_lock_cmpxchg(&c->b, sz, host_mem(a), a->t1);
    x64_jcc(&c->b, XC_NE, &again);
}

static void rmw_access(struct x64 *c, const struct access *a, unsigned rmw,
                       int v)
{
    int sz = a->memop & MO_SIZE;
    bool be = a->memop & MO_BE;

    if (rmw == RMW_XCHG) {
        x64_mov_rr(&c->b, S64, RAX, v);
        if (be)
            swap_in_reg(c, sz, RAX);
        x64_xchg_mr(&c->b, sz, host_mem(a), RAX);
    } else if (rmw == RMW_ADD && !be) {
        x64_mov_rr(&c->b, S64, RAX, v);
        x64_lock_xadd(&c->b, sz, host_mem(a), RAX);
    } else {
        rmw_loop(c, a, rmw, v);
    }
}

static bool out_guest_rmw(struct x64 *c, const struct ir_op *op)
{
    struct x64_slow *s;
    struct access a;
    int v;

    x64_clobber(c);
    ra_fixed(c->ra, RAX);
    a = use_address(c, op, 1, true);
    a.memop = atomic_memop(a.memop);
    v = ra_use(c->ra, ir_ins(op)[1]);
    use_temps(c, &a);
    s = new_slow(c, &a, T_RMW, 1, 1);
    s->oi = TCG_OI_RMW(a.memop, a.view, op->c[2]);
    s->val[0] = reg_place(I64, v);
    s->res[0] = reg_place(op->type, RAX);
    ra_inputs_done(c->ra);
    note_live(c, s);
    tlb_check(c, op, &a, &s->entry);
    rmw_access(c, &a, op->c[2], v);
    finish_old(c, op, a.memop);
    x64_bind(&c->b, &s->back);
    ra_def_in(c->ra, ir_outs(op)[0], RAX);
    return true;
}

/* x86-64 orders all but an earlier store with a later load. */
static bool out_mb(struct x64 *c, const struct ir_op *op)
{
    if (op->c[0] & MB_ST_LD) {
        x64_clobber(c);
        x64_lock_alu_mi(&c->b, A_OR, S32, x64_m(RSP, F_VAL), 0);
    }
    ra_inputs_done(c->ra);
    return true;
}

const x64_emit_fn x64_mem_emit[IR_NOPS] = {
    [IR_guest_ld] = out_guest_ld, [IR_guest_st] = out_guest_st,
    [IR_guest_ldm] = out_guest_ldm, [IR_guest_stm] = out_guest_stm,
    [IR_guest_cas] = out_guest_cas, [IR_guest_rmw] = out_guest_rmw,
    [IR_mb] = out_mb,
};
