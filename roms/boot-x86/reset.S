/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine without firmware runs after reset: into flat 32-bit protected mode, and to the kernel that the board has put into memory. It is the
 * last KiB of the address space; hw/boards/microvm.c fills in the parameters at its start. Other CPUs than the first wait for the kernel
 * to start them.
 */
        .code16
        .set    CODE32, 0x10             /* as Linux's 32-bit boot protocol has it */
        .set    DATA32, 0x18
        .set    BASE, 0xfffffc00
        .set    STACK, 0x8000            /* some that is RAM; kernels bring their own */

        .globl  _start
_start:
entry:  .long   0
eax_:   .long   0
ebx_:   .long   0
esi_:   .long   0
        .balign 8
gdt:    .quad   0
        .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff
gdt_ptr: .word  31
        .long   BASE + gdt - _start

start:  cli
        movw    $gdt_ptr - _start + 0xfc00, %bx
        lgdtl   %cs:(%bx)
        movl    %cr0, %eax
        andl    $0x9fffffff, %eax        /* caches on */
        orl     $1, %eax
        movl    %eax, %cr0
        ljmpl   $CODE32, $BASE + flat - _start

        .code32
flat:   movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    BASE + eax_ - _start, %eax
        movl    BASE + ebx_ - _start, %ebx
        movl    BASE + esi_ - _start, %esi
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        movl    $STACK, %esp
        jmp     *BASE + entry - _start

        .code16
        .org    0x3f0
        jmp     start
        .org    0x400
