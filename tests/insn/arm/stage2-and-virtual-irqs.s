@ Stage 2: remapping, faults to Hyp mode with HPFAR and the access's syndrome, tables of stage 1, VMIDs; virtual and physical interrupts of a guest; Hyp
@ mode's own tables, their maintenance and faults; ATS12NSO** and ATS1H*.
@ el2: on
@ expect: r10=0x600d
    .equ EARLY, 1
    .equ VIRQ, 0x28
    .include "start.inc"
    .include "hyp.inc"
    .include "mmu.inc"
    .equ HTABLE, 0x40a00000      @ Hyp mode: level 1
    .equ S2, 0x40a01000          @ stage 2, level 1; its level 2 one page on; those of another guest behind that
    .equ S1, 0x40b00000          @ stage 1, short
early:
    @ 4 blocks of 1 GiB, the second is a table of 2 MiB blocks
    ldr r0, =S2
    ldr r1, =0x7fd               @ device or memory, SH, AF, read and write, block
    mov r2, #0
    strd_pair r1, r2, r0, 0
    ldr r3, =S2 + 0x1003
    strd_pair r3, r2, r0, 8
    ldr r3, =S2 + 0x1000
    ldr r1, =0x400007fd
    mov r4, #512
1:  str r1, [r3], #4
    str r2, [r3], #4
    add r1, r1, #0x200000
    subs r4, r4, #1
    bne 1b
    @ another guest's are the same, but 41000000 is 41800000 there; here it is 41200000, 41400000 is nowhere, 41600000 read only
    ldr r0, =S2
    ldr r1, =S2 + 0x2000
    mov r4, #0x2000
1:  ldr r3, [r0], #4
    str r3, [r1], #4
    subs r4, r4, #4
    bne 1b
    ldr r0, =S2 + 0x2000
    ldr r1, =S2 + 0x3003
    str r1, [r0, #8]
    ldr r0, =S2 + 0x3000
    ldr r1, =0x418007fd
    str r1, [r0, #0x40]
    ldr r0, =S2 + 0x1000
    ldr r1, =0x412007fd
    str r1, [r0, #0x40]
    str r2, [r0, #0x50]
    ldr r1, =0x4160077d
    str r1, [r0, #0x58]
    ldr r0, =0x41200000
    ldr r1, =0x1111
    str r1, [r0]
    ldr r0, =0x41800000
    ldr r1, =0x2222
    str r1, [r0]
    ldr r1, =S2
    mov r2, #1 << 16             @ VMID 1
    mcrr p15, 6, r1, r2, c2
    ldr r0, =0x80000040          @ SL0 1, T0SZ 0
    mcr p15, 4, r0, c2, c1, 2
    hyp_start reset
    .ltorg
main:
    mov r0, #1
    ldr r1, =set_hcr
    bl in_hyp
    mov r9, #0
    ldr r1, =0x41000000
    ldr r0, [r1]
    expect r0, 0x1111, 1
    ldr r1, =0x41400010
    mov r4, #0
    ldr r3, [r1]
    expect r4, 0x14, 2
    expect r5, 0x93830006, 3
    expect r6, 0x41400010, 4
    expect r7, 0x414000, 5
    ldrsh r2, [r1]
    expect r5, 0x93620006, 6
    ldmia r1, {r2, r3}
    expect r5, 0x90000006, 7
    ldr r1, =0x41600004
    strb r2, [r1]
    expect r5, 0x9302004e, 8
    ldr r0, [r1]                 @ reading is allowed
    ldr r1, =0x41400010
    ldr r0, =thumb + 1
    blx r0
    expect r5, 0x91830006, 9
    ldr r9, =to_r10
    ldr r1, =0x41400000
    adr r10, 1f
    bx r1
1:  mov r9, #0
    expect r4, 0x14, 0x0a
    expect r5, 0x80000006, 0x0b
    @ another VMID, and back
    ldr r0, =S2 + 0x2000
    mov r2, #2 << 16
    ldr r1, =set_vttbr
    bl in_hyp
    ldr r1, =0x41000000
    ldr r0, [r1]
    expect r0, 0x2222, 0x0c
    ldr r0, =S2
    mov r2, #1 << 16
    ldr r1, =set_vttbr
    bl in_hyp
    ldr r1, =0x41000000
    ldr r0, [r1]
    expect r0, 0x1111, 0x0d
    @ both stages: 41f00000 -> 41000000 -> 41200000; a table of stage 1 that is nowhere
    identity_map S1
    ldr r0, =S1
    ldr r1, =0x41000c02
    ldr r2, =0x41f * 4
    str r1, [r0, r2]
    ldr r1, =0x41400001          @ its second level
    ldr r2, =0x420 * 4
    str r1, [r0, r2]
    mmu_on S1
    ldr r1, =0x41f00000
    ldr r0, [r1]
    expect r0, 0x1111, 0x10
    ldr r1, =0x42000000
    mov r4, #0
    ldr r0, [r1]
    expect r4, 0x14, 0x11
    expect r5, 0x90000086, 0x12
    expect r6, 0x42000000, 0x13
    expect r7, 0x414000, 0x14
    ldr r1, =translations
    bl in_hyp
    expect r2, 0x41200000, 0x15
    expect r3, 0x41000000, 0x16
    mrc p15, 0, r0, c1, c0, 0
    bic r0, r0, #1
    mcr p15, 0, r0, c1, c0, 0
    b interrupts
    .ltorg
interrupts:
    @ HCR.VI, the line, a physical one: to Hyp mode, though SVC mode masks it
    mov r8, #0
    ldr r0, =0x91                @ VM, IMO, VI
    ldr r1, =set_hcr
    bl in_hyp
    mrc p15, 0, r0, c12, c1, 0   @ ISR
    expect r0, 0x80, 0x20
    wfi
    mov r4, #0
    cpsie i
    nop
    cpsid i
    expect r4, 0x1234, 0x21
    ldr r0, =0x11
    ldr r1, =set_hcr
    bl in_hyp
    ldr r10, =PORTS
    mov r0, #1
    str r0, [r10, #VIRQ]
    mov r4, #0
    cpsie i
    nop
    cpsid i
    expect r4, 0x1234, 0x22
    mov r4, #0
    mov r0, #1
    str r0, [r10, #IRQ]
    mrs r0, cpsr
    msr cpsr_c, r0               @ still masked
    expect r4, 0x18, 0x23
    @ a virtual abort
    ldr r0, =0x121
    ldr r1, =set_hcr
    bl in_hyp
    mov r4, #0
    cpsie a
    nop
    cpsid a
    expect r4, 0x4321, 0x24
    mov r0, #0
    ldr r1, =set_hcr
    bl in_hyp
    @ Hyp mode's own tables
    ldr r9, =hyp_tables
    hvc #0
    .ltorg
hyp_tables:
    mov r9, #0
    ldr r0, =HTABLE
    ldr r1, =0x7fd
    bic r1, r1, #0xc0            @ AP 00: read and write
    orr r1, r1, #0x40            @ AP[1] is 1 in Hyp mode
    mov r2, #0
    mov r3, #0x40000000
    strd_pair r1, r2, r0, 0
    orr r4, r1, r3
    strd_pair r4, r2, r0, 8
    strd_pair r4, r2, r0, 16     @ 80000000 -> 40000000
    strd_pair r2, r2, r0, 24
    mcrr p15, 4, r0, r2, c2
    mcr p15, 4, r2, c2, c0, 2    @ HTCR
    mcr p15, 4, r2, c8, c7, 0    @ TLBIALLH
    mrc p15, 4, r0, c1, c0, 0
    orr r0, r0, #1
    mcr p15, 4, r0, c1, c0, 0
    isb
    ldr r1, =0x81200000
    ldr r0, [r1]
    expect r0, 0x1111, 0x30
    ldr r1, =0xc0000004
    mov r4, #0
    ldr r0, [r1]
    expect r4, 0x10, 0x31
    expect r5, 0x94000005, 0x32
    expect r6, 0xc0000004, 0x33
    mcr p15, 4, r1, c7, c8, 0    @ ATS1HR
    mrrc p15, 0, r2, r3, c7
    and r2, r2, #0x7f
    expect r2, 0x0b, 0x34
    ldr r0, =HTABLE + 24         @ map it, then again elsewhere
    ldr r1, =0x4000077d
    bic r1, r1, #0x80
    str r1, [r0]
    ldr r1, =0xc1200000
    ldr r2, [r1]
    expect r2, 0x1111, 0x35
    mov r2, #0
    str r2, [r0]
    mcr p15, 4, r1, c8, c7, 1    @ TLBIMVAH
    dsb
    isb
    mov r4, #0
    ldr r2, [r1]
    expect r4, 0x10, 0x36
    ldr r10, =0x600d
    finish
irq_handler:
    ldr r4, =0x1234
    ldr r12, =PORTS
    mov r11, #0
    str r11, [r12, #VIRQ]
    mrs r11, spsr
    orr r11, r11, #0x80
    msr spsr_c, r11
    subs pc, lr, #4
dabt_handler:
    ldr r4, =0x4321
    mrc p15, 0, r11, c5, c0, 0
    tst r11, #1 << 10
    moveq r4, #0
    subs pc, lr, #8
in_hyp:
    mov r9, r1
    mov r10, lr
    hvc #0
    mov r9, #0
    bx r10
set_hcr:
    mcr p15, 4, r0, c1, c1, 0
    eret
set_vttbr:
    mcrr p15, 6, r0, r2, c2
    eret
to_r10:
    msr elr_hyp, r10
    eret
translations:
    ldr r0, =0x41f00000
    mcr p15, 0, r0, c7, c8, 4    @ ATS12NSOPR
    isb
    mrc p15, 0, r2, c7, c4, 0
    bfc r2, #0, #12
    mcr p15, 0, r0, c7, c8, 0    @ ATS1CPR: stage 1 alone
    isb
    mrc p15, 0, r3, c7, c4, 0
    bfc r3, #0, #12
    eret
    .ltorg
    .thumb
thumb:
    ldr r3, [r1]
    bx lr
    .arm
