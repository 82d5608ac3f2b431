/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x87 state and instructions (SDM 1, chapter 8). */
#include "config.h"

#include "target-x86/x86.h"

uint16_t x86_fsw(const struct x86_cpu *c)
{
    return (uint16_t)(c->fsw | c->ftop << 11);
}
