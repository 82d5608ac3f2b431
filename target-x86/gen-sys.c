/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System instructions (SDM volume 2): mostly calls of helpers, and ways out of the region where what it was made for may have changed. */
#include "config.h"
#include "softmmu/machine.h"
#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers-sys.h"
#include "target-x86/system.h"

static struct ir_val imm32(struct x86_ctx *s, uint64_t v)
{
    return ir_const(s->ir, I32, v);
}

static struct ir_val wide(struct x86_ctx *s, struct ir_val v)
{
    return ir_typeof(s->ir, v) == I32 ? ir_zext(s->ir, v) : v;
}

/* Leave behind the instruction when v is not 0. */
static void exit_if(struct x86_ctx *s, struct x86_insn *i, struct ir_val v)
{
    unsigned on = ir_label_new(s->ir);

    ir_br_cmp(s->ir, CC_EQ, v, imm32(s, 0), on);
    x86_exit_main(s, i);
    x86_resume(s, on);
}

/* A word in memory or a register: the register is written whole, of the operand's size. */
static void write_word(struct x86_ctx *s, struct x86_insn *i, struct ir_val v)
{
    if (i->op[0].kind == XK_GPR && i->op[0].size == 3)
        v = wide(s, v);
    x86_write(s, i, 0, v);
}

/* ---- segment registers ------------------------------------------------------------------------ */

static unsigned seg_off(unsigned seg, unsigned field)
{
    return X86_OFF(seg) + (unsigned)sizeof(struct x86_seg) * seg + field;
}

static struct ir_val selector(struct x86_ctx *s, unsigned seg)
{
    return ir_extract(s->ir, ir_state_ld(s->ir, I32, seg_off(seg, offsetof(struct x86_seg, selector))), 0, 16);
}

/* SS holds interrupts off for an instruction. */
static void load_seg(struct x86_ctx *s, struct x86_insn *i, unsigned seg, struct ir_val sel)
{
    struct ir_val changed = ir_call(s->ir, x86_load_seg, imm32(s, seg == X86_SS ? seg | X86_LOAD_INHIBIT : seg), sel);

    if (seg == X86_SS)
        x86_exit_main(s, i);
    else if (seg < X86_FS)
        exit_if(s, i, changed);
}

bool gen_MOV_from_seg(struct x86_ctx *s, struct x86_insn *i)
{
    write_word(s, i, selector(s, i->op[1].reg));
    return true;
}

bool gen_MOV_to_seg(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->op[0].reg == X86_CS)
        return false;
    load_seg(s, i, i->op[0].reg, x86_read(s, i, 1));
    return true;
}

static unsigned seg_of_opcode(const struct x86_insn *i)
{
    return i->opcode >= 0xa0 ? X86_FS + (i->opcode >> 3 & 1u) : i->opcode >> 3 & 3u;
}

bool gen_PUSH_seg(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = selector(s, seg_of_opcode(i)), off;

    if (i->osize != 2) {
        x86_push(s, i->osize == 3 ? wide(s, v) : v, i->osize);
        return true;
    }
    /* of a doubleword, only the low half is written (SDM, PUSH) */
    off = ir_addi(s->ir, x86_reg(s, X86_RSP, 2), -4);
    off = s->mode & X86_MODE_SS32 ? off : ir_extract(s->ir, off, 0, 16);
    x86_store(s, x86_linear(s, X86_SS, off, 2, true), v, MO_16);
    x86_stack_add(s, -4);
    return true;
}

/* RSP moves before SS is another. */
bool gen_POP_seg(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_pop(s, i->osize, 0);
    unsigned seg = seg_of_opcode(i);
    struct ir_val changed;

    v = i->osize == 3 ? ir_trunc(s->ir, v) : v;
    changed = ir_call(s->ir, x86_load_seg, imm32(s, seg == X86_SS ? seg | X86_LOAD_INHIBIT | 1u << (8 + i->osize) : seg), ir_extract(s->ir, v, 0, 16));
    if (seg == X86_SS) {
        x86_exit_main(s, i);
        return true;
    }
    x86_stack_add(s, 1 << i->osize);
    if (seg < X86_FS)
        exit_if(s, i, changed);
    return true;
}

/* LES, LDS, LSS, LFS, LGS */
bool gen_LOAD_far(struct x86_ctx *s, struct x86_insn *i)
{
    static const uint8_t two_byte[] = { [2] = X86_SS, [4] = X86_FS, [5] = X86_GS };
    unsigned seg = i->opcode == 0xc4 ? X86_ES : i->opcode == 0xc5 ? X86_DS : two_byte[i->opcode & 7], bytes = 1u << i->osize;
    struct ir_val la = x86_ea(s, i, bytes + 2, false), off, sel, changed;

    off = x86_load(s, x86_type(i->osize), la, i->osize);
    sel = x86_load(s, I32, ir_addi(s->ir, la, bytes), MO_16);
    changed = ir_call(s->ir, x86_load_seg, imm32(s, seg), sel);
    x86_write(s, i, 0, off);
    if (seg == X86_SS)
        x86_exit_main(s, i);
    else if (seg < X86_FS)
        exit_if(s, i, changed);
    return true;
}

/* ---- far transfers ---------------------------------------------------------------------------- */

static bool far_transfer(struct x86_ctx *s, struct x86_insn *i, bool call, struct ir_val sel, struct ir_val off)
{
    struct ir_val size = imm32(s, 1u << i->osize), next = x86_next_rip(s, i);

    if (call)
        ir_call(s->ir, x86_far_call, sel, wide(s, off), size, next);
    else
        ir_call(s->ir, x86_far_jump, sel, wide(s, off), size, next);
    x86_exit_pc_stored(s);
    return true;
}

bool gen_CALL_far(struct x86_ctx *s, struct x86_insn *i)
{
    return far_transfer(s, i, true, imm32(s, i->imm2), imm32(s, i->imm));
}

bool gen_JMP_far(struct x86_ctx *s, struct x86_insn *i)
{
    return far_transfer(s, i, false, imm32(s, i->imm2), imm32(s, i->imm));
}

static bool far_mem(struct x86_ctx *s, struct x86_insn *i, bool call)
{
    unsigned bytes = 1u << i->osize;
    struct ir_val la = x86_ea(s, i, bytes + 2, false), off = x86_load(s, x86_type(i->osize), la, i->osize);

    return far_transfer(s, i, call, x86_load(s, I32, ir_addi(s->ir, la, bytes), MO_16), off);
}

bool gen_CALL_far_mem(struct x86_ctx *s, struct x86_insn *i)
{
    return far_mem(s, i, true);
}

bool gen_JMP_far_mem(struct x86_ctx *s, struct x86_insn *i)
{
    return far_mem(s, i, false);
}

bool gen_RETF(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_far_return, imm32(s, 1u << i->osize), imm32(s, i->op[0].kind == XK_IMM ? i->op[0].imm : 0));
    x86_exit_pc_stored(s);
    return true;
}

bool gen_IRET(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_iret, imm32(s, 1u << i->osize), x86_next_rip(s, i));
    x86_exit_pc_stored(s);
    return true;
}

static void interrupt(struct x86_ctx *s, struct x86_insn *i, unsigned vector, bool int_n)
{
    ir_call(s->ir, x86_int, imm32(s, vector), imm32(s, int_n), x86_next_rip(s, i));
    x86_exit_pc_stored(s);
}

bool gen_INT(struct x86_ctx *s, struct x86_insn *i)
{
    interrupt(s, i, (unsigned)i->op[0].imm & 0xff, true);
    return true;
}

bool gen_INT3(struct x86_ctx *s, struct x86_insn *i)
{
    interrupt(s, i, X86_BP, false);
    return true;
}

bool gen_INT1(struct x86_ctx *s, struct x86_insn *i)
{
    interrupt(s, i, X86_DB, false);
    return true;
}

bool gen_INTO(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned on = ir_label_new(s->ir);

    ir_br_cond(s->ir, x86_flags(s), CC_VC, on);
    interrupt(s, i, X86_OF, false);
    x86_resume(s, on);
    return true;
}

/* ---- flags, halting --------------------------------------------------------------------------- */

static struct ir_val image_type(struct x86_ctx *s, const struct x86_insn *i, struct ir_val v)
{
    return i->osize == 3 ? ir_zext(s->ir, v) : v;
}

bool gen_PUSHF(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = ir_call(s->ir, x86_pushf, imm32(s, 1u << i->osize));

    x86_push(s, image_type(s, i, v), i->osize);
    return true;
}

bool gen_POPF(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_pop(s, i->osize, 0), leave;

    v = i->osize == 3 ? ir_trunc(s->ir, v) : v;
    leave = ir_call(s->ir, x86_popf, v, imm32(s, 1u << i->osize));
    x86_stack_add(s, 1 << i->osize);
    exit_if(s, i, leave);
    return true;
}

static void store_if(struct x86_ctx *s, bool on)
{
    struct ir_val fl = ir_state_ld(s->ir, I32, X86_OFF(eflags)), bit = imm32(s, X86_FL_IF);

    ir_state_st(s->ir, on ? ir_or(s->ir, fl, bit) : ir_andc(s->ir, fl, bit), X86_OFF(eflags));
}

bool gen_CLI(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    if (s->mode & X86_MODE_IO)
        store_if(s, false);
    else
        ir_call(s->ir, x86_cli);
    return true;
}

/* What is pending waits for the end of the next instruction. As no region is left between two instructions but at its end, the state
 * in which interrupts are held off is only needed where something is pending, or the region may end here. */
bool gen_STI(struct x86_ctx *s, struct x86_insn *i)
{
    bool last = s->ninsns + 1 >= s->max_insns || (i->next & ~TLB_PAGE_MASK) > TLB_PAGE_SIZE - 16 || !(i->next & ~TLB_PAGE_MASK);
    unsigned on;

    if (!(s->mode & X86_MODE_IO) || last) {
        ir_call(s->ir, x86_sti);
        x86_exit_main(s, i);
        return true;
    }
    on = ir_label_new(s->ir);
    ir_br_cmp(s->ir, CC_EQ, ir_state_ld(s->ir, I32, X86_OFF(cpu.irq_lines)), imm32(s, 0), on);
    ir_call(s->ir, x86_sti);
    x86_exit_main(s, i);
    x86_resume(s, on);
    store_if(s, true);
    return true;
}

bool gen_HLT(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_hlt);
    x86_exit_main(s, i);
    return true;
}

/* Where all CPUs have one thread, the next one's turn comes: the loop may wait for it, and hold its lock wherever else a turn ends. */
bool gen_PAUSE(struct x86_ctx *s, struct x86_insn *i)
{
    const struct machine *m = s->cpu->cpu.machine;

    if (m && m->config.thread_single && m->config.smp > 1) {
        ir_call(s->ir, x86_pause);
        x86_exit_main(s, i);
    }
    return true;
}

bool gen_MONITOR(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return true;
}

/* It may end for any reason (SDM volume 2, MWAIT): it does at once. */
bool gen_MWAIT(struct x86_ctx *s, struct x86_insn *i)
{
    return gen_MONITOR(s, i);
}

static bool set_ac(struct x86_ctx *s, struct x86_insn *i, bool on)
{
    if (s->mode & X86_MODE_CPL)
        return false;
    ir_call(s->ir, x86_stac, imm32(s, on));
    x86_exit_main(s, i);
    return true;
}

bool gen_CLAC(struct x86_ctx *s, struct x86_insn *i)
{
    return set_ac(s, i, false);
}

bool gen_STAC(struct x86_ctx *s, struct x86_insn *i)
{
    return set_ac(s, i, true);
}

/* ---- ports ------------------------------------------------------------------------------------ */

static unsigned io_size(const struct x86_insn *i)
{
    return i->opcode & 1 ? (i->osize == 1 ? 1 : 2) : 0;
}

static struct ir_val io_port(struct x86_ctx *s, const struct x86_insn *i)
{
    return i->op[0].kind == XK_IMM ? imm32(s, i->op[0].imm & 0xff) : x86_reg(s, X86_RDX, 1);
}

/* In VM86 mode the bitmap decides at every IOPL (SDM 20.2.8.1). */
static bool needs_check(const struct x86_ctx *s)
{
    return !(s->mode & X86_MODE_IO) || s->mode & X86_MODE_VM;
}

static void check_io(struct x86_ctx *s, const struct x86_insn *i)
{
    if (needs_check(s))
        ir_call(s->ir, x86_check_io, io_port(s, i), imm32(s, 1u << io_size(i)));
}

bool gen_IN(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = io_size(i);

    check_io(s, i);
    x86_set_reg(s, X86_RAX, size, ir_call(s->ir, x86_in, io_port(s, i), imm32(s, 1u << size)));
    return true;
}

bool gen_OUT(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned size = io_size(i);

    check_io(s, i);
    ir_call(s->ir, x86_out, io_port(s, i), imm32(s, 1u << size), x86_reg(s, X86_RAX, size));
    x86_exit_main(s, i);
    return true;
}

static bool io_string(struct x86_ctx *s, struct x86_insn *i, bool out)
{
    bool rep = i->repz || i->repnz, one = s->mode & (X86_MODE_TF | X86_MODE_DR);
    unsigned seg = out ? (i->seg_prefix >= 0 ? (unsigned)i->seg_prefix : X86_DS) : X86_ES, done = ir_label_new(s->ir);
    struct ir_val again = ir_call(s->ir, x86_io_string,
                                  imm32(s, 1u << io_size(i) | (unsigned)i->asize << 4 | seg << 8 | (unsigned)out << 12 |
                                               (unsigned)rep << 13 | (unsigned)one << 14 | (unsigned)needs_check(s) << 15));

    ir_br_cmp(s->ir, CC_EQ, again, imm32(s, 0), done);
    x86_jump_self(s, i);
    x86_resume(s, done);
    x86_exit_main(s, i);
    return true;
}

bool gen_INS(struct x86_ctx *s, struct x86_insn *i)
{
    return io_string(s, i, false);
}

bool gen_OUTS(struct x86_ctx *s, struct x86_insn *i)
{
    return io_string(s, i, true);
}

/* ---- descriptor tables ------------------------------------------------------------------------ */

static void umip(struct x86_ctx *s)
{
    if (s->mode & X86_MODE_CPL)
        ir_call(s->ir, x86_umip);
}

bool gen_SLDT(struct x86_ctx *s, struct x86_insn *i)
{
    umip(s);
    write_word(s, i, selector(s, X86_LDTR));
    return true;
}

bool gen_STR(struct x86_ctx *s, struct x86_insn *i)
{
    umip(s);
    write_word(s, i, selector(s, X86_TR));
    return true;
}

bool gen_SMSW(struct x86_ctx *s, struct x86_insn *i)
{
    bool whole = i->op[0].kind == XK_GPR && i->op[0].size == 3;

    umip(s);
    x86_write(s, i, 0, ir_state_ld(s->ir, whole ? I64 : I32, X86_OFF(cr0)));
    return true;
}

static bool store_table(struct x86_ctx *s, struct x86_insn *i, unsigned off)
{
    unsigned size = x86_is64(s) ? MO_64 : MO_32;
    struct ir_val la;

    umip(s);
    la = x86_ea(s, i, 2 + (1u << size), true);
    x86_store(s, la, ir_state_ld(s->ir, I32, off + (unsigned)offsetof(struct x86_table, limit)), MO_16);
    x86_store(s, ir_addi(s->ir, la, 2), ir_state_ld(s->ir, x86_type(size), off + (unsigned)offsetof(struct x86_table, base)), size);
    return true;
}

bool gen_SGDT(struct x86_ctx *s, struct x86_insn *i)
{
    return store_table(s, i, X86_OFF(gdtr));
}

bool gen_SIDT(struct x86_ctx *s, struct x86_insn *i)
{
    return store_table(s, i, X86_OFF(idtr));
}

static bool load_table(struct x86_ctx *s, struct x86_insn *i, unsigned which)
{
    unsigned size = x86_is64(s) ? MO_64 : MO_32;
    struct ir_val la = x86_ea(s, i, 2 + (1u << size), false), limit = x86_load(s, I32, la, MO_16);
    struct ir_val base = x86_load(s, x86_type(size), ir_addi(s->ir, la, 2), size);

    if (i->osize == 1 && !x86_is64(s))
        base = ir_andi(s->ir, base, 0xffffff);
    ir_call(s->ir, x86_load_table, imm32(s, which), limit, wide(s, base));
    return true;
}

bool gen_LGDT(struct x86_ctx *s, struct x86_insn *i)
{
    return load_table(s, i, 0);
}

bool gen_LIDT(struct x86_ctx *s, struct x86_insn *i)
{
    return load_table(s, i, 1);
}

bool gen_LLDT(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_lldt, x86_read(s, i, 0));
    return true;
}

bool gen_LTR(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_ltr, x86_read(s, i, 0));
    return true;
}

static bool lar(struct x86_ctx *s, struct x86_insn *i, unsigned kind)
{
    struct ir_val sel = x86_read(s, i, 1), v = ir_call(s->ir, x86_lar, imm32(s, kind), sel, wide(s, x86_read(s, i, 0)));

    x86_write(s, i, 0, i->osize == 3 ? v : ir_trunc(s->ir, v));
    return true;
}

bool gen_LAR(struct x86_ctx *s, struct x86_insn *i)
{
    return lar(s, i, 0);
}

bool gen_LSL(struct x86_ctx *s, struct x86_insn *i)
{
    return lar(s, i, 1);
}

bool gen_VERR(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_verify, imm32(s, 0), x86_read(s, i, 0));
    return true;
}

bool gen_VERW(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_verify, imm32(s, 1), x86_read(s, i, 0));
    return true;
}

/* The destination is written when its RPL goes up. */
bool gen_ARPL(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    struct ir_val dst = x86_read(s, i, 0), rpl = ir_andi(ir, x86_read(s, i, 1), 3), old = ir_andi(ir, dst, 3);
    unsigned on = ir_label_new(ir);

    ir_br_cmp(ir, CC_GEU, old, rpl, on);
    x86_write(s, i, 0, ir_or(ir, ir_andi(ir, dst, 0xfffc), rpl));
    ir_label(ir, on);
    ir_call(ir, x86_set_zf, ir_setcmp(ir, CC_LTU, old, rpl));
    return true;
}

/* ---- control and debug registers -------------------------------------------------------------- */

/* LOCK MOV CR0 is CR8 outside 64-bit mode on AMD's CPUs (APM volume 3, MOV CRn); with others it is undefined. */
bool gen_MOV_from_cr(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned n = i->op[1].reg;
    struct ir_val v;

    if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8)
        return false;
    if (n == 8)
        v = ir_call(s->ir, x86_read_cr8);
    else
        v = ir_state_ld(s->ir, I64, n == 0 ? X86_OFF(cr0) : n == 2 ? X86_OFF(cr2) : n == 3 ? X86_OFF(cr3) : X86_OFF(cr4));
    x86_write(s, i, 0, i->op[0].size == 3 ? v : ir_trunc(s->ir, v));
    return true;
}

bool gen_MOV_to_cr(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned n = i->op[0].reg;

    if (i->lock || (n != 0 && n != 2 && n != 3 && n != 4 && n != 8))
        return false;
    ir_call(s->ir, x86_write_cr, imm32(s, n), wide(s, x86_read(s, i, 1)));
    return true;
}

bool gen_LMSW(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_lmsw, x86_read(s, i, 0));
    x86_exit_main(s, i);
    return true;
}

bool gen_CLTS(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_write_cr, imm32(s, 16), ir_const(s->ir, I64, 0));
    return true;
}

bool gen_MOV_from_dr(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    if (i->op[1].reg > 7)
        return false;
    v = ir_call(s->ir, x86_read_dr, imm32(s, i->op[1].reg));
    x86_write(s, i, 0, i->op[0].size == 3 ? v : ir_trunc(s->ir, v));
    return true;
}

bool gen_MOV_to_dr(struct x86_ctx *s, struct x86_insn *i)
{
    if (i->op[0].reg > 7)
        return false;
    ir_call(s->ir, x86_write_dr, imm32(s, i->op[0].reg), wide(s, x86_read(s, i, 1)));
    return true;
}

bool gen_WBINVD(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return true;
}

/* The address is not checked. */
bool gen_INVLPG(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val off = x86_offset(s, i);

    if (!x86_is64(s) || i->seg >= X86_FS)
        off = ir_add(s->ir, off, ir_state_ld(s->ir, ir_typeof(s->ir, off), seg_off(i->seg, offsetof(struct x86_seg, base))));
    ir_call(s->ir, x86_invlpg, wide(s, off));
    x86_exit_main(s, i);
    return true;
}

bool gen_INVPCID(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_invpcid, wide(s, x86_read(s, i, 0)), wide(s, x86_ea(s, i, 16, false)));
    return true;
}

/* ---- MSRs, counters, identification ------------------------------------------------------------ */

bool gen_RDMSR(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rdmsr);
    return true;
}

bool gen_WRMSR(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_wrmsr);
    return true;
}

bool gen_RDTSC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rdtsc, imm32(s, 0));
    return true;
}

bool gen_RDTSCP(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rdtsc, imm32(s, 1));
    return true;
}

bool gen_RDPMC(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rdpmc);
    return true;
}

bool gen_RDPID(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = ir_state_ld(s->ir, I64, X86_OFF(tsc_aux));

    x86_set_reg(s, i->op[0].reg, x86_is64(s) ? 3 : 2, x86_is64(s) ? v : ir_trunc(s->ir, v));
    return true;
}

bool gen_CPUID(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_cpuid);
    return true;
}

bool gen_XGETBV(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_xgetbv);
    return true;
}

bool gen_XSETBV(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_xsetbv);
    x86_exit_main(s, i);
    return true;
}

bool gen_RDPKRU(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rdpkru);
    return true;
}

bool gen_WRPKRU(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_wrpkru);
    return true;
}

/* RDRAND, RDSEED */
bool gen_RDRAND(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = ir_call(s->ir, x86_random, imm32(s, 8u << i->osize));

    x86_write(s, i, 0, i->osize == 3 ? v : ir_trunc(s->ir, v));
    return true;
}

/* ---- fast system calls ------------------------------------------------------------------------ */

static bool has_amd_rules(const struct x86_ctx *s)
{
    return s->cpu->model->vendor[0] == 'A';
}

/* Intel's CPUs have SYSCALL and SYSRET in 64-bit mode alone; AMD's have SYSENTER and SYSEXIT outside IA-32e mode. */
bool gen_SYSCALL(struct x86_ctx *s, struct x86_insn *i)
{
    if (!x86_is64(s) && !has_amd_rules(s))
        return false;
    ir_call(s->ir, x86_syscall, x86_next_rip(s, i));
    x86_exit_pc_stored(s);
    return true;
}

bool gen_SYSRET(struct x86_ctx *s, struct x86_insn *i)
{
    if (!x86_is64(s) && !has_amd_rules(s))
        return false;
    ir_call(s->ir, x86_sysret, imm32(s, i->rex_w));
    x86_exit_pc_stored(s);
    return true;
}

bool gen_SYSENTER(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    if (s->mode & X86_MODE_LMA && has_amd_rules(s))
        return false;
    ir_call(s->ir, x86_sysenter);
    x86_exit_pc_stored(s);
    return true;
}

bool gen_SYSEXIT(struct x86_ctx *s, struct x86_insn *i)
{
    if (s->mode & X86_MODE_LMA && has_amd_rules(s))
        return false;
    ir_call(s->ir, x86_sysexit, imm32(s, i->rex_w));
    x86_exit_pc_stored(s);
    return true;
}

bool gen_SWAPGS(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned at = seg_off(X86_GS, offsetof(struct x86_seg, base));
    struct ir_val base = ir_state_ld(s->ir, I64, at), other = ir_state_ld(s->ir, I64, X86_OFF(kernel_gs_base));

    (void)i;
    ir_state_st(s->ir, other, at);
    ir_state_st(s->ir, base, X86_OFF(kernel_gs_base));
    return true;
}

static unsigned base_off(const struct x86_insn *i)
{
    return seg_off(i->modrm >> 3 & 1 ? X86_GS : X86_FS, offsetof(struct x86_seg, base));
}

/* RDFSBASE, RDGSBASE */
bool gen_RDFSBASE(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    ir_call(s->ir, x86_fsgsbase, ir_const(s->ir, I64, 0));
    v = ir_state_ld(s->ir, I64, base_off(i));
    x86_write(s, i, 0, i->op[0].size == 3 ? v : ir_trunc(s->ir, v));
    return true;
}

/* WRFSBASE, WRGSBASE */
bool gen_WRFSBASE(struct x86_ctx *s, struct x86_insn *i)
{
    ir_state_st(s->ir, ir_call(s->ir, x86_fsgsbase, wide(s, x86_read(s, i, 0))), base_off(i));
    return true;
}

bool gen_RSM(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_call(s->ir, x86_rsm);
    x86_exit_pc_stored(s);
    return true;
}

bool gen_UD2(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return false;
}

bool gen_UD1(struct x86_ctx *s, struct x86_insn *i)
{
    return gen_UD2(s, i);
}

/* ---- saved state, caches ---------------------------------------------------------------------- */

static bool save(struct x86_ctx *s, struct x86_insn *i, unsigned kind, bool restore)
{
    struct ir_val la = wide(s, x86_ea(s, i, 576, !restore)), what = imm32(s, kind | (i->rex_w ? X86_XSAVE_64 : 0));

    if (restore)
        ir_call(s->ir, x86_xrstor, la, what);
    else
        ir_call(s->ir, x86_xsave, la, what);
    return true;
}

bool gen_XSAVE(struct x86_ctx *s, struct x86_insn *i) { return save(s, i, X86_XSAVE, false); }
bool gen_XSAVEOPT(struct x86_ctx *s, struct x86_insn *i) { return save(s, i, X86_XSAVEOPT, false); }
bool gen_XSAVEC(struct x86_ctx *s, struct x86_insn *i) { return save(s, i, X86_XSAVEC, false); }
bool gen_XRSTOR(struct x86_ctx *s, struct x86_insn *i) { return save(s, i, X86_XSAVE, true); }

/* CLFLUSH, CLFLUSHOPT, CLWB: checked like a load of a byte. */
bool gen_CLFLUSH(struct x86_ctx *s, struct x86_insn *i)
{
    x86_read(s, i, 0);
    return true;
}

/* LFENCE, SFENCE: loads, and stores, are in order among themselves anyway (SDM volume 3, 8.2.2). */
bool gen_LFENCE(struct x86_ctx *s, struct x86_insn *i)
{
    (void)s;
    (void)i;
    return true;
}

bool gen_MFENCE(struct x86_ctx *s, struct x86_insn *i)
{
    (void)i;
    ir_mb(s->ir, MB_ST_LD);
    return true;
}
