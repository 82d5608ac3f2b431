/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the operations of vx.inc, and of fused multiply-adds, for front ends of x86 guests. */
#ifndef TCG_VX_H
#define TCG_VX_H

enum ir_vx {
#define VX(name, x, need, form) VX_##name,
#include "tcg/vx.inc"
#undef VX
    VX_COUNT
};

/* vfx3's c[0]: kind | form << 3 | elements << 5. */
enum ir_fma {
    FMA_ADD, FMA_SUB, FMA_NADD, FMA_NSUB, FMA_ADDSUB, FMA_SUBADD, FMA_KIND = 7,
    FMA_132 = 0, FMA_213 = 1 << 3, FMA_231 = 2 << 3, FMA_FORM = 3 << 3,      /* operands multiplied first; the third number's is added */
    FMA_PS = 0, FMA_PD = 1 << 5, FMA_SS = 2 << 5, FMA_SD = 3 << 5, FMA_LANES = 3 << 5,
};

#endif
