// SPDX-License-Identifier: GPL-2.0-or-later
// SP alignment checks where SCTLR has them, PC alignment faults; at EL1 and, by its own control, EL0.
// @ el2: on
// @ console: ok
    .include "start.inc"
    esr SPA, 0x26
    esr PCA, 0x22
main:
    go 2, 1
    mrs x10, sctlr_el1
    bic x10, x10, #0x18
    orr x11, x10, #8             // SA
    orr x12, x10, #16            // SA0
    mov x13, sp
    // off
    msr sctlr_el1, x10
    isb
    sub sp, x13, #8
    ldr x0, [sp]
    not_taken
    mov sp, x13
    // EL1's
    msr sctlr_el1, x11
    isb
    ldr x0, [sp]
    not_taken
    sub sp, x13, #8
    ldr x0, [sp]
    taken 0x1200, SPA
    stp x0, x1, [sp, #-16]!
    taken 0x1200, SPA
    ldr x0, [x13]                // other bases are not looked at
    not_taken
    mov sp, x13
    ldr x0, [sp]
    not_taken
    go 1, 0
    mov x14, sp
    sub sp, x14, #8
    ldr x0, [sp]                 // EL0 has SA0
    not_taken
    mov sp, x14
    up svc
    msr sctlr_el1, x12
    isb
    go 1, 0
    sub sp, x14, #8
    ldr x0, [sp]
    taken 0x1400, SPA
    mov sp, x14
    // PC
    adr x18, 1f
    ldr x0, =0x40e00002
    br x0
1:  taken 0x1400, PCA
    check x22, 0x40e00002
    check x23, 0x40e00002
    finish
