/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floppy disk controller of a PC, device "isa-fdc", and its drives, devices "floppy". mmio 0: ports 0x3f0 to 0x3f5, 1: port 0x3f7. Output 0:
 * IRQ 6. It uses channel 2 of an i8237.
 */
#ifndef HW_BLOCK_FDC_H
#define HW_BLOCK_FDC_H

#include "softmmu/device.h"

#define FDC_DRIVES 2

/* Before the controller is realized: where its data goes. */
void fdc_set_dma(struct device *fdc, struct device *dma);
/* Give a floppy that is not realized yet its place, its unit= or the first free one. False with err: taken, or none left. */
bool fdc_plug(struct device *fdc, struct device *floppy, GError **err);
/* The drive's type as CMOS memory counts them (4: 1.44 MB), 0: there is none. */
unsigned fdc_drive_type(struct device *fdc, unsigned unit);

#endif
