/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of A64 instructions from the decode tables, for logs: Debian's Capstone knows few of what came after ARMv8.0. */
#include "config.h"
#include <stdbool.h>
#include "target-arm/a64-names.h"
#include "util/endian.h"

#define DECODE_LIST
#include "target-arm/a64.decode.inc"
#include "target-arm/a64-simd.decode.inc"
#include "target-arm/a64-simdfp.decode.inc"
#undef DECODE_LIST

#define ROWS(t) { decode_rows_##t, sizeof(decode_rows_##t) / sizeof(decode_rows_##t[0]) }
static const struct {
    const struct decode_row *rows;
    unsigned n;
} tables[] = { ROWS(a64), ROWS(a64_simd), ROWS(a64_simdfp) };

const char *a64_row_name(const uint8_t *bytes, size_t len)
{
    uint32_t insn;

    if (len < 4)
        return NULL;
    insn = ld32_le(bytes);
    for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
        for (unsigned i = 0; i < tables[t].n; i++)
            if ((insn & tables[t].rows[i].mask) == tables[t].rows[i].value)
                return tables[t].rows[i].name;
    return NULL;
}
