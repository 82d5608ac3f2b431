# SPDX-License-Identifier: GPL-2.0-or-later
# System management mode (SDM volume 3, chapter 31; save area of the AMD APM volume 2, table 10-1): entry state, the save area, relocation of
# SMBASE, NMIs and SMIs that wait, RSM back to paged 32-bit code, RSM outside.
    .include "start.inc"
    .equ SAVE, 0x38000               # offsets of the save area from here
    .globl _start
    prog32
    .macro smi
    out SMI, al
    .endm

main:
    expect UD, 0, "rsm"
    # handlers at SMBASE + 0x8000: the first for 0x30000, the second where that one relocates to
    push ds
    pop es
    mov esi, offset handler1
    mov edi, 0x38000
    mov ecx, offset handler1_end - handler1
    rep movsb
    mov esi, offset handler2
    mov edi, 0x108000
    mov ecx, offset handler2_end - handler2
    rep movsb
    # paging on, so that RSM has to bring it back
    mov edi, 0x200000
    mov ecx, 1024
    xor eax, eax
    rep stosd
    mov dword ptr [0x200000], 0x83
    mov dword ptr [0x200004], 0x400083
    mov eax, 0x200000
    mov cr3, eax
    mov eax, 0x90
    mov cr4, eax
    mov eax, cr0
    or eax, 0x80010000
    mov cr0, eax
    mov eax, 0x11111111
    mov ebx, 0x22222222
    mov ebp, 0x66666666
    mov esi, 0x77777777
    mov edi, 0x88888888
    stc
    smi
back:
    # the handler saw
    check "dword ptr [0x50000]", 0x3000                # CS selector: SMBASE >> 4
    check "dword ptr [0x50004]", 0x8000                # its IP
    check "dword ptr [0x50008]", 0x10                  # CR0: PE, EM, TS, PG clear; others as before, here ET, WP
    check "dword ptr [0x5000c]", 2                     # EFLAGS
    check "dword ptr [0x50010]", 0                     # CR4
    check "dword ptr [0x50014]", 0x22222222            # EBX
    check "dword ptr [0x50018]", 0x5a5a                # a store by a 32-bit address: limits are 4 GiB
    # and the state is back
    check ebp, 0x66666666
    check esi, 0x77777777
    check edi, 0x88888888
    mov eax, cr0
    and eax, 0x80010001
    check eax, 0x80010001
    mov eax, cr4
    check eax, 0x90
    mov eax, cr3
    check eax, 0x200000
    mov ax, cs
    check ax, CODE32
    # the save area: RIP, RFLAGS, RAX, CR0, CR3, CS, revision, SMBASE
    check "dword ptr [SAVE + 0x7f78]", "offset back"
    test dword ptr [SAVE + 0x7f70], 1
    jz bad
    check "dword ptr [SAVE + 0x7ff8]", 0x11111111
    check "dword ptr [SAVE + 0x7fe0]", 0x22222222
    check "dword ptr [SAVE + 0x7f50]", 0x200000
    check "word ptr [SAVE + 0x7e10]", CODE32
    check "dword ptr [SAVE + 0x7efc]", 0x20064
    # ---- relocated to 0x100000: NMI and SMI inside wait for RSM
    mov word ptr [idt + 2 * 8], offset count_nmi
    smi
    check "dword ptr [0x50020]", 2                     # SMIs: the one inside came right behind RSM
    check "dword ptr [0x50024]", 0                     # NMIs that the handler saw
    check "dword ptr [nmis]", 1
    check "dword ptr [SAVE + 0xd0000 + 0x7f00]", 0x100000
    finish
bad:
    failing
count_nmi:
    inc dword ptr [nmis]
    iretd

    # entered in 16-bit mode with flat data
    .code16
handler1:
    call 1f
1:  pop cx
    sub cx, 3
    mov edi, 0x50000
    mov eax, 0
    mov ax, cs
    addr32 mov [edi], eax
    movzx ecx, cx
    addr32 mov [edi + 4], ecx
    mov eax, cr0
    and eax, 0x8000001d
    addr32 mov [edi + 8], eax
    pushfd
    pop eax
    and eax, 0x20300 + 2
    addr32 mov [edi + 12], eax
    mov eax, cr4
    addr32 mov [edi + 16], eax
    addr32 mov [edi + 20], ebx
    addr32 mov dword ptr [edi + 24], 0x5a5a
    mov ebx, 0x3ff00
    addr32 mov dword ptr [ebx], 0x100000              # the new SMBASE
    rsm
handler1_end:
handler2:
    mov edi, 0x50000
    addr32 inc dword ptr [edi + 0x20]
    addr32 cmp dword ptr [edi + 0x20], 1
    jne 1f
    out NMI, al
    out SMI, al
    nop
    mov ebx, offset nmis
    addr32 mov eax, [ebx]
    addr32 mov [edi + 0x24], eax
1:  rsm
handler2_end:
    .code32

    data
gdt_end:
ldt: .quad 0
ldt_end:
nmis: .long 0
