/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/pl011.c against DDI 0183G. */
#include "config.h"
#include <string.h>
#include "tests/dev/harness.h"

#define UART 0x09000000u
enum uart { DR = UART, RSR = UART + 4, FR = UART + 0x18, IBRD = UART + 0x24, FBRD = UART + 0x28, LCRH = UART + 0x2c,
            CR = UART + 0x30, IFLS = UART + 0x34, IMSC = UART + 0x38, RIS = UART + 0x3c, MIS = UART + 0x40,
            ICR = UART + 0x44 };
enum { RXFE = 0x10, TXFF = 0x20, RXFF = 0x40, TXFE = 0x80, RXI = 0x10, TXI = 0x20, RTI = 0x40, OEI = 0x400 };

static struct harness *h;
static struct device *uart;

static void setup(void)
{
    h = harness_new();
    uart = harness_device(h, "pl011");
    device_set_chardev(uart, "chardev", harness_chardev(h));
    harness_realize(h, uart, UART);
    harness_watch(h, uart, 0, 1, 0);
    dev_write32(h, CR, 0x301);
}

static void teardown(void)
{
    harness_free(h);
}

static void print(const char *text)
{
    for (; *text; text++)
        dev_write32(h, DR, (uint8_t)*text);
}

START_TEST(identification)
{
    static const uint8_t id[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    for (int i = 0; i < 8; i++)
        ck_assert_reg(h, UART + 0xfe0 + 4 * i, id[i]);
    ck_assert_reg(h, IFLS, 0x12);
}
END_TEST

START_TEST(sends_what_is_written)
{
    char out[64];

    print("hello");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "hello");
    ck_assert_uint_eq(dev_read32(h, FR) & (TXFE | TXFF), TXFE);
}
END_TEST

START_TEST(transmit_interrupt_comes_after_sending_and_is_cleared)
{
    ck_assert_reg(h, RIS, 0);
    print("x");
    ck_assert_reg(h, RIS, TXI);
    ck_assert_irq(h, 0, false);
    dev_write32(h, IMSC, TXI);
    ck_assert_irq(h, 0, true);
    dev_write32(h, ICR, TXI);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(receives_one_without_fifo)
{
    dev_write32(h, IMSC, RXI);
    harness_input(h, "ab");
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(dev_read32(h, FR) & (RXFE | RXFF), RXFF);
    ck_assert_reg(h, DR, 'a');
    harness_settle(h);
    ck_assert_reg(h, DR, 'b');
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(dev_read32(h, FR) & RXFE, RXFE);
    ck_assert_reg(h, DR, 0);
}
END_TEST

START_TEST(fifo_interrupts_at_its_level)
{
    dev_write32(h, LCRH, 0x70);
    dev_write32(h, IFLS, 2 << 3);                /* half: 8 */
    dev_write32(h, IMSC, RXI);
    harness_input(h, "1234567");
    ck_assert_irq(h, 0, false);
    harness_input(h, "8");
    ck_assert_irq(h, 0, true);
    ck_assert_reg(h, DR, '1');
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(receive_timeout)
{
    dev_write32(h, LCRH, 0x70);
    dev_write32(h, IBRD, 13);                    /* 115200 */
    dev_write32(h, FBRD, 1);
    dev_write32(h, IMSC, RTI);
    harness_input(h, "x");
    clock_step(h, 270000);
    ck_assert_irq(h, 0, false);
    clock_step(h, 10000);                        /* 32 bits take 278 us */
    ck_assert_irq(h, 0, true);
    ck_assert_reg(h, MIS, RTI);
    ck_assert_reg(h, DR, 'x');
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(input_waits_while_the_fifo_is_full)
{
    char got[48];
    unsigned n = 0;

    dev_write32(h, LCRH, 0x70);
    harness_input(h, "0123456789abcdefghijklmnopqrstuvwxyz");
    ck_assert_uint_eq(dev_read32(h, FR) & RXFF, RXFF);
    while (!(dev_read32(h, FR) & RXFE) && n < sizeof(got) - 1) {
        got[n++] = (char)dev_read32(h, DR);
        harness_settle(h);
    }
    got[n] = 0;
    ck_assert_str_eq(got, "0123456789abcdefghijklmnopqrstuvwxyz");
    ck_assert_uint_eq(dev_read32(h, RIS) & OEI, 0);
}
END_TEST

START_TEST(loopback)
{
    char out[8];

    dev_write32(h, LCRH, 0x70);
    dev_write32(h, CR, 0x381);
    print("abc");
    ck_assert_reg(h, DR, 'a');
    ck_assert_reg(h, DR, 'b');
    ck_assert_reg(h, DR, 'c');
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "");
    for (int i = 0; i < 17; i++)
        print("z");
    ck_assert_uint_eq(dev_read32(h, RIS) & OEI, OEI);
    ck_assert_uint_eq(dev_read32(h, RSR) & 8, 8);
    dev_write32(h, RSR, 0);
    ck_assert_reg(h, RSR, 0);
}
END_TEST

START_TEST(reset_clears)
{
    dev_write32(h, LCRH, 0x70);
    dev_write32(h, IMSC, 0x7ff);
    harness_input(h, "x");
    device_reset(uart);
    ck_assert_reg(h, IMSC, 0);
    ck_assert_reg(h, CR, 0x300);
    ck_assert_uint_eq(dev_read32(h, FR) & RXFE, RXFE);
    ck_assert_irq(h, 0, false);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_input(h, "some input for it, and more than fits");
    harness_hammer(h, UART, 0x1000, 20000, 5);
    harness_hammer(h, UART, 0x50, 100000, 6);
}
END_TEST

START_TEST(bad_saved_state_is_refused)
{
    size_t off = 0;

    for (const struct state_field *f = uart->type->state; f->name; f++)
        if (!strcmp(f->name, "rx_count"))
            off = f->offset;
    *(uint32_t *)((uint8_t *)uart + off) = 1000;
    ck_assert(!uart->type->post_load(uart, NULL));
    *(uint32_t *)((uint8_t *)uart + off) = 0;
    ck_assert(uart->type->post_load(uart, NULL));
}
END_TEST

static Suite *pl011_suite(void)
{
    Suite *s = suite_create("pl011");
    TCase *t = tcase_create("pl011");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, identification);
    tcase_add_test(t, sends_what_is_written);
    tcase_add_test(t, transmit_interrupt_comes_after_sending_and_is_cleared);
    tcase_add_test(t, receives_one_without_fifo);
    tcase_add_test(t, fifo_interrupts_at_its_level);
    tcase_add_test(t, receive_timeout);
    tcase_add_test(t, input_waits_while_the_fifo_is_full);
    tcase_add_test(t, loopback);
    tcase_add_test(t, reset_clears);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, bad_saved_state_is_refused);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(pl011_suite)
