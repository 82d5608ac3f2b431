// SPDX-License-Identifier: GPL-2.0-or-later
// Where physical and virtual interrupts go, and which masks count: SCR_EL3.{IRQ,FIQ}, HCR_EL2.{IMO,FMO,AMO,VI,VF,VSE,TGE}, PSTATE.DAIF, ISR_EL1.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    .equ UNMASKED, 0
    .equ IMO, 1 << 4
    .equ FMO, 1 << 3
    .equ AMO, 1 << 5
main:
    // EL1's own, masked by its masks
    go 3, 1
    port IRQ, 1
    nop
    not_taken
    mrs x0, isr_el1
    check x0, 0x80
    wfi                          // pending: goes on
    msr daifclr, #2
    nop
    taken_async 0x1280
    mrs x0, daif                 // the handler returned masked
    check x0, 0x3c0
    port FIQ, 1
    mrs x0, isr_el1
    check x0, 0x40
    msr daifclr, #1
    nop
    taken_async 0x1300
    // FIQ comes first; the handler lowers both
    port IRQ, 1
    port FIQ, 1
    msr daifclr, #3
    nop
    taken_async 0x1300
    // from EL0
    port IRQ, 1
    go 1, 0, UNMASKED
    nop
    taken_async 0x1480
    up svc
    // EL2 does not get what goes to EL1, not even unmasked
    up hvc
    port IRQ, 1
    msr daifclr, #2
    nop
    not_taken
    msr daifset, #15
    // routed to EL2: EL1's masks do not count, EL2's own do
    set hcr_el2, HCR + IMO
    nop
    not_taken
    go 2, 1
    nop
    taken_async 0x2480
    up hvc
    port IRQ, 1
    msr daifclr, #2
    nop
    taken_async 0x2280
    set hcr_el2, HCR + FMO
    port FIQ, 1
    go 2, 0
    nop
    taken_async 0x2500
    up svc
    up hvc
    // routed to EL3: nobody's masks count
    up smc
    set scr_el3, SCR + 2
    set hcr_el2, HCR + IMO
    port IRQ, 1
    msr daifclr, #2
    nop
    taken_async 0x3280
    port IRQ, 1
    go 3, 2
    nop
    taken_async 0x3480
    port FIQ, 1                  // SCR_EL3.FIQ is clear: EL1's
    nop
    not_taken
    go 2, 1, 0x380
    nop
    taken_async 0x1300
    up smc
    set scr_el3, SCR + 4
    port FIQ, 1
    go 3, 1
    nop
    taken_async 0x3500
    up smc
    set scr_el3, SCR
    // virtual lines: only with the routing bit, only at EL1 and EL0
    go 3, 2
    set hcr_el2, HCR
    port VIRQ, 1
    go 2, 1, UNMASKED
    nop
    not_taken
    up hvc
    set hcr_el2, HCR + IMO
    msr daifclr, #15
    nop
    not_taken
    msr daifset, #15
    go 2, 1
    nop
    not_taken
    mrs x0, isr_el1
    check x0, 0x80
    wfi
    msr daifclr, #2
    nop
    taken_async 0x1280
    up hvc
    set hcr_el2, HCR + FMO
    port VFIQ, 1
    go 2, 0, UNMASKED
    nop
    taken_async 0x1500
    up svc
    up hvc
    // HCR_EL2.VI and VF; they stay until EL2 clears them
    set hcr_el2, HCR + IMO + (1 << 7)
    go 2, 1, UNMASKED
    nop
    taken_async 0x1280
    mrs x0, isr_el1
    check x0, 0x80
    up hvc
    set hcr_el2, HCR + FMO + (1 << 6)
    go 2, 1, UNMASKED
    nop
    taken_async 0x1300
    up hvc
    set hcr_el2, HCR + (1 << 7) + (1 << 6)
    go 2, 1, UNMASKED
    nop
    not_taken
    up hvc
    // VSE: once
    set hcr_el2, HCR + AMO + (1 << 8)
    go 2, 1
    nop
    not_taken
    mrs x0, isr_el1
    check x0, 0x100
    wfi
    msr daifclr, #4
    nop
    taken_async 0x1380
    check x21, 0xbe000000
    msr daifclr, #4
    nop
    not_taken
    up hvc
    mrs x0, hcr_el2
    check x0, HCR + AMO
    // TGE: all to EL2, nothing virtual
    set hcr_el2, HCR + (1 << 27) + (1 << 7)
    port IRQ, 1
    go 2, 0
    nop
    taken_async 0x2480
    up svc
    // the host's EL0 has masks
    set hcr_el2, HCR + (1 << 27) + (1 << 34)
    port IRQ, 1
    go 2, 0
    nop
    not_taken
    up svc
    go 2, 0, UNMASKED
    nop
    taken_async 0x2480
    up svc
    set hcr_el2, HCR
    // Secure state has no EL2
    up smc
    set scr_el3, SCR - 1
    set hcr_el2, HCR + IMO
    port IRQ, 1
    go 3, 1, UNMASKED
    nop
    taken_async 0x1280
    finish
