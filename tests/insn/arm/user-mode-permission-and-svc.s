@ User code may not write a privileged page; the abort is precise; SVC returns behind itself, in Thumb inside an IT block too.
@ expect: r4=0x0d r5=1 r6=3 r7=2
    .include "start.inc"
    .include "mmu.inc"
main:
    identity_map 0x40800000
    @ section 0x409: privileged only
    ldr r0, =0x40800000
    ldr r1, =0x40900402
    ldr r2, =0x409 * 4
    str r1, [r0, r2]
    mmu_on 0x40800000
    mov r4, #0
    mov r5, #0
    mov r6, #0
    mov r7, #0
    cps #0x10
    ldr r9, =0x40900000
    str r4, [r9]                 @ aborts; handler goes on behind it
    mov r5, #1
    svc #1
    adr r0, thumb + 1
    bx r0
    .thumb
thumb:
    cmp r5, #1
    itte eq
    svceq #2
    addeq r7, #2
    addne r7, #100
    svc #3
    b .
    .arm
    .align 2
svc_handler:
    add r6, r6, #1
    cmp r6, #3
    movsne pc, lr
    finish
dabt_handler:
    mrc p15, 0, r4, c5, c0, 0
    and r4, r4, #0xff
    subs pc, lr, #4
