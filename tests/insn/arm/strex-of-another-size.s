@ STREXB after LDREXD to the same address (UNPREDICTABLE): every engine compares the byte, which is unchanged, and stores.
@ expect: r4=0 r5=0x44332299
    .include "start.inc"
main:
    ldr r9, =0x40a00000
    ldr r0, =0x44332211
    str r0, [r9]
    ldrexd r2, r3, [r9]
    mov r1, #0x99
    strexb r4, r1, [r9]
    ldr r5, [r9]
    finish
