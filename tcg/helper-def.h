/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Defines the descriptors of the helpers of the table HELPER_INC. The table's flag words (PURE, READS | WRITES, ...)
 * exist only in the one .c file that includes this. */
#include "tcg/helper-decl.h"

#ifdef HELPER_INC
enum {
    NONE = 0, PURE = HF_PURE, READS = HF_READS, WRITES = HF_WRITES,
    FAULTS = HF_FAULTS, NORETURN = HF_NORETURN, EFFECT = HF_EFFECT
};
#define HELPER(name, hflags, hret, ...)                          \
    const struct helper helper_desc_##name = {                   \
        #name, (void *)helper_##name, hflags, HT_##hret,         \
        H_COUNT(__VA_ARGS__), { H_TYPES(__VA_ARGS__) } };
#include HELPER_INC
#undef HELPER
#endif
