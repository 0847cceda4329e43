/* SPDX-License-Identifier: MIT */
/*
 * The query commands. Members stand in the order in which QEMU 7.2 prints them, because some
 * clients compare text.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontends/control.h"
#include "frontends/mux.h"
#include "frontends/qmp_call.h"
#include "frontends/qmp_commands.h"
#include "frontends/session.h"
#include "host/block.h"

char *run_query_version(struct call *c)
{
    text_puts(c->result, QMP_VERSION);
    return NULL;
}

char *run_query_name(struct call *c)
{
    if (c->s->o->name) {
        text_puts(c->result, "{\"name\": ");
        json_write_string(c->result, c->s->o->name);
        text_puts(c->result, "}");
    }
    return NULL;
}

char *run_query_kvm(struct call *c)
{
    text_puts(c->result, "{\"enabled\": false, \"present\": false}");
    return NULL;
}

char *run_query_status(struct call *c)
{
    text_printf(c->result, "{\"status\": \"%s\", \"singlestep\": false, \"running\": %s}",
                session_state_name(c->s), c->s->state == RUN_RUNNING ? "true" : "false");
    return NULL;
}

char *run_query_cpus_fast(struct call *c)
{
    text_printf(c->result,
                "[{\"thread-id\": %ld, \"props\": {\"core-id\": 0, \"thread-id\": 0, "
                "\"socket-id\": 0}, \"qom-path\": \"/machine/unattached/device[0]\", "
                "\"cpu-index\": 0, \"target\": \"i386\"}]",
                (long)getpid());
    return NULL;
}

static const struct session_node *node_in(const struct session *s, unsigned drive)
{
    for (unsigned i = 0; i < s->node_count; i++) {
        if (s->node[i].drive == (int)drive) {
            return &s->node[i];
        }
    }
    return NULL;
}

/* node: what blockdev-add calls the medium; NULL: it was named otherwise. */
static void write_inserted(struct text *t, const struct drive_info *d,
                           const struct session_node *node)
{
    const char *driver = node && node->file ? "file" : "raw";
    const char *path = block_path(d->block) ? block_path(d->block) : "";
    struct stat st;
    long long actual = 0;

    if (!stat(path, &st)) {
        actual = (long long)st.st_blocks * 512;
    }
    text_printf(t,
                "{\"iops_rd\": 0, \"detect_zeroes\": \"off\", \"image\": {\"virtual-size\": %llu, "
                "\"filename\": ",
                (unsigned long long)block_sectors(d->block) * BLOCK_SECTOR);
    json_write_string(t, path);
    text_printf(t,
                ", \"format\": \"%s\", \"actual-size\": %lld, \"dirty-flag\": false}, "
                "\"iops_wr\": 0, \"ro\": %s, \"node-name\": \"%s%s\", \"backing_file_depth\": 0, "
                "\"drv\": \"%s\", \"iops\": 0, \"bps_wr\": 0, \"write_threshold\": 0, "
                "\"encrypted\": false, \"bps\": 0, \"bps_rd\": 0, \"cache\": {\"no-flush\": false, "
                "\"direct\": false, \"writeback\": true}, \"file\": ",
                driver, actual, block_read_only(d->block) ? "true" : "false", node ? "" : "#",
                node ? node->name : d->name, driver);
    json_write_string(t, path);
    text_puts(t, "}");
}

static void write_block(struct text *t, const struct drive_info *d, const struct session_node *node)
{
    bool floppy = d->removable && !d->cdrom;

    text_printf(t, "{%s\"device\": ", floppy ? "" : "\"io-status\": \"ok\", ");
    json_write_string(t, control_drive_label(d));
    text_printf(t, ", \"locked\": %s, \"removable\": %s", d->locked ? "true" : "false",
                d->removable ? "true" : "false");
    if (d->block) {
        text_puts(t, ", \"inserted\": ");
        write_inserted(t, d, node);
    }
    text_puts(t, ", \"qdev\": ");
    json_write_string(t, control_drive_path(d));
    if (d->cdrom) {
        text_printf(t, ", \"tray_open\": %s", d->tray_open ? "true" : "false");
    }
    text_puts(t, ", \"type\": \"unknown\"}");
}

char *run_query_block(struct call *c)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(c->s, info);

    text_puts(c->result, "[");
    for (unsigned i = 0; i < n; i++) {
        text_puts(c->result, i ? ", " : "");
        write_block(c->result, &info[i], node_in(c->s, i));
    }
    text_puts(c->result, "]");
    return NULL;
}

char *run_query_chardev(struct call *c)
{
    text_puts(c->result, "[");
    for (unsigned i = 0; i < c->s->o->stream_count; i++) {
        char *what = chardev_describe(&c->s->o->stream[i].spec);

        text_printf(c->result, "%s{\"frontend-open\": %s, \"filename\": ", i ? ", " : "",
                    mux_is_open(c->s->mux[i]) ? "true" : "false");
        json_write_string(c->result, what);
        text_puts(c->result, ", \"label\": ");
        json_write_string(c->result, c->s->o->stream[i].id);
        text_puts(c->result, "}");
        free(what);
    }
    text_puts(c->result, "]");
    return NULL;
}

char *run_query_machines(struct call *c)
{
    static const char *const names[] = {"pc", "isapc"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        text_printf(c->result,
                    "%s{\"hotpluggable-cpus\": false, \"name\": \"%s\", \"numa-mem-supported\": "
                    "false, %s\"cpu-max\": 1, \"deprecated\": false, \"default-ram-id\": \"ram\"}",
                    i ? ", " : "[", names[i], i ? "" : "\"is-default\": true, ");
    }
    text_puts(c->result, "]");
    return NULL;
}

char *run_query_mice(struct call *c)
{
    text_puts(c->result, "[{\"index\": 2, \"name\": \"PS/2 Mouse\", \"current\": true, "
                         "\"absolute\": false}]");
    return NULL;
}

char *run_query_memory_size(struct call *c)
{
    text_printf(c->result, "{\"base-memory\": %u, \"plugged-memory\": 0}", c->s->config.ram_size);
    return NULL;
}

char *run_query_uuid(struct call *c)
{
    text_puts(c->result, "{\"UUID\": \"00000000-0000-0000-0000-000000000000\"}");
    return NULL;
}

char *run_query_target(struct call *c)
{
    text_puts(c->result, "{\"arch\": \"i386\"}");
    return NULL;
}

char *run_query_current_machine(struct call *c)
{
    text_puts(c->result, "{\"wakeup-suspend-support\": false}");
    return NULL;
}

char *run_query_replay(struct call *c)
{
    text_puts(c->result, "{\"icount\": 0, \"mode\": \"none\"}");
    return NULL;
}

char *run_query_vnc(struct call *c)
{
    text_puts(c->result, "{\"enabled\": false}");
    return NULL;
}

char *run_query_balloon(struct call *c)
{
    c->class = "DeviceNotActive";
    return xstrdup("No balloon device has been activated");
}

char *run_query_empty_list(struct call *c)
{
    text_puts(c->result, "[]");
    return NULL;
}
