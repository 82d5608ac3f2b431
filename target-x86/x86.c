/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop over a region's instructions, and what handlers use: operands, addresses with their segments, the stack, ways out of the region.
 *
 * A 32-bit operand is the low half of a register's slot: read as I32, written zero-extended and whole, because pinned slots are never
 * stored in part. That is what 64-bit mode asks for; outside it nobody sees the upper halves.
 */
#include "config.h"

#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers.h"
#include "tcg/compile.h"

/*
 * Nine registers have a host register throughout; 32-bit code has no more than eight. The first five ranks are callee-saved on the host.
 */
#define R(name, n, rank) { name, X86_OFF_R(n), I64, rank }
static const struct ir_slot slots[] = {
    R("rax", 0, 0), R("rcx", 1, 4), R("rdx", 2, 3), R("rbx", 3, 5), R("rsp", 4, 1), R("rbp", 5, 2), R("rsi", 6, 6), R("rdi", 7, 7),
    R("r8", 8, 8), R("r9", 9, -1), R("r10", 10, -1), R("r11", 11, -1), R("r12", 12, -1), R("r13", 13, -1), R("r14", 14, -1), R("r15", 15, -1),
    { "flags", X86_OFF(flags), FLAGS, -1 },
    { "df", X86_OFF(df), I32, -1 },
    { "pc", X86_OFF_PC, I64, -1 },
};

const struct ir_target x86_ir_target = {
    .name = "x86", .slots = slots, .nslots = G_N_ELEMENTS(slots), .addr_type = I64, .aux_for_faults = true,
};

/* ---- registers -------------------------------------------------------------------------------- */

struct ir_val x86_imm(struct x86_ctx *s, unsigned size, uint64_t v)
{
    return ir_const(s->ir, x86_type(size), v);
}

struct ir_val x86_reg(struct x86_ctx *s, unsigned n, unsigned size)
{
    struct ir_val v = ir_state_ld(s->ir, x86_type(size), X86_OFF_R(n));

    return size < 2 ? ir_extract(s->ir, v, 0, 8u << size) : v;
}

/* Deposit v in bits pos.. of the whole register. */
static void set_part(struct x86_ctx *s, unsigned n, struct ir_val v, unsigned pos, unsigned len)
{
    struct ir_val old = ir_state_ld(s->ir, I64, X86_OFF_R(n));

    if (ir_typeof(s->ir, v) == I32)
        v = ir_zext(s->ir, v);
    ir_state_st(s->ir, ir_deposit(s->ir, old, v, pos, len), X86_OFF_R(n));
}

void x86_set_reg(struct x86_ctx *s, unsigned n, unsigned size, struct ir_val v)
{
    if (size < 2) {
        set_part(s, n, v, 0, 8u << size);
        return;
    }
    if (size == 2 && ir_typeof(s->ir, v) == I64)
        v = ir_trunc(s->ir, v);
    ir_state_st(s->ir, ir_typeof(s->ir, v) == I32 ? ir_zext(s->ir, v) : v, X86_OFF_R(n));
}

static struct ir_val read_gpr(struct x86_ctx *s, const struct x86_operand *o)
{
    if (o->high)
        return ir_extract(s->ir, ir_state_ld(s->ir, I32, X86_OFF_R(o->reg)), 8, 8);
    return x86_reg(s, o->reg, o->size);
}

struct ir_val x86_read(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    const struct x86_operand *o = &i->op[op];

    switch (o->kind) {
    case XK_GPR:
        return read_gpr(s, o);
    case XK_MEM:
        return x86_load(s, x86_type(o->size), x86_ea(s, i, 1u << o->size, false), o->size);
    case XK_IMM:
        return x86_imm(s, o->size, o->size < 2 ? o->imm & (o->size ? 0xffff : 0xff) : o->imm);
    default:
        g_assert_not_reached();
    }
}

struct ir_val x86_read_rmw(struct x86_ctx *s, struct x86_insn *i, unsigned op)
{
    const struct x86_operand *o = &i->op[op];

    if (o->kind != XK_MEM)
        return read_gpr(s, o);
    return x86_load(s, x86_type(o->size), x86_ea(s, i, 1u << o->size, true), o->size | MO_WRITE);
}

void x86_write(struct x86_ctx *s, struct x86_insn *i, unsigned op, struct ir_val v)
{
    const struct x86_operand *o = &i->op[op];

    if (o->kind == XK_MEM) {
        struct ir_val la = x86_ea(s, i, 1u << o->size, true);

        if (o->size < 3 && ir_typeof(s->ir, v) == I64)
            v = ir_trunc(s->ir, v);
        x86_store(s, la, v, o->size);
    } else if (o->high) {
        set_part(s, o->reg, v, 8, 8);
    } else {
        x86_set_reg(s, o->reg, o->size, v);
    }
}

/* ---- addresses -------------------------------------------------------------------------------- */

/* base + index * scale + disp, of asize */
struct ir_val x86_offset(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->asize == 1 ? 2 : i->asize;
    enum ir_type type = x86_type(size);
    struct ir_val v = IR_NONE, x;

    if (i->base == -2) {
        v = ir_const(ir, type, i->next + (uint64_t)i->disp);
        return size == 2 ? ir_zext(ir, v) : v;
    }
    if (i->base >= 0)
        v = ir_state_ld(ir, type, X86_OFF_R(i->base));
    if (i->index >= 0) {
        x = ir_state_ld(ir, type, X86_OFF_R(i->index));
        x = i->scale ? ir_shli(ir, x, i->scale) : x;
        v = v.id ? ir_add(ir, v, x) : x;
    }
    v = !v.id ? ir_const(ir, type, (uint64_t)i->disp) : i->disp ? ir_addi(ir, v, i->disp) : v;
    if (i->asize == 1)
        v = ir_extract(ir, v, 0, 16);
    return x86_is64(s) && size == 2 ? ir_zext(ir, v) : v;
}

static bool is_flat(const struct x86_ctx *s, enum x86_segment seg)
{
    if (seg == X86_FS || seg == X86_GS || seg == X86_CS)     /* code segments are not writable */
        return false;
    return s->mode & X86_MODE_FLAT_DATA;
}

static void check_limit(struct x86_ctx *s, enum x86_segment seg, struct ir_val off, unsigned bytes, bool write)
{
    struct ir *ir = s->ir;
    unsigned ok = ir_label_new(ir);
    unsigned at = X86_OFF(seg) + (unsigned)sizeof(struct x86_seg) * seg +
                  (unsigned)(write ? offsetof(struct x86_seg, fast_write) : offsetof(struct x86_seg, fast_read));
    struct ir_val end = ir_addi(ir, ir_zext(ir, off), bytes);

    ir_br_cmp(ir, CC_LEU, end, ir_state_ld(ir, I64, at), ok);
    ir_call(ir, x86_check_access, off, ir_const(ir, I32, seg | (unsigned)write << 3 | bytes << 4));
    ir_label(ir, ok);
}

static struct ir_val add_base(struct x86_ctx *s, enum x86_segment seg, struct ir_val off)
{
    unsigned at = X86_OFF(seg) + (unsigned)sizeof(struct x86_seg) * seg + (unsigned)offsetof(struct x86_seg, base);

    return ir_add(s->ir, off, ir_state_ld(s->ir, ir_typeof(s->ir, off), at));
}

struct ir_val x86_linear(struct x86_ctx *s, enum x86_segment seg, struct ir_val off, unsigned bytes, bool write)
{
    if (is_flat(s, seg) || (x86_is64(s) && seg < X86_FS))
        return off;
    if (!x86_is64(s))
        check_limit(s, seg, off, bytes, write);
    return add_base(s, seg, off);
}

/* The check is made before the address is kept: what is kept is used behind labels. */
struct ir_val x86_ea(struct x86_ctx *s, struct x86_insn *i, unsigned bytes, bool write)
{
    unsigned want = bytes | (unsigned)write << 31;

    if (!s->has_ea) {
        s->offset = x86_offset(s, i);
        s->ea = x86_linear(s, (enum x86_segment)i->seg, s->offset, bytes, write);
        s->has_ea = true;
        s->checked = want;
    } else if ((want & ~s->checked & 1u << 31 || bytes > (s->checked & 0xffff)) && !x86_is64(s) &&
               !is_flat(s, (enum x86_segment)i->seg)) {
        check_limit(s, (enum x86_segment)i->seg, s->offset, bytes, write);
        s->checked |= want & 1u << 31;
    }
    return s->ea;
}

/* Alignment checks (SDM 6.15, #AC): sizes of 2 to 8 bytes; larger operands have rules of their own. */
static unsigned with_alignment(const struct x86_ctx *s, unsigned memop)
{
    unsigned size = memop & MO_SIZE;

    if (s->mode & X86_MODE_AC && !(memop & MO_ALIGN_MASK) && size >= MO_16 && size <= MO_64)
        memop |= size << MO_ALIGN_SHIFT;
    return memop;
}

unsigned x86_lock_memop(const struct x86_ctx *s, unsigned size)
{
    return with_alignment(s, size) | MO_ATOMIC | MO_SPLIT;
}

struct ir_val x86_load(struct x86_ctx *s, enum ir_type type, struct ir_val la, unsigned memop)
{
    return ir_guest_ld(s->ir, type, la, with_alignment(s, memop), X86_VIEW_CPL);
}

void x86_store(struct x86_ctx *s, struct ir_val la, struct ir_val v, unsigned memop)
{
    ir_guest_st(s->ir, la, v, with_alignment(s, memop), X86_VIEW_CPL);
}

/* ---- vectors ---------------------------------------------------------------------------------- */

static unsigned xmm_off(unsigned n, unsigned half)
{
    return (half ? X86_OFF(ymmh) : X86_OFF(xmm)) + (unsigned)sizeof(struct v128) * n;
}

/* The upper half of 32 bytes has the lower one's alignment. */
static unsigned vector_memop(const struct x86_insn *i, const struct x86_operand *o, unsigned half)
{
    if (i->vex ? !i->aligned : !(i->row->flags & XF_ALIGN))
        return MO_128;
    return MO_128 | (o->size == 5 && !half ? MO_ALIGN_32 : MO_ALIGN_16);
}

struct ir_val x86_vread(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned half)
{
    const struct x86_operand *o = &i->op[op];
    struct ir_val la;

    if (o->kind == XK_XMM)
        return ir_state_ld(s->ir, V128, xmm_off(o->reg, half));
    la = x86_ea(s, i, 1u << o->size, false);
    if (o->size >= 4)
        return x86_load(s, V128, half ? ir_addi(s->ir, la, 16) : la, vector_memop(i, o, half));
    if (o->size == 3)
        return ir_v1(s->ir, IR_vzext, V128, x86_load(s, V64, la, MO_64), 0, 0);
    if (o->size == 2)
        return ir_v1(s->ir, IR_vzext, V128, x86_load(s, F32, la, MO_32), 0, 0);
    return ir_v1(s->ir, IR_vzext, V128, ir_bitcast(s->ir, F32, x86_load(s, I32, la, o->size)), 0, 0);
}

void x86_vwrite(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned half, struct ir_val v)
{
    const struct x86_operand *o = &i->op[op];
    struct ir *ir = s->ir;
    struct ir_val la;

    if (o->kind == XK_XMM) {
        ir_state_st(ir, v, xmm_off(o->reg, half));
        return;
    }
    la = x86_ea(s, i, 1u << o->size, true);
    if (o->size >= 4)
        x86_store(s, half ? ir_addi(ir, la, 16) : la, v, vector_memop(i, o, half));
    else if (o->size == 3)
        x86_store(s, la, ir_v1(ir, IR_vget_u, I64, v, 3, 0), MO_64);
    else
        x86_store(s, la, ir_v1(ir, IR_vget_u, I32, v, 2, 0), o->size);
}

void x86_vzero_upper(struct x86_ctx *s, unsigned reg)
{
    ir_state_st(s->ir, ir_const_v128(s->ir, 0, 0), xmm_off(reg, 1));
}

/* ---- flags ------------------------------------------------------------------------------------ */

struct ir_val x86_flags(struct x86_ctx *s)
{
    return ir_state_ld(s->ir, FLAGS, X86_OFF(flags));
}

void x86_set_flags(struct x86_ctx *s, struct ir_val flags)
{
    ir_state_st(s->ir, flags, X86_OFF(flags));
}

enum ir_cc x86_cc(unsigned tttn)
{
    static const uint8_t map[8] = { CC_VS, CC_CS, CC_EQ, CC_LS_X86, CC_MI, CC_PE, CC_LT, CC_LE };

    return (enum ir_cc)(map[tttn >> 1 & 7] ^ (tttn & 1));
}

/* ---- stack ------------------------------------------------------------------------------------ */

/* log2 of the stack pointer's bytes */
static unsigned stack_size(const struct x86_ctx *s)
{
    return x86_is64(s) ? 3 : s->mode & X86_MODE_SS32 ? 2 : 1;
}

static struct ir_val stack_offset(struct x86_ctx *s, int64_t n)
{
    unsigned size = stack_size(s);
    struct ir_val v = ir_state_ld(s->ir, x86_type(size), X86_OFF_R(X86_RSP));

    v = n ? ir_addi(s->ir, v, n) : v;
    return size == 1 ? ir_extract(s->ir, v, 0, 16) : v;
}

void x86_stack_add(struct x86_ctx *s, int64_t n)
{
    x86_set_reg(s, X86_RSP, stack_size(s), stack_offset(s, n));
}

void x86_push(struct x86_ctx *s, struct ir_val v, unsigned size)
{
    int bytes = 1 << size;
    struct ir_val off = stack_offset(s, -bytes);

    x86_store(s, x86_linear(s, X86_SS, off, (unsigned)bytes, true), v, size);
    x86_set_reg(s, X86_RSP, stack_size(s), off);
}

struct ir_val x86_pop(struct x86_ctx *s, unsigned size, unsigned depth)
{
    struct ir_val off = stack_offset(s, (int64_t)depth << size);

    return x86_load(s, x86_type(size), x86_linear(s, X86_SS, off, 1u << size, false), size);
}

/* ---- leaving the region ----------------------------------------------------------------------- */

static bool stepped(const struct x86_ctx *s)
{
    return s->mode & (X86_MODE_TF | X86_MODE_INHIBIT | X86_MODE_DR);
}

static struct ir_val cs_base(struct x86_ctx *s)
{
    return ir_state_ld(s->ir, I32, X86_OFF(seg[X86_CS].base));
}

struct ir_val x86_next_rip(struct x86_ctx *s, struct x86_insn *i)
{
    if (s->mode & X86_MODE_FLAT_CS)
        return ir_const(s->ir, I64, i->next);
    return ir_zext(s->ir, ir_sub(s->ir, ir_const(s->ir, I32, i->next), cs_base(s)));
}

/* An instruction that runs alone has run: what waits for its end. pc: I64, linear */
static void leave_stepped(struct x86_ctx *s, struct ir_val pc)
{
    ir_call(s->ir, x86_stepped, pc, ir_const(s->ir, I32, s->mode));
    x86_exit_pc_stored(s);
}

void x86_exit_pc_stored(struct x86_ctx *s)
{
    ir_exit_main(s->ir);
    s->done = true;
}

void x86_exit_main(struct x86_ctx *s, struct x86_insn *i)
{
    if (stepped(s)) {
        leave_stepped(s, ir_const(s->ir, I64, i->next));
        return;
    }
    ir_state_st(s->ir, ir_const(s->ir, I64, i->next), X86_OFF_PC);
    x86_exit_pc_stored(s);
}

/* To a constant linear address; from: of the instruction that jumps. */
static void jump_const(struct x86_ctx *s, uint64_t from, uint64_t pc)
{
    if (stepped(s)) {
        leave_stepped(s, ir_const(s->ir, I64, pc));
        return;
    }
    /* Direct links are to regions that lie in one page. */
    if ((pc & TLB_PAGE_MASK) == s->page && (pc & ~TLB_PAGE_MASK) <= TLB_PAGE_SIZE - 15) {
        ir_exit_link(s->ir, pc, pc <= from);
        s->nlinks++;
    } else {
        ir_exit_far(s->ir, pc);
    }
    s->done = true;
}

void x86_jump_self(struct x86_ctx *s, struct x86_insn *i)
{
    jump_const(s, i->pc, i->pc);
}

void x86_jump_next(struct x86_ctx *s, struct x86_insn *i)
{
    jump_const(s, i->pc, i->next);
}

/* SDM, JMP, CALL, RET: #GP(0) comes before anything changes. */
void x86_check_rip(struct x86_ctx *s, struct ir_val rip)
{
    struct ir *ir = s->ir;
    unsigned ok;

    if (s->mode & X86_MODE_FLAT_CS && !x86_is64(s))
        return;
    ok = ir_label_new(ir);
    if (x86_is64(s))
        ir_br_cmp(ir, CC_EQ, rip, ir_sextract(ir, rip, 0, s->mode & X86_MODE_LA57 ? 57 : 48), ok);
    else
        ir_br_cmp(ir, CC_LEU, ir_trunc(ir, rip), ir_state_ld(ir, I32, X86_OFF(seg[X86_CS].limit)), ok);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_GP), ir_const(ir, I32, 0));
    ir_label(ir, ok);
}

void x86_jump_ind(struct x86_ctx *s, struct ir_val rip, enum ir_jump kind)
{
    struct ir *ir = s->ir;

    if (!(s->mode & X86_MODE_FLAT_CS))
        rip = ir_zext(ir, ir_add(ir, ir_trunc(ir, rip), cs_base(s)));
    if (stepped(s)) {
        leave_stepped(s, rip);
        return;
    }
    ir_exit_ind(ir, rip, kind);
    s->done = true;
}

static uint64_t rip_mask(const struct x86_insn *i)
{
    return i->osize == 3 ? UINT64_MAX : i->osize == 2 ? UINT32_MAX : UINT16_MAX;
}

void x86_jump_rel(struct x86_ctx *s, struct x86_insn *i, int64_t rel)
{
    if (s->mode & X86_MODE_FLAT_CS) {
        uint64_t target = (i->next + (uint64_t)rel) & rip_mask(i);

        if (x86_is64(s) || s->mode & X86_MODE_CS32 || i->osize == 1)
            jump_const(s, i->pc, target);
        else
            jump_const(s, i->pc, target & UINT32_MAX);
        return;
    }
    x86_jump_ind(s, x86_rel_rip(s, i, rel), JUMP_PLAIN);
}

struct ir_val x86_rel_rip(struct x86_ctx *s, struct x86_insn *i, int64_t rel)
{
    struct ir *ir = s->ir;
    struct ir_val v;

    if (s->mode & X86_MODE_FLAT_CS)
        return ir_const(ir, I64, (i->next + (uint64_t)rel) & rip_mask(i));
    v = ir_addi(ir, ir_sub(ir, ir_const(ir, I32, i->next), cs_base(s)), rel);
    return ir_zext(ir, i->osize == 1 ? ir_extract(ir, v, 0, 16) : v);
}

void x86_gen_raise(struct x86_ctx *s, enum x86_vector vector, uint32_t error_code)
{
    ir_call(s->ir, x86_fault, ir_const(s->ir, I32, vector), ir_const(s->ir, I32, error_code));
    s->done = true;
}

void x86_resume(struct x86_ctx *s, unsigned label)
{
    ir_label(s->ir, label);
    s->done = false;
}

/* A jump back to the region's start while it is hot: unroll instead, if there is room for another round. */
bool x86_again(struct x86_ctx *s, const struct x86_insn *i)
{
    unsigned insns = s->ninsns + 1, links = s->nlinks + 1;

    if (!s->ir->hot || stepped(s) || !(s->mode & X86_MODE_FLAT_CS) || ((i->next + i->imm) & rip_mask(i)) != s->entry ||
        insns + (insns - s->round_insns) > s->max_insns || links + (links - s->round_links) > TCG_MAX_LINKS - 3)
        return false;
    s->round_insns = insns;
    s->round_links = links;
    return true;
}

/* ---- the region ------------------------------------------------------------------------------- */

/* Is the unit switched on? Otherwise the fault is made. */
static bool unit_ready(struct x86_ctx *s, const struct x86_insn *i)
{
    uint32_t f = i->row->flags, m = s->mode;

    s->uses_fp = true;
    if (f & XF_SSE && (i->vex ? !(m & X86_MODE_AVX) : m & X86_MODE_EM || !(m & X86_MODE_OSFXSR))) {
        x86_gen_raise(s, X86_UD, 0);
        return false;
    }
    if (f & XF_MMX && m & X86_MODE_EM) {
        x86_gen_raise(s, X86_UD, 0);
        return false;
    }
    if (m & X86_MODE_TS || (f & XF_X87 && m & X86_MODE_EM)) {
        x86_gen_raise(s, X86_NM, 0);
        return false;
    }
    return true;
}

/* Privilege and mode that the row asks for. */
static bool may_run(struct x86_ctx *s, const struct x86_insn *i)
{
    uint32_t f = i->row->flags, m = s->mode;

    if (f & XF_PROT && (!(m & X86_MODE_PE) || m & X86_MODE_VM)) {
        x86_gen_raise(s, X86_UD, 0);
        return false;
    }
    if (f & XF_CPL0 && m & X86_MODE_CPL) {
        x86_gen_raise(s, X86_GP, 0);
        return false;
    }
    return !(f & XF_FP) || unit_ready(s, i);
}

/* CS's limit, where it may be anything: it covers the instruction. */
static void check_fetch(struct x86_ctx *s, const struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned ok;
    struct ir_val last;

    if (s->mode & X86_MODE_FLAT_CS)
        return;
    ok = ir_label_new(ir);
    last = ir_sub(ir, ir_const(ir, I32, i->next - 1), cs_base(s));
    ir_br_cmp(ir, CC_LEU, last, ir_state_ld(ir, I32, X86_OFF(seg[X86_CS].limit)), ok);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_GP), ir_const(ir, I32, 0));
    ir_label(ir, ok);
}

static uint32_t aux_of(const struct x86_insn *i)
{
    uint32_t aux = 0;

    if (i->mod != 3 ? i->seg == X86_SS : i->row->flags & (XF_D64 | XF_F64))
        aux |= X86_AUX_STACK;
    for (int k = 0; k < 4; k++)
        aux |= i->op[k].kind == XK_MEM && i->op[k].size >= 4 ? X86_AUX_VECTOR : 0;
    return aux;
}

/* False: the region ends before the instruction. */
static bool translate_one(struct x86_ctx *s, uint64_t pc, struct x86_insn *i)
{
    enum x86_decoded d = x86_decode(s, pc, s->ninsns == 0, i);

    if (d == X86_NEXT_PAGE)
        return false;
    ir_insn_start(s->ir, pc, d == X86_DECODED ? aux_of(i) : 0);
    s->has_ea = false;
    if (s->mode & X86_MODE_DR)
        ir_call(s->ir, x86_breakpoint);
    if (d == X86_TOO_LONG) {
        x86_gen_raise(s, X86_GP, 0);
        return true;
    }
    check_fetch(s, i);
    if (d == X86_UNDEFINED) {
        x86_gen_raise(s, X86_UD, 0);
        return true;
    }
    if (!may_run(s, i))
        return true;
    if (!i->row->gen(s, i))
        x86_gen_raise(s, X86_UD, 0);
    else if (!s->done && i->row->flags & XF_ENDS)
        x86_exit_main(s, i);
    return true;
}

/* Addresses wrap at 32 bits outside 64-bit mode: a region ends there. */
static void fall_through(struct x86_ctx *s, uint64_t pc)
{
    jump_const(s, pc - 1, x86_is64(s) ? pc : (uint32_t)pc);
}

void x86_translate(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res)
{
    struct x86_ctx s = {
        .ir = ir, .cpu = X86_CPU(cpu), .mode = lim->mode, .page = lim->pc & TLB_PAGE_MASK, .entry = lim->pc,
        .max_insns = lim->max_insns,
    };
    struct x86_insn i;
    uint64_t pc = lim->pc, end = lim->pc;

    if (stepped(&s))
        s.max_insns = 1;
    ir->fp_flush = 0;
    while (!s.done) {
        if (s.ninsns && (pc >= lim->page_end || s.nlinks > TCG_MAX_LINKS - 3 || s.ninsns >= s.max_insns)) {
            fall_through(&s, pc);
            break;
        }
        if (!translate_one(&s, pc, &i)) {
            fall_through(&s, pc);
            break;
        }
        end = MAX(end, i.next);
        pc = s.again ? s.entry : i.next;
        s.again = false;
        s.ninsns++;
    }
    res->bytes_end = MAX(end, lim->pc + 1);
    res->ninsns = s.ninsns;
    res->mode_ignored = s.uses_fp ? 0 : X86_MODE_FP_BITS;
}
