/* SPDX-License-Identifier: MIT */
/*
 * Multiboot 1 (specification 0.6.96): a kernel in ELF32 or with the header's own addresses, and its
 * modules. The memory image and the information structure are made here; the option ROM
 * (roms/kernel) copies both to their places, adds what the BIOS says of memory, and enters the
 * kernel in flat protected mode.
 *
 * Not modelled: video modes (header flag 2 is accepted and ignored), the symbol table, the drives
 * and APM fields.
 */
#include "hw/multiboot.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

#define MAGIC  0x1badb002
#define SEARCH 8192u

enum { /* header flags; a loader must refuse those of bits 0-15 that it does not know */
       WANT_PAGE_ALIGN = 1 << 0,
       WANT_MEMORY = 1 << 1,
       WANT_VIDEO = 1 << 2,
       HAS_ADDRESSES = 1 << 16,
};
enum { /* information flags and offsets */
       INFO_MEMORY = 1 << 0,
       INFO_BOOT_DEVICE = 1 << 1,
       INFO_CMDLINE = 1 << 2,
       INFO_MODULES = 1 << 3,
       INFO_MMAP = 1 << 6,
       INFO_LOADER = 1 << 9,

       MBI_FLAGS = 0,
       MBI_BOOT_DEVICE = 12,
       MBI_CMDLINE = 16,
       MBI_MODS_COUNT = 20,
       MBI_MODS_ADDR = 24,
       MBI_MMAP_ADDR = 48,
       MBI_LOADER = 64,
       MBI_SIZE = 120,
};
#define INFO_BASE  0x9000u /* the information, its strings and tables */
#define INFO_TOP   0x80000u
#define MMAP_ROOM  (32u * 24)
#define STACK_ROOM 512u /* the option ROM's, while it fetches the kernel */

/* A growing part of guest memory from a fixed address on. */
struct image {
    uint32_t base, len, cap;
    uint8_t *bytes;
};

/* Makes the image reach to `len`; the new bytes are zero. */
static void image_extend(struct image *i, uint32_t len)
{
    if (len <= i->len) {
        return;
    }
    if (len > i->cap) {
        i->cap = len > UINT32_MAX / 2 ? len : len + len / 2;
        i->bytes = xrealloc(i->bytes, i->cap);
    }
    memset(i->bytes + i->len, 0, len - i->len);
    i->len = len;
}

static uint32_t image_append(struct image *i, const void *bytes, uint32_t len)
{
    uint32_t at = i->len;

    image_extend(i, at + len);
    memcpy(i->bytes + at, bytes, len);
    return i->base + at;
}

static const uint8_t *find_header(const struct kernel_files *f)
{
    for (uint32_t at = 0; at + 12 <= f->len && at < SEARCH; at += 4) {
        const uint8_t *h = f->bytes + at;

        if (load_le32(h) == MAGIC && load_le32(h) + load_le32(h + 4) + load_le32(h + 8) == 0) {
            return h;
        }
    }
    return NULL;
}

bool multiboot_is_kernel(const struct kernel_files *f)
{
    return find_header(f) != NULL;
}

static char *truncated(const struct kernel_files *f)
{
    return xasprintf("the kernel '%s' is truncated or damaged: its headers point outside the file",
                     f->kernel);
}

static char *too_large(const struct kernel_files *f)
{
    return xasprintf(
        "the kernel '%s' and its modules do not fit in %u MiB: give more memory with -m", f->kernel,
        f->ram_size >> 20);
}

static bool in_ram(const struct kernel_files *f, uint32_t address, uint32_t len)
{
    return len <= f->top && address <= f->top - len;
}

/* The header's own addresses ("a.out kludge"). */
static char *load_addresses(const struct kernel_files *f, const uint8_t *h, struct image *image,
                            uint32_t *entry)
{
    uint32_t offset = (uint32_t)(h - f->bytes);

    if (offset + 32 > f->len) {
        return truncated(f);
    }
    uint32_t header = load_le32(h + 12), load = load_le32(h + 16), load_end = load_le32(h + 20);
    uint32_t bss_end = load_le32(h + 24);

    *entry = load_le32(h + 28);
    if (header < load || header - load > offset) {
        return truncated(f);
    }
    uint32_t from = offset - (header - load);
    uint32_t size = load_end ? load_end - load : f->len - from;
    uint32_t all = bss_end > load + size ? bss_end - load : size;

    if (load_end && load_end < load) {
        return truncated(f);
    }
    if (size > f->len - from) {
        return truncated(f);
    }
    if (!in_ram(f, load, all)) {
        return too_large(f);
    }
    image->base = load;
    image_append(image, f->bytes + from, size);
    image_extend(image, all);
    return NULL;
}

/* The extent of the PT_LOAD segments in physical memory. */
static char *elf_extent(const struct kernel_files *f, uint32_t *low, uint32_t *high)
{
    uint32_t phoff = load_le32(f->bytes + 28);
    uint16_t size = load_le16(f->bytes + 42), count = load_le16(f->bytes + 44);

    if (size < 32 || phoff > f->len || (uint64_t)size * count > f->len - phoff) {
        return truncated(f);
    }
    *low = UINT32_MAX;
    *high = 0;
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *p = f->bytes + phoff + i * size;
        uint32_t offset = load_le32(p + 4), paddr = load_le32(p + 12), filesz = load_le32(p + 16);
        uint32_t memsz = load_le32(p + 20);

        if (load_le32(p) != 1 || !memsz) {
            continue;
        }
        if (offset > f->len || filesz > f->len - offset || filesz > memsz) {
            return truncated(f);
        }
        if (!in_ram(f, paddr, memsz)) {
            return too_large(f);
        }
        *low = paddr < *low ? paddr : *low;
        *high = paddr + memsz > *high ? paddr + memsz : *high;
    }
    return *high ? NULL : xasprintf("the kernel '%s' has nothing to load", f->kernel);
}

static char *load_elf(const struct kernel_files *f, struct image *image, uint32_t *entry)
{
    if (f->len < 52 || load_le32(f->bytes) != 0x464c457f) {
        return xasprintf("the kernel '%s' has a Multiboot header without addresses and is not ELF",
                         f->kernel);
    }
    if (f->bytes[4] != 1 || f->bytes[5] != 1 || load_le16(f->bytes + 18) != 3) {
        return xasprintf(
            "the kernel '%s' is not 32-bit x86 ELF: Multiboot 1 starts kernels in 32-bit mode",
            f->kernel);
    }
    uint32_t low = 0, high = 0, phoff = load_le32(f->bytes + 28);
    char *error = elf_extent(f, &low, &high);

    if (error) {
        return error;
    }
    *entry = load_le32(f->bytes + 24);
    image->base = low;
    image_extend(image, high - low);
    uint32_t virtual_entry = *entry;

    for (unsigned i = 0; i < load_le16(f->bytes + 44); i++) {
        const uint8_t *p = f->bytes + phoff + i * load_le16(f->bytes + 42);
        uint32_t vaddr = load_le32(p + 8), paddr = load_le32(p + 12), memsz = load_le32(p + 20);

        if (load_le32(p) != 1 || !memsz) {
            continue;
        }
        memcpy(image->bytes + paddr - low, f->bytes + load_le32(p + 4), load_le32(p + 16));
        if (virtual_entry >= vaddr && virtual_entry - vaddr < memsz) {
            *entry =
                virtual_entry - vaddr + paddr; /* a kernel linked high is entered where it lies */
        }
    }
    return NULL;
}

/* One module: "file args"; image grows behind the kernel, the table entry is filled in. */
static char *add_module(const struct kernel_files *f, const char *spec, struct image *image,
                        struct image *info, uint32_t entry)
{
    char *path = xstrdup(spec), *space = strchr(path, ' ');
    uint8_t *bytes;
    uint32_t len;

    if (space) {
        *space = 0;
    }
    char *error = fwcfg_read_file("module", path, &bytes, &len);

    free(path);
    if (error) {
        return error;
    }
    uint64_t start = ((uint64_t)image->base + image->len + 0xfff) & ~0xfffull;

    if (start + len > f->top) {
        free(bytes);
        return too_large(f);
    }
    image_extend(image, (uint32_t)start - image->base);
    image_append(image, bytes, len);
    free(bytes);
    uint32_t name = image_append(info, spec, (uint32_t)strlen(spec) + 1);

    store_le32(info->bytes + entry, (uint32_t)start);
    store_le32(info->bytes + entry + 4, (uint32_t)start + len);
    store_le32(info->bytes + entry + 8, name);
    store_le32(info->bytes + entry + 12, 0);
    return NULL;
}

/* Commas part the modules; two stand for one in a name. The count; next gets the parts. */
static unsigned split_modules(char *list, char **part, unsigned max)
{
    unsigned n = 0;
    char *to = list;

    part[n++] = list;
    for (char *from = list; *from; from++) {
        if (*from == ',' && from[1] == ',') {
            from++;
        } else if (*from == ',') {
            *to++ = 0;
            if (n == max) {
                break;
            }
            part[n++] = to;
            continue;
        }
        *to++ = *from;
    }
    *to = 0;
    return n;
}

#define MODULES_MAX 256

static char *add_modules(const struct kernel_files *f, struct image *image, struct image *info)
{
    char *part[MODULES_MAX], *error = NULL;

    if (!f->initrd || !*f->initrd) {
        return NULL;
    }
    char *list = xstrdup(f->initrd);
    unsigned n = split_modules(list, part, MODULES_MAX);
    uint32_t table = info->len;

    image_extend(info, table + n * 16);
    for (unsigned i = 0; i < n && !error; i++) {
        error = add_module(f, part[i], image, info, table + i * 16);
    }
    store_le32(info->bytes + MBI_MODS_COUNT, n);
    store_le32(info->bytes + MBI_MODS_ADDR, info->base + table);
    free(list);
    return error;
}

/* Room for what the BIOS's INT 15h/E820h tells: the option ROM fills it in, and the sizes. */
static void add_memory_map(struct image *info)
{
    store_le32(info->bytes + MBI_MMAP_ADDR, info->base + info->len);
    image_extend(info, info->len + MMAP_ROOM);
}

static char *make_info(const struct kernel_files *f, struct image *image, struct image *info)
{
    image_extend(info, MBI_SIZE);
    store_le32(info->bytes + MBI_FLAGS, INFO_MEMORY | INFO_BOOT_DEVICE | INFO_CMDLINE |
                                            INFO_MODULES | INFO_MMAP | INFO_LOADER);
    store_le32(info->bytes + MBI_BOOT_DEVICE, 0x8000ffff); /* first hard disk */
    add_memory_map(info);
    char *error = add_modules(f, image, info);

    if (error) {
        return error;
    }
    char *line = xasprintf("%s%s%s", f->kernel, *f->append ? " " : "", f->append);
    uint32_t cmdline = image_append(info, line, (uint32_t)strlen(line) + 1);

    free(line);
    store_le32(info->bytes + MBI_CMDLINE, cmdline);
    uint32_t loader = image_append(info, "gnomon", 7);

    store_le32(info->bytes + MBI_LOADER, loader);
    image_extend(info, info->len + STACK_ROOM);
    if (info->base + info->len > INFO_TOP) {
        return xasprintf("the command line and the module names are too long together");
    }
    if (image->base < info->base + info->len && image->base + image->len > info->base) {
        return xasprintf("the kernel '%s' loads to %xh, where the boot information goes (%xh)",
                         f->kernel, image->base, info->base);
    }
    return NULL;
}

char *multiboot_add(struct fwcfg *s, const struct kernel_files *f)
{
    const uint8_t *h = find_header(f);
    uint32_t flags = load_le32(h + 4), entry = 0;
    struct image image = {0}, info = {.base = INFO_BASE};
    char *error;

    if (flags & 0xffff & ~(WANT_PAGE_ALIGN | WANT_MEMORY | WANT_VIDEO)) {
        return xasprintf("the kernel '%s' wants Multiboot features (flags %xh) that are not there",
                         f->kernel, flags);
    }
    error =
        flags & HAS_ADDRESSES ? load_addresses(f, h, &image, &entry) : load_elf(f, &image, &entry);
    if (!error) {
        error = make_info(f, &image, &info);
    }
    if (error) {
        free(image.bytes);
        free(info.bytes);
        return error;
    }
    fwcfg_add_u32(s, FW_KERNEL_ENTRY, entry);
    fwcfg_add_u32(s, FW_KERNEL_ADDR, image.base);
    fwcfg_add_u32(s, FW_KERNEL_SIZE, image.len);
    fwcfg_add_bytes(s, FW_KERNEL_DATA, image.bytes, image.len);
    fwcfg_add_u32(s, FW_INITRD_ADDR, info.base);
    fwcfg_add_u32(s, FW_INITRD_SIZE, info.len);
    fwcfg_add_bytes(s, FW_INITRD_DATA, info.bytes, info.len);
    return NULL;
}
