/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Argument structs and handlers of the integer decode tables. */
#ifndef TARGET_ARM_A32_TRANS_H
#define TARGET_ARM_A32_TRANS_H

#include "target-arm/a32.h"

#ifndef DECODE_ARGS
#define DECODE_ARGS
#include "target-arm/a32.decode.inc"
#include "target-arm/a32-uncond.decode.inc"
#include "target-arm/t16.decode.inc"
#include "target-arm/t32.decode.inc"
#undef DECODE_ARGS
#endif

#endif
