/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine's networks: -netdev, -nic, -net, -object filter-dump, back ends by id, addresses of cards. */
#include "config.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "net/internal.h"
#include "softmmu/names.h"

#define DEFAULT_CARD "virtio-net-device"
#define MAX_DEFAULT_MAC 256

typedef struct keyval keyval_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(keyval_auto, keyval_free)

struct net {
    struct event_loop *loop;
    struct clock *clock;
    struct chardev_registry *chardevs;
    GPtrArray *list;             /* struct netdev * */
    GHashTable *macs;            /* "52:54:...": taken addresses */
    GPtrArray *cards;            /* char *: -device texts */
    const char *card, *virtio;   /* types of cards: the machine's usual one, that of virtio */
    unsigned next_mac, next_nic;
    char *old_back, *old_card;   /* of -net: the back end's id, the card's text; NULL: not given */
};

static const struct netdev_kind *const kinds[] = {
#ifdef CONFIG_SLIRP
    &net_kind_user,
#endif
    &net_kind_tap, &net_kind_socket, &net_kind_stream, &net_kind_dgram,
};

bool net_fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, g_quark_from_static_string("net"), 0, text);
    return false;
}

bool netdev_fail(const struct netdev *nd, GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return net_fail(err, "-netdev %s,id=%s: %s", nd->kind->name, nd->id, text);
}

struct event_loop *netdev_loop(const struct netdev *nd)
{
    return nd->net->loop;
}

struct clock *netdev_clock(const struct netdev *nd)
{
    return nd->net->clock;
}

struct chardev_registry *netdev_chardevs(const struct netdev *nd)
{
    return nd->net->chardevs;
}

/* ---- back ends --------------------------------------------------------------------------------- */

static void filter_free(gpointer p)
{
    struct net_filter *f = p;

    g_free(f->id);
    f->free(f);
}

static void netdev_close(struct netdev *nd)
{
    if (nd->close)
        nd->close(nd);
    nd->close = NULL;
    net_port_fini(&nd->back);
    g_ptr_array_set_size(nd->filters, 0);
}

static void netdev_free(gpointer p)
{
    struct netdev *nd = p;

    netdev_close(nd);
    net_port_fini(&nd->card);
    g_ptr_array_free(nd->filters, TRUE);
    g_free(nd->id);
    g_free(nd);
}

static struct netdev *find(const struct net *n, const char *id)
{
    for (guint i = 0; i < n->list->len; i++) {
        struct netdev *nd = g_ptr_array_index(n->list, i);

        if (!strcmp(nd->id, id))
            return nd;
    }
    return NULL;
}

/* option and spec: what the user wrote, for errors. */
static const struct netdev_kind *find_kind(const char *name, const char *option, const char *spec, GError **err)
{
    const char *names[G_N_ELEMENTS(kinds) + 1] = { NULL };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!strcmp(kinds[i]->name, name))
            return kinds[i];
        names[i] = kinds[i]->name;
    }
    if (!strcmp(name, "user"))
        net_fail(err, "%s %s: this build has no user networking; install libslirp-dev and configure again", option, spec);
    else
        net_fail(err, "%s %s: no kind of network '%s'; the nearest is '%s' (-netdev help lists them)", option, spec, name,
                 name_nearest(name, names));
    return NULL;
}

/* Keys beside those of the kind; of a -nic's card. */
static const char *const common_keys[] = { "type", "id", NULL };
static const char *const card_keys[] = { "type", "id", "model", "mac", "macaddr", "name", NULL };

static bool check_keys(const struct netdev *nd, const struct keyval *kv, const char *const *more, GError **err)
{
    const char *key, *value;

    for (unsigned i = 0; (key = keyval_at(kv, i, &value)); i++)
        if (!g_strv_contains(nd->kind->options, key) && !g_strv_contains(more, key))
            return netdev_fail(nd, err, "no option '%s'; the nearest is '%s' (-netdev help lists them)", key,
                               name_nearest(key, nd->kind->options));
    return true;
}

/* kv: the back end's options and those in `more`. */
static struct netdev *make(struct net *n, const struct netdev_kind *kind, const char *id, struct keyval *kv,
                           const char *const *more, GError **err)
{
    struct netdev *nd;

    if (find(n, id)) {
        net_fail(err, "-netdev %s,id=%s: the id is taken by another network", kind->name, id);
        return NULL;
    }
    nd = g_new0(struct netdev, 1);
    nd->net = n;
    nd->id = g_strdup(id);
    nd->kind = kind;
    nd->filters = g_ptr_array_new_with_free_func(filter_free);
    nd->back.nd = nd->card.nd = nd;
    nd->back.peer = &nd->card;
    nd->card.peer = &nd->back;
    g_queue_init(&nd->back.waiting);
    g_queue_init(&nd->card.waiting);
    if (check_keys(nd, kv, more, err) && kind->make(nd, kv, err)) {
        g_ptr_array_add(n->list, nd);
        return nd;
    }
    netdev_free(nd);
    return NULL;
}

bool net_add(struct net *n, const char *spec, GError **err)
{
    g_autoptr(keyval_auto) kv = keyval_parse_any(spec, "type", err);
    const char *type = kv ? keyval_get(kv, "type") : NULL, *id = kv ? keyval_get(kv, "id") : NULL;
    const struct netdev_kind *kind;

    if (!kv)
        return false;
    if (!type)
        return net_fail(err, "-netdev %s: no kind of network given (-netdev help lists them)", spec);
    kind = find_kind(type, "-netdev", spec, err);
    if (!kind)
        return false;
    if (!id)
        return net_fail(err, "-netdev %s: it needs id=ID, for -device virtio-net-device,netdev=ID", spec);
    return make(n, kind, id, kv, common_keys, err) != NULL;
}

struct netdev *net_attach(struct net *n, const char *id, GError **err)
{
    struct netdev *nd = find(n, id);

    if (!nd || nd->taken) {
        const char **ids = g_new0(const char *, n->list->len + 1);

        for (guint i = 0; i < n->list->len; i++)
            ids[i] = ((struct netdev *)g_ptr_array_index(n->list, i))->id;
        if (nd)
            net_fail(err, "netdev=%s: another device has it", id);
        else if (ids[0])
            net_fail(err, "netdev=%s: there is no -netdev with this id; the nearest is '%s'", id, name_nearest(id, ids));
        else
            net_fail(err, "netdev=%s: there is no -netdev with this id", id);
        g_free(ids);
        return NULL;
    }
    nd->taken = true;
    return nd;
}

/* ---- -nic, -net -------------------------------------------------------------------------------- */

void net_set_cards(struct net *n, const char *usual, const char *virtio)
{
    n->virtio = virtio ? virtio : DEFAULT_CARD;
    n->card = usual ? usual : n->virtio;
}

/* Cards that fit where virtio's goes on PCI */
static bool is_pci_card(const struct net *n, const char *model)
{
    return !strcmp(n->virtio, "virtio-net-pci") && (!strcmp(model, "e1000") || !strcmp(model, "e1000-82540em"));
}

/* "virtio-net-device,netdev=ID,mac=..", from a -nic's or -net nic's options. */
static char *card_text(const struct net *n, const char *id, struct keyval *kv, GError **err)
{
    const char *model = keyval_get(kv, "model"), *mac = keyval_get(kv, "mac"), *macaddr = keyval_get(kv, "macaddr");

    if (model && (!strcmp(model, "virtio") || !strcmp(model, "virtio-net")))
        model = n->virtio;
    if (model && !g_str_has_prefix(model, "virtio-net") && strcmp(model, n->card) && !is_pci_card(n, model)) {
        net_fail(err, "-nic model=%s: no such network card; the nearest is '%s'", model, n->card);
        return NULL;
    }
    mac = mac ? mac : macaddr;
    return g_strdup_printf("%s,netdev=%s%s%s", model ? model : n->card, id, mac ? ",mac=" : "", mac ? mac : "");
}

/* A back end of -nic or -net, with an id of ours when it has none. */
static struct netdev *make_for_card(struct net *n, const char *option, const char *spec, struct keyval *kv, GError **err)
{
    const char *type = keyval_get(kv, "type"), *id = keyval_get(kv, "id");
    const struct netdev_kind *kind = find_kind(type ? type : "user", option, spec, err);
    g_autofree char *made = id ? NULL : g_strdup_printf("nic%u", n->next_nic++);

    return kind ? make(n, kind, id ? id : made, kv, card_keys, err) : NULL;
}

static bool add_card(struct net *n, const char *id, struct keyval *kv, GError **err)
{
    char *text = card_text(n, id, kv, err);

    if (text)
        g_ptr_array_add(n->cards, text);
    return text != NULL;
}

static bool is_none(const char *spec)
{
    return !strcmp(spec, "none") || !strcmp(spec, "type=none");
}

bool net_add_nic(struct net *n, const char *spec, GError **err)
{
    g_autoptr(keyval_auto) kv = NULL;
    struct netdev *nd;

    if (is_none(spec))
        return true;
    kv = keyval_parse(spec, "type", err);
    nd = kv ? make_for_card(n, "-nic", spec, kv, err) : NULL;
    return nd && add_card(n, nd->id, kv, err);
}

/* Both halves of -net are there. */
static bool join_old(struct net *n, GError **err)
{
    g_autoptr(keyval_auto) kv = keyval_parse(n->old_card, "type", err);
    const char *key, *value;

    for (unsigned i = 0; kv && (key = keyval_at(kv, i, &value)); i++)
        if (!g_strv_contains(card_keys, key))
            return net_fail(err, "-net %s: no option '%s'; the nearest is '%s'", n->old_card, key, name_nearest(key, card_keys));
    return kv && add_card(n, n->old_back, kv, err);
}

bool net_add_old(struct net *n, const char *spec, GError **err)
{
    bool card = !strcmp(spec, "nic") || g_str_has_prefix(spec, "nic,");
    char **half = card ? &n->old_card : &n->old_back;
    g_autoptr(keyval_auto) kv = NULL;
    struct netdev *nd;

    if (is_none(spec))
        return true;
    if (*half)
        return net_fail(err, "-net %s: this network has its %s already; use -nic for more", spec, card ? "card" : "back end");
    if (card) {
        n->old_card = g_strdup(spec);
    } else {
        kv = keyval_parse(spec, "type", err);
        nd = kv ? make_for_card(n, "-net", spec, kv, err) : NULL;
        if (!nd)
            return false;
        n->old_back = g_strdup(nd->id);
    }
    return !n->old_card || !n->old_back || join_old(n, err);
}

bool net_add_default(struct net *n, GError **err)
{
#ifdef CONFIG_SLIRP
    return net_add_nic(n, "user", err);
#else
    (void)n;
    (void)err;
    return true;
#endif
}

const char *net_card(const struct net *n, unsigned i)
{
    return i < n->cards->len ? g_ptr_array_index(n->cards, i) : NULL;
}

/* ---- -object ----------------------------------------------------------------------------------- */

bool net_add_object(struct net *n, const char *spec, GError **err)
{
    static const char *const keys[] = { "qom-type", "id", "netdev", "file", "maxlen", NULL };
    g_autoptr(keyval_auto) kv = keyval_parse_any(spec, "qom-type", err);
    const char *type, *id, *netdev, *key, *value;
    struct net_filter *f;
    struct netdev *nd;

    if (!kv)
        return false;
    type = keyval_get(kv, "qom-type");
    id = keyval_get(kv, "id");
    netdev = keyval_get(kv, "netdev");
    if (!type || strcmp(type, "filter-dump"))
        return net_fail(err, "-object %s: no such kind of object; there is 'filter-dump'", spec);
    for (unsigned i = 0; (key = keyval_at(kv, i, &value)); i++)
        if (!g_strv_contains(keys, key))
            return net_fail(err, "-object %s: no option '%s'; the nearest is '%s'", spec, key, name_nearest(key, keys));
    if (!id || !netdev)
        return net_fail(err, "-object %s: it needs %s", spec, id ? "netdev=ID" : "id=ID");
    nd = find(n, netdev);
    if (!nd)
        return net_fail(err, "-object %s: there is no network with the id '%s'", spec, netdev);
    f = net_dump_new(kv, id, err);
    if (!f)
        return false;
    f->id = g_strdup(id);
    g_ptr_array_add(nd->filters, f);
    return true;
}

/* ---- addresses --------------------------------------------------------------------------------- */

static bool parse_mac(const char *text, uint8_t mac[NET_MAC_LEN])
{
    g_auto(GStrv) parts = g_strsplit_set(text, ":-", -1);

    if (g_strv_length(parts) != NET_MAC_LEN)
        return false;
    for (int i = 0; i < NET_MAC_LEN; i++) {
        size_t len = strlen(parts[i]);

        if (!len || len > 2 || strspn(parts[i], "0123456789abcdefABCDEF") != len)
            return false;
        mac[i] = (uint8_t)strtoul(parts[i], NULL, 16);
    }
    return true;
}

bool netdev_mac(struct netdev *nd, const char *text, uint8_t mac[NET_MAC_LEN], GError **err)
{
    static const uint8_t first[NET_MAC_LEN] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
    struct net *n = nd->net;
    char *name;

    if (text && (!parse_mac(text, mac) || mac[0] & 1))
        return net_fail(err, "mac=%s: not the address of a card; write it as 52:54:00:12:34:56", text);
    do {
        if (!text) {
            memcpy(mac, first, NET_MAC_LEN);
            mac[NET_MAC_LEN - 1] = (uint8_t)(first[NET_MAC_LEN - 1] + n->next_mac++ % MAX_DEFAULT_MAC);
        }
        name = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    } while (!g_hash_table_add(n->macs, name) && !text && n->next_mac < MAX_DEFAULT_MAC);
    return true;
}

/* ---- life -------------------------------------------------------------------------------------- */

struct net *net_new(struct event_loop *loop, struct clock *clock, struct chardev_registry *chardevs)
{
    struct net *n = g_new0(struct net, 1);

    n->loop = loop;
    net_set_cards(n, NULL, NULL);
    n->clock = clock;
    n->chardevs = chardevs;
    n->list = g_ptr_array_new_with_free_func(netdev_free);
    n->cards = g_ptr_array_new_with_free_func(g_free);
    n->macs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return n;
}

void net_warn_unused(const struct net *n, FILE *f)
{
    for (guint i = 0; i < n->list->len; i++) {
        const struct netdev *nd = g_ptr_array_index(n->list, i);

        if (!nd->card.ops)
            fprintf(f, "warning: netdev %s has no peer: no -device has netdev=%s\n", nd->id, nd->id);
    }
}

void net_help(FILE *f)
{
    fprintf(f, "Available netdev backend types:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        fprintf(f, "%s  %s\n", kinds[i]->name, kinds[i]->help);
        for (int k = 0; kinds[i]->options[k]; k++)
            fprintf(f, "%s%s", k ? "," : "    ", kinds[i]->options[k]);
        fprintf(f, "\n");
    }
}

void net_close(struct net *n)
{
    for (guint i = 0; n && i < n->list->len; i++)
        netdev_close(g_ptr_array_index(n->list, i));
}

void net_free(struct net *n)
{
    if (!n)
        return;
    g_ptr_array_free(n->list, TRUE);
    g_ptr_array_free(n->cards, TRUE);
    g_hash_table_destroy(n->macs);
    g_free(n->old_back);
    g_free(n->old_card);
    g_free(n);
}
