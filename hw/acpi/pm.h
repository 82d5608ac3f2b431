/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fixed hardware of ACPI (ACPI 6.0, 4.8.3) as Intel's south bridges have it: PM1 event and control registers, the power management
 * timer, general purpose events, and the pair of ports by which software calls the firmware (APM). Device lock held.
 *
 * There is one sleeping state, soft off, by type 0. The system control interrupt follows PM1 and general purpose events where SCI_EN is 1.
 */
#ifndef HW_ACPI_PM_H
#define HW_ACPI_PM_H

#include <stdbool.h>
#include <stdint.h>

struct device;
struct irq;
struct timer;

enum pm1_bits {
    PM1_TMR = 0x0001, PM1_GBL = 0x0020, PM1_PWRBTN = 0x0100, PM1_RTC = 0x0400, PM1_WAK = 0x8000,   /* status; enable but for WAK */
    PM1_SCI_EN = 0x0001, PM1_SLP_TYP = 0x1c00, PM1_SLP_EN = 0x2000,          /* control */
};

/* Owner: the device. */
struct acpi_pm {
    struct device *dev;
    struct irq **sci, **smi; /* outputs of it */
    uint8_t acpi_on, acpi_off;       /* what software writes to the APM control port to switch to ACPI, and back */
    bool smi_by_apm;         /* other values are SMIs */
    struct timer *timer;
    int64_t overflow;        /* virtual time at which the timer's top bit changes next */
    uint16_t sts, en, cnt;
    uint32_t gpe_sts, gpe_en;
    uint8_t apm[2];          /* control, status */
};

void acpi_pm_init(struct acpi_pm *p, struct device *dev, struct irq **sci, struct irq **smi);
void acpi_pm_reset(struct acpi_pm *p);
void acpi_pm_fini(struct acpi_pm *p);
/* State was loaded. */
void acpi_pm_update(struct acpi_pm *p);
void acpi_pm_press_power(struct acpi_pm *p);

/* Byte `off` (0 to 11) of the PM1 block and the timer: status 0, enable 2, control 4, timer 8. */
uint8_t acpi_pm_read(struct acpi_pm *p, unsigned off);
void acpi_pm_write(struct acpi_pm *p, unsigned off, unsigned size, uint32_t val);
/* The timer's 24 bits at once. */
uint32_t acpi_pm_timer(struct acpi_pm *p);
/* Status (written ones are cleared) and enable of general purpose events. */
void acpi_pm_clear_gpe(struct acpi_pm *p, uint32_t ones);
void acpi_pm_enable_gpe(struct acpi_pm *p, uint32_t en);
/* The APM ports, 0 and 1. */
uint8_t acpi_pm_apm_read(struct acpi_pm *p, unsigned off);
void acpi_pm_apm_write(struct acpi_pm *p, unsigned off, uint8_t val);

#define ACPI_PM_STATE(type, field)                                                                                          \
    STATE(type, field.sts), STATE(type, field.en), STATE(type, field.cnt), STATE(type, field.gpe_sts), STATE(type, field.gpe_en), \
    STATE_ARRAY(type, field.apm)

#endif
