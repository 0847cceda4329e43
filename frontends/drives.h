/* SPDX-License-Identifier: MIT */
/*
 * From -drive and its short forms to the board's drives: who goes where, and are the images good.
 */
#ifndef FRONTENDS_DRIVES_H
#define FRONTENDS_DRIVES_H

#include "frontends/options.h"
#include "hw/pc.h"

#define FLOPPY_MAX 2949120u /* bytes: 2.88 MB is the largest floppy disk */

/* Opens the images. Changes nothing on the host; what is wrong ends the program with one line. */
void drives_open(const struct options *o, struct pc_config *config);

#endif
