/* SPDX-License-Identifier: MIT */
/* Loader: to come. */
typedef int linux_boot_placeholder;
