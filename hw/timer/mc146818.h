/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock and CMOS memory of a PC, device "mc146818rtc". mmio 0: index and data (0x70, 4 bytes: the second pair reaches bytes 128 to
 * 255). Output 0: IRQ 8.
 */
#ifndef HW_TIMER_MC146818_H
#define HW_TIMER_MC146818_H

#include <stdint.h>

struct device;

/* Bytes of CMOS memory behind the clock's registers (index 14 to 255), for boards: what firmware finds there. They survive resets. */
void mc146818_set_cmos(struct device *rtc, unsigned index, uint8_t value);
uint8_t mc146818_get_cmos(struct device *rtc, unsigned index);

#endif
