/* SPDX-License-Identifier: MIT */
#include "frontends/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cpu/cpu.h"
#include "frontends/drives.h"
#include "frontends/json.h"
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

static const struct pc_drive *drive_at(const struct pc_config *config, unsigned i)
{
    return i < 4 ? &config->ide[i] : &config->floppy[i - 4];
}

static void describe_drive(const struct session *s, unsigned i, struct drive_info *info)
{
    const struct pc_drive *d = drive_at(&s->config, i);
    bool floppy = i >= 4;

    *info = (struct drive_info){.id = d->id,
                                .qdev = d->qdev,
                                .removable = d->cdrom || floppy,
                                .cdrom = d->cdrom,
                                .unit = floppy ? i - 4 : i,
                                .block = d->block,
                                .tray_open = d->cdrom && pc_tray_open(s->m, i),
                                .locked = d->cdrom && pc_tray_locked(s->m, i)};
    if (floppy) {
        snprintf(info->name, sizeof(info->name), "floppy%u", i & 1);
    } else {
        snprintf(info->name, sizeof(info->name), "ide%u-%s%u", i >> 1 & 1, d->cdrom ? "cd" : "hd",
                 i & 1);
    }
}

unsigned control_drives(const struct session *s, struct drive_info info[CONTROL_DRIVES])
{
    unsigned at[CONTROL_DRIVES], n = 0;

    for (unsigned i = 0; i < CONTROL_DRIVES; i++) {
        const struct pc_drive *d = drive_at(&s->config, i);
        unsigned k;

        if (!d->present) {
            continue;
        }
        for (k = n++; k && drive_at(&s->config, at[k - 1])->order > d->order; k--) {
            at[k] = at[k - 1];
        }
        at[k] = i;
    }
    for (unsigned i = 0; i < n; i++) {
        describe_drive(s, at[i], &info[i]);
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
    for (size_t i = 0; i < ARRAY_LEN(drive_paths) && !d->qdev; i++) {
        if (!strcmp(d->name, drive_paths[i].name)) {
            return drive_paths[i].path;
        }
    }
    return d->qdev ? d->qdev : "";
}

const char *control_drive_label(const struct drive_info *d)
{
    return d->id ? d->id : d->name;
}

int control_find_drive(const struct drive_info *info, unsigned n, const char *name, bool by_id)
{
    for (unsigned i = 0; i < n; i++) {
        if (!strcmp(name, by_id ? control_drive_path(&info[i]) : control_drive_label(&info[i]))) {
            return (int)i;
        }
    }
    for (unsigned i = 0; i < n; i++) { /* our names for places, whatever it is called */
        if (!strcmp(name, info[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

void control_nmi(struct session *s)
{
    pc_nmi(s->m);
}

static char *no_such_device(const char *device, const struct drive_info *info, unsigned n)
{
    const char *names[CONTROL_DRIVES];

    for (unsigned i = 0; i < n; i++) {
        names[i] = control_drive_label(&info[i]);
    }
    const char *nearest = nearest_name(device, names, n);

    return nearest ? xasprintf("Device '%s' not found: did you mean '%s'?", device, nearest)
                   : xasprintf("Device '%s' not found: the machine has no drives", device);
}

/* A removable drive by any of its names. */
struct removable {
    struct drive_info info;
    int index; /* as control_drives() counts */
    struct pc_drive *drive;
};

static char *find_removable(struct session *s, const char *device, struct removable *r)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(s, info);

    r->index = control_find_drive(info, n, device, false);
    if (r->index < 0) {
        r->index = control_find_drive(info, n, device, true);
    }
    if (r->index < 0) {
        return no_such_device(device, info, n);
    }
    r->info = info[r->index];
    r->drive = r->info.cdrom ? &s->config.ide[r->info.unit] : &s->config.floppy[r->info.unit & 1];
    return r->info.removable ? NULL : xasprintf("Device '%s' is not removable", device);
}

struct block *control_open_medium(struct session *s, const char *device, const char *path,
                                  bool read_only, char **error)
{
    struct removable r;

    *error = find_removable(s, device, &r);
    if (*error) {
        return NULL;
    }
    struct block_options o = {
        .path = path, .read_only = read_only || r.info.cdrom, .snapshot = s->o->snapshot};
    struct block *block = block_open(&o, error);

    if (block && !r.info.cdrom && block_bytes(block) > FLOPPY_MAX) {
        *error = xasprintf("'%s' is too large for a floppy disk", path);
        block_close(block);
        return NULL;
    }
    return block;
}

char *control_insert(struct session *s, const char *device, struct block *block)
{
    struct removable r;
    char *error = find_removable(s, device, &r);

    if (!error) {
        error = r.info.cdrom ? pc_set_cdrom(s->m, r.info.unit, block)
                             : pc_set_floppy(s->m, r.info.unit, block);
    }
    if (error) {
        block_close(block);
        return error;
    }
    for (unsigned i = 0; i < s->node_count; i++) {
        if (s->node[i].drive == r.index) {
            s->node[i].drive = -1;
        }
    }
    r.drive->block = block;
    return NULL;
}

/* Trays. */

void control_watch_trays(struct session *s)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n;

    for (n = 0; n < 4 && (!s->config.ide[n].cdrom || s->tray_open[n] == pc_tray_open(s->m, n));
         n++) {
    }
    if (n == 4) {
        return;
    }
    n = control_drives(s, info);
    for (unsigned i = 0; i < n; i++) {
        if (!info[i].cdrom || info[i].tray_open == s->tray_open[info[i].unit]) {
            continue;
        }
        struct text data = {0};

        s->tray_open[info[i].unit] = info[i].tray_open;
        text_puts(&data, "{\"device\": ");
        json_write_string(&data, control_drive_label(&info[i]));
        text_printf(&data, ", \"tray-open\": %s, \"id\": ", info[i].tray_open ? "true" : "false");
        json_write_string(&data, control_drive_path(&info[i]));
        text_puts(&data, "}");
        qmp_tell(s, "DEVICE_TRAY_MOVED", data.s);
        text_free(&data);
    }
}

static void move_tray(struct session *s, const struct removable *r, bool open)
{
    pc_set_tray(s->m, r->info.unit, open);
    control_watch_trays(s);
}

/* A floppy drive has none, which is no error. *refused: the tray is locked, the guest was told. */
static char *open_tray(struct session *s, const char *device, bool force, bool *refused)
{
    struct removable r;
    char *error = find_removable(s, device, &r);

    *refused = false;
    if (error || !r.info.cdrom || r.info.tray_open) {
        return error;
    }
    if (r.info.locked) {
        pc_request_eject(s->m, r.info.unit, force);
        *refused = !force;
    }
    if (!*refused) {
        move_tray(s, &r, true);
    }
    return NULL;
}

char *control_open_tray(struct session *s, const char *device, bool force)
{
    bool refused;

    return open_tray(s, device, force, &refused);
}

/* For what cannot go on while it is shut. */
static char *insist_on_open_tray(struct session *s, const char *device, bool force)
{
    bool refused;
    char *error = open_tray(s, device, force, &refused);

    return refused ? xasprintf("Device '%s' is locked and force was not specified, wait for tray "
                               "to open and try again",
                               device)
                   : error;
}

char *control_close_tray(struct session *s, const char *device)
{
    struct removable r;
    char *error = find_removable(s, device, &r);

    if (!error && r.info.cdrom) {
        move_tray(s, &r, false);
    }
    return error;
}

char *control_remove_medium(struct session *s, const char *device)
{
    struct removable r;
    char *error = find_removable(s, device, &r);

    if (error) {
        return error;
    }
    if (r.info.cdrom && !r.info.tray_open) {
        return xasprintf("Tray of device '%s' is not open", device);
    }
    return r.info.block ? control_insert(s, device, NULL) : NULL;
}

static struct session_node *find_node(struct session *s, const char *name)
{
    for (unsigned i = 0; i < s->node_count; i++) {
        if (!strcmp(s->node[i].name, name)) {
            return &s->node[i];
        }
    }
    return NULL;
}

char *control_insert_node(struct session *s, const char *device, const char *name)
{
    struct session_node *node = find_node(s, name);
    struct removable r;
    char *error = find_removable(s, device, &r);

    if (error) {
        return error;
    }
    if (!node) {
        return xasprintf("Node '%s' not found", name);
    }
    if (node->drive >= 0) {
        return xasprintf("Node '%s' is in a drive already", name);
    }
    if (r.info.cdrom && !r.info.tray_open) {
        return xstrdup("Tray of the device is not open");
    }
    if (r.info.block) {
        return xstrdup("There already is a medium in the device");
    }
    struct block *block = control_open_medium(s, device, node->path, node->read_only, &error);

    if (!error) {
        error = control_insert(s, device, block);
    }
    if (!error) {
        node->drive = r.index;
    }
    return error;
}

char *control_eject(struct session *s, const char *device, bool force)
{
    char *error = insist_on_open_tray(s, device, force);

    return error ? error : control_remove_medium(s, device);
}

/* Opens first, so that a bad image leaves the old medium in. */
char *control_change_medium(struct session *s, const char *device, const char *path, bool read_only,
                            bool force)
{
    char *error = NULL;
    struct block *block = control_open_medium(s, device, path, read_only, &error);

    if (!error) {
        error = insist_on_open_tray(s, device, force);
        if (error) {
            block_close(block);
        }
    }
    if (!error) {
        error = control_insert(s, device, block);
    }
    if (!error) {
        error = control_close_tray(s, device);
    }
    return error;
}
