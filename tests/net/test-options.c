/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/netdevs.c and net/slirp-options.c: -netdev, -nic, -net, addresses of cards, hostfwd= and guestfwd=. */
#include "config.h"
#include <arpa/inet.h>
#include <string.h>
#include "net/internal.h"
#include "net/slirp-options.h"
#include "tests/suite.h"
#include "util/clock.h"
#include "util/event-loop.h"

static struct event_loop *loop;
static struct clock *virtual;
static struct net *n;
static GError *err;

static void setup(void)
{
    loop = event_loop_new();
    virtual = clock_new(CLK_VIRTUAL);
    n = net_new(loop, virtual, NULL);
}

static void teardown(void)
{
    net_close(n);
    net_free(n);
    clock_free(virtual);
    event_loop_free(loop);
    g_clear_error(&err);
}

static struct in_addr addr(const char *text)
{
    struct in_addr a;

    ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
    return a;
}

static bool parse(struct user_options *o, const char *text)
{
    struct keyval *kv = keyval_parse(text, NULL, NULL);
    bool ok;

    g_clear_error(&err);
    ok = user_options_parse(o, kv, &err);
    keyval_free(kv);
    ck_assert(ok == !err);
    return ok;
}

START_TEST(defaults)
{
    struct user_options o;
    char text[INET6_ADDRSTRLEN];

    ck_assert(parse(&o, ""));
    ck_assert(o.ipv4 && o.ipv6 && !o.restricted);
    ck_assert_uint_eq(o.net.s_addr, addr("10.0.2.0").s_addr);
    ck_assert_uint_eq(o.mask.s_addr, addr("255.255.255.0").s_addr);
    ck_assert_uint_eq(o.host.s_addr, addr("10.0.2.2").s_addr);
    ck_assert_uint_eq(o.dns.s_addr, addr("10.0.2.3").s_addr);
    ck_assert_uint_eq(o.dhcp.s_addr, addr("10.0.2.15").s_addr);
    ck_assert_str_eq(inet_ntop(AF_INET6, &o.host6, text, sizeof(text)), "fec0::2");
    ck_assert_str_eq(inet_ntop(AF_INET6, &o.dns6, text, sizeof(text)), "fec0::3");
    ck_assert_uint_eq(o.prefix6_len, 64);
    user_options_fini(&o);
}
END_TEST

START_TEST(networks)
{
    struct user_options o;

    ck_assert(parse(&o, "net=192.168.76.0/24"));
    ck_assert_uint_eq(o.dhcp.s_addr, addr("192.168.76.15").s_addr);
    user_options_fini(&o);
    ck_assert(parse(&o, "net=10.9.0.0/255.255.0.0,dhcpstart=10.9.7.7"));
    ck_assert_uint_eq(o.host.s_addr, addr("10.9.2.2").s_addr);
    ck_assert_uint_eq(o.dhcp.s_addr, addr("10.9.7.7").s_addr);
    user_options_fini(&o);
    ck_assert(parse(&o, "net=10.0.0.0"));            /* class A */
    ck_assert_uint_eq(o.mask.s_addr, addr("255.0.0.0").s_addr);
    ck_assert_uint_eq(o.host.s_addr, addr("10.0.2.2").s_addr);
    user_options_fini(&o);
}
END_TEST

START_TEST(one_version_given_decides_about_the_other)
{
    static const struct { const char *text; bool v4, v6; } rows[] = {
        { "ipv4=on", true, false }, { "ipv6=on", false, true }, { "ipv4=off", false, true }, { "ipv6=off", true, false },
        { "ipv4=on,ipv6=on", true, true },
    };
    struct user_options o;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        ck_assert(parse(&o, rows[i].text));
        ck_assert_msg(o.ipv4 == rows[i].v4 && o.ipv6 == rows[i].v6, "%s", rows[i].text);
        user_options_fini(&o);
    }
    ck_assert(!parse(&o, "ipv4=off,ipv6=off"));
    user_options_fini(&o);
}
END_TEST

START_TEST(lists)
{
    struct user_options o;

    ck_assert(parse(&o, "dnssearch=a.org,hostfwd=tcp::1-:2,dnssearch=b.org,hostfwd=udp::3-:4,guestfwd=:10.0.2.9:80-cmd:cat"));
    ck_assert_uint_eq(o.dnssearch->len, 3);
    ck_assert_str_eq(o.dnssearch->pdata[1], "b.org");
    ck_assert_uint_eq(o.hostfwd->len, 2);
    ck_assert(g_array_index(o.hostfwd, struct user_hostfwd, 1).udp);
    ck_assert_uint_eq(o.guestfwd->len, 1);
    user_options_fini(&o);
}
END_TEST

START_TEST(bad_options)
{
    static const char *const bad[] = {
        "net=10.0.2.0/31", "net=10.0.2.0/3", "net=10.0.2.0/255.0.255.0", "net=x", "host=10.0.3.2", "host=10.0.2.0",
        "host=10.0.2.255", "dns=10.0.2.2", "dhcpstart=10.0.2.3", "dhcpstart=10.0.2.2", "ipv6-net=::/127", "ipv6-net=x",
        "ipv6-host=1.2.3.4", "restrict=x", "hostfwd=x", "guestfwd=x", "tftp=/nonexistent", "smb=/tmp", "ipv6-prefixlen=200",
    };
    struct user_options o;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert_msg(!parse(&o, bad[i]), "%s", bad[i]);
        user_options_fini(&o);
    }
}
END_TEST

START_TEST(hostfwd)
{
    static const char *const bad[] = {
        "", "tcp", "tcp:", "tcp::", "tcp::80", "tcp::80-", "tcp::80-:", "tcp::80-80", "tcp:80-:80", "tcp::80-::80", "tcp::x-:80",
        "tcp::80-:x", "tcp::80-:0", "tcp::80-:65536", "tcp::65536-:80", "tcp:1.2.3:80-:80", "tcp::80-1.2.3:80", "sctp::80-:80",
        "tcp::-1-:80", ":::80-:80", "tcp::80--:80",
    };
    struct user_hostfwd f;

    ck_assert(user_hostfwd_parse(&f, "tcp:127.0.0.1:8022-10.0.2.15:22", NULL));
    ck_assert(!f.udp);
    ck_assert_uint_eq(f.host.s_addr, addr("127.0.0.1").s_addr);
    ck_assert_uint_eq(f.host_port, 8022);
    ck_assert_uint_eq(f.guest.s_addr, addr("10.0.2.15").s_addr);
    ck_assert_uint_eq(f.guest_port, 22);
    ck_assert(user_hostfwd_parse(&f, "udp::0-:53", NULL));
    ck_assert(f.udp && !f.host.s_addr && !f.guest.s_addr && !f.host_port && f.guest_port == 53);
    ck_assert(user_hostfwd_parse(&f, "::1-:2", NULL) && !f.udp);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert_msg(!user_hostfwd_parse(&f, bad[i], &err), "%s", bad[i]);
        ck_assert_ptr_nonnull(strstr(err->message, "hostfwd="));
        g_clear_error(&err);
    }
}
END_TEST

START_TEST(guestfwd)
{
    static const char *const bad[] = {
        "", "tcp:1.2.3.4:80", "tcp:1.2.3.4:80-", "tcp:1.2.3.4:80-cmd:", "udp:1.2.3.4:80-null", "tcp::80-null", "tcp:1.2.3.4:0-null",
        "1.2.3.4:80-null",
    };
    struct user_guestfwd f;

    ck_assert(user_guestfwd_parse(&f, "tcp:10.0.2.100:1234-cmd:netcat 10.10.1.1 - 4321", NULL));
    ck_assert(f.command);
    ck_assert_str_eq(f.target, "netcat 10.10.1.1 - 4321");
    ck_assert_uint_eq(f.port, 1234);
    g_free(f.target);
    ck_assert(user_guestfwd_parse(&f, ":10.0.2.100:7-tcp:10.10.1.1:4321", NULL));
    ck_assert(!f.command);
    ck_assert_str_eq(f.target, "tcp:10.10.1.1:4321");
    g_free(f.target);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert_msg(!user_guestfwd_parse(&f, bad[i], &err), "%s", bad[i]);
        g_clear_error(&err);
        g_free(f.target);
    }
}
END_TEST

START_TEST(macs)
{
    static const char *const bad[] = { "", "52:54:00:12:34", "52:54:00:12:34:5g", "52:54:00:12:34:567", "53:54:00:12:34:56",
                                       "52:54:00:12:34:56:78", "52::00:12:34:56", "525400123456" };
    struct netdev *nd;
    uint8_t mac[NET_MAC_LEN];

    ck_assert(net_add(n, "socket,id=s,listen=127.0.0.1:0", NULL));
    nd = net_attach(n, "s", NULL);
    ck_assert(netdev_mac(nd, NULL, mac, NULL));
    ck_assert_mem_eq(mac, "\x52\x54\x00\x12\x34\x56", 6);
    ck_assert(netdev_mac(nd, "52-54-00-12-34-57", mac, NULL));       /* the next default one is taken now */
    ck_assert(netdev_mac(nd, NULL, mac, NULL));
    ck_assert_mem_eq(mac, "\x52\x54\x00\x12\x34\x58", 6);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!netdev_mac(nd, bad[i], mac, NULL), "%s", bad[i]);
}
END_TEST

START_TEST(ids_are_attached_once)
{
    ck_assert(net_add(n, "socket,id=s,listen=127.0.0.1:0", NULL));
    ck_assert(!net_add(n, "socket,id=s,listen=127.0.0.1:0", NULL));
    ck_assert_ptr_null(net_attach(n, "t", &err));
    ck_assert_ptr_nonnull(strstr(err->message, "the nearest is 's'"));
    ck_assert_ptr_nonnull(net_attach(n, "s", NULL));
    ck_assert_ptr_null(net_attach(n, "s", NULL));
}
END_TEST

START_TEST(nic_makes_a_card_for_its_network)
{
    ck_assert(net_add_nic(n, "none", NULL));
    ck_assert_ptr_null(net_card(n, 0));
    ck_assert(net_add_nic(n, "socket,listen=127.0.0.1:0,mac=52:54:00:00:00:01,id=first", NULL));
    ck_assert(net_add_nic(n, "socket,listen=127.0.0.1:0,model=virtio", NULL));
    ck_assert_str_eq(net_card(n, 0), "virtio-net-device,netdev=first,mac=52:54:00:00:00:01");
    ck_assert_str_eq(net_card(n, 1), "virtio-net-device,netdev=nic0");
    ck_assert_ptr_null(net_card(n, 2));
    ck_assert_ptr_nonnull(net_attach(n, "nic0", NULL));
    ck_assert(!net_add_nic(n, "socket,listen=127.0.0.1:0,model=e1000", NULL));
    ck_assert(!net_add_nic(n, "socket,listen=127.0.0.1:0,hostfwd=x", NULL));
}
END_TEST

START_TEST(net_pairs_a_card_with_a_network)
{
    ck_assert(net_add_old(n, "nic,macaddr=52:54:00:00:00:02,model=virtio", NULL));
    ck_assert_ptr_null(net_card(n, 0));
    ck_assert(net_add_old(n, "socket,listen=127.0.0.1:0", NULL));
    ck_assert_str_eq(net_card(n, 0), "virtio-net-device,netdev=nic0,mac=52:54:00:00:00:02");
    ck_assert(!net_add_old(n, "nic", NULL));
    ck_assert(!net_add_old(n, "socket,listen=127.0.0.1:0", NULL));
}
END_TEST

static Suite *options_suite(void)
{
    Suite *s = suite_create("net-options");
    TCase *t = tcase_create("net-options");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, defaults);
    tcase_add_test(t, networks);
    tcase_add_test(t, one_version_given_decides_about_the_other);
    tcase_add_test(t, lists);
    tcase_add_test(t, bad_options);
    tcase_add_test(t, hostfwd);
    tcase_add_test(t, guestfwd);
    tcase_add_test(t, macs);
    tcase_add_test(t, ids_are_attached_once);
    tcase_add_test(t, nic_makes_a_card_for_its_network);
    tcase_add_test(t, net_pairs_a_card_with_a_network);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(options_suite)
