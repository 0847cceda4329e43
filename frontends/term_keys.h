/* SPDX-License-Identifier: MIT */
/*
 * What a terminal sends when keys are pressed, back into keys: control characters and the escape
 * sequences of xterm and its kin, the Linux console and rxvt. A terminal says nothing about keys
 * going up, nor about Shift alone, so keys come as combinations that are pressed and released.
 */
#ifndef FRONTENDS_TERM_KEYS_H
#define FRONTENDS_TERM_KEYS_H

#include "hw/keys.h"

#define TERM_KEYS_MAX 4 /* Ctrl, Alt, Shift and a key */

struct term_combination {
    enum key_code key[TERM_KEYS_MAX];
    unsigned count;
};

/*
 * The combination that buf begins with. Returns the number of bytes it took, 0 if more has to come;
 * final: nothing more will (a lone ESC is the Esc key then). count is 0 for what no key makes.
 */
unsigned term_keys_parse(const uint8_t *buf, unsigned len, bool final,
                         struct term_combination *out);

#endif
