/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of instructions on segments, descriptor tables, far transfers and fast system calls. */
#include "config.h"
#include "softmmu/access.h"
#include "target-x86/system.h"
#include "target-x86/helpers-sys.h"

static void gp(struct x86_cpu *c, unsigned selector) __attribute__((noreturn));
static void gp(struct x86_cpu *c, unsigned selector)
{
    x86_raise(c, X86_GP, selector & 0xfffc);
}

/* ---- loads ------------------------------------------------------------------------------------ */

/* bytes: POP SS moves the stack pointer when SS is known to be good, by the old SS's size. */
static void pop_bytes(struct x86_cpu *c, uint64_t mask, unsigned bytes)
{
    uint64_t sp = c->r[X86_RSP];

    c->r[X86_RSP] = mask == 0xffff ? (sp & ~mask) | ((sp + bytes) & mask) : (sp + bytes) & mask;
}

uint32_t helper_x86_load_seg(struct tcg_env *env, uint32_t what, uint32_t selector)
{
    struct x86_cpu *c = X86_ENV(env);
    bool was_changed = c->cpu.mode_changed;
    uint32_t mode = x86_mode(&c->cpu);
    struct x86_stack s;

    x86_stack_current(c, &s);
    x86_load_segment(c, (enum x86_segment)(what & 15), selector);
    if (what >> 8)
        pop_bytes(c, s.mask, what >> 8);
    if (what & X86_LOAD_INHIBIT)
        c->inhibit = X86_INHIBIT_ALL;
    if (x86_mode(&c->cpu) != mode)
        return 1;
    c->cpu.mode_changed = was_changed;
    return 0;
}

void helper_x86_lldt(struct tcg_env *env, uint32_t selector)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x86_descriptor d, high = { 0 };

    if (x86_is_null(selector)) {
        x86_put_null(c, X86_LDTR, selector);
        return;
    }
    if (selector & 4)
        gp(c, selector);
    x86_get_descriptor(c, selector, &d, X86_GP, 0);
    if (d.hi & X86_DESC_S || x86_desc_type(d.hi) != X86_TYPE_LDT)
        gp(c, selector);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    if (x86_lma(c) && (!x86_read_descriptor(c, selector + 8, &high) || high.hi & 0x1f00))
        gp(c, selector);
    x86_put_segment(c, X86_LDTR, selector, &d);
    c->seg[X86_LDTR].base |= (uint64_t)high.lo << 32;
}

void helper_x86_ltr(struct tcg_env *env, uint32_t selector)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x86_descriptor d, high = { 0 };
    unsigned type;

    if (x86_is_null(selector))
        gp(c, 0);
    if (selector & 4)
        gp(c, selector);
    x86_get_descriptor(c, selector, &d, X86_GP, 0);
    type = x86_desc_type(d.hi);
    if (d.hi & X86_DESC_S || (type != X86_TYPE_TSS32 && (type != X86_TYPE_TSS16 || x86_lma(c))))
        gp(c, selector);
    if (!(d.hi & X86_DESC_P))
        x86_raise(c, X86_NP, selector & 0xfffc);
    if (x86_lma(c) && (!x86_read_descriptor(c, selector + 8, &high) || high.hi & 0x1f00))
        gp(c, selector);
    access_mem_ops.rmw(env, x86_lma(c) ? d.la + 5 : (uint32_t)(d.la + 5), 2, TCG_OI_RMW(MO_8, X86_VIEW_SYSTEM, RMW_OR));
    d.hi |= 2 << 8;
    x86_put_segment(c, X86_TR, selector, &d);
    c->seg[X86_TR].base |= (uint64_t)high.lo << 32;
}

void helper_x86_load_table(struct tcg_env *env, uint32_t which, uint32_t limit, uint64_t base)
{
    struct x86_cpu *c = X86_ENV(env);

    if (x86_in_64(c) && !x86_is_canonical(c, base))
        gp(c, 0);
    *(which ? &c->idtr : &c->gdtr) = (struct x86_table){ .base = base, .limit = limit & 0xffff };
}

void helper_x86_umip(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (c->cr4 & X86_CR4_UMIP && x86_cpl(c) > 0 && c->cr0 & X86_CR0_PE)
        gp(c, 0);
}

/* ---- LAR, LSL, VERR, VERW (SDM 5.10) ------------------------------------------------------------ */

void helper_x86_set_zf(struct tcg_env *env, uint32_t on)
{
    struct x86_cpu *c = X86_ENV(env);

    c->flags = (c->flags & ~(uint32_t)FLAG_Z) | (on ? FLAG_Z : 0);
}

/* May a program at this level know of the segment? */
static bool is_visible(const struct x86_cpu *c, unsigned selector, uint32_t hi)
{
    if (x86_is_code(hi) && hi & X86_DESC_DOWN)
        return true;
    return x86_desc_dpl(hi) >= MAX(x86_cpl(c), selector & 3);
}

/* System types that LAR and LSL (limit) accept, one bit each */
static bool is_known_type(const struct x86_cpu *c, uint32_t hi, bool limit)
{
    static const uint16_t legacy[] = { 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9 | 1u << 11 | 1u << 12,
                                       1u << 1 | 1u << 2 | 1u << 3 | 1u << 9 | 1u << 11 };
    static const uint16_t ia32e[] = { 1u << 2 | 1u << 9 | 1u << 11 | 1u << 12, 1u << 2 | 1u << 9 | 1u << 11 };

    return hi & X86_DESC_S || (x86_lma(c) ? ia32e : legacy)[limit] >> x86_desc_type(hi) & 1;
}

uint64_t helper_x86_lar(struct tcg_env *env, uint32_t limit, uint32_t selector, uint64_t old)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x86_descriptor d;
    bool ok = !x86_is_null(selector) && x86_read_descriptor(c, selector, &d) && is_known_type(c, d.hi, limit) &&
              is_visible(c, selector, d.hi);

    helper_x86_set_zf(env, ok);
    if (!ok)
        return old;
    return limit ? x86_desc_limit(&d) : d.hi & 0x00f0ff00;
}

void helper_x86_verify(struct tcg_env *env, uint32_t write, uint32_t selector)
{
    struct x86_cpu *c = X86_ENV(env);
    struct x86_descriptor d;
    bool ok = !x86_is_null(selector) && x86_read_descriptor(c, selector, &d) && d.hi & X86_DESC_S && is_visible(c, selector, d.hi);

    if (ok && x86_is_code(d.hi))
        ok = !write && d.hi & X86_DESC_WRITE;
    else if (ok && write)
        ok = d.hi & X86_DESC_WRITE;
    helper_x86_set_zf(env, ok);
}

/* ---- far transfers ------------------------------------------------------------------------------ */

void helper_x86_far_jump(struct tcg_env *env, uint32_t selector, uint64_t off, uint32_t size, uint64_t next)
{
    X86_ENV(env)->int_next = next;
    x86_far_jump(X86_ENV(env), selector, off, size);
}

void helper_x86_far_call(struct tcg_env *env, uint32_t selector, uint64_t off, uint32_t size, uint64_t next)
{
    x86_far_call(X86_ENV(env), selector, off, size, next);
}

void helper_x86_far_return(struct tcg_env *env, uint32_t size, uint32_t release)
{
    x86_far_return(X86_ENV(env), size, release);
}

void helper_x86_iret(struct tcg_env *env, uint32_t size, uint64_t next)
{
    x86_iret(X86_ENV(env), size, next);
}

void helper_x86_int(struct tcg_env *env, uint32_t vector, uint32_t int_n, uint64_t next)
{
    x86_soft_interrupt(X86_ENV(env), vector, int_n, next);
}

/* ---- SYSCALL, SYSENTER and back (SDM volume 2; APM volume 3) ------------------------------------ */

/* Flat segments of the level, as the instructions make them without looking at descriptors. */
static void set_flat(struct x86_cpu *c, unsigned cs, unsigned ss, unsigned dpl, bool is64)
{
    uint32_t attr = X86_DESC_P | X86_DESC_S | X86_DESC_WRITE | X86_DESC_ACCESSED | X86_DESC_G | dpl << X86_DESC_DPL_SHIFT;

    c->seg[X86_CS] = (struct x86_seg){ .selector = (uint16_t)cs, .limit = 0xffffffff,
                                       .attr = attr | X86_DESC_CODE | (is64 ? X86_DESC_L : X86_DESC_DB) };
    c->seg[X86_SS] = (struct x86_seg){ .selector = (uint16_t)ss, .limit = 0xffffffff, .attr = attr | X86_DESC_DB };
    x86_seg_update(c, X86_CS);
    x86_seg_update(c, X86_SS);
    c->cpu.mode_changed = true;
}

/* The trap of an instruction that TF was set before and after. */
static void finish(struct x86_cpu *c, uint32_t old)
{
    c->inhibit = X86_INHIBIT_NONE;
    x86_finish_insn(c, old & c->eflags & X86_FL_TF);
}

void helper_x86_syscall(struct tcg_env *env, uint64_t next)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned cs = c->star >> 32 & 0xfffc;
    uint32_t old = c->eflags;

    if (!(c->efer & X86_EFER_SCE))
        x86_raise(c, X86_UD, 0);
    c->r[X86_RCX] = next;
    if (x86_lma(c)) {
        bool from64 = x86_in_64(c);

        c->r[X86_R11] = x86_eflags(c) & ~(uint32_t)X86_FL_RF;
        x86_set_eflags(c, x86_eflags(c) & ~(uint32_t)c->sfmask & ~(uint32_t)X86_FL_RF, ~(uint32_t)0);
        set_flat(c, cs, cs + 8, 0, true);
        x86_set_ip(c, from64 ? c->lstar : c->cstar);
    } else {
        c->eflags &= ~(uint32_t)(X86_FL_IF | X86_FL_RF | X86_FL_VM);
        set_flat(c, cs, cs + 8, 0, false);
        x86_set_ip(c, (uint32_t)c->star);
    }
    finish(c, old);
}

void helper_x86_sysret(struct tcg_env *env, uint32_t to64)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned base = c->star >> 48 & 0xffff;
    uint32_t old = c->eflags;
    uint64_t ip = c->r[X86_RCX];

    if (!(c->efer & X86_EFER_SCE))
        x86_raise(c, X86_UD, 0);
    if (!(c->cr0 & X86_CR0_PE) || x86_cpl(c) != 0)
        gp(c, 0);
    to64 = to64 && x86_in_64(c);
    if (to64 && !x86_is_canonical(c, ip))
        gp(c, 0);
    if (x86_lma(c))
        x86_set_eflags(c, (uint32_t)c->r[X86_R11] & 0x3c7fd7, ~(uint32_t)0);
    else
        c->eflags |= X86_FL_IF;
    if (!(x86_mode(&c->cpu) & X86_MODE_DR))
        c->eflags &= ~(uint32_t)X86_FL_RF;
    set_flat(c, (to64 ? base + 16 : base) | 3, (base + 8) | 3, 3, to64);
    x86_set_ip(c, to64 ? ip : (uint32_t)ip);
    finish(c, old);
}

void helper_x86_sysenter(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned cs = c->sysenter_cs & 0xfffc;
    uint32_t old = c->eflags;
    bool lma = x86_lma(c);

    if (!(c->cr0 & X86_CR0_PE) || !cs)
        gp(c, 0);
    c->eflags &= ~(uint32_t)(X86_FL_VM | X86_FL_IF | X86_FL_RF);
    set_flat(c, cs, cs + 8, 0, lma);
    c->r[X86_RSP] = lma ? c->sysenter_esp : (uint32_t)c->sysenter_esp;
    x86_set_ip(c, lma ? c->sysenter_eip : (uint32_t)c->sysenter_eip);
    finish(c, old);
}

void helper_x86_sysexit(struct tcg_env *env, uint32_t to64)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned base = c->sysenter_cs & 0xfffc, cs;
    uint32_t old = c->eflags;
    uint64_t ip = c->r[X86_RDX], sp = c->r[X86_RCX];

    if (!(c->cr0 & X86_CR0_PE) || !base || x86_cpl(c) != 0)
        gp(c, 0);
    to64 = to64 && x86_in_64(c);
    if (to64 && (!x86_is_canonical(c, ip) || !x86_is_canonical(c, sp)))
        gp(c, 0);
    cs = to64 ? base + 32 : base + 16;
    set_flat(c, cs | 3, (cs + 8) | 3, 3, to64);
    c->r[X86_RSP] = to64 ? sp : (uint32_t)sp;
    x86_set_ip(c, to64 ? ip : (uint32_t)ip);
    finish(c, old);
}
