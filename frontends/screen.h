/* SPDX-License-Identifier: MIT */
/*
 * A screen that a person sits at: a window or a terminal. It shows the guest's picture and brings
 * keys and mouse to the session; the run loop asks it now and then.
 */
#ifndef FRONTENDS_SCREEN_H
#define FRONTENDS_SCREEN_H

#include "base/types.h"

struct options;
struct screen;
struct session;

struct screen_ops {
    /* Takes input, and shows what has changed if a frame is due. now: host ns. */
    void (*poll)(struct screen *sc, uint64_t now);
    int (*fd)(struct screen *sc); /* becomes readable with input; -1: there is none */
    void (*destroy)(struct screen *sc);
};

struct screen {
    const struct screen_ops *ops;
    struct session *s;
};

/* How long the run loop may sleep between two polls. */
#define SCREEN_PERIOD 10000000u /* ns */

/*
 * Before the machine is made: whether the screen of the options can be had. One that was not asked
 * for becomes none; for one that was, NULL or a message that says what is missing (caller frees).
 */
char *screen_check(struct options *o);
/* The screen of s->o, or NULL: none, or *error says why not (caller frees). */
struct screen *screen_open(struct session *s, char **error);
void screen_poll(struct screen *sc);
void screen_close(struct screen *sc);

/* term.c, sdl.c */
struct screen *term_open(struct session *s, char **error);
char *sdl_check(void);
struct screen *sdl_open(struct session *s, char **error);

#endif
