/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: encodings. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/random/gen-x86.h"
#include "util/bits.h"
#include "util/rng.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

struct gen_x86 {
    struct gen_x86_config config;
    const struct x86_row *rows[GEN_MAX_ROWS];
    uint32_t ran[GEN_MAX_ROWS];
    unsigned nrows;
};

/* One case that is being made */
struct maker {
    struct rng rng;
    struct x86_case *c;
    const struct x86_row *row;
    bool is64, first;
    uint16_t taken;          /* registers whose values are relied on */
    /* the instruction */
    uint8_t bytes[32];
    unsigned n;
    bool opsize, asize, rex_w;
    uint8_t rex;             /* R, X, B bits (4, 2, 1) */
    uint8_t vvvv;
    bool vex_l;
    unsigned rip_at;         /* where a RIP-relative displacement is, 0: none */
    uint32_t target;         /* what the memory operand is meant to be, 0: none */
};

static const char *const operand_names[] = {
#define OPERAND_NAME(n) #n,
    X86_OPERANDS(OPERAND_NAME)
};

static bool chance(struct maker *m, uint32_t one_in)
{
    return rng_below(&m->rng, one_in) == 0;
}

static void put(struct maker *m, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        m->bytes[m->n++ % sizeof(m->bytes)] = (uint8_t)(v >> 8 * i);
    }
}

/* ---- Operands of a row ---- */

static bool is_fixed(enum x86_operand_code code)
{
    return code == XO_NONE || code == XO_AL || code == XO_CL || code == XO_AX || code == XO_DX || code == XO_rAX ||
           code == XO_one;
}

static bool has_letter(const struct x86_row *row, const char *letters)
{
    for (int i = 0; i < 4; i++) {
        if (!is_fixed((enum x86_operand_code)row->op[i]) && strchr(letters, operand_names[row->op[i]][0])) {
            return true;
        }
    }
    return false;
}

static bool has_operand(const struct x86_row *row, enum x86_operand_code code)
{
    return row->op[0] == code || row->op[1] == code || row->op[2] == code || row->op[3] == code;
}

static bool has_modrm(const struct x86_row *row)
{
    return row->flags & XF_MODRM || row->cond & (XC_MEM | XC_REG | XC_HAS_R | XC_HAS_RM) ||
           has_letter(row, "CDEGMNPQRSUVW");
}

/* Does the operand size matter to it? */
static bool has_size(const struct x86_row *row)
{
    static const uint8_t sized[] = { XO_Ev, XO_Gv, XO_Gz, XO_Iz, XO_Iv, XO_Jz, XO_Ibs, XO_Zv, XO_rAX, XO_Rv, XO_Mv, XO_Ov,
                                     XO_Mp, XO_Ma, XO_Ap, XO_Ey, XO_Gy };

    for (unsigned i = 0; i < sizeof(sized); i++) {
        if (has_operand(row, (enum x86_operand_code)sized[i])) {
            return true;
        }
    }
    return row->flags & (XF_STRING | XF_D64 | XF_F64);
}

static bool named(const struct maker *m, const char *start)
{
    return g_str_has_prefix(m->row->name, start);
}

/* ---- Addresses ---- */

/* In the window: often where the mapping or its middle ends, mostly aligned. */
static uint32_t pick_address(struct maker *m)
{
    uint32_t r = rng_u32(&m->rng), start = X86_WINDOW_BASE, size = X86_WINDOW_SIZE;

    switch (r & 63) {
    case 0:
        return start + size - (r >> 8 & 31);
    case 1:
        return start - (r >> 8 & 31);
    case 2:
    case 3:
        return start + size / 2 - (r >> 8 & 31);
    default:
        r >>= 6;
        return start + 512 + (r & 8 || m->row->flags & XF_ALIGN ? (r >> 4) % (size - 1024) & ~31u : (r >> 4) % (size - 1024));
    }
}

static void set_reg(struct maker *m, unsigned n, uint64_t v)
{
    if (!(m->taken >> n & 1)) {
        m->c->r[n] = v;
        m->taken |= (uint16_t)(1u << n);
    }
}

/* A pointer register that string and other instructions use by name. */
static void set_pointer(struct maker *m, unsigned n)
{
    set_reg(m, n, pick_address(m));
}

static unsigned pick_reg(struct maker *m)
{
    return rng_below(&m->rng, m->is64 ? 16 : 8);
}

static void put_modrm(struct maker *m, unsigned mod, unsigned reg, unsigned rm)
{
    put(m, mod << 6 | (reg & 7) << 3 | (rm & 7), 1);
}

/* A displacement alone: absolute, or relative to RIP */
static void put_displacement(struct maker *m, unsigned reg, uint32_t target)
{
    m->rex &= (uint8_t)~3u;
    if (m->is64 && chance(m, 2)) {
        put_modrm(m, 0, reg, 5);
        m->rip_at = m->n;
    } else if (m->is64 || chance(m, 4)) {
        put_modrm(m, 0, reg, 4);
        put(m, 0x25, 1);
    } else {
        put_modrm(m, 0, reg, 5);
    }
    put(m, target, 4);
}

/* 16-bit addresses do not reach the window: what they compute is seen in LEA and CR2. */
static void put_memory16(struct maker *m, unsigned reg)
{
    unsigned mod = rng_below(&m->rng, 3), rm = rng_below(&m->rng, 8);

    put_modrm(m, mod, reg, rm);
    put(m, rng_u32(&m->rng), mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
}

/* Small elements for the index vector of gathers */
static void set_vector_index(struct maker *m, unsigned n)
{
    bool wide = named(m, "VPGATHERQ") || named(m, "VGATHERQ");

    for (int i = 0; i < 4; i += wide ? 2 : 1) {
        int64_t v = (int64_t)rng_below(&m->rng, 256) - 128;

        memcpy(m->c->fp.xmm[n] + 4 * i, &v, wide ? 8 : 4);
        v = (int64_t)rng_below(&m->rng, 256) - 128;
        memcpy(m->c->fp.ymmh[n] + 4 * i, &v, wide ? 8 : 4);
    }
}

static int32_t pick_displacement(struct maker *m, unsigned mod)
{
    if (mod == 0) {
        return 0;
    }
    return mod == 1 ? (int8_t)rng_u32(&m->rng) : (int32_t)rng_below(&m->rng, 0x10000) - 0x8000;
}

/* base [+ index * scale] + displacement, the base's value chosen to fit */
static void put_based(struct maker *m, unsigned reg, uint32_t target)
{
    bool vsib = m->row->flags & XF_VSIB, with_sib = vsib || chance(m, 2);
    unsigned base = pick_reg(m), index = with_sib ? pick_reg(m) : 4, scale = rng_below(&m->rng, 4);
    unsigned mod = rng_below(&m->rng, 3);
    int32_t disp;
    uint64_t sum = 0;

    m->rex = (uint8_t)((m->rex & 4) | (base & 8 ? 1 : 0) | (with_sib && index & 8 ? 2 : 0));
    mod = mod == 0 && (base & 7) == 5 ? 1 : mod;
    if (vsib) {
        set_vector_index(m, index);
    } else if (index != 4) {
        if (index != base && !(m->taken >> index & 1) && !chance(m, 4)) {
            m->c->r[index] = rng_below(&m->rng, 64);
        }
        m->taken |= (uint16_t)(index != base ? 1u << index : 0);
        sum = m->c->r[index] << scale;
    }
    disp = pick_displacement(m, mod);
    if (m->taken >> base & 1 || (index == base && !vsib && index != 4)) {
        mod = 2;
        m->c->r[base] = m->taken >> base & 1 ? m->c->r[base] : rng_below(&m->rng, 256);
        sum = !vsib && index != 4 ? m->c->r[index] << scale : 0;
        disp = (int32_t)(target - (uint32_t)(m->c->r[base] + sum));
    } else {
        m->c->r[base] = target - sum - (uint64_t)(int64_t)disp;
        if (m->asize && chance(m, 2)) {
            m->c->r[base] ^= rng_u64(&m->rng) << 32;
        }
    }
    m->taken |= (uint16_t)(1u << base);
    with_sib |= (base & 7) == 4;
    put_modrm(m, mod, reg, with_sib ? 4 : base);
    if (with_sib) {
        put(m, scale << 6 | (index & 7) << 3 | (base & 7), 1);
    }
    put(m, (uint32_t)disp, mod == 0 ? 0 : mod == 1 ? 1 : 4);
}

/* ModRM, SIB, displacement of a memory operand */
static void put_memory(struct maker *m, unsigned reg)
{
    uint32_t target = m->target = pick_address(m);

    if (!m->is64 && m->asize) {
        put_memory16(m, reg);
    } else if (!(m->row->flags & XF_VSIB) && (!m->first || chance(m, 5))) {
        put_displacement(m, reg, target);
    } else {
        put_based(m, reg, target);
    }
}

/* ---- What rows want of registers ---- */

static void prepare_string(struct maker *m)
{
    uint64_t count = rng_below(&m->rng, 12);

    set_pointer(m, X86_RSI);
    set_pointer(m, X86_RDI);
    if (m->asize && m->is64 && chance(m, 2)) {
        m->c->r[X86_RSI] |= rng_u64(&m->rng) << 32;
        m->c->r[X86_RDI] |= rng_u64(&m->rng) << 32;
    }
    if (m->asize) {
        uint64_t high = rng_u64(&m->rng) << (m->is64 ? 32 : 16);

        set_reg(m, X86_RCX, count | high);
    } else {
        set_reg(m, X86_RCX, count);
    }
}

static void prepare_divide(struct maker *m)
{
    if (chance(m, 8)) {
        return;
    }
    set_reg(m, X86_RDX, chance(m, 2) ? 0 : rng_below(&m->rng, 16) - 4u);
    set_reg(m, X86_RAX, chance(m, 4) ? rng_below(&m->rng, 0x8000) : gen_x86_integer(&m->rng));
}

/* Bit offsets reach memory far from the operand. */
static void prepare_bits(struct maker *m)
{
    for (unsigned i = 0; i < 16; i++) {
        if (i != X86_RSP && !chance(m, 4)) {
            m->c->r[i] = (uint64_t)(int64_t)((int32_t)rng_below(&m->rng, 4096) - 2048);
        }
    }
}

static void prepare(struct maker *m)
{
    if (m->row->flags & XF_VSIB) {
        m->c->eflags &= ~(uint32_t)X86_FL_TF;            /* a gather that faults half way would trap before it */
    }
    if (m->row->flags & XF_STRING) {
        prepare_string(m);
    } else if (named(m, "DIV") || named(m, "IDIV")) {
        prepare_divide(m);
    } else if (named(m, "BT") && m->first) {
        prepare_bits(m);
    } else if (named(m, "XLAT")) {
        set_pointer(m, X86_RBX);
    } else if (named(m, "MASKMOV") || named(m, "VMASKMOVDQU")) {
        set_pointer(m, X86_RDI);
    } else if (named(m, "LEAVE")) {
        set_pointer(m, X86_RBP);
    } else if (named(m, "LOOP") || named(m, "JCXZ") || named(m, "JECXZ") || named(m, "JRCXZ")) {
        set_reg(m, X86_RCX, rng_below(&m->rng, 3) | (m->asize && chance(m, 2) ? UINT64_C(1) << (m->is64 ? 32 : 16) : 0));
    } else if (named(m, "PCMPESTR") || named(m, "VPCMPESTR")) {
        set_reg(m, X86_RAX, rng_below(&m->rng, 24) - 4u);
        set_reg(m, X86_RDX, rng_below(&m->rng, 24) - 4u);
    } else if (named(m, "XSAVE") || named(m, "XRSTOR")) {
        set_reg(m, X86_RAX, rng_below(&m->rng, 8));
        set_reg(m, X86_RDX, 0);
    }
    if (named(m, "CMPXCHG8B") || named(m, "CMPXCHG16B") || named(m, "CMPXCHG")) {
        /* often equal: see match_memory() */
        m->taken |= 1u << X86_RAX | 1u << X86_RDX;
    }
}

/* The accumulator becomes what memory has. */
static void match_memory(struct maker *m, uint32_t addr)
{
    static uint64_t window[X86_WINDOW_SIZE / 8];
    static uint32_t seed;
    static bool filled;
    uint32_t off = addr - X86_WINDOW_BASE;

    if (!filled || seed != m->c->window_seed) {
        x86_window_fill(window, m->c->window_seed);
        seed = m->c->window_seed;
        filled = true;
    }
    if (off > X86_WINDOW_SIZE - 16) {
        return;
    }
    memcpy(&m->c->r[X86_RAX], (uint8_t *)window + off, 8);
    memcpy(&m->c->r[X86_RDX], (uint8_t *)window + off + 8, 8);
    if (named(m, "CMPXCHG8B") || !m->rex_w) {
        memcpy(&m->c->r[X86_RDX], (uint8_t *)window + off + 4, 4);
        memset((uint8_t *)&m->c->r[X86_RDX] + 4, 0, 4);
    }
    if (named(m, "CMPXCHG16B") || (named(m, "CMPXCHG8B") && m->rex_w)) {
        memcpy(&m->c->r[X86_RDX], (uint8_t *)window + off + 8, 8);
    }
}

/* ---- Encoding ---- */

static void put_prefixes(struct maker *m)
{
    const struct x86_row *row = m->row;
    uint32_t c = row->cond;
    bool mem = !(c & XC_REG);

    if (mem && m->is64 && chance(m, 64)) {
        put(m, 0x65, 1);                                 /* GS: one has a base in 64-bit mode */
    } else if (mem && chance(m, 32) && (m->is64 || !has_operand(row, XO_M))) {     /* #GP or #AC first: open for images of the FPU */
        static const uint8_t seg[] = { 0x26, 0x2e, 0x36, 0x3e };

        put(m, seg[rng_below(&m->rng, 4)], 1);
    }
    m->asize = chance(m, row->flags & XF_STRING ? 6 : m->is64 ? 16 : 32);
    if (!m->is64 && has_operand(row, XO_M) && (row->flags & XF_FP || named(m, "XSAVE") || named(m, "XRSTOR"))) {
        m->asize = false;                                /* the end of images of the FPU wraps at 64 KiB in ways of its own */
    }
    if (m->asize) {
        put(m, 0x67, 1);
    }
    if (c & XC_VEX) {
        return;
    }
    if (row->flags & XF_LOCK && chance(m, 3)) {
        put(m, 0xf0, 1);
    }
    if (c & XC_OS16) {
        m->opsize = true;
    } else if (!(c & XC_OSX) && (!(c & XC_PFX) || (c & (XC_F2 | XC_F3) && !(c & (XC_NP | XC_66))))) {
        m->opsize = chance(m, has_size(row) ? 3 : 64);
    }
    if ((c & XC_PFX) == XC_66) {
        m->opsize = true;
    }
    if (m->opsize) {
        put(m, 0x66, 1);
    }
    if (c & XC_F3 && (!(c & (XC_NP | XC_66 | XC_F2)) || chance(m, 2))) {
        put(m, 0xf3, 1);
    } else if (c & XC_F2 && (!(c & (XC_NP | XC_66)) || chance(m, 2))) {
        put(m, 0xf2, 1);
    } else if (row->flags & XF_STRING && !chance(m, 3)) {
        put(m, 0xf2 | rng_below(&m->rng, 2), 1);
    }
}

/* REX.W, VEX.W and the other fields of VEX that are not register numbers */
static void pick_fields(struct maker *m)
{
    uint32_t c = m->row->cond;

    m->rex_w = c & XC_W1 || (!(c & XC_W0) && (m->is64 || c & XC_VEX) && chance(m, 3));
    m->vex_l = c & XC_L1 || (!(c & XC_L0) && chance(m, 2));
    m->vvvv = has_letter(m->row, "HB") ? (uint8_t)pick_reg(m) : 0;
}

static void put_vex(struct maker *m, unsigned map, unsigned at)
{
    static const uint8_t pp_of[] = { [XC_NP] = 0, [XC_66] = 1, [XC_F3] = 2, [XC_F2] = 3 };
    unsigned pp = pp_of[m->row->cond & XC_PFX & 15] | (m->vex_l ? 4u : 0) | (~m->vvvv & 15u) << 3;

    if (map == 1 && !(m->rex & 3) && !m->rex_w && chance(m, 2)) {
        m->bytes[at] = 0xc5;
        m->bytes[at + 1] = (uint8_t)(pp | (m->rex & 4 ? 0 : 0x80));
        memmove(m->bytes + at + 2, m->bytes + at + 3, m->n - at - 3);
        m->n--;
        m->rip_at -= m->rip_at ? 1 : 0;
        return;
    }
    m->bytes[at] = 0xc4;
    m->bytes[at + 1] = (uint8_t)((~m->rex & 7) << 5 | map);
    m->bytes[at + 2] = (uint8_t)(pp | (m->rex_w ? 0x80 : 0));
}

static void put_escape(struct maker *m, unsigned map)
{
    if (map != X86_MAP_1) {
        put(m, 0x0f, 1);
    }
    if (map >= X86_MAP_0F38) {
        put(m, map == X86_MAP_0F38 ? 0x38 : 0x3a, 1);
    }
}

static void put_modrm_operands(struct maker *m)
{
    uint32_t c = m->row->cond;
    unsigned reg = c & XC_HAS_R ? c >> 17 & 7 : pick_reg(m);
    bool mem = c & XC_MEM || has_letter(m->row, "M") ? true
             : c & (XC_REG | XC_HAS_RM) || has_letter(m->row, "RUN") ? false : chance(m, 2);
    unsigned rm;

    if (has_letter(m->row, "S")) {
        reg = rng_below(&m->rng, 6);
    }
    m->rex = reg & 8 ? 4 : 0;
    if (mem) {
        put_memory(m, reg);
        if (named(m, "CMPXCHG") && !chance(m, 3)) {
            match_memory(m, m->target);
        }
        return;
    }
    rm = c & XC_HAS_RM ? c >> 21 & 7 : pick_reg(m);
    if (named(m, "CMPXCHG") && chance(m, 2) && !(m->taken >> rm & 1)) {
        m->c->r[rm] = m->c->r[X86_RAX];
    }
    m->rex |= rm & 8 ? 1 : 0;
    put_modrm(m, 3, reg, rm);
}

static unsigned operand_bytes(const struct maker *m)
{
    if (m->row->flags & XF_F64 && m->is64) {
        return 4;
    }
    return m->rex_w ? 8 : m->opsize ? 2 : 4;
}

/* To the next instruction, or away from the case into INT3s; never back into it. */
static void put_relative(struct maker *m, unsigned bytes)
{
    int32_t far = bytes == 1 ? (int32_t)rng_below(&m->rng, 8) : (int32_t)rng_below(&m->rng, 0x600);

    if (chance(m, 3)) {
        put(m, 0, bytes);
    } else {
        put(m, (uint64_t)(int64_t)(chance(m, 2) ? 120 + far : -120 - far), bytes);
    }
}

static void put_immediates(struct maker *m)
{
    unsigned v = operand_bytes(m), z = v == 8 ? 4 : v, a = m->is64 ? (m->asize ? 4 : 8) : m->asize ? 2 : 4;

    for (int i = 0; i < 4; i++) {
        switch (m->row->op[i]) {
        case XO_Ib: case XO_Ibs: case XO_Lx: case XO_Ldq:
            put(m, chance(m, 2) ? rng_u32(&m->rng) : gen_x86_integer(&m->rng), 1);
            if (m->bytes[m->n - 1] == 0x80 && strcmp(m->row->name, "INT") == 0) {
                m->bytes[m->n - 1] = 0x81;               /* 80h is Linux' */
            }
            break;
        case XO_Iw:
            put(m, named(m, "ENTER") ? rng_below(&m->rng, 64) : gen_x86_integer(&m->rng), 2);
            break;
        case XO_Iz:
            put(m, gen_x86_integer(&m->rng), z);
            break;
        case XO_Iv:
            put(m, gen_x86_integer(&m->rng), v);
            break;
        case XO_Jb:
            put_relative(m, 1);
            break;
        case XO_Jz:
            put_relative(m, z);
            break;
        case XO_Ob: case XO_Ov:
            put(m, pick_address(m), a);
            break;
        case XO_Ap:
            put(m, gen_x86_integer(&m->rng), z);
            put(m, rng_u32(&m->rng) & 0xff, 2);
            break;
        default:
            break;
        }
    }
}

/* Is REX needed, or put in for its own sake (byte registers)? */
static void insert_rex(struct maker *m, unsigned at)
{
    uint8_t rex = (uint8_t)(0x40 | (m->rex_w ? 8 : 0) | m->rex);

    if (!m->is64 || (rex == 0x40 && !chance(m, 4))) {
        return;
    }
    memmove(m->bytes + at + 1, m->bytes + at, m->n - at);
    m->bytes[at] = rex;
    m->n++;
    m->rip_at += m->rip_at ? 1 : 0;
}

static void encode_opcode(struct maker *m, unsigned map, bool vex)
{
    if (vex) {
        m->n += 3;
    } else {
        put_escape(m, map);
    }
    put(m, m->row->opcode, 1);
    if (has_letter(m->row, "Z") && m->is64 && chance(m, 2)) {
        m->rex |= 1;
    }
    if (has_modrm(m->row)) {
        put_modrm_operands(m);
    }
    put_immediates(m);
}

/* The bytes of one instruction of the row at linear address pc; false: it got too long. */
static bool encode(struct maker *m, unsigned map, uint32_t pc)
{
    bool vex = m->row->cond & XC_VEX;
    unsigned at;

    m->n = 0;
    m->rip_at = m->target = 0;
    m->rex = 0;
    m->opsize = false;
    put_prefixes(m);
    pick_fields(m);
    at = m->n;
    prepare(m);
    encode_opcode(m, map, vex);
    if (vex) {
        put_vex(m, map, at);
    } else {
        insert_rex(m, at);
    }
    if (m->rip_at) {
        uint32_t disp = m->target - (pc + m->n);

        memcpy(m->bytes + m->rip_at, &disp, 4);
    }
    return m->n <= 15;
}

/* ---- Rows ---- */

const struct x86_exception_row *x86_row_exception(const struct x86_row *row)
{
    for (const struct x86_exception_row *e = x86_exception_rows; e->name; e++) {
        size_t len = strlen(e->name);

        if (e->operand != XO_NONE && !has_operand(row, e->operand)) {
            continue;
        }
        if (e->name[len - 1] == '*' ? strncmp(row->name, e->name, len - 1) == 0 : strcmp(row->name, e->name) == 0) {
            return e;
        }
    }
    return NULL;
}

static bool has_feature(const struct gen_x86_config *config, const struct x86_row *row)
{
    return row->feature == X86_F_NONE || config->features[row->feature >> 5] >> (row->feature & 31) & 1;
}

static bool is_in_mode(const struct gen_x86_config *config, const struct x86_row *row)
{
    return !(row->cond & (config->bits32 ? XC_O64 : XC_I64)) && !(config->bits32 && row->cond & XC_W1 && !(row->cond & XC_VEX));
}

static bool is_wanted(const struct gen_x86_config *config, const struct x86_row *row)
{
    const struct x86_exception_row *e = x86_row_exception(row);

    return is_in_mode(config, row) && has_feature(config, row) && !(row->flags & XF_UD) && (!e || e->flags) &&
           (!config->row || g_str_has_prefix(row->name, config->row));
}

struct gen_x86 *gen_x86_new(const struct gen_x86_config *config)
{
    struct gen_x86 *g = g_new0(struct gen_x86, 1);

    g->config = *config;
    for (unsigned map = 0; map < X86_NMAPS; map++) {
        unsigned n;
        const struct x86_row *rows = x86_map_rows((enum x86_map)map, &n);

        for (unsigned i = 0; i < n; i++) {
            if (is_wanted(config, &rows[i])) {
                g_assert(g->nrows < GEN_MAX_ROWS);
                g->rows[g->nrows++] = &rows[i];
            }
        }
    }
    return g;
}

void gen_x86_free(struct gen_x86 *g)
{
    g_free(g);
}

unsigned gen_x86_row_count(const struct gen_x86 *g)
{
    return g->nrows;
}

static unsigned map_of(const struct x86_row *row)
{
    for (unsigned map = 0; map < X86_NMAPS; map++) {
        unsigned n;
        const struct x86_row *rows = x86_map_rows((enum x86_map)map, &n);

        if (row >= rows && row < rows + n) {
            return map;
        }
    }
    return 0;
}

/* Rows take turns, in an order that the case's number shuffles. */
static unsigned pick_row(struct gen_x86 *g, struct maker *m, uint64_t n, unsigned k)
{
    return k ? rng_below(&m->rng, g->nrows) : (unsigned)(n % g->nrows);
}

static bool add_insn(struct gen_x86 *g, struct maker *m, uint64_t n, struct gen_x86_made *made)
{
    unsigned index = pick_row(g, m, n, made->ninsns);
    const struct x86_exception_row *e;

    m->row = g->rows[index];
    m->first = made->ninsns == 0;
    if (!m->first && (named(m, "XSAVE") || named(m, "XRSTOR"))) {
        return false;                                    /* the components in RAX must be ours */
    }
    if (!encode(m, map_of(m->row), X86_CODE_START + m->c->code_bytes) ||
        m->c->code_bytes + m->n > X86_CODE_MAX) {
        return false;
    }
    memcpy(m->c->code + m->c->code_bytes, m->bytes, m->n);
    m->c->code_bytes = (uint8_t)(m->c->code_bytes + m->n);
    made->row[made->ninsns++] = m->row;
    g->ran[index]++;
    e = x86_row_exception(m->row);
    made->flags |= e ? e->flags : 0;
    return true;
}

void gen_x86_case(struct gen_x86 *g, uint64_t seed, uint64_t n, struct x86_case *c, struct gen_x86_made *made)
{
    struct maker m = { .c = c, .is64 = !g->config.bits32, .taken = 1u << X86_RSP };
    unsigned want;

    rng_init(&m.rng, seed * UINT64_C(0x9e3779b97f4a7c15) + n * 2 + g->config.bits32);
    c->bits32 = g->config.bits32;
    c->code_bytes = 0;
    c->window_seed = (uint32_t)(seed + n / 4096);
    gen_x86_state(&m.rng, g->config.features, c);
    *made = (struct gen_x86_made) { .ninsns = 0 };
    want = g->config.max_insns > 1 && chance(&m, 3) ? 1 + rng_below(&m.rng, g->config.max_insns) : 1;
    for (unsigned tries = 0; made->ninsns < want && !made->flags && tries < 20; tries++) {
        (void)add_insn(g, &m, n + tries * !made->ninsns, made);
    }
    if (g->config.bits32) {
        for (int i = 0; i < 16; i++) {
            c->r[i] &= 0xffffffff;
        }
    }
}

unsigned gen_x86_print_coverage(const struct gen_x86 *g)
{
    unsigned none = 0;

    for (unsigned i = 0; i < g->nrows; i++) {
        if (!g->ran[i]) {
            printf("never ran: %s (opcode %02x)\n", g->rows[i]->name, g->rows[i]->opcode);
            none++;
        }
    }
    for (unsigned map = 0; map < X86_NMAPS; map++) {
        unsigned n;
        const struct x86_row *rows = x86_map_rows((enum x86_map)map, &n);

        for (unsigned i = 0; i < n; i++) {
            const struct x86_exception_row *e = x86_row_exception(&rows[i]);

            if (e && !e->flags && is_in_mode(&g->config, &rows[i])) {
                printf("left out: %s: %s\n", rows[i].name, e->reason);
            } else if (is_in_mode(&g->config, &rows[i]) && !has_feature(&g->config, &rows[i])) {
                printf("the host lacks: %s\n", rows[i].name);
            }
        }
    }
    return none;
}

void gen_x86_host_features(uint32_t features[16])
{
    memset(features, 0, 16 * sizeof(features[0]));
#if defined(__x86_64__)
    unsigned a, b, c, d;

    __get_cpuid(1, &a, &b, &features[X86_FW_1_ECX], &features[X86_FW_1_EDX]);
    __get_cpuid_count(7, 0, &a, &features[X86_FW_7_EBX], &features[X86_FW_7_ECX], &features[X86_FW_7_EDX]);
    __get_cpuid(0x80000001, &a, &b, &features[X86_FW_8_ECX], &features[X86_FW_8_EDX]);
    __get_cpuid_count(13, 1, &features[X86_FW_D1_EAX], &b, &c, &d);
#endif
}
