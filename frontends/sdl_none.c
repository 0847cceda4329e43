/* SPDX-License-Identifier: MIT */
/* In place of sdl.c where SDL 2 was not there when the program was built. */
#include "frontends/screen.h"

char *sdl_check(void)
{
    return xstrdup("-display sdl: this program was built without SDL 2 (package libsdl2-dev); it "
                   "has 'term' and 'none'");
}

struct screen *sdl_open(struct session *s, char **error)
{
    (void)s;
    *error = sdl_check();
    return NULL;
}
