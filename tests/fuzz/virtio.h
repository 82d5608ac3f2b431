/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hostile driver: what it shares with the devices that it plays with. */
#ifndef TESTS_FUZZ_VIRTIO_H
#define TESTS_FUZZ_VIRTIO_H

#include "tests/dev/virtio-driver.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_QUEUES 9

/* A ring as the driver told the device; anything may be wrong with it. */
struct fuzz_queue {
    uint32_t size;
    uint64_t desc, avail, used;
    uint16_t idx;
};

struct fuzz_virtio {
    struct harness *h;
    struct rng *r;
    const struct fuzz_device *device;
    struct virtio_driver d, neighbour;
    struct fuzz_queue q[FUZZ_QUEUES];
    unsigned wild;                   /* how much of what can be wrong is, in this round: percent */
    void *state;                     /* the device's own */
};

struct fuzz_device {
    const char *type;
    unsigned nqueues;                /* that a well-behaved driver sets up */
    uint32_t features;               /* that `works` wants, when offered */
    /* Make what it needs and its properties, before it is realized; after; and take it all away when the machine is gone. */
    void (*prepare)(struct fuzz_virtio *f);
    void (*plugged)(struct fuzz_virtio *f);
    void (*gone)(struct fuzz_virtio *f);
    /* A header for the device at guest memory p, which has len bytes. */
    void (*payload)(struct fuzz_virtio *f, unsigned q, uint8_t *p, uint32_t len);
    /* Something happens outside. */
    void (*event)(struct fuzz_virtio *f);
    /* The device, reset and started by a well-behaved driver, does its work. */
    void (*works)(struct fuzz_virtio *f);
};

void fuzz_virtio_round(const struct fuzz_target *t, struct rng *r);

/* Let the loop run until queue q of d has n used buffers. */
void fuzz_wait_used(struct virtio_driver *d, unsigned q, unsigned n);
/* Host address of guest memory. */
uint8_t *fuzz_ram(struct fuzz_virtio *f, uint64_t paddr);

extern const struct fuzz_device fuzz_blk, fuzz_net, fuzz_rng, fuzz_console, fuzz_balloon;

#endif
