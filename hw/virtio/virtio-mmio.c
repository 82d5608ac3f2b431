/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over memory-mapped registers (virtio 1.1, 4.2). mmio 0: registers. out 0: interrupt.
 *
 * Version 2, or with force-legacy=on version 1 (4.2.4), which has one address for a queue, in pages. Without a device the ID reads 0
 * and nothing else answers.
 */
#include "config.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

/* 4.2.2 and, marked 1, 4.2.4. */
enum virtio_mmio_reg {
    VMMIO_MAGIC          = 0x000,
    VMMIO_VERSION        = 0x004,
    VMMIO_DEVICE_ID      = 0x008,
    VMMIO_VENDOR_ID      = 0x00c,
    VMMIO_DEV_FEATURES   = 0x010,
    VMMIO_DEV_FEAT_SEL   = 0x014,
    VMMIO_DRV_FEATURES   = 0x020,
    VMMIO_DRV_FEAT_SEL   = 0x024,
    VMMIO_PAGE_SIZE      = 0x028,    /* 1 */
    VMMIO_QUEUE_SEL      = 0x030,
    VMMIO_QUEUE_NUM_MAX  = 0x034,
    VMMIO_QUEUE_NUM      = 0x038,
    VMMIO_QUEUE_ALIGN    = 0x03c,    /* 1 */
    VMMIO_QUEUE_PFN      = 0x040,    /* 1 */
    VMMIO_QUEUE_READY    = 0x044,
    VMMIO_QUEUE_NOTIFY   = 0x050,
    VMMIO_INT_STATUS     = 0x060,
    VMMIO_INT_ACK        = 0x064,
    VMMIO_STATUS         = 0x070,
    VMMIO_QUEUE_DESC     = 0x080,
    VMMIO_QUEUE_DESC_HI  = 0x084,
    VMMIO_QUEUE_AVAIL    = 0x090,
    VMMIO_QUEUE_AVAIL_HI = 0x094,
    VMMIO_QUEUE_USED     = 0x0a0,
    VMMIO_QUEUE_USED_HI  = 0x0a4,
    VMMIO_SHM_SEL        = 0x0ac,
    VMMIO_SHM_LEN        = 0x0b0,
    VMMIO_SHM_END        = 0x0c0,
    VMMIO_GENERATION     = 0x0fc,
    VMMIO_CONFIG         = 0x100,
    VMMIO_SIZE           = 0x200,
};

#define VMMIO_MAGIC_VALUE 0x74726976     /* "virt" */
#define VMMIO_VENDOR 0x414e4954          /* "TINA" */

/* Owner: the device lock. */
struct virtio_mmio {
    struct virtio_transport t;
    uint32_t dev_sel, drv_sel, queue;
    uint32_t page_size, align;       /* legacy */
    uint32_t pfn[VIRTIO_MAX_QUEUES];
};

static void interrupt(struct virtio_transport *t)
{
    irq_set(t->dev.out[0], t->vdev && t->vdev->isr);
}

static struct virtio_device *vdev_of(const struct virtio_mmio *s)
{
    return s->t.vdev;
}

/* ---- reading ----------------------------------------------------------------------------------- */

static uint32_t read_legacy(const struct virtio_mmio *s, unsigned off)
{
    if (off == VMMIO_QUEUE_PFN && s->queue < vdev_of(s)->nqueues)
        return s->pfn[s->queue];
    if (off != VMMIO_QUEUE_PFN)
        log_guest_error("virtio-mmio: read of legacy offset 0x%x", off);
    return 0;
}

static uint32_t read_modern(const struct virtio_mmio *s, unsigned off)
{
    const struct virtio_device *v = vdev_of(s);

    switch (off) {
    case VMMIO_QUEUE_READY:
        return s->queue < v->nqueues && v->vq_ready[s->queue];
    case VMMIO_SHM_LEN ... VMMIO_SHM_END - 1:    /* no such region: all ones (4.2.2) */
        return 0xffffffff;
    case VMMIO_GENERATION:
        return v->generation;
    default:
        log_guest_error("virtio-mmio: read of offset 0x%x", off);
        return 0;
    }
}

static uint32_t read_reg(const struct virtio_mmio *s, unsigned off)
{
    const struct virtio_device *v = vdev_of(s);

    switch (off) {
    case VMMIO_DEVICE_ID:
        return v->ops->id;
    case VMMIO_VENDOR_ID:
        return VMMIO_VENDOR;
    case VMMIO_DEV_FEATURES:
        return s->dev_sel > 1 ? 0 : (uint32_t)(virtio_host_features(v) >> (32 * s->dev_sel));
    case VMMIO_QUEUE_NUM_MAX:
        return s->queue < v->nqueues ? v->vq_max[s->queue] : 0;
    case VMMIO_INT_STATUS:
        return v->isr;
    case VMMIO_STATUS:
        return v->status;
    default:
        return s->t.legacy ? read_legacy(s, off) : read_modern(s, off);
    }
}

static uint64_t vmmio_read(void *opaque, uint64_t off, unsigned size)
{
    struct virtio_mmio *s = opaque;

    if (off == VMMIO_MAGIC)
        return VMMIO_MAGIC_VALUE;
    if (off == VMMIO_VERSION)
        return s->t.legacy ? 1 : 2;
    if (!vdev_of(s))
        return 0;
    if (off >= VMMIO_CONFIG)
        return virtio_config_read(vdev_of(s), (unsigned)off - VMMIO_CONFIG, size);
    if (size != 4 || off & 3) {
        log_guest_error("virtio-mmio: read of %u bytes at offset 0x%x", size, (unsigned)off);
        return 0;
    }
    return read_reg(s, (unsigned)off);
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* One address in pages. */
static void write_pfn(struct virtio_mmio *s, uint32_t pfn)
{
    struct virtio_device *v = vdev_of(s);
    uint32_t n = s->queue;

    s->pfn[n] = pfn;
    if (pfn && (!s->align || s->align & (s->align - 1))) {
        virtq_disable(v, n);
        virtio_broken(v, "queue %u has alignment %u", n, s->align);
        return;
    }
    virtq_place_legacy(v, n, (uint64_t)pfn * s->page_size, s->align);
}

static void write_legacy(struct virtio_mmio *s, unsigned off, uint32_t val)
{
    switch (off) {
    case VMMIO_PAGE_SIZE:
        s->page_size = val;
        return;
    case VMMIO_QUEUE_ALIGN:
        s->align = val;
        return;
    case VMMIO_QUEUE_PFN:
        write_pfn(s, val);
        return;
    default:
        log_guest_error("virtio-mmio: write of legacy offset 0x%x", off);
    }
}

static void set_half(uint64_t *addr, bool high, uint32_t val)
{
    *addr = high ? (uint32_t)*addr | (uint64_t)val << 32 : (*addr & ~(uint64_t)UINT32_MAX) | val;
}

static void write_ready(struct virtio_device *v, uint32_t n, uint32_t val)
{
    if (val & 1)
        virtq_enable(v, n);
    else
        virtq_disable(v, n);
}

/* Registers of the selected queue. */
static void write_queue(struct virtio_mmio *s, unsigned off, uint32_t val)
{
    struct virtio_device *v = vdev_of(s);
    uint32_t n = s->queue;

    if (n >= v->nqueues) {
        log_guest_error("virtio-mmio: write of offset 0x%x for queue %u of %u", off, n, v->nqueues);
        return;
    }
    if (v->vq_ready[n] && off != VMMIO_QUEUE_READY && off != VMMIO_QUEUE_PFN) {
        log_guest_error("virtio-mmio: queue %u changed while it is in use", n);
        return;
    }
    if (off == VMMIO_QUEUE_NUM) {
        v->vq_size[n] = (uint16_t)MIN(val, 0xffff);
        return;
    }
    if (s->t.legacy) {
        write_legacy(s, off, val);
        return;
    }
    switch (off) {
    case VMMIO_QUEUE_READY:
        write_ready(v, n, val);
        return;
    case VMMIO_QUEUE_DESC:
    case VMMIO_QUEUE_DESC_HI:
        set_half(&v->vq_desc[n], off == VMMIO_QUEUE_DESC_HI, val);
        return;
    case VMMIO_QUEUE_AVAIL:
    case VMMIO_QUEUE_AVAIL_HI:
        set_half(&v->vq_avail[n], off == VMMIO_QUEUE_AVAIL_HI, val);
        return;
    case VMMIO_QUEUE_USED:
    case VMMIO_QUEUE_USED_HI:
        set_half(&v->vq_used[n], off == VMMIO_QUEUE_USED_HI, val);
        return;
    default:
        log_guest_error("virtio-mmio: write of offset 0x%x", off);
    }
}

/* The driver's features are fixed once it said FEATURES_OK (legacy: DRIVER_OK). */
static void write_features(struct virtio_mmio *s, uint32_t val)
{
    struct virtio_device *v = vdev_of(s);

    if (v->status & (VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK))
        log_guest_error("virtio-mmio: features changed too late");
    else if (s->drv_sel < (s->t.legacy ? 1 : 2))
        set_half(&v->features, s->drv_sel, val);
}

static void write_status(struct virtio_mmio *s, uint8_t val)
{
    struct virtio_device *v = vdev_of(s);

    if (s->t.legacy)         /* what a legacy driver accepts beyond the offer does not count */
        v->features &= virtio_host_features(v);
    virtio_set_status(v, val);
    for (unsigned i = 0; !val && i < VIRTIO_MAX_QUEUES; i++)
        s->pfn[i] = 0;
}

static void write_reg(struct virtio_mmio *s, unsigned off, uint32_t val)
{
    struct virtio_device *v = vdev_of(s);

    switch (off) {
    case VMMIO_DEV_FEAT_SEL:
        s->dev_sel = val;
        break;
    case VMMIO_DRV_FEATURES:
        write_features(s, val);
        break;
    case VMMIO_DRV_FEAT_SEL:
        s->drv_sel = val;
        break;
    case VMMIO_QUEUE_SEL:
        s->queue = val;
        break;
    case VMMIO_QUEUE_NOTIFY:
        virtio_kick(v, val);
        break;
    case VMMIO_INT_ACK:
        v->isr &= (uint8_t)~val;
        interrupt(&s->t);
        break;
    case VMMIO_STATUS:
        write_status(s, (uint8_t)val);
        break;
    case VMMIO_SHM_SEL:
        break;
    case VMMIO_PAGE_SIZE:
        write_legacy(s, off, val);
        break;
    default:
        write_queue(s, off, val);
    }
}

static void vmmio_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct virtio_mmio *s = opaque;

    if (!vdev_of(s))
        return;
    if (off >= VMMIO_CONFIG)
        virtio_config_write(vdev_of(s), (unsigned)off - VMMIO_CONFIG, size, val);
    else if (size != 4 || off & 3)
        log_guest_error("virtio-mmio: write of %u bytes at offset 0x%x", size, (unsigned)off);
    else
        write_reg(s, (unsigned)off, (uint32_t)val);
}

/* ---- the device -------------------------------------------------------------------------------- */

/* The device behind it is reset by itself. */
static void vmmio_reset(struct device *dev)
{
    struct virtio_mmio *s = (struct virtio_mmio *)dev;

    s->dev_sel = s->drv_sel = s->queue = s->page_size = 0;
    s->align = 4096;
    for (unsigned i = 0; i < VIRTIO_MAX_QUEUES; i++)
        s->pfn[i] = 0;
}

static const struct mmio_ops vmmio_ops = { .read = vmmio_read, .write = vmmio_write, .min_size = 1, .max_size = 4 };

static bool vmmio_realize(struct device *dev, GError **err)
{
    struct virtio_mmio *s = (struct virtio_mmio *)dev;

    (void)err;
    s->t.interrupt = interrupt;
    device_init_mmio(dev, 0, "virtio-mmio", &vmmio_ops, s, VMMIO_SIZE);
    device_init_out(dev, 1);
    return true;
}

static const struct device_prop vmmio_props[] = {
    PROP(struct virtio_mmio, t.legacy, "force-legacy", PROP_BOOL, true, "version 1 of the registers"),
    PROP_END
};

static const struct state_field vmmio_state[] = {
    STATE(struct virtio_mmio, dev_sel), STATE(struct virtio_mmio, drv_sel), STATE(struct virtio_mmio, queue),
    STATE(struct virtio_mmio, page_size), STATE(struct virtio_mmio, align), STATE_ARRAY(struct virtio_mmio, pfn),
    STATE_END
};

static const struct device_type vmmio_type = {
    .name = "virtio-mmio", .desc = "virtio transport in memory-mapped registers", .size = sizeof(struct virtio_mmio),
    .props = vmmio_props, .state = vmmio_state, .realize = vmmio_realize, .reset = vmmio_reset,
};
DEVICE_REGISTER(vmmio_type)
