/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run states: start, stop, reset and power-off of a machine as its guest, its devices and the monitor ask for them.
 *
 * Whoever asks only leaves a mark and gets the CPUs out of the guest; the main loop does the work, because stopping waits for CPUs that
 * may themselves wait for the device lock.
 */
#include "config.h"
#include "softmmu/machine.h"
#include "util/clock.h"
#include "util/event-loop.h"

const char *run_state_name(enum run_state state)
{
    static const char *const names[RUN_NSTATES] = {
        [RUN_PRELAUNCH] = "prelaunch", [RUN_RUNNING] = "running", [RUN_PAUSED] = "paused", [RUN_IO_ERROR] = "io-error",
        [RUN_SHUTDOWN] = "shutdown",
    };

    return names[state];
}

/* Device lock held. */
static void tell_devices(struct machine *m, bool running)
{
    for (guint i = 0; i < m->devices->len; i++) {
        struct device *dev = g_ptr_array_index(m->devices, i);

        if (dev->realized && dev->type->run_state)
            dev->type->run_state(dev, running);
    }
}

void machine_start(struct machine *m)
{
    m->state = RUN_RUNNING;
    clock_resume(m->clock);
    machine_lock(m);
    tell_devices(m, true);
    machine_unlock(m);
    __atomic_store_n(&m->running, true, __ATOMIC_SEQ_CST);
    machine_start_threads(m);
    for (int i = 0; i < m->ncpus; i++)
        cpu_kick(m->cpus[i]);
}

static bool all_asleep(struct machine *m)
{
    for (int i = 0; i < m->ncpus; i++)
        if (m->cpus[i]->has_thread && !__atomic_load_n(&m->cpus[i]->asleep, __ATOMIC_SEQ_CST))
            return false;
    return true;
}

void machine_pause(struct machine *m)
{
    __atomic_store_n(&m->running, false, __ATOMIC_SEQ_CST);
    while (!all_asleep(m)) {
        for (int i = 0; i < m->ncpus; i++)
            cpu_kick(m->cpus[i]);
        g_usleep(100);
    }
    clock_pause(m->clock);
    machine_lock(m);
    tell_devices(m, false);
    machine_unlock(m);
}

/* machine_pause for callbacks of the main loop, which hold the device lock once: CPUs may wait for it. */
static void pause_locked(struct machine *m, enum run_state why)
{
    machine_unlock(m);
    machine_pause(m);
    machine_lock(m);
    m->state = why;
}

static void start_locked(struct machine *m)
{
    machine_unlock(m);
    machine_start(m);
    machine_lock(m);
}

static void power_off(struct machine *m)
{
    m->poweroff_requested = m->reset_requested = m->stop_requested = false;
    pause_locked(m, RUN_SHUTDOWN);
    if (!m->config.no_shutdown)
        event_loop_quit(m->loop, m->exit_code);
}

/* A machine that stood stands afterwards, as if it had not been started yet. */
static void reset(struct machine *m)
{
    enum run_state before = m->state;

    m->reset_requested = false;
    pause_locked(m, before == RUN_RUNNING ? before : RUN_PRELAUNCH);
    machine_unlock(m);
    machine_reset(m);
    machine_lock(m);
    if (before == RUN_RUNNING && !m->stop_requested)
        start_locked(m);
}

static void handle_requests(void *opaque)
{
    struct machine *m = opaque;

    if (m->poweroff_requested || (m->reset_requested && m->config.no_reboot)) {
        power_off(m);
        return;
    }
    if (m->reset_requested)
        reset(m);
    if (!m->stop_requested)
        return;
    m->stop_requested = false;
    if (m->state == RUN_RUNNING)
        pause_locked(m, m->stop_state);
}

static void ask(struct machine *m)
{
    __atomic_store_n(&m->running, false, __ATOMIC_SEQ_CST);
    for (int i = 0; i < m->ncpus; i++)
        cpu_kick(m->cpus[i]);
    event_loop_bh(m->loop, handle_requests, m);
}

void machine_request_from(struct machine *m, enum machine_request request)
{
    switch (request) {
    case MACHINE_RESET:
        m->reset_requested = true;
        break;
    case MACHINE_POWEROFF:
        m->poweroff_requested = true;
        break;
    case MACHINE_STOP_IO_ERROR:
        machine_request_stop(m, RUN_IO_ERROR);
        return;
    }
    ask(m);
}

void machine_request_stop(struct machine *m, enum run_state why)
{
    m->stop_requested = true;
    m->stop_state = why;
    ask(m);
}

void machine_reset_now(struct machine *m)
{
    machine_request_from(m, MACHINE_RESET);
    handle_requests(m);
}

void machine_stop(struct machine *m)
{
    machine_request_stop(m, RUN_PAUSED);
    handle_requests(m);
}

bool machine_cont(struct machine *m, GError **err)
{
    handle_requests(m);
    if (m->state == RUN_SHUTDOWN) {
        g_set_error(err, g_quark_from_static_string("machine"), 0, "the guest has shut down; use system_reset first");
        return false;
    }
    if (m->state != RUN_RUNNING)
        start_locked(m);
    return true;
}

bool machine_powerdown(struct machine *m, GError **err)
{
    if (m->board->powerdown) {
        m->board->powerdown(m);
        return true;
    }
    g_set_error(err, g_quark_from_static_string("machine"), 0, "machine %s has no power key", m->board->name);
    return false;
}
