/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pair of interrupt controllers of a PC, device "i8259". mmio 0: master (0x20, 2 bytes), 1: slave (0xa0, 2), 2: edge/level control
 * (0x4d0, 2). Inputs 0 to 15: IRQ n (2 is the cascade: not connected). Output 0: INTR.
 */
#ifndef HW_INTC_I8259_H
#define HW_INTC_I8259_H

#include <stdbool.h>
#include "softmmu/apic-link.h"

struct device;

/* What the pair answers to the processor's acknowledge cycle: the vector; that of IR7 where nothing is requested (any more). Device lock
 * held. */
int i8259_acknowledge(struct device *pic);
/* The level of INTR. */
bool i8259_pending(struct device *pic);

/* For a CPU without local APIC: cpu->apic, with the pair as cpu->apic_opaque; output 0 goes to the CPU's INTR. */
extern const struct cpu_apic_ops i8259_cpu_ops;

#endif
