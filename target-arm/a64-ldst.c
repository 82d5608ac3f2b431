/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 loads and stores of general registers: single, pair, exclusive, ordered, atomic (DDI 0487 C4.1.94, C6.2, B2.3).
 *
 * Registers are written after the access only: a fault leaves all of them.
 */
#include "config.h"

#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"
#include "tcg/compile.h"

static unsigned user_view(const struct a64_ctx *s)
{
    return s->mode & ARM_MODE_UNPRIV ? ARM_VIEW_USER : ARM_VIEW_CURRENT;
}

/* ---- Single registers ---- */

/* Load with a memop whose size may be smaller than the register, or store. */
static void one_access(struct a64_ctx *s, bool is_load, bool sf, unsigned rt, struct ir_val at, unsigned memop, unsigned view)
{
    if (is_load) {
        a64_set_reg(s, rt, ir_guest_ld(s->ir, a64_type(sf), at, a64_memop(s, memop), view));
    } else {
        ir_guest_st(s->ir, at, a64_reg(s, rt, sf), a64_memop(s, memop), view);
    }
}

/* memop without a size: that of the register */
static unsigned full_memop(unsigned memop, bool sf)
{
    return memop & MO_SIZE ? memop : memop | (sf ? MO_64 : MO_32);
}

static bool ldst_imm(struct a64_ctx *s, const struct args_ldst_imm *a, bool is_load, unsigned memop, unsigned view)
{
    struct ir_val base = a64_reg_sp(s, a->rn, true), moved = ir_addi(s->ir, base, a->imm);
    struct ir_val at = a->pre ? moved : base, v;

    if (!a->wback) {
        one_access(s, is_load, a->sf, a->rt, at, memop, view);
        return true;
    }
    if (!is_load) {
        one_access(s, false, a->sf, a->rt, at, memop, view);
        a64_set_reg_sp(s, a->rn, moved);
        return true;
    }
    v = ir_guest_ld(s->ir, a64_type(a->sf), at, a64_memop(s, memop), view);
    a64_set_reg_sp(s, a->rn, moved);
    a64_set_reg(s, a->rt, v);
    return true;
}

/* The offset is an extended register, scaled by the access size or not. */
static bool ldst_reg(struct a64_ctx *s, const struct args_ldst_reg *a, bool is_load, unsigned memop)
{
    struct ir_val off;

    if (!(a->option & 2)) {
        return false;
    }
    off = a64_extend(s, a->rm, true, a->option, a->scaled ? memop & MO_SIZE : 0);
    one_access(s, is_load, a->sf, a->rt, ir_add(s->ir, a64_reg_sp(s, a->rn, true), off), memop, ARM_VIEW_CURRENT);
    return true;
}

/* <op> <Rt>, [<Xn|SP>{, #<imm>}]{!}, <op> ..., [<Xn|SP>], #<imm>, with a register offset, the unscaled LDUR and STUR forms and the
 * unprivileged LDTR and STTR forms */
#define LDST(op, unscaled, unprivileged, is_load, memop)                               \
    bool a64_trans_##op##_imm(struct a64_ctx *s, const struct args_ldst_imm *a)        \
    {                                                                                  \
        return ldst_imm(s, a, is_load, memop, ARM_VIEW_CURRENT);                       \
    }                                                                                  \
    bool a64_trans_##unscaled(struct a64_ctx *s, const struct args_ldst_imm *a)        \
    {                                                                                  \
        return ldst_imm(s, a, is_load, memop, ARM_VIEW_CURRENT);                       \
    }                                                                                  \
    bool a64_trans_##unprivileged(struct a64_ctx *s, const struct args_ldst_imm *a)    \
    {                                                                                  \
        return ldst_imm(s, a, is_load, memop, user_view(s));                           \
    }                                                                                  \
    bool a64_trans_##op##_reg(struct a64_ctx *s, const struct args_ldst_reg *a)        \
    {                                                                                  \
        return ldst_reg(s, a, is_load, memop);                                         \
    }

LDST(STRB, STURB, STTRB, false, MO_8)
LDST(LDRB, LDURB, LDTRB, true, MO_8)
LDST(LDRSB, LDURSB, LDTRSB, true, MO_8 | MO_SIGN)
LDST(STRH, STURH, STTRH, false, MO_16)
LDST(LDRH, LDURH, LDTRH, true, MO_16)
LDST(LDRSH, LDURSH, LDTRSH, true, MO_16 | MO_SIGN)
LDST(STR, STUR, STTR, false, full_memop(0, a->sf))
LDST(LDR, LDUR, LDTR, true, full_memop(0, a->sf))
LDST(LDRSW, LDURSW, LDTRSW, true, MO_32 | MO_SIGN)

static bool literal(struct a64_ctx *s, const struct args_literal *a, unsigned memop)
{
    struct ir_val at = a64_imm(s, true, s->pc + (uint64_t)(int64_t)a->imm);

    one_access(s, true, a->sf, a->rt, at, memop, ARM_VIEW_CURRENT);
    return true;
}

/* LDR <Rt>, <label> */
bool a64_trans_LDR_lit(struct a64_ctx *s, const struct args_literal *a)
{
    return literal(s, a, full_memop(0, a->sf));
}

/* LDRSW <Xt>, <label> */
bool a64_trans_LDRSW_lit(struct a64_ctx *s, const struct args_literal *a)
{
    return literal(s, a, MO_32 | MO_SIGN);
}

/* PRFM <prfop>, ...: no effect, and the address is not looked at */
bool a64_trans_PRFM(struct a64_ctx *s, const struct args_none *a)
{
    (void)s;
    (void)a;
    return true;
}

/* PRFUM <prfop>, [<Xn|SP>{, #<simm>}] */
bool a64_trans_PRFUM(struct a64_ctx *s, const struct args_none *a)
{
    return a64_trans_PRFM(s, a);
}

/* ---- Pairs ---- */

static struct ir_val pair_address(struct a64_ctx *s, const struct args_ldst_pair *a, struct ir_val *moved)
{
    struct ir_val base = a64_reg_sp(s, a->rn, true);

    *moved = ir_addi(s->ir, base, a->imm);
    return a->pre ? *moved : base;
}

static bool load_pair(struct a64_ctx *s, const struct args_ldst_pair *a, bool sign)
{
    struct ir_val moved, at = pair_address(s, a, &moved), v[2];

    ir_guest_ldm(s->ir, a64_type(a->sf), at, 2, v, a64_memop(s, a->sf ? MO_64 : MO_32), ARM_VIEW_CURRENT);
    if (a->wback) {
        a64_set_reg_sp(s, a->rn, moved);
    }
    a64_set_reg(s, a->rt, sign ? ir_sext(s->ir, v[0]) : v[0]);
    a64_set_reg(s, a->rt2, sign ? ir_sext(s->ir, v[1]) : v[1]);
    return true;
}

/* LDP <Rt>, <Rt2>, [<Xn|SP>{, #<imm>}]{!} or ..., [<Xn|SP>], #<imm> */
bool a64_trans_LDP(struct a64_ctx *s, const struct args_ldst_pair *a)
{
    return load_pair(s, a, false);
}

/* LDNP <Rt>, <Rt2>, [<Xn|SP>{, #<imm>}] */
bool a64_trans_LDNP(struct a64_ctx *s, const struct args_ldst_pair *a)
{
    return load_pair(s, a, false);
}

/* LDPSW <Xt>, <Xt2>, ... */
bool a64_trans_LDPSW(struct a64_ctx *s, const struct args_ldst_pair *a)
{
    return load_pair(s, a, true);
}

/* STP <Rt>, <Rt2>, [<Xn|SP>{, #<imm>}]{!} or ..., [<Xn|SP>], #<imm> */
bool a64_trans_STP(struct a64_ctx *s, const struct args_ldst_pair *a)
{
    struct ir_val moved, at = pair_address(s, a, &moved);
    const struct ir_val v[2] = { a64_reg(s, a->rt, a->sf), a64_reg(s, a->rt2, a->sf) };

    ir_guest_stm(s->ir, at, 2, v, a64_memop(s, a->sf ? MO_64 : MO_32), ARM_VIEW_CURRENT);
    if (a->wback) {
        a64_set_reg_sp(s, a->rn, moved);
    }
    return true;
}

/* STNP <Rt>, <Rt2>, [<Xn|SP>{, #<imm>}] */
bool a64_trans_STNP(struct a64_ctx *s, const struct args_ldst_pair *a)
{
    return a64_trans_STP(s, a);
}

/* ---- Ordering ---- */

static unsigned atomic_memop(const struct a64_ctx *s, unsigned size)
{
    return a64_memop(s, size | size << MO_ALIGN_SHIFT | MO_ATOMIC);
}

/* What an acquire or release keeps in order; a release is also ordered before a later acquire (B2.3.11), which a store buffer
 * would break. */
static void acquire(struct a64_ctx *s)
{
    ir_mb(s->ir, MB_LD_LD | MB_LD_ST);
}

static void before_release(struct a64_ctx *s)
{
    ir_mb(s->ir, MB_LD_ST | MB_ST_ST);
}

static void after_release(struct a64_ctx *s)
{
    ir_mb(s->ir, MB_ST_LD);
}

static void load_acquire(struct a64_ctx *s, unsigned rt, bool sf, struct ir_val at, unsigned memop)
{
    struct ir_val v = ir_guest_ld(s->ir, a64_type(sf), at, memop, ARM_VIEW_CURRENT);

    acquire(s);
    a64_set_reg(s, rt, v);
}

static void store_release(struct a64_ctx *s, unsigned rt, struct ir_val at, unsigned size)
{
    before_release(s);
    ir_guest_st(s->ir, at, a64_reg(s, rt, size == MO_64), atomic_memop(s, size), ARM_VIEW_CURRENT);
    after_release(s);
}

/* LDAR{B,H} <Rt>, [<Xn|SP>] */
bool a64_trans_LDAR(struct a64_ctx *s, const struct args_ordered *a)
{
    load_acquire(s, a->rt, a->size == MO_64, a64_reg_sp(s, a->rn, true), atomic_memop(s, a->size));
    return true;
}

/* LDLAR{B,H} <Rt>, [<Xn|SP>]: with a single LORegion, which is all of memory, as LDAR */
bool a64_trans_LDLAR(struct a64_ctx *s, const struct args_ordered *a)
{
    return a64_trans_LDAR(s, a);
}

/* LDAPR{B,H} <Rt>, [<Xn|SP>] */
bool a64_trans_LDAPR(struct a64_ctx *s, const struct args_ordered *a)
{
    return a64_trans_LDAR(s, a);
}

/* STLR{B,H} <Rt>, [<Xn|SP>] */
bool a64_trans_STLR(struct a64_ctx *s, const struct args_ordered *a)
{
    store_release(s, a->rt, a64_reg_sp(s, a->rn, true), a->size);
    return true;
}

/* STLLR{B,H} <Rt>, [<Xn|SP>] */
bool a64_trans_STLLR(struct a64_ctx *s, const struct args_ordered *a)
{
    return a64_trans_STLR(s, a);
}

static struct ir_val ordered_address(struct a64_ctx *s, const struct args_ordered_imm *a)
{
    return ir_addi(s->ir, a64_reg_sp(s, a->rn, true), a->imm);
}

/* LDAPUR{B,H} <Rt>, [<Xn|SP>{, #<simm>}] */
bool a64_trans_LDAPUR(struct a64_ctx *s, const struct args_ordered_imm *a)
{
    load_acquire(s, a->rt, a->size == MO_64, ordered_address(s, a), atomic_memop(s, a->size));
    return true;
}

/* LDAPURS{B,H,W} <Rt>, [<Xn|SP>{, #<simm>}] */
bool a64_trans_LDAPURS(struct a64_ctx *s, const struct args_ordered_imm *a)
{
    if (a->size == MO_64 || (a->size == MO_32 && !a->sf)) {
        return false;
    }
    load_acquire(s, a->rt, a->sf, ordered_address(s, a), atomic_memop(s, a->size) | MO_SIGN);
    return true;
}

/* STLUR{B,H} <Rt>, [<Xn|SP>{, #<simm>}] */
bool a64_trans_STLUR(struct a64_ctx *s, const struct args_ordered_imm *a)
{
    store_release(s, a->rt, ordered_address(s, a), a->size);
    return true;
}

/* ---- Exclusives ---- */

#define EXCL_OPEN UINT64_MAX

static void set_monitor(struct a64_ctx *s, struct ir_val at, struct ir_val v)
{
    ir_state_st(s->ir, at, ARM_OFF(excl_addr));
    ir_state_st(s->ir, ir_typeof(s->ir, v) == I32 ? ir_zext(s->ir, v) : v, ARM_OFF(excl_val));
}

/* Two W registers as one doubleword: the first is at the lower address, which in big-endian data is the high half. */
static struct ir_val join(struct a64_ctx *s, unsigned first, unsigned second)
{
    struct ir_val a = a64_reg(s, first, false), b = a64_reg(s, second, false);

    return s->mode & ARM_MODE_BE ? ir_concat32(s->ir, b, a) : ir_concat32(s->ir, a, b);
}

static void split(struct a64_ctx *s, unsigned first, unsigned second, struct ir_val v)
{
    struct ir_val lo = ir_trunc(s->ir, v), hi = ir_trunc(s->ir, ir_shri(s->ir, v, 32));
    bool be = s->mode & ARM_MODE_BE;

    a64_set_reg(s, first, be ? hi : lo);
    a64_set_reg(s, second, be ? lo : hi);
}

static bool load_exclusive(struct a64_ctx *s, const struct args_load_excl *a, bool acq)
{
    struct ir_val at = a64_reg_sp(s, a->rn, true);
    struct ir_val v = ir_guest_ld(s->ir, a64_type(a->size == MO_64), at, atomic_memop(s, a->size), ARM_VIEW_CURRENT);

    if (acq) {
        acquire(s);
    }
    set_monitor(s, at, v);
    a64_set_reg(s, a->rt, v);
    return true;
}

/* Pairs of doublewords are two single-copy atomic loads; that both are of one moment, the store-exclusive finds out (B2.2.1). */
static bool load_exclusive_pair(struct a64_ctx *s, const struct args_load_excl *a, bool acq)
{
    struct ir *ir = s->ir;
    struct ir_val at = a64_reg_sp(s, a->rn, true), v[2];

    if (a->size == MO_32) {
        v[0] = ir_guest_ld(ir, I64, at, atomic_memop(s, MO_64), ARM_VIEW_CURRENT);
    } else {
        ir_guest_ldm(ir, I64, at, 2, v, a64_memop(s, MO_64 | MO_ALIGN_16), ARM_VIEW_CURRENT);
    }
    if (acq) {
        acquire(s);
    }
    set_monitor(s, at, v[0]);
    if (a->size == MO_32) {
        split(s, a->rt, a->rt2, v[0]);
        return true;
    }
    ir_state_st(ir, v[1], ARM_OFF(excl_val2));
    a64_set_reg(s, a->rt, v[0]);
    a64_set_reg(s, a->rt2, v[1]);
    return true;
}

/* Compare-and-swap of two doublewords against pair[0..1], which then have what was there */
static void cas_pair(struct a64_ctx *s, struct ir_val at, struct ir_val first, struct ir_val second)
{
    unsigned memop = a64_memop(s, MO_128);

    ir_call(s->ir, a64_cas128, at, first, second, a64_imm(s, false, TCG_OI(memop & (MO_SIZE | MO_BE), ARM_VIEW_CURRENT)));
}

/* I32: did memory at `at` differ from the monitor's value? If not, Rt (and Rt2) are there now. */
static struct ir_val try_store(struct a64_ctx *s, const struct args_store_excl *a, struct ir_val at, bool pair)
{
    struct ir *ir = s->ir;
    struct ir_val expect = ir_state_ld(ir, I64, ARM_OFF(excl_val)), expect2, v, old;
    unsigned size = pair ? MO_64 : a->size;

    if (pair && a->size == MO_64) {
        expect2 = ir_state_ld(ir, I64, ARM_OFF(excl_val2));
        ir_state_st(ir, expect, ARM_OFF(pair[0]));
        ir_state_st(ir, expect2, ARM_OFF(pair[1]));
        cas_pair(s, at, a64_reg(s, a->rt, true), a64_reg(s, a->rt2, true));
        old = ir_xor(ir, ir_state_ld(ir, I64, ARM_OFF(pair[0])), expect);
        old = ir_or(ir, old, ir_xor(ir, ir_state_ld(ir, I64, ARM_OFF(pair[1])), expect2));
        return ir_setcmp(ir, CC_NE, old, a64_imm(s, true, 0));
    }
    v = pair ? join(s, a->rt, a->rt2) : a64_reg(s, a->rt, size == MO_64);
    if (size != MO_64) {
        expect = ir_trunc(ir, expect);
    }
    if (size < MO_32) {      /* the load may have been wider: UNPREDICTABLE, but alike on every engine */
        expect = ir_extract(ir, expect, 0, 8u << size);
    }
    old = ir_guest_cas(ir, at, expect, v, atomic_memop(s, size), ARM_VIEW_CURRENT);
    return ir_setcmp(ir, CC_NE, old, expect);
}

/*
 * Store if the monitor holds the address and memory still the value of the load: a compare-and-swap, so a store of the same
 * value by another CPU in between goes unnoticed, which the program cannot tell. Rs: 0 stored, 1 not.
 */
static bool store_exclusive(struct a64_ctx *s, const struct args_store_excl *a, bool pair, bool release)
{
    struct ir *ir = s->ir;
    unsigned fail = ir_label_new(ir), end = ir_label_new(ir);
    struct ir_val at = a64_reg_sp(s, a->rn, true), zero = a64_imm(s, false, 0), differs;

    if (release) {
        before_release(s);
    }
    differs = ir_setcmp(ir, CC_NE, at, ir_state_ld(ir, I64, ARM_OFF(excl_addr)));
    ir_br_cmp(ir, CC_NE, differs, zero, fail);
    a64_set_reg(s, a->rs, try_store(s, a, at, pair));
    ir_label(ir, fail);
    ir_br_cmp(ir, CC_EQ, differs, zero, end);
    a64_set_reg(s, a->rs, a64_imm(s, false, 1));
    ir_label(ir, end);
    ir_state_st(ir, ir_const(ir, I64, EXCL_OPEN), ARM_OFF(excl_addr));
    return true;
}

/* LD{A}XR{B,H} <Rt>, [<Xn|SP>]; LD{A}XP <Rt>, <Rt2>, [<Xn|SP>] */
#define LOAD_EXCLUSIVE(name, fn, acq)                                            \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_load_excl *a)     \
    {                                                                            \
        return fn(s, a, acq);                                                    \
    }
/* ST{L}XR{B,H} <Ws>, <Rt>, [<Xn|SP>]; ST{L}XP <Ws>, <Rt>, <Rt2>, [<Xn|SP>] */
#define STORE_EXCLUSIVE(name, pair, release)                                     \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_store_excl *a)    \
    {                                                                            \
        return store_exclusive(s, a, pair, release);                             \
    }

LOAD_EXCLUSIVE(LDXR, load_exclusive, false)
LOAD_EXCLUSIVE(LDAXR, load_exclusive, true)
LOAD_EXCLUSIVE(LDXP, load_exclusive_pair, false)
LOAD_EXCLUSIVE(LDAXP, load_exclusive_pair, true)
STORE_EXCLUSIVE(STXR, false, false)
STORE_EXCLUSIVE(STLXR, false, true)
STORE_EXCLUSIVE(STXP, true, false)
STORE_EXCLUSIVE(STLXP, true, true)

/* ---- Atomics (FEAT_LSE): full barriers, as all of the host's are ---- */

/* Bits of a register that an access of size takes */
static struct ir_val sized(struct a64_ctx *s, unsigned rn, unsigned size)
{
    struct ir_val v = a64_reg(s, rn, size == MO_64);

    return size < MO_32 ? ir_extract(s->ir, v, 0, 8u << size) : v;
}

/* CAS{A}{L}{B,H} <Rs>, <Rt>, [<Xn|SP>] */
bool a64_trans_CAS(struct a64_ctx *s, const struct args_atomic *a)
{
    struct ir_val expect = sized(s, a->rs, a->size), v = a64_reg(s, a->rt, a->size == MO_64);

    a64_set_reg(s, a->rs, ir_guest_cas(s->ir, a64_reg_sp(s, a->rn, true), expect, v, atomic_memop(s, a->size),
                                       ARM_VIEW_CURRENT));
    return true;
}

/* CASP{A}{L} <Rs>, <R(s+1)>, <Rt>, <R(t+1)>, [<Xn|SP>] */
bool a64_trans_CASP(struct a64_ctx *s, const struct args_atomic *a)
{
    struct ir *ir = s->ir;
    struct ir_val at = a64_reg_sp(s, a->rn, true);

    if (a->rs & 1 || a->rt & 1) {
        return false;
    }
    if (a->size == MO_32) {
        split(s, a->rs, a->rs + 1, ir_guest_cas(ir, at, join(s, a->rs, a->rs + 1), join(s, a->rt, a->rt + 1),
                                                atomic_memop(s, MO_64), ARM_VIEW_CURRENT));
        return true;
    }
    ir_state_st(ir, a64_reg(s, a->rs, true), ARM_OFF(pair[0]));
    ir_state_st(ir, a64_reg(s, a->rs + 1, true), ARM_OFF(pair[1]));
    cas_pair(s, at, a64_reg(s, a->rt, true), a64_reg(s, a->rt + 1, true));
    a64_set_reg(s, a->rs, ir_state_ld(ir, I64, ARM_OFF(pair[0])));
    a64_set_reg(s, a->rs + 1, ir_state_ld(ir, I64, ARM_OFF(pair[1])));
    return true;
}

static bool rmw(struct a64_ctx *s, const struct args_atomic *a, enum ir_rmw op, struct ir_val v)
{
    a64_set_reg(s, a->rt, ir_guest_rmw(s->ir, op, a64_reg_sp(s, a->rn, true), v, atomic_memop(s, a->size),
                                       ARM_VIEW_CURRENT));
    return true;
}

/* LD<op>{A}{L}{B,H} <Rs>, <Rt>, [<Xn|SP>] */
#define ATOMIC(name, op)                                                     \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_atomic *a)    \
    {                                                                        \
        return rmw(s, a, op, sized(s, a->rs, a->size));                      \
    }

ATOMIC(LDADD, RMW_ADD)
ATOMIC(LDEOR, RMW_XOR)
ATOMIC(LDSET, RMW_OR)
ATOMIC(LDSMAX, RMW_SMAX)
ATOMIC(LDSMIN, RMW_SMIN)
ATOMIC(LDUMAX, RMW_UMAX)
ATOMIC(LDUMIN, RMW_UMIN)
ATOMIC(SWP, RMW_XCHG)

/* LDCLR{A}{L}{B,H} <Rs>, <Rt>, [<Xn|SP>] */
bool a64_trans_LDCLR(struct a64_ctx *s, const struct args_atomic *a)
{
    return rmw(s, a, RMW_AND, ir_not(s->ir, a64_reg(s, a->rs, a->size == MO_64)));
}
