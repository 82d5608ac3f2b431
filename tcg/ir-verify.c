/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifier of the IR's rules (tcg/README); runs after each pass in debug builds and in tests. */
#include "config.h"
#include <glib.h>
#include "tcg/helper.h"
#include "tcg/internal.h"

struct verify {
    const struct ir *ir;
    const char *after;
    uint32_t index;          /* op under test */
    uint8_t *label;          /* 0 unseen, 1 branched to, 2 defined */
    uint32_t *defined;       /* op index + 1 of a value's definition */
    uint32_t *scope_start;   /* open branches: value's op index limits */
    uint32_t *scope_label;
    uint32_t *hidden;        /* value id -> 1 when its section has ended */
    uint32_t nscopes;
};

static void fail(struct verify *v, const char *what, uint64_t n)
{
    fprintf(stderr, "IR after %s: op %u: %s %llu\n", v->after, v->index, what,
            (unsigned long long)n);
    ir_dump(v->ir, stderr);
    abort();
}

static void check_operands(struct verify *v, const struct ir_op *op)
{
    const struct ir_op_info *info = &ir_op_info[op->opc];

    if (info->nout >= 0 && op->nout != info->nout)
        fail(v, "outputs:", op->nout);
    if (info->nin >= 0 && op->nin != info->nin)
        fail(v, "inputs:", op->nin);
    if ((op->opc == IR_call) != (op->helper != NULL))
        fail(v, "helper of op", op->opc);
    for (unsigned i = 0; i < op->nin; i++) {
        uint16_t id = ir_ins(op)[i];

        if (!id || id >= v->ir->nvalues)
            fail(v, "no such value", id);
        if (v->ir->values[id].is_const)
            continue;
        if (!v->defined[id])
            fail(v, "used before its definition:", id);
        if (v->hidden[id])
            fail(v, "defined in a section that has ended:", id);
    }
    for (unsigned i = 0; i < op->nout; i++) {
        uint16_t id = ir_outs(op)[i];

        if (!id || id >= v->ir->nvalues || v->ir->values[id].is_const)
            fail(v, "bad output", id);
        if (v->defined[id])
            fail(v, "defined twice:", id);
        v->defined[id] = v->index + 1;
    }
}

static enum ir_type in_type(struct verify *v, const struct ir_op *op,
                            unsigned n)
{
    return v->ir->values[ir_ins(op)[n]].type;
}

static void check_types(struct verify *v, const struct ir_op *op)
{
    if (op->nout && v->ir->values[ir_outs(op)[0]].type != op->type)
        fail(v, "type of the output:", v->ir->values[ir_outs(op)[0]].type);
    switch (op->opc) {
    case IR_add: case IR_sub: case IR_mul: case IR_and: case IR_or:
    case IR_xor: case IR_andc: case IR_udiv: case IR_sdiv: case IR_deposit:
    case IR_fadd: case IR_fsub: case IR_fmul: case IR_fdiv:
        if (in_type(v, op, 0) != op->type || in_type(v, op, 1) != op->type)
            fail(v, "operand types of", op->opc);
        break;
    case IR_setcmp: case IR_br_cmp: case IR_flags_add: case IR_flags_sub: case IR_flags_narrow:
        if (in_type(v, op, 0) != in_type(v, op, 1))
            fail(v, "operand types of", op->opc);
        break;
    case IR_setcond: case IR_br_cond: case IR_select: case IR_flags_to_bits:
        if (in_type(v, op, 0) != FLAGS)
            fail(v, "flags operand of", op->opc);
        break;
    case IR_guest_ld: case IR_guest_st: case IR_guest_ldm: case IR_guest_stm:
    case IR_guest_cas: case IR_guest_rmw:
        if (in_type(v, op, 0) != I32 && in_type(v, op, 0) != I64)
            fail(v, "address type of", op->opc);
        if (op->c[1] >= 4)
            fail(v, "view", op->c[1]);
        break;
    }
}

static void check_control(struct verify *v, const struct ir_op *op)
{
    uint64_t l;

    if (op->opc == IR_br_cond || op->opc == IR_br_cmp) {
        l = op->c[1];
        if (l >= v->ir->nlabels || v->label[l] == 2)
            fail(v, "branch to label", l);
        v->label[l] = 1;
        v->scope_start[v->nscopes] = v->index;
        v->scope_label[v->nscopes++] = l;
    }
    if (op->opc != IR_label)
        return;
    l = op->c[0];
    if (l >= v->ir->nlabels || v->label[l] == 2)
        fail(v, "label", l);
    v->label[l] = 2;
    while (v->nscopes && v->scope_label[v->nscopes - 1] == l) {
        uint32_t start = v->scope_start[--v->nscopes];

        for (uint32_t id = 1; id < v->ir->nvalues; id++)
            if (v->defined[id] > start + 1)
                v->hidden[id] = 1;
    }
    for (uint32_t i = 0; i < v->nscopes; i++)
        if (v->scope_label[i] == l)
            fail(v, "sections overlap at label", l);
}

void ir_verify(const struct ir *ir, const char *after)
{
    struct verify v = { .ir = ir, .after = after };
    bool exited = false;

    v.label = g_new0(uint8_t, ir->nlabels + 1);
    v.defined = g_new0(uint32_t, ir->nvalues);
    v.hidden = g_new0(uint32_t, ir->nvalues);
    v.scope_start = g_new0(uint32_t, ir->nops + 1);
    v.scope_label = g_new0(uint32_t, ir->nops + 1);
    for (v.index = 0; v.index < ir->nops; v.index++) {
        const struct ir_op *op = &ir->ops[v.index];

        if (op->dead)
            continue;
        if (exited && op->opc != IR_label)
            fail(&v, "unreachable op", op->opc);
        check_operands(&v, op);
        check_types(&v, op);
        check_control(&v, op);
        exited = (ir_op_flags(op) & IRF_EXIT) ||
                 (op->helper && op->helper->flags & HF_NORETURN);
    }
    if (!exited)
        fail(&v, "region does not end with an exit; ops", ir->nops);
    if (v.nscopes)
        fail(&v, "label never defined:", v.scope_label[v.nscopes - 1]);
    g_free(v.label);
    g_free(v.defined);
    g_free(v.hidden);
    g_free(v.scope_start);
    g_free(v.scope_label);
}
