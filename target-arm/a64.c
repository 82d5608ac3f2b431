/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64: the loop over a region's instructions, and what handlers use to read and
 * write registers and to leave. Conditional branches leave by a side exit; the
 * region goes on behind them.
 *
 * A W register is the low half of an X slot: read as I32, written zero-extended
 * and whole, because pinned slots are never stored in part.
 */
#include "config.h"

#include "target-arm/a64-simd.h"
#include "target-arm/a64-simdfp.h"
#include "target-arm/a64-trans.h"
#include "target-arm/helpers-arm.h"
#include "tcg/compile.h"

/*
 * Nine X registers (SP counts as one) have a host register throughout. The first five ranks are callee-saved on the host, so
 * what compiled code uses most around calls comes there: x0 (argument, result, scratch), sp (frames), x19 and x20 (the first
 * registers that a function saves and keeps things in), x1. Then arguments x2, x3, and x8 and x4 as scratch.
 */
#define X(n, rank) { "x" #n, ARM_OFF_X(n), I64, rank }
static const struct ir_slot slots[] = {
    X(0, 0), X(1, 4), X(2, 5), X(3, 6), X(4, 8), X(5, -1), X(6, -1), X(7, -1), X(8, 7), X(9, -1), X(10, -1), X(11, -1),
    X(12, -1), X(13, -1), X(14, -1), X(15, -1), X(16, -1), X(17, -1), X(18, -1), X(19, 2), X(20, 3), X(21, -1), X(22, -1),
    X(23, -1), X(24, -1), X(25, -1), X(26, -1), X(27, -1), X(28, -1), X(29, -1), X(30, -1),
    { "sp", ARM_OFF(sp), I64, 1 },
    { "flags", ARM_OFF(flags), FLAGS, -1 },
    { "pair0", ARM_OFF(pair[0]), I64, -1 },
    { "pair1", ARM_OFF(pair[1]), I64, -1 },
    { "excl_addr", ARM_OFF(excl_addr), I64, -1 },
    { "excl_val", ARM_OFF(excl_val), I64, -1 },
    { "excl_val2", ARM_OFF(excl_val2), I64, -1 },
    { "pc", ARM_OFF_PC, I64, -1 },
};

const struct ir_target arm64_ir_target = {
    .name = "arm64", .slots = slots, .nslots = G_N_ELEMENTS(slots), .addr_type = I64,
};

/* ---- Functions of the decode tables ---- */

/* immhi:immlo of ADR and ADRP; hi comes sign-extended */
static uint32_t a64_adr(struct a64_ctx *s, uint32_t hi, uint32_t lo)
{
    (void)s;
    return hi << 2 | lo;
}

static uint32_t a64_imm12(struct a64_ctx *s, uint32_t shifted, uint32_t imm)
{
    (void)s;
    return imm << (shifted ? 12 : 0);
}

static uint32_t a64_op0(struct a64_ctx *s, uint32_t o0)
{
    (void)s;
    return 2 | o0;
}

static uint32_t a64_not(struct a64_ctx *s, uint32_t bit)
{
    (void)s;
    return !bit;
}

static uint32_t a64_scale(struct a64_ctx *s, uint32_t imm, uint32_t n)
{
    (void)s;
    return imm << n;
}

/* An offset in units of a W or X register */
static uint32_t a64_scale_sf(struct a64_ctx *s, uint32_t imm, uint32_t sf)
{
    (void)s;
    return imm << (sf ? 3 : 2);
}

/* Size of each register of an exclusive pair */
static uint32_t a64_excl_size(struct a64_ctx *s, uint32_t wide)
{
    (void)s;
    return wide ? MO_64 : MO_32;
}

/* log2 of a V register access' bytes: 4 is Q; above 4 the handlers refuse it */
static uint32_t a64_fp_size(struct a64_ctx *s, uint32_t quad, uint32_t size)
{
    (void)s;
    return quad << 2 | size;
}

static uint32_t a64_fp_imm(struct a64_ctx *s, uint32_t imm, uint32_t quad, uint32_t size)
{
    return imm << a64_fp_size(s, quad, size);
}

/* Pairs and literals: S, D, Q */
static uint32_t a64_fp_pair(struct a64_ctx *s, uint32_t size)
{
    (void)s;
    return size + 2;
}

static uint32_t a64_fp_pair_imm(struct a64_ctx *s, uint32_t imm, uint32_t size)
{
    return imm << a64_fp_pair(s, size);
}

static uint32_t a64_frac(struct a64_ctx *s, uint32_t scale)
{
    (void)s;
    return 64 - scale;
}

static bool need_lse(struct a64_ctx *s)
{
    return a64_has(s, ARM_LSE);
}

static bool need_lor(struct a64_ctx *s)
{
    return a64_has(s, ARM_LOR);
}

static bool need_lrcpc(struct a64_ctx *s)
{
    return a64_has(s, ARM_LRCPC);
}

static bool need_lrcpc2(struct a64_ctx *s)
{
    return a64_has(s, ARM_LRCPC2);
}

static bool need_crc(struct a64_ctx *s)
{
    return a64_has(s, ARM_CRC32);
}

static bool need_flagm(struct a64_ctx *s)
{
    return a64_has(s, ARM_FLAGM);
}

static bool need_flagm2(struct a64_ctx *s)
{
    return a64_has(s, ARM_FLAGM2);
}

static bool need_pauth(struct a64_ctx *s)
{
    return a64_has(s, ARM_PAUTH);
}

static bool need_sb(struct a64_ctx *s)
{
    return a64_has(s, ARM_SB);
}

#include "target-arm/a64.decode.inc"

/* ---- Registers and flags ---- */

struct ir_val a64_imm(struct a64_ctx *s, bool sf, uint64_t v)
{
    return ir_const(s->ir, a64_type(sf), v);
}

struct ir_val a64_reg(struct a64_ctx *s, unsigned n, bool sf)
{
    if (n == A64_ZR) {
        return a64_imm(s, sf, 0);
    }
    return ir_state_ld(s->ir, a64_type(sf), ARM_OFF_X(n));
}

struct ir_val a64_reg_sp(struct a64_ctx *s, unsigned n, bool sf)
{
    if (n == A64_ZR) {
        return ir_state_ld(s->ir, a64_type(sf), ARM_OFF(sp));
    }
    return a64_reg(s, n, sf);
}

static struct ir_val widen(struct a64_ctx *s, struct ir_val v)
{
    return ir_typeof(s->ir, v) == I32 ? ir_zext(s->ir, v) : v;
}

void a64_set_reg(struct a64_ctx *s, unsigned n, struct ir_val v)
{
    if (n != A64_ZR) {
        ir_state_st(s->ir, widen(s, v), ARM_OFF_X(n));
    }
}

void a64_set_reg_sp(struct a64_ctx *s, unsigned n, struct ir_val v)
{
    if (n == A64_ZR) {
        ir_state_st(s->ir, widen(s, v), ARM_OFF(sp));
        s->sp_written = true;
    } else {
        a64_set_reg(s, n, v);
    }
}

struct ir_val a64_extend(struct a64_ctx *s, unsigned rm, bool sf, unsigned option, unsigned n)
{
    struct ir *ir = s->ir;
    bool is_signed = option & 4;
    unsigned len = 8u << (option & 3);
    struct ir_val v;

    if (len >= (sf ? 64 : 32)) {
        v = a64_reg(s, rm, sf);
    } else if (len == 32) {
        v = a64_reg(s, rm, false);
        v = is_signed ? ir_sext(ir, v) : ir_zext(ir, v);
    } else {
        v = a64_reg(s, rm, sf);
        v = is_signed ? ir_sextract(ir, v, 0, len) : ir_extract(ir, v, 0, len);
    }
    return n ? ir_shli(ir, v, n) : v;
}

bool a64_fp_off(struct a64_ctx *s)
{
    s->uses_fp = true;
    if (s->mode & ARM_MODE_FP) {
        return false;
    }
    arm64_trans_fp_trap(s);
    return true;
}

struct ir_val a64_flags(struct a64_ctx *s)
{
    return ir_state_ld(s->ir, FLAGS, ARM_OFF(flags));
}

void a64_set_flags(struct a64_ctx *s, struct ir_val flags)
{
    ir_state_st(s->ir, flags, ARM_OFF(flags));
}

struct ir_val a64_const_flags(struct a64_ctx *s, unsigned nzcv)
{
    uint32_t bits = (nzcv & 8 ? FLAG_S : 0) | (nzcv & 4 ? FLAG_Z : 0) | (nzcv & 2 ? FLAG_C : 0) | (nzcv & 1 ? FLAG_O : 0);

    return ir_flags_from_bits(s->ir, a64_imm(s, false, bits));
}

unsigned a64_memop(const struct a64_ctx *s, unsigned memop)
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

/* What leaves a page sets BTYPE: who comes in may be checked. */
static void set_btype(struct a64_ctx *s, unsigned btype)
{
    if (a64_has(s, ARM_BTI)) {
        ir_state_st(s->ir, a64_imm(s, false, btype), ARM_OFF(btype));
    }
}

/* A stepped instruction leaves to the main loop, so that its exception is seen. */
static void leave_stepped(struct a64_ctx *s, struct ir_val pc)
{
    ir_state_st(s->ir, pc, ARM_OFF_PC);
    ir_exit_main(s->ir);
    s->done = true;
}

static bool is_stepped(const struct a64_ctx *s)
{
    return s->mode & ARM_MODE_STEP;
}

void a64_jump(struct a64_ctx *s, uint64_t pc)
{
    if (is_stepped(s)) {
        leave_stepped(s, a64_imm(s, true, pc));
        return;
    }
    if ((pc & TLB_PAGE_MASK) == s->page) {
        ir_exit_link(s->ir, pc, pc <= s->pc);
        s->nlinks++;
    } else {
        set_btype(s, 0);
        ir_exit_far(s->ir, pc);
    }
    s->done = true;
}

/* One exit more: the one behind the loop, which a conditional branch has. */
bool a64_again(struct a64_ctx *s, uint64_t target)
{
    unsigned insns = s->ninsns + 1, links = s->nlinks + 1;

    if (!s->ir->hot || is_stepped(s) || target != s->entry || insns + (insns - s->round_insns) > s->max_insns ||
        links + (links - s->round_links) > TCG_MAX_LINKS - 3) {
        return false;
    }
    s->round_insns = insns;
    s->round_links = links;
    return true;
}

void a64_jump_reg(struct a64_ctx *s, struct ir_val addr, enum ir_jump kind)
{
    set_btype(s, 0);
    if (is_stepped(s)) {
        leave_stepped(s, addr);
        return;
    }
    ir_exit_ind(s->ir, addr, kind);
    s->done = true;
}

void a64_branch_reg(struct a64_ctx *s, struct ir_val addr, enum ir_jump kind, unsigned rn)
{
    bool any = s->mode & ARM_MODE_GUARDED && rn != 16 && rn != 17;

    set_btype(s, kind == JUMP_CALL ? 2 : any ? 3 : 1);
    if (is_stepped(s)) {
        leave_stepped(s, addr);
        return;
    }
    ir_exit_ind(s->ir, addr, kind);
    s->done = true;
}

void a64_exit_main(struct a64_ctx *s)
{
    ir_state_st(s->ir, ir_const(s->ir, I64, s->next_pc), ARM_OFF_PC);
    ir_exit_main(s->ir);
    s->done = true;
}

void a64_raise(struct a64_ctx *s, enum arm_exception e, uint32_t syndrome)
{
    ir_call(s->ir, arm_raise, a64_imm(s, false, e), a64_imm(s, false, syndrome));
    s->done = true;
}

void a64_resume(struct a64_ctx *s, unsigned label)
{
    ir_label(s->ir, label);
    s->done = false;
}

/* ---- The region ---- */

/* Loads and stores by a base register, save literal ones (C4.1.94): bits 9:5 are Rn. */
static bool is_ldst(uint32_t insn)
{
    return (insn & 0x0a000000) == 0x08000000 && (insn & 0x3b000000) != 0x18000000;
}

/* Does an instruction that writes SP leave SP's low four bits as they were? Adjustments by multiples of 16, alone or of a load or store. */
static bool keeps_alignment(uint32_t insn)
{
    bool from_sp = (insn >> 5 & 31) == A64_ZR;

    if ((insn & 0x1f800000) == 0x11000000)          /* ADD, SUB (immediate) */
        return from_sp && (insn & 1 << 22 || !(insn >> 10 & 15));
    if ((insn & 0x3a000000) == 0x28000000) {        /* LDP, STP: imm7 in units of the registers */
        unsigned unit = insn & 1 << 26 ? 2 + (insn >> 30) : 2 + (insn >> 31);

        return !((insn >> 15 & 0x7f) << unit & 15);
    }
    if ((insn & 0x3b200000) == 0x38000000)          /* LDR, STR (immediate, indexed): imm9 */
        return !(insn >> 12 & 15);
    return false;
}

static void decode(struct a64_ctx *s, uint32_t insn)
{
    if (s->mode & ARM_MODE_IL) {
        a64_raise(s, ARM_EXC_ILLEGAL, 0);
    } else if (s->mode & ARM_MODE_SP_ODD && is_ldst(insn) && (insn >> 5 & 31) == A64_ZR) {
        a64_raise(s, ARM_EXC_SP_ALIGN, 0);
    } else if (!decode_a64(s, insn) && !a64_decode_simd(s, insn) && !a64_decode_simdfp(s, insn)) {
        a64_raise(s, ARM_EXC_UNDEF, 0);
    }
}

static void translate_one(struct a64_ctx *s, struct cpu *cpu, bool first)
{
    uint32_t insn = cpu_fetch32(cpu, s->pc);

    s->next_pc = s->pc + 4;
    s->sp_written = false;
    ir_insn_start(s->ir, s->pc, 0);
    if (s->mode & ARM_MODE_STEP_PENDING) {
        a64_raise(s, ARM_EXC_STEP, 0);
        return;
    }
    if (is_stepped(s)) {
        arm64_trans_step(s);
    }
    if (first && s->mode & ARM_MODE_GUARDED) {
        arm64_trans_bti(s, insn);
    }
    decode(s, insn);
    if (s->sp_written && s->mode & ARM_MODE_SA && !s->done && !keeps_alignment(insn)) {
        arm64_trans_sp_written(s, s->mode & ARM_MODE_SP_ODD);
    }
}

/* A pc that is no multiple of 4 faults before its instruction is looked at (DDI 0487 D1.3.4, PC alignment checking). */
void a64_translate(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res)
{
    struct a64_ctx s = {
        .ir = ir, .cpu = ARM_CPU(cpu), .mode = lim->mode, .pc = lim->pc, .page = lim->pc & TLB_PAGE_MASK,
        .entry = lim->pc, .max_insns = lim->mode & ARM_MODE_STEP ? 1 : lim->max_insns,
    };
    uint64_t end = lim->pc;

    if (lim->pc & 3) {
        cpu_raise(cpu, ARM_EXC_PC_ALIGN, 0, lim->pc);
    }
    ir->fp_flush = 2 | !!(lim->mode & ARM_MODE_FZ);
    while (!s.done) {
        if (s.ninsns && (s.pc >= lim->page_end || s.nlinks > TCG_MAX_LINKS - 3 || s.ninsns >= s.max_insns)) {
            a64_jump(&s, s.pc);
            break;
        }
        translate_one(&s, cpu, s.ninsns == 0);
        end = s.pc + 4 > end ? s.pc + 4 : end;
        s.pc = s.next_pc;
        s.ninsns++;
    }
    res->bytes_end = end;
    res->ninsns = s.ninsns;
    res->mode_ignored = s.uses_fp ? 0 : ARM_MODE_FP_BITS;
}
