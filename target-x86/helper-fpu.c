/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x87 instructions (SDM 1, chapter 8): the register stack, tags, status word and exceptions around util/x87float.h. Control
 * instructions are in helper-fpu-env.c.
 *
 * An instruction with an unmasked exception leaves its operands (for overflow and underflow it stores a result of another exponent); the
 * fault comes with the next waiting instruction. Where the SDM leaves something open it is as Intel processors do it
 * (tests/random/diff-host).
 */
#include "config.h"

#include "softmmu/machine.h"
#include "target-x86/fpu-host.h"
#define HELPER_INC "target-x86/helpers-fpu.inc"
#include "tcg/helper-def.h"
#include "util/bits.h"

static const struct x87_float zero = { 0, 0 };

/* ---- the stack -------------------------------------------------------------------------------- */

uint16_t x86_fsw(const struct x86_cpu *c)
{
    return (uint16_t)(c->fsw | c->ftop << 11);
}

static bool is_empty(const struct x86_cpu *c, unsigned i)
{
    return c->fempty >> ((c->ftop + i) & 7) & 1;
}

static struct x87_float get(struct x86_cpu *c, unsigned i)
{
    const struct x87_reg *r = fpu_st(c, i);

    return (struct x87_float) { r->significand, r->sign_exponent };
}

static void put(struct x86_cpu *c, unsigned i, struct x87_float v)
{
    struct x87_reg *r = fpu_st(c, i);

    r->significand = v.sig;
    r->sign_exponent = v.se;
    c->fempty &= ~(1u << ((c->ftop + i) & 7));
}

static void pop(struct x86_cpu *c)
{
    c->fempty |= 1u << c->ftop;
    c->ftop = (c->ftop + 1) & 7;
}

static void push(struct x86_cpu *c, struct x87_float v)
{
    c->ftop = (c->ftop - 1) & 7;
    put(c, 0, v);
}

/* Initializer of a struct x87_env. No function, because copies of what has just been written piece by piece are slow. */
#define ENV(c) { .control = (c)->fcw, .flags = 0, .denormal = 0 }

/* ---- exceptions ------------------------------------------------------------------------------- */

static void set_ferr(struct x86_cpu *c, bool level)
{
    struct cpu *cpu = &c->cpu;

    if (cpu->nout <= X86_OUT_FERR || !cpu->out[X86_OUT_FERR])
        return;
    machine_lock(cpu->machine);
    irq_set(cpu->out[X86_OUT_FERR], level);
    machine_unlock(cpu->machine);
}

void x86_fpu_update_error(struct x86_cpu *c)
{
    bool was = c->fsw & FPU_SW_ES, is = c->fsw & ~c->fcw & X87_EXCEPTIONS;

    c->fsw = (c->fsw & ~(uint32_t)FPU_SW_ERROR) | (is ? FPU_SW_ERROR : 0);
    if (was != is && (!is || !(c->cr0 & X86_CR0_NE)))
        set_ferr(c, is);
}

/* SDM 1, 8.7.2: without CR0.NE the error goes out by FERR#, and IGNNE# is taken to be active. */
void helper_x86_fpu_pending(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (c->cr0 & X86_CR0_NE)
        x86_raise(c, X86_MF, 0);
    set_ferr(c, true);
}

/* The end of every instruction that is not a control instruction: its pointers, flags, condition codes (those of `clear` are replaced). */
static void finish(struct x86_cpu *c, uint32_t what, uint16_t flags, uint16_t clear)
{
    bool unmasked = flags & ~c->fcw & X87_EXCEPTIONS;

    c->fip = c->cpu.env.pc - c->seg[X86_CS].base;
    c->fcs = c->seg[X86_CS].selector;
    c->fsw = (c->fsw & ~(uint32_t)clear) | flags;
    if (unmasked)
        x86_fpu_update_error(c);
    /* CPUID.7.EBX[6]: only with an unmasked exception */
    if (!unmasked && x86_has(c, X86_F_FDP_EXCPTN_ONLY))
        return;
    c->fop = what >> FPU_FOP_SHIFT & 0x7ff;
    if (what & FPU_MEM) {
        c->fdp = c->fpu_ea;
        c->fds = c->seg[what >> FPU_SEG_SHIFT & 7].selector;
    }
}

/* A result for ST(i), the flags of its making */
static void finish_result(struct x86_cpu *c, uint32_t what, unsigned i, struct x87_float r, const struct x87_env *e)
{
    if (!x87_no_result(e)) {
        put(c, i, r);
        if (what & FPU_POP)
            pop(c);
    }
    finish(c, what, e->flags, X87_C1);
}

#define STACK_UNDERFLOW (X87_IE | X87_SF)
#define STACK_OVERFLOW (X87_IE | X87_SF | X87_C1)

/* Stack underflow: the masked response is the default NaN as the result. */
static void underflow(struct x86_cpu *c, uint32_t what, unsigned i, uint16_t clear)
{
    if (c->fcw & X87_IE) {
        put(c, i, x87_indefinite());
        if (what & FPU_POP)
            pop(c);
    }
    finish(c, what, STACK_UNDERFLOW, clear | X87_C1);
}

/* Push what a load gives. */
static void finish_push(struct x86_cpu *c, uint32_t what, struct x87_float v, uint16_t flags)
{
    if (!is_empty(c, 7) && flags != STACK_UNDERFLOW) {
        flags = STACK_OVERFLOW;
        v = x87_indefinite();
    }
    if (!(flags & ~c->fcw & X87_IE))
        push(c, v);
    finish(c, what, flags, X87_C1);
}

/* ---- arithmetic and comparison ---------------------------------------------------------------- */

static void pop_compared(struct x86_cpu *c, uint32_t what, uint16_t flags)
{
    if (flags & ~c->fcw & (X87_IE | X87_DE))
        return;
    if (what & (FPU_POP | FPU_POP2))
        pop(c);
    if (what & FPU_POP2)
        pop(c);
}

/* C0, C2, C3; ST0 with b */
static void compare(struct x86_cpu *c, uint32_t what, struct x87_float b, bool b_empty, struct x87_env e)
{
    if (is_empty(c, 0) || b_empty)
        e.flags = STACK_UNDERFLOW | X87_C0 | X87_C2 | X87_C3;
    else
        e.flags |= x87_compare(get(c, 0), b, !(what & FPU_QUIET), &e);
    pop_compared(c, what, e.flags);
    finish(c, what, e.flags, X87_CC);
}

static struct x87_float operate(enum fpu_arith op, struct x87_float a, struct x87_float b, struct x87_env *e)
{
    switch (op) {
    case FPU_ADD:
        return x87_add(a, b, e);
    case FPU_MUL:
        return x87_mul(a, b, e);
    case FPU_SUB:
        return x87_sub(a, b, e);
    case FPU_SUBR:
        return x87_sub(b, a, e);
    case FPU_DIV:
        return x87_div(a, b, e);
    default:
        return x87_div(b, a, e);
    }
}

/* ST0 op b */
static void arith(struct x86_cpu *c, uint32_t what, struct x87_float b, bool b_empty, struct x87_env e)
{
    enum fpu_arith op = (enum fpu_arith)(what & 7);
    unsigned dest = what & FPU_TO_ST ? what >> FPU_ST_SHIFT & 7 : 0;

    if (op == FPU_COM || op == FPU_COMP)
        compare(c, what, b, b_empty, e);
    else if (is_empty(c, 0) || b_empty)
        underflow(c, what, dest, 0);
    else
        finish_result(c, what, dest, operate(op, get(c, 0), b, &e), &e);
}

enum operand_kind { OPERAND_F32, OPERAND_F64, OPERAND_REG };

#if defined(__x86_64__)

/* The common case (fpu-host.h); false: it is not. */
static inline bool arith_on_host(struct x86_cpu *c, uint32_t what, enum operand_kind kind, const void *b)
{
    enum fpu_arith op = (enum fpu_arith)(what & 7);
    unsigned dest = what & FPU_TO_ST ? what >> FPU_ST_SHIFT & 7 : 0;
    struct fpu_host_result r;
    uint16_t sw;

    if (!fpu_host_usable(c) || op == FPU_COM || op == FPU_COMP || is_empty(c, 0))
        return false;
    if (c->fcw != X87_CW_DEFAULT)
        fpu_host_control((uint16_t)c->fcw);
    if (kind == OPERAND_F64)
        sw = fpu_host_f64(op, fpu_st(c, 0), b, &r);
    else if (kind == OPERAND_F32)
        sw = fpu_host_f32(op, fpu_st(c, 0), b, &r);
    else
        sw = fpu_host_reg(op, fpu_st(c, 0), b, &r);
    if (c->fcw != X87_CW_DEFAULT)
        fpu_host_control(X87_CW_DEFAULT);
    if (fpu_host_bad(sw))
        return false;
    put(c, dest, (struct x87_float) { r.sig, r.se });
    if (what & FPU_POP)
        pop(c);
    finish(c, what, sw & X87_C1, X87_C1);
    return true;
}

static inline bool store_on_host(struct x86_cpu *c, enum fpu_value format, uint64_t *v)
{
    uint16_t sw;

    if (format > FPU_F64 || !fpu_host_usable(c) || is_empty(c, 0))
        return false;
    if (c->fcw != X87_CW_DEFAULT)
        fpu_host_control((uint16_t)c->fcw);
    sw = fpu_host_store(fpu_st(c, 0), format == FPU_F64 ? 64 : 32, v);
    if (c->fcw != X87_CW_DEFAULT)
        fpu_host_control(X87_CW_DEFAULT);
    if (fpu_host_bad(sw))
        return false;
    c->fpu_store = sw & X87_C1;
    return true;
}

#else

static inline bool arith_on_host(struct x86_cpu *c, uint32_t what, enum operand_kind kind, const void *b)
{
    (void)c;
    (void)what;
    (void)kind;
    (void)b;
    return false;
}

static inline bool store_on_host(struct x86_cpu *c, enum fpu_value format, uint64_t *v)
{
    (void)c;
    (void)format;
    (void)v;
    return false;
}

#endif

void helper_x86_fpu_arith_st(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned i = what >> FPU_ST_SHIFT & 7;

    if (!is_empty(c, i) && arith_on_host(c, what, OPERAND_REG, fpu_st(c, i)))
        return;
    arith(c, what, get(c, i), is_empty(c, i), (struct x87_env)ENV(c));
}

void helper_x86_fpu_arith_f32(struct tcg_env *env, uint32_t v, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e;

    if (arith_on_host(c, what, OPERAND_F32, &v))
        return;
    e = (struct x87_env)ENV(c);
    arith(c, what, x87_operand_f32(v, &e), false, e);
}

void helper_x86_fpu_arith_f64(struct tcg_env *env, uint64_t v, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e;

    if (arith_on_host(c, what, OPERAND_F64, &v))
        return;
    e = (struct x87_env)ENV(c);
    arith(c, what, x87_operand_f64(v, &e), false, e);
}

void helper_x86_fpu_arith_int(struct tcg_env *env, uint32_t v, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);

    arith(c, what, x87_from_int((int32_t)v), false, (struct x87_env)ENV(c));
}

void helper_x86_fpu_comi(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e = ENV(c);
    unsigned i = what >> FPU_ST_SHIFT & 7;
    uint16_t r = X87_C0 | X87_C2 | X87_C3;

    if (is_empty(c, 0) || is_empty(c, i))
        e.flags = STACK_UNDERFLOW;
    else
        r = x87_compare(get(c, 0), get(c, i), !(what & FPU_QUIET), &e);
    c->flags = (r & X87_C0 ? FLAG_C : 0) | (r & X87_C2 ? FLAG_P : 0) | (r & X87_C3 ? FLAG_Z : 0);
    pop_compared(c, what, e.flags);
    finish(c, what, e.flags, e.flags & X87_SF ? X87_C1 : 0);
}

void helper_x86_fpu_cmov(struct tcg_env *env, uint32_t cond, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned i = what >> FPU_ST_SHIFT & 7;

    if (is_empty(c, 0) || is_empty(c, i)) {
        underflow(c, what, 0, 0);
        return;
    }
    if (cond)
        put(c, 0, get(c, i));
    finish(c, what, 0, 0);
}

/* ---- loads and stores ------------------------------------------------------------------------- */

void helper_x86_fpu_load(struct tcg_env *env, uint64_t v, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e = ENV(c);
    struct x87_float r;

    switch ((enum fpu_value)(what & FPU_OP)) {
    case FPU_F32:
        r = x87_from_f32((uint32_t)v, &e);
        break;
    case FPU_F64:
        r = x87_from_f64(v, &e);
        break;
    default:
        r = x87_from_int((int64_t)v);
        break;
    }
    finish_push(c, what, r, e.flags);
}

void helper_x86_fpu_load80(struct tcg_env *env, uint64_t low, uint32_t high, uint32_t what)
{
    struct x87_float v = { low, (uint16_t)high };
    uint8_t bcd[10];

    if ((what & FPU_OP) == FPU_BCD) {
        for (unsigned i = 0; i < 8; i++)
            bcd[i] = (uint8_t)(low >> 8 * i);
        bcd[8] = (uint8_t)high;
        bcd[9] = (uint8_t)(high >> 8);
        v = x87_from_bcd(bcd);
    }
    finish_push(X86_ENV(env), what, v, 0);
}

/* Ten bytes are made by helper_x86_fpu_store80. */
static uint64_t store_value(enum fpu_value format, struct x87_float a, struct x87_env *e)
{
    uint8_t bcd[10];

    switch (format) {
    case FPU_F32:
        return x87_to_f32(a, e);
    case FPU_F64:
        return x87_to_f64(a, e);
    case FPU_I16:
    case FPU_T16:
        return (uint64_t)x87_to_int(a, 16, format == FPU_T16, e);
    case FPU_I32:
    case FPU_T32:
        return (uint64_t)x87_to_int(a, 32, format == FPU_T32, e);
    case FPU_F80:
        return 0;
    case FPU_BCD:
        x87_to_bcd(a, bcd, e);
        return 0;
    default:
        return (uint64_t)x87_to_int(a, 64, format == FPU_T64, e);
    }
}

#define NO_STORE (1u << 31)

uint64_t helper_x86_fpu_store(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e;
    enum fpu_value format = (enum fpu_value)(what & FPU_OP);
    uint64_t v;

    if (store_on_host(c, format, &v))
        return v;
    e = (struct x87_env)ENV(c);
    if (is_empty(c, 0)) {
        v = store_value(format, x87_indefinite(), &e);
        e.flags = STACK_UNDERFLOW;
    } else {
        v = store_value(format, get(c, 0), &e);
    }
    c->fpu_store = e.flags | (x87_no_store(&e) ? NO_STORE : 0);
    return v;
}

void helper_x86_fpu_stored(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);

    if (what & FPU_POP && !(c->fpu_store & NO_STORE))
        pop(c);
    finish(c, what, (uint16_t)c->fpu_store, X87_C1);
}

void helper_x86_fpu_store80(struct tcg_env *env, uint64_t la, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x87_env e = ENV(c);
    struct x87_float v = is_empty(c, 0) ? x87_indefinite() : get(c, 0);
    uint64_t low = v.sig;
    uint32_t high = v.se;

    if ((what & FPU_OP) == FPU_BCD) {
        uint8_t bcd[10];

        x87_to_bcd(v, bcd, &e);
        low = 0;
        for (unsigned i = 0; i < 8; i++)
            low |= (uint64_t)bcd[i] << 8 * i;
        high = bcd[8] | (uint32_t)bcd[9] << 8;
    }
    x86_fpu_check_alignment(c, la, 8);
    x86_st(c, la, low, MO_64, X86_VIEW_CPL);
    x86_st(c, la + 8, high, MO_16, X86_VIEW_CPL);
}

/* ---- the stack alone -------------------------------------------------------------------------- */

static void load_const(struct x86_cpu *c, uint32_t what)
{
    /* truncated; how much the nearest is above that, and whether it is what rounding up gives, too */
    static const struct {
        uint64_t sig;
        uint16_t se;
        bool up;
    } consts[] = {
        { UINT64_C(0x8000000000000000), 0x3fff, false }, { UINT64_C(0xd49a784bcd1b8afe), 0x4000, false },
        { UINT64_C(0xb8aa3b295c17f0bb), 0x3fff, true }, { UINT64_C(0xc90fdaa22168c234), 0x4000, true },
        { UINT64_C(0x9a209a84fbcff798), 0x3ffd, true }, { UINT64_C(0xb17217f7d1cf79ab), 0x3ffe, true }, { 0, 0, false },
    };
    unsigned n = (what & FPU_OP) - FPU_CONST, rc = c->fcw >> 10 & 3;
    struct x87_float v = { consts[n].sig, consts[n].se };
    bool exact = n == 0 || n == 6;

    v.sig += !exact && (rc == X87_ROUND_UP || (rc == X87_ROUND_NEAREST && consts[n].up));
    finish_push(c, what, v, 0);
}

/* FXAM, table 3-42: also of empty registers */
static void examine(struct x86_cpu *c, uint32_t what)
{
    static const uint16_t codes[] = {
        [X87_ZERO] = X87_C3, [X87_NORMAL] = X87_C2, [X87_DENORMAL] = X87_C3 | X87_C2, [X87_INF] = X87_C2 | X87_C0,
        [X87_QNAN] = X87_C0, [X87_SNAN] = X87_C0, [X87_UNSUPPORTED] = 0,
    };
    struct x87_float v = get(c, 0);
    uint16_t code = is_empty(c, 0) ? X87_C3 | X87_C0 : codes[x87_classify(v)];

    finish(c, what, code | (v.se & 0x8000 ? X87_C1 : 0), X87_CC);
}

/* One operand, one result, in ST0 */
static void one_operand(struct x86_cpu *c, uint32_t what)
{
    struct x87_env e = ENV(c);
    struct x87_float a = get(c, 0);

    if (is_empty(c, 0)) {
        underflow(c, what, 0, 0);
        return;
    }
    switch ((enum fpu_unary)(what & FPU_OP)) {
    case FPU_CHS:
        a.se ^= 0x8000;
        break;
    case FPU_ABS:
        a.se &= 0x7fff;
        break;
    case FPU_SQRT:
        a = x87_sqrt(a, &e);
        break;
    default:
        a = x87_round_to_int(a, &e);
        break;
    }
    finish_result(c, what, 0, a, &e);
}

/* ST0 and ST1, the result in ST0: FSCALE, FPREM, FPREM1 */
static void two_operands(struct x86_cpu *c, uint32_t what)
{
    struct x87_env e = ENV(c);
    struct x87_float a = get(c, 0), b = get(c, 1);
    bool scale = (what & FPU_OP) == FPU_SCALE, done;

    if (is_empty(c, 0) || is_empty(c, 1)) {
        underflow(c, what, 0, scale ? 0 : X87_C2);
        return;
    }
    a = scale ? x87_scale(a, b, &e) : x87_remainder(a, b, (what & FPU_OP) == FPU_PREM1, &e);
    if (!x87_no_result(&e))
        put(c, 0, a);
    done = !x87_no_result(&e) && x87_classify(a) < X87_QNAN;
    finish(c, what, e.flags, scale ? X87_C1 : done ? X87_CC : X87_C1 | X87_C2);
}

/* One operand that becomes two results: `first` in its place, `second` pushed */
static void finish_two(struct x86_cpu *c, uint32_t what, struct x87_float first, struct x87_float second,
                       const struct x87_env *e, uint16_t clear)
{
    if (!x87_no_result(e)) {
        put(c, 0, first);
        push(c, second);
    }
    finish(c, what, e->flags, clear);
}

/* The stack's part of an instruction with two results. False: it ends here. */
static bool has_room(struct x86_cpu *c, uint32_t what, uint16_t clear)
{
    struct x87_env e = ENV(c);

    e.flags = is_empty(c, 0) ? STACK_UNDERFLOW : STACK_OVERFLOW;
    if (!is_empty(c, 0) && is_empty(c, 7))
        return true;
    finish_two(c, what, x87_indefinite(), x87_indefinite(), &e, clear);
    return false;
}

static void extract(struct x86_cpu *c, uint32_t what)
{
    struct x87_env e = ENV(c);
    struct x87_float exponent, significand;

    if (!has_room(c, what, X87_C1))
        return;
    significand = x87_extract(get(c, 0), &exponent, &e);
    finish_two(c, what, exponent, significand, &e, X87_C1);
}

/* ST0 and ST1 become one */
static void function_of_two(struct x86_cpu *c, uint32_t what, enum x87_function f)
{
    struct x87_env e = ENV(c);

    what |= FPU_POP;
    if (is_empty(c, 0) || is_empty(c, 1))
        underflow(c, what, 1, 0);
    else
        finish_result(c, what, 1, x87_function(f, get(c, 0), get(c, 1), NULL, &e), &e);
}

static void function(struct x86_cpu *c, uint32_t what)
{
    enum x87_function f = (enum x87_function)((what & FPU_OP) - FPU_FUNCTION);
    struct x87_env e = ENV(c);
    struct x87_float first, second;
    uint16_t clear = X87_C1 | (f <= X87_TAN ? X87_C2 : 0);

    if (f == X87_ATAN2 || f == X87_YLOG2 || f == X87_YLOG2P1) {
        function_of_two(c, what, f);
    } else if (f == X87_SINCOS || f == X87_TAN) {
        if (!has_room(c, what, clear))
            return;
        first = x87_function(f, get(c, 0), zero, &second, &e);
        if (e.flags & X87_C2)
            finish(c, what, e.flags, clear);
        else
            finish_two(c, what, first, second, &e, clear);
    } else if (is_empty(c, 0)) {
        underflow(c, what, 0, clear);
    } else {
        first = x87_function(f, get(c, 0), zero, NULL, &e);
        if (!x87_no_result(&e))
            put(c, 0, first);
        finish(c, what, e.flags, clear);
    }
}

static void exchange(struct x86_cpu *c, uint32_t what)
{
    unsigned i = what >> FPU_ST_SHIFT & 7;
    bool empty = is_empty(c, 0) || is_empty(c, i);
    struct x87_float a = is_empty(c, 0) ? x87_indefinite() : get(c, 0);
    struct x87_float b = is_empty(c, i) ? x87_indefinite() : get(c, i);

    if (!empty || c->fcw & X87_IE) {
        put(c, 0, b);
        put(c, i, a);
    }
    finish(c, what, empty ? STACK_UNDERFLOW : 0, X87_C1);
}

static void move(struct x86_cpu *c, uint32_t what)
{
    unsigned i = what >> FPU_ST_SHIFT & 7;
    struct x87_env none = ENV(c);
    bool empty;

    switch ((enum fpu_unary)(what & FPU_OP)) {
    case FPU_LD_ST:
        empty = is_empty(c, i);
        finish_push(c, what, empty ? x87_indefinite() : get(c, i), empty ? STACK_UNDERFLOW : 0);
        break;
    case FPU_ST_ST:
        if (is_empty(c, 0))
            underflow(c, what, i, 0);
        else
            finish_result(c, what, i, get(c, 0), &none);
        break;
    default:
        if (!is_empty(c, 0))
            put(c, i, get(c, 0));
        pop(c);
        finish(c, what, 0, X87_C1);
        break;
    }
}

static void stack(struct x86_cpu *c, uint32_t what)
{
    switch ((enum fpu_unary)(what & FPU_OP)) {
    case FPU_DECSTP:
        c->ftop = (c->ftop - 1) & 7;
        break;
    case FPU_INCSTP:
        c->ftop = (c->ftop + 1) & 7;
        break;
    default:
        c->fempty |= 1u << ((c->ftop + (what >> FPU_ST_SHIFT & 7)) & 7);
        if (what & FPU_POP)
            pop(c);
        break;
    }
    finish(c, what, 0, X87_C1);
}

void helper_x86_fpu_unary(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);

    switch ((enum fpu_unary)(what & FPU_OP)) {
    case FPU_CHS:
    case FPU_ABS:
    case FPU_SQRT:
    case FPU_RNDINT:
        one_operand(c, what);
        break;
    case FPU_SCALE:
    case FPU_PREM:
    case FPU_PREM1:
        two_operands(c, what);
        break;
    case FPU_TST:
        compare(c, what, zero, false, (struct x87_env)ENV(c));
        break;
    case FPU_XAM:
        examine(c, what);
        break;
    case FPU_XTRACT:
        extract(c, what);
        break;
    case FPU_XCH:
        exchange(c, what);
        break;
    case FPU_LD_ST:
    case FPU_ST_ST:
    case FPU_STPNCE:
        move(c, what);
        break;
    case FPU_DECSTP:
    case FPU_INCSTP:
    case FPU_FREE:
        stack(c, what);
        break;
    case FPU_CLEX:
        c->fsw &= ~(uint32_t)(X87_EXCEPTIONS | X87_SF);
        x86_fpu_update_error(c);
        break;
    case FPU_INIT:
        x86_fpu_init(c);
        break;
    case FPU_NOP:
        finish(c, what, 0, 0);
        break;
    default:
        if ((what & FPU_OP) >= FPU_FUNCTION)
            function(c, what);
        else
            load_const(c, what);
        break;
    }
}

/* All eight bytes must be there, whatever the mask. */
void helper_x86_mmx_maskmov(struct tcg_env *env, uint64_t la, uint64_t v, uint64_t mask)
{
    struct x86_cpu *c = X86_ENV(env);

    x86_fpu_check_alignment(c, la, 8);
    (void)x86_ld(c, la, MO_64 | MO_WRITE, X86_VIEW_CPL);
    for (unsigned i = 0; i < 8; i++)
        if (mask >> (8 * i + 7) & 1)
            x86_st(c, la + i, v >> 8 * i & 0xff, MO_8, X86_VIEW_CPL);
}
