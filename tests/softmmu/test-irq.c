/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt lines and the or gate. */
#include "config.h"
#include <check.h>
#include "softmmu/irq.h"
#include "tests/suite.h"

static int last_n = -1;
static bool last_level;

static void note(void *opaque, int n, bool level)
{
    (void)opaque;
    last_n = n;
    last_level = level;
}

START_TEST(input_knows_its_number)
{
    struct irq *in = irq_new_array(note, NULL, 3);

    irq_set(&in[2], true);
    ck_assert_int_eq(last_n, 2);
    ck_assert(last_level);
    irq_pulse(&in[1]);
    ck_assert_int_eq(last_n, 1);
    ck_assert(!last_level);
    irq_set(NULL, true);
    irq_free_array(in);
}
END_TEST

START_TEST(or_gate_falls_with_its_last_input)
{
    struct irq *out = irq_new_array(note, NULL, 1), *in = irq_or_new(out, 2);

    irq_set(&in[0], true);
    irq_set(&in[0], true);
    irq_set(&in[1], true);
    irq_set(&in[0], false);
    ck_assert(last_level);
    irq_set(&in[1], false);
    ck_assert(!last_level);
    irq_or_free(in);
    irq_free_array(out);
}
END_TEST

static Suite *suite_irq(void)
{
    Suite *s = suite_create("irq");
    TCase *t = tcase_create("irq");

    tcase_add_test(t, input_knows_its_number);
    tcase_add_test(t, or_gate_falls_with_its_last_input);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_irq)
