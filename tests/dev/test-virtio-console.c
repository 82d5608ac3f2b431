/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio-console.c: one port, several ports, slow and absent partners. */
#include "config.h"
#include <string.h>
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"

enum { MULTIPORT = 1 << 1 };
enum { RX0, TX0, CTRL_IN, CTRL_OUT, RX1, TX1, NQUEUES };
enum { DEVICE_READY, PORT_ADD, PORT_REMOVE, PORT_READY, CONSOLE_PORT, RESIZE, PORT_OPEN, PORT_NAME };
#define BUF(q, i) (VQ_DATA + (q) * 0x10000 + (i) * 0x1000)

static struct harness *h;
static struct virtio_driver d;
static unsigned next_out[NQUEUES], seen[NQUEUES];

static struct device *add_port(const char *type, const char *name, struct chardev *chr)
{
    struct device *p = harness_device(h, type);

    p->parent_bus = d.dev;
    if (name)
        ck_assert(device_set_prop(p, "name", name, NULL));
    if (chr)
        device_set_chardev(p, "chardev", chr);
    return p;
}

static void setup(void)
{
    h = harness_new();
    vd_init(&d, h, "virtio-serial-device", false);
    vd_plug(&d);
    memset(next_out, 0, sizeof(next_out));
    memset(seen, 0, sizeof(seen));
}

static void teardown(void)
{
    harness_free(h);
}

static uint8_t *at(uint64_t addr)
{
    return d.ram + (addr - HARNESS_RAM);
}

static void send(unsigned q, const void *data, uint32_t len)
{
    unsigned i = next_out[q]++ % VQ_SIZE;

    memcpy(at(BUF(q, i)), data, len);
    vq_set_desc(&d, q, i, BUF(q, i), len, 0, 0);
    vq_offer(&d, q, i);
}

static void give_buffers(unsigned q, uint32_t len)
{
    for (unsigned i = 0; i < VQ_SIZE; i++) {
        vq_set_desc(&d, q, i, BUF(q, i), len, VQ_WRITE, 0);
        vq_offer(&d, q, i);
    }
}

static void control(uint32_t port, uint16_t event, uint16_t value)
{
    uint8_t msg[8];

    st32_le(msg, port);
    st16_le(msg + 4, event);
    st16_le(msg + 6, value);
    send(CTRL_OUT, msg, sizeof(msg));
}

/* The next message that the device sent. */
static void expect_control(uint32_t port, uint16_t event, uint16_t value, const char *name)
{
    unsigned i = seen[CTRL_IN]++;
    const uint8_t *p;

    ck_assert_uint_gt(vq_used_idx(&d, CTRL_IN), i);
    p = at(BUF(CTRL_IN, ld32_le(vq_used(&d, CTRL_IN) + 4 + 8 * (i % VQ_SIZE))));
    ck_assert_uint_eq(ld32_le(p), port);
    ck_assert_uint_eq(ld16_le(p + 4), event);
    ck_assert_uint_eq(ld16_le(p + 6), value);
    if (name) {
        ck_assert_uint_eq(vq_used_len(&d, CTRL_IN, i % VQ_SIZE), 8 + strlen(name));
        ck_assert_mem_eq(p + 8, name, strlen(name));
    }
}

START_TEST(one_port_without_multiport)
{
    char out[32];

    harness_realize(h, add_port("virtconsole", NULL, harness_chardev(h)), 0);
    vd_start(&d, 0, 2);
    send(TX0, "to the host", 11);
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "to the host");
    harness_input(h, "early");                   /* waits for a buffer */
    give_buffers(RX0, 64);
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, RX0), 1);
    ck_assert_uint_eq(vq_used_len(&d, RX0, 0), 5);
    ck_assert_mem_eq(at(BUF(RX0, 0)), "early", 5);
}
END_TEST

START_TEST(ports_are_announced)
{
    harness_realize(h, add_port("virtconsole", NULL, NULL), 0);
    harness_realize(h, add_port("virtserialport", "org.test.0", NULL), 0);
    vd_start(&d, MULTIPORT, NQUEUES);
    give_buffers(CTRL_IN, 64);
    control(0xffffffff, DEVICE_READY, 1);
    expect_control(0, PORT_ADD, 1, NULL);
    expect_control(1, PORT_ADD, 1, NULL);
    control(0, PORT_READY, 1);
    expect_control(0, CONSOLE_PORT, 1, NULL);
    expect_control(0, PORT_OPEN, 1, NULL);
    control(1, PORT_READY, 1);
    expect_control(1, PORT_NAME, 1, "org.test.0");
    expect_control(1, PORT_OPEN, 1, NULL);
}
END_TEST

START_TEST(control_messages_wait_for_buffers)
{
    harness_realize(h, add_port("virtserialport", "x", NULL), 0);
    vd_start(&d, MULTIPORT, NQUEUES);
    control(0, DEVICE_READY, 1);
    control(1, PORT_READY, 1);
    ck_assert_uint_eq(vq_used_idx(&d, CTRL_IN), 0);
    give_buffers(CTRL_IN, 64);
    expect_control(1, PORT_ADD, 1, NULL);
    expect_control(1, PORT_NAME, 1, "x");
    expect_control(1, PORT_OPEN, 1, NULL);
}
END_TEST

START_TEST(closed_port_takes_no_input)
{
    char out[8];

    harness_realize(h, add_port("virtserialport", NULL, harness_chardev(h)), 0);
    vd_start(&d, MULTIPORT, NQUEUES);
    give_buffers(RX1, 16);
    harness_input(h, "hello");
    ck_assert_uint_eq(vq_used_idx(&d, RX1), 0);
    control(1, PORT_OPEN, 1);
    harness_settle(h);
    ck_assert_uint_eq(vq_used_len(&d, RX1, 0), 5);
    send(TX1, "there", 5);
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "there");
}
END_TEST

START_TEST(slow_partner_holds_buffers)
{
    static char block[0x1000], got[70000];
    size_t total = 0;

    memset(block, 'x', sizeof(block));
    harness_realize(h, add_port("virtconsole", NULL, harness_chardev(h)), 0);
    vd_start(&d, 0, 2);
    for (unsigned i = 0; i < 100; i++) {         /* until pipe and chardev are full */
        send(TX0, block, sizeof(block));
        if (vq_used_idx(&d, TX0) != i + 1)
            break;
        ck_assert_uint_lt(i, 99);
    }
    for (int i = 0; i < 100 && vq_used_idx(&d, TX0) != next_out[TX0]; i++) {
        harness_output(h, got, sizeof(got));
        total += strlen(got);
    }
    harness_output(h, got, sizeof(got));
    total += strlen(got);
    for (int i = 0; i < 10; i++) {
        harness_output(h, got, sizeof(got));
        total += strlen(got);
    }
    ck_assert_uint_eq(vq_used_idx(&d, TX0), next_out[TX0]);
    ck_assert_uint_eq(total, next_out[TX0] * sizeof(block));
}
END_TEST

/* A buffer of any size keeps the guest's CPU only for a while; nothing is lost or doubled. */
START_TEST(much_output_is_written_in_pieces)
{
    enum { LEN = 1 << 20 };
    g_autofree char *path = g_strdup_printf("%s/out", h->dir), *spec = g_strdup_printf("file,id=f,path=%s", path), *got = NULL;
    struct chardev *chr = chardev_new(spec, h->loop, NULL);
    gsize n;

    harness_realize(h, add_port("virtconsole", NULL, chardev_attach(chr, NULL)), 0);
    vd_start(&d, 0, 2);
    for (uint32_t i = 0; i < LEN; i++)
        at(VQ_DATA)[i] = (uint8_t)(i * 7 + (i >> 8));
    vq_set_desc(&d, TX0, 0, VQ_DATA, LEN, 0, 0);
    vq_offer(&d, TX0, 0);
    ck_assert_uint_eq(vq_used_idx(&d, TX0), 0);
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, TX0), 1);
    ck_assert(g_file_get_contents(path, &got, &n, NULL));
    ck_assert_uint_eq(n, LEN);
    ck_assert_mem_eq(got, at(VQ_DATA), LEN);
    h->chr = chr;
}
END_TEST

START_TEST(emergency_write)
{
    char out[4];

    harness_realize(h, add_port("virtconsole", NULL, harness_chardev(h)), 0);
    dev_write32(h, VMMIO + V_CONFIG + 8, '!');
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "!");
    ck_assert_uint_eq(vd_read(&d, V_CONFIG + 4), 31);
}
END_TEST

START_TEST(numbers_of_ports_are_checked)
{
    g_autoptr(GError) err = NULL;
    struct device *p = add_port("virtserialport", NULL, NULL);

    device_set_u64(p, "nr", 0);
    ck_assert(!device_realize(p, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "virtconsole"));
    g_clear_error(&err);
    p = add_port("virtserialport", NULL, NULL);
    device_set_u64(p, "nr", 31);
    ck_assert(!device_realize(p, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "no port 31"));
}
END_TEST

START_TEST(bad_control_messages_are_survived)
{
    vd_start(&d, MULTIPORT, NQUEUES);
    give_buffers(CTRL_IN, 4);                    /* too short for any message */
    for (int i = 0; i < 200; i++)
        control((uint32_t)(i * 0x10001), (uint16_t)(i % 12), (uint16_t)i);
    send(CTRL_OUT, "abc", 3);
    send(TX1, "no such port", 12);
    ck_assert_uint_eq(vq_used_idx(&d, TX1), 1);
    harness_hammer(h, VMMIO, 0x200, 50000, 13);
}
END_TEST

static Suite *console_suite(void)
{
    Suite *s = suite_create("virtio-console");
    TCase *t = tcase_create("virtio-console");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_port_without_multiport);
    tcase_add_test(t, ports_are_announced);
    tcase_add_test(t, control_messages_wait_for_buffers);
    tcase_add_test(t, closed_port_takes_no_input);
    tcase_add_test(t, slow_partner_holds_buffers);
    tcase_add_test(t, much_output_is_written_in_pieces);
    tcase_add_test(t, emergency_write);
    tcase_add_test(t, numbers_of_ports_are_checked);
    tcase_add_test(t, bad_control_messages_are_survived);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(console_suite)
