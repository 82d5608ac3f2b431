/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One forward walk that replaces values: copies, folding with newly known inputs, common subexpressions, and loads of
 * guest state whose value is known from an earlier load or store.
 *
 * What is known of state is a short list of (offset, type, value). Rules:
 *  1. A store kills what overlaps it, then is known itself. A store of what the slot is known to hold is dead.
 *     A load of part of a known vector becomes an op that takes it out of that.
 *  2. A call that writes state kills everything. Guest memory is not state.
 *  3. At a label, what is known on both paths with the same value stays. A path that ended in an exit does not count.
 *  4. Values of a section between a branch and its label are forgotten at the label (IR rule 1), which
 *     holds by itself for state (both paths must agree) and is done for subexpressions by cutting their list back.
 */
#include "config.h"
#include <string.h>
#include "tcg/helper.h"
#include "tcg/internal.h"
#include "tcg/ir-build.h"
#include "util/arena.h"

#define MAX_KNOWN 96
#define CSE_BUCKETS 256
#define MAX_SCOPES 64

struct known {
    uint32_t offset;
    uint8_t type, size;
    uint16_t value;
};

struct known_list {
    unsigned n;
    struct known e[MAX_KNOWN];
};

struct cse {
    uint32_t op;
    int32_t next;
    uint32_t bucket;
};

struct scope {
    uint64_t label;
    struct known_list *known;     /* at the branch; NULL: nothing */
    uint32_t ncse;
};

struct copy_pass {
    struct ir *ir;
    uint16_t *repl;          /* value -> the one to use instead, 0 itself */
    uint32_t nrepl;
    struct known_list now;
    struct cse *cse;
    uint32_t ncse;
    int32_t bucket[CSE_BUCKETS];
    struct scope scope[MAX_SCOPES];
    unsigned nscopes;
    bool after_exit;
};

/* ---- known state ---------------------------------------------------------------------------- */

static struct known *known_find(struct copy_pass *p, uint32_t offset,
                                unsigned type)
{
    for (unsigned i = 0; i < p->now.n; i++)
        if (p->now.e[i].offset == offset && p->now.e[i].type == type)
            return &p->now.e[i];
    return NULL;
}

static void known_kill(struct copy_pass *p, uint32_t offset, unsigned size)
{
    for (unsigned i = 0; i < p->now.n;) {
        struct known *k = &p->now.e[i];

        if (k->offset < offset + size && offset < k->offset + k->size)
            *k = p->now.e[--p->now.n];
        else
            i++;
    }
}

static void known_add(struct copy_pass *p, uint32_t offset, unsigned type,
                      uint16_t value)
{
    if (p->now.n == MAX_KNOWN)
        p->now.n = 0;
    p->now.e[p->now.n++] = (struct known){
        .offset = offset, .type = type, .size = ir_type_size(type),
        .value = value };
}

static void known_intersect(struct copy_pass *p, const struct known_list *other)
{
    for (unsigned i = 0; i < p->now.n;) {
        struct known *k = &p->now.e[i];
        bool same = false;

        for (unsigned j = 0; other && j < other->n && !same; j++)
            same = other->e[j].offset == k->offset &&
                   other->e[j].type == k->type && other->e[j].value == k->value;
        if (same)
            i++;
        else
            *k = p->now.e[--p->now.n];
    }
}

/* ---- common subexpressions ------------------------------------------------------------------ */

/* Equal constants may be different values. */
static uint32_t op_hash(const struct ir *ir, const struct ir_op *op)
{
    uint32_t h = op->opc * 31 + op->type;

    for (unsigned i = 0; i < op->nin; i++) {
        const struct ir_value *x = &ir->values[ir_ins(op)[i]];

        h = h * 0x9e3779b1u + (x->is_const ? (uint32_t)(x->lo ^ x->lo >> 32) : ir_ins(op)[i]);
    }
    h = h * 0x9e3779b1u + (uint32_t)op->c[0];
    h = h * 0x9e3779b1u + (uint32_t)op->c[1];
    return (h >> 16 ^ h) % CSE_BUCKETS;
}

static bool same_value(const struct ir *ir, uint16_t a, uint16_t b)
{
    const struct ir_value *x = &ir->values[a], *y = &ir->values[b];

    return a == b || (x->is_const && y->is_const && x->type == y->type &&
                      x->lo == y->lo && x->hi == y->hi);
}

static bool same_op(const struct ir *ir, const struct ir_op *a,
                    const struct ir_op *b)
{
    if (a->opc != b->opc || a->type != b->type || a->nin != b->nin ||
        a->helper != b->helper || memcmp(a->c, b->c, sizeof(a->c)))
        return false;
    for (unsigned i = 0; i < a->nin; i++)
        if (!same_value(ir, ir_ins(a)[i], ir_ins(b)[i]))
            return false;
    return true;
}

/* The value of an equal earlier op, or 0 after remembering this one. */
static uint16_t cse_find(struct copy_pass *p, uint32_t index)
{
    struct ir_op *op = &p->ir->ops[index];
    uint32_t h = op_hash(p->ir, op);

    for (int32_t i = p->bucket[h]; i >= 0; i = p->cse[i].next)
        if (same_op(p->ir, &p->ir->ops[p->cse[i].op], op))
            return ir_outs(&p->ir->ops[p->cse[i].op])[0];
    p->cse[p->ncse] = (struct cse){ index, p->bucket[h], h };
    p->bucket[h] = (int32_t)p->ncse++;
    return 0;
}

static void cse_cut(struct copy_pass *p, uint32_t n)
{
    while (p->ncse > n) {
        p->ncse--;
        p->bucket[p->cse[p->ncse].bucket] = p->cse[p->ncse].next;
    }
}

/* ---- control flow --------------------------------------------------------------------------- */

static void scope_open(struct copy_pass *p, uint64_t label)
{
    struct scope *s;

    ir_assert(p->nscopes < MAX_SCOPES, "nested branches");
    s = &p->scope[p->nscopes++];
    s->label = label;
    s->ncse = p->ncse;
    s->known = arena_alloc(p->ir->arena, offsetof(struct known_list, e) +
                                             p->now.n * sizeof(struct known));
    s->known->n = p->now.n;
    memcpy(s->known->e, p->now.e, p->now.n * sizeof(struct known));
}

static void scope_close(struct copy_pass *p, uint64_t label)
{
    bool dead_path = p->after_exit;

    while (p->nscopes && p->scope[p->nscopes - 1].label == label) {
        struct scope *s = &p->scope[--p->nscopes];

        if (dead_path) {
            p->now.n = s->known->n;
            memcpy(p->now.e, s->known->e, s->known->n * sizeof(struct known));
            dead_path = false;
        } else {
            known_intersect(p, s->known);
        }
        cse_cut(p, s->ncse);
    }
}

/* ---- the walk ------------------------------------------------------------------------------- */

static void replace(struct copy_pass *p, struct ir_op *op, uint16_t by)
{
    p->repl[op->v[0]] = by;
    op->dead = true;
}

/* A known vector that has the bytes of a load, or NULL */
static struct known *known_around(struct copy_pass *p, uint32_t offset, unsigned size)
{
    for (unsigned i = 0; i < p->now.n; i++) {
        struct known *k = &p->now.e[i];

        if ((k->type == V128 || k->type == V64) && k->offset <= offset && offset + size <= k->offset + k->size &&
            (offset - k->offset) % size == 0)
            return k;
    }
    return NULL;
}

/* The op is one of opc on v now. */
static void become(struct copy_pass *p, struct ir_op *op, enum ir_opc opc, uint16_t v)
{
    uint16_t *operands = arena_array(p->ir->arena, uint16_t, 2);

    operands[0] = op->v[0];
    operands[1] = v;
    op->v = operands;
    op->nin = 1;
    op->opc = opc;
    op->c[0] = op->c[1] = 0;
}

/* The scalar that a known V128 is the extension of, if the op loads all of it, or 0 */
static uint16_t known_scalar(struct copy_pass *p, const struct ir_op *op)
{
    struct known *k = known_find(p, (uint32_t)op->c[0], V128);
    const struct ir_value *x = k ? &p->ir->values[k->value] : NULL;
    const struct ir_op *def = x && !x->is_const ? &p->ir->ops[x->def] : NULL;

    if (!def || def->opc != IR_vzext || ir_type_size(p->ir->values[ir_ins(def)[0]].type) != ir_type_size(op->type))
        return 0;
    return ir_ins(def)[0];
}

/* The low half of a slot that is known to hold an extended 32-bit value, or a constant: that value, or 0 */
static uint16_t known_low(struct copy_pass *p, const struct ir_op *op)
{
    struct known *k = op->type == I32 ? known_find(p, (uint32_t)op->c[0], I64) : NULL;
    const struct ir_value *x = k ? &p->ir->values[k->value] : NULL;
    const struct ir_op *def;

    if (!x)
        return 0;
    if (x->is_const)
        return ir_const(p->ir, I32, x->lo).id;
    def = &p->ir->ops[x->def];
    return def->opc == IR_zext || def->opc == IR_sext ? ir_ins(def)[0] : 0;
}

/* A load of part of a known vector: the op becomes one on that. */
static bool load_part(struct copy_pass *p, struct ir_op *op)
{
    unsigned size = ir_type_size(op->type), lane;
    struct known *k = known_around(p, (uint32_t)op->c[0], size);

    if (!k || (op->type != V64 && op->type != I32 && op->type != I64))
        return false;
    lane = ((uint32_t)op->c[0] - k->offset) / size;
    if (op->type == V64) {
        become(p, op, lane ? IR_vhigh : IR_vlow, k->value);
    } else {
        become(p, op, IR_vget_u, k->value);
        op->c[0] = size == 8 ? 3 : 2;
        op->c[1] = lane;
    }
    return true;
}

/* True: done. False: it is an op of another kind now. */
static bool visit_load(struct copy_pass *p, struct ir_op *op)
{
    struct known *k = known_find(p, (uint32_t)op->c[0], op->type);
    uint16_t scalar = k ? 0 : known_scalar(p, op), low = k ? 0 : known_low(p, op);

    if (k) {
        replace(p, op, k->value);
    } else if (low) {
        replace(p, op, low);
    } else if (scalar && p->ir->values[scalar].type == op->type) {
        replace(p, op, scalar);
    } else if (scalar) {
        become(p, op, IR_bitcast, scalar);
        return false;
    } else if (load_part(p, op)) {
        return false;
    } else {
        known_add(p, (uint32_t)op->c[0], op->type, op->v[0]);
    }
    return true;
}

static bool visit_state(struct copy_pass *p, struct ir_op *op)
{
    uint32_t offset = (uint32_t)op->c[0];
    struct known *k = known_find(p, offset, op->type);

    if (op->opc == IR_state_ld)
        return visit_load(p, op);
    if (k && same_value(p->ir, k->value, op->v[0])) {
        op->dead = true;
        return true;
    }
    known_kill(p, offset, ir_type_size(op->type));
    known_add(p, offset, op->type, op->v[0]);
    return true;
}

/* Results that only the op's operands decide, so that one copy will do. FP ops too: a second execution
 * raises no sticky flag that the first did not. */
static bool is_cse(const struct ir_op *op, unsigned flags)
{
    return (flags & IRF_PURE) && op->nout == 1;
}

static void visit(struct copy_pass *p, uint32_t index)
{
    struct ir_op *op = &p->ir->ops[index];
    unsigned flags = ir_op_flags(op);
    uint16_t r;

    for (unsigned i = 0; i < op->nin; i++) {
        uint16_t id = ir_ins(op)[i];

        if (id < p->nrepl && p->repl[id])
            ir_ins(op)[i] = p->repl[id];
    }
    if ((op->opc == IR_state_ld || op->opc == IR_state_st) && visit_state(p, op))
        return;
    flags = ir_op_flags(op);
    if (flags & IRF_BRANCH)
        scope_open(p, op->c[1]);
    if (flags & IRF_LABEL)
        scope_close(p, op->c[0]);
    if (flags & IRF_WRITES_STATE)
        p->now.n = 0;
    if (!is_cse(op, flags))
        return;
    r = opt_fold(p->ir, index);
    op = &p->ir->ops[index];
    if (!r)
        r = cse_find(p, index);
    if (r)
        replace(p, op, r);
}

void opt_copy(struct ir *ir)
{
    static __thread struct copy_pass pass;      /* scratch: large, no state kept */
    struct copy_pass *p = &pass;

    p->ir = ir;
    p->nrepl = ir->nvalues;
    p->repl = arena_array(ir->arena, uint16_t, ir->nvalues);
    p->cse = arena_alloc(ir->arena, (ir->nops + 1) * sizeof(*p->cse));
    p->ncse = 0;
    p->now.n = 0;
    p->nscopes = 0;
    p->after_exit = false;
    memset(p->bucket, 0xff, sizeof(p->bucket));
    for (uint32_t i = 0; i < ir->nops; i++) {
        if (ir->ops[i].dead)
            continue;
        visit(p, i);
        p->after_exit = ir_op_flags(&ir->ops[i]) & IRF_EXIT ||
                        (ir->ops[i].helper &&
                         ir->ops[i].helper->flags & HF_NORETURN);
    }
}
