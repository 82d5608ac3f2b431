/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ATA disks and ATAPI CD-ROM drives (devices "ide-hd", "ide-cd"), as the controllers see them: IDE channels (ide.h) and AHCI ports. A
 * drive has its registers, runs commands, and asks its controller to move data.
 *
 * A controller's type has a struct ata_controller_ops as class_data; its buses (channels, ports) are struct ata_bus. The board calls ata_plug
 * before it realizes a drive. Everything runs with the device lock held.
 */
#ifndef HW_BLOCK_ATA_H
#define HW_BLOCK_ATA_H

#include <sys/uio.h>
#include "block/block.h"
#include "softmmu/device.h"

#define ATA_UNITS 2
#define ATA_BUFFER 65536
#define ATA_PIECES 512
#define ATA_CD_SECTOR 2048
#define ATA_PACKET_BYTES 12

enum ata_status { ATA_ERR = 1, ATA_DRQ = 8, ATA_DSC = 0x10, ATA_DF = 0x20, ATA_DRDY = 0x40, ATA_BSY = 0x80 };
enum ata_error { ATA_ABRT = 4, ATA_IDNF = 0x10, ATA_UNC = 0x40, ATA_ICRC = 0x80 };
enum ata_device_bits { ATA_UNIT = 0x10, ATA_LBA = 0x40, ATA_DEVICE_SET = 0xa0 };

/* Registers; hob: what was written before, for 48-bit commands. */
struct ata_taskfile {
    uint8_t feature, count, low, mid, high, device;
    uint8_t hob_feature, hob_count, hob_low, hob_mid, hob_high;
    uint8_t status, error;
};

enum ata_phase {
    ATA_IDLE,
    ATA_PIO_IN, ATA_PIO_OUT, ATA_PACKET,         /* the host moves bytes pos to len of the buffer, then calls ata_pio_done */
    ATA_DMA_WAIT,                                /* the host is to call ata_dma_start */
    ATA_WORKING,                                 /* I/O or DMA is under way */
};

struct ata_drive;
struct ata_bus;

/* What a controller does for the drives of a bus. */
struct ata_bus_ops {
    /* d->phase is one of the PIO ones now; irq: the drive interrupts. It may call ata_pio_done at once. */
    void (*pio)(struct ata_bus *bus, struct ata_drive *d, bool irq);
    /* d->phase is ATA_DMA_WAIT. It may call ata_dma_start at once. */
    void (*dma)(struct ata_bus *bus, struct ata_drive *d);
    /* The next piece of memory of the DMA, at most want bytes; 0: there is no more. */
    uint32_t (*piece)(struct ata_bus *bus, struct ata_drive *d, uint32_t want, uint64_t *addr);
    /* The command is over, d->phase is ATA_IDLE; irq: the drive interrupts. */
    void (*done)(struct ata_bus *bus, struct ata_drive *d, bool irq);
};

/* Embedded in controllers. */
struct ata_bus {
    const struct ata_bus_ops *ops;
    struct device *controller;
    unsigned n;                          /* which of the controller's */
    unsigned units;                      /* how many drives it takes */
    struct ata_drive *drive[ATA_UNITS];
};

struct ata_controller_ops {
    struct ata_bus *(*bus)(struct device *controller, unsigned n);       /* NULL: there are not so many */
};

/* The n-th bus of a controller (any device); NULL when there is none. */
struct ata_bus *ata_controller_bus(struct device *controller, unsigned n);
/* Give a drive that is not realized yet its place: its unit= or the first free one. False with err: taken, or none left. */
bool ata_plug(struct ata_bus *bus, struct device *drive, GError **err);

/* ---- I/O between an image and guest memory, piece by piece ---- */

enum ata_io_result { ATA_IO_OK, ATA_IO_ERROR, ATA_IO_NO_MEMORY };

struct ata_io {
    struct ata_drive *d;
    enum block_op op;
    unsigned flags;
    uint64_t offset, left;               /* bytes */
    uint8_t *buf;                        /* not NULL: the host's buffer for all of it, and piece is not called */
    uint32_t (*piece)(struct ata_io *io, uint32_t want, uint64_t *addr);
    void (*done)(struct ata_io *io, enum ata_io_result result);
    /* ata_io's own */
    uint64_t epoch, chunk;
    bool busy, kept;
    unsigned npieces;
    struct iovec iov[ATA_PIECES];
    uint64_t addr[ATA_PIECES];
    struct ata_io *next;
};

/* Start; done is called later, unless the drive is reset before. Fields up to done are set, all else zero or as the last use left it. */
void ata_io_start(struct ata_io *io);

/* ---- drives ---- */

struct ata_drive {
    struct device dev;
    struct block *image;                 /* properties; NULL: a CD-ROM drive without medium */
    char *serial, *model, *version, *bus_name, *rerror, *werror;
    uint32_t unit;
    enum block_on_error on_read, on_write;
    struct ata_bus *bus;
    bool cdrom;

    struct ata_taskfile tf;
    uint8_t command, phase;
    uint8_t multiple;                    /* sectors of a READ MULTIPLE's block, 0: off */
    uint8_t udma, mwdma;                 /* chosen mode and 8, 0: none */
    uint8_t write_cache, look_ahead, smart, standby;
    uint16_t heads, sectors;             /* of the CHS translation */
    uint64_t lba;                        /* the command under way: next sector, and how many are left */
    uint32_t left;
    uint32_t pos, len;                   /* what the host has of the buffer, and ends where */
    uint32_t block;                      /* of PIO, sectors */
    uint8_t buf[ATA_BUFFER];
    /* ATAPI */
    uint8_t packet_dma, sense_key, asc, ascq, tray_open, locked, event;
    uint32_t packet_len, packet_pos;     /* what the command gives, and how much of it the host has */
    uint32_t limit;                      /* byte count of a DRQ block */

    uint64_t epoch;                      /* advances at reset: completions of before are dropped */
    bool halted;
    struct ata_io io;
    struct ata_io *kept;                 /* while the machine stands for an error */
};

/* The register state after power-up or reset, with the signature of its kind. Waits for I/O. */
void ata_reset(struct ata_drive *d);
/* A command was written; the registers are its arguments. */
void ata_run(struct ata_drive *d, uint8_t command);
void ata_pio_done(struct ata_drive *d);
void ata_dma_start(struct ata_drive *d);
/* The host will not move what the drive waits for: the command fails. */
void ata_abandon(struct ata_drive *d);
/* Sectors of 512 bytes. */
uint64_t ata_sectors(const struct ata_drive *d);
/* Registers that name 48-bit addresses and counts; count 0 is 65536. */
uint64_t ata_lba48(const struct ata_taskfile *tf);
uint32_t ata_count48(const struct ata_taskfile *tf);

/* ---- between ata.c, ata-io.c and atapi.c ---- */

void ata_io_run_state(struct ata_drive *d, bool running);
void ata_io_cancel(struct ata_drive *d);

void ata_done(struct ata_drive *d, bool irq);
void ata_fail(struct ata_drive *d, uint8_t error);
/* Bytes pos to len of the buffer. */
void ata_want_pio(struct ata_drive *d, enum ata_phase phase, uint32_t pos, uint32_t len, bool irq);
void ata_want_dma(struct ata_drive *d);
void ata_work(struct ata_drive *d);
/* Give the host len bytes of the buffer by DMA; false: its memory ended before. */
bool ata_copy_out(struct ata_drive *d, uint32_t len);
void atapi_reset(struct ata_drive *d);
void atapi_identify(struct ata_drive *d);
void atapi_start(struct ata_drive *d);           /* PACKET was written */
void atapi_packet(struct ata_drive *d);          /* its bytes are in the buffer */
void atapi_pio_done(struct ata_drive *d);
void atapi_dma_start(struct ata_drive *d);

#endif
