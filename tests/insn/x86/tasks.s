# SPDX-License-Identifier: GPL-2.0-or-later
# Task switches (SDM volume 3, chapter 7): by JMP, CALL, IRET, task gates and interrupts; busy bits, NT, the link, CR0.TS, what is saved and
# loaded, error codes on the new stack, 16-bit TSS, faults of bad ones, the trap bit.
    .include "start.inc"
    .equ TASKB, EXTRA
    .equ TASKGATE, EXTRA + 8
    .equ TASK16, EXTRA + 0x10
    .equ TSSSHORT, EXTRA + 0x18
    .equ ABSENT, EXTRA + 0x20
    .equ TASKC, EXTRA + 0x28
    .equ BADGATE, EXTRA + 0x30
    .equ STACKB, 0x60000
    .equ BADSEL, 0xff8
    .globl _start
    prog32

    .macro jump_far selector
    .byte 0xea
    .long 0
    .word \selector
    .endm
    .macro call_far selector
    .byte 0x9a
    .long 0
    .word \selector
    .endm
    # A task that is at label, busy or not, with fresh registers
    .macro set_task at, eflags
    mov dword ptr [tssb + 0x20], offset \at
    mov dword ptr [tssb + 0x24], \eflags
    mov dword ptr [tssb + 0x38], STACKB
    mov byte ptr [gdt + TASKB + 5], 0x89
    .endm

main:
    # ---- JMP: the old task is no longer busy, the new one is; no NT, no link
    set_task b_jumped, 2
    mov dword ptr [tssb], 0x5555
    mov eax, 0x12345678
    mov esi, 0x87654321
    mov ebp, esp
    clts
    jump_far TASKB
back_by_jump:
    check eax, 0x12345678
    check esi, 0x87654321
    check esp, ebp
    check "byte ptr [gdt + TSS32 + 5]", 0x8b
    check "byte ptr [gdt + TASKB + 5]", 0x89
    check "word ptr [tssb]", 0x5555
    # what was saved of B: its EAX
    check "dword ptr [tssb + 0x28]", 0xbbbb0002
    # ---- CALL and IRET
    set_task b_called, 2
    call_far TASKB
back_by_iret:
    check "dword ptr [seen_by_b]", (0x4000+2)          # NT in B
    check "word ptr [tssb]", TSS32                    # the link
    check "byte ptr [gdt + TASKB + 5]", 0x89
    check "byte ptr [gdt + TSS32 + 5]", 0x8b
    pushfd
    pop eax
    test eax, 0x4000
    jnz bad
    # NT is cleared in what B saved
    test dword ptr [tssb + 0x24], 0x4000
    jnz bad
    # B goes on behind its IRET when it is called again
    call_far TASKB
    check "dword ptr [second_round]", 1
    # ---- through a task gate in the GDT
    set_task b_called, 2
    call_far TASKGATE
    check "dword ptr [seen_by_b]", (0x4000+2)
    # ---- through one in the IDT: an interrupt, and a fault with an error code
    set_task b_called, 2
    mov dword ptr [idt + 0x30 * 8], TASKB << 16
    mov dword ptr [idt + 0x30 * 8 + 4], 0x8500
    mov dword ptr [seen_by_b], 0
    int 0x30
    check "dword ptr [seen_by_b]", (0x4000+2)
    mov eax, [idt + GP * 8]
    mov ebx, [idt + GP * 8 + 4]
    mov dword ptr [idt + GP * 8], TASKB << 16
    mov dword ptr [idt + GP * 8 + 4], 0x8500
    set_task b_faulted, 2
    mov cx, BADSEL
    mov es, cx                                        # B skips it
after_fault:
    mov [idt + GP * 8], eax
    mov [idt + GP * 8 + 4], ebx
    check "dword ptr [error_of_b]", BADSEL
    # ---- 16-bit TSS: upper halves are ones
    mov byte ptr [gdt + TASK16 + 5], 0x81
    call_far TASK16
    check "dword ptr [seen_by_16]", 0xffff1616
    check "word ptr [tss16]", TSS32
    # ---- refused
    expect GP, TSS32, "jump_far TSS32"                # busy
    expect TS, TSSSHORT, "jump_far TSSSHORT"
    expect NP, ABSENT, "jump_far ABSENT"
    expect GP, 0, "jump_far 0"
    expect GP, DATA32, "jump_far BADGATE"             # it names no TSS
    expect3 GP, TASKB, "call_far TASKB"               # DPL 0
    pushfd
    or dword ptr [esp], 0x4000
    popfd
    mov word ptr [tss], TASKB                         # the link is not busy
    mov byte ptr [gdt + TASKB + 5], 0x89
    expect TS, TASKB, "iretd"
    mov word ptr [tss], 0
    pushfd
    or dword ptr [esp], 0x4000
    popfd
    expect TS, 0, "iretd"
    pushfd
    and dword ptr [esp], ~0x4000
    popfd
    # ---- faults in the new task: it is the current one by then
    set_task b_called, 2
    mov word ptr [tssb + 0x54], EXTRA + 0x100         # DS beyond the GDT
    expect TS, EXTRA+0x100, "jump_far TASKB"
    str ax
    check ax, TASKB
    mov word ptr [tssb + 0x54], DATA32
    # back to the first
    mov byte ptr [gdt + TSS32 + 5], 0x89
    mov dword ptr [tss + 0x20], offset recovered
    mov word ptr [tss + 0x4c], CODE32
    mov word ptr [tss + 0x54], DATA32
    mov word ptr [tss + 0x50], DATA32
    mov dword ptr [tss + 0x38], STACK32
    mov word ptr [tss + 0x48], 0
    mov word ptr [tss + 0x58], 0
    mov word ptr [tss + 0x5c], 0
    jump_far TSS32
recovered:
    # ---- the T bit: a debug trap in the new task
    set_task b_called, 2
    mov word ptr [tssb + 0x64], 1
    mov dword ptr [seen_by_b], 0
    xor eax, eax
    mov dr6, eax
    expect DB, 0, "call_far TASKB"
    mov eax, dr6
    and eax, 0xe00f
    check eax, 0x8000
    check "dword ptr [seen_ip]", "offset b_called"
    finish
bad:
    failing

b_jumped:
    str ax
    check ax, TASKB
    mov eax, cr0
    test al, 8
    jz bad
    check "byte ptr [gdt + TSS32 + 5]", 0x89
    check "byte ptr [gdt + TASKB + 5]", 0x8b
    check esp, STACKB
    check ebx, 0xb000b
    pushfd
    pop eax
    test eax, 0x4000
    jnz bad
    check "dword ptr [tss + 0x28]", 0x12345678
    check "dword ptr [tss + 0x40]", 0x87654321
    mov eax, 0xbbbb0002
    jump_far TSS32

b_called:
    pushfd
    pop eax
    mov [seen_by_b], eax
    iretd
    mov dword ptr [second_round], 1
    iretd

b_faulted:
    pop dword ptr [error_of_b]
    mov dword ptr [tss + 0x20], offset after_fault
    iretd
    .code16
b_16:
    mov ax, 0x1616
    mov [seen_by_16], eax
    iret
    .code32

    data
    descl tssb, 0x67, 0x89, 0
    .word 0, TASKB, 0x8500, 0
    descl tss16, 0x2b, 0x81, 0
    descl tssb, 0x66, 0x89, 0
    descl tssb, 0x67, 0x09, 0
    .quad 0
    .word 0, DATA32, 0x8500, 0
gdt_end:
ldt:
    .quad 0
ldt_end:
    .balign 16
tssb:
    .fill 0x28
    .long 0xaaaa, 0xcccc, 0xdddd, 0xb000b, STACKB, 0, 0, 0
    .long DATA32, CODE32, DATA32, DATA32, 0, 0
    .long 0, 0x680000
tss16:
    .word 0, 0, 0, 0, 0, 0, 0
    .word b_16, 2
    .word 0, 0, 0, 0, 0xfff0, 0, 0, 0
    .word DATA32, CODE16, DATA32, DATA32, 0
seen_by_b: .long 0
second_round: .long 0
error_of_b: .long 0
seen_by_16: .long 0
