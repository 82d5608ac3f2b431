/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio-net.c: frames both ways, offloads, filters, flow control, drivers that break rules. The back end is this test. */
#include "config.h"
#include <string.h>
#include "net/internal.h"
#include "tests/dev/virtio-driver.h"
#include "tests/net/capture.h"
#include "tests/net/packets.h"
#include "util/endian.h"
#include "util/rng.h"

enum { RX, TX, CTRL, NQUEUES };
enum { F_CSUM = 1 << 0, F_GUEST_CSUM = 1 << 1, F_CTRL_OFFLOADS = 1 << 2, F_MTU = 1 << 3, F_MAC = 1 << 5, F_GUEST_TSO4 = 1 << 7,
       F_HOST_TSO4 = 1 << 11, F_MRG = 1 << 15, F_STATUS = 1 << 16, F_CTRL_VQ = 1 << 17, F_CTRL_RX = 1 << 18, F_CTRL_VLAN = 1 << 19,
       F_CTRL_RX_EXTRA = 1 << 20, F_CTRL_MAC = 1 << 23, F_EVENT_IDX = 1 << 29 };
#define CTRL_ALL (F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN | F_CTRL_RX_EXTRA | F_CTRL_MAC)
#define BUF(q, i) (VQ_DATA + (q) * 0x40000 + (i) * 0x8000)
#define NEEDS_RESET 64

static struct harness *h;
static struct virtio_driver d;
static struct net *net;
static struct netdev *nd;
static struct capture back;
static unsigned next_desc[NQUEUES];

static void *attach(void *opaque, const char *id, GError **err)
{
    return net_attach(opaque, id, err);
}

static void make(bool legacy, uint32_t delivers)
{
    h = harness_new();
    net = net_new(h->loop, h->m->clock, NULL);
    ck_assert(net_add(net, "socket,id=n,listen=127.0.0.1:0", NULL));
    h->m->attach_netdev = attach;
    h->m->attach_opaque = net;
    vd_init(&d, h, "virtio-net-device", legacy);
    ck_assert(device_set_prop(d.dev, "netdev", "n", NULL));
    nd = *(struct netdev **)((uint8_t *)d.dev + d.dev->type->props[0].offset);
    capture_reset(&back);
    nd->close(nd);
    nd->close = NULL;
    net_port_init(&nd->back, &capture_ops, &back);
    nd->delivers = delivers;
    memset(next_desc, 0, sizeof(next_desc));
}

static void setup(void)
{
    make(false, 0);
}

static void teardown(void)
{
    net_close(net);
    harness_free(h);
    net_free(net);
    capture_reset(&back);
}

static void restart(bool legacy, uint32_t delivers, uint32_t features)
{
    teardown();
    make(legacy, delivers);
    vd_plug(&d);
    vd_start(&d, features, NQUEUES);
}

static void start(uint32_t features)
{
    vd_plug(&d);
    vd_start(&d, features, NQUEUES);
}

static uint8_t *at(uint64_t addr)
{
    return d.ram + (addr - HARNESS_RAM);
}

/* One descriptor with these bytes for the device to read. */
static void send(const void *data, uint32_t len)
{
    unsigned i = next_desc[TX]++ % VQ_SIZE;

    memcpy(at(BUF(TX, i)), data, len);
    vq_set_desc(&d, TX, i, BUF(TX, i), len, 0, 0);
    vq_offer(&d, TX, i);
}

/* A frame behind a header of hdr_len bytes with these offloads. */
static void send_frame(const char *hex, uint32_t hdr_len, struct net_offload off)
{
    uint8_t buf[4096] = { off.flags, off.gso };

    st16_le(buf + 2, off.hdr_len);
    st16_le(buf + 4, off.gso_size);
    st16_le(buf + 6, off.csum_start);
    st16_le(buf + 8, off.csum_offset);
    send(buf, hdr_len + (uint32_t)unhex(hex, buf + hdr_len));
}

static void give(unsigned count, uint32_t len)
{
    for (unsigned k = 0; k < count; k++) {
        unsigned i = next_desc[RX]++ % VQ_SIZE;

        memset(at(BUF(RX, i)), 0xee, 0x8000);
        vq_set_desc(&d, RX, i, BUF(RX, i), len, VQ_WRITE, 0);
        vq_offer(&d, RX, i);
    }
}

static bool deliver(const uint8_t *frame, size_t len)
{
    bool ok = net_send_buf(&nd->back, frame, len);

    net_flush(&nd->back);
    return ok;
}

/* An empty frame to mac; was it received? */
static bool hears(const char *mac, int vlan)
{
    uint8_t frame[64] = { 0 };
    unsigned before = vq_used_idx(&d, RX);

    unhex(mac, frame);
    if (vlan >= 0) {
        st16_be(frame + 12, 0x8100);
        st16_be(frame + 14, (uint16_t)vlan);
    }
    give(1, 128);
    deliver(frame, sizeof(frame));
    if (vq_used_idx(&d, RX) != before)
        return true;
    unhex("525400123456000000000000" "0800", frame);         /* uses the buffer up */
    deliver(frame, sizeof(frame));
    return false;
}

/* A command; its answer. */
static uint8_t control(uint8_t class, uint8_t command, const void *data, uint32_t len)
{
    uint64_t base = BUF(CTRL, 0);

    at(base)[0] = class;
    at(base)[1] = command;
    memcpy(at(base) + 2, data, len);
    at(base)[0x4000] = 0xff;
    vq_set_desc(&d, CTRL, 0, base, 2 + len, VQ_NEXT, 1);
    vq_set_desc(&d, CTRL, 1, base + 0x4000, 1, VQ_WRITE, 0);
    vq_offer(&d, CTRL, 0);
    return at(base)[0x4000];
}

/* ---- what it offers ---------------------------------------------------------------------------- */

START_TEST(features_and_configuration)
{
    uint32_t f;

    ck_assert(device_set_prop(d.dev, "mac", "52:54:00:01:02:03", NULL));
    ck_assert(device_set_prop(d.dev, "host_mtu", "9000", NULL));
    start(0);
    f = vd_read(&d, V_DEVFEAT);
    ck_assert_uint_eq(vd_read(&d, V_ID), 1);
    ck_assert_uint_eq(f & (F_CSUM | F_MAC | F_HOST_TSO4 | F_MRG | F_STATUS | CTRL_ALL | F_MTU),
                      F_CSUM | F_MAC | F_HOST_TSO4 | F_MRG | F_STATUS | CTRL_ALL | F_MTU);
    ck_assert_uint_eq(f & (F_GUEST_CSUM | F_GUEST_TSO4 | F_CTRL_OFFLOADS), 0);       /* the back end delivers none */
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG, 4), 0x01005452);
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 4, 2), 0x0302);
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 6, 2), 1);
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 10, 2), 9000);
    restart(false, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4, 0);
    f = vd_read(&d, V_DEVFEAT);
    ck_assert_uint_eq(f & (F_GUEST_CSUM | F_GUEST_TSO4 | F_CTRL_OFFLOADS), F_GUEST_CSUM | F_GUEST_TSO4 | F_CTRL_OFFLOADS);
    ck_assert_uint_eq(f & F_MTU, 0);
}
END_TEST

START_TEST(features_can_be_switched_off)
{
    static const struct { const char *prop; uint32_t gone; } rows[] = {
        { "mrg_rxbuf", F_MRG }, { "csum", F_CSUM | F_HOST_TSO4 }, { "guest_csum", F_GUEST_CSUM | F_GUEST_TSO4 },
        { "ctrl_vq", CTRL_ALL | F_CTRL_OFFLOADS }, { "ctrl_rx", F_CTRL_RX | F_CTRL_RX_EXTRA }, { "status", F_STATUS },
        { "guest_tso4", F_GUEST_TSO4 },
    };
    uint32_t all = F_CSUM | F_GUEST_CSUM | F_CTRL_OFFLOADS | F_MAC | F_GUEST_TSO4 | F_HOST_TSO4 | F_MRG | F_STATUS | CTRL_ALL;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        teardown();
        make(false, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4);
        ck_assert(device_set_prop(d.dev, rows[i].prop, "off", NULL));
        vd_plug(&d);
        ck_assert_msg((vd_read(&d, V_DEVFEAT) & all) == (all & ~rows[i].gone), "%s", rows[i].prop);
    }
}
END_TEST

START_TEST(properties_are_checked)
{
    static const char *const bad[][2] = { { "mac", "x" }, { "host_mtu", "67" }, { "host_mtu", "70000" }, { "rx_queue_size", "100" },
                                          { "tx_queue_size", "2048" }, { "rx_queue_size", "32" } };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        teardown();
        make(false, 0);
        ck_assert(device_set_prop(d.dev, bad[i][0], bad[i][1], NULL));
        ck_assert_msg(!device_realize(d.dev, &err), "%s=%s", bad[i][0], bad[i][1]);
    }
}
END_TEST

/* ---- transmit ---------------------------------------------------------------------------------- */

START_TEST(frames_are_sent)
{
    start(F_CSUM | F_HOST_TSO4);
    send_frame(udp_whole, 12, (struct net_offload){ 0 });
    ck_assert_uint_eq(back.n, 0);                    /* not from the register's write */
    send_frame(udp_odd_partial, 12, (struct net_offload){ NET_NEEDS_CSUM, 0, 0, 0, 34, 6 });
    send_frame(large4, 12, (struct net_offload){ NET_NEEDS_CSUM, NET_GSO_TCP4, 70, 12, 38, 16 });
    harness_settle(h);
    ck_assert_uint_eq(back.n, 5);
    capture_expect_hex(&back, 0, udp_whole);
    capture_expect_hex(&back, 1, udp_odd_whole);
    capture_expect_hex(&back, 4, small4_2);
    ck_assert_uint_eq(vq_used_idx(&d, TX), 3);
    ck_assert_uint_eq(back.flushes, 1);
    ck_assert_int_eq(h->rises[VQ_LINE], 1);          /* one interrupt for the batch */
}
END_TEST

START_TEST(frames_lie_in_parts)
{
    uint8_t *p = at(BUF(TX, 0));
    uint32_t len;

    start(0);
    memset(p, 0, 12);
    len = (uint32_t)unhex(udp_whole, p + 12);
    vq_set_desc(&d, TX, 0, BUF(TX, 0), 5, VQ_NEXT, 1);                   /* cut inside of the header, too */
    vq_set_desc(&d, TX, 1, BUF(TX, 0) + 5, 10, VQ_NEXT, 2);
    vq_set_desc(&d, TX, 2, BUF(TX, 0) + 15, 0, VQ_NEXT, 3);
    vq_set_desc(&d, TX, 3, BUF(TX, 0) + 15, len - 3, 0, 0);
    vq_offer(&d, TX, 0);
    harness_settle(h);
    ck_assert_uint_eq(back.n, 1);
    capture_expect_hex(&back, 0, udp_whole);
}
END_TEST

START_TEST(the_legacy_header_is_shorter)
{
    restart(true, 0, 0);
    send_frame(udp_whole, 10, (struct net_offload){ 0 });
    harness_settle(h);
    capture_expect_hex(&back, 0, udp_whole);
    restart(true, 0, F_MRG);
    send_frame(udp_whole, 12, (struct net_offload){ 0 });
    harness_settle(h);
    capture_expect_hex(&back, 0, udp_whole);
}
END_TEST

START_TEST(a_full_back_end_stops_the_queue)
{
    start(0);
    back.room = 1;
    for (int i = 0; i < 6; i++)
        send_frame(udp_whole, 12, (struct net_offload){ 0 });
    harness_settle(h);
    ck_assert_uint_eq(back.n, 1);
    ck_assert_uint_eq(vq_used_idx(&d, TX), 2);       /* the refused one waits in the back end's queue */
    send_frame(udp_whole, 12, (struct net_offload){ 0 });
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, TX), 2);
    back.room = -1;
    net_ready(&nd->back);
    harness_settle(h);
    ck_assert_uint_eq(back.n, 7);
    ck_assert_uint_eq(vq_used_idx(&d, TX), 7);
}
END_TEST

START_TEST(bad_frames_are_dropped)
{
    uint8_t buf[64] = { 0 };

    start(0);
    send(buf, 11);                                   /* less than a header */
    send(buf, 12 + 13);                              /* less than an Ethernet header */
    send_frame(large4, 12, (struct net_offload){ NET_NEEDS_CSUM, 77, 70, 12, 38, 16 });
    send_frame(udp_whole, 12, (struct net_offload){ NET_NEEDS_CSUM, 0, 0, 0, 0xfff0, 0xfff0 });
    for (unsigned i = 0; i < 4; i++)
        vq_set_desc(&d, TX, 4 + i, BUF(TX, 0), 0x8000, i < 3 ? VQ_NEXT : 0, 5 + i);
    vq_offer(&d, TX, 4);                             /* 128 KiB */
    harness_settle(h);
    ck_assert_uint_eq(back.n, 0);
    ck_assert_uint_eq(vq_used_idx(&d, TX), 5);
    ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, 0);
}
END_TEST

START_TEST(frames_outside_of_memory_break_it)
{
    start(0);
    memset(at(BUF(TX, 0)), 0, 12);
    vq_set_desc(&d, TX, 0, BUF(TX, 0), 12, VQ_NEXT, 1);
    vq_set_desc(&d, TX, 1, HARNESS_RAM + HARNESS_RAM_SIZE - 10, 100, 0, 0);
    vq_offer(&d, TX, 0);
    harness_settle(h);
    ck_assert_uint_eq(back.n, 0);
    ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, NEEDS_RESET);
    vd_start(&d, 0, NQUEUES);
    next_desc[TX] = 0;
    send_frame(udp_whole, 12, (struct net_offload){ 0 });
    harness_settle(h);
    ck_assert_uint_eq(back.n, 1);
}
END_TEST

/* ---- receive ----------------------------------------------------------------------------------- */

START_TEST(frames_are_received)
{
    uint8_t frame[600];

    memset(frame, 'x', sizeof(frame));
    start(0);
    give(2, 1526 + 12);
    ck_assert(deliver(frame, sizeof(frame)));
    ck_assert_uint_eq(vq_used_idx(&d, RX), 1);
    ck_assert_uint_eq(vq_used_len(&d, RX, 0), 12 + 600);
    ck_assert_mem_eq(at(BUF(RX, 0)), "\0\0\0\0\0\0\0\0\0\0\1\0", 12);
    ck_assert_mem_eq(at(BUF(RX, 0)) + 12, frame, 600);
    ck_assert_int_eq(h->rises[VQ_LINE], 1);
}
END_TEST

START_TEST(one_interrupt_for_a_batch)
{
    uint8_t frame[60] = { 0 };

    start(0);
    give(8, 1538);
    for (int i = 0; i < 5; i++)
        net_send_buf(&nd->back, frame, sizeof(frame));
    ck_assert_int_eq(h->rises[VQ_LINE], 0);
    net_flush(&nd->back);
    ck_assert_int_eq(h->rises[VQ_LINE], 1);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 5);
}
END_TEST

START_TEST(frames_are_spread_over_mergeable_buffers)
{
    uint8_t frame[1000];

    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(i * 7);
    start(F_MRG);
    give(8, 300);
    ck_assert(deliver(frame, sizeof(frame)));
    ck_assert_uint_eq(vq_used_idx(&d, RX), 4);
    ck_assert_uint_eq(ld16_le(at(BUF(RX, 0)) + 10), 4);
    ck_assert_uint_eq(vq_used_len(&d, RX, 0), 300);
    ck_assert_uint_eq(vq_used_len(&d, RX, 3), 12 + 1000 - 900);
    ck_assert_mem_eq(at(BUF(RX, 0)) + 12, frame, 288);
    ck_assert_mem_eq(at(BUF(RX, 1)), frame + 288, 300);
    ck_assert_mem_eq(at(BUF(RX, 3)), frame + 888, 112);
    ck_assert_uint_eq(at(BUF(RX, 3))[112], 0xee);
}
END_TEST

START_TEST(frames_wait_for_buffers)
{
    uint8_t frame[600] = { 1 };

    start(F_MRG);
    ck_assert(!deliver(frame, sizeof(frame)));
    ck_assert(!deliver(frame, sizeof(frame)));
    give(1, 300);                                    /* not enough: stays the driver's */
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
    give(2, 300);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 3);
    ck_assert_uint_eq(back.writables, 0);
    give(3, 300);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 6);
    ck_assert_uint_eq(back.writables, 1);
    ck_assert(!net_pending(&nd->card));
}
END_TEST

START_TEST(frames_that_never_fit_are_dropped)
{
    uint8_t frame[600] = { 1 };

    start(0);
    give(2, 300);
    ck_assert(deliver(frame, sizeof(frame)));
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
    ck_assert(deliver(frame, 64));                   /* the buffers are still there */
    ck_assert_uint_eq(vq_used_idx(&d, RX), 1);
    restart(false, 0, F_MRG);
    give(8, 50);
    ck_assert(deliver(frame, sizeof(frame)));
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
    ck_assert(deliver(frame, 64));
    ck_assert_uint_eq(vq_used_idx(&d, RX), 2);
}
END_TEST

START_TEST(large_packets_come_through_with_their_offloads)
{
    uint8_t buf[4096];
    struct iovec iov = { buf, unhex(large4, buf) };
    struct net_frame f = { &iov, 1, iov.iov_len, { NET_NEEDS_CSUM, NET_GSO_TCP4, 70, 12, 38, 16 } };

    restart(true, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4, F_MRG | F_GUEST_CSUM | F_GUEST_TSO4 | F_CTRL_VQ | F_CTRL_OFFLOADS);
    ck_assert_uint_eq(back.peer_accepts, NET_ACCEPT_CSUM | NET_ACCEPT_TSO4);
    give(4, 1536);
    net_send(&nd->back, &f);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 1);
    ck_assert_mem_eq(at(BUF(RX, 0)), "\1\1\x46\0\x0c\0\x26\0\x10\0\1\0", 12);
    ck_assert_mem_eq(at(BUF(RX, 0)) + 12, buf, iov.iov_len);
    /* Switched off by a command: in segments. */
    ck_assert_uint_eq(control(5, 0, "\2\0\0\0\0\0\0\0", 8), 0);
    ck_assert_uint_eq(back.peer_accepts, NET_ACCEPT_CSUM);
    net_send(&nd->back, &f);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 4);
    ck_assert_uint_eq(control(5, 0, "\0\1\0\0\0\0\0\0", 8), 1);          /* TSO6 was not accepted */
    ck_assert_uint_eq(control(5, 1, "\0\0\0\0\0\0\0\0", 8), 1);
    vd_write(&d, V_STATUS, 0);
    ck_assert_uint_eq(back.peer_accepts, 0);
}
END_TEST

START_TEST(without_a_driver_frames_are_lost)
{
    uint8_t frame[60] = { 0 };

    vd_plug(&d);
    ck_assert(deliver(frame, sizeof(frame)));
    vd_start(&d, 0, NQUEUES);
    give(1, 1538);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
}
END_TEST

/* ---- filters and commands ---------------------------------------------------------------------- */

START_TEST(addresses_are_filtered)
{
    uint8_t table[4 + 6 + 4 + 12];

    start(CTRL_ALL & ~F_CTRL_VLAN);
    ck_assert(hears("520000000001", -1));            /* promiscuous until told */
    ck_assert_uint_eq(control(0, 0, "\0", 1), 0);
    ck_assert(!hears("520000000001", -1));
    ck_assert(hears("525400123456", -1));
    ck_assert(hears("ffffffffffff", -1));
    ck_assert(!hears("01005e000001", -1));
    ck_assert_uint_eq(control(0, 1, "\1", 1), 0);    /* all multicast */
    ck_assert(hears("01005e000001", -1));
    ck_assert_uint_eq(control(0, 1, "\0", 1), 0);
    st32_le(table, 1);
    unhex("520000000001", table + 4);
    st32_le(table + 10, 2);
    unhex("01005e00000101005e000002", table + 14);
    ck_assert_uint_eq(control(1, 0, table, sizeof(table)), 0);
    ck_assert(hears("520000000001", -1));
    ck_assert(!hears("520000000002", -1));
    ck_assert(hears("01005e000002", -1));
    ck_assert(!hears("01005e000003", -1));
    ck_assert_uint_eq(control(0, 3, "\1", 1), 0);    /* no multicast, no unicast, no broadcast */
    ck_assert(!hears("01005e000002", -1));
    ck_assert_uint_eq(control(0, 5, "\1", 1), 0);
    ck_assert(!hears("ffffffffffff", -1));
    ck_assert_uint_eq(control(0, 2, "\1", 1), 0);    /* all unicast */
    ck_assert(hears("520000000009", -1));
    ck_assert_uint_eq(control(0, 4, "\1", 1), 0);
    ck_assert(!hears("520000000009", -1));
}
END_TEST

START_TEST(a_table_that_is_too_long_lets_everything_through)
{
    uint8_t table[4 + 65 * 6 + 4] = { 65 };

    start(CTRL_ALL & ~F_CTRL_VLAN);
    control(0, 0, "\0", 1);
    ck_assert_uint_eq(control(1, 0, table, sizeof(table)), 0);
    ck_assert(hears("520000000001", -1));
    ck_assert(!hears("01005e000001", -1));
}
END_TEST

START_TEST(vlans_are_filtered)
{
    start(CTRL_ALL);
    ck_assert(!hears("525400123456", 5));
    ck_assert(hears("525400123456", -1));
    ck_assert_uint_eq(control(2, 0, "\5\0", 2), 0);
    ck_assert(hears("525400123456", 5));
    ck_assert(hears("525400123456", 0x2005));        /* the priority does not count */
    ck_assert(!hears("525400123456", 6));
    ck_assert_uint_eq(control(2, 1, "\5\0", 2), 0);
    ck_assert(!hears("525400123456", 5));
    ck_assert_uint_eq(control(2, 0, "\0\x10", 2), 1);
}
END_TEST

START_TEST(the_address_can_be_set)
{
    start(CTRL_ALL & ~F_CTRL_VLAN);
    control(0, 0, "\0", 1);
    ck_assert_uint_eq(control(1, 1, "\x52\1\2\3\4\5", 6), 0);
    ck_assert(hears("520102030405", -1));
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 4, 2), 0x0504);
    vd_write(&d, V_STATUS, 0);
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 4, 2), 0x5634);
    restart(true, 0, 0);                             /* a legacy driver writes it */
    dev_write(h, VMMIO + V_CONFIG + 5, 1, 0x99);
    ck_assert_uint_eq(dev_read(h, VMMIO + V_CONFIG + 4, 2), 0x9934);
}
END_TEST

START_TEST(commands_that_make_no_sense)
{
    uint8_t table[14] = { 9 };

    start(CTRL_ALL);
    ck_assert_uint_eq(control(0, 6, "\1", 1), 1);
    ck_assert_uint_eq(control(0, 0, "\1\1", 2), 1);
    ck_assert_uint_eq(control(1, 0, table, sizeof(table)), 1);
    ck_assert_uint_eq(control(1, 0, table, 3), 1);
    ck_assert_uint_eq(control(1, 1, table, 5), 1);
    ck_assert_uint_eq(control(1, 2, table, 6), 1);
    ck_assert_uint_eq(control(2, 2, "\0\0", 2), 1);
    ck_assert_uint_eq(control(4, 0, "\1\0", 2), 1);
    ck_assert_uint_eq(control(5, 0, "\0\0\0\0\0\0\0\0", 8), 1);          /* not accepted */
    ck_assert_uint_eq(control(99, 0, "", 0), 1);
    ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, 0);
    vq_set_desc(&d, CTRL, 0, BUF(CTRL, 0), 3, 0, 0);                     /* no room for an answer */
    vq_offer(&d, CTRL, 0);
    ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, NEEDS_RESET);
}
END_TEST

/* ---- life -------------------------------------------------------------------------------------- */

START_TEST(nothing_moves_while_the_machine_stands)
{
    uint8_t frame[60] = { 0 };

    start(0);
    give(2, 1538);
    d.dev->type->run_state(d.dev, false);
    send_frame(udp_whole, 12, (struct net_offload){ 0 });
    ck_assert(!deliver(frame, sizeof(frame)));
    harness_settle(h);
    ck_assert_uint_eq(back.n, 0);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
    d.dev->type->run_state(d.dev, true);
    harness_settle(h);
    ck_assert_uint_eq(back.n, 1);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 1);
}
END_TEST

START_TEST(a_reset_forgets_what_waits)
{
    uint8_t frame[60] = { 0 };

    start(0);
    ck_assert(!deliver(frame, sizeof(frame)));
    vd_start(&d, 0, NQUEUES);
    ck_assert(!net_pending(&nd->card));
    ck_assert_uint_eq(back.writables, 1);
    give(1, 1538);
    ck_assert_uint_eq(vq_used_idx(&d, RX), 0);
}
END_TEST

START_TEST(impossible_state_is_refused)
{
    const struct state_field *f;

    start(0);
    for (f = d.dev->type->state; strcmp(f->name, "nuni"); f++)
        continue;
    *((uint8_t *)d.dev + f->offset) = 60;
    *((uint8_t *)d.dev + f[1].offset) = 60;          /* nmulti */
    ck_assert(!d.dev->type->post_load(d.dev, NULL));
    *((uint8_t *)d.dev + f->offset) = 4;
    ck_assert(d.dev->type->post_load(d.dev, NULL));
}
END_TEST

/* Rings, descriptors and registers full of noise. */
START_TEST(noise)
{
    uint8_t frame[2000] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    struct rng r;

    rng_init(&r, 4242);
    vd_plug(&d);
    for (int round = 0; round < 400; round++) {
        vd_start(&d, (uint32_t)rng_u64(&r) & vd_read(&d, V_DEVFEAT), NQUEUES);
        for (int i = 0; i < 30; i++) {
            unsigned q = rng_u64(&r) % NQUEUES, k = rng_u64(&r) % VQ_SIZE;
            uint64_t addr = rng_u64(&r) % 8 ? VQ_DATA + rng_u64(&r) % 0x100000 : rng_u64(&r);
            uint32_t len = (uint32_t)rng_u64(&r) >> rng_u64(&r) % 32;

            vq_set_desc(&d, q, k, addr, len, rng_u64(&r) % 8, rng_u64(&r) % (VQ_SIZE + 2));
            if (i % 3 == 0)
                st64_le(at(VQ_DATA + (rng_u64(&r) % 0x1000 & ~7ull)), rng_u64(&r));
            vq_offer(&d, q, rng_u64(&r) % (VQ_SIZE + 1));
            deliver(frame, 14 + rng_u64(&r) % 1900);
            if (back.n > CAPTURE_MAX / 2)
                capture_reset(&back);
            harness_settle(h);
        }
    }
    back.room = 0;
    harness_hammer(h, VMMIO, 0x200, 4000, 5);
}
END_TEST

static Suite *virtio_net_suite(void)
{
    Suite *s = suite_create("virtio-net");
    TCase *t = tcase_create("virtio-net");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, features_and_configuration);
    tcase_add_test(t, features_can_be_switched_off);
    tcase_add_test(t, properties_are_checked);
    tcase_add_test(t, frames_are_sent);
    tcase_add_test(t, frames_lie_in_parts);
    tcase_add_test(t, the_legacy_header_is_shorter);
    tcase_add_test(t, a_full_back_end_stops_the_queue);
    tcase_add_test(t, bad_frames_are_dropped);
    tcase_add_test(t, frames_outside_of_memory_break_it);
    tcase_add_test(t, frames_are_received);
    tcase_add_test(t, one_interrupt_for_a_batch);
    tcase_add_test(t, frames_are_spread_over_mergeable_buffers);
    tcase_add_test(t, frames_wait_for_buffers);
    tcase_add_test(t, frames_that_never_fit_are_dropped);
    tcase_add_test(t, large_packets_come_through_with_their_offloads);
    tcase_add_test(t, without_a_driver_frames_are_lost);
    tcase_add_test(t, addresses_are_filtered);
    tcase_add_test(t, a_table_that_is_too_long_lets_everything_through);
    tcase_add_test(t, vlans_are_filtered);
    tcase_add_test(t, the_address_can_be_set);
    tcase_add_test(t, commands_that_make_no_sense);
    tcase_add_test(t, nothing_moves_while_the_machine_stands);
    tcase_add_test(t, a_reset_forgets_what_waits);
    tcase_add_test(t, impossible_state_is_refused);
    tcase_add_test(t, noise);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(virtio_net_suite)
