/* SPDX-License-Identifier: MIT */
/*
 * The firmware configuration device (ports 510h-51Bh): how the board hands the BIOS files, and a
 * kernel to start.
 */
#ifndef HW_FWCFG_H
#define HW_FWCFG_H

#include "base/types.h"

struct machine;
struct fwcfg;

struct fwcfg *fwcfg_create(struct machine *m);

/* Reads a Linux bzImage or a Multiboot 1 kernel and puts it where the BIOS finds it at each reset.
 * initrd and append may be NULL; for Multiboot, initrd is a comma-separated list of modules, each
 * "file args". NULL if all is well, else one line that says what is wrong (caller frees). Call once
 * RAM has its size. */
char *fwcfg_add_kernel(struct fwcfg *s, const char *kernel, const char *initrd, const char *append);
/* One of FWCFG_FILES that the guest finds by its name (up to 55 characters); takes a copy. NULL, or
 * a message (caller frees): there is one of that name, or no room. */
char *fwcfg_add_file(struct fwcfg *s, const char *name, const void *bytes, uint32_t len);

#define FWCFG_FILES    16u /* at most */
#define FWCFG_PORT     0x510
#define FWCFG_DMA_PORT 0x514

/* What the loaders get. */
struct kernel_files {
    const char *kernel, *initrd, *append; /* initrd may be NULL */
    const uint8_t *bytes;                 /* of the kernel file */
    uint32_t len;
    uint32_t ram_size; /* for messages */
    uint32_t top;      /* nothing goes here or above: a BIOS may have its ACPI tables there */
};

/* For the loaders: a whole regular file, at least one byte; NULL or one line that says why not. */
char *fwcfg_read_file(const char *what, const char *path, uint8_t **bytes, uint32_t *len);
/* For linux_boot.c and multiboot.c: takes the bytes (malloc'ed; NULL only if len is 0). */
void fwcfg_add_bytes(struct fwcfg *s, uint16_t key, uint8_t *bytes, uint32_t len);
void fwcfg_add_u32(struct fwcfg *s, uint16_t key, uint32_t value);

/* Selectors, as QEMU numbers them. */
enum {
    FW_SIGNATURE = 0x00,
    FW_ID = 0x01,
    FW_RAM_SIZE = 0x03,
    FW_NB_CPUS = 0x05,
    FW_KERNEL_ADDR = 0x07,
    FW_KERNEL_SIZE = 0x08,
    FW_INITRD_ADDR = 0x0a,
    FW_INITRD_SIZE = 0x0b,
    FW_BOOT_MENU = 0x0e,
    FW_MAX_CPUS = 0x0f,
    FW_KERNEL_ENTRY = 0x10,
    FW_KERNEL_DATA = 0x11,
    FW_INITRD_DATA = 0x12,
    FW_CMDLINE_ADDR = 0x13,
    FW_CMDLINE_SIZE = 0x14,
    FW_CMDLINE_DATA = 0x15,
    FW_SETUP_ADDR = 0x16,
    FW_SETUP_SIZE = 0x17,
    FW_SETUP_DATA = 0x18,
    FW_FILE_DIR = 0x19,
    FW_FILE_FIRST = 0x20,
};

#endif
