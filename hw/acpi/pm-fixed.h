/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board does with the device "acpi-pm". */
#ifndef HW_ACPI_PM_FIXED_H
#define HW_ACPI_PM_FIXED_H

struct device;

void pm_fixed_press_power(struct device *dev);

#endif
