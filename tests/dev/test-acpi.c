/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/acpi: tables as firmware gets them (this test is the firmware that runs the script), and AML's encodings. */
#include "config.h"
#include <string.h>
#include "hw/acpi/acpi.h"
#include "hw/misc/fw-cfg.h"
#include "tests/dev/harness.h"
#include "util/endian.h"

#define BASE 0x09020000u
#define TABLES_AT 0x40010000u
#define RSDP_AT 0x40001000u

static struct harness *h;
static struct device *fw_cfg;
static uint8_t *tables, *rsdp;
static uint32_t tables_len, rsdp_len;

static void setup(void)
{
    h = harness_new();
    fw_cfg = harness_realize(h, harness_device(h, "fw_cfg_mem"), BASE);
    tables = rsdp = NULL;
}

static void teardown(void)
{
    g_free(tables);
    g_free(rsdp);
    harness_free(h);
}

static uint64_t rd_be(unsigned n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | dev_read(h, BASE, 1);
    return v;
}

static uint8_t *read_file(const char *name, uint32_t *len)
{
    unsigned count;

    dev_write(h, BASE + 8, 2, __builtin_bswap16(FW_CFG_FILE_DIR));
    count = (unsigned)rd_be(4);
    for (unsigned i = 0; i < count; i++) {
        uint32_t size = (uint32_t)rd_be(4);
        uint16_t key = (uint16_t)rd_be(2);
        char text[57] = "";
        uint8_t *data;

        rd_be(2);
        for (unsigned n = 0; n < 56; n++)
            text[n] = (char)dev_read(h, BASE, 1);
        if (strcmp(text, name))
            continue;
        dev_write(h, BASE + 8, 2, __builtin_bswap16(key));
        data = g_malloc(size);
        for (uint32_t n = 0; n < size; n++)
            data[n] = (uint8_t)dev_read(h, BASE, 1);
        *len = size;
        return data;
    }
    ck_abort_msg("no file %s", name);
    return NULL;
}

static uint8_t *file_named(const char *name, uint32_t *len, uint64_t *at)
{
    bool is_rsdp = !strcmp(name, "etc/acpi/rsdp");

    ck_assert(is_rsdp || !strcmp(name, "etc/acpi/tables"));
    *len = is_rsdp ? rsdp_len : tables_len;
    *at = is_rsdp ? RSDP_AT : TABLES_AT;
    return is_rsdp ? rsdp : tables;
}

static uint8_t sum_of(const uint8_t *p, size_t len)
{
    uint8_t sum = 0;

    while (len--)
        sum = (uint8_t)(sum + *p++);
    return sum;
}

static void add_pointer(const uint8_t *c)
{
    uint32_t len, other_len, offset = ld32_le(c + 116);
    uint64_t at, other_at;
    uint8_t *file = file_named((const char *)c + 4, &len, &at);

    file_named((const char *)c + 60, &other_len, &other_at);
    ck_assert_uint_eq(c[120], 8);
    ck_assert_uint_le(offset + 8, len);
    ck_assert_uint_lt(ld64_le(file + offset), other_len);
    st64_le(file + offset, ld64_le(file + offset) + other_at);
}

static void add_checksum(const uint8_t *c)
{
    uint32_t len, result = ld32_le(c + 60), start = ld32_le(c + 64), n = ld32_le(c + 68);
    uint64_t at;
    uint8_t *file = file_named((const char *)c + 4, &len, &at);

    ck_assert(start + n <= len && result >= start && result < start + n);
    file[result] = (uint8_t)-sum_of(file + start, n);
}

/* Fetch the files and run the script; files must be allocated before they are used. */
static void run_firmware(void)
{
    uint32_t len;
    g_autofree uint8_t *script = read_file("etc/table-loader", &len);
    unsigned allocated = 0;

    tables = read_file("etc/acpi/tables", &tables_len);
    rsdp = read_file("etc/acpi/rsdp", &rsdp_len);
    ck_assert_uint_eq(len % 128, 0);
    for (uint8_t *c = script; c < script + len; c += 128)
        switch (ld32_le(c)) {
        case 1:
            allocated++;
            break;
        case 2:
            ck_assert_uint_eq(allocated, 2);
            add_pointer(c);
            break;
        case 3:
            add_checksum(c);
            break;
        default:
            ck_abort_msg("command %u", ld32_le(c));
        }
}

/* A table by its address, whole and with the right sum. */
static const uint8_t *table_at(uint64_t at, const char *signature)
{
    const uint8_t *t = tables + (at - TABLES_AT);

    ck_assert(at >= TABLES_AT && at - TABLES_AT + 36 <= tables_len);
    ck_assert_mem_eq(t, signature, 4);
    ck_assert_uint_le(at - TABLES_AT + ld32_le(t + 4), tables_len);
    ck_assert_uint_eq(sum_of(t, ld32_le(t + 4)), 0);
    return t;
}

START_TEST(firmware_finds_all_tables)
{
    struct acpi *a = acpi_new();
    const uint8_t *xsdt, *t;
    size_t dsdt, start;

    dsdt = acpi_begin(a, "DSDT", 2, false);
    acpi_put_bytes(a, "abc", 3);                 /* the next one is aligned all the same */
    acpi_end(a, dsdt);
    start = acpi_begin(a, "FACP", 6, true);
    acpi_put_pointer(a, dsdt, 8);
    acpi_put(a, 4, 0x11223344);
    acpi_end(a, start);
    start = acpi_begin(a, "APIC", 4, true);
    acpi_end(a, start);
    ck_assert(acpi_finish(a, fw_cfg, 0, NULL));
    acpi_free(a);
    run_firmware();
    ck_assert_uint_eq(rsdp_len, 36);
    ck_assert_mem_eq(rsdp, "RSD PTR ", 8);
    ck_assert_uint_eq(sum_of(rsdp, 20), 0);
    ck_assert_uint_eq(sum_of(rsdp, 36), 0);
    xsdt = table_at(ld64_le(rsdp + 24), "XSDT");
    ck_assert_uint_eq(ld32_le(xsdt + 4), 36 + 16);
    t = table_at(ld64_le(xsdt + 36), "FACP");
    ck_assert_uint_eq((uintptr_t)(t - tables) % 8, 0);
    ck_assert_uint_eq(ld32_le(t + 44), 0x11223344);
    t = table_at(ld64_le(t + 36), "DSDT");
    ck_assert_uint_eq(ld32_le(t + 4), 39);
    table_at(ld64_le(xsdt + 44), "APIC");
}
END_TEST

static void ck_assert_aml(GByteArray *b, const char *bytes, size_t len)
{
    ck_assert_uint_eq(b->len, len);
    ck_assert_mem_eq(b->data, bytes, len);
    g_byte_array_set_size(b, 0);
}
#define AML(b, bytes) ck_assert_aml(b, bytes, sizeof(bytes) - 1)

START_TEST(aml_encodings)
{
    GByteArray *b = g_byte_array_new(), *r = g_byte_array_new();
    size_t mark;

    aml_name_int(b, "_UID", 0);
    AML(b, "\x08_UID\x00");
    aml_int(b, 1);
    aml_int(b, 0x80);
    aml_int(b, 0x1234);
    aml_int(b, 0x12345678);
    aml_int(b, 0x123456789a);
    AML(b, "\x01\x0a\x80\x0b\x34\x12\x0c\x78\x56\x34\x12\x0e\x9a\x78\x56\x34\x12\0\0\0");
    aml_name_eisa_id(b, "_HID", "PNP0A08");
    AML(b, "\x08_HID\x0c\x41\xd0\x0a\x08");
    aml_name_string(b, "A", "xy");
    AML(b, "\x08" "A___\x0dxy\0");
    mark = aml_device(b, "DEV");
    aml_close(b, mark);
    AML(b, "\x5b\x82\x05" "DEV_");
    mark = aml_method(b, "_E03");
    aml_notify(b, "PWRB", 0x80);
    aml_close(b, mark);
    AML(b, "\x14\x0d_E03\0\x86PWRB\x0a\x80");
    mark = aml_package(b, 2);
    aml_int(b, 0);
    aml_int(b, 1);
    aml_close(b, mark);
    AML(b, "\x12\x04\x02\0\1");
    res_memory32(r, 0x9000000, 0x1000);
    res_interrupt(r, 33);
    aml_resources(b, "_CRS", r);
    AML(b, "\x08_CRS\x11\x1a\x0a\x17\x86\x09\0\1\0\0\0\x09\0\x10\0\0\x89\x06\0\1\1\x21\0\0\0\x79\0");
    g_byte_array_free(b, TRUE);
}
END_TEST

/* Lengths count themselves: 62 bytes and their length are 63, one more takes another byte. */
START_TEST(package_lengths)
{
    static const struct { unsigned body; uint8_t first, second, third; } rows[] = {
        { 58, 0x3f, 'X', 'X' }, { 59, 0x41, 0x04, 'X' }, { 0xfff - 6, 0x4f, 0xff, 'X' }, { 0x1000 - 6, 0x81, 0x00, 0x01 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        GByteArray *b = g_byte_array_new();
        size_t mark = aml_device(b, "XXXX");

        for (unsigned n = 0; n < rows[i].body; n++)
            aml_int(b, 0);
        aml_close(b, mark);
        ck_assert_uint_eq(b->data[2], rows[i].first);
        ck_assert_uint_eq(b->data[3], rows[i].second);
        ck_assert_uint_eq(b->data[4], rows[i].third);
        g_byte_array_free(b, TRUE);
    }
}
END_TEST

static Suite *acpi_suite(void)
{
    Suite *s = suite_create("acpi");
    TCase *t = tcase_create("acpi");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, firmware_finds_all_tables);
    tcase_add_test(t, aml_encodings);
    tcase_add_test(t, package_lengths);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(acpi_suite)
