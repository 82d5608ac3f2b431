/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 reassembly; see defrag.h. Each datagram has a buffer for the largest, and a bit for each 8 bytes that are there. */
#include "config.h"
#include <glib.h>
#include <string.h>
#include "net/defrag.h"
#include "net/offload.h"
#include "util/clock.h"
#include "util/endian.h"

#define ETH_HEADER 14u
#define IP_MIN 20u
#define IP_MAX_HEADER 60u
#define MAX_DATAGRAM 65535u          /* with its header */
#define BLOCK 8u
#define SLOTS 4
#define LIFETIME ((int64_t)30 * NS_PER_S)

enum ip_field { IP_LENGTH = 2, IP_ID = 4, IP_FRAGMENT = 6, IP_PROTOCOL = 9, IP_SUM = 10, IP_SOURCE = 12 };
#define MORE_FRAGMENTS 0x2000u
#define OFFSET_MASK 0x1fffu
#define KEY_LEN 11                   /* source, destination, identification, protocol */

struct slot {
    int64_t deadline;                /* 0: free */
    uint8_t key[KEY_LEN];
    uint32_t header;                 /* bytes of the first fragment's headers with Ethernet's; 0: not there yet */
    uint32_t total, got, highest;    /* bytes of payload, its end so far; total 0: the last fragment is not there yet */
    uint8_t have[(MAX_DATAGRAM / BLOCK + 8) / 8];
    uint8_t *data;                   /* ETH_HEADER + IP_MAX_HEADER bytes for the headers, then payload */
};
#define ROOM (ETH_HEADER + IP_MAX_HEADER)

struct net_defrag {
    struct slot slot[SLOTS];
};

/* A fragment, checked against the frame's end. */
struct fragment {
    const uint8_t *frame, *payload;
    uint32_t header;                 /* of Ethernet and IP */
    uint32_t offset, len;            /* of the payload, in the datagram and here */
    bool more;
    uint8_t key[KEY_LEN];
};

struct net_defrag *net_defrag_new(void)
{
    return g_new0(struct net_defrag, 1);
}

void net_defrag_free(struct net_defrag *d)
{
    for (int i = 0; d && i < SLOTS; i++)
        g_free(d->slot[i].data);
    g_free(d);
}

/* Is it a fragment? *ok: with headers that make sense. */
static bool is_fragment(const uint8_t *frame, size_t len, struct fragment *f, bool *ok)
{
    const uint8_t *ip = frame + ETH_HEADER;
    uint32_t header, total, word;

    if (len < ETH_HEADER + IP_MIN || ld16_be(frame + 12) != 0x0800)
        return false;
    word = ld16_be(ip + IP_FRAGMENT);
    if (!(word & (MORE_FRAGMENTS | OFFSET_MASK)))
        return false;
    header = (ip[0] & 15) * 4u;
    total = ld16_be(ip + IP_LENGTH);
    f->frame = frame;
    f->header = ETH_HEADER + header;
    f->payload = frame + f->header;
    f->offset = (word & OFFSET_MASK) * BLOCK;
    f->more = word & MORE_FRAGMENTS;
    f->len = total - header;
    memcpy(f->key, ip + IP_SOURCE, 8);
    memcpy(f->key + 8, ip + IP_ID, 2);
    f->key[10] = ip[IP_PROTOCOL];
    *ok = ip[0] >> 4 == 4 && header >= IP_MIN && total > header && total <= len - ETH_HEADER &&
          f->offset + f->len <= MAX_DATAGRAM - IP_MIN && !(f->more && f->len % BLOCK) &&
          !net_sum_finish(net_sum(ip, header, 0));
    return true;
}

static struct slot *find(struct net_defrag *d, const struct fragment *f, int64_t now)
{
    struct slot *oldest = &d->slot[0];

    for (int i = 0; i < SLOTS; i++) {
        struct slot *s = &d->slot[i];

        if (s->deadline && s->deadline < now)
            s->deadline = 0;
        if (s->deadline && !memcmp(s->key, f->key, KEY_LEN))
            return s;
        if (s->deadline < oldest->deadline)
            oldest = s;
    }
    if (!oldest->data)
        oldest->data = g_malloc(ROOM + MAX_DATAGRAM);
    oldest->deadline = now + LIFETIME;
    memcpy(oldest->key, f->key, KEY_LEN);
    oldest->header = oldest->total = oldest->got = oldest->highest = 0;
    memset(oldest->have, 0, sizeof(oldest->have));
    return oldest;
}

/* Mark the fragment's blocks. False: some of them were there. */
static bool mark(struct slot *s, const struct fragment *f)
{
    uint32_t first = f->offset / BLOCK, end = (f->offset + f->len + BLOCK - 1) / BLOCK;

    for (uint32_t i = first; i < end; i++) {
        if (s->have[i / 8] >> (i % 8) & 1)
            return false;
        s->have[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    return true;
}

/* Take it in. False: it contradicts what is there. */
static bool put(struct slot *s, const struct fragment *f)
{
    uint32_t end = f->offset + f->len;

    if (!mark(s, f) || (s->total && (!f->more || end > s->total)) || (!f->more && end < s->highest))
        return false;
    memcpy(s->data + ROOM + f->offset, f->payload, f->len);
    s->got += f->len;
    s->highest = MAX(s->highest, end);
    if (!f->more)
        s->total = end;
    if (!f->offset) {
        s->header = f->header;
        memcpy(s->data + ROOM - f->header, f->frame, f->header);
    }
    return true;
}

/* All of it is there: the headers of the first fragment with the lengths of the whole. NULL: together they are too long. */
static const uint8_t *finish(struct slot *s, size_t *len)
{
    uint8_t *frame = s->data + ROOM - s->header, *ip = frame + ETH_HEADER;
    uint32_t header = s->header - ETH_HEADER;

    s->deadline = 0;
    if (header + s->total > MAX_DATAGRAM)
        return NULL;
    st16_be(ip + IP_LENGTH, (uint16_t)(header + s->total));
    st16_be(ip + IP_FRAGMENT, 0);
    st16_he(ip + IP_SUM, 0);
    st16_he(ip + IP_SUM, net_sum_finish(net_sum(ip, header, 0)));
    *len = s->header + s->total;
    return frame;
}

const uint8_t *net_defrag_add(struct net_defrag *d, const uint8_t *frame, size_t *len, int64_t now)
{
    struct fragment f;
    struct slot *s;
    bool ok;

    if (!is_fragment(frame, *len, &f, &ok))
        return frame;
    if (!ok)
        return NULL;
    s = find(d, &f, now + 1);        /* 0 marks free slots */
    if (!put(s, &f)) {
        s->deadline = 0;
        return NULL;
    }
    return s->header && s->total && s->got == s->total ? finish(s, len) : NULL;
}
