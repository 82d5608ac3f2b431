/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of util/bits.h, util/int128.h and util/endian.h. */
#include "config.h"

#include <stdlib.h>

#include "tests/suite.h"
#include "util/bits.h"
#include "util/endian.h"
#include "util/int128.h"

START_TEST(fields)
{
    ck_assert_uint_eq(extract32(0xabcd1234, 8, 8), 0x12);
    ck_assert_uint_eq(extract32(0xabcd1234, 0, 32), 0xabcd1234);
    ck_assert_uint_eq(extract64(UINT64_MAX, 63, 1), 1);
    ck_assert_uint_eq(deposit32(0, 4, 4, 0xff), 0xf0);
    ck_assert_uint_eq(deposit32(~0u, 0, 32, 5), 5);
    ck_assert_uint_eq(deposit64(UINT64_MAX, 32, 32, 0), 0xffffffff);
    ck_assert_int_eq(sextract32(0x00008000, 8, 8), -128);
    ck_assert_int_eq(sextend32(0x7f, 8), 127);
    ck_assert_int_eq(sextend64(UINT64_MAX, 64), -1);
    ck_assert_int_eq(sextract64(UINT64_C(0xf0), 4, 4), -1);
}
END_TEST

START_TEST(rotations)
{
    ck_assert_uint_eq(ror32(1, 1), 0x80000000);
    ck_assert_uint_eq(ror32(0x12345678, 0), 0x12345678);
    ck_assert_uint_eq(ror32(0x12345678, 32), 0x12345678);
    ck_assert_uint_eq(rol32(0x80000001, 1), 3);
    ck_assert_uint_eq(ror64(1, 1), BIT64(63));
    ck_assert_uint_eq(rol64(1, 63), BIT64(63));
    ck_assert_uint_eq(ror16(1, 1), 0x8000);
    ck_assert_uint_eq(ror8(1, 9), 0x80);
}
END_TEST

START_TEST(counts)
{
    ck_assert_uint_eq(clz32(0), 32);
    ck_assert_uint_eq(clz32(1), 31);
    ck_assert_uint_eq(ctz64(0), 64);
    ck_assert_uint_eq(ctz64(BIT64(40)), 40);
    ck_assert_uint_eq(popcount64(UINT64_MAX), 64);
    ck_assert(is_pow2(64) && !is_pow2(0) && !is_pow2(3));
    ck_assert_uint_eq(align_up(4097, 4096), 8192);
    ck_assert_uint_eq(align_down(4097, 4096), 4096);
    ck_assert_uint_eq(pow2_ceil(5), 8);
    ck_assert_uint_eq(pow2_ceil(8), 8);
}
END_TEST

START_TEST(bit_order)
{
    ck_assert_uint_eq(reverse32(1), 0x80000000);
    ck_assert_uint_eq(reverse64(2), BIT64(62));
    for (unsigned i = 0; i < 256; i++)
        ck_assert_uint_eq(reverse8((uint8_t)i), reverse32(i) >> 24);
}
END_TEST

START_TEST(byte_order)
{
    uint8_t b[9] = {0};

    st32_le(b + 1, 0x01020304);
    ck_assert_uint_eq(b[1], 4);
    ck_assert_uint_eq(ld32_be(b + 1), 0x04030201);
    st64_be(b + 1, UINT64_C(0x0102030405060708));
    ck_assert_uint_eq(b[1], 1);
    ck_assert_uint_eq(ld16_le(b + 1), 0x0201);
    ck_assert(ld64_le(b + 1) == UINT64_C(0x0807060504030201));
}
END_TEST

START_TEST(wide)
{
    ck_assert(mulhi_u64(UINT64_MAX, UINT64_MAX) == UINT64_MAX - 1);
    ck_assert(mulhi_s64(-1, 1) == -1);
    ck_assert(muldiv_u64(UINT64_MAX, 1000, 1000) == UINT64_MAX);
    ck_assert(uint128_high(uint128_make(1, 2)) == 2);
}
END_TEST

static Suite *suite_bits(void)
{
    Suite *s = suite_create("bits");
    TCase *tc = tcase_create("bits");

    tcase_add_test(tc, fields);
    tcase_add_test(tc, rotations);
    tcase_add_test(tc, counts);
    tcase_add_test(tc, bit_order);
    tcase_add_test(tc, byte_order);
    tcase_add_test(tc, wide);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_bits)
