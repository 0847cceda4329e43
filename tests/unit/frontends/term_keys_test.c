/* SPDX-License-Identifier: MIT */
/* frontends/term_keys.h: what terminals send, and anything they might. */
#include "tests/unit/check.h"

#include "frontends/term_keys.h"

/* "ctrl-alt-f1", or "" for no key; *taken is what the parser took. */
static const char *parse(const char *bytes, unsigned len, bool final, unsigned *taken)
{
    static char text[128];
    struct term_combination c;

    *taken = term_keys_parse((const uint8_t *)bytes, len, final, &c);
    text[0] = 0;
    for (unsigned i = 0; i < c.count; i++) {
        strcat(text, i ? "-" : "");
        strcat(text, key_name(c.key[i]));
    }
    return text;
}

static void sequences_of_many_terminals(void)
{
    static const struct {
        const char *bytes, *keys;
    } cases[] = {
        {"a", "a"},
        {"Z", "shift-z"},
        {"\"", "shift-apostrophe"},
        {"\003", "ctrl-c"},
        {"\r", "ret"},
        {"\177", "backspace"},
        {"\033x", "alt-x"},
        {"\033X", "alt-shift-x"},
        {"\033\003", "ctrl-alt-c"},
        {"\033[A", "up"},
        {"\033OA", "up"},
        {"\033[1;5C", "ctrl-right"},
        {"\033[1;3D", "alt-left"},
        {"\033[1;8H", "ctrl-alt-shift-home"},
        {"\033Oc", "ctrl-right"},
        {"\033[c", "shift-right"},
        {"\033OP", "f1"},
        {"\033[11~", "f1"},
        {"\033[[A", "f1"},
        {"\033[[E", "f5"},
        {"\033[1;2P", "shift-f1"},
        {"\033[15~", "f5"},
        {"\033[24;5~", "ctrl-f12"},
        {"\033[3~", "delete"},
        {"\033[3^", "ctrl-delete"},
        {"\033[7~", "home"},
        {"\033[Z", "shift-tab"},
        {"\033\033[B", "alt-down"},
        {"\033[27;6;65~", "ctrl-shift-a"},
        {"\033[97;7u", "ctrl-alt-a"},
        {"\033[?1;2c", ""}, /* an answer that nobody asked for */
        {"\303", ""},       /* UTF-8: no key of this layout */
    };
    unsigned taken;

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned len = (unsigned)strlen(cases[i].bytes);

        CHECK_STR(parse(cases[i].bytes, len, false, &taken), cases[i].keys);
        CHECK_EQ(taken, len);
    }
}

static void an_escape_waits_for_what_may_follow(void)
{
    unsigned taken;

    parse("\033", 1, false, &taken);
    CHECK_EQ(taken, 0);
    CHECK_STR(parse("\033", 1, true, &taken), "esc");
    CHECK_EQ(taken, 1);
    parse("\033[1;", 4, false, &taken);
    CHECK_EQ(taken, 0);
    CHECK_STR(parse("\033[", 2, true, &taken), "alt-bracket_left");
    CHECK_EQ(taken, 2);
    CHECK_STR(parse("\033\033", 2, true, &taken), "esc");
    CHECK_EQ(taken, 1);
}

static void any_bytes_are_taken(void)
{
    uint64_t seed = 3;
    uint8_t buf[64];
    struct term_combination c;

    for (unsigned i = 0; i < 200000; i++) {
        unsigned len = 1 + check_random(&seed) % sizeof(buf);

        for (unsigned k = 0; k < len; k++) {
            uint64_t r = check_random(&seed);

            buf[k] = r & 3 ? (uint8_t) "\033[O;0129~^AZu["[(r >> 8) % 14] : (uint8_t)(r >> 16);
        }
        unsigned taken = term_keys_parse(buf, len, true, &c);

        CHECK(taken >= 1 && taken <= len && c.count <= TERM_KEYS_MAX);
    }
}

int main(void)
{
    RUN(sequences_of_many_terminals);
    RUN(an_escape_waits_for_what_may_follow);
    RUN(any_bytes_are_taken);
    return check_done();
}
