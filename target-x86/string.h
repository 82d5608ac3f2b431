/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a repeated string instruction is, packed for its C function (helper x86_rep, helper-string.c). */
#ifndef TARGET_X86_STRING_H
#define TARGET_X86_STRING_H

enum x86_string_op { X86_STRING_MOVS, X86_STRING_STOS, X86_STRING_LODS, X86_STRING_CMPS, X86_STRING_SCAS };

/* Bits 3:0 the op, 7:4 size of an element, 11:8 of addresses (both log2 of bytes), 15:12 the source's segment, 16 REPE (CMPS, SCAS). */
#define X86_STRING_REPE (1u << 16)
#define X86_STRING_ONE (1u << 17)        /* one element, then look around: single step */

#endif
