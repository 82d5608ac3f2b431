/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of chardev/socket.c. */
#include "config.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/chardev/front.h"
#include "tests/suite.h"

static struct event_loop *loop;
static char path[64];
static GString *got;

static void setup(void)
{
    loop = event_loop_new();
    got = g_string_new("");
    snprintf(path, sizeof(path), "/tmp/test-socket-%d", (int)getpid());
    unlink(path);
}

static void teardown(void)
{
    g_string_free(got, TRUE);
    event_loop_free(loop);
    unlink(path);
}

static struct sockaddr_un unix_address(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, path);
    return a;
}

static int unix_client(void)
{
    struct sockaddr_un a = unix_address();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

static int unix_server(void)
{
    struct sockaddr_un a = unix_address();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

/* A TCP socket that listens on a port of the host's choice. */
static int tcp_server(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static struct chardev *unix_chardev(const char *options)
{
    g_autofree char *spec = g_strdup_printf("socket,path=%s%s", path, options);

    return must_make(loop, spec);
}

START_TEST(server_takes_one_client_after_the_other)
{
    struct chardev *c = unix_chardev(",server=on,wait=off");
    struct front *f = front_new(c, 100);

    ck_assert(!chardev_is_open(c));
    ck_assert_uint_eq(chardev_write(c, "lost", 4), 4);
    for (int i = 0; i < 2; i++) {
        int fd = unix_client();

        front_expect_events(loop, f, i ? "oco" : "o");
        chardev_write(c, "hello\n", 6);
        fd_expect(loop, fd, got, "hello\n");
        ck_assert_ptr_null(strstr(got->str, "lost"));
        ck_assert_int_eq(write(fd, "in", 2), 2);
        front_expect_input(loop, f, i ? "inin" : "in");
        close(fd);
        front_expect_events(loop, f, i ? "ococ" : "oc");
        ck_assert(!chardev_is_open(c));
        g_string_truncate(got, 0);
    }
    chardev_free(c);
    ck_assert_int_ne(access(path, F_OK), 0);
    front_free(f);
}
END_TEST

static void *connect_later(void *opaque)
{
    (void)opaque;
    usleep(20 * 1000);
    return GINT_TO_POINTER(unix_client());
}

START_TEST(server_waits_for_its_client)
{
    g_autofree char *spec = g_strdup_printf("unix:%s,server", path);
    GThread *thread;
    struct chardev *c;

    /* The thread may find no socket yet: 20 ms are ample. */
    thread = g_thread_new("client", connect_later, NULL);
    c = must_make(loop, spec);
    ck_assert(chardev_is_open(c));
    chardev_free(c);
    close(GPOINTER_TO_INT(g_thread_join(thread)));
}
END_TEST

START_TEST(path_in_use_is_an_error_and_a_stale_one_is_not)
{
    g_autofree char *spec = g_strdup_printf("unix:%s,server,nowait", path);
    struct chardev *c;
    int fd = unix_server();

    must_fail(loop, spec, "cannot listen on unix:", "in use", NULL);
    close(fd);
    ck_assert_int_eq(access(path, F_OK), 0);
    c = must_make(loop, spec);
    chardev_free(c);
    must_fail(loop, "unix:/nowhere/s,server,nowait", "/nowhere/s",
              "No such file", NULL);
}
END_TEST

START_TEST(path_too_long_is_an_error)
{
    g_autofree char *name = g_strnfill(200, 'x');
    g_autofree char *spec = g_strdup_printf("unix:/tmp/%s", name);

    must_fail(loop, spec, "longer than", NULL);
}
END_TEST

START_TEST(port_in_use_is_an_error)
{
    int port, fd = tcp_server(&port);
    g_autofree char *spec =
        g_strdup_printf("tcp:127.0.0.1:%d,server=on,wait=off", port);

    must_fail(loop, spec, "cannot listen on tcp:127.0.0.1:", "in use", NULL);
    close(fd);
}
END_TEST

START_TEST(client_talks_tcp)
{
    int port, server = tcp_server(&port), fd;
    g_autofree char *spec = g_strdup_printf("tcp:localhost:%d,nodelay", port);
    struct chardev *c = must_make(loop, spec);
    struct front *f = front_new(c, 100);

    fd = accept(server, NULL, NULL);
    ck_assert(chardev_is_open(c));
    chardev_write(c, "ping", 4);
    fd_expect(loop, fd, got, "ping");
    ck_assert_int_eq(write(fd, "pong", 4), 4);
    front_expect_input(loop, f, "pong");
    close(fd);
    front_expect_events(loop, f, "oc");
    close(server);
    chardev_free(c);
    front_free(f);
    must_fail(loop, spec, "cannot connect to tcp:localhost", "refused", NULL);
    must_fail(loop, "tcp:localhost:nosuchport", "tcp:localhost:nosuchport",
              NULL);
}
END_TEST

START_TEST(client_connects_again)
{
    struct chardev *c = unix_chardev(",reconnect=1");
    struct front *f = front_new(c, 100);
    int server, fd;

    ck_assert(!chardev_is_open(c));
    server = unix_server();
    front_expect_events(loop, f, "o");
    fd = accept(server, NULL, NULL);
    close(fd);
    front_expect_events(loop, f, "oco");
    chardev_free(c);
    close(server);
    front_free(f);
}
END_TEST

/* A partner that does not read: the guest is not held up, the queue is
 * bounded, and a front end hears when there is room again. */
START_TEST(slow_partner_bounds_the_queue)
{
    struct chardev *c = unix_chardev(",server=on,wait=off");
    struct front *f = front_new(c, 100);
    static char block[65536], buf[65536];
    size_t taken = 0, n, total = 0;
    int fd = unix_client();

    front_expect_events(loop, f, "o");
    memset(block, 'x', sizeof(block));
    do {
        n = chardev_write(c, block, sizeof(block));
        taken += n;
        ck_assert_uint_lt(taken, 64u << 20);
    } while (n == sizeof(block));
    ck_assert_uint_eq(chardev_write(c, block, 1), 0);
    while (total < taken) {
        ssize_t r = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

        if (r > 0)
            total += (size_t)r;
        event_loop_poll(loop, false);
    }
    front_expect_events(loop, f, "ow");
    ck_assert_uint_eq(chardev_write(c, block, 1), 1);
    close(fd);
    chardev_free(c);
    front_free(f);
}
END_TEST

START_TEST(input_waits_for_room)
{
    struct chardev *c = unix_chardev(",server=on,wait=off");
    struct front *f = front_new(c, 1);
    int fd = unix_client();

    ck_assert_int_eq(write(fd, "abcdef", 6), 6);
    front_expect_input(loop, f, "a");
    run_for_ms(loop, 20);
    ck_assert_str_eq(f->input->str, "a");
    front_add_room(f, 2);
    front_expect_input(loop, f, "abc");
    front_add_room(f, 50);
    front_expect_input(loop, f, "abcdef");
    close(fd);
    chardev_free(c);
    front_free(f);
}
END_TEST

static Suite *suite_socket(void)
{
    Suite *s = suite_create("socket");
    TCase *tc = tcase_create("socket");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, server_takes_one_client_after_the_other);
    tcase_add_test(tc, server_waits_for_its_client);
    tcase_add_test(tc, path_in_use_is_an_error_and_a_stale_one_is_not);
    tcase_add_test(tc, path_too_long_is_an_error);
    tcase_add_test(tc, port_in_use_is_an_error);
    tcase_add_test(tc, client_talks_tcp);
    tcase_add_test(tc, client_connects_again);
    tcase_add_test(tc, slow_partner_bounds_the_queue);
    tcase_add_test(tc, input_waits_for_room);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_socket)
