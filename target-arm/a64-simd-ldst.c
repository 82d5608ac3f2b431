/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD: loads and stores of structures (DDI 0487 C4.1.94, C7.2). Multiple structures are one block access and
 * permutations in registers. Register numbers wrap from V31 to V0.
 */
#include "config.h"

#include "target-arm/a64-simd.h"

enum { RM_SIZE = 31, RM_NONE = 32 };

/* Access of 1 << size bytes of elements of 1 << element: what SCTLR.A asks for is the element's alignment. */
static unsigned memop(const struct a64_ctx *s, unsigned size, unsigned element)
{
    return size | (size && s->mode & ARM_MODE_BE ? MO_BE : 0) | (s->mode & ARM_MODE_STRICT ? element << MO_ALIGN_SHIFT : 0);
}

static void post_index(struct a64_ctx *s, unsigned rn, unsigned rm, unsigned bytes)
{
    struct ir_val v;

    if (rm == RM_NONE) {
        return;
    }
    v = a64_reg_sp(s, rn, true);
    a64_set_reg_sp(s, rn, rm == RM_SIZE ? ir_addi(s->ir, v, bytes) : ir_add(s->ir, v, a64_reg(s, rm, true)));
}

/* ---- Multiple structures ---- */

/* Big-endian doublewords as loaded have their elements in reverse order. */
static struct ir_val order(struct a64_ctx *s, struct ir_val v, unsigned size)
{
    return size < 3 ? simd_op1(s->ir, IR_vrev, v, size, 3) : v;
}

/* Vectors of big-endian elements: doublewords with the elements put in order */
static void load_be(struct a64_ctx *s, const struct args_v_ldst *a, struct ir_val addr, struct ir_val *v, unsigned n)
{
    struct ir_val half[8];
    unsigned halves = n << a->q;

    ir_guest_ldm(s->ir, V64, addr, halves, half, memop(s, MO_64, a->size), ARM_VIEW_CURRENT);
    for (unsigned i = 0; i < halves; i++) {
        half[i] = order(s, half[i], a->size);
    }
    for (unsigned i = 0; i < n; i++) {
        v[i] = a->q ? simd_concat(s->ir, half[2 * i], half[2 * i + 1]) : half[i];
    }
}

static void store_be(struct a64_ctx *s, const struct args_v_ldst *a, struct ir_val addr, const struct ir_val *v, unsigned n)
{
    struct ir_val half[8];
    unsigned halves = n << a->q;

    for (unsigned i = 0; i < halves; i++) {
        half[i] = !a->q ? v[i] : i & 1 ? simd_high(s->ir, v[i / 2]) : simd_low(s->ir, v[i / 2]);
        half[i] = order(s, half[i], a->size);
    }
    ir_guest_stm(s->ir, addr, halves, half, memop(s, MO_64, a->size), ARM_VIEW_CURRENT);
}

/* Pairs and quads of 64-bit vectors are whole V128s in memory. */
static bool by_halves(const struct a64_ctx *s, const struct args_v_ldst *a)
{
    return !a->q && (a->n == 2 || a->n == 4) && !(s->mode & ARM_MODE_BE && a->size);
}

static void load(struct a64_ctx *s, const struct args_v_ldst *a, unsigned n)
{
    struct ir_val addr = a64_reg_sp(s, a->rn, true), v[4], m[2];

    if (by_halves(s, a)) {
        ir_guest_ldm(s->ir, V128, addr, n / 2, m, memop(s, MO_128, a->size) & ~(unsigned)MO_BE, ARM_VIEW_CURRENT);
        simd_deinterleave_halves(s->ir, m, v, n, a->size);
    } else if (s->mode & ARM_MODE_BE && a->size) {
        load_be(s, a, addr, v, n);
    } else {
        ir_guest_ldm(s->ir, a64_vtype(a->q), addr, n, v, memop(s, a->q ? MO_128 : MO_64, a->size) & ~(unsigned)MO_BE,
                     ARM_VIEW_CURRENT);
    }
    if (!by_halves(s, a)) {
        simd_deinterleave(s->ir, v, a->n, a->size);
    }
    for (unsigned i = 0; i < n; i++) {
        a64_set_v(s, (a->rt + i) % 32, v[i]);
    }
}

static void store(struct a64_ctx *s, const struct args_v_ldst *a, unsigned n)
{
    struct ir_val addr = a64_reg_sp(s, a->rn, true), v[4], m[2];
    bool halves = by_halves(s, a);

    for (unsigned i = 0; i < n; i++) {
        v[i] = a64_v(s, a->q || halves, (a->rt + i) % 32);
    }
    if (halves) {
        simd_interleave_halves(s->ir, v, m, n, a->size);
        ir_guest_stm(s->ir, addr, n / 2, m, memop(s, MO_128, a->size) & ~(unsigned)MO_BE, ARM_VIEW_CURRENT);
        return;
    }
    simd_interleave(s->ir, v, a->n, a->size);
    if (s->mode & ARM_MODE_BE && a->size) {
        store_be(s, a, addr, v, n);
        return;
    }
    ir_guest_stm(s->ir, addr, n, v, memop(s, a->q ? MO_128 : MO_64, a->size) & ~(unsigned)MO_BE, ARM_VIEW_CURRENT);
}

static bool multiple(struct a64_ctx *s, const struct args_v_ldst *a)
{
    unsigned n = a->n * a->regs;

    if (a->n > 1 && a->size == 3 && !a->q) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (a->load) {
        load(s, a, n);
    } else {
        store(s, a, n);
    }
    post_index(s, a->rn, a->rm, n * (a->q ? 16 : 8));
    return true;
}

/* LDn, STn { <Vt>.<T>, ... }, [<Xn|SP>]{, <Xm>|#<imm>} */
#define MULTIPLE(name)                                                           \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_v_ldst *a)        \
    {                                                                            \
        return multiple(s, a);                                                   \
    }

MULTIPLE(LD1_m)
MULTIPLE(LD2_m)
MULTIPLE(LD3_m)
MULTIPLE(LD4_m)

/* ---- One structure ---- */

/* n consecutive elements as I32 or I64 */
static void load_elements(struct a64_ctx *s, unsigned rn, unsigned n, unsigned size, struct ir_val *v)
{
    struct ir_val addr = a64_reg_sp(s, rn, true);

    if (size >= 2 && n > 1) {
        ir_guest_ldm(s->ir, a64_type(size == 3), addr, n, v, memop(s, size, size), ARM_VIEW_CURRENT);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        v[i] = ir_guest_ld(s->ir, a64_type(size == 3), ir_addi(s->ir, addr, i << size), memop(s, size, size), ARM_VIEW_CURRENT);
    }
}

static void store_elements(struct a64_ctx *s, unsigned rn, unsigned n, unsigned size, const struct ir_val *v)
{
    struct ir_val addr = a64_reg_sp(s, rn, true);

    if (size >= 2 && n > 1) {
        ir_guest_stm(s->ir, addr, n, v, memop(s, size, size), ARM_VIEW_CURRENT);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        ir_guest_st(s->ir, ir_addi(s->ir, addr, i << size), v[i], memop(s, size, size), ARM_VIEW_CURRENT);
    }
}

/* LDn, STn { <Vt>.<T>, ... }[<index>], [<Xn|SP>]{, <Xm>|#<imm>} */
bool a64_trans_LDn_lane(struct a64_ctx *s, const struct args_v_lane *a)
{
    struct ir_val v[4];

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->load) {
        load_elements(s, a->rn, a->n, a->size, v);
    }
    for (unsigned i = 0; i < a->n; i++) {
        unsigned t = (a->rt + i) % 32;
        struct ir_val old = a64_v(s, true, t);

        if (a->load) {
            a64_set_v(s, t, ir_v2(s->ir, IR_vset, V128, old, v[i], a->size, a->index));
        } else {
            v[i] = ir_v1(s->ir, IR_vget_u, a64_type(a->size == 3), old, a->size, a->index);
        }
    }
    if (!a->load) {
        store_elements(s, a->rn, a->n, a->size, v);
    }
    post_index(s, a->rn, a->rm, a->n << a->size);
    return true;
}

/* LDnR { <Vt>.<T>, ... }, [<Xn|SP>]{, <Xm>|#<imm>} */
bool a64_trans_LDnR(struct a64_ctx *s, const struct args_v_dup *a)
{
    struct ir_val v[4];

    if (a64_fp_off(s)) {
        return true;
    }
    load_elements(s, a->rn, a->n, a->size, v);
    for (unsigned i = 0; i < a->n; i++) {
        /* 1D is one element, and IR's vdup makes it a V64 */
        a64_set_v(s, (a->rt + i) % 32, ir_v1(s->ir, IR_vdup, a64_vtype(a->q), v[i], a->size, 0));
    }
    post_index(s, a->rn, a->rm, a->n << a->size);
    return true;
}
