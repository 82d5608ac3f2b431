/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio: transport and queues with the entropy device, well-behaved and hostile drivers. Each test runs with both versions. */
#include "config.h"
#include <string.h>
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"
#include "util/rng.h"

enum { STATUS_RUN = 4, NEEDS_RESET = 64, F_INDIRECT = 1 << 28, F_EVENT = 1 << 29 };

static struct harness *h;
static struct virtio_driver d;

static void start(int legacy, uint32_t features)
{
    h = harness_new();
    vd_init(&d, h, "virtio-rng-device", legacy);
    vd_plug(&d);
    vd_start(&d, features, 1);
}

static void teardown(void)
{
    harness_free(h);
    h = NULL;
}

/* The driver's mistake was noticed, nothing was used, and after a reset it works again. */
static void expect_broken(void)
{
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    if (!d.legacy)
        ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, NEEDS_RESET);
    vd_start(&d, 0, 1);
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
}

START_TEST(transport_identifies_itself)
{
    start(_i, 0);
    ck_assert_uint_eq(vd_read(&d, V_MAGIC), 0x74726976);
    ck_assert_uint_eq(vd_read(&d, V_VERSION), _i ? 1 : 2);
    ck_assert_uint_eq(vd_read(&d, V_ID), 4);
    vd_write(&d, V_DEVSEL, 1);
    ck_assert_uint_eq(vd_read(&d, V_DEVFEAT), !_i);
    vd_write(&d, V_QSEL, 1);
    ck_assert_uint_eq(vd_read(&d, V_QMAX), 0);
    vd_write(&d, V_QSEL, 0);
    ck_assert_uint_eq(vd_read(&d, V_QMAX), 8);
}
END_TEST

START_TEST(empty_transport_has_no_device)
{
    struct device *dev;

    h = harness_new();
    dev = harness_realize(h, harness_device(h, "virtio-mmio"), VMMIO);
    ck_assert_ptr_nonnull(dev);
    ck_assert_reg(h, VMMIO, 0x74726976);
    ck_assert_reg(h, VMMIO + V_ID, 0);
    harness_hammer(h, VMMIO, 0x200, 20000, 1);
}
END_TEST

START_TEST(buffers_are_filled_and_returned)
{
    static const uint8_t zeros[64];

    start(_i, 0);
    vq_set_desc(&d, 0, 2, VQ_DATA, 40, VQ_WRITE | VQ_NEXT, 5);
    vq_set_desc(&d, 0, 5, VQ_DATA + 100, 24, VQ_WRITE, 0);
    vq_offer(&d, 0, 2);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
    ck_assert_uint_eq(ld32_le(vq_used(&d, 0) + 4), 2);
    ck_assert_uint_eq(vq_used_len(&d, 0, 0), 64);
    ck_assert(memcmp(d.ram + 0x200000, zeros, 40) != 0);
    ck_assert(memcmp(d.ram + 0x200000 + 100, zeros, 24) != 0);
    ck_assert(memcmp(d.ram + 0x200000 + 40, zeros, 60) == 0);
    ck_assert_irq(h, VQ_LINE, true);
    ck_assert_uint_eq(vd_read(&d, V_ISR), 1);
    vd_write(&d, V_ACK, 1);
    ck_assert_irq(h, VQ_LINE, false);
}
END_TEST

START_TEST(ring_wraps)
{
    start(_i, 0);
    for (int i = 0; i < 100; i++) {
        vq_set_desc(&d, 0, i % 8, VQ_DATA, 4, VQ_WRITE, 0);
        vq_offer(&d, 0, i % 8);
        ck_assert_uint_eq(vq_used_idx(&d, 0), i + 1);
    }
}
END_TEST

START_TEST(driver_can_do_without_interrupts)
{
    start(_i, 0);
    st16_le(vq_avail(&d, 0), 1);
    vq_set_desc(&d, 0, 0, VQ_DATA, 4, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    ck_assert_irq(h, VQ_LINE, false);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
}
END_TEST

START_TEST(event_index_says_when_to_interrupt)
{
    start(_i, F_EVENT);
    st16_le(vq_avail(&d, 0) + 4 + 2 * VQ_SIZE, 1);       /* after the second one */
    vq_set_desc(&d, 0, 0, VQ_DATA, 4, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    ck_assert_irq(h, VQ_LINE, false);
    ck_assert_uint_eq(ld16_le(vq_used(&d, 0) + 4 + 8 * VQ_SIZE), 1);     /* avail event: kick at the next */
    vq_offer(&d, 0, 0);
    ck_assert_irq(h, VQ_LINE, true);
}
END_TEST

START_TEST(indirect_descriptors)
{
    uint8_t *t;

    start(_i, F_INDIRECT);
    t = d.ram + 0x300000;
    st64_le(t, VQ_DATA);
    st32_le(t + 8, 8);
    st16_le(t + 12, VQ_WRITE | VQ_NEXT);
    st16_le(t + 14, 2);
    st64_le(t + 32, VQ_DATA + 64);
    st32_le(t + 40, 8);
    st16_le(t + 44, VQ_WRITE);
    vq_set_desc(&d, 0, 1, HARNESS_RAM + 0x300000, 48, VQ_INDIRECT, 0);
    vq_offer(&d, 0, 1);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
    ck_assert_uint_eq(vq_used_len(&d, 0, 0), 16);
}
END_TEST

START_TEST(loops_are_noticed)
{
    start(_i, 0);
    vq_set_desc(&d, 0, 0, VQ_DATA, 4, VQ_WRITE | VQ_NEXT, 1);
    vq_set_desc(&d, 0, 1, VQ_DATA, 4, VQ_WRITE | VQ_NEXT, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
}
END_TEST

START_TEST(numbers_out_of_range_are_noticed)
{
    start(_i, 0);
    vq_offer(&d, 0, 9);
    expect_broken();
    vd_start(&d, 0, 1);
    vq_set_desc(&d, 0, 0, VQ_DATA, 4, VQ_WRITE | VQ_NEXT, 200);
    vq_offer(&d, 0, 0);
    expect_broken();
    vd_start(&d, 0, 1);
    st16_le(vq_avail(&d, 0) + 2, 9);             /* more than the queue holds */
    vq_kick(&d, 0);
    expect_broken();
}
END_TEST

START_TEST(bad_addresses_are_noticed)
{
    start(_i, 0);
    vq_set_desc(&d, 0, 0, VMMIO, 4, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
    vd_start(&d, 0, 1);
    vq_set_desc(&d, 0, 0, UINT64_MAX - 1, 4, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
    vd_start(&d, 0, 1);
    vq_set_desc(&d, 0, 0, HARNESS_RAM + HARNESS_RAM_SIZE - 2, 4, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
}
END_TEST

START_TEST(bad_indirect_tables_are_noticed)
{
    start(_i, F_INDIRECT);
    vq_set_desc(&d, 0, 0, VQ_DATA, 17, VQ_INDIRECT, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
    vd_start(&d, F_INDIRECT, 1);
    st16_le(d.ram + 0x200000 + 12, VQ_INDIRECT);         /* one in the other */
    st32_le(d.ram + 0x200000 + 8, 16);
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, VQ_INDIRECT, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
    vd_start(&d, 0, 1);                                  /* not negotiated */
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, VQ_INDIRECT, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
}
END_TEST

START_TEST(too_many_bytes_are_noticed)
{
    start(_i, 0);
    vq_set_desc(&d, 0, 0, VQ_DATA, 0xffffffff, VQ_WRITE | VQ_NEXT, 1);
    vq_set_desc(&d, 0, 1, VQ_DATA, 0xffffffff, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
}
END_TEST

START_TEST(queue_outside_ram_is_refused)
{
    start(_i, 0);
    vd_write(&d, V_STATUS, 0);
    vd_write(&d, V_STATUS, 3);
    vd_write(&d, V_QSEL, 0);
    vd_write(&d, V_QNUM, 8);
    if (_i) {
        vd_write(&d, V_PAGE, 4096);
        vd_write(&d, V_PFN, 1);
    } else {
        vd_write(&d, V_READY, 1);
        ck_assert_uint_eq(vd_read(&d, V_READY), 0);
    }
    vd_write(&d, V_STATUS, 7);
    vq_kick(&d, 0);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
}
END_TEST

START_TEST(features_must_be_offered)
{
    start(0, 0);
    vd_write(&d, V_STATUS, 0);
    vd_write(&d, V_STATUS, 3);
    vd_write(&d, V_DRVSEL, 0);
    vd_write(&d, V_DRVFEAT, 0xffff);
    vd_write(&d, V_STATUS, 11);
    ck_assert_uint_eq(vd_read(&d, V_STATUS), 3);
    vd_write(&d, V_DRVFEAT, 0);                  /* VERSION_1 is missing */
    vd_write(&d, V_STATUS, 11);
    ck_assert_uint_eq(vd_read(&d, V_STATUS), 3);
}
END_TEST

START_TEST(rate_is_limited)
{
    h = harness_new();
    vd_init(&d, h, "virtio-rng-device", _i);
    device_set_u64(d.dev, "max-bytes", 10);
    device_set_u64(d.dev, "period", 1000);
    vd_plug(&d);
    vd_start(&d, 0, 1);
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    ck_assert_uint_eq(vq_used_len(&d, 0, 0), 10);
    vq_offer(&d, 0, 0);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
    clock_step(h, 1000000000);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 2);
}
END_TEST

START_TEST(full_queue_is_served_in_pieces)
{
    start(_i, 0);
    for (unsigned i = 0; i < VQ_SIZE; i++) {
        vq_set_desc(&d, 0, i, VQ_DATA + 64 * i, 64, VQ_WRITE, 0);
        st16_le(vq_avail(&d, 0) + 4 + 2 * i, (uint16_t)i);
    }
    st16_le(vq_avail(&d, 0) + 2, VQ_SIZE);
    vq_kick(&d, 0);
    ck_assert_uint_lt(vq_used_idx(&d, 0), VQ_SIZE);
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, 0), VQ_SIZE);
}
END_TEST

START_TEST(survives_random_accesses)
{
    struct rng r;

    start(_i, F_INDIRECT | F_EVENT);
    harness_hammer(h, VMMIO, 0x200, 100000, 11);
    rng_init(&r, 12);
    for (int i = 0; i < 3000; i++) {             /* rings of noise */
        vd_start(&d, F_INDIRECT | F_EVENT, 1);
        rng_bytes(&r, vq_desc(&d, 0), 16 * VQ_SIZE);
        for (unsigned k = 0; k < VQ_SIZE; k++) {
            vq_desc(&d, 0)[16 * k + 12] &= 7;
            vq_desc(&d, 0)[16 * k + 13] = 0;
            st16_le(vq_desc(&d, 0) + 16 * k + 14, (uint16_t)rng_below(&r, 9));
            st32_le(vq_desc(&d, 0) + 16 * k + 8, rng_below(&r, 400));
            st64_le(vq_desc(&d, 0) + 16 * k, VQ_DATA + rng_below(&r, 4096));
        }
        for (unsigned k = 0; k < 4; k++)
            vq_offer(&d, 0, rng_below(&r, 9));
    }
}
END_TEST

static Suite *virtio_suite(void)
{
    Suite *s = suite_create("virtio");
    TCase *t = tcase_create("virtio");

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, transport_identifies_itself, 0, 2);
    tcase_add_test(t, empty_transport_has_no_device);
    tcase_add_loop_test(t, buffers_are_filled_and_returned, 0, 2);
    tcase_add_loop_test(t, ring_wraps, 0, 2);
    tcase_add_loop_test(t, driver_can_do_without_interrupts, 0, 2);
    tcase_add_loop_test(t, event_index_says_when_to_interrupt, 0, 2);
    tcase_add_loop_test(t, indirect_descriptors, 0, 2);
    tcase_add_loop_test(t, loops_are_noticed, 0, 2);
    tcase_add_loop_test(t, numbers_out_of_range_are_noticed, 0, 2);
    tcase_add_loop_test(t, bad_addresses_are_noticed, 0, 2);
    tcase_add_loop_test(t, bad_indirect_tables_are_noticed, 0, 2);
    tcase_add_loop_test(t, too_many_bytes_are_noticed, 0, 2);
    tcase_add_loop_test(t, queue_outside_ram_is_refused, 0, 2);
    tcase_add_test(t, features_must_be_offered);
    tcase_add_loop_test(t, rate_is_limited, 0, 2);
    tcase_add_loop_test(t, full_queue_is_served_in_pieces, 0, 2);
    tcase_add_loop_test(t, survives_random_accesses, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(virtio_suite)
