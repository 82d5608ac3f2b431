@ Modes have their own SP and LR; SPSR; LDM and STM of user registers; SRS and RFE; MSR of the flags field from User mode only.
@ expect: r4=0x1111 r5=0x2222 r6=0x3333 r7=0x12 r8=0xabcd nzcv=0110 mode=0x13
    .include "start.inc"
main:
    cps #0x1f
    ldr sp, =0x1111
    cps #0x12
    ldr lr, =0x2222
    cps #0x13
    ldr r0, =0x40a00000
    stm r0, {sp, lr}^
    nop
    ldr r4, [r0]
    ldr r1, =0x3333
    str r1, [r0]
    ldm r0, {sp}^
    nop
    cps #0x1f
    mov r6, sp
    ldr sp, =0x40f50000
    cps #0x12
    mov r5, lr
    cps #0x13
    @ SRS to the IRQ mode's stack, read back
    ldr r0, =0xabcd
    mov lr, r0
    mov r1, #0x12
    msr spsr_fsxc, r1
    srsdb sp!, #0x12
    cps #0x12
    ldr r8, [sp]
    ldr r7, [sp, #4]
    cps #0x13
    @ RFE back here with other flags
    adr r0, after
    ldr r1, =0x600001d3
    ldr r2, =0x40a00100
    stm r2, {r0, r1}
    rfeia r2
    finish 1
after:
    finish
