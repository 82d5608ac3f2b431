@ MP with DMB: CPU 1 writes data, DMB, flag; CPU 0 reads flag, DMB, data. Never flag without data.
@ smp: 2
@ expect: r4=0
    .include "start.inc"
    .include "two-cpus.inc"
    .equ MEET, 0x40a00000
    .equ DATA, 0x40a00100
    .equ FLAG, 0x40a00200
    .equ ROUNDS, 2000
main:
    start_second
    mov r11, #0
    mov r4, #0
    ldr r10, =ROUNDS
    ldr r8, =DATA
    ldr r9, =FLAG
1:  meet MEET
    ldr r5, [r9]
    dmb
    ldr r6, [r8]
    cmp r5, r10                  @ the flag of this round?
    bne 3f
    cmp r6, r10
    addne r4, r4, #1
3:  meet MEET
    subs r10, r10, #1
    bne 1b
    finish
second:
    mov r11, #0
    ldr r10, =ROUNDS
    ldr r8, =DATA
    ldr r9, =FLAG
1:  meet MEET
    str r10, [r8]
    dmb
    str r10, [r9]
    meet MEET
    subs r10, r10, #1
    bne 1b
4:  wfi
    b 4b
