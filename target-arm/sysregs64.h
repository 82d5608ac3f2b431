/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of AArch64 system registers (sysregs64.c), for who decodes and checks accesses (sysregs64-access.c). */
#ifndef TARGET_ARM_SYSREGS64_H
#define TARGET_ARM_SYSREGS64_H

#include "target-arm/sysregs.h"

/* What can stand in the way of an access that the exception level allows (sysregs64-access.c). */
enum sys64_trap {
    TRAP_NONE, TRAP_NEVER,
    TRAP_TID1, TRAP_TID2, TRAP_TID3, TRAP_TVM, TRAP_TACR, TRAP_CPACR, TRAP_CPTR2, TRAP_CTR, TRAP_SP_EL0,
    TRAP_PAN, TRAP_UAO, TRAP_DIT, TRAP_SSBS, TRAP_DAIF, TRAP_RAS, TRAP_RVBAR1, TRAP_RVBAR2, TRAP_VHE, TRAP_LOR, TRAP_APK,
    TRAP_PMU, TRAP_PMUSER, TRAP_CNTFRQ, TRAP_CNTPCT, TRAP_CNTVCT, TRAP_CNTP, TRAP_CNTV, TRAP_CNTPS, TRAP_DEBUG, TRAP_DCC,
    TRAP_OSDEBUG, TRAP_DEBUGROM, TRAP_PMCR,
};

enum sys64_storage { SYS64_NONE, SYS64_FIELD, SYS64_FIELD32, SYS64_CP15, SYS64_CONST, SYS64_MODEL, SYS64_MODEL64 };

/* No level may: in read_el and write_el. */
#define SYS64_NEVER 4

struct sys64_reg {
    const char *name;
    uint16_t number;         /* CPU_SYSREG */
    uint8_t read_el, write_el;       /* lowest level that may */
    bool ends;               /* a write ends the region */
    uint8_t trap, storage;
    uint32_t value;          /* offset or constant */
    sysreg_read_fn read;
    sysreg_write_fn write;
};

/* The row of the register, or NULL. */
const struct sys64_reg *sys64_find(unsigned number);
/* Rows by index, for helpers; the index of a row. */
const struct sys64_reg *sys64_row(unsigned index);
unsigned sys64_index(const struct sys64_reg *r);
/* Do the access: it was checked. */
uint64_t sys64_read(struct arm_cpu *a, const struct sys64_reg *r);
void sys64_write(struct arm_cpu *a, const struct sys64_reg *r, uint64_t val);

#endif
