/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine "virt", between its files: arm-virt.c (devices, images, life) and arm-virt-fdt.c (the device tree). */
#ifndef HW_BOARDS_ARM_VIRT_H
#define HW_BOARDS_ARM_VIRT_H

#include "softmmu/fdt.h"
#include "softmmu/loader.h"
#include "softmmu/machine.h"

/* A device's place: base address and size, and its SPI where it has one. */
struct place {
    uint64_t base, size;
    int spi;
};

enum virt_device { VIRT_FLASH, VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_V2M, VIRT_GIC_HYP, VIRT_GIC_VCPU, VIRT_GIC_ITS, VIRT_GIC_REDIST,
                   VIRT_UART, VIRT_RTC, VIRT_FW_CFG, VIRT_GPIO, VIRT_MMIO,
                   VIRT_PLATFORM_BUS, VIRT_PCIE_MMIO, VIRT_PCIE_IO, VIRT_PCIE_ECAM, VIRT_PCIE_HIGH_ECAM, VIRT_PCIE_HIGH_MMIO,
                   VIRT_NDEVICES };
extern const struct place virt_places[VIRT_NDEVICES];

#define VIRT_RAM 0x40000000u
#define VIRT_MAX_CPUS MACHINE_MAX_CPUS
#define VIRT_BANKS 2
#define VIRT_TRANSPORTS 32
#define VIRT_POWER_PIN 3
#define VIRT_V2M_SPIS 64

/* Outputs of the CPU, and their private interrupts as IDs; the GIC's maintenance interrupt. */
enum virt_cpu_out { CPU_OUT_CNTP_NS, CPU_OUT_CNTV, CPU_OUT_CNTHP, CPU_OUT_CNTP_S, CPU_OUT_CNTHV, CPU_NOUT };
extern const uint8_t virt_timer_ppi[CPU_NOUT];
#define VIRT_MAINTENANCE_PPI 25

/* Owner: the device lock. */
struct virt {
    int gic_version;         /* 2 or 3 */
    bool its, highmem, acpi, acpi_auto;
    struct device *gic, *key, *serial_bus, *fw_cfg, *pcie, *its_device;
    struct device *flash[VIRT_BANKS];
    bool firmware;           /* there is something in the flash to start */
    struct device *transport[VIRT_TRANSPORTS];
    int free_transports;     /* the next device goes to the last of these */
    struct fdt *fdt;
    bool own_fdt;            /* we made it: its seeds are renewed at every reset */
    struct loader *loader;
    GPtrArray *images;       /* devices "loader" and "guest-loader", borrowed */
    struct kernel kernel;
    uint64_t dtb_addr, boot_end;     /* boot_end: behind the kernel and its RAM disk */
    uint32_t clock_phandle, gic_phandle, msi_phandle, gpio_phandle;
};

static inline struct virt *virt_state(struct machine *m)
{
    return m->board_state;
}

/* A model's name in the tree, NULL when machine virt does not take it. name: the CPU's, with properties. */
const char *virt_cpu_compatible(const char *name);
/* ACPI tables for firmware, to v->fw_cfg; after CPUs and the GIC. */
bool virt_add_acpi(struct machine *m, GError **err);
/* Is the machine's CPU this model? */
bool virt_is_model(const struct machine *m, const char *name);
/* Where the PCI configuration window is. */
enum virt_device virt_ecam_place(struct machine *m);
/* The tree from the machine's configuration, or from the user's file. */
void virt_make_fdt(struct machine *m);
bool virt_read_fdt(struct machine *m, GError **err);
/* Fresh random numbers for the guest's own generators. */
void virt_renew_seeds(struct machine *m);

#endif
