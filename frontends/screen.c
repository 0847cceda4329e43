/* SPDX-License-Identifier: MIT */
#include "frontends/screen.h"

#include <stdlib.h>
#include <time.h>

#include "frontends/options.h"
#include "frontends/session.h"

struct screen *screen_new(struct options *o, char **error)
{
    struct screen *sc = NULL;

    *error = NULL;
    if (o->display == DISPLAY_TERM) {
        sc = term_new(error);
    } else if (o->display == DISPLAY_SDL) {
        sc = sdl_new(error);
        if (!sc && !o->display_given) {
            free(*error);
            *error = NULL;
            options_without_window(o);
        }
    }
    return sc;
}

char *screen_start(struct screen *sc, struct session *s)
{
    s->screen = sc;
    if (!sc) {
        return NULL;
    }
    sc->s = s;
    return sc->ops->start(sc);
}

void screen_poll(struct screen *sc)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    sc->ops->poll(sc, (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec);
}

void screen_destroy(struct screen *sc)
{
    if (sc) {
        sc->ops->destroy(sc);
    }
}
