/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry and vectors. Entered as Linux is: SVC mode, MMU off, interrupts off, r2 = device tree. Stacks lie behind the
 * program (demo.lds). ARM state here, Thumb in the C files.
 */
        .syntax unified
        .arch   armv7ve
        .arm

        .section .text.start, "ax"
        .global _start
_start:
        cpsid   if
        mov     r4, r2
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR
        cps     #0x12                           @ IRQ mode
        ldr     sp, =irq_stack_top
        cps     #0x17                           @ abort mode
        ldr     sp, =abort_stack_top
        cps     #0x1b                           @ undefined mode
        ldr     sp, =abort_stack_top
        cps     #0x13
        ldr     sp, =stack_top
        ldr     r0, =bss_start
        ldr     r1, =bss_end
        mov     r2, #0
1:      cmp     r0, r1
        strlo   r2, [r0], #4
        blo     1b
        mov     r0, r4
        bl      main
        bl      power_off

        .align  5
vectors:
        b       .
        ldr     pc, =on_undefined
        ldr     pc, =on_svc
        ldr     pc, =on_prefetch
        ldr     pc, =on_data
        b       .
        ldr     pc, =on_irq
        b       .
        .ltorg

on_undefined:
        sub     r1, lr, #4
        mov     r0, #1
        bl      unexpected
on_svc:
        sub     r1, lr, #4
        mov     r0, #2
        bl      unexpected
on_prefetch:
        sub     r1, lr, #4
        mov     r0, #3
        bl      unexpected

on_data:
        sub     lr, lr, #8
        push    {r0-r3, r12, lr}
        mov     r0, lr
        bl      data_abort
        str     r0, [sp, #20]
        ldm     sp!, {r0-r3, r12, pc}^

on_irq:
        sub     lr, lr, #4
        push    {r0-r3, r12, lr}
        bl      irq_handle
        ldm     sp!, {r0-r3, r12, pc}^

        .global psci_call
        .type   psci_call, %function
psci_call:
        hvc     #0
        bx      lr

        .global probe, probe_load
        .type   probe, %function
probe:
        mov     r2, r0
        mov     r0, r1
probe_load:
        ldr     r0, [r2]
        bx      lr

        .global secondary_entry
        .type   secondary_entry, %function
secondary_entry:
        mov     r1, #1
        str     r1, [r0]
        dsb
        ldr     r0, =0x84000002                 @ PSCI CPU_OFF
        hvc     #0
        b       .
        .ltorg
