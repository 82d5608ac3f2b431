/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a flattened device tree (Devicetree Specification v0.3, chapter 5): properties of the root and of its children. */
#include "roms/boot-arm/demo.h"

#define FDT_MAGIC 0xd00dfeedu
enum fdt_token { FDT_BEGIN_NODE = 1, FDT_END_NODE, FDT_PROP, FDT_NOP, FDT_END = 9 };

static const uint8_t *structs, *structs_end;
static const char *strings;

uint32_t fdt_u32(const void *p)
{
    const uint8_t *b = p;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

void fdt_init(const void *blob)
{
    const uint8_t *b = blob;

    if (fdt_u32(b) != FDT_MAGIC)
        return;
    structs = b + fdt_u32(b + 8);
    structs_end = structs + fdt_u32(b + 36);
    strings = (const char *)b + fdt_u32(b + 12);
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* Is node called name, up to '@'? */
static bool called(const char *node, const char *name)
{
    while (*name && *node == *name)
        node++, name++;
    return !*name && (!*node || *node == '@');
}

static uint32_t up4(uint32_t n)
{
    return (n + 3) & ~3u;
}

static uint32_t length(const char *s)
{
    uint32_t n = 0;

    while (s[n])
        n++;
    return n;
}

/* Where the token at p ends. */
static const uint8_t *next(const uint8_t *p)
{
    switch (fdt_u32(p)) {
    case FDT_BEGIN_NODE:
        return p + 4 + up4(length((const char *)p + 4) + 1);
    case FDT_PROP:
        return p + 12 + up4(fdt_u32(p + 4));
    default:
        return p + 4;
    }
}

const void *fdt_prop(const char *node, const char *name, uint32_t *len)
{
    uint32_t want = *node ? 2 : 1, depth = 0;
    bool inside = false;

    for (const uint8_t *p = structs; p < structs_end; p = next(p)) {
        switch (fdt_u32(p)) {
        case FDT_BEGIN_NODE:
            if (++depth == want)
                inside = called((const char *)p + 4, node);
            break;
        case FDT_END_NODE:
            if (depth-- == want)
                inside = false;
            break;
        case FDT_PROP:
            if (depth != want || !inside || !same(strings + fdt_u32(p + 8), name))
                break;
            *len = fdt_u32(p + 4);
            return p + 12;
        }
    }
    return NULL;
}

uint32_t fdt_cpus(void)
{
    uint32_t depth = 0, n = 0;
    bool inside = false;

    for (const uint8_t *p = structs; p < structs_end; p = next(p)) {
        if (fdt_u32(p) == FDT_BEGIN_NODE) {
            depth++;
            if (depth == 2)
                inside = called((const char *)p + 4, "cpus");
            n += depth == 3 && inside && called((const char *)p + 4, "cpu");
        } else if (fdt_u32(p) == FDT_END_NODE) {
            depth--;
        }
    }
    return n;
}
