/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations of the x86 target's system helpers. */
#ifndef TARGET_X86_HELPERS_SYS_H
#define TARGET_X86_HELPERS_SYS_H

#define HELPER_INC "target-x86/helpers-sys.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

/* x86_load_seg's first argument beside the segment: interrupts wait for the next instruction; from bit 8 the bytes to pop when done. */
#define X86_LOAD_INHIBIT 0x10u

/* What the XSAVE family's helpers do: or-ed. */
enum x86_xsave { X86_XSAVE, X86_XSAVEOPT, X86_XSAVEC, X86_XSAVE_KIND = 7, X86_XSAVE_64 = 8 };

#endif
