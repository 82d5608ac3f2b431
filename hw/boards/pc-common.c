/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all PCs have: memory with its gap below 4 GiB, firmware at the end of it, CPUs with their interrupts, the devices of the ISA bus, and
 * what firmware looks for in CMOS memory and fw_cfg. Addresses, names and contents are those of QEMU 7.2's machines, which SeaBIOS and OVMF
 * know.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "block/block.h"
#include "hw/block/fdc.h"
#include "hw/block/ata.h"
#include "hw/boards/common.h"
#include "hw/boards/pc.h"
#include "hw/char/ns16550.h"
#include "hw/intc/apic.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/misc/fw-cfg.h"
#include "hw/misc/isa.h"
#include "hw/pci/pci.h"
#include "hw/pci/pc-memory.h"
#include "hw/timer/hpet.h"
#include "hw/timer/mc146818.h"
#include "hw/virtio/virtio-pci.h"
#include "util/endian.h"
#include "util/keyval.h"

#define PC_ERROR g_quark_from_static_string("pc")
#define LOW_RAM 0xa0000u
#define MAX_ROM (16u << 20)
#define MIB (1u << 20)
#define ISA_BIOS 0x20000u
#define BIOS_MAX (16u << 20)

bool pc_fail(struct machine *m, GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, PC_ERROR, 0, "machine %s: %s", m->board->name, text);
    return false;
}

const char *pc_prop(struct machine *m, const char *name)
{
    return m->config.props ? g_hash_table_lookup(m->config.props, name) : NULL;
}

bool pc_switch(struct machine *m, const char *name, bool def, bool *on, GError **err)
{
    const char *value = pc_prop(m, name);

    *on = def;
    if (!value || !strcmp(value, "auto"))
        return true;
    return keyval_parse_bool(value, on) || pc_fail(m, err, "%s=%s: it must be on or off", name, value);
}

const char *const pc_props[] = { "acpi", "smm", "hpet", "pflash0", "pflash1", NULL };

bool pc_get_config(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    return pc_switch(m, "acpi", true, &pc->acpi, err) && pc_switch(m, "smm", true, &pc->smm, err) &&
           pc_switch(m, "hpet", true, &pc->hpet_on, err);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static void show(struct bus *bus, const char *name, uint8_t *mem, uint64_t size, bool readonly, uint64_t paddr)
{
    if (size)
        bus_region_set(bus_overlay_ram(bus, name, size, mem, readonly, 0), true, paddr);
}

bool pc_init_memory(struct machine *m, uint64_t gap, GError **err)
{
    struct pc *pc = pc_state(m);
    uint64_t size = (m->config.ram_size + 4095) & ~4095ull;

    if (m->config.smp < 1 || m->config.smp > m->board->max_cpus)
        return pc_fail(m, err, "%d CPUs: it takes 1 to %d (-smp)", m->config.smp, m->board->max_cpus);
    if (size < MIB || size > 255ull << 30)
        return pc_fail(m, err, "%" G_GUINT64_FORMAT " MiB of memory: it takes 1 to 261120 (-m)", size >> 20);
    m->config.ram_size = size;
    bus_set_open(m->bus);
    pc->ram = bus_new_ram(m->bus, "pc.ram", size, err);
    if (!pc->ram)
        return false;
    pc->below = MIN(size, gap);
    pc->above = size - pc->below;
    pc->pci_hole = pc->below;
    show(m->bus, "pc.ram", pc->ram, LOW_RAM, false, 0);
    show(m->bus, "pc.ram", pc->ram + MIB, pc->below - MIB, false, MIB);
    show(m->bus, "pc.ram-high", pc->ram + pc->below, pc->above, false, PC_4G);
    pc->smm_bus = bus_new_view(m->bus);
    return true;
}

bool pc_add_cpus(struct machine *m, GError **err)
{
    for (int i = 0; i < m->config.smp; i++) {
        struct cpu *cpu = machine_add_cpu(m, err);

        if (!cpu)
            return false;
        cpu->smm_bus = pc_state(m)->smm_bus;
    }
    return true;
}

/* ---- firmware ---------------------------------------------------------------------------------- */

static bool add_flash(struct machine *m, int bank, uint64_t *end, GError **err)
{
    struct pc *pc = pc_state(m);
    struct block *image;
    struct device *dev;
    uint64_t size;

    if (!board_flash_image(m, bank, &image, err))
        return false;
    if (!image)
        return true;
    size = block_size(image);
    if (!size || size % 4096 || size > BIOS_MAX)
        return pc_fail(m, err, "flash bank %d: its image has %" G_GUINT64_FORMAT " bytes; it must be a multiple of 4096, at most 16 MiB", bank,
                       size);
    dev = pc->flash[bank] = device_new(m, "cfi.pflash01", err);
    if (!dev)
        return false;
    device_set_drive(dev, "drive", image);
    device_set_u64(dev, "sector-length", 4096);
    device_set_u64(dev, "num-blocks", size / 4096);
    device_set_u64(dev, "width", 1);
    device_set_u64(dev, "device-width", 1);
    device_set_u64(dev, "clears-ready", true);   /* by that OVMF tells flash from ROM */
    if (!device_realize(dev, err)) {
        g_prefix_error(err, "machine %s: flash bank %d: ", m->board->name, bank);
        return false;
    }
    *end -= size;
    device_map(dev, 0, *end);
    if (bank == 0) {
        pc->bios = dev->mmio[0].memory;
        pc->bios_size = size;
    }
    return true;
}

static bool load_bios(struct machine *m, const char *def, const char *package, GError **err)
{
    struct pc *pc = pc_state(m);
    const char *name = m->boot.bios ? m->boot.bios : def;
    g_autofree char *path = loader_find_firmware(name, m->boot.firmware_dirs, err);
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (!path) {
        if (!m->boot.bios)
            g_prefix_error(err, "machine %s: it needs Debian's package %s: ", m->board->name, package);
        return false;
    }
    data = loader_read("firmware", path, BIOS_MAX, &len, err);
    if (!data)
        return false;
    if (len % 65536)
        return pc_fail(m, err, "firmware '%s': %zu bytes; it must be a multiple of 64 KiB", path, len);
    pc->bios = bus_new_ram(m->bus, "pc.bios", len, err);
    if (!pc->bios)
        return false;
    memcpy(pc->bios, data, len);
    pc->bios_size = len;
    show(m->bus, "pc.bios", pc->bios, len, true, PC_4G - len);
    return true;
}

bool pc_add_firmware(struct machine *m, const char *def, const char *package, GError **err)
{
    struct pc *pc = pc_state(m);
    uint64_t end = PC_4G;

    if (!add_flash(m, 0, &end, err))
        return false;
    if (pc->flash[0] && m->boot.bios)
        return pc_fail(m, err, "-bios '%s': the first flash bank has an image already; leave one of them out", m->boot.bios);
    if (pc->flash[0])
        return add_flash(m, 1, &end, err);
    if (m->pflash[1] || pc_prop(m, "pflash1"))
        return pc_fail(m, err, "-drive if=pflash,unit=1: there is no unit=0, with the code that goes with it");
    return load_bios(m, def, package, err);
}

/* Smaller images repeat. A flash chip has its own registers; here it is memory. */
uint8_t *pc_low_bios(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    uint8_t *mem = bus_new_ram(m->bus, "isa-bios", ISA_BIOS, err);

    if (!mem || pc->bios_size >= ISA_BIOS)
        return mem ? memcpy(mem, pc->bios + pc->bios_size - ISA_BIOS, ISA_BIOS) : NULL;
    for (uint64_t at = 0; at < ISA_BIOS; at += pc->bios_size)
        memcpy(mem + at, pc->bios, MIN(pc->bios_size, ISA_BIOS - at));
    return mem;
}

void pc_show_shadow(struct machine *m, uint32_t start)
{
    show(m->bus, "pc.ram", pc_state(m)->ram + start, MIB - start, false, start);
}

bool pc_show_bios(struct machine *m, GError **err)
{
    uint8_t *low = pc_low_bios(m, err);

    if (low)
        bus_region_set(bus_overlay_ram(m->bus, "isa-bios", ISA_BIOS, low, true, 1), true, MIB - ISA_BIOS);
    return low != NULL;
}

/* ---- interrupts -------------------------------------------------------------------------------- */

/* A global system interrupt is one input of the I/O APIC; the first 16 are the ISA interrupts, too, but for the timer's, which is at 2. */
static void set_gsi(struct pc *pc, int n)
{
    bool level = pc->level[0][n] || pc->level[1][n];

    if (n < PC_ISA_IRQS && n != 2)
        irq_set(device_in(pc->pic, n), level);
    if (pc->ioapic)
        irq_set(device_in(pc->ioapic, n ? n : 2), level);
}

static void isa_set(void *opaque, int n, bool level)
{
    struct pc *pc = opaque;

    pc->level[0][n] = level;
    set_gsi(pc, n);
}

static void pirq_set(void *opaque, int n, bool level)
{
    struct pc *pc = opaque;

    pc->level[1][n] = level;
    set_gsi(pc, n);
}

/* The keyboard controller or port 92h: who spoke last counts. */
static void a20_set(void *opaque, int n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    for (int i = 0; i < pc->m->ncpus; i++)
        irq_set(cpu_in(pc->m->cpus[i], X86_A20M), level);
}

static void smi_set(void *opaque, int n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    if (level)
        irq_set(cpu_in(pc->m->cpus[bus_current_cpu() % pc->m->ncpus], X86_SMI), true);
}

struct irq *pc_smi(struct machine *m)
{
    return &pc_state(m)->misc[1];
}

static bool add_apic(struct machine *m, unsigned i, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *apic = device_new(m, "apic", err);

    if (!apic)
        return false;
    apic->parent_bus = pc->apics;
    device_set_u64(apic, "cpu", i);
    device_set_u64(apic, "id", i);
    if (!device_realize(apic, err))
        return false;
    for (int line = 0; line < APIC_NOUT; line++)
        device_connect(apic, line, cpu_in(m->cpus[i], line));
    m->cpus[i]->apic = &apic_cpu_ops;
    m->cpus[i]->apic_opaque = apic;
    if (i == 0)
        device_connect(pc->pic, 0, device_in(apic, 0));
    return true;
}

bool pc_add_apics(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->apics = device_new(m, "apic-bus", err);
    if (!pc->apics || !device_realize(pc->apics, err))
        return false;
    device_map(pc->apics, 0, APIC_BASE);
    if (pc->pic)
        apic_set_pic(pc->apics, pc->pic);
    for (unsigned i = 0; i < (unsigned)m->ncpus; i++)
        if (!add_apic(m, i, err))
            return false;
    pc->ioapic = device_new(m, "ioapic", err);
    if (!pc->ioapic)
        return false;
    pc->ioapic->parent_bus = pc->apics;
    if (!device_realize(pc->ioapic, err))
        return false;
    device_map(pc->ioapic, 0, IOAPIC_BASE);
    return true;
}

/* Without APICs: the controllers are the first CPU's. */
static bool connect_pic(struct machine *m)
{
    struct device *pic = pc_state(m)->pic;

    m->cpus[0]->apic = &i8259_cpu_ops;
    m->cpus[0]->apic_opaque = pic;
    device_connect(pic, 0, cpu_in(m->cpus[0], X86_INTR));
    return true;
}

bool pc_add_interrupts(struct machine *m, bool apic, GError **err)
{
    static const irq_handler handlers[] = { a20_set, smi_set };
    struct pc *pc = pc_state(m);

    pc->isa = irq_new_array(isa_set, pc, PC_ISA_IRQS);
    pc->pirq = irq_new_array(pirq_set, pc, PC_GSIS);
    for (int i = 0; i < 2; i++)
        pc->misc[i] = (struct irq){ handlers[i], pc, i };
    pc->pic = device_new(m, "i8259", err);
    if (!pc->pic || !device_realize(pc->pic, err))
        return false;
    device_map_io(pc->pic, 0, 0x20);
    device_map_io(pc->pic, 1, 0xa0);
    device_map_io(pc->pic, 2, 0x4d0);
    cpu_connect(m->cpus[0], X86_OUT_FERR, &pc->isa[13]);
    return apic ? pc_add_apics(m, err) : connect_pic(m);
}

/* ---- devices ----------------------------------------------------------------------------------- */

static struct device *finish_add(struct machine *m, struct device *dev, uint16_t port, int irq, GError **err)
{
    if (!dev || !device_realize(dev, err))
        return NULL;
    if (port)
        device_map_io(dev, 0, port);
    if (irq >= 0)
        device_connect(dev, 0, &pc_state(m)->isa[irq]);
    return dev;
}

struct device *pc_add(struct machine *m, const char *type, uint16_t port, int irq, GError **err)
{
    return finish_add(m, device_new(m, type, err), port, irq, err);
}

struct device *pc_add_function(struct machine *m, const char *type, const char *addr, bool multifunction, GError **err)
{
    struct device *dev = device_new(m, type, err);

    if (!dev)
        return NULL;
    dev->parent_bus = pc_state(m)->pci;
    if ((addr && !device_set_prop(dev, "addr", addr, err)) || (multifunction && !device_set_prop(dev, "multifunction", "on", err)))
        return NULL;
    return finish_add(m, dev, 0, -1, err);
}

static bool add_serials(struct machine *m, GError **err)
{
    for (unsigned i = 0; i < NS16550_PORTS; i++) {
        struct device *dev;

        if (!m->serial[i])
            continue;
        dev = device_new(m, "isa-serial", err);
        if (!dev)
            return false;
        device_set_chardev(dev, "chardev", m->serial[i]);
        device_set_u64(dev, "index", i);
        if (!finish_add(m, dev, ns16550_iobase[i], ns16550_irq[i], err))
            return false;
        pc_state(m)->nserial++;
    }
    return true;
}

/* The interrupts of timer and clock go through it, where it may take their place. Its timers have pin 2 of the I/O APIC, or others. */
static bool add_hpet(struct machine *m, struct device *pit, uint32_t pins, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *hpet = pc->hpet = device_new(m, "hpet", err);

    if (!hpet)
        return false;
    device_set_u64(hpet, "hpet-intcap", pins);
    if (pc->apics)
        hpet_set_message(hpet, apic_msi, pc->apics);
    if (!device_realize(hpet, err))
        return false;
    device_map(hpet, 0, HPET_BASE);
    for (int n = 0; n < PC_GSIS; n++)
        if (pins >> n & 1)
            device_connect(hpet, HPET_OUT_PIN0 + n, &pc->pirq[n == 2 ? 0 : n]);
    device_connect(hpet, HPET_OUT_IRQ0, &pc->isa[0]);
    device_connect(hpet, HPET_OUT_IRQ8, &pc->isa[8]);
    device_connect(pit, 0, device_in(hpet, 0));
    device_connect(pc->rtc, 0, device_in(hpet, 1));
    return true;
}

static bool add_keyboard(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *kbc = pc_add(m, "i8042", 0x60, 1, err), *port92;

    if (!kbc)
        return false;
    device_map_io(kbc, 1, 0x64);
    device_connect(kbc, 1, &pc->isa[12]);
    device_connect(kbc, 2, &pc->misc[0]);
    port92 = pc_add(m, "port92", 0x92, -1, err);
    if (!port92)
        return false;
    device_connect(port92, 0, &pc->misc[0]);
    return true;
}

static bool add_floppies(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *dma = device_new(m, "i8237", err), *fdc = device_new(m, "isa-fdc", err);

    if (!dma || !fdc || !device_realize(dma, err))
        return false;
    device_map_io(dma, 0, 0x00);
    device_map_io(dma, 1, 0xc0);
    device_map_io(dma, 2, 0x80);
    fdc_set_dma(fdc, dma);
    if (!device_realize(fdc, err))
        return false;
    device_map_io(fdc, 0, 0x3f0);
    device_map_io(fdc, 1, 0x3f7);
    device_connect(fdc, 0, &pc->isa[6]);
    pc->fdc = fdc;
    return true;
}

bool pc_add_isa(struct machine *m, uint32_t hpet_pins, bool keyboard, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *pit = pc_add(m, "isa-pit", 0x40, 0, err);

    if (!pit)
        return false;
    device_map_io(pit, 1, 0x61);
    pc->rtc = pc_add(m, "mc146818rtc", 0x70, 8, err);
    return pc->rtc && (!hpet_pins || add_hpet(m, pit, hpet_pins, err)) && (!keyboard || (add_keyboard(m, err) && add_floppies(m, err))) && add_serials(m, err);
}

struct ports {
    uint64_t start, end;
    const char *owner;           /* who has some of them already */
};

static bool find_owner(const char *name, uint64_t port, uint64_t size, bool is_ram, void *opaque)
{
    struct ports *p = opaque;

    (void)is_ram;
    if (port < p->end && p->start < port + size && strcmp(name, "pci-io") != 0)       /* PCI's window lies under everything */
        p->owner = name;
    return !p->owner;
}

static bool plug_isa(struct machine *m, struct device *dev, GError **err)
{
    const struct isa_device *isa = (const struct isa_device *)dev;
    struct ports ports;

    if (!device_realize(dev, err))
        return false;
    if (isa->iobase > 0xffff || isa->irq >= PC_ISA_IRQS)
        return pc_fail(m, err, "'%s' at port 0x%x, interrupt %u: there are ports up to 0xffff, interrupts up to 15", dev->type->name,
                       isa->iobase, isa->irq);
    ports = (struct ports){ isa->iobase, isa->iobase + dev->mmio[0].size, NULL };
    bus_foreach(m->io, find_owner, &ports);
    if (ports.owner)
        return pc_fail(m, err, "'%s' at port 0x%x: device '%s' is there; give another place", dev->type->name, isa->iobase, ports.owner);
    device_map_io(dev, 0, (uint16_t)isa->iobase);
    if (dev->nout)
        device_connect(dev, 0, &pc_state(m)->isa[isa->irq]);
    return true;
}

/* The controller that buses NAME.0, NAME.1 belong to: its id. */
static struct device *find_controller(struct machine *m, const char *name, size_t len)
{
    static const char *const types[] = { "ich9-ahci", "piix3-ide", "piix4-ide", "isa-ide", NULL };

    for (guint i = 0; i < m->devices->len; i++) {
        struct device *dev = g_ptr_array_index(m->devices, i);

        if (dev->id && strlen(dev->id) == len && !strncmp(dev->id, name, len) && dev->realized &&
            g_strv_contains(types, dev->type->name))
            return dev;
    }
    return NULL;
}

/* Bus n of a controller; NULL: of the machine's, which may be several. */
static struct ata_bus *ide_bus(struct machine *m, struct device *controller, unsigned n)
{
    const struct pc *pc = pc_state(m);

    if (!controller && !pc->ide)
        return n < PC_ISA_IDES && pc->isa_ide[n] ? ata_controller_bus(pc->isa_ide[n], 0) : NULL;
    return ata_controller_bus(controller ? controller : pc->ide, n);
}

static bool plug_ide(struct machine *m, struct device *dev, GError **err)
{
    const char *name = ((struct ata_drive *)dev)->bus_name, *dot = name ? strrchr(name, '.') : NULL;
    size_t len = dot ? (size_t)(dot - name) : name ? strlen(name) : 0;
    struct device *controller = NULL;
    struct ata_bus *bus = NULL;
    bool own = !name || (len == 3 && !strncmp(name, "ide", 3));
    guint64 n = 0;

    if (!own)
        controller = find_controller(m, name, len);
    if ((own || controller) && (!dot || g_ascii_string_to_unsigned(dot + 1, 10, 0, 31, &n, NULL)))
        bus = ide_bus(m, controller, (unsigned)n);
    for (unsigned i = 1; bus && !name && bus->drive[bus->units - 1] && ide_bus(m, NULL, i); i++)
        bus = ide_bus(m, NULL, i);
    if (!bus)
        return pc_fail(m, err, "'%s': bus=%s: there is no such IDE bus; the machine's are ide.0 and on", dev->type->name, name ? name : "");
    return ata_plug(bus, dev, err) && device_realize(dev, err);
}

char *pc_drive_device(struct machine *m, const char *interface, unsigned index, bool cdrom, const char *id, GError **err)
{
    struct ata_bus *bus = !strcmp(interface, "ide") ? ide_bus(m, NULL, 0) : NULL;
    unsigned units = bus ? bus->units : 1;

    if (pc_state(m)->fdc && !strcmp(interface, "floppy") && index < FDC_DRIVES)
        return g_strdup_printf("floppy,drive=%s,unit=%u", id, index);
    if (!bus || !ide_bus(m, NULL, index / units)) {
        pc_fail(m, err, bus ? "-drive if=%s,index=%u: there are not so many IDE buses" : "-drive if=%s,index=%u: it has no such drives",
                interface, index);
        return NULL;
    }
    return g_strdup_printf("%s,drive=%s,bus=ide.%u,unit=%u", cdrom ? "ide-cd" : "ide-hd", id, index / units, index % units);
}

static bool find_bus(struct machine *m, struct device *dev, GError **err)
{
    struct pc *pc = pc_state(m);
    const char *bus = dev->type->bus;

    if (!g_strcmp0(bus, "PCI") && pc->pci) {
        dev->parent_bus = pc->pci;
        return true;
    }
    if (!g_strcmp0(bus, "virtio") && pc->mmio) {
        if (pc->used_transports == PC_NVIRTIO)
            return pc_fail(m, err, "no room for '%s': all %d virtio transports are taken", dev->type->name, PC_NVIRTIO);
        dev->parent_bus = pc->transport[pc->used_transports++];
        return true;
    }
    if (!g_strcmp0(bus, "virtio-serial")) {
        dev->parent_bus = pc->serial_bus;
        return pc->serial_bus || pc_fail(m, err, "'%s' needs a bus: add -device virtio-serial before it", dev->type->name);
    }
    return pc_fail(m, err, "it has no bus of kind '%s' for device '%s'", bus ? bus : "system", dev->type->name);
}

/* The expansion ROM of a function: the user's file must be there, the usual one may be missing. */
static bool add_rom(struct machine *m, struct pci_device *pci, GError **err)
{
    const char *name = pci->romfile ? pci->romfile : pci->default_rom;
    g_autofree char *path = NULL, *data = NULL;
    size_t len;

    if (!name || !*name)
        return true;
    path = loader_find_firmware(name, m->boot.firmware_dirs, pci->romfile ? err : NULL);
    if (!path)
        return !pci->romfile;
    if (!g_file_get_contents(path, &data, &len, err))
        return false;
    if (len > MAX_ROM)
        return pc_fail(m, err, "romfile=%s: it is larger than %u MiB", name, MAX_ROM >> 20);
    pci_add_rom(pci, data, len);
    return true;
}

/* What a function has beside its BARs. */
static bool finish_function(struct machine *m, struct device *dev, GError **err)
{
    if (!strcmp(dev->type->name, "VGA")) {
        if (pc_state(m)->vga)
            return pc_fail(m, err, "it takes one VGA; give -vga none with -device VGA");
        pc_state(m)->vga = dev;
        device_map(dev, 0, 0xa0000);
        device_map_io(dev, 1, 0x3b0);
        device_map_io(dev, 2, 0x1ce);
    }
    return add_rom(m, (struct pci_device *)dev, err);
}

bool pc_add_vga(struct machine *m, const char *addr, GError **err)
{
    const char *vga = m->config.vga;
    struct device *dev;

    if (vga ? !strcmp(vga, "none") : m->config.no_defaults)
        return true;
    dev = pc_add_function(m, "VGA", addr, false, err);
    return dev && finish_function(m, dev, err);
}

bool pc_plug(struct machine *m, struct device *dev, GError **err)
{
    if (!g_strcmp0(dev->type->bus, "ISA"))
        return plug_isa(m, dev, err);
    if (!g_strcmp0(dev->type->bus, "IDE"))
        return plug_ide(m, dev, err);
    if (!g_strcmp0(dev->type->bus, "floppy-bus") && pc_state(m)->fdc)
        return fdc_plug(pc_state(m)->fdc, dev, err) && device_realize(dev, err);
    if (!find_bus(m, dev, err) || !device_realize(dev, err))
        return false;
    if (!g_strcmp0(dev->type->bus, "PCI") && !finish_function(m, dev, err))
        return false;
    dev = virtio_pci_child(dev);
    if (!strcmp(dev->type->name, "virtio-serial-device"))
        pc_state(m)->serial_bus = dev;
    return true;
}

/* ---- what firmware finds ----------------------------------------------------------------------- */

static void put_u64(GByteArray *b, uint64_t v)
{
    v = GUINT64_TO_LE(v);
    g_byte_array_append(b, (const uint8_t *)&v, 8);
}

/* Entries of the BIOS's memory map (ACPI 6.0, 15.2): start, length, type. */
static void put_e820(GByteArray *b, uint64_t start, uint64_t len, uint32_t type)
{
    put_u64(b, start);
    put_u64(b, len);
    type = GUINT32_TO_LE(type);
    g_byte_array_append(b, (const uint8_t *)&type, 4);
}

bool pc_add_fw_cfg(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    g_autoptr(GByteArray) e820 = g_byte_array_new();
    uint8_t ram[8];

    pc->fw_cfg = pc_add(m, "fw_cfg_io", PC_FW_CFG, -1, err);
    if (!pc->fw_cfg)
        return false;
    device_map_io(pc->fw_cfg, 1, PC_FW_CFG + 4);
    fw_cfg_add_u16(pc->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->ncpus);
    fw_cfg_add_u16(pc->fw_cfg, FW_CFG_MAX_CPUS, (uint16_t)m->ncpus);
    st64_le(ram, m->config.ram_size);
    fw_cfg_add(pc->fw_cfg, FW_CFG_RAM_SIZE, ram, 8);
    fw_cfg_add_u16(pc->fw_cfg, FW_CFG_NOGRAPHIC, m->config.serial_console);
    fw_cfg_add_u32(pc->fw_cfg, FW_CFG_IRQ0_OVERRIDE, 1);
    memset(ram, 0, 8);
    fw_cfg_add(pc->fw_cfg, FW_CFG_NUMA, ram, 8);
    put_e820(e820, 0, pc->below, 1);
    if (pc->above)
        put_e820(e820, PC_4G, pc->above, 1);
    return fw_cfg_add_file(pc->fw_cfg, "etc/e820", e820->data, e820->len, err);
}

static void cmos(struct pc *pc, unsigned index, uint64_t v)
{
    mc146818_set_cmos(pc->rtc, index, (uint8_t)v);
}

/* Sizes as AT BIOSes keep them: KiB below 1 MiB, KiB above it (two places), 64 KiB above 16 MiB, and above 4 GiB. */
static void set_memory_sizes(struct pc *pc)
{
    uint64_t above_1m = MIN((pc->below - MIN(pc->below, MIB)) / 1024, 0xffff);
    uint64_t above_16m = MIN((pc->below - MIN(pc->below, 16 * MIB)) / 65536, 0xffff), high = pc->above / 65536;

    cmos(pc, 0x15, 640 & 0xff);
    cmos(pc, 0x16, 640 >> 8);
    cmos(pc, 0x17, above_1m);
    cmos(pc, 0x18, above_1m >> 8);
    cmos(pc, 0x30, above_1m);
    cmos(pc, 0x31, above_1m >> 8);
    cmos(pc, 0x34, above_16m);
    cmos(pc, 0x35, above_16m >> 8);
    cmos(pc, 0x5b, high);
    cmos(pc, 0x5c, high >> 8);
    cmos(pc, 0x5d, high >> 16);
    cmos(pc, 0x5f, (uint64_t)pc->m->ncpus - 1);
}

/* What BIOSes call the kinds of drives: 1 floppy, 2 disk, 3 CD-ROM, 4 network; 0: none of them. */
static unsigned boot_code(char letter)
{
    static const char letters[] = "acdn";
    const char *at = strchr(letters, letter);

    return at ? (unsigned)(at - letters) + 1 : 0;
}

static bool check_order(struct machine *m, const char *order, GError **err)
{
    for (unsigned i = 0; order && order[i]; i++)
        if (!boot_code(order[i]) || i == 3)
            return pc_fail(m, err, "-boot %s: there are a (floppy), c (disk), d (CD-ROM) and n (network), at most three", order);
    return true;
}

/* How a BIOS shows disks to CHS callers: 1, by LBA, where they have more than 1024 cylinders of 16 heads. */
static void set_translation(struct pc *pc)
{
    uint8_t bits = 0;

    for (unsigned i = 0; i < 4; i++) {
        const struct ata_bus *bus = ide_bus(pc->m, NULL, i / 2);
        const struct ata_drive *d = bus && bus->units == 2 ? bus->drive[i % 2] : NULL;

        if (d && d->image && block_size(d->image) / 512 > 1024 * 16 * 63)
            bits |= (uint8_t)(1u << (2 * i));
    }
    cmos(pc, 0x39, bits);
}

/* Kinds of the floppy drives; equipment: coprocessor, mouse, how many of these drives. */
static void set_equipment(struct pc *pc)
{
    unsigned a = pc->fdc ? fdc_drive_type(pc->fdc, 0) : 0, b = pc->fdc ? fdc_drive_type(pc->fdc, 1) : 0;

    cmos(pc, 0x10, a << 4 | b);
    cmos(pc, 0x14, 0x06 | (a || b ? 1 : 0) | (a && b ? 0x40 : 0));
}

bool pc_finish(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    uint8_t wait[2];

    set_memory_sizes(pc);
    set_translation(pc);
    set_equipment(pc);
    if (m->boot.menu)
        fw_cfg_add_u16(pc->fw_cfg, FW_CFG_BOOT_MENU, 1);
    st16_le(wait, (uint16_t)m->boot.menu_ms);
    if (m->boot.menu_ms && !fw_cfg_add_file(pc->fw_cfg, "etc/boot-menu-wait", wait, sizeof(wait), err))
        return false;
    return pc_add_kernel(m, err) && check_order(m, m->boot.order, err) && check_order(m, m->boot.once, err) && board_add_fw_cfg_files(m, pc->fw_cfg, err);
}

bool pc_ready(struct machine *m, GError **err)
{
    return pc_finish(m, err) && pc_add_smbios(m, err) && (!pc_state(m)->acpi || pc_add_acpi(m, err));
}

void pc_reset(struct machine *m)
{
    struct pc *pc = pc_state(m);
    const char *order = m->boot.once && !pc->was_reset ? m->boot.once : m->boot.order ? m->boot.order : "cad";
    unsigned codes = 0;

    for (unsigned i = 0; order[i] && i < 3; i++)
        codes |= boot_code(order[i]) << (4 * i);
    cmos(pc, 0x3d, codes);
    cmos(pc, 0x38, codes >> 4 & 0xf0);
    pc->was_reset = true;
}

void pc_fini(struct machine *m)
{
    struct pc *pc = pc_state(m);

    irq_free_array(pc->isa);
    irq_free_array(pc->pirq);
    if (pc->memory)
        pc_memory_free(pc->memory);
}
