/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of chardev/stdio.c and pty.c. */
#include "config.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/chardev/front.h"
#include "tests/suite.h"

static struct event_loop *loop;
static GString *got;

static void setup(void)
{
    loop = event_loop_new();
    got = g_string_new("");
}

static void teardown(void)
{
    g_string_free(got, TRUE);
    event_loop_free(loop);
}

static tcflag_t lflag(int fd)
{
    struct termios t;

    ck_assert_int_eq(tcgetattr(fd, &t), 0);
    return t.c_lflag;
}

/* ---- stdio; Check runs each test in a process of its own ---- */

/* Makes a new terminal stdin and stdout; returns its other end. */
static int new_terminal(int *slave)
{
    int master;

    fflush(stdout);
    ck_assert_int_eq(openpty(&master, slave, NULL, NULL, NULL), 0);
    dup2(*slave, STDIN_FILENO);
    dup2(*slave, STDOUT_FILENO);
    return master;
}

START_TEST(stdio_is_raw_and_restored)
{
    int slave, master = new_terminal(&slave);
    tcflag_t before = lflag(slave);
    struct chardev *c = must_make(loop, "stdio");
    struct front *f = front_new(c, 100);

    ck_assert(before & ICANON);
    ck_assert(!(lflag(slave) & (ICANON | ECHO)));
    ck_assert(lflag(slave) & ISIG);
    ck_assert_int_eq(write(master, "k", 1), 1);
    front_expect_input(loop, f, "k");
    chardev_write(c, "screen", 6);
    fd_expect(loop, master, got, "screen");
    /* The flag would be the shell's too. */
    ck_assert(!(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK));
    must_fail(loop, "stdio", "in use", NULL);
    chardev_free(c);
    ck_assert_uint_eq(lflag(slave), before);
    front_free(f);
}
END_TEST

START_TEST(mon_stdio_passes_control_c)
{
    int slave, master = new_terminal(&slave);
    struct chardev *c = must_make(loop, "mon:stdio");
    struct front *f = front_new(chardev_attach(c, NULL), 100);

    ck_assert(!(lflag(slave) & ISIG));
    ck_assert_int_eq(write(master, "\003!", 2), 2);
    front_expect_input(loop, f, "\003!");
    chardev_free(c);
    front_free(f);
}
END_TEST

/* A child that has taken the terminal and waits to be killed.  Without
 * Check's own signal handlers. */
static pid_t fork_user(int slave)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP};
    pid_t pid = fork();

    if (pid)
        return pid;
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_DFL);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    if (!chardev_new("stdio", loop, NULL))
        _exit(1);
    for (;;)
        pause();
}

static void restored_after(int sig)
{
    int slave, master, status;
    tcflag_t before;
    pid_t pid;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    before = lflag(slave);
    pid = fork_user(slave);
    while (lflag(slave) & ICANON)
        usleep(1000);
    kill(pid, sig);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), sig);
    ck_assert_uint_eq(lflag(slave), before);
    close(master);
    close(slave);
}

START_TEST(stdio_is_restored_after_a_signal)
{
    restored_after(SIGTERM);
    restored_after(SIGINT);
    restored_after(SIGHUP);
    restored_after(SIGQUIT);
}
END_TEST

START_TEST(stdio_is_restored_while_stopped)
{
    int slave, master, status;
    tcflag_t before;
    pid_t pid;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    before = lflag(slave);
    pid = fork_user(slave);
    for (int i = 0; i < 2; i++) {
        while (lflag(slave) & ICANON)
            usleep(1000);
        kill(pid, SIGTSTP);
        ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
        ck_assert(WIFSTOPPED(status));
        ck_assert_uint_eq(lflag(slave), before);
        kill(pid, SIGCONT);
    }
    while (lflag(slave) & ICANON)
        usleep(1000);
    kill(pid, SIGTERM);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_uint_eq(lflag(slave), before);
    close(master);
    close(slave);
}
END_TEST

START_TEST(stdio_outlives_the_end_of_stdin)
{
    int in[2], out[2];
    struct chardev *c;
    struct front *f;

    fflush(stdout);
    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    c = must_make(loop, "stdio");
    f = front_new(c, 100);
    ck_assert_int_eq(write(in[1], "last", 4), 4);
    close(in[1]);
    front_expect_input(loop, f, "last");
    run_for_ms(loop, 10);
    ck_assert(chardev_is_open(c));
    chardev_write(c, "still here", 10);
    fd_expect(loop, out[0], got, "still here");
    /* Nobody reads: the guest is not disturbed either. */
    close(out[0]);
    close(out[1]);
    close(STDOUT_FILENO);
    ck_assert_uint_eq(chardev_write(c, "x", 1), 1);
    ck_assert_uint_eq(chardev_write(c, "x", 1), 1);
    chardev_free(c);
    front_free(f);
}
END_TEST

/* ---- pty ---- */

/* Makes a pty chardev; its slave's name, caught from the message. */
static struct chardev *make_pty(char *name)
{
    int fds[2], saved = dup(STDERR_FILENO);
    char text[256] = "";
    struct chardev *c;

    ck_assert_int_eq(pipe(fds), 0);
    dup2(fds[1], STDERR_FILENO);
    c = must_make(loop, "pty,id=serial0");
    dup2(saved, STDERR_FILENO);
    ck_assert_int_gt(read(fds[0], text, sizeof(text) - 1), 0);
    ck_assert_int_eq(sscanf(text,
                            "char device redirected to %63s "
                            "(label serial0)",
                            name),
                     1);
    close(fds[0]);
    close(fds[1]);
    close(saved);
    return c;
}

START_TEST(pty_tells_its_name_and_carries_both_ways)
{
    char name[64];
    struct chardev *c = make_pty(name);
    struct front *f = front_new(c, 100);

    run_for_ms(loop, 20);
    ck_assert(!chardev_is_open(c));
    ck_assert_uint_eq(chardev_write(c, "lost", 4), 4);
    for (int i = 0; i < 2; i++) {
        int fd = open(name, O_RDWR | O_NOCTTY);

        front_expect_events(loop, f, i ? "oco" : "o");
        chardev_write(c, "hello", 5);
        fd_expect(loop, fd, got, "hello");
        ck_assert_ptr_null(strstr(got->str, "lost"));
        ck_assert_int_eq(write(fd, "in\n", 3), 3);
        front_expect_input(loop, f, i ? "in\nin\n" : "in\n");
        close(fd);
        front_expect_events(loop, f, i ? "ococ" : "oc");
        g_string_truncate(got, 0);
    }
    chardev_free(c);
    front_free(f);
}
END_TEST

static bool host_has_ptys(void)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY);

    if (fd < 0)
        printf("terminal: left out, the host has no pseudo terminals\n");
    else
        close(fd);
    return fd >= 0;
}

static Suite *suite_terminal(void)
{
    Suite *s = suite_create("terminal");
    TCase *tc = tcase_create("terminal");

    if (!host_has_ptys())
        return s;
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, stdio_is_raw_and_restored);
    tcase_add_test(tc, mon_stdio_passes_control_c);
    tcase_add_test(tc, stdio_is_restored_after_a_signal);
    tcase_add_test(tc, stdio_is_restored_while_stopped);
    tcase_add_test(tc, stdio_outlives_the_end_of_stdin);
    tcase_add_test(tc, pty_tells_its_name_and_carries_both_ways);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_terminal)
