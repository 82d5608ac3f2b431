/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs every Check suite that is linked in, or those named on the command
 * line.  One such program per folder of tests.
 *
 *     run [-v] [SUITE...]      -v prints each test
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

enum { MAX_SUITES = 256 };

static test_suite_fn suites[MAX_SUITES];
static int nsuites;

void test_suite_add(test_suite_fn make)
{
    if (nsuites == MAX_SUITES) {
        fprintf(stderr, "run: more than %d suites\n", MAX_SUITES);
        abort();
    }
    suites[nsuites++] = make;
}

/* Returns the number of failures; a name that matches nothing is one. */
static int run_suites(const char *only, enum print_output mode)
{
    SRunner *runner = srunner_create(NULL);
    int failed;

    for (int i = 0; i < nsuites; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run(runner, only, NULL, mode);
    failed = srunner_ntests_failed(runner);
    if (srunner_ntests_run(runner) == 0) {
        fprintf(stderr, "run: no tests%s%s\n", only ? " in suite " : "",
                only ? only : "");
        failed++;
    }
    srunner_free(runner);
    return failed;
}

int main(int argc, char **argv)
{
    enum print_output mode = CK_NORMAL;
    int first = 1, failed = 0;

    /* A crash must not lose what was printed before it. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        mode = CK_VERBOSE;
        first++;
    }
    if (first == argc)
        failed = run_suites(NULL, mode);
    for (int i = first; i < argc; i++)
        failed += run_suites(argv[i], mode);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
