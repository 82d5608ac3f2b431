/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declares the helpers of the table HELPER_INC (tcg/helper.h). May be included once per table. */
#include "tcg/helper.h"
#include "tcg/helper-macros.h"

#ifdef HELPER_INC
#define HELPER(name, flags, ret, ...)                \
    HC_##ret helper_##name(H_PROTO(__VA_ARGS__));    \
    extern const struct helper helper_desc_##name;
#include HELPER_INC
#undef HELPER
#endif
