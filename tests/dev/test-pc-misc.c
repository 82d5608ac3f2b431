/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small devices of a PC: port 92h, debug console, isa-debug-exit, pvpanic. */
#include "config.h"
#include "tests/dev/harness.h"
#include "util/event-loop.h"

static struct harness *h;

static void setup(void)
{
    h = harness_new();
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(port92)
{
    struct device *dev = harness_realize(h, harness_device(h, "port92"), 0x92);

    harness_watch(h, dev, 0, 1, 0);
    dev_write(h, 0x92, 1, 2);
    ck_assert_irq(h, 0, false);
    dev_write(h, 0x92, 1, 0);
    ck_assert_irq(h, 0, true);
    dev_write(h, 0x92, 1, 2);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(dev_read(h, 0x92, 1), 2);
    ck_assert(!h->m->reset_requested);
    dev_write(h, 0x92, 1, 3);
    ck_assert(h->m->reset_requested);
}
END_TEST

START_TEST(debugcon)
{
    struct device *dev = harness_device(h, "isa-debugcon");
    char out[16];

    device_set_chardev(dev, "chardev", harness_chardev(h));
    harness_realize(h, dev, 0xe9);
    ck_assert_uint_eq(dev_read(h, 0xe9, 1), 0xe9);
    dev_write(h, 0xe9, 1, 'h');
    dev_write(h, 0xe9, 1, 'i');
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "hi");
}
END_TEST

START_TEST(debug_exit)
{
    struct device *dev = harness_device(h, "isa-debug-exit");

    device_set_u64(dev, "iosize", 4);
    harness_realize(h, dev, 0xf4);
    dev_write(h, 0xf4, 4, 0x10);
    ck_assert_int_eq(event_loop_run(h->loop), 0x21);
}
END_TEST

START_TEST(debug_exit_checks_its_size)
{
    struct device *dev = harness_device(h, "isa-debug-exit");

    device_set_u64(dev, "iosize", 3);
    ck_assert(!device_realize(dev, NULL));
}
END_TEST

START_TEST(pvpanic)
{
    harness_realize(h, harness_device(h, "pvpanic"), 0x505);
    ck_assert_uint_eq(dev_read(h, 0x505, 1), 3);
    dev_write(h, 0x505, 1, 2);
    ck_assert(!h->m->poweroff_requested);
    dev_write(h, 0x505, 1, 1);
    ck_assert(h->m->poweroff_requested);
}
END_TEST

static Suite *pc_misc_suite(void)
{
    Suite *s = suite_create("pc-misc");
    TCase *t = tcase_create("pc-misc");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, port92);
    tcase_add_test(t, debugcon);
    tcase_add_test(t, debug_exit);
    tcase_add_test(t, debug_exit_checks_its_size);
    tcase_add_test(t, pvpanic);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(pc_misc_suite)
