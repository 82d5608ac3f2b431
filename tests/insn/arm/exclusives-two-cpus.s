@ Two CPUs add to one word with LDREX/STREX.
@ smp: 2
@ expect: r4=200000
    .include "start.inc"
    .equ WORD, 0x40a00000
    .equ DONE, 0x40a00040
main:
    ldr r0, =0x84000003          @ PSCI CPU_ON
    mov r1, #1
    ldr r2, =second
    mov r3, #0
    hvc #0
    cmp r0, #0
    fail_if ne, 1
    bl work
    ldr r9, =DONE
1:  ldr r0, [r9]
    cmp r0, #1
    bne 1b
    dmb
    ldr r9, =WORD
    ldr r4, [r9]
    finish
second:
    bl work
    dmb
    ldr r9, =DONE
    mov r0, #1
    str r0, [r9]
    wfi
    b second
work:
    ldr r9, =WORD
    ldr r8, =100000
1:  ldrex r0, [r9]
    add r0, r0, #1
    strex r1, r0, [r9]
    cmp r1, #0
    bne 1b
    subs r8, r8, #1
    bne 1b
    bx lr
