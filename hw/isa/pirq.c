/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router of PCI interrupts: see pirq.h. */
#include "config.h"
#include "hw/isa/pirq.h"
#include "softmmu/irq.h"

#define ROUTABLE 0xdef8u         /* 3 to 7, 9 to 12, 14, 15 */

static void update(struct pirq *p)
{
    uint16_t want = 0, change;

    for (int n = 0; n < PIRQ_MAX; n++)
        if (p->level[n] && !(p->route[n] & PIRQ_OFF))
            want |= (uint16_t)(1u << (p->route[n] & 15));
    want &= ROUTABLE;
    change = want ^ p->driven;
    p->driven = want;
    for (int i = 0; i < PIRQ_ISA; i++)
        if (change >> i & 1)
            irq_set(p->out[i], want >> i & 1);
}

void pirq_set(struct pirq *p, int n, bool level)
{
    p->level[n] = level;
    update(p);
}

void pirq_route(struct pirq *p, int n, uint8_t reg)
{
    p->route[n] = reg;
    update(p);
}
