/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff-host --decode: every opcode of the four maps, with every mandatory prefix and VEX field, ModRM.reg and
 * both kinds of ModRM.mod: does the host's processor raise #UD where our decoder does?
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/random/decode-host.h"
#include "util/bits.h"

/* What processors have that is not modelled */
static const struct {
    bool vex;
    uint8_t map, first, last;
    const char *what;
} later[] = {
    { false, X86_MAP_0F38, 0xc8, 0xcd, "SHA" },           { false, X86_MAP_0F3A, 0xcc, 0xcc, "SHA" },
    { false, X86_MAP_0F38, 0xf8, 0xf9, "MOVDIRI, MOVDIR64B, ENQCMD" }, { false, X86_MAP_0F38, 0xcf, 0xcf, "GFNI" },
    { false, X86_MAP_0F3A, 0xce, 0xcf, "GFNI" },          { false, X86_MAP_0F38, 0xd8, 0xdf, "Key Locker" },
    { false, X86_MAP_0F38, 0xf5, 0xf6, "CET" },           { false, X86_MAP_0F38, 0xfa, 0xfc, "Key Locker, RAO-INT" },
    { false, X86_MAP_0F, 0xae, 0xae, "PTWRITE, CET" },    { false, X86_MAP_0F, 0xc7, 0xc7, "XSAVES, XRSTORS, VMX" },
    { false, X86_MAP_0F, 0x78, 0x79, "VMX" },             { false, X86_MAP_0F38, 0x80, 0x81, "VMX" },
    { true, X86_MAP_0F, 0x41, 0x4b, "AVX-512 masks" },    { true, X86_MAP_0F, 0x90, 0x99, "AVX-512 masks" },
    { true, X86_MAP_0F3A, 0x30, 0x33, "AVX-512 masks" },  { true, X86_MAP_0F38, 0x49, 0x53, "AMX, AVX-VNNI" },
    { true, X86_MAP_0F38, 0x5c, 0x5e, "AMX" },            { true, X86_MAP_0F38, 0xcb, 0xcf, "SHA512, GFNI" },
    { true, X86_MAP_0F3A, 0xce, 0xcf, "GFNI" },           { true, X86_MAP_0F38, 0xdc, 0xdf, "VAES" },
    { true, X86_MAP_0F3A, 0x44, 0x44, "VPCLMULQDQ" },     { true, X86_MAP_0F38, 0xb0, 0xb5, "AVX-NE-CONVERT, AVX-IFMA" },
    { true, X86_MAP_0F38, 0xd2, 0xda, "AVX-VNNI-INT16, SM3, SM4" },  { true, X86_MAP_0F38, 0xe0, 0xef, "CMPCCXADD" },
    { true, X86_MAP_0F3A, 0xde, 0xde, "SM3" },            { true, X86_MAP_0F38, 0x72, 0x72, "AVX-NE-CONVERT" },
    { true, X86_MAP_0F38, 0x6c, 0x6c, "AMX" },
};

/* What is not run: it enters the kernel, or changes selectors or the thread pointer. */
static const uint8_t dangerous_1[] = { 0x07, 0x17, 0x1f, 0x8c, 0x8e, 0x9a, 0xca, 0xcb, 0xcd, 0xcf, 0xea };
static const uint8_t dangerous_0f[] = { 0x00, 0x05, 0x34, 0xa1, 0xa9, 0xb2, 0xb4, 0xb5 };
/* Prefixes, escapes, VEX and EVEX */
static const uint8_t no_opcode_1[] = { 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3 };

struct walk {
    struct host_x86 *host;
    struct x86_cpu cpu;          /* has the host's features */
    bool bits32;
    unsigned n, wrong;
    uint64_t tried;
    struct {
        uint8_t bytes[15], map, opcode;
        bool vex;
    } item[HOST_BATCH];
};

static bool contains(const uint8_t *list, size_t n, uint8_t b)
{
    return memchr(list, b, n) != NULL;
}

static bool is_later(const struct walk *w, unsigned k)
{
    for (unsigned i = 0; i < ARRAY_SIZE(later); i++) {
        if (later[i].vex == w->item[k].vex && later[i].map == w->item[k].map && w->item[k].opcode >= later[i].first &&
            w->item[k].opcode <= later[i].last) {
            return true;
        }
    }
    return false;
}

static void check(struct walk *w, unsigned k, const struct x86_outcome *o)
{
    uint32_t mode = 3 | X86_MODE_PE | X86_MODE_LMA | (w->bits32 ? X86_MODE_CS32 | X86_MODE_SS32 : X86_MODE_64);
    struct x86_insn i;
    bool host = !(o->vector == X86_UD && o->rip == X86_CODE_START);
    bool we = x86_decode_bytes(&w->cpu, w->item[k].bytes, 15, X86_CODE_START, mode, &i) == X86_DECODED;

    /* handlers have the last word where registers of the operands matter */
    if (host == we || (we && (strcmp(i.row->name, "VGATHER") == 0 || strcmp(i.row->name, "SYSRET") == 0 ||
                              strcmp(i.row->name, "RSM") == 0)) || (host && is_later(w, k))) {
        return;
    }
    printf("decode, %d bits: %s:", w->bits32 ? 32 : 64, we ? "the host has no" : "we have no");
    for (unsigned b = 0; b < 6; b++) {
        printf(" %02x", w->item[k].bytes[b]);
    }
    printf(" %s\n", we ? i.row->name : "");
    w->wrong++;
}

static bool flush(struct walk *w)
{
    struct x86_case *c = host_x86_cases(w->host, 0);
    GError *err = NULL;

    for (unsigned k = 0; k < w->n; k++) {
        memset(&c[k], 0, sizeof(c[k]));
        for (int r = 0; r < 16; r++) {
            c[k].r[r] = X86_WINDOW_BASE + X86_WINDOW_SIZE / 2;
        }
        c[k].r[X86_RAX] = c[k].r[X86_RDX] = 0;
        c[k].r[X86_RCX] = 1;
        c[k].eflags = X86_FL_1 | X86_FL_IF;
        c[k].bits32 = w->bits32;
        c[k].code_bytes = sizeof(w->item[k].bytes);
        memcpy(c[k].code, w->item[k].bytes, sizeof(w->item[k].bytes));
        c[k].fp.fcw = 0x37f;
        c[k].fp.mxcsr = 0x1f80;
        c[k].fp.header[0] = 7;
    }
    host_x86_start(w->host, 0, w->n);
    if (!host_x86_wait(w->host, 0, &err)) {
        printf("decode: %s\n", err->message);
        g_error_free(err);
        return false;
    }
    for (unsigned k = 0; k < w->n; k++) {
        check(w, k, &host_x86_outcomes(w->host, 0)[k]);
    }
    w->tried += w->n;
    w->n = 0;
    return true;
}

static bool add(struct walk *w, unsigned map, bool vex, uint8_t opcode, const uint8_t *bytes, unsigned n)
{
    memset(w->item[w->n].bytes, 0, sizeof(w->item[w->n].bytes));
    memcpy(w->item[w->n].bytes, bytes, n);
    w->item[w->n].map = (uint8_t)map;
    w->item[w->n].vex = vex;
    w->item[w->n].opcode = opcode;
    return ++w->n < HOST_BATCH || flush(w);
}

/* ModRM: memory at RBX + 0, or register 1 */
static uint8_t modrm(unsigned m)
{
    return (uint8_t)(m < 8 ? 0x83 | m << 3 : 0xc1 | (m & 7) << 3);
}

static bool is_dangerous(const struct walk *w, unsigned map, unsigned op, unsigned m, unsigned prefix)
{
    if (map == X86_MAP_1) {
        return contains(dangerous_1, sizeof(dangerous_1), (uint8_t)op) || contains(no_opcode_1, sizeof(no_opcode_1), (uint8_t)op) ||
               (!w->bits32 && (op & 0xf0) == 0x40) || (op == 0xff && (m == 3 || m == 5));
    }
    return map == X86_MAP_0F && (contains(dangerous_0f, sizeof(dangerous_0f), (uint8_t)op) || op == 0x38 || op == 0x3a ||
                                 ((op == 0x01 || op == 0xc7 || (op == 0xae && prefix == 0xf3)) && m >= 8));
}

static bool walk_legacy(struct walk *w)
{
    static const uint8_t prefixes[] = { 0, 0x66, 0xf3, 0xf2 };

    for (unsigned k = 0; k < 4 * 4 * 256 * 16; k++) {
        unsigned map = k >> 14, prefix = prefixes[k >> 12 & 3], op = k >> 4 & 255, m = k & 15, n = 0;
        uint8_t b[8];

        if (is_dangerous(w, map, op, m, prefix)) {
            continue;
        }
        if (prefix) {
            b[n++] = (uint8_t)prefix;
        }
        if (map != X86_MAP_1) {
            b[n++] = 0x0f;
        }
        if (map >= X86_MAP_0F38) {
            b[n++] = map == X86_MAP_0F38 ? 0x38 : 0x3a;
        }
        b[n++] = (uint8_t)op;
        b[n++] = modrm(m);
        if (!add(w, map, false, (uint8_t)op, b, n)) {
            return false;
        }
    }
    return flush(w);
}

/* W, L, vvvv unused or 1, pp */
static bool walk_vex(struct walk *w)
{
    for (unsigned k = 0; k < 3 * 4 * 8 * 256 * 16; k++) {
        unsigned map = 1 + (k >> 17), pp = k >> 15 & 3, fields = k >> 12 & 7, op = k >> 4 & 255, m = k & 15;
        uint8_t b[5] = { 0xc4, (uint8_t)(0xe0 | map), (uint8_t)((fields & 4 ? 0x80 : 0) | (fields & 2 ? 0x70 : 0x78) | (fields & 1) << 2 | pp),
                         (uint8_t)op, modrm(m) };

        if (!add(w, map, true, (uint8_t)op, b, sizeof(b))) {
            return false;
        }
    }
    return flush(w);
}

bool decode_host(struct host_x86 *host, const uint32_t features[16])
{
    struct walk *w = g_new0(struct walk, 1);
    bool ok = true;

    w->host = host;
    memcpy(w->cpu.features, features, sizeof(w->cpu.features));
    for (int bits = 0; bits < 2 && ok; bits++) {
        w->bits32 = bits;
        ok = walk_legacy(w) && walk_vex(w);
    }
    printf("decode: %" G_GUINT64_FORMAT " encodings, %u differ\n", w->tried, w->wrong);
    ok = ok && !w->wrong;
    g_free(w);
    return ok;
}
