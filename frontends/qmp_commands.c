/* SPDX-License-Identifier: MIT */
#include "frontends/qmp_commands.h"

#include <stdlib.h>
#include <string.h>

#include "frontends/control.h"
#include "frontends/examine_hw.h"
#include "frontends/monitor.h"
#include "frontends/qmp_call.h"
#include "frontends/session.h"

struct qmp_command {
    const char *name;
    char *(*run)(struct call *c);
    const char
        *signature; /* "name:type ..." types s i b a o, v: any; ? after it: may be left out */
};

const struct json *call_argument(const struct call *c, const char *name)
{
    return json_member(c->arguments, name);
}

const char *call_string(const struct call *c, const char *name)
{
    const struct json *j = call_argument(c, name);

    return j ? j->string : NULL;
}

char *call_no_such_device(struct call *c, const char *device)
{
    c->class = "DeviceNotFound";
    return xasprintf("Device '%s' not found", device);
}

/* About the program. */

static char *run_nothing(struct call *c)
{
    (void)c;
    return NULL;
}

static char *run_query_commands(struct call *c);

/* Running. */

static char *run_stop(struct call *c)
{
    session_pause(c->s);
    return NULL;
}

static char *run_cont(struct call *c)
{
    if (c->s->state == RUN_SHUTDOWN) {
        return xstrdup("Resetting the Virtual Machine is required");
    }
    session_resume(c->s);
    return NULL;
}

static char *run_system_reset(struct call *c)
{
    session_reset(c->s, "host-qmp-system-reset");
    return NULL;
}

static char *run_system_powerdown(struct call *c)
{
    session_powerdown(c->s);
    return NULL;
}

static char *run_quit(struct call *c)
{
    session_quit(c->s, EXIT_OK, "host-qmp-quit");
    return NULL;
}

/* Looking. */

static char *run_screendump(struct call *c)
{
    const char *device = call_string(c, "device");

    if (device) {
        return call_no_such_device(c, device);
    }
    if (call_argument(c, "head")) {
        return xstrdup("'head' must be specified together with 'device'");
    }
    return control_screendump(c->s, call_string(c, "filename"), call_string(c, "format"));
}

static char *save_memory(struct call *c, bool linear)
{
    return control_save_memory(c->s, (uint64_t)call_argument(c, "val")->integer,
                               (uint64_t)call_argument(c, "size")->integer,
                               call_string(c, "filename"), linear);
}

static char *run_memsave(struct call *c)
{
    const struct json *cpu = call_argument(c, "cpu-index");

    if (cpu && cpu->integer) {
        return xstrdup("Parameter 'cpu-index' expects a CPU number");
    }
    return save_memory(c, true);
}

static char *run_pmemsave(struct call *c)
{
    return save_memory(c, false);
}

static char *run_human_monitor_command(struct call *c)
{
    const struct json *cpu = call_argument(c, "cpu-index");
    struct text out = {0};

    if (cpu && cpu->integer) {
        return xstrdup("Parameter 'cpu-index' expects a CPU number");
    }
    monitor_command(c->s, call_string(c, "command-line"), &out);
    json_write_string(c->result, out.len ? out.s : "");
    text_free(&out);
    return NULL;
}

static char *run_set_link(struct call *c)
{
    const char *name = call_string(c, "name");

    return control_set_link(c->s, name, call_argument(c, "up")->boolean)
               ? NULL
               : call_no_such_device(c, name);
}

static char *run_inject_nmi(struct call *c)
{
    control_nmi(c->s);
    return NULL;
}

static char *run_qmp_capabilities(struct call *c)
{
    const struct json *enable = call_argument(c, "enable");

    for (size_t i = 0; enable && i < enable->count; i++) {
        if (enable->item[i].kind != JSON_STRING || strcmp(enable->item[i].string, "oob")) {
            return enable->item[i].kind == JSON_STRING
                       ? xasprintf("Parameter 'null' does not accept value '%s'",
                                   enable->item[i].string)
                       : xasprintf("Invalid parameter type for 'enable[%zu]', expected: string", i);
        }
    }
    return NULL;
}

static const struct qmp_command commands[] = {
    {"qmp_capabilities", run_qmp_capabilities, "enable:a?"},
    {"query-version", run_query_version, ""},
    {"query-commands", run_query_commands, ""},
    {"query-status", run_query_status, ""},
    {"query-name", run_query_name, ""},
    {"query-kvm", run_query_kvm, ""},
    {"query-cpus-fast", run_query_cpus_fast, ""},
    {"query-block", run_query_block, ""},
    {"query-chardev", run_query_chardev, ""},
    {"query-pci", run_query_pci, ""},
    {"stop", run_stop, ""},
    {"cont", run_cont, ""},
    {"system_reset", run_system_reset, ""},
    {"system_powerdown", run_system_powerdown, ""},
    {"quit", run_quit, ""},
    {"send-key", run_send_key, "keys:a hold-time:i?"},
    {"input-send-event", run_input_send_event, "device:s? head:i? events:a"},
    {"screendump", run_screendump, "filename:s device:s? head:i? format:s?"},
    {"memsave", run_memsave, "val:i size:i filename:s cpu-index:i?"},
    {"pmemsave", run_pmemsave, "val:i size:i filename:s"},
    {"human-monitor-command", run_human_monitor_command, "command-line:s cpu-index:i?"},
    {"eject", run_eject, "device:s? id:s? force:b?"},
    {"blockdev-change-medium", run_blockdev_change_medium,
     "device:s? id:s? filename:s format:s? read-only-mode:s? force:b?"},
    {"blockdev-open-tray", run_blockdev_open_tray, "device:s? id:s? force:b?"},
    {"blockdev-close-tray", run_blockdev_close_tray, "device:s? id:s?"},
    {"blockdev-remove-medium", run_blockdev_remove_medium, "id:s"},
    {"blockdev-insert-medium", run_blockdev_insert_medium, "id:s node-name:s"},
    {"blockdev-add", run_blockdev_add,
     "driver:s node-name:s? read-only:b? auto-read-only:b? cache:o? discard:s? detect-zeroes:s? "
     "filename:s? file:v?"},
    {"blockdev-del", run_blockdev_del, "node-name:s"},
    {"set_link", run_set_link, "name:s up:b"},
    {"inject-nmi", run_inject_nmi, ""},
    {"snapshot-save", run_snapshot_save, "job-id:s tag:s vmstate:s devices:a"},
    {"snapshot-load", run_snapshot_load, "job-id:s tag:s vmstate:s devices:a"},
    {"snapshot-delete", run_snapshot_delete, "job-id:s tag:s devices:a"},
    {"query-jobs", run_query_jobs, ""},
    {"job-dismiss", run_job_dismiss, "id:s"},
    {"job-cancel", run_job_cancel, "id:s"},
    {"query-machines", run_query_machines, ""},
    {"query-mice", run_query_mice, ""},
    {"query-memory-size-summary", run_query_memory_size, ""},
    {"query-uuid", run_query_uuid, ""},
    {"query-target", run_query_target, ""},
    {"query-current-machine", run_query_current_machine, ""},
    {"query-replay", run_query_replay, ""},
    {"query-vnc", run_query_vnc, ""},
    {"query-balloon", run_query_balloon, ""},
    {"query-migrate", run_nothing, ""},
    {"query-iothreads", run_query_empty_list, ""},
    {"query-block-jobs", run_query_empty_list, ""},
};

static char *run_query_commands(struct call *c)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        text_printf(c->result, "%s{\"name\": \"%s\"}", i ? ", " : "[", commands[i].name);
    }
    text_puts(c->result, "]");
    return NULL;
}

const struct qmp_command *qmp_command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!strcmp(commands[i].name, name)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* One parameter of a signature. */
struct parameter {
    const char *name;
    size_t len;
    char type;
    bool optional;
};

/* Takes the next one off the signature. */
static bool next_parameter(const char **signature, struct parameter *p)
{
    const char *s = *signature;

    while (*s == ' ') {
        s++;
    }
    if (!*s) {
        return false;
    }
    p->name = s;
    p->len = strcspn(s, ":");
    p->type = s[p->len + 1];
    p->optional = s[p->len + 2] == '?';
    *signature = s + p->len + 2 + p->optional;
    return true;
}

static const char *wrong_type(char type, enum json_kind kind)
{
    switch (type) {
    case 's': return kind == JSON_STRING ? NULL : "string";
    case 'i': return kind == JSON_INTEGER ? NULL : "integer";
    case 'b': return kind == JSON_BOOL ? NULL : "boolean";
    case 'a': return kind == JSON_ARRAY ? NULL : "array";
    case 'v': return NULL;
    default: return kind == JSON_OBJECT ? NULL : "object";
    }
}

static const struct json *find_argument(const struct json *arguments, const struct parameter *p)
{
    for (size_t i = 0; arguments && i < arguments->count; i++) {
        const struct json *a = &arguments->item[i];

        if (strlen(a->key) == p->len && !memcmp(a->key, p->name, p->len)) {
            return json_member(arguments, a->key); /* the last one of that name counts */
        }
    }
    return NULL;
}

static bool in_signature(const char *signature, const char *key)
{
    struct parameter p;

    while (next_parameter(&signature, &p)) {
        if (strlen(key) == p.len && !memcmp(key, p.name, p.len)) {
            return true;
        }
    }
    return false;
}

static char *check_arguments(const char *signature, const struct json *arguments)
{
    const char *rest = signature;
    struct parameter p;

    while (next_parameter(&rest, &p)) {
        const struct json *a = find_argument(arguments, &p);

        if (!a && !p.optional) {
            return xasprintf("Parameter '%.*s' is missing", (int)p.len, p.name);
        }
        if (a && wrong_type(p.type, a->kind)) {
            return xasprintf("Invalid parameter type for '%.*s', expected: %s", (int)p.len, p.name,
                             wrong_type(p.type, a->kind));
        }
    }
    for (size_t i = 0; arguments && i < arguments->count; i++) {
        if (!in_signature(signature, arguments->item[i].key)) {
            return xasprintf("Parameter '%s' is unexpected", arguments->item[i].key);
        }
    }
    return NULL;
}

char *qmp_command_run(const struct qmp_command *c, struct session *s, const struct json *arguments,
                      struct text *result, const char **class)
{
    struct call call = {s, arguments, result, "GenericError"};
    char *error = check_arguments(c->signature, arguments);

    if (!error) {
        error = c->run(&call);
    }
    *class = call.class;
    return error;
}
