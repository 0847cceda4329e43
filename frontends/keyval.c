/* SPDX-License-Identifier: MIT */
#include "frontends/keyval.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"

/* Copies up to a single comma; ",," is one. Returns where it stopped. */
static const char *copy_item(const char *p, char *out)
{
    while (*p && !(p[0] == ',' && p[1] != ',')) {
        p += p[0] == ',';
        *out++ = *p++;
    }
    *out = 0;
    return p;
}

static void add(struct keyvals *k, const char *key, const char *value, bool bare)
{
    k->item = xrealloc(k->item, (k->count + 1) * sizeof(*k->item));
    k->item[k->count++] = (struct keyval){xstrdup(key), xstrdup(value), bare};
}

void keyvals_parse(struct keyvals *k, const char *option, const char *text, const char *implied_key)
{
    char *item = xmalloc(strlen(text) + 1);
    const char *p = text;

    *k = (struct keyvals){.option = option};
    for (bool first = true; *p; first = false) {
        p = copy_item(p, item);
        char *equals = strchr(item, '=');

        if (equals) {
            *equals = 0;
            add(k, item, equals + 1, false);
        } else if (first && implied_key) {
            add(k, implied_key, item, false);
        } else if (item[0]) {
            add(k, item, "on", true);
        }
        if (*p == ',') {
            p++;
        }
    }
    free(item);
}

void keyvals_free(struct keyvals *k)
{
    for (size_t i = 0; i < k->count; i++) {
        free(k->item[i].key);
        free(k->item[i].value);
    }
    free(k->item);
    *k = (struct keyvals){0};
}

const char *keyvals_get(const struct keyvals *k, const char *key)
{
    const char *value = NULL;

    for (size_t i = 0; i < k->count; i++) {
        const struct keyval *v = &k->item[i];

        if (!strcmp(v->key, key)) {
            value = v->value;
        } else if (v->bare && !strncmp(v->key, "no", 2) && !strcmp(v->key + 2, key)) {
            value = "off";
        }
    }
    return value;
}

static bool is_known(const struct keyval *v, const char *const *known)
{
    for (; *known; known++) {
        if (!strcmp(v->key, *known) ||
            (v->bare && !strncmp(v->key, "no", 2) && !strcmp(v->key + 2, *known))) {
            return true;
        }
    }
    return false;
}

void keyvals_allow(const struct keyvals *k, const char *const *known)
{
    size_t n = 0;

    while (known[n]) {
        n++;
    }
    for (size_t i = 0; i < k->count; i++) {
        if (!is_known(&k->item[i], known)) {
            fatal("%s has no property '%s': did you mean '%s'?", k->option, k->item[i].key,
                  nearest_name(k->item[i].key, known, n));
        }
    }
}

bool parse_bool(const char *text, bool *out)
{
    *out = !strcmp(text, "on") || !strcmp(text, "yes") || !strcmp(text, "true");
    return *out || !strcmp(text, "off") || !strcmp(text, "no") || !strcmp(text, "false");
}

bool keyvals_bool(const struct keyvals *k, const char *key, bool absent)
{
    const char *text = keyvals_get(k, key);
    bool value = absent;

    if (text && !parse_bool(text, &value)) {
        fatal("%s: %s is 'on' or 'off', not '%s'", k->option, key, text);
    }
    return value;
}

bool parse_number(const char *text, uint64_t *out)
{
    char *end;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    *out = strtoull(text, &end, hex ? 16 : 10);
    return !*end && !errno;
}

uint64_t keyvals_number(const struct keyvals *k, const char *key, uint64_t absent, uint64_t max)
{
    const char *text = keyvals_get(k, key);
    uint64_t value = absent;

    if (!text) {
        return absent;
    }
    if (!parse_number(text, &value)) {
        fatal("%s: %s is a number, not '%s'", k->option, key, text);
    }
    if (value > max) {
        fatal("%s: %s is at most %#llx, not '%s'", k->option, key, (unsigned long long)max, text);
    }
    return value;
}

bool is_one_of(const char *word, const char *const *names)
{
    for (; *names; names++) {
        if (!strcmp(word, *names)) {
            return true;
        }
    }
    return false;
}

bool asks_for_help(const char *arg)
{
    return !strcmp(arg, "help") || !strcmp(arg, "?");
}

size_t choose(const char *what, const char *word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(word, names[i])) {
            return i;
        }
    }
    if (asks_for_help(word)) {
        printf("%s:\n", what);
        for (size_t i = 0; i < n; i++) {
            puts(names[i]);
        }
        exit(0);
    }
    fatal("%s '%s' is unknown: did you mean '%s'?", what, word, nearest_name(word, names, n));
}
