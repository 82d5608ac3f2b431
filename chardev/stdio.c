/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal, or whatever stdin and stdout are.  A terminal is put into raw
 * mode, and gets its old mode back when the back end is freed, when the
 * process exits, and when a signal ends or stops it.  With signal=off Ctrl-C
 * and the like go to the guest.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "chardev/internal.h"

struct stdio {
    struct chardev base;
    struct fd_io io;
    int in, out; /* 0 and 1, or the same files opened anew */
};

/* Signal handlers and atexit have no argument, and the process has only one
 * terminal: so this is one of the program's few globals. */
static struct {
    volatile sig_atomic_t active;
    bool used;
    struct termios saved, raw;
} terminal;

static const int fatal_signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT, SIGABRT,
                                    SIGSEGV, SIGBUS,  SIGILL, SIGFPE,  SIGTSTP};

/* Safe in a signal handler. */
static void restore_terminal(void)
{
    if (terminal.active)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.saved);
}

/* For a signal whose effect was the default one: restore, then let it have
 * that effect. */
static void on_signal(int sig)
{
    int saved_errno = errno;
    sigset_t set;

    restore_terminal();
    signal(sig, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, sig);
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    /* Only SIGTSTP comes back, when the shell continues us. */
    signal(sig, on_signal);
    errno = saved_errno;
}

static void on_continue(int sig)
{
    int saved_errno = errno;

    (void)sig;
    if (terminal.active)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.raw);
    errno = saved_errno;
}

/* Handlers that others have installed stay: they end in exit, and that in
 * restore_terminal. */
static void catch_signals(void)
{
    struct sigaction old, ours = {.sa_handler = on_signal};

    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++) {
        sigaction(fatal_signals[i], NULL, &old);
        if (!(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL)
            sigaction(fatal_signals[i], &ours, NULL);
    }
    ours.sa_handler = on_continue;
    ours.sa_flags = SA_RESTART;
    sigaction(SIGCONT, &ours, NULL);
}

static void set_raw(bool signals)
{
    static bool once;

    terminal.raw = terminal.saved;
    terminal.raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP |
                                        INLCR | IGNCR | ICRNL | IXON);
    terminal.raw.c_oflag |= OPOST; /* our own messages end in plain newlines */
    terminal.raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (!signals)
        terminal.raw.c_lflag &= ~(tcflag_t)ISIG;
    terminal.raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    terminal.raw.c_cflag |= CS8;
    terminal.raw.c_cc[VMIN] = 1;
    terminal.raw.c_cc[VTIME] = 0;
    if (!once) {
        atexit(restore_terminal);
        once = true;
    }
    catch_signals();
    terminal.active = true;
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal.raw);
}

/* The same terminal or fifo as fd, but non-blocking for us alone: the flag
 * belongs to the open file, which we share with the shell.  fd itself when it
 * cannot be opened anew. */
static int reopen(int fd, int flags)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    struct stat st;
    int fresh;

    if (fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || isatty(fd)))
        return fd;
    fresh = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fresh < 0 ? fd : fresh;
}

static size_t stdio_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    return fd_io_write(&((struct stdio *)c)->io, buf, len);
}

static void stdio_accept_input(struct chardev *c)
{
    fd_io_accept_input(&((struct stdio *)c)->io);
}

static void stdio_close(struct chardev *c)
{
    struct stdio *s = (struct stdio *)c;

    fd_io_stop(&s->io);
    restore_terminal();
    terminal.active = false;
    terminal.used = false;
    if (s->in != STDIN_FILENO)
        close(s->in);
    if (s->out != STDOUT_FILENO)
        close(s->out);
}

static const struct chardev_ops stdio_ops = {
    .write = stdio_write,
    .accept_input = stdio_accept_input,
    .close = stdio_close,
};

struct chardev *stdio_make(struct event_loop *loop, const char *label,
                           struct keyval *kv, GError **err)
{
    bool signals = true;
    struct stdio *s;

    if (!keyval_get_bool(kv, "signal", &signals, err))
        return NULL;
    if (terminal.used) {
        chardev_error(err, label,
                      "stdio is in use already; share it with mux=on or "
                      "mon:stdio");
        return NULL;
    }
    s = (struct stdio *)chardev_alloc(sizeof(*s), &stdio_ops, loop, label);
    terminal.used = true;
    if (tcgetattr(STDIN_FILENO, &terminal.saved) == 0)
        set_raw(signals);
    s->in = reopen(STDIN_FILENO, O_RDONLY);
    s->out = reopen(STDOUT_FILENO, O_WRONLY);
    /* At the end of stdin the guest goes on and may still write. */
    s->io.apart = true;
    s->io.careful = s->out == STDOUT_FILENO;
    fd_io_start(&s->io, &s->base, s->in, s->out, NULL);
    s->base.open = true;
    return &s->base;
}
