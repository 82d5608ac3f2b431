/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ATA disks and what they share with CD-ROM drives (ATA/ATAPI-7, T13/1532D; section numbers are its volume 1): registers, commands in PIO,
 * multiple and DMA, LBA of 28 and 48 bits and CHS, IDENTIFY DEVICE, features, power states by name only, SMART that always says yes.
 * ATAPI is in atapi.c, the controllers in ide.c and ahci.c, queued commands with the latter.
 *
 * Not modelled: security, host protected area (sizes are told, not changed), logs, passwords, read-ahead and its switches (stored).
 */
#include "config.h"
#include <string.h>
#include "hw/block/ata.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/endian.h"
#include "util/log.h"

#define ATA_MAX_MULTIPLE 16
#define ATA_HEADS 16
#define ATA_TRACK 63
#define ATA_MAX_CYLINDERS 16383
#define ATA_MAX_LBA28 0x0fffffffu

/* 6.1 */
enum ata_command {
    CMD_NOP = 0x00, CMD_DSM = 0x06, CMD_DEVICE_RESET = 0x08, CMD_READ = 0x20, CMD_READ_EXT = 0x24, CMD_READ_DMA_EXT = 0x25,
    CMD_READ_MAX_EXT = 0x27, CMD_READ_MULTIPLE_EXT = 0x29, CMD_WRITE = 0x30, CMD_WRITE_EXT = 0x34, CMD_WRITE_DMA_EXT = 0x35,
    CMD_WRITE_MULTIPLE_EXT = 0x39, CMD_WRITE_DMA_FUA_EXT = 0x3d, CMD_VERIFY = 0x40, CMD_VERIFY_EXT = 0x42, CMD_SEEK = 0x70,
    CMD_DIAGNOSTIC = 0x90, CMD_SET_PARAMETERS = 0x91, CMD_PACKET = 0xa0, CMD_IDENTIFY_PACKET = 0xa1, CMD_SMART = 0xb0,
    CMD_READ_MULTIPLE = 0xc4, CMD_WRITE_MULTIPLE = 0xc5, CMD_SET_MULTIPLE = 0xc6, CMD_READ_DMA = 0xc8, CMD_WRITE_DMA = 0xca,
    CMD_WRITE_MULTIPLE_FUA_EXT = 0xce, CMD_STANDBY_NOW = 0xe0, CMD_IDLE_NOW = 0xe1, CMD_STANDBY = 0xe2, CMD_IDLE = 0xe3,
    CMD_CHECK_POWER = 0xe5, CMD_SLEEP = 0xe6, CMD_FLUSH = 0xe7, CMD_FLUSH_EXT = 0xea, CMD_IDENTIFY = 0xec, CMD_SET_FEATURES = 0xef,
    CMD_READ_MAX = 0xf8,
};

/* ---- the end of commands ----------------------------------------------------------------------- */

static uint8_t ready(const struct ata_drive *d)
{
    return d->cdrom ? ATA_DRDY : ATA_DRDY | ATA_DSC;
}

void ata_done(struct ata_drive *d, bool irq)
{
    d->phase = ATA_IDLE;
    d->tf.status = ready(d);
    d->tf.error = 0;
    d->bus->ops->done(d->bus, d, irq);
}

void ata_fail(struct ata_drive *d, uint8_t error)
{
    d->phase = ATA_IDLE;
    d->tf.status = ready(d) | ATA_ERR;
    d->tf.error = error;
    d->bus->ops->done(d->bus, d, true);
}

void ata_want_pio(struct ata_drive *d, enum ata_phase phase, uint32_t pos, uint32_t len, bool irq)
{
    d->phase = (uint8_t)phase;
    d->pos = pos;
    d->len = len;
    d->tf.status = ready(d) | ATA_DRQ;
    d->tf.error = 0;
    d->bus->ops->pio(d->bus, d, irq);
}

void ata_want_dma(struct ata_drive *d)
{
    d->phase = ATA_DMA_WAIT;
    d->tf.status = ready(d) | ATA_DRQ;
    d->tf.error = 0;
    d->bus->ops->dma(d->bus, d);
}

void ata_work(struct ata_drive *d)
{
    d->phase = ATA_WORKING;
    d->tf.status = ATA_BSY;
}

bool ata_copy_out(struct ata_drive *d, uint32_t len)
{
    for (uint32_t at = 0; at < len;) {
        uint64_t addr;
        uint32_t n = d->bus->ops->piece(d->bus, d, len - at, &addr);

        if (!n || !dma_write(device_bus(&d->dev), addr, d->buf + at, n))
            return false;
        at += n;
    }
    return true;
}

/* ---- addresses (6.2, 6.3) ---------------------------------------------------------------------- */

uint64_t ata_sectors(const struct ata_drive *d)
{
    return d->image ? block_size(d->image) / BLOCK_SECTOR : 0;
}

uint64_t ata_lba48(const struct ata_taskfile *tf)
{
    return (uint64_t)tf->hob_high << 40 | (uint64_t)tf->hob_mid << 32 | (uint64_t)tf->hob_low << 24 | (uint64_t)tf->high << 16 |
           (uint64_t)tf->mid << 8 | tf->low;
}

uint32_t ata_count48(const struct ata_taskfile *tf)
{
    uint32_t n = (uint32_t)tf->hob_count << 8 | tf->count;

    return n ? n : 65536;
}

static uint64_t lba28(const struct ata_drive *d)
{
    const struct ata_taskfile *tf = &d->tf;
    uint32_t cylinder = (uint32_t)tf->high << 8 | tf->mid;

    if (tf->device & ATA_LBA)
        return (uint32_t)(tf->device & 15) << 24 | (uint32_t)tf->high << 16 | (uint32_t)tf->mid << 8 | tf->low;
    return ((uint64_t)cylinder * d->heads + (tf->device & 15)) * d->sectors + tf->low - 1;       /* sectors count from 1 */
}

static void set_lba(struct ata_drive *d, uint64_t lba, bool ext)
{
    struct ata_taskfile *tf = &d->tf;

    tf->low = (uint8_t)lba;
    tf->mid = (uint8_t)(lba >> 8);
    tf->high = (uint8_t)(lba >> 16);
    if (ext) {
        tf->hob_low = (uint8_t)(lba >> 24);
        tf->hob_mid = (uint8_t)(lba >> 32);
        tf->hob_high = (uint8_t)(lba >> 40);
    } else {
        tf->device = (uint8_t)((tf->device & 0xf0) | (lba >> 24 & 15));
    }
}

static bool is_ext(uint8_t command)
{
    switch (command) {
    case CMD_READ_EXT: case CMD_READ_DMA_EXT: case CMD_READ_MULTIPLE_EXT: case CMD_WRITE_EXT: case CMD_WRITE_DMA_EXT:
    case CMD_WRITE_MULTIPLE_EXT: case CMD_WRITE_DMA_FUA_EXT: case CMD_WRITE_MULTIPLE_FUA_EXT: case CMD_VERIFY_EXT:
        return true;
    default:
        return false;
    }
}

/* The registers' range into d->lba and d->left; false, and the command has failed, when it is not on the disk. */
static bool take_range(struct ata_drive *d)
{
    bool ext = is_ext(d->command);

    d->lba = ext ? ata_lba48(&d->tf) : lba28(d);
    d->left = ext ? ata_count48(&d->tf) : d->tf.count ? d->tf.count : 256;
    if (d->lba < ata_sectors(d) && d->left <= ata_sectors(d) - d->lba)
        return true;
    ata_fail(d, ATA_IDNF);
    return false;
}

/* ---- reading and writing ----------------------------------------------------------------------- */

static void io_failed(struct ata_drive *d, enum ata_io_result result)
{
    if (result == ATA_IO_ERROR) {
        set_lba(d, d->io.offset / BLOCK_SECTOR, is_ext(d->command));
        ata_fail(d, ATA_UNC);
    } else {
        log_guest_error("ata: the memory of a DMA transfer ends before its data, or is not RAM");
        ata_fail(d, ATA_ABRT);
    }
}

static bool is_fua(const struct ata_drive *d)
{
    return d->command == CMD_WRITE_DMA_FUA_EXT || d->command == CMD_WRITE_MULTIPLE_FUA_EXT || !d->write_cache;
}

/* The next block of a PIO command was read. */
static void read_done(struct ata_io *io, enum ata_io_result result)
{
    struct ata_drive *d = io->d;

    if (result != ATA_IO_OK)
        io_failed(d, result);
    else
        ata_want_pio(d, ATA_PIO_IN, 0, MIN_OF(d->block, d->left) * BLOCK_SECTOR, true);
}

static void read_block(struct ata_drive *d)
{
    ata_work(d);
    d->io.op = BLOCK_READ;
    d->io.flags = 0;
    d->io.offset = d->lba * BLOCK_SECTOR;
    d->io.left = MIN_OF(d->block, d->left) * BLOCK_SECTOR;
    d->io.buf = d->buf;
    d->io.done = read_done;
    ata_io_start(&d->io);
}

static void want_block(struct ata_drive *d, bool irq)
{
    ata_want_pio(d, ATA_PIO_OUT, 0, MIN_OF(d->block, d->left) * BLOCK_SECTOR, irq);
}

/* The block is on the disk; the next one, if there is one. */
static void write_done(struct ata_io *io, enum ata_io_result result)
{
    struct ata_drive *d = io->d;
    uint32_t n = MIN_OF(d->block, d->left);

    if (result != ATA_IO_OK) {
        io_failed(d, result);
        return;
    }
    d->lba += n;
    d->left -= n;
    if (d->left)
        want_block(d, true);
    else
        ata_done(d, true);
}

static void write_block(struct ata_drive *d)
{
    ata_work(d);
    d->io.op = BLOCK_WRITE;
    d->io.flags = is_fua(d) ? BLOCK_FUA : 0;
    d->io.offset = d->lba * BLOCK_SECTOR;
    d->io.left = MIN_OF(d->block, d->left) * BLOCK_SECTOR;
    d->io.buf = d->buf;
    d->io.done = write_done;
    ata_io_start(&d->io);
}

static bool set_block(struct ata_drive *d, bool multiple)
{
    d->block = multiple ? d->multiple : 1;
    if (d->block)
        return true;
    ata_fail(d, ATA_ABRT);           /* 6.31.7: READ MULTIPLE while it is off */
    return false;
}

static void cmd_read(struct ata_drive *d)
{
    bool multiple = d->command == CMD_READ_MULTIPLE || d->command == CMD_READ_MULTIPLE_EXT;

    if (set_block(d, multiple) && take_range(d))
        read_block(d);
}

static void cmd_write(struct ata_drive *d)
{
    bool multiple = d->command == CMD_WRITE_MULTIPLE || d->command == CMD_WRITE_MULTIPLE_EXT || d->command == CMD_WRITE_MULTIPLE_FUA_EXT;

    if (set_block(d, multiple) && take_range(d))
        want_block(d, false);
}

static void cmd_dma(struct ata_drive *d)
{
    if (take_range(d))
        ata_want_dma(d);
}

static uint32_t dma_piece(struct ata_io *io, uint32_t want, uint64_t *addr)
{
    return io->d->bus->ops->piece(io->d->bus, io->d, want, addr);
}

static void dma_done(struct ata_io *io, enum ata_io_result result)
{
    if (result == ATA_IO_OK)
        ata_done(io->d, true);
    else
        io_failed(io->d, result);
}

void ata_dma_start(struct ata_drive *d)
{
    bool reading = d->command == CMD_READ_DMA || d->command == CMD_READ_DMA + 1 || d->command == CMD_READ_DMA_EXT;

    if (d->phase != ATA_DMA_WAIT)
        return;
    ata_work(d);
    if (d->cdrom) {
        atapi_dma_start(d);
        return;
    }
    d->io.op = reading ? BLOCK_READ : BLOCK_WRITE;
    d->io.flags = !reading && is_fua(d) ? BLOCK_FUA : 0;
    d->io.offset = d->lba * BLOCK_SECTOR;
    d->io.left = (uint64_t)d->left * BLOCK_SECTOR;
    d->io.buf = NULL;
    d->io.piece = dma_piece;
    d->io.done = dma_done;
    ata_io_start(&d->io);
}

void ata_pio_done(struct ata_drive *d)
{
    uint32_t n;

    if (d->phase == ATA_PACKET) {
        atapi_packet(d);
    } else if (d->cdrom && d->command == CMD_PACKET) {
        atapi_pio_done(d);
    } else if (d->phase == ATA_PIO_OUT) {
        write_block(d);
    } else if (d->phase == ATA_PIO_IN) {
        n = MIN_OF(d->block, d->left);
        d->lba += n;
        d->left -= n;
        if (d->left)
            read_block(d);
        else
            ata_done(d, false);
    }
}

void ata_abandon(struct ata_drive *d)
{
    if (d->phase == ATA_WORKING)
        ata_io_cancel(d);
    if (d->phase != ATA_IDLE)
        ata_fail(d, ATA_ABRT);
}

static void cmd_verify(struct ata_drive *d)
{
    if (take_range(d))
        ata_done(d, true);
}

static void flush_done(struct ata_io *io, enum ata_io_result result)
{
    if (result == ATA_IO_OK)
        ata_done(io->d, true);
    else
        ata_fail(io->d, ATA_ABRT);
}

static void cmd_flush(struct ata_drive *d)
{
    ata_work(d);
    d->io.op = BLOCK_FLUSH;
    d->io.flags = 0;
    d->io.offset = d->io.left = 0;
    d->io.buf = NULL;
    d->io.done = flush_done;
    ata_io_start(&d->io);
}

/* ---- IDENTIFY DEVICE (6.17) -------------------------------------------------------------------- */

static void put_word(struct ata_drive *d, unsigned word, uint16_t v)
{
    st16_le(d->buf + 2 * word, v);
}

/* 3.2.9: two characters in a word, the first in its high byte, padded with blanks. */
static void put_string(struct ata_drive *d, unsigned word, unsigned len, const char *text)
{
    size_t n = strlen(text);

    for (unsigned i = 0; i < len; i++)
        d->buf[(2 * word + i) ^ 1] = (uint8_t)(i < n ? text[i] : ' ');
}

/* Words that disks and CD-ROM drives have alike; the buffer is cleared. */
static void identify_common(struct ata_drive *d)
{
    memset(d->buf, 0, BLOCK_SECTOR);
    put_string(d, 10, 20, d->serial);
    put_string(d, 23, 8, d->version);
    put_string(d, 27, 40, d->model);
    put_word(d, 49, 0x0f00);         /* DMA, LBA, IORDY */
    put_word(d, 51, 0x0200);
    put_word(d, 53, 7);              /* words 54-58, 64-70, 88 are valid */
    put_word(d, 63, (uint16_t)(7 | (d->mwdma ? BIT(d->mwdma & 7) << 8 : 0)));
    put_word(d, 64, 3);              /* PIO modes 3, 4 */
    for (unsigned i = 65; i <= 68; i++)
        put_word(d, i, 120);
    put_word(d, 80, 0xf0);           /* ATA/ATAPI-4 to 7 */
    put_word(d, 81, 0x1c);
    put_word(d, 88, (uint16_t)(0x3f | (d->udma ? BIT(d->udma & 7) << 8 : 0)));
    if (d->bus->units > 1)
        put_word(d, 93, (uint16_t)(0x6000 | (d->unit ? 0x0b00 : 0x000b)));
}

static uint16_t cylinders(uint64_t sectors, unsigned heads, unsigned track)
{
    uint64_t n = heads && track ? sectors / (heads * track) : 0;

    return (uint16_t)MIN_OF(n, ATA_MAX_CYLINDERS);
}

static void identify_disk(struct ata_drive *d)
{
    uint64_t sectors = ata_sectors(d), chs;
    uint16_t now = cylinders(sectors, d->heads, d->sectors);

    identify_common(d);
    put_word(d, 0, 0x0040);
    put_word(d, 1, cylinders(sectors, ATA_HEADS, ATA_TRACK));
    put_word(d, 3, ATA_HEADS);
    put_word(d, 6, ATA_TRACK);
    put_word(d, 47, 0x8000 | ATA_MAX_MULTIPLE);
    put_word(d, 48, 1);
    put_word(d, 54, now);
    put_word(d, 55, d->heads);
    put_word(d, 56, d->sectors);
    chs = (uint64_t)now * d->heads * d->sectors;
    st32_le(d->buf + 114, (uint32_t)chs);
    put_word(d, 59, d->multiple ? 0x100 | d->multiple : 0);
    st32_le(d->buf + 120, (uint32_t)MIN_OF(sectors, ATA_MAX_LBA28));
    if (d->bus->units == 1) {        /* Serial ATA: queues of 32, first generation and second */
        put_word(d, 75, 31);
        put_word(d, 76, 0x0106);
    }
    put_word(d, 82, 0x4021 | 0x40);  /* NOP, write cache, look-ahead, SMART */
    put_word(d, 83, 0x7400);         /* FLUSH CACHE (EXT), 48 bits */
    put_word(d, 84, 0x4040);         /* FUA */
    put_word(d, 85, (uint16_t)(0x4000 | d->smart | d->write_cache << 5 | d->look_ahead << 6));
    put_word(d, 86, 0x3400);
    put_word(d, 87, 0x4040);
    st64_le(d->buf + 200, sectors);
    put_word(d, 106, 0x4000);        /* sectors of 512 bytes */
    put_word(d, 217, 1);             /* it does not rotate */
}

static void checksum(struct ata_drive *d)
{
    uint8_t sum = 0xa5;

    d->buf[510] = 0xa5;
    for (unsigned i = 0; i < 510; i++)
        sum += d->buf[i];
    d->buf[511] = (uint8_t)-sum;
}

static void give_sector(struct ata_drive *d)
{
    d->block = d->left = 1;
    d->lba = 0;
    ata_want_pio(d, ATA_PIO_IN, 0, BLOCK_SECTOR, true);
}

static void cmd_identify(struct ata_drive *d)
{
    identify_disk(d);
    checksum(d);
    give_sector(d);
}

void atapi_identify(struct ata_drive *d)
{
    identify_common(d);
    put_word(d, 0, 0x85c0);          /* ATAPI, CD-ROM, removable, DRQ within 50 us, packets of 12 bytes */
    put_word(d, 82, 0x4210);         /* NOP, DEVICE RESET, PACKET */
    put_word(d, 83, 0x4000);
    put_word(d, 84, 0x4000);
    put_word(d, 85, 0x4210);
    put_word(d, 87, 0x4000);
    if (d->bus->units == 1)
        put_word(d, 76, 0x0006);
    checksum(d);
    give_sector(d);
}

/* ---- features, power, SMART -------------------------------------------------------------------- */

/* 6.46.4 */
static bool set_transfer_mode(struct ata_drive *d, uint8_t v)
{
    unsigned mode = v & 7;

    switch (v >> 3) {
    case 0:
        return mode <= 1;
    case 1:
        return mode <= 4;
    case 4:
        d->mwdma = (uint8_t)(mode <= 2 ? 8 | mode : d->mwdma);
        d->udma = mode <= 2 ? 0 : d->udma;
        return mode <= 2;
    case 8:
        d->udma = (uint8_t)(mode <= 5 ? 8 | mode : d->udma);
        d->mwdma = mode <= 5 ? 0 : d->mwdma;
        return mode <= 5;
    default:
        return false;
    }
}

static void cmd_set_features(struct ata_drive *d)
{
    bool ok = true;

    switch (d->tf.feature) {
    case 0x02:
    case 0x82:
        d->write_cache = d->tf.feature == 0x02;
        if (d->tf.feature == 0x82 && !d->cdrom) {
            cmd_flush(d);
            return;
        }
        break;
    case 0x03:
        ok = set_transfer_mode(d, d->tf.count);
        break;
    case 0xaa:
    case 0x55:
        d->look_ahead = d->tf.feature == 0xaa;
        break;
    case 0x05: case 0x85: case 0x42: case 0xc2: case 0x66: case 0xcc: case 0x5d: case 0xdd:
        break;                       /* power, acoustics, defaults over resets: heard, and without effect */
    default:
        ok = false;
    }
    if (ok)
        ata_done(d, true);
    else
        ata_fail(d, ATA_ABRT);
}

static void cmd_set_multiple(struct ata_drive *d)
{
    uint8_t n = d->tf.count;

    if (n > ATA_MAX_MULTIPLE || n & (n - 1)) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    d->multiple = n;
    ata_done(d, true);
}

static void cmd_set_parameters(struct ata_drive *d)
{
    if (!d->tf.count) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    d->heads = (d->tf.device & 15) + 1;
    d->sectors = d->tf.count;
    ata_done(d, true);
}

static void cmd_read_max(struct ata_drive *d)
{
    uint64_t last = ata_sectors(d) - 1;
    bool ext = d->command == CMD_READ_MAX_EXT;

    if (!ata_sectors(d)) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    set_lba(d, ext ? last : MIN_OF(last, ATA_MAX_LBA28 - 1), ext);
    ata_done(d, true);
}

static void cmd_check_power(struct ata_drive *d)
{
    d->tf.count = d->standby ? 0 : 0xff;
    ata_done(d, true);
}

static void cmd_power(struct ata_drive *d)
{
    d->standby = d->command == CMD_STANDBY_NOW || d->command == CMD_STANDBY || d->command == CMD_SLEEP;
    ata_done(d, true);
}

static void cmd_nothing(struct ata_drive *d)
{
    ata_done(d, true);
}

static void smart_data(struct ata_drive *d, bool thresholds)
{
    uint8_t sum = 0;

    memset(d->buf, 0, BLOCK_SECTOR);
    st16_le(d->buf, 1);              /* revision; no attributes */
    if (!thresholds)
        st16_le(d->buf + 368, 3);    /* off-line collection and SMART enabled over power cycles */
    for (unsigned i = 0; i < 511; i++)
        sum += d->buf[i];
    d->buf[511] = (uint8_t)-sum;
    give_sector(d);
}

/* 6.55 */
static void cmd_smart(struct ata_drive *d)
{
    uint8_t sub = d->tf.feature;

    if (d->tf.mid != 0x4f || d->tf.high != 0xc2 || (!d->smart && sub != 0xd8)) {
        ata_fail(d, ATA_ABRT);
        return;
    }
    switch (sub) {
    case 0xd0: case 0xd1:
        smart_data(d, sub == 0xd1);
        return;
    case 0xd8: case 0xd9:
        d->smart = sub == 0xd8;
        break;
    case 0xd2: case 0xd4: case 0xda:         /* autosave, off-line tests, status: 4Fh and C2h say that all is well */
        break;
    default:
        ata_fail(d, ATA_ABRT);
        return;
    }
    ata_done(d, true);
}

/* ---- reset ------------------------------------------------------------------------------------- */

/* 6.2.3, the signature. */
static void set_signature(struct ata_drive *d)
{
    d->tf.count = d->tf.low = d->tf.error = 1;
    d->tf.mid = d->cdrom ? 0x14 : 0;
    d->tf.high = d->cdrom ? 0xeb : 0;
    d->tf.device &= ATA_UNIT;
    d->tf.hob_count = d->tf.hob_low = d->tf.hob_mid = d->tf.hob_high = d->tf.hob_feature = 0;
    d->tf.status = d->cdrom ? 0 : ready(d);
    d->phase = ATA_IDLE;
}

void ata_reset(struct ata_drive *d)
{
    ata_io_cancel(d);
    d->multiple = ATA_MAX_MULTIPLE;
    d->heads = ATA_HEADS;
    d->sectors = ATA_TRACK;
    d->standby = 0;
    atapi_reset(d);
    set_signature(d);
}

/* Both drives run it, the first reports for both. */
static void cmd_diagnostic(struct ata_drive *d)
{
    for (unsigned i = 0; i < ATA_UNITS; i++)
        if (d->bus->drive[i] && d->bus->drive[i] != d)
            set_signature(d->bus->drive[i]);
    set_signature(d);
    d->bus->ops->done(d->bus, d, true);
}

/* 6.11: only ATAPI drives have it; it interrupts nobody. */
static void cmd_device_reset(struct ata_drive *d)
{
    ata_io_cancel(d);
    atapi_reset(d);
    set_signature(d);
    d->bus->ops->done(d->bus, d, false);
}

/* IDENTIFY DEVICE and reads tell hosts by the signature that this is an ATAPI drive (6.17.5.2). */
static void cmd_wrong_kind(struct ata_drive *d)
{
    set_signature(d);
    ata_fail(d, ATA_ABRT);
}

/* ---- commands ---------------------------------------------------------------------------------- */

enum { DISK = 1, CD = 2, BOTH = 3 };

static const struct ata_row {
    void (*run)(struct ata_drive *d);
    uint8_t kinds;
} commands[256] = {
    [CMD_DEVICE_RESET] = { cmd_device_reset, CD },
    [0x10 ... 0x1f] = { cmd_nothing, DISK },     /* RECALIBRATE */
    [CMD_READ ... CMD_READ + 1] = { cmd_read, DISK }, [CMD_READ_EXT] = { cmd_read, DISK },
    [CMD_READ_MULTIPLE] = { cmd_read, DISK }, [CMD_READ_MULTIPLE_EXT] = { cmd_read, DISK },
    [CMD_WRITE ... CMD_WRITE + 1] = { cmd_write, DISK }, [CMD_WRITE_EXT] = { cmd_write, DISK },
    [CMD_WRITE_MULTIPLE] = { cmd_write, DISK }, [CMD_WRITE_MULTIPLE_EXT] = { cmd_write, DISK },
    [CMD_WRITE_MULTIPLE_FUA_EXT] = { cmd_write, DISK },
    [CMD_READ_DMA ... CMD_READ_DMA + 1] = { cmd_dma, DISK }, [CMD_READ_DMA_EXT] = { cmd_dma, DISK },
    [CMD_WRITE_DMA ... CMD_WRITE_DMA + 1] = { cmd_dma, DISK }, [CMD_WRITE_DMA_EXT] = { cmd_dma, DISK },
    [CMD_WRITE_DMA_FUA_EXT] = { cmd_dma, DISK },
    [CMD_VERIFY ... CMD_VERIFY + 1] = { cmd_verify, DISK }, [CMD_VERIFY_EXT] = { cmd_verify, DISK },
    [CMD_SEEK ... CMD_SEEK + 15] = { cmd_nothing, DISK },
    [CMD_DIAGNOSTIC] = { cmd_diagnostic, BOTH }, [CMD_SET_PARAMETERS] = { cmd_set_parameters, DISK },
    [CMD_PACKET] = { atapi_start, CD }, [CMD_IDENTIFY_PACKET] = { atapi_identify, CD },
    [CMD_SMART] = { cmd_smart, DISK }, [CMD_SET_MULTIPLE] = { cmd_set_multiple, DISK },
    [CMD_STANDBY_NOW ... CMD_IDLE] = { cmd_power, BOTH }, [0x94 ... 0x97] = { cmd_power, BOTH },
    [CMD_CHECK_POWER] = { cmd_check_power, BOTH }, [0x98] = { cmd_check_power, BOTH },
    [CMD_SLEEP] = { cmd_power, BOTH }, [0x99] = { cmd_power, BOTH },
    [CMD_FLUSH] = { cmd_flush, DISK }, [CMD_FLUSH_EXT] = { cmd_flush, DISK },
    [CMD_IDENTIFY] = { cmd_identify, DISK }, [CMD_SET_FEATURES] = { cmd_set_features, BOTH },
    [CMD_READ_MAX] = { cmd_read_max, DISK }, [CMD_READ_MAX_EXT] = { cmd_read_max, DISK },
};

void ata_run(struct ata_drive *d, uint8_t command)
{
    const struct ata_row *row = &commands[command];

    if (d->phase == ATA_WORKING && !(d->cdrom && command == CMD_DEVICE_RESET)) {
        log_guest_error("ata: command 0x%x while the drive is busy", command);
        return;
    }
    d->phase = ATA_IDLE;
    d->command = command;
    if (row->run && row->kinds & (d->cdrom ? CD : DISK)) {
        row->run(d);
    } else if (d->cdrom && (command == CMD_IDENTIFY || command == CMD_READ)) {
        cmd_wrong_kind(d);
    } else {
        if (command != CMD_NOP && command != CMD_IDENTIFY_PACKET)
            log_guest_error("ata: command 0x%x, which the drive does not have", command);
        ata_fail(d, ATA_ABRT);
    }
}

/* ---- places ------------------------------------------------------------------------------------ */

struct ata_bus *ata_controller_bus(struct device *controller, unsigned n)
{
    const struct ata_controller_ops *ops = controller->type->class_data;

    return ops && ops->bus ? ops->bus(controller, n) : NULL;
}

static bool fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static bool fail(GError **err, const char *fmt, ...)
{
    va_list ap;
    g_autofree char *text = NULL;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, g_quark_from_static_string("ide"), 0, text);
    return false;
}

#define ANY_UNIT UINT32_MAX

bool ata_plug(struct ata_bus *bus, struct device *drive, GError **err)
{
    struct ata_drive *d = (struct ata_drive *)drive;

    if (d->unit == ANY_UNIT)
        for (d->unit = 0; d->unit + 1 < bus->units && bus->drive[d->unit];)
            d->unit++;
    if (d->unit >= bus->units)
        return fail(err, "%s: unit=%u: bus %u takes %u drive%s; use unit=0%s", drive->type->name, d->unit, bus->n, bus->units,
                    bus->units > 1 ? "s" : "", bus->units > 1 ? " or 1" : "");
    if (bus->drive[d->unit])
        return fail(err, "%s: unit %u of bus %u has a drive already; choose another bus= or unit=", drive->type->name, d->unit, bus->n);
    d->bus = bus;
    drive->parent_bus = bus->controller;
    bus->drive[d->unit] = d;
    return true;
}

/* ---- the devices ------------------------------------------------------------------------------- */

static bool check_policies(struct ata_drive *d, GError **err)
{
    if (d->rerror && !block_parse_on_error(d->rerror, true, &d->on_read))
        return fail(err, "rerror=%s: it must be report, ignore or stop", d->rerror);
    if (d->werror && !block_parse_on_error(d->werror, false, &d->on_write))
        return fail(err, "werror=%s: it must be report, ignore, enospc or stop", d->werror);
    return true;
}

static void set_default(char **text, const char *def)
{
    if (!*text)
        *text = g_strdup(def);
}

static bool drive_realize(struct ata_drive *d, GError **err)
{
    g_autofree char *serial = NULL;

    if (!d->bus)
        return fail(err, "it needs a controller: a machine with IDE, or bus=ID.0 of an AHCI controller with id=ID");
    if (!check_policies(d, err))
        return false;
    serial = g_strdup_printf("TM%05u", 1 + d->bus->n * d->bus->units + d->unit);
    set_default(&d->serial, serial);
    set_default(&d->version, CONFIG_VERSION);
    set_default(&d->model, d->cdrom ? "TINAMOU DVD-ROM" : "TINAMOU HARDDISK");
    d->io.d = d;
    d->tf.device = 0;
    return true;
}

static bool hd_realize(struct device *dev, GError **err)
{
    struct ata_drive *d = (struct ata_drive *)dev;

    if (!d->image)
        return fail(err, "it needs drive=ID, the id of a -drive if=none or the node-name of a -blockdev");
    if (block_readonly(d->image))
        return fail(err, "the image of '%s' is read-only, which an IDE disk cannot be; use snapshot=on, or ide-cd",
                    block_name(d->image));
    return drive_realize(d, err);
}

static bool cd_realize(struct device *dev, GError **err)
{
    struct ata_drive *d = (struct ata_drive *)dev;

    d->cdrom = true;
    return drive_realize(d, err);
}

static void drive_unrealize(struct device *dev)
{
    struct ata_drive *d = (struct ata_drive *)dev;

    ata_io_cancel(d);
    d->bus->drive[d->unit] = NULL;
}

/* Power-up: what ata_reset leaves alone is set, too. */
static void drive_reset(struct device *dev)
{
    struct ata_drive *d = (struct ata_drive *)dev;

    d->write_cache = d->look_ahead = d->smart = 1;
    d->udma = 0x8 | 5;
    d->mwdma = 0;
    d->tray_open = d->locked = 0;
    d->tf.device = 0;
    d->command = 0;
    ata_reset(d);
}

static void drive_run_state(struct device *dev, bool running)
{
    ata_io_run_state((struct ata_drive *)dev, running);
}

static bool drive_post_load(struct device *dev, GError **err)
{
    struct ata_drive *d = (struct ata_drive *)dev;

    if (d->phase > ATA_DMA_WAIT || d->len > ATA_BUFFER || d->pos > d->len || d->block > ATA_MAX_MULTIPLE || !d->heads || !d->sectors ||
        d->left > 65536 || d->multiple > ATA_MAX_MULTIPLE || d->packet_pos > d->packet_len || d->packet_len > ATA_BUFFER ||
        d->lba > ata_sectors(d) || (!d->cdrom && d->left > ata_sectors(d) - d->lba) || d->limit > 65536)
        return fail(err, "%s: state out of range", dev->type->name);
    d->udma &= 15;
    d->mwdma &= 15;
    return true;
}

#define DRIVE_PROPS                                                                                             \
    PROP(struct ata_drive, image, "drive", PROP_DRIVE, 0, "id of a -drive or node-name of a -blockdev"),        \
    PROP(struct ata_drive, bus_name, "bus", PROP_STR, 0, "its channel or port: ide.0, ide.1, ..."),             \
    PROP(struct ata_drive, unit, "unit", PROP_U32, ANY_UNIT, "which of the channel's drives, 0 or 1"),          \
    PROP(struct ata_drive, serial, "serial", PROP_STR, 0, "serial number; the guest sees 20 characters of it"), \
    PROP(struct ata_drive, model, "model", PROP_STR, 0, "model; the guest sees 40 characters of it"),           \
    PROP(struct ata_drive, version, "ver", PROP_STR, 0, "firmware's version; the guest sees 8 characters of it"), \
    PROP(struct ata_drive, rerror, "rerror", PROP_STR, 0, "report, ignore, stop; auto: as the drive"),          \
    PROP(struct ata_drive, werror, "werror", PROP_STR, 0, "report, ignore, enospc, stop; auto: as the drive"),  \
    PROP_END

static const struct device_prop drive_props[] = { DRIVE_PROPS };

static const struct state_field drive_state[] = {
    STATE(struct ata_drive, tf.feature), STATE(struct ata_drive, tf.count), STATE(struct ata_drive, tf.low), STATE(struct ata_drive, tf.mid),
    STATE(struct ata_drive, tf.high), STATE(struct ata_drive, tf.device), STATE(struct ata_drive, tf.hob_feature),
    STATE(struct ata_drive, tf.hob_count), STATE(struct ata_drive, tf.hob_low), STATE(struct ata_drive, tf.hob_mid),
    STATE(struct ata_drive, tf.hob_high), STATE(struct ata_drive, tf.status), STATE(struct ata_drive, tf.error),
    STATE(struct ata_drive, command), STATE(struct ata_drive, phase), STATE(struct ata_drive, multiple), STATE(struct ata_drive, udma),
    STATE(struct ata_drive, mwdma), STATE(struct ata_drive, write_cache), STATE(struct ata_drive, look_ahead),
    STATE(struct ata_drive, smart), STATE(struct ata_drive, standby), STATE(struct ata_drive, heads), STATE(struct ata_drive, sectors),
    STATE(struct ata_drive, lba), STATE(struct ata_drive, left), STATE(struct ata_drive, pos), STATE(struct ata_drive, len),
    STATE(struct ata_drive, block), STATE_ARRAY(struct ata_drive, buf), STATE(struct ata_drive, packet_dma),
    STATE(struct ata_drive, sense_key), STATE(struct ata_drive, asc), STATE(struct ata_drive, ascq), STATE(struct ata_drive, tray_open),
    STATE(struct ata_drive, locked), STATE(struct ata_drive, event), STATE(struct ata_drive, packet_len),
    STATE(struct ata_drive, packet_pos), STATE(struct ata_drive, limit),
    STATE_END
};

static const struct device_type hd_type = {
    .name = "ide-hd", .desc = "ATA disk", .size = sizeof(struct ata_drive), .user_creatable = true, .bus = "IDE",
    .props = drive_props, .state = drive_state, .realize = hd_realize, .reset = drive_reset, .unrealize = drive_unrealize,
    .run_state = drive_run_state, .post_load = drive_post_load,
};
DEVICE_REGISTER(hd_type)

static const struct device_type cd_type = {
    .name = "ide-cd", .desc = "ATAPI CD-ROM drive", .size = sizeof(struct ata_drive), .user_creatable = true, .bus = "IDE",
    .props = drive_props, .state = drive_state, .realize = cd_realize, .reset = drive_reset, .unrealize = drive_unrealize,
    .run_state = drive_run_state, .post_load = drive_post_load,
};
DEVICE_REGISTER(cd_type)
