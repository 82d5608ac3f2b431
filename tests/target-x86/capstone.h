/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capstone's view of x86 bytes; apart, because its names and the target's are the same. */
#ifndef TESTS_TARGET_X86_CAPSTONE_H
#define TESTS_TARGET_X86_CAPSTONE_H

#include <stdbool.h>
#include <stdint.h>

/* The first instruction of 15 bytes in code of so many bits (16, 32, 64): its mnemonic with operands, and length. False: none. */
bool capstone_first(unsigned bits, const uint8_t b[15], char text[192], unsigned *size);

#endif
