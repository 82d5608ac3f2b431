/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU models. Values are the reset values in each core's Technical Reference Manual: Cortex-A15 r4p0 (DDI 0438I), Cortex-A7 r0p5
 * (DDI 0464F). The fields of ID_PFR1 that announce the Security and Virtualization Extensions are zero here: the machine says whether
 * there are any.
 */
#include "config.h"
#include <string.h>
#include "target-arm/arm.h"
#include "target-arm/cpus.h"

#define F(x) ((uint64_t)1 << ARM_##x)
#define FEATURES_V7VE                                                        \
    (F(V6) | F(V6K) | F(V7) | F(THUMB2) | F(DIV_ARM) | F(DIV_THUMB) |        \
     F(VFP2) | F(VFP3) | F(VFP4) | F(D32) | F(NEON) | F(NEON_FMA) | F(FP16) | \
     F(LPAE) | F(GENERIC_TIMER) | F(MP_EXT))

static const struct arm_model models[] = {
    {
        .name = "cortex-a15", .desc = "Arm Cortex-A15 MPCore (ARMv7-A)",
        .features = FEATURES_V7VE,
        .midr = 0x414fc0f0, .fpsid = 0x410430f0, .mvfr0 = 0x10110222,
        .mvfr1 = 0x11111111, .ctr = 0x8444c004, .sctlr = 0x00c50078,
        .id_pfr0 = 0x00001131, .id_pfr1 = 0x00010001, .id_dfr0 = 0x02010555,
        .id_mmfr0 = 0x10201105, .id_mmfr1 = 0x20000000,
        .id_mmfr2 = 0x01240000, .id_mmfr3 = 0x02102211,
        .id_isar0 = 0x02101110, .id_isar1 = 0x13112111,
        .id_isar2 = 0x21232041, .id_isar3 = 0x11112131,
        .id_isar4 = 0x10011142, .dbgdidr = 0x3515f021, .clidr = 0x0a200023,
        .ccsidr = { 0x701fe00a, 0x201fe00a, 0x711fe07a },
    },
    {
        .name = "cortex-a7", .desc = "Arm Cortex-A7 MPCore (ARMv7-A)",
        .features = FEATURES_V7VE,
        .midr = 0x410fc075, .fpsid = 0x41023075, .mvfr0 = 0x10110222,
        .mvfr1 = 0x11111111, .ctr = 0x84448003, .sctlr = 0x00c50078,
        .id_pfr0 = 0x00001131, .id_pfr1 = 0x00010001, .id_dfr0 = 0x02010555,
        .id_mmfr0 = 0x10101105, .id_mmfr1 = 0x40000000,
        .id_mmfr2 = 0x01240000, .id_mmfr3 = 0x02102211,
        .id_isar0 = 0x02101110, .id_isar1 = 0x13112111,
        .id_isar2 = 0x21232041, .id_isar3 = 0x11112131,
        .id_isar4 = 0x10011142, .dbgdidr = 0x3515f005, .clidr = 0x0a200023,
        .ccsidr = { 0x700fe01a, 0x203fe00a, 0x711fe07a },
    },
    {
        .name = "max", .desc = "everything that is modelled: Cortex-A15 with CRC32 and the ARMv8 additions to A32/T32",
        .features = FEATURES_V7VE | F(V8) | F(CRC32) | F(V8_FP),
        .midr = 0x414fc0f0, .fpsid = 0x410430f0, .mvfr0 = 0x10110222,
        .mvfr1 = 0x11111111, .mvfr2 = 0x00000043, .ctr = 0x8444c004,
        .sctlr = 0x00c50078,
        .id_pfr0 = 0x00001131, .id_pfr1 = 0x00010001, .id_dfr0 = 0x02010555,
        .id_mmfr0 = 0x10201105, .id_mmfr1 = 0x20000000,
        .id_mmfr2 = 0x01240000, .id_mmfr3 = 0x02102211,
        .id_isar0 = 0x02101110, .id_isar1 = 0x13112111,
        .id_isar2 = 0x21232041, .id_isar3 = 0x11112131,
        .id_isar4 = 0x10011142, .id_isar5 = 0x00010000,
        .dbgdidr = 0x3515f021, .clidr = 0x0a200023,
        .ccsidr = { 0x701fe00a, 0x201fe00a, 0x711fe07a },
    },
};

const char *const arm_model_names[] = { "cortex-a15", "cortex-a7", "max", NULL };

const struct arm_model *arm_model_find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++)
        if (!strcmp(models[i].name, name))
            return &models[i];
    return NULL;
}

const char *arm_model_desc(const char *name)
{
    const struct arm_model *m = arm_model_find(name);

    return m ? m->desc : NULL;
}
