/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets' registry, making CPUs, their interrupt inputs, kicks. */
#include "config.h"
#include <string.h>
#include "softmmu/check.h"
#include "softmmu/machine.h"
#include "softmmu/names.h"
#include "softmmu/tb.h"
#include "softmmu/tlb.h"

#define MAX_TARGETS 4
#define MAX_INPUTS 8

/* Filled by constructors before main. */
static const struct cpu_ops *targets[MAX_TARGETS];
static int ntargets;

void cpu_register(const struct cpu_ops *ops)
{
    g_assert(ntargets < MAX_TARGETS);
    targets[ntargets++] = ops;
}

const struct cpu_ops *cpu_ops_at(int i)
{
    return i < ntargets ? targets[i] : NULL;
}

static bool has_model(const struct cpu_ops *ops, const char *model)
{
    size_t n = strcspn(model, ",");

    for (int i = 0; ops->models[i]; i++)
        if (strlen(ops->models[i]) == n && !strncmp(ops->models[i], model, n))
            return true;
    return false;
}

const struct cpu_ops *cpu_ops_find(const char *family, const char *model, bool want_64bit)
{
    const struct cpu_ops *wanted = NULL, *other = NULL;

    for (int i = 0; i < ntargets; i++) {
        if (strcmp(targets[i]->family, family))
            continue;
        if (targets[i]->is_64bit == want_64bit)
            wanted = targets[i];
        else
            other = targets[i];
    }
    if (wanted && (!model || has_model(wanted, model)))
        return wanted;
    return other && model && has_model(other, model) ? other : wanted ? wanted : other;
}

static void set_input(void *opaque, int n, bool level)
{
    cpu_set_irq(opaque, n, level);
}

struct cpu *cpu_new(struct machine *m, const struct cpu_ops *ops,
                    const char *model, int index, GError **err)
{
    struct cpu *cpu;

    if (posix_memalign((void **)&cpu, 64, ops->size))
        g_error("out of memory");
    memset(cpu, 0, ops->size);
    cpu->ops = ops;
    cpu->machine = m;
    cpu->index = index;
    cpu->affinity = (uint64_t)index;
    cpu->bus = m->bus;
    cpu->code = m->code;
    cpu->env.tcg = m->tcg;
    cpu->exception = -1;
    cpu->mode_changed = true;
    cpu->sleeper = m->config.thread_single && index ? m->cpus[0] : cpu;
    g_queue_init(&cpu->work);
    pthread_mutex_init(&cpu->work_lock, NULL);
    pthread_mutex_init(&cpu->wait_lock, NULL);
    pthread_cond_init(&cpu->wait, NULL);
    cpu->in = irq_new_array(set_input, cpu, MAX_INPUTS);
    cpu->out = g_new0(struct irq *, MAX_INPUTS);
    cpu->nout = MAX_INPUTS;
    if (m->config.check)
        cpu->check = check_new(cpu);
    cpu->recent = g_new0(struct tb *, TB_RECENT);
    tlb_init(cpu);
    if (!ops->init(cpu, model, err)) {
        cpu_free(cpu);
        return NULL;
    }
    return cpu;
}

void cpu_free(struct cpu *cpu)
{
    if (cpu->ops->fini)
        cpu->ops->fini(cpu);
    tlb_fini(cpu);
    g_free(cpu->recent);
    check_free(cpu->check);
    irq_free_array(cpu->in);
    g_free(cpu->out);
    g_queue_clear_full(&cpu->work, g_free);
    pthread_mutex_destroy(&cpu->work_lock);
    pthread_mutex_destroy(&cpu->wait_lock);
    pthread_cond_destroy(&cpu->wait);
    free(cpu);
}

void cpu_reset(struct cpu *cpu)
{
    cpu->exception = -1;
    cpu->halted = false;
    cpu->env.exit_link = NULL;
    tlb_flush_all(cpu);
    cpu->ops->reset(cpu);
    cpu->mode_changed = true;
}

struct irq *cpu_in(struct cpu *cpu, int n)
{
    g_assert(n >= 0 && n < MAX_INPUTS);
    return &cpu->in[n];
}

void cpu_connect(struct cpu *cpu, int out, struct irq *to)
{
    g_assert(out >= 0 && out < cpu->nout);
    cpu->out[out] = to;
}

void cpu_set_irq(struct cpu *cpu, int n, bool level)
{
    uint32_t bit = 1u << n, old;

    if (level)
        old = __atomic_fetch_or(&cpu->irq_lines, bit, __ATOMIC_SEQ_CST);
    else
        old = __atomic_fetch_and(&cpu->irq_lines, ~bit, __ATOMIC_SEQ_CST);
    if (level && !(old & bit))
        cpu_kick(cpu);
}

void cpu_kick(struct cpu *cpu)
{
    __atomic_store_n(&cpu->env.exit_request, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&cpu->sleeper->wait_lock);
    pthread_cond_broadcast(&cpu->sleeper->wait);
    pthread_mutex_unlock(&cpu->sleeper->wait_lock);
}

bool cpu_power_on(struct cpu *cpu, uint64_t entry, uint64_t context)
{
    if (!__atomic_load_n(&cpu->powered_off, __ATOMIC_SEQ_CST))
        return false;
    cpu->ops->power_on(cpu, entry, context);
    __atomic_store_n(&cpu->powered_off, false, __ATOMIC_SEQ_CST);
    cpu_kick(cpu);
    return true;
}

void cpu_raise(struct cpu *cpu, int n, uint32_t syndrome, uint64_t addr)
{
    cpu->exception = n;
    cpu->exception_syndrome = syndrome;
    cpu->exception_addr = addr;
    cpu_leave(cpu);
}

void cpu_leave(struct cpu *cpu)
{
    code_unlock_after_fault(cpu);
    g_assert(cpu->in_run);
    __builtin_longjmp(cpu->jump, 1);
}
