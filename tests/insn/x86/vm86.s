# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual 8086 mode (SDM volume 3, chapter 20): entry by IRETD, what needs IOPL 3, interrupts to level 0 with their frame, VME's virtual
# interrupt flag and redirection of INT n to the program's own handlers.
    .include "start.inc"
    .equ VSEG, 0x1000                # segment of the program's copy and stack
    .equ VM, 0x20000
    .globl _start
    prog32

    # Run insn in VM86 mode with these flags beside VM, at its own address with CS 0. Segments: VSEG + n
    .macro expect_vm vec, err, flags, insn
    .set check_number, check_number + 1
    mov dword ptr [seen_vec], -1
    mov dword ptr [resume], offset .Lresume\@
    mov [home], esp
    push VSEG+4
    push VSEG+3
    push VSEG+2
    push VSEG+1
    push VSEG
    push 0xfff0
    push VM+2+\flags
    push 0
    push offset .Luser\@
    iretd
    .code16
.Luser\@:
    \insn
    .code32
.Lresume\@:
    mov dword ptr [resume], 0
    cmp dword ptr [seen_vec], \vec
    jne .Lfail\@
    cmp dword ptr [seen_err], \err
    je .Lok\@
.Lfail\@:
    failing
.Lok\@:
    .endm
    # Ends a run: an undefined instruction
    .macro vdone
    ud2
    .endm

main:
    expect_vm UD, 0, 0, "mov ax, es; mov bx, ds; mov cx, fs; mov dx, gs; mov si, ss; mov di, sp; vdone"
    check ax, VSEG+1
    check bx, VSEG+2
    check cx, VSEG+3
    check dx, VSEG+4
    check si, VSEG
    check di, 0xfff0
    # the frame: GS, FS, DS, ES, SS, ESP, EFLAGS, CS, EIP; the handler's segments are null (it loads DS itself)
    check "dword ptr [seen_frame]", "RING0_STACK-9*4-4*4"
    mov ebx, [seen_frame]
    check "word ptr [ebx + 28]", 0xfff0
    check "word ptr [ebx + 32]", VSEG
    check "word ptr [ebx + 36]", VSEG+1
    check "word ptr [ebx + 40]", VSEG+2
    check "word ptr [ebx + 44]", VSEG+3
    check "word ptr [ebx + 48]", VSEG+4
    test dword ptr [seen_flags], VM
    jz bad
    mov ax, es
    check ax, 0
    mov ax, gs
    check ax, 0
    # addresses are real mode's
    mov dword ptr [0x10020 + 5], 0xcafe1234
    expect_vm UD, 0, 0, "mov eax, ds:[5]; vdone"
    check eax, 0xcafe1234
    expect_vm GP, 0, 0, "mov ax, [0xffff]"
    expect_vm STK, 0, 0, "mov bp, 0xffff; mov ax, [bp]"
    # ---- IOPL
    expect_vm GP, 0, 0, "cli"
    expect_vm GP, 0, 0, "sti"
    expect_vm GP, 0, 0, "pushf"
    expect_vm GP, 0, 0, "popf"
    expect_vm GP, 0, 0, "int 0x21"
    expect_vm GP, 0, 0, "iret"
    expect_vm GP, 0, 0, "hlt"
    expect_vm GP, 0, 0x3000, "hlt"
    expect_vm GP, 0, 0x3000, "mov eax, cr0"
    expect_vm UD, 0, 0x3000, "lldt ax"
    expect_vm UD, 0, 0x3000, "sti; pushf; pop ax; cli; vdone"
    test ax, 0x200
    jz bad
    # the bitmap decides on ports at every IOPL
    expect_vm GP, 0, 0x3000, "in al, 0x80"
    mov byte ptr [tss + 0x68 + 0x80 / 8], 0xfe
    expect_vm UD, 0, 0, "in al, 0x80; vdone"
    # INT n with IOPL 3 goes through the IDT: the gate's DPL counts
    expect_vm GP, 0x21*8+2, 0x3000, "int 0x21"
    mov byte ptr [idt + 0x21 * 8 + 5], 0xee
    expect_vm 0x21, 0, 0x3000, "int 0x21"
    # INT3 is not sensitive to IOPL, the gate's DPL is looked at
    expect_vm GP, 3*8+2, 0, "int3"
    mov byte ptr [idt + 3 * 8 + 5], 0xee
    expect_vm BRK, 0, 0, "int3"
    # a handler that is not of level 0: #GP with its selector
    mov word ptr [idt + 0x21 * 8 + 2], UCODE32
    expect_vm GP, UCODE32&~3, 0x3000, "int 0x21"
    mov word ptr [idt + 0x21 * 8 + 2], CODE32
    # ---- VME
    mov eax, 1
    mov cr4, eax
    expect_vm UD, 0, 0, "cli; pushf; pop ax; sti; pushf; pop bx; vdone"
    # IOPL 3 and the virtual flag are what PUSHF shows
    and eax, 0x3200
    check eax, 0x3000
    and ebx, 0x3200
    check ebx, 0x3200
    test dword ptr [seen_flags], 0x80000
    jz bad
    test dword ptr [seen_flags], 0x200
    jnz bad
    expect_vm GP, 0, 0x100000, "sti"                   # VIP
    expect_vm GP, 0, 0, "pushfd"
    expect_vm GP, 0, 0, "push 0x0100; popf"            # TF
    expect_vm UD, 0, 0, "push 0x0200; popf; vdone"
    test dword ptr [seen_flags], 0x80000
    jz bad
    # redirection: bit 0 in the map before the I/O bitmap sends INT n to the program's table at 0
    mov word ptr [tss + 0x66], 0x88
    mov byte ptr [tss + 0x68 + 0x22 / 8], 0xfb
    mov word ptr [0x22 * 4], offset own_handler
    mov word ptr [0x22 * 4 + 2], 0
    expect_vm UD, 0, 0x80000, "int 0x22; after_int: vdone"
    check cx, "offset after_int"
    and edx, 0x3300
    check edx, 0x3200                                  # pushed: IOPL 3, IF as VIF
    test dword ptr [seen_flags], 0x80000               # VIF is back by the handler's IRET
    jz bad
    expect_vm GP, 0, 0, "int 0x23"                     # bit 1, IOPL below 3
    expect_vm GP, 0x23*8+2, 0x3000, "int 0x23"
    # with IOPL 3, redirected: IF itself
    expect_vm UD, 0, 0x3200, "int 0x22; vdone"
    and edx, 0x200
    check edx, 0x200
    finish
bad:
    failing
    .code16
own_handler:
    mov bp, sp
    mov cx, [bp]
    mov dx, [bp + 4]
    iret
    .code32

    data
gdt_end:
ldt: .quad 0
ldt_end:
