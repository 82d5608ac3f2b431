/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SM3 (GB/T 32905) and SM4 (GB/T 32907) instructions of A64 (DDI 0487 C7.2), which no IR op covers. Words are numbered from the
 * lowest lane.
 */
#include "config.h"

#define HELPER_INC "target-arm/helpers-crypto.inc"
#include "tcg/helper-def.h"

#include <string.h>

#include "target-arm/arm.h"

struct words {
    uint32_t w[4];
};

/* The register that byte i of the argument names */
static struct words reg(struct tcg_env *env, uint32_t regs, unsigned i)
{
    struct words r;

    memcpy(&r, &ARM_ENV(env)->d[2 * (regs >> 8 * i & 31)], sizeof(r));
    return r;
}

static void set_reg(struct tcg_env *env, uint32_t regs, const struct words *v)
{
    memcpy(&ARM_ENV(env)->d[2 * (regs & 31)], v, sizeof(*v));
}

static uint32_t rol(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

/* ---- SM3 ---- */

void helper_arm_sm3ss1(struct tcg_env *env, uint32_t regs)
{
    struct words n = reg(env, regs, 1), m = reg(env, regs, 2), a = reg(env, regs, 3), d = { { 0 } };

    d.w[3] = rol(rol(n.w[3], 12) + m.w[3] + a.w[3], 7);
    set_reg(env, regs, &d);
}

/* TT1: Boolean is exclusive or, or the majority; the words move down by one. */
static void tt1(struct tcg_env *env, uint32_t regs, bool majority)
{
    struct words d = reg(env, regs, 0), n = reg(env, regs, 1);
    uint32_t wj = reg(env, regs, 2).w[regs >> 24 & 3], ss2 = n.w[3] ^ rol(d.w[3], 12), t;

    t = majority ? (d.w[3] & d.w[1]) | (d.w[3] & d.w[2]) | (d.w[1] & d.w[2]) : d.w[1] ^ d.w[2] ^ d.w[3];
    t += d.w[0] + ss2 + wj;
    d.w[0] = d.w[1];
    d.w[1] = rol(d.w[2], 9);
    d.w[2] = d.w[3];
    d.w[3] = t;
    set_reg(env, regs, &d);
}

/* TT2: exclusive or, or a choice by the highest word */
static void tt2(struct tcg_env *env, uint32_t regs, bool choose)
{
    struct words d = reg(env, regs, 0), n = reg(env, regs, 1);
    uint32_t wj = reg(env, regs, 2).w[regs >> 24 & 3], t;

    t = choose ? (d.w[3] & d.w[2]) | (~d.w[3] & d.w[1]) : d.w[1] ^ d.w[2] ^ d.w[3];
    t += d.w[0] + n.w[3] + wj;
    d.w[0] = d.w[1];
    d.w[1] = rol(d.w[2], 19);
    d.w[2] = d.w[3];
    d.w[3] = t ^ rol(t, 9) ^ rol(t, 17);
    set_reg(env, regs, &d);
}

void helper_arm_sm3tt1a(struct tcg_env *env, uint32_t regs)
{
    tt1(env, regs, false);
}

void helper_arm_sm3tt1b(struct tcg_env *env, uint32_t regs)
{
    tt1(env, regs, true);
}

void helper_arm_sm3tt2a(struct tcg_env *env, uint32_t regs)
{
    tt2(env, regs, false);
}

void helper_arm_sm3tt2b(struct tcg_env *env, uint32_t regs)
{
    tt2(env, regs, true);
}

void helper_arm_sm3partw1(struct tcg_env *env, uint32_t regs)
{
    struct words d = reg(env, regs, 0), n = reg(env, regs, 1), m = reg(env, regs, 2);

    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = d.w[i] ^ n.w[i] ^ rol(i < 3 ? m.w[i + 1] : d.w[0], 15);

        d.w[i] = t ^ rol(t, 15) ^ rol(t, 23);
    }
    set_reg(env, regs, &d);
}

void helper_arm_sm3partw2(struct tcg_env *env, uint32_t regs)
{
    struct words d = reg(env, regs, 0), n = reg(env, regs, 1), m = reg(env, regs, 2);
    uint32_t t[4];

    for (unsigned i = 0; i < 4; i++) {
        t[i] = n.w[i] ^ rol(m.w[i], 7);
        d.w[i] ^= t[i];
    }
    t[0] = rol(t[0], 15);
    d.w[3] ^= t[0] ^ rol(t[0], 15) ^ rol(t[0], 23);
    set_reg(env, regs, &d);
}

/* ---- SM4 ---- */

static const uint8_t sm4_sbox[256] = {
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
};

static uint32_t sm4_substitute(uint32_t v)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < 32; i += 8) {
        r |= (uint32_t)sm4_sbox[v >> i & 0xff] << i;
    }
    return r;
}

/* Four rounds on the words of v: of encryption with the round keys, or of the key schedule with the constants of it */
static void sm4_rounds(struct words *v, const struct words *keys, bool schedule)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = sm4_substitute(v->w[1] ^ v->w[2] ^ v->w[3] ^ keys->w[i]);

        t ^= schedule ? rol(t, 13) ^ rol(t, 23) : rol(t, 2) ^ rol(t, 10) ^ rol(t, 18) ^ rol(t, 24);
        t ^= v->w[0];
        memmove(v->w, v->w + 1, 12);
        v->w[3] = t;
    }
}

void helper_arm_sm4e(struct tcg_env *env, uint32_t regs)
{
    struct words d = reg(env, regs, 0), n = reg(env, regs, 1);

    sm4_rounds(&d, &n, false);
    set_reg(env, regs, &d);
}

void helper_arm_sm4ekey(struct tcg_env *env, uint32_t regs)
{
    struct words n = reg(env, regs, 1), m = reg(env, regs, 2);

    sm4_rounds(&n, &m, true);
    set_reg(env, regs, &n);
}
