/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of targets. */
#include "config.h"
#include "tests/fuzz/virtio.h"

extern const struct fuzz_target fuzz_mmio, fuzz_pc;

#define VIRTIO_TARGET(device) (&(const struct fuzz_target){ #device, fuzz_virtio_round, &fuzz_##device })

const struct fuzz_target *const fuzz_targets[] = {
    VIRTIO_TARGET(blk), VIRTIO_TARGET(net), VIRTIO_TARGET(rng), VIRTIO_TARGET(console),
    VIRTIO_TARGET(balloon), &fuzz_mmio, &fuzz_pc, NULL,
};
