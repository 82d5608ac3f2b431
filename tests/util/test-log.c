/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of util/log.c. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"
#include "util/log.h"

START_TEST(topics_are_parsed)
{
    ck_assert(log_set_topics("in_asm,mmu", NULL));
    ck_assert_uint_eq(log_mask, LOG_IN_ASM | LOG_MMU);
    ck_assert(log_enabled(LOG_MMU) && !log_enabled(LOG_IR));
    ck_assert(log_set_topics("ir", NULL));
    ck_assert(log_enabled(LOG_MMU) && log_enabled(LOG_IR));
    ck_assert(log_set_topics("none", NULL));
    ck_assert_uint_eq(log_mask, 0);
    ck_assert(log_set_topics("all", NULL));
    ck_assert(log_enabled(LOG_UNIMP) && log_enabled(LOG_EXEC));
}
END_TEST

START_TEST(unknown_topic_is_named)
{
    GError *err = NULL;

    ck_assert(!log_set_topics("mmu,inasm", &err));
    ck_assert_ptr_nonnull(strstr(err->message, "'inasm'"));
    ck_assert_uint_eq(log_mask, 0);
    g_error_free(err);
}
END_TEST

START_TEST(file_gets_what_is_on)
{
    char path[] = "/tmp/test-log-XXXXXX";
    char *text;

    close(mkstemp(path));
    ck_assert(log_set_file(path, NULL));
    ck_assert(log_set_topics("guest_errors", NULL));
    log_guest_error("pl011: bad offset 0x%x", 0x44);
    log_unimp("pl011: dma");
    log_text(LOG_GUEST_ERRORS | LOG_INT, "%s\n", "raw");
    log_flush();
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "guest error: pl011: bad offset 0x44\nraw\n");
    g_free(text);
    ck_assert(log_set_file(NULL, NULL));
    unlink(path);
}
END_TEST

START_TEST(file_that_cannot_be_opened_is_an_error)
{
    GError *err = NULL;

    ck_assert(!log_set_file("/nowhere/log", &err));
    ck_assert_ptr_nonnull(strstr(err->message, "/nowhere/log"));
    g_error_free(err);
}
END_TEST

START_TEST(help_lists_every_topic)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    log_help(out);
    fclose(out);
#define LOG_TOPIC(constant, name, help)                                        \
    ck_assert_ptr_nonnull(strstr(text, name));
    LOG_TOPICS(LOG_TOPIC)
#undef LOG_TOPIC
    free(text);
}
END_TEST

static Suite *suite_log(void)
{
    Suite *s = suite_create("log");
    TCase *tc = tcase_create("log");

    tcase_add_test(tc, topics_are_parsed);
    tcase_add_test(tc, unknown_topic_is_named);
    tcase_add_test(tc, file_gets_what_is_on);
    tcase_add_test(tc, file_that_cannot_be_opened_is_an_error);
    tcase_add_test(tc, help_lists_every_topic);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_log)
