/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the system files of the ARM target: MMU, exceptions, timers, PSCI, system registers. */
#ifndef TARGET_ARM_SYSTEM_H
#define TARGET_ARM_SYSTEM_H

#include "target-arm/arm.h"

/* SCTLR (B4.1.130) */
enum arm_sctlr {
    SCTLR_M = 1 << 0, SCTLR_A = 1 << 1, SCTLR_C = 1 << 2, SCTLR_CP15BEN = 1 << 5,
    SCTLR_SW = 1 << 10, SCTLR_Z = 1 << 11, SCTLR_I = 1 << 12, SCTLR_V = 1 << 13,
    SCTLR_RR = 1 << 14, SCTLR_WXN = 1 << 19, SCTLR_UWXN = 1 << 20, SCTLR_FI = 1 << 21,
    SCTLR_EE = 1 << 25, SCTLR_TRE = 1 << 28, SCTLR_AFE = 1 << 29, SCTLR_TE = 1 << 30,
};
#define SCTLR_EAE (1u << 31)  /* of TTBCR */

/* Bits of exception_syndrome for aborts: the FSR value as DFSR/IFSR shows it (either format). */
enum arm_fsr {
    FSR_LPAE = 1 << 9, FSR_FS4 = 1 << 10, FSR_WNR = 1 << 11,
};

/* Kinds of memory fault; encoded into FSR by the format in use. */
enum arm_fault {
    FAULT_ALIGNMENT, FAULT_DEBUG, FAULT_TRANSLATION, FAULT_ACCESS_FLAG, FAULT_DOMAIN, FAULT_PERMISSION,
    FAULT_EXTERNAL, FAULT_EXTERNAL_WALK,
};
uint32_t arm_fsr(const struct arm_cpu *a, enum arm_fault fault, unsigned level, unsigned domain, bool write);

/* One stage 1 walk. view: ARM_VIEW_*. True with r filled, else *fsr. */
bool arm_walk(struct arm_cpu *a, uint32_t va, enum access_type type, bool priv, struct tlb_fill *r, uint32_t *fsr);
/* 64-bit PAR of ATS1C** (B4.1.112). */
void arm_address_translate(struct arm_cpu *a, uint32_t va, enum access_type type, bool priv);

/* cpu_ops */
bool arm_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r);
bool arm_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key);
void arm_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view) __attribute__((noreturn));
void arm_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view);
void arm_take_exception(struct cpu *cpu);
bool arm_take_interrupt(struct cpu *cpu);
bool arm_has_work(const struct cpu *cpu);
uint32_t arm_mode(const struct cpu *cpu);

/* Move past a call instruction: A32 four bytes, Thumb thumb_size; an IT block goes on behind it. */
void arm_step_over(struct arm_cpu *a, unsigned thumb_size);

/* The same for CPUs with AArch64 (except64.c), and ERET. */
void arm64_take_exception(struct cpu *cpu);
bool arm64_take_interrupt(struct cpu *cpu);
bool arm64_has_work(const struct cpu *cpu);
uint32_t arm64_mode(const struct cpu *cpu);
void arm64_exception_return(struct arm_cpu *a);

/* NZCV in bits 31:28 <-> enum ir_flag_bit. */
uint32_t arm_nzcv_of_flags(uint32_t flags);
uint32_t arm_flags_of_nzcv(uint32_t nzcv);

/* ASID of the current address space, as tlb keys have it in bits 63:56. */
unsigned arm_asid(const struct arm_cpu *a);
#define ARM_KEY_ASID_SHIFT 56

/* System registers */
void arm_sysregs_reset(struct arm_cpu *a);

/* Generic timer (B8): make and free the timers, read the counter, act on a register change (device lock taken inside). */
#define ARM_TIMER_HZ 62500000u
void arm_timer_init(struct arm_cpu *a);
void arm_timer_fini(struct arm_cpu *a);
uint64_t arm_count(const struct arm_cpu *a, int timer);
void arm_timer_update(struct arm_cpu *a, int timer);
bool arm_timer_istatus(const struct arm_cpu *a, int timer);

/* PSCI call in r0-r3; false when r0 is not a PSCI function. */
bool arm_psci_call(struct arm_cpu *a);

#endif
