/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IR's containers: op table, values, ops, arena use, and the text dump. Builders are in ir-build.c. */
#include "config.h"
#include <glib.h>
#include <string.h>
#include "tcg/ir.h"
#include "tcg/helper.h"
#include "util/arena.h"

#define V (-1)
#define PURE IRF_PURE
#define COMMUTES IRF_COMMUTES
#define READS_STATE IRF_READS_STATE
#define WRITES_STATE IRF_WRITES_STATE
#define MAY_FAULT IRF_MAY_FAULT
#define EFFECT IRF_EFFECT
#define BRANCH IRF_BRANCH
#define LABEL IRF_LABEL
#define EXIT IRF_EXIT
#define CALL IRF_CALL
const struct ir_op_info ir_op_info[IR_NOPS] = {
#define IR_OP(name, outs, ins, consts, flags) \
    [IR_##name] = { #name, outs, ins, consts, flags },
#include "tcg/ir-ops.inc"
#undef IR_OP
};
#undef V

static const char *const type_name[IR_NTYPES] = {
    "void", "i32", "i64", "f32", "f64", "v64", "v128", "flags"
};

static const char *const cc_name[] = {
    "eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt",
    "gt", "le", "al", "nv", "hi.x86", "ls.x86", "pe", "po", "geu", "ltu",
    "gtu", "leu", "tstne", "tsteq",
};

unsigned ir_type_size(enum ir_type type)
{
    static const uint8_t size[IR_NTYPES] = { 0, 4, 8, 4, 8, 8, 16, 4 };

    return size[type];
}

unsigned ir_op_flags(const struct ir_op *op)
{
    unsigned flags = ir_op_info[op->opc].flags;

    if (!(flags & IRF_CALL))
        return flags;
    if (op->helper->flags & HF_PURE)
        flags |= IRF_PURE;
    else
        flags |= IRF_EFFECT;
    if (op->helper->flags & HF_READS)
        flags |= IRF_READS_STATE;
    if (op->helper->flags & HF_WRITES)
        flags |= IRF_WRITES_STATE;
    if (op->helper->flags & HF_FAULTS)
        flags |= IRF_MAY_FAULT;
    return flags;
}

struct ir *ir_new(struct arena *arena, const struct ir_target *target)
{
    struct ir *ir = g_new0(struct ir, 1);

    ir->arena = arena;
    ir->target = target;
    ir->values_cap = 1024;
    ir->values = g_new0(struct ir_value, ir->values_cap);
    ir->ops_cap = 1024;
    ir->ops = g_new0(struct ir_op, ir->ops_cap);
    ir_reset(ir, 0);
    return ir;
}

void ir_free(struct ir *ir)
{
    if (!ir)
        return;
    g_free(ir->ops);
    g_free(ir->values);
    g_free(ir);
}

void ir_reset(struct ir *ir, uint64_t entry_pc)
{
    arena_reset(ir->arena);
    ir->nops = 0;
    ir->nvalues = 1;
    ir->nlabels = 0;
    ir->ninsns = 0;
    ir->fp_flush = 3;
    ir->hot = false;
    ir->entry_pc = entry_pc;
}

void ir_count_uses(struct ir *ir)
{
    for (uint32_t i = 1; i < ir->nvalues; i++)
        ir->values[i].uses = 0;
    for (uint32_t i = 0; i < ir->nops; i++) {
        const struct ir_op *op = &ir->ops[i];

        if (op->dead)
            continue;
        for (unsigned n = 0; n < op->nin; n++) {
            struct ir_value *v = &ir->values[ir_ins(op)[n]];

            if (v->uses < UINT16_MAX)
                v->uses++;
        }
    }
}

static void dump_value(const struct ir *ir, uint16_t id, FILE *f)
{
    const struct ir_value *v = &ir->values[id];

    if (!v->is_const)
        fprintf(f, "%%%u", id);
    else if (v->type == V128)
        fprintf(f, "$0x%llx:%llx", (unsigned long long)v->hi,
                (unsigned long long)v->lo);
    else
        fprintf(f, "$0x%llx", (unsigned long long)v->lo);
}

static const char *slot_name(const struct ir *ir, uint64_t offset)
{
    for (unsigned i = 0; i < ir->target->nslots; i++)
        if (ir->target->slots[i].offset == offset)
            return ir->target->slots[i].name;
    return NULL;
}

static void dump_consts(const struct ir *ir, const struct ir_op *op, FILE *f)
{
    int n = ir_op_info[op->opc].nconst;

    switch (op->opc) {
    case IR_state_ld:
    case IR_state_st:
        if (slot_name(ir, op->c[0]))
            fprintf(f, " %s", slot_name(ir, op->c[0]));
        else
            fprintf(f, " env+0x%llx", (unsigned long long)op->c[0]);
        return;
    case IR_setcond:
    case IR_select:
    case IR_setcmp:
    case IR_select_cmp:
        fprintf(f, " %s", cc_name[op->c[0]]);
        return;
    case IR_br_cond:
    case IR_br_cmp:
        fprintf(f, " %s L%u", cc_name[op->c[0]], (unsigned)op->c[1]);
        return;
    case IR_label:
        fprintf(f, " L%u", (unsigned)op->c[0]);
        return;
    }
    for (int i = 0; i < n; i++)
        fprintf(f, " #0x%llx", (unsigned long long)op->c[i]);
}

static void dump_op(const struct ir *ir, const struct ir_op *op, FILE *f)
{
    fputs(op->opc == IR_insn_start ? " --" : "    ", f);
    for (unsigned n = 0; n < op->nout; n++) {
        dump_value(ir, ir_outs(op)[n], f);
        fputs(n + 1 < op->nout ? ", " : " = ", f);
    }
    fputs(op->helper ? op->helper->name : ir_op_info[op->opc].name, f);
    if (op->type != IR_VOID)
        fprintf(f, ".%s", type_name[op->type]);
    for (unsigned n = 0; n < op->nin; n++) {
        fputs(n ? ", " : " ", f);
        dump_value(ir, ir_ins(op)[n], f);
    }
    dump_consts(ir, op, f);
    fputc('\n', f);
}

void ir_dump(const struct ir *ir, FILE *f)
{
    fprintf(f, "region 0x%llx: %u instructions\n",
            (unsigned long long)ir->entry_pc, ir->ninsns);
    for (uint32_t i = 0; i < ir->nops; i++)
        if (!ir->ops[i].dead)
            dump_op(ir, &ir->ops[i], f);
}
