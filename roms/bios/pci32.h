/* SPDX-License-Identifier: MIT */
/*
 * Offsets in F000h that both halves of the PCI BIOS know.
 */
#define PCI32_BASE   0xd800
#define BIOS32_ENTRY 0xd8d0
#define PCI_ENTRY_32 0xd900
