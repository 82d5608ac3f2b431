/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 cases. Registers have roles as in gen.c: x6, x7, x9 and SP point into the window (SP to a multiple of 16), x4 is a small
 * index, x11 a branch target, x12 a value for FPCR and x29 the counter of the loop that some cases are. All others are sources and
 * destinations. Branches only go forward, but for the loop's.
 */
#include "config.h"

#include "tests/random/gen-internal.h"

enum { SP = 31, INDEX = 4, TARGET = 11, FPCR_VALUE = 12, COUNTER = 29,
       ROLES = 1 << 6 | 1 << 7 | 1 << 9 | 1 << INDEX | 1 << TARGET | 1 << FPCR_VALUE | 1 << COUNTER };

#define UDF 0u
#define CLREX 0xd5033f5fu

/* System registers that EL0 has on both sides: op0:op1:CRn:CRm:op2 in their places */
static const uint32_t sysregs[] = {
    0xd51b4200 /* NZCV */, 0xd51b4400 /* FPCR */, 0xd51b4420 /* FPSR */, 0xd51bd040 /* TPIDR_EL0 */,
};
#define SYS_FPCR 0xd51b4400u
#define DC_ZVA 0xd50b7420u

bool gen_a64_wanted(const struct gen *g, const struct decode_row *row)
{
    static const char *const later[] = {
        "flagm", "flagm2", "sb", "lrcpc2", "fhm", "fcma", "fcma_fp16", "jscvt", "frintts", "sha512", "sha3",
        "sm3", "sm4",
    };
    unsigned n = sizeof(later) / sizeof(later[0]);

    /* qemu-aarch64 7.2 departs from DDI 0487: FCVTZS <Hd>, <Hn>, #<fbits> sign-extends into bits 31:16, which are zero. */
    if (!strcmp(row->name, "FCVTZS_sf") && !strcmp(row->need, "fp16")) {
        return false;
    }
    if (has_attr(row, "priv") || has_attr(row, "trap") || has_attr(row, "wait") || has_attr(row, "pauth")) {
        return false;
    }
    if (g->config->tables & GEN_V8) {   /* max has another block size */
        return strcmp(row->name, "SYS");
    }
    for (unsigned i = 0; i < n; i++) {
        if (!strcmp(row->need, later[i])) {
            return false;
        }
    }
    return true;
}

static uint32_t pick_pointer(struct gen *g)
{
    static const uint8_t ptrs[] = { 6, 7, 9, SP };

    return ptrs[rnd(g, 4)];
}

static uint32_t pick_reg(struct gen *g)
{
    for (;;) {
        uint32_t r = rnd(g, 32);

        if (r == SP || !(ROLES >> r & 1)) {
            return r;
        }
    }
}

static void set_field(struct insn *in, const char *name, uint32_t v)
{
    uint32_t m = field_mask(in->row, name);

    if (m) {
        in->bits = scatter(in->bits, m, v);
    }
}

/* 31 as destination is SP in a few rows: keep most pointers. */
static void fix_destinations(struct gen *g, struct insn *in)
{
    static const char *const fields[] = { "rd", "rt", "rt2", "rs" };

    for (unsigned i = 0; i < 4; i++) {
        uint32_t m = field_mask(in->row, fields[i]), r = gather(in->bits, m);

        if (m && ((r != SP && ROLES >> r & 1) || (r == SP && !one_in(g, 3)))) {
            set_field(in, fields[i], pick_reg(g));
        }
    }
}

static void fix_system(struct gen *g, struct insn *in)
{
    uint32_t rt = in->bits & 31, reg;

    if (!has_attr(in->row, "sys")) {
        return;
    }
    if (is_row(in->row, "SYS")) {
        in->bits = DC_ZVA | pick_pointer(g) % SP;
        return;
    }
    reg = sysregs[rnd(g, sizeof(sysregs) / sizeof(sysregs[0]))];
    if (is_row(in->row, "MRS")) {
        in->bits = reg | 1u << 21 | rt;
    } else {
        in->bits = reg | (reg == SYS_FPCR ? FPCR_VALUE : rt);
    }
}

/* Memory rows: mostly a pointer as base, the index as offset, and an immediate that stays in the window */
static void fix_memory(struct gen *g, struct insn *in)
{
    uint32_t m = field_mask(in->row, "imm");

    if (!has_attr(in->row, "mem")) {
        return;
    }
    if (!one_in(g, 60)) {
        set_field(in, "rn", pick_pointer(g));
    }
    if (field_mask(in->row, "option")) {
        set_field(in, "rm", INDEX);
    }
    if (has_attr(in->row, "post")) {
        set_field(in, "rm", one_in(g, 2) ? SP : INDEX);
    }
    if (has_attr(in->row, "uimm") && !one_in(g, 30)) {
        in->bits = scatter(in->bits, m, gather(in->bits, m) & 127);
    }
}

static bool pick_insn(struct gen *g, struct insn *in)
{
    for (int tries = 0; tries < 40000; tries++) {
        enum gen_list list = LIST_A64 + rnd(g, GEN_A64_TABLES);
        const struct table *table = &gen_a64_tables[list - LIST_A64];

        if (g->config->decode && strcmp(g->config->decode, gen_list_names[list])) {
            continue;
        }
        in->row = &table->rows[rnd(g, table->n)];
        if (!gen_a64_wanted(g, in->row) || (g->config->row && strcmp(in->row->name, g->config->row))) {
            continue;
        }
        in->bits = random_bits(in->row, &g->rng);
        fix_destinations(g, in);
        fix_memory(g, in);
        fix_system(g, in);
        if (!avoided(in->row, in->bits) && is_decoded_as(table, in->row, in->bits)) {
            in->size = 4;
            return true;
        }
    }
    return false;
}

/* A store-exclusive of another size than its load, or of one register instead of two, is CONSTRAINED UNPREDICTABLE. */
static bool monitor_allows(struct gen *g, const struct insn *in)
{
    static const char *const kinds[] = { "0", "1", "2", "3", "P2", "P3" };
    bool load = has_attr(in->row, "exload"), pair = field_mask(in->row, "rt2") != 0;
    unsigned size = in->bits >> 30;
    const char *kind;

    if (!load && !has_attr(in->row, "exstore")) {
        return true;
    }
    kind = kinds[pair ? size + 2 : size];
    if (g->monitor && strcmp(g->monitor, kind)) {
        return false;
    }
    if (load || g->loop) {          /* in a loop, a store follows loads behind it */
        g->monitor = kind;
    }
    return true;
}

static bool pick_sequence(struct gen *g, unsigned want)
{
    g->n = 0;
    g->monitor = NULL;
    while (g->n < want) {
        struct insn *in = &g->insn[g->n];

        if (!pick_insn(g, in) || !monitor_allows(g, in)) {
            return false;
        }
        in->offset = 4 + 4 * g->n++;
        if (has_attr(in->row, "branch") && !strcmp(in->row->args, "reg")) {
            break;
        }
    }
    return true;
}

static void fix_branches(struct gen *g)
{
    for (unsigned i = 0; i < g->n; i++) {
        struct insn *in = &g->insn[i];
        unsigned to = 4 + 4 * (i + 1 + rnd(g, g->n - i));

        if (has_attr(in->row, "literal")) {
            to = 4 * rnd(g, SLOT_SIZE / 4 - 3);
        } else if (!has_attr(in->row, "branch")) {
            continue;
        }
        set_field(in, "imm", (uint32_t)((int32_t)(to - in->offset) / 4));
        if (!strcmp(in->row->args, "reg")) {
            set_field(in, "rn", TARGET);
        }
    }
}

static uint64_t random_x(struct gen *g)
{
    uint64_t v = next64(&g->rng);

    switch (rnd(g, 6)) {
    case 0:
        return gen_random_value(g);
    case 1:
        return (uint64_t)(int64_t)(int32_t)gen_random_value(g);
    case 2:
        return (uint64_t)gen_random_value(g) << 32 | gen_random_value(g);
    case 3:
        return (uint64_t)1 << rnd(g, 64);
    case 4:
        return v >> rnd(g, 64);
    default:
        return v;
    }
}

static uint64_t random_pointer(struct gen *g)
{
    uint64_t p = A64_BASE + WINDOW_BASE + WINDOW_SIZE / 2 + 16 * rnd(g, 32);

    p += one_in(g, 4) ? rnd(g, 16) : 0;
    if (one_in(g, 100)) {
        p = A64_BASE + GUARD_BASE + 0x1000 * (1 + rnd(g, 8));
    }
    if (one_in(g, 60)) {    /* end of one of the window's pages */
        p = A64_BASE + WINDOW_BASE + 0x1000 * (1 + rnd(g, 3)) - rnd(g, 20);
    }
    return p;
}

/* Half a V register: as floating point, or elements of one size that are mostly at the ends of their ranges */
static uint64_t random_half(struct gen *g)
{
    static const uint64_t ends[] = { 0, 1, ~0ull, 1ull << 63, ~0ull >> 1, 2, ~1ull, 1ull << 63 | 1 };
    unsigned bits = 8u << rnd(g, 4);
    uint64_t v = 0;

    if (one_in(g, 2)) {
        return gen_random_fp(g);
    }
    for (unsigned at = 0; at < 64; at += bits) {
        uint64_t x = one_in(g, 4) ? next64(&g->rng) : ends[rnd(g, 8)];

        x = x >> 63 ? x >> (64 - bits) | (x & 3) : x & ~0ull >> (65 - bits);
        v |= x << at;
    }
    return one_in(g, 8) ? v & 0x1f1f1f1f1f1f1f1f : v;       /* small counts of shifts and indices */
}

/* Four of half precision */
static uint64_t random_halves(struct gen *g)
{
    static const uint16_t special[] = {
        0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 0xfdff, 1, 0x8001, 0x3ff, 0x400, 0x8400, 0x7bff,
        0xfbff, 0x7800, 0x4248, 0x3800, 0x200, 0x0100,
    };
    uint64_t v = 0;

    for (int i = 0; i < 4; i++) {
        uint64_t r = next64(&g->rng) >> 20;

        v = v << 16 | (one_in(g, 3) ? special[rnd(g, sizeof(special) / sizeof(special[0]))] :
                       one_in(g, 2) ? (r & 0x8fff) + 0x3000 : (r & 0xffff));
    }
    return v;
}

static void random_state(struct gen *g, uint32_t slot, struct case_in *in)
{
    uint64_t base = A64_BASE + CODE_BASE + slot * SLOT_SIZE;

    for (unsigned i = 0; i < SP; i++) {
        in->r[i] = random_x(g);
    }
    in->r[6] = random_pointer(g);
    in->r[7] = random_pointer(g);
    in->r[9] = random_pointer(g);
    in->r[SP] = A64_BASE + WINDOW_BASE + WINDOW_SIZE / 2 + 16 * rnd(g, 32);
    in->r[INDEX] = rnd(g, 64) * (one_in(g, 2) ? 8 : 1);
    if (one_in(g, 3)) {     /* what extends and shifts look at */
        in->r[INDEX] = one_in(g, 2) ? (uint32_t)-(int32_t)rnd(g, 64) : (uint64_t)-(int64_t)rnd(g, 64);
    }
    in->r[TARGET] = base + TERM_A32 + (one_in(g, 40) ? rnd(g, 4) : 0);
    in->r[FPCR_VALUE] = next64(&g->rng) & 0x07c80000;
    in->cpsr = (uint32_t)(next64(&g->rng) >> 32) & 0xf0000000;
    if (one_in(g, 2)) {     /* AHP DN FZ RMode FZ16, QC and sticky flags */
        in->fpscr = (uint32_t)(next64(&g->rng) >> 32) & 0x0fc8009f;
        in->fpscr &= one_in(g, 2) ? ~0u : 0x00c00000;
    }
    for (unsigned i = 0; i < 64; i++) {
        in->d[i] = one_in(g, 4) ? random_halves(g) : random_half(g);
    }
}

static void put(struct case_in *in, unsigned offset, uint32_t bits)
{
    memcpy(in->code + offset, &bits, 4);
}

/* SUB x29, x29, #1; CBNZ x29, the first instruction */
static void put_loop(struct gen *g, struct case_in *in)
{
    in->r[COUNTER] = 1 + rnd(g, 12);
    put(in, 4 + 4 * g->n, 0xd1000400 | COUNTER << 5 | COUNTER);
    put(in, 8 + 4 * g->n, 0xb5000000 | (-(g->n + 1) & 0x7ffff) << 5 | COUNTER);
}

unsigned gen_a64_case(struct gen *g, uint32_t slot, struct case_in *in)
{
    unsigned want = one_in(g, 3) ? 1 : 1 + rnd(g, g->config->max_insns), end;

    g->loop = one_in(g, 5);
    memset(in, 0, sizeof(*in));
    in->pc = A64_BASE + CODE_BASE + slot * SLOT_SIZE;
    while (!pick_sequence(g, want)) {
    }
    fix_branches(g);
    random_state(g, slot, in);
    put(in, 0, CLREX);
    for (unsigned i = 0; i < g->n; i++) {
        put(in, g->insn[i].offset, g->insn[i].bits);
        if (g->config->coverage) {
            gen_count_row(g->config->coverage, g->insn[i].row);
        }
    }
    if (g->loop) {
        put_loop(g, in);
    }
    end = 4 + 4 * (g->n + (g->loop ? 2 : 0));
    put(in, end, UDF);
    in->code_bytes = end + 4;
    return g->n;
}
