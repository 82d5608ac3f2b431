/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decode tables against two disassemblers: random encodings of every row
 * must disassemble, in Capstone and in objdump, to an instruction of the row's
 * name. The FP and SIMD tables leave part of what is undefined to their
 * handlers, so diff-qemu judges those. Usage: check-disas OBJDUMP COUNT [a64]; with a64, the A64 table against objdump alone
 * (Capstone 4 knows few instructions after v8.0). A disassembler's known errors are in the table `differs`, with the reason.
 */
#include "config.h"

#include <capstone/capstone.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/random/gen.h"

/* Mnemonics that a row's base name may have beside its own: aliases of the
 * manual, and forms that the row includes. */
static const struct alias {
    const char *name, *also;
} aliases[] = {
    { "mov", "lsl lsr asr ror rrx nop" }, { "movw", "mov" },
    { "ldm", "pop" }, { "stm", "push" }, { "ldr", "pop" }, { "str", "push" },
    { "add", "adr" }, { "sub", "adr eret" }, { "eret", "subs" }, { "adr", "add sub" },
    { "rsb", "neg" }, { "smlaxy", "smla" }, { "smulxy", "smul" },
    { "smlawy", "smlaw" }, { "smulwy", "smulw" }, { "smlalxy", "smlal" },
    { "smlad", "smuad" }, { "smlsd", "smusd" }, { "smmla", "smmul" },
    { "usada8", "usad8" }, { "sxtab", "sxtb" }, { "sxtah", "sxth" },
    { "sxtab16", "sxtb16" }, { "uxtab", "uxtb" }, { "uxtah", "uxth" },
    { "uxtab16", "uxtb16" }, { "pkh", "pkh" }, { "bfi", "bfc" },
    { "dsb", "ssbb pssbb dfb" }, { "tb", "tbb tbh" }, { "cbz", "cbnz" },
    { "nop", "hint esb csdb tsb psb pld pli sevl clearbhb bti pac aut" },
    { "pld", "pldw" }, { "udf", "trap" },
};

/* The same for A64 */
static const struct alias a64_aliases[] = {
    { "and", "tst bic" }, { "ands", "tst bics" }, { "orr", "mov orn mvn" }, { "eor", "eon" }, { "add", "cmn mov" },
    { "sub", "cmp neg" }, { "movn", "mov" }, { "movz", "mov" }, { "sbc", "ngc" }, { "extr", "ror" },
    { "sbfm", "sbfx sbfiz sxt asr" }, { "ubfm", "ubfx ubfiz uxt lsl lsr" }, { "bfm", "bfi bfxil bfc" },
    { "csinc", "cset cinc" }, { "csinv", "csetm cinv" }, { "csneg", "cneg" }, { "lslv", "lsl" }, { "lsrv", "lsr" },
    { "msr", "smstart smstop" }, { "asrv", "asr" }, { "rorv", "ror" }, { "madd", "mul" }, { "msub", "mneg" }, { "smaddl", "smull" },
    { "smsubl", "smnegl" }, { "umaddl", "umull" }, { "umsubl", "umnegl" }, { "hint", "nop esb psb tsb csdb dgh bti pac aut xpac sev clearbhb" },
    { "sys", "at dc ic tlbi cfp cpp dvp brb" }, { "dsb", "ssbb pssbb dfb" }, { "ldadd", "stadd" }, { "ldclr", "stclr" },
    { "ldeor", "steor" }, { "ldset", "stset" }, { "ldsmax", "stsmax" }, { "ldsmin", "stsmin" }, { "ldumax", "stumax" },
    { "ldumin", "stumin" },
    /* SIMD rows are for both signs, and for loads and stores. */
    { "cmgt", "cmhi" }, { "cmge", "cmhs" }, { "not", "mvn" }, { "movi", "mvni orr bic fmov" }, { "dup", "mov" },
    { "umov", "mov" }, { "ins", "mov" }, { "shll", "sxtl uxtl" }, { "ld1", "st1" }, { "ld2", "st2" }, { "ld3", "st3" },
    { "ld4", "st4" }, { "ldn", "ld1 ld2 ld3 ld4 st1 st2 st3 st4" }, { "ldnr", "ld1r ld2r ld3r ld4r" },
};

/* What a SIMD row's base name leaves out: the sign, or rounding */
static const char *const simd_prefixes[] = { "s", "u", "r" };

/* Rows that a disassembler gets wrong, or prints otherwise */
static const struct {
    const char *name, *tool, *reason;
} differs[] = {
    { "NOP", "", "reserved hints: printed as hint, data or undefined" },
    { "YIELD", "", "printed as hint" },
    { "CDP", "", "coprocessor numbers with names of their own" },
    { "LDC", "", "coprocessor numbers with names of their own" },
    { "STC", "", "coprocessor numbers with names of their own" },
    { "MCR", "", "coprocessors 8-13 are undefined in ARMv8 to Capstone" },
    { "MRC", "", "as MCR" },
    { "MCRR", "", "as MCR" },
    { "MRRC", "", "as MCR" },
};

struct insn {
    enum gen_list list;
    const char *name;
    uint32_t bits;
    unsigned row;
};

struct check {
    struct insn *insn;
    unsigned n, bad, shown, nrows;
    unsigned *valid;         /* encodings of each row that are instructions */
    const char *last;        /* row of the last disagreement */
};

static bool is_thumb(enum gen_list list)
{
    return list == LIST_T16 || list == LIST_T32;
}

/* Base name in small letters: up to the underscore */
static void base_name(const char *name, char *out)
{
    while (*name && *name != '_') {
        *out++ = (char)tolower((unsigned char)*name++);
    }
    *out = 0;
}

static bool starts(const char *text, const char *word, size_t n)
{
    return !strncmp(text, word, n);
}

static bool is_alias(const struct alias *list, size_t n, const char *base, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = list[i].also;

        if (strcmp(list[i].name, base)) {
            continue;
        }
        while (*p) {
            size_t len = strcspn(p, " ");

            if (starts(text, p, len)) {
                return true;
            }
            p += len + (p[len] == ' ');
        }
    }
    return false;
}

static bool matches(const char *name, const char *text, bool a64, bool simd)
{
    char base[32];

    base_name(name, base);
    if (starts(text, base, strlen(base))) {
        return true;
    }
    for (unsigned i = 0; simd && i < sizeof(simd_prefixes) / sizeof(simd_prefixes[0]); i++) {
        size_t n = strlen(simd_prefixes[i]);

        if (starts(text, simd_prefixes[i], n) && starts(text + n, base, strlen(base))) {
            return true;
        }
    }
    return a64 ? is_alias(a64_aliases, sizeof(a64_aliases) / sizeof(a64_aliases[0]), base, text)
               : is_alias(aliases, sizeof(aliases) / sizeof(aliases[0]), base, text);
}

static bool is_known(const char *name, const char *tool)
{
    for (unsigned i = 0; i < sizeof(differs) / sizeof(differs[0]); i++) {
        if (!strcmp(differs[i].name, name) &&
            (!differs[i].tool[0] || !strcmp(differs[i].tool, tool))) {
            return true;
        }
    }
    return false;
}

/* A64 rows whose handlers refuse reserved values of fields; diff-qemu judges which. Names up to what they have in common */
static bool is_partial(const char *name)
{
    static const char *const names[] = {
        "AND", "ORR", "EOR", "ADD", "SUB", "MOV", "SBFM", "UBFM", "BFM", "EXTR", "CRC32", "CASP", "LDAPURS",
        "FCVTZ", "SCVTF", "UCVTF", "LDR_fp", "STR_fp", "LDUR_fp", "STUR_fp", "LDP_fp", "STP_fp", "LDNP_fp", "STNP_fp",
    };
    size_t n = strlen(name);

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strncmp(name, names[i], strlen(names[i]))) {
            return true;
        }
    }
    return n > 4 && !strcmp(name + n - 4, "_reg");
}

/* SIMD rows leave reserved sizes to their handlers, but none is all reserved. */
static void check_rows(struct check *c)
{
    for (unsigned i = 0; i < c->n; i++) {
        const struct insn *in = &c->insn[i];

        if (in->list > LIST_A64 && !c->valid[in->row]++) {
            printf("%s %08x: no encoding of the row is an instruction\n", in->name, in->bits);
            c->bad++;
        }
    }
}

static void judge(struct check *c, const struct insn *in, const char *tool,
                  const char *text)
{
    bool valid = text[0] && !strstr(text, "undefined") &&
                 !strstr(text, ".word") && !strstr(text, ".inst") &&
                 !strstr(text, ".byte") && !strstr(text, "UNDEFINED") &&
                 (strncmp(text, "udf", 3) || !strncmp(in->name, "UDF", 3));

    c->valid[in->row] += valid;
    if (!valid && gen_is_a64(in->list) && (in->list == LIST_A64_SIMD || is_partial(in->name))) {
        return;
    }
    if ((valid && matches(in->name, text, gen_is_a64(in->list), in->list == LIST_A64_SIMD)) || is_known(in->name, tool)) {
        return;
    }
    c->bad++;
    c->shown = c->last == in->name ? c->shown + 1 : 0;
    c->last = in->name;
    if (c->shown < 2) {
        printf("%s: %s %08x is '%s'\n", tool, in->name, in->bits, text);
    }
}

/* 4 bytes in memory order; T16 is followed by a NOP */
static void encode(const struct insn *in, uint8_t *p)
{
    uint32_t v = in->bits;

    if (in->list == LIST_T16) {
        v |= 0xbf000000;
    } else if (in->list == LIST_T32) {
        v = v << 16 | v >> 16;
    }
    memcpy(p, &v, 4);
}

/* Capstone drops old instructions in its ARMv8 mode, and knows new ones only
 * there. */
static void disassemble(const csh cs[2], const uint8_t *bytes, char *text,
                        size_t size)
{
    text[0] = 0;
    for (int i = 0; i < 2; i++) {
        cs_insn *d;
        size_t n = cs_disasm(cs[i], bytes, 4, 0x1000, 1, &d);

        if (n) {
            snprintf(text, size, "%s %s", d->mnemonic, d->op_str);
            cs_free(d, n);
            return;
        }
    }
}

static void check_capstone(struct check *c)
{
    csh cs[2][2];

    if (cs_open(CS_ARCH_ARM, CS_MODE_ARM | CS_MODE_V8, &cs[0][0]) ||
        cs_open(CS_ARCH_ARM, CS_MODE_ARM, &cs[0][1]) ||
        cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_V8, &cs[1][0]) ||
        cs_open(CS_ARCH_ARM, CS_MODE_THUMB, &cs[1][1])) {
        exit(1);
    }
    for (unsigned i = 0; i < c->n; i++) {
        uint8_t bytes[4];
        char text[256];

        encode(&c->insn[i], bytes);
        disassemble(cs[is_thumb(c->insn[i].list)], bytes, text,
                    sizeof(text));
        judge(c, &c->insn[i], "capstone", text);
    }
    for (int i = 0; i < 4; i++) {
        cs_close(&cs[i / 2][i % 2]);
    }
}

/* One line "address:\thex\tmnemonic operands" */
static void objdump_line(struct check *c, const unsigned *index, unsigned n,
                         char *line)
{
    char *end, *text;
    unsigned long at = strtoul(line, &end, 16);

    if (*end != ':' || at % 4 || at / 4 >= n) {
        return;
    }
    text = strchr(end, '\t');
    text = text ? strchr(text + 1, '\t') : NULL;
    if (!text) {
        return;
    }
    text++;
    text[strcspn(text, "\n")] = 0;
    for (char *p = text; *p; p++) {
        *p = *p == '\t' ? ' ' : *p;
    }
    judge(c, &c->insn[index[at / 4]], "objdump", text);
}

static void check_objdump(struct check *c, const char *objdump, const char *arch, bool thumb)
{
    unsigned *index = calloc(c->n, sizeof(*index)), n = 0;
    char path[] = "/tmp/check-disas-XXXXXX", cmd[512], line[512];
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    if (!f || !index) {
        perror("check-disas");
        exit(1);
    }
    for (unsigned i = 0; i < c->n; i++) {
        uint8_t bytes[4];

        if (is_thumb(c->insn[i].list) == thumb) {
            encode(&c->insn[i], bytes);
            fwrite(bytes, 4, 1, f);
            index[n++] = i;
        }
    }
    fclose(f);
    snprintf(cmd, sizeof(cmd), "%s -D -z -b binary -m %s %s %s", objdump, arch,
             thumb ? "-M force-thumb" : "", path);
    f = popen(cmd, "r");
    while (f && fgets(line, sizeof(line), f)) {
        char *p = line;

        while (isspace((unsigned char)*p)) {
            p++;
        }
        objdump_line(c, index, n, p);
    }
    if (!f || pclose(f)) {
        fprintf(stderr, "check-disas: %s failed\n", objdump);
        exit(1);
    }
    unlink(path);
    free(index);
}

/* count encodings of each row of a list; c->insn has room for 2000 rows. */
static void add_encodings(struct check *c, enum gen_list list, unsigned count, uint64_t *rng)
{
    for (unsigned i = 0; c->n + count <= 2000 * count; i++) {
        struct insn in = { .list = list, .row = c->nrows++ };

        for (unsigned k = 0; k < count; k++) {
            if (!gen_encoding(list, i, rng, &in.bits, &in.name)) {
                return;
            }
            if (in.bits) {
                c->insn[c->n++] = in;
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct check c = { .n = 0 };
    unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 0, max;
    bool a64 = argc > 3 && !strcmp(argv[3], "a64");
    uint64_t rng = 1;

    if (!count) {
        fputs("usage: check-disas OBJDUMP COUNT [a64]\n", stderr);
        return 1;
    }
    max = 2000 * count;
    c.insn = calloc(max, sizeof(*c.insn));
    c.valid = calloc(max, sizeof(*c.valid));
    if (!c.insn || !c.valid) {
        return 1;
    }
    if (a64) {
        for (int list = LIST_A64; list < LISTS; list++) {
            add_encodings(&c, (enum gen_list)list, count, &rng);
        }
        check_objdump(&c, argv[1], "aarch64", false);
        check_rows(&c);
        printf("check-disas: %u encodings, %u disagreements\n", c.n, c.bad);
        return c.bad != 0;
    }
    for (int list = 0; list < LIST_VFP; list++) {
        add_encodings(&c, (enum gen_list)list, count, &rng);
    }
    check_capstone(&c);
    check_objdump(&c, argv[1], "arm", false);
    check_objdump(&c, argv[1], "arm", true);
    printf("check-disas: %u encodings, %u disagreements\n", c.n, c.bad);
    return c.bad != 0;
}
