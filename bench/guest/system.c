/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does for programs: system calls, processes, memory maps, pipes, signals. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/guest/bench.h"

#define FAILED 0xdead

uint32_t bench_syscall(int n)
{
    uint32_t h = 0;

    for (int i = 0; i < n * 1000; i++)
        h += syscall(SYS_getppid) != 0;
    return h;
}

uint32_t bench_forkexec(int n)
{
    uint32_t h = 0;

    fflush(NULL);
    for (int i = 0; i < n; i++) {
        pid_t p = fork();
        int status;

        if (p < 0)
            return FAILED;
        if (!p) {
            execl(self, self, "--nop", (char *)NULL);
            _exit(99);
        }
        waitpid(p, &status, 0);
        if (WEXITSTATUS(status) != 7)
            return FAILED;
        h++;
    }
    return h;
}

uint32_t bench_mmap(int n)
{
    enum { PAGES = 64 };
    uint32_t h = 0;

    for (int i = 0; i < n * 10; i++) {
        uint8_t *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (int k = 0; k < PAGES; k++)
            p[k * 4096] = (uint8_t)k;
        h += p[4096 * 5];
        munmap(p, PAGES * 4096);
    }
    return h;
}

/* Sends each byte back until a 9 comes. */
static void echo(int from, int to)
{
    char c = 0;

    while (read(from, &c, 1) == 1 && c != 9)
        if (write(to, &c, 1) != 1)
            break;
    _exit(0);
}

uint32_t bench_pipe(int n)
{
    int to[2], back[2];
    uint32_t h = 0;
    char c;
    pid_t p;

    if (pipe(to) || pipe(back))
        return FAILED;
    fflush(NULL);
    p = fork();
    if (!p)
        echo(to[0], back[1]);
    for (int i = 0; i < n * 100; i++) {
        c = 1;
        if (write(to[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
            return FAILED;
        h += (uint32_t)c;
    }
    c = 9;
    if (write(to[1], &c, 1) != 1)
        h = FAILED;
    waitpid(p, NULL, 0);
    close(to[0]);
    close(to[1]);
    close(back[0]);
    close(back[1]);
    return h;
}

static volatile uint32_t signals;

static void on_signal(int sig)
{
    (void)sig;
    signals++;
}

uint32_t bench_signal(int n)
{
    pid_t me = getpid();

    signal(SIGUSR1, on_signal);
    signals = 0;
    for (int i = 0; i < n * 100; i++)
        kill(me, SIGUSR1);
    return signals;
}
