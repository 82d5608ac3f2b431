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

#endif
