/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU models: identification registers and features. */
#ifndef TARGET_ARM_CPUS_H
#define TARGET_ARM_CPUS_H

#include <glib.h>
#include <stdint.h>

struct arm_cpu;

struct arm_model {
    const char *name, *desc;
    uint64_t features;       /* bit per enum arm_feature, those of the first word */
    uint32_t midr, fpsid, mvfr0, mvfr1, mvfr2, ctr, sctlr;
    uint32_t id_pfr0, id_pfr1, id_dfr0, id_afr0;
    uint32_t id_mmfr0, id_mmfr1, id_mmfr2, id_mmfr3;
    uint32_t id_isar0, id_isar1, id_isar2, id_isar3, id_isar4, id_isar5;
    uint32_t dbgdidr, clidr, ccsidr[3];
    /* AArch64 (cpus64.c): 0 for others */
    uint32_t id_mmfr4, id_isar6, id_pfr2, id_dfr1;
    uint64_t id_aa64pfr0, id_aa64pfr1, id_aa64dfr0, id_aa64dfr1, id_aa64isar0, id_aa64isar1, id_aa64isar2;
    uint64_t id_aa64mmfr0, id_aa64mmfr1, id_aa64mmfr2;
    uint32_t dczid;
};

/* NULL-terminated names, for help. */
extern const char *const arm_model_names[];
const struct arm_model *arm_model_find(const char *name);
/* One line on the model. */
const char *arm_model_desc(const char *name);

/* The same for the models with AArch64 state (cpus64.c). */
extern const char *const arm64_model_names[];
const struct arm_model *arm64_model_find(const char *name);
const char *arm64_model_desc(const char *name);
/* Set the CPU's feature bits from the ID registers of its model. */
void arm64_set_features(struct arm_cpu *a);

#endif
