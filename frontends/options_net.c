/* SPDX-License-Identifier: MIT */
/*
 * Network cards and their networks: -netdev and -device as pairs, -nic and -net as their short
 * forms (QEMU's net documentation); -object filter-dump.
 */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char *const models[] = {"ne2k_pci", "ne2k_isa"};

static struct netdev_option *find_netdev(struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->netdev_count; i++) {
        if (!strcmp(o->netdev[i].id, id)) {
            return &o->netdev[i];
        }
    }
    return NULL;
}

static char *copy(const struct keyvals *k, const char *key)
{
    const char *value = keyvals_get(k, key);

    return value ? xstrdup(value) : NULL;
}

static struct netdev_option *add_user(struct options *o, const char *id, const struct keyvals *k)
{
    struct netdev_option *n = &o->netdev[o->netdev_count];

    if (find_netdev(o, id)) {
        fatal("%s: there is a network with the id '%s' already", k->option, id);
    }
    if (o->netdev_count == PC_NICS) {
        fatal("%s: at most %u networks", k->option, PC_NICS);
    }
    *n = (struct netdev_option){.id = xstrdup(id),
                                .net = copy(k, "net"),
                                .host = copy(k, "host"),
                                .dns = copy(k, "dns"),
                                .dhcpstart = copy(k, "dhcpstart"),
                                .hostname = copy(k, "hostname"),
                                .domainname = copy(k, "domainname"),
                                .tftp = copy(k, "tftp"),
                                .tftp_server_name = copy(k, "tftp-server-name"),
                                .bootfile = copy(k, "bootfile"),
                                .restricted = keyvals_bool(k, "restrict", false)};
    for (size_t i = 0; i < k->count; i++) {
        if (!strcmp(k->item[i].key, "hostfwd")) {
            if (n->forward_count == ARRAY_LEN(n->forward)) {
                fatal("%s: at most %zu forwarding rules", k->option, ARRAY_LEN(n->forward));
            }
            n->forward[n->forward_count++] = xstrdup(k->item[i].value);
        }
    }
    o->netdev_count++;
    return n;
}

#define USER_KEYS                                                                    \
    "net", "host", "dns", "dhcpstart", "hostname", "domainname", "tftp", "bootfile", \
        "tftp-server-name", "restrict", "hostfwd"

/* Networks that others have. */
static void check_type(const struct keyvals *k, const char *type)
{
    static const char *const later[] = {"tap", "bridge",     "socket",  "stream", "dgram",
                                        "vde", "vhost-user", "hubport", "l2tpv3", NULL};

    if (is_one_of(type, later)) {
        fatal("%s: '%s' is not in this program yet: it has 'user'", k->option, type);
    }
}

void option_netdev(struct parse *p, const char *arg)
{
    static const char *const known[] = {"type", "id", USER_KEYS, NULL};
    static const char *const types[] = {"user"};
    struct options *o = p->o;
    struct keyvals k;

    o->net_given = true;
    keyvals_parse(&k, "-netdev", arg, "type");
    const char *type = keyvals_get(&k, "type"), *id = keyvals_get(&k, "id");

    check_type(&k, type ? type : "");
    choose("-netdev: type", type ? type : "", types, 1);
    keyvals_allow(&k, known);
    if (!id || !id[0]) {
        fatal("-netdev: needs id=");
    }
    add_user(o, id, &k);
    keyvals_free(&k);
}

/* ---- cards ---- */

static void parse_mac(const char *option, const char *text, uint8_t mac[6])
{
    unsigned b[6];
    int used = 0;

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
               &used) != 6 ||
        text[used]) {
        fatal("%s: '%s' is no station address: write mac=52:54:00:12:34:56", option, text);
    }
    if (b[0] & 1) {
        fatal("%s: %s is a multicast address: a station's first byte is even", option, text);
    }
    for (unsigned i = 0; i < 6; i++) {
        mac[i] = (uint8_t)b[i];
    }
}

static struct nic_option *add_nic(struct options *o, enum pc_nic_model model,
                                  const struct keyvals *k)
{
    static const uint16_t bases[PC_NICS] = {0x300, 0x320, 0x340, 0x360};
    static const uint8_t irqs[PC_NICS] = {9, 10, 11, 3};
    struct nic_option *n = &o->nic[o->nic_count];

    if (o->nic_count == PC_NICS) {
        fatal("%s: at most %u network cards", k->option, PC_NICS);
    }
    *n = (struct nic_option){.model = model,
                             .mac = {0x52, 0x54, 0, 0x12, 0x34, (uint8_t)(0x56 + o->nic_count)}};
    n->iobase = (uint16_t)keyvals_number(k, "iobase", bases[o->nic_count], 0xffe0);
    n->irq = (uint8_t)keyvals_number(k, "irq", irqs[o->nic_count], 15);
    if (n->iobase & 31) {
        fatal("%s: iobase=0x%x: a card's ports begin at a multiple of 0x20", k->option, n->iobase);
    }
    if (keyvals_get(k, "mac")) {
        parse_mac(k->option, keyvals_get(k, "mac"), n->mac);
    }
    o->nic_count++;
    return n;
}

static void connect_nic(struct options *o, struct nic_option *n, const char *id, const char *option)
{
    struct netdev_option *d = find_netdev(o, id);

    if (!d) {
        fatal("%s: there is no network with the id '%s' (-netdev user,id=%s comes first)", option,
              id, id);
    }
    if (d->taken) {
        fatal("%s: the network '%s' has a card already", option, id);
    }
    d->taken = true;
    n->netdev = xstrdup(id);
}

void nets_add_card(struct parse *p, enum pc_nic_model model, const struct keyvals *k)
{
    struct options *o = p->o;
    struct nic_option *n = add_nic(o, model, k);
    const char *rom = keyvals_get(k, "romfile");

    if (rom && rom[0]) {
        n->romfile = xstrdup(rom);
    }
    n->id = copy(k, "id");
    if (keyvals_get(k, "netdev")) {
        connect_nic(o, n, keyvals_get(k, "netdev"), k->option);
    }
}

static enum pc_nic_model model_of(const struct options *o, const struct keyvals *k)
{
    const char *model = keyvals_get(k, "model");

    if (!model) {
        return o->isapc ? PC_NIC_NE2K_ISA : PC_NIC_NE2K_PCI;
    }
    return (enum pc_nic_model)choose("network card", model, models, ARRAY_LEN(models));
}

static void list_models(void)
{
    puts("Network cards:\nne2k_pci  NE2000 for PCI: RTL8029 (default of -machine pc)\n"
         "ne2k_isa  NE2000 for ISA (default of -machine isapc)");
    exit(0);
}

void option_nic(struct parse *p, const char *arg)
{
    static const char *const known[] = {"type",   "id",  "model",   "mac",
                                        "iobase", "irq", USER_KEYS, NULL};
    static const char *const types[] = {"none", "user"};
    struct options *o = p->o;
    struct keyvals k;
    char id[16];

    o->net_given = true;
    keyvals_parse(&k, "-nic", arg, "type");
    const char *type = keyvals_get(&k, "type"), *model = keyvals_get(&k, "model");

    if (!strcmp(arg, "help") || (model && !strcmp(model, "help"))) {
        list_models();
    }
    check_type(&k, type ? type : "");
    if (choose("-nic: type", type ? type : "user", types, 2) != 0) {
        keyvals_allow(&k, known);
        snprintf(id, sizeof(id), "nic%u", o->nic_count);
        add_user(o, keyvals_get(&k, "id") ? keyvals_get(&k, "id") : id, &k);
        connect_nic(o, add_nic(o, model_of(o, &k), &k), o->netdev[o->netdev_count - 1].id, "-nic");
    }
    keyvals_free(&k);
}

void option_net(struct parse *p, const char *arg)
{
    static const char *const nic_known[] = {"type",   "model", "macaddr", "mac",
                                            "iobase", "irq",   "netdev",  NULL};
    static const char *const user_known[] = {"type", "id", "name", USER_KEYS, NULL};
    static const char *const types[] = {"none", "nic", "user"};
    struct options *o = p->o;
    struct keyvals k;

    o->net_given = true;
    keyvals_parse(&k, "-net", arg, "type");
    const char *type = keyvals_get(&k, "type");

    check_type(&k, type ? type : "");
    switch (choose("-net: type", type ? type : "", types, 3)) {
    case 0: break;
    case 1: {
        const char *model = keyvals_get(&k, "model"), *mac = keyvals_get(&k, "macaddr");

        if (model && !strcmp(model, "help")) {
            list_models();
        }
        keyvals_allow(&k, nic_known);
        struct nic_option *n = add_nic(o, model_of(o, &k), &k);

        if (mac) {
            parse_mac("-net", mac, n->mac);
        }
        if (keyvals_get(&k, "netdev")) {
            connect_nic(o, n, keyvals_get(&k, "netdev"), "-net");
        }
        o->net_legacy = true;
        break;
    }
    default:
        keyvals_allow(&k, user_known);
        add_user(o, keyvals_get(&k, "id") ? keyvals_get(&k, "id") : "user.0", &k);
        o->net_legacy = true;
        break;
    }
    keyvals_free(&k);
}

void option_object(struct parse *p, const char *arg)
{
    static const char *const known[] = {"qom-type", "id", "netdev", "file", "maxlen", NULL};
    static const char *const types[] = {"filter-dump"};
    struct options *o = p->o;
    struct keyvals k;

    keyvals_parse(&k, "-object", arg, "qom-type");
    const char *type = keyvals_get(&k, "qom-type");

    choose("-object: type", type ? type : "", types, 1);
    keyvals_allow(&k, known);
    for (unsigned i = 1; i < 4; i++) {
        if (!keyvals_get(&k, known[i])) {
            fatal("-object: filter-dump needs %s=", known[i]);
        }
    }
    if (o->dump_count == ARRAY_LEN(o->dump)) {
        fatal("-object: at most %zu filters", ARRAY_LEN(o->dump));
    }
    o->dump[o->dump_count++] =
        (struct dump_option){copy(&k, "id"), copy(&k, "netdev"), copy(&k, "file"),
                             (uint32_t)keyvals_number(&k, "maxlen", 65536, 65536)};
    keyvals_free(&k);
}

/*
 * As QEMU: a card on a user network unless something was said of networks. Without libslirp the
 * card has no cable, so that a machine is the same in each build; in lockstep too, whose second
 * machine cannot know what a network answers.
 */
static void add_default(struct options *o)
{
    const struct keyvals none = {.option = "-nic"};
    bool cable = net_user_supported() && o->accel != PC_ACCEL_LOCKSTEP;

    if (o->net_given || o->nodefaults || o->nic_count == PC_NICS) {
        return;
    }
    struct nic_option *n = add_nic(o, model_of(o, &none), &none);

    if (cable && !find_netdev(o, "user.0")) {
        add_user(o, "user.0", &none);
        connect_nic(o, n, "user.0", "-nic");
    }
}

void nets_check(struct options *o)
{
    add_default(o);
    for (unsigned i = 0; i < o->nic_count; i++) {
        struct nic_option *n = &o->nic[i];

        if (n->model == PC_NIC_NE2K_PCI && o->isapc) {
            fatal("-device: ne2k_pci needs a PCI bus: use ne2k_isa, or -machine pc");
        }
        /* -net nic goes with the first network that has no card. */
        for (unsigned d = 0; o->net_legacy && !n->netdev && d < o->netdev_count; d++) {
            if (!o->netdev[d].taken) {
                connect_nic(o, n, o->netdev[d].id, "-net");
            }
        }
        if (n->netdev && o->accel == PC_ACCEL_LOCKSTEP) {
            fatal("-accel: 'lockstep' has a second machine that would not hear what network '%s' "
                  "says: leave the network out, or use 'tcg'",
                  n->netdev);
        }
    }
    for (unsigned i = 0; i < o->netdev_count; i++) {
        if (!o->netdev[i].taken) {
            log_host("-netdev: no card is connected to '%s': add -device ne2k_pci,netdev=%s",
                     o->netdev[i].id, o->netdev[i].id);
        }
    }
    for (unsigned i = 0; i < o->dump_count; i++) {
        const struct netdev_option *d = find_netdev(o, o->dump[i].netdev);

        if (!d) {
            fatal("-object: there is no network with the id '%s'", o->dump[i].netdev);
        }
    }
}

void nets_free(struct options *o)
{
    for (unsigned i = 0; i < o->netdev_count; i++) {
        struct netdev_option *n = &o->netdev[i];
        char *strings[] = {n->id,       n->net,        n->host, n->dns,      n->dhcpstart,
                           n->hostname, n->domainname, n->tftp, n->bootfile, n->tftp_server_name};

        for (size_t s = 0; s < ARRAY_LEN(strings); s++) {
            free(strings[s]);
        }
        for (unsigned f = 0; f < n->forward_count; f++) {
            free(n->forward[f]);
        }
    }
    for (unsigned i = 0; i < o->nic_count; i++) {
        free(o->nic[i].id);
        free(o->nic[i].netdev);
        free(o->nic[i].romfile);
    }
    for (unsigned i = 0; i < o->dump_count; i++) {
        free(o->dump[i].id);
        free(o->dump[i].netdev);
        free(o->dump[i].path);
    }
}
