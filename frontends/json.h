/* SPDX-License-Identifier: MIT */
/*
 * JSON (RFC 8259) for the control protocols: a parser with limits, a writer, and a splitter that
 * finds where one value ends in a stream. Objects keep the order of their members. Strings may be
 * in 'single quotes' too, as QEMU takes them.
 */
#ifndef FRONTENDS_JSON_H
#define FRONTENDS_JSON_H

#include "base/types.h"
#include "frontends/text.h"

#define JSON_MAX_DEPTH 64
#define JSON_MAX_BYTES (1u << 20) /* one value in a stream */

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER, /* a number without fraction and exponent that fits */
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json {
    enum json_kind kind;
    bool boolean;
    int64_t integer;
    double number;
    char *string;      /* UTF-8, NUL-terminated; no NUL inside */
    char *key;         /* of a member of an object */
    struct json *item; /* array and object: count of them */
    size_t count;
};

/* NULL and a message (caller frees) if the text is not exactly one value. */
struct json *json_parse(const char *text, size_t len, char **error);
void json_free(struct json *j);
/* The member, or NULL if j is no object or has none. */
const struct json *json_member(const struct json *j, const char *key);

/* Written as Python's json module does: ", " and ": ". Bytes beyond ASCII become \uXXXX. */
void json_write(struct text *t, const struct json *j);
void json_write_string(struct text *t, const char *s);

/* Fed a byte at a time; true when a value is complete with this byte. Start with zeros. */
struct json_splitter {
    unsigned depth;
    bool in_string, escaped, in_word;
    char quote;
};
bool json_splitter_feed(struct json_splitter *s, char c);

#endif
