/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repeated string instructions (SDM volume 2, REP): as many elements as lie in the pages at hand, by the host's memory where it is RAM.
 * Registers are current before each access that may fault, so that the instruction restarts where it was.
 */
#include "config.h"
#include <string.h>
#include "softmmu/tlb.h"
#include "target-x86/string.h"
#include "target-x86/x86.h"
#include "target-x86/helpers.h"

struct rep {
    struct x86_cpu *c;
    unsigned op, size, asize;
    enum x86_segment source;
    bool repe, down;
    uint64_t mask;           /* of addresses and the count */
    uint32_t flags;          /* of the last comparison: the CPU's only at the end (SDM, REP) */
    unsigned memop;          /* of an element's access */
};

#define MAX_ELEMENTS 65536   /* at once, so that interrupts are not kept waiting */

static uint64_t count(const struct rep *r)
{
    return r->c->r[X86_RCX] & r->mask;
}

/* A register cut to the address size; 32 bits zero-extend. */
static void put(struct rep *r, unsigned reg, uint64_t v)
{
    uint64_t *p = &r->c->r[reg];

    *p = r->asize == 1 ? (*p & ~r->mask) | (v & r->mask) : v & r->mask;
}

static void step(struct rep *r, unsigned reg, uint64_t n)
{
    uint64_t bytes = n << r->size;

    put(r, reg, r->c->r[reg] + (r->down ? -bytes : bytes));
}

static uint64_t linear(struct rep *r, enum x86_segment seg, unsigned reg, bool write)
{
    struct x86_cpu *c = r->c;
    uint64_t off = c->r[reg] & r->mask;

    if (c->efer & X86_EFER_LMA && c->seg[X86_CS].attr & X86_DESC_L)
        return seg >= X86_FS ? off + c->seg[seg].base : off;
    x86_seg_check(c, seg, off, 1u << r->size, write);
    return (uint32_t)(off + c->seg[seg].base);
}

/* Elements from la on (in the direction) that lie in its page, in the segment's checked part and before the offset wraps. */
static uint64_t room(struct rep *r, enum x86_segment seg, unsigned reg, uint64_t la, bool write)
{
    struct x86_cpu *c = r->c;
    uint64_t off = c->r[reg] & r->mask, bytes = 1ull << r->size, in_page = la & ~TLB_PAGE_MASK, n, limit;
    bool is64 = c->efer & X86_EFER_LMA && c->seg[X86_CS].attr & X86_DESC_L;

    if (in_page + bytes > TLB_PAGE_SIZE)
        return 0;            /* one element lies in two pages */
    limit = is64 ? UINT64_MAX : write ? c->seg[seg].fast_write : c->seg[seg].fast_read;
    if (r->down)
        return limit <= off ? 0 : MIN(in_page, off) / bytes + 1;
    n = (TLB_PAGE_SIZE - in_page) / bytes;
    limit = MIN(limit, r->mask == UINT64_MAX ? r->mask : r->mask + 1);
    return limit <= off ? 0 : MIN(n, (limit - off) / bytes);
}

/* Host address of RAM at la, NULL where there is something else or the page holds code. Raises what the access raises. */
static uint8_t *host(struct rep *r, uint64_t la, bool write)
{
    struct tlb_entry *e = tlb_lookup(&r->c->cpu, la, write ? ACCESS_STORE : ACCESS_LOAD, X86_VIEW_CPL, false);
    uint64_t tag = write ? e->write : e->read;

    return tag & (TLB_MMIO | TLB_CODE | TLB_WATCH | TLB_DIRTY) ? NULL : (uint8_t *)(uintptr_t)(la + e->addend);
}

static uint64_t element(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    memcpy(&v, p, 1u << size);
    return v;
}

static void fill(uint8_t *p, uint64_t v, unsigned size, uint64_t n)
{
    switch (size) {
    case 0:
        memset(p, (int)v, n);
        return;
    case 1:
        for (; n; n--, p += 2)
            memcpy(p, &v, 2);
        return;
    case 2:
        for (; n; n--, p += 4)
            memcpy(p, &v, 4);
        return;
    default:
        for (; n; n--, p += 8)
            memcpy(p, &v, 8);
        return;
    }
}

/* n elements upwards, as one after another would do it: an overlap from below repeats a pattern. */
static void copy_up(uint8_t *to, const uint8_t *from, uint64_t n, unsigned size)
{
    uint64_t distance = (uint64_t)(to - from), bytes = n << size;

    if (distance >= bytes) {         /* apart, or the destination is below */
        memmove(to, from, bytes);
        return;
    }
    for (uint64_t i = 0; i < bytes; i += 1u << size) {
        uint64_t v = element(from + i, size);

        memcpy(to + i, &v, 1u << size);
    }
}

/* downwards: to and from are the highest elements */
static void copy_down(uint8_t *to, const uint8_t *from, uint64_t n, unsigned size)
{
    for (; n; n--, to -= 1u << size, from -= 1u << size) {
        uint64_t v = element(from, size);

        memcpy(to, &v, 1u << size);
    }
}

/* Flags of a - b (FLAG_*), C is the borrow */
static uint32_t compare_flags(uint64_t a, uint64_t b, unsigned size)
{
    unsigned top = (8u << size) - 1;
    uint64_t mask = size == 3 ? UINT64_MAX : (1ull << (8u << size)) - 1, d = (a - b) & mask;

    return (d >> top & 1 ? FLAG_S : 0) | (d ? 0 : FLAG_Z) | (__builtin_parity((unsigned)d & 0xff) ? 0 : FLAG_P) | (a < b ? FLAG_C : 0) |
           ((a ^ b ^ d) & 16 ? FLAG_A : 0) | (((a ^ b) & (a ^ d)) >> top & 1 ? FLAG_O : 0);
}

static uint64_t accumulator(const struct rep *r)
{
    return r->size == 3 ? r->c->r[X86_RAX] : r->c->r[X86_RAX] & ((1ull << (8u << r->size)) - 1);
}

static void set_accumulator(struct rep *r, uint64_t v)
{
    uint64_t *p = &r->c->r[X86_RAX], mask = r->size >= 2 ? UINT64_MAX : (1ull << (8u << r->size)) - 1;

    *p = (*p & ~mask) | (v & mask);
}

/* One element by the ordinary accesses. Registers change after them. False: the comparison ends it. */
static bool one(struct rep *r)
{
    struct x86_cpu *c = r->c;
    bool from_si = r->op != X86_STRING_STOS && r->op != X86_STRING_SCAS, to_di = r->op != X86_STRING_LODS, go_on = true;
    uint64_t v = accumulator(r), w = 0;

    if (r->op >= X86_STRING_CMPS)    /* CMPS reads it first */
        w = x86_ld(c, linear(r, X86_ES, X86_RDI, false), r->memop, X86_VIEW_CPL);
    if (from_si)
        v = x86_ld(c, linear(r, r->source, X86_RSI, false), r->memop, X86_VIEW_CPL);
    if (r->op == X86_STRING_MOVS || r->op == X86_STRING_STOS) {
        x86_st(c, linear(r, X86_ES, X86_RDI, true), v, r->memop, X86_VIEW_CPL);
    } else if (r->op == X86_STRING_LODS) {
        set_accumulator(r, v);
    } else {
        r->flags = compare_flags(v, w, r->size);
        go_on = (v == w) == r->repe;
    }
    if (from_si)
        step(r, X86_RSI, 1);
    if (to_di)
        step(r, X86_RDI, 1);
    put(r, X86_RCX, count(r) - 1);
    return go_on;
}

/* Several at once; 0: it has to be one. *go_on as one() gives it. */
static uint64_t several(struct rep *r, uint64_t n, bool *go_on)
{
    bool from_si = r->op != X86_STRING_STOS && r->op != X86_STRING_SCAS, to_di = r->op != X86_STRING_LODS, write = r->op <= X86_STRING_STOS;
    uint64_t from = 0, to = 0;
    uint8_t *src = NULL, *dst = NULL;

    if (from_si) {
        from = linear(r, r->source, X86_RSI, false);
        n = MIN(n, room(r, r->source, X86_RSI, from, false));
    }
    if (to_di) {
        to = linear(r, X86_ES, X86_RDI, write);
        n = MIN(n, room(r, X86_ES, X86_RDI, to, write));
    }
    if (n < 2 || r->op == X86_STRING_LODS || (r->op >= X86_STRING_CMPS && r->down))
        return 0;
    if (!write && !(dst = host(r, to, false)))
        return 0;
    if (from_si && !(src = host(r, from, false)))
        return 0;
    if (write && !(dst = host(r, to, true)))
        return 0;
    /* The second look-up may have moved what the first one found: both are looked at again, and are there now. */
    if (from_si && (host(r, from, false) != src || host(r, to, write) != dst))
        return 0;
    if (r->op == X86_STRING_MOVS) {
        if (r->down)
            copy_down(dst, src, n, r->size);
        else
            copy_up(dst, src, n, r->size);
    } else if (r->op == X86_STRING_STOS) {
        fill(r->down ? dst - ((n - 1) << r->size) : dst, accumulator(r), r->size, n);
    } else {
        uint64_t k = 0, a, b;

        do {
            a = src ? element(src + (k << r->size), r->size) : accumulator(r);
            b = element(dst + (k << r->size), r->size);
            k++;
        } while (k < n && (a == b) == r->repe);
        r->flags = compare_flags(a, b, r->size);
        *go_on = (a == b) == r->repe;
        n = k;
    }
    if (from_si)
        step(r, X86_RSI, n);
    step(r, X86_RDI, n);
    put(r, X86_RCX, count(r) - n);
    return n;
}

uint32_t helper_x86_rep(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct rep r = {
        .c = c, .op = what & 15, .size = what >> 4 & 15, .asize = what >> 8 & 15, .source = (enum x86_segment)(what >> 12 & 15),
        .repe = what & X86_STRING_REPE, .down = c->df & 1,
    };
    uint64_t left = MAX_ELEMENTS, n;
    bool go_on = true;

    r.mask = r.asize == 3 ? UINT64_MAX : (1ull << (8u << r.asize)) - 1;
    r.flags = c->flags;
    r.memop = r.size;
    if (c->cr0 & X86_CR0_AM && c->eflags & X86_FL_AC && x86_cpl(c) == 3)
        r.memop |= r.size << MO_ALIGN_SHIFT;
    if (what & X86_STRING_ONE || r.memop != r.size)
        left = 1;
    if (r.asize == 2) {                      /* 64-bit mode: upper halves are cleared in any case */
        put(&r, X86_RCX, count(&r));
        if (r.op == X86_STRING_MOVS)
            put(&r, X86_RSI, c->r[X86_RSI] & r.mask);
        if (r.op == X86_STRING_MOVS || r.op == X86_STRING_STOS)
            put(&r, X86_RDI, c->r[X86_RDI] & r.mask);
    }
    while (left && count(&r) && go_on) {
        n = left > 1 ? several(&r, MIN(count(&r), left), &go_on) : 0;
        if (!n) {
            go_on = one(&r);
            n = 1;
        }
        left -= n;
    }
    if (go_on && count(&r))
        return 1;
    c->flags = r.flags;      /* not before the end: processors keep the old ones when a trap comes in between */
    return 0;
}
