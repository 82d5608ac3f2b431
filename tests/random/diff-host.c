/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff-host: user-level x86 instructions in our engine and on the host's
 * processor; registers, flags, x87 and vector state, memory, and what faults.
 * A case that differs is printed with the command that runs it alone.
 */
#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/random/decode-host.h"
#include "tests/random/flat-x86.h"
#include "tests/random/gen-x86.h"
#include "tests/random/host-x86.h"

static gint opt_bits = 64, opt_insns = GEN_MAX_INSNS, opt_max = 20, opt_level;
static gint64 opt_seed = 1, opt_count, opt_case = -1, opt_random_ra;
static gdouble opt_time;
static gchar *opt_row;
static gboolean opt_interpret, opt_coverage, opt_decode;

static const GOptionEntry options[] = {
    { "bits", 0, 0, G_OPTION_ARG_INT, &opt_bits, "64-bit or 32-bit code (64)", "64|32" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &opt_seed, "seed of the cases (1)", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &opt_count, "stop after N cases", "N" },
    { "time", 0, 0, G_OPTION_ARG_DOUBLE, &opt_time, "stop after this many seconds (10 if no count is given)", "S" },
    { "row", 0, 0, G_OPTION_ARG_STRING, &opt_row, "only rows whose name begins so", "NAME" },
    { "insns", 0, 0, G_OPTION_ARG_INT, &opt_insns, "most instructions in a case (4)", "N" },
    { "case", 0, 0, G_OPTION_ARG_INT64, &opt_case, "run this case alone and print both outcomes", "N" },
    { "interpret", 0, 0, G_OPTION_ARG_NONE, &opt_interpret, "interpreter instead of host code", NULL },
    { "host-level", 0, 0, G_OPTION_ARG_INT, &opt_level, "host code for level 1 or 2 of the host's ABI (all it has)", "1|2" },
    { "random-ra", 0, 0, G_OPTION_ARG_INT64, &opt_random_ra, "random choices in register allocation", "SEED" },
    { "coverage", 0, 0, G_OPTION_ARG_NONE, &opt_coverage, "list rows that never ran or are left out", NULL },
    { "decode", 0, 0, G_OPTION_ARG_NONE, &opt_decode, "compare which encodings exist, and nothing else", NULL },
    { "mismatches", 0, 0, G_OPTION_ARG_INT, &opt_max, "stop after so many cases that differ (20)", "N" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
};

/* What is compared of EFLAGS: not RF, which faults push. */
#define EFLAGS_COMPARED (X86_FL_ARITH | X86_FL_TF | X86_FL_DF | X86_FL_NT | X86_FL_AC | X86_FL_ID)

/* ---- Comparing ---- */

static void differ(GString *s, const char *what, uint64_t host, uint64_t we)
{
    if (host != we) {
        g_string_append_printf(s, " %s host %" G_GINT64_MODIFIER "x we %" G_GINT64_MODIFIER "x", what, host, we);
    }
}

static void differ_bytes(GString *s, const char *what, int n, const uint8_t *host, const uint8_t *we, unsigned bytes)
{
    if (memcmp(host, we, bytes) == 0) {
        return;
    }
    g_string_append_printf(s, " %s%d host ", what, n);
    for (unsigned i = bytes; i-- > 0;) {
        g_string_append_printf(s, "%02x", host[i]);
    }
    g_string_append(s, " we ");
    for (unsigned i = bytes; i-- > 0;) {
        g_string_append_printf(s, "%02x", we[i]);
    }
}

/* An instruction that has a memory operand and uses the stack by itself: which of both is not canonical is not told apart
 * (64-bit mode; RSP got such a value from an instruction before). */
static bool is_stack_fault(const struct x86_case *c, const struct x86_outcome *host, const struct x86_outcome *we)
{
    return !c->bits32 && host->vector == X86_SS_FAULT && we->vector == X86_GP && host->rip != X86_CODE_START;
}

static void compare_integer(GString *s, const struct x86_case *c, uint32_t open, const struct x86_outcome *host,
                            const struct x86_outcome *we)
{
    static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                           "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
    uint32_t flags = EFLAGS_COMPARED & ~open;

    if (!is_stack_fault(c, host, we)) {
        differ(s, "vector", (uint64_t)(int64_t)host->vector, (uint64_t)(int64_t)we->vector);
    }
    for (unsigned i = 0; i < (c->bits32 ? 8 : 16); i++) {
        uint64_t mask = c->bits32 ? 0xffffffff : UINT64_MAX;

        differ(s, names[i], host->r[i] & mask, we->r[i] & mask);
    }
    differ(s, "rip", host->rip, we->rip);
    differ(s, "eflags", host->eflags & flags, we->eflags & flags);
    if (host->vector == we->vector && host->vector >= 0) {
        /* Linux says that pages of the kernel's half, and the last one of the user's, are present */
        uint32_t present = host->cr2 >= UINT64_C(0x7ffffffff000);
        uint64_t mask = host->vector != X86_PF ? 0 : open & X86_OPEN_CR2 ? 0 : UINT64_MAX;

        present |= open & X86_OPEN_CR2 ? 1 : 0;
        differ(s, "error", host->error | present, we->error | present);
        differ(s, "cr2", host->cr2 & mask, we->cr2 & mask);
    }
    differ(s, "memory", host->window_hash, we->window_hash);
}

/* FOP and FDP are not compared: processors differ in when they write them (CPUID.7.EBX[6], SDM 1, 8.1.8, 8.1.9). */
static void compare_fp(GString *s, const struct x86_case *c, bool mxcsr_open, const struct x86_fp_image *host,
                       const struct x86_fp_image *we)
{
    differ(s, "fcw", host->fcw, we->fcw);
    differ(s, "fsw", host->fsw, we->fsw);
    differ(s, "ftw", host->ftw, we->ftw);
    differ(s, "fip", host->fip, we->fip);
    differ(s, "mxcsr", mxcsr_open ? 0 : host->mxcsr, mxcsr_open ? 0 : we->mxcsr);
    for (int i = 0; i < 8; i++) {
        differ_bytes(s, "st", i, host->st[i], we->st[i], 10);
    }
    for (int i = 0; i < (c->bits32 ? 8 : 16); i++) {
        differ_bytes(s, "xmm", i, host->xmm[i], we->xmm[i], 16);
        differ_bytes(s, "ymmh", i, host->ymmh[i], we->ymmh[i], 16);
    }
}

static void print_bytes(const struct x86_case *c, const struct gen_x86_made *made)
{
    for (unsigned i = 0; i < c->code_bytes; i++) {
        printf(" %02x", c->code[i]);
    }
    printf(" (");
    for (unsigned i = 0; i < made->ninsns; i++) {
        printf("%s%s", i ? " " : "", made->row[i]->name);
    }
    printf(")");
}

/* True: equal. */
static bool compare(uint64_t n, const struct x86_case *c, const struct gen_x86_made *made,
                    const struct x86_outcome *host, const struct x86_outcome *we)
{
    GString *s = g_string_new(NULL);
    bool equal;

    compare_integer(s, c, made->flags, host, we);
    compare_fp(s, c, made->flags & X86_OPEN_MXCSR && host->vector == X86_XM, &host->fp, &we->fp);
    equal = s->len == 0;
    if (!equal) {
        printf("diff-host --bits %d --seed %" G_GINT64_FORMAT " --insns %d %s%s%s--case %" G_GUINT64_FORMAT ":", opt_bits,
               opt_seed, opt_insns, opt_row ? "--row " : "", opt_row ? opt_row : "", opt_row ? " " : "", n);
        print_bytes(c, made);
        printf(":%s\n", s->str);
    }
    g_string_free(s, TRUE);
    return equal;
}

static void print_outcome(const char *who, const struct x86_outcome *o)
{
    printf("%s: vector %d error %x cr2 %" G_GINT64_MODIFIER "x rip %" G_GINT64_MODIFIER "x eflags %x memory %"
           G_GINT64_MODIFIER "x\n ", who, o->vector, o->error, o->cr2, o->rip, o->eflags, o->window_hash);
    for (int i = 0; i < 16; i++) {
        printf(" %" G_GINT64_MODIFIER "x", o->r[i]);
    }
    printf("\n  fcw %x fsw %x ftw %x fip %" G_GINT64_MODIFIER "x mxcsr %x\n", o->fp.fcw, o->fp.fsw, o->fp.ftw, o->fp.fip,
           o->fp.mxcsr);
}

static void print_case(const struct x86_case *c)
{
    struct x86_outcome o = { .vector = -1, .eflags = c->eflags, .rip = X86_CODE_START, .fp = c->fp };

    memcpy(o.r, c->r, sizeof(o.r));
    print_outcome("before", &o);
    for (int i = 0; i < 16; i++) {
        uint64_t v[4];

        memcpy(v, c->fp.xmm[i], 16);
        memcpy(v + 2, c->fp.ymmh[i], 16);
        printf("  ymm%-2d %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %016"
               G_GINT64_MODIFIER "x\n", i, v[3], v[2], v[1], v[0]);
    }
    for (int i = 0; i < 8; i++) {
        uint64_t sig;
        uint16_t se;

        memcpy(&sig, c->fp.st[i], 8);
        memcpy(&se, c->fp.st[i] + 8, 2);
        printf("  st%d %04x:%016" G_GINT64_MODIFIER "x\n", i, se, sig);
    }
}

/* ---- Running ---- */

struct run {
    struct gen_x86 *gen;
    struct flat_x86 *flat;
    struct host_x86 *host;
    struct gen_x86_made made[HOST_BATCH];
    struct x86_outcome out[HOST_BATCH];
    bool ended[HOST_BATCH];
    uint64_t cases, endless, faults;
    int mismatches;
};

static bool run_batch(struct run *r, uint64_t first, unsigned count)
{
    struct x86_case *cases = host_x86_cases(r->host, 0);
    const struct x86_outcome *host = host_x86_outcomes(r->host, 0);
    GError *err = NULL;

    for (unsigned i = 0; i < count; i++) {
        gen_x86_case(r->gen, (uint64_t)opt_seed, first + i, &cases[i], &r->made[i]);
    }
    host_x86_start(r->host, 0, count);
    for (unsigned i = 0; i < count; i++) {
        r->ended[i] = flat_x86_run(r->flat, &cases[i], &r->out[i]);
    }
    if (!host_x86_wait(r->host, 0, &err)) {
        printf("diff-host: %s\n", err->message);
        g_error_free(err);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (opt_case >= 0) {
            print_case(&cases[i]);
            print_outcome("host", &host[i]);
            print_outcome("we", &r->out[i]);
        }
        r->faults += host[i].vector >= 0;
        r->endless += !r->ended[i];
        r->mismatches += !compare(first + i, &cases[i], &r->made[i], &host[i], &r->out[i]);
    }
    r->cases += count;
    return r->mismatches < opt_max;
}

static double now(void)
{
    return (double)g_get_monotonic_time() / 1e6;
}

static bool run_all(struct run *r)
{
    double start = now(), end = start + (opt_time > 0 ? opt_time : opt_count ? 1e9 : 10);
    uint64_t count = opt_count ? (uint64_t)opt_count : UINT64_MAX;

    if (opt_case >= 0) {
        return run_batch(r, (uint64_t)opt_case, 1);
    }
    while (r->cases < count && now() < end) {
        if (!run_batch(r, r->cases, (unsigned)MIN(HOST_BATCH, count - r->cases))) {
            return false;
        }
    }
    printf("diff-host: %d bits, seed %" G_GINT64_FORMAT ": %" G_GUINT64_FORMAT " cases of %u rows, %" G_GUINT64_FORMAT
           " with faults, %d differ, %.1f s\n", opt_bits, opt_seed, r->cases, gen_x86_row_count(r->gen), r->faults,
           r->mismatches, now() - start);
    return true;
}

static bool parse(int *argc, char ***argv)
{
    GOptionContext *o = g_option_context_new("- x86 instructions in the engine and on the host's processor");
    GError *err = NULL;

    g_option_context_add_main_entries(o, options, NULL);
    if (!g_option_context_parse(o, argc, argv, &err)) {
        fprintf(stderr, "diff-host: %s; try --help\n", err->message);
        return false;
    }
    g_option_context_free(o);
    if ((opt_bits != 32 && opt_bits != 64) || opt_insns < 1 || opt_insns > GEN_MAX_INSNS) {
        fprintf(stderr, "diff-host: --bits is 32 or 64, --insns 1 to %d\n", GEN_MAX_INSNS);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct run *r = g_new0(struct run, 1);
    struct gen_x86_config config = { 0 };
    GError *err = NULL;
    unsigned uncovered = 0;
    bool ok;

    if (!parse(&argc, &argv)) {
        return 1;
    }
    r->host = host_x86_new(&err);
    if (!r->host) {
        printf("diff-host: skipped: %s\n", err->message);
        return 77;
    }
    config.bits32 = opt_bits == 32;
    config.row = opt_row;
    config.max_insns = (unsigned)opt_insns;
    gen_x86_host_features(config.features);
    if (opt_decode) {
        ok = decode_host(r->host, config.features);
        host_x86_free(r->host);
        g_free(r);
        return ok ? 0 : 1;
    }
    r->gen = gen_x86_new(&config);
    if (!gen_x86_row_count(r->gen)) {
        fprintf(stderr, "diff-host: no row that runs is named '%s'; --coverage lists those left out\n", opt_row);
        return 1;
    }
    r->flat = flat_x86_new(opt_interpret, (unsigned)opt_level, (uint64_t)opt_random_ra, config.bits32, config.features);
    ok = run_all(r);
    if (opt_coverage) {
        uncovered = gen_x86_print_coverage(r->gen);
    }
    flat_x86_free(r->flat);
    gen_x86_free(r->gen);
    host_x86_free(r->host);
    ok = ok && r->mismatches == 0 && uncovered == 0;
    g_free(r);
    return ok ? 0 : 1;
}
