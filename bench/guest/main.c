/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   bench [-s PERCENT] [NAME...]     run programs; "S NAME" before each, "B NAME WALL-SECONDS CPU-SECONDS CHECKSUM" after it
 *   bench run NAME COMMAND...        measure a command in the same way
 *   bench gendata FILE BYTES         write text that compresses well, the same each time
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bench/guest/bench.h"

char *self;

/* With the amount of work at 100 per cent. */
static const struct {
    const char *name;
    uint32_t (*run)(int n);
    int n;
} programs[] = {
    { "coremark", bench_coremark, 6000 }, { "dhry", bench_dhry, 3000 },       { "sieve", bench_sieve, 60 },
    { "sha256", bench_sha256, 500 },      { "md5", bench_md5, 700 },          { "u64", bench_u64, 50000 },
    { "qsort", bench_qsort, 40 },         { "interp", bench_interp, 600 },    { "fib", bench_fib, 500 },
    { "str", bench_str, 1500 },           { "memcpy", bench_memcpy, 400 },    { "chase", bench_chase, 150 },
    { "nbody", bench_nbody, 800 },        { "mandel", bench_mandel, 120 },    { "matmul", bench_matmul, 150 },
    { "fsimd", bench_fsimd, 4000 },       { "isimd", bench_isimd, 12000 },    { "jitgen", bench_jitgen, 1000 },
    { "smc", bench_smc, 300 },            { "syscall", bench_syscall, 200 },  { "forkexec", bench_forkexec, 100 },
    { "mmap", bench_mmap, 60 },           { "pipe", bench_pipe, 80 },         { "signal", bench_signal, 100 },
};

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + 1e-6 * (double)t->tv_usec;
}

static double cpu_now(void)
{
    struct rusage own, children;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return seconds(&own.ru_utime) + seconds(&own.ru_stime) + seconds(&children.ru_utime) +
           seconds(&children.ru_stime);
}

static double wall_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int run_command(const char *name, char **argv)
{
    double cpu, wall;
    int status;
    pid_t p;

    printf("S %s\n", name);
    cpu = cpu_now();
    wall = wall_now();
    p = fork();
    if (!p) {
        execvp(argv[0], argv);
        _exit(99);
    }
    waitpid(p, &status, 0);
    wall = wall_now() - wall;
    cpu = cpu_now() - cpu;
    printf("B %s %.4f %.4f rc%d\n", name, wall, cpu, WEXITSTATUS(status));
    return 0;
}

/* Words of a random vocabulary, common ones more often, and numbers. */
static int write_data(const char *path, long n)
{
    static char words[512][12];
    FILE *f = fopen(path, "w");
    uint32_t s = 99;

    if (!f)
        return 1;
    for (int i = 0; i < 512; i++) {
        uint32_t len = 3 + next_random(&s) % 7;

        for (uint32_t k = 0; k < len; k++)
            words[i][k] = (char)('a' + next_random(&s) % 26);
    }
    while (n > 0) {
        uint32_t r = next_random(&s);
        const char *word = words[(r >> 12) & (r & 0x800 ? 63 : 511)];

        n -= r & 0x700 ? fprintf(f, "%s ", word) : fprintf(f, "%s, %u\n", word, (unsigned)(r & 0xfff));
    }
    return fclose(f) != 0;
}

static int wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], name))
            return 1;
    return argc < 2;
}

static void run_program(size_t i, long percent)
{
    int n = (int)(programs[i].n * percent / 100);
    double cpu, wall;
    uint32_t h;

    if (programs[i].run == bench_chase)
        bench_chase(CHASE_BUILD);
    printf("S %s\n", programs[i].name);
    cpu = cpu_now();
    wall = wall_now();
    h = programs[i].run(n < 1 ? 1 : n);
    wall = wall_now() - wall;
    cpu = cpu_now() - cpu;
    printf("B %s %.4f %.4f %08x\n", programs[i].name, wall, cpu, (unsigned)h);
    if (programs[i].run == bench_chase)
        bench_chase(CHASE_DROP);
}

int main(int argc, char **argv)
{
    long percent = 100;

    self = argv[0];
    if (argc > 1 && !strcmp(argv[1], "--nop"))
        return 7;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 3 && !strcmp(argv[1], "run"))
        return run_command(argv[2], argv + 3);
    if (argc > 3 && !strcmp(argv[1], "gendata"))
        return write_data(argv[2], atol(argv[3]));
    if (argc > 2 && !strcmp(argv[1], "-s")) {
        percent = atol(argv[2]);
        argc -= 2;
        argv += 2;
    }
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (wanted(programs[i].name, argc, argv))
            run_program(i, percent);
    return 0;
}
