/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vCPUs do for each other: work items, and exclusive sections.
 *
 * A CPU is "in the guest" while generated code, or a helper under it, runs. Work sent to a CPU outside the guest is done before it
 * enters; work for one inside is waited for. A CPU that waits does its own work meanwhile, so two that send to each other both get
 * through.
 */
#include "config.h"
#include <sched.h>
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/tlb.h"

#define STAND_BACK_US 100
#define WORK_WAITING 64          /* so much may wait for a CPU that sleeps */

struct cpu_work {
    cpu_work_fn fn;
    uint8_t data[CPU_WORK_DATA] __attribute__((aligned(8)));
};

/* A CPU that waits for an interrupt or is off does its work when it wakes, which may be never: once much has come together the one who asks
 * does it. */
static void work_for_sleeper(struct cpu *cpu)
{
    pthread_mutex_lock(&cpu->wait_lock);
    if (__atomic_load_n(&cpu->asleep, __ATOMIC_SEQ_CST))       /* and stays so while we have the lock */
        cpu_drain_work(cpu);
    pthread_mutex_unlock(&cpu->wait_lock);
}

static uint64_t ask(struct cpu *cpu, cpu_work_fn fn, const void *data, size_t size)
{
    struct cpu_work *w = g_new0(struct cpu_work, 1);
    uint64_t seq;
    bool much;

    g_assert(size <= CPU_WORK_DATA);
    w->fn = fn;
    if (size)
        memcpy(w->data, data, size);
    pthread_mutex_lock(&cpu->work_lock);
    g_queue_push_tail(&cpu->work, w);
    seq = ++cpu->work_asked;
    much = g_queue_get_length(&cpu->work) > WORK_WAITING;
    pthread_mutex_unlock(&cpu->work_lock);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&cpu->env.exit_request, 1, __ATOMIC_SEQ_CST);
    if (much)
        work_for_sleeper(cpu);
    return seq;
}

void cpu_drain_work(struct cpu *cpu)
{
    struct cpu_work *w;

    while (__atomic_load_n(&cpu->work_asked, __ATOMIC_SEQ_CST) !=
           __atomic_load_n(&cpu->work_done, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&cpu->work_lock);
        w = g_queue_pop_head(&cpu->work);
        pthread_mutex_unlock(&cpu->work_lock);
        if (!w)
            return;
        w->fn(cpu, w->data);
        g_free(w);
        __atomic_add_fetch(&cpu->work_done, 1, __ATOMIC_SEQ_CST);
    }
}

void cpu_broadcast(struct machine *m, struct cpu *self, cpu_work_fn fn,
                   const void *data, size_t size)
{
    uint64_t seq[MACHINE_MAX_CPUS] = { 0 };

    for (int i = 0; i < m->ncpus; i++)
        if (m->cpus[i] != self)
            seq[i] = ask(m->cpus[i], fn, data, size);
    if (self)
        fn(self, data);
    for (int i = 0; i < m->ncpus; i++) {
        struct cpu *c = m->cpus[i];

        if (c == self)
            continue;
        while (__atomic_load_n(&c->in_guest, __ATOMIC_SEQ_CST) &&
               __atomic_load_n(&c->work_done, __ATOMIC_SEQ_CST) < seq[i]) {
            if (self)
                cpu_drain_work(self);
            sched_yield();
        }
    }
}

static void forget_mappings(struct cpu *cpu, const void *data)
{
    (void)data;
    __atomic_store_n(&cpu->remap_asked, false, __ATOMIC_SEQ_CST);
    tlb_flush_all(cpu);
}

/* Nobody waits here: the device lock is held, which a CPU may want before it can answer. */
void cpus_remapped(void *opaque)
{
    struct machine *m = opaque;

    for (int i = 0; i < m->ncpus; i++)
        if (!__atomic_exchange_n(&m->cpus[i]->remap_asked, true, __ATOMIC_SEQ_CST))
            ask(m->cpus[i], forget_mappings, NULL, 0);
}

/* Somebody asked, and probably will again soon (a loop of TLB maintenance while others spin, as in Linux's stop_machine). Where vCPUs
 * outnumber the host's cores each answer would wait for whole time slices of those who spin: stay outside the guest for a moment, so
 * that the one who asks need not wait for this CPU. */
static void stand_back(const struct machine *m)
{
    if (m->oversubscribed)
        g_usleep(STAND_BACK_US);
}

void cpu_enter_guest(struct cpu *cpu)
{
    struct machine *m = cpu->machine;
    uint64_t done = cpu->work_done;

    cpu_drain_work(cpu);
    if (done != cpu->work_done)
        stand_back(m);
    for (;;) {
        cpu_drain_work(cpu);
        __atomic_store_n(&cpu->in_guest, true, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(&m->exclusive, __ATOMIC_SEQ_CST) &&
            __atomic_load_n(&cpu->work_asked, __ATOMIC_SEQ_CST) ==
                __atomic_load_n(&cpu->work_done, __ATOMIC_SEQ_CST))
            return;
        __atomic_store_n(&cpu->in_guest, false, __ATOMIC_SEQ_CST);
        sched_yield();
    }
}

void cpu_leave_guest(struct cpu *cpu)
{
    __atomic_store_n(&cpu->in_guest, false, __ATOMIC_SEQ_CST);
}

void machine_exclusive_begin(struct machine *m, struct cpu *cpu)
{
    bool free = false;

    while (!__atomic_compare_exchange_n(&m->exclusive, &free, true, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        free = false;
        if (cpu)
            cpu_drain_work(cpu);
        sched_yield();
    }
    for (int i = 0; i < m->ncpus; i++) {
        struct cpu *c = m->cpus[i];

        if (c == cpu)
            continue;
        while (__atomic_load_n(&c->in_guest, __ATOMIC_SEQ_CST)) {
            __atomic_store_n(&c->env.exit_request, 1, __ATOMIC_SEQ_CST);
            if (cpu)
                cpu_drain_work(cpu);
            sched_yield();
        }
    }
}

void machine_exclusive_end(struct machine *m, struct cpu *cpu)
{
    (void)cpu;
    __atomic_store_n(&m->exclusive, false, __ATOMIC_SEQ_CST);
}
