# SPDX-License-Identifier: GPL-2.0-or-later
# Protected mode segments (SDM volume 3, chapters 3 and 5): loads with their checks and error codes, limits of both directions, access rights, the
# accessed bit, LAR, LSL, VERR, VERW, ARPL, descriptor tables.
    .include "start.inc"
    .equ READONLY, EXTRA
    .equ DOWNBYTES, EXTRA + 0x58
    .equ EXECONLY, EXTRA + 8
    .equ ABSENT, EXTRA + 0x10
    .equ DOWN32, EXTRA + 0x18
    .equ DOWN16, EXTRA + 0x20
    .equ BYTES16, EXTRA + 0x28
    .equ DPL3DATA, EXTRA + 0x30
    .equ CONFORMING, EXTRA + 0x38
    .equ BASED, EXTRA + 0x40
    .equ ABSENTCODE, EXTRA + 0x48
    .equ PAGES, EXTRA + 0x50
    .equ BEYOND, gdt_end - gdt
    .globl _start
    prog32

    .macro loads seg, selector
    mov ax, \selector
    fine "mov \seg, ax"
    .endm
    .macro refused seg, selector, vec, err
    mov ax, \selector
    expect \vec, \err, "mov \seg, ax"
    .endm

    .macro jumps16 selector, off
    .byte 0x66, 0xea
    .long \off
    .word \selector
    .endm
main:
    # ---- loads of data segments
    loads es, 0
    loads es, 3
    expect GP, 0, "mov al, es:[0]"
    refused es, BEYOND, GP, BEYOND
    refused es, 0xfffb, GP, 0xfff8
    refused es, TSS32, GP, TSS32
    refused es, EXECONLY, GP, EXECONLY
    refused es, ABSENT, NP, ABSENT
    refused fs, 0x0c, GP, 0x0c                  # LDT selector, LDTR holds the limits of a null LDT
    loads gs, READONLY
    loads es, CODE32                            # readable code
    loads es, CONFORMING
    loads es, DPL3DATA
    refused es, DATA32+3, GP, DATA32            # RPL 3, DPL 0
    refused es, DATA32+1, GP, DATA32
    loads es, CONFORMING+3                      # conforming: no matter
    # ---- SS
    refused ss, 0, GP, 0
    refused ss, READONLY, GP, READONLY
    refused ss, CODE32, GP, CODE32
    refused ss, DPL3DATA, GP, DPL3DATA
    refused ss, DATA32+1, GP, DATA32
    refused ss, ABSENT, STK, ABSENT
    refused ss, BEYOND, GP, BEYOND
    expect UD, 0, ".byte 0x8e, 0xc8"            # MOV CS, ax
    # ---- the accessed bit
    and byte ptr [gdt + READONLY + 5], 0xfe
    loads es, READONLY
    check "byte ptr [gdt + READONLY + 5]", 0x91
    # ---- rights
    expect GP, 0, "mov byte ptr es:[0x9000], 1"
    fine "mov al, es:[0x9000]"
    expect GP, 0, "mov byte ptr cs:[0x9000], 1"
    # ---- limits, expand-up: 16 bytes
    loads es, BYTES16
    fine "mov eax, es:[12]"
    expect GP, 0, "mov eax, es:[13]"
    expect GP, 0, "mov al, es:[16]"
    fine "mov al, es:[15]"
    expect GP, 0, "mov al, es:[0xffffffff]"
    expect GP, 0, "mov dword ptr es:[14], 0"
    mov edi, 8
    mov esi, 0x9000
    mov ecx, 4
    # the third doubleword is refused, the registers stand before it
    expect GP, 0, "rep movsd"
    check ecx, 2
    check edi, 16
    check esi, 0x9008
    # the base
    loads es, BASED
    mov dword ptr [0x12340], 0x5a5a1234
    fine "mov eax, es:[0x340]"
    check eax, 0x5a5a1234
    # granularity: the limit in pages, the lower 12 bits are ones
    loads es, PAGES
    fine "mov al, es:[0x1fff]"
    expect GP, 0, "mov al, es:[0x2000]"
    # ---- expand-down: above the limit, to 4 GiB or 64 KiB
    loads es, DOWN32
    expect GP, 0, "mov al, es:[0xfff]"
    fine "mov al, es:[0x1000]"
    expect GP, 0, "mov ax, es:[0xfff]"
    loads es, DOWN16
    fine "mov al, es:[0x1000]"
    fine "mov al, es:[0xffff]"
    expect GP, 0, "mov ax, es:[0xffff]"
    expect GP, 0, "mov al, es:[0x10000]"
    # strings that go down stop at the limit, too
    loads es, DOWNBYTES
    std
    mov edi, 0x908
    mov ecx, 4
    mov eax, 0x77777777
    expect GP, 0, "rep stosd"
    cld
    check ecx, 1
    check edi, 0x8fc
    check "dword ptr [0x12900]", 0x77777777
    check "dword ptr [0x128fc]", 0
    # ---- LAR, LSL, VERR, VERW
    mov ecx, 0
    mov eax, 0x55
    mov bx, DATA32
    lar eax, bx
    jnz bad
    check eax, 0x00c09300
    lsl eax, bx
    check eax, 0xffffffff
    mov bx, PAGES
    lsl eax, bx
    check eax, 0x1fff
    mov bx, TSS32
    lar eax, bx
    check eax, 0x8b00
    lsl eax, bx
    check eax, (tss_end-tss-1)
    mov eax, 0x55
    mov bx, 0
    lar eax, bx
    jz bad
    check eax, 0x55
    mov bx, BEYOND
    lsl eax, bx
    jz bad
    mov bx, DATA32+3
    lar eax, bx
    jz bad
    mov bx, DATA32
    verw bx
    jnz bad
    mov bx, READONLY
    verw bx
    jz bad
    verr bx
    jnz bad
    mov bx, EXECONLY
    verr bx
    jz bad
    mov bx, CODE32
    verw bx
    jz bad
    mov bx, TSS32
    verr bx
    jz bad
    # ---- ARPL
    mov ax, 0x10
    mov bx, 3
    arpl ax, bx
    jnz bad
    check ax, 0x13
    arpl ax, bx
    jz bad
    check ax, 0x13
    # ---- LDT
    mov ax, LDT
    fine "lldt ax"
    mov ax, 4
    fine "mov es, ax"
    check "byte ptr es:[0]", 0x77
    refused es, 0x0c, GP, 0x0c
    sldt ax
    check ax, LDT
    mov ax, DATA32
    expect GP, DATA32, "lldt ax"
    mov ax, 0
    fine "lldt ax"
    refused es, 4, GP, 4
    mov ax, TSS32
    expect GP, TSS32, "ltr ax"                  # busy
    mov ax, 0
    expect GP, 0, "ltr ax"
    str ax
    check ax, TSS32
    # ---- far transfers
    .macro jumps selector, off
    .byte 0xea
    .long \off
    .word \selector
    .endm
    expect GP, 0, "jumps 0, 0"
    expect GP, DATA32, "jumps DATA32, 0"
    expect GP, BEYOND, "jumps BEYOND, 0"
    expect NP, ABSENTCODE, "jumps ABSENTCODE, 0"
    expect GP, 0x28, "jumps UCODE32, 0"         # DPL 3, CPL 0
    expect GP, CODE32, "jumps CODE32+3, 0"      # RPL above CPL
    expect GP, 0, "jumps CODE16, 0x10000"       # beyond the limit
    fine "jumps CONFORMING, 1f; 1: jumps CODE32, 1f; 1:"
    # a call pushes CS and EIP
    mov ebx, esp
    .byte 0x9a
    .long far_proc
    .word CODE32
after_call:
    check esp, ebx
    check eax, "offset after_call"
    check edx, CODE32
    # 16-bit code by far jump, and back
    fine "jumps CODE16, 2f; .code16; 2: jumps16 CODE32, 3f; .code32; 3:"
    # RETF to a bad selector leaves ESP as it was
    push DATA32
    push 0
    mov ebx, esp
    expect GP, DATA32, "retf"
    add esp, 8
    # SGDT
    sub esp, 8
    sgdt [esp]
    check "dword ptr [esp + 2]", "offset gdt"
    check "word ptr [esp]", (gdt_end-gdt-1)
    add esp, 8
    finish
bad:
    failing

far_proc:
    mov eax, [esp]
    mov edx, [esp + 4]
    retf

    data
    desc 0, 0xfffff, 0x90, 12           # READONLY
    desc 0, 0xfffff, 0x98, 12           # EXECONLY
    desc 0, 0xfffff, 0x12, 12           # ABSENT
    desc 0, 0, 0x96, 12                 # DOWN32: from 0x1000
    desc 0, 0xfff, 0x96, 0              # DOWN16
    desc 0xa000, 15, 0x92, 4            # BYTES16
    desc 0, 0xfffff, 0xf2, 12           # DPL3DATA
    desc 0, 0xfffff, 0x9e, 12           # CONFORMING
    desc 0x12000, 0xfffff, 0x92, 12     # BASED
    desc 0, 0xfffff, 0x1a, 12           # ABSENTCODE
    desc 0, 1, 0x92, 12                 # PAGES
    desc 0x12000, 0x8ff, 0x96, 4        # DOWNBYTES: from 0x900
gdt_end:
ldt:
    descl ldt_data, 3, 0x92, 4
ldt_end:
ldt_data: .byte 0x77, 0, 0, 0
