/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one guest program and compares its end with what its source expects.
 *
 *     runner [interp|jit|hot|single|check] PROGRAM.bin PROGRAM.s
 *
 * The machine: RAM of 64 MiB at 0x40000000, where the program is loaded and starts; the ports of enum port at 0x09000000; a flash bank
 * of two blocks of 256 KiB at 0x04000000.
 * Lines in the source's head:
 *     @ expect: r0=0x1 r4=7 nzcv=1001 mode=0x13     CPU 0 at the end (any number of lines)
 *     @ console: text                               what it must have printed
 *     @ smp: 2     @ cpu: cortex-a7                 defaults 1, cortex-a15 (a64: max)
 *     @ el2: on    @ el3: on                        with these exception levels, and then without the emulator's PSCI
 *     @ icc: on                                     with GIC system registers: ICH_HCR_EL2 keeps what is written, others
 *                                                   read as the access's flags (enum cpu_sysreg_flags >> 16)
 * In a64 registers are x0 to x30; console ends without a line feed.
 * A program ends by writing to PORT_EXIT; the value is the exit status that the run must have (0).
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/sysreg.h"
#include "softmmu/tb.h"
#include "target-arm/arm.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/timer.h"

#define RAM_BASE 0x40000000u
#define RAM_SIZE (64u << 20)
#define PORTS 0x09000000u
#define FLASH 0x04000000u
#define TIME_LIMIT_NS (20ll * 1000 * 1000 * 1000)

enum port {
    PORT_PUTC = 0x00,        /* write: a character of console */
    PORT_EXIT = 0x04,        /* write: end with this status */
    PORT_IRQ = 0x08,         /* write: level of CPU 0's IRQ line */
    PORT_FIQ = 0x0c,
    PORT_FILLS = 0x10,       /* read: TLB counters of CPU 0 */
    PORT_FLUSHES = 0x14,
    PORT_SWITCHES = 0x18,
    PORT_TBS = 0x1c,         /* read: translations made, invalidated */
    PORT_INVALIDATED = 0x20,
    PORT_TIMER_IRQ = 0x24,   /* write: route CPU 0's virtual timer to its IRQ */
    PORT_VIRQ = 0x28,        /* write: level of CPU 0's virtual IRQ and FIQ lines */
    PORT_VFIQ = 0x2c,
    PORT_TIMER_OUT = 0x30,   /* write: route this output of CPU 0 (enum arm_output) to its IRQ */
};

struct runner {
    struct machine *machine;
    GString *console;
    uint32_t status;
    bool ended, late;
    const char *program;
    uint64_t ich_hcr;
};

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct runner *r = opaque;
    const struct cpu_counters *c = &r->machine->cpus[0]->count;
    const struct code_stats *s = code_space_stats(r->machine->code);

    (void)size;
    switch (off) {
    case PORT_FILLS: return (uint32_t)c->tlb_fills;
    case PORT_FLUSHES: return (uint32_t)c->tlb_flushes;
    case PORT_SWITCHES: return (uint32_t)c->tlb_switches;
    case PORT_TBS: return (uint32_t)s->tbs;
    case PORT_INVALIDATED: return (uint32_t)s->invalidated;
    default: return 0;
    }
}

static void port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct runner *r = opaque;
    struct cpu *cpu = r->machine->cpus[0];

    (void)size;
    switch (off) {
    case PORT_PUTC:
        g_string_append_c(r->console, (char)val);
        break;
    case PORT_EXIT:
        if (!r->ended)
            r->status = (uint32_t)val;
        r->ended = true;
        machine_request_from(r->machine, MACHINE_POWEROFF);
        break;
    case PORT_IRQ:
        cpu_set_irq(cpu, ARM_IRQ, val & 1);
        break;
    case PORT_FIQ:
        cpu_set_irq(cpu, ARM_FIQ, val & 1);
        break;
    case PORT_VIRQ:
        cpu_set_irq(cpu, ARM_VIRQ, val & 1);
        break;
    case PORT_VFIQ:
        cpu_set_irq(cpu, ARM_VFIQ, val & 1);
        break;
    case PORT_TIMER_OUT:
        for (int i = 0; i < ARM_NTIMERS; i++)
            cpu_connect(cpu, i, NULL);
        if (val < ARM_NTIMERS)
            cpu_connect(cpu, (int)val, cpu_in(cpu, ARM_IRQ));
        break;
    case PORT_TIMER_IRQ:
        cpu_connect(cpu, ARM_OUT_CNTV, cpu_in(cpu, ARM_IRQ));
        break;
    }
}

static const struct mmio_ops port_ops = { port_read, port_write, 4, 4, false };

/* ---- GIC system registers that tell how they are accessed ---- */

#define ICH_HCR CPU_SYSREG(3, 4, 12, 11, 0)

static bool icc_has(void *opaque, unsigned reg, bool write)
{
    (void)opaque;
    (void)reg;
    (void)write;
    return true;
}

static uint64_t icc_read(void *opaque, unsigned cpu, unsigned reg)
{
    (void)cpu;
    return (reg & 0xffff) == ICH_HCR ? ((struct runner *)opaque)->ich_hcr : reg >> 16;
}

static void icc_write(void *opaque, unsigned cpu, unsigned reg, uint64_t val)
{
    (void)cpu;
    if ((reg & 0xffff) == ICH_HCR)
        ((struct runner *)opaque)->ich_hcr = val;
}

static const struct cpu_sysreg_ops icc_ops = { icc_has, icc_read, icc_write };

static bool add_flash(struct machine *m, GError **err)
{
    struct device *flash = device_new(m, "cfi.pflash01", err);

    if (!flash)
        return false;
    device_set_u64(flash, "num-blocks", 2);
    if (!device_realize(flash, err))
        return false;
    device_map(flash, 0, FLASH);
    return true;
}

static bool board_init(struct machine *m, GError **err)
{
    for (int i = 0; i < m->config.smp; i++)
        if (!machine_add_cpu(m, err))
            return false;
    return add_flash(m, err) && bus_add_ram(m->bus, "ram", RAM_BASE, RAM_SIZE, false, err) != NULL;
}

static void board_reset(struct machine *m)
{
    m->cpus[0]->ops->set_pc(m->cpus[0], RAM_BASE);
}

static const struct board_type board = {
    .name = "insn-test", .desc = "guest programs of the tests", .target = "arm",
    .default_cpu = "cortex-a15", .default_ram = RAM_SIZE, .max_cpus = 8,
    .init = board_init, .reset = board_reset,
};

static void too_late(void *opaque)
{
    struct runner *r = opaque;

    r->late = true;
    machine_request_from(r->machine, MACHINE_POWEROFF);
}

/* ---- expectations --------------------------------------------------------------------------- */

/* Rest of the first line that begins "@ key: " at or after *from, or NULL; moves *from behind it. */
static char *directive(const char **from, const char *key)
{
    g_autofree char *tag = g_strdup_printf("@ %s: ", key);
    const char *at = strstr(*from, tag), *end;

    if (!at)
        return NULL;
    at += strlen(tag);
    end = strchr(at, '\n');
    *from = end ? end : at + strlen(at);
    return g_strndup(at, (gsize)(*from - at));
}

static bool value_of(const struct arm_cpu *a, const char *name, uint64_t *v)
{
    uint32_t cpsr = arm_cpsr_read(a);

    if (name[0] == 'x')
        *v = a->x[atoi(name + 1) % 31];
    else if (!strcmp(name, "sp"))
        *v = a->r[ARM_SP];
    else if (!strcmp(name, "lr"))
        *v = a->r[ARM_LR];
    else if (!strcmp(name, "mode"))
        *v = cpsr & PSR_M_MASK;
    else if (!strcmp(name, "q"))
        *v = !!(cpsr & PSR_Q);
    else if (!strcmp(name, "ge"))
        *v = cpsr >> 16 & 15;
    else if (name[0] == 'r')
        *v = a->r[atoi(name + 1) % 15];
    else if (name[0] == 's')
        *v = (uint32_t)(a->d[atoi(name + 1) / 2 % 32] >> (atoi(name + 1) % 2 * 32));
    else
        return false;
    return true;
}

static bool check_one(struct runner *r, const char *text)
{
    const struct arm_cpu *a = ARM_CPU(r->machine->cpus[0]);
    g_auto(GStrv) kv = g_strsplit(text, "=", 2);
    uint64_t want, got;

    if (!kv[0] || !kv[1]) {
        fprintf(stderr, "%s: '%s' is not NAME=VALUE\n", r->program, text);
        return false;
    }
    if (!strcmp(kv[0], "nzcv")) {
        want = strtoul(kv[1], NULL, 2);
        got = arm_cpsr_read(a) >> 28;
    } else {
        want = strtoul(kv[1], NULL, 0);
        if (!value_of(a, kv[0], &got)) {
            fprintf(stderr, "%s: no register '%s'\n", r->program, kv[0]);
            return false;
        }
    }
    if (got == want)
        return true;
    fprintf(stderr, "%s: %s is 0x%llx, expected 0x%llx\n", r->program, kv[0], (unsigned long long)got, (unsigned long long)want);
    return false;
}

static bool check(struct runner *r, const char *source)
{
    const char *at = source;
    char *line;
    bool ok = r->ended && !r->late && r->status == 0;

    if (!ok)
        fprintf(stderr, "%s: %s, status 0x%x, pc 0x%llx, console '%s'\n", r->program,
                r->late ? "did not end in time" : "ended", r->status,
                (unsigned long long)r->machine->cpus[0]->env.pc, r->console->str);
    while ((line = directive(&at, "expect"))) {
        g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);

        for (int i = 0; words[i]; i++)
            if (*words[i])
                ok &= check_one(r, words[i]);
        g_free(line);
    }
    at = source;
    line = directive(&at, "console");
    if (line && strcmp(line, r->console->str)) {
        fprintf(stderr, "%s: console '%s', expected '%s'\n", r->program, r->console->str, line);
        ok = false;
    }
    g_free(line);
    return ok;
}

static char *setting(const char *source, const char *key, const char *def)
{
    char *v = directive(&source, key);

    return v ? v : g_strdup(def);
}

/* The exception levels that the program wants; with those it is its own firmware. */
static void set_levels(struct machine *m, const char *source)
{
    g_autofree char *el2 = setting(source, "el2", "off"), *el3 = setting(source, "el3", "off");

    m->want_el2 = !strcmp(el2, "on");
    m->want_el3 = !strcmp(el3, "on");
    if (m->want_el2 || m->want_el3)
        m->psci = PSCI_NONE;
}

static void connect_icc(struct runner *r, const char *source)
{
    g_autofree char *icc = setting(source, "icc", "off");

    for (int i = 0; !strcmp(icc, "on") && i < r->machine->ncpus; i++) {
        r->machine->cpus[i]->icc = &icc_ops;
        r->machine->cpus[i]->icc_opaque = r;
    }
}

static bool run(struct runner *r, const struct machine_config *config, const char *source, const char *bin, GError **err)
{
    struct boot_info boot = { NULL };
    struct event_loop *loop = event_loop_new();
    g_autofree char *code = NULL;
    struct timer *limit;
    gsize len;

    if (!g_file_get_contents(bin, &code, &len, err))
        return false;
    r->machine = machine_new(&board, config, &boot, loop, err);
    if (r->machine)
        set_levels(r->machine, source);
    if (!r->machine || !machine_init(r->machine, err))
        return false;
    connect_icc(r, source);
    bus_add_mmio(r->machine->bus, "ports", PORTS, 0x1000, &port_ops, r);
    memcpy(bus_ram(r->machine->bus, RAM_BASE, NULL, NULL), code, len);
    limit = timer_new(loop, r->machine->clock, too_late, r);
    timer_arm(limit, TIME_LIMIT_NS);
    machine_run(r->machine);
    timer_free(limit);
    return true;
}

int main(int argc, char **argv)
{
    struct runner r = { .console = g_string_new("") };
    struct machine_config config = { .verify = true, .no_reboot = true };
    g_autofree char *source = NULL, *smp = NULL;
    g_autoptr(GError) err = NULL;

    if (argc != 4 || !g_file_get_contents(argv[3], &source, NULL, &err)) {
        fprintf(stderr, "usage: runner interp|jit|hot|single|check PROGRAM.bin PROGRAM.s\n");
        return 2;
    }
    r.program = argv[3];
    smp = setting(source, "smp", "1");
    config.smp = atoi(smp);
    config.want_64bit = strstr(argv[3], "/a64/") != NULL;
    config.cpu_model = setting(source, "cpu", config.want_64bit ? "max" : "cortex-a15");
    config.interpret = !strcmp(argv[1], "interp");
    config.check = !strcmp(argv[1], "check");
    config.hot = !strcmp(argv[1], "hot") ? HOT_ALL : HOT_SAMPLED;
    config.thread_single = config.check || !strcmp(argv[1], "single");
    if (!run(&r, &config, source, argv[2], &err)) {
        fprintf(stderr, "%s\n", err->message);
        return 2;
    }
    return check(&r, source) ? 0 : 1;
}
