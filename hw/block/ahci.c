/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial ATA controller of the ICH9 in AHCI mode (Serial ATA AHCI 1.3.1; ICH9 data sheet 316972): six ports, command lists of 32, queued
 * commands (ATA8-ACS, 7.16), ATAPI. PCI function with BAR 5. Buses ide.0 to ide.5 (ata.h), a drive each.
 *
 * Not modelled: port multipliers, power management (stored), hot plug, command completion coalescing, staggered spin-up, the log that tells
 * of failed queued commands, messages (MSI).
 */
#include "config.h"
#include <string.h>
#include "hw/block/ata.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/endian.h"
#include "util/log.h"

#define AHCI_PORTS 6
#define AHCI_SLOTS 32
#define AHCI_PORT_SIZE 0x80
#define AHCI_NO_SLOT 0xff

/* 3.1 */
enum ahci_reg { AHCI_CAP = 0x00, AHCI_GHC = 0x04, AHCI_IS = 0x08, AHCI_PI = 0x0c, AHCI_VS = 0x10, AHCI_CAP2 = 0x24, AHCI_PORT0 = 0x100 };
enum ahci_ghc { GHC_RESET = 1, GHC_IE = 2, GHC_AE = 0x80000000 };
/* 64 bits, NCQ, command list override, AHCI only, 3 Gb/s, 32 slots, partial and slumber states. */
#define AHCI_CAPABILITIES (0xc0000000u | 1 << 24 | 1 << 18 | 2 << 20 | 3 << 13 | (AHCI_SLOTS - 1) << 8 | (AHCI_PORTS - 1))
/* 3.3 */
enum ahci_port_reg {
    PORT_CLB = 0x00, PORT_CLBU = 0x04, PORT_FB = 0x08, PORT_FBU = 0x0c, PORT_IS = 0x10, PORT_IE = 0x14, PORT_CMD = 0x18,
    PORT_TFD = 0x20, PORT_SIG = 0x24, PORT_SSTS = 0x28, PORT_SCTL = 0x2c, PORT_SERR = 0x30, PORT_SACT = 0x34, PORT_CI = 0x38,
    PORT_SNTF = 0x3c, PORT_FBS = 0x40,
};
enum ahci_port_is {
    IS_DHR = 1, IS_PS = 2, IS_DS = 4, IS_SDB = 8, IS_PRC = 1 << 22, IS_HBD = 1 << 28, IS_TFE = 1 << 30, IE_MASK = 0xfdc000ff,
};
enum ahci_port_cmd {
    CMD_ST = 1, CMD_SUD = 2, CMD_POD = 4, CMD_CLO = 8, CMD_FRE = 0x10, CMD_FR = 0x4000, CMD_CR = 0x8000, CMD_ATAPI = 0x1000000,
    CMD_WRITABLE = 0x07000017,
};
/* 4.2.2 */
enum ahci_header { HEADER_ATAPI = 0x20, HEADER_CLEAR = 0x400 };
/* Serial ATA 2.6, 10.3 */
enum fis_type { FIS_H2D = 0x27, FIS_D2H = 0x34, FIS_SDB = 0xa1, FIS_PIO = 0x5f };
enum { FIS_COMMAND = 0x80, FIS_INTERRUPT = 0x40, FIS_TO_HOST = 0x20, FIS_PIO_AT = 0x20, FIS_D2H_AT = 0x40, FIS_SDB_AT = 0x58 };
enum { CONTROL_SRST = 4, READ_FPDMA = 0x60, WRITE_FPDMA = 0x61, FPDMA_FUA = 0x80 };

struct ahci_port;

/* Where a transfer is in its PRD table. */
struct prd_cursor {
    uint64_t table;          /* the next entry */
    uint32_t entries;        /* left */
    uint64_t addr;
    uint32_t left;
};

/* A queued command. */
struct ahci_queued {
    struct ata_io io;
    struct ahci_port *port;
    struct prd_cursor cursor;
    uint8_t tag;
};

struct ahci_port {
    struct ata_bus bus;
    uint64_t clb, fb;
    uint32_t is, ie, cmd, tfd, sig, sctl, serr, sact, ci;
    uint8_t slot;            /* of the command that runs, AHCI_NO_SLOT: none */
    uint8_t stopped;         /* an error: until ST is cleared (6.2.2.1) */
    uint8_t srst;            /* the last control FIS had it */
    uint64_t header, ctba;   /* of the command that runs */
    uint32_t moved;
    struct prd_cursor cursor;
    bool pio_running, pio_more, pio_irq;
    struct ahci_queued *queued;      /* AHCI_SLOTS of them, once one was used */
    uint32_t under_way;      /* tags of queued commands */
};

/* Owner: the device lock. */
struct ahci {
    struct pci_device pci;
    uint32_t ghc, is;
    struct ahci_port port[AHCI_PORTS];
};

static struct ahci_port *port_of(struct ata_bus *bus)
{
    return container_of(bus, struct ahci_port, bus);
}

static struct ahci *ahci_of(const struct ahci_port *p)
{
    return (struct ahci *)p->bus.controller;
}

static struct bus *memory(const struct ahci_port *p)
{
    return device_bus(p->bus.controller);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static void update_irq(struct ahci *s)
{
    for (unsigned i = 0; i < AHCI_PORTS; i++)
        if (s->port[i].is & s->port[i].ie)
            s->is |= BIT(i);
    pci_set_intx(&s->pci, s->is && s->ghc & GHC_IE);
}

static void raise_is(struct ahci_port *p, uint32_t bits)
{
    p->is |= bits;
    update_irq(ahci_of(p));
}

/* ---- frames to the host (4.2.1) ---------------------------------------------------------------- */

static void send_fis(struct ahci_port *p, unsigned at, const uint8_t *fis, unsigned len)
{
    if (p->cmd & CMD_FRE && !dma_write(memory(p), p->fb + at, fis, len))
        log_guest_error("ahci: the area for received frames is not RAM");
}

static void fill_fis(const struct ata_taskfile *tf, uint8_t type, uint8_t flags, uint8_t fis[20])
{
    memset(fis, 0, 20);
    fis[0] = type;
    fis[1] = flags;
    fis[2] = tf->status;
    fis[3] = tf->error;
    fis[4] = tf->low;
    fis[5] = tf->mid;
    fis[6] = tf->high;
    fis[7] = tf->device;
    fis[8] = tf->hob_low;
    fis[9] = tf->hob_mid;
    fis[10] = tf->hob_high;
    fis[12] = tf->count;
    fis[13] = tf->hob_count;
}

static void set_tfd(struct ahci_port *p, const struct ata_taskfile *tf)
{
    p->tfd = (uint32_t)tf->error << 8 | tf->status;
}

static void send_d2h(struct ahci_port *p, bool interrupt)
{
    const struct ata_taskfile *tf = &p->bus.drive[0]->tf;
    uint8_t fis[20];

    fill_fis(tf, FIS_D2H, interrupt ? FIS_INTERRUPT : 0, fis);
    send_fis(p, FIS_D2H_AT, fis, sizeof(fis));
    set_tfd(p, tf);
    raise_is(p, (interrupt ? IS_DHR : 0) | (tf->status & ATA_ERR ? (uint32_t)IS_TFE : 0));
}

/* The signature after a reset. */
static void send_signature(struct ahci_port *p)
{
    const struct ata_taskfile *tf = &p->bus.drive[0]->tf;

    p->sig = (uint32_t)tf->high << 24 | (uint32_t)tf->mid << 16 | (uint32_t)tf->low << 8 | tf->count;
    send_d2h(p, false);
}

static void send_pio_setup(struct ahci_port *p, const struct ata_drive *d, uint32_t len, bool to_host, bool interrupt)
{
    uint8_t fis[20];

    fill_fis(&d->tf, FIS_PIO, (uint8_t)((to_host ? FIS_TO_HOST : 0) | (interrupt ? FIS_INTERRUPT : 0)), fis);
    fis[15] = ATA_DRDY | (d->cdrom ? 0 : ATA_DSC);
    st16_le(fis + 16, (uint16_t)len);
    send_fis(p, FIS_PIO_AT, fis, sizeof(fis));
    if (interrupt)
        raise_is(p, IS_PS);
}

/* ---- PRD tables (4.2.3.3) ---------------------------------------------------------------------- */

static uint32_t next_piece(struct ahci_port *p, struct prd_cursor *c, uint32_t want, uint64_t *addr)
{
    uint32_t n;

    while (!c->left) {
        uint8_t entry[16];

        if (!c->entries || !dma_read(memory(p), c->table, entry, sizeof(entry)))
            return 0;
        c->table += sizeof(entry);
        c->entries--;
        c->addr = ld64_le(entry);
        c->left = (ld32_le(entry + 12) & 0x3fffff) + 1;
    }
    n = MIN_OF(want, c->left);
    *addr = c->addr;
    c->addr += n;
    c->left -= n;
    return n;
}

static uint32_t port_piece(struct ata_bus *bus, struct ata_drive *d, uint32_t want, uint64_t *addr)
{
    struct ahci_port *p = port_of(bus);
    uint32_t n = next_piece(p, &p->cursor, want, addr);

    (void)d;
    p->moved += n;
    return n;
}

/* Between the drive's buffer and memory; what memory has no room for is lost, as on the wire. */
static void move(struct ahci_port *p, struct ata_drive *d, bool to_host)
{
    while (d->pos < d->len) {
        uint64_t addr;
        uint32_t n = port_piece(&p->bus, d, d->len - d->pos, &addr);
        bool ok = n && (to_host ? dma_write(memory(p), addr, d->buf + d->pos, n) : dma_read(memory(p), addr, d->buf + d->pos, n));

        if (!ok) {
            d->pos = d->len;
            return;
        }
        d->pos += n;
    }
}

static void one_block(struct ahci_port *p, struct ata_drive *d)
{
    bool to_host = d->phase == ATA_PIO_IN;

    if (d->phase == ATA_PACKET) {
        dma_read(memory(p), p->ctba + 0x40, d->buf, ATA_PACKET_BYTES);
    } else {
        uint32_t len = d->len - d->pos;

        move(p, d, to_host);
        send_pio_setup(p, d, len, to_host, p->pio_irq);
    }
    ata_pio_done(d);
}

static void run_slots(struct ahci_port *p);

/* A block that is moved can bring the next one at once: not by recursion. */
static void port_pio(struct ata_bus *bus, struct ata_drive *d, bool irq)
{
    struct ahci_port *p = port_of(bus);

    p->pio_more = true;
    p->pio_irq = irq;
    if (p->pio_running)
        return;
    p->pio_running = true;
    while (p->pio_more) {
        p->pio_more = false;
        one_block(p, d);
    }
    p->pio_running = false;
    run_slots(p);
}

static void port_dma(struct ata_bus *bus, struct ata_drive *d)
{
    (void)bus;
    ata_dma_start(d);
}

/* ---- commands ---------------------------------------------------------------------------------- */

/* The command's end: data in by PIO has told its status already. */
static void port_done(struct ata_bus *bus, struct ata_drive *d, bool irq)
{
    struct ahci_port *p = port_of(bus);

    if (p->slot == AHCI_NO_SLOT)
        return;
    dma_write32(memory(p), p->header + 4, p->moved);
    if (d->tf.status & ATA_ERR)
        p->stopped = 1;
    else
        p->ci &= ~BIT(p->slot);
    p->slot = AHCI_NO_SLOT;
    if (irq || d->command == 0x08)
        send_d2h(p, irq);
    else
        set_tfd(p, &d->tf);
    if (!p->pio_running)
        run_slots(p);
}

static const struct ata_bus_ops port_ops = { .pio = port_pio, .dma = port_dma, .piece = port_piece, .done = port_done };

static void take_registers(struct ata_taskfile *tf, const uint8_t *fis)
{
    tf->feature = fis[3];
    tf->low = fis[4];
    tf->mid = fis[5];
    tf->high = fis[6];
    tf->device = fis[7];
    tf->hob_low = fis[8];
    tf->hob_mid = fis[9];
    tf->hob_high = fis[10];
    tf->hob_feature = fis[11];
    tf->count = fis[12];
    tf->hob_count = fis[13];
}

/* ---- queued commands --------------------------------------------------------------------------- */

static uint32_t queued_piece(struct ata_io *io, uint32_t want, uint64_t *addr)
{
    struct ahci_queued *q = container_of(io, struct ahci_queued, io);

    return next_piece(q->port, &q->cursor, want, addr);
}

/* Set Device Bits: these tags are done. An error stops the queue; its tag stays. */
static void send_sdb(struct ahci_port *p, uint32_t tags, uint8_t error)
{
    struct ata_drive *d = p->bus.drive[0];
    uint8_t fis[8] = { FIS_SDB, FIS_INTERRUPT, 0, error };

    d->tf.status = ATA_DRDY | ATA_DSC | (error ? ATA_ERR : 0);
    d->tf.error = error;
    fis[2] = d->tf.status & 0x77;
    st32_le(fis + 4, tags);
    send_fis(p, FIS_SDB_AT, fis, sizeof(fis));
    set_tfd(p, &d->tf);
    p->sact &= ~tags;
    p->stopped |= error != 0;
    raise_is(p, IS_SDB | (error ? (uint32_t)IS_TFE : 0));
}

static void queued_done(struct ata_io *io, enum ata_io_result result)
{
    struct ahci_queued *q = container_of(io, struct ahci_queued, io);
    struct ahci_port *p = q->port;

    p->under_way &= ~BIT(q->tag);
    if (p->stopped)
        return;                      /* after an error the device tells of no other command until the queue is cleared */
    if (result == ATA_IO_OK)
        send_sdb(p, BIT(q->tag), 0);
    else
        send_sdb(p, 0, result == ATA_IO_ERROR ? ATA_UNC : ATA_ABRT);
    run_slots(p);
}

static void run_queued(struct ahci_port *p, unsigned slot, const uint8_t *fis)
{
    struct ata_drive *d = p->bus.drive[0];
    unsigned tag = fis[12] >> 3;
    uint32_t n = (uint32_t)fis[11] << 8 | fis[3];
    struct ahci_queued *q;
    uint64_t lba;

    take_registers(&d->tf, fis);
    lba = ata_lba48(&d->tf);
    n = n ? n : 65536;
    p->ci &= ~BIT(slot);
    p->slot = AHCI_NO_SLOT;
    if (d->cdrom || p->under_way & BIT(tag) || lba >= ata_sectors(d) || n > ata_sectors(d) - lba) {
        send_sdb(p, 0, lba >= ata_sectors(d) || n > ata_sectors(d) - lba ? ATA_IDNF : ATA_ABRT);
        return;
    }
    if (!p->queued)
        p->queued = g_new0(struct ahci_queued, AHCI_SLOTS);
    q = &p->queued[tag];
    q->port = p;
    q->tag = (uint8_t)tag;
    q->cursor = p->cursor;
    q->io.d = d;
    q->io.op = fis[2] == READ_FPDMA ? BLOCK_READ : BLOCK_WRITE;
    q->io.flags = fis[2] == WRITE_FPDMA && (fis[7] & FPDMA_FUA || !d->write_cache) ? BLOCK_FUA : 0;
    q->io.offset = lba * BLOCK_SECTOR;
    q->io.left = (uint64_t)n * BLOCK_SECTOR;
    q->io.buf = NULL;
    q->io.piece = queued_piece;
    q->io.done = queued_done;
    p->under_way |= BIT(tag);
    d->tf.status = ATA_DRDY | ATA_DSC;           /* the device is free for the next one */
    d->tf.error = 0;
    send_d2h(p, false);
    ata_io_start(&q->io);
}

/* ---- command lists ----------------------------------------------------------------------------- */

/* A control FIS: SRST on, then off resets the drive (5.3.10). */
static void run_control(struct ahci_port *p, unsigned slot, uint8_t control)
{
    bool reset = p->srst && !(control & CONTROL_SRST);

    p->srst = control & CONTROL_SRST ? 1 : 0;
    p->ci &= ~BIT(slot);
    p->slot = AHCI_NO_SLOT;
    if (reset) {
        ata_reset(p->bus.drive[0]);
        p->under_way = 0;
        send_signature(p);
    }
}

static void run_slot(struct ahci_port *p, unsigned slot)
{
    struct ata_drive *d = p->bus.drive[0];
    uint8_t header[16], fis[20];

    p->slot = (uint8_t)slot;
    p->header = p->clb + 32 * slot;
    p->moved = 0;
    if (!dma_read(memory(p), p->header, header, sizeof(header)) ||
        !dma_read(memory(p), p->ctba = ld64_le(header + 8) & ~(uint64_t)0x7f, fis, sizeof(fis)) || fis[0] != FIS_H2D) {
        log_guest_error("ahci: slot %u has no command in RAM", slot);
        p->slot = AHCI_NO_SLOT;
        p->stopped = 1;
        raise_is(p, IS_HBD);
        return;
    }
    p->cursor = (struct prd_cursor){ .table = p->ctba + 0x80, .entries = ld16_le(header + 2) };
    if (!(fis[1] & FIS_COMMAND)) {
        run_control(p, slot, fis[15]);
    } else if (fis[2] == READ_FPDMA || fis[2] == WRITE_FPDMA) {
        run_queued(p, slot, fis);
    } else {
        take_registers(&d->tf, fis);
        p->tfd = (p->tfd & 0xff00) | ATA_BSY;
        ata_run(d, fis[2]);
    }
}

static bool is_queued(struct ahci_port *p, unsigned slot)
{
    return p->sact & BIT(slot);
}

/* Commands in order of their slots; those that are not queued wait for those that are. */
static void run_slots(struct ahci_port *p)
{
    for (unsigned slot = 0; slot < AHCI_SLOTS; slot++) {
        if (!(p->cmd & CMD_ST) || !p->bus.drive[0] || p->stopped || p->slot != AHCI_NO_SLOT || p->pio_running)
            return;
        if (p->ci & BIT(slot) && (!p->under_way || is_queued(p, slot)))
            run_slot(p, slot);
    }
}

/* ---- ports ------------------------------------------------------------------------------------- */

/* Nothing of the port's commands is under way afterwards. */
static void stop(struct ahci_port *p)
{
    struct ata_drive *d = p->bus.drive[0];

    p->slot = AHCI_NO_SLOT;
    p->stopped = 0;
    p->ci = p->sact = 0;
    if (d) {
        ata_io_cancel(d);
        ata_abandon(d);
    }
    p->under_way = 0;
}

static void reset_drive(struct ahci_port *p)
{
    stop(p);
    p->tfd = 0x7f;
    p->sig = 0xffffffff;
    if (!p->bus.drive[0])
        return;
    ata_reset(p->bus.drive[0]);
    p->bus.drive[0]->tf.device = 0;
    send_signature(p);
    p->serr |= 1 << 26;              /* exchanged */
}

static void port_reset(struct ahci_port *p)
{
    stop(p);
    p->clb = p->fb = 0;
    p->is = p->ie = p->sctl = p->serr = 0;
    p->cmd = CMD_SUD | CMD_POD;
    p->srst = 0;
    reset_drive(p);
    p->is = p->serr = 0;
}

static void write_cmd(struct ahci_port *p, uint32_t v)
{
    uint32_t old = p->cmd;
    struct ata_drive *d = p->bus.drive[0];

    if (v & CMD_CLO)
        p->tfd &= ~(uint32_t)(ATA_BSY | ATA_DRQ);
    p->cmd = v & CMD_WRITABLE;
    if (old & CMD_ST && !(v & CMD_ST))
        stop(p);
    if (!(old & CMD_FRE) && v & CMD_FRE && d && d->phase == ATA_IDLE)
        send_d2h(p, false);          /* what came before the area was known */
    run_slots(p);
}

static uint32_t read_cmd(const struct ahci_port *p)
{
    return p->cmd | (p->cmd & CMD_FRE ? CMD_FR : 0) | (p->cmd & CMD_ST ? CMD_CR : 0) |
           (p->slot == AHCI_NO_SLOT ? 0 : (uint32_t)p->slot << 8);
}

static uint32_t read_port(const struct ahci_port *p, unsigned reg)
{
    switch (reg) {
    case PORT_CLB:
        return (uint32_t)p->clb;
    case PORT_CLBU:
        return (uint32_t)(p->clb >> 32);
    case PORT_FB:
        return (uint32_t)p->fb;
    case PORT_FBU:
        return (uint32_t)(p->fb >> 32);
    case PORT_IS:
        return p->is;
    case PORT_IE:
        return p->ie;
    case PORT_CMD:
        return read_cmd(p);
    case PORT_TFD:
        return p->tfd;
    case PORT_SIG:
        return p->sig;
    case PORT_SSTS:                  /* active, second generation, communication established */
        return p->bus.drive[0] && !(p->sctl & 15) ? 0x123 : 0;
    case PORT_SCTL:
        return p->sctl;
    case PORT_SERR:
        return p->serr;
    case PORT_SACT:
        return p->sact;
    case PORT_CI:
        return p->ci;
    default:
        return 0;
    }
}

static void write_port(struct ahci_port *p, unsigned reg, uint32_t v)
{
    bool reset;

    switch (reg) {
    case PORT_CLB:
        p->clb = (p->clb & 0xffffffff00000000) | (v & ~0x3ffu);
        break;
    case PORT_CLBU:
        p->clb = (uint32_t)p->clb | (uint64_t)v << 32;
        break;
    case PORT_FB:
        p->fb = (p->fb & 0xffffffff00000000) | (v & ~0xffu);
        break;
    case PORT_FBU:
        p->fb = (uint32_t)p->fb | (uint64_t)v << 32;
        break;
    case PORT_IS:
        p->is &= ~v;
        break;
    case PORT_IE:
        p->ie = v & IE_MASK;
        break;
    case PORT_CMD:
        write_cmd(p, v);
        break;
    case PORT_SCTL:                  /* 10.4.2: COMRESET while DET is 1; it ends with 0 */
        reset = (p->sctl & 15) == 1 && !(v & 15);
        p->sctl = v & 0xfff;
        if (reset)
            reset_drive(p);
        break;
    case PORT_SERR:
        p->serr &= ~v;
        break;
    case PORT_SACT:
        if (p->cmd & CMD_ST)
            p->sact |= v;
        break;
    case PORT_CI:
        if (p->cmd & CMD_ST)
            p->ci |= v;
        run_slots(p);
        break;
    case PORT_SNTF: case PORT_FBS:
        break;
    default:
        log_guest_error("ahci: write of port register 0x%x", reg);
    }
}

/* ---- controller -------------------------------------------------------------------------------- */

static void hba_reset(struct ahci *s)
{
    s->ghc = GHC_AE;
    s->is = 0;
    for (unsigned i = 0; i < AHCI_PORTS; i++)
        port_reset(&s->port[i]);
    update_irq(s);
}

static uint64_t ahci_read(void *opaque, uint64_t off, unsigned size)
{
    struct ahci *s = opaque;
    uint64_t port = (off - AHCI_PORT0) / AHCI_PORT_SIZE;

    (void)size;
    switch (off) {
    case AHCI_CAP:
        return AHCI_CAPABILITIES;
    case AHCI_GHC:
        return s->ghc;
    case AHCI_IS:
        return s->is;
    case AHCI_PI:
        return BIT(AHCI_PORTS) - 1;
    case AHCI_VS:
        return 0x00010301;
    default:
        return off >= AHCI_PORT0 && port < AHCI_PORTS ? read_port(&s->port[port], off % AHCI_PORT_SIZE) : 0;
    }
}

static void ahci_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ahci *s = opaque;
    uint64_t port = (off - AHCI_PORT0) / AHCI_PORT_SIZE;
    uint32_t v = (uint32_t)val;

    (void)size;
    if (off == AHCI_GHC && v & GHC_RESET)
        hba_reset(s);
    else if (off == AHCI_GHC)
        s->ghc = GHC_AE | (v & GHC_IE);
    else if (off == AHCI_IS)
        s->is &= ~v;
    else if (off >= AHCI_PORT0 && port < AHCI_PORTS)
        write_port(&s->port[port], off % AHCI_PORT_SIZE, v);
    else
        log_guest_error("ahci: write of register 0x%x", (unsigned)off);
    update_irq(s);
}

static const struct mmio_ops ahci_ops = { .read = ahci_read, .write = ahci_write, .min_size = 4, .max_size = 4 };

/* Drives may be reset after their controller: what they send then is sent at the first look. */
static void ahci_reset(struct device *dev)
{
    struct ahci *s = (struct ahci *)dev;

    pci_device_reset(&s->pci);
    hba_reset(s);
}

static bool ahci_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x2922, .class_code = 0x010601, .revision = 2, .intx = true };
    struct ahci *s = (struct ahci *)dev;

    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    pci_add_bar(&s->pci, 5, 0, 0x1000, &ahci_ops, s);
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        s->port[i].bus = (struct ata_bus){ .ops = &port_ops, .controller = dev, .n = i, .units = 1 };
        s->port[i].slot = AHCI_NO_SLOT;
    }
    return true;
}

static void ahci_unrealize(struct device *dev)
{
    struct ahci *s = (struct ahci *)dev;

    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        stop(&s->port[i]);
        g_free(s->port[i].queued);
    }
    pci_device_fini(&s->pci);
}

/* Commands of before are not known any more: those that were not done are started again. */
static bool ahci_post_load(struct device *dev, GError **err)
{
    struct ahci *s = (struct ahci *)dev;

    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        struct ahci_port *p = &s->port[i];

        p->cmd &= CMD_WRITABLE;
        p->clb &= ~(uint64_t)0x3ff;
        p->fb &= ~(uint64_t)0xff;
        p->slot = AHCI_NO_SLOT;
        p->under_way = 0;
    }
    s->ghc = GHC_AE | (s->ghc & GHC_IE);
    return pci_device_post_load(&s->pci, err);
}

static struct ata_bus *ahci_bus(struct device *dev, unsigned n)
{
    return n < AHCI_PORTS ? &((struct ahci *)dev)->port[n].bus : NULL;
}

static const struct ata_controller_ops ahci_controller = { .bus = ahci_bus };

static const struct device_prop ahci_props[] = { PCI_PROPS(struct ahci), PROP_END };

#define PORT_STATE(i)                                                                                                    \
    STATE(struct ahci, port[i].clb), STATE(struct ahci, port[i].fb), STATE(struct ahci, port[i].is),                     \
    STATE(struct ahci, port[i].ie), STATE(struct ahci, port[i].cmd), STATE(struct ahci, port[i].tfd),                    \
    STATE(struct ahci, port[i].sig), STATE(struct ahci, port[i].sctl), STATE(struct ahci, port[i].serr),                 \
    STATE(struct ahci, port[i].sact), STATE(struct ahci, port[i].ci), STATE(struct ahci, port[i].stopped),               \
    STATE(struct ahci, port[i].srst)

static const struct state_field ahci_state[] = {
    PCI_STATE, STATE(struct ahci, ghc), STATE(struct ahci, is),
    PORT_STATE(0), PORT_STATE(1), PORT_STATE(2), PORT_STATE(3), PORT_STATE(4), PORT_STATE(5),
    STATE_END
};

static const struct device_type ahci_type = {
    .name = "ich9-ahci", .alias = "ahci", .desc = "AHCI controller of the ICH9", .size = sizeof(struct ahci), .user_creatable = true,
    .bus = "PCI", .props = ahci_props, .state = ahci_state, .class_data = &ahci_controller,
    .realize = ahci_realize, .reset = ahci_reset, .unrealize = ahci_unrealize, .post_load = ahci_post_load,
};
DEVICE_REGISTER(ahci_type)
