/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System registers of a CPU that a device answers. */
#ifndef SOFTMMU_SYSREG_H
#define SOFTMMU_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

/* System registers that belong to a device: the GIC's CPU interface (ICC_*, ICH_*). The board connects them; the target decodes, checks
 * privilege and traps, and calls these from the CPU's own thread without the device lock, which the device takes itself. The target
 * ends the region after a write: interrupt lines may have changed. */
#define CPU_SYSREG(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
enum cpu_sysreg_flags {
    CPU_SYSREG_VIRTUAL = 1 << 16,    /* the register of this name for the virtual machine (ICV_*): EL1 with HCR_EL2.{IMO,FMO} set */
    CPU_SYSREG_SECURE  = 1 << 17,    /* from Secure state (or EL3 with SCR_EL3.NS = 0) */
    CPU_SYSREG_EL3     = 1 << 18,    /* from EL3 */
};
struct cpu_sysreg_ops {
    /* Is there a register of this number (CPU_SYSREG, without flags) that can be written, or read? Otherwise the access is UNDEFINED.
     * Depends on nothing but its arguments once the machine is made. */
    bool (*has)(void *opaque, unsigned reg, bool write);
    /* cpu: its index; reg: CPU_SYSREG with flags. */
    uint64_t (*read)(void *opaque, unsigned cpu, unsigned reg);
    void (*write)(void *opaque, unsigned cpu, unsigned reg, uint64_t val);
};

#endif
