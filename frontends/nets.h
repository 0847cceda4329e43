/* SPDX-License-Identifier: MIT */
/*
 * Network cards and their networks: the options, and what they open.
 */
#ifndef FRONTENDS_NETS_H
#define FRONTENDS_NETS_H

#include "frontends/keyval.h"
#include "frontends/options.h"

struct session;

/* The arguments of -netdev, -nic, -net, -object; and -device ne2k_*, its properties parsed. They
 * end the program with a message. */
void nets_option_netdev(struct options *o, const char *arg);
void nets_option_nic(struct options *o, const char *arg);
void nets_option_net(struct options *o, const char *arg);
void nets_option_object(struct options *o, const char *arg);
void nets_option_device(struct options *o, enum pc_nic_model model, const struct keyvals *k);
/* When all options are known. */
void nets_check(struct options *o);
void nets_free(struct options *o);

/* Opens the networks; fills in config->nic. The rest have no card and are closed. */
void nets_open(const struct options *o, struct pc_config *config);

#endif
