/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: the board registry, creation, reset, start and stop, and what devices may ask. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "softmmu/access.h"
#include "softmmu/check.h"
#include "softmmu/hot.h"
#include "softmmu/input.h"
#include "softmmu/machine.h"
#include "softmmu/tb.h"
#include "tcg/compile.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/log.h"
#include "util/rng.h"
#include "util/timer.h"

#define SLICE_NS (10 * 1000 * 1000)

/* Filled by constructors before main. */
static GPtrArray *boards;

void board_register(const struct board_type *type)
{
    if (!boards)
        boards = g_ptr_array_new();
    g_ptr_array_add(boards, (gpointer)type);
}

const struct board_type *board_find(const char *name)
{
    for (guint i = 0; boards && i < boards->len; i++) {
        const struct board_type *b = g_ptr_array_index(boards, i);

        if (!strcmp(b->name, name) || !g_strcmp0(b->alias, name))
            return b;
    }
    return NULL;
}

static int compare_boards(const void *a, const void *b)
{
    const struct board_type *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

const struct board_type **board_list(void)
{
    guint n = boards ? boards->len : 0;
    const struct board_type **list = g_new0(const struct board_type *, n + 1);

    for (guint i = 0; i < n; i++)
        list[i] = g_ptr_array_index(boards, i);
    qsort(list, n, sizeof(*list), compare_boards);
    return list;
}

/* ---- locks ---------------------------------------------------------------------------------- */

void machine_lock(struct machine *m)
{
    pthread_mutex_lock(&m->lock);
}

void machine_unlock(struct machine *m)
{
    pthread_mutex_unlock(&m->lock);
}

static void lock_cb(void *opaque)
{
    machine_lock(opaque);
}

static void unlock_cb(void *opaque)
{
    machine_unlock(opaque);
}

static void init_lock(struct machine *m)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m->lock, &attr);
    pthread_mutexattr_destroy(&attr);
}

/* ---- life ----------------------------------------------------------------------------------- */

static bool new_translator(struct machine *m, const struct cpu_ops *ops, GError **err)
{
    struct tcg_config config = {
        .cache_size = m->config.tb_size, .target = ops->ir_target,
                .mem = m->config.check ? &check_mem_ops : &access_mem_ops,
        .keep = m->config.check, .perfmap = m->config.perfmap, .interpret = m->config.interpret,
        .verify = m->config.verify, .random_ra = m->config.random_ra };
    g_autofree char *error = NULL;

    m->tcg = tcg_ctx_new(&config, &error);
    if (!m->tcg) {
        g_set_error(err, g_quark_from_static_string("machine"), 0,
                    "no memory for translated code: %s", error);
        return false;
    }
    m->code = code_space_new(m, m->tcg);
    code_space_watch(m->code, m->bus);
    return true;
}

struct machine *machine_new(const struct board_type *board,
                            const struct machine_config *config,
                            const struct boot_info *boot,
                            struct event_loop *loop, GError **err)
{
    struct machine *m = g_new0(struct machine, 1);
    const struct cpu_ops *ops = cpu_ops_find(board->target, config->cpu_model, config->want_64bit);

    m->board = board;
    m->ops = ops;
    m->config = *config;
    m->boot = *boot;
    m->loop = loop;
    m->oversubscribed = (guint)config->smp > g_get_num_processors();
    init_lock(m);
    m->clock = clock_new(CLK_VIRTUAL);
    clock_pause(m->clock);
    m->host_clock = clock_new(CLK_HOST);
    m->devices = g_ptr_array_new();
    m->bus = bus_new(lock_cb, unlock_cb, m);
    bus_set_remap_hook(m->bus, cpus_remapped, m);
    m->io = bus_new(lock_cb, unlock_cb, m);
    bus_set_open(m->io);
    if (config->seeded) {
        m->rng = g_new0(struct rng, 1);
        rng_init(m->rng, config->seed);
    }
    if (!ops) {
        g_set_error(err, g_quark_from_static_string("machine"), 0, "machine %s: no CPU of family '%s' is built in", board->name,
                    board->target);
        machine_free(m);
        return NULL;
    }
    if (!new_translator(m, ops, err)) {
        machine_free(m);
        return NULL;
    }
    event_loop_set_lock(loop, lock_cb, unlock_cb, m);
    return m;
}

bool machine_init(struct machine *m, GError **err)
{
    bool ok;

    machine_lock(m);
    ok = m->board->init(m, err);
    machine_unlock(m);
    return ok;
}

bool machine_ready(struct machine *m, GError **err)
{
    return !m->board->ready || m->board->ready(m, err);
}

static void stop_threads(struct machine *m)
{
    for (int i = 0; i < m->ncpus; i++) {
        __atomic_store_n(&m->cpus[i]->stop, true, __ATOMIC_SEQ_CST);
        cpu_kick(m->cpus[i]);
    }
    for (int i = 0; i < m->ncpus; i++)
        if (m->cpus[i]->has_thread)
            pthread_join(m->cpus[i]->thread, NULL);
}

/* -d stats: one line "stats: NAME VALUE" each, for people and for bench/. CPUs' counters are added up. */
static void print_stats(const struct machine *m)
{
    const struct code_stats *code = code_space_stats(m->code);
    const struct tcg_stats *tcg = tcg_stats(m->tcg);
    struct cpu_counters sum = { 0 };
    uint64_t *total = (uint64_t *)&sum;

    for (int i = 0; i < m->ncpus; i++) {
        const uint64_t *one = (const uint64_t *)&m->cpus[i]->count;

        for (size_t k = 0; k < sizeof(sum) / sizeof(*total); k++)
            total[k] += one[k];
    }
    const struct { const char *name; uint64_t value; } rows[] = {
        { "translate-ns", sum.translate_ns }, { "translated-insns", sum.translated_insns },
        { "ir-ops", tcg->ir_ops }, { "host-bytes", tcg->host_bytes }, { "guest-bytes", code->guest_bytes },
        { "regions", code->tbs }, { "invalidated", code->invalidated }, { "hot-regions", code->hot }, { "code-flushes", code->flushes },
        { "code-writes", code->code_writes }, { "region-lookups", sum.tb_lookups },
        { "jump-cache-misses", sum.jc_misses }, { "exits", sum.exits }, { "exceptions", sum.exceptions },
        { "interrupts", sum.interrupts }, { "tlb-fills", sum.tlb_fills }, { "tlb-flushes", sum.tlb_flushes },
        { "tlb-switches", sum.tlb_switches }, { "tlb-slow", sum.tlb_slow }, { "tlb-victim-hits", sum.tlb_victim_hits },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        log_write("stats: %s %" G_GUINT64_FORMAT "\n", rows[i].name, rows[i].value);
}

void machine_free(struct machine *m)
{
    stop_threads(m);
    if (log_enabled(LOG_STATS) && m->code)
        print_stats(m);
    event_loop_set_lock(m->loop, NULL, NULL, NULL);
    for (guint i = m->devices->len; i-- > 0;)
        device_free(g_ptr_array_index(m->devices, i));
    g_ptr_array_free(m->devices, TRUE);
    input_free(m);
    for (int i = 0; i < m->ncpus; i++)
        cpu_free(m->cpus[i]);
    if (m->slice)
        timer_free(m->slice);
    code_space_free(m->code);
    tcg_ctx_free(m->tcg);
    bus_free(m->bus);
    bus_free(m->io);
    clock_free(m->clock);
    clock_free(m->host_clock);
    g_free(m->rng);
    if (m->board_state && m->board->fini)
        m->board->fini(m);
    g_free(m->board_state);
    pthread_mutex_destroy(&m->lock);
    g_free(m);
}

struct cpu *machine_add_cpu(struct machine *m, GError **err)
{
    struct cpu *cpu;

    g_assert(m->ncpus < MACHINE_MAX_CPUS);
    cpu = cpu_new(m, m->ops, m->config.cpu_model,
                  m->ncpus, err);
    if (cpu)
        m->cpus[m->ncpus++] = cpu;
    return cpu;
}

/* ---- run ------------------------------------------------------------------------------------ */

static void *cpu_thread(void *opaque)
{
    hot_start(opaque);
    cpu_run_loop(opaque);
    hot_stop();
    return NULL;
}

static void *single_thread(void *opaque)
{
    struct machine *m = opaque;

    hot_start(m->cpus[0]);
    cpus_run_single(m);
    hot_stop();
    return NULL;
}

/* Turn to the next CPU of a single-threaded machine. */
static void next_slice(void *opaque)
{
    struct machine *m = opaque;

    for (int i = 0; i < m->ncpus; i++)
        __atomic_store_n(&m->cpus[i]->env.exit_request, 1, __ATOMIC_SEQ_CST);
    timer_arm(m->slice, clock_ns(m->clock) + SLICE_NS);
}

void machine_start_threads(struct machine *m)
{
    int n = m->config.thread_single ? 1 : m->ncpus;

    for (int i = 0; i < n; i++) {
        struct cpu *cpu = m->cpus[i];

        if (cpu->has_thread)
            continue;
        if (m->config.thread_single)
            pthread_create(&cpu->thread, NULL, single_thread, m);
        else
            pthread_create(&cpu->thread, NULL, cpu_thread, cpu);
        cpu->has_thread = true;
    }
    if (m->config.thread_single && m->ncpus > 1 && !m->slice) {
        m->slice = timer_new(m->loop, m->clock, next_slice, m);
        timer_arm(m->slice, clock_ns(m->clock) + SLICE_NS);
    }
}

void machine_reset(struct machine *m)
{
    code_flush(m->code, NULL);
    machine_lock(m);
    for (guint i = 0; i < m->devices->len; i++)
        device_reset(g_ptr_array_index(m->devices, i));
    for (int i = 0; i < m->ncpus; i++)
        cpu_reset(m->cpus[i]);
    if (m->board->reset)
        m->board->reset(m);
    machine_unlock(m);
}

int machine_run(struct machine *m)
{
    int code;

    machine_reset(m);
    if (!m->config.start_paused)
        machine_start(m);
    code = event_loop_run(m->loop);
    stop_threads(m);
    for (int i = 0; i < m->ncpus; i++)
        m->cpus[i]->has_thread = false;
    return code;
}

/* ---- devices' questions --------------------------------------------------------------------- */

struct bus *device_bus(struct device *dev)
{
    return dev->machine->bus;
}

struct bus *device_io_bus(struct device *dev)
{
    return dev->machine->io;
}

struct event_loop *device_loop(struct device *dev)
{
    return dev->machine->loop;
}

struct clock *device_clock(struct device *dev)
{
    return dev->machine->clock;
}

struct clock *device_clock_host(struct device *dev)
{
    return dev->machine->host_clock;
}

void device_request(struct device *dev, enum machine_request request)
{
    machine_request_from(dev->machine, request);
}

void device_exit(struct device *dev, int code)
{
    dev->machine->exit_code = code;
    machine_request_from(dev->machine, MACHINE_POWEROFF);
    event_loop_quit(dev->machine->loop, code);
}

void device_lock(struct device *dev)
{
    machine_lock(dev->machine);
}

void device_unlock(struct device *dev)
{
    machine_unlock(dev->machine);
}

void device_random(struct device *dev, void *buf, size_t len)
{
    if (dev->machine->rng)
        rng_bytes(dev->machine->rng, buf, len);
    else
        rng_host_bytes(buf, len);
}

/* ---- the memory balloon ------------------------------------------------------------------------ */

uint64_t device_ram_size(struct device *dev)
{
    return dev->machine->config.ram_size;
}

bool device_set_balloon(struct device *dev, const struct balloon_ops *ops, GError **err)
{
    struct machine *m = dev->machine;

    if (ops && m->balloon) {
        g_set_error(err, g_quark_from_static_string("machine"), 0, "the machine has a balloon already");
        return false;
    }
    if (ops || m->balloon == dev) {
        m->balloon = ops ? dev : NULL;
        m->balloon_ops = ops;
    }
    return true;
}

static bool has_balloon(struct machine *m, GError **err)
{
    if (!m->balloon)
        g_set_error(err, g_quark_from_static_string("machine"), 0, "No balloon device has been activated");
    return m->balloon;
}

bool machine_balloon(struct machine *m, uint64_t bytes, GError **err)
{
    if (!has_balloon(m, err))
        return false;
    m->balloon_ops->set_target(m->balloon, bytes);
    return true;
}

bool machine_balloon_info(struct machine *m, uint64_t *bytes, GString *stats, GError **err)
{
    if (!has_balloon(m, err))
        return false;
    *bytes = m->balloon_ops->actual(m->balloon);
    m->balloon_ops->print_stats(m->balloon, stats);
    return true;
}
