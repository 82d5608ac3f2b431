/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments (SDM volume 3, chapters 3 and 5): descriptors, loads with their checks, limits, and the stacks of transfers. */
#include "config.h"
#include "softmmu/access.h"
#include "target-x86/system.h"

/* ---- descriptors ---------------------------------------------------------------------------- */

uint32_t x86_desc_base(const struct x86_descriptor *d)
{
    return d->lo >> 16 | (d->hi & 0xff) << 16 | (d->hi & 0xff000000u);
}

uint32_t x86_desc_limit(const struct x86_descriptor *d)
{
    uint32_t limit = (d->lo & 0xffff) | (d->hi & 0xf0000);

    return d->hi & X86_DESC_G ? limit << 12 | 0xfff : limit;
}

bool x86_read_descriptor(struct x86_cpu *c, unsigned selector, struct x86_descriptor *d)
{
    const struct x86_seg *ldt = &c->seg[X86_LDTR];
    bool local = selector & 4;
    uint64_t base = local ? ldt->base : c->gdtr.base, v;
    uint32_t limit = local ? ldt->limit : c->gdtr.limit, off = selector & 0xfff8;

    if ((local && ldt->unusable) || off + 7 > limit)
        return false;
    d->la = base + off;
    v = x86_ld(c, d->la, MO_64, X86_VIEW_SYSTEM);
    d->lo = (uint32_t)v;
    d->hi = (uint32_t)(v >> 32);
    return true;
}

void x86_get_descriptor(struct x86_cpu *c, unsigned selector, struct x86_descriptor *d, enum x86_vector vector, unsigned ext)
{
    if (!x86_read_descriptor(c, selector, d))
        x86_raise(c, vector, (selector & 0xfffc) | ext);
}

void x86_set_accessed(struct x86_cpu *c, struct x86_descriptor *d)
{
    if (d->hi & X86_DESC_ACCESSED)
        return;
    d->hi |= X86_DESC_ACCESSED;
    access_mem_ops.rmw(&c->cpu.env, x86_lma(c) ? d->la + 5 : (uint32_t)(d->la + 5), 1, TCG_OI_RMW(MO_8, X86_VIEW_SYSTEM, RMW_OR));
}

/* ---- hidden parts --------------------------------------------------------------------------- */

#define ATTR_MASK 0xf0ff00u
/* What a segment of real and VM86 mode is: present, writable, accessed data */
#define ATTR_REAL (X86_DESC_P | X86_DESC_S | X86_DESC_WRITE | X86_DESC_ACCESSED)

static bool is_down(const struct x86_seg *s)
{
    return (s->attr & (X86_DESC_CODE | X86_DESC_DOWN)) == X86_DESC_DOWN;
}

static bool is_readable(const struct x86_seg *s)
{
    return !(s->attr & X86_DESC_CODE) || s->attr & X86_DESC_WRITE;
}

static bool is_writable(const struct x86_seg *s)
{
    return !(s->attr & X86_DESC_CODE) && s->attr & X86_DESC_WRITE;
}

static void update(struct x86_seg *s, bool protect)
{
    uint64_t end = (uint64_t)s->limit + 1;
    bool usable = !s->unusable && !is_down(s);

    s->fast_read = usable && (is_readable(s) || !protect) ? end : 0;
    s->fast_write = usable && (is_writable(s) || !protect) ? end : 0;
}

void x86_seg_update(struct x86_cpu *c, enum x86_segment seg)
{
    update(&c->seg[seg], c->cr0 & X86_CR0_PE);
}

void x86_seg_update_all(struct x86_cpu *c)
{
    for (int i = X86_ES; i <= X86_GS; i++)
        x86_seg_update(c, i);
}

void x86_put_segment(struct x86_cpu *c, enum x86_segment seg, unsigned selector, const struct x86_descriptor *d)
{
    c->seg[seg] = (struct x86_seg){ .base = x86_desc_base(d), .limit = x86_desc_limit(d), .attr = d->hi & ATTR_MASK,
                                    .selector = (uint16_t)selector };
    x86_seg_update(c, seg);
    c->cpu.mode_changed = true;
}

/* The level of a null SS in 64-bit mode is its RPL; B counts in compatibility mode alone. */
void x86_put_null(struct x86_cpu *c, enum x86_segment seg, unsigned selector)
{
    c->seg[seg] = (struct x86_seg){ .selector = (uint16_t)selector, .unusable = true };
    if (seg == X86_SS)
        c->seg[seg].attr = (selector & 3) << X86_DESC_DPL_SHIFT | ATTR_REAL | X86_DESC_DB;
    c->cpu.mode_changed = true;
}

/* Real mode leaves the limit as it is, and D or B ("unreal" mode); VM86 mode sets everything (SDM 20.2.1). */
void x86_put_real(struct x86_cpu *c, enum x86_segment seg, unsigned selector)
{
    struct x86_seg *s = &c->seg[seg];

    s->selector = (uint16_t)selector;
    s->base = (uint64_t)(selector & 0xffff) << 4;
    s->unusable = false;
    if (c->eflags & X86_FL_VM) {
        s->limit = 0xffff;
        s->attr = ATTR_REAL | 3 << X86_DESC_DPL_SHIFT;
    } else {
        s->attr = (s->attr & (X86_DESC_G | X86_DESC_DB)) | ATTR_REAL;
    }
    x86_seg_update(c, seg);
    c->cpu.mode_changed = true;
}

/* ---- limits (SDM 5.3) ----------------------------------------------------------------------- */

bool x86_seg_covers(const struct x86_seg *s, uint64_t off, unsigned size, bool write)
{
    uint64_t last = off + size - 1;

    if (s->unusable || !(write ? is_writable(s) : is_readable(s)))
        return false;
    if (is_down(s))
        return off > s->limit && last <= (s->attr & X86_DESC_DB ? 0xffffffffu : 0xffffu);
    return last <= s->limit || s->limit == 0xffffffffu;
}

void x86_seg_check(struct x86_cpu *c, enum x86_segment seg, uint64_t off, unsigned size, bool write)
{
    struct x86_seg s = c->seg[seg];

    if (!x86_protected(c))
        s.attr = (s.attr & ~(uint32_t)X86_DESC_CODE) | X86_DESC_WRITE;
    if (!x86_seg_covers(&s, off, size, write))
        x86_raise(c, seg == X86_SS ? X86_SS_FAULT : X86_GP, 0);
}

/* ---- MOV Sreg and its like ------------------------------------------------------------------ */

static void gp(struct x86_cpu *c, unsigned selector) __attribute__((noreturn));
static void gp(struct x86_cpu *c, unsigned selector)
{
    x86_raise(c, X86_GP, selector & 0xfffc);
}

static void load_ss(struct x86_cpu *c, unsigned selector)
{
    unsigned cpl = x86_cpl(c), rpl = selector & 3;
    struct x86_descriptor d;

    if (x86_is_null(selector)) {
        if (!x86_in_64(c) || cpl == 3 || rpl != cpl)
            gp(c, 0);
        x86_put_null(c, X86_SS, selector);
        return;
    }
    x86_get_descriptor(c, selector, &d, X86_GP, 0);
    if (rpl != cpl || (d.hi & (X86_DESC_S | X86_DESC_CODE | X86_DESC_WRITE)) != (X86_DESC_S | X86_DESC_WRITE) || x86_desc_dpl(d.hi) != cpl)
        gp(c, selector);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_SS_FAULT, selector & 0xfffc);
    x86_set_accessed(c, &d);
    x86_put_segment(c, X86_SS, selector, &d);
}

static void load_data(struct x86_cpu *c, enum x86_segment seg, unsigned selector)
{
    struct x86_descriptor d;
    bool conforming;

    if (x86_is_null(selector)) {
        x86_put_null(c, seg, selector);
        return;
    }
    x86_get_descriptor(c, selector, &d, X86_GP, 0);
    if (!(d.hi & X86_DESC_S) || (d.hi & (X86_DESC_CODE | X86_DESC_WRITE)) == X86_DESC_CODE)
        gp(c, selector);
    conforming = x86_is_code(d.hi) && d.hi & X86_DESC_DOWN;
    if (!conforming && x86_desc_dpl(d.hi) < MAX(x86_cpl(c), selector & 3))
        gp(c, selector);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    x86_set_accessed(c, &d);
    x86_put_segment(c, seg, selector, &d);
}

void x86_load_segment(struct x86_cpu *c, enum x86_segment seg, unsigned selector)
{
    selector &= 0xffff;
    if (!x86_protected(c))
        x86_put_real(c, seg, selector);
    else if (seg == X86_SS)
        load_ss(c, selector);
    else
        load_data(c, seg, selector);
}

/* Returns to an outer level (SDM 5.8.6) leave no segment that it could not have loaded. */
void x86_drop_segments(struct x86_cpu *c, unsigned cpl)
{
    static const uint8_t which[] = { X86_ES, X86_DS, X86_FS, X86_GS };

    for (unsigned i = 0; i < G_N_ELEMENTS(which); i++) {
        const struct x86_seg *s = &c->seg[which[i]];
        bool conforming = (s->attr & (X86_DESC_CODE | X86_DESC_DOWN)) == (X86_DESC_CODE | X86_DESC_DOWN);

        if (!s->unusable && !conforming && x86_desc_dpl(s->attr) < cpl)
            x86_put_null(c, which[i], 0);
    }
}

/* ---- stacks --------------------------------------------------------------------------------- */

void x86_stack_mask(struct x86_stack *s)
{
    s->mask = s->is64 ? UINT64_MAX : s->ss.attr & X86_DESC_DB ? 0xffffffffu : 0xffffu;
}

void x86_stack_current(struct x86_cpu *c, struct x86_stack *s)
{
    *s = (struct x86_stack){ .c = c, .ss = c->seg[X86_SS], .sp = c->r[X86_RSP], .view = X86_VIEW_CPL, .is64 = x86_in_64(c) };
    if (!x86_protected(c))
        s->ss.attr = (s->ss.attr & ~(uint32_t)X86_DESC_CODE) | X86_DESC_WRITE;
    x86_stack_mask(s);
}

static unsigned memop_of(unsigned size)
{
    return size == 8 ? MO_64 : size == 4 ? MO_32 : MO_16;
}

/* Linear address of bytes at off, checked. */
static uint64_t stack_address(struct x86_stack *s, uint64_t off, unsigned size, bool write)
{
    if (s->is64) {
        if (!x86_is_canonical(s->c, off) || !x86_is_canonical(s->c, off + size - 1))
            x86_raise(s->c, X86_SS_FAULT, s->error);
        return off;
    }
    if (!x86_seg_covers(&s->ss, off, size, write))
        x86_raise(s->c, X86_SS_FAULT, s->error);
    return (uint32_t)(s->ss.base + off);
}

void x86_stack_push(struct x86_stack *s, uint64_t val, unsigned size)
{
    uint64_t sp = (s->sp - size) & s->mask;

    x86_st(s->c, stack_address(s, sp, size, true), val, memop_of(size), s->view);
    s->sp = sp;
}

uint64_t x86_stack_peek(struct x86_stack *s, uint64_t off, unsigned size)
{
    return x86_ld(s->c, stack_address(s, (s->sp + off) & s->mask, size, false), memop_of(size), s->view);
}

uint64_t x86_stack_pop(struct x86_stack *s, unsigned size)
{
    uint64_t v = x86_stack_peek(s, 0, size);

    s->sp = (s->sp + size) & s->mask;
    return v;
}

/* The whole area is checked as one where it does not wrap, as the manual's "enough space" means. */
void x86_stack_room(struct x86_stack *s, unsigned bytes)
{
    uint64_t low = (s->sp - bytes) & s->mask;

    if (low + bytes <= s->mask && low < s->sp) {
        stack_address(s, low, bytes, true);
        return;
    }
    stack_address(s, low, 2, true);
}

void x86_stack_commit(struct x86_stack *s)
{
    struct x86_cpu *c = s->c;

    c->r[X86_RSP] = s->mask > 0xffffffffu || s->mask == 0xffffffffu ? s->sp & s->mask : (c->r[X86_RSP] & ~s->mask) | (s->sp & s->mask);
}
