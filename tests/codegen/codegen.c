/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden host code: translates the guest instructions of a text file and
 * prints the host's, without stubs.
 *
 *     codegen FILE [LOG-TOPICS]      FILE: "name: word word ..." and comments
 *
 * A line "t32" or "a32" sets the instruction set of the lines below (T32: in
 * halfwords).  A region begins with the entry's nop and is compiled as in the
 * emulator.  Addresses of jumps are printed as labels: the code must not
 * depend on where it stands.
 */
#include "config.h"

#include <capstone/capstone.h>
#include <ctype.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/codegen/codegen.h"
#include "util/log.h"

static csh cs;

/* Jump and call targets differ from run to run. */
static bool jump_target(const cs_insn *i, uint64_t start, uint64_t end,
                        char *text, size_t size)
{
    uint64_t to;

    if ((i->mnemonic[0] != 'j' && strcmp(i->mnemonic, "call")) ||
        strncmp(i->op_str, "0x", 2))
        return false;
    to = strtoull(i->op_str, NULL, 16);
    if (to >= start && to < end)
        snprintf(text, size, "+%u", (unsigned)(to - start));
    else
        snprintf(text, size, "stub");
    return true;
}

/* Replace what stands between "[reg" and "]" at s. */
static void replace_operand(char *s, const char *name, size_t size)
{
    char rest[200];
    char *end = strchr(s, ']');

    snprintf(rest, sizeof(rest), "%s", end + 1);
    snprintf(s, size, "[%s]%s", name, rest);
}

/* The layout of env and of constants may change: print names. */
static void operands(const cs_insn *i, uint64_t start, uint64_t end,
                     char *text, size_t size)
{
    char *at;
    char name[40];

    if (jump_target(i, start, end, text, size))
        return;
    snprintf(text, size, "%s", i->op_str);
    if ((at = strstr(text, "[rip")))
        replace_operand(at, "const", size - (at - text));
    if ((at = strstr(text, "[rbp")) &&
        codegen_env_name(strtoul(at[4] == ']' ? "0" : at + 7, NULL, 0), name,
                         sizeof(name)))
        replace_operand(at, name, size - (at - text));
}

static void print_code(const struct tcg_code *code)
{
    const uint8_t *p = code->entry;
    uint64_t start = (uintptr_t)p, addr = start;
    size_t left = code->main_size;
    unsigned n = 0;
    cs_insn *insn = cs_malloc(cs);
    char text[240];

    while (cs_disasm_iter(cs, &p, &left, &addr, insn)) {
        if (!strcmp(insn->mnemonic, "nop"))
            continue;
        n++;
        operands(insn, start, start + code->main_size, text, sizeof(text));
        printf("    %-8s %s\n", insn->mnemonic, text);
    }
    printf("    = %u\n", n);
    cs_free(insn, 1);
}

/* "name: words": words into in->code. */
static bool parse(char *line, bool thumb, struct case_in *in)
{
    char *p = strchr(line, ':');
    unsigned unit = thumb ? 2 : 4;

    if (!p)
        return false;
    memset(in, 0, sizeof(*in));
    in->pc = CODE_BASE | thumb;
    for (p++; *p && *p != '@';) {
        unsigned long v;
        char *end;

        while (isspace((unsigned char)*p))
            p++;
        v = strtoul(p, &end, 16);
        if (end == p || in->code_bytes + unit > CODE_MAX)
            break;
        memcpy(in->code + in->code_bytes, &v, unit);
        in->code_bytes += unit;
        p = end;
    }
    return in->code_bytes > 0;
}

int main(int argc, char **argv)
{
    struct flat *f = flat_new(false, 0, (struct flat_arch){ .a64 = false });
    bool thumb = false;
    struct case_in in;
    struct tcg_code code;
    char line[400];
    FILE *file;

    if (argc < 2 || !(file = fopen(argv[1], "r"))) {
        fprintf(stderr, "usage: codegen FILE [LOG-TOPICS]\n");
        return 1;
    }
    if (argc > 2)       /* for people: topics of -d */
        log_set_topics(argv[2], NULL);
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &cs) != CS_ERR_OK)
        return 1;
    while (fgets(line, sizeof(line), file)) {
        if (!strcmp(line, "t32\n") || !strcmp(line, "a32\n")) {
            thumb = line[0] == 't';
            continue;
        }
        if (line[0] == '#' || !parse(line, thumb, &in))
            continue;
        printf("%s", line);
        flat_batch(f, 1);
        flat_place(f, 0, &in);
        codegen_translate(f, &in, &code);
        print_code(&code);
    }
    fclose(file);
    flat_free(f);
    return 0;
}
