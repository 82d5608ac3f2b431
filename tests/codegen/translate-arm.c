/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ARM side of tests/codegen/codegen. */
#include "config.h"

#include <glib.h>

#include "target-arm/a32.h"
#include "tests/codegen/codegen.h"

void codegen_translate(struct flat *f, const struct case_in *in,
                       struct tcg_code *code)
{
    struct region_limits lim = {
        .pc = in->pc, .max_insns = in->code_bytes / (in->pc & 1 ? 2 : 4),
        .mode = ARM_MODE_USRSYS | ARM_MODE_FP | ARM_MODE_NEON |
                ARM_MODE_CP10,
        .page_end = CODE_BASE + TLB_PAGE_SIZE };
    struct ir *ir = tcg_ir(flat_tcg(f));
    struct region_result res;

    ir_reset(ir, lim.pc);
    a32_translate((struct cpu *)f, ir, &lim, &res);
    if (!tcg_compile(flat_tcg(f), ir, code))
        g_error("code cache is full");
}
