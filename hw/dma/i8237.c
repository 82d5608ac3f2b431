/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA controllers 8237A (Intel 231466) of a PC with their page registers: i8237.h. Devices call when they have or want data, so there are
 * no request lines but a software request's bit. Not modelled: memory to memory, cascading of bus masters (channel 4 only joins the two),
 * rotating priority (stored).
 */
#include "config.h"
#include <string.h>
#include "hw/dma/i8237.h"
#include "softmmu/device.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/log.h"

#define DMA_CHANNELS 8
#define DMA_PAGES 16

enum dma_reg { DMA_COMMAND = 8, DMA_REQUEST, DMA_SINGLE_MASK, DMA_MODE, DMA_CLEAR_FLIPFLOP, DMA_MASTER_CLEAR, DMA_CLEAR_MASK, DMA_ALL_MASK };
enum dma_mode { MODE_TYPE = 0x0c, MODE_AUTO = 0x10, MODE_DOWN = 0x20, MODE_CASCADE = 0xc0 };
enum { COMMAND_OFF = 4 };

/* Owner: the device lock. */
struct i8237 {
    struct device dev;
    uint16_t base_addr[DMA_CHANNELS], base_count[DMA_CHANNELS], addr[DMA_CHANNELS], count[DMA_CHANNELS];
    uint8_t mode[DMA_CHANNELS], page[DMA_PAGES];
    uint8_t command[2], mask[2], status[2], high[2];     /* per controller; high: the next byte is the upper one */
};

/* Where a channel's page register is. */
static const uint8_t page_of[DMA_CHANNELS] = { 7, 3, 1, 2, 15, 11, 9, 10 };

static void clear_controller(struct i8237 *s, unsigned c)
{
    s->command[c] = s->status[c] = s->high[c] = 0;
    s->mask[c] = 15;
}

/* ---- for devices ------------------------------------------------------------------------------- */

bool i8237_ready(struct device *dma, unsigned ch)
{
    const struct i8237 *s = (const struct i8237 *)dma;
    unsigned c = ch >> 2;

    return !(s->command[c] & COMMAND_OFF) && !(s->mask[c] & BIT(ch & 3)) && (s->mode[ch] & MODE_CASCADE) != MODE_CASCADE &&
           (c || !(s->command[1] & COMMAND_OFF));
}

enum i8237_direction i8237_direction(struct device *dma, unsigned ch)
{
    unsigned type = ((const struct i8237 *)dma)->mode[ch] >> 2 & 3;

    return type == 1 ? I8237_TO_MEMORY : type == 2 ? I8237_FROM_MEMORY : I8237_VERIFY;
}

/* One unit, a byte or a word, at the channel's address. */
static void move(struct i8237 *s, unsigned ch, uint8_t *p)
{
    struct bus *bus = device_bus(&s->dev);
    uint32_t page = s->page[page_of[ch]], unit = ch < 4 ? 1 : 2, at;

    at = ch < 4 ? page << 16 | s->addr[ch] : (page & 0xfe) << 16 | (uint32_t)s->addr[ch] << 1;
    if (i8237_direction(&s->dev, ch) == I8237_TO_MEMORY)
        dma_write(bus, at, p, unit);
    else if (i8237_direction(&s->dev, ch) == I8237_FROM_MEMORY && !dma_read(bus, at, p, unit))
        memset(p, 0xff, unit);
}

static void terminal_count(struct i8237 *s, unsigned ch)
{
    s->status[ch >> 2] |= BIT(ch & 3);
    if (s->mode[ch] & MODE_AUTO) {
        s->addr[ch] = s->base_addr[ch];
        s->count[ch] = s->base_count[ch];
    } else {
        s->mask[ch >> 2] |= BIT(ch & 3);
    }
}

uint32_t i8237_transfer(struct device *dma, unsigned ch, void *buf, uint32_t len, bool *end)
{
    struct i8237 *s = (struct i8237 *)dma;
    uint32_t unit = ch < 4 ? 1 : 2, done = 0;
    uint8_t *p = buf;

    *end = false;
    while (done + unit <= len && !*end && i8237_ready(dma, ch)) {
        move(s, ch, p + done);
        done += unit;
        s->addr[ch] = (uint16_t)(s->addr[ch] + (s->mode[ch] & MODE_DOWN ? -1 : 1));
        *end = s->count[ch]-- == 0;
    }
    if (*end)
        terminal_count(s, ch);
    return done;
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint8_t read_controller(struct i8237 *s, unsigned c, unsigned reg)
{
    unsigned ch = c * 4 + reg / 2;
    uint16_t v;

    if (reg < DMA_COMMAND) {
        v = reg & 1 ? s->count[ch] : s->addr[ch];
        s->high[c] = !s->high[c];
        return (uint8_t)(s->high[c] ? v : v >> 8);
    }
    if (reg == DMA_COMMAND) {        /* status: terminal counts are read once */
        uint8_t status = s->status[c];

        s->status[c] &= 0xf0;
        return status;
    }
    if (reg == DMA_ALL_MASK)
        return s->mask[c] | 0xf0;
    return 0;                        /* the temporary register */
}

static void write_channel(struct i8237 *s, unsigned c, unsigned reg, uint8_t v)
{
    unsigned ch = c * 4 + reg / 2, shift = s->high[c] ? 8 : 0;
    uint16_t *base = reg & 1 ? &s->base_count[ch] : &s->base_addr[ch], *now = reg & 1 ? &s->count[ch] : &s->addr[ch];

    *base = (uint16_t)deposit32(*base, shift, 8, v);
    *now = (uint16_t)deposit32(*now, shift, 8, v);
    s->high[c] = !s->high[c];
}

static void write_controller(struct i8237 *s, unsigned c, unsigned reg, uint8_t v)
{
    switch (reg) {
    case 0 ... 7:
        write_channel(s, c, reg, v);
        break;
    case DMA_COMMAND:
        if (v & 1)
            log_unimp("i8237: memory to memory");
        s->command[c] = v;
        break;
    case DMA_REQUEST:
        s->status[c] = (uint8_t)deposit32(s->status[c], 4 + (v & 3), 1, v >> 2 & 1);
        break;
    case DMA_SINGLE_MASK:
        s->mask[c] = (uint8_t)deposit32(s->mask[c], v & 3, 1, v >> 2 & 1);
        break;
    case DMA_MODE:
        s->mode[c * 4 + (v & 3)] = v & 0xfc;
        break;
    case DMA_CLEAR_FLIPFLOP:
        s->high[c] = 0;
        break;
    case DMA_MASTER_CLEAR:
        clear_controller(s, c);
        break;
    case DMA_CLEAR_MASK:
        s->mask[c] = 0;
        break;
    case DMA_ALL_MASK:
        s->mask[c] = v & 15;
        break;
    }
}

static uint64_t low_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return read_controller(opaque, 0, (unsigned)off);
}

static void low_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    write_controller(opaque, 0, (unsigned)off, (uint8_t)val);
}

/* Registers of the second one are at even ports. */
static uint64_t high_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return off & 1 ? 0xff : read_controller(opaque, 1, (unsigned)off / 2);
}

static void high_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    if (!(off & 1))
        write_controller(opaque, 1, (unsigned)off / 2, (uint8_t)val);
}

static uint64_t page_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return ((struct i8237 *)opaque)->page[off];
}

static void page_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    ((struct i8237 *)opaque)->page[off] = (uint8_t)val;
}

static const struct mmio_ops low_ops = { .read = low_read, .write = low_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops high_ops = { .read = high_read, .write = high_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops page_ops = { .read = page_read, .write = page_write, .min_size = 1, .max_size = 1 };

static void i8237_reset(struct device *dev)
{
    struct i8237 *s = (struct i8237 *)dev;

    clear_controller(s, 0);
    clear_controller(s, 1);
    memset(s->page, 0, sizeof(s->page));
}

static bool i8237_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "dma1", &low_ops, dev, 16);
    device_init_mmio(dev, 1, "dma2", &high_ops, dev, 32);
    device_init_mmio(dev, 2, "dma-page", &page_ops, dev, DMA_PAGES);
    return true;
}

static const struct state_field i8237_state[] = {
    STATE_ARRAY(struct i8237, base_addr), STATE_ARRAY(struct i8237, base_count), STATE_ARRAY(struct i8237, addr),
    STATE_ARRAY(struct i8237, count), STATE_ARRAY(struct i8237, mode), STATE_ARRAY(struct i8237, page),
    STATE_ARRAY(struct i8237, command), STATE_ARRAY(struct i8237, mask), STATE_ARRAY(struct i8237, status), STATE_ARRAY(struct i8237, high),
    STATE_END
};

static const struct device_type i8237_type = {
    .name = "i8237", .desc = "two 8237A DMA controllers of a PC", .size = sizeof(struct i8237), .state = i8237_state,
    .realize = i8237_realize, .reset = i8237_reset,
};
DEVICE_REGISTER(i8237_type)
