/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A32/T32 loads and stores: single, dual, multiple, unprivileged, exclusive,
 * acquire and release (DDI 0406C A8.8, B9.3; DDI 0487 F5.1).
 *
 * Registers are written after the access only: a fault leaves all of them.
 */
#include "config.h"

#include "target-arm/a32-dp.h"
#include "target-arm/a32-trans.h"
#include "target-arm/helpers-arm.h"
#include "util/bits.h"

/* An address and what write-back makes of the base */
struct addr {
    struct ir_val at, moved;
    unsigned rn;
    bool pre, wback;
};

static unsigned user_view(const struct a32_ctx *s)
{
    return a32_priv(s) ? ARM_VIEW_USER : ARM_VIEW_CURRENT;
}

/* False: the base cannot be written back. */
static bool make_addr(struct a32_ctx *s, struct addr *m, struct ir_val offset,
                      bool add)
{
    struct ir_val base = a32_base(s, m->rn);

    if (m->wback && m->rn == ARM_PC) {
        return false;
    }
    m->moved = add ? ir_add(s->ir, base, offset)
                   : ir_sub(s->ir, base, offset);
    m->at = m->pre ? m->moved : base;
    return true;
}

static void write_back(struct a32_ctx *s, const struct addr *m)
{
    if (m->wback) {
        a32_set_reg(s, m->rn, m->moved);
    }
}

static bool load(struct a32_ctx *s, unsigned rt, const struct addr *m,
                 unsigned memop, unsigned view)
{
    struct ir_val v;
    bool pop = m->rn == ARM_SP && m->wback;

    if (rt == ARM_PC && memop != MO_32) {
        return false;
    }
    v = ir_guest_ld(s->ir, I32, m->at, a32_memop(s, memop), view);
    write_back(s, m);
    if (rt == ARM_PC) {
        a32_bx(s, v, pop ? JUMP_RETURN : JUMP_PLAIN);
    } else {
        a32_set_reg(s, rt, v);
    }
    return true;
}

static bool store(struct a32_ctx *s, unsigned rt, const struct addr *m,
                  unsigned memop, unsigned view)
{
    if (a32_t32_pc_base(s, m->rn)) {
        return false;
    }
    ir_guest_st(s->ir, m->at, a32_reg(s, rt), a32_memop(s, memop), view);
    write_back(s, m);
    return true;
}

static bool ldst_imm(struct a32_ctx *s, const struct args_ldst_imm *a,
                     bool is_load, unsigned memop, unsigned view)
{
    struct addr m = { .rn = a->rn, .pre = a->pre, .wback = a->wback };

    if (!make_addr(s, &m, a32_imm(s, a->imm), a->add)) {
        return false;
    }
    return is_load ? load(s, a->rt, &m, memop, view)
                   : store(s, a->rt, &m, memop, view);
}

static bool ldst_reg(struct a32_ctx *s, const struct args_ldst_reg *a,
                     bool is_load, unsigned memop, unsigned view)
{
    struct addr m = { .rn = a->rn, .pre = a->pre, .wback = a->wback };
    struct ir_val off = a32_shift_imm(s, a32_reg(s, a->rm), a->type,
                                      a->amount);

    if (!make_addr(s, &m, off, a->add)) {
        return false;
    }
    return is_load ? load(s, a->rt, &m, memop, view)
                   : store(s, a->rt, &m, memop, view);
}

/* <op><c> <Rt>, [<Rn>, #+/-<imm>]{!}, with a register offset, and the
 * unprivileged <op>T<c> <Rt>, [<Rn>], ... */
#define LDST(op, is_load, memop)                                             \
    bool a32_trans_##op##_imm(struct a32_ctx *s,                             \
                              const struct args_ldst_imm *a)                 \
    {                                                                        \
        return ldst_imm(s, a, is_load, memop, ARM_VIEW_CURRENT);             \
    }                                                                        \
    bool a32_trans_##op##_reg(struct a32_ctx *s,                             \
                              const struct args_ldst_reg *a)                 \
    {                                                                        \
        return ldst_reg(s, a, is_load, memop, ARM_VIEW_CURRENT);             \
    }                                                                        \
    bool a32_trans_##op##T_imm(struct a32_ctx *s,                            \
                               const struct args_ldst_imm *a)                \
    {                                                                        \
        return a->rt != ARM_PC &&                                            \
               ldst_imm(s, a, is_load, memop, user_view(s));                 \
    }                                                                        \
    bool a32_trans_##op##T_reg(struct a32_ctx *s,                            \
                               const struct args_ldst_reg *a)                \
    {                                                                        \
        return a->rt != ARM_PC &&                                            \
               ldst_reg(s, a, is_load, memop, user_view(s));                 \
    }

LDST(STR, false, MO_32)
LDST(STRB, false, MO_8)
LDST(STRH, false, MO_16)
LDST(LDR, true, MO_32)
LDST(LDRB, true, MO_8)
LDST(LDRH, true, MO_16)
LDST(LDRSB, true, MO_8 | MO_SIGN)
LDST(LDRSH, true, MO_16 | MO_SIGN)

/* ---- Dual ---- */

/* The 64-bit value of two words in memory order: in big-endian data the first
 * word is the high half. */
static struct ir_val join_words(struct a32_ctx *s, unsigned first,
                                unsigned second)
{
    return s->mode & ARM_MODE_BE ? a32_reg64(s, second, first)
                                 : a32_reg64(s, first, second);
}

static bool set_words(struct a32_ctx *s, unsigned first, unsigned second,
                      struct ir_val v)
{
    return s->mode & ARM_MODE_BE ? a32_set_reg64(s, second, first, v)
                                 : a32_set_reg64(s, first, second, v);
}

/* One 64-bit access: with LPAE an aligned pair is single-copy atomic (A3.5.3);
 * alignment to a word is always checked (A3.2.1). */
static bool dual(struct a32_ctx *s, bool is_load, unsigned rt, unsigned rt2,
                 const struct addr *m)
{
    unsigned memop = a32_memop(s, MO_64 | MO_ALIGN_4);
    struct ir_val v;

    if (rt >= ARM_PC || rt2 >= ARM_PC ||
        (!is_load && a32_t32_pc_base(s, m->rn))) {
        return false;
    }
    if (!is_load) {
        ir_guest_st(s->ir, m->at, join_words(s, rt, rt2), memop,
                    ARM_VIEW_CURRENT);
        write_back(s, m);
        return true;
    }
    v = ir_guest_ld(s->ir, I64, m->at, memop, ARM_VIEW_CURRENT);
    write_back(s, m);
    return set_words(s, rt, rt2, v);
}

static bool dual_imm(struct a32_ctx *s, const struct args_ldrd_imm *a,
                     bool is_load)
{
    struct addr m = { .rn = a->rn, .pre = a->pre, .wback = a->wback };

    return make_addr(s, &m, a32_imm(s, a->imm), a->add) &&
           dual(s, is_load, a->rt, a->rt2, &m);
}

static bool dual_reg(struct a32_ctx *s, const struct args_ldrd_reg *a,
                     bool is_load)
{
    struct addr m = { .rn = a->rn, .pre = a->pre, .wback = a->wback };

    return make_addr(s, &m, a32_reg(s, a->rm), a->add) &&
           dual(s, is_load, a->rt, a->rt2, &m);
}

/* LDRD<c> <Rt>, <Rt2>, [<Rn>{, #+/-<imm>}]{!} */
bool a32_trans_LDRD_imm(struct a32_ctx *s, const struct args_ldrd_imm *a)
{
    return dual_imm(s, a, true);
}

/* STRD<c> <Rt>, <Rt2>, [<Rn>{, #+/-<imm>}]{!} */
bool a32_trans_STRD_imm(struct a32_ctx *s, const struct args_ldrd_imm *a)
{
    return dual_imm(s, a, false);
}

/* LDRD<c> <Rt>, <Rt2>, [<Rn>, +/-<Rm>]{!} */
bool a32_trans_LDRD_reg(struct a32_ctx *s, const struct args_ldrd_reg *a)
{
    return dual_reg(s, a, true);
}

/* STRD<c> <Rt>, <Rt2>, [<Rn>, +/-<Rm>]{!} */
bool a32_trans_STRD_reg(struct a32_ctx *s, const struct args_ldrd_reg *a)
{
    return dual_reg(s, a, false);
}

/* ---- Multiple ---- */

struct multiple {
    struct addr m;
    unsigned n;
    unsigned reg[16];
    struct ir_val v[16];
};

/* Lowest register at the lowest address; the base moves by 4 * n. */
static bool start_multiple(struct a32_ctx *s, const struct args_block *a,
                           struct multiple *b)
{
    uint32_t size = 4 * popcount32(a->list);
    struct ir_val base;
    int32_t low;

    if (a->list == 0 || a->rn == ARM_PC) {
        return false;
    }
    b->n = 0;
    for (unsigned i = 0; i < 16; i++) {
        if (a->list >> i & 1) {
            b->reg[b->n++] = i;
        }
    }
    base = a32_reg(s, a->rn);
    low = a->add ? 0 : -(int32_t)size;
    low += a->pre == a->add ? 4 : 0;
    b->m = (struct addr) {
        .at = ir_addi(s->ir, base, low), .rn = a->rn, .wback = a->wback,
        .moved = ir_addi(s->ir, base, a->add ? (int32_t)size
                                             : -(int32_t)size),
    };
    return true;
}

static void load_multiple(struct a32_ctx *s, struct multiple *b)
{
    ir_guest_ldm(s->ir, I32, b->m.at, b->n, b->v,
                 a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
}

static void store_multiple(struct a32_ctx *s, struct multiple *b)
{
    ir_guest_stm(s->ir, b->m.at, b->n, b->v,
                 a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
}

/* A single register needs no block: the plain access forwards better. */
static void load_one(struct a32_ctx *s, struct multiple *b)
{
    b->v[0] = ir_guest_ld(s->ir, I32, b->m.at,
                          a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
}

/* LDM<mode><c> <Rn>{!}, <registers>; POP */
bool a32_trans_LDM(struct a32_ctx *s, const struct args_block *a)
{
    struct multiple b;

    if (!start_multiple(s, a, &b)) {
        return false;
    }
    if (b.n == 1) {
        load_one(s, &b);
    } else {
        load_multiple(s, &b);
    }
    write_back(s, &b.m);
    for (unsigned i = 0; i < b.n; i++) {
        if (b.reg[i] == ARM_PC) {
            a32_bx(s, b.v[i], a->rn == ARM_SP ? JUMP_RETURN : JUMP_PLAIN);
        } else {
            a32_set_reg(s, b.reg[i], b.v[i]);
        }
    }
    return true;
}

/* STM<mode><c> <Rn>{!}, <registers>; PUSH */
bool a32_trans_STM(struct a32_ctx *s, const struct args_block *a)
{
    struct multiple b;

    if (!start_multiple(s, a, &b)) {
        return false;
    }
    for (unsigned i = 0; i < b.n; i++) {
        b.v[i] = a32_reg(s, b.reg[i]);
    }
    if (b.n == 1) {
        ir_guest_st(s->ir, b.m.at, b.v[0],
                    a32_memop(s, MO_32 | MO_ALIGN_4), ARM_VIEW_CURRENT);
    } else {
        store_multiple(s, &b);
    }
    write_back(s, &b.m);
    return true;
}

/* Forms with ^ need a mode that has banked registers and an SPSR. */
static bool no_banks(const struct a32_ctx *s)
{
    return s->mode & (ARM_MODE_USRSYS | ARM_MODE_HYP);
}

/* LDM<mode><c> <Rn>, <registers without pc>^: User registers (B9.3.6) */
bool a32_trans_LDM_user(struct a32_ctx *s, const struct args_block *a)
{
    struct multiple b;

    if (no_banks(s) || !start_multiple(s, a, &b)) {
        return false;
    }
    load_multiple(s, &b);
    for (unsigned i = 0; i < b.n; i++) {
        if (b.reg[i] < 8) {
            a32_set_reg(s, b.reg[i], b.v[i]);
        } else {
            ir_call(s->ir, arm_user_reg_write, a32_imm(s, b.reg[i]), b.v[i]);
        }
    }
    write_back(s, &b.m);
    return true;
}

/* STM<mode><c> <Rn>, <registers>^: User registers (B9.3.17) */
bool a32_trans_STM_user(struct a32_ctx *s, const struct args_block *a)
{
    struct multiple b;

    if (no_banks(s) || !start_multiple(s, a, &b)) {
        return false;
    }
    for (unsigned i = 0; i < b.n; i++) {
        if (b.reg[i] < 8 || b.reg[i] == ARM_PC) {
            b.v[i] = a32_reg(s, b.reg[i]);
        } else {
            b.v[i] = ir_call(s->ir, arm_user_reg_read,
                             a32_imm(s, b.reg[i]));
        }
    }
    store_multiple(s, &b);
    write_back(s, &b.m);
    return true;
}

/* LDM<mode><c> <Rn>{!}, <registers with pc>^: exception return (B9.3.5) */
bool a32_trans_LDM_exc(struct a32_ctx *s, const struct args_block *a)
{
    struct multiple b;

    if (no_banks(s) || !start_multiple(s, a, &b)) {
        return false;
    }
    load_multiple(s, &b);
    write_back(s, &b.m);
    for (unsigned i = 0; i < b.n - 1; i++) {
        a32_set_reg(s, b.reg[i], b.v[i]);
    }
    a32_exc_return(s, b.v[b.n - 1], ir_call(s->ir, arm_spsr_read));
    return true;
}

/* ---- Exclusives ---- */

#define EXCL_OPEN UINT64_MAX

static void clear_monitor(struct a32_ctx *s)
{
    ir_state_st(s->ir, ir_const(s->ir, I64, EXCL_OPEN), ARM_OFF(excl_addr));
}

static unsigned atomic_memop(const struct a32_ctx *s, unsigned size)
{
    return a32_memop(s, size | size << MO_ALIGN_SHIFT | MO_ATOMIC);
}

/* What an acquire or release keeps in order; a release is also ordered before
 * a later acquire (DDI 0487 B2.3.11), which a store buffer would break. */
static void acquire(struct a32_ctx *s)
{
    ir_mb(s->ir, MB_LD_LD | MB_LD_ST);
}

static void before_release(struct a32_ctx *s)
{
    ir_mb(s->ir, MB_LD_ST | MB_ST_ST);
}

static void after_release(struct a32_ctx *s)
{
    ir_mb(s->ir, MB_ST_LD);
}

/* Load of 1, 2, 4 or 8 bytes to Rt (and Rt2); exclusive sets the monitor. */
static bool load_atomic(struct a32_ctx *s, const struct args_ldrex *a,
                        unsigned size, bool exclusive, bool acq)
{
    struct ir *ir = s->ir;
    struct ir_val at, v;

    if (a->rt >= ARM_PC || a->rn == ARM_PC ||
        (size == MO_64 && a->rt2 >= ARM_PC)) {
        return false;
    }
    at = ir_addi(ir, a32_reg(s, a->rn), a->imm);
    v = ir_guest_ld(ir, size == MO_64 ? I64 : I32, at, atomic_memop(s, size),
                    ARM_VIEW_CURRENT);
    if (acq) {
        acquire(s);
    }
    if (exclusive) {
        ir_state_st(ir, ir_zext(ir, at), ARM_OFF(excl_addr));
        ir_state_st(ir, size == MO_64 ? v : ir_zext(ir, v),
                    ARM_OFF(excl_val));
    }
    if (size == MO_64) {
        return set_words(s, a->rt, a->rt2, v);
    }
    a32_set_reg(s, a->rt, v);
    return true;
}

/*
 * Store to Rt (and Rt2) if the monitor holds the address and memory still the
 * value of the load: a compare-and-swap, so a store of the same value by
 * another CPU in between goes unnoticed, which the program cannot tell.
 */
static bool store_exclusive(struct a32_ctx *s, const struct args_strex *a,
                            unsigned size, bool release)
{
    struct ir *ir = s->ir;
    unsigned fail = ir_label_new(ir), end = ir_label_new(ir);
    struct ir_val at, differs, expect, v, old;
    struct ir_val zero = a32_imm(s, 0);

    if (a->rt >= ARM_PC || a->rn == ARM_PC || a->rd == ARM_PC ||
        (size == MO_64 && a->rt2 >= ARM_PC)) {
        return false;
    }
    at = ir_addi(ir, a32_reg(s, a->rn), a->imm);
    v = size == MO_64 ? join_words(s, a->rt, a->rt2) : a32_reg(s, a->rt);
    if (release) {
        before_release(s);
    }
    differs = ir_setcmp(ir, CC_NE, ir_zext(ir, at),
                        ir_state_ld(ir, I64, ARM_OFF(excl_addr)));
    ir_br_cmp(ir, CC_NE, differs, zero, fail);
    expect = ir_state_ld(ir, I64, ARM_OFF(excl_val));
    if (size != MO_64) {
        expect = ir_trunc(ir, expect);
    }
    if (size < MO_32) {      /* the load may have been wider: UNPREDICTABLE, but alike on every engine */
        expect = ir_extract(ir, expect, 0, 8u << size);
    }
    old = ir_guest_cas(ir, at, expect, v, atomic_memop(s, size),
                       ARM_VIEW_CURRENT);
    a32_set_reg(s, a->rd, ir_setcmp(ir, CC_NE, old, expect));
    ir_label(ir, fail);
    ir_br_cmp(ir, CC_EQ, differs, zero, end);
    a32_set_reg(s, a->rd, a32_imm(s, 1));
    ir_label(ir, end);
    clear_monitor(s);
    return true;
}

static bool store_release(struct a32_ctx *s, const struct args_ldrex *a,
                          unsigned size)
{
    if (a->rt == ARM_PC || a->rn == ARM_PC) {
        return false;
    }
    before_release(s);
    ir_guest_st(s->ir, a32_reg(s, a->rn), a32_reg(s, a->rt),
                atomic_memop(s, size), ARM_VIEW_CURRENT);
    after_release(s);
    return true;
}

/* LDREX{B,H,D}<c> <Rt>{, <Rt2>}, [<Rn>]; LDAEX..., LDA... with acquire */
#define LOAD_ATOMIC(op, size, exclusive, acq)                                \
    bool a32_trans_##op(struct a32_ctx *s, const struct args_ldrex *a)       \
    {                                                                        \
        return load_atomic(s, a, size, exclusive, acq);                      \
    }
/* STREX{B,H,D}<c> <Rd>, <Rt>{, <Rt2>}, [<Rn>]; STLEX... with release */
#define STORE_EXCLUSIVE(op, size, release)                                   \
    bool a32_trans_##op(struct a32_ctx *s, const struct args_strex *a)       \
    {                                                                        \
        return store_exclusive(s, a, size, release);                         \
    }
/* STL{B,H}<c> <Rt>, [<Rn>] */
#define STORE_RELEASE(op, size)                                              \
    bool a32_trans_##op(struct a32_ctx *s, const struct args_ldrex *a)       \
    {                                                                        \
        return store_release(s, a, size);                                    \
    }

LOAD_ATOMIC(LDREX, MO_32, true, false)
LOAD_ATOMIC(LDREXB, MO_8, true, false)
LOAD_ATOMIC(LDREXH, MO_16, true, false)
LOAD_ATOMIC(LDREXD, MO_64, true, false)
LOAD_ATOMIC(LDAEX, MO_32, true, true)
LOAD_ATOMIC(LDAEXB, MO_8, true, true)
LOAD_ATOMIC(LDAEXH, MO_16, true, true)
LOAD_ATOMIC(LDAEXD, MO_64, true, true)
LOAD_ATOMIC(LDA, MO_32, false, true)
LOAD_ATOMIC(LDAB, MO_8, false, true)
LOAD_ATOMIC(LDAH, MO_16, false, true)
STORE_EXCLUSIVE(STREX, MO_32, false)
STORE_EXCLUSIVE(STREXB, MO_8, false)
STORE_EXCLUSIVE(STREXH, MO_16, false)
STORE_EXCLUSIVE(STREXD, MO_64, false)
STORE_EXCLUSIVE(STLEX, MO_32, true)
STORE_EXCLUSIVE(STLEXB, MO_8, true)
STORE_EXCLUSIVE(STLEXH, MO_16, true)
STORE_EXCLUSIVE(STLEXD, MO_64, true)
STORE_RELEASE(STL, MO_32)
STORE_RELEASE(STLB, MO_8)
STORE_RELEASE(STLH, MO_16)

/* CLREX */
bool a32_trans_CLREX(struct a32_ctx *s, const struct args_none *a)
{
    (void)a;
    clear_monitor(s);
    return true;
}

static bool swap(struct a32_ctx *s, const struct args_swp *a, unsigned size)
{
    struct ir_val v;

    if (a->rt == ARM_PC || a->rt2 == ARM_PC || a->rn == ARM_PC) {
        return false;
    }
    v = ir_guest_rmw(s->ir, RMW_XCHG, a32_reg(s, a->rn), a32_reg(s, a->rt2),
                     atomic_memop(s, size), ARM_VIEW_CURRENT);
    a32_set_reg(s, a->rt, v);
    return true;
}

/* SWP<c> <Rt>, <Rt2>, [<Rn>] */
bool a32_trans_SWP(struct a32_ctx *s, const struct args_swp *a)
{
    return swap(s, a, MO_32);
}

/* SWPB<c> <Rt>, <Rt2>, [<Rn>] */
bool a32_trans_SWPB(struct a32_ctx *s, const struct args_swp *a)
{
    return swap(s, a, MO_8);
}
