// SPDX-License-Identifier: GPL-2.0-or-later
// HCR_EL2.E2H: names of EL1's registers mean EL2's at EL2, _EL12 and _EL02 names EL1's; without it those are UNDEFINED.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    // A name of EL1 with its _EL12 name and EL2's: a and b are distinct values that the registers keep.
    .macro redirected el1, el12, el2, a, b
    ldr x2, =\a
    msr \el12, x2
    ldr x3, =\b
    msr \el1, x3
    isb
    mrs x0, \el2
    check x0, \b
    mrs x0, \el12
    check x0, \a
    mrs x0, \el1
    check x0, \b
    .endm
    .equ S3_5, 0
main:
    go 3, 2
    mrs x0, s3_5_c12_c0_0        // VBAR_EL12
    taken 0x2200, UNKNOWN
    mrs x0, s3_5_c14_c3_1        // CNTV_CTL_EL02
    taken 0x2200, UNKNOWN
    mrs x10, vbar_el2
    mrs x11, vbar_el1
    set hcr_el2, HCR + (1 << 34)
    mrs x0, vbar_el1
    sub x0, x0, x10
    check x0, 0
    mrs x0, s3_5_c12_c0_0
    sub x0, x0, x11
    check x0, 0
    redirected esr_el1, s3_5_c5_c2_0, esr_el2, 0x111, 0x222
    redirected far_el1, s3_5_c6_c0_0, far_el2, 0x333, 0x444
    redirected ttbr0_el1, s3_5_c2_c0_0, ttbr0_el2, 0x1000, 0x2000
    redirected ttbr1_el1, s3_5_c2_c0_1, s3_4_c2_c0_1, 0x3000, 0x4000
    redirected tcr_el1, s3_5_c2_c0_2, tcr_el2, 0x19, 0x1a
    redirected mair_el1, s3_5_c10_c2_0, mair_el2, 0xff, 0x44
    redirected amair_el1, s3_5_c10_c3_0, amair_el2, 0, 0
    redirected contextidr_el1, s3_5_c13_c0_1, s3_4_c13_c0_1, 5, 6
    redirected elr_el1, s3_5_c4_c0_1, elr_el2, 0x40, 0x80
    redirected spsr_el1, s3_5_c4_c0_0, spsr_el2, 0x3c5, 0x3c4
    redirected cpacr_el1, s3_5_c1_c0_2, cptr_el2, 0x300000, 0x300000
    redirected cntkctl_el1, s3_5_c14_c1_0, cnthctl_el2, 2, 0xc03
    redirected cntp_cval_el0, s3_5_c14_c2_2, cnthp_cval_el2, 0x7000, 0x8000
    redirected cntv_cval_el0, s3_5_c14_c3_2, s3_4_c14_c3_2, 0x9000, 0xa000
    // SP_EL1, TPIDR_EL1 are themselves
    mov x0, #7
    msr tpidr_el1, x0
    msr tpidr_el2, xzr
    mrs x0, tpidr_el1
    check x0, 7
    // CPTR_EL2 has CPACR_EL1's form: FPEN 0 traps EL2 itself
    msr cpacr_el1, xzr
    isb
    fmov d0, x0
    taken 0x2200, 0x1fe00000
    ldr x0, =0x300000
    msr cpacr_el1, x0
    isb
    // TGE: EL0 of the host; SVC comes here
    set hcr_el2, HCR + (1 << 34) + (1 << 27)
    mrs x10, sctlr_el1
    orr x0, x10, #1 << 14        // DZE, not in EL1's own
    msr sctlr_el1, x0
    go 2, 0
    svc #9
    taken 0x2400, 0x56000009
    mrs x0, dczid_el0
    check x0, 4                  // DZP clear
    up svc
    msr sctlr_el1, x10
    go 2, 0
    mrs x0, dczid_el0
    check x0, 0x14
    up svc
    // EL1 is not redirected
    set hcr_el2, HCR + (1 << 34)
    go 2, 1
    mrs x0, far_el1
    check x0, 0x333
    mrs x0, contextidr_el1
    check x0, 5
    mrs x0, s3_5_c6_c0_0
    taken 0x1200, UNKNOWN
    up hvc
    // EL3 may use the names of EL1's registers, and is not redirected
    up smc
    mrs x0, s3_5_c6_c0_0
    check x0, 0x333
    mrs x0, far_el1
    check x0, 0x333
    mrs x0, far_el2
    check x0, 0x444
    set hcr_el2, HCR
    mrs x0, s3_5_c6_c0_0
    taken 0x3200, UNKNOWN
    finish
