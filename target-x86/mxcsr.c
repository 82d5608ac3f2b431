/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MXCSR (SDM 1, 10.2.3): its modes and sticky flags are the FP environment's. */
#include "config.h"

#include "target-x86/x86.h"
#include "tcg/compile.h"
#include "util/softfloat.h"

enum mxcsr_bits {
    MXCSR_FLAGS = 0x3f, MXCSR_DAZ = 1 << 6, MXCSR_MASKS = 0x1f80, MXCSR_RC_SHIFT = 13, MXCSR_FZ = 1 << 15, MXCSR_UM = 1 << 11,
};

/* enum fp_flag of MXCSR's bits 0 to 5: IE DE ZE OE UE PE */
static const uint8_t flag_of[6] = {
    FP_INVALID, FP_INPUT_DENORMAL, FP_DIVBYZERO, FP_OVERFLOW, FP_UNDERFLOW, FP_INEXACT,
};

uint32_t x86_mxcsr(struct x86_cpu *c, bool live)
{
    uint32_t v = c->mxcsr & ~(uint32_t)MXCSR_FLAGS;

    if (live) {
        tcg_fp_from_live(&c->cpu.env);
    } else {
        tcg_fp_from_host(&c->cpu.env);
    }
    for (unsigned i = 0; i < 6; i++) {
        v |= c->cpu.env.fp[0].flags & flag_of[i] ? 1u << i : 0;
    }
    return v;
}

void x86_set_mxcsr(struct x86_cpu *c, uint32_t val, bool live)
{
    static const uint8_t rounding[] = { FP_ROUND_NEAREST_EVEN, FP_ROUND_DOWN, FP_ROUND_UP, FP_ROUND_ZERO };
    struct fp_env *e = &c->cpu.env.fp[0];

    c->mxcsr = val;
    c->cpu.mode_changed = true;
    *e = (struct fp_env) {
        .rounding = rounding[val >> MXCSR_RC_SHIFT & 3],
        .flush_inputs = (val & MXCSR_DAZ) != 0,
        .flush_outputs = val & MXCSR_FZ && val & MXCSR_UM,       /* 10.2.3.3 */
        .nan_rule = FP_NAN_FIRST, .nan_negative = 1, .int_indefinite = 1,
    };
    for (unsigned i = 0; i < 6; i++) {
        e->flags |= val >> i & 1 ? flag_of[i] : 0;
    }
    if (live) {
        tcg_fp_to_live(&c->cpu.env);
    } else {
        tcg_fp_to_host(&c->cpu.env);
    }
}
