/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JIT against the interpreter: random regions of every op, with branches,
 * memory accesses, helper calls and few registers, run by both from the same
 * state; state, memory, pc and sticky flags must agree.  Once with the usual
 * register allocation and once with TCG_RANDOM_RA, and both for a target with
 * 64-bit addresses and pinned 64-bit registers.
 *
 * X64_SEED=n runs region n alone and prints it; X64_FROM=n X64_N=count run
 * others.
 */
#include "config.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/compile.h"
#include "tcg/ir-build.h"
#include "util/log.h"
#include "util/rng.h"
#include "tests/suite.h"

enum { MEM_BASE = 0x40000000, MEM_SIZE = 4 * TLB_PAGE_SIZE, TLB_ENTRIES = 16 };

struct machine {
    struct tcg_env env;
    uint32_t r[12];             /* 9 pinned, the others not */
    uint64_t x[6];
    uint32_t f[4];
    uint64_t d[4];
    struct v128 q[4];
    uint32_t flags[2];
    uint32_t calls, slow;
    unsigned view;              /* that accesses name */
    uint8_t *mem;
    struct tlb_entry tlb[TLB_ENTRIES];
};

#define OFF(field) ((unsigned)offsetof(struct machine, field))
#define R(n, pin) { "r" #n, OFF(r[n]), I32, pin }
#define X(n, pin) { "x" #n, OFF(x[n]), I64, pin }
#define NOT_PINNED \
    { "f0", OFF(f[0]), F32, -1 }, { "f1", OFF(f[1]), F32, -1 }, \
    { "f2", OFF(f[2]), F32, -1 }, { "f3", OFF(f[3]), F32, -1 }, \
    { "d0", OFF(d[0]), F64, -1 }, { "d1", OFF(d[1]), F64, -1 }, \
    { "d2", OFF(d[2]), V64, -1 }, { "d3", OFF(d[3]), V64, -1 }, \
    { "q0", OFF(q[0]), V128, -1 }, { "q1", OFF(q[1]), V128, -1 }, \
    { "q2", OFF(q[2]), V128, -1 }, { "q3", OFF(q[3]), V128, -1 }, \
    { "flags0", OFF(flags[0]), FLAGS, -1 }, \
    { "flags1", OFF(flags[1]), FLAGS, -1 }
static const struct ir_slot slots[] = {
    R(0, 0), R(1, 1), R(2, 2), R(3, 3), R(4, 4), R(5, 5), R(6, 6), R(7, 7),
    R(8, 8), R(9, -1), R(10, -1), R(11, -1),
    X(0, -1), X(1, -1), X(2, -1), X(3, -1), X(4, -1), X(5, -1),
    NOT_PINNED
};
static const struct ir_slot slots64[] = {
    R(0, 5), R(1, 6), R(2, 7), R(3, 8), R(4, -1), R(5, -1), R(6, -1), R(7, -1),
    R(8, -1), R(9, -1), R(10, -1), R(11, -1),
    X(0, 0), X(1, 1), X(2, -1), X(3, 2), X(4, 3), X(5, 4),
    NOT_PINNED
};
enum { NSLOTS = sizeof(slots) / sizeof(slots[0]) };
static const struct ir_target target = { .name = "test", .slots = slots, .nslots = NSLOTS, .addr_type = I32 };
static const struct ir_target target64 = { .name = "test64", .slots = slots64, .nslots = NSLOTS, .addr_type = I64 };

/* The target is target64, and memory and code are above 4 GiB. */
static bool wide;

static uint64_t high(void)
{
    return wide ? (uint64_t)0x12 << 32 : 0;
}

/* --- guest memory -------------------------------------------------------- */

static struct machine *machine_of(struct tcg_env *env)
{
    return (struct machine *)env;
}

/* Addresses wrap into the memory; the page becomes known to the TLB unless
 * it is the last one, which stays slow. */
/* Some pages are forgotten again and again, so that checks fail late. */
static uint8_t *slow_access(struct tcg_env *env, uint64_t addr, unsigned n,
                            uint32_t oi)
{
    struct machine *m = machine_of(env);
    uint64_t page = addr & TLB_PAGE_MASK;
    uint64_t index = TLB_INDEX(addr, TLB_ENTRIES - 1);
    uint64_t base = high() + MEM_BASE;

    if (addr < base || addr + n > base + MEM_SIZE ||
        (oi >> 16 & 0xff) != m->view)
        ck_abort_msg("access at %llx, oi %x", (unsigned long long)addr, oi);
    if (page != base + MEM_SIZE - TLB_PAGE_SIZE)
        m->tlb[index] = (struct tlb_entry){
            page, page, page, (uintptr_t)m->mem - base };
    if (++m->slow % 5 == 0) {
        m->tlb[index ^ 1].read = m->tlb[index ^ 1].write = TLB_INVALID;
        m->env.site_tag += (uint64_t)1 << TLB_SITE_SHIFT;
    }
    return m->mem + (addr - base);
}

static uint64_t get(const uint8_t *p, uint32_t oi)
{
    unsigned n = 1u << (oi & MO_SIZE);
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)p[oi & MO_BE ? n - 1 - i : i] << (8 * i);
    if ((oi & MO_SIGN) && n < 8 && (v >> (8 * n - 1) & 1))
        v |= UINT64_MAX << (8 * n);
    return v;
}

static void put(uint8_t *p, uint64_t v, uint32_t oi)
{
    unsigned n = 1u << (oi & MO_SIZE);

    for (unsigned i = 0; i < n; i++)
        p[oi & MO_BE ? n - 1 - i : i] = v >> (8 * i);
}

static uint64_t mem_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    return get(slow_access(env, addr, 1u << (oi & MO_SIZE), oi), oi);
}

static void mem_st(struct tcg_env *env, uint64_t addr, uint64_t v,
                   uint32_t oi)
{
    put(slow_access(env, addr, 1u << (oi & MO_SIZE), oi), v, oi);
}

static void copy_elem(uint8_t *d, const uint8_t *s, unsigned n, bool be)
{
    for (unsigned i = 0; i < n; i++)
        d[be ? n - 1 - i : i] = s[i];
}

static void mem_ld_block(struct tcg_env *env, uint64_t addr, void *buf,
                         uint32_t n, uint32_t oi)
{
    unsigned size = 1u << (oi & MO_SIZE);
    const uint8_t *p = slow_access(env, addr, n * size, oi);

    for (unsigned i = 0; i < n; i++)
        copy_elem((uint8_t *)buf + i * size, p + i * size, size, oi & MO_BE);
}

static void mem_st_block(struct tcg_env *env, uint64_t addr, const void *buf,
                         uint32_t n, uint32_t oi)
{
    unsigned size = 1u << (oi & MO_SIZE);
    uint8_t *p = slow_access(env, addr, n * size, oi);

    for (unsigned i = 0; i < n; i++)
        copy_elem(p + i * size, (const uint8_t *)buf + i * size, size,
                  oi & MO_BE);
}

static uint64_t mask_of(uint32_t oi)
{
    return UINT64_MAX >> (64 - (8u << (oi & MO_SIZE)));
}

static uint64_t mem_cas(struct tcg_env *env, uint64_t addr, uint64_t expect,
                        uint64_t v, uint32_t oi)
{
    uint8_t *p = slow_access(env, addr, 1u << (oi & MO_SIZE), oi);
    uint64_t old = get(p, oi);

    if (((old ^ expect) & mask_of(oi)) == 0)
        put(p, v, oi);
    return old;
}

static int64_t sext(uint64_t v, uint32_t oi)
{
    unsigned n = 64 - (8u << (oi & MO_SIZE));

    return (int64_t)(v << n) >> n;
}

static uint64_t mem_rmw(struct tcg_env *env, uint64_t addr, uint64_t v,
                        uint32_t oi)
{
    uint8_t *p = slow_access(env, addr, 1u << (oi & MO_SIZE), oi);
    uint64_t old = get(p, oi), o = old & mask_of(oi), n = v & mask_of(oi);

    switch (oi >> 24) {
    case RMW_ADD: n = o + n; break;
    case RMW_AND: n = o & n; break;
    case RMW_OR: n = o | n; break;
    case RMW_XOR: n = o ^ n; break;
    case RMW_SMIN: n = sext(o, oi) < sext(n, oi) ? o : n; break;
    case RMW_SMAX: n = sext(o, oi) > sext(n, oi) ? o : n; break;
    case RMW_UMIN: n = o < n ? o : n; break;
    case RMW_UMAX: n = o > n ? o : n; break;
    default: break;
    }
    put(p, n, oi);
    return old;
}

static const struct tcg_mem_ops mem_ops = {
    mem_ld, mem_st, mem_ld_block, mem_st_block, mem_cas, mem_rmw, NULL, NULL };

/* --- helpers -------------------------------------------------------------- */

static uint32_t help_mix(uint32_t a, uint64_t b)
{
    return a * 3 + (b >> 7);
}

static void help_state(struct tcg_env *env, uint32_t a)
{
    struct machine *m = machine_of(env);

    m->calls++;
    m->r[2] += m->r[7] ^ a;
    m->r[8] ^= m->r[9];
    m->x[1] += m->r[0];
    m->x[5] ^= env->pc;
    m->flags[0] ^= FLAG_C;
}

static uint64_t help_vec(const struct v128 *a, uint64_t d, uint32_t f,
                         const struct v128 *b)
{
    return a->d[0] + 2 * a->d[1] + 3 * d + f - b->d[1];
}

static uint32_t help_read(struct tcg_env *env, uint32_t a, uint32_t b,
                          uint32_t c, uint32_t d, uint32_t e)
{
    return machine_of(env)->r[5] + a + 2 * b + 3 * c + 4 * d + 5 * e;
}

static const struct helper h_mix = {
    "mix", (void *)help_mix, HF_PURE, HT_I32, 2, { HT_I32, HT_I64 } };
static const struct helper h_state = {
    "state", (void *)help_state, HF_READS | HF_WRITES | HF_FAULTS, HT_VOID, 2,
    { HT_ENV, HT_I32 } };
static const struct helper h_vec = {
    "vec", (void *)help_vec, HF_PURE, HT_F64, 4,
    { HT_V128, HT_V64, HT_F32, HT_V128 } };
static const struct helper h_read = {
    "read", (void *)help_read, HF_READS, HT_I32, 6,
    { HT_ENV, HT_I32, HT_I32, HT_I32, HT_I32, HT_I32 } };

/* --- random regions -------------------------------------------------------- */

enum { POOL = 40 };

struct gen {
    struct rng rng;
    struct ir *ir;
    struct ir_val v[IR_NTYPES][POOL];
    unsigned n[IR_NTYPES];
    unsigned depth;
    unsigned view;
    bool arm;               /* P is not looked at (tcg/README, meaning of ops) */
};

static uint32_t below(struct gen *g, uint32_t n)
{
    return rng_below(&g->rng, n);
}

static uint64_t special(struct gen *g)
{
    static const uint64_t k[] = { 0, 1, 2, 31, 0x7f, 0x80, 0xff, 0x7fff,
        0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX, 0x3f800000,
        0x7f800000, 0x7fc00000, 0x7fa00001, 0x00000001, 0x00800000,
        0xff800000, 0x3ff0000000000000, 0x7ff0000000000000,
        0x7ff8000000000000, 0x7ff4000000000001, 0x0010000000000000,
        0x4f000000, 0xcf000000, 0x41e0000000000000, 0xc1e0000000000000,
        0x43e0000000000000, 0x3f8000003f800000 };

    if (below(g, 3) == 0)
        return k[below(g, sizeof(k) / sizeof(k[0]))];
    return rng_u64(&g->rng) >> (8 * below(g, 8));
}

static void give(struct gen *g, struct ir_val v)
{
    enum ir_type t = ir_typeof(g->ir, v);

    if (g->n[t] < POOL)
        g->v[t][g->n[t]++] = v;
    else if (!g->depth)
        g->v[t][below(g, POOL)] = v;
}

static struct ir_val load_slot(struct gen *g, enum ir_type t)
{
    unsigned i;

    do
        i = below(g, NSLOTS);
    while (slots[i].type != t);
    return ir_state_ld(g->ir, t, slots[i].offset);
}

static struct ir_val take(struct gen *g, enum ir_type t)
{
    if ((t == I32 || t == I64 || t == F32 || t == F64) && below(g, 6) == 0)
        return ir_const(g->ir, t, special(g));
    if (g->n[t] == 0 || below(g, 5) == 0) {
        struct ir_val v = load_slot(g, t);

        give(g, v);
        return v;
    }
    return g->v[t][below(g, g->n[t])];
}

static enum ir_type int_type(struct gen *g)
{
    return below(g, 3) ? I32 : I64;
}

static unsigned width(enum ir_type t)
{
    return t == I64 ? 64 : 32;
}

static void gen_int(struct gen *g)
{
    static struct ir_val (*const two[])(struct ir *, struct ir_val,
                                        struct ir_val) = {
        ir_add, ir_sub, ir_mul, ir_umulh, ir_smulh, ir_udiv, ir_sdiv, ir_and,
        ir_or, ir_xor, ir_andc, ir_smin, ir_smax, ir_umin, ir_umax, ir_add,
        ir_sub };
    static struct ir_val (*const one[])(struct ir *, struct ir_val) = {
        ir_not, ir_neg, ir_clz, ir_ctz, ir_bswap, ir_bswap16 };
    enum ir_type t = int_type(g);
    unsigned k = below(g, 24);

    if (k < 17)
        give(g, two[k](g->ir, take(g, t), take(g, t)));
    else if (k < 23)
        give(g, one[k - 17](g->ir, take(g, t)));
    else
        give(g, ir_concat32(g->ir, take(g, I32), take(g, I32)));
}

static void gen_shift(struct gen *g)
{
    static struct ir_val (*const f[])(struct ir *, struct ir_val,
                                      struct ir_val) = {
        ir_shl, ir_shr, ir_sar, ir_ror };
    enum ir_type t = int_type(g);
    struct ir_val n;

    if (below(g, 2))
        n = ir_const(g->ir, t, below(g, width(t)));
    else
        n = ir_andi(g->ir, take(g, t), width(t) - 1);
    give(g, f[below(g, 4)](g->ir, take(g, t), n));
}

static void gen_field(struct gen *g)
{
    enum ir_type t = int_type(g);
    unsigned pos = below(g, width(t)), len = 1 + below(g, width(t) - pos);
    struct ir_val a = take(g, t);

    if (below(g, 3) == 0) {
        pos = 0;
        len = 8u << below(g, 2);
    }
    switch (below(g, 7)) {
    case 0:
        give(g, ir_extract(g->ir, a, pos, len));
        break;
    case 1:
        give(g, ir_sextract(g->ir, a, pos, len));
        break;
    case 2:
        give(g, ir_deposit(g->ir, a, take(g, t), pos, len));
        break;
    case 3:
        give(g, ir_zext(g->ir, take(g, I32)));
        break;
    case 4:
        give(g, ir_sext(g->ir, take(g, I32)));
        break;
    default:
        give(g, ir_trunc(g->ir, take(g, I64)));
        break;
    }
}

/* A value and its flags, as ADDS and SUBS give them, in either order. */
static void gen_arith_flags(struct gen *g)
{
    enum ir_type t = int_type(g);
    struct ir_val a = take(g, t), b = take(g, t), f = take(g, FLAGS), v, nf;
    enum ir_carry carry = below(g, 2);
    unsigned k = below(g, 4);
    bool first = below(g, 2);

    for (int i = 0; i < 2; i++) {
        if ((i == 0) == first) {
            v = k == 0 ? ir_add(g->ir, a, b) : k == 1 ? ir_sub(g->ir, a, b) :
                k == 2 ? ir_adc(g->ir, a, b, f)
                       : ir_sbc(g->ir, a, b, f, carry);
            give(g, v);
        } else {
            nf = k == 0 ? ir_flags_add(g->ir, a, b) :
                 k == 1 ? ir_flags_sub(g->ir, a, b, carry) :
                 k == 2 ? ir_flags_adc(g->ir, a, b, f)
                        : ir_flags_sbc(g->ir, a, b, f, carry);
            give(g, nf);
        }
        if (below(g, 2))
            ir_state_st(g->ir, (i == 0) == first ? v : nf,
                        (i == 0) == first ? (t == I32 ? OFF(r[below(g, 12)])
                                                      : OFF(x[below(g, 6)]))
                                          : OFF(flags[below(g, 2)]));
    }
}

/* ARM's logical instructions: N, Z, perhaps C, in place. */
static void gen_nz_update(struct gen *g)
{
    unsigned slot = OFF(flags[below(g, 2)]);
    struct ir_val v = take(g, I32), bit = take(g, I32), old, f;

    if (below(g, 2))
        give(g, v = ir_and(g->ir, v, take(g, I32)));
    if (below(g, 3) == 0)
        bit = ir_const(g->ir, I32, below(g, 2));
    old = ir_state_ld(g->ir, FLAGS, slot);
    f = ir_flags_logic(g->ir, v);
    f = ir_flags_merge(g->ir, old, f, FLAG_S | FLAG_Z);
    if (below(g, 2))
        f = ir_flags_set_c(g->ir, f, bit);
    if (below(g, 2))
        ir_state_st(g->ir, v, OFF(r[below(g, 12)]));
    ir_state_st(g->ir, f, slot);
    give(g, f);
    if (below(g, 6) == 0)
        give(g, old);
}

static void gen_flags(struct gen *g)
{
    const uint16_t sz = FLAG_S | FLAG_Z | (g->arm ? 0 : FLAG_P);
    const uint16_t masks[] = { sz, FLAG_C, FLAG_O,
        FLAG_NZCV, sz | FLAG_C, FLAG_ALL & ~FLAG_C };
    enum ir_type t = int_type(g);

    if (g->arm && below(g, 3) == 0) {
        gen_nz_update(g);
        return;
    }
    switch (below(g, 9)) {
    case 0:
        give(g, ir_flags_add(g->ir, take(g, t), take(g, t)));
        break;
    case 1:
        give(g, ir_flags_sub(g->ir, take(g, t), take(g, t), below(g, 2)));
        break;
    case 2:
        give(g, ir_flags_logic(g->ir, take(g, t)));
        break;
    case 3:
        give(g, ir_flags_merge(g->ir, take(g, FLAGS), take(g, FLAGS),
                               masks[below(g, 6)]));
        break;
    case 4:
        give(g, ir_flags_set_c(g->ir, take(g, FLAGS), take(g, I32)));
        break;
    case 5:
        give(g, ir_flags_from_bits(g->ir, take(g, I32)));
        break;
    case 6:
        give(g, ir_andi(g->ir, ir_flags_to_bits(g->ir, take(g, FLAGS)),
                        FLAG_ALL & ~FLAG_A & ~(g->arm ? FLAG_P : 0)));
        break;
    default:
        gen_arith_flags(g);
        break;
    }
}

static enum ir_cc flag_cc(struct gen *g)
{
    return below(g, (g->arm ? CC_LS_X86 : CC_PO) + 1);
}

static enum ir_cc cmp_cc(struct gen *g)
{
    static const uint8_t cc[] = { CC_EQ, CC_NE, CC_GE, CC_LT, CC_GT, CC_LE,
        CC_GEU, CC_LTU, CC_GTU, CC_LEU, CC_TSTNE, CC_TSTEQ };

    return cc[below(g, sizeof(cc))];
}

static void gen_cond(struct gen *g)
{
    enum ir_type t = int_type(g), u = int_type(g);

    switch (below(g, 4)) {
    case 0:
        give(g, ir_setcond(g->ir, take(g, FLAGS), flag_cc(g)));
        break;
    case 1:
        give(g, ir_setcmp(g->ir, cmp_cc(g), take(g, t), take(g, t)));
        break;
    case 2:
        give(g, ir_select(g->ir, take(g, FLAGS), flag_cc(g), take(g, t),
                          take(g, t)));
        break;
    default:
        give(g, ir_select_cmp(g->ir, cmp_cc(g), take(g, t), take(g, t),
                              take(g, u), take(g, u)));
        break;
    }
}

static void gen_store(struct gen *g)
{
    const struct ir_slot *s = &slots[below(g, NSLOTS)];

    ir_state_st(g->ir, take(g, s->type), s->offset);
    if (below(g, 8) == 0)   /* half of a 64-bit slot */
        ir_state_st(g->ir, take(g, I32), OFF(x[2]) + 4 * below(g, 2));
    if (below(g, 8) == 0)
        give(g, ir_state_ld(g->ir, I32, OFF(x[2]) + 4 * below(g, 2)));
}

/* An address inside the memory, aligned, sometimes crossing pages. */
static struct ir_val address(struct gen *g, unsigned align)
{
    enum ir_type t = wide ? I64 : I32;
    struct ir_val a = ir_andi(g->ir, take(g, t),
                              (MEM_SIZE / 2 - 1) & ~(align - 1));
    uint64_t base = high() + MEM_BASE;

    if (below(g, 8) == 0)
        return ir_const(g->ir, t, base + TLB_PAGE_SIZE - align);
    return ir_addi(g->ir, a, base + (below(g, 3) * TLB_PAGE_SIZE / 2));
}

static const uint8_t mem_size[IR_NTYPES] = {
    [F32] = MO_32, [F64] = MO_64, [V64] = MO_64, [V128] = MO_128 };

static unsigned memop_for(struct gen *g, enum ir_type t)
{
    unsigned mo = t == I32 ? below(g, 3) : t == I64 ? below(g, 4)
                                                    : mem_size[t];

    if (below(g, 4) == 0)
        mo |= MO_BE;
    if ((t == I32 || t == I64) && below(g, 2))
        mo |= MO_SIGN;
    return mo;
}

static enum ir_type any_type(struct gen *g)
{
    static const uint8_t t[] = { I32, I32, I32, I64, F32, F64, V64, V128 };

    return t[below(g, sizeof(t))];
}

/* base + off, as an array's element: the offset is added to the base, to the
 * index or to their sum. */
static struct ir_val element(struct gen *g, struct ir_val base,
                             struct ir_val index, int off, unsigned shift)
{
    int part = below(g, 3) ? 0 : 8;

    off -= part;
    base = ir_addi(g->ir, base, off & ((1 << shift) - 1));
    off &= ~((1 << shift) - 1);
    if (below(g, 4)) {
        index = ir_addi(g->ir, index, off >> shift);
        off = 0;
    }
    index = ir_shli(g->ir, index, shift);
    base = below(g, 2) ? ir_add(g->ir, base, index)
                       : ir_add(g->ir, index, base);
    return ir_addi(g->ir, base, off + part);
}

/* Fields of a structure: accesses at constant distances, which share a TLB
 * check; some structures cross a page. */
static void gen_fields(struct gen *g)
{
    struct ir_val base = ir_addi(g->ir, address(g, 4), 128);
    unsigned n = 2 + below(g, 5), shift = below(g, 3);
    struct ir_val index = ir_andi(g->ir, take(g, wide ? I64 : I32), 0x3f >> shift << shift);
    bool indexed = below(g, 3) == 0;

    if (below(g, 4) == 0)
        base = ir_const(g->ir, wide ? I64 : I32,
                        high() + MEM_BASE + TLB_PAGE_SIZE / 2 +
                        4 * below(g, 600));
    for (unsigned i = 0; i < n; i++) {
        enum ir_type t = any_type(g);
        unsigned mo = memop_for(g, t);
        struct ir_val v[3], a;

        a = indexed ? element(g, base, index, 4 * (int)below(g, 32) - 64, shift)
                    : ir_addi(g->ir, base, 4 * (int)below(g, 32) - 64);
        if ((mo & MO_SIZE) <= MO_32 && below(g, 2))
            mo |= (mo & MO_SIZE) << MO_ALIGN_SHIFT;
        if (below(g, 4) == 0) {
            mo = MO_32 | MO_ALIGN_4 | (below(g, 4) ? 0 : MO_BE);
            v[0] = take(g, I32);
            v[1] = take(g, I32);
            if (below(g, 2)) {
                ir_guest_stm(g->ir, a, 2, v, mo, g->view);
                continue;
            }
            ir_guest_ldm(g->ir, I32, a, 3, v, mo, g->view);
            for (int k = 0; k < 3; k++) {
                if (below(g, 2))
                    ir_state_st(g->ir, v[k], OFF(r[below(g, 12)]));
                else
                    give(g, v[k]);
            }
        } else if (below(g, 2)) {
            give(g, ir_guest_ld(g->ir, t, a, mo, g->view));
        } else {
            ir_guest_st(g->ir, a, take(g, t), mo & ~MO_SIGN, g->view);
        }
        if (below(g, 3) == 0)
            gen_store(g);
    }
}

static void gen_mem(struct gen *g)
{
    enum ir_type t = any_type(g);
    unsigned mo = memop_for(g, t), align = 1;

    if (below(g, 4) == 0) {
        gen_fields(g);
        return;
    }
    if (below(g, 2) && t != V128) {
        align = 1u << (mo & MO_SIZE);
        mo |= (mo & MO_SIZE) << MO_ALIGN_SHIFT;
    }
    if (below(g, 2))
        give(g, ir_guest_ld(g->ir, t, address(g, align), mo, g->view));
    else
        ir_guest_st(g->ir, address(g, align), take(g, t), mo & ~MO_SIGN, g->view);
}

static void gen_block(struct gen *g)
{
    static const uint8_t types[] = { I32, I32, I64, F32, F64, V64, V128 };
    enum ir_type t = types[below(g, sizeof(types))];
    unsigned mo = t == I32 || t == F32 ? MO_32 : t == V128 ? MO_128 : MO_64;
    unsigned n = 1 + below(g, t == V128 ? 8 : 16), align = 1;
    struct ir_val v[16];

    if (below(g, 4) == 0)
        mo |= MO_BE;
    if (below(g, 2))
        mo |= MO_ALIGN_4, align = 4;
    if (t == I32 && n == 2 && align == 4)
        mo |= MO_ATOMIC;
    if (below(g, 2)) {
        ir_guest_ldm(g->ir, t, address(g, align), n, v, mo, g->view);
        for (unsigned i = 0; i < n; i++) {
            if (t == I32 && below(g, 2))
                ir_state_st(g->ir, v[i], OFF(r[i % 12]));
            else
                give(g, v[i]);
        }
        return;
    }
    for (unsigned i = 0; i < n; i++)
        v[i] = take(g, t);
    ir_guest_stm(g->ir, address(g, align), n, v, mo, g->view);
}

static void gen_atomic(struct gen *g)
{
    enum ir_type t = int_type(g);
    unsigned mo = memop_for(g, t);
    struct ir_val a = address(g, 1u << (mo & MO_SIZE));

    if (below(g, 4) == 0)
        ir_mb(g->ir, MB_ALL);
    if (below(g, 3) == 0) {
        struct ir_val now = ir_guest_ld(g->ir, t, a, mo, g->view);

        give(g, ir_guest_cas(g->ir, a, below(g, 2) ? now : take(g, t),
                             take(g, t), mo, g->view));
        return;
    }
    give(g, ir_guest_rmw(g->ir, below(g, RMW_UMAX + 1), a, take(g, t), mo,
                         g->view));
}

static void gen_call(struct gen *g)
{
    struct ir_val a[6];

    switch (below(g, 4)) {
    case 0:
        a[0] = take(g, I32);
        a[1] = take(g, I64);
        give(g, ir_call_n(g->ir, &h_mix, a, 2));
        break;
    case 1:
        a[0] = take(g, I32);
        ir_call_n(g->ir, &h_state, a, 1);
        break;
    case 2:
        a[0] = take(g, V128);
        a[1] = take(g, V64);
        a[2] = take(g, F32);
        a[3] = take(g, V128);
        give(g, ir_call_n(g->ir, &h_vec, a, 4));
        break;
    default:
        for (int i = 0; i < 5; i++)
            a[i] = take(g, I32);
        give(g, ir_call_n(g->ir, &h_read, a, 5));
        break;
    }
}

static enum ir_type fp_type(struct gen *g)
{
    return below(g, 2) ? F32 : F64;
}

static void gen_fp(struct gen *g)
{
    enum ir_type t = fp_type(g), i = int_type(g);
    unsigned env = below(g, 2);

    switch (below(g, 20)) {
    case 0: give(g, ir_fadd(g->ir, take(g, t), take(g, t), env)); break;
    case 1: give(g, ir_fsub(g->ir, take(g, t), take(g, t), env)); break;
    case 2: give(g, ir_fmul(g->ir, take(g, t), take(g, t), env)); break;
    case 3: give(g, ir_fdiv(g->ir, take(g, t), take(g, t), env)); break;
    case 4: give(g, ir_fsqrt(g->ir, take(g, t), env)); break;
    case 5: give(g, ir_fmin(g->ir, take(g, t), take(g, t), env)); break;
    case 6: give(g, ir_fmax(g->ir, take(g, t), take(g, t), env)); break;
    case 7: give(g, ir_fneg(g->ir, take(g, t))); break;
    case 8: give(g, ir_fabs(g->ir, take(g, t))); break;
    case 9:
        give(g, ir_fmuladd(g->ir, take(g, t), take(g, t), take(g, t), env,
                           below(g, 4)));
        break;
    case 10:
        give(g, ir_fcvt(g->ir, t == F32 ? F64 : F32, take(g, t), env));
        break;
    case 11: give(g, ir_fcvt_s(g->ir, i, take(g, t), env, below(g, 6))); break;
    case 12: give(g, ir_fcvt_u(g->ir, i, take(g, t), env, below(g, 6))); break;
    case 13: give(g, ir_fcvt_from_s(g->ir, t, take(g, i), env)); break;
    case 14: give(g, ir_fcvt_from_u(g->ir, t, take(g, i), env)); break;
    case 15: give(g, ir_fminnum(g->ir, take(g, t), take(g, t), env)); break;
    case 16: give(g, ir_fmaxnum(g->ir, take(g, t), take(g, t), env)); break;
    case 17:
    case 18:
        give(g, ir_frint(g->ir, take(g, t), env, below(g, 6), below(g, 2)));
        break;
    default:
        give(g, ir_flags_fcmp(g->ir, take(g, t), take(g, t), env,
                              below(g, 2)));
        break;
    }
}

static void gen_bits(struct gen *g)
{
    switch (below(g, 6)) {
    case 0: give(g, ir_bitcast(g->ir, F32, take(g, I32))); break;
    case 1: give(g, ir_bitcast(g->ir, I32, take(g, F32))); break;
    case 2: give(g, ir_bitcast(g->ir, F64, take(g, I64))); break;
    case 3: give(g, ir_bitcast(g->ir, I64, take(g, V64))); break;
    case 4: give(g, ir_bitcast(g->ir, V64, take(g, F64))); break;
    default: give(g, ir_bitcast(g->ir, V64, take(g, I64))); break;
    }
}

/* Vector ops whose operands all have the result's type; emask: elements. */
static const struct vec_row {
    uint8_t opc, nin, emask;
} vec_rows[] = {
    { IR_vadd, 2, 15 }, { IR_vsub, 2, 15 }, { IR_vmul, 2, 7 },
    { IR_vand, 2, 1 }, { IR_vor, 2, 1 }, { IR_vxor, 2, 1 },
    { IR_vandc, 2, 1 }, { IR_vnot, 1, 1 }, { IR_vbsl, 3, 1 },
    { IR_vneg, 1, 15 }, { IR_vabs, 1, 15 }, { IR_vcmpeq, 2, 15 },
    { IR_vcmpgt_s, 2, 15 }, { IR_vcmpgt_u, 2, 15 }, { IR_vmin_s, 2, 7 },
    { IR_vmin_u, 2, 7 }, { IR_vmax_s, 2, 7 }, { IR_vmax_u, 2, 7 },
    { IR_vqadd_s, 2, 15 }, { IR_vqadd_u, 2, 15 }, { IR_vqsub_s, 2, 15 },
    { IR_vqsub_u, 2, 15 }, { IR_vhadd_s, 2, 7 }, { IR_vhadd_u, 2, 7 },
    { IR_vrhadd_s, 2, 7 }, { IR_vrhadd_u, 2, 7 }, { IR_vshl_s, 2, 15 },
    { IR_vshl_u, 2, 15 }, { IR_vpadd, 2, 7 }, { IR_vzip_lo, 2, 7 },
    { IR_vzip_hi, 2, 7 }, { IR_vuzp_even, 2, 7 }, { IR_vuzp_odd, 2, 7 },
    { IR_vtrn_even, 2, 7 }, { IR_vtrn_odd, 2, 7 }, { IR_vcnt, 1, 1 },
    { IR_vclz, 1, 7 },
};

static unsigned pick_elem(struct gen *g, unsigned mask)
{
    unsigned e;

    do
        e = below(g, 4);
    while (!(mask >> e & 1));
    return e;
}

static void gen_vec_same(struct gen *g)
{
    const struct vec_row *r =
        &vec_rows[below(g, sizeof(vec_rows) / sizeof(vec_rows[0]))];
    enum ir_type t = below(g, 3) ? V128 : V64;
    unsigned e = pick_elem(g, r->emask);
    struct ir_val a = take(g, t), b = take(g, t);

    if (r->nin == 1)
        give(g, ir_v1(g->ir, r->opc, t, a, e, 0));
    else if (r->nin == 2)
        give(g, ir_v2(g->ir, r->opc, t, a, b, e, 0));
    else
        give(g, ir_v3(g->ir, r->opc, t, a, b, take(g, t), e, 0, 0));
}

static void gen_vec_shape(struct gen *g)
{
    enum ir_type t = below(g, 3) ? V128 : V64;
    unsigned e = below(g, 4), lanes = (t == V128 ? 16 : 8) >> e, w = 8u << e;
    enum ir_type lane = e == 3 ? I64 : I32;
    struct ir *ir = g->ir;

    switch (below(g, 14)) {
    case 0: give(g, ir_v1(ir, IR_vshli, t, take(g, t), e, below(g, w))); break;
    case 1:
        give(g, ir_v1(ir, IR_vshri_s, t, take(g, t), e, below(g, w)));
        break;
    case 2:
        give(g, ir_v1(ir, IR_vshri_u, t, take(g, t), e, below(g, w)));
        break;
    case 3: e %= 3; give(g, ir_v1(ir, below(g, 2) ? IR_vwiden_s : IR_vwiden_u,
                                  V128, take(g, V64), e, 0)); break;
    case 4:
        give(g, ir_v1(ir, IR_vnarrow, V64, take(g, V128), 1 + e % 3, 0));
        break;
    case 5: e %= 3; give(g, ir_v2(ir, below(g, 2) ? IR_vmull_s : IR_vmull_u,
                                  V128, take(g, V64), take(g, V64), e, 0));
        break;
    case 6: give(g, ir_v1(ir, IR_vdup, t, take(g, lane), e, 0)); break;
    case 7:
        give(g, ir_v1(ir, below(g, 2) ? IR_vget_u : IR_vget_s, lane,
                      take(g, t), e, below(g, lanes)));
        break;
    case 8:
        give(g, ir_v2(ir, IR_vset, t, take(g, t), take(g, lane), e,
                      below(g, lanes)));
        break;
    case 9:
        give(g, ir_v1(ir, IR_vdup_lane, t, take(g, t), e, below(g, lanes)));
        break;
    case 10:
        give(g, ir_v1(ir, below(g, 2) ? IR_vlow : IR_vhigh, V64,
                      take(g, V128), 0, 0));
        break;
    case 11:
        give(g, ir_v2(ir, IR_vconcat, V128, take(g, V64), take(g, V64), 0,
                      0));
        break;
    case 12:
        give(g, ir_v2(ir, IR_vext, t, take(g, t), take(g, t),
                      below(g, t == V128 ? 16 : 8), 0));
        break;
    default:
        e %= 3;
        give(g, ir_v1(ir, IR_vrev, t, take(g, t), e,
                      e + 1 + below(g, 3 - e)));
        break;
    }
}

static void gen_vec_fp(struct gen *g)
{
    static const uint8_t two[] = { IR_vfadd, IR_vfsub, IR_vfmul, IR_vfmin,
        IR_vfmax, IR_vfcmpeq, IR_vfcmpge, IR_vfcmpgt, IR_vfdiv, IR_vfminnum, IR_vfmaxnum, IR_vfmulx,
        IR_vfrecps, IR_vfrsqrts };
    static const uint8_t one[] = { IR_vfcvt_s, IR_vfcvt_u, IR_vfcvt_from_s,
        IR_vfcvt_from_u, IR_vfsqrt };
    enum ir_type t = below(g, 3) ? V128 : V64;
    unsigned e = t == V64 || below(g, 3) ? 2 : 3, env = below(g, 2), k;
    struct ir_val a = take(g, t);

    k = below(g, 23);
    if (k < 14)
        give(g, ir_v2(g->ir, two[k], t, a, take(g, t), e, env));
    else if (k < 19)
        give(g, ir_v1_round(g->ir, one[k - 14], t, a, e, env, k < 16 ? below(g, 6) : 0));
    else if (k == 19)
        give(g, ir_v1_round(g->ir, IR_vfrint, t, a, e, env, below(g, 6) | 8 * below(g, 2)));
    else if (k == 20)
        give(g, ir_v3(g->ir, IR_vfmuladd, t, a, take(g, t), take(g, t), e,
                      env, below(g, 4)));
    else
        give(g, ir_v1(g->ir, k == 21 ? IR_vfneg : IR_vfabs, t, a, e, 0));
}

static void gen_ops(struct gen *g, unsigned n, unsigned kinds);

/* A forward branch over some ops, sometimes with a side exit. */
static void gen_branch(struct gen *g, unsigned kinds)
{
    unsigned label = ir_label_new(g->ir), keep[IR_NTYPES];
    enum ir_type t = int_type(g);

    for (int i = 0; i < (int)below(g, 3); i++)
        take(g, I32);
    if (below(g, 2))
        ir_br_cond(g->ir, take(g, FLAGS), flag_cc(g), label);
    else
        ir_br_cmp(g->ir, cmp_cc(g), take(g, t), take(g, t), label);
    memcpy(keep, g->n, sizeof(keep));
    g->depth++;
    gen_ops(g, below(g, 6), kinds);
    if (below(g, 4) == 0)
        ir_br_cmp(g->ir, cmp_cc(g), take(g, I32), take(g, I32), label);
    gen_ops(g, below(g, 4), kinds);
    if (below(g, 3) == 0)
        ir_exit_link(g->ir, high() + 0x1000 + 4 * below(g, 100), below(g, 2));
    g->depth--;
    memcpy(g->n, keep, sizeof(keep));
    ir_label(g->ir, label);
    /* as in guest code: what follows a label is of one instruction */
    ir_insn_start(g->ir, high() + 0x2000 + 4 * below(g, 100), below(g, 300));
}

enum kind {
    K_INT, K_SHIFT, K_FIELD, K_FLAGS, K_COND, K_STORE, K_MEM, K_BLOCK,
    K_ATOMIC, K_CALL, K_BRANCH, K_BITS, K_FP, K_VEC, K_SHAPE, K_VFP, K_NKINDS
};
#define KINDS_INT ((1u << (K_BITS + 1)) - 1)
#define KINDS_ALL ((1u << K_NKINDS) - 1)

static void gen_op(struct gen *g, enum kind k, unsigned kinds)
{
    switch (k) {
    case K_INT: gen_int(g); break;
    case K_SHIFT: gen_shift(g); break;
    case K_FIELD: gen_field(g); break;
    case K_FLAGS: gen_flags(g); break;
    case K_COND: gen_cond(g); break;
    case K_STORE: gen_store(g); break;
    case K_MEM: gen_mem(g); break;
    case K_BLOCK: gen_block(g); break;
    case K_ATOMIC: gen_atomic(g); break;
    case K_CALL: gen_call(g); break;
    case K_BITS: gen_bits(g); break;
    case K_FP: gen_fp(g); break;
    case K_VEC: gen_vec_same(g); break;
    case K_SHAPE: gen_vec_shape(g); break;
    case K_VFP: gen_vec_fp(g); break;
    default:
        if (g->depth < 3)
            gen_branch(g, kinds);
        break;
    }
}

static void gen_ops(struct gen *g, unsigned n, unsigned kinds)
{
    for (unsigned i = 0; i < n; i++) {
        enum kind k = below(g, K_NKINDS);

        if (below(g, 6) == 0)
            ir_insn_start(g->ir, high() + 0x2000 + 4 * below(g, 100),
                          below(g, 300));
        if (kinds >> k & 1)
            gen_op(g, k, kinds);
        if (below(g, 3) == 0)
            gen_store(g);
    }
}

static bool is_arm(uint64_t seed)
{
    return seed & 1;
}

/* View 0 has slots of places (struct tlb_site) in hot code. */
static unsigned view_of(uint64_t seed)
{
    return seed >> 2 & 1;
}

static void gen_region(struct ir *ir, uint64_t seed, unsigned kinds)
{
    struct gen g = { .ir = ir };

    rng_init(&g.rng, seed);
    g.arm = is_arm(seed);
    g.view = view_of(seed);
    ir_reset(ir, high() + 0x2000);
    ir->hot = seed & 8;
    ir_insn_start(ir, high() + 0x2000, 0);
    ir->ninsns = 1;
    gen_ops(&g, 5 + below(&g, 60), kinds);
    for (unsigned i = 0; i < NSLOTS; i++)
        if (below(&g, 2))
            ir_state_st(ir, take(&g, slots[i].type), slots[i].offset);
    switch (below(&g, 5)) {
    case 0: ir_exit_far(ir, high() + 0x5000); break;
    case 1: ir_exit_ind(ir, take(&g, wide ? I64 : I32), JUMP_PLAIN); break;
    case 2:
        ir_state_st(ir, ir_const(ir, I64, 0x1234567887654321),
                    offsetof(struct tcg_env, pc));
        ir_exit_main(ir);
        break;
    default: ir_exit_link(ir, high() + 0x2000, below(&g, 2)); break;
    }
}

/* --- running and comparing -------------------------------------------------- */

static uint8_t memory[2][MEM_SIZE];
static struct jump_cache *jc;

static void start_state(struct machine *m, uint8_t *mem, uint64_t seed)
{
    struct gen g = { .ir = NULL };
    uint8_t *p = (uint8_t *)m->r;

    memset(m, 0, sizeof(*m));
    rng_init(&g.rng, seed ^ 0x5555);
    for (size_t i = 0; i < offsetof(struct machine, flags) -
                           offsetof(struct machine, r); i += 4) {
        uint32_t v = special(&g);

        memcpy(p + i, &v, 4);
    }
    for (int i = 0; i < 4; i++)     /* plausible numbers, too */
        m->d[i] = special(&g);
    m->flags[0] = rng_u32(&g.rng) & FLAG_ALL;
    m->flags[1] = rng_u32(&g.rng) & FLAG_ALL;
    rng_init(&g.rng, 99);
    for (unsigned i = 0; i < MEM_SIZE; i++)
        mem[i] = rng_u32(&g.rng);
    m->mem = mem;
    m->env.jc = jc;
    m->env.pc = 0x2000;
    m->view = view_of(seed);
    m->env.site_tag = (uint64_t)1 << TLB_SITE_SHIFT;
    for (int i = 0; i < TLB_VIEWS; i++) {
        m->env.tlb[i].table = m->tlb;
        m->env.tlb[i].mask_bytes = sizeof(m->tlb) - sizeof(m->tlb[0]);
    }
    for (int i = 0; i < TLB_ENTRIES; i++)
        m->tlb[i] = (struct tlb_entry){ TLB_INVALID, TLB_INVALID,
                                        TLB_INVALID, 0 };
    rng_init(&g.rng, seed ^ 0x7777);
    m->env.fp[0].rounding = below(&g, 4);
    m->env.fp[0].flush_inputs = m->env.fp[0].flush_outputs = below(&g, 3) == 0;
    m->env.fp[0].default_nan = below(&g, 3) == 0;
    m->env.fp[1].flush_inputs = m->env.fp[1].flush_outputs = 1;
    m->env.fp[1].default_nan = 1;
    m->env.fp[0].tiny_before = m->env.fp[1].tiny_before = 1;
    tcg_fp_to_host(&m->env);
}

static void diff_words(const char *what, const void *a, const void *b,
                       size_t n, uint64_t seed)
{
    const uint32_t *x = a, *y = b;

    for (size_t i = 0; i < n / 4; i++)
        if (x[i] != y[i])       /* an assertion that holds is not free */
            ck_abort_msg("seed %llu: %s+%zu: interpreter %08x, JIT %08x",
                         (unsigned long long)seed, what, 4 * i, x[i], y[i]);
}

static void compare(struct machine *a, struct machine *b, uint64_t seed)
{
    unsigned fa, fb;

    tcg_fp_from_host(&a->env);
    tcg_fp_from_host(&b->env);
    for (int i = 0; i < 2; i++) {
        a->flags[i] &= is_arm(seed) ? FLAG_NZCV : FLAG_ALL & ~FLAG_A;
        b->flags[i] &= is_arm(seed) ? FLAG_NZCV : FLAG_ALL & ~FLAG_A;
    }
    diff_words("r", a->r, b->r, sizeof(a->r), seed);
    diff_words("x", a->x, b->x, sizeof(a->x), seed);
    diff_words("f", a->f, b->f, sizeof(a->f), seed);
    diff_words("d", a->d, b->d, sizeof(a->d), seed);
    diff_words("q", a->q, b->q, sizeof(a->q), seed);
    diff_words("flags", a->flags, b->flags, sizeof(a->flags), seed);
    diff_words("calls", &a->calls, &b->calls, 4, seed);
    diff_words("memory", a->mem, b->mem, MEM_SIZE, seed);
    diff_words("pc", &a->env.pc, &b->env.pc, 8, seed);
    diff_words("aux", &a->env.aux, &b->env.aux, 0, seed);
    /* Inline ops of env 1 collect their flags in env 0 (tcg/README). */
    fa = a->env.fp[0].flags | a->env.fp[1].flags;
    fb = b->env.fp[0].flags | b->env.fp[1].flags;
    if (fa != fb)
        ck_abort_msg("seed %llu: fp flags: interpreter %02x, JIT %02x",
                     (unsigned long long)seed, fa, fb);
}

static struct tcg_ctx *new_ctx(bool interpret, uint64_t random_ra)
{
    struct tcg_config config = {
        .cache_size = 4 << 20, .target = wide ? &target64 : &target, .mem = &mem_ops,
        .interpret = interpret, .verify = true, .random_ra = random_ra };
    char *error = NULL;
    struct tcg_ctx *ctx = tcg_ctx_new(&config, &error);

    ck_assert_msg(ctx, "%s", error);
    return ctx;
}

static void run_one(struct tcg_ctx *ctx, struct machine *m, uint64_t seed,
                    unsigned kinds)
{
    struct tcg_code code;

    gen_region(tcg_ir(ctx), seed, kinds);
    tcg_ir(ctx)->fp_flush = 2 | m->env.fp[0].flush_inputs;
    if (!tcg_compile(ctx, tcg_ir(ctx), &code)) {
        tcg_flush(ctx);
        gen_region(tcg_ir(ctx), seed, kinds);
        tcg_ir(ctx)->fp_flush = 2 | m->env.fp[0].flush_inputs;
        ck_assert(tcg_compile(ctx, tcg_ir(ctx), &code));
    }
    m->env.tcg = ctx;
    tcg_run(ctx, &m->env, code.entry);
}

static void run_seeds(uint64_t from, unsigned n, unsigned kinds,
                      uint64_t random_ra)
{
    static struct machine a, b;
    struct tcg_ctx *interp = new_ctx(true, 0), *jit = new_ctx(false,
                                                              random_ra);
    const char *only = getenv("X64_SEED");

    if (only) {
        from = strtoull(only, NULL, 0);
        n = 1;
        log_set_topics(getenv("X64_LOG") ? getenv("X64_LOG") : "opt,out_asm",
                       NULL);
    }
    if (getenv("X64_FROM"))
        from = strtoull(getenv("X64_FROM"), NULL, 0);
    if (getenv("X64_N"))
        n = strtoull(getenv("X64_N"), NULL, 0);
    jc = tcg_jump_cache_new();
    for (uint64_t seed = from; seed < from + n; seed++) {
        start_state(&a, memory[0], seed);
        start_state(&b, memory[1], seed);
        run_one(interp, &a, seed, kinds);
        run_one(jit, &b, seed, kinds);
        compare(&a, &b, seed);
    }
    tcg_ctx_free(interp);
    tcg_ctx_free(jit);
    free(jc);
}

START_TEST(integer_alone)
{
    run_seeds(1, 4000, 1u << K_INT | 1u << K_SHIFT | 1u << K_FIELD, 0);
}
END_TEST

START_TEST(flags_and_conditions)
{
    run_seeds(1, 4000, 1u << K_INT | 1u << K_FLAGS | 1u << K_COND |
                       1u << K_BRANCH, 0);
}
END_TEST

START_TEST(memory_and_calls)
{
    run_seeds(1, 4000, KINDS_INT, 0);
}
END_TEST

START_TEST(every_op)
{
    run_seeds(1, 6000, KINDS_ALL, 0);
}
END_TEST

START_TEST(every_op_random_registers)
{
    run_seeds(10000, 4000, KINDS_ALL, 77);
}
END_TEST

START_TEST(fp_and_vectors)
{
    run_seeds(20000, 4000, 1u << K_FP | 1u << K_VEC | 1u << K_SHAPE |
                           1u << K_VFP | 1u << K_STORE | 1u << K_BITS, 0);
}
END_TEST

START_TEST(wide_addresses)
{
    wide = true;
    run_seeds(30000, 4000, KINDS_INT, 0);
    run_seeds(40000, 4000, KINDS_ALL, 0);
    run_seeds(50000, 3000, KINDS_ALL, 78);
    wide = false;
}
END_TEST

/* --- exits, links, faults ---------------------------------------------------- */

static struct machine one;
static struct tcg_ctx *ctx1;

static void setup(void)
{
    jc = tcg_jump_cache_new();
    ctx1 = new_ctx(false, 0);
    start_state(&one, memory[0], 1);
    one.env.tcg = ctx1;
}

static void teardown(void)
{
    tcg_ctx_free(ctx1);
    free(jc);
}

/* r[n] += 1, then a direct exit to pc. */
static struct tcg_code counting_region(uint64_t entry, unsigned n,
                                       uint64_t pc, bool poll)
{
    struct ir *ir = tcg_ir(ctx1);
    struct tcg_code code;

    ir_reset(ir, entry);
    ir_insn_start(ir, entry, 0);
    ir_state_st(ir, ir_addi(ir, ir_state_ld(ir, I32, OFF(r[n])), 1),
                OFF(r[n]));
    ir_exit_link(ir, pc, poll);
    ck_assert(tcg_compile(ctx1, ir, &code));
    return code;
}

START_TEST(link_patch_unlink_kill)
{
    struct tcg_code a = counting_region(0x100, 0, 0x200, false);
    struct tcg_code b = counting_region(0x200, 10, 0x300, false);

    one.r[0] = one.r[10] = 0;
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x200);
    ck_assert_ptr_eq(one.env.exit_link, &a.links[0]);
    tcg_link(ctx1, one.env.exit_link, &b);
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x300);
    ck_assert_ptr_eq(one.env.exit_link, &b.links[0]);
    ck_assert_uint_eq(one.r[0], 2);
    ck_assert_uint_eq(one.r[10], 1);
    tcg_kill(ctx1, b.entry, 0x200);
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x200);
    ck_assert_ptr_null(one.env.exit_link);
    ck_assert_uint_eq(one.r[10], 1);
    tcg_unlink(ctx1, &a.links[0]);
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_ptr_eq(one.env.exit_link, &a.links[0]);
    ck_assert_uint_eq(one.r[0], 4);
}
END_TEST

START_TEST(poll_leaves_a_loop)
{
    struct tcg_code a = counting_region(0x100, 3, 0x100, true);

    tcg_link(ctx1, &a.links[0], &a);
    one.env.exit_request = 1;
    one.r[3] = 0;
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.r[3], 1);
    ck_assert_uint_eq(one.env.pc, 0x100);
    ck_assert_ptr_null(one.env.exit_link);
}
END_TEST

START_TEST(indirect_and_far_use_the_jump_cache)
{
    struct tcg_code b = counting_region(0x80001201, 10, 0x300, false), a, f;
    struct ir *ir = tcg_ir(ctx1);
    struct jc_entry *e = &jc->entry[JC_INDEX(0x80001201u)];

    ir_reset(ir, 0x100);
    ir_insn_start(ir, 0x100, 0);
    ir_exit_ind(ir, ir_state_ld(ir, I32, OFF(r[9])), JUMP_PLAIN);
    ck_assert(tcg_compile(ctx1, ir, &a));
    ir_reset(ir, 0x100);
    ir_insn_start(ir, 0x100, 0);
    ir_exit_far(ir, 0x80001201u);
    ck_assert(tcg_compile(ctx1, ir, &f));
    one.r[9] = 0x80001201u;
    one.r[10] = 0;
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x80001201u);
    tcg_run(ctx1, &one.env, f.entry);
    ck_assert_uint_eq(one.env.pc, 0x80001201u);
    *e = (struct jc_entry){ 0x80001201u, b.entry };
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x300);
    tcg_run(ctx1, &one.env, f.entry);
    ck_assert_uint_eq(one.env.pc, 0x300);
    ck_assert_uint_eq(one.r[10], 2);
    one.env.exit_request = 1;
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, 0x80001201u);
}
END_TEST

START_TEST(entries_of_one_index_do_not_leave)
{
    uint64_t pc[2] = { 0x1201, 0x1201 ^ 1 << 13 ^ 1 << 2 };
    struct tcg_code to = counting_region(pc[0], 10, 0x300, false), a;
    struct ir *ir = tcg_ir(ctx1);

    ck_assert_uint_eq(JC_INDEX(pc[0]), JC_INDEX(pc[1]));
    ir_reset(ir, 0x100);
    ir_insn_start(ir, 0x100, 0);
    ir_exit_ind(ir, ir_state_ld(ir, I32, OFF(r[9])), JUMP_PLAIN);
    ck_assert(tcg_compile(ctx1, ir, &a));
    one.r[10] = 0;
    tcg_jump_cache_fill(jc, pc[0], to.entry);
    tcg_jump_cache_fill(jc, pc[1], to.entry);
    for (int i = 0; i < 2; i++) {
        one.r[9] = pc[i];
        tcg_run(ctx1, &one.env, a.entry);
        ck_assert_uint_eq(one.env.pc, 0x300);
    }
    ck_assert_uint_eq(one.r[10], 2);
    tcg_jump_cache_clear(jc);
    tcg_run(ctx1, &one.env, a.entry);
    ck_assert_uint_eq(one.env.pc, pc[1]);
}
END_TEST

START_TEST(no_address_is_an_empty_entry)
{
    struct tcg_code a;
    struct ir *ir;
    static const uint64_t pc[] = { 0, 1, 2, 3, UINT64_MAX, UINT64_MAX - 1, 1ull << 63, 0x1000, UINT32_MAX };

    wide = true;
    tcg_ctx_free(ctx1);
    ctx1 = new_ctx(false, 0);
    one.env.tcg = ctx1;
    wide = false;
    ir = tcg_ir(ctx1);
    ir_reset(ir, 0x100);
    ir_insn_start(ir, 0x100, 0);
    ir_exit_ind(ir, ir_state_ld(ir, I64, OFF(x[0])), JUMP_PLAIN);
    ck_assert(tcg_compile(ctx1, ir, &a));
    for (unsigned i = 0; i < sizeof(pc) / sizeof(pc[0]); i++) {
        one.x[0] = pc[i];
        one.env.pc = 0x100;
        tcg_run(ctx1, &one.env, a.entry);
        ck_assert_uint_eq(one.env.pc, pc[i]);
    }
}
END_TEST

/* Accesses that share a check, on both sides of a page's end: C is asked for none when both pages are known. */
START_TEST(group_over_two_pages_stays_inline)
{
    static const int32_t off[] = { 8, -4, 4, -8 };
    struct ir *ir = tcg_ir(ctx1);
    struct tcg_code code;
    struct ir_val base, v;

    one.view = _i;
    for (unsigned p = 0; p < 2; p++) {
        uint64_t page = MEM_BASE + p * TLB_PAGE_SIZE;

        one.tlb[TLB_INDEX(page, TLB_ENTRIES - 1)] = (struct tlb_entry){
            page, page, page, (uintptr_t)(one.mem - MEM_BASE) };
    }
    ir_reset(ir, 0x100);
    ir->hot = true;
    ir_insn_start(ir, 0x100, 0);
    base = ir_state_ld(ir, I32, OFF(r[9]));
    for (unsigned i = 0; i < G_N_ELEMENTS(off); i++)
        ir_guest_st(ir, ir_addi(ir, base, off[i]),
                    ir_const(ir, I32, 0x1000 + i), MO_32, one.view);
    v = ir_guest_ld(ir, I32, ir_addi(ir, base, -4), MO_32, one.view);
    ir_state_st(ir, v, OFF(r[0]));
    ir_exit_main(ir);
    ck_assert(tcg_compile(ctx1, ir, &code));
    one.r[9] = MEM_BASE + TLB_PAGE_SIZE;
    one.slow = 0;
    tcg_run(ctx1, &one.env, code.entry);
    ck_assert_uint_eq(one.slow, 0);
    ck_assert_uint_eq(one.r[0], 0x1001);
    for (unsigned i = 0; i < G_N_ELEMENTS(off); i++)
        ck_assert_uint_eq(get(one.mem + TLB_PAGE_SIZE + off[i], MO_32),
                          0x1000 + i);
}
END_TEST

static jmp_buf fault;
static struct machine at_fault;

static uint64_t faulting_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    (void)addr;
    (void)oi;
    at_fault = *machine_of(env);
    longjmp(fault, 1);
}

static void faulting_ld_block(struct tcg_env *env, uint64_t addr, void *buf,
                              uint32_t n, uint32_t oi)
{
    (void)buf;
    (void)n;
    faulting_ld(env, addr, oi);
}

/* Registers as before the instruction, pc and aux its own; results of the
 * load not seen. */
START_TEST(fault_finds_precise_state)
{
    static const struct tcg_mem_ops faulting = {
        .ld = faulting_ld, .ld_block = faulting_ld_block };
    struct tcg_config config = { .cache_size = 1 << 20, .target = &target,
                                 .mem = &faulting, .verify = true };
    char *error;
    struct tcg_ctx *ctx = tcg_ctx_new(&config, &error);
    struct ir *ir = tcg_ir(ctx);
    struct tcg_code code;
    struct ir_val v[3];

    one.env.tcg = ctx;
    ir_reset(ir, 0xc0001000);
    ir_insn_start(ir, 0xc0001000, 0);
    ir_state_st(ir, ir_const(ir, I32, 7), OFF(r[1]));
    ir_state_st(ir, ir_addi(ir, ir_state_ld(ir, I32, OFF(r[2])), 5),
                OFF(r[2]));
    ir_insn_start(ir, 0xc0001004, 0x55);
    ir_guest_ldm(ir, I32, ir_state_ld(ir, I32, OFF(r[1])), 3, v, MO_32, 1);
    ir_state_st(ir, v[0], OFF(r[0]));
    ir_state_st(ir, v[1], OFF(r[1]));
    ir_state_st(ir, v[2], OFF(r[10]));
    ir_exit_main(ir);
    ck_assert(tcg_compile(ctx, ir, &code));
    for (int i = 0; i < 12; i++)
        one.r[i] = 100 + i;
    if (setjmp(fault) == 0) {
        tcg_run(ctx, &one.env, code.entry);
        ck_abort_msg("no fault");
    }
    tcg_left_by_jump(&one.env);
    ck_assert_uint_eq(at_fault.env.pc, 0xc0001004);
    ck_assert_uint_eq(at_fault.env.aux, 0x55);
    ck_assert_uint_eq(at_fault.r[0], 100);
    ck_assert_uint_eq(at_fault.r[1], 7);
    ck_assert_uint_eq(at_fault.r[2], 107);
    ck_assert_uint_eq(at_fault.r[8], 108);
    ck_assert_uint_eq(at_fault.r[10], 110);
    tcg_ctx_free(ctx);
}
END_TEST

/* A case for each, so that CK_RUN_CASE with X64_SEED picks one region. */
#define CASE(name)                                                          \
    do {                                                                    \
        t = tcase_create(#name);                                            \
        tcase_set_timeout(t, 60);                                           \
        tcase_add_test(t, name);                                            \
        suite_add_tcase(s, t);                                              \
    } while (0)

static Suite *suite_x64_out(void)
{
    Suite *s = suite_create("x64-out");
    TCase *t;

    CASE(integer_alone);
    CASE(flags_and_conditions);
    CASE(memory_and_calls);
    CASE(every_op);
    CASE(every_op_random_registers);
    CASE(fp_and_vectors);
    CASE(wide_addresses);
    t = tcase_create("exits");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, link_patch_unlink_kill);
    tcase_add_test(t, poll_leaves_a_loop);
    tcase_add_test(t, indirect_and_far_use_the_jump_cache);
    tcase_add_test(t, entries_of_one_index_do_not_leave);
    tcase_add_test(t, no_address_is_an_empty_entry);
    tcase_add_loop_test(t, group_over_two_pages_stays_inline, 0, 2);
    tcase_add_test(t, fault_finds_precise_state);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_x64_out)
