/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMBIOS structures (DSP0134 2.8) of PCs, for firmware to place: who made the machine, CPUs, memory. Firmware adds what is about itself. Names are
 * QEMU's, by which guests know where they are.
 */
#include "config.h"
#include <string.h>
#include "hw/boards/pc.h"
#include "hw/misc/fw-cfg.h"
#include "util/endian.h"

#define MAKER "QEMU"
#define DIMM_MAX (16ull << 30)
#define UNKNOWN_HANDLE 0xfffe

struct smbios {
    GByteArray *tables;
    unsigned count;
    size_t start;            /* of the structure at hand */
    unsigned nstrings;
    GByteArray *strings;
};

static void put(struct smbios *s, unsigned size, uint64_t v)
{
    v = GUINT64_TO_LE(v);
    g_byte_array_append(s->tables, (const uint8_t *)&v, size);
}

/* The number of a string, which goes behind the structure. */
static void put_string(struct smbios *s, const char *text)
{
    g_byte_array_append(s->strings, (const uint8_t *)text, (guint)strlen(text) + 1);
    put(s, 1, ++s->nstrings);
}

/* 6.1.2 */
static void begin(struct smbios *s, uint8_t type, unsigned n)
{
    s->start = s->tables->len;
    s->nstrings = 0;
    g_byte_array_set_size(s->strings, 0);
    put(s, 1, type);
    put(s, 1, 0);
    put(s, 2, (unsigned)type << 8 | n);
    s->count++;
}

static void end(struct smbios *s)
{
    s->tables->data[s->start + 1] = (uint8_t)(s->tables->len - s->start);
    g_byte_array_append(s->tables, s->strings->data, s->strings->len);
    put(s, s->nstrings ? 1 : 2, 0);
}

/* 7.2 */
static void add_system(struct smbios *s, const struct board_type *board)
{
    begin(s, 1, 0);
    put_string(s, MAKER);
    put_string(s, board->desc);
    put_string(s, board->alias ? board->alias : board->name);
    put(s, 1, 0);
    put(s, 8, 0);                /* UUID: none */
    put(s, 8, 0);
    put(s, 1, 6);                /* woken by the power switch */
    put(s, 2, 0);
    end(s);
}

/* 7.4 */
static void add_chassis(struct smbios *s, const struct board_type *board)
{
    begin(s, 3, 0);
    put_string(s, MAKER);
    put(s, 1, 1);
    put_string(s, board->alias ? board->alias : board->name);
    put(s, 2, 0);
    put(s, 4, 0x02030303);       /* boot, power, temperature are safe, no security */
    put(s, 4, 0);
    put(s, 5, 0);
    end(s);
}

/* 7.5 */
static void add_cpu(struct smbios *s, unsigned n)
{
    g_autofree char *socket = g_strdup_printf("CPU %u", n);

    begin(s, 4, n);
    put_string(s, socket);
    put(s, 2, 3 | 1 << 8);
    put_string(s, MAKER);
    put(s, 8, 0);
    put_string(s, "Tinamou");
    put(s, 3, 0);
    put(s, 4, 2000 | 2000u << 16);
    put(s, 2, 0x41 | 1 << 8);
    put(s, 6, 0xffffffffffff);
    put(s, 3, 0);
    put(s, 3, 0x010101);         /* one core, one thread */
    put(s, 2, 2);
    put(s, 2, 1);
    end(s);
}

/* 7.17, 7.18, 7.20 */
static void add_memory(struct smbios *s, const struct pc *pc)
{
    uint64_t size = pc->below + pc->above, area[2][2] = { { 0, pc->below }, { PC_4G, pc->above } };
    unsigned dimms = (unsigned)((size + DIMM_MAX - 1) / DIMM_MAX);

    begin(s, 16, 0);
    put(s, 3, 0x060301);
    put(s, 4, MIN(size >> 10, 0x80000000u));
    put(s, 2, UNKNOWN_HANDLE);
    put(s, 2, dimms);
    put(s, 8, size >> 31 ? size : 0);
    end(s);
    for (unsigned i = 0; i < dimms; i++) {
        g_autofree char *name = g_strdup_printf("DIMM %u", i);
        uint64_t mib = MIN(size - i * DIMM_MAX, DIMM_MAX) >> 20;

        begin(s, 17, i);
        put(s, 4, 16 << 8 | (uint32_t)UNKNOWN_HANDLE << 16);
        put(s, 4, 0xffffffff);
        put(s, 2, MIN(mib, 0x7fff));
        put(s, 2, 9);
        put_string(s, name);
        put(s, 1, 0);
        put(s, 3, 7 | 2 << 8);
        put(s, 2, 0);
        put_string(s, MAKER);
        put(s, 4, 0);
        put(s, 4, mib > 0x7ffe ? mib : 0);
        put(s, 2, 0);
        end(s);
    }
    for (unsigned i = 0; i < 2 && area[i][1]; i++) {
        begin(s, 19, i);
        put(s, 4, MIN(area[i][0] >> 10, 0xffffffff));
        put(s, 4, MIN(((area[i][0] + area[i][1]) >> 10) - 1, 0xffffffff));
        put(s, 2, 16 << 8);
        put(s, 1, 1);
        put(s, 8, 0);
        put(s, 8, 0);
        end(s);
    }
}

/* 7.33, 7.45 */
static void add_ends(struct smbios *s)
{
    begin(s, 32, 0);
    put(s, 7, 0);
    end(s);
    begin(s, 127, 0);
    end(s);
}

/* The entry point (5.2.1); firmware fills in the address and the sums. */
static void make_anchor(const struct smbios *s, uint8_t a[31])
{
    memset(a, 0, 31);
    memcpy(a, "_SM_", 4);
    a[5] = 31;
    a[6] = 2;
    a[7] = 8;
    st16_le(a + 8, 256);         /* no structure is larger */
    memcpy(a + 16, "_DMI_", 5);
    st16_le(a + 22, (uint16_t)s->tables->len);
    st16_le(a + 28, (uint16_t)s->count);
    a[30] = 0x28;
}

bool pc_add_smbios(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct smbios s = { .tables = g_byte_array_new(), .strings = g_byte_array_new() };
    uint8_t anchor[31];
    bool ok;

    add_system(&s, m->board);
    add_chassis(&s, m->board);
    for (unsigned i = 0; i < (unsigned)m->ncpus; i++)
        add_cpu(&s, i);
    add_memory(&s, pc);
    add_ends(&s);
    make_anchor(&s, anchor);
    ok = fw_cfg_add_file(pc->fw_cfg, "etc/smbios/smbios-tables", s.tables->data, s.tables->len, err) &&
         fw_cfg_add_file(pc->fw_cfg, "etc/smbios/smbios-anchor", anchor, sizeof(anchor), err);
    g_byte_array_free(s.tables, TRUE);
    g_byte_array_free(s.strings, TRUE);
    return ok;
}
