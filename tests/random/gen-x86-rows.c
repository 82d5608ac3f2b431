/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: rows that are not run, and flags that are not compared, with the reason. */
#include "config.h"

#include "tests/random/gen-x86.h"

#define SELECTORS "depends on descriptors of the host's kernel; tests/insn/x86"
#define ENTERS "enters the host's kernel; tests/insn/x86"
#define EMULATED "emulated by the host's kernel (UMIP)"

const struct x86_exception_row x86_exception_rows[] = {
    { "CPUID", 0, "the models' own" },
    { "RDTSC*", 0, "a clock" },
    { "RDPID", 0, "the host's CPU number" },
    { "RDRAND", 0, "random" },
    { "XGETBV", 0, "the host has more state components" },
    { "XSETBV", 0, "the host has more state components" },
    { "RDPMC", 0, "the host's counters" },
    { "RDPKRU", 0, "the host's keys" },
    { "WRPKRU", 0, "the host's keys" },
    { "SYSCALL", 0, ENTERS },
    { "SYSENTER", 0, ENTERS },
    { "SYSRET", 0, "privileged; tests/insn/x86" },
    { "SYSEXIT", 0, "privileged; tests/insn/x86" },
    { "RSM", 0, "system management mode; tests/insn/x86" },
    { "SGDT", 0, EMULATED },
    { "SIDT", 0, EMULATED },
    { "SLDT", 0, EMULATED },
    { "STR", 0, EMULATED },
    { "SMSW", 0, EMULATED },
    { "RDFSBASE", 0, "the host's thread pointer" },
    { "WRFSBASE", 0, "the host's thread pointer" },
    { "LOAD_far", 0, SELECTORS },
    { "MOV_to_seg", 0, SELECTORS },
    { "POP_seg", 0, SELECTORS },
    { "LAR", 0, SELECTORS },
    { "LSL", 0, SELECTORS },
    { "VERR", 0, SELECTORS },
    { "VERW", 0, SELECTORS },
    { "CALL_far*", 0, SELECTORS },
    { "JMP_far*", 0, SELECTORS },
    { "RETF", 0, SELECTORS },
    { "IRET", 0, SELECTORS },
    { NULL, 0, NULL },
};
