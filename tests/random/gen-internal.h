/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gen.c (A32, Thumb) and gen-a64.c share. */
#ifndef TESTS_RANDOM_GEN_INTERNAL_H
#define TESTS_RANDOM_GEN_INTERNAL_H

#include <stdlib.h>
#include <string.h>

#include "tests/random/gen.h"

#define DECODE_LIST
#include "target-arm/a64.decode.inc"
#include "target-arm/a64-simd.decode.inc"
#include "target-arm/a64-simdfp.decode.inc"
#undef DECODE_LIST

/* A decode list */
struct table {
    const struct decode_row *rows;
    unsigned n;
};

/* One instruction of a case */
struct insn {
    const struct decode_row *row;
    uint32_t bits;
    unsigned offset, size;
    bool last;               /* must end the case */
};

struct gen {
    const struct gen_config *config;
    uint64_t rng;
    bool thumb;
    bool loop;               /* the case's instructions are a loop */
    unsigned it_left;        /* instructions of an IT block to come */
    const char *monitor;     /* suffix of the last load-exclusive, or NULL */
    struct insn insn[28];
    unsigned n;
};

/* ---- Random numbers (splitmix64) ---- */

static inline uint64_t next64(uint64_t *s)
{
    uint64_t z = (*s += 0x9e3779b97f4a7c15u);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t rnd(struct gen *g, uint32_t n)
{
    return (uint32_t)((next64(&g->rng) >> 32) * n >> 32);
}

static inline bool one_in(struct gen *g, uint32_t n)
{
    return rnd(g, n) == 0;
}

/* ---- Fields of an encoding ---- */

/* Mask of a field of the row, 0 when it has none of that name */
static inline uint32_t field_mask(const struct decode_row *row, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = row->fields; p; p = strchr(p, ' ')) {
        p += *p == ' ';
        if (!strncmp(p, name, n) && p[n] == ':') {
            return (uint32_t)strtoul(p + n + 1, NULL, 16);
        }
    }
    return 0;
}

static inline uint32_t gather(uint32_t insn, uint32_t mask)
{
    uint32_t v = 0;

    for (int b = 31; b >= 0; b--) {
        if (mask >> b & 1) {
            v = v << 1 | (insn >> b & 1);
        }
    }
    return v;
}

static inline uint32_t scatter(uint32_t insn, uint32_t mask, uint32_t v)
{
    for (int b = 0; b < 32; b++) {
        if (mask >> b & 1) {
            insn = (insn & ~(1u << b)) | (v & 1) << b;
            v >>= 1;
        }
    }
    return insn;
}

static inline bool has_attr(const struct decode_row *row, const char *word)
{
    return strstr(row->attrs, word) != NULL;
}

static inline bool is_row(const struct decode_row *row, const char *start)
{
    return !strncmp(row->name, start, strlen(start));
}

static inline bool args_are(const struct decode_row *row, const char *start)
{
    return !strncmp(row->args, start, strlen(start));
}

/* ---- Choosing an encoding ---- */

/* The decoder's choice for the bits is row */
static inline bool is_decoded_as(const struct table *t, const struct decode_row *row,
                          uint32_t insn)
{
    for (unsigned i = 0; i < t->n; i++) {
        if ((insn & t->rows[i].mask) == t->rows[i].value) {
            return &t->rows[i] == row;
        }
    }
    return false;
}

static inline uint32_t random_bits(const struct decode_row *row, uint64_t *rng)
{
    uint32_t v = (uint32_t)(next64(rng) >> 32);

    v = (v & ~row->mask) | row->value;
    v = (v & ~row->soft_mask) | row->soft_value;
    return row->width == 16 ? v & 0xffff : v;
}

static inline bool avoided(const struct decode_row *row, uint32_t insn)
{
    return row->avoid && row->avoid(insn);
}


/* Values with interesting ones among them */
uint32_t gen_random_value(struct gen *g);
uint64_t gen_random_fp(struct gen *g);

/* One A64 case (gen-a64.c); g has its configuration and random numbers. */
unsigned gen_a64_case(struct gen *g, uint32_t slot, struct case_in *in);
bool gen_a64_wanted(const struct gen *g, const struct decode_row *row);
/* Note that a case has the row. */
void gen_count_row(struct gen_coverage *c, const struct decode_row *row);
/* The A64 lists in gen.c, as coverage counts their rows: GEN_A64_TABLES of them. */
enum { GEN_A64_TABLES = LISTS - LIST_A64 };
extern const struct table *const gen_a64_tables;
extern const char *const gen_list_names[LISTS];

#endif
