/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations of the x86 target's SSE helpers. */
#ifndef TARGET_X86_HELPERS_SSE_H
#define TARGET_X86_HELPERS_SSE_H

#define HELPER_INC "target-x86/helpers-sse.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

#endif
