/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all virtio devices share beside their queues: status, features, configuration space, life. */
#include "config.h"
#include <stdarg.h>
#include <string.h>
#include "hw/virtio/virtio.h"
#include "util/endian.h"
#include "util/log.h"

uint64_t virtio_host_features(const struct virtio_device *vdev)
{
    uint64_t f = vdev->ops->features | vdev->more_features | VIRTIO_BIT(VIRTIO_F_INDIRECT_DESC) | VIRTIO_BIT(VIRTIO_F_EVENT_IDX);

    return f | VIRTIO_BIT(vdev->transport->legacy ? VIRTIO_F_ANY_LAYOUT : VIRTIO_F_VERSION_1);
}

bool virtio_running(const struct virtio_device *vdev, unsigned n)
{
    return n < vdev->nqueues && vdev->vq_ready[n] && vdev->status & VIRTIO_DRIVER_OK && !vdev->broken;
}

void virtio_signal(struct virtio_device *vdev, unsigned n)
{
    struct virtio_transport *t = vdev->transport;

    if (t->message && t->message(t, n))
        return;
    vdev->isr |= n == VIRTIO_NO_QUEUE ? VIRTIO_INT_CONFIG : VIRTIO_INT_QUEUE;
    t->interrupt(t);
}

void virtio_config_changed(struct virtio_device *vdev)
{
    vdev->generation++;
    if (!(vdev->status & VIRTIO_DRIVER_OK))
        return;
    virtio_signal(vdev, VIRTIO_NO_QUEUE);
}

void virtio_broken(struct virtio_device *vdev, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    if (vdev->broken)
        return;
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    log_guest_error("%s: %s; it stops until it is reset", vdev->dev.type->name, text);
    vdev->broken = true;
    if (vdev->transport->legacy)         /* which has no such bit */
        return;
    vdev->status |= VIRTIO_NEEDS_RESET;
    virtio_config_changed(vdev);
}

unsigned virtio_add_queue(struct virtio_device *vdev, unsigned size)
{
    g_assert(vdev->nqueues < VIRTIO_MAX_QUEUES && size <= VIRTQ_MAX_SIZE && !(size & (size - 1)));
    vdev->vq_max[vdev->nqueues] = vdev->vq_size[vdev->nqueues] = (uint16_t)size;
    return vdev->nqueues++;
}

void virtio_kick(struct virtio_device *vdev, unsigned n)
{
    if (virtio_running(vdev, n))
        vdev->ops->notify(vdev, n);
    else if (vdev->status & VIRTIO_DRIVER_OK && !vdev->broken)
        log_guest_error("%s: notification of queue %u, which is not in use", vdev->dev.type->name, n);
}

void virtio_soft_reset(struct virtio_device *vdev)
{
    vdev->features = 0;
    vdev->status = vdev->isr = 0;
    vdev->broken = false;
    for (unsigned n = 0; n < vdev->nqueues; n++) {
        virtq_disable(vdev, n);
        vdev->vq_size[n] = vdev->vq_max[n];
    }
    if (vdev->ops->reset)
        vdev->ops->reset(vdev);
    vdev->transport->interrupt(vdev->transport);
}

/* 3.1.1: FEATURES_OK stays clear when the driver's choice will not do. */
static bool features_ok(const struct virtio_device *vdev)
{
    if (vdev->features & ~virtio_host_features(vdev))
        return false;
    return vdev->transport->legacy || virtio_has(vdev, VIRTIO_F_VERSION_1);
}

/* Legacy drivers may put buffers in, and say so, before they set DRIVER_OK. */
static void look_at_queues(struct virtio_device *vdev)
{
    for (unsigned n = 0; n < vdev->nqueues; n++)
        if (virtio_running(vdev, n))
            vdev->ops->notify(vdev, n);
}

void virtio_set_status(struct virtio_device *vdev, uint8_t status)
{
    bool starts = status & ~vdev->status & VIRTIO_DRIVER_OK;

    if (!status) {
        virtio_soft_reset(vdev);
        return;
    }
    if (status & VIRTIO_FEATURES_OK && !features_ok(vdev)) {
        log_guest_error("%s: features 0x%llx are not acceptable", vdev->dev.type->name,
                        (unsigned long long)vdev->features);
        status &= (uint8_t)~VIRTIO_FEATURES_OK;
    }
    vdev->status = status | (vdev->status & VIRTIO_NEEDS_RESET);
    if (vdev->ops->status)
        vdev->ops->status(vdev);
    if (starts)
        look_at_queues(vdev);
}

/* ---- configuration space ----------------------------------------------------------------------- */

uint64_t virtio_config_read(struct virtio_device *vdev, unsigned off, unsigned size)
{
    uint8_t config[VIRTIO_MAX_CONFIG + 8] = { 0 };

    if (off + size > vdev->ops->config_len) {
        log_guest_error("%s: read of configuration offset %u", vdev->dev.type->name, off);
        return 0;
    }
    if (vdev->ops->get_config)
        vdev->ops->get_config(vdev, config);
    return ld64_le(config + off);
}

void virtio_config_write(struct virtio_device *vdev, unsigned off, unsigned size, uint64_t val)
{
    uint8_t config[VIRTIO_MAX_CONFIG + 8] = { 0 };

    if (off + size > vdev->ops->config_len || !vdev->ops->set_config) {
        log_guest_error("%s: write of configuration offset %u", vdev->dev.type->name, off);
        return;
    }
    if (vdev->ops->get_config)
        vdev->ops->get_config(vdev, config);
    for (unsigned i = 0; i < size; i++)
        config[off + i] = (uint8_t)(val >> (8 * i));
    vdev->ops->set_config(vdev, off, size, config);
}

/* ---- life -------------------------------------------------------------------------------------- */

bool virtio_realize(struct device *dev, GError **err)
{
    struct virtio_device *vdev = (struct virtio_device *)dev;
    struct virtio_transport *t = (struct virtio_transport *)dev->parent_bus;

    vdev->ops = dev->type->class_data;
    g_assert(t && !t->vdev && vdev->ops->config_len <= VIRTIO_MAX_CONFIG);
    vdev->transport = t;
    if (!vdev->ops->realize(vdev, err))
        return false;
    t->vdev = vdev;
    return true;
}

void virtio_unrealize(struct device *dev)
{
    struct virtio_device *vdev = (struct virtio_device *)dev;

    if (vdev->ops->unrealize)
        vdev->ops->unrealize(vdev);
    vdev->transport->vdev = NULL;
}

void virtio_reset(struct device *dev)
{
    virtio_soft_reset((struct virtio_device *)dev);
}

bool virtio_post_load(struct device *dev, GError **err)
{
    struct virtio_device *vdev = (struct virtio_device *)dev;

    for (unsigned n = 0; n < vdev->nqueues; n++)
        if (vdev->vq_ready[n] && !virtq_enable(vdev, n)) {
            g_set_error(err, g_quark_from_static_string("virtio"), 0, "queue %u of '%s' makes no sense", n,
                        dev->type->name);
            return false;
        }
    vdev->transport->interrupt(vdev->transport);
    return true;
}
