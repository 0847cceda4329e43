/* SPDX-License-Identifier: MIT */
/*
 * The keys of a PC keyboard: one table of names and scan codes.
 *
 * Names are QEMU's qcodes, which scripts already use. Codes are the make codes of sets 1, 2 and 3;
 * E0xxh means "E0h first". Two keys have sequences of their own (ps2.c): pause, and print, which
 * sends a faked shift around its code. 0 in set 3 means the set has no such key.
 */
#ifndef HW_KEYS_H
#define HW_KEYS_H

#include "base/types.h"

/* clang-format off */
#define KEYS(KEY)                                  \
    /* id          name              set 1   set 2   set 3 */ \
    KEY(ESC,         "esc",            0x01,   0x76,   0x08) \
    KEY(1,           "1",              0x02,   0x16,   0x16) \
    KEY(2,           "2",              0x03,   0x1e,   0x1e) \
    KEY(3,           "3",              0x04,   0x26,   0x26) \
    KEY(4,           "4",              0x05,   0x25,   0x25) \
    KEY(5,           "5",              0x06,   0x2e,   0x2e) \
    KEY(6,           "6",              0x07,   0x36,   0x36) \
    KEY(7,           "7",              0x08,   0x3d,   0x3d) \
    KEY(8,           "8",              0x09,   0x3e,   0x3e) \
    KEY(9,           "9",              0x0a,   0x46,   0x46) \
    KEY(0,           "0",              0x0b,   0x45,   0x45) \
    KEY(MINUS,       "minus",          0x0c,   0x4e,   0x4e) \
    KEY(EQUAL,       "equal",          0x0d,   0x55,   0x55) \
    KEY(BACKSPACE,   "backspace",      0x0e,   0x66,   0x66) \
    KEY(TAB,         "tab",            0x0f,   0x0d,   0x0d) \
    KEY(Q,           "q",              0x10,   0x15,   0x15) \
    KEY(W,           "w",              0x11,   0x1d,   0x1d) \
    KEY(E,           "e",              0x12,   0x24,   0x24) \
    KEY(R,           "r",              0x13,   0x2d,   0x2d) \
    KEY(T,           "t",              0x14,   0x2c,   0x2c) \
    KEY(Y,           "y",              0x15,   0x35,   0x35) \
    KEY(U,           "u",              0x16,   0x3c,   0x3c) \
    KEY(I,           "i",              0x17,   0x43,   0x43) \
    KEY(O,           "o",              0x18,   0x44,   0x44) \
    KEY(P,           "p",              0x19,   0x4d,   0x4d) \
    KEY(BRACKET_LEFT, "bracket_left",  0x1a,   0x54,   0x54) \
    KEY(BRACKET_RIGHT, "bracket_right", 0x1b,  0x5b,   0x5b) \
    KEY(RET,         "ret",            0x1c,   0x5a,   0x5a) \
    KEY(CTRL,        "ctrl",           0x1d,   0x14,   0x11) \
    KEY(A,           "a",              0x1e,   0x1c,   0x1c) \
    KEY(S,           "s",              0x1f,   0x1b,   0x1b) \
    KEY(D,           "d",              0x20,   0x23,   0x23) \
    KEY(F,           "f",              0x21,   0x2b,   0x2b) \
    KEY(G,           "g",              0x22,   0x34,   0x34) \
    KEY(H,           "h",              0x23,   0x33,   0x33) \
    KEY(J,           "j",              0x24,   0x3b,   0x3b) \
    KEY(K,           "k",              0x25,   0x42,   0x42) \
    KEY(L,           "l",              0x26,   0x4b,   0x4b) \
    KEY(SEMICOLON,   "semicolon",      0x27,   0x4c,   0x4c) \
    KEY(APOSTROPHE,  "apostrophe",     0x28,   0x52,   0x52) \
    KEY(GRAVE_ACCENT, "grave_accent",  0x29,   0x0e,   0x0e) \
    KEY(SHIFT,       "shift",          0x2a,   0x12,   0x12) \
    KEY(BACKSLASH,   "backslash",      0x2b,   0x5d,   0x5c) \
    KEY(Z,           "z",              0x2c,   0x1a,   0x1a) \
    KEY(X,           "x",              0x2d,   0x22,   0x22) \
    KEY(C,           "c",              0x2e,   0x21,   0x21) \
    KEY(V,           "v",              0x2f,   0x2a,   0x2a) \
    KEY(B,           "b",              0x30,   0x32,   0x32) \
    KEY(N,           "n",              0x31,   0x31,   0x31) \
    KEY(M,           "m",              0x32,   0x3a,   0x3a) \
    KEY(COMMA,       "comma",          0x33,   0x41,   0x41) \
    KEY(DOT,         "dot",            0x34,   0x49,   0x49) \
    KEY(SLASH,       "slash",          0x35,   0x4a,   0x4a) \
    KEY(SHIFT_R,     "shift_r",        0x36,   0x59,   0x59) \
    KEY(KP_MULTIPLY, "kp_multiply",    0x37,   0x7c,   0x7e) \
    KEY(ALT,         "alt",            0x38,   0x11,   0x19) \
    KEY(SPC,         "spc",            0x39,   0x29,   0x29) \
    KEY(CAPS_LOCK,   "caps_lock",      0x3a,   0x58,   0x14) \
    KEY(F1,          "f1",             0x3b,   0x05,   0x07) \
    KEY(F2,          "f2",             0x3c,   0x06,   0x0f) \
    KEY(F3,          "f3",             0x3d,   0x04,   0x17) \
    KEY(F4,          "f4",             0x3e,   0x0c,   0x1f) \
    KEY(F5,          "f5",             0x3f,   0x03,   0x27) \
    KEY(F6,          "f6",             0x40,   0x0b,   0x2f) \
    KEY(F7,          "f7",             0x41,   0x83,   0x37) \
    KEY(F8,          "f8",             0x42,   0x0a,   0x3f) \
    KEY(F9,          "f9",             0x43,   0x01,   0x47) \
    KEY(F10,         "f10",            0x44,   0x09,   0x4f) \
    KEY(NUM_LOCK,    "num_lock",       0x45,   0x77,   0x76) \
    KEY(SCROLL_LOCK, "scroll_lock",    0x46,   0x7e,   0x5f) \
    KEY(KP_7,        "kp_7",           0x47,   0x6c,   0x6c) \
    KEY(KP_8,        "kp_8",           0x48,   0x75,   0x75) \
    KEY(KP_9,        "kp_9",           0x49,   0x7d,   0x7d) \
    KEY(KP_SUBTRACT, "kp_subtract",    0x4a,   0x7b,   0x84) \
    KEY(KP_4,        "kp_4",           0x4b,   0x6b,   0x6b) \
    KEY(KP_5,        "kp_5",           0x4c,   0x73,   0x73) \
    KEY(KP_6,        "kp_6",           0x4d,   0x74,   0x74) \
    KEY(KP_ADD,      "kp_add",         0x4e,   0x79,   0x7c) \
    KEY(KP_1,        "kp_1",           0x4f,   0x69,   0x69) \
    KEY(KP_2,        "kp_2",           0x50,   0x72,   0x72) \
    KEY(KP_3,        "kp_3",           0x51,   0x7a,   0x7a) \
    KEY(KP_0,        "kp_0",           0x52,   0x70,   0x70) \
    KEY(KP_DECIMAL,  "kp_decimal",     0x53,   0x71,   0x71) \
    KEY(SYSRQ,       "sysrq",          0x54,   0x84,   0x57) \
    KEY(LESS,        "less",           0x56,   0x61,   0x13) \
    KEY(F11,         "f11",            0x57,   0x78,   0x56) \
    KEY(F12,         "f12",            0x58,   0x07,   0x5e) \
    KEY(KP_EQUALS,   "kp_equals",      0x59,   0x0f,   0) \
    KEY(F13,         "f13",            0x64,   0x08,   0) \
    KEY(F14,         "f14",            0x65,   0x10,   0) \
    KEY(F15,         "f15",            0x66,   0x18,   0) \
    KEY(F16,         "f16",            0x67,   0x20,   0) \
    KEY(F17,         "f17",            0x68,   0x28,   0) \
    KEY(F18,         "f18",            0x69,   0x30,   0) \
    KEY(F19,         "f19",            0x6a,   0x38,   0) \
    KEY(F20,         "f20",            0x6b,   0x40,   0) \
    KEY(F21,         "f21",            0x6c,   0x48,   0) \
    KEY(F22,         "f22",            0x6d,   0x50,   0) \
    KEY(F23,         "f23",            0x6e,   0x57,   0) \
    KEY(F24,         "f24",            0x76,   0x5f,   0) \
    KEY(KATAKANAHIRAGANA, "katakanahiragana", 0x70, 0x13, 0x87) \
    KEY(LANG1,       "lang1",          0xf2,   0xf2,   0) \
    KEY(LANG2,       "lang2",          0xf1,   0xf1,   0) \
    KEY(RO,          "ro",             0x73,   0x51,   0) \
    KEY(HIRAGANA,    "hiragana",       0x77,   0x62,   0) \
    KEY(HENKAN,      "henkan",         0x79,   0x64,   0x86) \
    KEY(MUHENKAN,    "muhenkan",       0x7b,   0x67,   0x85) \
    KEY(YEN,         "yen",            0x7d,   0x6a,   0x5d) \
    KEY(KP_COMMA,    "kp_comma",       0x7e,   0x6d,   0) \
    KEY(KP_ENTER,    "kp_enter",       0xe01c, 0xe05a, 0x79) \
    KEY(CTRL_R,      "ctrl_r",         0xe01d, 0xe014, 0x58) \
    KEY(KP_DIVIDE,   "kp_divide",      0xe035, 0xe04a, 0x77) \
    KEY(PRINT,       "print",          0xe037, 0xe07c, 0x57) \
    KEY(ALT_R,       "alt_r",          0xe038, 0xe011, 0x39) \
    KEY(PAUSE,       "pause",          0xe046, 0xe07e, 0x62) \
    KEY(HOME,        "home",           0xe047, 0xe06c, 0x6e) \
    KEY(UP,          "up",             0xe048, 0xe075, 0x63) \
    KEY(PGUP,        "pgup",           0xe049, 0xe07d, 0x6f) \
    KEY(LEFT,        "left",           0xe04b, 0xe06b, 0x61) \
    KEY(RIGHT,       "right",          0xe04d, 0xe074, 0x6a) \
    KEY(END,         "end",            0xe04f, 0xe069, 0x65) \
    KEY(DOWN,        "down",           0xe050, 0xe072, 0x60) \
    KEY(PGDN,        "pgdn",           0xe051, 0xe07a, 0x6d) \
    KEY(INSERT,      "insert",         0xe052, 0xe070, 0x67) \
    KEY(DELETE,      "delete",         0xe053, 0xe071, 0x64) \
    KEY(META_L,      "meta_l",         0xe05b, 0xe01f, 0x8b) \
    KEY(META_R,      "meta_r",         0xe05c, 0xe027, 0x8c) \
    KEY(COMPOSE,     "compose",        0xe05d, 0xe02f, 0x8d) \
    KEY(POWER,       "power",          0xe05e, 0xe037, 0) \
    KEY(SLEEP,       "sleep",          0xe05f, 0xe03f, 0) \
    KEY(WAKE,        "wake",           0xe063, 0xe05e, 0) \
    KEY(AUDIONEXT,   "audionext",      0xe019, 0xe04d, 0) \
    KEY(AUDIOPREV,   "audioprev",      0xe010, 0xe015, 0) \
    KEY(AUDIOSTOP,   "audiostop",      0xe024, 0xe03b, 0) \
    KEY(AUDIOPLAY,   "audioplay",      0xe022, 0xe034, 0) \
    KEY(AUDIOMUTE,   "audiomute",      0xe020, 0xe023, 0) \
    KEY(VOLUMEUP,    "volumeup",       0xe030, 0xe032, 0) \
    KEY(VOLUMEDOWN,  "volumedown",     0xe02e, 0xe021, 0) \
    KEY(MEDIASELECT, "mediaselect",    0xe06d, 0xe050, 0) \
    KEY(MAIL,        "mail",           0xe06c, 0xe048, 0) \
    KEY(CALCULATOR,  "calculator",     0xe021, 0xe02b, 0) \
    KEY(COMPUTER,    "computer",       0xe06b, 0xe040, 0) \
    KEY(AC_HOME,     "ac_home",        0xe032, 0xe03a, 0) \
    KEY(AC_BACK,     "ac_back",        0xe06a, 0xe038, 0) \
    KEY(AC_FORWARD,  "ac_forward",     0xe069, 0xe030, 0) \
    KEY(AC_REFRESH,  "ac_refresh",     0xe067, 0xe020, 0) \
    KEY(AC_BOOKMARKS, "ac_bookmarks",  0xe066, 0xe018, 0) \
    KEY(FIND,        "find",           0xe065, 0xe010, 0)
/* clang-format on */

#define KEY_ENUM(id, name, set1, set2, set3) KEY_##id,
enum key_code { KEY_NONE, KEYS(KEY_ENUM) KEY_COUNT };
#undef KEY_ENUM

struct key_info {
    const char *name;
    uint16_t set1, set2;
    uint8_t set3;
};

/* Any value gives an entry; KEY_NONE and what is out of range have no codes and the name
 * "unmapped". */
const struct key_info *key_info(enum key_code key);
const char *key_name(enum key_code key);
/* QEMU's names and their aliases ("asterisk", "menu"); false if there is no such key. */
bool key_from_name(const char *name, enum key_code *key);
/* By set-1 make code, E0xxh or xxh (80h + xx for E0 codes, as HMP's sendkey takes them). */
bool key_from_set1(uint16_t code, enum key_code *key);

#endif
