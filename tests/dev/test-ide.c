/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/ata.c, atapi.c, ide.c, piix-ide.c against ATA/ATAPI-7, MMC-3 and the PIIX3's data sheet: a disk and a CD-ROM on a channel. */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include "hw/block/ata.h"
#include "hw/pci/pci.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define CMD 0x1f0u
#define CTRL 0x3f6u
#define ECAM 0x3f000000u
#define IO 0x3eff0000u
#define BM (IO + 0x1000)
#define PRD (HARNESS_RAM + 0x1000)
#define DATA (HARNESS_RAM + 0x20000)
#define SECTORS 2048
#define CD_SECTORS 300
enum { DRQ = 8, DRDY = 0x50, ERR = 1 };

static struct harness *h;
static struct device *ide, *hd, *cd;

static void out(unsigned reg, uint8_t v)
{
    dev_write(h, CMD + reg, 1, v);
}

static uint8_t in(unsigned reg)
{
    return (uint8_t)dev_read(h, CMD + reg, 1);
}

static void write_image(const char *name, size_t len)
{
    g_autofree char *path = g_strdup_printf("%s/%s", h->dir, name), *data = g_malloc(len);

    for (size_t i = 0; i < len; i++)
        data[i] = (char)(i / 512 * 7 + i % 512);
    ck_assert(g_file_set_contents(path, data, (gssize)len, NULL));
}

static uint8_t expected(uint64_t sector, unsigned i)
{
    return (uint8_t)(sector * 7 + i);
}

static struct device *plug(const char *type, unsigned bus, unsigned unit, const char *drive)
{
    struct device *dev = harness_device(h, type);

    device_set_u64(dev, "unit", unit);
    ck_assert(!drive || device_set_prop(dev, "drive", drive, NULL));
    ck_assert(ata_plug(ata_controller_bus(ide, bus), dev, NULL));
    return harness_realize(h, dev, 0);
}

static void add_drives(void)
{
    g_autofree char *disk = NULL, *disc = NULL;

    write_image("disk", SECTORS * 512);
    write_image("disc", CD_SECTORS * 2048);
    disk = g_strdup_printf("file=%s/disk,format=raw,if=none,id=d", h->dir);
    disc = g_strdup_printf("file=%s/disc,format=raw,if=none,id=c,media=cdrom", h->dir);
    harness_drive(h, disk);
    harness_drive(h, disc);
    hd = plug("ide-hd", 0, 0, "d");
    cd = plug("ide-cd", 0, 1, "c");
}

static void setup(void)
{
    h = harness_new();
    ide = harness_realize(h, harness_device(h, "isa-ide"), CMD);
    device_map(ide, 1, CTRL);
    harness_watch(h, ide, 0, 1, 0);
    add_drives();
}

static void setup_piix(void)
{
    struct device *host;

    h = harness_new();
    host = harness_device(h, "gpex-pcihost");
    harness_realize(h, host, ECAM);
    device_map(host, 1, IO);
    device_map(host, 2, 0x10000000);
    ide = harness_device(h, "piix3-ide");
    ide->parent_bus = host;
    ck_assert(device_set_prop(ide, "addr", "1.1", NULL));
    harness_realize(h, ide, CMD);
    device_map(ide, 1, CTRL);
    device_map(ide, 2, 0x170);
    device_map(ide, 3, 0x376);
    harness_watch(h, ide, 0, 2, 0);
    dev_write32(h, ECAM + (9 << 12) + 0x20, 0x1000);
    dev_write(h, ECAM + (9 << 12) + 4, 2, 5);
    add_drives();
}

static void teardown(void)
{
    harness_free(h);
}

/* Until I/O is done: requests run on other threads. */
static uint8_t wait_ready(void)
{
    for (int i = 0; i < 2000 && dev_read(h, CTRL, 1) & 0x80; i++) {
        harness_settle(h);
        g_usleep(500);
    }
    return in(7);
}

static void lba28(uint32_t lba, uint8_t count, uint8_t device)
{
    out(6, (uint8_t)(0xe0 | device | lba >> 24));
    out(2, count);
    out(3, (uint8_t)lba), out(4, (uint8_t)(lba >> 8)), out(5, (uint8_t)(lba >> 16));
}

static void read_data(uint8_t *to, unsigned len)
{
    for (unsigned i = 0; i < len; i += 2)
        st16_le(to + i, (uint16_t)dev_read(h, CMD, 2));
}

static void write_data(const uint8_t *from, unsigned len)
{
    for (unsigned i = 0; i < len; i += 2)
        dev_write(h, CMD, 2, ld16_le(from + i));
}

/* ---- disk -------------------------------------------------------------------------------------- */

START_TEST(signatures_after_reset)
{
    dev_write(h, CTRL, 1, 4);
    ck_assert_uint_eq(in(7), 0x80);
    dev_write(h, CTRL, 1, 0);
    ck_assert_uint_eq(in(7), DRDY);
    ck_assert_uint_eq(in(1), 1);
    ck_assert_uint_eq(in(2), 1);
    ck_assert_uint_eq(in(4), 0);
    out(6, 0x10);
    ck_assert_uint_eq(in(4), 0x14);
    ck_assert_uint_eq(in(5), 0xeb);
    ck_assert_uint_eq(in(7), 0);
}
END_TEST

START_TEST(identify)
{
    uint8_t id[512], sum = 0;

    out(6, 0xa0);
    out(7, 0xec);
    ck_assert_irq(h, 0, true);
    ck_assert_uint_eq(in(7), DRDY | DRQ);
    ck_assert_irq(h, 0, false);
    read_data(id, 512);
    ck_assert_uint_eq(in(7), DRDY);
    ck_assert_uint_eq(ld16_le(id), 0x40);
    ck_assert_uint_eq(ld32_le(id + 120), SECTORS);
    ck_assert_uint_eq(ld64_le(id + 200), SECTORS);
    ck_assert_uint_eq(ld16_le(id + 2), SECTORS / 1008);
    ck_assert_mem_eq(id + 54, "ITANOM UAHDRIDKS", 16);
    for (int i = 0; i < 512; i++)
        sum += id[i];
    ck_assert_uint_eq(sum, 0);
}
END_TEST

START_TEST(reads_by_pio)
{
    uint8_t buf[512];

    lba28(5, 3, 0);
    out(7, 0x20);
    for (unsigned s = 5; s < 8; s++) {
        ck_assert_uint_eq(wait_ready(), DRDY | DRQ);
        read_data(buf, 512);
        for (unsigned i = 0; i < 512; i++)
            ck_assert_uint_eq(buf[i], expected(s, i));
    }
    ck_assert_uint_eq(in(7), DRDY);
    out(3, 10), out(4, 0), out(5, 0), out(2, 1), out(6, 0xa0);   /* CHS 0/0/10 is sector 9 */
    out(7, 0x20);
    wait_ready();
    ck_assert_uint_eq(dev_read(h, CMD, 4), (uint32_t)expected(9, 0) | expected(9, 1) << 8 | expected(9, 2) << 16 | (uint32_t)expected(9, 3) << 24);
}
END_TEST

START_TEST(reads_several_and_48_bits)
{
    uint8_t buf[4096];

    out(2, 8);
    out(7, 0xc6);
    ck_assert_uint_eq(wait_ready(), DRDY);
    out(6, 0xe0);
    out(2, 0), out(3, 0), out(4, 0), out(5, 0);  /* high bytes first */
    out(2, 10), out(3, 100), out(4, 0), out(5, 0);
    out(7, 0x29);
    ck_assert_uint_eq(wait_ready(), DRDY | DRQ);
    read_data(buf, 4096);
    ck_assert_uint_eq(buf[512 * 7 + 3], expected(107, 3));
    ck_assert_uint_eq(wait_ready(), DRDY | DRQ);
    read_data(buf, 1024);
    ck_assert_uint_eq(buf[512], expected(109, 0));
    ck_assert_uint_eq(in(7), DRDY);
    out(2, 3);
    out(7, 0xc6);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    ck_assert_uint_eq(in(1), 4);
}
END_TEST

START_TEST(writes_by_pio)
{
    uint8_t buf[1024], back[1024];

    for (unsigned i = 0; i < sizeof(buf); i++)
        buf[i] = (uint8_t)(i * 3);
    lba28(77, 2, 0);
    out(7, 0x30);
    ck_assert_irq(h, 0, false);                  /* none for the first block */
    ck_assert_uint_eq(in(7), DRDY | DRQ);
    write_data(buf, 512);
    ck_assert_uint_eq(wait_ready(), DRDY | DRQ);
    write_data(buf + 512, 512);
    ck_assert_uint_eq(wait_ready(), DRDY);
    lba28(77, 2, 0);
    out(7, 0x20);
    wait_ready();
    read_data(back, 512);
    wait_ready();
    read_data(back + 512, 512);
    ck_assert_mem_eq(buf, back, 1024);
    out(7, 0xe7);
    ck_assert_uint_eq(wait_ready(), DRDY);
}
END_TEST

START_TEST(ends_of_the_disk)
{
    lba28(SECTORS - 1, 2, 0);
    out(7, 0x20);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    ck_assert_uint_eq(in(1), 0x10);
    out(7, 0xf8);
    ck_assert_uint_eq(wait_ready(), DRDY);
    ck_assert_uint_eq(in(3) | in(4) << 8, SECTORS - 1);
    out(7, 0x82);
    ck_assert_uint_eq(in(7) & ERR, ERR);
    ck_assert_uint_eq(in(1), 4);
}
END_TEST

START_TEST(no_interrupts_when_disabled)
{
    dev_write(h, CTRL, 1, 2);
    out(7, 0xec);
    ck_assert_irq(h, 0, false);
    dev_write(h, CTRL, 1, 0);
    ck_assert_irq(h, 0, true);
}
END_TEST

START_TEST(smart_is_well)
{
    out(1, 0xda), out(4, 0x4f), out(5, 0xc2);
    out(7, 0xb0);
    ck_assert_uint_eq(in(7), DRDY);
    ck_assert_uint_eq(in(4), 0x4f);
    ck_assert_uint_eq(in(5), 0xc2);
    out(4, 0);
    out(7, 0xb0);
    ck_assert_uint_eq(in(7), DRDY | ERR);
}
END_TEST

/* ---- CD-ROM ------------------------------------------------------------------------------------ */

static uint8_t packet(const uint8_t *p, uint16_t limit, uint8_t feature)
{
    out(6, 0xb0);
    out(1, feature), out(4, (uint8_t)limit), out(5, (uint8_t)(limit >> 8));
    out(7, 0xa0);
    ck_assert_uint_eq(in(7) & DRQ, DRQ);
    ck_assert_uint_eq(in(2), 1);
    write_data(p, 12);
    return wait_ready();
}
#define PACKET(limit, ...) packet((const uint8_t[12]){ __VA_ARGS__ }, limit, 0)

static void expect_sense(uint8_t key, uint8_t asc)
{
    uint8_t buf[18];

    PACKET(0xffff, 3, 0, 0, 0, 18);
    read_data(buf, 18);
    ck_assert_uint_eq(buf[2], key);
    ck_assert_uint_eq(buf[12], asc);
}

START_TEST(cd_tells_what_it_is)
{
    uint8_t buf[512];

    out(6, 0xb0);
    out(7, 0xec);
    ck_assert_uint_eq(in(7) & ERR, ERR);
    ck_assert_uint_eq(in(4), 0x14);
    out(7, 0xa1);
    read_data(buf, 512);
    ck_assert_uint_eq(ld16_le(buf), 0x85c0);
    ck_assert_uint_eq(PACKET(0xffff, 0x12, 0, 0, 0, 36), 0x48);
    ck_assert_uint_eq(in(2), 2);
    ck_assert_uint_eq(in(4), 36);
    read_data(buf, 36);
    ck_assert_uint_eq(in(2), 3);
    ck_assert_uint_eq(in(7), 0x40);
    ck_assert_mem_eq(buf + 8, "TINAMOU DVD-ROM", 8);
    ck_assert_uint_eq(buf[0], 5);
}
END_TEST

START_TEST(cd_reads)
{
    uint8_t buf[2048];
    unsigned left = 4 * 2048, done = 0;

    PACKET(0xffff, 0x25);
    read_data(buf, 8);
    ck_assert_uint_eq(ld32_be(buf), CD_SECTORS - 1);
    ck_assert_uint_eq(ld32_be(buf + 4), 2048);
    PACKET(1000, 0x28, 0, 0, 0, 0, 10, 0, 0, 4);     /* in pieces */
    while (left) {
        unsigned n = (unsigned)(in(4) | in(5) << 8);

        ck_assert_uint_le(n, 1000);
        ck_assert_uint_eq(in(2), 2);
        read_data(buf, n);
        for (unsigned i = 0; i < n; i++, done++)
            ck_assert_uint_eq(buf[i], expected(40 + done / 512, done % 512));
        left -= n;
        wait_ready();
    }
    ck_assert_uint_eq(in(2), 3);
    PACKET(0xffff, 0xa8, 0, 0, 0, 1, 44, 0, 0, 0, 1);
    ck_assert_uint_eq(in(7) & ERR, ERR);
    ck_assert_uint_eq(in(1) >> 4, 5);
    expect_sense(5, 0x21);
}
END_TEST

START_TEST(cd_table_of_contents)
{
    uint8_t buf[64];

    PACKET(0xffff, 0x43, 0, 0, 0, 0, 0, 0, 0, 20);
    read_data(buf, 20);
    ck_assert_uint_eq(ld16_be(buf), 18);
    ck_assert_uint_eq(buf[6], 1);
    ck_assert_uint_eq(buf[14], 0xaa);
    ck_assert_uint_eq(ld32_be(buf + 16), CD_SECTORS);
    PACKET(0xffff, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 12);
    read_data(buf, 12);
    ck_assert_uint_eq(buf[10], 6);               /* 300 + 150 frames */
    PACKET(0xffff, 0x46, 0, 0, 0, 0, 0, 0, 0, 64);
    read_data(buf, (unsigned)(in(4) | in(5) << 8));
    ck_assert_uint_eq(ld16_be(buf + 6), 8);      /* a CD-ROM */
    PACKET(0xffff, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 30);
    read_data(buf, 30);
    ck_assert_uint_eq(buf[8], 0x2a);
}
END_TEST

START_TEST(cd_tray)
{
    uint8_t buf[8];

    ck_assert_uint_eq(PACKET(0xffff, 0) & ERR, 0);
    PACKET(0xffff, 0x1e, 0, 0, 0, 1);            /* locked */
    ck_assert_uint_eq(PACKET(0xffff, 0x1b, 0, 0, 0, 2) & ERR, ERR);
    expect_sense(5, 0x53);
    PACKET(0xffff, 0x1e, 0, 0, 0, 0);
    ck_assert_uint_eq(PACKET(0xffff, 0x1b, 0, 0, 0, 2) & ERR, 0);
    ck_assert_uint_eq(PACKET(0xffff, 0) & ERR, ERR);
    expect_sense(2, 0x3a);
    PACKET(0xffff, 0x1b, 0, 0, 0, 3);
    PACKET(0xffff, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    read_data(buf, 8);
    ck_assert_uint_eq(buf[4], 2);
    ck_assert_uint_eq(buf[5], 2);
    ck_assert_uint_eq(PACKET(0xffff, 0) & ERR, ERR);
    expect_sense(6, 0x28);
    ck_assert_uint_eq(PACKET(0xffff, 0) & ERR, 0);
    ck_assert_uint_eq(PACKET(0xffff, 0xff) & ERR, ERR);
    expect_sense(5, 0x20);
}
END_TEST

START_TEST(empty_drive)
{
    struct device *dev = harness_device(h, "ide-cd");
    g_autoptr(GError) err = NULL;

    ck_assert(!ata_plug(ata_controller_bus(ide, 0), dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "has a drive already"));
    ck_assert_ptr_null(ata_controller_bus(ide, 1));
}
END_TEST

START_TEST(read_only_disks_are_refused)
{
    struct device *other = harness_realize(h, harness_device(h, "isa-ide"), 0x170), *dev = harness_device(h, "ide-hd");
    g_autofree char *spec = g_strdup_printf("file=%s/ro,format=raw,if=none,id=r,readonly=on", h->dir);
    g_autoptr(GError) err = NULL;

    write_image("ro", 4096);
    harness_drive(h, spec);
    ck_assert(ata_plug(ata_controller_bus(other, 0), dev, NULL));
    ck_assert(device_set_prop(dev, "drive", "r", NULL));
    ck_assert(!device_realize(dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "read-only"));
    ata_controller_bus(other, 0)->drive[0] = NULL;
}
END_TEST

START_TEST(survives_random_accesses)
{
    for (int i = 0; i < 40; i++) {
        harness_hammer_ports(h, CMD, 8, 4000, (uint64_t)i);
        harness_hammer(h, CMD, 8, 1000, (uint64_t)i);
        harness_hammer_ports(h, CTRL, 1, 4, (uint64_t)i);
        harness_settle(h);
    }
    dev_write(h, CTRL, 1, 4);
    dev_write(h, CTRL, 1, 0);
    ck_assert_uint_eq(in(7), DRDY);
}
END_TEST

/* ---- bus master -------------------------------------------------------------------------------- */

static void table(unsigned i, uint32_t addr, uint32_t len, bool last)
{
    dev_write32(h, PRD + 8 * i, addr);
    dev_write32(h, PRD + 8 * i + 4, (len & 0xffff) | (last ? 0x80000000 : 0));
}

static uint8_t *ram(uint32_t addr)
{
    return (uint8_t *)bus_ram(h->m->bus, addr, NULL, NULL);
}

START_TEST(dma_reads)
{
    table(0, DATA, 1024, false);
    table(1, DATA + 0x10000, 3072, true);
    dev_write32(h, BM + 4, PRD);
    dev_write(h, BM + 2, 1, 6);
    lba28(20, 8, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(dev_read(h, BM + 2, 1) & 1, 1);
    ck_assert_uint_eq(wait_ready(), DRDY);
    ck_assert_uint_eq(dev_read(h, BM + 2, 1), 4);
    dev_write(h, BM, 1, 0);
    dev_write(h, BM + 2, 1, 4);
    ck_assert_uint_eq(dev_read(h, BM + 2, 1), 0);
    ck_assert_uint_eq(ram(DATA)[1023], expected(21, 511));
    ck_assert_uint_eq(ram(DATA)[1024], 0);
    ck_assert_uint_eq(ram(DATA + 0x10000)[0], expected(22, 0));
    ck_assert_uint_eq(ram(DATA + 0x10000)[3071], expected(27, 511));
}
END_TEST

START_TEST(dma_writes)
{
    memset(ram(DATA), 0x5a, 65536);
    table(0, DATA, 0, true);                     /* 64 KiB */
    dev_write32(h, BM + 4, PRD);
    dev_write(h, BM, 1, 1);                      /* started before the command */
    lba28(1000, 128, 0);
    out(7, 0xca);
    ck_assert_uint_eq(wait_ready(), DRDY);
    ck_assert_irq(h, 0, false);                  /* wait_ready read the status */
    ck_assert_int_eq(h->rises[0], 1);
    dev_write(h, BM, 1, 0);
    lba28(1127, 1, 0);
    out(7, 0x20);
    wait_ready();
    ck_assert_uint_eq(dev_read(h, CMD, 2), 0x5a5a);
}
END_TEST

START_TEST(dma_of_small_pieces)
{
    for (unsigned i = 0; i < 2048; i++)
        table(i, DATA + 4 * i, 2, i == 2047);
    dev_write32(h, BM + 4, PRD);
    lba28(20, 8, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(wait_ready(), DRDY);
    ck_assert_uint_eq(ram(DATA + 4 * 2047)[1], expected(27, 511));
    ck_assert_uint_eq(ram(DATA + 4 * 2047)[2], 0);
}
END_TEST

START_TEST(dma_into_nowhere)
{
    table(0, 0xf0000000, 512, true);
    dev_write32(h, BM + 4, PRD);
    lba28(20, 1, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    dev_write(h, BM, 1, 0);
    table(0, DATA, 512, true);                   /* too short */
    lba28(20, 4, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    dev_write(h, BM, 1, 0);
    dev_write32(h, BM + 4, 0xfffffffc);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
}
END_TEST

START_TEST(dma_from_cd)
{
    static const uint8_t read[12] = { 0x28, 0, 0, 0, 0, 7, 0, 0, 2 }, inquiry[12] = { 0x12, 0, 0, 0, 36 };

    table(0, DATA, 4096, true);
    dev_write32(h, BM + 4, PRD);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(packet(read, 0, 1), 0x40);
    ck_assert_uint_eq(in(2), 3);
    ck_assert_uint_eq(ram(DATA)[4095], expected(35, 511));
    dev_write(h, BM, 1, 0);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(packet(inquiry, 0, 1), 0x40);
    ck_assert_mem_eq(ram(DATA + 8), "TINAMOU", 7);
}
END_TEST

START_TEST(reset_in_a_transfer)
{
    table(0, DATA, 0, true);
    dev_write32(h, BM + 4, PRD);
    lba28(0, 128, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    dev_write(h, CTRL, 1, 4);
    dev_write(h, CTRL, 1, 0);
    ck_assert_uint_eq(in(7), DRDY);
    harness_settle(h);
    ck_assert_uint_eq(in(7), DRDY);
}
END_TEST

START_TEST(second_channel_is_empty)
{
    ck_assert_uint_eq(dev_read(h, 0x177, 1), 0x7f);
    dev_write(h, 0x172, 1, 0x55);
    ck_assert_uint_eq(dev_read(h, 0x172, 1), 0x7f);
    plug("ide-cd", 1, 0, NULL);
    ck_assert_uint_eq(dev_read(h, 0x174, 1), 0x14);
    dev_write(h, 0x176, 1, 0x10);
    ck_assert_uint_eq(dev_read(h, 0x177, 1), 0);
}
END_TEST

/* ---- errors of the host ------------------------------------------------------------------------ */

static void go_on(void)
{
    machine_lock(h->m);
    ck_assert(machine_cont(h->m, NULL));
    machine_unlock(h->m);
}

/* The image ends before what is to be read. */
static void cut(const char *name, off_t len)
{
    g_autofree char *path = g_strdup_printf("%s/%s", h->dir, name);

    ck_assert(!truncate(path, len));
}

static void wait_stopped(void)
{
    while (h->m->state != RUN_IO_ERROR)
        event_loop_poll(h->loop, true);
    harness_settle(h);
}

START_TEST(reading_errors_are_told)
{
    cut("disk", 4096);
    lba28(100, 1, 0);
    out(7, 0x20);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    ck_assert_uint_eq(in(1), 0x40);
    ck_assert_uint_eq(in(3), 100);
    table(0, DATA, 4096, true);
    dev_write32(h, BM + 4, PRD);
    lba28(4, 8, 0);
    out(7, 0xc8);
    dev_write(h, BM, 1, 9);
    ck_assert_uint_eq(wait_ready(), DRDY | ERR);
    cut("disc", 2048);
    ck_assert_uint_eq(PACKET(0xffff, 0x28, 0, 0, 0, 0, 10, 0, 0, 1) & ERR, ERR);
    expect_sense(3, 0x11);
}
END_TEST

START_TEST(reading_errors_stop_the_machine)
{
    g_autofree char *spec = NULL;
    struct device *dev = harness_device(h, "ide-hd");

    write_image("e", SECTORS * 512);
    spec = g_strdup_printf("file=%s/e,format=raw,if=none,id=e,rerror=stop", h->dir);
    harness_drive(h, spec);
    ck_assert(device_set_prop(dev, "drive", "e", NULL));
    ck_assert(ata_plug(ata_controller_bus(ide, 1), dev, NULL));
    harness_realize(h, dev, 0);
    h->m->state = RUN_RUNNING;
    for (int reset = 0; reset < 2; reset++) {
        cut("e", 4096);
        dev_write(h, 0x172, 1, 1), dev_write(h, 0x173, 1, 100), dev_write(h, 0x174, 1, 0), dev_write(h, 0x175, 1, 0);
        dev_write(h, 0x176, 1, 0xe0);
        dev_write(h, 0x177, 1, 0x20);
        wait_stopped();
        ck_assert_uint_eq(dev_read(h, 0x376, 1), 0x80);
        cut("e", SECTORS * 512);
        if (reset) {                 /* it forgets the command */
            dev_write(h, 0x376, 1, 4);
            dev_write(h, 0x376, 1, 0);
        }
        go_on();
        for (int i = 0; i < 1000 && dev_read(h, 0x376, 1) & 0x80; i++) {
            harness_settle(h);
            g_usleep(500);
        }
        ck_assert_uint_eq(dev_read(h, 0x177, 1), reset ? DRDY : DRDY | DRQ);
    }
}
END_TEST

START_TEST(bus_master_survives_random_accesses)
{
    for (int i = 0; i < 30; i++) {
        for (unsigned n = 0; n < 64; n++)
            table(n, i & 1 ? DATA + n * 1000 : n * 0x10001000u, n * 601, n == 40);
        dev_write32(h, BM + 4, PRD);
        harness_hammer_ports(h, BM, 4, 100, (uint64_t)i);
        lba28((uint32_t)i * 50, (uint8_t)(i * 9), 0);
        out(7, i & 2 ? 0xc8 : 0xca);
        harness_hammer_ports(h, BM, 16, 500, (uint64_t)i);
        harness_hammer_ports(h, CMD, 8, 500, (uint64_t)i);
        harness_settle(h);
    }
}
END_TEST

static Suite *ide_suite(void)
{
    Suite *s = suite_create("ide");
    TCase *t = tcase_create("ide"), *p = tcase_create("piix-ide");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, signatures_after_reset);
    tcase_add_test(t, identify);
    tcase_add_test(t, reads_by_pio);
    tcase_add_test(t, reads_several_and_48_bits);
    tcase_add_test(t, writes_by_pio);
    tcase_add_test(t, ends_of_the_disk);
    tcase_add_test(t, no_interrupts_when_disabled);
    tcase_add_test(t, smart_is_well);
    tcase_add_test(t, cd_tells_what_it_is);
    tcase_add_test(t, cd_reads);
    tcase_add_test(t, cd_table_of_contents);
    tcase_add_test(t, cd_tray);
    tcase_add_test(t, empty_drive);
    tcase_add_test(t, read_only_disks_are_refused);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(p, setup_piix, teardown);
    tcase_add_test(p, dma_reads);
    tcase_add_test(p, dma_writes);
    tcase_add_test(p, dma_of_small_pieces);
    tcase_add_test(p, dma_into_nowhere);
    tcase_add_test(p, dma_from_cd);
    tcase_add_test(p, reset_in_a_transfer);
    tcase_add_test(p, second_channel_is_empty);
    tcase_add_test(p, reading_errors_are_told);
    tcase_add_test(p, reading_errors_stop_the_machine);
    tcase_add_test(p, bus_master_survives_random_accesses);
    suite_add_tcase(s, p);
    return s;
}
TEST_SUITE(ide_suite)
