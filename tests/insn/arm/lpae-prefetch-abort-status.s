@ IFSR and DFSR in the long-descriptor format hold six status bits (B3.13.3): an external abort of a table walk at level 2 (0x16) is
@ not a translation fault at level 2 (0x06).
@ expect: r4=0x205 r5=0x216 r6=0x205 r7=0x216
    .include "start.inc"
    .equ L1, 0x40800000
    .equ EAE, 0x80000000
main:
    ldr r0, =L1
    mov r3, #0
    ldr r2, =0x00000701          @ 0 to 1 GiB: AF, inner shareable, read/write at PL1, block
    strd r2, r3, [r0]
    ldr r2, =0x40000701
    strd r2, r3, [r0, #8]
    mov r2, #0                   @ 2 GiB: nothing
    strd r2, r3, [r0, #16]
    ldr r2, =0x20000003          @ 3 GiB: a table where there is no memory
    strd r2, r3, [r0, #24]
    mov r1, #0
    mcrr p15, 0, r0, r1, c2
    ldr r0, =EAE
    mcr p15, 0, r0, c2, c0, 2
    mcr p15, 0, r0, c8, c7, 0
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #1
    mcr p15, 0, r0, c1, c0, 0
    isb
    adr r9, 1f
    ldr r0, =0x80000000
    bx r0
1:  mrc p15, 0, r4, c5, c0, 1
    adr r9, 2f
    ldr r0, =0xc0000000
    bx r0
2:  mrc p15, 0, r5, c5, c0, 1
    adr r9, 3f
    ldr r0, =0x80000000
    ldr r1, [r0]
3:  mrc p15, 0, r6, c5, c0, 0
    adr r9, 4f
    ldr r0, =0xc0000000
    ldr r1, [r0]
4:  mrc p15, 0, r7, c5, c0, 0
    finish
    .global pabt_handler, dabt_handler
pabt_handler:
dabt_handler:
    mov lr, r9
    movs pc, lr
