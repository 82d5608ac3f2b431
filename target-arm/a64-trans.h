/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Argument structs and handlers of the A64 decode tables. */
#ifndef TARGET_ARM_A64_TRANS_H
#define TARGET_ARM_A64_TRANS_H

#include "target-arm/a64.h"

#ifndef DECODE_ARGS
#define DECODE_ARGS
#include "target-arm/a64.decode.inc"
#undef DECODE_ARGS
#endif

#endif
