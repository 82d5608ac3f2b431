/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/i8254.c against Intel 231164 (8254) and port 61h of the 82371. */
#include "config.h"
#include "tests/dev/harness.h"
#include "util/clock.h"

#define PIT 0x40u
#define PORT61 0x61u
#define HZ 1193182

static struct harness *h;
static struct device *pit;

static void out(uint32_t port, uint8_t v)
{
    dev_write(h, port, 1, v);
}

static uint8_t in(uint32_t port)
{
    return (uint8_t)dev_read(h, port, 1);
}

/* Time for so many clocks, and a little more. */
static void clocks(int64_t n)
{
    clock_step(h, (n * 1000000000 + HZ - 1) / HZ);
}

static void program(unsigned counter, uint8_t mode, uint16_t count)
{
    out(PIT + 3, (uint8_t)(counter << 6 | 0x30 | mode << 1));
    out(PIT + counter, (uint8_t)count);
    out(PIT + counter, (uint8_t)(count >> 8));
}

static uint16_t latched(unsigned counter)
{
    uint16_t v;

    out(PIT + 3, (uint8_t)(counter << 6));
    v = in(PIT + counter);
    return (uint16_t)(v | in(PIT + counter) << 8);
}

static uint8_t status(unsigned counter)
{
    out(PIT + 3, (uint8_t)(0xe0 | 2 << counter));
    return in(PIT + counter);
}

static void setup(void)
{
    h = harness_new();
    pit = harness_realize(h, harness_device(h, "isa-pit"), PIT);
    device_map(pit, 1, PORT61);
    harness_watch(h, pit, 0, 2, 0);
    clock_pause(h->m->clock);
    clock_set(h->m->clock, 1000000000);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(mode0_rises_at_terminal_count)
{
    program(0, 0, 100);
    ck_assert_irq(h, 0, false);
    clocks(100);
    ck_assert_irq(h, 0, false);
    clocks(1);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(latched(0), 0);
    clocks(2);
    ck_assert_uint_eq(latched(0), 0xfffe);       /* goes on below zero */
    out(PIT + 3, 0x30);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(mode2_divides)
{
    int before;

    program(0, 2, 1000);
    clocks(1);
    before = h->rises[0];
    for (int i = 0; i < 10; i++)
        clocks(1000);
    ck_assert_int_eq(h->rises[0] - before, 10);
    ck_assert_uint_eq(latched(0), 1000);
    clocks(400);
    ck_assert_uint_eq(latched(0), 600);
}
END_TEST

START_TEST(missed_edges_follow)
{
    int before;

    program(0, 2, 1193);
    clocks(1);
    before = h->rises[0];
    clock_step(h, 20000500);
    ck_assert_int_eq(h->rises[0] - before, 20);
    clock_step(h, 10000000000);                  /* a guest that stood still for long gets no flood */
    ck_assert_int_le(h->rises[0] - before, 130);
}
END_TEST

START_TEST(mode3_is_a_square_wave)
{
    program(2, 3, 100);
    out(PORT61, 1);
    clocks(1);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0x20);
    clocks(50);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0);
    clocks(10);
    ck_assert_uint_eq(latched(2), 80);           /* by twos */
    clocks(40);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0x20);
}
END_TEST

START_TEST(mode1_is_triggered_by_the_gate)
{
    program(2, 1, 50);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0x20);
    clocks(100);
    out(PORT61, 1);
    clocks(2);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0);
    clocks(30);
    out(PORT61, 0), out(PORT61, 1);              /* again: 50 more */
    clocks(40);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0);
    clocks(12);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0x20);
}
END_TEST

START_TEST(mode4_strobes_for_one_clock)
{
    program(0, 4, 20);
    ck_assert_irq(h, 0, true);
    clocks(21);
    ck_assert_uint_eq(status(0) & 0x80, 0);
    clocks(1);
    ck_assert_uint_eq(status(0) & 0x80, 0x80);
    clocks(100);
    ck_assert_uint_eq(status(0) & 0x80, 0x80);
}
END_TEST

START_TEST(mode5_strobes_after_the_gate)
{
    program(2, 5, 20);
    clocks(50);
    ck_assert_uint_eq(status(2) & 0x80, 0x80);
    out(PORT61, 1);
    clocks(21);
    ck_assert_uint_eq(status(2) & 0x80, 0);
    clocks(1);
    ck_assert_uint_eq(status(2) & 0x80, 0x80);
}
END_TEST

START_TEST(gate_holds_the_count)
{
    out(PORT61, 1);
    program(2, 0, 1000);
    clocks(101);
    out(PORT61, 0);
    clocks(500);
    ck_assert_uint_eq(latched(2), 900);
    out(PORT61, 1);
    clocks(100);
    ck_assert_uint_eq(latched(2), 800);
    clocks(801);
    ck_assert_uint_eq(in(PORT61) & 0x20, 0x20);
}
END_TEST

START_TEST(new_count_waits_for_the_period)
{
    program(0, 2, 1000);
    clocks(501);
    out(PIT, 100), out(PIT, 0);
    ck_assert_uint_eq(latched(0), 500);
    ck_assert_uint_eq(status(0) & 0x40, 0x40);
    clocks(510);
    ck_assert_uint_eq(latched(0), 90);
    ck_assert_uint_eq(status(0) & 0x40, 0);
}
END_TEST

START_TEST(bcd_counts)
{
    out(PIT + 3, 0x31);
    out(PIT, 0x00), out(PIT, 0x10);
    clocks(2);
    ck_assert_uint_eq(latched(0), 0x999);
}
END_TEST

START_TEST(read_back)
{
    program(0, 2, 0);
    ck_assert_uint_eq(status(0), 0x40 | 0x80 | 0x34);
    clocks(2);
    ck_assert_uint_eq(status(0), 0x80 | 0x34);
    out(PIT + 3, 0xc2);                          /* both: status first */
    clocks(10);
    ck_assert_uint_eq(in(PIT), 0x80 | 0x34);
    ck_assert_uint_eq(in(PIT), 0xff);
    ck_assert_uint_eq(in(PIT), 0xff);
    ck_assert_uint_eq(in(PIT), 0xf5);            /* not latched any more */
}
END_TEST

START_TEST(byte_access)
{
    out(PIT + 3, 0x14);                          /* low byte only */
    out(PIT, 200);
    clocks(1);
    ck_assert_uint_eq(in(PIT), 200);
    clocks(10);
    ck_assert_uint_eq(in(PIT), 190);
    out(PIT + 3, 0x24);                          /* high byte only */
    out(PIT, 2);
    clocks(1);
    ck_assert_uint_eq(in(PIT), 2);
}
END_TEST

START_TEST(refresh_toggles)
{
    uint8_t before = in(PORT61) & 0x10;

    clock_step(h, 15085);
    ck_assert_uint_ne(in(PORT61) & 0x10, before);
}
END_TEST

START_TEST(speaker_follows_counter_2)
{
    program(2, 3, 100);
    out(PORT61, 3);
    ck_assert_irq(h, 1, true);
    out(PORT61, 1);
    ck_assert_irq(h, 1, false);
}
END_TEST

START_TEST(fast_counts_leave_the_host_alone)
{
    int before;

    program(0, 2, 2);
    before = h->rises[0];
    for (int i = 0; i < 100; i++)
        clock_step(h, 100000);
    ck_assert_int_le(h->rises[0] - before, 1000);
    ck_assert_int_gt(h->rises[0] - before, 50);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer_ports(h, PIT, 4, 30000, 1);
    harness_hammer_ports(h, PORT61, 1, 3000, 2);
    harness_hammer_ports(h, PIT, 4, 30000, 3);
}
END_TEST

static Suite *i8254_suite(void)
{
    Suite *s = suite_create("i8254");
    TCase *t = tcase_create("i8254");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, mode0_rises_at_terminal_count);
    tcase_add_test(t, mode2_divides);
    tcase_add_test(t, missed_edges_follow);
    tcase_add_test(t, mode3_is_a_square_wave);
    tcase_add_test(t, mode1_is_triggered_by_the_gate);
    tcase_add_test(t, mode4_strobes_for_one_clock);
    tcase_add_test(t, mode5_strobes_after_the_gate);
    tcase_add_test(t, gate_holds_the_count);
    tcase_add_test(t, new_count_waits_for_the_period);
    tcase_add_test(t, bcd_counts);
    tcase_add_test(t, read_back);
    tcase_add_test(t, byte_access);
    tcase_add_test(t, refresh_toggles);
    tcase_add_test(t, speaker_follows_counter_2);
    tcase_add_test(t, fast_counts_leave_the_host_alone);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(i8254_suite)
