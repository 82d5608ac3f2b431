/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ESR_EL2 tells of the access in a stage 2 data abort (ISV and the fields under it, DDI 0487 D17.2.37, "ISS encoding for an exception
 * from a Data Abort"): hypervisors emulate devices with it. Loads and stores of one general register without writeback have it.
 */
#include "config.h"
#include "softmmu/bus.h"
#include "target-arm/mmu64.h"
#include "util/bits.h"

enum { ISS_AR = 1 << 14, ISS_SF = 1 << 15, ISS_SRT_SHIFT = 16, ISS_SSE = 1 << 21, ISS_SAS_SHIFT = 22 };

static uint32_t syndrome(unsigned size, bool sign, bool x, unsigned rt, bool ordered)
{
    return ISS_ISV | size << ISS_SAS_SHIFT | (sign ? ISS_SSE : 0) | rt << ISS_SRT_SHIFT | (x ? ISS_SF : 0) | (ordered ? ISS_AR : 0);
}

/* size and opc of C4.1.94's single-register forms; 0 for prefetches. */
static uint32_t of_opc(uint32_t insn, bool ordered)
{
    unsigned size = insn >> 30, opc = insn >> 22 & 3;

    if (opc >= 2 && (size == 3 || (size == 2 && opc == 3)))
        return 0;
    return syndrome(size, opc >= 2, opc == 2 || size == 3, insn & 31, ordered);
}

/* LDR <Rt>, <label>: 32 bits, 64 bits, 32 bits with sign */
static uint32_t of_literal(uint32_t insn)
{
    unsigned opc = insn >> 30;

    return opc == 3 ? 0 : syndrome(opc == 1 ? 3 : 2, opc == 2, opc >= 1, insn & 31, false);
}

/* The part of the syndrome for an A64 instruction: 0 where the manual wants ISV clear. */
static uint32_t of_insn(uint32_t insn)
{
    switch (insn >> 24 & 0x3f) {
    case 0x39:                         /* unsigned offset */
        return of_opc(insn, false);
    case 0x38:
        if ((insn & 0x3ffffc00) == 0x38bfc000)                         /* LDAPR */
            return syndrome(insn >> 30, false, insn >> 30 == 3, insn & 31, true);
        if (insn & 1 << 21)                                            /* register offset; else atomics and PAuth */
            return (insn >> 10 & 3) == 2 ? of_opc(insn, false) : 0;
        return insn & 1 << 10 ? 0 : of_opc(insn, false);               /* LDUR, LDTR; else writeback */
    case 0x18:
        return of_literal(insn);
    case 0x19:                         /* LDAPUR, STLUR */
        return insn & 1 << 21 || insn >> 10 & 3 ? 0 : of_opc(insn, true);
    case 0x08:                         /* LDAR, STLR, LDLAR, STLLR */
        if ((insn & 0xa00000) != 0x800000)                             /* exclusives, CAS */
            return 0;
        return syndrome(insn >> 30, false, insn >> 30 == 3, insn & 31, true);
    default:
        return 0;
    }
}

uint32_t arm64_access_syndrome(struct arm_cpu *a)
{
    struct arm64_walk w;
    uint64_t room;
    const void *p;

    if (a->sys64.aarch32)
        return 0;
    arm64_walk_begin(&w, a, arm64_regime(a));
    w.va = a->cpu.env.pc & ~(uint64_t)3;
    w.type = ACCESS_EXEC;
    w.priv = a->sys64.el > 0;
    if (!arm64_walk(&w))
        return 0;
    p = bus_ram(a->cpu.bus, w.paddr, &room, NULL);
    /* SAFETY: aligned, and inside one region. */
    return p && room >= 4 ? of_insn(__atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED)) : 0;
}
