/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boards need to know to wire an arm_gic: numbers of its lines. */
#ifndef HW_INTC_GICV2_H
#define HW_INTC_GICV2_H

#define GIC_MAX_CPUS 8
#define GIC_INTERNAL 32          /* SGIs 0-15 and PPIs 16-31, one set per CPU */

/* Inputs: SPI n (interrupt ID 32 + n) is input n; then 32 per CPU, of which 16-31 are its PPIs. */
#define GIC_IN_PPI(num_irq, cpu, id) ((num_irq) - GIC_INTERNAL + (cpu) * GIC_INTERNAL + (id))
/* Outputs: IRQ and FIQ of each CPU. */
#define GIC_OUT_IRQ(cpu) (2 * (cpu))
#define GIC_OUT_FIQ(cpu) (2 * (cpu) + 1)

/* Its virtualization, an arm-gicv2-virt: outputs of each CPU. gicv2_virt_set_gic comes before realize. */
enum gicv2_virt_line { GICV2_VIRQ, GICV2_VFIQ, GICV2_MAINTENANCE, GICV2_VIRT_LINES };
#define GICV2_VIRT_OUT(cpu, line) (GICV2_VIRT_LINES * (cpu) + (line))
struct device;
void gicv2_virt_set_gic(struct device *virt, struct device *gic);
/* An interrupt of an arm_gic is no longer active; IDs that do not exist are ignored. Device lock held. */
void gicv2_deactivate(struct device *gic, unsigned cpu, unsigned irq);

#endif
