/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcode maps, decoded instructions, and what the handlers (gen_*) of the front end use.
 *
 * The maps are data: map-*.inc, one row for an encoding, operands in the SDM's codes (volume 2, appendix A):
 *
 *     OP(0x01, XC_ANY, ADD, Ev, Gv, NONE, NONE, XF_LOCK, NONE)
 *         opcode, conditions, handler, up to four operands, flags, feature (X86_F_* without the prefix)
 *
 * Files: map-1byte.inc, map-0f.inc, map-0f38.inc, map-0f3a.inc integer; map-sys-*.inc system; map-x87.inc, map-mmx-*.inc; map-sse-*.inc,
 * map-vex-*.inc; the last part of the name is the map.
 *
 * A row matches when all its conditions do; rows of one opcode must not overlap (tests/target-x86/test-decode.c checks). The handler's
 * name is also the instruction's for logs and the tests: ADD is gen_ADD.
 */
#ifndef TARGET_X86_DECODE_H
#define TARGET_X86_DECODE_H

#include "target-x86/x86.h"
#include "tcg/ir-build.h"

/* ---- rows ---- */

enum x86_map { X86_MAP_1, X86_MAP_0F, X86_MAP_0F38, X86_MAP_0F3A, X86_NMAPS };

/* Conditions of a row, or-ed. ANY: none. */
enum x86_cond {
    XC_ANY = 0,
    /* mandatory prefix; without any of them, prefixes do not select */
    XC_NP = 1 << 0, XC_66 = 1 << 1, XC_F3 = 1 << 2, XC_F2 = 1 << 3,
    XC_PFX = 15,
    XC_MEM = 1 << 4, XC_REG = 1 << 5,                    /* ModRM.mod is not 3, is 3 */
    XC_O64 = 1 << 6, XC_I64 = 1 << 7,                    /* only in 64-bit mode; only outside it */
    XC_VEX = 1 << 8,                                     /* VEX encoded (legacy rows do not match VEX ones) */
    XC_L0 = 1 << 9, XC_L1 = 1 << 10,                     /* VEX.L */
    XC_W0 = 1 << 11, XC_W1 = 1 << 12,                    /* REX.W, VEX.W */
    XC_OS16 = 1 << 13, XC_OSX = 1 << 14,                 /* effective operand size is 16; is not */
    XC_NOVVVV = 1 << 15,                                 /* VEX.vvvv must be 1111b, else #UD */
};
/* ModRM.reg /digit; ModRM.rm with mod 3 */
#define XC_R(n) (1u << 16 | (unsigned)(n) << 17)
#define XC_RM(n) (1u << 20 | (unsigned)(n) << 21)
#define XC_HAS_R (1u << 16)
#define XC_HAS_RM (1u << 20)

/* Operand codes. Letters as in the SDM: A far pointer; C, D control, debug register by reg; E ModRM GPR or memory; F none (flags);
 * G GPR by reg; H XMM/YMM by VEX.vvvv; I immediate; J relative; L XMM/YMM by imm8[7:4]; M memory only; N MMX by rm; O moffs; P MMX by reg;
 * Q MMX or memory; R GPR by rm; S segment register by reg; U XMM/YMM by rm; V XMM/YMM by reg; W XMM/YMM or memory; B GPR by VEX.vvvv; Z GPR by the
 * opcode's low three bits. Sizes: b w d q; v 16/32/64 by operand size; z 16/32; y 32/64 (32 unless REX.W); x 128/256 by VEX.L; dq 128;
 * qq 256; s (scalar single) = d, sd = q with V, W, H, U: the register is whole, memory has that size. bs: byte, sign-extended. */
#define X86_OPERANDS(X)                                                                                                  \
    X(NONE) X(Ap) X(Cy) X(Dy) X(Eb) X(Ew) X(Ed) X(Eq) X(Ev) X(Ey) X(Gb) X(Gw) X(Gd) X(Gq) X(Gv) X(Gz) X(Gy) X(Ib) X(Ibs) X(Iw) X(Iz) X(Iv)     \
    X(Jb) X(Jz) X(M) X(Mb) X(Mw) X(Md) X(Mq) X(Mdq) X(Mqq) X(Mx) X(Mp) X(Ma) X(Ms) X(Mv) X(My) X(Mt) X(Ob) X(Ov) X(Rb) X(Rw) X(Rd) X(Rq) X(Rv) X(Ry) \
    X(Sw) X(Zb) X(Zv) X(By) X(AL) X(CL) X(AX) X(DX) X(rAX) X(one)                                                              \
    X(Pq) X(Pd) X(Qq) X(Qd) X(Nq)                                                                                            \
    X(Vx) X(Vdq) X(Vqq) X(Vq) X(Vd) X(Vss) X(Vsd) X(Hx) X(Hdq) X(Hqq) X(Lx) X(Ldq) X(Ux) X(Udq) X(Uqq) X(Uq) X(Ud) X(Wx) X(Wdq) X(Wqq) X(Wq) X(Wd) X(Ww) X(Wb) X(Wss) X(Wsd)
enum x86_operand_code {
#define X86_OPERAND_ENUM(n) XO_##n,
    X86_OPERANDS(X86_OPERAND_ENUM)
    XO_COUNT
};

enum x86_row_flag {
    XF_0 = 0,
    XF_LOCK = 1 << 0,        /* LOCK is allowed when the destination is memory */
    XF_D64 = 1 << 1,         /* 64-bit mode: operand size is 64 by default (32 not encodable) */
    XF_F64 = 1 << 2,         /* 64-bit mode: operand size is always 64 */
    XF_CPL0 = 1 << 3,        /* #GP(0) at CPL > 0 (and in VM86) */
    XF_PROT = 1 << 4,        /* #UD in real and VM86 mode */
    XF_ENDS = 1 << 5,        /* ends the region: leaves to the main loop behind the instruction unless the handler has left */
    XF_FP = 1 << 6,          /* depends on X86_MODE_FP_BITS; the checks are done by class: */
    XF_X87 = 1 << 7,         /* with FP: #NM when CR0.EM or TS; waiting: pending #MF is the handler's */
    XF_MMX = 1 << 8,         /* with FP: #UD when EM, #NM when TS; pending x87 exception is the handler's */
    XF_SSE = 1 << 9,         /* with FP: #UD when EM or !OSFXSR, #NM when TS (VEX: #UD when !AVX) */
    XF_ALIGN = 1 << 10,      /* legacy encodings: a 16-byte memory operand must be aligned, else #GP(0) */
    XF_NOWAIT = 1 << 11,     /* x87 without wait */
    XF_STRING = 1 << 12,     /* string instruction: F2/F3 are repeat prefixes */
    XF_MODRM = 1 << 13,      /* has a ModRM byte though no operand says so */
    XF_VSIB = 1 << 14,       /* SIB index is an XMM/YMM register */
    XF_UD = 1 << 15,         /* a row that says: #UD (to close holes among others) */
    XF_REP = 1 << 16,        /* F3 is allowed and means nothing here (XACQUIRE, PAUSE, BND...) */
};

struct x86_ctx;
struct x86_insn;
/* A handler. false: #UD. */
typedef bool (*x86_gen)(struct x86_ctx *s, struct x86_insn *i);

struct x86_row {
    const char *name;
    x86_gen gen;
    uint8_t opcode;
    uint8_t op[4];           /* enum x86_operand_code */
    uint32_t cond;           /* enum x86_cond */
    uint32_t flags;          /* enum x86_row_flag */
    uint16_t feature;        /* enum x86_feature */
};
/* The rows of a map, sorted by opcode: for tests. */
const struct x86_row *x86_map_rows(enum x86_map map, unsigned *n);

/* ---- a decoded instruction ---- */

enum x86_operand_kind { XK_NONE, XK_GPR, XK_MEM, XK_IMM, XK_SEG, XK_CR, XK_DR, XK_MMX, XK_XMM, XK_FAR };

struct x86_operand {
    uint8_t kind;            /* enum x86_operand_kind */
    uint8_t size;            /* log2 of bytes: 0 byte ... 4 16 bytes, 5 32 bytes */
    uint8_t reg;             /* number; of a byte register: 4..7 with high set are AH CH DH BH (then number & 3 of it) */
    bool high;
    uint64_t imm;            /* sign- or zero-extended to 64 bits as the code says */
};

struct x86_insn {
    const struct x86_row *row;
    uint64_t pc, next;       /* linear addresses */
    uint8_t bytes[16], len;
    uint8_t opcode, modrm, mod, reg, rm;     /* reg and rm with REX or VEX bits; modrm as it stands */
    uint8_t osize;           /* log2 of bytes of operand size v: 1, 2, 3 */
    uint8_t asize;           /* of addresses: 1, 2, 3 */
    bool is64;               /* 64-bit mode: VEX.W makes general registers 64 bits wide there alone */
    bool rex, rex_w, vex, vex_l, lock, repz /* F3 */, repnz /* F2 */, opsize_prefix /* 66 */, addr_prefix /* 67 */;
    uint8_t rex_x_b;         /* X in bit 1, B in bit 0 */
    uint8_t vvvv;
    bool aligned;            /* for x86_vread and x86_vwrite: VEX encoded, and yet memory must be aligned */
    int8_t seg_prefix;       /* enum x86_segment, -1 none */
    /* memory operand */
    int8_t base, index;      /* register number, -1 none; base -2: RIP */
    uint8_t scale;
    uint8_t seg;             /* enum x86_segment that it is in */
    int64_t disp;
    struct x86_operand op[4];
    uint64_t imm, imm2;      /* first and second immediate as encoded, sign-extended (ENTER, far pointers: selector in imm2) */
};

/* ---- the region being made ---- */

struct x86_ctx {
    struct ir *ir;
    struct x86_cpu *cpu;     /* its features and descriptors of the mode; no other state may be looked at */
    uint32_t mode;           /* enum x86_mode */
    uint64_t page;           /* of the region's first instruction */
    uint64_t entry;
    bool done;               /* the region's current path has ended */
    bool uses_fp;            /* the region depends on X86_MODE_FP_BITS */
    bool again;              /* go on at the region's start (x86_again) */
    unsigned ninsns, max_insns, nlinks, round_insns, round_links;
    struct ir_val ea, offset;        /* this instruction's linear address and offset, once computed */
    bool has_ea;
    bool more_halves;        /* the operation now made is on the lower half of 256 bits: the other follows */
    unsigned checked;        /* bytes at ea whose limits were checked; bit 31: for writing */
};

static inline bool x86_is64(const struct x86_ctx *s)
{
    return s->mode & X86_MODE_64;
}

/* ---- for handlers: x86.c ---- */

/* Operand op's value: I32 for sizes up to 4 bytes (zero-extended), I64 for 8. */
struct ir_val x86_read(struct x86_ctx *s, struct x86_insn *i, unsigned op);
/* Write v (I32, or I64 for 8 bytes; bits above the size are ignored). 4 bytes to a register zero-extend. */
void x86_write(struct x86_ctx *s, struct x86_insn *i, unsigned op, struct ir_val v);
/* Type of a value of this size (log2 of bytes). */
static inline enum ir_type x86_type(unsigned size)
{
    return size == 3 ? I64 : I32;
}
/* General registers: whole (size 3: I64), or the low part as I32 zero-extended; and write. */
struct ir_val x86_reg(struct x86_ctx *s, unsigned n, unsigned size);
void x86_set_reg(struct x86_ctx *s, unsigned n, unsigned size, struct ir_val v);
struct ir_val x86_imm(struct x86_ctx *s, unsigned size, uint64_t v);

/* The offset (effective address) of the instruction's memory operand, in addresses' type: I64 in 64-bit mode, else I32. */
struct ir_val x86_offset(struct x86_ctx *s, struct x86_insn *i);
/* Linear address of the memory operand for an access of bytes, checked against the segment; computed once. Later calls with the same
 * instruction give it again (and check what more is accessed). I64 in 64-bit mode, else I32. */
struct ir_val x86_ea(struct x86_ctx *s, struct x86_insn *i, unsigned bytes, bool write);
/* Linear address of off (I64 in 64-bit mode, else I32) in seg, checked. */
struct ir_val x86_linear(struct x86_ctx *s, enum x86_segment seg, struct ir_val off, unsigned bytes, bool write);
/* Loads and stores at a linear address; memop as guest_ld's; adds what alignment checks the mode asks for. */
struct ir_val x86_load(struct x86_ctx *s, enum ir_type type, struct ir_val la, unsigned memop);
void x86_store(struct x86_ctx *s, struct ir_val la, struct ir_val v, unsigned memop);

/* XMM operands: 128 bits (half 0: low, 1: upper of a YMM register or of 32 bytes of memory). Scalar codes (ss, sd, d, q) from memory come
 * zero-extended. */
struct ir_val x86_vread(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned half);
/* Whole 128 bits to a register (or memory of the operand's size). The upper half stays (legacy) unless x86_vzero_upper. */
void x86_vwrite(struct x86_ctx *s, struct x86_insn *i, unsigned op, unsigned half, struct ir_val v);
/* VEX: the upper half of the XMM register is cleared. */
void x86_vzero_upper(struct x86_ctx *s, unsigned reg);

/* Arithmetic flags (FLAGS value): read, replace. */
struct ir_val x86_flags(struct x86_ctx *s);
void x86_set_flags(struct x86_ctx *s, struct ir_val flags);
/* Condition of Jcc, SETcc, CMOVcc, 0..15, for the IR's. */
enum ir_cc x86_cc(unsigned tttn);

/* Stack: push, pop of size (log2 of bytes; pops give I32 or I64). pop does not move RSP: x86_stack_add after what may fault. */
void x86_push(struct x86_ctx *s, struct ir_val v, unsigned size);
struct ir_val x86_pop(struct x86_ctx *s, unsigned size, unsigned depth);      /* element depth from the top */
void x86_stack_add(struct x86_ctx *s, int64_t n);

/* RIP-relative value of the next instruction: what CALL pushes; I64. */
struct ir_val x86_next_rip(struct x86_ctx *s, struct x86_insn *i);

/* ---- leaving the region ---- */

/* #GP(0) unless the RIP (I64) is canonical, or within CS's limit: before what else a jump, call or return does. */
void x86_check_rip(struct x86_ctx *s, struct ir_val rip);
/* The RIP of a relative target, I64, cut to the operand size. */
struct ir_val x86_rel_rip(struct x86_ctx *s, struct x86_insn *i, int64_t rel);
/* Go to a relative target (Jb, Jz): RIP of the next instruction + rel, cut to the operand size; checked. */
void x86_jump_rel(struct x86_ctx *s, struct x86_insn *i, int64_t rel);
/* Near jump to a RIP (I64, already cut to operand size and checked). */
void x86_jump_ind(struct x86_ctx *s, struct ir_val rip, enum ir_jump kind);
/* State is stored, go on behind the instruction by the main loop (mode, interrupts, TLB may have changed). */
void x86_exit_main(struct x86_ctx *s, struct x86_insn *i);
/* A helper has stored env->pc: to the main loop. */
void x86_exit_pc_stored(struct x86_ctx *s);
/* Fault at this instruction; ends the path. */
void x86_gen_raise(struct x86_ctx *s, enum x86_vector vector, uint32_t error_code);
/* A taken conditional jump of a hot region back to its start: may it go on there, as another round of the loop? Then the handler makes the
 * other path leave, and sets s->again. */
bool x86_again(struct x86_ctx *s, const struct x86_insn *i);
/* After a path that ended: go on at the label. */
void x86_resume(struct x86_ctx *s, unsigned label);

/* ---- the handlers ---- */
#define OP(opcode, cond, name, a, b, c, d, flags, feature) bool gen_##name(struct x86_ctx *s, struct x86_insn *i);
#include "target-x86/maps.inc"
#undef OP

/* ---- decode.c ---- */

enum x86_decoded {
    X86_DECODED,
    X86_UNDEFINED,           /* #UD; i->row is the nearest row or NULL, i->len bytes were looked at */
    X86_TOO_LONG,            /* more than 15 bytes: #GP(0) */
    X86_NEXT_PAGE,           /* it goes on in the next page */
};

/* How many rows of the map match: more than one would make the tables' order matter (tests). pp: one of XC_NP, XC_66, XC_F3, XC_F2. */
unsigned x86_matching_rows(enum x86_map map, bool vex, uint8_t opcode, uint8_t modrm, unsigned pp, bool w, bool l, uint32_t mode,
                           const struct x86_row *row[2]);

/* Decode the instruction at pc (linear) by fetching with cpu_fetch_bytes, which may raise. first: it is the region's first one, which may
 * reach into the next page; others give X86_NEXT_PAGE. */
enum x86_decoded x86_decode(struct x86_ctx *s, uint64_t pc, bool first, struct x86_insn *i);
/* The same from len bytes at linear address pc: tests and logs. X86_NEXT_PAGE: they are not enough. cpu: whose features count, NULL: all. */
enum x86_decoded x86_decode_bytes(const struct x86_cpu *cpu, const uint8_t *bytes, unsigned len, uint64_t pc, uint32_t mode, struct x86_insn *i);

#endif
