/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softmmu/loader.c: formats, and files that are not what they should be. */
#include "config.h"
#include <string.h>
#include <zlib.h>
#include "softmmu/loader.h"
#include "tests/dev/harness.h"
#include "util/endian.h"
#include "util/rng.h"

static struct harness *h;
static struct loader *l;
static struct kernel k;
static uint8_t *ram;
static bool is_64bit;

static void setup(void)
{
    h = harness_new();
    is_64bit = false;
    l = loader_new(h->m->bus, HARNESS_RAM, HARNESS_RAM_SIZE);
    ram = bus_ram(h->m->bus, HARNESS_RAM, NULL, NULL);
}

static void teardown(void)
{
    loader_free(l);
    harness_free(h);
}

static char *write_file(const void *data, size_t len)
{
    char *path = g_strdup_printf("%s/kernel", h->dir);

    FILE *f = fopen(path, "wb");       /* not g_file_set_contents, which waits for the disk */

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    fclose(f);
    return path;
}

static bool load(const void *data, size_t len, GError **err)
{
    g_autofree char *path = write_file(data, len);

    loader_free(l);
    l = loader_new(h->m->bus, HARNESS_RAM, HARNESS_RAM_SIZE);
    return loader_add_arm_kernel(l, path, is_64bit, &k, err);
}

/* Refused, with one line that names the file and holds the text. */
static void must_refuse(const void *data, size_t len, const char *text)
{
    g_autoptr(GError) err = NULL;

    ck_assert(!load(data, len, &err));
    ck_assert_msg(strstr(err->message, text) != NULL, "%s", err->message);
    ck_assert_ptr_nonnull(strstr(err->message, h->dir));
    ck_assert_ptr_null(strchr(err->message, '\n'));
}

static void must_load(const void *data, size_t len)
{
    g_autoptr(GError) err = NULL;
    bool ok = load(data, len, &err);

    ck_assert_msg(ok, "%s", err ? err->message : "");
    loader_reset(l);
}

/* ---- makers ---- */

static void make_zimage(uint8_t *f, uint32_t len)
{
    memset(f, 0x5a, len);
    st32_le(f + 0x24, 0x016f2818);
    st32_le(f + 0x28, 0);
    st32_le(f + 0x2c, len);
    st32_le(f + 0x30, 0x04030201);
}

static void seal_uimage(uint8_t *f, uint32_t size)
{
    st32_be(f + 12, size);
    st32_be(f + 24, (uint32_t)crc32(0, f + 64, size));
    st32_be(f + 4, 0);
    st32_be(f + 4, (uint32_t)crc32(0, f, 64));
}

static void make_uimage(uint8_t *f, uint32_t size, uint32_t load, uint32_t entry, uint8_t comp)
{
    memset(f, 0, 64);
    st32_be(f, 0x27051956);
    st32_be(f + 16, load);
    st32_be(f + 20, entry);
    f[28] = 5;
    f[29] = 2;
    f[30] = 2;
    f[31] = comp;
    seal_uimage(f, size);
}

/* One segment of 16 bytes at 0x54, which takes 0x100 in memory. */
static void make_elf(uint8_t *f)
{
    memset(f, 0, 0x64);
    memcpy(f, "\x7f" "ELF\1\1\1", 7);
    st16_le(f + 16, 2);
    st16_le(f + 18, 40);
    st32_le(f + 24, 0xc0000100);
    st32_le(f + 28, 52);
    st16_le(f + 42, 32);
    st16_le(f + 44, 1);
    st32_le(f + 52, 1);
    st32_le(f + 56, 0x54);
    st32_le(f + 60, 0xc0000100);
    st32_le(f + 64, HARNESS_RAM + 0x2000);
    st32_le(f + 68, 16);
    st32_le(f + 72, 0x100);
    memcpy(f + 0x54, "segment contents", 16);
}

/* ---- tests ---- */

START_TEST(zimage)
{
    uint8_t f[256];

    make_zimage(f, sizeof(f));
    must_load(f, sizeof(f));
    ck_assert_int_eq(k.format, KERNEL_ZIMAGE);
    ck_assert(k.linux_boot);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x10000);
    ck_assert_mem_eq(ram + 0x10000, f, sizeof(f));
    must_refuse(f, 200, "truncated: its header says 256 bytes, there are 200");
    st32_be(f + 0x30, 0x04030201);
    must_refuse(f, sizeof(f), "big-endian");
}
END_TEST

START_TEST(image_and_bare_code)
{
    uint8_t f[64] = { 0 };

    st32_le(f + 4, 0xe10f9000);
    must_load(f, sizeof(f));
    ck_assert_int_eq(k.format, KERNEL_IMAGE);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x8000);
    st32_le(f + 4, 0xeafffffe);
    must_load(f, sizeof(f));
    ck_assert_int_eq(k.format, KERNEL_RAW);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x10000);
}
END_TEST

START_TEST(uimage)
{
    uint8_t f[64 + 100];

    memset(f + 64, 7, 100);
    make_uimage(f, 100, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8040, 0);
    must_load(f, sizeof(f));
    ck_assert_int_eq(k.format, KERNEL_UIMAGE);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x8040);
    ck_assert_mem_eq(ram + 0x8000, f + 64, 100);
    must_refuse(f, 150, "truncated");
    must_refuse(f, 40, "truncated");
    f[70]++;
    must_refuse(f, sizeof(f), "checksum of the uImage's data");
    f[20]++;
    must_refuse(f, sizeof(f), "checksum of the uImage header");
    make_uimage(f, 100, 0x80008000, HARNESS_RAM + 0x8040, 0);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_uimage(f, 100, HARNESS_RAM + 0x8000, 0x8040, 0);
    must_refuse(f, sizeof(f), "entry point");
    make_uimage(f, 100, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8000, 4);
    must_refuse(f, sizeof(f), "method 4");
    make_uimage(f, 100, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8000, 0);
    f[29] = 22;
    seal_uimage(f, 100);
    must_refuse(f, sizeof(f), "another machine");
}
END_TEST

START_TEST(uimage_with_gzip)
{
    static uint8_t data[100000], f[64 + 4096];
    z_stream z = { .next_in = data, .avail_in = sizeof(data), .next_out = f + 64, .avail_out = 4096 };

    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i >> 8);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    make_uimage(f, (uint32_t)z.total_out, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8000, 1);
    must_load(f, 64 + z.total_out);
    ck_assert_mem_eq(ram + 0x8000, data, sizeof(data));
    memset(f + 80, 0xff, 16);
    make_uimage(f, (uint32_t)z.total_out, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8000, 1);
    must_refuse(f, 64 + z.total_out, "damaged");
}
END_TEST

START_TEST(elf)
{
    uint8_t f[0x64];

    make_elf(f);
    memset(ram + 0x2000, 0xff, 0x200);
    must_load(f, sizeof(f));
    ck_assert(!k.linux_boot);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x2000);
    ck_assert_uint_eq(k.low, HARNESS_RAM + 0x2000);
    ck_assert_uint_eq(k.high, HARNESS_RAM + 0x2100);
    ck_assert_mem_eq(ram + 0x2000, "segment contents\0\0\0", 19);
    ck_assert_uint_eq(ram[0x2100], 0xff);
}
END_TEST

START_TEST(hostile_elfs)
{
    uint8_t f[0x64];

    make_elf(f);
    must_refuse(f, 40, "truncated");
    must_refuse(f, 60, "truncated");
    must_refuse(f, sizeof(f) - 1, "truncated");
    st32_le(f + 56, 0xfffffff8);
    must_refuse(f, sizeof(f), "truncated");
    make_elf(f);
    st32_le(f + 28, 0xfffffff0);
    must_refuse(f, sizeof(f), "truncated");
    make_elf(f);
    st32_le(f + 72, 8);
    must_refuse(f, sizeof(f), "damaged");
    make_elf(f);
    st32_le(f + 72, 0xffffffff);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_elf(f);
    st32_le(f + 64, 0xc0000000);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_elf(f);
    st16_le(f + 18, 62);
    must_refuse(f, sizeof(f), "x86-64");
    make_elf(f);
    st16_le(f + 16, 3);
    must_refuse(f, sizeof(f), "no executable");
    make_elf(f);
    st32_le(f + 52, 4);
    must_refuse(f, sizeof(f), "nothing to load");
}
END_TEST

START_TEST(kernels_of_others)
{
    static uint8_t f[1024];

    memcpy(f + 0x202, "HdrS", 4);
    must_refuse(f, sizeof(f), "x86");
    memset(f, 0, sizeof(f));
    memcpy(f, "MZ", 2);
    memcpy(f + 0x38, "ARM\x64", 4);
    must_refuse(f, sizeof(f), "AArch64");
    must_refuse("\x1f\x8b\x08 and so on", 14, "gunzip");
    must_refuse("070701 and so on", 16, "-initrd");
    must_refuse("!<arch>\ndebian-binary", 21, "Debian package");
}
END_TEST

/* Linux Documentation/arm64/booting: text_offset, image_size, flags, magic. */
static void make_image64(uint8_t *f, size_t len, uint64_t offset, uint64_t size, uint64_t flags)
{
    memset(f, 0x5a, len);
    st64_le(f + 8, offset);
    st64_le(f + 16, size);
    st64_le(f + 24, flags);
    memcpy(f + 56, "ARM\x64", 4);
}

START_TEST(image_for_64_bits)
{
    uint8_t f[256];

    is_64bit = true;
    make_image64(f, sizeof(f), 0, 0x10000, 10);
    must_load(f, sizeof(f));
    ck_assert_int_eq(k.format, KERNEL_IMAGE);
    ck_assert(k.linux_boot);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x200000);
    ck_assert_uint_eq(k.high, HARNESS_RAM + 0x210000);
    ck_assert_mem_eq(ram + 0x200000, f, sizeof(f));
    make_image64(f, sizeof(f), 0x80000, 0x10000, 0);
    must_load(f, sizeof(f));
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x80000);
    make_image64(f, sizeof(f), 0x1234, 0, 0);    /* says nothing */
    must_load(f, sizeof(f));
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x80000);
    ck_assert_uint_eq(k.high, HARNESS_RAM + 0x80000 + sizeof(f));
    make_image64(f, sizeof(f), 0, 0x10000, 1);
    must_refuse(f, sizeof(f), "big-endian");
    make_image64(f, sizeof(f), 0, HARNESS_RAM_SIZE, 0);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_image64(f, sizeof(f), UINT64_MAX - 10, 100, 0);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_image64(f, sizeof(f), 0x80000, UINT64_MAX, 0);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_image64(f, sizeof(f), 0, 0x10000, 0);
    must_refuse(f, 62, "truncated");
    is_64bit = false;
    must_refuse(f, sizeof(f), "cortex-a57");
}
END_TEST

START_TEST(gzip_for_64_bits)
{
    static uint8_t f[100000], packed[4096];
    z_stream z = { .next_in = f, .avail_in = sizeof(f), .next_out = packed, .avail_out = sizeof(packed) };

    is_64bit = true;
    make_image64(f, sizeof(f), 0x80000, sizeof(f), 0);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    must_load(packed, z.total_out);
    ck_assert_mem_eq(ram + 0x80000, f, sizeof(f));
    must_refuse(packed, z.total_out - 1, "damaged");
}
END_TEST

/* One segment of 16 bytes at 0x78, which takes 0x100 in memory. */
static void make_elf64(uint8_t *f)
{
    memset(f, 0, 0x88);
    memcpy(f, "\x7f" "ELF\2\1\1", 7);
    st16_le(f + 16, 2);
    st16_le(f + 18, 183);
    st64_le(f + 24, 0xffff000000000104);
    st64_le(f + 32, 64);
    st16_le(f + 54, 56);
    st16_le(f + 56, 1);
    st32_le(f + 64, 1);
    st64_le(f + 72, 0x78);
    st64_le(f + 80, 0xffff000000000100);
    st64_le(f + 88, HARNESS_RAM + 0x2000);
    st64_le(f + 96, 16);
    st64_le(f + 104, 0x100);
    memcpy(f + 0x78, "segment contents", 16);
}

START_TEST(elf_for_64_bits)
{
    uint8_t f[0x88];

    is_64bit = true;
    make_elf64(f);
    must_load(f, sizeof(f));
    ck_assert(!k.linux_boot);
    ck_assert_uint_eq(k.entry, HARNESS_RAM + 0x2004);
    ck_assert_uint_eq(k.low, HARNESS_RAM + 0x2000);
    ck_assert_mem_eq(ram + 0x2000, "segment contents\0\0\0", 19);
    must_refuse(f, 60, "truncated");
    must_refuse(f, 100, "truncated");
    st64_le(f + 72, UINT64_MAX - 4);
    must_refuse(f, sizeof(f), "truncated");
    make_elf64(f);
    st64_le(f + 104, UINT64_MAX);
    must_refuse(f, sizeof(f), "do not fit into RAM");
    make_elf64(f);
    st64_le(f + 32, UINT64_MAX - 55);
    must_refuse(f, sizeof(f), "truncated");
    make_elf64(f);
    is_64bit = false;
    must_refuse(f, sizeof(f), "64-bit ARM, and the CPU is a 32-bit one");
    is_64bit = true;
    make_elf(f);
    must_refuse(f, 0x64, "32-bit ARM, and the CPU is a 64-bit one");
    make_zimage(f, sizeof(f));
    must_refuse(f, sizeof(f), "zImage");
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    g_autoptr(GError) err = NULL;

    must_refuse("", 0, "empty");
    ck_assert(!loader_add_arm_kernel(l, "/nowhere/vmlinuz", false, &k, &err));
    ck_assert_str_eq(err->message, "kernel '/nowhere/vmlinuz': there is no such file");
    g_clear_error(&err);
    ck_assert(!loader_add_arm_kernel(l, h->dir, false, &k, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "is a directory"));
}
END_TEST

START_TEST(images_must_fit_and_not_overlap)
{
    g_autoptr(GError) err = NULL;

    ck_assert(loader_add(l, "kernel", "a", HARNESS_RAM + 0x1000, ram, 0x1000, NULL));
    ck_assert(!loader_add(l, "initrd", "b", HARNESS_RAM + 0x1fff, ram, 1, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "initrd 'b'"));
    ck_assert_ptr_nonnull(strstr(err->message, "overlaps kernel 'a'"));
    g_clear_error(&err);
    ck_assert(!loader_add(l, "initrd", "b", HARNESS_RAM + HARNESS_RAM_SIZE - 8, ram, 9, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "-m"));
    ck_assert(loader_add(l, "initrd", "b", HARNESS_RAM + HARNESS_RAM_SIZE - 8, ram, 8, NULL));
    ck_assert(!loader_add(l, "initrd", "c", UINT64_MAX - 4, ram, 9, NULL));
}
END_TEST

START_TEST(noise_is_survived)
{
    uint8_t f[0x64 + 64];
    struct rng r;

    rng_init(&r, 5);
    for (int i = 0; i < 1500; i++) {
        g_autoptr(GError) err = NULL;

        make_elf(f);
        if (i & 1)
            make_uimage(f, 100, HARNESS_RAM + 0x8000, HARNESS_RAM + 0x8000, (uint8_t)(i >> 1 & 1));
        for (int n = 0; n < 3; n++)
            f[4 + rng_below(&r, 80)] = (uint8_t)rng_u32(&r);
        if (i & 1)
            seal_uimage(f, i & 4 ? rng_u32(&r) % 100 : 100);
        load(f, 1 + rng_below(&r, sizeof(f)), &err);
    }
}
END_TEST

static Suite *loader_suite(void)
{
    Suite *s = suite_create("loader");
    TCase *t = tcase_create("loader");

    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, zimage);
    tcase_add_test(t, image_and_bare_code);
    tcase_add_test(t, uimage);
    tcase_add_test(t, uimage_with_gzip);
    tcase_add_test(t, elf);
    tcase_add_test(t, image_for_64_bits);
    tcase_add_test(t, gzip_for_64_bits);
    tcase_add_test(t, elf_for_64_bits);
    tcase_add_test(t, hostile_elfs);
    tcase_add_test(t, kernels_of_others);
    tcase_add_test(t, files_that_cannot_be_read);
    tcase_add_test(t, images_must_fit_and_not_overlap);
    tcase_add_test(t, noise_is_survived);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(loader_suite)
