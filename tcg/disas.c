/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disassembly through Capstone. A handle per call: this is for logs, not for speed. The library is opened at the first use, because its
 * tables cost every start 3 MiB and their relocation.
 */
#include "config.h"
#include <capstone/capstone.h>
#include <dlfcn.h>
#include <glib.h>
#include "tcg/disas.h"

#define CAPSTONE_NAME "libcapstone.so." G_STRINGIFY(CS_API_MAJOR)

/* The functions used here. */
struct capstone {
    typeof(cs_open) *open;
    typeof(cs_close) *close;
    typeof(cs_malloc) *malloc;
    typeof(cs_free) *free;
    typeof(cs_disasm_iter) *disasm_iter;
};

static bool load(struct capstone *cs)
{
    void *lib = dlopen(CAPSTONE_NAME, RTLD_NOW | RTLD_LOCAL);

    if (!lib)
        return false;
    cs->open = dlsym(lib, "cs_open");
    cs->close = dlsym(lib, "cs_close");
    cs->malloc = dlsym(lib, "cs_malloc");
    cs->free = dlsym(lib, "cs_free");
    cs->disasm_iter = dlsym(lib, "cs_disasm_iter");
    return cs->open && cs->close && cs->malloc && cs->free && cs->disasm_iter;
}

/* NULL when the library is not there. Any thread. */
static const struct capstone *capstone(void)
{
    static struct capstone cs;
    static gsize state;

    if (g_once_init_enter(&state))
        g_once_init_leave(&state, load(&cs) ? 1 : 2);
    return state == 1 ? &cs : NULL;
}

static bool open_isa(const struct capstone *cs, enum disas_isa isa, csh *h)
{
    switch (isa) {
    case DISAS_X86_64:
        return cs->open(CS_ARCH_X86, CS_MODE_64, h) == CS_ERR_OK;
    case DISAS_X86_32:
        return cs->open(CS_ARCH_X86, CS_MODE_32, h) == CS_ERR_OK;
    case DISAS_X86_16:
        return cs->open(CS_ARCH_X86, CS_MODE_16, h) == CS_ERR_OK;
    case DISAS_A32:
        return cs->open(CS_ARCH_ARM, CS_MODE_ARM | CS_MODE_V8, h) == CS_ERR_OK;
    case DISAS_T32:
        return cs->open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_V8, h) == CS_ERR_OK;
    case DISAS_A64:
        return cs->open(CS_ARCH_ARM64, CS_MODE_ARM, h) == CS_ERR_OK;
    }
    return false;
}

static size_t unit(enum disas_isa isa)
{
    return isa == DISAS_X86_64 || isa >= DISAS_X86_32 ? 1 : isa == DISAS_T32 ? 2 : 4;
}

static void print_unknown(FILE *f, const uint8_t *p, size_t len, uint64_t pc,
                          disas_name_fn name)
{
    const char *known = name ? name(p, len) : NULL;

    fprintf(f, "0x%08llx:  ", (unsigned long long)pc);
    for (size_t i = 0; i < len; i++)
        fprintf(f, "%02x", p[i]);
    fprintf(f, "  %s\n", known ? known : "(not decoded)");
}

void disas_print(FILE *f, enum disas_isa isa, const void *code, size_t len,
                 uint64_t pc)
{
    disas_print_named(f, isa, code, len, pc, NULL);
}

void disas_print_named(FILE *f, enum disas_isa isa, const void *code,
                       size_t len, uint64_t pc, disas_name_fn name)
{
    const struct capstone *cs = capstone();
    const uint8_t *p = code;
    cs_insn *insn;
    csh h;

    if (!cs || !open_isa(cs, isa, &h)) {
        fprintf(f, "(no disassembly: " CAPSTONE_NAME " is missing)\n");
        return;
    }
    insn = cs->malloc(h);
    while (len) {
        const uint8_t *start = p;

        if (cs->disasm_iter(h, &p, &len, &pc, insn)) {
            fprintf(f, "0x%08llx:  ", (unsigned long long)insn->address);
            for (unsigned i = 0; i < insn->size; i++)
                fprintf(f, "%02x", start[i]);
            fprintf(f, "  %s %s\n", insn->mnemonic, insn->op_str);
            continue;
        }
        print_unknown(f, p, len < unit(isa) ? len : unit(isa), pc, name);
        if (len < unit(isa))
            break;
        p += unit(isa);
        len -= unit(isa);
        pc += unit(isa);
    }
    cs->free(insn, 1);
    cs->close(&h);
}

void disas_host(FILE *f, const void *code, size_t len, uint64_t pc)
{
    disas_print(f, DISAS_X86_64, code, len, pc);
}
