/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands taken apart and results put together: for x87float*.c only. */
#ifndef UTIL_X87FLOAT_PARTS_H
#define UTIL_X87FLOAT_PARTS_H

#include "util/bits.h"
#include "util/int128.h"
#include "util/x87float.h"

#define TOP_BIT   (UINT64_C(1) << 63)
#define QUIET_BIT (UINT64_C(1) << 62)
#define EXP_MAX   0x7fff
#define EXP_BIAS  16383

/* A number is (-1)^sign * frac / 2^63 * 2^(exp - EXP_BIAS), frac with its top bit. */
struct x87_parts {
    enum x87_class cls;
    bool sign;
    int32_t exp;
    uint64_t frac;
};

struct x87_parts x87_unpack(struct x87_float a);
struct x87_float x87_make_zero(bool sign);
struct x87_float x87_make_inf(bool sign);
/* IE and the default NaN */
struct x87_float x87_invalid(struct x87_env *e);

/* Take apart; true: unsupported formats or NaNs decide the result *r. */
bool x87_special1(struct x87_float a, struct x87_parts *p, struct x87_float *r, struct x87_env *e);
bool x87_special2(struct x87_float a, struct x87_float b, struct x87_parts *pa, struct x87_parts *pb,
                  struct x87_float *r, struct x87_env *e);
/* Note denormal operands (a may be b); true: that ends the operation. */
bool x87_denormals(const struct x87_parts *a, const struct x87_parts *b, struct x87_env *e);

/* (-1)^sign * sig / 2^127 * 2^(exp - EXP_BIAS), sig with its top bit, rounded to 64 bits, with
 * overflow and underflow. */
struct x87_float x87_pack(bool sign, int32_t exp, uint128_t sig, struct x87_env *e);

#endif
