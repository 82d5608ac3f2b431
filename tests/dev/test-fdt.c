/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softmmu/fdt.c. */
#include "config.h"
#include <libfdt.h>
#include <string.h>
#include "softmmu/fdt.h"
#include "tests/suite.h"

START_TEST(nodes_and_properties)
{
    struct fdt *f = fdt_new();
    const void *blob;
    size_t len;
    int node, n;

    fdt_add_node(f, "/a");
    fdt_add_node(f, "/a/b@1");
    FDT_CELLS(f, "/a/b@1", "reg", 0, 0x1000, 0, 0x10);
    fdt_set_string(f, "/a", "model", "x");
    fdt_set_u64(f, "/", "big", 0x123456789abcdef0);
    fdt_set_bytes(f, "/a", "flag", "", 0);
    ck_assert(fdt_has_node(f, "/a/b@1"));
    ck_assert(!fdt_has_node(f, "/a/c"));
    ck_assert_uint_eq(fdt_get_u32(f, "/", "big", 0), 0x12345678);
    ck_assert_uint_eq(fdt_get_u32(f, "/nowhere", "big", 7), 7);
    blob = fdt_blob(f, &len);
    ck_assert_int_eq(fdt_check_full(blob, len), 0);
    node = fdt_path_offset(blob, "/a/b@1");
    ck_assert_uint_eq(fdt32_ld((const fdt32_t *)fdt_getprop(blob, node, "reg", &n) + 1), 0x1000);
    ck_assert_int_eq(n, 16);
    fdt_free(f);
}
END_TEST

START_TEST(grows_and_goes_on_after_packing)
{
    struct fdt *f = fdt_new();
    size_t len, more;

    for (int i = 0; i < 200; i++) {
        g_autofree char *path = g_strdup_printf("/node@%x", i);

        fdt_add_node(f, path);
        fdt_set_string(f, path, "compatible", "a rather long string, so that the tree grows");
        if (i == 100)
            fdt_blob(f, &len);
    }
    fdt_blob(f, &more);
    ck_assert_uint_gt(more, len);
    ck_assert(fdt_has_node(f, "/node@0"));
    ck_assert(fdt_has_node(f, "/node@c7"));
    fdt_free(f);
}
END_TEST

START_TEST(phandles_do_not_collide)
{
    struct fdt *f = fdt_new(), *g;
    const void *blob;
    size_t len;

    ck_assert_uint_eq(fdt_new_phandle(f), 0x8000);
    ck_assert_uint_eq(fdt_new_phandle(f), 0x8001);
    fdt_add_node(f, "/a");
    fdt_set_u32(f, "/a", "phandle", 0x9000);
    blob = fdt_blob(f, &len);
    g = fdt_from_blob(blob, len, NULL);
    ck_assert_uint_eq(fdt_new_phandle(g), 0x9001);
    fdt_free(f);
    fdt_free(g);
}
END_TEST

START_TEST(nodes_go_by_type)
{
    struct fdt *f = fdt_new();

    fdt_add_node(f, "/memory@0");
    fdt_set_string(f, "/memory@0", "device_type", "memory");
    fdt_add_node(f, "/cpu");
    fdt_set_string(f, "/cpu", "device_type", "cpu");
    fdt_add_node(f, "/memory@1");
    fdt_set_string(f, "/memory@1", "device_type", "memory");
    fdt_del_type(f, "memory");
    ck_assert(!fdt_has_node(f, "/memory@0"));
    ck_assert(!fdt_has_node(f, "/memory@1"));
    ck_assert(fdt_has_node(f, "/cpu"));
    fdt_free(f);
}
END_TEST

START_TEST(bad_blobs_are_refused)
{
    struct fdt *f = fdt_new();
    g_autoptr(GError) err = NULL;
    g_autofree uint8_t *copy = NULL;
    const void *blob;
    size_t len;

    fdt_add_node(f, "/a");
    fdt_set_string(f, "/a", "p", "value");
    blob = fdt_blob(f, &len);
    copy = g_memdup2(blob, len);
    ck_assert(!fdt_from_blob(copy, len - 1, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "not a valid device tree"));
    ck_assert(!fdt_from_blob(copy, 3, NULL));
    for (size_t i = 0; i < len; i++) {           /* each byte damaged: refused or understood, no crash */
        struct fdt *g;

        copy[i] ^= 0xff;
        g = fdt_from_blob(copy, len, NULL);
        if (g)
            fdt_has_node(g, "/a");
        fdt_free(g);
        copy[i] ^= 0xff;
    }
    fdt_free(f);
}
END_TEST

static Suite *fdt_suite(void)
{
    Suite *s = suite_create("fdt");
    TCase *t = tcase_create("fdt");

    tcase_add_test(t, nodes_and_properties);
    tcase_add_test(t, grows_and_goes_on_after_packing);
    tcase_add_test(t, phandles_do_not_collide);
    tcase_add_test(t, nodes_go_by_type);
    tcase_add_test(t, bad_blobs_are_refused);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(fdt_suite)
