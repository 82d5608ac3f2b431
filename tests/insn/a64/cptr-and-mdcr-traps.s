// SPDX-License-Identifier: GPL-2.0-or-later
// CPACR_EL1, CPTR_EL2, CPTR_EL3 and MDCR_EL2, MDCR_EL3: who takes the trap of FP, debug and performance monitor accesses.
// @ el2: on
// @ el3: on
// @ console: ok
    .include "start.inc"
    esr FPTRAP, 7, 0x1e00000
    esr BRK5, 0x3c, 5
    esr_sys R_CPACR, 3, 0, 1, 0, 2, 2, 1
    esr_sys R_CPTR2, 3, 4, 1, 1, 2, 2, 1
    esr_sys R_MDSCR, 2, 0, 0, 2, 2, 2, 1
    esr_sys R_OSLSR, 2, 0, 1, 1, 4, 2, 1
    esr_sys R_MDRAR, 2, 0, 1, 0, 0, 2, 1
    esr_sys R_PMCR, 3, 3, 9, 12, 0, 2, 1
    esr_sys R_PMCNTENSET, 3, 3, 9, 12, 1, 2, 1
main:
    // EL1's own control, for itself and EL0
    go 3, 1
    set cpacr_el1, 0
    fmov d0, x0
    taken 0x1200, FPTRAP
    set cpacr_el1, 0x100000
    fmov d0, x0
    not_taken
    go 1, 0
    fmov d0, x0
    taken 0x1400, FPTRAP
    up svc
    set cpacr_el1, 0x300000
    up hvc
    // CPTR_EL2: TFP, TCPAC
    set cptr_el2, 0x37ff
    fmov d0, x0
    taken 0x2200, FPTRAP
    go 2, 1
    fmov d0, x0
    taken 0x2400, FPTRAP
    mrs x2, cpacr_el1
    not_taken
    up hvc
    set cptr_el2, 0x800033ff
    fmov d0, x0
    go 2, 1
    mrs x2, cpacr_el1
    taken 0x2400, R_CPACR
    fmov d0, x0
    not_taken
    up hvc
    set cptr_el2, 0x33ff
    // TGE: EL2 gets CPACR_EL1's trap of EL0, without a syndrome
    msr cpacr_el1, xzr
    set hcr_el2, HCR + (1 << 27)
    go 2, 0
    fmov d0, x0
    taken 0x2400, UNKNOWN
    up svc
    set hcr_el2, HCR
    set cpacr_el1, 0x300000
    up smc
    // CPTR_EL3
    set cptr_el3, 0x400
    fmov d0, x0
    taken 0x3200, FPTRAP
    go 3, 2
    fmov d0, x0
    taken 0x3400, FPTRAP
    up smc
    ldr x0, =0x80000000
    msr cptr_el3, x0
    go 3, 2
    mrs x2, cptr_el2
    taken 0x3400, R_CPTR2
    mrs x2, cpacr_el1
    taken 0x3400, R_CPACR
    up smc
    msr cptr_el3, xzr
    // MDCR_EL2
    go 3, 2
    set mdcr_el2, 1 << 9
    mrs x2, mdscr_el1
    not_taken
    go 2, 1
    mrs x2, mdscr_el1
    taken 0x2400, R_MDSCR
    mrs x2, oslsr_el1
    mrs x2, mdrar_el1
    mrs x2, pmcr_el0
    brk #5
    taken 0x1200, BRK5
    up hvc
    set mdcr_el2, 1 << 10
    go 2, 1
    mrs x2, oslsr_el1
    taken 0x2400, R_OSLSR
    mrs x2, mdscr_el1
    not_taken
    up hvc
    set mdcr_el2, 1 << 11
    go 2, 1
    mrs x2, mdrar_el1
    taken 0x2400, R_MDRAR
    up hvc
    set mdcr_el2, 1 << 6
    go 2, 1
    mrs x2, pmcntenset_el0
    taken 0x2400, R_PMCNTENSET
    mrs x2, pmcr_el0
    taken 0x2400, R_PMCR
    up hvc
    set mdcr_el2, 1 << 5
    go 2, 1
    mrs x2, pmcntenset_el0
    not_taken
    mrs x2, pmcr_el0
    taken 0x2400, R_PMCR
    up hvc
    set mdcr_el2, 0xf00          // with TDE the others are as if set
    go 2, 1
    brk #5
    taken 0x2400, BRK5
    mrs x2, oslsr_el1
    taken 0x2400, R_OSLSR
    mrs x2, mdrar_el1
    taken 0x2400, R_MDRAR
    mrs x2, mdscr_el1
    taken 0x2400, R_MDSCR
    up hvc
    msr mdcr_el2, xzr
    up smc
    // MDCR_EL3
    set mdcr_el3, 1 << 9
    go 3, 2
    mrs x2, mdscr_el1
    taken 0x3400, R_MDSCR
    mrs x2, pmcr_el0
    not_taken
    up smc
    set mdcr_el3, 1 << 6
    mrs x2, pmcr_el0
    not_taken
    go 3, 1
    mrs x2, pmcr_el0
    taken 0x3400, R_PMCR
    finish
