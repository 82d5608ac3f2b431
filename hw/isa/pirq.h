/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router of a south bridge: PIRQA# to PIRQD# (and E# to H#), each to an ISA interrupt or nowhere, as its route control register says (PIIX3
 * data sheet 2.2.6): bit 7 off, bits 3:0 which of 3 to 7, 9 to 12, 14, 15. Device lock held.
 */
#ifndef HW_ISA_PIRQ_H
#define HW_ISA_PIRQ_H

#include <stdbool.h>
#include <stdint.h>

#define PIRQ_MAX 8
#define PIRQ_ISA 16
#define PIRQ_OFF 0x80

struct irq;

/* Owner: the bridge. out: its outputs 0 to 15, by interrupt. */
struct pirq {
    struct irq **out;
    uint8_t level[PIRQ_MAX];         /* of the inputs */
    uint8_t route[PIRQ_MAX];         /* registers */
    uint16_t driven;                 /* interrupts that are asserted */
};

void pirq_set(struct pirq *p, int n, bool level);
void pirq_route(struct pirq *p, int n, uint8_t reg);

#endif
