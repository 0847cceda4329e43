/* SPDX-License-Identifier: MIT */
/*
 * ROM images, CMOS contents, the kernel. The meaning of the CMOS bytes is the AT's (IBM AT
 * Technical Reference); 34h/35h, 38h and 3Dh are as SeaBIOS and Bochs's BIOS read them.
 */
#include "hw/pc_boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/fdc.h"
#include "hw/fwcfg.h"
#include "hw/rtc.h"
#include "roms/roms.h"

#define KIB           1024u
#define MIB           (1024u * KIB)
#define BIOS_MAX      (16 * MIB)
#define LOW_BIOS_MAX  (128 * KIB) /* E0000h-FFFFFh */
#define VGABIOS_MAX   (64 * KIB)
#define CARD_ROM_MAX  (MIB / 2)
#define UPPER_ROM_MAX (128 * KIB) /* what fits below the BIOS */
#define HOLE_BASE     0xa0000u
#define HOLE_SIZE     0x60000u
#define UPPER_BASE    0xc0000u
#define UPPER_TOP     0xf0000u

/* Reads a whole file. NULL and a message on failure. */
static uint8_t *read_file(const char *what, const char *path, uint32_t max, uint32_t *size,
                          char **error)
{
    FILE *f = fopen(path, "rb");

    if (!f) {
        *error = xasprintf("cannot open the %s '%s': %s", what, path, strerror(errno));
        return NULL;
    }
    uint8_t *bytes = xmalloc((size_t)max + 1);
    size_t n = fread(bytes, 1, (size_t)max + 1, f);
    bool failed = ferror(f);
    int err = errno;

    fclose(f);
    if (failed || n == 0 || n > max) {
        *error = failed   ? xasprintf("cannot read the %s '%s': %s", what, path, strerror(err))
                 : n == 0 ? xasprintf("the %s '%s' is empty: give a ROM image", what, path)
                          : xasprintf("the %s '%s' is larger than %u KiB: give a ROM image", what,
                                      path, max / KIB);
        free(bytes);
        return NULL;
    }
    *size = (uint32_t)n;
    return bytes;
}

/* An image as whole pages: padded in front (a BIOS ends at the top) or behind with all ones. */
static uint8_t *pad_to_pages(const uint8_t *bytes, uint32_t *size, bool in_front)
{
    uint32_t whole = (*size + PAGE_MASK) & ~PAGE_MASK;
    uint8_t *p = xmalloc(whole);

    memset(p, 0xff, whole);
    memcpy(p + (in_front ? whole - *size : 0), bytes, *size);
    *size = whole;
    return p;
}

static uint8_t *get_image(const char *what, const char *path, uint32_t max, const uint8_t *builtin,
                          size_t builtin_size, bool in_front, uint32_t *size, char **error)
{
    if (!path) {
        *size = (uint32_t)builtin_size;
        return pad_to_pages(builtin, size, in_front);
    }
    uint8_t *file = read_file(what, path, max, size, error);

    if (!file) {
        return NULL;
    }
    uint8_t *p = pad_to_pages(file, size, in_front);

    free(file);
    return p;
}

/* A card decodes a power of two. */
static uint8_t *get_card_rom(const char *path, uint32_t *size, char **error)
{
    uint32_t used, whole = PAGE_SIZE;
    uint8_t *file = read_file("option ROM", path, CARD_ROM_MAX, &used, error);

    if (!file) {
        return NULL;
    }
    while (whole < used) {
        whole *= 2;
    }
    file = xrealloc(file, whole);
    memset(file + used, 0xff, whole - used);
    *size = whole;
    return file;
}

char *pc_map_roms(struct machine *m, const struct pc_config *config, struct pc_roms *roms)
{
    char *error = NULL;

    roms->hole = xmalloc(HOLE_SIZE);
    memset(roms->hole, 0xff, HOLE_SIZE);
    physmem_map_rom(&m->mem, HOLE_BASE, HOLE_SIZE, "hole", roms->hole);

    roms->bios = get_image("BIOS", config->bios_path, BIOS_MAX, rom_bios, rom_bios_size, true,
                           &roms->bios_size, &error);
    if (!roms->bios) {
        return error;
    }
    uint32_t low = roms->bios_size < LOW_BIOS_MAX ? roms->bios_size : LOW_BIOS_MAX;

    physmem_map_rom(&m->mem, (1ull << 32) - roms->bios_size, roms->bios_size, "bios", roms->bios);
    if (config->bios_path) {
        roms->shadow = xmalloc(low);
        roms->shadow_size = low;
        pc_reset_shadow(roms);
        physmem_map_ram(&m->mem, MIB - low, low, "bios.shadow", roms->shadow);
    } else {
        physmem_map_rom(&m->mem, MIB - low, low, "bios.low", roms->bios + roms->bios_size - low);
    }

    if (config->vga) {
        roms->vgabios = get_image("VGA BIOS", config->vgabios_path, VGABIOS_MAX, rom_vgabios,
                                  rom_vgabios_size, false, &roms->vgabios_size, &error);
        if (!roms->vgabios) {
            return error;
        }
    }
    for (unsigned i = 0; i < config->nic_count && !error; i++) {
        if (config->nic[i].romfile) {
            roms->nic[i] = get_card_rom(config->nic[i].romfile, &roms->nic_size[i], &error);
        }
    }
    if (config->isapc) {
        roms->upper_size = MIB - low < UPPER_TOP ? MIB - low - UPPER_BASE : UPPER_TOP - UPPER_BASE;
        roms->upper = xmalloc(roms->upper_size);
        pc_reset_shadow(roms);
        physmem_map_ram(&m->mem, UPPER_BASE, roms->upper_size, "upper", roms->upper);
    } else if (roms->vgabios) {
        physmem_map_rom(&m->mem, UPPER_BASE, roms->vgabios_size, "vgabios", roms->vgabios);
    }
    return error;
}

void pc_reset_shadow(struct pc_roms *roms)
{
    if (roms->shadow) {
        memcpy(roms->shadow, roms->bios + roms->bios_size - roms->shadow_size, roms->shadow_size);
    }
    if (roms->upper) {
        memset(roms->upper, 0xff, roms->upper_size);
        if (roms->vgabios) {
            memcpy(roms->upper, roms->vgabios, roms->vgabios_size);
        }
    }
}

void pc_free_roms(struct pc_roms *roms)
{
    for (unsigned i = 0; i < PC_NICS; i++) {
        free(roms->nic[i]);
    }
    free(roms->shadow);
    free(roms->upper);
    free(roms->bios);
    free(roms->vgabios);
    free(roms->hole);
}

/* SeaBIOS's device numbers: 1 floppy, 2 hard disk, 3 CD, 4 network. */
static uint8_t boot_device(char letter)
{
    switch (letter) {
    case 'a': return 1;
    case 'c': return 2;
    case 'd': return 3;
    case 'n': return 4;
    default: return 0;
    }
}

static void set_cmos16(struct rtc *rtc, unsigned index, uint32_t val)
{
    val = val < 0xffff ? val : 0xffff;
    rtc_set_cmos(rtc, index, (uint8_t)val);
    rtc_set_cmos(rtc, index + 1, (uint8_t)(val >> 8));
}

static bool is_disk(const struct pc_drive *d)
{
    return d->present && !d->cdrom;
}

void pc_fill_cmos(struct rtc *rtc, const struct fdc *fdc, const struct pc_config *c)
{
    uint8_t type[2] = {fdc_cmos_type(fdc, 0), fdc_cmos_type(fdc, 1)};
    unsigned floppies = (type[0] != 0) + (type[1] != 0);
    uint32_t above_1m = (c->ram_size - MIB) / KIB;
    uint32_t above_16m = c->ram_size > 16 * MIB ? (c->ram_size - 16 * MIB) / (64 * KIB) : 0;

    rtc_set_cmos(rtc, 0x10, (uint8_t)(type[0] << 4 | type[1]));
    rtc_set_cmos(rtc, 0x12, (is_disk(&c->ide[0]) ? 0xf0 : 0) | (is_disk(&c->ide[1]) ? 0x0f : 0));
    rtc_set_cmos(rtc, 0x19, is_disk(&c->ide[0]) ? 47 : 0);
    rtc_set_cmos(rtc, 0x1a, is_disk(&c->ide[1]) ? 47 : 0);
    /* Equipment: floppies, a coprocessor, a PS/2 mouse, VGA. */
    rtc_set_cmos(rtc, 0x14,
                 (uint8_t)(0x06 | (floppies ? 1 | (floppies - 1) << 6 : 0) | (c->vga ? 0 : 0x30)));

    set_cmos16(rtc, 0x15, 640);
    set_cmos16(rtc, 0x17, above_1m);
    set_cmos16(rtc, 0x30, above_1m);
    set_cmos16(rtc, 0x34, above_16m);

    rtc_set_cmos(rtc, 0x3d,
                 (uint8_t)(boot_device(c->boot_order[0]) |
                           boot_device(c->boot_order[0] ? c->boot_order[1] : 0) << 4));
    if (c->boot_order[0] && c->boot_order[1]) {
        rtc_set_cmos(rtc, 0x38, (uint8_t)(boot_device(c->boot_order[2]) << 4 | 1));
    } else {
        rtc_set_cmos(rtc, 0x38, 1); /* bit 0: boot sectors need no signature check */
    }
    unsigned sum = 0;

    for (unsigned i = 0x10; i < 0x2e; i++) {
        sum += rtc_get_cmos(rtc, i);
    }
    rtc_set_cmos(rtc, 0x2e, (uint8_t)(sum >> 8));
    rtc_set_cmos(rtc, 0x2f, (uint8_t)sum);
}

char *pc_add_option_roms(struct fwcfg *fwcfg, const struct pc_config *config)
{
    for (unsigned i = 0; i < config->option_rom_count; i++) {
        const char *path = config->option_rom[i], *slash = strrchr(path, '/');
        char *error = NULL, *name = xasprintf("genroms/%.47s", slash ? slash + 1 : path);
        uint32_t size;
        uint8_t *bytes = read_file("option ROM", path, UPPER_ROM_MAX, &size, &error);

        if (bytes) {
            error = fwcfg_add_file(fwcfg, name, bytes, size);
        }
        free(bytes);
        free(name);
        if (error) {
            return error;
        }
    }
    return NULL;
}

#define KERNEL_ROM "genroms/gnomon-kernel.bin"

char *pc_add_vgabios(struct fwcfg *fwcfg, const struct pc_config *config,
                     const struct pc_roms *roms)
{
    return config->isapc && roms->vgabios
               ? fwcfg_add_file(fwcfg, "vgaroms/vgabios.bin", roms->vgabios, roms->vgabios_size)
               : NULL;
}

char *pc_add_kernel(struct fwcfg *fwcfg, const struct pc_config *config)
{
    static const char first[] = "/rom@" KERNEL_ROM; /* as SeaBIOS names it, with its 0 */
    char *error = fwcfg_add_kernel(fwcfg, config->kernel, config->initrd, config->append);

    if (!error) {
        error = fwcfg_add_file(fwcfg, KERNEL_ROM, rom_kernel, (uint32_t)rom_kernel_size);
    }
    if (!error) {
        error = fwcfg_add_file(fwcfg, "bootorder", first, sizeof(first));
    }
    return error;
}
