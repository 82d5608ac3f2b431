/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/net.c: the contract in net.h between two ports. */
#include "config.h"
#include <string.h>
#include "net/internal.h"
#include "tests/net/capture.h"
#include "tests/net/packets.h"

static struct netdev nd;
static struct capture card, back;

static void setup(void)
{
    memset(&nd, 0, sizeof(nd));
    nd.filters = g_ptr_array_new();
    nd.back.nd = nd.card.nd = &nd;
    nd.back.peer = &nd.card;
    nd.card.peer = &nd.back;
    g_queue_init(&nd.back.waiting);
    g_queue_init(&nd.card.waiting);
    capture_reset(&card);
    capture_reset(&back);
    net_port_init(&nd.back, &capture_ops, &back);
    netdev_plug(&nd, &capture_ops, &card);
}

static void teardown(void)
{
    net_port_fini(&nd.back);
    net_port_fini(&nd.card);
    g_ptr_array_free(nd.filters, TRUE);
    capture_reset(&card);
    capture_reset(&back);
}

static bool send(struct net_port *from, char name)
{
    char data[20];

    memset(data, name, sizeof(data));
    return net_send_buf(from, data, sizeof(data));
}

static void expect(const struct capture *c, const char *names)
{
    ck_assert_uint_eq(c->n, strlen(names));
    for (unsigned i = 0; i < c->n; i++)
        ck_assert_int_eq(c->frame[i].data[0], names[i]);
}

START_TEST(frames_go_both_ways)
{
    ck_assert(send(&nd.back, 'a'));
    ck_assert(send(&nd.card, 'b'));
    net_flush(&nd.back);
    expect(&card, "a");
    expect(&back, "b");
    ck_assert_uint_eq(card.flushes, 1);
    ck_assert_uint_eq(back.flushes, 0);
}
END_TEST

START_TEST(a_full_receiver_stops_its_sender_and_asks_for_more)
{
    card.room = 1;
    ck_assert(send(&nd.back, 'a'));
    ck_assert(!send(&nd.back, 'b'));
    ck_assert(net_pending(&nd.card));
    net_ready(&nd.card);                             /* still none */
    expect(&card, "a");
    ck_assert_uint_eq(back.writables, 0);
    card.room = 1;
    ck_assert(!send(&nd.back, 'c'));                 /* behind b, although there is room */
    expect(&card, "a");
    net_ready(&nd.card);
    expect(&card, "ab");
    ck_assert_uint_eq(back.writables, 0);            /* c waits */
    card.room = -1;
    net_ready(&nd.card);
    expect(&card, "abc");
    ck_assert_uint_eq(back.writables, 1);
    ck_assert_uint_eq(card.flushes, 1);
    net_ready(&nd.card);                             /* nobody was stopped */
    ck_assert_uint_eq(back.writables, 1);
    ck_assert(send(&nd.back, 'd'));
}
END_TEST

START_TEST(the_queue_is_bounded)
{
    card.room = 0;
    for (int i = 0; i < 5000; i++)
        ck_assert(!send(&nd.back, 'x'));
    ck_assert_uint_gt(nd.card.lost, 0);
    ck_assert_uint_le(nd.card.waiting.length, 1024);
    net_purge(&nd.card);
    ck_assert(!net_pending(&nd.card));
    card.room = -1;
    net_ready(&nd.card);
    ck_assert_uint_eq(back.writables, 1);
    expect(&card, "");
}
END_TEST

START_TEST(bytes_are_bounded_too)
{
    g_autofree uint8_t *big = g_malloc0(60000);

    card.room = 0;
    for (int i = 0; i < 200; i++)
        net_send_buf(&nd.back, big, 60000);
    ck_assert_uint_le(nd.card.waiting_bytes, 4u << 20);
    ck_assert_uint_gt(nd.card.waiting_bytes, 3u << 20);
}
END_TEST

START_TEST(nobody_there_loses_frames)
{
    netdev_unplug(&nd.card);
    ck_assert(send(&nd.back, 'a'));
    net_flush(&nd.back);
    net_ready(&nd.card);
    expect(&card, "");
}
END_TEST

START_TEST(a_refused_frame_is_a_copy)
{
    uint8_t data[20] = { 'a' };

    card.room = 0;
    net_send_buf(&nd.back, data, sizeof(data));
    data[0] = 'b';
    card.room = -1;
    net_ready(&nd.card);
    expect(&card, "a");
}
END_TEST

/* A receiver that answers at once, and is sent to while it does. */
static bool echo(void *opaque, const struct net_frame *f)
{
    unsigned *left = opaque;

    if ((*left)--)
        net_send(&nd.card, f);
    return true;
}

static bool echo_back(void *opaque, const struct net_frame *f)
{
    (void)opaque;
    net_send(&nd.back, f);
    return true;
}

START_TEST(answers_inside_of_receive_do_not_recurse)
{
    static const struct net_port_ops echo_ops = { .receive = echo }, back_ops = { .receive = echo_back };
    unsigned left = 100000;

    netdev_plug(&nd, &echo_ops, &left);
    net_port_init(&nd.back, &back_ops, NULL);
    send(&nd.back, 'a');
    ck_assert_uint_eq(left, 99999);                  /* the second one waits until somebody asks */
    net_ready(&nd.card);
}
END_TEST

START_TEST(large_packets_are_cut_for_who_takes_none)
{
    uint8_t buf[4096];
    struct iovec iov[2] = { { buf, 40 }, { buf + 40, unhex(large4, buf) - 40 } };
    struct net_frame f = { iov, 2, 40 + iov[1].iov_len, { NET_NEEDS_CSUM, NET_GSO_TCP4, 70, 12, 38, 16 } };

    ck_assert(net_send(&nd.card, &f));
    ck_assert_uint_eq(back.n, 3);
    capture_expect_hex(&back, 2, small4_2);
    net_set_accepts(&nd.back, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4);
    ck_assert_uint_eq(card.peer_accepts, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4);
    ck_assert(net_send(&nd.card, &f));
    ck_assert_uint_eq(back.n, 4);
    capture_expect_hex(&back, 3, large4);
    ck_assert_uint_eq(back.frame[3].off.gso_size, 12);
}
END_TEST

START_TEST(refused_segments_wait_in_order)
{
    uint8_t buf[4096];
    struct iovec iov = { buf, unhex(large4, buf) };
    struct net_frame f = { &iov, 1, iov.iov_len, { NET_NEEDS_CSUM, NET_GSO_TCP4, 70, 12, 38, 16 } };

    back.room = 1;
    ck_assert(!net_send(&nd.card, &f));
    back.room = -1;
    net_ready(&nd.back);
    ck_assert_uint_eq(back.n, 3);
    capture_expect_hex(&back, 0, small4_0);
    capture_expect_hex(&back, 1, small4_1);
    capture_expect_hex(&back, 2, small4_2);
    ck_assert_uint_eq(card.writables, 1);
}
END_TEST

static unsigned seen;

static void see(struct net_filter *f, const struct net_frame *frame)
{
    (void)f;
    seen += (unsigned)frame->len;
}

START_TEST(filters_see_both_directions)
{
    struct net_filter f = { .frame = see };

    g_ptr_array_add(nd.filters, &f);
    seen = 0;
    send(&nd.back, 'a');
    send(&nd.card, 'b');
    ck_assert_uint_eq(seen, 40);
}
END_TEST

START_TEST(frames_longer_than_any_are_lost)
{
    g_autofree uint8_t *big = g_malloc0(NET_MAX_FRAME + 1);

    ck_assert(net_send_buf(&nd.back, big, NET_MAX_FRAME + 1));
    ck_assert_uint_eq(card.n, 0);
    ck_assert(net_send_buf(&nd.back, big, NET_MAX_FRAME));
    ck_assert_uint_eq(card.n, 1);
}
END_TEST

static Suite *net_suite(void)
{
    Suite *s = suite_create("net");
    TCase *t = tcase_create("net");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, frames_go_both_ways);
    tcase_add_test(t, a_full_receiver_stops_its_sender_and_asks_for_more);
    tcase_add_test(t, the_queue_is_bounded);
    tcase_add_test(t, bytes_are_bounded_too);
    tcase_add_test(t, nobody_there_loses_frames);
    tcase_add_test(t, a_refused_frame_is_a_copy);
    tcase_add_test(t, answers_inside_of_receive_do_not_recurse);
    tcase_add_test(t, large_packets_are_cut_for_who_takes_none);
    tcase_add_test(t, refused_segments_wait_in_order);
    tcase_add_test(t, filters_see_both_directions);
    tcase_add_test(t, frames_longer_than_any_are_lost);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(net_suite)
