@ A remapped page is seen after TLBIMVA (data and code), and after TLBIASID for a non-global one.
@ expect: r4=0x11 r5=0x22 r6=1 r7=2 r8=0x33
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
    .equ L2, 0x40808000
    .equ VA, 0x50000000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =L2 + 1
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    @ three pages of data and code: mov r0, #n; bx lr
    ldr r0, =0x40a00000
    mov r1, #0x11
    bl fill
    ldr r0, =0x40a01000
    mov r1, #0x22
    bl fill
    ldr r0, =0x40a02000
    mov r1, #0x33
    bl fill
    ldr r9, =L2
    ldr r1, =0x40a00832          @ nG
    str r1, [r9]
    mmu_on L1
    ldr r10, =VA
    ldr r4, [r10]
    add r11, r10, #8
    blx r11
    sub r6, r0, #0x10
    ldr r1, =0x40a01832
    str r1, [r9]
    dsb
    mcr p15, 0, r10, c8, c7, 1
    dsb
    isb
    ldr r5, [r10]
    blx r11
    sub r7, r0, #0x20
    ldr r1, =0x40a02832
    str r1, [r9]
    dsb
    mov r0, #0
    mcr p15, 0, r0, c8, c7, 2
    dsb
    isb
    ldr r8, [r10]
    finish
fill:
    str r1, [r0]
    ldr r2, =0xe3a00000          @ mov r0, #n
    orr r2, r2, r1
    str r2, [r0, #8]
    ldr r2, =0xe12fff1e
    str r2, [r0, #12]
    bx lr
