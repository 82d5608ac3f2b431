/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coremark: lists, a 16-bit matrix, a state machine and a CRC, in the proportions of embedded code. */
#include "bench/guest/bench.h"

struct node {
    struct node *next;
    int16_t key, value;
};

static uint16_t crc16(uint16_t crc, uint16_t v)
{
    for (int i = 0; i < 16; i++) {
        int bit = (v ^ crc) & 1;

        v >>= 1;
        crc >>= 1;
        if (bit)
            crc ^= 0xa001;
    }
    return crc;
}

static NOINLINE struct node *reverse(struct node *l)
{
    struct node *done = NULL;

    while (l) {
        struct node *next = l->next;

        l->next = done;
        done = l;
        l = next;
    }
    return done;
}

static NOINLINE struct node *find(struct node *l, int16_t key)
{
    while (l && l->key != key)
        l = l->next;
    return l;
}

/* One pass of a merge sort from below: merges runs of length k. Returns how many merges it did. */
static inline int merge_runs(struct node **list, int k)
{
    struct node *p = *list, *tail = NULL;
    int merges = 0;

    *list = NULL;
    while (p) {
        struct node *q = p;
        int psize = 0, qsize = k;

        merges++;
        for (int i = 0; i < k; i++) {
            psize++;
            q = q->next;
            if (!q)
                break;
        }
        while (psize > 0 || (qsize > 0 && q)) {
            struct node *e;

            if (psize && (!qsize || !q || p->value <= q->value)) {
                e = p;
                p = p->next;
                psize--;
            } else {
                e = q;
                q = q->next;
                qsize--;
            }
            if (tail)
                tail->next = e;
            else
                *list = e;
            tail = e;
        }
        p = q;
    }
    if (tail)
        tail->next = NULL;
    return merges;
}

static NOINLINE struct node *sort(struct node *l)
{
    for (int k = 1; merge_runs(&l, k) > 1; k *= 2)
        ;
    return l;
}

static NOINLINE int32_t matrix(int16_t *a, int16_t *b, int32_t *c, int n, int16_t v)
{
    int32_t sum = 0;

    for (int i = 0; i < n * n; i++)
        a[i] += v;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            int32_t t = 0;

            for (int k = 0; k < n; k++)
                t += a[i * n + k] * b[k * n + j];
            c[i * n + j] = t;
            sum += (t >> 2) & 15;
            if (sum > 4000)
                sum -= 37;
        }
    }
    for (int i = 0; i < n * n; i++)
        a[i] -= v;
    return sum;
}

enum state { START, SIGN, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS, INVALID };

static inline int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Scans numbers between commas; counts how often each state was entered from. */
static NOINLINE uint32_t scan(const char *p, uint32_t *count)
{
    int s = START;

    for (; *p; p++) {
        char c = *p;

        count[s]++;
        switch (s) {
        case START:
            if (is_digit(c))
                s = INTEGER;
            else if (c == '+' || c == '-')
                s = SIGN;
            else if (c == '.')
                s = FRACTION;
            else if (c != ',')
                s = INVALID;
            break;
        case SIGN:
            if (is_digit(c))
                s = INTEGER;
            else
                s = c == '.' ? FRACTION : INVALID;
            break;
        case INTEGER:
            if (c == '.')
                s = FRACTION;
            else if (c == 'e' || c == 'E')
                s = EXPONENT;
            else if (c == ',')
                s = START;
            else if (!is_digit(c))
                s = INVALID;
            break;
        case FRACTION:
            if (c == 'e' || c == 'E')
                s = EXPONENT;
            else if (c == ',')
                s = START;
            else if (!is_digit(c))
                s = INVALID;
            break;
        case EXPONENT:
            s = c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
            break;
        case EXPONENT_SIGN:
            s = is_digit(c) ? EXPONENT_DIGITS : INVALID;
            break;
        case EXPONENT_DIGITS:
            if (c == ',')
                s = START;
            else if (!is_digit(c))
                s = INVALID;
            break;
        default:
            if (c == ',')
                s = START;
        }
    }
    return (uint32_t)s;
}

uint32_t bench_coremark(int n)
{
    static struct node nodes[200];
    static int16_t a[32 * 32], b[32 * 32];
    static int32_t c[32 * 32];
    static const char text[] = "5012,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,"
                               "+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,5012,1234,-874,+122";
    uint32_t h = 1, count[8] = { 0 };
    struct node *list = nodes;

    for (int i = 0; i < 200; i++) {
        nodes[i].next = i < 199 ? &nodes[i + 1] : NULL;
        nodes[i].key = (int16_t)i;
        nodes[i].value = (i * 7919) & 0x7fff;
    }
    for (int i = 0; i < 32 * 32; i++) {
        a[i] = (int16_t)(i * 3 + 1);
        b[i] = (int16_t)(i * 5 + 2);
    }
    for (int r = 0; r < n; r++) {
        for (int i = 0; i < 20; i++) {
            struct node *f = find(list, (int16_t)((r * 13 + i * 9) % 200));

            if (f) {
                h = crc16((uint16_t)h, (uint16_t)f->value);
                f->value = (f->value * 5 + r) & 0x7fff;
            }
            list = reverse(list);
        }
        list = sort(list);
        h = crc16((uint16_t)h, (uint16_t)list->value);
        h = crc16((uint16_t)h, (uint16_t)matrix(a, b, c, 12, r & 15));
        h = crc16((uint16_t)h, (uint16_t)scan(text, count));
        for (int i = 0; i < 8; i++)
            h = crc16((uint16_t)h, (uint16_t)count[i]);
    }
    return h;
}
