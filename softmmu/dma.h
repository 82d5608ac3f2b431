/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device access to guest memory. Addresses come from the guest: everything is checked. */
#ifndef SOFTMMU_DMA_H
#define SOFTMMU_DMA_H

#include "softmmu/bus.h"

/* Copy len bytes from/to guest RAM. False, and nothing or only a part copied, when any byte of the range is not RAM (MMIO is
 * not reachable by DMA) or, for writes, is ROM. Thread safe against vCPUs as hardware is. */
bool dma_read(struct bus *bus, uint64_t paddr, void *buf, uint64_t len);
bool dma_write(struct bus *bus, uint64_t paddr, const void *buf, uint64_t len);
/* Little-endian scalars; a failed read gives 0 and false. */
bool dma_read16(struct bus *bus, uint64_t paddr, uint16_t *val);
bool dma_read32(struct bus *bus, uint64_t paddr, uint32_t *val);
bool dma_read64(struct bus *bus, uint64_t paddr, uint64_t *val);
bool dma_write16(struct bus *bus, uint64_t paddr, uint16_t val);
bool dma_write32(struct bus *bus, uint64_t paddr, uint32_t val);

/* Host address of guest RAM at paddr, for a device that has the host read or (write) fill it in place; *len is made less where the RAM
 * ends or goes on elsewhere. NULL when it is not RAM, or ROM and write. It stays valid until the bus is freed.
 * Call bus_changed after something was put there, with the device lock held. */
void *dma_map(struct bus *bus, uint64_t paddr, uint64_t *len, bool write);

/* The guest gives the contents of these bytes up: whole pages of the host's memory among them go back to the host, and read as zeroes
 * afterwards. False when any byte is not writable RAM. Device lock held. */
bool dma_discard(struct bus *bus, uint64_t paddr, uint64_t len);

#endif
