@ A pending interrupt is taken when I is cleared, WFI ends for a masked one, and the virtual timer wakes.
@ expect: r4=2 r5=1
    .include "start.inc"
main:
    mov r4, #0
    mov r5, #0
    ldr r10, =PORTS
    mov r0, #1
    str r0, [r10, #IRQ]
    wfi                          @ masked, but pending: goes on
    mov r5, #1
    cpsie i
    nop
    cpsid i
    cmp r4, #1
    fail_if ne, 1
    str r0, [r10, #TIMER_IRQ]
    ldr r0, =62500               @ 1 ms
    mcr p15, 0, r0, c14, c3, 0
    mov r0, #1
    mcr p15, 0, r0, c14, c3, 1
    cpsie i
1:  wfi
    cmp r4, #2
    bne 1b
    finish
irq_handler:
    add r4, r4, #1
    mov r1, #0
    ldr r2, =PORTS
    str r1, [r2, #IRQ]
    mcr p15, 0, r1, c14, c3, 1
    subs pc, lr, #4
