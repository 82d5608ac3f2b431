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

typedef Suite *(*test_suite_fn)(void);

/* Called before main by TEST_SUITE. */
void test_suite_add(test_suite_fn make);

#define TEST_SUITE(fn)                                                         \
    static void __attribute__((constructor)) fn##_register(void)               \
    {                                                                          \
        test_suite_add(fn);                                                    \
    }

#endif
