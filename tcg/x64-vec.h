/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the x64-out-vec*.c files: operands, constants, features.
 *
 * A V64 value in a register has zeros in the upper half: floating-point ops
 * work on all lanes, and those of the upper half must raise nothing.  Every
 * emitter keeps that up.
 *
 * Emitters take inputs with xv_use, scratch registers with xv_temp, then
 * call ra_inputs_done and take the output with xv_def, which may be the
 * register of an input that died; `avoid` names the inputs that are read
 * after the output is first written.  Scratch registers stay their own.
 */
#ifndef TCG_X64_VEC_H
#define TCG_X64_VEC_H

#include "tcg/x64-internal.h"

/* What a row of a table needs of the host; SSE2 is always there. */
enum xv_need { NEED_SSE2, NEED_SSSE3, NEED_SSE41, NEED_SSE42, NEED_AVX2, NEED_AES, NEED_CLMUL, NEED_SHA, NEED_F16C };

static inline uint32_t xv_bit(int reg)
{
    return 1u << reg;
}

static inline bool xv_avx(const struct x64 *c)
{
    return c->be->cpu.avx;
}

bool xv_has(const struct x64 *c, enum xv_need need);

/* x64_op3 of an op that commutes: d may be b without AVX, too. */
void xv_op_comm(struct x64 *c, enum x64_sse x, int d, int a, int b);
/* d = s shifted by an immediate: the X_PSxxx_I ops. */
void xv_shift(struct x64 *c, enum x64_sse x, int d, int s, int imm);
void xv_mov(struct x64 *c, int d, int s);
void xv_zero(struct x64 *c, int d);
/* d = 16 aligned bytes. */
void xv_load(struct x64 *c, int d, struct x64_mem m);
/* d = low half of s, upper half zero. */
void xv_low(struct x64 *c, int d, int s);
/* The same value in each lane of 1 << e bytes; in a V64 the upper half is
 * zero. */
struct x64_mem xv_lanes(struct x64 *c, enum ir_type type, unsigned e,
                        uint64_t lane);
/* All bytes, in both halves whatever the type. */
struct x64_mem xv_all(struct x64 *c, unsigned e, uint64_t lane);

int xv_use(struct x64 *c, const struct ir_op *op, unsigned i);
int xv_temp(struct x64 *c);
int xv_def(struct x64 *c, const struct ir_op *op, uint32_t avoid);

/* Bits of MXCSR. */
enum { MX_DE = 0x02, MX_ZE = 0x04, MX_UE = 0x10, MX_RC = 0x6000 };

/* An operand that an instruction takes from a register or from memory. */
struct xv_src {
    bool is_mem;
    int reg;
    struct x64_mem mem;
};
struct xv_src xv_use_any(struct x64 *c, const struct ir_op *op, unsigned i);
void xv_op_any(struct x64 *c, enum x64_sse x, int d, int a,
               const struct xv_src *b);
/* The bits of xv_def's avoid for it. */
static inline uint32_t xv_src_bit(const struct xv_src *s)
{
    return s->is_mem ? 0 : xv_bit(s->reg);
}

/* d = mask ? yes : no, lanes of all ones or zeros in mask, which is lost.
 * d is none of the other three, or yes or no with AVX. */
void xv_select(struct x64 *c, int d, int mask, int yes, int no);
/* d = lanes of s shuffled by a constant: byte i is byte idx[i], zero where
 * that is 0x80.  Needs SSSE3. */
void xv_shuffle(struct x64 *c, int d, int s, const uint8_t idx[16]);

static inline enum ir_type xv_in_type(const struct x64 *c,
                                      const struct ir_op *op, unsigned i)
{
    return ir_value(c->ir, ir_ins(op)[i])->type;
}

#endif
