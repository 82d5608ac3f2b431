/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target-arm/helper-simdfp.c, above all where qemu-aarch64 7.2 departs from DDI 0487 so that tests/random leaves it out. */
#include "config.h"
#include <string.h>
#include <check.h>
#include "target-arm/a64-simdfp.h"
#include "tests/suite.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

static struct arm_cpu *cpu;
static struct tcg_env *env;
static struct fp_env *fp;

static void setup(void)
{
    cpu = calloc(1, sizeof(*cpu));
    ck_assert_ptr_nonnull(cpu);
    env = &cpu->cpu.env;
    fp = &env->fp[A64_FP_ENV];
    fp->tiny_before = 1;
}

static void teardown(void)
{
    free(cpu);
}

static const uint64_t Z = (uint64_t)1 << 32;

static void check_js(uint64_t v, uint64_t want, unsigned flags)
{
    fp->flags = 0;
    ck_assert_uint_eq(helper_a64_fjcvtzs(env, v), want);
    ck_assert_uint_eq(fp->flags, flags);
}

/* FPToFixedJS(): Z is set for what an int32_t holds exactly, but -0; other numbers are taken modulo 2^32. */
START_TEST(fjcvtzs_wraps_and_sets_z_for_exact_results)
{
    check_js(0, Z, 0);
    check_js(0x8000000000000000, 0, 0);                             /* -0 */
    check_js(0x4045000000000000, Z | 42, 0);
    check_js(0xc045000000000000, Z | (uint32_t)-42, 0);
    check_js(0xbff8000000000000, (uint32_t)-1, FP_INEXACT);         /* -1.5 */
    check_js(0x41e0000000000000, 0x80000000, FP_INVALID);           /* 2^31 */
    check_js(0xc1e0000000000000, Z | 0x80000000, 0);                /* -2^31 */
    check_js(0x41f0000000200000, 2, FP_INVALID);                    /* 2^32 + 2 */
    check_js(0xc200000000080000, (uint32_t)-1, FP_INVALID);         /* -(2^33 + 1) */
    check_js(0x43f0000000000000, 0, FP_INVALID);                    /* 2^64 */
    check_js(0x7ff0000000000000, 0, FP_INVALID);
    check_js(0x7ff8000000000000, 0, FP_INVALID);
    check_js(1, 0, FP_INEXACT);
}
END_TEST

START_TEST(fjcvtzs_of_a_flushed_denormal_is_not_exact)
{
    fp->flush_inputs = 1;
    check_js(1, 0, FP_INPUT_DENORMAL);
    check_js(0x8000000000000001, 0, FP_INPUT_DENORMAL);
    check_js(0, Z, 0);
}
END_TEST

/* One operand: op of v's lanes from V1 into V0 */
static void one(enum vfp1 op, unsigned size, unsigned lanes, uint32_t arg, uint64_t v)
{
    cpu->d[0] = cpu->d[1] = ~0ull;
    cpu->d[2] = v;
    cpu->d[3] = 0;
    fp->flags = 0;
    helper_a64_vfp1(env, VFP_WHAT(op, size, lanes, arg), VFP_REGS(0, 1));
}

/* FCVTZS <Hd>, <Hn>, #<fbits>: nothing of the sign above bit 15 */
START_TEST(negative_fixed_point_half_is_zero_above)
{
    one(VFP_TO_INT, 1, 1, VFP_INT(FP_ROUND_ZERO, true, 3), 0xc000);         /* -2 */
    ck_assert_uint_eq(cpu->d[0], 0xfff0);
    ck_assert_uint_eq(cpu->d[1], 0);
    one(VFP_TO_INT, 1, 1, VFP_INT(FP_ROUND_ZERO, true, 16), 0xc000);
    ck_assert_uint_eq(cpu->d[0], 0x8000);
    ck_assert_uint_eq(fp->flags, FP_INVALID);
}
END_TEST

START_TEST(estimates_at_the_ends_of_the_range)
{
    one(VFP_RECPE, 2, 2, 0, 0x7f0000003f800000);        /* 2^127, 1 */
    ck_assert_uint_eq(cpu->d[0], 0x003fe0003f7f8000);
    one(VFP_RECPE, 2, 1, 0, 0x00100000);                /* a denormal whose inverse is too large */
    ck_assert_uint_eq(cpu->d[0], 0x7f800000);
    ck_assert_uint_eq(fp->flags, FP_OVERFLOW | FP_INEXACT);
    fp->rounding = FP_ROUND_ZERO;
    one(VFP_RECPE, 2, 1, 0, 0x00100000);
    ck_assert_uint_eq(cpu->d[0], 0x7f7fffff);
    fp->flush_outputs = 1;
    one(VFP_RECPE, 2, 1, 0, 0x7f000000);
    ck_assert_uint_eq(cpu->d[0], 0);
    ck_assert_uint_eq(fp->flags, FP_UNDERFLOW);
    one(VFP_RSQRTE, 2, 1, 0, 0xbf800000);
    ck_assert_uint_eq(cpu->d[0], 0x7fc00000);
    ck_assert_uint_eq(fp->flags, FP_INVALID);
    one(VFP_RECPX, 2, 1, 0, 0x3fc00000);
    ck_assert_uint_eq(cpu->d[0], 0x40000000);
}
END_TEST

START_TEST(rounding_to_int32_gives_the_least_one_for_what_does_not_fit)
{
    one(VFP_RINTN, 2, 2, FP_ROUND_ZERO | 32 << 8, 0x7fc000003fc00000);      /* NaN, 1.5 */
    ck_assert_uint_eq(cpu->d[0], 0xcf0000003f800000);
    ck_assert_uint_eq(fp->flags, FP_INVALID | FP_INEXACT);
    one(VFP_RINTN, 2, 1, FP_ROUND_ZERO | 32 << 8, 0x4f000000);              /* 2^31 */
    ck_assert_uint_eq(cpu->d[0], 0xcf000000);
    one(VFP_RINTN, 2, 1, FP_ROUND_ZERO | 64 << 8, 0x4f000000);
    ck_assert_uint_eq(cpu->d[0], 0x4f000000);
    ck_assert_uint_eq(fp->flags, 0);
}
END_TEST

static Suite *suite_helper_simdfp(void)
{
    Suite *s = suite_create("helper-simdfp");
    TCase *t = tcase_create("helper-simdfp");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, fjcvtzs_wraps_and_sets_z_for_exact_results);
    tcase_add_test(t, fjcvtzs_of_a_flushed_denormal_is_not_exact);
    tcase_add_test(t, negative_fixed_point_half_is_zero_above);
    tcase_add_test(t, estimates_at_the_ends_of_the_range);
    tcase_add_test(t, rounding_to_int32_gives_the_least_one_for_what_does_not_fit);
    suite_add_tcase(s, t);
    return s;
}

TEST_SUITE(suite_helper_simdfp)
