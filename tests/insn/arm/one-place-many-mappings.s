@ SPDX-License-Identifier: GPL-2.0-or-later
@ The same load and store instructions see a remapped global page after TLBIMVA, a non-global one after TLBIASID, and a store place
@ that wrote to a page before it held code is noticed afterwards.
@ expect: r4=0x11 r5=0x22 r6=0x33 r7=0x77 r8=0x78 r9=0x22 r11=0x44
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
    .equ L2, 0x40808000
    .equ VA, 0x50003000          @ not the TLB slot of the literals
    .equ PAGES, 0x40a00000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =L2 + 1
    ldr r2, =0x500 * 4
    str r1, [r0, r2]
    ldr r0, =PAGES
    mov r1, #0x11
    bl fill
    ldr r0, =PAGES + 0x1000
    mov r1, #0x22
    bl fill
    ldr r0, =PAGES + 0x2000
    mov r1, #0x33
    bl fill
    ldr r0, =PAGES + 0x032       @ global
    bl map
    mmu_on L1
    ldr r10, =VA
    bl load                      @ the first fills the TLB, the second the place
    bl load
    mov r4, r0
    add r3, r10, #4
    mov r1, #0x77
    bl store
    bl store
    ldr r0, =PAGES + 0x1032
    bl map
    mcr p15, 0, r10, c8, c7, 1   @ TLBIMVA
    dsb
    isb
    bl load
    bl load
    mov r5, r0
    mov r1, #0x78
    bl store
    bl store
    ldr r0, =PAGES
    ldr r7, [r0, #4]
    ldr r0, =PAGES + 0x1000
    ldr r8, [r0, #4]
    @ the page runs; then the same store changes what ran
    add r12, r10, #8
    blx r12
    mov r9, r0
    ldr r1, =0xe3a00044          @ mov r0, #0x44
    mov r3, r12
    bl store
    bl store
    mov r0, #0
    dsb
    mcr p15, 0, r0, c7, c5, 0    @ ICIALLU
    dsb
    isb
    blx r12
    mov r11, r0
    @ non-global: TLBIASID is enough
    ldr r0, =PAGES + 0x1832
    bl map
    mcr p15, 0, r10, c8, c7, 1
    dsb
    isb
    bl load
    bl load
    ldr r0, =PAGES + 0x2832
    bl map
    mov r0, #0
    mcr p15, 0, r0, c8, c7, 2    @ TLBIASID
    dsb
    isb
    bl load
    bl load
    mov r6, r0
    finish
load:
    ldr r0, [r10]
    bx lr
store:
    str r1, [r3]
    bx lr
map:
    ldr r1, =L2
    str r0, [r1, #12]
    dsb
    bx lr
fill:
    str r1, [r0]
    ldr r2, =0xe3a00000          @ mov r0, #n
    orr r2, r2, r1
    str r2, [r0, #8]
    ldr r2, =0xe12fff1e
    str r2, [r0, #12]
    bx lr
