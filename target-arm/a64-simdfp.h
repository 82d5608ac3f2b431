/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the A64 floating-point translators (a64-fp.c, a64-simdfp*.c) and helper-simdfp.c: access to V registers, and the
 * operands of the helpers that work on them.
 */
#ifndef TARGET_ARM_A64_SIMDFP_H
#define TARGET_ARM_A64_SIMDFP_H

#include <stdint.h>

#include "target-arm/a64.h"

/* FPCR's fp env: all of A64 uses it. */
enum { A64_FP_ENV = 0 };

/* Decode table of Advanced SIMD floating point: true if it has insn, which is then translated. */
bool a64_decode_simdfp(struct a64_ctx *s, uint32_t insn);

/* F32 or F64 (dp) at the bottom of Vn; a result, which zeroes the rest: F32, F64, I32, I64, V64 or V128. */
struct ir_val a64_read_fp(struct a64_ctx *s, bool dp, unsigned n);
void a64_write_v(struct a64_ctx *s, unsigned n, struct ir_val v);
/* Rounding as rows have it: FPCR.RMode's numbers, 4 to nearest away, 5 FPCR's own; gives enum fp_round or FP_ROUND_ENV. */
unsigned a64_fp_rounding(unsigned r);
/* The same for IR ops */
enum ir_round a64_ir_round(unsigned r);

/* ---- Operands of helpers ---- */

/* op: of the helper's own enumeration; size: log2 of a lane's bytes; lanes: of the result; arg: 16 bits as the op has them */
#define VFP_WHAT(op, size, lanes, arg) \
    ((uint32_t)(op) | (uint32_t)(size) << 8 | (uint32_t)(lanes) << 12 | (uint32_t)(arg) << 16)
#define VFP_REGS(rd, rn) ((uint32_t)(rd) | (uint32_t)(rn) << 8)

/* One operand */
enum vfp1 {
    VFP_RINTN /* arg: rounding | bits << 8 */, VFP_TO_INT, VFP_FROM_INT /* both: VFP_INT() */, VFP_RECPE, VFP_RSQRTE, VFP_RECPX,
};
#define VFP_INT(rounding, is_signed, frac) ((uint32_t)(rounding) | (uint32_t)(is_signed) << 4 | (uint32_t)(frac) << 8)

#endif
