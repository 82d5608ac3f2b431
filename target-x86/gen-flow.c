/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Near jumps, calls, returns, loops; pushes and pops; the frame instructions. */
#include "config.h"
#include "target-x86/decode.h"
#include "target-x86/gen.h"
#include "target-x86/helpers.h"

/* ---- jumps ------------------------------------------------------------------------------------ */

/* Where CS's limit may be anything, the target is checked. */
static void jump_rel(struct x86_ctx *s, struct x86_insn *i)
{
    if (!(s->mode & X86_MODE_FLAT_CS))
        x86_check_rip(s, x86_rel_rip(s, i, (int64_t)i->imm));
    x86_jump_rel(s, i, (int64_t)i->imm);
}

bool gen_JMP(struct x86_ctx *s, struct x86_insn *i)
{
    if (x86_again(s, i))
        s->again = true;
    else
        jump_rel(s, i);
    return true;
}

/* After a branch to label that is taken when the jump is not (again: when it is): the other path, then the label. */
static void leave_or_go_on(struct x86_ctx *s, struct x86_insn *i, bool again, unsigned label)
{
    if (again)
        x86_jump_next(s, i);
    else
        jump_rel(s, i);
    x86_resume(s, label);
    s->again = again;
}

bool gen_Jcc(struct x86_ctx *s, struct x86_insn *i)
{
    enum ir_cc cc = x86_cc(i->opcode & 15);
    bool again = x86_again(s, i);
    unsigned label = ir_label_new(s->ir);

    ir_br_cond(s->ir, x86_flags(s), again ? cc : cc ^ 1, label);
    leave_or_go_on(s, i, again, label);
    return true;
}

static struct ir_val count_reg(struct x86_ctx *s, struct x86_insn *i)
{
    return x86_reg(s, X86_RCX, i->asize);
}

/* JCXZ, JECXZ, JRCXZ by address size */
bool gen_JCXZ(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned label = ir_label_new(s->ir);

    ir_br_cmp(s->ir, CC_NE, count_reg(s, i), x86_imm(s, i->asize, 0), label);
    leave_or_go_on(s, i, false, label);
    return true;
}

/* LOOP, LOOPE, LOOPNE: the count goes down in any case, flags stay. */
static bool loop(struct x86_ctx *s, struct x86_insn *i, enum ir_cc cc)
{
    struct ir *ir = s->ir;
    struct ir_val n = ir_addi(ir, count_reg(s, i), -1), stay;
    unsigned label = ir_label_new(ir);

    n = i->asize == 1 ? ir_extract(ir, n, 0, 16) : n;
    x86_set_reg(s, X86_RCX, i->asize, n);
    stay = ir_setcmp(ir, CC_EQ, n, x86_imm(s, i->asize, 0));
    if (cc != CC_ALWAYS)
        stay = ir_or(ir, stay, ir_setcond(ir, x86_flags(s), cc ^ 1));
    ir_br_cmp(ir, CC_NE, stay, ir_const(ir, I32, 0), label);
    leave_or_go_on(s, i, false, label);
    return true;
}

bool gen_LOOP(struct x86_ctx *s, struct x86_insn *i) { return loop(s, i, CC_ALWAYS); }
bool gen_LOOPE(struct x86_ctx *s, struct x86_insn *i) { return loop(s, i, CC_EQ); }
bool gen_LOOPNE(struct x86_ctx *s, struct x86_insn *i) { return loop(s, i, CC_NE); }

/* A RIP of the operand size, as I64 */
static struct ir_val to_rip(struct x86_ctx *s, unsigned size, struct ir_val v)
{
    return size == 3 ? v : ir_zext(s->ir, v);
}

static struct ir_val cut_rip(struct x86_ctx *s, unsigned size, struct ir_val rip)
{
    return size == 3 ? rip : size == 2 ? ir_trunc(s->ir, rip) : ir_extract(s->ir, ir_trunc(s->ir, rip), 0, 16);
}

bool gen_JMP_ind(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val rip = to_rip(s, i->osize, x86_read(s, i, 0));

    x86_check_rip(s, rip);
    x86_jump_ind(s, rip, JUMP_PLAIN);
    return true;
}

/* The return address is in memory before the target is checked, RSP changes after. */
static void push_return(struct x86_ctx *s, struct x86_insn *i, struct ir_val rip)
{
    struct ir_val old = x86_reg(s, X86_RSP, 3);

    x86_push(s, cut_rip(s, i->osize, x86_next_rip(s, i)), i->osize);
    if (rip.id) {
        struct ir_val pushed = x86_reg(s, X86_RSP, 3);

        x86_set_reg(s, X86_RSP, 3, old);
        x86_check_rip(s, rip);
        x86_set_reg(s, X86_RSP, 3, pushed);
    }
    ir_ret_push(s->ir, i->next);
}

bool gen_CALL(struct x86_ctx *s, struct x86_insn *i)
{
    bool flat = s->mode & X86_MODE_FLAT_CS;

    push_return(s, i, flat ? IR_NONE : x86_rel_rip(s, i, (int64_t)i->imm));
    x86_jump_rel(s, i, (int64_t)i->imm);
    return true;
}

bool gen_CALL_ind(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val rip = to_rip(s, i->osize, x86_read(s, i, 0));

    push_return(s, i, x86_is64(s) || !(s->mode & X86_MODE_FLAT_CS) ? rip : IR_NONE);
    x86_jump_ind(s, rip, JUMP_CALL);
    return true;
}

/* RET [imm16] */
bool gen_RET(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val rip = to_rip(s, i->osize, x86_pop(s, i->osize, 0));
    int64_t n = i->op[0].kind == XK_IMM ? (int64_t)i->op[0].imm : 0;

    x86_check_rip(s, rip);
    x86_stack_add(s, n + (1 << i->osize));
    x86_jump_ind(s, rip, JUMP_RETURN);
    return true;
}

/* ---- stack ------------------------------------------------------------------------------------ */

bool gen_PUSH(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_read(s, i, 0);

    x86_push(s, v, i->osize);
    return true;
}

/* POP to a register: RSP moves first, so that POP RSP gets the value. */
bool gen_POP(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v = x86_pop(s, i->osize, 0);

    x86_stack_add(s, 1 << i->osize);
    x86_write(s, i, 0, v);
    return true;
}

/* POP to memory: an address by RSP is computed after RSP moved; a fault leaves RSP as it was. */
bool gen_POP_mem(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir_val v;

    if (i->op[0].kind == XK_GPR)
        return gen_POP(s, i);
    v = x86_pop(s, i->osize, 0);
    if (i->base == X86_RSP)
        i->disp += 1 << i->osize;
    x86_write(s, i, 0, v);
    x86_stack_add(s, 1 << i->osize);
    return true;
}

/* All eight below the stack pointer: AX CX DX BX SP BP SI DI */
bool gen_PUSHA(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_pusha, ir_const(s->ir, I32, i->osize));
    return true;
}

bool gen_POPA(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_popa, ir_const(s->ir, I32, i->osize));
    return true;
}

bool gen_ENTER(struct x86_ctx *s, struct x86_insn *i)
{
    ir_call(s->ir, x86_enter, ir_const(s->ir, I32, i->op[0].imm | (uint64_t)i->osize << 16), ir_const(s->ir, I32, i->op[1].imm & 31));
    return true;
}

/* SP = BP; pop BP */
bool gen_LEAVE(struct x86_ctx *s, struct x86_insn *i)
{
    unsigned ssize = x86_is64(s) ? 3 : s->mode & X86_MODE_SS32 ? 2 : 1;
    struct ir_val bp = x86_reg(s, X86_RBP, ssize), v;

    v = x86_load(s, x86_type(i->osize), x86_linear(s, X86_SS, bp, 1u << i->osize, false), i->osize);
    x86_set_reg(s, X86_RSP, ssize, ir_addi(s->ir, bp, 1 << i->osize));
    x86_set_reg(s, X86_RBP, i->osize, v);
    return true;
}

/* BOUND r, m: #BR unless the signed index lies in the pair at m */
bool gen_BOUND(struct x86_ctx *s, struct x86_insn *i)
{
    struct ir *ir = s->ir;
    unsigned size = i->osize, low_ok = ir_label_new(ir), ok = ir_label_new(ir);
    struct ir_val v = x86_read(s, i, 0), la = x86_ea(s, i, 2u << size, false);

    v = size == 1 ? ir_sextract(ir, v, 0, 16) : v;
    ir_br_cmp(ir, CC_GE, v, x86_load(s, I32, la, size | MO_SIGN), low_ok);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_BR), ir_const(ir, I32, 0));
    ir_label(ir, low_ok);
    ir_br_cmp(ir, CC_LE, v, x86_load(s, I32, ir_addi(ir, la, 1 << size), size | MO_SIGN), ok);
    ir_call(ir, x86_fault, ir_const(ir, I32, X86_BR), ir_const(ir, I32, 0));
    ir_label(ir, ok);
    return true;
}
