/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random instructions in our engine (interpreter, JIT or both) against
 * qemu-arm. Usage: see usage(). A mismatch prints the case, its disassembly,
 * what differs, and the command that runs this case alone.
 */
#include "config.h"

#include <capstone/capstone.h>
#include <glib.h>
#include <signal.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/random/flat.h"
#include "tests/random/gen.h"
#include "tcg/compile.h"

enum { ENGINE_INTERP = 1, ENGINE_JIT = 2 };

struct options {
    struct gen_config gen;
    uint64_t seed, first, count;
    double seconds;          /* 0: count decides */
    unsigned engines;
    bool oracle;             /* compare with qemu-arm */
    const char *tables, *qemu, *cpu, *driver;
    uint64_t random_ra;
    unsigned max_report;
};

/* A batch on its way through qemu */
struct batch {
    struct case_in in[BATCH_MAX];
    struct case_out ours[BATCH_MAX], theirs[BATCH_MAX];
    uint64_t n[BATCH_MAX];
    uint32_t count, seed;
};

struct run {
    const struct options *o;
    struct flat *engine[2];  /* interpreter, JIT; NULL when not used */
    int to, from;            /* qemu's stdin and stdout */
    pid_t pid;
    uint64_t next, cases, insns, dropped;
    unsigned reported;
};

/* ---- The oracle ---- */

/* A batch takes a tenth of a second. */
#define ORACLE_MS 20000

static bool start_qemu(struct run *r)
{
    int in[2], out[2];

    if (pipe(in) || pipe(out)) {
        return false;
    }
    r->pid = fork();
    if (r->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execlp(r->o->qemu, r->o->qemu, "-cpu", r->o->cpu, r->o->driver,
               (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    r->to = in[1];
    r->from = out[0];
    return r->pid > 0;
}

static bool transfer(int fd, void *buf, size_t n, bool out)
{
    char *p = buf;

    while (n) {
        ssize_t k = out ? write(fd, p, n) : read(fd, p, n);

        if (k <= 0) {
            return false;
        }
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static void send_batch(struct run *r, struct batch *b)
{
    struct batch_head h = { CASE_MAGIC, b->count, b->seed, 0 };

    if (!transfer(r->to, &h, sizeof(h), true) ||
        !transfer(r->to, b->in, b->count * sizeof(b->in[0]), true)) {
        fprintf(stderr, "diff-qemu: the driver under %s has gone\n",
                r->o->qemu);
        exit(1);
    }
}

/* False: some case of the batch does not end in qemu; it has been started again. */
static bool receive_batch(struct run *r, struct batch *b)
{
    struct pollfd answer = { .fd = r->from, .events = POLLIN };

    if (poll(&answer, 1, ORACLE_MS) == 0) {
        fprintf(stderr, "diff-qemu: no answer from %s in %d s; cases %llu to %llu of seed %llu are left out\n",
                r->o->qemu, ORACLE_MS / 1000, (unsigned long long)b->n[0], (unsigned long long)b->n[b->count - 1],
                (unsigned long long)r->o->seed);
        kill(r->pid, SIGKILL);
        waitpid(r->pid, NULL, 0);
        close(r->to);
        close(r->from);
        r->dropped += b->count;
        if (!start_qemu(r)) {
            fprintf(stderr, "diff-qemu: cannot start %s again\n", r->o->qemu);
            exit(1);
        }
        return false;
    }
    if (!transfer(r->from, b->theirs, b->count * sizeof(b->theirs[0]),
                  false)) {
        fprintf(stderr, "diff-qemu: the driver under %s died; cases %llu to "
                "%llu of seed %llu\n", r->o->qemu,
                (unsigned long long)b->n[0],
                (unsigned long long)b->n[b->count - 1],
                (unsigned long long)r->o->seed);
        exit(1);
    }
    return true;
}

/* ---- Comparing ---- */

#define CPSR_RESULT 0xf80f0020u
#define CPSR_IT     0x0600fc00u
#define FPSCR_RESULT 0xffc8009fu

static bool is_fault(const struct case_out *o)
{
    return o->signal == SIGSEGV || o->signal == SIGBUS;
}

/* After a fault a store of several words may have happened in part. */
static bool same(const struct case_out *a, const struct case_out *b, bool fp)
{
    uint32_t mask = CPSR_RESULT | (is_fault(a) ? CPSR_IT : 0);

    return a->signal == b->signal && a->pc == b->pc && !memcmp(a->r, b->r, sizeof(a->r)) &&
           ((a->cpsr ^ b->cpsr) & mask) == 0 &&
           (is_fault(a) || a->hash == b->hash) &&
           (!fp || (!memcmp(a->d, b->d, sizeof(a->d)) &&
                    ((a->fpscr ^ b->fpscr) & FPSCR_RESULT) == 0));
}

static void print_diff(const struct case_in *in, const struct case_out *a,
                       const struct case_out *b, const char *an,
                       const char *bn)
{
    static const struct { const char *name; size_t at; } words[] = {
        { "cpsr", offsetof(struct case_out, cpsr) },
        { "fpscr", offsetof(struct case_out, fpscr) },
        { "signal", offsetof(struct case_out, signal) },
        { "window", offsetof(struct case_out, hash) },
    };

    for (unsigned i = 0; i < 34; i++) {
        uint64_t x = i < 32 ? a->r[i] : i == 32 ? a->pc : a->addr;
        uint64_t y = i < 32 ? b->r[i] : i == 32 ? b->pc : b->addr;
        char reg[8];

        snprintf(reg, sizeof(reg), i < 32 ? "r%u" : i == 32 ? "pc" : "addr", i);
        if (x != y) {
            printf("  %-6s %s %08llx, %s %08llx\n", reg, an, (unsigned long long)x, bn, (unsigned long long)y);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        uint32_t x = *(const uint32_t *)((const char *)a + words[i].at);
        uint32_t y = *(const uint32_t *)((const char *)b + words[i].at);

        if (x != y) {
            printf("  %-6s %s %08x, %s %08x\n", words[i].name, an, x, bn, y);
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        if (a->d[i] != b->d[i]) {
            printf("  d%-5u %s %016llx, %s %016llx (was %016llx)\n", i, an,
                   (unsigned long long)a->d[i], bn,
                   (unsigned long long)b->d[i], (unsigned long long)in->d[i]);
        }
    }
}

static void print_case(const struct case_in *in)
{
    bool a64 = in->pc >= A64_BASE;
    csh cs;
    cs_insn *insn;
    size_t n;

    for (unsigned i = 0; i < (a64 ? 32 : 15); i++) {
        printf("%s r%u=%08llx", i % (a64 ? 4 : 8) ? "" : "\n ", i, (unsigned long long)in->r[i]);
    }
    printf("\n  cpsr=%08x fpscr=%08x\n", in->cpsr, in->fpscr);
    if (a64 ? cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &cs)
            : cs_open(CS_ARCH_ARM, (in->pc & 1 ? CS_MODE_THUMB : CS_MODE_ARM) | CS_MODE_V8, &cs)) {
        return;
    }
    cs_option(cs, CS_OPT_SKIPDATA, CS_OPT_ON);
    n = cs_disasm(cs, in->code, in->code_bytes, in->pc & ~(uint64_t)1, 0, &insn);
    for (size_t i = 0; i < n; i++) {
        uint32_t v = 0;

        memcpy(&v, insn[i].bytes, insn[i].size > 4 ? 4 : insn[i].size);
        printf("  %08llx  %0*x  %s %s\n", (unsigned long long)insn[i].address,
               insn[i].size * 2, v, insn[i].mnemonic, insn[i].op_str);
    }
    cs_free(insn, n);
    cs_close(&cs);
}

static void report(struct run *r, uint64_t n, const struct case_in *in,
                   const struct case_out *a, const struct case_out *b,
                   const char *an, const char *bn)
{
    const struct options *o = r->o;

    if (r->reported++ >= o->max_report) {
        return;
    }
    printf("MISMATCH %s/%s: diff-qemu --seed %llu --first %llu --count 1 "
           "--tables %s%s%s%s%s --insns %u\n", an, bn,
           (unsigned long long)o->seed, (unsigned long long)n, o->tables,
           o->gen.row ? " --row " : "", o->gen.row ? o->gen.row : "",
           o->gen.decode ? " --decode " : "", o->gen.decode ? o->gen.decode : "", o->gen.max_insns);
    print_case(in);
    print_diff(in, a, b, an, bn);
    fflush(stdout);
}

/* ---- Running ---- */

/* Slots depend on the case's number only, so that a case alone is the same. */
static void make_batch(struct run *r, struct batch *b)
{
    const struct options *o = r->o;
    uint64_t left = o->first + o->count - r->next;
    uint32_t want = left < BATCH_MAX ? (uint32_t)left : BATCH_MAX;
    bool fp = o->gen.tables & (GEN_VFP | GEN_NEON | GEN_A64);

    b->count = 0;
    b->seed = (uint32_t)o->seed;
    for (int e = 0; e < 2; e++) {
        if (r->engine[e]) {
            flat_batch(r->engine[e], b->seed);
        }
    }
    for (uint32_t i = 0; i < want; i++) {
        struct case_in *in = &b->in[b->count];
        struct case_out *out = &b->ours[b->count], other;
        uint64_t n = r->next++;
        /* The driver gives each case the slot of its place in the batch. */
        unsigned insns = gen_case(&o->gen, o->seed, n, b->count, in);
        bool ok = true;

        b->n[b->count] = n;
        for (int e = 0; e < 2 && ok; e++) {
            if (!r->engine[e]) {
                continue;
            }
            flat_place(r->engine[e], b->count, in);
            ok = flat_run(r->engine[e], in, out);
            if (e && r->engine[0] && ok && !same(&other, out, fp)) {
                report(r, n, in, &other, out, "interp", "jit");
            }
            other = *out;
        }
        if (!ok) {
            r->dropped++;
            continue;
        }
        b->count++;
        r->cases++;
        r->insns += insns;
    }
}

/* A jump to an A32 address with bits 1:0 = 10 is UNPREDICTABLE (DDI 0406C A2.3.1, BXWritePC): qemu faults on the fetch, we
 * ignore bit 1. */
static bool misaligned_a32_target(const struct case_out *qemu)
{
    return qemu->signal == SIGBUS && qemu->addr == qemu->pc && qemu->pc < A64_BASE &&
           (qemu->addr & 3) == 2 && !(qemu->cpsr & 0x20);
}

/* Where qemu-aarch64 7.2 is wrong about a fault: LDAPR needs an aligned address before v8.4 (DDI 0487 B2.5.2), which it does not
 * check; for DC ZVA it reports the pc of its translation. */
static bool oracle_fault_differs(const struct case_in *in, const struct case_out *ours)
{
    uint64_t at = ours->pc - in->pc;
    uint32_t insn;

    if (!is_fault(ours) || in->pc < A64_BASE || at + 4 > CODE_MAX) {
        return false;
    }
    memcpy(&insn, in->code + at, 4);
    return ours->signal == SIGBUS ? (insn & 0x3ffffc00) == 0x38bfc000 : (insn & ~31u) == 0xd50b7420;
}

/* FJCVTZS of a denormal that FPCR.FZ makes zero is not exact (DDI 0487, FPToFixedJS()), but qemu-aarch64 7.2 sets Z. */
static bool oracle_fjcvtzs_differs(const struct case_in *in, const struct case_out *ours)
{
    if (in->pc < A64_BASE || !(ours->fpscr & 1 << 24) || !(ours->fpscr & 1 << 7)) {
        return false;
    }
    for (uint32_t at = 0; at + 4 <= in->code_bytes; at += 4) {
        uint32_t insn;

        memcpy(&insn, in->code + at, 4);
        if ((insn & 0xfffffc00) == 0x1e7e0000) {
            return true;
        }
    }
    return false;
}

static void compare_batch(struct run *r, struct batch *b)
{
    bool fp = r->o->gen.tables & (GEN_VFP | GEN_NEON | GEN_A64);

    for (uint32_t i = 0; i < b->count; i++) {
        if (misaligned_a32_target(&b->theirs[i]) || oracle_fault_differs(&b->in[i], &b->ours[i]) ||
            oracle_fjcvtzs_differs(&b->in[i], &b->ours[i])) {
            r->dropped++;
        } else if (!same(&b->ours[i], &b->theirs[i], fp)) {
            report(r, b->n[i], &b->in[i], &b->ours[i], &b->theirs[i], "ours",
                   "qemu");
        }
    }
}

static bool goes_on(const struct run *r, gint64 start)
{
    double used = (double)(g_get_monotonic_time() - start) / 1e6;

    if (r->reported >= r->o->max_report) {
        return false;
    }
    return r->next < r->o->first + r->o->count &&
           (r->o->seconds == 0 || used < r->o->seconds);
}

static int run_all(struct run *r)
{
    struct batch *cur = g_new0(struct batch, 1), *prev = NULL;
    gint64 start = g_get_monotonic_time();

    r->next = r->o->first;
    while (goes_on(r, start) || prev) {
        bool more = goes_on(r, start);

        if (more) {
            make_batch(r, cur);
        }
        if (prev) {
            if (receive_batch(r, prev))
                compare_batch(r, prev);
        }
        g_free(prev);
        prev = NULL;
        if (more && r->o->oracle && cur->count) {
            send_batch(r, cur);
            prev = cur;
            cur = g_new0(struct batch, 1);
        }
    }
    g_free(cur);
    printf("diff-qemu: seed %llu, tables %s: %llu cases, %llu instructions, "
           "%llu not comparable, %u mismatches, %.1f s\n",
           (unsigned long long)r->o->seed, r->o->tables,
           (unsigned long long)r->cases, (unsigned long long)r->insns,
           (unsigned long long)r->dropped, r->reported,
           (double)(g_get_monotonic_time() - start) / 1e6);
    if (r->o->gen.coverage && gen_print_uncovered(&r->o->gen)) {
        return 1;
    }
    return r->reported != 0;
}

static void usage(void)
{
    puts("usage: diff-qemu [options]\n"
         "  --seed N         default: 1\n"
         "  --count N        cases, default 100000\n"
         "  --first N        number of the first case\n"
         "  --time S         stop after S seconds (count is then unlimited)\n"
         "  --insns N        instructions of a case at most, default 10\n"
         "  --tables LIST    of a32,t32,vfp,neon,v8 or a64,v8; default a32,t32;\n"
         "                   v8: --cpu max, too (a64: without DC ZVA)\n"
         "  --row NAME       only instructions of this name\n"
         "  --decode TABLE   A64: only rows of TABLE.decode\n"
         "  --engine E       interp, jit or both (default)\n"
         "  --random-ra N    seed of randomised register allocation\n"
         "  --no-oracle      only interpreter against JIT\n"
         "  --driver FILE    the armhf or arm64 driver, default driver-arm\n"
         "  --qemu PROGRAM   default qemu-arm\n"
         "  --cpu NAME       its CPU, default cortex-a15\n"
         "  --coverage       name the rows that no case had; an error if any\n"
         "  --max N          mismatches to report, default 5");
}

static bool parse_tables(const char *list, unsigned *tables)
{
    static const char *const names[] = {
        "a32", "t32", "vfp", "neon", "v8", "a64",
    };
    g_auto(GStrv) words = g_strsplit(list, ",", 0);

    *tables = 0;
    for (char **w = words; *w; w++) {
        unsigned i;

        for (i = 0; i < 6 && strcmp(*w, names[i]); i++) {
        }
        if (i == 6) {
            return false;
        }
        *tables |= 1u << i;
    }
    return !(*tables & GEN_A64) != !(*tables & (GEN_A32 | GEN_T32));
}

static bool parse_option(struct options *o, const char *name, const char *v)
{
    uint64_t n = strtoull(v, NULL, 0);

    if (!strcmp(name, "--seed")) {
        o->seed = n;
    } else if (!strcmp(name, "--count")) {
        o->count = n;
    } else if (!strcmp(name, "--first")) {
        o->first = n;
    } else if (!strcmp(name, "--time")) {
        o->seconds = atof(v);
        o->count = UINT64_MAX / 2;
    } else if (!strcmp(name, "--insns")) {
        o->gen.max_insns = n < 1 ? 1 : n > 20 ? 20 : (unsigned)n;
    } else if (!strcmp(name, "--tables")) {
        o->tables = v;
    } else if (!strcmp(name, "--row")) {
        o->gen.row = v;
    } else if (!strcmp(name, "--decode")) {
        o->gen.decode = v;
    } else if (!strcmp(name, "--engine")) {
        o->engines = !strcmp(v, "interp") ? ENGINE_INTERP :
                     !strcmp(v, "jit") ? ENGINE_JIT :
                     !strcmp(v, "both") ? ENGINE_INTERP | ENGINE_JIT : 0;
    } else if (!strcmp(name, "--random-ra")) {
        o->random_ra = n;
    } else if (!strcmp(name, "--driver")) {
        o->driver = v;
    } else if (!strcmp(name, "--qemu")) {
        o->qemu = v;
    } else if (!strcmp(name, "--cpu")) {
        o->cpu = v;
    } else if (!strcmp(name, "--max")) {
        o->max_report = (unsigned)n;
    } else {
        return false;
    }
    return o->engines != 0;
}

int main(int argc, char **argv)
{
    struct options o = {
        .seed = 1, .count = 100000, .engines = ENGINE_INTERP | ENGINE_JIT,
        .oracle = true, .tables = "a32,t32", .qemu = "qemu-arm",
        .cpu = "cortex-a15", .driver = "driver-arm", .max_report = 5,
        .gen.max_insns = 10,
    };
    struct run r = { .o = &o };
    struct flat_arch arch = { .v8 = false };

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--no-oracle")) {
            o.oracle = false;
        } else if (!strcmp(argv[i], "--wide")) {
            arch.wide = true;
        } else if (!strcmp(argv[i], "--coverage")) {
            o.gen.coverage = g_new0(struct gen_coverage, 1);
        } else if (i + 1 >= argc || !parse_option(&o, argv[i], argv[i + 1])) {
            usage();
            return 1;
        } else {
            i++;
        }
    }
    if (!parse_tables(o.tables, &o.gen.tables)) {
        usage();
        return 1;
    }
    if ((o.gen.row || o.gen.decode) && !gen_row_possible(&o.gen)) {
        fprintf(stderr, "diff-qemu: --row %s --decode %s: no case of these tables has such an instruction\n",
                o.gen.row ? o.gen.row : "(any)", o.gen.decode ? o.gen.decode : "(any)");
        return 1;
    }
    arch.v8 = o.gen.tables & GEN_V8;
    arch.a64 = o.gen.tables & GEN_A64;
    signal(SIGPIPE, SIG_IGN);
    if (o.oracle && !start_qemu(&r)) {
        perror("diff-qemu: qemu");
        return 1;
    }
    if (o.engines & ENGINE_INTERP) {
        r.engine[0] = flat_new(true, 0, arch);
    }
    if (o.engines & ENGINE_JIT) {
        r.engine[1] = flat_new(false, o.random_ra, arch);
    }
    return run_all(&r);
}
