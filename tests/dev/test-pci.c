/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI Express host and virtio on it: the test is the firmware that places BARs, and the driver, in both versions of the registers. */
#include "config.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"

#define ECAM 0x3f000000u
#define IO 0x3eff0000u
#define MEM 0x10000000u
#define MSI 0x08020000u
#define MSI_LINE 80              /* lines of the test: INTA# to INTD# are 0 to 3 */
#define FUNCTION (ECAM + (1u << 15))
#define MSIX_BAR (MEM + 0x10000)
#define MODERN (MEM + 0x20000)
#define LEGACY 0x1000u

static struct device *host(struct harness *h)
{
    struct device *v2m = harness_realize(h, harness_device(h, "arm-gicv2m"), MSI), *dev = harness_device(h, "gpex-pcihost"), *bridge;

    harness_watch(h, v2m, 0, 64, MSI_LINE);
    device_set_u64(dev, "msi-base", MSI);
    device_set_u64(dev, "msi-size", 0x1000);
    harness_realize(h, dev, ECAM);
    device_map(dev, 1, IO);
    device_map(dev, 2, MEM);
    harness_watch(h, dev, 0, 4, 0);
    bridge = harness_device(h, "gpex-root");
    bridge->parent_bus = dev;
    harness_realize(h, bridge, 0);
    return dev;
}

/* A random number generator at 01.0 with property `name` set, its BARs placed and enabled. */
static void rng(struct harness *h, const char *name, const char *value)
{
    struct device *bus = host(h), *dev = harness_device(h, "virtio-rng");

    dev->parent_bus = bus;
    ck_assert(!name || device_set_prop(dev, name, value, NULL));
    harness_realize(h, dev, 0);
    dev_write32(h, FUNCTION + 0x10, LEGACY);
    dev_write32(h, FUNCTION + 0x14, MSIX_BAR);
    dev_write32(h, FUNCTION + 0x20, MODERN);
    dev_write(h, FUNCTION + PCI_COMMAND, 2, 7);
}

static unsigned capability(struct harness *h, unsigned id)
{
    unsigned at = (unsigned)dev_read(h, FUNCTION + PCI_CAPABILITIES, 1);

    while (at && dev_read(h, FUNCTION + at, 1) != id)
        at = (unsigned)dev_read(h, FUNCTION + at + 1, 1);
    return at;
}

static void msix(struct harness *h, unsigned vector, uint32_t data, bool masked)
{
    dev_write32(h, MSIX_BAR + 16 * vector, MSI + 0x40);
    dev_write32(h, MSIX_BAR + 16 * vector + 4, 0);
    dev_write32(h, MSIX_BAR + 16 * vector + 8, data);
    dev_write32(h, MSIX_BAR + 16 * vector + 12, masked);
}

/* Offer one buffer of 64 bytes in queue 0 of rings at VQ_BASE. */
static uint8_t *offer(struct harness *h)
{
    uint8_t *ram = bus_ram(h->m->bus, HARNESS_RAM, NULL, NULL), *ring = ram + (VQ_BASE - HARNESS_RAM);

    st64_le(ring, VQ_DATA);
    st32_le(ring + 8, 64);
    st16_le(ring + 12, VQ_WRITE);
    st16_le(ring + 16 * VQ_SIZE + 2, 1);
    return ram + (VQ_DATA - HARNESS_RAM);
}

static void start_modern(struct harness *h)
{
    dev_write(h, MODERN + 0x14, 1, 0);
    dev_write(h, MODERN + 0x14, 1, 3);
    dev_write32(h, MODERN + 0x08, 1);
    dev_write32(h, MODERN + 0x0c, 1);
    dev_write(h, MODERN + 0x14, 1, 11);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x14, 1), 11);
    dev_write(h, MODERN + 0x16, 2, 0);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x18, 2), VQ_SIZE);
    dev_write(h, MODERN + 0x1a, 2, 1);
    dev_write32(h, MODERN + 0x20, VQ_BASE);
    dev_write32(h, MODERN + 0x28, VQ_BASE + 16 * VQ_SIZE);
    dev_write32(h, MODERN + 0x30, VQ_BASE + 4096);
    dev_write(h, MODERN + 0x1c, 2, 1);
    dev_write(h, MODERN + 0x14, 1, 15);
}

static bool is_random(const uint8_t *p)
{
    for (int i = 0; i < 64; i++)
        if (p[i])
            return true;
    return false;
}

START_TEST(what_is_absent_reads_all_ones)
{
    struct harness *h = harness_new();

    host(h);
    ck_assert_reg(h, ECAM, 0x00081b36);
    ck_assert_reg(h, FUNCTION, 0xffffffff);
    ck_assert_reg(h, ECAM + 0x100, 0xffffffff);
    ck_assert_reg(h, ECAM + (1u << 20), 0xffffffff);
    ck_assert_reg(h, MEM, 0xffffffff);
    ck_assert_uint_eq(dev_read(h, IO + 8, 1), 0xff);
    dev_write32(h, MEM, 1);
    harness_free(h);
}
END_TEST

START_TEST(bars_tell_their_size_and_move)
{
    struct harness *h = harness_new();

    rng(h, NULL, NULL);
    ck_assert_reg(h, FUNCTION, 0x10051af4);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x12, 2), 1);     /* one queue */
    dev_write32(h, FUNCTION + 0x20, 0xffffffff);
    dev_write32(h, FUNCTION + 0x24, 0xffffffff);
    ck_assert_reg(h, FUNCTION + 0x20, 0xffffc00c);
    ck_assert_reg(h, FUNCTION + 0x24, 0xffffffff);
    dev_write32(h, FUNCTION + 0x10, 0xffffffff);
    ck_assert_reg(h, FUNCTION + 0x10, 0xffffffe1);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x12, 2), 0xffff);        /* no longer there */
    dev_write32(h, FUNCTION + 0x24, 0);
    dev_write32(h, FUNCTION + 0x20, MODERN + 0x8000);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x8012, 2), 1);
    dev_write(h, FUNCTION + PCI_COMMAND, 2, 5);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x8012, 2), 0xffff);
    dev_write32(h, FUNCTION, 0);                     /* read only */
    ck_assert_reg(h, FUNCTION, 0x10051af4);
    harness_free(h);
}
END_TEST

START_TEST(a_bar_over_memory_changes_nothing_there)
{
    struct harness *h = harness_new();
    uint32_t word = 0;

    rng(h, NULL, NULL);
    dev_write32(h, FUNCTION + 0x20, HARNESS_RAM);
    dev_write32(h, HARNESS_RAM, 0x12345678);
    ck_assert(dma_read32(h->m->bus, HARNESS_RAM, &word));
    ck_assert_uint_eq(word, 0x12345678);
    dev_write32(h, FUNCTION + 0x20, MSIX_BAR);       /* two at one place: the first one answers */
    ck_assert_reg(h, MSIX_BAR + 12, 1);
    harness_free(h);
}
END_TEST

START_TEST(a_request_of_a_modern_driver_comes_back_by_msix)
{
    struct harness *h = harness_new();
    unsigned cap;
    uint8_t *data;

    rng(h, "disable-legacy", "on");
    ck_assert_reg(h, FUNCTION, 0x10441af4);
    cap = capability(h, PCI_CAP_MSIX);
    ck_assert_uint_eq(dev_read(h, FUNCTION + cap + 2, 2), 1);
    msix(h, 0, 80, false);
    msix(h, 1, 83, false);
    dev_write(h, FUNCTION + cap + 2, 2, 0x8000);
    start_modern(h);
    data = offer(h);
    dev_write(h, MODERN + 0x3000, 2, 0);
    harness_settle(h);
    ck_assert(is_random(data));
    ck_assert_int_eq(h->rises[MSI_LINE + 3], 1);
    ck_assert_int_eq(h->rises[MSI_LINE], 0);
    ck_assert_irq(h, 1, 0);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x1000, 1), 0);
    harness_free(h);
}
END_TEST

START_TEST(masked_messages_are_pending_until_they_are_not)
{
    struct harness *h = harness_new();
    unsigned cap;

    rng(h, NULL, NULL);
    cap = capability(h, PCI_CAP_MSIX);
    msix(h, 1, 81, true);
    dev_write(h, FUNCTION + cap + 2, 2, 0xc000);
    start_modern(h);
    offer(h);
    dev_write(h, MODERN + 0x3000, 2, 0);
    harness_settle(h);
    ck_assert_reg(h, MSIX_BAR + 0x800, 2);
    dev_write32(h, MSIX_BAR + 16 + 12, 0);
    ck_assert_int_eq(h->rises[MSI_LINE + 1], 0);     /* the function is masked */
    dev_write(h, FUNCTION + cap + 2, 2, 0x8000);
    ck_assert_int_eq(h->rises[MSI_LINE + 1], 1);
    ck_assert_reg(h, MSIX_BAR + 0x800, 0);
    harness_free(h);
}
END_TEST

START_TEST(a_message_to_a_device_goes_nowhere)
{
    struct harness *h = harness_new();
    unsigned cap;

    rng(h, NULL, NULL);
    cap = capability(h, PCI_CAP_MSIX);
    msix(h, 1, 0, false);
    dev_write32(h, MSIX_BAR + 16, MODERN + 0x3000);  /* its own notification: no end otherwise */
    dev_write(h, FUNCTION + cap + 2, 2, 0x8000);
    start_modern(h);
    offer(h);
    dev_write(h, MODERN + 0x3000, 2, 0);
    harness_settle(h);
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(h->rises[MSI_LINE + i], 0);
    harness_free(h);
}
END_TEST

START_TEST(a_legacy_driver_uses_ports_and_the_line)
{
    struct harness *h = harness_new();
    uint8_t *data;

    rng(h, "vectors", "0");
    dev_write(h, IO + LEGACY + 0x12, 1, 0);
    dev_write(h, IO + LEGACY + 0x12, 1, 3);
    ck_assert_uint_eq(dev_read(h, IO + LEGACY, 4) >> 27 & 1, 1);
    dev_write(h, IO + LEGACY + 0x0e, 2, 0);
    ck_assert_uint_eq(dev_read(h, IO + LEGACY + 0x0c, 2), VQ_SIZE);
    dev_write(h, IO + LEGACY + 0x08, 4, VQ_BASE / 4096);
    dev_write(h, IO + LEGACY + 0x12, 1, 7);
    data = offer(h);
    dev_write(h, IO + LEGACY + 0x10, 2, 0);
    harness_settle(h);
    ck_assert(is_random(data));
    ck_assert_irq(h, 1, 1);                          /* INTA# of device 1 */
    ck_assert_uint_eq(dev_read(h, FUNCTION + PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, PCI_STATUS_INTERRUPT);
    dev_write(h, FUNCTION + PCI_COMMAND, 2, 7 | PCI_COMMAND_INTX_OFF);
    ck_assert_irq(h, 1, 0);
    dev_write(h, FUNCTION + PCI_COMMAND, 2, 7);
    ck_assert_irq(h, 1, 1);
    ck_assert_uint_eq(dev_read(h, IO + LEGACY + 0x13, 1), 1);
    ck_assert_irq(h, 1, 0);
    harness_free(h);
}
END_TEST

START_TEST(the_configuration_window_reaches_into_a_bar)
{
    struct harness *h = harness_new();
    unsigned at;

    rng(h, NULL, NULL);
    for (at = capability(h, PCI_CAP_VENDOR); dev_read(h, FUNCTION + at + 3, 1) != 5; at = (unsigned)dev_read(h, FUNCTION + at + 1, 1))
        ck_assert_uint_ne(at, 0);
    dev_write(h, FUNCTION + at + 4, 1, 4);
    dev_write32(h, FUNCTION + at + 8, 0x12);
    dev_write32(h, FUNCTION + at + 12, 2);
    ck_assert_uint_eq(dev_read(h, FUNCTION + at + 16, 2), 1);        /* num_queues */
    dev_write32(h, FUNCTION + at + 8, 0x14);
    dev_write32(h, FUNCTION + at + 12, 1);
    dev_write32(h, FUNCTION + at + 16, 3);
    ck_assert_uint_eq(dev_read(h, MODERN + 0x14, 1), 3);
    dev_write32(h, FUNCTION + at + 8, 0xfffffffe);   /* far outside, and the BAR that is not there */
    dev_write32(h, FUNCTION + at + 16, 3);
    dev_write(h, FUNCTION + at + 4, 1, 0xff);
    ck_assert_uint_eq(dev_read(h, FUNCTION + at + 16, 1), 0);
    harness_free(h);
}
END_TEST

START_TEST(an_expansion_rom_names_its_function)
{
    static uint8_t rom[1024] = { 0x55, 0xaa, 2 };
    struct harness *h = harness_new();
    struct device *dev = harness_device(h, "virtio-rng");
    uint8_t sum = 0;

    dev->parent_bus = host(h);
    harness_realize(h, dev, 0);
    st16_le(rom + 0x18, 0x40);
    memcpy(rom + 0x40, "PCIR\x34\x12\x78\x56", 8);
    for (unsigned i = 0; i < sizeof(rom); i++)
        sum += rom[i];
    rom[1023] = (uint8_t)-sum;
    pci_add_rom((struct pci_device *)dev, rom, sizeof(rom));
    device_reset(dev);
    dev_write32(h, FUNCTION + PCI_ROM_ADDRESS, MEM | 1);
    ck_assert_reg(h, FUNCTION + PCI_ROM_ADDRESS, MEM | 1);
    dev_write(h, FUNCTION + PCI_COMMAND, 2, 2);
    ck_assert_uint_eq(dev_read(h, MEM + 0x44, 4), dev_read32(h, FUNCTION));
    sum = 0;
    for (unsigned i = 0; i < sizeof(rom); i++)
        sum += (uint8_t)dev_read(h, MEM + i, 1);
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(dev_read(h, MEM + 2048, 1), 0xff);         /* what the file does not fill */
    harness_free(h);
}
END_TEST

START_TEST(noise_does_no_harm)
{
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct harness *h = harness_new();

        rng(h, NULL, NULL);
        for (int i = 0; i < 20; i++) {
            harness_hammer(h, FUNCTION, 0x100, 500, seed);
            harness_hammer(h, MEM, 0x30000, 500, seed);
            dev_write32(h, FUNCTION + 0x20, MODERN);
            dev_write32(h, FUNCTION + 0x24, 0);
            dev_write(h, FUNCTION + PCI_COMMAND, 2, 7);
            harness_hammer(h, MODERN, 0x40, 500, seed);
        }
        ck_assert_reg(h, FUNCTION, 0x10051af4);
        harness_free(h);
    }
}
END_TEST

static Suite *pci_suite(void)
{
    Suite *s = suite_create("pci");
    TCase *t = tcase_create("pci");

    tcase_add_test(t, what_is_absent_reads_all_ones);
    tcase_add_test(t, bars_tell_their_size_and_move);
    tcase_add_test(t, a_bar_over_memory_changes_nothing_there);
    tcase_add_test(t, a_request_of_a_modern_driver_comes_back_by_msix);
    tcase_add_test(t, masked_messages_are_pending_until_they_are_not);
    tcase_add_test(t, a_message_to_a_device_goes_nowhere);
    tcase_add_test(t, a_legacy_driver_uses_ports_and_the_line);
    tcase_add_test(t, the_configuration_window_reaches_into_a_bar);
    tcase_add_test(t, an_expansion_rom_names_its_function);
    tcase_add_test(t, noise_does_no_harm);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(pci_suite)
