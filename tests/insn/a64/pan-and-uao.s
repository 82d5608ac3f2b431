// SPDX-License-Identifier: GPL-2.0-or-later
// PAN keeps EL1 from memory that EL0 may access, but for LDTR and STTR; UAO makes those ordinary; SCTLR_EL1.SPAN and exception entry.
// @ el2: on
// @ console: ok
    .include "start.inc"
    .equ L1, 0x40800000
    .equ L2, 0x40810000
    .equ KERNEL, 0x701           // block, AF, inner shareable, EL1 only; attribute 0 is Normal
    .equ USER, 0x741 + (1 << 53)         // and EL0; privileged execute-never
    .equ DEVICES, 0x405
    esr PERMISSION, 0x25, 0x0e   // of a read, level 2
    esr PERMISSION_W, 0x25, 0x4e
    esr SVC0, 0x15, 0
main:
    go 2, 1
    ldr x0, =L1
    ldr x1, =DEVICES
    str x1, [x0]
    ldr x1, =L2 + 3
    str x1, [x0, #8]
    ldr x0, =L2
    ldr x1, =0x40000000 + KERNEL
    mov x2, #8
1:  str x1, [x0], #8
    add x1, x1, #0x200000
    subs x2, x2, #1
    b.ne 1b
    ldr x1, =0x41000000 + USER
    str x1, [x0]
    dsb sy
    ldr x0, =L1
    msr ttbr0_el1, x0
    mov x0, #0xff                // attribute 0 Normal, 1 Device
    msr mair_el1, x0
    ldr x0, =0x200803519         // T0SZ 25, write-back, inner shareable, EPD1, 40 bits
    msr tcr_el1, x0
    tlbi vmalle1
    dsb sy
    mrs x0, sctlr_el1
    orr x0, x0, #1
    orr x0, x0, #(1 << 23)       // SPAN: entry leaves PAN
    msr sctlr_el1, x0
    isb
    ldr x9, =0x41000000
    ldr x10, =0x40e00000
    ldr x0, [x9]                 // user memory, from EL1
    not_taken
    ldtr x0, [x9]
    not_taken
    ldtr x0, [x10]               // kernel memory, as EL0
    taken 0x1200, PERMISSION
    check x22, 0x40e00000
    sttr x0, [x10]
    taken 0x1200, PERMISSION_W
    // PAN
    msr pan, #1
    mrs x0, pan
    check x0, 0x400000
    ldr x0, [x9]
    taken 0x1200, PERMISSION
    str x0, [x9]
    taken 0x1200, PERMISSION_W
    ldr x0, [x10]
    not_taken
    ldtr x0, [x9]
    not_taken
    at s1e1r, x9                 // does not look at PAN
    isb
    mrs x0, par_el1
    and x0, x0, #1
    check x0, 0
    at s1e1rp, x9                // does
    isb
    mrs x0, par_el1
    and x0, x0, #0x7f
    check x0, 0x1d
    // UAO
    msr uao, #1
    mrs x0, uao
    check x0, 0x800000
    ldtr x0, [x10]
    not_taken
    ldtr x0, [x9]                // ordinary: PAN counts
    taken 0x1200, PERMISSION
    svc #0
    taken 0x1200, SVC0
    and x0, x24, #0xc00000       // both were set,
    check x0, 0xc00000
    mrs x0, uao                  // and come back
    check x0, 0x800000
    msr pan, #0
    msr uao, #0
    // entry clears UAO, and sets PAN where SPAN is clear
    msr uao, #1
    adr x19, 1f
    svc #0
1:  mrs x0, uao
    check x0, 0
    mrs x0, pan
    check x0, 0
    mov x20, #0
    mrs x0, sctlr_el1
    bic x0, x0, #(1 << 23)
    msr sctlr_el1, x0
    isb
    adr x19, 1f
    svc #0
1:  mrs x0, pan
    check x0, 0x400000
    mov x20, #0
    ldr x0, [x9]
    taken 0x1200, PERMISSION
    finish
