@ An UNDEFINED instruction in an IT block: SPSR holds the IT state of that very instruction, LR is two bytes behind it.
@ expect: r4=1 r5=0x06 r6=0x2
    .include "start.inc"
main:
    mov r4, #0
    adr r0, thumb + 1
    bx r0
    .thumb
thumb:
    cmp r4, r4
    itte eq                      @ firstcond 0000, mask 0110
place:
    .inst.n 0xde00               @ UDF
    moveq r6, #1
    movne r7, #1
    svc #0
    .arm
    .align 2
undef_handler:
    ldr r0, =place + 2
    cmp lr, r0
    moveq r4, #1
    mrs r0, spsr
    lsr r5, r0, #8               @ IT[7:2] is 15:10, IT[1:0] is 26:25
    and r5, r5, #0xfc
    lsr r1, r0, #25
    and r1, r1, #3
    orr r5, r5, r1
    mov r6, r1
    finish
