@ A translation table in a device's registers is an external abort of the walk, for data and for code.
@ expect: r4=0x0e r5=0x0e
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =0x09000001          @ second level at the ports
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    mmu_on L1
    adr r9, 1f
    ldr r0, =0x50000000
    ldr r1, [r0]
1:  mrc p15, 0, r4, c5, c0, 0
    adr r9, 2f
    bx r0
2:  mrc p15, 0, r5, c5, c0, 1
    finish
    .global dabt_handler, pabt_handler
dabt_handler:
pabt_handler:
    mov lr, r9
    movs pc, lr
