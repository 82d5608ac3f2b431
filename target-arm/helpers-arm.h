/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations of the ARM target's integer and system helpers. */
#ifndef TARGET_ARM_HELPERS_ARM_H
#define TARGET_ARM_HELPERS_ARM_H

#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC
#define HELPER_INC "target-arm/helpers-sys64.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC
#define HELPER_INC "target-arm/helpers-int.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

#endif
