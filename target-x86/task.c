/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Task-state segments (SDM volume 3, chapter 7): task switches, stacks of inner levels, the I/O permission bitmap. */
#include "config.h"
#include "softmmu/access.h"
#include "target-x86/system.h"

/* Both layouts (7.2.1, 7.6) have the same registers in the same order, in cells of cell bytes. */
struct tss_layout {
    uint8_t size, cell;      /* size: least limit + 1 */
    uint8_t cr3, ip, flags, regs, segs, ldt, trap;
    uint8_t nsegs;
};
static const struct tss_layout layout16 = { .size = 0x2c, .cell = 2, .ip = 0x0e, .flags = 0x10, .regs = 0x12, .segs = 0x22, .nsegs = 4, .ldt = 0x2a };
static const struct tss_layout layout32 = { .size = 0x68, .cell = 4, .cr3 = 0x1c, .ip = 0x20, .flags = 0x24, .regs = 0x28, .segs = 0x48,
                                            .nsegs = 6, .ldt = 0x60, .trap = 0x64 };

static const struct tss_layout *layout_of(uint32_t hi)
{
    return x86_desc_type(hi) & 8 ? &layout32 : &layout16;
}

struct task_image {
    uint32_t cr3, ip, flags, r[8];
    uint16_t seg[6], ldt;
    bool trap;
};

static uint32_t get(struct x86_cpu *c, uint32_t base, unsigned off, unsigned size)
{
    return (uint32_t)x86_ld(c, base + off, size == 4 ? MO_32 : MO_16, X86_VIEW_SYSTEM);
}

static void put(struct x86_cpu *c, uint32_t base, unsigned off, uint32_t val, unsigned size)
{
    x86_st(c, base + off, val, size == 4 ? MO_32 : MO_16, X86_VIEW_SYSTEM);
}

/* ---- gates ---------------------------------------------------------------------------------- */

void x86_task_gate(struct x86_cpu *c, const struct x86_descriptor *gate, struct x86_descriptor *tss, unsigned *selector, unsigned ext)
{
    unsigned sel = gate->lo >> 16, type;
    uint32_t error = (sel & 0xfffc) | ext;

    if (sel & 4 || !x86_read_descriptor(c, sel, tss))
        x86_raise(c, X86_GP, error);
    type = x86_desc_type(tss->hi);
    if (tss->hi & X86_DESC_S || (type != X86_TYPE_TSS16 && type != X86_TYPE_TSS32))
        x86_raise(c, X86_GP, error);
    if (!(tss->hi & X86_DESC_P))
        x86_raise(c, X86_NP, error);
    *selector = sel;
}

/* ---- task switches (7.3) -------------------------------------------------------------------- */

static void read_image(struct x86_cpu *c, const struct tss_layout *l, uint32_t base, struct task_image *t)
{
    uint32_t upper = l->cell == 2 ? 0xffff0000u : 0;

    *t = (struct task_image){ .cr3 = l->cr3 ? get(c, base, l->cr3, 4) : 0, .ip = get(c, base, l->ip, l->cell),
                              .flags = get(c, base, l->flags, l->cell) };
    for (unsigned i = 0; i < 8; i++)
        t->r[i] = get(c, base, l->regs + l->cell * i, l->cell) | upper;
    for (unsigned i = 0; i < l->nsegs; i++)
        t->seg[i] = (uint16_t)get(c, base, l->segs + l->cell * i, 2);
    t->ldt = (uint16_t)get(c, base, l->ldt, 2);
    t->trap = l->trap && get(c, base, l->trap, 2) & 1;
}

static void save_image(struct x86_cpu *c, const struct tss_layout *l, uint32_t flags, uint32_t ip)
{
    uint32_t base = (uint32_t)c->seg[X86_TR].base;

    put(c, base, l->ip, ip, l->cell);
    put(c, base, l->flags, flags, l->cell);
    for (unsigned i = 0; i < 8; i++)
        put(c, base, l->regs + l->cell * i, (uint32_t)c->r[i], l->cell);
    for (unsigned i = 0; i < l->nsegs; i++)
        put(c, base, l->segs + l->cell * i, c->seg[i].selector, 2);
}

/* Bit 1 of a TSS descriptor's type: and-ed or or-ed in memory. */
static void change_busy(struct x86_cpu *c, uint64_t la, enum ir_rmw op, uint64_t val)
{
    access_mem_ops.rmw(&c->cpu.env, (uint32_t)(la + 5), val, TCG_OI_RMW(MO_8, X86_VIEW_SYSTEM, op));
}

/* Registers of the new task; segment registers have their selectors but cannot be used yet. */
static void load_image(struct x86_cpu *c, const struct task_image *t, uint32_t flags)
{
    unsigned cpl = flags & X86_FL_VM ? 3 : t->seg[X86_CS] & 3;

    for (unsigned i = 0; i < 8; i++)
        c->r[i] = t->r[i];
    x86_set_eflags(c, flags, ~(uint32_t)X86_FL_1);
    for (int i = X86_ES; i <= X86_GS; i++)
        x86_put_null(c, i, t->seg[i]);
    c->seg[X86_SS].attr = (c->seg[X86_SS].attr & ~(3u << X86_DESC_DPL_SHIFT)) | cpl << X86_DESC_DPL_SHIFT;
    x86_set_ip(c, t->ip);
}

static void ts(struct x86_cpu *c, unsigned selector, unsigned ext) __attribute__((noreturn));
static void ts(struct x86_cpu *c, unsigned selector, unsigned ext)
{
    x86_raise(c, X86_TS, (selector & 0xfffc) | ext);
}

static void load_ldt(struct x86_cpu *c, unsigned selector, unsigned ext)
{
    struct x86_descriptor d;

    x86_put_null(c, X86_LDTR, selector);
    if (x86_is_null(selector))
        return;
    if (selector & 4 || !x86_read_descriptor(c, selector, &d))
        ts(c, selector, ext);
    if (d.hi & X86_DESC_S || x86_desc_type(d.hi) != X86_TYPE_LDT || !(d.hi & X86_DESC_P))
        ts(c, selector, ext);
    x86_put_segment(c, X86_LDTR, selector, &d);
}

static void load_code(struct x86_cpu *c, unsigned selector, uint32_t ip, unsigned ext)
{
    struct x86_descriptor d;
    unsigned rpl = selector & 3;

    if (x86_is_null(selector))
        ts(c, selector, ext);
    x86_get_descriptor(c, selector, &d, X86_TS, ext);
    if (!x86_is_code(d.hi) || (d.hi & X86_DESC_DOWN ? x86_desc_dpl(d.hi) > rpl : x86_desc_dpl(d.hi) != rpl))
        ts(c, selector, ext);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, (selector & 0xfffc) | ext);
    x86_set_accessed(c, &d);
    x86_put_segment(c, X86_CS, selector, &d);
    x86_set_ip(c, ip);
}

static void load_stack(struct x86_cpu *c, unsigned selector, unsigned cpl, unsigned ext)
{
    struct x86_descriptor d;

    if (x86_is_null(selector))
        ts(c, selector, ext);
    x86_get_descriptor(c, selector, &d, X86_TS, ext);
    if ((d.hi & (X86_DESC_S | X86_DESC_CODE | X86_DESC_WRITE)) != (X86_DESC_S | X86_DESC_WRITE) || x86_desc_dpl(d.hi) != cpl ||
        (selector & 3) != cpl)
        ts(c, selector, ext);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_SS_FAULT, (selector & 0xfffc) | ext);
    x86_set_accessed(c, &d);
    x86_put_segment(c, X86_SS, selector, &d);
}

static void load_data(struct x86_cpu *c, enum x86_segment seg, unsigned selector, unsigned cpl, unsigned ext)
{
    struct x86_descriptor d;
    bool conforming;

    if (x86_is_null(selector))
        return;
    x86_get_descriptor(c, selector, &d, X86_TS, ext);
    conforming = x86_is_code(d.hi) && d.hi & X86_DESC_DOWN;
    if (!(d.hi & X86_DESC_S) || (d.hi & (X86_DESC_CODE | X86_DESC_WRITE)) == X86_DESC_CODE ||
        (!conforming && x86_desc_dpl(d.hi) < MAX(cpl, selector & 3)))
        ts(c, selector, ext);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, (selector & 0xfffc) | ext);
    x86_set_accessed(c, &d);
    x86_put_segment(c, seg, selector, &d);
}

static void load_segments(struct x86_cpu *c, const struct task_image *t, unsigned ext)
{
    static const uint8_t data[] = { X86_ES, X86_DS, X86_FS, X86_GS };
    unsigned cpl = t->seg[X86_CS] & 3;

    load_ldt(c, t->ldt, ext);
    if (c->eflags & X86_FL_VM) {
        for (int i = X86_ES; i <= X86_GS; i++)
            x86_put_real(c, i, t->seg[i]);
        x86_set_ip(c, t->ip);
        return;
    }
    load_code(c, t->seg[X86_CS], t->ip, ext);
    load_stack(c, t->seg[X86_SS], cpl, ext);
    for (unsigned i = 0; i < G_N_ELEMENTS(data); i++)
        load_data(c, data[i], t->seg[data[i]], cpl, ext);
}

/* What ends a switch, in the new task: the error code on its stack, its limit, the debug trap. */
static void finish(struct x86_cpu *c, const struct task_image *t, unsigned cell, bool has_error, uint32_t error_code, unsigned ext)
{
    struct x86_stack s;

    if (has_error) {
        x86_stack_current(c, &s);
        s.error = ext;
        x86_stack_push(&s, error_code, cell);
        x86_stack_commit(&s);
    }
    if (t->ip > c->seg[X86_CS].limit)
        x86_raise(c, X86_GP, ext);
    if (t->trap) {
        c->delivering = -1;
        x86_raise_trap(c, 1 << 15);
    }
}

/* All of the old and the new TSS that is used, and their descriptors, can be written: what follows does not fault half-way. */
static void probe(struct x86_cpu *c, uint64_t old_la, const struct x86_descriptor *d, const struct tss_layout *old)
{
    const unsigned last = old->segs + old->cell * old->nsegs - 1;

    change_busy(c, old_la, RMW_OR, 0);
    change_busy(c, d->la, RMW_OR, 0);
    access_mem_ops.rmw(&c->cpu.env, (uint32_t)(c->seg[X86_TR].base + last), 0, TCG_OI_RMW(MO_8, X86_VIEW_SYSTEM, RMW_OR));
}

void x86_task_switch(struct x86_cpu *c, unsigned selector, const struct x86_descriptor *d, enum x86_task_how how, uint64_t next_ip,
                     unsigned ext, bool has_error, uint32_t error_code)
{
    const struct tss_layout *from = layout_of(c->seg[X86_TR].attr), *to = layout_of(d->hi);
    bool nested = how == X86_TASK_CALL || how == X86_TASK_INT, paged = c->cr0 & X86_CR0_PG && to->cr3;
    uint64_t old_la = c->gdtr.base + (c->seg[X86_TR].selector & 0xfff8);
    uint32_t base = x86_desc_base(d), flags = x86_eflags(c);
    struct x86_descriptor busy = *d;
    struct task_image t;

    if (x86_desc_limit(d) < to->size - 1u)
        ts(c, selector, ext);
    read_image(c, to, base, &t);
    probe(c, old_la, d, from);
    if (paged && x86_is_pae(c->cr0, c->cr4, c->efer) && !x86_load_pdptes(c, t.cr3))
        x86_raise(c, X86_GP, ext);
    save_image(c, from, how == X86_TASK_IRET ? flags & ~(uint32_t)X86_FL_NT : flags, (uint32_t)next_ip);
    if (!nested)
        change_busy(c, old_la, RMW_AND, 0xfd);
    if (nested)
        put(c, base, 0, c->seg[X86_TR].selector, 2);
    if (how != X86_TASK_IRET)
        change_busy(c, d->la, RMW_OR, 2);
    busy.hi |= 2 << 8;
    x86_put_segment(c, X86_TR, selector, &busy);
    c->cr0 |= X86_CR0_TS;
    c->dr[7] &= ~(uint64_t)0x155;
    if (paged) {
        c->cr3 = t.cr3;
        x86_flush_for_cr3(c, t.cr3);
    }
    flags = t.flags | (nested ? X86_FL_NT : 0);
    if (to->cell == 2)
        flags &= 0xffff;
    load_image(c, &t, flags);
    load_segments(c, &t, ext);
    finish(c, &t, to->cell, has_error, error_code, ext);
}

/* ---- stacks (7.2.1, 7.7) -------------------------------------------------------------------- */

void x86_tss_stack(struct x86_cpu *c, unsigned dpl, unsigned *ss, uint32_t *esp, unsigned ext)
{
    const struct x86_seg *tr = &c->seg[X86_TR];
    unsigned cell = layout_of(tr->attr)->cell, at = cell + 2 * cell * dpl;

    if (at + cell + 1 > tr->limit)
        ts(c, tr->selector, ext);
    *esp = get(c, (uint32_t)tr->base, at, cell);
    *ss = get(c, (uint32_t)tr->base, at + cell, 2);
}

uint64_t x86_tss_rsp(struct x86_cpu *c, unsigned n, unsigned ext)
{
    const struct x86_seg *tr = &c->seg[X86_TR];
    unsigned at = n < 3 ? 4 + 8 * n : 0x24 + 8 * (n - 3);

    if (at + 7 > tr->limit)
        ts(c, tr->selector, ext);
    return x86_ld(c, tr->base + at, MO_64, X86_VIEW_SYSTEM);
}

/* ---- I/O permission bitmap ------------------------------------------------------------------ */

/* Two bytes are read, whatever the size (volume 1, 19.5.2). */
bool x86_io_allowed(struct x86_cpu *c, unsigned port, unsigned size)
{
    const struct x86_seg *tr = &c->seg[X86_TR];
    uint32_t at;

    if (!(x86_desc_type(tr->attr) & 8) || tr->limit < 0x67)
        return false;
    at = (uint32_t)x86_ld(c, tr->base + 0x66, MO_16, X86_VIEW_SYSTEM) + port / 8;
    if (at + 1 > tr->limit)
        return false;
    return !(x86_ld(c, tr->base + at, MO_16, X86_VIEW_SYSTEM) >> (port % 8) & ((1u << size) - 1));
}
