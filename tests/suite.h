/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unit test file ends with
 *
 *     static Suite *suite_fold(void) { ... tcase_add_test ... }
 *     TEST_SUITE(suite_fold)
 *
 * and its object stands in the folder's files.mk; tests/run.c finds it.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

/* Check's own writes a record to a file for every assertion that holds, 2 us
 * each, to say where a test was when it crashed.  Tests that assert in loops
 * spend nearly all their time there; mark_point() does it where it helps. */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...)                                               \
    ((expr) ? (void)0                                                          \
            : _ck_assert_failed(__FILE__, __LINE__,                            \
                                "Assertion '" #expr "' failed", ##__VA_ARGS__))

typedef Suite *(*test_suite_fn)(void);

/* Called before main by TEST_SUITE. */
void test_suite_add(test_suite_fn make);

#define TEST_SUITE(fn)                                                         \
    static void __attribute__((constructor)) fn##_register(void)               \
    {                                                                          \
        test_suite_add(fn);                                                    \
    }

#endif
