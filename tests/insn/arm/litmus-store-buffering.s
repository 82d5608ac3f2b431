@ SB with DMB: each CPU stores its own word and reads the other's. Never both old.
@ smp: 2
@ expect: r4=0
    .include "start.inc"
    .include "two-cpus.inc"
    .equ MEET, 0x40a00000
    .equ X, 0x40a00100
    .equ Y, 0x40a00200
    .equ SEEN0, 0x40a00300
    .equ SEEN1, 0x40a00400
    .equ ROUNDS, 2000
main:
    start_second
    mov r11, #0
    mov r4, #0
    ldr r10, =ROUNDS
    ldr r8, =X
    ldr r9, =Y
    ldr r7, =SEEN1
1:  meet MEET
    str r10, [r8]
    dmb
    ldr r5, [r9]
    meet MEET
    ldr r6, [r7]
    cmp r5, r10
    cmpne r6, r10
    addne r4, r4, #1             @ neither saw the other
    meet MEET
    subs r10, r10, #1
    bne 1b
    finish
second:
    mov r11, #0
    ldr r10, =ROUNDS
    ldr r8, =Y
    ldr r9, =X
    ldr r7, =SEEN1
1:  meet MEET
    str r10, [r8]
    dmb
    ldr r5, [r9]
    str r5, [r7]
    meet MEET
    meet MEET
    subs r10, r10, #1
    bne 1b
4:  wfi
    b 4b
