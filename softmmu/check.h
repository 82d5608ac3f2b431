/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -accel tcg,check=on: each translation is run by host code, which logs what it loads and stores, and then again by the IR interpreter,
 * which is fed that log. State and stores must agree. Single-threaded machines only.
 */
#ifndef SOFTMMU_CHECK_H
#define SOFTMMU_CHECK_H

#include "softmmu/cpu.h"
#include "tcg/compile.h"

struct tb;
struct check;

/* For tcg_config.mem: the slow paths of access.h, logging. */
extern const struct tcg_mem_ops check_mem_ops;

struct check *check_new(struct cpu *cpu);
void check_free(struct check *c);
/* Run tb both ways. Returns true when the guest faulted: the exception is pending in cpu, and the caller goes on as after a
 * longjmp. On a difference: prints it with the region, and ends the process with status 1. */
bool check_run(struct cpu *cpu, const struct tb *tb);
/* Regions checked, and regions left out because a helper in them cannot be repeated. */
void check_counts(const struct check *c, uint64_t *checked, uint64_t *skipped);

#endif
