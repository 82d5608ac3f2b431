/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Screens of a machine: what a device shows, for the monitor's screendump and later windows. Device lock held. */
#ifndef SOFTMMU_DISPLAY_H
#define SOFTMMU_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

struct device;
struct machine;

#define DISPLAY_MAX_SIDE 16384

/* Pixels from the top left, line by line: red, green, blue, a byte each. */
struct display_image {
    unsigned width, height;
    uint8_t *rgb;                /* width * height * 3 bytes; g_free */
};

struct display_ops {
    /* Fill in the image, rgb by display_alloc. False: the host has not enough memory. */
    bool (*render)(struct device *dev, struct display_image *image);
};

/* Black pixels; false: the host has not enough memory, or there are more than DISPLAY_MAX_SIDE of them on a side. */
bool display_alloc(struct display_image *image, unsigned width, unsigned height);
/* From realize: dev has a screen. NULL ops: no longer. */
void display_register(struct device *dev, const struct display_ops *ops);
/* What the machine's first screen shows. False with err: there is none. */
bool machine_render(struct machine *m, struct display_image *image, GError **err);

#endif
