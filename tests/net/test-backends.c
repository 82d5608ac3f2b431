/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net/socket.c, net/slirp.c and net/dump.c in this process: cables with both ends here, an ARP and a DHCP exchange, pcap files. */
#include "config.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "chardev/chardev.h"
#include "net/internal.h"
#include "net/offload.h"
#include "tests/net/capture.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"

static struct event_loop *loop;
static struct clock *virtual;
static struct net *n;
static struct capture a, b;

static void setup(void)
{
    loop = event_loop_new();
    virtual = clock_new(CLK_VIRTUAL);
    n = net_new(loop, virtual, NULL);
    capture_reset(&a);
    capture_reset(&b);
}

static void teardown(void)
{
    net_close(n);
    net_free(n);
    clock_free(virtual);
    event_loop_free(loop);
    capture_reset(&a);
    capture_reset(&b);
}

static struct net_port *plug(const char *spec, const char *id, struct capture *c)
{
    g_autoptr(GError) err = NULL;

    ck_assert_msg(net_add(n, spec, &err), "%s", err ? err->message : "");
    return netdev_plug(net_attach(n, id, NULL), &capture_ops, c);
}

/* Run until c has count frames, at most 5 s. */
static void await(struct capture *c, unsigned count)
{
    for (int i = 0; i < 5000 && c->n < count; i++)
        if (!event_loop_poll(loop, false))
            g_usleep(1000);
    ck_assert_uint_eq(c->n, count);
}

static int free_port(int type)
{
    struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(s);
    int fd = socket(AF_INET, type, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&s, sizeof(s)), 0);
    getsockname(fd, (struct sockaddr *)&s, &len);
    close(fd);
    return ntohs(s.sin_port);
}

static void send_text(struct net_port *p, const char *text)
{
    ck_assert(net_send_buf(p, text, strlen(text)));
    net_flush(p);
}

START_TEST(tcp_cable)
{
    int port = free_port(SOCK_STREAM);
    g_autofree char *one = g_strdup_printf("socket,id=a,listen=127.0.0.1:%d", port);
    g_autofree char *two = g_strdup_printf("socket,id=b,connect=127.0.0.1:%d", port);
    struct net_port *pa = plug(one, "a", &a), *pb = plug(two, "b", &b);

    send_text(pb, "frame one");
    send_text(pb, "and two");
    await(&a, 2);
    ck_assert_mem_eq(a.frame[1].data, "and two", 7);
    send_text(pa, "back");
    await(&b, 1);
    ck_assert_uint_eq(b.frame[0].len, 4);
}
END_TEST

/* More than the socket's buffers hold, towards a card that stops for a while: nothing is lost, and the sender is told to wait. */
START_TEST(tcp_cable_with_a_slow_card)
{
    int port = free_port(SOCK_STREAM);
    g_autofree char *one = g_strdup_printf("socket,id=a,listen=127.0.0.1:%d", port);
    g_autofree char *two = g_strdup_printf("socket,id=b,connect=127.0.0.1:%d", port);
    g_autofree uint8_t *big = g_malloc0(60000);
    struct net_port *pa = plug(one, "a", &a), *pb = plug(two, "b", &b);
    unsigned sent = 0, got = 0;
    bool stopped = false;

    send_text(pb, "start");
    await(&a, 1);
    capture_reset(&a);
    a.room = 0;
    while (sent < 2000 && !stopped) {
        st32_be(big, sent++);
        stopped = !net_send_buf(pb, big, 60000);
        event_loop_poll(loop, false);
    }
    ck_assert_msg(stopped, "%u frames of 60000 bytes went nowhere", sent);
    while (got < sent) {
        a.room = 16;
        net_ready(pa);
        for (int i = 0; i < 200 && a.room; i++)
            if (!event_loop_poll(loop, false))
                g_usleep(100);
        for (unsigned i = 0; i < a.n; i++)
            ck_assert_uint_eq(ld32_be(a.frame[i].data), got++);
        ck_assert_msg(a.n, "%u of %u frames", got, sent);
        capture_reset(&a);
        a.room = 0;
    }
    ck_assert_uint_eq(b.writables, 1);
}
END_TEST

START_TEST(a_broken_stream_ends_and_the_server_waits_for_another)
{
    int port = free_port(SOCK_STREAM), fd;
    g_autofree char *one = g_strdup_printf("socket,id=a,listen=127.0.0.1:%d", port);
    struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
    struct net_port *pa = plug(one, "a", &a);
    static const uint8_t bad[] = { 0xff, 0xff, 0xff, 0xff, 1 }, good[] = { 0, 0, 0, 2, 'h', 'i' };
    uint8_t byte;

    send_text(pa, "nobody is there");
    for (int i = 0; i < 2; i++) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(connect(fd, (struct sockaddr *)&s, sizeof(s)), 0);
        for (size_t k = 0; k < sizeof(good); k++) {  /* byte by byte */
            ck_assert_int_eq(write(fd, good + k, 1), 1);
            event_loop_poll(loop, false);
        }
        await(&a, (unsigned)i + 1);
        ck_assert_int_eq(write(fd, bad, sizeof(bad)), sizeof(bad));
        for (int k = 0; k < 1000 && recv(fd, &byte, 1, MSG_DONTWAIT) < 0; k++)
            if (!event_loop_poll(loop, false))
                g_usleep(1000);
        ck_assert_int_le(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
        close(fd);
    }
}
END_TEST

START_TEST(udp_cable)
{
    int x = free_port(SOCK_DGRAM), y = free_port(SOCK_DGRAM);
    g_autofree char *one = g_strdup_printf("socket,id=a,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d", x, y);
    g_autofree char *two = g_strdup_printf("socket,id=b,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d", y, x);
    struct net_port *pa = plug(one, "a", &a), *pb = plug(two, "b", &b);

    send_text(pa, "hello");
    await(&b, 1);
    send_text(pb, "yes?");
    await(&a, 1);
    ck_assert_mem_eq(a.frame[0].data, "yes?", 4);
}
END_TEST

START_TEST(multicast_cable)
{
    int port = free_port(SOCK_DGRAM);
    g_autofree char *one = g_strdup_printf("socket,id=a,mcast=239.192.0.77:%d,localaddr=127.0.0.1", port);
    g_autofree char *two = g_strdup_printf("socket,id=b,mcast=239.192.0.77:%d,localaddr=127.0.0.1", port);
    struct net_port *pa = plug(one, "a", &a);

    plug(two, "b", &b);
    send_text(pa, "to all");
    await(&b, 1);
    await(&a, 1);                                    /* the group's members hear themselves, as in QEMU */
}
END_TEST

START_TEST(unix_streams_and_datagrams)
{
    char dir[] = "/tmp/test-net-XXXXXX";
    g_autofree char *x = g_strdup_printf("%s/x", mkdtemp(dir)), *y = g_strdup_printf("%s/y", dir);
    g_autofree char *one = g_strdup_printf("stream,id=a,server=on,addr.type=unix,addr.path=%s", x);
    g_autofree char *two = g_strdup_printf("stream,id=b,addr.type=unix,addr.path=%s", x);
    g_autofree char *three = g_strdup_printf("dgram,id=c,local.type=unix,local.path=%s.d,remote.type=unix,remote.path=%s", x, y);
    g_autofree char *four = g_strdup_printf("dgram,id=d,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s.d", y, x);
    struct net_port *pa = plug(one, "a", &a), *pb = plug(two, "b", &b), *pc;

    send_text(pb, "over a path");
    await(&a, 1);
    send_text(pa, "and back");
    await(&b, 1);
    pc = plug(three, "c", &a);
    plug(four, "d", &b);
    send_text(pc, "datagram");
    await(&b, 2);
    ck_assert_mem_eq(b.frame[1].data, "datagram", 8);
    net_close(n);
    ck_assert_int_ne(access(x, F_OK), 0);
    ck_assert_int_ne(access(y, F_OK), 0);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(inet_streams_and_datagrams)
{
    int port = free_port(SOCK_STREAM), x = free_port(SOCK_DGRAM), y = free_port(SOCK_DGRAM);
    g_autofree char *one = g_strdup_printf("stream,id=a,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=%d", port);
    g_autofree char *two = g_strdup_printf("stream,id=b,addr.type=inet,addr.host=127.0.0.1,addr.port=%d", port);
    const char *form = "dgram,id=%s,local.type=inet,local.host=127.0.0.1,local.port=%d,remote.type=inet,remote.host=127.0.0.1,remote.port=%d";
    g_autofree char *three = g_strdup_printf(form, "c", x, y), *four = g_strdup_printf(form, "d", y, x);
    struct net_port *pb, *pc;

    plug(one, "a", &a);
    pb = plug(two, "b", &b);
    send_text(pb, "stream");
    await(&a, 1);
    pc = plug(three, "c", &a);
    plug(four, "d", &b);
    send_text(pc, "datagram");
    await(&b, 1);
}
END_TEST

START_TEST(a_socket_pair_by_its_numbers)
{
    g_autofree char *one = NULL, *two = NULL;
    struct net_port *pb;
    int fd[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    one = g_strdup_printf("stream,id=a,addr.type=fd,addr.str=%d", fd[0]);
    two = g_strdup_printf("socket,id=b,fd=%d", fd[1]);
    plug(one, "a", &a);
    pb = plug(two, "b", &b);
    send_text(pb, "inherited");
    await(&a, 1);
}
END_TEST

#ifdef CONFIG_SLIRP
static const uint8_t arp_request[42] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
    0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2,
};

START_TEST(user_network_answers)
{
    struct net_port *p = plug("user,id=u", "u", &a);

    net_send_buf(p, arp_request, sizeof(arp_request));
    ck_assert_uint_ge(a.n, 1);
    ck_assert_uint_eq(ld16_be(a.frame[0].data + 12), 0x0806);
    ck_assert_uint_eq(ld16_be(a.frame[0].data + 20), 2);
    ck_assert_mem_eq(a.frame[0].data + 28, "\x0a\x00\x02\x02", 4);
    ck_assert_uint_eq(a.flushes, 0);
    net_flush(p);
    ck_assert_uint_eq(a.flushes, 1);
}
END_TEST

/* A connection through hostfwd: libslirp asks for the guest by ARP, and is not asked while the card is full. */
START_TEST(user_network_waits_for_a_full_card)
{
    int port = free_port(SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM, 0);
    g_autofree char *spec = g_strdup_printf("user,id=u,ipv6=off,hostfwd=tcp:127.0.0.1:%d-:80", port);
    struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
    struct net_port *p = plug(spec, "u", &a);
    unsigned before;

    a.room = 0;
    net_send_buf(p, arp_request, sizeof(arp_request));       /* its answer waits */
    net_flush(p);
    ck_assert(net_pending(p));
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&s, sizeof(s)), 0);
    for (int i = 0; i < 20; i++)
        if (!event_loop_poll(loop, false))
            g_usleep(1000);
    ck_assert_uint_eq(a.n, 0);
    a.room = -1;
    net_ready(p);
    before = a.n;
    ck_assert_uint_ge(before, 1);
    await(&a, before + 1);                                   /* SYN for the guest, or ARP before it */
    close(fd);
}
END_TEST

/* A TCP segment from the guest to 10.0.2.100:7, with its sums. */
static void send_tcp(struct net_port *p, uint32_t seq, uint32_t ack, uint8_t flags, const char *text)
{
    uint8_t frame[200];
    size_t data = strlen(text), len = 54 + data;
    struct net_headers h;

    memcpy(frame, "\x52\x55\x0a\x00\x02\x64\x52\x54\x00\x12\x34\x56\x08\x00\x45\x00", 16);
    st16_be(frame + 16, (uint16_t)(len - 14));
    st32_be(frame + 18, 0x00010000);
    memcpy(frame + 22, "\x40\x06\x00\x00\x0a\x00\x02\x0f\x0a\x00\x02\x64\x9c\x40\x00\x07", 16);
    st16_he(frame + 24, net_sum_finish(net_sum(frame + 14, 20, 0)));
    st32_be(frame + 38, seq);
    st32_be(frame + 42, ack);
    frame[46] = 0x50;
    frame[47] = flags;
    st16_be(frame + 48, 60000);
    st32_be(frame + 50, 0);
    memcpy(frame + 54, text, data);
    ck_assert(net_parse(frame, len, &h));
    st16_he(frame + 50, net_sum_finish(net_sum(frame + 34, 20 + data, net_pseudo_sum(frame, &h, (uint32_t)(20 + data)))));
    net_send_buf(p, frame, len);
    net_flush(p);
}

START_TEST(guestfwd_to_a_character_device)
{
    struct chardev_registry *reg = chardev_registry_new(loop);
    struct net *with = net_new(loop, virtual, reg);
    struct net_port *p;
    char text[32] = "";
    unsigned i;

    ck_assert(chardev_registry_add(reg, "ringbuf,id=r", NULL));
    ck_assert(net_add(with, "user,id=u,ipv6=off,guestfwd=tcp:10.0.2.100:7-chardev:r", NULL));
    p = netdev_plug(net_attach(with, "u", NULL), &capture_ops, &a);
    net_send_buf(p, arp_request, sizeof(arp_request));
    send_tcp(p, 1000, 0, 2, "");                             /* SYN */
    for (i = 0; i < a.n && !(a.frame[i].len >= 54 && a.frame[i].data[23] == 6); i++)
        continue;
    ck_assert_uint_lt(i, a.n);
    ck_assert_uint_eq(a.frame[i].data[47] & 0x12, 0x12);
    send_tcp(p, 1001, ld32_be(a.frame[i].data + 38) + 1, 0x18, "through");
    ck_assert_uint_eq(chardev_ringbuf_read(chardev_registry_find(reg, "r"), text, sizeof(text)), 7);
    ck_assert_str_eq(text, "through");
    net_close(with);                                         /* with the connection open */
    net_free(with);
    chardev_registry_free(reg);
}
END_TEST

START_TEST(two_networks_cannot_have_one_port)
{
    int port = free_port(SOCK_STREAM);
    g_autofree char *one = g_strdup_printf("user,id=a,hostfwd=tcp:127.0.0.1:%d-:80", port);
    g_autofree char *two = g_strdup_printf("user,id=b,hostfwd=tcp:127.0.0.1:%d-:80", port);
    g_autoptr(GError) err = NULL;

    ck_assert(net_add(n, one, NULL));
    ck_assert(!net_add(n, two, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "Address already in use"));
}
END_TEST
#endif

START_TEST(dumps_are_pcap_files)
{
    char dir[] = "/tmp/test-net-XXXXXX";
    g_autofree char *file = g_strdup_printf("%s/x.pcap", mkdtemp(dir));
    g_autofree char *spec = g_strdup_printf("filter-dump,id=d,netdev=a,file=%s,maxlen=40", file);
    struct net_port *p = plug("socket,id=a,listen=127.0.0.1:0", "a", &a);
    g_autofree char *data = NULL;
    uint8_t frame[60];
    gsize len;

    memset(frame, 'x', sizeof(frame));
    ck_assert(net_add_object(n, spec, NULL));
    net_send_buf(p, "short", 5);
    net_send_buf(p, frame, sizeof(frame));
    net_close(n);
    ck_assert(g_file_get_contents(file, &data, &len, NULL));
    ck_assert_uint_eq(len, 24 + 16 + 5 + 16 + 40);
    ck_assert_uint_eq(ld32_he(data), 0xa1b2c3d4);
    ck_assert_uint_eq(ld16_he(data + 4), 2);
    ck_assert_uint_eq(ld16_he(data + 6), 4);
    ck_assert_uint_eq(ld32_he(data + 16), 40);
    ck_assert_uint_eq(ld32_he(data + 20), 1);
    ck_assert_uint_lt(ld32_he(data + 28), 1000000);
    ck_assert_uint_eq(ld32_he(data + 32), 5);
    ck_assert_uint_eq(ld32_he(data + 36), 5);
    ck_assert_mem_eq(data + 40, "short", 5);
    ck_assert_uint_eq(ld32_he(data + 45 + 8), 40);
    ck_assert_uint_eq(ld32_he(data + 45 + 12), 60);
    unlink(file);
    rmdir(dir);
}
END_TEST

static Suite *backends_suite(void)
{
    Suite *s = suite_create("net-backends");
    TCase *t = tcase_create("net-backends");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, tcp_cable);
    tcase_add_test(t, tcp_cable_with_a_slow_card);
    tcase_add_test(t, a_broken_stream_ends_and_the_server_waits_for_another);
    tcase_add_test(t, udp_cable);
    tcase_add_test(t, multicast_cable);
    tcase_add_test(t, unix_streams_and_datagrams);
    tcase_add_test(t, inet_streams_and_datagrams);
    tcase_add_test(t, a_socket_pair_by_its_numbers);
#ifdef CONFIG_SLIRP
    tcase_add_test(t, user_network_answers);
    tcase_add_test(t, user_network_waits_for_a_full_card);
    tcase_add_test(t, guestfwd_to_a_character_device);
    tcase_add_test(t, two_networks_cannot_have_one_port);
#endif
    tcase_add_test(t, dumps_are_pcap_files);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(backends_suite)
