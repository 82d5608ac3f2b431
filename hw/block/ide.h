/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IDE channel: the ports of two drives (ATA/ATAPI-7 volume 2, parallel), embedded in controllers. Interrupts go to irq; a bus master asks
 * for DMA through dma.
 */
#ifndef HW_BLOCK_IDE_H
#define HW_BLOCK_IDE_H

#include "hw/block/ata.h"

struct ide_channel {
    struct ata_bus bus;
    uint8_t select;                  /* device register as last written, for drives that are not there */
    uint8_t control;                 /* device control */
    uint8_t irq;                     /* INTRQ of the selected drive, before nIEN */
    /* The controller's: the interrupt's level as the host sees it; a drive waits for DMA, its next piece, and the end of a command.
     * NULL where there is no bus master. */
    void (*set_irq)(struct ide_channel *c, bool level);
    void (*dma_ready)(struct ide_channel *c);
    uint32_t (*piece)(struct ide_channel *c, uint32_t want, uint64_t *addr);
    void (*over)(struct ide_channel *c);
};

/* Command block (8 ports) and control block (1 port); opaque is the channel. */
extern const struct mmio_ops ide_command_ops, ide_control_ops;

void ide_channel_init(struct ide_channel *c, struct device *controller, unsigned n);
void ide_channel_reset(struct ide_channel *c);
/* The drive that waits for DMA, or NULL. */
struct ata_drive *ide_dma_drive(struct ide_channel *c);
struct ata_drive *ide_selected(struct ide_channel *c);

#define IDE_CHANNEL_STATE(TYPE, c) STATE(TYPE, c.select), STATE(TYPE, c.control), STATE(TYPE, c.irq)

#endif
