/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/input/i8042.c and ps2.c against IBM's PS/2 technical reference. */
#include "config.h"
#include "softmmu/input.h"
#include "tests/dev/harness.h"
#include "util/clock.h"

#define DATA 0x60u
#define CMD 0x64u
enum { OBF = 1, AUX = 0x20, KBD = 0, MOUSE = 1, A20M = 2 };

static struct harness *h;
static struct device *kbc;

static void data(uint8_t v)
{
    dev_write(h, DATA, 1, v);
}

static void cmd(uint8_t v)
{
    dev_write(h, CMD, 1, v);
}

static uint8_t status(void)
{
    return (uint8_t)dev_read(h, CMD, 1);
}

static uint8_t get(void)
{
    ck_assert_msg(status() & OBF, "no byte");
    return (uint8_t)dev_read(h, DATA, 1);
}

static void expect(const uint8_t *bytes, int n)
{
    for (int i = 0; i < n; i++)
        ck_assert_uint_eq(get(), bytes[i]);
    ck_assert_uint_eq(status() & OBF, 0);
}
#define EXPECT(...) expect((const uint8_t[]){ __VA_ARGS__ }, (int)sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void mode(uint8_t v)
{
    cmd(0x60), data(v);
}

static void to_mouse(uint8_t v)
{
    cmd(0xd4), data(v);
}

static void key(unsigned n)
{
    input_key(h->m, n, true);
    input_key(h->m, n, false);
}

static void setup(void)
{
    h = harness_new();
    kbc = harness_realize(h, harness_device(h, "i8042"), DATA);
    device_map(kbc, 1, CMD);
    harness_watch(h, kbc, 0, 3, 0);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(controller_tests_itself)
{
    ck_assert_uint_eq(status(), 0x10);
    cmd(0xaa);
    EXPECT(0x55);
    ck_assert_uint_eq(status() & 4, 4);
    cmd(0xab);
    EXPECT(0);
    cmd(0xa9);
    EXPECT(0);
    cmd(0x20);
    EXPECT(0x47);
    cmd(0x65), data(0x12);
    cmd(0x25);
    EXPECT(0x12);
}
END_TEST

START_TEST(keyboard_answers)
{
    mode(0);
    data(0xff);
    EXPECT(0xfa, 0xaa);
    data(0xf2);
    EXPECT(0xfa, 0xab, 0x83);
    data(0xee);
    EXPECT(0xee);
    data(0xed);
    EXPECT(0xfa);
    data(2);
    EXPECT(0xfa);
    data(0xf0);
    EXPECT(0xfa);
    data(0);
    EXPECT(0xfa, 2);
    data(0x17);
    EXPECT(0xfe);
    mode(0x40);
    data(0xf2);
    EXPECT(0xfa, 0xab, 0x41);                    /* translation does not know what it translates */
}
END_TEST

START_TEST(codes_of_set_2_and_1)
{
    mode(0);
    key(0x1e);
    EXPECT(0x1c, 0xf0, 0x1c);
    key(0x41);
    EXPECT(0x83, 0xf0, 0x83);
    key(0xc8);
    EXPECT(0xe0, 0x75, 0xe0, 0xf0, 0x75);
    mode(0x40);
    key(0x1e);
    EXPECT(0x1e, 0x9e);
    key(0xc8);
    EXPECT(0xe0, 0x48, 0xe0, 0xc8);
    mode(0);
    data(0xf0), get(), data(1), get();
    key(0x1e);
    EXPECT(0x1e, 0x9e);
    key(0xc6);
    EXPECT(0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5);
}
END_TEST

START_TEST(translation_knows_every_key)
{
    mode(0x40);
    for (unsigned n = 1; n < 0x59; n++) {
        if (n == 0x55)
            continue;
        key(n);
        EXPECT((uint8_t)n, (uint8_t)(n | 0x80));
    }
}
END_TEST

START_TEST(interrupts_follow_the_buffer)
{
    mode(0x41);
    input_key(h->m, 0x1e, true);
    ck_assert_irq(h, KBD, true);
    ck_assert_irq(h, MOUSE, false);
    input_key(h->m, 0x1e, false);
    ck_assert_int_eq(h->rises[KBD], 1);
    get();
    ck_assert_irq(h, KBD, true);                 /* the next one */
    ck_assert_int_eq(h->rises[KBD], 2);
    get();
    ck_assert_irq(h, KBD, false);
    mode(0x51);                                  /* keyboard off */
    input_key(h->m, 0x1e, true);
    ck_assert_uint_eq(status() & OBF, 0);
    cmd(0xae);
    EXPECT(0x1e);
}
END_TEST

START_TEST(mouse_reports)
{
    mode(2);
    to_mouse(0xff);
    ck_assert_uint_eq(status() & (OBF | AUX), OBF | AUX);
    ck_assert_irq(h, MOUSE, true);
    EXPECT(0xfa, 0xaa, 0);
    input_pointer(h->m, 5, 5, 0, 0);
    ck_assert_uint_eq(status() & OBF, 0);        /* not enabled yet */
    to_mouse(0xf4);
    EXPECT(0xfa);
    input_pointer(h->m, 5, 3, 0, INPUT_LEFT);
    EXPECT(0x29, 5, 0xfd);
    input_pointer(h->m, -300, 0, 0, 0);
    EXPECT(0x18, 0, 0, 0x18, 0xd4, 0);           /* in two */
    to_mouse(0xe9);
    EXPECT(0xfa, 0x20, 2, 100);
}
END_TEST

START_TEST(wheel_is_unlocked)
{
    static const uint8_t wheel[] = { 200, 100, 80 }, five[] = { 200, 200, 80 };

    mode(0);
    for (int i = 0; i < 3; i++) {
        to_mouse(0xf3), get();
        to_mouse(wheel[i]), get();
    }
    to_mouse(0xf2);
    EXPECT(0xfa, 3);
    for (int i = 0; i < 3; i++) {
        to_mouse(0xf3), get();
        to_mouse(five[i]), get();
    }
    to_mouse(0xf2);
    EXPECT(0xfa, 4);
    to_mouse(0xf4), get();
    input_pointer(h->m, 0, 0, -1, INPUT_SIDE);
    EXPECT(0x08, 0, 0, 0x1f);
    to_mouse(0xf0), get();
    input_pointer(h->m, 1, 0, 0, 0);
    ck_assert_uint_eq(status() & OBF, 0);        /* remote mode */
    to_mouse(0xeb);
    EXPECT(0xfa, 8, 1, 0, 0);
}
END_TEST

START_TEST(a20_and_output_port)
{
    ck_assert_irq(h, A20M, false);
    cmd(0xd0);
    ck_assert_uint_eq(get() & 3, 3);
    cmd(0xd1), data(0xdd);
    ck_assert_irq(h, A20M, true);
    cmd(0xdf);
    ck_assert_irq(h, A20M, false);
    ck_assert(!h->m->reset_requested);
    cmd(0xfe);
    ck_assert(h->m->reset_requested);
}
END_TEST

START_TEST(loopback_commands)
{
    mode(3);
    cmd(0xd2), data(0x11);
    ck_assert_irq(h, KBD, true);
    EXPECT(0x11);
    cmd(0xd3), data(0x22);
    ck_assert_irq(h, MOUSE, true);
    EXPECT(0x22);
}
END_TEST

START_TEST(sendkey_holds_and_releases)
{
    static const uint8_t keys[] = { 0x1d, 0x1e };

    mode(0x40);
    clock_pause(h->m->clock);
    ck_assert(input_send_keys(h->m, keys, 2, 100));
    ck_assert(input_send_keys(h->m, keys + 1, 1, 100));
    EXPECT(0x1d, 0x1e);
    clock_step(h, 101000000);
    EXPECT(0x9e, 0x9d);
    clock_step(h, 101000000);
    EXPECT(0x1e);
    clock_step(h, 101000000);
    EXPECT(0x9e);
    ck_assert_int_eq(input_key_number("ret"), 0x1c);
    ck_assert_int_eq(input_key_number("0x9c"), 0x9c);
    ck_assert_int_eq(input_key_number("nokey"), -1);
    ck_assert_int_eq(input_key_number("0x100"), -1);
}
END_TEST

START_TEST(full_queues_lose_keys_only)
{
    for (int i = 0; i < 1000; i++) {
        key(0x1e);
        input_pointer(h->m, 1000, -1000, 100, (unsigned)i & 31);
    }
    for (int i = 0; i < 200; i++)
        dev_read(h, DATA, 1);
    mode(0x40);
    key(0x1f);
    EXPECT(0x1f, 0x9f);
}
END_TEST

START_TEST(survives_random_accesses)
{
    for (int i = 0; i < 20; i++) {
        harness_hammer_ports(h, DATA, 1, 2000, (uint64_t)i);
        harness_hammer_ports(h, CMD, 1, 2000, (uint64_t)i);
        key((unsigned)i * 13);
        input_pointer(h->m, i, -i, i, 3);
    }
}
END_TEST

static Suite *i8042_suite(void)
{
    Suite *s = suite_create("i8042");
    TCase *t = tcase_create("i8042");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, controller_tests_itself);
    tcase_add_test(t, keyboard_answers);
    tcase_add_test(t, codes_of_set_2_and_1);
    tcase_add_test(t, translation_knows_every_key);
    tcase_add_test(t, interrupts_follow_the_buffer);
    tcase_add_test(t, mouse_reports);
    tcase_add_test(t, wheel_is_unlocked);
    tcase_add_test(t, a20_and_output_port);
    tcase_add_test(t, loopback_commands);
    tcase_add_test(t, sendkey_holds_and_releases);
    tcase_add_test(t, full_queues_lose_keys_only);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(i8042_suite)
