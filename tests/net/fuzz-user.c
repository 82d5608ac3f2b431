/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-user SECONDS [SEED]: hostile frames for the user network and, beside it, for the offloads of a network that has none: true packets
 * with bytes changed, lengths that lie, and often checksums that are right, so that libslirp looks further. Nothing may crash.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "net/internal.h"
#include "net/offload.h"
#include "tests/net/packets.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/rng.h"

#define IP4_MIN 20u

static const char dhcp[] =
    "ffffffffffff52540012345608004500013000000000401179be00000000ffffffff00440043011c0000010106001234567800000000000000000000000000000000"
    "00000000525400123456000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";
static const char *const seeds[] = { large4, whole4, small4_0, small4_2, large6, small6_0, udp_whole, udp_odd_whole, dhcp };

static unsigned long answers;
static struct rng r;

static unsigned upto(size_t n)
{
    return (unsigned)(rng_u64(&r) % n);
}

static bool take(void *opaque, const struct net_frame *f)
{
    (void)opaque;
    (void)f;
    answers++;
    return rng_u64(&r) % 64;                         /* at times the card is full */
}

static const struct net_port_ops ops = { .receive = take };

static size_t unhex(const char *hex, uint8_t *buf)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        buf[i] = (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    return n;
}

static void fix_sums(uint8_t *buf, size_t len)
{
    struct net_headers h;
    uint32_t header = len > 34 ? (buf[14] & 15) * 4u : 0;

    if (header >= IP4_MIN && 14 + header <= len && buf[12] == 8 && !buf[13]) {
        st16_he(buf + 24, 0);
        st16_he(buf + 24, net_sum_finish(net_sum(buf + 14, header, 0)));
    }
    if (net_parse(buf, len, &h)) {
        uint32_t n = h.end - h.l4, at = h.l4 + (h.protocol == NET_TCP ? 16 : 6);

        st16_he(buf + at, 0);
        st16_he(buf + at, net_sum_finish(net_sum(buf + h.l4, n, net_pseudo_sum(buf, &h, n))));
    }
}

static size_t make(uint8_t *buf)
{
    size_t len = unhex(seeds[upto(G_N_ELEMENTS(seeds))], buf), more;

    if (ld16_be(buf + 12) == 0x8100) {               /* libslirp knows no tags */
        memmove(buf + 12, buf + 16, len - 16);
        len -= 4;
    }
    if (!upto(4)) {
        more = upto(upto(4) ? 1400 : NET_MAX_FRAME - len);
        memset(buf + len, (int)upto(256), more);
        len += more;
        if (buf[12] == 8)
            st16_be(buf + 16, (uint16_t)(len - 14));
        else
            st16_be(buf + 18, (uint16_t)(len - 54));
    }
    if (buf[12] == 8 && upto(2)) {
        st32_be(buf + 26, 0x0a00020f);
        st32_be(buf + 30, 0x0a000202 + upto(3));
    }
    if (!upto(3))
        st16_be(buf + 20, (uint16_t)(upto(2) << 13 | upto(30)));         /* fragments */
    for (unsigned k = upto(5); k; k--)
        buf[upto(MIN(len, 120))] = (uint8_t)rng_u64(&r);
    if (upto(8))
        fix_sums(buf, len);
    return upto(8) ? len : upto(len + 1);
}

static struct net_port *plug(struct net *n, const char *spec, const char *id)
{
    g_autoptr(GError) err = NULL;

    if (net_add(n, spec, &err))
        return netdev_plug(net_attach(n, id, NULL), &ops, NULL);
    fprintf(stderr, "fuzz-user: %s\n", err->message);
    exit(77);
}

int main(int argc, char **argv)
{
    int64_t end = g_get_monotonic_time() + (argc > 1 ? atoi(argv[1]) : 1) * (int64_t)1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)g_get_real_time();
    struct event_loop *loop = event_loop_new();
    struct clock *clock = clock_new(CLK_VIRTUAL);
    struct net *n = net_new(loop, clock, NULL);
    struct net_port *user = plug(n, "user,id=u,restrict=on", "u"), *cable = plug(n, "socket,id=s,listen=127.0.0.1:0", "s");
    g_autofree uint8_t *buf = g_malloc(NET_MAX_FRAME + 64);
    unsigned long count = 0;

    printf("seed 0x%llx\n", (unsigned long long)seed);
    fflush(stdout);
    rng_init(&r, seed);
    for (; g_get_monotonic_time() < end; count++) {
        size_t len = make(buf);
        struct iovec iov = { buf, len };
        struct net_frame f = { &iov, 1, len, { (uint8_t)upto(4), (uint8_t)upto(6), (uint16_t)upto(100), (uint16_t)upto(2000),
                                               (uint16_t)upto(80), (uint16_t)upto(20) } };

        net_send(cable, &f);
        if (upto(4))
            f.off = (struct net_offload){ 0 };
        net_send(user, &f);
        if (!upto(8)) {
            net_flush(user);
            net_ready(user);
        }
        if (!upto(64))
            event_loop_poll(loop, false);
    }
    printf("%lu frames, %lu answers\n", count, answers);
    net_close(n);
    net_free(n);
    clock_free(clock);
    event_loop_free(loop);
    return 0;
}
