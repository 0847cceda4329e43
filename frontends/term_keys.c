/* SPDX-License-Identifier: MIT */
/*
 * ECMA-48 control sequences as xterm's "ctlseqs" lists them for keys: ESC [ number ; modifiers
 * final, ESC O letter. The keyboard that types is the US one, as the guest's drivers expect by
 * default.
 */
#include "frontends/term_keys.h"

#include <string.h>

#define ESC 0x1bu

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 }; /* as xterm's parameter says them, less one */

static void add(struct term_combination *out, enum key_code key)
{
    if (out->count < TERM_KEYS_MAX) {
        out->key[out->count++] = key;
    }
}

static void combine(struct term_combination *out, unsigned mods, enum key_code key)
{
    if (key == KEY_NONE) {
        return;
    }
    if (mods & MOD_CTRL) {
        add(out, KEY_CTRL);
    }
    if (mods & MOD_ALT) {
        add(out, KEY_ALT);
    }
    if (mods & MOD_SHIFT) {
        add(out, KEY_SHIFT);
    }
    add(out, key);
}

static const enum key_code letters[26] = {
    KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M,
    KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W, KEY_X, KEY_Y, KEY_Z,
};

/* The rest of ASCII: what the key makes alone, and with Shift. */
static const struct {
    char plain, shifted;
    enum key_code key;
} us_layout[] = {
    {'1', '!', KEY_1},
    {'2', '@', KEY_2},
    {'3', '#', KEY_3},
    {'4', '$', KEY_4},
    {'5', '%', KEY_5},
    {'6', '^', KEY_6},
    {'7', '&', KEY_7},
    {'8', '*', KEY_8},
    {'9', '(', KEY_9},
    {'0', ')', KEY_0},
    {'-', '_', KEY_MINUS},
    {'=', '+', KEY_EQUAL},
    {'[', '{', KEY_BRACKET_LEFT},
    {']', '}', KEY_BRACKET_RIGHT},
    {';', ':', KEY_SEMICOLON},
    {'\'', '"', KEY_APOSTROPHE},
    {'`', '~', KEY_GRAVE_ACCENT},
    {'\\', '|', KEY_BACKSLASH},
    {',', '<', KEY_COMMA},
    {'.', '>', KEY_DOT},
    {'/', '?', KEY_SLASH},
    {' ', ' ', KEY_SPC},
};

static void printable(struct term_combination *out, unsigned mods, uint8_t ch)
{
    if (ch >= 'a' && ch <= 'z') {
        combine(out, mods, letters[ch - 'a']);
        return;
    }
    if (ch >= 'A' && ch <= 'Z') {
        combine(out, mods | MOD_SHIFT, letters[ch - 'A']);
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(us_layout); i++) {
        if (ch == us_layout[i].plain) {
            combine(out, mods, us_layout[i].key);
            return;
        }
        if (ch == us_layout[i].shifted) {
            combine(out, mods | MOD_SHIFT, us_layout[i].key);
            return;
        }
    }
}

/* One byte that is no escape sequence. */
static void single(struct term_combination *out, unsigned mods, uint8_t ch)
{
    switch (ch) {
    case 0x00: combine(out, mods | MOD_CTRL, KEY_SPC); return;
    case 0x08:
    case 0x7f: combine(out, mods, KEY_BACKSPACE); return;
    case 0x09: combine(out, mods, KEY_TAB); return;
    case 0x0a:
    case 0x0d: combine(out, mods, KEY_RET); return;
    case ESC: combine(out, mods, KEY_ESC); return;
    case 0x1c: combine(out, mods | MOD_CTRL, KEY_BACKSLASH); return;
    case 0x1d: combine(out, mods | MOD_CTRL, KEY_BRACKET_RIGHT); return;
    case 0x1e: combine(out, mods | MOD_CTRL, KEY_6); return;
    case 0x1f: combine(out, mods | MOD_CTRL, KEY_MINUS); return;
    default: break;
    }
    if (ch < 0x20) {
        combine(out, mods | MOD_CTRL, letters[ch - 1]);
    } else if (ch < 0x7f) {
        printable(out, mods, ch);
    }
}

/* The final letter of ESC [ and ESC O. */
static const struct {
    char letter;
    uint8_t mods;
    enum key_code key;
} by_letter[] = {
    {'A', 0, KEY_UP},           {'B', 0, KEY_DOWN},         {'C', 0, KEY_RIGHT},
    {'D', 0, KEY_LEFT},         {'E', 0, KEY_KP_5},         {'F', 0, KEY_END},
    {'H', 0, KEY_HOME},         {'P', 0, KEY_F1},           {'Q', 0, KEY_F2},
    {'R', 0, KEY_F3},           {'S', 0, KEY_F4},           {'Z', MOD_SHIFT, KEY_TAB},
    {'a', MOD_SHIFT, KEY_UP},   {'b', MOD_SHIFT, KEY_DOWN}, {'c', MOD_SHIFT, KEY_RIGHT},
    {'d', MOD_SHIFT, KEY_LEFT}, {'M', 0, KEY_KP_ENTER},     {'j', 0, KEY_KP_MULTIPLY},
    {'k', 0, KEY_KP_ADD},       {'l', 0, KEY_KP_COMMA},     {'m', 0, KEY_KP_SUBTRACT},
    {'n', 0, KEY_KP_DECIMAL},   {'o', 0, KEY_KP_DIVIDE},    {'p', 0, KEY_KP_0},
    {'q', 0, KEY_KP_1},         {'r', 0, KEY_KP_2},         {'s', 0, KEY_KP_3},
    {'t', 0, KEY_KP_4},         {'u', 0, KEY_KP_5},         {'v', 0, KEY_KP_6},
    {'w', 0, KEY_KP_7},         {'x', 0, KEY_KP_8},         {'y', 0, KEY_KP_9},
    {'X', 0, KEY_KP_EQUALS},
};

/* ESC [ number ~ */
static const enum key_code by_number[] = {
    [1] = KEY_HOME, [2] = KEY_INSERT, [3] = KEY_DELETE, [4] = KEY_END,  [5] = KEY_PGUP,
    [6] = KEY_PGDN, [7] = KEY_HOME,   [8] = KEY_END,    [11] = KEY_F1,  [12] = KEY_F2,
    [13] = KEY_F3,  [14] = KEY_F4,    [15] = KEY_F5,    [17] = KEY_F6,  [18] = KEY_F7,
    [19] = KEY_F8,  [20] = KEY_F9,    [21] = KEY_F10,   [23] = KEY_F11, [24] = KEY_F12,
    [25] = KEY_F13, [26] = KEY_F14,   [28] = KEY_F15,   [29] = KEY_F16, [31] = KEY_F17,
    [32] = KEY_F18, [33] = KEY_F19,   [34] = KEY_F20,
};

static void letter_key(struct term_combination *out, unsigned mods, char letter)
{
    for (unsigned i = 0; i < ARRAY_LEN(by_letter); i++) {
        if (by_letter[i].letter == letter) {
            combine(out, mods | by_letter[i].mods, by_letter[i].key);
            return;
        }
    }
}

static enum key_code number_key(unsigned n)
{
    return n < ARRAY_LEN(by_number) ? by_number[n] : KEY_NONE;
}

/* ESC [ parameters final: parameters are numbers with semicolons. */
static unsigned control_sequence(const uint8_t *buf, unsigned len, unsigned mods,
                                 struct term_combination *out)
{
    unsigned param[3] = {0}, n = 0, i = 2;

    for (; i < len && buf[i] >= 0x20 && buf[i] < 0x40; i++) {
        if (buf[i] == ';') {
            n++;
        } else if (buf[i] >= '0' && buf[i] <= '9' && n < 3 && param[n] < 10000) {
            param[n] = param[n] * 10 + buf[i] - '0';
        }
    }
    if (i == len) {
        return i > 30 ? i : 0;
    }
    if (buf[2] >= '<' && buf[2] <= '?') {
        return i + 1; /* the terminal's word, not a key */
    }
    if (buf[i] == '[' && i == 2) { /* the Linux console's ESC [ [ A to E: F1 to F5 */
        if (len < 4) {
            return 0;
        }
        if (buf[3] >= 'A' && buf[3] <= 'E') {
            combine(out, mods, number_key(11 + buf[3] - 'A'));
        }
        return 4;
    }
    if (param[1] > 1) {
        mods |= (param[1] - 1) & 7;
    }
    switch (buf[i]) {
    case '^': mods |= MOD_CTRL; break; /* rxvt */
    case '$': mods |= MOD_SHIFT; break;
    case '@': mods |= MOD_CTRL | MOD_SHIFT; break;
    case '~':
        if (param[0] == 27) { /* xterm's modifyOtherKeys */
            single(out, mods, param[2] < 0x80 ? (uint8_t)param[2] : 0x80);
            return i + 1;
        }
        break;
    case 'u': single(out, mods, param[0] < 0x80 ? (uint8_t)param[0] : 0x80); return i + 1;
    default: letter_key(out, mods, (char)buf[i]); return i + 1;
    }
    combine(out, mods, number_key(param[0]));
    return i + 1;
}

static unsigned escape(const uint8_t *buf, unsigned len, bool final, unsigned mods,
                       struct term_combination *out)
{
    unsigned n = 0;

    if (len == 1) {
        single(out, mods, ESC);
        return final;
    }
    if (buf[1] == '[' && len > 2) {
        n = control_sequence(buf, len, mods, out);
    } else if (buf[1] == 'O' && len > 2) {
        if (buf[2] >= 'a' && buf[2] <= 'd') { /* rxvt: Ctrl and an arrow */
            letter_key(out, mods | MOD_CTRL, (char)(buf[2] - 'a' + 'A'));
        } else {
            letter_key(out, mods, (char)buf[2]);
        }
        n = 3;
    } else if ((buf[1] != '[' && buf[1] != 'O') || final) {
        if (buf[1] == ESC) { /* ESC ESC [ A: Alt and an arrow */
            if (!mods && len > 2 && (buf[2] == '[' || buf[2] == 'O')) {
                n = escape(buf + 1, len - 1, final, MOD_ALT, out);
                return n ? n + 1 : 0;
            }
            if (!mods && len == 2 && !final) {
                return 0;
            }
            single(out, mods, ESC);
            return 1;
        }
        single(out, mods | MOD_ALT, buf[1]);
        return 2;
    }
    if (!n && final) {
        *out = (struct term_combination){0};
        single(out, mods | MOD_ALT, buf[1]);
        n = 2;
    }
    return n;
}

unsigned term_keys_parse(const uint8_t *buf, unsigned len, bool final, struct term_combination *out)
{
    unsigned n;

    *out = (struct term_combination){0};
    if (!len) {
        return 0;
    }
    if (buf[0] != ESC) {
        single(out, 0, buf[0]);
        return 1;
    }
    n = escape(buf, len, final, 0, out);
    if (!n) {
        *out = (struct term_combination){0};
    }
    return n;
}
