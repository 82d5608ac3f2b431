@ CPSR.E: words, halfwords, multiples, doubles, exclusives and VFP see big-endian data; instructions do not change.
@ expect: r4=0x11223344 r5=0x1122 r6=0x44332211 r7=0x88776655 r8=0x11223344 s0=0x11223344
    .include "start.inc"
main:
    ldr r9, =0x40a00000
    ldr r0, =0x44332211
    ldr r1, =0x88776655
    strd r0, r1, [r9]
    setend be
    ldr r4, [r9]
    ldrh r5, [r9]
    vldr s0, [r9]
    ldrex r8, [r9]
    clrex
    ldm r9, {r2, r3}
    add r10, r9, #16
    stm r10, {r2, r3}
    setend le
    ldm r10, {r6, r7}
    finish
