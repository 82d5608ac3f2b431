/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See gen.h. Registers have roles, so that sequences keep making sense:
 * r6, r7, r9 and r13 point into the window and r4 is a small index; these are
 * destinations only by write-back. r11 is a branch target. All others are
 * sources and destinations. Branches only go forward, to an instruction or the
 * end.
 */
#include "config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/random/gen-internal.h"
#include "util/bits.h"

/* Used by conditions of the Thumb table (A6.3.2). */
static bool t32_bad_imm(uint32_t imm12)
{
    return imm12 >> 10 == 0 && imm12 >> 8 != 0 && (imm12 & 0xff) == 0;
}

#define DECODE_LIST
#include "target-arm/a32.decode.inc"
#include "target-arm/a32-uncond.decode.inc"
#include "target-arm/t16.decode.inc"
#include "target-arm/t32.decode.inc"
#include "target-arm/vfp.decode.inc"
#include "target-arm/neon.decode.inc"
#include "target-arm/vfp-v8.decode.inc"
#undef DECODE_LIST

#define ROWS(t) { decode_rows_##t, sizeof(decode_rows_##t) / \
                                   sizeof(decode_rows_##t[0]) }
static const struct table lists[LISTS] = {
    [LIST_A32] = ROWS(a32), [LIST_UNCOND] = ROWS(a32_uncond),
    [LIST_T16] = ROWS(t16), [LIST_T32] = ROWS(t32), [LIST_VFP] = ROWS(vfp),
    [LIST_NEON] = ROWS(neon), [LIST_VFP8] = ROWS(vfp_v8), [LIST_A64] = ROWS(a64),
    [LIST_A64_SIMD] = ROWS(a64_simd), [LIST_A64_SIMDFP] = ROWS(a64_simdfp),
};
const struct table *const gen_a64_tables = &lists[LIST_A64];
const char *const gen_list_names[LISTS] = {
    "a32", "a32-uncond", "t16", "t32", "vfp", "neon", "vfp-v8", "a64", "a64-simd", "a64-simdfp",
};

enum { PTRS = 1 << 6 | 1 << 7 | 1 << 9 | 1 << 13, INDEX = 4, TARGET = 11,
       ROLES = PTRS | 1 << INDEX | 1 << TARGET };

/* ---- Fields of an encoding ---- */

static bool is_of(enum gen_list list, const struct decode_row *row)
{
    return row >= lists[list].rows && row < lists[list].rows + lists[list].n;
}

static bool is_integer(const struct decode_row *row)
{
    return !is_of(LIST_VFP, row) && !is_of(LIST_NEON, row) &&
           !is_of(LIST_VFP8, row);
}

static bool is_memory(const struct decode_row *row)
{
    static const char *const sets[] = {
        "ldst", "ldrd", "ldrex", "strex", "swp", "block", "tb",
    };

    for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (args_are(row, sets[i])) {
            return true;
        }
    }
    return false;
}

/* ---- Choosing an encoding ---- */

bool gen_encoding(enum gen_list list, unsigned i, uint64_t *rng,
                  uint32_t *insn, const char **name)
{
    const struct table *t = &lists[list];

    if (i >= t->n) {
        return false;
    }
    *name = t->rows[i].name;
    *insn = 0;
    for (int tries = 0; tries < 2000; tries++) {
        uint32_t v = random_bits(&t->rows[i], rng);
        uint32_t cond = field_mask(&t->rows[i], "cond");

        if (list == LIST_A32 && cond == 0xf0000000) {
            v |= 0xe0000000;
            v &= ~0x10000000u;
        }
        if (is_decoded_as(t, &t->rows[i], v) && !avoided(&t->rows[i], v)) {
            *insn = v;
            break;
        }
    }
    return true;
}

/* Registers that the row writes, but for write-back of the base */
static const char *const dest_fields[] = {
    "rd", "rdlo", "rdhi", "rt", "rt2",
};

static uint32_t pick_reg(struct gen *g, uint32_t mask)
{
    bool low = mask && popcount32(mask) == 3;

    for (;;) {
        uint32_t r = rnd(g, low ? 8 : 15);

        if (!(ROLES >> r & 1)) {
            return r;
        }
    }
}

static uint32_t pick_pointer(struct gen *g, uint32_t mask)
{
    static const uint8_t ptrs[] = { 6, 7, 9, 13 };

    return ptrs[rnd(g, popcount32(mask) == 3 ? 2 : 4)];
}

/* Give registers their roles; false: try other bits. */
static bool fix_registers(struct gen *g, struct insn *in)
{
    const struct decode_row *row = in->row;
    uint32_t m;

    for (unsigned i = 0; i < 5; i++) {
        uint32_t r;

        m = field_mask(row, dest_fields[i]);
        r = gather(in->bits, m);
        if (m && is_integer(row) && (r == 15 || (ROLES >> r & 1)) &&
            !(r == 13 && one_in(g, 3))) {
            in->bits = scatter(in->bits, m, pick_reg(g, m));
        }
    }
    m = field_mask(row, "list");
    if (m && row->args[0] == 'b') {
        uint32_t keep = is_row(row, "LDM") ? ~(uint32_t)ROLES & 0x7fff
                                           : 0x7fff;

        in->bits = scatter(in->bits, m, gather(in->bits, m) & keep);
        if (is_row(row, "LDM") && field_mask(row, "high")) {
            in->bits = scatter(in->bits, field_mask(row, "high"), 0);
        }
    }
    if (is_memory(row) || (m = field_mask(row, "rn"), !is_integer(row) && m)) {
        m = field_mask(row, "rn");
        if (m && !one_in(g, 40) && !args_are(row, "tb")) {
            in->bits = scatter(in->bits, m, pick_pointer(g, m));
        }
        m = field_mask(row, "rm");
        if (m && is_integer(row)) {
            in->bits = scatter(in->bits, m, INDEX);
        }
    }
    return true;
}

static bool supported(const struct gen *g, const struct decode_row *row)
{
    return !row->need[0] || !strncmp(row->need, "idiv", 4) ||
           (g->config->tables & GEN_V8 &&
            (!strcmp(row->need, "v8") || !strcmp(row->need, "crc")));
}

static bool wanted(struct gen *g, const struct decode_row *row)
{
    for (enum gen_list l = LIST_A64; l < LISTS; l++) {
        if (is_of(l, row)) {
            return gen_a64_wanted(g, row);
        }
    }
    if (has_attr(row, "priv") || has_attr(row, "trap") || !supported(g, row)) {
        return false;
    }
    if (g->it_left && (has_attr(row, "branch") || has_attr(row, "it") ||
                       is_row(row, "B_cond") || is_row(row, "SETEND"))) {
        return false;
    }
    /* FPSCR has other bits in qemu's ARMv8 (FZ16) */
    if (is_row(row, "VMSR") && g->config->tables & GEN_V8) {
        return false;
    }
    return !is_row(row, "SETEND") && !is_row(row, "SWP") &&
           strcmp(row->name, "TB") && !is_row(row, "BXJ") &&
           !is_row(row, "WF") && !is_row(row, "YIELD");
}

static const struct table *pick_table(struct gen *g, enum gen_list *list)
{
    unsigned t = g->config->tables;

    *list = g->thumb ? (one_in(g, 3) ? LIST_T16 : LIST_T32)
                     : (one_in(g, 20) ? LIST_UNCOND : LIST_A32);
    if ((t & (GEN_VFP | GEN_NEON)) && !one_in(g, 4)) {
        bool vfp = t & GEN_VFP && (!(t & GEN_NEON) || one_in(g, 2));

        *list = vfp ? LIST_VFP : LIST_NEON;
        if (vfp && t & GEN_V8 && one_in(g, 4)) {
            *list = LIST_VFP8;
        }
    }
    return &lists[*list];
}

/* Neon's A32 positions have others in T32. */
static uint32_t neon_to_t32(uint32_t v)
{
    if ((v & 0xfe000000) == 0xf2000000) {
        return 0xef000000 | (v >> 24 & 1) << 28 | (v & 0x00ffffff);
    }
    return 0xf9000000 | (v & 0x00ffffff);
}

static void set_cond(struct gen *g, struct insn *in)
{
    uint32_t m = field_mask(in->row, "cond");

    if (m != 0xf0000000) {
        return;
    }
    if (g->thumb || !one_in(g, 5)) {
        in->bits = scatter(in->bits, m, 14);
    } else {
        in->bits = scatter(in->bits, m, rnd(g, 14));
    }
}

/* qemu-arm checks an alignment of 32 bytes (@256) as 16: leave it out. */
static bool oracle_differs(const struct insn *in)
{
    return args_are(in->row, "neon_ld") &&
           gather(in->bits, field_mask(in->row, "align")) == 3;
}

/* A random instruction; false when none was found. */
static bool pick_insn(struct gen *g, struct insn *in)
{
    for (int tries = 0; tries < 20000; tries++) {
        enum gen_list list;
        const struct table *t = pick_table(g, &list);

        in->row = &t->rows[rnd(g, t->n)];
        if (!wanted(g, in->row) ||
            (g->config->row && strcmp(in->row->name, g->config->row))) {
            continue;
        }
        in->bits = random_bits(in->row, &g->rng);
        set_cond(g, in);
        if (!fix_registers(g, in) || oracle_differs(in) || avoided(in->row, in->bits) ||
            !is_decoded_as(t, in->row, in->bits)) {
            continue;
        }
        if (list == LIST_NEON && g->thumb) {
            in->bits = neon_to_t32(in->bits);
        }
        in->size = g->thumb && list == LIST_T16 ? 2 : 4;
        return true;
    }
    return false;
}

/* ---- Branches ---- */

/* Address of the end for an instruction set, as a branch target */
static uint32_t end_target(uint32_t slot, bool thumb)
{
    return CODE_BASE + slot * SLOT_SIZE +
           (thumb ? TERM_T16 | 1 : TERM_A32);
}

/* Offset of the instruction that a branch at i may go to */
static unsigned pick_target(struct gen *g, unsigned i, unsigned end)
{
    unsigned to = i + 1 + rnd(g, g->n - i);

    return to < g->n ? g->insn[to].offset : end;
}

/* Patch the branch at i to offset to; false if it cannot reach it. */
static bool patch_branch(struct gen *g, unsigned i, unsigned to)
{
    struct insn *in = &g->insn[i];
    int32_t d = (int32_t)(to - in->offset) - (g->thumb ? 4 : 8);
    uint32_t m = field_mask(in->row, "imm");

    if (in->size == 2) {
        if (is_row(in->row, "CBZ") && d < 0) {
            return false;
        }
        in->bits = scatter(in->bits, m, (uint32_t)d >> 1);
        return true;
    }
    if (!g->thumb) {
        in->bits = scatter(in->bits, m, (uint32_t)d >> 2);
        return true;
    }
    /* T32: sign-extended offset; J1 and J2 are what keeps it small */
    in->bits = scatter(in->bits, m, (uint32_t)d >> 1);
    if (is_row(in->row, "B_cond")) {
        in->bits = scatter(in->bits, field_mask(in->row, "j1"), d < 0);
        in->bits = scatter(in->bits, field_mask(in->row, "j2"), d < 0);
    } else {
        in->bits = scatter(in->bits, field_mask(in->row, "j1"), 1);
        in->bits = scatter(in->bits, field_mask(in->row, "j2"), 1);
    }
    return true;
}

/* BLX <label> changes the instruction set: to the other end of the slot. */
static void patch_blx(struct gen *g, struct insn *in)
{
    uint32_t m = field_mask(in->row, "imm");
    int32_t d;

    if (g->thumb) {
        d = (int32_t)(TERM_A32 - ((in->offset + 4) & ~3u));
        in->bits = scatter(in->bits, m, (uint32_t)d >> 2);
        in->bits = scatter(in->bits, field_mask(in->row, "j1"), 1);
        in->bits = scatter(in->bits, field_mask(in->row, "j2"), 1);
    } else {
        d = (int32_t)(TERM_T16 - (in->offset + 8));
        in->bits = scatter(in->bits, m, (uint32_t)d >> 2);
        in->bits = scatter(in->bits, field_mask(in->row, "half"),
                           (uint32_t)d >> 1);
    }
}

static bool fix_branches(struct gen *g, unsigned end)
{
    for (unsigned i = 0; i < g->n; i++) {
        struct insn *in = &g->insn[i];

        if (!has_attr(in->row, "branch")) {
            continue;
        }
        if (args_are(in->row, "reg")) {
            in->bits = scatter(in->bits, field_mask(in->row, "rm"), TARGET);
        } else if (is_row(in->row, "BLX_imm")) {
            patch_blx(g, in);
        } else if (!patch_branch(g, i, pick_target(g, i, end))) {
            return false;
        }
    }
    return true;
}

/* ---- Cases ---- */

uint32_t gen_random_value(struct gen *g)
{
    static const uint32_t special[] = {
        0, 1, 2, 31, 32, 33, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff,
        0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
        0x7fff7fff, 0x80008000, 0x7f7f7f7f, 0x80808080, 0x00ff00ff,
    };
    uint32_t v = (uint32_t)(next64(&g->rng) >> 32);

    switch (rnd(g, 8)) {
    case 0:
    case 1:
        return special[rnd(g, sizeof(special) / sizeof(special[0]))];
    case 2:
        return v & (uint32_t)(next64(&g->rng) >> 32);
    case 3:
        return v >> rnd(g, 32);
    case 4:
        return (uint32_t)((int32_t)v >> rnd(g, 32));
    default:
        return v;
    }
}

uint64_t gen_random_fp(struct gen *g)
{
    static const uint32_t f32[] = {
        0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
        0x7fc00000, 0xffc00000, 0x7f800001, 0x7fbfffff, 1, 0x80000001,
        0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000,
        0x4f800000, 0x3f000000, 0x40490fdb,
    };
    static const uint64_t f64[] = {
        0, 1ull << 63, 0x3ff0000000000000, 0x7ff0000000000000,
        0xfff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 1,
        0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff,
        0x41e0000000000000, 0xc1e0000000000000, 0x3fe0000000000000,
    };
    uint64_t v = next64(&g->rng);

    switch (rnd(g, 6)) {
    case 0:
        return f64[rnd(g, sizeof(f64) / sizeof(f64[0]))];
    case 1:
        return f32[rnd(g, 20)] | (uint64_t)f32[rnd(g, 20)] << 32;
    case 2:
        return gen_random_value(g) | (uint64_t)gen_random_value(g) << 32;
    case 3:     /* floats around one */
        return ((v & 0x87ffffff87ffffff) + 0x3c0000003c000000);
    case 4:
        return (v & 0x803fffffffffffff) + 0x3fe0000000000000;
    default:
        return v;
    }
}

static void random_state(struct gen *g, uint32_t slot, struct case_in *in)
{
    for (unsigned i = 0; i < 15; i++) {
        in->r[i] = gen_random_value(g);
        if (PTRS >> i & 1) {
            in->r[i] = WINDOW_BASE + WINDOW_SIZE / 2 + 8 * rnd(g, 64);
            in->r[i] += one_in(g, 4) ? rnd(g, 8) : 0;
            if (one_in(g, 100)) {
                in->r[i] = GUARD_BASE + 0x1000 * (1 + rnd(g, 8));
            }
            if (one_in(g, 60)) {    /* end of the window's first page */
                in->r[i] = WINDOW_BASE + 0x1000 * (1 + rnd(g, 3)) - rnd(g, 12);
            }
        }
    }
    in->r[INDEX] = rnd(g, 64) * (one_in(g, 2) ? 4 : 1);
    in->r[TARGET] = end_target(slot, one_in(g, 2));
    in->cpsr = (uint32_t)(next64(&g->rng) >> 32) & 0xf80f0000;
    in->fpscr = 0;
    if (one_in(g, 2)) {     /* AHP DN FZ RMode, QC and flags */
        in->fpscr = (uint32_t)(next64(&g->rng) >> 32) & 0xfbc0009f;
        in->fpscr &= one_in(g, 2) ? ~0u : 0xf0c00000;
    }
    for (unsigned i = 0; i < 32; i++) {
        in->d[i] = gen_random_fp(g);
    }
}

static void put_insn(struct case_in *in, const struct insn *i)
{
    uint8_t *p = in->code + i->offset;
    uint32_t v = i->bits;

    if (i->size == 4 && in->pc & 1) {
        v = v << 16 | v >> 16;
    }
    memcpy(p, &v, i->size);
}

/* CLREX first: what earlier cases left in the monitor does not count. */
static void put_clrex(struct case_in *in)
{
    struct insn clrex = { .bits = in->pc & 1 ? 0xf3bf8f2f : 0xf57ff01f,
                          .size = 4 };

    put_insn(in, &clrex);
}

static void put_end(struct case_in *in, unsigned end)
{
    uint32_t a32 = 0xe7f000f0, t16 = 0xde00;

    memcpy(in->code + end, in->pc & 1 ? &t16 : &a32, in->pc & 1 ? 2 : 4);
    in->code_bytes = end + (in->pc & 1 ? 2 : 4);
}

/* A store-exclusive of another size than the load's is UNPREDICTABLE. Loads may be conditional, so a sequence has one size. */
static bool monitor_allows(struct gen *g, const struct decode_row *row)
{
    const char *size = strstr(row->name, "EX");

    if (!size || (!args_are(row, "ldrex") && !args_are(row, "strex"))) {
        return true;
    }
    if (g->monitor && strcmp(g->monitor, size + 2)) {
        return false;
    }
    if (args_are(row, "ldrex")) {
        g->monitor = size + 2;
    }
    return true;
}

/* Ends of a case that load or move r11, an end of the slot, to the pc; and
 * table branches over their table. Zero ends a list. */
static const uint32_t a32_ends[][4] = {
    { 0xe1a0f00b },                       /* mov pc, r11 */
    { 0x01a0f00b },                       /* moveq pc, r11 */
    { 0xe52db004, 0xe49df004 },           /* push {r11}; pop {pc} */
    { 0xe92d0c00, 0xe8bd9000 },           /* push {r10, r11}; pop {r12, pc} */
    { 0xe92d0c00, 0x18bd9000 },           /* ...; popne {r12, pc} */
    { 0xe587b000, 0xe597f000 },           /* str r11, [r7]; ldr pc, [r7] */
    { 0xe587b000, 0xc597f000 },           /* ...; ldrgt pc, [r7] */
    { 0xe28ff000, 0xe1a00000 },           /* add pc, pc, #0; nop */
};
static const uint32_t t32_ends[][4] = {
    { 0x46df },                           /* mov pc, r11 */
    { 0xf84dbd04, 0xbd00 },               /* push {r11}; pop {pc} */
    { 0xf8c7b000, 0xf8d7f000 },           /* str r11, [r7]; ldr pc, [r7] */
    { 0xf8c7b004, 0xe8b78002 },           /* ...; ldmia r7!, {r1, pc} */
    { 0xbf18, 0x46df },                   /* it ne; movne pc, r11 */
    { 0x2000, 0xe8dff000, 0x0001 },       /* movs r0, #0; tbb [pc, r0]; 1, 0 */
    { 0x2000, 0xe8dff010, 0x0001 },       /* movs r0, #0; tbh [pc, r0]; 1 */
};

static unsigned add_end(struct gen *g, unsigned offset)
{
    static const struct decode_row none = {
        .name = "", .args = "", .attrs = "", .need = "", .fields = "",
    };
    const uint32_t *w = g->thumb ? t32_ends[rnd(g, 7)] : a32_ends[rnd(g, 8)];

    for (; *w; w++) {
        unsigned size = g->thumb && *w < 0x10000 ? 2 : 4;

        g->insn[g->n++] = (struct insn) {
            .row = &none, .bits = *w, .offset = offset, .size = size,
        };
        offset += size;
    }
    return offset;
}

/* Instructions that fit together; false: try again */
static bool pick_sequence(struct gen *g, unsigned want, unsigned *end)
{
    unsigned offset = 4;

    g->n = 0;
    g->it_left = 0;
    g->monitor = NULL;
    while (g->n < want || g->it_left) {
        struct insn *in = &g->insn[g->n];

        if (!pick_insn(g, in) || !monitor_allows(g, in->row)) {
            return false;
        }
        in->offset = offset;
        offset += in->size;
        g->n++;
        if (g->it_left) {
            g->it_left--;
        }
        if (has_attr(in->row, "it")) {
            g->it_left = 4 - (unsigned)ctz32(in->bits & 15);
        }
        if (args_are(in->row, "reg") || is_row(in->row, "BLX_imm")) {
            break;
        }
    }
    if (!g->config->row && one_in(g, 16)) {
        offset = add_end(g, offset);
    }
    *end = offset;
    return fix_branches(g, offset);
}

void gen_count_row(struct gen_coverage *c, const struct decode_row *row)
{
    for (unsigned l = 0; l < LISTS; l++) {
        if (row >= lists[l].rows && row < lists[l].rows + lists[l].n) {
            c->n[l][row - lists[l].rows]++;
        }
    }
}

/* Tables that cases must be of to have rows of a list. */
static const unsigned needs[LISTS] = {
    GEN_A32, GEN_A32, GEN_T32, GEN_T32, GEN_VFP, GEN_NEON,
    GEN_VFP | GEN_V8, GEN_A64, GEN_A64, GEN_A64,
};

static bool possible(const struct gen_config *config, unsigned list)
{
    return (config->tables & needs[list]) == needs[list] && (!config->decode || !strcmp(config->decode, gen_list_names[list]));
}

bool gen_row_possible(const struct gen_config *config)
{
    struct gen g = { .config = config };

    for (unsigned l = 0; l < LISTS; l++)
        for (unsigned i = 0; i < lists[l].n; i++)
            if (possible(config, l) && (!config->row || !strcmp(lists[l].rows[i].name, config->row)) &&
                wanted(&g, &lists[l].rows[i]))
                return true;
    return false;
}

unsigned gen_print_uncovered(const struct gen_config *config)
{
    struct gen g = { .config = config };
    unsigned missing = 0;

    for (unsigned l = 0; l < LISTS; l++) {
        for (unsigned i = 0; i < lists[l].n; i++) {
            const struct decode_row *row = &lists[l].rows[i];

            if (possible(config, l) && wanted(&g, row) &&
                !config->coverage->n[l][i]) {
                printf("uncovered: %s.decode:%d: %s\n", gen_list_names[l], row->line,
                       row->name);
                missing++;
            }
        }
    }
    return missing;
}

unsigned gen_case(const struct gen_config *config, uint64_t seed, uint64_t n,
                  uint32_t slot, struct case_in *in)
{
    struct gen g = { .config = config, .rng = seed * 0x2545f4914f6cdd1du + n };
    unsigned want, end;

    next64(&g.rng);
    if (config->tables & GEN_A64) {
        return gen_a64_case(&g, slot, in);
    }
    g.thumb = (config->tables & GEN_T32) &&
              (!(config->tables & GEN_A32) || one_in(&g, 2));
    want = one_in(&g, 3) ? 1 : 1 + rnd(&g, config->max_insns);
    memset(in, 0, sizeof(*in));
    in->pc = CODE_BASE + slot * SLOT_SIZE + g.thumb;
    while (!pick_sequence(&g, want, &end)) {
    }
    random_state(&g, slot, in);
    put_clrex(in);
    for (unsigned i = 0; i < g.n; i++) {
        put_insn(in, &g.insn[i]);
        if (config->coverage) {
            gen_count_row(config->coverage, g.insn[i].row);
        }
    }
    put_end(in, end);
    return g.n;
}
