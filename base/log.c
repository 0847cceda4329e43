/* SPDX-License-Identifier: MIT */
/*
 * The log sink, the category mask and the filter: the only process-wide state of the program.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static uint32_t log_mask;
static FILE *log_file;
static struct {
    struct {
        uint32_t first, last;
    } range[16];
    unsigned count; /* 0: everything is wanted */
} log_filter;

#define LOG_NAME(id, name, help) name,
#define LOG_HELP(id, name, help) help,
static const char *const names_[] = {LOG_CATEGORIES(LOG_NAME)};
static const char *const helps_[] = {LOG_CATEGORIES(LOG_HELP)};

bool log_enabled(enum log_category c)
{
    return log_mask >> c & 1;
}

const char *log_name(enum log_category c)
{
    return names_[c];
}

const char *log_help(enum log_category c)
{
    return helps_[c];
}

void log_guest_(enum log_category c, const char *fmt, ...)
{
    FILE *f = log_file ? log_file : stderr;
    va_list ap;

    fprintf(f, "%s: ", names_[c]);
    va_start(ap, fmt);
    vfprintf(f, fmt, ap);
    va_end(ap);
    fputc('\n', f);
}

static void vmessage(const char *fmt, va_list ap)
{
    fflush(stdout);
    fputs("gnomon: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

void log_host(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vmessage(fmt, ap);
    va_end(ap);
}

void fatal(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vmessage(fmt, ap);
    va_end(ap);
    exit(1);
}

static bool add_category(const char *name, size_t len)
{
    if (len == 3 && !strncmp(name, "all", 3)) {
        log_mask = ((1u << LOG_COUNT) - 1) & ~(1u << LOG_NOCHAIN);
        return true;
    }
    for (unsigned i = 0; i < LOG_COUNT; i++) {
        if (strlen(names_[i]) == len && !strncmp(names_[i], name, len)) {
            log_mask |= 1u << i;
            return true;
        }
    }
    return false;
}

char *log_set_mask(const char *names)
{
    while (*names) {
        size_t len = strcspn(names, ",");

        if (!add_category(names, len)) {
            return xasprintf("%.*s", (int)len, names);
        }
        names += len + (names[len] == ',');
    }
    return NULL;
}

/* One of FIRST..LAST, START+SIZE, END-SIZE. */
static bool parse_range(const char *text, size_t len, uint32_t *first, uint32_t *last)
{
    char *end;
    unsigned long long a = strtoull(text, &end, 0), b;
    char how = *end;
    const char *second = end + (how == '.' ? 2 : 1);

    if (end == text || (how != '+' && how != '-' && !(how == '.' && end[1] == '.'))) {
        return false;
    }
    b = strtoull(second, &end, 0);
    if (end == second || end != text + len || a > UINT32_MAX || b > UINT32_MAX) {
        return false;
    }
    *first = (uint32_t)(how == '-' ? a - b + 1 : a);
    *last = (uint32_t)(how == '-' ? a : how == '+' ? a + b - 1 : b);
    return *first <= *last && (how == '.' || b);
}

char *log_set_filter(const char *ranges)
{
    log_filter.count = 0;
    while (*ranges) {
        size_t len = strcspn(ranges, ",");

        if (log_filter.count == ARRAY_LEN(log_filter.range)) {
            return xasprintf("more than %u ranges", (unsigned)ARRAY_LEN(log_filter.range));
        }
        if (!parse_range(ranges, len, &log_filter.range[log_filter.count].first,
                         &log_filter.range[log_filter.count].last)) {
            return xasprintf("'%.*s' is no range: FIRST..LAST, START+SIZE or END-SIZE", (int)len,
                             ranges);
        }
        log_filter.count++;
        ranges += len + (ranges[len] == ',');
    }
    return NULL;
}

bool log_wants(uint32_t addr)
{
    for (unsigned k = 0; k < log_filter.count; k++) {
        if (addr >= log_filter.range[k].first && addr <= log_filter.range[k].last) {
            return true;
        }
    }
    return !log_filter.count;
}

void log_set_file(FILE *f)
{
    if (log_file) {
        fclose(log_file);
    }
    log_file = f;
}
