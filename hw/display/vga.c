/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard VGA: registers and memory (IBM PS/2 Hardware Interface Technical Reference, Video Subsystem; VESA VBE 2.0 for what the Bochs
 * display interface, VBE_DISPI, is for). The picture is made in vga-render.c.
 *
 * Time on the screen is 70 frames a second of 449 lines, whatever the CRTC says. Not modelled: light pen, vertical interrupt, protection of
 * CRTC registers other than 0 to 7.
 */
#include "config.h"
#include <string.h>
#include "hw/display/vga.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"

#define VGA_WINDOW 0x20000u
#define VGA_LINES 449
#define VGA_SHOWN_LINES 400
#define VGA_LINE_NS 31778
#define VBE_ID0 0xb0c0
#define VBE_ID5 0xb0c5
#define VBE_MEMORY 10            /* reg: memory in 64 KiB */

enum vga_port {
    PORT_CRTC_MONO = 0x3b4, PORT_STATUS_MONO = 0x3ba, PORT_ATTR = 0x3c0, PORT_ATTR_READ = 0x3c1, PORT_MISC = 0x3c2, PORT_SEQ = 0x3c4,
    PORT_DAC_MASK = 0x3c6, PORT_DAC_READ = 0x3c7, PORT_DAC_WRITE = 0x3c8, PORT_DAC = 0x3c9, PORT_FEATURE = 0x3ca, PORT_MISC_READ = 0x3cc,
    PORT_GFX = 0x3ce, PORT_CRTC = 0x3d4, PORT_STATUS = 0x3da,
};
enum { SEQ_MASK = 2, SEQ_MEMORY = 4, GFX_SET = 0, GFX_ENABLE_SET = 1, GFX_COMPARE = 2, GFX_ROTATE = 3, GFX_READ = 4, GFX_MODE = 5,
       GFX_MISC = 6, GFX_CARE = 7, GFX_BITS = 8 };

/* Writable bits. */
static const uint8_t seq_mask[8] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const uint8_t gfx_mask[16] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };

/* ---- time -------------------------------------------------------------------------------------- */

/* Input status 1: bit 0 outside of the picture, bit 3 in the vertical retrace. */
static uint8_t status1(struct vga *v)
{
    int64_t t = clock_ns(device_clock(v->dev)) % (VGA_LINES * VGA_LINE_NS), line = t / VGA_LINE_NS, in_line = t % VGA_LINE_NS;
    uint8_t s = 0;

    if (line >= VGA_SHOWN_LINES || in_line > VGA_LINE_NS * 4 / 5)
        s |= 1;
    if (line >= VGA_SHOWN_LINES + 12 && line < VGA_SHOWN_LINES + 14)
        s |= 8;
    return s;
}

/* ---- attribute controller and DAC -------------------------------------------------------------- */

static void write_attr(struct vga *v, uint8_t val)
{
    unsigned reg = v->attr_index & 0x1f;

    v->attr_data = !v->attr_data;
    if (v->attr_data) {
        v->attr_index = val & 0x3f;
        return;
    }
    if (reg < 0x10)
        v->attr[reg] = val & 0x3f;
    else if (reg <= 0x14)
        v->attr[reg] = val;
}

static uint8_t read_dac(struct vga *v)
{
    uint8_t c = v->palette[v->dac_read * 3 + v->dac_part];

    if (++v->dac_part == 3) {
        v->dac_part = 0;
        v->dac_read++;
    }
    return c;
}

static void write_dac(struct vga *v, uint8_t val)
{
    v->palette[v->dac_write * 3 + v->dac_part] = v->vbe[VBE_ENABLE] & VBE_8BIT_DAC ? val : val & 0x3f;
    if (++v->dac_part == 3) {
        v->dac_part = 0;
        v->dac_write++;
    }
}

/* ---- ports ------------------------------------------------------------------------------------- */

/* CRTC and status are at 3Bx or 3Dx, as the miscellaneous register says. */
static bool is_other(const struct vga *v, unsigned port)
{
    bool colour = v->misc & 1;

    return (colour && port >= 0x3b0 && port <= 0x3bb) || (!colour && port >= 0x3d0);
}

uint8_t vga_port_read(struct vga *v, unsigned port)
{
    if (is_other(v, port))
        return 0xff;
    switch (port) {
    case PORT_ATTR:
        return v->attr_data ? 0 : v->attr_index;
    case PORT_ATTR_READ:
        return v->attr[v->attr_index & 0x1f];
    case PORT_MISC:
        return 0x10;             /* a colour monitor */
    case PORT_SEQ:
        return v->seq_index;
    case PORT_SEQ + 1:
        return v->seq[v->seq_index];
    case PORT_DAC_MASK:
        return v->dac_mask;
    case PORT_DAC_READ:
        return v->dac_state;
    case PORT_DAC_WRITE:
        return v->dac_write;
    case PORT_DAC:
        return read_dac(v);
    case PORT_FEATURE:
        return v->feature;
    case PORT_MISC_READ:
        return v->misc;
    case PORT_GFX:
        return v->gfx_index;
    case PORT_GFX + 1:
        return v->gfx[v->gfx_index];
    case PORT_CRTC: case PORT_CRTC_MONO:
        return v->crtc_index;
    case PORT_CRTC + 1: case PORT_CRTC_MONO + 1:
        return v->crtc[v->crtc_index & 31];
    case PORT_STATUS: case PORT_STATUS_MONO:
        v->attr_data = 0;
        return status1(v);
    default:
        return 0xff;
    }
}

static void write_crtc(struct vga *v, uint8_t val)
{
    unsigned reg = v->crtc_index & 31;

    if (v->crtc[0x11] & 0x80 && reg <= 7) {      /* protected, but for a bit of the line compare */
        if (reg == 7)
            v->crtc[7] = (uint8_t)((v->crtc[7] & ~0x10) | (val & 0x10));
        return;
    }
    v->crtc[reg] = val;
}

void vga_port_write(struct vga *v, unsigned port, uint8_t val)
{
    if (is_other(v, port))
        return;
    switch (port) {
    case PORT_ATTR:
        write_attr(v, val);
        break;
    case PORT_MISC:
        v->misc = val & 0xef;
        break;
    case PORT_SEQ:
        v->seq_index = val & 7;
        break;
    case PORT_SEQ + 1:
        v->seq[v->seq_index] = val & seq_mask[v->seq_index];
        break;
    case PORT_DAC_MASK:
        v->dac_mask = val;
        break;
    case PORT_DAC_READ:
        v->dac_read = val;
        v->dac_part = 0;
        v->dac_state = 3;
        break;
    case PORT_DAC_WRITE:
        v->dac_write = val;
        v->dac_part = 0;
        v->dac_state = 0;
        break;
    case PORT_DAC:
        write_dac(v, val);
        break;
    case PORT_GFX:
        v->gfx_index = val & 15;
        break;
    case PORT_GFX + 1:
        v->gfx[v->gfx_index] = val & gfx_mask[v->gfx_index];
        break;
    case PORT_CRTC: case PORT_CRTC_MONO:
        v->crtc_index = val;
        break;
    case PORT_CRTC + 1: case PORT_CRTC_MONO + 1:
        write_crtc(v, val);
        break;
    case PORT_STATUS: case PORT_STATUS_MONO:
        v->feature = val & 0x10;
        break;
    default:
        log_guest_error("vga: write of port 0x%x", port);
    }
}

/* ---- Bochs VBE --------------------------------------------------------------------------------- */

static bool vbe_on(const struct vga *v)
{
    return v->vbe[VBE_ENABLE] & VBE_ENABLED;
}

static uint64_t bytes_of(const struct vga *v, uint64_t pixels)
{
    switch (v->vbe[VBE_BPP]) {
    case 4:
        return pixels / 2;
    case 15:
        return pixels * 2;
    default:
        return pixels * v->vbe[VBE_BPP] / 8;
    }
}

uint64_t vga_vbe_line(const struct vga *v)
{
    return bytes_of(v, v->vbe[VBE_VIRT_WIDTH]);
}

/* A mode that fits into memory: width in eights, the virtual screen not smaller than what is shown. */
static void fix_mode(struct vga *v)
{
    static const uint8_t depths[] = { 4, 8, 15, 16, 24, 32 };
    uint16_t *r = v->vbe;
    uint64_t line;

    if (!memchr(depths, r[VBE_BPP], sizeof(depths)))
        r[VBE_BPP] = 8;
    r[VBE_XRES] = (uint16_t)MAX_OF(MIN_OF(r[VBE_XRES] & ~7, VBE_MAX_WIDTH), 8);
    r[VBE_VIRT_WIDTH] = (uint16_t)MAX_OF(MIN_OF(r[VBE_VIRT_WIDTH] & ~7, VBE_MAX_WIDTH), r[VBE_XRES]);
    line = vga_vbe_line(v);
    if (line * MAX_OF(r[VBE_YRES], 1) > v->size)
        r[VBE_VIRT_WIDTH] = r[VBE_XRES];
    line = vga_vbe_line(v);
    r[VBE_YRES] = (uint16_t)MAX_OF(MIN_OF(MIN_OF(r[VBE_YRES], VBE_MAX_HEIGHT), v->size / line), 1);
    r[VBE_VIRT_HEIGHT] = (uint16_t)MIN_OF(v->size / line, UINT16_MAX);
    r[VBE_X_OFFSET] = (uint16_t)MIN_OF(r[VBE_X_OFFSET], r[VBE_VIRT_WIDTH] - r[VBE_XRES]);
    r[VBE_Y_OFFSET] = (uint16_t)MIN_OF(r[VBE_Y_OFFSET], r[VBE_VIRT_HEIGHT] - r[VBE_YRES]);
}

static void write_enable(struct vga *v, uint16_t val)
{
    bool was = vbe_on(v);

    v->vbe[VBE_ENABLE] = val;
    if (!(val & VBE_ENABLED)) {
        v->vbe[VBE_BANK] = 0;
        return;
    }
    if (was)
        return;
    v->vbe[VBE_VIRT_WIDTH] = v->vbe[VBE_XRES];
    v->vbe[VBE_X_OFFSET] = v->vbe[VBE_Y_OFFSET] = 0;
    fix_mode(v);
    if (!(val & VBE_NOCLEAR))
        memset(v->ram, 0, (size_t)(vga_vbe_line(v) * v->vbe[VBE_YRES]));
}

uint16_t vga_vbe_read(struct vga *v, unsigned reg)
{
    static const uint16_t most[] = { VBE_MAX_WIDTH, VBE_MAX_HEIGHT, 32 };

    if (reg == VBE_MEMORY)
        return (uint16_t)(v->size >> 16);
    if (reg >= VBE_XRES && reg <= VBE_BPP && v->vbe[VBE_ENABLE] & VBE_GETCAPS)
        return most[reg - VBE_XRES];
    return reg < VBE_REGS ? v->vbe[reg] : 0;
}

void vga_vbe_write(struct vga *v, unsigned reg, uint16_t val)
{
    switch (reg) {
    case VBE_ID:
        if (val >= VBE_ID0 && val <= VBE_ID5)
            v->vbe[VBE_ID] = val;
        break;
    case VBE_XRES: case VBE_YRES: case VBE_BPP:
        if (vbe_on(v))               /* the mode is set while the interface is off */
            break;
        v->vbe[reg] = val;
        break;
    case VBE_ENABLE:
        write_enable(v, val);
        break;
    case VBE_BANK:
        v->vbe[VBE_BANK] = (uint16_t)(val & ((v->size >> 16) - 1));
        break;
    case VBE_VIRT_WIDTH: case VBE_X_OFFSET: case VBE_Y_OFFSET:
        v->vbe[reg] = val;
        if (vbe_on(v))
            fix_mode(v);
        break;
    case VBE_VIRT_HEIGHT: case VBE_MEMORY:
        break;
    default:
        log_guest_error("vga: write of VBE register %u", reg);
    }
}

/* ---- memory at A0000h -------------------------------------------------------------------------- */

/* Where an address of the window is in the 128 KiB; false: not in the part that is mapped. */
static bool window(const struct vga *v, uint64_t off, uint32_t *at)
{
    uint32_t a = (uint32_t)off;

    switch (v->gfx[GFX_MISC] >> 2 & 3) {
    case 0:
        break;
    case 1:
        if (a >= 0x10000)
            return false;
        break;
    case 2:
        a -= 0x10000;
        if (a >= 0x8000)
            return false;
        break;
    default:
        a -= 0x18000;
        if (a >= 0x8000)
            return false;
    }
    *at = a;
    return true;
}

static bool chain4(const struct vga *v)
{
    return v->seq[SEQ_MEMORY] & 8;
}

/* Text modes: even addresses are plane 0 (and 2), odd ones 1 (and 3). */
static bool odd_even(const struct vga *v)
{
    return !(v->seq[SEQ_MEMORY] & 4);
}

/* VBE modes but the planar ones: bytes in a row, a bank of 64 KiB at a time. */
static bool banked(const struct vga *v)
{
    return vbe_on(v) && v->vbe[VBE_BPP] != 4;
}

static uint32_t bank(const struct vga *v)
{
    return (uint32_t)v->vbe[VBE_BANK] << 16;
}

static uint8_t *planes(struct vga *v, uint32_t at)
{
    return v->ram + ((uint64_t)(at + bank(v)) * 4 & (v->size - 1));
}

static uint8_t read_planes(struct vga *v, uint32_t at)
{
    const uint8_t *p = planes(v, at);
    uint8_t same = 0xff;

    memcpy(v->latch, p, 4);
    if (!(v->gfx[GFX_MODE] & 8))
        return p[v->gfx[GFX_READ]];
    for (unsigned i = 0; i < 4; i++)             /* read mode 1: where the planes have the colour that is compared */
        if (v->gfx[GFX_CARE] & BIT(i))
            same &= (uint8_t)~(p[i] ^ (v->gfx[GFX_COMPARE] & BIT(i) ? 0xff : 0));
    return same;
}

static uint8_t read_byte(struct vga *v, uint64_t off)
{
    uint32_t at;

    if (banked(v))
        return off < 0x10000 ? v->ram[(bank(v) + (uint32_t)off) & (v->size - 1)] : 0xff;
    if (!window(v, off, &at))
        return 0xff;
    if (chain4(v))
        return v->ram[(at + bank(v)) & (v->size - 1)];
    if (odd_even(v)) {
        const uint8_t *p = planes(v, at >> 1);

        memcpy(v->latch, p, 4);
        return p[(v->gfx[GFX_READ] & 2) | (at & 1)];
    }
    return read_planes(v, at);
}

static uint8_t alu(unsigned op, uint8_t val, uint8_t latch)
{
    switch (op & 3) {
    case 1:
        return val & latch;
    case 2:
        return val | latch;
    case 3:
        return val ^ latch;
    default:
        return val;
    }
}

/* The planes' bytes for one that the CPU writes, as the write mode says. */
static void compose(const struct vga *v, uint8_t val, uint8_t out[4])
{
    unsigned mode = v->gfx[GFX_MODE] & 3, op = v->gfx[GFX_ROTATE] >> 3;
    uint8_t bits = v->gfx[GFX_BITS], rotated = ror8(val, v->gfx[GFX_ROTATE] & 7);

    for (unsigned i = 0; i < 4; i++) {
        uint8_t set = v->gfx[GFX_SET] & BIT(i) ? 0xff : 0, b = rotated, m = bits;

        if (mode == 1) {
            out[i] = v->latch[i];
            continue;
        }
        if (mode == 0 && v->gfx[GFX_ENABLE_SET] & BIT(i))
            b = set;
        else if (mode == 2)
            b = val & BIT(i) ? 0xff : 0;
        if (mode == 3) {
            b = set;
            m &= rotated;
        }
        b = alu(op, b, v->latch[i]);
        out[i] = (uint8_t)((b & m) | (v->latch[i] & ~m));
    }
}

static void write_planes(struct vga *v, uint32_t at, uint8_t val, uint8_t mask)
{
    uint8_t *p = planes(v, at), out[4];

    compose(v, val, out);
    for (unsigned i = 0; i < 4; i++)
        if (mask & BIT(i))
            p[i] = out[i];
}

static void write_byte(struct vga *v, uint64_t off, uint8_t val)
{
    uint8_t mask = v->seq[SEQ_MASK];
    uint32_t at;

    if (banked(v)) {
        if (off < 0x10000)
            v->ram[(bank(v) + (uint32_t)off) & (v->size - 1)] = val;
        return;
    }
    if (!window(v, off, &at))
        return;
    if (chain4(v)) {
        if (mask & BIT(at & 3))
            v->ram[(at + bank(v)) & (v->size - 1)] = val;
    } else if (odd_even(v)) {
        write_planes(v, at >> 1, val, mask & (at & 1 ? 0xa : 0x5));
    } else {
        write_planes(v, at, val, mask);
    }
}

static uint64_t window_read(void *opaque, uint64_t off, unsigned size)
{
    uint64_t val = 0;

    for (unsigned i = 0; i < size; i++)
        val |= (uint64_t)read_byte(opaque, off + i) << 8 * i;
    return val;
}

static void window_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        write_byte(opaque, off + i, (uint8_t)(val >> 8 * i));
}

static uint64_t ports_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return vga_port_read(opaque, 0x3b0 + (unsigned)off);
}

static void ports_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    vga_port_write(opaque, 0x3b0 + (unsigned)off, (uint8_t)val);
}

/* 1CEh is the index. 1CFh is the data, a word at an odd address, which arrives here byte by byte; 1D0h is data, too, when a word. */
static uint64_t dispi_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;
    uint16_t data;

    if (off == 0)
        return v->vbe_index;
    data = vga_vbe_read(v, v->vbe_index);
    return off == 1 || size == 2 ? data : data >> 8;
}

static void dispi_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct vga *v = opaque;

    if (off == 0)
        v->vbe_index = (uint16_t)val;
    else if (size == 2)
        vga_vbe_write(v, v->vbe_index, (uint16_t)val);
    else if (off == 1)
        v->vbe_low = (uint8_t)val;
    else
        vga_vbe_write(v, v->vbe_index, (uint16_t)(v->vbe_low | (val & 0xff) << 8));
}

static const struct mmio_ops window_ops = { .read = window_read, .write = window_write, .min_size = 1, .max_size = 8 };
static const struct mmio_ops ports_ops = { .read = ports_read, .write = ports_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops dispi_ops = { .read = dispi_read, .write = dispi_write, .min_size = 1, .max_size = 2 };

void vga_init(struct vga *v, struct device *dev, void *ram, uint32_t size)
{
    v->dev = dev;
    v->ram = ram;
    v->size = size;
    device_init_mmio(dev, 0, "vga-window", &window_ops, v, VGA_WINDOW);
    device_init_mmio(dev, 1, "vga", &ports_ops, v, 0x30);
    device_init_mmio(dev, 2, "vbe", &dispi_ops, v, 4);
}

void vga_reset(struct vga *v)
{
    struct vga clean = { .dev = v->dev, .ram = v->ram, .size = v->size, .dac_mask = 0xff, .vbe[VBE_ID] = VBE_ID5 };

    *v = clean;
}

void vga_sanitize(struct vga *v)
{
    v->seq_index &= 7;
    v->gfx_index &= 15;
    v->gfx[GFX_READ] &= 3;
    v->dac_part %= 3;
    if (vbe_on(v))
        fix_mode(v);
    v->vbe[VBE_BANK] &= (uint16_t)((v->size >> 16) - 1);
}
