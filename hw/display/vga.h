/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard VGA with Bochs VBE, the part that buses share: struct vga is embedded in "VGA" (PCI) and "isa-vga". Regions of both: mmio 0: 0xa0000
 * (128 KiB), 1: ports 0x3b0 to 0x3df, 2: ports 0x1ce to 0x1d0.
 *
 * Memory is kept in double words: byte n of one is plane n of an address. Owner: the device lock; the guest writes memory behind BAR 0 at any
 * time.
 */
#ifndef HW_DISPLAY_VGA_H
#define HW_DISPLAY_VGA_H

#include "softmmu/device.h"
#include "softmmu/display.h"

#define VGA_MAX_MEMORY (256u << 20)
#define VBE_REGS 10
#define VBE_MAX_WIDTH 16000
#define VBE_MAX_HEIGHT 12000

enum vbe_reg { VBE_ID, VBE_XRES, VBE_YRES, VBE_BPP, VBE_ENABLE, VBE_BANK, VBE_VIRT_WIDTH, VBE_VIRT_HEIGHT, VBE_X_OFFSET, VBE_Y_OFFSET };
enum vbe_enable { VBE_ENABLED = 1, VBE_GETCAPS = 2, VBE_8BIT_DAC = 0x20, VBE_LFB = 0x40, VBE_NOCLEAR = 0x80 };

struct vga {
    struct device *dev;
    uint8_t *ram;
    uint32_t size;               /* of ram, bytes; a power of two */
    uint8_t seq_index, seq[8];
    uint8_t gfx_index, gfx[16];
    uint8_t crtc_index, crtc[32];
    uint8_t attr_index, attr[32], attr_data;     /* attr_data: the next write is data */
    uint8_t misc, feature;
    uint8_t dac_mask, dac_state, dac_read, dac_write, dac_part;  /* part: which of red, green, blue comes */
    uint8_t palette[768];
    uint8_t latch[4];
    uint16_t vbe_index, vbe[VBE_REGS];
    uint8_t vbe_low;             /* of a word that is written bytewise */
};

void vga_init(struct vga *v, struct device *dev, void *ram, uint32_t size);
void vga_reset(struct vga *v);
/* Impossible state is made possible. */
void vga_sanitize(struct vga *v);
uint8_t vga_port_read(struct vga *v, unsigned port);
void vga_port_write(struct vga *v, unsigned port, uint8_t val);
uint16_t vga_vbe_read(struct vga *v, unsigned reg);
void vga_vbe_write(struct vga *v, unsigned reg, uint16_t val);
/* Bytes of a line, and of the first pixel, of a VBE mode. */
uint64_t vga_vbe_line(const struct vga *v);
/* What the screen shows; see display_ops. */
bool vga_render(struct vga *v, struct display_image *image);

#define VGA_STATE(TYPE, v)                                                                                               \
    STATE(TYPE, v.seq_index), STATE_ARRAY(TYPE, v.seq), STATE(TYPE, v.gfx_index), STATE_ARRAY(TYPE, v.gfx),              \
    STATE(TYPE, v.crtc_index), STATE_ARRAY(TYPE, v.crtc), STATE(TYPE, v.attr_index), STATE_ARRAY(TYPE, v.attr),          \
    STATE(TYPE, v.attr_data), STATE(TYPE, v.misc), STATE(TYPE, v.feature), STATE(TYPE, v.dac_mask), STATE(TYPE, v.dac_state), \
    STATE(TYPE, v.dac_read), STATE(TYPE, v.dac_write), STATE(TYPE, v.dac_part), STATE_ARRAY(TYPE, v.palette),            \
    STATE_ARRAY(TYPE, v.latch), STATE(TYPE, v.vbe_index), STATE_ARRAY(TYPE, v.vbe), STATE(TYPE, v.vbe_low)

#endif
