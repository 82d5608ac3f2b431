/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floppy disk controller 82077AA (Intel 290166), with drives whose disks are images of the usual sizes: fdc.h.
 *
 * Heads move, and sectors pass, at once. Sectors have 512 bytes. Not modelled: gaps, timing, tape drives, scan commands, deleted data (read
 * and written as data), power down.
 */
#include "config.h"
#include <string.h>
#include "block/block.h"
#include "hw/block/fdc.h"
#include "hw/dma/i8237.h"
#include "util/bits.h"
#include "util/log.h"

#define FDC_FIFO 16
#define FDC_DMA 2
#define FDC_FORMAT 4             /* bytes of an address mark */

enum fdc_reg { FDC_SRA, FDC_SRB, FDC_DOR, FDC_TDR, FDC_MSR, FDC_DATA };
enum dor { DOR_SELECT = 3, DOR_RUN = 4, DOR_DMA = 8 };
enum msr { MSR_BUSY = 0x10, MSR_NON_DMA = 0x20, MSR_TO_HOST = 0x40, MSR_READY = 0x80 };
enum { DSR_RESET = 0x80, DIR_CHANGED = 0x80 };
enum st0 { ST0_SEEK = 0x20, ST0_ABNORMAL = 0x40, ST0_INVALID = 0x80, ST0_POLL = 0xc0 };
enum st1 { ST1_NO_MARK = 1, ST1_WRITE_PROTECT = 2, ST1_NO_DATA = 4, ST1_OVERRUN = 0x10, ST1_DATA = 0x20, ST1_END = 0x80 };
enum st3 { ST3_TWO_SIDES = 8, ST3_TRACK0 = 0x10, ST3_READY = 0x20, ST3_PROTECTED = 0x40 };
enum fdc_command {
    CMD_READ_TRACK = 0x02, CMD_SPECIFY = 0x03, CMD_SENSE_DRIVE = 0x04, CMD_WRITE = 0x05, CMD_READ = 0x06, CMD_RECALIBRATE = 0x07,
    CMD_SENSE_INTERRUPT = 0x08, CMD_WRITE_DELETED = 0x09, CMD_READ_ID = 0x0a, CMD_READ_DELETED = 0x0c, CMD_FORMAT = 0x0d,
    CMD_DUMPREG = 0x0e, CMD_SEEK = 0x0f, CMD_VERSION = 0x10, CMD_PERPENDICULAR = 0x12, CMD_CONFIGURE = 0x13, CMD_LOCK = 0x14,
    CMD_VERIFY = 0x16, CMD_MASK = 0x1f, CMD_MULTITRACK = 0x80, CMD_RELATIVE = 0x80, CMD_LOCK_ON = 0x80,
};
enum fdc_phase { PHASE_COMMAND, PHASE_BUSY, PHASE_DATA, PHASE_RESULT };

struct fdc_geometry {
    uint32_t sectors;
    uint8_t tracks, heads, per_track, type;      /* type: as CMOS counts */
};

static const struct fdc_geometry geometries[] = {
    { 2880, 80, 2, 18, 4 }, { 5760, 80, 2, 36, 5 }, { 2400, 80, 2, 15, 2 }, { 1440, 80, 2, 9, 3 }, { 720, 40, 2, 9, 1 },
    { 640, 40, 2, 8, 1 }, { 360, 40, 1, 9, 1 }, { 320, 40, 1, 8, 1 }, { 3360, 80, 2, 21, 4 }, { 3280, 82, 2, 20, 4 }, { 3444, 82, 2, 21, 4 },
};

struct fdc;

/* Owner: the device lock. */
struct floppy {
    struct device dev;
    struct block *image;             /* properties; NULL: no disk */
    uint32_t unit;
    struct fdc *fdc;
    const struct fdc_geometry *geometry;
    uint8_t track, changed;
};

/* Owner: the device lock. */
struct fdc {
    struct device dev;
    struct device *dma;
    struct floppy *drive[FDC_DRIVES];

    uint8_t dor, tdr, dsr, phase, irq;
    uint8_t fifo[FDC_FIFO], pos, len;            /* of the command, or of the results */
    uint8_t specify[2], configure, precomp, lock, perpendicular;
    uint8_t pending, st0[4];                     /* SENSE INTERRUPT: a bit for each drive that has something to tell */
    uint8_t unit, cylinder, head, sector, eot, multitrack, fill, nformat;     /* of the transfer */
    uint16_t at;                                 /* in the buffer, without DMA */
    uint8_t buf[BLOCK_SECTOR];
    uint8_t marks[256 * FDC_FORMAT];
    uint64_t epoch;                              /* advances at reset: completions of before are dropped */
};

struct fdc_io {
    struct fdc *s;
    uint64_t epoch;
    void (*done)(struct fdc *s, bool ok);
    uint8_t buf[BLOCK_SECTOR];
    bool reading;
};

static void set_irq(struct fdc *s, bool level)
{
    s->irq = level;
    irq_set(s->dev.out[0], level && s->dor & DOR_DMA);
}

static struct floppy *selected(struct fdc *s)
{
    return s->unit < FDC_DRIVES ? s->drive[s->unit] : NULL;
}

static bool has_disk(const struct floppy *f)
{
    return f && f->image;
}

/* ---- results ----------------------------------------------------------------------------------- */

static void command_phase(struct fdc *s)
{
    s->phase = PHASE_COMMAND;
    s->pos = s->len = 0;
}

static void result_phase(struct fdc *s, const uint8_t *bytes, unsigned n)
{
    memcpy(s->fifo, bytes, n);
    s->phase = PHASE_RESULT;
    s->pos = 0;
    s->len = (uint8_t)n;
}

static void invalid(struct fdc *s)
{
    log_guest_error("fdc: command 0x%x", s->fifo[0]);
    result_phase(s, (const uint8_t[]){ ST0_INVALID }, 1);
}

/* Seven bytes and an interrupt end commands that move data. */
static void finish(struct fdc *s, uint8_t st0, uint8_t st1, uint8_t st2)
{
    const uint8_t r[7] = { st0 | s->unit | (uint8_t)(s->head << 2), st1, st2, s->cylinder, s->head, s->sector, 2 };

    result_phase(s, r, sizeof(r));
    set_irq(s, true);
}

static void tell_seek(struct fdc *s, unsigned unit, uint8_t st0)
{
    s->pending |= BIT(unit);
    s->st0[unit] = (uint8_t)(st0 | unit);
    set_irq(s, true);
}

/* ---- the disk ---------------------------------------------------------------------------------- */

static void io_done(void *opaque, int error)
{
    struct fdc_io *io = opaque;
    struct fdc *s = io->s;

    if (io->epoch == s->epoch) {
        struct floppy *f = selected(s);
        enum block_action action = error && f ? block_error(f->image, io->reading, error, BLOCK_ON_REPORT) : BLOCK_DO_IGNORE;

        if (io->reading)
            memcpy(s->buf, io->buf, BLOCK_SECTOR);
        io->done(s, !error || action == BLOCK_DO_IGNORE);
    }
    g_free(io);
}

/* The sector that is next; false: the disk has none there, and the command has ended. */
static bool start_io(struct fdc *s, enum block_op op, void (*done)(struct fdc *s, bool ok))
{
    struct floppy *f = selected(s);
    const struct fdc_geometry *g = has_disk(f) ? f->geometry : NULL;
    struct fdc_io *io;
    uint64_t lba;

    if (!g || s->cylinder != f->track || s->cylinder >= g->tracks || s->head >= g->heads || !s->sector || s->sector > g->per_track) {
        finish(s, ST0_ABNORMAL, g ? ST1_NO_DATA : ST1_NO_MARK, 0);
        return false;
    }
    lba = ((uint64_t)s->cylinder * g->heads + s->head) * g->per_track + s->sector - 1;
    if ((lba + 1) * BLOCK_SECTOR > block_size(f->image)) {
        finish(s, ST0_ABNORMAL, ST1_NO_DATA, 0);
        return false;
    }
    if (op == BLOCK_WRITE && block_readonly(f->image)) {
        finish(s, ST0_ABNORMAL, ST1_WRITE_PROTECT, 0);
        return false;
    }
    io = g_new0(struct fdc_io, 1);
    io->s = s;
    io->epoch = s->epoch;
    io->done = done;
    io->reading = op == BLOCK_READ;
    memcpy(io->buf, s->buf, BLOCK_SECTOR);
    s->phase = PHASE_BUSY;
    block_submit(f->image, op, lba * BLOCK_SECTOR, io->buf, BLOCK_SECTOR, io_done, io);
    return true;
}

/* ---- transfers --------------------------------------------------------------------------------- */

static bool by_dma(const struct fdc *s)
{
    return !(s->specify[1] & 1);
}

static bool is_write(const struct fdc *s)
{
    unsigned c = s->fifo[0] & CMD_MASK;

    return c == CMD_WRITE || c == CMD_WRITE_DELETED;
}

static void next_sector(struct fdc *s);

/* 82077AA, table 5-3: where the next sector would be. True after the last one of the command. */
static bool step(struct fdc *s)
{
    if (s->sector != s->eot) {
        s->sector++;
        return false;
    }
    s->sector = 1;
    if (s->multitrack && !s->head) {
        s->head = 1;
        return false;
    }
    if (s->multitrack)
        s->head = 0;
    s->cylinder++;
    return true;
}

/* A sector is through. end: the DMA controller says that it was the last. */
static void advance(struct fdc *s, bool end)
{
    bool last = step(s);

    if (end || (last && (s->fifo[0] & CMD_MASK) == CMD_VERIFY))
        finish(s, 0, 0, 0);
    else if (last)
        finish(s, ST0_ABNORMAL, ST1_END, 0);
    else
        next_sector(s);
}

static void sector_written(struct fdc *s, bool ok)
{
    bool end = s->at & 0x8000;

    if (ok)
        advance(s, end);
    else
        finish(s, ST0_ABNORMAL, ST1_DATA, 0);
}

static void host_phase(struct fdc *s)
{
    s->phase = PHASE_DATA;
    s->at = 0;
    set_irq(s, true);
}

static void sector_read(struct fdc *s, bool ok)
{
    bool end;

    if (!ok) {
        finish(s, ST0_ABNORMAL, ST1_DATA, 0);
    } else if ((s->fifo[0] & CMD_MASK) == CMD_VERIFY) {
        advance(s, false);
    } else if (!by_dma(s)) {
        host_phase(s);
    } else if (i8237_transfer(s->dma, FDC_DMA, s->buf, BLOCK_SECTOR, &end) < BLOCK_SECTOR && !end) {
        finish(s, ST0_ABNORMAL, ST1_OVERRUN, 0);
    } else {
        advance(s, end);
    }
}

static void next_sector(struct fdc *s)
{
    bool end = false;
    uint32_t n;

    if (!is_write(s)) {
        start_io(s, BLOCK_READ, sector_read);
    } else if (!by_dma(s)) {
        host_phase(s);
    } else {
        memset(s->buf, 0, sizeof(s->buf));
        n = i8237_transfer(s->dma, FDC_DMA, s->buf, BLOCK_SECTOR, &end);
        s->at = end ? 0x8000 : 0;
        if (n < BLOCK_SECTOR && !end)
            finish(s, ST0_ABNORMAL, ST1_OVERRUN, 0);
        else
            start_io(s, BLOCK_WRITE, sector_written);
    }
}

static void take_address(struct fdc *s)
{
    struct floppy *f;

    s->unit = s->fifo[1] & 3;
    s->cylinder = s->fifo[2];
    s->head = s->fifo[3] & 1;
    s->sector = s->fifo[4];
    s->eot = s->fifo[6];
    s->multitrack = s->fifo[0] & CMD_MULTITRACK ? 1 : 0;
    f = selected(s);
    if (f && s->configure & 0x40)
        f->track = s->cylinder;      /* implied seek */
}

static void cmd_transfer(struct fdc *s)
{
    take_address(s);
    if (s->fifo[5] != 2)             /* only sectors of 512 bytes */
        finish(s, ST0_ABNORMAL, ST1_NO_DATA, 0);
    else
        next_sector(s);
}

/* READ TRACK: as many sectors as EOT says, from the first on. */
static void cmd_read_track(struct fdc *s)
{
    take_address(s);
    s->sector = 1;
    s->multitrack = 0;
    next_sector(s);
}

/* ---- formatting -------------------------------------------------------------------------------- */

static void format_next(struct fdc *s);

static void sector_formatted(struct fdc *s, bool ok)
{
    if (ok)
        format_next(s);
    else
        finish(s, ST0_ABNORMAL, ST1_DATA, 0);
}

static void format_next(struct fdc *s)
{
    const uint8_t *mark = s->marks + s->at * FDC_FORMAT;

    if (s->at == s->nformat) {
        finish(s, 0, 0, 0);
        return;
    }
    s->at++;
    s->cylinder = mark[0];
    s->head = mark[1] & 1;
    s->sector = mark[2];
    memset(s->buf, s->fill, sizeof(s->buf));
    start_io(s, BLOCK_WRITE, sector_formatted);
}

static void cmd_format(struct fdc *s)
{
    bool end;
    uint32_t need = s->fifo[3] * (uint32_t)FDC_FORMAT;

    s->unit = s->fifo[1] & 3;
    s->head = s->fifo[1] >> 2 & 1;
    s->nformat = s->fifo[3];
    s->fill = s->fifo[5];
    s->at = 0;
    if (!by_dma(s) || s->fifo[2] != 2 || i8237_transfer(s->dma, FDC_DMA, s->marks, need, &end) < need) {
        finish(s, ST0_ABNORMAL, ST1_OVERRUN, 0);
        return;
    }
    format_next(s);
}

/* ---- other commands ---------------------------------------------------------------------------- */

static void cmd_read_id(struct fdc *s)
{
    struct floppy *f;

    s->unit = s->fifo[1] & 3;
    s->head = s->fifo[1] >> 2 & 1;
    f = selected(s);
    if (!has_disk(f) || f->track >= f->geometry->tracks || s->head >= f->geometry->heads) {
        finish(s, ST0_ABNORMAL, ST1_NO_MARK, 0);
        return;
    }
    s->cylinder = f->track;
    s->sector = 1;
    finish(s, 0, 0, 0);
}

static void seek_to(struct fdc *s, int track)
{
    struct floppy *f;

    s->unit = s->fifo[1] & 3;
    f = selected(s);
    command_phase(s);
    if (!f) {
        tell_seek(s, s->unit, ST0_SEEK | ST0_ABNORMAL | 0x10);
        return;
    }
    if (f->image && track != f->track)
        f->changed = 0;              /* a step with a disk in the drive resets the line */
    f->track = (uint8_t)MAX_OF(MIN_OF(track, 255), 0);
    tell_seek(s, s->unit, ST0_SEEK);
}

static void cmd_recalibrate(struct fdc *s)
{
    struct floppy *f;

    s->unit = s->fifo[1] & 3;
    f = selected(s);
    if (f && f->image)
        f->changed = 0;
    seek_to(s, 0);
}

static void cmd_seek(struct fdc *s)
{
    struct floppy *f;
    int by = s->fifo[2];

    s->unit = s->fifo[1] & 3;
    s->head = s->fifo[1] >> 2 & 1;
    f = selected(s);
    if (s->fifo[0] & CMD_RELATIVE)
        by = (f ? f->track : 0) + (s->fifo[0] & 0x40 ? by : -by);
    seek_to(s, by);
}

static void cmd_sense_interrupt(struct fdc *s)
{
    set_irq(s, false);
    for (unsigned i = 0; i < 4; i++) {
        if (!(s->pending & BIT(i)))
            continue;
        s->pending &= (uint8_t)~BIT(i);
        result_phase(s, (const uint8_t[]){ s->st0[i], i < FDC_DRIVES && s->drive[i] ? s->drive[i]->track : 0 }, 2);
        if (s->pending && (s->st0[i] & ST0_POLL) != ST0_POLL)
            set_irq(s, true);
        return;
    }
    result_phase(s, (const uint8_t[]){ ST0_INVALID }, 1);
}

static void cmd_sense_drive(struct fdc *s)
{
    struct floppy *f;
    uint8_t st3 = s->fifo[1] & 7;

    s->unit = s->fifo[1] & 3;
    f = selected(s);
    if (f)
        st3 |= (uint8_t)(ST3_READY | ST3_TWO_SIDES | (f->track ? 0 : ST3_TRACK0) | (f->image && block_readonly(f->image) ? ST3_PROTECTED : 0));
    result_phase(s, &st3, 1);
}

static void cmd_specify(struct fdc *s)
{
    memcpy(s->specify, s->fifo + 1, 2);
    command_phase(s);
}

static void cmd_configure(struct fdc *s)
{
    s->configure = s->fifo[2];
    s->precomp = s->fifo[3];
    command_phase(s);
}

static void cmd_perpendicular(struct fdc *s)
{
    s->perpendicular = s->fifo[1];
    command_phase(s);
}

static void cmd_dumpreg(struct fdc *s)
{
    uint8_t track[2] = { s->drive[0] ? s->drive[0]->track : 0, s->drive[1] ? s->drive[1]->track : 0 };
    const uint8_t r[10] = { track[0], track[1], 0, 0, s->specify[0], s->specify[1], s->eot, (uint8_t)(s->lock << 7 | (s->perpendicular & 0x7f)),
                            s->configure, s->precomp };

    result_phase(s, r, sizeof(r));
}

static void cmd_version(struct fdc *s)
{
    result_phase(s, (const uint8_t[]){ 0x90 }, 1);
}

static void cmd_lock(struct fdc *s)
{
    s->lock = s->fifo[0] & CMD_LOCK_ON ? 1 : 0;
    result_phase(s, (const uint8_t[]){ (uint8_t)(s->lock << 4) }, 1);
}

static const struct fdc_row {
    void (*run)(struct fdc *s);
    uint8_t len, mask;               /* bytes with the command itself; bits of it that are options */
} commands[CMD_MASK + 1] = {
    [CMD_READ_TRACK] = { cmd_read_track, 9, 0x60 }, [CMD_SPECIFY] = { cmd_specify, 3, 0 }, [CMD_SENSE_DRIVE] = { cmd_sense_drive, 2, 0 },
    [CMD_WRITE] = { cmd_transfer, 9, 0xc0 }, [CMD_READ] = { cmd_transfer, 9, 0xe0 }, [CMD_RECALIBRATE] = { cmd_recalibrate, 2, 0 },
    [CMD_SENSE_INTERRUPT] = { cmd_sense_interrupt, 1, 0 }, [CMD_WRITE_DELETED] = { cmd_transfer, 9, 0xc0 },
    [CMD_READ_ID] = { cmd_read_id, 2, 0x40 }, [CMD_READ_DELETED] = { cmd_transfer, 9, 0xe0 }, [CMD_FORMAT] = { cmd_format, 6, 0x40 },
    [CMD_DUMPREG] = { cmd_dumpreg, 1, 0 }, [CMD_SEEK] = { cmd_seek, 3, 0xc0 }, [CMD_VERSION] = { cmd_version, 1, 0 },
    [CMD_PERPENDICULAR] = { cmd_perpendicular, 2, 0 }, [CMD_CONFIGURE] = { cmd_configure, 4, 0 }, [CMD_LOCK] = { cmd_lock, 1, 0x80 },
    [CMD_VERIFY] = { cmd_transfer, 9, 0xe0 },
};

/* ---- registers --------------------------------------------------------------------------------- */

static void soft_reset(struct fdc *s)
{
    s->epoch++;
    command_phase(s);
    set_irq(s, false);
    s->pending = 0;
    s->multitrack = 0;
    if (!s->lock) {
        s->configure = 0x20;
        s->precomp = 0;
    }
}

/* 4.1.4: after a reset each of four drives has something to tell, once. */
static void leave_reset(struct fdc *s)
{
    for (unsigned i = 0; i < 4; i++)
        s->st0[i] = (uint8_t)(ST0_POLL | i);
    s->pending = 15;
    set_irq(s, true);
}

static void write_dor(struct fdc *s, uint8_t v)
{
    uint8_t old = s->dor;

    s->dor = v;
    if (old & DOR_RUN && !(v & DOR_RUN))
        soft_reset(s);
    else if (!(old & DOR_RUN) && v & DOR_RUN)
        leave_reset(s);
    set_irq(s, s->irq);
}

static uint8_t read_msr(const struct fdc *s)
{
    if (!(s->dor & DOR_RUN))
        return 0;
    switch (s->phase) {
    case PHASE_COMMAND:
        return MSR_READY | (s->pos ? MSR_BUSY : 0);
    case PHASE_RESULT:
        return MSR_READY | MSR_TO_HOST | MSR_BUSY;
    case PHASE_DATA:
        return MSR_READY | MSR_NON_DMA | MSR_BUSY | (is_write(s) ? 0 : MSR_TO_HOST);
    default:
        return MSR_BUSY;
    }
}

/* Without DMA: a sector has been read or written by the host. */
static void host_done(struct fdc *s)
{
    set_irq(s, false);
    if (is_write(s)) {
        s->at = 0;
        start_io(s, BLOCK_WRITE, sector_written);
    } else {
        advance(s, false);
    }
}

static uint8_t read_data(struct fdc *s)
{
    uint8_t v;

    if (s->phase == PHASE_DATA && !is_write(s)) {
        v = s->buf[s->at++];
        set_irq(s, false);
        if (s->at == BLOCK_SECTOR)
            host_done(s);
        return v;
    }
    if (s->phase != PHASE_RESULT)
        return 0;
    if (s->len > 2)                  /* the interrupt of a transfer goes with the first byte of its result */
        set_irq(s, false);
    v = s->fifo[s->pos++];
    if (s->pos == s->len)
        command_phase(s);
    return v;
}

static void write_data(struct fdc *s, uint8_t v)
{
    const struct fdc_row *row;

    if (!(s->dor & DOR_RUN))
        return;
    if (s->phase == PHASE_DATA && is_write(s)) {
        s->buf[s->at++] = v;
        set_irq(s, false);
        if (s->at == BLOCK_SECTOR)
            host_done(s);
        return;
    }
    if (s->phase != PHASE_COMMAND) {
        log_guest_error("fdc: data register written while it is busy");
        return;
    }
    if (!s->pos) {
        row = &commands[v & CMD_MASK];
        s->len = row->run && !(v & ~CMD_MASK & ~row->mask) ? row->len : 1;
    }
    s->fifo[s->pos++] = v;
    if (s->pos < s->len)
        return;
    row = &commands[s->fifo[0] & CMD_MASK];
    if (row->run && !(s->fifo[0] & ~CMD_MASK & ~row->mask))
        row->run(s);
    else
        invalid(s);
}

static uint64_t fdc_read(void *opaque, uint64_t off, unsigned size)
{
    struct fdc *s = opaque;

    (void)size;
    switch (off) {
    case FDC_SRA:
        return s->irq ? 0x80 : 0;
    case FDC_SRB:
        return 0xc0;
    case FDC_DOR:
        return s->dor;
    case FDC_TDR:
        return s->tdr;
    case FDC_MSR:
        return read_msr(s);
    default:
        return read_data(s);
    }
}

static void fdc_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct fdc *s = opaque;

    (void)size;
    switch (off) {
    case FDC_DOR:
        write_dor(s, (uint8_t)val);
        break;
    case FDC_TDR:
        s->tdr = val & 3;
        break;
    case FDC_MSR:                    /* data rate select */
        s->dsr = val & 0x7f;
        if (val & DSR_RESET && s->dor & DOR_RUN) {
            soft_reset(s);
            leave_reset(s);
        }
        break;
    case FDC_DATA:
        write_data(s, (uint8_t)val);
        break;
    default:
        log_guest_error("fdc: write of register %u", (unsigned)off);
    }
}

/* Digital input: the disk of the selected drive was changed, if its motor is on. */
static uint64_t dir_read(void *opaque, uint64_t off, unsigned size)
{
    struct fdc *s = opaque;
    unsigned unit = s->dor & DOR_SELECT;
    const struct floppy *f = unit < FDC_DRIVES ? s->drive[unit] : NULL;

    (void)off;
    (void)size;
    if (!(s->dor & BIT(4 + unit)))
        return 0;
    return !f || !f->image || f->changed ? DIR_CHANGED : 0;
}

static void ccr_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct fdc *s = opaque;

    (void)off;
    (void)size;
    s->dsr = (uint8_t)((s->dsr & ~3) | (val & 3));
}

static const struct mmio_ops fdc_ops = { .read = fdc_read, .write = fdc_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops dir_ops = { .read = dir_read, .write = ccr_write, .min_size = 1, .max_size = 1 };

/* ---- the controller ---------------------------------------------------------------------------- */

void fdc_set_dma(struct device *fdc, struct device *dma)
{
    ((struct fdc *)fdc)->dma = dma;
}

unsigned fdc_drive_type(struct device *fdc, unsigned unit)
{
    const struct floppy *f = ((struct fdc *)fdc)->drive[unit];

    return f ? f->geometry->type : 0;
}

static void fdc_reset(struct device *dev)
{
    struct fdc *s = (struct fdc *)dev;

    s->lock = 0;
    soft_reset(s);
    s->dor = DOR_RUN | DOR_DMA;
    s->tdr = s->dsr = s->perpendicular = 0;
    s->specify[0] = s->specify[1] = 0;
    s->unit = s->cylinder = s->head = s->sector = s->eot = 0;
    s->at = 0;
}

static bool fdc_realize(struct device *dev, GError **err)
{
    struct fdc *s = (struct fdc *)dev;

    (void)err;
    g_assert(s->dma);
    device_init_mmio(dev, 0, "fdc", &fdc_ops, s, 6);
    device_init_mmio(dev, 1, "fdc-dir", &dir_ops, s, 1);
    device_init_out(dev, 1);
    return true;
}

static void fdc_unrealize(struct device *dev)
{
    ((struct fdc *)dev)->epoch++;
}

static bool fdc_post_load(struct device *dev, GError **err)
{
    struct fdc *s = (struct fdc *)dev;

    if (s->phase > PHASE_RESULT || s->pos > FDC_FIFO || s->len > FDC_FIFO || (s->phase == PHASE_DATA && s->at >= BLOCK_SECTOR) ||
        (s->phase == PHASE_COMMAND && s->pos && s->pos >= s->len) || (s->phase == PHASE_RESULT && s->pos >= s->len)) {
        g_set_error(err, g_quark_from_static_string("fdc"), 0, "isa-fdc: state out of range");
        return false;
    }
    s->unit &= 3;
    set_irq(s, s->irq);
    return true;
}

static const struct state_field fdc_state[] = {
    STATE(struct fdc, dor), STATE(struct fdc, tdr), STATE(struct fdc, dsr), STATE(struct fdc, phase), STATE(struct fdc, irq),
    STATE_ARRAY(struct fdc, fifo), STATE(struct fdc, pos), STATE(struct fdc, len), STATE_ARRAY(struct fdc, specify),
    STATE(struct fdc, configure), STATE(struct fdc, precomp), STATE(struct fdc, lock), STATE(struct fdc, perpendicular),
    STATE(struct fdc, pending), STATE_ARRAY(struct fdc, st0), STATE(struct fdc, unit), STATE(struct fdc, cylinder),
    STATE(struct fdc, head), STATE(struct fdc, sector), STATE(struct fdc, eot), STATE(struct fdc, multitrack), STATE(struct fdc, fill),
    STATE(struct fdc, nformat), STATE(struct fdc, at), STATE_ARRAY(struct fdc, buf), STATE_ARRAY(struct fdc, marks),
    STATE_END
};

static const struct device_type fdc_type = {
    .name = "isa-fdc", .desc = "floppy disk controller of a PC", .size = sizeof(struct fdc), .state = fdc_state,
    .realize = fdc_realize, .reset = fdc_reset, .unrealize = fdc_unrealize, .post_load = fdc_post_load,
};
DEVICE_REGISTER(fdc_type)

/* ---- drives ------------------------------------------------------------------------------------ */

#define ANY_UNIT UINT32_MAX

bool fdc_plug(struct device *fdc, struct device *floppy, GError **err)
{
    struct fdc *s = (struct fdc *)fdc;
    struct floppy *f = (struct floppy *)floppy;

    if (f->unit == ANY_UNIT)
        f->unit = s->drive[0] ? 1 : 0;
    if (f->unit >= FDC_DRIVES || s->drive[f->unit]) {
        g_set_error(err, g_quark_from_static_string("fdc"), 0, "floppy: unit=%u: %s", f->unit,
                    f->unit < FDC_DRIVES ? "there is a drive already; use the other one" : "there are units 0 and 1");
        return false;
    }
    f->fdc = s;
    floppy->parent_bus = fdc;
    s->drive[f->unit] = f;
    return true;
}

/* The first that has the image's size, else a usual disk, of which the image fills a part. */
static const struct fdc_geometry *find_geometry(const struct block *image)
{
    uint64_t sectors = image ? block_size(image) / BLOCK_SECTOR : 0;

    for (unsigned i = 0; i < ARRAY_SIZE(geometries); i++)
        if (geometries[i].sectors == sectors)
            return &geometries[i];
    return sectors > geometries[0].sectors ? &geometries[1] : &geometries[0];
}

static bool floppy_realize(struct device *dev, GError **err)
{
    struct floppy *f = (struct floppy *)dev;

    if (!f->fdc) {
        g_set_error(err, g_quark_from_static_string("fdc"), 0, "it needs a machine with a floppy disk controller");
        return false;
    }
    f->geometry = find_geometry(f->image);
    return true;
}

static void floppy_reset(struct device *dev)
{
    struct floppy *f = (struct floppy *)dev;

    f->track = 0;
    f->changed = 1;
    if (f->image)
        block_drain(f->image);
}

static void floppy_unrealize(struct device *dev)
{
    struct floppy *f = (struct floppy *)dev;

    f->fdc->epoch++;
    if (f->image)
        block_drain(f->image);
    f->fdc->drive[f->unit] = NULL;
}

static void floppy_run_state(struct device *dev, bool running)
{
    struct floppy *f = (struct floppy *)dev;

    if (f->image && !running)
        block_drain(f->image);
}

static const struct device_prop floppy_props[] = {
    PROP(struct floppy, image, "drive", PROP_DRIVE, 0, "id of a -drive or node-name of a -blockdev"),
    PROP(struct floppy, unit, "unit", PROP_U32, ANY_UNIT, "which drive it is, 0 (A) or 1 (B)"),
    PROP_END
};

static const struct state_field floppy_state[] = { STATE(struct floppy, track), STATE(struct floppy, changed), STATE_END };

static const struct device_type floppy_type = {
    .name = "floppy", .desc = "floppy disk drive", .size = sizeof(struct floppy), .user_creatable = true, .bus = "floppy-bus",
    .props = floppy_props, .state = floppy_state, .realize = floppy_realize, .reset = floppy_reset, .unrealize = floppy_unrealize,
    .run_state = floppy_run_state,
};
DEVICE_REGISTER(floppy_type)
