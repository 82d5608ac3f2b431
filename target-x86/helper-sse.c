/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of helpers-sse.inc. */
#include "config.h"
#include <string.h>
#include "target-x86/fpu.h"
#include "target-x86/gen-sse.h"
#include "target-x86/x86.h"
#include "tcg/compile.h"
#include "tcg/interp.h"
#include "util/softfloat.h"
#define HELPER_INC "target-x86/helpers-sse.inc"
#include "tcg/helper-def.h"

/* ---- unmasked exceptions (SDM 11.5.2) ------------------------------------------------------------ */

/* FP_* of the exceptions that MXCSR does not mask */
static unsigned unmasked_flags(const struct x86_cpu *c)
{
    static const uint8_t flag[6] = { FP_INVALID, FP_INPUT_DENORMAL, FP_DIVBYZERO, FP_OVERFLOW, FP_UNDERFLOW, FP_INEXACT };
    unsigned r = 0;

    for (unsigned n = 0; n < 6; n++)
        r |= c->mxcsr >> (7 + n) & 1 ? 0 : flag[n];
    return r;
}

/* Those found before the operation hide those found after it, in all elements. */
static void raise_unmasked(struct x86_cpu *c, uint8_t now)
{
    struct fp_env *e = &c->cpu.env.fp[0];
    unsigned bad = now & unmasked_flags(c);

    if (bad & (FP_INVALID | FP_INPUT_DENORMAL | FP_DIVBYZERO))
        now &= FP_INVALID | FP_INPUT_DENORMAL | FP_DIVBYZERO;
    e->flags |= now;
    tcg_fp_to_live(&c->cpu.env);
    if (bad)
        x86_raise(c, c->cr4 & X86_CR4_OSXMMEXCPT ? X86_XM : X86_UD, 0);
}

uint64_t helper_x86_vfx(struct tcg_env *env, uint32_t what, uint32_t vx, uint32_t imm)
{
    struct x86_cpu *c = X86_ENV(env);
    struct fp_env *e = &env->fp[0];
    struct ir_op op = { .opc = (uint8_t)what, .type = (uint8_t)(what >> 8), .nout = 1, .c = { vx, imm & 0xff } };
    uint8_t type[3] = { V128, V128, V128 }, old, now;
    struct v128 out = { { 0, 0 } };

    op.nin = op.opc == IR_vfx3 ? 3 : op.opc == IR_vfx_get ? 1 : 2;
    type[op.nin - 1] = (uint8_t)(what >> 16);
    tcg_fp_from_live(env);
    old = e->flags;
    e->flags = 0;
    e->unmasked = (uint8_t)unmasked_flags(c);
    interp_eval(env, &op, type, &out, c->vtmp);
    e->unmasked = 0;
    now = e->flags | c->vfx_flags;
    e->flags = old;
    c->vfx_flags = imm & X86_VFX_MORE ? now : 0;
    if (!(imm & X86_VFX_MORE))
        raise_unmasked(c, now);
    c->vtmp[3] = out;
    return out.d[0];
}

/* Reserved bits: #GP(0). DAZ exists where FXSAVE says so: every model here has it with SSE2. */
void helper_x86_ldmxcsr(struct tcg_env *env, uint32_t v)
{
    struct x86_cpu *c = X86_ENV(env);

    if (v & ~x86_mxcsr_mask(c))
        x86_raise(c, X86_GP, 0);
    x86_set_mxcsr(c, v, true);
}

uint32_t helper_x86_stmxcsr(struct tcg_env *env)
{
    return x86_mxcsr(X86_ENV(env), true);
}

/* ---- string comparisons (SDM volume 2, 4.1) ------------------------------------------------------- */

struct strings {
    const struct v128 *s[2];
    int len[2];
    unsigned n;              /* elements: 16 or 8 */
    bool words, is_signed;
};

static int32_t element(const struct strings *t, unsigned which, unsigned i)
{
    const uint8_t *p = (const uint8_t *)t->s[which];
    uint16_t w;

    if (!t->words)
        return t->is_signed ? (int8_t)p[i] : p[i];
    memcpy(&w, p + 2 * i, 2);
    return t->is_signed ? (int16_t)w : w;
}

static int explicit_length(uint64_t v, bool wide, int max)
{
    int64_t n = wide ? (int64_t)v : (int32_t)v;

    return n > max || n < -max ? max : (int)(n < 0 ? -n : n);
}

static int implicit_length(const struct strings *t, unsigned which)
{
    for (unsigned i = 0; i < t->n; i++)
        if (!element(t, which, i))
            return (int)i;
    return (int)t->n;
}

/* Does element i of the first, j of the second string compare equal, with the overrides for invalid ones (table 4-7)? */
static bool equal_with_override(const struct strings *t, unsigned mode, unsigned j, unsigned i)
{
    bool v1 = (int)i < t->len[0], v2 = (int)j < t->len[1];

    if (!v1 && !v2)
        return mode >= 2;
    if (!v1)
        return mode == 3;
    if (!v2)
        return false;
    return element(t, 0, i) == element(t, 1, j);
}

/* Ranges: pairs of the first string's elements are bounds. */
static bool in_ranges(const struct strings *t, unsigned j)
{
    int32_t v = element(t, 1, j);

    if ((int)j >= t->len[1])
        return false;
    for (int i = 0; i + 1 < t->len[0]; i += 2)
        if (v >= element(t, 0, (unsigned)i) && v <= element(t, 0, (unsigned)i + 1))
            return true;
    return false;
}

/* One bit for each element of the second string; mode: equal any, ranges, equal each, equal ordered */
static uint32_t aggregate(const struct strings *t, unsigned mode)
{
    uint32_t r = 0;

    for (unsigned j = 0; j < t->n; j++) {
        bool bit = false;

        switch (mode) {
        case 0:
            for (unsigned i = 0; i < t->n && !bit; i++)
                bit = equal_with_override(t, 0, j, i);
            break;
        case 1:
            bit = in_ranges(t, j);
            break;
        case 2:
            bit = equal_with_override(t, 2, j, j);
            break;
        default:
            bit = true;
            for (unsigned i = 0; j + i < t->n && bit; i++)
                bit = equal_with_override(t, 3, j + i, i);
            break;
        }
        r |= (uint32_t)bit << j;
    }
    return r;
}

static uint32_t polarity(const struct strings *t, unsigned imm, uint32_t r)
{
    uint32_t all = (1u << t->n) - 1, valid = (1u << t->len[1]) - 1;

    switch (imm >> 4 & 3) {
    case 1: return r ^ all;
    case 3: return r ^ (valid & all);
    default: return r;
    }
}

static void put_mask(struct x86_cpu *c, const struct strings *t, unsigned imm, uint32_t r)
{
    struct v128 v = { { r, 0 } };

    if (imm & 0x40) {
        for (unsigned i = 0; i < t->n; i++) {
            if (t->words)
                memset((uint8_t *)&v + 2 * i, r >> i & 1 ? 0xff : 0, 2);
            else
                ((uint8_t *)&v)[i] = r >> i & 1 ? 0xff : 0;
        }
    }
    c->xmm[0] = v;
}

void helper_x86_pcmpstr(struct tcg_env *env, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned imm = what & 0xff;
    struct strings t = { .s = { &c->vtmp[0], &c->vtmp[1] }, .words = imm & 1, .is_signed = imm & 2, .n = imm & 1 ? 8 : 16 };
    bool wide = what >> 10 & 1;
    uint32_t r;

    if (what >> 9 & 1) {
        t.len[0] = implicit_length(&t, 0);
        t.len[1] = implicit_length(&t, 1);
    } else {
        t.len[0] = explicit_length(c->r[X86_RAX], wide, (int)t.n);
        t.len[1] = explicit_length(c->r[X86_RDX], wide, (int)t.n);
    }
    r = polarity(&t, imm, aggregate(&t, imm >> 2 & 3));
    if (!(what >> 8 & 1))
        put_mask(c, &t, imm, r);
    else
        c->r[X86_RCX] = !r ? t.n : imm & 0x40 ? 31u - (unsigned)__builtin_clz(r) : (unsigned)__builtin_ctz(r);
    c->flags = (r ? FLAG_C : 0) | (t.len[1] < (int)t.n ? FLAG_Z : 0) | (t.len[0] < (int)t.n ? FLAG_S : 0) | (r & 1 ? FLAG_O : 0);
}

/* ---- masked accesses ------------------------------------------------------------------------------ */

static uint64_t linear(struct x86_cpu *c, enum x86_segment seg, uint64_t off, unsigned bytes, bool write)
{
    if (c->efer & X86_EFER_LMA && c->seg[X86_CS].attr & X86_DESC_L)
        return seg >= X86_FS ? off + c->seg[seg].base : off;
    x86_seg_check(c, seg, (uint32_t)off, bytes, write);
    return (uint32_t)(off + c->seg[seg].base);
}

/* Is the sign of element i set? */
static bool chosen(const struct v128 *mask, unsigned e, unsigned i)
{
    return ((const uint8_t *)mask)[((i + 1) << e) - 1] & 0x80;
}

void helper_x86_maskmov(struct tcg_env *env, uint64_t off, uint32_t seg)
{
    struct x86_cpu *c = X86_ENV(env);
    const uint8_t *v = (const uint8_t *)&c->vtmp[0];

    x86_fpu_check_alignment(c, linear(c, (enum x86_segment)seg, off, 16, true), 8);
    for (unsigned i = 0; i < 16; i += 8)     /* all must be writable, whatever the mask, before the first is written */
        x86_ld(c, linear(c, (enum x86_segment)seg, off + i, 8, true), MO_64 | MO_WRITE, X86_VIEW_CPL);
    for (unsigned i = 0; i < 16; i++)
        if (chosen(&c->vtmp[1], 0, i))
            x86_st(c, linear(c, (enum x86_segment)seg, off + i, 1, true), v[i], MO_8, X86_VIEW_CPL);
}

void helper_x86_vmaskload(struct tcg_env *env, uint64_t off, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned e = what >> 4 & 15, n = (16u >> e) * (what >> 8);

    c->vtmp[2] = c->vtmp[3] = (struct v128){ { 0, 0 } };
    for (unsigned i = 0; i < n; i++) {
        uint64_t v;

        if (!chosen(c->vtmp, e, i))
            continue;
        v = x86_ld(c, linear(c, (enum x86_segment)(what & 15), off + (i << e), 1u << e, false), e, X86_VIEW_CPL);
        memcpy((uint8_t *)&c->vtmp[2] + (i << e), &v, 1u << e);
    }
}

void helper_x86_vmaskstore(struct tcg_env *env, uint64_t off, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned e = what >> 4 & 15, n = (16u >> e) * (what >> 8);

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < n; i++) {
            uint64_t v = 0, la;

            if (!chosen(c->vtmp, e, i))
                continue;
            la = linear(c, (enum x86_segment)(what & 15), off + (i << e), 1u << e, true);
            memcpy(&v, (uint8_t *)&c->vtmp[2] + (i << e), 1u << e);
            if (pass)
                x86_st(c, la, v, e, X86_VIEW_CPL);
            else
                x86_ld(c, la, e | MO_WRITE, X86_VIEW_CPL);
        }
}

/* A register's lane: the lower 16 bytes in xmm, the rest in ymmh */
static uint8_t *lane(struct x86_cpu *c, unsigned reg, unsigned e, unsigned i)
{
    unsigned at = i << e;

    return at < 16 ? (uint8_t *)&c->xmm[reg] + at : (uint8_t *)&c->ymmh[reg] + at - 16;
}

/* Elements from the lowest up: each that arrived clears its mask, so that the instruction goes on there after a fault. */
void helper_x86_vgather(struct tcg_env *env, uint64_t base, uint32_t what)
{
    struct x86_cpu *c = X86_ENV(env);
    unsigned dst = what & 15, mask = what >> 4 & 15, index = what >> 8 & 15, scale = what >> 12 & 3;
    unsigned e = what >> 14 & 1 ? 3 : 2, ie = what >> 15 & 1 ? 3 : 2, bytes = what >> 16 & 1 ? 32 : 16;
    unsigned n = bytes >> MAX(e, ie), total = bytes >> e, asize = what >> 17 & 7;

    for (unsigned i = 0; i < total; i++) {   /* the mask's elements become all ones or zeros */
        uint8_t *m = lane(c, mask, e, i);

        memset(m, m[(1u << e) - 1] & 0x80 ? 0xff : 0, 1u << e);
    }
    if (bytes == 16)
        c->ymmh[mask] = (struct v128){ { 0, 0 } };
    for (unsigned i = 0; i < n; i++) {
        uint8_t *m = lane(c, mask, e, i);
        uint64_t v, off;
        int32_t small;
        int64_t big;

        if (!*m)
            continue;
        memcpy(&small, lane(c, index, 2, i), 4);
        if (ie == 3)
            memcpy(&big, lane(c, index, 3, i), 8);
        else
            big = small;
        off = base + ((uint64_t)big << scale);
        off = asize == 3 ? off : (uint32_t)off;
        v = x86_ld(c, linear(c, (enum x86_segment)(what >> 20 & 15), off, 1u << e, false), e, X86_VIEW_CPL);
        memcpy(lane(c, dst, e, i), &v, 1u << e);
        memset(m, 0, 1u << e);
        if (bytes == 16)
            c->ymmh[dst] = (struct v128){ { 0, 0 } };
    }
    memset(&c->ymmh[mask], 0, 16);
    memset(&c->xmm[mask], 0, 16);
    if (n << e <= 8)         /* two elements of four bytes: the upper quadword is cleared */
        memset((uint8_t *)&c->xmm[dst] + 8, 0, 8);
    if (n << e <= 16)
        memset(&c->ymmh[dst], 0, 16);
}
