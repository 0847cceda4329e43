/* SPDX-License-Identifier: MIT */
/* Loader: to come. */
typedef int multiboot_placeholder;
