/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pass list. */
#include "config.h"
#include "tcg/internal.h"

void opt_run(struct ir *ir, bool verify, bool host)
{
    if (verify)
        ir_verify(ir, "the front end");
    opt_copy(ir);
    if (verify)
        ir_verify(ir, "opt-copy");
    opt_cond(ir);
    if (verify)
        ir_verify(ir, "opt-cond");
    opt_dead(ir);
    if (verify)
        ir_verify(ir, "opt-dead");
    if (!host)
        return;
    opt_sink(ir);
    if (verify)
        ir_verify(ir, "opt-sink");
}
