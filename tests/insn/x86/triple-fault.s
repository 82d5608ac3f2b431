# SPDX-License-Identifier: GPL-2.0-or-later
# A fault in the delivery of a double fault shuts the processor down, and the machine is reset (SDM volume 3, 6.15).
# ends: reset
    .include "start.inc"
    .globl _start
    prog32
main:
    expect UD, 0, "ud2"
    mov word ptr [idtr32], 0
    lidt [idtr32]
    ud2
    failing
    data
gdt_end:
ldt: .quad 0
ldt_end:
