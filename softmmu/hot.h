/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a vCPU spends its time: a timer on its thread's CPU time makes it look, at the next poll, at where it is. Places seen twice are
 * translated again with more effort (tb.c). Costs nothing while the vCPU sleeps.
 */
#ifndef SOFTMMU_HOT_H
#define SOFTMMU_HOT_H

struct cpu;

/* On the thread that runs vCPUs: begin; cpu is the machine's first that runs here. Where the host has no such timer nothing gets hot. */
void hot_start(struct cpu *cpu);
/* This thread runs cpu from now on. */
void hot_current(struct cpu *cpu);
void hot_stop(void);

#endif
