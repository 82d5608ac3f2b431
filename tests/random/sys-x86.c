/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of the system helpers, which no case calls: rows of the system maps are not run (gen-x86-rows.c). */
#include "config.h"

#include <glib.h>
#include "tcg/helper.h"
#include "tcg/helper-macros.h"

static void never(void)
{
    g_assert_not_reached();
}

enum {
    READS = HF_READS, WRITES = HF_WRITES, FAULTS = HF_FAULTS, EFFECT = HF_EFFECT
};
#define HELPER(name, hflags, ret, ...)                                                                                     \
    extern const struct helper helper_desc_##name;                                                                        \
    const struct helper helper_desc_##name = { #name, (void *)never, hflags, HT_##ret, H_COUNT(__VA_ARGS__), { H_TYPES(__VA_ARGS__) } };
#include "target-x86/helpers-sys.inc"
#undef HELPER
