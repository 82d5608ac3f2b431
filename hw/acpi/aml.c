/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AML (ACPI 6.0, chapter 20) and resource descriptors (6.4), as far as boards need them. */
#include "config.h"
#include <string.h>
#include "hw/acpi/acpi.h"

enum aml_op { OP_NAME = 0x08, OP_BYTE = 0x0a, OP_WORD = 0x0b, OP_DWORD = 0x0c, OP_STRING = 0x0d, OP_QWORD = 0x0e, OP_SCOPE = 0x10,
              OP_BUFFER = 0x11, OP_PACKAGE = 0x12, OP_METHOD = 0x14, OP_DUAL_NAME = 0x2e,
              OP_MULTI_NAME = 0x2f, OP_EXT = 0x5b, OP_EXT_REGION = 0x80, OP_EXT_FIELD = 0x81, OP_EXT_DEVICE = 0x82, OP_NOTIFY = 0x86,
              OP_IF = 0xa0, OP_ELSE = 0xa1 };
enum res_tag { TAG_IRQ = 0x22, TAG_IO = 0x47, TAG_END = 0x79, TAG_MEMORY32 = 0x86, TAG_DWORD = 0x87, TAG_WORD = 0x88, TAG_INTERRUPT = 0x89, TAG_QWORD = 0x8a,
               TAG_GPIO = 0x8c };

static void put(GByteArray *b, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(v >> (8 * i));

        g_byte_array_append(b, &byte, 1);
    }
}

/* Names are filled up with underscores (20.2.2). */
static void put_name(GByteArray *b, const char *name)
{
    size_t n = strlen(name);

    g_assert(n >= 1 && n <= 4);
    g_byte_array_append(b, (const uint8_t *)name, (guint)n);
    g_byte_array_append(b, (const uint8_t *)"___", (guint)(4 - n));
}

/* PkgLength (20.2.4), which counts its own bytes, goes to the mark when the contents are known. */
void aml_close(GByteArray *b, size_t mark)
{
    size_t len = b->len - mark;
    unsigned n = len + 1 < 0x40 ? 1 : len + 2 < 0x1000 ? 2 : 3;
    uint8_t bytes[3];

    len += n;
    g_assert(len < 1u << 20);
    if (n == 1) {
        bytes[0] = (uint8_t)len;
    } else {
        bytes[0] = (uint8_t)((n - 1) << 6 | (len & 15));
        bytes[1] = (uint8_t)(len >> 4);
        bytes[2] = (uint8_t)(len >> 12);
    }
    g_byte_array_set_size(b, b->len + n);
    memmove(b->data + mark + n, b->data + mark, b->len - mark - n);
    memcpy(b->data + mark, bytes, n);
}

size_t aml_scope_sb(GByteArray *b)
{
    size_t mark;

    put(b, 1, OP_SCOPE);
    mark = b->len;
    put(b, 1, '\\');
    put_name(b, "_SB");
    return mark;
}

size_t aml_device(GByteArray *b, const char *name)
{
    size_t mark;

    put(b, 1, OP_EXT);
    put(b, 1, OP_EXT_DEVICE);
    mark = b->len;
    put_name(b, name);
    return mark;
}

/* Without arguments. */
size_t aml_method(GByteArray *b, const char *name)
{
    size_t mark;

    put(b, 1, OP_METHOD);
    mark = b->len;
    put_name(b, name);
    put(b, 1, 0);
    return mark;
}

size_t aml_method_args(GByteArray *b, const char *name, unsigned nargs)
{
    size_t mark = aml_method(b, name);

    b->data[b->len - 1] = (uint8_t)nargs;
    return mark;
}

/* 20.2.2: one, two or more segments, from the root or from here. */
static void put_path(GByteArray *b, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path + (*path == '\\'), ".", -1);
    guint n = g_strv_length(parts);

    if (*path == '\\')
        put(b, 1, '\\');
    if (n == 2)
        put(b, 1, OP_DUAL_NAME);
    else if (n > 2)
        put(b, 2, OP_MULTI_NAME | n << 8);
    for (guint i = 0; i < n; i++)
        put_name(b, parts[i]);
}

size_t aml_scope(GByteArray *b, const char *path)
{
    size_t mark;

    put(b, 1, OP_SCOPE);
    mark = b->len;
    put_path(b, path);
    return mark;
}

size_t aml_if(GByteArray *b)
{
    put(b, 1, OP_IF);
    return b->len;
}

size_t aml_else(GByteArray *b)
{
    put(b, 1, OP_ELSE);
    return b->len;
}

void aml_region(GByteArray *b, const char *name, enum aml_space space, uint64_t offset, uint64_t len)
{
    put(b, 1, OP_EXT);
    put(b, 1, OP_EXT_REGION);
    put_name(b, name);
    put(b, 1, space);
    aml_int(b, offset);
    aml_int(b, len);
}

/* 20.2.5.2: byte accesses, no lock, other bits keep what they are. */
size_t aml_field(GByteArray *b, const char *region)
{
    size_t mark;

    put(b, 1, OP_EXT);
    put(b, 1, OP_EXT_FIELD);
    mark = b->len;
    put_path(b, region);
    put(b, 1, 1);
    return mark;
}

void aml_field_unit(GByteArray *b, const char *name, unsigned bits)
{
    g_assert(bits < 0x40);
    put_name(b, name);
    put(b, 1, bits);
}

void aml_op(GByteArray *b, enum aml_opcode op)
{
    put(b, 1, op);
}

void aml_ref(GByteArray *b, const char *path)
{
    put_path(b, path);
}

size_t aml_package(GByteArray *b, uint8_t elements)
{
    size_t mark;

    put(b, 1, OP_PACKAGE);
    mark = b->len;
    put(b, 1, elements);
    return mark;
}

void aml_name(GByteArray *b, const char *name)
{
    put(b, 1, OP_NAME);
    put_name(b, name);
}

void aml_int(GByteArray *b, uint64_t v)
{
    if (v <= 1) {                /* ZeroOp, OneOp */
        put(b, 1, v);
        return;
    }
    put(b, 1, v <= UINT8_MAX ? OP_BYTE : v <= UINT16_MAX ? OP_WORD : v <= UINT32_MAX ? OP_DWORD : OP_QWORD);
    put(b, v <= UINT8_MAX ? 1 : v <= UINT16_MAX ? 2 : v <= UINT32_MAX ? 4 : 8, v);
}

void aml_name_int(GByteArray *b, const char *name, uint64_t v)
{
    aml_name(b, name);
    aml_int(b, v);
}

void aml_name_string(GByteArray *b, const char *name, const char *text)
{
    aml_name(b, name);
    put(b, 1, OP_STRING);
    g_byte_array_append(b, (const uint8_t *)text, (guint)strlen(text) + 1);
}

/* "PNP0A08": three letters of five bits, four hexadecimal digits, as a big-endian doubleword (19.3.4). */
void aml_name_eisa_id(GByteArray *b, const char *name, const char *id)
{
    uint32_t v = (uint32_t)(id[0] - '@') << 26 | (uint32_t)(id[1] - '@') << 21 | (uint32_t)(id[2] - '@') << 16;

    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)g_ascii_xdigit_value(id[3 + i]) << (12 - 4 * i);
    aml_name(b, name);
    put(b, 1, OP_DWORD);
    put(b, 4, __builtin_bswap32(v));
}

void aml_notify(GByteArray *b, const char *device, uint8_t value)
{
    put(b, 1, OP_NOTIFY);
    put_name(b, device);
    aml_int(b, value);
}

/* ---- resources --------------------------------------------------------------------------------- */

/* 6.4.3.4: read and write. */
void res_memory32(GByteArray *r, uint32_t base, uint32_t size)
{
    put(r, 1, TAG_MEMORY32);
    put(r, 2, 9);
    put(r, 1, 1);
    put(r, 4, base);
    put(r, 4, size);
}

/* 6.4.3.6: consumer, level, active high, exclusive; one number. */
void res_interrupt(GByteArray *r, uint32_t gsi)
{
    put(r, 1, TAG_INTERRUPT);
    put(r, 2, 6);
    put(r, 1, 1);
    put(r, 1, 1);
    put(r, 4, gsi);
}

/* As above, shared: one of n. */
void res_interrupts_shared(GByteArray *r, unsigned n, const uint8_t *gsi)
{
    put(r, 1, TAG_INTERRUPT);
    put(r, 2, 2 + 4 * n);
    put(r, 1, 1 | 8);
    put(r, 1, n);
    for (unsigned i = 0; i < n; i++)
        put(r, 4, gsi[i]);
}

/* 6.4.2.5: 16 address lines are decoded. */
void res_io(GByteArray *r, uint16_t port, uint8_t len)
{
    put(r, 1, TAG_IO);
    put(r, 1, 1);
    put(r, 2, port);
    put(r, 2, port);
    put(r, 1, 0);
    put(r, 1, len);
}

/* 6.4.2.1 */
void res_isa_irq(GByteArray *r, unsigned irq)
{
    put(r, 1, TAG_IRQ);
    put(r, 2, 1u << irq);
}

/* 6.4.3.5: producer, positive decode, both ends fixed; memory that can be written, or I/O's entire range. */
void res_window(GByteArray *r, enum res_kind kind, unsigned bits, uint64_t base, uint64_t size, uint64_t translation)
{
    unsigned n = bits / 8;

    put(r, 1, n == 8 ? TAG_QWORD : n == 4 ? TAG_DWORD : TAG_WORD);
    put(r, 2, 3 + 5 * n);
    put(r, 1, kind);
    put(r, 1, 0x0c);
    put(r, 1, kind == RES_MEMORY ? 1 : kind == RES_IO ? 3 : 0);
    put(r, n, 0);
    put(r, n, base);
    put(r, n, base + size - 1);
    put(r, n, translation);
    put(r, n, size);
}

/* 6.4.3.8.1: an interrupt connection, edge, active high, exclusive, pull-up. Offsets count from the descriptor's start. */
void res_gpio_interrupt(GByteArray *r, const char *controller, uint16_t pin)
{
    const unsigned pins = 23, source = pins + 2, end = source + (unsigned)strlen(controller) + 1;

    put(r, 1, TAG_GPIO);
    put(r, 2, end - 3);
    put(r, 1, 1);                /* revision */
    put(r, 1, 0);                /* interrupt */
    put(r, 2, 1);                /* consumer */
    put(r, 2, 1);                /* edge */
    put(r, 1, 1);                /* pull-up */
    put(r, 2, 0);                /* drive strength */
    put(r, 2, 0);                /* debounce time */
    put(r, 2, pins);
    put(r, 1, 0);
    put(r, 2, source);
    put(r, 2, end);              /* vendor's data: none */
    put(r, 2, 0);
    put(r, 2, pin);
    g_byte_array_append(r, (const uint8_t *)controller, (guint)strlen(controller) + 1);
}

void aml_resources(GByteArray *b, const char *name, GByteArray *r)
{
    aml_name(b, name);
    aml_template(b, r);
}

void aml_template(GByteArray *b, GByteArray *r)
{
    size_t mark;

    put(r, 1, TAG_END);
    put(r, 1, 0);
    put(b, 1, OP_BUFFER);
    mark = b->len;
    aml_int(b, r->len);
    g_byte_array_append(b, r->data, r->len);
    aml_close(b, mark);
    g_byte_array_free(r, TRUE);
}
