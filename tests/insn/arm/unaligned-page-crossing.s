@ A word across two pages: works when both are mapped; when the second is not, the store aborts before a byte is written, and DFAR
@ names the first byte of the second page.
@ expect: r4=0x44332211 r5=0x40602000 r6=0x807 r7=0 r8=0x55667788
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
    .equ L2, 0x40808000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =L2 + 1
    ldr r2, =0x406 * 4
    str r1, [r0, r2]
    ldr r0, =L2
    ldr r1, =0x40600032
    str r1, [r0]
    ldr r1, =0x40601032
    str r1, [r0, #4]
    mov r1, #0                   @ 0x40602000 is not mapped
    str r1, [r0, #8]
    mmu_on L1
    ldr r9, =0x40600ffe
    ldr r0, =0x44332211
    str r0, [r9]
    ldr r4, [r9]
    ldr r8, =0x55667788
    ldr r9, =0x40601ff0
    str r8, [r9, #1]
    ldr r8, [r9, #1]
    ldr r9, =0x40601ffd
    ldr r0, =0xffffffff
    str r0, [r9]                 @ aborts
    finish 1
dabt_handler:
    mrc p15, 0, r5, c6, c0, 0
    mrc p15, 0, r6, c5, c0, 0
    ldr r9, =0x40601ffc
    ldr r7, [r9]
    finish
