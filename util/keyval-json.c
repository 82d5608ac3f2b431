/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options written as a JSON object, where the program was built with json-glib. */
#include "config.h"

#include <gio/gio.h>
#ifdef CONFIG_JSON_GLIB
#include <json-glib/json-glib.h>
#endif

#include "util/keyval.h"

#ifdef CONFIG_JSON_GLIB
#define MAX_DEPTH 16

static bool bad(GError **err, const char *key, const char *why)
{
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "JSON: '%s': %s", key, why);
    return false;
}

static bool add_value(struct keyval *kv, const char *key, JsonNode *node, GError **err)
{
    GType type = json_node_get_value_type(node);
    g_autofree char *number = NULL;

    if (type == G_TYPE_STRING)
        keyval_add(kv, key, json_node_get_string(node));
    else if (type == G_TYPE_BOOLEAN)
        keyval_add(kv, key, json_node_get_boolean(node) ? "on" : "off");
    else if (type == G_TYPE_INT64)
        keyval_add(kv, key, number = g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node)));
    else
        return bad(err, key, "neither text, a whole number, true nor false");
    return true;
}

static bool add_object(struct keyval *kv, const char *prefix, JsonObject *object, int depth, GError **err)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &name, &node)) {
        g_autofree char *key = g_strconcat(prefix, name, NULL);
        g_autofree char *inner = g_strconcat(key, ".", NULL);

        if (!JSON_NODE_HOLDS_OBJECT(node)) {
            if (!JSON_NODE_HOLDS_VALUE(node))
                return bad(err, key, "neither an object nor a value");
            if (!add_value(kv, key, node, err))
                return false;
        } else if (depth == MAX_DEPTH) {
            return bad(err, key, "too many objects inside of each other");
        } else if (!add_object(kv, inner, json_node_get_object(node), depth + 1, err)) {
            return false;
        }
    }
    return true;
}

struct keyval *keyval_parse_json(const char *text, GError **err)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    struct keyval *kv;
    JsonNode *root;

    if (!json_parser_load_from_data(parser, text, -1, err)) {
        g_prefix_error(err, "not JSON: ");
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "JSON: it must be an object, {...}");
        return NULL;
    }
    kv = keyval_new();
    if (add_object(kv, "", json_node_get_object(root), 0, err))
        return kv;
    keyval_free(kv);
    return NULL;
}
#else
struct keyval *keyval_parse_json(const char *text, GError **err)
{
    (void)text;
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                "this program was built without json-glib (libjson-glib-dev) and reads no JSON; write key=value,...");
    return NULL;
}
#endif

struct keyval *keyval_parse_any(const char *text, const char *implied, GError **err)
{
    return text[0] == '{' ? keyval_parse_json(text, err) : keyval_parse(text, implied, err);
}
