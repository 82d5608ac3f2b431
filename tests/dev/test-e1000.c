/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/net/e1000.c against the SDM 317453: rings both ways, offloads, filters, EEPROM, PHY. The back end is this test. */
#include "config.h"
#include <string.h>
#include "hw/pci/pci.h"
#include "net/internal.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "tests/net/capture.h"
#include "tests/net/packets.h"
#include "util/endian.h"
#include "util/rng.h"

#define ECAM 0x3f000000u
#define BAR 0x10000000u
#define FN (ECAM + (4 << 15))
#define RXD (HARNESS_RAM + 0x1000)
#define TXD (HARNESS_RAM + 0x2000)
#define RXB(i) (HARNESS_RAM + 0x10000 + 0x800 * (i))
#define TXB (HARNESS_RAM + 0x100000)
#define RING 16
enum { CTRL = 0, STATUS = 8, EECD = 0x10, EERD = 0x14, MDIC = 0x20, ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IMC = 0xd8, RCTL = 0x100, TCTL = 0x400,
       RDBAL = 0x2800, RDLEN = 0x2808, RDH = 0x2810, RDT = 0x2818, TDBAL = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818, MTA = 0x5200,
       VFTA = 0x5600, RAL = 0x5400, RAH = 0x5404, TPT = 0x40d4, GPRC = 0x4074 };
enum { TXDW = 1, LSC = 4, RXT0 = 0x80 };

static struct harness *h;
static struct device *card;
static struct net *net;
static struct netdev *nd;
static struct capture back;
static unsigned tail;

static uint32_t get(unsigned reg)
{
    return dev_read32(h, BAR + reg);
}

static void put(unsigned reg, uint32_t v)
{
    dev_write32(h, BAR + reg, v);
}

static uint8_t *ram(uint32_t addr)
{
    return (uint8_t *)bus_ram(h->m->bus, addr, NULL, NULL);
}

static void *attach(void *opaque, const char *id, GError **err)
{
    return net_attach(opaque, id, err);
}

static void start(void)
{
    for (unsigned i = 0; i < RING; i++)
        st64_le(ram(RXD + 16 * i), RXB(i));
    put(RDBAL, RXD), put(RDLEN, RING * 16), put(RDH, 0), put(RDT, RING - 1);
    put(TDBAL, TXD), put(TDLEN, RING * 16), put(TDH, 0), put(TDT, 0);
    put(RCTL, 0x04008002);                       /* on, broadcasts, no CRC */
    put(TCTL, 0xa);
    put(IMS, TXDW | LSC | RXT0);
    tail = 0;
}

static void setup(void)
{
    struct device *host;

    h = harness_new();
    net = net_new(h->loop, h->m->clock, NULL);
    ck_assert(net_add(net, "socket,id=n,listen=127.0.0.1:0", NULL));
    h->m->attach_netdev = attach;
    h->m->attach_opaque = net;
    host = harness_device(h, "gpex-pcihost");
    harness_realize(h, host, ECAM);
    device_map(host, 1, 0x3eff0000);
    device_map(host, 2, BAR);
    harness_watch(h, host, 0, 4, 0);
    card = harness_device(h, "e1000");
    card->parent_bus = host;
    ck_assert(device_set_prop(card, "addr", "4", NULL));
    ck_assert(device_set_prop(card, "netdev", "n", NULL));
    ck_assert(device_set_prop(card, "mac", "52:54:00:12:34:56", NULL));
    nd = *(struct netdev **)((uint8_t *)card + card->type->props[0].offset);
    capture_reset(&back);
    nd->close(nd);
    nd->close = NULL;
    net_port_init(&nd->back, &capture_ops, &back);
    harness_realize(h, card, 0);
    dev_write32(h, FN + 0x10, BAR);
    dev_write(h, FN + 4, 2, 6);
    start();
}

static void teardown(void)
{
    net_close(net);
    harness_free(h);
    net_free(net);
    capture_reset(&back);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static void descriptor(uint64_t addr, uint32_t low, uint32_t high)
{
    uint8_t *d = ram(TXD + 16 * tail);

    st64_le(d, addr);
    st32_le(d + 8, low);
    st32_le(d + 12, high);
    tail = (tail + 1) % RING;
}

static void go(void)
{
    put(TDT, tail);
    harness_settle(h);
}

static void send_legacy(const void *data, uint32_t len)
{
    memcpy(ram(TXB), data, len);
    descriptor(TXB, len | 0x0b000000, 0);        /* EOP, IFCS, RS */
    go();
}

START_TEST(identification)
{
    ck_assert_reg(h, FN, 0x100e8086);
    ck_assert_uint_eq(get(STATUS) & 3, 3);
    ck_assert_uint_eq(get(RAL), 0x12005452);
    ck_assert_uint_eq(get(RAH), 0x80005634);
}
END_TEST

START_TEST(sends)
{
    uint8_t frame[100];

    for (unsigned i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)i;
    send_legacy(frame, sizeof(frame));
    ck_assert_uint_eq(back.n, 1);
    ck_assert_uint_eq(back.frame[0].len, 100);
    ck_assert_mem_eq(back.frame[0].data, frame, 100);
    ck_assert_uint_eq(ram(TXD)[12] & 1, 1);
    ck_assert_uint_eq(get(TDH), 1);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(ICR) & TXDW, TXDW);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(get(ICR), 0);
    send_legacy(frame, 20);                      /* padded */
    ck_assert_uint_eq(back.frame[1].len, 60);
    ck_assert_uint_eq(get(TPT), 2);
    ck_assert_uint_eq(get(TPT), 0);
}
END_TEST

START_TEST(puts_pieces_together_and_goes_round)
{
    memset(ram(TXB), 7, 300);
    for (int i = 0; i < 20; i++) {
        descriptor(TXB, 100, 0);
        descriptor(TXB + 100, 100 | 0x01000000, 0);
        go();
    }
    ck_assert_uint_eq(back.n, 20);
    ck_assert_uint_eq(back.frame[19].len, 200);
    ck_assert_uint_eq(get(TDH), 40 % RING);
}
END_TEST

static uint32_t load(const char *hex)
{
    return (uint32_t)unhex(hex, ram(TXB));
}

START_TEST(inserts_checksums)
{
    uint32_t len = load(udp_partial);

    descriptor(14 | 24 << 8 | 33ull << 16 | 34ull << 32 | 40ull << 40, 0x22000000, 0);       /* context: IPv4, UDP */
    descriptor(TXB, len | 0x21100000, 0x0200);
    go();
    ck_assert_uint_eq(back.n, 1);
    capture_expect_hex(&back, 0, "52540012345652550a00020208004500002200014000401122ba0a00020f0a00020203e80035000effff616263641ede000000000000000000000000");
}
END_TEST

START_TEST(cuts_large_packets)
{
    uint32_t len = load(large6);

    descriptor(14 | 0ull << 8 | 0ull << 16 | 54ull << 32 | 70ull << 40, len - 74, 0);
    st32_le(ram(TXD + 8), (len - 74) | 0x25000000);              /* context: TCP, TSE, IPv6 */
    st32_le(ram(TXD + 12), 74 << 8 | 28u << 16);
    st16_be(ram(TXB + 18), 0);                   /* the driver leaves lengths out */
    descriptor(TXB, len | 0x25100000, 0x0200);
    go();
    ck_assert_uint_ge(back.n, 2);
    for (unsigned i = 0; i < back.n; i++)
        ck_assert_uint_le(back.frame[i].len, 74 + 28 + 20);
}
END_TEST

START_TEST(waits_for_room)
{
    uint8_t frame[60] = { 1 };

    back.room = 1;
    for (int i = 0; i < 5; i++) {
        memcpy(ram(TXB), frame, 60);
        descriptor(TXB, 60 | 0x09000000, 0);
    }
    go();
    ck_assert_uint_eq(back.n, 1);
    ck_assert_uint_lt(get(TDH), 5);
    back.room = -1;
    net_ready(&nd->back);
    harness_settle(h);
    ck_assert_uint_eq(back.n, 5);
    ck_assert_uint_eq(get(TDH), 5);
}
END_TEST

/* ---- receiving --------------------------------------------------------------------------------- */

static uint8_t frame[2000];

static void receive(const char *dest, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        frame[i] = (uint8_t)(i * 3);
    memcpy(frame, dest, 6);
    net_send_buf(&nd->back, frame, len);
    net_flush(&nd->back);
    harness_settle(h);
}

#define MINE "\x52\x54\x00\x12\x34\x56"
#define OTHER "\x52\x54\x00\x12\x34\x57"
#define ALL "\xff\xff\xff\xff\xff\xff"
#define MULTI "\x01\x00\x5e\x00\x00\xfb"

START_TEST(receives)
{
    receive(MINE, 100);
    ck_assert_uint_eq(get(RDH), 1);
    ck_assert_uint_eq(ld16_le(ram(RXD + 8)), 100);
    ck_assert_uint_eq(ram(RXD)[12], 7);
    ck_assert_mem_eq(ram(RXB(0)), frame, 100);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(get(ICR) & RXT0, RXT0);
    put(RCTL, 0x00008002);                       /* with the checksum */
    receive(MINE, 30);
    ck_assert_uint_eq(ld16_le(ram(RXD + 16 + 8)), 64);
    ck_assert_uint_eq(get(GPRC), 2);
}
END_TEST

START_TEST(filters)
{
    receive(OTHER, 64);
    receive(MULTI, 64);
    ck_assert_uint_eq(get(RDH), 0);
    receive(ALL, 64);
    ck_assert_uint_eq(get(RDH), 1);
    put(RAL + 8, 0x12005452), put(RAH + 8, 0x80005734);
    receive(OTHER, 64);
    ck_assert_uint_eq(get(RDH), 2);
    put(MTA + 4 * (0xfb0 >> 5), 1u << (0xfb0 & 31));             /* bits 47 to 36 of the address: FB0h */
    receive(MULTI, 64);
    ck_assert_uint_eq(get(RDH), 3);
    put(RCTL, 0x04000002);
    receive(ALL, 64);
    ck_assert_uint_eq(get(RDH), 3);
    put(RCTL, 0x0400000a);                       /* everything */
    receive("\x52\x54\x00\x99\x99\x99", 64);
    ck_assert_uint_eq(get(RDH), 4);
    receive(MINE, 1600);                         /* too long */
    ck_assert_uint_eq(get(RDH), 4);
    put(RCTL, 0x0403002a);                       /* long ones, 256 bytes to a buffer */
    receive(MINE, 1600);
    ck_assert_uint_eq(get(RDH), 11);
    ck_assert_uint_eq(ram(RXD + 16 * 9)[12] & 2, 0);
    ck_assert_uint_eq(ram(RXD + 16 * 10)[12] & 2, 2);
    ck_assert_uint_eq(ld16_le(ram(RXD + 16 * 10 + 8)), 64);
    put(RCTL, 0);
    receive(MINE, 64);
    ck_assert_uint_eq(get(RDH), 11);
}
END_TEST

START_TEST(frames_wait_for_descriptors)
{
    for (int i = 0; i < RING + 4; i++)
        receive(MINE, 64);
    ck_assert_uint_eq(get(RDH), RING - 1);
    ck_assert_uint_eq(get(GPRC), RING - 1);
    put(RDT, 8);
    harness_settle(h);
    ck_assert_uint_eq(get(RDH), 4);
}
END_TEST

START_TEST(vlan_tags)
{
    uint8_t tagged[68] = "\x52\x54\x00\x12\x34\x56\x52\x54\x00\x00\x00\x01\x81\x00\x20\x05\x08\x00" "data";

    put(CTRL, 0x40000241);
    net_send_buf(&nd->back, tagged, sizeof(tagged));
    ck_assert_uint_eq(ld16_le(ram(RXD + 8)), 64);
    ck_assert_uint_eq(ram(RXD)[12] & 8, 8);
    ck_assert_uint_eq(ld16_le(ram(RXD + 14)), 0x2005);
    ck_assert_mem_eq(ram(RXB(0) + 12), "\x08\x00" "data", 6);
    memcpy(ram(TXB), ram(RXB(0)), 64);
    descriptor(TXB, 64 | 0x41000000, 0x20050000);
    go();
    ck_assert_uint_eq(back.frame[0].len, 68);
    ck_assert_mem_eq(back.frame[0].data, tagged, 22);
    put(RCTL, 0x04048002);                       /* filter on: no tag is wanted */
    net_send_buf(&nd->back, tagged, sizeof(tagged));
    ck_assert_uint_eq(get(RDH), 1);
    put(VFTA, 1 << 5);
    net_send_buf(&nd->back, tagged, sizeof(tagged));
    ck_assert_uint_eq(get(RDH), 2);
}
END_TEST

/* ---- the rest ---------------------------------------------------------------------------------- */

static unsigned clock_bit(unsigned di)
{
    put(EECD, 0x42 | di << 2);
    put(EECD, 0x43 | di << 2);
    return get(EECD) >> 3 & 1;
}

static uint16_t eeprom(unsigned word)
{
    uint16_t v = 0;

    put(EECD, 0x40);
    ck_assert_uint_eq(get(EECD) & 0x180, 0x180);
    for (int i = 8; i >= 0; i--)
        clock_bit((6 << 6 | word) >> i & 1);
    for (int i = 0; i < 16; i++)
        v = (uint16_t)(v << 1 | clock_bit(0));
    put(EECD, 0);
    return v;
}

START_TEST(eeprom_both_ways)
{
    uint16_t sum = 0;

    for (unsigned i = 0; i < 64; i++) {
        put(EERD, i << 8 | 1);
        ck_assert_uint_eq(get(EERD) & 0x10, 0x10);
        ck_assert_uint_eq(get(EERD) >> 16, eeprom(i));
        sum = (uint16_t)(sum + (get(EERD) >> 16));
    }
    ck_assert_uint_eq(sum, 0xbaba);
    ck_assert_uint_eq(eeprom(0), 0x5452);
}
END_TEST

START_TEST(phy)
{
    put(MDIC, 0x08220000);
    ck_assert_uint_eq(get(MDIC) & 0x1000ffff, 0x10000141);
    put(MDIC, 0x08210000);
    ck_assert_uint_eq(get(MDIC) & 0x24, 0x24);
    put(MDIC, 0x04240123);
    put(MDIC, 0x08240000);
    ck_assert_uint_eq(get(MDIC) & 0xffff, 0x123);
    put(MDIC, 0x08420000);
    ck_assert_uint_eq(get(MDIC) & 0x40000000, 0x40000000);       /* another PHY */
    get(ICR);
    put(MDIC, 0x04201340);
    ck_assert_uint_eq(get(ICR) & LSC, LSC);
}
END_TEST

START_TEST(interrupts_and_reset)
{
    put(ICS, LSC);
    ck_assert_irq(h, 0, true);
    put(IMC, LSC);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(get(ICR), LSC);
    put(CTRL, 1 << 26);
    ck_assert_uint_eq(get(RDLEN), 0);
    ck_assert_uint_eq(get(RAL), 0x12005452);
}
END_TEST

START_TEST(survives_random_accesses)
{
    struct rng r;

    rng_init(&r, 3);
    for (int i = 0; i < 60; i++) {
        capture_reset(&back);
        back.room = 20;
        harness_hammer(h, BAR, 0x6000, 2000, (uint64_t)i);
        harness_hammer(h, BAR + 0x3800, 0x20, 300, (uint64_t)i);
        start();
        rng_bytes(&r, ram(TXD), RING * 16);
        for (unsigned n = 0; n < RING; n++) {
            st64_le(ram(TXD + 16 * n), i & 1 ? TXB : rng_u64(&r));
            ram(TXD + 16 * n)[10] &= 0x1f;
        }
        put(RCTL, rng_u32(&r) | 2);
        put(TDT, rng_below(&r, 20));
        harness_settle(h);
        put(TDLEN, rng_u32(&r)), put(TDH, rng_u32(&r)), put(TDT, rng_u32(&r));
        put(RDLEN, rng_u32(&r)), put(RDH, rng_u32(&r));
        harness_settle(h);
        receive(ALL, 60 + (unsigned)i * 20);
    }
    put(CTRL, 1 << 26);
    start();
    receive(MINE, 64);
    ck_assert_uint_eq(get(RDH), 1);
}
END_TEST

static Suite *e1000_suite(void)
{
    Suite *s = suite_create("e1000");
    TCase *t = tcase_create("e1000");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, identification);
    tcase_add_test(t, sends);
    tcase_add_test(t, puts_pieces_together_and_goes_round);
    tcase_add_test(t, inserts_checksums);
    tcase_add_test(t, cuts_large_packets);
    tcase_add_test(t, waits_for_room);
    tcase_add_test(t, receives);
    tcase_add_test(t, filters);
    tcase_add_test(t, frames_wait_for_descriptors);
    tcase_add_test(t, vlan_tags);
    tcase_add_test(t, eeprom_both_ways);
    tcase_add_test(t, phy);
    tcase_add_test(t, interrupts_and_reset);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(e1000_suite)
