/* SPDX-License-Identifier: MIT */
#include "bios.h"
void kernel_boot(void)
{
}
