/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board does with the north bridge of an i440FX (device "i440FX-pcihost"). */
#ifndef HW_PCI_I440FX_H
#define HW_PCI_I440FX_H

struct device;
struct pc_memory;

/* The memory that it switches; before realize. Then the board makes its function, device "i440FX", at addr=0. */
void i440fx_set_memory(struct device *host, struct pc_memory *memory);

#endif
