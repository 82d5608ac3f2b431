/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz TARGET [--seconds N] [--seed S] [--round R]   plays rounds of TARGET for N seconds (5), or only round R. `fuzz list` names the
 * targets. Without a seed the clock gives one. Exit status 0: nothing was found.
 */
#include "config.h"
#include <glib.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/fuzz/fuzz.h"
#include "tests/suite.h"

#define DEFAULT_SECONDS 5
#define STUCK_SECONDS 20         /* a round takes milliseconds */

struct options {
    const struct fuzz_target *target;
    const char *name;
    gint64 seconds, round;       /* round -1: all */
    uint64_t seed;
};

/* Shared with the process that plays. */
struct progress {
    uint64_t round, done;
};

/* The tests' helpers say ck_assert; here is no runner to tell. */
void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
    (void)msg;
    fuzz_fail(file, line, expr, "in a helper");
}

void fuzz_fail(const char *file, int line, const char *what, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s:%d: not so: %s: ", file, line, what);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

bool fuzz_percent(struct rng *r, unsigned n)
{
    return rng_below(r, 100) < n;
}

uint64_t fuzz_number(struct rng *r)
{
    switch (rng_below(r, 6)) {
    case 0:
        return rng_below(r, 16);
    case 1:
        return ((uint64_t)1 << rng_below(r, 64)) + rng_below(r, 3) - 1;
    case 2:
        return UINT64_MAX - rng_below(r, 3);
    case 3:
        return UINT32_MAX - rng_below(r, 3);
    case 4:
        return rng_u32(r);
    default:
        return rng_u64(r);
    }
}

/* ---- rounds ------------------------------------------------------------------------------------ */

static void play_round(const struct options *o, uint64_t round, struct progress *p)
{
    struct rng r;

    rng_init(&r, o->seed ^ round * 0x9e3779b97f4a7c15u);
    __atomic_store_n(&p->round, round, __ATOMIC_SEQ_CST);
    o->target->round(o->target, &r);
    __atomic_add_fetch(&p->done, 1, __ATOMIC_SEQ_CST);
}

static void play(const struct options *o, struct progress *p)
{
    gint64 end = g_get_monotonic_time() + o->seconds * G_TIME_SPAN_SECOND;

    if (o->round >= 0) {
        play_round(o, (uint64_t)o->round, p);
        return;
    }
    for (uint64_t round = 0; g_get_monotonic_time() < end; round++)
        play_round(o, round, p);
}

/* Until it ends, or stands still: killed then. */
static int watch(pid_t child, const struct progress *p, bool *stuck)
{
    gint64 moved = g_get_monotonic_time();
    uint64_t done = 0;
    int status;

    while (!waitpid(child, &status, WNOHANG)) {
        uint64_t now = __atomic_load_n(&p->done, __ATOMIC_SEQ_CST);

        if (now != done)
            moved = g_get_monotonic_time();
        done = now;
        if (g_get_monotonic_time() - moved > STUCK_SECONDS * G_TIME_SPAN_SECOND) {
            *stuck = true;
            kill(child, SIGABRT);
            moved = INT64_MAX / 2;
        }
        g_usleep(20000);
    }
    return status;
}

static int run(const struct options *o, const char *program)
{
    struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool stuck = false;
    pid_t child;
    int status;

    g_assert(p != MAP_FAILED);
    fflush(NULL);
    child = fork();
    if (!child) {
        play(o, p);
        exit(EXIT_SUCCESS);
    }
    status = watch(child, p, &stuck);
    printf("%s: %" G_GUINT64_FORMAT " rounds, seed %" G_GUINT64_FORMAT "%s\n", o->name, p->done, o->seed, status ? ": FOUND" : "");
    if (!status)
        return EXIT_SUCCESS;
    printf("%s in round %" G_GUINT64_FORMAT "; again: %s %s --seed %" G_GUINT64_FORMAT " --round %" G_GUINT64_FORMAT "\n",
           stuck ? "no progress" : "the process ended", p->round, program, o->name, o->seed, p->round);
    return EXIT_FAILURE;
}

/* ---- command line ------------------------------------------------------------------------------ */

static void list_targets(FILE *f)
{
    for (const struct fuzz_target *const *t = fuzz_targets; *t; t++)
        fprintf(f, "%s\n", (*t)->name);
}

static bool parse(struct options *o, int argc, char **argv)
{
    if (argc < 2)
        return false;
    o->name = argv[1];
    for (const struct fuzz_target *const *t = fuzz_targets; *t; t++)
        if (!strcmp((*t)->name, o->name))
            o->target = *t;
    for (int i = 2; i < argc; i += 2) {
        guint64 n;

        if (i + 1 == argc || !g_ascii_string_to_unsigned(argv[i + 1], 10, 0, UINT64_MAX, &n, NULL))
            return false;
        if (!strcmp(argv[i], "--seconds"))
            o->seconds = (gint64)MIN(n, 1000000);
        else if (!strcmp(argv[i], "--seed"))
            o->seed = n;
        else if (!strcmp(argv[i], "--round"))
            o->round = (gint64)(n & INT64_MAX);
        else
            return false;
    }
    return o->target || !strcmp(o->name, "list");
}

int main(int argc, char **argv)
{
    struct options o = { .seconds = DEFAULT_SECONDS, .round = -1, .seed = (uint64_t)g_get_real_time() };

    if (!parse(&o, argc, argv)) {
        fprintf(stderr, "usage: fuzz TARGET [--seconds N] [--seed S] [--round R]; TARGET is list, or one of:\n");
        list_targets(stderr);
        return EXIT_FAILURE;
    }
    if (!o.target) {
        list_targets(stdout);
        return EXIT_SUCCESS;
    }
    return run(&o, argv[0]);
}
