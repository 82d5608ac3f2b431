/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration mechanism #1 of a PC's host bridge (PCI 3.0, 3.2.2.3.2): address at I/O port 0xcf8, data at 0xcfc; and the reset control
 * register of its south bridge, which is the byte at 0xcf9 (PIIX3 data sheet 2.5.6.1). Device lock held.
 */
#ifndef HW_PCI_CONF1_H
#define HW_PCI_CONF1_H

#include <stdint.h>

struct pci_host;

struct conf1 {
    struct pci_host *host;
    uint32_t address;
    uint8_t reset_control;
};

/* Registers n and n + 1 of the host: address (4 ports), data (4). In its realize. */
void conf1_init(struct conf1 *c, struct pci_host *host, int n);
void conf1_reset(struct conf1 *c);

#endif
