/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine: CPUs, memory, devices, clocks, and the board that wires them.
 *
 * The device lock (one per machine) guards devices, interrupt lines and the machine's lists. The main loop takes it
 * round every callback; vCPUs take it for MMIO and interrupt work, never while guest code runs.
 */
#ifndef SOFTMMU_MACHINE_H
#define SOFTMMU_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "softmmu/bus.h"
#include "softmmu/cpu.h"
#include "softmmu/device.h"

struct tcg_ctx;
struct code_space;

#define MACHINE_MAX_CPUS 123     /* what one region of GICv3 redistributors holds on machine virt */
#define MACHINE_MAX_SERIAL 4
#define MACHINE_MAX_PFLASH 2

/* What -kernel and its companions give. Strings are owned by the machine, NULL when not given. */
struct boot_info {
    char *kernel, *initrd, *append, *dtb, *dumpdtb, *bios;
    GPtrArray *firmware_dirs;        /* char *, of -L; may be NULL */
    GPtrArray *fw_cfg;       /* char *, of -fw_cfg; may be NULL */
    char *order, *once;      /* -boot: letters of drives, for every start and for the first one; NULL: the machine's */
    bool menu, strict;       /* -boot menu=on, strict=on */
    uint32_t menu_ms;        /* -boot splash-time */
};

/* Which code is translated with more effort: that which samples find (softmmu/hot.h), all, none. */
enum hot_mode { HOT_SAMPLED, HOT_ALL, HOT_NONE };

struct machine_config {
    char *accel;             /* "tcg" */
    bool thread_single;      /* -accel tcg,thread=single */
    bool check;              /* -accel tcg,check=on: interpreter replays and compares */
    bool interpret;          /* -accel tcg,interp=on */
    enum hot_mode hot;       /* -accel tcg,hot=auto|on|off */
    uint64_t tb_size;        /* code cache bytes, 0 default */
    char *cpu_model;         /* with properties */
    bool want_64bit;         /* of models that exist for both (max): by the name the program was called by */
    uint64_t ram_size;
    int smp;
    bool no_reboot, no_shutdown, start_paused, no_defaults;
    bool perfmap;            /* name translated code for perf */
    bool verify;             /* check the IR after every pass */
    uint64_t random_ra;      /* seed of randomised register allocation */
    char *name;
    bool seeded;
    uint64_t seed;
    GHashTable *props;       /* -machine key=value */
    char *vga;               /* -vga, NULL: the machine's */
    bool serial_console;     /* the user sees the serial port, not the display: firmware is told */
};

struct machine;

struct board_type {
    const char *name, *desc, *alias;
    const char *target;      /* cpu_ops family */
    const char *default_cpu;
    const char *default_cpu_32;      /* where the program's name wants 32 bits; NULL: the same */
    const char *default_if;          /* -drive without if=, and -hda */
    const char *default_card;        /* network card, a type of -device; virtio-net-device when NULL */
    bool no_card;            /* there is no bus for one: no network by default */
    const char *virtio_net, *virtio_blk;     /* types for -nic model=virtio and -drive if=virtio; NULL: virtio-net-device, virtio-blk-device */
    uint64_t default_ram;
    int max_cpus;
    const char *const *props;        /* NULL-terminated names of -machine properties it knows */
    /* Create CPUs, memory, devices, load what boot says. False with err. */
    bool (*init)(struct machine *m, GError **err);
    /* Plug a user-created (-device) device that names a bus kind; false with err. */
    bool (*plug)(struct machine *m, struct device *dev, GError **err);
    /* The -device text for a -drive with this if= ("ide", "floppy") and index; free with g_free. NULL with err; the callback may be NULL. */
    char *(*drive_device)(struct machine *m, const char *interface, unsigned index, bool cdrom, const char *id, GError **err);
    /* After the user's devices were plugged: what depends on all of them. False with err; may be NULL. */
    bool (*ready)(struct machine *m, GError **err);
    /* After devices were reset: registers for the boot protocol. */
    void (*reset)(struct machine *m);
    void (*powerdown)(struct machine *m);     /* press the power key */
    void (*fini)(struct machine *m);          /* free what board_state owns; it may be partly set up */
};
void board_register(const struct board_type *type);
const struct board_type *board_find(const char *name);
const struct board_type **board_list(void);       /* sorted, NULL-terminated, g_free */
#define BOARD_REGISTER(type)                                             \
    static void __attribute__((constructor)) board_register_##type(void) \
    {                                                                    \
        board_register(&type);                                           \
    }

/* Why the CPUs run or stand; QEMU's RunState. */
enum run_state { RUN_PRELAUNCH, RUN_RUNNING, RUN_PAUSED, RUN_IO_ERROR, RUN_SHUTDOWN, RUN_NSTATES };

/* How guests call power control (PSCI) that the emulator answers: HVC, SMC; none: firmware at EL3 does it. */
enum psci_conduit { PSCI_BY_HVC, PSCI_BY_SMC, PSCI_NONE };

struct machine {
    const struct board_type *board;
    const struct cpu_ops *ops;       /* of its CPUs */
    void *board_state;       /* board's own, g_free'd with the machine */
    struct machine_config config;
    struct boot_info boot;

    pthread_mutex_t lock;    /* the device lock; recursive */
    struct event_loop *loop;
    struct clock *clock;     /* virtual */
    struct clock *host_clock;
    struct bus *bus;
    struct bus *io;          /* the I/O ports of x86 machines: open (bus_set_open), 64 Ki of them */
    struct cpu *cpus[MACHINE_MAX_CPUS];
    int ncpus;
    /* What the CPUs shall have beyond their model, from the board before machine_add_cpu: hypervisor and secure monitor levels, power
     * control; start_below_el3: a kernel starts without firmware, so CPUs start Non-secure at the highest level below EL3. */
    bool want_el2, want_el3, start_below_el3;
    enum psci_conduit psci;
    GPtrArray *devices;      /* struct device *, creation order */
    struct chardev *serial[MACHINE_MAX_SERIAL];   /* from -serial, borrowed */
    struct block *pflash[MACHINE_MAX_PFLASH];     /* from -drive if=pflash, borrowed, NULL where there is none */
    /* A device's chardev=ID, drive=ID and netdev=ID (struct chardev *, block *, netdev *): set by main; NULL where there are none (tests). */
    void *(*attach_chardev)(void *opaque, const char *id, GError **err);
    void *(*attach_drive)(void *opaque, const char *id, GError **err);
    void *(*attach_netdev)(void *opaque, const char *id, GError **err);
    /* The monitor's `commit` of a drive by id, or of all; set by main, with attach_opaque. */
    bool (*commit_drives)(void *opaque, const char *id, GError **err);
    void *attach_opaque;
    const GPtrArray *globals;        /* struct device_global *: -global; set by main, which owns it; NULL: none */
    struct device *balloon;  /* NULL: none */
    const struct balloon_ops *balloon_ops;
    struct input *input;     /* softmmu/input.c; NULL until somebody needs it */
    struct device *display;  /* the first with a screen (softmmu/display.h); NULL: none */
    const struct display_ops *display_ops;
    struct rng *rng;         /* seeded machines only */
    struct timer *slice;     /* single-threaded machines: turns of the CPUs */

    struct tcg_ctx *tcg;
    struct code_space *code;

    bool running;            /* vCPUs may run; atomic */
    enum run_state state;    /* softmmu/runstate.c; main loop's thread */
    enum run_state stop_state;       /* what the next stop is for, device lock */
    bool oversubscribed;     /* more CPUs than the host has cores */
    bool exclusive;          /* somebody wants every CPU out of the guest; atomic */
    bool reset_requested, poweroff_requested, stop_requested;     /* device lock */
    int exit_code;
};

struct machine *machine_new(const struct board_type *board, const struct machine_config *config,
                            const struct boot_info *boot, struct event_loop *loop, GError **err);
/* Realize: run the board's init. */
bool machine_init(struct machine *m, GError **err);
/* The user's devices are there: let the board finish. Once, after machine_init and before machine_run. Device lock held. */
bool machine_ready(struct machine *m, GError **err);
void machine_free(struct machine *m);
void machine_reset(struct machine *m);
/* Reset, start unless -S, and run the main loop; returns the exit code when it ends. */
int machine_run(struct machine *m);
/* The monitor's balloon and info balloon: the guest shall have so many bytes; what it has, with statistics as text. Device lock held.
 * False with err: there is no balloon. */
bool machine_balloon(struct machine *m, uint64_t bytes, GError **err);
bool machine_balloon_info(struct machine *m, uint64_t *bytes, GString *stats, GError **err);
void machine_lock(struct machine *m);
void machine_unlock(struct machine *m);

/* ---- run states: softmmu/runstate.c ---- */

/* The vCPU threads' work and the virtual clock. Main loop's thread, device lock not held. */
void machine_start(struct machine *m);
void machine_pause(struct machine *m);
void machine_start_threads(struct machine *m);
/* What a guest or device asks for; any thread, device lock held. CPUs leave the guest at once, the rest follows on the main loop. */
void machine_request_from(struct machine *m, enum machine_request request);
/* Stop for this reason (RUN_PAUSED, RUN_IO_ERROR). Any thread, device lock held; nothing happens when the machine stands already. */
void machine_request_stop(struct machine *m, enum run_state why);
/* `system_reset`: done when it returns; with -no-reboot the loop ends. Main loop's thread, device lock held once. */
void machine_reset_now(struct machine *m);
/* `stop`: stand still when it returns. Main loop's thread, device lock held once. */
void machine_stop(struct machine *m);
/* `cont`: go on, after devices have submitted again what had failed. Main loop's thread, device lock held once. false and err when the
 * guest has shut down and must be reset first. */
bool machine_cont(struct machine *m, GError **err);
/* Press the power key; false and err when the board has none. Device lock held. */
bool machine_powerdown(struct machine *m, GError **err);
/* The state's name as in QMP's query-status: "running", "paused", "io-error"... Main loop's thread. */
const char *run_state_name(enum run_state state);

/* Have every CPU outside generated code until _end. The caller's own is (cpu, or NULL from another thread); it holds no lock. */
void machine_exclusive_begin(struct machine *m, struct cpu *cpu);
void machine_exclusive_end(struct machine *m, struct cpu *cpu);
/* Single-threaded machines: run all CPUs in turn on this thread until stopped. */
void cpus_run_single(struct machine *m);
/* A CPU for the board (model from config), appended to m->cpus. */
struct cpu *machine_add_cpu(struct machine *m, GError **err);

#endif
