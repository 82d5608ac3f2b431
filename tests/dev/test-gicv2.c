/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2.c against IHI 0048B. Two CPUs; lines 0-3 are IRQ 0, FIQ 0, IRQ 1, FIQ 1. */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv2.h"
#include "tests/dev/harness.h"

#define GICD 0x08000000u
#define GICC 0x08010000u
#define NIRQ 96
enum gicd { CTLR = GICD, TYPER = GICD + 4, IGROUPR = GICD + 0x80, ISENABLER = GICD + 0x100, ICENABLER = GICD + 0x180,
            ISPENDR = GICD + 0x200, ICPENDR = GICD + 0x280, ISACTIVER = GICD + 0x300, IPRIORITYR = GICD + 0x400,
            ITARGETSR = GICD + 0x800, ICFGR = GICD + 0xc00, SGIR = GICD + 0xf00, CPENDSGIR = GICD + 0xf10,
            SPENDSGIR = GICD + 0xf20 };
enum gicc { CCTLR = GICC, PMR = GICC + 4, BPR = GICC + 8, IAR = GICC + 0xc, EOIR = GICC + 0x10, RPR = GICC + 0x14,
            HPPIR = GICC + 0x18, ABPR = GICC + 0x1c, AIAR = GICC + 0x20, AEOIR = GICC + 0x24, APR = GICC + 0xd0,
            DEACT = GICC + 0x1000 };
enum { IRQ0, FIQ0, IRQ1, FIQ1 };

static struct harness *h;
static struct device *gic;

static void setup(void)
{
    h = harness_new();
    gic = harness_device(h, "arm_gic");
    device_set_u64(gic, "num-cpu", 2);
    device_set_u64(gic, "num-irq", NIRQ);
    harness_realize(h, gic, GICD);
    device_map(gic, 1, GICC);
    harness_watch(h, gic, 0, 4, 0);
    for (int cpu = 1; cpu >= 0; cpu--) {
        bus_set_current_cpu(cpu);
        dev_write32(h, PMR, 0xf0);
        dev_write32(h, CCTLR, 1);
    }
    dev_write32(h, CTLR, 1);
}

static void teardown(void)
{
    harness_free(h);
}

/* SPI n: enabled, to CPU 0, priority. */
static void enable_spi(int n, uint8_t prio)
{
    int id = 32 + n;

    dev_write(h, IPRIORITYR + id, 1, prio);
    dev_write(h, ITARGETSR + id, 1, 1);
    dev_write32(h, ISENABLER + id / 32 * 4, 1u << (id % 32));
}

static void spi(int n, bool level)
{
    irq_set(device_in(gic, n), level);
}

START_TEST(identification)
{
    ck_assert_reg(h, TYPER, 2 | 1 << 5);
    ck_assert_uint_eq(dev_read32(h, GICD + 0xfe8) & 0xf0, 0x20);
    ck_assert_reg(h, GICD + 0xff0, 0x0d);
    ck_assert_uint_eq(dev_read32(h, GICC + 0xfc) >> 16 & 0xf, 2);
}
END_TEST

START_TEST(level_spi_is_acknowledged_and_ended)
{
    enable_spi(3, 0x80);
    ck_assert_irq(h, IRQ0, false);
    spi(3, true);
    ck_assert_irq(h, IRQ0, true);
    ck_assert_irq(h, IRQ1, false);
    ck_assert_reg(h, HPPIR, 35);
    ck_assert_reg(h, IAR, 35);
    ck_assert_irq(h, IRQ0, false);
    ck_assert_reg(h, RPR, 0x80);
    ck_assert_reg(h, ISACTIVER + 4, 1 << 3);
    ck_assert_reg(h, ISPENDR + 4, 1 << 3);       /* the input is still high */
    spi(3, false);
    ck_assert_reg(h, ISPENDR + 4, 0);
    dev_write32(h, EOIR, 35);
    ck_assert_reg(h, ISACTIVER + 4, 0);
    ck_assert_reg(h, RPR, 0xff);
    ck_assert_reg(h, IAR, 1023);
}
END_TEST

START_TEST(level_spi_comes_again_after_eoi_while_high)
{
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_reg(h, IAR, 32);
    dev_write32(h, EOIR, 32);
    ck_assert_irq(h, IRQ0, true);
    ck_assert_reg(h, IAR, 32);
}
END_TEST

START_TEST(edge_is_latched_once)
{
    enable_spi(1, 0x80);
    dev_write32(h, ICFGR + 8, 2u << 2);
    spi(1, true);
    spi(1, false);
    ck_assert_irq(h, IRQ0, true);
    ck_assert_reg(h, IAR, 33);
    dev_write32(h, EOIR, 33);
    ck_assert_irq(h, IRQ0, false);
    spi(1, true);
    dev_write32(h, ICPENDR + 4, 2);
    ck_assert_irq(h, IRQ0, false);
}
END_TEST

START_TEST(priorities_mask_and_preempt)
{
    enable_spi(0, 0x80);
    enable_spi(1, 0x40);
    dev_write32(h, PMR, 0x80);
    spi(0, true);
    ck_assert_irq(h, IRQ0, false);               /* not above the mask */
    dev_write32(h, PMR, 0xf0);
    ck_assert_reg(h, IAR, 32);
    spi(1, true);
    ck_assert_irq(h, IRQ0, true);
    ck_assert_reg(h, IAR, 33);
    ck_assert_reg(h, RPR, 0x40);
    dev_write32(h, EOIR, 33);
    ck_assert_reg(h, RPR, 0x80);
}
END_TEST

START_TEST(binary_point_keeps_neighbours_from_preempting)
{
    enable_spi(0, 0x48);
    enable_spi(1, 0x40);
    dev_write32(h, BPR, 3);                      /* group is bits 7-4 */
    spi(0, true);
    ck_assert_reg(h, IAR, 32);
    spi(1, true);
    ck_assert_irq(h, IRQ0, false);
    dev_write32(h, EOIR, 32);
    ck_assert_irq(h, IRQ0, true);
}
END_TEST

START_TEST(lowest_id_wins_among_equals)
{
    enable_spi(4, 0x80);
    enable_spi(2, 0x80);
    spi(4, true);
    spi(2, true);
    ck_assert_reg(h, IAR, 34);
}
END_TEST

START_TEST(sgi_carries_its_sender)
{
    bus_set_current_cpu(1);
    dev_write32(h, SGIR, 1 << 16 | 5);           /* CPU 1 to CPU 0 */
    ck_assert_irq(h, IRQ0, true);
    ck_assert_reg(h, IAR, 1023);
    bus_set_current_cpu(0);
    ck_assert_reg(h, SPENDSGIR + 4, 2 << 8);
    ck_assert_reg(h, HPPIR, 5 | 1 << 10);
    ck_assert_reg(h, IAR, 5 | 1 << 10);
    ck_assert_irq(h, IRQ0, false);
    dev_write32(h, SGIR, 1 << 24 | 6);           /* to all others */
    ck_assert_irq(h, IRQ1, true);
    dev_write32(h, SGIR, 2 << 24 | 7);           /* to self, while SGI 5 is active at equal priority */
    ck_assert_irq(h, IRQ0, false);
    dev_write32(h, EOIR, 5 | 1 << 10);
    ck_assert_reg(h, IAR, 7);
}
END_TEST

START_TEST(sgi_from_two_senders_comes_twice)
{
    dev_write32(h, SGIR, 1 << 16 | 3);
    bus_set_current_cpu(1);
    dev_write32(h, SGIR, 1 << 16 | 3);
    bus_set_current_cpu(0);
    ck_assert_reg(h, IAR, 3);
    dev_write32(h, EOIR, 3);
    ck_assert_reg(h, IAR, 3 | 1 << 10);
    dev_write32(h, EOIR, 3 | 1 << 10);
    dev_write(h, SPENDSGIR + 3, 1, 3);
    dev_write(h, CPENDSGIR + 3, 1, 1);
    ck_assert_reg(h, IAR, 3 | 1 << 10);
}
END_TEST

START_TEST(ppis_are_banked)
{
    bus_set_current_cpu(1);
    dev_write32(h, ISENABLER, 1 << 27);
    irq_set(device_in(gic, GIC_IN_PPI(NIRQ, 0, 27)), true);
    irq_set(device_in(gic, GIC_IN_PPI(NIRQ, 1, 27)), true);
    ck_assert_irq(h, IRQ0, false);
    ck_assert_irq(h, IRQ1, true);
    ck_assert_reg(h, IAR, 27);
    bus_set_current_cpu(0);
    ck_assert_reg(h, ISENABLER, 0xffff);
    ck_assert_reg(h, ISACTIVER, 0);
    ck_assert_reg(h, ISPENDR, 1 << 27);
}
END_TEST

START_TEST(targets_route_spis)
{
    enable_spi(0, 0x80);
    dev_write(h, ITARGETSR + 32, 1, 2);
    spi(0, true);
    ck_assert_irq(h, IRQ0, false);
    ck_assert_irq(h, IRQ1, true);
    ck_assert_uint_eq(dev_read(h, ITARGETSR, 1), 1);
    bus_set_current_cpu(1);
    ck_assert_uint_eq(dev_read(h, ITARGETSR, 1), 2);
    ck_assert_reg(h, IAR, 32);
}
END_TEST

START_TEST(eoi_mode_splits_drop_and_deactivation)
{
    dev_write32(h, CCTLR, 1 | 1 << 9);
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_reg(h, IAR, 32);
    dev_write32(h, EOIR, 32);
    ck_assert_reg(h, RPR, 0xff);
    ck_assert_reg(h, ISACTIVER + 4, 1);
    ck_assert_irq(h, IRQ0, false);
    dev_write32(h, DEACT, 32);
    ck_assert_reg(h, ISACTIVER + 4, 0);
    ck_assert_irq(h, IRQ0, true);
}
END_TEST

START_TEST(groups_and_fiq)
{
    dev_write32(h, CTLR, 3);
    dev_write32(h, CCTLR, 3 | 1 << 3);           /* both groups, FIQEn */
    enable_spi(0, 0x80);
    enable_spi(1, 0x90);
    dev_write32(h, IGROUPR + 4, 1);              /* SPI 0 is of Group 1 */
    spi(0, true);
    ck_assert_irq(h, IRQ0, true);
    ck_assert_irq(h, FIQ0, false);
    ck_assert_reg(h, IAR, 1022);
    ck_assert_reg(h, AIAR, 32);
    dev_write32(h, AEOIR, 32);
    spi(0, false);
    spi(1, true);
    ck_assert_irq(h, IRQ0, false);
    ck_assert_irq(h, FIQ0, true);
    ck_assert_reg(h, AIAR, 1023);
    ck_assert_reg(h, IAR, 33);
    dev_write32(h, EOIR, 33);
    ck_assert_reg(h, APR, 0);
}
END_TEST

START_TEST(software_pends_and_disables)
{
    enable_spi(5, 0x80);
    dev_write32(h, ISPENDR + 4, 1 << 5);
    ck_assert_irq(h, IRQ0, true);
    dev_write32(h, ICENABLER + 4, 1 << 5);
    ck_assert_irq(h, IRQ0, false);
    ck_assert_reg(h, ISPENDR + 4, 1 << 5);
    dev_write32(h, CTLR, 0);
    dev_write32(h, ISENABLER + 4, 1 << 5);
    ck_assert_irq(h, IRQ0, false);
}
END_TEST

/* ---- virtualization: arm-gicv2-virt, lines 8 to 10 are CPU 0's ---- */

#define GICH 0x08030000u
#define GICV 0x08040000u
enum gich { HCR = GICH, VTR = GICH + 4, VMCR = GICH + 8, MISR = GICH + 0x10, EISR = GICH + 0x20, ELRSR = GICH + 0x30, LR0 = GICH + 0x100 };
enum gicv { VCTLR = GICV, VPMR = GICV + 4, VIAR = GICV + 0xc, VEOIR = GICV + 0x10, VRPR = GICV + 0x14, VHPPIR = GICV + 0x18,
            VAPR = GICV + 0xd0, VDIR = GICV + 0x1000 };
enum { VIRQ0 = 8, VFIQ0, MAINTENANCE0 };
#define LR(state, hw, prio, phys, virt) ((uint32_t)(state) << 28 | (uint32_t)(hw) << 31 | (uint32_t)((prio) >> 3) << 23 | (phys) << 10 | (virt))

static void setup_virt(void)
{
    struct device *virt;

    setup();
    virt = harness_device(h, "arm-gicv2-virt");
    device_set_u64(virt, "num-cpu", 2);
    gicv2_virt_set_gic(virt, gic);
    harness_realize(h, virt, GICH);
    device_map(virt, 1, GICV);
    harness_watch(h, virt, 0, 2 * GICV2_VIRT_LINES, VIRQ0);
    dev_write32(h, VMCR, 0x1eu << 27 | 1);
    dev_write32(h, HCR, 1);
}

START_TEST(list_register_reaches_the_virtual_machine)
{
    ck_assert_reg(h, VTR, 4u << 29 | 4 << 26 | 3);
    ck_assert_reg(h, ELRSR, 15);
    dev_write32(h, LR0, LR(1, 0, 0x80, 1, 5));   /* an SGI from CPU 1 */
    ck_assert_irq(h, VIRQ0, true);
    ck_assert_reg(h, VHPPIR, 1 << 10 | 5);
    ck_assert_reg(h, VIAR, 1 << 10 | 5);
    ck_assert_irq(h, VIRQ0, false);
    ck_assert_reg(h, VRPR, 0x80);
    ck_assert_reg(h, LR0, LR(2, 0, 0x80, 1, 5));
    ck_assert_reg(h, VIAR, 1023);
    dev_write32(h, VEOIR, 1 << 10 | 5);
    ck_assert_reg(h, VRPR, 0xff);
    ck_assert_reg(h, ELRSR, 15);
    dev_write32(h, LR0, LR(1, 0, 0x80, 0, 40) | 1u << 30);
    ck_assert_irq(h, VIRQ0, false);              /* Group 1 is off */
    dev_write32(h, VCTLR, 3 | 8);
    ck_assert_irq(h, VIRQ0, true);
    ck_assert_reg(h, VIAR, 1022);
    dev_write32(h, LR0 + 4, LR(1, 0, 0x40, 0, 41));
    ck_assert_irq(h, VFIQ0, true);
    ck_assert_irq(h, VIRQ0, false);
    dev_write32(h, VPMR, 0x40);
    ck_assert_irq(h, VFIQ0, false);
    bus_set_current_cpu(1);
    ck_assert_reg(h, LR0, 0);
}
END_TEST

START_TEST(hardware_interrupt_and_maintenance)
{
    dev_write32(h, CCTLR, 1 | 1 << 9);
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_reg(h, IAR, 32);
    dev_write32(h, EOIR, 32);
    dev_write32(h, LR0, LR(1, 1, 0x80, 32, 50));
    ck_assert_reg(h, VIAR, 50);
    spi(0, false);
    ck_assert_reg(h, ISACTIVER + 4, 1);
    dev_write32(h, VEOIR, 50);
    ck_assert_reg(h, ISACTIVER + 4, 0);
    ck_assert_irq(h, MAINTENANCE0, false);
    dev_write32(h, HCR, 1 | 2);
    ck_assert_irq(h, MAINTENANCE0, true);
    ck_assert_reg(h, MISR, 2);
    dev_write32(h, HCR, 1);
    dev_write32(h, LR0, LR(1, 0, 0x80, 1 << 9, 60));     /* EOI wanted */
    ck_assert_reg(h, VIAR, 60);
    dev_write32(h, VEOIR, 60);
    ck_assert_reg(h, MISR, 1);
    ck_assert_reg(h, EISR, 1);
    ck_assert_irq(h, MAINTENANCE0, true);
    dev_write32(h, VAPR, 1 << 3);
    dev_write32(h, VEOIR, 99);                   /* in no list register */
    ck_assert_reg(h, HCR, 1u << 27 | 1);
}
END_TEST

START_TEST(virtualization_survives_random_accesses)
{
    harness_hammer(h, GICH, 0x1000, 50000, 1);
    harness_hammer(h, GICH, 0x140, 50000, 2);
    harness_hammer(h, GICV, 0x2000, 50000, 3);
    harness_hammer(h, GICV, 0x40, 50000, 4);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, GICD, 0x1000, 200000, 1);
    harness_hammer(h, GICC, 0x2000, 100000, 2);
    bus_set_current_cpu(77);
    harness_hammer(h, GICD, 0x1000, 50000, 3);
    for (int i = 0; i < NIRQ - 32; i++)
        spi(i, true);
    harness_hammer(h, GICC, 0x2000, 50000, 4);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
    struct device *dev = harness_device(h, "arm_gic");
    g_autoptr(GError) err = NULL;

    device_set_u64(dev, "num-cpu", 9);
    ck_assert(!device_realize(dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "num-cpu"));
}
END_TEST

static Suite *gicv2_suite(void)
{
    Suite *s = suite_create("gicv2");
    TCase *t = tcase_create("gicv2");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, identification);
    tcase_add_test(t, level_spi_is_acknowledged_and_ended);
    tcase_add_test(t, level_spi_comes_again_after_eoi_while_high);
    tcase_add_test(t, edge_is_latched_once);
    tcase_add_test(t, priorities_mask_and_preempt);
    tcase_add_test(t, binary_point_keeps_neighbours_from_preempting);
    tcase_add_test(t, lowest_id_wins_among_equals);
    tcase_add_test(t, sgi_carries_its_sender);
    tcase_add_test(t, sgi_from_two_senders_comes_twice);
    tcase_add_test(t, ppis_are_banked);
    tcase_add_test(t, targets_route_spis);
    tcase_add_test(t, eoi_mode_splits_drop_and_deactivation);
    tcase_add_test(t, groups_and_fiq);
    tcase_add_test(t, software_pends_and_disables);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, impossible_sizes_are_refused);
    suite_add_tcase(s, t);
    t = tcase_create("gicv2-virt");
    tcase_add_checked_fixture(t, setup_virt, teardown);
    tcase_add_test(t, list_register_reaches_the_virtual_machine);
    tcase_add_test(t, hardware_interrupt_and_maintenance);
    tcase_add_test(t, virtualization_survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(gicv2_suite)
