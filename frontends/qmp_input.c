/* SPDX-License-Identifier: MIT */
/*
 * Keys and mice by QMP. Where an argument is wrong, the error says where it is as QEMU does: the
 * whole path for what is missing or of another type, the bare name for a value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontends/qmp_call.h"
#include "frontends/session.h"

#define MS 1000000ull

/* One member of an object. NULL: there, and of the right kind. */
static char *take_member(const struct json *object, const char *path, const char *name,
                         enum json_kind kind, const char *kind_name, const struct json **member)
{
    *member = json_member(object, name);
    if (!*member) {
        return xasprintf("Parameter '%s.%s' is missing", path, name);
    }
    return (*member)->kind == kind ? NULL
                                   : xasprintf("Invalid parameter type for '%s.%s', expected: %s",
                                               path, name, kind_name);
}

static char *not_accepted(const char *name, const char *value)
{
    return xasprintf("Parameter '%s' does not accept value '%s'", name, value);
}

static char *need_object(const struct json *value, const char *path)
{
    return value->kind == JSON_OBJECT
               ? NULL
               : xasprintf("Invalid parameter type for '%s', expected: object", path);
}

/* {"type": "qcode", "data": "a"} or {"type": "number", "data": 30} */
static char *take_key(const struct json *value, const char *path, enum key_code *key)
{
    const struct json *type, *data;
    char *error = need_object(value, path);

    if (!error) {
        error = take_member(value, path, "type", JSON_STRING, "string", &type);
    }
    if (error) {
        return error;
    }
    if (!strcmp(type->string, "qcode")) {
        error = take_member(value, path, "data", JSON_STRING, "string", &data);
        return error                              ? error
               : key_from_name(data->string, key) ? NULL
                                                  : not_accepted("data", data->string);
    }
    if (strcmp(type->string, "number")) {
        return not_accepted("type", type->string);
    }
    error = take_member(value, path, "data", JSON_INTEGER, "integer", &data);
    if (error) {
        return error;
    }
    if (data->integer < 0 || data->integer > 0xffff ||
        !key_from_set1((uint16_t)data->integer, key)) {
        return xstrdup("Parameter 'data' is no key's number");
    }
    return NULL;
}

char *run_send_key(struct call *c)
{
    const struct json *list = call_argument(c, "keys"), *hold = call_argument(c, "hold-time");
    enum key_code keys[16];

    if (list->count > ARRAY_LEN(keys)) {
        return xstrdup("too many keys at once");
    }
    for (size_t i = 0; i < list->count; i++) {
        char path[32];

        snprintf(path, sizeof(path), "keys[%zu]", i);
        char *error = take_key(&list->item[i], path, &keys[i]);

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

static char *event_key(struct session *s, const struct json *data, const char *path, bool apply)
{
    const struct json *down, *key;
    enum key_code code = KEY_NONE;
    char key_path[64], *error = take_member(data, path, "key", JSON_OBJECT, "object", &key);

    snprintf(key_path, sizeof(key_path), "%s.key", path);
    if (!error) {
        error = take_key(key, key_path, &code);
    }
    if (!error) {
        error = take_member(data, path, "down", JSON_BOOL, "boolean", &down);
    }
    if (!error && apply) {
        pc_key(s->m, code, down->boolean);
    }
    return error;
}

static void press_button(struct session *s, unsigned button, bool down)
{
    unsigned bit = 1u << button;

    s->mouse_buttons = down ? s->mouse_buttons | bit : s->mouse_buttons & ~bit;
    pc_mouse_buttons(s->m, s->mouse_buttons);
}

static char *event_button(struct session *s, const struct json *data, const char *path, bool apply)
{
    /* Button n is bit n; a PS/2 mouse's wheel does not tilt, so the last two do nothing. */
    static const char *const names[] = {"left",       "right",      "middle",
                                        "side",       "extra",      "wheel-up",
                                        "wheel-down", "wheel-left", "wheel-right"};
    enum { BUTTONS = 5, WHEEL_UP = BUTTONS, WHEEL_DOWN };
    const struct json *down, *button;
    char *error = take_member(data, path, "button", JSON_STRING, "string", &button);
    unsigned n = 0;

    if (!error) {
        while (n < ARRAY_LEN(names) && strcmp(button->string, names[n])) {
            n++;
        }
        if (n == ARRAY_LEN(names)) {
            return not_accepted("button", button->string);
        }
        error = take_member(data, path, "down", JSON_BOOL, "boolean", &down);
    }
    if (error || !apply) {
        return error;
    }
    if (n < BUTTONS) {
        press_button(s, n, down->boolean);
    } else if (n <= WHEEL_DOWN && down->boolean) {
        pc_mouse_move(s->m, 0, 0, n == WHEEL_UP ? -1 : 1);
    }
    return NULL;
}

static char *event_move(struct session *s, const struct json *data, const char *path, bool apply)
{
    const struct json *axis, *value;
    char *error = take_member(data, path, "axis", JSON_STRING, "string", &axis);
    bool x = !error && !strcmp(axis->string, "x");

    if (!error && !x && strcmp(axis->string, "y")) {
        error = not_accepted("axis", axis->string);
    }
    if (!error) {
        error = take_member(data, path, "value", JSON_INTEGER, "integer", &value);
    }
    if (error) {
        return error;
    }
    if (value->integer < -10000 || value->integer > 10000) {
        return xstrdup("Parameter 'value' is -10000 to 10000");
    }
    if (apply) {
        pc_mouse_move(s->m, x ? (int)value->integer : 0, x ? 0 : (int)value->integer, 0);
    }
    return NULL;
}

static char *take_event(struct session *s, const struct json *event, const char *path, bool apply)
{
    static const char *const kinds[] = {"key", "btn", "rel", "abs"};
    const struct json *type, *data;
    char data_path[48], *error = need_object(event, path);
    unsigned n = 0;

    if (!error) {
        error = take_member(event, path, "type", JSON_STRING, "string", &type);
    }
    if (error) {
        return error;
    }
    while (n < ARRAY_LEN(kinds) && strcmp(type->string, kinds[n])) {
        n++;
    }
    if (n == ARRAY_LEN(kinds)) {
        return not_accepted("type", type->string);
    }
    error = take_member(event, path, "data", JSON_OBJECT, "object", &data);
    if (error) {
        return error;
    }
    snprintf(data_path, sizeof(data_path), "%s.data", path);
    switch (n) {
    case 0: return event_key(s, data, data_path, apply);
    case 1: return event_button(s, data, data_path, apply);
    case 2: return event_move(s, data, data_path, apply);
    default: return xstrdup("Input handler not found for event type abs");
    }
}

/* All or none. */
char *run_input_send_event(struct call *c)
{
    const struct json *list = call_argument(c, "events");
    const char *device = call_string(c, "device");

    for (int apply = 0; apply < 2; apply++) {
        if (apply && device) {
            return call_no_such_device(c, device); /* there are no displays by name */
        }
        if (apply && c->s->state != RUN_RUNNING) {
            return xstrdup("VM not running");
        }
        for (size_t i = 0; i < list->count; i++) {
            char path[32];

            snprintf(path, sizeof(path), "events[%zu]", i);
            char *error = take_event(c->s, &list->item[i], path, apply);

            if (error) {
                return error;
            }
        }
    }
    return NULL;
}
