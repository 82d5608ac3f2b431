/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a vCPU that generated code and the IR interpreter touch.
 *
 * It is the first member of struct cpu (softmmu/cpu.h), so the env pointer, the cpu pointer and the
 * base register of generated code are one address; the target's registers follow it in the
 * same allocation and are reached by byte offsets from env.
 *
 * Owner: the vCPU's thread. exit_request may be set by any thread.
 */
#ifndef TCG_ENV_H
#define TCG_ENV_H

#include <stdint.h>
#include "util/softfloat.h"

/* Bits of a guest address below the page number, as the soft TLB sees pages. */
#define TLB_PAGE_BITS 12
#define TLB_PAGE_SIZE (1u << TLB_PAGE_BITS)
#define TLB_PAGE_MASK (~(uint64_t)(TLB_PAGE_SIZE - 1))

/* Low bits of a TLB tag. Any of them makes the inline compare fail, so that
 * the access takes the slow path. They lie above the bits that a required
 * alignment (up to 32 bytes) leaves in the compare: else a misaligned address
 * could match a flag. */
enum tlb_flag {
    TLB_LOCAL   = 1 << 6,   /* in exec alone: not for slots of places (struct tlb_site) */
    TLB_INVALID = 1 << 7,   /* the entry (for this kind of access) is empty */
    TLB_MMIO    = 1 << 8,   /* not RAM: dispatch through the bus */
    TLB_CODE    = 1 << 9,   /* writes: page holds translated code */
    TLB_WATCH   = 1 << 10,  /* a watchpoint is on the page */
    TLB_DIRTY   = 1 << 11,  /* writes: a dirty-page log wants to know */
};

/*
 * One TLB entry, 32 bytes. An access of n bytes at va hits when
 *     ((va + n - 1) & TLB_PAGE_MASK) == tag           alignment not required
 *     (va & (TLB_PAGE_MASK | (align - 1))) == tag      alignment required
 * and its host address is then va + addend. The first form also sends accesses that cross
 * a page to the slow path. A guest with 32-bit addresses compares 32 bits.
 */
struct tlb_entry {
    uint64_t read;          /* tag for loads */
    uint64_t write;         /* tag for stores */
    uint64_t exec;          /* tag for instruction fetch (C code only) */
    uintptr_t addend;       /* host address - guest virtual address */
};

/* What an access with one MMU index sees: the table of the live context.
 * mask is the number of entries - 1, mask_bytes is mask * sizeof(struct tlb_entry): generated code computes a byte offset.
 * The pointer and mask change on a context switch, and mask on a resize. The index is a sum so that two
 * adjacent pages never share an entry: an access that crosses into the next page, whose tag it compares, finds
 * another page's there. Generated code rotates instead of shifting, so mask_bytes is
 * below 1 << (32 - TLB_HASH_SHIFT + 5): at most 16384 entries. */
#define TLB_HASH_SHIFT 18
#define TLB_INDEX(va, mask) \
    ((((va) >> TLB_PAGE_BITS) + ((va) >> TLB_HASH_SHIFT)) & (mask))
struct tlb_view {
    struct tlb_entry *table;
    uint64_t mask_bytes;
};

/*
 * What an access of generated code found last time, one slot for each such place in the code (shared by a few: slots are dealt out in
 * turn), loads and stores apart: the address of the slot is a constant, so that the load of the addend does not wait for the guest
 * address. It holds a copy of an entry of view 0:
 *     tag = site_tag | page address            addend as in the entry
 * or, where guest addresses have 64 bits, tag = site_tag and the page address apart.
 * env->site_tag tells contexts and their states apart: the machine core gives a context another one whenever one of its entries may
 * have become invalid or lost a right. Nothing else invalidates a slot. Contexts that have most of their mappings in common have a
 * tag in common, too; then entries of other mappings are marked TLB_LOCAL, and no slot takes them.
 */
struct tlb_site {
    uint64_t tag;
    uintptr_t addend;
    uint64_t page;          /* 64-bit addresses only */
};
#define TLB_SITES 2048
#define TLB_SITE_SHIFT 32   /* low bit of site_tag's number, which is not 0 */
#define TLB_VIEWS 4         /* MMU indices: 0 is the current privilege; others are the target's */

/*
 * Jump cache: guest virtual address to host code, one for each (TLB context, translation mode); env->jc points at the
 * live one. A branch that leaves its page, or whose target is computed, looks here. A "tagged pc" is the guest pc with
 * the target's state bit (ARM: bit 0 set in Thumb state). Entry of tagged pc:
 * JC_INDEX(pc). TLB maintenance empties it (pc = JC_EMPTY(index)).
 */
#define JC_BITS 11
#define JC_SIZE (1u << JC_BITS)
#define JC_SHIFT1 1
#define JC_SHIFT2 12
#define JC_INDEX(pc) \
    ((((pc) >> JC_SHIFT1) ^ ((pc) >> JC_SHIFT2)) & (JC_SIZE - 1))
/* What a free entry i holds: a pc of another index, so that no jump finds it, whatever 64-bit address it goes to. */
#define JC_EMPTY(i) ((uint64_t)((i) == 0) << JC_SHIFT1)
struct jc_entry {
    uint64_t pc;            /* tagged guest pc, JC_EMPTY(i) when free */
    void *code;             /* entry in the executable view */
};

/* Return stack, beside the jump cache it belongs to (same lifetime rules). */
#define RET_STACK_SIZE 16
#define JC_FILLED_MAX 1024
struct jump_cache {
    struct jc_entry entry[JC_SIZE];
    /* What an entry held before: a look-up that misses goes here by the same index, out of line. */
    struct jc_entry older[JC_SIZE];
    struct jc_entry ret[RET_STACK_SIZE];
    uint32_t ret_top;       /* index of the newest entry, modulo the size */
    /* Entries filled since it was empty, so that emptying is cheap; when they are more than fit, all are emptied. C code only. */
    uint32_t nfilled;
    uint16_t filled[JC_FILLED_MAX];
};

/* Guest flags as stored in a FLAGS state slot and as flags_to_bits gives them:
 * the layout of `lahf; seto al` in ax. Other bits are unspecified in a slot, 0
 * from flags_to_bits. */
enum ir_flag_bit {
    FLAG_O = 1 << 0,        /* overflow (ARM V) */
    FLAG_C = 1 << 8,        /* carry (ARM C polarity or x86's, as the target chose) */
    FLAG_P = 1 << 10,       /* parity of the low byte (x86) */
    FLAG_A = 1 << 12,       /* carry out of bit 3 (x86) */
    FLAG_Z = 1 << 14,       /* zero */
    FLAG_S = 1 << 15,       /* sign (ARM N) */
};
#define FLAG_ALL (FLAG_O | FLAG_C | FLAG_P | FLAG_A | FLAG_Z | FLAG_S)
#define FLAG_NZCV (FLAG_S | FLAG_Z | FLAG_C | FLAG_O)

struct tcg_ctx;

struct tcg_env {
    struct tlb_view tlb[TLB_VIEWS];
    struct jump_cache *jc;
    uint64_t pc;            /* tagged guest pc; valid outside generated code
                             * and in helpers that may fault */
    uint32_t aux;           /* second word of insn_start (ARM: IT state) */
    uint32_t exit_request;  /* non-zero: leave generated code at the next poll */
    uint64_t site_tag;      /* of view 0's context (struct tlb_site) */
    uint32_t mxcsr[2];      /* host mode and sticky flags for fp[0] and fp[1];
                             * the live MXCSR is in the register while
                             * generated code runs */
    uint32_t host_mxcsr;    /* what C code outside generated code uses */
    uint32_t mxcsr_copy;    /* private to the backend, as is mxcsr[0] while
                             * generated code runs */
    struct fp_env fp[2];    /* 0: the guest's mode; 1: the target's fixed mode
                             * (ARM: standard FPSCR value of NEON) */
    struct tcg_ctx *tcg;    /* translator that this vCPU runs on */
    void *exit_link;        /* set by a direct link not yet made: its tb_link */
    void *scratch[8];       /* private to the backend */
    struct tlb_site site[2][TLB_SITES];     /* loads, stores */
};

#endif
