/* SPDX-License-Identifier: MIT */
/*
 * The APICs, the translator, network cards and what they are connected to.
 */
#include "frontends/examine_hw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "frontends/session.h"
#include "frontends/text.h"

/* Lines of \n as the monitor ends them. */
static void put_lines(struct text *out, char *text)
{
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        text_printf(out, "%s\r\n", line);
    }
    free(text);
}

void examine_apic(struct session *s, struct text *out, int io)
{
    char *text = pc_apic_text(s->m, io);

    if (text) {
        put_lines(out, text);
    } else {
        text_puts(out, "there is no APIC: the 8259s alone\r\n");
    }
}

void examine_jit(struct session *s, struct text *out)
{
    char *text = pc_jit_text(s->m);

    if (text) {
        put_lines(out, text);
    } else {
        text_puts(out, "the interpreter alone: nothing is translated\r\n");
    }
}

static void print_user(const struct session *s, const char *id, struct text *out)
{
    for (unsigned i = 0; i < s->o->netdev_count; i++) {
        const struct netdev_option *d = &s->o->netdev[i];

        if (!strcmp(d->id, id)) {
            const char *net = d->net ? d->net : "10.0.2.0";

            text_printf(out, ",net=%.*s,restrict=%s", (int)strcspn(net, "/"), net,
                        d->restricted ? "on" : "off");
        }
    }
}

/* As QEMU: the device's id, or its model and which one of that model it is. */
static void card_name(const struct session *s, unsigned nic, char *name, size_t size)
{
    const struct pc_nic *n = &s->config.nic[nic];
    unsigned before = 0;

    for (unsigned i = 0; i < nic; i++) {
        before += s->config.nic[i].model == n->model;
    }
    if (n->id) {
        snprintf(name, size, "%s", n->id);
    } else {
        snprintf(name, size, "%s.%u", n->model == PC_NIC_NE2K_ISA ? "ne2k_isa" : "ne2k_pci",
                 before);
    }
}

bool control_set_link(struct session *s, const char *name, bool up)
{
    bool found = false;

    for (unsigned i = 0; i < s->config.nic_count; i++) {
        struct net *net = s->config.nic[i].net;
        char card[64];

        card_name(s, i, card, sizeof(card));
        if (strcmp(name, card) && (!net || strcmp(name, net->id))) {
            continue;
        }
        found = true;
        if (net) { /* without one there is no cable to plug in */
            net_set_link(net, up);
        }
    }
    return found;
}

static void print_traffic(struct text *out, const struct net *n)
{
    text_printf(
        out, "    link %s; in %llu frames %llu bytes (%llu lost), out %llu frames %llu bytes\r\n",
        n->link_up ? "up" : "down", (unsigned long long)n->frames_in,
        (unsigned long long)n->bytes_in, (unsigned long long)n->dropped,
        (unsigned long long)n->frames_out, (unsigned long long)n->bytes_out);
}

/* The first two lines of a card are QEMU's. */
void examine_network(struct session *s, struct text *out)
{
    for (unsigned i = 0; i < s->config.nic_count; i++) {
        const struct pc_nic *n = &s->config.nic[i];
        char card[64];

        card_name(s, i, card, sizeof(card));
        text_printf(out, "%s: index=0,type=nic,model=%s,macaddr=%02x:%02x:%02x:%02x:%02x:%02x\r\n",
                    card, n->model == PC_NIC_NE2K_ISA ? "ne2k_isa" : "ne2k_pci", n->mac[0],
                    n->mac[1], n->mac[2], n->mac[3], n->mac[4], n->mac[5]);
        if (n->net) {
            text_printf(out, " \\ %s: index=0,type=%s", n->net->id,
                        net_is_user(n->net) ? "user" : "none");
            print_user(s, n->net->id, out);
            text_puts(out, "\r\n");
            print_traffic(out, n->net);
            if (net_is_user(n->net)) {
                put_lines(out, net_user_info(n->net));
            }
        }
    }
}

char *control_forward(struct session *s, const char *rule, int add)
{
    for (unsigned i = 0; i < s->config.nic_count; i++) {
        struct net *n = s->config.nic[i].net;

        if (n && net_is_user(n)) {
            return add ? net_user_forward(n, rule) : net_user_unforward(n, rule);
        }
    }
    return xstrdup("there is no user network");
}
