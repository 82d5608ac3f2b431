/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System helpers, and what they use, that no case calls: their rows are left out (gen-x86-rows.c). The others are the target's own or in flat-x86.c. */
#include "config.h"

#include <glib.h>

#define NEVER(name, attribute)                        \
    void name(void);                                  \
    void attribute name(void)                         \
    {                                                 \
        g_error("a case called %s", __func__);        \
    }

#define HELPER(name, ...) NEVER(helper_##name, __attribute__((weak)))
#include "target-x86/helpers-sys.inc"
#undef HELPER

NEVER(cpu_io_read, ) NEVER(cpu_io_write, ) NEVER(tlb_flush_all, ) NEVER(x86_cpuid, ) NEVER(x86_flush_not_global, )
NEVER(x86_flush_page, ) NEVER(x86_flush_page_pcid, ) NEVER(x86_flush_pcid, ) NEVER(x86_has_work, ) NEVER(x86_read_cr8, )
NEVER(x86_read_msr, ) NEVER(x86_rsm, ) NEVER(x86_tsc, ) NEVER(x86_write_cr0, ) NEVER(x86_write_cr3, ) NEVER(x86_write_cr4, )
NEVER(x86_write_cr8, ) NEVER(x86_write_msr, ) NEVER(x86_write_xcr0, )
