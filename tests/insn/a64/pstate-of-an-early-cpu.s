// SPDX-License-Identifier: GPL-2.0-or-later
// A CPU without PAN, UAO, DIT and SSBS: PSTATE takes none of them from SPSR, so that a mapping for EL0 stays in reach of EL1.
// @ cpu: cortex-a57
// @ console: ok
    .include "start.inc"
main:
    adr x25, 1f
    msr elr_el1, x25
    ldr x25, =0x1c013c5
    msr spsr_el1, x25
    eret
1:
    svc #1
    taken 0x1200, 0x56000001
    check_spsr 0x3c5
    finish
