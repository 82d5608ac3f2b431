@ LDM, LDRD and LDREX fault on misaligned addresses; LDR does not; with SCTLR.A it does. DFSR is 1, the base register stays.
@ expect: r4=4 r5=0x01 r6=0x40a00001
    .include "start.inc"
    .include "mmu.inc"
main:
    identity_map 0x40800000
    mmu_on 0x40800000
    mov r4, #0
    ldr r6, =0x40a00001
    ldr r0, [r6]
    ldmia r6!, {r0, r1}
    ldrd r0, r1, [r6]
    ldrex r0, [r6]
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #2
    mcr p15, 0, r0, c1, c0, 0
    isb
    ldr r0, [r6]
    finish
dabt_handler:
    add r4, r4, #1
    mrc p15, 0, r5, c5, c0, 0
    subs pc, lr, #4
