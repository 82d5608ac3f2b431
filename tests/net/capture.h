/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of net/: a list of frames that were received or emitted, and packets from hexadecimal. */
#ifndef TESTS_NET_CAPTURE_H
#define TESTS_NET_CAPTURE_H

#include "net/net.h"
#include "tests/suite.h"

#define CAPTURE_MAX 64

struct captured {
    struct net_offload off;
    size_t len;
    uint8_t *data;
};

struct capture {
    struct captured frame[CAPTURE_MAX];
    unsigned n;
    int room;                        /* frames that are taken; -1: any number */
    unsigned flushes, writables;
    uint32_t peer_accepts;
};

/* Empty, with room for everything; frees what was there. */
void capture_reset(struct capture *c);
/* Keeps a copy; false without room. As net_emit_fn and as a port's receive. */
bool capture_frame(void *capture, const struct net_frame *f);
/* A port that keeps what it gets. */
extern const struct net_port_ops capture_ops;

/* Bytes of a string of hexadecimal digits, into buf; returns how many. */
size_t unhex(const char *hex, uint8_t *buf);
/* Frame i has these bytes. */
void capture_expect_hex(const struct capture *c, unsigned i, const char *hex);

#endif
