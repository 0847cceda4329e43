/* SPDX-License-Identifier: MIT */
#include "frontends/screen.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "frontends/options.h"
#include "frontends/session.h"

static char *check_terminal(void)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return xstrdup("-display term: standard input and output are no terminal");
    }
    return NULL;
}

char *screen_check(struct options *o)
{
    char *error;

    switch (o->display) {
    case DISPLAY_TERM: return check_terminal();
    case DISPLAY_SDL:
        error = sdl_check();
        if (error && !o->display_given) {
            free(error);
            options_without_window(o);
            return NULL;
        }
        return error;
    default: return NULL;
    }
}

struct screen *screen_open(struct session *s, char **error)
{
    switch (s->o->display) {
    case DISPLAY_TERM: return term_open(s, error);
    case DISPLAY_SDL: return sdl_open(s, error);
    default: return NULL;
    }
}

void screen_poll(struct screen *sc)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    sc->ops->poll(sc, (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec);
}

void screen_close(struct screen *sc)
{
    if (sc) {
        sc->ops->destroy(sc);
    }
}
