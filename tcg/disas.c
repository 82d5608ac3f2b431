/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disassembly through Capstone. A handle per call: this is for logs, not for speed. */
#include "config.h"
#include <capstone/capstone.h>
#include "tcg/disas.h"

static bool open_isa(enum disas_isa isa, csh *h)
{
    switch (isa) {
    case DISAS_X86_64:
        return cs_open(CS_ARCH_X86, CS_MODE_64, h) == CS_ERR_OK;
    case DISAS_A32:
        return cs_open(CS_ARCH_ARM, CS_MODE_ARM | CS_MODE_V8, h) == CS_ERR_OK;
    case DISAS_T32:
        return cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_V8, h) ==
               CS_ERR_OK;
    case DISAS_A64:
        return cs_open(CS_ARCH_ARM64, CS_MODE_ARM, h) == CS_ERR_OK;
    }
    return false;
}

static size_t unit(enum disas_isa isa)
{
    return isa == DISAS_X86_64 ? 1 : isa == DISAS_T32 ? 2 : 4;
}

void disas_print(FILE *f, enum disas_isa isa, const void *code, size_t len,
                 uint64_t pc)
{
    const uint8_t *p = code;
    cs_insn *insn;
    csh h;

    if (!open_isa(isa, &h))
        return;
    insn = cs_malloc(h);
    while (len) {
        const uint8_t *start = p;

        if (cs_disasm_iter(h, &p, &len, &pc, insn)) {
            fprintf(f, "0x%08llx:  ", (unsigned long long)insn->address);
            for (unsigned i = 0; i < insn->size; i++)
                fprintf(f, "%02x", start[i]);
            fprintf(f, "  %s %s\n", insn->mnemonic, insn->op_str);
            continue;
        }
        fprintf(f, "0x%08llx:  %02x  (not decoded)\n", (unsigned long long)pc,
                *p);
        if (len < unit(isa))
            break;
        p += unit(isa);
        len -= unit(isa);
        pc += unit(isa);
    }
    cs_free(insn, 1);
    cs_close(&h);
}

void disas_host(FILE *f, const void *code, size_t len, uint64_t pc)
{
    disas_print(f, DISAS_X86_64, code, len, pc);
}
