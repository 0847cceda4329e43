/* SPDX-License-Identifier: MIT */
/*
 * The guest's page tables as text: "info tlb" and "info mem", laid out as QEMU's are, which scripts
 * read.
 */
#ifndef FRONTENDS_PAGING_H
#define FRONTENDS_PAGING_H

#include "frontends/text.h"

struct session;

void paging_print_pages(struct session *s, struct text *out); /* each page: address, rights */
void paging_print_ranges(struct session *s,
                         struct text *out); /* pages of the same rights together */

#endif
