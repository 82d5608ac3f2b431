/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio-balloon.c: pages in and out, statistics, reported pages, the monitor's wishes. Loop tests run with both transports. */
#include "config.h"
#include <string.h>
#include <sys/mman.h>
#include "softmmu/machine.h"
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"

enum { INFLATE, DEFLATE, STATS, REPORTING };
enum { F_STATS = 1 << 1, F_OOM = 1 << 2, F_REPORTING = 1 << 5 };
#define PAGE 4096u
#define GIVEN (HARNESS_RAM + 0x300000)   /* pages that go into the balloon */

static struct harness *h;
static struct virtio_driver d;

static void start(bool legacy, const char *prop, const char *value, uint32_t features, unsigned nqueues)
{
    h = harness_new();
    vd_init(&d, h, "virtio-balloon-device", legacy);
    if (prop)
        ck_assert(device_set_prop(d.dev, prop, value, NULL));
    vd_plug(&d);
    vd_start(&d, features, nqueues);
}

static void teardown(void)
{
    harness_free(h);
    h = NULL;
}

static uint8_t *at(uint64_t addr)
{
    return d.ram + (addr - HARNESS_RAM);
}

static bool resident(uint64_t addr)
{
    unsigned char there;

    ck_assert_int_eq(mincore(at(addr), PAGE, &there), 0);
    return there & 1;
}

/* A buffer of page numbers, one after the other from addr on. */
static void give(unsigned q, unsigned slot, uint64_t addr, uint32_t pages)
{
    uint64_t buf = VQ_DATA + slot * 0x10000;

    for (uint32_t i = 0; i < pages; i++)
        st32_le(at(buf) + 4 * i, (uint32_t)(addr / PAGE) + i);
    vq_set_desc(&d, q, slot, buf, 4 * pages, 0, 0);
    vq_offer(&d, q, slot);
}

START_TEST(pages_go_back_to_the_host_and_return_as_zeroes)
{
    start(_i, NULL, NULL, 0, 2);
    memset(at(GIVEN), 0x5a, 8 * PAGE);
    give(INFLATE, 0, GIVEN + PAGE, 6);
    ck_assert_uint_eq(vq_used_idx(&d, INFLATE), 1);
    for (unsigned i = 1; i < 7; i++)
        ck_assert(!resident(GIVEN + i * PAGE));
    ck_assert_uint_eq(at(GIVEN)[PAGE - 1], 0x5a);
    ck_assert_uint_eq(at(GIVEN)[7 * PAGE], 0x5a);
    give(DEFLATE, 1, GIVEN + PAGE, 6);
    ck_assert_uint_eq(vq_used_idx(&d, DEFLATE), 1);
    ck_assert_uint_eq(at(GIVEN)[PAGE], 0);
    ck_assert_uint_eq(at(GIVEN)[7 * PAGE - 1], 0);
}
END_TEST

static uint64_t changed_at, changed_len;

static void changed(void *opaque, uint64_t paddr, uint64_t len)
{
    (void)opaque;
    if (paddr >= GIVEN) {
        changed_at = paddr;
        changed_len = len;
    }
}

START_TEST(translations_of_given_pages_go)
{
    start(0, NULL, NULL, 0, 2);
    bus_set_write_hook(h->m->bus, changed, NULL);
    give(INFLATE, 0, GIVEN, 3);
    ck_assert_uint_eq(changed_at, GIVEN);
    ck_assert_uint_eq(changed_len, 3 * PAGE);
}
END_TEST

START_TEST(many_pages_come_in_pieces)
{
    start(_i, NULL, NULL, 0, 2);
    memset(at(GIVEN), 0x5a, PAGE);
    for (uint32_t i = 0; i < 4000; i++)
        st32_le(at(VQ_DATA) + 4 * i, i < 3999 ? 0x12345 : GIVEN / PAGE);
    vq_set_desc(&d, INFLATE, 0, VQ_DATA, 16000, 0, 0);
    vq_offer(&d, INFLATE, 0);
    ck_assert_uint_eq(vq_used_idx(&d, INFLATE), 0);
    ck_assert_uint_eq(at(GIVEN)[0], 0x5a);
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, INFLATE), 1);
    ck_assert_uint_eq(at(GIVEN)[0], 0);
}
END_TEST

START_TEST(pages_that_are_not_ram_are_passed_over)
{
    static const uint32_t bad[] = { 0, VMMIO / PAGE, UINT32_MAX, (HARNESS_RAM + HARNESS_RAM_SIZE) / PAGE, 0x7fffffff };

    start(_i, NULL, NULL, 0, 2);
    memset(at(GIVEN), 0x5a, PAGE);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
        st32_le(at(VQ_DATA) + 4 * i, bad[i]);
    st32_le(at(VQ_DATA) + sizeof(bad), GIVEN / PAGE);
    vq_set_desc(&d, INFLATE, 0, VQ_DATA, sizeof(bad) + 4 + 3, 0, 0);     /* and a part of a number */
    vq_offer(&d, INFLATE, 0);
    ck_assert_uint_eq(vq_used_idx(&d, INFLATE), 1);
    ck_assert_uint_eq(at(GIVEN)[0], 0);
    ck_assert_uint_eq(vd_read(&d, V_STATUS) & 64, 0);
}
END_TEST

START_TEST(monitor_sets_the_size)
{
    g_autoptr(GString) stats = g_string_new(NULL);
    uint64_t bytes;

    start(_i, NULL, NULL, 0, 2);
    ck_assert_uint_eq(vd_read(&d, V_CONFIG), 0);
    ck_assert(machine_balloon(h->m, HARNESS_RAM_SIZE - 5 * PAGE, NULL));
    ck_assert_uint_eq(vd_read(&d, V_CONFIG), 5);
    ck_assert_irq(h, VQ_LINE, true);
    ck_assert_uint_eq(vd_read(&d, V_ISR), 2);
    vd_write(&d, V_CONFIG + 4, 3);
    ck_assert_uint_eq(vd_read(&d, V_CONFIG + 4), 3);
    ck_assert(machine_balloon_info(h->m, &bytes, stats, NULL));
    ck_assert_uint_eq(bytes, HARNESS_RAM_SIZE - 3 * PAGE);
    ck_assert_str_eq(stats->str, "");
    ck_assert(machine_balloon(h->m, UINT64_MAX, NULL));
    ck_assert_uint_eq(vd_read(&d, V_CONFIG), 0);
    vd_write(&d, V_CONFIG + 4, UINT32_MAX);              /* lies */
    ck_assert(machine_balloon_info(h->m, &bytes, stats, NULL));
    ck_assert_uint_eq(bytes, 0);
}
END_TEST

START_TEST(there_is_one_balloon_at_most)
{
    g_autoptr(GError) err = NULL;
    struct virtio_driver other;

    start(0, NULL, NULL, 0, 2);
    vd_init_at(&other, h, "virtio-balloon-device", false, VMMIO + 0x1000, VQ_BASE, 1);
    ck_assert(!device_realize(other.dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "balloon"));
}
END_TEST

static void put_stat(unsigned i, uint16_t tag, uint64_t value)
{
    st16_le(at(VQ_DATA) + 10 * i, tag);
    st64_le(at(VQ_DATA) + 10 * i + 2, value);
}

START_TEST(statistics_are_asked_for)
{
    g_autoptr(GString) stats = g_string_new(NULL);
    uint64_t bytes;

    start(_i, "guest-stats-polling-interval", "2", F_STATS, 3);
    put_stat(0, 4, 1111);
    put_stat(1, 5, 2222);
    put_stat(2, 999, 3333);
    vq_set_desc(&d, STATS, 0, VQ_DATA, 30, 0, 0);
    vq_offer(&d, STATS, 0);
    ck_assert_uint_eq(vq_used_idx(&d, STATS), 0);        /* kept */
    clock_step(h, 2000000000);
    ck_assert_uint_eq(vq_used_idx(&d, STATS), 1);        /* newer ones, please */
    put_stat(0, 4, 4444);
    vq_offer(&d, STATS, 0);
    ck_assert_uint_eq(vq_used_idx(&d, STATS), 1);
    ck_assert(machine_balloon_info(h->m, &bytes, stats, NULL));
    ck_assert_str_eq(stats->str, " free_mem=4444 total_mem=2222");
    clock_step(h, 2000000000);
    ck_assert_uint_eq(vq_used_idx(&d, STATS), 2);
    clock_step(h, 2000000000);                           /* none is there */
    ck_assert_uint_eq(vq_used_idx(&d, STATS), 2);
}
END_TEST

START_TEST(reported_pages_are_given_back)
{
    uint32_t features = _i ? F_REPORTING : F_REPORTING | F_STATS;
    unsigned q = _i ? 2 : 3;                             /* without statistics it moves up */

    start(false, "free-page-reporting", "on", features, q + 1);
    memset(at(GIVEN), 0x5a, 0x20000);
    vq_set_desc(&d, q, 0, GIVEN, 0x10000, VQ_WRITE | VQ_NEXT, 1);
    vq_set_desc(&d, q, 1, GIVEN + 0x11800, 0x1800, VQ_WRITE, 0);
    vq_offer(&d, q, 0);
    ck_assert_uint_eq(vq_used_idx(&d, q), 1);
    ck_assert(!resident(GIVEN) && !resident(GIVEN + 0xf000) && !resident(GIVEN + 0x12000));
    ck_assert_uint_eq(at(GIVEN)[0x10000], 0x5a);
    ck_assert_uint_eq(at(GIVEN)[0x11fff], 0x5a);         /* a part of a page stays */
    ck_assert_uint_eq(at(GIVEN)[0x13000], 0x5a);
}
END_TEST

START_TEST(features_follow_the_properties)
{
    start(0, "deflate-on-oom", "on", 0, 2);
    vd_write(&d, V_DEVSEL, 0);
    ck_assert_uint_eq(vd_read(&d, V_DEVFEAT) & (F_STATS | F_OOM | F_REPORTING), F_STATS | F_OOM);
    ck_assert_uint_eq(vd_read(&d, V_ID), 5);
    vd_write(&d, V_QSEL, 3);
    ck_assert_uint_eq(vd_read(&d, V_QMAX), 0);
}
END_TEST

static Suite *balloon_suite(void)
{
    Suite *s = suite_create("virtio-balloon");
    TCase *t = tcase_create("virtio-balloon");

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, pages_go_back_to_the_host_and_return_as_zeroes, 0, 2);
    tcase_add_test(t, translations_of_given_pages_go);
    tcase_add_loop_test(t, many_pages_come_in_pieces, 0, 2);
    tcase_add_loop_test(t, pages_that_are_not_ram_are_passed_over, 0, 2);
    tcase_add_loop_test(t, monitor_sets_the_size, 0, 2);
    tcase_add_test(t, there_is_one_balloon_at_most);
    tcase_add_loop_test(t, statistics_are_asked_for, 0, 2);
    tcase_add_loop_test(t, reported_pages_are_given_back, 0, 2);
    tcase_add_test(t, features_follow_the_properties);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(balloon_suite)
