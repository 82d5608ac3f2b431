/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images into files: portable pixmaps (netpbm's ppm(5), raw), and PNG by libpng. */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "ui/image.h"
#ifdef CONFIG_PNG
#include <png.h>
#endif

bool image_has_png(void)
{
#ifdef CONFIG_PNG
    return true;
#else
    return false;
#endif
}

bool image_find_format(const char *name, enum image_format *format)
{
    *format = strcmp(name, "png") ? IMAGE_PPM : IMAGE_PNG;
    return !strcmp(name, "ppm") || (*format == IMAGE_PNG && image_has_png());
}

static bool write_ppm(FILE *f, unsigned width, unsigned height, const uint8_t *rgb)
{
    size_t n = (size_t)width * height * 3;

    return fprintf(f, "P6\n%u %u\n255\n", width, height) > 0 && fwrite(rgb, 1, n, f) == n;
}

#ifdef CONFIG_PNG
static bool write_png(FILE *f, unsigned width, unsigned height, const uint8_t *rgb)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB };
    bool ok = png_image_write_to_stdio(&image, f, 0, rgb, 0, NULL);

    png_image_free(&image);
    return ok;
}
#else
static bool write_png(FILE *f, unsigned width, unsigned height, const uint8_t *rgb)
{
    return write_ppm(f, width, height, rgb);     /* image_find_format gives no PNG */
}
#endif

bool image_write(const char *path, enum image_format format, unsigned width, unsigned height, const uint8_t *rgb, GError **err)
{
    FILE *f = fopen(path, "wbe");
    bool ok = f && (format == IMAGE_PNG ? write_png(f, width, height, rgb) : write_ppm(f, width, height, rgb));

    if (f && fclose(f))
        ok = false;
    if (!ok)
        g_set_error(err, g_quark_from_static_string("image"), errno, "%s: the image cannot be written: %s", path, g_strerror(errno));
    return ok;
}
