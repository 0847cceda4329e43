/* SPDX-License-Identifier: MIT */
/* frontends/json.h: what is JSON is read, what is not is refused, and any bytes are survived. */
#include "tests/unit/check.h"

#include "frontends/json.h"

/* Parses and writes again: NULL if it is refused. Caller frees. */
static char *round_trip(const char *text)
{
    char *error = NULL;
    struct json *j = json_parse(text, strlen(text), &error);
    struct text t = {0};

    CHECK(!j == !!error);
    free(error);
    if (!j) {
        return NULL;
    }
    json_write(&t, j);
    json_free(j);
    return t.s;
}

static void check_trip(const char *in, const char *want)
{
    char *got = round_trip(in);

    CHECK_STR(got, want);
    free(got);
}

static void reads_and_writes_values(void)
{
    check_trip("null", "null");
    check_trip(" true ", "true");
    check_trip("-0", "0");
    check_trip("12345678901", "12345678901");
    check_trip("1.5e1", "15");
    check_trip("[]", "[]");
    check_trip("{}", "{}");
    check_trip("[1,[2,{\"a\":\"b\"}], {}]", "[1, [2, {\"a\": \"b\"}], {}]");
    check_trip("{\"b\":1,\"a\":2}", "{\"b\": 1, \"a\": 2}");
    check_trip("\"\\u0041\\n\\\"\\\\\\/\"", "\"A\\n\\\"\\\\/\"");
    check_trip("\"\xc3\xa9\"", "\"\\u00E9\"");
    check_trip("\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"");
}

static void refuses_what_is_not_json(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "tru",
        "nulll",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
        "1e",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\u0000\"",
        "\"\t\"",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "\"\xed\xa0\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "[",
        "[1,]",
        "[1 2]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "1 2",
        "]",
        "{]",
        "'a\"",
        "1e999",
        "NaN",
        "//",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *got = round_trip(bad[i]);

        if (!CHECK(!got)) {
            printf("    it was %s\n", bad[i]);
        }
        free(got);
    }
}

static void depth_is_limited(void)
{
    char deep[2 * JSON_MAX_DEPTH + 3];

    memset(deep, '[', JSON_MAX_DEPTH);
    memset(deep + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    deep[2 * JSON_MAX_DEPTH] = 0;
    char *got = round_trip(deep);

    CHECK(got != NULL);
    free(got);
    memset(deep, '[', JSON_MAX_DEPTH + 1);
    memset(deep + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    deep[2 * JSON_MAX_DEPTH + 2] = 0;
    got = round_trip(deep);
    CHECK(!got);
    free(got);
}

/* How many values the splitter finds. */
static unsigned split(const char *s)
{
    struct json_splitter p = {0};
    unsigned n = 0;

    for (; *s; s++) {
        n += json_splitter_feed(&p, *s);
    }
    return n;
}

static void splitter_finds_the_ends(void)
{
    CHECK_EQ(split("{}"), 1);
    CHECK_EQ(split("{}{}\n{}"), 3);
    CHECK_EQ(split("{\"a\":\"}\"}"), 1);
    CHECK_EQ(split("{\"a\":\"\\\"}\"}"), 1);
    CHECK_EQ(split("{\"a\":{\"b\":[1,2]}}"), 1);
    CHECK_EQ(split("[1]"), 1);
    CHECK_EQ(split("12 34\n"), 2);
    CHECK_EQ(split("{\"a\":\"broken\n{}"), 2); /* a string does not go over a line's end */
    CHECK_EQ(split("{\"a\""), 0);
}

static void survives_any_bytes(void)
{
    static const char seeds[] =
        "{\"execute\":\"x\",\"id\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\"]}";
    uint64_t seed = 42;

    for (unsigned i = 0; i < 50000; i++) {
        size_t len = check_random(&seed) % sizeof(seeds);
        char *copy = malloc(len + 1), *error = NULL;

        memcpy(copy, seeds, len);
        for (unsigned k = check_random(&seed) % 4; k && len; k--) {
            copy[check_random(&seed) % len] = (char)check_random(&seed);
        }
        struct json *j = json_parse(copy, len, &error);

        if (j) {
            struct text t = {0};

            json_write(&t, j);
            text_free(&t);
        }
        json_free(j);
        free(error);
        free(copy);
    }
}

int main(void)
{
    RUN(reads_and_writes_values);
    RUN(refuses_what_is_not_json);
    RUN(depth_is_limited);
    RUN(splitter_finds_the_ends);
    RUN(survives_any_bytes);
    return check_done();
}
