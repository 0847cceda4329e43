/* SPDX-License-Identifier: MIT */
#include "frontends/json.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *p, *end;
    const char *error; /* the first one; NULL: none so far */
    unsigned depth;
    char keyword[80];
    char quote; /* of the string: QEMU takes both kinds */
};

static bool fail(struct parser *s, const char *why)
{
    if (!s->error) {
        s->error = why;
    }
    return false;
}

static void skip_space(struct parser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) {
        s->p++;
    }
}

static bool next_is(struct parser *s, char c)
{
    skip_space(s);
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static bool parse_word(struct parser *s, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n)) {
        size_t bad = 0;

        while (s->p + bad < s->end && isalpha((unsigned char)s->p[bad]) && bad < 40) {
            bad++;
        }
        snprintf(s->keyword, sizeof(s->keyword), "invalid keyword '%.*s'", (int)bad, s->p);
        return fail(s, s->keyword);
    }
    s->p += n;
    return true;
}

/* Strings. */

static void add_utf8(struct text *t, uint32_t c)
{
    char b[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (n == 1) {
        b[0] = (char)c;
    } else {
        for (size_t i = n - 1; i; i--, c >>= 6) {
            b[i] = (char)(0x80 | (c & 0x3f));
        }
        b[0] = (char)(0xf00 >> n | c);
    }
    text_add(t, b, n);
}

/* Decodes one well-formed character at p; 0 bytes if it is not (overlong, surrogate, cut short). */
static size_t get_utf8(const char *p, const char *end, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)*p;
    size_t n = first < 0x80       ? 1
               : first >> 5 == 6  ? 2
               : first >> 4 == 14 ? 3
               : first >> 3 == 30 ? 4
                                  : 0;

    if (!n || (size_t)(end - p) < n) {
        return 0;
    }
    *c = n == 1 ? first : first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (((uint8_t)p[i] & 0xc0) != 0x80) {
            return 0;
        }
        *c = *c << 6 | ((uint8_t)p[i] & 0x3f);
    }
    return *c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000) ? 0 : n;
}

static bool parse_hex4(struct parser *s, uint32_t *v)
{
    *v = 0;
    if (s->end - s->p < 4) {
        return fail(s, "invalid \\u escape");
    }
    for (int i = 0; i < 4; i++) {
        char c = *s->p++;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;

        if (digit == 16) {
            return fail(s, "invalid \\u escape");
        }
        *v = *v << 4 | digit;
    }
    return true;
}

static bool parse_unicode(struct parser *s, struct text *t)
{
    uint32_t c, low;

    if (!parse_hex4(s, &c)) {
        return false;
    }
    if (c >= 0xd800 && c < 0xdc00) {
        if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u') {
            return fail(s, "half a surrogate pair");
        }
        s->p += 2;
        if (!parse_hex4(s, &low)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail(s, "half a surrogate pair");
        }
        c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
    } else if (c >= 0xdc00 && c < 0xe000) {
        return fail(s, "half a surrogate pair");
    }
    if (!c) {
        return fail(s, "NUL in a string");
    }
    add_utf8(t, c);
    return true;
}

static bool parse_escape(struct parser *s, struct text *t)
{
    static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";

    if (s->p == s->end) {
        return fail(s, "unterminated string");
    }
    char c = *s->p++;
    const char *at = c ? strchr(from, c) : NULL;

    if (at) {
        text_add(t, &to[at - from], 1);
        return true;
    }
    return c == 'u' ? parse_unicode(s, t) : fail(s, "invalid escape");
}

static bool parse_string_into(struct parser *s, struct text *t)
{
    text_add(t, "", 0);
    while (s->p < s->end) {
        uint32_t c;

        if (*s->p == s->quote) {
            s->p++;
            return true;
        }
        if (*s->p == '\\') {
            s->p++;
            if (!parse_escape(s, t)) {
                return false;
            }
            continue;
        }
        size_t n = get_utf8(s->p, s->end, &c);

        if (!n || c < 0x20) {
            return fail(s, n ? "control character in a string" : "invalid UTF-8");
        }
        text_add(t, s->p, n);
        s->p += n;
    }
    return fail(s, "unterminated string");
}

/* The opening quote is gone. NULL on error. */
static char *parse_string(struct parser *s)
{
    struct text t = {0};

    s->quote = s->p[-1];
    if (!parse_string_into(s, &t)) {
        text_free(&t);
        return NULL;
    }
    return t.s;
}

/* Numbers. */

static size_t digits(const struct parser *s, const char *p)
{
    size_t n = 0;

    while (p + n < s->end && p[n] >= '0' && p[n] <= '9') {
        n++;
    }
    return n;
}

static bool parse_json_number(struct parser *s, struct json *j)
{
    const char *p = s->p + (*s->p == '-');
    size_t n = digits(s, p);
    bool whole = true;
    char copy[64];

    if (!n || (n > 1 && *p == '0')) {
        return fail(s, "invalid number");
    }
    p += n;
    if (p < s->end && *p == '.') {
        n = digits(s, p + 1);
        if (!n) {
            return fail(s, "invalid number");
        }
        p += 1 + n;
        whole = false;
    }
    if (p < s->end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < s->end && (*p == '+' || *p == '-');
        n = digits(s, p);
        if (!n) {
            return fail(s, "invalid number");
        }
        p += n;
        whole = false;
    }
    n = (size_t)(p - s->p);
    if (n >= sizeof(copy)) {
        return fail(s, "number too long");
    }
    memcpy(copy, s->p, n);
    copy[n] = 0;
    s->p = p;
    errno = 0;
    j->integer = strtoll(copy, NULL, 10);
    j->number = strtod(copy, NULL);
    if (whole && errno == ERANGE && copy[0] != '-') {
        errno = 0; /* addresses and sizes are unsigned */
        j->integer = (int64_t)strtoull(copy, NULL, 10);
    }
    if (j->number > 1e308 || j->number < -1e308) {
        return fail(s, "number out of range"); /* infinity could not be written again */
    }
    j->kind = whole && !errno ? JSON_INTEGER : JSON_DOUBLE;
    return true;
}

/* Values. */

static bool parse_value(struct parser *s, struct json *j);

static struct json *add_item(struct json *j)
{
    if (!(j->count & (j->count - 1))) { /* full at powers of two */
        j->item = xrealloc(j->item, (j->count ? 2 * j->count : 1) * sizeof(*j->item));
    }
    struct json *item = &j->item[j->count++];

    *item = (struct json){0};
    return item;
}

static bool parse_member(struct parser *s, struct json *j)
{
    if (!next_is(s, '"') && !next_is(s, '\'')) {
        return fail(s, "expected a member's name");
    }
    char *key = parse_string(s);

    if (!key) {
        return false;
    }
    struct json *item = add_item(j);

    item->key = key;
    if (!next_is(s, ':')) {
        return fail(s, "missing : in object");
    }
    return parse_value(s, item);
}

static bool parse_items(struct parser *s, struct json *j, char close)
{
    if (next_is(s, close)) {
        return true;
    }
    do {
        if (!(j->kind == JSON_OBJECT ? parse_member(s, j) : parse_value(s, add_item(j)))) {
            return false;
        }
    } while (next_is(s, ','));
    return next_is(s, close) || fail(s, j->kind == JSON_OBJECT ? "expected separator in dict"
                                                               : "expected separator in list");
}

static bool parse_nested(struct parser *s, struct json *j, enum json_kind kind)
{
    if (s->depth == JSON_MAX_DEPTH) {
        return fail(s, "nested too deep");
    }
    s->p++;
    s->depth++;
    j->kind = kind;
    bool good = parse_items(s, j, kind == JSON_OBJECT ? '}' : ']');

    s->depth--;
    return good;
}

static bool parse_value(struct parser *s, struct json *j)
{
    skip_space(s);
    if (s->p == s->end) {
        return fail(s, "expecting value");
    }
    switch (*s->p) {
    case '{': return parse_nested(s, j, JSON_OBJECT);
    case '[': return parse_nested(s, j, JSON_ARRAY);
    case '"':
    case '\'':
        s->p++;
        j->kind = JSON_STRING;
        j->string = parse_string(s);
        return j->string != NULL;
    case 't':
    case 'f':
        j->kind = JSON_BOOL;
        j->boolean = *s->p == 't';
        return parse_word(s, j->boolean ? "true" : "false");
    case 'n': return parse_word(s, "null");
    default: break;
    }
    if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) {
        return parse_json_number(s, j);
    }
    return fail(s, "expecting value");
}

static void free_contents(struct json *j)
{
    for (size_t i = 0; i < j->count; i++) {
        free_contents(&j->item[i]);
    }
    free(j->item);
    free(j->string);
    free(j->key);
}

void json_free(struct json *j)
{
    if (j) {
        free_contents(j);
        free(j);
    }
}

struct json *json_parse(const char *text, size_t len, char **error)
{
    struct parser s = {.p = text, .end = text + len};
    struct json *j = xcalloc(1, sizeof(*j));

    if (parse_value(&s, j)) {
        skip_space(&s);
        if (s.p == s.end) {
            return j;
        }
        fail(&s, "more than one value");
    }
    *error = xasprintf("JSON parse error, %s", s.error);
    json_free(j);
    return NULL;
}

const struct json *json_member(const struct json *j, const char *key)
{
    const struct json *found = NULL;

    for (size_t i = 0; j && j->kind == JSON_OBJECT && i < j->count; i++) {
        if (!strcmp(j->item[i].key, key)) {
            found = &j->item[i];
        }
    }
    return found;
}

/* The writer. */

static void write_char(struct text *t, uint32_t c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *at = c < 0x80 ? strchr(from, (int)c) : NULL;

    if (at) {
        text_printf(t, "\\%c", to[at - from]);
    } else if (c >= 0x10000) {
        text_printf(t, "\\u%04X\\u%04X", 0xd800 + (c - 0x10000) / 0x400, 0xdc00 + (c & 0x3ff));
    } else if (c < 0x20 || c >= 0x7f) {
        text_printf(t, "\\u%04X", c);
    } else {
        char byte = (char)c;

        text_add(t, &byte, 1);
    }
}

void json_write_string(struct text *t, const char *s)
{
    const char *end = s + strlen(s);

    text_puts(t, "\"");
    while (s < end) {
        uint32_t c;
        size_t n = get_utf8(s, end, &c);

        write_char(t, n ? c : 0xfffd); /* a file name may be anything */
        s += n ? n : 1;
    }
    text_puts(t, "\"");
}

void json_write(struct text *t, const struct json *j)
{
    switch (j->kind) {
    case JSON_NULL: text_puts(t, "null"); break;
    case JSON_BOOL: text_puts(t, j->boolean ? "true" : "false"); break;
    case JSON_INTEGER: text_printf(t, "%" PRId64, j->integer); break;
    case JSON_DOUBLE: text_printf(t, "%.17g", j->number); break;
    case JSON_STRING: json_write_string(t, j->string); break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        text_puts(t, j->kind == JSON_OBJECT ? "{" : "[");
        for (size_t i = 0; i < j->count; i++) {
            text_puts(t, i ? ", " : "");
            if (j->kind == JSON_OBJECT) {
                json_write_string(t, j->item[i].key);
                text_puts(t, ": ");
            }
            json_write(t, &j->item[i]);
        }
        text_puts(t, j->kind == JSON_OBJECT ? "}" : "]");
        break;
    }
}

bool json_splitter_feed(struct json_splitter *s, char c)
{
    if (s->in_string) {
        if (s->escaped) {
            s->escaped = false;
        } else if (c == '\\') {
            s->escaped = true;
        } else if (c == s->quote) {
            s->in_string = false;
            return !s->depth;
        } else if (c == '\n') {
            *s = (struct json_splitter){0}; /* no string has one: start over at the next line */
            return true;
        }
        return false;
    }
    bool word_ended = s->in_word && !s->depth && strchr(" \t\r\n", c);

    switch (c) {
    case '"':
    case '\'':
        s->in_string = true;
        s->quote = c;
        return false;
    case '{':
    case '[': s->depth++; return false;
    case '}':
    case ']':
        if (s->depth) {
            s->depth--;
        }
        if (!s->depth) {
            s->in_word = false;
            return true;
        }
        return false;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        if (word_ended) {
            s->in_word = false;
        }
        return word_ended;
    default: s->in_word = true; return false;
    }
}
