/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * util/x87float.c against the host's x87 unit: random and special operands of
 * every class, every precision, rounding and mask of the control word; results
 * and the exception flags and condition codes bit for bit.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "util/bits.h"
#include "util/rng.h"
#include "util/x87float.h"

#define ROUNDS 150000

static struct rng rng;

static void setup(void)
{
    const char *text = getenv("TEST_SEED");

    rng_init(&rng, text ? strtoull(text, NULL, 0) : 5);
}

#if defined(__x86_64__)

/* ---- The host ---- */

struct m80 {
    uint64_t sig;
    uint16_t se;
} __attribute__((packed));

/* What FNSAVE writes (SDM 1, figure 8-9) */
struct saved {
    uint16_t cw, r0, sw, r1, tw, r2;
    uint32_t fip;
    uint16_t fcs, fop;
    uint32_t fdp, fds;
    struct m80 st[8];
} __attribute__((packed));

/* One operation: a in ST0, b in ST1, mem is its memory operand. */
struct host_op {
    struct m80 a, b;
    uint16_t cw;
    uint8_t mem[16];
    struct saved out;
};

#define HOST(name, insn)                                                                                       \
    static void host_##name(struct host_op *h)                                                                 \
    {                                                                                                          \
        __asm__ volatile("fninit\n fldt %[b]\n fldt %[a]\n fldcw %[cw]\n" insn "\n fnsave %[out]\n fninit\n"   \
                         : [out] "=m"(h->out), [mem] "+m"(h->mem)                                              \
                         : [a] "m"(h->a), [b] "m"(h->b), [cw] "m"(h->cw));                                     \
    }

HOST(add, "fadd %%st(1), %%st")
HOST(sub, ".byte 0xd8, 0xe1")    /* fsub st, st(1) */
HOST(mul, "fmul %%st(1), %%st")
HOST(div, ".byte 0xd8, 0xf1")    /* fdiv st, st(1) */
HOST(sqrt, "fsqrt")
HOST(com, "fcom %%st(1)")
HOST(ucom, "fucom %%st(1)")
HOST(rndint, "frndint")
HOST(scale, "fscale")
HOST(xtract, "fxtract")
HOST(prem, "fprem")
HOST(prem1, "fprem1")
HOST(ld32, "flds %[mem]")
HOST(ld64, "fldl %[mem]")
HOST(ldi64, "fildll %[mem]")
HOST(ldbcd, "fbld %[mem]")
HOST(st32, "fsts %[mem]")
HOST(st64, "fstl %[mem]")
HOST(st16i, "fistps %[mem]")
HOST(st32i, "fistpl %[mem]")
HOST(st64i, "fistpll %[mem]")
HOST(stt16i, "fisttps %[mem]")
HOST(stt32i, "fisttpl %[mem]")
HOST(stt64i, "fisttpll %[mem]")
HOST(stbcd, "fbstp %[mem]")
HOST(sin, "fsin")
HOST(cos, "fcos")
HOST(sincos, "fsincos")
HOST(tan, "fptan")
HOST(atan2, "fpatan")
HOST(exp2m1, "f2xm1")
HOST(ylog2, "fyl2x")
HOST(ylog2p1, "fyl2xp1")

/* ---- Operands ---- */

/* Long runs of equal bits, where rounding goes wrong first */
static uint64_t random_sig(void)
{
    uint64_t f = rng_u64(&rng);

    switch (rng_below(&rng, 8)) {
    case 0:
        return 0;
    case 1:
        return f & f << rng_below(&rng, 64);
    case 2:
        return (UINT64_C(1) << rng_below(&rng, 64)) - (f & 1);
    case 3:
        return ~f >> rng_below(&rng, 64);
    case 4:
        return UINT64_MAX << rng_below(&rng, 64);
    case 5:
        return f << 40;
    default:
        return f;
    }
}

static uint16_t random_se(void)
{
    static const uint16_t near[] = { 0x3fff, 0x3f80, 0x3c00, 0x407f, 0x43ff, 0x400e, 0x401e, 0x403e, 0x7ffe, 1 };
    uint32_t r = rng_u32(&rng), sign = r >> 16 & 0x8000;

    switch (r % 8) {
    case 0:
        return (uint16_t)(sign | (r >> 8 & 3 ? (r >> 10 & 3) : 0x7fff - (r >> 10 & 3)));
    case 1:
        return (uint16_t)(sign | (r >> 3 & 0x7fff));
    case 2:
    case 3:
        return (uint16_t)(sign | ((near[(r >> 4) % ARRAY_SIZE(near)] + (r >> 10 & 7) - 4) & 0x7fff));
    case 4:
        return (uint16_t)(sign | (0x3fff + rng_below(&rng, 200) - 100));
    default:
        return (uint16_t)(sign | (0x3fff + (r >> 10 & 15) - 8));
    }
}

static struct m80 random80(void)
{
    struct m80 r = { random_sig(), random_se() };

    if (rng_below(&rng, 16)) {
        r.sig |= r.se & 0x7fff ? UINT64_C(1) << 63 : 0;
    }
    return r;
}

static struct x87_float from80(struct m80 m)
{
    return (struct x87_float) { m.sig, m.se };
}

/* Two operands, often close to each other; the masks are mostly set, as programs have them. */
static struct host_op random_op(void)
{
    struct host_op h = { .a = random80(), .b = random80() };
    uint32_t r = rng_u32(&rng);

    if (!(r & 7)) {
        h.b = h.a;
        h.b.se = (uint16_t)(h.b.se + (r >> 8 & 3) - 1);
        h.b.sig += r >> 10 & 1;
        h.b.se ^= (uint16_t)(r >> 11 << 15);
    }
    h.cw = (uint16_t)((r >> 12 & 0xf00) | 0x40 | (r >> 24 & 1 ? r >> 25 & 0x3f : 0x3f));
    rng_bytes(&rng, h.mem, sizeof(h.mem));
    return h;
}

/* ---- Comparing ---- */

#define ST_EXCEPTIONS (X87_EXCEPTIONS | X87_CC)

static char *print80(char *buf, struct m80 m)
{
    sprintf(buf, "%04x:%016llx", m.se, (unsigned long long)m.sig);
    return buf;
}

static void fail_case(const char *what, const struct host_op *h, struct m80 want, uint16_t want_flags,
                      struct x87_float got, uint16_t got_flags)
{
    char a[32], b[32], w[32], g[32];

    ck_abort_msg("%s a %s b %s mem %016llx cw %03x: host %s flags %04x, we %s flags %04x", what, print80(a, h->a),
                 print80(b, h->b), (unsigned long long)*(const uint64_t *)(const void *)h->mem, h->cw,
                 print80(w, want), want_flags, print80(g, (struct m80) { got.sig, got.se }), got_flags);
}

/* Register `i` and the flags of the host against ours. */
static void check_st(const char *what, const struct host_op *h, unsigned i, struct x87_float r, uint16_t flags)
{
    struct m80 want = h->out.st[i];
    uint16_t want_flags = h->out.sw & ST_EXCEPTIONS;

    if (want.sig != r.sig || want.se != r.se || want_flags != flags) {
        fail_case(what, h, want, want_flags, r, flags);
    }
}

typedef void (*host_fn)(struct host_op *h);
typedef struct x87_float (*binary_fn)(struct x87_float a, struct x87_float b, struct x87_env *e);

static void check_binary(const char *what, host_fn host, binary_fn ours)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct host_op h = random_op();
        struct x87_env e = { .control = h.cw };
        struct x87_float r = ours(from80(h.a), from80(h.b), &e);

        host(&h);
        if (x87_no_result(&e)) {
            r = from80(h.a);
        }
        check_st(what, &h, 0, r, e.flags);
    }
}

START_TEST(arithmetic_agrees_with_the_host)
{
    check_binary("fadd", host_add, x87_add);
    check_binary("fsub", host_sub, x87_sub);
    check_binary("fmul", host_mul, x87_mul);
    check_binary("fdiv", host_div, x87_div);
}
END_TEST

static struct x87_float ours_sqrt(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    (void)b;
    return x87_sqrt(a, e);
}

static struct x87_float ours_rndint(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    (void)b;
    return x87_round_to_int(a, e);
}

static struct x87_float ours_prem(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    return x87_remainder(a, b, false, e);
}

static struct x87_float ours_prem1(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    return x87_remainder(a, b, true, e);
}

static struct x87_float ours_com(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    e->flags |= x87_compare(a, b, true, e);
    return a;
}

static struct x87_float ours_ucom(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    e->flags |= x87_compare(a, b, false, e);
    return a;
}

START_TEST(square_roots_and_integral_values_agree_with_the_host)
{
    check_binary("fsqrt", host_sqrt, ours_sqrt);
    check_binary("frndint", host_rndint, ours_rndint);
}
END_TEST

START_TEST(scaling_and_remainders_agree_with_the_host)
{
    check_binary("fscale", host_scale, x87_scale);
    check_binary("fprem", host_prem, ours_prem);
    check_binary("fprem1", host_prem1, ours_prem1);
}
END_TEST

START_TEST(comparisons_agree_with_the_host)
{
    check_binary("fcom", host_com, ours_com);
    check_binary("fucom", host_ucom, ours_ucom);
}
END_TEST

START_TEST(extraction_agrees_with_the_host)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct host_op h = random_op();
        struct x87_env e = { .control = h.cw };
        struct x87_float exponent, r = x87_extract(from80(h.a), &exponent, &e);

        host_xtract(&h);
        if (x87_no_result(&e)) {
            check_st("fxtract", &h, 0, from80(h.a), e.flags);
        } else {
            check_st("fxtract", &h, 0, r, e.flags);
            check_st("fxtract", &h, 1, exponent, e.flags);
        }
    }
}
END_TEST

/* A value that has NaNs, denormals and infinities of its format often */
static uint64_t random_narrow(unsigned exp_bits, unsigned frac_bits)
{
    uint64_t max = mask64(exp_bits), exp = rng_below(&rng, 4) ? rng_u64(&rng) & max : rng_below(&rng, 2) * max;

    return exp << frac_bits | (random_sig() & mask64(frac_bits)) | rng_u64(&rng) << (exp_bits + frac_bits);
}

START_TEST(loads_agree_with_the_host)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct host_op h = random_op(), h64 = h, hi = h, hb = h;
        struct x87_env e = { .control = h.cw }, e64 = e, none = { .control = h.cw };
        uint32_t f32 = (uint32_t)random_narrow(8, 23);
        uint64_t f64 = random_narrow(11, 52), n = random_sig();
        struct x87_float r = x87_from_f32(f32, &e), r64 = x87_from_f64(f64, &e64);

        memcpy(h.mem, &f32, 4);
        memcpy(h64.mem, &f64, 8);
        memcpy(hi.mem, &n, 8);
        host_ld32(&h);
        host_ld64(&h64);
        host_ldi64(&hi);
        host_ldbcd(&hb);
        check_st("fld m32", &h, 0, e.flags & ~e.control & X87_IE ? from80(h.a) : r, e.flags);
        check_st("fld m64", &h64, 0, e64.flags & ~e64.control & X87_IE ? from80(h.a) : r64, e64.flags);
        check_st("fild m64", &hi, 0, x87_from_int((int64_t)n), none.flags);
        check_st("fbld", &hb, 0, x87_from_bcd(hb.mem), none.flags);
    }
}
END_TEST

/* The memory operand of a store: `r` in its low bytes, or what was there. */
static void check_store(const char *what, struct host_op h, host_fn host, const void *r, unsigned n,
                        const struct x87_env *e)
{
    uint8_t want[16];
    uint64_t v = 0;

    memcpy(want, h.mem, sizeof(want));
    if (!x87_no_store(e)) {
        memcpy(want, r, n);
        memcpy(&v, r, MIN_OF(n, 8));
    }
    host(&h);
    if (memcmp(want, h.mem, sizeof(want)) != 0 || (h.out.sw & ST_EXCEPTIONS) != e->flags) {
        fail_case(what, &h, h.a, h.out.sw & ST_EXCEPTIONS, (struct x87_float) { v, 0 }, e->flags);
    }
}

START_TEST(stores_of_reals_agree_with_the_host)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct host_op h = random_op();
        struct x87_env e32 = { .control = h.cw }, e64 = e32;
        uint32_t f32 = x87_to_f32(from80(h.a), &e32);
        uint64_t f64 = x87_to_f64(from80(h.a), &e64);

        check_store("fst m32", h, host_st32, &f32, 4, &e32);
        check_store("fst m64", h, host_st64, &f64, 8, &e64);
    }
}
END_TEST

START_TEST(stores_of_integers_agree_with_the_host)
{
    static const struct {
        const char *name;
        host_fn host;
        uint8_t bits;
        bool truncate;
    } ops[] = {
        { "fistp m16", host_st16i, 16, false },   { "fistp m32", host_st32i, 32, false },
        { "fistp m64", host_st64i, 64, false },   { "fisttp m16", host_stt16i, 16, true },
        { "fisttp m32", host_stt32i, 32, true }, { "fisttp m64", host_stt64i, 64, true },
    };

    for (int i = 0; i < ROUNDS; i++) {
        struct host_op h = random_op();
        struct x87_env e = { .control = h.cw };
        uint8_t bcd[10];

        for (unsigned k = 0; k < ARRAY_SIZE(ops); k++) {
            int64_t v;

            e.flags = 0;
            v = x87_to_int(from80(h.a), ops[k].bits, ops[k].truncate, &e);
            check_store(ops[k].name, h, ops[k].host, &v, ops[k].bits / 8, &e);
        }
        e.flags = 0;
        x87_to_bcd(from80(h.a), bcd, &e);
        check_store("fbstp", h, host_stbcd, bcd, 10, &e);
    }
}
END_TEST

/* ---- Transcendental functions ---- */

static const struct {
    const char *name;
    host_fn host;
    int exp_low, exp_high;       /* of the operand */
    bool two_results;
} functions[] = {
    [X87_SIN] = { "fsin", host_sin, -20, 62, false },       [X87_COS] = { "fcos", host_cos, -20, 62, false },
    [X87_SINCOS] = { "fsincos", host_sincos, -20, 62, true }, [X87_TAN] = { "fptan", host_tan, -20, 62, true },
    [X87_ATAN2] = { "fpatan", host_atan2, -20, 20, false }, [X87_EXP2M1] = { "f2xm1", host_exp2m1, -30, -1, false },
    [X87_YLOG2] = { "fyl2x", host_ylog2, -40, 40, false },  [X87_YLOG2P1] = { "fyl2xp1", host_ylog2p1, -30, -3, false },
};

static struct m80 random_normal(int low, int high)
{
    struct m80 r = { rng_u64(&rng) | UINT64_C(1) << 63, (uint16_t)(0x3fff + low + (int)rng_below(&rng, (uint32_t)(high - low + 1))) };

    r.se ^= (uint16_t)(rng_u32(&rng) & 0x8000);
    return r;
}

/* Equal or neighbours: 0 or 1; else 2. Cases at a power of two do not occur by chance. */
static unsigned distance(struct m80 want, struct x87_float r)
{
    uint64_t d = want.sig - r.sig;

    return want.se != r.se || (d + 1 > 2) ? 2 : d != 0;
}

START_TEST(functions_are_within_an_ulp_of_the_host)
{
    enum { CASES = 4000 };
    unsigned f = (unsigned)_i, differ = 0;

    for (int i = 0; i < CASES; i++) {
        struct host_op h = { .a = random_normal(functions[f].exp_low, functions[f].exp_high), .b = random_normal(-20, 20),
                             .cw = X87_CW_DEFAULT };
        struct x87_env e = { .control = h.cw }, e_host = e;
        struct x87_float second, own, r;

        h.a.se &= f == X87_YLOG2 ? 0x7fff : 0xffff;
        r = x87_soft_function((enum x87_function)f, from80(h.a), from80(h.b), &second, &e);
        own = x87_function((enum x87_function)f, from80(h.a), from80(h.b), &second, &e_host);
        functions[f].host(&h);
        differ += distance(h.out.st[functions[f].two_results], r);
        if (distance(h.out.st[functions[f].two_results], r) > 1 || distance(h.out.st[functions[f].two_results], own) ||
            (h.out.sw & (X87_EXCEPTIONS | X87_C2)) != (e.flags & (X87_EXCEPTIONS | X87_C2))) {
            fail_case(functions[f].name, &h, h.out.st[functions[f].two_results], h.out.sw & ST_EXCEPTIONS, r, e.flags);
        }
    }
    ck_assert_msg(differ <= CASES / 5, "%s: %u of %d results differ from the host's", functions[f].name, differ, CASES);
}
END_TEST

#endif

START_TEST(functions_have_known_values)
{
    /* f(a, b) to 64 bits, rounded to nearest: sine of 1, atan of 1/1, log2 of 3, log2 of 2^70 + 1, 2^0.5 - 1 */
    static const struct {
        enum x87_function f;
        struct x87_float a, b, want;
    } known[] = {
        { X87_SIN, { UINT64_C(0x8000000000000000), 0x3fff }, { 0, 0 }, { UINT64_C(0xd76aa47848677021), 0x3ffe } },
        { X87_ATAN2, { UINT64_C(0x8000000000000000), 0x3fff }, { UINT64_C(0x8000000000000000), 0x3fff },
          { UINT64_C(0xc90fdaa22168c235), 0x3ffe } },
        { X87_YLOG2, { UINT64_C(0xc000000000000000), 0x4000 }, { UINT64_C(0x8000000000000000), 0x3fff },
          { UINT64_C(0xcae00d1cfdeb43d0), 0x3fff } },
        { X87_YLOG2P1, { UINT64_C(0x8000000000000000), 0x3fff + 70 }, { UINT64_C(0x8000000000000000), 0x3fff },
          { UINT64_C(0x8c00000000000000), 0x4005 } },
        { X87_EXP2M1, { UINT64_C(0x8000000000000000), 0x3ffe }, { 0, 0 }, { UINT64_C(0xd413cccfe7799211), 0x3ffd } },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
        struct x87_env e = { .control = X87_CW_DEFAULT };
        struct x87_float second, r = x87_soft_function(known[i].f, known[i].a, known[i].b, &second, &e);

        ck_assert_msg(r.sig == known[i].want.sig && r.se == known[i].want.se, "%u: %04x:%016llx", i, r.se,
                      (unsigned long long)r.sig);
        ck_assert_uint_eq(e.flags & X87_EXCEPTIONS, X87_PE);
    }
}
END_TEST

static Suite *suite_x87float(void)
{
    Suite *s = suite_create("x87float");
    TCase *t = tcase_create("x87float");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
#if defined(__x86_64__)
    tcase_add_test(t, arithmetic_agrees_with_the_host);
    tcase_add_test(t, square_roots_and_integral_values_agree_with_the_host);
    tcase_add_test(t, scaling_and_remainders_agree_with_the_host);
    tcase_add_test(t, comparisons_agree_with_the_host);
    tcase_add_test(t, extraction_agrees_with_the_host);
    tcase_add_test(t, loads_agree_with_the_host);
    tcase_add_test(t, stores_of_reals_agree_with_the_host);
    tcase_add_test(t, stores_of_integers_agree_with_the_host);
    tcase_add_loop_test(t, functions_are_within_an_ulp_of_the_host, 0, ARRAY_SIZE(functions));
#endif
    tcase_add_test(t, functions_have_known_values);
    suite_add_tcase(s, t);
    return s;
}

TEST_SUITE(suite_x87float)
