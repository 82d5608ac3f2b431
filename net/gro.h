/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins TCP segments that follow one another into one large packet (NET_GSO_TCP4, NET_GSO_TCP6), for a receiver that accepts those: a
 * guest handles a packet of 64 KiB nearly as fast as one of 1460 bytes. Cutting the packet at gso_size gives the segments back.
 */
#ifndef NET_GRO_H
#define NET_GRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "net/offload.h"

struct net_gro;

/* emit gets the packets, in the order of their last segment. */
struct net_gro *net_gro_new(net_emit_fn emit, void *opaque);
/* Drops what is held; takes NULL. */
void net_gro_free(struct net_gro *g);

/* A frame with right checksums. Emitted now or held, with what was held before it; false when a call of emit gave false. accepts: the
 * receiver's, which may change from frame to frame. */
bool net_gro_add(struct net_gro *g, const uint8_t *frame, size_t len, uint32_t accepts);
/* Emit what is held. */
bool net_gro_flush(struct net_gro *g);

#endif
