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
/* The address of the table that starts at `target`, of 4 or 8 bytes. */
void acpi_put_pointer(struct acpi *a, size_t target, unsigned size);
/* FACS (5.2.10), which has a header and a place of its own. Returns where it starts. */
size_t acpi_facs(struct acpi *a);
/* For PCs: the root pointer is of both kinds, with an RSDT beside the XSDT. */
void acpi_want_rsdt(struct acpi *a);

/* XSDT and RSDP, and all files to fw_cfg; with room for that many bytes of tables, at least (acpi_update). */
bool acpi_finish(struct acpi *a, struct device *fw_cfg, size_t room, GError **err);
/* The same tables with other values: the files that acpi_finish made get their contents. */
void acpi_update(struct acpi *a, struct device *fw_cfg);

/* Without firmware: carry the script out for tables that lie at tables_at. Both go with g_byte_array_unref. */
void acpi_place(struct acpi *a, uint64_t tables_at, GByteArray **tables, GByteArray **rsdp);

/* ---- AML (ACPI 6.0, chapter 20): aml.c. Objects go to the end of b. Names have up to 4 characters. ---- */

/* Begin an object that holds others; what is returned goes to aml_close when they are complete. */
size_t aml_scope_sb(GByteArray *b);
size_t aml_device(GByteArray *b, const char *name);
size_t aml_method(GByteArray *b, const char *name);
size_t aml_method_args(GByteArray *b, const char *name, unsigned nargs);
size_t aml_scope(GByteArray *b, const char *path);       /* "_SB", "\\_SB.PCI0" */
size_t aml_if(GByteArray *b);                            /* the condition follows, then what is done */
size_t aml_else(GByteArray *b);
/* Fields of bytes in a region, aml_field_unit for each of them; space: enum aml_space. */
enum aml_space { AML_SYSTEM_MEMORY = 0, AML_SYSTEM_IO = 1, AML_PCI_CONFIG = 2 };
void aml_region(GByteArray *b, const char *name, enum aml_space space, uint64_t offset, uint64_t len);
size_t aml_field(GByteArray *b, const char *region);
void aml_field_unit(GByteArray *b, const char *name, unsigned bits);
/* Code is written in the order of the bytes (20.2.5): an operator, then its operands, then where the result goes, AML_NOWHERE for nowhere. */
enum aml_opcode { AML_NOWHERE = 0x00, AML_LOCAL0 = 0x60, AML_ARG0 = 0x68, AML_STORE = 0x70, AML_ADD = 0x72, AML_AND = 0x7b, AML_OR = 0x7d,
                  AML_CREATE_DWORD_FIELD = 0x8a, AML_LNOT = 0x92, AML_LEQUAL = 0x93, AML_RETURN = 0xa4 };
void aml_op(GByteArray *b, enum aml_opcode op);
void aml_ref(GByteArray *b, const char *path);
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
void res_interrupts_shared(GByteArray *r, unsigned n, const uint8_t *gsi);
void res_io(GByteArray *r, uint16_t port, uint8_t len);
void res_isa_irq(GByteArray *r, unsigned irq);           /* edge, active high */
/* The bytes of ResourceTemplate as an object by itself; frees r. */
void aml_template(GByteArray *b, GByteArray *r);
/* A window of a bus: addresses base and up on the bus, at base + translation for the CPU. */
enum res_kind { RES_MEMORY, RES_IO, RES_BUS };
void res_window(GByteArray *r, enum res_kind kind, unsigned bits, uint64_t base, uint64_t size, uint64_t translation);
void res_gpio_interrupt(GByteArray *r, const char *controller, uint16_t pin);
void aml_resources(GByteArray *b, const char *name, GByteArray *r);

#endif
