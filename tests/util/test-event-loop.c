/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of util/event-loop.c, util/timer.c and util/clock.c. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/suite.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/rng.h"
#include "util/timer.h"

static struct event_loop *loop;
static struct clock *vclock, *mono;

static void setup(void)
{
    loop = event_loop_new();
    vclock = clock_new(CLK_VIRTUAL);
    mono = clock_new(CLK_REALTIME);
}

static void teardown(void)
{
    event_loop_free(loop);
    clock_free(vclock);
    clock_free(mono);
}

/* ---- clocks ---- */

START_TEST(virtual_clock_stands_still_while_paused)
{
    int64_t t;

    ck_assert_int_ge(clock_ns(vclock), 0);
    ck_assert_int_lt(clock_ns(vclock), NS_PER_S);
    clock_pause(vclock);
    clock_pause(vclock);
    t = clock_ns(vclock);
    usleep(2000);
    ck_assert(clock_ns(vclock) == t);
    clock_resume(vclock);
    clock_resume(vclock);
    ck_assert_int_lt(clock_ns(vclock) - t, NS_PER_MS);
    usleep(2000);
    ck_assert_int_ge(clock_ns(vclock) - t, 2 * NS_PER_MS);
}
END_TEST

START_TEST(only_a_paused_virtual_clock_can_be_set)
{
    clock_set(vclock, 77);
    ck_assert(clock_ns(vclock) != 77);
    clock_pause(vclock);
    clock_set(vclock, 77);
    ck_assert(clock_ns(vclock) == 77);
    ck_assert(clock_wait_ns(vclock, 77) == 0);
    ck_assert(clock_wait_ns(vclock, 78) == -1);
    clock_pause(mono);
    ck_assert(!clock_paused(mono));
}
END_TEST

START_TEST(wait_does_not_overflow)
{
    clock_pause(vclock);
    clock_set(vclock, -1000);
    clock_resume(vclock);
    ck_assert(clock_wait_ns(vclock, INT64_MAX) > 0);
}
END_TEST

/* ---- loop ---- */

static void quit_with_7(void *opaque)
{
    (void)opaque;
    event_loop_quit(loop, 7);
}

START_TEST(quit_gives_its_code)
{
    event_loop_bh(loop, quit_with_7, NULL);
    ck_assert_int_eq(event_loop_run(loop), 7);
    event_loop_quit(loop, 3);
    event_loop_quit(loop, 4);
    ck_assert_int_eq(event_loop_run(loop), 3);
}
END_TEST

static void *quit_from_thread(void *opaque)
{
    (void)opaque;
    usleep(10 * 1000);
    event_loop_quit(loop, 9);
    return NULL;
}

START_TEST(quit_from_another_thread_wakes_the_loop)
{
    GThread *thread = g_thread_new("quit", quit_from_thread, NULL);

    ck_assert_int_eq(event_loop_run(loop), 9);
    g_thread_join(thread);
}
END_TEST

static GString *order;

static void note(void *opaque)
{
    g_string_append(order, opaque);
}

START_TEST(bottom_halves_run_once_in_order)
{
    order = g_string_new("");
    event_loop_bh(loop, note, "a");
    event_loop_bh(loop, note, "b");
    event_loop_bh(loop, note, "c");
    event_loop_bh_cancel(loop, note, "b");
    while (event_loop_poll(loop, false))
        ;
    ck_assert_str_eq(order->str, "ac");
    g_string_free(order, TRUE);
}
END_TEST

struct locked {
    int depth, calls;
};

static void lock(void *opaque)
{
    ((struct locked *)opaque)->depth++;
}

static void unlock(void *opaque)
{
    ((struct locked *)opaque)->depth--;
}

static void expect_locked(void *opaque)
{
    struct locked *l = opaque;

    ck_assert_int_eq(l->depth, 1);
    l->calls++;
}

static void fd_locked(void *opaque, int fd, GIOCondition ready)
{
    char c;

    ck_assert(ready & G_IO_IN);
    ck_assert_int_eq(read(fd, &c, 1), 1);
    expect_locked(opaque);
}

START_TEST(callbacks_run_inside_the_lock)
{
    struct locked l = {0, 0};
    struct timer *t = timer_new(loop, mono, expect_locked, &l);
    int fds[2];
    unsigned id;

    ck_assert_int_eq(pipe(fds), 0);
    event_loop_set_lock(loop, lock, unlock, &l);
    id = event_loop_add_fd(loop, fds[0], G_IO_IN, fd_locked, &l);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    event_loop_bh(loop, expect_locked, &l);
    timer_arm(t, 0);
    while (l.calls < 3)
        event_loop_poll(loop, true);
    ck_assert_int_eq(l.depth, 0);
    event_loop_remove(loop, id);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    while (event_loop_poll(loop, false))
        ;
    ck_assert_int_eq(l.calls, 3);
    timer_free(t);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

/* ---- timers ---- */

struct probe {
    struct timer *t;
    int64_t armed_for, fired_at;
    int fired;
};

static void probe_fired(void *opaque)
{
    struct probe *p = opaque;

    p->fired_at = clock_ns(mono);
    p->fired++;
}

START_TEST(timer_is_precise_and_never_early)
{
    struct probe p = {0};
    int64_t best = INT64_MAX;

    p.t = timer_new(loop, mono, probe_fired, &p);
    for (int i = 1; i <= 20; i++) {
        p.armed_for = clock_ns(mono) + 300 * NS_PER_US;
        timer_arm(p.t, p.armed_for);
        ck_assert(timer_pending(p.t));
        while (p.fired < i)
            event_loop_poll(loop, true);
        ck_assert(!timer_pending(p.t));
        ck_assert_int_ge(p.fired_at, p.armed_for);
        best = MIN(best, p.fired_at - p.armed_for);
    }
    /* Far below a millisecond; each single one may be late on a busy host. */
    ck_assert_int_lt(best, 700 * NS_PER_US);
    timer_free(p.t);
}
END_TEST

static int64_t last_deadline;
static int nfired;

static void check_order(void *opaque)
{
    struct probe *p = opaque;

    ck_assert_int_ge(p->armed_for, last_deadline);
    last_deadline = p->armed_for;
    p->fired++;
    nfired++;
}

START_TEST(timers_fire_in_order)
{
    enum { N = 200 };
    struct probe p[N] = {0};
    struct rng r;
    int64_t now;

    rng_init(&r, 5);
    last_deadline = 0;
    nfired = 0;
    clock_pause(vclock);
    now = clock_ns(vclock);
    for (int i = 0; i < N; i++) {
        p[i].t = timer_new(loop, vclock, check_order, &p[i]);
        p[i].armed_for = now + 1 + rng_below(&r, 1000);
        timer_arm(p[i].t, now + 5000);
        timer_arm(p[i].t, p[i].armed_for);
    }
    for (int i = 0; i < N; i += 3)
        timer_cancel(p[i].t);
    while (event_loop_poll(loop, false))
        ;
    ck_assert_int_eq(nfired, 0);
    clock_set(vclock, now + 1000);
    while (nfired < N - (N + 2) / 3)
        event_loop_poll(loop, true);
    for (int i = 0; i < N; i++) {
        ck_assert_int_eq(p[i].fired, i % 3 != 0);
        timer_free(p[i].t);
    }
}
END_TEST

START_TEST(timer_waits_for_a_paused_clock)
{
    struct probe p = {0};
    int64_t deadline;

    p.t = timer_new(loop, vclock, probe_fired, &p);
    clock_pause(vclock);
    deadline = clock_ns(vclock) + NS_PER_MS;
    timer_arm(p.t, deadline);
    ck_assert(timer_deadline(p.t) == deadline);
    usleep(3000);
    while (event_loop_poll(loop, false))
        ;
    ck_assert_int_eq(p.fired, 0);
    clock_resume(vclock);
    while (!p.fired)
        event_loop_poll(loop, true);
    ck_assert(timer_deadline(p.t) == INT64_MAX);
    timer_free(p.t);
}
END_TEST

static void rearm_in_the_past(void *opaque)
{
    struct probe *p = opaque;

    p->fired++;
    timer_arm(p->t, 0);
}

START_TEST(timer_that_is_always_due_does_not_starve_others)
{
    struct probe p = {0};

    p.t = timer_new(loop, mono, rearm_in_the_past, &p);
    timer_arm(p.t, -5);
    while (p.fired < 100)
        event_loop_poll(loop, true);
    event_loop_bh(loop, quit_with_7, NULL);
    ck_assert_int_eq(event_loop_run(loop), 7);
    timer_free(p.t);
}
END_TEST

static void *arm_from_thread(void *opaque)
{
    struct probe *p = opaque;

    usleep(5000);
    timer_arm(p->t, clock_ns(mono) + NS_PER_MS);
    return NULL;
}

START_TEST(timer_armed_by_another_thread_wakes_the_loop)
{
    struct probe p = {0};
    GThread *thread;

    p.t = timer_new(loop, mono, probe_fired, &p);
    timer_arm(p.t, clock_ns(mono) + 60LL * NS_PER_S);
    thread = g_thread_new("arm", arm_from_thread, &p);
    while (!p.fired)
        event_loop_poll(loop, true);
    g_thread_join(thread);
    timer_free(p.t);
}
END_TEST

static TCase *tcase(Suite *s, const char *name)
{
    TCase *tc = tcase_create(name);

    tcase_add_checked_fixture(tc, setup, teardown);
    suite_add_tcase(s, tc);
    return tc;
}

static Suite *suite_event_loop(void)
{
    Suite *s = suite_create("event-loop");
    TCase *tc = tcase(s, "clock");

    tcase_add_test(tc, virtual_clock_stands_still_while_paused);
    tcase_add_test(tc, only_a_paused_virtual_clock_can_be_set);
    tcase_add_test(tc, wait_does_not_overflow);
    tc = tcase(s, "loop");
    tcase_add_test(tc, quit_gives_its_code);
    tcase_add_test(tc, quit_from_another_thread_wakes_the_loop);
    tcase_add_test(tc, bottom_halves_run_once_in_order);
    tcase_add_test(tc, callbacks_run_inside_the_lock);
    tc = tcase(s, "timer");
    tcase_add_test(tc, timer_is_precise_and_never_early);
    tcase_add_test(tc, timers_fire_in_order);
    tcase_add_test(tc, timer_waits_for_a_paused_clock);
    tcase_add_test(tc, timer_that_is_always_due_does_not_starve_others);
    tcase_add_test(tc, timer_armed_by_another_thread_wakes_the_loop);
    return s;
}
TEST_SUITE(suite_event_loop)
