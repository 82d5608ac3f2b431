# SPDX-License-Identifier: GPL-2.0-or-later
# IA-32e mode (SDM volume 3: 3.4.4, 4.5, 4.6, 5.8, 6.14): frames, IST, canonical addresses, SYSCALL, SWAPGS, compatibility mode, call gates, NX, SMEP,
# SMAP, protection keys, PCID, 1 GiB pages, what control registers refuse.
    .include "start.inc"
    .equ CALLGATE, EXTRA
    .equ BADCODE, EXTRA + 0x10
    .equ UCODE32L, 0x2b
    .equ VA, 0x40000000
    .equ PTE, 0x110000               # a table for VA's first 2 MiB
    .globl _start
    prog64

    .macro user vec, err, insn
    .set check_number, check_number + 1
    mov byte ptr [idt + DONE * 16 + 5], 0xee
    mov dword ptr [seen_vec], -1
    mov qword ptr [resume], offset .Lresume\@
    mov [home], rsp
    push UDATA32
    push USER_STACK
    push [user_flags]
    push UCODE64
    push offset .Luser\@
    iretq
.Luser\@:
    \insn
.Lresume\@:
    mov qword ptr [resume], 0
    cmp dword ptr [seen_vec], \vec
    jne .Lfail\@
    cmp dword ptr [seen_err], \err
    je .Lok\@
.Lfail\@:
    failing
.Lok\@:
    .endm
    .macro set_cr4 on
    mov rax, cr4
    or rax, \on
    mov cr4, rax
    .endm
    .macro clear_cr4 off
    mov rax, cr4
    and rax, ~(\off)
    mov cr4, rax
    .endm
    .macro pte low, high
    mov dword ptr [PTE], \low
    mov dword ptr [PTE + 4], \high
    invlpg [VA]
    .endm

main:
    # ---- frames: SS and RSP always, RSP aligned to 16
    mov rsp, STACK64 - 8
    expect64 UD, 0, "ud2"
    check "qword ptr [seen_sp]", "STACK64-8"
    check "qword ptr [seen_ss]", DATA32
    check "qword ptr [seen_frame]", "STACK64-16-5*8-3*8"
    mov rsp, STACK64
    user DONE, 0, "done"
    check "qword ptr [seen_sp]", USER_STACK
    check "qword ptr [seen_cs]", UCODE64
    check "qword ptr [seen_new_ss]", 0                  # null SS of level 0
    check "qword ptr [seen_frame]", "RING0_STACK-5*8-3*8"
    # IST: also without a change of level
    mov byte ptr [idt + UD * 16 + 4], 1
    expect64 UD, 0, "ud2"
    check "qword ptr [seen_frame]", "RING0_STACK-0x1000-8*8"
    mov byte ptr [idt + UD * 16 + 4], 2
    user UD, 0, "ud2"
    check "qword ptr [seen_frame]", "RING0_STACK-0x2000-8*8"
    mov byte ptr [idt + UD * 16 + 4], 0
    # instructions that are not there
    expect64 UD, 0, ".byte 0x06"
    expect64 UD, 0, ".byte 0x27"
    expect64 UD, 0, ".byte 0x60"
    expect64 UD, 0, ".byte 0xea; .long 0; .word 8"
    expect64 UD, 0, ".byte 0x9a; .long 0; .word 8"
    expect64 UD, 0, ".byte 0xce"
    expect64 UD, 0, ".byte 0xd5, 0x0a"
    # ---- canonical addresses
    movabs rbx, 0x800000000000
    expect64 GP, 0, "mov rax, [rbx]"
    expect64 GP, 0, "mov [rbx], rax"
    mov rbp, rbx
    expect64 STK, 0, "mov rax, [rbp]"
    expect64 GP, 0, "jmp rbx"
    # the target is looked at by the jump itself: RIP is the JMP's
    movabs rbx, 0x7ffffffffff0
    expect64 PF, 0, "mov eax, [rbx - 8]"
    # ---- limits do not count; FS and GS bases do
    mov ecx, 0xc0000100
    mov eax, 0x12340
    xor edx, edx
    wrmsr
    mov dword ptr [0x12348], 0xfeed
    mov eax, fs:[8]
    check eax, 0xfeed
    mov edx, 0x00008000
    expect64 GP, 0, "wrmsr"
    xor eax, eax
    mov fs, ax                                          # a null selector clears the base
    mov ecx, 0xc0000100
    rdmsr
    check eax, 0
    # SWAPGS
    mov ecx, 0xc0000101
    mov eax, 0x1111
    xor edx, edx
    wrmsr
    mov ecx, 0xc0000102
    mov eax, 0x2222
    wrmsr
    swapgs
    mov ecx, 0xc0000101
    rdmsr
    check eax, 0x2222
    user GP, 0, "swapgs"
    expect64 UD, 0, "rdfsbase rax"
    set_cr4 0x10000
    mov rax, 0x77770
    wrfsbase rax
    rdfsbase rbx
    check rbx, 0x77770
    movabs rax, 0x800000000000
    expect64 GP, 0, "wrgsbase rax"
    # ---- SYSCALL and SYSRET
    mov ecx, 0xc0000081
    xor eax, eax
    mov edx, CODE64 | 0x2b << 16
    wrmsr
    mov ecx, 0xc0000082
    mov eax, offset entry
    xor edx, edx
    wrmsr
    mov ecx, 0xc0000084
    mov eax, 0x4700
    wrmsr
    mov qword ptr [user_flags], 0x3202
    user DONE, 0, "std; syscall; after_syscall: done"
    check rcx, "offset after_syscall"
    check r8, CODE64
    check r9, CODE64+8
    and r10, 0x700
    check r10, 0                                        # DF, IF and TF are masked
    and r11, 0x600
    check r11, 0x600
    cld
    check "qword ptr [seen_cs]", UCODE64
    mov qword ptr [user_flags], 2
    user GP, 0, "sysretq"
    # EFER.SCE off
    mov ecx, 0xc0000080
    rdmsr
    and al, 0xfe
    wrmsr
    user UD, 0, "syscall"
    or al, 1
    wrmsr
    movabs rcx, 0x800000000000
    expect64 GP, 0, "sysretq"
    # ---- compatibility mode and back
    mov rbx, rsp
    push CODE32
    push offset compat
    rex.w retf
    .code32
compat:
    mov eax, 0xffffffff
    inc eax                                             # one byte: INC in 32-bit code, a prefix in 64-bit
    mov ecx, cs
    .byte 0x9a                                          # a far call through the 64-bit call gate
    .long 0
    .word CALLGATE
    .byte 0xea
    .long back64
    .word CODE64
    .code64
back64:
    check eax, 0
    check ecx, CODE32
    check r13, CODE32
    check r14, CODE64
    # the gate: 64-bit pushes of CS and RIP, and back to 32-bit code
    user DONE, 0, ".byte 0x48, 0xff, 0x1c, 0x25; .long far_pointer; done"
    check r14, CODE64
    check r13, UCODE64
    # the code segment must not have L and D
    expect64 GP, BADCODE, "push BADCODE; push 0; rex.w retf"
    # IRET with NT is #GP
    pushf
    or qword ptr [rsp], 0x4000
    popf
    expect64 GP, 0, "iretq"
    pushf
    and qword ptr [rsp], ~0x4000
    popf
    # ---- pages: VA has a table of its own
    mov dword ptr [PD + 0x1000], PTE + 7
    mov dword ptr [PD + 0x1004], 0
    mov byte ptr [0x300000], 0xc3
    pte 0x300007, 0x80000000
    expect64 -1, -1, "mov dword ptr [seen_err], -1; mov eax, [VA]"
    expect64 PF, 0x11, "mov eax, VA; jmp rax"
    pte 0x300007, 0
    fine64 "mov eax, VA; call rax"
    # SMAP: level 0 does not read user pages unless AC; the program's own pages become the supervisor's first
    and dword ptr [PD], ~4
    mov rax, cr3
    mov cr3, rax
    set_cr4 0x300000
    pte 0x300007, 0
    expect64 PF, 0x11, "mov eax, VA; jmp rax"           # SMEP
    expect64 PF, 1, "mov eax, [VA]"
    expect64 PF, 3, "mov [VA], eax"
    stac
    fine64 "mov eax, [VA]"
    clac
    expect64 PF, 1, "mov eax, [VA]"
    clear_cr4 0x300000
    expect64 UD, 0, ".byte 0xf0; stac"
    # protection keys: key 1 by bits 62:59
    set_cr4 0x400000
    pte 0x300007, 0x08000000
    xor ecx, ecx
    xor edx, edx
    mov eax, 0xc                                        # key 1: no access, no writes
    wrpkru
    expect64 PF, 0x21, "mov eax, [VA]"
    mov eax, 8
    xor ecx, ecx
    xor edx, edx
    wrpkru
    fine64 "mov eax, [VA]"
    expect64 PF, 0x23, "mov [VA], eax"                  # CR0.WP is set
    xor eax, eax
    wrpkru
    fine64 "mov [VA], al"
    mov ecx, 1
    expect64 GP, 0, "rdpkru"
    clear_cr4 0x400000
    expect64 UD, 0, "xor ecx, ecx; rdpkru"
    or dword ptr [PD], 4
    # ---- 1 GiB page at 3 GiB, reserved bits
    mov dword ptr [PDPT + 24], 0x87
    fine64 "mov ebx, 0xc0012348; mov eax, [rbx]"
    check eax, 0xfeed
    mov dword ptr [PDPT + 24], 0x2087
    mov rax, cr3
    mov cr3, rax
    expect64 PF, 9, "mov eax, [rbx]"
    mov dword ptr [PML4 + 8], PDPT + 0x87               # PS in a PML4 entry is reserved
    movabs rbx, 0x8000000000
    expect64 PF, 9, "mov eax, [rbx]"
    # ---- PCID: what another PCID sees, and that bit 63 keeps translations
    set_cr4 0x20000
    mov dword ptr [0x301000], 0x5555
    mov dword ptr [0x300000], 0x3333
    pte 0x300007, 0
    check "dword ptr [VA]", 0x3333
    mov dword ptr [PTE], 0x301007
    movabs rax, PML4 + 1
    mov cr3, rax                                        # PCID 1 has none yet
    check "dword ptr [VA]", 0x5555
    movabs rax, 0x8000000000100000
    mov cr3, rax                                        # PCID 0, kept
    check "dword ptr [VA]", 0x3333
    mov rax, cr3
    check rax, PML4                                     # bit 63 is not kept
    mov cr3, rax
    check "dword ptr [VA]", 0x5555
    # INVPCID of one address in PCID 1
    mov dword ptr [PTE], 0x300007
    movabs rax, 0x8000000000100001
    mov cr3, rax
    check "dword ptr [VA]", 0x5555
    xor eax, eax
    invpcid rax, [descriptor]
    check "dword ptr [VA]", 0x3333
    mov eax, 4
    expect64 GP, 0, "invpcid rax, [descriptor]"
    mov rax, PML4
    mov cr3, rax
    # ---- refusals
    expect64 GP, 0, "mov rax, cr4; and rax, ~0x20; mov cr4, rax"             # PAE off
    expect64 GP, 0, "mov rax, cr0; and eax, 0x7fffffff; mov cr0, rax"        # PG off in 64-bit code
    expect64 GP, 0, "mov rax, cr0; bts rax, 32; mov cr0, rax"
    expect64 GP, 0, "movabs rax, 0x10000000100000; mov cr3, rax"
    expect64 GP, 0, "mov ecx, 0xc0000080; rdmsr; and eax, ~0x100; wrmsr"     # LME while paging
    expect64 GP, 0, "mov ecx, 0x12345; rdmsr"
    expect64 UD, 0, "mov rax, cr1"
    expect64 GP, 0, "mov eax, 16; mov cr8, rax"
    mov eax, 9
    mov cr8, rax
    mov rbx, cr8
    check rbx, 9
    finish
bad:
    failing

entry:
    mov r8, cs
    mov r9, ss
    pushf
    pop r10
    cld
    rex.w sysret
gate_target:
    mov r14, cs
    mov r13, [rsp + 8]
    rex.w retf

    data
    .word gate_target, CODE64, 0xec00, 0
    .quad 0
    desc 0, 0xfffff, 0x9a, 14
gdt_end:
ldt: .quad 0
ldt_end:
descriptor: .quad 1, VA
far_pointer: .quad 0
    .word CALLGATE
