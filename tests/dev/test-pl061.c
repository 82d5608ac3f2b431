/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/gpio/pl061.c against DDI 0190B, and the key beside it. */
#include "config.h"
#include "tests/dev/harness.h"

#define GPIO 0x09030000u
enum gpio { DATA = GPIO, DIRN = GPIO + 0x400, IS = GPIO + 0x404, IBE = GPIO + 0x408, IEV = GPIO + 0x40c,
            IE = GPIO + 0x410, RIS = GPIO + 0x414, MIS = GPIO + 0x418, IC = GPIO + 0x41c };
#define ALL (DATA + 0x3fc)

static struct harness *h;
static struct device *gpio;

static void setup(void)
{
    h = harness_new();
    gpio = harness_realize(h, harness_device(h, "pl061"), GPIO);
    harness_watch(h, gpio, 0, 9, 0);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(address_selects_pins)
{
    dev_write32(h, DIRN, 0xff);
    dev_write32(h, DATA + (0x0f << 2), 0xff);
    ck_assert_reg(h, ALL, 0x0f);
    ck_assert_reg(h, DATA + (0x3 << 2), 0x03);
    ck_assert_irq(h, 1, true);
    ck_assert_irq(h, 5, false);
    dev_write32(h, DATA + (1 << 2), 0);
    ck_assert_irq(h, 1, false);
    ck_assert_reg(h, ALL, 0x0e);
}
END_TEST

START_TEST(inputs_are_read_and_not_written)
{
    irq_set(device_in(gpio, 2), true);
    ck_assert_reg(h, ALL, 4);
    dev_write32(h, ALL, 0xff);
    ck_assert_reg(h, ALL, 4);
    ck_assert_irq(h, 3, false);
}
END_TEST

START_TEST(rising_edge_interrupts_until_cleared)
{
    dev_write32(h, IEV, 8);
    dev_write32(h, IE, 8);
    irq_set(device_in(gpio, 3), true);
    ck_assert_irq(h, 0, true);
    irq_set(device_in(gpio, 3), false);
    ck_assert_reg(h, MIS, 8);
    dev_write32(h, IC, 8);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(both_edges)
{
    dev_write32(h, IBE, 1);
    irq_set(device_in(gpio, 0), true);
    ck_assert_reg(h, RIS, 1);
    dev_write32(h, IC, 1);
    irq_set(device_in(gpio, 0), false);
    ck_assert_reg(h, RIS, 1);
    ck_assert_reg(h, MIS, 0);
}
END_TEST

START_TEST(level_follows_the_pin)
{
    dev_write32(h, IS, 2);
    dev_write32(h, IE, 2);
    ck_assert_irq(h, 0, true);           /* low is the level of interest */
    dev_write32(h, IEV, 2);
    ck_assert_irq(h, 0, false);
    irq_set(device_in(gpio, 1), true);
    ck_assert_irq(h, 0, true);
    dev_write32(h, IC, 2);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(key_is_down_for_a_tenth_of_a_second)
{
    struct device *key = harness_realize(h, harness_device(h, "gpio-key"), 0);

    device_connect(key, 0, device_in(gpio, 3));
    irq_set(device_in(key, 0), true);
    irq_set(device_in(key, 0), false);
    ck_assert_reg(h, ALL, 8);
    clock_step(h, 99999999);
    ck_assert_reg(h, ALL, 8);
    clock_step(h, 1);
    ck_assert_reg(h, ALL, 0);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, GPIO, 0x1000, 50000, 9);
}
END_TEST

static Suite *pl061_suite(void)
{
    Suite *s = suite_create("pl061");
    TCase *t = tcase_create("pl061");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, address_selects_pins);
    tcase_add_test(t, inputs_are_read_and_not_written);
    tcase_add_test(t, rising_edge_interrupts_until_cleared);
    tcase_add_test(t, both_edges);
    tcase_add_test(t, level_follows_the_pin);
    tcase_add_test(t, key_is_down_for_a_tenth_of_a_second);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(pl061_suite)
