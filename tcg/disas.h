/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disassembly through Capstone, for the log topics. */
#ifndef TCG_DISAS_H
#define TCG_DISAS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum disas_isa { DISAS_X86_64, DISAS_A32, DISAS_T32, DISAS_A64, DISAS_X86_32, DISAS_X86_16 };

/* Print len bytes of code as it runs at pc, one instruction a line; bytes that do not decode are shown as such. */
void disas_print(FILE *f, enum disas_isa isa, const void *code, size_t len, uint64_t pc);
/* The same; what the disassembler does not know is shown by the name that name() gives for the bytes (len of them; NULL: none). */
typedef const char *(*disas_name_fn)(const uint8_t *bytes, size_t len);
void disas_print_named(FILE *f, enum disas_isa isa, const void *code, size_t len, uint64_t pc, disas_name_fn name);
/* The host's own instruction set. */
void disas_host(FILE *f, const void *code, size_t len, uint64_t pc);

#endif
