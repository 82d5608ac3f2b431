/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XSAVE, XSAVEOPT, XSAVEC, XRSTOR (SDM volume 1, chapter 13); the part that FXSAVE has, too, is helper-fpu-env.c's.
 *
 *     0    x87 (and, from 24, MXCSR with its mask; from 160, XMM registers)
 *   512    header: XSTATE_BV, XCOMP_BV, 48 bytes that are 0
 *   576    upper halves of YMM registers
 *  2688    PKRU; in the compacted format behind what is there
 *
 * Areas go through a buffer, so that a fault comes before registers change.
 */
#include "config.h"
#include <string.h>
#include "softmmu/access.h"
#include "target-x86/fpu.h"
#include "target-x86/system.h"
#include "target-x86/helpers-sys.h"

#define HEADER 512
#define AREA_AVX 576
#define AREA_PKRU 2688
#define AREA_MAX (AREA_PKRU + 8)
#define COMPACT (1ull << 63)
#define MXCSR_INIT 0x1f80u

struct area {
    struct x86_cpu *c;
    uint64_t la;
    bool wide;               /* REX.W: 64-bit instruction and data pointers */
    uint8_t b[AREA_MAX];
};

/* ---- memory ------------------------------------------------------------------------------------- */

#define CHUNK 256u

static uint64_t address(const struct area *a, unsigned off)
{
    return x86_in_64(a->c) ? a->la + off : (uint32_t)(a->la + off);
}

static void fetch(struct area *a, unsigned off, unsigned len)
{
    for (unsigned n; len; off += n, len -= n) {
        n = MIN(len, CHUNK);
        access_mem_ops.ld_block(&a->c->cpu.env, address(a, off), a->b + off, n / 8, TCG_OI(MO_64, X86_VIEW_CPL));
    }
}

static void flush(struct area *a, unsigned off, unsigned len)
{
    for (unsigned n; len; off += n, len -= n) {
        n = MIN(len, CHUNK);
        access_mem_ops.st_block(&a->c->cpu.env, address(a, off), a->b + off, n / 8, TCG_OI(MO_64, X86_VIEW_CPL));
    }
}

static void put(struct area *a, unsigned off, uint64_t v, unsigned size)
{
    memcpy(a->b + off, &v, size);
}

static uint64_t get(const struct area *a, unsigned off, unsigned size)
{
    uint64_t v = 0;

    memcpy(&v, a->b + off, size);
    return v;
}

/* ---- components --------------------------------------------------------------------------------- */

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *b = p;

    return b[0] == 0 && !memcmp(b, b + 1, n - 1);
}

uint64_t x86_xinuse(const struct x86_cpu *c)
{
    uint64_t v = 0;

    if (c->fcw != 0x37f || x86_fsw(c) || c->fempty != 0xff || c->fop || c->fip || c->fdp || !is_zero(c->fpr, sizeof(c->fpr)))
        v |= X86_XC_X87;
    if (!is_zero(c->xmm, sizeof(c->xmm)))
        v |= X86_XC_SSE;
    if (!is_zero(c->ymmh, sizeof(c->ymmh)))
        v |= X86_XC_AVX;
    return c->pkru ? v | X86_XC_PKRU : v;
}

/* FCW's and the tags' reset values; the registers are 0. */
static void init_x87(struct x86_cpu *c)
{
    memset(c->fpr, 0, sizeof(c->fpr));
    c->fsw = c->ftop = c->fop = 0;
    c->fempty = 0xff;
    c->fip = c->fdp = 0;
    c->fcs = c->fds = 0;
    x86_fpu_set_fcw(c, 0x37f);
}

static unsigned nregs(const struct x86_cpu *c)
{
    return x86_in_64(c) ? 16 : 8;
}

static void put_vectors(struct area *a, unsigned off, const struct v128 *v)
{
    memcpy(a->b + off, v, nregs(a->c) * sizeof(*v));
}

static void get_vectors(struct area *a, unsigned off, struct v128 *v)
{
    memcpy(v, a->b + off, nregs(a->c) * sizeof(*v));
}

static void gp0(struct x86_cpu *c) __attribute__((noreturn));
static void gp0(struct x86_cpu *c)
{
    x86_raise(c, X86_GP, 0);
}

static uint64_t requested(const struct x86_cpu *c)
{
    return c->xcr0 & ((uint32_t)c->r[X86_RAX] | c->r[X86_RDX] << 32);
}

static void begin(struct area *a, struct x86_cpu *c, uint64_t la, uint32_t what)
{
    if (!(c->cr4 & X86_CR4_OSXSAVE))
        x86_raise(c, X86_UD, 0);
    if (c->cr0 & X86_CR0_TS)
        x86_raise(c, X86_NM, 0);
    x86_fpu_check_alignment(c, la, 4);
    if (la & 63 && (!x86_in_64(c) || x86_is_canonical(c, la)))
        gp0(c);
    a->c = c;
    a->la = la;
    a->wide = what & X86_XSAVE_64;
}

/* Of an area that is not compacted */
static void probe_last(const struct area *a, bool write)
{
    unsigned size = requested(a->c) & X86_XC_AVX ? AREA_AVX + 256 : AREA_AVX;

    x86_ld(a->c, address(a, size - 1), MO_8 | (write ? MO_WRITE : 0), X86_VIEW_CPL);
}

/* ---- XSAVE ----------------------------------------------------------------------------------------- */

/* Where PKRU is: behind the YMM halves if the compacted area has them. */
static unsigned pkru_at(uint64_t format, bool compact)
{
    return !compact ? AREA_PKRU : format & X86_XC_AVX ? AREA_AVX + 256 : AREA_AVX;
}

/* save: components that are written; format: those that a compacted area has room for. */
static void save_components(struct area *a, uint64_t save, uint64_t format, bool compact, bool mxcsr)
{
    struct x86_cpu *c = a->c;
    unsigned at = pkru_at(format, compact);

    if (save & X86_XC_X87)
        x86_fxsave_x87(c, a->la, a->wide);
    if (mxcsr)
        x86_fxsave_mxcsr(c, a->la);
    if (save & X86_XC_SSE) {
        put_vectors(a, 160, c->xmm);
        flush(a, 160, 16 * nregs(c));
    }
    if (save & X86_XC_AVX) {
        put_vectors(a, AREA_AVX, c->ymmh);
        flush(a, AREA_AVX, 16 * nregs(c));
    }
    if (save & X86_XC_PKRU) {
        put(a, at, c->pkru, 8);
        flush(a, at, 8);
    }
}

/* 13.7 to 13.10 */
static void xsave(struct area *a, uint32_t what)
{
    struct x86_cpu *c = a->c;
    bool compact = what == X86_XSAVEC;
    uint64_t rfbm = requested(c), inuse = x86_xinuse(c), bv;

    if (compact) {
        if (x86_mxcsr(c, true) != MXCSR_INIT)
            inuse |= X86_XC_SSE;
        save_components(a, rfbm & inuse, rfbm, true, rfbm & inuse & X86_XC_SSE);
        put(a, HEADER, rfbm & inuse, 8);
        put(a, HEADER + 8, rfbm | COMPACT, 8);
        flush(a, HEADER, 16);
        return;
    }
    fetch(a, HEADER, 8);
    bv = (get(a, HEADER, 8) & ~rfbm) | (rfbm & inuse);
    save_components(a, what == X86_XSAVEOPT ? rfbm & inuse : rfbm, rfbm, false, rfbm & (X86_XC_SSE | X86_XC_AVX));
    put(a, HEADER, bv, 8);
    flush(a, HEADER, 8);
}

void helper_x86_xsave(struct tcg_env *env, uint64_t la, uint32_t what)
{
    struct area a;

    begin(&a, X86_ENV(env), la, what);
    /* processors look at the last byte before anything is read or written */
    probe_last(&a, true);
    xsave(&a, what & X86_XSAVE_KIND);
}

/* The header's checks (13.8.1, 13.8.2). */
static void check_header(const struct area *a, uint64_t bv, uint64_t comp)
{
    const struct x86_cpu *c = a->c;

    if (comp & COMPACT) {
        if (!x86_has(c, X86_F_XSAVEC) || (comp & ~COMPACT) & ~c->xcr0 || bv & ~comp || !is_zero(a->b + HEADER + 16, 48))
            gp0(a->c);
    } else if (bv & ~c->xcr0 || !is_zero(a->b + HEADER + 8, 16)) {
        gp0(a->c);
    }
}

static void restore_components(struct area *a, uint64_t rfbm, uint64_t bv, unsigned pkru)
{
    struct x86_cpu *c = a->c;
    uint64_t load = rfbm & bv, init = rfbm & ~bv;

    if (load & X86_XC_X87)
        x86_fxrstor_x87(c, a->la, a->wide);
    if (init & X86_XC_X87)
        init_x87(c);
    if (load & X86_XC_SSE)
        get_vectors(a, 160, c->xmm);
    if (init & X86_XC_SSE)
        memset(c->xmm, 0, 16 * nregs(c));
    if (load & X86_XC_AVX)
        get_vectors(a, AREA_AVX, c->ymmh);
    if (init & X86_XC_AVX)
        memset(c->ymmh, 0, 16 * nregs(c));
    if (rfbm & X86_XC_PKRU) {
        c->pkru = load & X86_XC_PKRU ? (uint32_t)get(a, pkru, 4) : 0;
        c->cpu.mode_changed = true;
    }
}

static void xrstor(struct area *a)
{
    struct x86_cpu *c = a->c;
    uint64_t rfbm = requested(c), bv, comp;
    bool compact, mxcsr;
    uint32_t value = MXCSR_INIT;
    unsigned pkru;

    fetch(a, HEADER + 8, 56);
    fetch(a, HEADER, 8);
    bv = get(a, HEADER, 8);
    comp = get(a, HEADER + 8, 8);
    if (!(comp & COMPACT))
        probe_last(a, false);
    check_header(a, bv, comp);
    compact = comp & COMPACT;
    pkru = pkru_at(comp, compact);
    if (rfbm & bv & X86_XC_SSE)
        fetch(a, 160, 16 * nregs(c));
    if (rfbm & bv & X86_XC_AVX)
        fetch(a, AREA_AVX, 16 * nregs(c));
    if (rfbm & bv & X86_XC_PKRU)
        fetch(a, pkru, 8);
    mxcsr = rfbm & (compact ? X86_XC_SSE : X86_XC_SSE | X86_XC_AVX);
    if (mxcsr && (!compact || bv & X86_XC_SSE))
        value = x86_fxrstor_mxcsr(c, a->la);
    restore_components(a, rfbm, bv, pkru);
    if (mxcsr)
        x86_set_mxcsr(c, value, true);
}

void helper_x86_xrstor(struct tcg_env *env, uint64_t la, uint32_t what)
{
    struct area a;

    begin(&a, X86_ENV(env), la, what);
    xrstor(&a);
}
