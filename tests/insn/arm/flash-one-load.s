@ SPDX-License-Identifier: GPL-2.0-or-later
@ One load sees a flash bank as memory many times, then its registers, then memory: what generated code remembers of the page must go.
@ expect: r4=0 r6=40
    .include "start.inc"
    .equ FLASH, 0x04000000
    .equ CALM, 5000                  @ reads that make the model treat the bank as memory
main:
    mov r4, #0
    mov r6, #0
    ldr r10, =FLASH
    ldr r1, =0x00200020              @ erase the first block
    str r1, [r10]
    ldr r1, =0x00d000d0
    str r1, [r10]
    ldr r1, =0x00ff00ff
    str r1, [r10]
    mov r9, #40
1:  ldr r8, =CALM
2:  bl look
    cmn r0, #1                       @ erased
    addne r4, r4, #1
    subs r8, r8, #1
    bne 2b
    ldr r1, =0x00700070              @ read status
    str r1, [r10]
    bl look
    ldr r1, =0x00800080
    cmp r0, r1
    addeq r6, r6, #1
    ldr r1, =0x00ff00ff              @ read array
    str r1, [r10]
    subs r9, r9, #1
    bne 1b
    finish
look:
    ldr r0, [r10, #4]
    bx lr
