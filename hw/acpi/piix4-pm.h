/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board does with the power management of a PIIX4 (device "PIIX4_PM"). */
#ifndef HW_ACPI_PIIX4_PM_H
#define HW_ACPI_PIIX4_PM_H

#include <stdint.h>

struct device;

/* Values for the control port at 0xb2. */
enum { PIIX4_ACPI_ENABLE = 0xf1, PIIX4_ACPI_DISABLE = 0xf0 };

void piix4_pm_press_power(struct device *dev);
/* Where firmware has put the registers; 0: nowhere. */
uint16_t piix4_pm_base(struct device *dev);

#endif
