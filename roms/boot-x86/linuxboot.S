/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option ROM of -kernel on PCs: firmware boots it as a device of its own (PnP BIOS Specification 1.0A, 3: a bootstrap entry vector). It has
 * the firmware configuration device copy images into memory, and then starts a kernel by Linux's 16-bit boot protocol, or, with a map of
 * memory from the BIOS, in flat 32-bit protected mode (multiboot, PVH).
 *
 * hw/boards/pc-kernel.c fills in the block of parameters (struct there), the size, and both checksums. BIOS calls: INT 15h, E820h.
 */
        .code16
        .set    SCRATCH, 0x8000          /* physical: a DMA command; later the table of descriptors */
        .set    FW_CFG_DMA, 0x514
        .set    CODE32, 8
        .set    DATA32, 16

        .globl  _start
_start: .word   0xaa55
        .byte   0                        /* size in 512 bytes: filled in */
        lret                             /* 3: initialisation has nothing to do */
        .org    0x1a
        .word   pnp
        .org    0x20
pnp:    .ascii  "$PnP"
        .byte   1, 2                     /* revision, length in 16 bytes */
        .word   0
        .byte   0
        .byte   0                        /* checksum: filled in */
        .long   0
        .word   0, product
        .byte   0, 0, 0
        .byte   0
        .word   0, 0, boot, 0, 0

        .org    0x40
flat:   .long   0                        /* 1: 32-bit protected mode */
sp16:   .word   0
seg16:  .word   0
entry:  .long   0
eax_:   .long   0
ebx_:   .long   0
map:    .word   0                        /* segment of the slots for the map of memory; 0: none is wanted */
first:  .word   0                        /* offset of the first entry in it */
count:  .word   0                        /* where its size goes, in the segment */
unit:   .word   0                        /* what an entry counts */
ncmd:   .long   0
cmds:   .fill   8 * 16
product: .asciz "Tinamou -kernel"

boot:   cli
        cld
        movw    %cs, %ax
        movw    %ax, %ds
        xorw    %ax, %ax
        movw    %ax, %es
        movw    $cmds, %si
        movw    ncmd, %bp
next:   testw   %bp, %bp
        jz      loaded
        decw    %bp
        movw    $SCRATCH, %di
        movw    $8, %cx
        rep     movsw
        xorl    %eax, %eax               /* the address is big-endian: upper half, lower half starts it */
        movw    $FW_CFG_DMA, %dx
        outl    %eax, %dx
        movl    $SCRATCH, %eax
        bswap   %eax
        movw    $FW_CFG_DMA + 4, %dx
        outl    %eax, %dx
wait:   testl   $~0x01000000, %es:SCRATCH        /* what is left of the command, but for an error */
        jnz     wait
        jmp     next

loaded: cmpl    $0, flat
        jne     map_memory
        movw    sp16, %cx
        movw    seg16, %ax
        movw    %ax, %bx
        addw    $0x20, %bx
        movw    %ax, %ss
        movw    %cx, %sp
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        pushw   %bx
        pushw   $0
        lret

/* Entries of 20 bytes in slots of 24. */
map_memory:
        movw    map, %ax
        testw   %ax, %ax
        jz      protect
        movw    %ax, %es
        movw    first, %di
        xorl    %ebx, %ebx
        xorw    %bp, %bp
entry_: movl    $0xe820, %eax
        movl    $0x534d4150, %edx
        movl    $20, %ecx
        pushw   %bp
        sti
        int     $0x15
        cli
        popw    %bp
        jc      mapped
        cmpl    $0x534d4150, %eax
        jne     mapped
        incw    %bp
        addw    $24, %di
        cmpw    $60, %bp
        jae     mapped
        testl   %ebx, %ebx
        jnz     entry_
mapped: movw    %bp, %ax
        mulw    unit
        movw    count, %bx
        movw    %ax, %es:(%bx)
        movw    %dx, %es:2(%bx)

/* The table of descriptors goes to the scratch area, as it has to know its own address. */
protect:
        xorw    %ax, %ax
        movw    %ax, %es
        movw    $gdt, %si
        movw    $SCRATCH, %di
        movw    $(gdt_end - gdt) / 2, %cx
        rep     movsw
        xorl    %ecx, %ecx
        movw    %cs, %cx
        shll    $4, %ecx                 /* where this ROM is */
        movl    %ecx, %ebp
        addl    $flat_code, %ecx
        movl    %ecx, %es:SCRATCH + (far - gdt)
        movl    entry, %esi
        movl    eax_, %edi
        movl    ebx_, %edx
        lgdtl   %es:SCRATCH + (gdt_ptr - gdt)
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmpl   *%es:SCRATCH + (far - gdt)

        .code32
flat_code:
        movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $SCRATCH, %esp
        movl    %edi, %eax
        movl    %edx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        jmp     *%esi

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff       /* code, 4 GiB */
        .quad   0x00cf93000000ffff       /* data */
gdt_ptr: .word  23
        .long   SCRATCH
        .word   0
far:    .long   0
        .word   CODE32
        .word   0
gdt_end:
