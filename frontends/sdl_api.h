/* SPDX-License-Identifier: MIT */
/*
 * SDL 2, loaded when a window is wanted: a program without one starts without the two dozen
 * libraries behind it, and runs where they are not installed.
 */
#ifndef FRONTENDS_SDL_API_H
#define FRONTENDS_SDL_API_H

#include <SDL2/SDL.h>

/* clang-format off */
#define SDL_FUNCTIONS(F) \
    F(SDL_InitSubSystem) F(SDL_QuitSubSystem) F(SDL_Quit) F(SDL_GetError) F(SDL_SetHint) \
    F(SDL_SetMainReady) \
    F(SDL_CreateWindow) F(SDL_DestroyWindow) F(SDL_SetWindowTitle) F(SDL_SetWindowSize) \
    F(SDL_GetWindowFlags) F(SDL_SetWindowFullscreen) F(SDL_SetWindowGrab) \
    F(SDL_CreateRenderer) F(SDL_DestroyRenderer) F(SDL_GetRendererOutputSize) \
    F(SDL_SetRenderDrawColor) F(SDL_RenderClear) F(SDL_RenderCopy) F(SDL_RenderPresent) \
    F(SDL_SetRenderTarget) F(SDL_GetWindowSize) F(SDL_GetDisplayUsableBounds) F(SDL_GetWindowDisplayIndex) \
    F(SDL_GetWindowPosition) F(SDL_SetWindowPosition) F(SDL_GetWindowBordersSize) \
    F(SDL_CreateTexture) F(SDL_DestroyTexture) F(SDL_UpdateTexture) F(SDL_SetTextureScaleMode) \
    F(SDL_PollEvent) F(SDL_SetRelativeMouseMode) F(SDL_ShowCursor)
/* clang-format on */

#define SDL_POINTER(name) __typeof__(name) *name;
struct sdl_api {
    void *library;
    SDL_FUNCTIONS(SDL_POINTER)
};
#undef SDL_POINTER

/* NULL, or what is missing (caller frees). */
char *sdl_load(struct sdl_api *api);
void sdl_unload(struct sdl_api *api);

/* sdl_keys.c; KEY_NONE: no key of a PC. */
enum key_code sdl_key(SDL_Scancode code);

#endif
