/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables of PCs (ACPI 6.0; IA-PC HPET 1.0a for HPET, PCI Firmware 3.0 for MCFG). Firmware decides where power management, the router of
 * interrupts and the configuration window are, so the tables are made when it first looks at them.
 */
#include "config.h"
#include "hw/acpi/acpi.h"
#include "hw/boards/pc.h"
#include "hw/misc/fw-cfg.h"

#define ROOM 4096u               /* tables may grow by less than this */
#define MMIO_END 0xfec00000u     /* of what PCI may have below 4 GiB: the chipset follows */
#define MMIO_MIN 0x80000000u     /* firmware puts nothing of PCI below */
#define HIGH_SIZE (32ull << 30)
#define GIB (1ull << 30)

/* FADT (5.2.9). */
enum fadt_boot { BOOT_LEGACY = 1, BOOT_8042 = 2, BOOT_NO_VGA = 4 };
enum fadt_flag { FADT_WBINVD = 1, FADT_PROC_C1 = 4, FADT_SLP_BUTTON = 0x20, FADT_RTC_S4 = 0x80, FADT_RESET_REG = 0x400 };
#define RESET_PORT 0xcf9
#define RESET_VALUE 6

/* ---- DSDT: interrupt links --------------------------------------------------------------------- */

static void aml_const_op(GByteArray *b, enum aml_opcode op, const char *ref, uint64_t v)
{
    aml_op(b, op);
    aml_ref(b, ref);
    aml_int(b, v);
}

/* Return(v) */
static void return_int(GByteArray *b, uint64_t v)
{
    aml_op(b, AML_RETURN);
    aml_int(b, v);
}

/* CreateDWordField(buffer, 5, PRRI): the number in a resource that is one interrupt. */
static void interrupt_field(GByteArray *b)
{
    aml_int(b, 5);
    aml_ref(b, "PRRI");
}

/* What a register of the router says, as a resource: method IQCR(register) of the bus. */
static void add_link_helper(GByteArray *b)
{
    static const uint8_t none = 0;
    GByteArray *r = g_byte_array_new();
    size_t method = aml_method_args(b, "IQCR", 1), cond;

    b->data[b->len - 1] |= 8;    /* serialized: it makes names */
    res_interrupts_shared(r, 1, &none);
    aml_resources(b, "PRR0", r);
    aml_op(b, AML_CREATE_DWORD_FIELD);
    aml_ref(b, "PRR0");
    interrupt_field(b);
    cond = aml_if(b);
    aml_op(b, AML_LNOT);
    aml_op(b, AML_AND);
    aml_op(b, AML_ARG0);
    aml_int(b, 0x80);
    aml_op(b, AML_NOWHERE);
    aml_op(b, AML_AND);
    aml_op(b, AML_ARG0);
    aml_int(b, 0x0f);
    aml_ref(b, "PRRI");
    aml_close(b, cond);
    aml_op(b, AML_RETURN);
    aml_ref(b, "PRR0");
    aml_close(b, method);
}

static void add_link_methods(GByteArray *b, const char *reg)
{
    size_t method = aml_method(b, "_STA"), cond = aml_if(b);

    aml_const_op(b, AML_AND, reg, 0x80);
    aml_op(b, AML_NOWHERE);
    return_int(b, 0x09);
    aml_close(b, cond);
    return_int(b, 0x0b);
    aml_close(b, method);
    method = aml_method(b, "_DIS");
    aml_const_op(b, AML_OR, reg, 0x80);
    aml_ref(b, reg);
    aml_close(b, method);
    method = aml_method(b, "_CRS");
    aml_op(b, AML_RETURN);
    aml_ref(b, "IQCR");
    aml_ref(b, reg);
    aml_close(b, method);
    method = aml_method_args(b, "_SRS", 1);
    aml_op(b, AML_CREATE_DWORD_FIELD);
    aml_op(b, AML_ARG0);
    interrupt_field(b);
    aml_op(b, AML_STORE);
    aml_ref(b, "PRRI");
    aml_ref(b, reg);
    aml_close(b, method);
}

/* A link device (6.2.13) for one register of the router. */
static void add_link(GByteArray *b, unsigned n)
{
    static const uint8_t choice[] = { 5, 10, 11 };
    g_autofree char *name = g_strdup_printf("LNK%c", 'A' + n), *reg = g_strdup_printf("\\_SB.PCI0.ISA.PRQ%c", 'A' + n);
    GByteArray *r = g_byte_array_new();
    size_t dev = aml_device(b, name);

    aml_name_eisa_id(b, "_HID", "PNP0C0F");
    aml_name_int(b, "_UID", n);
    res_interrupts_shared(r, G_N_ELEMENTS(choice), choice);
    aml_resources(b, "_PRS", r);
    add_link_methods(b, reg);
    aml_close(b, dev);
}

/* An entry of _PRT. link: a device; NULL: the interrupt is gsi. */
static void add_route(GByteArray *b, unsigned device, unsigned pin, const char *link, unsigned gsi)
{
    size_t row = aml_package(b, 4);

    aml_int(b, device << 16 | 0xffff);
    aml_int(b, pin);
    if (link)
        aml_ref(b, link);
    else
        aml_int(b, 0);
    aml_int(b, link ? 0 : gsi);
    aml_close(b, row);
}

/* Which of the router's inputs a pin drives: as the boards wire it (pc-i440fx.c, pc-q35.c). */
static unsigned line_of(const struct pc *pc, unsigned device, unsigned pin)
{
    return pc->q35 ? pc_q35_route(device << 3, pin) : pc_i440fx_route(device << 3, pin);
}

/* All 32 devices; by links, or, for the I/O APIC of a Q35, by its own inputs. */
static void add_route_table(const struct pc *pc, GByteArray *b, const char *name, bool links)
{
    size_t table;

    aml_name(b, name);
    table = aml_package(b, 32 * 4);
    for (unsigned device = 0; device < 32; device++)
        for (unsigned pin = 0; pin < 4; pin++) {
            char link[] = "LNKA";

            link[3] = (char)('A' + line_of(pc, device, pin));
            add_route(b, device, pin, links ? link : NULL, PC_ISA_IRQS + line_of(pc, device, pin));
        }
    aml_close(b, table);
}

static void add_routes(const struct pc *pc, GByteArray *b)
{
    size_t method, cond;

    if (!pc->q35) {
        add_route_table(pc, b, "_PRT", true);
        return;
    }
    add_route_table(pc, b, "PRTP", true);
    add_route_table(pc, b, "PRTA", false);
    method = aml_method(b, "_PRT");
    cond = aml_if(b);
    aml_ref(b, "PICF");
    aml_op(b, AML_RETURN);
    aml_ref(b, "PRTA");
    aml_close(b, cond);
    aml_op(b, AML_RETURN);
    aml_ref(b, "PRTP");
    aml_close(b, method);
}

/* The system says that it uses the I/O APIC (5.8.1). */
static void add_pic_method(GByteArray *b)
{
    size_t method;

    aml_name_int(b, "PICF", 0);
    method = aml_method_args(b, "_PIC", 1);
    aml_op(b, AML_STORE);
    aml_op(b, AML_ARG0);
    aml_ref(b, "PICF");
    aml_close(b, method);
}

/* ---- DSDT: devices of the ISA bus -------------------------------------------------------------- */

static void add_isa_device(GByteArray *b, const char *name, const char *id, int uid, GByteArray *r)
{
    size_t dev = aml_device(b, name);

    aml_name_eisa_id(b, "_HID", id);
    if (uid)
        aml_name_int(b, "_UID", (unsigned)uid);
    aml_resources(b, "_CRS", r);
    aml_close(b, dev);
}

static GByteArray *ports(uint16_t port, uint8_t len, int irq)
{
    GByteArray *r = g_byte_array_new();

    res_io(r, port, len);
    if (irq >= 0)
        res_isa_irq(r, (unsigned)irq);
    return r;
}

static void add_keyboard(GByteArray *b)
{
    GByteArray *r = ports(0x60, 1, -1);

    res_io(r, 0x64, 1);
    res_isa_irq(r, 1);
    add_isa_device(b, "KBD", "PNP0303", 0, r);
    r = g_byte_array_new();
    res_isa_irq(r, 12);
    add_isa_device(b, "MOU", "PNP0F13", 0, r);
}

static void add_isa_devices(struct machine *m, GByteArray *b)
{
    static const struct { uint16_t port; uint8_t irq; } com[] = { { 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 } };
    GByteArray *r;

    if (!pc_state(m)->mmio)
        add_keyboard(b);
    add_isa_device(b, "RTC", "PNP0B00", 0, ports(0x70, 8, 8));
    for (unsigned i = 0; i < G_N_ELEMENTS(com); i++) {
        char name[] = "COM1";

        name[3] = (char)('1' + i);
        if (m->serial[i])
            add_isa_device(b, name, "PNP0501", (int)i + 1, ports(com[i].port, 8, com[i].irq));
    }
    if (pc_state(m)->fdc) {
        r = ports(0x3f2, 4, -1);
        res_io(r, 0x3f7, 1);
        res_isa_irq(r, 6);
        add_isa_device(b, "FDC0", "PNP0700", 0, r);
    }
}

/* ---- DSDT: the PCI bus ------------------------------------------------------------------------- */

static GByteArray *bus_resources(const struct pc *pc)
{
    GByteArray *r = g_byte_array_new();
    uint64_t ecam = 0, ecam_size = pc->find_ecam ? pc->find_ecam(pc, &ecam) : 0;
    uint64_t start = MAX(pc->pci_hole, MMIO_MIN), high = (PC_4G + pc->above + GIB - 1) / GIB * GIB;

    res_window(r, RES_BUS, 16, 0, 0x100, 0);
    res_io(r, 0xcf8, 8);
    res_window(r, RES_IO, 32, 0, 0xcf8, 0);
    res_window(r, RES_IO, 32, 0xd00, 0xf300, 0);
    res_window(r, RES_MEMORY, 32, 0xa0000, 0x20000, 0);
    if (ecam_size && ecam >= start && ecam < MMIO_END) {
        if (ecam > start)
            res_window(r, RES_MEMORY, 32, start, ecam - start, 0);
        start = ecam + ecam_size;
    }
    if (start < MMIO_END)
        res_window(r, RES_MEMORY, 32, start, MMIO_END - start, 0);
    res_window(r, RES_MEMORY, 64, high, HIGH_SIZE, 0);
    return r;
}

/* The registers of the router, in the configuration space of the ISA bridge. */
static void add_router(const struct pc *pc, GByteArray *b)
{
    for (unsigned bank = 0; bank < (pc->q35 ? 2 : 1); bank++) {
        char region[] = "PRR1";
        size_t field;

        region[3] = (char)('1' + bank);
        aml_region(b, region, AML_PCI_CONFIG, bank ? 0x68 : 0x60, 4);
        field = aml_field(b, region);
        for (unsigned n = 0; n < 4; n++) {
            char reg[] = "PRQA";

            reg[3] = (char)('A' + 4 * bank + n);
            aml_field_unit(b, reg, 8);
        }
        aml_close(b, field);
    }
}

static void add_pci(struct machine *m, GByteArray *b)
{
    const struct pc *pc = pc_state(m);
    size_t dev = aml_device(b, "PCI0"), isa;

    aml_name_eisa_id(b, "_HID", pc->q35 ? "PNP0A08" : "PNP0A03");
    if (pc->q35)
        aml_name_eisa_id(b, "_CID", "PNP0A03");
    aml_name_int(b, "_ADR", 0);
    aml_name_int(b, "_BBN", 0);
    aml_name_int(b, "_UID", 0);
    aml_resources(b, "_CRS", bus_resources(pc));
    isa = aml_device(b, "ISA");
    aml_name_int(b, "_ADR", pc->q35 ? 0x1f0000 : 0x10000);
    add_router(pc, b);
    add_isa_devices(m, b);
    aml_close(b, isa);
    add_routes(pc, b);
    aml_close(b, dev);
}

/* ---- DSDT: the rest ---------------------------------------------------------------------------- */

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

static void add_platform(const struct pc *pc, GByteArray *b)
{
    uint64_t ecam = 0, ecam_size = pc->find_ecam ? pc->find_ecam(pc, &ecam) : 0;
    GByteArray *r;
    size_t dev;

    if (pc->fw_cfg) {
        dev = aml_device(b, "FWCF");
        aml_name_string(b, "_HID", "QEMU0002");
        r = g_byte_array_new();
        res_io(r, PC_FW_CFG, 12);
        aml_resources(b, "_CRS", r);
        aml_close(b, dev);
    }
    if (pc->hpet) {
        dev = aml_device(b, "HPET");
        aml_name_eisa_id(b, "_HID", "PNP0103");
        r = g_byte_array_new();
        res_memory32(r, PC_HPET, 0x400);
        aml_resources(b, "_CRS", r);
        aml_close(b, dev);
    }
    if (ecam_size) {             /* so that nothing else goes there */
        dev = aml_device(b, "ECAM");
        aml_name_eisa_id(b, "_HID", "PNP0C02");
        r = g_byte_array_new();
        res_memory32(r, (uint32_t)ecam, (uint32_t)ecam_size);
        aml_resources(b, "_CRS", r);
        aml_close(b, dev);
    }
}

/* Soft off is the sleeping type 0 (hw/acpi/pm.h). */
static void add_s5(GByteArray *b)
{
    size_t package;

    aml_name(b, "_S5");
    package = aml_package(b, 4);
    for (int i = 0; i < 4; i++)
        aml_int(b, 0);
    aml_close(b, package);
}

/* What a microvm has instead of a PCI bus. */
static void add_mmio(struct machine *m, GByteArray *b)
{
    add_isa_devices(m, b);
    for (unsigned i = 0; i < PC_NVIRTIO; i++) {
        g_autofree char *name = g_strdup_printf("VR%02u", i);
        GByteArray *r = g_byte_array_new();
        size_t dev = aml_device(b, name);

        aml_name_string(b, "_HID", "LNRO0005");
        aml_name_int(b, "_UID", i);
        aml_name_int(b, "_CCA", 1);
        res_memory32(r, PC_VIRTIO + i * PC_VIRTIO_SIZE, PC_VIRTIO_SIZE);
        res_interrupt(r, PC_ISA_IRQS + i);
        aml_resources(b, "_CRS", r);
        aml_close(b, dev);
    }
}

static void add_links(const struct pc *pc, GByteArray *b)
{
    add_link_helper(b);
    for (unsigned n = 0; n < (pc->q35 ? 8 : 4); n++)
        add_link(b, n);
}

static size_t add_dsdt(struct machine *m, struct acpi *a)
{
    const struct pc *pc = pc_state(m);
    size_t start = acpi_begin(a, "DSDT", 2, false), scope;
    GByteArray *b = g_byte_array_new();

    add_pic_method(b);
    add_s5(b);
    scope = aml_scope_sb(b);
    if (!pc->mmio) {
        add_links(pc, b);
        add_pci(m, b);
    } else {
        add_mmio(m, b);
    }
    add_cpus(m, b);
    add_platform(pc, b);
    aml_close(b, scope);
    acpi_put_bytes(a, b->data, b->len);
    g_byte_array_free(b, TRUE);
    acpi_end(a, start);
    return start;
}

/* ---- the other tables -------------------------------------------------------------------------- */

/* A generic address (5.2.3.2) of I/O ports. */
static void put_gas(struct acpi *a, unsigned bits, unsigned port)
{
    acpi_put(a, 1, 1);
    acpi_put(a, 1, port ? bits : 0);
    acpi_put(a, 2, 0);
    acpi_put(a, 8, port);
}

/* The first 116 bytes behind the header, as ACPI 1.0 has them. */
static void put_fadt_1(const struct pc *pc, struct acpi *a, const struct pc_power *p, size_t facs, size_t dsdt)
{
    uint16_t base = p->base;

    acpi_put_pointer(a, facs, 4);
    acpi_put_pointer(a, dsdt, 4);
    acpi_put(a, 2, 1 | 1 << 8);  /* two kinds of interrupt controllers; desktop */
    acpi_put(a, 2, PC_SCI);
    acpi_put(a, 4, p->acpi_on ? 0xb2 : 0);
    acpi_put(a, 1, p->acpi_on);
    acpi_put(a, 1, p->acpi_off);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, base);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, base ? base + 4u : 0);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, base ? base + 8u : 0);
    acpi_put(a, 4, base && p->gpe_len ? base + p->gpe : 0u);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, 4 | 2 << 8 | 0 << 16 | 4u << 24);
    acpi_put(a, 4, p->gpe_len);
    acpi_put(a, 4, 0x0fff0fff);  /* C2 and C3: none */
    acpi_put_zeros(a, 106 - 100);
    acpi_put(a, 2, 0);           /* day and month alarm */
    acpi_put(a, 1, 0x32);        /* century */
    acpi_put(a, 2, pc->mmio ? BOOT_LEGACY | BOOT_NO_VGA : BOOT_LEGACY | BOOT_8042);
    acpi_put(a, 1, 0);
    acpi_put(a, 4, FADT_WBINVD | FADT_PROC_C1 | FADT_SLP_BUTTON | FADT_RTC_S4 | FADT_RESET_REG);
}

static void add_fadt(const struct pc *pc, struct acpi *a, size_t facs, size_t dsdt)
{
    size_t start = acpi_begin(a, "FACP", 3, true);
    struct pc_power p = pc->power(pc);

    put_fadt_1(pc, a, &p, facs, dsdt);
    put_gas(a, 8, RESET_PORT);
    acpi_put(a, 4, RESET_VALUE);
    acpi_put_pointer(a, facs, 8);
    acpi_put_pointer(a, dsdt, 8);
    put_gas(a, 32, p.base);
    put_gas(a, 0, 0);
    put_gas(a, 16, p.base ? p.base + 4u : 0);
    put_gas(a, 0, 0);
    put_gas(a, 0, 0);
    put_gas(a, 32, p.base ? p.base + 8u : 0);
    put_gas(a, 8 * p.gpe_len, p.base && p.gpe_len ? p.base + p.gpe : 0u);
    put_gas(a, 0, 0);
    acpi_end(a, start);
}

/* An ISA interrupt that is not what one of its number was in a PC (5.2.12.5). flags: 0: as the bus has it; 13: level, active high. */
static void put_override(struct acpi *a, unsigned irq, unsigned gsi, unsigned flags)
{
    acpi_put(a, 2, 2 | 10 << 8);
    acpi_put(a, 1, 0);
    acpi_put(a, 1, irq);
    acpi_put(a, 4, gsi);
    acpi_put(a, 2, flags);
}

/* 5.2.12: CPUs, I/O APIC, NMI at LINT1 of all. */
static void add_madt(struct machine *m, struct acpi *a)
{
    static const uint8_t level[] = { 5, 9, 10, 11 };
    size_t start = acpi_begin(a, "APIC", 3, true);

    acpi_put(a, 4, PC_APIC);
    acpi_put(a, 4, 1);           /* with an 8259 pair */
    for (unsigned i = 0; i < (unsigned)m->ncpus; i++) {
        acpi_put(a, 2, 0 | 8 << 8);
        acpi_put(a, 1, i);
        acpi_put(a, 1, i);
        acpi_put(a, 4, 1);
    }
    acpi_put(a, 2, 1 | 12 << 8);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, PC_IOAPIC);
    acpi_put(a, 4, 0);
    put_override(a, 0, 2, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(level); i++)
        put_override(a, level[i], level[i], 13);
    acpi_put(a, 2, 4 | 6 << 8);
    acpi_put(a, 1, 0xff);
    acpi_put(a, 2, 0);
    acpi_put(a, 1, 1);
    acpi_end(a, start);
}

static void add_hpet(struct acpi *a)
{
    size_t start = acpi_begin(a, "HPET", 1, true);

    acpi_put(a, 4, 0x8086a201);
    acpi_put(a, 4, 0);           /* in memory */
    acpi_put(a, 8, PC_HPET);
    acpi_put(a, 4, 0);
    acpi_end(a, start);
}

static void add_mcfg(const struct pc *pc, struct acpi *a)
{
    uint64_t ecam, size = pc->find_ecam(pc, &ecam);
    size_t start = acpi_begin(a, "MCFG", 1, true);

    acpi_put_zeros(a, 8);
    acpi_put(a, 8, ecam);
    acpi_put(a, 2, 0);
    acpi_put(a, 1, 0);
    acpi_put(a, 1, size ? (size >> 20) - 1 : 0);
    acpi_put(a, 4, 0);
    acpi_end(a, start);
}

static struct acpi *make_tables(struct machine *m)
{
    const struct pc *pc = pc_state(m);
    struct acpi *a = acpi_new();
    size_t facs, dsdt;

    acpi_want_rsdt(a);
    facs = acpi_facs(a);
    dsdt = add_dsdt(m, a);
    add_fadt(pc, a, facs, dsdt);
    add_madt(m, a);
    if (pc->hpet)
        add_hpet(a);
    if (pc->q35)
        add_mcfg(pc, a);
    return a;
}

void pc_make_acpi(struct machine *m, uint64_t tables_at, GByteArray **tables, GByteArray **rsdp)
{
    struct acpi *a = make_tables(m);

    acpi_place(a, tables_at, tables, rsdp);
    acpi_free(a);
}

/* Firmware is about to read them. */
static void refresh(void *opaque)
{
    struct machine *m = opaque;
    struct acpi *a = make_tables(m);

    acpi_update(a, pc_state(m)->fw_cfg);
    acpi_free(a);
}

bool pc_add_acpi(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct acpi *a = make_tables(m);
    bool ok = acpi_finish(a, pc->fw_cfg, (acpi_length(a) + ROOM + 4095) & ~4095u, err);

    acpi_free(a);
    if (!ok)
        return false;
    refresh(m);                  /* marks the files */
    fw_cfg_set_refresh(pc->fw_cfg, refresh, m);
    return true;
}
