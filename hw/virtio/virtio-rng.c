/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtio entropy device (virtio 1.1, 5.4): fills buffers with random bytes, max-bytes of them in each period. */
#include "config.h"
#include "hw/virtio/virtio.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/timer.h"

#define RNG_QUEUE 8
#define RNG_CHUNK 4096u          /* bytes for one buffer: it may be filled in part (5.4.6.1) */
#define RNG_BATCH 4              /* buffers at once; other CPUs may put in more all the time */

/* Owner: the device lock. */
struct virtio_rng {
    struct virtio_device vdev;
    uint64_t max_bytes;      /* properties */
    uint32_t period_ms;
    struct timer *refill;
    uint64_t left;           /* of this period */
    bool bh;                 /* serve is due */
};

static void serve(struct virtio_rng *s);

static void serve_bh(void *opaque)
{
    struct virtio_rng *s = opaque;

    s->bh = false;
    serve(s);
}

static void serve(struct virtio_rng *s)
{
    struct virtio_device *vdev = &s->vdev;
    uint8_t buf[RNG_CHUNK];
    struct virtq_element *e;
    int i;

    for (i = 0; i < RNG_BATCH && s->left && (e = virtq_pop(vdev, 0)); i++) {
        uint32_t n = (uint32_t)MIN(MIN(e->write_len, RNG_CHUNK), s->left);

        device_random(&vdev->dev, buf, n);
        n = virtq_write(vdev, e, 0, buf, n);
        s->left -= n;
        virtq_push(vdev, 0, e, n);
    }
    virtq_notify(vdev, 0);
    if (i == RNG_BATCH && !s->bh) {
        s->bh = true;
        event_loop_bh(device_loop(&vdev->dev), serve_bh, s);
    }
    if (!s->left && !timer_pending(s->refill))
        timer_arm(s->refill, clock_ns(device_clock(&vdev->dev)) + (int64_t)s->period_ms * NS_PER_MS);
}

static void rng_notify(struct virtio_device *vdev, unsigned n)
{
    (void)n;
    serve((struct virtio_rng *)vdev);
}

static void rng_refill(void *opaque)
{
    struct virtio_rng *s = opaque;

    s->left = s->max_bytes;
    serve(s);
}

static bool rng_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_rng *s = (struct virtio_rng *)vdev;

    if (!s->max_bytes || !s->period_ms) {
        g_set_error(err, g_quark_from_static_string("virtio-rng"), 0, "max-bytes and period must not be 0");
        return false;
    }
    virtio_add_queue(vdev, RNG_QUEUE);
    s->left = s->max_bytes;
    s->refill = timer_new(device_loop(&vdev->dev), device_clock(&vdev->dev), rng_refill, s);
    return true;
}

static void rng_unrealize(struct virtio_device *vdev)
{
    struct virtio_rng *s = (struct virtio_rng *)vdev;

    event_loop_bh_cancel(device_loop(&vdev->dev), serve_bh, s);
    timer_free(s->refill);
}

static bool rng_post_load(struct device *dev, GError **err)
{
    struct virtio_rng *s = (struct virtio_rng *)dev;

    s->left = MIN(s->left, s->max_bytes);
    if (!s->left)
        timer_arm(s->refill, clock_ns(device_clock(dev)) + (int64_t)s->period_ms * NS_PER_MS);
    return virtio_post_load(dev, err);
}

static const struct virtio_ops rng_ops = {
    .id = VIRTIO_ID_RNG, .realize = rng_realize, .unrealize = rng_unrealize, .notify = rng_notify,
};

static const struct device_prop rng_props[] = {
    PROP(struct virtio_rng, max_bytes, "max-bytes", PROP_U64, INT64_MAX, "random bytes per period"),
    PROP(struct virtio_rng, period_ms, "period", PROP_U32, 65536, "milliseconds"),
    PROP_END
};

static const struct state_field rng_state[] = { VIRTIO_STATE, STATE(struct virtio_rng, left), STATE_END };

static const struct device_type rng_type = {
    .name = "virtio-rng-device", .desc = "virtio entropy source", .size = sizeof(struct virtio_rng),
    .user_creatable = true, .bus = "virtio", .props = rng_props, .state = rng_state, .class_data = &rng_ops,
    .realize = virtio_realize, .unrealize = virtio_unrealize, .reset = virtio_reset, .post_load = rng_post_load,
};
VIRTIO_DEVICE_REGISTER(rng_type)
