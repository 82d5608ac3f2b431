/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library's string functions, block copies, and a walk over 64 MiB that misses caches and TLBs. */
#include "bench/guest/bench.h"

/* Called through volatile pointers, so that the compiler does not know them. */
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static size_t (*volatile measure)(const char *) = strlen;
static int (*volatile compare)(const void *, const void *, size_t) = memcmp;
static void *(*volatile set)(void *, int, size_t) = memset;
static char *(*volatile search)(const char *, int) = strchr;
static int (*volatile compare_text)(const char *, const char *) = strcmp;

uint32_t bench_str(int n)
{
    static char a[4096], b[4096];
    uint32_t h = 0, s = 3;

    while (n--) {
        for (int i = 0; i < 1000; i++) {
            unsigned len = (next_random(&s) >> 7) % (i % 16 ? 100 : 2000) + 1;
            char *from = a + ((s >> 3) & 15), *to = b + ((s >> 9) & 15);

            set(from, 'a' + (i & 7), len);
            from[len] = 0;
            h += measure(from);
            copy(to, from, len + 1);
            h += compare(to, from, len) != 0;
            h += search(from, 'z') != 0;
            h += compare_text(to, from) == 0;
        }
    }
    return h;
}

uint32_t bench_memcpy(int n)
{
    enum { SIZE = 4 << 20 };
    static uint8_t *a, *b;

    if (!a) {
        a = malloc(SIZE);
        b = malloc(SIZE);
        memset(a, 1, SIZE);
        memset(b, 2, SIZE);
    }
    while (n--) {
        copy(b, a, SIZE);
        a[n & 1023]++;
    }
    return b[5];
}

struct line {
    struct line *next;
    char pad[64 - sizeof(void *)];
};
#define LINES ((64 << 20) / 64)

/* One random cycle through all lines. */
static struct line *build_lines(void)
{
    struct line *lines = aligned_alloc(4096, (size_t)LINES * sizeof(struct line));
    uint32_t s = 9, *index = malloc(LINES * sizeof(uint32_t));

    for (int i = 0; i < LINES; i++)
        index[i] = (uint32_t)i;
    for (int i = LINES - 1; i > 0; i--) {
        uint32_t j = next_random(&s) % (uint32_t)i, t = index[i];

        index[i] = index[j];
        index[j] = t;
    }
    for (int i = 0; i < LINES; i++)
        lines[i].next = &lines[index[i]];
    free(index);
    return lines;
}

uint32_t bench_chase(int n)
{
    static struct line *lines;
    struct line *p;

    if (n == CHASE_DROP) {
        free(lines);
        lines = NULL;
        return 0;
    }
    if (!lines)
        lines = build_lines();
    p = lines;
    for (long i = 0; i < (long)n * 10000; i++)
        p = p->next;
    return (uint32_t)(p - lines);
}
