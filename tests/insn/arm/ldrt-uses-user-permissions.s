@ LDRT and STRT from a privileged mode are checked as User accesses.
@ expect: r4=1 r5=0x80d r6=0x77
    .include "start.inc"
    .include "mmu.inc"
    .equ L1, 0x40800000
main:
    identity_map L1
    ldr r0, =L1
    ldr r1, =0x40900802          @ AP = 10: User may only read
    ldr r2, =0x409 * 4
    str r1, [r0, r2]
    mmu_on L1
    mov r4, #0
    ldr r9, =0x40900000
    mov r0, #0x77
    str r0, [r9]
    mov r10, r9
    ldrt r6, [r10], #0
    mov r10, r9
    strt r0, [r10], #0
    finish
dabt_handler:
    add r4, r4, #1
    mrc p15, 0, r5, c5, c0, 0
    subs pc, lr, #4
