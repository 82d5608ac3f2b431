/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches into a guarded page: which landings take which BTYPE. One line a landing: for BR x16 (1), BLR (2), BR x0 from a guarded page (3)
 * and RET (0) whether it went on. */
    .arch armv8.5-a
    .text
    .global _start
_start:
    adr x0, vectors
    msr vbar_el1, x0
    /* 2 MiB blocks: RAM at 0x40000000 plain, 0x40200000 guarded; devices at 0 */
    ldr x0, =0x40400000      // level 1
    ldr x1, =0x40401000      // level 2 for 0x40000000
    mov x2, #0x401           // device block, AF
    str x2, [x0]
    orr x2, x1, #3
    str x2, [x0, #8]
    ldr x2, =0x40000705
    str x2, [x1]
    ldr x2, =0x0004000040200705
    str x2, [x1, #8]
    ldr x2, =0x40400705
    str x2, [x1, #16]
    ldr x2, =0xff00
    msr mair_el1, x2
    msr ttbr0_el1, x0
    ldr x2, =0x0000000500803519
    msr tcr_el1, x2
    isb
    ldr x2, =0x30d0180d
    msr sctlr_el1, x2
    isb
    ldr x19, =0x09000000
    /* copy the landings to the guarded page */
    adr x0, landings
    ldr x1, =0x40200000
    mov x2, #(landings_end - landings)
1:  ldr x3, [x0], #8
    str x3, [x1], #8
    subs x2, x2, #8
    b.hi 1b
    dsb sy
    isb
    mov x28, #2              // rounds: BT1 clear, then set
round:
    mov x20, #0
2:  ldr x21, =0x40200000
    add x21, x21, x20, lsl #4
    mov x22, #0
    // BR x16
    adr x29, 3f
    mov x16, x21
    br x16
3:  bl digit
    adr x29, 4f
    mov x9, x21
    blr x9
4:  bl digit
    adr x29, 5f
    ldr x0, =0x40200000
    add x0, x0, #(from_guarded - landings)
    mov x9, x21
    mov x30, x0
    ret                      // BTYPE 0 into the guarded page, which then does BR x9
5:  bl digit
    adr x29, 6f
    mov x30, x21
    ret
6:  bl digit
    adr x29, 7f
    mov x9, x21
    br x9                    // from a page that is not guarded
7:  bl digit
    mov w1, #10
    strb w1, [x19]
    add x20, x20, #1
    cmp x20, #((from_guarded - landings) / 16)
    b.ne 2b
    mrs x2, sctlr_el1
    orr x2, x2, #(1 << 36)
    msr sctlr_el1, x2
    isb
    subs x28, x28, #1
    b.ne round
    ldr w0, =0x84000008
    hvc #0
    b .
digit:
    add w1, w22, #'0'
    strb w1, [x19]
    mov x22, #0
    ret
    .balign 16
landings:
    bti
    b back
    nop
    nop
    bti c
    b back
    nop
    nop
    bti j
    b back
    nop
    nop
    bti jc
    b back
    nop
    nop
    hint #25                 // PACIASP
    b back
    nop
    nop
    nop
    b back
    nop
    nop
    brk #7
    nop
    nop
    nop
from_guarded:
    br x9
    nop
    nop
    nop
back:
    mov x22, #1
    br x29
landings_end:
    .quad 0
    .balign 2048
vectors:
    .skip 0x200
    mrs x0, esr_el1
    lsr x1, x0, #26
    cmp x1, #0x0d            // branch target
    b.eq 1f
    cmp x1, #0x3c            // BRK
    mov x22, #8
    b.eq 2f
    mov x22, #9
    b 2f
1:  and x22, x0, #3
    add x22, x22, #('a' - '0')
    mrs x2, spsr_el1         // SPSR has the same BTYPE
    ubfx x2, x2, #10, #2
    and x0, x0, #3
    cmp x2, x0
    mov x3, #5
    csel x22, x22, x3, eq
2:  msr elr_el1, x29
    mrs x2, spsr_el1
    bic x2, x2, #(3 << 10)
    msr spsr_el1, x2
    eret
    .ltorg
