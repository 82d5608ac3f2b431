// SPDX-License-Identifier: GPL-2.0-or-later
// Returns that are not allowed: the level stays, PSTATE.IL is set, and the next instruction is the exception.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    esr ILLEGAL, 0x0e
    // From level cur with this SPSR
    .macro illegal cur, spsr
    adr x18, 2f
    adr x25, 1f
    msr elr_el\cur, x25
    ldr x25, =\spsr
    msr spsr_el\cur, x25
    eret
1:  b .
2:
    taken \cur << 12 | 0x200, ILLEGAL
    adr x25, 1b
    sub x25, x23, x25
    check x25, 0                 // before the instruction
    and x24, x24, #~(1 << 20)
    .endm
main:
    illegal 3, 0x3c1             // EL0 with its own SP
    check_spsr 0x3cd
    illegal 3, 0x4003c1          // PAN as it says
    check_spsr 0x4003cd
    illegal 3, 0x3c2             // reserved bit
    check_spsr 0x3cd
    illegal 3, 0x20000000 + 0x3ce
    and x0, x24, #0xf0000000
    check x0, 0x20000000          // flags and masks are taken over
    check_spsr 0x3cd
    illegal 3, 0x0d2             // AArch32 IRQ mode, where EL1 is 64-bit
    go 3, 2
    illegal 2, 0x3cd             // up
    check_spsr 0x3c9
    set hcr_el2, HCR + (1 << 27)
    illegal 2, 0x3c5             // EL1 while TGE is set
    set hcr_el2, HCR
    go 2, 1
    illegal 1, 0x3c9
    check_spsr 0x3c5
    up hvc
    up smc
    set scr_el3, SCR - 1         // Secure: no EL2
    illegal 3, 0x3c9
    go 3, 1
    mrs x0, CurrentEL
    check x0, 4
    hvc #0                       // nor a call to it
    taken 0x1200, UNKNOWN
    // IL in SPSR is an illegal state of its own
    adr x18, 2f
    adr x0, 1f
    msr elr_el1, x0
    ldr x0, =0x1003c5
    msr spsr_el1, x0
    eret
1:  nop
2:
    taken 0x1200, ILLEGAL
    finish
