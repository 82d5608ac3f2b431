/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bank of NOR flash chips with the Intel/Sharp extended command set (primary vendor command set 1). Sources: JEDEC JESD68.01,
 * Common Flash Interface ("CFI" below), JEP137 for the command set's number; Intel StrataFlash Memory (J3) and P30 data sheets for
 * commands, status bits and times. mmio 0: the bank, a ROM device.
 *
 * The chips stand side by side (width / device-width of them) and are driven in step, as every driver does: one state machine serves
 * all, a command counts when it is on the low lane of any chip, and answers repeat on each chip's lanes. Programs and erases take effect
 * at once; the status register says "ready" when the image has them as well, so that nothing the guest saw finished is lost when this
 * program is killed. While the host's disk is full the machine stands; the write is made again when it goes on. Lock bits are not kept in
 * the image: after a reset all blocks are open.
 *
 * Instruction fetches see the contents in every mode. Not modelled: protection registers, burst modes, times.
 */
#include "config.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "block/block.h"
#include "hw/block/pflash.h"
#include "util/log.h"

/* Commands: J3 data sheet, "Command Bus-Cycle Definitions". */
enum flash_command {
    CMD_LOCK_BLOCK = 0x01, CMD_READ_CONFIG = 0x03, CMD_PROGRAM_ALT = 0x10, CMD_ERASE = 0x20, CMD_LOCK_DOWN = 0x2f,
    CMD_PROGRAM = 0x40, CMD_CLEAR_STATUS = 0x50, CMD_LOCK_SETUP = 0x60, CMD_READ_STATUS = 0x70, CMD_READ_ID = 0x90,
    CMD_QUERY = 0x98, CMD_SUSPEND = 0xb0, CMD_CONFIRM = 0xd0, CMD_BUFFER = 0xe8, CMD_RESET_AMD = 0xf0, CMD_READ_ARRAY = 0xff,
};

/* Status register (J3, "Status Register Definitions"). */
enum flash_status {
    SR_LOCKED = 1 << 1, SR_PROGRAM_ERROR = 1 << 4, SR_ERASE_ERROR = 1 << 5, SR_READY = 1 << 7,
    SR_SEQUENCE_ERROR = SR_PROGRAM_ERROR | SR_ERASE_ERROR,
};

enum flash_mode { MODE_ARRAY, MODE_STATUS, MODE_ID, MODE_QUERY, MODE_LAST = MODE_QUERY };
/* What the next write is part of. */
enum flash_cycle { CYCLE_COMMAND, CYCLE_PROGRAM, CYCLE_COUNT, CYCLE_DATA, CYCLE_BUFFER_CONFIRM, CYCLE_ERASE, CYCLE_LOCK,
                   CYCLE_LAST = CYCLE_LOCK };

#define QUERY_FIRST 0x10     /* CFI 4.3: addresses of the query structure, in words of a chip */
#define QUERY_LEN 0x32
#define BUFFER_BITS 10       /* write buffer of a chip: 1 KiB, as a P30 has it */
#define MAX_CHIPS 4
#define MAX_BUFFER (MAX_CHIPS << BUFFER_BITS)
#define MAX_BLOCKS 1024
#define PAGE 4096            /* unit of what must be written to the image */
#define MAX_WRITE (256 * 1024)
/* Reads of the array through registers after which it is memory again: a switch costs as much as some hundred of them. */
#define CALM_READS 4096

/* Owner: the device lock. */
struct pflash {
    struct device dev;
    struct block *drive;     /* properties */
    uint32_t nblocks, width, device_width;
    uint64_t sector;         /* bytes of a block, all chips together */
    bool clears_ready;

    uint8_t *array;
    uint64_t size;
    uint8_t query[QUERY_LEN];
    uint32_t calm;           /* array reads since the last write */
    /* Writing the image. */
    uint8_t *dirty;          /* per PAGE */
    uint64_t ndirty, first_dirty;
    uint8_t *bounce;         /* what is being written */
    bool writing, failed;
    uint64_t write_at, write_len;

    /* The chips' state. */
    uint8_t mode, cycle, status;
    uint8_t locked[MAX_BLOCKS];
    uint64_t block;          /* offset of the block that a command of several cycles is about */
    uint32_t buffer_left;    /* data cycles to come */
    uint32_t buffer_max;     /* bytes that the command may reach over */
    uint32_t buffer_len;     /* and does so far */
    uint64_t buffer_at;      /* offset of the buffer's first byte; UINT64_MAX until the first data cycle */
    uint8_t buffer[MAX_BUFFER];
};

/* ---- the image --------------------------------------------------------------------------------- */

static void write_next(struct pflash *s);

static void mark_dirty(struct pflash *s, uint64_t at, uint64_t len)
{
    for (uint64_t p = at / PAGE; p <= (at + len - 1) / PAGE; p++)
        if (!s->dirty[p]) {
            s->dirty[p] = 1;
            s->ndirty++;
            s->first_dirty = MIN(s->first_dirty, p);
        }
}

static void write_done(void *opaque, int error)
{
    struct pflash *s = opaque;

    s->writing = false;
    if (error)
        switch (block_error(s->drive, false, error, BLOCK_ON_AUTO)) {
        case BLOCK_DO_STOP:
            mark_dirty(s, s->write_at, s->write_len);
            s->failed = true;
            device_request(&s->dev, MACHINE_STOP_IO_ERROR);
            return;
        case BLOCK_DO_REPORT:
            s->status |= SR_PROGRAM_ERROR | SR_ERASE_ERROR;
            break;
        case BLOCK_DO_IGNORE:
            break;
        }
    write_next(s);
}

/* Write the first pages that differ from the image, if any, unless that is under way. */
static void write_next(struct pflash *s)
{
    uint64_t first = s->first_dirty, n = 0;

    if (s->writing || s->failed || !s->ndirty)
        return;
    while (!s->dirty[first])
        first++;
    for (; (first + n) * PAGE < s->size && n < MAX_WRITE / PAGE && s->dirty[first + n]; n++)
        s->dirty[first + n] = 0;
    s->ndirty -= n;
    s->first_dirty = s->ndirty ? first + n : UINT64_MAX;
    s->write_at = first * PAGE;
    s->write_len = n * PAGE;
    memcpy(s->bounce, s->array + s->write_at, s->write_len);
    s->writing = true;
    block_submit(s->drive, BLOCK_WRITE, s->write_at, s->bounce, s->write_len, write_done, s);
}

static bool busy(const struct pflash *s)
{
    return s->writing || s->ndirty;
}

/* Contents changed. */
static void changed(struct pflash *s, uint64_t at, uint64_t len)
{
    bus_changed(device_bus(&s->dev), s->dev.mmio[0].paddr + at, len);
    if (!s->drive)
        return;
    mark_dirty(s, at, len);
    write_next(s);
}

/* ---- programming ------------------------------------------------------------------------------- */

static uint8_t *lock_of(struct pflash *s, uint64_t off)
{
    return &s->locked[off / s->sector];
}

/* May the block at off be changed? If not, the status says so with error. */
static bool writable(struct pflash *s, uint64_t off, uint8_t error)
{
    if (!*lock_of(s, off) && !(s->drive && block_readonly(s->drive)))
        return true;
    s->status |= error | SR_LOCKED;
    return false;
}

/* Cells go from one to zero only. */
static void program(struct pflash *s, uint64_t off, const uint8_t *data, uint32_t len)
{
    if (!writable(s, off, SR_PROGRAM_ERROR))
        return;
    for (uint32_t i = 0; i < len; i++)
        s->array[off + i] &= data[i];
    changed(s, off, len);
}

static void program_word(struct pflash *s, uint64_t off, uint64_t val, unsigned size)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(val >> (8 * i));
    program(s, off, bytes, size);
}

static void erase(struct pflash *s)
{
    if (!writable(s, s->block, SR_ERASE_ERROR))
        return;
    memset(s->array + s->block, 0xff, s->sector);
    changed(s, s->block, s->sector);
}

static uint32_t buffer_size(const struct pflash *s)
{
    return s->width / s->device_width << BUFFER_BITS;
}

static void sequence_error(struct pflash *s, const char *what, uint64_t val)
{
    log_guest_error("flash: %s: 0x%llx", what, (unsigned long long)val);
    s->status |= SR_SEQUENCE_ERROR;
    s->cycle = CYCLE_COMMAND;
}

/* Number of words of each chip, less one. */
static void buffer_count(struct pflash *s, uint64_t off, uint64_t val)
{
    uint32_t words = ((uint32_t)val & (s->device_width == 1 ? 0xff : 0xffff)) + 1;

    if (words * s->width > buffer_size(s) || off / s->sector != s->block / s->sector) {
        sequence_error(s, "buffered program with a wrong count or block", val);
        return;
    }
    s->buffer_left = words;
    s->buffer_max = words * s->width;
    s->buffer_len = 0;
    s->buffer_at = UINT64_MAX;
    memset(s->buffer, 0xff, sizeof(s->buffer));
    s->cycle = CYCLE_DATA;
}

/* The first data cycle gives the start address; the others lie behind it. A driver that takes the bank for one chip uses narrow
 * cycles: they count like wide ones. */
static void buffer_data(struct pflash *s, uint64_t off, uint64_t val, unsigned size)
{
    if (s->buffer_at == UINT64_MAX)
        s->buffer_at = off;
    if (off < s->buffer_at || off + size > s->buffer_at + s->buffer_max || off / s->sector != s->block / s->sector) {
        sequence_error(s, "data outside the write buffer at offset", off);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        s->buffer[off - s->buffer_at + i] = (uint8_t)(val >> (8 * i));
    s->buffer_len = MAX(s->buffer_len, (uint32_t)(off + size - s->buffer_at));
    if (--s->buffer_left == 0)
        s->cycle = CYCLE_BUFFER_CONFIRM;
}

static void buffer_confirm(struct pflash *s, uint8_t command)
{
    if (command != CMD_CONFIRM) {
        sequence_error(s, "buffered program without its confirmation", command);
        return;
    }
    s->cycle = CYCLE_COMMAND;
    program(s, s->buffer_at, s->buffer, s->buffer_len);
}

static void set_lock(struct pflash *s, uint64_t off, uint8_t command)
{
    s->cycle = CYCLE_COMMAND;
    switch (command) {
    case CMD_LOCK_BLOCK:
    case CMD_LOCK_DOWN:
        *lock_of(s, off) = 1;
        break;
    case CMD_CONFIRM:
        *lock_of(s, off) = 0;
        break;
    case CMD_READ_CONFIG:
        log_unimp("flash: read configuration register");
        break;
    default:
        sequence_error(s, "unknown lock command", command);
    }
}

/* ---- commands ---------------------------------------------------------------------------------- */

static void begin(struct pflash *s, enum flash_cycle cycle, uint64_t off)
{
    s->cycle = cycle;
    s->mode = MODE_STATUS;
    s->block = off - off % s->sector;
}

static void command(struct pflash *s, uint64_t off, uint8_t command)
{
    if (command != CMD_READ_STATUS && command != CMD_READ_ARRAY)
        s->status |= SR_READY;
    switch (command) {
    case CMD_READ_ARRAY:
    case CMD_RESET_AMD:      /* what drivers send that look for chips of any kind */
        s->mode = MODE_ARRAY;
        break;
    case CMD_READ_STATUS:
        s->mode = MODE_STATUS;
        break;
    case CMD_READ_ID:
        s->mode = MODE_ID;
        break;
    case CMD_QUERY:
        s->mode = MODE_QUERY;
        break;
    case CMD_CLEAR_STATUS:
        s->status = s->clears_ready ? 0 : SR_READY;
        break;
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALT:
        begin(s, CYCLE_PROGRAM, off);
        break;
    case CMD_BUFFER:
        begin(s, CYCLE_COUNT, off);
        break;
    case CMD_ERASE:
        begin(s, CYCLE_ERASE, off);
        break;
    case CMD_LOCK_SETUP:
        begin(s, CYCLE_LOCK, off);
        break;
    case CMD_SUSPEND:        /* what could be suspended has ended: SR6 and SR2 stay 0 */
    case CMD_CONFIRM:        /* resume */
        s->mode = MODE_STATUS;
        break;
    default:
        log_guest_error("flash: unknown command 0x%02x at offset 0x%llx", command, (unsigned long long)off);
        s->mode = MODE_ARRAY;
    }
}

static void erase_confirm(struct pflash *s, uint8_t command)
{
    if (command != CMD_CONFIRM) {
        sequence_error(s, "erase without its confirmation", command);
        return;
    }
    s->cycle = CYCLE_COMMAND;
    erase(s);
}

/* The command on the chips' low lanes; false when the access has none of them. */
static bool command_of(const struct pflash *s, uint64_t off, uint64_t val, unsigned size, uint8_t *command)
{
    unsigned skip = (unsigned)(-off & (s->device_width - 1));

    *command = (uint8_t)(val >> (8 * skip));
    return skip < size;
}

static void pflash_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pflash *s = opaque;
    bool data = s->cycle == CYCLE_PROGRAM || s->cycle == CYCLE_DATA;
    uint8_t cmd;

    s->calm = 0;
    if (!command_of(s, off, val, size, &cmd) && !data) {
        log_guest_error("flash: command 0x%llx on upper lanes only", (unsigned long long)val);
        return;
    }
    switch (s->cycle) {
    case CYCLE_PROGRAM:
        s->cycle = CYCLE_COMMAND;
        program_word(s, off, val, size);
        break;
    case CYCLE_COUNT:
        buffer_count(s, off, val);
        break;
    case CYCLE_DATA:
        buffer_data(s, off, val, size);
        break;
    case CYCLE_BUFFER_CONFIRM:
        buffer_confirm(s, cmd);
        break;
    case CYCLE_ERASE:
        erase_confirm(s, cmd);
        break;
    case CYCLE_LOCK:
        set_lock(s, off, cmd);
        break;
    default:
        command(s, off, cmd);
    }
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* J3, "Read Identifier Codes": manufacturer, device, the block's lock bit. word: of a chip, in its block. */
static uint16_t id_code(struct pflash *s, uint64_t word, uint64_t off)
{
    switch (word) {
    case 0:
        return 0x89;
    case 1:
        return 0x18;
    case 2:
        return *lock_of(s, off);
    default:
        return 0;
    }
}

/* What each chip puts on its lanes. */
static uint16_t chip_word(struct pflash *s, uint64_t off)
{
    uint64_t word = off % s->sector / s->width;

    switch (s->mode) {
    case MODE_ID:
        return id_code(s, word, off);
    case MODE_QUERY:
        return word >= QUERY_FIRST && word < QUERY_FIRST + QUERY_LEN ? s->query[word - QUERY_FIRST] : 0;
    default:
        return (uint8_t)(busy(s) ? s->status & ~SR_READY : s->status);
    }
}

static uint64_t read_array(struct pflash *s, uint64_t off, unsigned size)
{
    uint64_t v = 0, start, len;

    /* Drivers go back and forth between array and commands. */
    if (s->cycle == CYCLE_COMMAND && ++s->calm > CALM_READS)
        bus_set_direct(device_bus(&s->dev), s->dev.mmio[0].paddr, true, &start, &len);
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)s->array[off + i] << (8 * i);
    return v;
}

static uint64_t pflash_read(void *opaque, uint64_t off, unsigned size)
{
    struct pflash *s = opaque;
    uint64_t v = 0;

    if (s->mode == MODE_ARRAY)
        return read_array(s, off, size);
    for (unsigned i = 0; i < size; i++) {
        unsigned lane = (unsigned)(off + i) & (s->device_width - 1);

        if (lane < 2)
            v |= (uint64_t)(chip_word(s, off + i) >> (8 * lane) & 0xff) << (8 * i);
    }
    return v;
}

/* ---- query structure --------------------------------------------------------------------------- */

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

/* CFI 4.3.2 to 4.3.4 and the primary extended table of the command set; all numbers of one chip. */
static void make_query(struct pflash *s)
{
    uint32_t chips = s->width / s->device_width;
    uint8_t *q = s->query - QUERY_FIRST;

    memcpy(q + 0x10, "QRY", 3);
    put16(q + 0x13, 1);                  /* Intel/Sharp extended command set */
    put16(q + 0x15, 0x31);               /* its table; no alternative command set */
    q[0x1b] = 0x27;                      /* supply 2.7 to 3.6 V, in BCD */
    q[0x1c] = 0x36;
    q[0x1f] = 7;                         /* powers of two: us a word, us a buffer, ms a block; and their limits */
    q[0x20] = 7;
    q[0x21] = 10;
    q[0x23] = q[0x24] = 13;              /* the host may be slow: a second */
    q[0x25] = 4;
    q[0x27] = (uint8_t)(64 - __builtin_clzll(s->size / chips - 1));     /* an image of a PC may be a part of a chip */
    put16(q + 0x28, s->device_width == 1 ? 0 : s->device_width == 2 ? 1 : 3);     /* x8, x16, x32 only */
    put16(q + 0x2a, BUFFER_BITS);
    q[0x2c] = 1;                         /* one region of equal blocks */
    put16(q + 0x2d, s->nblocks - 1);
    put16(q + 0x2f, (uint32_t)(s->sector / chips / 256));
    memcpy(q + 0x31, "PRI10", 5);
    q[0x36] = 0x20;                      /* each block can be locked at once; no suspend, as nothing takes time */
    put16(q + 0x3b, 1);                  /* lock status can be read */
    q[0x3d] = 0x33;
}

/* ---- the device -------------------------------------------------------------------------------- */

void pflash_load(struct device *dev, const void *data, size_t len)
{
    struct pflash *s = (struct pflash *)dev;

    g_assert(len <= s->size);
    memcpy(s->array, data, len);
}

static void pflash_reset(struct device *dev)
{
    struct pflash *s = (struct pflash *)dev;

    uint64_t start, len;

    s->mode = MODE_ARRAY;
    s->cycle = CYCLE_COMMAND;
    s->status = SR_READY;
    s->buffer_left = 0;
    memset(s->locked, 0, sizeof(s->locked));
    /* CPUs are reset, too, and forget everything. */
    bus_set_direct(device_bus(dev), dev->mmio[0].paddr, true, &start, &len);
}

static void pflash_run_state(struct device *dev, bool running)
{
    struct pflash *s = (struct pflash *)dev;

    if (!running || !s->failed)
        return;
    block_resumed(s->drive);
    s->failed = false;
    write_next(s);
}

static bool is_zero(const uint8_t *p, size_t len)
{
    return !p[0] && !memcmp(p, p + 1, len - 1);
}

/* Pages of zeros stay untouched, which costs no memory. */
static bool read_image(struct pflash *s, GError **err)
{
    uint64_t have = block_size(s->drive);
    g_autofree char *longer = g_strdup_printf(" (truncate -s %" G_GUINT64_FORMAT "M makes an image that long)", s->size >> 20);

    if (have != s->size) {
        g_set_error(err, g_quark_from_static_string("pflash"), 0,
                    "its image has %" G_GUINT64_FORMAT " bytes, but the flash bank has %" G_GUINT64_FORMAT "%s", have, s->size,
                    have < s->size ? longer : "; it is not an image of this bank");
        return false;
    }
    for (uint64_t at = 0; at < s->size; at += MAX_WRITE) {
        uint64_t n = MIN(s->size - at, (uint64_t)MAX_WRITE);
        int error = block_read(s->drive, at, s->bounce, n);

        if (error) {
            g_set_error(err, g_quark_from_static_string("pflash"), 0, "its image cannot be read: %s", g_strerror(error));
            return false;
        }
        for (uint64_t i = 0; i < n; i += PAGE)
            if (!is_zero(s->bounce + i, PAGE))
                memcpy(s->array + at + i, s->bounce + i, PAGE);
    }
    return true;
}

static bool is_power_of_two(uint64_t v)
{
    return v && !(v & (v - 1));
}

static bool check_geometry(const struct pflash *s, GError **err)
{
    bool widths = s->width >= 1 && s->width <= 4 && is_power_of_two(s->width) && is_power_of_two(s->device_width) &&
                  s->device_width <= s->width;

    if (widths && s->nblocks && s->nblocks <= MAX_BLOCKS && s->sector >= PAGE && s->sector <= 1 << 24 &&
        s->sector / s->width * s->device_width % 256 == 0)
        return true;
    g_set_error(err, g_quark_from_static_string("pflash"), 0,
                "no such chips: %u blocks of %" G_GUINT64_FORMAT " bytes, width %u of devices of %u", s->nblocks, s->sector,
                s->width, s->device_width);
    return false;
}

static void release(struct pflash *s)
{
    if (s->array)
        munmap(s->array, s->size);
    g_free(s->dirty);
    g_free(s->bounce);
}

static const struct mmio_ops pflash_ops = { .read = pflash_read, .write = pflash_write, .min_size = 1, .max_size = 4 };

static bool pflash_realize(struct device *dev, GError **err)
{
    struct pflash *s = (struct pflash *)dev;
    void *p;

    if (!check_geometry(s, err))
        return false;
    s->size = s->sector * s->nblocks;
    p = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        g_set_error(err, g_quark_from_static_string("pflash"), errno, "no memory: %s", g_strerror(errno));
        return false;
    }
    s->array = p;
    s->dirty = g_malloc0(s->size / PAGE);
    s->bounce = g_malloc(MAX_WRITE);
    s->first_dirty = UINT64_MAX;
    if (s->drive && !read_image(s, err)) {
        release(s);
        return false;
    }
    make_query(s);
    device_init_rom(dev, 0, "flash", &pflash_ops, s, s->size, s->array);
    return true;
}

/* What the guest wrote last goes to the image still, unless that has failed. */
static void pflash_unrealize(struct device *dev)
{
    struct pflash *s = (struct pflash *)dev;

    if (s->drive)
        block_drain(s->drive);
    release(s);
}

static bool pflash_post_load(struct device *dev, GError **err)
{
    struct pflash *s = (struct pflash *)dev;
    bool data = s->cycle == CYCLE_DATA || s->cycle == CYCLE_BUFFER_CONFIRM;
    uint64_t start, len;

    bus_set_direct(device_bus(dev), dev->mmio[0].paddr, false, &start, &len);
    if (s->mode <= MODE_LAST && s->cycle <= CYCLE_LAST && s->block < s->size && s->block % s->sector == 0 &&
        s->buffer_max <= buffer_size(s) && s->buffer_len <= s->buffer_max && (s->cycle != CYCLE_DATA || s->buffer_left) &&
        (!data || (s->buffer_at == UINT64_MAX && s->cycle == CYCLE_DATA) ||
         (s->buffer_at >= s->block && s->buffer_at - s->block <= s->sector - s->buffer_len)))
        return true;
    g_set_error(err, g_quark_from_static_string("pflash"), 0, "impossible state of the flash chips");
    return false;
}

static const struct device_prop pflash_props[] = {
    PROP(struct pflash, drive, "drive", PROP_DRIVE, 0, "image of the whole bank"),
    PROP(struct pflash, nblocks, "num-blocks", PROP_U32, 256, "blocks of the bank"),
    PROP(struct pflash, sector, "sector-length", PROP_SIZE, 256 << 10, "bytes of a block, all chips together"),
    PROP(struct pflash, width, "width", PROP_U32, 4, "bytes of the bank's bus"),
    PROP(struct pflash, device_width, "device-width", PROP_U32, 2, "bytes of a chip's bus"),
    PROP(struct pflash, clears_ready, "clears-ready", PROP_BOOL, false, "clearing the status clears the ready bit, too, until the next command"),
    PROP_END
};

static const struct state_field pflash_state[] = {
    STATE(struct pflash, mode), STATE(struct pflash, cycle), STATE(struct pflash, status),
    STATE_ARRAY(struct pflash, locked), STATE(struct pflash, block), STATE(struct pflash, buffer_left),
    STATE(struct pflash, buffer_max), STATE(struct pflash, buffer_len), STATE(struct pflash, buffer_at), STATE_ARRAY(struct pflash, buffer),
    STATE_END
};

static const struct device_type pflash_type = {
    .name = "cfi.pflash01", .desc = "parallel NOR flash, Intel command set", .size = sizeof(struct pflash),
    .props = pflash_props, .state = pflash_state, .realize = pflash_realize, .reset = pflash_reset,
    .unrealize = pflash_unrealize, .run_state = pflash_run_state, .post_load = pflash_post_load,
};
DEVICE_REGISTER(pflash_type)
