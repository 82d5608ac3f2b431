/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt lines: arrays of inputs, and the or gate. */
#include "config.h"
#include <glib.h>
#include "softmmu/irq.h"

struct irq *irq_new_array(irq_handler handler, void *opaque, int count)
{
    struct irq *irqs = g_new0(struct irq, count);

    for (int i = 0; i < count; i++)
        irqs[i] = (struct irq){ handler, opaque, i };
    return irqs;
}

void irq_free_array(struct irq *irqs)
{
    g_free(irqs);
}

struct or_gate {
    struct irq *out;
    int high;                /* inputs that are high */
    bool level[];
};

static void or_input(void *opaque, int n, bool level)
{
    struct or_gate *g = opaque;

    if (g->level[n] == level)
        return;
    g->level[n] = level;
    g->high += level ? 1 : -1;
    irq_set(g->out, g->high > 0);
}

struct irq *irq_or_new(struct irq *out, int count)
{
    struct or_gate *g = g_malloc0(sizeof(*g) + (size_t)count);

    g->out = out;
    return irq_new_array(or_input, g, count);
}

void irq_or_free(struct irq *inputs)
{
    if (!inputs)
        return;
    g_free(inputs->opaque);
    irq_free_array(inputs);
}
