/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that are no hardware but images for memory: "loader" and "guest-loader" (image-loader.c). For boards. */
#ifndef HW_MISC_IMAGE_LOADER_H
#define HW_MISC_IMAGE_LOADER_H

#include <stdbool.h>
#include <stdint.h>

struct device;
struct fdt;
struct loader;

/* Where images go: the board's loader and tree, both borrowed for realization; is_64bit: its CPUs run AArch64; CPUs are 0 to ncpus - 1. */
struct image_target {
    struct loader *loader;
    struct fdt *fdt;
    bool is_64bit;
    uint32_t ncpus;
};

/* Is dev one of the two? */
bool image_loader_is(const struct device *dev);
/* Before it is realized, which loads the image. */
void image_loader_set_target(struct device *dev, const struct image_target *to);
/* Once it is realized: does a CPU start at a place that the device gives? *cpu exists. */
bool image_loader_start(const struct device *dev, uint32_t *cpu, uint64_t *entry);

#endif
