/* SPDX-License-Identifier: MIT */
#include "frontends/sdl_api.h"

#include <dlfcn.h>

#include "base/types.h"

#define SDL_LIBRARY "libSDL2-2.0.so.0"

char *sdl_load(struct sdl_api *api)
{
    api->library = dlopen(SDL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!api->library) {
        return xstrdup("-display sdl: " SDL_LIBRARY " is not installed (package libsdl2-2.0-0)");
    }
#define SDL_FIND(name)                                                 \
    *(void **)&api->name = dlsym(api->library, #name);                 \
    if (!api->name) {                                                  \
        sdl_unload(api);                                               \
        return xstrdup("-display sdl: " SDL_LIBRARY " has no " #name); \
    }
    SDL_FUNCTIONS(SDL_FIND)
#undef SDL_FIND
    return NULL;
}

void sdl_unload(struct sdl_api *api)
{
    if (api->library) {
        dlclose(api->library);
        api->library = NULL;
    }
}
