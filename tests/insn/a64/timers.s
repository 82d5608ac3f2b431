// SPDX-License-Identifier: GPL-2.0-or-later
// The five timers interrupt, each on its own output; who may use them, and with which offset they count.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    esr_sys R_CNTPCT, 3, 3, 14, 0, 1, 2, 1
    esr_sys R_CNTP, 3, 3, 14, 2, 1, 2, 1
    esr_sys R_CNTPS, 3, 7, 14, 2, 1, 2, 1
    esr_sys R_CNTVCT, 3, 3, 14, 0, 2, 2, 1
    .equ NS_PHYS, 0
    .equ VIRT, 1
    .equ HYP, 2
    .equ SEC, 3
    .equ HYPVIRT, 4
    .macro fires prefix, suffix, out
    port TIMER_OUT, \out
    ldr x0, =62500
    msr \prefix\()_tval_\suffix, x0
    mov x0, #1
    msr \prefix\()_ctl_\suffix, x0
    isb
1:  wfi
    mrs x0, \prefix\()_ctl_\suffix
    tbz x0, #2, 1b
    check x0, 5                  // ISTATUS
    mrs x0, isr_el1
    check x0, 0x80
    mov x0, #3                   // IMASK
    msr \prefix\()_ctl_\suffix, x0
    isb
    mrs x0, isr_el1
    check x0, 0
    mov x0, #0
    msr \prefix\()_ctl_\suffix, x0
    isb
    .endm
main:
    fires cntp, el0, NS_PHYS
    fires cntv, el0, VIRT
    fires cnthp, el2, HYP
    fires cntps, el1, SEC
    fires cnthv, el2, HYPVIRT
    // it wakes, and is taken where IRQs go
    go 3, 2
    set hcr_el2, HCR + (1 << 4)
    port TIMER_OUT, HYP
    ldr x0, =62500
    msr cnthp_tval_el2, x0
    mov x0, #1
    msr cnthp_ctl_el2, x0
    go 2, 1
1:  wfi
    cbz x20, 1b
    taken_async 0x2480
    up hvc
    msr cnthp_ctl_el2, xzr
    set hcr_el2, HCR
    port TIMER_OUT, 99
    // CNTHCTL_EL2: EL1PCTEN, EL1PCEN
    msr cnthctl_el2, xzr
    go 2, 1
    mrs x2, cntpct_el0
    taken 0x2400, R_CNTPCT
    mrs x2, cntp_ctl_el0
    taken 0x2400, R_CNTP
    mrs x2, cntvct_el0
    not_taken
    // CNTKCTL_EL1 for EL0
    msr cntkctl_el1, xzr
    go 1, 0
    mrs x2, cntvct_el0
    taken 0x1400, R_CNTVCT
    up svc
    mov x0, #2
    msr cntkctl_el1, x0
    go 1, 0
    mrs x2, cntvct_el0
    not_taken
    up svc
    // the Secure timer
    mrs x2, cntps_ctl_el1
    taken 0x1200, UNKNOWN
    up smc
    set scr_el3, SCR - 1
    go 3, 1
    mrs x2, cntps_ctl_el1
    taken 0x3400, R_CNTPS
    up smc
    set scr_el3, SCR - 1 + 0x800
    go 3, 1
    mrs x2, cntps_ctl_el1
    not_taken
    up smc
    set scr_el3, SCR
    // CNTVOFF_EL2: virtual time; not for EL2 where it is the host
    go 3, 2
    set cntvoff_el2, 1 << 40
    mrs x0, cntpct_el0
    mrs x1, cntvct_el0
    sub x1, x0, x1
    lsr x1, x1, #32
    check x1, 0xff               // a bit less than 2 to 40
    ldr x3, =HCR + (1 << 34)
    msr hcr_el2, x3
    isb
    mrs x0, cntvct_el0
    mrs x1, cntpct_el0
    sub x1, x1, x0
    lsr x1, x1, #32
    check x1, 0
    finish
