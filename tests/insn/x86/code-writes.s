# SPDX-License-Identifier: GPL-2.0-or-later
# Writes to code are seen by the very next instruction (SDM volume 3, 8.1.3: the writing processor needs no more than a jump; processors from
# the P6 on need nothing when linear addresses are the same).
    .include "start.inc"
    .globl _start
    prog32
main:
    # the next instruction's immediate
    mov byte ptr [one + 1], 7
one:
    mov eax, 1
    check eax, 7

    # an instruction further on, in the same block, by several sizes
    mov dword ptr [two + 1], 0x12345678
    mov ebx, 3
    inc ebx
two:
    mov eax, 1
    check eax, 0x12345678
    check ebx, 4

    # a string instruction writes over what follows
    cld
    mov esi, offset ones
    mov edi, offset three
    mov ecx, 5
    rep movsb
three:
    mov eax, 1
    check eax, 0x55
    check ecx, 0

    # a push, an exchange, a locked addition
    mov esp, offset four + 5
    mov eax, 0x99
    push eax
four:
    mov eax, 1                  # b8 and the immediate, which is what was pushed
    check eax, 0x99
    mov esp, STACK32
    mov eax, 0x77
    xchg [five + 1], eax
five:
    mov ebx, 1
    check ebx, 0x77
    check eax, 1
    lock add dword ptr [six + 1], 0x10
six:
    mov ebx, 1
    check ebx, 0x11

    # in a loop: each round sees the last one's write
    mov ecx, 50
    xor edx, edx
again:
    inc dword ptr [seven + 1]
seven:
    mov ebx, 0
    add edx, ebx
    dec ecx
    jnz again
    check edx, 1275             # 1 + 2 + ... + 50

    # an instruction that overwrites itself runs as it was
    mov edi, offset eight
    mov ecx, 1
    mov al, 0x90
eight:
    stosb
    mov esi, offset eight + 1
    check edi, esi
    finish

ones:
    mov eax, 0x55
    data
gdt_end:
ldt:
    .quad 0
ldt_end:
