/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A32/T32: the loop over a region's instructions, conditions, IT blocks, and
 * what handlers use to read registers and to leave. Called through
 * cpu_ops->translate.
 *
 * Conditions. An instruction that only writes one register is computed always
 * and its result selected. Others are jumped over; neighbours with the same
 * condition share the jump as long as none of them writes the flags.
 *
 * IT blocks. The state of the first instruction is part of the translation
 * mode, later ones are known here. env.aux holds the state of the instruction
 * that runs (insn_start puts it there before whatever may fault), so every
 * exit of a region in which it was not 0 writes it back.
 */
#include "config.h"

#include "target-arm/a32-trans.h"
#include "target-arm/helpers-arm.h"
#include "tcg/compile.h"
#include "util/bits.h"

#define OFF_AUX ((unsigned)offsetof(struct tcg_env, aux))

/* ---- Functions of the decode tables ---- */

static uint32_t is_nonzero(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return v != 0;
}

/* A5.2.4 ARMExpandImm */
static uint32_t a32_expand_imm(struct a32_ctx *s, uint32_t rot, uint32_t imm8)
{
    (void)s;
    return ror32(imm8, 2 * rot);
}

/* A8.4.3 DecodeImmShift: ROR #0 is RRX, LSR #0 and ASR #0 are by 32 */
static uint32_t shift_type(struct a32_ctx *s, uint32_t type, uint32_t imm)
{
    (void)s;
    return type == 3 && imm == 0 ? 4 : type;
}

static uint32_t shift_amount(struct a32_ctx *s, uint32_t type, uint32_t imm)
{
    (void)s;
    if (type == 3 && imm == 0) {
        return 1;
    }
    return imm == 0 && type != 0 ? 32 : imm;
}

/* SSAT, USAT: sh selects ASR, whose 0 is 32 */
static uint32_t sat_type(struct a32_ctx *s, uint32_t sh)
{
    (void)s;
    return sh ? 2 : 0;
}

static uint32_t sat_amount(struct a32_ctx *s, uint32_t sh, uint32_t imm)
{
    return shift_amount(s, sat_type(s, sh), imm);
}

static uint32_t join4(struct a32_ctx *s, uint32_t hi, uint32_t lo)
{
    (void)s;
    return hi << 4 | lo;
}

static uint32_t post_or(struct a32_ctx *s, uint32_t pre, uint32_t wb)
{
    (void)s;
    return !pre || wb;
}

static uint32_t next_reg(struct a32_ctx *s, uint32_t rt)
{
    (void)s;
    return rt + 1;
}

static uint32_t with_pc(struct a32_ctx *s, uint32_t list)
{
    (void)s;
    return list | 1u << 15;
}

static uint32_t a32_offset(struct a32_ctx *s, uint32_t imm)
{
    (void)s;
    return imm << 2;
}

static uint32_t a32_blx_offset(struct a32_ctx *s, uint32_t imm, uint32_t half)
{
    (void)s;
    return imm << 2 | half << 1;
}

static uint32_t outside_it(struct a32_ctx *s)
{
    return s->it == 0;
}

static uint32_t times2(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return v << 1;
}

static uint32_t times4(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return v << 2;
}

static uint32_t negate(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return -v;
}

static uint32_t push_list(struct a32_ctx *s, uint32_t lr, uint32_t list)
{
    (void)s;
    return list | lr << ARM_LR;
}

static uint32_t pop_list(struct a32_ctx *s, uint32_t pc, uint32_t list)
{
    (void)s;
    return list | pc << ARM_PC;
}

static uint32_t not_in_list(struct a32_ctx *s, uint32_t rn, uint32_t list)
{
    (void)s;
    return ~list >> rn & 1;
}

static uint32_t cps_imod(struct a32_ctx *s, uint32_t disable)
{
    (void)s;
    return 2 | disable;
}

/* A6.3.2 ThumbExpandImm of i:imm3:imm8 */
static uint32_t t32_imm(struct a32_ctx *s, uint32_t imm12)
{
    uint32_t imm8 = imm12 & 0xff;

    (void)s;
    switch (imm12 >> 8) {
    case 0:
        return imm8;
    case 1:
        return imm8 * 0x00010001u;
    case 2:
        return imm8 * 0x01000100u;
    case 3:
        return imm8 * 0x01010101u;
    default:
        return ror32(0x80 | (imm12 & 0x7f), imm12 >> 7);
    }
}

static uint32_t t32_rotated(struct a32_ctx *s, uint32_t imm12)
{
    (void)s;
    return imm12 >> 10 != 0;
}

/* imm4:i:imm3:imm8; the table gives i:imm4:imm3:imm8 */
static uint32_t t32_imm16(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return (v & 0x7800) << 1 | (v & 0x8000) >> 4 | (v & 0x7ff);
}

/* S:J2:J1:imm6:imm11:0 from S:imm6:imm11 */
static uint32_t t32_cond_offset(struct a32_ctx *s, uint32_t imm, uint32_t j1,
                                uint32_t j2)
{
    uint32_t sign = (int32_t)imm < 0 ? ~0u << 20 : 0;

    (void)s;
    return sign | j2 << 19 | j1 << 18 | (imm & 0x1ffff) << 1;
}

/* S:I1:I2, I = NOT(J EOR S) */
static uint32_t t32_high(uint32_t imm, uint32_t j1, uint32_t j2)
{
    uint32_t neg = (int32_t)imm < 0;

    return (neg ? ~0u << 24 : 0) | (j1 == neg) << 23 | (j2 == neg) << 22;
}

static uint32_t t32_offset(struct a32_ctx *s, uint32_t imm, uint32_t j1,
                           uint32_t j2)
{
    (void)s;
    return t32_high(imm, j1, j2) | (imm & 0x1fffff) << 1;
}

static uint32_t t32_blx_offset(struct a32_ctx *s, uint32_t imm, uint32_t j1,
                               uint32_t j2)
{
    (void)s;
    return t32_high(imm, j1, j2) | (imm & 0xfffff) << 2;
}

static bool need_v8(struct a32_ctx *s)
{
    return a32_has(s, ARM_V8);
}

static bool need_crc(struct a32_ctx *s)
{
    return a32_has(s, ARM_CRC32);
}

static bool need_idiv_arm(struct a32_ctx *s)
{
    return a32_has(s, ARM_DIV_ARM);
}

static bool need_idiv_thumb(struct a32_ctx *s)
{
    return a32_has(s, ARM_DIV_THUMB);
}

/* With the Multiprocessing Extensions SCTLR.SW enables SWP; it resets to 0,
 * and the models have no SW bit, so SWP is UNDEFINED (B4.1.130). */
static bool need_swp(struct a32_ctx *s)
{
    return !a32_has(s, ARM_MP_EXT);
}

#include "target-arm/a32.decode.inc"
#include "target-arm/a32-uncond.decode.inc"
#include "target-arm/t16.decode.inc"
#include "target-arm/t32.decode.inc"

/* ---- Registers and flags ---- */

struct ir_val a32_imm(struct a32_ctx *s, uint32_t v)
{
    return ir_const(s->ir, I32, v);
}

/* On a CPU with AArch64 R0-R14 are the low halves of X0-X14 (DDI 0487 D1.9.1). */
static unsigned reg_offset(const struct a32_ctx *s, unsigned n)
{
    return a32_has(s, ARM_A64) ? ARM_OFF_X(n) : ARM_OFF_R(n);
}

struct ir_val a32_reg(struct a32_ctx *s, unsigned n)
{
    if (n == ARM_PC) {
        return a32_imm(s, (uint32_t)s->pc + (s->thumb ? 4 : 8));
    }
    return ir_state_ld(s->ir, I32, reg_offset(s, n));
}

struct ir_val a32_base(struct a32_ctx *s, unsigned n)
{
    if (n == ARM_PC) {
        return a32_imm(s, ((uint32_t)s->pc + (s->thumb ? 4 : 8)) & ~3u);
    }
    return a32_reg(s, n);
}

struct ir_val a32_flags(struct a32_ctx *s)
{
    return ir_state_ld(s->ir, FLAGS, ARM_OFF(flags));
}

void a32_set_reg(struct a32_ctx *s, unsigned n, struct ir_val v)
{
    g_assert(n < ARM_PC);
    if (s->select) {
        v = ir_select(s->ir, a32_flags(s), (enum ir_cc)s->cond, v,
                      a32_reg(s, n));
    }
    ir_state_st(s->ir, a32_has(s, ARM_A64) ? ir_zext(s->ir, v) : v, reg_offset(s, n));
}

void a32_set_flags(struct a32_ctx *s, struct ir_val flags)
{
    g_assert(!s->select);
    ir_state_st(s->ir, flags, ARM_OFF(flags));
    s->flags_changed = true;
}

void a32_set_nz(struct a32_ctx *s, struct ir_val v)
{
    a32_set_flags(s, ir_flags_merge(s->ir, a32_flags(s),
                                    ir_flags_logic(s->ir, v),
                                    FLAG_S | FLAG_Z));
}

unsigned a32_memop(const struct a32_ctx *s, unsigned memop)
{
    unsigned size = memop & MO_SIZE;

    if (size && s->mode & ARM_MODE_BE) {
        memop |= MO_BE;
    }
    if (s->mode & ARM_MODE_STRICT && !(memop & MO_ALIGN_MASK)) {
        memop |= size << MO_ALIGN_SHIFT;
    }
    return memop;
}

/* ---- Leaving the region ---- */

/* env.aux for the instruction that comes next */
static void leave_it(struct a32_ctx *s, uint8_t it)
{
    if (s->aux_set || it) {
        ir_state_st(s->ir, a32_imm(s, it), OFF_AUX);
    }
}

void a32_jump(struct a32_ctx *s, uint32_t pc, bool thumb)
{
    uint64_t tagged = pc | (thumb ? ARM_PC_THUMB : 0);

    leave_it(s, 0);
    if ((pc & TLB_PAGE_MASK) == s->page) {
        ir_exit_link(s->ir, tagged, pc <= s->pc);
        s->nlinks++;
    } else {
        ir_exit_far(s->ir, tagged);
    }
    s->done = true;
}

void a32_bx(struct a32_ctx *s, struct ir_val addr, enum ir_jump kind)
{
    leave_it(s, 0);
    ir_exit_ind(s->ir, addr, kind);
    s->done = true;
}

void a32_branch_reg(struct a32_ctx *s, struct ir_val addr, enum ir_jump kind)
{
    if (s->thumb) {
        addr = ir_or(s->ir, addr, a32_imm(s, ARM_PC_THUMB));
    } else {
        addr = ir_andi(s->ir, addr, ~3u);
    }
    a32_bx(s, addr, kind);
}

void a32_exit_main(struct a32_ctx *s)
{
    uint64_t next = (uint32_t)s->next_pc | (s->thumb ? ARM_PC_THUMB : 0);

    leave_it(s, s->next_it);
    ir_state_st(s->ir, ir_const(s->ir, I64, next), ARM_OFF_PC);
    ir_exit_main(s->ir);
    s->done = true;
}

void a32_raise(struct a32_ctx *s, enum arm_exception e, uint32_t syndrome)
{
    ir_call(s->ir, arm_raise, a32_imm(s, e), a32_imm(s, syndrome));
    s->done = true;
}

void a32_undef(struct a32_ctx *s)
{
    a32_raise(s, ARM_EXC_UNDEF, 0);
}

bool a32_fp_off(struct a32_ctx *s)
{
    if (!a32_has(s, ARM_A64) && !a32_has(s, ARM_EL2))
        return false;
    a32_raise(s, ARM_EXC_FP_OFF, 0);
    return true;
}

void a32_exc_return(struct a32_ctx *s, struct ir_val pc, struct ir_val psr)
{
    ir_call(s->ir, arm_exc_return, pc, psr);
    ir_exit_main(s->ir);
    s->done = true;
}

/* ---- Conditions ---- */

void a32_open_skip(struct a32_ctx *s, unsigned cond)
{
    s->skip_label = ir_label_new(s->ir);
    s->skip_cond = (uint8_t)cond;
    s->skip_open = true;
    s->flags_changed = false;
    ir_br_cond(s->ir, a32_flags(s), (enum ir_cc)(cond ^ 1), s->skip_label);
}

void a32_close_skip(struct a32_ctx *s)
{
    if (s->skip_open) {
        ir_label(s->ir, s->skip_label);
        s->skip_open = false;
        s->done = false;
    }
}

void a32_resume(struct a32_ctx *s, unsigned label)
{
    ir_label(s->ir, label);
    s->done = false;
}

static bool shares_skip(const struct a32_ctx *s)
{
    return s->skip_open && s->skip_cond == s->cond && !s->flags_changed;
}

/* Start an instruction under cond (14: always). A jump over earlier ones ends
 * before it unless it can share it. */
static void start_insn(struct a32_ctx *s, unsigned cond, uint64_t tagged)
{
    s->cond = (uint8_t)cond;
    s->select = false;
    if (!shares_skip(s)) {
        a32_close_skip(s);
    }
    ir_insn_start(s->ir, tagged, s->it);
    s->aux_set |= s->it != 0;
}

/* Make what follows conditional; simple: a selection will do. */
static void apply_cond(struct a32_ctx *s, bool simple)
{
    if (s->cond >= 14 || s->skip_open) {
        return;
    }
    if (simple) {
        s->select = true;
    } else {
        a32_open_skip(s, s->cond);
    }
}

/* Data processing that writes one register and no flags: not S, not the pc,
 * not the compares and miscellaneous instructions, no multiplies. */
static bool a32_is_simple(uint32_t insn)
{
    bool imm = insn >> 25 & 1;
    unsigned op = insn >> 21 & 15;

    if (insn & 0x0c000000 || insn & 1 << 20 || (insn >> 12 & 15) == ARM_PC) {
        return false;
    }
    if (!imm && (insn & 0x90) == 0x90) {
        return false;
    }
    /* 1000 and 1010 with an immediate are MOVW and MOVT */
    return (op & 12) != 8 || (imm && !(op & 1));
}

/* T32 11101 01 (register), 11110 x0 and x1 (immediates) */
static bool t32_is_simple(uint32_t insn)
{
    unsigned rd = insn >> 8 & 15, op = insn >> 21 & 15;

    if (rd >= ARM_SP) {
        return false;
    }
    if (insn >> 25 == 0x75) {
        return !(insn & 1 << 20);
    }
    if (insn >> 27 != 0x1e || insn & 1 << 15 || insn & 1 << 20) {
        return false;
    }
    return !(insn & 1 << 25) || op == 0 || op == 2 || op == 5 || op == 6;
}

/* Inside an IT block these leave the flags alone. */
static bool t16_is_simple(uint32_t insn)
{
    unsigned op = insn >> 11;

    if (op < 8) {
        return op != 5;                          /* not CMP */
    }
    if (insn >> 10 == 0x10) {                    /* data processing */
        unsigned dp = insn >> 6 & 15;

        return dp != 8 && dp != 10 && dp != 11;
    }
    return (insn & 0xff00) == 0x4600 && (insn & 0x87) != 0x87;
}

/* ---- Decoding ---- */

static bool is_vfp_space(uint32_t insn)
{
    unsigned op = insn >> 24 & 15;

    return op >= 12 && op != 15 && (insn & 0xe00) == 0xa00;
}

static bool a32_insn(struct a32_ctx *s, uint32_t insn)
{
    unsigned cond = insn >> 28;

    start_insn(s, cond == 15 ? 14 : cond, s->pc);
    if (cond == 15) {
        if ((insn & 0xfe000000) == 0xf2000000 ||
            (insn & 0xff100000) == 0xf4000000) {
            return a32_decode_neon(s, insn);
        }
        if (is_vfp_space(insn)) {
            return a32_decode_vfp(s, insn);
        }
        return decode_a32_uncond(s, insn);
    }
    apply_cond(s, a32_is_simple(insn));
    if (is_vfp_space(insn)) {
        return a32_decode_vfp(s, insn);
    }
    return decode_a32(s, insn);
}

static bool t32_insn(struct a32_ctx *s, uint32_t insn)
{
    /* 111u1111 is A32's 1111001u, 11111001xxx0 is 11110100xxx0 */
    if ((insn & 0xef000000) == 0xef000000) {
        return a32_decode_neon(s, 0xf2000000 | (insn >> 28 & 1) << 24 |
                                  (insn & 0x00ffffff));
    }
    if ((insn & 0xff100000) == 0xf9000000) {
        return a32_decode_neon(s, 0xf4000000 | (insn & 0x00ffffff));
    }
    if (is_vfp_space(insn)) {
        return a32_decode_vfp(s, insn);
    }
    return decode_t32(s, insn);
}

static unsigned it_cond(const struct a32_ctx *s)
{
    return s->it & 15 ? s->it >> 4 : 14;
}

static bool is_wide(uint32_t hw)
{
    return hw >> 11 >= 0x1d;
}

static bool t32_or_t16(struct a32_ctx *s, uint32_t hw, uint32_t insn)
{
    bool wide = is_wide(hw);
    bool bkpt = (hw & 0xff00) == 0xbe00;

    /* A breakpoint ignores the condition (A8.8.24). */
    start_insn(s, bkpt ? 14 : it_cond(s), s->pc | ARM_PC_THUMB);
    apply_cond(s, wide ? t32_is_simple(insn) : t16_is_simple(insn));
    return wide ? t32_insn(s, insn) : decode_t16(s, hw);
}

/*
 * Translate the instruction at s->pc. False: it must start another region,
 * because its second half is on the next page.
 */
static bool translate_one(struct a32_ctx *s, struct cpu *cpu,
                          const struct region_limits *lim)
{
    bool ok, first = s->pc == (lim->pc & ~1ull);
    uint32_t insn, hw;

    if (!s->thumb) {
        insn = cpu_fetch32(cpu, s->pc);
        s->next_pc = s->pc + 4;
        ok = a32_insn(s, insn);
    } else {
        hw = insn = cpu_fetch16(cpu, s->pc);
        s->next_pc = s->pc + 2;
        if (is_wide(hw)) {
            if (s->next_pc == lim->page_end && !first) {
                return false;
            }
            insn = hw << 16 | cpu_fetch16(cpu, (uint32_t)s->next_pc);
            s->next_pc += 2;
        }
        s->next_it = s->it & 7 ? (s->it & 0xe0) | (s->it << 1 & 0x1f) : 0;
        ok = t32_or_t16(s, hw, insn);
    }
    if (!ok) {
        a32_undef(s);
    }
    if (s->done && s->skip_open) {
        a32_close_skip(s);
    }
    return true;
}

/* Go on with the next region. */
static void fall_through(struct a32_ctx *s)
{
    a32_close_skip(s);
    if (s->it) {
        s->next_pc = s->pc;
        s->next_it = s->it;
        a32_exit_main(s);
    } else {
        a32_jump(s, (uint32_t)s->pc, s->thumb);
    }
}

void a32_translate(struct cpu *cpu, struct ir *ir,
                   const struct region_limits *lim, struct region_result *res)
{
    bool thumb = lim->pc & ARM_PC_THUMB;
    struct a32_ctx s = {
        .ir = ir, .cpu = ARM_CPU(cpu), .mode = lim->mode, .thumb = thumb,
        .pc = lim->pc & (thumb ? ~1ull : ~3ull),
        .it = thumb ? lim->mode >> ARM_MODE_IT_SHIFT & 0xff : 0,
    };
    uint32_t n = 0;

    /* VFP flushes as FPSCR.FZ says, Advanced SIMD always. */
    ir->fp_flush = 2 | !!(lim->mode & ARM_MODE_FZ);
    s.page = s.pc & TLB_PAGE_MASK;
    while (!s.done) {
        if (n && (s.pc >= lim->page_end || s.nlinks > TCG_MAX_LINKS - 3 ||
                  (n >= lim->max_insns && (!s.it || lim->single_step)))) {
            fall_through(&s);
            break;
        }
        if (!translate_one(&s, cpu, lim)) {
            fall_through(&s);
            break;
        }
        s.pc = s.next_pc;
        s.it = s.next_it;
        n++;
    }
    res->bytes_end = s.pc;
    res->ninsns = n;
    res->mode_ignored = s.uses_fp ? 0 : ARM_MODE_FP_BITS;
}
