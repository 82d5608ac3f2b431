/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFLAGS as a whole, from its parts and back. */
#include "config.h"
#include "target-x86/x86.h"

uint32_t x86_eflags(const struct x86_cpu *c)
{
    uint32_t f = c->flags;

    /* Bits 15:8 of a FLAGS value are EFLAGS' low byte. */
    return (f >> 8 & (X86_FL_CF | X86_FL_PF | X86_FL_AF | X86_FL_ZF | X86_FL_SF)) | (f & FLAG_O ? X86_FL_OF : 0) |
           (c->df & 1 ? X86_FL_DF : 0) | c->eflags | X86_FL_1;
}

void x86_set_eflags(struct x86_cpu *c, uint32_t val, uint32_t mask)
{
    uint32_t other = X86_FL_TF | X86_FL_IF | X86_FL_IOPL | X86_FL_NT | X86_FL_RF | X86_FL_VM | X86_FL_AC | X86_FL_VIF | X86_FL_VIP | X86_FL_ID;

    val = (val & mask) | (x86_eflags(c) & ~mask);
    c->flags = (val & (X86_FL_CF | X86_FL_PF | X86_FL_AF | X86_FL_ZF | X86_FL_SF)) << 8 | (val & X86_FL_OF ? FLAG_O : 0);
    c->df = val & X86_FL_DF ? 1 : 0;
    c->eflags = val & other;
    c->cpu.mode_changed = true;
}
