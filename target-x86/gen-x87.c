/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x87 instructions. Values are computed by helpers (helper-fpu.c); what is here is operands in memory and what comes before every
 * instruction: a pending exception of an earlier one (SDM 1, 8.6, 8.7).
 */
#include "config.h"

#include "target-x86/decode.h"
#include "target-x86/fpu.h"

void x86_fpu_check_pending(struct x86_ctx *s)
{
    struct ir *ir = s->ir;
    unsigned ok = ir_label_new(ir);
    struct ir_val es = ir_andi(ir, ir_state_ld(ir, I32, X86_OFF(fsw)), FPU_SW_ES);

    ir_br_cmp(ir, CC_EQ, es, ir_const(ir, I32, 0), ok);
    ir_call(ir, x86_fpu_pending);
    ir_label(ir, ok);
}

/* enum fpu_what, but for what the caller adds */
static uint32_t begin(struct x86_ctx *s, struct x86_insn *i)
{
    uint32_t fop = (i->opcode & 7u) << 8 | i->modrm;

    if (!(i->row->flags & XF_NOWAIT))
        x86_fpu_check_pending(s);
    return fop << FPU_FOP_SHIFT | (i->mod == 3 ? (uint32_t)(i->modrm & 7) << FPU_ST_SHIFT : FPU_MEM | (uint32_t)i->seg << FPU_SEG_SHIFT);
}

/* The offset of the memory operand, for FDP */
static void keep_offset(struct x86_ctx *s, struct ir_val off)
{
    off = ir_typeof(s->ir, off) == I32 ? ir_zext(s->ir, off) : off;
    ir_state_st(s->ir, off, X86_OFF(fpu_ea));
}

/* The linear address of the memory operand; its offset is kept. */
static struct ir_val address(struct x86_ctx *s, struct x86_insn *i, unsigned bytes, bool write)
{
    struct ir_val la = x86_ea(s, i, bytes, write);

    keep_offset(s, s->offset);
    return la;
}

static struct ir_val address64(struct x86_ctx *s, struct x86_insn *i, unsigned bytes, bool write)
{
    struct ir_val la = address(s, i, bytes, write);

    return ir_typeof(s->ir, la) == I32 ? ir_zext(s->ir, la) : la;
}

static struct ir_val word(struct x86_ctx *s, uint32_t v)
{
    return ir_const(s->ir, I32, v);
}

/* ---- arithmetic and comparison ---------------------------------------------------------------- */

/* D8 to DE: the operand is ST(i), or a float or an integer in memory; ModRM.reg is the operation. */
static bool arith(struct x86_ctx *s, struct x86_insn *i, uint32_t what)
{
    struct ir *ir = s->ir;
    struct ir_val la;

    what |= begin(s, i);
    if (i->mod == 3) {
        ir_call(ir, x86_fpu_arith_st, word(s, what));
        return true;
    }
    la = address(s, i, 1u << i->op[0].size, false);
    switch (i->opcode) {
    case 0xd8:
        ir_call(ir, x86_fpu_arith_f32, x86_load(s, I32, la, MO_32), word(s, what));
        break;
    case 0xdc:
        ir_call(ir, x86_fpu_arith_f64, x86_load(s, I64, la, MO_64), word(s, what));
        break;
    case 0xda:
        ir_call(ir, x86_fpu_arith_int, x86_load(s, I32, la, MO_32), word(s, what));
        break;
    default:
        ir_call(ir, x86_fpu_arith_int, x86_load(s, I32, la, MO_16 | MO_SIGN), word(s, what));
        break;
    }
    return true;
}

#define ARITH(name)                                                                                  \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)                                           \
    {                                                                                                \
        return arith(s, i, (i->modrm >> 3 & 7u) | (i->mod == 3 && i->opcode != 0xd8 ? FPU_TO_ST : 0)); \
    }
/* DE: the same, popped */
#define ARITH_POP(name)                                                    \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)                 \
    {                                                                      \
        return arith(s, i, (i->modrm >> 3 & 7u) | FPU_TO_ST | FPU_POP);    \
    }
#define COMPARE(name, what)                                                \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)                 \
    {                                                                      \
        return arith(s, i, FPU_COM | (what));                              \
    }

ARITH(FADD) ARITH(FMUL) ARITH(FSUB) ARITH(FSUBR) ARITH(FDIV) ARITH(FDIVR)
ARITH(FIADD) ARITH(FIMUL) ARITH(FISUB) ARITH(FISUBR) ARITH(FIDIV) ARITH(FIDIVR)
ARITH_POP(FADDP) ARITH_POP(FMULP) ARITH_POP(FSUBP) ARITH_POP(FSUBRP) ARITH_POP(FDIVP) ARITH_POP(FDIVRP)
COMPARE(FCOM, 0) COMPARE(FCOMP, FPU_POP) COMPARE(FCOMPP, FPU_POP2) COMPARE(FICOM, 0) COMPARE(FICOMP, FPU_POP)
COMPARE(FUCOM, FPU_QUIET) COMPARE(FUCOMP, FPU_QUIET | FPU_POP) COMPARE(FUCOMPP, FPU_QUIET | FPU_POP2)

static bool comi(struct x86_ctx *s, struct x86_insn *i, uint32_t what)
{
    what |= begin(s, i);
    ir_call(s->ir, x86_fpu_comi, word(s, what));
    return true;
}

#define COMI(name, what)                                       \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)     \
    {                                                          \
        return comi(s, i, what);                               \
    }
COMI(FCOMI, 0) COMI(FCOMIP, FPU_POP) COMI(FUCOMI, FPU_QUIET) COMI(FUCOMIP, FPU_QUIET | FPU_POP)

static bool cmov(struct x86_ctx *s, struct x86_insn *i, enum ir_cc cc)
{
    struct ir *ir = s->ir;
    uint32_t what = begin(s, i);

    ir_call(ir, x86_fpu_cmov, ir_setcond(ir, x86_flags(s), cc), word(s, what));
    return true;
}

#define CMOV(name, cc)                                         \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)     \
    {                                                          \
        return cmov(s, i, cc);                                 \
    }
CMOV(FCMOVB, x86_cc(2)) CMOV(FCMOVE, x86_cc(4)) CMOV(FCMOVBE, x86_cc(6)) CMOV(FCMOVU, x86_cc(10))
CMOV(FCMOVNB, x86_cc(3)) CMOV(FCMOVNE, x86_cc(5)) CMOV(FCMOVNBE, x86_cc(7)) CMOV(FCMOVNU, x86_cc(11))

/* ---- the stack alone -------------------------------------------------------------------------- */

static bool unary(struct x86_ctx *s, struct x86_insn *i, uint32_t what)
{
    what |= begin(s, i);
    ir_call(s->ir, x86_fpu_unary, word(s, what));
    return true;
}

#define UNARY(name, what)                                      \
    bool gen_##name(struct x86_ctx *s, struct x86_insn *i)     \
    {                                                          \
        return unary(s, i, what);                              \
    }
UNARY(FCHS, FPU_CHS) UNARY(FABS, FPU_ABS) UNARY(FTST, FPU_TST) UNARY(FXAM, FPU_XAM) UNARY(FSQRT, FPU_SQRT)
UNARY(FRNDINT, FPU_RNDINT) UNARY(FSCALE, FPU_SCALE) UNARY(FXTRACT, FPU_XTRACT) UNARY(FPREM, FPU_PREM)
UNARY(FPREM1, FPU_PREM1) UNARY(F2XM1, FPU_FUNCTION + X87_EXP2M1) UNARY(FYL2X, FPU_FUNCTION + X87_YLOG2)
UNARY(FYL2XP1, FPU_FUNCTION + X87_YLOG2P1) UNARY(FPTAN, FPU_FUNCTION + X87_TAN) UNARY(FPATAN, FPU_FUNCTION + X87_ATAN2)
UNARY(FSIN, FPU_FUNCTION + X87_SIN) UNARY(FCOS, FPU_FUNCTION + X87_COS) UNARY(FSINCOS, FPU_FUNCTION + X87_SINCOS)
UNARY(FDECSTP, FPU_DECSTP) UNARY(FINCSTP, FPU_INCSTP) UNARY(FFREE, FPU_FREE) UNARY(FFREEP, FPU_FREE | FPU_POP)
UNARY(FXCH, FPU_XCH) UNARY(FSTPNCE, FPU_STPNCE) UNARY(FNCLEX, FPU_CLEX) UNARY(FNINIT, FPU_INIT) UNARY(FNOP, FPU_NOP)
UNARY(FLD1, FPU_CONST + 0) UNARY(FLDL2T, FPU_CONST + 1) UNARY(FLDL2E, FPU_CONST + 2) UNARY(FLDPI, FPU_CONST + 3)
UNARY(FLDLG2, FPU_CONST + 4) UNARY(FLDLN2, FPU_CONST + 5) UNARY(FLDZ, FPU_CONST + 6)

/* 8087 and 80287: nothing, without a wait */
bool gen_FENI(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return true;
}

bool gen_FDISI(struct x86_ctx *s, struct x86_insn *i)
{
    return gen_FENI(s, i);
}

bool gen_FNSETPM(struct x86_ctx *s, struct x86_insn *i)
{
    return gen_FENI(s, i);
}

/* WAIT: #NM with CR0.MP and TS */
bool gen_FWAIT(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    s->uses_fp = true;
    if (s->mode & X86_MODE_MP && s->mode & X86_MODE_TS) {
        x86_gen_raise(s, X86_NM, 0);
        return true;
    }
    x86_fpu_check_pending(s);
    return true;
}

/* ---- loads and stores ------------------------------------------------------------------------- */

static bool load(struct x86_ctx *s, struct x86_insn *i, enum fpu_value format, unsigned memop)
{
    struct ir *ir = s->ir;
    uint32_t what = begin(s, i) | format;
    struct ir_val la = address(s, i, 1u << (memop & MO_SIZE), false);

    ir_call(ir, x86_fpu_load, x86_load(s, I64, la, memop), word(s, what));
    return true;
}

/* FLD m32, m64, ST(i) */
bool gen_FLD(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->mod == 3)
        return unary(s, i, FPU_LD_ST);
    return i->opcode == 0xd9 ? load(s, i, FPU_F32, MO_32) : load(s, i, FPU_F64, MO_64);
}

/* FILD m32 (DB), m16 (DF /0), m64 (DF /5) */
bool gen_FILD(struct x86_ctx *s, struct x86_insn *i)
{
    return load(s, i, FPU_I64, i->opcode == 0xdb ? MO_32 | MO_SIGN : i->modrm & 0x28 ? MO_64 : MO_16 | MO_SIGN);
}

static bool load80(struct x86_ctx *s, struct x86_insn *i, enum fpu_value format)
{
    struct ir *ir = s->ir;
    uint32_t what = begin(s, i) | format;
    struct ir_val la = address(s, i, 10, false);
    struct ir_val low = x86_load(s, I64, la, MO_64), high = x86_load(s, I32, ir_addi(ir, la, 8), MO_16);

    ir_call(ir, x86_fpu_load80, low, high, word(s, what));
    return true;
}

bool gen_FLD_m80(struct x86_ctx *s, struct x86_insn *i)
{
    return load80(s, i, FPU_F80);
}

bool gen_FBLD(struct x86_ctx *s, struct x86_insn *i)
{
    return load80(s, i, FPU_BCD);
}

/* The value, the store unless an unmasked exception forbids it, and then what it does to the state: a fault of the store changes nothing. */
static bool store(struct x86_ctx *s, struct x86_insn *i, uint32_t what, unsigned size)
{
    struct ir *ir = s->ir;
    unsigned skip = ir_label_new(ir);
    struct ir_val v;

    what |= begin(s, i);
    keep_offset(s, x86_offset(s, i));
    v = ir_call(ir, x86_fpu_store, word(s, what));
    if (size < 3)
        v = ir_trunc(ir, v);
    ir_br_cmp(ir, CC_LT, ir_state_ld(ir, I32, X86_OFF(fpu_store)), ir_const(ir, I32, 0), skip);
    x86_store(s, x86_ea(s, i, 1u << size, true), v, size);
    ir_label(ir, skip);
    ir_call(ir, x86_fpu_stored, word(s, what));
    return true;
}

/* FST m32, m64, ST(i) */
static bool fst(struct x86_ctx *s, struct x86_insn *i, uint32_t pop)
{
    if (i->mod == 3)
        return unary(s, i, FPU_ST_ST | pop);
    return i->opcode == 0xd9 ? store(s, i, FPU_F32 | pop, 2) : store(s, i, FPU_F64 | pop, 3);
}

bool gen_FST(struct x86_ctx *s, struct x86_insn *i)
{
    return fst(s, i, 0);
}

bool gen_FSTP(struct x86_ctx *s, struct x86_insn *i)
{
    return fst(s, i, FPU_POP);
}

bool gen_FIST(struct x86_ctx *s, struct x86_insn *i)
{
    return i->opcode == 0xdb ? store(s, i, FPU_I32, 2) : store(s, i, FPU_I16, 1);
}

/* DF /7 is 64-bit */
bool gen_FISTP(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->opcode == 0xdf && i->modrm & 0x20)
        return store(s, i, FPU_I64 | FPU_POP, 3);
    return i->opcode == 0xdb ? store(s, i, FPU_I32 | FPU_POP, 2) : store(s, i, FPU_I16 | FPU_POP, 1);
}

bool gen_FISTTP(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->opcode == 0xdd)
        return store(s, i, FPU_T64 | FPU_POP, 3);
    return i->opcode == 0xdb ? store(s, i, FPU_T32 | FPU_POP, 2) : store(s, i, FPU_T16 | FPU_POP, 1);
}

static bool store80(struct x86_ctx *s, struct x86_insn *i, enum fpu_value format)
{
    struct ir *ir = s->ir;
    uint32_t what = begin(s, i) | FPU_POP | format;
    unsigned skip = ir_label_new(ir);
    struct ir_val la;

    keep_offset(s, x86_offset(s, i));
    ir_call(ir, x86_fpu_store, word(s, what));
    ir_br_cmp(ir, CC_LT, ir_state_ld(ir, I32, X86_OFF(fpu_store)), ir_const(ir, I32, 0), skip);
    la = x86_ea(s, i, 10, true);
    ir_call(ir, x86_fpu_store80, ir_typeof(ir, la) == I32 ? ir_zext(ir, la) : la, word(s, what));
    ir_label(ir, skip);
    ir_call(ir, x86_fpu_stored, word(s, what));
    return true;
}

bool gen_FSTP_m80(struct x86_ctx *s, struct x86_insn *i)
{
    return store80(s, i, FPU_F80);
}

bool gen_FBSTP(struct x86_ctx *s, struct x86_insn *i)
{
    return store80(s, i, FPU_BCD);
}

/* ---- control ---------------------------------------------------------------------------------- */

/* Control instructions leave the pointers to instruction and operand alone. */
static void begin_control(struct x86_ctx *s, struct x86_insn *i)
{
    if (!(i->row->flags & XF_NOWAIT))
        x86_fpu_check_pending(s);
}

bool gen_FLDCW(struct x86_ctx *s, struct x86_insn *i)
{
    begin_control(s, i);
    ir_call(s->ir, x86_fpu_ldcw, x86_read(s, i, 0));
    return true;
}

bool gen_FNSTCW(struct x86_ctx *s, struct x86_insn *i)
{
    x86_write(s, i, 0, ir_state_ld(s->ir, I32, X86_OFF(fcw)));
    return true;
}

/* FNSTSW m16, AX */
bool gen_FNSTSW(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val top = ir_shli(ir, ir_state_ld(ir, I32, X86_OFF(ftop)), 11);

    x86_write(s, i, 0, ir_or(ir, ir_state_ld(ir, I32, X86_OFF(fsw)), top));
    return true;
}

/* Environments have two sizes: by the operand size, which is 32 bits also with REX.W. */
static bool is_wide(const struct x86_insn *i)
{
    return i->osize != 1;
}

bool gen_FNSTENV(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_fpu_stenv, address64(s, i, is_wide(i) ? 28 : 14, true), word(s, is_wide(i)));
    return true;
}

bool gen_FLDENV(struct x86_ctx *s, struct x86_insn *i)
{
    begin_control(s, i);
    ir_call(s->ir, x86_fpu_ldenv, address64(s, i, is_wide(i) ? 28 : 14, false), word(s, is_wide(i)));
    return true;
}

bool gen_FNSAVE(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_fpu_save, address64(s, i, is_wide(i) ? 108 : 94, true), word(s, is_wide(i)));
    return true;
}

bool gen_FRSTOR(struct x86_ctx *s, struct x86_insn *i)
{
    begin_control(s, i);
    ir_call(s->ir, x86_fpu_restore, address64(s, i, is_wide(i) ? 108 : 94, false), word(s, is_wide(i)));
    return true;
}

bool gen_FXSAVE(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_fxsave, address64(s, i, 512, true), word(s, i->rex_w));
    return true;
}

/* MXCSR is part of it, and so the mode. */
bool gen_FXRSTOR(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_fxrstor, address64(s, i, 512, false), word(s, i->rex_w));
    x86_exit_main(s, i);
    return true;
}
