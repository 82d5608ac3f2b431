/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system side of x86 CPUs, shared by its files: translation, segments, exceptions, control registers, MSRs, models. SDM volume 3.
 *
 * All on the vCPU's thread. Functions that may raise (leave by longjmp) say so; until they return they have changed nothing that a
 * restart of the instruction would notice.
 */
#ifndef TARGET_X86_SYSTEM_H
#define TARGET_X86_SYSTEM_H

#include "softmmu/apic-link.h"
#include "target-x86/x86.h"

/* ---- mmu.c ---- */

enum x86_pf {                /* #PF's error code (SDM 4.7) */
    X86_PF_P = 1 << 0, X86_PF_W = 1 << 1, X86_PF_U = 1 << 2, X86_PF_RSVD = 1 << 3, X86_PF_I = 1 << 4, X86_PF_PK = 1 << 5,
};

bool x86_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key);
bool x86_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r);
void x86_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view) __attribute__((noreturn));
void x86_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view);
bool x86_is_canonical(const struct x86_cpu *c, uint64_t va);
/* Read the four PDPTEs that cr3 points to into c->pdpte; false, and nothing changes, when one has reserved bits set. */
bool x86_load_pdptes(struct x86_cpu *c, uint64_t cr3);
/* PAE paging (not IA-32e) is on with these registers. */
static inline bool x86_is_pae(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
    return cr0 & X86_CR0_PG && cr4 & X86_CR4_PAE && !(efer & X86_EFER_LMA);
}
/* Flushes: what MOV to CR3 with this value drops, INVLPG, INVPCID's types 0 to 2 (mappings of one PCID), all but global ones. */
void x86_flush_for_cr3(struct x86_cpu *c, uint64_t val);
void x86_flush_page(struct x86_cpu *c, uint64_t va);
void x86_flush_page_pcid(struct x86_cpu *c, uint64_t va, unsigned pcid);
void x86_flush_pcid(struct x86_cpu *c, unsigned pcid);
void x86_flush_not_global(struct x86_cpu *c);

/* ---- cregs.c: control registers with their checks (SDM 2.5). May raise #GP(0). ---- */

void x86_write_cr0(struct x86_cpu *c, uint64_t val);
void x86_write_cr3(struct x86_cpu *c, uint64_t val);
void x86_write_cr4(struct x86_cpu *c, uint64_t val);
void x86_write_cr8(struct x86_cpu *c, uint64_t val);
uint64_t x86_read_cr8(struct x86_cpu *c);
void x86_write_xcr0(struct x86_cpu *c, uint64_t val);
bool x86_write_efer(struct x86_cpu *c, uint64_t val);      /* false: #GP(0) */

/* ---- seg.c ---- */

/* A descriptor's doublewords: low, high (offset 4). */
struct x86_descriptor {
    uint32_t lo, hi;
    uint64_t la;             /* where it was read */
};

enum x86_desc_type {         /* system descriptors (SDM table 3-2); 64-bit ones have the 386's numbers */
    X86_TYPE_TSS16 = 1, X86_TYPE_LDT, X86_TYPE_TSS16_BUSY, X86_TYPE_CALL16, X86_TYPE_TASK, X86_TYPE_INT16, X86_TYPE_TRAP16,
    X86_TYPE_TSS32 = 9, X86_TYPE_TSS32_BUSY = 11, X86_TYPE_CALL32, X86_TYPE_INT32 = 14, X86_TYPE_TRAP32,
};
static inline unsigned x86_desc_type(uint32_t hi)
{
    return hi >> 8 & 15;
}
static inline unsigned x86_desc_dpl(uint32_t hi)
{
    return hi >> X86_DESC_DPL_SHIFT & 3;
}
static inline bool x86_is_code(uint32_t hi)
{
    return (hi & (X86_DESC_S | X86_DESC_CODE)) == (X86_DESC_S | X86_DESC_CODE);
}
uint32_t x86_desc_base(const struct x86_descriptor *d);
uint32_t x86_desc_limit(const struct x86_descriptor *d);
static inline bool x86_is_null(unsigned selector)
{
    return !(selector & 0xfffc);
}
static inline bool x86_protected(const struct x86_cpu *c)
{
    return c->cr0 & X86_CR0_PE && !(c->eflags & X86_FL_VM);
}
static inline bool x86_lma(const struct x86_cpu *c)
{
    return c->efer & X86_EFER_LMA;
}
static inline bool x86_in_64(const struct x86_cpu *c)
{
    return x86_lma(c) && c->seg[X86_CS].attr & X86_DESC_L;
}
/* Read the descriptor that the selector names; false when it is beyond its table. May raise #PF. */
bool x86_read_descriptor(struct x86_cpu *c, unsigned selector, struct x86_descriptor *d);
/* The same, raising vector(selector | ext) where it is beyond. */
void x86_get_descriptor(struct x86_cpu *c, unsigned selector, struct x86_descriptor *d, enum x86_vector vector, unsigned ext);
/* Set the accessed bit in memory when it is not. */
void x86_set_accessed(struct x86_cpu *c, struct x86_descriptor *d);
/* Put a checked descriptor into the register; real and VM86 mode's form. */
void x86_put_segment(struct x86_cpu *c, enum x86_segment seg, unsigned selector, const struct x86_descriptor *d);
void x86_put_null(struct x86_cpu *c, enum x86_segment seg, unsigned selector);
void x86_put_real(struct x86_cpu *c, enum x86_segment seg, unsigned selector);
/* MOV, POP, LDS... to ES, SS, DS, FS, GS: all modes and checks. May raise. */
void x86_load_segment(struct x86_cpu *c, enum x86_segment seg, unsigned selector);
/* Is [off, off + size) inside? */
bool x86_seg_covers(const struct x86_seg *s, uint64_t off, unsigned size, bool write);
/* Everything that depends on base, limit, attr of all segments. */
void x86_seg_update_all(struct x86_cpu *c);

/* ---- a stack that is not (yet) the current one: stack.c ---- */

struct x86_stack {
    struct x86_cpu *c;
    struct x86_seg ss;
    uint64_t sp, mask;       /* mask: bits of the pointer in use */
    unsigned view;           /* enum x86_view */
    bool is64;
    uint32_t error;          /* of the #SS for limits */
};
/* The current stack. */
void x86_stack_current(struct x86_cpu *c, struct x86_stack *s);
/* The mask that ss gives. */
void x86_stack_mask(struct x86_stack *s);
/* size: 2, 4 or 8. May raise; s->sp moves. */
void x86_stack_push(struct x86_stack *s, uint64_t val, unsigned size);
uint64_t x86_stack_pop(struct x86_stack *s, unsigned size);
/* Element at sp + off, and room for bytes that will be pushed. */
uint64_t x86_stack_peek(struct x86_stack *s, uint64_t off, unsigned size);
void x86_stack_room(struct x86_stack *s, unsigned bytes);
/* RSP becomes s->sp in the bits that the mask has. */
void x86_stack_commit(struct x86_stack *s);

/* ---- far.c: transfers between code segments (SDM 6.8 of volume 1, 5.8). Offsets and sizes in bytes 2, 4, 8; may raise. On return
 * env.pc is the new instruction's and cpu->mode_changed set; they leave by a #DB of their own when TF was set. ---- */

void x86_far_jump(struct x86_cpu *c, unsigned selector, uint64_t off, unsigned size);
void x86_far_call(struct x86_cpu *c, unsigned selector, uint64_t off, unsigned size, uint64_t next_ip);
void x86_far_return(struct x86_cpu *c, unsigned size, unsigned release);
void x86_iret(struct x86_cpu *c, unsigned size, uint64_t next_ip);
/* RIP of the instruction at env.pc. */
static inline uint64_t x86_ip(const struct x86_cpu *c)
{
    return x86_in_64(c) ? c->cpu.env.pc : (uint32_t)(c->cpu.env.pc - c->seg[X86_CS].base);
}
/* Go to ip in the CS that is loaded. */
static inline void x86_set_ip(struct x86_cpu *c, uint64_t ip)
{
    c->cpu.env.pc = x86_in_64(c) ? ip : (uint32_t)(c->seg[X86_CS].base + ip);
    c->cpu.mode_changed = true;
}
/* Drop what the new, lower privilege may not have in ES, DS, FS, GS. */
void x86_drop_segments(struct x86_cpu *c, unsigned cpl);

/* ---- task.c ---- */

enum x86_task_how { X86_TASK_JMP, X86_TASK_CALL, X86_TASK_IRET, X86_TASK_INT };
/* Switch to the task whose TSS the selector names; d: its descriptor, checked to be a TSS of the right kind and present. next_ip: what
 * the old task goes on with. An error code that has_error says is pushed in the new task. May raise, from the middle in the new task. */
void x86_task_switch(struct x86_cpu *c, unsigned selector, const struct x86_descriptor *d, enum x86_task_how how, uint64_t next_ip,
                     unsigned ext, bool has_error, uint32_t error_code);
/* A task gate's TSS, with all checks (SDM 7.2.5); raises with ext. */
void x86_task_gate(struct x86_cpu *c, const struct x86_descriptor *gate, struct x86_descriptor *tss, unsigned *selector, unsigned ext);
/* SS and stack pointer for level dpl from the TSS (not 64-bit ones). Raises #TS. */
void x86_tss_stack(struct x86_cpu *c, unsigned dpl, unsigned *ss, uint32_t *esp, unsigned ext);
/* RSPn (0..2) or ISTn (1..7, as 3 + n) of a 64-bit TSS. */
uint64_t x86_tss_rsp(struct x86_cpu *c, unsigned n, unsigned ext);
/* May the port be used where CPL > IOPL or in VM86 (SDM volume 1, 19.5.2)? */
bool x86_io_allowed(struct x86_cpu *c, unsigned port, unsigned size);

/* ---- except.c ---- */

enum x86_event {
    X86_EVENT_EXCEPTION,     /* the processor's own */
    X86_EVENT_SOFT,          /* INT n, INT3, INTO: DPL is checked, no EXT */
    X86_EVENT_EXTERNAL,      /* INTR, NMI */
    X86_EVENT_INT1,          /* INT1: an exception without DPL check, and not one of the processor's */
};

void x86_take_exception(struct cpu *cpu);
bool x86_take_interrupt(struct cpu *cpu);
bool x86_has_work(const struct cpu *cpu);
/* INT n with its checks in VM86 mode; INT3, INTO (soft_n false). next_ip: behind the instruction. May raise. */
void x86_soft_interrupt(struct x86_cpu *c, unsigned vector, bool int_n, uint64_t next_ip);
/* The instruction that was at env.pc is done and env.pc is the next one's: take #DB with these bits of DR6. Does not return. */
void x86_raise_trap(struct x86_cpu *c, uint32_t dr6) __attribute__((noreturn));
/* A data breakpoint that [la, la + size) touches, as DR6 bits; 0 none. io: I/O breakpoints, la is the port. */
/* The same of an access, for the end of the instruction; cpu_ops->watched. */
void x86_watched(struct cpu *cpu, uint64_t va, unsigned size, enum access_type type);
/* Is an enabled data breakpoint in the page at va? */
bool x86_is_watched(const struct x86_cpu *c, uint64_t va);
/* The end of an instruction at which env.pc is already the next one's: the traps that wait. step: TF was set when it began. */
void x86_finish_insn(struct x86_cpu *c, bool step);
uint32_t x86_data_breakpoints(const struct x86_cpu *c, uint64_t la, unsigned size, bool write, bool io);
void x86_reset_after_triple_fault(struct x86_cpu *c);

/* ---- smm.c ---- */

void x86_enter_smm(struct x86_cpu *c);
void x86_rsm(struct x86_cpu *c);     /* raises #UD outside SMM */

/* ---- msr.c: false: #GP(0) ---- */

bool x86_read_msr(struct x86_cpu *c, uint32_t index, uint64_t *val);
bool x86_write_msr(struct x86_cpu *c, uint32_t index, uint64_t val);
void x86_msr_reset(struct x86_cpu *c);
uint64_t x86_tsc(struct x86_cpu *c);

/* ---- helper-xsave.c ---- */

/* Components of XCR0 (SDM volume 1, 13.1) that are not in their initial state. */
enum x86_xcomp { X86_XC_X87 = 1 << 0, X86_XC_SSE = 1 << 1, X86_XC_AVX = 1 << 2, X86_XC_PKRU = 1 << 9 };
uint64_t x86_xinuse(const struct x86_cpu *c);

/* ---- cpus.c ---- */

struct x86_model {
    const char *name, *desc;
    const char *vendor;      /* 12 characters */
    uint8_t family, model, stepping;
    uint32_t max_leaf, max_ext_leaf;
    uint8_t phys_bits;       /* MAXPHYADDR with LM */
    const char *brand;
    uint32_t features[16];   /* enum x86_feature >> 5 */
    bool cache_info;         /* leaf 4 and the AMD cache leaves are there */
};
extern const char *const x86_model_names[], *const x86_64_model_names[];
const char *x86_model_desc(const char *name);
/* Model and properties; false with err. lm: long mode is available. */
bool x86_configure(struct x86_cpu *c, const char *spec, bool lm, GError **err);
unsigned x86_phys_bits(const struct x86_cpu *c);
static inline unsigned x86_linear_bits(const struct x86_cpu *c)
{
    return c->cr4 & X86_CR4_LA57 ? 57 : 48;
}
/* CPUID (SDM volume 2): leaf in, regs: EAX, EBX, ECX, EDX out. */
void x86_cpuid(struct x86_cpu *c, uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);
uint64_t x86_tsc_frequency(const struct x86_cpu *c);
uint32_t x86_signature(const struct x86_cpu *c);

/* ---- x86-ops.c ---- */

/* Interrupt inputs beside enum x86_line. */
enum { X86_A20_CHANGED = 7 };
void x86_apply_a20(struct x86_cpu *c);
/* INIT: everything but what SDM table 9-1 keeps. */
void x86_init_reset(struct x86_cpu *c);
void x86_start_at(struct x86_cpu *c, unsigned page);       /* SIPI */

#endif
