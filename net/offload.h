/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a network card's offload engines do, in software: Internet checksums (RFC 1071) and the cutting of large TCP packets over IPv4 and
 * IPv6. Frames come from guests: every header is checked against the frame's end before it is used.
 */
#ifndef NET_OFFLOAD_H
#define NET_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "net/net.h"

/* The ones' complement sum of data, which starts at an even offset of what is summed, added to sum; not folded to 16 bits, not inverted.
 * Bytes in network order: the folded sum is stored with st16_he. */
uint64_t net_sum(const void *data, size_t len, uint64_t sum);
/* Folded and inverted: what st16_he puts into the header. */
uint16_t net_sum_finish(uint64_t sum);

/* Where a TCP or UDP packet's parts are. */
struct net_headers {
    uint32_t l3, l4, payload;        /* offsets from the frame's start; payload == end of the L4 header */
    uint32_t end;                    /* of the IP packet; frames may be padded */
    uint8_t version, protocol;       /* 4 or 6; 6 (TCP) or 17 (UDP) */
};
enum net_protocol { NET_TCP = 6, NET_UDP = 17 };

/* Finds them; false for frames that are not unfragmented TCP or UDP, or not whole. */
bool net_parse(const uint8_t *frame, size_t len, struct net_headers *h);
/* The sum of the pseudo header for an L4 part of len bytes. */
uint64_t net_pseudo_sum(const uint8_t *frame, const struct net_headers *h, uint32_t len);

typedef bool (*net_emit_fn)(void *opaque, const struct net_frame *f);

/* Is there something in off that a receiver with these accepts cannot take? */
bool net_offload_needed(const struct net_offload *off, uint32_t accepts);
/*
 * Makes frames for such a receiver from the whole one in buf, which is changed: completes the checksum, or cuts a large packet.
 * Calls emit for each; returns false when one of the calls did. Nonsense from the guest emits nothing and returns true.
 */
bool net_offload(uint8_t *buf, size_t len, const struct net_offload *off, uint32_t accepts, net_emit_fn emit, void *opaque);

#endif
