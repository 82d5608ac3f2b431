/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what each kind of pointer authentication makes of some pointers, under some layouts of addresses. The layouts have
 * TBI0 equal to TBI1, and without them T0SZ to T1SZ: else qemu 7.2 takes the range of a new code from the other one of bits 55 and 63
 * than AddPAC does (DDI 0487).
 */
    .arch armv8.3-a
    .global _start
_start:
    /* keys */
    ldr x0, =0x84be85ce9804e94b
    ldr x1, =0xec2802d4e0a488e9
    msr APIAKeyLo_EL1, x1
    msr APIAKeyHi_EL1, x0
    msr APIBKeyLo_EL1, x0
    msr APIBKeyHi_EL1, x1
    msr APDAKeyLo_EL1, x0
    msr APDAKeyHi_EL1, x0
    msr APDBKeyLo_EL1, x1
    msr APDBKeyHi_EL1, x1
    msr APGAKeyLo_EL1, x1
    msr APGAKeyHi_EL1, x0
    ldr x0, =0x30d00800 + (1<<31) + (1<<30) + (1<<27) + (1<<13)
    msr sctlr_el1, x0
    ldr x19, =0x09000000
    adr x20, tcrs
2:  ldr x0, [x20], #8
    cmn x0, #1
    b.eq 9f
    msr tcr_el1, x0
    isb
    adr x21, ptrs
3:  ldr x22, [x21], #8
    cmn x22, #1
    b.eq 2b
    ldr x23, =0x477d469dec0b8762
    mov x0, x22
    pacia x0, x23
    bl out
    mov x0, x22
    pacib x0, x23
    bl out
    mov x0, x22
    pacda x0, x23
    bl out
    mov x0, x22
    pacdzb x0
    bl out
    mov x0, x22
    pacga x0, x22, x23
    bl out
    mov x0, x22
    pacia x0, x23
    autia x0, x23
    bl out
    mov x0, x22
    pacdb x0, x23
    autdb x0, x23
    bl out
    mov x0, x22
    pacib x0, x23
    autia x0, x23
    bl out
    mov x0, x22
    pacda x0, x23
    autdb x0, x23
    bl out
    mov x0, x22
    autib x0, x23
    bl out
    mov x0, x22
    xpaci x0
    bl out
    mov x0, x22
    xpacd x0
    bl out
    mov w1, #10
    strb w1, [x19]
    b 3b
9:  ldr w0, =0x84000008
    hvc #0
    b .
out: mov x2, #60
1:  lsr x1, x0, x2
    and x1, x1, #15
    cmp x1, #10
    add x3, x1, #'0'
    add x4, x1, #'a' - 10
    csel x1, x3, x4, lo
    strb w1, [x19]
    subs x2, x2, #4
    b.pl 1b
    mov w1, #32
    strb w1, [x19]
    ret
    .balign 8
tcrs: .quad 0x0000000000100010, 0x0000000000190019, 0x0000006000100019, 0x0018006000200020, 0x000000600010001c, -1
ptrs: .quad 0x0000000040001234, 0xffff800012345678, 0x00ab000040001234, 0xfb623599da6e8127, 0x0080000040001234, 0x7fffffffffffffff, 0xff7f123456789abc, 0x0000ffff00001111, 0x8000000000000000, -1
    .ltorg
