/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts IPv4 fragments together (RFC 791, 3.2; RFC 815), for a receiver that should not see fragments: libslirp 4.7 follows wild pointers
 * when a guest sends it hostile ones. A few datagrams at a time, 30 s for each; fragments that overlap spoil their datagram (RFC 5722
 * says so for IPv6).
 */
#ifndef NET_DEFRAG_H
#define NET_DEFRAG_H

#include <stddef.h>
#include <stdint.h>

struct net_defrag;

struct net_defrag *net_defrag_new(void);
/* Takes NULL. */
void net_defrag_free(struct net_defrag *d);
/* The frame to pass on: an Ethernet frame that is no IPv4 fragment is passed as it is; the fragment that completes a datagram gives the
 * whole one, valid until the next call; NULL for other fragments. *len is the frame's length, and gets the result's. now: nanoseconds
 * of any clock that goes on. */
const uint8_t *net_defrag_add(struct net_defrag *d, const uint8_t *frame, size_t *len, int64_t now);

#endif
