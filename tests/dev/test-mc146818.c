/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/mc146818.c against Motorola ADI1197R2. */
#include "config.h"
#include <time.h>
#include "hw/timer/mc146818.h"
#include "tests/dev/harness.h"
#include "util/clock.h"

#define PORT 0x70u
#define START 1700000000                         /* 2023-11-14 22:13:20, a Tuesday */
#define SECOND 1000000000ll
enum { A = 10, B = 11, C = 12, D = 13 };

static struct harness *h;
static struct device *rtc;

static uint8_t get(uint8_t index)
{
    dev_write(h, PORT, 1, index);
    return (uint8_t)dev_read(h, PORT + 1, 1);
}

static void put(uint8_t index, uint8_t v)
{
    dev_write(h, PORT, 1, index);
    dev_write(h, PORT + 1, 1, v);
}

static void setup(void)
{
    h = harness_new();
    clock_pause(h->m->clock);
    clock_set(h->m->clock, 0);
    rtc = harness_device(h, "mc146818rtc");
    device_set_u64(rtc, "vm-clock", 1);
    device_set_u64(rtc, "base", START);
    harness_realize(h, rtc, PORT);
    harness_watch(h, rtc, 0, 1, 0);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(shows_date_and_time)
{
    static const uint8_t bcd[] = { 0x20, 0, 0x13, 0, 0x22, 0, 0x03, 0x14, 0x11, 0x23 };

    for (uint8_t i = 0; i < sizeof(bcd); i++)
        ck_assert_uint_eq(get(i), bcd[i]);
    ck_assert_uint_eq(get(0x32), 0x20);
    ck_assert_uint_eq(get(D), 0x80);
    ck_assert_uint_eq(get(A), 0x26);
    ck_assert_uint_eq(get(B), 2);
    clock_step(h, 45 * SECOND);
    ck_assert_uint_eq(get(0), 0x05);
    ck_assert_uint_eq(get(2), 0x14);
}
END_TEST

START_TEST(other_forms)
{
    put(B, 6);                                   /* binary */
    ck_assert_uint_eq(get(4), 22);
    put(B, 4);                                   /* 12 hours */
    ck_assert_uint_eq(get(4), 0x80 | 10);
    put(B, 0);
    ck_assert_uint_eq(get(4), 0x90);
    clock_step(h, 2 * 3600 * SECOND);            /* after midnight */
    ck_assert_uint_eq(get(4), 0x12);
}
END_TEST

START_TEST(can_be_set)
{
    put(B, 0x82);
    put(0, 0x58), put(2, 0x59), put(4, 0x23), put(7, 0x28), put(8, 0x02), put(9, 0x24), put(6, 0x04);
    clock_step(h, 10 * SECOND);
    ck_assert_uint_eq(get(0), 0x58);             /* it stands */
    put(B, 0x02);
    clock_step(h, 2 * SECOND);
    ck_assert_uint_eq(get(0), 0);
    ck_assert_uint_eq(get(4), 0);
    ck_assert_uint_eq(get(7), 0x29);             /* 2024 is a leap year */
    ck_assert_uint_eq(get(6), 5);
    put(0x32, 0x19);
    ck_assert_uint_eq(get(0x32), 0x19);
    ck_assert_uint_eq(get(9), 0x24);
}
END_TEST

START_TEST(update_in_progress)
{
    clock_step(h, SECOND / 2);
    ck_assert_uint_eq(get(A) & 0x80, 0);
    clock_step(h, SECOND / 2 - 200000);
    ck_assert_uint_eq(get(A) & 0x80, 0x80);
    clock_step(h, 200000);
    ck_assert_uint_eq(get(A) & 0x80, 0);
}
END_TEST

START_TEST(update_interrupt)
{
    put(B, 0x12);
    get(C);
    clock_step(h, SECOND);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(C) & 0xb0, 0x90);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(get(C) & 0x90, 0);
    clock_step(h, SECOND);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(alarm_interrupt)
{
    put(1, 0x25), put(3, 0x13), put(5, 0x22);
    put(B, 0x22);
    get(C);
    clock_step(h, 4 * SECOND);
    ck_assert_irq(h, 0, false);
    clock_step(h, SECOND);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(C) & 0xa0, 0xa0);
    put(1, 0xff), put(3, 0xff), put(5, 0xff);    /* each second */
    clock_step(h, SECOND);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(flags_without_interrupts)
{
    put(1, 0x30), put(3, 0x14), put(5, 0x22);
    get(C);
    clock_step(h, 60 * SECOND);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(get(C), 0x50);
    clock_step(h, 20 * SECOND);
    ck_assert_uint_eq(get(C), 0x70);
}
END_TEST

START_TEST(periodic_interrupt)
{
    int before;

    put(A, 0x2a);                                /* 64 Hz */
    put(B, 0x42);
    before = h->rises[0];
    for (int i = 0; i < 64; i++) {
        clock_step(h, SECOND / 64);
        get(C);
    }
    ck_assert_int_eq(h->rises[0] - before, 64);
    put(A, 0x20);
    clock_step(h, SECOND);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(memory_is_kept)
{
    mc146818_set_cmos(rtc, 0x34, 0x55);
    ck_assert_uint_eq(get(0x34), 0x55);
    put(0x7f, 0x66);
    dev_write(h, PORT + 2, 1, 0x7f);
    dev_write(h, PORT + 3, 1, 0x77);
    ck_assert_uint_eq(mc146818_get_cmos(rtc, 255), 0x77);
    put(B, 0x72);
    device_reset(rtc);
    ck_assert_uint_eq(get(0x7f), 0x66);
    ck_assert_uint_eq(get(0x34), 0x55);
    ck_assert_uint_eq(get(B), 2);
    ck_assert_uint_eq(get(4), 0x22);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer_ports(h, PORT, 4, 30000, 1);
    for (int i = 0; i < 20000; i++)
        put((uint8_t)(i * 7 % 14), (uint8_t)(i * 13));
    get(C);
}
END_TEST

START_TEST(hosts_clock_is_the_default)
{
    struct device *dev = harness_realize(h, harness_device(h, "mc146818rtc"), 0x170);
    time_t now = time(NULL);
    struct tm tm;
    int year;

    (void)dev;
    gmtime_r(&now, &tm);
    dev_write(h, 0x170, 1, 9);
    year = (int)dev_read(h, 0x171, 1);
    ck_assert_int_eq((year >> 4) * 10 + (year & 15), tm.tm_year % 100);
}
END_TEST

static Suite *mc146818_suite(void)
{
    Suite *s = suite_create("mc146818");
    TCase *t = tcase_create("mc146818");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, shows_date_and_time);
    tcase_add_test(t, other_forms);
    tcase_add_test(t, can_be_set);
    tcase_add_test(t, update_in_progress);
    tcase_add_test(t, update_interrupt);
    tcase_add_test(t, alarm_interrupt);
    tcase_add_test(t, flags_without_interrupts);
    tcase_add_test(t, periodic_interrupt);
    tcase_add_test(t, memory_is_kept);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, hosts_clock_is_the_default);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(mc146818_suite)
