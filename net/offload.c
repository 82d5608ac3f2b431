/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums and TCP segmentation in software; see offload.h. Header layouts: RFC 791, RFC 8200, RFC 9293, RFC 768. */
#include "config.h"
#include <string.h>
#include "net/offload.h"
#include "util/endian.h"

#define ETH_HEADER 14u
#define ETH_TYPE 12u
#define VLAN_TAG 4u
#define MAX_TAGS 2
enum ether_type { ETHER_IP4 = 0x0800, ETHER_IP6 = 0x86dd, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88a8 };

#define IP4_MIN 20u
#define IP6_HEADER 40u
enum ip4_field { IP4_LENGTH = 2, IP4_ID = 4, IP4_FRAGMENT = 6, IP4_PROTOCOL = 9, IP4_SUM = 10, IP4_ADDRESSES = 12 };
#define IP4_FRAGMENT_MASK 0x3fffu    /* more fragments, offset */
enum ip6_field { IP6_LENGTH = 4, IP6_NEXT = 6, IP6_ADDRESSES = 8 };
enum ip6_next { IP6_HOP_BY_HOP = 0, IP6_ROUTING = 43, IP6_DESTINATION = 60 };
#define IP6_MAX_EXTENSIONS 8

#define TCP_MIN 20u
#define UDP_HEADER 8u
enum tcp_field { TCP_SEQ = 4, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_SUM = 16 };
enum tcp_flag { TCP_FIN = 1, TCP_PSH = 8, TCP_CWR = 0x80 };
#define UDP_SUM 6u

#define MAX_HEADERS 256u             /* Ethernet to TCP options */
#define MIN_SEGMENT 8u               /* bytes of payload: bounds the work for one packet */

/* ---- checksums --------------------------------------------------------------------------------- */

uint64_t net_sum(const void *data, size_t len, uint64_t sum)
{
    const uint8_t *p = data;
    uint64_t a = 0, b = 0;

    /* Halves of words add up in 64 bits: no carry is lost below 16 GiB. */
    for (; len >= 16; len -= 16, p += 16) {
        uint64_t x = ld64_he(p), y = ld64_he(p + 8);

        a += (x & UINT32_MAX) + (x >> 32);
        b += (y & UINT32_MAX) + (y >> 32);
    }
    for (; len >= 2; len -= 2, p += 2)
        a += ld16_he(p);
    if (len) {
        uint8_t last[2] = { *p, 0 };

        a += ld16_he(last);
    }
    a = (a & UINT32_MAX) + (a >> 32) + (b & UINT32_MAX) + (b >> 32);
    return sum + a;
}

static uint16_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t net_sum_finish(uint64_t sum)
{
    return (uint16_t)~fold(sum);
}

uint64_t net_pseudo_sum(const uint8_t *frame, const struct net_headers *h, uint32_t len)
{
    uint8_t tail[8] = { 0 };

    st32_be(tail, len);
    tail[7] = h->protocol;
    if (h->version == 4)
        return net_sum(frame + h->l3 + IP4_ADDRESSES, 8, net_sum(tail, sizeof(tail), 0));
    return net_sum(frame + h->l3 + IP6_ADDRESSES, 32, net_sum(tail, sizeof(tail), 0));
}

/* ---- headers ----------------------------------------------------------------------------------- */

static bool parse_ip4(const uint8_t *frame, size_t len, struct net_headers *h)
{
    const uint8_t *ip = frame + h->l3;
    uint32_t header, total;

    if (len - h->l3 < IP4_MIN || ip[0] >> 4 != 4)
        return false;
    header = (ip[0] & 15) * 4u;
    total = ld16_be(ip + IP4_LENGTH);
    if (header < IP4_MIN || total < header || total > len - h->l3 || ld16_be(ip + IP4_FRAGMENT) & IP4_FRAGMENT_MASK)
        return false;
    h->version = 4;
    h->protocol = ip[IP4_PROTOCOL];
    h->l4 = h->l3 + header;
    h->end = h->l3 + total;
    return true;
}

static bool parse_ip6(const uint8_t *frame, size_t len, struct net_headers *h)
{
    const uint8_t *ip = frame + h->l3;
    uint8_t next;

    if (len - h->l3 < IP6_HEADER || ip[0] >> 4 != 6 || ld16_be(ip + IP6_LENGTH) > len - h->l3 - IP6_HEADER)
        return false;
    h->version = 6;
    h->end = h->l3 + IP6_HEADER + ld16_be(ip + IP6_LENGTH);
    h->l4 = h->l3 + IP6_HEADER;
    next = ip[IP6_NEXT];
    for (int i = 0; next == IP6_HOP_BY_HOP || next == IP6_ROUTING || next == IP6_DESTINATION; i++) {
        uint32_t size;

        if (i == IP6_MAX_EXTENSIONS || h->end - h->l4 < 8)
            return false;
        next = frame[h->l4];
        size = (frame[h->l4 + 1] + 1u) * 8;
        if (size > h->end - h->l4)
            return false;
        h->l4 += size;
    }
    h->protocol = next;
    return true;
}

static bool parse_l4(const uint8_t *frame, struct net_headers *h)
{
    uint32_t room = h->end - h->l4, header = UDP_HEADER;

    if (h->protocol == NET_TCP) {
        if (room < TCP_MIN)
            return false;
        header = (frame[h->l4 + TCP_OFFSET] >> 4) * 4u;
        if (header < TCP_MIN)
            return false;
    } else if (h->protocol != NET_UDP) {
        return false;
    }
    h->payload = h->l4 + header;
    return header <= room;
}

bool net_parse(const uint8_t *frame, size_t len, struct net_headers *h)
{
    uint16_t type;

    if (len < ETH_HEADER)
        return false;
    h->l3 = ETH_HEADER;
    type = ld16_be(frame + ETH_TYPE);
    for (int i = 0; i < MAX_TAGS && (type == ETHER_VLAN || type == ETHER_QINQ); i++) {
        if (len - h->l3 < VLAN_TAG)
            return false;
        type = ld16_be(frame + h->l3 + 2);
        h->l3 += VLAN_TAG;
    }
    if (type == ETHER_IP4)
        return parse_ip4(frame, len, h) && parse_l4(frame, h);
    return type == ETHER_IP6 && parse_ip6(frame, len, h) && parse_l4(frame, h);
}

/* ---- completing one frame ---------------------------------------------------------------------- */

bool net_offload_needed(const struct net_offload *off, uint32_t accepts)
{
    if (off->flags && !(accepts & NET_ACCEPT_CSUM))
        return true;
    switch (off->gso & ~NET_GSO_ECN) {
    case NET_GSO_NONE:
        return false;
    case NET_GSO_TCP4:
        return !(accepts & NET_ACCEPT_TSO4) || (off->gso & NET_GSO_ECN && !(accepts & NET_ACCEPT_ECN));
    case NET_GSO_TCP6:
        return !(accepts & NET_ACCEPT_TSO6) || (off->gso & NET_GSO_ECN && !(accepts & NET_ACCEPT_ECN));
    default:
        return true;
    }
}

static bool emit_one(uint8_t *buf, size_t len, const struct net_offload *off, net_emit_fn emit, void *opaque)
{
    struct iovec iov = { buf, len };
    struct net_frame f = { &iov, 1, len, *off };

    return emit(opaque, &f);
}

/* virtio 1.1, 5.1.6.2: the field holds the pseudo header's sum already. */
static bool complete_sum(uint8_t *buf, size_t len, const struct net_offload *off)
{
    size_t start = off->csum_start, at = start + off->csum_offset;
    uint16_t sum;

    if (start >= len || at + 2 > len)
        return false;
    sum = net_sum_finish(net_sum(buf + start, len - start, 0));
    if (!sum && off->csum_offset == UDP_SUM)     /* RFC 768: 0 says that there is none */
        sum = 0xffff;
    st16_he(buf + at, sum);
    return true;
}

/* The checksum of a TCP packet, whatever the field holds. */
static void set_tcp_sum(uint8_t *buf, const struct net_headers *h)
{
    uint32_t len = h->end - h->l4;

    st16_he(buf + h->l4 + TCP_SUM, 0);
    st16_he(buf + h->l4 + TCP_SUM, net_sum_finish(net_sum(buf + h->l4, len, net_pseudo_sum(buf, h, len))));
}

/* ---- cutting ----------------------------------------------------------------------------------- */

/* The lengths and sums of a segment's headers, which are in front of n bytes of payload. */
static void fix_headers(uint8_t *head, const struct net_headers *h, const uint8_t *payload, uint32_t n, uint16_t number)
{
    uint32_t l4_len = h->payload - h->l4 + n, ip_len = h->payload - h->l3 + n;
    uint8_t *ip = head + h->l3, *tcp = head + h->l4;
    uint64_t sum;

    if (h->version == 4) {
        st16_be(ip + IP4_LENGTH, (uint16_t)ip_len);
        st16_be(ip + IP4_ID, (uint16_t)(ld16_be(ip + IP4_ID) + number));
        st16_he(ip + IP4_SUM, 0);
        st16_he(ip + IP4_SUM, net_sum_finish(net_sum(ip, h->l4 - h->l3, 0)));
    } else {
        st16_be(ip + IP6_LENGTH, (uint16_t)(ip_len - IP6_HEADER));
    }
    st16_he(tcp + TCP_SUM, 0);
    sum = net_sum(tcp, h->payload - h->l4, net_pseudo_sum(head, h, l4_len));
    st16_he(tcp + TCP_SUM, net_sum_finish(net_sum(payload, n, sum)));
}

static bool cut(const uint8_t *buf, const struct net_headers *h, uint32_t size, net_emit_fn emit, void *opaque)
{
    uint32_t seq = ld32_be(buf + h->l4 + TCP_SEQ), left = h->end - h->payload;
    const uint8_t *payload = buf + h->payload;
    uint8_t flags = buf[h->l4 + TCP_FLAGS], head[MAX_HEADERS];
    bool taken = true;

    for (uint16_t i = 0; i == 0 || left; i++) {
        uint32_t n = MIN(size, left);
        struct iovec iov[2] = { { head, h->payload }, { (void *)payload, n } };
        struct net_frame f = { .iov = iov, .niov = 2, .len = h->payload + n };

        memcpy(head, buf, h->payload);
        st32_be(head + h->l4 + TCP_SEQ, seq);
        /* The last one ends or pushes; the first one answers congestion (RFC 3168, 6.1.2). */
        head[h->l4 + TCP_FLAGS] = (uint8_t)(flags & ~(left > n ? TCP_FIN | TCP_PSH : 0) & ~(i ? TCP_CWR : 0));
        fix_headers(head, h, payload, n, i);
        taken &= emit(opaque, &f);
        seq += n;
        payload += n;
        left -= n;
    }
    return taken;
}

bool net_offload(uint8_t *buf, size_t len, const struct net_offload *off, uint32_t accepts, net_emit_fn emit, void *opaque)
{
    struct net_offload rest = *off;
    uint8_t kind = off->gso & (uint8_t)~NET_GSO_ECN;
    struct net_headers h;

    if (kind == NET_GSO_NONE) {
        if (off->flags & NET_NEEDS_CSUM && !complete_sum(buf, len, off))
            return true;
        rest = (struct net_offload){ 0 };
        return emit_one(buf, len, &rest, emit, opaque);
    }
    if ((kind != NET_GSO_TCP4 && kind != NET_GSO_TCP6) || !net_parse(buf, len, &h) || h.protocol != NET_TCP ||
        h.version != (kind == NET_GSO_TCP4 ? 4 : 6) || h.payload > MAX_HEADERS || off->gso_size < MIN_SEGMENT)
        return true;
    rest.flags = 0;
    if (net_offload_needed(&rest, accepts))
        return cut(buf, &h, off->gso_size, emit, opaque);
    set_tcp_sum(buf, &h);
    return emit_one(buf, len, &rest, emit, opaque);
}
