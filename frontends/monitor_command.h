/* SPDX-License-Identifier: MIT */
/*
 * What the monitor's commands are made of: shared by monitor.c, which has the commands, and
 * monitor_info.c, which has what there is to look at.
 */
#ifndef FRONTENDS_MONITOR_COMMAND_H
#define FRONTENDS_MONITOR_COMMAND_H

#include "frontends/text.h"

struct session;

#define MONITOR_WORDS 8

/* A command's line: in words, and whole. */
struct words {
    struct session *s;
    unsigned count; /* the command's own name is not counted */
    char *word[MONITOR_WORDS];
    const char *rest; /* everything behind the name */
    struct text *out;
};

struct command {
    const char *name, *args, *help;
    unsigned min, max; /* words */
    void (*run)(struct words *w);
};

extern const struct command monitor_info_commands[];
extern const size_t monitor_info_count;

/* What the word that begins at `word` of a line could be, each ended by a newline. */
void monitor_complete(struct session *s, const char *line, size_t word, struct text *words);

#endif
