/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start of the litmus program on every CPU (PSCI CPU_ON passes the CPU's number in x0; the first starts with a device tree there). */
    .global _start, second_start
_start:
    mov x0, #0
second_start:
    adrp x1, stacks
    add x1, x1, :lo12:stacks
    add x2, x0, #1
    add x1, x1, x2, lsl #13
    mov sp, x1
    adr x1, vectors
    msr vbar_el1, x1
    mov x1, #(3 << 20)
    msr cpacr_el1, x1
    isb
    bl cpu_main
1:  wfi
    b 1b

    .balign 2048
vectors:
    .skip 0x200
    /* A synchronous exception at EL1 is the fault of probe_word: it reads as all ones. Others end the run. */
    mrs x16, esr_el1
    lsr x16, x16, #26
    cmp x16, #0x25
    b.ne 1f
    mrs x16, elr_el1
    add x16, x16, #4
    msr elr_el1, x16
    mov x0, #-1
    eret
1:  mrs x0, esr_el1
    mrs x1, elr_el1
    mrs x2, far_el1
    bl unexpected
    b 1b

    /* uint64_t probe_word(const uint64_t *p): the word there, or all ones when that faults */
    .global probe_word
probe_word:
    ldr x0, [x0]
    ret

    .bss
    .balign 16
stacks:
    .skip 8192 * 4
