/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <capstone/capstone.h>
#include <stdio.h>

#include "tests/target-x86/capstone.h"

bool capstone_first(unsigned bits, const uint8_t b[15], char text[192], unsigned *size)
{
    static csh handle[3];
    unsigned n = bits == 16 ? 0 : bits == 32 ? 1 : 2;
    static const cs_mode mode[3] = { CS_MODE_16, CS_MODE_32, CS_MODE_64 };
    cs_insn *insn;
    size_t found;

    if (!handle[n] && cs_open(CS_ARCH_X86, mode[n], &handle[n]) != CS_ERR_OK)
        return false;
    found = cs_disasm(handle[n], b, 15, 0x1000, 1, &insn);
    if (!found)
        return false;
    snprintf(text, 192, "%s %s", insn->mnemonic, insn->op_str);
    *size = insn->size;
    cs_free(insn, found);
    return true;
}
