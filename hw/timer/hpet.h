/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * High precision event timers, device "hpet". mmio 0: 0xfed00000, 1 KiB. Inputs 0 and 1: IRQ 0 of the 8254 and IRQ 8 of the clock, which pass
 * through unless the legacy replacement takes their place. Outputs 0 to 31: pins of the I/O APIC that hpet-intcap names (shared with others through irq_or_new); then IRQ 0 and
 * IRQ 8.
 */
#ifndef HW_TIMER_HPET_H
#define HW_TIMER_HPET_H

#include <stdint.h>

struct device;

#define HPET_BASE 0xfed00000u
#define HPET_SIZE 0x400u
#define HPET_PERIOD_FS 10000000u         /* 100 MHz */
#define HPET_TIMERS 3
enum hpet_out { HPET_OUT_PIN0 = 0, HPET_OUT_IRQ0 = 32, HPET_OUT_IRQ8, HPET_NOUT };

/* Where messages of timers go (apic_msi); without it they have no such capability. Before realize. */
void hpet_set_message(struct device *hpet, void (*message)(void *opaque, uint64_t addr, uint32_t data), void *opaque);

#endif
