@ CPU 1 has the flash as memory in its TLB; CPU 0 gives a command and tells it: it must see the status.
@ smp: 2
@ expect: r4=0
    .include "start.inc"
    .include "two-cpus.inc"
    .equ FLASH, 0x04000000
    .equ MEET, 0x40a00000
    .equ SEEN, 0x40a00100
    .equ CALM, 5000
    .equ ROUNDS, 40
main:
    start_second
    mov r11, #0
    mov r4, #0
    ldr r10, =ROUNDS
    ldr r9, =FLASH
    ldr r8, =SEEN
1:  meet MEET                        @ CPU 1 has read
    ldr r0, =0x00700070
    str r0, [r9]
    meet MEET                        @ CPU 1 may look
    meet MEET                        @ and has
    ldr r0, [r8]
    ldr r1, =0x00800080
    cmp r0, r1
    addne r4, r4, #1
    ldr r0, =0x00ff00ff
    str r0, [r9]
    meet MEET
    subs r10, r10, #1
    bne 1b
    finish
second:
    mov r11, #0
    ldr r10, =ROUNDS
    ldr r9, =FLASH
    ldr r8, =SEEN
1:  ldr r3, =CALM
2:  ldr r0, [r9]
    subs r3, r3, #1
    bne 2b
    meet MEET
    meet MEET
    ldr r0, [r9]
    str r0, [r8]
    meet MEET
    meet MEET
    subs r10, r10, #1
    bne 1b
4:  wfi
    b 4b
