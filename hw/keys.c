/* SPDX-License-Identifier: MIT */
/*
 * Look-ups in the key table. IBM PS/2 Technical Reference, keyboard section; Microsoft keyboard
 * scan code specification for the keys that came later.
 */
#include "hw/keys.h"

#include <string.h>

#define KEY_ROW(id, name, set1, set2, set3) {name, set1, set2, set3},
static const struct key_info table[] = {{"unmapped", 0, 0, 0}, KEYS(KEY_ROW)};

/* Other names for the same key. */
static const struct {
    const char *name;
    enum key_code key;
} alias[] = {
    {"asterisk", KEY_KP_MULTIPLY},
    {"menu", KEY_COMPOSE},
    {"altgr", KEY_ALT_R},
    {"lf", KEY_KP_ENTER},
    {"enter", KEY_RET},
    {"return", KEY_RET},
    {"space", KEY_SPC},
    {"escape", KEY_ESC},
    {"ctrl_l", KEY_CTRL},
    {"shift_l", KEY_SHIFT},
    {"alt_l", KEY_ALT},
};

const struct key_info *key_info(enum key_code key)
{
    return &table[(unsigned)key < KEY_COUNT ? (unsigned)key : 0];
}

const char *key_name(enum key_code key)
{
    return key_info(key)->name;
}

bool key_from_name(const char *name, enum key_code *key)
{
    for (unsigned i = 1; i < KEY_COUNT; i++) {
        if (!strcmp(name, table[i].name)) {
            *key = (enum key_code)i;
            return true;
        }
    }
    for (unsigned i = 0; i < ARRAY_LEN(alias); i++) {
        if (!strcmp(name, alias[i].name)) {
            *key = alias[i].key;
            return true;
        }
    }
    return false;
}

static bool find_set1(uint16_t code, enum key_code *key)
{
    for (unsigned i = 1; i < KEY_COUNT; i++) {
        if (table[i].set1 == code) {
            *key = (enum key_code)i;
            return true;
        }
    }
    return false;
}

bool key_from_set1(uint16_t code, enum key_code *key)
{
    bool short_form = code >= 0x80 && code < 0x100;

    return find_set1(code, key) || (short_form && find_set1(0xe000 | (code & 0x7f), key));
}
