/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the decoders made from ok-basic.decode and ok-use.decode. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ctx {
    char seen[16];
    int64_t a, b;
    bool hints;
};

static uint32_t twice(struct ctx *s, uint32_t v)
{
    (void)s;
    return 2 * v;
}

static uint32_t add(struct ctx *s, uint32_t v, uint32_t w)
{
    (void)s;
    return v + w;
}

static bool need_hints(struct ctx *s)
{
    return s->hints;
}

#include "ok-basic.inc"
#include "ok-use.inc"
#define DECODE_LIST
#include "ok-basic.inc"

static bool seen(struct ctx *s, const char *name, int64_t a, int64_t b)
{
    strcpy(s->seen, name);
    s->a = a;
    s->b = b;
    return true;
}

static bool trans_MOVE(struct ctx *s, const struct args_rr *a)
{
    return seen(s, "MOVE", a->rd, a->rm);
}

static bool trans_JUMP(struct ctx *s, const struct args_jump *a)
{
    return seen(s, "JUMP", a->imm, 0);
}

static bool trans_HINT(struct ctx *s, const struct args_none *a)
{
    return seen(s, "HINT", a->none, 0);
}

static bool trans_HINT8(struct ctx *s, const struct args_none *a)
{
    return seen(s, "HINT8", a->none, 0);
}

static bool trans_KIND(struct ctx *s, const struct args_kinds *a)
{
    return seen(s, "KIND", a->twice, a->extra);
}

static bool trans_SPLIT(struct ctx *s, const struct args_rr *a)
{
    return seen(s, "SPLIT", (int32_t)a->rd, a->rm);
}

static bool trans_EAST(struct ctx *s, const struct args_rr *a)
{
    return seen(s, "EAST", a->rd, a->rm);
}

static bool trans_WEST(struct ctx *s, const struct args_rr *a)
{
    return seen(s, "WEST", a->rd, a->rm);
}

bool use_trans_WIDE(struct ctx *s, const struct args_rr *a)
{
    return seen(s, "WIDE", a->rd, a->rm);
}

static void expect(uint32_t insn, const char *name, int64_t a, int64_t b)
{
    struct ctx s = { .hints = false };
    bool ok = insn >> 16 ? decode_use(&s, insn) : decode_ok(&s, insn);

    assert(ok == (name[0] != 0));
    assert(!strcmp(s.seen, name) && s.a == a && s.b == b);
}

int main(void)
{
    expect(0x46c7, "MOVE", 15, 8);
    expect(0xd0ff, "JUMP", -1, 0);
    expect(0xd07f, "JUMP", 127, 0);
    expect(0xbf10, "HINT", 0, 0);
    expect(0xbf80, "", 0, 0);
    expect(0x15a3, "KIND", 10, 7);
    expect(0x2500, "KIND", 0, 6);
    expect(0x3103, "SPLIT", -16, 0);
    expect(0x30ff, "SPLIT", 15, 3);
    expect(0x5803, "EAST", 3, 0);
    expect(0x5830, "WEST", 3, 1);
    expect(0x5800, "EAST", 0, 0);
    expect(0xffff, "", 0, 0);
    expect(0xea000015, "WIDE", 1, 5);
    for (size_t i = 0; i < sizeof(decode_rows_ok) /
                           sizeof(decode_rows_ok[0]); i++) {
        const struct decode_row *r = &decode_rows_ok[i];

        assert((r->value & ~r->mask) == 0);
        if (!strcmp(r->name, "KIND") && r->value == 0x2000) {
            assert(r->avoid(0x2300) && !r->avoid(0x2400));
            assert(r->soft_mask == 0xff && r->soft_value == 0x0f);
        }
    }
    return 0;
}
