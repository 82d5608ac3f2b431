/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of -netdev user. */
#include "config.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "net/internal.h"
#include "net/slirp-options.h"

/* What the guest sees unless it is told otherwise: 10.0.2.0/24, with the host at .2, DNS at .3, and DHCP from .15. */
#define HOST_PART 0x0202u
#define DNS_PART 0x0203u
#define DHCP_PART 0x020fu
#define DEFAULT_PREFIX6 "fec0::"
#define DEFAULT_PREFIX6_LEN 64

const char *const user_option_names[] = {
    "ipv4", "net", "host", "ipv6", "ipv6-net", "ipv6-prefix", "ipv6-prefixlen", "ipv6-host", "restrict", "hostname", "dhcpstart",
    "dns", "ipv6-dns", "dnssearch", "domainname", "tftp", "tftp-server-name", "bootfile", "hostfwd", "guestfwd", "smb",
    "smbserver", NULL
};

/* ---- addresses --------------------------------------------------------------------------------- */

static bool get_ip4(struct keyval *kv, const char *key, struct in_addr *out, GError **err)
{
    const char *text = keyval_get(kv, key);

    if (!text || inet_pton(AF_INET, text, out) == 1)
        return true;
    return net_fail(err, "%s=%s: not an IPv4 address", key, text);
}

static bool get_ip6(struct keyval *kv, const char *key, struct in6_addr *out, GError **err)
{
    const char *text = keyval_get(kv, key);

    if (!text || inet_pton(AF_INET6, text, out) == 1)
        return true;
    return net_fail(err, "%s=%s: not an IPv6 address", key, text);
}

/* Without a mask, the class of the address decides. */
static uint32_t class_mask(uint32_t addr)
{
    if (!(addr >> 31))
        return 0xff000000;
    return addr >> 30 == 2 ? 0xffff0000 : 0xffffff00;
}

static bool parse_mask(const char *text, uint32_t *mask)
{
    struct in_addr a;
    uint64_t bits;

    if (strchr(text, '.')) {
        if (inet_pton(AF_INET, text, &a) != 1)
            return false;
        *mask = ntohl(a.s_addr);
        return !(~*mask & (~*mask + 1)) && *mask;        /* ones, then zeros */
    }
    if (!keyval_parse_number(text, &bits) || bits < 4 || bits > 30)
        return false;
    *mask = ~(UINT32_MAX >> bits);
    return true;
}

static bool parse_net(struct user_options *o, const char *text, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "10.0.2.0/24", "/", 2);
    uint32_t mask = 0;

    if (inet_pton(AF_INET, parts[0], &o->net) != 1 || (parts[1] && !parse_mask(parts[1], &mask)))
        return net_fail(err, "net=%s: write it as ADDRESS/BITS, such as 10.0.2.0/24", text);
    if (!parts[1])
        mask = class_mask(ntohl(o->net.s_addr));
    o->mask.s_addr = htonl(mask);
    o->net.s_addr &= o->mask.s_addr;
    o->host.s_addr = o->net.s_addr | htonl(HOST_PART & ~mask);
    o->dns.s_addr = o->net.s_addr | htonl(DNS_PART & ~mask);
    o->dhcp.s_addr = o->net.s_addr | htonl(DHCP_PART & ~mask);
    return true;
}

static bool in_net(const struct user_options *o, const char *key, struct in_addr a, GError **err)
{
    char name[INET_ADDRSTRLEN], net[INET_ADDRSTRLEN];
    uint32_t host = ntohl(a.s_addr & ~o->mask.s_addr);

    if ((a.s_addr & o->mask.s_addr) == o->net.s_addr && host && host != ~ntohl(o->mask.s_addr))
        return true;
    inet_ntop(AF_INET, &a, name, sizeof(name));
    inet_ntop(AF_INET, &o->net, net, sizeof(net));
    return net_fail(err, "%s=%s: not the address of a host in the network %s (net=)", key, name, net);
}

static bool parse_ip4(struct user_options *o, struct keyval *kv, GError **err)
{
    if (!parse_net(o, keyval_get(kv, "net"), err) || !get_ip4(kv, "host", &o->host, err) ||
        !get_ip4(kv, "dhcpstart", &o->dhcp, err) || !get_ip4(kv, "dns", &o->dns, err))
        return false;
    if (!in_net(o, "host", o->host, err) || !in_net(o, "dhcpstart", o->dhcp, err) || !in_net(o, "dns", o->dns, err))
        return false;
    if (o->dns.s_addr == o->host.s_addr)
        return net_fail(err, "dns= and host= are the same address");
    if (o->dhcp.s_addr == o->host.s_addr || o->dhcp.s_addr == o->dns.s_addr)
        return net_fail(err, "dhcpstart= is the address of host= or dns=");
    return true;
}

/* The prefix with the last byte n: the host's and the name server's defaults. */
static struct in6_addr in_prefix(const struct user_options *o, uint8_t n)
{
    struct in6_addr a = o->prefix6;

    a.s6_addr[15] |= n;
    return a;
}

static bool parse_ip6(struct user_options *o, struct keyval *kv, GError **err)
{
    const char *net = keyval_get(kv, "ipv6-net"), *prefix = keyval_get(kv, "ipv6-prefix");
    g_auto(GStrv) parts = g_strsplit(net ? net : prefix ? prefix : DEFAULT_PREFIX6, "/", 2);
    uint64_t len = DEFAULT_PREFIX6_LEN;

    if (inet_pton(AF_INET6, parts[0], &o->prefix6) != 1)
        return net_fail(err, "ipv6-net=%s: not an IPv6 address", parts[0]);
    if (parts[1] && (!keyval_parse_number(parts[1], &len) || len > 126))
        return net_fail(err, "ipv6-net=%s: the prefix has 0 to 126 bits", net ? net : prefix);
    if (!keyval_get_uint(kv, "ipv6-prefixlen", 0, 126, &len, err))
        return false;
    o->prefix6_len = (uint8_t)len;
    o->host6 = in_prefix(o, 2);
    o->dns6 = in_prefix(o, 3);
    return get_ip6(kv, "ipv6-host", &o->host6, err) && get_ip6(kv, "ipv6-dns", &o->dns6, err);
}

/* One of them given: it decides about the other. */
static bool parse_versions(struct user_options *o, struct keyval *kv, GError **err)
{
    bool given4 = keyval_get(kv, "ipv4"), given6 = keyval_get(kv, "ipv6");

    o->ipv4 = o->ipv6 = true;
    if (!keyval_get_bool(kv, "ipv4", &o->ipv4, err) || !keyval_get_bool(kv, "ipv6", &o->ipv6, err))
        return false;
    if (given4 && !given6)
        o->ipv6 = !o->ipv4;
    if (given6 && !given4)
        o->ipv4 = !o->ipv6;
    return o->ipv4 || o->ipv6 || net_fail(err, "ipv4=off,ipv6=off: nothing is left");
}

/* ---- forwarding -------------------------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t least, uint16_t *port)
{
    uint64_t n;

    if (!text || !keyval_parse_number(text, &n) || n < least || n > UINT16_MAX)
        return false;
    *port = (uint16_t)n;
    return true;
}

/* An empty address stays 0. */
static bool parse_addr(const char *text, struct in_addr *a)
{
    return text && (!*text || inet_pton(AF_INET, text, a) == 1);
}

bool user_hostfwd_parse(struct user_hostfwd *f, const char *text, GError **err)
{
    static const char form[] = "[tcp|udp]:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT, such as tcp::8022-:22";
    g_auto(GStrv) sides = g_strsplit(text, "-", 2);
    g_auto(GStrv) host = g_strsplit(sides[0] ? sides[0] : "", ":", 4);
    g_auto(GStrv) guest = g_strsplit(sides[0] && sides[1] ? sides[1] : "", ":", 3);

    *f = (struct user_hostfwd){ 0 };
    if (g_strv_length(host) != 3 || g_strv_length(guest) != 2)
        return net_fail(err, "hostfwd=%s: write it as %s", text, form);
    if (strcmp(host[0], "tcp") && strcmp(host[0], "udp") && *host[0])
        return net_fail(err, "hostfwd=%s: the protocol '%s' is not tcp or udp", text, host[0]);
    f->udp = !strcmp(host[0], "udp");
    if (!parse_addr(host[1], &f->host))
        return net_fail(err, "hostfwd=%s: '%s' is not an IPv4 address of the host", text, host[1]);
    if (!parse_port(host[2], 0, &f->host_port))
        return net_fail(err, "hostfwd=%s: '%s' is not a port of the host", text, host[2]);
    if (!parse_addr(guest[0], &f->guest))
        return net_fail(err, "hostfwd=%s: '%s' is not an IPv4 address of the guest", text, guest[0]);
    if (!parse_port(guest[1], 1, &f->guest_port))
        return net_fail(err, "hostfwd=%s: '%s' is not a port of the guest", text, guest[1]);
    return true;
}

bool user_guestfwd_parse(struct user_guestfwd *f, const char *text, GError **err)
{
    static const char form[] = "[tcp]:SERVER:PORT-DEV or [tcp]:SERVER:PORT-cmd:COMMAND, such as tcp:10.0.2.100:80-cmd:cat";
    g_auto(GStrv) sides = g_strsplit(text, "-", 2);
    g_auto(GStrv) server = g_strsplit(sides[0] ? sides[0] : "", ":", 4);

    *f = (struct user_guestfwd){ 0 };
    if (g_strv_length(server) != 3 || !sides[1] || !*sides[1])
        return net_fail(err, "guestfwd=%s: write it as %s", text, form);
    if (strcmp(server[0], "tcp") && *server[0])
        return net_fail(err, "guestfwd=%s: the protocol '%s' is not tcp", text, server[0]);
    if (!*server[1] || !parse_addr(server[1], &f->server))
        return net_fail(err, "guestfwd=%s: '%s' is not an IPv4 address", text, server[1]);
    if (!parse_port(server[2], 1, &f->port))
        return net_fail(err, "guestfwd=%s: '%s' is not a port", text, server[2]);
    f->command = g_str_has_prefix(sides[1], "cmd:");
    f->target = g_strdup(sides[1] + (f->command ? strlen("cmd:") : 0));
    return *f->target || net_fail(err, "guestfwd=%s: no command", text);
}

static bool parse_forwards(struct user_options *o, struct keyval *kv, GError **err)
{
    const char *key, *value;

    for (unsigned i = 0; (key = keyval_at(kv, i, &value)); i++) {
        struct user_hostfwd h;
        struct user_guestfwd g;

        if (!strcmp(key, "hostfwd")) {
            if (!user_hostfwd_parse(&h, value, err))
                return false;
            g_array_append_val(o->hostfwd, h);
        } else if (!strcmp(key, "guestfwd")) {
            bool ok = user_guestfwd_parse(&g, value, err);

            g_array_append_val(o->guestfwd, g);
            if (!ok)
                return false;
        } else if (!strcmp(key, "dnssearch")) {
            g_ptr_array_add(o->dnssearch, g_strdup(value));
        }
    }
    g_ptr_array_add(o->dnssearch, NULL);
    return true;
}

/* ---- all --------------------------------------------------------------------------------------- */

static void guestfwd_clear(void *p)
{
    g_free(((struct user_guestfwd *)p)->target);
}

static bool parse_tftp(struct user_options *o, struct keyval *kv, GError **err)
{
    o->tftp = g_strdup(keyval_get(kv, "tftp"));
    o->bootfile = g_strdup(keyval_get(kv, "bootfile"));
    o->tftp_server = g_strdup(keyval_get(kv, "tftp-server-name"));
    if (o->tftp && !g_file_test(o->tftp, G_FILE_TEST_IS_DIR))
        return net_fail(err, "tftp=%s: there is no such folder", o->tftp);
    if (o->bootfile && strlen(o->bootfile) > 127)
        return net_fail(err, "bootfile=: longer than 127 bytes");
    if (o->tftp_server && strlen(o->tftp_server) > 255)
        return net_fail(err, "tftp-server-name=: longer than 255 bytes");
    return true;
}

bool user_options_parse(struct user_options *o, struct keyval *kv, GError **err)
{
    *o = (struct user_options){ .dnssearch = g_ptr_array_new_with_free_func(g_free),
                                .hostfwd = g_array_new(FALSE, FALSE, sizeof(struct user_hostfwd)),
                                .guestfwd = g_array_new(FALSE, FALSE, sizeof(struct user_guestfwd)) };
    g_array_set_clear_func(o->guestfwd, guestfwd_clear);
    if (keyval_get(kv, "smb") || keyval_get(kv, "smbserver"))
        return net_fail(err, "smb= is not supported; share files with tftp=FOLDER, or from a server on the host");
    o->hostname = g_strdup(keyval_get(kv, "hostname"));
    o->domain = g_strdup(keyval_get(kv, "domainname"));
    if (o->domain && strlen(o->domain) > 255)
        return net_fail(err, "domainname=: longer than 255 bytes");
    return parse_versions(o, kv, err) && parse_ip4(o, kv, err) && parse_ip6(o, kv, err) &&
           keyval_get_bool(kv, "restrict", &o->restricted, err) && parse_tftp(o, kv, err) && parse_forwards(o, kv, err);
}

void user_options_fini(struct user_options *o)
{
    g_clear_pointer(&o->dnssearch, g_ptr_array_unref);
    g_clear_pointer(&o->hostfwd, g_array_unref);
    g_clear_pointer(&o->guestfwd, g_array_unref);
    g_free(o->hostname);
    g_free(o->domain);
    g_free(o->tftp);
    g_free(o->bootfile);
    g_free(o->tftp_server);
}
