@ A flash bank is memory or registers, as its last command says: in the middle of a region, through one base register; its code is
@ translated anew when it was programmed.
@ expect: r4=0 r5=0x12 r6=600
    .include "start.inc"
    .equ FLASH, 0x04000000
    .equ CALM, 5000                  @ reads that make the model treat the bank as memory
    .macro command value
    ldr r0, =\value
    str r0, [r10]
    .endm
    .macro program offset, word
    command 0x00400040
    ldr r0, =\word
    str r0, [r10, #\offset]
    command 0x00ff00ff
    .endm
main:
    mov r4, #0
    mov r6, #0
    ldr r10, =FLASH
    command 0x00200020
    command 0x00d000d0
    ldr r0, [r10]
    ldr r1, =0x00800080
    cmp r0, r1
    fail_if ne, 1
    command 0x00ff00ff
    ldr r0, [r10]
    cmn r0, #1
    fail_if ne, 2
    @ code: mov r5, #3; bx lr. Then cells go to zero: mov r5, #2
    program 0, 0xe3a05003
    program 4, 0xe12fff1e
    blx r10
    cmp r5, #3
    fail_if ne, 3
    program 0, 0xfffffffe
    blx r10
    @ array, status, array: three loads and two stores at constant distances
    ldr r7, =0x00700070
    ldr r8, =0x00ff00ff
    mov r9, #300
1:  ldr r0, [r10, #4]
    str r7, [r10, #8]
    ldr r1, [r10, #4]
    str r8, [r10]
    ldr r2, [r10, #4]
    ldr r3, =0xe12fff1e
    cmp r0, r3
    cmpeq r2, r3
    addne r4, r4, #1
    ldr r3, =0x00800080
    cmp r1, r3
    addeq r6, r6, #1
    subs r9, r9, #1
    bne 1b
    @ the same after so many reads that it is memory again: the first store must make it registers for the loads behind it
    mov r9, #60
2:  ldr r3, =CALM
3:  ldr r0, [r10, #4]
    subs r3, r3, #1
    bne 3b
    ldr r2, [r10]
    str r7, [r10, #8]
    ldr r1, [r10, #4]
    str r8, [r10, #8]
    ldr r3, =0x00800080
    cmp r1, r3
    addeq r6, r6, #1
    ldr r3, =CALM
4:  ldr r0, [r10, #4]
    subs r3, r3, #1
    bne 4b
    ldrd r2, r3, [r10]
    stm r10, {r7}
    ldm r10, {r0, r1}
    strd r2, r3, [r10, #16]          @ unknown commands: array mode
    ldm r10, {r2, r12}
    cmp r12, r3
    cmpeq r0, r1
    addne r4, r4, #1
    ldr r3, =0x00800080
    cmp r1, r3
    addeq r6, r6, #4
    subs r9, r9, #1
    bne 2b
    @ what is programmed while another mode is on is there afterwards
    blx r10
    cmp r5, #2
    moveq r5, #0x12
    finish
