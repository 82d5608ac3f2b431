/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial ports of a PC, device "isa-serial". mmio 0: registers (8 bytes). Output 0: its interrupt. */
#ifndef HW_CHAR_NS16550_H
#define HW_CHAR_NS16550_H

#include <stdint.h>

#define NS16550_PORTS 4

/* Where COM1 to COM4 are. */
static const uint16_t ns16550_iobase[NS16550_PORTS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
static const uint8_t ns16550_irq[NS16550_PORTS] = { 4, 3, 4, 3 };

#endif
