/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ops of vx.inc: an instruction each, where the host has it; else C. Under MXCSR as the guest has it: no checks (tcg/README). */
#include "config.h"

#include "tcg/vx.h"
#include "tcg/x64-vec.h"

enum form { B, U };

static const struct vx_row {
    uint16_t x;
    uint8_t need, form;
} rows[] = {
#define VX(name, x, need, form) { X_##x, NEED_##need, form },
#include "tcg/vx.inc"
#undef VX
};

/* The predicates behind the first eight came with AVX; the older forms look at three bits of theirs. */
static bool has_predicate(const struct x64 *c, const struct ir_op *op)
{
    switch (op->c[0]) {
    case VX_cmpps: case VX_cmppd: case VX_cmpss: case VX_cmpsd:
        return xv_avx(c) || op->c[1] < 8;
    default:
        return true;
    }
}

static bool out_vx(struct x64 *c, const struct ir_op *op)
{
    const struct vx_row *r = &rows[op->c[0]];
    int a, b, d;

    if (!xv_has(c, r->need) || !has_predicate(c, op))
        return false;
    c->mxcsr_slot = 0;
    if (r->form == U) {
        b = xv_use(c, op, 1);
        ra_inputs_done(c->ra);
        d = xv_def(c, op, 0);
        if (op->c[0] == VX_cvtps2ph)     /* the register operand is the source */
            x64_vex_rr(&c->b, r->x, 0, xnum(b), 0, xnum(d), op->c[1]);
        else
            x64_op2(c, r->x, d, b, op->c[1]);
        return true;
    }
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_avx(c) || a == b ? 0 : xv_bit(b));
    x64_op3_imm(c, r->x, d, a, b, op->c[1]);
    return true;
}

/* PS, then PD, SS, SD of each */
#define FORMS(kind) { X_##kind##132PS, X_##kind##132PD, X_##kind##132SS, X_##kind##132SD, X_##kind##213PS, X_##kind##213PD, X_##kind##213SS, \
                      X_##kind##213SD, X_##kind##231PS, X_##kind##231PD, X_##kind##231SS, X_##kind##231SD }
#define PACKED(kind) { X_##kind##132PS, X_##kind##132PD, 0, 0, X_##kind##213PS, X_##kind##213PD, 0, 0, X_##kind##231PS, X_##kind##231PD, 0, 0 }

static bool out_vfx3(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t fma[6][12] = {
        [FMA_ADD] = FORMS(FMADD), [FMA_SUB] = FORMS(FMSUB), [FMA_NADD] = FORMS(FNMADD), [FMA_NSUB] = FORMS(FNMSUB),
        [FMA_ADDSUB] = PACKED(FMADDSUB), [FMA_SUBADD] = PACKED(FMSUBADD),
    };
    unsigned k = op->c[0], x = fma[k & FMA_KIND][((k & FMA_FORM) >> 3) * 4 + ((k & FMA_LANES) >> 5)];
    int a, b, e, d;

    if (!c->be->cpu.fma || !xv_avx(c))
        return false;
    c->mxcsr_slot = 0;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    e = xv_use(c, op, 2);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, (b == a ? 0 : xv_bit(b)) | (e == a ? 0 : xv_bit(e)));
    xv_mov(c, d, a);
    x64_vex_rr(&c->b, x, 0, xnum(d), xnum(b), xnum(e), 0);
    return true;
}

static bool out_vfx_get(struct x64 *c, const struct ir_op *op)
{
    static const uint16_t wide[VX_COUNT] = {
        [VX_cvtss2si] = X_CVTSS2SI_Q, [VX_cvttss2si] = X_CVTTSS2SI_Q, [VX_cvtsd2si] = X_CVTSD2SI_Q, [VX_cvttsd2si] = X_CVTTSD2SI_Q,
    };
    unsigned x = op->type == I64 ? wide[op->c[0]] : rows[op->c[0]].x;
    int s = xv_use(c, op, 0), d;

    ra_inputs_done(c->ra);
    d = ra_def(c->ra, ir_outs(op)[0]);
    c->mxcsr_slot = 0;
    if (c->b.vex)
        x64_vex_rr(&c->b, x, 0, d, 0, xnum(s), 0);
    else
        x64_sse_rr(&c->b, x, d, xnum(s), 0);
    return true;
}

static bool out_vfx_put(struct x64 *c, const struct ir_op *op)
{
    bool wide = xv_in_type(c, op, 1) == I64, dbl = op->c[0] == VX_cvtsi2sd;
    unsigned x = dbl ? (wide ? X_CVTSI2SD_Q : X_CVTSI2SD) : wide ? X_CVTSI2SS_Q : X_CVTSI2SS;
    int a = xv_use(c, op, 0), g = ra_use(c->ra, ir_ins(op)[1]), d;

    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    c->mxcsr_slot = 0;
    if (c->b.vex) {
        x64_vex_rr(&c->b, x, 0, xnum(d), xnum(a), g, 0);
        return true;
    }
    xv_mov(c, d, a);
    x64_sse_rr(&c->b, x, xnum(d), g, 0);
    return true;
}

/* What the guest's compare leaves in the flags, the host's does. */
static bool out_vfx_cmp(struct x64 *c, const struct ir_op *op)
{
    const struct vx_row *r = &rows[op->c[0]];
    int a, b;

    if (!xv_has(c, r->need))
        return false;
    x64_clobber(c);
    c->mxcsr_slot = 0;
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    x64_op2(c, r->x, a, b, 0);
    ra_inputs_done(c->ra);
    ra_def_flags(c->ra, ir_outs(op)[0], false);
    return true;
}

const x64_emit_fn x64_vx_emit[IR_NOPS] = {
    [IR_vx] = out_vx, [IR_vfx] = out_vx, [IR_vfx3] = out_vfx3, [IR_vfx_get] = out_vfx_get, [IR_vfx_put] = out_vfx_put,
    [IR_vfx_cmp] = out_vfx_cmp,
};
