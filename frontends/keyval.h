/* SPDX-License-Identifier: MIT */
/*
 * "file=disk.img,index=0,snapshot=on": the lists that options take.
 *
 * A comma in a value is written twice. The first item may leave its key out if the option has an
 * implied one. A bare word means word=on, and noword means word=off. What is wrong ends the program
 * with one line that names it.
 */
#ifndef FRONTENDS_KEYVAL_H
#define FRONTENDS_KEYVAL_H

#include "base/types.h"

struct keyval {
    char *key, *value;
    bool bare; /* the value was made up */
};

struct keyvals {
    const char *option; /* for messages: "-drive" */
    struct keyval *item;
    size_t count;
};

void keyvals_parse(struct keyvals *k, const char *option, const char *text,
                   const char *implied_key);
void keyvals_free(struct keyvals *k);

/* The last value of the key, or NULL. Stays owned by k. */
const char *keyvals_get(const struct keyvals *k, const char *key);
/* Ends the program if there is a key that is not in the NULL-terminated list. */
void keyvals_allow(const struct keyvals *k, const char *const *known);

bool keyvals_bool(const struct keyvals *k, const char *key, bool absent);
/* Decimal, or hexadecimal with 0x; ends the program if it is no number or out of range. */
uint64_t keyvals_number(const struct keyvals *k, const char *key, uint64_t absent, uint64_t max);

/* The same for a value that stands alone. */
bool parse_number(const char *text, uint64_t *out);
bool parse_bool(const char *text, bool *out);
/* The word is in the NULL-terminated list. */
bool is_one_of(const char *word, const char *const *names);
bool asks_for_help(const char *arg);
/*
 * Index of the word in the list, or the program ends: with the list if the word asks for help, else
 * with "what 'word' is unknown: did you mean 'nearest'?".
 */
size_t choose(const char *what, const char *word, const char *const *names, size_t n);

#endif
