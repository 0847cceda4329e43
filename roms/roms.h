/* SPDX-License-Identifier: MIT */
/*
 * The images that ship in the binary: built from roms/<name>/ by the normal build where an x86
 * compiler is found, else taken from roms/images/.
 */
#ifndef ROMS_ROMS_H
#define ROMS_ROMS_H

#include "base/types.h"

/* The system BIOS: 64 KiB, its last byte at FFFFFh (and at FFFFFFFFh). */
extern const uint8_t rom_bios[];
extern const size_t rom_bios_size;
/* The VGA BIOS: an option ROM for C0000h. */
extern const uint8_t rom_vgabios[];
extern const size_t rom_vgabios_size;
/* An option ROM that starts what -kernel gave; the BIOS finds it as a file of fw_cfg. */
extern const uint8_t rom_kernel[];
extern const size_t rom_kernel_size;
/* The default guest: a hard-disk image, whole sectors. */
extern const uint8_t rom_guest[];
extern const size_t rom_guest_size;

#endif
