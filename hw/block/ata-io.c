/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ATA drives: transfers between an image and guest memory in place, a bounded list of pieces at a time. */
#include "config.h"
#include "hw/block/ata.h"
#include "softmmu/dma.h"

#define ATA_CHUNK (1u << 20)

static void submit(struct ata_io *io);

/* As many pieces as there is room for, cut to whole sectors. */
static bool collect(struct ata_io *io)
{
    struct bus *bus = device_bus(&io->d->dev);
    uint64_t want = io->left < ATA_CHUNK ? io->left : ATA_CHUNK;

    io->npieces = 0;
    io->chunk = 0;
    while (io->chunk < want && io->npieces < ATA_PIECES) {
        uint64_t addr = 0, len = io->piece(io, (uint32_t)(want - io->chunk), &addr);

        if (!len)
            return false;
        while (len) {
            uint64_t n = len;
            void *p = io->npieces < ATA_PIECES ? dma_map(bus, addr, &n, io->op == BLOCK_READ) : NULL;

            if (!p)
                return false;
            io->iov[io->npieces] = (struct iovec){ p, n };
            io->addr[io->npieces++] = addr;
            io->chunk += n;
            addr += n;
            len -= n;
        }
    }
    return io->chunk >= BLOCK_SECTOR && io->chunk % BLOCK_SECTOR == 0;
}

static void finish(struct ata_io *io, enum ata_io_result result)
{
    io->busy = false;
    io->done(io, result);
}

static void keep(struct ata_io *io)
{
    io->kept = true;
    io->next = io->d->kept;
    io->d->kept = io;
    device_request(&io->d->dev, MACHINE_STOP_IO_ERROR);
}

static void io_done(void *opaque, int error)
{
    struct ata_io *io = opaque;
    struct ata_drive *d = io->d;
    bool reading = io->op == BLOCK_READ;

    for (unsigned i = 0; reading && !io->buf && i < io->npieces; i++)
        bus_changed(device_bus(&d->dev), io->addr[i], io->iov[i].iov_len);
    if (io->epoch != d->epoch) {
        io->busy = false;
        return;
    }
    if (error)
        switch (block_error(d->image, reading, error, reading ? d->on_read : d->on_write)) {
        case BLOCK_DO_STOP:
            keep(io);
            return;
        case BLOCK_DO_REPORT:
            finish(io, ATA_IO_ERROR);
            return;
        case BLOCK_DO_IGNORE:
            break;
        }
    io->offset += io->chunk;
    io->left -= io->chunk;
    if (io->left && !io->buf) {
        if (collect(io))
            submit(io);
        else
            finish(io, ATA_IO_NO_MEMORY);
    } else {
        finish(io, ATA_IO_OK);
    }
}

static void submit(struct ata_io *io)
{
    block_submitv(io->d->image, io->op, io->flags, io->offset, io->iov, io->npieces, io->chunk, io_done, io);
}

void ata_io_start(struct ata_io *io)
{
    g_assert(!io->busy);
    io->epoch = io->d->epoch;
    io->busy = true;
    io->kept = false;
    io->npieces = 0;
    io->chunk = 0;
    if (io->buf) {
        io->iov[0] = (struct iovec){ io->buf, io->left };
        io->npieces = io->left != 0;
        io->chunk = io->left;
    } else if (io->left && !collect(io)) {
        finish(io, ATA_IO_NO_MEMORY);
        return;
    }
    submit(io);
}

/* The machine goes on, or stands still. */
void ata_io_run_state(struct ata_drive *d, bool running)
{
    struct ata_io *io = d->kept, *next;

    d->halted = !running;
    if (!d->image)
        return;
    if (!running) {
        block_drain(d->image);
        return;
    }
    block_resumed(d->image);
    d->kept = NULL;
    for (; io; io = next) {
        next = io->next;
        io->kept = false;
        submit(io);
    }
}

/* Nothing is under way afterwards, and nothing of it is told. */
void ata_io_cancel(struct ata_drive *d)
{
    struct ata_io *io;

    d->epoch++;
    if (d->image)
        block_drain(d->image);
    while ((io = d->kept)) {
        d->kept = io->next;
        io->busy = io->kept = false;
    }
}
