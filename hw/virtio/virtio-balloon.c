/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio memory balloon (virtio 1.1, 5.5; free page reporting: 1.2, 5.5.6.7): the driver gives pages up, and the host's memory behind them
 * is given back. Such a page reads as zeroes when the guest uses it again; nothing must be done for that.
 *
 * Queues: 0 pages that go into the balloon, 1 pages that leave it, 2 statistics, then with free-page-reporting=on free pages.
 * The monitor says how large the guest shall be (struct balloon_ops). Left out: free page hints, page poisoning.
 */
#include "config.h"
#include "hw/virtio/virtio.h"
#include "softmmu/dma.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"
#include "util/timer.h"

#define BALLOON_QUEUE 128
#define BALLOON_PAGE_BITS 12         /* 5.5.6: whatever the guest's own pages are */
#define BALLOON_BATCH 1024           /* pages, or buffers without pages, at once; the rest in a bottom half */
#define BALLOON_CHUNK 256            /* page numbers read at once */

enum balloon_feature { BALLOON_F_STATS_VQ = 1, BALLOON_F_DEFLATE_ON_OOM = 2, BALLOON_F_REPORTING = 5 };      /* 5.5.3 */
enum balloon_config { CONFIG_NUM_PAGES = 0, CONFIG_ACTUAL = 4, CONFIG_LEN = 8 };                             /* 5.5.4 */
enum balloon_queue { QUEUE_INFLATE, QUEUE_DEFLATE, QUEUE_STATS };

/* 5.5.6.4: tag (2 bytes) and value (8). */
#define STAT_LEN 10u
#define STAT_NONE UINT64_MAX
static const char *const stat_names[] = {
    "mem_swapped_in", "mem_swapped_out", "major_page_faults", "minor_page_faults", "free_mem", "total_mem", "available_mem", "disk_caches",
    "hugetlb_allocations", "hugetlb_failures",
};
#define NSTATS G_N_ELEMENTS(stat_names)

/* Owner: the device lock. */
struct virtio_balloon {
    struct virtio_device vdev;
    bool deflate_on_oom, reporting;      /* properties */
    uint32_t poll_seconds;

    uint32_t num_pages;      /* that shall be in the balloon */
    uint32_t actual;         /* that the driver says are */
    uint32_t done;           /* bytes of the buffer at the head of the inflate queue */
    uint64_t stat[NSTATS];
    struct timer *poll;
    uint32_t due;            /* queues with more than a batch */
    bool bh;
};

/* Neighbouring pages, given up together. */
struct run {
    uint64_t start, len;
};

static void give_up(struct virtio_balloon *s, struct run *run)
{
    if (run->len && !dma_discard(device_bus(&s->vdev.dev), run->start, run->len))
        log_guest_error("virtio-balloon: 0x%llx is not RAM", (unsigned long long)run->start);
    run->len = 0;
}

static void add_page(struct virtio_balloon *s, struct run *run, uint32_t number)
{
    uint64_t paddr = (uint64_t)number << BALLOON_PAGE_BITS;

    if (run->len && paddr != run->start + run->len)
        give_up(s, run);
    if (!run->len)
        run->start = paddr;
    run->len += 1u << BALLOON_PAGE_BITS;
}

/* ---- queues ------------------------------------------------------------------------------------ */

static void go_on_bh(void *opaque);

static void go_on_later(struct virtio_balloon *s, unsigned n)
{
    s->due |= 1u << n;
    if (!s->bh)
        event_loop_bh(device_loop(&s->vdev.dev), go_on_bh, s);
    s->bh = true;
}

/* Page numbers of a buffer, from s->done on; false when the batch ends before them. */
static bool inflate_buffer(struct virtio_balloon *s, const struct virtq_element *e, unsigned *batch)
{
    uint32_t len = e->read_len & ~3u;
    struct run run = { 0, 0 };
    uint8_t buf[4 * BALLOON_CHUNK];

    while (s->done < len && *batch) {
        uint32_t n = virtq_read(&s->vdev, e, s->done, buf, MIN(MIN(len - s->done, sizeof(buf)), 4 * *batch));

        if (!n)
            return true;         /* the device broke */
        for (uint32_t i = 0; i + 4 <= n; i += 4)
            add_page(s, &run, ld32_le(buf + i));
        s->done += n;
        *batch -= MIN(*batch, (n + 3) / 4);
    }
    give_up(s, &run);
    return s->done >= len;
}

static void inflate(struct virtio_balloon *s)
{
    unsigned batch = BALLOON_BATCH;
    struct virtq_element *e;

    while (batch && (e = virtq_pop(&s->vdev, QUEUE_INFLATE))) {
        batch--;
        if (!inflate_buffer(s, e, &batch)) {
            virtq_unpop(&s->vdev, QUEUE_INFLATE);
            g_free(e);
            break;
        }
        s->done = 0;
        virtq_push(&s->vdev, QUEUE_INFLATE, e, 0);
    }
    virtq_notify(&s->vdev, QUEUE_INFLATE);
    if (!batch)
        go_on_later(s, QUEUE_INFLATE);
}

/* Pages that the driver wants back: it may use them without more. */
static void deflate(struct virtio_balloon *s)
{
    struct virtq_element *e;
    int i;

    for (i = 0; i < BALLOON_BATCH && (e = virtq_pop(&s->vdev, QUEUE_DEFLATE)); i++)
        virtq_push(&s->vdev, QUEUE_DEFLATE, e, 0);
    virtq_notify(&s->vdev, QUEUE_DEFLATE);
    if (i == BALLOON_BATCH)
        go_on_later(s, QUEUE_DEFLATE);
}

/* Statistics come in a buffer that stays here until we want newer ones. It is left in the ring meanwhile. */
static void take_stats(struct virtio_balloon *s)
{
    struct virtq_element *e = virtq_pop(&s->vdev, QUEUE_STATS);
    uint8_t stat[STAT_LEN];

    if (!e)
        return;
    for (uint32_t i = 0; i < 2 * NSTATS && virtq_read(&s->vdev, e, i * STAT_LEN, stat, STAT_LEN) == STAT_LEN; i++)
        if (ld16_le(stat) < NSTATS)
            s->stat[ld16_le(stat)] = ld64_le(stat + 2);
    virtq_unpop(&s->vdev, QUEUE_STATS);
    g_free(e);
}

static void ask_for_stats(void *opaque)
{
    struct virtio_balloon *s = opaque;
    struct virtq_element *e = virtq_pop(&s->vdev, QUEUE_STATS);

    if (e)
        virtq_push(&s->vdev, QUEUE_STATS, e, 0);
    virtq_notify(&s->vdev, QUEUE_STATS);
    timer_arm(s->poll, clock_ns(device_clock(&s->vdev.dev)) + (int64_t)s->poll_seconds * NS_PER_S);
}

/* Its number depends on whether there is a queue for statistics. */
static unsigned reporting_queue(const struct virtio_balloon *s)
{
    return virtio_has(&s->vdev, BALLOON_F_STATS_VQ) ? 3 : 2;
}

/* Free pages, until the driver gets its buffer back: the parts that we might write are they. */
static void report(struct virtio_balloon *s, unsigned n)
{
    struct virtq_element *e;
    unsigned batch = 0;

    while (batch < BALLOON_BATCH && (e = virtq_pop(&s->vdev, n))) {
        for (unsigned i = e->nread; i < e->nread + e->nwrite; i++) {
            struct run run = { e->seg[i].addr, e->seg[i].len };

            give_up(s, &run);
        }
        batch += 1 + e->nwrite;
        virtq_push(&s->vdev, n, e, 0);
    }
    virtq_notify(&s->vdev, n);
    if (batch >= BALLOON_BATCH)
        go_on_later(s, n);
}

static void balloon_notify(struct virtio_device *vdev, unsigned n)
{
    struct virtio_balloon *s = (struct virtio_balloon *)vdev;

    if (n == QUEUE_INFLATE)
        inflate(s);
    else if (n == QUEUE_DEFLATE)
        deflate(s);
    else if (virtio_has(vdev, BALLOON_F_REPORTING) && n == reporting_queue(s))
        report(s, n);
    else if (n == QUEUE_STATS && virtio_has(vdev, BALLOON_F_STATS_VQ))
        take_stats(s);
}

static void go_on_bh(void *opaque)
{
    struct virtio_balloon *s = opaque;
    uint32_t due = s->due;

    s->bh = false;
    s->due = 0;
    for (; due; due &= due - 1)
        if (virtio_running(&s->vdev, (unsigned)__builtin_ctz(due)))
            balloon_notify(&s->vdev, (unsigned)__builtin_ctz(due));
}

/* ---- configuration space ----------------------------------------------------------------------- */

static void balloon_get_config(struct virtio_device *vdev, uint8_t *config)
{
    struct virtio_balloon *s = (struct virtio_balloon *)vdev;

    st32_le(config + CONFIG_NUM_PAGES, s->num_pages);
    st32_le(config + CONFIG_ACTUAL, s->actual);
}

static void balloon_set_config(struct virtio_device *vdev, unsigned off, unsigned len, const uint8_t *config)
{
    (void)len;
    if (off >= CONFIG_ACTUAL)
        ((struct virtio_balloon *)vdev)->actual = ld32_le(config + CONFIG_ACTUAL);
    else
        log_guest_error("virtio-balloon: write of configuration offset %u", off);
}

/* ---- the monitor ------------------------------------------------------------------------------- */

static void set_target(struct device *dev, uint64_t bytes)
{
    struct virtio_balloon *s = (struct virtio_balloon *)dev;
    uint64_t all = device_ram_size(dev);

    s->num_pages = (uint32_t)((all - MIN(bytes, all)) >> BALLOON_PAGE_BITS);
    virtio_config_changed(&s->vdev);
}

static uint64_t actual(struct device *dev)
{
    uint64_t all = device_ram_size(dev), in = (uint64_t)((struct virtio_balloon *)dev)->actual << BALLOON_PAGE_BITS;

    return all - MIN(in, all);
}

static void print_stats(struct device *dev, GString *out)
{
    struct virtio_balloon *s = (struct virtio_balloon *)dev;

    for (unsigned i = 0; s->poll_seconds && i < NSTATS; i++)
        if (s->stat[i] != STAT_NONE)
            g_string_append_printf(out, " %s=%" G_GUINT64_FORMAT, stat_names[i], s->stat[i]);
}

static const struct balloon_ops monitor_ops = { .set_target = set_target, .actual = actual, .print_stats = print_stats };

/* ---- life -------------------------------------------------------------------------------------- */

static void balloon_reset(struct virtio_device *vdev)
{
    struct virtio_balloon *s = (struct virtio_balloon *)vdev;

    s->actual = s->done = 0;
    for (unsigned i = 0; i < NSTATS; i++)
        s->stat[i] = STAT_NONE;
}

static bool balloon_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_balloon *s = (struct virtio_balloon *)vdev;

    if (!device_set_balloon(&vdev->dev, &monitor_ops, err))
        return false;
    vdev->more_features = (s->deflate_on_oom ? VIRTIO_BIT(BALLOON_F_DEFLATE_ON_OOM) : 0) |
                          (s->reporting ? VIRTIO_BIT(BALLOON_F_REPORTING) : 0);
    for (unsigned n = 0; n < (s->reporting ? 4 : 3); n++)
        virtio_add_queue(vdev, BALLOON_QUEUE);
    if (s->poll_seconds) {
        s->poll = timer_new(device_loop(&vdev->dev), device_clock(&vdev->dev), ask_for_stats, s);
        timer_arm(s->poll, clock_ns(device_clock(&vdev->dev)) + (int64_t)s->poll_seconds * NS_PER_S);
    }
    return true;
}

static void balloon_unrealize(struct virtio_device *vdev)
{
    struct virtio_balloon *s = (struct virtio_balloon *)vdev;

    device_set_balloon(&vdev->dev, NULL, NULL);
    event_loop_bh_cancel(device_loop(&vdev->dev), go_on_bh, s);
    if (s->poll)
        timer_free(s->poll);
}

static const struct virtio_ops balloon_ops = {
    .id = VIRTIO_ID_BALLOON, .config_len = CONFIG_LEN, .features = VIRTIO_BIT(BALLOON_F_STATS_VQ),
    .realize = balloon_realize, .unrealize = balloon_unrealize, .notify = balloon_notify, .reset = balloon_reset,
    .get_config = balloon_get_config, .set_config = balloon_set_config,
};

static const struct device_prop balloon_props[] = {
    PROP(struct virtio_balloon, deflate_on_oom, "deflate-on-oom", PROP_BOOL, false, "the guest may take pages back when it has no others"),
    PROP(struct virtio_balloon, reporting, "free-page-reporting", PROP_BOOL, false, "the guest's free memory is given back"),
    PROP(struct virtio_balloon, poll_seconds, "guest-stats-polling-interval", PROP_U32, 0, "seconds between statistics; 0: none"),
    PROP_END
};

static const struct state_field balloon_state[] = {
    VIRTIO_STATE, STATE(struct virtio_balloon, num_pages), STATE(struct virtio_balloon, actual), STATE(struct virtio_balloon, done),
    STATE_ARRAY(struct virtio_balloon, stat), STATE_END
};

static const struct device_type balloon_type = {
    .name = "virtio-balloon-device", .desc = "virtio memory balloon", .size = sizeof(struct virtio_balloon), .user_creatable = true,
    .bus = "virtio", .props = balloon_props, .state = balloon_state, .class_data = &balloon_ops, .realize = virtio_realize,
    .unrealize = virtio_unrealize, .reset = virtio_reset, .post_load = virtio_post_load,
};
VIRTIO_DEVICE_REGISTER(balloon_type)
