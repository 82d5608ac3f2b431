/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slow paths of guest memory access (tcg/compile.h), and accesses for C code of a target. */
#ifndef SOFTMMU_ACCESS_H
#define SOFTMMU_ACCESS_H

#include "softmmu/cpu.h"
#include "tcg/compile.h"

/* For tcg_config.mem. */
extern const struct tcg_mem_ops access_mem_ops;

/* IN and OUT of 1, 2 or 4 bytes, for helpers: env.pc is the instruction's, the device lock not held. What is absent reads all ones. After
 * cpu_io_write the CPU may have been asked for anything (reset, SMI, power off), and memory may have moved: the region ends there. */
uint32_t cpu_io_read(struct cpu *cpu, uint16_t port, unsigned size);
void cpu_io_write(struct cpu *cpu, uint16_t port, unsigned size, uint32_t v);

#endif
