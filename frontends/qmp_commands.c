/* SPDX-License-Identifier: MIT */
#include "frontends/qmp_commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "frontends/control.h"
#include "frontends/monitor.h"
#include "frontends/mux.h"
#include "frontends/session.h"
#include "host/block.h"

#define MS 1000000ull

/* What a command gets; it returns an error or NULL. */
struct call {
    struct session *s;
    const struct json *arguments; /* NULL: none. They fit the command's signature. */
    struct text *result;
};

struct qmp_command {
    const char *name;
    char *(*run)(struct call *c);
    const char *signature; /* "name:type ..." types s i b a o; ? after it: may be left out */
};

static const struct json *argument(const struct call *c, const char *name)
{
    return json_member(c->arguments, name);
}

static const char *string_argument(const struct call *c, const char *name)
{
    const struct json *j = argument(c, name);

    return j ? j->string : NULL;
}

/* About the program. */

static char *run_nothing(struct call *c)
{
    (void)c;
    return NULL;
}

static char *run_query_version(struct call *c)
{
    text_puts(c->result, QMP_VERSION);
    return NULL;
}

static char *run_query_commands(struct call *c);

static char *run_query_name(struct call *c)
{
    if (c->s->o->name) {
        text_puts(c->result, "{\"name\": ");
        json_write_string(c->result, c->s->o->name);
        text_puts(c->result, "}");
    }
    return NULL;
}

static char *run_query_kvm(struct call *c)
{
    text_puts(c->result, "{\"enabled\": false, \"present\": false}");
    return NULL;
}

static char *run_query_status(struct call *c)
{
    text_printf(c->result, "{\"status\": \"%s\", \"singlestep\": false, \"running\": %s}",
                session_state_name(c->s), c->s->state == RUN_RUNNING ? "true" : "false");
    return NULL;
}

static char *run_query_cpus_fast(struct call *c)
{
    text_printf(c->result,
                "[{\"thread-id\": %ld, \"props\": {\"core-id\": 0, \"thread-id\": 0, "
                "\"socket-id\": 0}, \"qom-path\": \"/machine/cpu[0]\", \"cpu-index\": 0, "
                "\"target\": \"i386\"}]",
                (long)getpid());
    return NULL;
}

static void write_block(struct text *t, const struct drive_info *d)
{
    text_puts(t, "{\"io-status\": \"ok\", \"device\": ");
    json_write_string(t, d->name);
    text_printf(t, ", \"locked\": false, \"removable\": %s, \"qdev\": \"/machine/%s\"",
                d->removable ? "true" : "false", d->name);
    if (d->removable) {
        text_printf(t, ", \"tray_open\": %s", d->block ? "false" : "true");
    }
    if (d->block) {
        const char *path = block_path(d->block) ? block_path(d->block) : "";

        text_printf(t, ", \"inserted\": {\"ro\": %s, \"drv\": \"raw\", \"file\": ",
                    block_read_only(d->block) ? "true" : "false");
        json_write_string(t, path);
        text_puts(t, ", \"image\": {\"filename\": ");
        json_write_string(t, path);
        text_printf(t,
                    ", \"format\": \"raw\", \"virtual-size\": %llu}, \"encrypted\": false, "
                    "\"backing_file_depth\": 0}",
                    (unsigned long long)block_sectors(d->block) * BLOCK_SECTOR);
    }
    text_puts(t, ", \"type\": \"unknown\"}");
}

static char *run_query_block(struct call *c)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(c->s, info);

    text_puts(c->result, "[");
    for (unsigned i = 0; i < n; i++) {
        text_puts(c->result, i ? ", " : "");
        write_block(c->result, &info[i]);
    }
    text_puts(c->result, "]");
    return NULL;
}

static char *run_query_chardev(struct call *c)
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

/* Input. */

/* {"type": "qcode", "data": "a"} or {"type": "number", "data": 30} */
static char *take_key(const struct json *value, enum key_code *key)
{
    const struct json *type = json_member(value, "type"), *data = json_member(value, "data");

    if (!type || type->kind != JSON_STRING) {
        return xstrdup("Parameter 'type' is missing");
    }
    if (!data) {
        return xstrdup("Parameter 'data' is missing");
    }
    if (!strcmp(type->string, "qcode")) {
        if (data->kind != JSON_STRING) {
            return xstrdup("Invalid parameter type for 'data', expected: string");
        }
        return key_from_name(data->string, key)
                   ? NULL
                   : xasprintf("Parameter 'data' does not accept value '%s'", data->string);
    }
    if (!strcmp(type->string, "number")) {
        if (data->kind != JSON_INTEGER) {
            return xstrdup("Invalid parameter type for 'data', expected: integer");
        }
        if (data->integer < 0 || data->integer > 0xffff ||
            !key_from_set1((uint16_t)data->integer, key)) {
            return xstrdup("Parameter 'data' is no key's number");
        }
        return NULL;
    }
    return xasprintf("Parameter 'type' does not accept value '%s'", type->string);
}

static char *run_send_key(struct call *c)
{
    const struct json *list = argument(c, "keys"), *hold = argument(c, "hold-time");
    enum key_code keys[16];

    if (list->count > ARRAY_LEN(keys)) {
        return xstrdup("too many keys at once");
    }
    for (size_t i = 0; i < list->count; i++) {
        char *error = take_key(&list->item[i], &keys[i]);

        if (error) {
            return error;
        }
    }
    uint64_t ms = hold && hold->integer > 0 ? (uint64_t)hold->integer : 100;

    if (ms > 60000) {
        return xstrdup("Parameter 'hold-time' is at most 60000");
    }
    return session_send_keys(c->s, keys, (unsigned)list->count, ms * MS)
               ? NULL
               : xstrdup("too many keys are waiting to be typed");
}

static char *event_key(struct session *s, const struct json *data, bool apply)
{
    const struct json *down = json_member(data, "down"), *key = json_member(data, "key");
    enum key_code code = KEY_NONE;

    if (!down || down->kind != JSON_BOOL || !key) {
        return xstrdup("a key event needs 'down' and 'key'");
    }
    char *error = take_key(key, &code);

    if (!error && apply) {
        pc_key(s->m, code, down->boolean);
    }
    return error;
}

static char *event_button(struct session *s, const struct json *data, bool apply)
{
    static const char *const names[] = {"left", "right", "middle", "wheel-up", "wheel-down"};
    const struct json *down = json_member(data, "down"), *button = json_member(data, "button");

    if (!down || down->kind != JSON_BOOL || !button || button->kind != JSON_STRING) {
        return xstrdup("a btn event needs 'down' and 'button'");
    }
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(button->string, names[i])) {
            continue;
        }
        if (!apply) {
            return NULL;
        }
        if (i < 3) {
            unsigned bit = 1u << i;

            s->mouse_buttons = down->boolean ? s->mouse_buttons | bit : s->mouse_buttons & ~bit;
            pc_mouse_buttons(s->m, s->mouse_buttons);
        } else if (down->boolean) {
            pc_mouse_move(s->m, 0, 0, i == 3 ? -1 : 1);
        }
        return NULL;
    }
    return xasprintf("Parameter 'button' does not accept value '%s'", button->string);
}

static char *event_move(struct session *s, const struct json *data, bool apply)
{
    const struct json *axis = json_member(data, "axis"), *value = json_member(data, "value");

    if (!axis || axis->kind != JSON_STRING || !value || value->kind != JSON_INTEGER) {
        return xstrdup("a rel event needs 'axis' and 'value'");
    }
    bool x = !strcmp(axis->string, "x");

    if (!x && strcmp(axis->string, "y")) {
        return xasprintf("Parameter 'axis' does not accept value '%s'", axis->string);
    }
    if (value->integer < -10000 || value->integer > 10000) {
        return xstrdup("Parameter 'value' is -10000 to 10000");
    }
    if (apply) {
        pc_mouse_move(s->m, x ? (int)value->integer : 0, x ? 0 : (int)value->integer, 0);
    }
    return NULL;
}

static char *take_event(struct session *s, const struct json *event, bool apply)
{
    const struct json *type = json_member(event, "type"), *data = json_member(event, "data");

    if (!type || type->kind != JSON_STRING || !data) {
        return xstrdup("an event needs 'type' and 'data'");
    }
    if (!strcmp(type->string, "key")) {
        return event_key(s, data, apply);
    }
    if (!strcmp(type->string, "btn")) {
        return event_button(s, data, apply);
    }
    if (!strcmp(type->string, "rel")) {
        return event_move(s, data, apply);
    }
    return xasprintf("Parameter 'type' does not accept value '%s'", type->string);
}

/* All or none. */
static char *run_input_send_event(struct call *c)
{
    const struct json *list = argument(c, "events");

    if (c->s->state != RUN_RUNNING) {
        return xstrdup("VM not running");
    }
    for (int apply = 0; apply < 2; apply++) {
        for (size_t i = 0; i < list->count; i++) {
            char *error = take_event(c->s, &list->item[i], apply);

            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* Looking. */

static char *run_screendump(struct call *c)
{
    return control_screendump(c->s, string_argument(c, "filename"), string_argument(c, "format"));
}

static char *save_memory(struct call *c, bool linear)
{
    return control_save_memory(c->s, (uint64_t)argument(c, "val")->integer,
                               (uint64_t)argument(c, "size")->integer,
                               string_argument(c, "filename"), linear);
}

static char *run_memsave(struct call *c)
{
    const struct json *cpu = argument(c, "cpu-index");

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
    struct text out = {0};

    monitor_command(c->s, string_argument(c, "command-line"), &out);
    json_write_string(c->result, out.len ? out.s : "");
    text_free(&out);
    return NULL;
}

/* Media. */

static const char *device_argument(const struct call *c)
{
    const char *device = string_argument(c, "device");

    return device ? device : string_argument(c, "id");
}

static char *run_eject(struct call *c)
{
    const char *device = device_argument(c);

    return device ? control_change_medium(c->s, device, NULL, false)
                  : xstrdup("Parameter 'device' is missing");
}

static char *run_blockdev_change_medium(struct call *c)
{
    const char *device = device_argument(c), *format = string_argument(c, "format"),
               *mode = string_argument(c, "read-only-mode");

    if (!device) {
        return xstrdup("Parameter 'device' is missing");
    }
    if (format && strcmp(format, "raw")) {
        return xasprintf("Unknown driver '%s'", format);
    }
    if (mode && strcmp(mode, "retain") && strcmp(mode, "read-only") && strcmp(mode, "read-write")) {
        return xasprintf("Parameter 'read-only-mode' does not accept value '%s'", mode);
    }
    return control_change_medium(c->s, device, string_argument(c, "filename"),
                                 mode && !strcmp(mode, "read-only"));
}

static const struct qmp_command commands[] = {
    {"qmp_capabilities", run_nothing, "enable:a?"},
    {"query-version", run_query_version, ""},
    {"query-commands", run_query_commands, ""},
    {"query-status", run_query_status, ""},
    {"query-name", run_query_name, ""},
    {"query-kvm", run_query_kvm, ""},
    {"query-cpus-fast", run_query_cpus_fast, ""},
    {"query-block", run_query_block, ""},
    {"query-chardev", run_query_chardev, ""},
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

const char *qmp_command_nearest(const char *name)
{
    const char *names[ARRAY_LEN(commands)];

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        names[i] = commands[i].name;
    }
    return nearest_name(name, names, ARRAY_LEN(commands));
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
                      struct text *result)
{
    struct call call = {s, arguments, result};
    char *error = check_arguments(c->signature, arguments);

    return error ? error : c->run(&call);
}
