/* SPDX-License-Identifier: MIT */
#include "frontends/nets.h"

#include <string.h>

#include "base/log.h"

static struct net *open_one(const struct options *o, const struct netdev_option *d)
{
    struct net_user_config config = {.id = d->id,
                                     .net = d->net,
                                     .host = d->host,
                                     .dns = d->dns,
                                     .dhcpstart = d->dhcpstart,
                                     .hostname = d->hostname,
                                     .domainname = d->domainname,
                                     .tftp = d->tftp,
                                     .bootfile = d->bootfile,
                                     .tftp_server_name = d->tftp_server_name,
                                     .restricted = d->restricted};
    char *error = NULL;
    struct net *n = net_user_create(&config, &error);

    for (unsigned i = 0; n && !error && i < d->forward_count; i++) {
        error = net_user_forward(n, d->forward[i]);
    }
    for (unsigned i = 0; n && !error && i < o->dump_count; i++) {
        if (!strcmp(o->dump[i].netdev, d->id)) {
            error = net_dump_open(n, o->dump[i].path, o->dump[i].max);
        }
    }
    if (error) {
        fatal("%s", error);
    }
    return n;
}

void nets_open(const struct options *o, struct pc_config *config)
{
    for (unsigned i = 0; i < o->nic_count; i++) {
        const struct nic_option *n = &o->nic[i];
        struct pc_nic *nic = &config->nic[config->nic_count++];

        *nic = (struct pc_nic){.model = n->model,
                               .iobase = n->iobase,
                               .irq = n->irq,
                               .romfile = n->romfile,
                               .id = n->id};
        memcpy(nic->mac, n->mac, 6);
        for (unsigned d = 0; n->netdev && d < o->netdev_count; d++) {
            if (!strcmp(o->netdev[d].id, n->netdev)) {
                nic->net = open_one(o, &o->netdev[d]);
            }
        }
    }
}
