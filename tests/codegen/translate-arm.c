/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ARM side of tests/codegen/codegen. */
#include "config.h"

#include <glib.h>
#include <stddef.h>

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

bool codegen_env_name(unsigned offset, char *name, size_t size)
{
    static const struct {
        unsigned offset;
        const char *name;
    } fields[] = {
        { offsetof(struct tcg_env, exit_request), "exit_request" },
        { offsetof(struct tcg_env, jc), "jump_cache" },
        { offsetof(struct tcg_env, pc), "pc" },
        { offsetof(struct tcg_env, aux), "aux" },
        { offsetof(struct tcg_env, mxcsr), "mxcsr" },
        { offsetof(struct tcg_env, tlb[0].table), "tlb" },
        { offsetof(struct tcg_env, tlb[0].mask_bytes), "tlb.mask" },
        { ARM_OFF(flags), "flags" }, { ARM_OFF(flags) + 1, "flags.nzc" },
        { ARM_OFF(q), "q" }, { ARM_OFF(ge), "ge" },
        { ARM_OFF(fp_flags), "fp_flags" },
        { ARM_OFF(fp_flags) + 1, "fp_flags.nzc" },
        { ARM_OFF(excl_addr), "excl_addr" },
        { ARM_OFF(excl_val), "excl_val" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].offset == offset) {
            g_strlcpy(name, fields[i].name, size);
            return true;
        }
    if (offset - ARM_OFF_R(0) < 16 * 4) {
        g_snprintf(name, size, "r%u", (offset - ARM_OFF_R(0)) / 4);
        return true;
    }
    if (offset - ARM_OFF(d) < 32 * 8) {
        g_snprintf(name, size, "s%u", (offset - ARM_OFF(d)) / 4);
        return true;
    }
    return false;
}
