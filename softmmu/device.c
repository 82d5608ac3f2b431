/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device types, properties, creation and wiring. The machine's own answers to devices are in machine.c. */
#include "config.h"
#include <string.h>
#include "softmmu/device.h"
#include "softmmu/machine.h"
#include "softmmu/names.h"
#include "util/keyval.h"

#define DEVICE_ERROR g_quark_from_static_string("device")

/* Types that constructors registered before main; read-only afterwards. */
static GPtrArray *types;

void device_register(const struct device_type *type)
{
    if (!types)
        types = g_ptr_array_new();
    g_ptr_array_add(types, (gpointer)type);
}

const struct device_type *device_type_find(const char *name)
{
    for (guint i = 0; types && i < types->len; i++) {
        const struct device_type *t = g_ptr_array_index(types, i);

        if (!strcmp(t->name, name) || !g_strcmp0(t->alias, name))
            return t;
    }
    return NULL;
}

static int compare_types(const void *a, const void *b)
{
    const struct device_type *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

const struct device_type **device_type_list(void)
{
    guint n = types ? types->len : 0;
    const struct device_type **list = g_new0(const struct device_type *, n + 1);

    for (guint i = 0; i < n; i++)
        list[i] = g_ptr_array_index(types, i);
    qsort(list, n, sizeof(*list), compare_types);
    return list;
}

static const char *nearest_type(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; types && i < types->len; i++) {
        const struct device_type *t = g_ptr_array_index(types, i);

        if (t->user_creatable)
            g_ptr_array_add(names, (gpointer)t->name);
    }
    g_ptr_array_add(names, NULL);
    return name_nearest(name, (const char *const *)names->pdata);
}

/* ---- properties ----------------------------------------------------------------------------- */

static void *field(struct device *dev, const struct device_prop *p)
{
    return (uint8_t *)dev + p->offset;
}

static const struct device_prop *find_prop(const struct device *dev,
                                           const char *name)
{
    for (const struct device_prop *p = dev->type->props; p && p->name; p++)
        if (!strcmp(p->name, name))
            return p;
    return NULL;
}

static void store_number(struct device *dev, const struct device_prop *p,
                         uint64_t v)
{
    switch (p->kind) {
    case PROP_BOOL:
        *(bool *)field(dev, p) = v != 0;
        break;
    case PROP_U32:
        *(uint32_t *)field(dev, p) = (uint32_t)v;
        break;
    case PROP_U64:
    case PROP_SIZE:
        *(uint64_t *)field(dev, p) = v;
        break;
    default:
        break;
    }
}

static bool bad_value(const struct device *dev, const char *name,
                      const char *value, const char *want, GError **err)
{
    g_set_error(err, DEVICE_ERROR, 0, "device '%s': %s=%s: not %s",
                dev->type->name, name, value, want);
    return false;
}

static bool no_prop(const struct device *dev, const char *name, GError **err)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const struct device_prop *p = dev->type->props; p && p->name; p++)
        g_ptr_array_add(names, (gpointer)p->name);
    g_ptr_array_add(names, "id");
    g_ptr_array_add(names, NULL);
    g_set_error(err, DEVICE_ERROR, 0,
                "device '%s' has no property '%s'; the nearest is '%s' "
                "(-device %s,help lists them)", dev->type->name, name,
                name_nearest(name, (const char *const *)names->pdata),
                dev->type->name);
    return false;
}

/* A service's front end: attach finds it by id. */
static bool set_backend(struct device *dev, const struct device_prop *p, const char *id,
                        void *(*attach)(void *, const char *, GError **), GError **err)
{
    void **where = field(dev, p);

    if (!attach)
        return bad_value(dev, p->name, id, "an id that is known", err);
    *where = attach(dev->machine->attach_opaque, id, err);
    return *where != NULL;
}

bool device_set_prop(struct device *dev, const char *name, const char *value,
                     GError **err)
{
    const struct device_prop *p = find_prop(dev, name);
    uint64_t v = 0;
    bool b;

    if (!strcmp(name, "id")) {
        g_free(dev->id);
        dev->id = g_strdup(value);
        return true;
    }
    if (!p)
        return no_prop(dev, name, err);
    switch (p->kind) {
    case PROP_BOOL:
        if (!keyval_parse_bool(value, &b))
            return bad_value(dev, name, value, "on or off", err);
        v = b;
        break;
    case PROP_U32:
        if (!keyval_parse_number(value, &v) || v > UINT32_MAX)
            return bad_value(dev, name, value, "a 32-bit number", err);
        break;
    case PROP_U64:
        if (!keyval_parse_number(value, &v))
            return bad_value(dev, name, value, "a number", err);
        break;
    case PROP_SIZE:
        if (!keyval_parse_size(value, 1, &v))
            return bad_value(dev, name, value, "a size", err);
        break;
    case PROP_STR:
        g_free(*(char **)field(dev, p));
        *(char **)field(dev, p) = g_strdup(value);
        return true;
    case PROP_CHARDEV:
        return set_backend(dev, p, value, dev->machine->attach_chardev, err);
    case PROP_DRIVE:
        return set_backend(dev, p, value, dev->machine->attach_drive, err);
    case PROP_NETDEV:
        return set_backend(dev, p, value, dev->machine->attach_netdev, err);
    }
    store_number(dev, p, v);
    return true;
}

static bool set_globals(struct device *dev, GError **err)
{
    const GPtrArray *globals = dev->machine->globals;

    for (guint i = 0; globals && i < globals->len; i++) {
        const struct device_global *g = g_ptr_array_index(globals, i);

        if (device_type_find(g->type) == dev->type && !device_set_prop(dev, g->prop, g->value, err)) {
            g_prefix_error(err, "-global %s.%s=%s: ", g->type, g->prop, g->value);
            return false;
        }
    }
    return true;
}

struct device *device_new(struct machine *m, const char *type, GError **err)
{
    const struct device_type *t = device_type_find(type);
    struct device *dev;

    if (!t) {
        g_set_error(err, DEVICE_ERROR, 0,
                    "no device type '%s'; the nearest is '%s' (-device help "
                    "lists them)", type, nearest_type(type));
        return NULL;
    }
    dev = g_malloc0(t->size);
    dev->type = t;
    dev->machine = m;
    for (const struct device_prop *p = t->props; p && p->name; p++)
        store_number(dev, p, p->def);
    g_ptr_array_add(m->devices, dev);
    return set_globals(dev, err) ? dev : NULL;
}

void device_set_u64(struct device *dev, const char *name, uint64_t value)
{
    const struct device_prop *p = find_prop(dev, name);

    g_assert(p && p->kind <= PROP_SIZE);
    store_number(dev, p, value);
}

void device_set_drive(struct device *dev, const char *name, struct block *image)
{
    const struct device_prop *p = find_prop(dev, name);

    g_assert(p && p->kind == PROP_DRIVE);
    *(struct block **)field(dev, p) = image;
}

void device_set_chardev(struct device *dev, const char *name,
                        struct chardev *chr)
{
    const struct device_prop *p = find_prop(dev, name);

    g_assert(p && p->kind == PROP_CHARDEV);
    *(struct chardev **)field(dev, p) = chr;
}

void device_type_help(const struct device_type *type, FILE *f)
{
    static const char *const kinds[] = { "bool", "u32", "u64", "size", "str",
                                         "chardev", "drive", "netdev" };

    fprintf(f, "%s: %s\n", type->name, type->desc);
    for (const struct device_prop *p = type->props; p && p->name; p++)
        fprintf(f, "  %s=<%s>  %s\n", p->name, kinds[p->kind], p->desc);
}

/* ---- life ----------------------------------------------------------------------------------- */

bool device_realize(struct device *dev, GError **err)
{
    if (dev->type->realize && !dev->type->realize(dev, err)) {
        g_prefix_error(err, "device '%s': ", dev->type->name);
        return false;
    }
    dev->realized = true;
    return true;
}

void device_reset(struct device *dev)
{
    if (dev->realized && dev->type->reset)
        dev->type->reset(dev);
}

void device_free(struct device *dev)
{
    if (dev->realized && dev->type->unrealize)
        dev->type->unrealize(dev);
    for (const struct device_prop *p = dev->type->props; p && p->name; p++)
        if (p->kind == PROP_STR)
            g_free(*(char **)field(dev, p));
    irq_free_array(dev->in);
    g_free(dev->out);
    g_free(dev->id);
    g_free(dev);
}

void device_init_mmio(struct device *dev, int n, const char *name,
                      const struct mmio_ops *ops, void *opaque, uint64_t size)
{
    g_assert(n >= 0 && n < DEVICE_MAX_MMIO);
    dev->mmio[n] = (struct device_mmio){ .name = name, .size = size, .ops = ops, .opaque = opaque };
}

void device_init_rom(struct device *dev, int n, const char *name, const struct mmio_ops *ops, void *opaque, uint64_t size,
                     void *memory)
{
    device_init_mmio(dev, n, name, ops, opaque, size);
    dev->mmio[n].memory = memory;
}

void device_init_out(struct device *dev, int count)
{
    dev->out = g_new0(struct irq *, count);
    dev->nout = count;
}

void device_init_in(struct device *dev, irq_handler handler, int count)
{
    dev->in = irq_new_array(handler, dev, count);
    dev->nin = count;
}

void device_map(struct device *dev, int n, uint64_t paddr)
{
    struct device_mmio *mm = &dev->mmio[n];

    g_assert(mm->ops);
    mm->paddr = paddr;
    if (mm->memory)
        bus_add_rom_device(device_bus(dev), mm->name, paddr, mm->size, mm->memory, mm->ops, mm->opaque);
    else
        bus_add_mmio(device_bus(dev), mm->name, paddr, mm->size, mm->ops,
                 mm->opaque);
}

void device_map_io(struct device *dev, int n, uint16_t port)
{
    struct device_mmio *mm = &dev->mmio[n];

    g_assert(mm->ops && !mm->memory);
    mm->paddr = port;
    bus_add_mmio(device_io_bus(dev), mm->name, port, mm->size, mm->ops, mm->opaque);
}

void device_connect(struct device *dev, int out, struct irq *to)
{
    g_assert(out >= 0 && out < dev->nout);
    dev->out[out] = to;
}

struct irq *device_in(struct device *dev, int n)
{
    g_assert(n >= 0 && n < dev->nin);
    return &dev->in[n];
}
