/* SPDX-License-Identifier: MIT */
/*
 * Host streams and who uses them: -chardev; -serial, -parallel, -debugcon, -monitor, -qmp and -mon.
 */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"

static struct stream_option *find_stream(struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->stream_count; i++) {
        if (!strcmp(o->stream[i].id, id)) {
            return &o->stream[i];
        }
    }
    return NULL;
}

static struct stream_option *add_stream(struct parse *p, const char *id)
{
    struct options *o = p->o;

    if (find_stream(o, id)) {
        fatal("%s: there is already a stream with the id '%s'", p->option, id);
    }
    if (o->stream_count == MAX_STREAMS) {
        fatal("%s: more than %u streams", p->option, MAX_STREAMS);
    }
    struct stream_option *s = &o->stream[o->stream_count++];

    *s = (struct stream_option){.id = xstrdup(id)};
    return s;
}

void streams_add_user(struct parse *p, enum stream_use use, unsigned port, const char *stream)
{
    struct options *o = p->o;

    if (o->user_count == MAX_STREAMS) {
        fatal("%s: more than %u streams", p->option, MAX_STREAMS);
    }
    o->user[o->user_count++] =
        (struct stream_user){.use = use, .port = port, .stream = xstrdup(stream)};
}

static void take_socket(struct stream_option *s, const struct keyvals *k)
{
    s->spec.server = keyvals_bool(k, "server", false);
    s->spec.wait = keyvals_bool(k, "wait", s->spec.server);
    if (keyvals_get(k, "wait") && !s->spec.server && s->spec.wait) {
        fatal("%s: wait=on is for server=on", k->option);
    }
}

/* "unix:PATH[,...]", "tcp:HOST:PORT[,...]" */
static void parse_socket(struct parse *p, struct stream_option *s, const char *kind,
                         const char *rest)
{
    static const char *const known[] = {"address", "server", "wait", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, rest, "address");
    keyvals_allow(&k, known);
    const char *address = keyvals_get(&k, "address");

    if (!address || !address[0]) {
        fatal("%s: '%s:' needs an address", p->option, kind);
    }
    if (!strcmp(kind, "unix")) {
        s->spec.kind = CHARDEV_UNIX;
        s->spec.path = xstrdup(address);
    } else {
        const char *colon = strrchr(address, ':');

        if (!colon || !colon[1]) {
            fatal("%s: 'tcp:' needs HOST:PORT, not '%s'", p->option, address);
        }
        s->spec.kind = CHARDEV_TCP;
        s->spec.host = xasprintf("%.*s", (int)(colon - address), address);
        s->spec.port = xstrdup(colon + 1);
    }
    take_socket(s, &k);
    keyvals_free(&k);
}

/*
 * STREAM of -serial and the like. Makes the stream, unless it is a chardev: that exists; its id is
 * returned in either case. NULL: none.
 */
static char *parse_stream(struct parse *p, const char *text, const char *id)
{
    static const char *const known[] = {
        "stdio", "mon:stdio", "file:", "unix:", "tcp:", "pty", "null", "chardev:", "none", "vc"};
    static const char *const later[] = {"telnet", "udp",     "websocket", "pipe",
                                        "COM",    "braille", NULL};
    const char *colon = strchr(text, ':');
    size_t kind_len = colon ? (size_t)(colon - text) : strlen(text);
    char kind[16] = "";

    if (!strncmp(text, "mon:", 4)) {
        char *used = parse_stream(p, text + 4, id);
        struct stream_option *s = used ? find_stream(p->o, used) : NULL;

        if (!s) {
            fatal("%s: '%s' cannot carry a monitor", p->option, text);
        }
        s->mux = true;
        s->spec.no_signals = true;
        streams_add_user(p, STREAM_MONITOR, 0, used);
        p->o->monitor_given = true;
        return used;
    }
    if (kind_len < sizeof(kind)) {
        memcpy(kind, text, kind_len);
    }
    if (!strcmp(text, "none")) {
        return NULL;
    }
    if (!strcmp(kind, "chardev") && colon) {
        return xstrdup(colon + 1);
    }
    if (!strcmp(kind, "unix") || !strcmp(kind, "tcp")) {
        parse_socket(p, add_stream(p, id), kind, colon ? colon + 1 : "");
    } else if (!strcmp(kind, "file")) {
        if (!colon || !colon[1]) {
            fatal("%s: 'file:' needs a path", p->option);
        }
        struct stream_option *s = add_stream(p, id);

        s->spec.kind = CHARDEV_FILE;
        s->spec.path = xstrdup(colon + 1);
    } else if (!strcmp(text, "stdio")) {
        add_stream(p, id)->spec.kind = CHARDEV_STDIO;
    } else if (!strcmp(text, "pty")) {
        add_stream(p, id)->spec.kind = CHARDEV_PTY;
    } else if (!strcmp(text, "null") || !strcmp(kind, "vc")) {
        add_stream(p, id)->spec.kind = CHARDEV_NULL;
    } else if (is_one_of(kind, later)) {
        not_yet(p->option, text);
    } else {
        fatal("%s: stream '%s' is unknown: did you mean '%s'?", p->option, text,
              nearest_name(text, known, ARRAY_LEN(known)));
    }
    return xstrdup(id);
}

static void need(const struct keyvals *k, const char *kind, const char *key)
{
    const char *value = keyvals_get(k, key);

    if (!value || !value[0]) {
        fatal("-chardev: %s needs %s=", kind, key);
    }
}

void option_chardev(struct parse *p, const char *arg)
{
    static const char *const kinds[] = {"null", "stdio", "file", "socket", "pty", "vc"};
    static const char *const later[] = {"pipe",     "udp",     "ringbuf",  "serial",
                                        "parallel", "msmouse", "spicevmc", NULL};
    static const char *const common[] = {"backend", "id", "mux", NULL};
    static const char *const stdio_known[] = {"backend", "id", "mux", "signal", NULL};
    static const char *const file_known[] = {"backend", "id", "mux", "path", "append", NULL};
    static const char *const socket_known[] = {"backend", "id",     "mux",  "path", "host",
                                               "port",    "server", "wait", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "backend");
    const char *kind = keyvals_get(&k, "backend");

    if (kind && is_one_of(kind, later)) {
        not_yet(p->option, kind);
    }
    size_t which = choose("-chardev: backend", kind ? kind : "", kinds, ARRAY_LEN(kinds));

    keyvals_allow(&k, which == 1   ? stdio_known
                      : which == 2 ? file_known
                      : which == 3 ? socket_known
                                   : common);
    need(&k, kind, "id");
    struct stream_option *s = add_stream(p, keyvals_get(&k, "id"));

    s->mux = keyvals_bool(&k, "mux", false);
    switch (which) {
    case 1:
        s->spec.kind = CHARDEV_STDIO;
        s->spec.no_signals = !keyvals_bool(&k, "signal", !s->mux);
        break;
    case 2:
        need(&k, kind, "path");
        s->spec.kind = CHARDEV_FILE;
        s->spec.path = xstrdup(keyvals_get(&k, "path"));
        s->spec.append = keyvals_bool(&k, "append", false);
        break;
    case 3:
        if (!keyvals_get(&k, "path") == !keyvals_get(&k, "port")) {
            fatal("-chardev: socket needs either path=, or host= and port=");
        }
        if (keyvals_get(&k, "path")) {
            s->spec.kind = CHARDEV_UNIX;
            s->spec.path = xstrdup(keyvals_get(&k, "path"));
        } else {
            s->spec.kind = CHARDEV_TCP;
            s->spec.host = xstrdup(keyvals_get(&k, "host") ? keyvals_get(&k, "host") : "");
            s->spec.port = xstrdup(keyvals_get(&k, "port"));
        }
        take_socket(s, &k);
        break;
    case 4: s->spec.kind = CHARDEV_PTY; break;
    default: s->spec.kind = CHARDEV_NULL; break;
    }
    keyvals_free(&k);
}

void streams_add_serial(struct parse *p, char *stream)
{
    struct options *o = p->o;

    if (o->serial_count == 4) {
        fatal("%s: the machine has four serial ports", p->option);
    }
    o->serial_given = true;
    if (stream) {
        streams_add_user(p, STREAM_SERIAL, o->serial_count, stream);
        free(stream);
    }
    o->serial_count++;
}

void option_serial(struct parse *p, const char *arg)
{
    char id[16];

    snprintf(id, sizeof(id), "serial%u", p->o->serial_count);
    streams_add_serial(p, parse_stream(p, arg, id));
}

void streams_add_parallel(struct parse *p, char *stream)
{
    struct options *o = p->o;

    if (o->parallel_count == PC_PARALLELS) {
        fatal("%s: the machine has two parallel ports", p->option);
    }
    o->parallel_given = true;
    if (stream) {
        streams_add_user(p, STREAM_PARALLEL, o->parallel_count, stream);
        free(stream);
    }
    o->parallel_count++;
}

void option_parallel(struct parse *p, const char *arg)
{
    char id[16];

    snprintf(id, sizeof(id), "parallel%u", p->o->parallel_count);
    streams_add_parallel(p, parse_stream(p, arg, id));
}

void streams_take_debugcon(struct parse *p)
{
    if (p->debugcon_given) {
        fatal("%s: there is one debug console", p->option);
    }
    p->debugcon_given = true;
}

void option_debugcon(struct parse *p, const char *arg)
{
    streams_take_debugcon(p);
    char *stream = parse_stream(p, arg, "debugcon");

    if (stream) {
        streams_add_user(p, STREAM_DEBUGCON, 0, stream);
        free(stream);
    }
}

static void add_monitor(struct parse *p, enum stream_use use, const char *arg)
{
    char id[32];

    p->o->monitor_given = true;
    snprintf(id, sizeof(id), "compat_monitor%u", p->o->stream_count);
    char *stream = parse_stream(p, arg, id);

    if (stream) {
        streams_add_user(p, use, 0, stream);
        free(stream);
    }
}

void option_monitor(struct parse *p, const char *arg)
{
    add_monitor(p, STREAM_MONITOR, arg);
}

void option_qmp(struct parse *p, const char *arg)
{
    add_monitor(p, STREAM_QMP, arg);
}

void option_mon(struct parse *p, const char *arg)
{
    static const char *const known[] = {"chardev", "mode", NULL};
    static const char *const modes[] = {"readline", "control"};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "chardev");
    keyvals_allow(&k, known);
    const char *mode = keyvals_get(&k, "mode"), *id = keyvals_get(&k, "chardev");

    if (!id || !id[0]) {
        fatal("-mon: needs chardev=");
    }
    bool control = mode && choose("-mon: mode", mode, modes, ARRAY_LEN(modes)) == 1;

    p->o->monitor_given = true;
    streams_add_user(p, control ? STREAM_QMP : STREAM_MONITOR, 0, id);
    keyvals_free(&k);
}

/* Streams that were named exist, and each has as many users as it can have. */
static void check_streams(struct options *o)
{
    unsigned stdio = 0;

    for (unsigned i = 0; i < o->user_count; i++) {
        if (!find_stream(o, o->user[i].stream)) {
            fatal("there is no -chardev with the id '%s'", o->user[i].stream);
        }
    }
    for (unsigned i = 0; i < o->stream_count; i++) {
        unsigned users = 0;

        for (unsigned j = 0; j < o->user_count; j++) {
            users += !strcmp(o->user[j].stream, o->stream[i].id);
        }
        if (users > 1 && !o->stream[i].mux) {
            fatal("stream '%s' is used twice: give it mux=on, or use mon:stdio", o->stream[i].id);
        }
        stdio += o->stream[i].spec.kind == CHARDEV_STDIO;
    }
    if (stdio && o->display == DISPLAY_TERM) {
        fatal(
            "-display term: the terminal is taken by a stream on stdio: give it unix:PATH or pty");
    }
    if (stdio > 1) {
        fatal("stdio is used twice: -serial mon:stdio shares it with the monitor");
    }
}

static void default_streams(struct parse *p)
{
    struct options *o = p->o;
    bool serial = !o->nodefaults && !o->serial_given;
    bool monitor = !o->nodefaults && !o->monitor_given;

    if (o->nographic && serial) {
        option_serial(p, monitor ? "mon:stdio" : "stdio");
    } else if (o->nographic && monitor) {
        option_monitor(p, "stdio");
    } else if (serial) {
        option_serial(p, "null");
    }
    if (!o->nodefaults && !o->parallel_given) {
        option_parallel(p, "null");
    }
}

void streams_check(struct parse *p)
{
    default_streams(p);
    check_streams(p->o);
}
