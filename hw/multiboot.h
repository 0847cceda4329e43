/* SPDX-License-Identifier: MIT */
/*
 * Multiboot 1 kernels and modules, as items of fwcfg for the BIOS.
 */
#ifndef HW_MULTIBOOT_H
#define HW_MULTIBOOT_H

#include "hw/fwcfg.h"

bool multiboot_is_kernel(const struct kernel_files *f);
/* NULL, or one line that says what is wrong (caller frees). */
char *multiboot_add(struct fwcfg *s, const struct kernel_files *f);

#endif
