/* SPDX-License-Identifier: MIT */
/*
 * A line editor for any terminal that knows backspace: cursor keys, history, completion. It needs
 * no more of the terminal than '\b', '\r' and ESC [ K.
 */
#ifndef FRONTENDS_LINEEDIT_H
#define FRONTENDS_LINEEDIT_H

#include "frontends/text.h"

#define LINEEDIT_MAX     1024
#define LINEEDIT_HISTORY 64

struct lineedit {
    char line[LINEEDIT_MAX];
    size_t len, at; /* at: the cursor */
    char *history[LINEEDIT_HISTORY];
    unsigned history_count, recalled; /* recalled: how many lines back we are */
    char *typed;                      /* what was there before going back */
    unsigned escape;                  /* how far into an escape sequence */
    char parameter;                   /* its digit */
    bool after_return;                /* the last byte was CR: a LF belongs to it */

    const char *prompt;
    void (*print)(void *opaque, const char *bytes, size_t n);
    void (*enter)(void *opaque, const char *line); /* the line is complete */
    /* Adds what the word that begins at `word` could be: full words, each ended by a newline. */
    void (*complete)(void *opaque, const char *line, size_t word, struct text *words);
    void *opaque;
};

void lineedit_feed(struct lineedit *e, char c);
void lineedit_show(struct lineedit *e); /* prompt and line */
void lineedit_reset(struct lineedit *e);
void lineedit_free(struct lineedit *e);

#endif
