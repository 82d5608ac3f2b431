/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables and the script for firmware. A command of the script has 128 bytes: its number, then for ALLOCATE a file name, alignment and
 * zone; for ADD_POINTER the file that holds the pointer, the file that it points into, offset and size; for ADD_CHECKSUM a file, where the sum
 * goes, and the bytes it is of. A pointer holds its offset in the other file until firmware adds the address.
 */
#include "config.h"
#include <string.h>
#include "hw/acpi/acpi.h"
#include "hw/misc/fw-cfg.h"
#include "util/endian.h"

#define TABLES "etc/acpi/tables"
#define RSDP "etc/acpi/rsdp"
#define LOADER "etc/table-loader"
#define NAME_LEN 56
#define COMMAND_LEN 128
enum loader_command { LOADER_ALLOCATE = 1, LOADER_ADD_POINTER = 2, LOADER_ADD_CHECKSUM = 3 };
enum loader_zone { ZONE_HIGH = 1, ZONE_FSEG = 2 };
#define HEADER_LENGTH 4          /* offsets in a table's header (5.2.6) */
#define HEADER_CHECKSUM 9

struct acpi {
    GByteArray *tables, *script;
    GArray *listed;              /* size_t: starts of what the XSDT names */
    bool rsdt;
    GByteArray *rsdp;            /* made by complete */
};

static void put(GByteArray *b, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(v >> (8 * i));

        g_byte_array_append(b, &byte, 1);
    }
}

static void put_zeros(GByteArray *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(b, 1, 0);
}

static void put_name(GByteArray *b, const char *name)
{
    g_byte_array_append(b, (const uint8_t *)name, (guint)strlen(name));
    put_zeros(b, NAME_LEN - strlen(name));
}

static void end_command(GByteArray *script)
{
    put_zeros(script, (COMMAND_LEN - script->len % COMMAND_LEN) % COMMAND_LEN);
}

static void allocate(GByteArray *script, const char *file, uint32_t alignment, enum loader_zone zone)
{
    put(script, 4, LOADER_ALLOCATE);
    put_name(script, file);
    put(script, 4, alignment);
    put(script, 1, zone);
    end_command(script);
}

static void add_pointer(struct acpi *a, const char *file, size_t at, unsigned size)
{
    put(a->script, 4, LOADER_ADD_POINTER);
    put_name(a->script, file);
    put_name(a->script, TABLES);
    put(a->script, 4, at);
    put(a->script, 1, size);
    end_command(a->script);
}

static void add_checksum(struct acpi *a, const char *file, size_t result, size_t start, size_t len)
{
    put(a->script, 4, LOADER_ADD_CHECKSUM);
    put_name(a->script, file);
    put(a->script, 4, result);
    put(a->script, 4, start);
    put(a->script, 4, len);
    end_command(a->script);
}

/* ---- tables ------------------------------------------------------------------------------------ */

struct acpi *acpi_new(void)
{
    struct acpi *a = g_new0(struct acpi, 1);

    a->tables = g_byte_array_new();
    a->script = g_byte_array_new();
    a->listed = g_array_new(FALSE, FALSE, sizeof(size_t));
    allocate(a->script, RSDP, 16, ZONE_FSEG);
    allocate(a->script, TABLES, 64, ZONE_HIGH);
    return a;
}

void acpi_free(struct acpi *a)
{
    g_byte_array_unref(a->tables);
    g_byte_array_free(a->script, TRUE);
    g_array_free(a->listed, TRUE);
    if (a->rsdp)
        g_byte_array_unref(a->rsdp);
    g_free(a);
}

size_t acpi_begin(struct acpi *a, const char *signature, uint8_t revision, bool listed)
{
    size_t start;

    put_zeros(a->tables, (8 - a->tables->len % 8) % 8);
    start = a->tables->len;
    if (listed)
        g_array_append_val(a->listed, start);
    acpi_put_bytes(a, signature, 4);
    acpi_put(a, 4, 0);
    acpi_put(a, 1, revision);
    acpi_put(a, 1, 0);
    acpi_put_bytes(a, "TINAMO", 6);
    acpi_put_bytes(a, "TINAMOU ", 8);
    acpi_put(a, 4, 1);
    acpi_put_bytes(a, "TNMU", 4);
    acpi_put(a, 4, 1);
    return start;
}

void acpi_end(struct acpi *a, size_t start)
{
    size_t len = a->tables->len - start;

    acpi_set(a, start + HEADER_LENGTH, 4, len);
    add_checksum(a, TABLES, start + HEADER_CHECKSUM, start, len);
}

void acpi_put(struct acpi *a, unsigned size, uint64_t v)
{
    put(a->tables, size, v);
}

void acpi_put_bytes(struct acpi *a, const void *data, size_t len)
{
    g_byte_array_append(a->tables, data, (guint)len);
}

void acpi_put_zeros(struct acpi *a, size_t len)
{
    put_zeros(a->tables, len);
}

void acpi_set(struct acpi *a, size_t at, unsigned size, uint64_t v)
{
    g_assert(at + size <= a->tables->len);
    for (unsigned i = 0; i < size; i++)
        a->tables->data[at + i] = (uint8_t)(v >> (8 * i));
}

size_t acpi_length(const struct acpi *a)
{
    return a->tables->len;
}

void acpi_put_pointer(struct acpi *a, size_t target, unsigned size)
{
    add_pointer(a, TABLES, a->tables->len, size);
    acpi_put(a, size, target);
}

void acpi_want_rsdt(struct acpi *a)
{
    a->rsdt = true;
}

/* No checksum; version 1. */
size_t acpi_facs(struct acpi *a)
{
    size_t start;

    put_zeros(a->tables, (64 - a->tables->len % 64) % 64);
    start = a->tables->len;
    acpi_put_bytes(a, "FACS", 4);
    acpi_put(a, 4, 64);
    acpi_put_zeros(a, 24);
    acpi_put(a, 1, 1);
    acpi_put_zeros(a, 64 - 33);
    return start;
}

static size_t add_list(struct acpi *a, const char *signature, unsigned size)
{
    size_t start = acpi_begin(a, signature, 1, false);

    for (guint i = 0; i < a->listed->len; i++)
        acpi_put_pointer(a, g_array_index(a->listed, size_t, i), size);
    acpi_end(a, start);
    return start;
}

/* 5.2.5.3: the sum of the first 20 bytes at 8, of all 36 at 32; the addresses of the RSDT at 16, of the XSDT at 24. */
static void complete(struct acpi *a)
{
    size_t rsdt = a->rsdt ? add_list(a, "RSDT", 4) : 0, xsdt = add_list(a, "XSDT", 8);
    GByteArray *rsdp = a->rsdp = g_byte_array_new();

    g_byte_array_append(rsdp, (const uint8_t *)"RSD PTR ", 8);
    put(rsdp, 1, 0);
    g_byte_array_append(rsdp, (const uint8_t *)"TINAMO", 6);
    put(rsdp, 1, 2);
    put(rsdp, 4, rsdt);
    put(rsdp, 4, 36);
    put(rsdp, 8, xsdt);
    put(rsdp, 4, 0);
    if (a->rsdt)
        add_pointer(a, RSDP, 16, 4);
    add_pointer(a, RSDP, 24, 8);
    add_checksum(a, RSDP, 8, 0, 20);
    add_checksum(a, RSDP, 32, 0, 36);
}

bool acpi_finish(struct acpi *a, struct device *fw_cfg, size_t room, GError **err)
{
    complete(a);
    if (a->tables->len < room)
        put_zeros(a->tables, room - a->tables->len);
    return fw_cfg_add_file(fw_cfg, RSDP, a->rsdp->data, a->rsdp->len, err) &&
           fw_cfg_add_file(fw_cfg, TABLES, a->tables->data, a->tables->len, err) &&
           fw_cfg_add_file(fw_cfg, LOADER, a->script->data, a->script->len, err);
}

void acpi_update(struct acpi *a, struct device *fw_cfg)
{
    complete(a);
    fw_cfg_update_file(fw_cfg, RSDP, a->rsdp->data, a->rsdp->len);
    fw_cfg_update_file(fw_cfg, TABLES, a->tables->data, a->tables->len);
    fw_cfg_update_file(fw_cfg, LOADER, a->script->data, a->script->len);
}

static GByteArray *file_of(struct acpi *a, const uint8_t *name)
{
    return strcmp((const char *)name, RSDP) ? a->tables : a->rsdp;
}

/* ADD_POINTER: all that is pointed at are tables. */
static void place_pointer(struct acpi *a, const uint8_t *c, uint64_t tables_at)
{
    uint32_t at = ld32_le(c + 4 + 2 * NAME_LEN);
    uint8_t *p = file_of(a, c + 4)->data + at;
    uint64_t v = 0;
    unsigned size = c[8 + 2 * NAME_LEN];

    memcpy(&v, p, size);
    v = GUINT64_TO_LE(GUINT64_FROM_LE(v) + tables_at);
    memcpy(p, &v, size);
}

static void place_checksum(struct acpi *a, const uint8_t *c)
{
    uint8_t *data = file_of(a, c + 4)->data, sum = 0;
    uint32_t result = ld32_le(c + 4 + NAME_LEN), start = ld32_le(c + 8 + NAME_LEN), len = ld32_le(c + 12 + NAME_LEN);

    for (uint32_t i = 0; i < len; i++)
        sum += data[start + i];
    data[result] -= sum;
}

void acpi_place(struct acpi *a, uint64_t tables_at, GByteArray **tables, GByteArray **rsdp)
{
    complete(a);
    for (guint at = 0; at < a->script->len; at += COMMAND_LEN) {
        const uint8_t *c = a->script->data + at;

        if (ld32_le(c) == LOADER_ADD_POINTER)
            place_pointer(a, c, tables_at);
        else if (ld32_le(c) == LOADER_ADD_CHECKSUM)
            place_checksum(a, c);
    }
    *tables = g_byte_array_ref(a->tables);
    *rsdp = g_byte_array_ref(a->rsdp);
}
