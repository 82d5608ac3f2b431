/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of helpers-int.inc. */
#include "config.h"
#include "target-x86/system.h"
#include "tcg/compile.h"
#define HELPER_INC "target-x86/helpers-int.inc"
#include "tcg/helper-def.h"
#include "target-x86/string.h"
#include "util/int128.h"

static uint64_t size_mask(unsigned size)
{
    return size == 3 ? UINT64_MAX : (1ull << (8u << size)) - 1;
}

static int64_t sign_extend(uint64_t v, unsigned size)
{
    unsigned n = 64 - (8u << size);

    return (int64_t)(v << n) >> n;
}

/* S, Z and P of a result (FLAG_*) */
static uint32_t szp(uint64_t v, unsigned size)
{
    v &= size_mask(size);
    return (v >> ((8u << size) - 1) ? FLAG_S : 0) | (v ? 0 : FLAG_Z) | (__builtin_parity((unsigned)v & 0xff) ? 0 : FLAG_P);
}

void helper_x86_fault(struct tcg_env *env, uint32_t vector, uint32_t error)
{
    x86_raise(X86_ENV(env), (enum x86_vector)vector, error);
}

void helper_x86_check_access(struct tcg_env *env, uint32_t off, uint32_t what)
{
    x86_seg_check(X86_ENV(env), (enum x86_segment)(what & 7), off, what >> 4, what >> 3 & 1);
}

/* SDM 6.8.3, 17.3.1.4: the trap comes behind the instruction, unless that is in the shadow of a MOV SS or STI */
void helper_x86_stepped(struct tcg_env *env, uint64_t pc, uint32_t mode)
{
    struct x86_cpu *c = X86_ENV(env);

    env->pc = pc;
    c->eflags &= ~(uint32_t)X86_FL_RF;
    if (mode & X86_MODE_INHIBIT)
        c->inhibit = 0;
    c->cpu.mode_changed = true;
    if (c->inhibit != X86_INHIBIT_ALL)
        x86_finish_insn(c, mode & X86_MODE_TF);
}

/* DR7: L and G enable each of four; type 00 is execution (SDM 17.2.4) */
void helper_x86_breakpoint(struct tcg_env *env)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned hit = 0;

    if (c->eflags & X86_FL_RF)
        return;
    for (unsigned n = 0; n < 4; n++)
        if (c->dr[7] >> (2 * n) & 3 && !(c->dr[7] >> (16 + 4 * n) & 3) && c->dr[n] == env->pc)
            hit |= 1u << n;
    if (!hit)
        return;
    c->dr[6] |= hit;
    x86_raise(c, X86_DB, 0);
}

/* ---- flags of multiplies, rotates, double shifts ---------------------------------------------- */

/* C and O: the upper half says something. S and P are the lower half's, A is 0, Z is 0: undefined in the SDM, what processors do. */
uint32_t helper_x86_mul_flags(uint64_t low, uint32_t over, uint32_t size)
{
    return (szp(low, size) & ~(uint32_t)FLAG_Z) | (over ? FLAG_C | FLAG_O : 0);
}

/* One bit at a time: counts are small, and the instructions rare. Returns the result; carry goes in and out. */
static uint64_t rotate_carry(uint64_t v, uint32_t n, bool *carry, uint32_t what)
{
    unsigned size = what & 0xff, width = 8u << size;
    bool right = what >> 8 & 1, out;

    v &= size_mask(size);
    while (n--) {
        if (right) {
            out = v & 1;
            v = v >> 1 | (uint64_t)*carry << (width - 1);
        } else {
            out = v >> (width - 1);
            v = (v << 1 | *carry) & size_mask(size);
        }
        *carry = out;
    }
    return v;
}

uint64_t helper_x86_rotate_carry(uint64_t v, uint32_t n, uint32_t flags, uint32_t what)
{
    bool carry = flags & FLAG_C;

    return rotate_carry(v, n, &carry, what);
}

/* O: defined for counts of 1; Intel's processors make it for all as if the operand was rotated by one. */
uint32_t helper_x86_rotate_carry_flags(uint64_t v, uint32_t n, uint32_t flags, uint32_t what)
{
    bool carry = flags & FLAG_C, top, other;
    unsigned width = 8u << (what & 0xff);

    if (n % (width + 1) == 0)        /* all around: nothing changes */
        return flags;
    top = v >> (width - 1) & 1;
    other = what >> 8 & 1 ? carry : v >> (width - 2) & 1;
    (void)rotate_carry(v, n, &carry, what);
    flags &= ~(uint32_t)(FLAG_C | FLAG_O);
    return flags | (carry ? FLAG_C : 0) | (top != other ? FLAG_O : 0);
}

/* The bit that a shift of a wider string drops last, and the result. 16 bits: the string is dest:src:dest. */
static uint64_t shift_double(uint64_t a, uint64_t b, unsigned n, uint32_t what, bool *last)
{
    unsigned size = what & 0xff, width = 8u << size;
    bool right = what >> 8 & 1;
    uint64_t mask = size_mask(size), v;

    a &= mask;
    b &= mask;
    *last = false;
    if (!n)
        return a;
    if (size == 1) {
        v = right ? a << 32 | b << 16 | a : a << 32 | b << 16 | a;
        if (right) {
            *last = v >> (n - 1) & 1;
            return v >> n & mask;
        }
        *last = v >> (48 - n) & 1;
        return v << n >> 32 & mask;
    }
    if (right) {
        *last = a >> (n - 1) & 1;
        return (a >> n | b << (width - n)) & mask;
    }
    *last = a >> (width - n) & 1;
    return (a << n | b >> (width - n)) & mask;
}

uint64_t helper_x86_shift_double(uint64_t a, uint64_t b, uint32_t n, uint32_t what)
{
    bool last;

    return shift_double(a, b, n, what, &last);
}

/* O: the sign would change in a shift by one (defined for counts of 1; Intel's processors do so for all). */
uint32_t helper_x86_shift_double_flags(uint64_t a, uint64_t b, uint32_t n, uint32_t what)
{
    unsigned size = what & 0xff, top = (8u << size) - 1;
    bool last, next = what >> 8 & 1 ? b & 1 : a >> (top - 1) & 1;
    uint64_t r = shift_double(a, b, n, what, &last);

    return szp(r, size) | (last ? FLAG_C : 0) | ((a >> top & 1) != next ? FLAG_O : 0);
}

/* ---- divides ---------------------------------------------------------------------------------- */

static void set_low(uint64_t *r, unsigned size, uint64_t v)
{
    *r = size == 2 ? (uint32_t)v : size == 3 ? v : (*r & ~size_mask(size)) | (v & size_mask(size));
}

/* Quotient and remainder; false: #DE. n is of twice the size. */
static bool divide(unsigned __int128 n, uint64_t d, unsigned size, bool is_signed, uint64_t *q, uint64_t *r)
{
    unsigned __int128 un = n, uq;
    bool nneg, dneg;
    uint64_t ud = d & size_mask(size), limit;

    if (!ud)
        return false;
    nneg = is_signed && (__int128)n < 0;
    dneg = is_signed && sign_extend(d, size) < 0;
    un = nneg ? -n : n;
    ud = dneg ? (uint64_t)-sign_extend(d, size) : ud;
    uq = un / ud;
    *r = (uint64_t)(un % ud);
    limit = is_signed ? (size_mask(size) >> 1) + (nneg != dneg) : size_mask(size);
    if (uq > limit)
        return false;
    *q = nneg != dneg ? -(uint64_t)uq : (uint64_t)uq;
    *r = nneg ? -*r : *r;
    return true;
}

/* The dividend: AX, DX:AX, EDX:EAX, RDX:RAX */
static unsigned __int128 dividend(const struct x86_cpu *c, unsigned size, bool is_signed)
{
    uint64_t a = c->r[X86_RAX], d = c->r[X86_RDX];

    if (size == 3)
        return (unsigned __int128)d << 64 | a;
    a = size == 0 ? a & 0xffff : (d & size_mask(size)) << (8u << size) | (a & size_mask(size));
    return is_signed ? (unsigned __int128)(__int128)sign_extend(a, size + 1) : a;
}

void helper_x86_div(struct tcg_env *env, uint64_t d, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned size = what & 0xff;
    uint64_t q, r;

    if (!divide(dividend(c, size, what >> 8), d, size, what >> 8, &q, &r))
        x86_raise(c, X86_DE, 0);
    if (size == 0) {
        set_low(&c->r[X86_RAX], 1, (q & 0xff) | (r & 0xff) << 8);
        return;
    }
    set_low(&c->r[X86_RAX], size, q);
    set_low(&c->r[X86_RDX], size, r);
}

/* ---- decimal ---------------------------------------------------------------------------------- */

/* DAA, DAS (SDM volume 2) */
static void adjust_decimal(struct x86_cpu *c, bool sub)
{
    uint8_t al = (uint8_t)c->r[X86_RAX], old = al;
    bool cf = c->flags & FLAG_C, af = c->flags & FLAG_A, carry = false;

    if ((al & 15) > 9 || af) {
        carry = cf || (sub ? al < 6 : al > 0xf9);
        al = (uint8_t)(sub ? al - 6 : al + 6);
        af = true;
    }
    if (old > 0x99 || cf) {
        al = (uint8_t)(sub ? al - 0x60 : al + 0x60);
        carry = true;
    } else if (!sub) {
        carry = false;
    }
    set_low(&c->r[X86_RAX], 0, al);
    c->flags = szp(al, 0) | (af ? FLAG_A : 0) | (carry ? FLAG_C : 0);
}

/* AAA, AAS */
static void adjust_ascii(struct x86_cpu *c, bool sub)
{
    uint16_t ax = (uint16_t)c->r[X86_RAX];
    bool adjust = (ax & 15) > 9 || c->flags & FLAG_A;

    if (adjust)
        ax = (uint16_t)(sub ? ax - 0x106 : ax + 0x106);
    set_low(&c->r[X86_RAX], 1, ax & 0xff0f);
    c->flags = szp(ax & 15, 0) | (adjust ? FLAG_A | FLAG_C : 0);
}

/* C, O and A of a + b in 8 bits */
static uint32_t flags_of_add8(uint8_t a, uint8_t b)
{
    uint8_t r = (uint8_t)(a + b);

    return (r < a ? FLAG_C : 0) | (((a ^ r) & (b ^ r)) >> 7 ? FLAG_O : 0) | ((a ^ b ^ r) & 16 ? FLAG_A : 0);
}

void helper_x86_decimal(struct tcg_env *env, uint32_t kind, uint32_t imm)
{
    struct x86_cpu *c = X86_ENV(env);
    uint8_t al = (uint8_t)c->r[X86_RAX], ah = (uint8_t)(c->r[X86_RAX] >> 8);
    uint32_t add_flags = 0;

    switch (kind) {
    case 0: case 1:
        adjust_decimal(c, kind == 1);
        return;
    case 2: case 3:
        adjust_ascii(c, kind == 3);
        return;
    case 4:                  /* AAM */
        if (!(imm & 0xff))
            x86_raise(c, X86_DE, 0);
        ah = (uint8_t)(al / (imm & 0xff));
        al = (uint8_t)(al % (imm & 0xff));
        break;
    default:                 /* AAD; processors make the flags of the addition */
        add_flags = flags_of_add8(al, (uint8_t)(ah * imm));
        al = (uint8_t)(al + ah * imm);
        ah = 0;
        break;
    }
    set_low(&c->r[X86_RAX], 1, (uint64_t)ah << 8 | al);
    c->flags = szp(al, 0) | add_flags;
}

/* ---- bit manipulation ------------------------------------------------------------------------- */

/* CRC-32C, reflected, without the inversions */
uint32_t helper_x86_crc32(uint32_t crc, uint64_t v, uint32_t bytes)
{
    for (; bytes; bytes--, v >>= 8) {
        crc ^= (uint8_t)v;
        for (int n = 0; n < 8; n++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return crc;
}

uint64_t helper_x86_pdep(uint64_t v, uint64_t mask)
{
    uint64_t r = 0;

    for (; mask; mask &= mask - 1, v >>= 1)
        if (v & 1)
            r |= mask & -mask;
    return r;
}

uint64_t helper_x86_pext(uint64_t v, uint64_t mask)
{
    uint64_t r = 0;

    for (uint64_t bit = 1; mask; mask &= mask - 1, bit <<= 1)
        if (v & mask & -mask)
            r |= bit;
    return r;
}

uint64_t helper_x86_popcnt(uint64_t v)
{
    return (uint64_t)__builtin_popcountll(v);
}

/* RDX:RAX against memory, RCX:RBX into it; #GP(0) unless aligned to 16 bytes */
void helper_x86_cmpxchg16b(struct tcg_env *env, uint64_t la)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t old[2] = { c->r[X86_RAX], c->r[X86_RDX] }, new_val[2] = { c->r[X86_RBX], c->r[X86_RCX] };

    if (la & 15)
        x86_raise(c, X86_GP, 0);
    cpu_cas128(&c->cpu, la, old, new_val, TCG_OI(MO_128, X86_VIEW_CPL));
    if (old[0] == c->r[X86_RAX] && old[1] == c->r[X86_RDX]) {
        c->flags |= FLAG_Z;
        return;
    }
    c->flags &= ~(uint32_t)FLAG_Z;
    c->r[X86_RAX] = old[0];
    c->r[X86_RDX] = old[1];
}

/* ---- frames ----------------------------------------------------------------------------------- */

static unsigned stack_size(const struct x86_cpu *c)
{
    if (c->efer & X86_EFER_LMA && c->seg[X86_CS].attr & X86_DESC_L)
        return 3;
    return c->seg[X86_SS].attr & X86_DESC_DB ? 2 : 1;
}

/* Linear address of an offset in SS, checked */
static uint64_t stack_address(struct x86_cpu *c, uint64_t off, unsigned bytes, bool write)
{
    if (stack_size(c) == 3)
        return off;
    off &= size_mask(stack_size(c));
    x86_seg_check(c, X86_SS, off, bytes, write);
    return (uint32_t)(off + c->seg[X86_SS].base);
}

/* With the alignment checks that the mode asks for */
static unsigned checked(const struct x86_cpu *c, unsigned memop)
{
    if (c->cr0 & X86_CR0_AM && c->eflags & X86_FL_AC && x86_cpl(c) == 3)
        memop |= (memop & MO_SIZE) << MO_ALIGN_SHIFT;
    return memop;
}

static void set_stack(struct x86_cpu *c, uint64_t sp)
{
    set_low(&c->r[X86_RSP], stack_size(c), sp);
}

void helper_x86_pusha(struct tcg_env *env, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t sp = c->r[X86_RSP];
    unsigned bytes = 1u << size;

    for (unsigned n = 0; n < 8; n++)
        x86_st(c, stack_address(c, sp - (n + 1) * bytes, bytes, true), c->r[n] & size_mask(size), checked(c, size), X86_VIEW_CPL);
    set_stack(c, sp - 8 * bytes);
}

/* SP's value is skipped. */
void helper_x86_popa(struct tcg_env *env, uint32_t size)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t sp = c->r[X86_RSP], v[8];
    unsigned bytes = 1u << size;

    for (unsigned n = 0; n < 8; n++)
        v[n] = x86_ld(c, stack_address(c, sp + n * bytes, bytes, false), checked(c, size), X86_VIEW_CPL);
    for (unsigned n = 0; n < 8; n++)
        if (7 - n != X86_RSP)
            set_low(&c->r[7 - n], size, v[n]);
    set_stack(c, sp + 8 * bytes);
}

void helper_x86_enter(struct tcg_env *env, uint32_t what, uint32_t level)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned size = what >> 16, bytes = 1u << size;
    uint64_t sp = c->r[X86_RSP] - bytes, bp = c->r[X86_RBP], frame = sp;

    x86_st(c, stack_address(c, sp, bytes, true), bp & size_mask(size), checked(c, size), X86_VIEW_CPL);
    for (unsigned n = 1; n < level; n++) {
        bp -= bytes;
        sp -= bytes;
        x86_st(c, stack_address(c, sp, bytes, true), x86_ld(c, stack_address(c, bp, bytes, false), checked(c, size), X86_VIEW_CPL), checked(c, size), X86_VIEW_CPL);
    }
    if (level) {
        sp -= bytes;
        x86_st(c, stack_address(c, sp, bytes, true), frame & size_mask(size), checked(c, size), X86_VIEW_CPL);
    }
    sp -= what & 0xffff;
    /* The new top of the stack must be writable. */
    x86_ld(c, stack_address(c, sp, bytes, true), checked(c, size) | MO_WRITE, X86_VIEW_CPL);
    set_low(&c->r[X86_RBP], MIN(size, stack_size(c)), frame);
    set_stack(c, sp);
}
