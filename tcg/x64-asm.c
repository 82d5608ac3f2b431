/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86-64 encodings: prefixes, REX and VEX, ModRM and SIB (Intel SDM volume 2,
 * chapter 2), and one small function for each instruction form.  Used by the
 * other x64-* files; knows nothing of the IR.
 */
#include "config.h"

#include <assert.h>
#include <cpuid.h>
#include <string.h>

#include "tcg/x64-asm.h"

enum { PP_NONE, PP_66 = 1 << 10, PP_F3 = 2 << 10, PP_F2 = 3 << 10 };
enum { MAP_0F = 1 << 8, MAP_0F38 = 2 << 8, MAP_0F3A = 3 << 8 };

struct sse_row {
    uint32_t opc;
    const char *text;
};

#define P0 PP_NONE
#define PS PP_66
#define P3 PP_F3
#define P2 PP_F2
#define M1 MAP_0F
#define M2 MAP_0F38
#define M3 MAP_0F3A
#define N3 X64_N3
#define IM X64_IM
#define VX X64_VX
#define ST X64_ST
#define WW X64_WW
#define RG X64_RG
#define MG X64_MG
#define G8 X64_G8
#define RO X64_RO
#define MO X64_MO
#define L1 X64_L1
#define I4 X64_I4
#define NT X64_NT
#define DIG(n) ((8u | (n)) << X64_DIG_SHIFT)
static const struct sse_row sse_rows[X64_N_SSE] = {
#define SSE(name, t, p, m, op, f) [X_##name] = { (p) | (m) | (op) | (f), #t },
#include "tcg/x64-sse.inc"
#undef SSE
};

/* --- the buffer ------------------------------------------------------- */

void x64_buf_init(struct x64_buf *b, void *mem, size_t size,
                  ptrdiff_t exec_off)
{
    assert(size >= 2 * X64_ROOM);
    b->p = b->base = mem;
    b->end = b->base + size;
    b->exec_off = exec_off;
    b->overflow = false;
    b->vex = false;
}

size_t x64_used(const struct x64_buf *b)
{
    return b->p - b->base;
}

const uint8_t *x64_exec(const struct x64_buf *b)
{
    return b->p + b->exec_off;
}

/* Called first by every emitter. */
static inline void room(struct x64_buf *b)
{
    if (b->end - b->p >= X64_ROOM)
        return;
    b->overflow = true;
    b->p = b->end - X64_ROOM;
}

static inline void put8(struct x64_buf *b, unsigned v)
{
    *b->p++ = v;
}

static inline void put32(struct x64_buf *b, uint32_t v)
{
    memcpy(b->p, &v, 4);
    b->p += 4;
}

static inline void put64(struct x64_buf *b, uint64_t v)
{
    memcpy(b->p, &v, 8);
    b->p += 8;
}

void x64_data(struct x64_buf *b, const void *data, size_t n)
{
    const uint8_t *from = data;

    while (n) {
        size_t part = n < X64_ROOM ? n : X64_ROOM;

        room(b);
        memcpy(b->p, from, part);
        b->p += part;
        from += part;
        n -= part;
    }
}

void x64_align(struct x64_buf *b, unsigned align)
{
    x64_nop(b, -(uintptr_t)b->p & (align - 1));
}

/* --- labels ----------------------------------------------------------- */

/*
 * An unresolved rel32 field holds (offset of the previous use << 3) | bytes
 * between the field and the end of the instruction.
 */

void x64_label_init(struct x64_label *l)
{
    l->pos = l->chain = -1;
}

static void put_rel(struct x64_buf *b, struct x64_label *l, unsigned trail)
{
    int32_t at = b->p - b->base;

    if (l->pos >= 0) {
        put32(b, l->pos - (at + 4 + (int32_t)trail));
        return;
    }
    put32(b, (uint32_t)l->chain << 3 | trail);
    if (!b->overflow)
        l->chain = at;
}

void x64_bind(struct x64_buf *b, struct x64_label *l)
{
    int32_t at = l->chain;

    room(b);
    l->pos = b->p - b->base;
    l->chain = -1;
    while (at >= 0 && !b->overflow) {
        int32_t field, rel;

        memcpy(&field, b->base + at, 4);
        rel = l->pos - (at + 4 + (field & 7));
        memcpy(b->base + at, &rel, 4);
        at = field >> 3;
    }
}

/* --- prefixes, ModRM, SIB --------------------------------------------- */

static inline bool is_byte(int32_t v)
{
    return v == (int8_t)v;
}

static const uint8_t pp_byte[4] = { 0, 0x66, 0xf3, 0xf2 };

/* Everything up to and including the opcode byte. */
static void put_op(struct x64_buf *b, uint32_t opc, int reg, int index,
                   int rm, bool rm_is_reg)
{
    unsigned pp = opc >> 10 & 3, map = opc >> 8 & 3;
    unsigned rex = (opc & X64_WW ? 8 : 0) | (reg & 8) >> 1 |
                   (index & 8) >> 2 | (rm & 8) >> 3;

    /* SPL, BPL, SIL, DIL need a REX prefix, even an empty one. */
    if (((opc & X64_R8) && reg >= 4) || ((opc & X64_M8) && rm_is_reg && rm >= 4))
        rex |= 0x40;
    if (opc & X64_LOCK)
        put8(b, 0xf0);
    if (pp)
        put8(b, pp_byte[pp]);
    if (rex)
        put8(b, 0x40 | rex);
    if (map)
        put8(b, 0x0f);
    if (map == 2)
        put8(b, 0x38);
    else if (map == 3)
        put8(b, 0x3a);
    put8(b, opc);
}

static inline void put_modrm(struct x64_buf *b, unsigned mod, int reg, int rm)
{
    put8(b, mod << 6 | (reg & 7) << 3 | (rm & 7));
}

/* ModRM, SIB and displacement; trail bytes of immediate will follow. */
static void put_mem(struct x64_buf *b, int reg, const struct x64_mem *m,
                    unsigned trail)
{
    unsigned mod;

    if (m->label) {
        put_modrm(b, 0, reg, 5);
        put_rel(b, m->label, trail);
        return;
    }
    if (m->base < 0) {      /* no base: SIB with base 5, mod 0, disp32 */
        put_modrm(b, 0, reg, 4);
        put_modrm(b, m->shift, m->index < 0 ? 4 : m->index, 5);
        put32(b, m->disp);
        return;
    }
    if (m->disp == 0 && (m->base & 7) != 5)     /* mod 0, rm 5 is rip */
        mod = 0;
    else
        mod = is_byte(m->disp) ? 1 : 2;
    if (m->index >= 0 || (m->base & 7) == 4) {  /* rm 4 is "SIB follows" */
        put_modrm(b, mod, reg, 4);
        put_modrm(b, m->shift, m->index < 0 ? 4 : m->index, m->base);
    } else {
        put_modrm(b, mod, reg, m->base);
    }
    if (mod == 1)
        put8(b, m->disp);
    else if (mod == 2)
        put32(b, m->disp);
}

static inline int mem_index(const struct x64_mem *m)
{
    return m->index < 0 ? 0 : m->index;
}

static inline int mem_base(const struct x64_mem *m)
{
    return m->base < 0 ? 0 : m->base;
}

static void op_rr(struct x64_buf *b, uint32_t opc, int reg, int rm)
{
    room(b);
    put_op(b, opc, reg, 0, rm, true);
    put_modrm(b, 3, reg, rm);
}

static void op_rm_trail(struct x64_buf *b, uint32_t opc, int reg,
                        const struct x64_mem *m, unsigned trail)
{
    room(b);
    put_op(b, opc, reg, mem_index(m), mem_base(m), false);
    put_mem(b, reg, m, trail);
}

static void op_rm(struct x64_buf *b, uint32_t opc, int reg, struct x64_mem m)
{
    op_rm_trail(b, opc, reg, &m, 0);
}

static void op_byte(struct x64_buf *b, unsigned byte)
{
    room(b);
    put8(b, byte);
}

/* Prefix bits for an operand size of 16 bits or more. */
static inline uint32_t size_bits(int sz)
{
    return sz == S64 ? X64_WW : sz == S16 ? PP_66 : 0;
}

/* The usual pair of opcodes: even for bytes, odd for the rest. */
static inline uint32_t sized(uint32_t opc, int sz, uint32_t byte_flags)
{
    return sz == S8 ? opc | byte_flags : opc | 1 | size_bits(sz);
}

/* Immediate of an operand of this size (at most 4 bytes). */
static void put_imm(struct x64_buf *b, int sz, int32_t imm)
{
    if (sz == S8) {
        put8(b, imm);
    } else if (sz == S16) {
        put8(b, imm);
        put8(b, imm >> 8);
    } else {
        put32(b, imm);
    }
}

static inline unsigned imm_len(int sz)
{
    return sz == S8 ? 1 : sz == S16 ? 2 : 4;
}

/* --- ALU -------------------------------------------------------------- */

void x64_alu_rr(struct x64_buf *b, enum x64_alu op, int sz, int d, int s)
{
    op_rr(b, sized(op << 3, sz, X64_R8 | X64_M8), s, d);
}

void x64_alu_rm(struct x64_buf *b, enum x64_alu op, int sz, int d,
                struct x64_mem m)
{
    op_rm(b, sized(op << 3 | 2, sz, X64_R8), d, m);
}

void x64_alu_mr(struct x64_buf *b, enum x64_alu op, int sz, struct x64_mem m,
                int s)
{
    op_rm(b, sized(op << 3, sz, X64_R8), s, m);
}

void x64_alu_ri(struct x64_buf *b, enum x64_alu op, int sz, int d,
                int32_t imm)
{
    if (sz == S8 || is_byte(imm)) {
        op_rr(b, sz == S8 ? 0x80u | X64_M8 : 0x83 | size_bits(sz), op, d);
        put8(b, imm);
        return;
    }
    if (d == RAX) {
        room(b);
        put_op(b, (op << 3 | 5) | size_bits(sz), 0, 0, 0, false);
    } else {
        op_rr(b, 0x81 | size_bits(sz), op, d);
    }
    put_imm(b, sz, imm);
}

static void alu_mi(struct x64_buf *b, enum x64_alu op, int sz,
                   struct x64_mem m, int32_t imm, uint32_t lock)
{
    if (sz == S8 || is_byte(imm)) {
        op_rm_trail(b, (sz == S8 ? 0x80 : 0x83 | size_bits(sz)) | lock, op,
                    &m, 1);
        put8(b, imm);
        return;
    }
    op_rm_trail(b, 0x81 | size_bits(sz) | lock, op, &m, imm_len(sz));
    put_imm(b, sz, imm);
}

void x64_alu_mi(struct x64_buf *b, enum x64_alu op, int sz, struct x64_mem m,
                int32_t imm)
{
    alu_mi(b, op, sz, m, imm, 0);
}

void x64_lock_alu_mi(struct x64_buf *b, enum x64_alu op, int sz,
                     struct x64_mem m, int32_t imm)
{
    alu_mi(b, op, sz, m, imm, X64_LOCK);
}

void x64_lock_alu_mr(struct x64_buf *b, enum x64_alu op, int sz,
                     struct x64_mem m, int s)
{
    op_rm(b, sized(op << 3, sz, X64_R8) | X64_LOCK, s, m);
}

void x64_test_rr(struct x64_buf *b, int sz, int d, int s)
{
    op_rr(b, sized(0x84, sz, X64_R8 | X64_M8), s, d);
}

void x64_test_ri(struct x64_buf *b, int sz, int d, int32_t imm)
{
    op_rr(b, sized(0xf6, sz, X64_M8), 0, d);
    put_imm(b, sz, imm);
}

void x64_test_mi(struct x64_buf *b, int sz, struct x64_mem m, int32_t imm)
{
    op_rm_trail(b, sized(0xf6, sz, 0), 0, &m, imm_len(sz));
    put_imm(b, sz, imm);
}

/* --- moves ------------------------------------------------------------ */

void x64_mov_rr(struct x64_buf *b, int sz, int d, int s)
{
    op_rr(b, sized(0x88, sz, X64_R8 | X64_M8), s, d);
}

void x64_mov_rm(struct x64_buf *b, int sz, int d, struct x64_mem m)
{
    op_rm(b, sized(0x8a, sz, X64_R8), d, m);
}

void x64_mov_mr(struct x64_buf *b, int sz, struct x64_mem m, int s)
{
    op_rm(b, sized(0x88, sz, X64_R8), s, m);
}

/* Register 4 without a REX prefix is AH. */
void x64_mov_m_ah(struct x64_buf *b, struct x64_mem m)
{
    assert(m.base < R8 && m.index < R8);
    op_rm(b, 0x88, 4, m);
}

void x64_mov_mi(struct x64_buf *b, int sz, struct x64_mem m, int32_t imm)
{
    op_rm_trail(b, sized(0xc6, sz, 0), 0, &m, imm_len(sz));
    put_imm(b, sz, imm);
}

void x64_mov_ri(struct x64_buf *b, int d, uint64_t imm)
{
    if (imm <= UINT32_MAX) {
        room(b);
        put_op(b, 0xb8 | (d & 7), 0, 0, d, false);
        put32(b, imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        op_rr(b, 0xc7 | X64_WW, 0, d);
        put32(b, imm);
    } else {
        room(b);
        put_op(b, 0xb8 | (d & 7) | X64_WW, 0, 0, d, false);
        put64(b, imm);
    }
}

void x64_movzx_rr(struct x64_buf *b, int from, int d, int s)
{
    if (from >= S32)
        x64_mov_rr(b, from, d, s);
    else
        op_rr(b, MAP_0F | (from == S8 ? 0xb6u | X64_M8 : 0xb7), d, s);
}

void x64_movzx_rm(struct x64_buf *b, int from, int d, struct x64_mem m)
{
    if (from >= S32)
        x64_mov_rm(b, from, d, m);
    else
        op_rm(b, MAP_0F | (from == S8 ? 0xb6 : 0xb7), d, m);
}

static uint32_t movsx_opc(int sz, int from)
{
    uint32_t w = sz == S64 ? X64_WW : 0;

    if (from == S8)
        return MAP_0F | 0xbe | w;
    if (from == S16)
        return MAP_0F | 0xbf | w;
    return 0x63 | w;    /* MOVSXD */
}

void x64_movsx_rr(struct x64_buf *b, int sz, int from, int d, int s)
{
    if (sz == from)
        x64_mov_rr(b, sz, d, s);
    else
        op_rr(b, movsx_opc(sz, from) | (from == S8 ? X64_M8 : 0), d, s);
}

void x64_movsx_rm(struct x64_buf *b, int sz, int from, int d,
                  struct x64_mem m)
{
    if (sz == from)
        x64_mov_rm(b, sz, d, m);
    else
        op_rm(b, movsx_opc(sz, from), d, m);
}

void x64_movbe_rm(struct x64_buf *b, int sz, int d, struct x64_mem m)
{
    op_rm(b, MAP_0F38 | 0xf0 | size_bits(sz), d, m);
}

void x64_movbe_mr(struct x64_buf *b, int sz, struct x64_mem m, int s)
{
    op_rm(b, MAP_0F38 | 0xf1 | size_bits(sz), s, m);
}

void x64_lea(struct x64_buf *b, int sz, int d, struct x64_mem m)
{
    op_rm(b, 0x8d | size_bits(sz), d, m);
}

void x64_push(struct x64_buf *b, int r)
{
    room(b);
    put_op(b, 0x50 | (r & 7), 0, 0, r, false);
}

void x64_pop(struct x64_buf *b, int r)
{
    room(b);
    put_op(b, 0x58 | (r & 7), 0, 0, r, false);
}

void x64_push_m(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, 0xff, 6, m);
}

void x64_pop_m(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, 0x8f, 0, m);
}

void x64_push_i(struct x64_buf *b, int32_t imm)
{
    room(b);
    if (is_byte(imm)) {
        put8(b, 0x6a);
        put8(b, imm);
    } else {
        put8(b, 0x68);
        put32(b, imm);
    }
}

void x64_bswap(struct x64_buf *b, int sz, int d)
{
    room(b);
    put_op(b, MAP_0F | 0xc8 | (d & 7) | size_bits(sz), 0, 0, d, false);
}

/* --- shifts, multiplies, bits ----------------------------------------- */

void x64_shift_i(struct x64_buf *b, enum x64_shift op, int sz, int d,
                 unsigned n)
{
    if (n == 1) {
        op_rr(b, sized(0xd0, sz, X64_M8), op, d);
        return;
    }
    op_rr(b, sized(0xc0, sz, X64_M8), op, d);
    put8(b, n);
}

void x64_shift_cl(struct x64_buf *b, enum x64_shift op, int sz, int d)
{
    op_rr(b, sized(0xd2, sz, X64_M8), op, d);
}

void x64_shld_i(struct x64_buf *b, int sz, int d, int s, unsigned n)
{
    op_rr(b, MAP_0F | 0xa4 | size_bits(sz), s, d);
    put8(b, n);
}

void x64_shrd_i(struct x64_buf *b, int sz, int d, int s, unsigned n)
{
    op_rr(b, MAP_0F | 0xac | size_bits(sz), s, d);
    put8(b, n);
}

void x64_imul_rr(struct x64_buf *b, int sz, int d, int s)
{
    op_rr(b, MAP_0F | 0xaf | size_bits(sz), d, s);
}

void x64_imul_rm(struct x64_buf *b, int sz, int d, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0xaf | size_bits(sz), d, m);
}

void x64_imul_rri(struct x64_buf *b, int sz, int d, int s, int32_t imm)
{
    if (is_byte(imm)) {
        op_rr(b, 0x6b | size_bits(sz), d, s);
        put8(b, imm);
        return;
    }
    op_rr(b, 0x69 | size_bits(sz), d, s);
    put_imm(b, sz, imm);
}

void x64_unary_r(struct x64_buf *b, enum x64_unary op, int sz, int d)
{
    op_rr(b, sized(0xf6, sz, X64_M8), op, d);
}

void x64_unary_m(struct x64_buf *b, enum x64_unary op, int sz,
                 struct x64_mem m)
{
    op_rm(b, sized(0xf6, sz, 0), op, m);
}

void x64_cdq(struct x64_buf *b, int sz)
{
    room(b);
    put_op(b, 0x99 | size_bits(sz), 0, 0, 0, false);
}

void x64_bit_ri(struct x64_buf *b, enum x64_bit op, int sz, int d,
                unsigned n)
{
    op_rr(b, MAP_0F | 0xba | size_bits(sz), op, d);
    put8(b, n);
}

void x64_bit_rr(struct x64_buf *b, enum x64_bit op, int sz, int d, int n)
{
    op_rr(b, MAP_0F | 0x83 | op << 3 | size_bits(sz), n, d);
}

void x64_bit_mi(struct x64_buf *b, enum x64_bit op, int sz, struct x64_mem m,
                unsigned n)
{
    op_rm_trail(b, MAP_0F | 0xba | size_bits(sz), op, &m, 1);
    put8(b, n);
}

/* The F3 forms take their 16-bit prefix before F3; only 32 and 64 are used. */
static void count_op(struct x64_buf *b, uint32_t opc, int sz, int d, int s)
{
    op_rr(b, MAP_0F | opc | (sz == S64 ? X64_WW : 0), d, s);
}

void x64_popcnt(struct x64_buf *b, int sz, int d, int s)
{
    count_op(b, PP_F3 | 0xb8, sz, d, s);
}

void x64_lzcnt(struct x64_buf *b, int sz, int d, int s)
{
    count_op(b, PP_F3 | 0xbd, sz, d, s);
}

void x64_tzcnt(struct x64_buf *b, int sz, int d, int s)
{
    count_op(b, PP_F3 | 0xbc, sz, d, s);
}

void x64_bsr(struct x64_buf *b, int sz, int d, int s)
{
    count_op(b, 0xbd, sz, d, s);
}

void x64_bsf(struct x64_buf *b, int sz, int d, int s)
{
    count_op(b, 0xbc, sz, d, s);
}

/* --- conditions and flags --------------------------------------------- */

void x64_setcc_r(struct x64_buf *b, enum x64_cc cc, int d)
{
    op_rr(b, MAP_0F | 0x90 | cc | X64_M8, 0, d);
}

void x64_setcc_m(struct x64_buf *b, enum x64_cc cc, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0x90 | cc, 0, m);
}

void x64_cmov_rr(struct x64_buf *b, enum x64_cc cc, int sz, int d, int s)
{
    op_rr(b, MAP_0F | 0x40 | cc | size_bits(sz), d, s);
}

void x64_cmov_rm(struct x64_buf *b, enum x64_cc cc, int sz, int d,
                 struct x64_mem m)
{
    op_rm(b, MAP_0F | 0x40 | cc | size_bits(sz), d, m);
}

void x64_lahf(struct x64_buf *b) { op_byte(b, 0x9f); }
void x64_sahf(struct x64_buf *b) { op_byte(b, 0x9e); }
void x64_cmc(struct x64_buf *b) { op_byte(b, 0xf5); }
void x64_stc(struct x64_buf *b) { op_byte(b, 0xf9); }
void x64_clc(struct x64_buf *b) { op_byte(b, 0xf8); }

/* --- control flow ----------------------------------------------------- */

/* rel8 if the label is bound and near. */
static bool near_jump(struct x64_buf *b, unsigned opc, struct x64_label *l)
{
    int32_t rel = l->pos - ((int32_t)(b->p - b->base) + 2);

    if (l->pos < 0 || !is_byte(rel))
        return false;
    put8(b, opc);
    put8(b, rel);
    return true;
}

void x64_jcc(struct x64_buf *b, enum x64_cc cc, struct x64_label *l)
{
    room(b);
    if (near_jump(b, 0x70 | cc, l))
        return;
    put8(b, 0x0f);
    put8(b, 0x80 | cc);
    put_rel(b, l, 0);
}

void x64_jmp(struct x64_buf *b, struct x64_label *l)
{
    room(b);
    if (near_jump(b, 0xeb, l))
        return;
    put8(b, 0xe9);
    put_rel(b, l, 0);
}

void x64_call(struct x64_buf *b, struct x64_label *l)
{
    room(b);
    put8(b, 0xe8);
    put_rel(b, l, 0);
}

static uint8_t *jump8(struct x64_buf *b, unsigned opc)
{
    room(b);
    put8(b, opc);
    put8(b, 0);
    return b->p - 1;
}

uint8_t *x64_jcc8(struct x64_buf *b, enum x64_cc cc)
{
    return jump8(b, 0x70 | cc);
}

uint8_t *x64_jmp8(struct x64_buf *b)
{
    return jump8(b, 0xeb);
}

void x64_patch8(struct x64_buf *b, uint8_t *at)
{
    ptrdiff_t rel = b->p - (at + 1);

    if (b->overflow)
        return;
    assert(rel >= 0 && rel <= 127);
    *at = rel;
}

/* The rel32 of an instruction of len bytes that starts at p. */
static bool abs_rel(struct x64_buf *b, const void *target, unsigned len,
                    int32_t *rel)
{
    intptr_t d;

    room(b);
    d = (intptr_t)target - ((intptr_t)x64_exec(b) + len);
    *rel = d;
    return d == *rel;
}

bool x64_jcc_abs(struct x64_buf *b, enum x64_cc cc, const void *target)
{
    int32_t rel;

    if (!abs_rel(b, target, 6, &rel))
        return false;
    put8(b, 0x0f);
    put8(b, 0x80 | cc);
    put32(b, rel);
    return true;
}

static bool jump_abs(struct x64_buf *b, unsigned opc, const void *target)
{
    int32_t rel;

    if (!abs_rel(b, target, 5, &rel))
        return false;
    put8(b, opc);
    put32(b, rel);
    return true;
}

bool x64_jmp_abs(struct x64_buf *b, const void *target)
{
    return jump_abs(b, 0xe9, target);
}

bool x64_call_abs(struct x64_buf *b, const void *target)
{
    return jump_abs(b, 0xe8, target);
}

void x64_jmp_r(struct x64_buf *b, int r) { op_rr(b, 0xff, 4, r); }
void x64_jmp_m(struct x64_buf *b, struct x64_mem m) { op_rm(b, 0xff, 4, m); }
void x64_call_r(struct x64_buf *b, int r) { op_rr(b, 0xff, 2, r); }
void x64_call_m(struct x64_buf *b, struct x64_mem m) { op_rm(b, 0xff, 2, m); }
void x64_ret(struct x64_buf *b) { op_byte(b, 0xc3); }

void x64_ud2(struct x64_buf *b)
{
    room(b);
    put8(b, 0x0f);
    put8(b, 0x0b);
}

/* SDM volume 2, NOP: recommended sequences. */
void x64_nop(struct x64_buf *b, unsigned n)
{
    static const uint8_t seq[9][9] = {
        { 0x90 },
        { 0x66, 0x90 },
        { 0x0f, 0x1f, 0x00 },
        { 0x0f, 0x1f, 0x40, 0x00 },
        { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
        { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
        { 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
    };

    room(b);
    while (n) {
        unsigned part = n < 9 ? n : 9;

        memcpy(b->p, seq[part - 1], part);
        b->p += part;
        n -= part;
    }
}

/* --- atomics and fences ------------------------------------------------ */

void x64_xchg_rr(struct x64_buf *b, int sz, int d, int s)
{
    op_rr(b, sized(0x86, sz, X64_R8 | X64_M8), s, d);
}

void x64_xchg_mr(struct x64_buf *b, int sz, struct x64_mem m, int s)
{
    op_rm(b, sized(0x86, sz, X64_R8), s, m);
}

void x64_lock_xadd(struct x64_buf *b, int sz, struct x64_mem m, int s)
{
    op_rm(b, sized(MAP_0F | 0xc0, sz, X64_R8) | X64_LOCK, s, m);
}

void x64_lock_cmpxchg(struct x64_buf *b, int sz, struct x64_mem m, int s)
{
    op_rm(b, sized(MAP_0F | 0xb0, sz, X64_R8) | X64_LOCK, s, m);
}

void x64_lock_cmpxchg8b(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0xc7 | X64_LOCK, 1, m);
}

void x64_lock_cmpxchg16b(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0xc7 | X64_LOCK | X64_WW, 1, m);
}

void x64_mfence(struct x64_buf *b)
{
    room(b);
    put8(b, 0x0f);
    put8(b, 0xae);
    put8(b, 0xf0);
}

void x64_ldmxcsr(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0xae, 2, m);
}

void x64_stmxcsr(struct x64_buf *b, struct x64_mem m)
{
    op_rm(b, MAP_0F | 0xae, 3, m);
}

/* --- SSE and VEX ------------------------------------------------------- */

uint32_t x64_sse_flags(enum x64_sse op)
{
    return sse_rows[op].opc;
}

const char *x64_sse_text(enum x64_sse op)
{
    return sse_rows[op].text;
}

static inline uint32_t legacy_opc(uint32_t opc)
{
    return opc & 0x1fff;
}

/* A byte-sized GPR source (PINSRB) takes a full register name: no REX. */
void x64_sse_rr(struct x64_buf *b, enum x64_sse op, int x, int y, int imm)
{
    uint32_t opc = sse_rows[op].opc;

    if (opc >> X64_DIG_SHIFT & 8)
        op_rr(b, legacy_opc(opc), opc >> X64_DIG_SHIFT & 7, x);
    else
        op_rr(b, legacy_opc(opc), x, y);
    if (opc & X64_IM)
        put8(b, imm);
}

void x64_sse_rm(struct x64_buf *b, enum x64_sse op, int x, struct x64_mem m,
                int imm)
{
    uint32_t opc = sse_rows[op].opc;

    op_rm_trail(b, legacy_opc(opc), x, &m, opc & X64_IM ? 1 : 0);
    if (opc & X64_IM)
        put8(b, imm);
}

/* VEX prefix and opcode; SDM volume 2, 2.3.5: R, X, B, vvvv are inverted. */
static void put_vex(struct x64_buf *b, uint32_t opc, int l, int reg, int v,
                    int index, int rm)
{
    unsigned map = opc >> 8 & 3, pp = opc >> 10 & 3;
    unsigned tail = (~v & 15) << 3 | l << 2 | pp;
    unsigned w = opc & X64_WW ? 0x80 : 0;

    if (map == 1 && !w && !(index & 8) && !(rm & 8)) {
        put8(b, 0xc5);
        put8(b, (reg & 8 ? 0 : 0x80) | tail);
    } else {
        put8(b, 0xc4);
        put8(b, (reg & 8 ? 0 : 0x80) | (index & 8 ? 0 : 0x40) |
                (rm & 8 ? 0 : 0x20) | map);
        put8(b, w | tail);
    }
    put8(b, opc);
}

static void vex_rr(struct x64_buf *b, uint32_t opc, int l, int reg, int v,
                   int rm)
{
    room(b);
    put_vex(b, opc, l, reg, v, 0, rm);
    put_modrm(b, 3, reg, rm);
}

static inline int vex_imm(uint32_t opc, int imm)
{
    return opc & X64_I4 ? imm << 4 : imm;
}

void x64_vex_rr(struct x64_buf *b, enum x64_sse op, int l, int x, int a,
                int y, int imm)
{
    uint32_t opc = sse_rows[op].opc;

    if (opc >> X64_DIG_SHIFT & 8)
        vex_rr(b, opc, l, opc >> X64_DIG_SHIFT & 7, x, y);
    else
        vex_rr(b, opc, l, x, opc & X64_N3 ? a : 0, y);
    if (opc & (X64_IM | X64_I4))
        put8(b, vex_imm(opc, imm));
}

void x64_vex_rm(struct x64_buf *b, enum x64_sse op, int l, int x, int a,
                struct x64_mem m, int imm)
{
    uint32_t opc = sse_rows[op].opc;
    unsigned trail = opc & (X64_IM | X64_I4) ? 1 : 0;

    room(b);
    put_vex(b, opc, l, x, opc & X64_N3 ? a : 0, mem_index(&m), mem_base(&m));
    put_mem(b, x, &m, trail);
    if (trail)
        put8(b, vex_imm(opc, imm));
}

void x64_vzeroupper(struct x64_buf *b)
{
    room(b);
    put_vex(b, MAP_0F | 0x77, 0, 0, 0, 0, 0);
}

void x64_rorx(struct x64_buf *b, int sz, int d, int s, unsigned n)
{
    vex_rr(b, MAP_0F3A | PP_F2 | 0xf0 | (sz == S64 ? X64_WW : 0), 0, d, 0, s);
    put8(b, n);
}

void x64_vgpr(struct x64_buf *b, enum x64_vgpr op, int sz, int d, int a,
              int c)
{
    static const uint32_t opcs[] = {
        [V_SHLX] = PP_66 | 0xf7, [V_SHRX] = PP_F2 | 0xf7,
        [V_SARX] = PP_F3 | 0xf7, [V_ANDN] = 0xf2, [V_BEXTR] = 0xf7,
        [V_PDEP] = PP_F2 | 0xf5, [V_PEXT] = PP_F3 | 0xf5,
        [V_MULX] = PP_F2 | 0xf6,
    };

    vex_rr(b, MAP_0F38 | opcs[op] | (sz == S64 ? X64_WW : 0), 0, d, c, a);
}

/* --- feature detection ------------------------------------------------- */

static uint64_t xgetbv0(void)
{
    uint32_t lo, hi;

    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

void x64_detect(struct x64_features *f)
{
    unsigned a, b, c, d;
    bool ymm = false;

    memset(f, 0, sizeof(*f));
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        f->pclmul = c >> 1 & 1;
        f->ssse3 = c >> 9 & 1;
        f->cx16 = c >> 13 & 1;
        f->sse41 = c >> 19 & 1;
        f->sse42 = c >> 20 & 1;
        f->movbe = c >> 22 & 1;
        f->popcnt = c >> 23 & 1;
        f->aes = c >> 25 & 1;
        /* OSXSAVE, and the OS keeps XMM and YMM state. */
        ymm = (c >> 27 & 1) && (xgetbv0() & 6) == 6;
        f->avx = ymm && (c >> 28 & 1);
        f->fma = f->avx && (c >> 12 & 1);
        f->f16c = f->avx && (c >> 29 & 1);
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        f->bmi1 = b >> 3 & 1;
        f->avx2 = f->avx && (b >> 5 & 1);
        f->bmi2 = b >> 8 & 1;
        f->sha = b >> 29 & 1;
    }
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        f->lzcnt = c >> 5 & 1;
}
