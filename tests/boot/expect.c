/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect COMMAND...: runs COMMAND on a terminal of its own and talks to it as the lines on stdin say:
 *
 *   limit SECONDS     for each of the following waits (default 30)
 *   wait TEXT         until the output since the last wait holds TEXT
 *   send TEXT         type it; \r \n \\ and \xHH are understood
 *   silent SECONDS    nothing may be printed for so long
 *   until TEXT        as wait, typing the text of the last send again each second
 *   raw               the terminal must not echo
 *   restored          the terminal must be as it was before COMMAND
 *   signal NUMBER     send it to COMMAND
 *   exit STATUS       COMMAND must end with this status within the limit (signals: 128 + number)
 *   # ...             a remark
 *
 * Everything that COMMAND prints goes to stdout. Exit status 0 when all steps passed, else 1 with a line on stderr. COMMAND
 * is killed at the end.
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct talk {
    int master, slave;       /* slave stays open: the terminal outlives COMMAND */
    pid_t child;
    struct termios before;
    GString *seen;           /* output that no wait has used */
    char *last;              /* of the last send */
    int limit;
};

static void kill_child(const struct talk *t)
{
    if (t->child > 0)
        kill(t->child, SIGKILL);
}

static void fail(const struct talk *t, const char *step, const char *why) G_GNUC_NORETURN;
static void fail(const struct talk *t, const char *step, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "\nexpect: %s: %s\n", step, why);
    kill_child(t);
    exit(1);
}

static bool open_terminal(struct talk *t)
{
    const struct winsize size = { .ws_row = 24, .ws_col = 80 };

    t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->master < 0 || grantpt(t->master) || unlockpt(t->master))
        return false;
    t->slave = open(ptsname(t->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t->slave < 0)
        return false;
    ioctl(t->slave, TIOCSWINSZ, &size);
    return tcgetattr(t->slave, &t->before) == 0;
}

static void start(struct talk *t, char **argv)
{
    t->child = fork();
    if (t->child)
        return;
    setsid();
    ioctl(t->slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(t->slave, fd);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* Read what is there; wait for it until the deadline. False when the time is over. */
static bool pump(struct talk *t, gint64 deadline)
{
    struct pollfd p = { .fd = t->master, .events = POLLIN };
    gint64 left = (deadline - g_get_monotonic_time()) / 1000;
    char buf[4096];
    ssize_t n;

    if (left < 0 || poll(&p, 1, (int)MIN(left, 100)) < 0)
        return left >= 0 && errno == EINTR;
    if (!(p.revents & POLLIN))
        return true;
    n = read(t->master, buf, sizeof(buf));
    if (n > 0) {
        fwrite(buf, 1, (size_t)n, stdout);
        fflush(stdout);
        g_string_append_len(t->seen, buf, n);
    }
    return true;
}

static gint64 deadline(const struct talk *t)
{
    return g_get_monotonic_time() + t->limit * G_TIME_SPAN_SECOND;
}

/* It is not waited for: step_exit does that. */
static bool ended(const struct talk *t)
{
    siginfo_t info = { 0 };

    return !waitid(P_PID, (id_t)t->child, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

static void step_wait(struct talk *t, const char *step, const char *text)
{
    gint64 end = deadline(t);
    char *at;

    /* There may be NULs in it. */
    while (!(at = memmem(t->seen->str, t->seen->len, text, strlen(text)))) {
        bool over = ended(t);
        gsize had = t->seen->len;

        if (!pump(t, end))
            fail(t, step, "it did not come in time");
        if (over && t->seen->len == had)
            fail(t, step, "it did not come before the command ended");
    }
    g_string_erase(t->seen, 0, at - t->seen->str + (gssize)strlen(text));
}

static void step_send(struct talk *t, const char *step, const char *text);

static void step_until(struct talk *t, const char *step, const char *text)
{
    gint64 end = deadline(t), again = 0;
    g_autofree char *last = g_strdup(t->last);
    char *at;

    while (!(at = g_strstr_len(t->seen->str, (gssize)t->seen->len, text))) {
        if (g_get_monotonic_time() > again) {
            step_send(t, step, last);
            again = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
        }
        if (!pump(t, end))
            fail(t, step, "it did not come in time");
    }
    g_string_erase(t->seen, 0, at - t->seen->str + (gssize)strlen(text));
}

static void step_send(struct talk *t, const char *step, const char *text)
{
    const char *keys = text;
    g_autoptr(GString) out = g_string_new(NULL);

    for (; *text; text++) {
        if (*text != '\\' || !text[1]) {
            g_string_append_c(out, *text);
        } else if (*++text == 'x' && isxdigit(text[1]) && isxdigit(text[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(text[1]) << 4 | g_ascii_xdigit_value(text[2])));
            text += 2;
        } else {
            g_string_append_c(out, *text == 'r' ? '\r' : *text == 'n' ? '\n' : *text);
        }
    }
    if (write(t->master, out->str, out->len) != (ssize_t)out->len)
        fail(t, step, "the terminal takes no more");
    g_free(t->last);
    t->last = g_strdup(keys);
}

static void step_silent(struct talk *t, const char *step, int seconds)
{
    gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
    gsize before = t->seen->len;

    while (pump(t, end))
        if (t->seen->len > before)
            fail(t, step, "there is output");
}

static void step_terminal(struct talk *t, const char *step, bool raw)
{
    struct termios now;

    if (tcgetattr(t->slave, &now))
        fail(t, step, strerror(errno));
    if (raw && now.c_lflag & (ECHO | ICANON))
        fail(t, step, "the terminal echoes");
    if (!raw && (now.c_lflag != t->before.c_lflag || now.c_iflag != t->before.c_iflag ||
                 now.c_oflag != t->before.c_oflag || now.c_cflag != t->before.c_cflag))
        fail(t, step, "the terminal was left in another mode");
}

static void step_exit(struct talk *t, const char *step, int want)
{
    gint64 end = deadline(t);
    g_autofree char *text = NULL;
    int status, got;

    while (waitpid(t->child, &status, WNOHANG) == 0)
        if (!pump(t, end))
            fail(t, step, "the command still runs");
    t->child = 0;
    got = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    text = g_strdup_printf("the command's status is %d", got);
    if (got != want)
        fail(t, step, text);
}

static void run_step(struct talk *t, const char *step)
{
    const char *blank = strchr(step, ' '), *arg = blank ? blank + 1 : "";
    g_autofree char *verb = g_strndup(step, blank ? (gsize)(blank - step) : strlen(step));

    if (!strcmp(verb, "limit"))
        t->limit = atoi(arg);
    else if (!strcmp(verb, "wait"))
        step_wait(t, step, arg);
    else if (!strcmp(verb, "send"))
        step_send(t, step, arg);
    else if (!strcmp(verb, "until"))
        step_until(t, step, arg);
    else if (!strcmp(verb, "silent"))
        step_silent(t, step, atoi(arg));
    else if (!strcmp(verb, "raw") || !strcmp(verb, "restored"))
        step_terminal(t, step, *verb == 'r' && verb[1] == 'a');
    else if (!strcmp(verb, "signal"))
        kill(t->child, atoi(arg));
    else if (!strcmp(verb, "exit"))
        step_exit(t, step, atoi(arg));
    else if (*verb && *verb != '#')
        fail(t, step, "no such step");
}

int main(int argc, char **argv)
{
    struct talk t = { .limit = 30 };
    g_autofree char *line = NULL;
    size_t size = 0;

    if (argc < 2 || !open_terminal(&t)) {
        fprintf(stderr, argc < 2 ? "usage: expect COMMAND... <steps\n" : "expect: no terminal\n");
        return 1;
    }
    t.seen = g_string_new(NULL);
    start(&t, argv + 1);
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        run_step(&t, line);
    }
    kill_child(&t);
    g_string_free(t.seen, TRUE);
    g_free(t.last);
    return 0;
}
