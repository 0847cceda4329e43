/* SPDX-License-Identifier: MIT */
/*
 * A window by SDL 2.
 *
 * The picture keeps its shape: modes with pixels that are not square fill 4:3, as on the screens
 * that they were made for; the others grow by whole factors, but in full screen what has no room
 * twice grows as far as it can. Where a factor is not whole, the picture is first enlarged to the
 * next whole one and then made smaller, so that pixels stay sharp.
 *
 * Drawing happens only when the guest has changed something (hw/vga_watch.c): an idle guest costs
 * the look at the event queue, a hundred times a second. Without gl=on SDL draws by itself: for
 * pictures of this size that is as fast, starts at once, and needs no 80 MB of OpenGL.
 */
#include "frontends/sdl_api.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "frontends/screen.h"
#include "frontends/session.h"

#define FRAME      16666667ull /* ns */
#define EVENTS     9000000ull  /* ns between looks at the event queue while the guest is busy */
#define TITLE_TIME 1000000000ull
#define BLANK_W    720
#define BLANK_H    400
#define MAX_SIDE   8192

struct size {
    int w, h;
};

struct sdl {
    struct screen sc;
    struct sdl_api api;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture, *enlarged; /* the picture; the picture at a whole factor, or NULL */
    struct size texture_size, enlarged_size;
    struct size automatic; /* what the window was made: a user's size is kept */
    struct picture picture;
    bool stale; /* the window does not show the picture */
    bool grabbed, full_screen;
    unsigned buttons;
    bool down[KEY_COUNT]; /* what the guest believes */

    uint64_t next_frame, next_events, next_title;
    uint64_t title_icount;
    char *title;
};

static struct sdl *sdl_of(struct screen *sc)
{
    return container_of(sc, struct sdl, sc);
}

/* Shape. */

static bool fills_4_3(struct size p)
{
    return p.w <= 640 && p.h <= 480 && p.w * 3 != p.h * 4;
}

/* The picture with square pixels, and large enough to see. */
static struct size natural(struct size p)
{
    if (p.w == 360 && p.h == 400) { /* 40 columns */
        return (struct size){720, 400};
    }
    if (fills_4_3(p)) {
        return (struct size){640, 480};
    }
    if (p.w <= 400 && p.h <= 300) {
        return (struct size){p.w * 2, p.h * 2};
    }
    return p;
}

static SDL_Rect fit(struct size p, struct size window, bool full_screen)
{
    struct size n = natural(p);
    double x = (double)window.w / n.w, y = (double)window.h / n.h, factor = x < y ? x : y;

    if (factor >= 1 && !fills_4_3(p) && (!full_screen || factor >= 2)) {
        factor = (int)factor;
    }
    SDL_Rect r = {.w = (int)(n.w * factor + 0.5), .h = (int)(n.h * factor + 0.5)};

    r.x = (window.w - r.w) / 2;
    r.y = (window.h - r.h) / 2;
    return r;
}

/* Drawing. */

static SDL_Texture *texture_new(struct sdl *w, SDL_TextureAccess access, struct size size,
                                bool smooth)
{
    SDL_Texture *t =
        w->api.SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, access, size.w, size.h);

    if (t) {
        w->api.SDL_SetTextureScaleMode(t, smooth ? SDL_ScaleModeLinear : SDL_ScaleModeNearest);
    }
    return t;
}

static void texture_free(struct sdl *w, SDL_Texture **t)
{
    if (*t) {
        w->api.SDL_DestroyTexture(*t);
        *t = NULL;
    }
}

static struct size picture_size(const struct sdl *w)
{
    if (!w->picture.width || !w->picture.height) {
        return (struct size){BLANK_W, BLANK_H};
    }
    return (struct size){(int)w->picture.width, (int)w->picture.height};
}

/* Where the window's inside may be on its display. */
static SDL_Rect room_of(struct sdl *w)
{
    int display = w->api.SDL_GetWindowDisplayIndex(w->window);
    int top, left, bottom, right;
    SDL_Rect room;

    if (display < 0 || w->api.SDL_GetDisplayUsableBounds(display, &room)) {
        return (SDL_Rect){0, 0, MAX_SIDE, MAX_SIDE};
    }
    if (!w->api.SDL_GetWindowBordersSize(w->window, &top, &left, &bottom, &right)) {
        room =
            (SDL_Rect){room.x + left, room.y + top, room.w - left - right, room.h - top - bottom};
    }
    return room;
}

static int clamp(int at, int first, int last)
{
    return at > last ? last : at < first ? first : at;
}

/* About the same middle, but at a size and place at which the window is seen whole. */
static void resize_window(struct sdl *w, struct size n)
{
    SDL_Rect room = room_of(w);
    struct size old;
    int x, y;

    if (n.w > room.w || n.h > room.h) {
        double fx = (double)room.w / n.w, fy = (double)room.h / n.h, f = fx < fy ? fx : fy;

        n = (struct size){(int)(n.w * f), (int)(n.h * f)};
    }
    w->api.SDL_GetWindowSize(w->window, &old.w, &old.h);
    w->api.SDL_GetWindowPosition(w->window, &x, &y);
    w->api.SDL_SetWindowSize(w->window, n.w, n.h);
    w->automatic = n;
    w->api.SDL_SetWindowPosition(w->window,
                                 clamp(x + (old.w - n.w) / 2, room.x, room.x + room.w - n.w),
                                 clamp(y + (old.h - n.h) / 2, room.y, room.y + room.h - n.h));
}

static void keep_shape(struct sdl *w)
{
    struct size p = picture_size(w), now, n = natural(p);
    bool free_size = !(w->api.SDL_GetWindowFlags(w->window) &
                       (SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED));

    w->api.SDL_GetWindowSize(w->window, &now.w, &now.h);
    if (free_size && now.w == w->automatic.w && now.h == w->automatic.h) {
        if (now.w != n.w || now.h != n.h) {
            resize_window(w, n);
        }
    }
}

/* The texture has the picture's lines [first, end). */
static void upload(struct sdl *w, uint32_t first, uint32_t end)
{
    struct size p = picture_size(w);

    if (!w->texture || w->texture_size.w != p.w || w->texture_size.h != p.h) {
        texture_free(w, &w->texture);
        texture_free(w, &w->enlarged);
        w->texture = texture_new(w, SDL_TEXTUREACCESS_STREAMING, p, false);
        w->texture_size = p;
        keep_shape(w);
        first = 0;
        end = (uint32_t)p.h;
    }
    if (w->texture && w->picture.pixels && first < end) {
        SDL_Rect r = {0, (int)first, p.w, (int)(end - first)};

        w->api.SDL_UpdateTexture(w->texture, &r, w->picture.pixels + (size_t)first * p.w,
                                 p.w * (int)sizeof(uint32_t));
    }
    w->stale = true;
}

/* What to copy to `to`: the picture, or the picture enlarged by whole factors. */
static SDL_Texture *source(struct sdl *w, SDL_Rect to)
{
    struct size p = w->texture_size;
    struct size e = {p.w * ((to.w + p.w - 1) / p.w), p.h * ((to.h + p.h - 1) / p.h)};

    if ((to.w % p.w == 0 && to.h % p.h == 0) || e.w > MAX_SIDE || e.h > MAX_SIDE) {
        return w->texture;
    }
    if (!w->enlarged || w->enlarged_size.w != e.w || w->enlarged_size.h != e.h) {
        texture_free(w, &w->enlarged);
        w->enlarged = texture_new(w, SDL_TEXTUREACCESS_TARGET, e, true);
        w->enlarged_size = e;
    }
    if (!w->enlarged || w->api.SDL_SetRenderTarget(w->renderer, w->enlarged)) {
        return w->texture;
    }
    w->api.SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    w->api.SDL_SetRenderTarget(w->renderer, NULL);
    return w->enlarged;
}

static void render(struct sdl *w)
{
    struct size window;

    w->stale = false;
    if (w->api.SDL_GetRendererOutputSize(w->renderer, &window.w, &window.h) || !w->texture) {
        return;
    }
    SDL_Rect to = fit(w->texture_size, window, w->full_screen);
    SDL_Texture *from = source(w, to);

    w->api.SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    w->api.SDL_RenderClear(w->renderer);
    if (w->picture.pixels) {
        w->api.SDL_RenderCopy(w->renderer, from, NULL, &to);
    }
    w->api.SDL_RenderPresent(w->renderer);
}

static void frame(struct sdl *w)
{
    uint32_t first, end;

    if (pc_screen_refresh(w->sc.s->m, &w->picture, &first, &end)) {
        upload(w, first, end);
    }
    if (w->stale) {
        render(w);
    }
}

/* Title. */

static void set_title(struct sdl *w, uint64_t now)
{
    struct session *s = w->sc.s;
    uint64_t icount = cpu_icount(s->m->cpu), since = now - (w->next_title - TITLE_TIME);
    uint64_t mips = since ? (icount - w->title_icount) * 1000 / since : 0;
    static const char *const release[] = {
        [GRAB_CTRL_ALT] = " - Ctrl-Alt-G releases the mouse",
        [GRAB_SHIFT_CTRL_ALT] = " - Shift-Ctrl-Alt-G releases the mouse",
        [GRAB_RIGHT_CTRL] = " - right Ctrl-G releases the mouse",
    };
    char state[48];

    w->title_icount = icount;
    w->next_title = now + TITLE_TIME;
    if (s->state == RUN_RUNNING) {
        snprintf(state, sizeof(state), "%llu MIPS", (unsigned long long)mips);
    } else {
        snprintf(state, sizeof(state), "%s", session_state_name(s));
    }
    char *title =
        xasprintf("Gnomon%s%s - %s%s", s->o->name ? " - " : "", s->o->name ? s->o->name : "", state,
                  w->grabbed ? release[s->o->grab_mod] : "");

    if (!w->title || strcmp(title, w->title)) {
        w->api.SDL_SetWindowTitle(w->window, title);
    }
    free(w->title);
    w->title = title;
}

/* Keyboard and mouse. */

static void key(struct sdl *w, enum key_code k, bool down)
{
    if (k != KEY_NONE && w->down[k] != down) {
        w->down[k] = down;
        pc_key(w->sc.s->m, k, down);
    }
}

/* Ups that go to another window would never come. */
static void release_all(struct sdl *w)
{
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        key(w, (enum key_code)k, false);
    }
    if (w->buttons) {
        w->buttons = 0;
        pc_mouse_buttons(w->sc.s->m, 0);
    }
}

static void grab(struct sdl *w, bool on)
{
    if (w->grabbed == on) {
        return;
    }
    w->grabbed = on;
    w->api.SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE);
    w->api.SDL_SetWindowGrab(w->window, on ? SDL_TRUE : SDL_FALSE);
    w->next_title = 0;
}

static void set_full_screen(struct sdl *w, bool on)
{
    w->full_screen = on;
    w->api.SDL_SetWindowFullscreen(w->window, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    w->stale = true;
}

static void own_size(struct sdl *w)
{
    resize_window(w, natural(picture_size(w)));
}

static bool hot_modifiers(const struct sdl *w)
{
    switch (w->sc.s->o->grab_mod) {
    case GRAB_RIGHT_CTRL: return w->down[KEY_CTRL_R];
    case GRAB_SHIFT_CTRL_ALT: return w->down[KEY_SHIFT] && w->down[KEY_CTRL] && w->down[KEY_ALT];
    default: return (w->down[KEY_CTRL] || w->down[KEY_CTRL_R]) && w->down[KEY_ALT];
    }
}

/* Ctrl-Alt (grab-mod=) and a key of the window's own. */
static bool hot_key(struct sdl *w, enum key_code k)
{
    if (!hot_modifiers(w)) {
        return false;
    }
    switch (k) {
    case KEY_G: grab(w, !w->grabbed); return true;
    case KEY_F: set_full_screen(w, !w->full_screen); return true;
    case KEY_U: own_size(w); return true;
    default: return false;
    }
}

static void key_event(struct sdl *w, const SDL_KeyboardEvent *e)
{
    enum key_code k = sdl_key(e->keysym.scancode);
    bool down = e->type == SDL_KEYDOWN;

    if (e->repeat) {
        return; /* the guest's keyboard repeats by itself */
    }
    if (!down || !hot_key(w, k)) {
        key(w, k, down);
    }
}

static void button_event(struct sdl *w, const SDL_MouseButtonEvent *e)
{
    static const uint8_t bit[] = {[SDL_BUTTON_LEFT] = 1,
                                  [SDL_BUTTON_RIGHT] = 2,
                                  [SDL_BUTTON_MIDDLE] = 4,
                                  [SDL_BUTTON_X1] = 8,
                                  [SDL_BUTTON_X2] = 16};
    unsigned mask = e->button < ARRAY_LEN(bit) ? bit[e->button] : 0;

    if (!w->grabbed) {
        if (e->type == SDL_MOUSEBUTTONDOWN && e->button == SDL_BUTTON_LEFT) {
            grab(w, true);
        }
        return;
    }
    w->buttons = e->type == SDL_MOUSEBUTTONDOWN ? w->buttons | mask : w->buttons & ~mask;
    pc_mouse_buttons(w->sc.s->m, w->buttons);
}

static void window_event(struct sdl *w, const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        release_all(w);
        grab(w, false);
        break;
    case SDL_WINDOWEVENT_EXPOSED: w->stale = true; break;
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        keep_shape(w); /* the guest may have changed the mode in full screen */
        w->stale = true;
        break;
    default: break;
    }
}

static void event(struct sdl *w, const SDL_Event *e)
{
    struct machine *m = w->sc.s->m;

    switch (e->type) {
    case SDL_QUIT:
        if (!w->sc.s->o->window_stays) {
            session_quit(w->sc.s, EXIT_OK, "host-ui");
        }
        break;
    case SDL_KEYDOWN:
    case SDL_KEYUP: key_event(w, &e->key); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: button_event(w, &e->button); break;
    case SDL_MOUSEMOTION:
        if (w->grabbed) {
            pc_mouse_move(m, e->motion.xrel, e->motion.yrel, 0);
        }
        break;
    case SDL_MOUSEWHEEL:
        if (w->grabbed) {
            pc_mouse_move(m, 0, 0, -e->wheel.y);
        }
        break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        texture_free(w, &w->texture);
        upload(w, 0, w->picture.height);
        break;
    case SDL_WINDOWEVENT: window_event(w, &e->window); break;
    default: break;
    }
}

static void sdl_poll(struct screen *sc, uint64_t now)
{
    struct sdl *w = sdl_of(sc);
    SDL_Event e;

    if (now >= w->next_events) {
        w->next_events = now + EVENTS;
        while (w->api.SDL_PollEvent(&e)) {
            event(w, &e);
        }
    }
    if (now >= w->next_frame) {
        w->next_frame = now + FRAME;
        frame(w);
    }
    if (now >= w->next_title) {
        set_title(w, now);
    }
}

static int sdl_fd(struct screen *sc)
{
    (void)sc;
    return -1;
}

static void sdl_destroy(struct screen *sc)
{
    struct sdl *w = sdl_of(sc);

    texture_free(w, &w->texture);
    texture_free(w, &w->enlarged);
    if (w->renderer) {
        w->api.SDL_DestroyRenderer(w->renderer);
    }
    if (w->window) {
        w->api.SDL_DestroyWindow(w->window);
    }
    w->api.SDL_Quit();
    sdl_unload(&w->api);
    picture_free(&w->picture);
    free(w->title);
    free(w);
}

/* Starts the library's video part. NULL, or what is missing. */
static char *start(struct sdl_api *api)
{
    char *error;

    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY") && !getenv("SDL_VIDEODRIVER")) {
        return xstrdup("-display sdl: there is no display: neither DISPLAY nor WAYLAND_DISPLAY is "
                       "set; use -display term or none");
    }
    error = sdl_load(api);
    if (error) {
        return error;
    }
    api->SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    api->SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    api->SDL_SetHint(SDL_HINT_GRAB_KEYBOARD, "1");
    /* The library's last resorts are screens that nobody sees. */
    api->SDL_SetHint(SDL_HINT_VIDEODRIVER, getenv("WAYLAND_DISPLAY") ? "x11,wayland" : "x11");
    api->SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    api->SDL_SetMainReady();
    if (api->SDL_InitSubSystem(SDL_INIT_VIDEO)) {
        error = xasprintf("-display sdl: no window can be opened: %s", api->SDL_GetError());
        sdl_unload(api);
    }
    return error;
}

static bool open_window(struct sdl *w)
{
    const struct options *o = w->sc.s->o;
    struct size n = natural(picture_size(w));

    w->window = w->api.SDL_CreateWindow("Gnomon", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                        n.w, n.h, SDL_WINDOW_RESIZABLE);
    if (!w->window) {
        return false;
    }
    w->automatic = n;
    w->renderer = w->api.SDL_CreateRenderer(w->window, -1, o->gl ? 0 : SDL_RENDERER_SOFTWARE);
    if (!w->renderer) {
        return false;
    }
    if (o->hide_cursor) {
        w->api.SDL_ShowCursor(SDL_DISABLE);
    }
    if (o->full_screen) {
        set_full_screen(w, true);
    }
    upload(w, 0, 0);
    return true;
}

static char *sdl_start(struct screen *sc)
{
    struct sdl *w = sdl_of(sc);

    return open_window(w)
               ? NULL
               : xasprintf("-display sdl: no window can be opened: %s", w->api.SDL_GetError());
}

static const struct screen_ops sdl_ops = {
    .start = sdl_start,
    .poll = sdl_poll,
    .fd = sdl_fd,
    .destroy = sdl_destroy,
};

struct screen *sdl_new(char **error)
{
    struct sdl *w = xcalloc(1, sizeof(*w));

    w->sc.ops = &sdl_ops;
    *error = start(&w->api);
    if (*error) {
        free(w);
        return NULL;
    }
    return &w->sc;
}
