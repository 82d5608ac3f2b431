/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control of the x87 unit: its words, and images of its state in memory (SDM 1, 8.1.10, 8.1.11, 10.5).
 */
#include "config.h"

#include "target-x86/fpu.h"
#include "util/bits.h"

static bool is_canonical(const struct x86_cpu *c, uint64_t la)
{
    unsigned unused = c->cr4 & X86_CR4_LA57 ? 7 : 16;

    return (uint64_t)((int64_t)(la << unused) >> unused) == la;
}

/* Addresses that are not canonical are left to the access. */
void x86_fpu_check_alignment(struct x86_cpu *c, uint64_t la, unsigned align)
{
    if (la & (align - 1) && is_canonical(c, la) && c->cr0 & X86_CR0_AM && c->eflags & X86_FL_AC && x86_cpl(c) == 3)
        x86_raise(c, X86_AC, 0);
}

static void probe(struct x86_cpu *c, uint64_t la, unsigned memop, bool write)
{
    (void)x86_ld(c, la, memop | (write ? MO_WRITE : 0), X86_VIEW_CPL);
}

/* An environment or image of bytes raises what it raises before any of it is used: by its first element, then the last byte */
static void probe_image(struct x86_cpu *c, uint64_t la, unsigned bytes, bool wide, bool write)
{
    x86_fpu_check_alignment(c, la, wide ? 4 : 2);
    probe(c, la, wide ? MO_32 : MO_16, write);
    probe(c, la + bytes - 1, MO_8, write);
}

/* Bits of the control word that exist: masks, precision, rounding, infinity control; bit 6 is 1. */
#define FCW_BITS 0x1f3fu
#define FCW_ONES 0x40u

void x86_fpu_set_fcw(struct x86_cpu *c, uint16_t v)
{
    c->fcw = (v & FCW_BITS) | FCW_ONES;
    x86_fpu_update_error(c);
}

void helper_x86_fpu_ldcw(struct tcg_env *env, uint32_t v)
{
    x86_fpu_set_fcw(X86_ENV(env), (uint16_t)v);
}

void x86_fpu_init(struct x86_cpu *c)
{
    c->fcw = X87_CW_DEFAULT;
    c->fsw &= FPU_SW_ERROR;
    c->ftop = 0;
    c->fempty = 0xff;
    c->fop = 0;
    c->fip = c->fdp = 0;
    c->fcs = c->fds = 0;
    x86_fpu_update_error(c);
}

/* ---- environments (8.1.10) -------------------------------------------------------------------- */

/* Two bits for each physical register: valid, zero, special, empty */
static uint16_t tag_word(const struct x86_cpu *c)
{
    uint16_t tags = 0;

    for (unsigned i = 0; i < 8; i++) {
        struct x87_float v = { c->fpr[i].significand, c->fpr[i].sign_exponent };
        enum x87_class cls = x87_classify(v);
        unsigned tag = c->fempty >> i & 1 ? 3 : cls == X87_ZERO ? 1 : cls == X87_NORMAL ? 0 : 2;

        tags |= (uint16_t)(tag << 2 * i);
    }
    return tags;
}

static void set_tag_word(struct x86_cpu *c, uint16_t tags)
{
    c->fempty = 0;
    for (unsigned i = 0; i < 8; i++)
        c->fempty |= (tags >> 2 * i & 3) == 3 ? 1u << i : 0;
}

/* Protected mode's layout; real and virtual 8086 mode have linear addresses (figures 8-9 to 8-12). */
static bool is_protected(const struct x86_cpu *c)
{
    return c->cr0 & X86_CR0_PE && !(c->eflags & X86_FL_VM);
}

static uint16_t selector(const struct x86_cpu *c, uint16_t v)
{
    return x86_has(c, X86_F_ZERO_FCS_FDS) ? 0 : v;
}

struct image {
    uint32_t v[7];           /* control, status, tag, FIP, FCS and FOP, FDP, FDS */
};

static struct image make_image(const struct x86_cpu *c, bool wide)
{
    struct image m = { { c->fcw, x86_fsw(c), tag_word(c), (uint32_t)c->fip, selector(c, c->fcs), (uint32_t)c->fdp, selector(c, c->fds) } };
    uint32_t ip, dp;

    if (is_protected(c)) {
        m.v[4] |= wide ? c->fop << 16 : 0;
    } else {
        ip = (uint32_t)c->fip + ((uint32_t)c->fcs << 4);
        dp = (uint32_t)c->fdp + ((uint32_t)c->fds << 4);
        m.v[3] = ip & 0xffff;
        m.v[4] = (ip >> 16 << 12) | c->fop;
        m.v[5] = dp & 0xffff;
        m.v[6] = dp >> 16 << 12;
    }
    for (unsigned i = 0; wide && i < 7; i++)
        m.v[i] |= i < 3 || (i == 6 && is_protected(c)) ? 0xffff0000 : 0;
    return m;
}

static void store_image(struct x86_cpu *c, uint64_t la, bool wide)
{
    struct image m = make_image(c, wide);

    for (unsigned i = 0; i < 7; i++)
        x86_st(c, la + i * (wide ? 4 : 2), m.v[i], wide ? MO_32 : MO_16, X86_VIEW_CPL);
}

static struct image load_image(struct x86_cpu *c, uint64_t la, bool wide)
{
    struct image m;

    for (unsigned i = 0; i < 7; i++)
        m.v[i] = (uint32_t)x86_ld(c, la + i * (wide ? 4 : 2), wide ? MO_32 : MO_16, X86_VIEW_CPL);
    return m;
}

static void set_status(struct x86_cpu *c, uint16_t v)
{
    c->ftop = v >> 11 & 7;
    c->fsw = v & ~0x3800u;
}

static void use_image(struct x86_cpu *c, const struct image *m, bool wide)
{
    set_status(c, (uint16_t)m->v[1]);
    set_tag_word(c, (uint16_t)m->v[2]);
    if (is_protected(c)) {
        c->fip = m->v[3];
        c->fcs = (uint16_t)m->v[4];
        c->fop = wide ? m->v[4] >> 16 & 0x7ff : 0;
        c->fdp = m->v[5];
        c->fds = (uint16_t)m->v[6];
    } else {
        c->fip = (m->v[3] & 0xffff) | (m->v[4] >> 12 & (wide ? 0xffff : 0xf)) << 16;
        c->fdp = (m->v[5] & 0xffff) | (m->v[6] >> 12 & (wide ? 0xffff : 0xf)) << 16;
        c->fop = m->v[4] & 0x7ff;
        c->fcs = c->fds = 0;
    }
    x86_fpu_set_fcw(c, (uint16_t)m->v[0]);
}

void helper_x86_fpu_stenv(struct tcg_env *env, uint64_t la, uint32_t wide)
{
    struct x86_cpu *c = X86_ENV(env);

    probe_image(c, la, wide ? 28 : 14, wide, true);
    store_image(c, la, wide);
    x86_fpu_set_fcw(c, (uint16_t)(c->fcw | X87_EXCEPTIONS));
}

void helper_x86_fpu_ldenv(struct tcg_env *env, uint64_t la, uint32_t wide)
{
    struct x86_cpu *c = X86_ENV(env);
    struct image m;

    probe_image(c, la, wide ? 28 : 14, wide, false);
    m = load_image(c, la, wide);
    use_image(c, &m, wide);
}

void helper_x86_fpu_save(struct tcg_env *env, uint64_t la, uint32_t wide)
{
    struct x86_cpu *c = X86_ENV(env);
    uint64_t st = la + (wide ? 28 : 14);

    probe_image(c, la, wide ? 108 : 94, wide, true);
    store_image(c, la, wide);
    for (unsigned i = 0; i < 8; i++, st += 10) {
        x86_st(c, st, fpu_st(c, i)->significand, MO_64, X86_VIEW_CPL);
        x86_st(c, st + 8, fpu_st(c, i)->sign_exponent, MO_16, X86_VIEW_CPL);
    }
    x86_fpu_init(c);
}

void helper_x86_fpu_restore(struct tcg_env *env, uint64_t la, uint32_t wide)
{
    struct x86_cpu *c = X86_ENV(env);
    struct image m;
    uint64_t st = la + (wide ? 28 : 14);
    struct x87_reg reg[8];

    probe_image(c, la, wide ? 108 : 94, wide, false);
    m = load_image(c, la, wide);
    for (unsigned i = 0; i < 8; i++, st += 10) {
        reg[i].significand = x86_ld(c, st, MO_64, X86_VIEW_CPL);
        reg[i].sign_exponent = (uint16_t)x86_ld(c, st + 8, MO_16, X86_VIEW_CPL);
    }
    use_image(c, &m, wide);
    for (unsigned i = 0; i < 8; i++)
        *fpu_st(c, i) = reg[i];
}

/* ---- FXSAVE (10.5.1) -------------------------------------------------------------------------- */

static bool is_64bit(const struct x86_cpu *c)
{
    return c->efer & X86_EFER_LMA && c->seg[X86_CS].attr & X86_DESC_L;
}

static void check_fxsave(struct x86_cpu *c, uint64_t la, bool write)
{
    x86_fpu_check_alignment(c, la, 4);
    if (la & 15 && is_canonical(c, la))
        x86_raise(c, X86_GP, 0);
    probe(c, la + 511, MO_8, write);         /* the last byte first */
    probe(c, la, MO_8, write);
}

static void st64(struct x86_cpu *c, uint64_t la, uint64_t v)
{
    x86_st(c, la, v, MO_64, X86_VIEW_CPL);
}

static uint64_t ld64(struct x86_cpu *c, uint64_t la)
{
    return x86_ld(c, la, MO_64, X86_VIEW_CPL);
}

void x86_fxsave_x87(struct x86_cpu *c, uint64_t la, bool rex_w)
{
    st64(c, la, c->fcw | (uint64_t)x86_fsw(c) << 16 | (uint64_t)(~c->fempty & 0xff) << 32 | (uint64_t)c->fop << 48);
    if (rex_w) {
        st64(c, la + 8, c->fip);
        st64(c, la + 16, c->fdp);
    } else {
        st64(c, la + 8, (uint32_t)c->fip | (uint64_t)selector(c, c->fcs) << 32);
        st64(c, la + 16, (uint32_t)c->fdp | (uint64_t)selector(c, c->fds) << 32);
    }
    for (unsigned i = 0; i < 8; i++) {
        st64(c, la + 32 + 16 * i, fpu_st(c, i)->significand);
        st64(c, la + 40 + 16 * i, fpu_st(c, i)->sign_exponent);
    }
}

void x86_fxsave_mxcsr(struct x86_cpu *c, uint64_t la)
{
    st64(c, la + 24, x86_mxcsr(c, true) | (uint64_t)x86_mxcsr_mask(c) << 32);
}

void x86_fxsave_xmm(struct x86_cpu *c, uint64_t la)
{
    for (unsigned i = 0; i < (is_64bit(c) ? 16 : 8); i++) {
        st64(c, la + 160 + 16 * i, c->xmm[i].d[0]);
        st64(c, la + 168 + 16 * i, c->xmm[i].d[1]);
    }
}

void helper_x86_fxsave(struct tcg_env *env, uint64_t la, uint32_t rex_w)
{
    struct x86_cpu *c = X86_ENV(env);

    check_fxsave(c, la, true);
    x86_fxsave_x87(c, la, rex_w);
    x86_fxsave_mxcsr(c, la);
    x86_fxsave_xmm(c, la);
}

void x86_fxrstor_x87(struct x86_cpu *c, uint64_t la, bool rex_w)
{
    uint64_t head = ld64(c, la), ip = ld64(c, la + 8), dp = ld64(c, la + 16);
    struct x87_reg reg[8];

    for (unsigned i = 0; i < 8; i++) {
        reg[i].significand = ld64(c, la + 32 + 16 * i);
        reg[i].sign_exponent = (uint16_t)ld64(c, la + 40 + 16 * i);
    }
    set_status(c, (uint16_t)(head >> 16));
    c->fempty = ~(head >> 32) & 0xff;
    c->fop = head >> 48 & 0x7ff;
    c->fip = rex_w ? ip : (uint32_t)ip;
    c->fdp = rex_w ? dp : (uint32_t)dp;
    c->fcs = rex_w ? 0 : (uint16_t)(ip >> 32);
    c->fds = rex_w ? 0 : (uint16_t)(dp >> 32);
    for (unsigned i = 0; i < 8; i++)
        *fpu_st(c, i) = reg[i];
    x86_fpu_set_fcw(c, (uint16_t)head);
}

uint32_t x86_fxrstor_mxcsr(struct x86_cpu *c, uint64_t la)
{
    uint32_t v = (uint32_t)ld64(c, la + 24);

    if (v & ~x86_mxcsr_mask(c))
        x86_raise(c, X86_GP, 0);
    return v;
}

void x86_fxrstor_xmm(struct x86_cpu *c, uint64_t la)
{
    struct v128 v[16];
    unsigned n = is_64bit(c) ? 16 : 8;

    for (unsigned i = 0; i < n; i++) {
        v[i].d[0] = ld64(c, la + 160 + 16 * i);
        v[i].d[1] = ld64(c, la + 168 + 16 * i);
    }
    for (unsigned i = 0; i < n; i++)
        c->xmm[i] = v[i];
}

void helper_x86_fxrstor(struct tcg_env *env, uint64_t la, uint32_t rex_w)
{
    struct x86_cpu *c = X86_ENV(env);
    uint32_t mxcsr;

    check_fxsave(c, la, false);
    mxcsr = x86_fxrstor_mxcsr(c, la);
    x86_fxrstor_xmm(c, la);
    x86_fxrstor_x87(c, la, rex_w);
    x86_set_mxcsr(c, mxcsr, true);
}
