/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt lines. A line is one input of somebody (interrupt controller, CPU pin); outputs hold a pointer to it. All
 * calls happen with the machine's device lock held.
 */
#ifndef SOFTMMU_IRQ_H
#define SOFTMMU_IRQ_H

#include <stdbool.h>

/* n: the input's number at its owner; level: the new level (false low). Called on every irq_set, not only changes. */
typedef void (*irq_handler)(void *opaque, int n, bool level);

struct irq {
    irq_handler handler;
    void *opaque;
    int n;
};

/* An array of count inputs numbered 0..count-1. Free with irq_free_array. */
struct irq *irq_new_array(irq_handler handler, void *opaque, int count);
void irq_free_array(struct irq *irqs);

/* NULL is an output that nobody listens to. */
static inline void irq_set(struct irq *irq, bool level)
{
    if (irq)
        irq->handler(irq->opaque, irq->n, level);
}
static inline void irq_pulse(struct irq *irq)
{
    irq_set(irq, true);
    irq_set(irq, false);
}

/* A line that follows the or of count inputs (returned array; count is not 0) into out. Free with irq_or_free, which takes NULL. */
struct irq *irq_or_new(struct irq *out, int count);
void irq_or_free(struct irq *inputs);

#endif
