/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vector ops on x86-64; ops without an emitter go to the C
 * fallback. */
#include "config.h"

#include "tcg/x64-internal.h"

const x64_emit_fn x64_vec_emit[IR_NOPS] = { [IR_mov] = NULL };
