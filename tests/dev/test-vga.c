/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/vga.c and vga-render.c: modes set as a BIOS does, pictures looked at dot by dot; ui/image.c. */
#include "config.h"
#include <string.h>
#include "hw/display/vga.h"
#include "hw/pci/pci.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "ui/image.h"
#include "util/clock.h"

#define WINDOW 0xa0000u
#define PORTS 0x3b0u
#define DISPI 0x1ceu
#define ECAM 0x3f000000u
#define BAR2 0x11000000u
#define BAR0 0x10000000u

static struct harness *h;
static struct device *vga;
static struct display_image image;

static void out(uint32_t port, uint8_t v)
{
    dev_write(h, port, 1, v);
}

static uint8_t in(uint32_t port)
{
    return (uint8_t)dev_read(h, port, 1);
}

static void setup(void)
{
    h = harness_new();
    vga = harness_realize(h, harness_device(h, "isa-vga"), WINDOW);
    device_map(vga, 1, PORTS);
    device_map(vga, 2, DISPI);
    clock_pause(h->m->clock);
}

static void teardown(void)
{
    g_free(image.rgb);
    image.rgb = NULL;
    harness_free(h);
}

/* Miscellaneous, sequencer 1-4, CRTC, attributes 10h-14h, graphics 4-6. */
struct mode {
    uint8_t misc, seq[4], crtc[25], attr[5], gfx[3];
};

static const struct mode text_mode = {
    0x67, { 0x00, 0x03, 0x00, 0x02 },
    { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff },
    { 0x0c, 0, 0x0f, 0x08, 0 }, { 0, 0x10, 0x0e },
};
static const struct mode mode_13 = {
    0x63, { 0x01, 0x0f, 0x00, 0x0e },
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x41, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff },
    { 0x41, 0, 0x0f, 0, 0 }, { 0, 0x40, 0x05 },
};
static const struct mode mode_12 = {
    0xe3, { 0x01, 0x0f, 0x00, 0x06 },
    { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xea, 0x8c, 0xdf, 0x28, 0, 0xe7, 0x04, 0xe3, 0xff },
    { 0x01, 0, 0x0f, 0, 0 }, { 0, 0, 0x05 },
};
static const struct mode mode_4 = {
    0x63, { 0x09, 0x03, 0x00, 0x02 },
    { 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14, 0, 0x96, 0xb9, 0xa2, 0xff },
    { 0x01, 0, 0x03, 0, 0 }, { 0, 0x30, 0x0f },
};

static void indexed(uint32_t port, uint8_t index, uint8_t v)
{
    dev_write(h, port, 2, (uint64_t)v << 8 | index);
}

static void set_mode(const struct mode *m)
{
    out(0x3c2, m->misc);
    for (uint8_t i = 0; i < 4; i++)
        indexed(0x3c4, i + 1, m->seq[i]);
    indexed(0x3d4, 0x11, 0);
    for (uint8_t i = 0; i < 25; i++)
        indexed(0x3d4, i, m->crtc[i]);
    for (uint8_t i = 0; i < 3; i++)
        indexed(0x3ce, i + 4, m->gfx[i]);
    indexed(0x3ce, 7, 0x0f);
    indexed(0x3ce, 8, 0xff);
    in(0x3da);
    for (uint8_t i = 0; i < 0x15; i++) {
        out(0x3c0, i);
        out(0x3c0, i < 16 ? i : m->attr[i - 16]);
    }
    out(0x3c0, 0x20);
    out(0x3c8, 0);
    for (unsigned i = 0; i < 256; i++) {         /* colour n: n / 4, 63 - n / 4, n % 64 */
        out(0x3c9, (uint8_t)(i / 4));
        out(0x3c9, (uint8_t)(63 - i / 4));
        out(0x3c9, (uint8_t)(i % 64));
    }
}

static uint8_t six(unsigned v)
{
    return (uint8_t)(v << 2 | v >> 4);
}

static void render(void)
{
    g_clear_pointer(&image.rgb, g_free);
    ck_assert(machine_render(h->m, &image, NULL));
}

static void ck_dot(unsigned x, unsigned y, unsigned colour)
{
    const uint8_t *p = image.rgb + ((size_t)y * image.width + x) * 3;

    ck_assert_msg(p[0] == six(colour / 4) && p[1] == six(63 - colour / 4) && p[2] == six(colour % 64),
                  "dot %u,%u is %u %u %u, not colour %u", x, y, p[0], p[1], p[2], colour);
}

START_TEST(characters)
{
    set_mode(&text_mode);
    indexed(0x3c4, 2, 4), indexed(0x3c4, 4, 6);  /* the font: plane 2 */
    indexed(0x3ce, 5, 0), indexed(0x3ce, 6, 4);
    for (unsigned i = 0; i < 16; i++) {
        dev_write(h, WINDOW + 'A' * 32 + i, 1, 0x81);
        dev_write(h, WINDOW + 0xc4 * 32 + i, 1, 0x01);
    }
    indexed(0x3c4, 2, 3), indexed(0x3c4, 4, 2);
    indexed(0x3ce, 5, 0x10), indexed(0x3ce, 6, 0x0e);
    dev_write(h, 0xb8000, 2, 0x1e41);
    dev_write(h, 0xb8000 + 2 * (80 * 24 + 79), 2, 0x4ec4);
    ck_assert_uint_eq(dev_read(h, 0xb8000, 2), 0x1e41);
    indexed(0x3d4, 0xe, 0), indexed(0x3d4, 0xf, 1);
    render();
    ck_assert_uint_eq(image.width, 720);
    ck_assert_uint_eq(image.height, 400);
    ck_dot(0, 0, 14);
    ck_dot(1, 5, 1);
    ck_dot(7, 15, 14);
    ck_dot(8, 15, 1);
    ck_dot(79 * 9 + 7, 399, 14);
    ck_dot(79 * 9 + 8, 399, 14);                 /* line drawing goes on in the ninth dot */
    ck_dot(79 * 9 + 6, 399, 4);
    ck_dot(9, 12, 0);
    ck_dot(9, 13, 0);                            /* the cursor, in the colour of a blank's attribute 0 */
    indexed(0x3d4, 0xd, 1);                      /* one character on */
    render();
    ck_dot(78 * 9 + 7, 399, 14);
    out(0x3c0, 0), out(0x3c0, 0);
    render();
    ck_assert_uint_eq(image.rgb[0], 0);          /* blank: not colour 0 */
    ck_assert_uint_eq(image.rgb[1], 0);
}
END_TEST

START_TEST(mode_13h_and_x)
{
    set_mode(&mode_13);
    dev_write(h, WINDOW, 4, 0x04030201);
    dev_write(h, WINDOW + 199 * 320 + 319, 1, 200);
    render();
    ck_assert_uint_eq(image.width, 640);
    ck_assert_uint_eq(image.height, 400);
    ck_dot(0, 0, 1);
    ck_dot(1, 1, 1);
    ck_dot(2, 0, 2);
    ck_dot(7, 1, 4);
    ck_dot(639, 399, 200);
    indexed(0x3c4, 4, 6);                        /* unchained */
    indexed(0x3c4, 2, 8);
    dev_write(h, WINDOW + 80, 1, 77);
    render();
    ck_dot(6, 2, 77);
    ck_dot(8, 2, 0);
}
END_TEST

START_TEST(planes)
{
    set_mode(&mode_12);
    indexed(0x3c4, 2, 5);
    dev_write(h, WINDOW + 80 * 3, 1, 0xc0);
    render();
    ck_assert_uint_eq(image.width, 640);
    ck_assert_uint_eq(image.height, 480);
    ck_dot(0, 3, 5);
    ck_dot(2, 3, 0);
    indexed(0x3c4, 2, 0xf);
    indexed(0x3ce, 0, 9), indexed(0x3ce, 1, 0xf), indexed(0x3ce, 8, 0x20);       /* set/reset, through the bit mask */
    dev_read(h, WINDOW + 80 * 3, 1);
    dev_write(h, WINDOW + 80 * 3, 1, 0);
    render();
    ck_dot(0, 3, 5);
    ck_dot(2, 3, 9);
    ck_dot(3, 3, 0);
    indexed(0x3ce, 5, 8), indexed(0x3ce, 2, 5);  /* read mode 1: where is colour 5? */
    ck_assert_uint_eq(dev_read(h, WINDOW + 80 * 3, 1), 0xc0);
    indexed(0x3ce, 5, 1);                        /* write mode 1 copies latches */
    dev_write(h, WINDOW + 80 * 4, 1, 0);
    indexed(0x3ce, 5, 2), indexed(0x3ce, 8, 1);
    dev_write(h, WINDOW + 80 * 4, 1, 12);        /* 2: a colour through the mask */
    indexed(0x3ce, 5, 3), indexed(0x3ce, 0, 7), indexed(0x3ce, 8, 0xff);
    dev_read(h, WINDOW + 80 * 4, 1);
    dev_write(h, WINDOW + 80 * 4, 1, 0x08);      /* 3: the data is the mask */
    render();
    ck_dot(0, 4, 5);
    ck_dot(2, 4, 9);
    ck_dot(7, 4, 12);
    ck_dot(4, 4, 7);
    indexed(0x3ce, 3, 0x18), indexed(0x3ce, 5, 0), indexed(0x3ce, 1, 0);         /* exclusive or */
    dev_read(h, WINDOW + 80 * 4, 1);
    dev_write(h, WINDOW + 80 * 4, 1, 0xff);
    render();
    ck_dot(0, 4, 10);
}
END_TEST

START_TEST(cga_colours)
{
    set_mode(&mode_4);
    dev_write(h, 0xb8000, 1, 0x1b);              /* 0 1 2 3 */
    dev_write(h, 0xba000, 1, 0xff);              /* the second line is 8 KiB on */
    render();
    ck_assert_uint_eq(image.width, 640);
    ck_assert_uint_eq(image.height, 400);
    ck_dot(0, 0, 0);
    ck_dot(2, 1, 1);
    ck_dot(4, 0, 2);
    ck_dot(6, 0, 3);
    ck_dot(0, 2, 3);
    ck_dot(8, 2, 0);
}
END_TEST

static void vbe(unsigned reg, uint16_t v)
{
    dev_write(h, DISPI, 2, reg);
    dev_write(h, DISPI + 1, 2, v);
}

static uint16_t vbe_get(unsigned reg)
{
    dev_write(h, DISPI, 2, reg);
    return (uint16_t)dev_read(h, DISPI + 1, 2);
}

START_TEST(bochs_vbe)
{
    ck_assert_uint_eq(vbe_get(VBE_ID), 0xb0c5);
    ck_assert_uint_eq(vbe_get(10), 128);         /* 8 MiB */
    vbe(VBE_XRES, 800), vbe(VBE_YRES, 600), vbe(VBE_BPP, 32);
    vbe(VBE_ENABLE, VBE_ENABLED | VBE_LFB);
    ck_assert_uint_eq(vbe_get(VBE_VIRT_WIDTH), 800);
    ck_assert_uint_eq(vbe_get(VBE_VIRT_HEIGHT), (8 << 20) / 3200);
    dev_write(h, WINDOW, 4, 0x00112233);
    vbe(VBE_BANK, 1);
    dev_write(h, WINDOW + 4, 4, 0x00445566);
    render();
    ck_assert_uint_eq(image.width, 800);
    ck_assert_uint_eq(image.height, 600);
    ck_assert_mem_eq(image.rgb, "\x11\x22\x33", 3);
    ck_assert_mem_eq(image.rgb + (65536 / 4 + 1) * 3, "\x44\x55\x66", 3);
    vbe(VBE_VIRT_WIDTH, 1024), vbe(VBE_Y_OFFSET, 2);
    ck_assert_uint_eq(vbe_get(VBE_VIRT_HEIGHT), (8 << 20) / 4096);
    vbe(VBE_XRES, 640);                          /* not while it is on */
    ck_assert_uint_eq(vbe_get(VBE_XRES), 800);
    vbe(VBE_ENABLE, 0);
    vbe(VBE_XRES, 640), vbe(VBE_YRES, 480), vbe(VBE_BPP, 16);
    vbe(VBE_ENABLE, VBE_ENABLED | VBE_LFB);
    dev_write(h, WINDOW, 2, 0xf81f);
    render();
    ck_assert_mem_eq(image.rgb, "\xff\x00\xff\x00\x00\x00", 6);
    vbe(VBE_ENABLE, VBE_GETCAPS);
    ck_assert_uint_eq(vbe_get(VBE_BPP), 32);
    vbe(VBE_ENABLE, 0);
    vbe(VBE_XRES, 0xffff), vbe(VBE_YRES, 0xffff), vbe(VBE_BPP, 99);
    vbe(VBE_ENABLE, VBE_ENABLED);
    ck_assert_uint_le((uint64_t)vbe_get(VBE_XRES) * vbe_get(VBE_YRES), 8 << 20);
    render();
}
END_TEST

START_TEST(retrace_comes_and_goes)
{
    bool seen[2] = { false, false };

    set_mode(&text_mode);
    for (int i = 0; i < 2000; i++) {
        seen[in(0x3da) >> 3 & 1] = true;
        clock_step(h, 10000);
    }
    ck_assert(seen[0] && seen[1]);
}
END_TEST

START_TEST(registers)
{
    set_mode(&text_mode);
    ck_assert_uint_eq(in(0x3cc), 0x67);
    ck_assert_uint_eq(in(0x3b4), 0xff);          /* colour addresses */
    out(0x3d4, 0x12);
    ck_assert_uint_eq(in(0x3d5), 0x8f);
    indexed(0x3d4, 0x11, 0x80), indexed(0x3d4, 1, 0x12);         /* protected */
    out(0x3d4, 1);
    ck_assert_uint_eq(in(0x3d5), 0x4f);
    out(0x3c7, 200);
    ck_assert_uint_eq(in(0x3c7), 3);
    ck_assert_uint_eq(in(0x3c9), 50);
    ck_assert_uint_eq(in(0x3c9), 13);
    ck_assert_uint_eq(in(0x3c9), 8);
    ck_assert_uint_eq(in(0x3c9), 50);            /* the next one */
}
END_TEST

START_TEST(images_are_written)
{
    g_autofree char *ppm = g_strdup_printf("%s/a.ppm", h->dir), *png = g_strdup_printf("%s/a.png", h->dir), *text = NULL;
    static const uint8_t rgb[] = { 1, 2, 3, 4, 5, 6 };
    g_autoptr(GError) err = NULL;
    enum image_format format;
    size_t len;

    ck_assert(image_write(ppm, IMAGE_PPM, 2, 1, rgb, NULL));
    ck_assert(g_file_get_contents(ppm, &text, &len, NULL));
    ck_assert_uint_eq(len, 17);
    ck_assert_mem_eq(text, "P6\n2 1\n255\n\1\2\3\4\5\6", 17);
    ck_assert(!image_find_format("bmp", &format));
    if (image_find_format("png", &format)) {
        g_free(text);
        ck_assert(image_write(png, IMAGE_PNG, 2, 1, rgb, NULL));
        ck_assert(g_file_get_contents(png, &text, &len, NULL));
        ck_assert_mem_eq(text, "\x89PNG", 4);
    }
    ck_assert(!image_write("/nonexistent/x", IMAGE_PPM, 2, 1, rgb, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "/nonexistent/x"));
}
END_TEST

START_TEST(survives_random_accesses)
{
    static const struct mode *const modes[] = { &text_mode, &mode_13, &mode_12, &mode_4 };

    for (int i = 0; i < 24; i++) {
        if (i % 3)
            set_mode(modes[i & 3]);
        vbe(VBE_ENABLE, 0);
        harness_hammer_ports(h, PORTS, 0x30, 2000, (uint64_t)i);
        harness_hammer(h, WINDOW, 0x20000, 300, (uint64_t)i);
        for (unsigned r = 1; r < 10 && i & 1; r++)
            vbe(r, (uint16_t)(i * 12345u * r));
        vbe(VBE_ENABLE, (uint16_t)(i * 3));
        harness_hammer(h, WINDOW, 0x20000, 300, (uint64_t)i);
        render();
    }
}
END_TEST

START_TEST(on_pci)
{
    struct device *host = harness_device(h, "gpex-pcihost"), *dev;

    harness_realize(h, host, ECAM);
    device_map(host, 1, 0x3eff0000);
    device_map(host, 2, BAR0);
    dev = harness_device(h, "VGA");
    dev->parent_bus = host;
    ck_assert(device_set_prop(dev, "addr", "2", NULL));
    harness_realize(h, dev, 0);
    ck_assert_reg(h, ECAM + (2 << 15), 0x11111234);
    dev_write32(h, ECAM + (2 << 15) + 0x10, BAR0);
    dev_write32(h, ECAM + (2 << 15) + 0x18, BAR2);
    dev_write(h, ECAM + (2 << 15) + 4, 2, 2);
    ck_assert_uint_eq(dev_read(h, BAR2 + 0x500, 2), 0xb0c5);
    ck_assert_uint_eq(dev_read(h, BAR2 + 0x514, 2), 256);
    dev_write(h, BAR2 + 0x502, 2, 640), dev_write(h, BAR2 + 0x504, 2, 480), dev_write(h, BAR2 + 0x506, 2, 32);
    dev_write(h, BAR2 + 0x508, 2, 0x41);
    dev_write32(h, BAR0 + 4, 0x00102030);
    ck_assert(((const struct display_ops *)h->m->display_ops) != NULL);
    h->m->display = dev;
    display_register(vga, NULL);
    harness_hammer(h, BAR2, 0x1000, 20000, 1);
}
END_TEST

static Suite *vga_suite(void)
{
    Suite *s = suite_create("vga");
    TCase *t = tcase_create("vga");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, characters);
    tcase_add_test(t, mode_13h_and_x);
    tcase_add_test(t, planes);
    tcase_add_test(t, cga_colours);
    tcase_add_test(t, bochs_vbe);
    tcase_add_test(t, retrace_comes_and_goes);
    tcase_add_test(t, registers);
    tcase_add_test(t, images_are_written);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, on_pci);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(vga_suite)
