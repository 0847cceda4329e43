/* SPDX-License-Identifier: MIT */
/*
 * The protocol: greeting, capabilities, framing, ids, errors, events. The commands are in
 * qmp_commands.c. The words of errors are QEMU's where programs may look at them.
 */
#include "frontends/qmp.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "frontends/json.h"
#include "frontends/qmp_commands.h"
#include "frontends/session.h"

struct qmp {
    struct session *s;
    struct chardev *c;
    bool open, ready; /* ready: capabilities were negotiated */
    struct json_splitter splitter;
    struct text input;
    bool overlong; /* discarding up to the end of a value that is too long */
};

static void send_line(struct qmp *q, struct text *t)
{
    if (log_enabled(LOG_QMP)) {
        log_guest(QMP, "< %s", t->s);
    }
    text_puts(t, "\r\n");
    if (q->open) {
        chardev_write(q->c, (const uint8_t *)t->s, t->len);
    }
    text_free(t);
}

static void greet(struct qmp *q)
{
    struct text t = {0};

    text_puts(&t, "{\"QMP\": {\"version\": " QMP_VERSION ", \"capabilities\": [\"oob\"]}}");
    send_line(q, &t);
}

static void send_error(struct qmp *q, const struct json *id, const char *class, const char *desc)
{
    struct text t = {0};

    text_puts(&t, "{");
    if (id) {
        text_puts(&t, "\"id\": ");
        json_write(&t, id);
        text_puts(&t, ", ");
    }
    text_puts(&t, "\"error\": {\"class\": ");
    json_write_string(&t, class);
    text_puts(&t, ", \"desc\": ");
    json_write_string(&t, desc);
    text_puts(&t, "}}");
    send_line(q, &t);
}

static void send_return(struct qmp *q, const struct json *id, const struct text *result)
{
    struct text t = {0};

    text_puts(&t, "{\"return\": ");
    text_puts(&t, result->len ? result->s : "{}");
    if (id) {
        text_puts(&t, ", \"id\": ");
        json_write(&t, id);
    }
    text_puts(&t, "}");
    send_line(q, &t);
}

/* The members of a request. Returns the error's description, or NULL. */
static char *check_request(const struct json *r)
{
    if (r->kind != JSON_OBJECT) {
        return xstrdup("QMP input must be a JSON object");
    }
    for (size_t i = 0; i < r->count; i++) {
        const struct json *m = &r->item[i];

        if (!strcmp(m->key, "execute")) {
            if (m->kind != JSON_STRING) {
                return xstrdup("QMP input member 'execute' must be a string");
            }
        } else if (!strcmp(m->key, "arguments")) {
            if (m->kind != JSON_OBJECT) {
                return xstrdup("QMP input member 'arguments' must be an object");
            }
        } else if (strcmp(m->key, "id")) {
            return xasprintf("QMP input member '%s' is unexpected", m->key);
        }
    }
    return json_member(r, "execute") ? NULL : xstrdup("QMP input lacks member 'execute'");
}

static bool negotiated(struct qmp *q, const struct json *id, const char *name)
{
    bool capabilities = !strcmp(name, "qmp_capabilities");

    if (q->ready == !capabilities) {
        return true;
    }
    send_error(q, id, "CommandNotFound",
               q->ready ? "Capabilities negotiation is already complete, command ignored"
                        : "Expecting capabilities negotiation with 'qmp_capabilities'");
    return false;
}

static void execute(struct qmp *q, const struct json *r)
{
    const struct json *id = json_member(r, "id");
    char *error = check_request(r);

    if (error) {
        send_error(q, id, "GenericError", error);
        free(error);
        return;
    }
    const char *name = json_member(r, "execute")->string;

    if (!negotiated(q, id, name)) {
        return;
    }
    const struct qmp_command *command = qmp_command_find(name);

    if (!command) {
        char *desc = xasprintf("The command %s has not been found", name);

        send_error(q, id, "CommandNotFound", desc);
        free(desc);
        return;
    }
    struct text result = {0};
    const char *class;

    error = qmp_command_run(command, q->s, json_member(r, "arguments"), &result, &class);
    if (error) {
        send_error(q, id, class, error);
    } else {
        q->ready = true; /* qmp_capabilities is the first that gets here */
        send_return(q, id, &result);
        qmp_jobs_conclude(q->s);
    }
    free(error);
    text_free(&result);
}

static void take_value(struct qmp *q)
{
    char *error = NULL;
    size_t blank = strspn(q->input.s, " \t\r\n");

    if (blank == q->input.len) {
        text_clear(&q->input);
        return;
    }
    log_guest(QMP, "> %s", q->input.s);
    struct json *r = json_parse(q->input.s, q->input.len, &error);

    text_clear(&q->input);
    if (r) {
        execute(q, r);
        json_free(r);
    } else {
        send_error(q, NULL, "GenericError", error);
        free(error);
    }
}

static void take_byte(struct qmp *q, char c)
{
    bool complete = json_splitter_feed(&q->splitter, c);

    if (!q->overlong) {
        text_add(&q->input, &c, 1);
    }
    if (q->input.len > JSON_MAX_BYTES) {
        q->overlong = true;
        text_clear(&q->input);
        send_error(q, NULL, "GenericError", "JSON parse error, value too long");
    }
    if (complete && q->overlong) {
        q->overlong = false;
    } else if (complete) {
        take_value(q);
    }
}

static unsigned qmp_can_receive(void *opaque)
{
    struct qmp *q = opaque;

    return q->open ? 4096 : 0;
}

static void qmp_receive(void *opaque, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        take_byte(opaque, (char)buf[i]);
    }
}

static void qmp_opened(void *opaque, bool open)
{
    struct qmp *q = opaque;

    q->open = open;
    q->ready = q->overlong = false;
    q->splitter = (struct json_splitter){0};
    text_clear(&q->input);
    if (open) {
        greet(q);
    }
}

static void send_event(struct qmp *q, const char *event, const char *data)
{
    struct text t = {0};
    struct timespec now;

    if (!q->ready) {
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    text_printf(&t, "{\"timestamp\": {\"seconds\": %lld, \"microseconds\": %ld}, \"event\": \"%s\"",
                (long long)now.tv_sec, now.tv_nsec / 1000, event);
    if (data) {
        text_puts(&t, ", \"data\": ");
        text_puts(&t, data);
    }
    text_puts(&t, "}");
    send_line(q, &t);
}

void qmp_tell(struct session *s, const char *event, const char *data)
{
    for (unsigned i = 0; i < s->qmp_count; i++) {
        send_event(s->qmp[i], event, data);
    }
}

static void qmp_event(void *opaque, enum session_event event, bool guest, const char *reason)
{
    static const char *const names[] = {"STOP", "RESUME", "RESET", "SHUTDOWN", "POWERDOWN"};
    char *data =
        reason ? xasprintf("{\"guest\": %s, \"reason\": \"%s\"}", guest ? "true" : "false", reason)
               : NULL;

    send_event(opaque, names[event], data);
    free(data);
}

struct qmp *qmp_create(struct session *s, struct chardev *c)
{
    struct qmp *q = xcalloc(1, sizeof(*q));

    q->s = s;
    q->c = c;
    chardev_connect(c, qmp_can_receive, qmp_receive, q);
    c->opened = qmp_opened;
    session_listen(s, qmp_event, q);
    return q;
}

void qmp_destroy(struct qmp *q)
{
    q->c->receive = NULL;
    q->c->opened = NULL;
    text_free(&q->input);
    free(q);
}
