@ expect: r0=0x80000000 nzcv=1001
    .include "start.inc"
main:
    ldr r0, =0x7fffffff
    mov r1, #1
    adds r0, r0, r1
    finish
