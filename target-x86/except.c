/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions and interrupts (SDM volume 3, chapters 6 and 20): delivery in every mode, double and triple faults, interrupt lines.
 *
 * A fault in a delivery (the IDT or a stack is not there) leaves by longjmp like any other: nothing but memory below the new stack
 * pointer has changed then, env.pc is still that of the instruction, and c->delivering says what the second one came upon.
 */
#include "config.h"
#include "softmmu/machine.h"
#include "target-x86/system.h"
#include "util/log.h"

#define NOT_AN_EXCEPTION 0x100       /* c->delivering: an interrupt, benign in the sense of table 6-4 */
#define IDT_ERROR(vector, ext) ((uint32_t)(vector) << 3 | 2 | (ext))
#define DR6_BS (1u << 14)
#define DR7_GD (1u << 13)

void x86_raise(struct x86_cpu *c, enum x86_vector vector, uint32_t error_code)
{
    cpu_raise(&c->cpu, (int)vector, error_code, 0);
}

void x86_raise_pf(struct x86_cpu *c, uint64_t va, uint32_t error_code)
{
    cpu_raise(&c->cpu, X86_PF, error_code, va);
}

void x86_raise_trap(struct x86_cpu *c, uint32_t dr6)
{
    c->dr[6] |= dr6;
    c->db_pending = 0;
    cpu_raise(&c->cpu, X86_DB, 0, 0);
}

/* ---- delivery ------------------------------------------------------------------------------- */

struct delivery {
    struct x86_cpu *c;
    unsigned vector;
    enum x86_event event;
    unsigned ext;            /* the EXT bit of error codes */
    bool has_error;
    uint32_t error;
    uint32_t flags;          /* as pushed */
    uint64_t ip;             /* as pushed */
    uint32_t clear;          /* of EFLAGS when all is done */
};

/* Through the table of far pointers at base: real mode; VM86 mode's own with VME. */
static void deliver_real(struct delivery *d, uint64_t base)
{
    struct x86_cpu *c = d->c;
    struct x86_stack s;
    uint32_t to = (uint32_t)x86_ld(c, base + 4 * d->vector, MO_32, c->eflags & X86_FL_VM ? X86_VIEW_CPL : X86_VIEW_SYSTEM);

    x86_stack_current(c, &s);
    x86_stack_push(&s, d->flags, 2);
    x86_stack_push(&s, c->seg[X86_CS].selector, 2);
    x86_stack_push(&s, d->ip, 2);
    x86_stack_commit(&s);
    x86_put_real(c, X86_CS, to >> 16);
    x86_set_ip(c, to & 0xffff);
    c->eflags &= ~d->clear;
}

/* The code segment of a gate, checked; into *seg. The new privilege level. */
static unsigned gate_code(struct delivery *d, unsigned selector, struct x86_descriptor *code)
{
    struct x86_cpu *c = d->c;
    unsigned cpl = x86_cpl(c), dpl, error = (selector & 0xfffc) | d->ext;

    if (x86_is_null(selector))
        x86_raise(c, X86_GP, d->ext);
    x86_get_descriptor(c, selector, code, X86_GP, d->ext);
    dpl = x86_desc_dpl(code->hi);
    if (!x86_is_code(code->hi) || dpl > cpl)
        x86_raise(c, X86_GP, error);
    if (x86_lma(c) && (code->hi & (X86_DESC_L | X86_DESC_DB)) != X86_DESC_L)
        x86_raise(c, X86_GP, error);
    if (!(code->hi & X86_DESC_P))
        x86_raise(c, X86_NP, error);
    if (code->hi & X86_DESC_DOWN)      /* conforming */
        dpl = cpl;
    if (c->eflags & X86_FL_VM && dpl != 0)
        x86_raise(c, X86_GP, error);
    return dpl;
}

/* The stack of an inner level, from the TSS. */
static void inner_stack(struct delivery *d, unsigned cpl, struct x86_stack *s, struct x86_descriptor *ss)
{
    struct x86_cpu *c = d->c;
    unsigned selector, error;
    uint32_t esp;

    x86_tss_stack(c, cpl, &selector, &esp, d->ext);
    error = (selector & 0xfffc) | d->ext;
    if (x86_is_null(selector))
        x86_raise(c, X86_TS, d->ext);
    x86_get_descriptor(c, selector, ss, X86_TS, d->ext);
    if ((selector & 3) != cpl || x86_desc_dpl(ss->hi) != cpl ||
        (ss->hi & (X86_DESC_S | X86_DESC_CODE | X86_DESC_WRITE)) != (X86_DESC_S | X86_DESC_WRITE))
        x86_raise(c, X86_TS, error);
    if (!(ss->hi & X86_DESC_P))
        x86_raise(c, X86_SS_FAULT, error);
    *s = (struct x86_stack){ .c = c, .sp = esp, .error = error };
    s->ss = (struct x86_seg){ .base = x86_desc_base(ss), .limit = x86_desc_limit(ss), .attr = ss->hi & 0xf0ff00, .selector = (uint16_t)selector };
    x86_stack_mask(s);
}

static unsigned stack_view(const struct x86_cpu *c, unsigned new_cpl)
{
    return new_cpl < 3 && x86_cpl(c) == 3 ? X86_VIEW_SYSTEM : X86_VIEW_CPL;
}

static void push_frame(struct delivery *d, struct x86_stack *s, bool outer, unsigned size)
{
    static const uint8_t data[] = { X86_GS, X86_FS, X86_DS, X86_ES };
    struct x86_cpu *c = d->c;
    bool vm = c->eflags & X86_FL_VM;

    x86_stack_room(s, size * ((outer ? 5 : 3) + (vm ? 4 : 0) + d->has_error));
    for (unsigned i = 0; vm && i < G_N_ELEMENTS(data); i++)
        x86_stack_push(s, c->seg[data[i]].selector, size);
    if (outer) {
        x86_stack_push(s, c->seg[X86_SS].selector, size);
        x86_stack_push(s, c->r[X86_RSP], size);
    }
    x86_stack_push(s, d->flags, size);
    x86_stack_push(s, c->seg[X86_CS].selector, size);
    x86_stack_push(s, d->ip, size);
    if (d->has_error)
        x86_stack_push(s, d->error, size);
}

static void leave_vm86(struct x86_cpu *c)
{
    static const uint8_t data[] = { X86_GS, X86_FS, X86_DS, X86_ES };

    c->eflags &= ~(uint32_t)X86_FL_VM;
    for (unsigned i = 0; i < G_N_ELEMENTS(data); i++)
        x86_put_null(c, data[i], 0);
}

/* Interrupt and trap gates outside IA-32e mode (SDM 6.12.1, 20.3). */
static void deliver_gate(struct delivery *d, uint64_t gate, unsigned type)
{
    struct x86_cpu *c = d->c;
    struct x86_descriptor code, ss;
    struct x86_stack s;
    unsigned selector = gate >> 16 & 0xffff, cpl = gate_code(d, selector, &code), size = type & 8 ? 4 : 2;
    uint32_t off = gate & 0xffff;
    bool outer = cpl < x86_cpl(c);

    if (size == 4)
        off |= gate >> 32 & 0xffff0000u;
    if (outer) {
        inner_stack(d, cpl, &s, &ss);
    } else {
        x86_stack_current(c, &s);
        s.error = d->ext;
    }
    s.view = stack_view(c, cpl);
    if (off > x86_desc_limit(&code))
        x86_raise(c, X86_GP, d->ext);
    push_frame(d, &s, outer, size);
    x86_set_accessed(c, &code);
    if (outer)
        x86_set_accessed(c, &ss);
    if (c->eflags & X86_FL_VM)
        leave_vm86(c);
    if (outer)
        x86_put_segment(c, X86_SS, s.ss.selector, &ss);
    x86_stack_commit(&s);
    x86_put_segment(c, X86_CS, (selector & ~3u) | cpl, &code);
    x86_set_ip(c, off);
    c->eflags &= ~d->clear;
}

/* IA-32e mode (SDM 6.14). high: the gate's second eight bytes. */
static void deliver_gate64(struct delivery *d, uint64_t gate, uint64_t high)
{
    struct x86_cpu *c = d->c;
    struct x86_descriptor code;
    unsigned selector = gate >> 16 & 0xffff, cpl = gate_code(d, selector, &code), ist = gate >> 32 & 7;
    uint64_t off = (gate & 0xffff) | (gate >> 32 & 0xffff0000u) | high << 32;
    struct x86_stack s = { .c = c, .sp = c->r[X86_RSP], .is64 = true, .error = d->ext };
    bool outer = cpl < x86_cpl(c);

    if (ist)
        s.sp = x86_tss_rsp(c, 2 + ist, d->ext);
    else if (outer)
        s.sp = x86_tss_rsp(c, cpl, d->ext);
    x86_stack_mask(&s);
    s.sp &= ~(uint64_t)15;
    s.view = stack_view(c, cpl);
    if (!x86_is_canonical(c, off))
        x86_raise(c, X86_GP, d->ext);
    push_frame(d, &s, true, 8);
    x86_set_accessed(c, &code);
    if (outer)
        x86_put_null(c, X86_SS, cpl);
    c->r[X86_RSP] = s.sp;
    x86_put_segment(c, X86_CS, (selector & ~3u) | cpl, &code);
    x86_set_ip(c, off);
    c->eflags &= ~d->clear;
}

static void deliver_task(struct delivery *d, uint64_t gate)
{
    struct x86_descriptor g = { .lo = (uint32_t)gate, .hi = (uint32_t)(gate >> 32) }, tss;
    unsigned selector;

    x86_task_gate(d->c, &g, &tss, &selector, d->ext);
    x86_task_switch(d->c, selector, &tss, X86_TASK_INT, d->ip, d->ext, d->has_error, d->error);
}

static void deliver_protected(struct delivery *d)
{
    struct x86_cpu *c = d->c;
    bool wide = x86_lma(c);
    unsigned shift = wide ? 4 : 3, type;
    uint32_t error = IDT_ERROR(d->vector, d->ext);
    uint64_t at = c->idtr.base + ((uint64_t)d->vector << shift), gate, high = 0;

    if (((d->vector + 1) << shift) - 1 > c->idtr.limit)
        x86_raise(c, X86_GP, error);
    gate = x86_ld(c, at, MO_64, X86_VIEW_SYSTEM);
    if (wide)
        high = x86_ld(c, at + 8, MO_64, X86_VIEW_SYSTEM);
    type = gate >> 40 & 31;
    if (type != X86_TYPE_INT32 && type != X86_TYPE_TRAP32 &&
        (wide || (type != X86_TYPE_TASK && type != X86_TYPE_INT16 && type != X86_TYPE_TRAP16)))
        x86_raise(c, X86_GP, error);
    if (d->event == X86_EVENT_SOFT && (gate >> 45 & 3) < x86_cpl(c))
        x86_raise(c, X86_GP, error);
    if (!(gate >> 47 & 1))
        x86_raise(c, X86_NP, error);
    d->clear = X86_FL_TF | X86_FL_NT | X86_FL_RF | X86_FL_VM | (type & 1 ? 0 : X86_FL_IF);
    if (type == X86_TYPE_TASK)
        deliver_task(d, gate);
    else if (wide)
        deliver_gate64(d, gate, high);
    else
        deliver_gate(d, gate, type);
}

static void deliver(struct delivery *d)
{
    struct x86_cpu *c = d->c;

    d->ext = d->event != X86_EVENT_SOFT;
    if (c->cr0 & X86_CR0_PE) {
        deliver_protected(d);
    } else {
        if (4 * d->vector + 3 > c->idtr.limit)
            x86_raise(c, X86_GP, IDT_ERROR(d->vector, d->ext));
        d->clear = X86_FL_TF | X86_FL_IF | X86_FL_AC | X86_FL_RF;
        deliver_real(d, c->idtr.base);
    }
    c->inhibit = X86_INHIBIT_NONE;
    c->cpu.mode_changed = true;
    log_text(LOG_INT, "cpu %d: vector 0x%x error 0x%x, at %04x:0x%llx cpl %u\n", c->cpu.index, d->vector, d->error,
             c->seg[X86_CS].selector, (unsigned long long)c->cpu.env.pc, x86_cpl(c));
}

/* ---- exceptions (SDM 6.15) ------------------------------------------------------------------ */

static bool has_error_code(unsigned vector)
{
    return vector == X86_DF || (vector >= X86_TS && vector <= X86_PF) || vector == X86_AC;
}

/* 0 benign, 1 contributory, 2 page fault (table 6-4) */
static unsigned class_of(int vector)
{
    if (vector == X86_PF)
        return 2;
    return vector == X86_DE || (vector >= X86_TS && vector <= X86_GP);
}

/* Faults restart the instruction: RF is set in what they push, but for instruction breakpoints (17.3.1.1). */
static bool is_fault(unsigned vector)
{
    return vector != X86_DB && vector != X86_BP && vector != X86_OF && vector != X86_DF && vector != X86_MC;
}

void x86_reset_after_triple_fault(struct x86_cpu *c)
{
    struct cpu *cpu = &c->cpu;

    log_text(LOG_INT, "cpu %d: triple fault at 0x%llx\n", cpu->index, (unsigned long long)cpu->env.pc);
    c->delivering = -1;
    c->wait_sipi = true;         /* shut down: nothing but a reset or INIT wakes it */
    cpu->halted = true;
    machine_lock(cpu->machine);
    machine_request_from(cpu->machine, MACHINE_RESET);
    machine_unlock(cpu->machine);
}

void x86_take_exception(struct cpu *cpu)
{
    struct x86_cpu *c = X86_CPU(cpu);
    int vector = cpu->exception, first = c->delivering;
    struct delivery d = { .c = c, .event = X86_EVENT_EXCEPTION, .error = cpu->exception_syndrome };

    cpu->halted = false;         /* the trap of a HLT */
    c->db_pending = 0;           /* of an instruction that did not end */
    if (vector == X86_PF)
        c->cr2 = cpu->exception_addr;
    if (first == X86_DF && class_of(vector)) {
        x86_reset_after_triple_fault(c);
        return;
    }
    if ((class_of(first) == 1 && class_of(vector) == 1) || (class_of(first) == 2 && class_of(vector))) {
        vector = X86_DF;
        d.error = 0;
    }
    d.vector = (unsigned)vector;
    d.has_error = has_error_code(d.vector) && c->cr0 & X86_CR0_PE;
    d.flags = x86_eflags(c);
    if (is_fault(d.vector) || (d.vector == X86_DB && d.error))
        d.flags |= X86_FL_RF;
    d.ip = x86_ip(c);
    c->delivering = vector;
    deliver(&d);
    c->delivering = -1;
    if (vector == X86_DB)
        c->dr[7] &= ~(uint64_t)DR7_GD;
}

/* ---- software interrupts -------------------------------------------------------------------- */

/* The bit of the TSS that sends INT n of VM86 mode to the protected mode's handler (SDM 20.3.3). */
static bool is_redirected(struct x86_cpu *c, unsigned vector)
{
    const struct x86_seg *tr = &c->seg[X86_TR];
    uint32_t map;

    if (x86_desc_type(tr->attr) != X86_TYPE_TSS32_BUSY || tr->limit < 0x67)
        x86_raise(c, X86_GP, 0);
    map = (uint32_t)x86_ld(c, tr->base + 0x66, MO_16, X86_VIEW_SYSTEM);
    if (map < 32 || map - 32 + vector / 8 > tr->limit)
        x86_raise(c, X86_GP, 0);
    return x86_ld(c, tr->base + map - 32 + vector / 8, MO_8, X86_VIEW_SYSTEM) >> (vector % 8) & 1;
}

/* INT n in VM86 mode with VME (SDM table 20-2); true when the program's own handler was entered. */
static bool deliver_in_vm86(struct delivery *d)
{
    struct x86_cpu *c = d->c;
    bool virtual_if = (c->eflags & X86_FL_IOPL) != X86_FL_IOPL;

    if (!(c->cr4 & X86_CR4_VME) || is_redirected(c, d->vector)) {
        if (virtual_if)
            x86_raise(c, X86_GP, 0);
        return false;
    }
    d->clear = X86_FL_TF | X86_FL_RF | (virtual_if ? X86_FL_VIF : X86_FL_IF);
    if (virtual_if)
        d->flags = (d->flags & ~(uint32_t)X86_FL_IF) | X86_FL_IOPL | (c->eflags & X86_FL_VIF ? X86_FL_IF : 0);
    deliver_real(d, 0);
    c->cpu.mode_changed = true;
    return true;
}

void x86_soft_interrupt(struct x86_cpu *c, unsigned vector, bool int_n, uint64_t next_ip)
{
    struct delivery d = { .c = c, .vector = vector, .event = X86_EVENT_SOFT, .flags = x86_eflags(c) & ~(uint32_t)X86_FL_RF, .ip = next_ip };

    if (vector == X86_DB && !int_n)
        d.event = X86_EVENT_INT1;
    c->delivering = NOT_AN_EXCEPTION;
    if (!(c->eflags & X86_FL_VM && int_n && deliver_in_vm86(&d)))
        deliver(&d);
    c->delivering = -1;
}

/* ---- debug registers (SDM 17.2) ------------------------------------------------------------- */

/* Does breakpoint n, enabled in DR7, cover some byte of [la, la + size)? */
static bool is_near(const struct x86_cpu *c, unsigned n, uint64_t la, unsigned size)
{
    static const uint8_t lengths[] = { 1, 2, 8, 4 };
    unsigned len = lengths[c->dr[7] >> (18 + 4 * n) & 3];
    uint64_t at = c->dr[n] & ~(uint64_t)(len - 1);

    return la < at + len && at < la + size;
}

static bool is_enabled(const struct x86_cpu *c, unsigned n)
{
    return c->dr[7] >> (2 * n) & 3;
}

static unsigned kind_of(const struct x86_cpu *c, unsigned n)
{
    return c->dr[7] >> (16 + 4 * n) & 3;
}

uint32_t x86_data_breakpoints(const struct x86_cpu *c, uint64_t la, unsigned size, bool write, bool io)
{
    uint32_t hits = 0;

    for (unsigned n = 0; n < 4; n++) {
        unsigned kind = kind_of(c, n);
        bool fits = io ? kind == 2 && c->cr4 & X86_CR4_DE : kind == 3 || (kind == 1 && write);

        if (is_enabled(c, n) && fits && is_near(c, n, la, size))
            hits |= 1u << n;
    }
    return hits;
}

void x86_watched(struct cpu *cpu, uint64_t va, unsigned size, enum access_type type)
{
    struct x86_cpu *c = X86_CPU(cpu);

    c->db_pending |= x86_data_breakpoints(c, va, size, type == ACCESS_STORE, false);
}

bool x86_is_watched(const struct x86_cpu *c, uint64_t va)
{
    for (unsigned n = 0; n < 4; n++)
        if (is_enabled(c, n) && kind_of(c, n) & 1 && (c->dr[n] ^ va) < TLB_PAGE_SIZE)
            return true;
    return false;
}

void x86_finish_insn(struct x86_cpu *c, bool step)
{
    uint32_t dr6 = c->db_pending | (step ? DR6_BS : 0);

    c->db_pending = 0;
    if (dr6)
        x86_raise_trap(c, dr6);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static uint32_t lines_of(const struct cpu *cpu)
{
    return __atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST);
}

static int acknowledge(struct x86_cpu *c, enum x86_line line)
{
    struct cpu *cpu = &c->cpu;
    int n = -1;

    machine_lock(cpu->machine);
    if (cpu->apic)
        n = cpu->apic->acknowledge(cpu->apic_opaque, line);
    else if (line != X86_INTR)
        cpu_set_irq(cpu, line, false);
    machine_unlock(cpu->machine);
    return n;
}

static void interrupt(struct x86_cpu *c, unsigned vector)
{
    struct delivery d = { .c = c, .vector = vector, .event = X86_EVENT_EXTERNAL, .flags = x86_eflags(c), .ip = x86_ip(c) };

    c->delivering = NOT_AN_EXCEPTION;
    deliver(&d);
    c->delivering = -1;
}

/* INIT and SIPI; true when one was taken. */
static bool take_init(struct x86_cpu *c, uint32_t lines)
{
    struct cpu *cpu = &c->cpu;
    int page;

    if (lines & 1u << X86_INIT && !c->smm) {
        acknowledge(c, X86_INIT);
        x86_init_reset(c);
        if (cpu->apic && cpu->apic->init) {
            machine_lock(cpu->machine);
            cpu->apic->init(cpu->apic_opaque);
            machine_unlock(cpu->machine);
        }
        return true;
    }
    if (!(lines & 1u << X86_SIPI))
        return false;
    page = acknowledge(c, X86_SIPI);
    if (!c->wait_sipi || page < 0)
        return false;
    x86_start_at(c, (unsigned)page);
    return true;
}

static bool can_interrupt(const struct x86_cpu *c)
{
    return c->eflags & X86_FL_IF && !c->inhibit;
}

bool x86_take_interrupt(struct cpu *cpu)
{
    struct x86_cpu *c = X86_CPU(cpu);
    uint32_t lines = lines_of(cpu);
    int vector;

    if (lines & 1u << X86_A20_CHANGED)
        x86_apply_a20(c);
    if (take_init(c, lines))
        return true;
    if (c->wait_sipi) {
        cpu->halted = true;
        return false;
    }
    if (lines & 1u << X86_SMI && !c->smm && !c->inhibit) {
        acknowledge(c, X86_SMI);
        x86_enter_smm(c);
        return true;
    }
    if (lines & 1u << X86_NMI && !c->nmi_blocked && !c->inhibit) {
        acknowledge(c, X86_NMI);
        c->nmi_blocked = true;
        interrupt(c, X86_NMI_VECTOR);
        return true;
    }
    if (!(lines & 1u << X86_INTR) || !can_interrupt(c))
        return false;
    vector = acknowledge(c, X86_INTR);
    if (vector < 0)
        return false;
    interrupt(c, (unsigned)vector);
    return true;
}

bool x86_has_work(const struct cpu *cpu)
{
    const struct x86_cpu *c = X86_CPU(cpu);
    uint32_t lines = lines_of(cpu);

    if (c->wait_sipi)
        return lines & (1u << X86_SIPI | 1u << X86_INIT);
    return (lines & 1u << X86_INTR && c->eflags & X86_FL_IF) || (lines & 1u << X86_NMI && !c->nmi_blocked) ||
           (lines & (1u << X86_SMI | 1u << X86_INIT) && !c->smm);
}
