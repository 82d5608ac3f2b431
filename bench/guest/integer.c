/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sieve; quicksort through a function pointer; a byte code machine with a switch; 64-bit arithmetic. */
#include "bench/guest/bench.h"

uint32_t bench_sieve(int n)
{
    enum { SIZE = 1 << 19 };
    static uint8_t prime[SIZE];
    uint32_t count = 0;

    for (int r = 0; r < n; r++) {
        memset(prime, 1, SIZE);
        count = 0;
        for (int i = 2; i < SIZE; i++) {
            if (!prime[i])
                continue;
            count++;
            for (int j = i + i; j < SIZE; j += i)
                prime[j] = 0;
        }
    }
    return count;
}

/* ---- qsort ---- */

typedef int (*compare_fn)(const void *, const void *);

static NOINLINE int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static NOINLINE int descending(const void *a, const void *b)
{
    return ascending(b, a);
}

static NOINLINE int by_low_half(const void *a, const void *b)
{
    return (int)(*(const uint32_t *)a & 0xffff) - (int)(*(const uint32_t *)b & 0xffff);
}

static inline void insertion_sort(uint32_t *v, int n, compare_fn compare)
{
    for (int i = 1; i < n; i++) {
        uint32_t t = v[i];
        int j = i;

        while (j > 0 && compare(&v[j - 1], &t) > 0) {
            v[j] = v[j - 1];
            j--;
        }
        v[j] = t;
    }
}

static NOINLINE void quick_sort(uint32_t *v, int n, compare_fn compare)
{
    while (n > 8) {
        uint32_t pivot = v[n / 2];
        int i = 0, j = n - 1;

        for (;;) {
            uint32_t t;

            while (compare(&v[i], &pivot) < 0)
                i++;
            while (compare(&v[j], &pivot) > 0)
                j--;
            if (i >= j)
                break;
            t = v[i];
            v[i] = v[j];
            v[j] = t;
            i++;
            j--;
        }
        if (i < n - i) {
            quick_sort(v, i, compare);
            v += i;
            n -= i;
        } else {
            quick_sort(v + i, n - i, compare);
            n = i;
        }
    }
    insertion_sort(v, n, compare);
}

uint32_t bench_qsort(int n)
{
    enum { SIZE = 20000 };
    static uint32_t v[SIZE];
    static compare_fn volatile order[3] = { ascending, descending, by_low_half };
    uint32_t s = 7, h = 0;

    while (n--) {
        for (int i = 0; i < SIZE; i++)
            v[i] = next_random(&s);
        for (int k = 0; k < 3; k++)
            quick_sort(v, SIZE, order[k]);
        h = mix(h, v[0] & 0xffff);
        h = mix(h, v[SIZE - 1] & 0xffff);
    }
    return h;
}

/* ---- interp ---- */

enum opcode { LDI, ADD, SUB, MUL, XOR, SHR, LD, STO, JNZ, DEC, MOV, AND, CALL, RET, HLT };

struct instruction {
    uint8_t op, a, b, c;
};

static NOINLINE uint32_t machine(const struct instruction *code, uint32_t *r, uint32_t *m)
{
    const struct instruction *pc = code;
    const struct instruction *stack[16];
    int sp = 0;

    for (;;) {
        struct instruction i = *pc++;

        switch (i.op) {
        case LDI:
            r[i.a] = i.b | i.c << 8;
            break;
        case ADD:
            r[i.a] = r[i.b] + r[i.c];
            break;
        case SUB:
            r[i.a] = r[i.b] - r[i.c];
            break;
        case MUL:
            r[i.a] = r[i.b] * r[i.c];
            break;
        case XOR:
            r[i.a] = r[i.b] ^ r[i.c];
            break;
        case SHR:
            r[i.a] = r[i.b] >> i.c;
            break;
        case LD:
            r[i.a] = m[r[i.b] & 255];
            break;
        case STO:
            m[r[i.b] & 255] = r[i.a];
            break;
        case JNZ:
            if (r[i.a])
                pc = code + i.b;
            break;
        case DEC:
            r[i.a]--;
            break;
        case MOV:
            r[i.a] = r[i.b];
            break;
        case AND:
            r[i.a] = r[i.b] & r[i.c];
            break;
        case CALL:
            stack[sp++] = pc;
            pc = code + i.b;
            break;
        case RET:
            pc = stack[--sp];
            break;
        case HLT:
            return r[0];
        default:
            abort();
        }
    }
}

uint32_t bench_interp(int n)
{
    static const struct instruction code[] = {
        { LDI, 1, 255, 0 }, { LDI, 2, 17, 3 }, { LDI, 3, 1, 1 }, { CALL, 0, 12, 0 }, { ADD, 0, 0, 4 },
        { XOR, 0, 0, 1 },   { MUL, 2, 2, 3 },  { SHR, 5, 2, 7 }, { STO, 5, 1, 0 },   { DEC, 1, 0, 0 },
        { JNZ, 1, 3, 0 },   { HLT, 0, 0, 0 },  { LD, 4, 1, 0 },  { ADD, 4, 4, 2 },   { AND, 6, 4, 3 },
        { JNZ, 6, 17, 0 },  { SUB, 4, 4, 1 },  { MOV, 7, 4, 0 }, { RET, 0, 0, 0 },
    };
    uint32_t r[16] = { 0 }, m[256] = { 0 };

    while (n--)
        for (int k = 0; k < 40; k++)
            machine(code, r, m);
    return r[0];
}

/* ---- u64: a random generator, wide multiplies, now and then a division ---- */

uint32_t bench_u64(int n)
{
    uint64_t s[4] = { 1, 2, 3, 4 }, h = 0;

    for (int r = 0; r < n * 1000; r++) {
        uint64_t x = s[1] * 5, t = s[1] << 17;

        x = (x << 7 | x >> 57) * 9;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3] << 45 | s[3] >> 19;
        h += x;
        if (!(r & 15))
            h ^= x / ((s[0] >> 33) | 1);
        h += (uint64_t)(uint32_t)x * (uint32_t)(x >> 32);
    }
    return (uint32_t)(h ^ h >> 32);
}
