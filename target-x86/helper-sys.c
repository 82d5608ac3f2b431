/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of system instructions: flags, ports, control and debug registers, MSRs, TLB maintenance. Bodies of helpers-sys.inc. */
#include "config.h"
#include "softmmu/access.h"
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-x86/system.h"
#define HELPER_INC "target-x86/helpers-sys.inc"
#include "tcg/helper-def.h"
#include "target-x86/helpers-sys.h"
#include "util/rng.h"

static void gp0(struct x86_cpu *c) __attribute__((noreturn));
static void gp0(struct x86_cpu *c)
{
    x86_raise(c, X86_GP, 0);
}

static void ud(struct x86_cpu *c) __attribute__((noreturn));
static void ud(struct x86_cpu *c)
{
    x86_raise(c, X86_UD, 0);
}

static unsigned iopl(const struct x86_cpu *c)
{
    return c->eflags >> X86_FL_IOPL_SHIFT & 3;
}

/* ---- flags ------------------------------------------------------------------------------------- */

/* In VM86 mode below IOPL 3: VME's virtual interrupt flag for 16-bit instructions, else #GP(0) (SDM 20.2.7, table 20-2). */
static bool virtual_if(struct x86_cpu *c, uint32_t size)
{
    if (!(c->eflags & X86_FL_VM) || iopl(c) == 3)
        return false;
    if (!(c->cr4 & X86_CR4_VME) || size != 2)
        gp0(c);
    return true;
}

uint32_t helper_x86_pushf(struct tcg_env *env, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t v = x86_eflags(c) & ~(uint32_t)(X86_FL_VM | X86_FL_RF);

    if (virtual_if(c, size))
        v = (v & ~(uint32_t)X86_FL_IF) | X86_FL_IOPL | (c->eflags & X86_FL_VIF ? X86_FL_IF : 0);
    return v;
}

uint32_t helper_x86_popf(struct tcg_env *env, uint32_t val, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t mask = X86_FL_ARITH | X86_FL_TF | X86_FL_DF | X86_FL_NT | (size > 2 ? X86_FL_AC | X86_FL_ID : 0), old = c->eflags, mode;
    bool was_changed = c->cpu.mode_changed;

    if (virtual_if(c, size)) {
        if (val & X86_FL_TF || (val & X86_FL_IF && c->eflags & X86_FL_VIP))
            gp0(c);
        c->eflags = (c->eflags & ~(uint32_t)X86_FL_VIF) | (val & X86_FL_IF ? X86_FL_VIF : 0);
    } else if (x86_cpl(c) <= iopl(c)) {
        mask |= X86_FL_IF;
    }
    if (x86_cpl(c) == 0)
        mask |= X86_FL_IOPL;
    mode = x86_mode(&c->cpu);
    x86_set_eflags(c, val, mask | X86_FL_RF);
    c->eflags &= ~(uint32_t)X86_FL_RF;
    if (x86_mode(&c->cpu) != mode || (old ^ c->eflags) & X86_FL_AC)
        return 1;
    c->cpu.mode_changed = was_changed;
    return c->eflags & ~old & X86_FL_IF && __atomic_load_n(&c->cpu.irq_lines, __ATOMIC_RELAXED);
}

/* CLI, STI: whose flag they change; raises #GP(0) where they may not. */
static uint32_t interrupt_flag(struct x86_cpu *c)
{
    bool vm = c->eflags & X86_FL_VM;

    if (x86_cpl(c) <= iopl(c))
        return X86_FL_IF;
    if (vm ? !(c->cr4 & X86_CR4_VME) : x86_cpl(c) != 3 || !(c->cr4 & X86_CR4_PVI))
        gp0(c);
    return X86_FL_VIF;
}

void helper_x86_cli(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    c->eflags &= ~interrupt_flag(c);
}

void helper_x86_sti(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t flag = interrupt_flag(c);

    if (flag == X86_FL_VIF && c->eflags & X86_FL_VIP)
        gp0(c);
    if (flag == X86_FL_IF && !(c->eflags & X86_FL_IF)) {
        c->inhibit = X86_INHIBIT_INTR;
        c->cpu.mode_changed = true;
    }
    c->eflags |= flag;
}

void helper_x86_stac(struct tcg_env *env, uint32_t on)
{
    struct x86_cpu *c = X86_ENV(env);

    c->eflags = (c->eflags & ~(uint32_t)X86_FL_AC) | (on ? X86_FL_AC : 0);
    c->cpu.mode_changed = true;
}

/* The wait of the instruction before is over: what is pending is taken at once. */
void helper_x86_hlt(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    c->inhibit = X86_INHIBIT_NONE;
    c->cpu.halted = !x86_has_work(&c->cpu);
    c->cpu.mode_changed = true;
}

void helper_x86_pause(struct tcg_env *env)
{
    __atomic_store_n(&env->exit_request, 1, __ATOMIC_SEQ_CST);
}

/* ---- ports ------------------------------------------------------------------------------------- */

void helper_x86_check_io(struct tcg_env *env, uint32_t port, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!x86_io_allowed(c, port, size))
        gp0(c);
}

uint32_t helper_x86_in(struct tcg_env *env, uint32_t port, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);

    c->db_pending |= x86_data_breakpoints(c, port, size, false, true);
    return cpu_io_read(&c->cpu, (uint16_t)port, size);
}

void helper_x86_out(struct tcg_env *env, uint32_t port, uint32_t size, uint32_t val)
{
    struct x86_cpu *c = X86_ENV(env);

    c->db_pending |= x86_data_breakpoints(c, port, size, true, true);
    cpu_io_write(&c->cpu, (uint16_t)port, size, val);
}

#define STRING_MAX 2048              /* elements at a time: interrupts wait no longer */

struct io_string {
    struct x86_cpu *c;
    unsigned size, seg;
    uint64_t mask;           /* of addresses */
    bool out;
};

static uint64_t masked_add(uint64_t reg, uint64_t n, uint64_t mask)
{
    return mask == 0xffff ? (reg & ~mask) | ((reg + n) & mask) : (reg + n) & mask;
}

/* Linear address of the element, checked. */
static uint64_t element(const struct io_string *s, uint64_t off)
{
    struct x86_cpu *c = s->c;

    if (x86_in_64(c))
        return s->seg >= X86_FS ? c->seg[s->seg].base + off : off;
    x86_seg_check(c, s->seg, off, s->size, !s->out);
    return (uint32_t)(c->seg[s->seg].base + off);
}

/* One element; the memory operand's faults come before the port is touched. */
static void io_element(const struct io_string *s)
{
    struct x86_cpu *c = s->c;
    unsigned reg = s->out ? X86_RSI : X86_RDI, memop = s->size == 4 ? MO_32 : s->size == 2 ? MO_16 : MO_8;
    uint64_t la = element(s, c->r[reg] & s->mask), step = c->df & 1 ? 0 - (uint64_t)s->size : s->size;
    uint16_t port = (uint16_t)c->r[X86_RDX];

    if (s->out) {
        helper_x86_out(&c->cpu.env, port, s->size, (uint32_t)x86_ld(c, la, memop, X86_VIEW_CPL));
    } else {
        tlb_lookup(&c->cpu, la, ACCESS_STORE, X86_VIEW_CPL, false);
        tlb_lookup(&c->cpu, la + s->size - 1, ACCESS_STORE, X86_VIEW_CPL, false);
        x86_st(c, la, helper_x86_in(&c->cpu.env, port, s->size), memop, X86_VIEW_CPL);
    }
    c->r[reg] = masked_add(c->r[reg], step, s->mask);
}

uint32_t helper_x86_io_string(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned asize = what >> 4 & 3;
    struct io_string s = { .c = c, .size = what & 15, .seg = what >> 8 & 7, .out = what >> 12 & 1,
                           .mask = asize == 3 ? UINT64_MAX : asize == 2 ? 0xffffffffu : 0xffffu };
    bool rep = what >> 13 & 1;
    unsigned most = what >> 14 & 1 ? 1 : STRING_MAX;

    if (what >> 15 & 1)
        helper_x86_check_io(env, (uint16_t)c->r[X86_RDX], s.size);
    if (rep && !(c->r[X86_RCX] & s.mask))
        return 0;
    if (!rep) {
        io_element(&s);
        return 0;
    }
    for (unsigned n = 0; n < most && c->r[X86_RCX] & s.mask; n++) {
        io_element(&s);
        c->r[X86_RCX] = masked_add(c->r[X86_RCX], UINT64_MAX, s.mask);
        if (__atomic_load_n(&env->exit_request, __ATOMIC_RELAXED))
            break;
    }
    return (c->r[X86_RCX] & s.mask) != 0;
}

/* ---- control and debug registers ---------------------------------------------------------------- */

uint64_t helper_x86_read_cr8(struct tcg_env *env)
{
    return x86_read_cr8(X86_ENV(env));
}

/* 16: CLTS */
void helper_x86_write_cr(struct tcg_env *env, uint32_t n, uint64_t val)
{
    struct x86_cpu *c = X86_ENV(env);

    switch (n) {
    case 0: x86_write_cr0(c, val); break;
    case 2: c->cr2 = val; break;
    case 3: x86_write_cr3(c, val); break;
    case 4: x86_write_cr4(c, val); break;
    case 8: x86_write_cr8(c, val); break;
    default:
        c->cr0 &= ~(uint64_t)X86_CR0_TS;
        c->cpu.mode_changed = true;
        break;
    }
}

/* PE is not cleared. */
void helper_x86_lmsw(struct tcg_env *env, uint32_t val)
{
    struct x86_cpu *c = X86_ENV(env);

    x86_write_cr0(c, (c->cr0 & ~(uint64_t)14) | (val & 15));
}

#define DR6_FIXED 0xffff0ff0u
#define DR6_BD (1u << 13)
#define DR7_GD (1u << 13)

/* DR4 and DR5 are DR6 and DR7 where CR4.DE is 0 (SDM 17.2.2); DR7.GD makes every access a fault. */
static unsigned dr_number(struct x86_cpu *c, unsigned n)
{
    if ((n == 4 || n == 5) && c->cr4 & X86_CR4_DE)
        ud(c);
    if (c->dr[7] & DR7_GD) {
        c->dr[6] |= DR6_BD;
        x86_raise(c, X86_DB, 1);
    }
    return n == 4 || n == 5 ? n + 2 : n;
}

uint64_t helper_x86_read_dr(struct tcg_env *env, uint32_t n)
{
    struct x86_cpu *c = X86_ENV(env);

    return c->dr[dr_number(c, n)];
}

void helper_x86_write_dr(struct tcg_env *env, uint32_t n, uint64_t val)
{
    struct x86_cpu *c = X86_ENV(env);

    n = dr_number(c, n);
    if (n >= 6 && val >> 32)
        gp0(c);
    if (n == 6)
        val = (val & 0xe00f) | DR6_FIXED;
    else if (n == 7)
        val = (val & 0xffff23ff) | 0x400;
    if ((c->dr[7] | val) & 0xff || n < 4)        /* which pages are watched */
        tlb_flush_all(&c->cpu);
    c->dr[n] = val;
    c->eflags &= ~(uint32_t)X86_FL_RF;
    c->cpu.mode_changed = true;
}

void helper_x86_invlpg(struct tcg_env *env, uint64_t la)
{
    struct x86_cpu *c = X86_ENV(env);

    if (x86_in_64(c) && !x86_is_canonical(c, la))
        return;
    x86_flush_page(c, x86_lma(c) ? la : (uint32_t)la);
}

/* SDM volume 2, INVPCID */
void helper_x86_invpcid(struct tcg_env *env, uint64_t type, uint64_t la)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t pcid = x86_ld(c, la, MO_64, X86_VIEW_CPL), va = x86_ld(c, la + 8, MO_64, X86_VIEW_CPL);

    if (type > 3 || (type < 2 && pcid >> 12))
        gp0(c);
    if (type < 2 && !(c->cr4 & X86_CR4_PCIDE) && pcid)
        gp0(c);
    if (type == 0 && x86_in_64(c) && !x86_is_canonical(c, va))
        gp0(c);
    switch (type) {
    case 0: x86_flush_page_pcid(c, va, (unsigned)pcid); break;
    case 1: x86_flush_pcid(c, (unsigned)pcid); break;
    case 2: tlb_flush_all(&c->cpu); break;
    default: x86_flush_not_global(c); break;
    }
}

/* ---- MSRs, counters ------------------------------------------------------------------------------ */

static void put_pair(struct x86_cpu *c, uint64_t val)
{
    c->r[X86_RAX] = (uint32_t)val;
    c->r[X86_RDX] = val >> 32;
}

static uint64_t get_pair(const struct x86_cpu *c)
{
    return (uint32_t)c->r[X86_RAX] | c->r[X86_RDX] << 32;
}

void helper_x86_rdmsr(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t val;

    if (!x86_read_msr(c, (uint32_t)c->r[X86_RCX], &val))
        gp0(c);
    put_pair(c, val);
}

void helper_x86_wrmsr(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!x86_write_msr(c, (uint32_t)c->r[X86_RCX], get_pair(c)))
        gp0(c);
}

void helper_x86_rdtsc(struct tcg_env *env, uint32_t with_aux)
{
    struct x86_cpu *c = X86_ENV(env);

    if (c->cr4 & X86_CR4_TSD && x86_cpl(c) > 0)
        gp0(c);
    put_pair(c, x86_tsc(c));
    if (with_aux)
        c->r[X86_RCX] = (uint32_t)c->tsc_aux;
}

/* There are no counters: every number is out of range. */
void helper_x86_rdpmc(struct tcg_env *env)
{
    gp0(X86_ENV(env));
}

void helper_x86_cpuid(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t r[4];

    x86_cpuid(c, (uint32_t)c->r[X86_RAX], (uint32_t)c->r[X86_RCX], r);
    c->r[X86_RAX] = r[0];
    c->r[X86_RBX] = r[1];
    c->r[X86_RCX] = r[2];
    c->r[X86_RDX] = r[3];
}

void helper_x86_xgetbv(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t n = (uint32_t)c->r[X86_RCX];

    if (!(c->cr4 & X86_CR4_OSXSAVE))
        ud(c);
    if (n > 1 || (n == 1 && !x86_has(c, X86_F_XGETBV1)))
        gp0(c);
    put_pair(c, n ? c->xcr0 & x86_xinuse(c) : c->xcr0);
}

void helper_x86_xsetbv(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!(c->cr4 & X86_CR4_OSXSAVE))
        ud(c);
    if (x86_cpl(c) > 0 || (uint32_t)c->r[X86_RCX])
        gp0(c);
    x86_write_xcr0(c, get_pair(c));
}

void helper_x86_rdpkru(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!(c->cr4 & X86_CR4_PKE))
        ud(c);
    if ((uint32_t)c->r[X86_RCX])
        gp0(c);
    put_pair(c, c->pkru);
}

void helper_x86_wrpkru(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!(c->cr4 & X86_CR4_PKE))
        ud(c);
    if ((uint32_t)c->r[X86_RCX] || (uint32_t)c->r[X86_RDX])
        gp0(c);
    c->pkru = (uint32_t)c->r[X86_RAX];
    c->cpu.mode_changed = true;
}

uint64_t helper_x86_fsgsbase(struct tcg_env *env, uint64_t val)
{
    struct x86_cpu *c = X86_ENV(env);

    if (!(c->cr4 & X86_CR4_FSGSBASE))
        ud(c);
    if (!x86_is_canonical(c, val))
        gp0(c);
    return val;
}

void helper_x86_rsm(struct tcg_env *env)
{
    x86_rsm(X86_ENV(env));
}

uint64_t helper_x86_random(struct tcg_env *env, uint32_t bits)
{
    struct x86_cpu *c = X86_ENV(env);
    struct machine *m = c->cpu.machine;
    uint64_t v;

    if (m->rng) {
        machine_lock(m);
        v = rng_u64(m->rng);
        machine_unlock(m);
    } else {
        rng_host_bytes(&v, sizeof(v));
    }
    c->flags = FLAG_C;
    return bits == 64 ? v : v & (((uint64_t)1 << bits) - 1);
}
