/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every device type: tables that make sense. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tests/dev/harness.h"

static const size_t kind_size[] = {
    [PROP_BOOL] = sizeof(bool), [PROP_U32] = 4, [PROP_U64] = 8, [PROP_SIZE] = 8, [PROP_STR] = sizeof(char *),
    [PROP_CHARDEV] = sizeof(struct chardev *), [PROP_DRIVE] = sizeof(struct block *), [PROP_NETDEV] = sizeof(struct netdev *),
};

START_TEST(tables_stay_inside_the_struct)
{
    g_autofree const struct device_type **types = device_type_list();

    ck_assert_ptr_nonnull(types[0]);
    for (int i = 0; types[i]; i++) {
        const struct device_type *t = types[i];

        ck_assert_msg(t->name && t->desc && t->state && t->size >= sizeof(struct device), "%s", t->name);
        for (const struct state_field *f = t->state; f->name; f++) {
            ck_assert_msg(f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8, "%s.%s", t->name, f->name);
            ck_assert_msg(f->offset >= sizeof(struct device) && f->offset + (size_t)f->size * f->count <= t->size,
                          "%s.%s", t->name, f->name);
        }
        for (const struct device_prop *p = t->props; p && p->name; p++)
            ck_assert_msg(p->desc && p->offset + kind_size[p->kind] <= t->size, "%s.%s", t->name, p->name);
        if (i)
            ck_assert_msg(strcmp(types[i - 1]->name, t->name) < 0, "two types '%s'", t->name);
    }
}
END_TEST

START_TEST(each_prints_its_help)
{
    g_autofree const struct device_type **types = device_type_list();

    for (int i = 0; types[i]; i++) {
        char *text = NULL;
        size_t len;
        FILE *f = open_memstream(&text, &len);

        device_type_help(types[i], f);
        fclose(f);
        ck_assert_ptr_nonnull(strstr(text, types[i]->desc));
        free(text);
    }
}
END_TEST

static Suite *types_suite(void)
{
    Suite *s = suite_create("device-types");
    TCase *t = tcase_create("device-types");

    tcase_add_test(t, tables_stay_inside_the_struct);
    tcase_add_test(t, each_prints_its_help);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(types_suite)
