// SPDX-License-Identifier: GPL-2.0-or-later
// Accesses of EL1 and EL2 to the GIC's system registers: when they are the virtual machine's, and when EL2 or EL3 takes them.
// @ el2: on
// @ el3: on
// @ icc: on
// @ console: ok
    .include "start.inc"
    .equ VIRTUAL, 1
    .equ SECURE, 2
    .equ FROM_EL3, 4
    .equ IMO, 1 << 4
    .equ FMO, 1 << 3
    esr_sys R_IAR1, 3, 0, 12, 12, 0, 2, 1
    esr_sys R_IAR0, 3, 0, 12, 8, 0, 2, 1
    esr_sys R_PMR, 3, 0, 4, 6, 0, 2, 1
    esr_sys W_DIR, 3, 0, 12, 11, 1, 2, 0
    esr_sys W_SGI1R, 3, 0, 12, 11, 5, 2, 0
    .macro iar1
    mrs x2, s3_0_c12_c12_0
    .endm
    .macro iar0
    mrs x2, s3_0_c12_c8_0
    .endm
    .macro pmr
    mrs x2, s3_0_c4_c6_0
    .endm
    .macro dir
    msr s3_0_c12_c11_1, x2
    .endm
    .macro sgi1r
    msr s3_0_c12_c11_5, x2
    .endm
    // At EL1, with these bits of HCR_EL2 and ICH_HCR_EL2
    .macro el1 hcr, ich=0
    set hcr_el2, HCR + \hcr
    set s3_4_c12_c11_0, \ich
    go 2, 1
    mov x2, #99
    .endm
main:
    iar1
    check x2, FROM_EL3
    go 3, 2
    iar1
    check x2, 0
    mrs x2, s3_6_c12_c12_5       // ICC_SRE_EL3
    taken 0x2200, UNKNOWN
    el1 0
    iar1
    check x2, 0
    mrs x2, s3_4_c12_c11_0       // ICH_HCR_EL2
    taken 0x1200, UNKNOWN
    sgi1r
    not_taken
    up hvc
    el1 IMO
    iar1
    check x2, VIRTUAL
    iar0
    check x2, 0
    pmr
    check x2, VIRTUAL
    sgi1r
    taken 0x2400, W_SGI1R
    mrs x2, s3_0_c12_c12_5       // ICC_SRE_EL1
    check x2, 0
    up hvc
    el1 FMO
    iar1
    check x2, 0
    iar0
    check x2, VIRTUAL
    up hvc
    // ICH_HCR_EL2: TC, TALL0, TALL1, TDIR
    el1 IMO, 1 << 10
    pmr
    taken 0x2400, R_PMR
    dir
    taken 0x2400, W_DIR
    iar1
    check x2, VIRTUAL
    up hvc
    el1 IMO, 1 << 11
    iar0
    taken 0x2400, R_IAR0
    iar1
    not_taken
    up hvc
    el1 0, 1 << 12
    iar1
    taken 0x2400, R_IAR1
    iar0
    not_taken
    up hvc
    el1 IMO, 1 << 14
    dir
    taken 0x2400, W_DIR
    pmr
    not_taken
    up hvc
    // EL2's own are not its virtual machine's
    set hcr_el2, HCR + IMO + FMO
    iar1
    check x2, 0
    // SCR_EL3
    up smc
    set scr_el3, SCR + 2
    go 3, 2
    iar1
    taken 0x3400, R_IAR1
    iar0
    not_taken
    pmr
    not_taken
    el1 IMO
    iar1                         // virtual ones are EL1's
    check x2, VIRTUAL
    up smc
    set scr_el3, SCR + 6
    go 3, 2
    pmr
    taken 0x3400, R_PMR
    iar0
    taken 0x3400, R_IAR0
    sgi1r
    taken 0x3400, W_SGI1R
    up smc
    // Secure state
    set scr_el3, SCR - 1
    iar1
    check x2, SECURE + FROM_EL3
    go 3, 1
    iar1
    check x2, SECURE
    finish
