@ SPDX-License-Identifier: GPL-2.0-or-later
@ A global section that a load found under an address space long gone: TLBIMVA of another address in it is enough.
@ expect: r4=0x11 r5=0x22
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
    .equ VA, 0x50003000
    .equ SECTIONS, 0x41000000
    .macro asid n
    mcr p15, 0, \n, c13, c0, 1   @ CONTEXTIDR
    isb
    .endm
main:
    identity_map L1
    ldr r0, =SECTIONS + 0x3000
    mov r1, #0x11
    str r1, [r0]
    ldr r0, =SECTIONS + 0x103000
    mov r1, #0x22
    str r1, [r0]
    ldr r0, =SECTIONS
    bl map
    mmu_on L1
    mov r0, #1
    asid r0
    ldr r10, =VA
    bl load                      @ the first fills the TLB, the second the place
    bl load
    bl load
    mov r4, r0
    mov r6, #2
1:  asid r6                      @ more address spaces than are kept
    ldr r0, =SECTIONS
    ldr r0, [r0]
    add r6, r6, #1
    cmp r6, #100
    bne 1b
    ldr r0, =SECTIONS + 0x100000
    bl map
    add r0, r10, #0x8000
    mcr p15, 0, r0, c8, c7, 1    @ TLBIMVA
    dsb
    isb
    bl load
    mov r5, r0
    finish
load:
    ldr r0, [r10]
    bx lr
map:
    ldr r1, =L1 + 0x500 * 4
    ldr r2, =0xc02               @ section, read and write, global
    orr r0, r0, r2
    str r0, [r1]
    dsb
    bx lr
