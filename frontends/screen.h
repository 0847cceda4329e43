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
    /* The machine is there: shows it. NULL, or why not (caller frees). */
    char *(*start)(struct screen *sc);
    /* Takes input, and shows what has changed if a frame is due. now: host ns. */
    void (*poll)(struct screen *sc, uint64_t now);
    int (*fd)(struct screen *sc); /* becomes readable with input; -1: there is none */
    void (*destroy)(struct screen *sc);
};

struct screen {
    const struct screen_ops *ops;
    struct session *s; /* NULL before the start */
};

/* How long the run loop may sleep between two polls. */
#define SCREEN_PERIOD 10000000u /* ns */

/*
 * The screen of the options, before the machine is made; NULL: none. A window that was not asked
 * for and cannot be had becomes none; what was asked for is there, or *error says what is missing
 * (caller frees).
 */
struct screen *screen_new(struct options *o, char **error);
char *screen_start(struct screen *sc, struct session *s);
void screen_poll(struct screen *sc);
void screen_destroy(struct screen *sc);

/* term.c, sdl.c */
struct screen *term_new(char **error);
struct screen *sdl_new(char **error);

#endif
