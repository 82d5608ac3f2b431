/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of the system helpers. Those that cases call are in flat-x86.c, the others (rows that are left out, gen-x86-rows.c) are never called. */
#include "config.h"

#include <glib.h>
#include "tcg/helper.h"
#include "tcg/helper-macros.h"

void x86_sys_never(void);
void x86_sys_never(void)
{
    g_assert_not_reached();
}

enum {
    READS = HF_READS, WRITES = HF_WRITES, FAULTS = HF_FAULTS, EFFECT = HF_EFFECT
};
#define HELPER(name, hflags, ret, ...)                                                                                     \
    void helper_##name(void) __attribute__((weak, alias("x86_sys_never")));                                               \
    extern const struct helper helper_desc_##name;                                                                        \
    const struct helper helper_desc_##name = { #name, (void *)helper_##name, hflags, HT_##ret, H_COUNT(__VA_ARGS__), { H_TYPES(__VA_ARGS__) } };
#include "target-x86/helpers-sys.inc"
#undef HELPER
