/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/defrag.c: fragments in any order, overlapping, lost, late, and lying. */
#include "config.h"
#include <string.h>
#include "net/defrag.h"
#include "net/offload.h"
#include "tests/suite.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/rng.h"

#define IP 14u
#define DATA 34u
#define MORE 0x2000u

static struct net_defrag *d;
static uint8_t frame[2000];
static size_t len;

static void setup(void)
{
    d = net_defrag_new();
}

static void teardown(void)
{
    net_defrag_free(d);
}

static void seal(void)
{
    st16_be(frame + IP + 10, 0);
    st16_he(frame + IP + 10, net_sum_finish(net_sum(frame + IP, (frame[IP] & 15) * 4u, 0)));
}

/* n bytes at `offset` of datagram `id`: byte i of it is i * 7. */
static void make(unsigned id, uint32_t offset, uint32_t n, bool more)
{
    memset(frame, 0, DATA);
    frame[12] = 8;
    frame[IP] = 0x45;
    st16_be(frame + IP + 2, (uint16_t)(20 + n));
    st16_be(frame + IP + 4, (uint16_t)id);
    st16_be(frame + IP + 6, (uint16_t)((more ? MORE : 0) | offset / 8));
    frame[IP + 8] = 64;
    frame[IP + 9] = 17;
    st32_be(frame + IP + 12, 0x0a00020f);
    st32_be(frame + IP + 16, 0x0a000202);
    for (uint32_t i = 0; i < n; i++)
        frame[DATA + i] = (uint8_t)((offset + i) * 7);
    len = DATA + n;
    seal();
}

static const uint8_t *add(int64_t now)
{
    return net_defrag_add(d, frame, &len, now);
}

static bool is_whole(const uint8_t *f, uint32_t n)
{
    if (!f || len != DATA + n || ld16_be(f + IP + 2) != 20 + n || ld16_be(f + IP + 6) || net_sum_finish(net_sum(f + IP, 20, 0)))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (f[DATA + i] != (uint8_t)(i * 7))
            return false;
    return true;
}

START_TEST(what_is_no_fragment_passes)
{
    make(1, 0, 100, false);
    ck_assert_ptr_eq(add(0), frame);
    ck_assert_uint_eq(len, DATA + 100);
    st16_be(frame + IP + 6, 0x4000);                 /* don't fragment */
    ck_assert_ptr_eq(add(0), frame);
    make(1, 0, 104, true);
    frame[12] = 0x86;                                /* not IPv4 */
    ck_assert_ptr_eq(add(0), frame);
    len = 20;
    ck_assert_ptr_eq(add(0), frame);
}
END_TEST

START_TEST(in_every_order)
{
    static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

    for (int o = 0; o < 6; o++) {
        for (int k = 0; k < 3; k++) {
            int part = orders[o][k];
            const uint8_t *f;

            make((unsigned)o, (uint32_t)part * 800, part == 2 ? 33 : 800, part < 2);
            f = add(0);
            if (k < 2)
                ck_assert_ptr_null(f);
            else
                ck_assert_msg(is_whole(f, 1633), "order %d", o);
        }
    }
}
END_TEST

START_TEST(datagrams_are_told_apart)
{
    make(1, 0, 8, true);
    ck_assert_ptr_null(add(0));
    make(2, 8, 8, false);
    ck_assert_ptr_null(add(0));
    make(1, 8, 8, false);
    frame[IP + 9] = 6;                               /* another protocol */
    seal();
    ck_assert_ptr_null(add(0));
    make(2, 0, 8, true);
    ck_assert(is_whole(add(0), 16));
    make(1, 8, 8, false);
    ck_assert(is_whole(add(0), 16));
}
END_TEST

START_TEST(overlaps_spoil_the_datagram)
{
    make(1, 0, 16, true);
    add(0);
    make(1, 8, 16, true);
    ck_assert_ptr_null(add(0));
    make(1, 16, 8, false);                           /* would have completed it */
    ck_assert_ptr_null(add(0));
    make(2, 16, 8, false);
    add(0);
    make(2, 24, 8, true);                            /* behind the end */
    ck_assert_ptr_null(add(0));
    make(3, 24, 8, true);
    add(0);
    make(3, 8, 8, false);                            /* an end before what is there */
    ck_assert_ptr_null(add(0));
}
END_TEST

START_TEST(they_do_not_wait_for_ever)
{
    make(1, 0, 8, true);
    add(0);
    make(1, 8, 8, false);
    ck_assert_ptr_null(add((int64_t)31 * NS_PER_S));
    for (unsigned id = 10; id < 30; id++) {          /* more than there is room for: the oldest go */
        make(id, 0, 8, true);
        ck_assert_ptr_null(add((int64_t)40 * NS_PER_S + id));
    }
    make(10, 8, 8, false);
    ck_assert_ptr_null(add((int64_t)41 * NS_PER_S));
    make(29, 8, 8, false);
    ck_assert(is_whole(add((int64_t)41 * NS_PER_S), 16));
}
END_TEST

START_TEST(the_largest)
{
    const uint8_t *f = NULL;

    for (uint32_t at = 0; at < 65515; at += 1480) {
        make(1, at, MIN(1480, 65515 - at), at + 1480 < 65515);
        f = add(0);
    }
    ck_assert(is_whole(f, 65515));
    ck_assert_uint_le(len, NET_MAX_FRAME);
    make(2, 65512, 8, false);                        /* ends behind 64 KiB */
    ck_assert_ptr_null(add(0));
}
END_TEST

START_TEST(noise)
{
    struct rng r;

    rng_init(&r, 3);
    for (int i = 0; i < 200000; i++) {
        g_autofree uint8_t *exact = NULL;

        make((unsigned)(rng_u64(&r) % 3), (uint32_t)(rng_u64(&r) % 9000 * 8), (uint32_t)(rng_u64(&r) % 200), rng_u64(&r) & 1);
        for (unsigned k = rng_u64(&r) % 3; k; k--)
            frame[rng_u64(&r) % DATA] = (uint8_t)rng_u64(&r);
        seal();
        len = rng_u64(&r) % 4 ? len : rng_u64(&r) % (len + 1);
        exact = g_memdup2(frame, len + 1);
        net_defrag_add(d, exact, &len, i);
    }
}
END_TEST

static Suite *defrag_suite(void)
{
    Suite *s = suite_create("defrag");
    TCase *t = tcase_create("defrag");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_is_no_fragment_passes);
    tcase_add_test(t, in_every_order);
    tcase_add_test(t, datagrams_are_told_apart);
    tcase_add_test(t, overlaps_spoil_the_datagram);
    tcase_add_test(t, they_do_not_wait_for_ever);
    tcase_add_test(t, the_largest);
    tcase_add_test(t, noise);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(defrag_suite)
