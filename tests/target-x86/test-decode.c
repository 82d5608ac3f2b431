/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The opcode maps: no two rows match the same encoding, and what they decode has the length that Capstone sees, in 16-, 32- and 64-bit code. What
 * one of them decodes and the other does not must be in a list, with the reason.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "target-x86/decode.h"
#include "tests/suite.h"
#include "tests/target-x86/capstone.h"
#include "util/rng.h"

static const struct {
    unsigned bits;
    uint32_t mode;
} modes[] = {
    { 16, X86_MODE_PE },
    { 32, X86_MODE_PE | X86_MODE_CS32 | X86_MODE_SS32 | X86_MODE_FLAT_CS | X86_MODE_FLAT_DATA },
    { 64, X86_MODE_PE | X86_MODE_LMA | X86_MODE_64 | X86_MODE_FLAT_CS | X86_MODE_FLAT_DATA },
};

static void one_opcode(enum x86_map map, unsigned vex, unsigned opcode, uint32_t mode)
{
    static const uint8_t prefixes[] = { XC_NP, XC_66, XC_F3, XC_F2 };

    for (unsigned n = 0; n < 256 * 4 * 4; n++) {
        unsigned modrm = n & 0xff, pp = prefixes[n >> 8 & 3], w = n >> 10 & 1, l = n >> 11;
        const struct x86_row *row[2];

        if (x86_matching_rows(map, vex, (uint8_t)opcode, (uint8_t)modrm, pp, w, l, mode, row) > 1)
            ck_abort_msg("map %d vex %u opcode %02x modrm %02x prefix %u w %u l %u: rows %s and %s", (int)map, vex, opcode, modrm, pp, w, l,
                         row[0]->name, row[1]->name);
    }
}

START_TEST(rows_do_not_overlap)
{
    for (int map = 0; map < X86_NMAPS; map++)
        for (unsigned opcode = 0; opcode < 256; opcode++) {
            one_opcode((enum x86_map)map, 0, opcode, modes[_i].mode);
            if (map)
                one_opcode((enum x86_map)map, 1, opcode, modes[_i].mode);
        }
}
END_TEST

/* Beginnings of mnemonics that Capstone knows and the CPUs here do not have: extensions that are in no model, and control and debug registers
 * that do not exist (mov); SWAPGS outside 64-bit mode. */
static const char *const not_ours[] = {
    "vm", "inv", "skinit", "stgi", "clgi", "enc", "getsec", "femms", "pf", "pi2f", "pswapd", "pavgusb", "pmulhrw", "bnd", "xbegin", "xend", "xabort",
    "xtest", "rdseed", "sha", "k", "v", "clzero", "montmul", "xcrypt", "xstore", "extrq", "insertq", "movnts", "bl", "tzmsk", "t1mskc", "llwpcb",
    "slwpcb", "lwp", "fs", "xsave", "xrstor", "f", "ud", "mov ", "gf2p8", "cl1invmb", "rdm", "rdshr", "wrshr", "ptwrite", "incssp", "endbr", "swapgs",
};

/* What we take for an instruction and Capstone 4 does not, by row: any ModRM.rm of the fences, reserved NOPs, REX.R with segment registers, protection keys */
static const char *const not_theirs[] = { "LFENCE", "MFENCE", "MOV_to_seg", "MOV_from_seg", "NOP", "RDPKRU", "WRPKRU", "SALC", "RDPID" };

static bool is_listed(const char *const *list, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++)
        if (g_str_has_prefix(name, list[i]))
            return true;
    return false;
}

/* Prefixes are judged by the processor (diff-host): Capstone takes mandatory ones lightly, and 66h for one of near branches. */
static bool random_bytes(struct rng *r, uint8_t b[16])
{
    static const uint8_t prefixes[] = { 0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x26, 0x64, 0x65, 0x48, 0x41, 0x4c, 0xf0 };
    unsigned n = 0, map = rng_below(r, 6);
    bool prefixed = rng_below(r, 2);

    for (unsigned k = 0; k < 16; k++)
        b[k] = (uint8_t)rng_u32(r);
    if (prefixed)
        b[n++] = prefixes[rng_below(r, sizeof(prefixes))];
    if (map >= 2) {
        if (map == 5) {
            b[n++] = 0xc4;
            b[n] = (uint8_t)((b[n] & 0xe0) | (1 + rng_below(r, 3)));
            return prefixed;
        }
        b[n++] = 0x0f;
        if (map >= 3)
            b[n++] = map == 3 ? 0x38 : 0x3a;
    }
    return prefixed;
}

static bool is_prefix(uint8_t b)
{
    return b == 0x66 || b == 0x67 || (b & 0xfe) == 0xf2 || b == 0xf0 || (b & 0xe7) == 0x26 || (b & 0xfe) == 0x64 || (b & 0xf0) == 0x40;
}

START_TEST(lengths_are_those_of_capstone)
{
    unsigned ours = 0, both = 0, size;
    char text[192];
    uint8_t b[16];
    struct rng r;

    rng_init(&r, 4242 + (uint64_t)_i);
    for (unsigned n = 0; n < 300000; n++) {
        struct x86_insn i;
        enum x86_decoded d;
        bool found;

        bool prefixed = random_bytes(&r, b) || is_prefix(b[0]);
        d = x86_decode_bytes(NULL, b, 15, 0x1000, modes[_i].mode, &i);
        found = capstone_first(modes[_i].bits, b, text, &size);
        ours += d == X86_DECODED;
        if (d == X86_DECODED && found && size == i.len) {
            both++;
        } else if (d == X86_DECODED && found && !(i.row->flags & XF_F64 && (i.opsize_prefix || i.addr_prefix))) {
            ck_abort_msg("%u bits, %02x %02x %02x %02x %02x %02x: %s of %u bytes, Capstone: %s of %u", modes[_i].bits, b[0], b[1], b[2], b[3], b[4],
                         b[5], i.row->name, i.len, text, size);
        } else if (d == X86_DECODED && !found && !prefixed && modes[_i].bits > 16 && !is_listed(not_theirs, G_N_ELEMENTS(not_theirs), i.row->name)) {
            ck_abort_msg("%u bits, %02x %02x %02x %02x %02x %02x: %s, Capstone knows nothing", modes[_i].bits, b[0], b[1], b[2], b[3], b[4], b[5],
                         i.row->name);
        } else if (d == X86_UNDEFINED && found && !prefixed && modes[_i].bits > 16 && !is_listed(not_ours, G_N_ELEMENTS(not_ours), text)) {
            ck_abort_msg("%u bits, %02x %02x %02x %02x %02x %02x: undefined, Capstone: %s", modes[_i].bits, b[0], b[1], b[2], b[3], b[4], b[5],
                         text);
        }
    }
    ck_assert_uint_gt(ours, 100000);
    ck_assert_uint_gt(both, 80000);
}
END_TEST

static Suite *suite_decode(void)
{
    Suite *s = suite_create("target-x86/decode");
    TCase *t = tcase_create("maps");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, rows_do_not_overlap, 0, 3);
    tcase_add_loop_test(t, lengths_are_those_of_capstone, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_decode)
