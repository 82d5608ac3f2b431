/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables (ACPI specification 6.0, chapter 5) for firmware that fetches them through fw_cfg: one file with all tables, one with the root
 * pointer, and a script ("etc/table-loader") by which firmware places them and fills in addresses and checksums. Start-up only.
 */
#ifndef HW_ACPI_ACPI_H
#define HW_ACPI_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

struct acpi;
struct device;

struct acpi *acpi_new(void);
void acpi_free(struct acpi *a);

/* Begin a table with its header; size is filled in by acpi_end, the checksum by firmware. Returns where it starts. listed: the XSDT names
 * it (all but the DSDT). */
size_t acpi_begin(struct acpi *a, const char *signature, uint8_t revision, bool listed);
void acpi_end(struct acpi *a, size_t start);
/* Little-endian values and bytes to the end of the table. */
void acpi_put(struct acpi *a, unsigned size, uint64_t v);
void acpi_put_bytes(struct acpi *a, const void *data, size_t len);
void acpi_put_zeros(struct acpi *a, size_t len);
/* Change what was put at offset `at` of the file. */
void acpi_set(struct acpi *a, size_t at, unsigned size, uint64_t v);
size_t acpi_length(const struct acpi *a);
/* The address of the table that starts at `target`, 8 bytes. */
void acpi_put_pointer(struct acpi *a, size_t target);

/* XSDT and RSDP, and all files to fw_cfg. */
bool acpi_finish(struct acpi *a, struct device *fw_cfg, GError **err);

/* ---- AML (ACPI 6.0, chapter 20): aml.c. Objects go to the end of b. Names have up to 4 characters. ---- */

/* Begin an object that holds others; what is returned goes to aml_close when they are complete. */
size_t aml_scope_sb(GByteArray *b);
size_t aml_device(GByteArray *b, const char *name);
size_t aml_method(GByteArray *b, const char *name);
size_t aml_package(GByteArray *b, uint8_t elements);
void aml_close(GByteArray *b, size_t mark);
void aml_name(GByteArray *b, const char *name);          /* Name(name, what follows) */
void aml_int(GByteArray *b, uint64_t v);
void aml_name_int(GByteArray *b, const char *name, uint64_t v);
void aml_name_string(GByteArray *b, const char *name, const char *text);
void aml_name_eisa_id(GByteArray *b, const char *name, const char *id);
void aml_notify(GByteArray *b, const char *device, uint8_t value);

/* Resources (6.4) of a device; aml_resources makes Name(name, ResourceTemplate) of them and frees r. */
void res_memory32(GByteArray *r, uint32_t base, uint32_t size);
void res_interrupt(GByteArray *r, uint32_t gsi);         /* level, active high */
/* A window of a bus: addresses base and up on the bus, at base + translation for the CPU. */
enum res_kind { RES_MEMORY, RES_IO, RES_BUS };
void res_window(GByteArray *r, enum res_kind kind, unsigned bits, uint64_t base, uint64_t size, uint64_t translation);
void res_gpio_interrupt(GByteArray *r, const char *controller, uint16_t pin);
void aml_resources(GByteArray *b, const char *name, GByteArray *r);

#endif
