// SPDX-License-Identifier: GPL-2.0-or-later
// Trap bits of HCR_EL2 for EL1, one after the other: what traps, with which syndrome, and that it does not without the bit.
// @ el2: on
// @ console: ok
    .include "start.inc"
    esr_sys R_SCTLR, 3, 0, 1, 0, 0, 2, 1
    esr_sys W_SCTLR, 3, 0, 1, 0, 0, 2, 0
    esr_sys R_TTBR0, 3, 0, 2, 0, 0, 2, 1
    esr_sys W_TTBR0, 3, 0, 2, 0, 0, 2, 0
    esr_sys R_FAR, 3, 0, 6, 0, 0, 2, 1
    esr_sys W_FAR, 3, 0, 6, 0, 0, 2, 0
    esr_sys R_CONTEXTIDR, 3, 0, 13, 0, 1, 2, 1
    esr_sys W_CONTEXTIDR, 3, 0, 13, 0, 1, 2, 0
    esr_sys R_REVIDR, 3, 0, 0, 0, 6, 2, 1
    esr_sys R_AIDR, 3, 1, 0, 0, 7, 2, 1
    esr_sys R_CTR, 3, 3, 0, 0, 1, 2, 1
    esr_sys R_CLIDR, 3, 1, 0, 0, 1, 2, 1
    esr_sys W_CSSELR, 3, 2, 0, 0, 0, 2, 0
    esr_sys R_PFR0, 3, 0, 0, 4, 0, 2, 1
    esr_sys R_MMFR3, 3, 0, 0, 1, 7, 2, 1
    esr_sys R_ACTLR, 3, 0, 1, 0, 1, 2, 1
    esr_sys DC_ISW, 1, 0, 7, 6, 2, 2, 0
    esr_sys DC_CISW, 1, 0, 7, 14, 2, 2, 0
    esr_sys DC_IVAC, 1, 0, 7, 6, 1, 2, 0
    esr_sys DC_CIVAC, 1, 3, 7, 14, 1, 2, 0
    esr_sys IC_IALLU, 1, 0, 7, 5, 0, 31, 0
    esr_sys IC_IVAU, 1, 3, 7, 5, 1, 2, 0
    esr_sys DC_ZVA, 1, 3, 7, 4, 1, 2, 0
    esr_sys TLBI_VMALLE1, 1, 0, 8, 7, 0, 31, 0
    esr_sys TLBI_VAE1IS, 1, 0, 8, 3, 1, 2, 0
    esr_sys R_IMP, 3, 1, 15, 2, 0, 2, 1
    esr WFI, 1, 0x1e00000
    esr WFE, 1, 0x1e00001

    // The instruction traps with the bits, and does not without.
    .macro with bits, esr, insn:vararg
    set hcr_el2, HCR + (\bits)
    go 2, 1
    \insn
    taken 0x2400, \esr
    up hvc
    set hcr_el2, HCR
    go 2, 1
    \insn
    not_taken
    up hvc
    .endm
main:
    ldr x2, =0x40e00000
    with 1 << 26, W_FAR, msr far_el1, x2
    with 1 << 26, W_CONTEXTIDR, msr contextidr_el1, x2
    with 1 << 26, W_TTBR0, msr ttbr0_el1, x2
    with 1 << 30, R_SCTLR, mrs x2, sctlr_el1
    with 1 << 26, W_SCTLR, msr sctlr_el1, x2
    with 1 << 30, R_TTBR0, mrs x2, ttbr0_el1
    with 1 << 30, R_FAR, mrs x2, far_el1
    with 1 << 30, R_CONTEXTIDR, mrs x2, contextidr_el1
    with 1 << 16, R_REVIDR, mrs x2, revidr_el1
    with 1 << 16, R_AIDR, mrs x2, aidr_el1
    with 1 << 17, R_CTR, mrs x2, ctr_el0
    with 1 << 17, R_CLIDR, mrs x2, clidr_el1
    with 1 << 17, W_CSSELR, msr csselr_el1, x2
    with 1 << 18, R_PFR0, mrs x2, id_aa64pfr0_el1
    with 1 << 18, R_MMFR3, mrs x2, id_mmfr3_el1
    with 1 << 21, R_ACTLR, mrs x2, actlr_el1
    ldr x2, =0x40e00000
    with 1 << 22, DC_ISW, dc isw, x2
    with 1 << 22, DC_CISW, dc cisw, x2
    with 1 << 23, DC_IVAC, dc ivac, x2
    with 1 << 23, DC_CIVAC, dc civac, x2
    with 1 << 24, IC_IALLU, ic iallu
    with 1 << 24, IC_IVAU, ic ivau, x2
    with 1 << 28, DC_ZVA, dc zva, x2
    with 1 << 25, TLBI_VMALLE1, tlbi vmalle1
    with 1 << 25, TLBI_VAE1IS, tlbi vae1is, x2
    // WFI and WFE, where they would wait
    set hcr_el2, HCR + (1 << 13)
    go 2, 1
    wfi
    taken 0x2400, WFI
    sevl
    wfe                          // the event is there
    not_taken
    up hvc
    set hcr_el2, HCR + (1 << 14)
    go 2, 1
    sevl
    wfe
    not_taken
    wfe
    taken 0x2400, WFE
    up hvc
    // registers of the implementation: UNDEFINED without TIDCP
    set hcr_el2, HCR + (1 << 20)
    go 2, 1
    mrs x2, s3_1_c15_c2_0
    taken 0x2400, R_IMP
    up hvc
    set hcr_el2, HCR
    go 2, 1
    mrs x2, s3_1_c15_c2_0
    taken 0x1200, UNKNOWN
    up hvc
    // TDZ shows in DCZID_EL0
    set hcr_el2, HCR + (1 << 28)
    go 2, 1
    mrs x2, dczid_el0
    and x2, x2, #16
    check x2, 16
    up hvc
    // EL2's own accesses go through
    set hcr_el2, HCR + (1 << 26) + (1 << 30) + (1 << 18)
    mrs x2, sctlr_el1
    msr sctlr_el1, x2
    mrs x2, id_aa64pfr0_el1
    not_taken
    // VPIDR and VMPIDR are what EL1 sees
    ldr x2, =0x411fd070
    msr vpidr_el2, x2
    ldr x2, =0x80000003
    msr vmpidr_el2, x2
    set hcr_el2, HCR
    go 2, 1
    mrs x0, midr_el1
    mrs x1, mpidr_el1
    check x0, 0x411fd070
    check x1, 0x80000003
    finish
