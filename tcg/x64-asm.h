/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86-64 encodings.  Every emitter appends one instruction to a bounded
 * buffer; none writes past its end: when less than X64_ROOM bytes are left the
 * sticky flag `overflow` is set and what follows is garbage inside the buffer.
 * Operand order is Intel's, destination first.  Register arguments are 0-15.
 * Encodings: Intel SDM volume 2, chapters 2-5.
 */
#ifndef TCG_X64_ASM_H
#define TCG_X64_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum x64_reg {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI,
    R8, R9, R10, R11, R12, R13, R14, R15,
    X64_NOREG = -1,
};

/* Operand size as log2 of bytes. */
enum x64_size { S8, S16, S32, S64 };

enum x64_alu { A_ADD, A_OR, A_ADC, A_SBB, A_AND, A_SUB, A_XOR, A_CMP };
enum x64_shift { SH_ROL, SH_ROR, SH_RCL, SH_RCR, SH_SHL, SH_SHR, SH_SAR = 7 };
enum x64_unary { U_NOT = 2, U_NEG, U_MUL, U_IMUL, U_DIV, U_IDIV };
enum x64_bit { B_BT = 4, B_BTS, B_BTR, B_BTC };

/* Conditions in their encoding; cc ^ 1 is the opposite. */
enum x64_cc {
    XC_O, XC_NO, XC_B, XC_AE, XC_E, XC_NE, XC_BE, XC_A,
    XC_S, XC_NS, XC_P, XC_NP, XC_L, XC_GE, XC_LE, XC_G,
};

/*
 * Opcode words: bits 0-7 opcode, 8-9 map, 10-11 mandatory prefix in VEX.pp
 * order, 12 W, 13 LOCK, 14/15 reg/rm is a byte register, 16-31 SSE flags.
 */
enum x64_sse_flag {
    X64_WW = 1 << 12,
    X64_LOCK = 1 << 13, X64_R8 = 1 << 14, X64_M8 = 1 << 15,
    X64_N3 = 1 << 16, X64_IM = 1 << 17, X64_VX = 1 << 18, X64_ST = 1 << 19,
    X64_RG = 1 << 20, X64_MG = 1 << 21, X64_G8 = 1 << 22, X64_RO = 1 << 23,
    X64_MO = 1 << 24, X64_L1 = 1 << 25, X64_I4 = 1 << 26, X64_NT = 1 << 27,
};
#define X64_DIG_SHIFT 28    /* 3 bits of digit and the top bit: "has one" */

enum x64_sse {
#define SSE(name, text, p, m, op, f) X_##name,
#include "tcg/x64-sse.inc"
#undef SSE
    X64_N_SSE,
};

/* VEX encoded general register instructions. */
enum x64_vgpr { V_SHLX, V_SHRX, V_SARX, V_ANDN, V_BEXTR, V_PDEP, V_PEXT,
                V_MULX };

struct x64_features {
    bool ssse3, sse41, sse42, pclmul, aes, popcnt, movbe, cx16;
    bool lzcnt, bmi1, bmi2, avx, avx2, fma, f16c, sha;
};

enum { X64_ROOM = 32 };     /* no instruction or nop run is longer */

/* One piece of code being written.  Owned by the translating thread. */
struct x64_buf {
    uint8_t *p;             /* next byte */
    uint8_t *base, *end;    /* the piece; at least 2 * X64_ROOM bytes */
    ptrdiff_t exec_off;     /* executable view minus writable view */
    bool overflow;
    bool vex;               /* x64_op3 and friends use VEX encodings */
};

/* A place in the buffer; uses before the bind are chained through the code. */
struct x64_label {
    int32_t pos;            /* offset from base, -1 until bound */
    int32_t chain;          /* offset of the last unresolved use, -1: none */
};

struct x64_mem {
    struct x64_label *label;    /* rip-relative when not NULL */
    int32_t disp;
    int8_t base, index;         /* X64_NOREG: absent */
    uint8_t shift;
};

static inline struct x64_mem x64_m(int base, int32_t disp)
{
    return (struct x64_mem){ NULL, disp, base, X64_NOREG, 0 };
}

static inline struct x64_mem x64_mi(int base, int index, int shift,
                                    int32_t disp)
{
    return (struct x64_mem){ NULL, disp, base, index, shift };
}

static inline struct x64_mem x64_rip(struct x64_label *l)
{
    return (struct x64_mem){ l, 0, X64_NOREG, X64_NOREG, 0 };
}

void x64_detect(struct x64_features *f);

void x64_buf_init(struct x64_buf *b, void *mem, size_t size,
                  ptrdiff_t exec_off);
size_t x64_used(const struct x64_buf *b);
/* Address of the next byte in the executable view. */
const uint8_t *x64_exec(const struct x64_buf *b);
/* Raw data, little endian, for constants. */
void x64_data(struct x64_buf *b, const void *data, size_t n);
void x64_align(struct x64_buf *b, unsigned align);  /* with nops; <= 32 */

void x64_label_init(struct x64_label *l);
void x64_bind(struct x64_buf *b, struct x64_label *l);

/* Integer ALU.  _rm loads, _mr stores; immediates are sign extended. */
void x64_alu_rr(struct x64_buf *b, enum x64_alu op, int sz, int d, int s);
void x64_alu_rm(struct x64_buf *b, enum x64_alu op, int sz, int d,
                struct x64_mem m);
void x64_alu_mr(struct x64_buf *b, enum x64_alu op, int sz, struct x64_mem m,
                int s);
void x64_alu_ri(struct x64_buf *b, enum x64_alu op, int sz, int d,
                int32_t imm);
void x64_alu_mi(struct x64_buf *b, enum x64_alu op, int sz, struct x64_mem m,
                int32_t imm);
void x64_lock_alu_mr(struct x64_buf *b, enum x64_alu op, int sz,
                     struct x64_mem m, int s);
void x64_lock_alu_mi(struct x64_buf *b, enum x64_alu op, int sz,
                     struct x64_mem m, int32_t imm);
void x64_test_rr(struct x64_buf *b, int sz, int d, int s);
void x64_test_ri(struct x64_buf *b, int sz, int d, int32_t imm);
void x64_test_mi(struct x64_buf *b, int sz, struct x64_mem m, int32_t imm);

/* Moves.  x64_mov_ri keeps the flags and picks the shortest form. */
void x64_mov_rr(struct x64_buf *b, int sz, int d, int s);
void x64_mov_rm(struct x64_buf *b, int sz, int d, struct x64_mem m);
void x64_mov_mr(struct x64_buf *b, int sz, struct x64_mem m, int s);
void x64_mov_m_ah(struct x64_buf *b, struct x64_mem m);   /* base below r8 */
void x64_mov_mi(struct x64_buf *b, int sz, struct x64_mem m, int32_t imm);
void x64_mov_ri(struct x64_buf *b, int d, uint64_t imm);
void x64_movzx_rr(struct x64_buf *b, int from, int d, int s);
void x64_movzx_rm(struct x64_buf *b, int from, int d, struct x64_mem m);
void x64_movsx_rr(struct x64_buf *b, int sz, int from, int d, int s);
void x64_movsx_rm(struct x64_buf *b, int sz, int from, int d,
                  struct x64_mem m);
void x64_movbe_rm(struct x64_buf *b, int sz, int d, struct x64_mem m);
void x64_movbe_mr(struct x64_buf *b, int sz, struct x64_mem m, int s);
void x64_lea(struct x64_buf *b, int sz, int d, struct x64_mem m);
void x64_push(struct x64_buf *b, int r);
void x64_pop(struct x64_buf *b, int r);
void x64_push_m(struct x64_buf *b, struct x64_mem m);   /* 64 bits */
void x64_pop_m(struct x64_buf *b, struct x64_mem m);
void x64_push_i(struct x64_buf *b, int32_t imm);        /* sign extended */
void x64_bswap(struct x64_buf *b, int sz, int d);   /* S32, S64 */

/* Shifts, multiplies, bits. */
void x64_shift_i(struct x64_buf *b, enum x64_shift op, int sz, int d,
                 unsigned n);
void x64_shift_cl(struct x64_buf *b, enum x64_shift op, int sz, int d);
void x64_shld_i(struct x64_buf *b, int sz, int d, int s, unsigned n);
void x64_shrd_i(struct x64_buf *b, int sz, int d, int s, unsigned n);
void x64_rorx(struct x64_buf *b, int sz, int d, int s, unsigned n);
/* SHLX/SHRX/SARX/BEXTR: d = a op c; ANDN: d = ~c & a; PDEP/PEXT: d = c op a;
 * MULX: d:c = rdx * a. */
void x64_vgpr(struct x64_buf *b, enum x64_vgpr op, int sz, int d, int a,
              int c);
void x64_imul_rr(struct x64_buf *b, int sz, int d, int s);
void x64_imul_rm(struct x64_buf *b, int sz, int d, struct x64_mem m);
void x64_imul_rri(struct x64_buf *b, int sz, int d, int s, int32_t imm);
void x64_unary_r(struct x64_buf *b, enum x64_unary op, int sz, int d);
void x64_unary_m(struct x64_buf *b, enum x64_unary op, int sz,
                 struct x64_mem m);
void x64_cdq(struct x64_buf *b, int sz);            /* CDQ or CQO */
void x64_bit_ri(struct x64_buf *b, enum x64_bit op, int sz, int d,
                unsigned n);
void x64_bit_rr(struct x64_buf *b, enum x64_bit op, int sz, int d, int n);
void x64_bit_mi(struct x64_buf *b, enum x64_bit op, int sz, struct x64_mem m,
                unsigned n);
void x64_popcnt(struct x64_buf *b, int sz, int d, int s);
void x64_lzcnt(struct x64_buf *b, int sz, int d, int s);
void x64_tzcnt(struct x64_buf *b, int sz, int d, int s);
void x64_bsr(struct x64_buf *b, int sz, int d, int s);
void x64_bsf(struct x64_buf *b, int sz, int d, int s);

/* Conditions and flags. */
void x64_setcc_r(struct x64_buf *b, enum x64_cc cc, int d);
void x64_setcc_m(struct x64_buf *b, enum x64_cc cc, struct x64_mem m);
void x64_cmov_rr(struct x64_buf *b, enum x64_cc cc, int sz, int d, int s);
void x64_cmov_rm(struct x64_buf *b, enum x64_cc cc, int sz, int d,
                 struct x64_mem m);
void x64_lahf(struct x64_buf *b);
void x64_sahf(struct x64_buf *b);
void x64_cmc(struct x64_buf *b);
void x64_stc(struct x64_buf *b);
void x64_clc(struct x64_buf *b);

/* Control flow.  Labels: rel32, or rel8 to a bound label in reach. */
void x64_jcc(struct x64_buf *b, enum x64_cc cc, struct x64_label *l);
void x64_jmp(struct x64_buf *b, struct x64_label *l);
void x64_call(struct x64_buf *b, struct x64_label *l);
/* Forward rel8 jumps: returns the place to give to x64_patch8 at the target,
 * which must be at most 127 bytes on. */
uint8_t *x64_jcc8(struct x64_buf *b, enum x64_cc cc);
uint8_t *x64_jmp8(struct x64_buf *b);
void x64_patch8(struct x64_buf *b, uint8_t *at);
/* rel32 to an address in the executable view; false: out of reach, nothing
 * written. */
bool x64_jcc_abs(struct x64_buf *b, enum x64_cc cc, const void *target);
bool x64_jmp_abs(struct x64_buf *b, const void *target);
bool x64_call_abs(struct x64_buf *b, const void *target);
void x64_jmp_r(struct x64_buf *b, int r);
void x64_jmp_m(struct x64_buf *b, struct x64_mem m);
void x64_call_r(struct x64_buf *b, int r);
void x64_call_m(struct x64_buf *b, struct x64_mem m);
void x64_ret(struct x64_buf *b);
void x64_ud2(struct x64_buf *b);
void x64_nop(struct x64_buf *b, unsigned n);        /* n <= 32 bytes */

/* Atomics and fences. */
void x64_xchg_rr(struct x64_buf *b, int sz, int d, int s);
void x64_xchg_mr(struct x64_buf *b, int sz, struct x64_mem m, int s);
void x64_lock_xadd(struct x64_buf *b, int sz, struct x64_mem m, int s);
void x64_lock_cmpxchg(struct x64_buf *b, int sz, struct x64_mem m, int s);
void x64_lock_cmpxchg8b(struct x64_buf *b, struct x64_mem m);
void x64_lock_cmpxchg16b(struct x64_buf *b, struct x64_mem m);
void x64_mfence(struct x64_buf *b);
void x64_ldmxcsr(struct x64_buf *b, struct x64_mem m);
void x64_stmxcsr(struct x64_buf *b, struct x64_mem m);

/*
 * SSE, legacy encodings: x is the reg operand, y or m the rm operand (for
 * store forms rm is the destination, see x64-sse.inc).  imm is ignored by ops
 * without one.
 */
void x64_sse_rr(struct x64_buf *b, enum x64_sse op, int x, int y, int imm);
void x64_sse_rm(struct x64_buf *b, enum x64_sse op, int x, struct x64_mem m,
                int imm);
/* VEX encodings: x = a op y; a is ignored by ops without a second source.
 * l is 0 (128 bit or scalar) or 1 (256). */
void x64_vex_rr(struct x64_buf *b, enum x64_sse op, int l, int x, int a,
                int y, int imm);
void x64_vex_rm(struct x64_buf *b, enum x64_sse op, int l, int x, int a,
                struct x64_mem m, int imm);
void x64_vzeroupper(struct x64_buf *b);
uint32_t x64_sse_flags(enum x64_sse op);
const char *x64_sse_text(enum x64_sse op);

#endif
