/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: element and structure loads and stores (DDI 0406C A7.7).
 * Multiple structures are one block access and permutations in registers:
 * pairs and quads by (un)zipping, triples by table lookups.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

enum { RM_WRITEBACK = 13, RM_NONE = 15 };

/*
 * Access of 1 << size bytes at an address that must be a multiple of
 * 1 << align; element is what SCTLR.A asks for without an explicit alignment.
 */
static unsigned memop(const struct a32_ctx *s, unsigned size, unsigned align,
                      unsigned element)
{
    unsigned m = size | (s->mode & ARM_MODE_BE ? MO_BE : 0);

    if (!align && (s->mode & ARM_MODE_STRICT))
        align = element;
    return m | align << MO_ALIGN_SHIFT;
}

static void writeback(struct a32_ctx *s, unsigned rn, unsigned rm,
                      unsigned bytes)
{
    struct ir_val v;

    if (rm == RM_NONE)
        return;
    v = a32_reg(s, rn);
    v = rm == RM_WRITEBACK ? ir_addi(s->ir, v, bytes)
                           : ir_add(s->ir, v, a32_reg(s, rm));
    a32_set_reg(s, rn, v);
}

/* ---- multiple structures ---- */

/* Big-endian doubles as loaded have their elements in reverse order. */
static struct ir_val order(struct a32_ctx *s, struct ir_val v, unsigned size)
{
    if ((s->mode & ARM_MODE_BE) && size < 3)
        return neon_op1(s, IR_vrev, v, size, 3);
    return v;
}

static bool multi_ok(const struct args_neon_ldn *a)
{
    unsigned last = a->d + (a->n - 1) * a->step + a->regs - 1;

    if (a->rn == ARM_PC || last > 31)
        return false;            /* UNPREDICTABLE */
    if (a->size == 3 && a->n > 1)
        return false;
    /* one and three doubles: 64 bits at most; two: 128 */
    if (a->n * a->regs == 1 || a->n * a->regs == 3)
        return a->align < 2;
    return a->n * a->regs == 4 || a->align < 3;
}

/* Register of element j in side-by-side structure r */
static unsigned multi_reg(const struct args_neon_ldn *a, unsigned j,
                          unsigned r)
{
    return a->d + j * a->step + r;
}

static unsigned multi_memop(const struct a32_ctx *s,
                            const struct args_neon_ldn *a, bool quads)
{
    return memop(s, quads ? MO_128 : MO_64, a->align ? a->align + 2 : 0,
                 a->size);
}

/* Two structures side by side in even registers: whole quadwords do. */
static bool multi_quads(const struct a32_ctx *s,
                        const struct args_neon_ldn *a)
{
    return !(s->mode & ARM_MODE_BE) && !(a->d & 1) && !(a->regs & 1);
}

static void load_multi(struct a32_ctx *s, const struct args_neon_ldn *a)
{
    bool quads = multi_quads(s, a);
    unsigned sets = quads ? a->regs / 2 : a->regs;
    struct ir_val v[4];

    ir_guest_ldm(s->ir, neon_type(quads), a32_reg(s, a->rn), a->n * sets, v,
                 multi_memop(s, a, quads), ARM_VIEW_CURRENT);
    for (unsigned i = 0; i < a->n * sets; i++)
        v[i] = order(s, v[i], a->size);
    for (unsigned r = 0; r < sets; r++) {
        simd_deinterleave(s->ir, v + r * a->n, a->n, a->size);
        for (unsigned j = 0; j < a->n; j++)
            neon_st(s, multi_reg(a, j, quads ? 2 * r : r), v[r * a->n + j]);
    }
}

static void store_multi(struct a32_ctx *s, const struct args_neon_ldn *a)
{
    bool quads = multi_quads(s, a);
    unsigned sets = quads ? a->regs / 2 : a->regs;
    struct ir_val v[4];

    for (unsigned r = 0; r < sets; r++) {
        for (unsigned j = 0; j < a->n; j++)
            v[r * a->n + j] = neon_ld(s, quads,
                                      multi_reg(a, j, quads ? 2 * r : r));
        simd_interleave(s->ir, v + r * a->n, a->n, a->size);
    }
    for (unsigned i = 0; i < a->n * sets; i++)
        v[i] = order(s, v[i], a->size);
    ir_guest_stm(s->ir, a32_reg(s, a->rn), a->n * sets, v,
                 multi_memop(s, a, quads), ARM_VIEW_CURRENT);
}

/* VLDn, VSTn.<size> <list>, [<Rn>{:<align>}]{!, Rm} */
bool a32_trans_VLDn_multi(struct a32_ctx *s, const struct args_neon_ldn *a)
{
    if (!multi_ok(a))
        return false;
    if (a->load)
        load_multi(s, a);
    else
        store_multi(s, a);
    writeback(s, a->rn, a->rm, 8 * a->n * a->regs);
    return true;
}

/* ---- single elements ---- */

/* n consecutive elements; the first access checks the alignment of them all */
static void load_elements(struct a32_ctx *s, unsigned rn, unsigned n,
                          unsigned size, unsigned align, struct ir_val *v)
{
    struct ir_val addr = a32_reg(s, rn);

    if (size == 2 && n > 1) {
        ir_guest_ldm(s->ir, I32, addr, n, v, memop(s, MO_32, align, size),
                     ARM_VIEW_CURRENT);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        v[i] = ir_guest_ld(s->ir, I32, ir_addi(s->ir, addr, i << size),
                           memop(s, size, i ? 0 : align, size),
                           ARM_VIEW_CURRENT);
}

static void store_elements(struct a32_ctx *s, unsigned rn, unsigned n,
                           unsigned size, unsigned align,
                           const struct ir_val *v)
{
    struct ir_val addr = a32_reg(s, rn);

    if (size == 2 && n > 1) {
        ir_guest_stm(s->ir, addr, n, v, memop(s, MO_32, align, size),
                     ARM_VIEW_CURRENT);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        ir_guest_st(s->ir, ir_addi(s->ir, addr, i << size), v[i],
                    memop(s, size, i ? 0 : align, size), ARM_VIEW_CURRENT);
}

/*
 * What the low bits of index_align mean (A8.8.322, 325, 328, 331 and the
 * stores): register spacing and log2 of the alignment.  False: UNDEFINED.
 */
static bool lane_fields(const struct args_neon_ld1 *a, unsigned *step,
                        unsigned *align)
{
    unsigned low = a->align, spaced = a->size && (low >> a->size & 1);

    *step = a->n > 1 && spaced ? 2 : 1;
    *align = 0;
    low &= a->size == 2 ? 3 : 1;
    switch (a->n) {
    case 1:
        *align = low ? a->size : 0;
        if (a->size == 2)
            return !spaced && (low == 0 || low == 3);
        return !spaced && !(a->size == 0 && low);
    case 2:
        *align = low ? a->size + 1 : 0;
        return low < 2;
    case 3:
        return low == 0;
    default:
        *align = !low ? 0 : a->size == 2 ? low + 2 : a->size + 2;
        return low < 3;
    }
}

/* VLDn, VSTn.<size> <lanes>, [<Rn>{:<align>}]{!, Rm} */
bool a32_trans_VLDn_lane(struct a32_ctx *s, const struct args_neon_ld1 *a)
{
    unsigned step, align;
    struct ir_val v[4];

    if (!lane_fields(a, &step, &align))
        return false;
    if (a->rn == ARM_PC || a->d + (a->n - 1) * step > 31)
        return false;            /* UNPREDICTABLE */
    if (a->load) {
        load_elements(s, a->rn, a->n, a->size, align, v);
        for (unsigned i = 0; i < a->n; i++) {
            struct ir_val old = neon_ld(s, false, a->d + i * step);

            neon_st(s, a->d + i * step,
                    ir_v2(s->ir, IR_vset, V64, old, v[i], a->size, a->index));
        }
    } else {
        for (unsigned i = 0; i < a->n; i++)
            v[i] = ir_v1(s->ir, IR_vget_u, I32,
                         neon_ld(s, false, a->d + i * step), a->size,
                         a->index);
        store_elements(s, a->rn, a->n, a->size, align, v);
    }
    writeback(s, a->rn, a->rm, a->n << a->size);
    return true;
}

/* Element size and log2 of the alignment of an all-lanes load */
static bool all_fields(const struct args_neon_lda *a, unsigned *size,
                       unsigned *align)
{
    *size = a->size;
    *align = 0;
    if (a->size == 3) {          /* VLD4.32 with 128-bit alignment */
        *size = 2;
        *align = 4;
        return a->n == 4 && a->align;
    }
    if (!a->align)
        return true;
    switch (a->n) {
    case 1:
        *align = a->size;
        return a->size != 0;
    case 2:
        *align = a->size + 1;
        return true;
    case 3:
        return false;
    default:
        *align = a->size == 2 ? 3 : a->size + 2;
        return true;
    }
}

/* VLDn.<size> <list[]>, [<Rn>{:<align>}]{!, Rm} */
bool a32_trans_VLDn_all(struct a32_ctx *s, const struct args_neon_lda *a)
{
    unsigned step = a->t ? 2 : 1, copies = a->n == 1 ? step : 1;
    unsigned size, align;
    struct ir_val v[4];

    if (!all_fields(a, &size, &align))
        return false;
    if (a->rn == ARM_PC || a->d + (a->n - 1) * step + copies > 32)
        return false;            /* UNPREDICTABLE */
    load_elements(s, a->rn, a->n, size, align, v);
    for (unsigned i = 0; i < a->n; i++) {
        bool quad = copies == 2 && !(a->d & 1);
        struct ir_val r = ir_v1(s->ir, IR_vdup, neon_type(quad), v[i], size,
                                0);

        neon_st(s, a->d + i * step, r);
        if (copies == 2 && !quad)
            neon_st(s, a->d + 1, r);
    }
    writeback(s, a->rn, a->rm, a->n << size);
    return true;
}
