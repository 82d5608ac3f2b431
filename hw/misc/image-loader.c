/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -device loader and -device guest-loader: what the user wants in guest memory at every reset. They are no hardware; properties are those
 * of QEMU's devices of these names.
 *
 * loader         a file (ELF and uImage go where they say, others to addr), or data-len bytes of data; cpu-num: that CPU starts there
 * guest-loader   the kernel or RAM disk of a hypervisor's first guest, and a node /chosen/module@ADDR that tells the hypervisor (Xen's
 *                docs/misc/arm/device-tree/booting.txt)
 *
 * Not modelled: data for device registers (RAM only), files in Intel's hex format.
 */
#include "config.h"
#include <string.h>
#include "hw/misc/image-loader.h"
#include "softmmu/device.h"
#include "softmmu/fdt.h"
#include "softmmu/loader.h"
#include "util/endian.h"

#define IMAGE_ERROR g_quark_from_static_string("image-loader")
#define NO_CPU UINT32_MAX

struct image_device {
    struct device dev;
    struct image_target to;
    uint64_t addr, data;
    uint32_t data_len, cpu;
    bool data_be, force_raw;
    char *file, *kernel, *initrd, *bootargs;
    uint64_t entry;
};

static bool fail(GError **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, IMAGE_ERROR, 0, text);
    return false;
}

/* ---- loader ------------------------------------------------------------------------------------ */

static bool check_loader(const struct image_device *s, GError **err)
{
    if (s->cpu != NO_CPU && s->cpu >= s->to.ncpus)
        return fail(err, "cpu-num=%u: there are CPUs 0 to %u", s->cpu, s->to.ncpus - 1);
    if (s->file && (s->data || s->data_len))
        return fail(err, "file=%s and data are two things; give each a loader of its own", s->file);
    if (!s->file && s->force_raw)
        return fail(err, "force-raw=on goes with file=FILE only");
    if (!s->file && (s->data || s->data_be) && !s->data_len)
        return fail(err, "data needs data-len=BYTES, 1 to 8");
    if (s->data_len > 8)
        return fail(err, "data-len=%u: it is 1 to 8 bytes; give more with file=FILE", s->data_len);
    if (!s->file && !s->data_len && s->cpu == NO_CPU)
        return fail(err, "nothing to load: give file=FILE, or data=VALUE,data-len=BYTES, or cpu-num=CPU to start it at addr");
    return true;
}

static bool load_data(struct image_device *s, GError **err)
{
    g_autofree char *what = g_strdup_printf("data=0x%" G_GINT64_MODIFIER "x", s->data);
    uint8_t bytes[8];

    if (s->data_be)
        st64_be(bytes, s->data << (64 - 8 * s->data_len));
    else
        st64_le(bytes, s->data);
    return loader_add_data(s->to.loader, what, s->addr, bytes, s->data_len, err);
}

static bool loader_realize(struct device *dev, GError **err)
{
    struct image_device *s = (struct image_device *)dev;
    size_t len;

    if (!check_loader(s, err))
        return false;
    s->entry = s->addr;
    if (s->data_len)
        return load_data(s, err);
    if (!s->file)
        return true;
    if (s->force_raw)
        return loader_add_raw(s->to.loader, "file", s->file, s->addr, &len, err);
    return loader_add_file(s->to.loader, s->file, s->to.is_64bit, s->addr, &s->entry, err);
}

/* ---- guest-loader ------------------------------------------------------------------------------ */

static bool check_guest(const struct image_device *s, const char *node, GError **err)
{
    if (!s->addr)
        return fail(err, "it needs addr=ADDRESS, where the guest's image goes in RAM");
    if (!s->kernel && !s->initrd)
        return fail(err, "it needs kernel=FILE or initrd=FILE");
    if (s->kernel && s->initrd)
        return fail(err, "kernel=%s and initrd=%s are two things; give each a guest-loader of its own", s->kernel, s->initrd);
    if (s->bootargs && !s->kernel)
        return fail(err, "bootargs=%s goes with kernel=FILE only", s->bootargs);
    if (fdt_has_node(s->to.fdt, node))
        return fail(err, "addr=0x%" G_GINT64_MODIFIER "x: there is a module at this address already", s->addr);
    return true;
}

static bool guest_realize(struct device *dev, GError **err)
{
    static const char kernel[] = "multiboot,module\0multiboot,kernel", initrd[] = "multiboot,module\0multiboot,ramdisk";
    struct image_device *s = (struct image_device *)dev;
    g_autofree char *node = g_strdup_printf("/chosen/module@0x%08" G_GINT64_MODIFIER "x", s->addr);
    struct fdt *f = s->to.fdt;
    size_t len;

    if (!check_guest(s, node, err) || !loader_add_raw(s->to.loader, s->kernel ? "guest's kernel" : "guest's initrd",
                                                      s->kernel ? s->kernel : s->initrd, s->addr, &len, err))
        return false;
    fdt_add_node(f, node);
    FDT_CELLS(f, node, "reg", (uint32_t)(s->addr >> 32), (uint32_t)s->addr, (uint32_t)((uint64_t)len >> 32), (uint32_t)len);
    if (s->kernel)
        fdt_set_bytes(f, node, "compatible", kernel, sizeof(kernel));
    else
        fdt_set_bytes(f, node, "compatible", initrd, sizeof(initrd));
    if (s->bootargs)
        fdt_set_string(f, node, "bootargs", s->bootargs);
    return true;
}

/* ---- types ------------------------------------------------------------------------------------- */

#define P(field, name, kind, def, desc) PROP(struct image_device, field, name, kind, def, desc)
static const struct device_prop loader_props[] = {
    P(addr, "addr", PROP_U64, 0, "address in RAM, or of the code that cpu-num shall start"),
    P(file, "file", PROP_STR, 0, "file: ELF, uImage, or raw bytes"),
    P(force_raw, "force-raw", PROP_BOOL, false, "load the file as it is, whatever its format"),
    P(data, "data", PROP_U64, 0, "a number instead of a file"),
    P(data_len, "data-len", PROP_U32, 0, "bytes of data that are stored, 1 to 8"),
    P(data_be, "data-be", PROP_BOOL, false, "store data in big-endian order"),
    P(cpu, "cpu-num", PROP_U32, NO_CPU, "CPU that starts at the file's entry point, or at addr"),
    PROP_END
};
static const struct device_prop guest_props[] = {
    P(addr, "addr", PROP_U64, 0, "address in RAM"),
    P(kernel, "kernel", PROP_STR, 0, "the guest's kernel"),
    P(bootargs, "bootargs", PROP_STR, 0, "the kernel's command line"),
    P(initrd, "initrd", PROP_STR, 0, "the guest's RAM disk"),
    PROP_END
};
static const struct state_field image_state[] = { STATE_END };

static const struct device_type loader_type = {
    .name = "loader", .desc = "image or value for memory, start address of a CPU", .size = sizeof(struct image_device),
    .user_creatable = true, .props = loader_props, .state = image_state, .realize = loader_realize,
};
DEVICE_REGISTER(loader_type)

static const struct device_type guest_type = {
    .name = "guest-loader", .desc = "kernel or RAM disk of a hypervisor's first guest", .size = sizeof(struct image_device),
    .user_creatable = true, .props = guest_props, .state = image_state, .realize = guest_realize,
};
DEVICE_REGISTER(guest_type)

bool image_loader_is(const struct device *dev)
{
    return dev->type == &loader_type || dev->type == &guest_type;
}

void image_loader_set_target(struct device *dev, const struct image_target *to)
{
    ((struct image_device *)dev)->to = *to;
}

bool image_loader_start(const struct device *dev, uint32_t *cpu, uint64_t *entry)
{
    const struct image_device *s = (const struct image_device *)dev;

    *cpu = s->cpu;
    *entry = s->entry;
    return dev->type == &loader_type && s->cpu != NO_CPU;
}
