/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of util/keyval.c. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "util/keyval.h"

static void expect_error(GError **err, const char *text)
{
    ck_assert_ptr_nonnull(*err);
    ck_assert_msg(strstr((*err)->message, text), "'%s' lacks '%s'",
                  (*err)->message, text);
    g_clear_error(err);
}

START_TEST(parts)
{
    struct keyval *kv = keyval_parse("virt,a=1,,2,b,noc,d=x=y", "type", NULL);
    const char *value;

    ck_assert_str_eq(keyval_get(kv, "type"), "virt");
    ck_assert_str_eq(keyval_get(kv, "a"), "1,2");
    ck_assert_str_eq(keyval_get(kv, "b"), "on");
    ck_assert_str_eq(keyval_get(kv, "c"), "off");
    ck_assert_str_eq(keyval_get(kv, "d"), "x=y");
    ck_assert_ptr_null(keyval_get(kv, "e"));
    ck_assert_str_eq(keyval_at(kv, 1, &value), "a");
    ck_assert_str_eq(value, "1,2");
    ck_assert_ptr_null(keyval_at(kv, 5, &value));
    ck_assert(keyval_finish(kv, "x", NULL, NULL));
    keyval_free(kv);
}
END_TEST

START_TEST(the_last_value_wins)
{
    struct keyval *kv = keyval_parse("a=1,a=2", NULL, NULL);

    ck_assert_str_eq(keyval_get(kv, "a"), "2");
    ck_assert(keyval_finish(kv, "x", NULL, NULL));
    keyval_free(kv);
}
END_TEST

START_TEST(what_nobody_took_is_named)
{
    struct keyval *kv = keyval_parse("virt,foo=1", "type", NULL);
    GError *err = NULL;

    keyval_get(kv, "type");
    ck_assert(!keyval_finish(kv, "machine virt", "a, b", &err));
    expect_error(&err, "machine virt: no option 'foo' (it has: a, b)");
    keyval_free(kv);
    ck_assert_ptr_null(keyval_parse("virt,=1", "type", &err));
    expect_error(&err, "without a name");
}
END_TEST

START_TEST(typed_values)
{
    struct keyval *kv = keyval_parse("a=on,b=maybe,n=0x10,m=-3", NULL, NULL);
    GError *err = NULL;
    bool flag = false;
    uint64_t n = 5;

    ck_assert(keyval_get_bool(kv, "a", &flag, NULL) && flag);
    ck_assert(keyval_get_bool(kv, "none", &flag, NULL) && flag);
    ck_assert(!keyval_get_bool(kv, "b", &flag, &err));
    expect_error(&err, "b=maybe");
    ck_assert(keyval_get_uint(kv, "n", 0, 16, &n, NULL) && n == 16);
    ck_assert(!keyval_get_uint(kv, "n", 0, 15, &n, &err));
    expect_error(&err, "from 0 to 15");
    ck_assert(!keyval_get_uint(kv, "m", 0, 15, &n, &err));
    g_clear_error(&err);
    keyval_free(kv);
}
END_TEST

START_TEST(sizes)
{
    uint64_t n;

    ck_assert(keyval_parse_size("512", 1 << 20, &n) && n == 512u << 20);
    ck_assert(keyval_parse_size("512M", 1 << 20, &n) && n == 512u << 20);
    ck_assert(keyval_parse_size("4k", 1, &n) && n == 4096);
    ck_assert(keyval_parse_size("1.5G", 1, &n) && n == 3u << 29);
    ck_assert(keyval_parse_size("0x1000", 1, &n) && n == 0x1000);
    ck_assert(!keyval_parse_size("12q", 1, &n));
    ck_assert(!keyval_parse_size("-1", 1, &n));
    ck_assert(!keyval_parse_size("", 1, &n));
    ck_assert(!keyval_parse_size("99999999999T", 1, &n));
}
END_TEST

static Suite *suite_keyval(void)
{
    Suite *s = suite_create("keyval");
    TCase *tc = tcase_create("keyval");

    tcase_add_test(tc, parts);
    tcase_add_test(tc, the_last_value_wins);
    tcase_add_test(tc, what_nobody_took_is_named);
    tcase_add_test(tc, typed_values);
    tcase_add_test(tc, sizes);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_keyval)
