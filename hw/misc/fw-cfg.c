/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware configuration device, as published in "QEMU Firmware Configuration (fw_cfg) Device" (the specification's section
 * names are cited). "fw_cfg_mem": mmio 0: data at 0, selector at 8, DMA address at 16. "fw_cfg_io", of PCs: io 0: selector and data (2
 * ports, 0x510), 1: DMA address (8 ports, 0x514).
 *
 * Items are read only. Left out: writable files.
 */
#include "config.h"
#include <string.h>
#include "hw/misc/fw-cfg.h"
#include "softmmu/dma.h"
#include "util/endian.h"
#include "util/log.h"

/* "Memory-mapped": data keeps the order of bytes, the other two are big-endian. */
enum fw_cfg_reg { FW_CFG_DATA = 0x00, FW_CFG_SELECTOR = 0x08, FW_CFG_DMA = 0x10, FW_CFG_MMIO_SIZE = 0x18 };

#define FW_CFG_WRITE_CHANNEL 0x4000      /* selector bits that choose nothing here */
#define FW_CFG_NCOMMON (FW_CFG_FILE_FIRST + FW_CFG_FILES)
#define FW_CFG_NLOCAL 0x10               /* keys of the architecture, from FW_CFG_ARCH_LOCAL on */
#define FW_CFG_NKEYS (FW_CFG_NCOMMON + FW_CFG_NLOCAL)
#define FW_CFG_NAME 56
#define FW_CFG_DIR_ENTRY 64
#define FW_CFG_HAS_DMA 3                 /* FW_CFG_ID: traditional and DMA interface */
#define FW_CFG_DMA_SIGNATURE 0x51454d5520434647ull       /* "QEMU CFG" */
#define FW_CFG_INVALID 0xffff

/* "DMA Interface": bits of the control field, which has the key in its upper half. */
enum fw_cfg_dma_control {
    DMA_ERROR = 1 << 0, DMA_READ = 1 << 1, DMA_SKIP = 1 << 2, DMA_SELECT = 1 << 3, DMA_WRITE = 1 << 4,
};

struct fw_cfg_item {
    uint8_t *data;
    uint32_t len;
    bool late;               /* it is made anew when the guest first looks at one of these */
};

/* Owner: the device lock. */
struct fw_cfg {
    struct device dev;
    struct fw_cfg_item items[FW_CFG_NKEYS];
    char names[FW_CFG_FILES][FW_CFG_NAME];
    uint32_t nfiles;
    void (*refresh)(void *opaque);
    void *refresh_opaque;
    bool refreshed;          /* since reset */

    uint16_t key;            /* selected; FW_CFG_INVALID: none */
    uint32_t pos;            /* in its data */
    uint64_t dma_addr;       /* upper half, until the lower is written */
};

/* ---- reading ----------------------------------------------------------------------------------- */

/* The index of a key's item, or -1. */
static int item_of(uint16_t key)
{
    if (key & FW_CFG_ARCH_LOCAL)
        return key - FW_CFG_ARCH_LOCAL < FW_CFG_NLOCAL ? FW_CFG_NCOMMON + key - FW_CFG_ARCH_LOCAL : -1;
    return key < FW_CFG_NCOMMON ? key : -1;
}

static struct fw_cfg_item *selected(struct fw_cfg *s)
{
    return s->key == FW_CFG_INVALID ? NULL : &s->items[item_of(s->key)];
}

static void select_key(struct fw_cfg *s, uint16_t key)
{
    int i = item_of(key & ~FW_CFG_WRITE_CHANNEL);

    s->pos = 0;
    s->key = i < 0 || !s->items[i].data ? FW_CFG_INVALID : key & ~FW_CFG_WRITE_CHANNEL;
    if (s->key == FW_CFG_INVALID || !s->items[i].late || s->refreshed)
        return;
    s->refreshed = true;
    s->refresh(s->refresh_opaque);
}

/* What is left of the selected item; reads beyond it give zeros. */
static const uint8_t *rest(struct fw_cfg *s, uint32_t *len)
{
    const struct fw_cfg_item *item = selected(s);

    *len = 0;
    if (!item)
        return NULL;
    *len = item->len - s->pos;
    return item->data + s->pos;
}

static uint64_t read_bytes(struct fw_cfg *s, unsigned size)
{
    uint32_t len;
    const uint8_t *p = rest(s, &len);
    uint64_t v = 0;

    if (len > size)
        len = size;
    for (uint32_t i = 0; i < len; i++)
        v |= (uint64_t)p[i] << (8 * i);
    s->pos += len;
    return v;
}

static bool dma_copy_out(struct fw_cfg *s, uint64_t addr, uint32_t len)
{
    static const uint8_t zeros[4096];
    struct bus *bus = device_bus(&s->dev);
    uint32_t left, n;
    const uint8_t *p = rest(s, &left);

    n = len < left ? len : left;
    if (n && !dma_write(bus, addr, p, n))
        return false;
    s->pos += n;
    for (addr += n, len -= n; len; addr += n, len -= n) {
        n = len < sizeof(zeros) ? len : (uint32_t)sizeof(zeros);
        if (!dma_write(bus, addr, zeros, n))
            return false;
    }
    return true;
}

static uint32_t dma_transfer(struct fw_cfg *s, uint32_t control, uint32_t len, uint64_t addr)
{
    uint32_t left;

    if (control & DMA_SELECT)
        select_key(s, (uint16_t)(control >> 16));
    if (control & DMA_READ)
        return dma_copy_out(s, addr, len) ? 0 : DMA_ERROR;
    if (control & DMA_WRITE) {
        log_guest_error("fw_cfg: write of a read-only item");
        return DMA_ERROR;
    }
    if (control & DMA_SKIP) {
        rest(s, &left);
        s->pos += len < left ? len : left;
    }
    return 0;
}

/* Lower half of the address written: run the command that is there. */
static void dma_start(struct fw_cfg *s)
{
    struct bus *bus = device_bus(&s->dev);
    uint64_t at = s->dma_addr;
    uint8_t cmd[16], status[4];

    s->dma_addr = 0;
    if (!dma_read(bus, at, cmd, sizeof(cmd))) {
        log_guest_error("fw_cfg: DMA command at 0x%llx is not in RAM", (unsigned long long)at);
        return;
    }
    st32_be(status, dma_transfer(s, ld32_be(cmd), ld32_be(cmd + 4), ld64_be(cmd + 8)));
    dma_write(bus, at, status, sizeof(status));
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint64_t fw_cfg_read(void *opaque, uint64_t off, unsigned size)
{
    struct fw_cfg *s = opaque;

    switch (off) {
    case FW_CFG_DATA ... FW_CFG_SELECTOR - 1:
        return read_bytes(s, size);
    case FW_CFG_DMA ... FW_CFG_MMIO_SIZE - 1:
        return __builtin_bswap64(FW_CFG_DMA_SIGNATURE) >> (8 * (off - FW_CFG_DMA));
    default:
        log_guest_error("fw_cfg: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void fw_cfg_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct fw_cfg *s = opaque;

    if (off == FW_CFG_SELECTOR && size == 2) {
        select_key(s, __builtin_bswap16((uint16_t)val));
    } else if (off == FW_CFG_DMA && size == 8) {
        s->dma_addr = __builtin_bswap64(val);
        dma_start(s);
    } else if (off == FW_CFG_DMA && size == 4) {
        s->dma_addr = (uint64_t)__builtin_bswap32((uint32_t)val) << 32;
    } else if (off == FW_CFG_DMA + 4 && size == 4) {
        s->dma_addr |= __builtin_bswap32((uint32_t)val);
        dma_start(s);
    } else {
        log_guest_error("fw_cfg: write of %u bytes at offset 0x%x", size, (unsigned)off);
    }
}

/* ---- the board's side -------------------------------------------------------------------------- */

void fw_cfg_add(struct device *dev, uint16_t key, const void *data, uint32_t len)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;
    int i = item_of(key);

    g_assert(i >= 0);
    g_free(s->items[i].data);
    s->items[i].data = g_malloc(len ? len : 1);
    s->items[i].len = len;
    memcpy(s->items[i].data, data, len);
}

void fw_cfg_add_u16(struct device *dev, uint16_t key, uint16_t v)
{
    uint8_t le[2];

    st16_le(le, v);
    fw_cfg_add(dev, key, le, sizeof(le));
}

void fw_cfg_add_u32(struct device *dev, uint16_t key, uint32_t v)
{
    uint8_t le[4];

    st32_le(le, v);
    fw_cfg_add(dev, key, le, sizeof(le));
}

/* "File Directory": big-endian count, then size, key, two reserved bytes and the name of each, sorted by nothing. */
static void make_directory(struct fw_cfg *s)
{
    uint32_t len = 4 + s->nfiles * FW_CFG_DIR_ENTRY;
    g_autofree uint8_t *dir = g_malloc0(len);

    st32_be(dir, s->nfiles);
    for (uint32_t i = 0; i < s->nfiles; i++) {
        uint8_t *e = dir + 4 + i * FW_CFG_DIR_ENTRY;

        st32_be(e, s->items[FW_CFG_FILE_FIRST + i].len);
        st16_be(e + 4, (uint16_t)(FW_CFG_FILE_FIRST + i));
        memcpy(e + 8, s->names[i], FW_CFG_NAME);
    }
    fw_cfg_add(&s->dev, FW_CFG_FILE_DIR, dir, len);
}

static struct fw_cfg_item *find_file(struct fw_cfg *s, const char *name)
{
    for (uint32_t i = 0; i < s->nfiles; i++)
        if (!strcmp(s->names[i], name))
            return &s->items[FW_CFG_FILE_FIRST + i];
    return NULL;
}

bool fw_cfg_add_file(struct device *dev, const char *name, const void *data, uint32_t len, GError **err)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;
    const char *wrong = NULL;

    if (s->nfiles == FW_CFG_FILES)
        wrong = "the table of files is full";
    else if (strlen(name) >= FW_CFG_NAME)
        wrong = "the name is longer than 55 bytes";
    else if (find_file(s, name))
        wrong = "the name is taken";
    if (wrong) {
        g_set_error(err, g_quark_from_static_string("fw-cfg"), 0, "fw_cfg file '%s': %s", name, wrong);
        return false;
    }
    g_strlcpy(s->names[s->nfiles], name, FW_CFG_NAME);
    fw_cfg_add(dev, (uint16_t)(FW_CFG_FILE_FIRST + s->nfiles), data, len);
    s->nfiles++;
    make_directory(s);
    return true;
}

void fw_cfg_set_refresh(struct device *dev, void (*refresh)(void *opaque), void *opaque)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;

    s->refresh = refresh;
    s->refresh_opaque = opaque;
}

void fw_cfg_update_file(struct device *dev, const char *name, const void *data, uint32_t len)
{
    struct fw_cfg_item *item = find_file((struct fw_cfg *)dev, name);

    g_assert(item && len <= item->len);
    item->late = true;
    memset(item->data, 0, item->len);
    memcpy(item->data, data, len);
}

/* ---- the device -------------------------------------------------------------------------------- */

static void fw_cfg_reset(struct device *dev)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;

    s->refreshed = false;
    select_key(s, FW_CFG_SIGNATURE);
    s->dma_addr = 0;
}

static const struct mmio_ops fw_cfg_ops = { .read = fw_cfg_read, .write = fw_cfg_write, .min_size = 1, .max_size = 8 };

/* The first items. */
static void add_own(struct fw_cfg *s)
{
    struct device *dev = &s->dev;
    uint8_t id[4];

    st32_le(id, FW_CFG_HAS_DMA);
    fw_cfg_add(dev, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add(dev, FW_CFG_ID, id, sizeof(id));
    make_directory(s);
}

static bool fw_cfg_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "fw-cfg", &fw_cfg_ops, dev, FW_CFG_MMIO_SIZE);
    add_own((struct fw_cfg *)dev);
    return true;
}

/* "x86": a word to the first port selects, bytes come from the second. */
static uint64_t io_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return off == 1 ? read_bytes(opaque, 1) : 0xff;
}

static void io_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    if (off == 0 && size == 2)
        select_key(opaque, (uint16_t)val);
    else
        log_guest_error("fw_cfg: write of %u bytes at port %u", size, (unsigned)off);
}

static uint64_t io_dma_read(void *opaque, uint64_t off, unsigned size)
{
    return fw_cfg_read(opaque, FW_CFG_DMA + off, size);
}

static void io_dma_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    fw_cfg_write(opaque, FW_CFG_DMA + off, val, size);
}

static const struct mmio_ops io_ops = { .read = io_read, .write = io_write, .min_size = 1, .max_size = 2 };
static const struct mmio_ops io_dma_ops = { .read = io_dma_read, .write = io_dma_write, .min_size = 1, .max_size = 4 };

static bool fw_cfg_io_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "fw-cfg", &io_ops, dev, 2);
    device_init_mmio(dev, 1, "fw-cfg-dma", &io_dma_ops, dev, 8);
    add_own((struct fw_cfg *)dev);
    return true;
}

static void fw_cfg_unrealize(struct device *dev)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;

    for (unsigned i = 0; i < FW_CFG_NKEYS; i++)
        g_free(s->items[i].data);
}

static bool fw_cfg_post_load(struct device *dev, GError **err)
{
    struct fw_cfg *s = (struct fw_cfg *)dev;
    uint32_t pos = s->pos;

    select_key(s, s->key);
    if (selected(s) && pos > selected(s)->len) {
        g_set_error(err, g_quark_from_static_string("fw-cfg"), 0, "position beyond the selected item");
        return false;
    }
    s->pos = pos;
    return true;
}

static const struct state_field fw_cfg_state[] = {
    STATE(struct fw_cfg, key), STATE(struct fw_cfg, pos), STATE(struct fw_cfg, dma_addr),
    STATE_END
};

static const struct device_type fw_cfg_type = {
    .name = "fw_cfg_mem", .desc = "firmware configuration", .size = sizeof(struct fw_cfg), .state = fw_cfg_state,
    .realize = fw_cfg_realize, .reset = fw_cfg_reset, .unrealize = fw_cfg_unrealize, .post_load = fw_cfg_post_load,
};
DEVICE_REGISTER(fw_cfg_type)

static const struct device_type fw_cfg_io_type = {
    .name = "fw_cfg_io", .desc = "firmware configuration of a PC", .size = sizeof(struct fw_cfg), .state = fw_cfg_state,
    .realize = fw_cfg_io_realize, .reset = fw_cfg_reset, .unrealize = fw_cfg_unrealize, .post_load = fw_cfg_post_load,
};
DEVICE_REGISTER(fw_cfg_io_type)
