/* SPDX-License-Identifier: MIT */
/*
 * Runs the .irt files given: IR as text, passes over it, and the IR that must come out.
 *
 *     TEST name of what must hold
 *     RUN flags dce          parse, verify, share, flags (flags0: not optimised), dce; in that
 * order CODE                   as ir_print() writes it; # begins a comment line EXPECT the block
 * behind the last pass, or the one line of what is refused
 *
 * Whatever parses must print and parse to the same again, before and behind the passes. With
 * --print, what comes out is shown instead of compared: to write a new test, and then read it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "tcg/opt.h"

struct test {
    const char *file;
    unsigned line;
    char name[128], run[128];
    char code[8192], expect[8192];
};

static void add_text(char *to, size_t room, const char *text)
{
    size_t n = strlen(to);

    snprintf(to + n, room - n, "%s", text);
}

/* Printed and parsed it is the same; else says so. */
static bool round_trip(const struct ir_block *b, char *out, size_t room)
{
    char *wrong = ir_check_text(b);

    if (wrong) {
        snprintf(out, room, "does not parse back: %s\n", wrong);
    }
    bool same = !wrong;

    free(wrong);
    return same;
}

/* Runs one pass; false: it refused, and out says why. */
static bool pass(struct ir_block *b, const char *name, char *out, size_t room)
{
    if (!strcmp(name, "verify")) {
        char *wrong = ir_verify(b);

        if (wrong) {
            snprintf(out, room, "%s\n", wrong);
            free(wrong);
            return false;
        }
    } else if (!strcmp(name, "share")) {
        opt_share(b, 2);
    } else if (!strcmp(name, "flags")) {
        opt_flags(b, true);
    } else if (!strcmp(name, "flags0")) {
        opt_flags(b, false);
    } else if (!strcmp(name, "dce")) {
        opt_dce(b);
    } else if (strcmp(name, "parse")) {
        snprintf(out, room, "no such pass: %s\n", name);
        return false;
    }
    return round_trip(b, out, room);
}

static void run(const struct test *t, char *out, size_t room)
{
    struct ir_block b;
    char names[128], *wrong;
    bool good;

    ir_init(&b);
    out[0] = '\0';
    wrong = ir_parse(&b, t->code);
    if (wrong) {
        snprintf(out, room, "%s\n", wrong);
        free(wrong);
    }
    good = !out[0];
    memcpy(names, t->run, sizeof(names));
    for (char *p = strtok(names, " "), *rest = NULL; good && p; p = rest) {
        rest = strtok(NULL, " ");
        good = pass(&b, p, out, room);
    }
    if (good) {
        char *text = ir_print(&b);

        add_text(out, room, text);
        free(text);
    }
    ir_free(&b);
}

static bool finish(const struct test *t, bool print)
{
    static const char shown[] = "TEST %s\nRUN %s\nCODE\n%sEXPECT\n%s\n";
    char out[8192];

    run(t, out, sizeof(out));
    if (print) {
        printf(shown, t->name, t->run, t->code, out);
        return true;
    }
    if (strcmp(out, t->expect)) {
        printf("%s:%u: %s\n  expected:\n%s  got:\n%s", t->file, t->line, t->name, t->expect, out);
        return false;
    }
    return true;
}

static bool read_file(const char *path, bool print, unsigned *passed, unsigned *failed)
{
    FILE *f = fopen(path, "r");
    static struct test t;
    char line[512], *to = NULL;

    if (!f) {
        printf("%s: cannot be read\n", path);
        return false;
    }
    t = (struct test){.file = path};
    for (unsigned n = 1;; n++) {
        bool more = fgets(line, sizeof(line), f) != NULL;

        if (t.line && (!more || !strncmp(line, "TEST ", 5))) {
            bool good = finish(&t, print);

            *passed += good;
            *failed += !good;
        }
        if (!more) {
            break;
        }
        if (!strncmp(line, "TEST ", 5)) {
            t = (struct test){.file = path, .line = n};
            snprintf(t.name, sizeof(t.name), "%.*s", (int)strcspn(line + 5, "\n"), line + 5);
            to = NULL;
        } else if (!strncmp(line, "RUN ", 4)) {
            snprintf(t.run, sizeof(t.run), "%.*s", (int)strcspn(line + 4, "\n"), line + 4);
        } else if (!strcmp(line, "CODE\n")) {
            to = t.code;
        } else if (!strcmp(line, "EXPECT\n")) {
            to = t.expect;
        } else if (to && line[0] != '#' && line[0] != '\n') {
            add_text(to, sizeof(t.code), line);
        }
    }
    fclose(f);
    return true;
}

int main(int argc, char **argv)
{
    bool print = argc > 1 && !strcmp(argv[1], "--print");
    unsigned passed = 0, failed = 0;

    for (int k = 1 + print; k < argc; k++) {
        failed += !read_file(argv[k], print, &passed, &failed);
    }
    if (!print) {
        printf("%u passed, %u failed\n", passed, failed);
    }
    return failed || !passed;
}
