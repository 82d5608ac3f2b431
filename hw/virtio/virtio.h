/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio 1.1: a device (network card, console...), its queues, and the transport that shows it to the guest.
 *
 * A virtio device type embeds struct virtio_device first and gives its struct virtio_ops as class_data. Its board puts the
 * transport into dev.parent_bus before it is realized. Everything runs with the device lock held.
 *
 * Queues are split rings in guest memory (2.6). The guest may write anything there at any time: what is read is checked and copied
 * before use, and what breaks the rules sets DEVICE_NEEDS_RESET and stops the device (2.1.1).
 */
#ifndef HW_VIRTIO_VIRTIO_H
#define HW_VIRTIO_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>
#include "softmmu/device.h"

#define VIRTIO_MAX_QUEUES 66
#define VIRTQ_MAX_SIZE 1024
#define VIRTQ_MAX_SEGMENTS 1024
#define VIRTIO_MAX_CONFIG 256

enum virtio_status {
    VIRTIO_ACKNOWLEDGE = 1, VIRTIO_DRIVER = 2, VIRTIO_DRIVER_OK = 4, VIRTIO_FEATURES_OK = 8,
    VIRTIO_NEEDS_RESET = 64, VIRTIO_FAILED = 128,
};

/* Feature bits (6). */
enum virtio_feature {
    VIRTIO_F_ANY_LAYOUT = 27,        /* legacy: buffers may be cut anywhere */
    VIRTIO_F_INDIRECT_DESC = 28, VIRTIO_F_EVENT_IDX = 29, VIRTIO_F_VERSION_1 = 32,
};
#define VIRTIO_BIT(feature) ((uint64_t)1 << (feature))

enum virtio_id { VIRTIO_ID_NET = 1, VIRTIO_ID_BLOCK = 2, VIRTIO_ID_CONSOLE = 3, VIRTIO_ID_RNG = 4, VIRTIO_ID_BALLOON = 5 };

/* InterruptStatus bits. */
enum virtio_interrupt { VIRTIO_INT_QUEUE = 1, VIRTIO_INT_CONFIG = 2 };

#define VIRTIO_NO_QUEUE UINT32_MAX

struct virtio_device;

struct virtio_ops {
    uint16_t id;
    uint32_t config_len;     /* bytes of configuration space, at most VIRTIO_MAX_CONFIG */
    uint64_t features;       /* beside those of queues and transport */
    /* Create queues (virtio_add_queue), state. */
    bool (*realize)(struct virtio_device *vdev, GError **err);
    void (*unrealize)(struct virtio_device *vdev);
    /* The driver put something into queue n. */
    void (*notify)(struct virtio_device *vdev, unsigned n);
    /* Fill in or take changes of configuration space; either may be NULL. */
    void (*get_config)(struct virtio_device *vdev, uint8_t *config);
    void (*set_config)(struct virtio_device *vdev, unsigned off, unsigned len, const uint8_t *config);
    /* The driver wrote the status register; new one in vdev->status. May be NULL. */
    void (*status)(struct virtio_device *vdev);
    /* Back to the state after realize; queues and features are cleared already. May be NULL. */
    void (*reset)(struct virtio_device *vdev);
};

struct virtio_transport {
    struct device dev;
    struct virtio_device *vdev;      /* NULL: nothing plugged in */
    bool legacy;
    void (*interrupt)(struct virtio_transport *t);     /* vdev->isr has changed */
    /* Tell the driver of queue n, or (VIRTIO_NO_QUEUE) of configuration space, by a message of its own; false: there is none, and the
     * ISR status does it. May be NULL. */
    bool (*message)(struct virtio_transport *t, unsigned n);
};

struct virtio_device {
    struct device dev;
    const struct virtio_ops *ops;
    struct virtio_transport *transport;
    unsigned nqueues;
    uint64_t more_features;  /* that depend on properties; set by ops->realize */

    uint64_t features;       /* that the driver accepted */
    uint32_t generation;     /* of configuration space */
    uint8_t status, isr;
    uint8_t broken;          /* the driver broke the rules: nothing happens until reset */

    /* Queues. */
    uint16_t vq_max[VIRTIO_MAX_QUEUES];
    uint16_t vq_size[VIRTIO_MAX_QUEUES];
    uint8_t vq_ready[VIRTIO_MAX_QUEUES];
    uint64_t vq_desc[VIRTIO_MAX_QUEUES], vq_avail[VIRTIO_MAX_QUEUES], vq_used[VIRTIO_MAX_QUEUES];
    uint16_t vq_next[VIRTIO_MAX_QUEUES];         /* next entry of the available ring */
    uint16_t vq_used_idx[VIRTIO_MAX_QUEUES];
    uint16_t vq_signalled[VIRTIO_MAX_QUEUES];    /* used index at the last interrupt */
};

/* ---- for devices ---- */

/* Registers a virtio device type, and beside it the type that has it on a PCI bus: virtio-X-device and virtio-X-pci. */
void virtio_device_register(const struct device_type *type);
#define VIRTIO_DEVICE_REGISTER(type)                                            \
    static void __attribute__((constructor)) virtio_device_register_##type(void) \
    {                                                                           \
        virtio_device_register(&type);                                          \
    }

/* Realize, unrealize and reset for the device type's table. */
bool virtio_realize(struct device *dev, GError **err);
void virtio_unrealize(struct device *dev);
void virtio_reset(struct device *dev);
bool virtio_post_load(struct device *dev, GError **err);

/* Entries of a device type's state table. */
#define VIRTIO_STATE                                                              \
    STATE(struct virtio_device, features), STATE(struct virtio_device, generation), \
    STATE(struct virtio_device, status), STATE(struct virtio_device, isr),        \
    STATE(struct virtio_device, broken), STATE_ARRAY(struct virtio_device, vq_size), \
    STATE_ARRAY(struct virtio_device, vq_ready), STATE_ARRAY(struct virtio_device, vq_desc), \
    STATE_ARRAY(struct virtio_device, vq_avail), STATE_ARRAY(struct virtio_device, vq_used), \
    STATE_ARRAY(struct virtio_device, vq_next), STATE_ARRAY(struct virtio_device, vq_used_idx), \
    STATE_ARRAY(struct virtio_device, vq_signalled)

/* Another queue of at most size entries (a power of two); returns its number. */
unsigned virtio_add_queue(struct virtio_device *vdev, unsigned size);
static inline bool virtio_has(const struct virtio_device *vdev, unsigned f)
{
    return vdev->features >> f & 1;
}
/* The driver may use queue n: it is set up and the device runs. */
bool virtio_running(const struct virtio_device *vdev, unsigned n);
/* Configuration space has changed. */
void virtio_config_changed(struct virtio_device *vdev);
/* The driver broke a rule: say so and stop. */
void virtio_broken(struct virtio_device *vdev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One buffer of the driver's: parts that the device reads, then parts that it writes. */
struct virtq_segment {
    uint64_t addr;
    uint32_t len;
};
struct virtq_element {
    uint16_t head;
    unsigned nread, nwrite;          /* segments */
    uint32_t read_len, write_len;    /* their bytes */
    struct virtq_segment seg[VIRTQ_MAX_SEGMENTS];      /* nread, then nwrite */
};

/* The next buffer of queue n: new, free with g_free. NULL: there is none (or the device broke). */
struct virtq_element *virtq_pop(struct virtio_device *vdev, unsigned n);
/* Give the last popped one back to the queue, to be popped again. */
void virtq_unpop(struct virtio_device *vdev, unsigned n);
/* Done with it: written bytes were put into it. Frees e. The driver hears of it at virtq_notify. */
void virtq_push(struct virtio_device *vdev, unsigned n, struct virtq_element *e, uint32_t written);
/* The same for `count` of them, which the driver sees at once or not at all: a frame that lies in several. */
void virtq_push_all(struct virtio_device *vdev, unsigned n, struct virtq_element **e, const uint32_t *written, unsigned count);
/* Interrupt the driver if it wants to know. */
void virtq_notify(struct virtio_device *vdev, unsigned n);

/* Copy out of the parts to read, or into those to write, from byte off on; returns how many bytes: fewer at the end. Memory that is
 * not RAM breaks the device. */
uint32_t virtq_read(struct virtio_device *vdev, const struct virtq_element *e, uint32_t off, void *buf, uint32_t len);
uint32_t virtq_write(struct virtio_device *vdev, const struct virtq_element *e, uint32_t off, const void *buf,
                     uint32_t len);

/* ---- for transports ---- */

uint64_t virtio_host_features(const struct virtio_device *vdev);
void virtio_set_status(struct virtio_device *vdev, uint8_t status);
void virtio_soft_reset(struct virtio_device *vdev);
/* The driver says that queue n has work. */
void virtio_kick(struct virtio_device *vdev, unsigned n);
/* Queue n is set up; false when its addresses or size make no sense. */
bool virtq_enable(struct virtio_device *vdev, unsigned n);
void virtq_disable(struct virtio_device *vdev, unsigned n);
/* The legacy layout of queue n (2.6.2): its parts one after the other from base on, the used ring at the next multiple of align, a power
 * of two. base 0 disables it. */
void virtq_place_legacy(struct virtio_device *vdev, unsigned n, uint64_t base, uint32_t align);
/* Interrupt for queue n or VIRTIO_NO_QUEUE: by message, or bit of the ISR status. */
void virtio_signal(struct virtio_device *vdev, unsigned n);
/* Little-endian configuration space. */
uint64_t virtio_config_read(struct virtio_device *vdev, unsigned off, unsigned size);
void virtio_config_write(struct virtio_device *vdev, unsigned off, unsigned size, uint64_t val);

#endif
