/* SPDX-License-Identifier: MIT */
/*
 * The monitor for people: lines of words. QMP's human-monitor-command runs the same commands.
 */
#ifndef FRONTENDS_MONITOR_H
#define FRONTENDS_MONITOR_H

#include "host/chardev.h"

struct monitor;
struct session;

struct monitor *monitor_create(struct session *s, struct chardev *c);
void monitor_destroy(struct monitor *mon);

/* A growing text. */
struct text {
    char *s; /* NUL-terminated once something was printed; NULL: empty */
    size_t len, cap;
};

void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);

/* Runs one line; what it prints goes to out, lines ending in "\r\n". */
void monitor_command(struct session *s, const char *line, struct text *out);

#endif
