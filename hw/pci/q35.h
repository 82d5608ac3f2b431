/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board does with the north bridge of a Q35 (device "q35-pcihost"). */
#ifndef HW_PCI_Q35_H
#define HW_PCI_Q35_H

#include <stdint.h>

struct device;
struct pc_memory;

/* The memory that it switches, and where RAM below 4 GiB ends with what it has there (for TSEG); before realize. Then the board makes its
 * function, device "mch", at addr=0. */
void q35_set_memory(struct device *host, struct pc_memory *memory, uint8_t *ram, uint64_t below);
/* The configuration window (PCIEXBAR): its size, 0 when it is off, and where it is. */
uint64_t q35_ecam(struct device *host, uint64_t *base);

#endif
