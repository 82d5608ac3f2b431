/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builders of IR ops. A pure op whose result is known at once (opt-fold.c) is not appended at all. */
#include "config.h"
#include <glib.h>
#include <string.h>
#include "tcg/internal.h"
#include "tcg/ir-build.h"
#include "util/arena.h"

/* ---- values and raw ops --------------------------------------------------------------------- */

static uint64_t type_mask(enum ir_type type)
{
    unsigned size = ir_type_size(type);

    return size >= 8 ? UINT64_MAX : ((uint64_t)1 << (size * 8)) - 1;
}

static struct ir_value *value_new(struct ir *ir, enum ir_type type)
{
    struct ir_value *v;

    if (ir->nvalues >= ir->values_cap) {
        ir->values_cap *= 2;
        ir->values = g_renew(struct ir_value, ir->values, ir->values_cap);
    }
    ir_assert(ir->nvalues < UINT16_MAX, "region 0x%llx: too many values",
              (unsigned long long)ir->entry_pc);
    v = &ir->values[ir->nvalues++];
    memset(v, 0, sizeof(*v));
    v->type = type;
    return v;
}

struct ir_val ir_new_value(struct ir *ir, enum ir_type type)
{
    struct ir_value *v = value_new(ir, type);

    v->def = ir->nops;
    return (struct ir_val){ (uint16_t)(v - ir->values) };
}

struct ir_val ir_const(struct ir *ir, enum ir_type type, uint64_t value)
{
    struct ir_value *v = value_new(ir, type);

    v->is_const = true;
    v->lo = value & type_mask(type);
    return (struct ir_val){ (uint16_t)(v - ir->values) };
}

struct ir_val ir_const_v128(struct ir *ir, uint64_t lo, uint64_t hi)
{
    struct ir_value *v = value_new(ir, V128);

    v->is_const = true;
    v->lo = lo;
    v->hi = hi;
    return (struct ir_val){ (uint16_t)(v - ir->values) };
}

bool ir_is_const(const struct ir *ir, struct ir_val v, uint64_t *value)
{
    const struct ir_value *x = &ir->values[v.id];

    if (!x->is_const)
        return false;
    if (value)
        *value = x->lo;
    return true;
}

enum ir_type ir_typeof(const struct ir *ir, struct ir_val v)
{
    ir_assert(v.id && v.id < ir->nvalues, "value %u", v.id);
    return ir->values[v.id].type;
}

struct ir_op *ir_append(struct ir *ir, enum ir_opc opc, enum ir_type type,
                        unsigned nout, unsigned nin)
{
    struct ir_op *op;

    if (ir->nops >= ir->ops_cap) {
        ir->ops_cap *= 2;
        ir->ops = g_renew(struct ir_op, ir->ops, ir->ops_cap);
    }
    op = &ir->ops[ir->nops++];
    op->opc = opc;
    op->type = type;
    op->nout = nout;
    op->nin = nin;
    op->dead = false;
    op->v = arena_alloc(ir->arena, (nout + nin) * sizeof(uint16_t));
    op->c[0] = op->c[1] = op->c[2] = 0;
    op->helper = NULL;
    return op;
}

/* One-output op; folded away when its result is known. */
static struct ir_val op1(struct ir *ir, enum ir_opc opc, enum ir_type type,
                         unsigned nin, const struct ir_val *in,
                         const uint64_t c[3])
{
    uint32_t at = ir->nops;
    struct ir_op *op = ir_append(ir, opc, type, 1, nin);
    uint16_t folded;

    for (unsigned i = 0; i < nin; i++) {
        ir_assert(in[i].id && in[i].id < ir->nvalues, "%s: operand %u",
                  ir_op_info[opc].name, i);
        op->v[1 + i] = in[i].id;
    }
    memcpy(op->c, c, sizeof(op->c));
    op->v[0] = 0;
    folded = opt_fold(ir, at);
    op = &ir->ops[at];
    if (folded) {
        ir->nops = at;
        return (struct ir_val){ folded };
    }
    ir->nops = at;                     /* the value's def is this op */
    op->v[0] = ir_new_value(ir, type).id;
    ir->nops = at + 1;
    return (struct ir_val){ op->v[0] };
}

static struct ir_val pure1(struct ir *ir, enum ir_opc opc, enum ir_type type,
                           struct ir_val a, uint64_t c0, uint64_t c1)
{
    return op1(ir, opc, type, 1, &a, (uint64_t[3]){ c0, c1, 0 });
}

static struct ir_val pure2(struct ir *ir, enum ir_opc opc, enum ir_type type,
                           struct ir_val a, struct ir_val b, uint64_t c0,
                           uint64_t c1)
{
    return op1(ir, opc, type, 2, (struct ir_val[]){ a, b },
               (uint64_t[3]){ c0, c1, 0 });
}

static struct ir_val pure3(struct ir *ir, enum ir_opc opc, enum ir_type type,
                           struct ir_val a, struct ir_val b, struct ir_val c,
                           uint64_t c0, uint64_t c1, uint64_t c2)
{
    return op1(ir, opc, type, 3, (struct ir_val[]){ a, b, c },
               (uint64_t[3]){ c0, c1, c2 });
}

static void same_type(struct ir *ir, const char *name, struct ir_val a,
                      struct ir_val b)
{
    ir_assert(ir_typeof(ir, a) == ir_typeof(ir, b), "%s: types %u and %u", name,
              ir_typeof(ir, a), ir_typeof(ir, b));
}

/* ---- integers ------------------------------------------------------------------------------- */

#define BIN(name)                                                             \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b)  \
    {                                                                         \
        same_type(ir, #name, a, b);                                           \
        return pure2(ir, IR_##name, ir_typeof(ir, a), a, b, 0, 0);            \
    }
/* Shifts take a count of either integer type. */
#define SHIFT(name)                                                           \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b)  \
    {                                                                         \
        return pure2(ir, IR_##name, ir_typeof(ir, a), a, b, 0, 0);            \
    }
#define UN(name)                                                              \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a)                   \
    {                                                                         \
        return pure1(ir, IR_##name, ir_typeof(ir, a), a, 0, 0);               \
    }
#define CONV(name, from, to)                                                  \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a)                   \
    {                                                                         \
        ir_assert(ir_typeof(ir, a) == from, #name ": type %u",                \
                  ir_typeof(ir, a));                                          \
        return pure1(ir, IR_##name, to, a, 0, 0);                             \
    }

BIN(add) BIN(sub) BIN(mul) BIN(umulh) BIN(smulh) BIN(udiv) BIN(sdiv)
BIN(and) BIN(or) BIN(xor) BIN(andc) BIN(smin) BIN(smax) BIN(umin) BIN(umax)
SHIFT(shl) SHIFT(shr) SHIFT(sar) SHIFT(ror)
UN(not) UN(neg) UN(clz) UN(ctz) UN(bswap) UN(bswap16) UN(fneg) UN(fabs)
CONV(zext, I32, I64) CONV(sext, I32, I64) CONV(trunc, I64, I32)
CONV(flags_from_bits, I32, FLAGS) CONV(flags_to_bits, FLAGS, I32)

struct ir_val ir_concat32(struct ir *ir, struct ir_val a, struct ir_val b)
{
    return pure2(ir, IR_concat32, I64, a, b, 0, 0);
}

struct ir_val ir_adc(struct ir *ir, struct ir_val a, struct ir_val b,
                     struct ir_val c)
{
    same_type(ir, "adc", a, b);
    return pure3(ir, IR_adc, ir_typeof(ir, a), a, b, c, 0, 0, 0);
}

struct ir_val ir_sbc(struct ir *ir, struct ir_val a, struct ir_val b,
                     struct ir_val fl, enum ir_carry carry)
{
    same_type(ir, "sbc", a, b);
    return pure3(ir, IR_sbc, ir_typeof(ir, a), a, b, fl, carry, 0, 0);
}

struct ir_val ir_addi(struct ir *ir, struct ir_val a, int64_t imm)
{
    return ir_add(ir, a, ir_const(ir, ir_typeof(ir, a), (uint64_t)imm));
}

struct ir_val ir_andi(struct ir *ir, struct ir_val a, uint64_t imm)
{
    return ir_and(ir, a, ir_const(ir, ir_typeof(ir, a), imm));
}

struct ir_val ir_shli(struct ir *ir, struct ir_val a, unsigned n)
{
    return ir_shl(ir, a, ir_const(ir, ir_typeof(ir, a), n));
}

struct ir_val ir_shri(struct ir *ir, struct ir_val a, unsigned n)
{
    return ir_shr(ir, a, ir_const(ir, ir_typeof(ir, a), n));
}

struct ir_val ir_sari(struct ir *ir, struct ir_val a, unsigned n)
{
    return ir_sar(ir, a, ir_const(ir, ir_typeof(ir, a), n));
}

struct ir_val ir_rori(struct ir *ir, struct ir_val a, unsigned n)
{
    return ir_ror(ir, a, ir_const(ir, ir_typeof(ir, a), n));
}

struct ir_val ir_extract(struct ir *ir, struct ir_val a, unsigned pos,
                         unsigned len)
{
    ir_assert(len && pos + len <= 8 * ir_type_size(ir_typeof(ir, a)),
              "extract %u, %u", pos, len);
    return pure1(ir, IR_extract, ir_typeof(ir, a), a, pos, len);
}

struct ir_val ir_sextract(struct ir *ir, struct ir_val a, unsigned pos,
                          unsigned len)
{
    ir_assert(len && pos + len <= 8 * ir_type_size(ir_typeof(ir, a)),
              "sextract %u, %u", pos, len);
    return pure1(ir, IR_sextract, ir_typeof(ir, a), a, pos, len);
}

struct ir_val ir_deposit(struct ir *ir, struct ir_val into, struct ir_val field,
                         unsigned pos, unsigned len)
{
    same_type(ir, "deposit", into, field);
    ir_assert(len && pos + len <= 8 * ir_type_size(ir_typeof(ir, into)),
              "deposit %u, %u", pos, len);
    return pure2(ir, IR_deposit, ir_typeof(ir, into), into, field, pos, len);
}

/* ---- flags and conditions ------------------------------------------------------------------- */

struct ir_val ir_flags_add(struct ir *ir, struct ir_val a, struct ir_val b)
{
    same_type(ir, "flags_add", a, b);
    return pure2(ir, IR_flags_add, FLAGS, a, b, 0, 0);
}

struct ir_val ir_flags_sub(struct ir *ir, struct ir_val a, struct ir_val b,
                           enum ir_carry carry)
{
    same_type(ir, "flags_sub", a, b);
    return pure2(ir, IR_flags_sub, FLAGS, a, b, carry, 0);
}

struct ir_val ir_flags_adc(struct ir *ir, struct ir_val a, struct ir_val b,
                           struct ir_val c)
{
    same_type(ir, "flags_adc", a, b);
    return pure3(ir, IR_flags_adc, FLAGS, a, b, c, 0, 0, 0);
}

struct ir_val ir_flags_sbc(struct ir *ir, struct ir_val a, struct ir_val b,
                           struct ir_val fl, enum ir_carry carry)
{
    same_type(ir, "flags_sbc", a, b);
    return pure3(ir, IR_flags_sbc, FLAGS, a, b, fl, carry, 0, 0);
}

struct ir_val ir_flags_narrow(struct ir *ir, enum ir_narrow kind, unsigned bits, struct ir_val a, struct ir_val b,
                              struct ir_val fl)
{
    same_type(ir, "flags_narrow", a, b);
    if (!fl.id)
        fl = ir_const(ir, FLAGS, 0);
    return pure3(ir, IR_flags_narrow, FLAGS, a, b, fl, bits, kind, 0);
}

struct ir_val ir_flags_shift(struct ir *ir, enum ir_shift kind, unsigned bits, struct ir_val old, struct ir_val a,
                             struct ir_val count)
{
    uint64_t n;

    /* A count that is not 0 sets every flag that a shift has. */
    if (ir_is_const(ir, count, &n) && n && kind <= SHIFT_SAR)
        old = ir_const(ir, FLAGS, 0);
    return pure3(ir, IR_flags_shift, FLAGS, old, a, count, bits, kind, 0);
}

struct ir_val ir_flags_logic(struct ir *ir, struct ir_val a)
{
    return pure1(ir, IR_flags_logic, FLAGS, a, 0, 0);
}

struct ir_val ir_flags_set_c(struct ir *ir, struct ir_val a, struct ir_val b)
{
    return pure2(ir, IR_flags_set_c, FLAGS, a, b, 0, 0);
}

struct ir_val ir_flags_merge(struct ir *ir, struct ir_val old,
                             struct ir_val new_flags, unsigned mask)
{
    return pure2(ir, IR_flags_merge, FLAGS, old, new_flags, mask, 0);
}

struct ir_val ir_flags_fcmp(struct ir *ir, struct ir_val a, struct ir_val b,
                            unsigned env, bool signalling)
{
    same_type(ir, "flags_fcmp", a, b);
    return pure2(ir, IR_flags_fcmp, FLAGS, a, b, env, signalling);
}

struct ir_val ir_setcond(struct ir *ir, struct ir_val fl, enum ir_cc cc)
{
    return pure1(ir, IR_setcond, I32, fl, cc, 0);
}

struct ir_val ir_setcmp(struct ir *ir, enum ir_cc cc, struct ir_val a,
                        struct ir_val b)
{
    same_type(ir, "setcmp", a, b);
    return pure2(ir, IR_setcmp, I32, a, b, cc, 0);
}

struct ir_val ir_select(struct ir *ir, struct ir_val fl, enum ir_cc cc,
                        struct ir_val yes, struct ir_val no)
{
    same_type(ir, "select", yes, no);
    return pure3(ir, IR_select, ir_typeof(ir, yes), fl, yes, no, cc, 0, 0);
}

struct ir_val ir_select_cmp(struct ir *ir, enum ir_cc cc, struct ir_val a,
                            struct ir_val b, struct ir_val yes,
                            struct ir_val no)
{
    same_type(ir, "select_cmp", a, b);
    same_type(ir, "select_cmp", yes, no);
    return op1(ir, IR_select_cmp, ir_typeof(ir, yes), 4,
               (struct ir_val[]){ a, b, yes, no }, (uint64_t[3]){ cc, 0, 0 });
}

/* ---- state and guest memory ----------------------------------------------------------------- */

struct ir_val ir_state_ld(struct ir *ir, enum ir_type type, unsigned offset)
{
    struct ir_val v = ir_new_value(ir, type);
    struct ir_op *op = ir_append(ir, IR_state_ld, type, 1, 0);

    op->v[0] = v.id;
    op->c[0] = offset;
    return v;
}

void ir_state_st(struct ir *ir, struct ir_val v, unsigned offset)
{
    struct ir_op *op = ir_append(ir, IR_state_st, ir_typeof(ir, v), 0, 1);

    op->v[0] = v.id;
    op->c[0] = offset;
}

/* Targets with 64-bit addresses zero-extend those of a 32-bit state. */
static struct ir_val address(struct ir *ir, struct ir_val addr)
{
    return ir->target->addr_type == I64 && ir_typeof(ir, addr) == I32 ? ir_zext(ir, addr) : addr;
}

struct ir_val ir_guest_ld(struct ir *ir, enum ir_type type, struct ir_val addr,
                          unsigned memop, unsigned view)
{
    struct ir_val at = address(ir, addr);
    struct ir_val v = ir_new_value(ir, type);
    struct ir_op *op = ir_append(ir, IR_guest_ld, type, 1, 1);

    op->v[0] = v.id;
    op->v[1] = at.id;
    op->c[0] = memop;
    op->c[1] = view;
    return v;
}

void ir_guest_st(struct ir *ir, struct ir_val addr, struct ir_val v,
                 unsigned memop, unsigned view)
{
    struct ir_val at = address(ir, addr);
    struct ir_op *op = ir_append(ir, IR_guest_st, ir_typeof(ir, v), 0, 2);

    op->v[0] = at.id;
    op->v[1] = v.id;
    op->c[0] = memop;
    op->c[1] = view;
}

void ir_guest_ldm(struct ir *ir, enum ir_type type, struct ir_val addr,
                  unsigned n, struct ir_val *out, unsigned memop, unsigned view)
{
    struct ir_val at = address(ir, addr);
    struct ir_op *op;

    ir_assert(n >= 1 && n <= 32, "guest_ldm of %u", n);
    for (unsigned i = 0; i < n; i++)
        out[i] = ir_new_value(ir, type);
    op = ir_append(ir, IR_guest_ldm, type, n, 1);
    for (unsigned i = 0; i < n; i++)
        op->v[i] = out[i].id;
    op->v[n] = at.id;
    op->c[0] = memop;
    op->c[1] = view;
}

void ir_guest_stm(struct ir *ir, struct ir_val addr, unsigned n,
                  const struct ir_val *v, unsigned memop, unsigned view)
{
    struct ir_val at = address(ir, addr);
    struct ir_op *op;

    ir_assert(n >= 1 && n <= 32, "guest_stm of %u", n);
    op = ir_append(ir, IR_guest_stm, ir_typeof(ir, v[0]), 0, n + 1);
    op->v[0] = at.id;
    for (unsigned i = 0; i < n; i++)
        op->v[1 + i] = v[i].id;
    op->c[0] = memop;
    op->c[1] = view;
}

struct ir_val ir_guest_cas(struct ir *ir, struct ir_val addr,
                           struct ir_val expect, struct ir_val new_val,
                           unsigned memop, unsigned view)
{
    enum ir_type type = ir_typeof(ir, expect);
    struct ir_val at = address(ir, addr);
    struct ir_val v = ir_new_value(ir, type);
    struct ir_op *op = ir_append(ir, IR_guest_cas, type, 1, 3);

    op->v[0] = v.id;
    op->v[1] = at.id;
    op->v[2] = expect.id;
    op->v[3] = new_val.id;
    op->c[0] = memop;
    op->c[1] = view;
    return v;
}

struct ir_val ir_guest_rmw(struct ir *ir, enum ir_rmw rmw, struct ir_val addr,
                           struct ir_val val, unsigned memop, unsigned view)
{
    enum ir_type type = ir_typeof(ir, val);
    struct ir_val at = address(ir, addr);
    struct ir_val v = ir_new_value(ir, type);
    struct ir_op *op = ir_append(ir, IR_guest_rmw, type, 1, 2);

    op->v[0] = v.id;
    op->v[1] = at.id;
    op->v[2] = val.id;
    op->c[0] = memop;
    op->c[1] = view;
    op->c[2] = rmw;
    return v;
}

void ir_mb(struct ir *ir, unsigned barrier)
{
    ir_append(ir, IR_mb, IR_VOID, 0, 0)->c[0] = barrier;
}

/* ---- control -------------------------------------------------------------------------------- */

void ir_insn_start(struct ir *ir, uint64_t pc, uint32_t aux)
{
    struct ir_op *op = ir_append(ir, IR_insn_start, IR_VOID, 0, 0);

    op->c[0] = pc;
    op->c[1] = aux;
    ir->ninsns++;
}

unsigned ir_label_new(struct ir *ir)
{
    ir_assert(ir->nlabels < IR_MAX_LABELS, "too many labels");
    return ir->nlabels++;
}

void ir_label(struct ir *ir, unsigned label)
{
    ir_append(ir, IR_label, IR_VOID, 0, 0)->c[0] = label;
}

void ir_br_cond(struct ir *ir, struct ir_val fl, enum ir_cc cc, unsigned label)
{
    struct ir_op *op = ir_append(ir, IR_br_cond, FLAGS, 0, 1);

    op->v[0] = fl.id;
    op->c[0] = cc;
    op->c[1] = label;
}

void ir_br_cmp(struct ir *ir, enum ir_cc cc, struct ir_val a, struct ir_val b,
               unsigned label)
{
    struct ir_op *op;

    same_type(ir, "br_cmp", a, b);
    op = ir_append(ir, IR_br_cmp, ir_typeof(ir, a), 0, 2);
    op->v[0] = a.id;
    op->v[1] = b.id;
    op->c[0] = cc;
    op->c[1] = label;
}

void ir_exit_link(struct ir *ir, uint64_t pc, bool poll)
{
    struct ir_op *op = ir_append(ir, IR_exit_link, IR_VOID, 0, 0);

    op->c[0] = pc;
    op->c[1] = poll;
}

void ir_exit_far(struct ir *ir, uint64_t pc)
{
    ir_append(ir, IR_exit_far, IR_VOID, 0, 0)->c[0] = pc;
}

void ir_exit_ind(struct ir *ir, struct ir_val pc, enum ir_jump kind)
{
    struct ir_val at = address(ir, pc);
    struct ir_op *op = ir_append(ir, IR_exit_ind, ir_typeof(ir, at), 0, 1);

    op->v[0] = at.id;
    op->c[0] = kind;
}

void ir_exit_main(struct ir *ir)
{
    ir_append(ir, IR_exit_main, IR_VOID, 0, 0);
}

void ir_ret_push(struct ir *ir, uint64_t pc)
{
    ir_append(ir, IR_ret_push, IR_VOID, 0, 0)->c[0] = pc;
}

struct ir_val ir_call_n(struct ir *ir, const struct helper *h,
                        const struct ir_val *args, unsigned n)
{
    static const uint8_t types[] = {
        [HT_VOID] = IR_VOID, [HT_I32] = I32, [HT_I64] = I64, [HT_F32] = F32,
        [HT_F64] = F64, [HT_V64] = V64, [HT_V128] = V128,
    };
    struct ir_val ret = IR_NONE;
    unsigned at = 0, nout = h->ret != HT_VOID;
    struct ir_op *op;

    for (unsigned i = 0; i < h->nargs; i++) {
        if (h->args[i] == HT_ENV)
            continue;
        ir_assert(at < n && ir_typeof(ir, args[at]) == types[h->args[i]],
                  "call %s: argument %u", h->name, at);
        at++;
    }
    ir_assert(at == n, "call %s: %u arguments", h->name, n);
    if (nout)
        ret = ir_new_value(ir, types[h->ret]);
    op = ir_append(ir, IR_call, types[h->ret], nout, n);
    op->helper = h;
    if (nout)
        op->v[0] = ret.id;
    for (unsigned i = 0; i < n; i++)
        op->v[nout + i] = args[i].id;
    return ret;
}

/* ---- FP and vectors ------------------------------------------------------------------------- */

struct ir_val ir_bitcast(struct ir *ir, enum ir_type to, struct ir_val a)
{
    ir_assert(ir_type_size(to) == ir_type_size(ir_typeof(ir, a)),
              "bitcast %u to %u", ir_typeof(ir, a), to);
    return pure1(ir, IR_bitcast, to, a, 0, 0);
}

#define FBIN(name)                                                            \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b,  \
                            unsigned env)                                     \
    {                                                                         \
        same_type(ir, #name, a, b);                                           \
        return pure2(ir, IR_##name, ir_typeof(ir, a), a, b, env, 0);          \
    }
FBIN(fadd) FBIN(fsub) FBIN(fmul) FBIN(fdiv) FBIN(fmin) FBIN(fmax) FBIN(fminnum)
FBIN(fmaxnum)

struct ir_val ir_fsqrt(struct ir *ir, struct ir_val a, unsigned env)
{
    return pure1(ir, IR_fsqrt, ir_typeof(ir, a), a, env, 0);
}

struct ir_val ir_fmuladd(struct ir *ir, struct ir_val a, struct ir_val b,
                         struct ir_val c, unsigned env, unsigned neg)
{
    return pure3(ir, IR_fmuladd, ir_typeof(ir, a), a, b, c, env, neg, 0);
}

struct ir_val ir_fcvt(struct ir *ir, enum ir_type to, struct ir_val a,
                      unsigned env)
{
    return pure1(ir, IR_fcvt, to, a, env, 0);
}

struct ir_val ir_fcvt_s(struct ir *ir, enum ir_type to, struct ir_val a,
                        unsigned env, enum ir_round round)
{
    return pure1(ir, IR_fcvt_s, to, a, env, round);
}

struct ir_val ir_fcvt_u(struct ir *ir, enum ir_type to, struct ir_val a,
                        unsigned env, enum ir_round round)
{
    return pure1(ir, IR_fcvt_u, to, a, env, round);
}

struct ir_val ir_frint(struct ir *ir, struct ir_val a, unsigned env, enum ir_round round, bool exact)
{
    return op1(ir, IR_frint, ir_typeof(ir, a), 1, &a, (uint64_t[3]){ env, round, exact });
}

struct ir_val ir_fcvt_from_s(struct ir *ir, enum ir_type to, struct ir_val a,
                             unsigned env)
{
    return pure1(ir, IR_fcvt_from_s, to, a, env, 0);
}

struct ir_val ir_fcvt_from_u(struct ir *ir, enum ir_type to, struct ir_val a,
                             unsigned env)
{
    return pure1(ir, IR_fcvt_from_u, to, a, env, 0);
}

struct ir_val ir_v1(struct ir *ir, enum ir_opc opc, enum ir_type type,
                    struct ir_val a, uint64_t c0, uint64_t c1)
{
    return pure1(ir, opc, type, a, c0, c1);
}

struct ir_val ir_v1_round(struct ir *ir, enum ir_opc opc, enum ir_type type, struct ir_val a, uint64_t c0, uint64_t c1,
                          unsigned round)
{
    return op1(ir, opc, type, 1, &a, (uint64_t[3]){ c0, c1, round });
}

struct ir_val ir_v2(struct ir *ir, enum ir_opc opc, enum ir_type type,
                    struct ir_val a, struct ir_val b, uint64_t c0, uint64_t c1)
{
    return pure2(ir, opc, type, a, b, c0, c1);
}

struct ir_val ir_v3(struct ir *ir, enum ir_opc opc, enum ir_type type,
                    struct ir_val a, struct ir_val b, struct ir_val c,
                    uint64_t c0, uint64_t c1, uint64_t c2)
{
    return pure3(ir, opc, type, a, b, c, c0, c1, c2);
}

struct ir_val ir_vx(struct ir *ir, bool fp, unsigned op, struct ir_val a, struct ir_val b, unsigned imm)
{
    return pure2(ir, fp ? IR_vfx : IR_vx, V128, a, b, op, imm);
}

struct ir_val ir_vfx3(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b, struct ir_val c)
{
    return pure3(ir, IR_vfx3, V128, a, b, c, op, 0, 0);
}

struct ir_val ir_vfx_get(struct ir *ir, enum ir_type type, unsigned op, struct ir_val a)
{
    return pure1(ir, IR_vfx_get, type, a, op, 0);
}

struct ir_val ir_vfx_put(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b)
{
    return pure2(ir, IR_vfx_put, V128, a, b, op, 0);
}

struct ir_val ir_vfx_cmp(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b)
{
    return pure2(ir, IR_vfx_cmp, FLAGS, a, b, op, 0);
}
