/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One backward walk that removes state stores nobody sees, and ops nobody uses.
 *
 * "Covered" is the set of state bytes (in words of four) that are written again before anything can look at them. Rules:
 *  1. An exit, an op that may fault and a call that reads state look at everything: the set becomes empty.
 *  2. A load takes its bytes out of the set; a store of bytes that are all in the set is dead, any other adds its bytes.
 *  3. A branch goes two ways: the set before it is what both ways cover.
 *  4. Ops with sticky FP flags stay even when unused.
 */
#include "config.h"
#include <string.h>
#include "tcg/internal.h"
#include "util/arena.h"

#define COVER_WORDS 2048         /* state words that are tracked: 8 KiB from the target's first slot on */

struct cover {
    uint64_t bit[COVER_WORDS / 64];
};

struct dead_pass {
    struct ir *ir;
    uint64_t base;           /* offset of the first tracked word */
    struct cover now;
    bool any;                /* now is not empty */
    struct cover **at_label;
    bool *used;
};

static void cover_clear(struct dead_pass *p)
{
    if (p->any)
        memset(&p->now, 0, sizeof(p->now));
    p->any = false;
}

/* Partial words of small or unaligned slots are never covered. */
static bool cover_range(const struct dead_pass *p, const struct ir_op *op, unsigned *first, unsigned *n)
{
    uint64_t at = op->c[0] - p->base;

    *first = (unsigned)(at / 4);
    *n = ir_type_size(op->type) / 4;
    return at % 4 == 0 && at / 4 + *n <= COVER_WORDS;
}

static bool covered(const struct dead_pass *p, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++)
        if (!(p->now.bit[i / 64] >> (i % 64) & 1))
            return false;
    return true;
}

static void visit_load(struct dead_pass *p, const struct ir_op *op)
{
    uint64_t at = op->c[0] - p->base;

    for (uint64_t i = at / 4; i <= (at + ir_type_size(op->type) - 1) / 4 && i < COVER_WORDS; i++)
        p->now.bit[i / 64] &= ~((uint64_t)1 << (i % 64));
}

static void visit_store(struct dead_pass *p, struct ir_op *op)
{
    unsigned first, n;

    if (!cover_range(p, op, &first, &n))
        return;
    if (covered(p, first, n)) {
        op->dead = true;
        return;
    }
    for (unsigned i = first; i < first + n; i++)
        p->now.bit[i / 64] |= (uint64_t)1 << (i % 64);
    p->any = true;
}

static void visit_branch(struct dead_pass *p, const struct ir_op *op)
{
    const struct cover *other = p->at_label[op->c[1]];

    if (!other) {
        cover_clear(p);
        return;
    }
    for (unsigned i = 0; i < COVER_WORDS / 64; i++)
        p->now.bit[i] &= other->bit[i];
}

static bool has_sticky(const struct ir_op *op)
{
    return (op->opc >= IR_fadd && op->opc <= IR_fcvt_from_u &&
            op->opc != IR_fneg && op->opc != IR_fabs) ||
           (op->opc >= IR_vfadd && op->opc != IR_vfneg &&
            op->opc != IR_vfabs) || op->opc == IR_flags_fcmp;
}

static bool is_unused(const struct dead_pass *p, const struct ir_op *op,
                      unsigned flags)
{
    if (op->opc != IR_state_ld && (!(flags & IRF_PURE) || has_sticky(op)))
        return false;
    for (unsigned i = 0; i < op->nout; i++)
        if (p->used[op->v[i]])
            return false;
    return true;
}

static void visit(struct dead_pass *p, struct ir_op *op)
{
    unsigned flags = ir_op_flags(op);

    if (op->opc == IR_state_st) {
        visit_store(p, op);
        if (op->dead)
            return;
    } else if (is_unused(p, op, flags)) {
        op->dead = true;
        return;
    } else if (op->opc == IR_state_ld) {
        visit_load(p, op);
    } else if (flags & (IRF_EXIT | IRF_MAY_FAULT | IRF_READS_STATE)) {
        cover_clear(p);
    }
    if (flags & IRF_LABEL && p->any) {
        p->at_label[op->c[0]] = arena_alloc(p->ir->arena, sizeof(p->now));
        memcpy(p->at_label[op->c[0]], &p->now, sizeof(p->now));
    }
    if (flags & IRF_BRANCH)
        visit_branch(p, op);
    for (unsigned i = 0; i < op->nin; i++)
        p->used[ir_ins(op)[i]] = true;
}

void opt_dead(struct ir *ir)
{
    struct dead_pass p = { .ir = ir };

    p.base = ir->target->nslots ? ir->target->slots[0].offset & ~3u : 0;
    p.at_label = arena_array(ir->arena, struct cover *, ir->nlabels + 1);
    p.used = arena_array(ir->arena, bool, ir->nvalues);
    for (uint32_t i = ir->nops; i-- > 0;)
        if (!ir->ops[i].dead)
            visit(&p, &ir->ops[i]);
}
