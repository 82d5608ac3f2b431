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

/* Translation regimes of AArch32 (B3.1). */
enum arm_regime {
    ARM_REGIME_NS,           /* Non-secure PL1&0: stage 2 may follow. Without the Security Extensions there is no other PL1&0 */
    ARM_REGIME_SECURE,       /* Secure PL1&0, Monitor mode's too */
    ARM_REGIME_HYP,
};
enum arm_regime arm_regime(const struct arm_cpu *a);

/* 64-bit PAR of ATS1C**, ATS12NSO**, ATS1H* (B4.1.112). both: through stage 2 as well. */
void arm_address_translate(struct arm_cpu *a, enum arm_regime regime, uint32_t va, enum access_type type, bool priv, bool both);

/* ---- Security and Virtualization Extensions of CPUs without AArch64 ---- */

static inline bool arm_has_hyp(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL2) && !arm_has(a, ARM_A64);
}

static inline bool arm_has_monitor(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL3) && !arm_has(a, ARM_A64);
}

static inline bool arm_in_mode(const struct arm_cpu *a, uint32_t mode)
{
    return (a->cpsr & PSR_M_MASK) == mode;
}

/* Secure state: SCR.NS is 0, or Monitor mode (B1.5.1). False without the Security Extensions. */
static inline bool arm_in_secure(const struct arm_cpu *a)
{
    return arm_has_monitor(a) && (!(a->cp15.scr & 1) || arm_in_mode(a, PSR_MON));
}

/* The banked registers that act on what runs now, in PL1&0 and Monitor mode. */
static inline struct arm_cp15_bank *arm_bank(const struct arm_cpu *a)
{
    return arm_in_secure(a) && a->cp15.scr & 1 ? &ARM_CPU(a)->cp15.other : &ARM_CPU(a)->cp15.bank;
}

/* SCR, as 32-bit CPUs have it; the bits that AArch64 has too are SCR_* of sys64.h. */
#define SCR_SCD (1u << 7)

/* cpu.exception_extra of 32-bit CPUs: an abort that Monitor mode takes; HPFAR's value is in it. */
enum arm_extra { ARM_EXTRA_MONITOR = 1, ARM_EXTRA_HPFAR = 2 };

/* HCR as it acts on Non-secure PL1 and PL0: 0 elsewhere; with TGE the routing bits read as set, and what is for a guest's PL1 as clear. */
uint32_t arm_hcr32(const struct arm_cpu *a);
/* Write HCR, SCR: what depends on them follows. */
void arm_hcr_write(struct arm_cpu *a, uint64_t val);
void arm_scr_write(struct arm_cpu *a, uint64_t val);
/* Lines of enum arm_input with HCR.VI and VF or-ed in. */
uint32_t arm_lines(const struct arm_cpu *a);
/* Is stage 2 on for Non-secure PL1&0? */
bool arm_stage2_on(const struct arm_cpu *a);
/* Raise an exception that Hyp mode takes: hsr as HSR shall hold it, aborts in the form "from another mode"; addr: HDFAR or HIFAR. */
void arm_raise_hyp(struct arm_cpu *a, uint32_t hsr, uint32_t addr) __attribute__((noreturn));
/* The instruction at env.pc: bits (T32's first halfword high if it has two) and length in bytes; 0: it cannot be read. */
unsigned arm_read_insn(struct arm_cpu *a, uint32_t *insn);
/* HSR's ISV and fields under it for the data access of the instruction at env.pc, or 0; IL in *il. */
uint32_t arm_access_syndrome(struct arm_cpu *a, uint32_t *il);
/* Leave for Hyp mode if HCR, HSTR, HDCR, HCPTR or CNTHCTL trap this access of a coprocessor register, which the current mode has. */
void arm_coproc_trap(struct arm_cpu *a, const struct arm_coproc_insn *ci);
/* A register access in 32 bits, for helpers. */
static inline uint32_t arm_coproc_pack(const struct arm_coproc_insn *ci)
{
    return (uint32_t)(ci->cp & 1) | (uint32_t)ci->opc1 << 1 | (uint32_t)ci->crn << 4 | (uint32_t)ci->crm << 8 | (uint32_t)ci->opc2 << 12 |
           (uint32_t)ci->is64 << 15 | (uint32_t)ci->read << 16 | (uint32_t)ci->rt << 17 | (uint32_t)ci->rt2 << 21;
}

static inline struct arm_coproc_insn arm_coproc_unpack(uint32_t what)
{
    return (struct arm_coproc_insn){ .cp = 14 + (what & 1), .opc1 = what >> 1 & 7, .crn = what >> 4 & 15, .crm = what >> 8 & 15,
        .opc2 = what >> 12 & 7, .is64 = what >> 15 & 1, .read = what >> 16 & 1, .rt = what >> 17 & 15, .rt2 = what >> 21 & 15 };
}
/* Is there any such trap now? (ARM_MODE_TRAPS) */
bool arm_has_traps(const struct arm_cpu *a);
/* May floating point be used: 0 yes, 1 UNDEFINED (CPACR, NSACR), 2 a trap to Hyp mode (HCPTR). */
unsigned arm_fp_trap(const struct arm_cpu *a);

/* cpu_ops */
bool arm_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r);
bool arm_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key);
void arm_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view) __attribute__((noreturn));
void arm_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view);
void arm_take_exception(struct cpu *cpu);
bool arm_take_interrupt(struct cpu *cpu);
bool arm_has_work(const struct cpu *cpu);
uint32_t arm_mode(const struct cpu *cpu);

/* Reset of both targets' CPUs: what the machine says of power control, then, with the registers reset in between, timers and power. */
void arm_reset_begin(struct arm_cpu *a);
void arm_reset_end(struct arm_cpu *a);

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

/* tlb_key.space has the ASID in bits 63:56; tlb_key.outer the regime, stage 2 and VMID. */
#define ARM_KEY_ASID_SHIFT 56
#define ARM_OUTER_STAGE2 ((uint64_t)1 << 9)
#define ARM_OUTER_VMID_SHIFT 16
#define ARM_OUTER_REGIME_MASK ((uint64_t)0xff)

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
