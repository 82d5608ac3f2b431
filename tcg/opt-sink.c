/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flags that only a fault or a side exit could show are not stored on the way: the slow path of the access makes them, and the side exit.
 *
 * x86 code sets flags with nearly every instruction and accesses memory with every third; most flags are set again before anybody looks. A
 * store S1 of flags goes when another store S2 to the slot follows, and between them lie only accesses to guest memory and dead ends
 * (paths that leave the region). Rules:
 *  1. The flags must be those of an operation in the list below, of values that are still there at the last access: its recipe. Each access
 *     between S1 and S2 gets the recipe's values as inputs behind its own, and c[2] says what to do with them (struct ir_sink); the
 *     backend's slow path, which calls C, stores the flags first. The values live longer by that, nothing else changes.
 *  2. A dead end gets a store of its own at its start: of the flags, if its branch has just looked at them, else made again.
 *  3. Where a + b or a - b itself is computed, the recipe is by the result and b: the result is in a guest register as a rule, a is not.
 *  4. Whatever else can see state ends the search, and S1 stays.
 * Runs last, for host code only.
 */
#include "config.h"
#include <string.h>
#include "tcg/internal.h"
#include "tcg/ir-build.h"
#include "tcg/helper.h"
#include "util/arena.h"

#define MAX_ACCESSES 24
#define MAX_ENDS 16

struct recipe {
    uint8_t kind;            /* enum ir_sink_kind, 0: none */
    uint8_t bits;
    uint8_t n;               /* of shifts */
    bool not_borrow;
    uint16_t x, y;           /* y 0: one value */
};

struct pending {
    bool active;
    uint32_t store;
    uint16_t flags;
    struct recipe how;
    unsigned naccess, nends;
    uint32_t access[MAX_ACCESSES];
    struct {
        uint32_t branch;
        bool has_flags;
    } end[MAX_ENDS];
};

struct insertion {
    struct insertion *next;
    uint32_t after;          /* op index */
    uint16_t flags;          /* store this; 0: by the recipe */
    struct recipe how;
};

struct sink_pass {
    struct ir *ir;
    uint32_t slot;           /* offset of the flags */
    struct pending p;
    struct insertion *first, **last;
    unsigned ninsertions;
    uint16_t *refs;          /* branches to each label */
};

/* ---- recipes ------------------------------------------------------------------------------------- */

static bool fits(const struct ir *ir, uint16_t v)
{
    const struct ir_value *x = &ir->values[v];

    return !x->is_const || x->type == I32 || (int64_t)x->lo == (int32_t)x->lo;
}

static bool same_operands(const struct ir_op *a, const struct ir_op *b)
{
    return a->nin == 2 && ir_ins(a)[0] == ir_ins(b)[0] && ir_ins(a)[1] == ir_ins(b)[1];
}

/* May a value that is defined on one side of this op be missing on the other, or an access lie there? */
static bool is_edge(const struct ir_op *op)
{
    return op->opc == IR_insn_start || op->opc == IR_label || ir_op_info[op->opc].flags & (IRF_BRANCH | IRF_EXIT | IRF_MAY_FAULT);
}

/*
 * The result of opc on the same operands right around the flags op, in its instruction: it is then in a guest register, and it is there
 * at all accesses behind the store of the flags.
 */
static uint16_t result_of(const struct ir *ir, uint32_t i, enum ir_opc opc)
{
    const struct ir_op *flags = &ir->ops[i];
    uint32_t from = i > 6 ? i - 6 : 0, to = i + 6 < ir->nops ? i + 6 : ir->nops;

    for (uint32_t k = i; k-- > from && !is_edge(&ir->ops[k]);)
        if (!ir->ops[k].dead && ir->ops[k].opc == opc && same_operands(&ir->ops[k], flags))
            return ir->ops[k].v[0];
    for (uint32_t k = i + 1; k < to && !is_edge(&ir->ops[k]); k++)
        if (!ir->ops[k].dead && ir->ops[k].opc == opc && same_operands(&ir->ops[k], flags))
            return ir->ops[k].v[0];
    return 0;
}

static struct recipe by_sum(const struct ir *ir, uint32_t i, bool sub)
{
    const struct ir_op *op = &ir->ops[i];
    uint16_t r = result_of(ir, i, sub ? IR_sub : IR_add);
    struct recipe h = { .kind = sub ? SINK_SUB : SINK_ADD, .x = ir_ins(op)[0], .y = ir_ins(op)[1] };

    if (r && !ir->values[r].is_const && ir_ins(op)[0] != ir_ins(op)[1]) {
        h.kind = sub ? SINK_SUB_RESULT : SINK_ADD_RESULT;
        h.x = r;
    }
    h.bits = (uint8_t)(8 * ir_type_size(ir->values[h.y].type));
    h.not_borrow = sub && op->c[0] == CARRY_NOT_BORROW;
    return h;
}

static struct recipe narrow(const struct ir_op *op)
{
    static const uint8_t kind[] = { [NARROW_ADD] = SINK_ADD, [NARROW_SUB] = SINK_SUB, [NARROW_TEST] = SINK_TEST, [NARROW_ADC] = 0, [NARROW_SBB] = 0 };

    return (struct recipe){ .kind = kind[op->c[1]], .bits = (uint8_t)op->c[0], .x = ir_ins(op)[0], .y = ir_ins(op)[1] };
}

static struct recipe shift(const struct ir *ir, const struct ir_op *op)
{
    static const uint8_t kind[] = { [SHIFT_SHL] = SINK_SHL, [SHIFT_SHR] = SINK_SHR, [SHIFT_SAR] = SINK_SAR, [SHIFT_ROL] = 0, [SHIFT_ROR] = 0 };
    const struct ir_value *n = &ir->values[ir_ins(op)[2]];
    struct recipe h = { .bits = (uint8_t)op->c[0], .x = ir_ins(op)[1] };

    if (n->is_const && n->lo) {
        h.kind = kind[op->c[1]];
        h.n = (uint8_t)n->lo;
    }
    return h;
}

static struct recipe recipe_of(const struct ir *ir, uint16_t flags)
{
    const struct ir_value *v = &ir->values[flags];
    struct recipe h = { 0 };

    if (v->is_const)
        return h;
    switch (ir->ops[v->def].opc) {
    case IR_flags_add: h = by_sum(ir, v->def, false); break;
    case IR_flags_sub: h = by_sum(ir, v->def, true); break;
    case IR_flags_logic:
        h = (struct recipe){ .kind = SINK_TEST, .x = ir_ins(&ir->ops[v->def])[0] };
        h.y = h.x;
        h.bits = (uint8_t)(8 * ir_type_size(ir->values[h.x].type));
        break;
    case IR_flags_narrow: h = narrow(&ir->ops[v->def]); break;
    case IR_flags_shift: h = shift(ir, &ir->ops[v->def]); break;
    }
    if (h.kind && (ir->values[h.x].is_const || (h.y && !fits(ir, h.y))))
        h.kind = 0;
    return h;
}

/* ---- the walk ------------------------------------------------------------------------------------ */

static bool leaves(const struct ir_op *op)
{
    return ir_op_info[op->opc].flags & IRF_EXIT || (op->helper && op->helper->flags & HF_NORETURN);
}

/* The label of the branch at i, if all between them ends in leaving and no other path comes to the label; else 0 */
static uint32_t dead_end(const struct sink_pass *s, uint32_t i)
{
    const struct ir *ir = s->ir;
    uint64_t label = ir->ops[i].c[1];
    uint32_t last = 0;

    if (s->refs[label] != 1)
        return 0;

    for (uint32_t k = i + 1; k < ir->nops; k++) {
        const struct ir_op *op = &ir->ops[k];

        if (op->dead)
            continue;
        if (op->opc == IR_label)
            return op->c[0] == label && last && leaves(&ir->ops[last]) ? k : 0;
        if (ir_op_info[op->opc].flags & IRF_BRANCH)
            return 0;
        last = k;
    }
    return 0;
}

static void insert(struct sink_pass *s, uint32_t after, uint16_t flags, const struct recipe *how)
{
    struct insertion *n = arena_new(s->ir->arena, struct insertion);

    *n = (struct insertion){ .after = after, .flags = flags, .how = *how };
    *s->last = n;
    s->last = &n->next;
    s->ninsertions++;
}

static void annotate(struct sink_pass *s, struct ir_op *op, const struct recipe *h)
{
    unsigned n = op->nout + op->nin, more = h->y ? 2 : 1;
    uint16_t *v = arena_array(s->ir->arena, uint16_t, n + more + 1);

    memcpy(v, op->v, n * sizeof(*v));
    v[n] = h->x;
    if (h->y)
        v[n + 1] = h->y;
    op->v = v;
    op->nin = (uint8_t)(op->nin + more);
    op->c[2] = IR_SINK(h->kind, h->bits, h->n, h->not_borrow, more, s->slot);
}

/* S2 has come: S1 goes. */
static void commit(struct sink_pass *s)
{
    struct pending *p = &s->p;

    for (unsigned i = 0; i < p->naccess; i++)
        annotate(s, &s->ir->ops[p->access[i]], &p->how);
    for (unsigned i = 0; i < p->nends; i++)
        insert(s, p->end[i].branch, p->end[i].has_flags ? p->flags : 0, &p->how);
    s->ir->ops[p->store].dead = true;
}

static void start(struct sink_pass *s, uint32_t i)
{
    uint16_t flags = s->ir->ops[i].v[0];

    s->p.active = false;
    s->p.how = recipe_of(s->ir, flags);
    if (!s->p.how.kind)
        return;
    s->p.active = true;
    s->p.store = i;
    s->p.flags = flags;
    s->p.naccess = s->p.nends = 0;
}

static void access_guest(struct sink_pass *s, uint32_t i)
{
    if (s->p.naccess == MAX_ACCESSES)
        s->p.active = false;
    else
        s->p.access[s->p.naccess++] = i;
}

/* Returns the op to go on behind. */
static uint32_t branch(struct sink_pass *s, uint32_t i)
{
    const struct ir_op *op = &s->ir->ops[i];
    uint32_t label = dead_end(s, i);

    if (!label || s->p.nends == MAX_ENDS) {
        s->p.active = false;
        return i;
    }
    s->p.end[s->p.nends].branch = i;
    s->p.end[s->p.nends++].has_flags = op->opc == IR_br_cond && ir_ins(op)[0] == s->p.flags;
    return label;
}

static bool is_flags_store(const struct sink_pass *s, const struct ir_op *op)
{
    return op->opc == IR_state_st && op->c[0] == s->slot && op->type == FLAGS;
}

static bool ends_search(const struct sink_pass *s, const struct ir_op *op)
{
    unsigned flags = ir_op_flags(op);

    if (op->opc == IR_state_ld)
        return op->c[0] == s->slot;
    return flags & (IRF_EXIT | IRF_MAY_FAULT | IRF_READS_STATE | IRF_LABEL) || (op->opc != IR_state_st && flags & IRF_WRITES_STATE);
}

static uint32_t visit(struct sink_pass *s, uint32_t i)
{
    const struct ir_op *op = &s->ir->ops[i];

    if (is_flags_store(s, op)) {
        if (s->p.active)
            commit(s);
        start(s, i);
    } else if (!s->p.active) {
        return i;
    } else if ((op->opc == IR_guest_ld || op->opc == IR_guest_st) && !op->c[2]) {
        access_guest(s, i);
    } else if (op->opc == IR_br_cond || op->opc == IR_br_cmp) {
        return branch(s, i);
    } else if (ends_search(s, op)) {
        s->p.active = false;
    }
    return i;
}

/* ---- insertions ----------------------------------------------------------------------------------- */

/* x - y of SINK_ADD_RESULT, x + y of SINK_SUB_RESULT: the first operand again */
static struct ir_val first_operand(struct ir *ir, const struct recipe *h)
{
    struct ir_val x = { h->x }, y = { h->y };

    return h->kind == SINK_ADD_RESULT ? ir_sub(ir, x, y) : h->kind == SINK_SUB_RESULT ? ir_add(ir, x, y) : x;
}

static struct ir_val make_flags(struct ir *ir, const struct recipe *h)
{
    static const uint8_t shift[] = { [SINK_SHL] = SHIFT_SHL, [SINK_SHR] = SHIFT_SHR, [SINK_SAR] = SHIFT_SAR };
    static const uint8_t op[] = { [SINK_ADD] = NARROW_ADD, [SINK_SUB] = NARROW_SUB, [SINK_TEST] = NARROW_TEST };
    struct ir_val x = first_operand(ir, h), y = { h->y };

    if (h->kind >= SINK_SHL)
        return ir_flags_shift(ir, (enum ir_shift)shift[h->kind], h->bits, ir_const(ir, FLAGS, 0), x, ir_const(ir, I32, h->n));
    if (h->bits < 32)
        return ir_flags_narrow(ir, (enum ir_narrow)op[h->kind], h->bits, x, y, IR_NONE);
    switch (h->kind) {
    case SINK_ADD: case SINK_ADD_RESULT:
        return ir_flags_add(ir, x, y);
    case SINK_SUB: case SINK_SUB_RESULT:
        return ir_flags_sub(ir, x, y, h->not_borrow ? CARRY_NOT_BORROW : CARRY_BORROW);
    default:
        return ir_flags_logic(ir, x);
    }
}

/* The ops again, with the insertions; builders append to the new list. */
static void rebuild(struct sink_pass *s)
{
    struct ir *ir = s->ir;
    uint32_t n = ir->nops;
    struct ir_op *old = arena_alloc(ir->arena, n * sizeof(*old));
    struct insertion *next = s->first;

    memcpy(old, ir->ops, n * sizeof(*old));
    ir->nops = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!old[i].dead) {
            *ir_append(ir, (enum ir_opc)old[i].opc, (enum ir_type)old[i].type, 0, 0) = old[i];
            for (unsigned k = 0; k < old[i].nout; k++)       /* builders look at definitions */
                ir->values[old[i].v[k]].def = ir->nops - 1;
        }
        for (; next && next->after == i; next = next->next) {
            struct ir_val f = { next->flags };

            ir_state_st(ir, f.id ? f : make_flags(ir, &next->how), s->slot);
        }
    }
}

/* Insertions come in the order of their stores; sort by place. */
static void sort(struct sink_pass *s)
{
    struct insertion *list = NULL, *n, *next, **at;

    for (n = s->first; n; n = next) {
        next = n->next;
        for (at = &list; *at && (*at)->after <= n->after; at = &(*at)->next)
            ;
        n->next = *at;
        *at = n;
    }
    s->first = list;
}

/* Flags that nothing uses any more */
static void drop_unused(struct ir *ir)
{
    ir_count_uses(ir);
    for (uint32_t i = ir->nops; i-- > 0;) {
        struct ir_op *op = &ir->ops[i];

        if (!op->dead && op->nout == 1 && op->opc >= IR_flags_add && op->opc <= IR_flags_shift && !ir->values[op->v[0]].uses)
            op->dead = true;
    }
}

void opt_sink(struct ir *ir)
{
    struct sink_pass s = { .ir = ir };
    bool found = false;

    for (unsigned i = 0; i < ir->target->nslots && !found; i++)
        if (ir->target->slots[i].type == FLAGS) {
            s.slot = ir->target->slots[i].offset;
            found = true;
        }
    if (!found)
        return;
    s.last = &s.first;
    s.refs = arena_array(ir->arena, uint16_t, ir->nlabels + 1);
    for (uint32_t i = 0; i < ir->nops; i++)
        if (!ir->ops[i].dead && ir_op_info[ir->ops[i].opc].flags & IRF_BRANCH)
            s.refs[ir->ops[i].c[1]]++;
    for (uint32_t i = 0; i < ir->nops; i++)
        if (!ir->ops[i].dead)
            i = visit(&s, i);
    if (s.ninsertions) {
        sort(&s);
        rebuild(&s);
    }
    drop_unused(ir);
}
