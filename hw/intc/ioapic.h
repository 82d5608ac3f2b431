/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O APIC, device "ioapic". mmio 0: 0xfec00000, 4 KiB. Inputs 0 to 23: its pins, high when asserted, whatever polarity is programmed. The
 * board puts the apic-bus (hw/intc/apic.h) into parent_bus before realize.
 */
#ifndef HW_INTC_IOAPIC_H
#define HW_INTC_IOAPIC_H

#define IOAPIC_BASE 0xfec00000u
#define IOAPIC_PINS 24

#endif
