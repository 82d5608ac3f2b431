# SPDX-License-Identifier: GPL-2.0-or-later
# Privilege levels (SDM volume 3, chapter 5, 6.12): privileged instructions, IOPL and the I/O bitmap, interrupts through the TSS's stack, gate
# levels, call gates with parameters, RETF and IRET to outer levels, conforming code, 16-bit gates.
    .include "start.inc"
    .equ GATE0, EXTRA
    .equ GATE3, EXTRA + 8
    .equ GATE16, EXTRA + 0x10
    .equ GATEABSENT, EXTRA + 0x18
    .equ GATEDATA, EXTRA + 0x20
    .equ CONFORMING, EXTRA + 0x28
    .equ GATENULL, EXTRA + 0x30
    .globl _start
    prog32

    .macro call_far selector
    .byte 0x9a
    .long 0
    .word \selector
    .endm
    .macro jump_far selector
    .byte 0xea
    .long 0
    .word \selector
    .endm

main:
    expect3 DONE, 0, "done"
    # the frame: SS, ESP, EFLAGS, CS, EIP of level 3 on level 0's stack
    check "dword ptr [seen_cs]", UCODE32
    check "word ptr [seen_ss]", UDATA32
    check "dword ptr [seen_sp]", USER_STACK
    check "dword ptr [seen_frame]", "RING0_STACK-8*4-4"
    # ---- privileged instructions
    expect3 GP, 0, "hlt"
    expect3 GP, 0, "mov eax, cr0"
    expect3 GP, 0, "mov cr3, eax"
    expect3 GP, 0, "mov eax, dr7"
    expect3 GP, 0, "clts"
    expect3 GP, 0, "wbinvd"
    expect3 GP, 0, "invlpg [0]"
    expect3 GP, 0, "lgdt [gdtr]"
    expect3 GP, 0, "lidt [idtr32]"
    expect3 GP, 0, "lldt ax"
    expect3 GP, 0, "ltr ax"
    expect3 GP, 0, "lmsw ax"
    expect3 GP, 0, "mov ecx, 0x10; rdmsr"
    expect3 GP, 0, "mov ecx, 0x10; wrmsr"
    expect3 DONE, 0, "smsw ax; sgdt [scratch]; sldt ax; str ax; done"
    # UMIP takes those away
    mov eax, 1 << 11
    mov cr4, eax
    expect3 GP, 0, "smsw ax"
    expect3 GP, 0, "sidt [scratch]"
    expect3 GP, 0, "sgdt [scratch]"
    expect3 GP, 0, "sldt ax"
    expect3 GP, 0, "str ax"
    xor eax, eax
    mov cr4, eax
    # TSD
    expect3 DONE, 0, "rdtsc; done"
    mov eax, 4
    mov cr4, eax
    expect3 GP, 0, "rdtsc"
    fine "rdtsc"
    xor eax, eax
    mov cr4, eax
    # ---- IOPL
    expect3 GP, 0, "cli"
    expect3 GP, 0, "sti"
    mov dword ptr [user_flags], 0x3002
    expect3 DONE, 0, "sti; pushf; pop eax; done"
    test eax, 0x200
    jz bad
    expect3 DONE, 0, "cli; pushf; pop eax; done"
    test eax, 0x200
    jnz bad
    mov dword ptr [user_flags], 2
    # POPF at level 3 changes neither IF nor IOPL
    expect3 DONE, 0, "push 0x3202; popf; pushf; pop eax; done"
    test eax, 0x3200
    jnz bad
    # ---- I/O bitmap: all ones but for ports 0x100 to 0x103; the last byte must be there
    expect3 GP, 0, "in al, 0x80"
    mov word ptr [tss + 0x68 + 0x100 / 8], 0xfff0
    expect3 DONE, 0, "mov dx, 0x100; mov eax, 0x12345678; out dx, eax; xor eax, eax; in eax, dx; done"
    check eax, 0x12345678
    expect3 GP, 0, "mov dx, 0x101; in eax, dx"
    expect3 DONE, 0, "mov dx, 0x102; in ax, dx; done"
    expect3 GP, 0, "mov dx, 0x103; in ax, dx"
    expect3 DONE, 0, "mov dx, 0x103; in al, dx; done"
    expect3 GP, 0, "mov dx, 0x900; in al, dx"
    mov dword ptr [user_flags], 0x3002
    expect3 DONE, 0, "mov dx, 0x900; in al, dx; done"
    mov dword ptr [user_flags], 2
    # INS and OUTS with their memory
    push UDATA32
    pop es
    expect3 DONE, 0, "mov dx, 0x100; mov edi, offset scratch; insd; done"
    check "dword ptr [scratch]", 0x12345678
    check edi, "offset scratch+4"
    expect3 GP, 0, "mov dx, 0x104; mov edi, offset scratch; mov ecx, 2; rep insb"
    # ---- DPL of interrupt gates: INT n is checked, the error code names the entry
    expect3 GP, 0x21*8+2, "int 0x21"
    expect3 GP, 3*8+2, "int3"
    expect3 GP, 4*8+2, "mov al, 0x7f; inc al; into"
    expect3 DB, 0, ".byte 0xf1"                      # INT1 is not
    expect3 UD, 0, "ud2"
    expect3 DE, 0, "xor ecx, ecx; div ecx"
    mov byte ptr [idt + 3 * 8 + 5], 0xee
    expect3 BRK, 0, "int3"
    mov byte ptr [idt + 0x21 * 8 + 5], 0x6e          # not present
    expect3 NP, 0x21*8+2, "int 0x21"
    fine "nop"
    expect NP, 0x21*8+2, "int 0x21"
    mov byte ptr [idt + 0x21 * 8 + 5], 0x8c          # a call gate is no interrupt gate
    expect GP, 0x21*8+2, "int 0x21"
    mov byte ptr [idt + 0x21 * 8 + 5], 0x8e
    mov word ptr [idt + 0x21 * 8 + 2], 0
    expect GP, 0, "int 0x21"
    mov word ptr [idt + 0x21 * 8 + 2], DATA32
    expect GP, DATA32, "int 0x21"
    mov word ptr [idt + 0x21 * 8 + 2], UCODE32 & ~3  # a less privileged handler
    expect GP, UCODE32&~3, "int 0x21"
    expect GP, 0x50*8+2, "int 0x50"                  # beyond the limit
    mov word ptr [idt + 0x21 * 8 + 2], CODE32
    # ---- segments at level 3
    expect3 GP, DATA32, "mov ax, DATA32; mov ds, ax"
    expect3 GP, DATA32, "mov ax, DATA32+3; mov ds, ax"
    expect3 GP, UDATA32&~3, "mov ax, UDATA32&~3; mov ss, ax"
    expect3 GP, 0, "mov ax, 0; mov ss, ax"
    # IRET to level 3 leaves no segment of level 0 (ES: null)
    push DATA32
    pop es
    expect3 GP, 0, "mov al, es:[0]"
    expect3 GP, CODE32, "jump_far CODE32"
    # ---- call gates: DPL 0, DPL 3 with two parameters
    expect3 GP, GATE0, "call_far GATE0+3"
    expect3 NP, GATEABSENT, "call_far GATEABSENT+3"
    expect3 GP, DATA32, "call_far GATEDATA+3"
    expect3 GP, 0, "call_far GATENULL+3"
    expect3 GP, CODE32, "jump_far GATE3+3"           # JMP does not change the level
    expect3 DONE, 0, "push 0x11; push 0x22; call_far GATE3+3; mov ebx, esp; done"
    check ebx, USER_STACK                             # RETF 8 released them on both stacks
    check eax, 0x33
    check ecx, UCODE32
    check edx, "RING0_STACK-6*4"
    fine "call_far CONFORMING_CALL"
    expect3 DONE, 0, "call_far CONFORMING_CALL+3; done"
    check ecx, CONFORMING+3                           # at level 3
    # the 16-bit gate
    expect3 DONE, 0, "pushw 0x44; call_far GATE16+3; mov ebx, esp; done"
    check eax, 0x44
    check ebx, USER_STACK&0xffff                      # 16 bits were saved
    finish
bad:
    failing

proc32:
    mov edx, esp
    mov eax, [esp + 8]
    add eax, [esp + 12]
    mov ecx, [esp + 4]
    retf 8
proc_conforming:
    mov ecx, cs
    retf
    .code16
proc16:
    mov ebp, esp
    movzx eax, word ptr [ebp + 4]
    retf 2
    .code32

    data
    gate CODE32, proc32, 2, 0x8c
    gate CODE32, proc32, 2, 0xec
    gate CODE16, proc16, 1, 0xe4
    gate CODE32, proc32, 2, 0x6c
    gate DATA32, proc32, 2, 0xec
    desc 0, 0xfffff, 0x9e, 12
    gate 0, proc32, 2, 0xec
    gate CONFORMING, proc_conforming, 0, 0xec
gdt_end:
    .equ CONFORMING_CALL, EXTRA + 0x38
ldt:
    .quad 0
ldt_end:
scratch: .fill 16
