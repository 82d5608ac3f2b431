/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of -netdev user, read into one struct. Addresses are in network byte order. Start-up's thread. */
#ifndef NET_SLIRP_OPTIONS_H
#define NET_SLIRP_OPTIONS_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct keyval;

/* hostfwd=[tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport */
struct user_hostfwd {
    bool udp;
    struct in_addr host, guest;      /* 0: any address; the first that DHCP gives */
    uint16_t host_port, guest_port;  /* host order */
};

/* guestfwd=[tcp]:server:port-dev or -cmd:command */
struct user_guestfwd {
    struct in_addr server;
    uint16_t port;
    bool command;
    char *target;                    /* a command line, or what -serial takes */
};

struct user_options {
    bool ipv4, ipv6, restricted;
    struct in_addr net, mask, host, dhcp, dns;
    struct in6_addr prefix6, host6, dns6;
    uint8_t prefix6_len;
    char *hostname, *domain, *tftp, *bootfile, *tftp_server;
    GPtrArray *dnssearch;            /* char *, NULL at the end */
    GArray *hostfwd, *guestfwd;
};

/* The keys that -netdev user has, for errors and help; NULL at the end. */
extern const char *const user_option_names[];

/* Fills o in from kv, whose keys are all known. false with err: one line without the netdev's name. */
bool user_options_parse(struct user_options *o, struct keyval *kv, GError **err);
/* Also after a failure. */
void user_options_fini(struct user_options *o);

/* One hostfwd= or guestfwd= value. target is for g_free. */
bool user_hostfwd_parse(struct user_hostfwd *f, const char *text, GError **err);
bool user_guestfwd_parse(struct user_guestfwd *f, const char *text, GError **err);

#endif
