/* SPDX-License-Identifier: MIT */
/*
 * From the options to the board's network cards, and the networks they are on.
 */
#ifndef FRONTENDS_NETS_H
#define FRONTENDS_NETS_H

#include "frontends/options.h"
#include "hw/pc.h"

/* Opens the networks; fills in config->nic. The rest have no card and are closed. */
void nets_open(const struct options *o, struct pc_config *config);

#endif
