/* SPDX-License-Identifier: MIT */
/*
 * The table of QMP commands.
 */
#ifndef FRONTENDS_QMP_COMMANDS_H
#define FRONTENDS_QMP_COMMANDS_H

#include "frontends/json.h"

struct session;
struct qmp_command;

/* Clients compare it with QEMU's: the features are those of that version. The package says who it
 * is. */
#define QMP_VERSION                                                                                \
    "{\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}, \"package\": \"gnomon " GNOMON_VERSION \
    "\"}"

const struct qmp_command *qmp_command_find(const char *name);
/*
 * Checks the arguments and runs it. result: JSON text, left empty for {}. Returns an error and its
 * class, or NULL.
 */
char *qmp_command_run(const struct qmp_command *c, struct session *s, const struct json *arguments,
                      struct text *result, const char **class);

#endif
