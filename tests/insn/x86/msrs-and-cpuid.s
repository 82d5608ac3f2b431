# SPDX-License-Identifier: GPL-2.0-or-later
# CPUID and MSRs of a named model (SDM volumes 2 and 4): leaves, features taken away, XSAVE's sizes, the counter, values that are refused.
# cpu: Haswell,-avx2,+tsc-adjust,tsc-frequency=2000000000
    .include "start.inc"
    .globl _start
    prog64
    .macro leaf n, sub
    mov eax, \n
    mov ecx, \sub
    cpuid
    .endm
    .macro msr n, low, high
    mov ecx, \n
    mov eax, \low
    mov edx, \high
    .endm
main:
    leaf 0, 0
    check eax, 0x16
    check ebx, 0x756e6547                # Genu
    check edx, 0x49656e69
    check ecx, 0x6c65746e
    leaf 1, 0
    check eax, 0x306c4                   # family 6, model 60, stepping 4
    test ecx, 1 << 27                    # OSXSAVE is off
    jnz bad
    test ecx, 1 << 28                    # AVX
    jz bad
    test ecx, 1 << 17                    # PCID
    jz bad
    leaf 7, 0
    test ebx, 1 << 5                     # AVX2 was taken away
    jnz bad
    test ebx, 1 << 8                     # BMI2
    jz bad
    mov rax, cr4
    or eax, 0x40000
    mov cr4, rax
    leaf 1, 0
    test ecx, 1 << 27
    jz bad
    leaf 13, 0
    check eax, 7
    check ebx, 576
    check ecx, 832
    leaf 13, 2
    check eax, 256
    check ebx, 576
    xor ecx, ecx
    xor edx, edx
    mov eax, 7
    xsetbv
    leaf 13, 0
    check ebx, 832
    xor ecx, ecx
    xgetbv
    check eax, 7
    expect64 GP, 0, "mov eax, 4; xor edx, edx; xor ecx, ecx; xsetbv"       # AVX without SSE
    expect64 GP, 0, "mov eax, 0x207; xor edx, edx; xor ecx, ecx; xsetbv"   # no PKU
    leaf 0x15, 0
    imul ecx, ebx
    check ecx, 2000000000
    leaf 0x80000000, 0
    check eax, 0x80000008
    leaf 0x80000008, 0
    check ax, 0x3028
    leaf 0x80000002, 0
    check eax, 0x65746e49                # Inte
    # beyond the last leaf: the last one
    leaf 0x12345, 0
    mov esi, ebx
    leaf 0x16, 0
    check esi, ebx
    leaf 0x40000100, 0
    check ebx, 0x4b4d564b                # KVMK
    # ---- MSRs
    msr 0x277, 0x00070406, 0x00070406
    fine64 "wrmsr"
    msr 0x277, 0x00070402, 0
    expect64 GP, 0, "wrmsr"              # no memory type
    msr 0x2ff, 0xc06, 0
    fine64 "wrmsr"
    msr 0x2ff, 0x1006, 0
    expect64 GP, 0, "wrmsr"
    msr 0x200, 0, 0x100
    expect64 GP, 0, "wrmsr"              # beyond MAXPHYADDR
    msr 0xc0000080, 0x1000, 0
    expect64 GP, 0, "wrmsr"
    expect64 GP, 0, "mov ecx, 0xc0010015; rdmsr"        # AMD's
    expect64 GP, 0, "mov ecx, 0xfe; wrmsr"              # read only
    # ---- the counter: TSC_ADJUST follows a write, and the rate is 2 GHz
    msr 0x10, 0, 0
    wrmsr
    rdtsc
    check edx, 0
    mov ecx, 0x3b
    rdmsr
    test edx, edx
    jns bad
    msr 0x3b, 0, 0
    wrmsr
    # ---- XSAVE: only what is asked for, the header
    vpxor xmm0, xmm0, xmm0
    mov edi, 0x50000
    mov ecx, 832 / 4
    mov eax, 0x11111111
    rep stosd
    mov qword ptr [0x50000 + 512], 0
    mov eax, 6
    xor edx, edx
    vzeroall
    mov ebx, 0x1234
    vmovd xmm1, ebx
    xsave [0x50000]
    check "dword ptr [0x50000 + 160 + 16]", 0x1234
    check "dword ptr [0x50000 + 512]", 2                 # AVX is in its initial state
    check "dword ptr [0x50000]", 0x11111111              # x87 was not asked for
    check "dword ptr [0x50000 + 24]", 0x1f80
    expect64 GP, 0, "xsave [0x50010]"
    mov qword ptr [0x50000 + 512], 8
    expect64 GP, 0, "xrstor [0x50000]"
    mov qword ptr [0x50000 + 512], 0
    mov dword ptr [0x50000 + 520], 0
    mov qword ptr [0x50000 + 524], 0
    mov dword ptr [0x50000 + 532], 0
    fine64 "xrstor [0x50000]"
    vmovd ebx, xmm1
    check ebx, 0
    mov rax, cr0
    or eax, 8
    mov cr0, rax
    expect64 NM, 0, "xsave [0x50000]"
    expect64 NM, 0, "vzeroall"
    clts
    finish
bad:
    failing
    data
gdt_end:
ldt: .quad 0
ldt_end:
