/* SPDX-License-Identifier: MIT */
/*
 * What a C test needs: checks that count and go on, named test functions, one line per failure.
 *
 *     static void counts_down(void) { CHECK_EQ(pit_read(...), 5); }
 *     int main(void) { RUN(counts_down); return check_done(); }
 *
 * A failure prints "file:line: test: expected ..., got ...". check_done() prints the totals of the
 * test functions, "N passed, N failed, N skipped", which tools/run-tests.py adds up.
 */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"

static struct {
    const char *test;
    unsigned passed, failed, skipped;
    unsigned bad_checks; /* in the current test; only the first few are printed */
} check_;

static inline bool check_report_(bool good, const char *file, int line, const char *what)
{
    if (!good && check_.bad_checks++ < 20) {
        printf("%s:%d: %s: expected %s\n", file, line, check_.test ? check_.test : "?", what);
    }
    return good;
}

static inline bool check_eq_(uint64_t got, uint64_t want, const char *file, int line,
                             const char *what)
{
    if (got != want && check_.bad_checks++ < 20) {
        printf("%s:%d: %s: %s: expected %#" PRIx64 ", got %#" PRIx64 "\n", file, line,
               check_.test ? check_.test : "?", what, want, got);
    }
    return got == want;
}

static inline bool check_str_(const char *got, const char *want, const char *file, int line,
                              const char *what)
{
    bool good = got && want ? !strcmp(got, want) : got == want;

    if (!good && check_.bad_checks++ < 20) {
        printf("%s:%d: %s: %s: expected \"%s\", got \"%s\"\n", file, line,
               check_.test ? check_.test : "?", what, want ? want : "(null)", got ? got : "(null)");
    }
    return good;
}

/* Each is true if the check held, so that a test can stop early. */
#define CHECK(cond)          check_report_(cond, __FILE__, __LINE__, #cond)
#define CHECK_EQ(got, want)  check_eq_((uint64_t)(got), (uint64_t)(want), __FILE__, __LINE__, #got)
#define CHECK_STR(got, want) check_str_(got, want, __FILE__, __LINE__, #got)

#define RUN(fn) check_run_(fn, #fn)
static inline void check_run_(void (*fn)(void), const char *name)
{
    check_.test = name;
    check_.bad_checks = 0;
    fn();
    if (check_.bad_checks) {
        check_.failed++;
        printf("%s: failed (%u checks)\n", name, check_.bad_checks);
    } else {
        check_.passed++;
    }
    check_.test = NULL;
    fflush(stdout);
}

/* In place of RUN() where the host lacks something. */
static inline void check_skip(const char *name, const char *why)
{
    check_.skipped++;
    printf("SKIPPED %s: %s\n", name, why);
}

static inline int check_done(void)
{
    unsigned loose = check_.test ? 0 : check_.bad_checks && !check_.failed; /* outside RUN() */

    printf("%u passed, %u failed, %u skipped\n", check_.passed, check_.failed + loose,
           check_.skipped);
    return check_.failed + loose ? 1 : 0;
}

/* A repeatable source of numbers for random tests: xorshift64*. */
static inline uint64_t check_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1dull;
}

#endif
