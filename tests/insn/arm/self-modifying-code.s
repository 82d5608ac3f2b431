@ A loop rewrites the instruction it calls; data beside the code is written without losing translations each time.
@ expect: r4=300 r6=0
    .include "start.inc"
main:
    mov r4, #0
    mov r5, #0
1:  ldr r0, =target
    ldr r1, =0xe2844001          @ add r4, r4, #1
    tst r5, #1
    ldrne r1, =0xe2844002        @ add r4, r4, #2
    str r1, [r0]
    mcr p15, 0, r0, c7, c11, 1
    dsb
    mcr p15, 0, r0, c7, c5, 1
    dsb
    isb
    bl target
    add r5, r5, #1
    cmp r5, #200
    bne 1b
    @ stores to another granule of the page
    ldr r7, =PORTS
    ldr r6, [r7, #INVALIDATED]
    ldr r0, =data
    mov r1, #1000
2:  str r1, [r0]
    subs r1, r1, #1
    bne 2b
    ldr r8, [r7, #INVALIDATED]
    sub r6, r8, r6
    finish
    .ltorg
    .align 8
target:
    add r4, r4, #1
    bx lr
    .align 8
data: .word 0
