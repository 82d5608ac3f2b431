/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of the integer helpers (helpers-int.inc). */
#include "config.h"

#define HELPER_INC "target-arm/helpers-int.inc"
#include "tcg/helper-def.h"

/* Bit by bit, reflected; poly is the bit-reversed polynomial. */
static uint32_t crc32_update(uint32_t crc, uint32_t v, uint32_t bytes,
                             uint32_t poly)
{
    for (uint32_t i = 0; i < 8 * bytes; i++) {
        uint32_t low = (crc ^ v >> i) & 1;

        crc = crc >> 1 ^ (low ? poly : 0);
    }
    return crc;
}

uint32_t helper_arm_crc32(uint32_t crc, uint32_t v, uint32_t bytes)
{
    return crc32_update(crc, v, bytes, 0xedb88320);
}

uint32_t helper_arm_crc32c(uint32_t crc, uint32_t v, uint32_t bytes)
{
    return crc32_update(crc, v, bytes, 0x82f63b78);
}
