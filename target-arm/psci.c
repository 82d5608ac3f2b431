/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power State Coordination Interface (DEN 0022D): what firmware would do, done by the emulator. */
#include "config.h"
#include "softmmu/machine.h"
#include "target-arm/system.h"
#include "util/log.h"

enum psci_function {
    PSCI_VERSION = 0x84000000, PSCI_CPU_SUSPEND = 0x84000001, PSCI_CPU_OFF = 0x84000002,
    PSCI_CPU_ON = 0x84000003, PSCI_AFFINITY_INFO = 0x84000004, PSCI_MIGRATE = 0x84000005,
    PSCI_MIGRATE_INFO_TYPE = 0x84000006, PSCI_SYSTEM_OFF = 0x84000008,
    PSCI_SYSTEM_RESET = 0x84000009, PSCI_FEATURES = 0x8400000a, SMCCC_VERSION = 0x80000000u,
};

enum psci_error {
    PSCI_SUCCESS = 0, PSCI_NOT_SUPPORTED = -1, PSCI_INVALID_PARAMETERS = -2,
    PSCI_ALREADY_ON = -4,
};

#define PSCI_1_1 0x00010001u
#define SMCCC_1_1 0x00010001
#define TOS_NOT_PRESENT 2            /* MIGRATE_INFO_TYPE: nothing to migrate */

/* Function identifiers with this bit take 64-bit arguments: of AArch64 callers alone. */
#define PSCI_64 0x40000000u

/* A call: registers x0-x3 or r0-r3. */
struct call {
    uint32_t function;       /* without PSCI_64 */
    uint64_t arg[3];
};

static struct arm_cpu *find_cpu(struct arm_cpu *a, uint64_t affinity)
{
    struct machine *m = a->cpu.machine;

    for (int i = 0; i < m->ncpus; i++)
        if (m->cpus[i]->affinity == affinity)
            return ARM_CPU(m->cpus[i]);
    return NULL;
}

static int32_t cpu_on(struct arm_cpu *a, const struct call *c)
{
    struct arm_cpu *target = find_cpu(a, c->arg[0]);
    bool ok;

    if (!target)
        return PSCI_INVALID_PARAMETERS;
    machine_lock(a->cpu.machine);
    ok = cpu_power_on(&target->cpu, c->arg[1], c->arg[2]);
    machine_unlock(a->cpu.machine);
    return ok ? PSCI_SUCCESS : PSCI_ALREADY_ON;
}

static int32_t affinity_info(struct arm_cpu *a, const struct call *c)
{
    struct arm_cpu *target = find_cpu(a, c->arg[0]);

    if (!target || c->arg[1])
        return PSCI_INVALID_PARAMETERS;
    return __atomic_load_n(&target->cpu.powered_off, __ATOMIC_SEQ_CST);
}

static int32_t features(uint32_t function)
{
    switch (function & ~PSCI_64) {
    case PSCI_CPU_SUSPEND: case PSCI_CPU_ON: case PSCI_AFFINITY_INFO:
        return PSCI_SUCCESS;
    case PSCI_VERSION: case PSCI_CPU_OFF: case PSCI_MIGRATE_INFO_TYPE: case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET: case PSCI_FEATURES: case SMCCC_VERSION:
        return function & PSCI_64 ? PSCI_NOT_SUPPORTED : PSCI_SUCCESS;
    default:
        return PSCI_NOT_SUPPORTED;
    }
}

static void request(struct arm_cpu *a, enum machine_request what)
{
    machine_lock(a->cpu.machine);
    machine_request_from(a->cpu.machine, what);
    machine_unlock(a->cpu.machine);
    a->cpu.halted = true;    /* neither call returns */
}

static bool uses_x(const struct arm_cpu *a)
{
    return arm_has(a, ARM_A64) && !a->sys64.aarch32;
}

static struct call call_of(const struct arm_cpu *a, uint32_t *id)
{
    struct call c;

    *id = uses_x(a) ? (uint32_t)a->x[0] : a->r[0];
    c.function = *id & PSCI_64 && uses_x(a) ? *id & ~PSCI_64 : *id;
    for (int i = 0; i < 3; i++)
        c.arg[i] = !uses_x(a) ? a->r[i + 1] : *id & PSCI_64 ? a->x[i + 1] : (uint32_t)a->x[i + 1];
    return c;
}

static void set_result(struct arm_cpu *a, int32_t ret)
{
    if (uses_x(a))
        a->x[0] = (uint64_t)(int64_t)ret;
    else
        a->r[0] = (uint32_t)ret;
}

bool arm_psci_call(struct arm_cpu *a)
{
    int32_t ret = PSCI_SUCCESS;
    uint32_t id;
    struct call c = call_of(a, &id);

    switch (c.function) {
    case PSCI_VERSION: ret = PSCI_1_1; break;
    case PSCI_CPU_SUSPEND:               /* as a standby state: wait for an interrupt */
        a->cpu.halted = !a->cpu.ops->has_work(&a->cpu);
        break;
    case PSCI_CPU_OFF: a->cpu.power_off = true; break;
    case PSCI_CPU_ON: ret = cpu_on(a, &c); break;
    case PSCI_AFFINITY_INFO: ret = affinity_info(a, &c); break;
    case PSCI_MIGRATE: ret = PSCI_NOT_SUPPORTED; break;
    case PSCI_MIGRATE_INFO_TYPE: ret = TOS_NOT_PRESENT; break;
    case PSCI_SYSTEM_OFF: request(a, MACHINE_POWEROFF); break;
    case PSCI_SYSTEM_RESET: request(a, MACHINE_RESET); break;
    case PSCI_FEATURES: ret = features((uint32_t)c.arg[0]); break;
    case SMCCC_VERSION: ret = SMCCC_1_1; break;
    default:
        /* Other calls of the SMC calling convention (DEN 0028) get "not supported"; anything else is no call. */
        if (!(id & 0x80000000u))
            return false;
        log_guest_error("psci: unknown function 0x%08x", id);
        ret = PSCI_NOT_SUPPORTED;
        break;
    }
    set_result(a, ret);
    return true;
}
