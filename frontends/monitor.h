/* SPDX-License-Identifier: MIT */
/*
 * The monitor for people: lines of words. QMP's human-monitor-command runs the same commands.
 */
#ifndef FRONTENDS_MONITOR_H
#define FRONTENDS_MONITOR_H

#include "frontends/text.h"
#include "host/chardev.h"

struct monitor;
struct session;

struct monitor *monitor_create(struct session *s, struct chardev *c);
void monitor_destroy(struct monitor *mon);

/* Runs one line; what it prints goes to out, lines ending in "\r\n". */
void monitor_command(struct session *s, const char *line, struct text *out);

#endif
