@ Hyp mode: HVC from SVC and Hyp mode, its registers and their privilege, traps of HCR, HSTR, HDCR, HCPTR, CNTHCTL with their syndromes, HCR.TGE,
@ VPIDR and VMPIDR.
@ el2: on
@ expect: r10=0x600d mode=0x13
    .equ EARLY, 1
    .include "start.inc"
    .include "hyp.inc"
early:
    mrs r0, cpsr
    and r0, r0, #0x1f
    expect r0, 0x1a, 1
    hyp_start reset
    .ltorg
main:
    mrs r0, cpsr
    and r0, r0, #0x1f
    expect r0, 0x13, 2
    hvc #0x1234
after_hvc:
    expect r4, 0x14, 3
    expect r5, 0x4a001234, 4
    expect r8, after_hvc, 5
    @ no way into Hyp mode from here, and none of its registers
    cps #0x1a
    mrs r0, cpsr
    and r0, r0, #0x1f
    expect r0, 0x13, 6
    mov r10, #0
    mrc p15, 4, r0, c1, c1, 0
    expect r10, 1, 7
    mrc p15, 0, r0, c0, c1, 1        @ ID_PFR1 tells of Virtualization, not of Security
    lsr r0, r0, #4
    bic r0, r0, #0xf0
    bic r0, r0, #0xff000
    lsl r0, r0, #4
    expect r0, 0x1000, 8
    @ a trap: HCR.TWI, TID3, TVM, TTLB
    ldr r0, =0x02046000 | 1 << 26
    ldr r1, =set_hcr
    bl in_hyp
    mov r4, #0
    wfi
    expect r4, 0x14, 0x10
    expect r5, 0x07e00000, 0x11
    mov r4, #0
    wfe
    expect r4, 0x14, 0x12
    expect r5, 0x07e00001, 0x13
    mov r4, #0
    mrc p15, 0, r3, c0, c1, 4        @ ID_MMFR0: opc2 4, CRn 0, Rt 3, CRm 1, read
    expect r4, 0x14, 0x14
    expect r5, 0x0fe80063, 0x15
    mov r4, #0
    mcr p15, 0, r3, c8, c7, 0        @ TLBIALL
    expect r5, 0x0fe0206e, 0x16
    mov r4, #0
    mcrr p15, 0, r2, r3, c2          @ TTBR0: Rt2 3, Rt 2, CRm 2
    expect r5, 0x13e00c44, 0x17
    mov r4, #0
    mrc p15, 0, r3, c1, c0, 0        @ SCTLR: reads do not trap
    expect r4, 0, 0x18
    mov r0, #0
    ldr r1, =set_hcr
    bl in_hyp
    @ HSTR.T13
    mov r0, #1 << 13
    ldr r1, =set_hstr
    bl in_hyp
    mov r4, #0
    mrc p15, 0, r2, c13, c0, 3
    expect r4, 0x14, 0x20
    expect r5, 0x0fe00000 | 3 << 17 | 13 << 10 | 2 << 5 | 1, 0x21
    mov r0, #0
    ldr r1, =set_hstr
    bl in_hyp
    @ HCPTR.TCP10, TCP11
    ldr r0, =0x33ff | 0xc00
    ldr r1, =set_hcptr
    bl in_hyp
    mov r4, #0
    vmov.f32 s0, #1.0
    expect r4, 0x14, 0x22
    expect r5, 0x1fe0000a, 0x23
    ldr r0, =0x33ff
    ldr r1, =set_hcptr
    bl in_hyp
    vmov.f32 s0, #1.0
    @ CNTHCTL
    mov r0, #0
    ldr r1, =set_cnthctl
    bl in_hyp
    mov r4, #0
    mrrc p15, 0, r2, r3, c14
    expect r4, 0x14, 0x24
    mov r4, #0
    mrc p15, 0, r2, c14, c2, 1
    expect r4, 0x14, 0x25
    mov r4, #0
    mrrc p15, 1, r2, r3, c14
    expect r4, 0, 0x26
    mov r0, #3
    ldr r1, =set_cnthctl
    bl in_hyp
    @ VPIDR, VMPIDR
    ldr r0, =0x11223344
    ldr r1, =set_ids
    bl in_hyp
    mrc p15, 0, r0, c0, c0, 0
    expect r0, 0x11223344, 0x30
    mrc p15, 0, r0, c0, c0, 5
    expect r0, 0x11223345, 0x31
    @ HCR.TGE: what User mode raises is Hyp mode's
    mov r0, #1 << 27
    ldr r1, =set_hcr
    bl in_hyp
    cps #0x10
    mov r4, #0
    svc #5
    expect r4, 0x14, 0x40
    expect r5, 0x46000005, 0x41
    mov r4, #0
    .word 0xe7f000f0
    expect r4, 0x14, 0x42
    expect r5, 0, 0x43
    @ from there to SVC mode with the end
    ldr r9, =the_end
    svc #0
the_end:
    @ in Hyp mode: its own HVC, undefined instruction and SVC
    mov r9, #0
    hvc #2
    expect r4, 0x08, 0x50
    expect r5, 0x4a000002, 0x51
    .word 0xe7f000f0
    expect r4, 0x04, 0x52
    svc #3
    expect r4, 0x08, 0x53
    expect r5, 0x46000003, 0x54
    mrc p15, 0, r0, c0, c0, 0
    mrc p15, 4, r1, c0, c0, 0
    cmp r0, r1
    fail_if eq, 0x55
    cps #0x13                        @ only by an exception return
    mrs r0, cpsr
    and r0, r0, #0x1f
    expect r0, 0x1a, 0x56
    mov r0, #0
    mcr p15, 4, r0, c1, c1, 0
    mov r0, #0x1d3
    msr spsr_cxsf, r0
    ldr r0, =done
    msr elr_hyp, r0
    eret
done:
    ldr r10, =0x600d
    finish
undef_handler:
    add r10, r10, #1
    movs pc, lr
    @ r1 in Hyp mode with r0
in_hyp:
    mov r9, r1
    mov r10, lr
    hvc #0
    mov r9, #0
    bx r10
set_hcr:
    mcr p15, 4, r0, c1, c1, 0
    eret
set_hstr:
    mcr p15, 4, r0, c1, c1, 3
    eret
set_hcptr:
    mcr p15, 4, r0, c1, c1, 2
    eret
set_cnthctl:
    mcr p15, 4, r0, c14, c1, 0
    eret
set_ids:
    mcr p15, 4, r0, c0, c0, 0
    add r0, r0, #1
    mcr p15, 4, r0, c0, c0, 5
    eret
