/* SPDX-License-Identifier: MIT */
/*
 * SDL's scancodes are places on a keyboard (USB HID usages), as the PC's scan codes are: the
 * guest's keyboard layout is the guest's business.
 */
#include "hw/keys.h"

#include "frontends/sdl_api.h"

#define K(sdl, pc) [SDL_SCANCODE_##sdl] = KEY_##pc
#define S(both)    K(both, both)

/* clang-format off */
static const uint8_t table[SDL_NUM_SCANCODES] = {
    S(A), S(B), S(C), S(D), S(E), S(F), S(G), S(H), S(I), S(J), S(K), S(L), S(M),
    S(N), S(O), S(P), S(Q), S(R), S(S), S(T), S(U), S(V), S(W), S(X), S(Y), S(Z),
    S(1), S(2), S(3), S(4), S(5), S(6), S(7), S(8), S(9), S(0),
    K(RETURN, RET), K(ESCAPE, ESC), S(BACKSPACE), S(TAB), K(SPACE, SPC), S(MINUS), K(EQUALS, EQUAL),
    K(LEFTBRACKET, BRACKET_LEFT), K(RIGHTBRACKET, BRACKET_RIGHT), S(BACKSLASH),
    K(NONUSHASH, BACKSLASH), S(SEMICOLON), S(APOSTROPHE), K(GRAVE, GRAVE_ACCENT), S(COMMA),
    K(PERIOD, DOT), S(SLASH), K(NONUSBACKSLASH, LESS),
    K(CAPSLOCK, CAPS_LOCK), K(SCROLLLOCK, SCROLL_LOCK), K(NUMLOCKCLEAR, NUM_LOCK),
    S(F1), S(F2), S(F3), S(F4), S(F5), S(F6), S(F7), S(F8), S(F9), S(F10), S(F11), S(F12),
    S(F13), S(F14), S(F15), S(F16), S(F17), S(F18), S(F19), S(F20), S(F21), S(F22), S(F23), S(F24),
    K(PRINTSCREEN, PRINT), K(SYSREQ, SYSRQ), S(PAUSE), S(INSERT), S(HOME), K(PAGEUP, PGUP),
    S(DELETE), S(END), K(PAGEDOWN, PGDN), S(RIGHT), S(LEFT), S(DOWN), S(UP),
    K(KP_DIVIDE, KP_DIVIDE), S(KP_MULTIPLY), K(KP_MINUS, KP_SUBTRACT), K(KP_PLUS, KP_ADD),
    S(KP_ENTER), S(KP_1), S(KP_2), S(KP_3), S(KP_4), S(KP_5), S(KP_6), S(KP_7), S(KP_8), S(KP_9),
    S(KP_0), K(KP_PERIOD, KP_DECIMAL), S(KP_EQUALS), S(KP_COMMA),
    K(LCTRL, CTRL), K(LSHIFT, SHIFT), K(LALT, ALT), K(LGUI, META_L),
    K(RCTRL, CTRL_R), K(RSHIFT, SHIFT_R), K(RALT, ALT_R), K(RGUI, META_R), K(APPLICATION, COMPOSE),
    K(INTERNATIONAL1, RO), K(INTERNATIONAL2, KATAKANAHIRAGANA), K(INTERNATIONAL3, YEN),
    K(INTERNATIONAL4, HENKAN), K(INTERNATIONAL5, MUHENKAN), S(LANG1), S(LANG2),
    S(POWER), S(SLEEP), K(MUTE, AUDIOMUTE), S(VOLUMEUP), S(VOLUMEDOWN),
    S(AUDIONEXT), K(AUDIOPREV, AUDIOPREV), S(AUDIOSTOP), S(AUDIOPLAY), S(MEDIASELECT), S(MAIL),
    S(CALCULATOR), S(COMPUTER), S(AC_HOME), S(AC_BACK), S(AC_FORWARD), S(AC_REFRESH),
    S(AC_BOOKMARKS),
};
/* clang-format on */

enum key_code sdl_key(SDL_Scancode code)
{
    return (unsigned)code < ARRAY_LEN(table) ? (enum key_code)table[code] : KEY_NONE;
}
