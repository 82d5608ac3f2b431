/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhry: records, strings and small procedures that call each other, in the mix of the Dhrystone benchmark. */
#include "bench/guest/bench.h"

struct record {
    struct record *next;
    int kind, choice, number;
    char text[31];
};

static struct record *first, *second;
static int counter, flag;
static char char1, char2;
static int array1[50], array2[50][50];

static NOINLINE void add2(int a, int b, int *r)
{
    *r = a + 2 + b;
}

static NOINLINE int same_char(char a, char b)
{
    if (a != b)
        return 0;
    char1 = a;
    return 1;
}

static NOINLINE int compare_text(char *a, char *b)
{
    int i = 2;
    char c = 'A';

    while (i <= 2) {
        if (same_char(a[i], b[i + 1]) == 0) {
            c = 'A';
            i++;
        } else {
            i += 2;
        }
    }
    if (c >= 'W' && c < 'Z')
        i = 7;
    if (c == 'R')
        return 1;
    if (strcmp(a, b) > 0) {
        i += 7;
        counter = i;
        return 1;
    }
    return 0;
}

static NOINLINE void choose(int choice, int *r)
{
    *r = choice;
    if (choice != 2)
        *r = 3;
    switch (choice) {
    case 0:
        *r = 0;
        break;
    case 1:
        *r = counter > 100 ? 0 : 3;
        break;
    case 2:
        *r = 1;
        break;
    case 4:
        *r = 2;
    }
}

static NOINLINE void follow(struct record **r)
{
    if (first)
        *r = first->next;
    add2(10, counter, &first->number);
}

static NOINLINE void change(struct record *p)
{
    struct record *next = p->next;

    *p->next = *first;
    p->number = 5;
    next->number = p->number;
    next->next = p->next;
    follow(&next->next);
    if (next->kind == 0) {
        next->number = 6;
        choose(p->choice, &next->choice);
        next->next = first->next;
        add2(next->number, 10, &next->number);
    } else {
        *p = *p->next;
    }
}

static NOINLINE void fill(int *a, int (*b)[50], int i, int v)
{
    int x = i + 5;

    a[x] = v;
    a[x + 1] = a[x];
    a[x + 30] = x;
    for (int k = x; k <= x + 1; k++)
        b[x][k] = x;
    b[x][x - 1]++;
    b[x + 20][x] = a[x];
    counter = 5;
}

uint32_t bench_dhry(int n)
{
    static struct record r1, r2;
    char s1[31], s2[31];
    uint32_t h = 0;
    int i1, i2, i3 = 0;

    first = &r1;
    second = &r2;
    first->next = second;
    first->kind = 0;
    first->choice = 2;
    first->number = 40;
    strcpy(first->text, "DHRYSTONE PROGRAM, SOME STRING");
    strcpy(s1, "DHRYSTONE PROGRAM, 1'ST STRING");
    for (int r = 1; r <= n * 1000; r++) {
        flag = char1 == 'A';
        char1 = 'A';
        char2 = 'B';
        i1 = 2;
        i2 = 3;
        memcpy(s2, "DHRYSTONE PROGRAM, 2'ND STRING", 31);
        flag = !compare_text(s1, s2);
        while (i1 < i2) {
            i3 = 5 * i1 - i2;
            add2(i1, i2, &i3);
            i1++;
        }
        fill(array1, array2, i1, i3);
        change(first);
        for (char c = 'A'; c <= char2; c++)
            if (same_char(c, 'C'))
                choose(0, &flag);
        i2 = i2 * i1;
        i1 = i2 / (i3 | 1);
        i2 = 7 * (i2 - i3) - i1;
        h += (uint32_t)(i2 + counter);
    }
    return h;
}
