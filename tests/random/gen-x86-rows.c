/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: rows that are not run, and flags that are not compared, with the reason. */
#include "config.h"

#include "tests/random/gen-x86.h"

#define SELECTORS "depends on descriptors of the host's kernel; tests/insn/x86"
#define ENTERS "enters the host's kernel; tests/insn/x86"
#define EMULATED "emulated by the host's kernel (UMIP)"

const struct x86_exception_row x86_exception_rows[] = {
    { "CPUID", XO_NONE, 0, "the models' own" },
    { "RDTSC*", XO_NONE, 0, "a clock" },
    { "RDPID", XO_NONE, 0, "the host's CPU number" },
    { "RDRAND", XO_NONE, 0, "random" },
    { "XGETBV", XO_NONE, 0, "the host has more state components" },
    { "XSETBV", XO_NONE, 0, "the host has more state components" },
    { "RDPMC", XO_NONE, 0, "the host's counters" },
    { "RDPKRU", XO_NONE, 0, "the host's keys" },
    { "WRPKRU", XO_NONE, 0, "the host's keys" },
    { "SYSCALL", XO_NONE, 0, ENTERS },
    { "SYSENTER", XO_NONE, 0, ENTERS },
    { "SYSRET", XO_NONE, 0, "privileged; tests/insn/x86" },
    { "SYSEXIT", XO_NONE, 0, "privileged; tests/insn/x86" },
    { "RSM", XO_NONE, 0, "system management mode; tests/insn/x86" },
    { "SGDT", XO_NONE, 0, EMULATED },
    { "SIDT", XO_NONE, 0, EMULATED },
    { "SLDT", XO_NONE, 0, EMULATED },
    { "STR", XO_NONE, 0, EMULATED },
    { "SMSW", XO_NONE, 0, EMULATED },
    { "RDFSBASE", XO_NONE, 0, "the host's thread pointer" },
    { "WRFSBASE", XO_NONE, 0, "the host's thread pointer" },
    { "LOAD_far", XO_NONE, 0, SELECTORS },
    { "MOV_to_seg", XO_NONE, 0, SELECTORS },
    { "POP_seg", XO_NONE, 0, SELECTORS },
    { "LAR", XO_NONE, 0, SELECTORS },
    { "LSL", XO_NONE, 0, SELECTORS },
    { "VERR", XO_NONE, 0, SELECTORS },
    { "VERW", XO_NONE, 0, SELECTORS },
    { "CALL_far*", XO_NONE, 0, SELECTORS },
    { "JMP_far*", XO_NONE, 0, SELECTORS },
    { "RETF", XO_NONE, 0, SELECTORS },
    { "IRET", XO_NONE, 0, SELECTORS },
    { "ROL", XO_Ib, X86_FL_OF, "O is open for counts but 1, and register and memory forms differ on Intel's processors" },
    { "ROR", XO_Ib, X86_FL_OF, "as ROL" },
    { "VMASKMOV*", XO_NONE, X86_OPEN_CR2, "which element's address a fault names is not specified" },
    { "MASKMOVDQU", XO_NONE, X86_OPEN_CR2, "as VMASKMOV" },
    { "XSAVE*", XO_NONE, X86_OPEN_CR2, "the host looks for more state components" },
    { "XRSTOR", XO_NONE, X86_OPEN_CR2, "as XSAVE" },
    { "DPP*", XO_NONE, X86_OPEN_MXCSR, "which of its steps' other exceptions are flagged beside an unmasked one" },
    { "VCVTPS2PH", XO_NONE, X86_OPEN_MXCSR, "as DPPS" },
    { NULL, XO_NONE, 0, NULL },
};
