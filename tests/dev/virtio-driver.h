/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A driver for virtio-mmio, both versions, as small as tests need it. Rings are in guest memory at VQ_BASE, buffers at VQ_DATA. */
#ifndef TESTS_DEV_VIRTIO_DRIVER_H
#define TESTS_DEV_VIRTIO_DRIVER_H

#include "tests/dev/harness.h"

#define VMMIO 0x0a000000u
#define VQ_BASE (HARNESS_RAM + 0x10000)
#define VQ_STRIDE 0x8000
#define VQ_DATA (HARNESS_RAM + 0x200000)
#define VQ_SIZE 8
#define VQ_LINE 0

enum vmmio { V_MAGIC = 0, V_VERSION = 4, V_ID = 8, V_DEVFEAT = 0x10, V_DEVSEL = 0x14, V_DRVFEAT = 0x20, V_DRVSEL = 0x24,
             V_PAGE = 0x28, V_QSEL = 0x30, V_QMAX = 0x34, V_QNUM = 0x38, V_QALIGN = 0x3c, V_PFN = 0x40, V_READY = 0x44,
             V_NOTIFY = 0x50, V_ISR = 0x60, V_ACK = 0x64, V_STATUS = 0x70, V_DESC = 0x80, V_AVAIL = 0x90, V_USED = 0xa0,
             V_CONFIG = 0x100 };
enum vq_flags { VQ_NEXT = 1, VQ_WRITE = 2, VQ_INDIRECT = 4 };

struct virtio_driver {
    struct harness *h;
    struct device *transport, *dev;
    bool legacy;
    uint8_t *ram;
    uint64_t base, rings;            /* the transport's registers, the first queue's memory */
};

/* The transport with a device of `type` that is not realized yet: at VMMIO with its rings at VQ_BASE, or elsewhere with its line. */
void vd_init(struct virtio_driver *d, struct harness *h, const char *type, bool legacy);
void vd_init_at(struct virtio_driver *d, struct harness *h, const char *type, bool legacy, uint64_t base, uint64_t rings, int line);
/* Realize and reset the device. */
void vd_plug(struct virtio_driver *d);
uint32_t vd_read(struct virtio_driver *d, unsigned reg);
void vd_write(struct virtio_driver *d, unsigned reg, uint32_t val);
/* Up to FEATURES_OK with these features (VERSION_1 is added for version 2), queues 0..n-1, DRIVER_OK. */
void vd_start(struct virtio_driver *d, uint32_t features, unsigned nqueues);

/* Rings of queue q as host memory. */
uint8_t *vq_desc(struct virtio_driver *d, unsigned q);
uint8_t *vq_avail(struct virtio_driver *d, unsigned q);
uint8_t *vq_used(struct virtio_driver *d, unsigned q);
void vq_set_desc(struct virtio_driver *d, unsigned q, unsigned i, uint64_t addr, uint32_t len, unsigned flags,
                 unsigned next);
/* Put chain `head` into the available ring; kick. */
void vq_offer(struct virtio_driver *d, unsigned q, unsigned head);
void vq_kick(struct virtio_driver *d, unsigned q);
unsigned vq_used_idx(struct virtio_driver *d, unsigned q);
uint32_t vq_used_len(struct virtio_driver *d, unsigned q, unsigned i);

#endif
