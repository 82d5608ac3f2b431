@ Two address spaces (ASID and TTBR0) share a code page that calls into the next page, where each has different code.
@ expect: r4=2000 r5=1000
    .include "start.inc"
    .include "mmu.inc"
    .equ A, 0x40800000           @ L1 tables
    .equ B, 0x40804000
    .equ L2A, 0x40808000
    .equ L2B, 0x40808400
    .equ CODE, 0x50000000        @ virtual: page 0 shared, page 1 private
    .equ SHARED, 0x40a00000      @ physical
    .equ PRIVA, 0x40a01000
    .equ PRIVB, 0x40a02000
main:
    identity_map A
    identity_map B
    ldr r0, =A
    ldr r1, =L2A + 1
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    ldr r0, =B
    ldr r1, =L2B + 1
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    ldr r0, =L2A
    ldr r1, =SHARED + 0x832      @ small page, AP 11, nG
    str r1, [r0]
    ldr r1, =PRIVA + 0x832
    str r1, [r0, #4]
    ldr r0, =L2B
    ldr r1, =SHARED + 0x832
    str r1, [r0]
    ldr r1, =PRIVB + 0x832
    str r1, [r0, #4]
    @ shared: b CODE + 0x1000 (from CODE)
    ldr r0, =SHARED
    ldr r1, =0xea0003fe
    str r1, [r0]
    ldr r0, =PRIVA
    ldr r1, =0xe2844002          @ add r4, r4, #2
    str r1, [r0]
    ldr r1, =0xe12fff1e          @ bx lr
    str r1, [r0, #4]
    ldr r0, =PRIVB
    ldr r2, =0xe2855001          @ add r5, r5, #1
    str r2, [r0]
    str r1, [r0, #4]
    mmu_on A
    mov r4, #0
    mov r5, #0
    mov r8, #1000
    ldr r9, =CODE
1:  mov r0, #1
    ldr r1, =A
    bl switch
    blx r9
    mov r0, #2
    ldr r1, =B
    bl switch
    blx r9
    subs r8, r8, #1
    bne 1b
    finish
switch:
    mcr p15, 0, r0, c13, c0, 1
    isb
    mcr p15, 0, r1, c2, c0, 0
    isb
    bx lr
