/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses that share a TLB check.
 *
 * Compilers address several fields from one register.  Accesses at constant
 * distances from one base value form a group: the first one checks that the
 * whole span of the group lies in one page, and gives the host address of its
 * own bytes as one more output, a value H that the allocator treats like any
 * other.  The others use H plus a distance, after a test that H is not zero.
 * H is zero when the first one did not hit (C did it); then each of the
 * others makes its own check, out of line (x64-mem.c).
 *
 * A group ends at a label that can be reached without its first access, and
 * at a helper call that may change the translation.  Nothing else can between
 * two polls.  An access that only reads may use the H of one that writes, not
 * the other way.
 *
 * This rewrites the ops of a region, after all passes and before allocation:
 * the first access gets the output, the others the input, and their address
 * becomes the base, so that the additions may disappear.
 */
#include "config.h"

#include <string.h>

#include "tcg/ir-build.h"
#include "tcg/x64-internal.h"
#include "util/arena.h"

enum { MAX_GROUPS = 8, MAX_SPAN = 256, MAX_CHAIN = 8 };

/* An address: root + off, or base + index << shift + off (both may be shifted); a constant's root is its page. */
struct address {
    uint16_t root;              /* 0: constant */
    uint16_t root2;             /* 0: no sum of two */
    uint8_t shift, shift2;
    uint64_t page;
    int32_t off;
};

struct group {
    struct address at;          /* of the first access */
    uint32_t first;             /* its op */
    int32_t lo, hi;             /* span of all */
    uint8_t view;
    uint8_t align;              /* log2 of what the first one requires */
    bool write;
    unsigned members;
    uint16_t h;
};

struct member {
    struct group *group;
    struct address at;
};

struct share_pass {
    struct ir *ir;
    struct group *active[MAX_GROUPS];
    unsigned turn;              /* slot to replace next */
    struct member *member;      /* per op */
    uint16_t *refs;             /* branches to each label */
};

static bool is_access(const struct ir_op *op)
{
    return op->opc == IR_guest_ld || op->opc == IR_guest_st ||
           op->opc == IR_guest_ldm || op->opc == IR_guest_stm;
}

static bool is_store(const struct ir_op *op)
{
    return op->opc == IR_guest_st || op->opc == IR_guest_stm;
}

static int32_t bytes_of(const struct ir_op *op)
{
    unsigned n = op->opc == IR_guest_ldm   ? op->nout
                 : op->opc == IR_guest_stm ? op->nin - 1u : 1u;

    return n << (op->c[0] & MO_SIZE);
}

/* --- addresses ---------------------------------------------------------- */

/* One step from v = x + constant to x. */
static bool peel(const struct ir *ir, uint16_t *v, int64_t *off)
{
    const struct ir_op *def = &ir->ops[ir_value(ir, *v)->def];
    const uint16_t *in = ir_ins(def);
    unsigned k = 1;
    int32_t c;

    if (def->dead || (def->opc != IR_add && def->opc != IR_sub) ||
        ir_outs(def)[0] != *v)
        return false;
    if (def->opc == IR_add && ir_value(ir, in[0])->is_const)
        k = 0;
    if (!ir_value(ir, in[k])->is_const || ir_value(ir, in[!k])->is_const)
        return false;
    c = ir_value(ir, in[k])->lo;
    if (def->type == I64 && (uint64_t)c != ir_value(ir, in[k])->lo)
        return false;
    *off += def->opc == IR_sub ? -(int64_t)c : c;
    *v = in[!k];
    return true;
}

static struct address address_of(const struct ir *ir, uint16_t v)
{
    struct address at = { .root = v };
    int64_t off = 0;

    if (ir_value(ir, v)->is_const) {
        uint64_t a = ir_value(ir, v)->lo;

        return (struct address){ .page = a & TLB_PAGE_MASK, .off = a & ~TLB_PAGE_MASK };
    }
    for (int i = 0; i < MAX_CHAIN; i++) {
        uint16_t x = at.root;

        if (!peel(ir, &x, &off) || off > INT16_MAX || off < INT16_MIN)
            break;
        at.root = x;
        at.off = off;
    }
    return at;
}

uint16_t x64_address_root(const struct ir *ir, uint16_t v, int32_t *off)
{
    struct address at = address_of(ir, v);

    *off = at.off;
    return at.root;
}

/* v = x << count for a constant count: to x */
static bool peel_shift(const struct ir *ir, uint16_t *v, uint8_t *shift)
{
    const struct ir_op *def = &ir->ops[ir_value(ir, *v)->def];
    const uint16_t *in = ir_ins(def);

    if (def->dead || def->opc != IR_shl || ir_outs(def)[0] != *v || !ir_value(ir, in[1])->is_const ||
        ir_value(ir, in[0])->is_const || ir_value(ir, in[1])->lo + *shift > 4)
        return false;
    *shift += ir_value(ir, in[1])->lo;
    *v = in[0];
    return true;
}

/* v as a value << shift, and a constant that is added to off */
static uint16_t term_of(const struct ir *ir, uint16_t v, uint8_t *shift, int64_t *off)
{
    *shift = 0;
    for (int i = 0; i < MAX_CHAIN; i++) {
        int64_t k = 0, sum;
        uint16_t x = v;

        if (peel_shift(ir, &v, shift))
            continue;
        if (!peel(ir, &x, &k))
            break;
        sum = *off + k * (1 << *shift);
        if (sum > INT16_MAX || sum < INT16_MIN)
            break;
        *off = sum;
        v = x;
    }
    return v;
}

/* Base and index: loops over arrays add to the index. */
static struct address indexed_address_of(const struct ir *ir, uint16_t v)
{
    struct address at = address_of(ir, v), two = at;
    int64_t off = at.off;
    const struct ir_op *def = &ir->ops[ir_value(ir, at.root)->def];
    const uint16_t *in = ir_ins(def);

    if (!at.root || def->dead || def->opc != IR_add || ir_outs(def)[0] != at.root ||
        ir_value(ir, in[0])->is_const || ir_value(ir, in[1])->is_const)
        return at;
    two.root = term_of(ir, in[0], &two.shift, &off);
    two.root2 = term_of(ir, in[1], &two.shift2, &off);
    two.off = off;
    if (two.root > two.root2)
        two = (struct address){ two.root2, two.root, two.shift2, two.shift, 0, off };
    return two;
}

/* --- grouping ------------------------------------------------------------ */

static bool same_root(const struct group *g, const struct address *at,
                      unsigned view)
{
    return g && g->at.root == at->root && g->at.root2 == at->root2 &&
           g->at.shift == at->shift && g->at.shift2 == at->shift2 &&
           g->at.page == at->page && g->view == view;
}

static bool join(struct group *g, const struct address *at, int32_t bytes)
{
    int32_t lo = at->off < g->lo ? at->off : g->lo;
    int32_t hi = at->off + bytes > g->hi ? at->off + bytes : g->hi;

    if (hi - lo > MAX_SPAN || (!at->root && hi > (int32_t)TLB_PAGE_SIZE))
        return false;
    g->lo = lo;
    g->hi = hi;
    g->members++;
    return true;
}

static unsigned align_of(const struct ir_op *op)
{
    return (op->c[0] & MO_ALIGN_MASK) >> MO_ALIGN_SHIFT;
}

static struct group *new_group(struct share_pass *p, uint32_t i,
                               const struct address *at, int32_t bytes)
{
    const struct ir_op *op = &p->ir->ops[i];
    struct group *g = arena_new(p->ir->arena, struct group);
    unsigned slot = MAX_GROUPS;

    *g = (struct group){ .at = *at, .first = i, .lo = at->off,
                         .hi = at->off + bytes, .view = op->c[1],
                         .align = align_of(op),
                         .write = is_store(op), .members = 1 };
    /* A group that could not take it is of less use from now on. */
    for (unsigned k = 0; k < MAX_GROUPS; k++)
        if (same_root(p->active[k], at, g->view))
            slot = k;
    if (slot == MAX_GROUPS)
        slot = p->turn++ % MAX_GROUPS;
    p->active[slot] = g;
    return g;
}

static void add_access(struct share_pass *p, uint32_t i)
{
    const struct ir_op *op = &p->ir->ops[i];
    struct address at = indexed_address_of(p->ir, ir_ins(op)[0]);
    int32_t bytes = bytes_of(op);

    p->member[i].at = at;
    for (unsigned k = 0; k < MAX_GROUPS; k++) {
        struct group *g = p->active[k];

        if (same_root(g, &at, op->c[1]) && (g->write || !is_store(op)) &&
            join(g, &at, bytes)) {
            p->member[i].group = g;
            return;
        }
    }
    if (at.root || at.off + bytes <= (int32_t)TLB_PAGE_SIZE)
        p->member[i].group = new_group(p, i, &at, bytes);
}

/* A label right behind a side exit, reached only by the branch over it: what
 * held at the branch holds there. */
static bool only_skips_exit(const struct share_pass *p, uint32_t label)
{
    const struct ir *ir = p->ir;
    uint64_t name = ir->ops[label].c[0];
    bool left = false;

    if (p->refs[name] != 1)
        return false;
    for (uint32_t i = label; i-- > 0;) {
        const struct ir_op *op = &ir->ops[i];

        if (op->dead)
            continue;
        if (!left) {
            if (!(ir_op_info[op->opc].flags & IRF_EXIT))
                return false;
            left = true;
        } else if (op->opc == IR_br_cond || op->opc == IR_br_cmp) {
            return op->c[1] == name;
        } else if (is_access(op) || op->opc == IR_label) {
            return false;
        }
    }
    return false;
}

static void find_groups(struct share_pass *p)
{
    for (uint32_t i = 0; i < p->ir->nops; i++) {
        const struct ir_op *op = &p->ir->ops[i];

        if (op->dead)
            continue;
        if (is_access(op))
            add_access(p, i);
        else if ((op->opc == IR_label && !only_skips_exit(p, i)) ||
                 (op->opc == IR_call && !(op->helper->flags & HF_PURE)))
            memset(p->active, 0, sizeof(p->active));
        else if (op->opc == IR_br_cond || op->opc == IR_br_cmp)
            p->refs[op->c[1]]++;
    }
}

/* --- rewriting ------------------------------------------------------------- */

static void add_operand(struct ir *ir, struct ir_op *op, uint16_t v,
                        bool output)
{
    unsigned n = op->nout + op->nin, at = output ? op->nout : n;
    uint16_t *list = arena_alloc(ir->arena, (n + 1) * sizeof(*list));

    memcpy(list, op->v, at * sizeof(*list));
    list[at] = v;
    memcpy(list + at + 1, op->v + at, (n - at) * sizeof(*list));
    op->v = list;
    if (output)
        op->nout++;
    else
        op->nin++;
}

/* One use of v less; the sum that made it may go. */
static void drop_use(struct ir *ir, uint16_t v)
{
    while (--ir_value(ir, v)->uses == 0) {
        struct ir_op *def = &ir->ops[ir_value(ir, v)->def];
        unsigned k = ir_value(ir, ir_ins(def)[0])->is_const;

        if ((def->opc != IR_add && def->opc != IR_sub) ||
            ir_outs(def)[0] != v || ir_value(ir, ir_ins(def)[k])->is_const)
            return;
        def->dead = true;
        v = ir_ins(def)[k];
    }
}

static void rewrite(struct share_pass *p, uint32_t i, struct x64_share *s)
{
    struct ir_op *op = &p->ir->ops[i];
    struct group *g = p->member[i].group;
    struct address *at = &p->member[i].at;
    uint16_t addr = ir_ins(op)[0];

    *s = (struct x64_share){ .first = g->first == i, .lo = g->lo - at->off,
                             .hi = g->hi - at->off,
                             .delta = at->off - g->at.off };
    if (s->first) {
        g->h = ir_new_value(p->ir, I64).id;
        add_operand(p->ir, op, g->h, true);
        return;
    }
    s->aligned = align_of(op) <= g->align &&
                 !(s->delta & ((1 << align_of(op)) - 1));
    add_operand(p->ir, op, g->h, false);
    if (at->root && !at->root2 && at->root != addr && ir_value(p->ir, addr)->uses == 1) {
        ir_ins(op)[0] = at->root;
        ir_value(p->ir, at->root)->uses++;
        s->off = at->off;
        drop_use(p->ir, addr);
    }
}

struct x64_share **x64_share_checks(struct ir *ir)
{
    struct arena *arena = ir->arena;
    struct share_pass p = { .ir = ir };
    struct x64_share **share = arena_array(arena, struct x64_share *,
                                           ir->nops + 1);

    p.member = arena_array(arena, struct member, ir->nops + 1);
    p.refs = arena_array(arena, uint16_t, ir->nlabels + 1);
    find_groups(&p);
    ir_count_uses(ir);
    for (uint32_t i = 0; i < ir->nops; i++) {
        if (!p.member[i].group || p.member[i].group->members < 2)
            continue;
        share[i] = arena_new(arena, struct x64_share);
        rewrite(&p, i, share[i]);
    }
    return share;
}
