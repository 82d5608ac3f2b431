/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crypto ops against published results: FIPS 197 appendix B, the examples of FIPS 180-4 ("abc"), and the carry-less
 * product of Intel's white paper on PCLMULQDQ. Run as A64 code would use them, with constant folding (the C code) and from
 * state (the JIT, with the host's instructions where it has them; host_level 1 has none).
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/compile.h"
#include "tcg/ir-build.h"
#include "tests/suite.h"

enum { MAX_IN = 24 };

struct machine {
    struct tcg_env env;
    struct v128 in[MAX_IN], out[2];
};

#define OFF(field) ((unsigned)offsetof(struct machine, field))
static const struct ir_slot slots[] = { { "out", OFF(out[0]), V128, -1 } };
static const struct ir_target target = { .name = "crypto", .slots = slots, .nslots = 1, .addr_type = I32 };

static struct machine m;
static struct tcg_ctx *ctx;
static bool constants;

static void start(bool use_constants, unsigned host_level)
{
    struct tcg_config config = { .cache_size = 4 << 20, .target = &target, .verify = true, .host_level = host_level };
    char *error = NULL;

    ctx = tcg_ctx_new(&config, &error);
    ck_assert_msg(ctx, "%s", error);
    memset(&m, 0, sizeof(m));
    m.env.tcg = ctx;
    m.env.jc = tcg_jump_cache_new();
    constants = use_constants;
    ir_reset(tcg_ir(ctx), 0x1000);
    ir_insn_start(tcg_ir(ctx), 0x1000, 0);
}

static void run(struct ir_val out0, struct ir_val out1)
{
    struct ir *ir = tcg_ir(ctx);
    struct tcg_code code;

    ir_state_st(ir, out0, OFF(out[0]));
    ir_state_st(ir, out1, OFF(out[1]));
    ir_exit_link(ir, 0x1000, false);
    ck_assert(tcg_compile(ctx, ir, &code));
    tcg_run(ctx, &m.env, code.entry);
    tcg_ctx_free(ctx);
    free(m.env.jc);
}

/* Operand i of the sequence */
static struct ir_val input(unsigned i, const void *bytes)
{
    memcpy(&m.in[i], bytes, 16);
    if (constants)
        return ir_const_v128(tcg_ir(ctx), m.in[i].d[0], m.in[i].d[1]);
    return ir_state_ld(tcg_ir(ctx), V128, OFF(in[i]));
}

static struct ir_val op2(enum ir_opc opc, struct ir_val a, struct ir_val b, unsigned c)
{
    return ir_v2(tcg_ir(ctx), opc, V128, a, b, c, 0);
}

static struct ir_val op1(enum ir_opc opc, struct ir_val a, unsigned c0, unsigned c1)
{
    return ir_v1(tcg_ir(ctx), opc, V128, a, c0, c1);
}

/* ---- AES: FIPS 197 appendix A.1 and B ---- */

static const uint8_t round_keys[11][16] = {
    { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c },
    { 0xa0, 0xfa, 0xfe, 0x17, 0x88, 0x54, 0x2c, 0xb1, 0x23, 0xa3, 0x39, 0x39, 0x2a, 0x6c, 0x76, 0x05 },
    { 0xf2, 0xc2, 0x95, 0xf2, 0x7a, 0x96, 0xb9, 0x43, 0x59, 0x35, 0x80, 0x7a, 0x73, 0x59, 0xf6, 0x7f },
    { 0x3d, 0x80, 0x47, 0x7d, 0x47, 0x16, 0xfe, 0x3e, 0x1e, 0x23, 0x7e, 0x44, 0x6d, 0x7a, 0x88, 0x3b },
    { 0xef, 0x44, 0xa5, 0x41, 0xa8, 0x52, 0x5b, 0x7f, 0xb6, 0x71, 0x25, 0x3b, 0xdb, 0x0b, 0xad, 0x00 },
    { 0xd4, 0xd1, 0xc6, 0xf8, 0x7c, 0x83, 0x9d, 0x87, 0xca, 0xf2, 0xb8, 0xbc, 0x11, 0xf9, 0x15, 0xbc },
    { 0x6d, 0x88, 0xa3, 0x7a, 0x11, 0x0b, 0x3e, 0xfd, 0xdb, 0xf9, 0x86, 0x41, 0xca, 0x00, 0x93, 0xfd },
    { 0x4e, 0x54, 0xf7, 0x0e, 0x5f, 0x5f, 0xc9, 0xf3, 0x84, 0xa6, 0x4f, 0xb2, 0x4e, 0xa6, 0xdc, 0x4f },
    { 0xea, 0xd2, 0x73, 0x21, 0xb5, 0x8d, 0xba, 0xd2, 0x31, 0x2b, 0xf5, 0x60, 0x7f, 0x8d, 0x29, 0x2f },
    { 0xac, 0x77, 0x66, 0xf3, 0x19, 0xfa, 0xdc, 0x21, 0x28, 0xd1, 0x29, 0x41, 0x57, 0x5c, 0x00, 0x6e },
    { 0xd0, 0x14, 0xf9, 0xa8, 0xc9, 0xee, 0x25, 0x89, 0xe1, 0x3f, 0x0c, 0xc8, 0xb6, 0x63, 0x0c, 0xa6 },
};
static const uint8_t plain[16] = { 0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34 };
static const uint8_t cipher[16] = { 0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb, 0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32 };

/* AESE and AESMC nine times, AESE, and the last key; the way back with InvMixColumns of the keys (5.3.5) */
static void aes(void)
{
    struct ir_val s = input(0, plain), b = input(1, cipher), key;

    for (unsigned i = 0; i < 10; i++) {
        s = op1(IR_vaes_sub, op2(IR_vxor, s, input(2 + i, round_keys[i]), 0), 0, 0);
        if (i < 9)
            s = op1(IR_vaes_mix, s, 0, 0);
    }
    s = op2(IR_vxor, s, input(12, round_keys[10]), 0);
    for (unsigned i = 10; i > 0; i--) {
        key = input(2 + i, round_keys[i]);
        if (i < 10)
            key = op1(IR_vaes_mix, key, 1, 0);
        b = op1(IR_vaes_sub, op2(IR_vxor, b, key, 0), 1, 0);
        if (i > 1)
            b = op1(IR_vaes_mix, b, 1, 0);
    }
    run(s, op2(IR_vxor, b, input(2, round_keys[0]), 0));
    ck_assert_mem_eq(&m.out[0], cipher, 16);
    ck_assert_mem_eq(&m.out[1], plain, 16);
}

/* ---- SHA of "abc": the only block, as words from lane 0 up ---- */

static void block_of_abc(uint32_t *w)
{
    memset(w, 0, 64);
    w[0] = 0x61626380;
    w[15] = 24;
}

static struct ir_val four_words(unsigned i, const uint32_t *w, uint32_t k)
{
    uint32_t x[4] = { w[0] + k, w[1] + k, w[2] + k, w[3] + k };

    return input(i, x);
}

/* FIPS 180-4 6.1.2; the words' schedule in plain C */
static void sha1(void)
{
    static const uint32_t h[] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    static const uint32_t k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    static const uint32_t want[] = { 0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d };
    uint32_t w[80], e[4] = { 0xc3d2e1f0 }, got[8];
    struct ir_val abcd = input(0, h), last, next_e, ev = input(1, e);
    unsigned function[] = { 0, 1, 2, 1 };

    block_of_abc(w);
    for (unsigned i = 16; i < 80; i++) {
        uint32_t x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];

        w[i] = x << 1 | x >> 31;
    }
    for (unsigned i = 0; i < 20; i++) {
        last = op2(IR_vor, op1(IR_vshli, abcd, 2, 30), op1(IR_vshri_u, abcd, 2, 2), 0);
        next_e = last;           /* a rotated by 30, as SHA1H has it */
        abcd = ir_v3(tcg_ir(ctx), IR_vsha1_rounds, V128, abcd, ev, four_words(2 + i, w + 4 * i, k[i / 5]), function[i / 5], 0, 0);
        ev = next_e;
    }
    run(abcd, ev);
    memcpy(got, &m.out[0], 16);
    memcpy(got + 4, &m.out[1], 4);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_uint_eq(got[i] + h[i], want[i]);
}

static const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* FIPS 180-4 6.2.2, with the message schedule by the ops: vsha256_msg1, the words seven back, vsha256_msg2 */
static void sha256(void)
{
    static const uint32_t abef[] = { 0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667 };
    static const uint32_t cdgh[] = { 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372 };
    static const uint32_t want[] = { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad };
    static const uint32_t lane_of[] = { 3, 2, 7, 6, 1, 0, 5, 4 };    /* a-h in abef:cdgh */
    struct ir *ir = tcg_ir(ctx);
    struct ir_val w[16], x = input(0, abef), y = input(1, cdgh), wk, t;
    uint32_t words[16], got[8], h[8];

    block_of_abc(words);
    for (unsigned i = 0; i < 4; i++)
        w[i] = four_words(2 + i, words + 4 * i, 0);
    for (unsigned i = 4; i < 16; i++) {
        t = op2(IR_vsha256_msg1, w[i - 4], w[i - 3], 0);
        t = op2(IR_vadd, t, op2(IR_vext, w[i - 2], w[i - 1], 4), 2);
        w[i] = op2(IR_vsha256_msg2, t, w[i - 1], 0);
    }
    for (unsigned i = 0; i < 16; i++) {
        wk = op2(IR_vadd, w[i], input(8 + i, sha256_k + 4 * i), 2);
        t = ir_v3(ir, IR_vsha256_rounds, V128, y, x, wk, 0, 0, 0);
        y = t;
        x = ir_v3(ir, IR_vsha256_rounds, V128, x, t, op2(IR_vext, wk, wk, 8), 0, 0, 0);
    }
    run(x, y);
    memcpy(got, m.out, 32);
    memcpy(h, abef, 16);
    memcpy(h + 4, cdgh, 16);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(got[lane_of[i]] + h[lane_of[i]], want[i]);
}

static void clmul(void)
{
    static const uint64_t a[] = { 0x63746f725d53475d, 0x7b5b546573745665 }, b[] = { 0x5b477565726f6e5d, 0x4869285368617929 };
    static const uint64_t lo[] = { 0x929633d5d36f0451, 0x1d4d84c85c3440c0 }, hi[] = { 0xd66ee03e410fd4ed, 0x1d1e1f2c592e7c45 };
    struct ir_val x = input(0, a), y = input(1, b);

    run(op2(IR_vclmul, x, y, 0), op2(IR_vclmul, x, y, 1));
    ck_assert_mem_eq(&m.out[0], lo, 16);
    ck_assert_mem_eq(&m.out[1], hi, 16);
}

START_TEST(published_results)
{
    static void (*const all[])(void) = { aes, sha1, sha256, clmul };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        start(_i == 2, _i);
        all[i]();
    }
}
END_TEST

static Suite *suite_crypto(void)
{
    Suite *s = suite_create("tcg/crypto");
    TCase *t = tcase_create("published_results");

    tcase_add_loop_test(t, published_results, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_crypto)
