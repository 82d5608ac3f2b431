/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples by a timer on the thread's CPU time; its signal only leaves a mark and asks the vCPU to leave generated code. */
#include "config.h"
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "softmmu/cpu.h"
#include "softmmu/hot.h"
#include "softmmu/machine.h"

#define SAMPLE_NS (1000 * 1000)

/* The thread's own: what its signal handler looks at. */
static __thread struct cpu *running;
static __thread timer_t timer;
static __thread bool has_timer;

static void on_sample(int sig)
{
    struct cpu *cpu = running;

    (void)sig;
    if (!cpu)
        return;
    cpu->sampled = true;
    __atomic_store_n(&cpu->env.exit_request, 1, __ATOMIC_SEQ_CST);
}

void hot_current(struct cpu *cpu)
{
    __atomic_store_n(&running, cpu, __ATOMIC_RELAXED);
}

void hot_start(struct cpu *cpu)
{
    struct sigaction action = { .sa_handler = on_sample, .sa_flags = SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 1 };
    const struct itimerspec every = { .it_interval.tv_nsec = SAMPLE_NS, .it_value.tv_nsec = SAMPLE_NS };
    const struct machine_config *config = &cpu->machine->config;

    if (config->hot != HOT_SAMPLED || config->interpret || config->check)
        return;
    hot_current(cpu);
    event._sigev_un._tid = gettid();
    sigaction(SIGRTMIN + 1, &action, NULL);
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer))
        return;
    has_timer = true;
    timer_settime(timer, 0, &every, NULL);
}

void hot_stop(void)
{
    if (has_timer)
        timer_delete(timer);
    has_timer = false;
    hot_current(NULL);
}
