/* SPDX-License-Identifier: MIT */
/*
 * The firmware configuration device of QEMU's PCs (docs/specs/fw_cfg of QEMU), as far as a BIOS
 * needs it to start a kernel: port 510h selects an item, port 511h reads its bytes, 514h-51Bh take
 * the address of a DMA request.
 *
 * Not modelled: writing to items.
 */
#include "hw/fwcfg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/endian.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/linux_boot.h"
#include "hw/machine.h"
#include "hw/multiboot.h"

enum { /* DMA control, upper half: the selector */
       DMA_ERROR = 1 << 0,
       DMA_READ = 1 << 1,
       DMA_SKIP = 1 << 2,
       DMA_SELECT = 1 << 3,
       DMA_WRITE = 1 << 4,
};

#define ID_DMA 0x03 /* FW_ID: the traditional and the DMA interface */
#define ITEMS  (FW_FILE_FIRST + FWCFG_FILES)
#define KEY_MASK                                                                    \
    0xbfff /* bit 14, the write channel, is not there; bit 15 is part of the number \
            */
#define KERNEL_MAX   (1u << 30)
#define FIRMWARE_TOP 0x28000u /* of RAM, as QEMU leaves it to SeaBIOS */

struct fwcfg {
    uint16_t key;
    uint32_t offset;
    uint64_t dma_address;

    /* What the command line gave; not saved. */
    struct item {
        uint8_t *bytes;
        uint32_t len;
    } item[ITEMS];
    char file[FWCFG_FILES][56]; /* their names */
    unsigned files;
    struct machine *machine;
};

static const struct item *selected(const struct fwcfg *s)
{
    static const struct item none;
    unsigned key = s->key & KEY_MASK;

    return key < ITEMS ? &s->item[key] : &none;
}

static void select_item(struct fwcfg *s, uint16_t key)
{
    s->key = key;
    s->offset = 0;
}

static uint8_t next_byte(struct fwcfg *s)
{
    const struct item *item = selected(s);

    return s->offset < item->len ? item->bytes[s->offset++] : 0;
}

static uint32_t swap32(uint32_t v)
{
    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

/* Zeros to RAM; what lies beyond its end is nowhere. */
static void clear_ram(struct fwcfg *s, uint64_t address, uint64_t len)
{
    static const uint8_t zeros[PAGE_SIZE];
    struct physmem *pm = &s->machine->mem;

    while (len && address < pm->ram_size) {
        size_t n = len < sizeof(zeros) ? len : sizeof(zeros);

        physmem_write(pm, address, zeros, n);
        address += n;
        len -= n;
    }
}

static void dma_run(struct fwcfg *s, uint64_t at)
{
    struct physmem *pm = &s->machine->mem;
    uint8_t request[16];

    physmem_read(pm, at, request, sizeof(request));
    uint32_t control = swap32(load_le32(request));
    uint32_t len = swap32(load_le32(request + 4));
    uint64_t address =
        (uint64_t)swap32(load_le32(request + 8)) << 32 | swap32(load_le32(request + 12));
    uint32_t result = 0;

    if (control & DMA_SELECT) {
        select_item(s, control >> 16);
    }
    const struct item *item = selected(s);
    uint32_t left = item->len - (s->offset < item->len ? s->offset : item->len);
    uint32_t n = len < left ? len : left;

    if (control & DMA_READ) {
        if (address < pm->ram_size && n) {
            uint64_t room = pm->ram_size - address;

            physmem_write(pm, address, item->bytes + s->offset, n < room ? n : (size_t)room);
        }
        clear_ram(s, address + n, len - n);
        s->offset += n;
    } else if (control & DMA_WRITE) {
        log_guest(GUEST_ERROR, "fwcfg: write to item %04xh refused", s->key);
        result = DMA_ERROR;
    } else if (control & DMA_SKIP) {
        s->offset += n;
    }
    store_le32(request, swap32(result));
    physmem_write(pm, at, request, 4);
}

static uint32_t fwcfg_read(void *opaque, uint16_t port, unsigned size)
{
    struct fwcfg *s = opaque;
    uint32_t val = 0;

    (void)port;
    for (unsigned i = 0; i < size; i++) {
        val |= (uint32_t)next_byte(s) << (8 * i);
    }
    return val;
}

static void fwcfg_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct fwcfg *s = opaque;

    if (port == FWCFG_PORT && size == 2) {
        select_item(s, (uint16_t)val);
    }
}

static uint32_t dma_read(void *opaque, uint16_t port, unsigned size)
{
    static const char signature[] = "QEMU CFG";
    uint32_t val = 0;

    (void)opaque;
    for (unsigned i = 0; i < size; i++) {
        val |= (uint32_t)(uint8_t)signature[(port - FWCFG_DMA_PORT + i) & 7] << (8 * i);
    }
    return val;
}

/* Big-endian: the high half first; writing the low half starts the request. */
static void dma_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct fwcfg *s = opaque;

    if (size != 4) {
        return;
    }
    if (port == FWCFG_DMA_PORT) {
        s->dma_address = (uint64_t)swap32(val) << 32;
    } else if (port == FWCFG_DMA_PORT + 4) {
        uint64_t at = s->dma_address | swap32(val);

        s->dma_address = 0;
        dma_run(s, at);
    }
}

static void fwcfg_reset(void *opaque)
{
    struct fwcfg *s = opaque;

    select_item(s, FW_SIGNATURE);
    s->dma_address = 0;
}

static void fwcfg_destroy(void *opaque)
{
    struct fwcfg *s = opaque;

    for (unsigned i = 0; i < ITEMS; i++) {
        free(s->item[i].bytes);
    }
}

static const struct state_field fwcfg_state[] = {
    STATE(struct fwcfg, key),
    STATE(struct fwcfg, offset),
    STATE(struct fwcfg, dma_address),
    STATE_END,
};

static const struct device_type fwcfg_type = {
    .name = "fwcfg",
    .reset = fwcfg_reset,
    .destroy = fwcfg_destroy,
    .state = fwcfg_state,
};

void fwcfg_add_bytes(struct fwcfg *s, uint16_t key, uint8_t *bytes, uint32_t len)
{
    free(s->item[key].bytes);
    s->item[key].bytes = bytes;
    s->item[key].len = len;
}

void fwcfg_add_u32(struct fwcfg *s, uint16_t key, uint32_t value)
{
    uint8_t *bytes = xmalloc(4);

    store_le32(bytes, value);
    fwcfg_add_bytes(s, key, bytes, 4);
}

/* The directory: a count, then 64 bytes a file; numbers are big-endian. */
static void write_directory(struct fwcfg *s)
{
    uint32_t len = 4 + 64 * s->files;
    uint8_t *bytes = xcalloc(1, len);

    store_le32(bytes, swap32(s->files));
    for (unsigned n = 0; n < s->files; n++) {
        uint8_t *entry = bytes + 4 + 64 * (size_t)n;

        store_le32(entry, swap32(s->item[FW_FILE_FIRST + n].len));
        store_le32(entry + 4, swap32((FW_FILE_FIRST + n) << 16));
        memcpy(entry + 8, s->file[n], sizeof(s->file[n]));
    }
    fwcfg_add_bytes(s, FW_FILE_DIR, bytes, len);
}

char *fwcfg_add_file(struct fwcfg *s, const char *name, const void *bytes, uint32_t len)
{
    for (unsigned n = 0; n < s->files; n++) {
        if (!strncmp(s->file[n], name, sizeof(s->file[n]) - 1)) { /* as it is kept */
            return xasprintf("duplicate fw_cfg file name '%s': give one of the two another", name);
        }
    }
    if (s->files == FWCFG_FILES) {
        return xasprintf("no room for fw_cfg file '%s': there are %u already", name, FWCFG_FILES);
    }
    uint8_t *copy = xmalloc(len ? len : 1);
    unsigned n = s->files++;

    if (len) {
        memcpy(copy, bytes, len);
    }
    snprintf(s->file[n], sizeof(s->file[n]), "%s", name);
    fwcfg_add_bytes(s, (uint16_t)(FW_FILE_FIRST + n), copy, len);
    write_directory(s);
    return NULL;
}

struct fwcfg *fwcfg_create(struct machine *m)
{
    struct fwcfg *s = device_new(m, &fwcfg_type, sizeof(*s));
    uint8_t *signature = xmalloc(4), *ram = xcalloc(1, 8);

    s->machine = m;
    memcpy(signature, "QEMU", 4);
    store_le32(ram, m->mem.ram_size);
    fwcfg_add_bytes(s, FW_SIGNATURE, signature, 4);
    fwcfg_add_u32(s, FW_ID, ID_DMA);
    fwcfg_add_bytes(s, FW_RAM_SIZE, ram, 8);
    fwcfg_add_u32(s, FW_NB_CPUS, 1);
    fwcfg_add_u32(s, FW_MAX_CPUS, 1);
    write_directory(s);
    io_map_wide(m, FWCFG_PORT, 2, fwcfg_read, fwcfg_write, s);
    io_map_wide(m, FWCFG_DMA_PORT, 8, dma_read, dma_write, s);
    return s;
}

/* ---- the kernel ---- */

char *fwcfg_read_file(const char *what, const char *path, uint8_t **bytes, uint32_t *len)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    char *error = NULL;

    if (!f) {
        return xasprintf("cannot open the %s '%s': %s", what, path, strerror(errno));
    }
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        error = xasprintf("the %s '%s' is not a file", what, path);
    } else if (st.st_size == 0) {
        error = xasprintf("the %s '%s' is empty", what, path);
    } else if (st.st_size > KERNEL_MAX) {
        error = xasprintf("the %s '%s' is larger than %u MiB", what, path, KERNEL_MAX >> 20);
    } else {
        *len = (uint32_t)st.st_size;
        *bytes = xmalloc(*len);
        if (fread(*bytes, 1, *len, f) != *len) {
            error = xasprintf("cannot read the %s '%s': %s", what, path,
                              ferror(f) ? strerror(errno) : "it became shorter");
            free(*bytes);
        }
    }
    fclose(f);
    return error;
}

char *fwcfg_add_kernel(struct fwcfg *s, const char *kernel, const char *initrd, const char *append)
{
    uint8_t *bytes;
    uint32_t len;
    char *error = fwcfg_read_file("kernel", kernel, &bytes, &len);

    if (error) {
        return error;
    }
    struct kernel_files files = {kernel,
                                 initrd,
                                 append ? append : "",
                                 bytes,
                                 len,
                                 s->machine->mem.ram_size,
                                 s->machine->mem.ram_size - FIRMWARE_TOP};

    if (multiboot_is_kernel(&files)) {
        error = multiboot_add(s, &files);
    } else if (linux_is_kernel(&files)) {
        error = linux_add(s, &files);
    } else {
        error =
            xasprintf("the kernel '%s' is neither a Linux bzImage nor a Multiboot kernel", kernel);
    }
    free(bytes);
    return error;
}
