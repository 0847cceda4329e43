/* SPDX-License-Identifier: MIT */
/*
 * Linux kernels: the header of the setup part is read and filled in here, the BIOS copies the parts
 * to their places and jumps to the real-mode entry (Linux, Documentation/x86/boot.rst,
 * protocol 2.02 to 2.15).
 */
#include "hw/linux_boot.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

enum { /* offsets in the setup header */
       HDR_SETUP_SECTS = 0x1f1,
       HDR_SYSSIZE = 0x1f4,
       HDR_VID_MODE = 0x1fa,
       HDR_BOOT_FLAG = 0x1fe,
       HDR_MAGIC = 0x202,
       HDR_VERSION = 0x206,
       HDR_LOADER = 0x210,
       HDR_LOADFLAGS = 0x211,
       HDR_RAMDISK_IMAGE = 0x218,
       HDR_RAMDISK_SIZE = 0x21c,
       HDR_HEAP_END = 0x224,
       HDR_CMDLINE = 0x228,
       HDR_INITRD_MAX = 0x22c,
       HDR_CMDLINE_MAX = 0x238,
       HDR_END = 0x240,
};
enum { LOADED_HIGH = 0x01, CAN_USE_HEAP = 0x80 };

#define MAGIC           0x53726448 /* "HdrS" */
#define LOADER_UNKNOWN  0xff
#define SECTOR          512u
#define CMDLINE_OLD_MAX 255u /* before protocol 2.06 */

/* Where the parts go. The setup's heap and stack fill the gap up to the command line. */
struct layout {
    uint32_t setup, cmdline, kernel;
};
static const struct layout layout_high = {0x10000, 0x20000, 0x100000};
static const struct layout layout_low = {0x90000, 0x9a000, 0x10000};

bool linux_is_kernel(const struct kernel_files *f)
{
    return f->len >= HDR_END && load_le32(f->bytes + HDR_MAGIC) == MAGIC;
}

/* vga=normal, ext, ask or a number: what a boot loader puts in the header. */
static uint16_t video_mode(const char *append)
{
    const char *p = append;

    while ((p = strstr(p, "vga=")) != NULL && p != append && p[-1] != ' ') {
        p += 4;
    }
    if (!p) {
        return 0xffff;
    }
    p += 4;
    if (strncmp(p, "ext", 3) == 0) {
        return 0xfffe;
    }
    if (strncmp(p, "ask", 3) == 0) {
        return 0xfffd;
    }
    return strncmp(p, "normal", 6) == 0 ? 0xffff : (uint16_t)strtoul(p, NULL, 0);
}

static char *add_initrd(struct fwcfg *s, const struct kernel_files *f, uint8_t *setup,
                        uint32_t kernel_end)
{
    uint16_t version = load_le16(setup + HDR_VERSION);
    uint32_t top = version >= 0x203 ? load_le32(setup + HDR_INITRD_MAX) : 0x37ffffff;
    uint8_t *bytes;
    uint32_t len;
    char *error = fwcfg_read_file("initrd", f->initrd, &bytes, &len);

    if (error) {
        return error;
    }
    if (top >= f->top) {
        top = f->top - 1;
    }
    if (len > top || ((top - len) & ~0xfffu) < kernel_end) {
        free(bytes);
        return xasprintf(
            "the initrd '%s' does not fit above the kernel in %u MiB: give more memory with -m",
            f->initrd, f->ram_size >> 20);
    }
    uint32_t address = (top - len) & ~0xfffu;

    store_le32(setup + HDR_RAMDISK_IMAGE, address);
    store_le32(setup + HDR_RAMDISK_SIZE, len);
    fwcfg_add_u32(s, FW_INITRD_ADDR, address);
    fwcfg_add_u32(s, FW_INITRD_SIZE, len);
    fwcfg_add_bytes(s, FW_INITRD_DATA, bytes, len);
    return NULL;
}

static char *check(const struct kernel_files *f, uint32_t setup_size)
{
    uint16_t version = load_le16(f->bytes + HDR_VERSION);
    uint32_t paragraphs = load_le32(f->bytes + HDR_SYSSIZE);

    if (load_le16(f->bytes + HDR_BOOT_FLAG) != 0xaa55) {
        return xasprintf("the kernel '%s' is damaged: its boot sector has no signature", f->kernel);
    }
    if (version < 0x202) {
        return xasprintf(
            "the kernel '%s' has boot protocol %u.%02u; 2.02 is the oldest that can be loaded",
            f->kernel, version >> 8, version & 0xff);
    }
    if (version < 0x204) {
        paragraphs &=
            0xffff; /* the upper half had another meaning, and large kernels did not fit */
    }
    if (setup_size >= f->len ||
        (version >= 0x204 && (uint64_t)f->len - setup_size + 15 < (uint64_t)paragraphs * 16)) {
        return xasprintf("the kernel '%s' is truncated: %u bytes, its header says %llu", f->kernel,
                         f->len,
                         (unsigned long long)setup_size + (unsigned long long)paragraphs * 16);
    }
    return NULL;
}

char *linux_add(struct fwcfg *s, const struct kernel_files *f)
{
    uint8_t sectors = f->bytes[HDR_SETUP_SECTS];
    uint32_t setup_size = ((sectors ? sectors : 4) + 1) * SECTOR, kernel_size = f->len - setup_size;
    const struct layout *l = f->bytes[HDR_LOADFLAGS] & LOADED_HIGH ? &layout_high : &layout_low;
    char *error = check(f, setup_size);

    if (error) {
        return error;
    }
    uint16_t version = load_le16(f->bytes + HDR_VERSION);
    uint32_t append_len = (uint32_t)strlen(f->append);
    uint32_t append_max =
        version >= 0x206 ? load_le32(f->bytes + HDR_CMDLINE_MAX) : CMDLINE_OLD_MAX;

    if (append_len > append_max || append_len >= 0x5000) {
        return xasprintf("the command line (-append) has %u characters, this kernel takes %u",
                         append_len, append_max);
    }
    if (setup_size > l->cmdline - l->setup - 0x1000 ||
        (l == &layout_low && kernel_size > l->setup - l->kernel) ||
        (uint64_t)l->kernel + kernel_size > f->top) {
        return xasprintf("the kernel '%s' does not fit in %u MiB: give more memory with -m",
                         f->kernel, f->ram_size >> 20);
    }

    uint8_t *setup = xmalloc(setup_size), *kernel = xmalloc(kernel_size);

    memcpy(setup, f->bytes, setup_size);
    memcpy(kernel, f->bytes + setup_size, kernel_size);
    setup[HDR_LOADER] = LOADER_UNKNOWN;
    setup[HDR_LOADFLAGS] |= CAN_USE_HEAP;
    store_le16(setup + HDR_HEAP_END, (uint16_t)(l->cmdline - l->setup - 0x200));
    store_le32(setup + HDR_CMDLINE, l->cmdline);
    store_le16(setup + HDR_VID_MODE, video_mode(f->append));
    if (f->initrd) {
        error = add_initrd(s, f, setup, l->kernel + kernel_size);
    }
    fwcfg_add_u32(s, FW_SETUP_ADDR, l->setup);
    fwcfg_add_u32(s, FW_SETUP_SIZE, setup_size);
    fwcfg_add_bytes(s, FW_SETUP_DATA, setup, setup_size);
    fwcfg_add_u32(s, FW_CMDLINE_ADDR, l->cmdline);
    fwcfg_add_u32(s, FW_CMDLINE_SIZE, append_len + 1);
    fwcfg_add_bytes(s, FW_CMDLINE_DATA, (uint8_t *)xstrdup(f->append), append_len + 1);
    fwcfg_add_u32(s, FW_KERNEL_ADDR, l->kernel);
    fwcfg_add_u32(s, FW_KERNEL_SIZE, kernel_size);
    fwcfg_add_bytes(s, FW_KERNEL_DATA, kernel, kernel_size);
    return error;
}
