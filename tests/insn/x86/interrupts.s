# SPDX-License-Identifier: GPL-2.0-or-later
# Interrupts (SDM volume 3, 6.3, 6.8, 6.15, table 6-4): IF, the shadow of STI, HLT, NMIs blocked until IRET, double faults, contributory
# and benign pairs, priority of what waits.
    .include "start.inc"
    .globl _start
    prog32
    .macro intr vector
    mov al, \vector
    out INTR, al
    .endm
    .macro nmi
    out NMI, al
    .endm
    # [seen_vec] counts as not taken
    .macro forget
    mov dword ptr [seen_vec], -1
    .endm
    # A handler of its own for a vector
    .macro handler vector, at
    mov word ptr [idt + \vector * 8], offset \at
    .endm

main:
    handler 0x30, count_30
    handler 0x31, count_31
    handler 2, count_nmi
    # ---- IF
    intr 0x30
    nop
    check "dword ptr [n30]", 0
    sti
    nop
    check "dword ptr [n30]", 1
    intr 0x30
    check "dword ptr [n30]", 2
    cli
    # what goes away is not taken
    intr 0x30
    out DROP, al
    sti
    nop
    check "dword ptr [n30]", 2
    cli
    # ---- STI: behind the next instruction
    intr 0x30
    sti
    mov ebx, 1
after_shadow:
    check "dword ptr [n30]", 3
    check "dword ptr [ip30]", "offset after_shadow"
    cli
    intr 0x30
    sti
    cli                                  # never open
    check "dword ptr [n30]", 3
    sti
    sti
    nop
    check "dword ptr [n30]", 4
    cli
    # ---- POPF has none
    cli
    intr 0x30
    pushfd
    or dword ptr [esp], 0x200
    popfd
at_popf:
    check "dword ptr [n30]", 5
    check "dword ptr [ip30]", "offset at_popf"
    # ---- HLT
    cli
    intr 0x30
    sti
    hlt
after_hlt:
    check "dword ptr [n30]", 6
    check "dword ptr [ip30]", "offset after_hlt"
    cli
    nmi
    check "dword ptr [nmis]", 1
    # ---- NMI: none while one is handled, until IRET
    handler 2, nested_nmi
    nmi
    check "dword ptr [nmis]", 3
    check "dword ptr [deep]", 0
    handler 2, count_nmi
    # ---- NMI before INTR
    handler 2, order_nmi
    handler 0x31, order_31
    intr 0x31
    mov eax, cr0                         # nothing is open yet
    sti
    nmi                                  # in the shadow: both wait for its end
    check "dword ptr [order]", 0x2131
    cli
    handler 2, count_nmi
    # ---- double faults (table 6-4): contributory behind contributory; benign first is no double fault
    mov byte ptr [idt + NP * 8 + 5], 0x0e             # #NP's gate is not present
    mov byte ptr [idt + GP * 8 + 5], 0x0e
    expect DF, 0, "mov ax, 0xfff8; mov es, ax"
    expect DF, 0, "int 0x50"                           # #GP (limit) has no handler: #NP behind #GP
    mov byte ptr [idt + NP * 8 + 5], 0x8e
    # INT n that meets a gate that is not there: #NP alone
    mov byte ptr [idt + 0x32 * 8 + 5], 0x0e
    expect NP, 0x32*8+2, "int 0x32"
    # an external interrupt that does: #NP with EXT
    mov dword ptr [seen_vec], -1
    mov dword ptr [resume], offset 1f
    mov [home], esp
    intr 0x32
    sti
    nop
    nop
1:  cli
    check "dword ptr [seen_vec]", NP
    check "dword ptr [seen_err]", 0x32*8+3
    # a benign exception (#UD) behind it: the second one is served, with EXT
    mov byte ptr [idt + UD * 8 + 5], 0x0e
    expect NP, UD*8+3, "ud2"
    mov byte ptr [idt + UD * 8 + 5], 0x8e
    # contributory behind contributory, once more: #DE without a gate gives #NP behind #DE
    mov byte ptr [idt + DE * 8 + 5], 0x0e
    expect DF, 0, "xor ecx, ecx; div ecx"
    mov byte ptr [idt + DE * 8 + 5], 0x8e
    finish

count_30:
    inc dword ptr [n30]
    push eax
    mov eax, [esp + 4]
    mov [ip30], eax
    pop eax
    iretd
count_31:
    iretd
count_nmi:
    inc dword ptr [nmis]
    iretd
nested_nmi:
    inc dword ptr [deep]
    cmp dword ptr [deep], 1
    jne fail_deep
    inc dword ptr [nmis]
    cmp dword ptr [nmis], 3
    je 1f
    nmi                                  # waits for the IRET
    nop
1:  dec dword ptr [deep]
    iretd
fail_deep:
    failing
order_nmi:
    shl dword ptr [order], 8
    or dword ptr [order], 0x21
    iretd
order_31:
    shl dword ptr [order], 8
    or dword ptr [order], 0x31
    iretd

    data
gdt_end:
ldt: .quad 0
ldt_end:
n30: .long 0
ip30: .long 0
nmis: .long 0
deep: .long 0
order: .long 0
