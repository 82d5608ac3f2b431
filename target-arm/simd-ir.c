/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer SIMD in IR ops, see simd-ir.h. */
#include "config.h"

#include <string.h>

#include "target-arm/arm.h"
#include "target-arm/simd-ir.h"

uint64_t simd_splat64(unsigned size, uint64_t v)
{
    if (size < 3) {
        v &= (1ull << simd_bits(size)) - 1;
    }
    for (unsigned i = size; i < 3; i++) {
        v |= v << simd_bits(i);
    }
    return v;
}

struct ir_val simd_splat(struct ir *ir, enum ir_type type, unsigned size, uint64_t v)
{
    uint64_t w = simd_splat64(size, v);

    return type == V128 ? ir_const_v128(ir, w, w) : ir_const(ir, V64, w);
}

void simd_set_qc(struct ir *ir, struct ir_val lanes)
{
    if (ir_typeof(ir, lanes) == V64) {
        lanes = simd_zext(ir, lanes);
    }
    ir_state_st(ir, simd_op2(ir, IR_vor, ir_state_ld(ir, V128, ARM_OFF(fpscr_qc)), lanes, 0), ARM_OFF(fpscr_qc));
}

void simd_qc(struct ir *ir, struct ir_val saturated, struct ir_val exact)
{
    simd_set_qc(ir, simd_op2(ir, IR_vxor, saturated, exact, 0));
}

struct ir_val simd_qadd(struct ir *ir, enum ir_opc opc, struct ir_val a, struct ir_val b, unsigned size)
{
    bool subtract = opc == IR_vqsub_s || opc == IR_vqsub_u;
    struct ir_val sum = simd_op2(ir, opc, a, b, size);

    simd_qc(ir, sum, simd_op2(ir, subtract ? IR_vsub : IR_vadd, a, b, size));
    return sum;
}

static struct ir_val call_half(struct ir *ir, const struct helper *h, const struct ir_val *v, unsigned nv,
                               uint32_t constant)
{
    unsigned nargs = h->nargs - (h->args[0] == HT_ENV);
    struct ir_val args[4];

    for (unsigned i = 0; i < nv; i++) {
        args[i] = v[i];
    }
    if (nargs > nv) {
        args[nv] = ir_const(ir, I32, constant);
    }
    return ir_call_n(ir, h, args, nargs);
}

struct ir_val simd_call(struct ir *ir, const struct helper *h, const struct ir_val *v, unsigned nv, uint32_t constant)
{
    struct ir_val half[2][3], r[2];

    if (ir_typeof(ir, v[0]) == V64) {
        return call_half(ir, h, v, nv, constant);
    }
    for (unsigned i = 0; i < nv; i++) {
        half[0][i] = simd_low(ir, v[i]);
        half[1][i] = simd_high(ir, v[i]);
    }
    for (int i = 0; i < 2; i++) {
        r[i] = call_half(ir, h, half[i], nv, constant);
    }
    return simd_concat(ir, r[0], r[1]);
}

struct ir_val simd_abd(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool u)
{
    struct ir_val hi = simd_op2(ir, u ? IR_vmax_u : IR_vmax_s, a, b, size);

    return simd_op2(ir, IR_vsub, hi, simd_op2(ir, u ? IR_vmin_u : IR_vmin_s, a, b, size), size);
}

/* Halves are subtracted, less a borrow where only b is odd. */
struct ir_val simd_hsub(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool u)
{
    enum ir_opc shr = u ? IR_vshri_u : IR_vshri_s;
    struct ir_val borrow, diff;

    borrow = simd_op2(ir, IR_vandc, b, a, 0);
    borrow = simd_op2(ir, IR_vand, borrow, simd_splat(ir, ir_typeof(ir, a), size, 1), 0);
    diff = simd_op2(ir, IR_vsub, simd_op1(ir, shr, a, size, 1), simd_op1(ir, shr, b, size, 1), size);
    return simd_op2(ir, IR_vsub, diff, borrow, size);
}

/* High halves of 2 * n * m modulo the element, of words in V64s */
static struct ir_val doubled_high(struct ir *ir, struct ir_val n, struct ir_val m, bool round)
{
    struct ir_val p = ir_v2(ir, IR_vmull_s, V128, n, m, 2, 0);

    p = simd_op2(ir, IR_vadd, p, p, 3);
    if (round) {
        p = simd_op2(ir, IR_vadd, p, simd_splat(ir, V128, 3, 1ull << 31), 3);
    }
    return ir_v1(ir, IR_vnarrow, V64, simd_op1(ir, IR_vshri_u, p, 3, 32), 3, 0);
}

static struct ir_val doubled_high_words(struct ir *ir, struct ir_val n, struct ir_val m, bool round)
{
    struct ir_val lo;

    if (ir_typeof(ir, n) == V64) {
        return doubled_high(ir, n, m, round);
    }
    lo = doubled_high(ir, simd_low(ir, n), simd_low(ir, m), round);
    return simd_concat(ir, lo, doubled_high(ir, simd_high(ir, n), simd_high(ir, m), round));
}

static struct ir_val doubled_high_halfwords(struct ir *ir, struct ir_val n, struct ir_val m, bool round)
{
    struct ir_val hi;

    if (round) {
        return simd_op2(ir, IR_vmulhr_s, n, m, 1);
    }
    hi = simd_op2(ir, IR_vmulh_s, n, m, 1);
    hi = simd_op2(ir, IR_vadd, hi, hi, 1);
    return simd_op2(ir, IR_vor, hi, simd_op1(ir, IR_vshri_u, simd_op2(ir, IR_vmul, n, m, 1), 1, 15), 0);
}

/* Only MIN * MIN saturates, and only it gives MIN where the high half is taken modulo the element. */
struct ir_val simd_qdmulh(struct ir *ir, struct ir_val n, struct ir_val m, unsigned size, bool round)
{
    struct ir_val r = (size == 1 ? doubled_high_halfwords : doubled_high_words)(ir, n, m, round);
    struct ir_val bad = simd_op2(ir, IR_vcmpeq, r, simd_splat(ir, ir_typeof(ir, r), size, 1ull << (simd_bits(size) - 1)), size);

    simd_set_qc(ir, bad);
    return simd_op2(ir, IR_vxor, r, bad, 0);
}

struct ir_val simd_mull(struct ir *ir, struct ir_val n, struct ir_val m, unsigned size, bool u, bool high)
{
    struct ir_val lo;

    if (size == 1) {
        lo = simd_op2(ir, IR_vmul, n, m, 1);
        return simd_op2(ir, high ? IR_vzip_hi : IR_vzip_lo, lo, simd_op2(ir, u ? IR_vmulh_u : IR_vmulh_s, n, m, 1), 1);
    }
    n = high ? simd_high(ir, n) : simd_low(ir, n);
    m = high ? simd_high(ir, m) : simd_low(ir, m);
    return ir_v2(ir, u ? IR_vmull_u : IR_vmull_s, V128, n, m, size, 0);
}

struct ir_val simd_qmovn(struct ir *ir, struct ir_val v, unsigned size, bool from_unsigned, bool to_unsigned)
{
    unsigned wide = size + 1, bits = simd_bits(size);
    uint64_t max = ~0ull >> (64 - bits + !to_unsigned);
    uint64_t min = to_unsigned ? 0 : ~max;
    struct ir_val r = v;

    if (!from_unsigned) {
        r = simd_op2(ir, IR_vmax_s, r, simd_splat(ir, V128, wide, min), wide);
    }
    r = simd_op2(ir, from_unsigned ? IR_vmin_u : IR_vmin_s, r, simd_splat(ir, V128, wide, max), wide);
    simd_qc(ir, r, v);
    return ir_v1(ir, IR_vnarrow, V64, r, wide, 0);
}

struct ir_val simd_pair_sums(struct ir *ir, struct ir_val v, unsigned size, bool u)
{
    unsigned wide = size + 1, bits = simd_bits(size);
    struct ir_val even, odd;

    if (u) {
        even = simd_op2(ir, IR_vand, v, simd_splat(ir, ir_typeof(ir, v), wide, (1ull << bits) - 1), 0);
        odd = simd_op1(ir, IR_vshri_u, v, wide, bits);
    } else {
        even = simd_op1(ir, IR_vshri_s, simd_op1(ir, IR_vshli, v, wide, bits), wide, bits);
        odd = simd_op1(ir, IR_vshri_s, v, wide, bits);
    }
    return simd_op2(ir, IR_vadd, even, odd, wide);
}

/* Leading zeros, less one, of bits that differ from the sign */
struct ir_val simd_cls(struct ir *ir, struct ir_val v, unsigned size)
{
    v = simd_op2(ir, IR_vxor, v, simd_op1(ir, IR_vshri_s, v, size, simd_bits(size) - 1), 0);
    v = simd_op1(ir, IR_vclz, v, size, 0);
    return simd_op2(ir, IR_vsub, v, simd_splat(ir, ir_typeof(ir, v), size, 1), size);
}

/* As unsigned, only |MIN| is above MAX. */
struct ir_val simd_qabs(struct ir *ir, struct ir_val v, unsigned size)
{
    struct ir_val r, max = simd_splat(ir, ir_typeof(ir, v), size, ~0ull >> (65 - simd_bits(size)));

    v = simd_op1(ir, IR_vabs, v, size, 0);
    r = simd_op2(ir, IR_vmin_u, v, max, size);
    simd_qc(ir, r, v);
    return r;
}

/* ---- Shifts ---- */

struct ir_val simd_shr(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u)
{
    if (n < simd_bits(size)) {
        return simd_op1(ir, u ? IR_vshri_u : IR_vshri_s, v, size, n);
    }
    if (u) {
        return simd_splat(ir, ir_typeof(ir, v), 3, 0);
    }
    return simd_op1(ir, IR_vshri_s, v, size, n - 1);
}

/* The last bit shifted out is added. */
struct ir_val simd_rounding_shr(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u)
{
    struct ir_val last = simd_op1(ir, IR_vshri_u, v, size, n - 1);

    last = simd_op2(ir, IR_vand, last, simd_splat(ir, ir_typeof(ir, v), size, 1), 0);
    return simd_op2(ir, IR_vadd, simd_shr(ir, v, size, n, u), last, size);
}

/* Lanes of `exact` where shifting it back gave v, else `limit`; QC if any */
static struct ir_val saturate(struct ir *ir, unsigned size, struct ir_val v, struct ir_val exact, struct ir_val back,
                              struct ir_val limit)
{
    struct ir_val fits = simd_op2(ir, IR_vcmpeq, back, v, size);

    simd_qc(ir, back, v);
    return simd_bsl(ir, fits, exact, limit);
}

struct ir_val simd_qshl(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u)
{
    unsigned bits = simd_bits(size);
    enum ir_type t = ir_typeof(ir, v);
    struct ir_val r = simd_op1(ir, IR_vshli, v, size, n), limit;

    if (u) {
        return saturate(ir, size, v, r, simd_op1(ir, IR_vshri_u, r, size, n), simd_splat(ir, t, 3, ~0ull));
    }
    /* MAX for positive values, MIN = ~MAX for negative ones */
    limit = simd_op2(ir, IR_vxor, simd_op1(ir, IR_vshri_s, v, size, bits - 1), simd_splat(ir, t, size, ~0ull >> (65 - bits)), 0);
    return saturate(ir, size, v, r, simd_op1(ir, IR_vshri_s, r, size, n), limit);
}

/* A negative value never comes back from a shift of max(v, 0), and its limit is zero. */
struct ir_val simd_qshlu(struct ir *ir, struct ir_val v, unsigned size, unsigned n)
{
    struct ir_val sign = simd_op1(ir, IR_vshri_s, v, size, simd_bits(size) - 1), r;

    r = simd_op1(ir, IR_vshli, simd_op2(ir, IR_vandc, v, sign, 0), size, n);
    return saturate(ir, size, v, r, simd_op1(ir, IR_vshri_u, r, size, n), simd_not(ir, sign));
}

/* All ones where the low byte of the element is negative */
static struct ir_val negative(struct ir *ir, struct ir_val count, unsigned size)
{
    unsigned bits = simd_bits(size);

    if (size) {
        count = simd_op1(ir, IR_vshli, count, size, bits - 8);
    }
    return simd_op1(ir, IR_vshri_s, count, size, bits - 1);
}

/* Where the count is negative the last bit shifted out is added: the lowest one when shifting by one less. */
struct ir_val simd_rshl_reg(struct ir *ir, struct ir_val v, struct ir_val count, unsigned size, bool u)
{
    enum ir_opc shift = u ? IR_vshl_u : IR_vshl_s;
    enum ir_type t = ir_typeof(ir, v);
    struct ir_val last = simd_op2(ir, IR_vadd, count, simd_splat(ir, t, 0, 1), 0);

    last = simd_op2(ir, IR_vand, simd_op2(ir, shift, v, last, size), simd_splat(ir, t, size, 1), 0);
    last = simd_op2(ir, IR_vand, last, negative(ir, count, size), 0);
    return simd_op2(ir, IR_vadd, simd_op2(ir, shift, v, count, size), last, size);
}

/* A left shift that does not come back when undone saturates. */
struct ir_val simd_qshl_reg(struct ir *ir, struct ir_val v, struct ir_val count, unsigned size, bool u, bool round)
{
    enum ir_opc shift = u ? IR_vshl_u : IR_vshl_s;
    enum ir_type t = ir_typeof(ir, v);
    unsigned bits = simd_bits(size);
    struct ir_val left = simd_op2(ir, shift, v, count, size), back, bad, limit = simd_splat(ir, t, 3, ~0ull);

    back = simd_op2(ir, shift, left, simd_op1(ir, IR_vneg, count, 0, 0), size);
    bad = simd_not(ir, simd_op2(ir, IR_vor, simd_op2(ir, IR_vcmpeq, back, v, size), negative(ir, count, size), 0));
    simd_set_qc(ir, bad);
    if (!u) {                    /* MAX for positive values, MIN = ~MAX for negative ones */
        limit = simd_op2(ir, IR_vxor, simd_op1(ir, IR_vshri_s, v, size, bits - 1),
                         simd_splat(ir, t, size, ~0ull >> (65 - bits)), 0);
    }
    return simd_bsl(ir, bad, limit, round ? simd_rshl_reg(ir, v, count, size, u) : left);
}

/* ---- Immediates ---- */

uint64_t simd_expand_imm(unsigned cmode, bool op, uint64_t imm8)
{
    uint64_t v = 0;

    switch (cmode >> 1) {
    case 0: case 1: case 2: case 3:
        return simd_splat64(2, imm8 << (cmode >> 1) * 8);
    case 4: case 5:
        return simd_splat64(1, imm8 << (cmode >> 1 & 1) * 8);
    case 6:
        return simd_splat64(2, cmode & 1 ? imm8 << 16 | 0xffff : imm8 << 8 | 0xff);
    }
    if (!(cmode & 1) && !op) {
        return simd_splat64(0, imm8);
    }
    if (!(cmode & 1)) {
        for (int i = 0; i < 8; i++) {
            v |= imm8 >> i & 1 ? 0xffull << 8 * i : 0;
        }
        return v;
    }
    if (op) {                    /* A64: a double */
        return (imm8 & 0x80) << 56 | (imm8 & 0x3f) << 48 | (imm8 & 0x40 ? 0x3fc0ull << 48 : 0x4000ull << 48);
    }
    return simd_splat64(2, (imm8 & 0x80) << 24 | (imm8 & 0x3f) << 19 | (imm8 & 0x40 ? 0x3e000000 : 0x40000000));
}

/* ---- Every other element, structures in memory order ---- */

/* Bytes of v in the order that from[] says */
static struct ir_val shuffle(struct ir *ir, struct ir_val v, const uint8_t *from)
{
    uint64_t w[2];

    memcpy(w, from, sizeof(w));
    return simd_op2(ir, IR_vtbl, v, ir_const_v128(ir, w[0], w[1]), 0);
}

/* Bytes and halfwords: even ones below odd ones, which the other result needs, too */
struct ir_val simd_uzp(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool odd)
{
    uint8_t from[16];

    if (ir_typeof(ir, a) == V64 || size > 1) {
        return simd_op2(ir, odd ? IR_vuzp_odd : IR_vuzp_even, a, b, size);
    }
    for (unsigned i = 0; i < 16; i++) {
        from[i] = i % 8 / (1u << size) * (2u << size) + (i / 8 << size) + i % (1u << size);
    }
    return simd_op2(ir, odd ? IR_vzip_hi : IR_vzip_lo, shuffle(ir, a, from), shuffle(ir, b, from), 3);
}

static void unzip(struct ir *ir, struct ir_val *a, struct ir_val *b, unsigned size)
{
    struct ir_val even = simd_uzp(ir, *a, *b, size, false);

    *b = simd_uzp(ir, *a, *b, size, true);
    *a = even;
}

static void zip(struct ir *ir, struct ir_val *a, struct ir_val *b, unsigned size)
{
    struct ir_val lo = simd_op2(ir, IR_vzip_lo, *a, *b, size);

    *b = simd_op2(ir, IR_vzip_hi, *a, *b, size);
    *a = lo;
}

/* A V128 of structures of four elements of up to four bytes: first elements in the lowest word, and so on */
static struct ir_val planes(struct ir *ir, struct ir_val v, unsigned size)
{
    uint8_t from[16];

    if (size == 2) {
        return v;
    }
    for (unsigned i = 0; i < 16; i++) {
        from[i] = (i % 4 / (1u << size) * 4 + i / 4) * (1u << size) + i % (1u << size);
    }
    return shuffle(ir, v, from);
}

/* V128s: words of the four are transposed. */
static void deinterleave4(struct ir *ir, struct ir_val *v, unsigned size)
{
    struct ir_val t;

    for (unsigned i = 0; i < 4; i++) {
        v[i] = planes(ir, v[i], size);
    }
    zip(ir, &v[0], &v[1], 2);            /* a a b b, c c d d, of the lower half */
    zip(ir, &v[2], &v[3], 2);
    zip(ir, &v[0], &v[2], 3);            /* a, b */
    zip(ir, &v[1], &v[3], 3);            /* c, d */
    t = v[1];
    v[1] = v[2];
    v[2] = t;
}

void simd_deinterleave_halves(struct ir *ir, const struct ir_val *m, struct ir_val *v, unsigned n, unsigned size)
{
    struct ir_val t[2] = { m[0], n == 4 ? m[1] : m[0] };

    if (n == 2) {
        t[0] = simd_uzp(ir, m[0], m[0], size, false);
        t[1] = simd_uzp(ir, m[0], m[0], size, true);
        v[0] = simd_low(ir, t[0]);
        v[1] = simd_low(ir, t[1]);
        return;
    }
    t[0] = planes(ir, t[0], size);
    t[1] = planes(ir, t[1], size);
    zip(ir, &t[0], &t[1], 2);
    for (unsigned i = 0; i < 4; i++) {
        v[i] = i & 1 ? simd_high(ir, t[i / 2]) : simd_low(ir, t[i / 2]);
    }
}

void simd_interleave_halves(struct ir *ir, struct ir_val *v, struct ir_val *m, unsigned n, unsigned size)
{
    m[0] = simd_op2(ir, IR_vzip_lo, v[0], v[n / 2], size);
    if (n == 4) {
        m[1] = simd_op2(ir, IR_vzip_lo, v[1], v[3], size);
        zip(ir, &m[0], &m[1], size);
    }
}

/* Those bytes of v that from[] names, as places in v[base / 16 of them], others zero: byte k is byte from[k] - base */
static struct ir_val pick_bytes(struct ir *ir, struct ir_val table, enum ir_type type, const uint8_t *from, unsigned base)
{
    uint64_t w[2] = { 0 };
    struct ir_val index;

    for (unsigned k = 0; k < ir_type_size(type); k++) {
        unsigned at = (unsigned)from[k] - base;

        w[k / 8] |= (uint64_t)(at < 16 ? at : 0xff) << 8 * (k % 8);
    }
    index = type == V128 ? ir_const_v128(ir, w[0], w[1]) : ir_const(ir, V64, w[0]);
    return ir_v2(ir, IR_vtbl, type, table, index, 0, 0);
}

/* Bytes of three vectors in the order that from[] says: out byte k is byte from[k] of v[0]:v[1]:v[2] */
static struct ir_val gather3(struct ir *ir, const struct ir_val *v, const uint8_t *from)
{
    struct ir_val r;

    if (ir_typeof(ir, v[0]) == V64) {
        r = pick_bytes(ir, simd_concat(ir, v[0], v[1]), V64, from, 0);
        return simd_op2(ir, IR_vor, r, pick_bytes(ir, simd_concat(ir, v[2], v[2]), V64, from, 16), 0);
    }
    r = pick_bytes(ir, v[0], V128, from, 0);
    for (unsigned i = 1; i < 3; i++) {
        r = simd_op2(ir, IR_vor, r, pick_bytes(ir, v[i], V128, from, 16 * i), 0);
    }
    return r;
}

/* Triples of elements: byte k of vector j, counted within its vector, and where it is in memory */
static unsigned triple_place(unsigned j, unsigned k, unsigned size)
{
    unsigned element = k >> size, byte = k & ((1u << size) - 1);

    return ((element * 3 + j) << size) + byte;
}

static void deinterleave3(struct ir *ir, struct ir_val *v, unsigned size)
{
    unsigned bytes = ir_type_size(ir_typeof(ir, v[0]));
    struct ir_val r[3];
    uint8_t from[16];

    for (unsigned j = 0; j < 3; j++) {
        for (unsigned k = 0; k < bytes; k++) {
            from[k] = triple_place(j, k, size);
        }
        r[j] = gather3(ir, v, from);
    }
    for (unsigned j = 0; j < 3; j++) {
        v[j] = r[j];
    }
}

static void interleave3(struct ir *ir, struct ir_val *v, unsigned size)
{
    unsigned bytes = ir_type_size(ir_typeof(ir, v[0]));
    struct ir_val r[3];
    uint8_t from[48];

    for (unsigned j = 0; j < 3; j++) {
        for (unsigned k = 0; k < bytes; k++) {
            from[triple_place(j, k, size)] = bytes * j + k;
        }
    }
    for (unsigned j = 0; j < 3; j++) {
        r[j] = gather3(ir, v, from + bytes * j);
    }
    for (unsigned j = 0; j < 3; j++) {
        v[j] = r[j];
    }
}

void simd_deinterleave(struct ir *ir, struct ir_val *v, unsigned n, unsigned size)
{
    if (n == 2) {
        unzip(ir, &v[0], &v[1], size);
    } else if (n == 3) {
        deinterleave3(ir, v, size);
    } else if (n == 4 && size < 3 && ir_typeof(ir, v[0]) == V128) {
        deinterleave4(ir, v, size);
    } else if (n == 4) {
        unzip(ir, &v[0], &v[1], size);    /* 0 2 0 2.., 1 3 1 3.. */
        unzip(ir, &v[2], &v[3], size);
        unzip(ir, &v[0], &v[2], size);    /* 0.., 2.. */
        unzip(ir, &v[1], &v[3], size);    /* 1.., 3.. */
    }
}

void simd_interleave(struct ir *ir, struct ir_val *v, unsigned n, unsigned size)
{
    if (n == 2) {
        zip(ir, &v[0], &v[1], size);
    } else if (n == 3) {
        interleave3(ir, v, size);
    } else if (n == 4) {
        zip(ir, &v[0], &v[2], size);      /* 0 2 0 2.. */
        zip(ir, &v[1], &v[3], size);      /* 1 3 1 3.. */
        zip(ir, &v[0], &v[1], size);      /* 0 1 2 3.. */
        zip(ir, &v[2], &v[3], size);
    }
}
