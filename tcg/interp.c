/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain interpreter of the IR: control, state, guest memory, and integer ops. Vectors and FP are in interp-vec.c.
 * When it and a backend disagree, read this one first.
 */
#include "config.h"
#include <string.h>
#include "tcg/internal.h"
#include "tcg/interp-internal.h"
#include "util/int128.h"

static uint64_t mask_of(unsigned width)
{
    return width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

static int64_t sign(uint64_t v, unsigned width)
{
    return (int64_t)(v << (64 - width)) >> (64 - width);
}

/* ---- flags ---------------------------------------------------------------------------------- */

static uint32_t flags_sz(uint64_t r, unsigned w)
{
    uint32_t f = 0;

    if (r >> (w - 1) & 1)
        f |= FLAG_S;
    if (r == 0)
        f |= FLAG_Z;
    if (!(__builtin_popcountll(r & 0xff) & 1))
        f |= FLAG_P;
    return f;
}

/* Flags of a + b + cin in w bits; C is the carry out. */
static uint32_t flags_sum(uint64_t a, uint64_t b, unsigned cin, unsigned w)
{
    unsigned __int128 wide = (unsigned __int128)a + b + cin;
    uint64_t r = (uint64_t)wide & mask_of(w);
    uint32_t f = flags_sz(r, w);

    if ((uint64_t)(wide >> w) & 1)
        f |= FLAG_C;
    if (((a ^ r) & (b ^ r)) >> (w - 1) & 1)
        f |= FLAG_O;
    if (((a ^ b ^ r) >> 4) & 1)
        f |= FLAG_A;
    return f;
}

/* Flags of a - b - borrow. */
static uint32_t flags_diff(uint64_t a, uint64_t b, unsigned borrow, unsigned w,
                           enum ir_carry carry)
{
    uint32_t f = flags_sum(a, ~b & mask_of(w), !borrow, w);

    f ^= FLAG_A;             /* A is a borrow out of bit 3 */
    if (carry == CARRY_BORROW)
        f ^= FLAG_C;
    return f;
}

static unsigned borrow_in(uint64_t fl, enum ir_carry carry)
{
    bool c = fl & FLAG_C;

    return carry == CARRY_BORROW ? c : !c;
}

/* x86's flags of an operation on the low w bits. */
static uint32_t flags_narrow(const struct ir_op *op, const uint64_t *x)
{
    unsigned w = op->c[0];
    uint64_t a = x[0] & mask_of(w), b = x[1] & mask_of(w);
    unsigned carry = !!(x[2] & FLAG_C);

    switch ((enum ir_narrow)op->c[1]) {
    case NARROW_ADD: return flags_sum(a, b, 0, w);
    case NARROW_ADC: return flags_sum(a, b, carry, w);
    case NARROW_SUB: return flags_diff(a, b, 0, w, CARRY_BORROW);
    case NARROW_SBB: return flags_diff(a, b, carry, w, CARRY_BORROW);
    case NARROW_TEST: return flags_sz(a & b, w);
    }
    return 0;
}

/* C is the last bit shifted out, A is 0. For counts above 1 the SDM leaves O open, as it does C for counts above the width; Intel's processors make O as
 * if the operand was shifted by one. */
static uint32_t flags_shift(const struct ir_op *op, const uint64_t *x)
{
    unsigned w = op->c[0], n = x[2] & (w == 64 ? 63 : 31), m = n % w;
    uint64_t a = x[1] & mask_of(w), r;
    bool c, top = a >> (w - 1) & 1, next = a >> (w - 2) & 1, o = false;
    uint32_t old = x[0];

    if (!n)
        return old & FLAG_ALL;
    switch ((enum ir_shift)op->c[1]) {
    case SHIFT_SHL:
        r = n < w ? a << n & mask_of(w) : 0;
        c = n <= w && a >> (w - n) & 1;
        return flags_sz(r, w) | (c ? FLAG_C : 0) | (top != next ? FLAG_O : 0);
    case SHIFT_SHR:
        r = n < w ? a >> n : 0;
        c = n <= w && a >> (n - 1) & 1;
        return flags_sz(r, w) | (c ? FLAG_C : 0) | (top ? FLAG_O : 0);
    case SHIFT_SAR:
        r = (uint64_t)(sign(a, w) >> (n < w ? n : w - 1)) & mask_of(w);
        c = sign(a, w) >> (n < w ? n - 1 : w - 1) & 1;
        return flags_sz(r, w) | (c ? FLAG_C : 0);
    case SHIFT_ROL:
        r = m ? (a << m | a >> (w - m)) & mask_of(w) : a;
        c = r & 1;
        o = top != next;
        break;
    case SHIFT_ROR:
        r = m ? (a >> m | a << (w - m)) & mask_of(w) : a;
        c = r >> (w - 1) & 1;
        o = top != (a & 1);
        break;
    default:
        return old & FLAG_ALL;
    }
    return (old & FLAG_ALL & ~(FLAG_C | FLAG_O)) | (c ? FLAG_C : 0) | (o ? FLAG_O : 0);
}

bool interp_cond(uint32_t f, enum ir_cc cc)
{
    bool s = f & FLAG_S, z = f & FLAG_Z, c = f & FLAG_C, o = f & FLAG_O, r;

    switch (cc & ~1u) {
    case CC_EQ: r = z; break;
    case CC_CS: r = c; break;
    case CC_MI: r = s; break;
    case CC_VS: r = o; break;
    case CC_HI_ARM: r = c && !z; break;
    case CC_GE: r = s == o; break;
    case CC_GT: r = !z && s == o; break;
    case CC_HI_X86: r = !c && !z; break;
    case CC_PE: r = f & FLAG_P; break;
    case CC_ALWAYS: r = true; break;
    default:
        ir_assert(false, "condition %u on flags", cc);
    }
    return r ^ (cc & 1);
}

bool interp_cmp(uint64_t a, uint64_t b, enum ir_cc cc, unsigned w)
{
    bool r;

    switch (cc & ~1u) {
    case CC_EQ: r = a == b; break;
    case CC_GE: r = sign(a, w) >= sign(b, w); break;
    case CC_GT: r = sign(a, w) > sign(b, w); break;
    case CC_GEU: r = a >= b; break;
    case CC_GTU: r = a > b; break;
    case CC_TSTNE: r = (a & b) != 0; break;
    case CC_ALWAYS: r = true; break;
    default:
        ir_assert(false, "condition %u on a compare", cc);
    }
    return r ^ (cc & 1);
}

static bool eval_flags(const struct ir_op *op, unsigned w, const uint64_t *x,
                       uint64_t *r)
{
    switch (op->opc) {
    case IR_flags_add:
        *r = flags_sum(x[0], x[1], 0, w);
        return true;
    case IR_flags_adc:
        *r = flags_sum(x[0], x[1], !!(x[2] & FLAG_C), w);
        return true;
    case IR_flags_sub:
        *r = flags_diff(x[0], x[1], 0, w, op->c[0]);
        return true;
    case IR_flags_sbc:
        *r = flags_diff(x[0], x[1], borrow_in(x[2], op->c[0]), w, op->c[0]);
        return true;
    case IR_flags_logic:
        *r = flags_sz(x[0], w);
        return true;
    case IR_flags_narrow:
        *r = flags_narrow(op, x);
        return true;
    case IR_flags_shift:
        *r = flags_shift(op, x);
        return true;
    case IR_flags_merge:
        *r = (x[0] & ~op->c[0]) | (x[1] & op->c[0]);
        return true;
    case IR_flags_set_c:
        *r = (x[0] & ~(uint64_t)FLAG_C) | (x[1] & 1 ? FLAG_C : 0);
        return true;
    case IR_flags_from_bits:
    case IR_flags_to_bits:
        *r = x[0] & FLAG_ALL;
        return true;
    case IR_setcond:
        *r = interp_cond((uint32_t)x[0], op->c[0]);
        return true;
    case IR_setcmp:
        *r = interp_cmp(x[0], x[1], op->c[0], w);
        return true;
    case IR_adc:
        *r = x[0] + x[1] + !!(x[2] & FLAG_C);
        return true;
    case IR_sbc:
        *r = x[0] - x[1] - borrow_in(x[2], op->c[0]);
        return true;
    }
    return false;
}

/* ---- integers ------------------------------------------------------------------------------- */

static uint64_t swap16(uint64_t v)
{
    return (v & 0x00ff00ff00ff00ffull) << 8 | (v >> 8 & 0x00ff00ff00ff00ffull);
}

static uint64_t mul_high(uint64_t a, uint64_t b, unsigned w, bool is_signed)
{
    if (is_signed)
        return (uint64_t)(((__int128)sign(a, w) * sign(b, w)) >> w);
    return (uint64_t)(((unsigned __int128)a * b) >> w);
}

static uint64_t divide(uint64_t a, uint64_t b, unsigned w, bool is_signed)
{
    if (b == 0)
        return 0;
    if (!is_signed)
        return a / b;
    if (sign(b, w) == -1)
        return 0 - a;        /* MIN / -1 stays MIN */
    return (uint64_t)(sign(a, w) / sign(b, w));
}

static uint64_t eval_shift(enum ir_opc opc, uint64_t a, uint64_t n, unsigned w)
{
    n &= w - 1;
    switch (opc) {
    case IR_shl:
        return a << n;
    case IR_shr:
        return a >> n;
    case IR_sar:
        return (uint64_t)(sign(a, w) >> n);
    default:
        return n ? a >> n | a << (w - n) : a;
    }
}

static bool eval_bits(const struct ir_op *op, unsigned w, const uint64_t *x,
                      uint64_t *r)
{
    uint64_t m;

    switch (op->opc) {
    case IR_mov:
    case IR_zext:
    case IR_trunc:
    case IR_bitcast:
        *r = x[0];
        return true;
    case IR_sext:
        *r = (uint64_t)sign(x[0], 32);
        return true;
    case IR_concat32:
        *r = (uint32_t)x[0] | x[1] << 32;
        return true;
    case IR_clz:
        *r = x[0] ? (unsigned)__builtin_clzll(x[0]) - (64 - w) : w;
        return true;
    case IR_ctz:
        *r = x[0] ? (unsigned)__builtin_ctzll(x[0]) : w;
        return true;
    case IR_bswap:
        *r = __builtin_bswap64(x[0]) >> (64 - w);
        return true;
    case IR_bswap16:
        *r = swap16(x[0]);
        return true;
    case IR_extract:
        *r = x[0] >> op->c[0] & mask_of(op->c[1]);
        return true;
    case IR_sextract:
        *r = (uint64_t)sign(x[0] >> op->c[0] & mask_of(op->c[1]), op->c[1]);
        return true;
    case IR_deposit:
        m = mask_of(op->c[1]) << op->c[0];
        *r = (x[0] & ~m) | (x[1] << op->c[0] & m);
        return true;
    }
    return false;
}

static bool eval_int(const struct ir_op *op, unsigned w, const uint64_t *x,
                     uint64_t *r)
{
    uint64_t a = x[0], b = x[1];

    switch (op->opc) {
    case IR_add: *r = a + b; return true;
    case IR_sub: *r = a - b; return true;
    case IR_mul: *r = a * b; return true;
    case IR_and: *r = a & b; return true;
    case IR_or: *r = a | b; return true;
    case IR_xor: *r = a ^ b; return true;
    case IR_andc: *r = a & ~b; return true;
    case IR_not: *r = ~a; return true;
    case IR_neg: *r = 0 - a; return true;
    case IR_umulh: *r = mul_high(a, b, w, false); return true;
    case IR_smulh: *r = mul_high(a, b, w, true); return true;
    case IR_udiv: *r = divide(a, b, w, false); return true;
    case IR_sdiv: *r = divide(a, b, w, true); return true;
    case IR_smin: *r = sign(a, w) < sign(b, w) ? a : b; return true;
    case IR_smax: *r = sign(a, w) > sign(b, w) ? a : b; return true;
    case IR_umin: *r = a < b ? a : b; return true;
    case IR_umax: *r = a > b ? a : b; return true;
    case IR_shl: case IR_shr: case IR_sar: case IR_ror:
        *r = eval_shift(op->opc, a, b, w);
        return true;
    }
    return false;
}

static void eval_select(const struct ir_op *op, unsigned w,
                        const struct v128 *in, struct v128 *out)
{
    if (op->opc == IR_select)
        *out = interp_cond((uint32_t)in[0].d[0], op->c[0]) ? in[1] : in[2];
    else
        *out = interp_cmp(in[0].d[0], in[1].d[0], op->c[0], w) ? in[2] : in[3];
}

void interp_eval(struct tcg_env *env, const struct ir_op *op,
                 const uint8_t *in_type, struct v128 *out,
                 const struct v128 *in)
{
    unsigned w = 8 * ir_type_size(in_type[0]);
    uint64_t x[4] = { 0 }, r = 0;

    if (op->opc == IR_select || op->opc == IR_select_cmp) {
        eval_select(op, w, in, out);
        return;
    }
    for (unsigned i = 0; i < op->nin && i < 4; i++)
        x[i] = in[i].d[0];
    if (!eval_int(op, w, x, &r) && !eval_bits(op, w, x, &r) &&
        !eval_flags(op, w, x, &r)) {
        interp_eval_vec(env, op, in_type, out, in);
        return;
    }
    out->d[0] = r & mask_of(8 * ir_type_size(op->type));
    out->d[1] = 0;
}

/* ---- regions -------------------------------------------------------------------------------- */

struct frame {
    const struct ir *ir;
    struct tcg_env *env;
    const struct tcg_mem_ops *mem;
    struct v128 *v;
};

static void state_access(struct frame *f, const struct ir_op *op)
{
    uint8_t *p = (uint8_t *)f->env + op->c[0];
    struct v128 *v = &f->v[op->v[0]];

    if (op->opc == IR_state_st) {
        memcpy(p, v, ir_type_size(op->type));
        return;
    }
    *v = (struct v128){ { 0, 0 } };
    memcpy(v, p, ir_type_size(op->type));
}

static void guest_block(struct frame *f, const struct ir_op *op)
{
    uint8_t buf[32 * 16];
    unsigned size = 1u << (op->c[0] & MO_SIZE);
    uint32_t oi = TCG_OI(op->c[0], op->c[1]);
    uint64_t addr = f->v[ir_ins(op)[0]].d[0];

    if (op->opc == IR_guest_ldm || op->opc == IR_guest_ld) {
        f->mem->ld_block(f->env, addr, buf, op->nout, oi);
        for (unsigned i = 0; i < op->nout; i++) {
            f->v[op->v[i]] = (struct v128){ { 0, 0 } };
            memcpy(&f->v[op->v[i]], buf + i * size, size);
        }
        return;
    }
    for (unsigned i = 1; i < op->nin; i++)
        memcpy(buf + (i - 1) * size, &f->v[op->v[i]], size);
    f->mem->st_block(f->env, addr, buf, op->nin - 1u, oi);
}

static void guest_access(struct frame *f, const struct ir_op *op)
{
    uint64_t addr = f->v[ir_ins(op)[0]].d[0], r;
    uint32_t oi = TCG_OI(op->c[0], op->c[1]);

    switch (op->opc) {
    case IR_guest_ld:
        r = f->mem->ld(f->env, addr, oi);
        break;
    case IR_guest_st:
        f->mem->st(f->env, addr, f->v[op->v[1]].d[0], oi);
        return;
    case IR_guest_cas:
        r = f->mem->cas(f->env, addr, f->v[op->v[2]].d[0],
                        f->v[op->v[3]].d[0], oi);
        break;
    default:
        oi = TCG_OI_RMW(op->c[0], op->c[1], op->c[2]);
        r = f->mem->rmw(f->env, addr, f->v[op->v[2]].d[0], oi);
        break;
    }
    f->v[op->v[0]].d[0] = r & mask_of(8 * ir_type_size(op->type));
    f->v[op->v[0]].d[1] = 0;
}

static void call(struct frame *f, const struct ir_op *op)
{
    struct v128 args[HELPER_MAX_ARGS];
    uint64_t r;

    for (unsigned i = 0; i < op->nin; i++)
        args[i] = f->v[ir_ins(op)[i]];
    r = helper_call(op->helper, f->env, args);
    if (op->nout) {
        f->v[op->v[0]].d[0] = r & mask_of(8 * ir_type_size(op->type));
        f->v[op->v[0]].d[1] = 0;
    }
}

static bool branch_taken(struct frame *f, const struct ir_op *op)
{
    const struct ir_value *a = &f->ir->values[op->v[0]];

    if (op->opc == IR_br_cond)
        return interp_cond((uint32_t)f->v[op->v[0]].d[0], op->c[0]);
    return interp_cmp(f->v[op->v[0]].d[0], f->v[op->v[1]].d[0], op->c[0],
                      8 * ir_type_size(a->type));
}

static uint32_t find_label(const struct ir *ir, uint32_t i, uint64_t label)
{
    while (ir->ops[i].dead || ir->ops[i].opc != IR_label ||
           ir->ops[i].c[0] != label)
        i++;
    return i;
}

static void pure(struct frame *f, const struct ir_op *op)
{
    struct v128 in[4];
    uint8_t type[4] = { 0 };

    for (unsigned i = 0; i < op->nin; i++) {
        in[i] = f->v[ir_ins(op)[i]];
        type[i] = f->ir->values[ir_ins(op)[i]].type;
    }
    interp_eval(f->env, op, type, &f->v[op->v[0]], in);
}

/* Run op i; the index of the next one, or nops to leave. */
static uint32_t step(struct frame *f, uint32_t i)
{
    const struct ir_op *op = &f->ir->ops[i];

    switch (op->opc) {
    case IR_insn_start:
        f->env->pc = op->c[0];
        f->env->aux = (uint32_t)op->c[1];
        break;
    case IR_state_ld:
    case IR_state_st:
        state_access(f, op);
        break;
    case IR_guest_ldm:
    case IR_guest_stm:
        guest_block(f, op);
        break;
    case IR_guest_ld:
    case IR_guest_st:
        if ((op->c[0] & MO_SIZE) == MO_128)
            guest_block(f, op);
        else
            guest_access(f, op);
        break;
    case IR_guest_cas:
    case IR_guest_rmw:
        guest_access(f, op);
        break;
    case IR_mb:
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        break;
    case IR_call:
        call(f, op);
        break;
    case IR_br_cond:
    case IR_br_cmp:
        if (branch_taken(f, op))
            return find_label(f->ir, i, op->c[1]);
        break;
    case IR_label:
    case IR_ret_push:
        break;
    case IR_exit_link:
    case IR_exit_far:
        f->env->pc = op->c[0];
        return f->ir->nops;
    case IR_exit_ind:
        f->env->pc = f->v[op->v[0]].d[0];
        return f->ir->nops;
    case IR_exit_main:
        return f->ir->nops;
    default:
        pure(f, op);
        break;
    }
    return i + 1;
}

void interp_run(const struct ir *ir, struct tcg_env *env,
                const struct tcg_mem_ops *mem, struct v128 *values)
{
    struct frame f = { ir, env, mem, values };
    uint32_t i = 0;

    for (uint32_t id = 1; id < ir->nvalues; id++) {
        if (!ir->values[id].is_const)
            continue;
        values[id].d[0] = ir->values[id].lo;
        values[id].d[1] = ir->values[id].hi;
    }
    env->exit_link = NULL;
    while (i < ir->nops) {
        if (ir->ops[i].dead)
            i++;
        else
            i = step(&f, i);
    }
}
