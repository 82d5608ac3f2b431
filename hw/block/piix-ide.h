/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IDE function of the PIIX3 and PIIX4 ("piix3-ide", "piix4-ide"), beside the PCI registers: mmio 0, 1: command (0x1f0) and control (0x3f6)
 * ports of the first channel, 2, 3: of the second (0x170, 0x376). Outputs 0, 1: IRQ 14, IRQ 15. Buses ide.0 and ide.1 (ata.h).
 */
#ifndef HW_BLOCK_PIIX_IDE_H
#define HW_BLOCK_PIIX_IDE_H

#include <stdint.h>

static const uint16_t piix_ide_ports[4] = { 0x1f0, 0x3f6, 0x170, 0x376 };

#endif
