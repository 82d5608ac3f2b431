/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pointer authentication (DDI 0487 D8.8, pseudocode AddPAC, Auth, Strip, ComputePAC): where the code lies in a pointer, what
 * happens to pointers that are not canonical, and two algorithms for the code.
 *
 * QARMA5 is the architected one (R. Avanzi, "The QARMA Block Cipher Family", with five rounds and the S-box sigma 1). The default is an
 * implementation defined one: a keyed mix of multiplications and shifts, some 3 ns instead of 100. It keeps what software relies on (the code
 * depends on every bit of pointer, modifier and key), and is no secret to who sees many codes.
 *
 * Owner: the vCPU's thread.
 */
#include "config.h"
#include "target-arm/system.h"
#include "target-arm/helpers-arm.h"

/* ---- QARMA5 ----------------------------------------------------------------------------------- */
/* A state is 16 cells of 4 bits; cell i here is bits 4i+3:4i. */

static const uint64_t round_constant[5] = {
    0, 0x13198a2e03707344u, 0xa4093822299f31d0u, 0x082efa98ec4e6c89u, 0x452821e638d01377u };
#define ALPHA 0xc0ac29b7c97c50ddu

/* Where cell i comes from */
static const uint8_t cell_shuffle[16] = { 13, 6, 11, 0, 7, 12, 1, 10, 8, 3, 14, 5, 2, 9, 4, 15 };
static const uint8_t tweak_shuffle[16] = { 4, 5, 6, 7, 11, 2, 3, 8, 12, 13, 14, 15, 0, 1, 10, 9 };
/* Cells of the shuffled tweak that pass the shift register */
#define TWEAK_ROTATED (1u << 2 | 1u << 4 | 1u << 7 | 1u << 11 | 1u << 12 | 1u << 14 | 1u << 15)

static const uint8_t sub_cell[16] = { 0xb, 0x6, 0x8, 0xf, 0xc, 0x0, 0x9, 0xe, 0x3, 0x7, 0x4, 0x5, 0xd, 0x2, 0x1, 0xa };
static const uint8_t inverse_sub_cell[16] = { 0x5, 0xe, 0xd, 0x8, 0xa, 0xb, 0x1, 0x9, 0x2, 0x6, 0xf, 0x0, 0x4, 0xc, 0x7, 0x3 };

static unsigned cell(uint64_t s, unsigned i)
{
    return s >> (4 * i) & 15;
}

static uint64_t shuffle(uint64_t s)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16; i++)
        r |= (uint64_t)cell(s, cell_shuffle[i]) << 4 * i;
    return r;
}

static uint64_t inverse_shuffle(uint64_t s)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16; i++)
        r |= (uint64_t)cell(s, i) << 4 * cell_shuffle[i];
    return r;
}

static uint64_t substitute(uint64_t s, const uint8_t *box)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16; i++)
        r |= (uint64_t)box[cell(s, i)] << 4 * i;
    return r;
}

static unsigned rotate_cell(unsigned c, unsigned n)
{
    return (c << n | c >> (4 - n)) & 15;
}

/* Each column of four cells times the circulant matrix with rotations 0, 1, 2, 1 */
static uint64_t mix_columns(uint64_t s)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned a = cell(s, i), b = cell(s, i + 4), c = cell(s, i + 8), d = cell(s, i + 12);

        r |= (uint64_t)(rotate_cell(d, 1) ^ rotate_cell(c, 2) ^ rotate_cell(b, 1)) << 4 * i;
        r |= (uint64_t)(rotate_cell(d, 2) ^ rotate_cell(c, 1) ^ rotate_cell(a, 1)) << 4 * (i + 4);
        r |= (uint64_t)(rotate_cell(d, 1) ^ rotate_cell(b, 1) ^ rotate_cell(a, 2)) << 4 * (i + 8);
        r |= (uint64_t)(rotate_cell(c, 1) ^ rotate_cell(b, 2) ^ rotate_cell(a, 1)) << 4 * (i + 12);
    }
    return r;
}

/* The shift register of a tweak cell and back */
static unsigned step_cell(unsigned c)
{
    return c >> 1 | ((c ^ c >> 1) & 1) << 3;
}

static unsigned step_cell_back(unsigned c)
{
    return (c << 1 & 15) | ((c ^ c >> 3) & 1);
}

static uint64_t next_tweak(uint64_t t)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned c = cell(t, tweak_shuffle[i]);

        r |= (uint64_t)(TWEAK_ROTATED >> i & 1 ? step_cell(c) : c) << 4 * i;
    }
    return r;
}

static uint64_t previous_tweak(uint64_t t)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned c = cell(t, i);

        r |= (uint64_t)(TWEAK_ROTATED >> i & 1 ? step_cell_back(c) : c) << 4 * tweak_shuffle[i];
    }
    return r;
}

static uint64_t qarma5(uint64_t data, uint64_t modifier, const uint64_t key[2])
{
    uint64_t key0 = key[1], key1 = key[0], tweak = modifier, s = data ^ key0;
    uint64_t mod_key0 = key0 << 63 | (key0 >> 1 ^ key0 >> 63);

    for (unsigned i = 0; i < 5; i++) {
        s ^= key1 ^ tweak ^ round_constant[i];
        if (i)
            s = mix_columns(shuffle(s));
        s = substitute(s, sub_cell);
        tweak = next_tweak(tweak);
    }
    s = substitute(mix_columns(shuffle(s ^ mod_key0 ^ tweak)), sub_cell);
    s = inverse_shuffle(mix_columns(shuffle(s)) ^ key1);
    s = inverse_shuffle(mix_columns(substitute(s, inverse_sub_cell)));
    s ^= key0 ^ tweak;
    for (unsigned i = 0; i < 5; i++) {
        s = substitute(s, inverse_sub_cell);
        if (i < 4)
            s = inverse_shuffle(mix_columns(s));
        tweak = previous_tweak(tweak);
        s ^= round_constant[4 - i] ^ key1 ^ tweak ^ ALPHA;
    }
    return s ^ mod_key0;
}

/* ---- the implementation defined algorithm --------------------------------------------------------- */

static uint64_t mix(uint64_t x, uint64_t odd)
{
    x *= odd;
    return x ^ x >> 32;
}

static uint64_t fast_code(uint64_t data, uint64_t modifier, const uint64_t key[2])
{
    uint64_t x = mix(data ^ key[0], 0x9fb21c651e98df25u);

    x = mix(x + (modifier ^ key[1]), 0xd6e8feb86659fd93u);
    return mix(x ^ key[0] >> 17, 0xa0761d6478bd642fu);
}

uint64_t arm64_pac(const struct arm_cpu *a, uint64_t data, uint64_t modifier, const uint64_t key[2])
{
    return a->pauth_qarma ? qarma5(data, modifier, key) : fast_code(data, modifier, key);
}

/* ---- pointers ----------------------------------------------------------------------------------- */

/* arm64_regime, short for CPUs without EL2: compiled code may do this twice in each function. */
static enum arm64_regime regime_of(const struct arm_cpu *a)
{
    if (arm_has(a, ARM_EL2))
        return arm64_regime(a);
    return a->sys64.el == 3 ? REGIME_EL3 : REGIME_EL10;
}

/* The code is in bits top:bottom, without bit 55 when that is between. */
struct layout {
    bool upper;              /* bit 55 as it is, or will be */
    bool tbi;                /* the top byte is not address */
    unsigned bottom;
};

static uint64_t below(unsigned bit)
{
    return ((uint64_t)1 << bit) - 1;
}

static bool tbi_of(uint64_t tcr, bool two, bool upper, bool data)
{
    bool tbi = tcr >> (two ? 37 + upper : 20) & 1, tbid = tcr >> (two ? 51 + upper : 29) & 1;

    return tbi && (data || !tbid);
}

static struct layout layout_of(const struct arm_cpu *a, uint64_t ptr, bool data, bool adding)
{
    enum arm64_regime r = regime_of(a);
    bool two = r == REGIME_EL10 || r == REGIME_EL20, upper = ptr >> 55 & 1;
    uint64_t tcr = a->sys64.tcr[r == REGIME_EL10 ? 1 : r == REGIME_EL3 ? 3 : 2];
    unsigned tsz;

    if (adding && two) {
        upper = ptr >> (tbi_of(tcr, true, false, data) || tbi_of(tcr, true, true, data) ? 55 : 63) & 1;
    } else if (adding) {
        upper = ptr >> (tbi_of(tcr, false, false, data) ? 55 : 63) & 1;
    }
    tsz = tcr >> (two && upper ? 16 : 0) & 63;
    tsz = tsz < 16 ? 16 : tsz > 48 ? 48 : tsz;
    return (struct layout){ upper, tbi_of(tcr, two, two && upper, data), 64 - tsz };
}

/* Bits of the pointer that hold the code */
static uint64_t field_of(const struct layout *l)
{
    uint64_t top = l->tbi ? 0 : (uint64_t)0xff << 56;

    return top | (below(55) & ~below(l->bottom));
}

/* The pointer with bit 55's value in place of the code */
static uint64_t extended(const struct layout *l, uint64_t ptr)
{
    uint64_t field = field_of(l) | (uint64_t)1 << 55;

    return (ptr & ~field) | (l->upper ? field : 0);
}

uint64_t arm64_pac_add(const struct arm_cpu *a, uint64_t ptr, uint64_t modifier, const uint64_t key[2], bool data)
{
    struct layout l = layout_of(a, ptr, data, true);
    uint64_t field = field_of(&l), pac = arm64_pac(a, extended(&l, ptr), modifier, key);
    uint64_t sign = (l.tbi ? below(56) : UINT64_MAX) & ~below(l.bottom);

    /* A pointer that was not canonical gets a wrong code */
    if (ptr & sign && (ptr & sign) != sign)
        pac ^= (uint64_t)1 << (l.tbi ? 54 : 62);
    return (extended(&l, ptr) & ~field) | (pac & field);
}

uint64_t arm64_pac_auth(const struct arm_cpu *a, uint64_t ptr, uint64_t modifier, const uint64_t key[2], bool data, bool key_b)
{
    struct layout l = layout_of(a, ptr, data, false);
    uint64_t original = extended(&l, ptr), pac = arm64_pac(a, original, modifier, key), error = key_b ? 2 : 1;
    unsigned at = l.tbi ? 53 : 61;

    if (!((pac ^ ptr) & field_of(&l)))
        return original;
    return (original & ~((uint64_t)3 << at)) | error << at;
}

uint64_t arm64_pac_strip(const struct arm_cpu *a, uint64_t ptr, bool data)
{
    struct layout l = layout_of(a, ptr, data, false);

    return extended(&l, ptr);
}

/* ---- instructions ------------------------------------------------------------------------------- */

/* SCTLR_ELx.EnIA, EnIB, EnDA, EnDB */
static bool enabled(const struct arm_cpu *a, enum arm64_apkey key)
{
    static const uint64_t bit[] = { SCTLR64_ENIA, SCTLR64_ENIB, SCTLR64_ENDA, SCTLR64_ENDB };
    enum arm64_regime r = regime_of(a);

    return a->sys64.sctlr[r == REGIME_EL10 ? 1 : r == REGIME_EL3 ? 3 : 2] & bit[key];
}

/* HCR_EL2.API and SCR_EL3.API (D8.8.4) */
static void check_trap(struct arm_cpu *a)
{
    uint64_t hcr;
    unsigned el = a->sys64.el;
    bool host;

    if (!arm_has(a, ARM_EL2) && !arm_has(a, ARM_EL3))
        return;
    hcr = arm64_hcr(a);
    host = el == 0 && (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
    if (el <= 1 && arm_has(a, ARM_EL2) && hcr && !host && !(hcr & HCR_API))
        arm64_raise(a, ESR_SYNDROME(EC_PAC, 0), 0, 2);
    if (el <= 2 && arm_has(a, ARM_EL3) && !(a->sys64.scr & SCR_API))
        arm64_raise(a, ESR_SYNDROME(EC_PAC, 0), 0, 3);
}

/* what: enum arm64_apkey, with 4 for authentication */
uint64_t helper_a64_pauth(struct tcg_env *env, uint64_t ptr, uint64_t modifier, uint32_t what)
{
    struct arm_cpu *a = ARM_ENV(env);
    enum arm64_apkey key = what & 3;
    bool data = key >= APKEY_DA, key_b = key & 1;

    if (!enabled(a, key))
        return ptr;
    check_trap(a);
    if (what & 4)
        return arm64_pac_auth(a, ptr, modifier, a->sys64.apkey[key], data, key_b);
    return arm64_pac_add(a, ptr, modifier, a->sys64.apkey[key], data);
}

uint64_t helper_a64_xpac(struct tcg_env *env, uint64_t ptr, uint32_t data)
{
    return arm64_pac_strip(ARM_ENV(env), ptr, data);
}

uint64_t helper_a64_pacga(struct tcg_env *env, uint64_t ptr, uint64_t modifier)
{
    struct arm_cpu *a = ARM_ENV(env);

    check_trap(a);
    return arm64_pac(a, ptr, modifier, a->sys64.apkey[APKEY_GA]) & 0xffffffff00000000u;
}
