# SPDX-License-Identifier: GPL-2.0-or-later
# Locked instructions where they are rare: on a device's register that changes with each read (they end), and over the edge of a page.
    .include "start.inc"
    .equ COUNTER, 0x10000000
    .equ EDGE, 0x50ffe
    .globl _start
    prog32
main:
    lock inc dword ptr [COUNTER]
    mov eax, 5
    lock xadd [COUNTER], eax
    mov ebx, [COUNTER]
    sub ebx, eax
    check ebx, 1                # one read each
    mov ecx, 3
    xchg [COUNTER], ecx
    mov eax, [COUNTER]
    sub eax, ecx
    check eax, 1
    lock or dword ptr [COUNTER], 1

    mov dword ptr [EDGE], 0xfffffffe
    lock add dword ptr [EDGE], 3
    check "dword ptr [EDGE]", 1
    mov eax, 0x10000
    lock xadd [EDGE], eax
    check eax, 1
    check "dword ptr [EDGE]", 0x10001
    mov eax, 0x10001
    mov ecx, 0x12345678
    lock cmpxchg [EDGE], ecx
    jnz bad
    check "dword ptr [EDGE]", 0x12345678
    mov eax, 0xdead5678         # 16 bits over the edge: the upper half is not compared
    mov ecx, 0x1234aaaa
    mov dword ptr [EDGE], 0x99567899
    lock cmpxchg [EDGE + 1], cx
    jnz bad
    check eax, 0xdead5678
    check "dword ptr [EDGE]", 0x99aaaa99
    finish
bad:
    failing

    data
gdt_end:
ldt: .quad 0
ldt_end:
