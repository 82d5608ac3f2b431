@ A CPU that AFFINITY_INFO reports as off can be started at once, each time with its own entry and context: nothing of the call by
@ which it went off is left to change them. It stops in the call.
@ expect: r4=300 r5=0 r6=300
@ smp: 2
    .include "start.inc"
    .arch_extension virt
    .equ COUNT, 0x40900000
main:
    mov r4, #0                   @ rounds
    mov r5, #0                   @ wrong contexts, and CPUs that went on
    ldr r10, =COUNT
    mov r0, #0
    str r0, [r10]
    str r0, [r10, #4]
1:  add r4, r4, #1
    ldr r0, =0x84000003          @ CPU_ON
    mov r1, #1
    adr r2, second
    mov r3, r4
    hvc #0
    cmp r0, #0
    addne r5, r5, #1
2:  ldr r0, =0x84000004          @ AFFINITY_INFO
    mov r1, #1
    mov r2, #0
    hvc #0
    cmp r0, #1
    bne 2b
    ldr r6, [r10]
    cmp r6, r4
    addne r5, r5, #1
    ldr r0, =300
    cmp r4, r0
    bne 1b
    ldr r0, [r10, #4]
    add r5, r5, r0
    finish
second:
    ldr r10, =COUNT
    str r0, [r10]
    ldr r0, =0x84000002          @ CPU_OFF
    hvc #0
    mov r0, #1
    str r0, [r10, #4]
    b .
