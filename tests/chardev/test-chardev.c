/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of chardev/chardev.c, file.c and mux.c. */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/chardev/front.h"
#include "tests/suite.h"

static struct event_loop *loop;
static char dir[64];

static void setup(void)
{
    loop = event_loop_new();
    strcpy(dir, "/tmp/test-chardev-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf %s", dir);

    event_loop_free(loop);
    ck_assert_int_eq(system(command), 0);
}

static char *in_dir(const char *name)
{
    return g_strdup_printf("%s/%s", dir, name);
}

/* ---- descriptions ---- */

START_TEST(wrong_descriptions_say_what_is_wrong)
{
    must_fail(loop, "sockt,id=a", "chardev a", "no kind 'sockt'", "socket",
              NULL);
    must_fail(loop, "", "no kind", NULL);
    must_fail(loop, "null,size=4", "null", "no option 'size'", NULL);
    must_fail(loop, "null,mux=maybe", "mux=maybe", NULL);
    must_fail(loop, "udp:localhost:1", "unknown form 'udp:'", "tcp:", NULL);
    must_fail(loop, "tcp:localhost", "HOST:PORT", NULL);
    must_fail(loop, "socket,id=a", "path=", "port=", NULL);
    must_fail(loop, "socket,path=/x,port=1", "path=", NULL);
    must_fail(loop, "socket,path=/x,wait=on", "wait=on is for servers", NULL);
    must_fail(loop, "socket,path=/x,server=on,reconnect=1", "reconnect", NULL);
    must_fail(loop, "socket,path=/x,servr=on,server,nowait", NULL);
    must_fail(loop, "file", "path=", NULL);
    must_fail(loop, "file:/nowhere/x", "/nowhere/x", "No such file", NULL);
    must_fail(loop, "pipe:/nowhere/x", "/nowhere/x.in", "No such file", NULL);
    must_fail(loop, "null,logfile=/nowhere/log", "/nowhere/log", NULL);
    must_fail(loop, "ringbuf,size=1000", "power of two", NULL);
}
END_TEST

START_TEST(help_names_every_kind)
{
    static const char *const names[] = {"file",    "null",   "pipe",  "pty",
                                        "ringbuf", "socket", "stdio", "mux"};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    chardev_help(out);
    fclose(out);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_ptr_nonnull(strstr(text, names[i]));
    free(text);
}
END_TEST

START_TEST(no_chardev_takes_everything)
{
    chardev_set_handlers(NULL, NULL, NULL, NULL, NULL);
    ck_assert_uint_eq(chardev_write(NULL, "abc", 3), 3);
    chardev_accept_input(NULL);
    chardev_free(NULL);
    ck_assert(!chardev_is_open(NULL));
}
END_TEST

/* ---- simple back ends ---- */

START_TEST(file_gets_the_output)
{
    g_autofree char *path = in_dir("a,b");
    g_autofree char *spec = g_strdup_printf("file:%s", path);
    g_autofree char *text = NULL;
    struct chardev *c = must_make(loop, spec);

    /* The short form's comma is part of the name. */
    ck_assert_uint_eq(chardev_write(c, "hello", 5), 5);
    chardev_free(c);
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "hello");
}
END_TEST

START_TEST(file_appends_when_told)
{
    g_autofree char *path = in_dir("f");
    g_autofree char *spec = g_strdup_printf("file,path=%s,append=on", path);
    g_autofree char *text = NULL;

    for (int i = 0; i < 2; i++) {
        struct chardev *c = must_make(loop, spec);

        chardev_write(c, "ab", 2);
        chardev_free(c);
    }
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "abab");
}
END_TEST

START_TEST(logfile_keeps_a_copy)
{
    g_autofree char *path = in_dir("log");
    g_autofree char *spec = g_strdup_printf("null,logfile=%s", path);
    g_autofree char *text = NULL;
    struct chardev *c = must_make(loop, spec);

    chardev_write(c, "copy", 4);
    chardev_free(c);
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "copy");
}
END_TEST

START_TEST(ringbuf_keeps_the_last_bytes)
{
    struct chardev *c = must_make(loop, "ringbuf,size=8");
    char buf[16] = "";

    chardev_write(c, "0123456789", 10);
    ck_assert_uint_eq(chardev_ringbuf_read(c, buf, 3), 3);
    ck_assert_mem_eq(buf, "234", 3);
    ck_assert_uint_eq(chardev_ringbuf_read(c, buf, 16), 5);
    ck_assert_mem_eq(buf, "56789", 5);
    ck_assert_uint_eq(chardev_ringbuf_read(c, buf, 16), 0);
    chardev_free(c);
}
END_TEST

START_TEST(pipe_pair_carries_both_ways)
{
    g_autofree char *base = in_dir("p");
    g_autofree char *in = in_dir("p.in");
    g_autofree char *out = in_dir("p.out");
    g_autofree char *spec = g_strdup_printf("pipe:%s", base);
    GString *got = g_string_new("");
    struct chardev *c;
    struct front *f;
    int fd;

    ck_assert_int_eq(mkfifo(in, 0600), 0);
    ck_assert_int_eq(mkfifo(out, 0600), 0);
    c = must_make(loop, spec);
    f = front_new(c, 3);
    fd = open(out, O_RDONLY | O_NONBLOCK);
    chardev_write(c, "to host", 7);
    fd_expect(loop, fd, got, "to host");
    close(fd);
    fd = open(in, O_WRONLY);
    ck_assert_int_eq(write(fd, "to guest", 8), 8);
    front_expect_input(loop, f, "to ");
    run_for_ms(loop, 20);
    ck_assert_str_eq(f->input->str, "to ");
    front_add_room(f, 100);
    front_expect_input(loop, f, "to guest");
    close(fd);
    chardev_free(c);
    front_free(f);
    g_string_free(got, TRUE);
}
END_TEST

/* ---- mux, over a pipe as its back end ---- */

static int key_fd, screen_fd;
static GString *screen;

static struct chardev *make_mux(void)
{
    g_autofree char *base = in_dir("m");
    g_autofree char *in = in_dir("m.in");
    g_autofree char *out = in_dir("m.out");
    g_autofree char *spec = g_strdup_printf("pipe,id=m,path=%s,mux=on", base);
    struct chardev *c;

    ck_assert_int_eq(mkfifo(in, 0600), 0);
    ck_assert_int_eq(mkfifo(out, 0600), 0);
    c = must_make(loop, spec);
    key_fd = open(in, O_WRONLY);
    screen_fd = open(out, O_RDONLY | O_NONBLOCK);
    screen = g_string_new("");
    return c;
}

static void type(const char *keys)
{
    ck_assert_int_eq(write(key_fd, keys, strlen(keys)), (int)strlen(keys));
}

static void free_mux(struct chardev *c)
{
    chardev_free(c);
    close(key_fd);
    close(screen_fd);
    g_string_free(screen, TRUE);
}

START_TEST(mux_switches_focus)
{
    struct chardev *c = make_mux();
    struct front *a = front_new(chardev_attach(c, NULL), 100);
    struct front *b = front_new(chardev_attach(c, NULL), 100);

    ck_assert_ptr_ne(a->c, b->c);
    type("one\001ctwo\001cthree");
    front_expect_input(loop, a, "onethree");
    front_expect_input(loop, b, "two");
    ck_assert_str_eq(a->events->str, "oui");
    ck_assert_str_eq(b->events->str, "oiu");
    chardev_write(a->c, "A", 1);
    chardev_write(b->c, "B", 1);
    fd_expect(loop, screen_fd, screen, "AB");
    free_mux(c);
    front_free(a);
    front_free(b);
}
END_TEST

START_TEST(mux_commands)
{
    struct chardev *c = make_mux();
    struct front *f = front_new(chardev_attach(c, NULL), 100);

    type("x\001\001y\001b\001qz");
    front_expect_input(loop, f, "x\001yz");
    front_expect_events(loop, f, "b");
    type("\001h");
    fd_expect(loop, screen_fd, screen, "C-a x    end the emulator");
    type("\001c");
    fd_expect(loop, screen_fd, screen, "nothing else");
    type("\001s");
    fd_expect(loop, screen_fd, screen, "no snapshot=on disks");
    type("\001x");
    ck_assert_int_eq(event_loop_run(loop), 0);
    fd_expect(loop, screen_fd, screen, "terminated");
    free_mux(c);
    front_free(f);
}
END_TEST

START_TEST(mux_keys_work_when_the_guest_does_not_read)
{
    struct chardev *c = make_mux();
    struct front *f = front_new(chardev_attach(c, NULL), 0);

    type("a lot of text that nobody reads");
    run_for_ms(loop, 10);
    type("\001h");
    fd_expect(loop, screen_fd, screen, "end the emulator");
    ck_assert_str_eq(f->input->str, "");
    front_add_room(f, 5);
    ck_assert_str_eq(f->input->str, "a lot");
    front_add_room(f, 100);
    ck_assert_str_eq(f->input->str, "a lot of text that nobody reads");
    free_mux(c);
    front_free(f);
}
END_TEST

START_TEST(mux_stamps_lines)
{
    struct chardev *c = make_mux();
    struct front *f = front_new(chardev_attach(c, NULL), 10);

    type("\001t");
    run_for_ms(loop, 10);
    chardev_write(f->c, "first\nsec", 9);
    chardev_write(f->c, "ond\n", 4);
    fd_expect(loop, screen_fd, screen, "first\n[00:00:0");
    fd_expect(loop, screen_fd, screen, "] second\n");
    free_mux(c);
    front_free(f);
}
END_TEST

static int hook_calls;

static void count_hook(void *opaque)
{
    ck_assert_ptr_eq(opaque, &hook_calls);
    hook_calls++;
}

START_TEST(mux_hooks)
{
    struct chardev_registry *r = chardev_registry_new(loop);
    struct chardev_mux_hooks hooks = {count_hook, count_hook, &hook_calls};
    g_autofree char *path = in_dir("h");
    g_autofree char *spec = g_strdup_printf("pipe:%s", path);
    g_autofree char *mon = g_strdup_printf("mon:%s", spec);
    struct chardev *c;
    struct front *f;

    /* One fifo both ways: what the front end writes comes back as input. */
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    chardev_registry_set_hooks(r, &hooks);
    ck_assert(chardev_registry_serial(r, mon, "serial0", &c, NULL));
    f = front_new(c, 100);
    chardev_write(c, "\001s\001x", 4);
    while (hook_calls < 2)
        event_loop_poll(loop, true);
    chardev_registry_free(r);
    front_free(f);
}
END_TEST

/* ---- registry ---- */

static void expect_error(GError **err, const char *text)
{
    ck_assert_ptr_nonnull(*err);
    ck_assert_msg(strstr((*err)->message, text), "'%s' lacks '%s'",
                  (*err)->message, text);
    g_clear_error(err);
}

START_TEST(registry_finds_by_id)
{
    struct chardev_registry *r = chardev_registry_new(loop);
    GError *err = NULL;
    struct chardev *c;

    ck_assert(chardev_registry_add(r, "null,id=a", NULL));
    ck_assert(chardev_registry_add(r, "ringbuf,id=b,mux=on", NULL));
    ck_assert(!chardev_registry_add(r, "null,id=a", &err));
    expect_error(&err, "chardev a: this id is taken");
    ck_assert(!chardev_registry_add(r, "null", &err));
    expect_error(&err, "needs id=");
    ck_assert_ptr_null(chardev_registry_attach(r, "x", &err));
    expect_error(&err, "chardev x: there is no -chardev");

    c = chardev_registry_attach(r, "a", NULL);
    ck_assert_ptr_eq(c, chardev_registry_find(r, "a"));
    ck_assert_str_eq(chardev_label(c), "a");
    ck_assert_ptr_null(chardev_registry_attach(r, "a", &err));
    expect_error(&err, "used twice");
    ck_assert_ptr_nonnull(chardev_registry_attach(r, "b", NULL));
    ck_assert_ptr_nonnull(chardev_registry_attach(r, "b", NULL));
    chardev_registry_free(r);
}
END_TEST

START_TEST(registry_serial_forms)
{
    struct chardev_registry *r = chardev_registry_new(loop);
    GError *err = NULL;
    struct chardev *c;

    ck_assert(chardev_registry_serial(r, "none", "serial0", &c, NULL));
    ck_assert_ptr_null(c);
    ck_assert(chardev_registry_serial(r, "null", "serial0", &c, NULL));
    ck_assert_str_eq(chardev_label(c), "serial0");
    ck_assert(chardev_registry_add(r, "null,id=a", NULL));
    ck_assert(chardev_registry_serial(r, "chardev:a", "serial1", &c, NULL));
    ck_assert_str_eq(chardev_label(c), "a");
    ck_assert(!chardev_registry_serial(r, "chardev:b", "serial2", &c, &err));
    expect_error(&err, "chardev b");
    ck_assert(!chardev_registry_serial(r, "foo", "serial2", &c, &err));
    expect_error(&err, "chardev serial2: no kind 'foo'");
    chardev_registry_free(r);
}
END_TEST

static Suite *suite_chardev(void)
{
    Suite *s = suite_create("chardev");
    TCase *tc = tcase_create("chardev");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, wrong_descriptions_say_what_is_wrong);
    tcase_add_test(tc, help_names_every_kind);
    tcase_add_test(tc, no_chardev_takes_everything);
    tcase_add_test(tc, file_gets_the_output);
    tcase_add_test(tc, file_appends_when_told);
    tcase_add_test(tc, logfile_keeps_a_copy);
    tcase_add_test(tc, ringbuf_keeps_the_last_bytes);
    tcase_add_test(tc, pipe_pair_carries_both_ways);
    tcase_add_test(tc, mux_switches_focus);
    tcase_add_test(tc, mux_commands);
    tcase_add_test(tc, mux_keys_work_when_the_guest_does_not_read);
    tcase_add_test(tc, mux_stamps_lines);
    tcase_add_test(tc, mux_hooks);
    tcase_add_test(tc, registry_finds_by_id);
    tcase_add_test(tc, registry_serial_forms);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_chardev)
