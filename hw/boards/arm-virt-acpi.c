/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables of machine virt (ACPI 6.0 and what it refers to: DEN 0044 for servers, DEN 0049 for IORT, PCI Firmware 3.0 for MCFG). They say
 * what the device tree says; 64-bit UEFI takes them when they are there, and keeps the tree to itself.
 */
#include "config.h"
#include "hw/acpi/acpi.h"
#include "hw/boards/arm-virt.h"

#define GSI(spi) (32u + (unsigned)(spi))
#define FADT_HW_REDUCED (1u << 20)
#define FADT_ARM_PSCI 1u
#define FADT_ARM_PSCI_HVC 2u
#define GTDT_ALWAYS_ON 4u        /* level, active high, and not lost in low-power states */

/* ---- DSDT -------------------------------------------------------------------------------------- */

static const struct place *place_of(enum virt_device d)
{
    return &virt_places[d];
}

static GByteArray *resources_of(enum virt_device d, unsigned n)
{
    GByteArray *r = g_byte_array_new();
    const struct place *p = place_of(d);

    res_memory32(r, (uint32_t)(p->base + n * p->size), (uint32_t)p->size);
    if (p->spi >= 0)
        res_interrupt(r, GSI(p->spi + (int)n));
    return r;
}

static void add_cpus(struct machine *m, GByteArray *b)
{
    for (unsigned i = 0; i < (unsigned)m->ncpus; i++) {
        g_autofree char *name = g_strdup_printf("C%03X", i);
        size_t dev = aml_device(b, name);

        aml_name_string(b, "_HID", "ACPI0007");
        aml_name_int(b, "_UID", i);
        aml_close(b, dev);
    }
}

/* A device with registers and at most one interrupt. */
static void add_simple(GByteArray *b, const char *name, const char *hid, unsigned uid, enum virt_device d, unsigned n)
{
    size_t dev = aml_device(b, name);

    aml_name_string(b, "_HID", hid);
    aml_name_int(b, "_UID", uid);
    aml_name_int(b, "_CCA", 1);
    aml_resources(b, "_CRS", resources_of(d, n));
    aml_close(b, dev);
}

static void add_transports(GByteArray *b)
{
    for (unsigned i = 0; i < VIRT_TRANSPORTS; i++) {
        g_autofree char *name = g_strdup_printf("VR%02u", i);

        add_simple(b, name, "LNRO0005", i, VIRT_MMIO, i);
    }
}

/* The power key is on a pin of the GPIO controller, whose event notifies the button. */
static void add_power_button(GByteArray *b)
{
    GByteArray *r = g_byte_array_new();
    size_t dev = aml_device(b, "GPO0"), method;

    aml_name_string(b, "_HID", "ARMH0061");
    aml_name_int(b, "_UID", 0);
    aml_resources(b, "_CRS", resources_of(VIRT_GPIO, 0));
    res_gpio_interrupt(r, "GPO0", VIRT_POWER_PIN);
    aml_resources(b, "_AEI", r);
    method = aml_method(b, "_E03");
    aml_notify(b, "PWRB", 0x80);
    aml_close(b, method);
    aml_close(b, dev);
    dev = aml_device(b, "PWRB");
    aml_name_string(b, "_HID", "PNP0C0C");
    aml_name_int(b, "_UID", 0);
    aml_close(b, dev);
}

/* As in the device tree: pins and devices go round four lines. */
static void add_pci_routes(GByteArray *b)
{
    size_t table, row;

    aml_name(b, "_PRT");
    table = aml_package(b, 32 * 4);
    for (unsigned device = 0; device < 32; device++)
        for (unsigned pin = 0; pin < 4; pin++) {
            row = aml_package(b, 4);
            aml_int(b, device << 16 | 0xffff);
            aml_int(b, pin);
            aml_int(b, 0);
            aml_int(b, GSI(place_of(VIRT_PCIE_ECAM)->spi + (int)(device + pin) % 4));
            aml_close(b, row);
        }
    aml_close(b, table);
}

static void add_pci(struct machine *m, GByteArray *b)
{
    const struct place *ecam = place_of(virt_ecam_place(m)), *mem = place_of(VIRT_PCIE_MMIO), *io = place_of(VIRT_PCIE_IO),
                       *high = place_of(VIRT_PCIE_HIGH_MMIO);
    GByteArray *r = g_byte_array_new();
    size_t dev = aml_device(b, "PCI0"), child;

    aml_name_eisa_id(b, "_HID", "PNP0A08");
    aml_name_eisa_id(b, "_CID", "PNP0A03");
    aml_name_int(b, "_SEG", 0);
    aml_name_int(b, "_BBN", 0);
    aml_name_int(b, "_UID", 0);
    aml_name_int(b, "_CCA", 1);
    add_pci_routes(b);
    res_window(r, RES_BUS, 16, 0, ecam->size >> 20, 0);
    res_window(r, RES_MEMORY, 32, mem->base, mem->size, 0);
    res_window(r, RES_IO, 32, 0, io->size, io->base);
    if (virt_state(m)->highmem)
        res_window(r, RES_MEMORY, 64, high->base, high->size, 0);
    aml_resources(b, "_CRS", r);
    child = aml_device(b, "RES0");       /* the configuration window, so that nothing else goes there */
    aml_name_eisa_id(b, "_HID", "PNP0C02");
    r = g_byte_array_new();
    res_window(r, RES_MEMORY, 64, ecam->base, ecam->size, 0);
    aml_resources(b, "_CRS", r);
    aml_close(b, child);
    aml_close(b, dev);
}

static size_t add_dsdt(struct machine *m, struct acpi *a)
{
    size_t start = acpi_begin(a, "DSDT", 2, false), scope;
    GByteArray *b = g_byte_array_new();

    scope = aml_scope_sb(b);
    add_cpus(m, b);
    add_simple(b, "COM0", "ARMH0011", 0, VIRT_UART, 0);
    add_simple(b, "FWCF", "QEMU0002", 0, VIRT_FW_CFG, 0);
    add_transports(b);
    add_pci(m, b);
    add_power_button(b);
    aml_close(b, scope);
    acpi_put_bytes(a, b->data, b->len);
    g_byte_array_free(b, TRUE);
    acpi_end(a, start);
    return start;
}

/* ---- the other tables -------------------------------------------------------------------------- */

/* 5.2.9: everything of a PC is absent. */
static void add_fadt(struct machine *m, struct acpi *a, size_t dsdt)
{
    size_t start = acpi_begin(a, "FACP", 6, true);
    unsigned psci = m->psci == PSCI_NONE ? 0 : m->psci == PSCI_BY_HVC ? FADT_ARM_PSCI | FADT_ARM_PSCI_HVC : FADT_ARM_PSCI;

    acpi_put_zeros(a, 112 - 36);
    acpi_put(a, 4, FADT_HW_REDUCED);
    acpi_put_zeros(a, 129 - 116);
    acpi_put(a, 2, psci);
    acpi_put(a, 1, 0);           /* minor version */
    acpi_put_zeros(a, 140 - 132);
    acpi_put_pointer(a, dsdt, 8);
    acpi_put_zeros(a, 276 - 148);
    acpi_end(a, start);
}

/* GICC (5.2.12.14). */
static void add_gicc(struct machine *m, struct acpi *a, unsigned cpu)
{
    bool v2 = virt_state(m)->gic_version == 2;

    acpi_put(a, 1, 11);
    acpi_put(a, 1, 80);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, cpu);         /* number of its interface, and of its device above */
    acpi_put(a, 4, cpu);
    acpi_put(a, 4, 1);           /* enabled */
    acpi_put_zeros(a, 4 + 4 + 8);        /* parking protocol, performance counters */
    acpi_put(a, 8, v2 ? place_of(VIRT_GIC_CPU)->base : 0);
    acpi_put(a, 8, v2 && m->want_el2 ? place_of(VIRT_GIC_VCPU)->base : 0);
    acpi_put(a, 8, v2 && m->want_el2 ? place_of(VIRT_GIC_HYP)->base : 0);
    acpi_put(a, 4, m->want_el2 ? VIRT_MAINTENANCE_PPI : 0);
    acpi_put(a, 8, 0);           /* redistributor: found by its region */
    acpi_put(a, 8, m->cpus[cpu]->affinity);
    acpi_put_zeros(a, 4);
}

/* GICD, GICR, GIC ITS and MSI frame (5.2.12.15 to 5.2.12.18). */
static void add_madt(struct machine *m, struct acpi *a)
{
    const struct virt *v = virt_state(m);
    size_t start = acpi_begin(a, "APIC", 4, true);

    acpi_put_zeros(a, 8);
    acpi_put(a, 4, 12 | 24 << 8);
    acpi_put(a, 4, 0);
    acpi_put(a, 8, place_of(VIRT_GIC_DIST)->base);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, (unsigned)v->gic_version);
    for (unsigned i = 0; i < (unsigned)m->ncpus; i++)
        add_gicc(m, a, i);
    if (v->gic_version == 2) {
        acpi_put(a, 4, 13 | 24 << 8);
        acpi_put(a, 4, 0);
        acpi_put(a, 8, place_of(VIRT_GIC_V2M)->base);
        acpi_put(a, 4, 1);       /* as many, and from where, as the next two say */
        acpi_put(a, 2, VIRT_V2M_SPIS);
        acpi_put(a, 2, GSI(place_of(VIRT_GIC_V2M)->spi));
    } else {
        acpi_put(a, 4, 14 | 16 << 8);
        acpi_put(a, 8, place_of(VIRT_GIC_REDIST)->base);
        acpi_put(a, 4, place_of(VIRT_GIC_REDIST)->size);
    }
    if (v->gic_version == 3 && v->its) {
        acpi_put(a, 4, 15 | 20 << 8);
        acpi_put(a, 4, 0);
        acpi_put(a, 8, place_of(VIRT_GIC_ITS)->base);
        acpi_put(a, 4, 0);
    }
    acpi_end(a, start);
}

/* 5.2.24; no memory-mapped counter. */
static void add_gtdt(struct acpi *a)
{
    static const enum virt_cpu_out order[] = { CPU_OUT_CNTP_S, CPU_OUT_CNTP_NS, CPU_OUT_CNTV, CPU_OUT_CNTHP };
    size_t start = acpi_begin(a, "GTDT", 2, true);

    acpi_put(a, 8, UINT64_MAX);
    acpi_put(a, 4, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        acpi_put(a, 4, virt_timer_ppi[order[i]]);
        acpi_put(a, 4, GTDT_ALWAYS_ON);
    }
    acpi_put(a, 8, UINT64_MAX);
    acpi_put(a, 4, 0);           /* platform timers */
    acpi_put(a, 4, 0);
    acpi_end(a, start);
}

static void add_mcfg(struct machine *m, struct acpi *a)
{
    const struct place *ecam = place_of(virt_ecam_place(m));
    size_t start = acpi_begin(a, "MCFG", 1, true);

    acpi_put_zeros(a, 8);
    acpi_put(a, 8, ecam->base);
    acpi_put(a, 2, 0);
    acpi_put(a, 1, 0);
    acpi_put(a, 1, (ecam->size >> 20) - 1);
    acpi_put(a, 4, 0);
    acpi_end(a, start);
}

/* Serial Port Console Redirection, revision 2: a PL011 (3) whose interrupt is the GIC's (8). */
static void add_spcr(struct acpi *a)
{
    size_t start = acpi_begin(a, "SPCR", 2, true);

    acpi_put(a, 4, 3);
    acpi_put(a, 4, 32 << 8 | 3 << 24);   /* address in memory, 32 bits, accessed as such */
    acpi_put(a, 8, place_of(VIRT_UART)->base);
    acpi_put(a, 1, 8);
    acpi_put(a, 1, 0);
    acpi_put(a, 4, GSI(place_of(VIRT_UART)->spi));
    acpi_put(a, 1, 3);           /* 9600 baud */
    acpi_put(a, 1, 0);
    acpi_put(a, 1, 1);           /* one stop bit */
    acpi_put(a, 1, 2);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, UINT32_MAX);  /* no PCI device */
    acpi_put_zeros(a, 12);
    acpi_end(a, start);
}

/* DEN 0049: the functions of the root complex send their messages to the ITS with their own numbers. */
static void add_iort(struct acpi *a)
{
    const unsigned its = 48, map = 36;
    size_t start = acpi_begin(a, "IORT", 3, true);

    acpi_put(a, 4, 2);
    acpi_put(a, 4, its);
    acpi_put(a, 4, 0);
    acpi_put(a, 1, 0);           /* ITS group: one, number 0 */
    acpi_put(a, 2, 24);
    acpi_put(a, 1, 1);
    acpi_put_zeros(a, 4 + 4 + 4);
    acpi_put(a, 4, 1);
    acpi_put(a, 4, 0);
    acpi_put(a, 1, 2);           /* root complex */
    acpi_put(a, 2, map + 20);
    acpi_put(a, 1, 3);
    acpi_put(a, 4, 1);           /* an identifier */
    acpi_put(a, 4, 1);
    acpi_put(a, 4, map);
    acpi_put(a, 4, 1);           /* coherent */
    acpi_put_zeros(a, 3);
    acpi_put(a, 1, 3);
    acpi_put_zeros(a, 4 + 4);    /* no ATS, segment 0 */
    acpi_put(a, 4, 64);          /* bits of addresses */
    acpi_put(a, 4, 0);           /* the mapping: 64 Ki requesters to the group */
    acpi_put(a, 4, 0xffff);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, its);
    acpi_put(a, 4, 0);
    acpi_end(a, start);
}

bool virt_add_acpi(struct machine *m, GError **err)
{
    const struct virt *v = virt_state(m);
    struct acpi *a = acpi_new();
    bool ok;

    add_fadt(m, a, add_dsdt(m, a));
    add_madt(m, a);
    add_gtdt(a);
    add_mcfg(m, a);
    add_spcr(a);
    if (v->gic_version == 3 && v->its)
        add_iort(a);
    ok = acpi_finish(a, v->fw_cfg, 0, err);
    acpi_free(a);
    return ok;
}
