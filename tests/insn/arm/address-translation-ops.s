@ ATS1CPR and ATS1CPW report the physical page or the fault in PAR.
@ expect: r4=0x40900000 r5=0x0b
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
main:
    identity_map L1
    ldr r0, =L1
    mov r1, #0
    ldr r2, =0x409 * 4
    str r1, [r0, r2]
    ldr r1, =0x40900c02
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    mmu_on L1
    ldr r9, =0x50000000
    mcr p15, 0, r9, c7, c8, 0
    isb
    mrc p15, 0, r4, c7, c4, 0
    bfc r4, #0, #12
    ldr r9, =0x40900000
    mcr p15, 0, r9, c7, c8, 0
    isb
    mrc p15, 0, r5, c7, c4, 0
    finish
