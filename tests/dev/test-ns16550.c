/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/ns16550.c against the PC16550D data sheet. */
#include "config.h"
#include <string.h>
#include "tests/dev/harness.h"
#include "util/clock.h"

#define UART 0x3f8u
enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static struct harness *h;
static struct device *uart;

static void put(unsigned reg, uint8_t v)
{
    dev_write(h, UART + reg, 1, v);
}

static uint8_t get(unsigned reg)
{
    return (uint8_t)dev_read(h, UART + reg, 1);
}

static void setup(void)
{
    h = harness_new();
    uart = harness_device(h, "isa-serial");
    device_set_chardev(uart, "chardev", harness_chardev(h));
    harness_realize(h, uart, UART);
    harness_watch(h, uart, 0, 1, 0);
    clock_pause(h->m->clock);
}

static void teardown(void)
{
    harness_free(h);
}

START_TEST(reset_values)
{
    ck_assert_uint_eq(get(IER), 0);
    ck_assert_uint_eq(get(IIR), 1);
    ck_assert_uint_eq(get(LSR), 0x60);
    ck_assert_uint_eq(get(MSR), 0xb0);
    put(SCR, 0x5a);
    ck_assert_uint_eq(get(SCR), 0x5a);
    put(LCR, 0x83);
    put(RBR, 0x34), put(IER, 0x12);
    ck_assert_uint_eq(get(RBR), 0x34);
    ck_assert_uint_eq(get(IER), 0x12);
    put(LCR, 3);
    ck_assert_uint_eq(get(IER), 0);
}
END_TEST

START_TEST(fifo_is_found)
{
    ck_assert_uint_eq(get(IIR) >> 6, 0);
    put(IIR, 1);
    ck_assert_uint_eq(get(IIR) >> 6, 3);
}
END_TEST

START_TEST(sends_what_is_written)
{
    char out[64];

    for (const char *p = "hello"; *p; p++)
        put(RBR, (uint8_t)*p);
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "hello");
}
END_TEST

START_TEST(transmit_interrupt)
{
    put(IER, 2);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(IIR), 2);
    ck_assert_irq(h, 0, false);                  /* seen */
    ck_assert_uint_eq(get(IIR), 1);
    put(RBR, 'x');
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(receives)
{
    put(IER, 1);
    harness_input(h, "ab");
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(IIR), 4);
    ck_assert_uint_eq(get(LSR), 0x61);
    ck_assert_uint_eq(get(RBR), 'a');
    harness_settle(h);
    ck_assert_uint_eq(get(RBR), 'b');
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(get(LSR), 0x60);
}
END_TEST

START_TEST(trigger_and_timeout)
{
    put(IIR, 0x81);                              /* eight */
    put(IER, 1);
    harness_input(h, "1234567");
    ck_assert_irq(h, 0, false);
    harness_input(h, "8");
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(IIR), 0xc4);
    get(RBR);
    ck_assert_irq(h, 0, false);
    clock_step(h, 10000000);
    ck_assert_uint_eq(get(IIR), 0xcc);
    ck_assert_irq(h, 0, true);
    get(RBR);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(loopback)
{
    put(MCR, 0x10);
    get(MSR);
    put(MCR, 0x1b);
    ck_assert_uint_eq(get(MSR), 0xbb);           /* RTS to CTS, DTR to DSR, OUT2 to DCD */
    ck_assert_uint_eq(get(MSR), 0xb0);
    put(RBR, 'L');
    ck_assert_uint_eq(get(RBR), 'L');
    put(MCR, 0x14);
    get(MSR);
    put(MCR, 0x10);
    ck_assert_uint_eq(get(MSR) & 0x44, 4);       /* RI has fallen */
}
END_TEST

START_TEST(overrun)
{
    put(IER, 4);
    put(MCR, 0x10);
    put(RBR, 'a'), put(RBR, 'b');
    ck_assert_uint_eq(get(IIR), 6);
    ck_assert_uint_eq(get(LSR), 0x63);
    ck_assert_uint_eq(get(LSR), 0x61);
    ck_assert_uint_eq(get(RBR), 'b');            /* without FIFO the newer one stays */
    put(IIR, 1);
    for (int i = 0; i < 17; i++)
        put(RBR, (uint8_t)('a' + i));
    ck_assert_uint_eq(get(LSR) & 2, 2);
    for (int i = 0; i < 16; i++)
        ck_assert_uint_eq(get(RBR), (uint8_t)('a' + i));
}
END_TEST

START_TEST(clearing_fifos)
{
    put(IIR, 1);
    harness_input(h, "abc");
    put(IIR, 3);
    ck_assert_uint_eq(get(LSR) & 1, 0);
    put(IER, 1);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(places_of_ports)
{
    g_autoptr(GError) err = NULL;
    struct device *dev = harness_device(h, "isa-serial");

    device_set_u64(dev, "index", 4);
    ck_assert(!device_realize(dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "no place for port 4"));
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, UART, 8, 30000, 5);
    harness_hammer_ports(h, UART, 8, 30000, 6);
}
END_TEST

START_TEST(state_is_checked)
{
    const struct state_field *f = uart->type->state;

    while (strcmp(f->name, "rx_count"))
        f++;
    ((uint8_t *)uart)[f->offset] = 200;
    ck_assert(!uart->type->post_load(uart, NULL));
}
END_TEST

static Suite *ns16550_suite(void)
{
    Suite *s = suite_create("ns16550");
    TCase *t = tcase_create("ns16550");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reset_values);
    tcase_add_test(t, fifo_is_found);
    tcase_add_test(t, sends_what_is_written);
    tcase_add_test(t, transmit_interrupt);
    tcase_add_test(t, receives);
    tcase_add_test(t, trigger_and_timeout);
    tcase_add_test(t, loopback);
    tcase_add_test(t, overrun);
    tcase_add_test(t, clearing_fifos);
    tcase_add_test(t, places_of_ports);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, state_is_checked);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(ns16550_suite)
