/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one x86 guest program; it tells by its exit status whether all was as the SDM says.
 *
 *     runner-x86 [interp|jit|hot|single|check] PROGRAM.bin PROGRAM.s
 *
 * The machine: RAM of 32 MiB at 0, the program at 0x8000, where CPU 0 starts in real mode (CS 0), the I/O ports of enum port.
 * At 0x10000000: a register that counts how often it was read; writes are lost.
 * Lines in the source's head:
 *     # cpu: qemu64,+pcid       default max
 *     # console: text           what it must have printed
 *     # ends: reset             it must end in a reset of the machine (a triple fault)
 * TINAMOU_LOG in the environment: topics of -d, to stderr.
 * A program ends by writing to PORT_EXIT: 0, or the number of the check that failed.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "softmmu/apic-link.h"
#include "softmmu/machine.h"
#include "target-x86/x86.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/log.h"
#include "util/timer.h"

#define RAM_SIZE (32u << 20)
#define START 0x8000u
#define COUNTER 0x10000000u
#define TIME_LIMIT_NS (20ll * 1000 * 1000 * 1000)

enum port {
    PORT_PUTC = 0xe9,        /* write: a character of console */
    PORT_INTR = 0xf0,        /* write: an interrupt with this vector is pending until it is taken */
    PORT_NMI = 0xf1,         /* write: an NMI */
    PORT_SMI = 0xf2,         /* write: an SMI */
    PORT_A20M = 0xf3,        /* write: level of A20M */
    PORT_EXIT = 0xf4,        /* write: end with this status */
    PORT_DROP = 0xf8,        /* write: the pending interrupt goes away */
    PORT_STORE = 0x100,      /* 32 bytes that keep what is written */
    PORT_STORE_END = 0x120,
};

struct runner {
    struct machine *machine;
    GString *console;
    uint32_t status;
    bool ended, late;
    const char *program;
    uint8_t vector;
    unsigned tpr;
    uint8_t store[PORT_STORE_END - PORT_STORE];
};

/* ---- what interrupts the CPU ---- */

static int acknowledge(void *opaque, enum x86_line line)
{
    struct runner *r = opaque;

    cpu_set_irq(r->machine->cpus[0], (int)line, false);
    return r->vector;
}

static unsigned tpr(void *opaque)
{
    return ((struct runner *)opaque)->tpr;
}

static void set_tpr(void *opaque, unsigned val)
{
    ((struct runner *)opaque)->tpr = val;
}

static const struct cpu_apic_ops apic_ops = { .acknowledge = acknowledge, .tpr = tpr, .set_tpr = set_tpr };

/* ---- ports ---- */

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct runner *r = opaque;
    uint64_t v = 0;

    if (off >= PORT_STORE && off + size <= PORT_STORE_END)
        memcpy(&v, r->store + off - PORT_STORE, size);
    return v;
}

static void end(struct runner *r, uint32_t status)
{
    if (!r->ended)
        r->status = status;
    r->ended = true;
    machine_request_from(r->machine, MACHINE_POWEROFF);
}

static void port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct runner *r = opaque;
    struct cpu *cpu = r->machine->cpus[0];

    if (off >= PORT_STORE && off + size <= PORT_STORE_END)
        memcpy(r->store + off - PORT_STORE, &val, size);
    switch (off) {
    case PORT_PUTC:
        g_string_append_c(r->console, (char)val);
        break;
    case PORT_INTR:
        r->vector = (uint8_t)val;
        cpu_set_irq(cpu, X86_INTR, true);
        break;
    case PORT_DROP:
        cpu_set_irq(cpu, X86_INTR, false);
        break;
    case PORT_NMI:
        cpu_set_irq(cpu, X86_NMI, true);
        break;
    case PORT_SMI:
        cpu_set_irq(cpu, X86_SMI, true);
        break;
    case PORT_A20M:
        irq_set(cpu_in(cpu, X86_A20M), val & 1);
        break;
    case PORT_EXIT:
        end(r, (uint32_t)val);
        break;
    }
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 4, false };

static uint64_t counter_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ++*(uint32_t *)opaque;
}

static void counter_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)val;
    (void)size;
}

static const struct mmio_ops counter_ops = { counter_read, counter_write, 4, 4, false };

/* ---- the machine ---- */

static bool board_init(struct machine *m, GError **err)
{
    static uint32_t counter;

    bus_add_mmio(m->bus, "counter", COUNTER, 4096, &counter_ops, &counter);
    return machine_add_cpu(m, err) && bus_add_ram(m->bus, "ram", 0, RAM_SIZE, false, err) != NULL;
}

static void board_reset(struct machine *m)
{
    struct x86_cpu *c = X86_CPU(m->cpus[0]);

    c->seg[X86_CS].selector = 0;
    c->seg[X86_CS].base = 0;
    m->cpus[0]->ops->set_pc(m->cpus[0], START);
}

static const struct board_type board = {
    .name = "insn-test-x86", .desc = "guest programs of the tests", .target = "x86",
    .default_cpu = "max", .default_ram = RAM_SIZE, .max_cpus = 1,
    .init = board_init, .reset = board_reset,
};

static void too_late(void *opaque)
{
    struct runner *r = opaque;

    r->late = true;
    machine_request_from(r->machine, MACHINE_POWEROFF);
}

/* Rest of the first line that begins "# key: ", or def. */
static char *setting(const char *source, const char *key, const char *def)
{
    g_autofree char *tag = g_strdup_printf("# %s: ", key);
    const char *at = strstr(source, tag);

    if (!at)
        return g_strdup(def);
    at += strlen(tag);
    return g_strndup(at, strcspn(at, "\n"));
}

static bool run(struct runner *r, const struct machine_config *config, const char *bin, GError **err)
{
    struct boot_info boot = { NULL };
    struct event_loop *loop = event_loop_new();
    g_autofree char *code = NULL;
    struct timer *limit;
    gsize len;

    if (!g_file_get_contents(bin, &code, &len, err))
        return false;
    r->machine = machine_new(&board, config, &boot, loop, err);
    if (!r->machine || !machine_init(r->machine, err))
        return false;
    bus_add_mmio(r->machine->io, "ports", 0, 0x1000, &port_ops, r);
    r->machine->cpus[0]->apic = &apic_ops;
    r->machine->cpus[0]->apic_opaque = r;
    memcpy((char *)bus_ram(r->machine->bus, START, NULL, NULL), code, len);
    limit = timer_new(loop, r->machine->clock, too_late, r);
    timer_arm(limit, TIME_LIMIT_NS);
    machine_run(r->machine);
    timer_free(limit);
    return true;
}

static bool check(struct runner *r, const char *source)
{
    g_autofree char *ends = setting(source, "ends", "exit"), *console = setting(source, "console", NULL);
    bool reset = !strcmp(ends, "reset"), ok = !r->late && r->status == 0 && r->ended == !reset;

    if (!ok) {
        fprintf(stderr, "%s: %s, check %u failed, console '%s'\n", r->program,
                r->late ? "did not end in time" : r->ended ? "ended" : "was reset", r->status, r->console->str);
        r->machine->cpus[0]->ops->dump(r->machine->cpus[0], stderr);
    }
    if (console && strcmp(console, r->console->str)) {
        fprintf(stderr, "%s: console '%s', expected '%s'\n", r->program, r->console->str, console);
        ok = false;
    }
    return ok;
}

int main(int argc, char **argv)
{
    struct runner r = { .console = g_string_new("") };
    struct machine_config config = { .verify = true, .no_reboot = true, .smp = 1, .want_64bit = true };
    g_autofree char *source = NULL;
    g_autoptr(GError) err = NULL;

    if (argc != 4 || !g_file_get_contents(argv[3], &source, NULL, &err)) {
        fprintf(stderr, "usage: runner-x86 interp|jit|hot|single|check PROGRAM.bin PROGRAM.s\n");
        return 2;
    }
    r.program = argv[3];
    if (getenv("TINAMOU_LOG") && !log_set_topics(getenv("TINAMOU_LOG"), &err)) {
        fprintf(stderr, "TINAMOU_LOG: %s\n", err->message);
        return 2;
    }
    config.cpu_model = setting(source, "cpu", "max");
    config.interpret = !strcmp(argv[1], "interp");
    config.check = !strcmp(argv[1], "check");
    config.hot = !strcmp(argv[1], "hot") ? HOT_ALL : HOT_SAMPLED;
    config.thread_single = config.check || !strcmp(argv[1], "single");
    if (!run(&r, &config, argv[2], &err)) {
        fprintf(stderr, "%s\n", err->message);
        return 2;
    }
    return check(&r, source) ? 0 : 1;
}
