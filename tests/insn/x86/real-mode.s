# SPDX-License-Identifier: GPL-2.0-or-later
# Real mode (SDM volume 3, chapter 20): segments, limits, interrupts without error codes, flags, far transfers, "unreal" mode, A20M.
    .include "start.inc"
    .code16
    .globl _start
_start:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7c00
    # every vector to its stub
    mov cx, 64
    mov di, 0
    mov ax, offset stubs
1:  mov [di], ax
    mov word ptr [di + 2], 0
    add di, 4
    add ax, 8
    loop 1b

    .macro expect16 vec, insn
    .set check_number, check_number + 1
    mov word ptr [seen_vec], -1
    mov word ptr [resume], offset .Lresume\@
    mov [home], sp
    \insn
.Lresume\@:
    mov word ptr [resume], 0
    cmp word ptr [seen_vec], \vec
    je .Lok\@
    mov eax, check_number
    jmp fail
.Lok\@:
    .endm
    .macro check16 a, b
    .set check_number, check_number + 1
    cmp \a, \b
    je .Lok\@
    mov eax, check_number
    jmp fail
.Lok\@:
    .endm

    # INT n: three words, IF and TF cleared
    sti
    expect16 0x21, "int 0x21; after_int:"
    check16 "word ptr [seen_cs]", 0
    test word ptr [seen_flags], 0x200
    jz bad
    pushf
    pop ax
    test ax, 0x300
    jnz bad
    check16 "word ptr [seen_sp]", 0x7c00-6
    check16 "word ptr [seen_ip]", "offset after_int"
    jmp 2f
bad: mov eax, 999
    jmp fail
2:
    # limits: a word at 0xffff, in SS #SS, elsewhere #GP; no error code is pushed
    expect16 13, "mov ax, [0xffff]"
    check16 "word ptr [seen_sp]", 0x7c00-6
    expect16 13, "mov [0xffff], ax"
    mov bp, 0xffff
    expect16 12, "mov ax, [bp]"
    mov bx, 0xfffd
    expect16 13, "mov eax, [bx]"
    expect16 -1, "mov al, [0xffff]"
    expect16 0, "xor dx, dx; div dx"
    expect16 6, "ud2"
    expect16 6, "lldt ax"
    expect16 6, "lar ax, ax"
    # an address of 32 bits beyond the limit
    mov ebx, 0x10000
    expect16 13, "mov al, [ebx]"
    # IDT limit: vector beyond it gives #GP of which vector 13 is inside
    lidt [short_idt]
    expect16 13, "int 0x30"
    lidt [full_idt]
    # segment arithmetic: 0xffff:0x0010 is 0x100000
    mov ax, 0xffff
    mov es, ax
    mov dword ptr es:[0x10], 0x12345678
    lgdt [gdtr]
    call to_unreal
    mov ebx, 0x100000
    check16 "dword ptr [ebx]", 0x12345678
    # unreal: the limit of 4 GiB stays with DS when a selector is loaded
    mov ax, 0x1000
    mov ds, ax
    cmp dword ptr [ebx - 0x10000], 0x12345678
    mov ax, 0
    mov ds, ax
    jne bad
    # A20M: bit 20 is masked
    mov dword ptr [0], 0x11111111
    mov al, 1
    out A20M, al
    check16 "dword ptr [ebx]", 0x11111111
    mov al, 0
    out A20M, al
    check16 "dword ptr [ebx]", 0x12345678
    # far call, far return with bytes to release, IRET with flags
    push 0x1234
    .byte 0x9a
    .word far_proc, 0
    check16 sp, 0x7c00
    check16 ax, 0x1234
    pushf
    push 0
    push offset 3f
    iret
3:  check16 sp, 0x7c00
    # PUSH SP is the value before, POP of segments
    push sp
    pop ax
    check16 ax, 0x7c00
    # a real mode segment register keeps 16 bits
    mov ax, 0xabcd
    mov fs, ax
    push fs
    pop bx
    check16 bx, 0xabcd
    # TF: a trap behind the instruction, DR6.BS
    mov word ptr [resume], offset stepped
    mov [home], sp
    pushf
    pop ax
    or ax, 0x100
    push ax
    popf
    nop
after_nop:
    jmp bad
stepped:
    check16 "word ptr [seen_vec]", 1
    check16 "word ptr [seen_ip]", "offset after_nop"
    mov eax, dr6
    and eax, 0xe00f
    check16 eax, 0x4000
    # MOV SS holds the trap off for one instruction
    mov word ptr [resume], offset stepped2
    mov ax, 0
    pushf
    pop bx
    or bx, 0x100
    push bx
    popf
    mov ss, ax
    nop
after_nop2:
    jmp bad
stepped2:
    check16 "word ptr [seen_ip]", "offset after_nop2"
    # LOCK without a memory destination, and where it is not allowed
    expect16 6, ".byte 0xf0; nop"
    expect16 6, ".byte 0xf0; mov [bx], ax"
    # BOUND and INTO
    mov word ptr [bounds], 5
    mov word ptr [bounds + 2], 9
    mov ax, 10
    expect16 5, "bound ax, [bounds]"
    mov ax, 9
    expect16 -1, "bound ax, [bounds]"
    mov al, 0x7f
    inc al
    expect16 4, "into"
    xor eax, eax
fail:
    mov dx, EXIT
    out dx, eax
1:  jmp 1b

far_proc:
    mov bp, sp
    mov ax, [bp + 4]
    retf 2

to_unreal:
    mov eax, cr0
    or al, 1
    mov cr0, eax
    mov bx, 8
    mov ds, bx
    and al, 0xfe
    mov cr0, eax
    xor bx, bx
    mov ds, bx
    ret

    .balign 8
stubs:
    .set n, 0
    .rept 64
    push n
    jmp taken
    .balign 8
    .set n, n + 1
    .endr
taken:
    push ax
    push ds
    xor ax, ax
    mov ds, ax
    push bp
    mov bp, sp
    mov ax, [bp + 6]
    mov [seen_vec], ax
    mov ax, [bp + 8]
    mov [seen_ip], ax
    mov ax, [bp + 10]
    mov [seen_cs], ax
    mov ax, [bp + 12]
    mov [seen_flags], ax
    lea ax, [bp + 8]
    mov [seen_sp], ax
    pop bp
    pop ds
    pop ax
    cmp word ptr [resume], 0
    jne 1f
    movzx eax, word ptr [seen_vec]
    add eax, 1000
    jmp fail
1:  mov ss, [zero]
    mov sp, [home]
    jmp [resume]

    .balign 8
seen_vec: .word 0
seen_ip: .word 0
seen_cs: .word 0
seen_flags: .word 0
seen_sp: .word 0
resume: .word 0
home: .word 0
zero: .word 0
bounds: .word 0, 0
short_idt: .word 0x30 * 4 - 1, 0, 0
full_idt: .word 0x3ff, 0, 0
gdtr: .word 15, gdt, 0
    .balign 8
gdt: .quad 0
    desc 0, 0xfffff, 0x92, 8
