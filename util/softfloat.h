/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IEEE 754-2008 arithmetic on bit patterns, with integers only.
 *
 * Values are passed as uint16_t/uint32_t/uint64_t images of binary16, binary32
 * and binary64.  Every operation takes a struct fp_env: modes are read from
 * it, exception flags are or-ed into env->flags and never cleared.  Nothing
 * here has other state, so any thread may call with its own environment.
 *
 * The rules in which architectures differ (which NaN wins, the default NaN's
 * sign, when a result is tiny, what an unrepresentable integer becomes) are
 * fields of the environment, not build options.
 */
#ifndef UTIL_SOFTFLOAT_H
#define UTIL_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

/* Rounding modes; the first four are the values of ARM's FPSCR.RMode. */
enum fp_round {
    FP_ROUND_NEAREST_EVEN = 0,
    FP_ROUND_UP = 1,             /* towards +infinity */
    FP_ROUND_DOWN = 2,           /* towards -infinity */
    FP_ROUND_ZERO = 3,
    FP_ROUND_NEAREST_AWAY = 4,
    FP_ROUND_ODD = 5,            /* what is inexact gets an odd last bit (von Neumann) */
};

/* Sticky exception flags; the first five are the bits of ARM's FPSCR. */
enum fp_flag {
    FP_INVALID = 1,
    FP_DIVBYZERO = 2,
    FP_OVERFLOW = 4,
    FP_UNDERFLOW = 8,
    FP_INEXACT = 16,
    FP_INPUT_DENORMAL = 32,      /* a denormal input was replaced by zero */
};

/* Which of several NaN operands becomes the result. */
enum fp_nan_rule {
    FP_NAN_SIGNALLING_FIRST = 0, /* ARM: first signalling, else first quiet */
    FP_NAN_FIRST = 1,            /* SSE: the first operand that is a NaN */
};

/*
 * Modes and flags.  Embedded in CPU state and read by generated code: every
 * field is one byte and offsets are part of the interface.
 */
struct fp_env {
    uint8_t rounding;            /* enum fp_round */
    uint8_t flush_inputs;        /* denormal inputs (not binary16) read as 0 */
    uint8_t flush_outputs;       /* tiny results (not binary16) become 0 */
    uint8_t default_nan;         /* any NaN result is the default NaN */
    uint8_t tiny_before;         /* tininess is detected before rounding */
    uint8_t nan_rule;            /* enum fp_nan_rule */
    uint8_t nan_negative;        /* sign of the default NaN */
    uint8_t int_indefinite;      /* bad integer conversions give 1000..0 */
    uint8_t flags;               /* enum fp_flag, sticky */
    uint8_t flush_half;          /* both for binary16, but not in conversions between formats; inputs raise no flag */
    uint8_t half_alternative;    /* ARM's alternative half precision, for callers of conversions */
    uint8_t unmasked;            /* FP_OVERFLOW, FP_UNDERFLOW: raised for what would be with any exponent, inexact is then of that; the
                                  * result does not matter */
    uint8_t reserved[4];
};

/* Result of a comparison. */
enum fp_relation {
    FP_REL_LESS = -1,
    FP_REL_EQUAL = 0,
    FP_REL_GREATER = 1,
    FP_REL_UNORDERED = 2,
};

/* Flags of muladd: sign changes made to the operands before they are used. */
enum fp_muladd {
    FP_MULADD_NEG_PRODUCT = 1,   /* -a * b + c */
    FP_MULADD_NEG_ADDEND = 2,    /* a * b - c */
};

/*
 * The operations of one format; T is its image type, F its prefix.
 *
 * muladd        a * b + c with one rounding
 * mulx          a * b, but infinity times zero is 2 with the sign that the product has
 * recip_step    2 - a * b, rsqrt_step (3 - a * b) / 2, fused; infinity times zero counts as 0
 * compare       signalling: every NaN raises invalid, not only signalling ones
 * min, max      a NaN operand wins; -0 is less than +0
 * minnum, ...   IEEE 754-2008 5.3.1: a number wins over a quiet NaN
 * round_to_int  to an integral value; exact: raise inexact if it changed
 * to_int        round(x * 2^scale) in `bits` (1-64) bits; sign- or
 *               zero-extended to 64; saturates with invalid when out of range
 * from_int      x / 2^scale, x a signed or unsigned 64-bit number
 */
#define FP_DECLARE_FORMAT(F, T)                                              \
    T F##_add(T a, T b, struct fp_env *e);                                   \
    T F##_sub(T a, T b, struct fp_env *e);                                   \
    T F##_mul(T a, T b, struct fp_env *e);                                   \
    T F##_div(T a, T b, struct fp_env *e);                                   \
    T F##_sqrt(T a, struct fp_env *e);                                       \
    T F##_muladd(T a, T b, T c, unsigned negate, struct fp_env *e);          \
    T F##_mulx(T a, T b, struct fp_env *e);                                  \
    T F##_recip_step(T a, T b, struct fp_env *e);                            \
    T F##_rsqrt_step(T a, T b, struct fp_env *e);                            \
    enum fp_relation F##_compare(T a, T b, bool signalling,                  \
                                 struct fp_env *e);                          \
    T F##_min(T a, T b, struct fp_env *e);                                   \
    T F##_max(T a, T b, struct fp_env *e);                                   \
    T F##_minnum(T a, T b, struct fp_env *e);                                \
    T F##_maxnum(T a, T b, struct fp_env *e);                                \
    T F##_round_to_int(T a, enum fp_round r, bool exact, struct fp_env *e);  \
    uint64_t F##_to_int(T a, enum fp_round r, int scale, unsigned bits,      \
                        bool is_signed, struct fp_env *e);                   \
    T F##_from_int(uint64_t a, enum fp_round r, int scale, bool is_signed,   \
                   struct fp_env *e);                                        \
    int32_t F##_to_i32(T a, enum fp_round r, struct fp_env *e);              \
    uint32_t F##_to_u32(T a, enum fp_round r, struct fp_env *e);             \
    int64_t F##_to_i64(T a, enum fp_round r, struct fp_env *e);              \
    uint64_t F##_to_u64(T a, enum fp_round r, struct fp_env *e);             \
    T F##_from_i32(int32_t a, enum fp_round r, struct fp_env *e);            \
    T F##_from_u32(uint32_t a, enum fp_round r, struct fp_env *e);           \
    T F##_from_i64(int64_t a, enum fp_round r, struct fp_env *e);            \
    T F##_from_u64(uint64_t a, enum fp_round r, struct fp_env *e);           \
    T F##_default_nan(const struct fp_env *e);                               \
    /* The given NaN made quiet, or the default NaN if the mode says so. */  \
    T F##_quiet_nan(T a, struct fp_env *e);                                  \
    /* a, or a zero of its sign if it is a denormal that is to be flushed */ \
    T F##_flush_input(T a, struct fp_env *e)

FP_DECLARE_FORMAT(f16, uint16_t);
FP_DECLARE_FORMAT(f32, uint32_t);
FP_DECLARE_FORMAT(f64, uint64_t);

/*
 * Between formats.  `alternative` selects ARM's alternative half precision
 * (DDI 0406C A2.7.4: no infinities and NaNs, exponent 31 is an ordinary one).
 */
uint64_t f32_to_f64(uint32_t a, struct fp_env *e);
uint32_t f64_to_f32(uint64_t a, struct fp_env *e);
uint32_t f16_to_f32(uint16_t a, bool alternative, struct fp_env *e);
uint16_t f32_to_f16(uint32_t a, bool alternative, struct fp_env *e);
uint64_t f16_to_f64(uint16_t a, bool alternative, struct fp_env *e);
uint16_t f64_to_f16(uint64_t a, bool alternative, struct fp_env *e);

/* The same values (a NaN as it is), whatever the modes: no flags. */
uint32_t f16_bits_to_f32(uint16_t a);

static inline bool f16_is_nan(uint16_t a)
{
    return (a & 0x7fff) > 0x7c00;
}

static inline bool f32_is_nan(uint32_t a)
{
    return (a & 0x7fffffff) > 0x7f800000;
}

static inline bool f64_is_nan(uint64_t a)
{
    return (a & 0x7fffffffffffffff) > 0x7ff0000000000000;
}

static inline bool f32_is_snan(uint32_t a)
{
    return f32_is_nan(a) && !(a & 0x00400000);
}

static inline bool f64_is_snan(uint64_t a)
{
    return f64_is_nan(a) && !(a & 0x0008000000000000);
}

#endif
