/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations of a machine: found by physical address, tagged pc and mode, shared by its CPUs, dropped when the guest
 * writes to the code they came from. docs/life-of-an-instruction.md.
 *
 * The code lock guards everything here; a thread that waits for it does what other CPUs ask of it meanwhile. Lock
 * order: device lock before code lock.
 */
#ifndef SOFTMMU_TB_H
#define SOFTMMU_TB_H

#include "softmmu/cpu.h"
#include "tcg/compile.h"

/* A translation: one region of guest code in one mode. Owner: the code space, until it is flushed. */
struct tb {
    uint64_t pc;             /* tagged */
    uint64_t paddr;          /* of the first byte */
    uint64_t paddr2;         /* page of the bytes behind the first page, or TB_ONE_PAGE */
    uint32_t mode, mode_mask;        /* it is good for modes with mode's bits in mode_mask */
    uint16_t size;           /* guest bytes */
    bool dead;
    bool hot;                /* translated with more effort */
    bool single;             /* one instruction */
    struct tcg_code code;
    struct tb *hash_next;
    struct tb *page_next[2]; /* on the lists of its pages */
    struct tcg_link *incoming;
};
#define TB_ONE_PAGE UINT64_MAX

struct code_stats {
    uint64_t tbs, invalidated, flushes, guest_bytes, code_writes, hot;
};

struct code_space *code_space_new(struct machine *m, struct tcg_ctx *tcg);
void code_space_free(struct code_space *cs);
const struct code_stats *code_space_stats(const struct code_space *cs);

/* Advances at every flush. */
uint64_t code_space_generation(const struct code_space *cs);
/* The translation of the CPU's pc in its mode, made when there is none. May raise the guest's fetch fault. The CPU is
 * outside generated code. */
struct tb *tb_find(struct cpu *cpu);
/* The same from the CPU's own short memory, or NULL. The CPU is in the guest (so that nothing is freed meanwhile). */
#define TB_RECENT 32768
struct tb *tb_find_recent(struct cpu *cpu);
/* The same for generated code (tcg_mem_ops): the entry of the translation of env->pc, which goes into the jump cache. */
void *tb_find_code(struct tcg_env *env);
/* The CPU was found at env.pc, outside generated code: the second time at about the same place, what is translated round it goes and
 * will be translated as hot code. */
void code_sample(struct cpu *cpu);
/* Link the direct exit that the CPU just left by to tb, when both still live. */
void tb_link(struct cpu *cpu, struct tcg_link *link, struct tb *tb);

/* Is there code from this physical page? */
bool code_page_active(struct code_space *cs, uint64_t paddr);
/* The guest wrote len bytes at paddr, which lie in one page: drop translations of the bytes. cpu: the writer, NULL for DMA. Returns
 * true while the page still holds code. */
bool code_written(struct code_space *cs, struct cpu *cpu, uint64_t paddr, uint64_t len);
/* The CPU is about to write len bytes at paddr, in one page, where instructions must see that at once (cpu_ops->coherent_code): is the region
 * that it runs made of such bytes, and goes on behind this instruction? Then they are dropped, and the instruction has to start again: the next
 * translation is of it alone. */
bool code_overtaken(struct code_space *cs, struct cpu *cpu, uint64_t paddr, uint64_t len);
/* Invalidate on DMA into the bus's RAM. */
void code_space_watch(struct code_space *cs, struct bus *bus);
/* Drop everything (reset, full cache). The caller is outside generated code and holds no lock. */
void code_flush(struct code_space *cs, struct cpu *cpu);
/* Drop the lock if this thread holds it: cpu_raise from a code fetch. */
void code_unlock_after_fault(struct cpu *cpu);

#endif
