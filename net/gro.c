/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining TCP segments; see gro.h. One packet is held at a time: back ends send a connection's segments in bursts.
 *
 * A segment is joined when nothing is lost by it: every byte of its headers is that of the held packet but for lengths, checksums, the IP
 * identification, the sequence number, which must follow, and PSH, which ends the packet. So does a segment shorter than the first.
 */
#include "config.h"
#include <string.h>
#include "net/gro.h"
#include "util/endian.h"

#define MAX_PACKET 65535u            /* of IP */
#define IP6_HEADER 40u
enum ip4_field { IP4_LENGTH = 2, IP4_ID = 4, IP4_FRAGMENT = 6, IP4_SUM = 10, IP4_ADDRESSES = 12 };
enum ip6_field { IP6_LENGTH = 4, IP6_NEXT = 6 };
enum tcp_field { TCP_SEQ = 4, TCP_ACK = 8, TCP_FLAGS = 13, TCP_WINDOW = 14, TCP_SUM = 16, TCP_URGENT = 18 };
enum tcp_flag { TCP_FLAG_PSH = 8, TCP_FLAG_ACK = 16 };

struct net_gro {
    net_emit_fn emit;
    void *opaque;
    size_t len;                      /* of the held packet; 0: none */
    unsigned segments;
    bool closed;                     /* nothing may follow */
    uint16_t size;                   /* payload of each segment but the last */
    uint32_t next_seq;
    struct net_headers h;            /* of the first segment */
    uint8_t data[NET_MAX_FRAME];
};

struct net_gro *net_gro_new(net_emit_fn emit, void *opaque)
{
    struct net_gro *g = g_new0(struct net_gro, 1);

    g->emit = emit;
    g->opaque = opaque;
    return g;
}

void net_gro_free(struct net_gro *g)
{
    g_free(g);
}

static bool emit_plain(struct net_gro *g, const uint8_t *frame, size_t len)
{
    struct iovec iov = { (void *)frame, len };
    struct net_frame f = { &iov, 1, len, { .flags = NET_DATA_VALID } };

    return g->emit(g->opaque, &f);
}

/* The joined packet's lengths and sums; the TCP sum is left to be completed, as for a packet that is to be cut. */
static void finish_headers(struct net_gro *g)
{
    uint8_t *ip = g->data + g->h.l3;
    uint32_t ip_len = (uint32_t)g->len - g->h.l3, l4_len = (uint32_t)g->len - g->h.l4;

    if (g->h.version == 4) {
        st16_be(ip + IP4_LENGTH, (uint16_t)ip_len);
        st16_he(ip + IP4_SUM, 0);
        st16_he(ip + IP4_SUM, net_sum_finish(net_sum(ip, g->h.l4 - g->h.l3, 0)));
    } else {
        st16_be(ip + IP6_LENGTH, (uint16_t)(ip_len - IP6_HEADER));
    }
    st16_he(g->data + g->h.l4 + TCP_SUM, (uint16_t)~net_sum_finish(net_pseudo_sum(g->data, &g->h, l4_len)));
}

bool net_gro_flush(struct net_gro *g)
{
    struct iovec iov = { g->data, g->len };
    struct net_frame f = { .iov = &iov, .niov = 1, .len = g->len };
    size_t len = g->len;

    g->len = 0;
    if (!len)
        return true;
    if (g->segments == 1)
        return emit_plain(g, g->data, len);
    g->len = len;
    finish_headers(g);
    g->len = 0;
    f.off = (struct net_offload){
        .flags = NET_NEEDS_CSUM, .gso = g->h.version == 4 ? NET_GSO_TCP4 : NET_GSO_TCP6, .hdr_len = (uint16_t)g->h.payload,
        .gso_size = g->size, .csum_start = (uint16_t)g->h.l4, .csum_offset = TCP_SUM,
    };
    return g->emit(g->opaque, &f);
}

/* Could this be a segment among others? Only data, with nothing out of the ordinary. */
static bool joinable(const uint8_t *frame, size_t len, uint32_t accepts, struct net_headers *h)
{
    uint32_t need = NET_ACCEPT_CSUM;

    if (!net_parse(frame, len, h) || h->protocol != NET_TCP || h->payload == h->end)
        return false;
    need |= h->version == 4 ? NET_ACCEPT_TSO4 : NET_ACCEPT_TSO6;
    return (accepts & need) == need && (frame[h->l4 + TCP_FLAGS] & ~TCP_FLAG_PSH) == TCP_FLAG_ACK;
}

static bool same(const uint8_t *a, const uint8_t *b, uint32_t from, uint32_t to)
{
    return !memcmp(a + from, b + from, to - from);
}

static bool same_headers(const uint8_t *a, const uint8_t *b, const struct net_headers *h)
{
    uint32_t ip = h->l3, tcp = h->l4;

    if (h->version == 4 ? !same(a, b, 0, ip + IP4_LENGTH) || !same(a, b, ip + IP4_FRAGMENT, ip + IP4_SUM) ||
                          !same(a, b, ip + IP4_ADDRESSES, tcp)
                        : !same(a, b, 0, ip + IP6_LENGTH) || !same(a, b, ip + IP6_NEXT, tcp))
        return false;
    return same(a, b, tcp, tcp + TCP_SEQ) && same(a, b, tcp + TCP_ACK, tcp + TCP_FLAGS) &&
           same(a, b, tcp + TCP_WINDOW, tcp + TCP_SUM) && same(a, b, tcp + TCP_URGENT, h->payload);
}

static bool follows(const struct net_gro *g, const uint8_t *frame, const struct net_headers *h)
{
    uint32_t n = h->end - h->payload;

    return g->len && !g->closed && h->version == g->h.version && h->l3 == g->h.l3 && h->l4 == g->h.l4 &&
           h->payload == g->h.payload && n <= g->size && g->len + n - h->l3 <= MAX_PACKET &&
           ld32_be(frame + h->l4 + TCP_SEQ) == g->next_seq && same_headers(g->data, frame, h);
}

bool net_gro_add(struct net_gro *g, const uint8_t *frame, size_t len, uint32_t accepts)
{
    struct net_headers h;
    bool taken = true;
    uint32_t n;

    if (!joinable(frame, len, accepts, &h)) {
        taken = net_gro_flush(g);
        return emit_plain(g, frame, len) && taken;
    }
    n = h.end - h.payload;
    if (follows(g, frame, &h)) {
        memcpy(g->data + g->len, frame + h.payload, n);
        g->data[g->h.l4 + TCP_FLAGS] |= frame[h.l4 + TCP_FLAGS];
        g->segments++;
    } else {
        taken = net_gro_flush(g);
        memcpy(g->data, frame, h.end);
        g->h = h;
        g->len = h.payload;
        g->segments = 1;
        g->size = (uint16_t)n;
    }
    g->len += n;
    g->next_seq = ld32_be(frame + h.l4 + TCP_SEQ) + n;
    g->closed = n < g->size || frame[h.l4 + TCP_FLAGS] & TCP_FLAG_PSH;
    return taken;
}
