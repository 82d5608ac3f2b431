/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks: a card (front end) and a back end (user networking, tap, socket) are the two ports of a netdev, and send each other Ethernet
 * frames.
 *
 * Contract between the two ports
 *  - net_send hands a frame to the peer at once. A peer that has no room refuses it; the frame then waits in the peer's queue, net_send
 *    returns false, and the sender sends no more until its `writable` is called. (It may send on: the queue takes a bounded number of
 *    frames more, what comes after those is lost, as on a wire.)
 *  - A port that has refused a frame calls net_ready when it has room again: what waits comes first, then the sender's `writable`.
 *  - A sender ends each batch with net_flush: the peer then does what it does once per batch (an interrupt, a look at its sockets).
 *  - A frame is borrowed: receive copies what it keeps. Its bytes may be guest memory, which changes at any time.
 *  - Frames carry offload state (virtio 1.1, 5.1.6). A port says what it takes with net_set_accepts; the rest is done in software on
 *    the way: checksums are completed, large TCP packets cut (net/offload.h).
 *  - With nobody at the other end frames are lost.
 *
 * Thread: everything runs with the machine's device lock held (on the event loop's thread, or a vCPU's).
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>

struct chardev_registry;
struct clock;
struct event_loop;
struct net;
struct netdev;

#define NET_MAC_LEN 6
/* The longest frame: a large packet (64 KiB of IP) with its Ethernet header and VLAN tags. */
#define NET_MAX_FRAME (65535 + 14 + 8)

/* ---- frames ---- */

enum net_csum_flag {
    NET_NEEDS_CSUM = 1,      /* the sum from csum_start on is to be put at csum_start + csum_offset */
    NET_DATA_VALID = 2,      /* the checksums are right: no need to look */
};
enum net_gso { NET_GSO_NONE = 0, NET_GSO_TCP4 = 1, NET_GSO_UDP = 3, NET_GSO_TCP6 = 4, NET_GSO_ECN = 0x80 };

struct net_offload {
    uint8_t flags, gso;      /* enum net_csum_flag; enum net_gso */
    uint16_t hdr_len, gso_size, csum_start, csum_offset;
};

struct net_frame {
    const struct iovec *iov;
    unsigned niov;
    size_t len;              /* of all parts */
    struct net_offload off;
};

/* All of a frame's bytes, len at most, from its start; returns how many. */
size_t net_frame_copy(const struct net_frame *f, void *buf, size_t len);

/* What a port takes beside plain frames with complete checksums. */
enum net_accept {
    NET_ACCEPT_CSUM = 1,     /* NET_NEEDS_CSUM, NET_DATA_VALID */
    NET_ACCEPT_TSO4 = 2,     /* NET_GSO_TCP4: without NET_ACCEPT_CSUM, with complete checksums */
    NET_ACCEPT_TSO6 = 4,
    NET_ACCEPT_ECN = 8,      /* with NET_GSO_ECN */
};

/* ---- ports ---- */

struct net_port;

struct net_port_ops {
    /* A frame from the peer; false: no room now. */
    bool (*receive)(void *opaque, const struct net_frame *f);
    /* The peer's batch is over; may be NULL. */
    void (*flush)(void *opaque);
    /* After net_send gave false: go on. May be NULL. */
    void (*writable)(void *opaque);
    /* What the peer accepts has changed; may be NULL. */
    void (*peer_accepts)(void *opaque, uint32_t accepts);
};

bool net_send(struct net_port *port, const struct net_frame *f);
/* One part, no offloads. */
bool net_send_buf(struct net_port *port, const void *buf, size_t len);
void net_flush(struct net_port *port);
/* port's owner has room again. */
void net_ready(struct net_port *port);
/* Forget what waits for port (its card was reset). */
void net_purge(struct net_port *port);
void net_set_accepts(struct net_port *port, uint32_t accepts);
/* Frames wait for port. */
bool net_pending(const struct net_port *port);

/* ---- for cards ---- */

/* Takes the card's place; the netdev is the card's alone. */
struct net_port *netdev_plug(struct netdev *nd, const struct net_port_ops *ops, void *opaque);
/* Leaves it; takes NULL. */
void netdev_unplug(struct net_port *port);
/* What its back end may send beside plain frames, when the card accepts it (enum net_accept). */
uint32_t netdev_delivers(const struct netdev *nd);
/* The address for a card: text "52:54:00:12:34:56", or NULL for the next of the default ones. false with err: not an address. */
bool netdev_mac(struct netdev *nd, const char *text, uint8_t mac[NET_MAC_LEN], GError **err);

/* ---- for those who set a machine up ---- */

/* clock: the machine's virtual one; chardevs may be NULL. Both, and the loop, live until net_close. */
/* What -nic makes: the machine's usual card, and the one for model=virtio, types of -device; NULL: virtio-net-device. */
void net_set_cards(struct net *n, const char *usual, const char *virtio);
struct net *net_new(struct event_loop *loop, struct clock *clock, struct chardev_registry *chardevs);
/* -netdev: one back end. false with err, one line. */
bool net_add(struct net *n, const char *spec, GError **err);
/* -nic: a back end and a card; "none": neither. */
bool net_add_nic(struct net *n, const char *spec, GError **err);
/* -net: "nic" is the card, the others are its back end: one of each. */
bool net_add_old(struct net *n, const char *spec, GError **err);
/* What a machine has when nothing was said: a card on a user network, or nothing without libslirp. */
bool net_add_default(struct net *n, GError **err);
/* The i-th card that -nic and -net asked for, as a -device's text; NULL after the last. */
const char *net_card(const struct net *n, unsigned i);
/* -object: filter-dump. */
bool net_add_object(struct net *n, const char *spec, GError **err);
/* A card's netdev=ID: once each. */
struct netdev *net_attach(struct net *n, const char *id, GError **err);
/* Say on f which back ends have no card. */
void net_warn_unused(const struct net *n, FILE *f);
/* -netdev help */
void net_help(FILE *f);
/* Closes the back ends; cards then talk to nobody. */
void net_close(struct net *n);
/* Takes NULL. After the cards. */
void net_free(struct net *n);

#endif
