/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that several boards read alike: see common.h. */
#include "config.h"
#include <string.h>
#include "hw/boards/common.h"
#include "hw/misc/fw-cfg.h"
#include "softmmu/loader.h"
#include "softmmu/machine.h"
#include "util/keyval.h"

static bool fail(struct machine *m, GError **err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool fail(struct machine *m, GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, g_quark_from_static_string("board"), 0, "machine %s: %s", m->board->name, text);
    return false;
}

bool board_flash_image(struct machine *m, int bank, struct block **image, GError **err)
{
    g_autofree char *name = g_strdup_printf("pflash%d", bank);
    const char *id = m->config.props ? g_hash_table_lookup(m->config.props, name) : NULL;

    *image = m->pflash[bank];
    if (!id)
        return true;
    if (*image)
        return fail(m, err, "%s=%s: -drive if=pflash,unit=%d is there, too", name, id, bank);
    if (!m->attach_drive)
        return fail(m, err, "%s=%s: there are no drives", name, id);
    *image = m->attach_drive(m->attach_opaque, id, err);
    if (!*image)
        g_prefix_error(err, "machine %s: %s=%s: ", m->board->name, name, id);
    return *image != NULL;
}

/* One -fw_cfg. */
static bool add_option(struct machine *m, struct device *fw_cfg, const char *text, GError **err)
{
    struct keyval *kv = keyval_parse(text, "name", err);
    const char *name, *path, *string;
    g_autofree uint8_t *data = NULL;
    size_t len = 0;
    bool ok;

    if (!kv)
        return false;
    name = keyval_get(kv, "name");
    path = keyval_get(kv, "file");
    string = keyval_get(kv, "string");
    ok = keyval_finish(kv, "-fw_cfg", "name, file, string", err);
    if (ok && (!name || !path == !string))
        ok = fail(m, err, "-fw_cfg %s: it needs name=NAME and one of file=FILE and string=TEXT", text);
    if (ok && string) {
        data = (uint8_t *)g_strdup(string);
        len = strlen(string);
    } else if (ok) {
        data = loader_read("fw_cfg file", path, UINT32_MAX, &len, err);
    }
    ok = ok && data && fw_cfg_add_file(fw_cfg, name, data, (uint32_t)len, err);
    keyval_free(kv);
    return ok;
}

bool board_add_fw_cfg_files(struct machine *m, struct device *fw_cfg, GError **err)
{
    for (guint i = 0; m->boot.fw_cfg && i < m->boot.fw_cfg->len; i++)
        if (!add_option(m, fw_cfg, g_ptr_array_index(m->boot.fw_cfg, i), err))
            return false;
    return true;
}

bool board_add_fw_cfg_item(struct device *fw_cfg, const char *what, const char *path, uint16_t size_key, uint16_t data_key, GError **err)
{
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (!path)
        return true;
    data = loader_read(what, path, UINT32_MAX, &len, err);
    if (!data)
        return false;
    fw_cfg_add_u32(fw_cfg, size_key, (uint32_t)len);
    fw_cfg_add(fw_cfg, data_key, data, (uint32_t)len);
    return true;
}
