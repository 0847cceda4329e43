/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "frontends/headless.h"
#include "frontends/options.h"
#include "frontends/screen.h"
#include "frontends/session.h"

static void open_log(const struct options *o)
{
    if (o->log_names) {
        char *unknown = log_set_mask(o->log_names);

        if (unknown) {
            fatal("-d: log category '%s' is unknown: -d help lists them", unknown);
        }
    }
    if (o->log_path) {
        FILE *f = fopen(o->log_path, "w");

        if (!f) {
            fatal("-D: cannot write '%s': %s", o->log_path, strerror(errno));
        }
        log_set_file(f);
    }
}

static void write_pid(const struct options *o)
{
    if (!o->pid_path) {
        return;
    }
    FILE *f = fopen(o->pid_path, "w");

    if (!f || fprintf(f, "%ld\n", (long)getpid()) < 0 || fclose(f)) {
        fatal("-pidfile: cannot write '%s': %s", o->pid_path, strerror(errno));
    }
}

/* Nothing of the guest could be seen: say how. */
static void hint(const struct options *o)
{
    bool stdio = o->display != DISPLAY_NONE;

    for (unsigned i = 0; i < o->stream_count; i++) {
        stdio |= o->stream[i].spec.kind == CHARDEV_STDIO;
    }
    if (!o->display_given && !o->monitor_given && !stdio) {
        log_host("there is no display for a window: -display term shows the text screen here, "
                 "-nographic the first serial port; -display none silences this line");
    }
}

static void fail(char *error)
{
    if (error) {
        fatal("%s", error);
    }
}

int main(int argc, char **argv)
{
    struct options o;
    struct session *s = xcalloc(1, sizeof(*s));
    char *error = NULL;

    signal(SIGPIPE, SIG_IGN);
    options_parse(&o, argc, argv);
    struct screen *screen = screen_new(&o, &error);

    fail(error);
    session_open(s, &o);
    open_log(&o);
    write_pid(&o);
    session_connect(s);
    hint(&o);
    fail(screen_start(screen, s));
    int status = headless_run(s);

    screen_destroy(screen);
    session_close(s);
    if (o.pid_path) {
        unlink(o.pid_path);
    }
    log_set_file(NULL);
    options_free(&o);
    free(s);
    return status;
}
