# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit and PAE paging (SDM volume 3, chapter 4): error codes, CR2, accessed and dirty flags, write protection, large pages, global ones
# and INVLPG, reserved bits, execute disable, PDPTEs.
    .include "start.inc"
    .equ DIR, 0x200000
    .equ TABLE, 0x201000
    .equ VA, 0x1000000               # by TABLE
    .equ LARGE, 0x1400000
    .equ PHYS, 0x300000
    .globl _start
    prog32
    .macro flush
    mov eax, cr3
    mov cr3, eax
    .endm
    .macro pte val
    mov dword ptr [TABLE], \val
    invlpg [VA]
    .endm

main:
    # one to one for the first 16 MiB by large pages (user, so that level 3 runs there)
    mov edi, DIR
    mov ecx, 1024
    xor eax, eax
    rep stosd
    mov edi, TABLE
    mov ecx, 1024
    rep stosd
    mov dword ptr [DIR], 0x87
    mov dword ptr [DIR + 4 * (VA >> 22)], TABLE + 7
    mov dword ptr [DIR + 4 * (LARGE >> 22)], 0x400087
    mov eax, DIR
    mov cr3, eax
    mov eax, 0x10
    mov cr4, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    mov dword ptr [PHYS], 0x11223344
    mov dword ptr [PHYS + 0x1000], 0x55667788
    # ---- not present
    expect PF, 0, "mov eax, [VA + 0x123]"
    check "dword ptr [seen_cr2]", VA+0x123
    expect PF, 2, "mov [VA], eax"
    expect3 PF, 4, "mov eax, [VA]"
    expect3 PF, 6, "mov [VA], eax"
    expect3 PF, 4, "mov eax, VA; jmp eax"             # no execute disable: no I bit
    expect PF, 0, "mov eax, [0x80000000]"              # the directory entry is missing
    # ---- accessed, dirty
    pte PHYS+7
    fine "mov eax, [VA]"
    check eax, 0x11223344
    check "dword ptr [TABLE]", PHYS+0x27
    test dword ptr [DIR + 4 * (VA >> 22)], 0x20
    jz bad
    fine "mov [VA], eax"
    check "dword ptr [TABLE]", PHYS+0x67
    pte PHYS+7
    fine "add dword ptr [VA], 0"
    check "dword ptr [TABLE]", PHYS+0x67
    # ---- supervisor page, read-only pages
    pte PHYS+3
    expect3 PF, 5, "mov eax, [VA]"
    expect3 PF, 7, "mov [VA], eax"
    fine "mov [VA], eax"
    pte PHYS+5
    expect3 PF, 7, "mov [VA], eax"
    check "dword ptr [TABLE]", PHYS+5                  # a refused access sets no flag
    fine "mov dword ptr [VA], 0x11223344"              # WP is 0
    mov eax, cr0
    or eax, 0x10000
    mov cr0, eax
    pte PHYS+5
    expect PF, 3, "mov [VA], eax"
    fine "mov eax, [VA]"
    expect PF, 3, "lock add dword ptr [VA], 1"
    expect PF, 3, "xchg [VA], eax"
    # rights of both levels count
    mov dword ptr [DIR + 4 * (VA >> 22)], TABLE + 5
    flush
    pte PHYS+7
    expect PF, 3, "mov [VA], eax"
    mov dword ptr [DIR + 4 * (VA >> 22)], TABLE + 3
    flush
    expect3 PF, 5, "mov eax, [VA]"
    mov dword ptr [DIR + 4 * (VA >> 22)], TABLE + 7
    flush
    # ---- an access over two pages: the second one's fault, and nothing is written
    pte PHYS+7
    mov dword ptr [PHYS + 0xffc], 0
    expect PF, 2, "mov dword ptr [VA + 0xffe], -1"
    check "dword ptr [seen_cr2]", VA+0x1000
    check "dword ptr [PHYS + 0xffc]", 0
    # ---- large page: bits 20:13 are address bits, 21 is reserved
    fine "mov eax, [LARGE]"
    test dword ptr [DIR + 4 * (LARGE >> 22)], 0x20
    jz bad
    mov dword ptr [DIR + 4 * (LARGE >> 22)], 0x400087 | 1 << 21
    flush
    expect PF, 9, "mov eax, [LARGE]"
    expect3 PF, 13, "mov eax, [LARGE]"
    mov dword ptr [DIR + 4 * (LARGE >> 22)], 0x400087
    flush
    # ---- without INVLPG the old translation of a global page survives MOV to CR3
    mov eax, 0x90                                       # PGE, PSE
    mov cr4, eax
    pte PHYS+0x107
    check "dword ptr [VA]", 0x11223344
    mov dword ptr [TABLE], PHYS + 0x1107
    flush
    check "dword ptr [VA]", 0x11223344
    invlpg [VA]
    check "dword ptr [VA]", 0x55667788
    mov dword ptr [TABLE], PHYS + 0x107
    mov eax, 0x10
    mov cr4, eax                                        # PGE off: all go
    check "dword ptr [VA]", 0x11223344
    # a page that is not global is another one after MOV to CR3
    mov dword ptr [TABLE], PHYS + 0x1007
    flush
    check "dword ptr [VA]", 0x55667788
    # ---- PAE with execute disable
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
    push ds
    pop es
    mov edi, DIR
    mov ecx, 3 * 1024
    xor eax, eax
    rep stosd
    mov dword ptr [DIR], DIR + 0x1000 + 1              # PDPTE 0
    mov dword ptr [DIR + 0x1000], 0x87                 # 0 to 2 MiB
    mov dword ptr [DIR + 0x1008], 0x200087             # tables, data
    mov dword ptr [DIR + 0x1000 + 8 * (VA >> 21)], DIR + 0x2000 + 7
    mov dword ptr [DIR + 0x2000], PHYS + 7
    mov eax, 0x20
    mov cr4, eax
    mov ecx, 0xc0000080
    mov eax, 0x800
    xor edx, edx
    wrmsr
    mov eax, DIR
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    fine "mov eax, [VA]"
    mov byte ptr [PHYS], 0xc3
    fine "mov eax, VA; call eax"
    mov dword ptr [DIR + 0x2004], 0x80000000           # XD
    invlpg [VA]
    fine "mov eax, [VA]"
    expect PF, 0x11, "mov eax, VA; jmp eax"
    check "dword ptr [seen_ip]", VA
    expect3 PF, 0x15, "mov eax, VA; jmp eax"
    expect PF, 0x10, "mov eax, VA+0x1000; jmp eax"
    # reserved: address bits beyond MAXPHYADDR (40), XD where EFER.NXE is off
    mov dword ptr [DIR + 0x2004], 0x100
    invlpg [VA]
    expect PF, 9, "mov eax, [VA]"
    mov dword ptr [DIR + 0x2004], 0
    mov dword ptr [DIR + 0x1000 + 8 * (LARGE >> 21)], 0x402087      # bit 13 of a 2 MiB page
    expect PF, 9, "mov eax, [LARGE]"
    expect PF, 0, "mov eax, [0x40000000]"              # a PDPTE that is not present
    # PDPTEs are loaded by MOV to CR3 alone
    mov dword ptr [DIR + 8], DIR + 0x1000 + 1
    expect PF, 0, "mov eax, [0x40000000]"
    flush
    fine "mov eax, [0x40000000]"
    # reserved bits of a PDPTE: #GP, and CR3 stays
    mov dword ptr [DIR + 0x10], 0x1e7
    mov eax, DIR
    expect GP, 0, "mov cr3, eax"
    mov dword ptr [DIR + 0x10], 0
    # CR4 and CR0 refuse
    mov eax, 0x20020
    expect GP, 0, "mov cr4, eax"                       # PCIDE outside IA-32e mode
    mov eax, 0x80000000
    expect GP, 0, "mov cr0, eax"                       # PG without PE
    mov eax, 0x20000011
    expect GP, 0, "mov cr0, eax"                       # NW without CD
    finish
bad:
    failing

    data
gdt_end:
ldt: .quad 0
ldt_end:
