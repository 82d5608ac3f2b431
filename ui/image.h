/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images into files. Any thread. */
#ifndef UI_IMAGE_H
#define UI_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

enum image_format { IMAGE_PPM, IMAGE_PNG };

/* "ppm", "png"; false: there is no such format, or it was not built in. */
bool image_find_format(const char *name, enum image_format *format);
bool image_has_png(void);
/* Pixels from the top left: red, green, blue, a byte each. The file is replaced. False with err: it could not be written. */
bool image_write(const char *path, enum image_format format, unsigned width, unsigned height, const uint8_t *rgb, GError **err);

#endif
