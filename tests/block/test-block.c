/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block/file.c and block/aio.c: every request by threads (_i is 0) and by io_uring (1). */
#include "config.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/block/disk.h"

static struct disk d;
static struct block *b;

static void setup(void)
{
    disk_init(&d);
}

static void teardown(void)
{
    block_free(b);
    b = NULL;
    disk_fini(&d);
}

/* False: this host has no io_uring. */
static bool open_it(int aio, const struct block_options *o)
{
    b = disk_open(&d, aio, o);
    return b != NULL;
}

static void check_bytes(const uint8_t *p, uint64_t at, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++)
        ck_assert_msg(p[i] == disk_byte(at + i), "byte %llu is %02x", (unsigned long long)(at + i), p[i]);
}

START_TEST(reads_and_writes_at_the_borders)
{
    static const uint64_t at[] = { 0, 512, 4096 - 512, DISK_SIZE / 2, DISK_SIZE - 512 };
    uint8_t buf[512];

    if (!open_it(_i, NULL))
        return;
    ck_assert_uint_eq(block_size(b), DISK_SIZE);
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, at[i], buf, 512), 0);
        check_bytes(buf, at[i], 512);
        memset(buf, 0xa0 + (int)i, 512);
        ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, at[i], buf, 512), 0);
        ck_assert_uint_eq(disk_peek(&d, at[i]), 0xa0 + i);
        ck_assert_uint_eq(disk_peek(&d, at[i] + 511), 0xa0 + i);
    }
    ck_assert_uint_eq(disk_peek(&d, 1024), disk_byte(1024));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, DISK_SIZE, buf, 0), 0);
}
END_TEST

START_TEST(the_whole_image_at_once)
{
    g_autofree uint8_t *buf = g_malloc(DISK_SIZE);

    if (!open_it(_i, NULL))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 0, buf, DISK_SIZE), 0);
    check_bytes(buf, 0, DISK_SIZE);
}
END_TEST

START_TEST(out_of_range_is_refused)
{
    uint8_t buf[1024];

    if (!open_it(_i, NULL))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, DISK_SIZE, buf, 512), EINVAL);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, DISK_SIZE - 512, buf, 1024), EINVAL);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, UINT64_MAX - 511, buf, 512), EINVAL);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_DISCARD, 512, NULL, UINT64_MAX - 100), EINVAL);
    ck_assert_int_eq(block_read(b, DISK_SIZE, buf, 1), EINVAL);
}
END_TEST

START_TEST(a_readonly_image_is_not_written)
{
    const struct block_options o = { .readonly = true };
    uint8_t buf[512] = { 0 };

    if (!open_it(_i, &o))
        return;
    ck_assert(block_readonly(b));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 0, buf, 512), EROFS);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_DISCARD, 0, NULL, 512), EROFS);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE_ZEROES, 0, NULL, 512), EROFS);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_FLUSH, 0, NULL, 0), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 0, buf, 512), 0);
    check_bytes(buf, 0, 512);
}
END_TEST

/* More buffers than one system call takes, of odd sizes. */
START_TEST(many_buffers)
{
    enum { N = 1500 };
    static struct iovec iov[N];
    g_autofree uint8_t *buf = g_malloc0(N * 512);
    uint64_t len = 0;

    if (!open_it(_i, NULL))
        return;
    for (int i = 0; i < N; i++) {
        iov[i] = (struct iovec){ buf + 512 * i, (size_t)(i * 37 % 512) };
        len += iov[i].iov_len;
    }
    block_submitv(b, BLOCK_READ, 0, 512, iov, N, len, disk_done, &d);
    disk_wait(&d, 1);
    ck_assert_int_eq(d.error, 0);
    for (uint64_t i = 0, at = 512; i < N; at += iov[i++].iov_len)
        check_bytes(iov[i].iov_base, at, iov[i].iov_len);
    for (int i = 0; i < N; i++)
        memset(iov[i].iov_base, 0x5a, iov[i].iov_len);
    block_submitv(b, BLOCK_WRITE, BLOCK_FUA, 512, iov, N, len, disk_done, &d);
    disk_wait(&d, 2);
    ck_assert_int_eq(d.error, 0);
    ck_assert_uint_eq(disk_peek(&d, 511), disk_byte(511));
    ck_assert_uint_eq(disk_peek(&d, 512), 0x5a);
    ck_assert_uint_eq(disk_peek(&d, 512 + len - 1), 0x5a);
    ck_assert_uint_eq(disk_peek(&d, 512 + len), disk_byte(512 + len));
}
END_TEST

/* More requests at once than a ring holds. */
START_TEST(a_thousand_requests_at_once)
{
    enum { N = 1000, LEN = 4096 };
    g_autofree uint8_t *buf = g_malloc(N * LEN);

    if (!open_it(_i, NULL))
        return;
    block_plug(b);
    for (int i = 0; i < N; i++)
        block_submit(b, BLOCK_READ, (uint64_t)i * LEN, buf + i * LEN, LEN, disk_done, &d);
    ck_assert_int_eq(d.called, 0);
    block_unplug(b);
    disk_wait(&d, N);
    check_bytes(buf, 0, N * LEN);
    for (int i = 0; i < N; i++) {
        memset(buf + i * LEN, i, LEN);
        block_submit(b, BLOCK_WRITE, (uint64_t)i * LEN, buf + i * LEN, LEN, disk_done, &d);
    }
    block_drain(b);
    ck_assert_int_eq(d.called, 2 * N);
    for (int i = 0; i < N; i += 37)
        ck_assert_uint_eq(disk_peek(&d, (uint64_t)i * LEN + 4095), i & 0xff);
}
END_TEST

static int rounds;

static void count_round(void *opaque)
{
    (void)opaque;
    rounds++;
}

/* Data that is in the page cache arrives in unplug, with one call of batch_end for all. */
START_TEST(a_batch_ends_once)
{
    uint8_t buf[8][4096];

    if (!open_it(1, NULL))
        return;
    rounds = 0;
    block_set_batch_end(b, count_round, NULL);
    block_plug(b);
    for (int i = 0; i < 8; i++)
        block_submit(b, BLOCK_READ, 8192 * (uint64_t)i, buf[i], 4096, disk_done, &d);
    block_unplug(b);
    ck_assert_int_eq(d.called, 8);
    ck_assert_int_eq(rounds, 1);
    check_bytes(buf[7], 7 * 8192, 4096);
}
END_TEST

static uint64_t host_blocks(void)
{
    struct stat st;

    ck_assert(!stat(d.file, &st));
    return (uint64_t)st.st_blocks;
}

START_TEST(discard_gives_space_back)
{
    const struct block_options o = { .discard = true };
    uint64_t before = host_blocks();
    uint8_t buf[512];

    if (!open_it(_i, &o))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_DISCARD, 1 << 20, NULL, 1 << 20), 0);
    ck_assert_uint_lt(host_blocks(), before);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 1 << 20, buf, 512), 0);
    ck_assert_uint_eq(buf[0], 0);
    ck_assert_uint_eq(disk_peek(&d, (1 << 20) - 1), disk_byte((1 << 20) - 1));
    ck_assert_uint_eq(disk_peek(&d, 2 << 20), disk_byte(2 << 20));
    ck_assert_uint_eq(block_size(b), DISK_SIZE);
}
END_TEST

START_TEST(discard_does_nothing_unless_asked_for)
{
    if (!open_it(_i, NULL))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_DISCARD, 0, NULL, 1 << 20), 0);
    ck_assert_uint_eq(disk_peek(&d, 0), disk_byte(0));
}
END_TEST

START_TEST(zeroes_are_written)
{
    if (!open_it(_i, NULL))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE_ZEROES, 512, NULL, 300 * 512), 0);
    ck_assert_uint_eq(disk_peek(&d, 511), disk_byte(511));
    for (uint64_t at = 512; at < 301 * 512; at += 509)
        ck_assert_uint_eq(disk_peek(&d, at), 0);
    ck_assert_uint_eq(disk_peek(&d, 301 * 512), disk_byte(301 * 512));
}
END_TEST

START_TEST(zeroes_in_a_write_are_found)
{
    const struct block_options o = { .discard = true, .detect_zeroes = BLOCK_DETECT_UNMAP };
    g_autofree uint8_t *zeroes = g_malloc0(1 << 20);
    uint64_t before = host_blocks();

    if (!open_it(_i, &o))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 1 << 20, zeroes, 1 << 20), 0);
    ck_assert_uint_lt(host_blocks(), before);
    ck_assert_uint_eq(disk_peek(&d, 1 << 20), 0);
    before = host_blocks();
    zeroes[(1 << 20) - 1] = 1;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 1 << 20, zeroes, 1 << 20), 0);
    ck_assert_uint_gt(host_blocks(), before);
    ck_assert_uint_eq(disk_peek(&d, (2 << 20) - 1), 1);
}
END_TEST

START_TEST(flush_succeeds_and_may_be_ignored)
{
    const struct block_options o = { .no_flush = true };
    uint8_t buf[512] = { 1 };

    if (!open_it(_i, NULL))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 0, buf, 512), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_FLUSH, 0, NULL, 0), 0);
    block_free(b);
    ck_assert(open_it(_i, &o));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_FLUSH, 0, NULL, 0), 0);
}
END_TEST

/* Any alignment will do for the guest, whatever the host's disk wants. */
START_TEST(past_the_page_cache)
{
    const struct block_options o = { .direct = true };
    g_autoptr(GError) err = NULL;
    g_autofree uint8_t *mem = g_malloc(64 << 10);
    uint8_t *page = (uint8_t *)(((uintptr_t)mem + 4095) & ~(uintptr_t)4095);

    b = block_open("test", d.file, &o, d.loop, &err);
    if (!b) {
        printf("skipped: %s\n", err->message);
        return;
    }
    block_free(b);
    b = NULL;
    if (!open_it(_i, &o))
        return;
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 8192, page, 16384), 0);
    check_bytes(page, 8192, 16384);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 512, page + 3, 1536), 0);
    check_bytes(page + 3, 512, 1536);
    memset(page, 0x11, 8192);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 4096, page, 4096), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 8192 + 512, page + 1, 512), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 4096, page, 8192), 0);
    ck_assert_uint_eq(page[4095], 0x11);
    ck_assert_uint_eq(page[4096], disk_byte(8192));
    ck_assert_uint_eq(page[4096 + 512], 0x11);
}
END_TEST

START_TEST(a_file_that_became_shorter)
{
    uint8_t buf[1024];

    if (!open_it(_i, NULL))
        return;
    ck_assert(!truncate(d.file, 1536));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 0, buf, 1024), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 1024, buf, 1024), EIO);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 1 << 20, buf, 512), EIO);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_WRITE, 1 << 20, buf, 512), 0);
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 1 << 20, buf, 512), 0);
}
END_TEST

START_TEST(closing_waits_and_drops_callbacks)
{
    g_autofree uint8_t *buf = g_malloc(DISK_SIZE);

    if (!open_it(_i, NULL))
        return;
    for (int i = 0; i < 64; i++)
        block_submit(b, BLOCK_WRITE, 65536 * (uint64_t)i, memset(buf + 65536 * i, i, 65536), 65536, disk_done, &d);
    block_free(b);
    b = NULL;
    ck_assert_int_eq(d.called, 0);
    while (event_loop_poll(d.loop, false))
        ;
    ck_assert_int_eq(d.called, 0);
    ck_assert_uint_eq(disk_peek(&d, 65536 * 64 - 1), 63);
}
END_TEST

/* ---- locks ---- */

static struct block *try_open(bool readonly, bool no_lock)
{
    const struct block_options o = { .readonly = readonly, .no_lock = no_lock };
    g_autoptr(GError) err = NULL;
    struct block *x = block_open("second", d.file, &o, d.loop, &err);

    ck_assert_msg(x || strstr(err->message, "is in use by another"), "%s", x ? "" : err->message);
    return x;
}

START_TEST(one_writer_or_many_readers)
{
    struct block *x;

    b = try_open(false, false);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_null(try_open(false, false));
    ck_assert_ptr_null(try_open(true, false));
    x = try_open(false, true);
    ck_assert_ptr_nonnull(x);
    block_free(x);
    block_free(b);
    b = try_open(true, false);
    x = try_open(true, false);
    ck_assert_ptr_nonnull(x);
    ck_assert_ptr_null(try_open(false, false));
    block_free(x);
}
END_TEST

/* ---- a host without io_uring ---- */

static void refuse_io_uring(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = { G_N_ELEMENTS(filter), filter };

    ck_assert(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    ck_assert(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
}

START_TEST(threads_take_over_where_io_uring_is_refused)
{
    struct block_options o = { 0 };
    g_autoptr(GError) err = NULL;
    uint8_t buf[512];

    refuse_io_uring();
    b = block_open("test", d.file, &o, d.loop, NULL);
    ck_assert_ptr_nonnull(b);
    ck_assert(!block_uring(b));
    ck_assert_int_eq(disk_do(&d, b, BLOCK_READ, 512, buf, 512), 0);
    check_bytes(buf, 512, 512);
    block_free(b);
    o.aio = BLOCK_AIO_URING;
    b = block_open("test", d.file, &o, d.loop, &err);
    ck_assert_ptr_null(b);
    ck_assert_ptr_nonnull(strstr(err->message, "use aio=threads"));
}
END_TEST

/* ---- a full disk ---- */

START_TEST(a_full_disk_is_an_error_until_there_is_room)
{
    g_autofree uint8_t *buf = g_malloc(1 << 20);
    struct disk small;

    if (!disk_init_small(&small, "1M"))
        return;
    memset(buf, 0x77, 1 << 20);
    b = disk_open(&small, _i, NULL);
    if (b) {
        FILE *f = fopen(disk_path(&small, "ballast"), "we");

        ck_assert(fwrite(buf, 1, 512 << 10, f) == 512 << 10 && !fclose(f));
        ck_assert_int_eq(disk_do(&small, b, BLOCK_WRITE, 0, buf, 64 << 10), 0);
        ck_assert_int_eq(disk_do(&small, b, BLOCK_WRITE, 64 << 10, buf, 900 << 10), ENOSPC);
        ck_assert_int_eq(disk_do(&small, b, BLOCK_WRITE_ZEROES, 2 << 20, NULL, 1 << 20), ENOSPC);
        ck_assert(!unlink(disk_path(&small, "ballast")));
        ck_assert_int_eq(disk_do(&small, b, BLOCK_WRITE, 64 << 10, buf, 600 << 10), 0);
        ck_assert_uint_eq(disk_peek(&small, (664 << 10) - 1), 0x77);
        block_free(b);
        b = NULL;
    }
    disk_fini(&small);
}
END_TEST

START_TEST(error_policies)
{
    static const struct {
        enum block_on_error on;
        bool reading;
        int error;
        enum block_action action;
    } rows[] = {
        { BLOCK_ON_AUTO, true, EIO, BLOCK_DO_REPORT }, { BLOCK_ON_AUTO, false, EIO, BLOCK_DO_REPORT },
        { BLOCK_ON_AUTO, false, ENOSPC, BLOCK_DO_STOP }, { BLOCK_ON_AUTO, false, EDQUOT, BLOCK_DO_STOP },
        { BLOCK_ON_REPORT, false, ENOSPC, BLOCK_DO_REPORT }, { BLOCK_ON_IGNORE, false, ENOSPC, BLOCK_DO_IGNORE },
        { BLOCK_ON_IGNORE, true, EIO, BLOCK_DO_IGNORE }, { BLOCK_ON_STOP, true, EIO, BLOCK_DO_STOP },
        { BLOCK_ON_STOP, false, EIO, BLOCK_DO_STOP },
    };

    ck_assert(open_it(0, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        block_set_on_error(b, rows[i].on, rows[i].on);
        ck_assert_int_eq(block_error(b, rows[i].reading, rows[i].error, BLOCK_ON_AUTO), rows[i].action);
        block_set_on_error(b, BLOCK_ON_AUTO, BLOCK_ON_AUTO);
        ck_assert_int_eq(block_error(b, rows[i].reading, rows[i].error, rows[i].on), rows[i].action);
        block_resumed(b);
    }
}
END_TEST

/* ---- raw, a part of a file ---- */

START_TEST(a_part_of_a_file)
{
    struct block *raw;
    uint8_t buf[512];

    if (!open_it(_i, NULL))
        return;
    ck_assert_ptr_null(block_open_raw("r", b, 512, DISK_SIZE, d.loop, NULL));
    ck_assert_ptr_null(block_open_raw("r", b, 100, 512, d.loop, NULL));
    ck_assert_ptr_null(block_open_raw("r", b, DISK_SIZE, 0, d.loop, NULL));
    raw = block_open_raw("r", b, 4096, 8192, d.loop, NULL);
    ck_assert_ptr_nonnull(raw);
    ck_assert_uint_eq(block_size(raw), 8192);
    ck_assert_int_eq(disk_do(&d, raw, BLOCK_READ, 512, buf, 512), 0);
    check_bytes(buf, 4096 + 512, 512);
    ck_assert_int_eq(disk_do(&d, raw, BLOCK_READ, 8192, buf, 512), EINVAL);
    ck_assert_int_eq(block_read(raw, 8191, buf, 1), 0);
    ck_assert_uint_eq(buf[0], disk_byte(4096 + 8191));
    block_free(raw);
}
END_TEST

static Suite *block_suite(void)
{
    Suite *s = suite_create("block");
    TCase *t = tcase_create("block");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, reads_and_writes_at_the_borders, 0, 2);
    tcase_add_loop_test(t, the_whole_image_at_once, 0, 2);
    tcase_add_loop_test(t, out_of_range_is_refused, 0, 2);
    tcase_add_loop_test(t, a_readonly_image_is_not_written, 0, 2);
    tcase_add_loop_test(t, many_buffers, 0, 2);
    tcase_add_loop_test(t, a_thousand_requests_at_once, 0, 2);
    tcase_add_test(t, a_batch_ends_once);
    tcase_add_loop_test(t, discard_gives_space_back, 0, 2);
    tcase_add_loop_test(t, discard_does_nothing_unless_asked_for, 0, 2);
    tcase_add_loop_test(t, zeroes_are_written, 0, 2);
    tcase_add_loop_test(t, zeroes_in_a_write_are_found, 0, 2);
    tcase_add_loop_test(t, flush_succeeds_and_may_be_ignored, 0, 2);
    tcase_add_loop_test(t, past_the_page_cache, 0, 2);
    tcase_add_loop_test(t, a_file_that_became_shorter, 0, 2);
    tcase_add_loop_test(t, closing_waits_and_drops_callbacks, 0, 2);
    tcase_add_test(t, one_writer_or_many_readers);
    tcase_add_test(t, threads_take_over_where_io_uring_is_refused);
    tcase_add_loop_test(t, a_full_disk_is_an_error_until_there_is_room, 0, 2);
    tcase_add_test(t, error_policies);
    tcase_add_loop_test(t, a_part_of_a_file, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(block_suite)
