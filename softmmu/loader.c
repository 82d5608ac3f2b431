/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images for guest memory, and what they are. Files come from anywhere: every field of a header is checked before it is used.
 *
 * Formats: zImage (magic and extent at 0x24, Linux Documentation/arm/booting), Image (uncompressed; the 64-bit one has a header, Linux
 * Documentation/arm64/booting, and may be compressed with gzip), uImage (U-Boot's 64-byte legacy header), ELF (System V ABI,
 * little-endian ARM and AArch64).
 */
#include "config.h"
#include <errno.h>
#include <string.h>
#include <zlib.h>
#include "softmmu/dma.h"
#include "softmmu/loader.h"
#include "util/endian.h"

#define LOADER_ERROR g_quark_from_static_string("loader")

#define TEXT_OFFSET 0x8000       /* where an uncompressed kernel runs, from the start of RAM */
#define ZIMAGE_OFFSET 0x10000    /* where compressed ones and bare code go */
#define IMAGE64_OFFSET 0x80000   /* where 64-bit ones go that do not say */

struct image {
    char *what, *path;
    uint64_t paddr;
    uint8_t *data;
    size_t len;
};

struct loader {
    struct bus *bus;
    uint64_t ram_base, ram_size;
    GArray *images;
};

/* A file under inspection, for a CPU that starts in 64-bit state or not. */
struct file {
    const char *what, *path; /* what: "kernel" or "file" */
    bool is_64bit;
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
    g_set_error(err, LOADER_ERROR, 0, "%s '%s': %s", f->what, f->path, text);
    return false;
}

/* ---- images ------------------------------------------------------------------------------------ */

struct loader *loader_new(struct bus *bus, uint64_t ram_base, uint64_t ram_size)
{
    struct loader *l = g_new0(struct loader, 1);

    l->bus = bus;
    l->ram_base = ram_base;
    l->ram_size = ram_size;
    l->images = g_array_new(FALSE, FALSE, sizeof(struct image));
    return l;
}

void loader_drop(struct loader *l)
{
    for (guint i = 0; i < l->images->len; i++) {
        struct image *im = &g_array_index(l->images, struct image, i);

        g_free(im->what);
        g_free(im->path);
        g_free(im->data);
    }
    g_array_set_size(l->images, 0);
}

void loader_free(struct loader *l)
{
    if (!l)
        return;
    loader_drop(l);
    g_array_free(l->images, TRUE);
    g_free(l);
}

void loader_reset(struct loader *l)
{
    for (guint i = 0; i < l->images->len; i++) {
        const struct image *im = &g_array_index(l->images, struct image, i);
        bool ok = dma_write(l->bus, im->paddr, im->data, im->len);

        g_assert(ok);        /* loader_add checked the range */
    }
}

static bool in_ram(const struct loader *l, uint64_t paddr, uint64_t len)
{
    return paddr >= l->ram_base && paddr - l->ram_base <= l->ram_size &&
           len <= l->ram_size - (paddr - l->ram_base);
}

static bool does_not_fit(const struct loader *l, const char *what, const char *path, uint64_t paddr, uint64_t len,
                         GError **err)
{
    g_set_error(err, LOADER_ERROR, 0,
                "%s '%s': %" G_GUINT64_FORMAT " KiB at 0x%" G_GINT64_MODIFIER "x do not fit into RAM "
                "(0x%" G_GINT64_MODIFIER "x to 0x%" G_GINT64_MODIFIER "x); give the machine more memory with -m",
                what, path, (len + 1023) / 1024, paddr, l->ram_base, l->ram_base + l->ram_size);
    return false;
}

bool loader_add(struct loader *l, const char *what, const char *path, uint64_t paddr, const void *data, size_t len,
                GError **err)
{
    struct image im = { .paddr = paddr, .len = len };

    if (!in_ram(l, paddr, len))
        return does_not_fit(l, what, path, paddr, len, err);
    for (guint i = 0; i < l->images->len; i++) {
        const struct image *o = &g_array_index(l->images, struct image, i);

        if (paddr < o->paddr + o->len && o->paddr < paddr + len) {
            g_set_error(err, LOADER_ERROR, 0, "%s '%s' at 0x%" G_GINT64_MODIFIER "x overlaps %s '%s'", what, path,
                        paddr, o->what, o->path);
            return false;
        }
    }
    im.what = g_strdup(what);
    im.path = g_strdup(path);
    im.data = g_memdup2(data, len);
    g_array_append_val(l->images, im);
    return true;
}

uint8_t *loader_read(const char *what, const char *path, size_t max, size_t *len, GError **err)
{
    g_autoptr(GError) why = NULL;
    char *data;
    gsize n;

    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_set_error(err, LOADER_ERROR, 0, "%s '%s' is a directory", what, path);
        return NULL;
    }
    if (!g_file_get_contents(path, &data, &n, &why)) {
        g_set_error(err, LOADER_ERROR, 0, "%s '%s': %s", what, path,
                    why->code == G_FILE_ERROR_NOENT ? "there is no such file" : why->message);
        return NULL;
    }
    *len = n;
    if (n && (!max || n <= max))
        return (uint8_t *)data;
    g_free(data);
    g_set_error(err, LOADER_ERROR, 0, n ? "%s '%s' is too large" : "%s '%s' is empty", what, path);
    return NULL;
}

static const char *const firmware_places[] = { "/usr/share/qemu", "/usr/share/seabios", "/usr/share/ovmf", "/usr/share/OVMF",
                                               "/usr/lib/ipxe/qemu", "/usr/lib/u-boot/qemu_arm", "/usr/share/AAVMF", NULL };

static char *firmware_in(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

char *loader_find_firmware(const char *name, const GPtrArray *dirs, GError **err)
{
    g_autofree char *places = g_strjoinv(", ", (char **)firmware_places);
    char *path = NULL;

    if (g_file_test(name, G_FILE_TEST_EXISTS) || strchr(name, '/'))
        return g_strdup(name);
    for (guint i = 0; !path && dirs && i < dirs->len; i++)
        path = firmware_in(g_ptr_array_index(dirs, i), name);
    for (unsigned i = 0; !path && firmware_places[i]; i++)
        path = firmware_in(firmware_places[i], name);
    if (!path)
        g_set_error(err, LOADER_ERROR, 0, "firmware '%s': there is no such file, neither here nor in %s (-L adds a folder)",
                    name, places);
    return path;
}

/* ---- other people's kernels -------------------------------------------------------------------- */

static bool starts(const struct file *f, size_t at, const char *magic, size_t n)
{
    return f->len >= at + n && !memcmp(f->data + at, magic, n);
}

/* Kernels of other machines, and what is not a kernel. NULL: none of those known. */
static const char *foreign(const struct file *f)
{
    if (starts(f, 0x38, "ARM\x64", 4))
        return "it is a 64-bit ARM (AArch64) kernel, and the CPU is a 32-bit one; choose another, such as -cpu cortex-a57";
    if (starts(f, 0x38, "RSC\x05", 4))
        return "it is a RISC-V kernel; this machine takes ARM ones";
    if (starts(f, 0x202, "HdrS", 4))
        return "it is an x86 kernel (bzImage); this machine takes ARM ones";
    if (starts(f, 4, "zimg", 4))
        return "it is a compressed EFI program (zboot); give the Image that is inside";
    if (starts(f, 0, "MZ", 2))
        return "it is a Windows or EFI program; this machine takes ARM kernels (zImage, Image, uImage, ELF)";
    if (starts(f, 0, "\x1f\x8b", 2))
        return "it is compressed with gzip; unpack it first (gunzip)";
    if (starts(f, 0, "\xfd" "7zXZ", 5))
        return "it is compressed with xz; unpack it first (unxz)";
    if (starts(f, 0, "\xd0\x0d\xfe\xed", 4))
        return "it is a device tree or FIT image; use -dtb for a tree, or the kernel out of the image";
    if (starts(f, 0, "!<arch>\n", 8))
        return "it is an archive or a Debian package; give the vmlinuz that is inside";
    if (starts(f, 0, "070701", 6))
        return "it is a cpio archive; give it with -initrd";
    return NULL;
}

static const char *elf_machine(unsigned machine)
{
    switch (machine) {
    case 3:
        return "x86 (32 bits)";
    case 8:
        return "MIPS";
    case 20:
    case 21:
        return "PowerPC";
    case 62:
        return "x86-64";
    case 183:
        return "64-bit ARM (AArch64)";
    case 243:
        return "RISC-V";
    default:
        return "another machine";
    }
}

/* ---- zImage and bare code ---------------------------------------------------------------------- */

enum zimage_field { ZIMAGE_MAGIC = 0x24, ZIMAGE_START = 0x28, ZIMAGE_END = 0x2c, ZIMAGE_ENDIAN = 0x30,
                    ZIMAGE_HEADER = 0x34 };
#define ZIMAGE_MAGIC_VALUE 0x016f2818u
#define ZIMAGE_LITTLE 0x04030201u

static bool is_zimage(const struct file *f)
{
    return f->len >= ZIMAGE_HEADER && ld32_le(f->data + ZIMAGE_MAGIC) == ZIMAGE_MAGIC_VALUE;
}

static bool add_flat(struct loader *l, const struct file *f, uint64_t paddr, enum kernel_format format,
                     struct kernel *k, GError **err)
{
    *k = (struct kernel){ .format = format, .linux_boot = true, .entry = paddr, .low = paddr,
                          .high = paddr + f->len };
    return loader_add(l, f->what, f->path, paddr, f->data, f->len, err);
}

static bool add_zimage(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    uint32_t size = ld32_le(f->data + ZIMAGE_END) - ld32_le(f->data + ZIMAGE_START);
    uint32_t endian = ld32_le(f->data + ZIMAGE_ENDIAN);

    if (endian != ZIMAGE_LITTLE && endian != 0 && endian == __builtin_bswap32(ZIMAGE_LITTLE))
        return fail(f, err, "it is a big-endian kernel; this machine starts little-endian ones");
    if (size > f->len)
        return fail(f, err, "it is truncated: its header says %u bytes, there are %zu; fetch or copy it again", size,
                    f->len);
    return add_flat(l, f, l->ram_base + ZIMAGE_OFFSET, KERNEL_ZIMAGE, k, err);
}

/* Linux's uncompressed image starts by going to SVC mode: MRS r9, CPSR is among its first instructions. */
static bool is_linux_image(const struct file *f)
{
    for (size_t i = 0; i < 4 && 4 * i + 4 <= f->len; i++)
        if (ld32_le(f->data + 4 * i) == 0xe10f9000)
            return true;
    return false;
}

/* ---- uImage ------------------------------------------------------------------------------------ */

enum uimage_field { UIMAGE_HCRC = 4, UIMAGE_SIZE = 12, UIMAGE_LOAD = 16, UIMAGE_ENTRY = 20, UIMAGE_DCRC = 24,
                    UIMAGE_OS = 28, UIMAGE_ARCH = 29, UIMAGE_TYPE = 30, UIMAGE_COMP = 31, UIMAGE_HEADER = 64 };
#define UIMAGE_MAGIC "\x27\x05\x19\x56"
enum uimage_value { UIMAGE_OS_LINUX = 5, UIMAGE_ARCH_ARM = 2, UIMAGE_ARCH_ARM64 = 22, UIMAGE_STANDALONE = 1, UIMAGE_KERNEL = 2,
                    UIMAGE_NOLOAD = 14, UIMAGE_COMP_NONE = 0, UIMAGE_COMP_GZIP = 1 };

static bool check_uimage(const struct file *f, GError **err)
{
    uint8_t head[UIMAGE_HEADER];
    uint32_t size;

    if (f->len < UIMAGE_HEADER)
        return fail(f, err, "it is truncated: the uImage header is not whole");
    memcpy(head, f->data, sizeof(head));
    st32_be(head + UIMAGE_HCRC, 0);
    if (crc32(0, head, sizeof(head)) != ld32_be(f->data + UIMAGE_HCRC))
        return fail(f, err, "the checksum of the uImage header is wrong; fetch or make it again");
    size = ld32_be(head + UIMAGE_SIZE);
    if (size > f->len - UIMAGE_HEADER)
        return fail(f, err, "it is truncated: the uImage header says %u bytes, there are %zu; fetch or copy it again",
                    size, f->len - UIMAGE_HEADER);
    if (crc32(0, f->data + UIMAGE_HEADER, size) != ld32_be(head + UIMAGE_DCRC))
        return fail(f, err, "the checksum of the uImage's data is wrong; fetch or make it again");
    if (head[UIMAGE_ARCH] != (f->is_64bit ? UIMAGE_ARCH_ARM64 : UIMAGE_ARCH_ARM))
        return fail(f, err, "the uImage is for another machine (architecture %u, %d-bit ARM is %d)", head[UIMAGE_ARCH],
                    f->is_64bit ? 64 : 32, f->is_64bit ? UIMAGE_ARCH_ARM64 : UIMAGE_ARCH_ARM);
    if (head[UIMAGE_TYPE] != UIMAGE_KERNEL && head[UIMAGE_TYPE] != UIMAGE_NOLOAD &&
        head[UIMAGE_TYPE] != UIMAGE_STANDALONE)
        return fail(f, err, "the uImage holds no kernel (type %u); give a RAM disk with -initrd", head[UIMAGE_TYPE]);
    return true;
}

/* Unpack gzip data; at most max bytes come out. NULL when it is damaged or larger. */
static uint8_t *gunzip(const uint8_t *in, size_t len, size_t max, size_t *out_len)
{
    z_stream z = { .next_in = (Bytef *)in, .avail_in = (uInt)len };
    size_t size = MIN(MAX(len * 4, 4096), max);
    uint8_t *out = g_malloc(size);
    int ret = inflateInit2(&z, 15 + 16);

    while (ret == Z_OK) {
        z.next_out = out + z.total_out;
        z.avail_out = (uInt)MIN(size - z.total_out, UINT_MAX);
        ret = inflate(&z, Z_NO_FLUSH);
        if (ret != Z_OK || z.avail_out)
            continue;
        if (size == max)
            break;
        size = MIN(size * 2, max);
        out = g_realloc(out, size);
    }
    *out_len = z.total_out;
    inflateEnd(&z);
    if (ret == Z_STREAM_END)
        return out;
    g_free(out);
    return NULL;
}

static bool uimage_payload(const struct loader *l, const struct file *f, struct file *payload, uint8_t **unpacked,
                           GError **err)
{
    *unpacked = NULL;
    payload->what = f->what;
    payload->path = f->path;
    payload->data = f->data + UIMAGE_HEADER;
    payload->len = ld32_be(f->data + UIMAGE_SIZE);
    switch (f->data[UIMAGE_COMP]) {
    case UIMAGE_COMP_NONE:
        return true;
    case UIMAGE_COMP_GZIP:
        *unpacked = gunzip(payload->data, payload->len, l->ram_size, &payload->len);
        payload->data = *unpacked;
        if (!*unpacked)
            return fail(f, err, "the gzip data in the uImage is damaged, or larger than RAM");
        return true;
    default:
        return fail(f, err, "the uImage is compressed by method %u; none and gzip are known", f->data[UIMAGE_COMP]);
    }
}

static bool add_uimage(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    struct file payload;
    g_autofree uint8_t *unpacked = NULL;
    uint64_t load, entry;

    if (!check_uimage(f, err) || !uimage_payload(l, f, &payload, &unpacked, err))
        return false;
    load = ld32_be(f->data + UIMAGE_LOAD);
    entry = ld32_be(f->data + UIMAGE_ENTRY);
    if (f->data[UIMAGE_TYPE] == UIMAGE_NOLOAD) {       /* position independent: entry counts from the data */
        load = l->ram_base + (f->is_64bit ? IMAGE64_OFFSET : ZIMAGE_OFFSET);
        entry += load;
    }
    if (!in_ram(l, entry, 1))
        return fail(f, err, "the entry point 0x%llx is outside RAM (0x%llx to 0x%llx)", (unsigned long long)entry,
                    (unsigned long long)l->ram_base, (unsigned long long)(l->ram_base + l->ram_size));
    if (!add_flat(l, &payload, load, KERNEL_UIMAGE, k, err))
        return false;
    k->entry = entry;
    k->linux_boot = f->data[UIMAGE_OS] == UIMAGE_OS_LINUX;
    return true;
}

/* ---- 64-bit Image ------------------------------------------------------------------------------ */

enum image64_field { IMAGE64_TEXT_OFFSET = 8, IMAGE64_SIZE = 16, IMAGE64_FLAGS = 24, IMAGE64_MAGIC = 56, IMAGE64_HEADER = 64 };
#define IMAGE64_ALIGN (2u << 20)         /* the kernel counts its offset from a multiple of this */
#define IMAGE64_STUB 4096                /* QEMU keeps this much at the start of RAM for itself; we place kernels as it does */

/* image_size takes the kernel's BSS in; 0 is a kernel before Linux 3.17, which does not say. */
static bool add_image64(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    uint64_t offset = ld64_le(f->data + IMAGE64_TEXT_OFFSET), size = ld64_le(f->data + IMAGE64_SIZE);

    if (f->len < IMAGE64_HEADER)
        return fail(f, err, "it is truncated: the header is not whole; fetch or copy it again");
    if (ld64_le(f->data + IMAGE64_FLAGS) & 1)
        return fail(f, err, "it is a big-endian kernel; this machine starts little-endian ones");
    if (!size)
        offset = IMAGE64_OFFSET;
    if (offset < IMAGE64_STUB)
        offset += IMAGE64_ALIGN;
    size = MAX(size, f->len);
    if (offset > l->ram_size || size > l->ram_size - offset)
        return fail(f, err, "it takes %" G_GUINT64_FORMAT " KiB from 0x%" G_GINT64_MODIFIER "x on, which do not fit into RAM; "
                    "give the machine more memory with -m", (size + 1023) / 1024, l->ram_base + offset);
    *k = (struct kernel){ .format = KERNEL_IMAGE, .linux_boot = true, .entry = l->ram_base + offset,
                          .low = l->ram_base + offset, .high = l->ram_base + offset + size };
    return loader_add(l, "kernel", f->path, k->entry, f->data, f->len, err);
}

/* ---- ELF --------------------------------------------------------------------------------------- */

/* Where fields of the two classes are. */
struct elf_layout {
    uint8_t class, entry, phoff, phentsize, phnum, header;
    uint8_t p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_header;
    bool wide;                   /* addresses and sizes have 8 bytes */
    uint16_t machine;
};
enum elf_field { E_CLASS = 4, E_DATA = 5, E_TYPE = 16, E_MACHINE = 18, P_TYPE = 0 };
enum elf_value { ELFCLASS32 = 1, ELFCLASS64 = 2, ELFDATA2LSB = 1, ET_EXEC = 2, EM_ARM = 40, EM_AARCH64 = 183, PT_LOAD = 1 };

static const struct elf_layout elf_layouts[2] = {
    { ELFCLASS32, 24, 28, 42, 44, 52, 4, 8, 12, 16, 20, 32, false, EM_ARM },
    { ELFCLASS64, 24, 32, 54, 56, 64, 8, 16, 24, 32, 40, 56, true, EM_AARCH64 },
};

static uint64_t elf_word(const struct elf_layout *e, const uint8_t *p)
{
    return e->wide ? ld64_le(p) : ld32_le(p);
}

static bool check_elf(const struct file *f, const struct elf_layout *e, GError **err)
{
    int bits = f->is_64bit ? 64 : 32;
    unsigned machine;

    if (f->len < E_MACHINE + 2)
        return fail(f, err, "it is truncated: the ELF header is not whole; fetch or copy it again");
    machine = f->data[E_DATA] == ELFDATA2LSB ? ld16_le(f->data + E_MACHINE) : ld16_be(f->data + E_MACHINE);
    if (machine != e->machine && (machine == EM_ARM || machine == EM_AARCH64))
        return fail(f, err, "it is an ELF file for %d-bit ARM, and the CPU is a %d-bit one; choose another, such as -cpu %s",
                    96 - bits, bits, f->is_64bit ? "cortex-a15" : "cortex-a57");
    if (machine != e->machine)
        return fail(f, err, "it is an ELF file for %s (machine %u); this machine takes %d-bit ARM ones",
                    elf_machine(machine), machine, bits);
    if (f->data[E_CLASS] != e->class || f->data[E_DATA] != ELFDATA2LSB)
        return fail(f, err, "it is not a %d-bit little-endian ELF file", bits);
    if (f->len < e->header)
        return fail(f, err, "it is truncated: the ELF header is not whole; fetch or copy it again");
    if (ld16_le(f->data + E_TYPE) != ET_EXEC)
        return fail(f, err, "it is an ELF file but no executable (type %u); link it to fixed addresses",
                    ld16_le(f->data + E_TYPE));
    if (ld16_le(f->data + e->phentsize) != e->p_header || !ld16_le(f->data + e->phnum))
        return fail(f, err, "it is an ELF file without usable program headers");
    return true;
}

static bool add_segment(struct loader *l, const struct file *f, const struct elf_layout *e, const uint8_t *ph,
                        struct kernel *k, GError **err)
{
    uint64_t offset = elf_word(e, ph + e->p_offset), filesz = elf_word(e, ph + e->p_filesz);
    uint64_t memsz = elf_word(e, ph + e->p_memsz), paddr = elf_word(e, ph + e->p_paddr);
    uint64_t vaddr = elf_word(e, ph + e->p_vaddr);
    g_autofree uint8_t *data = NULL;

    if (ld32_le(ph + P_TYPE) != PT_LOAD || !memsz)
        return true;
    if (offset > f->len || filesz > f->len - offset)
        return fail(f, err, "it is truncated: a segment lies beyond the file's end; fetch or copy it again");
    if (filesz > memsz)
        return fail(f, err, "a segment is larger in the file than in memory; the file is damaged");
    if (!in_ram(l, paddr, memsz))
        return does_not_fit(l, f->what, f->path, paddr, memsz, err);
    data = g_try_malloc0(memsz);
    if (!data)
        return fail(f, err, "no memory for a segment of %" G_GUINT64_FORMAT " bytes", memsz);
    memcpy(data, f->data + offset, filesz);
    if (!loader_add(l, f->what, f->path, paddr, data, memsz, err))
        return false;
    k->low = MIN(k->low, paddr);
    k->high = MAX(k->high, paddr + memsz);
    if (k->entry >= vaddr && k->entry - vaddr < memsz && k->entry == elf_word(e, f->data + e->entry))
        k->entry = k->entry - vaddr + paddr;     /* the MMU is off: enter at the physical address */
    return true;
}

static bool add_elf(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    const struct elf_layout *e = &elf_layouts[f->is_64bit];
    uint64_t phoff;
    uint32_t phnum;

    if (!check_elf(f, e, err))
        return false;
    phoff = elf_word(e, f->data + e->phoff);
    phnum = ld16_le(f->data + e->phnum);
    if (phoff > f->len || phnum * (uint64_t)e->p_header > f->len - phoff)
        return fail(f, err, "it is truncated: the program headers lie beyond the file's end; fetch or copy it again");
    *k = (struct kernel){ .format = KERNEL_ELF, .entry = elf_word(e, f->data + e->entry), .low = UINT64_MAX };
    for (uint32_t i = 0; i < phnum; i++)
        if (!add_segment(l, f, e, f->data + phoff + i * e->p_header, k, err))
            return false;
    if (!k->high)
        return fail(f, err, "it is an ELF file with nothing to load");
    return true;
}

/* ---- which is it ------------------------------------------------------------------------------- */

/* What is left when it has no header of more than one kind of CPU. */
static bool add_for_64bit(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    const char *whose;

    if (starts(f, IMAGE64_MAGIC, "ARM\x64", 4))
        return add_image64(l, f, k, err);
    if (is_zimage(f))
        return fail(f, err, "it is a 32-bit ARM kernel (zImage), and the CPU is a 64-bit one; choose another, such as -cpu cortex-a15");
    whose = foreign(f);
    if (whose)
        return fail(f, err, "%s", whose);
    return add_flat(l, f, l->ram_base + IMAGE64_OFFSET, KERNEL_RAW, k, err);
}

static bool add_for_32bit(struct loader *l, const struct file *f, struct kernel *k, GError **err)
{
    const char *whose;

    if (is_zimage(f))
        return add_zimage(l, f, k, err);
    whose = foreign(f);
    if (whose)
        return fail(f, err, "%s", whose);
    if (is_linux_image(f))
        return add_flat(l, f, l->ram_base + TEXT_OFFSET, KERNEL_IMAGE, k, err);
    return add_flat(l, f, l->ram_base + ZIMAGE_OFFSET, KERNEL_RAW, k, err);
}

bool loader_add_arm_kernel(struct loader *l, const char *path, bool is_64bit, struct kernel *k, GError **err)
{
    struct file f = { .what = "kernel", .path = path, .is_64bit = is_64bit };
    g_autofree uint8_t *data = loader_read("kernel", path, 0, &f.len, err), *unpacked = NULL;

    f.data = data;
    if (!data)
        return false;
    if (starts(&f, 0, "\x7f" "ELF", 4))
        return add_elf(l, &f, k, err);
    if (starts(&f, 0, UIMAGE_MAGIC, 4))
        return add_uimage(l, &f, k, err);
    if (is_64bit && starts(&f, 0, "\x1f\x8b", 2)) {
        f.data = unpacked = gunzip(data, f.len, l->ram_size, &f.len);
        if (!unpacked)
            return fail(&f, err, "its gzip data is damaged, or larger than RAM");
    }
    return is_64bit ? add_for_64bit(l, &f, k, err) : add_for_32bit(l, &f, k, err);
}

/* ---- images at an address that the user chose --------------------------------------------------- */

static bool outside_ram(const struct loader *l, const char *what, uint64_t addr, uint64_t len, GError **err)
{
    g_set_error(err, LOADER_ERROR, 0, "%s: %" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER "x are not all in RAM (0x%"
                G_GINT64_MODIFIER "x to 0x%" G_GINT64_MODIFIER "x); choose another addr=", what, len, addr, l->ram_base,
                l->ram_base + l->ram_size);
    return false;
}

bool loader_add_raw(struct loader *l, const char *what, const char *path, uint64_t addr, size_t *len, GError **err)
{
    g_autofree uint8_t *data = loader_read(what, path, 0, len, err);
    g_autofree char *name = g_strdup_printf("%s '%s'", what, path);

    if (!data)
        return false;
    return in_ram(l, addr, *len) ? loader_add(l, what, path, addr, data, *len, err) : outside_ram(l, name, addr, *len, err);
}

bool loader_add_data(struct loader *l, const char *what, uint64_t addr, const void *data, size_t len, GError **err)
{
    return in_ram(l, addr, len) ? loader_add(l, what, "", addr, data, len, err) : outside_ram(l, what, addr, len, err);
}

/* Intel's hexadecimal object file format: records begin with a colon and their length. */
static bool is_hex(const struct file *f)
{
    return f->len > 10 && f->data[0] == ':' && g_ascii_isxdigit(f->data[1]) && g_ascii_isxdigit(f->data[8]);
}

bool loader_add_file(struct loader *l, const char *path, bool is_64bit, uint64_t addr, uint64_t *entry, GError **err)
{
    struct file f = { .what = "file", .path = path, .is_64bit = is_64bit };
    g_autofree uint8_t *data = loader_read("file", path, 0, &f.len, err);
    struct kernel k = { .entry = addr };
    size_t len;
    bool ok;

    f.data = data;
    if (!data)
        return false;
    if (starts(&f, 0, "\x7f" "ELF", 4))
        ok = add_elf(l, &f, &k, err);
    else if (starts(&f, 0, UIMAGE_MAGIC, 4))
        ok = add_uimage(l, &f, &k, err);
    else if (is_hex(&f))
        ok = fail(&f, err, "it is in Intel's hex format; convert it (objcopy -I ihex -O binary), or load it as it is with force-raw=on");
    else if (!addr)
        ok = fail(&f, err, "it has no address of its own; add addr=ADDRESS");
    else
        ok = loader_add_raw(l, "file", path, addr, &len, err);
    *entry = k.entry;
    return ok;
}
