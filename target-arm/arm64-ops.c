/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs with AArch64 as the machine core sees them: struct cpu_ops, reset, boot, properties. State slots are in a64.c. */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/names.h"
#include "target-arm/a32.h"
#include "target-arm/a64.h"
#include "target-arm/a64-names.h"
#include "target-arm/cpus.h"
#include "target-arm/system.h"
#include "tcg/compile.h"
#include "tcg/disas.h"
#include "util/keyval.h"

#define ARM64_ERROR g_quark_from_static_string("arm64")

/* pauth=on|off, pauth-impdef=on|off: as QEMU has them, but implementation defined is the default (it is much faster). */
static bool set_pauth(struct arm_cpu *a, const char *name, bool on, GError **err)
{
    if (!arm_has(a, ARM_PAUTH) && strcmp(name, "pauth")) {
        g_set_error(err, ARM64_ERROR, 0, "cpu %s: %s: it has no pointer authentication; leave the property out", a->model->name, name);
        return false;
    }
    if (!strcmp(name, "pauth"))
        arm_set_feature(a, ARM_PAUTH, on);
    else
        a->pauth_qarma = !on;
    return true;
}

static bool set_property(struct arm_cpu *a, const char *prop, GError **err)
{
    g_auto(GStrv) kv = g_strsplit(prop, "=", 2);
    const char *name = kv[0] ? kv[0] : "";
    bool on, pauth = !strcmp(name, "pauth") || !strcmp(name, "pauth-impdef");

    if (!pauth || !(a->model->id_aa64isar1 >> 4 & 0xff)) {
        g_set_error(err, ARM64_ERROR, 0, "cpu %s has no property '%s'; %s", a->model->name, name,
                    a->model->id_aa64isar1 >> 4 & 0xff ? "there are 'pauth' and 'pauth-impdef'" : "it has none");
        return false;
    }
    if (!kv[1] || !keyval_parse_bool(kv[1], &on)) {
        g_set_error(err, ARM64_ERROR, 0, "cpu %s: %s: not on or off", a->model->name, prop);
        return false;
    }
    return set_pauth(a, name, on, err);
}

static bool arm64_init(struct cpu *cpu, const char *model, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(model, ",", -1);
    const char *name = parts[0] ? parts[0] : "";
    struct arm_cpu *a = ARM_CPU(cpu);

    a->model = arm64_model_find(name);
    if (!a->model) {
        g_set_error(err, ARM64_ERROR, 0, "no CPU model '%s'; the nearest is '%s' (-cpu help lists them)",
                    name, name_nearest(name, arm64_model_names));
        return false;
    }
    arm64_set_features(a);
    arm_set_feature(a, ARM_EL2, cpu->machine->want_el2);
    arm_set_feature(a, ARM_EL3, cpu->machine->want_el3);
    cpu->has_el2 = cpu->machine->want_el2;
    cpu->has_el3 = cpu->machine->want_el3;
    for (int i = 1; parts[i]; i++)
        if (!set_property(a, parts[i], err))
            return false;
    cpu->is_64bit = true;
    cpu->has_el2 = arm_has(a, ARM_EL2);
    cpu->has_el3 = arm_has(a, ARM_EL3);
    arm_timer_init(a);
    return true;
}

static void arm64_fini(struct cpu *cpu)
{
    arm_timer_fini(ARM_CPU(cpu));
}

/* ---- reset ---------------------------------------------------------------------------------- */

/* Firmware would have done this before it left EL3 (as Linux's booting.rst wants it). */
static void leave_el3(struct arm_cpu *a)
{
    a->sys64.scr |= SCR_NS | SCR_HCE | SCR_APK | SCR_API;
    if (!arm_has(a, ARM_EL2))
        a->sys64.scr &= ~SCR_HCE;
    a->sys64.el = arm_has(a, ARM_EL2) ? 2 : 1;
}

/* start: below EL3 even when that exists */
static void reset_core(struct arm_cpu *a, bool below_el3)
{
    struct cpu *cpu = &a->cpu;

    memset(a->x, 0, sizeof(a->x));
    memset(a->bank_sp, 0, sizeof(a->bank_sp));
    memset(a->bank_lr, 0, sizeof(a->bank_lr));
    memset(a->bank_spsr, 0, sizeof(a->bank_spsr));
    memset(a->d, 0, sizeof(a->d));
    a->sp = a->tpidr_el0 = a->tpidrro_el0 = 0;
    a->flags = 0;
    a->q = a->ge = 0;
    a->cpsr = PSR_USR;
    a->excl_addr = UINT64_MAX;
    a->fpexc = 1u << 30;     /* AArch32 at EL0: CPACR_EL1 alone decides */
    a->event = 0;
    cpu->env.pc = 0;
    cpu->env.aux = 0;
    a->btype = 0;
    arm64_sysregs_reset(a);
    a->sys64.el = arm_has(a, ARM_EL3) ? 3 : arm_has(a, ARM_EL2) ? 2 : 1;
    if (below_el3 && arm_has(a, ARM_EL3))
        leave_el3(a);
    arm_fpscr_write(a, 0);
    tcg_fp_to_host(&cpu->env);
    cpu->mode_changed = true;
}

/* The machine is paused, or the CPU is powered off. */
static void arm64_reset(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    arm_reset_begin(a);
    reset_core(a, cpu->machine->start_below_el3);
    arm_reset_end(a);
}

static void arm64_set_pc(struct cpu *cpu, uint64_t pc)
{
    cpu->env.pc = pc;
}

static void arm64_set_boot_args(struct cpu *cpu, unsigned n, const uint64_t *args)
{
    for (unsigned i = 0; i < n && i < 4; i++)
        ARM_CPU(cpu)->x[i] = args[i];
}

/* PSCI CPU_ON: the level below EL3 that asked starts the other there. */
static void arm64_power_on(struct cpu *cpu, uint64_t entry, uint64_t context)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    reset_core(a, true);
    for (int i = 0; i < ARM_NTIMERS; i++)
        arm_timer_update(a, i);
    cpu->halted = false;
    cpu->env.pc = entry;
    a->x[0] = context;
}

/* A branch went to an address with a tag that is ignored (TBI): go to the address itself. */
static bool leave_tag(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res)
{
    uint64_t pc = arm64_branch_addr(ARM_CPU(cpu), lim->pc);

    if (pc == lim->pc)
        return false;
    ir_insn_start(ir, lim->pc, 0);
    ir_exit_far(ir, pc);
    *res = (struct region_result){ .bytes_end = lim->pc + 4, .ninsns = 1, .mode_ignored = ARM_MODE_FP_BITS };
    return true;
}

static void arm64_translate(struct cpu *cpu, struct ir *ir, const struct region_limits *lim, struct region_result *res)
{
    if (!(lim->mode & ARM_MODE_A64))
        a32_translate(cpu, ir, lim, res);
    else if (!leave_tag(cpu, ir, lim, res))
        a64_translate(cpu, ir, lim, res);
}

/* ---- logs ----------------------------------------------------------------------------------- */

static void arm64_dump(const struct cpu *cpu, FILE *f)
{
    const struct arm_cpu *a = ARM_CPU(cpu);

    fprintf(f, "pc=%016llx", (unsigned long long)cpu->env.pc);
    for (int i = 0; i < 31; i++)
        fprintf(f, "%cx%02d=%016llx", i % 4 == 0 ? '\n' : ' ', i, (unsigned long long)a->x[i]);
    fprintf(f, " sp=%016llx\npstate=%08x el=%u\n", (unsigned long long)a->sp, a->sys64.pstate | arm_nzcv_of_flags(a->flags), a->sys64.el);
}

static void arm64_disas(const struct cpu *cpu, uint64_t pc, const uint8_t *bytes, size_t len, FILE *f)
{
    const struct arm_cpu *a = ARM_CPU(cpu);

    if (a->sys64.aarch32)
        disas_print(f, pc & ARM_PC_THUMB ? DISAS_T32 : DISAS_A32, bytes, len, pc & ~(uint64_t)1);
    else
        disas_print_named(f, DISAS_A64, bytes, len, pc, a64_row_name);
}

static const struct cpu_ops arm64_ops = {
    .name = "aarch64", .family = "arm", .is_64bit = true,
    .ir_target = &arm64_ir_target,
    .size = sizeof(struct arm_cpu),
    .pc_tag_mask = ARM_PC_THUMB, .mode_optional = ARM_MODE_FP_BITS, .mode_guarded = ARM_MODE_GUARDED,
    .models = arm64_model_names,
    .model_desc = arm64_model_desc,
    .init = arm64_init,
    .fini = arm64_fini,
    .reset = arm64_reset,
    .set_pc = arm64_set_pc,
    .set_boot_args = arm64_set_boot_args,
    .power_on = arm64_power_on,
    .mode = arm64_mode,
    .tlb_key = arm64_tlb_key,
    .tlb_fill = arm64_tlb_fill,
    .unaligned = arm64_unaligned,
    .bus_error = arm64_bus_error,
    .translate = arm64_translate,
    .take_exception = arm64_take_exception,
    .take_interrupt = arm64_take_interrupt,
    .has_work = arm64_has_work,
    .dump = arm64_dump,
    .disas = arm64_disas,
};

static void __attribute__((constructor)) arm64_register(void)
{
    cpu_register(&arm64_ops);
}
