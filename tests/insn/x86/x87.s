# SPDX-License-Identifier: GPL-2.0-or-later
# The x87 unit's system side (SDM volume 1, 8.6, 8.7; volume 3, 2.5, 13.1, table 2-2): who gets #NM and #UD by CR0.EM, MP, TS; #MF at the next
# waiting instruction and its pointers; without CR0.NE none; environments in the layouts of protected mode; FXSAVE; MMX and TOP.
    .include "start.inc"
    .globl _start
    prog32
    .equ MF, 16
    .macro cr0 set, clear
    mov eax, cr0
    or eax, \set
    and eax, ~(\clear)
    mov cr0, eax
    .endm
    .equ MP, 2; .equ EM, 4; .equ TS, 8; .equ NUMERIC, 0x20

main:
    mov eax, cr4
    or eax, 0x600                        # OSFXSR, OSXMMEXCPT
    mov cr4, eax
    cr0 NUMERIC, MP | EM | TS
    fninit
    # ---- who is stopped
    cr0 TS, MP | EM
    expect NM, 0, "fld1"
    expect NM, 0, "fnstcw [area]"
    expect NM, 0, "fninit"
    fine "wait"
    expect NM, 0, "emms"
    expect NM, 0, "paddb mm0, mm1"
    expect NM, 0, "movaps xmm0, xmm1"
    expect NM, 0, "fxsave [area]"
    cr0 MP | TS, EM
    expect NM, 0, "wait"
    expect NM, 0, "fld1"
    cr0 EM, MP | TS
    expect NM, 0, "fld1"
    expect NM, 0, "fnstsw ax"
    fine "wait"
    expect UD, 0, "emms"
    expect UD, 0, "movaps xmm0, xmm1"
    cr0 EM | TS, MP
    expect UD, 0, "paddb mm0, mm1"
    cr0 MP, EM | TS
    fine "fld1"
    # ---- an unmasked exception waits for the next waiting instruction
    fninit
    mov word ptr [area], 0x37b           # zero divide
    fldcw [area]
    fld1
    fldz
div_at:
    fdivp st(1), st
    fnstsw ax
    check "ax", 0xb084                   # B, ES, ZE; nothing popped: TOP 6
    fine "fnstcw [area]"
    fine "fnstsw [area]"
    expect MF, 0, "wait"
    expect MF, 0, "fld1"
    expect MF, 0, "fldcw [area]"
    expect MF, 0, "paddb mm0, mm1"
    expect MF, 0, "emms"
    # before the memory operand is looked at
    expect MF, 0, "fld dword ptr fs:[area]"
    fine "fnstenv [area]"
    check "word ptr [area + 4]", 0xb084
    check "dword ptr [area + 12]", "offset div_at"
    # FNSTENV masks all, and so nothing is pending
    fine "wait"
    fnstcw [area]
    check "word ptr [area]", 0x37f
    fnstsw ax
    check "ax", 0x3004
    # FLDENV brings it back
    mov word ptr [env], 0x37b
    mov word ptr [env + 4], 0x3004
    mov word ptr [env + 8], 0
    fine "fldenv [env]"
    expect MF, 0, "fldz"
    fine "fnclex"
    fine "fldz"
    # ---- without NE nothing is raised: FERR# goes out, IGNNE# is active
    fninit
    mov word ptr [area], 0x37b
    fldcw [area]
    cr0 MP, NUMERIC
    fld1
    fldz
    fdivp st(1), st
    fine "wait"
    fine "fld1"
    cr0 NUMERIC, 0
    expect MF, 0, "wait"
    # ---- FNSAVE: the image, and a unit as after FNINIT
    fninit
    fld1
    fldz
    fine "fnsave [area]"
    check "word ptr [area]", 0x37f
    check "word ptr [area + 4]", 0x3000
    check "word ptr [area + 8]", 0x1fff  # registers 7 valid, 6 zero
    check "dword ptr [area + 28 + 14]", 0x80000000
    check "word ptr [area + 28 + 18]", 0x3fff
    fnstenv [env]
    check "word ptr [env + 8]", 0xffff
    fine "frstor [area]"
    fnstsw ax
    check "ax", 0x3000
    # 16-bit layout
    fninit
    fld1
    fine ".byte 0x66; fnstenv [area]"
    check "word ptr [area + 2]", 0x3800
    check "word ptr [area + 4]", 0x3fff
    # ---- MMX: TOP 0, all valid, exponents of ones; EMMS empties
    fninit
    mov eax, 0x12345678
    movd mm3, eax
    fnstenv [area]
    check "word ptr [area + 4]", 0
    mov ax, [area + 8]
    and ax, 0xc0
    check "ax", 0x80                     # mm3's tag: special
    fnsave [area]
    check "word ptr [area + 28 + 30 + 8]", 0xffff
    check "dword ptr [area + 28 + 30]", 0x12345678
    movd mm3, eax
    emms
    fnstenv [area]
    check "word ptr [area + 8]", 0xffff
    # ---- FXSAVE: 16 bytes aligned, the abridged tags
    fninit
    fld1
    expect GP, 0, "fxsave [area + 8]"
    fine "fxsave [area]"
    check "byte ptr [area + 4]", 0x80
    check "dword ptr [area + 32 + 4]", 0x80000000
    mov dword ptr [area + 24], 0x11f80   # MXCSR: a reserved bit
    expect GP, 0, "fxrstor [area]"
    mov dword ptr [area + 24], 0x1f80
    fninit
    fine "fxrstor [area]"
    fnstsw ax
    check "ax", 0x3800
    finish

    data
gdt_end:
ldt: .quad 0
ldt_end:
    .balign 16
area: .fill 512
env: .fill 32
