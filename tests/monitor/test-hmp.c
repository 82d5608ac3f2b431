/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of monitor/hmp.c and commands.c: sessions on a pipe and on a mux, of a machine without CPUs. */
#include "config.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "monitor/monitor.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "util/event-loop.h"

static struct harness *h;
static struct monitor *mon;
static char out[65536];

static void start(struct chardev *c)
{
    const struct monitor_env env = { h->m, h->drives, NULL };

    mon = monitor_new(&env, c);
}

static void setup(void)
{
    h = harness_new();
    start(harness_chardev(h));
}

static void teardown(void)
{
    monitor_free(mon);
    harness_free(h);
}

/* Type a line; what comes after its echo. */
static const char *answer(const char *line)
{
    g_autofree char *text = g_strdup_printf("%s\r", line), *echo = g_strdup_printf("%s\r\n", line);

    harness_output(h, out, sizeof(out));
    harness_input(h, text);
    harness_output(h, out, sizeof(out));
    ck_assert_msg(g_str_has_prefix(out, echo), "'%s' has no echo: '%s'", line, out);
    return out + strlen(echo);
}

#define ck_assert_answer(line, text) ck_assert_str_eq(answer(line), text "(qemu) ")

START_TEST(a_session_begins_with_banner_and_prompt)
{
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "Tinamou " CONFIG_VERSION " monitor - type 'help' for more information\r\n(qemu) ");
    ck_assert_answer("", "");
    ck_assert_answer("info version", CONFIG_VERSION "\r\n");
}
END_TEST

START_TEST(states_are_named_as_in_qemu)
{
    ck_assert_answer("info status", "VM status: paused (prelaunch)\r\n");
    ck_assert_answer("stop", "");
    ck_assert_answer("info status", "VM status: paused (prelaunch)\r\n");
    ck_assert_answer("cont", "");
    ck_assert_answer("info status", "VM status: running\r\n");
    ck_assert_answer("s", "");
    ck_assert_answer("info status", "VM status: paused\r\n");
    ck_assert_answer("c", "");
    machine_lock(h->m);
    machine_request_stop(h->m, RUN_IO_ERROR);
    machine_unlock(h->m);
    harness_settle(h);
    ck_assert_answer("info status", "VM status: paused (io-error)\r\n");
    ck_assert_answer("system_reset", "");
    ck_assert_answer("info status", "VM status: paused (prelaunch)\r\n");
}
END_TEST

START_TEST(a_guest_that_shut_down_needs_a_reset)
{
    h->m->config.no_shutdown = true;
    answer("cont");
    machine_lock(h->m);
    machine_request_from(h->m, MACHINE_POWEROFF);
    machine_unlock(h->m);
    harness_settle(h);
    ck_assert_answer("info status", "VM status: paused (shutdown)\r\n");
    ck_assert_answer("cont", "Error: the guest has shut down; use system_reset first\r\n");
    ck_assert_answer("system_reset", "");
    ck_assert_answer("cont", "");
    ck_assert_answer("info status", "VM status: running\r\n");
}
END_TEST

START_TEST(reset_of_a_running_machine_leaves_it_running)
{
    answer("cont");
    ck_assert_answer("system_reset", "");
    ck_assert_answer("info status", "VM status: running\r\n");
}
END_TEST

START_TEST(errors_are_those_of_qemu)
{
    ck_assert_answer("nosuch", "unknown command: 'nosuch'\r\n");
    ck_assert_answer("nosuch thing", "unknown command: 'nosuch'\r\n");
    ck_assert_answer("info nosuch", "unknown command: 'info nosuch'\r\n");
    ck_assert_answer("help nosuch", "unknown command: 'nosuch'\r\n");
    ck_assert_answer("quit now", "quit|q: extraneous characters at the end of line\r\nTry \"help quit\" for more information\r\n");
    ck_assert_answer("info name x", "info name: extraneous characters at the end of line\r\nTry \"help info\" for more information\r\n");
    ck_assert_answer("system_powerdown", "Error: machine bare has no power key\r\n");
}
END_TEST

START_TEST(balloon_is_set_and_shown)
{
    struct device *transport = harness_device(h, "virtio-mmio"), *dev = harness_device(h, "virtio-balloon-device");

    ck_assert_answer("balloon 2", "Error: No balloon device has been activated\r\n");
    ck_assert_answer("info balloon", "Error: No balloon device has been activated\r\n");
    dev->parent_bus = harness_realize(h, transport, 0x0a000000);
    harness_realize(h, dev, 0);
    ck_assert_answer("info balloon", "balloon: actual=4\r\n");
    ck_assert_answer("balloon 3", "");
    ck_assert_reg(h, 0x0a000100, 256);
    ck_assert_answer("balloon 1M", "");
    ck_assert_reg(h, 0x0a000100, 768);
    ck_assert_answer("balloon x", "Error: balloon: 'x' is not a size (MiB, or with K, M, G)\r\n");
    dev_write32(h, 0x0a000104, 512);
    ck_assert_answer("info balloon", "balloon: actual=2\r\n");
}
END_TEST

START_TEST(sendkey_reaches_the_keyboard)
{
    struct device *kbc = harness_realize(h, harness_device(h, "i8042"), 0x60);

    (void)kbc;
    ck_assert_answer("sendkey ctrl-a", "");
    ck_assert_uint_eq(dev_read(h, 0x60, 1), 0x1d);
    ck_assert_uint_eq(dev_read(h, 0x60, 1), 0x1e);
    ck_assert_answer("sendkey ctrl-hyper", "Error: invalid parameter: hyper\r\n");
    ck_assert_answer("sendkey a soon", "Error: sendkey: 'soon' is not a number of milliseconds\r\n");
}
END_TEST

START_TEST(help_lists_commands)
{
    ck_assert_answer("help stop", "stop|s  -- stop emulation\r\n");
    ck_assert_answer(" ?  c ", "cont|c  -- resume emulation\r\n");
    ck_assert_ptr_nonnull(strstr(answer("help"), "quit|q  -- quit the emulator\r\n"));
    ck_assert_ptr_null(strstr(out, "info status"));
    ck_assert_ptr_nonnull(strstr(answer("info"), "info status  -- "));
    ck_assert_ptr_null(strstr(out, "quit|q"));
}
END_TEST

START_TEST(tab_completes_commands)
{
    harness_output(h, out, sizeof(out));
    harness_input(h, "system_p\t\r");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "system_powerdown\r\nError: machine bare has no power key\r\n(qemu) ");
    harness_input(h, "info na\tx\x7f\r");
    harness_output(h, out, sizeof(out));
    ck_assert_ptr_nonnull(strstr(out, "info name"));
    harness_input(h, "sy\t");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "system_");
}
END_TEST

START_TEST(the_name_is_that_of_the_option)
{
    char name[] = "a guest";

    ck_assert_answer("info name", "");
    h->m->config.name = name;
    ck_assert_answer("info name", "a guest\r\n");
    h->m->config.name = NULL;
}
END_TEST

START_TEST(drives_are_listed)
{
    g_autofree char *file = g_strdup_printf("%s/disk", h->dir);
    g_autofree char *one = g_strdup_printf("if=none,id=d1,node-name=n1,file=%s", file);
    g_autofree char *want = NULL;

    ck_assert_answer("info block", "");
    ck_assert(g_file_set_contents(file, "", 0, NULL));
    ck_assert_int_eq(truncate(file, 4096), 0);
    monitor_free(mon);
    harness_drive(h, one);
    start(h->chr);
    want = g_strdup_printf("d1 (n1): %s (raw)\r\n    Cache mode:       writeback\r\n(qemu) ", file);
    ck_assert_str_eq(answer("info block"), want);
}
END_TEST

START_TEST(quit_ends_the_loop_and_the_session)
{
    harness_output(h, out, sizeof(out));
    harness_input(h, "quit\rinfo status\r");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "quit\r\n");
    ck_assert_int_eq(event_loop_run(h->loop), 0);
}
END_TEST

/* Nobody reads for a while: commands wait, and nothing is lost. */
START_TEST(output_that_nobody_reads_makes_commands_wait)
{
    enum { TIMES = 20000 };
    g_autoptr(GString) all = g_string_new(NULL);
    int sent = 0, answered = 0;

    ck_assert_int_gt(fcntl(h->to_dev, F_SETPIPE_SZ, 4096), 0);
    ck_assert_int_gt(fcntl(h->from_dev, F_SETPIPE_SZ, 4096), 0);
    while (sent < TIMES && write(h->to_dev, "help\r", 5) == 5) {
        sent++;
        harness_settle(h);
    }
    ck_assert_int_gt(sent, 200);     /* more answers than pipe and queue hold */
    ck_assert_int_lt(sent, TIMES);
    for (ssize_t n; (n = read(h->from_dev, out, sizeof(out))) > 0; harness_settle(h))
        g_string_append_len(all, out, n);
    for (const char *p = all->str; (p = strstr(p, "quit|q  -- quit the emulator\r\n")); p++)
        answered++;
    ck_assert_int_eq(answered, sent);
    ck_assert_answer("info status", "VM status: paused (prelaunch)\r\n");
}
END_TEST

/* ---- on a mux ---- */

static GString *typed;

static int console_room(void *opaque)
{
    (void)opaque;
    return 100;
}

static void console_take(void *opaque, const uint8_t *buf, size_t len)
{
    (void)opaque;
    g_string_append_len(typed, (const char *)buf, (gssize)len);
}

START_TEST(control_a_c_switches)
{
    struct chardev *console;
    g_autofree char *spec = g_strdup_printf("pipe,id=m,path=%s/p,mux=on", h->dir);

    monitor_free(mon);
    chardev_free(h->chr);
    h->chr = chardev_new(spec, h->loop, NULL);
    ck_assert_ptr_nonnull(h->chr);
    harness_output(h, out, sizeof(out));
    typed = g_string_new(NULL);
    console = chardev_attach(h->chr, NULL);
    chardev_set_handlers(console, console_room, console_take, NULL, NULL);
    start(chardev_attach(h->chr, NULL));
    chardev_write(console, "guest ", 6);
    harness_input(h, "quit\r");
    ck_assert_str_eq(typed->str, "quit\r");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "guest ");
    harness_input(h, "\x01" "cinfo status\r\x01" "cto the guest\x01" "c");
    harness_output(h, out, sizeof(out));
    ck_assert_str_eq(out, "Tinamou " CONFIG_VERSION " monitor - type 'help' for more information\r\n(qemu) info status\r\n"
                          "VM status: paused (prelaunch)\r\n(qemu) \r\n(qemu) ");
    ck_assert_str_eq(typed->str, "quit\rto the guest");
    chardev_set_handlers(console, NULL, NULL, NULL, NULL);
    g_string_free(typed, TRUE);
}
END_TEST

static Suite *suite_hmp(void)
{
    Suite *s = suite_create("monitor-hmp");
    TCase *tc = tcase_create("hmp");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_session_begins_with_banner_and_prompt);
    tcase_add_test(tc, states_are_named_as_in_qemu);
    tcase_add_test(tc, a_guest_that_shut_down_needs_a_reset);
    tcase_add_test(tc, reset_of_a_running_machine_leaves_it_running);
    tcase_add_test(tc, errors_are_those_of_qemu);
    tcase_add_test(tc, balloon_is_set_and_shown);
    tcase_add_test(tc, sendkey_reaches_the_keyboard);
    tcase_add_test(tc, help_lists_commands);
    tcase_add_test(tc, tab_completes_commands);
    tcase_add_test(tc, the_name_is_that_of_the_option);
    tcase_add_test(tc, drives_are_listed);
    tcase_add_test(tc, quit_ends_the_loop_and_the_session);
    tcase_add_test(tc, output_that_nobody_reads_makes_commands_wait);
    tcase_add_test(tc, control_a_c_switches);
    suite_add_tcase(s, tc);
    return s;
}
TEST_SUITE(suite_hmp)
