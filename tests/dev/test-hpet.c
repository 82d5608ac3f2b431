/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/hpet.c against the IA-PC HPET specification 1.0a. */
#include "config.h"
#include "hw/timer/hpet.h"
#include "tests/dev/harness.h"
#include "util/clock.h"

enum { CAP = HPET_BASE, CONFIG = HPET_BASE + 0x10, STATUS = HPET_BASE + 0x20, COUNTER = HPET_BASE + 0xf0 };
#define TN(n, reg) (HPET_BASE + 0x100 + 0x20 * (n) + (reg))

static struct harness *h;
static struct device *hpet;
static uint64_t message_addr;
static uint32_t message_data;

static void message(void *opaque, uint64_t addr, uint32_t data)
{
    (void)opaque;
    message_addr = addr;
    message_data = data;
}

static uint64_t get(uint64_t at)
{
    return dev_read(h, at, 8);
}

static void put(uint64_t at, uint64_t v)
{
    dev_write(h, at, 8, v);
}

static void setup(void)
{
    h = harness_new();
    clock_pause(h->m->clock);
    clock_set(h->m->clock, 1000);
    hpet = harness_device(h, "hpet");
    hpet_set_message(hpet, message, NULL);
    harness_realize(h, hpet, HPET_BASE);
    harness_watch(h, hpet, 0, HPET_NOUT, 0);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(capabilities)
{
    ck_assert_uint_eq(get(CAP), 0x009896808086a201);
    ck_assert_uint_eq(get(TN(0, 0)), 0x00ff010400008030);
    ck_assert_uint_eq(dev_read32(h, CAP + 4), 10000000);
    ck_assert_uint_eq(get(TN(2, 8)), UINT64_MAX);
}
END_TEST

START_TEST(counter_runs_while_enabled)
{
    clock_step(h, 1000);
    ck_assert_uint_eq(get(COUNTER), 0);
    put(CONFIG, 1);
    clock_step(h, 1000);
    ck_assert_uint_eq(get(COUNTER), 100);
    put(CONFIG, 0);
    clock_step(h, 1000);
    ck_assert_uint_eq(get(COUNTER), 100);
    put(COUNTER, 0xfffffffff0);
    put(CONFIG, 1);
    clock_step(h, 1000);
    ck_assert_uint_eq(get(COUNTER), 0x10000000054);
    ck_assert_uint_eq(dev_read32(h, COUNTER + 4), 0x100);
}
END_TEST

START_TEST(one_shot)
{
    put(CONFIG, 1);
    put(TN(1, 0), 20 << 9 | 4);
    put(TN(1, 8), 500);
    clock_step(h, 4990);
    ck_assert_int_eq(h->rises[20], 0);
    clock_step(h, 10);
    ck_assert_int_eq(h->rises[20], 1);
    ck_assert_irq(h, 20, false);
    clock_step(h, 100000);
    ck_assert_int_eq(h->rises[20], 1);
}
END_TEST

START_TEST(one_shot_of_32_bits_comes_round)
{
    put(CONFIG, 1);
    put(TN(1, 0), 20 << 9 | 4 | 0x100);
    put(TN(1, 8), 0x12300000100);
    clock_step(h, 2560);
    ck_assert_int_eq(h->rises[20], 1);
    clock_step(h, 42949672960);
    ck_assert_int_eq(h->rises[20], 2);
}
END_TEST

START_TEST(periodic)
{
    put(CONFIG, 1);
    put(TN(0, 0), 2 << 9 | 4 | 8 | 0x40);
    put(TN(0, 8), 10000);                        /* the first match */
    put(TN(0, 8), 5000);                         /* the period */
    ck_assert_uint_eq(get(TN(0, 8)), 10000);
    clock_step(h, 100000);
    ck_assert_int_eq(h->rises[2], 1);
    ck_assert_uint_eq(get(TN(0, 8)), 15000);
    for (int i = 0; i < 4; i++)
        clock_step(h, 50000);
    ck_assert_int_eq(h->rises[2], 5);
    put(CONFIG, 0);
    clock_step(h, 500000);
    ck_assert_int_eq(h->rises[2], 5);
}
END_TEST

START_TEST(level_triggered)
{
    put(CONFIG, 1);
    put(TN(2, 0), 16 << 9 | 4 | 2);
    put(TN(2, 8), 10);
    clock_step(h, 100);
    ck_assert_irq(h, 16, true);
    ck_assert_uint_eq(get(STATUS), 4);
    put(STATUS, 3);
    ck_assert_irq(h, 16, true);
    put(STATUS, 4);
    ck_assert_irq(h, 16, false);
}
END_TEST

START_TEST(legacy_replacement)
{
    irq_set(device_in(hpet, 0), true);           /* the 8254's goes through */
    ck_assert_irq(h, HPET_OUT_IRQ0, true);
    irq_set(device_in(hpet, 0), false);
    put(CONFIG, 3);
    irq_set(device_in(hpet, 0), true);
    irq_set(device_in(hpet, 1), true);
    ck_assert_irq(h, HPET_OUT_IRQ0, false);
    ck_assert_irq(h, HPET_OUT_IRQ8, false);
    h->rises[HPET_OUT_IRQ0] = 0;
    put(TN(0, 0), 4);
    put(TN(0, 8), get(COUNTER) + 100);
    put(TN(1, 0), 4);
    put(TN(1, 8), get(COUNTER) + 200);
    clock_step(h, 1000);
    ck_assert_int_eq(h->rises[HPET_OUT_IRQ0], 1);
    ck_assert_int_eq(h->rises[HPET_OUT_IRQ8], 0);
    clock_step(h, 1000);
    ck_assert_int_eq(h->rises[HPET_OUT_IRQ8], 1);
    put(CONFIG, 1);
    ck_assert_irq(h, HPET_OUT_IRQ8, true);
}
END_TEST

START_TEST(messages)
{
    put(CONFIG, 1);
    put(TN(2, 0), 4 | 0x4000);
    put(TN(2, 0x10), 0xfee01000ull << 32 | 0x4041);
    put(TN(2, 8), 10);
    clock_step(h, 100);
    ck_assert_uint_eq(message_addr, 0xfee01000);
    ck_assert_uint_eq(message_data, 0x4041);
}
END_TEST

START_TEST(halves_of_registers)
{
    dev_write32(h, TN(1, 0), 0x104);
    dev_write32(h, TN(1, 8), 0x1234);
    ck_assert_uint_eq(get(TN(1, 8)), 0x1234);
    dev_write32(h, COUNTER + 4, 7);
    ck_assert_uint_eq(get(COUNTER), 7ull << 32);
    dev_write32(h, CONFIG, 1);
    ck_assert_uint_eq(get(CONFIG), 1);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, HPET_BASE, 0x160, 60000, 1);
    harness_hammer(h, HPET_BASE, HPET_SIZE, 5000, 2);
}
END_TEST

static Suite *hpet_suite(void)
{
    Suite *s = suite_create("hpet");
    TCase *t = tcase_create("hpet");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, capabilities);
    tcase_add_test(t, counter_runs_while_enabled);
    tcase_add_test(t, one_shot);
    tcase_add_test(t, one_shot_of_32_bits_comes_round);
    tcase_add_test(t, periodic);
    tcase_add_test(t, level_triggered);
    tcase_add_test(t, legacy_replacement);
    tcase_add_test(t, messages);
    tcase_add_test(t, halves_of_registers);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(hpet_suite)
