/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Screens of a machine. */
#include "config.h"
#include "softmmu/display.h"
#include "softmmu/machine.h"

bool display_alloc(struct display_image *image, unsigned width, unsigned height)
{
    *image = (struct display_image){ .width = width, .height = height };
    if (width > DISPLAY_MAX_SIDE || height > DISPLAY_MAX_SIDE)
        return false;
    image->rgb = g_try_malloc0((size_t)width * height * 3 + 1);
    return image->rgb;
}

void display_register(struct device *dev, const struct display_ops *ops)
{
    struct machine *m = dev->machine;

    if (ops && !m->display) {
        m->display = dev;
        m->display_ops = ops;
    } else if (!ops && m->display == dev) {
        m->display = NULL;
    }
}

bool machine_render(struct machine *m, struct display_image *image, GError **err)
{
    if (!m->display) {
        g_set_error(err, g_quark_from_static_string("display"), 0, "There is no console to take a screendump from");
        return false;
    }
    if (m->display_ops->render(m->display, image))
        return true;
    g_set_error(err, g_quark_from_static_string("display"), 0, "the host has not enough memory for an image of %u x %u", image->width,
                image->height);
    return false;
}
