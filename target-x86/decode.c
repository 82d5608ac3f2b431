/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to struct x86_insn: prefixes, REX and VEX, the opcode maps' rows, ModRM, SIB, displacement, immediates (SDM 2.1-2.3, volume 2
 * appendix A).
 */
#include "config.h"
#include <string.h>
#include "target-x86/decode.h"

/* ---- the maps -------------------------------------------------------------------------------- */

#define OP(opcode, cond, name, a, b, c, d, flags, feature) \
    { #name, gen_##name, opcode, { XO_##a, XO_##b, XO_##c, XO_##d }, cond, flags, X86_F_##feature },
static const struct x86_row rows_1[] = {
#define X86_INCLUDE_1
#include "target-x86/maps.inc"
#undef X86_INCLUDE_1
};
static const struct x86_row rows_0f[] = {
#define X86_INCLUDE_0F
#include "target-x86/maps.inc"
#undef X86_INCLUDE_0F
};
static const struct x86_row rows_0f38[] = {
#define X86_INCLUDE_0F38
#include "target-x86/maps.inc"
#undef X86_INCLUDE_0F38
};
static const struct x86_row rows_0f3a[] = {
#define X86_INCLUDE_0F3A
#include "target-x86/maps.inc"
#undef X86_INCLUDE_0F3A
};
#undef OP

static const struct {
    const struct x86_row *rows;
    unsigned n;
} maps[X86_NMAPS] = {
    { rows_1, G_N_ELEMENTS(rows_1) }, { rows_0f, G_N_ELEMENTS(rows_0f) },
    { rows_0f38, G_N_ELEMENTS(rows_0f38) }, { rows_0f3a, G_N_ELEMENTS(rows_0f3a) },
};

/* The rows of an opcode, chained: index + 1 of the first, and of the next. Written once, before main. */
#define MAX_ROWS 1024
static struct {
    uint16_t first[2][256];          /* by VEX */
    uint16_t next[MAX_ROWS];
    bool modrm[2][256];
} lookup[X86_NMAPS];

const struct x86_row *x86_map_rows(enum x86_map map, unsigned *n)
{
    *n = maps[map].n;
    return maps[map].rows;
}

/* Letters of operands that are in ModRM or behind it. */
static bool operand_has_modrm(enum x86_operand_code code)
{
    static const char *const names[] = {
#define X86_OPERAND_NAME(n) #n,
        X86_OPERANDS(X86_OPERAND_NAME)
    };

    return strchr("CDEGMNPQRSUVW", names[code][0]) && code != XO_NONE && code != XO_DX;
}

static bool row_has_modrm(const struct x86_row *r)
{
    if (r->flags & XF_MODRM || r->cond & (XC_MEM | XC_REG | XC_HAS_R | XC_HAS_RM))
        return true;
    for (int i = 0; i < 4; i++)
        if (operand_has_modrm(r->op[i]))
            return true;
    return false;
}

static void __attribute__((constructor)) build_lookup(void)
{
    for (int m = 0; m < X86_NMAPS; m++) {
        g_assert(maps[m].n <= MAX_ROWS);
        for (unsigned n = maps[m].n; n-- > 0;) {
            const struct x86_row *r = &maps[m].rows[n];
            bool vex = r->cond & XC_VEX;

            lookup[m].next[n] = lookup[m].first[vex][r->opcode];
            lookup[m].first[vex][r->opcode] = (uint16_t)(n + 1);
            lookup[m].modrm[vex][r->opcode] |= row_has_modrm(r);
        }
    }
}

/* ---- bytes ----------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *p;
    unsigned n, len;         /* read, available */
    bool over;               /* more was wanted */
};

static uint8_t byte(struct reader *r)
{
    if (r->n >= r->len) {
        r->over = true;
        return 0;
    }
    return r->p[r->n++];
}

/* size: log2 of bytes; sign-extended */
static int64_t number(struct reader *r, unsigned size)
{
    uint64_t v = 0;
    unsigned bytes = 1u << size;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)byte(r) << (8 * i);
    return (int64_t)(v << (64 - 8 * bytes)) >> (64 - 8 * bytes);
}

/* ---- prefixes -------------------------------------------------------------------------------- */

struct prefixes {
    uint8_t rex;             /* 0: none */
    uint8_t r;               /* REX.R << 3 */
    uint8_t pp;              /* mandatory prefix: XC_NP, XC_66, XC_F3, XC_F2 */
    enum x86_map map;
};

/* A legacy prefix? False: it is none. */
static bool legacy_prefix(struct x86_insn *i, uint8_t b, bool is64)
{
    switch (b) {
    case 0x26: case 0x2e: case 0x36: case 0x3e:
        if (!is64)
            i->seg_prefix = (int8_t)(b >> 3 & 3);
        return true;
    case 0x64: case 0x65:
        i->seg_prefix = (int8_t)(X86_FS + (b & 1));
        return true;
    case 0x66:
        i->opsize_prefix = true;
        return true;
    case 0x67:
        i->addr_prefix = true;
        return true;
    case 0xf0:
        i->lock = true;
        return true;
    case 0xf2:
        i->repnz = true;
        i->repz = false;
        return true;
    case 0xf3:
        i->repz = true;
        i->repnz = false;
        return true;
    default:
        return false;
    }
}

/* C4 and C5 (SDM 2.3.5). The first byte has been read. False: #UD. */
static bool vex_prefix(struct x86_insn *i, struct prefixes *p, struct reader *r, uint8_t first)
{
    static const uint8_t pp[4] = { XC_NP, XC_66, XC_F3, XC_F2 };
    uint8_t a = byte(r), b = first == 0xc5 ? (uint8_t)(a & 0x7f) : byte(r), map = first == 0xc5 ? 1 : a & 31;

    if (p->rex || i->opsize_prefix || i->repz || i->repnz || i->lock || map < 1 || map > 3)
        return false;
    i->vex = true;
    p->r = a & 0x80 ? 0 : 8;
    if (first == 0xc4) {
        i->rex_x_b = (uint8_t)((a & 0x40 ? 0 : 2) | (a & 0x20 ? 0 : 1));
        i->rex_w = b & 0x80;
    }
    i->vvvv = ~b >> 3 & 15;
    i->vex_l = b & 4;
    p->pp = pp[b & 3];
    p->map = (enum x86_map)map;
    return true;
}

static bool is_vex(struct reader *r, uint8_t b, uint32_t mode)
{
    if (b != 0xc4 && b != 0xc5)
        return false;
    if (mode & X86_MODE_64)
        return true;
    if (!(mode & X86_MODE_PE) || mode & X86_MODE_VM)
        return false;
    if (r->n >= r->len) {
        r->over = true;
        return false;
    }
    return r->p[r->n] >= 0xc0;       /* LES and LDS have memory operands */
}

/* Up to and with the opcode. False: #UD. */
static bool prefixes(struct x86_insn *i, struct prefixes *p, struct reader *r, uint32_t mode)
{
    bool is64 = mode & X86_MODE_64;
    uint8_t b;

    for (;;) {
        b = byte(r);
        if (is64 && (b & 0xf0) == 0x40) {
            p->rex = b;
            continue;
        }
        if (!legacy_prefix(i, b, is64))
            break;
        p->rex = 0;                  /* counts only right before the opcode */
    }
    if (is_vex(r, b, mode)) {
        if (!vex_prefix(i, p, r, b))
            return false;
        if (!is64) {
            p->r = 0;
            i->rex_x_b = 0;
            i->vvvv &= 7;
        }
        i->opcode = byte(r);
        return true;
    }
    i->rex = p->rex;
    i->rex_w = p->rex & 8;
    p->r = p->rex & 4 ? 8 : 0;
    i->rex_x_b = p->rex & 3;
    p->pp = i->repz ? XC_F3 : i->repnz ? XC_F2 : i->opsize_prefix ? XC_66 : XC_NP;
    if (b == 0x0f) {
        b = byte(r);
        p->map = b == 0x38 ? X86_MAP_0F38 : b == 0x3a ? X86_MAP_0F3A : X86_MAP_0F;
        if (p->map != X86_MAP_0F)
            b = byte(r);
    }
    i->opcode = b;
    return true;
}

/* ---- sizes ------------------------------------------------------------------------------------ */

static void sizes(struct x86_insn *i, uint32_t mode, uint32_t flags)
{
    bool d32 = mode & X86_MODE_CS32;

    if (mode & X86_MODE_64) {
        i->asize = i->addr_prefix ? 2 : 3;
        i->osize = i->rex_w ? 3 : i->opsize_prefix ? 1 : 2;
        if (flags & XF_F64 || (flags & XF_D64 && i->osize == 2))
            i->osize = 3;
    } else {
        i->asize = d32 != i->addr_prefix ? 2 : 1;
        i->osize = d32 != i->opsize_prefix ? 2 : 1;
    }
}

/* ---- ModRM ------------------------------------------------------------------------------------ */

static void modrm_16(struct x86_insn *i, struct reader *r)
{
    static const int8_t base[8] = { X86_RBX, X86_RBX, X86_RBP, X86_RBP, X86_RSI, X86_RDI, X86_RBP, X86_RBX };
    static const int8_t index[8] = { X86_RSI, X86_RDI, X86_RSI, X86_RDI, -1, -1, -1, -1 };
    unsigned rm = i->modrm & 7;

    i->base = base[rm];
    i->index = index[rm];
    if (i->mod == 0 && rm == 6) {
        i->base = -1;
        i->disp = number(r, 1);
    } else if (i->mod) {
        i->disp = number(r, i->mod == 1 ? 0 : 1);
    }
}

static void sib(struct x86_insn *i, struct reader *r, bool vsib)
{
    uint8_t b = byte(r);

    i->scale = b >> 6;
    i->index = (int8_t)((b >> 3 & 7) | (i->rex_x_b & 2 ? 8 : 0));
    if (i->index == X86_RSP && !vsib)
        i->index = -1;
    i->base = (int8_t)((b & 7) | (i->rex_x_b & 1 ? 8 : 0));
    if ((b & 7) == 5 && i->mod == 0) {
        i->base = -1;
        i->disp = number(r, 2);
    }
}

static void memory(struct x86_insn *i, struct reader *r, uint32_t mode, bool vsib)
{
    i->base = i->index = -1;
    i->disp = 0;
    if (i->asize == 1) {
        modrm_16(i, r);
    } else {
        unsigned rm = i->modrm & 7;

        if (rm == 4) {
            sib(i, r, vsib);
        } else if (rm == 5 && i->mod == 0) {
            i->base = mode & X86_MODE_64 ? -2 : -1;
            i->disp = number(r, 2);
        } else {
            i->base = (int8_t)i->rm;
        }
        if (i->mod)
            i->disp = number(r, i->mod == 1 ? 0 : 2);
    }
    i->seg = (uint8_t)(i->seg_prefix >= 0 ? i->seg_prefix : i->base == X86_RSP || i->base == X86_RBP ? X86_SS : X86_DS);
}

/* ---- rows ------------------------------------------------------------------------------------- */

static bool matches(const struct x86_row *r, const struct x86_insn *i, const struct prefixes *p, uint32_t mode)
{
    uint32_t c = r->cond;
    bool is64 = mode & X86_MODE_64;

    if (c & XC_PFX && !(c & p->pp))
        return false;
    if ((c & XC_O64 && !is64) || (c & XC_I64 && is64))
        return false;
    if (c & XC_HAS_R && (i->modrm >> 3 & 7u) != (c >> 17 & 7))
        return false;
    if ((c & XC_MEM && i->mod == 3) || (c & XC_REG && i->mod != 3))
        return false;
    if (c & XC_HAS_RM && (i->mod != 3 || (i->modrm & 7u) != (c >> 21 & 7)))
        return false;
    if ((c & XC_W0 && i->rex_w) || (c & XC_W1 && !i->rex_w))
        return false;
    if ((c & XC_L0 && i->vex_l) || (c & XC_L1 && !i->vex_l))
        return false;
    if (c & (XC_OS16 | XC_OSX)) {
        bool os16 = is64 ? i->opsize_prefix && !i->rex_w : !(mode & X86_MODE_CS32) != i->opsize_prefix;

        return os16 ? c & XC_OS16 : c & XC_OSX;
    }
    return true;
}

static const struct x86_row *find_row(const struct x86_insn *i, const struct prefixes *p, uint32_t mode)
{
    for (unsigned n = lookup[p->map].first[i->vex][i->opcode]; n; n = lookup[p->map].next[n - 1])
        if (matches(&maps[p->map].rows[n - 1], i, p, mode))
            return &maps[p->map].rows[n - 1];
    return NULL;
}

unsigned x86_matching_rows(enum x86_map map, bool vex, uint8_t opcode, uint8_t modrm, unsigned pp, bool w, bool l, uint32_t mode,
                           const struct x86_row *row[2])
{
    struct x86_insn i = { .opcode = opcode, .modrm = modrm, .mod = modrm >> 6, .vex = vex, .rex_w = w, .vex_l = l, .opsize_prefix = pp == XC_66 };
    struct prefixes p = { .pp = (uint8_t)pp, .map = map };
    unsigned count = 0;

    for (unsigned n = lookup[map].first[vex][opcode]; n; n = lookup[map].next[n - 1])
        if (matches(&maps[map].rows[n - 1], &i, &p, mode)) {
            if (count < 2)
                row[count] = &maps[map].rows[n - 1];
            count++;
        }
    return count;
}

/* ---- operands --------------------------------------------------------------------------------- */

static void gpr(const struct x86_insn *i, struct x86_operand *o, unsigned reg, unsigned size)
{
    o->kind = XK_GPR;
    o->size = (uint8_t)size;
    o->reg = (uint8_t)reg;
    o->high = size == 0 && !i->rex && !i->vex && reg >= 4 && reg < 8;
    if (o->high)
        o->reg &= 3;
}

static void rm_or_mem(const struct x86_insn *i, struct x86_operand *o, enum x86_operand_kind kind, unsigned size)
{
    if (i->mod != 3) {
        o->kind = XK_MEM;
        o->size = (uint8_t)size;
    } else if (kind == XK_GPR) {
        gpr(i, o, i->rm, size);
    } else {
        o->kind = (uint8_t)kind;
        o->size = (uint8_t)size;
        o->reg = kind == XK_MMX ? i->rm & 7 : i->rm;
    }
}

static void reg(struct x86_operand *o, enum x86_operand_kind kind, unsigned n, unsigned size)
{
    o->kind = (uint8_t)kind;
    o->reg = (uint8_t)n;
    o->size = (uint8_t)size;
}

/* size: of the operand that it goes with */
static void immediate(struct x86_insn *i, struct x86_operand *o, struct reader *r, unsigned encoded, unsigned size)
{
    int64_t v = number(r, encoded);
    bool second = i->imm2 == 1;      /* set by the first: there is another */

    o->kind = XK_IMM;
    o->size = (uint8_t)size;
    o->imm = (uint64_t)v;
    if (second)
        i->imm2 = (uint64_t)v;
    else
        i->imm = (uint64_t)v;
}

static void moffs(struct x86_insn *i, struct x86_operand *o, struct reader *r, unsigned size)
{
    uint64_t v = (uint64_t)number(r, i->asize);

    o->kind = XK_MEM;
    o->size = (uint8_t)size;
    i->base = i->index = -1;
    i->disp = (int64_t)(i->asize == 2 ? (uint32_t)v : i->asize == 1 ? (uint16_t)v : v);
    i->seg = (uint8_t)(i->seg_prefix >= 0 ? i->seg_prefix : X86_DS);
}

static void far_pointer(struct x86_insn *i, struct x86_operand *o, struct reader *r)
{
    o->kind = XK_FAR;
    o->size = i->osize;
    i->imm = (uint64_t)number(r, i->osize) & (i->osize == 1 ? 0xffff : 0xffffffff);
    i->imm2 = (uint64_t)number(r, 1) & 0xffff;
    o->imm = i->imm;
}

static unsigned z_size(const struct x86_insn *i)
{
    return i->osize == 1 ? 1 : 2;
}

/* False: #UD. */
static bool operand(struct x86_insn *i, struct x86_operand *o, enum x86_operand_code code, struct reader *r, uint8_t rex_b)
{
    unsigned y = i->rex_w && i->is64 ? 3 : 2, x = i->vex_l ? 5 : 4;

    switch (code) {
    case XO_NONE: case XO_COUNT:
        return true;
    case XO_Ap: far_pointer(i, o, r); return true;
    case XO_Cy: reg(o, XK_CR, i->reg, 0); return i->reg < 5 ? i->reg != 1 : i->reg == 8;
    case XO_Dy: reg(o, XK_DR, i->reg, 0); return i->reg < 8;
    case XO_Eb: rm_or_mem(i, o, XK_GPR, 0); return true;
    case XO_Ew: rm_or_mem(i, o, XK_GPR, 1); return true;
    case XO_Ed: rm_or_mem(i, o, XK_GPR, 2); return true;
    case XO_Eq: rm_or_mem(i, o, XK_GPR, 3); return true;
    case XO_Ev: rm_or_mem(i, o, XK_GPR, i->osize); return true;
    case XO_Ey: rm_or_mem(i, o, XK_GPR, y); return true;
    case XO_Gb: gpr(i, o, i->reg, 0); return true;
    case XO_Gw: gpr(i, o, i->reg, 1); return true;
    case XO_Gd: gpr(i, o, i->reg, 2); return true;
    case XO_Gq: gpr(i, o, i->reg, 3); return true;
    case XO_Gv: gpr(i, o, i->reg, i->osize); return true;
    case XO_Gz: gpr(i, o, i->reg, z_size(i)); return true;
    case XO_Gy: gpr(i, o, i->reg, y); return true;
    case XO_Ib: immediate(i, o, r, 0, 0); o->imm &= 0xff; return true;
    case XO_Ibs: immediate(i, o, r, 0, i->osize); return true;
    case XO_Iw: immediate(i, o, r, 1, 1); o->imm &= 0xffff; return true;
    case XO_Iz: immediate(i, o, r, z_size(i), i->osize); return true;
    case XO_Iv: immediate(i, o, r, i->osize, i->osize); return true;
    case XO_Jb: immediate(i, o, r, 0, 3); return true;
    case XO_Jz: immediate(i, o, r, z_size(i), 3); return true;
    case XO_M: case XO_Mp: case XO_Ma: case XO_Ms: case XO_Mv: case XO_Mt: rm_or_mem(i, o, XK_GPR, i->osize); return i->mod != 3;
    case XO_Mb: rm_or_mem(i, o, XK_GPR, 0); return i->mod != 3;
    case XO_Mw: rm_or_mem(i, o, XK_GPR, 1); return i->mod != 3;
    case XO_Md: rm_or_mem(i, o, XK_GPR, 2); return i->mod != 3;
    case XO_Mq: rm_or_mem(i, o, XK_GPR, 3); return i->mod != 3;
    case XO_My: rm_or_mem(i, o, XK_GPR, y); return i->mod != 3;
    case XO_Mdq: rm_or_mem(i, o, XK_XMM, 4); return i->mod != 3;
    case XO_Mqq: rm_or_mem(i, o, XK_XMM, 5); return i->mod != 3;
    case XO_Mx: rm_or_mem(i, o, XK_XMM, x); return i->mod != 3;
    case XO_Ob: moffs(i, o, r, 0); return true;
    case XO_Ov: moffs(i, o, r, i->osize); return true;
    case XO_Rb: gpr(i, o, i->rm, 0); return i->mod == 3;
    case XO_Rw: gpr(i, o, i->rm, 1); return i->mod == 3;
    case XO_Rd: gpr(i, o, i->rm, 2); return i->mod == 3;
    case XO_Rq: gpr(i, o, i->rm, 3); return i->mod == 3;
    case XO_Rv: gpr(i, o, i->rm, i->osize); return i->mod == 3;
    case XO_Ry: gpr(i, o, i->rm, y); return i->mod == 3;
    case XO_Sw: reg(o, XK_SEG, i->modrm >> 3 & 7, 1); return o->reg < 6;
    case XO_Zb: gpr(i, o, (i->opcode & 7) | rex_b, 0); return true;
    case XO_Zv: gpr(i, o, (i->opcode & 7) | rex_b, i->osize); return true;
    case XO_By: gpr(i, o, i->vvvv, y); return true;
    case XO_AL: gpr(i, o, X86_RAX, 0); return true;
    case XO_CL: gpr(i, o, X86_RCX, 0); return true;
    case XO_AX: gpr(i, o, X86_RAX, 1); return true;
    case XO_DX: gpr(i, o, X86_RDX, 1); return true;
    case XO_rAX: gpr(i, o, X86_RAX, i->osize); return true;
    case XO_one: o->kind = XK_IMM; o->imm = 1; return true;
    case XO_Pq: reg(o, XK_MMX, i->reg & 7, 3); return true;
    case XO_Pd: reg(o, XK_MMX, i->reg & 7, 2); return true;
    case XO_Qq: rm_or_mem(i, o, XK_MMX, 3); return true;
    case XO_Qd: rm_or_mem(i, o, XK_MMX, 2); return true;
    case XO_Nq: rm_or_mem(i, o, XK_MMX, 3); return i->mod == 3;
    case XO_Vx: reg(o, XK_XMM, i->reg, x); return true;
    case XO_Vdq: reg(o, XK_XMM, i->reg, 4); return true;
    case XO_Vqq: reg(o, XK_XMM, i->reg, 5); return true;
    case XO_Vq: case XO_Vsd: reg(o, XK_XMM, i->reg, 3); return true;
    case XO_Vd: case XO_Vss: reg(o, XK_XMM, i->reg, 2); return true;
    case XO_Hx: reg(o, XK_XMM, i->vvvv, x); return true;
    case XO_Hdq: reg(o, XK_XMM, i->vvvv, 4); return true;
    case XO_Hqq: reg(o, XK_XMM, i->vvvv, 5); return true;
    case XO_Lx: case XO_Ldq: immediate(i, o, r, 0, 0); reg(o, XK_XMM, (uint8_t)i->imm >> 4 & (i->is64 ? 15 : 7), code == XO_Lx ? x : 4); return true;
    case XO_Ux: rm_or_mem(i, o, XK_XMM, x); return i->mod == 3;
    case XO_Udq: rm_or_mem(i, o, XK_XMM, 4); return i->mod == 3;
    case XO_Uqq: rm_or_mem(i, o, XK_XMM, 5); return i->mod == 3;
    case XO_Uq: rm_or_mem(i, o, XK_XMM, 3); return i->mod == 3;
    case XO_Ud: rm_or_mem(i, o, XK_XMM, 2); return i->mod == 3;
    case XO_Wx: rm_or_mem(i, o, XK_XMM, x); return true;
    case XO_Wdq: rm_or_mem(i, o, XK_XMM, 4); return true;
    case XO_Wqq: rm_or_mem(i, o, XK_XMM, 5); return true;
    case XO_Wq: case XO_Wsd: rm_or_mem(i, o, XK_XMM, 3); return true;
    case XO_Wd: case XO_Wss: rm_or_mem(i, o, XK_XMM, 2); return true;
    case XO_Ww: rm_or_mem(i, o, XK_XMM, 1); return true;
    case XO_Wb: rm_or_mem(i, o, XK_XMM, 0); return true;
    }
    return false;
}

static bool is_immediate(enum x86_operand_code code)
{
    return code == XO_Ib || code == XO_Ibs || code == XO_Iw || code == XO_Iz || code == XO_Iv || code == XO_Lx || code == XO_Ldq;
}

static bool operands(struct x86_insn *i, struct reader *r)
{
    int n = 0;

    for (int k = 0; k < 4; k++) {
        enum x86_operand_code code = (enum x86_operand_code)i->row->op[k];

        if (is_immediate(code) && n++)
            i->imm2 = 1;             /* immediate() puts it there */
        if (!operand(i, &i->op[k], code, r, i->rex_x_b & 1 ? 8 : 0))
            return false;
    }
    return true;
}

/* LOCK is for read-modify-write instructions with their destination in memory; VEX.vvvv where unused. */
static bool allowed(const struct x86_insn *i, const struct x86_cpu *cpu)
{
    const struct x86_row *r = i->row;

    if (r->flags & XF_UD || (i->lock && (!(r->flags & XF_LOCK) || i->mod == 3)))
        return false;
    if (i->vex && r->cond & XC_NOVVVV && i->vvvv)
        return false;
    return !cpu || r->feature == X86_F_NONE || x86_has(cpu, (enum x86_feature)r->feature);
}

enum x86_decoded x86_decode_bytes(const struct x86_cpu *cpu, const uint8_t *bytes, unsigned len, uint64_t pc, uint32_t mode, struct x86_insn *i)
{
    struct reader r = { .p = bytes, .len = MIN(len, 15) };
    struct prefixes p = { .map = X86_MAP_1, .pp = XC_NP };
    bool ok;

    *i = (struct x86_insn){ .pc = pc, .seg_prefix = -1, .base = -1, .index = -1, .mod = 3, .is64 = mode & X86_MODE_64 };
    ok = prefixes(i, &p, &r, mode);
    if (ok && lookup[p.map].modrm[i->vex][i->opcode]) {
        i->modrm = byte(&r);
        i->mod = i->modrm >> 6;
        if (p.map == X86_MAP_0F && !i->vex && (i->opcode & 0xfc) == 0x20)
            i->mod = 3;          /* moves of control and debug registers ignore it (SDM 2, MOV) */
        i->reg = (uint8_t)((i->modrm >> 3 & 7) | p.r);
        i->rm = (uint8_t)((i->modrm & 7) | (i->rex_x_b & 1 ? 8 : 0));
    }
    i->row = ok && !r.over ? find_row(i, &p, mode) : NULL;
    if (i->row) {
        sizes(i, mode, i->row->flags);
        if (row_has_modrm(i->row) && i->mod != 3)
            memory(i, &r, mode, i->row->flags & XF_VSIB);
        ok = operands(i, &r) && allowed(i, cpu);
    }
    i->len = (uint8_t)r.n;
    i->next = pc + r.n;
    if (r.over)
        return len >= 15 ? X86_TOO_LONG : X86_NEXT_PAGE;
    return i->row && ok ? X86_DECODED : X86_UNDEFINED;
}

enum x86_decoded x86_decode(struct x86_ctx *s, uint64_t pc, bool first, struct x86_insn *i)
{
    struct cpu *cpu = &s->cpu->cpu;
    unsigned room, more, n;
    const uint8_t *p = cpu_fetch_bytes(cpu, pc, &room);
    enum x86_decoded d = x86_decode_bytes(s->cpu, p, room, pc, s->mode, i);
    uint8_t both[15];

    if (d != X86_NEXT_PAGE || !first)
        return d;
    n = MIN(room, sizeof(both));
    memcpy(both, p, n);
    p = cpu_fetch_bytes(cpu, pc + n, &more);
    memcpy(both + n, p, MIN(more, sizeof(both) - n));
    return x86_decode_bytes(s->cpu, both, sizeof(both), pc, s->mode, i);
}
