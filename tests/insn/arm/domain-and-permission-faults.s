@ Section in domain 1 without access: domain fault; read-only section: permission fault on a store; access flag with SCTLR.AFE.
@ expect: r4=0x19 r5=0x80d r6=0x03 r7=0x0d
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =0x40900c22          @ domain 1
    ldr r2, =0x409 * 4
    str r1, [r0, r2]
    ldr r1, =0x40a08402          @ AP[2] = 1, AP = 01: privileged read-only
    ldr r2, =0x40a * 4
    str r1, [r0, r2]
    ldr r1, =0x40b08802          @ AP = 110
    ldr r2, =0x40b * 4
    str r1, [r0, r2]
    mmu_on L1
    mov r0, #1                   @ domain 0 only
    mcr p15, 0, r0, c3, c0, 0
    isb
    ldr r9, =0x40900000
    ldr r0, [r9]
    mov r4, r10
    ldr r9, =0x40a00000
    ldr r0, [r9]
    str r0, [r9]
    mov r5, r10
    cps #0x1f
    mov r11, #0
    cps #0x10
    ldr r0, [r9]                 @ user: no access
    svc #0
svc_handler:
    mov r7, r10
    cps #0x13
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #0x20000000      @ AFE: AP[0] of 0x40b is clear
    mcr p15, 0, r0, c1, c0, 0
    isb
    ldr r9, =0x40b00000
    ldr r0, [r9]
    mov r6, r10
    finish
dabt_handler:
    mrc p15, 0, r10, c5, c0, 0
    subs pc, lr, #4
