@ Monitor mode: SMC from both states and back, registers of the two states, who may use what, two translations of one address, NSACR, routing of
@ interrupts and external aborts by SCR, and from there to Hyp mode and back, with the HVC that SCR.HCE allows.
@ el2: on
@ el3: on
@ expect: r10=0x600d mode=0x13
    .arch_extension sec
    .arch_extension virt
    .include "start.inc"
    .include "mmu.inc"
    .equ S1, 0x40b00000
    .equ VBAR_OF_NS, 0x40c00000
    .macro expect reg, value, status
    ldr r11, =\value
    cmp \reg, r11
    fail_if ne, \status
    .endm
    .macro set_scr value
    ldr r0, =\value
    mcr p15, 0, r0, c1, c1, 0
    isb
    .endm
    .macro in_mode value, status
    mrs r0, cpsr
    and r0, r0, #0x1f
    expect r0, \value, \status
    .endm
    @ a register of both states: 0x100 + n in Secure, 0x200 + n in Non-secure state, from Monitor mode
    .macro bank_set crn, crm, opc2, v
    ldr r0, =\v
    mcr p15, 0, r0, c\crn, c\crm, \opc2
    .endm
    .macro bank_expect crn, crm, opc2, v, status
    mrc p15, 0, r0, c\crn, c\crm, \opc2
    expect r0, \v, \status
    .endm
main:
    in_mode 0x13, 1
    ldr r0, =monitor_vectors
    mcr p15, 0, r0, c12, c0, 1
    mrc p15, 0, r0, c1, c1, 0
    expect r0, 0, 2
    cps #0x16
    in_mode 0x16, 3
    ldr sp, =0x40f80000
    mov lr, #0x55
    bank_set 13, 0, 4, 0x101         @ TPIDRPRW
    bank_set 13, 0, 1, 0x102         @ CONTEXTIDR
    bank_set 5, 0, 0, 0x103          @ DFSR
    bank_set 6, 0, 2, 0x104          @ IFAR
    bank_set 10, 2, 0, 0x105         @ MAIR0
    bank_set 2, 0, 1, 0x140004       @ TTBR1
    bank_set 14, 2, 1, 2             @ CNTP_CTL
    set_scr 1
    bank_set 13, 0, 4, 0x201
    bank_set 13, 0, 1, 0x202
    bank_set 5, 0, 0, 0x203
    bank_set 6, 0, 2, 0x204
    bank_set 10, 2, 0, 0x205
    bank_set 2, 0, 1, 0x240004
    bank_set 12, 0, 0, VBAR_OF_NS
    bank_set 14, 2, 1, 0
    set_scr 0
    bank_expect 13, 0, 4, 0x101, 4
    bank_expect 13, 0, 1, 0x102, 5
    bank_expect 5, 0, 0, 0x103, 6
    bank_expect 6, 0, 2, 0x104, 7
    bank_expect 10, 2, 0, 0x105, 8
    bank_expect 2, 0, 1, 0x140004, 9
    bank_expect 14, 2, 1, 2, 0x0a
    mrc p15, 0, r0, c12, c0, 0
    ldr r1, =vector_table
    cmp r0, r1
    fail_if ne, 0x0b
    set_scr 1
    bank_expect 13, 0, 4, 0x201, 0x0c
    bank_expect 2, 0, 1, 0x240004, 0x0d
    bank_expect 12, 0, 0, VBAR_OF_NS, 0x0e
    bank_expect 14, 2, 1, 0, 0x0f
    set_scr 0
    b banks_done
    .ltorg
banks_done:
    cps #0x13
    mrs r0, sp_mon
    expect r0, 0x40f80000, 0x10
    mrs r0, lr_mon
    expect r0, 0x55, 0x11
    @ SMC from Secure state comes back
    mov r4, #0
    smc #0
    expect r4, 0x08, 0x12
    in_mode 0x13, 0x13
    @ Secure state has a map: 41f00000 is 41000000
    identity_map S1
    ldr r0, =S1
    ldr r1, =0x41000c02
    ldr r2, =0x41f * 4
    str r1, [r0, r2]
    mmu_on S1
    ldr r1, =0x41f00000
    ldr r0, =0x1111
    str r0, [r1]                     @ to 41000000
    @ Non-secure: its own vectors are these, too, but for UNDEFINED
    ldr r0, =VBAR_OF_NS
    ldr r1, =0xe51ff004              @ ldr pc, [pc, #-4]
    str r1, [r0, #4]
    ldr r1, =ns_undef
    str r1, [r0, #8]
    ldr r9, =to_ns
    smc #0
    .ltorg
to_ns:
    set_scr 1
    mrc p15, 0, r2, c12, c0, 0
    expect r2, VBAR_OF_NS, 0x20
    ldr r1, =0x41f00000
    ldr r0, [r1]                     @ Monitor mode: Secure state's map
    expect r0, 0x1111, 0x21
    mov r9, #0
    mov r0, #0x1d3
    msr spsr_cxsf, r0
    ldr lr, =ns_main
    movs pc, lr
ns_main:
    in_mode 0x13, 0x22
    ldr r1, =0x41f00000
    ldr r0, =0x2222
    str r0, [r1]
    ldr r1, =0x41000000
    ldr r0, [r1]
    expect r0, 0x1111, 0x23
    mov r10, #0
    mrc p15, 0, r0, c1, c1, 0        @ SCR
    expect r10, 1, 0x24
    mrc p15, 0, r0, c12, c0, 1       @ MVBAR
    expect r10, 2, 0x25
    mrc p15, 0, r0, c1, c1, 2        @ NSACR: read only
    expect r10, 2, 0x26
    expect r0, 0, 0x27
    mcr p15, 0, r0, c1, c1, 2
    expect r10, 3, 0x28
    vmov.f32 s0, #1.0
    expect r10, 4, 0x29
    mrs r0, sp_mon
    expect r10, 5, 0x2a
    hvc #0                           @ SCR.HCE is 0
    expect r10, 6, 0x2b
    cps #0x16
    in_mode 0x13, 0x2c
    mov r4, #0
    smc #1
    expect r4, 0x08, 0x2d
    in_mode 0x13, 0x2e
    ldr r1, =0x41f00000
    ldr r0, [r1]
    expect r0, 0x2222, 0x2f
    b ns_routing
    .ltorg
ns_routing:
    @ NSACR, and SCR: NS, IRQ, EA, HCE
    ldr r9, =set_routing
    smc #0
    vmov.f32 s0, #1.0
    ldr r10, =PORTS
    mov r4, #0
    mov r0, #1
    str r0, [r10, #IRQ]
    mrs r0, cpsr
    msr cpsr_c, r0                   @ masked: that is for Non-secure state
    expect r4, 0x18, 0x30
    mov r4, #0
    ldr r1, =0x08800000              @ nothing there
    ldr r0, [r1]
    expect r4, 0x10, 0x31
    mrc p15, 0, r0, c5, c0, 0        @ DFSR: the Secure one has it
    expect r0, 0x203, 0x32
    expect r5, 0x008, 0x33
    expect r6, 0x08800000, 0x34
    @ Hyp mode: from Monitor mode, then by HVC
    ldr r9, =to_hyp
    smc #0
    .ltorg
set_routing:
    mov r9, #0
    ldr r0, =0xc00
    mcr p15, 0, r0, c1, c1, 2
    set_scr 0x10b
    movs pc, lr
to_hyp:
    mov r9, #0
    mov r0, #0x1da
    msr spsr_cxsf, r0
    ldr r0, =0x1234
    msr sp_hyp, r0
    ldr lr, =in_hyp
    movs pc, lr
in_hyp:
    in_mode 0x1a, 0x40
    expect sp, 0x1234, 0x41
    ldr r0, =hyp_vectors
    mcr p15, 4, r0, c12, c0, 0
    mov r0, #0x1d3
    msr spsr_cxsf, r0
    ldr r0, =ns_again
    msr elr_hyp, r0
    eret
ns_again:
    in_mode 0x13, 0x42
    mov r4, #0
    hvc #3
    expect r4, 0x5014, 0x43
    @ HCR.TSC: SMC is Hyp mode's
    mov r4, #1
    hvc #3
    mov r4, #0
    smc #0
    expect r4, 0x5014, 0x44
    mov r4, #0
    hvc #3
    @ back to Secure state
    mov r4, #2
    hvc #3
    ldr r9, =to_secure
    smc #0
    .ltorg
to_secure:
    mov r9, #0
    set_scr 0
    mov r0, #0x1d3
    msr spsr_cxsf, r0
    ldr lr, =the_end
    movs pc, lr
the_end:
    in_mode 0x13, 0x50
    ldr r1, =0x41f00000
    ldr r0, [r1]
    expect r0, 0x1111, 0x51
    mrc p15, 0, r0, c13, c0, 4
    expect r0, 0x101, 0x52
    ldr r10, =0x600d
    finish
    .ltorg
    .align 5
monitor_vectors:
    b fail
    b fail
    b mon_smc
    b fail
    b mon_dabt
    b fail
    b mon_irq
    b fail
mon_smc:
    mov r4, #8
    cmp r9, #0
    bxne r9
    movs pc, lr
mon_irq:
    mov r4, #0x18
    ldr r11, =PORTS
    mov r12, #0
    str r12, [r11, #IRQ]
    subs pc, lr, #4
mon_dabt:
    mov r4, #0x10
    set_scr 0x10a
    mrc p15, 0, r5, c5, c0, 0
    mrc p15, 0, r6, c6, c0, 0
    set_scr 0x10b
    subs pc, lr, #4
    .align 5
hyp_vectors:
    b fail
    b fail
    b fail
    b fail
    b fail
    b hyp_trap
    b fail
    b fail
@ r4 when it comes: 0 nothing more, 1 HCR.TSC, 2 none of HCR
hyp_trap:
    mrc p15, 4, r0, c5, c2, 0
    lsr r0, r0, #26
    cmp r0, #0x13
    mrseq r0, elr_hyp
    addeq r0, r0, #4
    msreq elr_hyp, r0
    beq 1f
    cmp r4, #1
    moveq r0, #1 << 19
    movne r0, #0
    mcr p15, 4, r0, c1, c1, 0
    cmp r4, #0
    bne 2f
1:  ldr r4, =0x5014
2:  eret
ns_undef:
    add r10, r10, #1
    movs pc, lr
