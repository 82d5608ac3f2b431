/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board does with the south bridge of a Q35 (device "ICH9-LPC"). */
#ifndef HW_ISA_ICH9_LPC_H
#define HW_ISA_ICH9_LPC_H

#include <stdint.h>

struct device;

/* Outputs: ISA interrupts 0 to 15, then inputs 16 to 23 of the I/O APIC, the system control interrupt, SMI. */
enum { ICH9_OUT_GSI16 = 16, ICH9_OUT_SCI = 24, ICH9_OUT_SMI, ICH9_NOUT };
/* Values for the control port at 0xb2. */
enum { ICH9_ACPI_ENABLE = 2, ICH9_ACPI_DISABLE = 3 };

void ich9_lpc_press_power(struct device *dev);
/* Where firmware has put the power management registers; 0: nowhere. */
uint16_t ich9_lpc_pm_base(struct device *dev);

#endif
