/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: register states. */
#include "config.h"

#include <string.h>

#include "tests/random/gen-x86.h"
#include "util/rng.h"

uint64_t gen_x86_integer(struct rng *r)
{
    static const uint64_t edges[] = {
        0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
        0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe,
    };
    uint64_t v = rng_u64(r);

    switch (v % 8) {
    case 0:
    case 1:
        return edges[(v >> 8) % G_N_ELEMENTS(edges)];
    case 2:
        return (v >> 8) % 70;
    case 3:
        return -((v >> 8) % 70);
    case 4:
        return UINT64_C(1) << (v >> 8 & 63);
    case 5:
        return (UINT64_C(1) << (v >> 8 & 63)) - 1;
    default:
        return rng_u64(r);
    }
}

/* A float of `exp_bits` and `frac_bits` */
static uint64_t random_float(struct rng *r, unsigned exp_bits, unsigned frac_bits)
{
    uint64_t max = (UINT64_C(1) << exp_bits) - 1, v = rng_u64(r), frac = rng_u64(r), exp;

    switch (v % 8) {
    case 0:
        exp = 0;
        break;
    case 1:
        exp = v & 8 ? max : max - 1;
        break;
    case 2:
        exp = v >> 8 & max;
        break;
    default:
        exp = (max / 2 + (v >> 8) % 24 - 8) & max;
    }
    switch (v >> 32 & 7) {
    case 0:
        frac = 0;
        break;
    case 1:
        frac = UINT64_MAX;
        break;
    case 2:
        frac &= UINT64_MAX << (v >> 40 & 31);
        break;
    case 3:
        frac = UINT64_C(1) << (v >> 40) % frac_bits;
        break;
    default:
        break;
    }
    return v >> 63 << (exp_bits + frac_bits) | exp << frac_bits | (frac & ((UINT64_C(1) << frac_bits) - 1));
}

static uint64_t random_lane(struct rng *r, unsigned kind)
{
    uint64_t v;

    switch (kind) {
    case 0:
    case 1:
        return random_float(r, 11, 52);
    case 2:
    case 3:
        v = random_float(r, 8, 23);
        return v << 32 | random_float(r, 8, 23);
    case 4:
        v = gen_x86_integer(r) << 32;
        return v | (gen_x86_integer(r) & 0xffffffff);
    case 5:
        v = random_float(r, 5, 10) | random_float(r, 5, 10) << 16;
        return v << 32 | random_float(r, 5, 10) << 16 | random_float(r, 5, 10);
    default:
        return gen_x86_integer(r);
    }
}

static void random_vectors(struct rng *r, uint8_t (*regs)[16])
{
    unsigned kind = rng_below(r, 8);

    for (int i = 0; i < 16; i++) {
        uint64_t v[2] = { random_lane(r, kind), random_lane(r, kind) };

        memcpy(regs[i], v, 16);
        if (rng_below(r, 4) == 0) {
            memcpy(regs[i], regs[rng_below(r, 16)], 16);
            kind = rng_below(r, 8);
        }
    }
}

static void random_x87_register(struct rng *r, uint8_t *reg)
{
    uint64_t v = rng_u64(r), sig = rng_u64(r);
    uint16_t se;

    switch (v & 7) {
    case 0:
        se = (uint16_t)(v & 8 ? 0 : 0x7fff);
        sig = v & 0x30 ? sig : v & 0x40 ? 0 : UINT64_C(1) << (v >> 8 & 63);
        break;
    case 1:
        se = (uint16_t)(v >> 8 & 0x7fff);
        break;
    default:
        se = (uint16_t)(0x3fff + (v >> 8) % 80 - 16);
        sig = v & 0x10 ? sig : sig << (v >> 32 & 63);
    }
    if (v >> 40 & 15) {
        sig |= se ? UINT64_C(1) << 63 : 0;
    }
    se |= (uint16_t)(v >> 63 << 15);
    memcpy(reg, &sig, 8);
    memcpy(reg + 8, &se, 2);
}

/* Masks are mostly set. The status has no unmasked exception but now and then. */
static void random_x87(struct rng *r, struct x86_fp_image *fp)
{
    uint32_t v = rng_u32(r), w = rng_u32(r);
    uint16_t masks = w & 7 ? 0x3f : (uint16_t)(v & 0x3f);

    fp->fcw = (uint16_t)((v >> 8 & 0xf00) | 0x40 | masks);
    fp->fsw = (uint16_t)((w >> 8 & 7) << 11 | (w >> 12 & 0x4700));
    if (w >> 28 == 0) {
        fp->fsw |= v >> 20 & 0x3f;
    } else {
        fp->fsw |= v >> 20 & masks;
    }
    if (fp->fsw & ~fp->fcw & 0x3f) {
        fp->fsw |= 0x8080;
    }
    fp->ftw = (uint8_t)(w >> 3 & 3 ? v >> 24 | v : w >> 5 & 1 ? 0xff : 0);
    for (int i = 0; i < 8; i++) {
        random_x87_register(r, fp->st[i]);
    }
}

static void random_flags(struct rng *r, const uint32_t features[16], struct x86_case *c)
{
    uint32_t v = rng_u32(r);

    (void)features;
    c->eflags = X86_FL_1 | X86_FL_IF | (v & X86_FL_ARITH);
    c->eflags |= v >> 24 & 1 ? X86_FL_DF : 0;
    c->eflags |= v >> 25 & 3 ? 0 : X86_FL_ID;
    c->eflags |= v >> 27 ? 0 : X86_FL_AC;
    if ((v >> 16 & 63) == 0) {
        c->eflags |= X86_FL_TF;
    }
}

void gen_x86_state(struct rng *r, const uint32_t features[16], struct x86_case *c)
{
    uint32_t v = rng_u32(r);

    for (int i = 0; i < 16; i++) {
        c->r[i] = gen_x86_integer(r);
    }
    c->r[X86_RSP] = X86_WINDOW_BASE + X86_WINDOW_SIZE / 2 + 8 * rng_below(r, 64) - 256;
    random_flags(r, features, c);
    memset(&c->fp, 0, sizeof(c->fp));
    c->fp.header[0] = 7;
    random_x87(r, &c->fp);
    random_vectors(r, c->fp.xmm);
    random_vectors(r, c->fp.ymmh);
    /* flags, DAZ, masks, rounding, FTZ */
    c->fp.mxcsr = v & 0xffff;
    if (v >> 16 & 7) {
        c->fp.mxcsr |= 0x1f80;
    }
    if (v >> 19 & 3) {
        c->fp.mxcsr &= ~0x8040u;
    }
}
