/* SPDX-License-Identifier: MIT */
#include "frontends/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cpu/cpu.h"
#include "frontends/drives.h"
#include "frontends/qmp.h"
#include "frontends/session.h"
#include "host/display.h"

char *control_screendump(struct session *s, const char *path, const char *format)
{
    struct picture p = {0};
    char *error;

    if (format && strcmp(format, "ppm") && strcmp(format, "png")) {
        return xasprintf("Parameter 'format' does not accept value '%s'", format);
    }
    pc_screen(s->m, &p);
    if (!p.width || !p.height) {
        error = xstrdup("There is no console to take a screendump from");
    } else if (format && !strcmp(format, "png")) {
        error = picture_write_png(&p, path);
    } else {
        error = picture_write_ppm(&p, path);
    }
    picture_free(&p);
    return error;
}

/* Up to the page's end. False: not mapped. */
static bool read_part(struct session *s, uint64_t addr, uint8_t *buf, size_t n, bool linear)
{
    phys_addr_t phys = addr;
    uint32_t error_code;

    if (linear &&
        !mmu_probe(&s->m->cpu->mmu, (linear_addr_t)addr, MMU_READ, false, &phys, &error_code)) {
        return false;
    }
    physmem_read(&s->m->mem, linear ? physmem_a20(&s->m->mem, phys) : phys, buf, n);
    return true;
}

char *control_save_memory(struct session *s, uint64_t addr, uint64_t size, const char *path,
                          bool linear)
{
    uint8_t buf[PAGE_SIZE];

    if (size > 1ull << 32 || addr > (1ull << 36)) {
        return xasprintf("Invalid addr 0x%016llx/size %llu specified", (unsigned long long)addr,
                         (unsigned long long)size);
    }
    FILE *f = fopen(path, "wb");
    char *error = NULL;

    if (!f) {
        return xasprintf("Could not open '%s': %s", path, strerror(errno));
    }
    while (size && !error) {
        size_t n = PAGE_SIZE - (addr & PAGE_MASK);

        n = n < size ? n : (size_t)size;
        if (!read_part(s, addr, buf, n, linear)) {
            error = xasprintf("Invalid addr 0x%016llx/size %llu specified",
                              (unsigned long long)addr, (unsigned long long)size);
        } else if (fwrite(buf, 1, n, f) != n) {
            break;
        }
        addr += n;
        size -= n;
    }
    bool bad = ferror(f);

    if ((fclose(f) || bad) && !error) {
        error = xasprintf("Could not write '%s': %s", path, strerror(errno));
    }
    return error;
}

unsigned control_drives(const struct session *s, struct drive_info info[CONTROL_DRIVES])
{
    unsigned n = 0;

    for (unsigned i = 0; i < 4; i++) {
        const struct pc_drive *d = &s->config.ide[i];

        if (d->present) {
            info[n] =
                (struct drive_info){.removable = d->cdrom, .cdrom = d->cdrom, .block = d->block};
            snprintf(info[n].name, sizeof(info[n].name), "ide%u-%s%u", i >> 1,
                     d->cdrom ? "cd" : "hd", i & 1);
            n++;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct pc_drive *d = &s->config.floppy[i];

        if (d->present) {
            info[n] = (struct drive_info){.removable = true, .block = d->block};
            snprintf(info[n].name, sizeof(info[n].name), "floppy%u", i);
            n++;
        }
    }
    return n;
}

/* Paths of drives in QEMU's tree of objects, by which its clients may name them. */
static const struct {
    const char *name, *path;
} drive_paths[] = {
    {"ide0-hd0", "/machine/unattached/device[23]"}, {"ide0-hd1", "/machine/unattached/device[24]"},
    {"ide1-hd0", "/machine/unattached/device[25]"}, {"ide1-hd1", "/machine/unattached/device[26]"},
    {"ide0-cd0", "/machine/unattached/device[23]"}, {"ide0-cd1", "/machine/unattached/device[24]"},
    {"ide1-cd0", "/machine/unattached/device[25]"}, {"ide1-cd1", "/machine/unattached/device[26]"},
    {"floppy0", "/machine/unattached/device[16]"},  {"floppy1", "/machine/unattached/device[17]"},
};

const char *control_drive_path(const struct drive_info *d)
{
    for (size_t i = 0; i < ARRAY_LEN(drive_paths); i++) {
        if (!strcmp(d->name, drive_paths[i].name)) {
            return drive_paths[i].path;
        }
    }
    return "";
}

const char *control_drive_name(const struct session *s, const char *path)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(s, info);

    for (size_t i = 0; i < ARRAY_LEN(drive_paths); i++) {
        for (unsigned k = 0; k < n; k++) {
            if (!strcmp(path, drive_paths[i].path) && !strcmp(info[k].name, drive_paths[i].name)) {
                return drive_paths[i].name;
            }
        }
    }
    return path;
}

void control_nmi(struct session *s)
{
    cpu_raise_nmi(s->m->cpu);
}

static char *no_such_device(const struct session *s, const char *device)
{
    struct drive_info info[CONTROL_DRIVES];
    const char *names[CONTROL_DRIVES];
    unsigned n = control_drives(s, info);

    for (unsigned i = 0; i < n; i++) {
        names[i] = info[i].name;
    }
    const char *nearest = nearest_name(device, names, n);

    return nearest ? xasprintf("Device '%s' not found: did you mean '%s'?", device, nearest)
                   : xasprintf("Device '%s' not found: the machine has no drives", device);
}

/* The place of a removable drive: NULL, and a message why not. */
static struct pc_drive *find_removable(struct session *s, const char *device, bool *floppy,
                                       unsigned *n, char **error)
{
    struct drive_info info[CONTROL_DRIVES];
    char tail;

    *floppy = sscanf(device, "floppy%u%c", n, &tail) == 1;
    if (*floppy && *n < 2 && s->config.floppy[*n].present) {
        return &s->config.floppy[*n];
    }
    for (*n = 0; *n < 4 && !*floppy; ++*n) {
        struct pc_drive *d = &s->config.ide[*n];
        char name[32]; /* room for any n */

        snprintf(name, sizeof(name), "ide%u-cd%u", *n >> 1, *n & 1);
        if (d->present && d->cdrom && !strcmp(device, name)) {
            return d;
        }
    }
    for (unsigned i = control_drives(s, info); i--;) {
        if (!strcmp(info[i].name, device)) {
            *error = xasprintf("Device '%s' is not removable", device);
            return NULL;
        }
    }
    *error = no_such_device(s, device);
    return NULL;
}

struct block *control_open_medium(struct session *s, const char *device, const char *path,
                                  bool read_only, char **error)
{
    unsigned n;
    bool floppy;

    if (!find_removable(s, device, &floppy, &n, error)) {
        return NULL;
    }
    struct block_options o = {
        .path = path, .read_only = read_only || !floppy, .snapshot = s->o->snapshot};
    struct block *block = block_open(&o, error);

    if (block && floppy && block_bytes(block) > FLOPPY_MAX) {
        *error = xasprintf("'%s' is too large for a floppy disk", path);
        block_close(block);
        return NULL;
    }
    return block;
}

static void tell_tray(struct session *s, const char *device, bool open)
{
    struct drive_info info = {0};

    snprintf(info.name, sizeof(info.name), "%s", device);
    char *data = xasprintf("{\"device\": \"%s\", \"tray-open\": %s, \"id\": \"%s\"}", info.name,
                           open ? "true" : "false", control_drive_path(&info));

    qmp_tell(s, "DEVICE_TRAY_MOVED", data);
    free(data);
}

void control_insert(struct session *s, const char *device, struct block *block)
{
    unsigned n;
    bool floppy;
    char *error = NULL;
    struct pc_drive *d = find_removable(s, device, &floppy, &n, &error);

    if (!d) {
        free(error);
        block_close(block);
        return;
    }
    if (!floppy && (d->block || block)) {
        if (d->block) {
            tell_tray(s, device, true);
        }
        if (block) {
            tell_tray(s, device, false);
        }
    }
    d->block = block;
    if (floppy) {
        pc_set_floppy(s->m, n, block);
    } else {
        pc_set_cdrom(s->m, n, block);
    }
}

/* Opens first, so that a bad image leaves the old medium in. */
char *control_change_medium(struct session *s, const char *device, const char *path, bool read_only)
{
    unsigned n;
    bool floppy;
    char *error = NULL;
    struct block *block = NULL;

    if (path) {
        block = control_open_medium(s, device, path, read_only, &error);
    } else {
        find_removable(s, device, &floppy, &n, &error);
    }
    if (!error) {
        control_insert(s, device, block);
    }
    return error;
}
