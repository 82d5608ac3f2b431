/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a vCPU thread: run translations, take exceptions and interrupts, sleep, stop. */
#include "config.h"
#include "softmmu/check.h"
#include "softmmu/hot.h"
#include "softmmu/machine.h"
#include "softmmu/tb.h"
#include "softmmu/tlb.h"
#include "tcg/compile.h"
#include "util/log.h"

static void log_entry(struct cpu *cpu, const struct tb *tb)
{
    FILE *f;

    if (!log_enabled(LOG_EXEC | LOG_CPU))
        return;
    f = log_lock();
    if (log_enabled(LOG_EXEC))
        fprintf(f, "exec: cpu %d pc 0x%llx mode 0x%x\n", cpu->index,
                (unsigned long long)tb->pc, tb->mode);
    if (log_enabled(LOG_CPU))
        cpu->ops->dump(cpu, f);
    log_unlock(f);
}

/* From tb to the next exit. What led here and what leads here next time find it without C. */
static void run_tb(struct cpu *cpu, struct tb *tb, struct tcg_link *link)
{
    tlb_know_code(cpu, tb->pc, tb->paddr2 == TB_ONE_PAGE, tb->code.entry);
    if (link && !log_enabled(LOG_EXEC | LOG_CPU))
        tb_link(cpu, link, tb);
    tcg_run(cpu->env.tcg, &cpu->env, tb->code.entry);
}

/* In the guest: run what is found without the code lock. False when nothing was. (Not from the jump cache: it may lead to code that
 * was killed, which is how we came here.) */
static bool run_known(struct cpu *cpu)
{
    struct tcg_link *link = cpu->env.exit_link;
    struct tb *tb;

    if (cpu->check || log_enabled(LOG_EXEC | LOG_CPU))
        return false;
    tb = tb_find_recent(cpu);
    if (!tb)
        return false;
    cpu->env.exit_link = NULL;
    run_tb(cpu, tb, link);
    return true;
}

/* Find or make the translation. A flush of the code cache frees translations and links, but not while a CPU is in the guest: what was
 * found before is valid if no flush came before we were in. Nor may others' work have come: it may be TLB maintenance that took
 * away the mapping by which the translation was found, and the one who asked goes on as if this CPU had seen it. */
static void run_found(struct cpu *cpu)
{
    uint64_t generation = code_space_generation(cpu->code), done = cpu->work_done;
    struct tcg_link *link = cpu->env.exit_link;
    struct tb *tb;

    cpu->env.exit_link = NULL;
    tb = tb_find(cpu);
    cpu_enter_guest(cpu);
    if (generation == code_space_generation(cpu->code) && done == cpu->work_done && !cpu->mode_changed) {
        log_entry(cpu, tb);
        cpu->count.exits++;
        if (cpu->check)
            check_run(cpu, tb);
        else
            run_tb(cpu, tb, link);
    }
    cpu_leave_guest(cpu);
}

/* One trip into the guest: to the next exit that C must handle. */
static void run_once(struct cpu *cpu)
{
    bool ran;

    if (cpu->mode_changed)
        tlb_refresh(cpu);
    cpu_enter_guest(cpu);
    ran = !cpu->mode_changed && run_known(cpu);
    cpu_leave_guest(cpu);
    if (ran)
        cpu->count.exits++;
    else
        run_found(cpu);
}

static void take_irq(struct cpu *cpu)
{
    if (__atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST) && cpu->ops->take_interrupt(cpu)) {
        cpu->count.interrupts++;
        cpu->env.exit_link = NULL;
    }
}

/* Pending exceptions and interrupts, before guest code runs. False when the CPU went to sleep or off in one (a power call): from
 * powered_off on its state is another's. */
static bool take_pending(struct cpu *cpu)
{
    if (cpu->exception >= 0) {
        cpu->count.exceptions++;
        cpu->env.exit_link = NULL;
        cpu->ops->take_exception(cpu);
        cpu->exception = -1;
        if (cpu->power_off) {
            cpu->power_off = false;
            __atomic_store_n(&cpu->powered_off, true, __ATOMIC_SEQ_CST);
            return false;
        }
        if (cpu->halted)
            return false;
    }
    take_irq(cpu);
    return !cpu->halted;     /* INIT of an x86 CPU */
}

void *cpu_next_code(struct tcg_env *env)
{
    struct cpu *cpu = (struct cpu *)env;

    /* Not exceptions: a power call may end in a state that is another CPU's. */
    if (__atomic_load_n(&env->exit_request, __ATOMIC_SEQ_CST) || cpu->exception >= 0 || cpu->halted)
        return NULL;
    take_irq(cpu);
    if (cpu->halted)
        return NULL;
    if (cpu->mode_changed)
        tlb_refresh(cpu);
    return tb_find_code(env);
}

void cpu_step(struct cpu *cpu)
{
    if (__builtin_setjmp(cpu->jump)) {
        tcg_left_by_jump(&cpu->env);
        cpu_leave_guest(cpu);
        cpu->env.exit_link = NULL;
        cpu->in_run = false;
        return;
    }
    cpu->in_run = true;
    if (take_pending(cpu))
        run_once(cpu);
    cpu->in_run = false;
}

static void take_sample(struct cpu *cpu)
{
    if (!cpu->sampled)
        return;
    cpu->sampled = false;
    code_sample(cpu);
}

/* May the CPU run now? */
static bool runnable(struct cpu *cpu)
{
    if (!__atomic_load_n(&cpu->machine->running, __ATOMIC_SEQ_CST) ||
        __atomic_load_n(&cpu->powered_off, __ATOMIC_SEQ_CST))
        return false;
    if (cpu->halted && !cpu->ops->has_work(cpu))
        return false;
    cpu->halted = false;
    return true;
}

static void sleep_until_runnable(struct cpu *cpu)
{
    pthread_mutex_lock(&cpu->wait_lock);
    while (!__atomic_load_n(&cpu->stop, __ATOMIC_SEQ_CST) && !runnable(cpu)) {
        __atomic_store_n(&cpu->asleep, true, __ATOMIC_SEQ_CST);
        pthread_cond_wait(&cpu->wait, &cpu->wait_lock);
    }
    __atomic_store_n(&cpu->asleep, false, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&cpu->wait_lock);
}

void cpu_run_loop(struct cpu *cpu)
{
    while (!__atomic_load_n(&cpu->stop, __ATOMIC_SEQ_CST)) {
        if (__atomic_exchange_n(&cpu->env.exit_request, 0, __ATOMIC_SEQ_CST) ||
            cpu->halted || __atomic_load_n(&cpu->powered_off, __ATOMIC_SEQ_CST))
            sleep_until_runnable(cpu);
        take_sample(cpu);
        if (!__atomic_load_n(&cpu->stop, __ATOMIC_SEQ_CST))
            cpu_step(cpu);
    }
}

/* Until the CPU is kicked (the slice timer does too) or sleeps. */
static bool run_slice(struct cpu *cpu)
{
    __atomic_store_n(&cpu->env.exit_request, 0, __ATOMIC_SEQ_CST);
    if (!runnable(cpu)) {
        cpu_drain_work(cpu);     /* which would wait for it as long as it sleeps */
        return false;
    }
    hot_current(cpu);
    take_sample(cpu);
    do
        cpu_step(cpu);
    while (!__atomic_load_n(&cpu->env.exit_request, __ATOMIC_SEQ_CST) &&
           !cpu->halted && !__atomic_load_n(&cpu->powered_off, __ATOMIC_SEQ_CST));
    return true;
}

static bool any_runnable(struct machine *m)
{
    for (int i = 0; i < m->ncpus; i++)
        if (runnable(m->cpus[i]))
            return true;
    return false;
}

void cpus_run_single(struct machine *m)
{
    struct cpu *first = m->cpus[0];

    while (!__atomic_load_n(&first->stop, __ATOMIC_SEQ_CST)) {
        for (int i = 0; i < m->ncpus; i++)
            run_slice(m->cpus[i]);
        pthread_mutex_lock(&first->wait_lock);
        while (!__atomic_load_n(&first->stop, __ATOMIC_SEQ_CST) && !any_runnable(m)) {
            __atomic_store_n(&first->asleep, true, __ATOMIC_SEQ_CST);
            pthread_cond_wait(&first->wait, &first->wait_lock);
        }
        __atomic_store_n(&first->asleep, false, __ATOMIC_SEQ_CST);
        pthread_mutex_unlock(&first->wait_lock);
    }
}
