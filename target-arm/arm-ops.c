/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ARM target as the machine core sees it: struct cpu_ops, state slots, model and property parsing. */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/names.h"
#include "target-arm/a32.h"
#include "target-arm/cpus.h"
#include "target-arm/system.h"
#include "tcg/compile.h"
#include "tcg/disas.h"
#include "util/keyval.h"

#define R(n, rank) { "r" #n, ARM_OFF_R(n), I32, rank }
static const struct ir_slot slots[] = {
    R(0, 0), R(1, 1), R(2, 2), R(3, 3), R(4, 4), R(5, 5), R(6, 6), R(7, 7),
    R(8, -1), R(9, -1), R(10, -1), R(11, -1), R(12, -1),
    { "sp", ARM_OFF_R(ARM_SP), I32, 8 },
    { "lr", ARM_OFF_R(ARM_LR), I32, -1 },
    { "flags", ARM_OFF(flags), FLAGS, -1 },
    { "q", ARM_OFF(q), I32, -1 },
    { "ge", ARM_OFF(ge), I32, -1 },
    { "fp_flags", ARM_OFF(fp_flags), FLAGS, -1 },
    { "excl_addr", ARM_OFF(excl_addr), I64, -1 },
    { "excl_val", ARM_OFF(excl_val), I64, -1 },
    { "pc", ARM_OFF_PC, I64, -1 },
};

const struct ir_target arm_ir_target = {
    .name = "arm", .slots = slots, .nslots = G_N_ELEMENTS(slots), .addr_type = I32,
};

/* ---- models --------------------------------------------------------------------------------- */

#define ARM_ERROR g_quark_from_static_string("arm")

static bool set_property(struct arm_cpu *a, const char *prop, GError **err)
{
    g_auto(GStrv) kv = g_strsplit(prop, "=", 2);
    const char *name = kv[0] ? kv[0] : "";
    bool on;

    if (strcmp(name, "neon")) {
        g_set_error(err, ARM_ERROR, 0, "cpu %s has no property '%s'; there is 'neon'",
                    a->model->name, name);
        return false;
    }
    if (!kv[1] || !keyval_parse_bool(kv[1], &on)) {
        g_set_error(err, ARM_ERROR, 0, "cpu %s: %s: not on or off", a->model->name, prop);
        return false;
    }
    if (!on) {
        arm_set_feature(a, ARM_NEON, false);
        arm_set_feature(a, ARM_NEON_FMA, false);
    }
    return true;
}

static bool arm_init(struct cpu *cpu, const char *model, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(model, ",", -1);
    const char *name = parts[0] ? parts[0] : "";
    struct arm_cpu *a = ARM_CPU(cpu);

    a->model = arm_model_find(name);
    if (!a->model) {
        g_set_error(err, ARM_ERROR, 0, "no CPU model '%s'; the nearest is '%s' (-cpu help lists them)",
                    name, name_nearest(name, arm_model_names));
        return false;
    }
    a->features[0] = a->model->features;
    for (int i = 1; parts[i]; i++)
        if (!set_property(a, parts[i], err))
            return false;
    arm_set_feature(a, ARM_EL2, cpu->machine->want_el2);
    arm_set_feature(a, ARM_EL3, cpu->machine->want_el3);
    cpu->has_el2 = cpu->machine->want_el2;
    cpu->has_el3 = cpu->machine->want_el3;
    arm_timer_init(a);
    return true;
}

static void arm_fini(struct cpu *cpu)
{
    arm_timer_fini(ARM_CPU(cpu));
}

/* ---- reset ---------------------------------------------------------------------------------- */

/* Firmware would have done this before it left Secure state (Linux's booting.rst; DEN 0022 for CPUs that are turned on later). */
static void leave_secure(struct arm_cpu *a)
{
    a->cp15.nsacr = 0xc00;   /* cp10, cp11 */
    arm_scr_write(a, SCR_NS | (arm_has_hyp(a) ? SCR_HCE : 0));
}

static void reset_core(struct arm_cpu *a, bool below_el3)
{
    struct cpu *cpu = &a->cpu;

    memset(a->r, 0, sizeof(a->r));
    memset(a->bank_sp, 0, sizeof(a->bank_sp));
    memset(a->bank_lr, 0, sizeof(a->bank_lr));
    memset(a->bank_spsr, 0, sizeof(a->bank_spsr));
    memset(a->d, 0, sizeof(a->d));
    a->flags = FLAG_Z;
    a->q = a->ge = 0;
    a->cpsr = PSR_SVC | PSR_A | PSR_I | PSR_F;
    a->excl_addr = UINT64_MAX;
    a->elr_hyp = 0;
    a->fpexc = 0;
    a->event = 0;
    cpu->env.pc = 0;
    cpu->env.aux = 0;
    arm_sysregs_reset(a);
    if (arm_has_monitor(a) && below_el3)
        leave_secure(a);
    if (arm_has_hyp(a) && !arm_in_secure(a))
        a->cpsr = PSR_HYP | PSR_A | PSR_I | PSR_F;
    arm_fpscr_write(a, 0);
    tcg_fp_to_host(&cpu->env);
    cpu->mode_changed = true;
}

void arm_reset_begin(struct arm_cpu *a)
{
    enum psci_conduit psci = a->cpu.machine->psci;

    a->psci_conduit = psci == PSCI_BY_HVC ? 1 : psci == PSCI_BY_SMC ? 2 : 0;
    a->start_powered_off = a->cpu.index > 0 && a->psci_conduit;
}

void arm_reset_end(struct arm_cpu *a)
{
    for (int i = 0; i < ARM_NTIMERS; i++)
        arm_timer_update(a, i);
    __atomic_store_n(&a->cpu.powered_off, a->start_powered_off, __ATOMIC_SEQ_CST);
}

/* The machine is paused, or the CPU is powered off. */
static void arm_reset(struct cpu *cpu)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    arm_reset_begin(a);
    reset_core(a, cpu->machine->start_below_el3);
    arm_reset_end(a);
}

static void arm_set_pc(struct cpu *cpu, uint64_t pc)
{
    cpu->env.pc = pc & ARM_PC_THUMB ? pc : pc & ~(uint64_t)3;
}

static void arm_set_boot_args(struct cpu *cpu, unsigned n, const uint64_t *args)
{
    for (unsigned i = 0; i < n && i < 4; i++)
        ARM_CPU(cpu)->r[i] = (uint32_t)args[i];
}

static void arm_power_on(struct cpu *cpu, uint64_t entry, uint64_t context)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    reset_core(a, true);
    cpu->halted = false;
    arm_set_pc(cpu, entry);
    a->r[0] = (uint32_t)context;
}

/* ---- logs ----------------------------------------------------------------------------------- */

static void arm_dump(const struct cpu *cpu, FILE *f)
{
    const struct arm_cpu *a = ARM_CPU(cpu);

    for (int i = 0; i < 15; i++)
        fprintf(f, "r%02d=%08x%c", i, a->r[i], i % 4 == 3 ? '\n' : ' ');
    fprintf(f, "pc=%08llx\ncpsr=%08x\n", (unsigned long long)cpu->env.pc, arm_cpsr_read(a));
}

static void arm_disas(const struct cpu *cpu, uint64_t pc, const uint8_t *bytes, size_t len, FILE *f)
{
    (void)cpu;
    disas_print(f, pc & ARM_PC_THUMB ? DISAS_T32 : DISAS_A32, bytes, len, pc & ~(uint64_t)1);
}

static const struct cpu_ops arm_ops = {
    .name = "arm", .family = "arm",
    .ir_target = &arm_ir_target,
    .size = sizeof(struct arm_cpu),
    .pc_tag_mask = ARM_PC_THUMB, .mode_optional = ARM_MODE_FP_BITS,
    .models = arm_model_names,
    .model_desc = arm_model_desc,
    .init = arm_init,
    .fini = arm_fini,
    .reset = arm_reset,
    .set_pc = arm_set_pc,
    .set_boot_args = arm_set_boot_args,
    .power_on = arm_power_on,
    .mode = arm_mode,
    .tlb_key = arm_tlb_key,
    .tlb_fill = arm_tlb_fill,
    .unaligned = arm_unaligned,
    .bus_error = arm_bus_error,
    .translate = a32_translate,
    .take_exception = arm_take_exception,
    .take_interrupt = arm_take_interrupt,
    .has_work = arm_has_work,
    .dump = arm_dump,
    .disas = arm_disas,
};

static void __attribute__((constructor)) arm_register(void)
{
    cpu_register(&arm_ops);
}
