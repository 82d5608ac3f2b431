/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two DMA controllers of a PC, device "i8237". mmio 0: channels 0 to 3 (port 0x00, 16 bytes), 1: channels 4 to 7 (0xc0, 32 bytes), 2: page
 * registers (0x80, 16 bytes).
 */
#ifndef HW_DMA_I8237_H
#define HW_DMA_I8237_H

#include <stdbool.h>
#include <stdint.h>

struct device;

enum i8237_direction { I8237_VERIFY, I8237_TO_MEMORY, I8237_FROM_MEMORY };

/* The channel would serve a request now. */
bool i8237_ready(struct device *dma, unsigned channel);
enum i8237_direction i8237_direction(struct device *dma, unsigned channel);
/* Serve a device's request: move up to len bytes between buf and memory as the channel's mode says (verify moves nothing, and counts).
 * Returns how many; *end: terminal count was reached with the last of them. Device lock held. */
uint32_t i8237_transfer(struct device *dma, unsigned channel, void *buf, uint32_t len, bool *end);

#endif
