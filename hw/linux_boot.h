/* SPDX-License-Identifier: MIT */
/*
 * Linux kernels by the x86 boot protocol, as items of fwcfg for the BIOS.
 */
#ifndef HW_LINUX_BOOT_H
#define HW_LINUX_BOOT_H

#include "hw/fwcfg.h"

bool linux_is_kernel(const struct kernel_files *f);
/* NULL, or one line that says what is wrong (caller frees). */
char *linux_add(struct fwcfg *s, const struct kernel_files *f);

#endif
