/* SPDX-License-Identifier: MIT */
/*
 * Media by QMP: trays, what lies in them, and the images that blockdev-add opens for that.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontends/control.h"
#include "frontends/qmp_call.h"
#include "frontends/session.h"
#include "host/block.h"

/* The drive that device or id names. */
static char *take_drive(struct call *c, const char **name)
{
    const char *device = call_string(c, "device"), *id = call_string(c, "id");
    struct drive_info info[CONTROL_DRIVES];

    if (!device == !id) {
        return xstrdup("Need exactly one of 'device' and 'id'");
    }
    *name = device ? device : id;
    return control_find_drive(info, control_drives(c->s, info), *name, id) < 0
               ? call_no_such_device(c, *name)
               : NULL;
}

static bool forced(const struct call *c)
{
    const struct json *force = call_argument(c, "force");

    return force && force->boolean;
}

char *run_eject(struct call *c)
{
    const char *drive;
    char *error = take_drive(c, &drive);

    return error ? error : control_eject(c->s, drive, forced(c));
}

char *run_blockdev_open_tray(struct call *c)
{
    const char *drive;
    char *error = take_drive(c, &drive);

    return error ? error : control_open_tray(c->s, drive, forced(c));
}

char *run_blockdev_close_tray(struct call *c)
{
    const char *drive;
    char *error = take_drive(c, &drive);

    return error ? error : control_close_tray(c->s, drive);
}

char *run_blockdev_remove_medium(struct call *c)
{
    const char *drive;
    char *error = take_drive(c, &drive);

    return error ? error : control_remove_medium(c->s, drive);
}

char *run_blockdev_insert_medium(struct call *c)
{
    const char *drive;
    char *error = take_drive(c, &drive);

    return error ? error : control_insert_node(c->s, drive, call_string(c, "node-name"));
}

static char *cannot_open(const char *path)
{
    return xasprintf("Could not open '%s': %s", path, strerror(errno));
}

char *run_blockdev_change_medium(struct call *c)
{
    const char *drive, *format = call_string(c, "format"), *mode = call_string(c, "read-only-mode"),
                       *path = call_string(c, "filename");

    if (mode && strcmp(mode, "retain") && strcmp(mode, "read-only") && strcmp(mode, "read-write")) {
        return xasprintf("Parameter 'read-only-mode' does not accept value '%s'", mode);
    }
    char *error = take_drive(c, &drive);

    if (error) {
        return error;
    }
    if (format && strcmp(format, "raw")) {
        return xasprintf("Unknown driver '%s'", format);
    }
    if (access(path, F_OK)) {
        return cannot_open(path);
    }
    return control_change_medium(c->s, drive, path, mode && !strcmp(mode, "read-only"), forced(c));
}

/* Nodes: {"driver": "file", "filename": F}, or {"driver": "raw", "file": that or a node's name}. */

static struct session_node *find_node(struct session *s, const char *name)
{
    for (unsigned i = 0; i < s->node_count; i++) {
        if (!strcmp(s->node[i].name, name)) {
            return &s->node[i];
        }
    }
    return NULL;
}

/* The members of the object behind raw's "file": */
static char *take_file_object(const struct json *file, const char **path)
{
    static const char *const strings[] = {"driver", "filename"}, *const others[] = {
                                                                     "node-name",      "read-only",
                                                                     "auto-read-only", "cache",
                                                                     "discard",        "aio",
                                                                     "locking",        NULL};

    for (unsigned i = 0; i < 2; i++) {
        const struct json *j = json_member(file, strings[i]);

        if (!j) {
            return xasprintf("Parameter 'file.%s' is missing", strings[i]);
        }
        if (j->kind != JSON_STRING) {
            return xasprintf("Invalid parameter type for 'file.%s', expected: string", strings[i]);
        }
        *path = j->string;
        if (!i && strcmp(j->string, "file")) {
            return xasprintf("Parameter 'file.driver' does not accept value '%s'", j->string);
        }
    }
    for (size_t i = 0; i < file->count; i++) {
        unsigned n = 0;
        const char *key = file->item[i].key;

        while (others[n] && strcmp(key, others[n])) {
            n++;
        }
        if (!others[n] && strcmp(key, strings[0]) && strcmp(key, strings[1])) {
            return xasprintf("Parameter 'file.%s' is unexpected", key);
        }
    }
    return NULL;
}

/* Where the image is, whichever way it was said. */
static char *take_path(struct call *c, bool file_driver, const char **path)
{
    const struct json *file = call_argument(c, "file");

    *path = call_string(c, "filename");
    if (file_driver) {
        return file    ? xstrdup("Parameter 'file' is unexpected")
               : *path ? NULL
                       : xstrdup("Parameter 'filename' is missing");
    }
    if (*path) {
        return xstrdup("Parameter 'filename' is unexpected");
    }
    if (!file) {
        return xstrdup("Parameter 'file' is missing");
    }
    if (file->kind == JSON_OBJECT) {
        return take_file_object(file, path);
    }
    if (file->kind != JSON_STRING) {
        return xstrdup("Invalid parameter type for 'file', expected: BlockdevRef");
    }
    const struct session_node *node = find_node(c->s, file->string);

    *path = node ? node->path : NULL;
    return node ? NULL
                : xasprintf("Cannot find device='%s' nor node-name='%s'", file->string,
                            file->string);
}

static bool good_name(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("-._", *p)) {
            return false;
        }
    }
    return isalpha((unsigned char)name[0]) && strlen(name) < 32;
}

static char *check_name(struct session *s, const char *name)
{
    struct drive_info info[CONTROL_DRIVES];

    if (!name) {
        return xstrdup("'node-name' must be specified for the root node");
    }
    if (!good_name(name)) {
        return xasprintf("Invalid node-name: '%s'", name);
    }
    if (control_find_drive(info, control_drives(s, info), name, false) >= 0) {
        return xasprintf("node-name=%s is conflicting with a device id", name);
    }
    return find_node(s, name) ? xasprintf("Duplicate nodes with node-name='%s'", name) : NULL;
}

char *run_blockdev_add(struct call *c)
{
    const char *driver = call_string(c, "driver"), *name = call_string(c, "node-name"), *path;
    const struct json *read_only = call_argument(c, "read-only");
    bool file = !strcmp(driver, "file");
    char *error;

    if (!file && strcmp(driver, "raw")) {
        return xasprintf("Parameter 'driver' does not accept value '%s'", driver);
    }
    error = take_path(c, file, &path);
    if (!error) {
        error = check_name(c->s, name);
    }
    if (error) {
        return error;
    }
    if (access(path, F_OK)) {
        return cannot_open(path);
    }
    struct block_options o = {.path = path, .read_only = read_only && read_only->boolean};
    struct block *block = block_open(&o, &error);

    if (!block) {
        return error;
    }
    block_close(block); /* it is good; a drive opens it anew */
    if (c->s->node_count == SESSION_NODES) {
        return xasprintf("there are %u nodes already", SESSION_NODES);
    }
    c->s->node[c->s->node_count++] = (struct session_node){.name = xstrdup(name),
                                                           .path = xstrdup(path),
                                                           .file = file,
                                                           .read_only = o.read_only,
                                                           .drive = -1};
    return NULL;
}

char *run_blockdev_del(struct call *c)
{
    const char *name = call_string(c, "node-name");
    struct session_node *node = find_node(c->s, name);

    if (!node) {
        return xasprintf("Failed to find node with node-name='%s'", name);
    }
    if (node->drive >= 0) {
        return xasprintf("Node %s is in use", name);
    }
    free(node->name);
    free(node->path);
    *node = c->s->node[--c->s->node_count];
    return NULL;
}
