/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/i8259.c against Intel 231468 (8259A). */
#include "config.h"
#include "hw/intc/i8259.h"
#include "tests/dev/harness.h"

#define MASTER 0x20u
#define SLAVE 0xa0u
#define ELCR 0x4d0u

static struct harness *h;
static struct device *pic;

static void out(uint32_t port, uint8_t v)
{
    dev_write(h, port, 1, v);
}

static uint8_t in(uint32_t port)
{
    return (uint8_t)dev_read(h, port, 1);
}

static void irq(int n, bool level)
{
    irq_set(device_in(pic, n), level);
}

static void init(uint8_t icw4)
{
    out(MASTER, 0x11), out(MASTER + 1, 0x20), out(MASTER + 1, 4), out(MASTER + 1, icw4);
    out(SLAVE, 0x11), out(SLAVE + 1, 0x28), out(SLAVE + 1, 2), out(SLAVE + 1, icw4 & 0xf);
}

static void setup(void)
{
    h = harness_new();
    pic = harness_realize(h, harness_device(h, "i8259"), MASTER);
    device_map(pic, 1, SLAVE);
    device_map(pic, 2, ELCR);
    harness_watch(h, pic, 0, 1, 0);
    init(1);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(edge_is_served_once)
{
    irq(3, true);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(in(MASTER), 8);            /* IRR */
    ck_assert_int_eq(i8259_acknowledge(pic), 0x23);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(in(MASTER), 0);
    out(MASTER, 0x0b);
    ck_assert_uint_eq(in(MASTER), 8);            /* ISR */
    out(MASTER, 0x20);
    ck_assert_uint_eq(in(MASTER), 0);
    ck_assert_irq(h, 0, false);
    irq(3, false), irq(3, true);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(level_stays_until_it_falls)
{
    out(ELCR, 0xff), out(ELCR + 1, 0xff);
    ck_assert_uint_eq(in(ELCR), 0xf8);
    ck_assert_uint_eq(in(ELCR + 1), 0xde);
    irq(5, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x25);
    out(MASTER, 0x20);
    ck_assert_irq(h, 0, true);
    irq(5, false);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(mask_holds_back)
{
    out(MASTER + 1, 0x10);
    ck_assert_uint_eq(in(MASTER + 1), 0x10);
    irq(4, true);
    ck_assert_irq(h, 0, false);
    out(MASTER + 1, 0);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(priorities_nest)
{
    irq(4, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x24);
    irq(6, true);
    ck_assert_irq(h, 0, false);
    irq(1, true);
    ck_assert_irq(h, 0, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x21);
    out(MASTER, 0x20);                           /* ends 1 */
    ck_assert_irq(h, 0, false);
    out(MASTER, 0x64);                           /* specific: 4 */
    ck_assert_int_eq(i8259_acknowledge(pic), 0x26);
}
END_TEST

START_TEST(slave_comes_through_the_cascade)
{
    irq(12, true);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(in(MASTER), 4);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x2c);
    out(MASTER, 0x0b), out(SLAVE, 0x0b);
    ck_assert_uint_eq(in(MASTER), 4);
    ck_assert_uint_eq(in(SLAVE), 0x10);
    irq(8, true);                                /* higher on the slave, but the master waits for its EOI */
    ck_assert_irq(h, 0, false);
    out(MASTER, 0x20);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x28);
}
END_TEST

START_TEST(special_fully_nested_lets_the_slave_nest)
{
    init(0x11);
    irq(12, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x2c);
    irq(8, true);
    ck_assert_irq(h, 0, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x28);
}
END_TEST

START_TEST(withdrawn_request_gives_ir7)
{
    out(ELCR, 0x20);
    irq(5, true);
    irq(5, false);
    ck_assert(!i8259_pending(pic));
    ck_assert_int_eq(i8259_acknowledge(pic), 0x27);
    out(MASTER, 0x0b);
    ck_assert_uint_eq(in(MASTER), 0);            /* and leaves ISR alone */
    ck_assert_int_eq(i8259_cpu_ops.acknowledge(pic, X86_INTR), -1);
}
END_TEST

START_TEST(poll_acknowledges)
{
    irq(6, true);
    out(MASTER, 0x0c);
    ck_assert_uint_eq(in(MASTER), 0x86);
    ck_assert_irq(h, 0, false);
    out(MASTER, 0x0b);
    ck_assert_uint_eq(in(MASTER), 0x40);
    out(MASTER, 0x0c);
    ck_assert_uint_eq(in(MASTER), 0);
    irq(9, true);
    out(SLAVE, 0x0c);
    ck_assert_uint_eq(in(SLAVE), 0x81);
}
END_TEST

START_TEST(special_mask_lets_lower_levels_in)
{
    irq(2, false), irq(1, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x21);
    irq(7, true);
    ck_assert_irq(h, 0, false);
    out(MASTER + 1, 2);
    out(MASTER, 0x68);
    ck_assert_irq(h, 0, true);
    out(MASTER, 0x48);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(automatic_end)
{
    init(3);
    irq(4, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x24);
    out(MASTER, 0x0b);
    ck_assert_uint_eq(in(MASTER), 0);
    out(MASTER, 0x80);                           /* rotate in automatic EOI mode */
    irq(5, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x25);
    irq(5, false), irq(5, true), irq(7, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x27);
}
END_TEST

START_TEST(rotation)
{
    irq(4, true), irq(6, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x24);
    out(MASTER, 0xa0);                           /* 4 is lowest now */
    irq(4, false), irq(4, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x26);
    out(MASTER, 0xe6);
    out(MASTER, 0xc0);                           /* 0 is lowest: 1 is highest */
    irq(0, true);
    ck_assert_int_eq(i8259_acknowledge(pic), 0x24);
}
END_TEST

START_TEST(initialization_forgets)
{
    irq(3, true), irq(4, true);
    i8259_acknowledge(pic);
    out(MASTER + 1, 0xff);
    init(1);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(in(MASTER + 1), 0);
    out(MASTER, 0x0b);
    ck_assert_uint_eq(in(MASTER), 0);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer_ports(h, MASTER, 2, 20000, 1);
    harness_hammer_ports(h, SLAVE, 2, 20000, 2);
    harness_hammer_ports(h, ELCR, 2, 2000, 3);
    for (int i = 0; i < 100; i++) {
        irq(i % 16, i & 1);
        ck_assert_int_le(i8259_acknowledge(pic), 255);
    }
}
END_TEST

static Suite *i8259_suite(void)
{
    Suite *s = suite_create("i8259");
    TCase *t = tcase_create("i8259");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, edge_is_served_once);
    tcase_add_test(t, level_stays_until_it_falls);
    tcase_add_test(t, mask_holds_back);
    tcase_add_test(t, priorities_nest);
    tcase_add_test(t, slave_comes_through_the_cascade);
    tcase_add_test(t, special_fully_nested_lets_the_slave_nest);
    tcase_add_test(t, withdrawn_request_gives_ir7);
    tcase_add_test(t, poll_acknowledges);
    tcase_add_test(t, special_mask_lets_lower_levels_in);
    tcase_add_test(t, automatic_end);
    tcase_add_test(t, rotation);
    tcase_add_test(t, initialization_forgets);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(i8259_suite)
