/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the walk (mmu64.c) and maintenance and address translation instructions (mmu64-maint.c) of AArch64. */
#ifndef TARGET_ARM_MMU64_H
#define TARGET_ARM_MMU64_H

#include "target-arm/arm.h"
#include "target-arm/sys64.h"

/* Fault status codes of ESR_ELx.{I,D}FSC and PAR_EL1.FST (D17.2.37); those up to EXTERNAL_WALK but EXTERNAL have the level added. */
enum arm64_fsc {
    FSC_ADDRESS_SIZE = 0x00, FSC_TRANSLATION = 0x04, FSC_ACCESS_FLAG = 0x08, FSC_PERMISSION = 0x0c, FSC_EXTERNAL = 0x10,
    FSC_EXTERNAL_WALK = 0x14, FSC_ALIGNMENT = 0x21, FSC_UNSUPPORTED_UPDATE = 0x31,
};

/* One translation: what is asked, then what came out of it. */
struct arm64_walk {
    struct arm_cpu *a;
    uint64_t va;
    enum access_type type;
    enum arm64_regime regime;
    bool priv;
    bool pan;                /* PSTATE.PAN counts */
    bool secure;             /* the regime's security state */
    bool update;             /* the access is made: access flag and dirty state may be written */
    bool tables2;            /* stage 1's tables are at intermediate addresses: EL1&0 with stage 2 on */
    bool stage2;             /* so is what it finds, and goes on to stage 2 */
    uint64_t sctlr, tcr;     /* of the regime; M as it acts */

    /* found */
    uint64_t paddr;          /* of va, all bits */
    uint8_t prot, page_bits; /* page_bits: of stage 1's mapping */
    bool global, aliased;
    bool ns;                 /* to Non-secure memory */
    uint64_t desc1, desc2;   /* last descriptors: attributes; 0 when the stage is off */

    /* or why not */
    uint8_t fsc;
    bool second, s1ptw;      /* stage 2 failed; for a table of stage 1 */
    bool again;              /* a descriptor changed meanwhile */
    uint64_t ipa;            /* that stage 2 was asked for */
};

static inline bool arm64_two_ranges(enum arm64_regime r)
{
    return r == REGIME_EL10 || r == REGIME_EL20;
}

static inline unsigned arm64_regime_el(enum arm64_regime r)
{
    return r == REGIME_EL10 ? 1 : r == REGIME_EL3 ? 3 : 2;
}

/* EL0 and EL1 are Secure. */
bool arm64_secure_below_el3(const struct arm_cpu *a);
/* Begin a walk of the regime from the current state; va, type, priv, pan and update are the caller's to set. */
void arm64_walk_begin(struct arm64_walk *w, struct arm_cpu *a, enum arm64_regime regime);
/* True with the second part filled, else false with the third. Writes access flags and dirty state of the tables where w->update allows. */
bool arm64_walk(struct arm64_walk *w);
/* Raise the fault that the walk ended with. iss: further bits of the syndrome. */
void arm64_walk_raise(struct arm64_walk *w, uint32_t iss) __attribute__((noreturn));
/* ISV and the fields under it for the data access of the instruction at env.pc, or 0 (mmu64-iss.c). */
uint32_t arm64_access_syndrome(struct arm_cpu *a);
/* ASID of a TTBR value or a TLBI operand (bits 63:48) in the regime: 8 or 16 bits. */
uint64_t arm64_asid(const struct arm_cpu *a, enum arm64_regime regime, uint64_t val);
/* tlb_key.outer of the regime, without ARM64_OUTER_STAGE2. */
uint64_t arm64_outer(const struct arm_cpu *a, enum arm64_regime regime);

#endif
