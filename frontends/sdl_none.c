/* SPDX-License-Identifier: MIT */
/* In place of sdl.c where SDL 2 was not there when the program was built. */
#include "frontends/screen.h"

struct screen *sdl_new(char **error)
{
    *error = xstrdup("-display sdl: this program was built without SDL 2 (package libsdl2-dev); "
                     "it has 'term' and 'none'");
    return NULL;
}
