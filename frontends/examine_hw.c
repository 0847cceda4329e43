/* SPDX-License-Identifier: MIT */
/*
 * The APICs, the translator, network cards and what they are connected to.
 */
#include "frontends/examine_hw.h"

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

void examine_network(struct session *s, struct text *out)
{
    for (unsigned i = 0; i < s->config.nic_count; i++) {
        const struct pc_nic *n = &s->config.nic[i];

        text_printf(out, "%s.%u: mac=%02x:%02x:%02x:%02x:%02x:%02x\r\n",
                    n->model == PC_NIC_NE2K_ISA ? "ne2k_isa" : "ne2k_pci", i, n->mac[0], n->mac[1],
                    n->mac[2], n->mac[3], n->mac[4], n->mac[5]);
        if (n->net) {
            text_printf(out,
                        " \\ %s: %s, link %s; in %llu frames %llu bytes (%llu lost), out %llu "
                        "frames %llu bytes\r\n",
                        n->net->id, net_is_user(n->net) ? "user" : "none",
                        n->net->link_up ? "up" : "down", (unsigned long long)n->net->frames_in,
                        (unsigned long long)n->net->bytes_in, (unsigned long long)n->net->dropped,
                        (unsigned long long)n->net->frames_out,
                        (unsigned long long)n->net->bytes_out);
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
