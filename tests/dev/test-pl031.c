/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/pl031.c against DDI 0224C. */
#include "config.h"
#include <time.h>
#include <unistd.h>
#include "tests/dev/harness.h"

#define RTC 0x09010000u
enum rtc { DR = RTC, MR = RTC + 4, LR = RTC + 8, CR = RTC + 0xc, IMSC = RTC + 0x10, RIS = RTC + 0x14, MIS = RTC + 0x18,
           ICR = RTC + 0x1c };

static struct harness *h;

static void setup(void)
{
    struct device *dev;

    h = harness_new();
    dev = harness_realize(h, harness_device(h, "pl031"), RTC);
    harness_watch(h, dev, 0, 1, 0);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(identification)
{
    ck_assert_reg(h, RTC + 0xfe0, 0x31);
    ck_assert_reg(h, RTC + 0xfe4, 0x10);
    ck_assert_reg(h, RTC + 0xff4, 0xf0);
    ck_assert_reg(h, CR, 1);
}
END_TEST

START_TEST(shows_the_hosts_time)
{
    uint32_t before = (uint32_t)time(NULL), now = dev_read32(h, DR), after = (uint32_t)time(NULL);

    ck_assert(now - before <= after - before);
}
END_TEST

START_TEST(can_be_set)
{
    uint32_t now;

    dev_write32(h, LR, 1000);
    ck_assert_reg(h, LR, 1000);
    now = dev_read32(h, DR);
    ck_assert(now == 1000 || now == 1001);
}
END_TEST

START_TEST(alarm_comes_with_its_second)
{
    uint32_t start = dev_read32(h, DR);

    dev_write32(h, IMSC, 1);
    dev_write32(h, MR, start + 1);
    for (int i = 0; i < 300 && !h->level[0]; i++) {
        harness_settle(h);
        usleep(10000);
    }
    ck_assert_irq(h, 0, true);
    ck_assert_reg(h, MIS, 1);
    ck_assert(dev_read32(h, DR) >= start + 1);
    dev_write32(h, ICR, 1);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(match_with_now_interrupts_at_once)
{
    dev_write32(h, LR, 500);
    dev_write32(h, MR, dev_read32(h, DR));
    ck_assert_reg(h, RIS, 1);
    ck_assert_reg(h, MIS, 0);
    dev_write32(h, IMSC, 1);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, RTC, 0x1000, 10000, 7);
    harness_hammer(h, RTC, 0x20, 50000, 8);
}
END_TEST

static Suite *pl031_suite(void)
{
    Suite *s = suite_create("pl031");
    TCase *t = tcase_create("pl031");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, identification);
    tcase_add_test(t, shows_the_hosts_time);
    tcase_add_test(t, can_be_set);
    tcase_add_test(t, alarm_comes_with_its_second);
    tcase_add_test(t, match_with_now_interrupts_at_once);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(pl031_suite)
