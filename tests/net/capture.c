/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include <string.h>
#include "tests/net/capture.h"

void capture_reset(struct capture *c)
{
    for (unsigned i = 0; i < c->n; i++)
        g_free(c->frame[i].data);
    *c = (struct capture){ .room = -1 };
}

bool capture_frame(void *capture, const struct net_frame *f)
{
    struct capture *c = capture;
    struct captured *k = &c->frame[c->n];

    if (!c->room)
        return false;
    if (c->room > 0)
        c->room--;
    ck_assert_uint_lt(c->n, CAPTURE_MAX);
    c->n++;
    k->off = f->off;
    k->data = g_malloc(f->len + 1);
    k->len = net_frame_copy(f, k->data, f->len);
    ck_assert_uint_eq(k->len, f->len);
    return true;
}

static void flush(void *capture)
{
    ((struct capture *)capture)->flushes++;
}

static void writable(void *capture)
{
    ((struct capture *)capture)->writables++;
}

static void peer_accepts(void *capture, uint32_t accepts)
{
    ((struct capture *)capture)->peer_accepts = accepts;
}

const struct net_port_ops capture_ops = {
    .receive = capture_frame, .flush = flush, .writable = writable, .peer_accepts = peer_accepts,
};

size_t unhex(const char *hex, uint8_t *buf)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        buf[i] = (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    return n;
}

void capture_expect_hex(const struct capture *c, unsigned i, const char *hex)
{
    uint8_t want[4096];
    size_t len = unhex(hex, want);

    ck_assert_uint_lt(i, c->n);
    ck_assert_uint_eq(c->frame[i].len, len);
    for (size_t k = 0; k < len; k++)
        ck_assert_msg(c->frame[i].data[k] == want[k], "frame %u, byte %zu: %02x, not %02x", i, k, c->frame[i].data[k], want[k]);
}
