@ A load with write-back from an address without a device: the base is unchanged, DFAR and DFSR tell.
@ expect: r0=0x20000000 r1=0x55 r2=0x20000000 r3=0x08 r4=1
    .include "start.inc"
main:
    ldr r0, =0x20000000
    mov r1, #0x55
    mov r4, #0
fault:
    ldr r1, [r0], #4
    finish
dabt_handler:
    mrc p15, 0, r2, c6, c0, 0
    mrc p15, 0, r3, c5, c0, 0
    sub lr, lr, #8
    ldr r5, =fault
    cmp lr, r5
    moveq r4, #1
    finish
