/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block/overlay.c: what was written is read back, the rest comes from the image, and the image stays as it is. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "block/internal.h"
#include "tests/block/disk.h"
#include "util/rng.h"

static struct disk d;
static struct block *base, *b;
static char *digest;
static bool committed;

static char *image_digest(void)
{
    g_autofree char *data = NULL;
    gsize len;

    ck_assert(g_file_get_contents(d.file, &data, &len, NULL));
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, len);
}

static void setup(void)
{
    const struct block_options o = { .readonly = true };
    g_autoptr(GError) err = NULL;

    disk_init(&d);
    committed = false;
    digest = image_digest();
    base = block_open("base", d.file, &o, d.loop, NULL);
    b = block_open_overlay("top", base, d.loop, &err);
    ck_assert_msg(b, "%s", err ? err->message : "");
}

static void teardown(void)
{
    g_autofree char *now = image_digest();

    if (!committed)
        ck_assert_str_eq(now, digest);
    g_free(digest);
    block_free(b);
    block_free(base);
    disk_fini(&d);
}

START_TEST(untouched_sectors_are_the_images)
{
    uint8_t buf[4096];

    ck_assert(!block_readonly(b));
    ck_assert_uint_eq(block_size(b), DISK_SIZE);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 8192, buf, 4096), 0);
    for (int i = 0; i < 4096; i++)
        ck_assert_uint_eq(buf[i], disk_byte(8192 + i));
}
END_TEST

START_TEST(last_sector)
{
    uint8_t buf[512];

    memset(buf, 9, 512);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, DISK_SIZE - 512, buf, 512), 0);
    memset(buf, 0, 512);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, DISK_SIZE - 512, buf, 512), 0);
    ck_assert_uint_eq(buf[511], 9);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_FLUSH, 0, NULL, 0), 0);
}
END_TEST

/* Random requests, of whole sectors and not, against a copy in memory. */
START_TEST(random_requests_agree_with_a_copy)
{
    g_autofree uint8_t *copy = g_malloc(DISK_SIZE), *buf = g_malloc(65536);
    struct rng r;

    rng_init(&r, 77);
    for (uint64_t i = 0; i < DISK_SIZE; i++)
        copy[i] = disk_byte(i);
    for (int i = 0; i < 3000; i++) {
        bool sectors = rng_below(&r, 2);
        uint64_t len = 1 + rng_below(&r, rng_below(&r, 8) ? 3000 : 65535), at = rng_below(&r, (uint32_t)(DISK_SIZE - len));

        if (sectors) {
            at &= ~(uint64_t)511;
            len = MIN((len + 511) & ~(uint64_t)511, 65536);
        }
        switch (rng_below(&r, 4)) {
        case 0:
            ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE_ZEROES, at, NULL, len), 0);
            memset(copy + at, 0, len);
            break;
        case 1:
            rng_bytes(&r, buf, len);
            ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, at, buf, len), 0);
            memcpy(copy + at, buf, len);
            break;
        default:
            memset(buf, 0xee, len);
            ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, at, buf, len), 0);
            ck_assert_msg(!memcmp(copy + at, buf, len), "request %d: %llu bytes at %llu differ", i, (unsigned long long)len,
                          (unsigned long long)at);
        }
    }
}
END_TEST

START_TEST(neighbours_at_once)
{
    enum { N = 512, LEN = 1000 };        /* they share sectors */
    g_autofree uint8_t *buf = g_malloc(N * LEN);

    for (int i = 0; i < N; i++)
        block_submit(b, BLOCK_WRITE, (uint64_t)i * LEN, memset(buf + i * LEN, i, LEN), LEN, disk_done, &d);
    disk_wait(&d, N);
    for (int i = 0; i < N; i++) {
        uint8_t back[LEN];

        ck_assert_int_eq(block_read(b, (uint64_t)i * LEN, back, LEN), 0);
        ck_assert_msg(!memcmp(back, buf + i * LEN, LEN), "request %d", i);
    }
}
END_TEST

START_TEST(written_back_into_the_image)
{
    static const uint64_t at[] = { 0, 512, 64 * 512 - 512, 64 * 512, 2 << 20, DISK_SIZE - 512 };
    g_autofree uint8_t *big = g_malloc(1 << 20);
    g_autoptr(GError) err = NULL;
    const struct block_options shared = { .readonly = true };
    struct block *other = block_open("other", d.file, &shared, d.loop, NULL);
    uint8_t buf[512];

    committed = true;
    memset(big, 0x99, 1 << 20);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, (2 << 20) + 512, big, 1 << 20), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
        ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, at[i], memset(buf, 0x40 + (int)i, 512), 512), 0);
    ck_assert(!block_commit(b, &err));           /* somebody else reads it */
    ck_assert_ptr_nonnull(strstr(err->message, "cannot be written: another drive or process uses it"));
    ck_assert_uint_eq(disk_peek(&d, 0), disk_byte(0));
    block_free(other);
    ck_assert(block_commit(b, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
        ck_assert_uint_eq(disk_peek(&d, at[i] + 511), 0x40 + i);
    ck_assert_uint_eq(disk_peek(&d, (3 << 20) + 511), 0x99);
    ck_assert_uint_eq(disk_peek(&d, (3 << 20) + 512), disk_byte((3 << 20) + 512));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 512, buf, 512), 0);
    ck_assert_uint_eq(buf[0], 0x41);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 1024, memset(buf, 7, 512), 512), 0);
    ck_assert_uint_eq(disk_peek(&d, 1024), disk_byte(1024));
    ck_assert(block_commit(b, NULL));
    ck_assert_uint_eq(disk_peek(&d, 1024), 7);
    ck_assert(!block_commit(base, NULL));
}
END_TEST

START_TEST(no_folder_for_the_file)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *old = g_strdup(g_getenv("TMPDIR"));

    g_setenv("TMPDIR", "/nonexistent", true);
    ck_assert_ptr_null(block_open_overlay("x", base, d.loop, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "/nonexistent: No such file or directory; set TMPDIR"));
    if (old)
        g_setenv("TMPDIR", old, true);
    else
        g_unsetenv("TMPDIR");
}
END_TEST

static Suite *overlay_suite(void)
{
    Suite *s = suite_create("overlay");
    TCase *t = tcase_create("overlay");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, untouched_sectors_are_the_images);
    tcase_add_test(t, last_sector);
    tcase_add_test(t, random_requests_agree_with_a_copy);
    tcase_add_test(t, neighbours_at_once);
    tcase_add_test(t, written_back_into_the_image);
    tcase_add_test(t, no_folder_for_the_file);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(overlay_suite)
