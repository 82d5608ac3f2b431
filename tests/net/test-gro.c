/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/gro.c: what was cut is joined again, what does not belong together is not, and cutting gives the same segments back. */
#include "config.h"
#include <string.h>
#include "net/gro.h"
#include "tests/net/capture.h"
#include "tests/net/packets.h"
#include "util/endian.h"

#define ALL (NET_ACCEPT_CSUM | NET_ACCEPT_TSO4 | NET_ACCEPT_TSO6)

static struct capture c;
static struct net_gro *g;

static void setup(void)
{
    capture_reset(&c);
    g = net_gro_new(capture_frame, &c);
}

static void teardown(void)
{
    net_gro_free(g);
    capture_reset(&c);
}

/* With `flags` in place of the TCP flags when not 0; the sum is not looked at. */
static bool add(const char *hex, uint8_t flags, uint32_t accepts)
{
    uint8_t frame[4096];
    size_t len = unhex(hex, frame);
    struct net_headers h;

    ck_assert(net_parse(frame, len, &h));
    if (flags)
        frame[h.l4 + 13] = flags;
    return net_gro_add(g, frame, len, accepts);
}

START_TEST(segments_are_joined_and_can_be_cut_again)
{
    struct net_frame f;
    struct iovec iov;

    ck_assert(add(small6_0, 0, ALL));
    ck_assert(add(small6_1, 0, ALL));
    ck_assert_uint_eq(c.n, 0);
    ck_assert(net_gro_flush(g));
    ck_assert_uint_eq(c.n, 1);
    capture_expect_hex(&c, 0, large6);
    ck_assert_uint_eq(c.frame[0].off.gso, NET_GSO_TCP6);
    ck_assert_uint_eq(c.frame[0].off.flags, NET_NEEDS_CSUM);
    ck_assert_uint_eq(c.frame[0].off.gso_size, 20);
    ck_assert_uint_eq(c.frame[0].off.csum_start, 62);
    ck_assert_uint_eq(c.frame[0].off.csum_offset, 16);
    ck_assert_uint_eq(c.frame[0].off.hdr_len, 82);
    iov = (struct iovec){ c.frame[0].data, c.frame[0].len };
    f = (struct net_frame){ &iov, 1, iov.iov_len, c.frame[0].off };
    net_offload(c.frame[0].data, f.len, &f.off, 0, capture_frame, &c);
    ck_assert_uint_eq(c.n, 3);
    capture_expect_hex(&c, 1, small6_0);
    capture_expect_hex(&c, 2, small6_1);
}
END_TEST

START_TEST(a_short_or_pushed_segment_is_the_last)
{
    struct net_headers h;

    add(small4_0, 0x10, ALL);
    add(small4_1, 0x10, ALL);
    add(small4_2, 0x18, ALL);
    ck_assert_uint_eq(c.n, 0);
    add(small4_0, 0x10, ALL);                        /* begins another one, and the first goes */
    ck_assert_uint_eq(c.n, 1);
    ck_assert(net_parse(c.frame[0].data, c.frame[0].len, &h));
    ck_assert_uint_eq(h.end - h.payload, 30);
    ck_assert_uint_eq(c.frame[0].data[h.l4 + 13], 0x18);
    ck_assert_uint_eq(c.frame[0].off.gso, NET_GSO_TCP4);
    add(small4_1, 0x18, ALL);
    add(small4_2, 0x10, ALL);
    ck_assert_uint_eq(c.n, 2);
    ck_assert_uint_eq(c.frame[1].off.gso_size, 12);
}
END_TEST

START_TEST(one_alone_stays_as_it_was)
{
    add(small6_0, 0, ALL);
    net_gro_flush(g);
    capture_expect_hex(&c, 0, small6_0);
    ck_assert_uint_eq(c.frame[0].off.flags, NET_DATA_VALID);
    ck_assert_uint_eq(c.frame[0].off.gso, NET_GSO_NONE);
    ck_assert(net_gro_flush(g));
    ck_assert_uint_eq(c.n, 1);
}
END_TEST

START_TEST(what_does_not_follow_is_not_joined)
{
    add(small4_0, 0x10, ALL);
    add(small4_2, 0x10, ALL);                        /* a hole */
    add(small4_1, 0x10, ALL);                        /* behind */
    add(small6_0, 0x10, ALL);                        /* another connection */
    net_gro_flush(g);
    ck_assert_uint_eq(c.n, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(c.frame[i].off.gso, NET_GSO_NONE);
}
END_TEST

START_TEST(every_header_byte_counts)
{
    uint8_t a[256], b[256];
    size_t len = unhex(small6_0, a);
    struct net_headers h;

    ck_assert(net_parse(a, len, &h));
    for (uint32_t i = 0; i < h.payload; i++) {
        bool free_to_differ = (i >= h.l4 + 4 && i < h.l4 + 8) || (i >= h.l4 + 16 && i < h.l4 + 18) ||
                              (i >= h.l3 + 4 && i < h.l3 + 6);

        memcpy(b, a, len);
        st32_be(b + h.l4 + 4, ld32_be(a + h.l4 + 4) + 20);
        b[i] ^= 0x40;
        if (free_to_differ)
            continue;
        net_gro_add(g, a, len, ALL);
        net_gro_add(g, b, len, ALL);
        net_gro_flush(g);
        ck_assert_msg(c.n == 2, "byte %u differed", i);
        capture_reset(&c);
    }
}
END_TEST

START_TEST(order_is_kept_round_other_frames)
{
    uint8_t arp[42] = { 0 };

    arp[12] = 8, arp[13] = 6;
    add(small4_0, 0x10, ALL);
    net_gro_add(g, arp, sizeof(arp), ALL);
    add(small4_1, 0x11, ALL);                        /* FIN */
    ck_assert_uint_eq(c.n, 3);
    ck_assert_uint_eq(c.frame[1].len, sizeof(arp));
    ck_assert_uint_eq(c.frame[2].off.gso, NET_GSO_NONE);
}
END_TEST

START_TEST(only_for_receivers_that_take_them)
{
    add(small6_0, 0, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4);
    add(small6_1, 0, NET_ACCEPT_TSO6);
    ck_assert_uint_eq(c.n, 2);
    c.room = 0;
    ck_assert(!add(small6_0, 0, 0));
}
END_TEST

/* 64 KiB is the end. */
START_TEST(large_packets_have_an_end)
{
    uint8_t frame[1514];
    struct net_headers h;
    uint32_t seq = 0;

    memset(frame, 0, sizeof(frame));
    unhex(small6_0, frame);
    st16_be(frame + 14 + 4, sizeof(frame) - 54);
    ck_assert(net_parse(frame, sizeof(frame), &h));
    for (int i = 0; i < 60; i++) {
        st32_be(frame + h.l4 + 4, seq);
        seq += h.end - h.payload;
        net_gro_add(g, frame, sizeof(frame), ALL);
    }
    net_gro_flush(g);
    ck_assert_uint_eq(c.n, 2);
    ck_assert_uint_gt(c.frame[0].len, 60000);
    ck_assert_uint_le(c.frame[0].len, 65535 + 14);
    ck_assert(net_parse(c.frame[0].data, c.frame[0].len, &h));
}
END_TEST

static Suite *gro_suite(void)
{
    Suite *s = suite_create("gro");
    TCase *t = tcase_create("gro");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, segments_are_joined_and_can_be_cut_again);
    tcase_add_test(t, a_short_or_pushed_segment_is_the_last);
    tcase_add_test(t, one_alone_stays_as_it_was);
    tcase_add_test(t, what_does_not_follow_is_not_joined);
    tcase_add_test(t, every_header_byte_counts);
    tcase_add_test(t, order_is_kept_round_other_frames);
    tcase_add_test(t, only_for_receivers_that_take_them);
    tcase_add_test(t, large_packets_have_an_end);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(gro_suite)
