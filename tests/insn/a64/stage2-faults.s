// SPDX-License-Identifier: GPL-2.0-or-later
// Stage 2 (4 KiB granule, 40-bit addresses from level 1): data and instruction aborts with HPFAR_EL2, FAR_EL2 and the syndrome of the
// access; permission faults; AT S12E1R and its PAR; SCTLR_EL1.M is off, so virtual addresses are intermediate ones.
// @ el2: on
// @ console: ok
    .include "start.inc"
    .equ L1, 0x40800000
    .equ L2, 0x40810000          // of the second GiB
    .equ BLOCK, 0x7fd            // AF, inner shareable, S2AP RW, Normal write-back
    .equ READ_ONLY, 0x77d
    .equ DEVICE, 0x4c5           // AF, S2AP RW, Device
    // ISV, size, sign, register, 64 bits; a read translation fault of level 2
    .macro esr_data name, sas, sse, srt, sf, wnr, dfsc
    .equ \name, 0x24 << 26 | 1 << 25 | 1 << 24 | \sas << 22 | \sse << 21 | \srt << 16 | \sf << 15 | \wnr << 6 | \dfsc
    .endm
    esr_data LDR_X3, 3, 0, 3, 1, 0, 6
    esr_data STR_W4, 2, 0, 4, 0, 1, 6
    esr_data LDRSB_X5, 0, 1, 5, 1, 0, 6
    esr_data STRH_WZR, 1, 0, 31, 0, 1, 6
    esr_data STR_RO, 3, 0, 3, 1, 1, 0xe
    esr LDP, 0x24, 6
    esr WRITEBACK, 0x24, 6
    esr FETCH, 0x20, 6
main:
    // The first GiB as a block (devices), the second by a table of 2 MiB blocks: 0x40000000 up to 0x41000000, from 0x41000000 read-only, then nothing.
    ldr x0, =L1
    ldr x1, =DEVICE
    str x1, [x0]
    ldr x1, =L2 + 3
    str x1, [x0, #8]
    ldr x0, =L2
    ldr x1, =0x40000000 + BLOCK
    mov x2, #8
1:  str x1, [x0], #8
    add x1, x1, #0x200000
    subs x2, x2, #1
    b.ne 1b
    ldr x1, =0x41000000 + READ_ONLY
    str x1, [x0]
    dsb sy
    ldr x0, =L1
    msr vttbr_el2, x0
    ldr x0, =0x80023558          // T0SZ 24, SL0 1, write-back, inner shareable, 40 bits
    msr vtcr_el2, x0
    isb
    tlbi vmalls12e1
    dsb sy
    set hcr_el2, HCR + 1
    go 2, 1
    ldr x9, =0x41234568
    ldr x3, [x9]
    taken 0x2400, LDR_X3
    check x22, 0x41234568
    up hvc
    mrs x0, hpfar_el2
    check x0, 0x412340
    go 2, 1
    str w4, [x9]
    taken 0x2400, STR_W4
    ldrsb x5, [x9, #3]
    taken 0x2400, LDRSB_X5
    check x22, 0x4123456b
    strh wzr, [x9]
    taken 0x2400, STRH_WZR
    ldp x3, x4, [x9]
    taken 0x2400, LDP
    ldr x3, [x9], #8
    taken 0x2400, WRITEBACK
    // fetch
    adr x18, 1f
    br x9
1:  taken 0x2400, FETCH
    check x22, 0x41234568
    check x23, 0x41234568
    // read-only: loads go, stores are level 2 permission faults
    ldr x9, =0x41000010
    ldr x3, [x9]
    not_taken
    str x3, [x9]
    taken 0x2400, STR_RO
    // from EL0, too
    go 1, 0
    str x3, [x9]
    taken 0x2400, STR_RO
    up svc
    up hvc
    // AT S12E1R, W
    ldr x9, =0x40e01230
    at s12e1r, x9
    isb
    mrs x0, par_el1
    and x0, x0, #0x0000fffffffff000
    check x0, 0x40e01000
    ldr x9, =0x41000010
    at s12e1w, x9
    isb
    mrs x0, par_el1
    ldr x1, =0x37f
    and x0, x0, x1           // F, FST, PTW, S
    check x0, 0x21d              // permission, level 2, of stage 2
    ldr x9, =0x41234568
    at s12e1r, x9
    isb
    mrs x0, par_el1
    ldr x1, =0x37f
    and x0, x0, x1
    check x0, 0x20d
    // nothing of it at EL2
    ldr x9, =0x41000010
    str x3, [x9]
    not_taken
    // VTTBR with another VMID: other mappings at once
    ldr x0, =0x40820000
    msr vttbr_el2, x0
    ldr x1, =L1 + (1 << 48)
    msr vttbr_el2, x1
    isb
    go 2, 1
    ldr x9, =0x40e00000
    ldr x3, [x9]
    not_taken
    finish
