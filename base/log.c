/* SPDX-License-Identifier: MIT */
/*
 * The log sink and the category mask: the only process-wide state of the program.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static uint32_t log_mask;
static FILE *log_file;

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
        log_mask = (1u << LOG_COUNT) - 1;
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

void log_set_file(FILE *f)
{
    if (log_file) {
        fclose(log_file);
    }
    log_file = f;
}
