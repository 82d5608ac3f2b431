/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VGA's screen shows, as red, green and blue: text, planar and 256-colour graphics, CGA's modes, Bochs VBE's.
 *
 * Dots are drawn one by one; a dot clock of half the rate gives two of each. Not modelled: pixel panning, blinking (text that blinks is
 * shown, the cursor too), borders.
 */
#include "config.h"
#include <string.h>
#include "hw/display/vga.h"
#include "util/bits.h"
#include "util/endian.h"

/* ---- colours ----------------------------------------------------------------------------------- */

static uint8_t component(const struct vga *v, uint8_t c)
{
    return v->vbe[VBE_ENABLE] & VBE_8BIT_DAC ? c : (uint8_t)(c << 2 | (c >> 4 & 3));
}

/* A value as the DAC has it. */
static void put_dac(const struct vga *v, uint8_t *to, uint8_t index)
{
    const uint8_t *c = v->palette + 3 * (index & v->dac_mask);

    for (int i = 0; i < 3; i++)
        to[i] = component(v, c[i]);
}

/* Four bits, through the attribute controller's palette. */
static uint8_t attribute(const struct vga *v, uint8_t colour)
{
    uint8_t c = v->attr[colour & v->attr[0x12] & 15], select = v->attr[0x14];

    if (v->attr[0x10] & 0x80)
        return (uint8_t)((c & 15) | (select & 15) << 4);
    return (uint8_t)((c & 0x3f) | (select >> 2 & 3) << 6);
}

/* ---- the CRTC ---------------------------------------------------------------------------------- */

struct screen {
    const struct vga *v;
    unsigned chars, lines;           /* shown */
    unsigned char_height;            /* scan lines of a row of addresses */
    unsigned repeat;                 /* 2: each scan line is shown twice */
    unsigned split;                  /* from this line on addresses begin at 0 */
    unsigned start, stride;          /* addresses */
};

static struct screen get_screen(const struct vga *v)
{
    const uint8_t *c = v->crtc;

    return (struct screen){
        .v = v, .chars = c[1] + 1u, .lines = (c[0x12] | (c[7] & 2) << 7 | (c[7] & 0x40) << 3) + 1u, .char_height = (c[9] & 31) + 1u,
        .repeat = c[9] & 0x80 ? 2 : 1, .split = (c[0x18] | (c[7] & 0x10) << 4 | (c[9] & 0x40) << 3) + 1u,
        .start = (unsigned)c[0xc] << 8 | c[0xd], .stride = 2u * c[0x13],
    };
}

/* The address of a scan line's first character, and the line in its row. */
static unsigned line_address(const struct screen *s, unsigned line, unsigned *row_line)
{
    bool below = line >= s->split;
    unsigned y = (below ? line - s->split : line) / s->repeat;

    *row_line = y % s->char_height;
    return (below ? 0 : s->start) + y / s->char_height * s->stride;
}

/* The planes of an address. CR17 puts the row's line into address bits, as CGA and Hercules have it; words are one address here. */
static const uint8_t *fetch(const struct screen *s, unsigned at, unsigned row_line)
{
    const struct vga *v = s->v;
    unsigned shift = v->crtc[0x17] & 0x40 ? 13 : 12;

    if (!(v->crtc[0x17] & 1))
        at = deposit32(at, shift, 1, row_line & 1);
    if (!(v->crtc[0x17] & 2))
        at = deposit32(at, shift + 1, 1, row_line >> 1 & 1);
    return v->ram + ((uint64_t)at * 4 & (v->size - 1));
}

static bool half_clock(const struct vga *v)
{
    return v->seq[1] & 8;
}

/* ---- text -------------------------------------------------------------------------------------- */

/* Where the character generator's eight fonts are in plane 2. */
static unsigned font_address(const struct vga *v, bool a)
{
    unsigned n = a ? (v->seq[3] >> 2 & 3) | (v->seq[3] >> 3 & 4) : (v->seq[3] & 3) | (v->seq[3] >> 2 & 4);

    return (n & 3) * 0x4000 + (n >> 2) * 0x2000;
}

/* Dots of a character on one of its scan lines, the leftmost in bit 8. */
static unsigned glyph(const struct vga *v, uint8_t ch, uint8_t attr, unsigned row_line, unsigned width)
{
    unsigned at = font_address(v, attr & 8) + ch * 32 + row_line, bits = (unsigned)v->ram[(at * 4 + 2) & (v->size - 1)] << 1;

    if (width == 9 && v->attr[0x10] & 4 && ch >= 0xc0 && ch <= 0xdf)
        bits |= bits >> 1 & 1;
    return bits;
}

static bool in_cursor(const struct screen *s, unsigned at, unsigned row_line)
{
    const uint8_t *c = s->v->crtc;

    return at == ((unsigned)c[0xe] << 8 | c[0xf]) && !(c[0xa] & 0x20) && row_line >= (c[0xa] & 31) && row_line <= (c[0xb] & 31);
}

static void text_line(const struct screen *s, unsigned line, unsigned width, uint8_t *to)
{
    const struct vga *v = s->v;
    unsigned row_line, at = line_address(s, line, &row_line), wide = half_clock(v) ? 2 : 1;

    for (unsigned x = 0; x < s->chars; x++, at++) {
        const uint8_t *cell = fetch(s, at, 0);
        uint8_t attr = cell[1], fore = attribute(v, attr & 15), back = attribute(v, v->attr[0x10] & 8 ? attr >> 4 & 7 : attr >> 4);
        unsigned bits = glyph(v, cell[0], attr, row_line, width);

        if (in_cursor(s, at, row_line))
            bits = 0x1ff;
        for (unsigned i = 0; i < width * wide; i++, to += 3)
            put_dac(v, to, bits & (0x100 >> i / wide) ? fore : back);
    }
}

/* ---- graphics ---------------------------------------------------------------------------------- */

/* 256 colours: four to an address, each two dots wide. */
static void line_256(const struct screen *s, unsigned line, uint8_t *to)
{
    unsigned row_line, at = line_address(s, line, &row_line);

    for (unsigned x = 0; x < s->chars; x++, at++) {
        const uint8_t *p = fetch(s, at, row_line);

        for (unsigned i = 0; i < 8; i++, to += 3)
            put_dac(s->v, to, p[i / 2]);
    }
}

/* The eight dots of an address: a bit of each plane, or (CGA) pairs of bits from the planes in turn. */
static uint8_t dot(const uint8_t *p, unsigned i, bool pairs)
{
    uint8_t colour = 0;

    if (pairs)
        return (uint8_t)((p[i >> 2] >> (6 - 2 * (i & 3)) & 3) | (p[2 + (i >> 2)] >> (6 - 2 * (i & 3)) & 3) << 2);
    for (unsigned n = 0; n < 4; n++)
        colour |= (uint8_t)((p[n] >> (7 - i) & 1) << n);
    return colour;
}

static void line_planar(const struct screen *s, unsigned line, uint8_t *to)
{
    const struct vga *v = s->v;
    unsigned row_line, at = line_address(s, line, &row_line), wide = half_clock(v) ? 2 : 1;
    bool pairs = v->gfx[5] & 0x20;

    for (unsigned x = 0; x < s->chars; x++, at++) {
        const uint8_t *p = fetch(s, at, row_line);

        for (unsigned i = 0; i < 8 * wide; i++, to += 3)
            put_dac(v, to, attribute(v, dot(p, i / wide, pairs)));
    }
}

static bool render_standard(const struct vga *v, struct display_image *image)
{
    struct screen s = get_screen(v);
    bool text = !(v->gfx[6] & 1), many = v->gfx[5] & 0x40;
    unsigned width = text && !(v->seq[1] & 1) ? 9 : 8, pixels = s.chars * width * (half_clock(v) && !(many && !text) ? 2 : 1);

    if (!display_alloc(image, pixels, s.lines))
        return false;
    if (!(v->attr_index & 0x20) || v->seq[1] & 0x20)
        return true;                 /* blank */
    for (unsigned y = 0; y < s.lines; y++) {
        uint8_t *to = image->rgb + (size_t)y * pixels * 3;

        if (text)
            text_line(&s, y, width, to);
        else if (many)
            line_256(&s, y, to);
        else
            line_planar(&s, y, to);
    }
    return true;
}

/* ---- Bochs VBE --------------------------------------------------------------------------------- */

static void put_true(uint8_t *to, unsigned bpp, const uint8_t *p)
{
    uint16_t v = bpp <= 16 ? ld16_le(p) : 0;

    switch (bpp) {
    case 15:
        to[0] = (uint8_t)((v >> 7 & 0xf8) | (v >> 12 & 7));
        to[1] = (uint8_t)((v >> 2 & 0xf8) | (v >> 7 & 7));
        to[2] = (uint8_t)((v << 3 & 0xf8) | (v >> 2 & 7));
        break;
    case 16:
        to[0] = (uint8_t)((v >> 8 & 0xf8) | (v >> 13 & 7));
        to[1] = (uint8_t)((v >> 3 & 0xfc) | (v >> 9 & 3));
        to[2] = (uint8_t)((v << 3 & 0xf8) | (v >> 2 & 7));
        break;
    default:
        to[0] = p[2];
        to[1] = p[1];
        to[2] = p[0];
    }
}

/* fix_mode has seen to it that the lines are in memory. */
static bool render_vbe(const struct vga *v, struct display_image *image)
{
    unsigned bpp = v->vbe[VBE_BPP], bytes = (bpp + 7) / 8, width = v->vbe[VBE_XRES], height = v->vbe[VBE_YRES];
    uint64_t line = vga_vbe_line(v);

    if (!display_alloc(image, width, height))
        return false;
    for (unsigned y = 0; y < height; y++) {
        uint64_t at = (y + v->vbe[VBE_Y_OFFSET]) * line;
        uint8_t *to = image->rgb + (size_t)y * width * 3;

        for (unsigned x = 0; x < width; x++, to += 3) {
            unsigned px = x + v->vbe[VBE_X_OFFSET];

            if (bpp == 4)            /* planes: eight dots to an address */
                put_dac(v, to, attribute(v, dot(v->ram + ((at + px / 8 * 4) & (v->size - 1)), px & 7, false)));
            else if (bpp == 8)
                put_dac(v, to, v->ram[(at + px) & (v->size - 1)]);
            else
                put_true(to, bpp, v->ram + ((at + (uint64_t)px * bytes) & (v->size - 1)));
        }
    }
    return true;
}

bool vga_render(struct vga *v, struct display_image *image)
{
    return v->vbe[VBE_ENABLE] & VBE_ENABLED ? render_vbe(v, image) : render_standard(v, image);
}
