// SPDX-License-Identifier: GPL-2.0-or-later
// EL3 to EL0 and back: where SVC, HVC and SMC go, with which syndrome, and when they are UNDEFINED.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    esr SVC77, 0x15, 0x77
    esr SVC1, 0x15, 1
    esr HVC2, 0x16, 2
    esr SMC3, 0x17, 3
main:
    mrs x0, CurrentEL
    check x0, 12
    svc #1                       // the same level, its own stack
    taken 0x3200, SVC1
    check_spsr 0x3cd
    hvc #2
    taken 0x3200, HVC2
    smc #3
    taken 0x3200, SMC3
    go 3, 2
    mrs x0, CurrentEL
    check x0, 8
    svc #1
    taken 0x2200, SVC1
    hvc #2
    taken 0x2200, HVC2
    smc #3
    taken 0x3400, SMC3
    check_spsr 0x3c9
    msr spsel, #0
    svc #1
    taken 0x2000, SVC1
    msr spsel, #1
    go 2, 1
    mrs x0, CurrentEL
    check x0, 4
    svc #1
    taken 0x1200, SVC1
    hvc #2
    taken 0x2400, HVC2
    smc #3
    taken 0x3400, SMC3
    go 1, 0
    svc #1
    taken 0x1400, SVC1
    check_spsr 0x3c0
    hvc #2
    taken 0x1400, UNKNOWN
    smc #3
    taken 0x1400, UNKNOWN
    mrs x0, CurrentEL
    taken 0x1400, UNKNOWN
    eret
    taken 0x1400, UNKNOWN
    up svc
    mrs x0, CurrentEL
    check x0, 4
    up hvc
    mrs x0, CurrentEL
    check x0, 8
    // HCR_EL2.TSC: EL1's SMC, which has not been done
    set hcr_el2, HCR + (1 << 19)
    go 2, 1
smc_at:
    smc #3
    taken 0x2400, SMC3
    adr x0, smc_at
    sub x0, x23, x0
    check x0, 0
    up hvc
    smc #3                       // not EL2's own
    taken 0x3400, SMC3
    // TGE: EL2 has EL0's exceptions
    set hcr_el2, HCR + (1 << 27)
    go 2, 0
    svc #1
    taken 0x2400, SVC1
    brk #5
    check x20, 0x2400
    check x21, 0xf2000005
    mov x20, #0
    hvc #2
    taken 0x2400, UNKNOWN
    up svc
    mrs x0, CurrentEL
    check x0, 8
    set hcr_el2, HCR
    up smc
    mrs x0, CurrentEL
    check x0, 12
    // SCR_EL3.HCE clear, SMD set
    set scr_el3, SCR + 0x80 - 0x100
    hvc #2
    taken 0x3200, UNKNOWN
    smc #3
    taken 0x3200, UNKNOWN
    go 3, 2
    hvc #2
    taken 0x2200, UNKNOWN
    smc #3
    taken 0x2200, UNKNOWN
    go 2, 1
    hvc #2
    taken 0x1200, UNKNOWN
    smc #3
    taken 0x1200, UNKNOWN
    finish
