@ Software PAN as Linux does it: DACR toggled at each turn. Contexts switch; nothing is flushed, and after the first turns nothing
@ is filled again.
@ expect: r4=0 r5=0 r6=1
    .include "start.inc"
    .include "mmu.inc"
main:
    identity_map 0x40800000
    mmu_on 0x40800000
    ldr r10, =PORTS
    ldr r9, =0x40a00000
    mov r8, #0
1:  cmp r8, #10                  @ warm by now: take the counters
    ldreq r4, [r10, #FLUSHES]
    ldreq r5, [r10, #FILLS]
    ldreq r6, [r10, #SWITCHES]
    mov r0, #1
    mcr p15, 0, r0, c3, c0, 0
    isb
    str r8, [r9]
    mov r0, #5
    mcr p15, 0, r0, c3, c0, 0
    isb
    ldr r1, [r9]
    cmp r1, r8
    fail_if ne, 1
    add r8, r8, #1
    cmp r8, #1000
    bne 1b
    ldr r0, [r10, #FLUSHES]
    sub r4, r0, r4
    ldr r0, [r10, #FILLS]
    sub r5, r0, r5
    ldr r0, [r10, #SWITCHES]
    sub r6, r0, r6
    ldr r1, =1900
    cmp r6, r1
    movhs r6, #1
    finish
