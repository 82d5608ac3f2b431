/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the emitters of vector ops share, see x64-vec.h, and the slow half of
 * vector floating point, in C. */
#include "config.h"

#include <string.h>

#include "tcg/interp.h"
#include "tcg/x64-vec.h"
#include "util/arena.h"

bool xv_has(const struct x64 *c, enum xv_need need)
{
    const struct x64_features *f = &c->be->cpu;

    switch (need) {
    case NEED_SSE2: return true;
    case NEED_SSSE3: return f->ssse3;
    case NEED_SSE41: return f->sse41 && f->ssse3;
    case NEED_SSE42: return f->sse42 && f->sse41 && f->ssse3;
    case NEED_AVX2: return f->avx2 && f->avx;
    case NEED_AES: return f->aes;
    case NEED_CLMUL: return f->pclmul;
    case NEED_SHA: return f->sha;
    case NEED_F16C: return f->f16c && f->avx;
    default: return false;
    }
}

void xv_mov(struct x64 *c, int d, int s)
{
    if (d == s)
        return;
    if (xv_avx(c))
        x64_vex_rr(&c->b, X_MOVAPS, 0, xnum(d), 0, xnum(s), 0);
    else
        x64_sse_rr(&c->b, X_MOVAPS, xnum(d), xnum(s), 0);
}

void xv_op_comm(struct x64 *c, enum x64_sse x, int d, int a, int b)
{
    if (d == b)
        x64_op3_imm(c, x, d, b, a, 0);
    else
        x64_op3_imm(c, x, d, a, b, 0);
}

void xv_shift(struct x64 *c, enum x64_sse x, int d, int s, int imm)
{
    if (xv_avx(c)) {
        x64_vex_rr(&c->b, x, 0, xnum(d), 0, xnum(s), imm);
        return;
    }
    xv_mov(c, d, s);
    x64_sse_rr(&c->b, x, xnum(d), 0, imm);
}

void xv_zero(struct x64 *c, int d)
{
    if (xv_avx(c))
        x64_vex_rr(&c->b, X_XORPS, 0, xnum(d), xnum(d), xnum(d), 0);
    else
        x64_sse_rr(&c->b, X_XORPS, xnum(d), xnum(d), 0);
}

void xv_load(struct x64 *c, int d, struct x64_mem m)
{
    if (xv_avx(c))
        x64_vex_rm(&c->b, X_MOVAPS, 0, xnum(d), 0, m, 0);
    else
        x64_sse_rm(&c->b, X_MOVAPS, xnum(d), m, 0);
}

void xv_low(struct x64 *c, int d, int s)
{
    x64_op2(c, X_MOVQ, d, s, 0);
}

static uint64_t spread(unsigned e, uint64_t lane)
{
    if (e < 3)
        lane &= (1ull << (8u << e)) - 1;
    for (unsigned w = 8u << e; w < 64; w *= 2)
        lane |= lane << w;
    return lane;
}

struct x64_mem xv_all(struct x64 *c, unsigned e, uint64_t lane)
{
    return x64_const_mem(c, spread(e, lane), spread(e, lane));
}

struct x64_mem xv_lanes(struct x64 *c, enum ir_type type, unsigned e,
                        uint64_t lane)
{
    if (type == V128)
        return xv_all(c, e, lane);
    return x64_const_mem(c, spread(e, lane), 0);
}

int xv_use(struct x64 *c, const struct ir_op *op, unsigned i)
{
    return ra_use(c->ra, ir_ins(op)[i]);
}

int xv_temp(struct x64 *c)
{
    return ra_temp(c->ra, RA_VECTOR, 0);
}

int xv_def(struct x64 *c, const struct ir_op *op, uint32_t avoid)
{
    return ra_def_not(c->ra, ir_outs(op)[0], avoid);
}

/* Constants, and with AVX other 16-byte values that are in memory and not
 * used again, need no register. */
struct xv_src xv_use_any(struct x64 *c, const struct ir_op *op, unsigned i)
{
    uint16_t v = ir_ins(op)[i];
    const struct ir_value *value = ir_value(c->ir, v);
    struct xv_src s = { .is_mem = true };
    bool in_frame;
    int32_t off;

    if (value->is_const && ra_where(c->ra, v) < 0 && (value->lo | value->hi)) {
        s.mem = x64_const_mem(c, value->lo, value->hi);
    } else if (xv_avx(c) && value->type == V128 && ra_dies(c->ra, v) &&
               ra_in_memory(c->ra, v, &in_frame, &off)) {
        s.mem = x64_slot_mem(in_frame, off);
    } else {
        s.is_mem = false;
        s.reg = ra_use(c->ra, v);
    }
    return s;
}

void xv_op_any(struct x64 *c, enum x64_sse x, int d, int a,
               const struct xv_src *b)
{
    if (b->is_mem)
        x64_op3_mem(c, x, d, a, b->mem);
    else
        x64_op3(c, x, d, a, b->reg);
}

void xv_select(struct x64 *c, int d, int mask, int yes, int no)
{
    if (xv_avx(c)) {
        x64_vex_rr(&c->b, X_PBLENDVB, 0, xnum(d), xnum(no), xnum(yes),
                   xnum(mask));
        return;
    }
    x64_op3(c, X_PAND, d, yes, mask);
    x64_op3(c, X_PANDN, mask, mask, no);
    x64_op3(c, X_POR, d, d, mask);
}

void xv_shuffle(struct x64 *c, int d, int s, const uint8_t idx[16])
{
    void *copy = arena_alloc(c->ir->arena, 16);

    memcpy(copy, idx, 16);
    x64_op3_mem(c, X_PSHUFB, d, s, x64_data_mem(c, copy, 16));
}

/* --- ops done again ---------------------------------------------------- */

static uint64_t lane_of(const struct v128 *v, unsigned e, unsigned i)
{
    uint32_t x;

    if (e == 3)
        return v->d[i];
    memcpy(&x, (const uint8_t *)v + 4 * i, 4);
    return x;
}

struct fp_format {
    uint64_t abs, inf, least;   /* without the sign, infinity, least normal */
    uint64_t nan;               /* ARM's default NaN */
};

static bool is_denormal(uint64_t x, const struct fp_format *f)
{
    return x && x < f->least;
}

/* Does a lane of the result need more than the default NaN in place of a NaN:
 * because of a denormal operand, or as a product that may have been tiny? */
static bool lane_needs_more(const struct x64_redo *r, const struct v128 *xmm,
                            const struct fp_format *f, unsigned i)
{
    unsigned e = r->c[0], product = r->sum ? r->product : r->out;
    uint64_t x = lane_of(&xmm[product], e, i) & f->abs;

    if (r->opc == IR_vfmul && (x == f->least || is_denormal(x, f)))
        return true;
    if ((lane_of(&xmm[r->out], e, i) & f->abs) <= f->inf)
        return false;
    for (unsigned k = 0; k < (r->sum ? 3u : r->nin); k++)
        if (is_denormal(lane_of(&xmm[r->in[k]], e, i) & f->abs, f))
            return true;
    return false;
}

static bool patch_nans(const struct x64_redo *r, struct v128 *xmm)
{
    static const struct fp_format format[] = {
        { 0x7fffffff, 0x7f800000, 0x00800000, 0x7fc00000 },
        { 0x7fffffffffffffff, 0x7ff0000000000000, 0x0010000000000000,
          0x7ff8000000000000 } };
    unsigned e = r->c[0];
    const struct fp_format *f = &format[e == 3];

    for (unsigned i = 0; i < 16u >> e; i++)
        if (lane_needs_more(r, xmm, f, i))
            return false;
    for (unsigned i = 0; i < 16u >> e; i++) {
        if ((lane_of(&xmm[r->out], e, i) & f->abs) <= f->inf)
            continue;
        if (e == 3)
            xmm[r->out].d[i] = f->nan;
        else
            memcpy((uint8_t *)&xmm[r->out] + 4 * i, &f->nan, 4);
    }
    return true;
}

/* DE means nothing by itself, UE and ZE may be an earlier op's: they move to env
 * 0's flags, so that all are clear for the next op. */
static void undo_mxcsr(struct tcg_env *env, uint32_t *before, uint32_t *after)
{
    if (*before & MX_UE)
        env->fp[0].flags |= FP_UNDERFLOW;
    if (*before & MX_ZE)
        env->fp[0].flags |= FP_DIVBYZERO;
    *before &= ~(uint32_t)(MX_DE | MX_ZE | MX_UE);
    *after = *before;
    __builtin_ia32_ldmxcsr(*before);
}

static void eval(struct tcg_env *env, const struct x64_redo *r,
                 unsigned opc, unsigned nin, struct v128 *out,
                 const struct v128 *in)
{
    struct ir_op op = { .opc = opc, .type = r->type, .nout = 1, .nin = nin,
                        .c = { r->c[0], r->c[1], r->c[2] } };
    uint8_t in_type[] = { r->type, r->type, r->type };

    interp_eval(env, &op, in_type, out, in);
}

void x64_redo(struct tcg_env *env, const struct x64_redo *r,
              struct v128 *xmm)
{
    uint32_t *first = &env->mxcsr[0], *second = &env->mxcsr_copy;
    uint32_t *before = r->swapped ? second : first;
    uint32_t *after = r->swapped ? first : second;
    struct v128 in[3];

    if (r->patch_nan && !(*after & (MX_DE | MX_ZE | MX_UE | MX_RC)) &&
        patch_nans(r, xmm))
        return;
    if (r->undo)
        undo_mxcsr(env, before, after);
    for (unsigned i = 0; i < 3; i++)
        in[i] = xmm[r->in[i]];
    if (!r->sum) {
        eval(env, r, r->opc, r->nin, &xmm[r->out], in);
        return;
    }
    eval(env, r, r->opc, 2, &in[!r->product_first], in);
    in[r->product_first] = xmm[r->in[2]];
    eval(env, r, r->sum, 2, &xmm[r->out], in);
}
