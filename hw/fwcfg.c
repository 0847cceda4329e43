/* SPDX-License-Identifier: MIT */
/* Loader: to come. */
typedef int fwcfg_placeholder;
#include "hw/fwcfg.h"

struct fwcfg *fwcfg_create(struct machine *m)
{
    (void)m;
    return NULL;
}

char *fwcfg_add_kernel(struct fwcfg *s, const char *kernel, const char *initrd, const char *append)
{
    (void)s, (void)kernel, (void)initrd, (void)append;
    return NULL;
}
