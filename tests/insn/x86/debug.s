# SPDX-License-Identifier: GPL-2.0-or-later
# Debug exceptions (SDM volume 3, chapter 17): instruction breakpoints as faults with RF, single steps as traps, DR6, DR7.GD, DR4 and DR5, INT1,
# steps over INT n, IRET, MOV SS, REP.
    .include "start.inc"
    .globl _start
    prog32
    .macro dr6_is val
    mov eax, dr6
    and eax, 0xe00f
    check eax, \val
    xor eax, eax
    mov dr6, eax
    .endm
    .macro tf_on
    pushfd
    or dword ptr [esp], 0x100
    popfd
    .endm

main:
    # ---- registers
    mov eax, dr6
    check eax, 0xffff0ff0
    mov eax, dr7
    check eax, 0x400
    xor eax, eax
    mov dr6, eax
    mov dr7, eax
    mov eax, dr6
    check eax, 0xffff0ff0
    mov eax, dr7
    check eax, 0x400
    mov eax, 0x12345678
    mov dr2, eax
    mov ebx, dr2
    check ebx, 0x12345678
    # DR4 is DR6 unless CR4.DE
    mov eax, dr4
    check eax, 0xffff0ff0
    mov eax, 8
    mov cr4, eax
    expect UD, 0, "mov eax, dr4"
    expect UD, 0, "mov dr5, eax"
    xor eax, eax
    mov cr4, eax
    # ---- an instruction breakpoint: before the instruction, RF in the frame is 0
    mov eax, offset at_break
    mov dr1, eax
    mov eax, 4                           # L1
    mov dr7, eax
    mov ebx, 0
    expect DB, 0, "mov ebx, 1; at_break: mov ebx, 2"
    check ebx, 1
    check "dword ptr [seen_ip]", "offset at_break"
    test dword ptr [seen_flags], 0x10000
    jnz bad
    dr6_is 2
    # IRET with RF goes over it, once
    mov ebx, 0
    pushfd
    or dword ptr [esp], 0x10000
    push CODE32
    push offset at_break2
    mov eax, offset at_break2
    mov dr1, eax
    mov dword ptr [resume], offset 2f
    mov [home], esp
    add dword ptr [home], 12
    mov dword ptr [seen_vec], -1
    iretd
at_break2:
    inc ebx
    cmp ebx, 1
    je at_break2                         # the second time it breaks
2:  mov dword ptr [resume], 0
    check ebx, 1
    check "dword ptr [seen_vec]", DB
    dr6_is 2
    # another fault at the address comes behind the breakpoint; with RF in the frame
    mov eax, offset at_ud
    mov dr1, eax
    expect DB, 0, "at_ud: ud2"
    dr6_is 2
    xor eax, eax
    mov dr7, eax
    expect UD, 0, "ud2"
    test dword ptr [seen_flags], 0x10000
    jz bad
    # ---- single steps
    expect DB, 0, "tf_on; mov ebx, 5; step1: mov ebx, 6"
    check "dword ptr [seen_ip]", "offset step1"
    check ebx, 5
    test dword ptr [seen_flags], 0x100
    jz bad
    dr6_is 0x4000
    # POPF that clears TF is itself the last one that traps
    expect DB, 0, "push 2; tf_on; popfd; step2: nop"
    check "dword ptr [seen_ip]", "offset step2"
    dr6_is 0x4000
    # MOV SS: behind the next instruction
    mov ecx, ss
    expect DB, 0, "tf_on; mov ss, cx; nop; step3: nop"
    check "dword ptr [seen_ip]", "offset step3"
    dr6_is 0x4000
    # jumps, taken and not, calls, far ones
    expect DB, 0, "tf_on; jmp step4; nop; step4: nop"
    check "dword ptr [seen_ip]", "offset step4"
    dr6_is 0x4000
    expect DB, 0, "tf_on; .byte 0xea; .long step5; .word CODE32; nop; step5: nop"
    check "dword ptr [seen_ip]", "offset step5"
    dr6_is 0x4000
    # a step of REP is one element
    push ds
    pop es
    mov ecx, 3
    mov esi, 0x9000
    mov edi, 0x50000
    expect DB, 0, "tf_on; step6: rep movsb"
    check "dword ptr [seen_ip]", "offset step6"
    check ecx, 2
    dr6_is 0x4000
    # INT n: no step into the handler
    mov dword ptr [resume], offset 3f
    mov [home], esp
    mov byte ptr [idt + 0x30 * 8 + 5], 0x8e
    mov word ptr [idt + 0x30 * 8], offset soft
    mov dword ptr [seen_vec], -1
    xor ebx, ebx
    tf_on
    int 0x30
after_int:
    nop
    nop
3:  mov dword ptr [resume], 0
    # the step comes behind the IRET that set TF: behind the instruction after it
    check "dword ptr [seen_ip]", "offset after_int+1"
    check ebx, 7
    dr6_is 0x4000
    # ---- a fault of the stepped instruction: no step
    expect UD, 0, "tf_on; ud2"
    dr6_is 0
    # ---- INT1
    expect DB, 0, ".byte 0xf1; step7: nop"
    check "dword ptr [seen_ip]", "offset step7"
    dr6_is 0
    # ---- data breakpoints: traps behind the instruction; lengths, kinds, accesses that only touch
    mov eax, 0x50010
    mov dr0, eax
    mov eax, 0x00010002                  # G0: writes of one byte
    mov dr7, eax
    expect DB, 0, "mov dword ptr [0x5000e], 0x11223344; data1: nop"
    check "dword ptr [seen_ip]", "offset data1"
    check "dword ptr [0x5000e]", 0x11223344
    dr6_is 1
    fine "mov eax, [0x50010]"
    fine "mov byte ptr [0x50011], 1"
    fine "mov byte ptr [0x5000f], 1"
    mov eax, 0x000f0002                  # 4 bytes, reads and writes
    mov dr7, eax
    expect DB, 0, "mov al, [0x50013]; data2: nop"
    check "dword ptr [seen_ip]", "offset data2"
    dr6_is 1
    fine "mov al, [0x50014]"
    expect DB, 0, "lock add dword ptr [0x50010], 1; data3: nop"
    check "dword ptr [seen_ip]", "offset data3"
    dr6_is 1
    # with a single step: both bits
    expect DB, 0, "tf_on; mov [0x50012], ax; data4: nop"
    check "dword ptr [seen_ip]", "offset data4"
    dr6_is 0x4001
    # REP stops behind the element
    mov ecx, 8
    mov edi, 0x50008
    mov eax, 0
    expect DB, 0, "data5: rep stosd"
    check "dword ptr [seen_ip]", "offset data5"
    check ecx, 5
    dr6_is 1
    # a stack that is watched: PUSH
    mov eax, 0x000d0002                  # writes alone: the handler reads it
    mov dr7, eax
    mov ebp, esp
    expect DB, 0, "mov esp, 0x50014; push eax; data6: nop"
    check "dword ptr [seen_ip]", "offset data6"
    mov esp, ebp
    dr6_is 1
    # ports, with CR4.DE
    mov eax, 8
    mov cr4, eax
    mov eax, STORE
    mov dr0, eax
    mov eax, 0x00020002
    mov dr7, eax
    mov dx, STORE
    expect DB, 0, "in al, dx; data7: nop"
    check "dword ptr [seen_ip]", "offset data7"
    dr6_is 1
    fine "in al, PUTC"
    xor eax, eax
    mov dr7, eax
    mov cr4, eax
    # ---- GD: every access faults, and GD goes off
    mov eax, 0x2000
    mov dr7, eax
    expect DB, 0, "gd: mov eax, dr0"
    check "dword ptr [seen_ip]", "offset gd"
    mov eax, dr7
    check eax, 0x400
    mov eax, dr6
    and eax, 0x2000
    check eax, 0x2000
    finish
bad:
    failing
soft:
    mov ebx, 7
    iretd

    data
gdt_end:
ldt: .quad 0
ldt_end:
