/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCs, between their files: pc-common.c (memory, CPUs, the devices that all have), pc-i440fx.c, pc-q35.c, isapc.c, microvm.c (the boards),
 * pc-acpi.c and pc-smbios.c (tables for firmware), pc-kernel.c (-kernel).
 */
#ifndef HW_BOARDS_PC_H
#define HW_BOARDS_PC_H

#include "softmmu/loader.h"
#include "softmmu/machine.h"

#define PC_MAX_CPUS 16
#define PC_GSIS 24
#define PC_ISA_IRQS 16
#define PC_SCI 9
#define PC_4G 0x100000000ull
#define PC_IOAPIC 0xfec00000u
#define PC_HPET 0xfed00000u
#define PC_APIC 0xfee00000u
#define PC_FW_CFG 0x510
/* virtio transports of a microvm; interrupts from PC_ISA_IRQS on. */
#define PC_VIRTIO 0xfeb00000u
#define PC_VIRTIO_SIZE 0x200u
#define PC_NVIRTIO 8
#define PC_ISA_IDES 2

struct pc;

/* Power management, for tables: I/O ports of ACPI's fixed hardware, 0: firmware has put it nowhere; its general purpose events at base + gpe;
 * values for port 0xb2. */
struct pc_power {
    uint16_t base, gpe;
    uint8_t gpe_len, acpi_on, acpi_off;
};

/* Owner: the device lock. */
struct pc {
    struct machine *m;
    bool q35, mmio;                  /* mmio: microvm, without PCI */
    struct pc_power (*power)(const struct pc *pc);
    uint64_t (*find_ecam)(const struct pc *pc, uint64_t *base);      /* size of the configuration window; NULL: there is none */
    bool acpi, smm, hpet_on;         /* -machine acpi=, smm=, hpet= */
    uint8_t *ram;                    /* all of it: below first, above behind it */
    uint64_t below, above;           /* bytes of RAM from 0, from 4 GiB */
    struct bus *smm_bus;
    struct pc_memory *memory;        /* NULL: no PCI */
    uint8_t *bios;                   /* what ends at 4 GiB, NULL: none */
    uint64_t bios_size;
    struct device *pic, *apics, *rtc, *ioapic, *hpet, *fw_cfg, *pci, *pm, *flash[2], *serial_bus, *ide, *fdc, *vga;
    struct irq *isa;                 /* interrupts from ISA devices, by number */
    struct irq *pirq;                /* from PCI, by GSI */
    bool level[2][PC_GSIS];          /* of these */
    struct irq misc[2];              /* A20M and SMI, from devices to CPUs */
    unsigned nserial;
    struct device *isa_ide[PC_ISA_IDES];     /* isapc: instead of ide */
    uint8_t *low_bios;               /* likewise: pc_low_bios's */
    struct loader *loader;           /* microvm: images for RAM */
    struct device *transport[PC_NVIRTIO];
    unsigned used_transports;
    bool was_reset;                  /* once: -boot once= no longer counts */
    uint64_t pci_hole;               /* first address below 4 GiB that RAM does not have */
};

static inline struct pc *pc_state(struct machine *m)
{
    return m->board_state;
}

/* ---- pc-common.c. False with err, which names the machine. ---- */

bool pc_fail(struct machine *m, GError **err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *pc_prop(struct machine *m, const char *name);
bool pc_switch(struct machine *m, const char *name, bool def, bool *on, GError **err);
/* -machine's properties of machines with PCI: acpi, smm, hpet, pflash0, pflash1. */
extern const char *const pc_props[];
bool pc_get_config(struct machine *m, GError **err);
/* board_type.ready of these: all that depends on the user's devices. */
bool pc_ready(struct machine *m, GError **err);
/* Check -smp and -m, RAM with its gap from `gap` on when there is more, I/O ports, the view of SMM. */
bool pc_init_memory(struct machine *m, uint64_t gap, GError **err);
bool pc_add_cpus(struct machine *m, GError **err);
/* Firmware that ends at 4 GiB: flash images, -bios, or the file def of Debian's package `package`. */
bool pc_add_firmware(struct machine *m, const char *def, const char *package, GError **err);
/* The end of it as the ISA bus shows it below 1 MiB: 128 KiB. */
uint8_t *pc_low_bios(struct machine *m, GError **err);
/* Without a bridge that switches it: RAM from start to 1 MiB; and over it the end of the firmware. */
void pc_show_shadow(struct machine *m, uint32_t start);
bool pc_show_bios(struct machine *m, GError **err);
/* Interrupt controllers and their wires to the CPUs. */
bool pc_add_interrupts(struct machine *m, bool apic, GError **err);
bool pc_add_apics(struct machine *m, GError **err);
/* Timer, clock, keyboard, serial ports and the like; fw_cfg. hpet_pins: pins of the I/O APIC that the HPET has, 0: no HPET. */
bool pc_add_isa(struct machine *m, uint32_t hpet_pins, bool keyboard, GError **err);
bool pc_add_fw_cfg(struct machine *m, GError **err);
/* A device, realized; at I/O ports from port on, if that is not 0, with output 0 to an ISA interrupt, if that is not negative. */
struct device *pc_add(struct machine *m, const char *type, uint16_t port, int irq, GError **err);
/* The display adapter that -vga asks for. */
bool pc_add_vga(struct machine *m, const char *addr, GError **err);
/* A function of the PCI host. multifunction: there are more at its place. */
struct device *pc_add_function(struct machine *m, const char *type, const char *addr, bool multifunction, GError **err);
/* board_type.drive_device: IDE drives on buses of `units`, of which the machine has `buses`. */
char *pc_drive_device(struct machine *m, const char *interface, unsigned index, bool cdrom, const char *id, GError **err);
/* Find a device of the user's its bus. */
bool pc_plug(struct machine *m, struct device *dev, GError **err);
/* Last things before the machine runs: what firmware finds in CMOS memory and in fw_cfg. */
bool pc_finish(struct machine *m, GError **err);
/* At each reset: which drives firmware starts from. */
void pc_reset(struct machine *m);
void pc_fini(struct machine *m);
/* The CPU that wrote to a port takes an SMI: for the output of a power management device. */
struct irq *pc_smi(struct machine *m);

/* The router's input of pin 0 to 3 of a function. */
unsigned pc_i440fx_route(unsigned devfn, unsigned pin);
unsigned pc_q35_route(unsigned devfn, unsigned pin);

/* ---- pc-acpi.c: tables to fw_cfg, after all devices that they tell of; or the bytes to put at an address, and of the root pointer. They go
 * with g_byte_array_unref. ---- */
bool pc_add_acpi(struct machine *m, GError **err);
void pc_make_acpi(struct machine *m, uint64_t tables_at, GByteArray **tables, GByteArray **rsdp);
/* ---- pc-kernel.c: -kernel and what goes with it, after fw_cfg ---- */
bool pc_add_kernel(struct machine *m, GError **err);
/* ---- pc-smbios.c ---- */
bool pc_add_smbios(struct machine *m, GError **err);

#endif
