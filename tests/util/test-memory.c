/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of util/arena.c, util/jitmem.c and util/rng.c. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "util/arena.h"
#include "util/jitmem.h"
#include "util/rng.h"

START_TEST(arena_blocks_are_aligned_and_apart)
{
    struct arena a;
    char *last = NULL;

    arena_init(&a);
    for (size_t i = 1; i < 2000; i++) {
        char *p = arena_alloc(&a, i);

        ck_assert_uint_eq((uintptr_t)p % ARENA_ALIGN, 0);
        memset(p, (int)i, i);
        if (last)
            ck_assert_int_eq(last[0], (char)(i - 1));
        last = p;
    }
    arena_fini(&a);
}
END_TEST

START_TEST(arena_reset_reuses_memory)
{
    struct arena a;
    void *first;

    arena_init(&a);
    first = arena_alloc(&a, 100);
    arena_alloc(&a, 1000 * 1000);
    arena_alloc(&a, 100);
    arena_reset(&a);
    ck_assert_uint_eq(arena_used(&a), 0);
    ck_assert_ptr_eq(arena_alloc(&a, 100), first);
    ck_assert_uint_eq(arena_used(&a), 112);
    arena_fini(&a);
}
END_TEST

START_TEST(arena_takes_large_blocks_after_small_chunks)
{
    struct arena a;
    char *big;

    arena_init(&a);
    for (int round = 0; round < 3; round++) {
        arena_alloc(&a, 60000);
        arena_alloc(&a, 60000);
        big = arena_alloc0(&a, 300000);
        ck_assert_int_eq(big[299999], 0);
        memset(big, 1, 300000);
        arena_reset(&a);
    }
    arena_fini(&a);
}
END_TEST

START_TEST(arena_text)
{
    struct arena a;

    arena_init(&a);
    ck_assert_str_eq(arena_printf(&a, "%d-%s", 12, "x"), "12-x");
    arena_fini(&a);
}
END_TEST

START_TEST(jitmem_views_show_the_same_bytes)
{
    struct jitmem *j = jitmem_new(100000, NULL);
    uint8_t *exec;

    ck_assert_ptr_nonnull(j);
    ck_assert_uint_ge(j->size, 100000);
    ck_assert_ptr_ne(j->rw, j->rx);
    j->rw[5000] = 0x5a;
    exec = jitmem_exec_ptr(j, j->rw + 5000);
    ck_assert_uint_eq(*exec, 0x5a);
    ck_assert_ptr_eq(jitmem_write_ptr(j, exec), j->rw + 5000);
    ck_assert(jitmem_contains(j, (uintptr_t)exec));
    ck_assert(!jitmem_contains(j, (uintptr_t)j->rx + j->size));
    ck_assert(!jitmem_contains(j, (uintptr_t)j->rx - 1));
    ck_assert(jitmem_near(j, j->rx));
    jitmem_free(j);
}
END_TEST

START_TEST(unmapped_pages_of_the_written_view_come_back)
{
    struct jitmem *j = jitmem_new(100000, NULL);

    memset(j->rw, 0x11, 20000);
    jitmem_unmap_written(j, 20000);
    jitmem_unmap_written(j, j->size + 1);
    for (size_t i = 0; i < 20000; i++)
        ck_assert_uint_eq(j->rx[i], 0x11);
    j->rw[100] = 0x22;
    ck_assert_uint_eq(j->rw[101], 0x11);
    ck_assert_uint_eq(j->rx[100], 0x22);
    jitmem_free(j);
}
END_TEST

/* No line of the process's map may be writable and executable. */
START_TEST(jitmem_is_never_writable_and_executable)
{
    struct jitmem *j = jitmem_new(4096, NULL);
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    int seen = 0;

    while (fgets(line, sizeof(line), maps)) {
        if (!strstr(line, "tinamou-code"))
            continue;
        seen++;
        ck_assert_msg(!strstr(line, "rwx"), "%s", line);
    }
    fclose(maps);
    ck_assert_int_eq(seen, 2);
    jitmem_free(j);
}
END_TEST

#ifdef CONFIG_HOST_X86_64
START_TEST(jitmem_code_runs)
{
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov, ret */
    struct jitmem *j = jitmem_new(4096, NULL);
    int (*fn)(void);
    void *p = j->rx;

    memcpy(j->rw, code, sizeof(code));
    jitmem_flush(j, j->rx, sizeof(code));
    memcpy(&fn, &p, sizeof(fn));
    ck_assert_int_eq(fn(), 42);
    jitmem_free(j);
}
END_TEST
#endif

START_TEST(jitmem_too_large_is_an_error)
{
    GError *err = NULL;

    ck_assert_ptr_null(jitmem_new((size_t)1 << 62, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "code memory of"));
    g_error_free(err);
}
END_TEST

START_TEST(rng_repeats_from_its_seed)
{
    struct rng a, b, c;
    uint8_t x[13] = {0}, y[13] = {1};
    int same = 0;

    rng_init(&a, 7);
    rng_init(&b, 7);
    rng_init(&c, 8);
    for (int i = 0; i < 100; i++) {
        uint64_t v = rng_u64(&a);

        ck_assert(v == rng_u64(&b));
        same += v == rng_u64(&c);
    }
    ck_assert_int_eq(same, 0);
    rng_bytes(&a, x, sizeof(x));
    rng_bytes(&b, y, sizeof(y));
    ck_assert_mem_eq(x, y, sizeof(x));
}
END_TEST

START_TEST(rng_below_covers_its_range)
{
    struct rng r;
    unsigned seen[10] = {0};

    rng_init(&r, 1);
    for (int i = 0; i < 10000; i++) {
        uint32_t v = rng_below(&r, 10);

        ck_assert_uint_lt(v, 10);
        seen[v]++;
    }
    for (int i = 0; i < 10; i++)
        ck_assert(seen[i] > 800 && seen[i] < 1200);
    ck_assert_uint_eq(rng_below(&r, 1), 0);
}
END_TEST

START_TEST(rng_host_differs)
{
    uint64_t a = 0, b = 0;

    rng_host_bytes(&a, sizeof(a));
    rng_host_bytes(&b, sizeof(b));
    ck_assert(a != b);
}
END_TEST

static Suite *suite_memory(void)
{
    Suite *s = suite_create("memory");
    TCase *arena = tcase_create("arena");
    TCase *jitmem = tcase_create("jitmem");
    TCase *rng = tcase_create("rng");

    tcase_add_test(arena, arena_blocks_are_aligned_and_apart);
    tcase_add_test(arena, arena_reset_reuses_memory);
    tcase_add_test(arena, arena_takes_large_blocks_after_small_chunks);
    tcase_add_test(arena, arena_text);
    tcase_add_test(jitmem, jitmem_views_show_the_same_bytes);
    tcase_add_test(jitmem, jitmem_is_never_writable_and_executable);
    tcase_add_test(jitmem, unmapped_pages_of_the_written_view_come_back);
#ifdef CONFIG_HOST_X86_64
    tcase_add_test(jitmem, jitmem_code_runs);
#endif
    tcase_add_test(jitmem, jitmem_too_large_is_an_error);
    tcase_add_test(rng, rng_repeats_from_its_seed);
    tcase_add_test(rng, rng_below_covers_its_range);
    tcase_add_test(rng, rng_host_differs);
    suite_add_tcase(s, arena);
    suite_add_tcase(s, jitmem);
    suite_add_tcase(s, rng);
    return s;
}
TEST_SUITE(suite_memory)
