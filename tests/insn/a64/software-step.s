// SPDX-License-Identifier: GPL-2.0-or-later
// Software step of EL0 by EL1 (D2.12): one instruction each, taken and not taken branches, calls, a fault that leaves SPSR.SS set, SVC, and the
// order of PSTATE.SS set, clear, and MDSCR_EL1.SS clear.
// @ console: ok
    .include "start.inc"
    .equ STEP, 0x32 << 26 | 1 << 25 | 1 << 24 | 0x22
    .equ SS, 1 << 21
    .equ LOWER_SYNC, 0x1400
    esr SVC_ESR, 0x15, 5
    .equ UNDEF, 1 << 25

    // To EL0 at \at with SPSR.SS as \ss; then the exception that comes: ESR, where it came from, its SPSR.SS
    .macro step at, ss, esr, from, left=0
    adr x0, \at
    msr elr_el1, x0
    ldr x0, =\ss
    msr spsr_el1, x0
    adr x19, 1f
    eret
1:  check x20, LOWER_SYNC
    mov x20, #0
    check x21, \esr
    adr x0, \from
    sub x0, x23, x0
    check x0, 0
    and x0, x24, #SS
    check x0, \left
    .endm
main:
    mov x0, #(1 << 12) + 1       // MDSCR_EL1.SS
    msr mdscr_el1, x0
    msr oslar_el1, xzr
    isb
    mov x9, #0
    step code, SS, STEP, code1
    check x9, 1
    step code, 0, STEP, code     // not armed: nothing runs
    check x9, 1
    step code1, SS, STEP, code3  // a branch
    check x9, 1
    step code3, SS, STEP, code3b // a branch that is not taken
    step code4, SS, STEP, code1  // a call
    adr x10, code
    step code5, SS, STEP, code   // a computed branch
    step code6, SS, UNDEF, code6, SS     // a fault: still to be stepped
    step code7, SS, SVC_ESR, code8       // a call of EL1 counts as the step
    check x9, 1
    mov x0, #0
    msr mdscr_el1, x0            // off: all of it runs to the SVC
    isb
    step code, SS, SVC_ESR, code8
    check x9, 2
    finish
code:
    add x9, x9, #1
code1:
    b code3
    add x9, x9, #16
code3:
    cbnz xzr, code1
code3b:
    b code7
code4:
    bl code1
code5:
    br x10
code6:
    udf #0
code7:
    svc #5
code8:
    nop
