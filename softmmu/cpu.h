/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual CPU and the only way to its target: struct cpu_ops.
 *
 * Owner: the vCPU's thread, save for the fields marked "any thread".
 */
#ifndef SOFTMMU_CPU_H
#define SOFTMMU_CPU_H

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "tcg/env.h"
#include "tcg/ir.h"
#include "softmmu/apic-link.h"
#include "softmmu/irq.h"
#include "softmmu/sysreg.h"

struct machine;
struct cpu;
struct tlb;
struct tb;
struct check;
struct code_space;
struct bus;
struct device;

enum access_type { ACCESS_LOAD, ACCESS_STORE, ACCESS_EXEC };

enum page_prot { PROT_R = 1, PROT_W = 2, PROT_X = 4 };

/* Identity of a translation context: two accesses with equal keys see one mapping. The target packs what its
 * hardware tags by: ASID or table base, DACR, privilege, MMU on. */
struct tlb_key {
    uint64_t space;          /* address space: ASID, table base */
    uint64_t outer;          /* what "global" mappings are global in: translation regime, VMID; 0 where there is but one */
    uint64_t rights;         /* privilege, domains and other inputs of permission checks */
    bool common;             /* most mappings are shared: contexts with the same outer, rights and shared have them in common */
    uint64_t shared;         /* with common: the table of the shared mappings, where spaces can differ in it */
};

/* Which contexts maintenance is for: ((space ^ key.space) & space_mask) == 0 and ((outer ^ key.outer) & outer_mask) == 0. */
struct tlb_scope {
    uint64_t space, space_mask, outer, outer_mask;
};

/* Result of a page walk. */
struct tlb_fill {
    uint64_t paddr;          /* of the page that holds the address, page aligned */
    uint8_t prot;            /* PROT_* for the context's privilege */
    bool global;             /* the mapping holds for every address space (nG = 0) */
    bool shared;             /* it is tagged, but holds for every context that has key.shared in common with this one */
    bool aliased;            /* the address has bits that the walk ignored (a tag): maintenance by address does not name them */
    uint8_t page_bits;       /* size of the guest's mapping, at least TLB_PAGE_BITS */
    bool watched;            /* cpu_ops->watched wants to know of loads and stores in the page */
    bool guarded;            /* indirect branches into the page are checked: cpu_ops->mode_guarded joins the mode of its code */
};

/* Front end's view of one translation (softmmu/tb.c): fill ir until the region ends. */
struct region_limits {
    uint64_t pc;             /* tagged pc of the first instruction */
    uint32_t mode;           /* as cpu_ops->mode gave it */
    uint32_t max_insns;      /* guest instructions at most */
    uint64_t page_end;       /* untagged; the next page starts here */
    bool single_step;
};
struct region_result {
    uint64_t bytes_end;      /* one past the last guest byte that was read (untagged) */
    uint32_t ninsns;
    uint32_t mode_ignored;   /* bits of cpu_ops->mode_optional that made no difference */
};

struct cpu_ops {
    const char *name;                      /* "arm", "aarch64" */
    const char *family;                    /* what boards name: "arm" is both */
    bool is_64bit;                         /* its CPUs start in 64-bit state */
    const struct ir_target *ir_target;
    size_t size;                           /* of the target's struct, which begins with struct cpu */
    bool coherent_code;                    /* an instruction's write to the code behind it is seen by the next one */
    uint8_t pc_tag_mask;                   /* bits of a tagged pc that are not address */

    /* Make sense of the model name and properties ("cortex-a15,neon=off"). NULL-terminated list of
     * model names for help. */
    const char *const *models;
    const char *(*model_desc)(const char *name);
    bool (*init)(struct cpu *cpu, const char *model, GError **err);
    void (*fini)(struct cpu *cpu);
    void (*reset)(struct cpu *cpu);
    /* Start at pc (tagged). */
    void (*set_pc)(struct cpu *cpu, uint64_t pc);
    /* First n argument registers of a boot protocol, after reset. */
    void (*set_boot_args)(struct cpu *cpu, unsigned n, const uint64_t *args);
    /* Reset the CPU and let it start at entry with context in its first argument register (PSCI CPU_ON). The CPU is powered off: its thread does not run it. */
    void (*power_on)(struct cpu *cpu, uint64_t entry, uint64_t context);

    /* Translation mode: everything beside the tagged pc that the front end looks at. Two states with equal mode and
     * pc translate alike. */
    uint32_t (*mode)(const struct cpu *cpu);
    /* Bits of the mode that many regions do not depend on (ARM: those of floating point): each says so when it is translated. */
    uint32_t mode_optional;
    /* The bit that the translator sees in the mode when the page of the code is guarded (struct tlb_fill); 0: no such pages. */
    uint32_t mode_guarded;
    /* Key of the live context of a view (MMU index); false when the view is not used now. */
    bool (*tlb_key)(const struct cpu *cpu, unsigned view, struct tlb_key *key);
    /* Translate. Fills r and returns true, or, when probe is false, raises the target's fault and does not return; when
     * probe is true returns false. */
    bool (*tlb_fill)(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe,
                     struct tlb_fill *r);
    /* The access is misaligned where alignment is required: raise, does not return. */
    void (*unaligned)(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view) __attribute__((noreturn));
    /* Nothing answers at paddr: raise (does not return), or return to make it read as zero / write ignored. */
    void (*bus_error)(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view);

    /* A load or store in a page that is watched (struct tlb_fill), before it is made; faults of the access have come. NULL: no such pages. */
    void (*watched)(struct cpu *cpu, uint64_t va, unsigned size, enum access_type type);

    /* Translate guest code into ir. Fetches with cpu_fetch*(), which raises for the first instruction's fault and ends the region
     * before a later one's. */
    void (*translate)(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res);

    /* An exception is pending in cpu->exception (set by cpu_raise): enter its vector. */
    void (*take_exception)(struct cpu *cpu);
    /* Pending lines: take the highest interrupt that is not masked; true if one was taken. */
    bool (*take_interrupt)(struct cpu *cpu);
    /* Halted (WFI): is there a reason to go on? Masked interrupts count. */
    bool (*has_work)(const struct cpu *cpu);
    /* Registers as text for -d cpu and dumps. */
    void (*dump)(const struct cpu *cpu, FILE *f);
    /* One guest instruction's disassembly is Capstone's; mode of the pc for it. */
    void (*disas)(const struct cpu *cpu, uint64_t pc, const uint8_t *bytes, size_t len, FILE *f);
};

/* Counters that tests and -d assert on; owner thread writes. */
struct cpu_counters {
    uint64_t tlb_fills, tlb_flushes, tlb_switches, tlb_slow, tlb_victim_hits;
    uint64_t tb_lookups, jc_misses, exits, exceptions, interrupts;
    uint64_t translate_ns, translated_insns;
};

struct cpu {
    struct tcg_env env;      /* first: generated code's base register points here */

    const struct cpu_ops *ops;
    struct machine *machine;
    int index;
    bool is_64bit;           /* it starts in 64-bit state: boot protocols and device trees depend on it. Set by the target's init */
    bool has_el2, has_el3;   /* what became of the machine's want_el2 and want_el3 with this model; set by the target's init */
    uint64_t affinity;       /* its place, as the target's hardware numbers it (MPIDR_EL1's Aff fields, nothing else); the board's after
                                cpu_new, which makes it the index */
    struct bus *bus;         /* physical memory as this CPU sees it */
    struct bus *smm_bus;     /* x86: what it sees in system management mode; NULL: the same. Set by the board */
    struct tlb *tlb;         /* softmmu/tlb.c */
    struct check *check;     /* softmmu/check.c; NULL unless -accel tcg,check=on */
    struct tb **recent;      /* TB_RECENT translations this CPU found lately (tb.c) */
    struct code_space *code; /* translations, shared by the machine's CPUs (softmmu/tb.c) */

    void *jump[5];           /* __builtin_setjmp; cpu_raise and friends leave generated code here */
    bool in_run;             /* jump is valid */
    bool sampled;            /* look at where it is (hot.c); the thread's signal handler sets it */
    int exception;           /* target's number, -1 none; set by cpu_raise */
    uint32_t exception_syndrome;   /* target's */
    uint64_t exception_addr;       /* faulting address and the like */
    uint64_t exception_extra;      /* target's */
    bool one_insn;           /* the next translation is of one instruction (code_overtaken) */
    bool mode_changed;       /* mode or a tlb key may have changed: refresh before the next look-up */

    /* Interrupt inputs: bit n is the level of line n. Any thread, with the device lock; read atomically. */
    uint32_t irq_lines;
    struct irq *in;          /* its inputs (count: target's) */
    struct irq **out;        /* its outputs (timers, PMU): connected by the board */
    int nout;
    const struct cpu_sysreg_ops *icc;      /* the interrupt controller's registers; NULL: it has none. Set by the board before the first reset */
    void *icc_opaque;
    const struct cpu_apic_ops *apic;       /* x86: what interrupts it (softmmu/apic-link.h). Set by the board before the first reset */
    void *apic_opaque;

    /* Work from other CPUs and the main loop (cpu-work.c). */
    bool in_guest;           /* generated code or a helper under it runs; atomic */
    uint64_t work_asked, work_done;        /* sequence numbers; atomic */
    GQueue work;             /* struct cpu_work *, under work_lock */
    pthread_mutex_t work_lock;
    bool remap_asked;        /* its TLB entries are stale (bus_set_remap_hook), and it has been asked to drop them; atomic */
    bool translating;        /* this thread holds the code lock (tb.c) */

    bool halted;             /* WFI; any thread reads */
    bool powered_off;        /* PSCI; any thread reads, atomic. Once it is set another CPU may reset and start this one */
    bool power_off;          /* take_exception: powered_off is to be set when its work is done */
    bool stop;               /* leave the thread; any thread */
    pthread_t thread;
    bool has_thread;         /* main thread's */
    bool asleep;             /* the thread waits in sleep; atomic */
    struct cpu *sleeper;     /* whose wait is signalled: itself, or the first CPU's in single-threaded machines */
    pthread_mutex_t wait_lock;     /* guards sleeping on wait */
    pthread_cond_t wait;

    struct cpu_counters count;
};

/* Register a target; a constructor per target. */
void cpu_register(const struct cpu_ops *ops);
/* The target of the family that has this model (with properties or without); where two have it, the one that is 64-bit as wanted. A model
 * that none has: that one, too. NULL: no such family. */
const struct cpu_ops *cpu_ops_find(const char *family, const char *model, bool want_64bit);
/* Every registered target by index; NULL behind the last. */
const struct cpu_ops *cpu_ops_at(int i);
/* Make a CPU of model ("cortex-a15" or "cortex-a15,prop=val"); NULL and err for unknown ones. */
struct cpu *cpu_new(struct machine *m, const struct cpu_ops *ops, const char *model, int index, GError **err);
void cpu_free(struct cpu *cpu);
void cpu_reset(struct cpu *cpu);

/* Set input line n (device lock held); makes the CPU look. */
void cpu_set_irq(struct cpu *cpu, int n, bool level);
struct irq *cpu_in(struct cpu *cpu, int n);
void cpu_connect(struct cpu *cpu, int out, struct irq *to);
/* Leave generated code soon and look at requests; any thread. */
void cpu_kick(struct cpu *cpu);
/* PSCI: start a powered-off CPU at entry with context in its first argument; false if it is on already. Device lock held. */
bool cpu_power_on(struct cpu *cpu, uint64_t entry, uint64_t context);

/* Leave for the main loop with exception n pending. State is precise: env.pc is the instruction's. */
void cpu_raise(struct cpu *cpu, int n, uint32_t syndrome, uint64_t addr) __attribute__((noreturn));
/* Leave for the main loop without an exception (env.pc already says where to go on). */
void cpu_leave(struct cpu *cpu) __attribute__((noreturn));

/* Run fn(cpu, data) on every CPU of the machine, self included (self is the caller's CPU; NULL from another thread). Returns when each has
 * run it, or will before it touches guest state again. size: bytes of data, copied, at most CPU_WORK_DATA. The caller
 * holds neither the code lock nor the device lock. */
#define CPU_WORK_DATA 64
typedef void (*cpu_work_fn)(struct cpu *cpu, const void *data);
void cpu_broadcast(struct machine *m, struct cpu *self, cpu_work_fn fn, const void *data, size_t size);
/* Memory has moved: all CPUs forget their TLB entries, at the latest at the next poll. Any thread, the device lock may be held. opaque:
 * the machine. */
void cpus_remapped(void *opaque);
/* Do what others asked for; the CPU's own thread. */
void cpu_drain_work(struct cpu *cpu);
/* Bracket generated code. */
void cpu_enter_guest(struct cpu *cpu);
void cpu_leave_guest(struct cpu *cpu);

/* Generated code has changed what the main loop looks at (tcg_mem_ops): take what is pending; the code to go on with, or NULL when the
 * main loop is wanted. */
void *cpu_next_code(struct tcg_env *env);

/* Translation-time fetches at guest virtual address va (untagged); see cpu_ops->translate. */
uint16_t cpu_fetch16(struct cpu *cpu, uint64_t va);
uint32_t cpu_fetch32(struct cpu *cpu, uint64_t va);
/* The bytes at va in its page; *room: how many. Valid as long as the translator's caller holds the code lock. */
const uint8_t *cpu_fetch_bytes(struct cpu *cpu, uint64_t va, unsigned *room);
/* Compare-and-swap of the two doublewords at addr (16-byte aligned, else the unaligned fault), as one access. old: what is expected,
 * then what was there. oi as in tcg_mem_ops, of MO_128; MO_BE swaps the bytes of each doubleword. Faults leave by longjmp. */
void cpu_cas128(struct cpu *cpu, uint64_t addr, uint64_t old[2], const uint64_t new_val[2], uint32_t oi);

/* The vCPU thread's body; returns when cpu->stop. */
void cpu_run_loop(struct cpu *cpu);
/* Run until an exit to C once: translate or find, run, take what is pending. For tests and single-threaded mode. */
void cpu_step(struct cpu *cpu);

#endif
