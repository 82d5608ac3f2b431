/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels for PCs: see x86-kernel.h. Files come from anywhere: every field of a header is checked before it is used. */
#include "config.h"
#include <string.h>
#include "hw/boards/x86-kernel.h"
#include "softmmu/loader.h"
#include "softmmu/machine.h"
#include "util/endian.h"

#define KERNEL_ERROR g_quark_from_static_string("loader")
#define MIB 0x100000u
#define PAGE 4096u
#define FILE_MAX 0x40000000u

struct file {
    const char *path;
    const uint8_t *data;
    size_t len;
};

static bool fail(const struct file *f, GError **err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool fail(const struct file *f, GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, KERNEL_ERROR, 0, "kernel '%s': %s", f->path, text);
    return false;
}

static bool does_not_fit(const char *what, const char *path, GError **err)
{
    g_set_error(err, KERNEL_ERROR, 0, "%s '%s' does not fit into RAM below the PCI hole; give the machine more memory with -m", what,
                path);
    return false;
}

static void set_part(struct x86_kernel *k, enum x86_part n, const void *data, size_t len, uint32_t addr)
{
    k->part[n].data = g_memdup2(data, len);
    k->part[n].len = (uint32_t)len;
    k->part[n].addr = addr;
}

void x86_kernel_fini(struct x86_kernel *k)
{
    for (int i = 0; i < X86_NPARTS; i++)
        g_free(k->part[i].data);
    memset(k, 0, sizeof(*k));
}

static uint32_t page_up(uint32_t x)
{
    return (x + PAGE - 1) & ~(PAGE - 1);
}

/* ---- bzImage ----------------------------------------------------------------------------------- */

enum setup_field {
    SETUP_SECTS = 0x1f1, SETUP_VID_MODE = 0x1fa, SETUP_MAGIC = 0x202, SETUP_VERSION = 0x206, SETUP_LOADER = 0x210, SETUP_FLAGS = 0x211,
    SETUP_CODE32 = 0x214, SETUP_INITRD = 0x218, SETUP_INITRD_LEN = 0x21c, SETUP_HEAP_END = 0x224, SETUP_CMDLINE = 0x228,
    SETUP_INITRD_MAX = 0x22c, SETUP_CMDLINE_MAX = 0x238, SETUP_HEADER_END = 0x264,
};
enum setup_flag { FLAG_HIGH = 0x01, FLAG_HEAP = 0x80 };
#define SETUP_AT 0x10000u                /* real-mode part and its heap: 64 KiB */
#define CMDLINE_AT 0x20000u
#define LOW_SETUP_AT 0x90000u            /* for kernels that are loaded low (zImage) */
#define LOW_CMDLINE_AT 0x9a000u
#define LOW_KERNEL_AT 0x10000u
#define LOADER_TYPE 0xb0                 /* as QEMU's */

static bool is_bzimage(const struct file *f)
{
    return f->len >= SETUP_HEADER_END && !memcmp(f->data + SETUP_MAGIC, "HdrS", 4);
}

static bool load_cmdline(struct x86_kernel *k, const struct file *f, const char *append, uint32_t addr, GError **err)
{
    unsigned version = ld16_le(f->data + SETUP_VERSION);
    uint32_t max = version >= 0x206 ? ld32_le(f->data + SETUP_CMDLINE_MAX) : 255;

    if (strlen(append) > MIN(max, 0xffffu))
        return fail(f, err, "-append has %zu characters; this kernel takes %u", strlen(append), max);
    set_part(k, X86_PART_CMDLINE, append, strlen(append) + 1, addr);
    return true;
}

/* As high as the kernel says that it may be, below ram_end. */
static bool load_initrd(struct x86_kernel *k, const struct file *f, const char *path, uint64_t ram_end, GError **err)
{
    uint32_t max = ld16_le(f->data + SETUP_VERSION) >= 0x203 ? ld32_le(f->data + SETUP_INITRD_MAX) : 0x37ffffff, end, at;
    uint32_t kernel_end = k->part[X86_PART_KERNEL].addr + k->part[X86_PART_KERNEL].len;
    size_t len;
    uint8_t *data;

    if (!path)
        return true;
    data = loader_read("initrd", path, FILE_MAX, &len, err);
    if (!data)
        return false;
    end = (uint32_t)MIN(ram_end, (uint64_t)max + 1);
    at = end > len ? (end - (uint32_t)len) & ~(PAGE - 1) : 0;
    k->part[X86_PART_INITRD].data = data;
    k->part[X86_PART_INITRD].len = (uint32_t)len;
    k->part[X86_PART_INITRD].addr = at;
    return at >= MAX(kernel_end, MIB) || does_not_fit("initrd", path, err);
}

/* What a boot loader fills in. */
static void complete_setup(struct x86_kernel *k, uint8_t *setup, unsigned version, uint32_t at, uint32_t cmdline)
{
    setup[SETUP_LOADER] = LOADER_TYPE;
    if (version >= 0x201) {
        setup[SETUP_FLAGS] |= FLAG_HEAP;
        st16_le(setup + SETUP_HEAP_END, (uint16_t)(cmdline - at - 0x200));
    }
    if (version >= 0x202) {
        st32_le(setup + SETUP_CMDLINE, cmdline);
    } else {
        st16_le(setup + 0x20, 0xa33f);
        st16_le(setup + 0x22, (uint16_t)(cmdline - at));
    }
    st32_le(setup + SETUP_INITRD, k->part[X86_PART_INITRD].addr);
    st32_le(setup + SETUP_INITRD_LEN, k->part[X86_PART_INITRD].len);
}

static bool load_bzimage(struct x86_kernel *k, const struct file *f, const struct boot_info *boot, uint64_t ram_end, GError **err)
{
    unsigned version = ld16_le(f->data + SETUP_VERSION), sects = f->data[SETUP_SECTS] ? f->data[SETUP_SECTS] : 4;
    size_t setup_len = (sects + 1) * 512u;
    bool high = version >= 0x200 && f->data[SETUP_FLAGS] & FLAG_HIGH;
    uint32_t at = high ? SETUP_AT : LOW_SETUP_AT, cmdline = high ? CMDLINE_AT : LOW_CMDLINE_AT;
    uint32_t kernel = high ? MIB : LOW_KERNEL_AT;

    if (setup_len >= f->len)
        return fail(f, err, "it is truncated: its header says that the kernel begins at %zu, there are %zu bytes; fetch or copy it again",
                    setup_len, f->len);
    if (setup_len > 0x8000)
        return fail(f, err, "its real-mode part has %zu bytes; at most 32768 can be loaded", setup_len);
    k->kind = X86_BZIMAGE;
    set_part(k, X86_PART_SETUP, f->data, setup_len, at);
    set_part(k, X86_PART_KERNEL, f->data + setup_len, f->len - setup_len, kernel);
    if ((high ? ram_end : LOW_SETUP_AT) < kernel + k->part[X86_PART_KERNEL].len)
        return does_not_fit("kernel", f->path, err);
    if (!load_cmdline(k, f, boot->append ? boot->append : "", cmdline, err) || !load_initrd(k, f, boot->initrd, ram_end, err))
        return false;
    complete_setup(k, k->part[X86_PART_SETUP].data, version, at, cmdline);
    k->entry = kernel;
    k->code32 = high && version >= 0x202;
    k->setup_seg = (uint16_t)(at >> 4);
    k->setup_sp = (uint16_t)(cmdline - at - 16);
    return true;
}

/* ---- ELF --------------------------------------------------------------------------------------- */

/* A 32-bit or 64-bit ELF file, by what both have; System V ABI. */
struct elf {
    const struct file *f;
    bool is_64;
    uint64_t entry, phoff;
    unsigned phnum, phentsize;
};

struct segment {
    uint32_t type;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

enum { PT_LOAD = 1, PT_NOTE = 4, EM_386 = 3, EM_X86_64 = 62 };

static bool open_elf(struct elf *e, const struct file *f)
{
    const uint8_t *d = f->data;
    unsigned machine;

    if (f->len < 64 || memcmp(d, "\177ELF", 4) || d[5] != 1)
        return false;
    machine = ld16_le(d + 18);
    *e = (struct elf){ .f = f, .is_64 = d[4] == 2 };
    e->entry = e->is_64 ? ld64_le(d + 24) : ld32_le(d + 24);
    e->phoff = e->is_64 ? ld64_le(d + 32) : ld32_le(d + 28);
    e->phentsize = ld16_le(d + (e->is_64 ? 54 : 42));
    e->phnum = ld16_le(d + (e->is_64 ? 56 : 44));
    return (machine == EM_386 || machine == EM_X86_64) && e->phentsize >= (e->is_64 ? 56 : 32) && e->phoff <= f->len &&
           (uint64_t)e->phnum * e->phentsize <= f->len - e->phoff;
}

/* False: its bytes are not all in the file. */
static bool get_segment(const struct elf *e, unsigned i, struct segment *s)
{
    const uint8_t *p = e->f->data + e->phoff + (size_t)i * e->phentsize;

    if (e->is_64)
        *s = (struct segment){ ld32_le(p), ld64_le(p + 8), ld64_le(p + 16), ld64_le(p + 24), ld64_le(p + 32), ld64_le(p + 40), ld64_le(p + 48) };
    else
        *s = (struct segment){ ld32_le(p), ld32_le(p + 4), ld32_le(p + 8), ld32_le(p + 12), ld32_le(p + 16), ld32_le(p + 20), ld32_le(p + 28) };
    return s->offset <= e->f->len && s->filesz <= e->f->len - s->offset && s->filesz <= s->memsz;
}

/* Paging is off at the start: an entry that is the address the kernel will be linked at lies as far into the memory of its segment. */
static uint32_t entry_of(const struct elf *e)
{
    struct segment s;

    for (unsigned i = 0; i < e->phnum; i++)
        if (get_segment(e, i, &s) && s.type == PT_LOAD && e->entry - s.vaddr < s.memsz)
            return (uint32_t)(e->entry - s.vaddr + s.paddr);
    return (uint32_t)e->entry;
}

/* All segments as one part. */
static bool load_elf(struct x86_kernel *k, const struct elf *e, uint64_t ram_end, GError **err)
{
    uint64_t low = UINT64_MAX, high = 0;
    struct segment s;
    uint8_t *data;

    for (unsigned i = 0; i < e->phnum; i++) {
        if (!get_segment(e, i, &s))
            return fail(e->f, err, "it is truncated: a segment reaches beyond its end; fetch or copy it again");
        if (s.type != PT_LOAD || !s.memsz)
            continue;
        if (s.paddr < MIB || s.memsz > ram_end || s.paddr > ram_end - s.memsz)
            return fail(e->f, err, "a segment of %" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER "x: it must be in RAM from 1 MiB up to "
                        "0x%" G_GINT64_MODIFIER "x; give the machine more memory with -m", s.memsz, s.paddr, ram_end);
        low = MIN(low, s.paddr);
        high = MAX(high, s.paddr + s.memsz);
    }
    if (low >= high)
        return fail(e->f, err, "the ELF file has no segments to load");
    data = g_try_malloc0(high - low);
    if (!data)
        return does_not_fit("kernel", e->f->path, err);
    for (unsigned i = 0; i < e->phnum; i++)
        if (get_segment(e, i, &s) && s.type == PT_LOAD)
            memcpy(data + (s.memsz ? s.paddr - low : 0), e->f->data + s.offset, s.memsz ? s.filesz : 0);
    k->part[X86_PART_KERNEL].data = data;
    k->part[X86_PART_KERNEL].len = (uint32_t)(high - low);
    k->part[X86_PART_KERNEL].addr = (uint32_t)low;
    k->entry = entry_of(e);
    return true;
}

/* ---- the block of information for multiboot and PVH -------------------------------------------- */

#define INFO_AT 0x90000u
#define INFO_SLOTS 0x400u                /* offset of the map of memory */
#define INFO_TEXT (INFO_SLOTS + X86_MAP_SLOTS * X86_MAP_STEP)
#define INFO_MAX 0x8000u                 /* whole: below the BIOS's data */

/* The block under construction: text grows from INFO_TEXT on. */
struct info {
    uint8_t bytes[INFO_MAX];
    uint32_t used;
};

/* Put text in; its address, 0 when there is no room. */
static uint32_t info_text(struct info *b, const char *text)
{
    size_t len = strlen(text) + 1;
    uint32_t at = b->used;

    if (len > INFO_MAX - at)
        return 0;
    memcpy(b->bytes + at, text, len);
    b->used += (uint32_t)len;
    return INFO_AT + at;
}

struct module {
    char *path, *args;
    uint32_t start, len;
};

/* One file of -initrd behind what was loaded so far, on a page. */
static bool add_module(GByteArray *all, uint32_t base, struct module *mod, uint64_t ram_end, GError **err)
{
    size_t len;
    g_autofree uint8_t *data = loader_read("initrd", mod->path, FILE_MAX, &len, err);
    guint at = page_up(all->len);

    if (!data)
        return false;
    if (len > ram_end || base + (uint64_t)at > ram_end - len)
        return does_not_fit("initrd", mod->path, err);
    g_byte_array_set_size(all, at);
    g_byte_array_append(all, data, (guint)len);
    mod->start = base + at;
    mod->len = (uint32_t)len;
    return true;
}

static void free_module(void *p)
{
    g_free(((struct module *)p)->path);
    g_free(((struct module *)p)->args);
    g_free(p);
}

/* -initrd "FILE ARGS,FILE ARGS"; or with one, a file whose name is all of it. */
static bool load_modules(struct x86_kernel *k, const char *list, bool one, GPtrArray *modules, uint64_t ram_end, GError **err)
{
    g_auto(GStrv) names = !list ? g_new0(char *, 1) : one ? g_strsplit(list, "", 1) : g_strsplit(list, ",", -1);
    uint32_t base = page_up(k->part[X86_PART_KERNEL].addr + k->part[X86_PART_KERNEL].len);
    GByteArray *all = g_byte_array_new();
    bool ok = true;

    for (unsigned i = 0; ok && names[i]; i++) {
        struct module *mod = g_new0(struct module, 1);
        const char *space = one ? NULL : strchr(names[i], ' ');

        mod->path = space ? g_strndup(names[i], (gsize)(space - names[i])) : g_strdup(names[i]);
        mod->args = g_strdup(names[i]);
        g_ptr_array_add(modules, mod);
        ok = add_module(all, base, mod, ram_end, err);
    }
    k->part[X86_PART_INITRD].len = all->len;
    k->part[X86_PART_INITRD].addr = base;
    k->part[X86_PART_INITRD].data = g_byte_array_free(all, FALSE);
    return ok;
}

static void finish_info(struct x86_kernel *k, const struct info *b, uint32_t first, uint32_t count, uint16_t unit)
{
    set_part(k, X86_PART_SETUP, b->bytes, b->used, INFO_AT);
    k->map = first;
    k->map_count = count;
    k->map_unit = unit;
    k->ebx = INFO_AT;
}

static bool no_room(const struct file *f, GError **err)
{
    return fail(f, err, "its command line and those of its modules are too long");
}

/* ---- multiboot --------------------------------------------------------------------------------- */

#define MULTIBOOT_MAGIC 0x1badb002u
#define MULTIBOOT_EAX 0x2badb002u
#define MULTIBOOT_SEARCH 8192u
enum multiboot_flag { MB_VIDEO = 4, MB_UNKNOWN = 0xfff8, MB_ADDRESSES = 0x10000 };
enum mbi_field { MBI_FLAGS = 0, MBI_LOWER = 4, MBI_UPPER = 8, MBI_CMDLINE = 16, MBI_NMODS = 20, MBI_MODS = 24, MBI_MMAP_LEN = 44,
                 MBI_MMAP = 48, MBI_LOADER = 64 };
enum mbi_flag { MBI_HAS_MEMORY = 1, MBI_HAS_CMDLINE = 4, MBI_HAS_MODS = 8, MBI_HAS_MMAP = 0x40, MBI_HAS_LOADER = 0x200 };
#define MBI_MODULES 0x80u        /* offset of the list, 16 bytes each */
#define MBI_MODULES_MAX 32u

/* 3.1: the header is at a multiple of 4. */
static const uint8_t *find_multiboot(const struct file *f)
{
    for (size_t at = 0; at + 12 <= MIN(f->len, MULTIBOOT_SEARCH); at += 4) {
        const uint8_t *p = f->data + at;

        if (ld32_le(p) == MULTIBOOT_MAGIC && !(ld32_le(p) + ld32_le(p + 4) + ld32_le(p + 8)))
            return p;
    }
    return NULL;
}

/* 3.1.3: the header says where the file goes. */
static bool load_by_addresses(struct x86_kernel *k, const struct file *f, const uint8_t *h, uint64_t ram_end, GError **err)
{
    size_t at = (size_t)(h - f->data);
    uint32_t header, load, load_end, bss_end, skip;
    uint64_t len, size;

    if (at + 32 > f->len)
        return fail(f, err, "it is truncated: the multiboot header is not whole");
    header = ld32_le(h + 12);
    load = ld32_le(h + 16);
    load_end = ld32_le(h + 20);
    bss_end = ld32_le(h + 24);
    skip = (uint32_t)at - (header - load);
    if (load > header || header - load > at || (load_end && load_end < load))
        return fail(f, err, "the addresses of its multiboot header make no sense");
    len = load_end ? load_end - load : f->len - skip;
    if (len > f->len - skip)
        return fail(f, err, "it is truncated: its multiboot header says %" G_GUINT64_FORMAT " bytes, there are %zu; fetch or copy it again",
                    len, f->len - skip);
    size = bss_end > load ? MAX(len, bss_end - load) : len;
    if (load < MIB || size > ram_end || load > ram_end - size)
        return does_not_fit("kernel", f->path, err);
    k->part[X86_PART_KERNEL].data = g_malloc0(size);
    memcpy(k->part[X86_PART_KERNEL].data, f->data + skip, len);
    k->part[X86_PART_KERNEL].len = (uint32_t)size;
    k->part[X86_PART_KERNEL].addr = load;
    k->entry = ld32_le(h + 28);
    return true;
}

static bool make_mbi(struct x86_kernel *k, const struct file *f, const struct boot_info *boot, const GPtrArray *modules, uint64_t ram_end,
                     GError **err)
{
    g_autofree struct info *b = g_new0(struct info, 1);
    g_autofree char *cmdline = g_strdup_printf("%s %s", f->path, boot->append ? boot->append : "");
    uint8_t *mbi = b->bytes;
    uint32_t text;

    b->used = INFO_TEXT;
    st32_le(mbi + MBI_FLAGS, MBI_HAS_MEMORY | MBI_HAS_CMDLINE | MBI_HAS_MODS | MBI_HAS_MMAP | MBI_HAS_LOADER);
    st32_le(mbi + MBI_LOWER, 639);
    st32_le(mbi + MBI_UPPER, (uint32_t)((ram_end - MIB) / 1024));
    text = info_text(b, cmdline);
    st32_le(mbi + MBI_CMDLINE, text);
    st32_le(mbi + MBI_LOADER, info_text(b, "tinamou"));
    if (!text || modules->len > MBI_MODULES_MAX)
        return no_room(f, err);
    st32_le(mbi + MBI_NMODS, modules->len);
    st32_le(mbi + MBI_MODS, INFO_AT + MBI_MODULES);
    for (guint i = 0; i < modules->len; i++) {
        const struct module *mod = g_ptr_array_index(modules, i);
        uint8_t *entry = mbi + MBI_MODULES + 16 * i;

        st32_le(entry, mod->start);
        st32_le(entry + 4, mod->start + mod->len);
        st32_le(entry + 8, info_text(b, mod->args));
        if (!ld32_le(entry + 8))
            return no_room(f, err);
    }
    st32_le(mbi + MBI_MMAP, INFO_AT + INFO_SLOTS);
    for (unsigned i = 0; i < X86_MAP_SLOTS; i++)
        st32_le(mbi + INFO_SLOTS + i * X86_MAP_STEP, 20);
    finish_info(k, b, INFO_AT + INFO_SLOTS + 4, INFO_AT + MBI_MMAP_LEN, X86_MAP_STEP);
    return true;
}

static bool load_multiboot(struct x86_kernel *k, const struct file *f, const uint8_t *h, const struct boot_info *boot, uint64_t ram_end,
                           GError **err)
{
    g_autoptr(GPtrArray) modules = g_ptr_array_new_with_free_func(free_module);
    uint32_t flags = ld32_le(h + 4);
    struct elf e;

    k->kind = X86_MULTIBOOT;
    k->eax = MULTIBOOT_EAX;
    if (flags & MB_UNKNOWN)
        return fail(f, err, "it needs features of multiboot that are not known here (flags 0x%x)", flags);
    if (flags & MB_ADDRESSES) {
        if (!load_by_addresses(k, f, h, ram_end, err))
            return false;
    } else if (!open_elf(&e, f)) {
        return fail(f, err, "it has a multiboot header without addresses, and is no ELF file");
    } else if (!load_elf(k, &e, ram_end, err)) {
        return false;
    }
    return load_modules(k, boot->initrd, false, modules, ram_end, err) && make_mbi(k, f, boot, modules, ram_end, err);
}

/* ---- PVH --------------------------------------------------------------------------------------- */

#define NOTE_PHYS32_ENTRY 18u
#define START_MAGIC 0x336ec578u
enum start_field { START_VERSION = 4, START_NMODS = 12, START_MODS = 16, START_CMDLINE = 24, START_MAP = 40, START_MAP_COUNT = 48 };
#define START_MODULE 0x80u

static bool note_entry(const uint8_t *p, uint64_t len, uint64_t align, uint32_t *entry)
{
    uint64_t at = 0, step = align == 8 ? 8 : 4;

    while (len - at >= 12) {
        uint64_t name = ld32_le(p + at), desc = ld32_le(p + at + 4), type = ld32_le(p + at + 8);
        uint64_t desc_at = at + 12 + ((name + step - 1) & ~(step - 1));

        if (desc_at > len || desc > len - desc_at)
            return false;
        if (type == NOTE_PHYS32_ENTRY && name == 4 && !memcmp(p + at + 12, "Xen", 4) && desc >= 4) {
            *entry = ld32_le(p + desc_at);
            return true;
        }
        at = desc_at + ((desc + step - 1) & ~(step - 1));
        if (at > len)
            return false;
    }
    return false;
}

static bool find_pvh_entry(const struct elf *e, uint32_t *entry)
{
    struct segment s;

    for (unsigned i = 0; i < e->phnum; i++)
        if (get_segment(e, i, &s) && s.type == PT_NOTE && note_entry(e->f->data + s.offset, s.filesz, s.align, entry))
            return true;
    return false;
}

static bool load_pvh(struct x86_kernel *k, const struct elf *e, uint32_t entry, const struct boot_info *boot, uint64_t ram_end, GError **err)
{
    g_autoptr(GPtrArray) modules = g_ptr_array_new_with_free_func(free_module);
    g_autofree struct info *b = g_new0(struct info, 1);
    uint32_t text;

    k->kind = X86_PVH;
    if (!load_elf(k, e, ram_end, err) || !load_modules(k, boot->initrd, true, modules, ram_end, err))
        return false;
    k->entry = entry;
    b->used = INFO_TEXT;
    st32_le(b->bytes, START_MAGIC);
    st32_le(b->bytes + START_VERSION, 1);
    text = info_text(b, boot->append ? boot->append : "");
    if (!text)
        return no_room(e->f, err);
    st64_le(b->bytes + START_CMDLINE, text);
    if (modules->len) {
        const struct module *mod = g_ptr_array_index(modules, 0);

        st32_le(b->bytes + START_NMODS, 1);
        st64_le(b->bytes + START_MODS, INFO_AT + START_MODULE);
        st64_le(b->bytes + START_MODULE, mod->start);
        st64_le(b->bytes + START_MODULE + 8, mod->len);
    }
    st64_le(b->bytes + START_MAP, INFO_AT + INFO_SLOTS);
    finish_info(k, b, INFO_AT + INFO_SLOTS, INFO_AT + START_MAP_COUNT, 1);
    return true;
}

/* ---- any --------------------------------------------------------------------------------------- */

static bool refuse(const struct file *f, GError **err)
{
    static const struct { unsigned at; const char *magic; size_t len; const char *what; } known[] = {
        { 0, "\x1f\x8b", 2, "it is compressed with gzip; unpack it first (gunzip)" },
        { 0, "\xfd" "7zXZ", 5, "it is compressed with xz; unpack it first (unxz)" },
        { 0x38, "ARM\x64", 4, "it is a 64-bit ARM (AArch64) kernel; this machine takes x86 ones" },
        { 0x24, "\x18\x28\x6f\x01", 4, "it is a 32-bit ARM kernel (zImage); this machine takes x86 ones" },
        { 0, "!<arch>\n", 8, "it is an archive or a Debian package; give the vmlinuz that is inside" },
        { 0, "070701", 6, "it is a cpio archive; give it with -initrd" },
        { 0, "\177ELF", 4, "it is an ELF file for another machine, or has neither a multiboot header nor a PVH entry; give a bzImage" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (f->len >= known[i].at + known[i].len && !memcmp(f->data + known[i].at, known[i].magic, known[i].len))
            return fail(f, err, "%s", known[i].what);
    return fail(f, err, "it is no x86 kernel; there are bzImage, multiboot and PVH (ELF)");
}

bool x86_kernel_load(struct x86_kernel *k, const struct boot_info *boot, uint64_t ram_end, GError **err)
{
    struct file f = { .path = boot->kernel };
    g_autofree uint8_t *data = loader_read("kernel", boot->kernel, FILE_MAX, &f.len, err);
    const uint8_t *multiboot;
    struct elf e;
    uint32_t entry;

    memset(k, 0, sizeof(*k));
    if (!data)
        return false;
    f.data = data;
    if (is_bzimage(&f))
        return load_bzimage(k, &f, boot, ram_end, err);
    multiboot = find_multiboot(&f);
    if (multiboot)
        return load_multiboot(k, &f, multiboot, boot, ram_end, err);
    if (open_elf(&e, &f) && find_pvh_entry(&e, &entry))
        return load_pvh(k, &e, entry, boot, ram_end, err);
    return refuse(&f, err);
}
