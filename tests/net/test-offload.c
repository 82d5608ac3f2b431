/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/offload.c: checksums and segmentation against packets that another program made; frames that lie about themselves. */
#include "config.h"
#include <string.h>
#include "net/offload.h"
#include "tests/net/capture.h"
#include "tests/net/packets.h"
#include "util/endian.h"
#include "util/rng.h"

static struct capture c;
static uint8_t buf[NET_MAX_FRAME];
static const struct net_offload tso4 = { NET_NEEDS_CSUM, NET_GSO_TCP4, 70, 12, 38, 16 };
static const struct net_offload tso6 = { NET_NEEDS_CSUM, NET_GSO_TCP6, 82, 20, 62, 16 };
static const struct net_offload udp = { NET_NEEDS_CSUM, NET_GSO_NONE, 0, 0, 34, 6 };

static void setup(void)
{
    capture_reset(&c);
}

/* A sum as RFC 1071 writes it: 16 bits at a time. */
static uint16_t slow_sum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i += 2)
        sum += (uint32_t)(p[i] << 8 | (i + 1 < len ? p[i + 1] : 0));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

START_TEST(sums_of_all_lengths)
{
    struct rng r;
    uint8_t out[2];

    rng_init(&r, 7);
    for (size_t i = 0; i < 4096; i++)
        buf[i] = (uint8_t)rng_u64(&r);
    for (size_t len = 0; len < 1600; len++) {
        st16_he(out, net_sum_finish(net_sum(buf + len % 7, len, 0)));
        ck_assert_uint_eq(ld16_be(out), slow_sum(buf + len % 7, len));
    }
    memset(buf, 0xff, sizeof(buf));
    st16_he(out, net_sum_finish(net_sum(buf, 65534, 0)));
    ck_assert_uint_eq(ld16_be(out), slow_sum(buf, 65534));
}
END_TEST

START_TEST(checksums_are_completed)
{
    size_t len = unhex(udp_odd_partial, buf);

    ck_assert(net_offload(buf, len, &udp, 0, capture_frame, &c));
    capture_expect_hex(&c, 0, udp_odd_whole);
    ck_assert_uint_eq(c.frame[0].off.flags, 0);
    len = unhex(udp_partial, buf);
    net_offload(buf, len, &udp, 0, capture_frame, &c);
    capture_expect_hex(&c, 1, udp_whole);        /* 0 became ffff */
    ck_assert_uint_eq(c.n, 2);
}
END_TEST

START_TEST(a_valid_mark_is_dropped_for_who_does_not_know_it)
{
    struct net_offload valid = { .flags = NET_DATA_VALID };
    size_t len = unhex(udp_whole, buf);

    ck_assert(net_offload_needed(&valid, 0));
    ck_assert(!net_offload_needed(&valid, NET_ACCEPT_CSUM));
    net_offload(buf, len, &valid, 0, capture_frame, &c);
    capture_expect_hex(&c, 0, udp_whole);
    ck_assert_uint_eq(c.frame[0].off.flags, 0);
}
END_TEST

START_TEST(ipv4_is_cut)
{
    size_t len = unhex(large4, buf);

    ck_assert(net_offload(buf, len, &tso4, 0, capture_frame, &c));
    ck_assert_uint_eq(c.n, 3);
    capture_expect_hex(&c, 0, small4_0);
    capture_expect_hex(&c, 1, small4_1);
    capture_expect_hex(&c, 2, small4_2);
    ck_assert_uint_eq(c.frame[1].off.gso, NET_GSO_NONE);
    ck_assert_uint_eq(c.frame[1].off.flags, 0);
}
END_TEST

START_TEST(ipv6_is_cut)
{
    size_t len = unhex(large6, buf);

    ck_assert(net_offload(buf, len, &tso6, 0, capture_frame, &c));
    ck_assert_uint_eq(c.n, 2);
    capture_expect_hex(&c, 0, small6_0);
    capture_expect_hex(&c, 1, small6_1);
}
END_TEST

START_TEST(large_packets_stay_whole_for_who_takes_them)
{
    size_t len = unhex(large4, buf);

    ck_assert(net_offload(buf, len, &tso4, NET_ACCEPT_TSO4, capture_frame, &c));
    ck_assert_uint_eq(c.n, 1);
    capture_expect_hex(&c, 0, whole4);
    ck_assert_uint_eq(c.frame[0].off.gso, NET_GSO_TCP4);
    ck_assert_uint_eq(c.frame[0].off.flags, 0);
}
END_TEST

START_TEST(needs)
{
    static const uint32_t all = NET_ACCEPT_CSUM | NET_ACCEPT_TSO4 | NET_ACCEPT_TSO6;
    struct net_offload ecn = tso4;

    ecn.gso |= NET_GSO_ECN;
    ck_assert(!net_offload_needed(&(struct net_offload){ 0 }, 0));
    ck_assert(net_offload_needed(&udp, 0));
    ck_assert(!net_offload_needed(&udp, NET_ACCEPT_CSUM));
    ck_assert(net_offload_needed(&tso4, NET_ACCEPT_CSUM | NET_ACCEPT_TSO6));
    ck_assert(!net_offload_needed(&tso4, all));
    ck_assert(net_offload_needed(&tso6, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4));
    ck_assert(net_offload_needed(&ecn, all));
    ck_assert(!net_offload_needed(&ecn, all | NET_ACCEPT_ECN));
    ck_assert(net_offload_needed(&(struct net_offload){ .gso = NET_GSO_UDP }, all));
}
END_TEST

START_TEST(a_full_receiver_is_reported)
{
    size_t len = unhex(large4, buf);

    c.room = 1;
    ck_assert(!net_offload(buf, len, &tso4, 0, capture_frame, &c));
    ck_assert_uint_eq(c.n, 1);
}
END_TEST

/* Whatever the headers say: nothing outside of the frame is read (the sanitizers look), and the segments are not endless. */
START_TEST(nonsense_is_dropped)
{
    struct net_offload off = tso4;
    size_t len = unhex(large4, buf);
    struct net_headers h;

    for (size_t cut = 0; cut < len; cut++) {
        g_autofree uint8_t *exact = g_memdup2(buf, cut + 1);

        ck_assert(!net_parse(exact, cut, &h));
        net_offload(exact, cut, &off, 0, capture_frame, &c);
    }
    off.gso_size = 0;
    net_offload(buf, len, &off, 0, capture_frame, &c);
    off.gso_size = 7;
    net_offload(buf, len, &off, 0, capture_frame, &c);
    off = tso6;                                      /* on an IPv4 packet */
    net_offload(buf, len, &off, 0, capture_frame, &c);
    off.gso = NET_GSO_UDP;
    net_offload(buf, len, &off, 0, capture_frame, &c);
    off = udp;
    off.csum_start = 0xffff;
    off.csum_offset = 0xffff;
    net_offload(buf, len, &off, 0, capture_frame, &c);
    ck_assert_uint_eq(c.n, 0);
}
END_TEST

START_TEST(random_headers)
{
    struct rng r;

    rng_init(&r, 99);
    for (int i = 0; i < 20000; i++) {
        uint8_t frame[200];
        size_t len = unhex(i & 1 ? large4 : large6, frame);
        struct net_offload off = i & 1 ? tso4 : tso6;
        g_autofree uint8_t *exact = NULL;

        for (int k = 0; k < 3; k++)
            frame[rng_u64(&r) % 90] = (uint8_t)rng_u64(&r);
        len = rng_u64(&r) % (len + 1);
        exact = g_memdup2(frame, len + 1);
        off.csum_start = (uint16_t)(rng_u64(&r) % 128);
        off.gso = rng_u64(&r) % 6;
        net_offload(exact, len, &off, (uint32_t)(rng_u64(&r) & 15), capture_frame, &c);
        capture_reset(&c);
    }
}
END_TEST

static Suite *offload_suite(void)
{
    Suite *s = suite_create("offload");
    TCase *t = tcase_create("offload");

    tcase_add_checked_fixture(t, setup, setup);
    tcase_add_test(t, sums_of_all_lengths);
    tcase_add_test(t, checksums_are_completed);
    tcase_add_test(t, a_valid_mark_is_dropped_for_who_does_not_know_it);
    tcase_add_test(t, ipv4_is_cut);
    tcase_add_test(t, ipv6_is_cut);
    tcase_add_test(t, large_packets_stay_whole_for_who_takes_them);
    tcase_add_test(t, needs);
    tcase_add_test(t, a_full_receiver_is_reported);
    tcase_add_test(t, nonsense_is_dropped);
    tcase_add_test(t, random_headers);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(offload_suite)
