/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-ROM and DVD-ROM drives: the packet protocol of ATA/ATAPI-7 (volume 2) and the commands of MMC-3 (T10/1363-D) that hosts use to read
 * data discs of one track. The disc is the drive's image, in sectors of 2048 bytes.
 *
 * Not modelled: audio, raw sectors, sub-channels, discs of several tracks, MODE SELECT.
 */
#include "config.h"
#include <string.h>
#include "hw/block/ata.h"
#include "util/bits.h"
#include "util/endian.h"
#include "util/log.h"

#define CD_CHUNK (ATA_BUFFER / ATA_CD_SECTOR)
#define CD_MAX_SECTORS 360000u       /* 80 minutes; larger discs are DVDs */
#define CD_FRAMES 75
#define CD_LEAD_IN 150

enum sense { NO_SENSE = 0, NOT_READY = 2, MEDIUM_ERROR = 3, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6 };
/* ASC << 8 | ASCQ */
enum asc {
    ASC_READ_ERROR = 0x1100, ASC_OPCODE = 0x2000, ASC_LBA_RANGE = 0x2100, ASC_FIELD = 0x2400, ASC_CHANGED = 0x2800,
    ASC_NO_MEDIUM = 0x3a01, ASC_TRAY_OPEN = 0x3a02, ASC_LOCKED = 0x5302, ASC_MODE = 0x6400,
};
/* The interrupt reason register. */
enum { REASON_COMMAND = 1, REASON_IN = 2 };

static void answer(struct ata_drive *d, uint32_t len, uint32_t allocated);

/* ---- the end of a packet ----------------------------------------------------------------------- */

static void good(struct ata_drive *d)
{
    d->tf.count = REASON_COMMAND | REASON_IN;
    ata_done(d, true);
}

static void check(struct ata_drive *d, enum sense key, enum asc asc)
{
    d->sense_key = key;
    d->asc = (uint8_t)(asc >> 8);
    d->ascq = (uint8_t)asc;
    d->tf.count = REASON_COMMAND | REASON_IN;
    ata_fail(d, (uint8_t)(key << 4 | ATA_ABRT));
}

static bool has_medium(const struct ata_drive *d)
{
    return d->image && !d->tray_open;
}

static uint32_t cd_sectors(const struct ata_drive *d)
{
    uint64_t n = has_medium(d) ? block_size(d->image) / ATA_CD_SECTOR : 0;

    return (uint32_t)MIN_OF(n, UINT32_MAX);
}

static bool need_medium(struct ata_drive *d)
{
    if (has_medium(d))
        return true;
    check(d, NOT_READY, d->tray_open ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
    return false;
}

/* ---- data to the host -------------------------------------------------------------------------- */

/* The next DRQ block of what the buffer holds: at most the byte count of the registers, even unless it is the last. */
static void next_block(struct ata_drive *d)
{
    uint32_t n = d->packet_len - d->packet_pos;

    if (n > d->limit)
        n = d->limit & ~1u;
    d->tf.count = REASON_IN;
    d->tf.mid = (uint8_t)n;
    d->tf.high = (uint8_t)(n >> 8);
    ata_want_pio(d, ATA_PIO_IN, d->packet_pos, d->packet_pos + n, true);
}

static void read_failed(struct ata_drive *d, enum ata_io_result result)
{
    if (result == ATA_IO_ERROR)
        check(d, MEDIUM_ERROR, ASC_READ_ERROR);
    else
        check(d, ILLEGAL_REQUEST, ASC_FIELD);
}

static void chunk_read(struct ata_io *io, enum ata_io_result result)
{
    struct ata_drive *d = io->d;
    uint32_t n = MIN_OF(d->left, CD_CHUNK);

    if (result != ATA_IO_OK) {
        read_failed(d, result);
        return;
    }
    d->lba += n;
    d->left -= n;
    d->packet_len = n * ATA_CD_SECTOR;
    d->packet_pos = 0;
    next_block(d);
}

static void read_chunk(struct ata_drive *d)
{
    ata_work(d);
    d->io.op = BLOCK_READ;
    d->io.flags = 0;
    d->io.offset = d->lba * ATA_CD_SECTOR;
    d->io.left = (uint64_t)MIN_OF(d->left, CD_CHUNK) * ATA_CD_SECTOR;
    d->io.buf = d->buf;
    d->io.done = chunk_read;
    ata_io_start(&d->io);
}

void atapi_pio_done(struct ata_drive *d)
{
    d->packet_pos = d->len;
    if (d->packet_pos < d->packet_len)
        next_block(d);
    else if (d->left)
        read_chunk(d);
    else
        good(d);
}

static uint32_t dma_piece(struct ata_io *io, uint32_t want, uint64_t *addr)
{
    return io->d->bus->ops->piece(io->d->bus, io->d, want, addr);
}

static void dma_done(struct ata_io *io, enum ata_io_result result)
{
    if (result == ATA_IO_OK)
        good(io->d);
    else
        read_failed(io->d, result);
}

void atapi_dma_start(struct ata_drive *d)
{
    if (!d->left) {
        if (ata_copy_out(d, d->packet_len))
            good(d);
        else
            check(d, ILLEGAL_REQUEST, ASC_FIELD);
        return;
    }
    d->io.op = BLOCK_READ;
    d->io.flags = 0;
    d->io.offset = d->lba * ATA_CD_SECTOR;
    d->io.left = (uint64_t)d->left * ATA_CD_SECTOR;
    d->io.buf = NULL;
    d->io.piece = dma_piece;
    d->io.done = dma_done;
    ata_io_start(&d->io);
}

/* len bytes of the buffer, or as many as the host has allocated. */
static void answer(struct ata_drive *d, uint32_t len, uint32_t allocated)
{
    d->left = 0;
    d->packet_pos = 0;
    d->packet_len = MIN_OF(len, allocated);
    if (!d->packet_len)
        good(d);
    else if (d->packet_dma)
        ata_want_dma(d);
    else
        next_block(d);
}

static void read_sectors(struct ata_drive *d, uint32_t lba, uint32_t n)
{
    if (!need_medium(d))
        return;
    if (lba > cd_sectors(d) || n > cd_sectors(d) - lba) {
        check(d, ILLEGAL_REQUEST, ASC_LBA_RANGE);
        return;
    }
    d->lba = lba;
    d->left = n;
    if (!n)
        good(d);
    else if (d->packet_dma)
        ata_want_dma(d);
    else
        read_chunk(d);
}

/* ---- commands: p is the packet, the buffer is cleared ------------------------------------------ */

static void cmd_test_unit_ready(struct ata_drive *d, const uint8_t *p)
{
    (void)p;
    if (need_medium(d))
        good(d);
}

static void cmd_nothing(struct ata_drive *d, const uint8_t *p)
{
    (void)p;
    good(d);
}

static void cmd_request_sense(struct ata_drive *d, const uint8_t *p)
{
    d->buf[0] = 0x70;
    d->buf[2] = d->sense_key;
    d->buf[7] = 10;
    d->buf[12] = d->asc;
    d->buf[13] = d->ascq;
    d->sense_key = d->asc = d->ascq = 0;
    answer(d, 18, p[4]);
}

static void put_text(uint8_t *to, size_t len, const char *text)
{
    memset(to, ' ', len);
    memcpy(to, text, MIN_OF(strlen(text), len));
}

static void cmd_inquiry(struct ata_drive *d, const uint8_t *p)
{
    if (p[1] & 1) {                  /* no vital product data */
        check(d, ILLEGAL_REQUEST, ASC_FIELD);
        return;
    }
    d->buf[0] = 5;                   /* CD-ROM */
    d->buf[1] = 0x80;
    d->buf[3] = 0x21;
    d->buf[4] = 31;
    put_text(d->buf + 8, 8, "TINAMOU");
    put_text(d->buf + 16, 16, d->model);
    put_text(d->buf + 32, 4, d->version);
    answer(d, 36, p[4]);
}

static void cmd_read_capacity(struct ata_drive *d, const uint8_t *p)
{
    (void)p;
    if (!need_medium(d))
        return;
    st32_be(d->buf, cd_sectors(d) ? cd_sectors(d) - 1 : 0);
    st32_be(d->buf + 4, ATA_CD_SECTOR);
    answer(d, 8, 8);
}

static void cmd_read10(struct ata_drive *d, const uint8_t *p)
{
    read_sectors(d, ld32_be(p + 2), ld16_be(p + 7));
}

static void cmd_read12(struct ata_drive *d, const uint8_t *p)
{
    read_sectors(d, ld32_be(p + 2), ld32_be(p + 6));
}

/* User data alone, or nothing; raw sectors are not there. */
static void cmd_read_cd(struct ata_drive *d, const uint8_t *p)
{
    uint32_t n = (uint32_t)p[6] << 16 | ld16_be(p + 7);

    if (!(p[9] & 0xf8))
        good(d);
    else if ((p[9] & 0xf8) == 0x10)
        read_sectors(d, ld32_be(p + 2), n);
    else
        check(d, ILLEGAL_REQUEST, ASC_MODE);
}

static void cmd_prevent(struct ata_drive *d, const uint8_t *p)
{
    d->locked = p[4] & 1;
    good(d);
}

static void cmd_start_stop(struct ata_drive *d, const uint8_t *p)
{
    if ((p[4] & 3) == 2) {           /* eject */
        if (d->locked && !d->tray_open) {
            check(d, d->image ? ILLEGAL_REQUEST : NOT_READY, ASC_LOCKED);
            return;
        }
        d->tray_open = 1;
    } else if ((p[4] & 3) == 3) {    /* load */
        d->event = d->tray_open && d->image;
        d->tray_open = 0;
    }
    good(d);
}

/* A sector's address as the host wants it: number, or minute, second, frame. */
static void put_address(uint8_t *to, uint32_t lba, bool msf)
{
    if (!msf) {
        st32_be(to, lba);
        return;
    }
    lba += CD_LEAD_IN;
    to[0] = 0;
    to[1] = (uint8_t)MIN_OF(lba / CD_FRAMES / 60, 255);
    to[2] = (uint8_t)(lba / CD_FRAMES % 60);
    to[3] = (uint8_t)(lba % CD_FRAMES);
}

static uint8_t *put_track(uint8_t *to, uint8_t track, uint32_t lba, bool msf)
{
    to[1] = 0x14;                    /* a data track */
    to[2] = track;
    put_address(to + 4, lba, msf);
    return to + 8;
}

/* Format 2: an entry of the lead-in. */
static uint8_t *put_raw(uint8_t *to, uint8_t point, uint8_t m, uint8_t s, uint8_t f)
{
    to[0] = 1;
    to[1] = 0x14;
    to[3] = point;
    to[8] = m;
    to[9] = s;
    to[10] = f;
    return to + 11;
}

static uint8_t *put_raw_toc(struct ata_drive *d, uint8_t *at)
{
    uint8_t end[4];

    put_address(end, cd_sectors(d), true);
    at = put_raw(at, 0xa0, 1, 0, 0);
    at = put_raw(at, 0xa1, 1, 0, 0);
    at = put_raw(at, 0xa2, end[1], end[2], end[3]);
    return put_raw(at, 1, 0, 2, 0);
}

static void cmd_read_toc(struct ata_drive *d, const uint8_t *p)
{
    unsigned format = p[2] & 15 ? p[2] & 15 : p[9] >> 6;
    bool msf = p[1] & 2;
    uint8_t *at = d->buf + 4, start = p[6];

    if (!need_medium(d))
        return;
    if (format > 2 || (format == 0 && start > 1 && start != 0xaa)) {
        check(d, ILLEGAL_REQUEST, ASC_FIELD);
        return;
    }
    d->buf[2] = d->buf[3] = 1;       /* first and last track, or session */
    if (format == 0) {
        if (start <= 1)
            at = put_track(at, 1, 0, msf);
        at = put_track(at, 0xaa, cd_sectors(d), msf);
    } else if (format == 1) {
        at = put_track(at, 1, 0, msf);
    } else {
        at = put_raw_toc(d, at);
    }
    st16_be(d->buf, (uint16_t)(at - d->buf - 2));
    answer(d, (uint32_t)(at - d->buf), ld16_be(p + 7));
}

static void cmd_disc_info(struct ata_drive *d, const uint8_t *p)
{
    if (!need_medium(d))
        return;
    st16_be(d->buf, 32);
    d->buf[2] = 0x0e;                /* complete, its last session too */
    d->buf[3] = d->buf[4] = d->buf[5] = d->buf[6] = 1;
    d->buf[7] = 0x20;
    answer(d, 34, ld16_be(p + 7));
}

/* 5.3: features, of which those of DVDs and of CDs are current by the medium. */
static uint8_t *put_feature(uint8_t *at, uint16_t code, bool current, const char *data, uint8_t len)
{
    st16_be(at, code);
    at[2] = (uint8_t)((code == 0 || code == 1 || code == 3 ? 2 : 0) | current);
    at[3] = len;
    memcpy(at + 4, data, len);
    return at + 4 + len;
}

static void cmd_get_configuration(struct ata_drive *d, const uint8_t *p)
{
    uint16_t first = ld16_be(p + 2), profile = !has_medium(d) ? 0 : cd_sectors(d) > CD_MAX_SECTORS ? 0x10 : 0x08;
    bool cd = profile == 0x08, dvd = profile == 0x10;
    char profiles[8] = { 0, 0x10, (char)dvd, 0, 0, 0x08, (char)cd, 0 };
    const struct { uint16_t code; bool current; const char *data; uint8_t len; } rows[] = {
        { 0x00, true, profiles, 8 }, { 0x01, true, "\0\0\0\2\0\0\0\0", 8 }, { 0x03, true, "\x29\0\0\0", 4 },
        { 0x10, cd || dvd, "\0\0\x08\0\0\1\0\0", 8 }, { 0x1e, cd, "\0\0\0\0", 4 }, { 0x1f, dvd, "\0\0\0\0", 4 },
    };
    uint8_t *at = d->buf + 8, kind = p[1] & 3;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        if (kind == 2 ? rows[i].code == first : rows[i].code >= first && (!kind || rows[i].current))
            at = put_feature(at, rows[i].code, rows[i].current, rows[i].data, rows[i].len);
    st32_be(d->buf, (uint32_t)(at - d->buf - 4));
    st16_be(d->buf + 6, profile);
    answer(d, (uint32_t)(at - d->buf), ld16_be(p + 7));
}

/* 5.4: by polling only; of the classes, media. */
static void cmd_get_event(struct ata_drive *d, const uint8_t *p)
{
    if (!(p[1] & 1)) {
        check(d, ILLEGAL_REQUEST, ASC_FIELD);
        return;
    }
    d->buf[3] = 0x10;
    if (!(p[4] & 0x10)) {
        d->buf[2] = 0x80;            /* none of the asked */
        answer(d, 4, ld16_be(p + 7));
        return;
    }
    d->buf[1] = 4;
    d->buf[2] = 4;
    d->buf[4] = d->event ? 2 : 0;
    d->buf[5] = (uint8_t)(d->tray_open | (has_medium(d) ? 2 : 0));
    answer(d, 8, ld16_be(p + 7));
}

/* ---- mode pages -------------------------------------------------------------------------------- */

static uint8_t *put_recovery(struct ata_drive *d, uint8_t *at)
{
    (void)d;
    at[0] = 0x01;
    at[1] = 6;
    at[3] = 5;                       /* retries */
    return at + 8;
}

static uint8_t *put_capabilities(struct ata_drive *d, uint8_t *at)
{
    at[0] = 0x2a;
    at[1] = 20;
    at[2] = 0x0b;                    /* reads CD-R, CD-RW and DVD-ROM */
    at[4] = 0x70;                    /* mode 2, sessions */
    at[6] = (uint8_t)(0x29 | d->locked << 1);
    st16_be(at + 8, 706 * 4);        /* KB/s */
    st16_be(at + 12, ATA_BUFFER / 1024);
    st16_be(at + 14, 706 * 4);
    return at + 22;
}

static void mode_sense(struct ata_drive *d, const uint8_t *p, unsigned header, uint32_t allocated)
{
    uint8_t page = p[2] & 0x3f, *at = d->buf + header;
    uint32_t len;

    if (p[2] >> 6 == 3 || (page != 0x01 && page != 0x2a && page != 0x3f)) {      /* no saved values */
        check(d, ILLEGAL_REQUEST, ASC_FIELD);
        return;
    }
    if (page != 0x2a)
        at = put_recovery(d, at);
    if (page != 0x01)
        at = put_capabilities(d, at);
    len = (uint32_t)(at - d->buf);
    if (header == 8)
        st16_be(d->buf, (uint16_t)(len - 2));
    else
        d->buf[0] = (uint8_t)(len - 1);
    d->buf[header == 8 ? 2 : 1] = has_medium(d) ? 1 : d->tray_open ? 0x71 : 0x70;
    answer(d, len, allocated);
}

static void cmd_mode_sense6(struct ata_drive *d, const uint8_t *p)
{
    mode_sense(d, p, 4, p[4]);
}

static void cmd_mode_sense10(struct ata_drive *d, const uint8_t *p)
{
    mode_sense(d, p, 8, ld16_be(p + 7));
}

static void cmd_mechanism(struct ata_drive *d, const uint8_t *p)
{
    d->buf[1] = (uint8_t)(d->tray_open << 4);
    answer(d, 8, ld16_be(p + 8));
}

/* ---- dispatch ---------------------------------------------------------------------------------- */

enum { ALWAYS = 1 };                 /* also while a unit attention waits */

static const struct atapi_row {
    void (*run)(struct ata_drive *d, const uint8_t *p);
    uint8_t flags;
} commands[256] = {
    [0x00] = { cmd_test_unit_ready, 0 }, [0x03] = { cmd_request_sense, ALWAYS }, [0x12] = { cmd_inquiry, ALWAYS },
    [0x1a] = { cmd_mode_sense6, 0 }, [0x1b] = { cmd_start_stop, 0 }, [0x1e] = { cmd_prevent, 0 }, [0x25] = { cmd_read_capacity, 0 },
    [0x28] = { cmd_read10, 0 }, [0x2b] = { cmd_nothing, 0 }, [0x43] = { cmd_read_toc, 0 }, [0x46] = { cmd_get_configuration, ALWAYS },
    [0x4a] = { cmd_get_event, ALWAYS }, [0x51] = { cmd_disc_info, 0 }, [0x5a] = { cmd_mode_sense10, 0 }, [0xa8] = { cmd_read12, 0 },
    [0xbb] = { cmd_nothing, 0 }, [0xbd] = { cmd_mechanism, 0 }, [0xbe] = { cmd_read_cd, 0 },
};

void atapi_packet(struct ata_drive *d)
{
    uint8_t p[ATA_PACKET_BYTES];
    const struct atapi_row *row;

    memcpy(p, d->buf, sizeof(p));
    memset(d->buf, 0, 512);
    d->left = 0;
    row = &commands[p[0]];
    if (!row->run) {
        log_guest_error("atapi: command 0x%x, which the drive does not have", p[0]);
        check(d, ILLEGAL_REQUEST, ASC_OPCODE);
        return;
    }
    if (d->event && !(row->flags & ALWAYS)) {
        d->event = 0;
        check(d, UNIT_ATTENTION, ASC_CHANGED);
        return;
    }
    if (p[0] != 0x03)
        d->sense_key = d->asc = d->ascq = 0;
    row->run(d, p);
}

void atapi_start(struct ata_drive *d)
{
    uint32_t limit = (uint32_t)d->tf.high << 8 | d->tf.mid;

    if (d->tf.feature & 2) {         /* overlapped */
        ata_fail(d, ATA_ABRT);
        return;
    }
    d->packet_dma = d->tf.feature & 1;
    d->limit = limit < 2 || limit == 0xffff ? 0xfffe : limit;
    d->tf.count = REASON_COMMAND;
    ata_want_pio(d, ATA_PACKET, 0, ATA_PACKET_BYTES, false);
}

void atapi_reset(struct ata_drive *d)
{
    d->sense_key = d->asc = d->ascq = d->event = d->packet_dma = 0;
    d->packet_len = d->packet_pos = 0;
    d->limit = 0xfffe;
    d->left = 0;
    d->locked = 0;
}
