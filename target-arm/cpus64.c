/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU models with AArch64 state. Values are the reset values in each core's Technical Reference Manual: Cortex-A53 r0p4 (DDI 0500),
 * Cortex-A57 r1p3 (DDI 0488), Cortex-A72 r0p3 (100095), Cortex-A76 r4p1 (100798), Neoverse N1 r4p1 (100616), without what is not
 * modelled here (Statistical Profiling). Features follow from the ID registers (DDI 0487 D17.2), so that the two never disagree.
 * The fields of EL2, EL3 and the GIC's system registers are those of the machine: sysregs64.c.
 */
#include "config.h"
#include <string.h>
#include "target-arm/arm.h"
#include "target-arm/cpus.h"

/* The ARMv8.0 cores differ from each other in caches, address sizes, and revisions. */
#define V8_0_COMMON                                                                                     \
    .mvfr0 = 0x10110222, .mvfr1 = 0x12111111, .mvfr2 = 0x00000043, .sctlr = 0x30c50838,                 \
    .id_pfr0 = 0x00000131, .id_pfr1 = 0x00010000, .id_dfr0 = 0x03010066,                                \
    .id_mmfr1 = 0x40000000, .id_mmfr2 = 0x01260000, .id_mmfr3 = 0x02102211,                             \
    .id_isar0 = 0x02101110, .id_isar1 = 0x13112111, .id_isar2 = 0x21232042, .id_isar3 = 0x01112131,     \
    .id_isar4 = 0x00011142, .id_isar5 = ISAR5,                                                          \
    .id_aa64pfr0 = 0x00001112, .id_aa64dfr0 = 0x10305106, .id_aa64isar0 = 0x00011120,                   \
    .dbgdidr = 0x3516d000, .clidr = 0x0a200023, .dczid = 4

/* Cortex-A76 and Neoverse N1 */
#define V8_2_COMMON                                                                                     \
    .ctr = 0x8444c004, .mvfr0 = 0x10110222, .mvfr1 = 0x12111111, .mvfr2 = 0x00000043,                   \
    .sctlr = 0x30c50838, .id_pfr0 = 0x10010131, .id_pfr1 = 0x00010000, .id_pfr2 = 0x00000011,           \
    .id_dfr0 = 0x04010088, .id_mmfr0 = 0x10201105, .id_mmfr1 = 0x40000000, .id_mmfr2 = 0x01260000,      \
    .id_mmfr3 = 0x02122211, .id_mmfr4 = 0x00021110,                                                     \
    .id_isar0 = 0x02101110, .id_isar1 = 0x13112111, .id_isar2 = 0x21232042, .id_isar3 = 0x01112131,     \
    .id_isar4 = 0x00010142, .id_isar5 = ISAR5,                                                          \
    .id_aa64pfr0 = 0x1100000010111112, .id_aa64dfr0 = 0x0000000010305408,                               \
    .id_aa64isar0 = 0x0000100010211120, .id_aa64isar1 = 0x0000000000100001,                             \
    .id_aa64mmfr1 = 0x0000000010212122, .id_aa64mmfr2 = 0x0000000000001011,                             \
    .clidr = 0x82000023, .dczid = 4

/* AArch32 at EL0 has CRC32 and SEVL; its cryptographic instructions, RDM, DP and half precision arithmetic are not modelled. */
#define ISAR5 0x00010001

static const struct arm_model models[] = {
    {
        .name = "cortex-a53", .desc = "Arm Cortex-A53 MPCore (ARMv8.0-A)", V8_0_COMMON,
        .midr = 0x410fd034, .fpsid = 0x41034070, .ctr = 0x84448004, .id_mmfr0 = 0x10101105,
        .id_aa64mmfr0 = 0x00001122, .ccsidr = { 0x700fe01a, 0x201fe01a, 0x707fe07a },
    },
    {
        .name = "cortex-a57", .desc = "Arm Cortex-A57 MPCore (ARMv8.0-A)", V8_0_COMMON,
        .midr = 0x411fd070, .fpsid = 0x41034070, .ctr = 0x8444c004, .id_mmfr0 = 0x10101105,
        .id_aa64mmfr0 = 0x00001124, .ccsidr = { 0x701fe00a, 0x201fe012, 0x70ffe07a },
    },
    {
        .name = "cortex-a72", .desc = "Arm Cortex-A72 MPCore (ARMv8.0-A)", V8_0_COMMON,
        .midr = 0x410fd083, .fpsid = 0x41034080, .ctr = 0x8444c004, .id_mmfr0 = 0x10201105,
        .id_aa64mmfr0 = 0x00001124, .ccsidr = { 0x701fe00a, 0x201fe012, 0x707fe07a },
    },
    {
        .name = "cortex-a76", .desc = "Arm Cortex-A76 (ARMv8.2-A)", V8_2_COMMON,
        .midr = 0x414fd0b1, .id_aa64pfr1 = 0x0000000000000010, .id_aa64mmfr0 = 0x0000000000101122,
        .ccsidr = { 0x701fe01a, 0x201fe01a, 0x707fe03a },
    },
    {
        .name = "neoverse-n1", .desc = "Arm Neoverse N1 (ARMv8.2-A)", V8_2_COMMON,
        .midr = 0x414fd0c1, .id_aa64pfr1 = 0x0000000000000020, .id_aa64mmfr0 = 0x0000000000101125,
        .ccsidr = { 0x701fe01a, 0x201fe01a, 0x70ffe03a },
    },
    {
        /* A part of nobody's (MIDR_EL1.Implementer 0: reserved for software use), so that no erratum of a core is worked round. */
        .name = "max", .desc = "everything that is modelled", .midr = 0x000f0510, .fpsid = 0x41034070, .ctr = 0x8444c004,
        .mvfr0 = 0x10110222, .mvfr1 = 0x12111111, .mvfr2 = 0x00000043, .sctlr = 0x30c50838,
        .id_pfr0 = 0x11010131, .id_pfr1 = 0x00010000, .id_pfr2 = 0x00000011, .id_dfr0 = 0x03010066,
        .id_mmfr0 = 0x10201105, .id_mmfr1 = 0x40000000, .id_mmfr2 = 0x01260000, .id_mmfr3 = 0x02122211, .id_mmfr4 = 0x00021110,
        .id_isar0 = 0x02101110, .id_isar1 = 0x13112111, .id_isar2 = 0x21232042, .id_isar3 = 0x01112131,
        .id_isar4 = 0x00011142, .id_isar5 = ISAR5,
        /* CSV3, CSV2 1, DIT; AdvSIMD and FP with half precision; AArch32 at EL0 */
        .id_aa64pfr0 = 0x1101000000111112,
        .id_aa64pfr1 = 0x0000000000000021,       /* SSBS with MSR and MRS, BTI */
        .id_aa64dfr0 = 0x0000000010305106,
        /* RNDR, TLBI OS and range, FlagM2, FHM, DP, SM4, SM3, SHA3, RDM, LSE, CRC32, SHA512, SHA1, AES with PMULL */
        .id_aa64isar0 = 0x1221111110212120,
        /* SB, FRINTTS, GPI and API (implementation defined pointer authentication), LRCPC2, FCMA, JSCVT, DPB2 */
        .id_aa64isar1 = 0x0000001110211102,
        /* 48-bit addresses, 16-bit ASIDs, mixed endian; 4, 16, 64 KiB granules */
        .id_aa64mmfr0 = 0x0000000000101125,
        /* XNX, PAN2, LOR, HPDS, VHE, 16-bit VMIDs, AF and dirty state by hardware */
        .id_aa64mmfr1 = 0x0000000010211122,
        /* E0PD, BBM 2, TTL hint, IDST, small tables, UAO, CnP */
        .id_aa64mmfr2 = 0x1021001010000011,
        .dbgdidr = 0x3516d000, .clidr = 0x0a200023, .ccsidr = { 0x701fe00a, 0x201fe012, 0x70ffe07a }, .dczid = 4,
    },
};

/* A feature is there when the field of the ID register has at least this value. */
struct id_rule {
    uint16_t reg;            /* offset in struct arm_model */
    uint8_t shift, least;
    uint8_t feature;         /* enum arm_feature */
};
#define RULE(reg, shift, least, feature) { offsetof(struct arm_model, id_aa64##reg), shift, least, ARM_##feature }
static const struct id_rule rules[] = {
    RULE(isar0, 4, 1, AES), RULE(isar0, 4, 2, PMULL), RULE(isar0, 8, 1, SHA1), RULE(isar0, 12, 1, SHA256),
    RULE(isar0, 12, 2, SHA512), RULE(isar0, 16, 1, CRC32), RULE(isar0, 20, 2, LSE), RULE(isar0, 28, 1, RDM),
    RULE(isar0, 32, 1, SHA3), RULE(isar0, 36, 1, SM3), RULE(isar0, 40, 1, SM4), RULE(isar0, 44, 1, DOTPROD),
    RULE(isar0, 48, 1, FHM), RULE(isar0, 52, 1, FLAGM), RULE(isar0, 52, 2, FLAGM2), RULE(isar0, 56, 1, TLBIOS),
    RULE(isar0, 56, 2, TLBIRANGE), RULE(isar0, 60, 1, RNG),
    RULE(isar1, 0, 1, DPB), RULE(isar1, 0, 2, DPB2), RULE(isar1, 4, 1, PAUTH), RULE(isar1, 8, 1, PAUTH), RULE(isar1, 12, 1, JSCVT),
    RULE(isar1, 16, 1, FCMA), RULE(isar1, 20, 1, LRCPC), RULE(isar1, 20, 2, LRCPC2), RULE(isar1, 32, 1, FRINTTS),
    RULE(isar1, 36, 1, SB),
    RULE(pfr1, 0, 1, BTI), RULE(pfr1, 4, 1, SSBS), RULE(pfr0, 48, 1, DIT),
    RULE(mmfr1, 0, 1, HAF), RULE(mmfr1, 0, 2, HAFDBS), RULE(mmfr1, 4, 2, VMID16), RULE(mmfr1, 8, 1, VHE), RULE(mmfr1, 12, 1, HPDS),
    RULE(mmfr1, 16, 1, LOR), RULE(mmfr1, 20, 1, PAN), RULE(mmfr1, 20, 2, PAN2), RULE(mmfr1, 28, 1, XNX),
    RULE(mmfr2, 4, 1, UAO), RULE(mmfr2, 28, 1, TTST), RULE(mmfr2, 32, 1, LSE2), RULE(mmfr2, 36, 1, IDST), RULE(mmfr2, 60, 1, E0PD),
};

void arm64_set_features(struct arm_cpu *a)
{
    /* What AArch32 at EL0 is in ARMv8 */
    static const uint8_t base[] = {
        ARM_V6, ARM_V6K, ARM_V7, ARM_THUMB2, ARM_DIV_ARM, ARM_DIV_THUMB, ARM_VFP2, ARM_VFP3, ARM_VFP4, ARM_D32, ARM_NEON,
        ARM_NEON_FMA, ARM_FP16, ARM_LPAE, ARM_GENERIC_TIMER, ARM_MP_EXT, ARM_V8, ARM_V8_FP, ARM_A64 };

    for (unsigned i = 0; i < G_N_ELEMENTS(base); i++)
        arm_set_feature(a, base[i], true);
    for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
        const struct id_rule *r = &rules[i];
        uint64_t v;

        memcpy(&v, (const uint8_t *)a->model + r->reg, sizeof(v));
        if ((v >> r->shift & 15) >= r->least)
            arm_set_feature(a, r->feature, true);
    }
    /* Signed fields: -1 is nothing at all, 1 half precision arithmetic */
    arm_set_feature(a, ARM_FP16_ARITH, (a->model->id_aa64pfr0 >> 16 & 15) == 1);
}

const char *const arm64_model_names[] = { "cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76", "neoverse-n1", "max", NULL };

const struct arm_model *arm64_model_find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++)
        if (!strcmp(models[i].name, name))
            return &models[i];
    return NULL;
}

const char *arm64_model_desc(const char *name)
{
    const struct arm_model *m = arm64_model_find(name);

    return m ? m->desc : NULL;
}
