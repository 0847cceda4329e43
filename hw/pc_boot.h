/* SPDX-License-Identifier: MIT */
/*
 * What the board holds for the firmware: ROM images and the contents of the CMOS memory.
 */
#ifndef HW_PC_BOOT_H
#define HW_PC_BOOT_H

#include "hw/pc.h"

struct fdc;
struct fwcfg;
struct rtc;

struct pc_roms {
    uint8_t *bios, *vgabios; /* owned */
    uint32_t bios_size, vgabios_size;
    uint8_t
        *shadow; /* a file's BIOS below 1 MiB: RAM, as chipsets shadow it, because some need that */
    uint32_t shadow_size;
    uint8_t *upper; /* isapc: RAM from C0000h up to the BIOS, with the VGA BIOS; for option ROMs */
    uint32_t upper_size;
    uint8_t *nic[PC_NICS]; /* option ROMs of PCI cards; NULL: none */
    uint32_t nic_size[PC_NICS];
    uint8_t *hole; /* A0000h-FFFFFh where nothing is mapped: all ones */
};

/* Loads or copies the images and maps them. NULL, or a message (caller frees). */
char *pc_map_roms(struct machine *m, const struct pc_config *config, struct pc_roms *roms);
/* After a reset the shadow and the upper RAM are as at power-on. */
void pc_reset_shadow(struct pc_roms *roms);
void pc_free_roms(struct pc_roms *roms);
/* Where there is no PCI card for it to come from: SeaBIOS takes it from there. */
char *pc_add_vgabios(struct fwcfg *fwcfg, const struct pc_config *config,
                     const struct pc_roms *roms);
/* -option-rom: NULL, or a message (caller frees). */
char *pc_add_option_roms(struct fwcfg *fwcfg, const struct pc_config *config);
/* -kernel and what the BIOS needs to start it. NULL, or a message (caller frees). */
char *pc_add_kernel(struct fwcfg *fwcfg, const struct pc_config *config);
void pc_fill_cmos(struct rtc *rtc, const struct fdc *fdc, const struct pc_config *config);

#endif
