/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of the x87 FPU on its 80-bit format, with integers only.
 *
 * Everything a processor does with a value is here: precision and rounding
 * control, the masked responses, the results that unmasked overflow and
 * underflow leave (SDM volume 1, 4.9.1, 8.5), the NaN rules of the x87 and its
 * unsupported formats (8.2.2). Registers, tags and pending faults are not.
 *
 * No state but the given environment: any thread may call with its own.
 */
#ifndef UTIL_X87FLOAT_H
#define UTIL_X87FLOAT_H

#include <stdbool.h>
#include <stdint.h>

/* The double extended format: `sig` has the integer bit in bit 63, `se` the
 * sign in bit 15 and an exponent with bias 16383. */
struct x87_float {
    uint64_t sig;
    uint16_t se;
};

/* The control word: exception masks are the bits of enum x87_flag (SDM 1, 8.1.5). */
enum x87_control {
    X87_CW_PRECISION = 3 << 8,   /* 0: 24 bits, 2: 53, 3 and 1: 64 */
    X87_CW_ROUNDING = 3 << 10,
    X87_CW_DEFAULT = 0x37f,
};

enum x87_rounding {
    X87_ROUND_NEAREST = 0, X87_ROUND_DOWN = 1, X87_ROUND_UP = 2, X87_ROUND_ZERO = 3,
};

/* Exceptions and condition codes, the bits of the status word (8.1.3). */
enum x87_flag {
    X87_IE = 0x01, X87_DE = 0x02, X87_ZE = 0x04, X87_OE = 0x08, X87_UE = 0x10, X87_PE = 0x20, X87_SF = 0x40,
    X87_C0 = 0x100, X87_C1 = 0x200, X87_C2 = 0x400, X87_C3 = 0x4000,
    X87_CC = X87_C0 | X87_C1 | X87_C2 | X87_C3,
    X87_EXCEPTIONS = 0x3f,
};

/*
 * `control` is read. Exceptions and condition codes that an operation raises
 * are or-ed into `flags`; the caller clears it before (C1 says only then which
 * way the result was rounded).
 */
struct x87_env {
    uint32_t control;            /* 16 bits; all fields are of one size for the sake of copies */
    uint32_t flags;
    uint32_t denormal;               /* an operand was a denormal of a narrower format: set by x87_operand_* */
};

/* Did an exception come up that keeps the operation from giving a result
 * (unmasked, found before computing)? Results are then any value. */
static inline bool x87_no_result(const struct x87_env *e)
{
    return e->flags & ~e->control & (X87_IE | X87_DE | X87_ZE);
}

/* The same for a store to memory, which unmasked overflow and underflow end too. */
static inline bool x87_no_store(const struct x87_env *e)
{
    return e->flags & ~e->control & (X87_IE | X87_DE | X87_ZE | X87_OE | X87_UE);
}

/* "Real indefinite", the default NaN. */
static inline struct x87_float x87_indefinite(void)
{
    return (struct x87_float) { UINT64_C(0xc000000000000000), 0xffff };
}

enum x87_class {
    X87_ZERO, X87_NORMAL, X87_DENORMAL, X87_INF, X87_QNAN, X87_SNAN, X87_UNSUPPORTED,
};

/* Pseudo-denormals are denormals; unnormals, pseudo-NaNs and pseudo-infinities unsupported. */
enum x87_class x87_classify(struct x87_float a);

/* Rounded as the control word says, to its precision. */
struct x87_float x87_add(struct x87_float a, struct x87_float b, struct x87_env *e);
struct x87_float x87_sub(struct x87_float a, struct x87_float b, struct x87_env *e);
struct x87_float x87_mul(struct x87_float a, struct x87_float b, struct x87_env *e);
struct x87_float x87_div(struct x87_float a, struct x87_float b, struct x87_env *e);
struct x87_float x87_sqrt(struct x87_float a, struct x87_env *e);

/* The relation of a to b as C0, C2 and C3 (less C0, equal C3, unordered all);
 * ordered: any NaN raises IE. */
uint16_t x87_compare(struct x87_float a, struct x87_float b, bool ordered, struct x87_env *e);

/* FRNDINT: an integral value in the same format. */
struct x87_float x87_round_to_int(struct x87_float a, struct x87_env *e);
/* FSCALE: a * 2^trunc(b) */
struct x87_float x87_scale(struct x87_float a, struct x87_float b, struct x87_env *e);
/* FXTRACT: gives the significand, *exponent gets the exponent. */
struct x87_float x87_extract(struct x87_float a, struct x87_float *exponent, struct x87_env *e);
/*
 * FPREM (ieee: FPREM1): the remainder of a by b, one step. C0, C3, C1 get the
 * quotient's bits 2, 1, 0, or C2 tells that a was only reduced.
 */
struct x87_float x87_remainder(struct x87_float a, struct x87_float b, bool ieee, struct x87_env *e);

/* Values of other formats as 80-bit ones, always exact. A load gives its result also with an unmasked DE. */
struct x87_float x87_from_f32(uint32_t a, struct x87_env *e);
struct x87_float x87_from_f64(uint64_t a, struct x87_env *e);
/* The same for an operand of the next operation, which raises what there is to raise: signalling NaNs stay. */
struct x87_float x87_operand_f32(uint32_t a, struct x87_env *e);
struct x87_float x87_operand_f64(uint64_t a, struct x87_env *e);
struct x87_float x87_from_int(int64_t a);
/* 18 digits and a sign, ten bytes; what is no digit counts by its value. */
struct x87_float x87_from_bcd(const uint8_t bcd[10]);

/* Stores: rounded to the format. Where x87_no_store() holds the result is any value. */
uint32_t x87_to_f32(struct x87_float a, struct x87_env *e);
uint64_t x87_to_f64(struct x87_float a, struct x87_env *e);
/* To an integer of 16, 32 or 64 bits, sign-extended; the indefinite integer for what does not
 * fit. truncate: towards zero, whatever the control word says (FISTTP). */
int64_t x87_to_int(struct x87_float a, unsigned bits, bool truncate, struct x87_env *e);
void x87_to_bcd(struct x87_float a, uint8_t bcd[10], struct x87_env *e);

/* Transcendental functions (x87float-fn.c) of ST0 and ST1, as the instructions take them. */
enum x87_function {
    X87_SIN, X87_COS, X87_SINCOS, X87_TAN, X87_ATAN2 /* of b / a */, X87_EXP2M1 /* 2^a - 1 */, X87_YLOG2 /* b log2 a */,
    X87_YLOG2P1 /* b log2(a + 1) */,
};

/*
 * The host's result where it has an x87 FPU, and x87_soft_function's elsewhere. *second: what FSINCOS (the cosine) and FPTAN (1) push; else NULL.
 * SIN to TAN: C2 is set and the result is a if |a| is 2^63 or more; angles are reduced by pi in 66 bits, as
 * processors do (SDM 1, 8.3.8).
 */
struct x87_float x87_function(enum x87_function f, struct x87_float a, struct x87_float b, struct x87_float *second,
                              struct x87_env *e);
/* Correctly rounded, but for about one in 2^50 hard cases. */
struct x87_float x87_soft_function(enum x87_function f, struct x87_float a, struct x87_float b, struct x87_float *second,
                                   struct x87_env *e);

#endif
