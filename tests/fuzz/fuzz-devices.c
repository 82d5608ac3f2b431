/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtio devices that the hostile driver plays with: what each needs, its headers, and what it must still do afterwards. */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include "net/internal.h"
#include "tests/fuzz/virtio.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define DATA_1 (VQ_DATA + 0x1000)
#define DATA_2 (VQ_DATA + 0x2000)

/* One buffer with a part to read and one to write (either may be empty) on queue q, waited for. */
static void request(struct fuzz_virtio *f, unsigned q, uint64_t out, uint32_t out_len, uint64_t in, uint32_t in_len)
{
    unsigned before = vq_used_idx(&f->d, q);

    vq_set_desc(&f->d, q, 0, out, out_len, in_len ? VQ_NEXT : 0, 1);
    vq_set_desc(&f->d, q, 1, in, in_len, VQ_WRITE, 0);
    vq_offer(&f->d, q, out_len ? 0 : 1);
    fuzz_wait_used(&f->d, q, before + 1);
}

/* ---- entropy ----------------------------------------------------------------------------------- */

static void rng_prepare(struct fuzz_virtio *f)
{
    if (fuzz_percent(f->r, 30)) {
        device_set_u64(f->d.dev, "max-bytes", 1 + rng_below(f->r, 100000));
        device_set_u64(f->d.dev, "period", 1 + rng_below(f->r, 100));
    }
}

static void rng_works(struct fuzz_virtio *f)
{
    clock_step(f->h, 200 * 1000000);             /* a new period */
    request(f, 0, 0, 0, DATA_1, 1);
}

const struct fuzz_device fuzz_rng = { .type = "virtio-rng-device", .nqueues = 1, .prepare = rng_prepare, .works = rng_works };

/* ---- disk -------------------------------------------------------------------------------------- */

#define BLK_IMAGE (1u << 20)

static void blk_prepare(struct fuzz_virtio *f)
{
    g_autofree char *image = g_strdup_printf("%s/image", f->h->dir), *data = g_malloc0(BLK_IMAGE), *spec = NULL, *n = NULL;
    static const char *const options[] = { "", ",discard=unmap", ",snapshot=on", ",detect-zeroes=on", ",aio=threads", ",cache=writethrough" };

    fuzz_check(g_file_set_contents(image, data, BLK_IMAGE, NULL), "no image");
    spec = g_strdup_printf("file=%s,format=raw,if=none,id=d%s", image, options[rng_below(f->r, G_N_ELEMENTS(options))]);
    n = g_strdup_printf("%u", 1 + rng_below(f->r, 4));
    harness_drive(f->h, spec);
    fuzz_check(device_set_prop(f->d.dev, "drive", "d", NULL) && device_set_prop(f->d.dev, "num-queues", n, NULL), "properties");
}

/* 5.2.6 */
static void blk_payload(struct fuzz_virtio *f, unsigned q, uint8_t *p, uint32_t len)
{
    static const uint32_t types[] = { 0, 1, 4, 8, 11, 13, 2, 14 };
    uint8_t header[16];

    (void)q;
    st32_le(header, fuzz_percent(f->r, 95) ? types[rng_below(f->r, G_N_ELEMENTS(types))] : rng_u32(f->r));
    st32_le(header + 4, 0);
    st64_le(header + 8, fuzz_percent(f->r, 80) ? rng_below(f->r, BLK_IMAGE / 512 + 8) : fuzz_number(f->r));
    memcpy(p, header, MIN(len, sizeof(header)));
}

static uint8_t blk_request(struct fuzz_virtio *f, uint32_t type, uint64_t sector, uint64_t data)
{
    uint8_t *header = fuzz_ram(f, VQ_DATA), *status = fuzz_ram(f, VQ_DATA + 16);
    unsigned before = vq_used_idx(&f->d, 0);

    st32_le(header, type);
    st64_le(header + 8, sector);
    *status = 0xff;
    vq_set_desc(&f->d, 0, 0, VQ_DATA, 16, VQ_NEXT, 1);
    vq_set_desc(&f->d, 0, 1, data, 512, VQ_NEXT | (type ? 0 : VQ_WRITE), 2);
    vq_set_desc(&f->d, 0, 2, VQ_DATA + 16, 1, VQ_WRITE, 0);
    vq_offer(&f->d, 0, 0);
    fuzz_wait_used(&f->d, 0, before + 1);
    return *status;
}

static void blk_works(struct fuzz_virtio *f)
{
    memset(fuzz_ram(f, DATA_1), 0x5a, 512);
    memset(fuzz_ram(f, DATA_2), 0, 512);
    fuzz_check(blk_request(f, 1, 7, DATA_1) == 0, "writing a sector");
    fuzz_check(blk_request(f, 0, 7, DATA_2) == 0, "reading a sector");
    fuzz_check(!memcmp(fuzz_ram(f, DATA_1), fuzz_ram(f, DATA_2), 512), "what was written is not there");
}

const struct fuzz_device fuzz_blk = {
    .type = "virtio-blk-device", .nqueues = 1, .prepare = blk_prepare, .payload = blk_payload, .works = blk_works,
};

/* ---- network card ------------------------------------------------------------------------------ */

/* The other end: takes frames, or for a while does not. */
struct fuzz_wire {
    struct net *net;
    struct netdev *nd;
    unsigned frames, room;
};

static bool wire_receive(void *opaque, const struct net_frame *frame)
{
    struct fuzz_wire *w = opaque;
    uint8_t buf[2048];

    if (!w->room)
        return false;
    w->room--;
    w->frames++;
    net_frame_copy(frame, buf, sizeof(buf));
    return true;
}

static const struct net_port_ops wire_ops = { .receive = wire_receive };

static void *attach_netdev(void *opaque, const char *id, GError **err)
{
    return net_attach(opaque, id, err);
}

static void net_prepare(struct fuzz_virtio *f)
{
    struct fuzz_wire *w = g_new0(struct fuzz_wire, 1);

    f->state = w;
    w->room = 1000;
    w->net = net_new(f->h->loop, f->h->m->clock, NULL);
    fuzz_check(net_add(w->net, "socket,id=n,listen=127.0.0.1:0", NULL), "no netdev");
    f->h->m->attach_netdev = attach_netdev;
    f->h->m->attach_opaque = w->net;
    fuzz_check(device_set_prop(f->d.dev, "netdev", "n", NULL), "no netdev");
    w->nd = *(struct netdev **)((uint8_t *)f->d.dev + f->d.dev->type->props[0].offset);
    w->nd->close(w->nd);
    w->nd->close = NULL;
    net_port_init(&w->nd->back, &wire_ops, w);
    w->nd->delivers = fuzz_percent(f->r, 50) ? 0 : 15;
}

/* 5.1.6: a header that wants something, in front of something like IP; or a command. */
static void net_payload(struct fuzz_virtio *f, unsigned q, uint8_t *p, uint32_t len)
{
    uint8_t buf[80];

    rng_bytes(f->r, buf, sizeof(buf));
    if (q == 2) {
        buf[0] = (uint8_t)rng_below(f->r, 6);
        buf[1] = (uint8_t)rng_below(f->r, 6);
    } else {
        unsigned start = f->d.legacy ? 10 : 12;

        buf[0] &= 3;
        buf[1] = (uint8_t)((const uint8_t[]){ 0, 1, 3, 4, 0x81, 0x84 }[rng_below(f->r, 6)]);
        for (int i = 2; i < 10; i += 2)
            if (fuzz_percent(f->r, 80))
                st16_le(buf + i, (uint16_t)rng_below(f->r, 100));
        memcpy(buf + start + 12, fuzz_percent(f->r, 70) ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
        buf[start + 14 + 9] = 6;
    }
    memcpy(p, buf, MIN(len, sizeof(buf)));
}

static void net_event(struct fuzz_virtio *f)
{
    struct fuzz_wire *w = f->state;
    uint8_t frame[3000];
    uint32_t len = fuzz_percent(f->r, 90) ? 60 + rng_below(f->r, 1460) : rng_below(f->r, sizeof(frame));

    if (fuzz_percent(f->r, 30)) {
        w->room = rng_below(f->r, 3);
    } else if (fuzz_percent(f->r, 30)) {
        w->room = 1000;
        net_ready(&w->nd->back);
    } else {
        rng_bytes(f->r, frame, len);
        net_send_buf(&w->nd->back, frame, len);
        net_flush(&w->nd->back);
    }
}

static void net_works(struct fuzz_virtio *f)
{
    struct fuzz_wire *w = f->state;
    unsigned before;

    w->room = 1000;
    net_ready(&w->nd->back);
    harness_settle(f->h);
    before = w->frames;
    memset(fuzz_ram(f, DATA_1), 0, 12);
    memset(fuzz_ram(f, DATA_1) + 12, 0xff, 64);
    request(f, 1, DATA_1, 12 + 64, 0, 0);
    fuzz_check(w->frames == before + 1, "a frame was not sent");
    vq_set_desc(&f->d, 0, 0, DATA_2, 2048, VQ_WRITE, 0);
    vq_offer(&f->d, 0, 0);
    for (int i = 0; i < 100 && !vq_used_idx(&f->d, 0); i++) {
        net_send_buf(&w->nd->back, fuzz_ram(f, DATA_1) + 12, 64);
        net_flush(&w->nd->back);
        harness_settle(f->h);
    }
    fuzz_check(vq_used_idx(&f->d, 0) == 1, "a frame was not received");
}

static void net_gone(struct fuzz_virtio *f)
{
    struct fuzz_wire *w = f->state;

    net_close(w->net);
    net_free(w->net);
    g_free(w);
}

const struct fuzz_device fuzz_net = {
    .type = "virtio-net-device", .nqueues = 3, .features = 1 << 17, .prepare = net_prepare, .payload = net_payload,
    .event = net_event, .works = net_works, .gone = net_gone,
};

/* ---- serial ports ------------------------------------------------------------------------------ */

static void add_port(struct fuzz_virtio *f, const char *type, const char *name, struct chardev *chr)
{
    struct device *p = harness_device(f->h, type);

    p->parent_bus = f->d.dev;
    if (name)
        fuzz_check(device_set_prop(p, "name", name, NULL), "name");
    if (chr)
        device_set_chardev(p, "chardev", chr);
    harness_realize(f->h, p, 0);
}

static void console_plugged(struct fuzz_virtio *f)
{
    add_port(f, "virtconsole", NULL, harness_chardev(f->h));
    add_port(f, "virtserialport", "org.example.fuzz", NULL);
    f->state = chardev_new("null,id=n", f->h->loop, NULL);
    add_port(f, "virtconsole", NULL, chardev_attach(f->state, NULL));
}

/* 5.3.6.2 */
static void console_payload(struct fuzz_virtio *f, unsigned q, uint8_t *p, uint32_t len)
{
    uint8_t msg[8];

    if (q != 3)
        return;
    st32_le(msg, fuzz_percent(f->r, 90) ? rng_below(f->r, 5) : rng_u32(f->r));
    st16_le(msg + 4, (uint16_t)(fuzz_percent(f->r, 95) ? rng_below(f->r, 8) : rng_u32(f->r)));
    st16_le(msg + 6, (uint16_t)(fuzz_percent(f->r, 95) ? rng_below(f->r, 2) : rng_u32(f->r)));
    memcpy(p, msg, MIN(len, sizeof(msg)));
}

/* The far end reads, or types. */
static void console_event(struct fuzz_virtio *f)
{
    char buf[65536];

    if (fuzz_percent(f->r, 50)) {
        (void)!read(f->h->from_dev, buf, 1 + rng_below(f->r, sizeof(buf)));
    } else {
        memset(buf, 'x', 4096);
        (void)!write(f->h->to_dev, buf, 1 + rng_below(f->r, 4096));
    }
}

/* What comes out at the far end next, once; how many bytes. */
static size_t console_output(struct fuzz_virtio *f, char *buf, size_t size)
{
    ssize_t n;

    harness_settle(f->h);
    n = read(f->h->from_dev, buf, size);
    return n > 0 ? (size_t)n : 0;
}

static void console_works(struct fuzz_virtio *f)
{
    char buf[65536];
    size_t n;

    while (console_output(f, buf, sizeof(buf)))          /* of before */
        continue;
    memcpy(fuzz_ram(f, DATA_1), "works", 5);
    vq_set_desc(&f->d, 1, 0, DATA_1, 5, 0, 0);
    vq_offer(&f->d, 1, 0);
    fuzz_wait_used(&f->d, 1, 1);
    n = console_output(f, buf, sizeof(buf));
    fuzz_check(n == 5 && !memcmp(buf, "works", 5), "%zu bytes came out", n);
    vq_set_desc(&f->d, 0, 0, DATA_2, 16, VQ_WRITE, 0);
    vq_offer(&f->d, 0, 0);
    (void)!write(f->h->to_dev, "y", 1);          /* when there is no room, input waits already */
    fuzz_wait_used(&f->d, 0, 1);
}

/* Too late for the loop, which is gone: null has nothing there. */
static void console_gone(struct fuzz_virtio *f)
{
    chardev_free(f->state);
}

const struct fuzz_device fuzz_console = {
    .type = "virtio-serial-device", .nqueues = 8, .gone = console_gone, .plugged = console_plugged, .payload = console_payload, .event = console_event,
    .works = console_works,
};

/* ---- balloon ----------------------------------------------------------------------------------- */

static void balloon_prepare(struct fuzz_virtio *f)
{
    fuzz_check(device_set_prop(f->d.dev, "free-page-reporting", "on", NULL) &&
               device_set_prop(f->d.dev, "guest-stats-polling-interval", "1", NULL), "properties");
}

/* Page numbers, or statistics. The rings are among the pages. */
static void balloon_payload(struct fuzz_virtio *f, unsigned q, uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; q < 2 && i + 4 <= MIN(len, 4096); i += 4)
        st32_le(p + i, fuzz_percent(f->r, 90) ? VQ_DATA / 4096 + rng_below(f->r, 0x1c0) : (uint32_t)fuzz_number(f->r));
    for (uint32_t i = 0; q == 2 && i + 10 <= MIN(len, 200); i += 10) {
        st16_le(p + i, (uint16_t)rng_below(f->r, 12));
        st64_le(p + i + 2, fuzz_number(f->r));
    }
}

static void balloon_event(struct fuzz_virtio *f)
{
    g_autoptr(GString) stats = g_string_new(NULL);
    uint64_t bytes;

    fuzz_check(machine_balloon(f->h->m, fuzz_number(f->r), NULL), "no balloon");
    fuzz_check(machine_balloon_info(f->h->m, &bytes, stats, NULL) && bytes <= HARNESS_RAM_SIZE, "%llu bytes", (unsigned long long)bytes);
}

static void balloon_works(struct fuzz_virtio *f)
{
    memset(fuzz_ram(f, DATA_2), 0x5a, 4096);
    st32_le(fuzz_ram(f, VQ_DATA), DATA_2 / 4096);
    request(f, 0, VQ_DATA, 4, 0, 0);
    fuzz_check(fuzz_ram(f, DATA_2)[0] == 0 && fuzz_ram(f, DATA_2)[4095] == 0, "the page is still there");
    request(f, 1, VQ_DATA, 4, 0, 0);
}

const struct fuzz_device fuzz_balloon = {
    .type = "virtio-balloon-device", .nqueues = 4, .features = 1 << 1 | 1 << 5, .prepare = balloon_prepare,
    .payload = balloon_payload, .event = balloon_event, .works = balloon_works,
};
