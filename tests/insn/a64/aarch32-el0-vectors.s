// SPDX-License-Identifier: GPL-2.0-or-later
// AArch32 at EL0: EL1 takes its exceptions at vectors 0x600, EL2 above a 64-bit EL1 at 0x400, EL2 as the host of EL0 at 0x600.
// @ el2: on
// @ console: ok
    .include "start.inc"
    esr SVC32_5, 0x11, 5
    esr BKPT32_7, 0x38, 7
    // From level cur to AArch32 User mode; program: what runs there. The level is 0 then; x19 brings back.
    .macro user cur, program
    adr x25, \program
    msr elr_el\cur, x25
    mov x25, #0x1d0
    msr spsr_el\cur, x25
    adr x19, back\@
    eret
back\@:
    .endm
main:
    go 2, 1
    user 1, calls
    taken 0x1600, SVC32_5
    and x0, x24, #0x1f
    check x0, 0x10
    adr x0, calls + 4
    sub x0, x23, x0
    check x0, 0                  // behind the call
    user 1, breaks
    taken 0x1600, BKPT32_7
    user 1, undefined
    taken 0x1600, UNKNOWN
    up hvc
    set hcr_el2, HCR + (1 << 27)
    user 2, calls
    taken 0x2400, SVC32_5
    set hcr_el2, HCR + (1 << 27) + (1 << 34)
    user 2, calls
    taken 0x2600, SVC32_5
    // a physical IRQ for EL2
    set hcr_el2, HCR + (1 << 4)
    port IRQ, 1
    adr x25, calls
    msr elr_el2, x25
    mov x25, #0x1d0
    msr spsr_el2, x25
    adr x19, 1f
    eret                         // the handler comes back here masked, where the call is
1:  check x23, calls_at + 4
    check x21, SVC32_5
    taken_async 0x1600
    check x17, 0x2480
    finish
    .equ calls_at, calls
calls:
    .inst 0xef000005             // svc #5
breaks:
    .inst 0xe1200077             // bkpt #7
undefined:
    .inst 0xe7f000f0             // udf #0
