/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The i440FX host with its memory switches, the PIIX3's interrupt router, and the PIIX4's power management, as firmware drives them. */
#include "config.h"
#include <check.h>
#include <string.h>
#include "hw/acpi/piix4-pm.h"
#include "hw/pci/i440fx.h"
#include "hw/pci/pc-memory.h"
#include "hw/pci/pci.h"
#include "tests/dev/harness.h"

enum { PMBASE = 0x600, NB = 0x0000, SB = 0x0800, PM = 0x0b00 };   /* bus, device and function in the address */

static struct harness *h;
static struct device *host, *north, *south, *pm;
static struct bus *smm;
static struct pc_memory *memory;
static uint8_t *ram, rom[0x20000];

static void out(uint16_t port, unsigned size, uint32_t v)
{
    ck_assert_int_eq(bus_write(h->m->io, port, size, v), BUS_OK);
}

static uint32_t in(uint16_t port, unsigned size)
{
    uint64_t v;

    ck_assert_int_eq(bus_read(h->m->io, port, size, &v), BUS_OK);
    return (uint32_t)v;
}

static void conf_write(unsigned where, unsigned reg, unsigned size, uint32_t v)
{
    out(0xcf8, 4, 0x80000000u | where | (reg & 0xfc));
    out((uint16_t)(0xcfc + (reg & 3)), size, v);
}

static uint32_t conf_read(unsigned where, unsigned reg, unsigned size)
{
    out(0xcf8, 4, 0x80000000u | where | (reg & 0xfc));
    return in((uint16_t)(0xcfc + (reg & 3)), size);
}

static uint8_t peek(struct bus *bus, uint64_t at)
{
    uint64_t v = 0;

    bus_read(bus, at, 1, &v);
    return (uint8_t)v;
}

static struct device *function(const char *type, const char *addr)
{
    struct device *dev = harness_device(h, type);

    dev->parent_bus = host;
    ck_assert(device_set_prop(dev, "addr", addr, NULL) && device_set_prop(dev, "multifunction", "on", NULL));
    return harness_realize(h, dev, 0);
}

static void setup(void)
{
    h = harness_new();
    bus_set_open(h->m->bus);
    ram = bus_ram(h->m->bus, HARNESS_RAM, NULL, NULL);
    smm = bus_new_view(h->m->bus);
    memset(rom, 0x90, sizeof(rom));
    memory = pc_memory_new(h->m->bus, smm, ram, rom);
    host = harness_device(h, "i440FX-pcihost");
    i440fx_set_memory(host, memory);
    harness_realize(h, host, 0);
    device_map_io(host, 0, 0xcf8);
    device_map_io(host, 1, 0xcfc);
    north = function("i440FX", "0");
    south = function("PIIX3", "1");
    pm = function("PIIX4_PM", "1.3");
    device_map_io(pm, 0, 0xb2);
    for (int i = 0; i < PCI_PINS; i++)
        device_connect(host, i, device_in(south, i));
    harness_watch(h, south, 0, 16, 0);
    harness_watch(h, pm, 0, 2, 16);
}

static void teardown(void)
{
    harness_free(h);
    pc_memory_free(memory);
}

START_TEST(functions_are_found_by_mechanism_1)
{
    ck_assert_uint_eq(conf_read(NB, 0, 4), 0x12378086);
    ck_assert_uint_eq(conf_read(NB, 0x2c, 4), 0x11001af4);
    ck_assert_uint_eq(conf_read(SB, 2, 2), 0x7000);
    ck_assert_uint_eq(conf_read(SB, 0xe, 1), 0x80);
    ck_assert_uint_eq(conf_read(PM, 0, 4), 0x71138086);
    ck_assert_uint_eq(conf_read(0x1000, 0, 4), 0xffffffff);
    ck_assert_uint_eq(conf_read(0x10000, 0, 4), 0xffffffff);
    out(0xcf8, 4, 0);
    ck_assert_uint_eq(in(0xcfc, 4), 0xffffffff);
    out(0xcf8, 4, 0x80000000);
    out(0xcfb, 1, 0);            /* a byte does not reach the address */
    ck_assert_uint_eq(in(0xcf8, 4), 0x80000000);
    ck_assert_uint_eq(in(0xcfc, 2), 0x8086);
}
END_TEST

START_TEST(segments_show_rom_or_ram)
{
    ram[0xf0000] = 1;
    ram[0xe4000] = 2;
    ram[0xc0000] = 3;
    ck_assert_uint_eq(peek(h->m->bus, 0xf0000), 0x90);
    ck_assert_uint_eq(peek(h->m->bus, 0xe4000), 0x90);
    ck_assert_uint_eq(peek(h->m->bus, 0xc0000), 0xff);
    conf_write(NB, 0x59, 1, 0x30);
    ck_assert_uint_eq(peek(h->m->bus, 0xf0000), 1);
    ck_assert_uint_eq(peek(h->m->bus, 0xe4000), 0x90);
    conf_write(NB, 0x5e, 1, 0x10);       /* 0xe4000: read only */
    ck_assert_uint_eq(peek(h->m->bus, 0xe4000), 2);
    bus_write(h->m->bus, 0xe4000, 1, 9);
    ck_assert_uint_eq(ram[0xe4000], 2);
    conf_write(NB, 0x5e, 1, 0x20);       /* written while ROM is read */
    bus_write(h->m->bus, 0xe4000, 1, 9);
    ck_assert_uint_eq(peek(h->m->bus, 0xe4000), 0x90);
    ck_assert_uint_eq(ram[0xe4000], 9);
    conf_write(NB, 0x5a, 1, 0x01);
    ck_assert_uint_eq(peek(h->m->bus, 0xc0000), 3);
    ck_assert_uint_eq(conf_read(NB, 0x58, 4), 0x00013000);
    device_reset(north);
    ck_assert_uint_eq(peek(h->m->bus, 0xf0000), 0x90);
    ck_assert_uint_eq(peek(h->m->bus, 0xc0000), 0xff);
}
END_TEST

START_TEST(smm_memory_is_hidden_and_can_be_locked)
{
    ram[0xa0000] = 0x5a;
    ck_assert_uint_eq(peek(smm, 0xa0000), 0xff);
    conf_write(NB, 0x72, 1, SMRAM_ENABLE | SMRAM_OPEN);
    ck_assert_uint_eq(peek(h->m->bus, 0xa0000), 0x5a);
    ck_assert_uint_eq(peek(smm, 0xa0000), 0x5a);
    conf_write(NB, 0x72, 1, SMRAM_ENABLE | SMRAM_OPEN | SMRAM_LOCK);
    ck_assert_uint_eq(conf_read(NB, 0x72, 1), SMRAM_ENABLE | SMRAM_LOCK | 2);
    ck_assert_uint_eq(peek(h->m->bus, 0xa0000), 0xff);
    ck_assert_uint_eq(peek(smm, 0xa0000), 0x5a);
    conf_write(NB, 0x72, 1, SMRAM_OPEN);
    ck_assert_uint_eq(conf_read(NB, 0x72, 1), SMRAM_ENABLE | SMRAM_LOCK | 2);
    device_reset(north);
    ck_assert_uint_eq(conf_read(NB, 0x72, 1), 2);
}
END_TEST

START_TEST(interrupts_go_where_the_router_says)
{
    conf_write(SB, 0x60, 4, 0x0b0b0a80);
    irq_set(device_in(south, 0), true);
    ck_assert_irq(h, 10, false);
    irq_set(device_in(south, 1), true);
    ck_assert_irq(h, 10, true);
    irq_set(device_in(south, 2), true);
    irq_set(device_in(south, 3), true);
    ck_assert_irq(h, 11, true);
    irq_set(device_in(south, 2), false);
    ck_assert_irq(h, 11, true);
    irq_set(device_in(south, 3), false);
    ck_assert_irq(h, 11, false);
    conf_write(SB, 0x61, 1, 5);          /* moved while it is on */
    ck_assert_irq(h, 10, false);
    ck_assert_irq(h, 5, true);
    conf_write(SB, 0x61, 1, 8);          /* not routable */
    ck_assert_irq(h, 5, false);
    ck_assert_irq(h, 8, false);
}
END_TEST

static void enable_pm(void)
{
    conf_write(PM, 0x40, 4, PMBASE | 1);
    ck_assert_uint_eq(piix4_pm_base(pm), 0);
    conf_write(PM, 0x80, 1, 1);
    ck_assert_uint_eq(piix4_pm_base(pm), PMBASE);
}

START_TEST(pm_timer_counts_and_its_event_interrupts)
{
    uint32_t start;

    ck_assert_uint_eq(in(PMBASE + 8, 4), 0xffffffff);
    enable_pm();
    start = in(PMBASE + 8, 4);
    clock_step(h, 1000000000);
    ck_assert_uint_eq((in(PMBASE + 8, 4) - start) & 0xffffff, 3579545);
    out(PMBASE + 2, 2, 1);
    out(0xb2, 1, PIIX4_ACPI_ENABLE);
    ck_assert_uint_eq(in(PMBASE + 4, 2), 1);
    ck_assert_irq(h, 16, false);
    clock_step(h, 2400000000);           /* the top bit changes every 2.34 s */
    ck_assert_irq(h, 16, true);
    ck_assert_uint_eq(in(PMBASE, 2), 1);
    out(PMBASE, 2, 1);
    ck_assert_irq(h, 16, false);
    out(0xb2, 1, PIIX4_ACPI_DISABLE);
    ck_assert_uint_eq(in(PMBASE + 4, 2), 0);
}
END_TEST

START_TEST(power_button_and_soft_off)
{
    enable_pm();
    out(0xb2, 1, PIIX4_ACPI_ENABLE);
    out(PMBASE + 2, 2, 0x100);
    piix4_pm_press_power(pm);
    ck_assert_irq(h, 16, true);
    ck_assert_uint_eq(in(PMBASE, 2), 0x100);
    out(PMBASE + 1, 1, 1);
    ck_assert_irq(h, 16, false);
    out(PMBASE + 4, 2, 0x2401);          /* another type is stored only */
    ck_assert(!h->m->poweroff_requested);
    ck_assert_uint_eq(in(PMBASE + 4, 2), 0x401);
    out(PMBASE + 4, 2, 0x2001);
    ck_assert(h->m->poweroff_requested);
}
END_TEST

START_TEST(smi_by_the_control_port_when_enabled)
{
    out(0xb2, 1, 0x01);
    ck_assert_irq(h, 17, false);
    conf_write(PM, 0x58, 4, 0x02000000);
    out(0xb3, 1, 0x77);
    ck_assert_irq(h, 17, false);
    out(0xb2, 1, 0x01);
    ck_assert_irq(h, 17, true);
    ck_assert_uint_eq(in(0xb2, 1), 0x01);
    ck_assert_uint_eq(in(0xb3, 1), 0x77);
}
END_TEST

START_TEST(reset_control_register)
{
    out(0xcf9, 1, 2);
    ck_assert(!h->m->reset_requested);
    out(0xcf9, 1, 6);
    ck_assert(h->m->reset_requested);
    ck_assert_uint_eq(in(0xcf9, 1), 6);
}
END_TEST

START_TEST(survives_anything)
{
    struct { uint16_t port, n; } places[] = { { 0xcf8, 8 }, { 0xb2, 2 }, { PMBASE, 64 } };
    uint32_t x = 1;

    enable_pm();
    for (int i = 0; i < 60000; i++) {
        unsigned p = (x >> 8) % 3, size = 1u << (x >> 12 & 1 ? 2 : x >> 13 & 1);

        x = x * 1664525 + 1013904223;
        if (x & 0x40000000)
            conf_write(x >> 4 & 0xf00, x >> 16 & 0xff, 1, x >> 24);
        else
            out((uint16_t)(places[p].port + (x >> 20) % places[p].n), size, x ^ x << 13);
        in((uint16_t)(places[p].port + (x >> 20) % places[p].n), size);
    }
}
END_TEST

static Suite *suite_i440fx(void)
{
    Suite *s = suite_create("i440fx");
    TCase *t = tcase_create("i440fx");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, functions_are_found_by_mechanism_1);
    tcase_add_test(t, segments_show_rom_or_ram);
    tcase_add_test(t, smm_memory_is_hidden_and_can_be_locked);
    tcase_add_test(t, interrupts_go_where_the_router_says);
    tcase_add_test(t, pm_timer_counts_and_its_event_interrupts);
    tcase_add_test(t, power_button_and_soft_off);
    tcase_add_test(t, smi_by_the_control_port_when_enabled);
    tcase_add_test(t, reset_control_register);
    tcase_add_test(t, survives_anything);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_i440fx)
