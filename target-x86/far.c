/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Far JMP, CALL, RET and IRET (SDM volume 1, chapter 6; volume 2; volume 3, 5.8 and 7.3). */
#include "config.h"
#include "target-x86/system.h"

static void gp(struct x86_cpu *c, unsigned selector) __attribute__((noreturn));
static void gp(struct x86_cpu *c, unsigned selector)
{
    x86_raise(c, X86_GP, selector & 0xfffc);
}

/* The transfer is complete: the trap of an instruction that began with TF. */
static void finish(struct x86_cpu *c, uint32_t old_eflags)
{
    c->inhibit = X86_INHIBIT_NONE;
    c->cpu.mode_changed = true;
    x86_finish_insn(c, old_eflags & X86_FL_TF);
}

/* Is ip, in a code segment with this descriptor? Else #GP(0). */
static void check_target(struct x86_cpu *c, const struct x86_descriptor *d, uint64_t ip)
{
    if (x86_lma(c) && d->hi & X86_DESC_L) {
        if (!x86_is_canonical(c, ip))
            gp(c, 0);
    } else if ((uint32_t)ip > x86_desc_limit(d)) {
        gp(c, 0);
    }
}

static void check_code_bits(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector)
{
    if (x86_lma(c) && (d->hi & (X86_DESC_L | X86_DESC_DB)) == (X86_DESC_L | X86_DESC_DB))
        gp(c, selector);
}

static uint64_t cut(uint64_t v, unsigned size)
{
    return size == 8 ? v : size == 4 ? (uint32_t)v : (uint16_t)v;
}

static void go(struct x86_cpu *c, unsigned selector, const struct x86_descriptor *d, uint64_t ip)
{
    x86_put_segment(c, X86_CS, selector, d);
    x86_set_ip(c, ip);
}

static void real_jump(struct x86_cpu *c, unsigned selector, uint64_t ip)
{
    if (ip > c->seg[X86_CS].limit)
        gp(c, 0);
    x86_put_real(c, X86_CS, selector);
    x86_set_ip(c, ip);
}

/* ---- JMP and CALL --------------------------------------------------------------------------- */

/* A code segment named directly (5.8.1): same level. */
static void check_direct(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector)
{
    unsigned cpl = x86_cpl(c), dpl = x86_desc_dpl(d->hi);

    if (d->hi & X86_DESC_DOWN ? dpl > cpl : dpl != cpl || (selector & 3) > cpl)
        gp(c, selector);
    check_code_bits(c, d, selector);
    if (!(d->hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
}

struct gate {
    unsigned selector;
    uint64_t off;
    unsigned size;           /* 2, 4, 8 */
    unsigned count;
    struct x86_descriptor code;
};

/* A call gate (5.8.3, 5.8.3.1) and the code segment that it names. */
static void read_gate(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector, bool call, struct gate *g)
{
    unsigned cpl = x86_cpl(c), dpl;
    struct x86_descriptor high;

    if (x86_desc_dpl(d->hi) < MAX(cpl, selector & 3))
        gp(c, selector);
    if (!(d->hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    *g = (struct gate){ .selector = d->lo >> 16, .off = (d->lo & 0xffff) | (d->hi & 0xffff0000u), .count = d->hi & 31,
                        .size = x86_lma(c) ? 8 : x86_desc_type(d->hi) == X86_TYPE_CALL32 ? 4 : 2 };
    if (g->size == 2)
        g->off &= 0xffff;
    if (g->size == 8) {
        if (!x86_read_descriptor(c, selector + 8, &high) || high.hi & 0x1f00)
            gp(c, selector);
        g->off |= (uint64_t)high.lo << 32;
    }
    if (x86_is_null(g->selector))
        gp(c, 0);
    x86_get_descriptor(c, g->selector, &g->code, X86_GP, 0);
    dpl = x86_desc_dpl(g->code.hi);
    if (!x86_is_code(g->code.hi) || dpl > cpl || (!call && !(g->code.hi & X86_DESC_DOWN) && dpl != cpl))
        gp(c, g->selector);
    if (g->size == 8 && (g->code.hi & (X86_DESC_L | X86_DESC_DB)) != X86_DESC_L)
        gp(c, g->selector);
    if (!(g->code.hi & X86_DESC_P))
        x86_raise(c, X86_NP, g->selector & 0xfffc);
    check_target(c, &g->code, g->off);
}

static void jump_gate(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector)
{
    struct gate g;

    read_gate(c, d, selector, false, &g);
    x86_set_accessed(c, &g.code);
    go(c, (g.selector & ~3u) | x86_cpl(c), &g.code, g.off);
}

/* SS and pointer of the level that a call gate enters. */
static void gate_stack(struct x86_cpu *c, unsigned cpl, struct x86_stack *s, struct x86_descriptor *ss)
{
    unsigned selector;
    uint32_t esp;

    if (x86_lma(c)) {
        *s = (struct x86_stack){ .c = c, .sp = x86_tss_rsp(c, cpl, 0), .is64 = true };
        x86_stack_mask(s);
        return;
    }
    x86_tss_stack(c, cpl, &selector, &esp, 0);
    if (x86_is_null(selector))
        x86_raise(c, X86_TS, 0);
    x86_get_descriptor(c, selector, ss, X86_TS, 0);
    if ((selector & 3) != cpl || x86_desc_dpl(ss->hi) != cpl ||
        (ss->hi & (X86_DESC_S | X86_DESC_CODE | X86_DESC_WRITE)) != (X86_DESC_S | X86_DESC_WRITE))
        x86_raise(c, X86_TS, selector & 0xfffc);
    if (!(ss->hi & X86_DESC_P))
        x86_raise(c, X86_SS_FAULT, selector & 0xfffc);
    *s = (struct x86_stack){ .c = c, .sp = esp, .error = selector & 0xfffc };
    s->ss = (struct x86_seg){ .base = x86_desc_base(ss), .limit = x86_desc_limit(ss), .attr = ss->hi & 0xf0ff00, .selector = (uint16_t)selector };
    x86_stack_mask(s);
}

static void push_return(struct x86_cpu *c, struct x86_stack *s, unsigned size, uint64_t next_ip)
{
    x86_stack_push(s, c->seg[X86_CS].selector, size);
    x86_stack_push(s, next_ip, size);
}

/* A gate to an inner level: new stack, with the parameters of the old one (5.8.5). */
static void call_inner(struct x86_cpu *c, struct gate *g, unsigned cpl, uint64_t next_ip)
{
    struct x86_descriptor ss = { 0 };
    struct x86_stack s, old;
    unsigned count = g->size == 8 ? 0 : g->count;

    gate_stack(c, cpl, &s, &ss);
    x86_stack_current(c, &old);
    s.view = x86_cpl(c) == 3 ? X86_VIEW_SYSTEM : X86_VIEW_CPL;
    x86_stack_room(&s, g->size * (4 + count));
    x86_stack_push(&s, c->seg[X86_SS].selector, g->size);
    x86_stack_push(&s, c->r[X86_RSP], g->size);
    for (unsigned i = count; i > 0; i--)
        x86_stack_push(&s, x86_stack_peek(&old, (uint64_t)(i - 1) * g->size, g->size), g->size);
    push_return(c, &s, g->size, next_ip);
    x86_set_accessed(c, &g->code);
    if (g->size == 8) {
        x86_put_null(c, X86_SS, cpl);
    } else {
        x86_set_accessed(c, &ss);
        x86_put_segment(c, X86_SS, s.ss.selector, &ss);
    }
    x86_stack_commit(&s);
    go(c, (g->selector & ~3u) | cpl, &g->code, g->off);
}

static void call_gate(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector, uint64_t next_ip)
{
    unsigned cpl = x86_cpl(c);
    struct x86_stack s;
    struct gate g;

    read_gate(c, d, selector, true, &g);
    if (!(g.code.hi & X86_DESC_DOWN) && x86_desc_dpl(g.code.hi) < cpl) {
        call_inner(c, &g, x86_desc_dpl(g.code.hi), next_ip);
        return;
    }
    x86_stack_current(c, &s);
    if (g.size == 8) {
        s.is64 = true;
        x86_stack_mask(&s);
    }
    push_return(c, &s, g.size, next_ip);
    x86_set_accessed(c, &g.code);
    x86_stack_commit(&s);
    go(c, (g.selector & ~3u) | cpl, &g.code, g.off);
}

/* A selector of a system descriptor. */
static void through_system(struct x86_cpu *c, const struct x86_descriptor *d, unsigned selector, bool call, uint64_t next_ip)
{
    unsigned type = x86_desc_type(d->hi), tss_selector = selector;
    bool dpl_ok = x86_desc_dpl(d->hi) >= MAX(x86_cpl(c), selector & 3);
    struct x86_descriptor tss = *d;

    if (type == X86_TYPE_CALL32 || (type == X86_TYPE_CALL16 && !x86_lma(c))) {
        if (call)
            call_gate(c, d, selector, next_ip);
        else
            jump_gate(c, d, selector);
        return;
    }
    if (x86_lma(c) || !dpl_ok || (type != X86_TYPE_TASK && type != X86_TYPE_TSS16 && type != X86_TYPE_TSS32) ||
        (type != X86_TYPE_TASK && selector & 4))
        gp(c, selector);
    if (!(d->hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    if (type == X86_TYPE_TASK)
        x86_task_gate(c, d, &tss, &tss_selector, 0);
    x86_task_switch(c, tss_selector, &tss, call ? X86_TASK_CALL : X86_TASK_JMP, next_ip, 0, false, 0);
}

void x86_far_jump(struct x86_cpu *c, unsigned selector, uint64_t off, unsigned size)
{
    uint32_t old = c->eflags;
    struct x86_descriptor d;

    off = cut(off, size);
    if (!x86_protected(c)) {
        real_jump(c, selector, off);
        finish(c, old);
        return;
    }
    if (x86_is_null(selector))
        gp(c, 0);
    x86_get_descriptor(c, selector, &d, X86_GP, 0);
    if (!(d.hi & X86_DESC_S)) {
        /* The next instruction is what a task goes on with: JMP's length does not matter to the others. */
        through_system(c, &d, selector, false, c->int_next);
    } else {
        if (!x86_is_code(d.hi))
            gp(c, selector);
        check_direct(c, &d, selector);
        check_target(c, &d, off);
        x86_set_accessed(c, &d);
        go(c, (selector & ~3u) | x86_cpl(c), &d, off);
    }
    finish(c, old);
}

static void call_direct(struct x86_cpu *c, struct x86_descriptor *d, unsigned selector, uint64_t off, unsigned size, uint64_t next_ip)
{
    struct x86_stack s;

    if (!x86_is_code(d->hi))
        gp(c, selector);
    check_direct(c, d, selector);
    check_target(c, d, off);
    x86_stack_current(c, &s);
    push_return(c, &s, size, next_ip);
    x86_set_accessed(c, d);
    x86_stack_commit(&s);
    go(c, (selector & ~3u) | x86_cpl(c), d, off);
}

void x86_far_call(struct x86_cpu *c, unsigned selector, uint64_t off, unsigned size, uint64_t next_ip)
{
    uint32_t old = c->eflags;
    struct x86_descriptor d;
    struct x86_stack s;

    off = cut(off, size);
    if (!x86_protected(c)) {
        if (off > c->seg[X86_CS].limit)
            gp(c, 0);
        x86_stack_current(c, &s);
        push_return(c, &s, size, next_ip);
        x86_stack_commit(&s);
        real_jump(c, selector, off);
    } else {
        if (x86_is_null(selector))
            gp(c, 0);
        x86_get_descriptor(c, selector, &d, X86_GP, 0);
        if (d.hi & X86_DESC_S)
            call_direct(c, &d, selector, off, size, next_ip);
        else
            through_system(c, &d, selector, true, next_ip);
    }
    finish(c, old);
}

/* ---- RET and IRET --------------------------------------------------------------------------- */

/* The code segment that is returned to (5.8.6): its level is the selector's RPL. */
static void check_return_code(struct x86_cpu *c, unsigned selector, struct x86_descriptor *d)
{
    unsigned rpl = selector & 3;

    if (x86_is_null(selector))
        gp(c, 0);
    x86_get_descriptor(c, selector, d, X86_GP, 0);
    if (!x86_is_code(d->hi) || rpl < x86_cpl(c) || (d->hi & X86_DESC_DOWN ? x86_desc_dpl(d->hi) > rpl : x86_desc_dpl(d->hi) != rpl))
        gp(c, selector);
    check_code_bits(c, d, selector);
    if (!(d->hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
}

/* The outer level's stack segment; a null one is good for 64-bit code above level 3. False: null. */
static bool check_return_stack(struct x86_cpu *c, unsigned selector, unsigned rpl, const struct x86_descriptor *code, struct x86_descriptor *ss)
{
    if (x86_is_null(selector)) {
        if (!x86_lma(c) || !(code->hi & X86_DESC_L) || rpl == 3 || (selector & 3) != rpl)
            gp(c, 0);
        return false;
    }
    x86_get_descriptor(c, selector, ss, X86_GP, 0);
    if ((selector & 3) != rpl || x86_desc_dpl(ss->hi) != rpl ||
        (ss->hi & (X86_DESC_S | X86_DESC_CODE | X86_DESC_WRITE)) != (X86_DESC_S | X86_DESC_WRITE))
        gp(c, selector);
    if (!(ss->hi & X86_DESC_P))
        x86_raise(c, X86_SS_FAULT, selector & 0xfffc);
    return true;
}

/* Back to selector:ip with SS:RSP (when the level changes, or always for 64-bit IRET). release: bytes of parameters on the outer stack. */
static void return_outer(struct x86_cpu *c, unsigned selector, struct x86_descriptor *code, uint64_t ip, unsigned ss_selector, uint64_t sp,
                         unsigned release)
{
    unsigned rpl = selector & 3, cpl = x86_cpl(c);
    struct x86_descriptor ss;
    bool usable = check_return_stack(c, ss_selector, rpl, code, &ss);
    struct x86_stack s = { .c = c, .is64 = x86_lma(c) && code->hi & X86_DESC_L };

    check_target(c, code, ip);
    x86_set_accessed(c, code);
    if (usable) {
        x86_set_accessed(c, &ss);
        x86_put_segment(c, X86_SS, ss_selector, &ss);
    } else {
        x86_put_null(c, X86_SS, ss_selector);
    }
    s.ss = c->seg[X86_SS];
    s.sp = sp + release;
    x86_stack_mask(&s);
    go(c, selector, code, ip);
    x86_stack_commit(&s);
    if (rpl > cpl)
        x86_drop_segments(c, rpl);
}

static void return_protected(struct x86_cpu *c, unsigned size, unsigned release)
{
    struct x86_stack s;
    struct x86_descriptor code;
    uint64_t ip, sp;
    unsigned selector, ss;

    x86_stack_current(c, &s);
    ip = x86_stack_pop(&s, size);
    selector = x86_stack_pop(&s, size) & 0xffff;
    check_return_code(c, selector, &code);
    s.sp = (s.sp + release) & s.mask;
    if ((selector & 3) == x86_cpl(c)) {
        check_target(c, &code, ip);
        x86_set_accessed(c, &code);
        x86_stack_commit(&s);
        go(c, selector, &code, ip);
        return;
    }
    sp = x86_stack_pop(&s, size);
    ss = x86_stack_pop(&s, size) & 0xffff;
    return_outer(c, selector, &code, ip, ss, sp, release);
}

void x86_far_return(struct x86_cpu *c, unsigned size, unsigned release)
{
    uint32_t old = c->eflags;
    struct x86_stack s;
    uint64_t ip;
    unsigned selector;

    if (x86_protected(c)) {
        return_protected(c, size, release);
    } else {
        x86_stack_current(c, &s);
        ip = x86_stack_pop(&s, size);
        selector = x86_stack_pop(&s, size) & 0xffff;
        if (ip > c->seg[X86_CS].limit)
            gp(c, 0);
        s.sp = (s.sp + release) & s.mask;
        x86_stack_commit(&s);
        real_jump(c, selector, ip);
    }
    finish(c, old);
}

/* Bits of EFLAGS that an IRET of this size may change at this level. */
static uint32_t iret_mask(const struct x86_cpu *c, unsigned cpl, unsigned size)
{
    uint32_t mask = X86_FL_ARITH | X86_FL_TF | X86_FL_DF | X86_FL_NT;
    unsigned iopl = c->eflags >> X86_FL_IOPL_SHIFT & 3;

    if (size > 2)
        mask |= X86_FL_RF | X86_FL_AC | X86_FL_ID;
    if (cpl <= iopl)
        mask |= X86_FL_IF;
    if (cpl == 0)
        mask |= X86_FL_IOPL | (size > 2 ? X86_FL_VIF | X86_FL_VIP : 0);
    return mask;
}

/* RF is kept while an instruction breakpoint could look at it. */
static void set_flags(struct x86_cpu *c, uint32_t val, uint32_t mask)
{
    if (!(x86_mode(&c->cpu) & X86_MODE_DR))
        val &= ~(uint32_t)X86_FL_RF;
    x86_set_eflags(c, val, mask);
}

static void iret_to_vm86(struct x86_cpu *c, struct x86_stack *s, uint32_t ip, unsigned cs, uint32_t flags)
{
    static const uint8_t order[] = { X86_ES, X86_DS, X86_FS, X86_GS };
    uint32_t esp = (uint32_t)x86_stack_pop(s, 4);
    unsigned ss = x86_stack_pop(s, 4) & 0xffff, sel[4];

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        sel[i] = x86_stack_pop(s, 4) & 0xffff;
    set_flags(c, flags, ~(uint32_t)X86_FL_1);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        x86_put_real(c, order[i], sel[i]);
    x86_put_real(c, X86_SS, ss);
    x86_put_real(c, X86_CS, cs);
    c->r[X86_RSP] = esp;
    x86_set_ip(c, ip & 0xffff);
}

static void iret_task(struct x86_cpu *c, uint64_t next_ip)
{
    struct x86_descriptor d;
    unsigned selector = x86_ld(c, c->seg[X86_TR].base, MO_16, X86_VIEW_SYSTEM) & 0xffff, type;

    if (selector & 4 || x86_is_null(selector))
        x86_raise(c, X86_TS, selector & 0xfffc);
    x86_get_descriptor(c, selector, &d, X86_TS, 0);
    type = x86_desc_type(d.hi);
    if (d.hi & X86_DESC_S || (type != X86_TYPE_TSS16_BUSY && type != X86_TYPE_TSS32_BUSY))
        x86_raise(c, X86_TS, selector & 0xfffc);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    x86_task_switch(c, selector, &d, X86_TASK_IRET, next_ip, 0, false, 0);
}

static void iret_protected(struct x86_cpu *c, unsigned size, uint64_t next_ip)
{
    struct x86_stack s;
    struct x86_descriptor code;
    uint64_t ip, sp;
    uint32_t flags, mask;
    unsigned selector, ss, cpl = x86_cpl(c);

    if (c->eflags & X86_FL_NT) {
        if (x86_lma(c))
            gp(c, 0);
        iret_task(c, next_ip);
        return;
    }
    x86_stack_current(c, &s);
    ip = x86_stack_pop(&s, size);
    selector = x86_stack_pop(&s, size) & 0xffff;
    flags = (uint32_t)x86_stack_pop(&s, size);
    if (flags & X86_FL_VM && size == 4 && cpl == 0 && !x86_lma(c)) {
        iret_to_vm86(c, &s, (uint32_t)ip, selector, flags);
        return;
    }
    check_return_code(c, selector, &code);
    mask = iret_mask(c, cpl, size);
    if ((selector & 3) == cpl && !x86_in_64(c)) {
        check_target(c, &code, ip);
        x86_set_accessed(c, &code);
        x86_stack_commit(&s);
        go(c, selector, &code, ip);
    } else {
        sp = x86_stack_pop(&s, size);
        ss = x86_stack_pop(&s, size) & 0xffff;
        return_outer(c, selector, &code, ip, ss, sp, 0);
    }
    set_flags(c, flags, mask);
}

/* IRET in VM86 mode (SDM 20.2.7 and table 20-2): IOPL 3, or with VME 16-bit ones on the virtual interrupt flag. */
static void iret_vm86(struct x86_cpu *c, unsigned size)
{
    bool virtual_if = (c->eflags & X86_FL_IOPL) != X86_FL_IOPL;
    uint32_t flags, mask = X86_FL_ARITH | X86_FL_TF | X86_FL_DF | X86_FL_NT | (size == 4 ? X86_FL_RF | X86_FL_AC | X86_FL_ID : 0);
    struct x86_stack s;
    uint64_t ip;
    unsigned selector;

    if (virtual_if && (size != 2 || !(c->cr4 & X86_CR4_VME)))
        gp(c, 0);
    x86_stack_current(c, &s);
    ip = x86_stack_pop(&s, size);
    selector = x86_stack_pop(&s, size) & 0xffff;
    flags = (uint32_t)x86_stack_pop(&s, size);
    if (ip > 0xffff || (virtual_if && (flags & X86_FL_TF || (flags & X86_FL_IF && c->eflags & X86_FL_VIP))))
        gp(c, 0);
    x86_stack_commit(&s);
    real_jump(c, selector, ip);
    if (virtual_if)
        c->eflags = (c->eflags & ~(uint32_t)X86_FL_VIF) | (flags & X86_FL_IF ? X86_FL_VIF : 0);
    else
        mask |= X86_FL_IF;
    set_flags(c, flags, mask);
}

static void iret_real(struct x86_cpu *c, unsigned size)
{
    uint32_t flags, mask = iret_mask(c, 0, size) & ~(uint32_t)(X86_FL_VIF | X86_FL_VIP);
    struct x86_stack s;
    uint64_t ip;
    unsigned selector;

    x86_stack_current(c, &s);
    ip = x86_stack_pop(&s, size);
    selector = x86_stack_pop(&s, size) & 0xffff;
    flags = (uint32_t)x86_stack_pop(&s, size);
    if (ip > c->seg[X86_CS].limit)
        gp(c, 0);
    x86_stack_commit(&s);
    real_jump(c, selector, ip);
    set_flags(c, flags, mask);
}

void x86_iret(struct x86_cpu *c, unsigned size, uint64_t next_ip)
{
    uint32_t old = c->eflags;

    c->nmi_blocked = false;      /* even when it faults (SDM 6.7.1) */
    if (c->eflags & X86_FL_VM)
        iret_vm86(c, size);
    else if (c->cr0 & X86_CR0_PE)
        iret_protected(c, size, next_ip);
    else
        iret_real(c, size);
    finish(c, old);
}
